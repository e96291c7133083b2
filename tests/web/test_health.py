"""What a monitor gets: green, or red with its reasons, and never a trace or a secret."""

import time
from datetime import datetime, timedelta

import pytest
from sqlalchemy import create_engine

from tests.conftest import make_app
from tests.counting import statements
from tests.queries.signs import findings_at
from tracker import clock
from tracker.models import db
from tracker.models.mail import JobRun
from tracker.rules.timetable import TIMETABLE

pytestmark = pytest.mark.usefixtures("at_noon")
NOON = datetime(2026, 3, 20, 12, 0, tzinfo=clock.VIETNAM)


@pytest.fixture
def at_noon(app, on_day, monkeypatch):
    """Friday 20/3/2026 at noon; the web server has run for an hour."""
    on_day(NOON.date(), "12:00")
    monkeypatch.setitem(app.extensions, "began", time.monotonic() - 3600)


def run(name, moment, *, succeeded=True, detail=None, worker="máy:1:2"):
    """Store a run of a job that began and ended at a moment."""
    db.session.add(JobRun(name=name, worker=worker, started_at=moment, ended_at=moment, succeeded=succeeded,
                          detail=detail, seen_at=moment))  # fmt: skip
    db.session.commit()


def make_well(moment=NOON):
    """Let every job have run at a moment."""
    for entry in TIMETABLE:
        run(entry.name, moment)


def ask(client, path="/healthz"):
    answer = client.get(path)
    return answer.status_code, answer.get_data(as_text=True)


def test_a_well_installation_answers_ok(session, client):
    make_well()

    answer = client.get("/healthz")

    assert (answer.status_code, answer.get_data(as_text=True)) == (200, "ok\n")
    assert answer.content_type == "text/plain; charset=utf-8"


@pytest.mark.parametrize(("seconds", "status"), [(0, 200), (60, 200), (150, 200), (151, 503), (180, 503)])
def test_a_scheduler_is_dead_after_two_and_a_half_minutes_of_silence(session, client, seconds, status):
    make_well(NOON - timedelta(seconds=seconds))

    assert ask(client)[0] == status


def test_the_reason_is_a_plain_line(session, client):
    make_well(NOON - timedelta(minutes=3))

    assert ask(client) == (503, "Bộ lập lịch đã ngừng từ 11:57 20/03/2026.\n")


def test_every_fault_has_a_line_and_none_tells_a_secret(session, client):
    make_well(NOON - timedelta(minutes=1))
    db.session.query(JobRun).filter(JobRun.name.in_(("reminders", "overdue"))).delete()
    run("overdue", NOON, succeeded=False, detail="OperationalError: mật khẩu bi-mat của người dùng x")

    status, lines = ask(client)

    assert status == 503
    assert lines.splitlines() == [
        "Việc “Ghi nhận nhiệm vụ quá hạn” bị lỗi, lần gần nhất lúc 12:00 20/03/2026.",
        "Việc “Lập thư nhắc hằng ngày” đến giờ từ 07:00 20/03/2026 mà chưa chạy xong.",
    ]


def test_what_is_merely_to_be_seen_to_does_not_turn_the_monitor_red(session, client):
    make_well()

    assert "calendar" in [each.word for each in findings_at(NOON)]
    assert ask(client)[0] == 200


def test_a_web_server_that_has_just_begun_gives_the_scheduler_a_minute(app, session, client, monkeypatch):
    make_well(NOON - timedelta(hours=8))
    answers = []
    for seconds in (1, 59, 61):
        monkeypatch.setitem(app.extensions, "began", time.monotonic() - seconds)
        answers.append(ask(client)[0])

    assert answers == [200, 200, 503]


def test_whether_the_web_server_lives_is_asked_apart(session, client):
    assert ask(client, "/healthz/web") == (200, "ok\n")
    assert ask(client)[0] == 503


def test_a_database_that_cannot_be_reached_is_red_without_a_trace():
    app = make_app("postgresql+psycopg://nguoi:bi-mat@127.0.0.1:1/x")
    app.extensions["began"] = time.monotonic() - 3600
    client = app.test_client()

    answers = [ask(client), ask(client, "/healthz/web")]

    assert answers == [(503, "Không kết nối được cơ sở dữ liệu.\n")] * 2


def test_a_database_without_tables_or_of_another_version_is_red(databases, database):
    app = make_app(databases.blank(database))
    bare = ask(app.test_client())
    old = make_app(databases.fresh(database))
    engine = create_engine(old.config["SQLALCHEMY_DATABASE_URI"])
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
    engine.dispose()

    status, lines = ask(old.test_client())

    assert bare == (503, "Cơ sở dữ liệu chưa có bảng.\n")
    assert status == 503
    assert lines.startswith("Cơ sở dữ liệu ở phiên bản 0001, chương trình cần phiên bản 00")


def test_a_monitor_costs_a_handful_of_statements(session, client):
    make_well()

    with statements() as seen:
        client.get("/healthz")

    assert len(seen) <= 5
