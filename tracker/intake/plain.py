"""The plain text of a paper, and what is known of its shape: paragraphs, table cells, pages."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a table of the paper; table, row and column count from 0, merged ones name their span."""

    table: int
    row: int
    column: int
    start: int
    end: int
    rows: int = 1
    columns: int = 1


@dataclass(frozen=True, slots=True)
class PlainPaper:
    """The text of a paper as all offsets count it, and its real tables where the file told of them.

    `text` is NFC and ends lines with a line feed; nothing else of a text file is changed. Each paragraph is a
    line, each cell of a table is a line. `cells` is empty for what has no real tables (text, most PDF).
    `starts_of_pages` holds the offset at which each page after the first begins, where the file has pages.
    """

    text: str
    cells: tuple[Cell, ...] = ()
    starts_of_pages: tuple[int, ...] = ()
