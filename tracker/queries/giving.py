"""To whom a unit may give tasks: the units below it, the groups they form, and the persons beside a task."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import select

from tracker.models import db
from tracker.models.people import HeldRole, Role, User
from tracker.models.units import Unit, UnitKind, subtree
from tracker.rules.text import fold
from tracker.rules.words import N_

GROUPS: Mapping[str, tuple[str, frozenset[UnitKind]]] = {
    "divisions": (N_("Các phòng, cơ quan chuyên môn"), frozenset({UnitKind.DIVISION, UnitKind.AGENCY})),
    "districts": (N_("UBND các huyện"), frozenset({UnitKind.PROVINCE, UnitKind.DISTRICT})),
    "communes": (N_("UBND các xã, thị trấn"), frozenset({UnitKind.COMMUNE})),
    "external": (N_("Cơ quan ngoài"), frozenset({UnitKind.EXTERNAL})),
}
"""Groups of units to which one item is given at once: name, and the kinds of units in it."""

_BODIES = frozenset({UnitKind.PROVINCE, UnitKind.DISTRICT, UnitKind.COMMUNE})
"""Units with an office of their own, which alone gives tasks to what is below them."""


class Recipient(NamedTuple):
    """A unit that may lead or coordinate a task."""

    id: int
    name: str
    code: str
    group: str
    """A key of `GROUPS`."""


def recipients(issuer: Unit, *, day: date) -> list[Recipient]:
    """Return the units below `issuer` that it may give tasks to on `day`, by groups, in the units' order.

    Below another body (a district, a commune) only its communes are offered: its divisions are its own to
    direct.
    """
    query = (
        select(Unit.id, Unit.name, Unit.code, Unit.kind, Unit.parent_id)
        .where(Unit.id.in_(subtree(select(Unit.id).where(Unit.id == issuer.id))))
        .where(Unit.valid_from <= day, Unit.valid_to > day)
        .order_by(Unit.position.is_(None), Unit.position, Unit.id)
    )
    below = defaultdict(list)
    for row in db.session.execute(query):
        below[row.parent_id].append(row)
    found: list[Recipient] = []
    walk = [(row, False) for row in below[issuer.id]]
    for row, inside_other in walk:
        if not inside_other or row.kind is UnitKind.COMMUNE:
            group = next(key for key, (_name, kinds) in GROUPS.items() if row.kind in kinds)
            found.append(Recipient(row.id, row.name, row.code, group))
        walk += [(child, inside_other or row.kind in _BODIES) for child in below[row.id]]
    order = {key: place for place, key in enumerate(GROUPS)}
    return sorted(found, key=lambda each: order[each.group])


def unit_named(words: str, units: Sequence[Recipient]) -> Recipient | None:
    """Return the unit that typed words name by name or code, None when none or several fit."""
    folded = fold(words)
    if not folded:
        return None
    exact = [unit for unit in units if folded in (fold(unit.name), fold(unit.code))]
    near = exact or [unit for unit in units if folded in fold(unit.name)]
    return near[0] if len(near) == 1 else None


class Persons(NamedTuple):
    """Who may stand beside a task of an issuer: (id, name and title) each."""

    trackers: list[tuple[int, str]]
    leaders: list[tuple[int, str]]
    officers: list[tuple[int, str]]


def persons(issuer: Unit, *, day: date) -> Persons:
    """Return the office people, leaders and officers who hold their role in `issuer` itself on `day`."""
    query = (
        select(User.id, User.name, User.title, HeldRole.role)
        .join(HeldRole, HeldRole.user_id == User.id)
        .where(
            HeldRole.unit_id == issuer.id, HeldRole.valid_from <= day, HeldRole.valid_to > day, User.active
        )
        .order_by(User.id)
    )  # fmt: skip
    found: dict[Role, list[tuple[int, str]]] = defaultdict(list)
    for user_id, name, title, role in db.session.execute(query):
        found[role].append((user_id, f"{name}, {title}" if title else name))
    return Persons(found[Role.OFFICE], found[Role.LEADER], [*found[Role.OFFICER], *found[Role.UNIT_HEAD]])


def issuers_for(user: User, *, day: date) -> list[tuple[int, str]]:
    """Return the units (id, name) for which a person may register directives on `day`, their own first."""
    held = {
        each.unit_id
        for each in user.held_roles
        if each.role in (Role.OFFICE, Role.LEADER) and each.valid_from <= day < each.valid_to
    }
    query = (
        select(Unit.id, Unit.name, Unit.kind, Unit.parent_id)
        .where(Unit.id.in_(subtree(select(Unit.id).where(Unit.id.in_(held)))))
        .where(Unit.valid_from <= day, Unit.valid_to > day)
        .order_by(Unit.position.is_(None), Unit.position, Unit.id)
    )
    rows = db.session.execute(query).all()
    own = [row for row in rows if row.id in held]
    return [(row.id, row.name) for row in [*own, *(row for row in rows if row.id not in held)]]
