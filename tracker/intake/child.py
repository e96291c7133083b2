"""The process in which a hostile file is read: started by `tracker.intake.limited`, it answers once and ends.

It runs as a script of its own. The application, its settings and its database are never imported: only
`tracker.intake` and `tracker.rules` are, below a package that is put in place without running its door.
"""

from __future__ import annotations

import contextlib
import ctypes
import faulthandler
import importlib
import os
import pickle
import signal
import sys
import types
from pathlib import Path
from typing import Any, BinaryIO

_PR_SET_PDEATHSIG = 1
LARGEST_ANSWER = 64 * 1024 * 1024
"""Bytes that an answer may have, and that the process may write at all."""


def main(parent: int) -> None:
    """Do what the question on standard input asks, within its limits, and answer on standard output."""
    _die_with(parent)
    answer = os.fdopen(os.dup(1), "wb")
    with Path(os.devnull).open("wb") as nothing:
        os.dup2(nothing.fileno(), 1)
    # The parent wrote the question itself; what comes back to it is plain JSON.
    question = pickle.load(sys.stdin.buffer)  # noqa: S301
    # A thread in C ends the process even while a regular expression holds the interpreter.
    faulthandler.dump_traceback_later(question["seconds"], exit=True, file=2)
    sys.path[:] = question["path"]
    house = types.ModuleType("tracker")
    house.__path__ = [question["house"]]
    sys.modules["tracker"] = house
    _answer(question, answer)


def _answer(question: dict[str, Any], answer: BinaryIO) -> None:
    from tracker.intake.answers import write_answer
    from tracker.rules.workflow import DomainError

    try:
        module, name = question["function"].split(":")
        function = getattr(importlib.import_module(module), name)
        limit_resources(seconds=question["seconds"], memory=question["memory"])
        arguments, keywords = pickle.loads(question["arguments"])  # noqa: S301
        outcome: dict[str, Any] = {"value": function(*arguments, **keywords)}
    except DomainError as error:
        kind = type(error)
        outcome = {
            "refused": error.message, "values": {key: str(value) for key, value in error.values.items()},
            "kind": f"{kind.__module__}:{kind.__qualname__}",
        }  # fmt: skip
    except MemoryError:
        outcome = {"failed": "MemoryError"}
    except RecursionError:
        outcome = {"failed": "RecursionError"}
    except Exception as error:  # whatever a library raises on a damaged file, the parent answers for it
        outcome = {"failed": f"{type(error).__module__}.{type(error).__name__}"}
    answer.write(write_answer(outcome))
    answer.flush()
    # A library may leave threads or destructors behind that would crash an orderly end.
    os._exit(0)


def limit_resources(*, seconds: float, memory: int) -> None:
    """Limit processor time, bytes of memory, bytes written, files and processes, where the system can."""
    try:
        import resource
    except ImportError:
        return
    for name, most in (
        ("RLIMIT_CPU", int(seconds) + 1), ("RLIMIT_AS", memory), ("RLIMIT_FSIZE", LARGEST_ANSWER),
        ("RLIMIT_CORE", 0), ("RLIMIT_NOFILE", 64), ("RLIMIT_NPROC", 0),
    ):  # fmt: skip
        with contextlib.suppress(AttributeError, ValueError, OSError):
            resource.setrlimit(getattr(resource, name), (most, most))


def _die_with(parent: int) -> None:
    """Let the system end this process with the one that asked; elsewhere the time limit ends it."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(0)


if __name__ == "__main__":
    main(int(sys.argv[1]))
