"""A process that has read everything and forks workers at once, so that a thousand kills are affordable.

It never opens a connection: what it forks has none in common with another. `python -m tests.chaos.mother
SETTINGS` reads commands from its input, a line of JSON each, and answers each with a line; `Mother` is the
other end. All its children see one clock, which the test moves.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import mmap
import os
import shutil
import signal
import struct
import subprocess
import sys
import time
import traceback
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
SECRET = "one secret for the sessions of all workers"
_PR_SET_PDEATHSIG = 1


class SharedClock:
    """By how many seconds the clock of all processes runs ahead of the real one: eight bytes in a file."""

    def __init__(self, path: Path) -> None:
        if not path.exists():
            path.write_bytes(struct.pack("d", 0.0))
        with path.open("r+b") as file:
            self._bytes = mmap.mmap(file.fileno(), 8)

    def set(self, moment: datetime) -> None:
        """Let it be `moment` (aware) now, everywhere."""
        self._bytes[:8] = struct.pack("d", (moment - datetime.now(UTC)).total_seconds())

    def now(self) -> datetime:
        """Return the moment that all processes take for the present one."""
        return datetime.now(UTC) + timedelta(seconds=struct.unpack("d", self._bytes[:8])[0])


class Mother:
    """Starts workers on one database by forking, and ends them; a context manager that leaves none behind.

    `folder` takes the logs, the shared clock and the files that are attached; `settings` are Flask settings
    above those of the tests. `lease` is the lease of mails in seconds, where it is not the written one;
    then schedulers look for mails every second.
    """

    def __init__(
        self, folder: Path, url: str, *, mail_port: int, lease: float | None = None, **settings: Any
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.clock = SharedClock(folder / "clock")
        self.log = folder / "workers.log"
        self.log.touch()
        told = {"folder": str(folder), "url": url, "port": mail_port, "lease": lease, "settings": settings}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.chaos.mother", json.dumps(told)], cwd=ROOT, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        self.web_port: int = self._answer()["web_port"]
        self._living: set[int] = set()

    def __enter__(self) -> Mother:
        return self

    def __exit__(self, *_exception: object) -> None:
        if self._process.poll() is None:
            for pid in list(self._living):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)
                self.end(pid)
            assert self._process.stdin is not None
            self._process.stdin.close()
        self._process.wait(timeout=300)

    def _ask(self, **command: Any) -> Any:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the mother of the workers has died"
        return json.loads(line)

    def start(self, role: str, **values: Any) -> int:
        """Fork a worker that plays a role (a function of `tests.chaos.roles`); return its process id."""
        pid = int(self._ask(do="start", role=role, values=values)["pid"])
        self._living.add(pid)
        return pid

    def end(self, pid: int, number: int = signal.SIGKILL) -> int:
        """Send a worker a signal and return how it ended: its exit code, or minus the signal."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
        return self.wait(pid)

    def wait(self, pid: int) -> int:
        """Wait for the end of a worker; return its exit code, or minus the signal that ended it."""
        self._living.discard(pid)
        return int(self._ask(do="wait", pid=pid)["code"])

    def run(self, role: str, **values: Any) -> int:
        """Let a worker play a role to its end; return how it ended."""
        return self.wait(self.start(role, **values))

    def troubles(self) -> list[str]:
        """Return the lines of the logs that tell of errors."""
        lines = self.log.read_text(encoding="utf-8").splitlines()
        return [line for line in lines if "Error" in line or "error" in line]


def _make_app(told: dict[str, Any]) -> Any:
    from tests.conftest import make_app
    from tracker import clock, jobs, outbox

    shared, real = SharedClock(Path(told["folder"]) / "clock"), clock.now

    def now() -> datetime:
        stands = "TRACKER_NOW" in os.environ or clock._standing_still_at.get() is not None
        return real() if stands else shared.now()

    clock.now = now
    if told["lease"]:
        outbox.LEASE = timedelta(seconds=told["lease"])
        jobs.TIMETABLE = tuple(
            replace(entry, every=timedelta(seconds=1)) if entry.name == "deliver" else entry
            for entry in jobs.TIMETABLE
        )
    files = str(Path(told["folder"]) / "files")
    return make_app(
        told["url"], MAIL_SERVER="127.0.0.1", MAIL_PORT=told["port"], FILES_FOLDER=files, SECRET_KEY=SECRET,
        BACKUP_FOLDER="", **told["settings"],
    )


def _refuse_open_connections(app: Any) -> None:
    from tracker.models import db

    with app.app_context():
        pool: Any = db.engine.pool
        assert pool.checkedin() + pool.checkedout() == 0, "never fork with an open connection"


def _become(role: str, values: dict[str, Any], app: Any, listening: Any, log: Path) -> None:
    """Play a role in this new process, and end it."""
    from tests.chaos import roles

    code = 1
    try:
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        handle = os.open(log, os.O_WRONLY | os.O_APPEND)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(handle, 1)
        os.dup2(handle, 2)
        code = int(getattr(roles, role)(app, listening=listening, **values) or 0)
    except SystemExit as leaving:
        code = leaving.code if isinstance(leaving.code, int) else 1
    except BaseException:
        traceback.print_exc()
    finally:
        with contextlib.suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def _commands() -> Iterator[dict[str, Any]]:
    for line in sys.stdin:
        yield json.loads(line)


def _main(told: dict[str, Any]) -> None:
    import socket

    import tests.chaos.roles  # noqa: F401  read before the first fork

    app = _make_app(told)
    shutil.rmtree(os.environ["TRACKER_INSTANCE"], ignore_errors=True)
    for name in app.jinja_env.list_templates(filter_func=lambda name: name.startswith("emails/")):
        app.jinja_env.get_template(name)
    log = Path(told["folder"]) / "workers.log"
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listening:
        listening.setblocking(False)
        print(json.dumps({"web_port": listening.getsockname()[1]}), flush=True)
        for command in _commands():
            if command["do"] == "start":
                _refuse_open_connections(app)
                pid = os.fork()
                if pid == 0:
                    _become(command["role"], command["values"], app, listening, log)
                print(json.dumps({"pid": pid}), flush=True)
            else:
                _pid, status = os.waitpid(command["pid"], 0)
                print(json.dumps({"code": os.waitstatus_to_exitcode(status)}), flush=True)


def wait_for(true: Any, seconds: float, what: str) -> None:
    """Wait for something to become true; fail, naming `what`, when it does not."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"{what}: not within {seconds:.0f} s"
        time.sleep(0.05)


if __name__ == "__main__":
    _main(json.loads(sys.argv[1]))
