"""Recurring tasks that still run, for the lists of turns to come."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, time
from typing import Any, NamedTuple

from sqlalchemy import or_, select

from tracker.models import db
from tracker.models.directive import Directive
from tracker.models.people import User
from tracker.models.series import TaskSeries
from tracker.models.units import Unit
from tracker.queries.series import series_visible_to

MOST_SERIES = 500
"""How many series a list of turns to come looks at, the latest begun first."""


class RunningRow(NamedTuple):
    """A series that still runs; the facts of a `Course` are among it."""

    id: int
    content: str
    unit_name: str
    directive_id: int
    kind: str
    number: str | None
    phrase: str
    rule: str
    starts_on: date
    until: date | None
    last_day: date | None
    due_time: time | None
    ended_on: date | None


def running_series(
    user: User, *, day: date, unit_ids: Collection[int] | None = None, before: int | None = None,
    most: int = MOST_SERIES,
) -> list[RunningRow]:  # fmt: skip
    """Return the series that a person sees and that still run on a day, at most `most`, the latest first.

    `unit_ids` leaves those whose lead unit is one of these, `before` those begun before the one of this id.
    """
    query = (
        select(
            TaskSeries.id, TaskSeries.content, Unit.name, Directive.id, Directive.kind, Directive.number,
            TaskSeries.phrase, TaskSeries.rule, TaskSeries.starts_on, TaskSeries.until, TaskSeries.last_day,
            TaskSeries.due_time, TaskSeries.ended_on,
        )
        .join(Directive, Directive.id == TaskSeries.directive_id)
        .join(Unit, Unit.id == TaskSeries.unit_id)
        .where(
            TaskSeries.ended_on.is_(None), or_(TaskSeries.until.is_(None), TaskSeries.until >= day),
            series_visible_to(user, day=day),
        )
        .order_by(TaskSeries.id.desc())
        .limit(most)
    )  # fmt: skip
    if unit_ids is not None:
        query = query.where(TaskSeries.unit_id.in_(unit_ids))
    if before is not None:
        query = query.where(TaskSeries.id < before)
    rows: list[Any] = list(db.session.execute(query))
    return [RunningRow(*row) for row in rows]
