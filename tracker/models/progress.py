"""The append-only history: everything that happened, in the order in which it was entered."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.models import Json, Model, UtcMoment, Word
from tracker.models.directive import Attachment, Directive
from tracker.models.people import User
from tracker.models.task import Task
from tracker.models.units import Unit
from tracker.rules.status import State

_CORRECTED_TASK = "\"do\" = 'correct' AND task_id IS NOT NULL"
_CORRECTED_OTHER = "\"do\" = 'correct' AND task_id IS NULL"


class History(Model):
    """One event. Its `id` is the order of entry; rows are never changed and never deleted.

    `do` and `payload` speak the words of the history file, so a dump is these rows written out.
    """

    __tablename__ = "history"

    id: Mapped[int] = mapped_column(primary_key=True)
    do: Mapped[str] = mapped_column(String(32))
    on_day: Mapped[date | None]
    """The day in Vietnam on which the event took effect; a calendar entry may have none."""
    at: Mapped[datetime | None] = mapped_column(UtcMoment)
    """The moment of the event, where it is known; a loaded history may tell only the day."""
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    task_id: Mapped[int | None] = mapped_column(ForeignKey("task.id"))
    directive_id: Mapped[int | None] = mapped_column(ForeignKey("directive.id"))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    payload: Mapped[dict[str, Any]] = mapped_column(Json)
    changes: Mapped[list[Any] | None] = mapped_column(Json)
    """What changed, as a list of [fact, old value, new value]."""
    from_state: Mapped[State | None] = mapped_column(Word(State))
    to_state: Mapped[State | None] = mapped_column(Word(State))
    note: Mapped[str | None] = mapped_column(Text)
    token: Mapped[str | None] = mapped_column(String(64), unique=True)
    """Names one submission of one form, so that a double click makes one entry."""

    by: Mapped[User | None] = relationship(foreign_keys=by_id)
    task: Mapped[Task | None] = relationship()
    directive: Mapped[Directive | None] = relationship()
    unit: Mapped[Unit | None] = relationship()
    person: Mapped[User | None] = relationship(foreign_keys=person_id)
    evidence: Mapped[list[Attachment]] = relationship()

    __table_args__ = (
        Index("ix_history_task_id", "task_id", "id"),
        Index("ix_history_directive_id", "directive_id"),
        Index("ix_history_do", "do", "on_day"),
        Index(
            "ix_history_task_corrected",
            "on_day",
            "task_id",
            sqlite_where=text(_CORRECTED_TASK),
            postgresql_where=text(_CORRECTED_TASK),
        ),
        Index(
            "ix_history_other_corrected",
            "on_day",
            "unit_id",
            "directive_id",
            "person_id",
            sqlite_where=text(_CORRECTED_OTHER),
            postgresql_where=text(_CORRECTED_OTHER),
        ),
    )
