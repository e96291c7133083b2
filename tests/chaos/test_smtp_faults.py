"""Every way in which a mail server can fail: what becomes of the mail, when it is tried again, and how long
the connection was held. The server is a real one, on a real socket."""

from __future__ import annotations

import ipaddress
import socket
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from sqlalchemy import select

from tests.chaos.mail_server import (
    AUTH,
    CONNECT,
    CUT,
    DATA,
    DOT,
    EHLO,
    MAIL,
    RCPT,
    SILENT,
    STARTTLS,
    Late,
    MailServer,
    running,
)
from tests.jobs.conftest import Clock, at, put_mail, use_mail_server
from tracker import outbox
from tracker.models import db
from tracker.models.mail import DeliveryOutcome, MailState, OutgoingMail
from tracker.outbox import post

SEVEN = at("2026-03-20 07:00")
FIRST_RETRY = SEVEN + outbox.RETRY_DELAYS[0]
STEPS = (CONNECT, EHLO, MAIL, RCPT, DATA, DOT)
ROOM = 5.0
"""Seconds above its limit that a connection may be held on a busy machine."""
AS_LONG_AS_IT_TAKES = 60


@pytest.fixture
def patience(size, monkeypatch):
    """How long the outbox waits, in seconds: as written, or shortened in the small size."""
    if not size.is_full:
        monkeypatch.setattr(post, "CONNECT_TIMEOUT", 0.4)
        monkeypatch.setattr(post, "CONNECTION_TIME", 1.2)
        monkeypatch.setattr(post, "FRESH_FOR", 0.4)
    return post


@pytest.fixture
def office(own_app, patience):
    """An application on a database of its own, without a mail server yet."""
    return own_app


@contextmanager
def server_of(app, **values):
    with running(MailServer(**values)) as server:
        use_mail_server(app, server.port)
        yield server


def deliver(clock=None):
    started = time.monotonic()
    done = outbox.deliver_pending(now=clock or Clock(SEVEN), worker="thử")
    return done, time.monotonic() - started


def mail_of(key="thu-1"):
    db.session.expire_all()
    return db.session.scalar(select(OutgoingMail).where(OutgoingMail.key == key))


def outcomes(key="thu-1"):
    return [each.outcome for each in mail_of(key).deliveries]


def must_wait_for_first_retry(key="thu-1"):
    mail = mail_of(key)
    assert (mail.state, mail.attempts, mail.next_attempt_at) == (MailState.QUEUED, 1, FIRST_RETRY)
    assert (mail.leased_by, mail.leased_until, mail.ended_at) == (None, None, None)
    assert mail.last_error


def must_let_go_in_time(server, limit=None):
    longest = max(each.seconds for each in server.held)
    assert longest <= (limit or post.CONNECTION_TIME) + ROOM, f"a connection was held {longest:.1f} s"


def at_step(step, answer, times=10**9):
    """Answer so at one step, so many times."""
    left = iter(range(times))

    def play(asked, _argument):
        return answer if asked == step and next(left, None) is not None else None

    return play


@pytest.mark.both_databases
@pytest.mark.parametrize("step", STEPS)
def test_a_server_silent_after_any_step_is_left_in_time_and_the_mail_waits(office, step):
    with server_of(office, answer=at_step(step, SILENT, 1)) as server:
        put_mail()
        _done, seconds = deliver()
        must_wait_for_first_retry()
        taken = len(server.accepted)
        again, _ = deliver(Clock(FIRST_RETRY))

    # Silence after the final dot leaves it open whether the mail arrived: here it had, and comes twice.
    in_doubt = step == DOT
    assert (taken, len(server.accepted)) == ((1, 2) if in_doubt else (0, 1))
    assert len({mail.message_id for mail in server.accepted}) == 1
    assert again.sent == 1
    assert mail_of().state is MailState.SENT
    first = DeliveryOutcome.IN_DOUBT if in_doubt else DeliveryOutcome.FAILED
    assert outcomes() == [first, DeliveryOutcome.ACCEPTED]
    limit = post.CONNECT_TIMEOUT if step == CONNECT else post.CONNECTION_TIME
    must_let_go_in_time(server, limit)
    assert seconds <= limit + ROOM


@pytest.mark.parametrize("drip", ["words", "greeting"])
def test_a_byte_now_and_then_does_not_hold_a_connection(office, size, drip):
    # Each byte comes well within any limit of a single read; the whole conversation would take minutes.
    pause = 1.0 if size.is_full else 0.05
    answer = at_step(CONNECT, "220 " + "x" * 500) if drip == "greeting" else at_step("none", None)
    with server_of(office, drip=pause, answer=answer) as server:
        put_mail()
        _done, seconds = deliver()

    assert server.accepted == []
    must_wait_for_first_retry()
    must_let_go_in_time(server)
    assert seconds <= post.CONNECTION_TIME + ROOM


def test_a_reply_without_end_does_not_hold_a_connection(office):
    endless = "\r\n".join(["250-and more"] * 200_000)
    with server_of(office, drip=0.0001, answer=at_step(MAIL, endless)) as server:
        put_mail()
        deliver()

    must_wait_for_first_retry()
    must_let_go_in_time(server)


@pytest.mark.parametrize("step", STEPS)
def test_service_not_available_at_any_step_lets_the_mail_wait(office, step):
    with server_of(office, answer=at_step(step, "421 4.3.2 Bao tri", 1)) as server:
        put_mail()
        deliver()
        must_wait_for_first_retry()
        again, _ = deliver(Clock(FIRST_RETRY))

    assert "421" in mail_of().deliveries[0].reply
    assert outcomes() == [DeliveryOutcome.FAILED, DeliveryOutcome.ACCEPTED]
    assert (again.sent, len(server.accepted)) == (1, 1)


@pytest.mark.both_databases
@pytest.mark.parametrize("step", [RCPT, DOT])
def test_each_recipient_gets_the_fate_that_the_server_decides(office, step):
    fates = {"tam@x.example": "450 4.2.0 Hop thu ban", "hong@x.example": "550 5.1.1 Khong co"}

    def play(asked, address):
        return fates.get(address) if asked == step else None

    addresses = ["dau@x.example", "tam@x.example", "giua@x.example", "hong@x.example", "cuoi@x.example"]
    with server_of(office, answer=play) as server:
        for address in addresses:
            put_mail(address, address=address)
        done, _ = deliver()

    assert (done.sent, done.retrying, done.failed) == (3, 1, 1)
    assert [mail.recipient for mail in server.accepted] == [
        each for each in addresses if each not in fates
    ]  # fmt: skip
    must_wait_for_first_retry("tam@x.example")
    failed = mail_of("hong@x.example")
    assert (failed.state, failed.last_error) == (MailState.FAILED, "550 5.1.1 Khong co")
    assert failed.ended_at == SEVEN
    assert len(server.held) == 1


@pytest.mark.both_databases
@pytest.mark.parametrize("step", STEPS)
def test_a_cut_at_any_step_lets_only_that_mail_wait(office, step):
    with server_of(office, answer=at_step(step, CUT, 1)) as server:
        put_mail("thu-1")
        put_mail("thu-2")
        done, _ = deliver()
        must_wait_for_first_retry("thu-1")
        deliver(Clock(FIRST_RETRY))

    # Without a greeting there is no server: everything waits. Later only the mail under way does.
    unreachable = step in (CONNECT, EHLO)
    assert (done.sent, done.retrying) == ((0, 2) if unreachable else (1, 1))
    in_doubt = step == DOT
    assert outcomes("thu-1") == [
        DeliveryOutcome.IN_DOUBT if in_doubt else DeliveryOutcome.FAILED, DeliveryOutcome.ACCEPTED
    ]  # fmt: skip
    assert len(server.accepted) == (3 if in_doubt else 2)
    assert len({mail.message_id for mail in server.accepted}) == 2


def test_an_answer_after_a_minute_is_not_waited_for(office, size):
    late = Late(60.0 if size.is_full else 2.4)
    with server_of(office, answer=at_step(DOT, late, 1)) as server:
        put_mail()
        _done, seconds = deliver()
        must_wait_for_first_retry()
        deliver(Clock(FIRST_RETRY))

    assert seconds <= post.CONNECTION_TIME + ROOM
    must_let_go_in_time(server)
    assert outcomes() == [DeliveryOutcome.IN_DOUBT, DeliveryOutcome.ACCEPTED]
    assert [mail.message_id for mail in server.accepted] == [outbox.message_id_of("thu-1")] * 2


def test_a_slow_but_honest_server_gets_everything_and_no_connection_grows_old(office):
    with server_of(office, answer=at_step(DOT, Late(post.FRESH_FOR / 2))) as server:
        for number in range(7):
            put_mail(f"thu-{number}")
        done, _ = deliver()

    assert (done.sent, len(server.accepted)) == (7, 7)
    assert len(server.held) > 1
    must_let_go_in_time(server)


def test_a_server_that_does_not_read_a_big_mail_is_left_in_time(office):
    from tracker.models.mail import Enclosure

    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(60)
        held = threading.Thread(target=read_no_text, args=[listening], daemon=True)
        held.start()
        use_mail_server(office, listening.getsockname()[1])
        file = Enclosure(filename="bao-cao.bin", media_type="application/octet-stream", content=b"x" * 2**25)
        db.session.add(file)
        db.session.commit()
        put_mail(enclosures=[file.id])
        _done, seconds = deliver()

    must_wait_for_first_retry()
    assert outcomes() == [DeliveryOutcome.FAILED]
    assert seconds <= post.CONNECTION_TIME + ROOM + 2


def read_no_text(listening):
    """Play a server that stops reading when the text of the mail comes."""
    connection, _ = listening.accept()
    with connection, connection.makefile("rb") as lines:
        connection.sendall(b"220 chaos.example ESMTP\r\n")
        for line in lines:
            if line.startswith(b"DATA"):
                connection.sendall(b"354 go on\r\n")
                time.sleep(post.CONNECTION_TIME + 3)
                return
            connection.sendall(b"250 ok\r\n")


@pytest.mark.both_databases
def test_a_refused_connection_lets_all_mails_wait(office):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        use_mail_server(office, unused.getsockname()[1])
        for number in range(3):
            put_mail(f"thu-{number}")
        done, _ = deliver()

    assert done == outbox.Delivered(retrying=3)
    for number in range(3):
        must_wait_for_first_retry(f"thu-{number}")


def test_a_wrong_password_lets_all_mails_wait_and_shows_the_words_of_the_server(office):
    state = office.extensions["mail"]
    state.username, state.password = "dondoc", "sai"
    try:
        with server_of(office, signs_in=True, answer=at_step(AUTH, "535 5.7.8 Sai mat khau")) as server:
            put_mail("thu-1")
            put_mail("thu-2")
            done, _ = deliver()
    finally:
        state.username = state.password = None

    assert (done, server.accepted) == (outbox.Delivered(retrying=2), [])
    must_wait_for_first_retry("thu-1")
    must_wait_for_first_retry("thu-2")
    assert "535 5.7.8 Sai mat khau" in mail_of().last_error


@pytest.mark.parametrize(
    ("names", "is_trusted", "reason"),
    [(["127.0.0.1"], False, "CERTIFICATE_VERIFY_FAILED"), (["khac.example"], True, "IP address mismatch"),
     (["127.0.0.1"], True, None)],
    ids=["nobody vouches", "another name", "good"],
)  # fmt: skip
def test_a_bad_certificate_gets_neither_password_nor_mail(
    office, tmp_path, monkeypatch, names, is_trusted, reason
):
    certificate = make_certificate(tmp_path / "server.pem", names)
    if is_trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    state = office.extensions["mail"]
    monkeypatch.setattr(state, "use_tls", True)
    monkeypatch.setattr(state, "username", "dondoc")
    monkeypatch.setattr(state, "password", "bi-mat")
    with server_of(office, certificate=certificate, signs_in=True) as server:
        put_mail()
        deliver()

    if reason is None:
        assert (mail_of().state, len(server.accepted), len(server.passwords)) == (MailState.SENT, 1, 1)
        return
    must_wait_for_first_retry()
    assert reason in mail_of().last_error
    assert (server.accepted, server.passwords) == ([], [])
    must_let_go_in_time(server)


def make_certificate(path, names):
    """Write a certificate that vouches for itself, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
    now = datetime.now(UTC)
    alternatives = [
        x509.DNSName(each) if each[-1].isalpha() else x509.IPAddress(ipaddress.ip_address(each))
        for each in names
    ]
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


@pytest.mark.parametrize("fault", ["451 4.3.0 Loi", CUT, SILENT])
def test_starttls_that_fails_sends_nothing_in_the_clear(office, tmp_path, monkeypatch, fault):
    monkeypatch.setattr(office.extensions["mail"], "use_tls", True)
    certificate = make_certificate(tmp_path / "server.pem", ["127.0.0.1"])
    with server_of(office, certificate=certificate, answer=at_step(STARTTLS, fault)) as server:
        put_mail()
        deliver()

    must_wait_for_first_retry()
    assert server.accepted == []
    must_let_go_in_time(server)


@pytest.mark.both_databases
def test_a_host_down_for_an_hour_delays_a_mail_by_the_written_schedule_and_loses_nothing(office):
    clock, attempts = Clock(SEVEN), []
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        use_mail_server(office, unused.getsockname()[1])
        for number in range(60):
            put_mail(f"thu-{number}")
        while clock.moment < SEVEN + timedelta(hours=1):
            done, _ = deliver(clock)
            attempts += [clock.moment - SEVEN] if done.retrying else []
            clock.forward(seconds=15)
    with server_of(office) as server:
        while clock.moment < SEVEN + timedelta(hours=2):
            deliver(clock)
            clock.forward(seconds=15)

    assert len(server.accepted) == len({mail.message_id for mail in server.accepted}) == 60
    assert {mail_of(f"thu-{number}").state for number in range(60)} == {MailState.SENT}
    tries = [each.started_at for each in mail_of("thu-0").deliveries]
    waits = [later - earlier for earlier, later in pairwise(tries)]
    for wait, written in zip(waits, outbox.RETRY_DELAYS, strict=False):
        assert timedelta(0) <= wait - written < timedelta(seconds=30)
    assert outcomes("thu-0")[-1] is DeliveryOutcome.ACCEPTED


@pytest.mark.both_databases
@pytest.mark.parametrize("step", STEPS)
def test_people_read_and_write_while_the_mail_server_is_silent(office, monkeypatch, step):
    from tests import factories
    from tests.conftest import sign_in

    monkeypatch.setattr(post, "CONNECT_TIMEOUT", AS_LONG_AS_IT_TAKES)
    monkeypatch.setattr(post, "CONNECTION_TIME", AS_LONG_AS_IT_TAKES)
    cast = factories.make_cast()
    task = cast.make_task(state=factories.State.IN_PROGRESS)
    db.session.commit()
    head, path = cast.head, f"/nhiem-vu/{task.id}"
    browser = office.test_client()
    sign_in(browser, head)
    silent = threading.Event()

    def play(asked, _argument):
        return (silent.set() or SILENT) if asked == step else None

    with server_of(office, answer=play) as server:
        put_mail()
        db.session.remove()
        sender = threading.Thread(target=deliver_in, args=[office])
        sender.start()
        assert silent.wait(AS_LONG_AS_IT_TAKES)
        for number in range(3):
            page = browser.get(path)
            typed = {"text": f"Lần {number}", "token": f"web-{number}"}
            written = browser.post(f"{path}/tien-do", data=typed)
            assert (page.status_code, written.status_code) == (200, 303)
        still_waiting = sender.is_alive()
        server.hang_up()
        sender.join()

    assert still_waiting, "the pages came only when the mail server was given up"


def deliver_in(app):
    with app.app_context():
        outbox.deliver_pending(now=Clock(SEVEN), worker="thử")
