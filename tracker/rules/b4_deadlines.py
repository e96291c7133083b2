"""How the deadlines of one B.4 were kept, month by month, and how long its reported tasks wait.

All is told from the tasks of the report alone, so a frozen one says the same for ever.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from tracker.rules.b4_report import B4Report, CountedTask
from tracker.rules.b4_table import Grouping
from tracker.rules.overdue_report import month_ends
from tracker.rules.status import COMPLETED_CELLS, OVERDUE_CELLS, Cell
from tracker.rules.waiting import days_waiting, reported_between


class Deadlines(NamedTuple):
    """How many deadlines fell in a month, how many were kept, and how many tasks are overdue still."""

    fallen_due: int = 0
    on_time: int = 0
    overdue: int = 0

    @property
    def rate(self) -> Fraction | None:
        """The part of the deadlines that were kept, None when there was none."""
        return Fraction(self.on_time, self.fallen_due) if self.fallen_due else None


NO_DEADLINES = Deadlines()
_REPORTED = frozenset({Cell.AWAITING_CONFIRMATION, *COMPLETED_CELLS})


def months_until(day: date) -> list[date]:
    """Return the first days of the last twelve months, the month of `day` being the last."""
    return [end.replace(day=1) for end in month_ends(day)]


def is_due_in(task: CountedTask, month: date, *, day: date) -> bool:
    """Return whether a deadline lies in the month that begins on `month`, and is no later than `day`."""
    return task.due_on is not None and task.due_on <= day and task.due_on.replace(day=1) == month


def deadlines_by_month(tasks: Iterable[CountedTask], *, day: date) -> dict[date, Deadlines]:
    """Return how the deadlines up to `day` were kept, by the first day of their month."""
    fallen, kept, overdue = Counter[date](), Counter[date](), Counter[date]()
    for task in tasks:
        if task.due_on is None or task.due_on > day:
            continue
        month = task.due_on.replace(day=1)
        fallen[month] += 1
        overdue[month] += task.cell in OVERDUE_CELLS
        kept[month] += task.cell in _REPORTED and not task.days
    return {month: Deadlines(fallen[month], kept[month], overdue[month]) for month in fallen}


def deadlines_by_row(
    report: B4Report, grouping: Grouping, *, folded: bool
) -> Mapping[str, Mapping[date, Deadlines]]:
    """Return the same by the key of the row that a task stands in."""
    return {
        key: deadlines_by_month(tasks, day=report.on)
        for key, tasks in report.by_row(grouping, folded=folded).items()
    }


def waits_in(task: CountedTask, stretch: int, *, day: date) -> bool:
    """Return whether a task waits for confirmation since a day of one stretch of `waiting.LIMITS`."""
    first, last = reported_between(stretch, day=day)
    reported = task.reported_on
    return (
        task.cell is Cell.AWAITING_CONFIRMATION and reported is not None
        and (first is None or reported >= first) and (last is None or reported <= last)
    )  # fmt: skip


def waiting_days(tasks: Iterable[CountedTask], *, day: date) -> dict[int, int]:
    """Return how many tasks have waited for confirmation so many days at the end of `day`."""
    return dict(Counter(
        days_waiting(task.reported_on, day=day)
        for task in tasks if task.cell is Cell.AWAITING_CONFIRMATION and task.reported_on is not None
    ))  # fmt: skip
