"""Stretches of days found by their lengths are those found by their days, at every edge of both."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from tests.counting import plan_of
from tracker.models import FAR_FUTURE, db
from tracker.models.lengths import BY_LENGTH, LENGTHS, covering
from tracker.models.task import HAS_ENDED, TaskPeriod
from tracker.rules.status import OPEN_STATES, State, in_states

BEGIN = date(2015, 1, 1)
EDGES = sorted({max(1, length + more) for length in LENGTHS[:-1] for more in (-1, 0, 1)} | {1, 2, 3_000})
"""Lengths around those by which stretches are sorted."""


def asked_by_length(assigner, day):
    by_length, is_covering = covering(TaskPeriod, day)
    return (
        select(TaskPeriod.id)
        .select_from(by_length)
        .where(TaskPeriod.assigner_id == assigner.id, in_states(TaskPeriod, OPEN_STATES))
        .where(HAS_ENDED, is_covering)
    )


@pytest.fixture
def stretches(cast):
    """Stretches of one assigner: each length begins on two days, and ends or has no end."""
    task = cast.make_task()
    db.session.flush()
    made = []
    for number, days in enumerate(EDGES):
        for place, state in enumerate((State.NOT_STARTED, State.AWAITING_CONFIRMATION)):
            first = BEGIN + timedelta(days=2 * number + place)
            made.append(
                TaskPeriod(
                    task_id=task.id, assigner_id=cast.city.id, unit_id=cast.lead.id, state=state,
                    valid_from=first, valid_to=first + timedelta(days=days),
                )
            )  # fmt: skip
    endless = TaskPeriod(
        task_id=task.id, assigner_id=cast.city.id, unit_id=cast.lead.id, state=State.IN_PROGRESS,
        valid_from=date(2014, 1, 1), valid_to=FAR_FUTURE,
    )  # fmt: skip
    db.session.add_all([*made, endless])
    db.session.commit()
    return made


@pytest.mark.both_databases
def test_by_length_is_found_what_has_the_day_in_it(cast, stretches):
    days = {
        day + timedelta(days=more)
        for each in stretches for day in (each.valid_from, each.valid_to) for more in (-1, 0, 1)
    }  # fmt: skip
    found = {day: set(db.session.scalars(asked_by_length(cast.city, day))) for day in days}

    assert found == {
        day: {each.id for each in stretches if each.valid_from <= day < each.valid_to} for day in days
    }
    assert any(found.values())


@pytest.mark.both_databases
def test_a_stretch_longer_than_any_is_found_too(cast, stretches):
    longest = stretches[-1]
    longest.valid_to = date(2180, 1, 1)
    db.session.commit()

    found = set(db.session.scalars(asked_by_length(cast.city, longest.valid_from)))
    assert longest.id in found


@pytest.mark.about_sqlite
def test_sqlite_goes_by_the_length(cast):
    plan = plan_of(lambda: db.session.scalars(asked_by_length(cast.city, BEGIN)).all())

    assert f"{BY_LENGTH} (assigner_id=? AND <expr>=? AND valid_to>? AND valid_to<?)" in plan
