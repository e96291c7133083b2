"""The product broken on purpose, one function a fault: a harness that stays green with one of them proves
nothing. `CHAOS_MUTANT=tests.chaos.mutations:mark_before_send` breaks a whole run, its processes included."""

from __future__ import annotations

from typing import Any

from sqlalchemy import update

from tracker import models, outbox
from tracker.models import db, transaction
from tracker.models.mail import Delivery, DeliveryOutcome, MailState, OutgoingMail
from tracker.operations.reminders import writing
from tracker.outbox import journal, post


def mark_before_send() -> None:
    """Call a mail sent before it is: what is killed in between is lost."""
    begin = outbox._turn

    def turn(ended: Any, begins: Any, lease: str, now: Any, done: Any) -> Any:
        delivery_id = begin(ended, begins, lease, now, done)
        if begins is not None and delivery_id is not None:
            attempt = outbox._Attempt(begins, delivery_id, DeliveryOutcome.ACCEPTED, "250 soon")
            with transaction():
                outbox._mark(attempt, lease, now, done)
        return delivery_id

    outbox._turn = turn


def no_journal() -> None:
    """Send without writing down that an attempt begins: a copy has no recorded reason."""
    begin = journal.begin

    def unseen(*words: Any, **values: Any) -> int:
        attempt = begin(*words, **values)
        forget = update(Delivery).where(Delivery.id == attempt).values(outcome=DeliveryOutcome.FAILED)
        db.session.execute(forget, execution_options={"synchronize_session": False})
        return attempt

    journal.begin = unseen


def stale_lease_overwrites() -> None:
    """Let a sender whose lease has run out mark its mail, whoever holds it by then."""

    def mark(mail_id: int, _lease: str, state: MailState, *, error: str | None = None, **values: Any) -> None:
        stands = {"state": state, "last_error": error, "leased_by": None, "leased_until": None, **values}
        held_by_anybody = update(OutgoingMail).where(OutgoingMail.id == mail_id).values(stands)
        db.session.execute(held_by_anybody, execution_options={"synchronize_session": False})

    journal.mark = mark


def plain_begin() -> None:
    """Begin writing transactions on SQLite like reading ones: two that read first fail as locked."""
    from sqlalchemy import event
    from sqlalchemy.engine import Engine

    def begin(connection: Any) -> None:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN")

    event.remove(Engine, "begin", models._begin_sqlite)
    event.listen(Engine, "begin", begin)


def endless_patience() -> None:
    """Wait for a mail server as long as it says a byte now and then."""

    def wait(self: Any) -> None:
        self.sock.settimeout(post.CONNECTION_TIME)

    post._Patience.wait_no_longer = wait  # type: ignore[method-assign]


def ledger_apart_from_mail() -> None:
    """Store the ledger in a transaction of its own, after that of the mail."""
    keep = writing._write_ledger

    def late(*words: Any) -> Any:
        db.session.commit()
        return keep(*words)

    writing._write_ledger = late
