"""People, and the roles they hold in units."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from uuid import uuid4

from flask_security.core import RoleMixin, UserMixin
from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.models import FAR_FUTURE, Json, Model, UtcMoment, Word
from tracker.models.units import Unit


class Role(StrEnum):
    """Who does what (domain §1). A role is held in a unit and reaches that unit and those below it."""

    LEADER = "leader"
    OFFICE = "office"
    UNIT_HEAD = "unit_head"
    OFFICER = "officer"
    INSPECTOR = "inspector"
    ADMIN = "admin"


class Digest(StrEnum):
    """How often a person wants to hear of work that is not overdue; overdue work is told daily."""

    DAILY = "daily"
    WEEKLY = "weekly"


class User(UserMixin, Model):
    """A person with an account. `login` never changes; a person who leaves is made inactive."""

    __tablename__ = "person"

    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(255))
    title: Mapped[str | None] = mapped_column(String(255))
    email: Mapped[str | None] = mapped_column(String(255))  # type: ignore[assignment]
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    """The unit the person belongs to; roles may be held in others too."""
    active: Mapped[bool] = mapped_column(default=True)
    digest: Mapped[Digest] = mapped_column(Word(Digest), default=Digest.DAILY)
    password: Mapped[str | None] = mapped_column(String(255))
    must_change_password: Mapped[bool] = mapped_column(default=False)
    fs_uniquifier: Mapped[str] = mapped_column(String(64), unique=True, default=lambda: uuid4().hex)
    tf_primary_method: Mapped[str | None] = mapped_column(String(64))
    tf_totp_secret: Mapped[str | None] = mapped_column(String(255))
    mf_recovery_codes: Mapped[list[str] | None] = mapped_column(Json)
    create_datetime: Mapped[datetime | None] = mapped_column(UtcMoment)  # type: ignore[assignment]
    search_text: Mapped[str] = mapped_column(String(600), default="")
    version: Mapped[int] = mapped_column(default=1)

    unit: Mapped[Unit] = relationship(foreign_keys=unit_id)
    held_roles: Mapped[list[HeldRole]] = relationship(back_populates="user", order_by="HeldRole.id")

    __table_args__ = (Index("ix_person_unit_id", "unit_id"),)

    @property
    def roles(self) -> list[RoleMixin]:  # type: ignore[override]
        """What the sign-in library asks for; permissions here come from `held_roles` alone."""
        return []


class HeldRole(Model):
    """One role of one person in one unit, over a stretch of days."""

    __tablename__ = "held_role"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    role: Mapped[Role] = mapped_column(Word(Role))
    valid_from: Mapped[date]
    valid_to: Mapped[date] = mapped_column(default=FAR_FUTURE)

    user: Mapped[User] = relationship(back_populates="held_roles")
    unit: Mapped[Unit] = relationship()

    __table_args__ = (
        UniqueConstraint("user_id", "unit_id", "role", "valid_from"),
        Index("ix_held_role_unit_id_role", "unit_id", "role"),
    )
