"""What the rows of a brought sheet are compared with: persons, directives and tasks of their issuer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, func, select

from tracker.models import db
from tracker.models.directive import Directive
from tracker.models.people import User
from tracker.models.sheet import BatchState, ImportBatch, ImportRow, SheetColumns
from tracker.models.task import Coordination, Task
from tracker.models.units import Unit, subtree
from tracker.queries.standing import roles_on
from tracker.queries.tasks import TaskRow
from tracker.rules.permissions import LEADER, OFFICE
from tracker.rules.status import State
from tracker.rules.text import fold

_AT_ONCE = 500
"""Values in one list of a statement."""
MOST_BATCHES = 20


def persons_of(issuer: Unit) -> dict[str, str]:
    """Return the folded names and logins of the active people of a unit and those below; no name twice."""
    below = subtree(select(Unit.id).where(Unit.id == issuer.id))
    query = select(User.name, User.login).where(User.unit_id.in_(below), User.active)
    found = [(fold(name), login) for name, login in db.session.execute(query)]
    held = Counter(name for name, _login in found)
    return {name: login for name, login in found if held[name] == 1}


def learnt_columns(unit_id: int) -> dict[str, str]:
    """Return which folded head an office said to be which field."""
    kept = db.session.get(SheetColumns, unit_id)
    return dict(kept.columns) if kept else {}


def directives_numbered(issuer: Unit, numbers: Iterable[str]) -> Sequence[Directive]:
    """Return the directives of an issuer with these numbers, as written or without blanks, oldest first."""
    wanted = sorted({form for number in numbers for form in (number, number.replace(" ", ""))})
    found: list[Directive] = []
    for begin in range(0, len(wanted), _AT_ONCE):
        query = select(Directive).where(
            Directive.issuer_id == issuer.id, Directive.number.in_(wanted[begin : begin + _AT_ONCE])
        )
        found += db.session.scalars(query.order_by(Directive.id))
    return found


class Given(NamedTuple):
    """A task that is in the register, as far as a row can be the same."""

    id: int
    key: str
    number: str | None
    content: str
    unit: str
    due_on: date | None
    original_due_on: date | None
    state: State


def _given(*conditions: ColumnElement[bool]) -> list[Given]:
    query = (
        select(
            Task.id, Task.key, Directive.number, Task.content, Unit.code, Task.due_on, Task.original_due_on,
            Task.state,
        )
        .join(Directive, Directive.id == Task.directive_id)
        .join(Unit, Unit.id == Task.unit_id)
        .where(*conditions)
    )
    return [Given(*row) for row in db.session.execute(query)]


def given_of(
    issuer: Unit, directive_ids: Sequence[int], keys: Iterable[str], told: Iterable[str] = ()
) -> list[Given]:
    """Return the tasks that an issuer gave by these directives, those with these keys, and those with keys
    that a sheet tells: whoever gave them, they are there."""
    found: list[Given] = []
    for begin in range(0, len(directive_ids), _AT_ONCE):
        part = directive_ids[begin : begin + _AT_ONCE]
        found += _given(Task.assigner_id == issuer.id, Task.directive_id.in_(part))
    listed = sorted(set(keys))
    for begin in range(0, len(listed), _AT_ONCE):
        part_keys = listed[begin : begin + _AT_ONCE]
        found += _given(Task.assigner_id == issuer.id, Task.key.in_(part_keys))
    listed = sorted(set(told))
    for begin in range(0, len(listed), _AT_ONCE):
        found += _given(Task.key.in_(listed[begin : begin + _AT_ONCE]))
    return found


def _own(user: User, day: date) -> set[int]:
    return {each.unit_id for each in roles_on(user, day) if each.role.value in (LEADER, OFFICE)}


def batch_for(batch_id: int, user: User, *, day: date) -> ImportBatch | None:
    """Return a brought sheet for a person of its unit's office or leadership, None for all others."""
    query = select(ImportBatch).where(ImportBatch.id == batch_id, ImportBatch.unit_id.in_(_own(user, day)))
    return db.session.scalar(query)


class BatchRow(NamedTuple):
    """A brought sheet as a list shows it."""

    id: int
    filename: str | None
    unit_name: str
    rows: int
    state: BatchState
    brought_at: datetime
    brought_by: str


def batches_of(user: User, *, day: date) -> list[BatchRow]:
    """Return the sheets that were brought for a person's units, the latest first, without dropped ones.

    The cells of the sheets stay in the database, which counts their rows.
    """
    rows = func.json_array_length(ImportBatch.sheet["rows"])
    query = (
        select(
            ImportBatch.id, ImportBatch.filename, Unit.name, rows, ImportBatch.state, ImportBatch.brought_at,
            User.name,
        )
        .join(Unit, Unit.id == ImportBatch.unit_id)
        .join(User, User.id == ImportBatch.brought_by_id)
        .where(ImportBatch.unit_id.in_(_own(user, day)), ImportBatch.state != BatchState.DROPPED)
        .order_by(ImportBatch.id.desc())
        .limit(MOST_BATCHES)
    )
    return [BatchRow(*row) for row in db.session.execute(query)]


class SheetFacts(NamedTuple):
    """What a sheet says of a task beyond what a list shows."""

    key: str
    issued_on: date
    subject: str
    leader: str | None
    result: str | None
    coordinating: str


def sheet_facts(rows: Sequence[TaskRow]) -> list[SheetFacts]:
    """Return the further facts of listed tasks, in their order; two statements for every 500."""
    found: dict[int, SheetFacts] = {}
    for begin in range(0, len(rows), _AT_ONCE):
        ids = [row.id for row in rows[begin : begin + _AT_ONCE]]
        names: dict[int, list[str]] = {}
        beside = (
            select(Coordination.task_id, Unit.name)
            .join(Unit, Unit.id == Coordination.unit_id)
            .where(Coordination.task_id.in_(ids))
            .order_by(Coordination.task_id, Coordination.position)
        )
        for task_id, name in db.session.execute(beside):
            names.setdefault(task_id, []).append(name)
        query = (
            select(Task.id, Task.key, Directive.issued_on, Directive.subject, User.name, Task.result)
            .join(Directive, Directive.id == Task.directive_id)
            .outerjoin(User, User.id == Task.leader_id)
            .where(Task.id.in_(ids))
        )
        for task_id, key, issued_on, subject, leader, result in db.session.execute(query):
            beside_it = "; ".join(names.get(task_id, ()))
            found[task_id] = SheetFacts(key, issued_on, subject, leader, result, beside_it)
    return [found[row.id] for row in rows]


def unit_coded(code: str) -> Unit | None:
    """Return the unit of a code, None when there is none."""
    return db.session.scalar(select(Unit).where(Unit.code == code))


def outcomes_of(batch_id: int) -> dict[int, tuple[int | None, str | None]]:
    """Return what became of each row of a sheet so far: its task, or why there is none."""
    query = select(ImportRow.number, ImportRow.task_id, ImportRow.error)
    rows = db.session.execute(query.where(ImportRow.batch_id == batch_id))
    return {number: (task_id, error) for number, task_id, error in rows}
