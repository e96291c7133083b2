"""Table B.4: for one assigner, a period and a cut-off day, how many tasks of each unit stand in each cell.

Today and any past day are one and the same query over the stretches of days of the facts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select, union_all

from tracker.models import FAR_FUTURE, db
from tracker.models.directive import Directive
from tracker.models.people import User
from tracker.models.task import Task, TaskPeriod
from tracker.models.units import Unit, subtree
from tracker.queries.standing import roles_on, tasks_visible_to, units_reached
from tracker.rules.permissions import ISSUERS, READERS
from tracker.rules.status import (
    CELLS,
    COMPLETED_CELLS,
    OPEN_STATES,
    OVERDUE_CELLS,
    Cell,
    State,
    cell_sql,
    fallen_due_sql,
    in_states,
)
from tracker.rules.words import B4_TITLE

_IN_TIME_CELLS = (Cell.NOT_STARTED_NOT_DUE, Cell.IN_PROGRESS_NOT_DUE, Cell.AWAITING_CONFIRMATION)
"""Open and not overdue: what waits for its confirmation was reported, its clock stands."""


@dataclass(frozen=True)
class Choice:
    """Which of the counted tasks: those in some of the cells, of these perhaps only those fallen due."""

    cells: tuple[Cell, ...]
    fallen_due: bool = False


CHOICES: Mapping[str, Choice] = {cell.value: Choice((cell,)) for cell in CELLS} | {
    "all": Choice(CELLS),
    "completed": Choice(COMPLETED_CELLS),
    "overdue": Choice(OVERDUE_CELLS),
    "in_time": Choice(_IN_TIME_CELLS),
    "completed_or_overdue": Choice((*COMPLETED_CELLS, *OVERDUE_CELLS)),
    "fallen_due": Choice(CELLS, fallen_due=True),
    "completed_fallen_due": Choice(COMPLETED_CELLS, fallen_due=True),
}
"""What a number on the page may count, by the word that stands for it in an address."""


@dataclass(frozen=True)
class Part:
    """What a person sees of a B.4 that is not theirs in full: rows of these units, tasks they may open."""

    units: Select[int]
    tasks: ColumnElement[bool]


@dataclass(frozen=True)
class Question:
    """What a B.4 is asked for: the unit that gave the tasks, `[first, last]`, and the cut-off day `on`.

    With a `part` it counts no more than that part.
    """

    assigner: Unit
    first: date
    last: date
    on: date
    part: Part | None = None


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
    def unit_name(self) -> str:
        """The name as the table prints it."""
        return self.name

    @property
    def all(self) -> int:
        """“Tất cả”: the sum of the seven cells, by definition."""
        return sum(self.cells)

    def count(self, choice: str) -> int:
        """Return how many tasks one of `CHOICES` holds; those that ask for fallen due are the table's."""
        return sum(self.counts.get(cell, 0) for cell in CHOICES[choice].cells)


class Rate(NamedTuple):
    """A completion rate: which tasks are counted over which (words of `CHOICES`), and how many each are."""

    part: str
    whole: str
    numerator: int
    denominator: int

    @property
    def ratio(self) -> Fraction | None:
        """The rate itself, None when there is nothing to be counted over."""
        return Fraction(self.numerator, self.denominator) if self.denominator else None


@dataclass(frozen=True)
class B4Table:
    """The answer: a row per unit in the units' order, and the total."""

    question: Question
    rows: list[B4Row] = field(default_factory=list)
    without_deadline: int = 0
    fallen_due: int = 0
    """Tasks whose deadline had come by the cut-off day, that day included."""
    completed_fallen_due: int = 0

    @property
    def title(self) -> str:
        """The printed title, as the published table has it."""
        return B4_TITLE % {"assigner": self.question.assigner.name.upper()}

    @property
    def total(self) -> B4Row:
        """The total row: the sum of each column."""
        counts = {cell: sum(row.counts.get(cell, 0) for row in self.rows) for cell in CELLS}
        return B4Row(unit_id=0, code="", name="", counts=counts)

    @property
    def rates(self) -> list[Rate]:
        """The three completion rates of published reports (domain §4); each is to be printed by name."""
        total = self.total
        completed = total.count("completed")
        over_overdue = total.count("completed_or_overdue")
        return [
            Rate("completed", "completed_or_overdue", completed, over_overdue),
            Rate("completed", "all", completed, total.all),
            Rate("completed_fallen_due", "fallen_due", self.completed_fallen_due, self.fallen_due),
        ]

    @property
    def four_counts(self) -> list[tuple[str, int]]:
        """The Government Office's four counts, by their words in `CHOICES`; they sum to “Tất cả”."""
        words = ("completed_on_time", "completed_late", "in_time", "overdue")
        total = self.total
        return [(word, total.count(word)) for word in words]


def population(question: Question) -> Select:
    """Return a SELECT of the tasks that a B.4 counts: task_id, unit_id, cell, due_on, reported_on, state.

    A task is counted when it was given on or before the cut-off day, is not cancelled at its end, and was
    open at some moment from the start of `first` to the end of the cut-off day (domain §4). A completed
    stretch that begins on or after `first` belongs: the task was open on the day on which it was completed.
    """
    return select(union_all(*_branches(question)).subquery("population"))


def _branches(question: Question) -> tuple[Select, Select]:
    """Return the open and the completed part of the population: each has a partial index of its own."""
    period = TaskPeriod
    seen: list[ColumnElement[bool]] = []
    if question.part is not None:
        seen = [
            period.unit_id.in_(question.part.units),
            exists().where(and_(Task.id == period.task_id, question.part.tasks)),
        ]

    def branch(*conditions: ColumnElement[bool]) -> Select:
        return select(
            period.task_id, period.unit_id, cell_sql(period, day=question.on).label("cell"), period.due_on,
            period.reported_on, period.state,
        ).where(
            period.assigner_id == question.assigner.id, period.valid_from <= question.on,
            period.valid_to > question.on, *conditions, *seen,
        )  # fmt: skip

    return (
        branch(in_states(period, OPEN_STATES)),
        branch(in_states(period, (State.COMPLETED,)), period.valid_from >= question.first),
    )


def table(question: Question, *, all_units: bool = False) -> B4Table:
    """Count a B.4. A unit without a task in it has no row, unless `all_units` asks for every unit below."""

    def counted(branch: Select) -> Select:
        cell = branch.selected_columns.cell
        undated = func.count() - func.count(TaskPeriod.due_on)
        due = func.count().filter(fallen_due_sql(TaskPeriod, day=question.on))
        return branch.with_only_columns(TaskPeriod.unit_id, cell, func.count(), undated, due).group_by(
            TaskPeriod.unit_id, cell
        )

    query = union_all(*(counted(branch) for branch in _branches(question)))
    counts: dict[int, dict[Cell, int]] = {}
    without_deadline = fallen_due = completed_fallen_due = 0
    for unit_id, cell, number, undated, due in db.session.execute(query):
        counts.setdefault(unit_id, {})[Cell(cell)] = number
        without_deadline += undated
        fallen_due += due
        completed_fallen_due += due if Cell(cell) in COMPLETED_CELLS else 0
    wanted: ColumnElement[bool] = Unit.id.in_(counts)
    if all_units:
        below = subtree(select(Unit.id).where(Unit.parent_id == question.assigner.id))
        exists = and_(Unit.valid_from <= question.on, Unit.valid_to > question.on)
        wanted = wanted | and_(Unit.id.in_(below), exists)
    units = db.session.execute(select(Unit.id, Unit.code, Unit.name).where(wanted).order_by(*in_order()))
    rows = [B4Row(unit_id, code, name, counts.get(unit_id, {})) for unit_id, code, name in units]
    return B4Table(
        question=question, rows=rows, without_deadline=without_deadline, fallen_due=fallen_due,
        completed_fallen_due=completed_fallen_due,
    )  # fmt: skip


def in_order() -> tuple[Any, ...]:
    """Return the order of units in every table: by their given place, then as they were entered."""
    return (Unit.position.is_(None), Unit.position, Unit.id)


def tasks_behind(
    question: Question, *, unit_id: int | None = None, cell: str | None = None, without_deadline: bool = False
) -> Select:
    """Return a SELECT of the tasks that a number of the table counts.

    `cell` is one of `CHOICES`: a cell, or what a rate is made of; all of them when left out. `unit_id` names
    the row, the whole table when left out. The columns are those of `population`.
    """
    tasks = population(question).subquery("behind")
    query = select(tasks)
    chosen = CHOICES[cell or "all"]
    if unit_id is not None:
        query = query.where(tasks.c.unit_id == unit_id)
    if chosen.cells != CELLS:
        query = query.where(tasks.c.cell.in_([cell.value for cell in chosen.cells]))
    if chosen.fallen_due:
        query = query.where(fallen_due_sql(tasks.c, day=question.on))
    if without_deadline:
        query = query.where(tasks.c.due_on.is_(None))
    return query


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


def read_behind(
    behind: Select, *, after: tuple[date, int] | None = None, most: int
) -> tuple[list[Behind], tuple[date, int] | None]:
    """Return `most` tasks of a `tasks_behind`, by deadline, and where the next page begins (None at the end).

    `after` is the place that the page before named. Tasks without a deadline come last.
    """
    rows = behind.subquery("chosen")
    place = func.coalesce(rows.c.due_on, FAR_FUTURE, type_=rows.c.due_on.type)
    query = (
        select(
            rows.c.task_id, Task.content, Task.item, Task.directive_id, Directive.kind, Directive.number,
            Unit.name, rows.c.cell, rows.c.state, rows.c.due_on, rows.c.reported_on,
        )
        .join(Task, Task.id == rows.c.task_id)
        .join(Directive, Directive.id == Task.directive_id)
        .join(Unit, Unit.id == rows.c.unit_id)
        .order_by(place, rows.c.task_id)
        .limit(most + 1)
    )  # fmt: skip
    if after is not None:
        day, task_id = after
        query = query.where(or_(place > day, and_(place == day, rows.c.task_id > task_id)))
    read = [Behind(*row) for row in db.session.execute(query)]
    page = [row._replace(cell=Cell(row.cell)) for row in read[:most]]
    last = page[-1] if len(read) > most else None
    return page, (last.due_on or FAR_FUTURE, last.task_id) if last else None


class Assigner(NamedTuple):
    """A unit whose B.4 a person may ask for; of some they see only the part that their own units lead."""

    unit: Unit
    in_full: bool


def assigners_open_to(user: User, *, day: date) -> Sequence[Assigner]:
    """Return the units whose B.4 a person may ask for, in the order of choosing; the first is their own.

    Units that a leader's, office's or inspector's role reaches are open in full: those where the role is
    held, and those below that gave tasks. Whoever reaches lead units sees that part of every other assigner.
    """
    held = {each.unit_id for each in roles_on(user, day) if each.role.value in ISSUERS}
    full, part = units_reached(user, ISSUERS, day=day), units_reached(user, READERS, day=day)
    found: list[Assigner] = []
    if full is not None:
        wanted = and_(Unit.id.in_(full), or_(Unit.id.in_(held), _gave_tasks()))
        query = select(Unit).where(wanted).order_by(Unit.id.not_in(held), *in_order())
        found = [Assigner(unit, True) for unit in db.session.scalars(query)]
    if part is not None:
        wanted = _gave_tasks(TaskPeriod.unit_id.in_(part))
        if full is not None:
            wanted = and_(Unit.id.not_in(full), wanted)
        query = select(Unit).where(wanted).order_by(*in_order())
        found += [Assigner(unit, False) for unit in db.session.scalars(query)]
    return found


def _gave_tasks(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return the SQL condition over `Unit` that it gave tasks; each part has an index of its own."""
    parts = (OPEN_STATES, (State.COMPLETED,))
    gave = (TaskPeriod.assigner_id == Unit.id, *conditions)
    return or_(*(exists().where(and_(*gave, in_states(TaskPeriod, states))) for states in parts))


def part_open_to(user: User, *, day: date) -> Part | None:
    """Return which part of other units' tasks a person sees in B.4, None for who reaches no lead unit."""
    leads = units_reached(user, READERS, day=day)
    return None if leads is None else Part(units=leads, tasks=tasks_visible_to(user, day=day))


def count(behind: Select) -> int:
    """Return how many tasks a `tasks_behind` holds."""
    return db.session.scalar(select(func.count()).select_from(behind.subquery("chosen"))) or 0
