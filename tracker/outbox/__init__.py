"""Mails out: `put()` queues one in the caller's transaction, `deliver_pending()` sends what is queued.

Lease, send, mark: a crash may repeat a mail (with the same Message-ID), never lose one. This is the only
room that sends mail. SMTP cannot be exactly once: between the final dot and the server's 250 nobody knows.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parseaddr
from functools import lru_cache, partial
from hashlib import sha256
from typing import Any, NamedTuple
from uuid import uuid4

import email_validator
from flask import current_app
from sqlalchemy import ColumnElement, Table, and_, delete, func, insert, or_, select, update

from tracker.models import db, insert_into, transaction
from tracker.models.mail import (
    LONGEST_DELAY,
    DeliveryOutcome,
    Enclosure,
    MailEnclosure,
    MailState,
    OutgoingMail,
    moments,
    waits_sql,
)
from tracker.models.statements import Prepared, prepared
from tracker.outbox import journal, workers
from tracker.outbox.post import Enclosed, Letter, Post, mail
from tracker.outbox.workers import is_dead, worker_name

__all__ = [
    "BadAddress", "Delivered", "NewMail", "address_of", "cancel", "cancel_all", "deliver_pending",
    "is_dead", "is_empty", "keep_pending", "mail", "oldest_waiting", "one_line", "put", "put_all", "rewrite",
    "send_again", "withdraw", "worker_name",
]  # fmt: skip

LEASE = timedelta(minutes=10)
"""How long a worker holds a mail: longer than all the commands of one mail may take together."""
BATCH = 50
"""Mails claimed at once and sent over one connection."""
RETRY_DELAYS = (
    timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1),
    timedelta(hours=4), timedelta(hours=12), LONGEST_DELAY,
)  # fmt: skip
"""How long to wait after each failed attempt; one more attempt follows the last, then the mail has failed."""
SUBJECT_LENGTH = 250

_mail: Table = OutgoingMail.__table__  # type: ignore[assignment]

# A closed network has mail servers under names such as “thudientu.local”; only names that can never
# have one stay refused.
email_validator.SPECIAL_USE_DOMAIN_NAMES[:] = ["arpa", "onion"]


class BadAddress(ValueError):
    """The text is not one mail address."""


@lru_cache(maxsize=20_000)
def address_of(text: str | None) -> str | None:
    """Return the one mail address that `text` is, its domain in ASCII, or None when it is not one."""
    try:
        checked = email_validator.validate_email(
            text or "", check_deliverability=False, allow_smtputf8=False, globally_deliverable=False
        )
    except email_validator.EmailNotValidError:
        return None
    return checked.ascii_email


def one_line(text: str) -> str:
    """Return `text` without control characters and with single blanks, fit for a header."""
    if not text.isprintable():
        text = "".join(" " if unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp") else c for c in text)
    return " ".join(unicodedata.normalize("NFC", text).split())


def put(
    *,
    key: str,
    kind: str,
    address: str,
    subject: str,
    text: str,
    html: str,
    at: datetime,
    user_id: int | None = None,
    fingerprint: str | None = None,
    enclosures: Sequence[int] = (),
) -> int | None:
    """Queue one mail to one address within the caller's transaction; return its id.

    `key` (up to 160 characters) says what the mail is about: the same key is queued once, and a second
    `put` returns None and changes nothing. `at` is an aware moment; `enclosures` are ids of the files that go
    with it. Raises `BadAddress`.
    """
    mail = NewMail(key, kind, address, subject, text, html, user_id, fingerprint)
    mail_id = put_all([mail], at=at).get(key)
    if mail_id is not None and enclosures:
        rows = [
            {"mail_id": mail_id, "enclosure_id": enclosure_id, "position": position}
            for position, enclosure_id in enumerate(enclosures)
        ]
        db.session.execute(insert(MailEnclosure), rows)
    return mail_id


class NewMail(NamedTuple):
    """One mail to be queued; the fields are those of `put`."""

    key: str
    kind: str
    address: str
    subject: str
    text: str
    html: str
    user_id: int | None = None
    fingerprint: str | None = None


def put_all(mails: Sequence[NewMail], *, at: datetime) -> dict[str, int]:
    """Queue many mails by one statement within the caller's transaction; return the ids of the new by key.

    A key that was queued before is left as it is and is not among them. Raises `BadAddress`.
    """
    rows = []
    for each in mails:
        checked = address_of(each.address)
        if checked is None:
            raise BadAddress(each.address)
        rows.append({
            "key": each.key, "kind": each.kind, "user_id": each.user_id, "address": checked,
            "subject": one_line(each.subject)[:SUBJECT_LENGTH], "text": each.text, "html": each.html,
            "fingerprint": each.fingerprint, "message_id": message_id_of(each.key),
            "state": MailState.QUEUED, "queued_at": at, "attempts": 0,
        })  # fmt: skip
    if not rows:
        return {}
    return {row.key: row.id for row in _put_all.with_rows(rows)}


@prepared
def _put_all() -> Any:
    return insert_into(_mail).on_conflict_do_nothing().returning(_mail.c.key, _mail.c.id)


def withdraw(mail_ids: Collection[int]) -> None:
    """Take back mails that were queued in this very transaction, so that nobody has seen them."""
    _rows(delete(OutgoingMail).where(OutgoingMail.id.in_(mail_ids)))


def message_id_of(key: str) -> str:
    """Return the Message-ID of a mail: the same for the same key, whenever and however often it is sent."""
    sender = parseaddr(current_app.config["MAIL_DEFAULT_SENDER"])[1]
    domain = sender.rpartition("@")[2] or "localhost"
    digest = sha256(f"{current_app.config['BASE_URL']} {key}".encode()).hexdigest()
    return f"<{digest[:40]}@{domain}>"


def rewrite(
    mail_id: int, *, address: str, subject: str, text: str, html: str, fingerprint: str, now: datetime
) -> bool:
    """Write a mail that still waits anew, within the caller's transaction; False when it is being sent."""
    facts = {"of_mail": mail_id, "to": address, "plain": text, "rich": html, "mark": fingerprint}
    return _rewrite(heading=one_line(subject)[:SUBJECT_LENGTH], **facts, **moments(now)).rowcount == 1


@prepared
def _rewrite(
    of_mail: Any, to: Any, heading: Any, plain: Any, rich: Any, mark: Any, now: Any, latest: Any
) -> Any:
    said = {"address": to, "subject": heading, "text": plain, "html": rich, "fingerprint": mark}
    return update(_mail).where(_mail.c.id == of_mail, _still_waits(now, latest)).values(**said)


def cancel(mail_id: int, *, reason: str, now: datetime) -> bool:
    """Call back a mail that still waits, within the caller's transaction; False when it is being sent."""
    return bool(cancel_all([mail_id], reason=reason, now=now))


def cancel_all(mail_ids: Collection[int], *, reason: str, now: datetime) -> set[int]:
    """Call back mails that still wait, within the caller's transaction; return the ids of those."""
    if not mail_ids:
        return set()
    return set(_cancel_all(mail_ids=list(mail_ids), reason=reason, **moments(now)).scalars())


@prepared
def _cancel_all(mail_ids: Any, reason: Any, now: Any, latest: Any) -> Any:
    ended = {"ended_at": now, "last_error": reason, "leased_by": None, "leased_until": None}
    return (
        update(_mail)
        .where(_mail.c.id.in_(mail_ids), _still_waits(now, latest))
        .values(state=MailState.CANCELLED, **ended)
        .returning(_mail.c.id)
    )


def send_again(mail_id: int) -> bool:
    """Queue a mail that failed or was kept once more, at once; False when it is neither."""
    with transaction():
        again = (
            update(OutgoingMail)
            .where(OutgoingMail.id == mail_id, OutgoingMail.state.in_((MailState.FAILED, MailState.KEPT)))
            .values(state=MailState.QUEUED, next_attempt_at=None, attempts=0, ended_at=None)
        )
        return _rows(again) == 1


def _still_waits(now: Any, latest: Any) -> ColumnElement[bool]:
    return or_(_mail.c.state == MailState.QUEUED, waits_sql(now=now, latest=latest))


def _rows(statement: Any) -> int:
    result: Any = db.session.execute(statement, execution_options={"synchronize_session": False})
    return int(result.rowcount)


@dataclass
class Delivered:
    """What one run of `deliver_pending` came to, in numbers of mails."""

    sent: int = 0
    kept: int = 0
    retrying: int = 0
    failed: int = 0

    @property
    def is_troubled(self) -> bool:
        """Whether a mail could not be delivered, for now or for good."""
        return bool(self.retrying or self.failed)

    @property
    def is_idle(self) -> bool:
        """Whether there was nothing to do."""
        return not (self.sent or self.kept or self.is_troubled)

    def count(self, ended: _Attempt) -> None:
        """Count an attempt that ended."""
        counter = {MailState.SENT: "sent", MailState.FAILED: "failed"}.get(ended.becomes, "retrying")
        setattr(self, counter, getattr(self, counter) + 1)


@dataclass(frozen=True)
class _Attempt:
    """How one attempt ended; `reply` is the server's answer or the reason of the failure."""

    mail: Letter
    delivery_id: int
    outcome: DeliveryOutcome
    reply: str

    @property
    def becomes(self) -> MailState:
        if self.outcome is DeliveryOutcome.ACCEPTED:
            return MailState.SENT
        is_over = self.outcome is DeliveryOutcome.REFUSED or self.mail.attempts >= len(RETRY_DELAYS)
        return MailState.FAILED if is_over else MailState.QUEUED


def deliver_pending(
    *, now: Callable[[], datetime], worker: str, stop: Callable[[], bool] = lambda: False, batch: int = BATCH,
    only: Sequence[ColumnElement[bool]] = (),
) -> Delivered:  # fmt: skip
    """Send every mail that is due (of those that meet the conditions `only`), and say how it went.

    `now` is asked for the moment (aware) before and after each mail, `stop` after each whether to leave
    the rest for later. `worker` names this process (`worker_name()`). Without a mail server the mails are
    kept for reading. When the server cannot be reached the rest waits for the next run.
    """
    done = Delivered()
    if not current_app.config["MAIL_SERVER"]:
        done.kept = keep_pending(now(), *only)
        return done
    lease = f"{worker[:48]}/{uuid4().hex[:12]}"
    workers.free_leases_of_the_dead(now())
    with Post() as post:
        while not (stop() or post.is_unreachable):
            claimed = _claim(lease, now(), batch, only)
            if not claimed:
                break
            _send_batch(claimed, lease, post, now, stop, done)
    return done


def _send_batch(
    claimed: Sequence[Letter], lease: str, post: Post, now: Callable[[], datetime],
    stop: Callable[[], bool], done: Delivered,
) -> None:  # fmt: skip
    ended: _Attempt | None = None
    enclosed = _enclosed_with(claimed)
    stopped = False
    for each in claimed:
        if stopped := stop():
            break
        # One transaction ends the last attempt and begins this one: half the waiting for the disk.
        delivery_id = _turn(ended, each, lease, now(), done)
        ended = None
        if delivery_id is not None:
            outcome, reply = post.deliver(each._replace(enclosed=enclosed.get(each.id, ())), now())
            ended = _Attempt(each, delivery_id, outcome, reply)
        if post.is_unreachable:
            break
    _turn(ended, None, lease, now(), done)
    if post.is_unreachable:
        _put_off(lease, post.trouble, now(), done)
    elif stopped:
        _give_back(lease)


def _claim(lease: str, now: datetime, batch: int, only: Sequence[ColumnElement[bool]]) -> list[Letter]:
    """Lease the oldest mails that are due, none of them to two workers."""
    claim = Prepared(partial(_claiming, only)) if only else _claim_any
    facts = {"lease": lease, "until": now + LEASE, "most": batch}
    with transaction():
        rows = claim(**facts, **moments(now)).all()
    return sorted(Letter(*row) for row in rows)


def _claiming(
    only: Sequence[ColumnElement[bool]], lease: Any, until: Any, most: Any, now: Any, latest: Any
) -> Any:
    due = select(_mail.c.id).where(waits_sql(now=now, latest=latest), *only).order_by(_mail.c.id).limit(most)
    chosen = due.with_for_update(skip_locked=True).cte("chosen")
    return (
        update(_mail)
        .where(_mail.c.id.in_(select(chosen.c.id)))
        .values(state=MailState.SENDING, leased_by=lease, leased_until=until)
        .returning(
            _mail.c.id, _mail.c.address, _mail.c.subject, _mail.c.text, _mail.c.html, _mail.c.message_id,
            _mail.c.attempts,
        )
    )  # fmt: skip


_claim_any = prepared(partial(_claiming, ()))


def _enclosed_with(claimed: Sequence[Letter]) -> dict[int, tuple[Enclosed, ...]]:
    """Return the files that go with these mails, by the id of the mail."""
    enclosed: dict[int, tuple[Enclosed, ...]] = {}
    for mail_id, filename, media_type, content in _enclosures(mail_ids=[each.id for each in claimed]):
        enclosed[mail_id] = (*enclosed.get(mail_id, ()), Enclosed(filename, media_type, content))
    return enclosed


@prepared
def _enclosures(mail_ids: Any) -> Any:
    return (
        select(MailEnclosure.mail_id, Enclosure.filename, Enclosure.media_type, Enclosure.content)
        .join(Enclosure, Enclosure.id == MailEnclosure.enclosure_id)
        .where(MailEnclosure.mail_id.in_(mail_ids))
        .order_by(MailEnclosure.mail_id, MailEnclosure.position)
    )


def _held(lease: Any) -> ColumnElement[bool]:
    return and_(_mail.c.leased_by == lease, _mail.c.state == MailState.SENDING)


def _turn(
    ended: _Attempt | None, begins: Letter | None, lease: str, now: datetime, done: Delivered
) -> int | None:
    """Mark the attempt that ended, lay down the one that begins; return its id, None for a lost lease."""

    def store() -> int | None:
        with transaction():
            if ended is not None:
                _mark(ended, lease, now)
            if begins is None or not journal.renew(begins.id, lease, until=now + LEASE):
                return None
            return journal.begin(begins.id, lease, now=now)

    delivery_id = journal.insist(store)
    if ended is not None:
        done.count(ended)
    return delivery_id


def _mark(ended: _Attempt, lease: str, now: datetime) -> None:
    journal.end(ended.delivery_id, ended.outcome, ended.reply, now=now)
    mail_id, attempts = ended.mail.id, ended.mail.attempts + 1
    if ended.becomes is MailState.SENT:
        journal.mark(mail_id, lease, MailState.SENT, attempts=attempts, ended_at=now)
    elif ended.becomes is MailState.FAILED:
        journal.mark(mail_id, lease, MailState.FAILED, attempts=attempts, ended_at=now, error=ended.reply)
    else:
        again = now + RETRY_DELAYS[attempts - 1]
        journal.mark(
            mail_id, lease, MailState.QUEUED, attempts=attempts, next_attempt_at=again, error=ended.reply
        )


def _give_back(lease: str) -> None:
    """Queue again what was claimed and not tried."""
    with transaction():
        _give_back_held(lease=lease)


@prepared
def _give_back_held(lease: Any) -> Any:
    return update(_mail).where(_held(lease)).values(state=MailState.QUEUED, leased_by=None, leased_until=None)


def _put_off(lease: str, trouble: str, now: datetime, done: Delivered) -> None:
    """Count an attempt for the rest of a batch whose server could not be reached."""
    with transaction():
        for mail_id, attempts in _attempts_of_held(lease=lease).all():
            attempt = journal.begin(mail_id, lease, now=now)
            waiting = Letter(mail_id, "", "", "", "", "", attempts)
            ended = _Attempt(waiting, attempt, DeliveryOutcome.FAILED, trouble)
            _mark(ended, lease, now)
            done.count(ended)


@prepared
def _attempts_of_held(lease: Any) -> Any:
    return select(_mail.c.id, _mail.c.attempts).where(_held(lease)).order_by(_mail.c.id)


def keep_pending(now: datetime, *only: ColumnElement[bool]) -> int:
    """Keep the mails that are due (with `only`: of these) for reading instead of sending; return how many."""
    with transaction():
        kept = {"state": MailState.KEPT, "ended_at": now, "leased_by": None, "leased_until": None}
        return _rows(update(OutgoingMail).where(waits_sql(**moments(now)), *only).values(kept))


def is_empty() -> bool:
    """Return whether no mail waits, is being sent or may be held by a sender that is gone."""
    return _unsent().first() is None


@prepared
def _unsent() -> Any:
    return select(_mail.c.id).where(_mail.c.state.in_((MailState.QUEUED, MailState.SENDING))).limit(1)


def oldest_waiting() -> datetime | None:
    """Return since when the oldest mail waits that is neither delivered nor given up, None for none."""
    waiting = OutgoingMail.state.in_((MailState.QUEUED, MailState.SENDING))
    return db.session.scalar(select(func.min(OutgoingMail.queued_at)).where(waiting))
