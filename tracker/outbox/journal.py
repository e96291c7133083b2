"""What each attempt leaves behind: a row of the journal before it, its outcome and the mail's state after.

Four statements a mail. They are made once and only get other values, as making them takes longer than the
database needs to carry them out.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Table, and_, bindparam, insert, update
from sqlalchemy.exc import OperationalError

from tracker.models import db
from tracker.models.mail import Delivery, DeliveryOutcome, MailState, OutgoingMail

PAUSES = (1, 2, 4, 8, 16)
"""Seconds between two tries to store what became of a mail; the database itself waits for a lock besides."""

Result = TypeVar("Result")

_mail: Table = OutgoingMail.__table__  # type: ignore[assignment]
_delivery: Table = Delivery.__table__  # type: ignore[assignment]

_HELD = and_(
    _mail.c.id == bindparam("held_mail"), _mail.c.leased_by == bindparam("lease"),
    _mail.c.state == MailState.SENDING,
)  # fmt: skip
_RENEW = update(_mail).where(_HELD).values(leased_until=bindparam("until"))
_BEGIN = (
    insert(_delivery)
    .values(
        mail_id=bindparam("of_mail"), worker=bindparam("by"), started_at=bindparam("now"),
        outcome=DeliveryOutcome.STARTED,
    )
    .returning(_delivery.c.id)
)  # fmt: skip
_END = (
    update(_delivery)
    .where(_delivery.c.id == bindparam("attempt"))
    .values(outcome=bindparam("came_to"), reply=bindparam("answer"), ended_at=bindparam("now"))
)
_MARK = (
    update(_mail)
    .where(_HELD)
    .values(
        state=bindparam("becomes"), ended_at=bindparam("ended"), next_attempt_at=bindparam("again"),
        last_error=bindparam("error"), attempts=bindparam("tried"), leased_by=None, leased_until=None,
    )
)  # fmt: skip


def insist(work: Callable[[], Result]) -> Result:
    """Do a transaction, anew while the database is locked for long or gone; return what it returns.

    What became of a mail that was handed over must be stored: else it is sent once more.
    """
    for pause in PAUSES:
        try:
            return work()
        except OperationalError:
            db.session.rollback()
            time.sleep(pause)
    return work()


def renew(mail_id: int, lease: str, *, until: datetime) -> bool:
    """Prolong a lease, within the caller's transaction; False when it is lost."""
    renewed: Any = _run(_RENEW, held_mail=mail_id, lease=lease, until=until)
    return bool(renewed.rowcount)


def begin(mail_id: int, lease: str, *, now: datetime) -> int:
    """Lay down an attempt that begins, within the caller's transaction; return its id."""
    return int(_run(_BEGIN, of_mail=mail_id, by=lease, now=now).scalar_one())


def end(attempt: int, outcome: DeliveryOutcome, reply: str, *, now: datetime) -> None:
    """Say of an attempt what it came to, within the caller's transaction."""
    _run(_END, attempt=attempt, came_to=outcome, answer=reply, now=now)


def mark(
    mail_id: int, lease: str, state: MailState, *, attempts: int, ended_at: datetime | None = None,
    next_attempt_at: datetime | None = None, error: str | None = None,
) -> None:  # fmt: skip
    """Say of a mail where it stands and end its lease, within the caller's transaction; not of a lost one."""
    _run(
        _MARK, held_mail=mail_id, lease=lease, becomes=state, ended=ended_at, again=next_attempt_at,
        error=error, tried=attempts,
    )  # fmt: skip


def _run(statement: Any, **values: Any) -> Any:
    return db.session.connection().execute(statement, values)
