"""What is told at once instead of waiting for the daily mail, and how long it stays worth telling."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta, tzinfo
from enum import StrEnum

from tracker.rules.ladder import Ladder

NEWS_LASTS = timedelta(hours=24)
"""What is older waits for the daily mail."""
NORMAL_URGENCY = "normal"


class News(StrEnum):
    """What a prompt tells of, in the order of its sections."""

    GIVEN = "given"
    """A task came to the unit under a directive whose urgency is not normal."""
    REWORK = "rework"
    EXTENSION = "extension"
    """Granted or refused."""
    DEADLINE = "deadline"
    """The deadline has an hour, and it comes near."""


ORDER = tuple(News)

NEWS_OF: Mapping[str, News] = {
    "give": News.GIVEN, "reassign": News.GIVEN, "transfer": News.GIVEN, "inherit": News.GIVEN,
    "rework": News.REWORK, "grant_extension": News.EXTENSION, "refuse_extension": News.EXTENSION,
}  # fmt: skip
"""The entries of the history that may be news; their task must still run."""


def hour_rungs(
    *, due_on: date, due_time: time, given_on: date, given_at: datetime | None, now: datetime, zone: tzinfo,
    hours_before: int, reminder_time: time, ladder: Ladder,
) -> tuple[str, ...]:  # fmt: skip
    """Return the rungs that a running task with an hour in its deadline has reached at `now` (aware).

    "due" from `reminder_time` of the due day on, worked or not, where the ladder reminds on the day;
    "hour-N" from N hours before the deadline until it, N = `hours_before`, 0 for none. As with all rungs,
    one that lies before the assignment is skipped: `given_at` is its moment, None where only its day is
    known. Hours are of the wall clock in `zone`.
    """
    rungs = []
    if ladder.on_day and given_on < due_on:
        morning = datetime.combine(due_on, reminder_time, zone)
        if morning <= now < datetime.combine(due_on + timedelta(days=1), time(), zone):
            rungs.append("due")
    deadline = datetime.combine(due_on, due_time, zone)
    start = deadline - timedelta(hours=hours_before)
    given_before = given_at < start if given_at is not None else given_on <= start.date()
    if hours_before and start <= now < deadline and given_before:
        rungs.append(f"hour-{hours_before}")
    return tuple(rungs)


def may_prompt(*, last_at: datetime | None, now: datetime, gap: timedelta) -> bool:
    """Return whether a person whose latest prompt was queued at `last_at` (None: never) may get another.

    A prompt of the future, from before the clock was set back, holds nobody up.
    """
    return last_at is None or not timedelta(0) <= now - last_at < gap
