"""Reports as they were sent: frozen with their data and files, so no later correction changes them."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.models import Json, Model, UtcMoment, Word
from tracker.models.mail import Enclosure, OutgoingMail
from tracker.models.people import User
from tracker.models.units import Unit


class ReportKind(StrEnum):
    """What a report is about."""

    OVERDUE_MONTH = "overdue_month"
    B4 = "b4"


class Report(Model):
    """One report of one assigner over `[first_on, last_on]`, as of the end of `last_on`, never changed again.

    Made again for the same days it is another row, the next `edition`.
    """

    __tablename__ = "report"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[ReportKind] = mapped_column(Word(ReportKind))
    assigner_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    first_on: Mapped[date]
    last_on: Mapped[date]
    on_day: Mapped[date | None]
    """The cut-off day, which a frozen B.4 may have elsewhere than at the end of its period."""
    edition: Mapped[int]
    made_at: Mapped[datetime] = mapped_column(UtcMoment)
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    """None: made by the job."""
    reason: Mapped[str | None] = mapped_column(Text)
    """Why it was made again."""
    data: Mapped[dict[str, Any]] = mapped_column(Json)
    sha256: Mapped[str] = mapped_column(String(64))
    """Of the data in its canonical JSON: printed on the files, so that paper and record can be compared."""
    figures: Mapped[dict[str, list[int]]] = mapped_column(Json)
    """Tasks in B.4 and overdue ones by id of the unit ("" for the whole): a list need not read the data."""

    assigner: Mapped[Unit] = relationship()
    made_by: Mapped[User | None] = relationship()
    files: Mapped[list[ReportFile]] = relationship(back_populates="report", order_by="ReportFile.id")
    mailings: Mapped[list[ReportMail]] = relationship(back_populates="report", order_by="ReportMail.id")

    __table_args__ = (
        UniqueConstraint("kind", "assigner_id", "first_on", "last_on", "edition"),
        Index("ix_report_last_on", "last_on"),
    )


class ReportFile(Model):
    """A file of a report: of the whole, or of the part of one unit."""

    __tablename__ = "report_file"

    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int] = mapped_column(ForeignKey("report.id"))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    """None: the whole report."""
    enclosure_id: Mapped[int] = mapped_column(ForeignKey("enclosure.id"))

    report: Mapped[Report] = relationship(back_populates="files")
    unit: Mapped[Unit | None] = relationship()
    enclosure: Mapped[Enclosure] = relationship()

    __table_args__ = (Index("ix_report_file_report_id", "report_id", "unit_id"),)


class ReportMail(Model):
    """A mail that brought a report, whole or the part of one unit, to a person; a row for each part in it."""

    __tablename__ = "report_mail"

    id: Mapped[int] = mapped_column(primary_key=True)
    mail_id: Mapped[int] = mapped_column(ForeignKey("outgoing_mail.id"))
    report_id: Mapped[int] = mapped_column(ForeignKey("report.id"))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))

    report: Mapped[Report] = relationship(back_populates="mailings")
    mail: Mapped[OutgoingMail] = relationship()
    unit: Mapped[Unit | None] = relationship()

    __table_args__ = (
        Index("ix_report_mail_report_id", "report_id"),
        Index("ix_report_mail_mail_id", "mail_id"),
    )
