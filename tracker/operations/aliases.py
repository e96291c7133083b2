"""Names that an office gave a meaning: learnt once, understood from then on in its papers and sheets."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select

from tracker.models import db, transaction
from tracker.models.people import Role
from tracker.models.sheet import UnitAlias
from tracker.models.units import Unit
from tracker.operations.recording import Stamp, require_role
from tracker.rules.text import fold, nfc

LONGEST_NAME = 255


def learn(owner: Unit, names: Mapping[str, Unit], *, stamp: Stamp) -> None:
    """Keep that the office of `owner` means these units by these names; what it meant before gives way.

    A name too long to be one, and one that is the unit's own, is not kept.
    """
    wanted = {
        fold(name): (" ".join(nfc(name).split()), unit)
        for name, unit in names.items()
        if fold(name) and len(name) <= LONGEST_NAME and fold(name) != fold(unit.name)
    }
    if not wanted:
        return
    if stamp.by is None or stamp.at is None:
        raise ValueError("a name is learnt from somebody at a moment")
    with transaction():
        require_role(owner, {Role.OFFICE, Role.LEADER}, stamp)
        query = select(UnitAlias).where(UnitAlias.owner_id == owner.id, UnitAlias.folded.in_(wanted))
        known = {row.folded: row for row in db.session.scalars(query)}
        for folded, (name, unit) in wanted.items():
            row = known.get(folded)
            if row is None:
                row = UnitAlias(owner_id=owner.id, folded=folded)
                db.session.add(row)
            row.name, row.unit = name, unit
            row.learnt_at, row.learnt_by_id = stamp.at, stamp.by.id
