"""Which rung of the reminder ladder a task has reached on a day (domain, reminders and urging)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from tracker.rules.deadlines import WorkingCalendar
from tracker.rules.words import N_

UNIT = "unit"
OFFICE = "office"
LEADER = "leader"


class BadLadder(ValueError):
    """The numbers do not make a ladder; `msgid % values` says why in Vietnamese."""

    def __init__(self, msgid: str, **values: object) -> None:
        super().__init__(msgid % values)
        self.msgid = msgid
        self.values = values


@dataclass(frozen=True, order=True)
class Rung:
    """One reminder of a task: the day it is reached, its stable name in the ledger, and whom it tells.

    `key` is "before-7" (working days before), "due", "late-1" (days late) or "late-w5" (working days late).
    `audience` holds "unit" (officer and unit head), "office" and "leader" (the directing leader).
    """

    day: date
    key: str
    audience: frozenset[str] = field(compare=False)


@dataclass(frozen=True)
class Ladder:
    """When to remind, and from when whom: a setting with the product's decision as its default.

    `before`: working days before the due date, falling. `on_day`: remind on the due date. `late_first`: days
    late of the first reminder after it. `late_every`: working days late between the ones that follow.
    `office_from`: days late, `leader_from`: working days late from which they are told too.
    """

    before: tuple[int, ...] = (7, 3, 1)
    on_day: bool = True
    late_first: int = 1
    late_every: int = 5
    office_from: int = 1
    leader_from: int = 5

    def __post_init__(self) -> None:
        if any(n < 1 for n in self.before) or list(self.before) != sorted(set(self.before), reverse=True):
            raise BadLadder(N_("Số ngày nhắc trước thời hạn phải là các số dương giảm dần, ví dụ: 7, 3, 1."))
        for number in (self.late_first, self.late_every, self.office_from, self.leader_from):
            if number < 1:
                raise BadLadder(
                    N_("Số ngày nhắc sau thời hạn phải từ 1 trở lên, không phải %(number)s."), number=number
                )

    @classmethod
    def from_settings(cls, values: Mapping[str, Any]) -> Ladder:
        """Make the ladder from read settings (`rules.settings` names); a missing one takes its default.

        Raises `BadLadder` when a value is no number or out of range.
        """
        names = {
            "reminder_before": "before",
            "reminder_on_day": "on_day",
            "reminder_late_first": "late_first",
            "reminder_late_every": "late_every",
            "escalate_office_from": "office_from",
            "escalate_leader_from": "leader_from",
        }
        given = {names[name]: value for name, value in values.items() if name in names}
        if "before" in given:
            given["before"] = tuple(sorted({_whole(n) for n in given["before"]}, reverse=True))
        if "on_day" in given and not isinstance(given["on_day"], bool):
            raise BadLadder(N_("Nhắc trong ngày đến hạn phải là “có” hoặc “không”."))
        numbers = ("late_first", "late_every", "office_from", "leader_from")
        given.update({name: _whole(given[name]) for name in numbers if name in given})
        return cls(**given)


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise BadLadder(N_("“%(value)s” không phải là số ngày."), value=value)
    return value


def rung_reached(
    *, due_on: date | None, given_on: date, day: date, calendar: WorkingCalendar, ladder: Ladder
) -> Rung | None:
    """Return the latest rung whose day has come by `day`, or None when none has.

    A rung on or before the assignment day is never told, nor is one that a later rung has overtaken. The
    question is which rung is reached, not whether today is exactly N days away: a missed night loses nothing.
    Without a due date there is no ladder. All days are calendar days in Vietnam.
    """
    if due_on is None:
        return None
    rungs = _all_rungs(due_on, day, day, calendar, ladder)
    return max((rung for rung in rungs if given_on < rung.day <= day), default=None)


def rungs_between(
    *, due_on: date | None, given_on: date, first: date, last: date, calendar: WorkingCalendar, ladder: Ladder
) -> tuple[Rung, ...]:
    """Return the rungs of a task from `first` to `last`, both inclusive, in the order of their days.

    For explaining and previewing: the rungs on or before the assignment day are left out here too.
    """
    if due_on is None:
        return ()
    rungs = _all_rungs(due_on, first, last, calendar, ladder)
    return tuple(sorted(rung for rung in rungs if given_on < rung.day and first <= rung.day <= last))


@dataclass(frozen=True)
class Step:
    """A rung as it is climbed: `told_on` is the working day of its mail, None if a later one overtook it."""

    rung: Rung
    told_on: date | None


def steps_between(
    *, due_on: date, given_on: date, first: date, last: date, calendar: WorkingCalendar, ladder: Ladder
) -> tuple[Step, ...]:
    """Return the rungs of a task from `first` to `last` with the days on which they are really told.

    Mails go out on working days only: what falls on a day off is told on the next working day, if nothing
    later has been reached by then.
    """
    rungs = rungs_between(
        due_on=due_on, given_on=given_on, first=first, last=last, calendar=calendar, ladder=ladder
    )
    days = [calendar.next_working(rung.day) for rung in rungs]
    following = [*(rung.day for rung in rungs[1:]), date.max]
    return tuple(
        Step(rung, day if day < after else None)
        for rung, day, after in zip(rungs, days, following, strict=True)
    )


@lru_cache(maxsize=4096)
def _all_rungs(
    due_on: date, first: date, last: date, calendar: WorkingCalendar, ladder: Ladder
) -> tuple[Rung, ...]:
    """Return the rungs of a deadline: the many tasks of a morning share few deadlines."""
    repeated = _rungs_repeated(due_on, first, last, calendar, ladder)
    return (*_rungs_once(due_on, calendar, ladder), *repeated)


def _rungs_once(due_on: date, calendar: WorkingCalendar, ladder: Ladder) -> Iterator[Rung]:
    for n in ladder.before:
        yield Rung(calendar.add(due_on, -n), f"before-{n}", frozenset({UNIT}))
    if ladder.on_day:
        yield Rung(due_on, "due", frozenset({UNIT}))
    late_on = due_on + timedelta(days=ladder.late_first)
    yield Rung(late_on, f"late-{ladder.late_first}", _audience(due_on, late_on, calendar, ladder))


def _rungs_repeated(
    due_on: date, first: date, last: date, calendar: WorkingCalendar, ladder: Ladder
) -> Iterator[Rung]:
    """Give the rungs every `late_every` working days late, from before `first` to `last`."""
    late_on = due_on + timedelta(days=ladder.late_first)
    n = max(1, calendar.between(due_on, first) // ladder.late_every) * ladder.late_every
    day = calendar.add(due_on, n)
    while day <= last:
        if day > late_on:
            yield Rung(day, f"late-w{n}", _audience(due_on, day, calendar, ladder))
        n += ladder.late_every
        day = calendar.add(due_on, n)


def _audience(due_on: date, day: date, calendar: WorkingCalendar, ladder: Ladder) -> frozenset[str]:
    told = {UNIT}
    if (day - due_on).days >= ladder.office_from:
        told.add(OFFICE)
    if calendar.between(due_on, day) >= ladder.leader_from:
        told.add(LEADER)
    return frozenset(told)
