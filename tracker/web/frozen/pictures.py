"""The pictures of a frozen B.4, drawn from its data alone: its cells, its deadlines by month, what waits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Any, NamedTuple

from flask import render_template, request
from flask.typing import ResponseReturnValue

from tracker.files.chart import HeatCell, Point, bars_and_rates
from tracker.language import gettext as _
from tracker.queries.frozen import Opened
from tracker.rules.b4_deadlines import (
    NO_DEADLINES,
    Deadlines,
    deadlines_by_month,
    deadlines_by_row,
    months_until,
    waiting_days,
)
from tracker.rules.b4_table import B4Row
from tracker.rules.permissions import Permission
from tracker.rules.waiting import Ages
from tracker.web.access import requires
from tracker.web.b4_links import Addresses
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
    rows_in_order,
)
from tracker.web.filters import number, percent
from tracker.web.frozen.opening import View, address, bp, load, read_view
from tracker.web.reading import reads_reports
from tracker.web.reasons import stretch_words

Months = Mapping[date, Deadlines]


class Waiting(NamedTuple):
    """What waits for confirmation in one row of the table; `code` is the row's key."""

    code: str
    name: str
    ages: Ages


class Places:
    """The addresses of one frozen B.4 in one view."""

    def __init__(self, opened: Opened, view: View) -> None:
        self.opened, self.view = opened, view

    @property
    def behind(self) -> Addresses:
        """The addresses of the tasks of each cell of the table."""
        return Addresses(address("tasks", self.opened, self.view))

    def due(self, key: str | None, month: date, cell: str) -> str:
        """Return where the tasks of a cell are whose deadline fell in a month."""
        return address("tasks", self.opened, self.view, key, cell=cell, due=f"{month:%Y-%m}")

    def waiting(self, key: str | None, stretch: int | None = None) -> str:
        """Return where the tasks are that wait for confirmation, in one stretch of days or in all."""
        words = {"cell": "awaiting_confirmation", "waiting": stretch}
        return address("tasks", self.opened, self.view, key, **words)


@bp.get("/bieu-b4/da-chot/<id:frozen_id>/hinh")
@requires(Permission.SEE_REPORTS)
@reads_reports
def pictures(frozen_id: int) -> ResponseReturnValue:
    """Show the pictures of a frozen B.4, each with its finding in words and its table."""
    opened, view = load(frozen_id), read_view()
    report, places = opened.report, Places(opened, view)
    by_overdue = request.args.get("sort") == BY_OVERDUE
    by_rate = request.args.get("heat") == BY_RATE
    table = report.table(view.grouping, folded=view.folded)
    rows = rows_in_order(table, by_overdue=by_overdue)
    days = months_until(report.on)
    names = [month_words(day) for day in days]
    whole = deadlines_by_month(report.tasks, day=report.on)
    months = [(day, whole.get(day, NO_DEADLINES)) for day in days]
    lines = _heat_lines(opened, view, table.rows, days, by_rate=by_rate)

    def switched(*, sort: bool = by_overdue, heat: bool = by_rate) -> str:
        words = {"sort": BY_OVERDUE if sort else None, "heat": BY_RATE if heat else None}
        return address("pictures", opened, view, **words)

    heat_label = _("Quá hạn theo %(head)s và tháng của thời hạn", head=view.head.lower())
    if by_rate:
        heat_label = _("Tỷ lệ đúng hạn theo %(head)s và tháng của thời hạn", head=view.head.lower())
    return render_template(
        "frozen/pictures.html", kept=opened.kept, report=report, opened=opened, view=view, table=table,
        rows=rows, by_overdue=by_overdue, by_rate=by_rate, switched=switched, places=places,
        cells_finding=cells_finding(table), cells_picture=cells_picture(rows, table), months=months,
        months_finding=_months_finding(months), earlier=_overdue_before(whole, days[0]),
        months_picture=_months_picture(months), month_names=names, heat_lines=lines, heat_label=heat_label,
        heat_picture=heat_picture(lines, names, label=heat_label), stretches=stretch_words(),
        more_units=max(0, len(lines) - MOST_ROWS), waits=_waits(opened, view, table.rows),
        back_url=address("show", opened, view), **ages_words(waiting_days(report.tasks, day=report.on)),
    )  # fmt: skip


def _overdue_before(whole: Months, first: date) -> int:
    return sum(each.overdue for month, each in whole.items() if month < first)


def _months_finding(months: Sequence[tuple[date, Deadlines]]) -> str:
    fallen, kept, overdue = (sum(each[at] for _day, each in months) for at in range(3))
    if not fallen:
        return _("Không có thời hạn nào trong mười hai tháng đến ngày chốt.")
    return _(
        "%(fallen)s thời hạn trong mười hai tháng đến ngày chốt: %(rate)s được báo cáo đúng hạn, "
        "%(overdue)s nhiệm vụ quá hạn chưa hoàn thành.",
        fallen=number(fallen), rate=percent(Fraction(kept, fallen)), overdue=number(overdue),
    )  # fmt: skip


def _months_picture(months: Sequence[tuple[date, Deadlines]]) -> Any:
    points = [Point(month_words(day), each.overdue, each.rate) for day, each in months]
    return bars_and_rates(points, label=_months_finding(months))


def _heat_lines(
    opened: Opened, view: View, rows: Sequence[B4Row], days: Sequence[date], *, by_rate: bool
) -> list[HeatLine]:
    found, places = deadlines_by_row(opened.report, view.grouping, folded=view.folded), Places(opened, view)
    most = max((each.overdue for months in found.values() for each in months.values()), default=0) or 1
    lines = []
    for row in rows:
        months = found.get(row.key, {})
        cells = [_heat_cell(row, day, months.get(day, NO_DEADLINES), most, places, by_rate) for day in days]
        lines.append(HeatLine(row.name, cells))
    return lines


def _heat_cell(
    row: B4Row, day: date, told: Deadlines, most: int, places: Places, by_rate: bool
) -> HeatCell:
    words = {"name": row.name, "month": month_words(day), "part": number(told.on_time),
             "whole": number(told.fallen_due), "count": number(told.overdue)}  # fmt: skip
    if not by_rate:
        says = _("%(name)s, thời hạn tháng %(month)s: %(count)s nhiệm vụ quá hạn", **words)
        url = places.due(row.key, day, "overdue") if told.overdue else None
        return HeatCell(number(told.overdue), Fraction(told.overdue, most), says, url)
    if told.rate is None:
        return HeatCell("–", None, _("%(name)s, tháng %(month)s: không có thời hạn nào", **words))
    says = _("%(name)s, tháng %(month)s: %(rate)s đúng hạn (%(part)s trên %(whole)s)",
             rate=percent(told.rate), **words)  # fmt: skip
    return HeatCell(f"{round(told.rate * 100)}%", 1 - told.rate, says, places.due(row.key, day, "fallen_due"))


def _waits(opened: Opened, view: View, rows: Sequence[B4Row]) -> list[Waiting]:
    by_row = opened.report.by_row(view.grouping, folded=view.folded)
    found = []
    for row in rows:
        ages = Ages(waiting_days(by_row.get(row.key, ()), day=opened.report.on))
        if ages.all:
            found.append(Waiting(row.key, row.name, ages))
    return found
