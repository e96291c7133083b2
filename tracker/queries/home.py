"""What a person finds on the first page: a constant number of statements, however many tasks and units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, exists, false, func, literal, not_, or_, select, union_all

from tracker.models import db
from tracker.models.mail import MailState
from tracker.models.people import Role, User
from tracker.models.task import Request, RequestKind, RequestState, Task, TaskPeriod
from tracker.models.units import Unit
from tracker.queries.mails import count_by_state
from tracker.queries.standing import roles_on
from tracker.queries.tasks import TaskRow, read_rows, select_tasks
from tracker.rules.deadlines import WorkingCalendar
from tracker.rules.permissions import Standing
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
BEHIND = 5
"""Units in the ranking of those behind."""


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


class Reach:
    """Which units each role of a person reaches: the standing towards a row without asking the database."""

    def __init__(self, user: User, *, day: date) -> None:
        self.user_id = user.id
        self.held = {(held.role, held.unit_id) for held in roles_on(user, day)}
        roots = {unit_id for _role, unit_id in self.held}
        tree = select(Unit.id, Unit.id.label("root")).where(Unit.id.in_(roots)).cte("reach", recursive=True)
        tree = tree.union(select(Unit.id, tree.c.root).where(Unit.parent_id == tree.c.id))
        self.below: dict[int, set[int]] = {}
        for unit_id, root in db.session.execute(select(tree.c.id, tree.c.root)):
            self.below.setdefault(root, set()).add(unit_id)

    def of(self, *roles: Role) -> set[int]:
        """Return the ids of the units that these roles reach."""
        return {unit for role, root in self.held if role in roles for unit in self.below.get(root, set())}

    def held_in(self, *roles: Role) -> set[int]:
        """Return the ids of the units in which these roles are held."""
        return {unit_id for role, unit_id in self.held if role in roles}

    def towards(self, row: TaskRow) -> Standing:
        """Return how the person stands towards a task of a list; coordinating and naming are left out."""

        def above(unit_id: int) -> frozenset[str]:
            return frozenset(role.value for role, root in self.held if unit_id in self.below.get(root, set()))

        def within(unit_id: int) -> frozenset[str]:
            return frozenset(role.value for role, root in self.held if root == unit_id)

        return Standing(
            above_assigner=above(row.assigner_id), above_lead=above(row.unit_id),
            in_assigner=within(row.assigner_id), in_lead=within(row.unit_id),
            is_officer=row.officer_id == self.user_id, is_reporter=row.reported_by_id == self.user_id,
            is_passed_down=row.parent_id is not None,
            is_within_unit=row.unit_id == row.assigner_id,
        )  # fmt: skip


def led_by(reach: Reach) -> ColumnElement[bool]:
    """Return the SQL condition over `Task` of the work of a person and of their own units.

    It is what their unit's or officer's role reaches, what a unit leads in which they are its leader or
    office, and what names them its officer.
    """
    units = reach.of(Role.UNIT_HEAD, Role.OFFICER) | reach.held_in(Role.LEADER, Role.OFFICE)
    return and_(or_(Task.unit_id.in_(units), Task.officer_id == reach.user_id), Task.state != State.DRAFT)


def given_by(unit_ids: set[int]) -> ColumnElement[bool]:
    """Return the SQL condition over `Task` that one of these units gave it, or is about to."""
    return Task.assigner_id.in_(unit_ids) if unit_ids else false()


def asks(kind: RequestKind) -> ColumnElement[bool]:
    """Return the SQL condition over `Task` that a request of a kind waits for its decision."""
    pending = and_(Request.task_id == Task.id, Request.kind == kind, Request.state == RequestState.PENDING)
    return exists().where(pending)


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
    """Return how many tasks of `scope` each list holds: one statement, over open tasks or drafts alone."""
    columns = [func.count().filter(condition) for condition in lists.values()]
    states = (State.DRAFT,) if set(lists) == {"draft"} else OPEN_STATES
    row = db.session.execute(select(*columns).select_from(Task).where(scope, in_states(Task, states))).one()
    return dict(zip(lists, row, strict=True))


def first_rows(
    condition: ColumnElement[bool],
    *,
    before: Sequence[ColumnElement[bool]] = (),
    user_id: int | None = None,
    most: int = SHORT,
) -> list[TaskRow]:
    """Return the first rows of a list: one's own (of `user_id`) first, then by deadline.

    `before` are the lists that stand above on the page: what they hold is not shown twice.
    """
    query = select_tasks(condition, *(not_(above) for above in before))
    if user_id is not None:
        query = query.order_by(func.coalesce(Task.officer_id == user_id, false()).desc())
    return list(read_rows(query.order_by(Task.due_on.is_(None), Task.due_on, Task.id).limit(most)))


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
