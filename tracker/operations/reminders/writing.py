"""Putting mails and what they tell into the outbox and the ledger, in the caller's transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from sqlalchemy import delete

from tracker import outbox
from tracker.models import insert_into
from tracker.models.mail import Reminder
from tracker.models.statements import prepared
from tracker.operations.reminders.lines import Rendered
from tracker.queries.reminders import Person

PEOPLE_AT_A_TIME = 50
"""Mails queued in one transaction: other writers wait only that long."""


class Saying(Protocol):
    """What one mail says to one person."""

    @property
    def kind(self) -> str: ...
    @property
    def person(self) -> Person: ...
    @property
    def day(self) -> date: ...
    @property
    def fingerprint(self) -> str: ...
    @property
    def tells(self) -> Collection[tuple[int, str, date | None]]: ...
    def render(self) -> Rendered: ...


@dataclass(frozen=True)
class Written:
    """A mail that was rendered before the transaction begins, under the key that it is queued by."""

    key: str
    saying: Saying
    fingerprint: str
    mail: Rendered

    @classmethod
    def of(cls, key: str, saying: Saying) -> Written:
        """Write the mail that says this."""
        return cls(key, saying, saying.fingerprint, saying.render())


def queue(written: Sequence[Written], *, at: datetime) -> tuple[int, set[int]]:
    """Queue mails and what they tell; return how many there are, and whom another mail told meanwhile.

    A mail whose key is taken is left out: it was queued by another scheduler. One that says something which
    the ledger got from another mail since it was written is taken back, for its person to be asked anew.
    """
    new = [
        outbox.NewMail(
            key=each.key, kind=each.saying.kind, address=each.saying.person.email or "",
            user_id=each.saying.person.id, fingerprint=each.fingerprint, **each.mail,
        )
        for each in written
    ]  # fmt: skip
    ids = outbox.put_all(new, at=at)
    queued = {ids[each.key]: each.saying for each in written if each.key in ids}
    rows = [row for mail_id, saying in queued.items() for row in _rows_of(saying, mail_id)]
    told = _write_ledger(rows)
    overtaken = [mail_id for mail_id, saying in queued.items() if told[mail_id] < len(set(saying.tells))]
    if overtaken:
        forget(overtaken)
        outbox.withdraw(overtaken)
    return len(queued) - len(overtaken), {queued[mail_id].person.id for mail_id in overtaken}


def rewrite(mail_id: int, saying: Saying, mail: Rendered, *, at: datetime) -> None:
    """Let a mail that still waits say this instead; one that a sender holds stays as it is."""
    address, mark = saying.person.email or "", saying.fingerprint
    if outbox.rewrite(mail_id, address=address, fingerprint=mark, now=at, **mail):
        forget([mail_id])
        _write_ledger(_rows_of(saying, mail_id))


def call_back(mail_ids: Collection[int], *, reason: str, at: datetime) -> set[int]:
    """Cancel mails that still wait and what they would have told; return the ids of those cancelled."""
    cancelled = outbox.cancel_all(mail_ids, reason=reason, now=at)
    forget(cancelled)
    return cancelled


def forget(mail_ids: Collection[int]) -> None:
    """Take out of the ledger what these mails, which nobody got, were to tell."""
    if mail_ids:
        _forget(mail_ids=list(mail_ids))


@prepared
def _forget(mail_ids: Any) -> Any:
    ledger: Any = Reminder.__table__
    return delete(ledger).where(ledger.c.mail_id.in_(mail_ids))


def _rows_of(saying: Saying, mail_id: int) -> list[dict[str, Any]]:
    return [
        {"task_id": task_id, "rung": rung, "due_on": due_on, "user_id": saying.person.id,
         "told_on": saying.day, "mail_id": mail_id}
        for task_id, rung, due_on in saying.tells
    ]  # fmt: skip


def _write_ledger(rows: list[dict[str, Any]]) -> Counter[int]:
    """Return how many of the rows are new, by mail."""
    if not rows:
        return Counter()
    return Counter(_write.with_rows(rows).scalars())


@prepared
def _write() -> Any:
    return insert_into(Reminder.__table__).on_conflict_do_nothing().returning(Reminder.mail_id)
