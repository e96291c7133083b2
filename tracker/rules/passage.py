"""A task's way through the cells of table B.4: where it stood on each day, since when, and by which deed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, Protocol

from tracker.rules.status import RUNNING_STATES, Cell, State, status_of


class Stretch(Protocol):
    """The facts that decide status over the days from `valid_from` to the day before `valid_to`."""

    @property
    def assigner_id(self) -> int: ...
    @property
    def unit_id(self) -> int: ...
    @property
    def state(self) -> State: ...
    @property
    def due_on(self) -> date | None: ...
    @property
    def reported_on(self) -> date | None: ...
    @property
    def valid_from(self) -> date: ...
    @property
    def valid_to(self) -> date: ...


class Deed(Protocol):
    """An entry of the history, as far as it can have made a fact."""

    @property
    def do(self) -> str: ...
    @property
    def on_day(self) -> date | None: ...
    @property
    def from_state(self) -> State | None: ...
    @property
    def to_state(self) -> State | None: ...


class Fact(StrEnum):
    """What decides the row and the cell of a task."""

    ASSIGNER = "assigner"
    UNIT = "unit"
    STATE = "state"
    DUE = "due"
    REPORTED = "reported"


_MAKERS = {
    Fact.ASSIGNER: {"give"},
    Fact.UNIT: {"give", "reassign", "transfer", "inherit"},
    Fact.DUE: {"give", "set_due", "grant_extension"},
    Fact.REPORTED: {"report"},
}
"""The deeds that can set a fact; the state is set by whatever leaves another one than it found."""


class Outside(StrEnum):
    """Why B.4 of a period does not count a task at the end of a day."""

    NOT_GIVEN = "not_given"
    CANCELLED = "cancelled"
    COMPLETED_BEFORE = "completed_before"


@dataclass(frozen=True)
class Stay:
    """The days in which a task stood in one cell (None: in none) of one unit's row, without a break.

    `last` is the day before it moved on. `by_itself` tells that it came there because its deadline passed,
    not by anybody's deed; `stretch` holds the facts of the first day.
    """

    first: date
    last: date
    cell: Cell | None
    by_itself: bool
    stretch: Any


def stays(stretches: Iterable[Stretch]) -> Sequence[Stay]:
    """Return where a task stood, from the day on which it was given; `stretches` come in their order.

    The last one is of the facts known now, so its days may lie ahead: it tells where the task will stand by
    itself if nothing is done.
    """
    found: list[Stay] = []
    for stretch in stretches:
        for stay in _within(stretch):
            before = found[-1] if found else None
            if before is not None and _place(before) == _place(stay):
                found[-1] = replace(before, last=stay.last)
            else:
                found.append(stay)
    return found


def _within(stretch: Stretch) -> Iterable[Stay]:
    """Return the one or two stays of a stretch: a deadline that passes within it moves the task."""
    first, last = stretch.valid_from, stretch.valid_to - timedelta(days=1)
    passes = stretch.due_on is not None and stretch.state in RUNNING_STATES and first <= stretch.due_on < last
    if not passes or stretch.due_on is None:
        return [Stay(first, last, status_of(stretch, day=first), False, stretch)]
    overdue = stretch.due_on + timedelta(days=1)
    return [
        Stay(first, stretch.due_on, status_of(stretch, day=first), False, stretch),
        Stay(overdue, last, status_of(stretch, day=overdue), True, stretch),
    ]


def _place(stay: Stay) -> tuple[Any, ...]:
    return stay.stretch.assigner_id, stay.stretch.unit_id, stay.cell


def outside(stretch: Stretch | None, *, first: date) -> Outside | None:
    """Return why B.4 of a period from `first` on leaves out a task with these facts, None if it counts.

    A completed task is counted where it was still open on a day of the period: the day of the confirmation,
    on which its completed stretch begins, is one (domain §4).
    """
    if stretch is None:
        return Outside.NOT_GIVEN
    if stretch.state is State.CANCELLED:
        return Outside.CANCELLED
    if stretch.state is State.COMPLETED and stretch.valid_from < first:
        return Outside.COMPLETED_BEFORE
    return None


def maker_of(fact: Fact, deeds: Iterable[Deed], *, day: date) -> Any:
    """Return the entry that made a fact what it was at the end of `day`, None where no entry tells.

    `deeds` come in the order of entry: of several on one day the last one counts (domain §4).
    """
    made = None
    for deed in deeds:
        if deed.on_day is None or deed.on_day > day:
            continue
        if fact is Fact.STATE:
            made = deed if deed.to_state not in (None, deed.from_state) else made
        elif deed.do in _MAKERS[fact]:
            made = deed
    return made


def mover_to(stay: Stay, deeds: Iterable[Deed]) -> Any:
    """Return the entry that moved a task to where it stayed, None where its deadline did or no entry tells.

    It is the last of that day that can have set one of the facts that decide row and cell.
    """
    if stay.by_itself:
        return None
    of_day = [deed for deed in deeds if deed.on_day == stay.first]
    every = {do for dos in _MAKERS.values() for do in dos}
    movers = [
        deed for deed in of_day if deed.do in every or deed.to_state not in (None, deed.from_state)
    ]
    return movers[-1] if movers else None
