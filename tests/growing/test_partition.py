"""The way beyond one table: task_period in parts by assigner, on an installation that goes on working."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Connection, event, inspect, select, text

from tests.conftest import POSTGRESQL, Databases, make_app
from tests.factories import GIVEN_ON, make_cast
from tracker.models import db
from tracker.models.task import Task, TaskPeriod
from tracker.models.units import Unit
from tracker.operations import history, progress, tasks
from tracker.operations.recording import Stamp
from tracker.queries import b4
from tracker.queries.b4 import Question
from tracker.rules.status import State

SCRIPT = Path(__file__).parents[2] / "migrations" / "growing" / "partition_by_assigner.sql"
FIRST, LAST = date(2026, 3, 1), date(2026, 4, 30)
DAYS = [FIRST + timedelta(days=step) for step in range(0, 60, 8)]
ASSIGNERS = ("song-huong", "phu-an", "noi-vu", "tai-chinh")


@pytest.fixture(scope="module")
def filled(databases: Databases) -> str:
    """A filled installation: four units that gave tasks in every state."""
    url = databases.fresh(POSTGRESQL)
    with working_in(url):
        cast = make_cast()
        for number, code in enumerate(ASSIGNERS):
            assigner = db.session.scalars(select(Unit).where(Unit.code == code)).one()
            directive = cast.make_directive(issuer=assigner, signer="Người ký")
            for state in State:
                unit = cast.make_unit(parent=assigner)
                reported = GIVEN_ON + timedelta(days=7 * number)
                cast.make_task(
                    directive=directive, unit=unit, state=state, reported_on=reported, coordinating=[],
                    tracker=None, leader=None,
                )  # fmt: skip
        db.session.commit()
    return url


@pytest.fixture
def url(filled: str, databases: Databases) -> str:
    """A copy of it."""
    return databases.copy(filled)


@contextmanager
def working_in(url: str) -> Iterator[Flask]:
    app = make_app(url)
    with app.app_context():
        try:
            yield app
        finally:
            db.session.remove()
            db.engine.dispose()


def spread() -> None:
    """Run the script as an administrator does."""
    db.session.commit()
    with db.engine.begin() as connection:
        raw: Any = connection.connection
        raw.cursor().execute(SCRIPT.read_text(encoding="utf-8"))


def tables() -> dict[tuple[str, date], Any]:
    """Return every B.4 of every assigner over some days."""
    assigners = db.session.scalars(select(Unit).where(Unit.code.in_(ASSIGNERS)).order_by(Unit.id)).all()
    return {
        (unit.code, day): b4.table(Question(unit, FIRST, LAST, day)) for unit in assigners for day in DAYS
    }  # fmt: skip


def go_on() -> list[str]:
    """Give, accept, extend over days, report, confirm; return the history with all of it."""
    city = db.session.scalars(select(Unit).where(Unit.code == "song-huong")).one()
    lead = db.session.scalars(select(Unit).where(Unit.code == "noi-vu")).one()
    task = db.session.scalars(select(Task).where(Task.state == State.NOT_STARTED).order_by(Task.id)).first()
    assert task is not None
    order = tasks.Order(unit=lead, content="Việc mới", due_on=date(2026, 3, 31), key="viec-moi")
    (given,) = tasks.give(task.directive, [order], stamp=Stamp(on=date(2026, 3, 9)))
    for each in (task, given):
        tasks.accept(each, stamp=Stamp(on=date(2026, 3, 10)))
        tasks.set_due(each, stamp=Stamp(on=date(2026, 3, 12)), due_on=date(2026, 4, 1), reason="Thêm việc")
        progress.report(each, stamp=Stamp(on=date(2026, 4, 2)), result="1/BC", explanation="Chậm hồ sơ")
        progress.confirm(each, stamp=Stamp(on=date(2026, 4, 7)))
    assert city is given.assigner
    return list(history.dump())


@contextmanager
def plans_of(*begins: str) -> Iterator[list[str]]:
    """Collect the plans of the statements in the block that begin with these words and name task_period."""
    plans: list[str] = []

    def explain(connection: Any, cursor: Any, statement: str, values: Any, *_rest: Any) -> None:
        if statement.startswith(begins) and "task_period" in statement:
            raw = connection.connection.cursor()
            raw.execute("EXPLAIN " + statement, values)
            plans.append("\n".join(line for (line,) in raw.fetchall()))

    event.listen(db.engine, "before_cursor_execute", explain)
    try:
        yield plans
    finally:
        event.remove(db.engine, "before_cursor_execute", explain)


def parts_in(plan: str) -> set[str]:
    return set(re.findall(r"\btask_period_\d\d\b", plan))


def test_every_table_stays_as_it_was_and_all_work_goes_on_the_same(url: str, databases: Databases) -> None:
    beside = databases.copy(url)
    with working_in(url):
        before = tables()
        spread()
        spread_at_once = tables()
        lines, spread_later = go_on(), tables()
    with working_in(beside):
        lines_beside, beside_later = go_on(), tables()

    assert sum(table.total.all for table in before.values()) > 100
    assert spread_at_once == before
    assert spread_later != before
    assert (spread_later, lines) == (beside_later, lines_beside)


def test_a_b4_and_a_change_of_a_stretch_touch_one_part(url: str) -> None:
    with working_in(url):
        spread()
        city = db.session.scalars(select(Unit).where(Unit.code == "song-huong")).one()
        with plans_of("SELECT", "WITH length") as read:
            b4.table(Question(city, FIRST, LAST, DAYS[3]))
        task = db.session.scalars(select(Task).where(Task.state == State.NOT_STARTED)).first()
        with plans_of("UPDATE") as changed:
            tasks.accept(task, stamp=Stamp(on=date(2026, 3, 10)))
        db.session.execute(text("SET plan_cache_mode = force_generic_plan"))
        with plans_of("SELECT", "WITH length") as generic:
            b4.table(Question(city, FIRST, LAST, DAYS[3]))

    assert read and all(len(parts_in(plan)) == 1 for plan in read), read
    assert changed and all(len(parts_in(plan)) == 1 for plan in changed), changed
    assert generic


def indexes_in(connection: Connection) -> dict[str, str]:
    """Return the indexes of the stretches by name, as PostgreSQL tells them; not those that keys made."""
    told = text(
        "SELECT indexname, replace(indexdef, ' ON ONLY ', ' ON ') FROM pg_indexes "
        "WHERE tablename = 'task_period' AND NOT EXISTS (SELECT FROM pg_constraint WHERE conname = indexname)"
    )
    return {name: words for name, words in connection.execute(told)}  # noqa: C416


def test_the_parts_have_the_columns_indexes_and_keys_of_the_model(url: str) -> None:
    with working_in(url), db.engine.connect() as connection:
        before = {each["name"]: each for each in inspect(connection).get_columns("task_period")}
        indexes = indexes_in(connection)
        connection.rollback()
        spread()
    with working_in(url), db.engine.connect() as connection:
        looked = inspect(connection)
        spread_indexes = indexes_in(connection)
        columns = {each["name"]: each for each in looked.get_columns("task_period")}
        key = looked.get_pk_constraint("task_period")["constrained_columns"]
        references = {each["name"] for each in looked.get_foreign_keys("task_period")}

    assert len(indexes) > 3
    assert {name: spread_indexes.get(name) for name in indexes} == indexes
    assert set(key) == {"id", "assigner_id"}
    assert {name: (str(each["type"]), each["nullable"]) for name, each in columns.items()} == {
        name: (str(each["type"]), each["nullable"]) for name, each in before.items()
    }
    assert references == {each.name for each in TaskPeriod.__table__.foreign_key_constraints}


def test_every_unique_key_of_the_stretches_can_name_the_assigner() -> None:
    unique = [index for index in TaskPeriod.__table__.indexes if index.unique]

    assert [next(iter(index.columns)).name for index in unique] == ["assigner_id"]
    assert [column.name for column in TaskPeriod.__mapper__.primary_key] == ["id", "assigner_id"]


