"""What an administrator does with a mail: send it once more, or call it back."""

from __future__ import annotations

from tracker import outbox
from tracker.models import lock
from tracker.models.mail import OutgoingMail
from tracker.models.people import Role
from tracker.operations.recording import Stamp, entry, record, require_role
from tracker.rules.words import N_
from tracker.rules.workflow import DomainError


class MailMovedOn(DomainError):
    """The mail no longer stands where this could be done to it."""


def send_again(mail: OutgoingMail, *, stamp: Stamp) -> None:
    """Queue a mail that failed, or was kept while there was no mail server, once more."""
    with entry(stamp):
        lock(mail)
        require_role(mail.user.unit if mail.user else None, {Role.ADMIN}, stamp)
        if not outbox.send_again(mail.id):
            raise MailMovedOn(N_("Chỉ gửi lại được thư đã gửi lỗi hoặc thư được lưu lại."))
        record("mail_again", stamp, {"mail": mail.key}, person=mail.user, note=mail.subject)


def cancel(mail: OutgoingMail, *, stamp: Stamp) -> None:
    """Call back a mail that still waits. `stamp.at` is the moment it ends."""
    with entry(stamp):
        lock(mail)
        require_role(mail.user.unit if mail.user else None, {Role.ADMIN}, stamp)
        if stamp.at is None or not outbox.cancel(mail.id, reason=N_("Quản trị đã hủy."), now=stamp.at):
            raise MailMovedOn(N_("Chỉ hủy được thư còn đang chờ gửi."))
        record("mail_cancel", stamp, {"mail": mail.key}, person=mail.user, note=mail.subject)
