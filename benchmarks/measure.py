"""How the benchmarks measure: medians of many runs, and the statements of a thing with their own time."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from sqlalchemy import event

from tracker.models import db

RUNS = 15
COLUMNS = "ours, plain SQL, ratio, our statements alone"
"""What stands in a line of `show`."""


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


class Statement(NamedTuple):
    """A statement as the database got it."""

    text: str
    values: Any


@contextmanager
def statements() -> Iterator[list[Statement]]:
    """Yield a list that collects the SQL statements run inside the block."""
    seen: list[Statement] = []

    def note(_conn: Any, _cursor: Any, text: str, values: Any, *_rest: Any) -> None:
        seen.append(Statement(text, values))

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def in_database_ms(seen: Sequence[Statement]) -> float | None:
    """Return the time of the bare statements, all rows fetched; None where they write."""
    asked = [each for each in seen if each.text.lstrip().startswith(("SELECT", "WITH"))]
    if any(each.text.lstrip().startswith(("INSERT", "UPDATE")) for each in seen):
        return None

    def ask() -> None:
        db.session.rollback()
        connection = db.session.connection()
        for text, values in asked:
            connection.exec_driver_sql(text, values).fetchall()

    return median_ms(ask)


def show(what: str, ours: float, floor: float, seen: Sequence[Statement]) -> None:
    """Print one line: what, our time, the floor's, their ratio, our time in the database, the statements."""
    inside = in_database_ms(seen)
    told = "      –   " if inside is None else f"{inside:>7.2f} ms"
    ratio = f"{ours:>9.2f} ms {floor:>9.2f} ms  × {ours / floor:>5.2f}"
    print(f"{what:<44} {ratio}  {told} in {len(seen):>3} statements")
