"""The list of tasks as a query: one statement, an index for a unit's open tasks, on both databases."""

from __future__ import annotations

import re
from datetime import date

import pytest

from tests.counting import plan_of, statements
from tracker.models.people import Role
from tracker.operations import tasks
from tracker.operations.recording import Stamp
from tracker.queries import task_list
from tracker.queries.home import Days
from tracker.queries.task_filter import COUNTED, OPEN, Filter, Scope
from tracker.queries.task_list import SORTS, choices_of, count_of, page_of, tally_of
from tracker.rules.deadlines import WorkingCalendar
from tracker.rules.status import State

TODAY = date(2026, 3, 10)


@pytest.fixture
def scope_of(cast):
    """Return the maker of what a person sees on the day of these tests."""

    def make(user) -> Scope:
        days = Days.around(TODAY, calendar=WorkingCalendar(), due_soon=3, silent=10)
        return Scope(user, today=TODAY, days=days)

    return make


@pytest.mark.about_sqlite
@pytest.mark.parametrize("part", ["head", "tracker"])
def test_the_open_tasks_of_a_unit_are_read_off_an_index_in_their_order(cast, scope_of, part):
    scope, chosen = scope_of(getattr(cast, part)), Filter(state=OPEN, unit=cast.lead.id)

    page = plan_of(lambda: page_of(scope, chosen, sort="due"))
    tally = plan_of(lambda: tally_of(scope, chosen))

    assert "SEARCH task USING COVERING INDEX ix_task_unit_open (unit_id=?" in page, page
    assert "SEARCH task USING COVERING INDEX ix_task_unit_open (unit_id=?" in tally, tally
    assert not re.search("(SCAN|coordination|officer|TEMP B-TREE).*task", page + tally), page + tally


@pytest.mark.about_sqlite
def test_all_the_tasks_of_a_unit_are_read_in_their_order_too(cast, scope_of):
    chosen = Filter(state=COUNTED, unit=cast.lead.id)
    page = plan_of(lambda: page_of(scope_of(cast.head), chosen, sort="due"))

    subquery = page.split("LIST SUBQUERY")[1].splitlines()
    assert "SEARCH task USING INDEX ix_task_unit_given (unit_id=?)" in subquery[1], page
    assert "TEMP B-TREE" not in subquery[2], page


def test_only_a_list_of_many_or_of_a_unit_is_walked_in_the_order_of_deadlines(cast, scope_of):
    scope = scope_of(cast.tracker)
    of_paper = Filter(state=OPEN, directive=cast.make_directive().id)
    of_unit = Filter(state=OPEN, unit=cast.lead.id)

    with statements() as seen:
        page_of(scope, of_paper, sort="due")
        page_of(scope, of_unit, sort="due")
        page_of(scope, Filter(state=OPEN), sort="due")

    assert ["ORDER BY coalesce(task.due_on" in statement for statement in seen] == [True, False, False]


@pytest.mark.both_databases
@pytest.mark.parametrize("role", ["lead", "coordinating", "mine", "given"])
def test_somebody_who_only_administers_has_no_part_in_any_task(cast, scope_of, role):
    cast.make_task()
    scope = scope_of(cast.admin)

    rows, following = page_of(scope, Filter(role=role), sort="due")

    assert (list(rows), following) == ([], None)


@pytest.mark.both_databases
@pytest.mark.parametrize("sort", SORTS)
def test_pages_hold_every_task_once_in_order(cast, scope_of, sort):
    days = [None, date(2026, 3, 20), date(2026, 3, 12), date(2026, 3, 20), None, date(2026, 4, 1)]
    orders = [
        tasks.Order(unit=(cast.lead, cast.commune)[n % 2], content=f"Việc {n}", due_on=day)
        for n, day in enumerate(days)
    ]
    made = tasks.give(cast.make_directive(), orders, stamp=Stamp(on=date(2026, 3, 2), by=cast.tracker))
    scope = scope_of(cast.tracker)

    whole, following = page_of(scope, Filter(state=OPEN), sort=sort)
    seen, after = [], None
    for _ in range(3):
        page, after = page_of(scope, Filter(state=OPEN), sort=sort, after=after, most=2)
        seen += [row.id for row in page]

    assert following is None and after is None
    assert seen == [row.id for row in whole]
    assert sorted(seen) == sorted(task.id for task in made)


@pytest.mark.both_databases
def test_counts_agree_with_the_lists_they_lead_to(cast, scope_of, make_task, make_directive):
    paper = make_directive(field="Đất đai")
    make_task(directive=paper, due_on=date(2026, 3, 9))
    make_task(directive=paper, due_on=TODAY, state=State.IN_PROGRESS)
    make_task(unit=cast.make_unit(parent=cast.commune), coordinating=[], due_on=None)
    make_task(unit=cast.commune, coordinating=[], state=State.AWAITING_CONFIRMATION, reported_on=TODAY)
    make_task(state=State.COMPLETED, reported_on=TODAY)
    scope, chosen = scope_of(cast.tracker), Filter(state=OPEN)

    counts = tally_of(scope, chosen).choices
    units = {choice.value: choice.tasks for choice in choices_of(scope, chosen, "unit")}
    fields = {choice.value: choice.tasks for choice in choices_of(scope, chosen, "field")}

    for (name, word), number in counts.items():
        values = {"state": OPEN} | {name: word}
        assert number == count_of(scope, Filter(**values)), (name, word)
    for unit, number in units.items():
        assert number == count_of(scope, Filter(state=OPEN, unit=unit))
    assert units[cast.commune.id] == 2
    assert fields == {"Đất đai": 2}


@pytest.mark.both_databases
def test_a_long_list_is_counted_to_an_end_and_its_choices_only_when_asked(
    cast, scope_of, make_task, monkeypatch
):
    monkeypatch.setattr(task_list, "MOST_COUNTED", 2)
    for _ in range(3):
        make_task(due_on=date(2026, 3, 9))
    make_task(state=State.AWAITING_CONFIRMATION, reported_on=TODAY)
    scope = scope_of(cast.tracker)

    unasked, asked = (tally_of(scope, Filter(state=OPEN), all_choices=asked) for asked in (False, True))
    few = tally_of(scope, Filter(wait="confirmation"), all_choices=True)

    assert unasked == (3, {})
    assert (asked.total, asked.choices["state", OPEN], asked.choices["timeliness", "overdue"]) == (3, 4, 3)
    assert few.total == 1


def test_people_of_one_kind_ask_by_one_statement(cast, scope_of):
    head, other = scope_of(cast.head), scope_of(cast.make_person(unit=cast.commune, role=Role.UNIT_HEAD))

    filters = [(head, Filter(unit=1, text="việc một")), (other, Filter(unit=2, text="đề án"))]
    shapes = {scope.asks(chosen) for scope, chosen in filters}

    assert len(shapes) == 1
    assert head.values_for(Filter(unit=1)) != other.values_for(Filter(unit=2))


def test_a_page_is_one_statement(cast, scope_of, make_task):
    make_task()
    scope = scope_of(cast.tracker)

    with statements() as seen:
        page_of(scope, Filter(state=OPEN), sort="due")

    assert len(seen) == 1
