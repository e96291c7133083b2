"""Units as administrators see them: the tree with its numbers, and who administers what."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, false, func, select
from sqlalchemy.orm import aliased

from tracker.models import db
from tracker.models.people import HeldRole, Role, User
from tracker.models.task import Task
from tracker.models.units import Unit, UnitKind
from tracker.queries.standing import roles_on, units_reached
from tracker.rules.papers import Issuer
from tracker.rules.permissions import ADMIN
from tracker.rules.status import OPEN_STATES

HEADS = (Role.LEADER, Role.UNIT_HEAD)


class UnitRow(NamedTuple):
    """One unit of the tree, on a day."""

    id: int
    code: str
    name: str
    kind: UnitKind
    parent_id: int | None
    valid_from: date
    valid_to: date
    successor_id: int | None
    successor_name: str | None
    people: int
    """Active accounts that belong to it."""
    heads: int
    """Active persons who lead it: without one nobody can accept or report its tasks."""
    open_tasks: int
    exists: bool


class Branch(NamedTuple):
    """A unit with the units below it."""

    unit: UnitRow
    below: list[Branch]


def administered(user: User, *, day: date) -> Select[Any]:
    """Return a SELECT of the ids of the units that a person administers on a day, ended ones among them."""
    reach = units_reached(user, frozenset({ADMIN}), day=day)
    return select(Unit.id).where(false()) if reach is None else reach


def administers_a_root(user: User, *, day: date) -> bool:
    """Return whether the person administers a whole tree: the settings and the calendar are theirs."""
    return any(held.role is Role.ADMIN and held.unit.parent_id is None for held in roles_on(user, day))


def unit_rows(reach: Select[int], *, day: date) -> list[UnitRow]:
    """Return the units of a reach in the order of B.4, each with its numbers on a day; one statement."""
    successor = aliased(Unit)
    people = select(func.count()).where(User.unit_id == Unit.id, User.active.is_(True))
    heads = (
        select(func.count())
        .select_from(HeldRole)
        .join(User, User.id == HeldRole.user_id)
        .where(
            HeldRole.unit_id == Unit.id, HeldRole.role.in_(HEADS), HeldRole.valid_from <= day,
            HeldRole.valid_to > day, User.active.is_(True),
        )
    )  # fmt: skip
    tasks = select(func.count()).where(Task.unit_id == Unit.id, Task.state.in_(OPEN_STATES))
    query: Select[Any] = (
        select(
            Unit.id, Unit.code, Unit.name, Unit.kind, Unit.parent_id, Unit.valid_from, Unit.valid_to,
            Unit.successor_id, successor.name,
            people.correlate(Unit).scalar_subquery(), heads.correlate(Unit).scalar_subquery(),
            tasks.correlate(Unit).scalar_subquery(),
            and_(Unit.valid_from <= day, Unit.valid_to > day),
        )
        .outerjoin(successor, successor.id == Unit.successor_id)
        .where(Unit.id.in_(reach))
        .order_by(Unit.position.is_(None), Unit.position, Unit.id)
    )  # fmt: skip
    return [UnitRow(*row) for row in db.session.execute(query)]


def tree_of(rows: Sequence[UnitRow]) -> list[Branch]:
    """Return units as trees, in the order given; a unit whose parent is not among them stands at the top."""
    branches = {row.id: Branch(row, []) for row in rows}
    top: list[Branch] = []
    for row in rows:
        parent = branches.get(row.parent_id) if row.parent_id is not None else None
        (parent.below if parent else top).append(branches[row.id])
    return top


def unit_choices(reach: Select[int], *, day: date) -> list[tuple[str, str]]:
    """Return the units of a reach that exist on a day, as (id, name) for a list to choose from."""
    query = (
        select(Unit.id, Unit.name)
        .where(Unit.id.in_(reach), Unit.valid_from <= day, Unit.valid_to > day)
        .order_by(Unit.position.is_(None), Unit.position, Unit.id)
    )
    return [(str(unit_id), name) for unit_id, name in db.session.execute(query)]


class RoleRow(NamedTuple):
    """One person who holds a role in a unit."""

    person_id: int
    name: str
    title: str | None
    active: bool
    role: Role
    valid_from: date


def roles_in_unit(unit_id: int, *, day: date) -> list[RoleRow]:
    """Return who holds which role in exactly this unit on a day, or later."""
    query = (
        select(User.id, User.name, User.title, User.active, HeldRole.role, HeldRole.valid_from)
        .join(HeldRole, HeldRole.user_id == User.id)
        .where(HeldRole.unit_id == unit_id, HeldRole.valid_to > day)
        .order_by(HeldRole.id)
    )
    return [RoleRow(*row) for row in db.session.execute(query)]


def names_above(unit: Unit) -> list[str]:
    """Return the names of the units above one, nearest first: a statement a level."""
    names: list[str] = []
    step = unit.parent
    while step is not None and step.name not in names:
        names.append(step.name)
        step = step.parent
    return names


def issuer_of(unit: Unit) -> Issuer:
    """Return a unit as the issuer of a paper."""
    return Issuer(unit.name, tuple(names_above(unit)), unit.title_of_head)
