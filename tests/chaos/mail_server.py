"""A mail server that does what it is told, and writes down every mail that it took.

It speaks SMTP by itself (asyncio), so that any fault can be played: silence, a byte a second, a cut after
the final dot. `python -m tests.chaos.mail_server JOURNAL [SECONDS]` is a process of its own, which prints
its port, and each mail is a line of the journal before the client hears of it, so that no kill can lose one.
"""

from __future__ import annotations

import asyncio
import contextlib
import email
import json
import os
import random
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email import policy
from pathlib import Path
from typing import Any, NamedTuple

CONNECT, EHLO, STARTTLS, AUTH, MAIL, RCPT, DATA, DOT, RSET, QUIT = (
    "connect", "EHLO", "STARTTLS", "AUTH", "MAIL", "RCPT", "DATA", ".", "RSET", "QUIT"
)  # fmt: skip
"""The steps of a conversation; “.” is the final dot after the text of a mail."""

LARGEST = 2**26
"""Bytes of a mail that the server takes."""

SILENT, CUT = "silent", "cut"
"""Answers that are none: saying nothing for ever, and hanging up."""


class Late(NamedTuple):
    """The usual answer, so many seconds late."""

    seconds: float


class Accepted(NamedTuple):
    """A mail that the server took: from then on it has arrived."""

    message_id: str
    recipient: str
    subject: str
    at: float


Answer = str | Late | None
"""What to say at a step: a reply, SILENT, CUT, `Late`, or None for the usual."""


@dataclass
class Held:
    """How long a connection was open, in seconds of a clock that only goes forward."""

    opened: float
    closed: float | None = None

    @property
    def seconds(self) -> float:
        return (self.closed or time.monotonic()) - self.opened


@dataclass
class MailServer:
    """Takes mails; `answer(step, argument)` may play a fault, `drip` seconds lie between two of its bytes."""

    journal: Path | None = None
    answer: Callable[[str, str], Answer] = lambda _step, _argument: None
    drip: float = 0
    certificate: Path | None = None
    signs_in: bool = False
    port: int = 0
    accepted: list[Accepted] = field(default_factory=list)
    held: list[Held] = field(default_factory=list)
    passwords: list[str] = field(default_factory=list)
    _journal: int = -1
    _loop: asyncio.AbstractEventLoop | None = None
    _open: set[asyncio.StreamWriter] = field(default_factory=set)

    async def serve(self) -> asyncio.Server:
        """Begin to listen on a free port of this machine."""
        if self.journal is not None:
            self._journal = os.open(self.journal, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self._loop = asyncio.get_running_loop()
        server = await asyncio.start_server(self._talk, "127.0.0.1", self.port, limit=LARGEST)
        self.port = server.sockets[0].getsockname()[1]
        return server

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        held = Held(time.monotonic())
        self.held.append(held)
        self._open.add(writer)
        gone = (ConnectionError, EOFError, ssl.SSLError, asyncio.CancelledError, asyncio.LimitOverrunError)
        with contextlib.suppress(*gone):
            await _Conversation(self, reader, writer).run()
        held.closed = time.monotonic()
        self._open.discard(writer)
        writer.transport.abort()

    def hang_up(self) -> None:
        """Cut every conversation; to be called from another thread than the server's."""
        assert self._loop is not None
        for writer in tuple(self._open):
            self._loop.call_soon_threadsafe(writer.transport.abort)

    def take(self, recipient: str, content: bytes) -> None:
        """Write a mail down: now it has arrived."""
        message = email.message_from_bytes(content.partition(b"\r\n\r\n")[0], policy=policy.default)
        mail = Accepted(str(message["Message-ID"]), recipient, str(message["Subject"]), time.time())
        self.accepted.append(mail)
        if self._journal >= 0:
            os.write(self._journal, json.dumps(mail, ensure_ascii=False).encode() + b"\n")


class _HungUp(EOFError):
    """One of the two ended the conversation."""


class _Conversation:
    def __init__(
        self, server: MailServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.server, self.reader, self.writer = server, reader, writer
        self.recipient = ""
        self.is_encrypted = False

    async def run(self) -> None:
        await self._say(CONNECT, "", "220 chaos.example ESMTP")
        while line := await self.reader.readline():
            verb, _blank, rest = line.decode("ascii", "replace").strip().partition(" ")
            await self._take_command(verb.upper(), rest)

    async def _take_command(self, verb: str, rest: str) -> None:
        match verb:
            case "EHLO" | "HELO":
                await self._say(EHLO, rest, self._greeting())
            case "STARTTLS":
                await self._say(STARTTLS, rest, "220 go ahead")
                await self._encrypt()
            case "AUTH":
                self.server.passwords.append(rest)
                await self._say(AUTH, rest, "235 2.7.0 signed in")
            case "MAIL":
                await self._say(MAIL, rest, "250 2.1.0 sender ok")
            case "RCPT":
                self.recipient = rest.partition("<")[2].partition(">")[0]
                await self._say(RCPT, self.recipient, "250 2.1.5 recipient ok")
            case "DATA":
                await self._take_text()
            case "RSET":
                await self._say(RSET, rest, "250 2.0.0 forgotten")
            case "QUIT":
                await self._say(QUIT, rest, "221 2.0.0 bye")
                raise _HungUp
            case _:
                await self._say(verb, rest, "500 5.5.1 what?")

    def _greeting(self) -> str:
        words = ["chaos.example"]
        words += ["STARTTLS"] if self.server.certificate and not self.is_encrypted else []
        words += ["AUTH PLAIN"] if self.server.signs_in else []
        lines = [f"250-{word}\r\n" for word in words[:-1]]
        return "".join(lines) + f"250 {words[-1]}"

    async def _take_text(self) -> None:
        if not await self._say(DATA, self.recipient, "354 end with a dot"):
            return
        content = await self.reader.readuntil(b"\r\n.\r\n")
        answer = self.server.answer(DOT, self.recipient)
        if answer in (None, SILENT, CUT) or isinstance(answer, Late):
            self.server.take(self.recipient, content.removesuffix(b".\r\n").replace(b"\r\n..", b"\r\n."))
        await self._reply(answer, f"250 2.0.0 queued as {len(self.server.accepted)}")

    async def _encrypt(self) -> None:
        assert self.server.certificate is not None
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.server.certificate)
        await self.writer.start_tls(context)
        self.is_encrypted = True

    async def _say(self, step: str, argument: str, usual: str) -> bool:
        """Answer a step; return whether it was the usual answer."""
        answer = self.server.answer(step, argument)
        await self._reply(answer, usual)
        return answer is None or isinstance(answer, Late)

    async def _reply(self, answer: Answer, usual: str) -> None:
        if answer == CUT:
            self.writer.transport.abort()
            raise _HungUp
        if answer == SILENT:
            await self.reader.read()
            raise _HungUp
        if isinstance(answer, Late):
            await asyncio.sleep(answer.seconds)
            answer = None
        text = f"{answer or usual}\r\n".encode()
        if not self.server.drip:
            self.writer.write(text)
        else:
            for number in range(len(text)):
                self.writer.write(text[number : number + 1])
                await self.writer.drain()
                await asyncio.sleep(self.server.drip)
        await self.writer.drain()
        if text.startswith(b"421"):
            raise _HungUp


@contextlib.contextmanager
def running(server: MailServer) -> Iterator[MailServer]:
    """Let a server work in a thread of this process inside the block."""
    loop = asyncio.new_event_loop()
    listening = loop.run_until_complete(server.serve())
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        listening.close()
        loop.run_until_complete(_end_conversations())
        loop.close()


async def _end_conversations() -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for each in others:
        each.cancel()
    await asyncio.gather(*others, return_exceptions=True)


@contextlib.contextmanager
def apart(journal: Path, *, hesitates: float) -> Iterator[int]:
    """Run a mail server in a process of its own inside the block; give its port."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.chaos.mail_server", str(journal), str(hesitates)],
        cwd=Path(__file__).parents[2], text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        yield int(process.stdout.readline())
    finally:
        process.kill()
        process.wait()


def read_journal(path: Path) -> list[Accepted]:
    """Return the mails that a server in a process of its own has taken so far."""
    if not path.exists():
        return []
    return [Accepted(*json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]


def hesitating(seconds: float) -> Callable[[str, str], Answer]:
    """Return the answers of a server that takes up to so many seconds before it has a mail, and again before
    it says so."""
    chance = random.Random(seconds)

    def answer(step: str, _argument: str) -> Answer:
        return Late(chance.random() * seconds) if step in (MAIL, DOT) and seconds else None

    return answer


async def _main(journal: str, seconds: str = "0") -> None:
    server = MailServer(Path(journal), answer=hesitating(float(seconds)))
    listening = await server.serve()
    print(server.port, flush=True)
    async with listening:
        # Its owner holds the other end of its input: when that closes, nobody needs it any more.
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    arguments: Any = sys.argv[1:]
    asyncio.run(_main(*arguments))
