"""What the mails that do not wait are made from: the news of the last hours, and deadlines with an hour."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, union

from tracker.clock import day_of
from tracker.models.directive import Directive
from tracker.models.mail import MailState, OutgoingMail, Reminder, moments, waits_sql
from tracker.models.progress import History
from tracker.models.statements import prepared
from tracker.models.task import Task
from tracker.queries.reminders import Queued, TaskFacts, Told, facts_of_tasks, ledger_of
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
    return [Happened(*row) for row in _happened_lately(**_since(at))]


@prepared
def _happened_lately(since: Any, since_day: Any) -> Any:
    return (
        select(History.id, History.task_id, History.do, History.by_id, History.note, Directive.urgency)
        .join(Task, Task.id == History.task_id)
        .join(Directive, Directive.id == Task.directive_id)
        .where(_is_recent(since, since_day), in_states(Task, RUNNING_STATES))
        .order_by(History.id)
    )


def tasks_in_question(*, at: datetime, today: date) -> list[TaskFacts]:
    """Return the running tasks of which there may be news, or whose deadline has an hour and is near."""
    return [TaskFacts(*row) for row in _tasks_in_question(**_since(at), **_near(today))]


@prepared
def _tasks_in_question(since: Any, since_day: Any, today: Any, tomorrow: Any) -> Any:
    return facts_of_tasks(_in_question(since, since_day, today, tomorrow))


def told_lately(*, at: datetime, today: date) -> Told:
    """Return what the ledger holds of these tasks."""
    return Told(row[:4] for row in _told_lately(**_since(at), **_near(today)))


@prepared
def _told_lately(since: Any, since_day: Any, today: Any, tomorrow: Any) -> Any:
    return ledger_of(_in_question(since, since_day, today, tomorrow))


def given_at(today: date) -> dict[int, datetime | None]:
    """Return when each running task whose deadline has an hour and is near was given; None: unknown."""
    return {row[0]: row[1] for row in _given_at(**_near(today)) if row[0] is not None}


@prepared
def _given_at(today: Any, tomorrow: Any) -> Any:
    return (
        select(History.task_id, func.max(History.at))
        .where(History.do == "give", History.task_id.in_(_near_hours(today, tomorrow)))
        .group_by(History.task_id)
    )


def latest_prompts(user_ids: Collection[int]) -> dict[int, Latest]:
    """Return the latest prompt of each of these people who ever got one."""
    rows = _latest_prompts(user_ids=list(user_ids)) if user_ids else ()
    return {row.user_id: Latest(row.id, row.queued_at) for row in rows}


@prepared
def _latest_prompts(user_ids: Any) -> Any:
    newest = (
        select(func.max(OutgoingMail.id))
        .where(OutgoingMail.user_id.in_(user_ids), OutgoingMail.kind == PROMPT)
        .group_by(OutgoingMail.user_id)
    )
    query = select(OutgoingMail.user_id, OutgoingMail.id, OutgoingMail.queued_at)
    return query.where(OutgoingMail.id.in_(newest))


def prompts_that_wait(now: datetime) -> list[Queued]:
    """Return the prompts that no sender has taken, or may take `now`."""
    rows = _prompts_that_wait(**moments(now))
    return [Queued(mail_id, user_id or 0, key, mark, waits=True) for mail_id, user_id, key, mark in rows]


@prepared
def _prompts_that_wait(now: Any, latest: Any) -> Any:
    columns = (OutgoingMail.id, OutgoingMail.user_id, OutgoingMail.key, OutgoingMail.fingerprint)
    return select(*columns).where(_waits(now, latest)).order_by(OutgoingMail.id)


def told_by_waiting(now: datetime) -> dict[int, set[tuple[int, str, date | None]]]:
    """Return what the prompts that wait tell, as (task, rung, due date) by mail."""
    tells: dict[int, set[tuple[int, str, date | None]]] = defaultdict(set)
    for mail_id, task_id, rung, due_on in _told_by_waiting(**moments(now)):
        tells[mail_id].add((task_id, rung, due_on))
    return tells


@prepared
def _told_by_waiting(now: Any, latest: Any) -> Any:
    return (
        select(Reminder.mail_id, Reminder.task_id, Reminder.rung, Reminder.due_on)
        .join(OutgoingMail, OutgoingMail.id == Reminder.mail_id)
        .where(_waits(now, latest))
    )


def _waits(now: Any, latest: Any) -> ColumnElement[bool]:
    is_due = waits_sql(now=now, latest=latest)
    return and_(OutgoingMail.kind == PROMPT, or_(OutgoingMail.state == MailState.QUEUED, is_due))


def _since(at: datetime) -> dict[str, Any]:
    since = at - NEWS_LASTS
    return {"since": since, "since_day": day_of(since) - timedelta(days=1)}


def _near(today: date) -> dict[str, Any]:
    return {"today": today, "tomorrow": today + timedelta(days=1)}


def _is_recent(since: Any, since_day: Any) -> ColumnElement[bool]:
    # The day narrows it down by an index; the moment decides.
    return and_(History.do.in_(tuple(NEWS_OF)), History.at >= since, History.on_day >= since_day)


def _near_hours(today: Any, tomorrow: Any) -> Select[Any]:
    return select(Task.id).where(
        in_states(Task, OPEN_STATES), Task.due_time.is_not(None),
        due_within_sql(Task, first=today, last=tomorrow),
    )  # fmt: skip


def _in_question(since: Any, since_day: Any, today: Any, tomorrow: Any) -> ColumnElement[bool]:
    recent = select(History.task_id).where(_is_recent(since, since_day))
    ids = union(recent, _near_hours(today, tomorrow)).subquery()
    return and_(in_states(Task, RUNNING_STATES), Task.id.in_(select(ids.c.task_id)))
