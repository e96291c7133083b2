"""Tasks as lists and pages need them: rows made for reading, never lazy objects."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, time
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, exists, select
from sqlalchemy.orm import aliased

from tracker.models import db
from tracker.models.directive import Directive
from tracker.models.people import User
from tracker.models.task import Request, RequestKind, RequestState, Task
from tracker.models.units import Unit
from tracker.rules.deadlines import WorkingCalendar
from tracker.rules.status import State, days_overdue, status_of

_lead, _giver, _officer = aliased(Unit), aliased(Unit), aliased(User)
"""Made once: a fresh alias costs a page several milliseconds."""


class StatusView(NamedTuple):
    """What the status component shows of a task on a day."""

    cell: str
    """One of the seven cells of B.4, or “draft” or “cancelled”."""
    days: int
    """Days overdue, days late, or days of waiting for a confirmation."""
    working_days_left: int | None
    """Working days until the deadline, None when it has passed, is missing, or no longer matters."""
    due_on: date | None
    due_today: bool


class TaskRow(NamedTuple):
    """One task in a list."""

    id: int
    content: str
    item: str | None
    product: str | None
    directive_id: int
    directive_kind: str
    directive_number: str | None
    unit_id: int
    unit_name: str
    assigner_id: int
    assigner_name: str
    officer_id: int | None
    officer_name: str | None
    parent_id: int | None
    state: State
    given_on: date | None
    due_on: date | None
    original_due_on: date | None
    due_time: time | None
    reported_on: date | None
    reported_by_id: int | None
    closed_on: date | None
    percent: int
    last_word: str | None
    last_event_on: date | None
    asks_extension: bool
    asks_return: bool


def status_view(facts: Any, *, day: date, calendar: WorkingCalendar) -> StatusView:
    """Return how the status of a task (a row with `state`, `due_on`, `reported_on`) reads on a day."""
    cell = status_of(facts, day=day)
    days = days_overdue(facts, day=day)
    left = None
    if facts.state is State.AWAITING_CONFIRMATION and facts.reported_on is not None:
        days = (day - facts.reported_on).days
    elif facts.state in (State.NOT_STARTED, State.IN_PROGRESS) and facts.due_on is not None and not days:
        left = calendar.between(day, facts.due_on)
    word = cell.value if cell is not None else facts.state.value
    return StatusView(word, days, left, facts.due_on, left is not None and facts.due_on == day)


def select_tasks(*conditions: ColumnElement[bool]) -> Select:
    """Return a SELECT of the columns of `TaskRow`; one statement, whatever the number of rows."""

    def asks(kind: RequestKind) -> ColumnElement[bool]:
        return exists().where(
            and_(Request.task_id == Task.id, Request.kind == kind, Request.state == RequestState.PENDING)
        )

    return (
        select(
            Task.id, Task.content, Task.item, Task.product, Task.directive_id, Directive.kind,
            Directive.number, Task.unit_id, _lead.name, Task.assigner_id, _giver.name, Task.officer_id,
            _officer.name, Task.parent_id, Task.state, Task.given_on, Task.due_on, Task.original_due_on,
            Task.due_time, Task.reported_on, Task.reported_by_id, Task.closed_on, Task.percent,
            Task.last_word, Task.last_event_on, asks(RequestKind.EXTENSION), asks(RequestKind.RETURN),
        )
        .join(Directive, Directive.id == Task.directive_id)
        .join(_lead, _lead.id == Task.unit_id)
        .join(_giver, _giver.id == Task.assigner_id)
        .outerjoin(_officer, _officer.id == Task.officer_id)
        .where(*conditions)
    )  # fmt: skip


def read_rows(query: Select) -> Sequence[TaskRow]:
    """Run a SELECT of `select_tasks`, ordered and limited by the caller, and return its rows."""
    return rows_in(db.session.execute(query))


def rows_in(result: Iterable[Any]) -> list[TaskRow]:
    """Return the rows that a SELECT of `select_tasks` found."""
    return [TaskRow._make(row) for row in result]
