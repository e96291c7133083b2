"""The self-check against random histories, the demonstration, and one changed row after another.

`TRACKER_HISTORIES=500 pytest tests/test_recount.py` tries more histories than an ordinary run.
"""

import json
import os
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from tests.conftest import nothing_stays
from tests.histories import histories
from tracker.operations import history
from tracker.queries.recount import check

EXAMPLES = os.environ.get("TRACKER_HISTORIES")

many = settings(
    max_examples=int(EXAMPLES or 10),
    phases=tuple(Phase) if EXAMPLES else (Phase.explicit, Phase.reuse, Phase.generate),
    deadline=None,
    print_blob=True,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large
    ],
)


def load(lines):
    history.load(json.dumps(line, ensure_ascii=False) for line in lines)


@pytest.mark.both_databases
@given(lines=histories())
@many
def test_a_random_history_has_no_difference(app, lines):
    with nothing_stays(app):
        load(lines)

        outcome = check(today=date.fromisoformat(lines[-1]["on"]) + timedelta(days=1), batch=4)

    assert outcome.differences == []
    assert outcome.tables
