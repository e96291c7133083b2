"""Table B.4 as an Excel workbook: the table on paper, and the tasks behind its numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from tracker.files import b4
from tracker.files.b4 import Frozen
from tracker.files.b4_words import (
    HEADS,
    cell_words,
    change_words,
    frozen_lines,
    made_words,
    name_words,
    paper_words,
    period_words,
    reading_words,
    scope_words,
    undated_words,
)
from tracker.files.overdue_words import day_words
from tracker.files.sheet import Book, Cell, Column, Formula, Kind, Placed, Sheet
from tracker.language import gettext as _
from tracker.rules.b4_report import B4Report, CountedTask, Move
from tracker.rules.b4_table import CHOICES, B4Table, Compared
from tracker.rules.status import CELLS
from tracker.rules.words import CHOICE_TITLES, RATE_TITLES

_DUE, _CELL = 10, 13
"""Places of the deadline and of the cell among the columns of the tasks."""
MOST_ON_A_PAGE = 36
"""Rows that are still easy to read when they stand on one page with all that is said below them."""


def as_xlsx(
    table: B4Table, report: B4Report, *, made_on: date, both: Compared | None = None,
    frozen: Frozen | None = None, moves: Mapping[str, Move] | None = None,
    wrote: Callable[[int], None] | None = None,
) -> bytes:  # fmt: skip
    """Return the workbook of a B.4: sheets of its table, of the tasks of `report`, and of rates and counts.

    Beside an earlier table (`both`) there are two more: what changed, and that table.

    Rates and counts stand apart, because the head of the table is printed on each page of its sheet. Sums,
    rates and counts are formulas that hold their values too: the rates of the table's own total, what had
    fallen due and the four counts of the sheet of tasks. Where `moves` names tasks, two columns say
    from which units they came, and when. `wrote` is told how many tasks are written so far; what it raises
    passes. The same arguments give the same bytes.
    """
    book = Book(table.title, made_on=made_on)
    first, second, third = (book.sheet(name) for name in (_("Biểu B.4"), _("Nhiệm vụ"), _("Chỉ tiêu")))
    tasks = _tasks(second, report, moves or {}, wrote)
    placed = _table(first, table)
    _measures(third, table, placed, _OnTasks(tasks, table.on) if report.tasks else None)
    if len(table.rows) <= MOST_ON_A_PAGE:
        first.on_one_page()
    if both is not None:
        _comparison(book, table, placed, both)
    for words in frozen_lines(frozen) if frozen else [made_words(made_on, report.rule)]:
        first.line(words)
    return book.as_bytes()


class _OnTasks:
    """Counts of the sheet of tasks, as formulas."""

    def __init__(self, placed: Placed, on: date) -> None:
        name = _("Nhiệm vụ")
        self._cells = placed.cells(_CELL, sheet=name)
        self._fallen_due = f'{placed.cells(_DUE, sheet=name)},"<="&DATE({on.year},{on.month},{on.day})'

    def count(self, word: str, number: int) -> Formula:
        """Return how many tasks one of `CHOICES` holds: a COUNTIFS for each of its cells, or one for all."""
        choice = CHOICES[word]
        due = [self._fallen_due] if choice.fallen_due else []
        asked = [[f'{self._cells},"{cell_words(cell)}"', *due] for cell in choice.cells]
        if choice.cells == CELLS:
            asked = [due]
        return Formula("=" + "+".join(f"COUNTIFS({','.join(each)})" for each in asked), number)


def _of_total(placed: Placed, table: B4Table, word: str, number: int) -> Formula:
    """Return how many tasks one of `CHOICES` holds: cells of the total, or of the one row, added up."""
    below = int(len(table.rows) > 1)
    cells = CHOICES[word].cells
    places = [1 + len(CELLS)] if cells == CELLS else [1 + CELLS.index(cell) for cell in cells]
    name = _("Biểu B.4")
    return Formula("=" + "+".join(placed.under(place, below, sheet=name) for place in places), number)


def _columns(table: B4Table, number: Kind = "number", every: Kind = "sum") -> list[Column]:
    return [
        Column(_(HEADS[table.grouping]), 44),
        *(Column(head, 12, number, group) for group, head in b4.COLUMNS),
        Column(b4.ALL, 12, every),
    ]  # fmt: skip


def _table(sheet: Sheet, table: B4Table) -> Placed:
    sheet.title(table.title)
    sheet.line(period_words(table))
    rows: list[list[Cell]] = [[name_words(row), *row.cells, None] for row in table.rows]
    placed = sheet.table(_columns(table), rows, total=b4.TOTAL if len(rows) > 1 else None)
    sheet.gap()
    sheet.line(undated_words(table))
    sheet.line(reading_words())
    for words in scope_words(table):
        sheet.line(words)
    sheet.gap()
    return placed


def _comparison(book: Book, table: B4Table, placed: Placed, both: Compared) -> None:
    """Add the sheet of differences, each the cell of this table less that of the earlier one."""
    then = both.then
    now_name, then_name = _("Biểu B.4"), _("Ngày %(day)s", day=f"{then.on:%d-%m-%Y}")
    changes, earlier = book.sheet(_("So sánh")), book.sheet(then_name)
    old = _table(earlier, then)
    new_places = {row.key: place for place, row in enumerate(table.rows)}
    old_places = {row.key: place for place, row in enumerate(then.rows)}

    def less(key: str, column: int, change: int) -> Formula:
        plus = placed.cell(new_places[key], column, sheet=now_name) if key in new_places else ""
        minus = "-" + old.cell(old_places[key], column, sheet=then_name) if key in old_places else ""
        return Formula(f"={plus}{minus}", change)

    changes.title(table.title)
    changes.line(change_words(table, then))
    rows: list[list[Cell]] = []
    for row in both.rows:
        numbers = (*both.changes.rows[row.key].cells, both.changes.rows[row.key].all)
        told = [less(row.key, column, number) for column, number in enumerate(numbers, start=1)]
        rows.append([name_words(row), *told])
    changes.table(_columns(table, "change", "change"), rows, total=b4.TOTAL if len(rows) > 1 else None)
    changes.gap()
    changes.line(_("Tỷ lệ hoàn thành"), bold=True)
    days = [Column(_("Ngày %(day)s", day=day_words(each.on)), 12, "percent") for each in (then, table)]
    rates = zip(RATE_TITLES, then.rates, table.rates, strict=True)
    changes.table(
        [Column(_("Cách tính"), 44), *days],
        [[_(title), before.ratio, now.ratio] for title, before, now in rates], short=True,
    )  # fmt: skip
    if len(both.rows) <= MOST_ON_A_PAGE:
        changes.on_one_page()


def _measures(sheet: Sheet, table: B4Table, placed: Placed, tasks: _OnTasks | None) -> None:
    def counted(word: str, number: int) -> Cell:
        if tasks is None:
            return number
        if CHOICES[word].fallen_due:
            return tasks.count(word, number)
        return _of_total(placed, table, word, number)

    sheet.title(table.title)
    sheet.line(period_words(table))
    sheet.gap()
    sheet.line(_("Tỷ lệ hoàn thành"), bold=True)
    rates = [
        Column(_("Cách tính"), 60), Column(_("Đã hoàn thành"), 16, "figure"),
        Column(_("Trên tổng số"), 16, "figure"), Column(_("Tỷ lệ"), 12, "ratio"),
    ]  # fmt: skip
    sheet.table(
        rates,
        [[_(title), counted(rate.part, rate.numerator), counted(rate.whole, rate.denominator), None]
         for title, rate in zip(RATE_TITLES, table.rates, strict=True)],
        short=True,
    )  # fmt: skip
    sheet.gap()
    sheet.line(_("Bốn chỉ tiêu theo mẫu Văn phòng Chính phủ"), bold=True)
    counts = [Column(_("Chỉ tiêu"), 60), Column(_("Số nhiệm vụ"), 16, "number")]
    sheet.table(
        counts,
        [[_(CHOICE_TITLES[word]), tasks.count(word, number) if tasks else number]
         for word, number in table.four_counts],
        total=b4.TOTAL, short=True,
    )  # fmt: skip


def _tasks(
    sheet: Sheet, report: B4Report, moves: Mapping[str, Move], wrote: Callable[[int], None] | None
) -> Placed:
    sheet.title(_("Nhiệm vụ được đếm trong biểu"))
    sheet.on_two_pages_across(again=3)
    columns = [
        Column(_("STT"), 6, "figure"), Column(_("Đơn vị chủ trì"), 22), Column(_("Nội dung nhiệm vụ"), 46),
        Column(_("Kết quả phải có"), 18), Column(_("Mục"), 6), Column(_("Văn bản"), 20),
        Column(_("Lĩnh vực"), 14), Column(_("Lãnh đạo chỉ đạo"), 16), Column(_("Ngày giao"), 11, "day"),
        Column(_("Hạn gốc"), 11, "day"), Column(_("Hạn hiện tại"), 11, "day"),
        Column(_("Ngày báo cáo"), 11, "day"), Column(_("Ngày xác nhận"), 11, "day"),
        Column(_("Được đếm ở cột"), 17), Column(_("Quá hạn (ngày)"), 9, "figure"),
        Column(_("Mã nhiệm vụ"), 14),
    ]  # fmt: skip
    names = {unit.code: unit.name for unit in report.units}
    lines = [_line(place, names[task.unit], task) for place, task in enumerate(report.tasks, start=1)]
    if moves:
        columns += [Column(_("Nhận chuyển từ"), 18), Column(_("Ngày nhận chuyển"), 11, "day")]
        for line, task in zip(lines, report.tasks, strict=True):
            move = moves.get(task.key)
            line += [move.unit_name, move.on] if move else [None, None]
    return sheet.table(columns, lines, wrote=wrote)


def _line(place: int, unit_name: str, task: CountedTask) -> list[Cell]:
    return [
        place, unit_name, task.content, task.product, task.item, paper_words(task), task.field,
        task.leader_name, task.given_on, task.original_due_on, task.due_on, task.reported_on, task.closed_on,
        cell_words(task.cell), task.days or None, task.key,
    ]  # fmt: skip
