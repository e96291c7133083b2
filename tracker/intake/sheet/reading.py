"""Files and pasted blocks as sheets: the cells as people see them, the row of heads found, rows below it."""

from __future__ import annotations

import csv
import io
import re
import warnings
from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any

import openpyxl

from tracker.intake.papers import UnreadablePaper
from tracker.intake.papers.txt import decode
from tracker.intake.sheet import LONGEST_CELL, MOST_COLUMNS, MOST_ROWS, Sheet
from tracker.intake.sheet.columns import field_of, is_name
from tracker.rules.task_fields import LIKE_FORMULAS
from tracker.rules.text import nfc
from tracker.rules.words import N_

_SEARCHED = 40
"""Rows among which the heads are looked for."""
_SEPARATORS = "\t;,|"
_FEWEST_HEADS = 2
_TOTAL = re.compile(
    r"^(?:tổng cộng|tổng số|tổng|cộng|toàn huyện|toàn tỉnh|toàn xã)"
    r"[\s:]*[\d.,]*\s*(?:nhiệm vụ|công việc|việc|dòng)?[\s:.\d]*$",
    re.IGNORECASE,
)
"""A whole cell of a total: “Tổng hợp kinh phí” is a task."""
_SIGNATURE = re.compile(
    r"^(?:người lập|tệp chỉ có|nơi nhận|tm\.|kt\.|chủ tịch|chánh văn phòng|ngày \.* ?tháng)", re.IGNORECASE
)

Grid = list[tuple[int, list[str]]]
Marks = list[tuple[int, int, str]]


def read_sheet(extension: str, content: bytes) -> Sheet:
    """Return the sheet of a file (`.xlsx`, `.csv`) that holds the most tasks; raise `UnreadablePaper`."""
    if extension == ".csv":
        return read_block(decode(content))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        book = openpyxl.load_workbook(io.BytesIO(content), data_only=False, keep_links=False)
        values: Any = None
        found: list[Sheet] = []
        for page in book.worksheets:
            if page.sheet_state != "visible":
                continue
            grid, marks, formulas = _cells_of(page)
            if formulas:
                if values is None:
                    values = openpyxl.load_workbook(io.BytesIO(content), data_only=True, keep_links=False)
                _work_out(grid, marks, formulas, values[page.title])
            if sheet := _table(page.title, grid, marks):
                found.append(sheet)
    if not found:
        raise _no_heads()
    return max(found, key=lambda sheet: len(sheet.rows))


def read_block(text: str) -> Sheet:
    """Return a pasted block (columns separated by tabs), or the text of a CSV file, as a sheet."""
    text = nfc(text).replace("\r", "\n")
    begin = text[:20_000]
    separator = max(_SEPARATORS, key=lambda each: (_evenness(begin, each), -_SEPARATORS.index(each)))
    grid: Grid = []
    marks: Marks = []
    csv.field_size_limit(10_000_000)
    try:
        for number, cells in enumerate(csv.reader(io.StringIO(text), delimiter=separator), start=1):
            _keep(grid, marks, number, [_typed(each.strip()) for each in cells[:MOST_COLUMNS]])
    except csv.Error as error:
        raise UnreadablePaper(
            N_("Không tách được các cột. Lưu lại dưới dạng xlsx, hoặc csv với bảng mã UTF-8.")
        ) from error
    sheet = _table("", grid, marks)
    if sheet is None:
        raise _no_heads()
    return sheet


def _typed(cell: str) -> str:
    """Return a cell without the apostrophe that only keeps a text from being taken for a formula."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(LIKE_FORMULAS) else cell


def _evenness(text: str, separator: str) -> int:
    """Return in how many of the first rows a separator stands as often as in the row that has most heads."""
    rows = list(csv.reader(io.StringIO(text), delimiter=separator))[:_SEARCHED]
    best = max(rows, key=lambda row: sum(1 for cell in row if field_of(cell)), default=[])
    named = sum(1 for cell in best if field_of(cell))
    return named * 1_000 + sum(1 for row in rows if len(row) == len(best) > 1)


def _no_heads() -> UnreadablePaper:
    return UnreadablePaper(
        N_(
            "Không thấy dòng tiêu đề cột. Bảng cần ít nhất cột nội dung và cột đơn vị chủ trì; "
            "hãy tải tệp mẫu để xem."
        )
    )


def _keep(grid: Grid, marks: Marks, number: int, cells: list[str]) -> None:
    if len(grid) > MOST_ROWS:
        raise UnreadablePaper(N_("Bảng có quá %(most)s dòng. Chia ra nhiều tệp rồi thử lại."), most=MOST_ROWS)
    for column, cell in enumerate(cells):
        if len(cell) > LONGEST_CELL:
            cells[column] = cell[:LONGEST_CELL]
            marks.append((number, column, "cut"))
    if any(cells):
        grid.append((number, cells))


def _cells_of(page: Any) -> tuple[Grid, Marks, list[tuple[int, int]]]:
    grid: Grid = []
    marks: Marks = []
    formulas: list[tuple[int, int]] = []
    for number, row in enumerate(page.iter_rows(max_col=min(page.max_column, MOST_COLUMNS)), start=1):
        cells = []
        for cell in row:
            value = cell.value
            if value is not None and cell.data_type == "f":
                formulas.append((number, cell.column - 1))
                value = "="
            cells.append("" if value is None else _shown(value, cell))
        _keep(grid, marks, number, cells)
    rows = dict(grid)
    for area in page.merged_cells.ranges if hasattr(page, "merged_cells") else ():
        first = rows.get(area.min_row)
        if first is None or area.min_col > len(first) or area.size["rows"] > MOST_ROWS:
            continue
        value = first[area.min_col - 1]
        for number in range(area.min_row, min(area.max_row, area.min_row + MOST_ROWS) + 1):
            cells = rows.get(number, [])
            for column in range(area.min_col - 1, min(area.max_col, len(cells))):
                if value and (number, column) != (area.min_row, area.min_col - 1):
                    cells[column] = value
                    marks.append((number, column, "merged"))
    return grid, marks, formulas


def _shown(value: Any, cell: Any) -> str:
    """Return a value as a person sees it in its cell: days as dd/mm/yyyy, whole numbers without a point."""
    match value:
        case str():
            return nfc(value).strip()
        case bool():
            return "x" if value else ""
        case datetime():
            return f"{value:%d/%m/%Y}" if value.time() == time() else f"{value:%d/%m/%Y %H:%M}"
        case date():
            return f"{value:%d/%m/%Y}"
        case float() if value.is_integer() and abs(value) < 1e15:
            return str(int(value))
    return nfc(str(value)).strip()[: LONGEST_CELL + 1]


def _work_out(grid: Grid, marks: Marks, formulas: list[tuple[int, int]], page: Any) -> None:
    """Put what a formula came to when the file was saved in its place; it is never worked out here."""
    rows = dict(grid)
    for number, column in formulas:
        cell = page.cell(number, column + 1)
        known = cell.value is not None and not str(cell.value).startswith("#")
        rows[number][column] = _shown(cell.value, cell) if known else ""
        marks.append((number, column, "formula" if known else "missing"))


def _table(name: str, grid: Grid, marks: Marks) -> Sheet | None:
    searched = range(min(len(grid), _SEARCHED))
    best = max(searched, key=lambda at: (_named(grid[at][1]), -at), default=None)
    if best is None or _named(grid[best][1]) < _FEWEST_HEADS:
        return None
    heads, begin = list(grid[best][1]), best + 1
    merged = {(number, column) for number, column, what in marks if what == "merged"}
    if begin < len(grid):
        heads, begin = _two_rows(heads, grid, begin, merged)
    width = max(
        (at + 1 for cells in (heads, *(row for _number, row in grid[begin:]))
         for at, cell in enumerate(cells) if cell), default=1,
    )  # fmt: skip
    heads = heads[:width]
    rows = []
    for number, cells in grid[begin:]:
        wide = (*cells, *[""] * (width - len(cells)))[:width]
        if not _is_no_task(wide, heads):
            rows.append((number, wide))
    numbers = {number for number, _cells in rows}
    kept = tuple(each for each in marks if each[0] in numbers and each[1] < width)
    return Sheet(name, (*heads, *[""] * (width - len(heads))), tuple(rows), kept)


def _named(cells: Sequence[str]) -> int:
    return len({field for cell in cells if len(cell) < 80 and (field := field_of(cell))})


def _two_rows(
    heads: list[str], grid: Grid, begin: int, merged: set[tuple[int, int]]
) -> tuple[list[str], int]:
    """Join a second row of heads (“Thời gian” over “Ngày giao”, “Ngày hoàn thành”) with the first."""
    number, lower = grid[begin]
    below = [cell if cell != (heads[at] if at < len(heads) else "") else "" for at, cell in enumerate(lower)]
    if not any(below) or any(len(cell) > 60 for cell in below):
        return heads, begin
    filled = [cell for cell in below if cell]
    spans = any((grid[begin - 1][0], column) in merged for column in range(len(heads)))
    repeated = any((number, column) in merged for column in range(len(lower)))
    if 2 * sum(is_name(cell) for cell in filled) < len(filled) or not (spans or repeated or "" in heads):
        return heads, begin
    joined, above = [], ""
    for column in range(max(len(heads), len(lower))):
        own = heads[column] if column < len(heads) else ""
        above = own or above
        part = below[column] if column < len(below) else ""
        joined.append(f"{above} / {part}" if part and above else part or own)
    return joined, begin + 1


def _is_no_task(cells: Sequence[str], heads: Sequence[str]) -> bool:
    """Return whether a row is a total, the numbers of the columns, heads repeated, or a line of the end."""
    filled = [cell for cell in cells if cell]
    if not filled or any(_TOTAL.match(cell) for cell in filled[:2]):
        return True
    if all(re.fullmatch(r"\(?\d{1,2}\)?|[A-E]", cell) for cell in filled) and len(filled) > 2:
        return True
    if len(filled) <= 2 and _SIGNATURE.match(filled[0]):
        return True
    return len(filled) > 1 and [c for c in cells if c] == [h for h in heads if h]
