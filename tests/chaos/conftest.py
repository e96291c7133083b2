"""What all chaos tests share: their size, the dice, and a database of each kind.

`CHAOS=small` (the default: `make slow`) or `CHAOS=full` (`make chaos`) decides how much is done. Everything
random comes from one number, printed when the run begins: `CHAOS_SEED=… ` repeats it.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from tests.chaos.installation import freeze_some, lines_of
from tests.chaos.mail_server import MailServer, running
from tests.chaos.mother import Mother
from tests.conftest import POSTGRESQL, SQLITE, make_app
from tracker.models import db
from tracker.operations import history

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


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """In the small size play half of the cases that a test has on PostgreSQL, drawn by lot."""
    if os.environ[SIZE] == "full":
        return
    chance, cases = random.Random(os.environ[SEED]), defaultdict(list)
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent) and POSTGRESQL in item.name:
            cases[item.nodeid.partition("[")[0]].append(item)
    left_out = {item for each in cases.values() for item in chance.sample(each, len(each) // 2)}
    config.hook.pytest_deselected(items=list(left_out))
    items[:] = [item for item in items if item not in left_out]


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


class Installations:
    """A random installation of 25,000 tasks (small: 1,000) on each kind of database, made when asked for.

    On SQLite its lines are loaded and some reports are frozen; on PostgreSQL is what a dump of that made.
    """

    def __init__(self, databases: Any, tasks: int) -> None:
        self.databases = databases
        self.lines = lines_of(random.Random(f"{os.environ[SEED]}:installation"), tasks=tasks)
        self.templates: dict[str, str] = {}

    def copy(self, kind: str) -> str:
        """Return the URL of a copy."""
        return str(self.databases.copy(self.template(kind)))

    def template(self, kind: str) -> str:
        """Return the URL of the one that is copied; nobody writes to it."""
        if kind not in self.templates:
            dumped = None if kind == SQLITE else self._dump()
            url = self.databases.fresh(kind)
            with working_on(url):
                history.load(dumped or (json.dumps(line, ensure_ascii=False) for line in self.lines))
                if dumped is None:
                    freeze_some()
            self.templates[kind] = url
        return self.templates[kind]

    def _dump(self) -> list[str]:
        with working_on(self.template(SQLITE)):
            return list(history.dump())


@contextmanager
def working_on(url: str) -> Iterator[Flask]:
    """Let the block work on a database; nobody uses it afterwards."""
    app = make_app(url)
    with app.app_context():
        try:
            yield app
        finally:
            db.session.remove()
            db.engine.dispose()


@pytest.fixture(scope="session")
def installations(databases: Any, size: Size) -> Installations:
    """One random installation for all tests of this worker that need a large one."""
    return Installations(databases, size.pick(1_000, 25_000))


@pytest.fixture
def filled_app(database: str, installations: Installations) -> Iterator[Flask]:
    """An application on a random installation of its own, where a commit is a commit."""
    with working_on(installations.copy(database)) as app:
        yield app


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
