"""What the monthly overdue report holds, read from the history up to the end of its cut-off day.

The present row of a task is asked for nothing that may have changed since: stretches of days give unit, state
and deadline, requests and progress count up to the day, and what was corrected later is read as it was.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, and_, or_, select

from tracker.clock import VIETNAM
from tracker.models import db
from tracker.models.directive import Directive
from tracker.models.mail import MailState, OutgoingMail, Reminder
from tracker.models.people import HeldRole, Role, User
from tracker.models.progress import History
from tracker.models.task import Request, RequestKind, RequestState, Task, TaskPeriod
from tracker.models.units import Unit
from tracker.queries import b4, trend
from tracker.queries.b4 import Question
from tracker.queries.corrections import directives_since, tasks_since
from tracker.queries.units import names_above
from tracker.rules.overdue_report import (
    Extension,
    OverdueReport,
    OverdueTask,
    Reason,
    UnitRow,
    month_before,
)
from tracker.rules.rungs import URGED, is_reminding
from tracker.rules.status import (
    OPEN_STATES,
    State,
    days_overdue,
    in_states,
    overdue_sql,
)

_REASONS = {
    "progress": ("difficulties", "difficulties"),
    "report": ("explanation", "explanation"),
    "ask_extension": ("extension", "reason"),
    "ask_return": ("return", "reason"),
}
"""By what was done: which sort of reason it may hold, and where in its payload."""


def question_of(assigner: Unit, last: date) -> Question:
    """Return what the report's B.4 is asked: from 1 January to the cut-off day, as of its end."""
    return Question(assigner, date(last.year, 1, 1), last, last)


def overdue_month(assigner: Unit, last: date, *, repeat_months: int) -> OverdueReport:
    """Return the report of an assigner as of the end of `last`, the last day of a month.

    The number of statements does not depend on how many units and tasks there are.
    """
    rows = _rows(question_of(assigner, last))
    place = {row.unit_id: number for number, row in enumerate(rows)}
    overdue = sorted(
        _overdue(assigner, last), key=lambda task: (place[task.unit_id], -task.days, task.task_id)
    )
    return OverdueReport(
        assigner_code=assigner.code, assigner_name=assigner.name, above=tuple(names_above(assigner)),
        title_of_head=assigner.title_of_head, first=last.replace(day=1), last=last,
        counted_from=date(last.year, 1, 1), rows=rows, overdue=tuple(overdue),
        months=trend.months(assigner, last), repeat_months=repeat_months,
    )  # fmt: skip


def _rows(question: Question) -> tuple[UnitRow, ...]:
    rows = b4.table(question).rows
    codes = select(Unit.code, Unit.id).where(Unit.code.in_([row.code for row in rows]))
    ids: dict[str, int] = {code: unit_id for code, unit_id in db.session.execute(codes)}  # noqa: C416
    return tuple(
        UnitRow(ids[row.code], row.code, row.name, tuple(row.cells), row.without_deadline, row.depth)
        for row in rows
    )


def _overdue_on(assigner: Unit, day: date) -> ColumnElement[bool]:
    """Return the SQL condition over `TaskPeriod` that its task was overdue at the end of a day."""
    period = TaskPeriod
    return and_(
        period.assigner_id == assigner.id, period.valid_from <= day, period.valid_to > day,
        overdue_sql(period, day=day),
    )  # fmt: skip


class _Known:
    """What was known of the overdue tasks by the end of the cut-off day, by task."""

    def __init__(self, tasks: Select[int], last: date) -> None:
        self.reasons = _reasons(tasks, last)
        self.extensions = _extensions(tasks, last)
        self.reminded, self.urged = _told(tasks, last)
        self.old_words = tasks_since(last, History.task_id.in_(tasks))
        papers = select(Task.directive_id).where(Task.id.in_(tasks))
        self.old_papers = directives_since(last, History.directive_id.in_(papers))


def _overdue(assigner: Unit, last: date) -> Iterator[OverdueTask]:
    overdue = _overdue_on(assigner, last)
    query = (
        select(
            Task.id, TaskPeriod.unit_id, TaskPeriod.state, TaskPeriod.due_on, TaskPeriod.reported_on,
            Task.content, Task.item, Task.original_due_on, Task.directive_id, Directive.kind,
            Directive.number, Directive.issued_on,
        )
        .join(Task, Task.id == TaskPeriod.task_id)
        .join(Directive, Directive.id == Task.directive_id)
        .where(overdue)
    )  # fmt: skip
    found = db.session.execute(query).all()
    if not found:
        return
    earlier = select(TaskPeriod.task_id, TaskPeriod.unit_id).where(_overdue_on(assigner, month_before(last)))
    before: dict[int, int] = {task_id: unit_id for task_id, unit_id in db.session.execute(earlier)}  # noqa: C416
    known = _Known(select(TaskPeriod.task_id).where(overdue), last)
    for row in found:
        words = {"content": row.content, "item": row.item} | known.old_words.get(row.id, {})
        paper = {"kind": row.kind, "number": row.number, "issued_on": row.issued_on.isoformat()}
        paper |= known.old_papers.get(row.directive_id, {})
        yield OverdueTask(
            task_id=row.id, unit_id=row.unit_id, content=words["content"], item=words["item"],
            directive_kind=paper["kind"], directive_number=paper["number"],
            directive_issued_on=date.fromisoformat(paper["issued_on"]), original_due_on=row.original_due_on,
            due_on=row.due_on, days=days_overdue(row, day=last), before_unit_id=before.get(row.id),
            reasons=tuple(known.reasons.get(row.id, ())), extensions=tuple(known.extensions.get(row.id, ())),
            reminded_on=tuple(known.reminded.get(row.id, ())), urged_on=tuple(known.urged.get(row.id, ())),
        )  # fmt: skip


def _reasons(tasks: Select[int], last: date) -> dict[int, list[Reason]]:
    """Return the last reason of each sort that was given by a day, the latest first."""
    query = (
        select(History.task_id, History.do, History.on_day, History.payload)
        .where(History.task_id.in_(tasks), History.do.in_(_REASONS), History.on_day <= last)
        .order_by(History.id.desc())
    )
    found: dict[int, dict[str, Reason]] = defaultdict(dict)
    for task_id, do, on_day, payload in db.session.execute(query):
        sort, key = _REASONS[do]
        if task_id is not None and on_day is not None and (text := payload.get(key)):
            found[task_id].setdefault(sort, Reason(sort, on_day, text))
    return {task_id: list(reasons.values()) for task_id, reasons in found.items()}


def _extensions(tasks: Select[int], last: date) -> dict[int, list[Extension]]:
    """Return the extensions that were asked for by a day; one decided later was pending on it."""
    query = (
        select(
            Request.task_id, Request.asked_on, Request.until, Request.state, Request.decided_on,
            Request.granted_until,
        )
        .where(
            Request.task_id.in_(tasks), Request.kind == RequestKind.EXTENSION, Request.asked_on <= last
        )
        .order_by(Request.id)
    )  # fmt: skip
    found: dict[int, list[Extension]] = defaultdict(list)
    for task_id, asked_on, until, state, decided_on, granted_until in db.session.execute(query):
        extension = Extension(asked_on, until, RequestState.PENDING.value)
        if decided_on is not None and decided_on <= last:
            extension = Extension(asked_on, until, state.value, decided_on, granted_until)
        found[task_id].append(extension)
    return found


def _told(tasks: Select[int], last: date) -> tuple[dict[int, list[date]], dict[int, list[date]]]:
    """Return by task the days of its reminders and those of its urgings by hand, from mails sent by a day."""
    end = datetime.combine(last + timedelta(days=1), time(), VIETNAM)
    query = (
        select(Reminder.task_id, Reminder.rung, Reminder.told_on)
        .join(OutgoingMail, OutgoingMail.id == Reminder.mail_id)
        .where(
            Reminder.task_id.in_(tasks), Reminder.told_on <= last, OutgoingMail.state == MailState.SENT,
            OutgoingMail.ended_at < end,
        )
        .distinct()
        .order_by(Reminder.told_on, Reminder.rung)
    )  # fmt: skip
    reminded: dict[int, list[date]] = defaultdict(list)
    urged: dict[int, list[date]] = defaultdict(list)
    for task_id, rung, told_on in db.session.execute(query):
        if rung.partition(":")[0] == URGED:
            urged[task_id].append(told_on)
        elif is_reminding(rung) and told_on not in reminded[task_id]:
            reminded[task_id].append(told_on)
    return reminded, urged


def assigners_with_a_report(last: date, *, today: date) -> Sequence[Unit]:
    """Return the units that get the report as of `last`: somebody leads them or is their office today, and
    their B.4 from 1 January to `last` holds a task."""
    period = TaskPeriod
    counted = (period.valid_from <= last, period.valid_to > last)
    gave = or_(
        *(
            select(period.id).where(period.assigner_id == Unit.id, *counted, condition).exists()
            for condition in (
                in_states(period, OPEN_STATES),
                and_(in_states(period, (State.COMPLETED,)), period.valid_from >= date(last.year, 1, 1)),
            )
        )
    )
    led = (
        select(HeldRole.unit_id)
        .join(User, User.id == HeldRole.user_id)
        .where(
            User.active, HeldRole.role.in_((Role.LEADER, Role.OFFICE)), HeldRole.valid_from <= today,
            HeldRole.valid_to > today,
        )
    )  # fmt: skip
    query = select(Unit).where(Unit.id.in_(led), gave).order_by(*b4.in_order())
    return list(db.session.scalars(query))


class Reader(NamedTuple):
    """Somebody to whom a report is sent; `unit_ids` of a part, None for the whole."""

    id: int
    name: str
    email: str | None
    unit_ids: frozenset[int] | None


def readers_of(
    assigner_id: int, unit_ids: Iterable[int], *, today: date, with_inspectors: bool = False
) -> list[Reader]:
    """Return who gets a report: the leaders and the office of the assigner the whole of it, the head of each
    unit (its leaders where it has no head) the part of that unit. Each person once, by id.

    Roles are those held today in exactly these units, by people with an active account.
    """
    units = set(unit_ids)
    overseers = {Role.LEADER, Role.OFFICE} | ({Role.INSPECTOR} if with_inspectors else set())
    query = (
        select(User.id, User.name, User.email, HeldRole.unit_id, HeldRole.role)
        .join(HeldRole, HeldRole.user_id == User.id)
        .where(
            User.active, HeldRole.unit_id.in_({assigner_id, *units}), HeldRole.valid_from <= today,
            HeldRole.valid_to > today,
        )
        .order_by(User.id)
    )  # fmt: skip
    held = db.session.execute(query).all()
    headed = {row.unit_id for row in held if row.role is Role.UNIT_HEAD}
    whole: set[int] = set()
    parts: dict[int, set[int]] = defaultdict(set)
    for row in held:
        if row.unit_id == assigner_id and row.role in overseers:
            whole.add(row.id)
        heads = row.role is Role.UNIT_HEAD or (row.role is Role.LEADER and row.unit_id not in headed)
        if heads and row.unit_id in units:
            parts[row.id].add(row.unit_id)
    people = {row.id: (row.name, row.email) for row in held}
    return [
        Reader(user_id, *people[user_id], None if user_id in whole else frozenset(parts[user_id]))
        for user_id in sorted({*whole, *parts})
    ]
