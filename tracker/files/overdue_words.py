"""The monthly overdue report in words: the same sentences on its page, in its mail and in its files."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import NamedTuple

from tracker.files.chart import Point
from tracker.language import gettext as _
from tracker.rules.overdue_report import Extension, MonthEnd, OverdueReport, OverdueTask, Reason
from tracker.rules.words import KINDS_OF_DIRECTIVE, N_

_REASONS = {
    "difficulties": N_("Khó khăn, vướng mắc"),
    "explanation": N_("Giải trình"),
    "extension": N_("Lý do xin gia hạn"),
    "return": N_("Lý do xin trả lại"),
}
_EXTENSIONS = {
    "pending": N_("xin gia hạn đến %(until)s (ngày %(asked)s), chưa có quyết định"),
    "granted": N_("được gia hạn đến %(granted)s (quyết định ngày %(decided)s)"),
    "refused": N_("xin gia hạn đến %(until)s, không được đồng ý (ngày %(decided)s)"),
    "lapsed": N_("xin gia hạn đến %(until)s, hết hiệu lực khi báo cáo hoặc chuyển việc (ngày %(decided)s)"),
}


class Issue(NamedTuple):
    """Which edition a file is of: its number, the day it was made, and the SHA-256 of its data."""

    edition: int
    made_on: date
    sha256: str


def day_words(day: date | None) -> str:
    """Return a day as dd/mm/yyyy, empty for None."""
    return f"{day:%d/%m}/{day.year:04}" if day else ""


def number_words(number: int) -> str:
    """Return a number with “.” between thousands."""
    return f"{number:,}".replace(",", ".")


def rate_words(rate: Fraction | None) -> str:
    """Return a rate in percent with one decimal, “–” where nothing is counted over."""
    if rate is None:
        return "–"
    exact = Decimal(rate.numerator) / Decimal(rate.denominator) * 100
    return f"{exact.quantize(Decimal('0.1'), rounding=ROUND_HALF_UP)}%".replace(".", ",")


def month_words(report: OverdueReport) -> str:
    """Return the month of a report as its title names it: “tháng 10 năm 2026”."""
    return _("tháng %(month)s năm %(year)s", month=report.last.month, year=report.last.year)


def title_words(report: OverdueReport) -> str:
    """Return what the report is about, of which unit where it is a part."""
    title = _("Tình hình nhiệm vụ quá hạn %(month)s", month=month_words(report))
    if report.part_name:
        title = _("%(title)s – phần của %(units)s", title=title, units=report.part_name)
    return title


def period_words(report: OverdueReport) -> str:
    """Return the period of B.4 and the cut-off day."""
    return _(
        "Kỳ từ ngày %(first)s đến ngày %(last)s; số liệu chốt hết ngày %(last)s.",
        first=day_words(report.counted_from), last=day_words(report.last),
    )  # fmt: skip


def undated_words(report: OverdueReport) -> str:
    """Return how many tasks of B.4 have no deadline, and where they are counted."""
    count = report.total.without_deadline
    if not count:
        return _("Không có nhiệm vụ nào không thời hạn.")
    return _(
        "Trong đó có %(count)s nhiệm vụ không thời hạn: khi chưa hoàn thành tính là chưa đến hạn, khi hoàn"
        " thành tính là đúng hạn.",
        count=number_words(count),
    )


def issue_words(issue: Issue) -> str:
    """Return which edition it is, when it was made, and the checksum of its data."""
    return _(
        "Lập ngày %(day)s, lần %(edition)s. Mã kiểm tra số liệu (SHA-256): %(sum)s.",
        day=day_words(issue.made_on), edition=issue.edition, sum=issue.sha256,
    )  # fmt: skip


def balance_words(report: OverdueReport) -> str:
    """Return how the overdue tasks of the month before became those of the cut-off day, in one sentence."""
    balance = report.balance
    moved = (
        _(", %(moved)s nhiệm vụ đã quá hạn được chuyển đến", moved=number_words(balance.moved_in))
        if balance.moved_in
        else ""
    )
    return _(
        "Hết ngày %(earlier)s có %(before)s nhiệm vụ quá hạn; trong tháng có %(gone)s nhiệm vụ không còn"
        " quá hạn, %(new)s nhiệm vụ mới quá hạn%(moved)s; hết ngày %(last)s có %(now)s nhiệm vụ quá hạn.",
        earlier=day_words(report.before.on), before=number_words(balance.before),
        gone=number_words(balance.gone), new=number_words(balance.new), moved=moved,
        last=day_words(report.last), now=number_words(balance.now),
    )  # fmt: skip


def month_rate_words(report: OverdueReport) -> str:
    """Return how the deadlines of the month were kept, in one sentence."""
    month = report.month
    if not month.fallen_due:
        return _("Trong tháng không có nhiệm vụ nào đến hạn.")
    return _(
        "Trong tháng có %(due)s nhiệm vụ đến hạn, %(kept)s nhiệm vụ được báo cáo hoàn thành đúng hạn"
        " (%(rate)s).",
        due=number_words(month.fallen_due), kept=number_words(month.on_time), rate=rate_words(month.rate),
    )  # fmt: skip


def repeat_words(report: OverdueReport) -> str:
    """Return what a repeating unit is, as the report counts it."""
    return _(
        "Lặp lại: đơn vị có nhiệm vụ quá hạn vào cuối cả %(n)s tháng liền nhau, tính đến hết ngày %(last)s.",
        n=report.repeat_months, last=day_words(report.last),
    )  # fmt: skip


def definitions(report: OverdueReport) -> Sequence[str]:
    """Return what each count means, one sentence each."""
    return [
        _("Quá hạn: hết ngày chốt số liệu đã qua thời hạn mà chưa báo cáo hoàn thành; đến hạn trong ngày"
          " chốt chưa phải là quá hạn."),
        _("Mới quá hạn: hết ngày %(day)s chưa quá hạn.", day=day_words(report.before.on)),
        repeat_words(report),
        _("Tỷ lệ đúng hạn của một tháng: số nhiệm vụ được báo cáo hoàn thành chậm nhất trong ngày đến hạn"
          " chia cho số nhiệm vụ có thời hạn trong tháng, theo số liệu hết ngày cuối tháng đó."),
        _("Số lần nhắc: số ngày có thư nhắc đã gửi đi, đến hết ngày chốt số liệu."),
    ]  # fmt: skip


def month_name(end: MonthEnd) -> str:
    """Return the month of an end of month: “10/2026”."""
    return f"{end.on:%m}/{end.on.year}"


def points_of(report: OverdueReport) -> list[Point]:
    """Return the months of a report as the chart draws them."""
    return [Point(f"{end.on:%m/%y}", end.overdue, end.rate) for end in report.months]


def paper_words(task: OverdueTask) -> str:
    """Return the directive of a task, and its item: “Công văn 254/UBND-NV, mục 3”."""
    kind = _(KINDS_OF_DIRECTIVE.get(task.directive_kind, task.directive_kind))
    if task.directive_number:
        name = f"{kind} {task.directive_number}"
    else:
        name = _("%(kind)s ngày %(day)s", kind=kind, day=day_words(task.directive_issued_on))
    return _("%(paper)s, mục %(item)s", paper=name, item=task.item) if task.item else name


def reason_words(reason: Reason) -> str:
    """Return one reason with what it was given for, and the day."""
    sort = _(_REASONS[reason.sort])
    text = " ".join(reason.text.split())
    return _("%(sort)s (%(day)s): %(text)s", sort=sort, day=day_words(reason.on), text=text)


def extension_words(extension: Extension) -> str:
    """Return what became of one extension by the cut-off day."""
    words = {
        "until": day_words(extension.until), "asked": day_words(extension.asked_on),
        "granted": day_words(extension.granted_until), "decided": day_words(extension.decided_on),
    }  # fmt: skip
    return _(_EXTENSIONS[extension.state]) % words


def reminder_words(task: OverdueTask) -> str:
    """Return how often and when last somebody was reminded of a task, and urged by hand."""
    told = [
        _(words, n=len(days), day=day_words(days[-1]))
        for words, days in (
            (N_("đã nhắc %(n)s lần, lần cuối %(day)s"), task.reminded_on),
            (N_("đôn đốc %(n)s lần, lần cuối %(day)s"), task.urged_on),
        )
        if days
    ]
    return "; ".join(told) or _("chưa có thư nhắc nào được gửi")
