"""Table B.4 against the best plain SQL of the same question, in the same run.

python -m benchmarks.b4 [--database sqlite|postgresql] [--tasks 10000 100000]
"""

from __future__ import annotations

import argparse
from collections import Counter
from datetime import date

from sqlalchemy import select

from benchmarks.measure import medians_ms, show, statements
from benchmarks.world import TODAY, fill, installation
from tracker.models import db
from tracker.models.units import Unit
from tracker.queries import b4
from tracker.rules.b4_table import B4Table

PLAIN = """
SELECT unit_id, cell, count(*) FROM (
  SELECT unit_id, CASE
      WHEN state = 'not_started' AND due_on < '{on}' THEN 1 WHEN state = 'not_started' THEN 0
      WHEN state = 'in_progress' AND due_on < '{on}' THEN 3 WHEN state = 'in_progress' THEN 2
      ELSE 4 END AS cell
    FROM task_period
   WHERE assigner_id = 1 AND valid_from <= '{on}' AND valid_to > '{on}'
     AND state IN ('not_started', 'in_progress', 'awaiting_confirmation')
  UNION ALL
  SELECT unit_id, CASE WHEN due_on < reported_on THEN 6 ELSE 5 END
    FROM task_period
   WHERE assigner_id = 1 AND state = 'completed'
     AND valid_from BETWEEN '{first}' AND '{on}' AND valid_to > '{on}') AS counted
GROUP BY unit_id, cell
"""


def main() -> None:
    """Print the lines of the benchmark; stop when both ways of counting do not agree."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    options.add_argument("--tasks", type=int, nargs="+", default=[10_000, 100_000])
    chosen = options.parse_args()
    for tasks in chosen.tasks:
        with installation(chosen.database):
            fill(tasks)
            print(f"\n{chosen.database}, {tasks:,} tasks over four years   ours, plain SQL, ratio")
            for name, first, on in (
                ("this year, today", date(TODAY.year, 1, 1), TODAY),
                ("this year, a month ago", date(TODAY.year, 1, 1), date(TODAY.year, 10, 20)),
                (
                    "the year before last, its last day",
                    date(TODAY.year - 2, 1, 1),
                    date(TODAY.year - 2, 12, 31),
                ),
                ("everything, today", date(2020, 1, 1), TODAY),
            ):
                line(name, first, on)


def line(name: str, first: date, on: date) -> None:
    """Print one question, asked both ways; raise when the two answers differ."""
    plain_sql = PLAIN.format(first=first, on=on)

    def ours() -> B4Table:
        db.session.rollback()
        assigner = db.session.scalars(select(Unit).where(Unit.code == "tinh")).one()
        return b4.table(b4.Question(assigner, first, on, on))

    def plain() -> list[tuple[int, int, int]]:
        db.session.rollback()
        return [tuple(row) for row in db.session.connection().exec_driver_sql(plain_sql)]

    counted = Counter({(row.code, i): n for row in ours().rows for i, n in enumerate(row.cells) if n})
    codes = dict(db.session.execute(select(Unit.id, Unit.code)).all())
    if counted != Counter({(codes[unit], cell): n for unit, cell, n in plain()}):
        raise SystemExit(f"{name}: table B.4 and the plain rows disagree")
    with statements() as seen:
        ours()
    show(f"B.4 {name}", *medians_ms(ours, plain), len(seen))


if __name__ == "__main__":
    main()
