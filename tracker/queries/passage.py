"""What “Vì sao?” is answered from: the stretches of a task's facts, and the entries that made them."""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import aliased

from tracker.models import db
from tracker.models.people import User
from tracker.models.progress import History
from tracker.models.task import TaskPeriod
from tracker.models.units import Unit
from tracker.rules.status import State


class StretchRow(NamedTuple):
    """The facts that decide row and cell of a task, from `valid_from` to the day before `valid_to`."""

    assigner_id: int
    assigner_code: str
    assigner_name: str
    unit_id: int
    unit_code: str
    unit_name: str
    state: State
    due_on: date | None
    reported_on: date | None
    valid_from: date
    valid_to: date


class DeedRow(NamedTuple):
    """An entry of the history of a task: what was done, when and by whom."""

    id: int
    do: str
    on_day: date | None
    at: datetime | None
    who: str | None
    who_unit: str | None
    note: str | None
    from_state: State | None
    to_state: State | None


def stretches_of(task_id: int) -> list[StretchRow]:
    """Return the stretches of a task's facts, the earliest first; none while it is a draft."""
    giver = aliased(Unit)
    query = (
        select(
            TaskPeriod.assigner_id, giver.code, giver.name, TaskPeriod.unit_id, Unit.code, Unit.name,
            TaskPeriod.state, TaskPeriod.due_on, TaskPeriod.reported_on, TaskPeriod.valid_from,
            TaskPeriod.valid_to,
        )
        .join(Unit, Unit.id == TaskPeriod.unit_id)
        .join(giver, giver.id == TaskPeriod.assigner_id)
        .where(TaskPeriod.task_id == task_id)
        .order_by(TaskPeriod.valid_from)
    )  # fmt: skip
    return [StretchRow(*row) for row in db.session.execute(query)]


def deeds_of(task_id: int) -> list[DeedRow]:
    """Return the entries that can have made a fact of a task, in the order of entry."""
    query = (
        select(
            History.id, History.do, History.on_day, History.at, User.name, Unit.name, History.note,
            History.from_state, History.to_state,
        )
        .outerjoin(User, User.id == History.by_id)
        .outerjoin(Unit, Unit.id == User.unit_id)
        .where(History.task_id == task_id, History.do != "became_overdue")
        .order_by(History.id)
    )  # fmt: skip
    return [DeedRow(*row) for row in db.session.execute(query)]
