"""What the pictures share: their measures, inks and the text in them; colours by their lightness."""

from __future__ import annotations

from markupsafe import Markup

WIDTH = 480
"""Units across a picture: about the pixels of half a screen, so that letters stay legible on a phone too."""
SMALL, NORMAL = 12, 14
"""Sizes of letters, in units of the picture."""
INK, PAPER = "#16191d", "#ffffff"
LETTER = 0.56
"""Mean width of a letter, as a part of its size."""

_FRAME = Markup(
    '<svg class="picture" viewBox="0 0 {width} {height}" role="{role}" aria-label="{label}"'
    ' focusable="false">{inside}</svg>'
)
_TEXT = Markup(
    '<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" fill="{fill}">'
    "{text}</text>"
)
_RECT = Markup(
    '<rect x="{x:.2f}" y="{y:.1f}" width="{width:.2f}" height="{height:.1f}" fill="{fill}" stroke="#16191d"'
    ' stroke-width="0.75"/>'
)


def frame(inside: Markup, *, height: float, label: str, has_links: bool = False) -> Markup:
    """Return a whole picture; `label` says in words what is found in it. Links need a group, not an image."""
    role = "group" if has_links else "img"
    return _FRAME.format(width=WIDTH, height=round(height), role=role, label=label, inside=inside)


def text(
    x: float, y: float, words: object, *, size: int = NORMAL, anchor: str = "start", fill: str = INK
) -> Markup:
    """Return words at a place, `anchor` being start, middle or end; everything in them is escaped."""
    return _TEXT.format(x=x, y=y, anchor=anchor, size=size, fill=fill, text=words)


def rect(*, x: float, y: float, width: float, height: float, fill: str) -> Markup:
    """Return a framed rectangle."""
    return _RECT.format(x=x, y=y, width=width, height=height, fill=fill)


def width_of(words: object, *, size: int = NORMAL) -> float:
    """Return about how wide words are."""
    return len(str(words)) * size * LETTER


def shortened(words: str, *, room: float, size: int = NORMAL) -> str:
    """Return words, cut off with “…” where they do not fit."""
    letters = int(room / (size * LETTER))
    return words if len(words) <= letters else words[: letters - 1].rstrip() + "…"


def luminance(colour: str) -> float:
    """Return the relative luminance of a colour "#rrggbb", 0 to 1, by WCAG 2."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, 1 to 21, by WCAG 2."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def ink_on(ground: str) -> str:
    """Return the ink, dark or white, that reads better on a ground."""
    return max((INK, PAPER), key=lambda ink: contrast(ink, ground))
