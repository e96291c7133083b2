"""Plain text under construction: lines, cells of tables and starts of pages, with the offsets they get."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tracker.intake.papers import MOST_CHARACTERS, too_long
from tracker.intake.plain import Cell, PlainPaper

MOST_CELLS = 200_000
"""Cells of all tables of a paper."""
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u2028\u2029\ufeff]")


@dataclass
class OpenCell:
    """A cell that is being written; spans may grow until its table ends."""

    table: int
    row: int
    column: int
    start: int
    end: int = 0
    rows: int = 1
    columns: int = 1


class Writer:
    """Takes the lines of a paper in their order and knows at which offset each of them begins."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._cells: list[OpenCell] = []
        self._pages: list[int] = []
        self._tables = 0
        self.length = 0
        """The offset at which the next line begins."""

    def line(self, text: str) -> None:
        """Add one line, or several when the text has line feeds of its own."""
        clean = unicodedata.normalize("NFC", _CONTROL.sub("", text))
        self._lines.append(clean)
        self.length += len(clean) + 1
        if self.length > MOST_CHARACTERS:
            raise too_long()

    def page(self, inside: str = "") -> None:
        """Let a page begin here, or after the words that the next line begins with."""
        at = self.length + len(unicodedata.normalize("NFC", _CONTROL.sub("", inside)))
        if at and (not self._pages or self._pages[-1] < at):
            self._pages.append(at)

    def table(self) -> int:
        """Begin a table and return its number."""
        self._tables += 1
        return self._tables - 1

    @contextmanager
    def cell(self, table: int, row: int, column: int, *, columns: int = 1) -> Iterator[OpenCell]:
        """Let the lines of the block be one cell; a cell without any is an empty line."""
        if len(self._cells) >= MOST_CELLS:
            raise too_long()
        cell = OpenCell(table, row, column, self.length, columns=columns)
        self._cells.append(cell)
        yield cell
        if self.length == cell.start:
            self.line("")
        cell.end = self.length - 1

    def paper(self) -> PlainPaper:
        """Return what was written."""
        text = "\n".join(self._lines)
        cells = tuple(
            Cell(each.table, each.row, each.column, each.start, each.end, each.rows, each.columns)
            for each in self._cells
        )
        return PlainPaper(text, cells, tuple(each for each in self._pages if each < len(text)))
