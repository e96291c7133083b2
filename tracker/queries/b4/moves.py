"""How tasks came from one lead unit to another, told by their stretches of days."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import aliased

from tracker.models import db
from tracker.models.statements import among
from tracker.models.task import Task, TaskPeriod
from tracker.models.units import Unit
from tracker.queries.corrections import units_since
from tracker.rules.b4_report import B4Report, Move
from tracker.rules.status import OPEN_STATES, in_states

_AFTER = aliased(TaskPeriod)
_MOVED = and_(
    _AFTER.task_id == TaskPeriod.task_id, _AFTER.valid_from == TaskPeriod.valid_to,
    _AFTER.unit_id != TaskPeriod.unit_id, in_states(TaskPeriod, OPEN_STATES),
)  # fmt: skip
"""Joins a stretch with the next one where that has another lead unit; only an open task moves."""


def moves_of(report: B4Report, keys: Collection[str] | None = None) -> dict[str, Move]:
    """Return how tasks of a report came to their lead units within its period, by task key.

    `keys` are those of a few of its tasks; without them all are told. A frozen report may not know the last
    move of its cut-off day: what was moved after the freezing led to another lead unit than it has.
    """
    if keys is None:
        gave = TaskPeriod.assigner_id.in_(select(Unit.id).where(Unit.code == report.assigner_code))
        moves = _moves(gave, TaskPeriod.valid_to, report.first, report.on)
    else:
        ids = db.session.scalars(select(Task.id).where(Task.key.in_(keys)))
        moves = _moves_among(ids.all(), report.first, report.on)
    names = units_since({move.unit_id for move in moves}, report.on)
    leads = {task.key: task.unit for task in report.tasks}
    return {
        move.key: Move(move.valid_to, str(names.get(move.unit_id, {}).get("name", move.name)))
        for move in moves
        if leads.get(move.key) == move.into_code
    }


def moves_of_tasks(ids: Sequence[int], first: date, on: date) -> dict[int, Any]:
    """Return by task, of these, the stretch of days before its last move after `first` and not after `on`."""
    return {move.task_id: move for move in _moves_among(ids, first, on)}


def _moves_among(ids: Sequence[int], first: date, on: date) -> Sequence[Any]:
    # The day of the next stretch: by their own last days PostgreSQL walks the stretches of all tasks.
    return _moves(among(TaskPeriod.task_id, [*ids]), _AFTER.valid_from, first, on)


def _moves(chosen: ColumnElement[bool], day: Any, first: date, on: date) -> Sequence[Any]:
    """Return the moves after `first` and not after `on`, the last of a task after those before it."""
    before, into = TaskPeriod, aliased(Unit)
    query = (
        select(
            before.task_id, before.unit_id, before.valid_to, Task.key, Unit.name,
            into.code.label("into_code"),
        )
        .select_from(before)
        .join(_AFTER, _MOVED)
        .join(Task, Task.id == before.task_id)
        .join(Unit, Unit.id == before.unit_id)
        .join(into, into.id == _AFTER.unit_id)
        .where(chosen, day > first, day <= on)
        .order_by(before.valid_from)
    )  # fmt: skip
    return db.session.execute(query).all()


def moved_on_days(assigner_id: int, days: Mapping[int, date]) -> Sequence[tuple[int, int]]:
    """Return from which units to which others tasks of an assigner moved, each on its day (`days`, by unit).

    It asks nothing where there are no such units.
    """
    if not days:
        return ()
    before = TaskPeriod
    query = (
        select(before.unit_id, _AFTER.unit_id, before.valid_to)
        .select_from(before)
        .join(_AFTER, _MOVED)
        .where(before.assigner_id == assigner_id, before.valid_to.in_(set(days.values())))
        .distinct()
    )
    return [(old, new) for old, new, day in db.session.execute(query) if days.get(old) == day]
