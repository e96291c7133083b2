"""Units: who may found, correct and end them, and what an ended unit leaves to its successor."""

from datetime import date

import pytest

from tests.factories import FOUNDED_ON
from tracker.models.people import Role
from tracker.operations import units
from tracker.operations.recording import ChangedMeanwhile, Stamp
from tracker.queries.standing import roles_on
from tracker.rules.status import State
from tracker.rules.workflow import DomainError, NotAllowed

TODAY = date(2026, 6, 1)


def test_what_a_unit_has_not_completed_goes_to_its_successor_and_the_rest_stays(cast):
    open_task, done = cast.make_task(), cast.make_task(state=State.COMPLETED)

    moved = units.end(cast.lead, stamp=Stamp(on=TODAY, by=cast.admin), successor=cast.commune)

    assert moved == 1
    assert open_task.unit is cast.commune
    assert done.unit is cast.lead


def test_a_unit_with_open_tasks_does_not_end_without_a_successor(cast):
    cast.make_task()

    with pytest.raises(units.NeedsSuccessor):
        units.end(cast.lead, stamp=Stamp(on=TODAY, by=cast.admin))

    assert cast.lead.exists_on(TODAY)


def test_the_roles_held_in_a_unit_end_with_it(cast):
    units.end(cast.commune, stamp=Stamp(on=TODAY, by=cast.admin))

    assert roles_on(cast.outsider, TODAY) == []
    assert [held.role for held in roles_on(cast.outsider, date(2026, 5, 31))] == [Role.UNIT_HEAD]


def test_nobody_ends_the_unit_in_which_they_administer(cast):
    with pytest.raises(DomainError, match="tự bỏ vai trò quản trị"):
        units.end(cast.city, stamp=Stamp(on=TODAY, by=cast.admin))

    assert cast.city.exists_on(TODAY)


def test_a_unit_that_was_corrected_meanwhile_does_not_end_unseen(cast):
    seen = cast.commune.version
    units.correct(cast.commune, stamp=Stamp(on=TODAY, by=cast.admin), name="UBND xã Phú An mới")

    with pytest.raises(ChangedMeanwhile):
        units.end(cast.commune, stamp=Stamp(on=TODAY, by=cast.admin, seen=seen))


@pytest.mark.parametrize("part", ["chairman", "tracker", "head", "officer", "inspector"])
def test_only_an_administrator_founds_units(cast, part):
    with pytest.raises(NotAllowed):
        units.found(
            stamp=Stamp(on=TODAY, by=cast.everybody[part]), code="moi", name="Phòng mới", parent=cast.city
        )


def test_an_administrator_of_one_tree_has_no_say_in_another(cast):
    root = units.found(stamp=Stamp(on=FOUNDED_ON), code="tinh-khac", name="UBND tỉnh khác")
    stranger = cast.make_person(unit=root, role=Role.ADMIN)

    with pytest.raises(NotAllowed):
        units.correct(cast.lead, stamp=Stamp(on=TODAY, by=stranger), name="Đổi tên")
