"""Twelve months as bars, drawn on the server: they need no script, and read on grey paper too."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from markupsafe import Markup

WIDTH, HEIGHT = 640, 240
TOP, BOTTOM, LEFT = 26, 34, 8
BAR = 0.62
"""Width of a bar as a part of its place."""

_FRAME = Markup(
    '<svg class="trend" viewBox="0 0 {width} {height}" role="img" aria-label="{label}" focusable="false">'
    '<defs><pattern id="trend-overdue" width="6" height="6" patternUnits="userSpaceOnUse">'
    '<rect width="6" height="6" fill="#991b1b"/>'
    '<path d="M-1 1l2-2M0 6l6-6M5 7l2-2" stroke="#fff" stroke-width="1.2"/></pattern></defs>'
    '{bars}<path d="M0 {floor}H{width}" stroke="#16191d"/></svg>'
)
_PART = Markup(
    '<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{fill}" stroke="#16191d"/>'
)
_TEXT = Markup(
    '<text x="{x:.1f}" y="{y:.1f}" text-anchor="middle" font-size="{size}" fill="#16191d">{text}</text>'
)
_LINE = Markup('<path d="{path}" fill="none" stroke="#16191d" stroke-width="2" stroke-dasharray="7 4"/>')
_MARK = Markup(
    '<path d="M{x:.1f} {top:.1f}l6 6-6 6-6-6z" fill="#fff" stroke="#16191d" stroke-width="1.6">'
    "<title>{says}</title></path>"
)
_SIDE = Markup('<text x="{x:.1f}" y="{y:.1f}" text-anchor="end" font-size="15" fill="#16191d">{text}</text>')
SIDE = 44
"""Room on the right for the scale of the rates."""


class Bar(NamedTuple):
    """One bar: its name, the light lower part, and the dark hatched part on top of it."""

    name: str
    light: int
    dark: int


class Point(NamedTuple):
    """One month: its name, how many of something, and a rate from 0 to 1 (None where there is none)."""

    name: str
    number: int
    rate: Fraction | None


def stacked_bars(bars: Sequence[Bar], *, label: str) -> Markup:
    """Return an SVG of bars in a row, each under the number of its dark part; `label` says it in words."""
    most = max((bar.light + bar.dark for bar in bars), default=0) or 1
    place = (WIDTH - 2 * LEFT) / max(1, len(bars))
    floor = HEIGHT - BOTTOM
    scale = (floor - TOP) / most
    drawn = Markup("")
    for number, bar in enumerate(bars):
        middle = LEFT + place * (number + 0.5)
        low, high = bar.light * scale, bar.dark * scale
        frame = {"x": middle - place * BAR / 2, "width": place * BAR}
        if bar.light:
            drawn += _PART.format(y=floor - low, height=low, fill="#dfe7f2", **frame)
        if bar.dark:
            drawn += _PART.format(y=floor - low - high, height=high, fill="url(#trend-overdue)", **frame)
            drawn += _TEXT.format(x=middle, y=floor - low - high - 6, size=17, text=bar.dark)
        drawn += _TEXT.format(x=middle, y=HEIGHT - 10, size=16, text=bar.name)
    return _FRAME.format(width=WIDTH, height=HEIGHT, label=label, bars=drawn, floor=floor)


def bars_and_rates(points: Sequence[Point], *, label: str) -> Markup:
    """Return an SVG of hatched bars under their numbers and a broken line of rates (scale 0 to 100%)."""
    most = max((point.number for point in points), default=0) or 1
    place = (WIDTH - LEFT - SIDE) / max(1, len(points))
    floor = HEIGHT - BOTTOM
    drawn, path, gap = Markup(""), "", True
    marks = Markup("")
    for number, point in enumerate(points):
        middle = LEFT + place * (number + 0.5)
        height = point.number * (floor - TOP) / most
        if point.number:
            drawn += _PART.format(
                x=middle - place * BAR / 2, y=floor - height, width=place * BAR, height=height,
                fill="url(#trend-overdue)",
            )  # fmt: skip
        drawn += _TEXT.format(x=middle, y=floor - height - 6, size=16, text=point.number)
        drawn += _TEXT.format(x=middle, y=HEIGHT - 10, size=15, text=point.name)
        if point.rate is not None:
            y = floor - float(point.rate) * (floor - TOP)
            path += f"{'M' if gap else 'L'}{middle:.1f} {y:.1f}"
            marks += _MARK.format(x=middle, top=y - 6, says=f"{point.name}: {float(point.rate):.0%}")
        gap = point.rate is None
    for rate in (0, 0.5, 1):
        drawn += _SIDE.format(x=WIDTH - 2, y=floor - rate * (floor - TOP) - 3, text=f"{rate:.0%}")
    if path:
        drawn += _LINE.format(path=path) + marks
    return _FRAME.format(width=WIDTH, height=HEIGHT, label=label, bars=drawn, floor=floor)
