"""Child processes: begun together, watched, started again, and ended together.

A child is a command, or on Linux a function in a fork of this process (`forks.py`).
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any, Protocol

import click

from tracker.forks import STOPPING, Fork, end_with_parent

ROOT = Path(__file__).parent.parent
WINDOWS = sys.platform == "win32"

LOOK_EVERY = 0.2
READY_WITHIN = 60.0
STOP_WITHIN = 20.0
"""Seconds: between two looks at the children, for the first answer, and for a clean end."""

RESTART_AFTER = (1.0, 2.0, 5.0, 10.0, 30.0)
"""Seconds to wait before a child that died is started again, longer after each quick death in a row."""
STEADY_AFTER = 60.0
"""Seconds that a child must live for its death to be no quick one."""

Work = Sequence[str] | Callable[[], None]
"""What a child does: a command with its words, or a function that is called in a fork of this process."""

Server = Callable[[Callable[[Callable[[], object]], None]], None]
"""A function that serves in this process until it is ended. It calls what it is given with what ends it, once
it has set handlers of signals of its own, which are then taken back."""


class Process(Protocol):
    """What is asked of a child, whichever way it was begun."""

    pid: int

    @property
    def returncode(self) -> int | None:
        """The exit code, negative for a signal; None while it runs."""

    def poll(self) -> int | None:
        """See whether it has ended, and return its exit code."""

    def wait(self) -> int:
        """Wait for its end and return its exit code."""

    def send_signal(self, sig: int, /) -> None:
        """Send it a signal."""


def run_together(
    works: Mapping[str, Work], *, is_ready: Callable[[], bool], when_ready: Callable[[], None],
    restarted: Collection[str] = (), titles: Mapping[str, str] | None = None, server: Server | None = None,
) -> int:  # fmt: skip
    """Run the works as children until asked to stop (SIGINT, SIGTERM), and return the exit code.

    `when_ready` is called once `is_ready` says so. A child named in `restarted` that ends by itself is
    started again after a while (RESTART_AFTER), and the others go on. The code is 0 after a stop that was
    asked for; when another child ends, one dies quickly too many times in a row, or nothing is ready in time,
    all are stopped and it is 1. `titles` are the names of forked processes. A `server` serves in this process
    meanwhile, and ends and is ended as a child is.
    """
    asked: list[int] = []
    ends: list[Callable[[], object]] = []

    def ask(number: int, _frame: FrameType | None) -> None:
        asked.append(number)
        for end in ends:
            end()

    with _signals(ask):
        children: dict[str, _Child] = {}
        try:
            for name, work in works.items():
                title = (titles or {}).get(name, name)
                children[name] = _Child(title, work, RESTART_AFTER if name in restarted else ())
            watch = partial(_watch, children, asked, is_ready, when_ready)
            if server is None:
                return watch()
            return _serve_beside(server, watch, ask, asked, ends, children.values())
        finally:
            _stop([child.process for child in children.values()], asked)


def _watch(
    children: Mapping[str, _Child], asked: Collection[int], is_ready: Callable[[], bool],
    when_ready: Callable[[], None],
) -> int:  # fmt: skip
    """Look after the children until somebody asks for the end, or they cannot go on; return the exit code."""
    deadline, ready = time.monotonic() + READY_WITHIN, False
    while not asked:
        for name, child in children.items():
            if told := child.look():
                click.echo(f"Tiến trình {name} {told}", err=True)
            if child.is_given_up:
                return 1
        if not ready and is_ready():
            ready = True
            when_ready()
        elif not ready and time.monotonic() > deadline:
            click.echo(f"Máy chủ web không trả lời sau {READY_WITHIN:.0f} giây.", err=True)
            return 1
        time.sleep(LOOK_EVERY)
    click.echo("Đang dừng…")
    return 0


def _serve_beside(
    server: Server, watch: Callable[[], int], ask: Callable[[int, FrameType | None], None], asked: list[int],
    ends: list[Callable[[], object]], children: Collection[_Child],
) -> int:  # fmt: skip
    """Serve in this thread, which signals come to, and watch in another; return the exit code of both."""
    codes: list[int] = []

    def watch_and_end() -> None:
        try:
            codes.append(watch())
        finally:
            for child in children:
                child.process.send_signal(signal.SIGTERM)
            if not asked:
                os.kill(os.getpid(), signal.SIGTERM)

    def take(end: Callable[[], object]) -> None:
        ends.append(end)
        for name in STOPPING:
            signal.signal(getattr(signal, name), ask)
        if asked:
            end()

    watching = threading.Thread(target=watch_and_end)
    watching.start()
    try:
        server(take)
    except SystemExit as error:
        codes.append(error.code if isinstance(error.code, int) else 1)
    finally:
        ends.clear()
        was_asked = bool(asked)
        asked.append(0)
        watching.join()
    if not was_asked:
        click.echo("Máy chủ web đã dừng.", err=True)
    return max(codes) if was_asked and codes else 1


class _Child:
    """A process that is started again after its death, later after each of several quick ones in a row."""

    def __init__(self, title: str, work: Work, delays: Sequence[float]) -> None:
        self.title, self.work, self.delays = title, work, delays
        self.quick_deaths = 0
        self.again_at: float | None = None
        self.is_given_up = False
        self._start()

    def _start(self) -> None:
        self.process: Process = (
            Fork(self.title, self.work) if callable(self.work) else _spawn(list(self.work))
        )
        self.began_at, self.again_at = time.monotonic(), None

    def look(self) -> str:
        """See to the process; return what is to be told of it, "" while all is well."""
        if self.again_at is not None:
            if time.monotonic() >= self.again_at:
                self._start()
            return ""
        if self.process.poll() is None:
            return ""
        if time.monotonic() - self.began_at >= STEADY_AFTER:
            self.quick_deaths = 0
        ended = f"đã dừng (mã {self.process.returncode})"
        if self.quick_deaths >= len(self.delays):
            self.is_given_up = True
            return f"{ended}."
        delay = self.delays[self.quick_deaths]
        self.quick_deaths += 1
        self.again_at = time.monotonic() + delay
        return f"{ended}, chạy lại sau {delay:.0f} giây."


@contextlib.contextmanager
def _signals(handle: Callable[[int, FrameType | None], Any]) -> Iterator[None]:
    before = {name: signal.signal(getattr(signal, name), handle) for name in STOPPING}
    try:
        yield
    finally:
        for name, old in before.items():
            signal.signal(getattr(signal, name), old)


def _spawn(command: list[str]) -> subprocess.Popen[bytes]:
    """Start a child in a process group of its own: Ctrl-C reaches this process alone, which stops it."""
    if sys.platform == "win32":
        return subprocess.Popen(command, cwd=ROOT, creationflags=subprocess.CREATE_NEW_PROCESS_GROUP)  # noqa: S603
    return subprocess.Popen(command, cwd=ROOT, start_new_session=True, preexec_fn=end_with_parent)  # noqa: S603


def _stop(children: Iterable[Process], asked: list[int]) -> None:
    """Ask every child to end, and end what remains of its group; Ctrl-C twice more does not wait."""
    running = list(children)
    for child in running:
        if child.poll() is None:
            if sys.platform == "win32":
                child.send_signal(signal.CTRL_BREAK_EVENT)
            else:
                child.send_signal(signal.SIGTERM)
    impatient = len(asked) + 1
    deadline = time.monotonic() + STOP_WITHIN
    while any(child.poll() is None for child in running):
        if time.monotonic() > deadline or len(asked) > impatient:
            break
        time.sleep(LOOK_EVERY / 4)
    for child in running:
        if sys.platform == "win32":
            child.send_signal(signal.SIGTERM)
        else:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(child.pid, signal.SIGKILL)
        child.wait()
