"""Recurring tasks that still run, for the lists of turns to come."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, time
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import or_, select

from tracker.models import db
from tracker.models.directive import Directive
from tracker.models.people import User
from tracker.models.series import TaskSeries
from tracker.models.units import Unit
from tracker.queries.series import series_visible_to
from tracker.rules.text import fold

MOST_SERIES = 500
"""How many series a list of turns to come looks at, the latest begun first."""
_MOST_WORDS = 10


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


_ROW = (
    TaskSeries.id, TaskSeries.content, Unit.name, Directive.id, Directive.kind, Directive.number,
    TaskSeries.phrase, TaskSeries.rule, TaskSeries.starts_on, TaskSeries.until, TaskSeries.last_day,
    TaskSeries.due_time, TaskSeries.ended_on,
)  # fmt: skip


def running_series(
    user: User, *, day: date, unit_ids: Collection[int] | None = None, most: int = MOST_SERIES
) -> list[RunningRow]:
    """Return the series that a person sees and that still run on a day, at most `most`, the latest first.

    `unit_ids` leaves those whose lead unit is one of these.
    """
    query = _running(select(*_ROW), user, day).order_by(TaskSeries.id.desc()).limit(most)
    if unit_ids is not None:
        query = query.where(TaskSeries.unit_id.in_(unit_ids))
    rows: list[Any] = list(db.session.execute(query))
    return [RunningRow(*row) for row in rows]


class CourseRow(NamedTuple):
    """What decides the turns of a series that still runs, and what a list of series is narrowed by."""

    id: int
    rule: str
    starts_on: date
    until: date | None
    last_day: date | None
    due_time: time | None
    unit_id: int
    assigner_id: int


def courses_of_all(user: User, *, day: date, most: int, text: str = "") -> list[CourseRow]:
    """Return all series that a person sees and that still run on a day, at most `most`, the latest first.

    `text` leaves those that have each of its words, with or without marks, in their content, product, lead
    unit, deadline as written, or in what the register finds their directive by.
    """
    columns = (
        TaskSeries.id, TaskSeries.rule, TaskSeries.starts_on, TaskSeries.until, TaskSeries.last_day,
        TaskSeries.due_time, TaskSeries.unit_id, Directive.issuer_id,
    )  # fmt: skip
    words = fold(text).split()[:_MOST_WORDS]
    searched = (TaskSeries.content, TaskSeries.product, Unit.name, TaskSeries.phrase, Directive.search_text)
    query = _running(select(*columns, *(searched if words else ())), user, day)
    rows: list[Any] = list(db.session.execute(query.order_by(TaskSeries.id.desc()).limit(most)))
    if not words:
        return [CourseRow(*row) for row in rows]
    folded = cache(fold)
    return [
        CourseRow(*row[: len(columns)]) for row in rows
        if _has(words, [folded(each) for each in row[len(columns) :] if each])
    ]  # fmt: skip


def _has(words: Sequence[str], texts: Sequence[str]) -> bool:
    return all(any(word in text for text in texts) for word in words)


def running_rows(ids: Sequence[int]) -> list[RunningRow]:
    """Return the rows of series that a person is known to see by their ids, in the order of these."""
    query: Any = (
        select(*_ROW)
        .join(Directive, Directive.id == TaskSeries.directive_id)
        .join(Unit, Unit.id == TaskSeries.unit_id)
        .where(TaskSeries.id.in_(ids))
    )
    found = {row[0]: RunningRow(*row) for row in db.session.execute(query)}
    return [found[each] for each in ids]


def unit_names(ids: Collection[int]) -> dict[int, str]:
    """Return the names of units by their ids."""
    return dict(db.session.execute(select(Unit.id, Unit.name).where(Unit.id.in_(ids))).all())


def _running(query: Any, user: User, day: date) -> Any:
    return (
        query.join(Directive, Directive.id == TaskSeries.directive_id)
        .join(Unit, Unit.id == TaskSeries.unit_id)
        .where(
            TaskSeries.ended_on.is_(None), or_(TaskSeries.until.is_(None), TaskSeries.until >= day),
            series_visible_to(user, day=day),
        )
    )  # fmt: skip
