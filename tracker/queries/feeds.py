"""What a calendar program reads: whose link it is, whether it still may, and the deadlines."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select
from sqlalchemy.orm import aliased

from tracker.models import db
from tracker.models.directive import Directive
from tracker.models.feed import FeedLink
from tracker.models.people import HeldRole, Role, User
from tracker.models.progress import History
from tracker.models.task import Task
from tracker.models.units import Unit, subtree
from tracker.queries.standing import has, roles_on, tasks_visible_to, units_reached
from tracker.rules.permissions import READERS, Permission
from tracker.rules.status import OPEN_STATES, State, in_states, overdue_sql

MOST_OPEN = 500
"""Deadlines of one calendar: what is due soonest first, then what is overdue, the latest first."""
MOST_CLOSED = 100
_head = aliased(User)
CLOSED_STAY = timedelta(days=30)
"""How long a task that is done or called back stays in a calendar as cancelled.

A program that keeps what it once read takes the entry out only when it hears so; after a month each has.
"""


class FeedTask(NamedTuple):
    """A task with a deadline, as a calendar tells of it."""

    id: int
    version: int
    content: str
    item: str | None
    state: State
    given_on: date
    due_on: date
    due_time: time | None
    reported_on: date | None
    last_event_on: date | None
    moved_at: datetime | None
    """The last known moment at which anything was entered; None where a loaded history tells only days."""
    unit_name: str
    officer_name: str | None
    directive_kind: str
    directive_number: str | None
    directive_issued_on: date


class LinkRow(NamedTuple):
    """A link in force, for the page of its owner."""

    id: int
    unit_name: str | None
    """None: the person's own deadlines."""
    made_at: datetime
    last_read_at: datetime | None


def hash_of(secret: str) -> str:
    """Return what is stored of the secret in a link."""
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()


def find_link(secret: str) -> FeedLink | None:
    """Return the link in force of a secret, None when there is none."""
    wanted = hash_of(secret)
    query = select(FeedLink).where(FeedLink.token_sha256 == wanted, FeedLink.revoked_at.is_(None))
    link = db.session.scalar(query)
    return link if link is not None and hmac.compare_digest(link.token_sha256, wanted) else None


def may_be_read(link: FeedLink, *, day: date) -> bool:
    """Return whether the owner of a link still has an account and a role on `day`, and reaches the unit."""
    user = link.user
    if not user.active or not has(user, Permission.SIGNED_IN, day):
        return False
    return link.unit_id is None or is_reached(link.unit_id, user, day=day)


def is_reached(unit_id: int, user: User, *, day: date) -> bool:
    """Return whether a reading role of a person reaches a unit on `day`."""
    reach = units_reached(user, READERS, day=day)
    if reach is None:
        return False
    return db.session.scalar(select(Unit.id).where(Unit.id == unit_id, Unit.id.in_(reach))) is not None


def deadlines_of(link: FeedLink, *, day: date) -> list[FeedTask]:
    """Return the tasks of a link's calendar on `day`, as far as its owner sees them; two statements.

    Open ones with a deadline, and those completed or cancelled within `CLOSED_STAY`. A task that moved to
    other people is simply not there any more: what it says is theirs alone from then on.
    """
    if link.unit_id is None:
        scope = _own(link.user, day)
    else:
        scope = Task.unit_id.in_(subtree(select(Unit.id).where(Unit.id == link.unit_id)))
    seen = and_(
        scope, tasks_visible_to(link.user, day=day), Task.due_on.is_not(None), Task.given_on.is_not(None)
    )
    overdue = overdue_sql(Task, day=day)
    still_to_come = case((overdue, None), else_=Task.due_on)
    is_open = _select(seen, in_states(Task, OPEN_STATES)).order_by(
        overdue, still_to_come, Task.due_on.desc(), Task.id
    )
    closed = _select(
        seen, in_states(Task, (State.COMPLETED, State.CANCELLED)), Task.closed_on > day - CLOSED_STAY
    ).order_by(Task.closed_on.desc(), Task.id)
    found = [*_rows(is_open.limit(MOST_OPEN)), *_rows(closed.limit(MOST_CLOSED))]
    return sorted(found, key=lambda task: (task.due_on, task.id))


def _own(user: User, day: date) -> ColumnElement[bool]:
    """Return the condition that a deadline is somebody's own.

    As with mails: the task names them as officer, tracker or directing leader, or they head exactly its lead
    unit (a unit without a head is headed by its leaders).
    """
    held = roles_on(user, day)
    headed = [each.unit_id for each in held if each.role is Role.UNIT_HEAD]
    led = [each.unit_id for each in held if each.role is Role.LEADER]
    has_head = exists().where(
        HeldRole.unit_id == Task.unit_id, HeldRole.role == Role.UNIT_HEAD, HeldRole.valid_from <= day,
        HeldRole.valid_to > day, _head.id == HeldRole.user_id, _head.active,
    )  # fmt: skip
    return or_(
        Task.officer_id == user.id, Task.tracker_id == user.id, Task.leader_id == user.id,
        Task.unit_id.in_(headed), and_(Task.unit_id.in_(led), ~has_head),
    )  # fmt: skip


def _select(*conditions: ColumnElement[bool]) -> Select:
    moved_at = select(func.max(History.at)).where(History.task_id == Task.id).correlate(Task)
    return (
        select(
            Task.id, Task.version, Task.content, Task.item, Task.state, Task.given_on, Task.due_on,
            Task.due_time, Task.reported_on, Task.last_event_on, moved_at.scalar_subquery(), Unit.name,
            User.name, Directive.kind, Directive.number, Directive.issued_on,
        )
        .join(Unit, Unit.id == Task.unit_id)
        .join(Directive, Directive.id == Task.directive_id)
        .outerjoin(User, User.id == Task.officer_id)
        .where(*conditions)
    )  # fmt: skip


def _rows(query: Select) -> Sequence[FeedTask]:
    return [FeedTask(*row) for row in db.session.execute(query)]


def links_of(user: User) -> list[LinkRow]:
    """Return the links in force of a person, the oldest first."""
    query = (
        select(FeedLink.id, Unit.name, FeedLink.made_at, FeedLink.last_read_at)
        .outerjoin(Unit, Unit.id == FeedLink.unit_id)
        .where(FeedLink.user_id == user.id, FeedLink.revoked_at.is_(None))
        .order_by(FeedLink.id)
    )
    return [LinkRow(*row) for row in db.session.execute(query)]
