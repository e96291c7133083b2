"""How long reported tasks have waited for the office's confirmation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

LIMITS = (1, 3, 7, 14, 30)
"""The last day of each stretch of waiting; a last stretch is open."""


def reported_between(stretch: int, *, day: date) -> tuple[date | None, date | None]:
    """Return the first and the last day on which what waits in a stretch of `LIMITS` was reported.

    `stretch` counts from 0; None is an open end. The stretch of the day itself holds later reports too.
    """
    first = day - timedelta(days=LIMITS[stretch]) if stretch < len(LIMITS) else None
    last = day - timedelta(days=LIMITS[stretch - 1] + 1) if stretch else None
    return first, last


def days_waiting(reported_on: date, *, day: date) -> int:
    """Return the days from the report to the end of a day: 0 on the day of the report itself."""
    return max(0, (day - reported_on).days)


@dataclass(frozen=True)
class Ages:
    """How many tasks have waited so many days."""

    by_days: Mapping[int, int]

    @property
    def all(self) -> int:
        """All that wait."""
        return sum(self.by_days.values())

    @property
    def stretches(self) -> list[int]:
        """How many wait in each stretch of `LIMITS`, and longer."""
        sums = [0] * (len(LIMITS) + 1)
        for days, number in self.by_days.items():
            sums[sum(days > limit for limit in LIMITS)] += number
        return sums

    @property
    def median(self) -> int | None:
        """The lower median of the days, None when nothing waits."""
        so_far = 0
        for days in sorted(self.by_days):
            so_far += self.by_days[days]
            if 2 * so_far >= self.all:
                return days
        return None

    @property
    def oldest(self) -> int | None:
        """The longest wait, None when nothing waits."""
        return max(self.by_days, default=None)
