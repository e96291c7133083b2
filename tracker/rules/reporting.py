"""Reporting periods that an office asks for by name."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from tracker.rules.words import N_


class Period(NamedTuple):
    """A named stretch of days, both ends included: the name is a msgid with its values."""

    msgid: str
    values: dict[str, Any]
    first: date
    last: date


def calendar_periods(today: date) -> Sequence[Period]:
    """Return the month, the quarter, the half-year, the nine months and the year in which `today` lies.

    The nine months are those from January; they stand in the list whatever the day.
    """
    year, month = today.year, today.month
    quarter = (month - 1) // 3 + 1
    half = 1 if month <= 6 else 2
    half_name = N_("6 tháng đầu năm %(year)s") if half == 1 else N_("6 tháng cuối năm %(year)s")
    return [
        Period(N_("Tháng %(month)s/%(year)s"), {"month": month, "year": year}, *_months(year, month, month)),
        Period(
            N_("Quý %(quarter)s/%(year)s"), {"quarter": "I" * quarter if quarter < 4 else "IV", "year": year},
            *_months(year, 3 * quarter - 2, 3 * quarter),
        ),
        Period(half_name, {"year": year}, *_months(year, 6 * half - 5, 6 * half)),
        Period(N_("9 tháng năm %(year)s"), {"year": year}, *_months(year, 1, 9)),
        Period(N_("Năm %(year)s"), {"year": year}, *_months(year, 1, 12)),
    ]  # fmt: skip


def reform_periods(today: date) -> Sequence[Period]:
    """Return the windows of the reports on administrative reform (CCHC) of the reporting year of `today`.

    That year ends on 14 December (domain §4): from the 15th on it is the next one.
    """
    year = today.year + (today >= date(today.year, 12, 15))
    before = date(year - 1, 12, 15)
    return [
        Period(N_("CCHC quý I/%(year)s"), {"year": year}, before, date(year, 3, 14)),
        Period(N_("CCHC 6 tháng %(year)s"), {"year": year}, before, date(year, 6, 14)),
        Period(N_("CCHC quý III/%(year)s"), {"year": year}, date(year, 6, 15), date(year, 9, 14)),
        Period(N_("CCHC năm %(year)s"), {"year": year}, before, date(year, 12, 14)),
    ]


def _months(year: int, first: int, last: int) -> tuple[date, date]:
    """Return the first day of one month and the last day of another of the same year."""
    end = date(year + last // 12, last % 12 + 1, 1) - timedelta(days=1)
    return date(year, first, 1), end
