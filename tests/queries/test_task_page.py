"""What a task's page asks: off indexes, also where the statistics say that no task is part of another."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from tests.counting import plan_of
from tracker.models import db
from tracker.queries.task_page import besides


@pytest.mark.about_sqlite
def test_what_else_there_is_of_a_task_is_looked_up_without_reading_all_tasks(cast):
    task = cast.make_task()
    cast.make_task()
    db.session.commit()
    db.session.execute(text("ANALYZE"))
    many = "UPDATE sqlite_stat1 SET stat = replace(stat, '2', '100000') WHERE tbl = 'task'"
    db.session.execute(text(many))
    db.session.execute(text("DELETE FROM sqlite_stat4"))
    db.session.execute(text("ANALYZE sqlite_schema"))

    plan = plan_of(lambda: besides(task.id))

    assert "ix_task_parent_id (parent_id=?)" in plan, plan
    assert "SCAN task" not in plan, plan
