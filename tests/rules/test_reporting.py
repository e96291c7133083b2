"""The periods that offices report by: their days, their neighbours, and the day on which they are cut off."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest

from tracker.rules.reporting import (
    FIRST_YEAR,
    LAST_YEAR,
    REFORM_KINDS,
    PeriodKind,
    beside,
    cut_off_of,
    earlier_days,
    named_period,
    periods_of,
    reform_year_of,
)
from tracker.rules.settings import RULES, BadSetting, read_setting

LATER = date(2027, 1, 1)


def name(first: date, last: date) -> str | None:
    """Return what a period is called."""
    period = named_period(first, last)
    return period and period.msgid % period.values


@pytest.mark.parametrize("kind", [PeriodKind.MONTH, PeriodKind.QUARTER, PeriodKind.HALF_YEAR])
@pytest.mark.parametrize("year", [2024, 2026, 2100])
def test_months_quarters_and_half_years_cover_the_year_without_gap_or_overlap(kind, year: int) -> None:
    periods = periods_of(kind, year)

    assert (periods[0].first, periods[-1].last) == (date(year, 1, 1), date(year, 12, 31))
    for before, after in pairwise(periods):
        assert before.last + timedelta(days=1) == after.first


def test_february_of_a_leap_year_ends_on_the_29th() -> None:
    assert periods_of(PeriodKind.MONTH, 2028)[1].last == date(2028, 2, 29)


def test_the_reform_windows_are_those_of_the_ministry() -> None:
    days = {kind: periods_of(kind, 2026)[0] for kind in REFORM_KINDS}

    assert [(each.first, each.last) for each in days.values()] == [
        (date(2025, 12, 15), date(2026, 3, 14)), (date(2025, 12, 15), date(2026, 6, 14)),
        (date(2026, 6, 15), date(2026, 9, 14)), (date(2025, 12, 15), date(2026, 12, 14)),
    ]  # fmt: skip


@pytest.mark.parametrize(("day", "year"), [(date(2026, 12, 14), 2026), (date(2026, 12, 15), 2027)])
def test_the_reform_year_ends_on_14_december(day: date, year: int) -> None:
    assert reform_year_of(day) == year


def test_a_period_is_known_by_its_days() -> None:
    assert name(date(2026, 4, 1), date(2026, 6, 30)) == "Quý II/2026"
    assert name(date(2026, 10, 1), date(2026, 12, 31)) == "Quý IV/2026"
    assert name(date(2026, 1, 1), date(2026, 9, 30)) == "9 tháng năm 2026"
    assert name(date(2025, 12, 15), date(2026, 6, 14)) == "CCHC 6 tháng 2026"
    assert name(date(2026, 4, 2), date(2026, 6, 30)) is None
    assert name(date(1, 1, 1), date(1, 12, 31)) is None


@pytest.mark.parametrize("kind", list(PeriodKind))
def test_the_period_after_the_one_before_is_the_same_across_years(kind: PeriodKind) -> None:
    for period in periods_of(kind, 2026):
        before, after = beside(period, -1), beside(period, 1)

        assert before is not None
        assert after is not None
        assert beside(before, 1) == beside(after, -1) == period
        assert before.first < period.first < after.first


def test_the_first_quarter_follows_the_fourth_of_the_year_before() -> None:
    before = beside(periods_of(PeriodKind.QUARTER, 2026)[0], -1)

    assert before == periods_of(PeriodKind.QUARTER, 2025)[3]


@pytest.mark.parametrize(("year", "step"), [(FIRST_YEAR, -1), (LAST_YEAR, 1)])
def test_beyond_the_named_years_there_is_no_period(year: int, step: int) -> None:
    assert beside(periods_of(PeriodKind.YEAR, year)[0], step) is None


@pytest.mark.parametrize(
    ("first", "last", "today", "offset", "proposed"),
    [
        (date(2026, 4, 1), date(2026, 6, 30), date(2026, 6, 29), 0, date(2026, 6, 29)),
        (date(2026, 4, 1), date(2026, 6, 30), date(2026, 7, 1), 0, date(2026, 6, 30)),
        (date(2026, 4, 1), date(2026, 6, 30), date(2026, 7, 1), 7, date(2026, 6, 30)),
        (date(2021, 12, 15), date(2022, 6, 14), LATER, 0, date(2022, 6, 14)),
        (date(2021, 12, 15), date(2022, 6, 14), LATER, 7, date(2022, 6, 7)),
        (date(2021, 12, 15), date(2022, 6, 14), date(2022, 6, 6), 7, date(2022, 6, 6)),
        (date(2021, 12, 15), date(2022, 6, 13), LATER, 7, date(2022, 6, 13)),
    ],
)
def test_only_a_reform_window_is_cut_off_earlier(first, last, today, offset, proposed) -> None:
    assert cut_off_of(first, last, today=today, reform_offset_days=offset) == proposed


def test_the_offset_is_a_setting_that_leaves_a_day_of_every_window() -> None:
    shortest = min(p.last - p.first for kind in REFORM_KINDS for p in periods_of(kind, 2026))

    assert RULES["cchc_offset_days"].default == 0
    assert read_setting("cchc_offset_days", "7") == 7
    assert timedelta(days=read_setting("cchc_offset_days", "60")) < shortest
    with pytest.raises(BadSetting):
        read_setting("cchc_offset_days", "61")


def test_days_to_compare_with_lie_in_the_period_before_the_cut_off() -> None:
    year = [day for _words, day in earlier_days(date(2026, 1, 1), date(2026, 6, 10))]
    month = [day for _words, day in earlier_days(date(2026, 6, 1), date(2026, 6, 10))]
    first_day = earlier_days(date(2026, 6, 10), date(2026, 6, 10))

    assert year == [date(2026, 6, 3), date(2026, 5, 31), date(2026, 3, 31)]
    assert month == [date(2026, 6, 3)]
    assert first_day == []
