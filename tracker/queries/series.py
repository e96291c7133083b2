"""Recurring tasks: which series have a turn to give, and what pages show of them."""

from __future__ import annotations

from datetime import date, datetime, time
from types import SimpleNamespace
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, literal, null, select

from tracker.models import db
from tracker.models.directive import Directive
from tracker.models.people import User
from tracker.models.progress import History
from tracker.models.series import SeriesCoordination, SeriesOccurrence, TaskSeries
from tracker.models.statements import prepared
from tracker.models.task import Task
from tracker.models.units import Unit
from tracker.queries.settings import all_settings, working_calendar
from tracker.queries.standing import tasks_visible_to
from tracker.rules.deadlines import Pattern
from tracker.rules.series import Course
from tracker.rules.status import State

_AS_TASK = SimpleNamespace(
    id=TaskSeries.id, assigner_id=Directive.issuer_id, unit_id=TaskSeries.unit_id,
    officer_id=TaskSeries.officer_id, tracker_id=TaskSeries.tracker_id, leader_id=TaskSeries.leader_id,
    parent_id=null(), state=literal(State.NOT_STARTED, Task.state.type),
)  # fmt: skip
_AS_COORDINATION = SimpleNamespace(task_id=SeriesCoordination.series_id, unit_id=SeriesCoordination.unit_id)
TURNS = 36
"""Turns on one page of a series."""


def course_of(series: Any) -> Course:
    """Return the facts of a stored series that decide its turns; raise `ValueError` when they are no rule."""
    return Course(
        pattern=Pattern.parse(series.rule),
        starts_on=series.starts_on,
        until=series.until,
        last_day=series.last_day,
        due_time=series.due_time,
    )


_COURSE = (
    TaskSeries.id, TaskSeries.key, TaskSeries.rule, TaskSeries.starts_on, TaskSeries.until,
    TaskSeries.last_day, TaskSeries.due_time,
)  # fmt: skip


def due_now(*, today: date) -> tuple[list[tuple[int, str]], list[str]]:
    """Return id and key of the series of which something is to be given or passed over on `today`, and the
    keys of those whose rule cannot be read."""
    due: list[tuple[int, str]] = []
    unreadable: list[str] = []
    running = _running().all()
    if not running:
        return due, unreadable
    settings, calendar = all_settings(), working_calendar()
    for row in running:
        try:
            course = course_of(row)
        except ValueError:
            unreadable.append(row.key)
            continue
        first = next(course.turns(ahead_days=settings["series_ahead_days"], calendar=calendar), None)
        if first is not None and first.give_on <= today:
            due.append((row.id, row.key))
    return due, unreadable


@prepared
def _running() -> Any:
    return select(*_COURSE).where(TaskSeries.ended_on.is_(None)).order_by(TaskSeries.id)


def heir_of(unit: Unit, day: date) -> Unit | None:
    """Return the unit itself or, once it ended, the one that follows it on `day`; None when none does."""
    seen: set[Unit] = set()
    step: Unit | None = unit
    while step is not None and step not in seen and not step.exists_on(day):
        seen.add(step)
        step = step.successor
    return step if step is not None and step not in seen else None


def series_visible_to(user: User, *, day: date) -> ColumnElement[bool]:
    """Return the SQL condition over `TaskSeries` joined with its `Directive` that a person sees a series:
    whoever would see the tasks that it gives."""
    return tasks_visible_to(user, day=day, task=_AS_TASK, coordination=_AS_COORDINATION)


class SeriesRow(NamedTuple):
    """One series in the list of its directive; the facts of a `Course` are among it."""

    id: int
    item: str | None
    content: str
    unit_name: str
    phrase: str
    rule: str
    starts_on: date
    until: date | None
    last_day: date | None
    due_time: time | None
    given: int
    ended_on: date | None


def series_of(directive_id: int, *, user: User, day: date) -> list[SeriesRow]:
    """Return the series of a directive that a person sees, those still running first."""
    query = (
        select(
            TaskSeries.id, TaskSeries.item, TaskSeries.content, Unit.name, TaskSeries.phrase, TaskSeries.rule,
            TaskSeries.starts_on, TaskSeries.until, TaskSeries.last_day, TaskSeries.due_time,
            TaskSeries.given, TaskSeries.ended_on,
        )
        .join(Directive, Directive.id == TaskSeries.directive_id)
        .join(Unit, Unit.id == TaskSeries.unit_id)
        .where(TaskSeries.directive_id == directive_id, series_visible_to(user, day=day))
        .order_by(TaskSeries.ended_on.is_not(None), TaskSeries.id)
    )  # fmt: skip
    rows: list[Any] = list(db.session.execute(query))
    return [SeriesRow(*row) for row in rows]


def visible_series(series_id: int, *, user: User, day: date) -> TaskSeries | None:
    """Return a series that a person sees, None for any other."""
    query = (
        select(TaskSeries)
        .join(Directive, Directive.id == TaskSeries.directive_id)
        .where(TaskSeries.id == series_id, series_visible_to(user, day=day))
    )
    return db.session.scalar(query)


class TurnRow(NamedTuple):
    """A turn that was given (with the id of its task) or passed over."""

    day: date
    due_on: date
    made_on: date
    number: int | None
    task_id: int | None
    skipped: str | None


def turns_of(series_id: int, *, before: date | None = None, limit: int = TURNS) -> tuple[list[TurnRow], bool]:
    """Return the turns of a series, the latest first, and whether older ones follow."""
    occurrence = SeriesOccurrence
    query = (
        select(
            occurrence.day, occurrence.due_on, occurrence.made_on, occurrence.number, occurrence.task_id,
            occurrence.skipped,
        )
        .where(occurrence.series_id == series_id)
        .order_by(occurrence.day.desc())
        .limit(limit + 1)
    )  # fmt: skip
    if before is not None:
        query = query.where(occurrence.day < before)
    rows = [TurnRow(*row) for row in db.session.execute(query)]
    return rows[:limit], len(rows) > limit


class Deed(NamedTuple):
    """What was done to a series itself."""

    do: str
    on_day: date | None
    at: datetime | None
    who: str | None
    note: str | None
    changes: list[Any] | None


def deeds_of(series: TaskSeries) -> list[Deed]:
    """Return how a series was begun, changed and ended, oldest first."""
    query = (
        select(History.do, History.on_day, History.at, User.name, History.note, History.changes)
        .outerjoin(User, User.id == History.by_id)
        .where(
            History.directive_id == series.directive_id,
            History.do.in_(("series", "series_change", "series_end")),
            History.payload["series"].as_string() == series.key,
        )
        .order_by(History.id)
    )
    return [Deed(*row) for row in db.session.execute(query)]


class Membership(NamedTuple):
    """The series of which a task is a turn."""

    series_id: int
    number: int
    is_visible: bool


def membership_of(task_id: int, *, user: User, day: date) -> Membership | None:
    """Return of which series a task is which turn, and whether the person sees the series; else None."""
    row = _turn(task_id=task_id).first()
    if row is None:
        return None
    visible = (
        select(TaskSeries.id)
        .join(Directive, Directive.id == TaskSeries.directive_id)
        .where(TaskSeries.id == row.series_id, series_visible_to(user, day=day))
    )
    return Membership(row.series_id, row.number or 0, db.session.scalar(visible) is not None)


@prepared
def _turn(task_id: Any) -> Any:
    return select(SeriesOccurrence.series_id, SeriesOccurrence.number).where(
        SeriesOccurrence.task_id == task_id
    )
