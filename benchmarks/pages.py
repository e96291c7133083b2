"""Pages and saving against the plain SQL of the same question, in the same run.

    python -m benchmarks.pages [--database sqlite|postgresql] [--tasks 10000 100000]

The page includes sign-in, permissions and HTML; the floor is the bare rows. What counts is that the time
of a list, a task and a saving does not grow with the archive.
"""

from __future__ import annotations

import argparse
import contextvars
from collections.abc import Callable
from itertools import count
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import run_wsgi_app

from benchmarks.measure import COLUMNS, medians_ms, show, statements
from benchmarks.world import TODAY, fill, installation, person
from tracker.models import db
from tracker.models.people import HeldRole, Role, User
from tracker.models.task import Task
from tracker.operations import progress
from tracker.operations.recording import Stamp
from tracker.rules.status import State

WARM = 12
"""Requests before a page is measured: PostgreSQL plans a statement anew for the first ten of a connection."""


def main() -> None:
    """Print a line for each page and for saving a progress update."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    options.add_argument("--tasks", type=int, nargs="+", default=[10_000, 100_000])
    chosen = options.parse_args()
    for tasks in chosen.tasks:
        with installation(chosen.database) as app:
            fill(tasks)
            print(f"\n{chosen.database}, {tasks:,} tasks   {COLUMNS}")
            run(app)


def run(app: Flask, *, office: str = "p1", leader: str | None = "p0") -> None:
    """Measure the pages of one installation; `leader` is None where nobody leads it."""
    task = db.session.scalars(
        select(Task).where(Task.state == State.IN_PROGRESS).order_by(Task.id.desc()).limit(1)
    ).one()
    task_id, unit_id = task.id, task.unit_id
    head = db.session.scalars(
        select(User).join(HeldRole).where(HeldRole.unit_id == unit_id, HeldRole.role == Role.UNIT_HEAD)
    ).first()
    assert head is not None
    head_login = head.login
    unit_list = f"""
        SELECT task.id, content, due_on, state, directive.number, unit.name FROM task
          JOIN directive ON directive.id = directive_id JOIN unit ON unit.id = task.unit_id
         WHERE unit_id = {unit_id} AND state IN ('not_started', 'in_progress', 'awaiting_confirmation')
         ORDER BY due_on, task.id LIMIT 50"""
    unit_archive = f"""
        SELECT task.id, content, due_on, state, directive.number, unit.name FROM task
          JOIN directive ON directive.id = directive_id JOIN unit ON unit.id = task.unit_id
         WHERE unit_id = {unit_id} ORDER BY due_on, task.id LIMIT 50"""
    one_task = f"""
        SELECT * FROM task LEFT JOIN history ON history.task_id = task.id WHERE task.id = {task_id}"""
    page("a unit's open tasks", app, head_login, f"/nhiem-vu?unit={unit_id}&state=open&sort=due", unit_list)
    page("all tasks of a unit", app, head_login, f"/nhiem-vu?unit={unit_id}&sort=due", unit_archive)
    page("one task", app, head_login, f"/nhiem-vu/{task_id}", one_task)
    page("home of a unit's head", app, head_login, "/", unit_list)
    page("home of the office", app, office, "/", unit_list)
    if leader is not None:
        page("home of the chairman", app, leader, "/", unit_list)
    page("search “de an”", app, office, "/tim?q=de+an", unit_list)
    saving(task_id)


def signed_in(app: Flask, login: str) -> FlaskClient:
    """Return a client whose session is that of a person."""
    user = person(login)
    client = app.test_client()
    with client.session_transaction() as session:
        session["_user_id"] = user.fs_uniquifier
        session["_fresh"] = True
    return client


def page(what: str, app: Flask, login: str, url: str, floor_sql: str) -> None:
    """Print the time of one page beside that of the bare rows. The page is asked as a server asks for it."""
    client = signed_in(app, login)
    asked = client.get(url).request.environ

    def ours() -> None:
        _page, status, _headers = contextvars.Context().run(run_wsgi_app, app, asked, buffered=True)
        if status != "200 OK":
            raise SystemExit(f"{url} answered {status}")

    for _time in range(WARM):
        ours()
    measure(what, ours, lambda: db.session.connection().exec_driver_sql(floor_sql).fetchall())


def saving(task_id: int) -> None:
    """Print the time of storing a progress update beside that of the bare INSERT and UPDATE."""
    number = count()

    def ours() -> None:
        task = db.session.get(Task, task_id)
        assert task is not None
        progress.update(task, stamp=Stamp(on=TODAY), text=f"Cập nhật {next(number)}")

    def plain() -> None:
        connection = db.session.connection()
        connection.exec_driver_sql(
            f'INSERT INTO history ("do", on_day, task_id, payload, note) '
            f"VALUES ('progress', '{TODAY}', {task_id}, '{{}}', 'Cập nhật {next(number)}')"
        )
        connection.exec_driver_sql(
            f"UPDATE task SET last_word = 'x', version = version + 1 WHERE id = {task_id}"
        )
        db.session.commit()

    measure("saving a progress update", ours, plain)


def measure(what: str, ours: Callable[[], Any], plain: Callable[[], Any]) -> None:
    """Print one line."""

    def fresh(act: Callable[[], Any]) -> Callable[[], Any]:
        def run() -> None:
            db.session.rollback()
            act()

        return run

    with statements() as seen:
        ours()
    show(what, *medians_ms(fresh(ours), fresh(plain)), seen)


if __name__ == "__main__":
    main()
