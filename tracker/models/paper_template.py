"""The Word forms that offices brought for their papers; none is ever deleted."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.models import Model, UtcMoment
from tracker.models.people import User
from tracker.models.units import Unit


class PaperTemplate(Model):
    """A form of B.4 of one unit and of those below it; without content it stands for the built-in form.

    Of the forms of a unit the one with the highest `turn` is in use; a unit that chose none takes that of the
    unit above. When it chose which one, the history tells.
    """

    __tablename__ = "paper_template"

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    filename: Mapped[str | None] = mapped_column(String(255))
    content: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    sha256: Mapped[str | None] = mapped_column(String(64))
    added_at: Mapped[datetime] = mapped_column(UtcMoment)
    added_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    turn: Mapped[int | None]
    """The how-manieth choice of its unit took it into use last; None: only tried so far."""

    unit: Mapped[Unit] = relationship()
    added_by: Mapped[User | None] = relationship()

    __table_args__ = (UniqueConstraint("unit_id", "turn"),)
