"""The months of an assigner, counted at once, against the plain count of each day."""

import random
from collections import Counter
from datetime import date, timedelta

import pytest
from sqlalchemy import insert

from tests.factories import GIVEN_ON
from tracker.models import FAR_FUTURE, db
from tracker.models.task import Task, TaskPeriod
from tracker.queries import trend
from tracker.rules.overdue_report import month_ends
from tracker.rules.status import State

TODAY = date(2026, 4, 15)
ENDS = month_ends(TODAY)
NEAR = [end + timedelta(days=days) for end in ENDS for days in (-1, 0, 1, 2)]
"""The days on which a count may be wrong by one."""
OPEN = (State.NOT_STARTED, State.IN_PROGRESS, State.AWAITING_CONFIRMATION)


def lay_down(cast, number):
    """Return so many stretches of days, each of a task of its own: (unit, state, due, reported, from, to)."""
    luck, paper, stretches, tasks, periods = random.Random(7), cast.make_directive(), [], [], []
    for key in range(number):
        state = luck.choice([*OPEN, State.COMPLETED])
        first, due, reported = luck.choice(NEAR), luck.choice([None, *NEAR, date(2024, 1, 1)]), None
        if state in (State.AWAITING_CONFIRMATION, State.COMPLETED):
            reported = luck.choice(NEAR)
        after = [day for day in NEAR if day > first]
        until = luck.choice([FAR_FUTURE, *after])
        unit = luck.choice([cast.lead.id, cast.commune.id])
        stretches.append((unit, state, due, reported, first, until))
        facts = {"assigner_id": cast.city.id, "unit_id": unit, "state": state, "due_on": due,
                 "reported_on": reported}  # fmt: skip
        task = {"id": 5_000 + key, "key": f"k{key}", "content": "Việc", "directive_id": paper.id,
                "given_on": GIVEN_ON, "original_due_on": due}  # fmt: skip
        tasks.append(task | facts)
        periods.append({"task_id": 5_000 + key, "valid_from": first, "valid_to": until} | facts)
    db.session.execute(insert(Task), tasks)
    db.session.execute(insert(TaskPeriod), periods)
    return stretches


@pytest.mark.both_databases
def test_each_month_counts_what_stood_at_its_end(cast):
    stretches = lay_down(cast, 300)

    counted = trend.months(cast.city, TODAY)

    for end in counted:
        plain = Counter()
        for unit, state, due, reported, first, until in stretches:
            if not first <= end.on < until:
                continue
            is_due = due is not None and end.on.replace(day=1) <= due <= end.on
            plain[unit, "open"] += state in OPEN
            plain[unit, "overdue"] += state in OPEN[:2] and due is not None and due < end.on
            plain[unit, "due"] += is_due
            plain[unit, "kept"] += bool(is_due and reported and reported <= due)
        found = {each.unit_id: each for each in end.units}
        for unit in (cast.lead.id, cast.commune.id):
            each = found[unit]
            numbers = each.open, each.overdue, each.fallen_due, each.on_time
            assert numbers == tuple(plain[unit, name] for name in ("open", "overdue", "due", "kept")), end.on
    assert [end.on for end in counted] == ENDS
