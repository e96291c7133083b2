"""Month by month: what was open and overdue at the ends of the last months, and how deadlines were kept."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from types import SimpleNamespace
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Integer,
    Select,
    and_,
    case,
    exists,
    false,
    func,
    literal,
    literal_column,
    not_,
    select,
    union_all,
)

from tracker.models import db
from tracker.models.statements import compared
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
    fallen_due_sql,
    in_states,
    kept_deadline_sql,
    overdue_sql,
)
from tracker.rules.waiting import Ages, days_waiting

NOTHING = MonthCounts(0, 0, 0, 0, 0)
"""A month in which a unit had nothing."""


def months(assigner: Unit, last: date, *, part: Part | None = None) -> tuple[MonthEnd, ...]:
    """Return the units at the ends of the last months, `last` being the latest: two statements.

    With a `part` no more than that part is counted.
    """
    days, counted = month_ends(last), _counted(assigner, part)
    sums: list[dict[int, list[int]]] = [defaultdict(lambda: [0, 0, 0, 0]) for _day in days]
    for end, first, late, due, unit_id, number in db.session.execute(_open_stretches(counted, days)):
        for place in range(first, end + 1):
            sums[place][unit_id][0] += number
        for place in range(max(first, late), end + 1):
            sums[place][unit_id][1] += number
        if first <= due <= end:
            sums[due][unit_id][2] += number
    for place, unit_id, fallen_due, on_time in db.session.execute(_reported(counted, days)):
        sums[place][unit_id][2] += fallen_due
        sums[place][unit_id][3] += on_time
    return tuple(
        MonthEnd(day, tuple(MonthCounts(unit_id, *units[unit_id]) for unit_id in sorted(units)))
        for day, units in zip(days, sums, strict=True)
    )


def _counted(assigner: Unit, part: Part | None) -> ColumnElement[bool]:
    """Return the condition over stretches of days that an assigner's months count them."""
    counted = TaskPeriod.assigner_id == assigner.id
    if part is None:
        return counted
    seen = exists().where(and_(Task.id == TaskPeriod.task_id, part.tasks))
    return and_(counted, TaskPeriod.unit_id.in_(part.units), seen)


def _open_stretches(counted: ColumnElement[bool], days: Sequence[date]) -> Select[Any]:
    """Select open stretches by places among the ends of months, and by unit, with how many there are.

    The places are the last and the first end that they cover, the first at which the task is overdue, and
    that of the month of its deadline; one beyond the last for none. Each stretch is read once, from its
    index, with those that end in the same month.
    """
    period, begins = TaskPeriod, compared(TaskPeriod.valid_from)
    facts = SimpleNamespace(state=period.state, due_on=compared(period.due_on))

    def has_come(day: date) -> ColumnElement[bool]:
        # Of a task without a deadline it has not come, and that is no NULL.
        return func.coalesce(fallen_due_sql(facts, day=day), false())

    def ending_after(end: int) -> Select[Any]:
        begun = [(begins <= days[0], _place(0))]
        late = [(overdue_sql(facts, day=days[0]), _place(0))]
        due = [(not_(has_come(days[end])), _place(end + 1))]
        for place in range(end - 1, 0, -1):
            begun.append((begins > days[place], _place(place + 1)))
        for place in range(end, 0, -1):
            in_time = not_(func.coalesce(overdue_sql(facts, day=days[place]), false()))
            late.append((in_time, _place(place + 1)))
            due.append((not_(has_come(days[place - 1])), _place(place)))
        due.append((due_in_sql(facts, first=days[0].replace(day=1), last=days[0]), _place(0)))
        query = select(
            _place(end).label("last"), case(*begun, else_=_place(1)).label("first"),
            case(*late, else_=_place(1)).label("late"), case(*due, else_=_place(end + 1)).label("due"),
            period.unit_id,
        ).where(
            counted, in_states(period, OPEN_STATES), begins <= days[end],
            period.valid_to > days[end],
        )  # fmt: skip
        return query.where(period.valid_to <= days[end + 1]) if end + 1 < len(days) else query

    found = union_all(*map(ending_after, range(len(days)))).subquery().c
    places = found.last, found.first, found.late, found.due, found.unit_id
    return select(*places, func.count()).group_by(*places)


def _reported(counted: ColumnElement[bool], days: Sequence[date]) -> CompoundSelect[Any]:
    """Select what was completed at the end of the month of its deadline: place of the month, unit, how many,
    and how many of them were reported in time; and of what waited then for its confirmation the latter.

    The deadline says the month, so each stretch is read once.
    """
    period, begins, ends_on = TaskPeriod, compared(TaskPeriod.valid_from), compared(TaskPeriod.valid_to)
    due_on, reported_on = compared(period.due_on), compared(period.reported_on)
    facts = SimpleNamespace(state=period.state, due_on=due_on, reported_on=reported_on)
    fallen_due = [fallen_due_sql(facts, day=day) for day in days]
    ends = [(due, literal(day, period.due_on.type)) for due, day in zip(fallen_due, days, strict=True)]
    month = [(due, _place(place)) for place, due in enumerate(fallen_due)]
    kept, number = kept_deadline_sql(facts), func.count()

    def at_the_end(*state: ColumnElement[bool], numbers: Sequence[ColumnElement[int]]) -> Select[Any]:
        # The state comes first: what waits is little, and SQLite asks in the order of the words.
        return (
            select(case(*month).label("month"), period.unit_id, *numbers)
            .where(
                counted, *state, due_in_sql(facts, first=days[0].replace(day=1), last=days[-1]),
                period.valid_from <= days[-1], period.valid_to > days[0],
                begins <= case(*ends), ends_on > case(*ends),
            )
            .group_by("month", period.unit_id)
        )  # fmt: skip

    completed = at_the_end(in_states(period, (State.COMPLETED,)), numbers=(number, number.filter(kept)))
    waits = in_states(period, OPEN_STATES), in_states(period, (State.AWAITING_CONFIRMATION,))
    waiting = at_the_end(*waits, numbers=(_place(0), number.filter(kept)))
    return union_all(completed, waiting)


def _place(number: int) -> ColumnElement[int]:
    return literal_column(str(number), Integer())


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
    heads = unit_heads(units.rows, frozenset(keys.values()))
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
    waits = Cell.AWAITING_CONFIRMATION
    tasks = population(question, (waits,)).subquery("waiting")
    query = (
        select(tasks.c.unit_id, tasks.c.reported_on, func.count())
        .where(tasks.c.cell == waits.value)
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
