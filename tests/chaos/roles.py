"""What the workers of the chaos tests are: each function runs in a process of its own."""

from __future__ import annotations

import json
import logging
import os
import signal
import socket
import time
from pathlib import Path
from typing import Any

from flask import Flask
from flask.cli import ScriptInfo
from sqlalchemy import event
from werkzeug.serving import WSGIRequestHandler, make_server

from tests.chaos import uses
from tracker import clock, jobs
from tracker.jobs.shell import jobs_group
from tracker.models import db

PAUSE = 0.05
"""Seconds a sender rests between two looks at the outbox."""


def scheduler(app: Flask, **_others: Any) -> None:
    """Be `flask jobs run`."""
    jobs_group.main(["run"], obj=ScriptInfo(create_app=lambda: app), standalone_mode=False)


def sender(app: Flask, **_others: Any) -> None:
    """Deliver again and again, as `flask jobs once deliver` in a loop, until asked to end."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(process)d %(message)s")
    stopping = _until_asked()
    while not stopping:
        with app.app_context():
            jobs.wake("deliver", stop=lambda: bool(stopping))
        time.sleep(PAUSE)


def web(app: Flask, *, listening: Any, **_others: Any) -> None:
    """Answer the pages, one request after the other, on the port that all web workers share."""
    stopping = _until_asked()
    host, port = listening.getsockname()
    server = make_server(host, port, app, fd=listening.fileno(), request_handler=_Quiet)
    server.timeout = PAUSE
    while not stopping:
        server.handle_request()


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: Any) -> None:
        """Leave the log to the errors."""


def job(app: Flask, *, name: str, **_others: Any) -> None:
    """Run one job once, whether it is due or not."""
    with app.app_context():
        jobs.run_job(name)


def day_of_jobs(app: Flask, *, moment: str, **_others: Any) -> None:
    """Do at one moment what a day's scheduler does, undisturbed and without a mail server."""
    from datetime import datetime

    app.config["MAIL_SERVER"] = ""
    with app.app_context(), clock.standing_at(datetime.fromisoformat(moment)):
        for name in ("overdue", "reminders", "monthly-report", "deliver"):
            jobs.run_job(name)
        db.session.remove()


def cut_off(app: Flask, *, use: str, at: int, answer: str, **_others: Any) -> None:
    """Do a use and end without a word at its n-th event; write down the events where it came to its end.

    Events are: before a statement, before and after a commit, before and after bytes go to a mail server, and
    before and after a file is made, flushed, renamed or taken away.
    """
    events: list[str] = []

    def comes(name: str) -> None:
        events.append(name)
        if len(events) == at:
            os.kill(os.getpid(), signal.SIGKILL)

    def around(place: Any, name: str) -> None:
        real = getattr(place, name)

        def call(*words: Any, **values: Any) -> Any:
            comes(f"before {name}")
            result = real(*words, **values)
            comes(f"after {name}")
            return result

        setattr(place, name, call)

    def before_statement(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        comes(statement.split(maxsplit=1)[0].upper())

    os.environ["TRACKER_NOW"] = uses.NOW.isoformat()
    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", before_statement)
    around(engine.dialect, "do_commit")
    around(socket.socket, "sendall")
    for name in ("open", "fsync", "replace", "rename", "unlink"):
        around(os, name)
    uses.USES[use](app)
    Path(answer).write_text(json.dumps(events))


def settle(app: Flask, *, use: str, answer: str, **_others: Any) -> None:
    """Do a use undisturbed, and write down what is stored then."""
    os.environ["TRACKER_NOW"] = uses.NOW.isoformat()
    uses.USES[use](app)
    with app.app_context():
        Path(answer).write_text(json.dumps(uses.left_behind()))


def _until_asked() -> list[int]:
    """Return a list that SIGTERM fills: what is under way is finished first.

    An event would not do: set by a handler while its own thread waits for it, it may wait for itself.
    """
    stopping: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _frame: stopping.append(number))
    return stopping
