"""Two trackers as their users meet them: served by a real server, asked over HTTP, each answer read.

What is measured of both is asked in turn, so that a drift of the machine touches both.
"""

from __future__ import annotations

import socket
import statistics
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPResponse
from itertools import count
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode

from benchmarks.memory import wait_for

RUNS = 41
CLIENTS = 8
ROUNDS = 3
SECONDS = 4.0
HEADINGS = f"{'':<38}{'theirs':>12}{'ours':>12}{'':>10}{'theirs':>14}{'ours':>12}"
"""What stands above the lines of `measure`: one client on the left, eight on the right."""


class Ask(NamedTuple):
    """A request, and what its answer must say: the status, and texts in the order in which they stand."""

    path: str
    cookie: str
    holds: Sequence[bytes]
    form: dict[str, str] | None = None
    status: int = 200


class Work(NamedTuple):
    """What is asked of both, by the number of the request; `crowd`: by eight clients, too."""

    name: str
    theirs: Callable[[int], Ask]
    ours: Callable[[int], Ask]
    runs: int = RUNS
    crowd: bool = True


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def served(
    python: str, app: str, folder: Path, port: int, ready: str, environ: dict[str, str]
) -> Iterator[None]:
    """Serve an application as `flask start` serves ours: two processes of one thread, no keep-alive."""
    command = [
        python, "-m", "granian", "--interface", "wsgi", "--no-ws", "--port", str(port), "--workers", "2",
        "--blocking-threads", "1", "--no-http1-keep-alive", "--log-level", "warning", app,
    ]  # fmt: skip
    server = subprocess.Popen(command, cwd=folder, env=environ)
    try:
        wait_for(f"http://127.0.0.1:{port}{ready}", server)
        yield
    finally:
        server.terminate()
        server.wait()


def send(port: int, ask: Ask) -> tuple[HTTPResponse, bytes]:
    """Send a request over a connection of its own and return the whole answer."""
    headers = {"Cookie": ask.cookie}
    body = None
    if ask.form is not None:
        body = urlencode(ask.form)
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    connection = HTTPConnection("127.0.0.1", port, timeout=300)
    try:
        connection.request("POST" if body else "GET", ask.path, body, headers)
        answer = connection.getresponse()
        return answer, answer.read()
    finally:
        connection.close()


def check(ask: Ask, answer: HTTPResponse, page: bytes) -> None:
    """Raise `SystemExit` where the answer is not what was asked for."""
    if answer.status != ask.status:
        raise SystemExit(f"{ask.path} answered {answer.status}:\n{page.decode()}")
    at = 0
    for text in ask.holds:
        at = page.find(text, at)
        if at < 0:
            raise SystemExit(f"{ask.path} answered without {text.decode()!r}:\n{page.decode()}")
        at += len(text)


def measure(work: Work, ports: Sequence[int]) -> list[int]:
    """Print medians with one client and rates with eight; return how often each side was asked."""
    asked = (work.theirs, work.ours)
    numbers = (count(), count())
    times: tuple[list[float], list[float]] = ([], [])
    for run in range(work.runs + 1):
        for port, ask, number, kept in zip(ports, asked, numbers, times, strict=True):
            request = ask(next(number))
            start = time.perf_counter()
            answer = send(port, request)
            took = (time.perf_counter() - start) * 1000
            check(request, *answer)
            if run:
                kept.append(took)
    theirs, ours = map(statistics.median, times)
    line = f"{work.name:<38}{theirs:>9.1f} ms{ours:>9.1f} ms{theirs / ours:>8.2f} ×"
    if work.crowd:
        rates: tuple[list[float], list[float]] = ([], [])
        for _ in range(ROUNDS):
            for port, ask, number, found in zip(ports, asked, numbers, rates, strict=True):
                found.append(rate(port, ask, number))
        theirs, ours = map(statistics.median, rates)
        line += f"{theirs:>12.1f}/s{ours:>10.1f}/s{ours / theirs:>8.2f} ×"
    print(line, flush=True)
    return [next(number) for number in numbers]


def rate(port: int, ask: Callable[[int], Ask], numbers: Iterator[int]) -> float:
    """Return how many requests of eight clients are answered in a second."""
    start = time.perf_counter()

    def client() -> int:
        done = 0
        while time.perf_counter() - start < SECONDS:
            request = ask(next(numbers))
            check(request, *send(port, request))
            done += 1
        return done

    with ThreadPoolExecutor(CLIENTS) as pool:
        done = sum(each.result() for each in [pool.submit(client) for _ in range(CLIENTS)])
    return done / (time.perf_counter() - start)
