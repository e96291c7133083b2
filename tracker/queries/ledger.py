"""The ledger of reminders: who was told of which rung when, by which mail, and whether it arrived."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from tracker.clock import day_of
from tracker.models import db
from tracker.models.mail import Delivery, DeliveryOutcome, MailState, OutgoingMail, Reminder
from tracker.models.people import HeldRole, User
from tracker.models.statements import prepared
from tracker.models.task import Task
from tracker.models.units import Unit
from tracker.rules.rungs import is_reminding

PAGE = 50
"""Lines of the ledger on one page."""

MOST_PRINTED = 1_000

_lead, _own = aliased(Unit), aliased(Unit)


class Told(NamedTuple):
    """One line of the ledger, with what became of its mail."""

    id: int
    task_id: int
    content: str
    unit_name: str
    """The lead unit of the task now."""
    rung: str
    due_on: date | None
    """The deadline in force when it was told."""
    told_on: date
    user_id: int
    user_name: str
    user_unit_name: str
    mail_id: int
    state: MailState
    address: str
    ended_at: datetime | None
    next_attempt_at: datetime | None
    last_error: str | None
    is_in_doubt: bool
    """An attempt ended without an answer: the mail may have arrived."""


class Time(NamedTuple):
    """One time that a unit was reminded of a task: the rung, and the day of the first mail that arrived."""

    day: date
    rung: str


def told_page(*conditions: ColumnElement[bool], before: int | None = None) -> tuple[list[Told], int | None]:
    """Return one page of the ledger, the newest first, and the id that the next page goes on from, if any.

    The conditions are over `Reminder` and `Task`.
    """
    query = _select_told(*conditions).order_by(Reminder.id.desc()).limit(PAGE + 1)
    if before is not None:
        query = query.where(Reminder.id < before)
    rows = [Told(*row) for row in db.session.execute(query)]
    return rows[:PAGE], rows[PAGE - 1].id if len(rows) > PAGE else None


def told_in_order(*conditions: ColumnElement[bool]) -> list[Told]:
    """Return the ledger in the order in which it was told, the latest `MOST_PRINTED` lines at most."""
    query = _select_told(*conditions).order_by(Reminder.id.desc()).limit(MOST_PRINTED)
    return [Told(*row) for row in db.session.execute(query)][::-1]


def _select_told(*conditions: ColumnElement[bool]) -> Select:
    return (
        select(
            Reminder.id, Task.id, Task.content, _lead.name, Reminder.rung, Reminder.due_on, Reminder.told_on,
            User.id, User.name, _own.name, OutgoingMail.id, OutgoingMail.state, OutgoingMail.address,
            OutgoingMail.ended_at, OutgoingMail.next_attempt_at, OutgoingMail.last_error,
            in_doubt_sql(),
        )
        .select_from(Reminder)
        .join(Task, Task.id == Reminder.task_id)
        .join(_lead, _lead.id == Task.unit_id)
        .join(User, User.id == Reminder.user_id)
        .join(_own, _own.id == User.unit_id)
        .join(OutgoingMail, OutgoingMail.id == Reminder.mail_id)
        .where(*conditions)
    )  # fmt: skip


def in_doubt_sql() -> ColumnElement[bool]:
    """Return the SQL condition over `OutgoingMail` that the server may have taken it without an answer."""
    is_open = and_(Delivery.outcome == DeliveryOutcome.STARTED, Delivery.ended_at.is_(None))
    return exists().where(
        Delivery.mail_id == OutgoingMail.id, or_(Delivery.outcome == DeliveryOutcome.IN_DOUBT, is_open)
    )


def times_reminded(task_ids: Iterable[int], *, before: datetime | None = None) -> dict[int, list[Time]]:
    """Return by task the times that its present lead unit was reminded, the first one first.

    A time is a rung of the ladder or an urging by hand that a mail server took for somebody of the lead unit
    or for the officer; however many were told of it, it is one time. News such as “mới giao” is none.
    `before` (aware) leaves out what was delivered from that moment on.
    """
    ids = list(task_ids)
    rows = _times(task_ids=ids) if before is None else _times_before(task_ids=ids, before=before)
    found: dict[int, list[Time]] = {}
    for task_id, rung, at in sorted(rows, key=lambda row: row[2]):
        if is_reminding(rung):
            found.setdefault(task_id, []).append(Time(day_of(at), rung))
    return found


def _select_times(task_ids: Any) -> Select:
    of_unit = or_(
        Reminder.user_id == Task.officer_id,
        User.unit_id == Task.unit_id,
        exists().where(HeldRole.user_id == User.id, HeldRole.unit_id == Task.unit_id),
    )
    return (
        select(Task.id, Reminder.rung, func.min(OutgoingMail.ended_at, type_=OutgoingMail.ended_at.type))
        .join(Task, Task.id == Reminder.task_id)
        .join(User, User.id == Reminder.user_id)
        .join(OutgoingMail, OutgoingMail.id == Reminder.mail_id)
        .where(Reminder.task_id.in_(task_ids), OutgoingMail.state == MailState.SENT, of_unit)
        .group_by(Task.id, Reminder.rung, Reminder.due_on)
    )


@prepared
def _times(task_ids: Any) -> Any:
    return _select_times(task_ids)


@prepared
def _times_before(task_ids: Any, before: Any) -> Any:
    return _select_times(task_ids).where(OutgoingMail.ended_at < before)
