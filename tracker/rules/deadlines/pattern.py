"""The days on which something comes again: each month on the 24th, the last working day of each week."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from dateutil.rrule import DAILY, FR, MO, MONTHLY, SA, SU, TH, TU, WE, WEEKLY, rrule, rruleset

from tracker.rules.deadlines.calendar import WorkingCalendar

RECURRENCES = ("daily", "weekly", "monthly", "quarterly", "semiannual", "annual")
"""How often a series may come again, from the most often to the rarest."""

_WEEKDAYS = {"mon": MO, "tue": TU, "wed": WE, "thu": TH, "fri": FR, "sat": SA, "sun": SU}
_WEEK = tuple(_WEEKDAYS)
_SHORTEST_MONTH = 28
_MONTH_DAY = re.compile(r"(\d{1,2})/(\d{1,2})", re.ASCII)
MOST_DAYS = 12


class Occurrence(NamedTuple):
    """One turn of a series: the day of the rule, which names it, and the day on which it is due.

    The two differ only where the working calendar has a say: of a week it is the Sunday that names it, and
    the last working day on which it is due. So a holiday that is moved later names no second turn.
    """

    day: date
    due_on: date


@dataclass(frozen=True)
class Pattern:
    """When something comes again.

    `days` are pairs of month and day in each year, a day that the month lacks being its last one; a `weekday`
    (Monday 0) is that of each week. Weekly without a weekday is the last working day of the week, and daily
    each working day: computed days. A stated day is never shifted (domain §5).
    """

    recurrence: str
    days: tuple[tuple[int, int], ...] = ()
    weekday: int | None = None

    def __str__(self) -> str:
        """Write the pattern as the history keeps it: "monthly 15 30", "quarterly 20/3 20/6 20/9 20/12"."""
        if self.weekday is not None:
            return f"{self.recurrence} {_WEEK[self.weekday]}"
        if self.recurrence == "monthly":
            return " ".join(["monthly", *(str(day) for month, day in self.days if month == 1)])
        return " ".join([self.recurrence, *(f"{day}/{month}" for month, day in self.days)])

    @classmethod
    def in_year(cls, recurrence: str, days: Iterable[tuple[int, int]]) -> Pattern:
        """Return the pattern of days of a year, as (month, day); day 0 is the last of the month before."""
        shifted = {(month, day) if day else ((month - 2) % 12 + 1, 31) for month, day in days}
        return cls(recurrence, tuple(sorted(shifted)))

    @classmethod
    def each_month(cls, *days: int) -> Pattern:
        """Return the pattern of one day of each month, or of several; 0 and 31 are the last one."""
        return cls.in_year("monthly", [(month, day) for day in days for month in range(1, 13)])

    @classmethod
    def parse(cls, text: str) -> Pattern:
        """Return the pattern that `str()` wrote; raise `ValueError` for any other text."""
        recurrence, *words = text.split(" ")
        pattern = cls._of_words(recurrence, words)
        if str(pattern) != text:
            raise ValueError(text)
        return pattern

    @classmethod
    def _of_words(cls, recurrence: str, words: list[str]) -> Pattern:
        if recurrence not in RECURRENCES or len(words) > MOST_DAYS:
            raise ValueError(recurrence)
        if recurrence in ("daily", "weekly"):
            if len(words) > (recurrence == "weekly"):
                raise ValueError(words)
            return cls(recurrence, weekday=_WEEK.index(words[0]) if words else None)
        if recurrence == "monthly":
            days = [(month, int(day)) for day in words for month in range(1, 13)]
        else:
            found = [_MONTH_DAY.fullmatch(word) for word in words]
            days = [(int(each[2]), int(each[1])) for each in found if each]
        if not days or any(not (1 <= month <= 12 and 1 <= day <= 31) for month, day in days):
            raise ValueError(words)
        return cls.in_year(recurrence, days)

    def occurrences(self, *, since: date, calendar: WorkingCalendar) -> Iterator[Occurrence]:
        """Yield, without end, the turns that are due on `since` or later, the earliest first."""
        for moment in self._rule(datetime.combine(since, time())):
            day = moment.date()
            due_on = self._due_on(day, calendar)
            if due_on is not None and due_on >= since:
                yield Occurrence(day, due_on)

    def _rule(self, start: datetime) -> Iterable[datetime]:
        if self.recurrence == "daily":
            return rrule(DAILY, dtstart=start)
        if self.recurrence == "weekly":
            weekday = SU if self.weekday is None else _WEEKDAYS[_WEEK[self.weekday]]
            return rrule(WEEKLY, dtstart=start, byweekday=weekday)
        months: dict[int, list[int]] = defaultdict(list)
        for month, day in self.days:
            months[day].append(month)
        rules = rruleset()
        for day, of_months in months.items():
            # The last of these days that the month has.
            nearest = range(min(day, _SHORTEST_MONTH), day + 1)
            rules.rrule(
                rrule(MONTHLY, dtstart=start, bymonth=of_months, bymonthday=list(nearest), bysetpos=-1)
            )
        return rules

    def _due_on(self, day: date, calendar: WorkingCalendar) -> date | None:
        """Return the day on which a turn is due, None for a week or a day on which nobody works."""
        if self.recurrence == "daily":
            return day if calendar.is_working(day) else None
        if self.recurrence == "weekly" and self.weekday is None:
            week = (day - timedelta(days=back) for back in range(7))
            return next((each for each in week if calendar.is_working(each)), None)
        return day
