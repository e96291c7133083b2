"""B.4 of a day of the past prints what was written on that day, in few statements however much it counts."""

from datetime import date

import pytest

from tests.counting import statements
from tracker.models.units import Unit
from tracker.operations import directives, people, tasks, units
from tracker.operations.recording import Stamp
from tracker.queries import b4
from tracker.rules.b4_table import Grouping
from tracker.rules.status import State

pytestmark = pytest.mark.both_databases

FIRST, ON, LATER = date(2026, 3, 1), date(2026, 3, 25), date(2026, 4, 10)


def asked(cast, on=ON, **values) -> b4.Question:
    return b4.Question(cast.city, FIRST, on, on, **values)


def correct_everything(cast, task) -> None:
    later = Stamp(on=LATER)
    units.correct(cast.lead, stamp=later, name="Sở Nội vụ", order=9)
    units.correct(cast.city, stamp=later, name="UBND thành phố Hương Giang")
    people.correct(cast.chairman, stamp=later, name="Trần Hùng")
    directives.correct(task.directive, stamp=later, number="99/QĐ-UBND", field="Y tế")
    tasks.edit(task, stamp=later, content="Nội dung mới", product="Báo cáo", leader=cast.inspector)


def test_what_is_corrected_later_changes_no_earlier_report(cast):
    task = cast.make_task(due_on=date(2026, 3, 20), state=State.IN_PROGRESS, content="Nội dung cũ")
    cast.make_task(unit=cast.commune)
    before = b4.report(asked(cast))

    correct_everything(cast, task)

    assert b4.report(asked(cast)) == before
    assert b4.report(asked(cast)).checksum == before.checksum
    now = b4.report(asked(cast, on=LATER))
    assert now.assigner_name == "UBND thành phố Hương Giang"
    changed = next(each for each in now.tasks if each.key == task.key)
    assert (changed.content, changed.field, changed.leader_name) == ("Nội dung mới", "Y tế", "Đặng Minh Tuấn")
    assert [unit.name for unit in now.units] == ["UBND xã Phú An", "Sở Nội vụ"]


def test_the_tasks_behind_a_number_are_told_as_they_were(cast):
    task = cast.make_task(due_on=date(2026, 3, 20), state=State.IN_PROGRESS, content="Nội dung cũ")
    number = task.directive.number
    correct_everything(cast, task)

    ((then,), following) = b4.read_behind(b4.tasks_behind(asked(cast)), first=ON, on=ON, most=10)

    assert following is None
    assert (then.content, then.directive_number, then.unit_name) == ("Nội dung cũ", number, "Phòng Nội vụ")
    assert (then.given_on, then.original_due_on, then.days) == (date(2026, 3, 2), date(2026, 3, 20), 5)


def test_sub_units_stand_under_their_unit_or_are_folded_into_it(cast):
    team = cast.make_unit(parent=cast.commune, name="Tổ địa chính")
    for unit in (cast.lead, team, team, cast.commune):
        cast.make_task(unit=unit)

    apart, folded = b4.table(asked(cast)), b4.table(asked(cast, folded=True))

    assert [(row.name, row.depth, row.all) for row in apart.rows] == [
        ("Phòng Nội vụ", 0, 1), ("UBND xã Phú An", 0, 1), ("Tổ địa chính", 1, 2),
    ]  # fmt: skip
    assert [(row.name, row.depth, row.all) for row in folded.rows] == [
        ("Phòng Nội vụ", 0, 1), ("UBND xã Phú An", 0, 3),
    ]  # fmt: skip
    behind = b4.tasks_behind(asked(cast, folded=True), row_key=cast.commune.code)
    assert b4.count(behind) == 3


def test_every_unit_below_has_a_row_when_asked_folded_or_not(cast):
    cast.make_unit(parent=cast.commune)
    cast.make_task(unit=cast.lead)

    rows, folded = (b4.table(asked(cast, folded=each), all_units=True).rows for each in (False, True))

    assert [row.code for row in rows][:3] == ["noi-vu", "tai-chinh", "phu-an"]
    assert len(rows) == 4
    assert [row.code for row in folded] == ["noi-vu", "tai-chinh", "phu-an"]


@pytest.mark.parametrize("grouping", list(Grouping))
def test_the_number_of_statements_does_not_grow_with_the_tasks(cast, grouping):
    def number() -> tuple[int, int]:
        question = asked(cast, grouping=grouping)
        with statements() as table:
            b4.table(question)
        with statements() as report:
            b4.report(question)
        return len(table), len(report)

    correct_everything(cast, cast.make_task())
    few = number()
    for _ in range(3):
        unit: Unit = cast.make_unit()
        for leader in (cast.chairman, cast.inspector, None):
            correct_everything(cast, cast.make_task(unit=unit, leader=leader))

    assert number() == few
    assert few[0] <= 7 and few[1] <= 7


def test_a_role_opens_the_tables_that_it_reaches_and_no_others(cast):
    cast.make_task()

    opened = {
        part: [(each.unit, each.in_full) for each in b4.assigners_open_to(user, day=ON)]
        for part, user in cast.everybody.items()
    }

    whole, its_part = [(cast.city, True)], [(cast.city, False)]
    assert opened == {
        "chairman": whole, "tracker": whole, "inspector": whole, "head": its_part, "officer": its_part,
        "coordinator": [], "outsider": [], "admin": [],
    }  # fmt: skip
