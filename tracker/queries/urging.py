"""Urging by hand: which units are behind, who is told of it, and what an earlier urging said."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, time
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import aliased

from tracker.models import db
from tracker.models.directive import Directive
from tracker.models.mail import MailState, OutgoingMail, moments, waits_sql
from tracker.models.people import HeldRole, Role, User
from tracker.models.progress import History
from tracker.models.statements import prepared
from tracker.models.task import Task
from tracker.models.units import Unit
from tracker.queries.ledger import in_doubt_sql
from tracker.rules.status import State, overdue_sql

URGE = "urge"
"""The kind of the mails that urge, and the `do` of their entries in the history."""

_giver, _urged = aliased(Unit), aliased(Task)


class UrgedTask(NamedTuple):
    """A task as a letter or a mail that urges names it."""

    id: int
    content: str
    item: str | None
    state: State
    reported_on: date | None
    due_on: date | None
    due_time: time | None
    unit_id: int
    unit_name: str
    assigner_id: int
    assigner_name: str
    officer_id: int | None
    directive_kind: str
    directive_number: str | None
    directive_issued_on: date


class Behind(NamedTuple):
    """What a unit is late with, of what one assigner gave it."""

    unit_id: int
    unit_name: str
    assigner_id: int
    assigner_name: str
    number: int
    """Tasks overdue."""
    earliest_due_on: date
    last_urged_on: date | None


class Recipient(NamedTuple):
    """Somebody who is told of an urging: the officer of a task, or who heads its lead unit."""

    id: int
    name: str
    title: str | None
    email: str | None
    is_head: bool


class Urging(NamedTuple):
    """One urging by hand, as it was: the entries of its tasks follow its first one, which names it."""

    id: int
    on: date
    at: datetime
    by_id: int | None
    by_name: str | None
    by_title: str | None
    unit_id: int
    unit_name: str
    words: str | None
    reply_by: date | None
    again: str | None
    """Why the unit was urged a second time on one day."""
    told: list[int]
    """The ids of those to whom a mail was written."""
    due: dict[int, date | None]
    """The tasks in their order, each with the deadline in force then."""


class WaitingMail(NamedTuple):
    """A mail of an urging that was not sent yet."""

    id: int
    user_id: int
    fingerprint: str | None


class UrgingMail(NamedTuple):
    """One mail of an urging, and how its delivery went."""

    id: int
    user_id: int
    user_name: str
    address: str
    state: MailState
    ended_at: datetime | None
    next_attempt_at: datetime | None
    last_error: str | None
    is_in_doubt: bool


def urged_tasks(*conditions: ColumnElement[bool], most: int | None = None) -> list[UrgedTask]:
    """Return tasks as letters name them, the earliest deadline first."""
    query = (
        select(
            Task.id, Task.content, Task.item, Task.state, Task.reported_on, Task.due_on, Task.due_time,
            Task.unit_id, Unit.name, Task.assigner_id, _giver.name, Task.officer_id, Directive.kind,
            Directive.number, Directive.issued_on,
        )
        .join(Unit, Unit.id == Task.unit_id)
        .join(_giver, _giver.id == Task.assigner_id)
        .join(Directive, Directive.id == Task.directive_id)
        .where(*conditions)
        .order_by(Task.due_on.is_(None), Task.due_on, Task.id)
        .limit(most)
    )  # fmt: skip
    return [UrgedTask(*row) for row in _rows_of(query)]


def units_behind(given: ColumnElement[bool], *, day: date) -> list[Behind]:
    """Return the units with overdue tasks that meet `given` (over `Task`), by assigner, the worst first."""
    last_urged = (
        select(func.max(History.on_day))
        .join(_urged, _urged.id == History.task_id)
        .where(
            History.do == URGE, _urged.unit_id == Task.unit_id, _urged.assigner_id == Task.assigner_id,
        )
        .correlate(Task)
        .scalar_subquery()
    )  # fmt: skip
    number = func.count()
    query = (
        select(
            Task.unit_id, Unit.name, Task.assigner_id, _giver.name, number,
            func.min(Task.due_on, type_=Task.due_on.type), last_urged,
        )
        .join(Unit, Unit.id == Task.unit_id)
        .join(_giver, _giver.id == Task.assigner_id)
        .where(given, overdue_sql(Task, day=day))
        .group_by(Task.unit_id, Unit.name, Task.assigner_id, _giver.name)
        .order_by(number.desc(), func.min(Task.due_on), Task.unit_id)
    )  # fmt: skip
    return [Behind(*row) for row in _rows_of(query)]


def urged_on(task_ids: Collection[int], day: date) -> set[int]:
    """Return those of these tasks that somebody urged on a day."""
    query = select(History.task_id).where(
        History.task_id.in_(task_ids), History.do == URGE, History.on_day == day
    )
    return {task_id for task_id in db.session.scalars(query) if task_id is not None}


def recipients_of(unit_id: int, officer_ids: Collection[int], *, day: date) -> list[Recipient]:
    """Return who is told of an urging of a unit's tasks: these officers, and its heads, else its leaders."""
    person = (User.id, User.name, User.title, User.email)
    held = (
        select(*person, HeldRole.role)
        .join(HeldRole, HeldRole.user_id == User.id)
        .where(
            User.active, HeldRole.unit_id == unit_id, HeldRole.role.in_((Role.UNIT_HEAD, Role.LEADER)),
            HeldRole.valid_from <= day, HeldRole.valid_to > day,
        )
        .order_by(User.id)
    )  # fmt: skip
    holders = list(db.session.execute(held))
    heads = [row for row in holders if row.role is Role.UNIT_HEAD] or holders
    found = {row.id: Recipient(*row[:4], is_head=True) for row in heads}
    officers = select(*person).where(User.active, User.id.in_(officer_ids)).order_by(User.id)
    for row in db.session.execute(officers):
        found.setdefault(row.id, Recipient(*row, is_head=False))
    return list(found.values())


def urging(urging_id: int) -> Urging | None:
    """Return an urging by the id of its first entry, None when there is none."""
    columns = (
        History.id, History.task_id, History.on_day, History.at, History.by_id, History.note, History.payload,
        User.name, User.title, Unit.id, Unit.name,
    )  # fmt: skip
    query = (
        select(*columns)
        .outerjoin(User, User.id == History.by_id)
        .join(Unit, Unit.id == History.unit_id)
        .where(History.do == URGE)
    )
    first: Any = db.session.execute(query.where(History.id == urging_id)).first()
    if first is None or "first" in first.payload:
        return None
    of_it = History.payload["first"].as_integer() == urging_id
    more: Any = db.session.execute(
        query.where(History.on_day == first.on_day, History.id > urging_id, of_it).order_by(History.id)
    )
    told = first.payload
    return Urging(
        id=first.id, on=first.on_day, at=first.at, by_id=first.by_id, by_name=first[7], by_title=first[8],
        unit_id=first[9], unit_name=first[10], words=first.note, reply_by=_day(told.get("reply_by")),
        again=told.get("again"), told=told["told"],
        due={row.task_id: _day(row.payload.get("due")) for row in (first, *more)},
    )  # fmt: skip


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def key_of(urging_id: int, user_id: int) -> str:
    """Return the key of a mail in the outbox: one a person and urging."""
    return f"{URGE}:{urging_id}:{user_id}"


def waiting_mails(now: datetime) -> dict[int, list[WaitingMail]]:
    """Return by urging its mails that a sender may take `now`."""
    found: dict[int, list[WaitingMail]] = {}
    for row in _waiting_mails(**moments(now)):
        urging_id = int(row.key.split(":")[1])
        found.setdefault(urging_id, []).append(WaitingMail(row.id, row.user_id, row.fingerprint))
    return found


@prepared
def _waiting_mails(now: Any, latest: Any) -> Any:
    query = select(OutgoingMail.id, OutgoingMail.key, OutgoingMail.user_id, OutgoingMail.fingerprint)
    due = waits_sql(now=now, latest=latest)
    return query.where(OutgoingMail.kind == URGE, due).order_by(OutgoingMail.id)


def urging_of_token(token: str | None) -> int | None:
    """Return the urging that a submission of a form made, None when it made none."""
    query = select(History.id).where(History.token == token, History.do == URGE)
    return db.session.scalar(query) if token else None


def mails_of(found: Urging) -> Sequence[UrgingMail]:
    """Return the mails of an urging, in the order in which they were written."""
    keys = [key_of(found.id, user_id) for user_id in found.told]
    query = (
        select(
            OutgoingMail.id, OutgoingMail.user_id, User.name, OutgoingMail.address, OutgoingMail.state,
            OutgoingMail.ended_at, OutgoingMail.next_attempt_at, OutgoingMail.last_error, in_doubt_sql(),
        )
        .join(User, User.id == OutgoingMail.user_id)
        .where(OutgoingMail.key.in_(keys))
        .order_by(OutgoingMail.id)
    )  # fmt: skip
    return [UrgingMail(*row) for row in _rows_of(query)]


def _rows_of(query: Any) -> Iterable[Any]:
    return db.session.execute(query)
