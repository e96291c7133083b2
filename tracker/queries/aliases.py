"""The names that an office gave a meaning."""

from __future__ import annotations

from sqlalchemy import select

from tracker.models import db
from tracker.models.sheet import UnitAlias
from tracker.models.units import Unit


def aliases_of(owner_id: int) -> dict[str, str]:
    """Return the codes of the units that the office of a unit means by names, by folded name."""
    query = (
        select(UnitAlias.folded, Unit.code)
        .join(Unit, Unit.id == UnitAlias.unit_id)
        .where(UnitAlias.owner_id == owner_id)
    )
    return {folded: code for folded, code in db.session.execute(query)}  # noqa: C416
