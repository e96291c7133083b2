"""Counting: a table for a question, by one statement over the stretches of days, and its rows' names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from functools import cache
from types import SimpleNamespace
from typing import Any

from sqlalchemy import (
    BigInteger,
    CompoundSelect,
    Integer,
    Select,
    cast,
    func,
    literal_column,
    select,
    union_all,
)

from tracker.models import db
from tracker.models.directive import Directive
from tracker.models.statements import Prepared, prepared
from tracker.models.task import TaskPeriod
from tracker.queries.b4.grouping import (
    Columns,
    behind_paper,
    behind_task,
    columns_of,
    constants,
    directives_corrected,
    facts_then,
    leaders_of,
)
from tracker.queries.b4.population import Question, branches
from tracker.queries.b4.units import Units, read_units
from tracker.rules.b4_table import (
    B4Table,
    Counted,
    Grouping,
    Head,
    directive_head,
    field_head,
    leader_head,
    month_head,
    notes_of,
    rows_of,
    tops,
    unit_heads,
)
from tracker.rules.status import CELLS, fallen_due_sql

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
    counted: list[Counted] = [
        (keys[group], CELLS[place], number, undated, due) for group, place, number, undated, due in found
    ]
    return B4Table(
        question.assigner.code, units.assigner_name, question.first, question.last, question.on,
        question.grouping, question.folded and by_unit, rows_of(heads, counted), **notes_of(counted),
    )  # fmt: skip


_PLACES = {cell: literal_column(str(place), Integer()) for place, cell in enumerate(CELLS)}
_EIGHT = 8
"""A number between an id and the next one for each cell."""
_EIGHT_SQL = literal_column(str(_EIGHT), Integer())


def _count(question: Question, columns: Columns) -> list[tuple[Any, ...]]:
    """Return what each group has in each cell: group, place of the cell, tasks, those of them without a
    deadline, those fallen due. One statement."""
    if question.part is None and not columns.then:
        counting = _count_of_any(question.grouping)
        rows = counting(assigner=question.assigner.id, first=question.first, on=question.on)
    else:
        rows = db.session.execute(_counting(question, columns))
    if columns.is_one_id:
        return [((both // _EIGHT,), both % _EIGHT, *numbers) for both, *numbers in rows.all()]
    width = len(columns.values)
    return [(row[:width], *row[width:]) for row in rows.all()]


@cache
def _count_of_any(grouping: Grouping) -> Prepared:
    """Return the statement of a whole table: it is built once."""

    def counting(assigner: Any, first: Any, on: Any) -> CompoundSelect[Any]:
        question: Any = SimpleNamespace(assigner=SimpleNamespace(id=assigner), first=first, on=on, part=None)
        return _counting(question, columns_of(grouping, {}))

    return prepared(counting)


def _counting(question: Question, columns: Columns) -> CompoundSelect[Any]:
    """Return the SELECT of what each group has in each cell, the cells by their places.

    A group that is one id is counted by one number with that of the cell in it: databases put single numbers
    in groups far sooner than pairs.
    """

    def counted(branch: Select[Any]) -> Select[Any]:
        cell = branch.selected_columns.cell
        undated = func.count() - func.count(TaskPeriod.due_on)
        due = func.count().filter(fallen_due_sql(TaskPeriod, day=question.on))
        if columns.joins_task:
            branch = branch.join(behind_task, behind_task.id == TaskPeriod.task_id)
        if columns.joins_paper:
            branch = branch.join(behind_paper, behind_paper.id == behind_task.directive_id)
        group = [*columns.values, cell]
        if columns.is_one_id:
            group = [columns.values[0] * cast(_EIGHT_SQL, BigInteger()) + cell]
        return branch.with_only_columns(
            *group, func.count(), undated, due, maintain_column_froms=True
        ).group_by(*group)

    return union_all(*(counted(branch) for branch in branches(question, words=_PLACES)))


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
            fields = columns.then
            keys = {(now, moved): (now if moved is None else fields[moved]) or "" for now, moved in groups}
            return keys, [field_head(key) for key in set(keys.values())]
        case Grouping.LEADER:
            people = leaders_of(
                question, [now for now, moved in groups if now is not None],
                [login for login in columns.then.values() if login],
            )
            keys = {}
            for now, moved in groups:
                login = columns.then[moved] if moved is not None else people[now].login if now else None
                keys[now, moved] = login or ""
            return keys, [leader_head(key, people[key].name if key else "") for key in set(keys.values())]
        case Grouping.DIRECTIVE:
            return _directive_heads(question, [group[0] for group in groups])


def _directive_heads(question: Question, ids: Iterable[int]) -> tuple[dict[Group, str], list[Head]]:
    query = select(
        Directive.id, Directive.key, Directive.kind, Directive.number, Directive.issued_on,
        Directive.subject, Directive.field,
    ).where(Directive.id.in_(constants(ids)))
    then = directives_corrected(question)
    keys, heads = {}, []
    for row in db.session.execute(query).all():
        number, key, *facts = row
        keys[number,] = key
        words: list[Any] = list(paper_then(row, then[number]).values()) if number in then else facts
        kind, sign, issued_on, subject, _field = words
        heads.append(directive_head(key, kind, sign, issued_on, subject))
    return keys, heads


PAPER = ("kind", "number", "issued_on", "subject", "field")


def paper_then(row: Any, stood: dict[str, Any]) -> dict[str, Any]:
    """Return kind, number, issued_on, subject and field of a directive, what was corrected since set back."""
    facts = {name: stood.get(name, getattr(row, name)) for name in PAPER}
    if isinstance(facts["issued_on"], str):
        facts["issued_on"] = date.fromisoformat(facts["issued_on"])
    return facts
