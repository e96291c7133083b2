"""Forks of this process, which share the memory of the program that was read before; and that memory itself.

Only what has no open connection may be forked, and no thread that holds a lock. Linux alone.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import mmap
import os
import select
import signal
import socket
import sys
import traceback
from collections.abc import Callable, Iterable, Mapping
from contextvars import Context
from functools import partial
from pathlib import Path
from typing import NoReturn

import click

ON_LINUX = sys.platform == "linux"
"""Whether children are forked; elsewhere forking is not safe, or there is none."""

STOPPING = ("SIGINT", "SIGTERM", "SIGBREAK") if sys.platform == "win32" else ("SIGINT", "SIGTERM", "SIGHUP")
"""The signals that ask a process to end."""

_PR_SET_PDEATHSIG, _PR_SET_NAME = 1, 15
_M_ARENA_MAX = -8


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
        before = signal.pthread_sigmask(signal.SIG_BLOCK, [getattr(signal, each) for each in STOPPING])
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
        end_with_parent(fate)
        if os.getppid() != parent:
            os._exit(1)
        call_itself(name)
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
    for each in STOPPING:
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


def set_apart(name: str) -> None:
    """Give this process, a fork that a library made, a name and a group, and let it end with its parent."""
    os.setpgid(0, 0)
    end_with_parent()
    call_itself(name)


def call_itself(name: str) -> None:
    """Let this process have a name (up to 15 bytes) in `ps -e` and `top`, where Linux knows such names."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_NAME, name.encode())


def let_go_of_files() -> None:
    """Give up what this fork has open of its parent's, but for the standard streams: a listening socket.

    The numbers stay taken, since objects that came along may close them yet.
    """
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in [int(each.name) for each in Path("/proc/self/fd").iterdir()]:
        if number > 2 and number != nothing:
            os.dup2(nothing, number)


def end_with_parent(fate: int = signal.SIGTERM) -> None:
    """Let Linux end this child when its parent is killed without a chance to stop it."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, fate)


def share_memory() -> None:
    """Make what this process holds fit to be shared with its forks.

    Nothing in it is looked at as garbage, forks find no room in between that they would write to, and of the
    libraries only what is used from now on is there.
    """
    give_memory_back()
    _fill_gaps()
    gc.freeze()
    _let_go_of_libraries()


def keep_one_heap() -> None:
    """Let all threads of this process and its forks take memory from one place, where the C library is glibc.

    Each thread would have one of its own, and keep the most that a page or a job in it ever took.
    """
    _ask_glibc("mallopt", _M_ARENA_MAX, 1)


def give_memory_back() -> None:
    """Give back what is no longer needed; glibc, where that is the C library, keeps it for itself."""
    gc.collect()
    _ask_glibc("malloc_trim", 0)


def _fill_gaps() -> None:
    """Take all that is free between the things in glibc's heap, so that forks take their memory from its end.

    A page with a few free bytes would be copied whole by each fork that takes them. Nothing is written to
    what is taken, so pages that were given back to the system stay there.
    """
    libc = ctypes.CDLL(None)
    if sys.platform != "linux" or not hasattr(libc, "malloc_trim"):
        return
    libc.malloc.restype = libc.sbrk.restype = ctypes.c_void_p
    libc.malloc.argtypes, libc.free.argtypes = [ctypes.c_size_t], [ctypes.c_void_p]
    libc.sbrk.argtypes = [ctypes.c_ssize_t]
    end = libc.sbrk(0) - mmap.PAGESIZE
    for size in (*(2**power for power in range(16, 10, -1)), *range(1016, 15, -16)):
        while (taken := libc.malloc(size)) and taken < end:
            pass
        libc.free(taken)


def _let_go_of_libraries() -> None:
    """Give up what is in memory of libraries where nobody wrote to them; what is used comes from their files.

    Reading the program went through all of them, and who only watches others would keep them for good.
    """
    if sys.platform != "linux":
        return
    libc = ctypes.CDLL(None)
    libc.madvise.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
    begin = end = 0
    for line in Path("/proc/self/smaps").read_text().splitlines():
        words = line.split()
        if not words[0].endswith(":"):
            begin, end = (int(word, 16) for word in words[0].split("-"))
            is_library = "w" not in words[1] and len(words) > 5 and words[5].startswith("/")
        elif words[:2] == ["Anonymous:", "0"] and is_library:
            libc.madvise(begin, end - begin, mmap.MADV_DONTNEED)


def _ask_glibc(name: str, *numbers: int) -> None:
    if sys.platform == "linux":
        with contextlib.suppress(AttributeError):
            getattr(ctypes.CDLL(None), name)(*numbers)
