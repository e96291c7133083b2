"""Whose B.4 a person may ask for, and which part of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    and_,
    bindparam,
    case,
    func,
    literal_column,
    or_,
    select,
    text,
    union_all,
)

from tracker.models import db
from tracker.models.people import User
from tracker.models.statements import among
from tracker.models.task import TOLD_WHO_GAVE, TaskPeriod
from tracker.models.units import Unit, subtree
from tracker.queries.b4.population import Part
from tracker.queries.b4.units import in_order
from tracker.queries.standing import roles_on, tasks_visible_to, units_reached
from tracker.rules.permissions import ISSUERS, READERS


class Assigner(NamedTuple):
    """A unit whose B.4 a person may ask for; of some they see only the part that their own units lead."""

    unit: Unit
    in_full: bool


def assigners_open_to(user: User, *, day: date) -> Sequence[Assigner]:
    """Return the units whose B.4 a person may ask for, in the order of choosing; the first is their own.

    Units that a leader's, office's or inspector's role reaches are open in full: those where the role is
    held, and those below that gave tasks. Whoever reaches lead units sees that part of every other assigner.
    """
    held = roles_on(user, day)
    full = [each.unit_id for each in held if each.role.value in ISSUERS]
    part = [each.unit_id for each in held if each.role.value in READERS]
    if not (full or part):
        return []
    asked = _open(db.session.get_bind().dialect.name, bool(full), bool(part))
    rows = db.session.execute(asked, {"full": full, "part": part})
    return [Assigner(unit, bool(in_full)) for unit, in_full in rows]


def _below(name: str) -> Select[int]:
    """Return a SELECT of the ids of the units that are given as this parameter, and of those below them."""
    return subtree(select(Unit.id).where(among(Unit.id, bindparam(name))))


def _gave_tasks() -> ColumnElement[bool]:
    """Return the SQL condition over `Unit` that it gave tasks.

    Asked as a minimum it is one step into an index; an EXISTS is answered by reading all stretches where the
    database believes that one unit gave them all.
    """
    of_unit = select(func.min(TaskPeriod.task_id)).where(TaskPeriod.assigner_id == Unit.id)
    return of_unit.scalar_subquery().is_not(None)


def _gave_tasks_to(units: Any) -> Any:
    """Return a SELECT of the ids of those who gave tasks to these units, and None.

    It steps through an index from one pair of units to the next, past all the stretches that have it.
    """
    led = select(func.min(TaskPeriod.assigner_id)).where(text(TOLD_WHO_GAVE))
    first = led.where(TaskPeriod.unit_id == Unit.id).scalar_subquery()
    pairs = select(Unit.id.label("unit_id"), first.label("assigner_id")).where(Unit.id.in_(units))
    pair = pairs.cte("pair", recursive=True)
    following = led.where(TaskPeriod.unit_id == pair.c.unit_id, TaskPeriod.assigner_id > pair.c.assigner_id)
    is_one = pair.c.assigner_id.is_not(None)
    pair = pair.union_all(select(pair.c.unit_id, following.scalar_subquery()).where(is_one))
    return select(pair.c.assigner_id)


@cache
def _open(dialect: str, has_full: bool, has_part: bool) -> Select[Any]:
    """Return the SELECT of the units open to who holds roles in the units `full`, `part` or both.

    It is made once for each and for each kind of database, because every page of B.4 asks it.
    """
    held, yes, no = among(Unit.id, bindparam("full")), _number(1), _number(0)
    below = _below("full")
    order: list[Any] = [*in_order()]
    branches = []
    if has_full:
        in_full = and_(Unit.id.in_(below), or_(held, _gave_tasks()))
        branches.append(select(Unit.id, yes.label("in_full")).where(in_full))
        order.insert(0, case((held, no), else_=yes))
    if has_part:
        gave = Unit.id.in_(_gave_tasks_to(_below("part")))
        in_part = and_(gave, Unit.id.not_in(below)) if has_full else gave
        branches.append(select(Unit.id, no.label("in_full")).where(in_part))
    found = union_all(*branches).subquery()
    chosen = select(Unit, found.c.in_full).join(found, found.c.id == Unit.id)
    return chosen.order_by(found.c.in_full.desc(), *order)


def _number(number: int) -> ColumnElement[int]:
    return literal_column(str(number), Integer())


def part_open_to(user: User, *, day: date) -> Part | None:
    """Return which part of other units' tasks a person sees in B.4, None for who reaches no lead unit."""
    leads = units_reached(user, READERS, day=day)
    return None if leads is None else Part(units=leads, tasks=tasks_visible_to(user, day=day))
