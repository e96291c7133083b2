"""Backups of the database: a consistent copy a night, checked before it counts, and old copies thinned out.

Only the database: the files folder holds files that never change, and `tracker.toml` changes once
(docs/deployment.md says how the three are kept and put back together).
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterable
from contextlib import closing
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from flask import current_app
from sqlalchemy import URL, make_url

from tracker.clock import VIETNAM
from tracker.models.sqlite import sqlite
from tracker.rules.words import N_
from tracker.rules.workflow import DomainError

KEPT_FOR = timedelta(days=14)
"""Every copy of so many days is kept; of those before, the first of each month."""
ABANDONED_AFTER = timedelta(days=1)
"""How old what a killed backup left behind must be before it is cleared away."""
DUMP_WITHIN = timedelta(hours=2)
_NAME = re.compile(r"tracker-(\d{4})-(\d\d)-(\d\d)-\d{6}\.(sqlite3|dump)")


class BackupFailed(DomainError):
    """No copy was made; the sentence says why and what to do."""


class Copy(NamedTuple):
    """One copy of the database."""

    path: Path
    size: int
    """Bytes."""
    made_on: date
    """The day in Vietnam."""


def is_made_here() -> bool:
    """Return whether this installation makes its own backups (`BACKUP_FOLDER` is not “off”)."""
    return bool(current_app.config["BACKUP_FOLDER"])


def back_up(*, at: datetime) -> Copy:
    """Copy the database into the folder of backups and clear away old copies; raise `BackupFailed`.

    `at` (aware) names the copy. It has its name only when it is whole, checked and on the disk.
    """
    folder = Path(current_app.config["BACKUP_FOLDER"])
    url = make_url(current_app.config["SQLALCHEMY_DATABASE_URI"])
    is_file = url.get_backend_name() == "sqlite"
    name = f"tracker-{at.astimezone(VIETNAM):%Y-%m-%d-%H%M%S}.{'sqlite3' if is_file else 'dump'}"
    draft = folder / f"{name}.{os.getpid()}.part"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft.touch(mode=0o600)
        if is_file:
            _copy_sqlite(Path(url.database or ""), draft)
        else:
            _dump_postgresql(url, draft)
        _settle(draft, folder / name)
    except (OSError, sqlite.Error, subprocess.SubprocessError) as error:
        raise BackupFailed(N_("Không sao lưu được: %(why)s"), why=str(error)) from error
    finally:
        draft.unlink(missing_ok=True)
    _thin_out(folder, at=at)
    return next(each for each in copies() if each.path.name == name)


def copies() -> list[Copy]:
    """Return the copies that this machine sees, the latest first."""
    if not is_made_here():
        return []
    found = []
    for path in Path(current_app.config["BACKUP_FOLDER"]).glob("tracker-*"):
        if match := _NAME.fullmatch(path.name):
            year, month, day = (int(each) for each in match.groups()[:3])
            found.append(Copy(path, path.stat().st_size, date(year, month, day)))
    return sorted(found, key=lambda each: each.path.name, reverse=True)


def to_clear_away(made: Iterable[Copy], *, today: date) -> list[Copy]:
    """Return the copies from before the last days of `KEPT_FOR` that are not the first of their month."""
    oldest_first = sorted(made, key=lambda each: each.path.name)
    first_of = {(each.made_on.year, each.made_on.month): each for each in reversed(oldest_first)}
    return [
        each for each in oldest_first
        if today - each.made_on >= KEPT_FOR and each is not first_of[each.made_on.year, each.made_on.month]
    ]  # fmt: skip


def _copy_sqlite(source: Path, draft: Path) -> None:
    """Copy a database that is in use, as of one moment, and check the copy."""
    if not source.is_file():
        raise BackupFailed(N_("Cơ sở dữ liệu này không nằm trong một tệp nên không sao lưu được."))
    with (
        closing(sqlite.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True, timeout=30)) as original,
        closing(sqlite.connect(draft)) as copy,
    ):
        # In one step: a writer waits until it is done, instead of making it begin anew again and again.
        original.backup(copy, pages=-1)
        copy.execute("PRAGMA journal_mode = DELETE")
        (answer,) = copy.execute("PRAGMA integrity_check").fetchone()
    if answer != "ok":
        raise BackupFailed(N_("Bản sao lưu bị hỏng khi kiểm tra: %(why)s"), why=answer)


def _dump_postgresql(url: URL, draft: Path) -> None:
    program = shutil.which("pg_dump")
    if program is None:
        raise BackupFailed(N_(
            "Máy này không có pg_dump: hãy sao lưu tại máy chủ PostgreSQL và đặt BACKUP_FOLDER=off, "
            "hoặc cài pg_dump."
        ))  # fmt: skip
    # The password goes by the environment: a command line is for everybody on the machine to read.
    environ = os.environ | ({"PGPASSWORD": str(url.password)} if url.password else {})
    address = URL.create("postgresql", url.username, None, url.host, url.port, url.database, url.query)
    where = ["--no-owner", f"--file={draft}", f"--dbname={address.render_as_string()}"]
    command = [program, "--format=custom", *where]
    said = subprocess.run(  # noqa: S603
        command, env=environ, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace",
        timeout=DUMP_WITHIN.total_seconds(), check=False,
    )  # fmt: skip
    if said.returncode != 0:
        raise BackupFailed(N_("pg_dump không thành công: %(why)s"), why=said.stderr.strip()[-500:])


def _settle(draft: Path, path: Path) -> None:
    """Bring a finished copy to the disk, and only then to its name."""
    with draft.open("rb+") as file:
        os.fsync(file.fileno())
    draft.replace(path)
    if os.name == "posix":
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _thin_out(folder: Path, *, at: datetime) -> None:
    for each in to_clear_away(copies(), today=at.astimezone(VIETNAM).date()):
        each.path.unlink(missing_ok=True)
    for left in folder.glob("tracker-*.part"):
        if at.timestamp() - left.stat().st_mtime > ABANDONED_AFTER.total_seconds():
            left.unlink(missing_ok=True)
