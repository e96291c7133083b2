"""Table B.4 by units in the quickest SQL known, written by hand: what ours is measured against.

Each answers with rows of 4 × the unit + the state, tasks, those late, without a deadline, fallen due.
"""

from __future__ import annotations

from datetime import date

_LENGTHS = "length(days) AS (VALUES (16), (64), (256), (1024), (73050))"
_STILL_OPEN = "valid_from <= '{on}' AND valid_to = '9999-12-31'"


def on_postgresql(assigner: int, first: date, on: date) -> str:
    """Return the table of an assigner (an id) from `first` to `on`, as of `on`, for PostgreSQL."""
    then = _open_then("(valid_to - valid_from)", f"date '{on}' + length.days", on)
    return f"""
WITH {_LENGTHS}
{_open("task_period", _STILL_OPEN.format(on=on), assigner, on)} UNION ALL
{_open("length CROSS JOIN task_period", then, assigner, on)} UNION ALL
SELECT unit_id * 4 + 3, {_late_and_due("due_on", on)}
  FROM task_period
 WHERE assigner_id = {assigner} AND state = 'completed'
   AND valid_from BETWEEN '{first}' AND '{on}' AND valid_to > '{on}'
 GROUP BY unit_id"""


def on_sqlite(assigner: int, first: date, on: date) -> str:
    """Return the same for SQLite.

    It sorts what it groups, so the completed are asked unit by unit; a sign before a day keeps it from trying
    to read days as numbers.
    """
    then = _open_then(
        "(julianday(valid_to) - julianday(valid_from))", f"date('{on}', length.days || ' days')", on
    )
    by_length = "length CROSS JOIN task_period INDEXED BY ix_task_period_open_ended"
    return f"""
WITH RECURSIVE {_LENGTHS}, led(unit) AS (
    SELECT 0 UNION ALL SELECT (
        SELECT min(unit_id) FROM task_period
         WHERE assigner_id = {assigner} AND state = 'completed' AND task_id > 0 AND unit_id > led.unit)
      FROM led WHERE led.unit IS NOT NULL),
found AS MATERIALIZED (
    SELECT unit, (
        SELECT json_array({_late_and_due("+due_on", on)})
          FROM task_period
         WHERE assigner_id = {assigner} AND state = 'completed' AND task_id > 0 AND unit_id = unit
           AND valid_from BETWEEN '{first}' AND '{on}' AND +valid_to > '{on}') AS numbers
      FROM led WHERE unit > 0)
{_open("task_period", _STILL_OPEN.format(on=on), assigner, on, sign="+")} UNION ALL
{_open(by_length, then, assigner, on, sign="+")} UNION ALL
SELECT unit * 4 + 3, numbers ->> 0, numbers ->> 1, numbers ->> 2, numbers ->> 3 FROM found"""


def _open(stretches: str, days: str, assigner: int, on: date, *, sign: str = "") -> str:
    return f"""
SELECT unit_id * 4 + CASE state WHEN 'not_started' THEN 0 WHEN 'in_progress' THEN 1 ELSE 2 END AS place,
       count(*), count(*) FILTER (WHERE {sign}due_on < '{on}'),
       count(*) - count(due_on), count(*) FILTER (WHERE {sign}due_on <= '{on}')
  FROM {stretches}
 WHERE assigner_id = {assigner} AND {days}
   AND state IN ('not_started', 'in_progress', 'awaiting_confirmation')
 GROUP BY place"""


def _open_then(lasted: str, latest: str, on: date) -> str:
    return f"""(CASE WHEN {lasted} <= 16 THEN 16 WHEN {lasted} <= 64 THEN 64 WHEN {lasted} <= 256 THEN 256
                     WHEN {lasted} <= 1024 THEN 1024 ELSE 73050 END) = length.days
   AND valid_from <= '{on}' AND valid_to > '{on}' AND valid_to <= {latest} AND valid_to < '9999-12-31'"""


def _late_and_due(due_on: str, on: date) -> str:
    return f"""count(*), count(*) FILTER (WHERE {due_on} < reported_on),
       count(*) - count(due_on), count(*) FILTER (WHERE {due_on} <= '{on}')"""
