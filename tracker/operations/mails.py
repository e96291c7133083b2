"""What an administrator does with mails: send them once more, or call them back."""

from __future__ import annotations

from collections.abc import Sequence

from tracker import outbox
from tracker.models import db, lock
from tracker.models.mail import OutgoingMail
from tracker.models.people import Role
from tracker.operations.recording import Stamp, entry, optional_text, record, require_role
from tracker.rules.words import N_
from tracker.rules.workflow import DomainError

MOST_AT_ONCE = 500
"""Mails that one confirmation sends again or calls back: one transaction, with a history row each."""


class MailMovedOn(DomainError):
    """The mail no longer stands where this could be done to it."""


def send_again(mail_ids: Sequence[int], *, stamp: Stamp, reason: str | None = None) -> int:
    """Queue mails that failed, or were kept while there was no mail server, once more; return how many.

    Each goes to the address that its person has now. Those that have moved on meanwhile are passed over;
    raises `MailMovedOn` when none is left.
    """
    with entry(stamp):
        count = 0
        for mail in _reached(mail_ids, stamp):
            address = outbox.address_of(mail.user.email) if mail.user else None
            if not outbox.send_again(mail.id):
                continue
            if address and address != mail.address:
                mail.address = address
            _record("mail_again", stamp, mail, reason, part=count)
            count += 1
        if not count:
            raise MailMovedOn(N_("Chỉ gửi lại được thư đã gửi lỗi hoặc thư được lưu lại."))
        return count


def cancel(mail_ids: Sequence[int], *, stamp: Stamp, reason: str | None = None) -> int:
    """Call back mails that still wait; return how many. `stamp.at` is the moment they end.

    Those that are being sent meanwhile are passed over; raises `MailMovedOn` when none is left.
    """
    words = optional_text(reason)
    with entry(stamp):
        count = 0
        for mail in _reached(mail_ids, stamp):
            why = f"Quản trị đã hủy: {words}" if words else N_("Quản trị đã hủy.")
            if stamp.at is None or not outbox.cancel(mail.id, reason=why, now=stamp.at):
                continue
            _record("mail_cancel", stamp, mail, reason, part=count)
            count += 1
        if not count:
            raise MailMovedOn(N_("Chỉ hủy được thư còn đang chờ gửi."))
        return count


def _reached(mail_ids: Sequence[int], stamp: Stamp) -> list[OutgoingMail]:
    """Hold the mails, and check that the person of the stamp administers whom each was written to."""
    mails = [db.session.get_one(OutgoingMail, mail_id) for mail_id in mail_ids[:MOST_AT_ONCE]]
    for mail in mails:
        lock(mail)
        require_role(mail.user.unit if mail.user else None, {Role.ADMIN}, stamp)
    return mails


def _record(do: str, stamp: Stamp, mail: OutgoingMail, reason: str | None, *, part: int) -> None:
    words = optional_text(reason)
    note = f"{mail.subject} – {words}" if words else mail.subject
    record(do, stamp, {"mail": mail.key, "reason": words}, part=part, person=mail.user, note=note)
