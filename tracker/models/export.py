"""Files that hold too much to be made inside a request: who ordered what, and what became of it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.models import Json, Model, UtcMoment, Word
from tracker.models.mail import Enclosure
from tracker.models.people import User


class ExportState(StrEnum):
    """Where an order stands. READY may have let go of its bytes (`let_go_at`)."""

    QUEUED = "queued"
    RUNNING = "running"
    READY = "ready"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Export(Model):
    """One file that a person ordered; made in their name by a job, under a lease like that of a mail."""

    __tablename__ = "export"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(64), unique=True)
    """Of the person and the submission of the form, so that a double click orders one file."""
    user_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    asked: Mapped[dict[str, Any]] = mapped_column(Json)
    """What the file is of, in the words of the address it was asked at, days as YYYY-MM-DD."""
    form: Mapped[str] = mapped_column(String(16))
    title: Mapped[str] = mapped_column(String(500))
    state: Mapped[ExportState] = mapped_column(Word(ExportState), default=ExportState.QUEUED)
    asked_at: Mapped[datetime] = mapped_column(UtcMoment)
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    """Tasks in the file, as counted when it was asked for, and how many of them are written."""
    attempts: Mapped[int] = mapped_column(default=0)
    leased_by: Mapped[str | None] = mapped_column(String(64))
    leased_until: Mapped[datetime | None] = mapped_column(UtcMoment)
    ended_at: Mapped[datetime | None] = mapped_column(UtcMoment)
    error: Mapped[str | None] = mapped_column(Text)
    """Why there is no file, as a sentence for the person."""
    reach: Mapped[list[str] | None] = mapped_column(Json)
    """Codes of the units whose part the file holds, for the check when it is fetched; None for the whole."""
    enclosure_id: Mapped[int | None] = mapped_column(ForeignKey("enclosure.id"))
    filename: Mapped[str | None] = mapped_column(String(255))
    size: Mapped[int | None]
    sha256: Mapped[str | None] = mapped_column(String(64))
    """Of the bytes: known for ever, also after they were let go."""
    let_go_at: Mapped[datetime | None] = mapped_column(UtcMoment)
    fetched_at: Mapped[datetime | None] = mapped_column(UtcMoment)
    """When the person first took the file; until then every page says that it is ready."""

    user: Mapped[User] = relationship()
    enclosure: Mapped[Enclosure | None] = relationship()

    __table_args__ = (
        Index("ix_export_user_id", "user_id", "id"),
        Index("ix_export_state", "state", "id"),
    )
