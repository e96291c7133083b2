"""The ranking of an assigner's lead units, read from the history up to the end of its cut-off day.

Like the monthly report it asks the present row of a task for nothing that may have changed since. The working
calendar and the weights are those of today: the figures of a past day stay, its score follows the formula
that is printed with it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from sqlalchemy import and_, func, select

from tracker.clock import VIETNAM
from tracker.models import FAR_FUTURE, db
from tracker.models.mail import MailState, OutgoingMail, Reminder
from tracker.models.people import HeldRole, Role, User
from tracker.models.progress import History
from tracker.models.task import Task
from tracker.models.units import Unit
from tracker.queries.b4 import Behind, Question, part_open_to, population, read_behind
from tracker.queries.b4.units import read_units
from tracker.queries.corrections import people_since, units_since
from tracker.queries.standing import roles_on, units_reached
from tracker.rules.deadlines import WorkingCalendar
from tracker.rules.permissions import ISSUERS, UNIT_HEAD
from tracker.rules.ranking import Formula, Head, LeadUnit, RankedTask, Ranking, rank
from tracker.rules.ranking_facts import EVENTS, Event, Reminding, ranked_task
from tracker.rules.rungs import URGED, is_reminding, sort_of
from tracker.rules.status import Cell, State, days_overdue

RANKED_PEOPLE = ISSUERS | {UNIT_HEAD}
"""Roles whose holders see the rows of the units that they reach; officers see none."""


def ranking(question: Question, *, formula: Formula, calendar: WorkingCalendar) -> Ranking:
    """Return the ranking of a B.4's lead units: nine statements, whatever their number and that of the tasks.

    It is always of the whole: the part of somebody is `Ranking.part` of it, as places need all units.
    """
    tasks = read_tasks(question, calendar=calendar)
    by_unit: dict[int, list[RankedTask]] = defaultdict(list)
    for task in tasks:
        by_unit[task.unit_id].append(task)
    units = read_units(question, by_unit)
    ids = {code: unit_id for unit_id, code in units.codes.items()}
    known = _known(by_unit, question.on)
    heads = _heads(known, question.on)
    lead_units = [
        LeadUnit(unit_id, row.code, row.name, heads[unit_id], *known[unit_id][:2])
        for row in units.rows
        if (unit_id := ids[row.code]) in by_unit
    ]
    rows, ranked = rank([(unit, by_unit[unit.unit_id]) for unit in lead_units], formula)
    return Ranking(
        question.assigner.code, units.assigner_name, units.above_assigner, units.title_of_head,
        question.first, question.last, question.on, formula, rows, ranked,
    )  # fmt: skip


def read_tasks(
    question: Question, *, calendar: WorkingCalendar, unit_code: str | None = None
) -> list[RankedTask]:
    """Return what a ranking knows of each task, of one unit or all: by deadline: three statements."""
    counted = population(replace(question, part=None)).subquery("counted")
    tasks = select(counted, Task.given_on).join(Task, Task.id == counted.c.task_id)
    wanted = select(counted.c.task_id)
    if unit_code is not None:
        unit = select(Unit.id).where(Unit.code == unit_code).scalar_subquery()
        tasks, wanted = tasks.where(counted.c.unit_id == unit), wanted.where(counted.c.unit_id == unit)
    rows = db.session.execute(tasks).all()
    events, remindings = _events(wanted, question.on), _remindings(wanted, question.on)
    found = [
        ranked_task(
            task_id=row.task_id, unit_id=row.unit_id, cell=Cell(row.cell), state=row.state,
            given_on=row.given_on, due_on=row.due_on, reported_on=row.reported_on,
            days=days_overdue(row, day=question.on), events=events.get(row.task_id, ()),
            remindings=remindings.get(row.task_id, ()), on=question.on, calendar=calendar,
        )
        for row in rows
    ]  # fmt: skip
    return sorted(found, key=place_of)


def place_of(task: RankedTask) -> tuple[date, int]:
    """Return where a task stands in a list: by deadline, those without one last."""
    return task.due_on or FAR_FUTURE, task.task_id


def _events(tasks: Any, on: date) -> Mapping[int, list[Event]]:
    """Return what happened to given tasks by the end of a day; drafts that move belong to nobody yet."""
    query: Any = (
        select(History.task_id, History.id, History.do, History.on_day)
        .where(
            History.task_id.in_(tasks), History.do.in_(EVENTS), History.on_day <= on,
            History.from_state != State.DRAFT,
        )
        .order_by(History.id)
    )  # fmt: skip
    found: dict[int, list[Event]] = defaultdict(list)
    for task_id, *event in db.session.execute(query):
        found[task_id].append(Event(*event))
    return found


def _remindings(tasks: Any, on: date) -> Mapping[int, list[Reminding]]:
    """Return by task the times that people were told of it by mails that were sent by the end of a day.

    However many people were told of one rung while the task was due on one day, it is one time. Which mails
    were sent is asked of the groups: as a condition it leads SQLite through every mail that was ever sent.
    """
    end = datetime.combine(on + timedelta(days=1), time(), VIETNAM)
    sent = and_(OutgoingMail.state == MailState.SENT, OutgoingMail.ended_at < end)
    first_told = func.min(Reminder.told_on, type_=Reminder.told_on.type).filter(sent)
    query = (
        select(Reminder.task_id, Reminder.rung, first_told)
        .join(OutgoingMail, OutgoingMail.id == Reminder.mail_id)
        .where(Reminder.task_id.in_(tasks), Reminder.told_on <= on)
        .group_by(Reminder.task_id, Reminder.rung, Reminder.due_on)
    )  # fmt: skip
    found: dict[int, list[Reminding]] = defaultdict(list)
    for task_id, rung, told_on in db.session.execute(query):
        if told_on is not None and is_reminding(rung):
            sort = sort_of(rung)
            entry = int(rung.partition(":")[2]) if sort == URGED else None
            found[task_id].append(Reminding(sort, told_on, entry))
    return found


class _Known(NamedTuple):
    """What is asked of a lead unit: the first day without it, when that had come; its successor; its head."""

    ended_on: date | None
    successor: str | None
    title_of_head: str | None


def _known(unit_ids: Iterable[int], on: date) -> dict[int, _Known]:
    """Return what was known of units at the end of a day: three statements."""
    columns = (Unit.id, Unit.valid_to, Unit.successor_id, Unit.title_of_head)
    rows = db.session.execute(select(*columns).where(Unit.id.in_(unit_ids))).all()
    after = {row.successor_id for row in rows if row.successor_id is not None and row.valid_to <= on}
    then = units_since({*after, *(row.id for row in rows)}, on)
    names = {
        row.id: then.get(row.id, {}).get("name", row.name)
        for row in db.session.execute(select(Unit.id, Unit.name).where(Unit.id.in_(after)))
    }
    found = {}
    for row in rows:
        has_ended = row.valid_to <= on
        found[row.id] = _Known(
            row.valid_to if has_ended else None, names.get(row.successor_id) if has_ended else None,
            then.get(row.id, {}).get("title_of_head", row.title_of_head),
        )  # fmt: skip
    return found


def _heads(units: Mapping[int, _Known], on: date) -> Mapping[int, tuple[Head, ...]]:
    """Return by unit who led it on a day, or on its last day when it had ended by then: two statements.

    That is who held the role of its head; where nobody did, who held that of its leader. Of several, as where
    deputies hold it too, those whose title is that of the head of the unit, when there are such.
    """
    query = (
        select(
            HeldRole.unit_id, HeldRole.role, HeldRole.valid_from, HeldRole.valid_to, User.id, User.login,
            User.name, User.title,
        )
        .join(User, User.id == HeldRole.user_id)
        .where(HeldRole.unit_id.in_(units), HeldRole.role.in_((Role.UNIT_HEAD, Role.LEADER)))
        .order_by(HeldRole.id)
    )  # fmt: skip
    held = []
    for row in db.session.execute(query):
        end = units[row.unit_id].ended_on
        day = on if end is None else end - timedelta(days=1)
        if row.valid_from <= day < row.valid_to:
            held.append(row)
    then = people_since({row.id for row in held}, on)
    found: dict[tuple[int, Role], list[tuple[Head, str]]] = defaultdict(list)
    for row in held:
        facts = {"name": row.name, "title": row.title} | then.get(row.id, {})
        found[row.unit_id, row.role].append((Head(row.login, facts["name"]), facts["title"] or ""))
    heads = {}
    for unit_id, unit in units.items():
        holders = found[unit_id, Role.UNIT_HEAD] or found[unit_id, Role.LEADER]
        title = (unit.title_of_head or "").casefold()
        named = [each for each in holders if title and each[1].casefold().startswith(title)]
        heads[unit_id] = tuple(head for head, _title in named or holders)
    return heads


def may_see_some(user: User, *, day: date) -> bool:
    """Whether a person heads or oversees any unit, and so sees at least their own rows."""
    return any(each.role.value in RANKED_PEOPLE for each in roles_on(user, day))


def own_codes(user: User, codes: Collection[str], *, day: date) -> frozenset[str]:
    """Return which of these units, by code, a person heads or oversees."""
    reached = units_reached(user, RANKED_PEOPLE, day=day)
    if reached is None:
        return frozenset()
    return frozenset(db.session.scalars(select(Unit.code).where(Unit.code.in_(codes), Unit.id.in_(reached))))


def open_tasks(question: Question, user: User, *, day: date) -> frozenset[int]:
    """Return the ids of a question's tasks that a person may open who sees no more than a part of it."""
    part = part_open_to(user, day=day)
    if part is None:
        return frozenset()
    return frozenset(row.task_id for row in db.session.execute(population(replace(question, part=part))))


def read_words(question: Question, task_ids: Collection[int]) -> dict[int, Behind]:
    """Return what these tasks are, as they were called on the cut-off day: five statements."""
    counted = population(replace(question, part=None)).subquery("ranked")
    chosen = select(counted).where(counted.c.task_id.in_(task_ids))
    tasks, _following = read_behind(chosen, first=question.first, on=question.on, most=len(task_ids))
    return {task.task_id: task for task in tasks}
