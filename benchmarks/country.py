"""The whole country in one PostgreSQL database, laid down by SQL inside the database.

A province with communes that each give tasks to their own divisions: `assigners` communes, `DIVISIONS`
divisions each, four years of tasks, four history rows and up to four stretches of days a task.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Connection, text

from benchmarks.world import TASKS_A_DIRECTIVE, TODAY, YEARS
from tracker.models import db

DIVISIONS = 8
FOUNDED = "2020-01-01"
BIG = ("task", "task_period", "history", "directive")

UNITS = """
INSERT INTO unit (id, code, name, kind, parent_id, valid_from, valid_to, search_text, version)
SELECT n, 'tinh', 'UBND tỉnh', 'province', NULL, DATE '{founded}', DATE '9999-12-31', 'ubnd tinh', 1
  FROM generate_series(1, 1) AS n
UNION ALL
SELECT 1 + n, 'xa' || n, 'UBND xã số ' || n, 'commune', 1, DATE '{founded}', DATE '9999-12-31',
       'ubnd xa so ' || n, 1
  FROM generate_series(1, {assigners}) AS n
UNION ALL
SELECT 2 + {assigners} + n, 'phong' || n, 'Phòng số ' || n, 'division', 2 + n / {divisions},
       DATE '{founded}', DATE '9999-12-31', 'phong so ' || n, 1
  FROM generate_series(0, {assigners} * {divisions} - 1) AS n
"""
PEOPLE = """
INSERT INTO person (id, login, name, unit_id, active, digest, must_change_password, fs_uniquifier,
                    search_text, version)
SELECT id, 'p' || id, 'Người số ' || id, id, true, 'daily', false, 'p' || id, 'nguoi so ' || id, 1 FROM unit
"""
ROLES = """
INSERT INTO held_role (user_id, unit_id, role, valid_from, valid_to)
SELECT id, id, CASE WHEN kind = 'division' THEN 'unit_head' ELSE 'office' END, valid_from, valid_to FROM unit
"""
SEED = """
CREATE UNLOGGED TABLE seed AS
SELECT n + 1 AS id, a + 2 AS assigner_id,
       2 + {assigners} + a * {divisions} + h % {divisions} AS unit_id,
       1 + a * {papers} + least(j / {size}, {papers} - 1) AS directive_id, given,
       CASE WHEN h % 50 > 0 THEN given + (ARRAY[3, 5, 7, 10, 10, 15, 30])[1 + h / 50 % 7] END AS due,
       CASE WHEN h / 350 % 100 > 0 THEN given + 1 + h / 7 % 2 END AS accepted,
       CASE WHEN h / 350 % 100 > 3 THEN given + 2 + h / 7 % 2 + h / 11 % 19 END AS reported,
       CASE WHEN h / 350 % 100 > 3 THEN given + 3 + h / 7 % 2 + h / 11 % 19 + h / 13 % 5 END AS confirmed
  FROM (SELECT n, n % {assigners} AS a, n / {assigners} AS j,
               (n::bigint * 2654435761 % 4294967291 % 1000003)::int AS h,
               DATE '{first}' + (n / {assigners} * {days} / {each})::int AS given
          FROM generate_series(0, {tasks} - 1) AS n) AS number
"""
PAPERS = """
INSERT INTO directive (id, key, kind, number, subject, issuer_id, issued_on, registered_on, urgency,
                       search_text, version)
SELECT directive_id, 'd' || directive_id, 'KH', directive_id || '/KH-UBND', 'Kế hoạch số ' || directive_id,
       min(assigner_id), min(given), min(given), 'normal', 'ke hoach so ' || directive_id, 1
  FROM seed GROUP BY directive_id
"""
STEPS = """
CREATE UNLOGGED TABLE step AS
SELECT id, assigner_id, unit_id, due, state, day, told, coalesce(
         lead(day) OVER (PARTITION BY id ORDER BY day), DATE '9999-12-31') AS until
  FROM (SELECT id, assigner_id, unit_id, due, 'not_started' AS state, given AS day, NULL::date AS told
          FROM seed
        UNION ALL SELECT id, assigner_id, unit_id, due, 'in_progress', accepted, NULL FROM seed
        UNION ALL SELECT id, assigner_id, unit_id, due, 'awaiting_confirmation', reported, reported FROM seed
        UNION ALL SELECT id, assigner_id, unit_id, due, 'completed', confirmed, reported FROM seed) AS way
 WHERE day <= DATE '{today}'
"""
TASKS = """
INSERT INTO task (id, key, directive_id, content, assigner_id, unit_id, state, given_on, due_on,
                  original_due_on, reported_on, closed_on, percent, search_text, version, last_event_on)
SELECT seed.id, 't' || seed.id, directive_id,
       'Nhiệm vụ số ' || seed.id || ': rà soát thủ tục, báo cáo kết quả',
       seed.assigner_id, seed.unit_id, step.state, given, seed.due, seed.due, told,
       CASE WHEN step.state = 'completed' THEN day END, 0,
       'nhiem vu so ' || seed.id || ': ra soat thu tuc, bao cao ket qua', 1, day
  FROM seed JOIN step ON step.id = seed.id AND step.until = DATE '9999-12-31'
"""
STRETCHES = """
INSERT INTO task_period (task_id, assigner_id, unit_id, state, due_on, reported_on, valid_from, valid_to,
                         directive_id, given_on)
SELECT id, step.assigner_id, step.unit_id, state, step.due, told, day, until, directive_id, given
  FROM step JOIN seed USING (id) ORDER BY step.assigner_id, id, day
"""
EVENTS = """
INSERT INTO history (do_, on_day, at, task_id, payload, to_state, note)
SELECT CASE state WHEN 'not_started' THEN 'give' WHEN 'in_progress' THEN 'accept'
                  WHEN 'completed' THEN 'confirm' ELSE 'report' END,
       day, day + TIME '02:00' AT TIME ZONE 'UTC', id, json_build_object('task', 't' || id), state,
       'Đã thực hiện.'
  FROM step ORDER BY day, id
""".replace("do_", '"do"')


def fill_country(tasks: int, assigners: int) -> None:
    """Lay down the country: indexes are taken away first and made anew, references are not checked."""
    each = tasks // assigners
    papers = max(1, each // TASKS_A_DIRECTIVE)
    values = {
        "tasks": each * assigners, "assigners": assigners, "divisions": DIVISIONS, "founded": FOUNDED,
        "each": each, "papers": papers, "size": -(-each // papers), "days": 365 * YEARS,
        "first": TODAY - timedelta(days=365 * YEARS), "today": TODAY,
    }  # fmt: skip
    with db.engine.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text("SET LOCAL maintenance_work_mem = '1GB'"))
        connection.execute(text("SET LOCAL work_mem = '512MB'"))
        indexes = _drop_indexes(connection)
        for statement in (UNITS, PEOPLE, ROLES, SEED, PAPERS, STEPS, TASKS, STRETCHES, EVENTS):
            connection.exec_driver_sql(statement.format(**values).replace("%", "%%"))
        connection.execute(text("DROP TABLE seed, step"))
        for index in indexes:
            connection.exec_driver_sql(index.replace("%", "%%"))
        for table in ("unit", "person", "directive", "task"):
            connection.execute(text(f"SELECT setval('{table}_id_seq', (SELECT max(id) FROM {table}))"))
    with db.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("VACUUM ANALYZE"))


def _drop_indexes(connection: Connection) -> list[str]:
    """Drop the indexes of the big tables that no constraint needs, and return how to make them again."""
    found = connection.execute(
        text(
            "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = ANY(:tables) AND indexname NOT IN"
            " (SELECT conname FROM pg_constraint)"
        ),
        {"tables": list(BIG)},
    ).all()
    for name, _definition in found:
        connection.execute(text(f'DROP INDEX "{name}"'))
    return [definition for _name, definition in found]
