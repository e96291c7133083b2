"""The pictures of B.4: its cells as bars, twelve months, units by months, and what waits for confirmation."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from tracker.files.chart import HeatCell, Point, bars_and_rates
from tracker.language import gettext as _
from tracker.queries import b4 as queries
from tracker.queries.b4 import Question
from tracker.queries.trend import Trend, UnitMonths, trend
from tracker.rules.b4_table import Grouping
from tracker.rules.overdue_report import MonthCounts
from tracker.rules.permissions import Permission
from tracker.web.access import requires
from tracker.web.b4_links import address_of, addresses_behind
from tracker.web.b4_pictures import (
    BY_OVERDUE,
    BY_RATE,
    MOST_ROWS,
    HeatLine,
    ages_words,
    cells_finding,
    cells_picture,
    heat_picture,
    month_words,
    row_head,
    rows_in_order,
)
from tracker.web.b4_question import read_question
from tracker.web.filters import day as day_words
from tracker.web.filters import number, percent
from tracker.web.reading import reads_reports
from tracker.web.reasons import stretch_words

bp = Blueprint("pictures", __name__)

@bp.get("/bieu-b4/hinh")
@requires(Permission.SEE_REPORTS)
@reads_reports
def index() -> ResponseReturnValue:
    """Show the pictures of a B.4, each with its finding in words and its table."""
    asked = read_question()
    question = asked.question
    by_overdue = request.args.get("sort") == BY_OVERDUE
    by_rate = request.args.get("heat") == BY_RATE
    table, months = queries.table(question), trend(question)
    rows = rows_in_order(table, by_overdue=by_overdue)
    names = [month_words(day) for day in months.days]
    heat_label = _("Nhiệm vụ quá hạn theo đơn vị và tháng")
    if by_rate:
        heat_label = _("Tỷ lệ đúng hạn theo đơn vị và tháng")
    lines = [_heat_line(unit, months, question, by_rate=by_rate) for unit in months.units]

    def address(endpoint: str, **values: Any) -> str:
        return address_of(question, endpoint, **values)

    def switched(*, sort: bool = by_overdue, heat: bool = by_rate) -> str:
        return address("pictures.index", sort=BY_OVERDUE if sort else None, heat=BY_RATE if heat else None)

    behind = addresses_behind(question)

    def waiting(code: str | None, stretch: int | None = None) -> str:
        by_unit = replace(question, grouping=Grouping.UNIT)
        return address_of(
            by_unit, "reports.b4_tasks", row=code, cell="awaiting_confirmation", waiting=stretch
        )

    return render_template(
        "pictures/index.html", question=question, table=table, rows=rows, assigner=asked.assigner,
        by_overdue=by_overdue, by_rate=by_rate, address=address, switched=switched, behind=behind,
        waiting=waiting, cells_finding=cells_finding(table), cells_picture=cells_picture(rows, table),
        row_head=row_head(question.grouping),
        months=[(end, _overdue_address(question, end.on, None)) for end in months.whole],
        months_finding=_months_finding(months), months_picture=_months_picture(months),
        month_names=names, heat_lines=lines, heat_picture=heat_picture(lines, names, label=heat_label),
        more_units=max(0, len(lines) - MOST_ROWS), stretches=stretch_words(), waits=months.waiting,
        **ages_words(_days_of_waiting(months)),
    )  # fmt: skip


def _months_finding(months: Trend) -> str:
    last, first = months.whole[-1], months.whole[0]
    says = _("Hết ngày %(day)s: %(count)s nhiệm vụ quá hạn chưa hoàn thành; hết ngày %(first)s: %(before)s.",
             day=day_words(last.on), count=number(last.overdue), first=day_words(first.on),
             before=number(first.overdue))  # fmt: skip
    if last.rate is not None:
        says += " " + _("Trong các thời hạn của tháng cuối, %(rate)s được báo cáo đúng hạn.",
                        rate=percent(last.rate))  # fmt: skip
    return says


def _months_picture(months: Trend) -> Any:
    points = [Point(month_words(end.on), end.overdue, end.rate) for end in months.whole]
    return bars_and_rates(points, label=_months_finding(months))


def _overdue_address(question: Question, day: Any, code: str | None) -> str:
    """Return the address of the tasks overdue at the end of a day: the cell of the B.4 of that day."""
    then = _on(question, day)
    return address_of(then, "reports.b4_tasks", row=code, cell="overdue")


def _on(question: Question, day: Any) -> Question:
    """Return the question by unit with another cut-off day; what is overdue does not depend on the period."""
    first = min(question.first, day.replace(day=1))
    return replace(question, grouping=Grouping.UNIT, first=first, last=max(first, day), on=day)


def _heat_line(unit: UnitMonths, months: Trend, question: Question, *, by_rate: bool) -> HeatLine:
    most = max((one.overdue for each in months.units for one in each.months), default=0) or 1
    cells = []
    for day, counts in zip(months.days, unit.months, strict=True):
        if by_rate:
            cells.append(_rate_cell(unit, counts, day, question))
            continue
        says = _("%(name)s, hết ngày %(day)s: %(count)s nhiệm vụ quá hạn", name=unit.name,
                 day=day_words(day), count=number(counts.overdue))  # fmt: skip
        url = _overdue_address(question, day, unit.code) if counts.overdue else None
        cells.append(HeatCell(number(counts.overdue), Fraction(counts.overdue, most), says, url))
    return HeatLine(unit.name, cells)


def _rate_cell(unit: UnitMonths, counts: MonthCounts, day: Any, question: Question) -> HeatCell:
    if not counts.fallen_due:
        says = _("%(name)s, tháng %(month)s: không có thời hạn nào", name=unit.name, month=month_words(day))
        return HeatCell("–", None, says)
    rate = Fraction(counts.on_time, counts.fallen_due)
    says = _("%(name)s, tháng %(month)s: %(rate)s đúng hạn (%(part)s trên %(whole)s)", name=unit.name,
             month=month_words(day), rate=percent(rate), part=number(counts.on_time),
             whole=number(counts.fallen_due))  # fmt: skip
    url = address_of(replace(_on(question, day), first=day.replace(day=1), last=day))
    return HeatCell(f"{round(rate * 100)}%", 1 - rate, says, url)


def _days_of_waiting(months: Trend) -> dict[int, int]:
    """Return how many of the whole have waited so many days."""
    by_days: dict[int, int] = {}
    for unit in months.waiting:
        for days, count in unit.ages.by_days.items():
            by_days[days] = by_days.get(days, 0) + count
    return by_days
