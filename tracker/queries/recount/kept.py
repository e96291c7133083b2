"""The outcomes of checks that were kept."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import select
from sqlalchemy.orm import defer, joinedload

from tracker.models import db
from tracker.models.recount import Recount
from tracker.models.units import Unit


def last_kept() -> Recount | None:
    """Return the last check that came to its end, with what it found."""
    query = select(Recount).where(Recount.ended_at.is_not(None))
    return db.session.scalar(query.order_by(Recount.ended_at.desc(), Recount.id.desc()).limit(1))


def recent(limit: int) -> Sequence[Recount]:
    """Return the checks that were ordered or ran last, the latest first, without what they found."""
    query = select(Recount).options(defer(Recount.found), joinedload(Recount.ordered_by))
    return db.session.scalars(query.order_by(Recount.id.desc()).limit(limit)).all()


def names_of(codes: Collection[str]) -> dict[str, str]:
    """Return the names of units by their codes."""
    query = select(Unit.code, Unit.name).where(Unit.code.in_(codes))
    return {row.code: row.name for row in db.session.execute(query)} if codes else {}
