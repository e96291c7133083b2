"""A row of B.4 is called by itself as the table calls it; of what the table has not nothing is told."""

from datetime import date

import pytest
from sqlalchemy import select

from tracker.models.task import Task
from tracker.models.units import Unit
from tracker.operations import directives, people, units
from tracker.operations.recording import Stamp
from tracker.queries import b4
from tracker.rules.b4_table import Grouping
from tracker.rules.status import State

pytestmark = pytest.mark.both_databases

ON, LATER = date(2026, 3, 25), date(2026, 4, 10)


def asked(cast, grouping, on=ON, **values) -> b4.Question:
    return b4.Question(cast.city, date(2026, 1, 1), on, on, grouping=grouping, **values)


@pytest.fixture
def world(cast):
    """Tasks of two fields and none, of a leader and none, of two months and units."""
    of_field, of_none = cast.make_directive(field="Đất đai & nhà ở"), cast.make_directive()
    cast.paper = of_field
    cast.make_task(directive=of_field, state=State.COMPLETED)
    cast.make_task(directive=of_none, leader=None, unit=cast.commune, given_on=date(2026, 2, 28))
    return cast


@pytest.mark.parametrize("grouping", Grouping)
def test_each_row_is_called_as_in_the_table_also_after_corrections(world, grouping):
    names = {row.key: row.name for row in b4.table(asked(world, grouping)).rows}

    stamp = Stamp(on=LATER)
    units.correct(world.lead, stamp=stamp, name="Sở Nội vụ")
    people.correct(world.chairman, stamp=stamp, name="Trần Hùng")
    directives.correct(world.paper, stamp=stamp, number="99/QĐ-UBND", field="Y tế")

    assert len(names) == 2
    assert {key: b4.row_name(asked(world, grouping), key) for key in names} == names
    later = asked(world, grouping, on=LATER)
    now = {row.key: row.name for row in b4.table(later).rows}
    assert {key: b4.row_name(later, key) for key in now} == now
    assert (now == names) == (grouping is Grouping.MONTH)


@pytest.mark.parametrize(
    ("grouping", "key"),
    [
        (Grouping.UNIT, "khong-co"), (Grouping.FIELD, "Y tế"), (Grouping.LEADER, "khong-co"),
        (Grouping.MONTH, "2026-13"), (Grouping.MONTH, ""), (Grouping.MONTH, "2025-12"),
        (Grouping.DIRECTIVE, ""), (Grouping.DIRECTIVE, "khong-co"),
    ],
)  # fmt: skip
def test_what_the_table_does_not_have_has_no_name(world, grouping, key):
    assert b4.row_name(asked(world, grouping), key) is None


def test_of_papers_and_leaders_that_are_not_theirs_nothing_is_told(world):
    strange = b4.Part(units=select(Unit.id), tasks=Task.unit_id == world.coordinating.id)
    unused = world.make_directive()

    assert b4.row_name(asked(world, Grouping.DIRECTIVE), unused.key) is None
    assert b4.row_name(asked(world, Grouping.LEADER), world.tracker.login) is None
    for grouping in (Grouping.DIRECTIVE, Grouping.LEADER):
        for row in b4.table(asked(world, grouping)).rows:
            assert b4.row_name(asked(world, grouping, part=strange), row.key) is None
