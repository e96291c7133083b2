"""What the database says of itself: its kind, its size, its clock, and what was queued today."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple

from sqlalchemy import func, select, text

from tracker.models import db
from tracker.models.mail import MailState, OutgoingMail


class Database(NamedTuple):
    """The database as an administrator wants to know it."""

    kind: str
    version: str
    size: int
    """Bytes."""
    journal: str | None
    """The journal mode of SQLite."""
    now: datetime | None
    """Its own clock, where it has one: aware UTC."""


def database_facts() -> Database:
    """Return what the database says of itself."""
    if db.engine.dialect.name == "sqlite":
        query = text(
            "SELECT sqlite_version(), page_count * page_size, journal_mode "
            "FROM pragma_page_count, pragma_page_size, pragma_journal_mode"
        )
        version, size, journal = db.session.execute(query).one()
        return Database("SQLite", version, size, journal.upper(), None)
    query = text(
        "SELECT current_setting('server_version'), pg_database_size(current_database()), clock_timestamp()"
    )
    version, size, now = db.session.execute(query).one()
    return Database("PostgreSQL", version.split()[0], size, None, now.astimezone(UTC))


def queued_since(start: datetime) -> dict[MailState, int]:
    """Return how many mails that were queued from `start` (aware) on stand in each state."""
    # Mails come in order of time: walking back from the newest ends at the first one that is older.
    older = select(OutgoingMail.id).where(OutgoingMail.queued_at < start)
    last = older.order_by(OutgoingMail.id.desc()).limit(1).scalar_subquery()
    query = select(OutgoingMail.state, func.count()).where(OutgoingMail.id > func.coalesce(last, 0))
    return {row[0]: row[1] for row in db.session.execute(query.group_by(OutgoingMail.state))}
