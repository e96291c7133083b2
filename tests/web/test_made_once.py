"""No page puts the words of its statements together anew: that takes longer than most of them."""

from datetime import date

import pytest
from sqlalchemy import event
from sqlalchemy.engine.interfaces import CacheStats

from tracker.models import db
from tracker.rules.b4_table import Grouping
from tracker.rules.status import State

TODAY = date(2026, 4, 15)
PERIOD = "from=2026-01-01&to=2026-12-31"
PAGES = [
    "/", "/nhiem-vu", "/nhiem-vu?state=open&sort=due", "/nhiem-vu/{task}", "/tim?q=de+an", "/van-ban",
    *(f"/bieu-b4?{PERIOD}&group={grouping}" for grouping in Grouping),
    f"/bieu-b4?{PERIOD}&on=2026-03-01&compare=2026-02-01", f"/bieu-b4?{PERIOD}&folded=1",
    f"/bieu-b4/nhiem-vu?{PERIOD}&cell=all",
]  # fmt: skip

WARM = 5
"""Requests after which a page has all its statements: a part that several share is looked at anew by each."""


@pytest.mark.both_databases
@pytest.mark.parametrize("who", ["chairman", "head"])
def test_a_page_asked_again_has_its_statements_ready(cast, client_of, on_day, who):
    on_day(TODAY)
    task = cast.make_task(due_on=date(2026, 5, 1))
    cast.make_task(state=State.COMPLETED)
    client, made = client_of(getattr(cast, who)), []

    def note(_connection, _cursor, statement, _parameters, context, _many):
        is_of_tests = "SAVEPOINT" in statement
        if context.compiled is not None and context.cache_hit is not CacheStats.CACHE_HIT and not is_of_tests:
            made.append((address, context.cache_hit.name, statement))

    for address in [each.format(task=task.id) for each in PAGES]:
        for _time in range(WARM):
            assert client.get(address).status_code == 200
        event.listen(db.engine, "before_cursor_execute", note)
        try:
            client.get(address)
        finally:
            event.remove(db.engine, "before_cursor_execute", note)

    assert made == []
