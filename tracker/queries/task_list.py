"""The list of tasks: what it is narrowed to, in which order it stands, and what each choice would hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Date, Select, bindparam, cast, exists, func, null, or_, select, union
from sqlalchemy.sql.elements import ColumnElement

from tracker.models import FAR_FUTURE, db
from tracker.models.directive import Directive
from tracker.models.people import User
from tracker.models.statements import compared, prepared, shaped
from tracker.models.task import Task
from tracker.models.units import Unit
from tracker.queries.directives import directives_visible_to
from tracker.queries.reach import Kind
from tracker.queries.task_filter import (
    OPEN,
    OPEN_TIMELINESS,
    WAITS,
    Asked,
    Filter,
    Scope,
    conditions_of,
    first_found,
    is_of_open,
    names_person,
    narrowed,
    timeliness_sql,
    waits_sql,
)
from tracker.queries.tasks import TaskRow, rows_in, select_tasks
from tracker.rules.status import OPEN_STATES, in_states

PAGE = 50
MOST_COUNTED = 1_000
"""Beyond this a list says “more than”, so that counting never walks an archive."""
MOST_CHOICES = 15

SORTS = ("due", "-due", "given", "-given", "last", "-last", "unit", "-unit")


class Place(NamedTuple):
    """The row after which a page begins: its value of the sort (a day or a number), and its id."""

    value: date | int
    id: int


class Choice(NamedTuple):
    """A value that the list could be narrowed to, and how many open tasks it would hold."""

    value: Any
    label: str
    tasks: int


def page_of(
    scope: Scope, chosen: Filter, *, sort: str, after: Place | None = None, most: int = PAGE
) -> tuple[Sequence[TaskRow], Place | None]:
    """Return a page of the list and where the next one begins (None at the end); one statement.

    Tasks without the day that the list is sorted by stand after all others, whichever way it is sorted.
    """
    place = {"after_value": after.value, "after_id": after.id} if after else {}
    values = scope.values_for(chosen) | place
    rows = rows_in(_page(*scope.asks(chosen), sort, after is not None, most=most + 1, **values))
    last = rows[most - 1] if len(rows) > most else None
    return rows[:most], Place(_sorted_by(last, sort), last.id) if last else None


@shaped
def _page(kind: Kind, asked: Asked, sort: str, goes_on: bool) -> Select:
    by, falls = sort.removeprefix("-"), sort.startswith("-")
    column = _COLUMNS[by]
    order = column if by == "unit" else func.coalesce(column, _empty(sort), type_=Date())
    query = select(Task.id).where(*conditions_of(kind, asked)).limit(bindparam("most"))
    if goes_on:
        value = bindparam("after_value", type_=order.type)
        further, same = (order < value, Task.id < bindparam("after_id")) if falls else (
            order > value, Task.id > bindparam("after_id")
        )  # fmt: skip
        query = query.where(order <= value if falls else order >= value, or_(further, same))
    elif sort == "due" and (asked.reads_unit or not {*asked.given, asked.role} & _OF_FEW):
        # Sorted by the bare column, the first page is read off an index of deadlines.
        order = Task.due_on.nulls_last()
    in_order = (order.desc(), Task.id.desc()) if falls else (order, Task.id)
    # Only what stands on the page is read in full, not all that had to be sorted.
    return select_tasks(Task.id.in_(query.order_by(*in_order).correlate(None))).order_by(*in_order)


_COLUMNS: dict[str, Any] = {
    "unit": Task.unit_id, "given": Task.given_on, "last": Task.last_event_on, "due": Task.due_on,
}  # fmt: skip


_OF_FEW = {"unit", "directive", "officer", "mine", "coordinating"}
"""Words of a filter that leave so few tasks that an index of them, and sorting, is better than one of all."""


def _empty(sort: str) -> date:
    """Return what stands for a missing day in an order."""
    return date.min if sort.startswith("-") else FAR_FUTURE


def _sorted_by(row: TaskRow, sort: str) -> date | int:
    """Return the value of a row that a list is sorted by."""
    return getattr(row, _COLUMNS[sort.removeprefix("-")].key) or _empty(sort)


class Tally(NamedTuple):
    """How many tasks a list holds, and by (filter, word) how many open ones each choice would hold."""

    total: int
    """At most `MOST_COUNTED` + 1."""
    choices: Mapping[tuple[str, str], int]
    """Empty where there are too many to count unasked."""


_OF_OPEN = (OPEN, *(state.value for state in OPEN_STATES))
"""Words of the state that hold for open tasks only."""


_CHOICES = [
    ("state", OPEN), *(("state", state.value) for state in OPEN_STATES),
    *(("timeliness", word) for word in OPEN_TIMELINESS), *(("wait", word) for word in WAITS),
]  # fmt: skip


def tally_of(scope: Scope, chosen: Filter, *, all_choices: bool = False) -> Tally:
    """Count a list and its choices: two statements at most, and never more than `MOST_COUNTED` tasks.

    Each choice is counted under the other words of the filter, so that its number is what its link opens.
    `all_choices` counts the choices of a list of any length.
    """
    shape, values = scope.asks(chosen), scope.values_for(chosen)
    bound = None if all_choices else MOST_COUNTED + 1
    base, total, *numbers = _open_numbers(*shape, bound is None, most=bound, **values).one()
    choices = dict(zip(_CHOICES, numbers, strict=True))
    if bound is not None and base == bound:
        choices = {}
    elif chosen.state in _OF_OPEN or is_of_open(chosen):
        return Tally(min(total, MOST_COUNTED + 1), choices)
    return Tally(count_of(scope, chosen, most=MOST_COUNTED), choices)


def count_of(scope: Scope, chosen: Filter, *, most: int = MOST_COUNTED) -> int:
    """Return how many tasks a list holds, at most `most` + 1."""
    return int(_number(*scope.asks(chosen), most=most + 1, **scope.values_for(chosen)).scalar_one())


@shaped
def _number(kind: Kind, asked: Asked) -> Select:
    return select(func.count()).select_from(first_found(kind, asked, Task.id).subquery())


@shaped
def _open_numbers(kind: Kind, asked: Asked, has_no_end: bool) -> Select:
    """Select the number of open tasks looked at, of those of the list, and of `_CHOICES`."""
    # Of an open task the day of the report decides nothing, and no index holds it.
    reported_on = cast(null(), Date).label("reported_on")
    facts = (Task.id, Task.state, compared(Task.due_on).label("due_on"), reported_on)
    without = ("state", "cell", "timeliness", "wait")
    looked_at = select(*facts).where(*conditions_of(kind, asked, without=without))
    if not has_no_end:
        looked_at = first_found(kind, asked, *facts, without=without)
    columns = looked_at.subquery().c
    words = {("state", state.value): [in_states(columns, (state,))] for state in OPEN_STATES}
    words |= {("state", OPEN): []}  # All that are looked at: said again, it is asked of each task again.
    words |= {("timeliness", word): [condition] for word, condition in timeliness_sql(columns).items()}
    words |= {("wait", word): [condition] for word, condition in waits_sql(columns).items()}
    asked = asked._replace(state=None) if asked.state == OPEN else asked
    others = {name: narrowed(asked, columns, without=(name,)) for name in ("state", "timeliness", "wait")}
    numbers = [_count_of([*words[choice], *others[choice[0]]]) for choice in _CHOICES]
    total = _count_of(narrowed(asked, columns))
    return select(func.count(), total, *numbers).select_from(columns.id.table)


def _count_of(conditions: Sequence[ColumnElement[bool]]) -> ColumnElement[int]:
    return func.count().filter(*conditions) if conditions else func.count()


def choices_of(scope: Scope, chosen: Filter, name: str) -> list[Choice]:
    """Return the units, assigners, fields or people that tasks of the list have, most tasks first.

    A unit counts its own tasks and those of the units below it, as its link does; a person each task that
    names them, once. One statement.
    """
    found = _choices(*scope.asks(chosen), name, **scope.values_for(chosen))
    return [Choice(value, label, int(number)) for value, label, number in found]


@shaped
def _choices(kind: Kind, asked: Asked, name: str) -> Select:
    conditions = conditions_of(kind, asked, without=(name,))
    number = func.count().label("number")
    query: Select
    match name:
        case "unit":
            query = _units_of(conditions)
        case "officer":
            query = _people_of(conditions)
        case "assigner":
            query = select(Unit.id, Unit.name, number).join(Task, Task.assigner_id == Unit.id)
            query = query.where(*conditions).group_by(Unit.id, Unit.name).order_by(number.desc(), Unit.id)
        case _:
            query = select(Directive.field, Directive.field, number)
            query = query.join(Task, Task.directive_id == Directive.id).where(*conditions)
            query = query.where(Directive.field.is_not(None)).group_by(Directive.field)
            query = query.order_by(number.desc(), Directive.field)
    return query.limit(MOST_CHOICES)


def _people_of(conditions: Sequence[ColumnElement[bool]]) -> Select:
    columns = (Task.id, Task.officer_id, Task.tracker_id, Task.leader_id)
    listed = select(*columns).where(*conditions).cte("listed")
    people = (listed.c.officer_id, listed.c.tracker_id, listed.c.leader_id)
    named = union(*(select(listed.c.id, person.label("person")) for person in people)).subquery()
    number = func.count()
    return (
        select(User.id, User.name, number)
        .join(named, named.c.person == User.id)
        .group_by(User.id, User.name)
        .order_by(number.desc(), User.id)
    )


def _units_of(conditions: Sequence[ColumnElement[bool]]) -> Select:
    counted = select(Task.unit_id, func.count().label("number")).where(*conditions)
    own = counted.group_by(Task.unit_id).cte("own")
    up = select(own.c.unit_id, own.c.unit_id.label("above")).cte("up", recursive=True)
    up = up.union(
        select(up.c.unit_id, Unit.parent_id)
        .join(Unit, Unit.id == up.c.above)
        .where(Unit.parent_id.is_not(None))
    )
    number = func.sum(own.c.number)
    return (
        select(Unit.id, Unit.name, number)
        .select_from(up)
        .join(own, own.c.unit_id == up.c.unit_id)
        .join(Unit, Unit.id == up.c.above)
        .where(Unit.id.in_(select(own.c.unit_id)))
        .group_by(Unit.id, Unit.name)
        .order_by(number.desc(), Unit.id)
    )


class Names(NamedTuple):
    """What the chosen ids of a filter are called."""

    units: dict[int, str]
    directive: tuple[str, str | None] | None
    officer: str | None


def names_of(scope: Scope, chosen: Filter) -> Names:
    """Return what a filter's ids are called; papers and people only where the person sees them named."""
    ids = {*chosen.assigner, *([chosen.unit] if chosen.unit else [])}
    units: dict[int, str] = {}
    if ids:
        units = dict(tuple(row) for row in _units_named(ids=sorted(ids)))
    paper = None
    if chosen.directive:
        query = select(Directive.kind, Directive.number).where(
            Directive.id == chosen.directive, directives_visible_to(scope.user, day=scope.today)
        )
        row = db.session.execute(query).first()
        paper = (row.kind, row.number) if row else None
    officer = None
    if chosen.officer:
        named = exists().where(scope.reach.seer.sees(), names_person(chosen.officer))
        officer = db.session.scalar(select(User.name).where(User.id == chosen.officer, named))
    return Names(units, paper, officer)


@prepared
def _units_named(ids: Any) -> Select:
    return select(Unit.id, Unit.name).where(Unit.id.in_(ids))
