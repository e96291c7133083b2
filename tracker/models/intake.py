"""Papers that are being read: what a person has corrected so far, and where in a paper a task came from."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.models import Json, Model, UtcMoment, Word
from tracker.models.directive import Directive
from tracker.models.people import User
from tracker.models.units import Unit

SENT_BACK = "sent_back"
"""In the envelope of a draft: why the paper was sent back."""


class DraftState(StrEnum):
    """What became of a paper that was read."""

    OPEN = "open"
    GIVEN = "given"
    DROPPED = "dropped"


class IntakeDraft(Model):
    """One paper that was read for a unit, with its proposal as people have corrected it.

    Nothing of it is a directive or a task before it is given; what was given keeps pointing here for its
    place in the text.
    """

    __tablename__ = "intake_draft"

    id: Mapped[int] = mapped_column(primary_key=True)
    token: Mapped[str | None] = mapped_column(String(64), unique=True)
    """The submission of the form that brought it, so that a double click reads a paper once."""
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    """The unit whose office and leaders see it."""
    started_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    started_at: Mapped[datetime] = mapped_column(UtcMoment)
    changed_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    changed_at: Mapped[datetime] = mapped_column(UtcMoment)
    filename: Mapped[str | None] = mapped_column(String(255))
    """None for pasted text."""
    sha256: Mapped[str | None] = mapped_column(String(64))
    """Of the file that was read, to know it again."""
    files: Mapped[list[dict[str, Any]]] = mapped_column(Json, default=list)
    """All files that will be attached, as `files.papers.Paper` has them; the one that was read first."""
    plain: Mapped[str] = mapped_column(Text)
    """The text that all places count, end exclusive; it never changes."""
    content: Mapped[dict[str, Any]] = mapped_column(Json)
    """The proposal with its corrections, as `tracker.intake.draft` writes it."""
    envelope: Mapped[dict[str, Any] | None] = mapped_column(Json)
    """Of what came through the document exchange: whom a reply goes to, as `tracker.files.edxml_reply.Asked`
    has it, and why the paper was sent back, if it was. It is replaced as a whole."""
    state: Mapped[DraftState] = mapped_column(Word(DraftState), default=DraftState.OPEN)
    directive_id: Mapped[int | None] = mapped_column(ForeignKey("directive.id"))
    version: Mapped[int] = mapped_column(default=1)

    unit: Mapped[Unit] = relationship()
    started_by: Mapped[User] = relationship(foreign_keys=started_by_id)
    changed_by: Mapped[User] = relationship(foreign_keys=changed_by_id)
    directive: Mapped[Directive | None] = relationship()

    __table_args__ = (
        Index("ix_intake_draft_unit_id_state", "unit_id", "state"),
        Index("ix_intake_draft_directive_id", "directive_id"),
    )


class TaskPlace(Model):
    """Where in the text of its paper a task stands; several tasks of one item share a place."""

    __tablename__ = "task_place"

    task_id: Mapped[int] = mapped_column(ForeignKey("task.id"), primary_key=True)
    draft_id: Mapped[int] = mapped_column(ForeignKey("intake_draft.id"))
    start: Mapped[int]
    end: Mapped[int]

    __table_args__ = (Index("ix_task_place_draft_id", "draft_id"),)


class SeriesPlace(Model):
    """The same of a recurring task: its turns stand where their series stands."""

    __tablename__ = "series_place"

    series_id: Mapped[int] = mapped_column(ForeignKey("task_series.id"), primary_key=True)
    draft_id: Mapped[int] = mapped_column(ForeignKey("intake_draft.id"))
    start: Mapped[int]
    end: Mapped[int]

    __table_args__ = (Index("ix_series_place_draft_id", "draft_id"),)
