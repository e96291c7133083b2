"""How SQLite goes about B.4: a table costs what its period holds, whatever its day, and sorts little."""

import re
from datetime import date

import pytest

from tests.counting import plan_of
from tracker.models.lengths import BY_LENGTH
from tracker.queries import b4
from tracker.queries.b4.counting import _count
from tracker.queries.b4.grouping import columns_of
from tracker.rules.b4_table import Grouping

pytestmark = pytest.mark.about_sqlite

BY_UNIT = "ix_task_period_completed_by_unit"
ON = date(2026, 3, 25)


def plan(cast, grouping: Grouping, on: date = ON) -> str:
    question = b4.Question(cast.city, on.replace(month=1, day=1), on, on, grouping=grouping)
    return plan_of(lambda: _count(question, columns_of(grouping, {})))


@pytest.mark.parametrize("on", [ON, date(2024, 3, 25)])
def test_of_each_unit_it_reads_the_days_of_the_period_alone(cast, on):
    found = plan(cast, Grouping.UNIT, on)

    assert f"{BY_UNIT} (assigner_id=? AND unit_id=? AND valid_from>? AND valid_from<?)" in found
    assert f"{BY_UNIT} (assigner_id=? AND unit_id>?)" in found
    assert "ix_task_period_open (assigner_id=? AND valid_to=? AND valid_from<?)" in found
    assert f"{BY_LENGTH} (assigner_id=? AND <expr>=? AND valid_to>? AND valid_to<?)" in found
    assert found.count("TEMP B-TREE") == 2


@pytest.mark.parametrize("grouping", [each for each in Grouping if each is not Grouping.UNIT])
def test_other_groupings_read_three_indexes_and_no_task(cast, grouping):
    found = plan(cast, grouping)

    assert "COVERING INDEX ix_task_period_open (assigner_id=? AND valid_to=? AND valid_from<?)" in found
    assert f"COVERING INDEX {BY_LENGTH} (assigner_id=? AND <expr>=? AND valid_to>? AND valid_to<?)" in found
    of_days = "(assigner_id=? AND valid_from>? AND valid_from<?)"
    assert f"COVERING INDEX ix_task_period_completed_of_papers {of_days}" in found
    assert not re.search(r"(SEARCH|SCAN) task(_\d+)? ", found)
