"""The Word forms of B.4: which are there, and which one a unit's paper is written on."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from tracker.models import db
from tracker.models.paper_template import PaperTemplate
from tracker.models.units import Unit


def template_of(unit: Unit) -> bytes | None:
    """Return the form in use for a unit, its own or that of the nearest unit above; None: the built-in."""
    each: Unit | None = unit
    while each is not None:
        if (chosen := in_use(each.id)) is not None:
            return chosen.content
        each = each.parent
    return None


def in_use(unit_id: int) -> PaperTemplate | None:
    """Return what a unit itself chose last, None when it never chose."""
    return db.session.scalar(
        select(PaperTemplate)
        .where(PaperTemplate.unit_id == unit_id, PaperTemplate.turn.is_not(None))
        .order_by(PaperTemplate.turn.desc())
        .limit(1)
    )


def templates_in(reach: Select[int]) -> Sequence[PaperTemplate]:
    """Return the forms of the units of a reach, the newest first; the bytes stay in the database."""
    return db.session.scalars(
        select(PaperTemplate)
        .where(PaperTemplate.unit_id.in_(reach))
        .options(joinedload(PaperTemplate.unit), joinedload(PaperTemplate.added_by))
        .order_by(PaperTemplate.id.desc())
    ).all()
