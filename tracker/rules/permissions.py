"""Who may do what to which task, and which tasks a person sees.

A role is held in a unit and reaches that unit and those below it (domain §1). The rule for one task is
`may()`, over the standing that a person's roles give towards it; its twin for lists is `visible_sql()`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, false, or_

from tracker.rules.status import State
from tracker.rules.workflow import Action

LEADER, OFFICE, UNIT_HEAD, OFFICER, INSPECTOR, ADMIN = (
    "leader", "office", "unit_head", "officer", "inspector", "admin",
)  # fmt: skip

READERS = frozenset({LEADER, OFFICE, INSPECTOR, UNIT_HEAD, OFFICER})
"""Roles that reach the tasks of the units below the one where they are held."""

ISSUERS = frozenset({LEADER, OFFICE, INSPECTOR})
"""Roles that see every task that their units gave, whichever unit leads it."""


class Permission(StrEnum):
    """What a page asks of a person's roles, apart from any single task."""

    SIGNED_IN = "signed_in"
    REGISTER_DIRECTIVE = "register_directive"
    SEE_REPORTS = "see_reports"
    ADMINISTER = "administer"


ROLES_OF: Mapping[Permission, frozenset[str]] = {
    Permission.SIGNED_IN: READERS | {ADMIN},
    Permission.REGISTER_DIRECTIVE: frozenset({LEADER, OFFICE}),
    Permission.SEE_REPORTS: READERS,
    Permission.ADMINISTER: frozenset({ADMIN}),
}


ON_DRAFTS = frozenset({Action.SEE, Action.EDIT, Action.GIVE, Action.CANCEL, Action.TRANSFER})
"""What those who give may do to a task that is only laid out."""


@dataclass(frozen=True)
class Standing:
    """How a person stands towards one task.

    `above_assigner`, `above_lead`, `above_coordinating`: roles held in that unit or in one above it.
    `in_lead`, `in_assigner`: roles held exactly there. `is_named`: officer, tracker or directing leader.
    """

    above_assigner: frozenset[str] = frozenset()
    above_lead: frozenset[str] = frozenset()
    above_coordinating: frozenset[str] = frozenset()
    in_assigner: frozenset[str] = frozenset()
    in_lead: frozenset[str] = frozenset()
    in_coordinating: frozenset[str] = frozenset()
    is_officer: bool = False
    is_named: bool = False
    is_reporter: bool = False
    is_passed_down: bool = False
    """The task has a parent: its assigner is a unit that passed part of its own task down."""
    is_within_unit: bool = False
    """Assigner and lead are one unit: the task was passed to a person of the unit."""
    is_draft: bool = False
    """Not given yet: only those who may give it see it."""


def may(action: Action, standing: Standing) -> bool:
    """Return whether a person standing so may do this to the task; the workflow asks about its state."""
    s = standing
    gives = bool(s.above_assigner & {LEADER, OFFICE} or (s.is_passed_down and s.above_assigner & {UNIT_HEAD}))
    heads = bool(s.above_lead & {UNIT_HEAD} or s.in_lead & {LEADER} or (s.is_within_unit and s.is_officer))
    if s.is_draft:
        return gives and action in ON_DRAFTS
    works = heads or s.above_lead & {OFFICER} or s.in_lead & {OFFICE} or s.is_officer
    match action:
        case Action.SEE:
            allowed = (
                gives
                or s.above_assigner & ISSUERS
                or (s.above_lead | s.above_coordinating) & READERS
                or (s.in_assigner | s.in_lead | s.in_coordinating) & {ADMIN}
                or s.is_named
            )
        case Action.ACCEPT:
            allowed = heads or s.is_officer or s.in_lead & {OFFICE}
        case Action.ASK_RETURN | Action.ASK_EXTENSION | Action.REPORT:
            allowed = heads
        case Action.PASS_DOWN:
            allowed = s.above_lead & {UNIT_HEAD} or s.in_lead & {LEADER, OFFICE}
        case Action.PROGRESS:
            allowed = works
        case Action.CONTRIBUTE:
            allowed = s.above_coordinating & {UNIT_HEAD, OFFICER} or s.in_coordinating & {LEADER, OFFICE}
        case Action.CONFIRM:
            allowed = gives and not s.is_reporter
        case _:
            allowed = gives
    return bool(allowed)


def visible_sql(
    *,
    task: Any,
    coordination: Any,
    user_id: Any,
    reach: Mapping[str, Any],
    own_units: Any,
) -> ColumnElement[bool]:
    """Return the SQL condition that a person sees a task: the twin of `may(Action.SEE, …)`.

    `task` and `coordination` carry the columns of those tables. `reach` holds ids of units, a SELECT of them,
    a parameter that stands for them, or None: "givers" (units reached by leader and office roles), "heads"
    (by heads of units, who pass tasks down), "issuers" (by those who give and by inspectors) and "readers"
    (by any reading role); `own_units` are the ids of the units where an administrator's role is held, a
    parameter or None. `user_id` too may be a parameter.
    """
    conditions: list[ColumnElement[bool]] = [
        task.officer_id == user_id,
        task.tracker_id == user_id,
        task.leader_id == user_id,
    ]
    coordinated = exists().where(and_(coordination.task_id == task.id))
    if (issued := reach.get("issuers")) is not None:
        conditions.append(task.assigner_id.in_(issued))
    if (read := reach.get("readers")) is not None:
        conditions.append(task.unit_id.in_(read))
        conditions.append(coordinated.where(coordination.unit_id.in_(read)))
    if own_units is not None:
        conditions.append(task.assigner_id.in_(own_units))
        conditions.append(task.unit_id.in_(own_units))
        conditions.append(coordinated.where(coordination.unit_id.in_(own_units)))
    gives = gives_sql(task=task, reach=reach)
    return and_(or_(*conditions, gives), or_(task.state != State.DRAFT, gives))


def gives_sql(*, task: Any, reach: Mapping[str, Any]) -> ColumnElement[bool]:
    """Return the SQL condition that a person acts for those who gave a task: `gives` in `may()`.

    `reach` holds "givers" and "heads" as for `visible_sql`.
    """
    gives: list[ColumnElement[bool]] = []
    if (given := reach.get("givers")) is not None:
        gives.append(task.assigner_id.in_(given))
    if (headed := reach.get("heads")) is not None:
        gives.append(and_(task.parent_id.is_not(None), task.assigner_id.in_(headed)))
    return or_(false(), *gives)
