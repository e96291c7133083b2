"""The names that mean a unit: those an office gave a meaning, and those of the people in it."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import select

from tracker.models import db
from tracker.models.people import User
from tracker.models.sheet import UnitAlias
from tracker.models.units import Unit, subtree
from tracker.rules.text import fold


def aliases_of(owner_id: int) -> dict[str, str]:
    """Return the codes of the units that the office of a unit means by names, by folded name."""
    query = (
        select(UnitAlias.folded, Unit.code)
        .join(Unit, Unit.id == UnitAlias.unit_id)
        .where(UnitAlias.owner_id == owner_id)
    )
    return {folded: code for folded, code in db.session.execute(query)}  # noqa: C416


def units_of_people(issuer: Unit) -> dict[str, str]:
    """Return the codes of the units of the active people of a unit and those below, by folded name.

    Two people of one name mean nobody's unit.
    """
    below = subtree(select(Unit.id).where(Unit.id == issuer.id))
    query = select(User.name, Unit.code).join(Unit, Unit.id == User.unit_id).where(User.active)
    found = [(fold(name), code) for name, code in db.session.execute(query.where(Unit.id.in_(below)))]
    held = Counter(name for name, _code in found)
    return {name: code for name, code in found if held[name] == 1}
