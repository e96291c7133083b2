"""The monthly overdue report as a Word paper of the kind “báo cáo” (Nghị định 30/2020), tables as annexes."""

from __future__ import annotations

from tracker.files import b4
from tracker.files.b4_words import set_in
from tracker.files.overdue_words import (
    Issue,
    balance_words,
    day_words,
    definitions,
    extension_words,
    issue_words,
    month_name,
    month_rate_words,
    month_words,
    number_words,
    paper_words,
    period_words,
    points_of,
    rate_words,
    reason_words,
    reminder_words,
    repeat_words,
    title_words,
    undated_words,
)
from tracker.files.paper import Band, Column, Paper
from tracker.language import gettext as _
from tracker.rules.overdue_report import OverdueReport, OverdueTask
from tracker.rules.papers import issuing_body, notation_of, place_of, signing_lines
from tracker.rules.words import B4_TITLE

SMALL_PT, LIST_PT = 11, 10


def as_docx(report: OverdueReport, issue: Issue) -> bytes:
    """Return the paper of a report, whole or a part; the same report and issue give the same bytes."""
    name, above = report.assigner_name, report.above
    paper = Paper(title_words(report), made_on=issue.made_on)
    paper.head(
        issuing_body(name, above), notation=notation_of(name, "BC"), place=place_of([name, *above]),
        on=issue.made_on,
    )  # fmt: skip
    about = _("Tình hình nhiệm vụ quá hạn %(month)s", month=month_words(report))
    paper.kind(_("Báo cáo"), "\n".join(filter(None, [about, _part_words(report)])))
    _situation(paper, report)
    _units(paper, report)
    _chart(paper, report)
    paper.heading(_("IV. CÁCH TÍNH"))
    for line in definitions(report):
        paper.paragraph(f"- {line}")
    paper.note(issue_words(issue))
    copies = [_("Lãnh đạo %(name)s", name=name), _("Các đơn vị có tên trong báo cáo"), _("Lưu: VT")]
    paper.sign(signing_lines(name, report.title_of_head), recipients=copies)
    paper.turn(landscape=True)
    _b4(paper, report)
    _list(paper, report)
    return paper.as_bytes()


def _part_words(report: OverdueReport) -> str:
    return _("(phần của %(units)s)", units=report.part_name) if report.part_name else ""


def _situation(paper: Paper, report: OverdueReport) -> None:
    paper.heading(_("I. TÌNH HÌNH CHUNG"))
    paper.paragraph(balance_words(report))
    paper.paragraph(month_rate_words(report))
    paper.paragraph(
        _("Biểu B.4 và danh sách nhiệm vụ quá hạn ở Phụ lục I, Phụ lục II kèm theo. Số liệu chốt hết ngày"
          " %(last)s.", last=day_words(report.last))
    )  # fmt: skip


def _units(paper: Paper, report: OverdueReport) -> None:
    paper.heading(_("II. ĐƠN VỊ CÓ NHIỆM VỤ QUÁ HẠN"))
    if not report.overdue:
        paper.paragraph(_("Không có nhiệm vụ nào quá hạn."))
    else:
        columns = [
            Column(b4.UNIT, 50), Column(_("Quá hạn"), 16, "right"), Column(_("Mới quá hạn"), 16, "right"),
            Column(_("Quá hạn lâu nhất (ngày)"), 20, "right"),
        ]  # fmt: skip
        rows = [
            [
                each.unit.name,
                number_words(len(each.tasks)),
                number_words(each.new),
                number_words(each.most_days),
            ]
            for each in report.by_unit
        ]
        total = [b4.TOTAL, number_words(len(report.overdue)), number_words(report.balance.new), ""]
        paper.table(columns, rows, total=total if len(rows) > 1 else None, size=SMALL_PT)
    paper.paragraph(repeat_words(report))
    if repeats := report.repeats:
        ends = report.months[-report.repeat_months :]
        columns = [Column(b4.UNIT, 50)]
        columns += [Column(_("Hết %(month)s", month=month_name(end)), 16, "right") for end in ends]
        paper.table(
            columns, [[each.unit.name, *map(number_words, each.overdue)] for each in repeats], size=SMALL_PT
        )
    else:
        paper.paragraph(_("Không có đơn vị nào lặp lại."))


def _chart(paper: Paper, report: OverdueReport) -> None:
    paper.heading(_("III. MƯỜI HAI THÁNG GẦN ĐÂY"))
    says = _("Cột: nhiệm vụ quá hạn hết ngày cuối tháng. Đường đứt: tỷ lệ báo cáo đúng hạn (thang bên phải).")
    # Read here: only the job that makes these papers draws.
    from tracker.files.chart_picture import WIDTH_MM, bars_and_rates_png

    paper.picture(bars_and_rates_png(points_of(report)), width=WIDTH_MM, says=says)
    left_open, fell_due = _("Chưa hoàn thành cuối tháng"), _("Đến hạn trong tháng")
    columns = [
        Column(_("Tháng"), 14, "center"), Column(_("Trong hạn"), 14, "right", left_open),
        Column(_("Quá hạn"), 14, "right", left_open), Column(_("Số nhiệm vụ"), 14, "right", fell_due),
        Column(_("Đúng hạn"), 14, "right", fell_due), Column(_("Tỷ lệ"), 14, "right", fell_due),
    ]  # fmt: skip
    rows = [
        [month_name(end), *map(number_words, (end.in_time, end.overdue, end.fallen_due, end.on_time)),
         rate_words(end.rate)]
        for end in report.months
    ]  # fmt: skip
    paper.table(columns, rows, size=SMALL_PT)


def _b4(paper: Paper, report: OverdueReport) -> None:
    paper.paragraph(_("Phụ lục I"), bold=True, align="center")
    paper.paragraph(_(B4_TITLE) % {"assigner": report.assigner_name.upper()}, bold=True, align="center")
    paper.paragraph(period_words(report), italic=True, align="center")
    columns = [
        Column(b4.UNIT, 52), *(Column(head, 18, "right", group) for group, head in b4.COLUMNS),
        Column(b4.ALL, 16, "right"),
    ]  # fmt: skip
    rows = [
        [set_in(row.name, row.depth), *map(number_words, (*row.cells, row.all))] for row in report.rows
    ]
    total = [b4.TOTAL, *map(number_words, (*report.total.cells, report.total.all))]
    paper.table(columns, rows, total=total if len(rows) > 1 else None, size=SMALL_PT)
    paper.note(undated_words(report))


def _list(paper: Paper, report: OverdueReport) -> None:
    paper.turn(landscape=True)
    paper.paragraph(_("Phụ lục II"), bold=True, align="center")
    paper.paragraph(_("Danh sách nhiệm vụ quá hạn").upper(), bold=True, align="center")
    paper.paragraph(
        _("Tình trạng hết ngày %(last)s", last=day_words(report.last)), italic=True, align="center"
    )
    if not report.overdue:
        paper.paragraph(_("Không có nhiệm vụ nào quá hạn."))
        return
    columns = [
        Column(_("STT"), 14, "center"), Column(_("Nội dung"), 63), Column(_("Văn bản"), 32),
        Column(_("Hạn gốc"), 22, "center"), Column(_("Hạn hiện tại"), 22, "center"),
        Column(_("Quá hạn (ngày)"), 16, "right"), Column(_("Lý do đơn vị nêu, gia hạn"), 58),
        Column(_("Đã nhắc"), 30),
    ]  # fmt: skip
    lines: list[list[str] | Band] = []
    number = 0
    for each in report.by_unit:
        count, new = number_words(len(each.tasks)), number_words(each.new)
        lines.append(Band(_("%(unit)s: %(count)s nhiệm vụ, %(new)s mới quá hạn", unit=each.unit.name,
                            count=count, new=new)))  # fmt: skip
        for task in each.tasks:
            number += 1
            lines.append(_line(number, task))
    paper.table(columns, lines, size=LIST_PT)


def _line(number: int, task: OverdueTask) -> list[str]:
    days = number_words(task.days)
    told = [*map(reason_words, task.reasons), *map(extension_words, task.extensions)]
    return [
        str(number), task.content, paper_words(task), day_words(task.original_due_on), day_words(task.due_on),
        _("%(days)s (mới)", days=days) if task.is_new else days, "\n".join(told), reminder_words(task),
    ]  # fmt: skip
