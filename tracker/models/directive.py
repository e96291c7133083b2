"""Directives, what they are based on, and the papers attached to them."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.models import Model, UtcMoment
from tracker.models.people import User
from tracker.models.units import Unit


class DirectiveKind(StrEnum):
    """Kinds of papers with their codes under Nghị định 30/2020; a YKCĐ may have no paper at all."""

    CONG_VAN = "CV"
    KE_HOACH = "KH"
    CHI_THI = "CT"
    THONG_BAO = "TB"
    QUYET_DINH = "QĐ"
    BAO_CAO = "BC"
    TO_TRINH = "TTr"
    NGHI_QUYET = "NQ"
    CONG_DIEN = "CĐ"
    GIAY_MOI = "GM"
    HUONG_DAN = "HD"
    CHUONG_TRINH = "CTr"
    Y_KIEN_CHI_DAO = "YKCĐ"
    KHAC = "KHÁC"


class Urgency(StrEnum):
    """Degrees of urgency under Nghị định 30/2020, art. 8."""

    NORMAL = "normal"
    URGENT = "urgent"
    VERY_URGENT = "very_urgent"
    EXPRESS = "express"


class Directive(Model):
    """A paper or an instruction from which tasks are given."""

    __tablename__ = "directive"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(128), unique=True)
    kind: Mapped[str] = mapped_column(String(32))
    number: Mapped[str | None] = mapped_column(String(64))
    """Number and notation as printed, for example 254/UBND-NV; an oral instruction has none."""
    subject: Mapped[str] = mapped_column(Text)
    issuer_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    issued_on: Mapped[date]
    registered_on: Mapped[date]
    signer: Mapped[str | None] = mapped_column(String(255))
    signer_title: Mapped[str | None] = mapped_column(String(255))
    field: Mapped[str | None] = mapped_column(String(255))
    urgency: Mapped[str] = mapped_column(String(32), default=Urgency.NORMAL.value)
    meeting: Mapped[str | None] = mapped_column(String(500))
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("directive.id"))
    search_text: Mapped[str] = mapped_column(Text, default="")
    version: Mapped[int] = mapped_column(default=1)

    issuer: Mapped[Unit] = relationship()
    replaces: Mapped[Directive | None] = relationship(foreign_keys=replaces_id, remote_side=id)
    bases: Mapped[list[DirectiveBasis]] = relationship(
        back_populates="directive",
        foreign_keys="DirectiveBasis.directive_id",
        order_by="DirectiveBasis.position",
    )

    __table_args__ = (
        Index("ix_directive_issuer_id_issued_on", "issuer_id", "issued_on"),
        Index("ix_directive_issued_on_id", "issued_on", "id"),
        Index("ix_directive_number", "number"),
    )


class DirectiveBasis(Model):
    """One “căn cứ”: an earlier directive of the register, or a number printed on paper outside it."""

    __tablename__ = "directive_basis"

    id: Mapped[int] = mapped_column(primary_key=True)
    directive_id: Mapped[int] = mapped_column(ForeignKey("directive.id"))
    position: Mapped[int]
    based_on_id: Mapped[int | None] = mapped_column(ForeignKey("directive.id"))
    printed: Mapped[str | None] = mapped_column(String(500))

    directive: Mapped[Directive] = relationship(back_populates="bases", foreign_keys=directive_id)
    based_on: Mapped[Directive | None] = relationship(foreign_keys=based_on_id)

    __table_args__ = (
        UniqueConstraint("directive_id", "position"),
        Index("ix_directive_basis_based_on_id", "based_on_id"),
    )


class Attachment(Model):
    """A checked file, kept under its SHA-256: of a directive, or evidence beside a history row."""

    __tablename__ = "attachment"

    id: Mapped[int] = mapped_column(primary_key=True)
    directive_id: Mapped[int | None] = mapped_column(ForeignKey("directive.id"))
    history_id: Mapped[int | None] = mapped_column(ForeignKey("history.id"))
    filename: Mapped[str] = mapped_column(String(255))
    media_type: Mapped[str] = mapped_column(String(128))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    added_at: Mapped[datetime] = mapped_column(UtcMoment)
    added_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))

    added_by: Mapped[User | None] = relationship()

    __table_args__ = (
        Index("ix_attachment_directive_id", "directive_id"),
        Index("ix_attachment_history_id", "history_id"),
    )
