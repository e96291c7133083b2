"""Table B.4: for one assigner, a period and a cut-off day, how many tasks of each unit stand in each cell.

Today and any past day are one and the same query over the stretches of days of the facts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, select, union_all

from tracker.models import db
from tracker.models.task import TaskPeriod
from tracker.models.units import Unit, subtree
from tracker.rules.status import CELLS, OPEN_STATES, Cell, State, cell_sql, in_states


@dataclass(frozen=True)
class Question:
    """What a B.4 is asked for: the unit that gave the tasks, `[first, last]`, and the cut-off day `on`."""

    assigner: Unit
    first: date
    last: date
    on: date


@dataclass(frozen=True)
class B4Row:
    """One unit and its eight numbers."""

    unit_id: int
    code: str
    name: str
    counts: Mapping[Cell, int]

    @property
    def cells(self) -> list[int]:
        """The seven numbers in the order of the columns."""
        return [self.counts.get(cell, 0) for cell in CELLS]

    @property
    def all(self) -> int:
        """“Tất cả”: the sum of the seven cells, by definition."""
        return sum(self.cells)


@dataclass(frozen=True)
class B4Table:
    """The answer: a row per unit in the units' order, and the total."""

    question: Question
    rows: list[B4Row] = field(default_factory=list)
    without_deadline: int = 0

    @property
    def title(self) -> str:
        """The printed title, as the published table has it."""
        return f"B.4 TÌNH HÌNH THỰC HIỆN YKCĐ DO {self.question.assigner.name.upper()} GIAO"

    @property
    def total(self) -> B4Row:
        """The total row: the sum of each column."""
        counts = {cell: sum(row.counts.get(cell, 0) for row in self.rows) for cell in CELLS}
        return B4Row(unit_id=0, code="", name="", counts=counts)


def population(question: Question) -> Select[Any]:
    """Return a SELECT of the tasks that a B.4 counts: task_id, unit_id, cell, due_on, reported_on, state.

    A task is counted when it was given on or before the cut-off day, is not cancelled at its end, and was
    open at some moment from the start of `first` to the end of the cut-off day (domain §4). A completed
    stretch that begins on or after `first` belongs: the task was open on the day on which it was completed.
    """
    return select(union_all(*_branches(question)).subquery("population"))


def _branches(question: Question) -> tuple[Select[Any], Select[Any]]:
    """Return the open and the completed part of the population: each has a partial index of its own."""
    period = TaskPeriod

    def branch(*conditions: ColumnElement[bool]) -> Select[Any]:
        return select(
            period.task_id, period.unit_id, cell_sql(period, day=question.on).label("cell"), period.due_on,
            period.reported_on, period.state,
        ).where(
            period.assigner_id == question.assigner.id, period.valid_from <= question.on,
            period.valid_to > question.on, *conditions,
        )  # fmt: skip

    return (
        branch(in_states(period, OPEN_STATES)),
        branch(in_states(period, (State.COMPLETED,)), period.valid_from >= question.first),
    )


def table(question: Question, *, all_units: bool = False) -> B4Table:
    """Count a B.4. A unit without a task in it has no row, unless `all_units` asks for every unit below."""

    def counted(branch: Select[Any]) -> Select[Any]:
        cell = branch.selected_columns.cell
        undated = func.count() - func.count(TaskPeriod.due_on)
        return branch.with_only_columns(TaskPeriod.unit_id, cell, func.count(), undated).group_by(
            TaskPeriod.unit_id, cell
        )

    query = union_all(*(counted(branch) for branch in _branches(question)))
    counts: dict[int, dict[Cell, int]] = {}
    without_deadline = 0
    for unit_id, cell, number, undated in db.session.execute(query):
        counts.setdefault(unit_id, {})[Cell(cell)] = number
        without_deadline += undated
    wanted: ColumnElement[bool] = Unit.id.in_(counts)
    if all_units:
        below = subtree(select(Unit.id).where(Unit.parent_id == question.assigner.id))
        exists = and_(Unit.valid_from <= question.on, Unit.valid_to > question.on)
        wanted = wanted | and_(Unit.id.in_(below), exists)
    units = db.session.execute(select(Unit.id, Unit.code, Unit.name).where(wanted).order_by(*in_order()))
    rows = [B4Row(unit_id, code, name, counts.get(unit_id, {})) for unit_id, code, name in units]
    return B4Table(question=question, rows=rows, without_deadline=without_deadline)


def in_order() -> tuple[ColumnElement[Any], ...]:
    """Return the order of units in every table: by their given place, then as they were entered."""
    return (Unit.position.is_(None), Unit.position, Unit.id)


def tasks_behind(question: Question, *, unit_id: int | None = None, cell: Cell | None = None) -> Select[Any]:
    """Return a SELECT of the tasks that a cell, a row, a column or the whole table counts."""
    tasks = population(question).subquery("behind")
    query = select(tasks)
    if unit_id is not None:
        query = query.where(tasks.c.unit_id == unit_id)
    if cell is not None:
        query = query.where(tasks.c.cell == cell.value)
    return query
