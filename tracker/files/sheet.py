"""Tables as Excel workbooks: rows in, bytes out, ready to be printed on A4 and worked with.

    book = Book(_("Báo cáo …"), made_on=day)
    sheet = book.sheet(_("Biểu B.4"))
    sheet.title("B.4 TÌNH HÌNH …"); sheet.line("Từ ngày … đến ngày …")
    sheet.table([Column("Đơn vị", 30), Column("Đúng hạn", 10, "number", group="Đã hoàn thành")], rows,
                total="Tổng cộng")
    content = book.as_bytes()                   # the same calls give the same bytes

A text is always a text: what begins with “=” stays what it says, also when somebody edits its cell. One that
begins with em spaces is set in by as many steps, with all its lines.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from fractions import Fraction
from functools import lru_cache
from itertools import groupby
from textwrap import wrap
from typing import Any, Literal, NamedTuple

import xlsxwriter
from xlsxwriter.utility import xl_range, xl_range_abs, xl_rowcol_to_cell

from tracker.language import gettext as _

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

FONT = "Times New Roman"
TITLE_PT, TEXT_PT = 13, 12
PAPER_A4 = 9  # the number that Excel gives to this size
MARGINS = {"left": 0.6, "right": 0.6, "top": 0.75, "bottom": 0.75}  # inches
EM_SPACE = "\u2003"
LIKE_FORMULAS = ("=", "+", "-", "@")
LONGEST_TEXT = 32_767  # characters in a cell
MOST_LINES = 25  # Excel draws no row higher than 409 points
LINE_PT = 15.75  # height of one line of text
TIGHTNESS = 1.05
"""Letters of the text that fit into one character of a column's width, on average and on the safe side."""
A_STEP = 500
"""Rows between two words to who waits for a long table."""
CHART_ROWS = 17
"""Rows of the sheet that a chart covers."""

Kind = Literal["text", "number", "figure", "change", "sum", "ratio", "day", "percent", "decimal"]


class Formula(NamedTuple):
    """A number that the program works out anew; `value` is what it comes to now."""

    text: str
    """As Excel spells it, beginning with “=”."""
    value: int


Cell = str | int | date | Fraction | Formula | None

_FONT = {"font_name": FONT, "font_size": TEXT_PT}
_FIGURE = {"align": "right", "indent": 1, "valign": "top", "border": 1}
"""Numbers keep off the line beside them."""
_SIGNED = '+#,##0;"−"#,##0;0'
"""A difference always shows its sign; nought has none."""
_STYLES: Mapping[str, Mapping[str, Any]] = {
    "title": {"bold": True, "font_size": TITLE_PT},
    "line": {},
    "bold": {"bold": True},
    "head": {"bold": True, "align": "center", "valign": "vcenter", "text_wrap": True, "border": 1,
             "bg_color": "#E8EDF4"},
    "text": {"text_wrap": True, "valign": "top", "border": 1},
    "quoted": {"text_wrap": True, "valign": "top", "border": 1, "quote_prefix": True},
    "number": {"num_format": "#,##0", **_FIGURE},
    "figure": {"num_format": "#,##0", **_FIGURE},
    "sum": {"num_format": "#,##0", **_FIGURE},
    "change": {"num_format": _SIGNED, **_FIGURE},
    "day": {"num_format": "dd/mm/yyyy", "align": "center", "valign": "top", "border": 1},
    "percent": {"num_format": "0.0%", **_FIGURE},
    "ratio": {"num_format": "0.0%", **_FIGURE},
    "decimal": {"num_format": "#,##0.0", **_FIGURE},
    "total": {"num_format": "#,##0", **_FIGURE, "bold": True},
    "total change": {"num_format": _SIGNED, **_FIGURE, "bold": True},
    "total name": {"bold": True, "valign": "top", "border": 1},
}  # fmt: skip


@dataclass(frozen=True)
class Column:
    """One column: its head, its width in characters, and what its cells hold.

    "number" is summed in the total row, and so is "change", which shows its sign; "figure" is a number that
    is not; "sum" holds the sum of the numbers to its left, "ratio" divides the one before it into the one
    before that; "percent" and "decimal" take a Fraction. Neighbours of one `group` stand under a common head.
    """

    title: str
    width: float
    kind: Kind = "text"
    group: str = ""


@dataclass(frozen=True)
class Placed:
    """Where the rows of a table stand on its sheet, counted from 0, both ends included."""

    first: int
    last: int

    def cells(self, column: int, *, sheet: str = "") -> str:
        """Return one column of them as a formula names it, on this sheet or from another."""
        named = f"'{sheet}'!" if sheet else ""
        return named + xl_range_abs(self.first, column, self.last, column)

    def cell(self, row: int, column: int, *, sheet: str) -> str:
        """Return the cell of one of them, counted from 0, as another sheet names it."""
        return f"'{sheet}'!" + str(xl_rowcol_to_cell(self.first + row, column, row_abs=True, col_abs=True))

    def under(self, column: int, rows: int, *, sheet: str) -> str:
        """Return the cell so many rows under the last row of a column, as another sheet names it."""
        return f"'{sheet}'!" + str(xl_rowcol_to_cell(self.last + rows, column, row_abs=True, col_abs=True))


def _number(value: Cell) -> Any:
    """Return what a cell comes to where numbers are added and divided."""
    return value.value if isinstance(value, Formula) else value


@lru_cache(10_000)
def _lines_of(text: str, width: int) -> int:
    """Return how many lines of so many letters a text takes."""
    return sum(1 if len(part) <= width else max(1, len(wrap(part, width))) for part in text.split("\n"))


class Book:
    """A workbook that is written once, from top to bottom, sheet after sheet."""

    def __init__(self, title: str, *, made_on: date) -> None:
        self._bytes = io.BytesIO()
        options = {
            "in_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
            "strings_to_numbers": False,
        }  # fmt: skip
        self._book = xlsxwriter.Workbook(self._bytes, options)
        self._book.set_properties({"title": title, "created": datetime.combine(made_on, time(), UTC)})
        self._styles = {name: self._book.add_format(_FONT | dict(style)) for name, style in _STYLES.items()}

    def sheet(self, name: str, *, landscape: bool = True) -> Sheet:
        """Add a sheet for A4 paper, as wide as one page; its name has at most 31 characters."""
        sheet = self._book.add_worksheet(name)
        sheet.set_paper(PAPER_A4)
        if landscape:
            sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(**MARGINS)
        sheet.set_footer(f'&C&"{FONT}"{_("Trang %(page)s/%(pages)s", page="&P", pages="&N")}')
        return Sheet(self._book, sheet, self._styles)

    def as_bytes(self) -> bytes:
        """Return the file; nothing can be written afterwards."""
        self._book.close()
        return self._bytes.getvalue()


class Sheet:
    """One sheet, written from top to bottom."""

    def __init__(self, book: Any, sheet: Any, styles: dict[str, Any]) -> None:
        self._book, self._sheet, self._styles = book, sheet, styles
        self._row = 0
        self._is_frozen = False

    def on_one_page(self) -> None:
        """Print the sheet a little smaller rather than leave its last lines to a page of their own."""
        self._sheet.fit_to_pages(1, 1)

    def on_two_pages_across(self, *, again: int) -> None:
        """Print so many columns that they were too small on one page beside each other on two, the first
        `again` of them on both."""
        self._sheet.fit_to_pages(2, 0)
        self._sheet.repeat_columns(0, again - 1)
        self._sheet.print_across()

    def title(self, text: str) -> None:
        """Write a title over the whole width."""
        self._say(text, "title")

    def line(self, text: str, *, bold: bool = False) -> None:
        """Write one line over the whole width."""
        self._say(text, "bold" if bold else "line")

    def gap(self) -> None:
        """Leave a line free."""
        self._row += 1

    def table(
        self, columns: Sequence[Column], rows: Sequence[Sequence[Cell]], *, total: str | None = None,
        wrote: Callable[[int], None] | None = None, short: bool = False,
    ) -> Placed:  # fmt: skip
        """Write a table with its head; `total` names a last row that sums the numbers.

        `wrote` is told now and then how many rows are written so far; what it raises passes.
        The first table of a sheet that is not `short` can be filtered; its head stays in sight and is
        repeated on each page.
        """
        heads = self._head(columns)
        first = self._row
        for number, row in enumerate(rows, start=1):
            self._body_row(columns, row)
            if wrote is not None and number % A_STEP == 0:
                wrote(number)
        placed = Placed(first, self._row - 1)
        if not self._is_frozen and not short:
            self._is_frozen = True
            self._sheet.freeze_panes(first, 1)
            self._sheet.repeat_rows(first - heads, first - 1)
            self._sheet.autofilter(first - 1, 0, max(first, placed.last), len(columns) - 1)
        if total is not None and rows:
            self._total_row(columns, rows, placed, total)
        return placed

    def trend(self, placed: Placed, *, names: int, bars: int, rates: int, title: str) -> None:
        """Draw a table of months as a native chart: bars of one column, and a line of rates beside them.

        The numbers are places of columns in the table; the chart stands below it.
        """
        name = self._sheet.get_name()

        def column_of(number: int) -> list[Any]:
            return [name, placed.first, number, placed.last, number]

        def head_of(number: int) -> list[Any]:
            return [name, placed.first - 1, number]

        font = {"name": FONT, "size": 10}
        chart = self._book.add_chart({"type": "column"})
        chart.add_series({
            "name": head_of(bars), "categories": column_of(names), "values": column_of(bars), "gap": 60,
            "pattern": {"pattern": "wide_upward_diagonal", "fg_color": "#7A1A1A", "bg_color": "#FFFFFF"},
            "border": {"color": "#16191D"},
            "data_labels": {"value": True, "font": font | {"bold": True}},
        })  # fmt: skip
        line = self._book.add_chart({"type": "line"})
        line.add_series({
            "name": head_of(rates), "categories": column_of(names), "values": column_of(rates),
            "y2_axis": True, "line": {"color": "#16191D", "width": 1.75, "dash_type": "dash"},
            "marker": {"type": "diamond", "size": 7, "fill": {"color": "#FFFFFF"},
                       "border": {"color": "#16191D"}},
        })  # fmt: skip
        line.set_y2_axis(
            {"min": 0, "max": 1, "num_format": "0%", "num_font": font, "major_gridlines": {"visible": False}}
        )
        chart.combine(line)
        chart.set_title(
            {"name": title, "name_font": {"name": FONT, "size": 12, "bold": True}, "overlay": False}
        )
        chart.set_x_axis({"num_font": font, "num_format": "mm/yyyy", "text_axis": True})
        chart.set_y_axis(
            {
                "num_font": font,
                "num_format": "0",
                "min": 0,
                "major_gridlines": {"visible": True, "line": {"color": "#C8CCD2"}},
            }
        )
        chart.set_legend({"position": "bottom", "font": font})
        chart.show_blanks_as("gap")
        chart.set_size({"width": 900, "height": 330})
        self._sheet.insert_chart(self._row + 1, 0, chart, {"description": title, "object_position": 2})
        self._row += CHART_ROWS + 2

    def _say(self, text: str, style: str) -> None:
        self._sheet.write_string(self._row, 0, text[:LONGEST_TEXT], self._styles[style])
        self._row += 1

    def _head(self, columns: Sequence[Column]) -> int:
        """Write one line of heads, or two where columns stand in groups; return how many."""
        head, row = self._styles["head"], self._row
        grouped = any(column.group for column in columns)
        for number, column in enumerate(columns):
            self._sheet.set_column(number, number, column.width)
        number = 0
        for group, members in groupby(columns, key=lambda column: column.group) if grouped else ():
            inside = list(members)
            for column in inside if not group else ():
                self._sheet.merge_range(row, number, row + 1, number, column.title, head)
                number += 1
            if group and len(inside) > 1:
                self._sheet.merge_range(row, number, row, number + len(inside) - 1, group, head)
            elif group:
                self._sheet.write_string(row, number, group, head)
            for column in inside if group else ():
                self._sheet.write_string(row + 1, number, column.title, head)
                number += 1
        for number, column in enumerate(columns if not grouped else ()):
            self._sheet.write_string(row, number, column.title, head)
        self._fit(self._row + grouped, columns, [column.title for column in columns])
        self._row += 1 + grouped
        return 1 + grouped

    def _body_row(self, columns: Sequence[Column], values: Sequence[Cell]) -> None:
        for number, (column, value) in enumerate(zip(columns, values, strict=True)):
            self._cell(number, column.kind, value, columns, values)
        self._fit(self._row, columns, values)
        self._row += 1

    def _fit(self, row: int, columns: Sequence[Column], values: Sequence[Cell]) -> None:
        """Make a row as high as its longest text: not every program does that by itself."""
        lines = max(
            _lines_of(value, max(1, int(column.width * TIGHTNESS))) if isinstance(value, str) else 1
            for column, value in zip(columns, values, strict=True)
        )
        self._sheet.set_row(row, LINE_PT * min(lines, MOST_LINES))

    def _cell(
        self, number: int, kind: Kind, value: Cell, columns: Sequence[Column], values: Sequence[Cell]
    ) -> None:
        sheet, row, style = self._sheet, self._row, self._styles[kind]
        if kind == "sum":
            left = [place for place in range(number) if columns[place].kind == "number"]
            cells = xl_range(row, left[0], row, left[-1])
            value = sum(_number(values[place]) for place in left)
            sheet.write_formula(row, number, f"=SUM({cells})", style, value)
        elif kind == "ratio":
            part, whole = _number(values[number - 2]), _number(values[number - 1])
            cells = xl_rowcol_to_cell(row, number - 2), xl_rowcol_to_cell(row, number - 1)
            quotient: Any = part / whole if whole else ""
            sheet.write_formula(row, number, f'=IF({cells[1]}=0,"",{cells[0]}/{cells[1]})', style, quotient)
        elif isinstance(value, Formula):
            sheet.write_formula(row, number, value.text, style, value.value)
        elif value is None or value == "":
            sheet.write_blank(row, number, None, style)
        elif isinstance(value, str):
            inner = value.lstrip(EM_SPACE)
            if deep := len(value) - len(inner):
                style = self._set_in(deep)
            quoted = value.startswith(LIKE_FORMULAS)
            sheet.write_string(row, number, inner[:LONGEST_TEXT], self._styles["quoted"] if quoted else style)
        elif isinstance(value, date):
            sheet.write_datetime(row, number, datetime.combine(value, time()), style)
        else:
            sheet.write_number(row, number, float(value) if isinstance(value, Fraction) else value, style)

    def _set_in(self, deep: int) -> Any:
        """Return the style of a text that is set in, all its lines alike."""
        if (name := f"text {deep}") not in self._styles:
            shape = dict(_STYLES["text"]) | {"align": "left", "indent": deep}
            self._styles[name] = self._book.add_format(_FONT | shape)
        return self._styles[name]

    def _total_row(
        self, columns: Sequence[Column], rows: Sequence[Sequence[Cell]], placed: Placed, name: str
    ) -> None:
        total = self._styles["total"]
        numbers = [place for place, column in enumerate(columns) if column.kind == "number"]
        for number, column in enumerate(columns):
            if number == 0:
                self._sheet.write_string(self._row, 0, name, self._styles["total name"])
            elif column.kind in ("number", "sum", "change"):
                places = [p for p in numbers if p < number] if column.kind == "sum" else [number]
                value = sum(_number(row[place]) for row in rows for place in places)
                cells = xl_range_abs(placed.first, number, placed.last, number)
                style = self._styles["total change"] if column.kind == "change" else total
                self._sheet.write_formula(self._row, number, f"=SUM({cells})", style, value)
            else:
                self._sheet.write_blank(self._row, number, None, total)
        self._row += 1
