"""Whose B.4 a person may ask for, and which part of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, exists, or_, select

from tracker.models import db
from tracker.models.people import User
from tracker.models.task import TaskPeriod
from tracker.models.units import Unit
from tracker.queries.b4.population import Part
from tracker.queries.b4.units import in_order
from tracker.queries.standing import roles_on, tasks_visible_to, units_reached
from tracker.rules.permissions import ISSUERS, READERS
from tracker.rules.status import OPEN_STATES, State, in_states


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
