"""The tasks behind each number: which they are, page by page, and all of them as a report of their own."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from tracker.models import FAR_FUTURE, db
from tracker.models.directive import Directive
from tracker.models.progress import History
from tracker.models.task import Task, TaskPeriod
from tracker.models.units import Unit
from tracker.queries.b4.grouping import in_row
from tracker.queries.b4.moves import moves_of_tasks
from tracker.queries.b4.papers import paper_then
from tracker.queries.b4.population import Question, population
from tracker.queries.b4.units import folded_into
from tracker.queries.corrections import directives_since, tasks_since, units_since
from tracker.rules.b4_report import Move
from tracker.rules.b4_table import CHOICES, Grouping
from tracker.rules.status import CELLS, Cell, State, days_overdue, fallen_due_sql
from tracker.rules.waiting import reported_between


def tasks_behind(
    question: Question, *, row_key: str | None = None, cell: str | None = None,
    without_deadline: bool = False, waiting: int | None = None,
) -> Select:  # fmt: skip
    """Return a SELECT of the tasks that a number of the table counts.

    `cell` is one of `CHOICES`: a cell, or what a rate is made of; all of them when left out. `row_key` is the
    key of the row, the whole table when left out. `waiting` keeps those that have waited for confirmation
    in one stretch of `rules.waiting`, by its place. The columns are those of `population`.
    """
    chosen = CHOICES[cell or "all"]
    waits = (Cell.AWAITING_CONFIRMATION,)
    cells = tuple(each for each in chosen.cells if waiting is None or each in waits)
    row = None if row_key is None else _row(question, row_key)
    tasks = population(question, cells or waits, row=row).subquery("behind")
    query = select(tasks)
    if cells != CELLS:
        query = query.where(tasks.c.cell.in_([each.value for each in cells]))
    if chosen.fallen_due:
        query = query.where(fallen_due_sql(tasks.c, day=question.on))
    if without_deadline:
        query = query.where(tasks.c.due_on.is_(None))
    if waiting is not None:
        first, last = reported_between(waiting, day=question.on)
        if first is not None:
            query = query.where(tasks.c.reported_on >= first)
        if last is not None:
            query = query.where(tasks.c.reported_on <= last)
    return query


def _row(question: Question, key: str) -> ColumnElement[bool]:
    """Return the condition over a stretch that the row of a key counts it."""
    if question.grouping is not Grouping.UNIT:
        return in_row(question, key)
    if question.folded:
        return TaskPeriod.unit_id.in_(folded_into(question, key))
    return TaskPeriod.unit_id == select(Unit.id).where(Unit.code == key).scalar_subquery()


def count(behind: Select) -> int:
    """Return how many tasks a `tasks_behind` holds."""
    return db.session.scalar(select(func.count()).select_from(behind.subquery("chosen"))) or 0


class Behind(NamedTuple):
    """A task behind a number: what it is, and the facts of the cut-off day that put it there."""

    task_id: int
    content: str
    item: str | None
    directive_id: int
    directive_kind: str
    directive_number: str | None
    unit_name: str
    """The lead unit of the cut-off day, by its name of that day."""
    cell: Cell
    state: State
    due_on: date | None
    reported_on: date | None
    given_on: date
    original_due_on: date | None
    days: int
    """Days past the deadline: of an open task on the cut-off day, of a reported one when it was reported."""
    moved: Move | None = None
    """How it came to its lead unit, where that was within the period."""


def read_behind(
    behind: Select, *, first: date, on: date, after: tuple[date, int] | None = None, most: int
) -> tuple[list[Behind], tuple[date, int] | None]:
    """Return `most` tasks of a `tasks_behind`, by deadline, and where the next page begins (None at the end).

    Everything is told as it stood at the end of the cut-off day `on`: five statements; of a task that came to
    its lead unit within `[first, on]`, from which. `after` is the place that the page before named. Tasks
    without a deadline come last.
    """
    chosen = behind.subquery("chosen")
    place = _place_of(chosen)
    # Only what the indexes hold: the rest is read of the tasks of this page, not of all.
    told = (chosen.c.task_id, chosen.c.assigner_id, chosen.c.valid_from, chosen.c.cell, chosen.c.due_on)
    wanted = select(*told).order_by(place, chosen.c.task_id).limit(most + 1)
    if after is not None:
        day, task_id = after
        wanted = wanted.where(or_(place > day, and_(place == day, chosen.c.task_id > task_id)))
    rows = wanted.subquery("page")
    stretch = and_(
        TaskPeriod.assigner_id == rows.c.assigner_id, TaskPeriod.task_id == rows.c.task_id,
        TaskPeriod.valid_from == rows.c.valid_from,
    )  # fmt: skip
    query = (
        select(
            rows.c.task_id, rows.c.cell, rows.c.due_on, TaskPeriod.unit_id, TaskPeriod.state,
            TaskPeriod.reported_on,
            Task.content, Task.item, Task.directive_id, Task.given_on, Task.original_due_on,
            Directive.kind, Directive.number, Directive.issued_on, Directive.subject,
            Directive.field, Unit.name,
        )
        .select_from(rows)
        .join(TaskPeriod, stretch)
        .join(Task, Task.id == rows.c.task_id)
        .join(Directive, Directive.id == Task.directive_id)
        .join(Unit, Unit.id == TaskPeriod.unit_id)
        .order_by(_place_of(rows), rows.c.task_id)
    )  # fmt: skip
    read = db.session.execute(query).all()
    page = read[:most]
    last = page[-1] if len(read) > most else None
    return _as_of(page, first, on), (last.due_on or FAR_FUTURE, last.task_id) if last else None


def _place_of(rows: Any) -> ColumnElement[date]:
    """Return what rows are sorted by: the deadline, and a day after all others where there is none."""
    return func.coalesce(rows.c.due_on, FAR_FUTURE, type_=rows.c.due_on.type)


def _as_of(rows: Collection[Any], first: date, on: date) -> list[Behind]:
    """Return rows with what was corrected after a day as it stood at its end."""
    moves = moves_of_tasks([row.task_id for row in rows], first, on)
    tasks = tasks_since(on, History.task_id.in_([row.task_id for row in rows]))
    papers = directives_since(on, History.directive_id.in_({row.directive_id for row in rows}))
    units = units_since({row.unit_id for row in rows} | {move.unit_id for move in moves.values()}, on)

    def name_of(unit_id: int, name: str) -> str:
        return str(units.get(unit_id, {}).get("name", name))

    found = []
    for row in rows:
        move = moves.get(row.task_id)
        task, paper = tasks.get(row.task_id, {}), paper_then(row, papers.get(row.directive_id, {}))
        found.append(
            Behind(
                row.task_id, task.get("content", row.content), task.get("item", row.item), row.directive_id,
                paper["kind"], paper["number"], name_of(row.unit_id, row.name),
                Cell(row.cell), row.state, row.due_on, row.reported_on, row.given_on, row.original_due_on,
                days_overdue(row, day=on), move and Move(move.valid_to, name_of(move.unit_id, move.name)),
            )
        )  # fmt: skip
    return found
