"""Tables that a text draws with upright strokes: “| STT | Nội dung | Chủ trì | Thời hạn |”."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from tracker.intake.plain import Cell, PlainPaper

FEWEST_COLUMNS = 3
FEWEST_ROWS = 2

_STROKE = re.compile(r"[|│┃]")
_TABBED_HEAD = re.compile(r"(?:s?tt|số (?:tt|thứ tự))\.?\t[^\t\n]+\t", re.IGNORECASE)
"""The head of a table whose cells are parted by tabs, as a block from a sheet is."""
_RULE = re.compile(r"[\s|│┃+:=_─━┼├┤┌┐└┘┬┴-]*")

_Row = list[tuple[int, int]]


def with_piped_tables(text: str) -> PlainPaper:
    """Return a text as a paper whose tables of upright strokes are known by their cells.

    A table is two lines or more, one behind the other, with the same number of cells, three at least; lines
    of dashes and crosses between them are its rules. Cells parted by tabs are those of a table below “STT”.
    Nothing of the text is changed.
    """
    cells: list[Cell] = []
    for number, rows in enumerate(_tables(text)):
        for at, row in enumerate(rows):
            cells += [
                Cell(number, at, column, start, end) for column, (start, end) in enumerate(row) if start < end
            ]
    return PlainPaper(text, tuple(cells))


def _tables(text: str) -> Iterator[Sequence[_Row]]:
    rows: list[_Row] = []
    start = 0
    for line in text.split("\n"):
        row = _row_like(rows, text, start, start + len(line)) if rows else None
        row = row or _row(text, start, start + len(line))
        start += len(line) + 1
        if line.strip() and _RULE.fullmatch(line):
            continue
        if row is not None and (not rows or len(row) == len(rows[0])):
            rows.append(row)
            continue
        if len(rows) >= FEWEST_ROWS:
            yield rows
        rows = [row] if row is not None else []
    if len(rows) >= FEWEST_ROWS:
        yield rows


def _row_like(rows: Sequence[_Row], text: str, start: int, end: int) -> _Row | None:
    """Return the cells of a line whose last is empty, in a table that has no strokes around it.

    “I | Chỉnh trang vỉa hè | | |” below a head of five cells has five; None where it is no such line.
    """
    columns = len(rows[0])
    if _TABBED_HEAD.match(text, rows[0][0][0]):
        tabs = _tabs(text, start, end)
        return _cells(text, [start - 1, *tabs, end]) if len(tabs) == columns - 1 else None
    strokes = [found.start() for found in _STROKE.finditer(text, start, end)]
    if len(strokes) != columns - 1 or text[strokes[-1] + 1 : end].strip():
        return None
    return _cells(text, [start - 1, *strokes, end]) if text[start : strokes[0]].strip() else None


def _row(text: str, start: int, end: int) -> _Row | None:
    """Return the places of the cells of a line without blanks around, None where it is no row."""
    strokes = [found.start() for found in _STROKE.finditer(text, start, end)]
    if not strokes and _TABBED_HEAD.match(text, start, end):
        return _cells(text, [start - 1, *_tabs(text, start, end), end])
    if len(strokes) < FEWEST_COLUMNS - 1:
        return None
    borders = [start - 1, *strokes, end]
    if not text[start : strokes[0]].strip():
        del borders[0]
    if not text[strokes[-1] + 1 : end].strip():
        del borders[-1]
    if len(borders) <= FEWEST_COLUMNS:
        return None
    return _cells(text, borders)


def _tabs(text: str, start: int, end: int) -> list[int]:
    return [at for at in range(start, end) if text[at] == "\t"]


def _cells(text: str, borders: Sequence[int]) -> _Row:
    row = []
    for before, after in pairwise(borders):
        said = text[before + 1 : after]
        first = before + 1 + len(said) - len(said.lstrip())
        row.append((first, first + len(said.strip())))
    return row
