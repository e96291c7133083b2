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
from typing import Any

from sqlalchemy import func, select

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
from tracker.queries.standing import units_reached
from tracker.rules.deadlines import WorkingCalendar
from tracker.rules.permissions import ISSUERS, UNIT_HEAD
from tracker.rules.ranking import Formula, Head, LeadUnit, RankedTask, Ranking, rank
from tracker.rules.ranking_facts import EVENTS, Event, Reminding, ranked_task
from tracker.rules.rungs import URGED, is_reminding, sort_of
from tracker.rules.status import Cell, days_overdue

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
    ends = _ends(by_unit, question.on)
    heads = _heads({unit_id: end[0] for unit_id, end in ends.items()}, question.on)
    lead_units = [
        LeadUnit(ids[row.code], row.code, row.name, tuple(heads[ids[row.code]]), *ends[ids[row.code]])
        for row in units.rows
        if ids[row.code] in by_unit
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
    query: Any = (
        select(History.task_id, History.id, History.do, History.on_day)
        .where(History.task_id.in_(tasks), History.do.in_(EVENTS), History.on_day <= on)
        .order_by(History.id)
    )
    found: dict[int, list[Event]] = defaultdict(list)
    for task_id, *event in db.session.execute(query):
        found[task_id].append(Event(*event))
    return found


def _remindings(tasks: Any, on: date) -> Mapping[int, list[Reminding]]:
    """Return by task the times that people were told of it by mails that were sent by the end of a day.

    However many people were told of one rung while the task was due on one day, it is one time.
    """
    end = datetime.combine(on + timedelta(days=1), time(), VIETNAM)
    query = (
        select(Reminder.task_id, Reminder.rung, func.min(Reminder.told_on, type_=Reminder.told_on.type))
        .join(OutgoingMail, OutgoingMail.id == Reminder.mail_id)
        .where(
            Reminder.task_id.in_(tasks), Reminder.told_on <= on, OutgoingMail.state == MailState.SENT,
            OutgoingMail.ended_at < end,
        )
        .group_by(Reminder.task_id, Reminder.rung, Reminder.due_on)
    )  # fmt: skip
    found: dict[int, list[Reminding]] = defaultdict(list)
    for task_id, rung, told_on in db.session.execute(query):
        if is_reminding(rung):
            sort = sort_of(rung)
            entry = int(rung.partition(":")[2]) if sort == URGED else None
            found[task_id].append(Reminding(sort, told_on, entry))
    return found


def _ends(unit_ids: Iterable[int], on: date) -> dict[int, tuple[date | None, str | None]]:
    """Return by unit the first day without it, when it had come by a day, and the name of its successor."""
    query = select(Unit.id, Unit.valid_to, Unit.successor_id).where(Unit.id.in_(unit_ids))
    ended = {row.id: row if row.valid_to <= on else None for row in db.session.execute(query)}
    after = {row.successor_id for row in ended.values() if row is not None and row.successor_id is not None}
    named = select(Unit.id, Unit.name).where(Unit.id.in_(after))
    then = units_since(after, on)
    names = {row.id: then.get(row.id, {}).get("name", row.name) for row in db.session.execute(named)}
    return {
        unit_id: (row.valid_to, names.get(row.successor_id)) if row is not None else (None, None)
        for unit_id, row in ended.items()
    }


def _heads(ends: Mapping[int, date | None], on: date) -> Mapping[int, list[Head]]:
    """Return by unit who led it on a day, or on its last day when it had ended by then.

    That is who held the role of its head; where nobody did, who held that of its leader.
    """
    query = (
        select(
            HeldRole.unit_id, HeldRole.role, HeldRole.valid_from, HeldRole.valid_to, User.id, User.login,
            User.name,
        )
        .join(User, User.id == HeldRole.user_id)
        .where(
            HeldRole.unit_id.in_(ends), HeldRole.role.in_((Role.UNIT_HEAD, Role.LEADER)),
            HeldRole.valid_from <= on,
        )
        .order_by(HeldRole.id)
    )  # fmt: skip
    held = []
    for row in db.session.execute(query):
        end = ends[row.unit_id]
        day = on if end is None else end - timedelta(days=1)
        if row.valid_from <= day < row.valid_to:
            held.append(row)
    then = people_since({row.id for row in held}, on)
    by_role: dict[int, dict[Role, list[Head]]] = defaultdict(lambda: defaultdict(list))
    for row in held:
        head = Head(row.login, then.get(row.id, {}).get("name", row.name))
        by_role[row.unit_id][row.role].append(head)
    return {
        unit_id: by_role[unit_id][Role.UNIT_HEAD] or by_role[unit_id][Role.LEADER] for unit_id in ends
    }


def may_see_some(user: User, *, day: date) -> bool:
    """Whether a person heads or oversees any unit, and so sees at least their own rows."""
    return units_reached(user, RANKED_PEOPLE, day=day) is not None


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
    """Return what these tasks are, as they were called on the cut-off day: four statements."""
    counted = population(replace(question, part=None)).subquery("ranked")
    chosen = select(counted).where(counted.c.task_id.in_(task_ids))
    tasks, _following = read_behind(chosen, on=question.on, most=len(task_ids))
    return {task.task_id: task for task in tasks}
