"""Sheets of tasks that were brought: their rows, what became of each, and names learnt on the way."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.models import Json, Model, UtcMoment, Word
from tracker.models.people import User
from tracker.models.units import Unit


class UnitAlias(Model):
    """What a unit's office calls a unit: learnt once, from then on understood in its sheets and papers."""

    __tablename__ = "unit_alias"

    id: Mapped[int] = mapped_column(primary_key=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    """The unit whose office wrote the name."""
    folded: Mapped[str] = mapped_column(String(255))
    name: Mapped[str] = mapped_column(String(255))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    learnt_at: Mapped[datetime] = mapped_column(UtcMoment)
    learnt_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))

    unit: Mapped[Unit] = relationship(foreign_keys=unit_id)

    __table_args__ = (
        UniqueConstraint("owner_id", "folded"),
        Index("ix_unit_alias_unit_id", "unit_id"),
    )


class SheetColumns(Model):
    """Which column of an office's sheets is what, by the heads that it uses."""

    __tablename__ = "sheet_columns"

    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    columns: Mapped[dict[str, str]] = mapped_column(Json)
    """Head, folded, and the field it stands for ("" for none)."""


class BatchState(StrEnum):
    """Where a brought sheet stands; CANCELLED leaves what was given until then."""

    OPEN = "open"
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    DROPPED = "dropped"


class ImportBatch(Model):
    """One sheet that was brought for a unit; its rows become tasks of directives which that unit issues."""

    __tablename__ = "import_batch"

    id: Mapped[int] = mapped_column(primary_key=True)
    token: Mapped[str | None] = mapped_column(String(64), unique=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    brought_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    brought_at: Mapped[datetime] = mapped_column(UtcMoment)
    filename: Mapped[str | None] = mapped_column(String(255))
    """None for a pasted block."""
    sheet: Mapped[dict[str, Any]] = mapped_column(Json)
    """Heads and cells as texts, as `tracker.intake.sheet.Sheet.to_data` writes them; it never changes."""
    columns: Mapped[list[str]] = mapped_column(Json)
    """The field of each column, "" for one that is not read."""
    paper: Mapped[dict[str, str]] = mapped_column(Json)
    """The directive of rows that name none: kind, number, issued_on, subject."""
    state: Mapped[BatchState] = mapped_column(Word(BatchState), default=BatchState.OPEN)
    only_good: Mapped[bool] = mapped_column(default=False)
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    attempts: Mapped[int] = mapped_column(default=0)
    leased_by: Mapped[str | None] = mapped_column(String(64))
    leased_until: Mapped[datetime | None] = mapped_column(UtcMoment)
    ended_at: Mapped[datetime | None] = mapped_column(UtcMoment)
    error: Mapped[str | None] = mapped_column(Text)
    version: Mapped[int] = mapped_column(default=1)

    unit: Mapped[Unit] = relationship()
    brought_by: Mapped[User] = relationship()

    __table_args__ = (
        Index("ix_import_batch_unit_id", "unit_id", "id"),
        Index("ix_import_batch_state", "state", "id"),
    )


class ImportRow(Model):
    """What became of one row of a sheet: stored with its task in one transaction, so that nothing doubles."""

    __tablename__ = "import_row"

    batch_id: Mapped[int] = mapped_column(ForeignKey("import_batch.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    """The row of the sheet, counted from 1."""
    task_id: Mapped[int | None] = mapped_column(ForeignKey("task.id"))
    error: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (Index("ix_import_row_task_id", "task_id"),)
