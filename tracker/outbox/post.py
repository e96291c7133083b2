"""The way to the mail server: Flask-Mail's message and connection, made safe and patient.

Flask-Mail alone waits for ever for a silent server, sends the password to whoever answers, does not read
refusals, and gives each attempt another Message-ID.
"""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
from contextlib import suppress
from datetime import datetime
from email import policy
from email.header import Header
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from typing import Any, NamedTuple

import flask_mail
from flask import current_app

from tracker.models.mail import DeliveryOutcome

CONNECT_TIMEOUT = 10
"""Seconds until a mail server must have answered the connection."""
COMMAND_TIMEOUT = 30
"""Seconds until a mail server must have answered one command."""
REPLY_LENGTH = 500

_SIGN_IN_WANTED = frozenset({530, 534, 535, 538})
"""Refusals that speak of this installation's account at the server, not of the mail."""

mail = flask_mail.Mail()


class Enclosed(NamedTuple):
    """A file that goes with a mail."""

    filename: str
    media_type: str
    content: bytes


class Letter(NamedTuple):
    """One mail to be sent, and how often that was tried."""

    id: int
    address: str
    subject: str
    text: str
    html: str
    message_id: str
    attempts: int
    enclosed: tuple[Enclosed, ...] = ()


class Refused(Exception):
    """The server refused a mail; `words` are its own."""

    def __init__(self, step: str, code: int, reply: bytes | str) -> None:
        text = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply
        self.code = code
        self.words = f"{code} {text}".replace("\n", " ")[:REPLY_LENGTH]
        self.is_permanent = 500 <= code < 600 and not (step == "MAIL" and code in _SIGN_IN_WANTED)
        super().__init__(self.words)


class OutboxMessage(flask_mail.Message):
    """A message with a given Message-ID, whose bytes are made by the standard library's SMTP policy."""

    def __init__(self, mail: Letter, *, at: datetime) -> None:
        super().__init__(subject=mail.subject, recipients=[mail.address], body=mail.text, html=mail.html)
        self.msgId = mail.message_id
        self.date = at.timestamp()
        self.at = at
        self.enclosed = mail.enclosed

    def _message(self) -> EmailMessage:  # type: ignore[override]
        message = EmailMessage(policy=policy.SMTP)
        # Folding by the policy itself drops a blank that falls between two encoded words.
        encoded = Header(self.subject, "utf-8", header_name="Subject").encode(linesep="\r\n")
        message.set_raw("Subject", encoded)
        message["From"] = self.sender
        message["To"] = self.recipients[0]
        message["Date"] = format_datetime(self.at)
        message["Message-ID"] = self.msgId
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(self.body, cte="base64")
        message.add_alternative(self.html, subtype="html", cte="base64")
        for each in self.enclosed:
            kind, _slash, subtype = each.media_type.partition("/")
            message.add_attachment(each.content, maintype=kind, subtype=subtype, filename=each.filename)
        return message


class OutboxConnection(flask_mail.Connection):
    """Flask-Mail's connection, with time limits, a verified certificate, and refusals that are read."""

    host: smtplib.SMTP | None

    def __enter__(self) -> OutboxConnection:
        self.host = self.configure_host()
        return self

    def __exit__(self, *_exception: object) -> None:
        if self.host is not None:
            host, self.host = self.host, None
            try:
                host.quit()
            except (smtplib.SMTPException, OSError):
                host.close()

    def configure_host(self) -> smtplib.SMTP:
        """Connect, encrypt and sign in as the settings say; raises `OSError` or `SMTPException`."""
        server, port = self.mail.server, self.mail.port or 0
        # The default would look this machine up in the DNS, which may take half a minute in a closed network.
        own_name = re.sub(r"[^A-Za-z0-9.-]", "-", socket.gethostname()) or "localhost"
        context = ssl.create_default_context()
        host: smtplib.SMTP
        if self.mail.use_ssl:
            host = smtplib.SMTP_SSL(server, port, own_name, timeout=CONNECT_TIMEOUT, context=context)
        else:
            host = smtplib.SMTP(server, port, own_name, timeout=CONNECT_TIMEOUT)
        try:
            host.timeout = COMMAND_TIMEOUT
            if host.sock is not None:
                host.sock.settimeout(COMMAND_TIMEOUT)
            if self.mail.use_tls:
                host.starttls(context=context)
            if self.mail.username and self.mail.password:
                host.login(self.mail.username, self.mail.password)
            host.ehlo_or_helo_if_needed()
        except BaseException:
            host.close()
            raise
        return host

    def send(self, message: flask_mail.Message, envelope_from: Any = None) -> str:  # type: ignore[override]
        """Send a message to its one recipient and return the server's words; raises `Refused`."""
        if self.host is None or message.has_bad_headers():
            raise ValueError("a mail needs a connection and plain headers")
        sender = parseaddr(str(envelope_from or message.sender))[1]
        (recipient,) = message.send_to
        content = message.as_bytes()
        code, reply = self.host.mail(sender)
        if code != 250:
            raise self._refused("MAIL", code, reply)
        code, reply = self.host.rcpt(str(recipient))
        if code not in (250, 251):
            raise self._refused("RCPT", code, reply)
        try:
            code, reply = self.host.data(content)
        except smtplib.SMTPDataError as error:
            raise self._refused("DATA", error.smtp_code, error.smtp_error) from error
        if code != 250:
            raise self._refused("DATA", code, reply)
        return f"{code} {reply.decode('utf-8', 'replace')}"[:REPLY_LENGTH]

    def _refused(self, step: str, code: int, reply: bytes | str) -> Refused:
        if self.host is not None and code != 421:
            with suppress(smtplib.SMTPException, OSError):
                self.host.rset()
        return Refused(step, code, reply)


class Post:
    """The way to the mail server: one connection for many mails, opened when needed and after a break."""

    def __init__(self) -> None:
        self.connection: OutboxConnection | None = None
        self.trouble = ""

    @property
    def is_unreachable(self) -> bool:
        """Whether the last attempt to connect or to sign in was in vain."""
        return bool(self.trouble)

    def __enter__(self) -> Post:
        return self

    def __exit__(self, *_exception: object) -> None:
        self._hang_up()

    def _hang_up(self) -> None:
        if self.connection is not None:
            self.connection.__exit__(None, None, None)
            self.connection = None

    def deliver(self, claimed: Letter, at: datetime) -> tuple[DeliveryOutcome, str]:
        """Try once to hand over one mail; return the outcome and the server's words or the reason."""
        if self.connection is None:
            try:
                self.connection = OutboxConnection(current_app.extensions["mail"]).__enter__()
            except (smtplib.SMTPException, OSError) as error:
                self.trouble = _reason(error)
                return DeliveryOutcome.FAILED, self.trouble
        try:
            return DeliveryOutcome.ACCEPTED, self.connection.send(OutboxMessage(claimed, at=at))
        except Refused as error:
            if error.code == 421:
                self._drop()
            return DeliveryOutcome.REFUSED if error.is_permanent else DeliveryOutcome.FAILED, error.words
        except (smtplib.SMTPException, OSError) as error:
            self._drop()
            return DeliveryOutcome.FAILED, _reason(error)
        except ValueError as error:
            return DeliveryOutcome.REFUSED, _reason(error)

    def _drop(self) -> None:
        if self.connection is not None and self.connection.host is not None:
            self.connection.host.close()
            self.connection.host = None
        self.connection = None


def _reason(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        words = error.smtp_error
        text = words.decode("utf-8", "replace") if isinstance(words, bytes) else str(words)
        return f"{error.smtp_code} {text}"[:REPLY_LENGTH]
    return f"{type(error).__name__}: {error}"[:REPLY_LENGTH]
