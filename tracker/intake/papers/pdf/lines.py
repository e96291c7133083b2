"""The lines of a page in reading order: columns apart, running heads, page numbers and notes taken out."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median

from tracker.intake.papers.pdf.grid import Grid
from tracker.intake.papers.pdf.letters import Piece
from tracker.rules.text import fold

LABEL = re.compile(r"([IVXLC]{1,6}|\d{1,2}(\.\d{1,2}){0,3}|[a-zđ])[.)/:]?|[-–—+•*o]")
"""A label of a list that stands alone: what comes behind its tab belongs to it."""
PAGE_NUMBER = re.compile(r"[-–—\s]*(trang\s*)?\d{1,3}(\s*/\s*\d{1,3})?[-–—\s.]*", re.IGNORECASE)
COLUMN_GAP = 2.2
"""Heights of a letter from which a gap parts two columns."""
EDGE = 0.1
"""The share of a page at its top and bottom in which running heads and page numbers stand."""
HEAD_OF_PAPER = 0.45
"""The share of the first page, from the top, in which its two-column head stands."""


@dataclass(slots=True)
class Line:
    """One line of a page outside of tables, or of a cell."""

    text: str
    left: float
    right: float
    base: float
    size: float


@dataclass(slots=True)
class Table:
    """A ruled table with the lines of each of its cells."""

    grid: Grid
    lines: dict[int, list[Line]] = field(default_factory=dict)


@dataclass(slots=True)
class Page:
    """What stands on a page, in reading order, and its footnotes apart."""

    height: float
    width: float
    parts: list[Line | Table] = field(default_factory=list)
    notes: list[Line] = field(default_factory=list)

    def lines(self) -> list[Line]:
        """Return the lines outside of tables."""
        return [part for part in self.parts if isinstance(part, Line)]


def page_of(pieces: Iterable[Piece], grids: Sequence[Grid], *, width: float, height: float) -> Page:
    """Return a page from its pieces; cells are numbered through all its tables."""
    page = Page(height, width)
    tables = [Table(grid) for grid in grids]
    owner = [(table, number) for table in tables for number in range(len(table.grid.cells))]
    begun: set[int] = set()
    for piece in pieces:
        if piece.cell is None:
            _append(page.parts, piece)
            continue
        table, number = owner[piece.cell]
        if id(table) not in begun:
            begun.add(id(table))
            page.parts.append(table)
        _append(table.lines.setdefault(number, []), piece)
    return page


def _append(parts: list[Line | Table] | list[Line], piece: Piece) -> None:
    last = parts[-1] if parts else None
    if isinstance(last, Line) and abs(last.base - piece.base) < max(last.size, piece.size) / 3:
        gap = piece.left - last.right
        height = max(last.size, piece.size)
        if -height < gap < COLUMN_GAP * height or (gap > 0 and LABEL.fullmatch(last.text)):
            last.text += (" " if gap > height / 8 else "") + piece.text
            last.right, last.size = max(last.right, piece.right), height
            return
    parts.append(Line(piece.text, piece.left, piece.right, piece.base, piece.size))


def take_out_running(pages: Sequence[Page]) -> None:
    """Drop page numbers, and lines that stand at the same edge of most pages with the same words."""
    told = Counter(
        key for page in pages for key in {_key(line) for line in page.lines() if _at_edge(line, page)}
    )
    often = max(2, (len(pages) + 1) // 2)
    for number, page in enumerate(pages):
        for part in list(page.parts):
            if not isinstance(part, Line) or not _at_edge(part, page):
                continue
            words, _place = _key(part)
            repeated = len(pages) > 1 and told[_key(part)] >= often
            # What stands on top of the first page is its head, unless it counts pages or tells a time.
            repeated = repeated and (number > 0 or _is_low(part, page) or "#" in words)
            if repeated or PAGE_NUMBER.fullmatch(part.text):
                page.parts.remove(part)


def _key(line: Line) -> tuple[str, int]:
    return re.sub(r"\d+", "#", fold(line.text)), round(line.base / 6)


def _is_low(line: Line, page: Page) -> bool:
    return line.base < EDGE * page.height


def _at_edge(line: Line, page: Page) -> bool:
    return _is_low(line, page) or line.base > (1 - EDGE) * page.height


def take_out_notes(pages: Sequence[Page]) -> None:
    """Set footnotes apart: small lines at the foot of a page, the first of which begins with a number."""
    lines = [line for page in pages for line in page.lines()]
    if not lines:
        return
    small = 0.9 * median(line.size for line in lines for _weight in range(1 + len(line.text) // 20))
    for page in pages:
        first = len(page.parts)
        while first and isinstance(part := page.parts[first - 1], Line) and part.size < small:
            first -= 1
        notes = [part for part in page.parts[first:] if isinstance(part, Line)]
        while notes and not re.match(r"\[?\d{1,3}\]?\s*\S", notes[0].text):
            notes.pop(0)
        is_signed = "noi nhan" in fold(page_text(page))
        if notes and notes[0].base < page.height / 2 and not is_signed:
            page.notes = notes
            page.parts = [part for part in page.parts if not any(part is note for note in notes)]


def page_text(page: Page) -> str:
    """Return the words of a page outside of tables."""
    return "\n".join(line.text for line in page.lines())


def part_columns(pages: Sequence[Page]) -> None:
    """Bring the head of the paper and the block of recipients and signature from rows into columns.

    Only what is drawn row by row is touched; most programs draw one column after the other.
    """
    for number, page in enumerate(pages):
        parts = page.parts
        for first in range(len(parts)):
            part = parts[first]
            if not isinstance(part, Line):
                continue
            is_head = number == 0 and part.base > (1 - HEAD_OF_PAPER) * page.height
            if is_head or fold(part.text).startswith("noi nhan"):
                last = _part_block(parts, first, page.width)
                if last > first:
                    break


def _part_block(parts: list[Line | Table], first: int, width: float) -> int:
    """Sort the lines from `first` on that keep to one side each; return the place behind them."""
    gutter = _gutter(parts, first, width)
    if gutter is None:
        return first
    last = first
    block: list[Line] = []
    while last < len(parts) and isinstance(part := parts[last], Line):
        if part.left < gutter < part.right:
            break
        block.append(part)
        last += 1
    sides = [line.left >= gutter for line in block]
    if sum(a != b for a, b in pairwise(sides)) < 2:
        return first
    parts[first:last] = [*(line for line in block if line.right <= gutter),
                         *(line for line in block if line.left >= gutter)]  # fmt: skip
    return last


def _gutter(parts: list[Line | Table], first: int, width: float) -> float | None:
    """Return where a line and the one beside it, drawn next, part the page."""
    left, right = (parts[first], parts[first + 1]) if first + 1 < len(parts) else (None, None)
    if not isinstance(left, Line) or not isinstance(right, Line):
        return None
    beside = abs(left.base - right.base) < left.size / 2 and right.left - left.right > left.size / 2
    return (left.right + right.left) / 2 if beside and left.left < width / 2 < right.right else None
