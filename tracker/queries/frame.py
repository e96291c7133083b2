"""What every page asks before anything else, by one statement: who asks, the settings, what they are told."""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.orm import joinedload

from tracker.models import db
from tracker.models.export import Export
from tracker.models.mail import HAS_FAILED, OutgoingMail
from tracker.models.people import User
from tracker.queries.exports import waits_for
from tracker.queries.settings import read_stored, stored_settings


class Told(NamedTuple):
    """What there is to tell a person on every page."""

    has_failed: bool
    """Whether a mail to them ended as failed; whether their present address refuses mail is asked further."""
    files: int
    """How many of the files that they ordered are ready and were not fetched yet."""


class Frame(NamedTuple):
    """Who asks for a page, with their unit and their roles, and what each page shows besides itself."""

    user: User
    told: Told
    settings: dict[str, Any]


def frame_of(fs_uniquifier: str) -> Frame | None:
    """Return the frame of the pages of a session, None when it is nobody's. One statement."""
    asked = _asked(db.session.get_bind().dialect.name)
    row = db.session.execute(asked, {"fs_uniquifier": fs_uniquifier}).unique().one_or_none()
    if row is None:
        return None
    user, has_failed, files, stored = row
    return Frame(user, Told(bool(has_failed), files), read_stored(stored))


@cache
def _asked(dialect: str) -> Select[Any]:
    """Return the statement for a kind of database: made once, it is the first of every request."""
    failed = select(OutgoingMail.id).where(HAS_FAILED, OutgoingMail.user_id == User.id).exists()
    ready = select(func.count()).select_from(Export).where(waits_for(User.id)).scalar_subquery()
    return (
        select(User, failed, ready, stored_settings(dialect).scalar_subquery())
        .options(joinedload(User.unit, innerjoin=True), joinedload(User.held_roles))
        .where(User.fs_uniquifier == bindparam("fs_uniquifier"))
    )
