"""The pictures of B.4: its cells as bars, twelve months, units by months, and what waits for confirmation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any, NamedTuple

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from tracker.files.chart import (
    CellBar,
    HeatCell,
    HeatRow,
    Point,
    ages_bars,
    bars_and_rates,
    cells_bars,
    heat_map,
)
from tracker.queries import b4 as queries
from tracker.queries.b4 import Question
from tracker.queries.trend import Trend, UnitMonths, trend
from tracker.rules.b4_table import B4Row, B4Table, Grouping
from tracker.rules.overdue_report import MonthCounts
from tracker.rules.permissions import Permission
from tracker.rules.status import CELLS
from tracker.rules.waiting import Ages
from tracker.web.access import requires
from tracker.web.b4_links import address_of, addresses_behind
from tracker.web.b4_question import GROUPING_WORDS, read_question
from tracker.web.filters import cell_words, number, percent
from tracker.web.filters import day as day_words
from tracker.web.reading import reads_reports
from tracker.web.reasons import stretch_words

bp = Blueprint("pictures", __name__)

MOST_ROWS = 40
"""Rows in one picture; the others are one bar together, and stand in the table."""
BY_OVERDUE, BY_RATE = "overdue", "rate"
"""The words of the switches: `sort=overdue` for the bars, `heat=rate` for the map."""


class HeatLine(NamedTuple):
    """One unit in the table below the heat map."""

    name: str
    cells: Sequence[HeatCell]


@bp.get("/bieu-b4/hinh")
@requires(Permission.SEE_REPORTS)
@reads_reports
def index() -> ResponseReturnValue:
    """Show the pictures of a B.4, each with its finding in words and its table."""
    asked = read_question()
    if asked is None:
        return render_template("reports/nothing.html")
    if asked.question is None:
        page = render_template("reports/b4.html", form=asked.form, table=None, assigner=asked.assigner)
        return page, 422
    question = asked.question
    by_overdue = request.args.get("sort") == BY_OVERDUE
    by_rate = request.args.get("heat") == BY_RATE
    table, months = queries.table(question), trend(question)
    rows = sorted(table.rows, key=lambda row: -row.count("overdue")) if by_overdue else list(table.rows)
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
        waiting=waiting, cells_finding=_cells_finding(table), cells_picture=_cells_picture(rows, table),
        row_head=_row_head(question.grouping),
        months=[(end, _overdue_address(question, end.on, None)) for end in months.whole],
        months_finding=_months_finding(months), months_picture=_months_picture(months),
        month_names=[_month(day) for day in months.days], heat_lines=lines,
        heat_picture=_heat_picture(lines, months, by_rate=by_rate), more_units=max(0, len(lines) - MOST_ROWS),
        stretches=stretch_words(), waits=months.waiting, **_waiting_of(months),
    )  # fmt: skip


def _row_head(grouping: Grouping) -> str:
    return _("Đơn vị") if grouping is Grouping.UNIT else str(GROUPING_WORDS[grouping])


def _cells_finding(table: B4Table) -> str:
    total = table.total
    says = _("%(all)s nhiệm vụ: %(parts)s.", all=number(total.all), parts=_parts(total.cells))
    worst = max(table.rows, key=lambda row: row.count("overdue"), default=None)
    if worst is not None and len(table.rows) > 1 and worst.count("overdue"):
        says += " " + _("Nhiều nhiệm vụ quá hạn chưa hoàn thành nhất: %(name)s (%(count)s).",
                        name=worst.name, count=number(worst.count("overdue")))  # fmt: skip
    return says


def _parts(cells: Sequence[int]) -> str:
    told = [
        _("%(count)s %(cell)s", count=number(count), cell=cell_words(cell).lower())
        for cell, count in zip(CELLS, cells, strict=True) if count
    ]  # fmt: skip
    return ", ".join(told) or _("chưa có nhiệm vụ")


def _cells_picture(rows: Sequence[B4Row], table: B4Table) -> Any:
    shown, others = rows[:MOST_ROWS], rows[MOST_ROWS:]
    bars = [CellBar(row.name, row.cells, f"{row.name}: {_parts(row.cells)}") for row in shown]
    if others:
        sums = [sum(column) for column in zip(*(row.cells for row in others), strict=True)]
        name = ngettext("%(num)s dòng khác, cộng lại", "%(num)s dòng khác, cộng lại", len(others))
        bars.append(CellBar(name, sums, f"{name}: {_parts(sums)}"))
    return cells_bars(bars, label=_cells_finding(table), cell_words=[cell_words(cell) for cell in CELLS])


def _month(day: Any) -> str:
    return f"{day.month}/{day.year % 100:02d}"


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
    points = [Point(_month(end.on), end.overdue, end.rate) for end in months.whole]
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
        says = _("%(name)s, tháng %(month)s: không có thời hạn nào", name=unit.name, month=_month(day))
        return HeatCell("–", None, says)
    rate = Fraction(counts.on_time, counts.fallen_due)
    says = _("%(name)s, tháng %(month)s: %(rate)s đúng hạn (%(part)s trên %(whole)s)", name=unit.name,
             month=_month(day), rate=percent(rate), part=number(counts.on_time),
             whole=number(counts.fallen_due))  # fmt: skip
    url = address_of(replace(_on(question, day), first=day.replace(day=1), last=day))
    return HeatCell(f"{round(rate * 100)}%", 1 - rate, says, url)


def _heat_picture(lines: Sequence[HeatLine], months: Trend, *, by_rate: bool) -> Any:
    label = _("Nhiệm vụ quá hạn theo đơn vị và tháng")
    if by_rate:
        label = _("Tỷ lệ đúng hạn theo đơn vị và tháng")
    rows = [HeatRow(line.name, line.cells) for line in lines[:MOST_ROWS]]
    return heat_map([_month(day) for day in months.days], rows, label=label)


def _waiting_of(months: Trend) -> dict[str, Any]:
    """Return what waits in the whole: its ages, what they say, and their picture."""
    by_days: dict[int, int] = {}
    for unit in months.waiting:
        for days, count in unit.ages.by_days.items():
            by_days[days] = by_days.get(days, 0) + count
    ages = Ages(by_days)
    finding = _("Không có nhiệm vụ nào chờ xác nhận.")
    if ages.all:
        finding = _("%(count)s nhiệm vụ đã báo cáo, chờ văn phòng xác nhận: một nửa chờ không quá %(median)s "
                    "ngày, lâu nhất %(oldest)s ngày.", count=number(ages.all), median=number(ages.median),
                    oldest=number(ages.oldest))  # fmt: skip
    bars = list(zip(stretch_words(), ages.stretches, strict=True))
    return {"ages": ages, "ages_finding": finding, "ages_picture": ages_bars(bars, label=finding)}
