"""What a person finds on the first page: a constant number of statements, however many tasks and units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, false, func, literal, not_, or_, select, union_all

from tracker.models import db
from tracker.models.mail import MailState
from tracker.models.task import Request, RequestKind, RequestState, Task, TaskPeriod
from tracker.models.units import Unit
from tracker.queries.mails import count_by_state
from tracker.queries.tasks import TaskRow, read_rows, select_tasks
from tracker.rules.deadlines import WorkingCalendar
from tracker.rules.status import (
    OPEN_STATES,
    RUNNING_STATES,
    State,
    due_within_sql,
    in_states,
    overdue_sql,
)

SHORT = 7
"""Rows of a short list; the whole of it is one click away."""

WORST = 10
MONTHS = 12
UNITS = 20
"""Units with a bar on the first page; the pictures of B.4 have them all."""


@dataclass(frozen=True)
class Days:
    """The days that the first page asks about, by the working calendar."""

    today: date
    soon_until: date
    """The last day that is due soon."""
    newly_from: date
    """The latest working day before today: what was due from then on has become overdue since."""
    silent_since: date
    """What has not been heard of after this day is silent."""

    @classmethod
    def around(cls, today: date, *, calendar: WorkingCalendar, due_soon: int, silent: int) -> Days:
        """Return the days around today; `due_soon` in working days, `silent` in days."""
        return cls(
            today=today,
            soon_until=calendar.add(today, due_soon + 1) - timedelta(days=1),
            newly_from=calendar.add(today, -1),
            silent_since=today - timedelta(days=silent),
        )


def asks(kind: RequestKind) -> ColumnElement[bool]:
    """Return the SQL condition over `Task` that a request of a kind waits for its decision."""
    pending = and_(Request.kind == kind, Request.state == RequestState.PENDING)
    return Task.id.in_(select(Request.task_id).where(pending))


def unit_lists(days: Days) -> dict[str, ColumnElement[bool]]:
    """Return what a unit has to do, by the names of its lists, the most urgent first; they may overlap."""
    waits = or_(
        Task.state == State.AWAITING_CONFIRMATION,
        and_(in_states(Task, RUNNING_STATES), or_(asks(RequestKind.EXTENSION), asks(RequestKind.RETURN))),
    )
    return {
        "overdue": overdue_sql(Task, day=days.today),
        "today": due_within_sql(Task, first=days.today, last=days.today),
        "soon": due_within_sql(Task, first=days.today + timedelta(days=1), last=days.soon_until),
        "new": in_states(Task, (State.NOT_STARTED,)),
        "working": in_states(Task, (State.IN_PROGRESS,)),
        "waiting": waits,
    }


def waiting_lists() -> dict[str, ColumnElement[bool]]:
    """Return what a unit waits for, and what those who gave the task have to decide."""
    return {
        "confirmation": in_states(Task, (State.AWAITING_CONFIRMATION,)),
        "extension": and_(in_states(Task, RUNNING_STATES), asks(RequestKind.EXTENSION)),
        "return": and_(in_states(Task, RUNNING_STATES), asks(RequestKind.RETURN)),
    }


def office_lists(days: Days) -> dict[str, ColumnElement[bool]]:
    """Return what an office has to look after, by the names of its lists."""
    return waiting_lists() | {
        "draft": in_states(Task, (State.DRAFT,)),
        "newly_overdue": newly_overdue(days),
        "silent": silent(days),
    }


def newly_overdue(days: Days) -> ColumnElement[bool]:
    """Return the SQL condition that a task became overdue since the latest working day."""
    return due_within_sql(Task, first=days.newly_from, last=days.today - timedelta(days=1))


def silent(days: Days) -> ColumnElement[bool]:
    """Return the SQL condition that nothing was heard of a running task for long."""
    return and_(in_states(Task, RUNNING_STATES), Task.last_event_on < days.silent_since)


def counts_of(lists: dict[str, ColumnElement[bool]], scope: ColumnElement[bool]) -> dict[str, int]:
    """Return how many tasks of `scope` each list holds: one statement, over open tasks or drafts alone.

    Each list is counted by itself, because an index that leads to the few of one list is none for another.
    """
    states = (State.DRAFT,) if set(lists) == {"draft"} else OPEN_STATES
    counted = select(func.count()).select_from(Task).where(scope, in_states(Task, states))
    numbers = [counted.where(condition).scalar_subquery() for condition in lists.values()]
    row = db.session.execute(select(*numbers)).one()
    return dict(zip(lists, row, strict=True))


def first_rows(
    condition: ColumnElement[bool],
    *,
    before: Sequence[ColumnElement[bool]] = (),
    user_id: int | None = None,
    most: int = SHORT,
    states: tuple[State, ...] = OPEN_STATES,
) -> list[TaskRow]:
    """Return the first rows of a list: one's own (of `user_id`) first, then by deadline.

    `before` are the lists that stand above on the page: what they hold is not shown twice. The list holds
    tasks of `states`: said once more here, it leads the database to the index of open tasks.
    """
    query = select_tasks(condition, in_states(Task, states), *(not_(above) for above in before))
    if user_id is not None:
        query = query.order_by(func.coalesce(Task.officer_id == user_id, false()).desc())
    return list(read_rows(query.order_by(Task.due_on.nulls_last(), Task.id).limit(most)))


class SilentUnit(NamedTuple):
    """A unit of whose running tasks nothing was heard for long."""

    code: str
    name: str
    number: int
    last_on: date | None


def silent_units(scope: ColumnElement[bool], days: Days, *, most: int = SHORT) -> list[SilentUnit]:
    """Return the units with silent tasks, the longest silent first."""
    last_on = func.min(Task.last_event_on)
    query = (
        select(Unit.code, Unit.name, func.count(), last_on)
        .join(Task, Task.unit_id == Unit.id)
        .where(scope, silent(days))
        .group_by(Unit.id, Unit.code, Unit.name)
        .order_by(last_on, Unit.id)
        .limit(most)
    )
    return [SilentUnit(*row) for row in db.session.execute(query)]


def failed_mails(reached: ColumnElement[bool]) -> int:
    """Return how many of the mails that a condition over `OutgoingMail` reaches have failed for good."""
    return count_by_state(reached).get(MailState.FAILED, 0)


class Month(NamedTuple):
    """How many tasks of an assigner were open at the end of a day, overdue ones and the others."""

    day: date
    in_time: int
    overdue: int

    @property
    def open(self) -> int:
        return self.in_time + self.overdue


def month_ends(today: date, number: int = MONTHS) -> list[date]:
    """Return the last days of the months before this one, and today: so many days, the earliest first."""
    days, end = [today], today.replace(day=1) - timedelta(days=1)
    while len(days) < number:
        days.append(end)
        end = end.replace(day=1) - timedelta(days=1)
    return days[::-1]


def trend(unit_ids: set[int], *, today: date) -> list[Month]:
    """Return the open tasks of these assigners at the ends of the last twelve months: one statement."""
    period = TaskPeriod

    def at_end_of(day: date) -> Select[Any, int, int]:
        overdue = func.count().filter(overdue_sql(period, day=day))
        return select(literal(day, period.due_on.type), func.count(), overdue).where(
            period.assigner_id.in_(unit_ids), period.valid_from <= day, period.valid_to > day,
            in_states(period, OPEN_STATES),
        )  # fmt: skip

    counted = db.session.execute(union_all(*(at_end_of(day) for day in month_ends(today))))
    return sorted(Month(day, number - overdue, overdue) for day, number, overdue in counted)


def has_tasks(scope: ColumnElement[bool]) -> bool:
    """Return whether there is any task of `scope`."""
    return db.session.scalar(select(Task.id).where(scope).limit(1)) is not None


def units_named(unit_ids: set[int]) -> list[Any]:
    """Return these units, in their order."""
    return list(db.session.scalars(select(Unit).where(Unit.id.in_(unit_ids)).order_by(Unit.id)))
