"""What time and what day it is: the one place that asks.

A moment is an aware UTC datetime; a day is a date of the calendar in Vietnam. Everything else in the
tracker is told the day by a keyword, so that any day can be put in its place.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")

_standing_still_at: ContextVar[datetime | None] = ContextVar("standing_still_at", default=None)


def now() -> datetime:
    """Return the present moment, aware, in UTC.

    `TRACKER_NOW` (an ISO 8601 moment with offset) in the environment stands in for the clock of a whole
    process: browser tests and demonstrations use it, production refuses to start with it.
    """
    if (standing := _standing_still_at.get()) is not None:
        return standing
    if told := os.environ.get("TRACKER_NOW"):
        return datetime.fromisoformat(told).astimezone(UTC)
    return datetime.now(UTC)


def today() -> date:
    """Return the day in Vietnam: 17:00 UTC is already tomorrow there."""
    return day_of(now())


def day_of(moment: datetime) -> date:
    """Return the day in Vietnam in which an aware moment lies."""
    return moment.astimezone(VIETNAM).date()


@contextmanager
def standing_at(moment: datetime) -> Iterator[None]:
    """Let `now()` answer `moment` (aware) inside the block: `flask jobs once NAME --now MOMENT`, tests."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs its offset, for example 2026-11-21T07:00:00+07:00")
    token = _standing_still_at.set(moment.astimezone(UTC))
    try:
        yield
    finally:
        _standing_still_at.reset(token)
