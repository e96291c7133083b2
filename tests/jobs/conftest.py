"""A mail server that keeps what it is given, and an office that really stores what it does."""

from __future__ import annotations

import email
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email import policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from flask import Flask

from tests import factories
from tracker import clock
from tracker.models import db, transaction

ROOT = Path(__file__).parent.parent.parent


@dataclass
class Sink:
    """What a mail server does with a mail: `answer` may say anything to it, `slow` seconds later."""

    got: list[bytes] = field(default_factory=list)
    envelopes: list[tuple[str, list[str]]] = field(default_factory=list)
    answer: Callable[[int], str | None] = lambda _number: None
    answer_recipient: Callable[[str], str | None] = lambda _address: None
    slow: float = 0
    port: int = 0
    connections: int = 0
    asked: int = 0

    async def handle_EHLO(
        self, server: Any, session: Any, envelope: Any, hostname: str, responses: Any
    ) -> Any:
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        refusal = self.answer_recipient(address)
        if refusal:
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.asked += 1
        answer = self.answer(self.asked)
        if answer == "drop":
            server.transport.abort()
            return "421 gone"
        if answer:
            return answer
        self.got.append(envelope.content)
        self.envelopes.append((envelope.mail_from, envelope.rcpt_tos))
        if self.slow:
            import asyncio

            await asyncio.sleep(self.slow)
        return f"250 2.0.0 queued as {len(self.got)}"

    @property
    def mails(self) -> list[EmailMessage]:
        return [email.message_from_bytes(each, policy=policy.default) for each in self.got]  # type: ignore[misc]


class OnFreePort(Controller):
    def _trigger_server(self) -> None:
        # It asks itself for a sign of life, and must know which port the system chose.
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@pytest.fixture
def sink() -> Iterator[Sink]:
    """A real SMTP server on a free port, which accepts everything until told otherwise."""
    sink = Sink()
    controller = OnFreePort(sink, hostname="127.0.0.1", port=0, enable_SMTPUTF8=False)
    controller.start()
    sink.port = controller.port
    yield sink
    controller.stop()


@pytest.fixture
def office(own_app: Flask, sink: Sink) -> Flask:
    """An application on a database of its own, whose mail server is the sink."""
    own_app.config.update(MAIL_SERVER="127.0.0.1", MAIL_PORT=sink.port)
    use_mail_server(own_app, sink.port)
    return own_app


def use_mail_server(app: Flask, port: int) -> None:
    """Point the application to another port."""
    app.config.update(MAIL_SERVER="127.0.0.1", MAIL_PORT=port)
    app.extensions["mail"].server, app.extensions["mail"].port = "127.0.0.1", port


@pytest.fixture
def people(office: Flask) -> factories.Cast:
    """The cast, in the office that really stores."""
    return factories.make_cast()


def at(text: str) -> datetime:
    """Return a moment of the wall clock in Vietnam: `at("2026-03-20 07:00")`."""
    return datetime.fromisoformat(text).replace(tzinfo=clock.VIETNAM)


class Clock:
    """A clock that the test moves."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def __call__(self) -> datetime:
        return self.moment

    def forward(self, **step: float) -> None:
        self.moment += timedelta(**step)


def put_mail(key: str = "thu-1", **values: Any) -> int | None:
    """Queue a mail about anything."""
    from tracker import outbox

    values = {
        "kind": "test", "address": "ha@song-huong.example", "subject": "Đề án số 1",
        "text": "Nội dung có dấu: ằẵặ\n", "html": "<p>Nội dung có dấu: ằẵặ</p>", "at": at("2026-03-20 07:00"),
    } | values  # fmt: skip
    with transaction():
        return outbox.put(key=key, **values)


def run_flask(app: Flask, *words: str, wait: bool = True, **environ: str) -> Any:
    """Run a command of the tracker in a process of its own, on the database of `app`."""
    db.session.commit()
    url = app.config["SQLALCHEMY_DATABASE_URI"]
    env = os.environ | {
        "DATABASE_URL": url, "MAIL_SERVER": "127.0.0.1", "MAIL_PORT": str(app.config["MAIL_PORT"]),
        "PYTHONUNBUFFERED": "1",
    } | environ  # fmt: skip
    command = [sys.executable, "-m", "flask", "--app", "wsgi", *words]
    process = subprocess.Popen(
        command, cwd=ROOT, env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    if not wait:
        return process
    output, _ = process.communicate(timeout=300)
    return process.returncode, output


def wait_until(true: Callable[[], Any], seconds: float = 300) -> None:
    """Wait for something to become true, and fail when it does not."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.01)


def kill(process: Any, number: int = signal.SIGKILL) -> None:
    """Send a signal to a process and wait for its end."""
    process.send_signal(number)
    process.wait(timeout=300)
