"""Recurring tasks: the days of a pattern, when a turn is given, what is passed over and what follows."""

from datetime import date, time, timedelta
from itertools import islice, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.rules.deadlines import Pattern, WorkingCalendar, read_deadline
from tracker.rules.series import Course, Skipped, decide, starts_after, upcoming

TET = frozenset(date(2026, 2, 14) + timedelta(days=number) for number in range(9))
"""16 to 22 February 2026 is a week on which nobody works."""
CALENDAR = WorkingCalendar(days_off=TET | {date(2026, 5, 1), date(2026, 9, 2)})
NOON = time(12)


def days(pattern, since, number=4, calendar=CALENDAR):
    found = islice(Pattern.parse(pattern).occurrences(since=since, calendar=calendar), number)
    return [each.due_on for each in found]


@pytest.mark.parametrize(
    ("pattern", "since", "expected"),
    [
        ("monthly 24", date(2026, 1, 24), [date(2026, 1, 24), date(2026, 2, 24), date(2026, 3, 24)]),
        ("monthly 24", date(2026, 1, 25), [date(2026, 2, 24), date(2026, 3, 24), date(2026, 4, 24)]),
        ("monthly 15 30", date(2026, 2, 1), [date(2026, 2, 15), date(2026, 2, 28), date(2026, 3, 15)]),
        ("monthly 31", date(2026, 1, 31), [date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31)]),
        ("monthly 30", date(2028, 1, 31), [date(2028, 2, 29), date(2028, 3, 30), date(2028, 4, 30)]),
        ("annual 29/2", date(2026, 3, 1), [date(2027, 2, 28), date(2028, 2, 29), date(2029, 2, 28)]),
        ("quarterly 20/3 20/6 20/9 20/12", date(2026, 6, 21),
         [date(2026, 9, 20), date(2026, 12, 20), date(2027, 3, 20)]),
        ("quarterly 31/3 30/6 30/9 31/12", date(2026, 3, 31),
         [date(2026, 3, 31), date(2026, 6, 30), date(2026, 9, 30)]),
        ("semiannual 15/6 10/12", date(2026, 1, 1),
         [date(2026, 6, 15), date(2026, 12, 10), date(2027, 6, 15)]),
        ("weekly fri", date(2026, 4, 24), [date(2026, 4, 24), date(2026, 5, 1), date(2026, 5, 8)]),
        ("weekly", date(2026, 4, 24), [date(2026, 4, 24), date(2026, 4, 30), date(2026, 5, 8)]),
        ("weekly", date(2026, 2, 9), [date(2026, 2, 13), date(2026, 2, 27), date(2026, 3, 6)]),
        ("daily", date(2026, 2, 12), [date(2026, 2, 12), date(2026, 2, 13), date(2026, 2, 23)]),
    ],
)  # fmt: skip
def test_a_pattern_names_its_days_in_order(pattern, since, expected):
    assert days(pattern, since, 3) == expected


@pytest.mark.parametrize(
    ("phrase", "pattern"),
    [
        ("trước ngày 25 hằng tháng", "monthly 24"),
        ("trước ngày 01 hằng tháng", "monthly 31"),
        ("ngày 31 hằng tháng", "monthly 31"),
        ("trước ngày 15 và ngày 30 hằng tháng", "monthly 14 29"),
        ("trước 14 giờ ngày 25 hằng tháng", "monthly 25"),
        ("chậm nhất ngày 20 của tháng cuối quý", "quarterly 20/3 20/6 20/9 20/12"),
        ("trước ngày 1 của tháng đầu quý", "quarterly 31/3 31/6 31/9 31/12"),
        ("báo cáo hằng quý", "quarterly 31/3 31/6 31/9 31/12"),
        ("thứ Sáu hằng tuần", "weekly fri"),
        ("trước thứ Hai hằng tuần", "weekly sun"),
        ("báo cáo hằng tuần", "weekly"),
        ("báo cáo hằng ngày", "daily"),
        ("ngày 15/6 và 15/12 hằng năm", "semiannual 15/6 15/12"),
        ("trước ngày 01/01 hằng năm", "annual 31/12"),
        ("trước ngày 25/6/2026", None),
        ("thường xuyên", None),
    ],
)
def test_a_phrase_gives_its_pattern_and_its_first_day_from_it(phrase, pattern):
    day = date(2026, 3, 2)

    reading = read_deadline(phrase, issued_on=day, received_on=day, calendar=CALENDAR)

    assert (reading.pattern and str(reading.pattern)) == pattern
    if pattern:
        assert reading.due_on == days(pattern, day, 1)[0]
        assert reading.recurrence == pattern.split()[0]


PATTERNS = st.one_of(
    st.sets(st.integers(1, 31), min_size=1, max_size=3).map(lambda days: str(Pattern.each_month(*days))),
    st.sampled_from(["daily", "weekly", "weekly mon", "weekly sun"]),
    st.builds(
        lambda recurrence, days: str(Pattern.in_year(recurrence, days)),
        st.sampled_from(["quarterly", "semiannual", "annual"]),
        st.sets(st.tuples(st.integers(1, 12), st.integers(0, 31)), min_size=1, max_size=4),
    ),
)


@given(pattern=PATTERNS, since=st.dates(date(2020, 1, 1), date(2035, 12, 31)))
@settings(max_examples=60, deadline=None)
def test_any_pattern_is_read_back_and_its_days_only_go_forward(pattern, since):
    found = list(islice(Pattern.parse(pattern).occurrences(since=since, calendar=CALENDAR), 6))

    assert str(Pattern.parse(pattern)) == pattern
    assert found[0].due_on >= since
    assert all(one.day < other.day and one.due_on < other.due_on for one, other in pairwise(found))


@pytest.mark.parametrize(
    "text",
    ["", "hourly", "monthly", "monthly 0", "monthly 32", "monthly 024", "weekly xyz",
     "weekly fri sat", "daily 1", "annual", "annual 1/13", "annual 0/1", "quarterly 20/3  20/6", "annual ²/3",
     "annual 1/2/3", "monthly x"],
)  # fmt: skip
def test_what_is_no_pattern_is_refused(text):
    with pytest.raises(ValueError):
        Pattern.parse(text)


def course(pattern="monthly 24", **facts):
    return Course(pattern=Pattern.parse(pattern), **{"starts_on": date(2026, 3, 2)} | facts)


def decided(course, today, *, hour=NOON, gives_past=False, ahead_days=15):
    done, following = decide(
        course, today=today, hour=hour, ahead_days=ahead_days, calendar=CALENDAR, gives_past=gives_past
    )
    return [(turn.due_on, why) for turn, why in done], following


@pytest.mark.parametrize(
    ("today", "is_given"),
    [(date(2026, 3, 8), False), (date(2026, 3, 9), True), (date(2026, 3, 10), True)],
)
def test_a_turn_is_given_so_many_days_before_it_is_due(today, is_given):
    done, following = decided(course(), today)

    assert done == ([(date(2026, 3, 24), None)] if is_given else [])
    assert following.due_on == (date(2026, 4, 24) if is_given else date(2026, 3, 24))


def test_a_turn_waits_until_the_one_before_it_is_due():
    done, following = decided(course("weekly fri", last_day=date(2026, 3, 6)), date(2026, 3, 6))

    assert done == []
    assert (following.due_on, following.give_on) == (date(2026, 3, 13), date(2026, 3, 7))


def test_days_off_hide_no_turn_and_a_turn_is_never_given_after_it_is_due():
    done, following = decided(course("daily", starts_on=date(2026, 2, 1), last_day=date(2026, 2, 13)),
                              date(2026, 2, 23))  # fmt: skip

    assert done == [(date(2026, 2, 23), None)]
    assert following.give_on == following.due_on == date(2026, 2, 24)


def test_turns_that_went_by_are_passed_over_and_the_one_of_today_is_given():
    done, following = decided(course(), date(2026, 5, 24))

    assert done == [
        (date(2026, 3, 24), Skipped.PAST), (date(2026, 4, 24), Skipped.PAST), (date(2026, 5, 24), None),
    ]  # fmt: skip
    assert following.due_on == date(2026, 6, 24)


def test_turns_that_went_by_are_given_where_the_setting_says_so():
    done, _following = decided(course(), date(2026, 4, 25), gives_past=True)

    assert done == [(date(2026, 3, 24), None), (date(2026, 4, 24), None)]


@pytest.mark.parametrize(
    ("hour", "why"), [(time(13, 59), None), (time(14), None), (time(14, 1), Skipped.PAST)]
)
def test_a_deadline_with_an_hour_has_passed_after_that_hour(hour, why):
    done, _following = decided(course(due_time=time(14)), date(2026, 3, 24), hour=hour)

    assert done == [(date(2026, 3, 24), why)]


def test_what_is_done_with_does_not_come_again_and_nothing_comes_after_the_end():
    facts = course(last_day=date(2026, 3, 24), until=date(2026, 5, 23))

    done, following = decided(facts, date(2026, 4, 20))

    assert done == [(date(2026, 4, 24), None)]
    assert following is None


def test_the_next_turns_are_told_as_they_will_be_given():
    found = upcoming(course(), today=date(2026, 3, 26), ahead_days=15, calendar=CALENDAR, number=2)

    assert [(turn.give_on, turn.due_on) for turn in found] == [
        (date(2026, 4, 9), date(2026, 4, 24)), (date(2026, 5, 9), date(2026, 5, 24)),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("last", "old", "new", "expected"),
    [
        (date(2026, 6, 20), "monthly 20", "monthly 24", date(2026, 7, 1)),
        (date(2026, 6, 20), "quarterly 20/3 20/6 20/9 20/12", "quarterly 25/3 25/6 25/9 25/12",
         date(2026, 7, 1)),
        (date(2026, 6, 15), "semiannual 15/6 15/12", "semiannual 20/6 20/12", date(2026, 7, 1)),
        (date(2026, 12, 31), "annual 31/12", "annual 20/12", date(2027, 1, 1)),
        (date(2026, 6, 19), "weekly fri", "weekly sat", date(2026, 6, 22)),
        (date(2026, 6, 19), "daily", "daily", date(2026, 6, 20)),
        (date(2026, 6, 20), "monthly 20", "quarterly 25/3 25/6 25/9 25/12", date(2026, 6, 21)),
    ],
)  # fmt: skip
def test_a_changed_series_does_not_ask_twice_in_one_period(last, old, new, expected):
    assert starts_after(last, Pattern.parse(old), Pattern.parse(new)) == expected
