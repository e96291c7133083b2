"""What is told at once: deadlines with an hour, and how often somebody may be told."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from tracker.rules.ladder import Ladder
from tracker.rules.prompt import hour_rungs, may_prompt

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
DUE_ON = date(2026, 3, 21)
"""A Saturday."""
LONG_AGO = date(2026, 3, 2)
QUARTER = timedelta(minutes=15)


def moment(text):
    return datetime.fromisoformat(text).replace(tzinfo=VIETNAM)


def rungs_at(text, **values):
    values = {
        "due_on": DUE_ON, "due_time": time(14), "given_on": LONG_AGO, "given_at": None, "hours_before": 2,
        "reminder_time": time(7), "ladder": Ladder(),
    } | values  # fmt: skip
    return hour_rungs(now=moment(text), zone=VIETNAM, **values)


@pytest.mark.parametrize(
    ("now", "rungs"),
    [
        ("2026-03-20 23:59", ()),
        ("2026-03-21 06:59", ()),
        ("2026-03-21 07:00", ("due",)),
        ("2026-03-21 11:59:59", ("due",)),
        ("2026-03-21 12:00", ("due", "hour-2")),
        ("2026-03-21 13:59:59", ("due", "hour-2")),
        ("2026-03-21 14:00", ("due",)),
        ("2026-03-21 23:59:59", ("due",)),
        ("2026-03-22 00:00", ()),
    ],
)
def test_the_morning_and_the_hours_before_are_reached_and_pass(now, rungs):
    assert rungs_at(now) == rungs


def test_the_hour_is_that_of_vietnam_whatever_zone_the_moment_is_told_in():
    utc = datetime.fromisoformat("2026-03-21T05:00:00+00:00")

    assert hour_rungs(
        due_on=DUE_ON, due_time=time(14), given_on=LONG_AGO, given_at=None, now=utc, zone=VIETNAM,
        hours_before=2, reminder_time=time(7), ladder=Ladder(),
    ) == ("due", "hour-2")  # fmt: skip


def test_the_hours_before_an_early_deadline_begin_the_evening_before():
    assert rungs_at("2026-03-20 23:00", due_time=time(1)) == ("hour-2",)
    assert rungs_at("2026-03-21 00:59", due_time=time(1)) == ("hour-2",)
    assert rungs_at("2026-03-21 01:00", due_time=time(1)) == ()


def test_no_hours_and_no_reminder_on_the_day_leave_nothing():
    assert rungs_at("2026-03-21 12:00", hours_before=0) == ("due",)
    assert rungs_at("2026-03-21 12:00", ladder=Ladder(on_day=False)) == ("hour-2",)


@pytest.mark.parametrize(
    ("given_at", "rungs"),
    [("2026-03-21 11:59:59", ("hour-2",)), ("2026-03-21 12:00", ()), (None, ("hour-2",))],
)
def test_of_a_task_given_on_the_day_only_what_comes_after_is_told(given_at, rungs):
    given = moment(given_at) if given_at else None

    assert rungs_at("2026-03-21 12:30", given_on=DUE_ON, given_at=given) == rungs


@pytest.mark.parametrize(
    ("last", "may"),
    [
        (None, True),
        ("2026-03-20 08:45:00", True),
        ("2026-03-20 08:45:01", False),
        ("2026-03-20 09:00:00", False),
        ("2026-03-20 09:00:01", True),
    ],
)
def test_a_person_is_told_at_most_once_a_quarter_of_an_hour(last, may):
    last_at = moment(last) if last else None

    assert may_prompt(last_at=last_at, now=moment("2026-03-20 09:00"), gap=QUARTER) == may
