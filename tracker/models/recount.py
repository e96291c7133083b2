"""The self-checks of an installation: when each was ordered and ran, what it read, and what it found."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.models import Json, Model, UtcMoment
from tracker.models.people import User


class Recount(Model):
    """One check of everything stored against the history; an ordered one waits for the scheduler."""

    __tablename__ = "recount"

    id: Mapped[int] = mapped_column(primary_key=True)
    ordered_at: Mapped[datetime] = mapped_column(UtcMoment)
    ordered_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    """None: by the timetable."""
    began_at: Mapped[datetime | None] = mapped_column(UtcMoment)
    ended_at: Mapped[datetime | None] = mapped_column(UtcMoment)
    tasks: Mapped[int] = mapped_column(default=0)
    entries: Mapped[int] = mapped_column(default=0)
    """Rows of the history that were replayed."""
    tables: Mapped[int] = mapped_column(default=0)
    reports: Mapped[int] = mapped_column(default=0)
    differences: Mapped[int] = mapped_column(default=0)
    corrected: Mapped[int] = mapped_column(default=0)
    """Cells of frozen reports that a recount of that day counts otherwise by now; no differences."""
    found: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    """The first differences and corrections, under these two names, as data of `rules/difference.py`."""

    ordered_by: Mapped[User | None] = relationship()

    __table_args__ = (Index("ix_recount_ended_at", "ended_at", "id"),)
