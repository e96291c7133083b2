"""Recurring tasks: which turns of a series are to be given by now, which were missed, and which follows.

The days themselves come from the phrase (`deadlines/pattern.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time, timedelta
from enum import StrEnum
from itertools import islice, pairwise
from typing import NamedTuple

from tracker.rules.deadlines import Pattern, WorkingCalendar
from tracker.rules.deadlines.days import month_end
from tracker.rules.words import N_
from tracker.rules.workflow import DomainError

_LOOKS_BACK = {
    "daily": timedelta(days=45), "weekly": timedelta(weeks=6), "monthly": timedelta(days=62),
    "quarterly": timedelta(days=366), "semiannual": timedelta(days=366), "annual": timedelta(days=732),
}  # fmt: skip
"""A stretch of days that surely holds a turn: a long holiday hides some days and weeks."""


class Skipped(StrEnum):
    """Why a turn of a series was passed over."""

    PAST = "past"
    NO_UNIT = "no_unit"


SKIPPED_WORDS = {
    Skipped.PAST: N_("đã qua thời hạn khi đến lượt giao"),
    Skipped.NO_UNIT: N_("đơn vị chủ trì không còn hoạt động"),
}
"""Why a turn was passed over, in words."""

class NoTurnLeft(DomainError):
    """The series would never give anything."""

    def __init__(self) -> None:
        super().__init__(N_("Chuỗi không còn kỳ nào: ngày kết thúc đứng trước kỳ đầu tiên."))


class SeriesEnded(DomainError):
    """The series ended: it is neither changed nor ended again."""

    def __init__(self) -> None:
        super().__init__(N_("Chuỗi định kỳ này đã kết thúc."))


class TurnTaken(DomainError):
    """This turn, or a later one, was given or passed over already."""

    def __init__(self, day: date) -> None:
        super().__init__(N_("Kỳ %(day)s của chuỗi đã được giao hoặc bỏ qua."), day=f"{day:%d/%m/%Y}")


class Turn(NamedTuple):
    """One turn of a series: the day that names it, its deadline, and the first day on which it is given."""

    day: date
    due_on: date
    give_on: date


@dataclass(frozen=True, kw_only=True)
class Course:
    """The facts that decide the turns of a series.

    Turns are due on `starts_on` or later and, with `until`, on that day or earlier; those up to `last_day`
    are done with. `due_time` is the hour in Vietnam on the day a turn is due.
    """

    pattern: Pattern
    starts_on: date
    until: date | None = None
    last_day: date | None = None
    due_time: time | None = None

    def turns(self, *, ahead_days: int, calendar: WorkingCalendar) -> Iterator[Turn]:
        """Yield the turns that are still to come, the earliest first; without `until` they never end.

        A turn is given `ahead_days` before it is due, and no earlier than the day after the turn before it is
        due: so a unit never has two turns of one series in front of it.
        """
        since = self.starts_on - _LOOKS_BACK[self.pattern.recurrence]
        if self.last_day is not None:
            since = max(since, self.last_day - _LOOKS_BACK[self.pattern.recurrence])
        for before, turn in pairwise(self.pattern.occurrences(since=since, calendar=calendar)):
            if self.until is not None and turn.due_on > self.until:
                return
            if turn.due_on < self.starts_on or (self.last_day is not None and turn.day <= self.last_day):
                continue
            give_on = max(turn.due_on - timedelta(days=ahead_days), before.due_on + timedelta(days=1))
            yield Turn(turn.day, turn.due_on, min(give_on, turn.due_on))

    def is_past(self, turn: Turn, *, today: date, hour: time) -> bool:
        """Return whether the deadline of a turn has passed at this hour of a day in Vietnam."""
        if turn.due_on != today or self.due_time is None:
            return turn.due_on < today
        return self.due_time < hour


class Decision(NamedTuple):
    """What is to be done about a series now, in the order of the turns, and the turn that follows."""

    done: list[tuple[Turn, Skipped | None]]
    """Turns to be given (None) or passed over, and why."""
    following: Turn | None
    """None when no turn comes any more."""


def decide(
    course: Course, *, today: date, hour: time, ahead_days: int, calendar: WorkingCalendar, gives_past: bool
) -> Decision:
    """Return which turns are to be given or passed over at this hour of `today`, and the one that follows.

    A turn whose deadline has passed is passed over, unless `gives_past` (a setting) says otherwise.
    """
    done: list[tuple[Turn, Skipped | None]] = []
    for turn in course.turns(ahead_days=ahead_days, calendar=calendar):
        if turn.give_on > today:
            return Decision(done, turn)
        past = not gives_past and course.is_past(turn, today=today, hour=hour)
        done.append((turn, Skipped.PAST if past else None))
    return Decision(done, None)


def upcoming(
    course: Course, *, today: date, ahead_days: int, calendar: WorkingCalendar, number: int = 1
) -> list[Turn]:
    """Return the next turns that are still to be given as of `today`, at most so many."""
    turns = course.turns(ahead_days=ahead_days, calendar=calendar)
    to_come = (turn for turn in turns if not course.is_past(turn, today=today, hour=time()))
    return [turn._replace(give_on=max(turn.give_on, today)) for turn in islice(to_come, number)]


def starts_after(last_due: date, old: Pattern, new: Pattern) -> date:
    """Return the day from which turns of a changed series are due, after a last one due on `last_due`.

    When it comes as often as before, what was given stands for its whole week, month, quarter, half-year or
    year: a 20th that becomes a 24th does not come a second time in that month.
    """
    if old.recurrence != new.recurrence:
        return last_due + timedelta(days=1)
    return _end_of(last_due, new.recurrence) + timedelta(days=1)


def _end_of(day: date, recurrence: str) -> date:
    """Return the last day of the week, month, quarter, half-year or year of a day."""
    match recurrence:
        case "daily":
            return day
        case "weekly":
            return day + timedelta(days=6 - day.weekday())
    months = {"monthly": 1, "quarterly": 3, "semiannual": 6, "annual": 12}[recurrence]
    return month_end(day.year, -(-day.month // months) * months)
