"""The outbox: lease, send, mark, against a real mail server."""

from __future__ import annotations

import socket
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from tests.chaos.mail_server import MailServer, running
from tests.jobs.conftest import Clock, at, put_mail, use_mail_server
from tracker import outbox
from tracker.models import db, transaction
from tracker.models.mail import Delivery, DeliveryOutcome, MailState, OutgoingMail
from tracker.outbox import journal
from tracker.outbox.post import OutboxMessage

SEVEN = at("2026-03-20 07:00")


def deliver(clock=None, worker="test", **values):
    return outbox.deliver_pending(now=clock or Clock(SEVEN), worker=worker, **values)


def mail_of(key="thu-1"):
    db.session.expire_all()
    return db.session.scalar(select(OutgoingMail).where(OutgoingMail.key == key))


@pytest.mark.both_databases
def test_a_mail_arrives_with_both_texts_and_all_vietnamese_letters(office, sink):
    put_mail(subject="Đề án “Chuyển đổi số” – 2 quá hạn")

    done = deliver()

    (message,) = sink.mails
    assert done == outbox.Delivered(sent=1)
    assert message["Subject"] == "Đề án “Chuyển đổi số” – 2 quá hạn"
    assert message["To"] == "ha@song-huong.example"
    assert message.get_body(("plain",)).get_content().rstrip() == "Nội dung có dấu: ằẵặ"
    assert message.get_body(("html",)).get_content().rstrip() == "<p>Nội dung có dấu: ằẵặ</p>"
    assert message["Date"].datetime == SEVEN
    assert message["Message-ID"] == outbox.message_id_of("thu-1")
    assert all(len(line) < 1000 and max(line, default=0) < 128 for line in sink.got[0].split(b"\r\n"))
    mail = mail_of()
    assert (mail.state, mail.attempts, mail.ended_at) == (MailState.SENT, 1, SEVEN)
    assert [each.reply for each in mail.deliveries] == ["250 2.0.0 queued as 1"]


@pytest.mark.both_databases
def test_the_same_key_is_queued_once(office, sink):
    first, again = put_mail(), put_mail(subject="Khác")

    deliver()

    assert first is not None
    assert again is None
    assert [message["Subject"] for message in sink.mails] == ["Đề án số 1"]


def test_a_batch_goes_over_one_connection(office, sink):
    for number in range(20):
        put_mail(f"thu-{number}")

    done = deliver()

    assert done.sent == 20
    assert sink.connections == 1
    assert len({message["Message-ID"] for message in sink.mails}) == 20


@pytest.mark.both_databases
def test_a_mail_put_off_is_tried_again_with_the_same_message_id(office, sink):
    sink.answer = lambda number: "451 4.3.0 Thu lai sau" if number == 1 else None
    clock = Clock(SEVEN)
    put_mail()

    first = deliver(clock)
    clock.forward(seconds=59)
    early = deliver(clock)
    clock.forward(seconds=1)
    second = deliver(clock)

    assert first == outbox.Delivered(retrying=1)
    assert early.is_idle
    assert second == outbox.Delivered(sent=1)
    assert sink.mails[0]["Message-ID"] == outbox.message_id_of("thu-1")
    outcomes = [(each.outcome, each.reply) for each in mail_of().deliveries]
    assert outcomes == [
        (DeliveryOutcome.FAILED, "451 4.3.0 Thu lai sau"),
        (DeliveryOutcome.ACCEPTED, "250 2.0.0 queued as 1"),
    ]


def test_after_the_written_delays_a_mail_has_failed_and_stays_in_sight(office, sink):
    sink.answer = lambda number: "452 4.2.2 Hop thu day"
    clock = Clock(SEVEN)
    put_mail()

    waits = []
    while mail_of().state is MailState.QUEUED:
        deliver(clock)
        if mail_of().next_attempt_at and mail_of().state is MailState.QUEUED:
            waits.append(mail_of().next_attempt_at - clock.moment)
            clock.moment = mail_of().next_attempt_at

    assert tuple(waits) == outbox.RETRY_DELAYS
    assert (mail_of().state, mail_of().attempts) == (MailState.FAILED, len(outbox.RETRY_DELAYS) + 1)
    assert mail_of().last_error == "452 4.2.2 Hop thu day"
    assert outbox.send_again(mail_of().id)
    assert mail_of().state is MailState.QUEUED


@pytest.mark.parametrize("step", ["recipient", "data"])
def test_a_permanent_refusal_fails_at_once_with_the_words_of_the_server(office, sink, step):
    words = "550 5.1.1 Khong co nguoi nhan"
    if step == "recipient":
        sink.answer_recipient = lambda address: words if address.startswith("ma@") else None
    else:
        sink.answer = lambda number: words if number == 1 else None
    put_mail("thu-ma", address="ma@song-huong.example")
    put_mail("thu-that")

    done = deliver()

    assert (done.failed, done.sent) == (1, 1)
    assert mail_of("thu-ma").state is MailState.FAILED
    assert mail_of("thu-ma").last_error == words
    assert mail_of("thu-that").state is MailState.SENT
    assert sink.connections == 1


def test_a_dropped_connection_is_opened_anew_for_the_next_mail(office, sink):
    sink.answer = lambda number: "drop" if number == 2 else None
    for number in range(4):
        put_mail(f"thu-{number}")

    done = deliver()

    assert (done.sent, done.retrying) == (3, 1)
    assert sink.connections == 2
    assert mail_of("thu-1").state is MailState.QUEUED


def test_when_nobody_listens_every_mail_waits_with_the_reason(office, sink):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        use_mail_server(office, unused.getsockname()[1])
        for number in range(3):
            put_mail(f"thu-{number}")
        done = deliver()

    assert done == outbox.Delivered(retrying=3)
    assert mail_of("thu-2").next_attempt_at == SEVEN + timedelta(minutes=1)
    assert "ConnectionRefused" in mail_of("thu-2").last_error
    assert db.session.scalars(select(Delivery.outcome)).all() == [DeliveryOutcome.FAILED] * 3


def test_a_silent_server_does_not_hold_the_outbox_for_ever(office, sink, monkeypatch):
    monkeypatch.setattr("tracker.outbox.post.CONNECT_TIMEOUT", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        use_mail_server(office, silent.getsockname()[1])
        put_mail()
        done = deliver()

    assert done.retrying == 1
    assert "timed out" in mail_of().last_error


def test_a_server_that_says_a_byte_now_and_then_is_cut_off_in_time(office, sink, monkeypatch):
    monkeypatch.setattr("tracker.outbox.post.CONNECTION_TIME", 0.3)
    put_mail()

    with running(MailServer(drip=0.02)) as server:
        use_mail_server(office, server.port)
        done = deliver()

    assert (done.retrying, server.accepted) == (1, [])
    assert server.held[0].seconds < 1
    assert "timed out" in mail_of().last_error


def test_a_mail_handed_over_without_an_answer_is_in_doubt_and_tried_again(office, sink):
    sink.answer = lambda number: "drop" if number == 1 else None
    clock = Clock(SEVEN)
    put_mail()

    deliver(clock)
    clock.forward(minutes=1)
    deliver(clock)

    outcomes = [each.outcome for each in mail_of().deliveries]
    assert outcomes == [DeliveryOutcome.IN_DOUBT, DeliveryOutcome.ACCEPTED]


def test_a_mail_that_cannot_be_written_down_fails_and_holds_up_no_other(office, sink, monkeypatch):
    def write(self):
        if self.msgId == outbox.message_id_of("thu-1"):
            raise LookupError("chữ lạ")
        return message_of(self)

    message_of = OutboxMessage._message
    monkeypatch.setattr(OutboxMessage, "_message", write)
    put_mail("thu-1")
    put_mail("thu-2")

    done = deliver()

    assert (done.failed, done.sent) == (1, 1)
    assert mail_of("thu-1").last_error == "LookupError: chữ lạ"
    assert len(sink.got) == 1


def test_a_server_without_the_encryption_that_is_asked_for_gets_nothing(office, sink):
    office.extensions["mail"].use_tls = True
    put_mail()

    done = deliver()

    assert done.retrying == 1
    assert sink.got == []
    assert "STARTTLS" in mail_of().last_error


@pytest.mark.both_databases
def test_a_mail_under_lease_is_left_alone_until_the_lease_has_run_out(office, sink):
    clock = Clock(SEVEN)
    put_mail()
    lease_to("máy khác:1:1/abc", SEVEN + outbox.LEASE)

    early = deliver(clock)
    clock.moment = SEVEN + outbox.LEASE
    late = deliver(clock)

    assert early.is_idle
    assert late == outbox.Delivered(sent=1)


def lease_to(worker, until):
    with transaction():
        mail = mail_of()
        mail.state, mail.leased_by, mail.leased_until = MailState.SENDING, worker, until


def test_a_stale_lease_cannot_overwrite_what_another_sender_marked(office, sink):
    clock = Clock(SEVEN)
    put_mail()

    def overtaken(number):
        if number > 1:
            return None
        # While the first sender waits for the server its lease runs out, and another one takes the mail.
        with office.app_context():
            late = Clock(SEVEN + outbox.LEASE)
            assert outbox.deliver_pending(now=late, worker="thứ hai").sent == 1
        return "451 4.3.0 Ban"

    sink.answer = overtaken_once(sink, overtaken)
    deliver(clock)

    mail = mail_of()
    assert mail.state is MailState.SENT
    assert [each.outcome for each in mail.deliveries] == [DeliveryOutcome.FAILED, DeliveryOutcome.ACCEPTED]


@pytest.mark.both_databases
@pytest.mark.parametrize("answer", ["250 OK", "451 4.3.0 Ban", "550 5.1.1 Khong co"])
def test_a_stale_lease_cannot_end_what_another_sender_holds(office, sink, answer):
    put_mail()
    later = SEVEN + outbox.LEASE

    def overtaken(_number):
        # While the sender waits for the server its lease runs out, and another one takes the mail.
        with office.app_context():
            assert len(outbox._claim("thứ hai/1", later, 1, ())) == 1
        return answer

    sink.answer = overtaken
    deliver(Clock(SEVEN))

    mail = mail_of()
    assert (mail.state, mail.leased_by, mail.leased_until) == (
        MailState.SENDING, "thứ hai/1", later + outbox.LEASE
    )  # fmt: skip
    assert (mail.attempts, mail.ended_at, mail.next_attempt_at) == (0, None, None)


def test_a_mail_whose_lease_was_lost_before_its_turn_is_not_sent(office, sink):
    put_mail("thu-1")
    put_mail("thu-2")

    def taken(number):
        with office.app_context(), transaction():
            mail_of("thu-2").leased_by = "máy khác:1:1/abc"

    sink.answer = taken
    done = deliver()

    assert done == outbox.Delivered(sent=1)
    assert [message["Message-ID"] for message in sink.mails] == [outbox.message_id_of("thu-1")]
    assert mail_of("thu-2").deliveries == []


def overtaken_once(sink, function):
    """Run `function` beside the server's own thread, which must go on answering the second sender."""
    import concurrent.futures

    pool = concurrent.futures.ThreadPoolExecutor()

    async def answer_data(server, session, envelope):
        import asyncio

        sink.asked += 1
        answer = await asyncio.get_running_loop().run_in_executor(pool, function, sink.asked)
        if answer:
            return answer
        sink.got.append(envelope.content)
        return "250 OK"

    sink.handle_DATA = answer_data
    return lambda number: None


def test_without_a_mail_server_mails_are_kept_for_reading(office, sink):
    office.config["MAIL_SERVER"] = ""
    put_mail()

    done = deliver()

    assert done == outbox.Delivered(kept=1)
    assert (mail_of().state, mail_of().deliveries) == (MailState.KEPT, [])
    assert sink.got == []


@pytest.mark.parametrize(
    "address",
    [
        "",
        "không phải thư",
        "a@b,evil@x",
        "a@b.example\r\nBcc: x@y.example",
        "A <a@b.example>",
        "a@b@c.example",
    ],
)
def test_what_is_not_one_address_is_refused_when_queued(office, sink, address):
    with pytest.raises(outbox.BadAddress):
        put_mail(address=address)

    assert mail_of() is None


def test_a_line_break_in_a_subject_makes_no_header(office, sink):
    put_mail(subject="Nhắc việc\r\nBcc: evil@x.example\r\n\r\nThân giả")

    deliver()

    (message,) = sink.mails
    assert message["Bcc"] is None
    assert message["Subject"] == "Nhắc việc Bcc: evil@x.example Thân giả"
    assert sink.envelopes == [("dondoc@localhost", ["ha@song-huong.example"])]


@pytest.mark.parametrize("more", range(12))
def test_a_folded_subject_keeps_every_blank(office, sink, more):
    subject = f"[Nhắc việc] {'ở' * more} 2 quá hạn, 1 chờ xác nhận, quyết định – 23/11/2026"
    put_mail("gập", subject=subject)

    deliver()

    assert sink.mails[0]["Subject"] == " ".join(subject.split())


@pytest.mark.both_databases
def test_a_database_locked_for_long_after_the_sending_makes_no_copy(office, sink, monkeypatch):
    monkeypatch.setattr("tracker.outbox.journal.PAUSES", (0, 0, 0))
    locked = [OperationalError("UPDATE", {}, Exception("database is locked"))] * 3
    end = journal.end

    def sometimes(*words, **values):
        if locked:
            raise locked.pop()
        end(*words, **values)

    monkeypatch.setattr(journal, "end", sometimes)
    put_mail()

    done = deliver()

    assert (done, len(sink.got)) == (outbox.Delivered(sent=1), 1)
    assert (mail_of().state, len(mail_of().deliveries)) == (MailState.SENT, 1)


def test_asked_to_stop_it_finishes_the_current_mail_and_gives_the_rest_back(office, sink):
    for number in range(5):
        put_mail(f"thu-{number}")

    done = deliver(stop=lambda: len(sink.got) >= 2)

    assert done.sent == 2
    states = db.session.scalars(select(OutgoingMail.state).order_by(OutgoingMail.id)).all()
    assert states == [MailState.SENT] * 2 + [MailState.QUEUED] * 3
    assert db.session.scalars(select(OutgoingMail.leased_by)).all() == [None] * 5
