"""Pages that are read once before the processes of an installation are forked.

What a program makes when it first does a thing (templates, statements, shortcuts of the interpreter) it then
shares with all its forks. Made in each of them, it took as much memory again as the program itself.
"""

from __future__ import annotations

import logging
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from sqlalchemy import event, select

from tracker import clock
from tracker.models import db
from tracker.models.people import HeldRole, Role, User
from tracker.models.sqlite import sqlite
from tracker.models.task import Task

PAGES = (
    "/", "/nhiem-vu", "/nhiem-vu?state=open&sort=due", "/van-ban", "/bao-cao", "/bieu-b4", "/tim?q=a",
    "/thu-di", "/quan-tri/he-thong",
)  # fmt: skip
ROLES = (Role.LEADER, Role.OFFICE, Role.UNIT_HEAD, Role.ADMIN)

log = logging.getLogger(__name__)


def run(app: Flask) -> None:
    """Read the most common pages as somebody of each role would; nothing is stored, no connection remains.

    It is called in a context without an application: every request then has its own. Its connections may only
    read. What fails is told and left, since nothing depends on it.
    """
    with app.app_context():
        engines = list(db.engines.values())
    for engine in engines:
        event.listen(engine, "connect", only_read)
    try:
        with app.app_context():
            people, pages = _cast()
        # Over HTTPS: in production a cookie of the session travels no other way.
        house = f"https://{urlsplit(app.config['BASE_URL']).netloc}"
        for user in people:
            client = app.test_client()
            with client.session_transaction(base_url=house) as session:
                session["_user_id"], session["_fresh"] = user, True
            for page in (*PAGES, *pages):
                client.get(page, base_url=house)
    except Exception:
        log.warning("Không đọc thử được các trang trước khi bắt đầu.", exc_info=True)
    finally:
        for engine in engines:
            event.remove(engine, "connect", only_read)
            engine.dispose()


def _cast() -> tuple[list[str], list[str]]:
    """Return the session ids of a person of each role, and the pages of a task and of its directive."""
    today = clock.today()
    people = []
    for role in ROLES:
        held = select(User.fs_uniquifier).join(HeldRole, HeldRole.user_id == User.id)
        held = held.where(HeldRole.role == role, HeldRole.valid_from <= today, User.active)
        if (found := db.session.scalar(held.limit(1))) is not None:
            people.append(found)
    newest = select(Task.id, Task.directive_id).order_by(Task.id.desc()).limit(1)
    pages = [(f"/nhiem-vu/{task}", f"/van-ban/{directive}") for task, directive in db.session.execute(newest)]
    return people, [page for pair in pages for page in pair]


def only_read(connection: Any, _record: Any) -> None:
    """Let a connection (of the driver) that was just opened store nothing, whatever it is asked."""
    cursor = connection.cursor()
    if isinstance(connection, sqlite.Connection):
        cursor.execute("PRAGMA query_only = ON")
    else:
        cursor.execute("SET default_transaction_read_only = ON")
        connection.commit()
    cursor.close()
