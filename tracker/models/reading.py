"""The read-only engine: reports are asked of a streaming replica where DATABASE_READ_URL names one.

What is asked inside `reading()` goes to the replica, in a READ ONLY transaction; everything else, every
write, and whatever is inside `from_primary()` goes to the primary. Without the setting both are one.

A replica may be late. So before it is asked it must have replayed everything up to `since`, a position in the
primary's log: a person's own last write, or all that was written before a job began. Positions are exact,
where seconds would be a guess.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta
from typing import Any, NamedTuple

from flask import current_app
from flask_sqlalchemy.session import Session
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

REPLICA = "replica"
"""The name of the engine among the binds."""
CONNECT_WITHIN = 2
"""Seconds that a replica may take to answer a connection: a page waits for it."""
LEFT_ALONE_FOR = 15.0
"""Seconds for which a process asks a replica nothing after it failed."""
MOST_LAG = timedelta(seconds=150)
"""A replica that is later than this is not asked. The scheduler writes something at least every minute, so
the last transaction that a replica replayed is never older while it keeps up."""

_CANCELLED_BY_REPLAY = ("40001", "40P01")

_asks_replica: ContextVar[bool] = ContextVar("asks_replica", default=False)
_asks_singly: ContextVar[bool] = ContextVar("asks_singly", default=False)

_PROBE = text(
    "SELECT pg_last_wal_replay_lsn() >= CAST(:since AS pg_lsn) OR NOT pg_is_in_recovery(), "
    "extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp())"
)


class ReplicaState(NamedTuple):
    """How the replica does: whether it is asked, by how much it is late, and what went wrong."""

    is_up: bool
    lag: timedelta | None = None
    """At most: how old the last replayed transaction is while others wait to be. None: not known."""
    error: str = ""

    @property
    def is_late(self) -> bool:
        """Whether it is so late that reports are asked of the primary."""
        return self.lag is not None and self.lag > MOST_LAG


class ChoosingSession(Session):
    """The session of the application: it asks the replica inside `reading()`."""

    def get_bind(self, mapper: Any = None, clause: Any = None, bind: Any = None, **words: Any) -> Any:
        """Return the engine for one statement."""
        if bind is None and _asks_replica.get():
            return self._db.engines[REPLICA]
        return super().get_bind(mapper=mapper, clause=clause, bind=bind, **words)


def engine_settings(url: str) -> dict[str, Any]:
    """Return the bind of a replica: each transaction READ ONLY and of one moment, a dead host found soon."""
    return {
        "url": url,
        "isolation_level": "REPEATABLE READ",
        "execution_options": {"postgresql_readonly": True},
        "connect_args": {"connect_timeout": CONNECT_WITHIN},
    }


def has_replica() -> bool:
    """Return whether this installation has a read-only engine."""
    return REPLICA in (current_app.config.get("SQLALCHEMY_BINDS") or {})


def ask_singly(singly: bool) -> None:
    """Say whether PostgreSQL is asked outside of transactions from now on, statement by statement.

    Whoever reads sees the same: each statement is of a moment of its own there also within a transaction. It
    spares BEGIN and ROLLBACK, and a page that is slowly written keeps nothing from being cleaned up.
    `transaction()` and `begin_snapshot()` begin one all the same; a replica is asked as it always is.
    """
    _asks_singly.set(singly)


def asks_singly(connection: Connection) -> bool:
    """Return whether this connection, which begins to be asked, needs no transaction."""
    return _asks_singly.get() and not connection.get_execution_options().get("postgresql_readonly")


@contextmanager
def reading(*, since: str | None = None) -> Iterator[bool]:
    """Let the block ask the replica, if one holds everything up to `since`; yield whether it does.

    `since` is a position as `written_position()` returned it, None for none. A failure of the replica inside
    the block is for the caller: `is_failure_of_replica` tells it from others, and nothing was written.
    """
    if not has_replica() or _asks_replica.get() or not _is_fit(since):
        yield _asks_replica.get()
        return
    token = _asks_replica.set(True)
    try:
        yield True
    finally:
        _asks_replica.reset(token)


@contextmanager
def from_primary() -> Iterator[None]:
    """Let the block ask the primary, also inside `reading()`: for what must be of this very moment."""
    token = _asks_replica.set(False)
    try:
        yield
    finally:
        _asks_replica.reset(token)


def is_failure_of_replica(error: BaseException) -> bool:
    """Return whether a statement failed as a replica fails: gone, or cancelled because it replays the log.

    From then on the replica is left alone for a while; the caller asks the primary.
    """
    if not isinstance(error, DBAPIError):
        return False
    state = getattr(error.orig, "sqlstate", None) or ""
    gone = error.connection_invalidated or not state or state.startswith(("08", "57P"))
    if gone:
        _leave_alone(error)
    return gone or state in _CANCELLED_BY_REPLAY


def written_position() -> str | None:
    """Return the position in the primary's log after everything written so far, None without a replica."""
    if not has_replica():
        return None
    with _primary().connect() as connection:
        return connection.scalar(text("SELECT CAST(pg_current_wal_insert_lsn() AS text)"))


def replica_state() -> ReplicaState | None:
    """Return how the replica does, None where there is none. One that failed just now is not asked again."""
    if not has_replica():
        return None
    if failure := _failure():
        return ReplicaState(is_up=False, error=failure)
    try:
        with _engine().connect() as connection:
            caught_up, age = connection.execute(_PROBE, {"since": written_position()}).one()
    except SQLAlchemyError as error:
        _leave_alone(error)
        return ReplicaState(is_up=False, error=_failure())
    if caught_up:
        return ReplicaState(is_up=True, lag=timedelta(0))
    return ReplicaState(is_up=True, lag=None if age is None else timedelta(seconds=float(age)))


def _is_fit(since: str | None) -> bool:
    """Return whether the replica answers, keeps up, and holds everything up to a position."""
    if _failure():
        return False
    try:
        with _engine().connect() as connection:
            caught_up, age = connection.execute(_PROBE, {"since": since or "0/0"}).one()
    except SQLAlchemyError as error:
        _leave_alone(error)
        return False
    return bool(caught_up) and (age is None or age <= MOST_LAG.total_seconds())


def _engine() -> Engine:
    return current_app.extensions["sqlalchemy"].engines[REPLICA]


def _primary() -> Engine:
    return current_app.extensions["sqlalchemy"].engine


def _leave_alone(error: BaseException) -> None:
    words = str(getattr(error, "orig", None) or error).splitlines()
    current_app.extensions["replica_failed"] = (time.monotonic(), words[0] if words else type(error).__name__)


def _failure() -> str:
    """Return why the replica is left alone now, "" when it is not."""
    at, words = current_app.extensions.get("replica_failed", (0.0, ""))
    return words if words and time.monotonic() - at < LEFT_ALONE_FOR else ""

