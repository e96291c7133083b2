"""Counting: a table for a question, by one statement over the stretches of days, and its rows' names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from types import SimpleNamespace
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    CompoundSelect,
    Integer,
    Select,
    Subquery,
    case,
    cast,
    func,
    literal_column,
    select,
    text,
    union_all,
)

from tracker.models import db
from tracker.models.statements import Prepared, compared, prepared
from tracker.models.task import COMPLETED_BY_UNIT, TaskPeriod
from tracker.queries.b4.grouping import (
    NOBODY,
    Columns,
    columns_of,
    directives_corrected,
    facts_then,
    leaders_of,
)
from tracker.queries.b4.papers import directive_heads
from tracker.queries.b4.population import Question, branches
from tracker.queries.b4.units import Units, read_units
from tracker.rules.b4_table import (
    B4Table,
    Counted,
    Grouping,
    Head,
    field_head,
    leader_head,
    month_head,
    notes_of,
    rows_of,
    tops,
    unit_heads,
)
from tracker.rules.status import CELLS_OF, State, fallen_due_sql, in_states, late_sql

Group = tuple[Any, ...]
"""The values of the columns that a row is grouped by."""


def table(question: Question, *, all_units: bool = False) -> B4Table:
    """Count a B.4: at most five statements, whatever is counted.

    A unit without a task in it has no row, unless `all_units` asks for every unit below that existed on the
    cut-off day.
    """
    columns = columns_of(question.grouping, facts_then(question))
    found = _count(question, columns)
    by_unit = question.grouping is Grouping.UNIT
    groups = dict.fromkeys([row[0] for row in found])
    lead = [group[0] for group in groups] if by_unit else []
    units = read_units(question, lead, all_below=by_unit and all_units)
    keys, heads = _heads(question, columns, groups, units)
    counted = by_cell(found, keys)
    return B4Table(
        question.assigner.code, units.assigner_name, question.first, question.last, question.on,
        question.grouping, question.folded and by_unit, rows_of(heads, counted), **notes_of(counted),
    )  # fmt: skip


_STATES = tuple(CELLS_OF)
_PLACES = {state: literal_column(str(place), Integer()) for place, state in enumerate(_STATES)}
_FOUR = len(_STATES)
_FOUR_SQL = cast(literal_column(str(_FOUR)), BigInteger())
"""Numbers that each id has, one for each state: `apart` tells them apart."""
_WIDTH = 5
"""What `_count` tells of a group."""


def _count(question: Question, columns: Columns) -> list[tuple[Any, ...]]:
    """Return what each group has in each state: group, place of the state, tasks, those of them that are
    late, that have no deadline, that have fallen due. One statement."""
    if question.part is None and not columns.then:
        counting = _count_of_any(question.grouping)
        rows = counting(assigner=question.assigner.id, first=question.first, on=question.on)
    else:
        rows = db.session.execute(counting_sql(question, columns))
    if columns.is_one_id:
        return apart(rows.all())
    return [(row[:-_WIDTH], *row[-_WIDTH:]) for row in rows.all()]


@cache
def _count_of_any(grouping: Grouping) -> Prepared:
    """Return the statement of a whole table: it is built once."""

    def counting(assigner: Any, first: Any, on: Any) -> Select[Any] | CompoundSelect[Any]:
        return counting_sql(whole_asked(grouping, assigner, first, on), columns_of(grouping, {}))

    return prepared(counting)


def whole_asked(grouping: Grouping, assigner: Any, first: Any, on: Any) -> Any:
    """Return the question of a whole table of which only the parameters of a statement are known."""
    of_unit = SimpleNamespace(id=assigner)
    return SimpleNamespace(assigner=of_unit, first=first, on=on, part=None, grouping=grouping)


def apart(rows: Iterable[Any]) -> list[tuple[Any, ...]]:
    """Return what was counted by one id, which comes in one number with the place of the state."""
    return [((both // _FOUR,), both % _FOUR, *numbers) for both, *numbers in rows]


def counting_sql(question: Question, columns: Columns) -> Select[Any] | CompoundSelect[Any]:
    """Return the SELECT of what each group has in each state, the states by their places.

    It counts states and how many of each are late, not cells: there are fewer groups, and what decides a cell
    is no part of them. A group that is one id is counted by one number with that of the state in it:
    databases put single numbers in groups far sooner than pairs.
    """

    def counted(branch: Select[Any], states: tuple[State, ...]) -> Select[Any]:
        *others, last = [(in_states(TaskPeriod, (state,)), _PLACES[state]) for state in states]
        place = case(*others, else_=last[1]) if others else last[1]
        group = columns.of_stretch
        told = [number_of(group[0], place)] if columns.is_one_id else [*group, place.label("place")]
        return branch.with_only_columns(
            *told, *_numbers(question, states[0]), maintain_column_froms=True
        ).group_by(*(told if others else group))

    by_unit = question.grouping is Grouping.UNIT and question.part is None
    unit_by_unit = by_unit and db.session.get_bind().dialect.name == "sqlite"
    told = union_all(*(
        _completed_by_unit(question, branch) if unit_by_unit and states == (State.COMPLETED,)
        else counted(branch, states)
        for states, branch in branches(question)
    ))  # fmt: skip
    return told if columns.told_by is None else _told_by(columns.told_by, told)


def _told_by(rows: Callable[[Subquery], Select[Any]], counted: CompoundSelect[Any]) -> Select[Any]:
    """Return the same by rows of which each holds several groups of what was `counted`."""
    told = counted.subquery("told")
    _group, place, *numbers = told.c
    found = list(rows(told).add_columns(place, *numbers).subquery("found").c)
    group, numbers = found[: -len(numbers)], found[-len(numbers) :]
    return select(*group, *(cast(func.sum(each), Integer) for each in numbers)).group_by(*group)


def _completed_by_unit(question: Question, completed: Select[Any]) -> Select[Any]:
    """Return the same of the completed part, asked unit by unit, for SQLite.

    SQLite sorts what it groups, which takes longer than reading it. So it steps through an index from one
    lead unit to the next, reads of each the days of the period, and tells the numbers in one text.
    """
    period = TaskPeriod
    led = select(literal_column("0", Integer()).label("unit_id")).cte("led", recursive=True)
    following = select(func.min(period.unit_id)).where(
        period.assigner_id == question.assigner.id, text(COMPLETED_BY_UNIT), period.unit_id > led.c.unit_id
    )
    led = led.union_all(select(following.scalar_subquery()).where(led.c.unit_id.is_not(None)))
    numbers = completed.where(text(COMPLETED_BY_UNIT), period.unit_id == led.c.unit_id)
    packed = numbers.with_only_columns(func.json_array(*_numbers(question, State.COMPLETED)))
    of_unit = select(led.c.unit_id, packed.scalar_subquery().label("numbers"))
    each = of_unit.where(led.c.unit_id > 0).cte("of_unit").prefix_with("MATERIALIZED")
    told = [cast(func.json_extract(each.c.numbers, f"$[{place}]"), Integer()) for place in range(4)]
    group: list[Any] = [number_of(each.c.unit_id, _PLACES[State.COMPLETED])]
    return select(*group, *told).where(told[0] > 0)


def _numbers(question: Question, state: State) -> list[ColumnElement[int]]:
    """Return what is counted of tasks of this state, or of open ones like it: see `_count`."""
    days = SimpleNamespace(
        due_on=compared(TaskPeriod.due_on), reported_on=compared(TaskPeriod.reported_on)
    )
    return [
        func.count(), func.count().filter(late_sql(days, state, day=question.on)),
        func.count() - func.count(TaskPeriod.due_on),
        func.count().filter(fallen_due_sql(days, day=question.on)),
    ]  # fmt: skip


def number_of(one_id: Any, place: ColumnElement[int]) -> ColumnElement[int]:
    """Return an id and the place of a state as one number."""
    return one_id * _FOUR_SQL + place


def id_and_place(number: Any) -> tuple[ColumnElement[int], ColumnElement[int]]:
    """Return the id and the place of the state that a `number_of` holds."""
    return number // _FOUR_SQL, number % _FOUR_SQL


def by_cell(found: Iterable[tuple[Any, ...]], keys: dict[Group, str]) -> list[Counted]:
    """Return what was counted of groups in states (as `apart` returns it) by the keys of the rows and the
    cells.

    What is late has a deadline that has come: the rest of those without one, and of those fallen due, is in
    time.
    """
    counted: list[Counted] = []
    for group, place, number, late, undated, due in found:
        key, (in_time, past) = keys[group], CELLS_OF[_STATES[place]]
        counted.append((key, in_time, number - late, undated, due - late))
        if late:
            counted.append((key, past, late, 0, late))
    return counted


def _heads(
    question: Question, columns: Columns, groups: Iterable[Group], units: Units
) -> tuple[dict[Group, str], Sequence[Head]]:
    """Return by group the key of its row, and the heads of all rows."""
    match question.grouping:
        case Grouping.UNIT:
            top = tops(units.rows) if question.folded else {}
            keys = {group: units.codes[group[0]] for group in groups}
            keys = {group: top.get(code, code) for group, code in keys.items()}
            existing = {top.get(code, code) for code in units.existing}
            return keys, unit_heads(units.rows, frozenset((*keys.values(), *existing)))
        case Grouping.MONTH:
            keys = {group: f"{int(group[0]):04d}-{int(group[1]):02d}" for group in groups}
            return keys, [month_head(key) for key in set(keys.values())]
        case Grouping.FIELD:
            keys = {group: _now_or_then(group, columns) or "" for group in groups}
            return keys, [field_head(key) for key in set(keys.values())]
        case Grouping.LEADER:
            found = {group: _now_or_then(group, columns) for group in groups}
            ids = [each for each in found.values() if isinstance(each, int) and each != NOBODY]
            people = leaders_of(question, ids, [login for login in columns.then.values() if login])
            keys = {group: people[each].login if each else "" for group, each in found.items()}
            return keys, [leader_head(key, people[key].name if key else "") for key in set(keys.values())]
        case Grouping.DIRECTIVE:
            then = directives_corrected(question)
            names, heads = directive_heads([group[0] for group in groups], then)
            return {(number,): key for number, key in names.items()}, heads


def _now_or_then(group: Group, columns: Columns) -> Any:
    """Return what a group has now, of what was corrected since what that had on the cut-off day."""
    now, *corrected = group
    moved = corrected[0] if corrected else None
    return now if moved is None else columns.then[moved]
