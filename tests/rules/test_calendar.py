"""Working days are counted as the Civil Code counts them, and adding is the inverse of counting."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.rules.deadlines import WorkingCalendar, day_text, weekday_name

# The swap of 2024: Monday 29/4 off between the weekend and the holidays, worked on Saturday 04/5.
SPRING_2024 = WorkingCalendar(
    days_off=frozenset({date(2024, 4, 29), date(2024, 4, 30), date(2024, 5, 1)}),
    working_days=frozenset({date(2024, 5, 4)}),
)
PLAIN = WorkingCalendar()

days = st.dates(min_value=date(2020, 1, 1), max_value=date(2030, 12, 31))
near_days = st.dates(min_value=date(2025, 1, 1), max_value=date(2025, 4, 30))


@st.composite
def calendars(draw):
    days_off = draw(st.frozensets(near_days, max_size=40))
    worked = draw(st.frozensets(near_days, max_size=10))
    return WorkingCalendar(days_off=days_off, working_days=worked)


def naive_count(calendar, first, last):
    """Count day by day, first exclusive and last inclusive."""
    step = timedelta(days=1 if last >= first else -1)
    count, day = 0, first
    while day != last:
        day += step
        count += calendar.is_working(day)
    return count if last >= first else -count


@pytest.mark.parametrize(
    ("day", "worked"),
    [
        (date(2024, 4, 26), True),
        (date(2024, 4, 27), False),
        (date(2024, 4, 28), False),
        (date(2024, 4, 29), False),
        (date(2024, 5, 1), False),
        (date(2024, 5, 2), True),
        (date(2024, 5, 4), True),
        (date(2024, 5, 5), False),
    ],
)
def test_holidays_rest_and_swapped_saturdays_work(day, worked):
    assert SPRING_2024.is_working(day) is worked


def test_a_day_both_off_and_worked_is_worked():
    swapped = WorkingCalendar(
        days_off=frozenset({date(2026, 6, 24)}), working_days=frozenset({date(2026, 6, 24)})
    )

    assert swapped.is_working(date(2026, 6, 24))
    assert swapped.between(date(2026, 6, 23), date(2026, 6, 24)) == 1


@pytest.mark.parametrize(
    ("day", "next_day"),
    [
        (date(2024, 4, 26), date(2024, 4, 26)),
        (date(2024, 4, 27), date(2024, 5, 2)),
        (date(2024, 5, 1), date(2024, 5, 2)),
        (date(2024, 5, 4), date(2024, 5, 4)),
        (date(2024, 5, 5), date(2024, 5, 6)),
    ],
)
def test_the_next_working_day_is_the_day_itself_when_worked(day, next_day):
    assert SPRING_2024.next_working(day) == next_day


@pytest.mark.parametrize(
    ("day", "n", "reached"),
    [
        (date(2024, 4, 26), 0, date(2024, 4, 26)),
        (date(2024, 4, 26), 1, date(2024, 5, 2)),
        (date(2024, 4, 26), 3, date(2024, 5, 4)),
        (date(2024, 4, 26), 4, date(2024, 5, 6)),
        (date(2024, 4, 28), 1, date(2024, 5, 2)),
        (date(2024, 4, 28), -1, date(2024, 4, 26)),
        (date(2024, 5, 6), -1, date(2024, 5, 4)),
        (date(2024, 5, 6), -4, date(2024, 4, 26)),
        (date(2024, 5, 5), 0, date(2024, 5, 5)),
    ],
)
def test_working_days_are_counted_from_the_next_day(day, n, reached):
    assert SPRING_2024.add(day, n) == reached


@pytest.mark.parametrize(
    ("first", "last", "n"),
    [
        (date(2026, 6, 11), date(2026, 6, 24), 9),
        (date(2026, 6, 24), date(2026, 6, 24), 0),
        (date(2026, 6, 25), date(2026, 6, 24), -1),
        (date(2026, 6, 26), date(2026, 6, 27), 0),
        (date(2026, 6, 26), date(2026, 6, 29), 1),
        (date(2026, 6, 29), date(2026, 6, 27), 0),
        (date(2026, 6, 29), date(2026, 6, 26), -1),
    ],
)
def test_days_left_are_counted_without_today_and_with_the_due_date(first, last, n):
    assert PLAIN.between(first, last) == n


@given(calendar=calendars(), day=near_days, n=st.integers(-200, 200))
def test_adding_is_the_inverse_of_counting(calendar, day, n):
    reached = calendar.add(day, n)

    assert calendar.between(day, reached) == n
    assert n == 0 or calendar.is_working(reached)


@given(calendar=calendars(), day=near_days, n=st.integers(0, 200))
def test_the_last_day_within_some_working_days_has_no_day_behind_it_that_is_within(calendar, day, n):
    last = calendar.last_within(day, n)

    assert calendar.between(day, last) == n
    assert calendar.between(day, last + timedelta(days=1)) == n + 1


@given(calendar=calendars(), first=near_days, last=near_days)
def test_counting_agrees_with_walking_day_by_day(calendar, first, last):
    assert calendar.between(first, last) == naive_count(calendar, first, last)


@given(calendar=calendars(), first=near_days, last=near_days)
def test_a_counted_number_of_days_leads_back_to_a_working_last_day(calendar, first, last):
    if calendar.is_working(last) and last != first:
        assert calendar.add(first, calendar.between(first, last)) == last


@given(day=days, n=st.integers(0, 500), m=st.integers(0, 500))
def test_adding_twice_is_adding_the_sum(day, n, m):
    assert SPRING_2024.add(SPRING_2024.add(day, n), m) == SPRING_2024.add(day, n + m)


def test_weekdays_and_days_are_written_in_one_form():
    assert weekday_name(date(2026, 6, 24)) == "thứ Tư"
    assert weekday_name(date(2026, 6, 28)) == "Chủ nhật"
    assert day_text(date(2026, 6, 24)) == "24/06/2026"
    assert day_text(date(2026, 2, 5)) == "05/02/2026"
    assert day_text(date(2021, 12, 15)) == "15/12/2021"
