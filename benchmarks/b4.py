"""Table B.4 against the best plain SQL of the same question, in the same run.

    python -m benchmarks.b4 [--database sqlite|postgresql] [--tasks 10000 100000 1000000] [--keep FOLDER]
    python -m benchmarks.b4 --country 5000000 [--assigners 3400] [--keep FOLDER]

The second form fills PostgreSQL with a whole country, and asks for the B.4 of one assigner there and of the
same assigner alone in a database. `--keep` leaves the databases in a folder and finds them there the next
time: a million tasks take minutes to lay down. Pages include sign-in, permissions and HTML; the floor is the
bare rows.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import date
from typing import Any

from flask import Flask
from sqlalchemy import select

from benchmarks import pages
from benchmarks.country import fill_country
from benchmarks.measure import COLUMNS, medians_ms, show, statements
from benchmarks.plain import by_others, first_papers, on_postgresql, on_sqlite
from benchmarks.world import TODAY, fill, installation, is_filled
from tracker.models import db
from tracker.models.units import Unit
from tracker.queries import b4
from tracker.rules.b4_table import B4Table, Grouping, Page
from tracker.rules.status import CELLS

CELLS_OF_STATES = ((0, 1), (2, 3), (4, 4), (5, 6))
PLAIN_BEHIND = """
SELECT task.id, content, number, unit.name, page.due_on, task_period.reported_on
  FROM (
    SELECT task_id, valid_from, due_on FROM task_period
     WHERE assigner_id = {assigner} AND state = 'completed'
       AND valid_from BETWEEN '{first}' AND '{on}' AND valid_to > '{on}' AND due_on < reported_on
     ORDER BY due_on, task_id LIMIT 101
  ) AS page
  JOIN task_period ON task_period.task_id = page.task_id AND task_period.valid_from = page.valid_from
  JOIN task ON task.id = page.task_id JOIN directive ON directive.id = task.directive_id
  JOIN unit ON unit.id = task_period.unit_id
 ORDER BY page.due_on, task.id
"""
YEAR = date(TODAY.year, 1, 1)
TWO_YEARS_AGO = TODAY.replace(year=TODAY.year - 2)
OF_COUNTRY = "xa7"
"""The assigner that the country is asked for: any of them, they are alike."""


def main() -> None:
    """Print the lines of the benchmark; stop when both ways of counting do not agree."""
    raw = argparse.RawDescriptionHelpFormatter
    options = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    options.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    options.add_argument("--tasks", type=int, nargs="+", default=[10_000, 100_000])
    options.add_argument("--country", type=int, metavar="TASKS")
    options.add_argument("--assigners", type=int, default=3_400)
    options.add_argument("--keep", metavar="FOLDER")
    chosen = options.parse_args()
    if chosen.country:
        country(chosen.country, chosen.assigners, keep=chosen.keep)
        return
    for tasks in chosen.tasks:
        keep = f"{chosen.keep}/{chosen.database}-{tasks}" if chosen.keep else None
        with installation(chosen.database, keep=keep) as app:
            if not is_filled():
                fill(tasks)
            print(f"\n{chosen.database}, {tasks:,} tasks over four years   {COLUMNS}")
            tables("tinh")
            page_of("tinh", app, "p1")
            groupings("tinh", app, "p1")
            pages.run(app)


def country(tasks: int, assigners: int, *, keep: str | None = None) -> None:
    """Measure one assigner in the country, then the same assigner alone."""
    medians = []
    for number, what in ((assigners, f"in a country of {assigners:,}"), (1, "alone")):
        folder = f"{keep}/country-{tasks}-{number}" if keep else None
        with installation("postgresql", keep=folder) as app:
            start = time.perf_counter()
            if not is_filled():
                fill_country(tasks // assigners * number, number)
            took = time.perf_counter() - start
            size = f"{tasks // assigners * number:,} tasks (filled in {took:.0f} s)"
            print(f"\npostgresql, one assigner {what}, {size}   {COLUMNS}", flush=True)
            code = OF_COUNTRY if number > 1 else "xa1"
            medians.append(tables(code))
            office = f"p{assigner_of(code).id}"
            page_of(code, app, office)
            if number > 1:
                pages.run(app, office=office, leader=None)
    for name, in_country, alone in zip(medians[0], medians[0].values(), medians[1].values(), strict=True):
        print(f"B.4 {name:<40} × {in_country / alone:>5.2f} of the same assigner alone")


def assigner_of(code: str) -> Unit:
    """Return the unit of a code."""
    return db.session.scalars(select(Unit).where(Unit.code == code)).one()


def tables(code: str) -> dict[str, float]:
    """Print the table of an assigner for several questions, and what is behind a cell; return our medians."""
    found = {}
    for name, first, on in (
        ("this year, today", YEAR, TODAY),
        ("this year, a month ago", YEAR, date(TODAY.year, 10, 20)),
        ("as of two years ago", TWO_YEARS_AGO.replace(month=1, day=1), TWO_YEARS_AGO),
        ("everything, today", date(2020, 1, 1), TODAY),
    ):
        found[name] = line(name, code, first, on)
    values = {"assigner": assigner_of(code).id, "first": YEAR, "on": TODAY}

    def behind() -> Any:
        question = b4.Question(assigner_of(code), YEAR, TODAY, TODAY)
        late = b4.tasks_behind(question, cell="completed_late")
        return b4.read_behind(late, first=YEAR, on=TODAY, most=100)

    compare("tasks behind a cell, first 100", behind, PLAIN_BEHIND.format(**values))
    return found


def is_sqlite() -> bool:
    """Return whether the installation is one on SQLite."""
    return db.engine.dialect.name == "sqlite"


def plain(code: str, first: date, on: date) -> str:
    """Return the plain SQL of the table of an assigner."""
    table = on_sqlite if is_sqlite() else on_postgresql
    return table(assigner_of(code).id, first, on)


def line(name: str, code: str, first: date, on: date) -> float:
    """Print one question, asked both ways; raise when the two answers differ. Return our median."""
    plain_sql = plain(code, first, on)

    def ours() -> B4Table:
        return b4.table(b4.Question(assigner_of(code), first, on, on))

    counted = Counter({(row.code, i): n for row in ours().rows for i, n in enumerate(row.cells) if n})
    codes = dict(tuple(row) for row in db.session.execute(select(Unit.id, Unit.code)))
    said: Counter[tuple[str, int]] = Counter()
    for place, number, late, _undated, _due in db.session.connection().exec_driver_sql(plain_sql):
        unit, (in_time, past) = codes[place // 4], CELLS_OF_STATES[place % 4]
        said += Counter({(unit, in_time): number - late}) + Counter({(unit, past): late})
    if counted != said:
        raise SystemExit(f"{name}: table B.4 and the plain rows disagree")
    return compare(f"B.4 {name}", ours, plain_sql)


def groupings(code: str, app: Flask, login: str) -> None:
    """Print table and page of this year by everything but units, and the whole report with its tasks against
    the floor of the table by units; raise when a table differs from the plain rows.

    A page by directive has a hundred rows: its floor is that of these and of the sums."""
    for grouping in [each for each in Grouping if each is not Grouping.UNIT]:
        plain_sql = by_others(is_sqlite(), grouping, assigner_of(code).id, YEAR)

        def ours(grouping: Grouping = grouping) -> B4Table:
            return b4.table(b4.Question(assigner_of(code), YEAR, TODAY, TODAY, grouping=grouping))

        said = cells_by(plain_sql)
        if sorted(row.cells for row in ours().rows) != sorted(said.values()):
            raise SystemExit(f"by {grouping}: table B.4 and the plain rows disagree")
        compare(f"B.4 this year by {grouping}", ours, plain_sql)
        if grouping is Grouping.DIRECTIVE:
            plain_sql = first_papers(is_sqlite(), assigner_of(code).id, YEAR)
            said = cells_by(plain_sql)
            total, _size = said.pop(0), said.pop(-1)
            asked = b4.Question(assigner_of(code), YEAR, TODAY, TODAY, grouping=grouping)
            leaf = b4.page_of(asked, Page(0, 100))
            if (sorted(row.cells for row in leaf.rows), leaf.total.cells) != (sorted(said.values()), total):
                raise SystemExit("the first rows by directive and the plain ones disagree")
        url = f"/bieu-b4?assigner={code}&from={YEAR}&to={TODAY}&on={TODAY}&group={grouping}"
        pages.page(f"page of it by {grouping}", app, login, url, plain_sql)
    question = b4.Question(assigner_of(code), YEAR, TODAY, TODAY)
    plain_sql = plain(code, YEAR, TODAY)
    compare("B.4 this year with all its tasks", lambda: b4.report(question), plain_sql, runs=3)


def cells_by(plain_sql: str) -> dict[Any, tuple[int, ...]]:
    """Return the seven cells of each group that plain SQL tells."""
    said: dict[Any, Counter[int]] = defaultdict(Counter)
    for one, place, number, late, _undated, _due in db.session.connection().exec_driver_sql(plain_sql):
        in_time, past = CELLS_OF_STATES[place]
        said[one] += Counter({in_time: number - late}) + Counter({past: late})
    return {one: tuple(cells[place] for place in range(len(CELLS))) for one, cells in said.items()}


def page_of(code: str, app: Flask, login: str) -> None:
    """Print the page of B.4 of this year and of two years ago."""
    for name, first, on in (
        ("today", YEAR, TODAY), ("as of two years ago", TWO_YEARS_AGO.replace(month=1, day=1), TWO_YEARS_AGO)
    ):  # fmt: skip
        plain_sql = plain(code, first, on)
        url = f"/bieu-b4?assigner={code}&from={first}&to={on}&on={on}"
        pages.page(f"page of B.4 {name}", app, login, url, plain_sql)


def compare(what: str, ours: Callable[[], Any], plain_sql: str, **options: int) -> float:
    """Print one line; both begin without anything in the session. Return our median in milliseconds."""

    def fresh() -> Any:
        db.session.rollback()
        return ours()

    def plain() -> Any:
        db.session.rollback()
        return db.session.connection().exec_driver_sql(plain_sql).all()

    with statements() as seen:
        fresh()
    median, floor = medians_ms(fresh, plain, **options)
    show(what, median, floor, seen)
    return median


if __name__ == "__main__":
    main()
