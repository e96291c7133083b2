"""Table B.4 as an Excel workbook: the table on paper, and the tasks behind its numbers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from flask_babel import gettext as _

from tracker.files import b4
from tracker.files.b4_words import (
    HEADS,
    Frozen,
    cell_words,
    frozen_words,
    made_words,
    name_words,
    paper_words,
    period_words,
    reading_words,
    undated_words,
)
from tracker.files.sheet import Book, Cell, Column, Sheet
from tracker.rules.b4_report import B4Report, CountedTask
from tracker.rules.b4_table import B4Table
from tracker.rules.words import CHOICE_TITLES, RATE_TITLES


def as_xlsx(
    table: B4Table, report: B4Report, *, made_on: date, frozen: Frozen | None = None,
    wrote: Callable[[int], None] | None = None,
) -> bytes:  # fmt: skip
    """Return the workbook of a B.4: `table` is the first sheet, the tasks of `report` are the second.

    Sums and rates are formulas that hold their values too. `wrote` is told how many tasks are written so
    far; what it raises passes. The same arguments give the same bytes.
    """
    book = Book(table.title, made_on=made_on)
    _table(book.sheet(_("Biểu B.4")), table, made_on, frozen)
    _tasks(book.sheet(_("Nhiệm vụ")), report, wrote)
    return book.as_bytes()


def _table(sheet: Sheet, table: B4Table, made_on: date, frozen: Frozen | None) -> None:
    sheet.title(table.title)
    sheet.line(period_words(table))
    columns = [
        Column(_(HEADS[table.grouping]), 44),
        *(Column(head, 12, "number", group) for group, head in b4.COLUMNS),
        Column(b4.ALL, 12, "sum"),
    ]  # fmt: skip
    rows: list[list[Cell]] = [[name_words(row.name, row.depth), *row.cells, None] for row in table.rows]
    sheet.table(columns, rows, total=b4.TOTAL if len(rows) > 1 else None)
    sheet.gap()
    sheet.line(undated_words(table))
    sheet.line(reading_words())
    sheet.gap()
    sheet.line(_("Tỷ lệ hoàn thành"), bold=True)
    rates = [
        Column(_("Cách tính"), 44), Column(_("Đã hoàn thành"), 12, "figure"),
        Column(_("Trên tổng số"), 12, "figure"), Column(_("Tỷ lệ"), 12, "ratio"),
    ]  # fmt: skip
    sheet.table(
        rates,
        [[_(title), rate.numerator, rate.denominator, None]
         for title, rate in zip(RATE_TITLES, table.rates, strict=True)],
    )  # fmt: skip
    sheet.gap()
    sheet.line(_("Bốn chỉ tiêu theo mẫu Văn phòng Chính phủ"), bold=True)
    counts = [Column(_("Chỉ tiêu"), 44), Column(_("Số nhiệm vụ"), 12, "number")]
    sheet.table(
        counts, [[_(CHOICE_TITLES[word]), number] for word, number in table.four_counts], total=b4.TOTAL
    )
    sheet.gap()
    sheet.line(frozen_words(frozen) if frozen else made_words(made_on))


def _tasks(sheet: Sheet, report: B4Report, wrote: Callable[[int], None] | None) -> None:
    sheet.title(_("Nhiệm vụ được đếm trong biểu"))
    columns = [
        Column(_("STT"), 6, "figure"), Column(_("Đơn vị chủ trì"), 24), Column(_("Nội dung nhiệm vụ"), 52),
        Column(_("Kết quả phải có"), 24), Column(_("Mục"), 8), Column(_("Văn bản"), 24),
        Column(_("Lĩnh vực"), 16), Column(_("Lãnh đạo phụ trách"), 20), Column(_("Ngày giao"), 12, "day"),
        Column(_("Hạn gốc"), 12, "day"), Column(_("Hạn hiện tại"), 12, "day"),
        Column(_("Ngày báo cáo"), 12, "day"), Column(_("Ngày xác nhận"), 12, "day"),
        Column(_("Được đếm ở cột"), 20), Column(_("Quá hạn (ngày)"), 10, "figure"),
        Column(_("Mã nhiệm vụ"), 16),
    ]  # fmt: skip
    names = {unit.code: unit.name for unit in report.units}
    lines = [_line(place, names[task.unit], task) for place, task in enumerate(report.tasks, start=1)]
    sheet.table(columns, lines, wrote=wrote)


def _line(place: int, unit_name: str, task: CountedTask) -> list[Cell]:
    return [
        place, unit_name, task.content, task.product, task.item, paper_words(task), task.field,
        task.leader_name, task.given_on, task.original_due_on, task.due_on, task.reported_on, task.closed_on,
        cell_words(task.cell), task.days or None, task.key,
    ]  # fmt: skip
