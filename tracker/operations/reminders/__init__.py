"""Reminders: recording what became overdue, and queueing one digest a person a day.

Deciding stands apart from telling: the question is which rung is reached and not told yet, and the ledger
of reminders is written in the same transaction as the mail that tells of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from flask_babel import gettext as _
from sqlalchemy import delete

from tracker import outbox
from tracker.models import db, insert_into, transaction
from tracker.models.mail import Reminder
from tracker.models.progress import History
from tracker.operations.reminders.desk import digests_of
from tracker.operations.reminders.digest import Digest, short_day
from tracker.queries import reminders as facts
from tracker.queries.reminders import DIGEST, Queued
from tracker.queries.settings import working_calendar
from tracker.rules.deadlines import WorkingCalendar

PEOPLE_AT_A_TIME = 50
"""Digests queued in one transaction: other writers wait only that long."""


def mark_overdue(*, today: date, at: datetime) -> int:
    """Record in the history each deadline that has passed while its task was not reported; return how many.

    Days on which nobody ran this are made up for: each row carries the day on which it became true. One
    row for a task and a deadline, however often and in how many places this runs.
    """
    columns = ["do", "on_day", "at", "task_id", "directive_id", "unit_id", "payload", "token"]
    with transaction():
        rows = insert_into(History).from_select(columns, facts.newly_overdue(today=today, at=at))
        new = rows.on_conflict_do_nothing(index_elements=["token"]).returning(History.id)
        return len(db.session.scalars(new).all())


def queue_digests(*, today: date, at: datetime) -> int:
    """Queue today's digests, on working days only; return how many mails were queued.

    One a person a day, and only when something is newly reached or new to say that day; the mail then lists
    everything that is true now. A digest of an earlier day that still waits is cancelled, and what it would
    have told is told by today's.
    """
    calendar = working_calendar()
    if not calendar.is_working(today):
        return 0
    return _tell(today=today, at=at, calendar=calendar, only=None)


def freshen_digests(*, today: date, at: datetime) -> None:
    """Bring the digests that a sender is about to take to what is true now.

    Who receives is decided at sending: finished, cancelled, moved or re-assigned work leaves a mail that
    still waits; a mail with nothing left to say is cancelled, and one of an earlier day is replaced.
    """
    if facts.has_digest_to_send(outbox.waits_sql(at)):
        in_outbox = facts.digests_in_outbox(key_today=_key_of(today), is_due=outbox.waits_sql(at))
        only = frozenset(mail.user_id for mail in in_outbox if mail.waits)
        _tell(today=today, at=at, calendar=working_calendar(), only=only)


def _key_of(day: date, user_id: int | None = None) -> str:
    return f"digest:{day.isoformat()}:{user_id or ''}"


def _tell(*, today: date, at: datetime, calendar: WorkingCalendar, only: frozenset[int] | None) -> int:
    in_outbox = facts.digests_in_outbox(key_today=_key_of(today), is_due=outbox.waits_sql(at))
    waiting: dict[int, list[Queued]] = {}
    for mail in in_outbox:
        if mail.waits:
            waiting.setdefault(mail.user_id, []).append(mail)
    answered = {mail.user_id for mail in in_outbox if not mail.waits}
    besides = [mail.id for mails in waiting.values() for mail in mails]
    digests = {each.person.id: each for each in digests_of(today=today, calendar=calendar, besides=besides)}
    wanted = [*waiting, *(user_id for user_id in digests if user_id not in waiting)]
    if only is not None:
        wanted = [user_id for user_id in wanted if user_id in only]
    queued = 0
    for start in range(0, len(wanted), PEOPLE_AT_A_TIME):
        with transaction():
            for user_id in wanted[start : start + PEOPLE_AT_A_TIME]:
                digest = None if user_id in answered else digests.get(user_id)
                queued += _settle(digest, waiting.get(user_id, ()), today=today, at=at)
    return queued


def _settle(digest: Digest | None, waiting: Sequence[Queued], *, today: date, at: datetime) -> bool:
    """Make the outbox say `digest` to one person, and nothing else; return whether a mail was queued."""
    for mail in waiting:
        if digest is not None and mail.key == _key_of(today, mail.user_id):
            if mail.fingerprint != digest.fingerprint:
                _rewrite(mail, digest, at=at)
            return False
        reason = _("Không còn việc để nhắc.")
        if digest is not None:
            reason = _("Thay bằng thư của ngày %(day)s.", day=short_day(today))
        if not outbox.cancel(mail.id, reason=reason, now=at):
            # A sender took it meanwhile: what it tells is told.
            return False
        db.session.execute(delete(Reminder).where(Reminder.mail_id == mail.id))
    if digest is None:
        return False
    mail_id = outbox.put(
        key=_key_of(today, digest.person.id), kind=DIGEST, address=digest.person.email or "",
        user_id=digest.person.id, fingerprint=digest.fingerprint, at=at, **digest.render(),
    )  # fmt: skip
    if mail_id is None:
        return False
    _write_ledger(digest, mail_id)
    return True


def _rewrite(mail: Queued, digest: Digest, *, at: datetime) -> None:
    fresh = outbox.rewrite(
        mail.id, address=digest.person.email or "", fingerprint=digest.fingerprint, now=at, **digest.render()
    )
    if fresh:
        db.session.execute(delete(Reminder).where(Reminder.mail_id == mail.id))
        _write_ledger(digest, mail.id)


def _write_ledger(digest: Digest, mail_id: int) -> None:
    rows = [
        {"task_id": task_id, "rung": rung, "due_on": due_on, "user_id": digest.person.id,
         "told_on": digest.day, "mail_id": mail_id}
        for task_id, rung, due_on in digest.tells
    ]  # fmt: skip
    if rows:
        db.session.execute(insert_into(Reminder).values(rows).on_conflict_do_nothing())
