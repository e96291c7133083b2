"""Recording what became overdue: once, and right to the day, whenever the scheduler comes to it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from tests.jobs.conftest import at
from tracker.models import db
from tracker.models.progress import History
from tracker.operations import progress, reminders, requests, tasks
from tracker.operations.recording import Stamp
from tracker.rules.status import State

DUE = date(2026, 3, 20)
DAY_AFTER = date(2026, 3, 21)


def mark(day: date) -> int:
    return reminders.mark_overdue(today=day, at=at(f"{day} 00:05"))


def recorded() -> list[History]:
    return list(
        db.session.scalars(select(History).where(History.do == "became_overdue").order_by(History.id))
    )


@pytest.mark.both_databases
@pytest.mark.parametrize("state", [State.NOT_STARTED, State.IN_PROGRESS])
def test_a_task_becomes_overdue_on_the_day_after_its_deadline(cast, state):
    task = cast.make_task(state=state, due_on=DUE)

    on_the_day, after = mark(DUE), mark(DAY_AFTER)

    (row,) = recorded()
    assert (on_the_day, after) == (0, 1)
    assert (row.task_id, row.directive_id, row.unit_id) == (task.id, task.directive_id, task.unit_id)
    assert (row.on_day, row.at, row.by) == (DAY_AFTER, at(f"{DAY_AFTER} 00:05"), None)
    assert (row.payload, row.token) == (
        {"task": task.key, "due": "2026-03-20"},
        f"overdue:{task.id}:2026-03-20",
    )


@pytest.mark.both_databases
def test_run_again_it_records_nothing_twice(cast):
    cast.make_task(due_on=DUE)

    counts = [mark(DAY_AFTER), mark(DAY_AFTER), mark(DAY_AFTER + timedelta(days=30))]

    assert counts == [1, 0, 0]


@pytest.mark.parametrize(
    "state", [State.DRAFT, State.AWAITING_CONFIRMATION, State.COMPLETED, State.CANCELLED]
)
def test_what_does_not_run_when_its_deadline_passes_never_becomes_overdue(cast, state):
    cast.make_task(state=state, due_on=DUE)

    assert mark(DUE + timedelta(days=60)) == 0


def test_a_task_without_a_deadline_never_becomes_overdue(cast):
    cast.make_task(due_on=None)

    assert mark(date(2030, 1, 1)) == 0


@pytest.mark.both_databases
def test_days_off_are_made_up_for_to_the_day(cast):
    late = cast.make_task(state=State.COMPLETED, due_on=DUE, reported_on=DUE + timedelta(days=1))
    still = cast.make_task(due_on=DUE + timedelta(days=2))
    moved = cast.make_task(state=State.IN_PROGRESS, due_on=DUE)
    tasks.set_due(moved, stamp=Stamp(on=DUE + timedelta(days=3)), due_on=date(2026, 4, 1), reason="Lùi")

    count = mark(date(2026, 5, 4))

    assert count == 4
    assert {(row.task_id, row.on_day) for row in recorded()} == {
        (late.id, DAY_AFTER),
        (still.id, DUE + timedelta(days=3)),
        (moved.id, DAY_AFTER),
        (moved.id, date(2026, 4, 2)),
    }


def test_a_deadline_moved_on_its_own_day_was_never_missed(cast):
    task = cast.make_task(state=State.IN_PROGRESS, due_on=DUE)
    requests.ask_extension(task, stamp=Stamp(on=DUE, by=cast.head), until=date(2026, 4, 1), reason="Thêm")
    requests.grant_extension(task, stamp=Stamp(on=DUE, by=cast.tracker))

    assert mark(date(2026, 3, 31)) == 0


def test_rework_after_the_deadline_is_the_same_deadline_missed_once(cast):
    task = cast.make_task(state=State.AWAITING_CONFIRMATION, due_on=DUE, reported_on=DUE + timedelta(days=2))
    progress.rework(task, stamp=Stamp(on=DUE + timedelta(days=5), by=cast.tracker), reason="Thiếu")

    assert mark(DUE + timedelta(days=9)) == 1
    assert recorded()[0].on_day == DAY_AFTER


def test_a_task_given_after_its_deadline_is_overdue_from_the_day_it_was_given(cast):
    given = date(2026, 3, 25)
    cast.make_task(given_on=given, due_on=DUE)

    mark(given)

    assert recorded()[0].on_day == given


def test_the_day_begins_in_vietnam_at_seventeen_hours_utc(cast):
    from tracker import clock

    assert clock.day_of(at("2026-03-20 23:59")) == DUE
    assert clock.day_of(at("2026-03-21 00:00")) == DAY_AFTER
