"""Who sees a task stands twice, for a row and for SQL; random worlds of people, roles and tasks meet both."""

import json
from datetime import date, timedelta
from itertools import cycle

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from tests.conftest import nothing_stays
from tracker.models.people import Role, User
from tracker.models.task import Task
from tracker.models.units import Unit, subtree
from tracker.operations import history, people, tasks
from tracker.operations.recording import Stamp
from tracker.queries.home import Days
from tracker.queries.reach import Reach
from tracker.queries.standing import standing_towards, tasks_visible_to
from tracker.queries.task_filter import OPEN, STATES, Filter, Scope
from tracker.queries.task_list import page_of
from tracker.rules.deadlines import WorkingCalendar
from tracker.rules.permissions import Standing, may
from tracker.rules.status import OPEN_STATES, State, in_states
from tracker.rules.workflow import Action

FIRST_DAY = date(2026, 1, 1)
UNITS = {"a": None, "a1": "a", "a2": "a", "a11": "a1", "a12": "a1", "b": None, "b1": "b"}
PEOPLE = [f"n{number}" for number in range(6)]
ROLES = ("leader", "office", "unit_head", "officer", "inspector", "admin")


@st.composite
def worlds(draw):
    """Return history lines of a world: people with roles that begin and end, tasks of every sort."""
    units, people, roles = st.sampled_from(sorted(UNITS)), st.sampled_from(PEOPLE), st.sampled_from(ROLES)
    on = FIRST_DAY.isoformat()
    lines = [{"do": "unit", "on": on, "code": code, "name": code} for code in UNITS]
    for line in lines:
        if parent := UNITS[line["code"]]:
            line["parent"] = parent
    held = set()
    for login in PEOPLE:
        unit, role = draw(units), draw(roles)
        held.add((login, unit, role))
        lines.append({"do": "person", "on": on, "login": login, "name": login, "unit": unit, "role": role})
    for login, unit, role in draw(st.lists(st.tuples(people, units, roles), max_size=5, unique=True)):
        if (login, unit, role) not in held:
            held.add((login, unit, role))
            lines.append({"do": "role", "on": on, "login": login, "unit": unit, "role": role})
    for unit in UNITS:
        lines.append({"do": "directive", "on": on, "directive": f"vb-{unit}", "kind": "CV", "subject": "s",
                      "issuer": unit, "issued_on": on})  # fmt: skip
    given_tasks = []
    for number in range(draw(st.integers(3, 10))):
        line = {
            "do": draw(st.sampled_from(("give", "give", "draft"))), "on": on, "task": f"nv-{number}",
            "directive": f"vb-{draw(units)}", "unit": draw(units), "content": "c", "due": None,
            "coordinating": draw(st.lists(units, max_size=2, unique=True)),
        }  # fmt: skip
        for part in ("officer", "tracker", "leader"):
            if draw(st.integers(0, 3)) == 0:
                line[part] = draw(people)
        if given_tasks and draw(st.booleans()):
            line["parent"] = draw(st.sampled_from(given_tasks))
        if line["do"] == "give":
            given_tasks.append(line["task"])
        lines.append(line)
    later = (FIRST_DAY + timedelta(days=5)).isoformat()
    for login, unit, role in draw(st.lists(st.sampled_from(sorted(held)), max_size=4, unique=True)):
        lines.append({"do": "role_end", "on": later, "login": login, "unit": unit, "role": role})
    return lines


@pytest.mark.both_databases
@given(lines=worlds())
@settings(
    max_examples=25, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
def test_a_list_shows_exactly_the_tasks_that_the_rule_for_one_lets_a_person_see(app, lines):
    with nothing_stays(app) as session:
        history.load(json.dumps(line) for line in lines)
        everything = session.scalars(select(Task)).all()

        for day in (FIRST_DAY, FIRST_DAY + timedelta(days=4), FIRST_DAY + timedelta(days=5)):
            for person in session.scalars(select(User)):
                listed = session.scalars(select(Task.key).where(tasks_visible_to(person, day=day))).all()
                seen = [
                    task.key for task in everything
                    if may(Action.SEE, standing_towards(person, task, day=day))
                ]  # fmt: skip

                assert sorted(listed) == sorted(seen), (person.login, day)
                reach = Reach(person, day=day)
                by_index = session.scalars(select(Task.key).where(reach.seer.sees())).all()
                assert sorted(by_index) == sorted(seen), (person.login, day)
                for states in (OPEN_STATES, (State.DRAFT,)):
                    there = in_states(Task, states)
                    sees = reach.kind.seer().sees(states=states)
                    asked = select(Task.key).where(sees, there)
                    listed = session.connection().execute(asked, reach.values).scalars().all()
                    seen_too = [each.key for each in everything if each.key in seen and each.state in states]
                    assert sorted(listed) == sorted(seen_too), (person.login, day, states)
                work = session.scalars(select(Task.key).where(reach.seer.leads())).all()
                assert set(work) <= set(seen), (person.login, day)
        days = Days.around(day, calendar=WorkingCalendar(), due_soon=3, silent=9)
        people, units = session.scalars(select(User)), session.scalars(select(Unit))
        for person, unit, state in zip(people, units, cycle((OPEN, State.DRAFT.value)), strict=False):
            scope = Scope(person, today=day, days=days)
            below = set(session.scalars(subtree(select(Unit.id).where(Unit.id == unit.id))))
            rows, _ = page_of(scope, Filter(state=state, unit=unit.id), sort="due")
            there = {
                each.id for each in everything
                if each.unit_id in below and each.state in STATES[state]
                and may(Action.SEE, standing_towards(person, each, day=day))
            }  # fmt: skip
            assert {row.id for row in rows} == there, (person.login, unit.code, state)


def test_nobody_may_act_on_what_they_do_not_see():
    sets = [frozenset(), *(frozenset({role}) for role in ROLES)]
    standings = [
        Standing(above_assigner=assigner, above_lead=lead | inside, in_lead=inside,
                 above_coordinating=coordinating | inside_too, in_coordinating=inside_too, is_officer=officer,
                 is_named=officer, is_passed_down=passed, is_draft=draft, is_within_unit=within)
        for assigner in sets for lead in sets for inside in sets for coordinating in sets[:5]
        for inside_too in sets[:3] for officer in (False, True) for passed in (False, True)
        for draft in (False, True) for within in (False, True)
    ]  # fmt: skip

    hidden = [standing for standing in standings if not may(Action.SEE, standing)]

    assert hidden
    for standing in hidden:
        assert not [action for action in Action if may(action, standing)], standing


@pytest.mark.parametrize(
    ("part", "sees"),
    [
        ("chairman", True), ("tracker", True), ("head", True), ("officer", True), ("coordinator", True),
        ("outsider", False), ("inspector", True), ("admin", True),
    ],
)  # fmt: skip
def test_each_of_the_cast_sees_what_their_part_lets_them(cast, make_task, part, sees):
    task = make_task()
    person = cast.everybody[part]

    assert may(Action.SEE, standing_towards(person, task, day=task.given_on)) is sees


@pytest.mark.parametrize("part", ["inspector", "admin", "coordinator"])
def test_who_only_reads_or_contributes_changes_nothing_else(cast, make_task, part):
    standing = standing_towards(cast.everybody[part], make_task(), day=date(2026, 3, 2))

    allowed = {action for action in Action if may(action, standing)}

    assert allowed == {Action.SEE} | ({Action.CONTRIBUTE} if part == "coordinator" else set())


def test_a_role_reaches_the_units_below_and_none_beside(cast, make_task):
    division = cast.make_unit(parent=cast.lead)
    task = make_task(unit=division)

    assert may(Action.ACCEPT, standing_towards(cast.head, task, day=task.given_on))
    assert not may(Action.ACCEPT, standing_towards(cast.outsider, task, day=task.given_on))


def test_a_role_counts_from_its_first_day_to_the_day_before_its_end(cast, make_task):
    task = make_task()
    newcomer = cast.make_person(unit=cast.lead, role=Role.UNIT_HEAD, on=date(2026, 3, 5))
    people.end_role(newcomer, stamp=Stamp(on=date(2026, 3, 9)), unit=cast.lead, role=Role.UNIT_HEAD)

    days = [
        day for day in range(1, 15)
        if may(Action.ACCEPT, standing_towards(newcomer, task, day=date(2026, 3, day)))
    ]  # fmt: skip

    assert days == [5, 6, 7, 8]


def test_a_head_who_passed_a_task_down_confirms_it_and_an_officer_below_does_not(cast, make_task):
    parent = make_task()
    division = cast.make_unit(parent=cast.lead)
    (child,) = tasks.give(
        parent.directive, [tasks.Order(unit=division, content="Một phần", due_on=None, parent=parent)],
        stamp=Stamp(on=date(2026, 3, 3), by=cast.head),
    )  # fmt: skip

    assert child.assigner is cast.lead
    assert may(Action.CONFIRM, standing_towards(cast.head, child, day=date(2026, 3, 3)))
    assert not may(Action.CONFIRM, standing_towards(cast.officer, child, day=date(2026, 3, 3)))
