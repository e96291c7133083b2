"""The SQLite library: one a process, its journal never one that may harm the file, no reader in the way."""

from __future__ import annotations

import subprocess
import sys
from contextlib import closing

import pytest
from sqlalchemy import create_engine, text

from tracker import ROOT
from tracker.models import db, transaction
from tracker.models.calendar import Setting
from tracker.models.sqlite import SAFE_WAL_VERSION, journal_mode, sqlite

WITHOUT_THE_PACKAGE = """
import sys
sys.modules["pysqlite3"] = None
from sqlalchemy import create_engine, text
import tracker.models
from tracker.models.sqlite import journal_mode, sqlite
engine = create_engine("sqlite://")
assert engine.dialect.dbapi is sqlite
print(sqlite.__name__, journal_mode((3, 40, 1)))
"""


@pytest.mark.about_sqlite
def test_the_installed_library_is_one_that_may_keep_a_wal(own_app):
    mode = db.session.scalar(text("PRAGMA journal_mode"))

    assert sqlite.sqlite_version_info >= SAFE_WAL_VERSION
    assert mode == journal_mode().lower() == "wal"


def test_every_engine_of_a_sqlite_address_takes_the_one_library():
    engine = create_engine("sqlite://")

    with engine.connect() as connection:
        version = connection.scalar(text("SELECT sqlite_version()"))

    assert engine.dialect.dbapi is sqlite
    assert version == sqlite.sqlite_version


def test_without_the_package_the_library_of_python_serves_with_the_safe_journal():
    command = [sys.executable, "-c", WITHOUT_THE_PACKAGE]

    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert (answer.stdout.split(), answer.stderr) == (["sqlite3", "DELETE"], "")


@pytest.mark.about_sqlite
def test_who_reads_for_long_stops_no_writer_and_sees_one_moment(own_app):
    file = db.engine.url.database
    with closing(sqlite.connect(file, isolation_level=None, timeout=0)) as reader:
        reader.execute("BEGIN")
        before = reader.execute("SELECT count(*) FROM setting").fetchone()
        db.session.execute(text("PRAGMA busy_timeout = 0"))

        with transaction():
            db.session.add(Setting(name="due_soon_days", value=6))

        assert reader.execute("SELECT count(*) FROM setting").fetchone() == before
        reader.execute("COMMIT")
        assert reader.execute("SELECT count(*) FROM setting").fetchone() == (before[0] + 1,)
