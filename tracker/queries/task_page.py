"""What the page of one task shows: its past, its parts, its facts on any day, and who may work on it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import aliased

from tracker.models import db
from tracker.models.directive import Attachment
from tracker.models.intake import SeriesPlace, TaskPlace
from tracker.models.mail import Reminder
from tracker.models.people import HeldRole, Role, User
from tracker.models.progress import History
from tracker.models.series import SeriesOccurrence
from tracker.models.statements import prepared
from tracker.models.task import Task, TaskPeriod
from tracker.models.units import Unit, subtree
from tracker.queries.standing import tasks_visible_to
from tracker.queries.tasks import TaskRow, read_rows, select_tasks
from tracker.rules.status import OPEN_STATES, State, in_states


class Event(NamedTuple):
    """One line of a task's history, in the order of entry."""

    id: int
    do: str
    on_day: date | None
    at: datetime | None
    who: str | None
    unit: str | None
    note: str | None
    payload: dict[str, Any]
    changes: list[Any] | None
    files: list[Any]


class FactsOn(NamedTuple):
    """The facts that decided the status of a task over a stretch of days that holds the day asked for."""

    assigner_name: str
    unit_name: str
    state: State
    due_on: date | None
    reported_on: date | None
    valid_from: date
    valid_to: date


class Colleague(NamedTuple):
    """A person who may work on a task."""

    id: int
    words: str


class Besides(NamedTuple):
    """What there is of a task that most tasks have nothing of; of the rest a page need not ask further."""

    parts: bool
    """Whether it was passed down, in parts that the person may see or not."""
    files: bool
    """Whether an entry of its history has files."""
    turn: bool
    """Whether it is the turn of a series."""
    place: bool
    """Whether it, or its series, has its place in a paper."""
    reminders: bool
    """Whether anybody was ever told of it."""


def besides(task_id: int) -> Besides:
    """Return what else there is of a task, by one statement."""
    return Besides(*map(bool, _besides(task_id=task_id).one()))


@prepared
def _besides(task_id: Any) -> Any:
    part = aliased(Task)
    of_task = SeriesOccurrence.task_id == task_id
    of_series = (
        select(SeriesPlace.series_id)
        .join(SeriesOccurrence, SeriesOccurrence.series_id == SeriesPlace.series_id)
        .where(of_task)
    )
    return select(
        exists().where(part.parent_id == task_id),
        _select_files(task_id).exists(),
        exists().where(of_task),
        or_(exists().where(TaskPlace.task_id == task_id), of_series.exists()),
        exists().where(Reminder.task_id == task_id),
    )


def events_of(task_id: int, *, since: int = 0, has_files: bool = True) -> list[Event]:
    """Return the history of a task with the files of each entry, in two statements; the latest comes first.

    `since` leaves out all but the last so many entries, 0 gives them all. Without `has_files` none is asked
    for, and it is one statement.
    """
    result = _last_events(task_id=task_id, most=since) if since else _events(task_id=task_id)
    rows: list[Any] = result.all()
    files = defaultdict(list)
    for file in _files(task_id=task_id) if has_files else ():
        files[file.history_id].append(file)
    return [Event._make((*row, files[row.id])) for row in rows]


def _select_events(task_id: Any) -> Any:
    return (
        select(
            History.id, History.do, History.on_day, History.at, User.name, Unit.name, History.note,
            History.payload, History.changes,
        )
        .outerjoin(User, User.id == History.by_id)
        .outerjoin(Unit, Unit.id == History.unit_id)
        .where(History.task_id == task_id)
        .order_by(History.id.desc())
    )  # fmt: skip


@prepared
def _events(task_id: Any) -> Any:
    return _select_events(task_id)


@prepared
def _last_events(task_id: Any, most: Any) -> Any:
    return _select_events(task_id).limit(most)


@prepared
def _files(task_id: Any) -> Any:
    return _select_files(task_id).order_by(Attachment.id)


def _select_files(task_id: Any) -> Any:
    return (
        select(Attachment.history_id, Attachment.id, Attachment.filename, Attachment.size)
        .join(History, History.id == Attachment.history_id)
        .where(History.task_id == task_id)
    )


def is_entered(token: str | None) -> bool:
    """Return whether this submission of a form is in the history: a second click of a double click."""
    return bool(token) and db.session.scalar(select(History.id).where(History.token == token)) is not None


def children_of(task_id: int, *, user: User, day: date) -> Sequence[TaskRow]:
    """Return the parts of a task that were passed down, those that the person sees on `day`.

    Which parts there are is asked first, and by itself: while no task has been passed down SQLite takes the
    index of parts for a useless one, and would look through everything that the person sees.
    """
    parts = _parts(task_id=task_id).scalars().all()
    if not parts:
        return []
    return read_rows(select_tasks(Task.id.in_(parts), tasks_visible_to(user, day=day)).order_by(Task.id))


@prepared
def _parts(task_id: Any) -> Any:
    return select(Task.id).where(Task.parent_id == task_id)


def open_children(task_id: int) -> int:
    """Return how many parts of a task that were passed down are still open."""
    query = select(func.count()).where(Task.parent_id == task_id, in_states(Task, OPEN_STATES))
    return db.session.scalar(query) or 0


def names_in(events: Sequence[Event]) -> dict[str, dict[str, str]]:
    """Return what the logins and codes in a history are called: “people” by login, “units” by code."""
    logins: set[str] = set()
    codes: set[str] = set()
    for event in events:
        logins.update(word for word in (event.payload.get("officer"),) if isinstance(word, str))
        for fact, old, new in event.changes or []:
            if fact in ("officer", "tracker", "leader"):
                logins.update(word for word in (old, new) if word)
            elif fact == "coordinating":
                codes.update([*(old or []), *(new or [])])
    return {
        "people": dict(map(tuple, _people_called(logins=list(logins)))) if logins else {},
        "units": dict(map(tuple, _units_called(codes=list(codes)))) if codes else {},
    }


@prepared
def _people_called(logins: Any) -> Any:
    return select(User.login, User.name).where(User.login.in_(logins))


@prepared
def _units_called(codes: Any) -> Any:
    return select(Unit.code, Unit.name).where(Unit.code.in_(codes))


def facts_on(task_id: int, day: date) -> FactsOn | None:
    """Return the facts of a task on a day, None before it was given."""
    row = _facts_on(task_id=task_id, day=day).first()
    return FactsOn(*row) if row else None


@prepared
def _facts_on(task_id: Any, day: Any) -> Any:
    giver = aliased(Unit)
    return (
        select(
            giver.name, Unit.name, TaskPeriod.state, TaskPeriod.due_on, TaskPeriod.reported_on,
            TaskPeriod.valid_from, TaskPeriod.valid_to,
        )
        .join(Unit, Unit.id == TaskPeriod.unit_id)
        .join(giver, giver.id == TaskPeriod.assigner_id)
        .where(TaskPeriod.task_id == task_id, TaskPeriod.valid_from <= day, TaskPeriod.valid_to > day)
    )  # fmt: skip


def colleagues_of(unit_id: int, *, day: date, exactly: bool = False) -> list[Colleague]:
    """Return who may be named for the work of a unit on `day`: its people, those below unless `exactly`."""
    within = (
        HeldRole.unit_id == unit_id
        if exactly
        else HeldRole.unit_id.in_(subtree(select(Unit.id).where(Unit.id == unit_id)))
    )
    query = (
        select(User.id, User.name, User.title)
        .where(User.active)
        .where(
            User.id.in_(
                select(HeldRole.user_id).where(
                    within, HeldRole.role.in_((Role.OFFICER, Role.UNIT_HEAD, Role.OFFICE, Role.LEADER)),
                    HeldRole.valid_from <= day, HeldRole.valid_to > day,
                )
            )
        )
        .order_by(User.id)
    )  # fmt: skip
    return [
        Colleague(id_, f"{name}, {title}" if title else name)
        for id_, name, title in db.session.execute(query)
    ]


def units_below(unit_id: int, *, day: date) -> list[tuple[int, str]]:
    """Return the units (id, name) below a unit that exist on `day`, in their order."""
    below = subtree(select(Unit.id).where(Unit.parent_id == unit_id))
    query = (
        select(Unit.id, Unit.name)
        .where(Unit.id.in_(below), Unit.valid_from <= day, Unit.valid_to > day)
        .order_by(Unit.position.is_(None), Unit.position, Unit.id)
    )
    return [(id_, name) for id_, name in db.session.execute(query)]
