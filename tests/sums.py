"""The few formulas that our workbooks hold, worked out apart from the program that wrote them."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any

from openpyxl.utils import range_boundaries

_COUNT = re.compile(r"COUNTIFS\(((?:[^()]|DATE\([^()]*\))*)\)")
_CELL = re.compile(r"'([^']+)'!(\$[A-Z]+\$\d+)")
_CELLS = re.compile(rf"=-?{_CELL.pattern}([+-]{_CELL.pattern})*")
_SIGNED = re.compile(rf"([=+-]+){_CELL.pattern}")
_RATIO = re.compile(r'=IF\((\w+)=0,"",(\w+)/(\w+)\)')


def is_formula(value: Any) -> bool:
    """Return whether a cell is worked out."""
    return isinstance(value, str) and value.startswith("=")


def worked_out(book: Any, sheet: Any, formula: str) -> Any:
    """Return what a formula on a sheet comes to; `book` and `sheet` hold values (openpyxl).

    Sums of one stretch, sums and differences of cells of other sheets, sums of COUNTIFS, and ratios;
    ValueError for any other.
    """
    if ratio := _RATIO.fullmatch(formula):
        whole, part = (sheet[ratio[place]].value for place in (1, 2))
        return part / whole if whole else None
    if stretch := re.fullmatch(r"=SUM\(([$A-Z0-9:]+)\)", formula):
        return sum(value or 0 for value in _values(sheet, stretch[1]))
    if cells := _CELLS.fullmatch(formula):
        return sum(
            (-1 if sign.endswith("-") else 1) * (book[name][cell].value or 0)
            for sign, name, cell in _SIGNED.findall(cells[0])
        )
    counts = _COUNT.findall(formula)
    if not counts or formula != "=" + "+".join(f"COUNTIFS({each})" for each in counts):
        raise ValueError(formula)
    return sum(_counted(book, each) for each in counts)


def _values(sheet: Any, stretch: str) -> list[Any]:
    """Return the values of a stretch of cells, which may be one cell."""
    left, top, right, bottom = range_boundaries(stretch)
    rows = sheet.iter_rows(min_col=left, min_row=top, max_col=right, max_row=bottom, values_only=True)
    return [value for row in rows for value in row]


def _counted(book: Any, asked: str) -> int:
    pairs = re.findall(r"'([^']+)'!([$A-Z0-9:]+),(\"[^\"]*\"(?:&DATE\([\d,]+\))?)", asked)
    columns = []
    for name, cells, wanted in pairs:
        until = re.fullmatch(r'"<="&DATE\((\d+),(\d+),(\d+)\)', wanted)
        values = _values(book[name], cells)
        if until:
            day = datetime.combine(date(*map(int, until.groups())), datetime.min.time())
            columns.append([value is not None and value <= day for value in values])
        else:
            columns.append([value == wanted.strip('"') for value in values])
    return sum(map(all, zip(*columns, strict=True)))
