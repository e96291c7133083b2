"""THE status rule: in which cell of table B.4 a task stands at the end of a day.

Facts are stored, status is derived. The rule stands here twice, for one row and for SQL, one above the
other; `tests/test_status_twins.py` proves them equal.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from enum import StrEnum
from typing import Any, Protocol, cast

from sqlalchemy import ColumnElement, and_, case, literal, literal_column


class State(StrEnum):
    """What is stored of a task's way (domain §3). Overdue is never stored: it follows from the day asked."""

    DRAFT = "draft"
    NOT_STARTED = "not_started"
    IN_PROGRESS = "in_progress"
    AWAITING_CONFIRMATION = "awaiting_confirmation"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


OPEN_STATES = (State.NOT_STARTED, State.IN_PROGRESS, State.AWAITING_CONFIRMATION)
"""Given and neither completed nor cancelled: what is awaiting confirmation is still open."""

RUNNING_STATES = (State.NOT_STARTED, State.IN_PROGRESS)
"""The clock runs against the unit, and the deadline may still change."""


class Cell(StrEnum):
    """The seven cells of table B.4, in the order of its columns."""

    NOT_STARTED_NOT_DUE = "not_started_not_due"
    NOT_STARTED_OVERDUE = "not_started_overdue"
    IN_PROGRESS_NOT_DUE = "in_progress_not_due"
    IN_PROGRESS_OVERDUE = "in_progress_overdue"
    AWAITING_CONFIRMATION = "awaiting_confirmation"
    COMPLETED_ON_TIME = "completed_on_time"
    COMPLETED_LATE = "completed_late"


CELLS = tuple(Cell)
OVERDUE_CELLS = (Cell.NOT_STARTED_OVERDUE, Cell.IN_PROGRESS_OVERDUE)
COMPLETED_CELLS = (Cell.COMPLETED_ON_TIME, Cell.COMPLETED_LATE)


CELLS_OF = {
    State.NOT_STARTED: (Cell.NOT_STARTED_NOT_DUE, Cell.NOT_STARTED_OVERDUE),
    State.IN_PROGRESS: (Cell.IN_PROGRESS_NOT_DUE, Cell.IN_PROGRESS_OVERDUE),
    State.AWAITING_CONFIRMATION: (Cell.AWAITING_CONFIRMATION, Cell.AWAITING_CONFIRMATION),
    State.COMPLETED: (Cell.COMPLETED_ON_TIME, Cell.COMPLETED_LATE),
}
"""The states that B.4 counts, each with its cell while it is in time and its cell once it is late. What
awaits confirmation has one."""


class Facts(Protocol):
    """What decides status: a task row, or a stretch of days of one."""

    @property
    def state(self) -> Any: ...
    @property
    def due_on(self) -> Any: ...
    @property
    def reported_on(self) -> Any: ...


def status_of(facts: Facts, *, day: date) -> Cell | None:
    """Return the B.4 cell of one task at the end of `day`, or None when B.4 does not count it.

    Due on `day` itself is not overdue: overdue begins the day after. A completed task is late by the day
    it was reported, not by the day of the confirmation. Without a deadline an open task is not due, a
    completed one on time (domain §3; the last is a decision of this product).
    """
    cells = CELLS_OF.get(facts.state)
    if cells is None:
        return None
    until = facts.reported_on if facts.state == State.COMPLETED else day
    return cells[facts.due_on is not None and until is not None and facts.due_on < until]


def late_sql(columns: Any, state: State, *, day: date | ColumnElement[date]) -> ColumnElement[bool]:
    """Return the SQL condition that a task of this state stands in the second of its cells in `CELLS_OF`.

    All open states share one condition. A comparison with a missing day is NULL: such a task is in time.
    """
    until = columns.reported_on if state is State.COMPLETED else day
    return cast("ColumnElement[bool]", columns.due_on < until)


def cell_sql(
    columns: Any, *, day: date | ColumnElement[date], states: Collection[State] = tuple(State)
) -> ColumnElement[Any]:
    """Return the twin of `status_of` as an SQL expression over columns `state`, `due_on`, `reported_on`.

    Where only some `states` can occur, the caller sees to it: what decides about others is left alone, as an
    index may lack it, and what is none of the other states is taken for the last one unseen.
    """
    chosen = [
        (in_states(columns, (state,)), _one_of(cells, late_sql(columns, state, day=day)))
        for state, cells in CELLS_OF.items() if state in states
    ]  # fmt: skip
    if len(chosen) < len(states):
        return case(*chosen, else_=None)
    *others, (_state, last) = chosen
    return case(*others, else_=last) if others else last


def _one_of(cells: tuple[Cell, Cell], late: ColumnElement[bool]) -> ColumnElement[str]:
    in_time, past = (literal(cell.value) for cell in cells)
    return in_time if cells[0] is cells[1] else case((late, past), else_=in_time)


def in_states(columns: Any, states: tuple[State, ...]) -> ColumnElement[bool]:
    """Return the SQL condition that `columns.state` is one of these, written out as constants.

    A partial index serves only a query that names its condition with the same constants, not with
    parameters; and “= 'completed'” is not the same to SQLite as “IN ('completed')”.
    """
    constants = [literal_column(f"'{state.value}'", columns.state.type) for state in states]
    return columns.state == constants[0] if len(constants) == 1 else columns.state.in_(constants)


def overdue_sql(columns: Any, *, day: date | ColumnElement[date]) -> ColumnElement[bool]:
    """Return the SQL condition that a task stands in one of the two overdue cells at the end of `day`."""
    return and_(in_states(columns, RUNNING_STATES), columns.due_on < day)


def due_within_sql(columns: Any, *, first: Any, last: Any) -> ColumnElement[bool]:
    """Return the SQL condition that the clock runs and the deadline lies within `[first, last]`: days, or
    parameters that stand for them.

    From today to today it is due today; from tomorrow to the last of the coming working days it is due soon;
    from the latest working day to yesterday it is newly overdue.
    """
    return and_(in_states(columns, RUNNING_STATES), columns.due_on >= first, columns.due_on <= last)


def fallen_due_sql(columns: Any, *, day: date | ColumnElement[date]) -> ColumnElement[bool]:
    """Return the SQL condition that the deadline, if there is one, has come by the end of `day`."""
    return columns.due_on <= day


def due_in_sql(columns: Any, *, first: date, last: date) -> ColumnElement[bool]:
    """Return the SQL condition that the deadline lies within `[first, last]`, whatever the state."""
    return and_(columns.due_on >= first, columns.due_on <= last)


def kept_deadline_sql(columns: Any) -> ColumnElement[bool]:
    """Return the SQL condition that a task was reported by its deadline, confirmed since or not."""
    states = (State.AWAITING_CONFIRMATION, State.COMPLETED)
    return and_(in_states(columns, states), columns.reported_on <= columns.due_on)


def days_overdue(facts: Facts, *, day: date) -> int:
    """Return by how many days an open task is past its deadline on `day`, or a reported one was; else 0."""
    if facts.due_on is None:
        return 0
    last_day = facts.reported_on if facts.state in (State.COMPLETED, State.AWAITING_CONFIRMATION) else day
    return max(0, (last_day - facts.due_on).days) if last_day else 0
