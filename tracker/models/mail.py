"""Mails that go out, the journal of their delivery, the ledger of reminders, and the runs of jobs."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    and_,
    or_,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.models import Model, UtcMoment, Word
from tracker.models.people import User
from tracker.models.task import Task


class MailState(StrEnum):
    """Where a mail stands. KEPT is the end of the road where no mail server is configured (the demo)."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    KEPT = "kept"
    FAILED = "failed"
    CANCELLED = "cancelled"


HAS_FAILED = text("state = 'failed'")
"""Written out, as the partial index needs it in a query too."""


class OutgoingMail(Model):
    """One mail to one person. `key` says what it is about, so that the same thing is queued once."""

    __tablename__ = "outgoing_mail"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(160), unique=True)
    kind: Mapped[str] = mapped_column(String(32))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    address: Mapped[str] = mapped_column(String(255))
    subject: Mapped[str] = mapped_column(String(500))
    text: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    fingerprint: Mapped[str | None] = mapped_column(String(64))
    """Of the facts it was written from: a mail that still waits is written anew only when they changed."""
    message_id: Mapped[str] = mapped_column(String(255), unique=True)
    state: Mapped[MailState] = mapped_column(Word(MailState), default=MailState.QUEUED)
    queued_at: Mapped[datetime] = mapped_column(UtcMoment)
    next_attempt_at: Mapped[datetime | None] = mapped_column(UtcMoment)
    """None: at once."""
    attempts: Mapped[int] = mapped_column(default=0)
    leased_by: Mapped[str | None] = mapped_column(String(64))
    leased_until: Mapped[datetime | None] = mapped_column(UtcMoment)
    ended_at: Mapped[datetime | None] = mapped_column(UtcMoment)
    last_error: Mapped[str | None] = mapped_column(Text)

    user: Mapped[User | None] = relationship()
    deliveries: Mapped[list[Delivery]] = relationship(back_populates="mail", order_by="Delivery.id")
    enclosures: Mapped[list[MailEnclosure]] = relationship(order_by="MailEnclosure.position")

    __table_args__ = (
        Index("ix_outgoing_mail_state", "state", "next_attempt_at", "id"),
        Index("ix_outgoing_mail_user_id", "user_id", "id"),
        Index("ix_outgoing_mail_user_id_kind", "user_id", "kind", "id"),
        # Few among many: which addresses refused the last mail is asked on every page.
        Index(
            "ix_outgoing_mail_failed", "state", "user_id", "id",
            sqlite_where=HAS_FAILED, postgresql_where=HAS_FAILED,
        ),
    )  # fmt: skip


LONGEST_DELAY = timedelta(hours=24)
"""The longest that a mail is put off after an attempt that failed."""


def waits_sql(*, now: Any, latest: Any) -> ColumnElement[bool]:
    """Return the SQL condition that a mail is due to be sent `now`: queued, or its lease has run out.

    One put off until after `latest`, which is `LONGEST_DELAY` from now, was so by a clock that has been set
    back since. Both are aware moments, or parameters that stand for them: see `moments`.
    """
    again = OutgoingMail.next_attempt_at
    queued = and_(
        OutgoingMail.state == MailState.QUEUED, or_(again.is_(None), again <= now, again > latest)
    )
    return or_(queued, and_(OutgoingMail.state == MailState.SENDING, OutgoingMail.leased_until <= now))


def moments(now: datetime) -> dict[str, datetime]:
    """Return the values of the parameters of `waits_sql`."""
    return {"now": now, "latest": now + LONGEST_DELAY}


class Enclosure(Model):
    """A file that goes out with mails: stored once, however many mails carry it, and never changed."""

    __tablename__ = "enclosure"

    id: Mapped[int] = mapped_column(primary_key=True)
    filename: Mapped[str] = mapped_column(String(255))
    media_type: Mapped[str] = mapped_column(String(128))
    content: Mapped[bytes] = mapped_column(LargeBinary)


class MailEnclosure(Model):
    """One enclosure of one mail, in the order of the mail."""

    __tablename__ = "mail_enclosure"

    mail_id: Mapped[int] = mapped_column(ForeignKey("outgoing_mail.id"), primary_key=True)
    enclosure_id: Mapped[int] = mapped_column(ForeignKey("enclosure.id"), primary_key=True)
    position: Mapped[int]

    enclosure: Mapped[Enclosure] = relationship()


class DeliveryOutcome(StrEnum):
    """What one attempt came to.

    In doubt, as the mail may have arrived, is IN_DOUBT (the server had all of it and gave no answer) and
    STARTED without an end (the sender was ended).
    """

    STARTED = "started"
    ACCEPTED = "accepted"
    IN_DOUBT = "in_doubt"
    REFUSED = "refused"
    FAILED = "failed"


class Delivery(Model):
    """The journal of attempts to deliver one mail: a row before the attempt, its outcome after."""

    __tablename__ = "delivery"

    id: Mapped[int] = mapped_column(primary_key=True)
    mail_id: Mapped[int] = mapped_column(ForeignKey("outgoing_mail.id"))
    worker: Mapped[str] = mapped_column(String(64))
    started_at: Mapped[datetime] = mapped_column(UtcMoment)
    ended_at: Mapped[datetime | None] = mapped_column(UtcMoment)
    outcome: Mapped[DeliveryOutcome] = mapped_column(Word(DeliveryOutcome), default=DeliveryOutcome.STARTED)
    reply: Mapped[str | None] = mapped_column(Text)

    mail: Mapped[OutgoingMail] = relationship(back_populates="deliveries")

    __table_args__ = (Index("ix_delivery_mail_id", "mail_id"),)


class Reminder(Model):
    """The ledger: this person was told of this rung of this task while it was due on this day.

    Besides the rungs of the ladder, a rung may be news: "given:17", "report:17", "decided:17", "urge:17" with
    the id of the history row, "request:4" with that of the request; "hour-2" is the reminder two hours before
    a deadline with an hour.
    """

    __tablename__ = "reminder"

    id: Mapped[int] = mapped_column(primary_key=True)
    task_id: Mapped[int] = mapped_column(ForeignKey("task.id"))
    rung: Mapped[str] = mapped_column(String(32))
    due_on: Mapped[date | None]
    """The deadline in force when it was told; None for news of a task without one."""
    user_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    told_on: Mapped[date]
    mail_id: Mapped[int] = mapped_column(ForeignKey("outgoing_mail.id"))

    task: Mapped[Task] = relationship()
    user: Mapped[User] = relationship()
    mail: Mapped[OutgoingMail] = relationship()

    __table_args__ = (
        UniqueConstraint("task_id", "rung", "due_on", "user_id"),
        # A database takes two missing deadlines for different ones: this index holds where there is none.
        Index(
            "uq_reminder_undated", "task_id", "rung", "user_id", unique=True,
            sqlite_where=text("due_on IS NULL"), postgresql_where=text("due_on IS NULL"),
        ),
        Index("ix_reminder_user_id", "user_id"),
        Index("ix_reminder_mail_id", "mail_id"),
    )  # fmt: skip


GAP = "gap"
"""The name under which a stretch without a sign of life of any scheduler stands among the runs."""


class JobRun(Model):
    """One run of a job of the timetable, for people and monitors who ask whether the scheduler lives.

    Under the name GAP, from `started_at` to `ended_at`, a stretch in which no scheduler gave a sign of life;
    one of no length is the moment when the first came to work.
    """

    __tablename__ = "job_run"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(64))
    worker: Mapped[str] = mapped_column(String(64))
    started_at: Mapped[datetime] = mapped_column(UtcMoment)
    ended_at: Mapped[datetime | None] = mapped_column(UtcMoment)
    succeeded: Mapped[bool | None]
    detail: Mapped[str | None] = mapped_column(Text)
    seen_at: Mapped[datetime | None] = mapped_column(UtcMoment)
    """The last sign of life: of a run that goes on, of one that ended, of a job that had nothing to do."""

    __table_args__ = (
        Index("ix_job_run_name", "name", "started_at"),
        Index("ix_job_run_seen_at", "seen_at"),
    )
