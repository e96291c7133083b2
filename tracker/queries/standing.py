"""How a person stands towards a task or a unit: the roles that reach it."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, select

from tracker.models.people import HeldRole, Role, User
from tracker.models.task import Coordination, Task
from tracker.models.units import Unit, subtree
from tracker.rules.permissions import (
    ADMIN,
    ISSUERS,
    LEADER,
    OFFICE,
    READERS,
    ROLES_OF,
    UNIT_HEAD,
    Permission,
    Standing,
    gives_sql,
    visible_sql,
)
from tracker.rules.status import State


def roles_on(user: User, day: date) -> list[HeldRole]:
    """Return the roles that a person holds on a day."""
    return [held for held in user.held_roles if held.valid_from <= day < held.valid_to]


def roles_above(user: User, unit: Unit, day: date) -> frozenset[str]:
    """Return the roles that a person holds on `day` in a unit or in one above it."""
    chain: set[Unit] = set()
    step: Unit | None = unit
    while step is not None and step not in chain:
        chain.add(step)
        step = step.parent
    return frozenset(held.role.value for held in roles_on(user, day) if held.unit in chain)


def roles_in(user: User, unit: Unit, day: date) -> frozenset[str]:
    """Return the roles that a person holds on `day` in exactly this unit."""
    return frozenset(held.role.value for held in roles_on(user, day) if held.unit is unit)


def has(user: User, permission: Permission, day: date) -> bool:
    """Return whether any role of the person on `day` carries a permission."""
    return any(held.role in ROLES_OF[permission] for held in roles_on(user, day))


def standing_towards(user: User, task: Task, *, day: date) -> Standing:
    """Return how a person stands towards one task on a day."""
    coordinating = [each.unit for each in task.coordinations]
    return Standing(
        above_assigner=roles_above(user, task.assigner, day),
        above_lead=roles_above(user, task.unit, day),
        above_coordinating=frozenset().union(*(roles_above(user, unit, day) for unit in coordinating)),
        in_assigner=roles_in(user, task.assigner, day),
        in_lead=roles_in(user, task.unit, day),
        in_coordinating=frozenset().union(*(roles_in(user, unit, day) for unit in coordinating)),
        is_officer=task.officer is user,
        is_named=user in (task.officer, task.tracker, task.leader),
        is_reporter=task.reported_by is user,
        is_passed_down=task.parent is not None,
        is_within_unit=task.unit is task.assigner,
        is_draft=task.state is State.DRAFT,
    )


def units_reached(user: User, roles: frozenset[str], *, day: date) -> Select[int] | None:
    """Return a SELECT of the ids of the units that these roles of a person reach on `day`, None for none."""
    held = {each.unit_id for each in roles_on(user, day) if each.role.value in roles}
    return subtree(select(Unit.id).where(Unit.id.in_(held))) if held else None


def tasks_visible_to(
    user: User, *, day: date, task: Any = Task, coordination: Any = Coordination
) -> ColumnElement[bool]:
    """Return the SQL condition over `Task` that a person sees it; each list and page query carries it.

    `task` and `coordination` may be what else carries such columns: whoever sees its tasks sees it.
    """
    return visible_sql(
        task=task,
        coordination=coordination,
        user_id=user.id,
        reach={
            "givers": units_reached(user, frozenset({LEADER, OFFICE}), day=day),
            "heads": units_reached(user, frozenset({UNIT_HEAD}), day=day),
            "issuers": units_reached(user, ISSUERS, day=day),
            "readers": units_reached(user, READERS, day=day),
        },
        own_units={held.unit_id for held in roles_on(user, day) if held.role == Role(ADMIN)} or None,
    )


def tasks_given_by(user: User, *, day: date) -> ColumnElement[bool]:
    """Return the SQL condition over `Task` that a person acts for those who gave it: they may urge."""
    return gives_sql(
        task=Task,
        reach={
            "givers": units_reached(user, frozenset({LEADER, OFFICE}), day=day),
            "heads": units_reached(user, frozenset({UNIT_HEAD}), day=day),
        },
    )
