"""The files that a person ordered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, select

from tracker.models import db
from tracker.models.export import Export, ExportState
from tracker.models.mail import Enclosure
from tracker.models.people import User


def exports_of(user: User, *, before: int | None = None, most: int) -> tuple[Sequence[Export], int | None]:
    """Return `most` orders of a person, the latest first, and where the next page begins (or None)."""
    query = select(Export).where(Export.user_id == user.id).order_by(Export.id.desc()).limit(most + 1)
    if before is not None:
        query = query.where(Export.id < before)
    rows = db.session.scalars(query).all()
    return rows[:most], rows[most - 1].id if len(rows) > most else None


def export_of(user: User, export_id: int) -> Export | None:
    """Return an order of a person, None for one that is not theirs."""
    return db.session.scalar(select(Export).where(Export.id == export_id, Export.user_id == user.id))


def waits_for(user_id: Any) -> ColumnElement[bool]:
    """Return the condition of the orders of a person that are ready and were not fetched yet; `user_id` may
    be a parameter of the statement."""
    return and_(
        Export.user_id == user_id, Export.state == ExportState.READY, Export.enclosure_id.is_not(None),
        Export.fetched_at.is_(None),
    )  # fmt: skip


def ready_for(user_id: int) -> Export | None:
    """Return the latest file that is ready and that the person has not fetched yet."""
    return db.session.scalar(select(Export).where(waits_for(user_id)).order_by(Export.id.desc()).limit(1))


def content_of(export: Export) -> Enclosure | None:
    """Return the file of an order, None while there is none and when its bytes were let go."""
    return db.session.get(Enclosure, export.enclosure_id) if export.enclosure_id else None
