"""The reminder ladder: which rung is reached, never "is it exactly N days"."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.rules.deadlines import WorkingCalendar
from tracker.rules.ladder import BadLadder, Ladder, Rung, rung_reached, rungs_between, steps_between

PLAIN = WorkingCalendar()
LADDER = Ladder()
# Tuesday 02/9 and Monday 01/9/2025 off, Saturday 30/8 worked in place of the Monday.
NATIONAL_DAY = WorkingCalendar(
    days_off=frozenset({date(2025, 9, 1), date(2025, 9, 2)}),
    working_days=frozenset({date(2025, 8, 30)}),
)
DUE_ON = date(2026, 6, 24)
LONG_AGO = date(2026, 1, 5)


def key_on(day, *, due_on=DUE_ON, given_on=LONG_AGO, calendar=PLAIN, ladder=LADDER):
    rung = rung_reached(due_on=due_on, given_on=given_on, day=day, calendar=calendar, ladder=ladder)
    return rung and rung.key


def all_rungs(*, due_on=DUE_ON, given_on=LONG_AGO, calendar=PLAIN, ladder=LADDER, days=90):
    return rungs_between(
        due_on=due_on,
        given_on=given_on,
        first=due_on - timedelta(days=days),
        last=due_on + timedelta(days=days),
        calendar=calendar,
        ladder=ladder,
    )


@pytest.mark.parametrize(
    ("day", "key"),
    [
        (date(2026, 6, 14), None),
        (date(2026, 6, 15), "before-7"),
        (date(2026, 6, 18), "before-7"),
        (date(2026, 6, 19), "before-3"),
        (date(2026, 6, 22), "before-3"),
        (date(2026, 6, 23), "before-1"),
        (date(2026, 6, 24), "due"),
        (date(2026, 6, 25), "late-1"),
        (date(2026, 6, 30), "late-1"),
        (date(2026, 7, 1), "late-w5"),
        (date(2026, 7, 7), "late-w5"),
        (date(2026, 7, 8), "late-w10"),
    ],
)
def test_each_rung_is_reached_on_its_day_and_stays_until_the_next(day, key):
    assert key_on(day) == key


@pytest.mark.parametrize(
    ("day", "key"),
    [
        (date(2025, 8, 27), "before-7"),
        (date(2025, 8, 28), "before-3"),
        (date(2025, 8, 29), "before-3"),
        (date(2025, 8, 30), "before-1"),
        (date(2025, 9, 1), "before-1"),
        (date(2025, 9, 2), "before-1"),
        (date(2025, 9, 3), "due"),
        (date(2025, 9, 4), "late-1"),
    ],
)
def test_holidays_do_not_count_and_a_working_saturday_does(day, key):
    assert key_on(day, due_on=date(2025, 9, 3), calendar=NATIONAL_DAY, given_on=date(2025, 8, 1)) == key


@pytest.mark.parametrize(
    ("day", "key"),
    [
        (date(2026, 6, 25), "before-3"),
        (date(2026, 6, 26), "before-1"),
        (date(2026, 6, 27), "before-1"),
        (date(2026, 6, 28), "due"),
        (date(2026, 6, 29), "late-1"),
        (date(2026, 7, 2), "late-1"),
        (date(2026, 7, 3), "late-w5"),
    ],
)
def test_a_due_date_on_a_sunday_reminds_on_the_friday_before(day, key):
    assert key_on(day, due_on=date(2026, 6, 28)) == key


def test_a_task_due_tomorrow_when_given_today_is_first_told_tomorrow():
    given_on = date(2026, 6, 23)

    assert key_on(date(2026, 6, 23), given_on=given_on) is None
    assert key_on(date(2026, 6, 24), given_on=given_on) == "due"


def test_a_rung_of_the_assignment_day_itself_is_skipped():
    given_on = date(2026, 6, 19)

    assert key_on(date(2026, 6, 19), given_on=given_on) is None
    assert key_on(date(2026, 6, 22), given_on=given_on) is None
    assert key_on(date(2026, 6, 23), given_on=given_on) == "before-1"


def test_a_task_given_after_its_due_date_is_told_at_the_next_rung():
    given_on = date(2026, 6, 26)

    assert key_on(date(2026, 6, 30), given_on=given_on) is None
    assert key_on(date(2026, 7, 1), given_on=given_on) == "late-w5"


def test_a_task_without_a_due_date_has_no_ladder():
    assert key_on(date(2026, 6, 24), due_on=None) is None
    assert (
        rungs_between(
            due_on=None, given_on=LONG_AGO, first=LONG_AGO, last=DUE_ON, calendar=PLAIN, ladder=LADDER
        )
        == ()
    )


def test_a_moved_due_date_starts_the_ladder_anew():
    day = date(2026, 6, 25)

    assert key_on(day) == "late-1"
    assert key_on(day, due_on=date(2026, 7, 6)) == "before-7"


def test_the_office_is_told_from_one_day_late_and_the_leader_from_five_working_days_late():
    told = {rung.key: set(rung.audience) for rung in all_rungs(days=20)}

    assert told == {
        "before-7": {"unit"},
        "before-3": {"unit"},
        "before-1": {"unit"},
        "due": {"unit"},
        "late-1": {"unit", "office"},
        "late-w5": {"unit", "office", "leader"},
        "late-w10": {"unit", "office", "leader"},
    }


def test_the_leader_may_be_told_later_than_the_office():
    ladder = Ladder(office_from=6, leader_from=8)
    told = {rung.key: set(rung.audience) for rung in all_rungs(ladder=ladder, days=20)}

    assert told["late-1"] == {"unit"}
    assert told["late-w5"] == {"unit", "office"}
    assert told["late-w10"] == {"unit", "office", "leader"}


def test_a_repeated_rung_waits_for_the_first_late_one():
    ladder = Ladder(late_first=10, late_every=2)

    assert [rung.key for rung in all_rungs(ladder=ladder, days=16)][4:] == [
        "late-10",
        "late-w8",
        "late-w10",
        "late-w12",
    ]


def test_all_rungs_of_a_task_can_be_listed_for_a_preview():
    rungs = all_rungs(given_on=date(2026, 6, 17), days=7)

    assert [(rung.day, rung.key) for rung in rungs] == [
        (date(2026, 6, 19), "before-3"),
        (date(2026, 6, 23), "before-1"),
        (date(2026, 6, 24), "due"),
        (date(2026, 6, 25), "late-1"),
        (date(2026, 7, 1), "late-w5"),
    ]


def test_a_ladder_is_made_from_the_settings_and_ignores_the_others():
    settings = {
        "reminder_before": [1, 5],
        "reminder_on_day": False,
        "escalate_leader_from": 10,
        "due_soon_days": 3,
    }

    ladder = Ladder.from_settings(settings)

    assert ladder == Ladder(before=(5, 1), on_day=False, leader_from=10)
    assert Ladder.from_settings({}) == Ladder()


@pytest.mark.parametrize(
    "settings",
    [
        {"reminder_before": (0,)},
        {"reminder_before": ("7",)},
        {"reminder_on_day": "có"},
        {"reminder_late_first": 0},
        {"reminder_late_every": 0},
        {"reminder_late_every": True},
        {"escalate_office_from": -1},
        {"escalate_leader_from": "năm"},
    ],
)
def test_settings_that_make_no_ladder_are_refused_in_vietnamese(settings):
    with pytest.raises(BadLadder) as refusal:
        Ladder.from_settings(settings)

    assert "ngày" in refusal.value.msgid % refusal.value.values


def test_rungs_before_the_due_date_must_fall():
    with pytest.raises(BadLadder):
        Ladder(before=(1, 3, 7))


near = st.dates(min_value=date(2026, 1, 1), max_value=date(2026, 6, 30))
calendars = st.builds(
    WorkingCalendar, days_off=st.frozensets(near, max_size=30), working_days=st.frozensets(near, max_size=8)
)
ladders = st.builds(
    Ladder,
    before=st.sets(st.integers(1, 20), max_size=4).map(lambda days: tuple(sorted(days, reverse=True))),
    on_day=st.booleans(),
    late_first=st.integers(1, 12),
    late_every=st.integers(1, 10),
    office_from=st.integers(1, 20),
    leader_from=st.integers(1, 20),
)


@given(due_on=near, given_on=near, day=near, calendar=calendars, ladder=ladders)
def test_the_rung_reached_is_the_last_listed_one(due_on, given_on, day, calendar, ladder):
    world = {"due_on": due_on, "given_on": given_on, "calendar": calendar, "ladder": ladder}

    listed = rungs_between(first=date(2025, 1, 1), last=day, **world)
    reached = rung_reached(day=day, **world)

    assert reached == (listed[-1] if listed else None)
    assert reached is None or given_on < reached.day <= day


@given(due_on=near, given_on=near, day=near, nights=st.integers(0, 60), calendar=calendars, ladder=ladders)
def test_the_ladder_only_climbs_and_a_missed_night_still_tells(
    due_on, given_on, day, nights, calendar, ladder
):
    world = {"due_on": due_on, "given_on": given_on, "calendar": calendar, "ladder": ladder}
    told = rung_reached(day=day, **world)
    later = day + timedelta(days=nights)

    now = rung_reached(day=later, **world)
    missed = rungs_between(first=day + timedelta(days=1), last=later, **world)

    assert told is None or (now is not None and now >= told)
    assert now == (missed[-1] if missed else told)


@given(due_on=near, given_on=near, calendar=calendars, ladder=ladders)
def test_no_two_rungs_of_a_task_share_a_day_or_a_key(due_on, given_on, calendar, ladder):
    rungs = all_rungs(due_on=due_on, given_on=given_on, calendar=calendar, ladder=ladder)

    assert len({rung.day for rung in rungs}) == len({rung.key for rung in rungs}) == len(rungs)


@given(due_on=near, calendar=calendars, ladder=ladders)
def test_whoever_is_told_stays_told(due_on, calendar, ladder):
    rungs: tuple[Rung, ...] = all_rungs(
        due_on=due_on, given_on=date(2025, 1, 1), calendar=calendar, ladder=ladder
    )

    assert all(earlier.audience <= later.audience for earlier, later in pairwise(rungs))


def steps(*, due_on, given_on=LONG_AGO, calendar=PLAIN, ladder=LADDER):
    last = due_on + timedelta(days=9)
    walked = steps_between(
        due_on=due_on, given_on=given_on, first=due_on, last=last, calendar=calendar, ladder=ladder
    )
    return [(step.rung.key, step.told_on) for step in walked]


def test_what_falls_on_a_day_off_is_told_on_the_next_working_day():
    friday, monday = date(2026, 6, 26), date(2026, 6, 29)

    assert steps(due_on=friday) == [("due", friday), ("late-1", monday), ("late-w5", date(2026, 7, 3))]


def test_what_a_later_rung_has_overtaken_by_the_next_working_day_is_not_told():
    sunday = date(2026, 6, 28)

    assert steps(due_on=sunday) == [
        ("due", None), ("late-1", date(2026, 6, 29)), ("late-w5", date(2026, 7, 3)),
    ]  # fmt: skip


def test_the_steps_are_what_asking_each_working_day_tells():
    told, asked = {}, set()
    for number in range(60):
        day = date(2025, 8, 10) + timedelta(days=number)
        key = key_on(day, due_on=date(2025, 8, 31), calendar=NATIONAL_DAY, given_on=date(2025, 8, 1))
        if NATIONAL_DAY.is_working(day) and key and key not in asked:
            asked.add(key)
            told[key] = day

    walked = steps_between(
        due_on=date(2025, 8, 31), given_on=date(2025, 8, 1), first=date(2025, 8, 10),
        last=date(2025, 10, 8), calendar=NATIONAL_DAY, ladder=LADDER,
    )  # fmt: skip

    assert {step.rung.key: step.told_on for step in walked if step.told_on} == told
