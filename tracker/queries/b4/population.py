"""What a B.4 is asked, and which tasks it counts."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Select, and_, exists, select, union_all

from tracker.models import FAR_FUTURE
from tracker.models.lengths import covering
from tracker.models.statements import compared
from tracker.models.task import HAS_ENDED, Task, TaskPeriod
from tracker.models.units import Unit
from tracker.rules.b4_table import Grouping
from tracker.rules.status import CELLS, CELLS_OF, OPEN_STATES, Cell, State, cell_sql, in_states


@dataclass(frozen=True)
class Part:
    """What a person sees of a B.4 that is not theirs in full: rows of these units, tasks they may open."""

    units: Select[int]
    tasks: ColumnElement[bool]


@dataclass(frozen=True)
class Question:
    """What a B.4 is asked for: the unit that gave the tasks, `[first, last]`, and the cut-off day `on`.

    With a `part` it counts no more than that part. `folded` counts a unit in the row of the one at the top of
    the table that it belongs to, and means nothing to other groupings than by unit.
    """

    assigner: Unit
    first: date
    last: date
    on: date
    part: Part | None = None
    grouping: Grouping = Grouping.UNIT
    folded: bool = False


def population(
    question: Question, cells: Collection[Cell] = CELLS, *, row: ColumnElement[bool] | None = None
) -> Select:
    """Return a SELECT of the tasks that a B.4 counts: task_id, assigner_id, unit_id, cell, due_on,
    reported_on, state, valid_from (the first day of these facts). Of states that have none of the `cells` it
    has no task; `row` is a condition over their stretches that keeps some.

    A task is counted when it was given on or before the cut-off day, is not cancelled at its end, and was
    open at some moment from the start of `first` to the end of the cut-off day (domain §4). A completed
    stretch that begins on or after `first` belongs: the task was open on the day on which it was completed.
    """
    kept = [row] if row is not None else []
    wanted = [
        branch.where(*kept) for states, branch in branches(question)
        if any(cell in cells for state in states for cell in CELLS_OF[state])
    ]  # fmt: skip
    return select(union_all(*wanted).subquery("population"))


def branches(question: Question) -> tuple[tuple[tuple[State, ...], Select], ...]:
    """Return the parts of the population with the states in them: what is open still, what was open then,
    what was completed. Each has a partial index of its own."""
    period = TaskPeriod
    seen: list[ColumnElement[bool]] = []
    if question.part is not None:
        seen = [
            period.unit_id.in_(question.part.units),
            exists().where(and_(Task.id == period.task_id, question.part.tasks)),
        ]

    def branch(states: tuple[State, ...], *days: ColumnElement[bool]) -> Select:
        cell = cell_sql(period, day=question.on, states=states)
        return select(
            period.task_id, period.assigner_id, period.unit_id, cell.label("cell"), period.due_on,
            period.reported_on, period.state, period.valid_from,
        ).where(
            period.assigner_id == question.assigner.id, *days, in_states(period, states), *seen
        )

    begins, ends, on = period.valid_from, period.valid_to, question.on
    by_length, is_covering = covering(period, on)
    still_open = branch(OPEN_STATES, begins <= on, ends == FAR_FUTURE)
    open_then = branch(OPEN_STATES, is_covering, HAS_ENDED).select_from(by_length)
    completed = branch((State.COMPLETED,), begins >= question.first, begins <= on, compared(ends) > on)
    return (OPEN_STATES, still_open), (OPEN_STATES, open_then), ((State.COMPLETED,), completed)
