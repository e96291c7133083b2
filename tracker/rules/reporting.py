"""Reporting periods that an office asks for by name, and the day on which their numbers are cut off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from tracker.rules.words import N_

FIRST_YEAR, LAST_YEAR = 1900, 2199
"""Years of which periods have names; a day outside of them cannot be typed either."""

_REFORM_YEAR_BEGINS = (12, 15)
_ROMAN = ("I", "II", "III", "IV")


class PeriodKind(StrEnum):
    """The kinds of periods, each repeating through the years."""

    MONTH = "month"
    QUARTER = "quarter"
    HALF_YEAR = "half_year"
    NINE_MONTHS = "nine_months"
    YEAR = "year"
    REFORM_QUARTER_I = "reform_quarter_i"
    REFORM_HALF_YEAR = "reform_half_year"
    REFORM_QUARTER_III = "reform_quarter_iii"
    REFORM_YEAR = "reform_year"


REFORM_KINDS = (
    PeriodKind.REFORM_QUARTER_I, PeriodKind.REFORM_HALF_YEAR, PeriodKind.REFORM_QUARTER_III,
    PeriodKind.REFORM_YEAR,
)  # fmt: skip
"""The windows of the reports on administrative reform (CCHC), domain §4."""


@dataclass(frozen=True)
class Period:
    """A named stretch of days, both ends included.

    `msgid % values` is its name (“Quý II/2026”); `short % values` is enough beside its year (“Quý II”).
    """

    kind: PeriodKind
    first: date
    last: date
    msgid: str
    short: str
    values: dict[str, Any]

    @property
    def year(self) -> int:
        """The year by which the period is called: that of its last day, also of a reform window."""
        return self.last.year


def periods_of(kind: PeriodKind, year: int) -> Sequence[Period]:
    """Return the periods of a kind that are called by `year`, the earliest first."""
    match kind:
        case PeriodKind.MONTH:
            whole, short = N_("Tháng %(month)s/%(year)s"), N_("Tháng %(month)s")
            return [_months(kind, year, at, at, whole, short, month=at) for at in range(1, 13)]
        case PeriodKind.QUARTER:
            whole, short = N_("Quý %(quarter)s/%(year)s"), N_("Quý %(quarter)s")
            return [
                _months(kind, year, 3 * at + 1, 3 * at + 3, whole, short, quarter=name)
                for at, name in enumerate(_ROMAN)
            ]
        case PeriodKind.HALF_YEAR:
            return [
                _months(kind, year, 1, 6, N_("6 tháng đầu năm %(year)s"), N_("6 tháng đầu năm")),
                _months(kind, year, 7, 12, N_("6 tháng cuối năm %(year)s"), N_("6 tháng cuối năm")),
            ]
        case PeriodKind.NINE_MONTHS:
            return [_months(kind, year, 1, 9, N_("9 tháng năm %(year)s"), N_("9 tháng"))]
        case PeriodKind.YEAR:
            return [_months(kind, year, 1, 12, N_("Năm %(year)s"), N_("Cả năm"))]
    return [_reform_window(kind, year)]


def _months(
    kind: PeriodKind, year: int, first: int, last: int, msgid: str, short: str, **values: Any
) -> Period:
    """Return the period from the first day of one month to the last day of another of the same year."""
    end = date(year + last // 12, last % 12 + 1, 1) - timedelta(days=1)
    return Period(kind, date(year, first, 1), end, msgid, short, values | {"year": year})


def _reform_window(kind: PeriodKind, year: int) -> Period:
    """Return a window of the reform reports: their year is 15 December to 14 December (domain §4)."""
    begins = date(year - 1, *_REFORM_YEAR_BEGINS)
    windows = {
        PeriodKind.REFORM_QUARTER_I: (
            begins, date(year, 3, 14), N_("CCHC quý I/%(year)s"), N_("Quý I"),
        ),
        PeriodKind.REFORM_HALF_YEAR: (
            begins, date(year, 6, 14), N_("CCHC 6 tháng %(year)s"), N_("6 tháng"),
        ),
        PeriodKind.REFORM_QUARTER_III: (
            date(year, 6, 15), date(year, 9, 14), N_("CCHC quý III/%(year)s"), N_("Quý III"),
        ),
        PeriodKind.REFORM_YEAR: (
            begins, date(year, 12, 14), N_("CCHC năm %(year)s"), N_("Cả năm"),
        ),
    }  # fmt: skip
    first, last, msgid, short = windows[kind]
    return Period(kind, first, last, msgid, short, {"year": year})


def reform_year_of(day: date) -> int:
    """Return the year of the reform reports in which a day lies: from 15 December on it is the next one."""
    return day.year + ((day.month, day.day) >= _REFORM_YEAR_BEGINS)


def named_period(first: date, last: date) -> Period | None:
    """Return the period that has exactly these days, None when they have no name."""
    if not FIRST_YEAR <= last.year <= LAST_YEAR:
        return None
    every = (period for kind in PeriodKind for period in periods_of(kind, last.year))
    return next((period for period in every if (period.first, period.last) == (first, last)), None)


def beside(period: Period, step: int) -> Period | None:
    """Return the period of the same kind before (`step` -1) or after (1), None beyond the named years."""
    siblings = periods_of(period.kind, period.year)
    place = [each.first for each in siblings].index(period.first) + step
    if 0 <= place < len(siblings):
        return siblings[place]
    year = period.year + step
    return periods_of(period.kind, year)[0 if step > 0 else -1] if FIRST_YEAR <= year <= LAST_YEAR else None


def cut_off_of(first: date, last: date, *, today: date, reform_offset_days: int = 0) -> date:
    """Return the cut-off day that is proposed for a period: its last day, or today while that is to come.

    A reform window is cut off `reform_offset_days` days earlier, because lower levels report earlier
    (domain §4): the half-year to 14/6 with 7 days on 07/6. The window itself stays as the ministry names it.
    """
    period = named_period(first, last)
    if period is not None and period.kind in REFORM_KINDS:
        last -= timedelta(days=reform_offset_days)
    return min(last, today)


def earlier_days(first: date, on: date) -> Sequence[tuple[str, date]]:
    """Return days with which a table cut off at `on` is commonly compared, as msgids; the latest first.

    Seven days before, the end of the month and of the quarter before, and the end of the year before: those
    that lie in `[first, on)`.
    """
    month = date(on.year, on.month, 1) - timedelta(days=1)
    quarter = date(on.year, (on.month - 1) // 3 * 3 + 1, 1) - timedelta(days=1)
    year = date(on.year, 1, 1) - timedelta(days=1)
    proposed = {
        on - timedelta(days=7): N_("7 ngày trước"),
        month: N_("cuối tháng trước"),
        quarter: N_("cuối quý trước"),
        year: N_("cuối năm trước"),
    }
    return [(words, day) for day, words in sorted(proposed.items(), reverse=True) if first <= day < on]
