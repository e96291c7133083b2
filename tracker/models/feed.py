"""Private links under which a calendar program reads deadlines."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.models import Model, UtcMoment
from tracker.models.people import User
from tracker.models.units import Unit


class FeedLink(Model):
    """One link of one person: to their own deadlines, or to those of a unit that they reach.

    Only the SHA-256 of the secret in the link is kept, so a copy of the database opens no calendar.
    """

    __tablename__ = "feed_link"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    """None: the person's own deadlines."""
    token_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    made_at: Mapped[datetime] = mapped_column(UtcMoment)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcMoment)
    last_read_at: Mapped[datetime | None] = mapped_column(UtcMoment)
    """Written at most once an hour."""
    content_sha256: Mapped[str | None] = mapped_column(String(64))
    """Of the calendar as it was last read, so that the next reading knows whether anything has changed."""
    changed_at: Mapped[datetime | None] = mapped_column(UtcMoment)
    """When a reading first found this content: a task that left the calendar counts as a change too."""

    user: Mapped[User] = relationship()
    unit: Mapped[Unit | None] = relationship()

    __table_args__ = (Index("ix_feed_link_user_id", "user_id"),)
