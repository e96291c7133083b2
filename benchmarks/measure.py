"""How the benchmarks measure: medians of many runs, and how many statements a thing takes."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from tracker.models import db

RUNS = 15


def median_ms(act: Callable[[], Any], *, runs: int = RUNS) -> float:
    """Return the median time of `runs` calls in milliseconds, after one call that does not count."""
    act()
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        act()
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times)


def medians_ms(ours: Callable[[], Any], floor: Callable[[], Any], *, runs: int = RUNS) -> tuple[float, float]:
    """Return both medians, the two called in turn, so that a drift of the machine touches both."""
    ours()
    floor()
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(runs):
        for act, kept in zip((ours, floor), times, strict=True):
            start = time.perf_counter()
            act()
            kept.append((time.perf_counter() - start) * 1000)
    return statistics.median(times[0]), statistics.median(times[1])


@contextmanager
def statements() -> Iterator[list[str]]:
    """Yield a list that collects the SQL statements run inside the block."""
    seen: list[str] = []

    def note(_conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def show(what: str, ours: float, floor: float, count: int) -> None:
    """Print one line: what, our time, the floor's, their ratio, and the statements."""
    print(f"{what:<44} {ours:>9.2f} ms {floor:>9.2f} ms  × {ours / floor:>5.2f}  {count:>3} statements")
