"""The ranking of units: what a task tells of its unit, the figures, the score part by part, the places."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.rules.deadlines import WorkingCalendar
from tracker.rules.ranking import (
    Figures,
    Formula,
    LeadUnit,
    Measure,
    Part,
    Ranking,
    Standing,
    rank,
    score_of,
)
from tracker.rules.ranking_facts import Event, Reminding, Tenure, ranked_task, tenure_of
from tracker.rules.settings import RULES
from tracker.rules.status import OVERDUE_CELLS, Cell, State

FORMULA = Formula.from_settings({name: rule.default for name, rule in RULES.items()})
CALENDAR = WorkingCalendar(frozenset({date(2026, 3, 5)}), frozenset())
"""Thursday 5 March 2026 is off."""
GIVEN_ON = date(2026, 3, 2)
DUE_ON = date(2026, 3, 20)
ON = date(2026, 3, 31)


def task_of(cell=Cell.COMPLETED_ON_TIME, *, days=0, events=None, remindings=(), due_on=DUE_ON, **facts):
    """Return a task given on Monday 2 March, accepted and reported that day unless `events` say otherwise."""
    events = [Event(1, "accept", GIVEN_ON), Event(2, "report", GIVEN_ON)] if events is None else events
    values = {"task_id": 1, "unit_id": 1, "state": State.COMPLETED, "given_on": GIVEN_ON, "reported_on": None}
    return ranked_task(
        cell=cell, days=days, due_on=due_on, events=events, remindings=remindings, on=ON, calendar=CALENDAR,
        **values | facts,
    )


def late_task(days, cell=Cell.COMPLETED_LATE):
    return task_of(cell, days=days)


def scored(tasks, formula=FORMULA):
    return score_of(Figures(tuple(tasks), formula.response_days), formula)


def points(tasks, formula=FORMULA):
    score = scored(tasks, formula)
    return {part.part: score.points(part) for part in score.parts}


def ranked(*units, formula=FORMULA):
    """Return the rows of units named by their tasks: a, b, c …"""
    named = [
        (each if isinstance(each, LeadUnit) else LeadUnit(number, code, f"Đơn vị {code}"), tasks)
        for number, (code, each, tasks) in enumerate(
            (code, unit[0], unit[1]) if isinstance(unit, tuple) else (code, None, unit)
            for code, unit in zip("abcdefgh", units, strict=False)
        )
    ]
    return rank(named, formula)


# What the events of a task tell of the unit that leads it


def test_the_time_until_acceptance_counts_working_days_after_the_day_of_giving() -> None:
    task = task_of(events=[Event(1, "accept", date(2026, 3, 9))])

    assert task.waited == 4  # Tuesday, Wednesday, Friday, Monday; Thursday is off
    assert task.is_accepted


def test_accepted_on_the_day_of_giving_took_no_time() -> None:
    assert task_of(events=[Event(1, "accept", GIVEN_ON)]).waited == 0


def test_what_is_not_accepted_yet_waits_until_the_cut_off_day() -> None:
    task = task_of(Cell.NOT_STARTED_OVERDUE, state=State.NOT_STARTED, events=[], days=11)

    assert task.waited == CALENDAR.between(GIVEN_ON, ON) == 20
    assert not task.is_accepted


def test_a_re_assigned_task_begins_anew_for_its_unit() -> None:
    events = [
        Event(1, "accept", date(2026, 3, 3)), Event(2, "ask_extension", date(2026, 3, 4)),
        Event(3, "reassign", date(2026, 3, 9)), Event(4, "accept", date(2026, 3, 10)),
        Event(5, "ask_extension", date(2026, 3, 11)), Event(6, "grant_extension", date(2026, 3, 12)),
    ]  # fmt: skip

    tenure = tenure_of(GIVEN_ON, events)

    assert tenure == Tenure(
        date(2026, 3, 9), False, date(2026, 3, 9), date(2026, 3, 10), asked=1, granted=1, entry=3
    )


def test_a_task_that_came_accepted_asks_no_response_of_its_unit() -> None:
    events = [Event(1, "accept", date(2026, 3, 3)), Event(2, "transfer", date(2026, 3, 9))]

    task = task_of(Cell.IN_PROGRESS_NOT_DUE, state=State.IN_PROGRESS, events=events)

    assert (task.waited, task.tenure.since) == (None, None)


def test_a_task_that_came_unaccepted_waits_from_the_day_it_came() -> None:
    events = [Event(1, "inherit", date(2026, 3, 9)), Event(2, "accept", date(2026, 3, 11))]

    task = task_of(events=events)

    assert (task.waited, task.tenure.is_inherited) == (2, True)


def test_a_rework_counts_against_the_unit_that_reported() -> None:
    own = [Event(1, "accept", GIVEN_ON), Event(2, "report", GIVEN_ON), Event(3, "rework", GIVEN_ON)]
    of_another = [*own[:2], Event(3, "transfer", GIVEN_ON), Event(4, "rework", GIVEN_ON)]

    assert (tenure_of(GIVEN_ON, own).reports, tenure_of(GIVEN_ON, own).reworks) == (1, 1)
    assert tenure_of(GIVEN_ON, of_another).reworks == 0


def test_reminders_count_from_the_day_after_the_unit_got_the_task_and_urgings_from_that_entry() -> None:
    moved = date(2026, 3, 9)
    remindings = [
        *(Reminding("late", moved + timedelta(step)) for step in (-1, 0, 1)), Reminding("urge", moved, 4),
        Reminding("urge", moved, 6), Reminding("before", moved + timedelta(1)),
        Reminding("due", moved + timedelta(2)),
    ]  # fmt: skip

    task = task_of(events=[Event(5, "transfer", moved)], remindings=remindings)

    assert (task.before, task.after, task.urged) == (2, 1, 1)


@pytest.mark.parametrize(
    ("due_on", "came_late"), [(date(2026, 3, 8), True), (date(2026, 3, 9), False), (date(2026, 3, 10), False)]
)
def test_due_on_the_day_it_came_was_not_overdue_yet(due_on, came_late) -> None:
    events = [Event(1, "transfer", date(2026, 3, 9))]

    task = task_of(
        Cell.IN_PROGRESS_OVERDUE, state=State.IN_PROGRESS, events=events, due_on=due_on,
        days=(ON - due_on).days,
    )  # fmt: skip

    assert task.came_late is came_late
    assert task.is_judged is not came_late


def test_what_awaits_confirmation_is_neither_kept_nor_broken() -> None:
    task = task_of(Cell.AWAITING_CONFIRMATION, state=State.AWAITING_CONFIRMATION, days=9)

    assert (task.is_judged, task.is_late) == (False, False)


# The score


def test_all_on_time_is_a_hundred() -> None:
    assert scored([task_of()] * 5).printed == Decimal("100.0")


def test_the_worst_of_everything_is_zero() -> None:
    events = [
        Event(1, "ask_extension", GIVEN_ON), Event(2, "grant_extension", GIVEN_ON),
        Event(3, "accept", GIVEN_ON + timedelta(20)), Event(4, "report", ON), Event(5, "rework", ON),
        Event(6, "report", ON),
        Event(7, "rework", ON),
    ]  # fmt: skip
    remindings = [Reminding("late", ON), Reminding("urge", ON, 9)]
    task = task_of(
        Cell.IN_PROGRESS_OVERDUE, state=State.IN_PROGRESS, days=10, events=events, remindings=remindings
    )

    assert scored([task] * 5).printed == Decimal("0.0")


def test_no_task_gives_no_score() -> None:
    score = scored([])

    assert (score.exact, score.printed, score.judged) == (None, None, ())


def test_weights_of_nothing_give_no_score() -> None:
    formula = replace(FORMULA, weights=dict.fromkeys(Part, 0))

    assert scored([task_of()], formula).printed is None


@pytest.mark.parametrize(
    "task",
    [
        task_of(Cell.AWAITING_CONFIRMATION),
        task_of(Cell.IN_PROGRESS_NOT_DUE),
        task_of(Cell.IN_PROGRESS_OVERDUE, days=11, events=[Event(1, "inherit", date(2026, 3, 21))]),
    ],
    ids=["awaiting confirmation", "not due", "overdue when it came"],
)
def test_before_a_task_was_judged_there_is_no_score(task) -> None:
    rows, _number = ranked([task] * 12)

    assert (rows[0].standing, rows[0].score.printed, rows[0].score.judged) == (Standing.UNJUDGED, None, ())
    assert scored([task] * 12 + [task_of()]).printed == Decimal("100.0")


def test_each_part_follows_from_its_counts() -> None:
    extended = [Event(1, "accept", GIVEN_ON), Event(2, "grant_extension", GIVEN_ON)]
    returned = [Event(1, "accept", GIVEN_ON), *[Event(2, "report", ON), Event(3, "rework", ON)]]
    slow = [Event(1, "accept", date(2026, 3, 6))]  # 3 working days
    tasks = [
        late_task(5), task_of(Cell.IN_PROGRESS_OVERDUE, days=11, remindings=[Reminding("late", ON)]),
        task_of(events=extended), task_of(events=returned), task_of(events=slow),
        task_of(Cell.AWAITING_CONFIRMATION), task_of(remindings=[Reminding("before", ON)]),
        task_of(remindings=[Reminding("urge", ON, 1)]),
    ]  # fmt: skip

    found = points(tasks)

    assert found == {
        Part.ON_TIME: 50 * Fraction(5, 7),
        Part.LATE_DAYS: 15 * (1 - Fraction(16, 7) / 10),
        Part.EXTENSIONS: 10 * Fraction(7, 8),
        Part.REWORK: 10 * Fraction(5, 6),
        Part.REMINDERS: 10 * (1 - Fraction(2, 8) / 2),
        Part.RESPONSE: 5 * Fraction(7, 8),
    }
    assert scored(tasks).exact == sum(found.values())


def test_a_part_without_anything_to_judge_leaves_its_weight_to_the_others() -> None:
    task = task_of(Cell.IN_PROGRESS_OVERDUE, days=5, events=[Event(1, "accept", GIVEN_ON)])

    score = scored([task])

    rework = next(part for part in score.parts if part.part is Part.REWORK)
    assert (rework.share, score.points(rework), score.most(rework)) == (None, None, None)
    assert sum(score.most(part) for part in score.judged) == 100
    assert score.exact == Fraction(15 * Fraction(1, 2) + 10 + 10 + 5, 90) * 100


@pytest.mark.parametrize(
    ("days", "share"), [(0, 1), (1, Fraction(9, 10)), (9, Fraction(1, 10)), (10, 0), (11, 0), (400, 0)]
)
def test_days_late_cost_up_to_the_worst(days, share) -> None:
    cell = Cell.COMPLETED_LATE if days else Cell.COMPLETED_ON_TIME

    assert points([late_task(days, cell)])[Part.LATE_DAYS] == 15 * share


def test_a_late_task_that_came_late_stays_in_the_figures_and_out_of_the_score() -> None:
    came = task_of(
        Cell.IN_PROGRESS_OVERDUE, days=22, due_on=date(2026, 3, 9), state=State.IN_PROGRESS,
        events=[Event(1, "accept", GIVEN_ON), Event(2, "inherit", date(2026, 3, 16))],
    )  # fmt: skip
    figures = Figures((*[task_of()] * 4, came), FORMULA.response_days)

    assert (figures.count(Measure.OVERDUE), figures.worst_days) == (1, 22)
    assert (figures.count(Measure.JUDGED), figures.count(Measure.CAME_LATE)) == (4, 1)
    assert score_of(figures, FORMULA).printed == Decimal("100.0")


TASKS = st.builds(
    lambda cell, days, asked, waits, late: task_of(
        cell, days=days if cell is Cell.COMPLETED_LATE or cell in OVERDUE_CELLS else 0,
        events=[Event(1, "grant_extension", GIVEN_ON)] * asked
        + [Event(2, "accept", GIVEN_ON + timedelta(waits)), Event(3, "report", ON)],
        remindings=[Reminding("late", ON)] * late,
    ),
    st.sampled_from(Cell), st.integers(1, 40), st.integers(0, 2), st.integers(0, 9), st.integers(0, 4),
)  # fmt: skip


@given(st.lists(TASKS, max_size=12), st.integers(0, 11), st.integers(1, 30))
def test_a_score_is_from_0_to_100_and_no_day_more_late_raises_it(tasks, number, days) -> None:
    before = scored(tasks).exact
    later = [
        replace(task, days=task.days + days) if place == number and task.is_late else task
        for place, task in enumerate(tasks)
    ]

    after = scored(later).exact

    assert before is None or 0 <= after <= before <= 100


@given(st.lists(TASKS, min_size=1, max_size=12), st.integers(0, 11))
def test_a_task_on_time_instead_of_late_never_lowers_the_score(tasks, number) -> None:
    better = [
        replace(task, cell=Cell.COMPLETED_ON_TIME, days=0) if place == number and task.is_late else task
        for place, task in enumerate(tasks)
    ]

    before = scored(tasks).exact
    assert before is None or scored(better).exact >= before


@given(st.lists(TASKS, max_size=12))
def test_each_number_counts_the_tasks_behind_it(tasks) -> None:
    figures = Figures(tuple(tasks), FORMULA.response_days)

    for measure in Measure:
        behind = figures.behind(measure)

        assert figures.count(measure) == sum(figures.times(task, measure) for task in behind)
        assert all(figures.times(task, measure) for task in behind)
    late = figures.behind(Measure.LATE_DAYS)
    assert len(late) == figures.count(Measure.LATE) + figures.count(Measure.OVERDUE)
    assert max((task.days for task in late), default=0) == figures.worst_days


# Places


def test_equal_printed_scores_share_a_place_and_the_next_one_is_left_out() -> None:
    good, middling, bad = [task_of()] * 5, [late_task(4), *[task_of()] * 5], [late_task(40)] * 5

    rows, number = ranked(bad, middling, good, middling)

    assert [(row.unit.code, row.place) for row in rows] == [("c", 1), ("b", 2), ("d", 2), ("a", 4)]
    assert number == 4


def test_scores_that_differ_only_behind_the_printed_decimal_share_a_place() -> None:
    formula = replace(FORMULA, late_days_worst=365)
    first, second = ([late_task(days)] + [task_of()] * 199 for days in (1, 2))

    rows, _number = ranked(first, second, formula=formula)

    assert rows[0].score.exact != rows[1].score.exact
    assert [row.place for row in rows] == [1, 1]


@pytest.mark.parametrize(("number", "standing"), [(4, Standing.FEW), (5, Standing.RANKED)])
def test_a_unit_with_few_tasks_is_listed_without_a_place(number, standing) -> None:
    rows, places = ranked([task_of()] * number, [late_task(3)] * 6)

    row = next(row for row in rows if row.unit.code == "a")
    assert row.standing is standing
    assert (row.place is None) == (standing is Standing.FEW)
    assert row.score.printed == Decimal("100.0")
    assert places == 2 - (standing is Standing.FEW)
    assert rows[0].unit.code == ("b" if standing is Standing.FEW else "a")


def test_an_ended_unit_and_one_with_nothing_to_judge_have_no_place() -> None:
    ended = LeadUnit(9, "z", "Đơn vị z", ended_on=date(2026, 3, 16), successor="Đơn vị b")

    waiting = [task_of(Cell.AWAITING_CONFIRMATION)] * 9

    rows, places = ranked((ended, [task_of()] * 9), waiting, [task_of()] * 9)

    assert [(row.unit.code, row.standing) for row in rows] == [
        ("c", Standing.RANKED), ("z", Standing.ENDED), ("b", Standing.UNJUDGED),
    ]  # fmt: skip
    assert places == 1


def ranking_of(*units):
    rows, number = ranked(*units)
    return Ranking("tp", "UBND TP", (), None, GIVEN_ON, ON, ON, FORMULA, rows, number)


def test_a_part_keeps_the_places_among_all() -> None:
    whole = ranking_of([task_of()] * 5, [late_task(4)] * 5, [late_task(40)] * 5)

    part = whole.part({"b"}, all_rows=False)
    published = whole.part({"b"}, all_rows=True)

    assert [(row.unit.code, row.place) for row in part.rows] == [("b", 2)]
    assert (part.ranked, part.is_part) == (3, True)
    assert [row.unit.code for row in published.rows] == ["a", "b", "c"]
    assert [published.may_open(row) for row in published.rows] == [False, True, False]
    assert all(whole.may_open(row) for row in whole.rows)


def test_another_formula_ranks_the_same_figures_anew() -> None:
    extended = [Event(1, "accept", GIVEN_ON), Event(2, "grant_extension", GIVEN_ON)]
    whole = ranking_of([task_of(events=extended)] * 5, [late_task(1), *[task_of()] * 9])
    weights = dict.fromkeys(Part, 0) | {Part.ON_TIME: 1}

    tried = whole.with_formula(replace(FORMULA, weights=weights))

    assert [row.unit.code for row in whole.rows] == ["b", "a"]
    assert [(row.unit.code, row.score.printed) for row in tried.rows] == [
        ("a", Decimal("100.0")), ("b", Decimal("90.0")),
    ]  # fmt: skip
