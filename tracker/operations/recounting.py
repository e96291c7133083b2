"""The self-check as a job: ordered by a person or due at night, run at one moment, its outcome kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta

from flask import current_app
from sqlalchemy import ColumnElement, Engine, or_, select, update

from tracker.models import db, transaction
from tracker.models.recount import Recount
from tracker.operations.recording import Stamp, entry, record
from tracker.queries.recount import MOST_KEPT, Outcome, Stopped, check

__all__ = ["Outcome", "Stopped", "check_now", "is_ordered", "order", "run"]

GIVEN_UP_AFTER = timedelta(hours=1)
"""After so long a run that did not end is taken for killed, and an order for one is carried out anew."""


BEGINS_TOGETHER = timedelta(minutes=1)
"""Two schedulers wake for the same night or the same order: who comes so soon after the other lets it be."""


def order(*, stamp: Stamp) -> Recount:
    """Order a check from the scheduler (`stamp.at`: now); one that waits already is returned as it is."""
    if stamp.at is None:
        raise ValueError("an order is of a moment")
    with entry(stamp):
        waiting = db.session.scalar(select(Recount).where(_is_waiting(stamp.at)).limit(1))
        if waiting is not None:
            return waiting
        made = Recount(ordered_at=stamp.at, ordered_by=stamp.by, found={})
        db.session.add(made)
        record("recount", stamp, {}, person=stamp.by)
        return made


def is_ordered(at: datetime) -> bool:
    """Return whether somebody ordered a check that nobody has begun, or that a killed run left behind."""
    return db.session.scalar(select(Recount.id).where(_is_waiting(at)).limit(1)) is not None


def _is_waiting(at: datetime) -> ColumnElement[bool]:
    given_up = Recount.began_at < at - GIVEN_UP_AFTER
    return Recount.ended_at.is_(None) & or_(Recount.began_at.is_(None), given_up)


def run(
    *, today: date, now: Callable[[], datetime], stop: Callable[[], bool] = lambda: False
) -> Recount | None:
    """Check everything and keep the outcome: of the order that waits, or of a run of its own.

    None, and nothing is done, while another that began just now is at it. Should that one be killed, it is
    carried out anew after `GIVEN_UP_AFTER`.
    """
    recount_id = _begin(now())
    if recount_id is None:
        return None
    outcome = check_now(today=today, stop=stop)
    with transaction():
        kept = db.session.get_one(Recount, recount_id)
        kept.ended_at = now()
        kept.tasks, kept.entries = outcome.tasks, outcome.entries
        kept.tables, kept.reports = outcome.tables, outcome.reports
        kept.differences, kept.corrected = outcome.number, outcome.corrected
        kept.found = {
            "differences": [each.to_data() for each in outcome.differences],
            "corrections": [each.to_data() for each in outcome.corrections],
        }
    return kept


def _begin(at: datetime) -> int | None:
    with transaction():
        waiting = select(Recount.id).where(_is_waiting(at)).order_by(Recount.id).limit(1)
        taken = (
            update(Recount)
            .where(Recount.id == waiting.scalar_subquery(), _is_waiting(at))
            .values(began_at=at)
            .returning(Recount.id)
        )
        if (number := db.session.scalar(taken)) is not None:
            return number
        just_begun = Recount.ended_at.is_(None) & (Recount.began_at > at - BEGINS_TOGETHER)
        if db.session.scalar(select(Recount.id).where(just_begun).limit(1)) is not None:
            return None
        made = Recount(ordered_at=at, began_at=at, found={})
        db.session.add(made)
        db.session.flush()
        return made.id


def check_now(
    *, today: date, assigner: str | None = None, keep: int = MOST_KEPT,
    stop: Callable[[], bool] = lambda: False,
) -> Outcome:  # fmt: skip
    """Check everything stored, or what one unit gave, at one moment or as if it were; nothing is written.

    PostgreSQL holds that moment without standing in anybody's way. On SQLite a reader that stays would keep
    writers from committing: there each batch is read on its own, and what was written meanwhile told apart.
    """
    app = current_app._get_current_object()  # type: ignore[attr-defined]

    def asked_to_stop() -> bool:
        # Whoever answers may write that the job lives, which must not end what is read here.
        with app.app_context():
            return stop()

    with _one_moment() as let_go:
        return check(today=today, assigner=assigner, keep=keep, let_go=let_go, stop=asked_to_stop)


@contextmanager
def _one_moment() -> Iterator[Callable[[], None]]:
    bind = db.session.get_bind()
    if bind.dialect.name == "sqlite":
        yield db.session.rollback
        return
    # Within a transaction of somebody else there is no moment to choose.
    if isinstance(bind, Engine):
        db.session.rollback()
        db.session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    try:
        yield lambda: None
    finally:
        db.session.rollback()
