"""Mails and the ledger of reminders: who was told what, when, and whether it arrived."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select, true

from tracker.models import db
from tracker.models.mail import Delivery, MailState, OutgoingMail, Reminder
from tracker.models.people import User
from tracker.models.task import Task
from tracker.models.units import Unit
from tracker.rules.text import fold

PAGE = 50
"""Mails on one page of the list."""


class MailRow(NamedTuple):
    """One mail in a list."""

    id: int
    subject: str
    kind: str
    state: MailState
    address: str
    queued_at: datetime
    ended_at: datetime | None
    last_error: str | None
    user_id: int | None
    user_name: str | None
    unit_name: str | None


class ReminderRow(NamedTuple):
    """One line of the ledger: a task that a mail spoke of."""

    task_id: int
    content: str
    rung: str
    due_on: date | None
    told_on: date
    visible: bool
    """Whether the reader may open the task now."""


def mails_of(user: User) -> ColumnElement[bool]:
    """Return the SQL condition over `OutgoingMail` that it was written to this person."""
    return OutgoingMail.user_id == user.id


def mails_reached(reach: Select[int], *, is_root: bool) -> ColumnElement[bool]:
    """Return the SQL condition that a mail was written to a person of these units.

    Mails to nobody with an account belong to who administers a whole tree.
    """
    to_people = OutgoingMail.user_id.in_(select(User.id).where(User.unit_id.in_(reach)))
    return or_(to_people, and_(OutgoingMail.user_id.is_(None), true() if is_root else false()))


def mails_found_by(
    *, text: str = "", kind: str = "", user_id: int | None = None,
    queued: tuple[datetime, datetime] | None = None,
) -> list[ColumnElement[bool]]:  # fmt: skip
    """Return the SQL conditions of a search: words of the name or the address, kind, person, when queued.

    `queued` is a stretch of moments (aware), its end exclusive.
    """
    conditions: list[ColumnElement[bool]] = []
    for word in fold(text).split():
        named = select(User.id).where(User.search_text.contains(word, autoescape=True))
        conditions.append(
            or_(OutgoingMail.user_id.in_(named), OutgoingMail.address.icontains(word, autoescape=True))
        )
    if kind:
        conditions.append(OutgoingMail.kind == kind)
    if user_id is not None:
        conditions.append(OutgoingMail.user_id == user_id)
    if queued is not None:
        conditions += [OutgoingMail.queued_at >= queued[0], OutgoingMail.queued_at < queued[1]]
    return conditions


def ids_of(*conditions: ColumnElement[bool], limit: int) -> list[int]:
    """Return the ids of the mails that meet the conditions, the oldest first."""
    query = select(OutgoingMail.id).where(*conditions).order_by(OutgoingMail.id).limit(limit)
    return list(db.session.scalars(query))


def mail_page(
    *conditions: ColumnElement[bool], before: int | None = None
) -> tuple[list[MailRow], int | None]:
    """Return one page of mails, the newest first, and the id that the next page goes on from, if any."""
    query = (
        select(
            OutgoingMail.id, OutgoingMail.subject, OutgoingMail.kind, OutgoingMail.state,
            OutgoingMail.address, OutgoingMail.queued_at, OutgoingMail.ended_at, OutgoingMail.last_error,
            OutgoingMail.user_id, User.name, Unit.name,
        )
        .outerjoin(User, User.id == OutgoingMail.user_id)
        .outerjoin(Unit, Unit.id == User.unit_id)
        .where(*conditions)
        .order_by(OutgoingMail.id.desc())
        .limit(PAGE + 1)
    )  # fmt: skip
    if before is not None:
        query = query.where(OutgoingMail.id < before)
    rows = [MailRow(*row) for row in db.session.execute(query)]
    return rows[:PAGE], rows[PAGE - 1].id if len(rows) > PAGE else None


def count_by_state(*conditions: ColumnElement[bool]) -> dict[MailState, int]:
    """Return how many mails stand in each state."""
    query = select(OutgoingMail.state, func.count()).where(*conditions).group_by(OutgoingMail.state)
    return {row[0]: row[1] for row in db.session.execute(query)}


def deliveries_of(mail_id: int) -> Sequence[Delivery]:
    """Return the journal of attempts to deliver a mail."""
    return list(db.session.scalars(select(Delivery).where(Delivery.mail_id == mail_id).order_by(Delivery.id)))


def reminders_in(mail_id: int, *, visible: ColumnElement[bool]) -> list[ReminderRow]:
    """Return the ledger of one mail; `visible` is the condition that the reader may see a task."""
    query = (
        select(Task.id, Task.content, Reminder.rung, Reminder.due_on, Reminder.told_on, visible)
        .join(Task, Task.id == Reminder.task_id)
        .where(Reminder.mail_id == mail_id)
        .order_by(Reminder.id)
    )
    return [ReminderRow(*row) for row in db.session.execute(query)]
