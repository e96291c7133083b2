"""Working days: which day is one, counting them, and how a day is written in Vietnamese."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from tracker.rules.words import N_

WEEKDAYS = (
    N_("thứ Hai"),
    N_("thứ Ba"),
    N_("thứ Tư"),
    N_("thứ Năm"),
    N_("thứ Sáu"),
    N_("thứ Bảy"),
    N_("Chủ nhật"),
)
SATURDAY = 5


def weekday_name(day: date) -> str:
    """Return the Vietnamese name of the weekday, from "thứ Hai" to "Chủ nhật"."""
    return WEEKDAYS[day.weekday()]


def day_text(day: date) -> str:
    """Write a day as all pages do, dd/mm/yyyy: 24/06/2026."""
    return f"{day.day:02}/{day.month:02}/{day.year:04}"


@dataclass(frozen=True)
class WorkingCalendar:
    """Which days are worked: Monday to Friday, less `days_off`, plus `working_days`.

    `days_off` are holidays, compensatory and swapped days; `working_days` are the Saturdays and Sundays
    worked in their place. A day in both is worked: a swap is decided after the holiday was listed.
    """

    days_off: frozenset[date] = frozenset()
    working_days: frozenset[date] = frozenset()

    def is_working(self, day: date) -> bool:
        """Tell whether `day` is worked."""
        return day in self.working_days or (day.weekday() < SATURDAY and day not in self.days_off)

    def next_working(self, day: date) -> date:
        """Return `day` itself when it is worked, else the first one after it (Civil Code art. 148.6)."""
        return day if self.is_working(day) else self.add(day, 1)

    def add(self, day: date, n: int) -> date:
        """Return the n-th working day after `day`, before it when n is negative, `day` itself when n is 0.

        `day` itself is never counted: a period begins on the day after (Civil Code art. 147.2), and it need
        not be a working day.
        """
        direction = 1 if n >= 0 else -1
        # Five working days a week at least, once every day off has been made up for.
        longest = 7 * (abs(n) + len(self.days_off) + 5) // 5 + 7

        def counted(distance: int) -> int:
            return abs(self.between(day, day + timedelta(days=direction * distance)))

        return day + timedelta(days=direction * bisect_left(range(longest), abs(n), key=counted))

    def last_within(self, day: date, n: int) -> date:
        """Return the last day at most `n` working days after `day`; days off behind the n-th are within too.

        What is due then is what `between` calls due within n working days.
        """
        return self.add(day, n + 1) - timedelta(days=1)

    def between(self, first: date, last: date) -> int:
        """Count the working days from `first` (exclusive) to `last` (inclusive), negative when it is earlier.

        From today to the due date it is what the interface prints as "còn n ngày làm việc"; from the due
        date to today it is the number of working days late.
        """
        one = timedelta(days=1)
        if last >= first:
            return self._worked_through(last) - self._worked_through(first)
        return self._worked_through(last - one) - self._worked_through(first - one)

    def _worked_through(self, day: date) -> int:
        """Count the working days from the beginning of the calendar to the end of `day`."""
        # 1 January of the year 1, ordinal 1, was a Monday.
        weeks, days = divmod(day.toordinal(), 7)
        return (
            5 * weeks
            + min(days, 5)
            - bisect_right(self._weekdays_off, day)
            + bisect_right(self._weekends_worked, day)
        )

    @cached_property
    def _weekdays_off(self) -> list[date]:
        return sorted(_of_the_week(self.days_off - self.working_days))

    @cached_property
    def _weekends_worked(self) -> list[date]:
        return sorted(self.working_days - set(_of_the_week(self.working_days)))


def _of_the_week(days: Iterable[date]) -> Iterable[date]:
    return (day for day in days if day.weekday() < SATURDAY)
