"""Reports read from a streaming replica: who is asked, what people see of their own writes, failures."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import event, text
from sqlalchemy.exc import InternalError

import config
from tests.conftest import make_app, sign_in
from tests.factories import make_cast
from tests.growing.conftest import Pair
from tests.web.pages import words
from tracker.models import db, reading
from tracker.models.people import User
from tracker.models.reading import REPLICA, engine_settings, from_primary, replica_state
from tracker.models.task import Task
from tracker.operations import watch
from tracker.rules.status import State

TODAY = date(2026, 3, 10)
NOW = datetime(2026, 3, 10, 2, 0, tzinfo=UTC)
B4 = "/bieu-b4?from=2026-03-01&to=2026-03-31"


@pytest.fixture(scope="module")
def office(pair: Pair) -> Iterator[Flask]:
    """An office with a task in progress, on the pair."""
    app = make_app(pair.url, SQLALCHEMY_BINDS={REPLICA: engine_settings(pair.replica_url)})
    with app.app_context():
        upgrade()
        make_cast().make_task(state=State.IN_PROGRESS)
        db.session.commit()
        db.session.remove()
    yield app
    with app.app_context():
        for engine in db.engines.values():
            engine.dispose()


@pytest.fixture(autouse=True)
def world(office: Flask, pair: Pair, on_day: Any) -> Iterator[None]:
    """The day, a replica that follows, and nothing known against it."""
    on_day(TODAY)
    office.extensions.pop("replica_failed", None)
    pair.catch_up()
    with office.app_context():
        yield
        db.session.remove()
    pair.let_go()


@contextmanager
def asked() -> Iterator[dict[str, list[str]]]:
    """Collect the statements by the engine that was asked."""
    seen: dict[str, list[str]] = {"primary": [], "replica": []}
    listeners = []
    for name, engine in (("primary", db.engine), ("replica", db.engines[REPLICA])):

        def note(_c: Any, _k: Any, statement: str, *_rest: Any, name: str = name) -> None:
            seen[name].append(statement)

        event.listen(engine, "before_cursor_execute", note)
        listeners.append((engine, note))
    try:
        yield seen
    finally:
        for engine, note in listeners:
            event.remove(engine, "before_cursor_execute", note)


def browser(login: str) -> Any:
    """Return a browser in which somebody is signed in."""
    from flask import current_app

    client = current_app.test_client()
    sign_in(client, db.session.scalars(db.select(User).where(User.login == login)).one())
    db.session.remove()
    return client


def counted(client: Any) -> Any:
    """Return the numbers of B.4 as the page gives them."""
    return client.get(f"{B4}&format=json").json["total"]


def accept_one_more(client: Any) -> None:
    """Give a task, and let the person of the browser accept it."""
    from tests.factories import Cast

    people = {user.login: user for user in db.session.scalars(db.select(User))}
    unit = people["binh"].unit
    cast = Cast(
        city=people["mai"].unit, lead=unit, coordinating=people["long"].unit, commune=people["lan"].unit,
        chairman=people["hung"], tracker=people["mai"], head=people["binh"], officer=people["ha"],
        coordinator=people["long"], outsider=people["lan"], inspector=people["tuan"], admin=people["kiet"],
    )  # fmt: skip
    next(cast.numbers)
    number = db.session.scalar(text("SELECT count(*) FROM directive"))
    directive = cast.make_directive(number=f"{number + 100}/UBND")
    task = cast.make_task(directive=directive, content="Việc mới")
    path = f"/nhiem-vu/{task.id}/tiep-nhan"
    db.session.commit()
    db.session.remove()
    answer = client.post(path, data={"token": f"nhan-{number}"})
    assert answer.status_code == 303, words(answer)


def test_a_report_is_counted_on_the_replica_and_the_frame_on_the_primary(office):
    client = browser("mai")

    with asked() as statements:
        page = client.get(B4)

    assert page.status_code == 200
    assert any("task_period" in each for each in statements["replica"])
    assert not any("FROM task_period" in each for each in statements["primary"])
    assert any("FROM outgoing_mail" in each for each in statements["primary"])
    assert not any("FROM outgoing_mail" in each for each in statements["replica"])


def test_a_page_that_is_no_report_asks_the_primary_alone(office):
    client = browser("mai")

    with asked() as statements:
        client.get("/nhiem-vu")

    assert statements["replica"] == []


def test_nothing_can_be_written_through_the_replica_even_by_mistake(office):
    with reading.reading() as on_replica, pytest.raises(InternalError) as refusal:
        db.session.execute(text("UPDATE task SET content = 'x'"))

    assert on_replica
    assert refusal.value.orig.sqlstate == "25006"
    db.session.rollback()
    assert db.session.scalar(text("SELECT count(*) FROM task WHERE content = 'x'")) == 0


def test_the_engine_refuses_to_write_also_where_the_address_is_that_of_a_primary(pair):
    app = make_app(pair.url, SQLALCHEMY_BINDS={REPLICA: engine_settings(pair.url)})

    with app.app_context(), pytest.raises(InternalError) as refusal, reading.reading():
        db.session.execute(text("UPDATE task SET content = 'x'"))
    with app.app_context():
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()

    assert refusal.value.orig.sqlstate == "25006"


def test_the_inner_question_may_ask_the_primary(office):
    where = text("SELECT pg_is_in_recovery()")

    with reading.reading():
        on_replica = db.session.scalar(where)
        with from_primary():
            inside = db.session.scalar(where)
    outside = db.session.scalar(where)

    assert (on_replica, inside, outside) == (True, False, False)


def test_a_person_sees_their_own_write_though_the_replica_is_late_and_others_soon_after(office, pair):
    head, tracker = browser("binh"), browser("mai")
    before = counted(tracker)
    pair.hold_back()

    accept_one_more(head)

    mine, of_others = counted(head), counted(tracker)
    assert mine["in_progress_not_due"] == before["in_progress_not_due"] + 1
    assert of_others == before
    pair.let_go()
    pair.catch_up()
    with asked() as statements:
        assert counted(head) == counted(tracker) == mine
    assert not any("FROM task_period" in each for each in statements["primary"])


def test_a_replica_that_is_too_late_is_not_asked_and_told_of(office, pair, monkeypatch):
    monkeypatch.setattr(reading, "MOST_LAG", timedelta(0))
    pair.hold_back()
    accept_one_more(browser("binh"))

    with asked() as statements:
        browser("mai").get(B4)

    assert not any("task_period" in each for each in statements["replica"])
    assert replica_state().is_late
    found = [watch.sentence(each) for each in watch.find_now(now=NOW) if each.word == "replica"]
    assert found and found[0].startswith("Bản sao chỉ đọc chậm")


def test_a_replica_that_goes_away_in_the_middle_costs_a_person_nothing(office, pair):
    client = browser("mai")
    before = counted(client)

    def goes_away(_c: Any, _k: Any, statement: str, *_rest: Any) -> None:
        if "task_period" in statement and (pair.folder / "replica" / "postmaster.pid").exists():
            pair.stop()

    event.listen(db.engines[REPLICA], "before_cursor_execute", goes_away)
    try:
        answer, again = counted(client), counted(client)
        found = [each for each in watch.find_now(now=NOW) if each.word == "replica"]
        page = words(browser("kiet").get("/quan-tri/he-thong"))
    finally:
        event.remove(db.engines[REPLICA], "before_cursor_execute", goes_away)
        pair.start()

    assert answer == again == before
    assert [each.severity for each in found] == ["notice"]
    assert "Bản sao chỉ đọc của cơ sở dữ liệu không trả lời" in page


def test_the_system_page_says_that_the_replica_keeps_up(office):
    page = words(browser("kiet").get("/quan-tri/he-thong"))

    assert "Bản sao chỉ đọc" in page
    assert "không trả lời" not in page


def test_the_setting_asks_for_postgresql_on_both_sides():
    with pytest.raises(config.BadConfiguration, match="DATABASE_READ_URL"):
        config.load({"DATABASE_READ_URL": "postgresql://replica/dondoc", "TRACKER_MODE": "test"})


def test_the_number_of_tasks_is_the_same_on_both(office, pair):
    count = db.select(db.func.count()).select_from(Task)

    with reading.reading():
        there = db.session.scalar(count)

    assert there == db.session.scalar(count)
