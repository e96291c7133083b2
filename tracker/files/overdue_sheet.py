"""The monthly overdue report as an Excel workbook: figures, B.4, the overdue list, twelve months."""

from __future__ import annotations

from tracker.files import b4
from tracker.files.b4_words import set_in
from tracker.files.overdue_words import (
    Issue,
    balance_words,
    definitions,
    extension_words,
    issue_words,
    month_name,
    month_rate_words,
    paper_words,
    period_words,
    reason_words,
    reminder_words,
    repeat_words,
    title_words,
    undated_words,
)
from tracker.files.sheet import Book, Cell, Column, Sheet
from tracker.language import gettext as _
from tracker.rules.overdue_report import OverdueReport, OverdueTask
from tracker.rules.words import B4_TITLE

_MONTH, _OVERDUE, _RATE = 0, 2, 5
"""Places of the columns that the chart draws."""


def as_xlsx(report: OverdueReport, issue: Issue) -> bytes:
    """Return the workbook of a report, whole or a part; the same report and issue give the same bytes."""
    book = Book(title_words(report), made_on=issue.made_on)
    _figures(book.sheet(_("Tóm tắt")), report, issue)
    _b4(book.sheet(_("Biểu B.4")), report)
    _overdue(book.sheet(_("Nhiệm vụ quá hạn")), report)
    _months(book.sheet(_("Mười hai tháng")), report)
    return book.as_bytes()


def _figures(sheet: Sheet, report: OverdueReport, issue: Issue) -> None:
    sheet.title(title_words(report).upper())
    sheet.line(_("Đơn vị giao nhiệm vụ: %(name)s", name=report.assigner_name))
    sheet.line(balance_words(report))
    sheet.line(month_rate_words(report))
    sheet.gap()
    columns = [
        Column(b4.UNIT, 44), Column(_("Quá hạn"), 14, "number"), Column(_("Mới quá hạn"), 14, "number"),
        Column(_("Quá hạn lâu nhất (ngày)"), 18, "figure"),
    ]  # fmt: skip
    rows: list[list[Cell]] = [
        [unit.unit.name, len(unit.tasks), unit.new, unit.most_days] for unit in report.by_unit
    ]
    sheet.line(_("Nhiệm vụ quá hạn theo đơn vị"), bold=True)
    sheet.table(columns, rows, total=b4.TOTAL)
    sheet.gap()
    sheet.line(_("Đơn vị lặp lại"), bold=True)
    sheet.line(repeat_words(report))
    if repeats := report.repeats:
        ends = report.months[-report.repeat_months :]
        heads = [Column(_("Hết %(month)s", month=month_name(end)), 14, "figure") for end in ends]
        named: list[list[Cell]] = [[repeat.unit.name, *repeat.overdue] for repeat in repeats]
        sheet.table([Column(b4.UNIT, 44), *heads], named)
    else:
        sheet.line(_("Không có đơn vị nào."))
    sheet.gap()
    sheet.line(_("Cách tính"), bold=True)
    for line in definitions(report):
        sheet.line(line)
    sheet.line(issue_words(issue))


def _b4(sheet: Sheet, report: OverdueReport) -> None:
    sheet.title(_(B4_TITLE) % {"assigner": report.assigner_name.upper()})
    sheet.line(period_words(report))
    columns = [
        Column(b4.UNIT, 40), *(Column(head, 12, "number", group) for group, head in b4.COLUMNS),
        Column(b4.ALL, 12, "sum"),
    ]  # fmt: skip
    total = b4.TOTAL if len(report.rows) > 1 else None
    rows: list[list[Cell]] = [[set_in(row.name, row.depth), *row.cells, None] for row in report.rows]
    sheet.table(columns, rows, total=total)
    sheet.gap()
    sheet.line(undated_words(report))


def _overdue(sheet: Sheet, report: OverdueReport) -> None:
    sheet.title(_("Danh sách nhiệm vụ quá hạn").upper())
    sheet.line(_("Do %(name)s giao; tình trạng hết ngày %(last)s.", name=report.assigner_name,
                 last=f"{report.last:%d/%m/%Y}"))  # fmt: skip
    columns = [
        Column(_("STT"), 5, "figure"), Column(_("Đơn vị chủ trì"), 20), Column(_("Nội dung"), 40),
        Column(_("Văn bản"), 18), Column(_("Hạn gốc"), 12, "day"), Column(_("Hạn hiện tại"), 12, "day"),
        Column(_("Quá hạn (ngày)"), 8, "figure"), Column(_("Mới quá hạn"), 8),
        Column(_("Lý do đơn vị nêu"), 30), Column(_("Gia hạn"), 18), Column(_("Đã nhắc"), 16),
    ]  # fmt: skip
    tasks = [(unit.unit.name, task) for unit in report.by_unit for task in unit.tasks]
    sheet.table(columns, [_line(number, *each) for number, each in enumerate(tasks, start=1)])
    if not tasks:
        sheet.line(_("Không có nhiệm vụ nào quá hạn."))


def _line(number: int, unit_name: str, task: OverdueTask) -> list[Cell]:
    return [
        number, unit_name, task.content, paper_words(task), task.original_due_on, task.due_on, task.days,
        _("mới") if task.is_new else "", "\n".join(map(reason_words, task.reasons)),
        "\n".join(map(extension_words, task.extensions)), reminder_words(task),
    ]  # fmt: skip


def _months(sheet: Sheet, report: OverdueReport) -> None:
    title = _("Mười hai tháng: quá hạn cuối tháng và tỷ lệ đúng hạn")
    sheet.title(title)
    sheet.line(definitions(report)[3])
    columns = [
        Column(_("Tháng"), 14), Column(_("Chưa hoàn thành, trong hạn"), 18, "figure"),
        Column(_("Chưa hoàn thành, quá hạn"), 18, "figure"), Column(_("Đến hạn trong tháng"), 16, "number"),
        Column(_("Báo cáo đúng hạn"), 16, "number"), Column(_("Tỷ lệ đúng hạn"), 14, "percent"),
    ]  # fmt: skip
    rows = [
        [month_name(end), end.in_time, end.overdue, end.fallen_due, end.on_time, end.rate]
        for end in report.months
    ]
    placed = sheet.table(columns, rows, total=_("Cả mười hai tháng"))
    sheet.trend(placed, names=_MONTH, bars=_OVERDUE, rates=_RATE, title=title)
