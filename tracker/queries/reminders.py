"""What the daily mails are made from: a constant number of statements, however many people and tasks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime, time
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    String,
    and_,
    case,
    cast,
    func,
    literal,
    literal_column,
    or_,
    select,
    type_coerce,
)

from tracker.models import db
from tracker.models.days import days_after
from tracker.models.directive import Directive
from tracker.models.mail import MailState, OutgoingMail, Reminder, moments, waits_sql
from tracker.models.people import Digest, HeldRole, Role, User
from tracker.models.progress import History
from tracker.models.statements import prepared
from tracker.models.task import Request, RequestKind, RequestState, Task, TaskPeriod
from tracker.models.units import Unit
from tracker.rules.digest import may_be_told_sql
from tracker.rules.status import OPEN_STATES, State, in_states, overdue_sql

DIGEST = "digest"
"""The kind of the daily mails in the outbox."""

GIVEN, REPORTED, DECIDED = "given", "report", "decided"
_NEWS = {
    "give": GIVEN, "reassign": GIVEN, "transfer": GIVEN, "inherit": GIVEN,
    "report": REPORTED,
    "rework": DECIDED, "reopen": DECIDED, "refuse_return": DECIDED, "grant_extension": DECIDED,
    "refuse_extension": DECIDED,
}  # fmt: skip
_GIVINGS = tuple(do for do, sort in _NEWS.items() if sort == GIVEN)
_MOVES = ("transfer", "inherit")
_DECISIONS = tuple(do for do, sort in _NEWS.items() if sort == DECIDED)


class TaskFacts(NamedTuple):
    """A task as the mails tell of it."""

    id: int
    content: str
    state: State
    given_on: date
    due_on: date | None
    due_time: time | None
    reported_on: date | None
    unit_id: int
    unit_name: str
    assigner_id: int
    officer_id: int | None
    tracker_id: int | None
    leader_id: int | None
    reported_by_id: int | None
    directive_kind: str
    directive_number: str | None
    directive_issued_on: date
    urgency: str


class Event(NamedTuple):
    """The last thing of its sort that happened to a task: given, reported or decided (`sort`)."""

    id: int
    task_id: int
    do: str
    by_id: int | None
    note: str | None
    """The reason that was given, where one was."""

    @property
    def sort(self) -> str:
        return _NEWS[self.do]


class Asked(NamedTuple):
    """A request that waits for a decision."""

    id: int
    task_id: int
    kind: RequestKind
    until: date | None


class Person(NamedTuple):
    """Somebody with an active account."""

    id: int
    name: str
    email: str | None
    is_weekly: bool


class Queued(NamedTuple):
    """A digest of a person in the outbox; `waits` is false once it was handed to a sender."""

    id: int
    user_id: int
    key: str
    fingerprint: str | None
    waits: bool


def tasks_to_tell(*, horizon: date, since: date) -> list[TaskFacts]:
    """Return the open tasks that may be told for their deadline (`horizon` as of `may_be_told_sql`), wait for
    a decision, or were decided or moved since a day."""
    return [TaskFacts(*row) for row in _tasks_to_tell(horizon=horizon, since=since)]


@prepared
def _tasks_to_tell(horizon: Any, since: Any) -> Any:
    asked = select(Request.task_id).where(Request.state == RequestState.PENDING)
    lately = select(History.task_id).where(History.do.in_((*_DECISIONS, *_MOVES)), History.on_day >= since)
    in_question = or_(
        may_be_told_sql(Task, horizon=horizon), Task.id.in_(asked), Task.id.in_(lately)
    )
    return facts_of_tasks(and_(in_states(Task, OPEN_STATES), in_question))


def facts_of_tasks(condition: ColumnElement[bool]) -> Any:
    """Return a SELECT of the `TaskFacts` of the tasks that meet `condition` over `Task`, by deadline."""
    return (
        select(
            Task.id, Task.content, Task.state, Task.given_on, Task.due_on, Task.due_time, Task.reported_on,
            Task.unit_id, Unit.name, Task.assigner_id, Task.officer_id, Task.tracker_id, Task.leader_id,
            Task.reported_by_id, Directive.kind, Directive.number, Directive.issued_on, Directive.urgency,
        )
        .join(Unit, Unit.id == Task.unit_id)
        .join(Directive, Directive.id == Task.directive_id)
        .where(condition)
        .order_by(Task.due_on, Task.id)
    )  # fmt: skip


def last_events(*, since: date) -> dict[tuple[int, str], Event]:
    """Return by (task, sort) the last news of the open tasks.

    It is the last giving of each task that is not accepted, the move of each that came to its unit in
    progress, the last report of each that waits for its confirmation, and the last decision on each open
    one; moves and decisions `since` a day.
    """
    events = (Event(*row) for row in _last_events(since=since))
    return {(event.task_id, event.sort): event for event in events}


@prepared
def _last_events(since: Any) -> Any:
    open_task = in_states(Task, OPEN_STATES)
    return (
        select(History.id, History.task_id, History.do, History.by_id, History.note)
        .join(Task, Task.id == History.task_id)
        .where(
            or_(
                and_(History.do.in_(_GIVINGS), Task.state == State.NOT_STARTED),
                and_(
                    History.do.in_(_MOVES), History.to_state == State.IN_PROGRESS, History.on_day >= since,
                    Task.state == State.IN_PROGRESS,
                ),
                and_(History.do == "report", Task.state == State.AWAITING_CONFIRMATION),
                and_(History.do.in_(_DECISIONS), History.on_day >= since, open_task),
            )
        )
        .order_by(History.id)
    )  # fmt: skip


def requests_waiting() -> dict[int, list[Asked]]:
    """Return the requests that wait for a decision, by task."""
    waiting: dict[int, list[Asked]] = defaultdict(list)
    for row in _requests_waiting():
        waiting[row.task_id].append(Asked(*row))
    return waiting


@prepared
def _requests_waiting() -> Any:
    query = select(Request.id, Request.task_id, Request.kind, Request.until)
    return query.where(Request.state == RequestState.PENDING).order_by(Request.id)


def active_people() -> dict[int, Person]:
    """Return everybody with an active account, by id."""
    return {row[0]: Person(*row) for row in _active_people()}


@prepared
def _active_people() -> Any:
    return select(User.id, User.name, User.email, User.digest == Digest.WEEKLY).where(User.active)


def units_of_people(reach: Select[Any]) -> dict[int, str]:
    """Return the people of the units whose ids `reach` selects, with the names of their units, by person."""
    query = select(User.id, Unit.name).join(Unit, Unit.id == User.unit_id).where(Unit.id.in_(reach))
    return {row[0]: row[1] for row in db.session.execute(query)}


def holders_on(day: date) -> Mapping[tuple[int, Role], list[int]]:
    """Return the active people who hold a role in exactly a unit on a day, by (unit, role)."""
    holders: dict[tuple[int, Role], list[int]] = defaultdict(list)
    for unit_id, role, user_id in _holders_on(day=day):
        holders[unit_id, role].append(user_id)
    return holders


@prepared
def _holders_on(day: Any) -> Any:
    return (
        select(HeldRole.unit_id, HeldRole.role, HeldRole.user_id)
        .join(User, User.id == HeldRole.user_id)
        .where(
            User.active, HeldRole.role.in_((Role.UNIT_HEAD, Role.LEADER, Role.OFFICE)),
            HeldRole.valid_from <= day, HeldRole.valid_to > day,
        )
        .order_by(HeldRole.id)
    )  # fmt: skip


class Told:
    """What the ledger holds of some tasks."""

    def __init__(self, rows: Iterable[tuple[int, str, date | None, int]]) -> None:
        self._rows = set(rows)
        self._news = {(task_id, rung, user_id) for task_id, rung, _due_on, user_id in self._rows}

    def holds(self, task_id: int, rung: str, due_on: date | None, user_id: int) -> bool:
        """Return whether a person was told: of a rung with this deadline, of news with whichever."""
        if ":" in rung:
            return (task_id, rung, user_id) in self._news
        return (task_id, rung, due_on, user_id) in self._rows


def told_of_open_tasks(*, besides: Collection[int]) -> Told:
    """Return the ledger of the open tasks, without that of some mails."""
    return Told(
        (task_id, rung, due_on, user_id)
        for task_id, rung, due_on, user_id, mail_id in _told_of_open_tasks()
        if mail_id not in besides
    )


@prepared
def _told_of_open_tasks() -> Any:
    return ledger_of(in_states(Task, OPEN_STATES))


def ledger_of(condition: ColumnElement[bool]) -> Any:
    """Return a SELECT of the ledger of the tasks that meet `condition` over `Task`: what `Told` takes, and
    the mail."""
    columns = (Reminder.task_id, Reminder.rung, Reminder.due_on, Reminder.user_id, Reminder.mail_id)
    return select(*columns).join(Task, Task.id == Reminder.task_id).where(condition)


def digests_in_outbox(*, keys_from: str, keys_to: str, now: datetime) -> list[Queued]:
    """Return the digests that still wait `now`, and those of today, whatever became of them.

    The keys of today's digests begin with `keys_from`, those of tomorrow's with `keys_to`: days of equal
    length differ in a digit, so they stand in this order whatever a database does with punctuation.
    """
    rows = _digests_in_outbox(keys_from=keys_from, keys_to=keys_to, **moments(now))
    return [Queued(*row) for row in rows]


@prepared
def _digests_in_outbox(keys_from: Any, keys_to: Any, now: Any, latest: Any) -> Any:
    waits = or_(OutgoingMail.state == MailState.QUEUED, waits_sql(now=now, latest=latest))
    return (
        select(OutgoingMail.id, OutgoingMail.user_id, OutgoingMail.key, OutgoingMail.fingerprint, waits)
        .where(
            OutgoingMail.kind == DIGEST,
            or_(waits, and_(OutgoingMail.key >= keys_from, OutgoingMail.key < keys_to)),
        )
        .order_by(OutgoingMail.id)
    )


def has_digest_to_send(now: datetime) -> bool:
    """Return whether a digest is among the mails that a sender may take `now`."""
    return _digest_to_send(**moments(now)).first() is not None


@prepared
def _digest_to_send(now: Any, latest: Any) -> Any:
    due = waits_sql(now=now, latest=latest)
    return select(OutgoingMail.id).where(OutgoingMail.kind == DIGEST, due).limit(1)


def newly_overdue(*, today: Any, at: Any) -> Select[Any]:
    """Return a SELECT of history rows for each deadline that has passed while its task was not reported.

    `today` and `at` (aware) may be parameters. Columns: do, on_day, at, task_id, directive_id, unit_id,
    payload, token. It reads the stretches of days of the facts, so that a day on which nobody asked is found
    too. A stretch counts when its deadline had passed at its end or has passed today: due on the 10th,
    reported during the 11th, is overdue since the 11th at 00:00. The day is that after the deadline, or that
    on which a deadline already past was set.
    """
    period = TaskPeriod
    today = type_coerce(today, period.valid_to.type)
    last_day = case((period.valid_to < today, period.valid_to), else_=today)
    dialect = db.session.get_bind().dialect.name
    day_after = days_after(period.due_on, literal_column("1", Integer()))
    if dialect == "sqlite":
        due_text, as_json = func.date(period.due_on), func.json_object
    else:
        due_text, as_json = func.to_char(period.due_on, "YYYY-MM-DD"), func.json_build_object
    since = case((period.valid_from > day_after, period.valid_from), else_=day_after)
    became = (
        select(period.task_id, period.due_on, due_text.label("due"), func.min(since).label("on_day"))
        .where(overdue_sql(period, day=last_day))
        .group_by(period.task_id, period.due_on)
        .subquery("became_overdue")
    )
    token = literal("overdue:").concat(cast(became.c.task_id, String)).concat(":").concat(became.c.due)
    recorded = select(History.id).where(History.token == token).exists()
    return (
        select(
            literal("became_overdue"), became.c.on_day, type_coerce(at, History.at.type), Task.id,
            Task.directive_id, Task.unit_id, as_json("task", Task.key, "due", became.c.due), token,
        )
        .join(Task, Task.id == became.c.task_id)
        .where(~recorded)
        .order_by(became.c.on_day, Task.id)
    )  # fmt: skip
