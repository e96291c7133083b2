"""What the mails that do not wait are made from: the news of the last hours, and deadlines with an hour."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, union

from tracker.clock import day_of
from tracker.models import db
from tracker.models.directive import Directive
from tracker.models.mail import MailState, OutgoingMail, Reminder
from tracker.models.progress import History
from tracker.models.task import Task
from tracker.queries.reminders import Queued, TaskFacts, Told, facts_of_tasks, told_of
from tracker.rules.prompt import NEWS_LASTS, NEWS_OF
from tracker.rules.status import OPEN_STATES, RUNNING_STATES, due_within_sql, in_states

PROMPT = "prompt"
"""The kind of the mails that do not wait."""


class Happened(NamedTuple):
    """An entry of the history that may be news of a running task."""

    id: int
    task_id: int
    do: str
    by_id: int | None
    note: str | None
    """The reason that was given, where one was."""
    urgency: str
    """Of the directive."""


class Latest(NamedTuple):
    """The latest prompt of a person, whatever became of it."""

    mail_id: int
    queued_at: datetime


def happened_lately(at: datetime) -> list[Happened]:
    """Return what may be news at `at` (aware), in the order of entry."""
    query = (
        select(History.id, History.task_id, History.do, History.by_id, History.note, Directive.urgency)
        .join(Task, Task.id == History.task_id)
        .join(Directive, Directive.id == Task.directive_id)
        .where(_is_recent(at), in_states(Task, RUNNING_STATES))
        .order_by(History.id)
    )
    rows: Any = db.session.execute(query)
    return [Happened(*row) for row in rows]


def tasks_in_question(*, at: datetime, today: date) -> list[TaskFacts]:
    """Return the running tasks of which there may be news, or whose deadline has an hour and is near."""
    return facts_of_tasks(_in_question(at, today))


def told_lately(*, at: datetime, today: date) -> Told:
    """Return what the ledger holds of these tasks."""
    return told_of(_in_question(at, today), besides=())


def given_at(today: date) -> dict[int, datetime | None]:
    """Return when each running task whose deadline has an hour and is near was given; None: unknown."""
    query = (
        select(History.task_id, func.max(History.at))
        .where(History.do == "give", History.task_id.in_(_near_hours(today)))
        .group_by(History.task_id)
    )
    return {row[0]: row[1] for row in db.session.execute(query) if row[0] is not None}


def latest_prompts(user_ids: Collection[int]) -> dict[int, Latest]:
    """Return the latest prompt of each of these people who ever got one."""
    newest = (
        select(func.max(OutgoingMail.id))
        .where(OutgoingMail.user_id.in_(user_ids), OutgoingMail.kind == PROMPT)
        .group_by(OutgoingMail.user_id)
    )
    query = select(OutgoingMail.user_id, OutgoingMail.id, OutgoingMail.queued_at)
    rows = db.session.execute(query.where(OutgoingMail.id.in_(newest)))
    return {row.user_id: Latest(row.id, row.queued_at) for row in rows if row.user_id is not None}


def prompts_that_wait(is_due: ColumnElement[bool]) -> list[Queued]:
    """Return the prompts that no sender has taken; `is_due` is the outbox's condition for taking one now."""
    query = select(
        OutgoingMail.id, OutgoingMail.user_id, OutgoingMail.key, OutgoingMail.fingerprint
    ).where(_waits(is_due))  # fmt: skip
    rows = db.session.execute(query.order_by(OutgoingMail.id))
    return [Queued(mail_id, user_id or 0, key, mark, waits=True) for mail_id, user_id, key, mark in rows]


def told_by_waiting(is_due: ColumnElement[bool]) -> dict[int, set[tuple[int, str, date | None]]]:
    """Return what the prompts that wait tell, as (task, rung, due date) by mail."""
    tells: dict[int, set[tuple[int, str, date | None]]] = defaultdict(set)
    query = (
        select(Reminder.mail_id, Reminder.task_id, Reminder.rung, Reminder.due_on)
        .join(OutgoingMail, OutgoingMail.id == Reminder.mail_id)
        .where(_waits(is_due))
    )
    for mail_id, task_id, rung, due_on in db.session.execute(query):
        tells[mail_id].add((task_id, rung, due_on))
    return tells


def _waits(is_due: ColumnElement[bool]) -> ColumnElement[bool]:
    return and_(OutgoingMail.kind == PROMPT, or_(OutgoingMail.state == MailState.QUEUED, is_due))


def _is_recent(at: datetime) -> ColumnElement[bool]:
    since = at - NEWS_LASTS
    # The day narrows it down by an index; the moment decides.
    return and_(
        History.do.in_(tuple(NEWS_OF)), History.at >= since,
        History.on_day >= day_of(since) - timedelta(days=1),
    )  # fmt: skip


def _near_hours(today: date) -> Select[Any]:
    tomorrow = today + timedelta(days=1)
    return select(Task.id).where(
        in_states(Task, OPEN_STATES), Task.due_time.is_not(None),
        due_within_sql(Task, first=today, last=tomorrow),
    )  # fmt: skip


def _in_question(at: datetime, today: date) -> ColumnElement[bool]:
    ids = union(select(History.task_id).where(_is_recent(at)), _near_hours(today)).subquery()
    return and_(in_states(Task, RUNNING_STATES), Task.id.in_(select(ids.c.task_id)))
