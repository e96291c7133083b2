"""What a ranking knows of each task at the end of its cut-off day, told from the events of the task in order.

Who answers for what (decisions, with their reasons):

- A task counts for the unit that leads it at the end of the cut-off day, as in B.4: else the figures of the
  ranking and of the table beside it would differ.
- Extensions, returns for rework, reminders and the time until acceptance count from the moment at which that
  unit got the task. What a unit before it did is no merit and no fault of its own.
- A task that was overdue already when the unit got it stays in the figures but not in the score, also when it
  came from a unit that ended: nobody can keep a deadline that had passed. It is named beside the table.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from tracker.rules.deadlines import WorkingCalendar
from tracker.rules.status import OVERDUE_CELLS, Cell, State

MOVES = ("reassign", "transfer", "inherit")
"""What gives a task to another unit; “inherit” when the one that led it ended."""
EVENTS = (*MOVES, "accept", "report", "rework", "ask_extension", "grant_extension")
"""What of the history of a task is asked for, by its `do`."""


class Event(NamedTuple):
    """One entry in the history of a task; `id` is the order of entry, `on` a day in Vietnam."""

    id: int
    do: str
    on: date


class Reminding(NamedTuple):
    """One time that people were told of a task, however many of them: the sort of the rung, the first day.

    `sort` is "before", "due", "hour", "late" or "urge"; `entry` is the id of the entry of an urging by hand.
    """

    sort: str
    on: date
    entry: int | None = None


@dataclass(frozen=True, slots=True)
class Tenure:
    """What happened since the unit of the cut-off day got the task."""

    taken_on: date | None = None
    """The day on which it came from another unit, None when it was given to this one."""
    is_inherited: bool = False
    """It came from a unit that ended."""
    since: date | None = None
    """The day from which the time until acceptance counts; None when another unit had accepted it."""
    accepted_on: date | None = None
    asked: int = 0
    granted: int = 0
    reports: int = 0
    reworks: int = 0
    entry: int = 0
    """The id of the entry that brought the task here, 0 when it was given to this unit."""


def tenure_of(given_on: date, events: Iterable[Event]) -> Tenure:
    """Return the tenure of the last unit from all events of a task, in the order of entry.

    A rework counts against the unit whose report was returned: none, when another unit had reported.
    """
    taken_on, is_inherited, entry = None, False, 0
    since: date | None = given_on
    accepted_on: date | None = None
    was_accepted = has_reported = False
    numbers = {"ask_extension": 0, "grant_extension": 0, "report": 0, "rework": 0}
    for event in events:
        match event.do:
            case "reassign" | "transfer" | "inherit":
                taken_on, is_inherited, entry = event.on, event.do == "inherit", event.id
                was_accepted = was_accepted and event.do != "reassign"
                since, accepted_on = (None if was_accepted else event.on), None
                has_reported = False
                numbers = dict.fromkeys(numbers, 0)
            case "accept":
                was_accepted, accepted_on = True, event.on
            case "rework":
                numbers["rework"] += has_reported
            case do:
                has_reported = has_reported or do == "report"
                numbers[do] += 1
    return Tenure(
        taken_on, is_inherited, since, accepted_on, numbers["ask_extension"], numbers["grant_extension"],
        numbers["report"], numbers["rework"], entry,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class RankedTask:
    """A task that a ranking counts, as it stood at the end of the cut-off day."""

    task_id: int
    unit_id: int
    cell: Cell
    given_on: date
    due_on: date | None
    reported_on: date | None
    days: int
    """Days past the deadline: of an open task on the cut-off day, of a reported one when it was reported."""
    tenure: Tenure
    waited: int | None
    """Working days until the unit accepted it, or so far; None where that is not asked of this unit."""
    before: int
    """Times that it was reminded of by its deadline: a service, never held against a unit."""
    after: int
    """Times that the ladder told of it after its deadline."""
    urged: int
    """Times that it was urged by hand."""

    @property
    def is_late(self) -> bool:
        """Completed late, or open and overdue."""
        return self.cell is Cell.COMPLETED_LATE or self.cell in OVERDUE_CELLS

    @property
    def came_late(self) -> bool:
        """It is late, and its deadline had passed already when the unit got it."""
        taken, due = self.tenure.taken_on, self.due_on
        return self.is_late and taken is not None and due is not None and due < taken

    @property
    def is_judged(self) -> bool:
        """Its deadline is kept or broken, by this unit. What awaits confirmation is neither: the office is
        to speak, and its slowness makes nobody late."""
        return self.cell is Cell.COMPLETED_ON_TIME or (self.is_late and not self.came_late)

    @property
    def is_accepted(self) -> bool:
        """This unit accepted it."""
        return self.tenure.accepted_on is not None


def ranked_task(
    *, task_id: int, unit_id: int, cell: Cell, state: State, given_on: date, due_on: date | None,
    reported_on: date | None, days: int, events: Iterable[Event], remindings: Iterable[Reminding],
    on: date, calendar: WorkingCalendar,
) -> RankedTask:  # fmt: skip
    """Return what a ranking knows of a task at the end of `on`; `days` are those past the deadline."""
    tenure = tenure_of(given_on, events)
    sorts = [each.sort for each in remindings if _is_of(tenure, each)]
    return RankedTask(
        task_id, unit_id, cell, given_on, due_on, reported_on, days, tenure,
        _waited(tenure, state, on, calendar), sum(sort in ("before", "due", "hour") for sort in sorts),
        sorts.count("late"), sorts.count("urge"),
    )  # fmt: skip


def _is_of(tenure: Tenure, reminding: Reminding) -> bool:
    """Whether the present unit was reminded: the mail of the morning on which a task moved was not for it."""
    if tenure.taken_on is None:
        return True
    return reminding.entry > tenure.entry if reminding.entry is not None else reminding.on > tenure.taken_on


def _waited(tenure: Tenure, state: State, on: date, calendar: WorkingCalendar) -> int | None:
    if tenure.since is None:
        return None
    if tenure.accepted_on is not None:
        return calendar.between(tenure.since, tenure.accepted_on)
    return calendar.between(tenure.since, on) if state is State.NOT_STARTED else None
