"""What the ledger says in words: why somebody was told, whether it arrived, how often a unit was reminded."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from tracker.language import gettext as _
from tracker.models.mail import MailState
from tracker.queries.ledger import Time
from tracker.rules.rungs import words_of_rung
from tracker.web.filters import day, moment
from tracker.web.words import MAIL_STATE_WORDS


def rung_words(rung: str) -> str:
    """Return why somebody was told, "" for a rung that has no words."""
    msgid, values = words_of_rung(rung)
    return _(msgid) % values if msgid else ""


def delivery_words(mail: Any, *, now: datetime) -> str:
    """Return what became of a mail in one phrase: when it was sent, that it waits, or what the server said.

    `mail` has `state`, `ended_at`, `next_attempt_at`, `last_error` and `is_in_doubt`; `now` is aware.
    """
    words = str(MAIL_STATE_WORDS[mail.state])
    reason = mail.last_error or ""
    match mail.state:
        case MailState.SENT:
            return _("%(state)s %(moment)s", state=words, moment=moment(mail.ended_at))
        case MailState.QUEUED | MailState.SENDING if mail.is_in_doubt:
            return _("Chưa rõ: máy chủ thư có thể đã nhận, sẽ gửi lại")
        case MailState.QUEUED if mail.next_attempt_at and mail.next_attempt_at > now:
            again = _("%(state)s, lần tới %(moment)s", state=words, moment=moment(mail.next_attempt_at))
            return f"{again} ({reason})" if reason else again
        case MailState.FAILED | MailState.CANCELLED if reason:
            return f"{words}: {reason}"
    return words


def times_words(times: Sequence[Time]) -> str:
    """Return the sentence that proves reminding: “Đã nhắc 2 lần: 14/11/2026 (đến hạn hôm nay), …”."""
    if not times:
        return _("Chưa có lần nhắc nào được máy chủ thư nhận cho đơn vị chủ trì.")
    told = ", ".join(f"{day(time.day)} ({rung_words(time.rung)})" for time in times)
    return _("Đã nhắc %(n)s lần: %(times)s.", n=len(times), times=told)
