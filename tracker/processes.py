"""Child processes: begun together, watched, started again, and ended together.

A child is a command, or on Linux a function in a fork of this process: then it shares the memory of the
program that was read before. Only what has no open connection and no second thread may be forked.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import os
import select
import signal
import socket
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextvars import Context
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn, Protocol

import click

ROOT = Path(__file__).parent.parent
WINDOWS = sys.platform == "win32"
FORKS = sys.platform == "linux"
"""Whether children are forked; elsewhere forking is not safe, or there is none."""

LOOK_EVERY = 0.2
READY_WITHIN = 60.0
STOP_WITHIN = 20.0
"""Seconds: between two looks at the children, for the first answer, and for a clean end."""

RESTART_AFTER = (1.0, 2.0, 5.0, 10.0, 30.0)
"""Seconds to wait before a child that died is started again, longer after each quick death in a row."""
STEADY_AFTER = 60.0
"""Seconds that a child must live for its death to be no quick one."""

_STOPPING = ("SIGINT", "SIGTERM", "SIGBREAK") if WINDOWS else ("SIGINT", "SIGTERM", "SIGHUP")
_PR_SET_PDEATHSIG, _PR_SET_NAME = 1, 15
_M_ARENA_MAX = -8

Work = Sequence[str] | Callable[[], None]
"""What a child does: a command with its words, or a function that is called in a fork of this process."""


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


class Fork:
    """A function in a fork of this process, in a process group of its own and under a name of its own.

    The name (up to 15 bytes) is that in `ps -e` and `top`. When the parent dies the child gets `fate`.
    """

    def __init__(self, name: str, work: Callable[[], None], *, fate: int = signal.SIGTERM) -> None:
        sys.stdout.flush()
        sys.stderr.flush()
        self.returncode: int | None = None
        parent = os.getpid()
        # Asked to end before it has handlers of its own, it would answer with those of its parent.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, [getattr(signal, each) for each in _STOPPING])
        self.pid = os.fork()
        if self.pid == 0:
            _live(name, work, parent, before, fate)
        signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def poll(self) -> int | None:
        """See whether it has ended, and return its exit code."""
        return self._ended(os.WNOHANG)

    def wait(self) -> int:
        """Wait for its end and return its exit code."""
        code = self._ended(0)
        assert code is not None
        return code

    def _ended(self, how: int) -> int | None:
        if self.returncode is None:
            pid, status = os.waitpid(self.pid, how)
            if pid:
                self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode

    def send_signal(self, sig: int, /) -> None:
        """Send it a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, sig)


def _live(name: str, work: Callable[[], None], parent: int, mask: Iterable[int], fate: int) -> NoReturn:
    """Do the work as a child and end with it, whatever it raises."""
    code = 1
    try:
        os.setsid()
        _end_with_parent(fate)
        if os.getppid() != parent:
            os._exit(1)
        ctypes.CDLL(None).prctl(_PR_SET_NAME, name.encode())
        signal.signal(signal.SIGINT, signal.default_int_handler)
        for each in (signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD):
            signal.signal(each, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        work()
        code = 0
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else int(error.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        with contextlib.suppress(OSError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def run_apart(name: str, work: Callable[[], str]) -> str:
    """Do a work in a fork and return the text it returns; what it read and connected to is gone again.

    Raises `SystemExit` with the exit code of a work that failed, which has said why.
    """
    reading, writing = os.pipe()

    def tell() -> None:
        os.close(reading)
        with os.fdopen(writing, "w", encoding="utf-8") as out:
            out.write(work())

    child = Fork(name, tell)
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8") as answer:
        try:
            said = answer.read()
        except BaseException:
            child.send_signal(signal.SIGTERM)
            raise
        finally:
            code = child.wait()
    if code:
        raise SystemExit(code if code > 0 else 1)
    return said


class Forker:
    """A process of one thread and without connections, from which works are forked, each ending afterwards.

    It is made before this process has a second thread, so what it forks is whole, whatever goes on here. When
    this process is killed all of them are, as one process would be.
    """

    def __init__(self, name: str, works: Mapping[str, Callable[[], None]], *, title: str) -> None:
        self._asking, asked = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)

        def live() -> None:
            self._asking.close()
            _fork_when_asked(asked, works, title)

        self._process = Fork(name, live, fate=signal.SIGKILL)
        asked.close()

    def do(self, work: str) -> int:
        """Do a work in a fork and return its exit code, negative for a signal; any thread may ask.

        Raises `OSError` when there is nothing left to fork from.
        """
        reading, writing = os.pipe()
        try:
            try:
                socket.send_fds(self._asking, [work.encode()], [writing])
            finally:
                os.close(writing)
            if not (code := os.read(reading, 16)):
                raise ChildProcessError(f"nothing is left to fork “{work}” from")
            return int(code)
        finally:
            os.close(reading)

    def end(self) -> None:
        """Ask all works to end, and wait until they did."""
        self._asking.shutdown(socket.SHUT_WR)
        self._process.wait()
        self._asking.close()


def _fork_when_asked(asked: socket.socket, works: Mapping[str, Callable[[], None]], title: str) -> None:
    """Fork a child for each work that is asked for and answer with its exit code; end them with who asks."""
    for each in _STOPPING:
        signal.signal(getattr(signal, each), signal.SIG_IGN)
    children: dict[int, tuple[Fork, int]] = {}
    looked_at = select.poll()
    looked_at.register(asked, select.POLLIN)
    is_asked = True
    while is_asked or children:
        for ready, _event in looked_at.poll():
            if ready in children:
                child, answer = children.pop(ready)
                with contextlib.suppress(BrokenPipeError):
                    os.write(answer, str(child.wait()).encode())
                looked_at.unregister(ready)
                os.close(ready)
                os.close(answer)
                continue
            name, answers, _flags, _address = socket.recv_fds(asked, 64, 1)
            if name:
                # Not in the context of whoever made this process: it may hold a signed-in person.
                child = Fork(title, partial(Context().run, works[name.decode()]), fate=signal.SIGKILL)
                ended = os.pidfd_open(child.pid)
                children[ended] = (child, answers[0])
                looked_at.register(ended, select.POLLIN)
            else:
                is_asked = False
                looked_at.unregister(asked)
                for child, _answer in children.values():
                    child.send_signal(signal.SIGTERM)


def run_together(
    works: Mapping[str, Work], *, is_ready: Callable[[], bool], when_ready: Callable[[], None],
    restarted: Collection[str] = (), titles: Mapping[str, str] | None = None,
) -> int:  # fmt: skip
    """Run the works as children until asked to stop (SIGINT, SIGTERM), and return the exit code.

    `when_ready` is called once `is_ready` says so. A child named in `restarted` that ends by itself is
    started again after a while (RESTART_AFTER), and the others go on. The code is 0 after a stop that was
    asked for; when another child ends, one dies quickly too many times in a row, or nothing is ready in time,
    all are stopped and it is 1. `titles` are the names of forked processes.
    """
    asked: list[int] = []
    with _signals(lambda number, _frame: asked.append(number)):
        children: dict[str, _Child] = {}
        try:
            for name, work in works.items():
                title = (titles or {}).get(name, name)
                children[name] = _Child(title, work, RESTART_AFTER if name in restarted else ())
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
        finally:
            _stop([child.process for child in children.values()], asked)


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
    before = {name: signal.signal(getattr(signal, name), handle) for name in _STOPPING}
    try:
        yield
    finally:
        for name, old in before.items():
            signal.signal(getattr(signal, name), old)


def _spawn(command: list[str]) -> subprocess.Popen[bytes]:
    """Start a child in a process group of its own: Ctrl-C reaches this process alone, which stops it."""
    if sys.platform == "win32":
        return subprocess.Popen(command, cwd=ROOT, creationflags=subprocess.CREATE_NEW_PROCESS_GROUP)  # noqa: S603
    return subprocess.Popen(command, cwd=ROOT, start_new_session=True, preexec_fn=_end_with_parent)  # noqa: S603


def _end_with_parent(fate: int = signal.SIGTERM) -> None:
    """Let Linux end this child when its parent is killed without a chance to stop it."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, fate)


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


def share_memory() -> None:
    """Make what this process holds fit to be shared with its forks: nothing in it is looked at as garbage."""
    give_memory_back()
    gc.freeze()


def keep_one_heap() -> None:
    """Let all threads of this process and its forks take memory from one place, where the C library is glibc.

    Each thread would have one of its own, and keep the most that a page or a job in it ever took.
    """
    _ask_glibc("mallopt", _M_ARENA_MAX, 1)


def give_memory_back() -> None:
    """Give back what is no longer needed; glibc, where that is the C library, keeps it for itself."""
    gc.collect()
    _ask_glibc("malloc_trim", 0)


def _ask_glibc(name: str, *numbers: int) -> None:
    if sys.platform == "linux":
        with contextlib.suppress(AttributeError):
            getattr(ctypes.CDLL(None), name)(*numbers)
