"""The names of units in papers and sheets: those of the tree, and those that an office gave a meaning.

    known = known_units(recipients(issuer, day=today), issuer, owner=reader)
    known.match("một cửa").codes
    learn(reader, {"một cửa": unit}, stamp=stamp)      # understood from then on
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import select

from tracker.intake.names import ITSELF, LONGEST_NAME, KnownUnit, KnownUnits
from tracker.models import db, transaction
from tracker.models.people import Role
from tracker.models.sheet import UnitAlias
from tracker.models.units import Unit
from tracker.operations.recording import Stamp, require_role
from tracker.queries.aliases import aliases_of, units_of_people
from tracker.queries.giving import Recipient
from tracker.rules.text import fold, nfc


def known_units(units: Iterable[Recipient], issuer: Unit, *, owner: Unit) -> KnownUnits:
    """Return what names mean that stand in a paper or sheet of `issuer`.

    `units` are those to which it may give tasks; the office of `owner` taught other names, and its people
    are known by theirs.
    """
    known = [KnownUnit(unit.code, unit.name, unit.group) for unit in units]
    known.append(KnownUnit(issuer.code, issuer.name, ITSELF))
    return KnownUnits(known, aliases_of(owner.id), units_of_people(issuer))


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
