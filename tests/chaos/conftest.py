"""What all chaos tests share: their size, the dice, and a database of each kind.

`CHAOS=small` (the default: `make slow`) or `CHAOS=full` (`make chaos`) decides how much is done. Everything
random comes from one number, printed when the run begins: `CHAOS_SEED=… ` repeats it.
"""

from __future__ import annotations

import os
import random
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.chaos.mail_server import MailServer, running
from tests.chaos.mother import Mother

SEED, SIZE = "CHAOS_SEED", "CHAOS"
TEMPORARY = "PYTEST_DEBUG_TEMPROOT"
MEMORY = Path("/dev/shm")
"""Kills end processes, not machines: databases in memory survive them too, and need no slow disk."""
ROOM = 4 * 2**30
"""Bytes that must be free there."""


@dataclass(frozen=True)
class Size:
    """How much a chaos run does."""

    is_full: bool

    def pick(self, small: Any, full: Any) -> Any:
        """Return the one that belongs to this size."""
        return full if self.is_full else small


def pytest_configure(config: pytest.Config) -> None:
    """Throw the dice once for the whole run, its worker processes included, and say the number."""
    os.environ.setdefault(SIZE, "small")
    assert os.environ[SIZE] in ("small", "full"), "CHAOS is small or full"
    if SEED not in os.environ:
        os.environ[SEED] = str(random.SystemRandom().randrange(10**9))
    if "PYTEST_XDIST_WORKER" not in os.environ:
        print(f"chaos: {SIZE}={os.environ[SIZE]} {SEED}={os.environ[SEED]}", flush=True)
        if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM:
            _clear_away_what_killed_runs_left()
            os.environ[TEMPORARY] = tempfile.mkdtemp(prefix=f"chaos-{os.getpid()}-", dir=MEMORY)
            # A server of databases that runs as another person must reach its own folder.
            Path(os.environ[TEMPORARY]).chmod(0o755)


def _clear_away_what_killed_runs_left() -> None:
    for folder in MEMORY.glob("chaos-*-*"):
        if not Path(f"/proc/{folder.name.split('-')[1]}").exists():
            shutil.rmtree(folder, ignore_errors=True)


def pytest_unconfigure() -> None:
    """Give the memory back."""
    folder = os.environ.get(TEMPORARY, "")
    if "PYTEST_XDIST_WORKER" not in os.environ and folder.startswith(f"{MEMORY}/chaos-"):
        shutil.rmtree(folder, ignore_errors=True)


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say what was counted, also when everything went well."""
    for reports in terminalreporter.stats.values():
        for report in reports:
            if getattr(report, "when", "") == "call" and report.user_properties:
                counted = ", ".join(f"{name} {value}" for name, value in report.user_properties)
                terminalreporter.write_line(f"{report.nodeid.rpartition('::')[2]}: {counted}")


@pytest.fixture(scope="session")
def size() -> Size:
    """How much this run does."""
    return Size(os.environ[SIZE] == "full")


@dataclass
class Workshop:
    """One database, one mail server and one mother of workers, for many short tests one after the other."""

    databases: Any
    url: str
    server: MailServer
    mother: Mother
    folder: Path

    @property
    def files(self) -> Path:
        """Where attached papers lie."""
        return self.folder / "files"

    def begin_anew(self, template: str) -> None:
        """Let the database hold what another one holds; mails and files of before are gone."""
        self.databases.put_back(self.url, template)
        self.server.accepted.clear()
        self.server.answer = lambda _step, _argument: None
        shutil.rmtree(self.files, ignore_errors=True)


@pytest.fixture(scope="session")
def workshops(
    databases: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], Workshop]]:
    """Return a function that gives the workshop of a kind of database."""
    with ExitStack() as stack:

        @cache
        def of(database: str) -> Workshop:
            folder = tmp_path_factory.mktemp("workshop")
            url = databases.fresh(database)
            server = stack.enter_context(running(MailServer()))
            mother = stack.enter_context(Mother(folder, url, mail_port=server.port))
            return Workshop(databases, url, server, mother, folder)

        yield of


@pytest.fixture
def workshop(database: str, workshops: Callable[[str], Workshop]) -> Workshop:
    """The workshop of the database of this test."""
    return workshops(database)


@pytest.fixture
def chance(request: pytest.FixtureRequest) -> random.Random:
    """The dice of one test: the same for the same seed, whatever else runs."""
    return random.Random(f"{os.environ[SEED]}:{request.node.name}")


@pytest.fixture
def note(record_property: Callable[[str, object], None]) -> Callable[..., None]:
    """Return a function that keeps what was counted for the end of the run: `note(kills=30, copies=4)`."""

    def keep(**counted: object) -> None:
        for name, value in counted.items():
            record_property(name, value)

    return keep
