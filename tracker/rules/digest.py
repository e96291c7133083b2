"""In which section of a person's daily mail a task stands, and how many lines such a mail holds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from typing import Any, Protocol, TypeVar

from sqlalchemy import ColumnElement, and_, or_

from tracker.rules.deadlines import WorkingCalendar
from tracker.rules.ladder import Ladder
from tracker.rules.status import OVERDUE_CELLS, RUNNING_STATES, Facts, State, in_states, status_of

MOST_LINES = 20


class Section(StrEnum):
    """The sections of a digest, in their order."""

    OVERDUE = "overdue"
    DUE_TODAY = "due_today"
    DUE_SOON = "due_soon"
    WAITING = "waiting"
    """Waits for this person to confirm or to decide."""
    NEW = "new"
    DECIDED = "decided"


ORDER = tuple(Section)


def section_by_deadline(
    facts: Facts, *, day: date, calendar: WorkingCalendar, due_soon_days: int
) -> Section | None:
    """Return the section that the deadline of a running task puts it into on `day`, None while it is far.

    `due_soon_days` are working days, the setting behind “sắp đến hạn”.
    """
    if facts.state not in RUNNING_STATES or facts.due_on is None:
        return None
    if status_of(facts, day=day) in OVERDUE_CELLS:
        return Section.OVERDUE
    if facts.due_on == day:
        return Section.DUE_TODAY
    return Section.DUE_SOON if calendar.between(day, facts.due_on) <= due_soon_days else None


def horizon_of(day: date, *, calendar: WorkingCalendar, ladder: Ladder, due_soon_days: int) -> date:
    """Return the last deadline that a mail of `day` may name: as far as the earliest rung or “due soon”
    reaches."""
    return calendar.last_within(day, max((*ladder.before, due_soon_days)))


def may_be_told_sql(columns: Any, *, horizon: Any) -> ColumnElement[bool]:
    """Return the SQL condition that a task may stand in somebody's mail; the rest need not be read.

    It holds for what is overdue or due by `horizon` (of `horizon_of`, or a parameter that stands for it), not
    accepted, or waiting for a confirmation.
    """
    return or_(
        and_(in_states(columns, RUNNING_STATES), columns.due_on <= horizon),
        in_states(columns, (State.NOT_STARTED, State.AWAITING_CONFIRMATION)),
    )


class Listed(Protocol):
    """A line of a mail: its section, and whether it says something that was not told yet."""

    @property
    def section(self) -> Section: ...

    @property
    def is_new(self) -> bool: ...


Line = TypeVar("Line", bound=Listed)


def lines_shown(lines: Sequence[Line]) -> list[Line]:
    """Return the lines that a mail has room for, in the order of the sections.

    What was not told yet goes before what was, so that a long list of old work never hides news; within
    that the earlier section goes first. Lines of one section keep their order.
    """
    by_weight = sorted(lines, key=lambda line: (not line.is_new, ORDER.index(line.section)))
    kept = {id(line) for line in by_weight[:MOST_LINES]}
    return sorted((line for line in lines if id(line) in kept), key=lambda line: ORDER.index(line.section))
