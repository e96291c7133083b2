"""The way to the mail server: Flask-Mail's message and connection, made safe and patient.

Flask-Mail alone waits for ever for a silent server, sends the password to whoever answers, does not read
refusals, and gives each attempt another Message-ID.
"""

from __future__ import annotations

import io
import re
import smtplib
import socket
import ssl
import time
from contextlib import suppress
from datetime import datetime
from email.charset import BASE64, Charset
from email.encoders import encode_base64
from email.header import Header
from email.mime.base import MIMEBase
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.policy import compat32
from email.utils import format_datetime, formataddr, parseaddr
from hashlib import sha256
from typing import Any, NamedTuple

import flask_mail
from flask import current_app

from tracker.models.mail import DeliveryOutcome

CONNECT_TIMEOUT = 10
"""Seconds until a mail server must have answered the connection."""
CONNECTION_TIME = 30
"""Seconds after which a connection is cut, whatever the server does: a byte a second is an answer too."""
FRESH_FOR = 10
"""Seconds for which a connection takes further mails, so that the last of them has time enough."""
PIECE = 2**14
"""Bytes sent at once: an encrypted connection counts its time anew for each such piece."""
REPLY_LENGTH = 500

_POLICY = compat32.clone(linesep="\r\n")
# Flask-Mail tells the library to send UTF-8 as it is, which old servers spoil.
_UTF8 = Charset("utf-8")
_UTF8.body_encoding = BASE64
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


class InDoubt(Exception):
    """The server had the whole mail and did not say what became of it."""


class OutboxMessage(flask_mail.Message):
    """A message with a given Message-ID, its parts base64.

    The library's newer `EmailMessage` parses each header that it is given and takes four times as long.
    """

    def __init__(self, mail: Letter, *, at: datetime) -> None:
        super().__init__(subject=mail.subject, recipients=[mail.address], body=mail.text, html=mail.html)
        self.msgId = mail.message_id
        self.date = at.timestamp()
        self.at = at
        self.enclosed = mail.enclosed

    def _message(self) -> MIMEMultipart:
        # A line of base64 holds no “=_”, so no text can end its part too early.
        boundary = sha256(str(self.msgId).encode()).hexdigest()[:32]
        texts = MIMEMultipart("alternative", boundary=f"=_{boundary}", policy=_POLICY)
        for text, kind in ((self.body, "plain"), (self.html, "html")):
            texts.attach(MIMEText(text or "", kind, _UTF8, policy=_POLICY))  # type: ignore[arg-type]
        message = texts
        if self.enclosed:
            message = MIMEMultipart("mixed", boundary=f"=_mixed_{boundary}", policy=_POLICY)
            message.attach(texts)
        for each in self.enclosed:
            kind, _slash, subtype = each.media_type.partition("/")
            part = MIMEBase(kind, subtype, policy=_POLICY)
            part.set_payload(each.content)
            encode_base64(part)
            part.add_header("Content-Disposition", "attachment", filename=("utf-8", "", each.filename))
            message.attach(part)
        message["Subject"] = Header(self.subject, "utf-8", header_name="Subject")  # type: ignore[assignment]
        message["From"] = formataddr(parseaddr(str(self.sender)))
        message["To"] = str(self.recipients[0])
        message["Date"] = format_datetime(self.at)
        message["Message-ID"] = str(self.msgId)
        message["Auto-Submitted"] = "auto-generated"
        return message


class _Patience:
    """Mixed into smtplib's connections: each wait for the server ends with the time of the connection."""

    sock: Any
    file: Any

    def __init__(self, *words: Any, **options: Any) -> None:
        self._opened_at = time.monotonic()
        self._is_open = False
        self._last_piece = b""
        super().__init__(*words, **options)
        self._is_open = True

    @property
    def is_fresh(self) -> bool:
        return time.monotonic() - self._opened_at < FRESH_FOR

    @property
    def has_whole_mail(self) -> bool:
        """Whether the last thing sent was the final dot: from there on the mail may have arrived."""
        return self._last_piece.endswith(b"\r\n.\r\n")

    def wait_no_longer(self) -> None:
        """Let the next wait for the server end in time; raises `TimeoutError` when no time is left."""
        left = self._opened_at + CONNECTION_TIME - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out: the connection took too long")
        self.sock.settimeout(left if self._is_open else min(left, CONNECT_TIMEOUT))

    def getreply(self) -> tuple[int, bytes]:
        if self.file is None:
            self.file = io.BufferedReader(_Answers(self))
        return super().getreply()  # type: ignore[misc]

    def send(self, s: Any) -> None:
        whole = s.encode("ascii") if isinstance(s, str) else bytes(s)
        for start in range(0, len(whole), PIECE):
            if self.sock is not None:
                self.wait_no_longer()
            self._last_piece = (self._last_piece + whole[start : start + PIECE])[-PIECE:]
            super().send(whole[start : start + PIECE])  # type: ignore[misc]


class _Answers(io.RawIOBase):
    """What a server says, read as long as its connection has time."""

    def __init__(self, host: _Patience) -> None:
        super().__init__()
        self.host = host

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self.host.wait_no_longer()
        return int(self.host.sock.recv_into(buffer))


class _Plain(_Patience, smtplib.SMTP):
    """A connection that begins in the clear."""


class _Encrypted(_Patience, smtplib.SMTP_SSL):
    """A connection that is encrypted from its beginning."""


class OutboxConnection(flask_mail.Connection):
    """Flask-Mail's connection, with time limits, a verified certificate, and refusals that are read."""

    host: _Plain | _Encrypted | None

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

    @property
    def is_fresh(self) -> bool:
        return self.host is not None and self.host.is_fresh

    def configure_host(self) -> _Plain | _Encrypted:
        """Connect, encrypt and sign in as the settings say; raises `OSError` or `SMTPException`."""
        server, port = self.mail.server, self.mail.port or 0
        # The default would look this machine up in the DNS, which may take half a minute in a closed network.
        own_name = re.sub(r"[^A-Za-z0-9.-]", "-", socket.gethostname()) or "localhost"
        context = ssl.create_default_context()
        host: _Plain | _Encrypted
        if self.mail.use_ssl:
            host = _Encrypted(server, port, own_name, timeout=CONNECT_TIMEOUT, context=context)
        else:
            host = _Plain(server, port, own_name, timeout=CONNECT_TIMEOUT)
        try:
            code, reply = host.ehlo()
            if code == 421:
                # smtplib would try its luck with HELO, and tell of a broken connection instead of the reason.
                raise smtplib.SMTPConnectError(code, reply)
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
        """Send a message to its one recipient and return the server's words; raises `Refused`, `InDoubt`."""
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
        except (smtplib.SMTPServerDisconnected, OSError) as error:
            if self.host.has_whole_mail:
                raise InDoubt(_reason(error)) from error
            raise
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
        if self.connection is not None and not self.connection.is_fresh:
            self._hang_up()
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
        except InDoubt as error:
            self._drop()
            return DeliveryOutcome.IN_DOUBT, str(error)
        except (smtplib.SMTPException, OSError) as error:
            self._drop()
            return DeliveryOutcome.FAILED, _reason(error)
        except Exception as error:
            # A mail that cannot be written down must not hold up those behind it for ever.
            self._drop()
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
