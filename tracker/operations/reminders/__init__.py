"""Reminders: recording what became overdue, and queueing one digest a person a day.

Deciding stands apart from telling: the question is which rung is reached and not told yet, and the ledger
of reminders is written in the same transaction as the mail that tells of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from tracker.clock import VIETNAM
from tracker.language import gettext as _
from tracker.models import end_reading, insert_into, transaction
from tracker.models.progress import History
from tracker.models.statements import prepared
from tracker.operations.reminders import writing
from tracker.operations.reminders.desk import digests_of
from tracker.operations.reminders.digest import Digest
from tracker.operations.reminders.lines import short_day
from tracker.operations.reminders.prompts import freshen_prompts, queue_prompts
from tracker.operations.reminders.writing import PEOPLE_AT_A_TIME, Written
from tracker.queries import reminders as facts
from tracker.queries.reminders import Queued
from tracker.queries.settings import all_settings, working_calendar
from tracker.rules.deadlines import WorkingCalendar

__all__ = [
    "freshen_digests", "freshen_prompts", "mark_overdue", "preview_digests", "queue_digests",
    "queue_prompts",
]  # fmt: skip

ROUNDS = 3
"""How often somebody is asked anew whom another mail told something just then; the next run asks again."""


def mark_overdue(*, today: date, at: datetime) -> int:
    """Record in the history each deadline that has passed while its task was not reported; return how many.

    Days on which nobody ran this are made up for: each row carries the day on which it became true. One
    row for a task and a deadline, however often and in how many places this runs.
    """
    with transaction():
        return len(_mark_overdue(today=today, at=at).all())


@prepared
def _mark_overdue(today: Any, at: Any) -> Any:
    columns = ["do", "on_day", "at", "task_id", "directive_id", "unit_id", "payload", "token"]
    rows = insert_into(History).from_select(columns, facts.newly_overdue(today=today, at=at))
    return rows.on_conflict_do_nothing(index_elements=["token"]).returning(History.id)


def queue_digests(*, today: date, at: datetime) -> int:
    """Queue today's digests, on working days and from their hour on; return how many mails were queued.

    One a person a day, and only when something is newly reached or new to say that day; the mail then lists
    everything that is true now. A digest of an earlier day that still waits is cancelled, and what it would
    have told is told by today's.
    """
    calendar, settings = working_calendar(), all_settings()
    if not _is_open(today, at=at, calendar=calendar, settings=settings):
        return 0
    # What a prompt of the days before never told is told by today's digest.
    freshen_prompts(today=today, at=at)
    return _tell(today=today, at=at, calendar=calendar, settings=settings, only=None)


def preview_digests(*, day: date, settings: Mapping[str, Any]) -> list[Digest]:
    """Return the digests that `settings` would make of what is true and told now, on the working day `day`.

    Nothing is stored. Those of people without an address are among them: see `has_address`.
    """
    return digests_of(today=day, calendar=working_calendar(), settings=settings, besides=())


def freshen_digests(*, today: date, at: datetime) -> None:
    """Bring the digests that a sender is about to take to what is true now.

    Who receives is decided at sending: finished, cancelled, moved or re-assigned work leaves a mail that
    still waits; a mail with nothing left to say is cancelled. One of an earlier day is replaced by today's
    or, at night and on a day off, called back: the next digest says what is true by then.
    """
    if facts.has_digest_to_send(at):
        in_outbox = _in_outbox(today, at)
        only = frozenset(mail.user_id for mail in in_outbox if mail.waits)
        calendar, settings = working_calendar(), all_settings()
        _tell(
            today=today, at=at, calendar=calendar, settings=settings, only=only, in_outbox=in_outbox
        )  # fmt: skip


def _in_outbox(today: date, at: datetime) -> list[Queued]:
    return facts.digests_in_outbox(
        keys_from=_key_of(today), keys_to=_key_of(today + timedelta(days=1)), now=at
    )


def _key_of(day: date, user_id: int | None = None) -> str:
    return f"digest:{day.isoformat()}:{user_id or ''}"


def _tell(
    *, today: date, at: datetime, calendar: WorkingCalendar, settings: Mapping[str, Any],
    only: frozenset[int] | None, in_outbox: list[Queued] | None = None,
) -> int:  # fmt: skip
    """Make the outbox say today's digests, and nothing else of earlier days; return how many were queued.

    `in_outbox` is what was read of it just now.
    """
    queued = 0
    may_queue = _is_open(today, at=at, calendar=calendar, settings=settings)
    for _round in range(ROUNDS):
        in_outbox = _in_outbox(today, at) if in_outbox is None else in_outbox
        plans = list(_plans(in_outbox, today=today, at=at, calendar=calendar, settings=settings))
        in_outbox = None
        if not may_queue:
            plans = [replace(plan, new=None) for plan in plans]
        wanted = [plan for plan in plans if only is None or plan.user_id in only]
        only = frozenset()
        for start in range(0, len(wanted), PEOPLE_AT_A_TIME):
            batch = wanted[start : start + PEOPLE_AT_A_TIME]
            count, overtaken = _carry_out(batch, today=today, at=at)
            queued, only = queued + count, only | overtaken
        if not only:
            break
    return queued


def _is_open(today: date, *, at: datetime, calendar: WorkingCalendar, settings: Mapping[str, Any]) -> bool:
    """Whether a digest of `today` may be queued: from its hour on, on a working day."""
    opens_at = datetime.combine(today, time.fromisoformat(settings["reminder_time"]), VIETNAM)
    return calendar.is_working(today) and at >= opens_at


@dataclass(frozen=True)
class _Plan:
    """What is to become of the digests of one person."""

    user_id: int
    new: Digest | None = None
    """To be queued as today's."""
    changed: tuple[Queued, Digest] | None = None
    """Today's, which still waits and says something else by now."""
    stale: tuple[int, ...] = ()
    """Mails that wait and are not to be sent as they are."""


def _plans(
    in_outbox: Sequence[Queued], *, today: date, at: datetime, calendar: WorkingCalendar,
    settings: Mapping[str, Any],
) -> Iterator[_Plan]:  # fmt: skip
    waiting: dict[int, list[Queued]] = {}
    for mail in in_outbox:
        if mail.waits:
            waiting.setdefault(mail.user_id, []).append(mail)
    answered = {mail.user_id for mail in in_outbox if not mail.waits}
    besides = {mail.id for mails in waiting.values() for mail in mails}
    made = digests_of(today=today, calendar=calendar, settings=settings, besides=besides)
    digests = {
        each.person.id: each for each in made if each.person.id not in answered and each.has_address
    }
    for user_id in [*waiting, *(user_id for user_id in digests if user_id not in waiting)]:
        digest, changed, todays = digests.get(user_id), None, None
        for mail in waiting.get(user_id, ()):
            if digest is not None and mail.key == _key_of(today, user_id):
                todays = mail
                changed = (mail, digest) if mail.fingerprint != digest.fingerprint else None
        stale = tuple(mail.id for mail in waiting.get(user_id, ()) if mail is not todays)
        yield _Plan(user_id, None if todays else digest, changed, stale)


def _carry_out(plans: Sequence[_Plan], *, today: date, at: datetime) -> tuple[int, set[int]]:
    """Carry out some plans in one transaction; return how many digests it queued, and whom to ask anew."""
    end_reading()
    new = {
        plan.user_id: Written.of(_key_of(today, plan.user_id), plan.new)
        for plan in plans if plan.new is not None
    }  # fmt: skip
    changed = [(mail.id, digest, digest.render()) for mail, digest in (p.changed for p in plans if p.changed)]
    replaced = {mail_id for plan in plans if plan.new for mail_id in plan.stale}
    emptied = {mail_id for plan in plans if not plan.new for mail_id in plan.stale}
    with transaction():
        reason = _("Thay bằng thư của ngày %(day)s.", day=short_day(today))
        called_back = writing.call_back(replaced, reason=reason, at=at)
        writing.call_back(emptied, reason=_("Việc còn lại được nhắc trong thư kế tiếp."), at=at)
        for mail_id, digest, rendered in changed:
            writing.rewrite(mail_id, digest, rendered, at=at)
        for plan in plans:
            # A sender took the earlier one meanwhile: what it tells is told.
            if plan.new is not None and not called_back.issuperset(plan.stale):
                del new[plan.user_id]
        return writing.queue(list(new.values()), at=at)
