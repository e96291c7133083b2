"""The labels of automatic lists (“1.”, “a)”, “-”), which a Word file does not hold as text.

A paragraph names a list and a level, itself or by its style; the label follows from the paragraphs of the
same list before it (ECMA-376 part 1, 17.9).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
MOST_LEVELS = 9
MOST_STYLES = 50
"""Styles in one chain; more are a ring."""
_BULLETS = frozenset("-–—+•*")


@dataclass
class Level:
    """One level of a list: where it starts, how it counts, and the text around its numbers."""

    start: int = 1
    form: str = "decimal"
    text: str = "%1."
    restart: int | None = None
    legal: bool = False
    style: str | None = None


@dataclass
class Numbering:
    """The lists of a document, and how far each of them has counted."""

    levels: dict[str, dict[int, Level]] = field(default_factory=dict)
    abstract_of: dict[str, str] = field(default_factory=dict)
    overrides: dict[str, dict[int, int]] = field(default_factory=dict)
    styles: dict[str, Any] = field(default_factory=dict)
    counts: dict[str, dict[int, int]] = field(default_factory=dict)
    begun: set[tuple[str, int]] = field(default_factory=set)

    def label(self, paragraph: Any) -> str:
        """Return the label of the next paragraph of the document, "" when it has none."""
        number, place = self._list_of(paragraph)
        abstract = self.abstract_of.get(number or "")
        if abstract is None:
            return ""
        levels = self.levels.get(abstract, {})
        level = levels.get(place)
        if level is None:
            return ""
        counts = self._count(number or "", abstract, place, levels)
        if level.form in ("bullet", "none"):
            return _bullet(level.text) if level.form == "bullet" else ""

        def written(match: re.Match[str]) -> str:
            other = int(match[1]) - 1
            form = levels.get(other, Level()).form
            return number_in(counts.get(other, 1), "decimal" if level.legal else form)

        return re.sub(r"%([1-9])", written, level.text).strip()

    def _count(self, number: str, abstract: str, place: int, levels: dict[int, Level]) -> dict[int, int]:
        counts = self.counts.setdefault(abstract, {})
        first = self.overrides.get(number, {}).get(place)
        if first is not None and (number, place) not in self.begun:
            counts[place] = first
        else:
            counts[place] = counts[place] + 1 if place in counts else levels[place].start
        self.begun.add((number, place))
        for other in range(place):
            counts.setdefault(other, levels.get(other, Level()).start)
        for other in [each for each in counts if each > place]:
            restart = levels.get(other, Level()).restart
            if restart is None or (restart and place < restart):
                del counts[other]
        return counts

    def _list_of(self, paragraph: Any) -> tuple[str | None, int]:
        shape = paragraph.find(f"{W}pPr")
        number, place = _numbering_of(shape)
        style = _value(shape, "pStyle")
        for name in self.chain(style) if number is None else ():
            number, of_style = _numbering_of(self.styles[name].find(f"{W}pPr"))
            if number is not None:
                place = of_style if place is None else place
                levels = self.levels.get(self.abstract_of.get(number, ""), {})
                place = next((at for at, level in levels.items() if level.style == name), place)
                break
        return (None if number == "0" else number), place or 0

    def chain(self, style: str | None) -> list[str]:
        """Return the names of a style and of those that it is based on."""
        names: list[str] = []
        while style in self.styles and style not in names and len(names) < MOST_STYLES:
            names.append(style)
            style = _value(self.styles[style], "basedOn")
        return names


def read_numbering(numbering: Any, styles: Any) -> Numbering:
    """Return the lists of a document from its two parts, either of which may be None."""
    found = Numbering()
    for style in styles.iter(f"{W}style") if styles is not None else ():
        found.styles[style.get(f"{W}styleId", "")] = style
    links: dict[str, str] = {}
    for abstract in numbering.iter(f"{W}abstractNum") if numbering is not None else ():
        name = abstract.get(f"{W}abstractNumId", "")
        levels = [(_whole(each.get(f"{W}ilvl")), each) for each in abstract.iter(f"{W}lvl")]
        found.levels[name] = {place: _level(each) for place, each in levels if place is not None}
        if link := _value(abstract, "numStyleLink"):
            links[name] = link
    for each in numbering.iter(f"{W}num") if numbering is not None else ():
        number = each.get(f"{W}numId", "")
        found.abstract_of[number] = _value(each, "abstractNumId") or ""
        _override(found, number, each)
    for name, link in links.items():
        style = found.styles.get(link)
        number, _place = _numbering_of(style.find(f"{W}pPr") if style is not None else None)
        found.levels[name] = found.levels.get(found.abstract_of.get(number or "", ""), {})
    return found


def _override(found: Numbering, number: str, element: Any) -> None:
    for each in element.iter(f"{W}lvlOverride"):
        place = _whole(each.get(f"{W}ilvl"))
        if place is None:
            continue
        if (first := _whole(_value(each, "startOverride"))) is not None:
            found.overrides.setdefault(number, {})[place] = first
        if (level := each.find(f"{W}lvl")) is not None:
            abstract = f"{number}:own"
            if found.abstract_of[number] != abstract:
                found.levels[abstract] = dict(found.levels.get(found.abstract_of[number], {}))
                found.abstract_of[number] = abstract
            found.levels[abstract][place] = _level(level)


def _level(element: Any) -> Level:
    text = _value(element, "lvlText")
    start = _whole(_value(element, "start"))
    legal = element.find(f"{W}isLgl")
    return Level(
        start=1 if start is None else start,
        form=_value(element, "numFmt") or "decimal",
        text="" if text is None else text,
        restart=_whole(_value(element, "lvlRestart")),
        legal=legal is not None and legal.get(f"{W}val") not in ("0", "false"),
        style=_value(element, "pStyle"),
    )


def _numbering_of(shape: Any) -> tuple[str | None, int | None]:
    numbering = shape.find(f"{W}numPr") if shape is not None else None
    return _value(numbering, "numId"), _whole(_value(numbering, "ilvl"))


def _value(element: Any, name: str) -> str | None:
    child = element.find(f"{W}{name}") if element is not None else None
    return None if child is None else child.get(f"{W}val")


def _whole(word: str | None) -> int | None:
    return int(word) if word and word.isascii() and word.isdigit() and len(word) < 7 else None


def _bullet(text: str) -> str:
    return text if text and text[0] in _BULLETS else "-"


def number_in(number: int, form: str) -> str:
    """Return a number as a list writes it; forms that are not known count in figures."""
    match form:
        case "lowerLetter" | "upperLetter":
            if not 0 < number < 1000:
                return str(number)
            letters = chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1)
            return letters.upper() if form == "upperLetter" else letters
        case "lowerRoman" | "upperRoman":
            return roman(number) if form == "upperRoman" else roman(number).lower()
        case "decimalZero":
            return f"{number:02d}"
        case _:
            return str(number)


def roman(number: int) -> str:
    """Return a number from 1 to 3,999 in Roman figures, others in Arabic ones."""
    if not 0 < number < 4000:
        return str(number)
    figures = ""
    for value, letters in (
        (1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"),
        (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"),
    ):  # fmt: skip
        figures += letters * (number // value)
        number %= value
    return figures
