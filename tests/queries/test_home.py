"""The statements of the first page and of the parts of B.4, on both databases."""

from datetime import date, timedelta

import pytest

from tests.counting import plan_of
from tracker.models.lengths import BY_LENGTH
from tracker.models.people import Role
from tracker.queries import b4, home
from tracker.queries.b4 import Question
from tracker.queries.home import Days
from tracker.queries.reach import Reach
from tracker.rules.deadlines import WorkingCalendar
from tracker.rules.status import State

TODAY = date(2026, 4, 13)
"""A Monday."""

pytestmark = pytest.mark.both_databases


@pytest.fixture
def days() -> Days:
    return Days.around(TODAY, calendar=WorkingCalendar(), due_soon=3, silent=10)


def test_days_around_a_monday(days: Days) -> None:
    assert days.newly_from == date(2026, 4, 10)
    assert days.soon_until == date(2026, 4, 16)
    assert days.silent_since == date(2026, 4, 3)


def test_days_around_a_wednesday_reach_over_the_week_end() -> None:
    days = Days.around(date(2026, 4, 15), calendar=WorkingCalendar(), due_soon=3, silent=10)

    assert days.newly_from == date(2026, 4, 14)
    assert days.soon_until == date(2026, 4, 20)


@pytest.mark.parametrize(
    ("due_on", "expected"),
    [
        (date(2026, 4, 9), set()),
        (date(2026, 4, 10), {"newly_overdue"}),
        (date(2026, 4, 12), {"newly_overdue"}),
        (date(2026, 4, 13), set()),
    ],
)
def test_newly_overdue_is_since_the_latest_working_day(cast, days, due_on: date, expected: set) -> None:
    cast.make_task(due_on=due_on)

    counts = home.counts_of(["newly_overdue"], home.given_by({cast.city.id}), days)

    assert {name for name, number in counts.items() if number} == expected


def test_the_lists_of_a_unit_count_what_is_open(cast, days) -> None:
    for due_on in (date(2026, 4, 10), TODAY, date(2026, 4, 16), date(2026, 4, 17), None):
        for state in (State.NOT_STARTED, State.IN_PROGRESS, State.AWAITING_CONFIRMATION, State.COMPLETED):
            cast.make_task(due_on=due_on, state=state)
    reach = Reach(cast.head, day=TODAY)

    counts = home.counts_of(home.UNIT_LISTS, home.work_of(reach), days)

    assert counts == {"overdue": 2, "today": 2, "soon": 2, "new": 5, "working": 5, "waiting": 5}


def test_a_leader_works_for_the_unit_itself_and_a_head_for_those_below_too(cast) -> None:
    division = cast.make_unit(parent=cast.commune)
    leader, head = cast.make_person(unit=cast.commune, role=Role.LEADER), cast.outsider
    below = cast.make_task(unit=division, coordinating=[])

    works = {
        user.login: home.has_work(Reach(user, day=TODAY)) for user in (leader, head)
    }

    assert below.unit is division
    assert works == {leader.login: False, head.login: True}


def test_the_trend_equals_the_table_of_each_day(cast) -> None:
    for step in range(0, 90, 9):
        given_on = date(2026, 1, 5) + timedelta(days=step)
        due_on = given_on + timedelta(days=10)
        cast.make_task(given_on=given_on, due_on=due_on)
        cast.make_task(given_on=given_on, due_on=due_on, state=State.COMPLETED)
    cast.make_task(given_on=date(2026, 1, 5), due_on=date(2026, 11, 30), state=State.IN_PROGRESS)
    days = [TODAY, date(2026, 12, 15), date(2027, 6, 15)]

    trends = {today: home.trend(cast.city.id, today=today) for today in days}

    for today, months in trends.items():
        assert [month.day for month in months] == home.month_ends(today)
    for month in (month for months in trends.values() for month in months):
        total = b4.table(Question(cast.city, month.day, month.day, month.day)).total
        assert (month.in_time, month.overdue) == (total.number_of("in_time"), total.number_of("overdue"))
    assert any(month.overdue for month in trends[TODAY])


def test_silent_units_stand_with_the_longest_silence_first(cast, days) -> None:
    cast.make_task(given_on=date(2026, 3, 20), due_on=None)
    cast.make_task(given_on=date(2026, 3, 10), due_on=None, unit=cast.commune)
    cast.make_task(given_on=date(2026, 4, 3), due_on=None, unit=cast.coordinating, coordinating=[])

    silent = home.silent_units(home.given_by({cast.city.id}), days)

    assert [(unit.code, unit.number) for unit in silent] == [("phu-an", 1), ("noi-vu", 1)]


@pytest.mark.about_sqlite
def test_silent_units_are_read_off_an_index_of_those_who_gave(cast, days) -> None:
    plan = plan_of(lambda: home.silent_units(home.given_by({cast.city.id}), days))

    assert "SEARCH task USING COVERING INDEX ix_task_heard_open (assigner_id=?" in plan, plan


@pytest.mark.about_sqlite
def test_the_trend_reads_of_each_month_what_was_open_at_its_end(cast) -> None:
    plan = plan_of(lambda: home.trend(cast.city.id, today=TODAY))

    by_length = f"COVERING INDEX {BY_LENGTH} (assigner_id=? AND <expr>=? AND valid_to>? AND valid_to<?)"
    assert plan.count(by_length) == home.MONTHS
    assert plan.count("ix_task_period_open (assigner_id=? AND valid_to=? AND valid_from<?)") == 1
    assert plan.count("TEMP B-TREE") == 1


def test_a_part_of_b4_counts_the_rows_of_the_units_reached(cast) -> None:
    cast.make_task()
    cast.make_task(unit=cast.commune)
    days = (date(2026, 3, 1), date(2026, 3, 31), date(2026, 3, 31))

    parts = {
        user.login: b4.table(Question(cast.city, *days, part=b4.part_open_to(user, day=TODAY)))
        for user in (cast.head, cast.outsider, cast.coordinator)
    }

    assert {login: [row.code for row in table.rows] for login, table in parts.items()} == {
        "binh": ["noi-vu"], "lan": ["phu-an"], "long": [],
    }  # fmt: skip


def test_assigners_open_to_a_person_begin_with_their_own(cast) -> None:
    own = cast.make_directive(issuer=cast.commune)
    cast.make_task(directive=own, unit=cast.commune, coordinating=[])
    cast.make_task(unit=cast.commune)

    def open_to(user) -> list[tuple[str, bool]]:
        return [(each.unit.code, each.in_full) for each in b4.assigners_open_to(user, day=TODAY)]

    assert open_to(cast.chairman) == [("song-huong", True), ("phu-an", True)]
    assert open_to(cast.outsider) == [("song-huong", False), ("phu-an", False)]
    assert open_to(cast.head) == []
    assert open_to(cast.admin) == []
