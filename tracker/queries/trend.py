"""Month by month: what was open and overdue at the ends of the last months, and how deadlines were kept."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, exists, func, literal, select, union_all

from tracker.models import db
from tracker.models.task import Task, TaskPeriod
from tracker.models.units import Unit
from tracker.queries.b4.population import Part, Question, population
from tracker.queries.b4.units import read_units
from tracker.rules.b4_table import tops, unit_heads
from tracker.rules.overdue_report import MonthCounts, MonthEnd, month_ends
from tracker.rules.status import (
    OPEN_STATES,
    Cell,
    State,
    due_in_sql,
    in_states,
    kept_deadline_sql,
    overdue_sql,
)
from tracker.rules.waiting import Ages, days_waiting

NOTHING = MonthCounts(0, 0, 0, 0, 0)
"""A month in which a unit had nothing."""


def months(assigner: Unit, last: date, *, part: Part | None = None) -> tuple[MonthEnd, ...]:
    """Return the units at the ends of the last months, `last` being the latest: one statement.

    With a `part` no more than that part is counted.
    """
    period = TaskPeriod
    seen: list[ColumnElement[bool]] = []
    if part is not None:
        seen = [
            period.unit_id.in_(part.units),
            exists().where(and_(Task.id == period.task_id, part.tasks)),
        ]

    def at_end_of(day: date, states: tuple[State, ...]) -> Select[Any, int, int, int, int, int]:
        due = due_in_sql(period, first=day.replace(day=1), last=day)
        open_now, overdue = in_states(period, OPEN_STATES), overdue_sql(period, day=day)
        return (
            select(
                literal(day, period.due_on.type), period.unit_id, func.count().filter(open_now),
                func.count().filter(overdue), func.count().filter(due),
                func.count().filter(and_(due, kept_deadline_sql(period))),
            )
            .where(
                period.assigner_id == assigner.id, period.valid_from <= day, period.valid_to > day,
                in_states(period, states), open_now | due, *seen,
            )
            .group_by(period.unit_id)
        )  # fmt: skip

    days = month_ends(last)
    parts = [at_end_of(day, states) for day in days for states in (OPEN_STATES, (State.COMPLETED,))]
    sums: dict[date, dict[int, list[int]]] = {day: {} for day in days}
    for day, unit_id, *numbers in db.session.execute(union_all(*parts)):
        so_far = sums[day].get(unit_id, [0] * len(numbers))
        sums[day][unit_id] = [a + b for a, b in zip(so_far, numbers, strict=True)]
    return tuple(
        MonthEnd(day, tuple(MonthCounts(unit_id, *units[unit_id]) for unit_id in sorted(units)))
        for day, units in sums.items()
    )


class UnitMonths(NamedTuple):
    """One unit at the ends of the months; its name is that of the cut-off day."""

    code: str
    name: str
    months: tuple[MonthCounts, ...]


class UnitWaiting(NamedTuple):
    """What waits for confirmation of one unit's."""

    code: str
    name: str
    ages: Ages


class Trend(NamedTuple):
    """The months and the waiting of a question, by unit in the order of the table."""

    days: tuple[date, ...]
    whole: tuple[MonthEnd, ...]
    units: tuple[UnitMonths, ...]
    waiting: tuple[UnitWaiting, ...]


def trend(question: Question) -> Trend:
    """Return what the pictures of a B.4 need beside its table: five statements, whatever they count."""
    ends = months(question.assigner, question.on, part=question.part)
    waits = _waiting(question)
    ids = {unit.unit_id for end in ends for unit in end.units} | waits.keys()
    units = read_units(question, ids)
    top = tops(units.rows) if question.folded else {}
    keys = {unit_id: top.get(code, code) for unit_id, code in units.codes.items() if unit_id in ids}
    heads = unit_heads(units.rows, set(keys.values()))
    sums = [_by_key(end, keys) for end in ends]
    ages = _ages(waits, keys)
    return Trend(
        tuple(end.on for end in ends), ends,
        tuple(
            UnitMonths(head.code, head.name, tuple(each.get(head.key, NOTHING) for each in sums))
            for head in heads
        ),
        tuple(UnitWaiting(head.code, head.name, ages[head.key]) for head in heads if head.key in ages),
    )  # fmt: skip


def _by_key(end: MonthEnd, keys: dict[int, str]) -> dict[str, MonthCounts]:
    """Return what the rows of a table hold at the end of a month; a row may fold several units."""
    found: dict[str, MonthCounts] = {}
    for unit in end.units:
        key = keys[unit.unit_id]
        before = found.get(key, NOTHING)
        found[key] = MonthCounts(
            unit.unit_id, before.open + unit.open, before.overdue + unit.overdue,
            before.fallen_due + unit.fallen_due, before.on_time + unit.on_time,
        )  # fmt: skip
    return found


def _waiting(question: Question) -> dict[int, dict[int, int]]:
    """Return by unit and days of waiting how many tasks the cell "awaiting confirmation" holds."""
    tasks = population(question).subquery("waiting")
    query = (
        select(tasks.c.unit_id, tasks.c.reported_on, func.count())
        .where(tasks.c.cell == Cell.AWAITING_CONFIRMATION.value)
        .group_by(tasks.c.unit_id, tasks.c.reported_on)
    )
    found: dict[int, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for unit_id, reported_on, number in db.session.execute(query):
        found[unit_id][days_waiting(reported_on or question.on, day=question.on)] += number
    return found


def _ages(waits: dict[int, dict[int, int]], keys: dict[int, str]) -> dict[str, Ages]:
    sums: dict[str, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for unit_id, by_days in waits.items():
        for days, number in by_days.items():
            sums[keys[unit_id]][days] += number
    return {key: Ages(dict(by_days)) for key, by_days in sums.items()}
