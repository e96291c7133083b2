"""A task's way through the cells of B.4: each day in one stay, agreeing with the status rule."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from tracker.rules.passage import Fact, Outside, maker_of, mover_to, outside, stays
from tracker.rules.status import Cell, State, status_of

FIRST = date(2026, 3, 1)
FAR = date(9999, 12, 31)


class Stretch(NamedTuple):
    """The facts of some days."""

    state: State
    due_on: date | None = None
    reported_on: date | None = None
    valid_from: date = FIRST
    valid_to: date = FAR
    unit_id: int = 1
    assigner_id: int = 9


class Deed(NamedTuple):
    """An entry of the history."""

    do: str
    on_day: date | None
    from_state: State | None = None
    to_state: State | None = None


DAYS = st.dates(FIRST, FIRST + timedelta(days=40))
NO_DAY = st.none()
STATES = st.sampled_from([state for state in State if state is not State.DRAFT])


@st.composite
def ways(draw) -> list[Stretch]:
    """Draw stretches that follow each other without a gap, the last one open."""
    ends = sorted(draw(st.sets(DAYS, max_size=5)) - {FIRST})
    return [
        Stretch(draw(STATES), draw(NO_DAY | DAYS), draw(NO_DAY | DAYS), first, last, draw(st.integers(1, 2)))
        for first, last in zip([FIRST, *ends], [*ends, FAR], strict=True)
    ]


@given(ways())
def test_every_day_lies_in_one_stay_in_the_cell_of_the_status_rule(way: list[Stretch]) -> None:
    found = stays(way)

    for day in (FIRST + timedelta(days=n) for n in range(50)):
        (stretch,) = [each for each in way if each.valid_from <= day < each.valid_to]
        (stay,) = [each for each in found if each.first <= day <= each.last]
        assert stay.cell == status_of(stretch, day=day), day
        assert stay.stretch.unit_id == stretch.unit_id


@given(ways())
def test_a_new_stay_is_another_cell_or_row(way: list[Stretch]) -> None:
    found = stays(way)

    for before, after in pairwise(found):
        assert before.last + timedelta(days=1) == after.first
        assert (before.cell, before.stretch.unit_id) != (after.cell, after.stretch.unit_id)


def test_a_deadline_moves_a_task_by_itself_on_the_day_after() -> None:
    way = stays([Stretch(State.IN_PROGRESS, due_on=date(2026, 3, 10))])

    assert [(stay.first, stay.cell, stay.by_itself) for stay in way] == [
        (FIRST, Cell.IN_PROGRESS_NOT_DUE, False), (date(2026, 3, 11), Cell.IN_PROGRESS_OVERDUE, True),
    ]  # fmt: skip


def test_what_ends_on_its_due_day_was_never_overdue() -> None:
    due = date(2026, 3, 10)
    after = Stretch(State.COMPLETED, due, due, due + timedelta(days=1))

    way = stays([Stretch(State.IN_PROGRESS, due, valid_to=after.valid_from), after])

    assert [stay.cell for stay in way] == [Cell.IN_PROGRESS_NOT_DUE, Cell.COMPLETED_ON_TIME]


def test_completed_on_the_first_day_of_the_period_is_counted_and_the_day_before_is_not() -> None:
    done = Stretch(State.COMPLETED)

    assert outside(done, first=FIRST) is None
    assert outside(done, first=FIRST + timedelta(days=1)) is Outside.COMPLETED_BEFORE
    assert outside(Stretch(State.IN_PROGRESS), first=FAR) is None
    assert outside(Stretch(State.CANCELLED), first=FIRST) is Outside.CANCELLED
    assert outside(None, first=FIRST) is Outside.NOT_GIVEN


def test_of_several_entries_of_a_day_the_last_one_made_the_fact() -> None:
    deeds = [
        Deed("give", FIRST, State.DRAFT, State.NOT_STARTED), Deed("set_due", FIRST), Deed("set_due", FIRST),
        Deed("progress", FIRST, State.IN_PROGRESS, State.IN_PROGRESS), Deed("set_due", date(2026, 3, 2)),
    ]  # fmt: skip

    assert maker_of(Fact.DUE, deeds, day=FIRST) is deeds[2]
    assert maker_of(Fact.DUE, deeds, day=date(2026, 3, 2)) is deeds[4]
    assert maker_of(Fact.STATE, deeds, day=date(2026, 3, 2)) is deeds[0]
    assert maker_of(Fact.REPORTED, deeds, day=FIRST) is None
    (stay,) = stays([Stretch(State.NOT_STARTED)])
    assert mover_to(stay, deeds) is deeds[2]
