"""For every day of a random history B.4 equals a naive recount from the events.

`TRACKER_HISTORIES=500 pytest tests/test_random_histories.py` tries more histories than an ordinary run, and
makes one that fails as short as it can be, which takes minutes.
"""

import json
import os
from collections import defaultdict
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from sqlalchemy import select

from tests.conftest import nothing_stays
from tests.histories import ASSIGNERS, by_cell, histories, recount
from tracker.models import FAR_FUTURE
from tracker.models.task import Task
from tracker.models.units import Unit
from tracker.operations import history
from tracker.queries import b4

EXAMPLES = os.environ.get("TRACKER_HISTORIES")
QUICKLY = (Phase.explicit, Phase.reuse, Phase.generate)

pytestmark = pytest.mark.both_databases

many = settings(
    max_examples=int(EXAMPLES or 10),
    phases=tuple(Phase) if EXAMPLES else QUICKLY,
    deadline=None,
    print_blob=True,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large
    ],
)


def load(lines):
    history.load(json.dumps(line, ensure_ascii=False) for line in lines)


def days_around(lines):
    first, last = (date.fromisoformat(lines[at]["on"]) for at in (0, -1))
    return [first + timedelta(days=step) for step in range(-1, (last - first).days + 4)]


def periods_up_to(on, days):
    """Return some first days of a period that ends on `on`: the same day, a week, everything."""
    return sorted({on, on - timedelta(days=6), days[0]} - {day for day in days if day > on})


@given(lines=histories())
@many
def test_b4_of_every_day_is_the_naive_recount(app, lines):
    with nothing_stays(app) as session:
        load(lines)
        units = {unit.code: unit for unit in session.scalars(select(Unit))}
        keys = {task.id: task.key for task in session.scalars(select(Task))}
        days = days_around(lines)

        for on in days:
            for first in periods_up_to(on, days):
                expected = recount(lines, first=first, on=on)
                for assigner in ASSIGNERS:
                    question = b4.Question(units[assigner], first, on, on)
                    table = b4.table(question)
                    behind = session.execute(b4.tasks_behind(question)).all() if table.rows else []

                    asked = (assigner, first, on)
                    assert shown(table) == by_cell(expected[assigner]), asked
                    assert {
                        keys[row.task_id]: (code_of(units, row.unit_id), row.cell) for row in behind
                    } == expected[assigner], asked
                    assert len(behind) == table.total.all == sum(row.all for row in table.rows)
                    assert all(sum(row.cells) == row.all for row in table.rows)
                    assert table.without_deadline == sum(row.due_on is None for row in behind)


def shown(table):
    cells = ((row, cell, number) for row in table.rows for cell, number in row.counts.items())
    return {(row.code, cell.value): number for row, cell, number in cells if number}


def code_of(units, unit_id):
    return next(code for code, unit in units.items() if unit.id == unit_id)


@given(lines=histories(most_events=50))
@many
def test_each_number_opens_exactly_its_tasks(app, lines):
    with nothing_stays(app) as session:
        load(lines)
        on = date.fromisoformat(lines[-1]["on"])
        keys = {task.id: task.key for task in session.scalars(select(Task))}

        expected = recount(lines, first=on - timedelta(days=20), on=on)
        for unit in session.scalars(select(Unit).where(Unit.code.in_(ASSIGNERS))):
            question = b4.Question(unit, on - timedelta(days=20), on, on)
            of_cell, of_column = defaultdict(set), defaultdict(set)
            for key, (code, cell) in expected[unit.code].items():
                of_cell[code, cell].add(key)
                of_column[cell].add(key)
            for row in b4.table(question).rows:
                for cell, number in row.counts.items():
                    behind = session.execute(b4.tasks_behind(question, row_key=row.key, cell=cell)).all()
                    column = session.execute(b4.tasks_behind(question, cell=cell)).all()

                    assert len(behind) == number
                    assert {keys[task.task_id] for task in behind} == of_cell[row.code, cell.value]
                    assert {keys[task.task_id] for task in column} == of_column[cell.value]


@given(lines=histories())
@many
def test_the_stretches_of_a_task_leave_no_gap_and_end_with_its_present_facts(app, lines):
    with nothing_stays(app) as session:
        load(lines)

        for task in session.scalars(select(Task)):
            stretches = sorted(task.periods, key=lambda stretch: stretch.valid_from)

            assert bool(stretches) == (task.given_on is not None)
            if not stretches:
                continue
            assert stretches[0].valid_from == task.given_on
            assert stretches[-1].valid_to == FAR_FUTURE
            for before, after in pairwise(stretches):
                assert before.valid_from < before.valid_to == after.valid_from
            for fact in ("state", "unit_id", "assigner_id", "due_on", "reported_on"):
                assert getattr(stretches[-1], fact) == getattr(task, fact), fact


@given(lines=histories())
@many
def test_a_random_history_comes_back_as_the_same_lines(app, lines):
    with nothing_stays(app):
        load(lines)
        dumped = list(history.dump())

    with nothing_stays(app):
        history.load(dumped)
        again = list(history.dump())

    assert again == dumped
    assert len(dumped) == len(lines)
