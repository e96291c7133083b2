"""The status rule stands twice, for a row and for SQL; here every combination of boundary days meets both."""

from datetime import date, timedelta
from itertools import product
from types import SimpleNamespace

import pytest
from sqlalchemy import insert, select

from tracker.models.task import TaskPeriod
from tracker.rules.status import OVERDUE_CELLS, Cell, State, cell_sql, days_overdue, overdue_sql, status_of

DAYS = [
    date(2024, 2, 28), date(2024, 2, 29), date(2024, 3, 1),
    date(2025, 2, 28), date(2025, 3, 1),
    date(2026, 6, 23), date(2026, 6, 24), date(2026, 6, 25), date(2026, 6, 30), date(2026, 7, 1),
    date(2026, 12, 31), date(2027, 1, 1),
]  # fmt: skip
MAYBE_DAYS = [None, *DAYS]
DUE = date(2026, 6, 24)


@pytest.fixture
def grid(session, make_task):
    """A stretch of days for each combination of state, deadline and day of the report."""
    task = make_task()
    combinations = list(product(State, MAYBE_DAYS, MAYBE_DAYS))
    rows = [
        {
            "task_id": task.id, "assigner_id": task.assigner_id, "unit_id": task.unit_id, "state": state,
            "due_on": due_on, "reported_on": reported_on,
            "valid_from": date(2000, 1, 1) + timedelta(days=number),
        }
        for number, (state, due_on, reported_on) in enumerate(combinations)
    ]  # fmt: skip
    session.execute(insert(TaskPeriod), rows)
    return len(rows)


@pytest.mark.both_databases
def test_the_twins_agree_on_every_combination_of_boundary_days(session, grid):
    stretches = select(TaskPeriod).where(TaskPeriod.valid_from < date(2020, 1, 1)).order_by(TaskPeriod.id)

    compared = 0
    for day in DAYS:
        pairs = session.execute(stretches.add_columns(cell_sql(TaskPeriod, day=day)))
        for stretch, cell in pairs:
            compared += 1
            asked = (stretch.state, stretch.due_on, stretch.reported_on, day)
            assert status_of(stretch, day=day) == (cell and Cell(cell)), asked

    assert compared == grid * len(DAYS) == 6 * 13 * 13 * 12


@pytest.mark.both_databases
def test_overdue_in_sql_is_standing_in_an_overdue_cell(session, grid):
    stretches = select(TaskPeriod).where(TaskPeriod.valid_from < date(2020, 1, 1))

    for day in DAYS:
        overdue = set(session.scalars(stretches.where(overdue_sql(TaskPeriod, day=day))))
        for stretch in session.scalars(stretches):
            in_overdue_cell = status_of(stretch, day=day) in OVERDUE_CELLS

            assert (stretch in overdue) == in_overdue_cell
            if in_overdue_cell:
                assert days_overdue(stretch, day=day) == (day - stretch.due_on).days > 0


def facts(state, *, due_on=DUE, reported_on=None):
    return SimpleNamespace(state=state, due_on=due_on, reported_on=reported_on)


@pytest.mark.parametrize(
    ("day", "cell"),
    [
        (date(2026, 6, 23), Cell.NOT_STARTED_NOT_DUE),
        (date(2026, 6, 24), Cell.NOT_STARTED_NOT_DUE),
        (date(2026, 6, 25), Cell.NOT_STARTED_OVERDUE),
    ],
)
def test_a_task_due_today_is_not_overdue(day, cell):
    task = facts(State.NOT_STARTED)

    assert status_of(task, day=day) is cell


@pytest.mark.parametrize(
    ("reported_on", "cell"),
    [
        (date(2026, 6, 23), Cell.COMPLETED_ON_TIME),
        (date(2026, 6, 24), Cell.COMPLETED_ON_TIME),
        (date(2026, 6, 25), Cell.COMPLETED_LATE),
    ],
)
def test_a_completed_task_is_late_by_the_day_of_its_report(reported_on, cell):
    task = facts(State.COMPLETED, reported_on=reported_on)

    assert status_of(task, day=date(2026, 12, 31)) is cell


def test_awaiting_confirmation_is_one_cell_whatever_the_deadline():
    for reported_on in (date(2026, 6, 24), date(2026, 6, 25)):
        task = facts(State.AWAITING_CONFIRMATION, reported_on=reported_on)

        assert status_of(task, day=date(2026, 12, 31)) is Cell.AWAITING_CONFIRMATION


def test_without_a_deadline_nothing_is_ever_late():
    day = date(2099, 12, 31)

    cells = [
        status_of(facts(state, due_on=None, reported_on=day), day=day)
        for state in (State.NOT_STARTED, State.IN_PROGRESS, State.COMPLETED)
    ]

    assert cells == [Cell.NOT_STARTED_NOT_DUE, Cell.IN_PROGRESS_NOT_DUE, Cell.COMPLETED_ON_TIME]


def test_drafts_and_cancelled_tasks_are_in_no_cell():
    assert status_of(facts(State.DRAFT), day=DUE) is None
    assert status_of(facts(State.CANCELLED), day=DUE) is None


@pytest.mark.parametrize(
    ("state", "reported_on", "days"),
    [
        (State.IN_PROGRESS, None, 5),
        (State.AWAITING_CONFIRMATION, date(2026, 6, 26), 2),
        (State.COMPLETED, date(2026, 6, 24), 0),
    ],
)
def test_days_overdue_count_to_the_report_or_to_the_day_asked(state, reported_on, days):
    task = facts(state, reported_on=reported_on)

    assert days_overdue(task, day=date(2026, 6, 29)) == days
