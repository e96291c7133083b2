"""The letters of runs: old fonts (.VnTime, VNI-Times) brought to Unicode, and what is hidden."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import Any

from tracker.intake.papers.docx.numbering import MOST_STYLES, W
from tracker.intake.papers.old_letters import from_tcvn3, from_vni


class Letters:
    """Knows the fonts of styles, so that it can tell in which letters the text of a run is written."""

    def __init__(self, styles: Any) -> None:
        self._fonts: dict[str, str] = {}
        self._based_on: dict[str, str] = {}
        self._default = ""
        if styles is None:
            return
        defaults = styles.find(f"{W}docDefaults/{W}rPrDefault/{W}rPr")
        self._default = _font(defaults)
        for style in styles.iter(f"{W}style"):
            name = style.get(f"{W}styleId", "")
            if font := _font(style.find(f"{W}rPr")):
                self._fonts[name] = font
            based_on = style.find(f"{W}basedOn")
            if based_on is not None:
                self._based_on[name] = based_on.get(f"{W}val", "")
            elif style.get(f"{W}default") == "1" and style.get(f"{W}type") == "paragraph":
                self._default = font or self._default

    def modern(self, text: Any) -> str:
        """Return the words of a `w:t` in Unicode, whatever font shows them."""
        words = text.text or ""
        if words.isascii():
            return words
        font = self._font_of(text.getparent())
        reading = _reading_of(font)
        if reading is None or any(ord(letter) > 0xFF for letter in unicodedata.normalize("NFC", words)):
            return words
        modern = reading(words)
        return modern.upper() if font.startswith(".Vn") and font.endswith("H") else modern

    def is_hidden(self, run: Any) -> bool:
        """Tell whether a run is not shown on paper."""
        vanish = run.find(f"{W}rPr/{W}vanish")
        return vanish is not None and vanish.get(f"{W}val") not in ("0", "false", "off")

    def _font_of(self, run: Any) -> str:
        if font := _font(run.find(f"{W}rPr")):
            return font
        paragraph = next(run.iterancestors(f"{W}p"), None)
        for path, element in ((f"{W}rPr/{W}rStyle", run), (f"{W}pPr/{W}pStyle", paragraph)):
            style = element.find(path) if element is not None else None
            name = style.get(f"{W}val", "") if style is not None else ""
            for _ in range(MOST_STYLES):
                if name in self._fonts:
                    return self._fonts[name]
                name = self._based_on.get(name, "")
        return self._default


def _font(shape: Any) -> str:
    fonts = shape.find(f"{W}rFonts") if shape is not None else None
    return "" if fonts is None else fonts.get(f"{W}ascii") or fonts.get(f"{W}hAnsi") or ""


def _reading_of(font: str) -> Callable[[str], str] | None:
    if font.startswith(".Vn"):
        return from_tcvn3
    return from_vni if font.upper().startswith("VNI-") else None
