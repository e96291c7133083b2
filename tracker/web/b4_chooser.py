"""The periods and earlier days that are chosen with one click beside the form of a B.4."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from flask import g
from flask_babel import gettext as _

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
from tracker.web.b4_links import B4, address_of, addresses_of_periods

Addresses = Callable[[date, date], str]
"""The address of the page of a period from a day to a day."""

YEARS_BACK = 5
"""Years before the one in sight that are offered, so that every quarter of them is two clicks away."""


@dataclass(frozen=True)
class Link:
    """One choice; without an address it lies ahead and has no numbers yet."""

    label: str
    name: str
    """The whole name, for who does not see the row in which the label stands."""
    url: str | None
    current: bool = False


class Line(NamedTuple):
    """A row of choices."""

    label: str
    links: list[Link]


class Steps(NamedTuple):
    """What the period is called, and the ones of its kind before and after it."""

    name: str | None
    before: Link | None
    after: Link | None


def period_lines(question: Question, *, endpoint: str = B4) -> list[Line]:
    """Return the rows of periods of the year in sight: years, months, longer ones, reform windows."""
    year = min(question.last.year, reform_year_of(g.today))
    address = addresses_of_periods(question, endpoint)
    latest = min(year + YEARS_BACK, reform_year_of(g.today))
    years = [
        period
        for each in range(max(FIRST_YEAR, year - YEARS_BACK), latest + 1)
        for period in periods_of(PeriodKind.YEAR, each)
    ]
    longer = (PeriodKind.QUARTER, PeriodKind.HALF_YEAR, PeriodKind.NINE_MONTHS, PeriodKind.YEAR)
    return [
        Line(_("Năm"), [_year_link(question, each, address, in_sight=each.year == year) for each in years]),
        Line(_("Tháng"), _links(question, (PeriodKind.MONTH,), year, address)),
        Line(_("Quý, kỳ"), _links(question, longer, year, address)),
        Line(_("Kỳ CCHC"), _links(question, REFORM_KINDS, year, address)),
    ]


def _year_link(question: Question, period: Period, address: Addresses, *, in_sight: bool) -> Link:
    """Return a year to look at; of a year that only the reform reports have begun, their first window."""
    if period.first > g.today:
        period = periods_of(PeriodKind.REFORM_QUARTER_I, period.year)[0]
    link = _link(question, period, address)
    return Link(str(period.year), link.name, link.url, in_sight)


def _links(
    question: Question, kinds: tuple[PeriodKind, ...], year: int, address: Addresses
) -> list[Link]:
    return [_link(question, period, address) for kind in kinds for period in periods_of(kind, year)]


def _link(question: Question, period: Period, address: Addresses) -> Link:
    is_month = period.kind is PeriodKind.MONTH
    return Link(
        label=str(period.values["month"]) if is_month else _(period.short) % period.values,
        name=_(period.msgid) % period.values,
        url=None if period.first > g.today else address(period.first, period.last),
        current=(question.first, question.last) == (period.first, period.last),
    )


def steps(question: Question, *, endpoint: str = B4) -> Steps:
    """Return the name of the question's period and its neighbours; of days without a name nothing."""
    period = named_period(question.first, question.last)
    if period is None:
        return Steps(None, None, None)
    around = [beside(period, step) for step in (-1, 1)]
    address = addresses_of_periods(question, endpoint)
    before, after = (
        _link(question, each, address) if each is not None and each.first <= g.today else None
        for each in around
    )
    return Steps(_(period.msgid) % period.values, before, after)


def compare_links(question: Question, compare: date | None) -> list[Link]:
    """Return the earlier days that the table is commonly compared with, and a way out of comparing."""
    links = []
    for words, day in earlier_days(question.first, question.on):
        label = _("%(words)s (%(day)s)", words=_(words), day=f"{day:%d/%m/%Y}")
        links.append(Link(label, label, address_of(question, compare=day), day == compare))
    if compare is not None:
        links.append(Link(_("Bỏ so sánh"), _("Bỏ so sánh"), address_of(question)))
    return links
