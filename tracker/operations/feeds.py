"""Calendar links: making, renewing and revoking them, and noting that one was read."""

from __future__ import annotations

import secrets
from datetime import datetime, time, timedelta

from sqlalchemy import func, select

from tracker.clock import VIETNAM
from tracker.models import db, lock, transaction
from tracker.models.feed import FeedLink
from tracker.models.people import User
from tracker.models.units import Unit
from tracker.operations.recording import Stamp, entry, record, require_reach
from tracker.queries.feeds import hash_of, is_reached
from tracker.rules.words import N_
from tracker.rules.workflow import DomainError, NotAllowed

SECRET_BYTES = 32
MOST_LINKS = 20
"""Links in force that one person may have."""
READING_NOTED_EVERY = timedelta(hours=1)
ONE_SECOND = timedelta(seconds=1)


class TooManyLinks(DomainError):
    """The person has as many links in force as one may have."""


class LinkEnded(DomainError):
    """The link was revoked before."""


def make(user: User, *, stamp: Stamp, unit: Unit | None = None) -> tuple[FeedLink, str]:
    """Make a link to a person's own deadlines, or to those of a unit that they reach.

    Return it with its secret, which is stored nowhere and can be shown only now.
    """
    with entry(stamp):
        lock(user)
        _require_own(user, stamp)
        if unit is not None and not is_reached(unit.id, user, day=stamp.on):
            raise NotAllowed(N_("Bạn không được xem nhiệm vụ của đơn vị này."))
        in_force = select(func.count()).where(FeedLink.user_id == user.id, FeedLink.revoked_at.is_(None))
        if db.session.scalars(in_force).one() >= MOST_LINKS:
            raise TooManyLinks(
                N_("Đã có %(most)s đường dẫn lịch. Hãy thu hồi đường dẫn không dùng nữa."), most=MOST_LINKS
            )
        return _make(user, unit, stamp)


def renew(link: FeedLink, *, stamp: Stamp) -> tuple[FeedLink, str]:
    """Revoke a link and make one to the same deadlines in its place; return that and its secret."""
    with entry(stamp):
        lock(link)
        _require_own(link.user, stamp)
        _end(link, stamp)
        return _make(link.user, link.unit, stamp, part=1)


def revoke(link: FeedLink, *, stamp: Stamp) -> None:
    """Revoke a link of one's own: from now on nobody reads a calendar under it."""
    with entry(stamp):
        lock(link)
        _require_own(link.user, stamp)
        _end(link, stamp)


def revoke_all(user: User, *, stamp: Stamp) -> None:
    """Revoke all links of a person, by an administrator who reaches them."""
    with entry(stamp):
        lock(user)
        require_reach(user, stamp)
        end_links_of(user, stamp, part=0)


def end_links_of(user: User, stamp: Stamp, *, part: int = 1) -> None:
    """Revoke all links of a person within the caller's transaction.

    `part` numbers the first history row among those of the caller's submission.
    """
    in_force = select(FeedLink).where(FeedLink.user_id == user.id, FeedLink.revoked_at.is_(None))
    for number, link in enumerate(db.session.scalars(in_force.order_by(FeedLink.id)).all(), part):
        _end(link, stamp, part=number)


def note_reading(link: FeedLink, *, content_sha256: str, at: datetime) -> None:
    """Keep that a calendar was read, at most once an hour, and since when it says what it says.

    `changed_at` moves by whole seconds and always forward, because that is how Last-Modified is compared.
    """
    is_known = link.content_sha256 == content_sha256
    if is_known and link.last_read_at is not None and at - link.last_read_at < READING_NOTED_EVERY:
        return
    with transaction():
        lock(link)
        if link.content_sha256 != content_sha256:
            second = at.replace(microsecond=0)
            link.changed_at = max(second, link.changed_at + ONE_SECOND) if link.changed_at else second
            link.content_sha256 = content_sha256
        link.last_read_at = at


def _require_own(user: User, stamp: Stamp) -> None:
    if stamp.by is not None and stamp.by is not user:
        raise NotAllowed(N_("Bạn không có quyền thực hiện thao tác này."))


def _make(user: User, unit: Unit | None, stamp: Stamp, *, part: int = 0) -> tuple[FeedLink, str]:
    secret = secrets.token_urlsafe(SECRET_BYTES)
    link = FeedLink(user=user, unit=unit, token_sha256=hash_of(secret), made_at=_moment(stamp))
    db.session.add(link)
    _record("feed_make", link, stamp, part)
    db.session.flush()
    return link, secret


def _end(link: FeedLink, stamp: Stamp, *, part: int = 0) -> None:
    if link.revoked_at is not None:
        raise LinkEnded(N_("Đường dẫn này đã được thu hồi."))
    link.revoked_at = _moment(stamp)
    _record("feed_revoke", link, stamp, part)


def _moment(stamp: Stamp) -> datetime:
    """Return when it happens: the start of the day in Vietnam where only the day is known."""
    return stamp.at or datetime.combine(stamp.on, time(), VIETNAM)


def _record(do: str, link: FeedLink, stamp: Stamp, part: int) -> None:
    about = {"login": link.user.login, "unit": link.unit.code if link.unit else None}
    note = link.unit.name if link.unit else None
    record(do, stamp, about, part=part, note=note, person=link.user, unit=link.unit)
