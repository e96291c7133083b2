"""The periods and earlier days that are chosen with one click beside the form of a B.4."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import NamedTuple

from flask import g

from tracker.language import gettext as _
from tracker.queries.b4 import Question
from tracker.rules.reporting import (
    FIRST_YEAR,
    REFORM_KINDS,
    Period,
    PeriodKind,
    beside,
    earlier_days,
    named_period,
    periods_of,
    reform_year_of,
)
from tracker.web.b4_links import B4, PeriodAddresses, address_of, addresses_of_periods

YEARS_BACK = 5
"""Years before the one in sight that are offered, so that every quarter of them is two clicks away."""

MOST_REMEMBERED = 128
"""Rows of choices that a process keeps: every page of a period shows the same ones all day."""


Days = tuple[date, date]
"""The first and the last day of a period."""


class Link(NamedTuple):
    """One choice; without an address it lies ahead and has no numbers yet."""

    label: str
    name: str
    """The whole name, for who does not see the row in which the label stands."""
    url: str | None
    current: bool = False


class Line(NamedTuple):
    """A row of choices."""

    label: str
    links: tuple[Link, ...]


class Steps(NamedTuple):
    """What the period is called, and the ones of its kind before and after it."""

    name: str | None
    before: Link | None
    after: Link | None


def period_lines(question: Question, *, endpoint: str = B4) -> tuple[Line, ...]:
    """Return the rows of periods of the year in sight: years, months, longer ones, reform windows."""
    return _period_lines((question.first, question.last), g.today, addresses_of_periods(question, endpoint))


@lru_cache(MOST_REMEMBERED)
def _period_lines(shown: Days, today: date, address: PeriodAddresses) -> tuple[Line, ...]:
    year = min(shown[1].year, reform_year_of(today))
    latest = min(year + YEARS_BACK, reform_year_of(today))
    years = [
        period
        for each in range(max(FIRST_YEAR, year - YEARS_BACK), latest + 1)
        for period in periods_of(PeriodKind.YEAR, each)
    ]
    longer = (PeriodKind.QUARTER, PeriodKind.HALF_YEAR, PeriodKind.NINE_MONTHS, PeriodKind.YEAR)

    def link(period: Period) -> Link:
        return _link(period, shown, today, address)

    def links(*kinds: PeriodKind) -> tuple[Link, ...]:
        return tuple(link(period) for kind in kinds for period in periods_of(kind, year))

    def year_link(period: Period) -> Link:
        # Of a year that only the reform reports have begun, their first window.
        begun = period if period.first <= today else periods_of(PeriodKind.REFORM_QUARTER_I, period.year)[0]
        return link(begun)._replace(label=str(period.year), current=period.year == year)

    return (
        Line(_("Năm"), tuple(map(year_link, years))),
        Line(_("Tháng"), links(PeriodKind.MONTH)),
        Line(_("Quý, kỳ"), links(*longer)),
        Line(_("Kỳ CCHC"), links(*REFORM_KINDS)),
    )


def _link(period: Period, shown: Days, today: date, address: PeriodAddresses) -> Link:
    is_month = period.kind is PeriodKind.MONTH
    return Link(
        label=str(period.values["month"]) if is_month else _(period.short) % period.values,
        name=_(period.msgid) % period.values,
        url=None if period.first > today else address.of(period.first, period.last),
        current=shown == (period.first, period.last),
    )


def steps(question: Question, *, endpoint: str = B4) -> Steps:
    """Return the name of the question's period and its neighbours; of days without a name nothing."""
    return _steps((question.first, question.last), g.today, addresses_of_periods(question, endpoint))


@lru_cache(MOST_REMEMBERED)
def _steps(shown: Days, today: date, address: PeriodAddresses) -> Steps:
    period = named_period(*shown)
    if period is None:
        return Steps(None, None, None)
    before, after = (
        _link(each, shown, today, address) if each is not None and each.first <= today else None
        for each in (beside(period, step) for step in (-1, 1))
    )
    return Steps(_(period.msgid) % period.values, before, after)


def compare_lines(question: Question, compare: date | None) -> tuple[Line, ...]:
    """Return the row of earlier days that the table is commonly compared with, and of a way out of comparing;
    nothing where there is none."""
    links = []
    for words, day in earlier_days(question.first, question.on):
        label = _("%(words)s (%(day)s)", words=_(words), day=f"{day:%d/%m/%Y}")
        links.append(Link(label, label, address_of(question, compare=day), day == compare))
    if compare is not None:
        links.append(Link(_("Bỏ so sánh"), _("Bỏ so sánh"), address_of(question)))
    return (Line(_("So với"), tuple(links)),) if links else ()
