"""Table B.4 in the quickest SQL known, written by hand: what ours is measured against.

By units each row is 4 × the unit + the state, tasks, those late, without a deadline, fallen due. By anything
else what tells the row and the state stand apart.
"""

from __future__ import annotations

from datetime import date

from benchmarks.world import TODAY
from tracker.rules.b4_table import Grouping

_LENGTHS = "length(days) AS (VALUES (16), (64), (256), (1024), (73050))"
_STILL_OPEN = "valid_from <= '{on}' AND valid_to = '9999-12-31'"


def on_postgresql(assigner: int, first: date, on: date) -> str:
    """Return the table of an assigner (an id) from `first` to `on`, as of `on`, for PostgreSQL.

    Nothing has ended after today. Asked in one range of an index it is asked by two workers at once.
    """
    if on >= TODAY:
        still_open = _open("task_period", f"valid_from <= '{on}' AND valid_to > '{on}'", assigner, on)
    else:
        then = _open_then("(valid_to - valid_from)", f"date '{on}' + length.days", on)
        still_open = f"""
WITH {_LENGTHS}
{_open("task_period", _STILL_OPEN.format(on=on), assigner, on)} UNION ALL
{_open("length CROSS JOIN task_period", then, assigner, on)}"""
    return f"""{still_open} UNION ALL
SELECT unit_id * 4 + 3, {_late_and_due(on)}
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
        SELECT json_array({_late_and_due(on, "+")})
          FROM task_period
         WHERE assigner_id = {assigner} AND state = 'completed' AND task_id > 0 AND unit_id = unit
           AND valid_from BETWEEN '{first}' AND '{on}' AND +valid_to > '{on}') AS numbers
      FROM led WHERE unit > 0)
{_open("task_period", _STILL_OPEN.format(on=on), assigner, on, sign="+")} UNION ALL
{_open(by_length, then, assigner, on, sign="+")} UNION ALL
SELECT unit * 4 + 3, numbers ->> 0, numbers ->> 1, numbers ->> 2, numbers ->> 3 FROM found"""


def by_others(sqlite: bool, grouping: Grouping, assigner: int, first: date) -> str:
    """Return the table of an assigner of today by anything but units, for SQLite or for PostgreSQL.

    A directive is told by its id, a leader by theirs, a field and a month as they are written.
    """
    sign, month = ("+", "substr(one, 1, 7)") if sqlite else ("", "to_char(one, 'YYYY-MM')")
    by = {Grouping.MONTH: "given_on", Grouping.LEADER: "coalesce(leader_id, 0)"}
    one = by.get(grouping, "directive_id")
    days = f"{sign}valid_from <= '{TODAY}' AND valid_to > '{TODAY}'"
    open_ones = _open(
        "task_period", days, assigner, TODAY, sign=sign, by=f"{one} AS one, {_STATE}", group="one, place"
    )
    counted = f"""
{open_ones} UNION ALL
SELECT {one} AS one, 3, {_late_and_due(TODAY, sign)}
  FROM task_period
 WHERE assigner_id = {assigner} AND state = 'completed'
   AND valid_from BETWEEN '{first}' AND '{TODAY}' AND {sign}valid_to > '{TODAY}'
 GROUP BY one"""
    sums = "place, sum(tasks), sum(late), sum(undated), sum(due)"
    match grouping:
        case Grouping.FIELD:
            return f"""
WITH counted(one, place, tasks, late, undated, due) AS ({counted})
SELECT field, {sums} FROM counted JOIN directive ON directive.id = one GROUP BY field, place"""
        case Grouping.MONTH:
            return f"""
WITH counted(one, place, tasks, late, undated, due) AS ({counted})
SELECT {month}, {sums} FROM counted GROUP BY {month}, place"""
    return counted


def first_papers(sqlite: bool, assigner: int, first: date) -> str:
    """Return the first hundred rows of the table by directive of today, with the sums of all: in place of the
    directive these have 0, and -1 stands by the number of rows."""
    code_points = "BINARY" if sqlite else '"C"'
    begins = "substr(number, 1, 15)" if sqlite else "substring(left(number, 15), '^[0-9]+')"
    return f"""
WITH counted(one, place, tasks, late, undated, due)
  AS MATERIALIZED ({by_others(sqlite, Grouping.DIRECTIVE, assigner, first)})
SELECT * FROM counted WHERE one IN (
    SELECT id FROM directive WHERE id IN (SELECT one FROM counted)
     ORDER BY issued_on, CAST({begins} AS BIGINT), key COLLATE {code_points} LIMIT 100)
UNION ALL SELECT 0, place, sum(tasks), sum(late), sum(undated), sum(due) FROM counted GROUP BY place
UNION ALL SELECT -1, 0, count(DISTINCT one), 0, 0, 0 FROM counted"""


_STATE = "CASE state WHEN 'not_started' THEN 0 WHEN 'in_progress' THEN 1 ELSE 2 END AS place"


def _open(
    stretches: str, days: str, assigner: int, on: date, *,
    sign: str = "", by: str = f"unit_id * 4 + {_STATE}", group: str = "place",
) -> str:  # fmt: skip
    return f"""
SELECT {by},
       count(*), count(*) FILTER (WHERE {sign}due_on < '{on}'),
       count(*) - count(due_on), count(*) FILTER (WHERE {sign}due_on <= '{on}')
  FROM {stretches}
 WHERE assigner_id = {assigner} AND {days}
   AND state IN ('not_started', 'in_progress', 'awaiting_confirmation')
 GROUP BY {group}"""


def _open_then(lasted: str, latest: str, on: date) -> str:
    return f"""(CASE WHEN {lasted} <= 16 THEN 16 WHEN {lasted} <= 64 THEN 64 WHEN {lasted} <= 256 THEN 256
                     WHEN {lasted} <= 1024 THEN 1024 ELSE 73050 END) = length.days
   AND valid_from <= '{on}' AND valid_to > '{on}' AND valid_to <= {latest} AND valid_to < '9999-12-31'"""


def _late_and_due(on: date, sign: str = "") -> str:
    return f"""count(*), count(*) FILTER (WHERE {sign}due_on < {sign}reported_on),
       count(*) - count(due_on), count(*) FILTER (WHERE {sign}due_on <= '{on}')"""
