"""Several schedulers on one database, and one that is stopped until others have taken over what it held."""

from __future__ import annotations

import os
import signal
import time
from collections import Counter, defaultdict
from contextlib import suppress
from datetime import timedelta
from itertools import pairwise

import pytest
from sqlalchemy import select

from tests.chaos import world as worlds
from tests.chaos.conftest import SIZE
from tests.chaos.mail_server import (
    CONNECT,
    CUT,
    DATA,
    DOT,
    MAIL,
    RCPT,
    apart,
    read_journal,
)
from tests.chaos.mother import Mother, wait_for
from tests.conftest import make_app
from tests.jobs.conftest import at, put_mail
from tracker import outbox
from tracker.models import db
from tracker.models.mail import Delivery, DeliveryOutcome, MailState, OutgoingMail

LEASE = 1.5
"""Seconds, in place of the ten minutes, so that a stop of three leases is short."""
SEVEN = at("2026-03-20 07:00")
ARRIVED = (DeliveryOutcome.ACCEPTED, DeliveryOutcome.STARTED, DeliveryOutcome.IN_DOUBT)
A_DAY = 240


@pytest.mark.both_databases
@pytest.mark.parametrize("number", [2, 4])
def test_several_schedulers_send_one_mail_a_key_though_one_is_stopped_for_three_leases(
    number, database, databases, size, chance, note, tmp_path
):
    people, days = size.pick((30, 1), (100, 10))
    journal, stops = tmp_path / "journal", 0
    with (
        worlds.lived_in(databases, database, tmp_path, people=people, days=days) as stage,
        apart(journal, hesitates=0.02) as port,
        Mother(tmp_path / "many", stage.url, mail_port=port, lease=LEASE) as mother,
    ):
        for day in stage.world.days:
            mother.clock.set(worlds.morning(day))
            schedulers = [mother.start("scheduler") for _ in range(number)]
            before = len(read_journal(journal))
            wait_for(lambda: len(read_journal(journal)) > before, A_DAY, f"a mail of {day}")  # noqa: B023
            time.sleep(chance.uniform(0.0, 0.2))
            stopped = holder_of_a_lease(stage.app) or chance.choice(schedulers)
            # Who holds a lease is the process of one delivery, and may just have ended.
            with suppress(ProcessLookupError):
                os.kill(stopped, signal.SIGSTOP)
                stops += 1
                time.sleep(3 * LEASE)
                os.kill(stopped, signal.SIGCONT)
            wait_for(lambda: worlds.is_over(stage.app, day), A_DAY, f"the mails of {day}")  # noqa: B023
            assert {mother.end(pid, signal.SIGTERM) for pid in schedulers} == {0}
        with stage.app.app_context():
            arrived = read_journal(journal)
            worlds.must_have_told(arrived, stage.expected)
            copies = must_be_recorded(arrived)
    note(schedulers=number, stops=stops, mails=len(stage.expected.mails), copies=copies)


def holder_of_a_lease(app):
    """Return the process that is sending now, None where nobody is."""
    with app.app_context():
        lease = db.session.scalar(select(OutgoingMail.leased_by).where(OutgoingMail.leased_by.is_not(None)))
        db.session.remove()
    return int(lease.partition("/")[0].rpartition(":")[2]) if lease else None


def must_be_recorded(arrived):
    """Check that a copy has an attempt in the journal that began when the lease of another had run out."""
    rows = defaultdict(list)
    for message_id, delivery in db.session.execute(
        select(OutgoingMail.message_id, Delivery)
        .join(Delivery, Delivery.mail_id == OutgoingMail.id)
        .where(Delivery.outcome.in_(ARRIVED))
        .order_by(Delivery.id)
    ):
        rows[message_id].append(delivery)
    copies = Counter(mail.message_id for mail in arrived)
    for message_id, number in copies.items():
        attempts = rows[message_id]
        assert number <= len(attempts)
        for earlier, later in pairwise(attempts):
            assert later.started_at >= earlier.started_at + timedelta(seconds=LEASE)
            assert later.worker != earlier.worker
    return sum(copies.values()) - len(copies)


def pytest_generate_tests(metafunc):
    if "step" in metafunc.fixturenames:
        is_full = os.environ[SIZE] == "full"
        metafunc.parametrize("step", [CONNECT, MAIL, RCPT, DATA, DOT] if is_full else [RCPT, DOT])


@pytest.mark.both_databases
@pytest.mark.parametrize("fate", [None, "451 4.3.0 Ban", "550 5.1.1 Khong co", CUT], ids=str)
def test_a_stale_lease_cannot_overwrite_what_a_newer_one_wrote(step, fate, workshop, own_app):
    mother, stopped = workshop.mother, []

    def play(asked, _argument):
        if asked == step and not stopped:
            stopped.append(first)
            os.kill(first, signal.SIGSTOP)
            return fate
        return None

    for number in range(3):
        put_mail(f"thu-{number}")
    db.session.remove()
    db.engine.dispose()
    workshop.begin_anew(own_app.config["SQLALCHEMY_DATABASE_URI"])
    workshop.server.answer = play
    mother.clock.set(SEVEN)
    looking = make_app(workshop.url)
    with looking.app_context():
        first = mother.start("sender")
        wait_for(lambda: stopped, 60, "the first sender comes to its step")
        assert mother.run("job", name="deliver") == 0
        before = facts()
        mother.clock.set(SEVEN + 3 * outbox.LEASE)
        assert mother.run("job", name="deliver") == 0
        written = facts()
        os.kill(first, signal.SIGCONT)
        wait_for(lambda: deliveries()[0].ended_at, 60, "the first sender ends its attempt")
        assert mother.end(first, signal.SIGTERM) == 0
        after, (stale, *fresh) = facts(), deliveries()
        db.session.remove()
        db.engine.dispose()

    assert {state for state, *_rest in before} == {MailState.SENDING}, "a lease that holds was not left alone"
    assert {state for state, *_rest in written} == {MailState.SENT}
    assert after == written
    arrived = Counter(mail.message_id for mail in workshop.server.accepted)
    came = [arrived[message_id] for *_rest, message_id in written]
    arrives = fate is None or (step == DOT and fate == CUT)
    assert came == [2 if arrives else 1, 1, 1]
    assert [each.outcome for each in fresh] == [DeliveryOutcome.ACCEPTED] * 3
    assert (stale.outcome in (DeliveryOutcome.ACCEPTED, DeliveryOutcome.IN_DOUBT)) == arrives


def facts():
    """Return what the mails say of themselves; nothing is left open, so that others may write."""
    told = OutgoingMail
    query = select(
        told.state, told.attempts, told.next_attempt_at, told.ended_at, told.last_error, told.leased_by,
        told.message_id,
    )  # fmt: skip
    found = db.session.execute(query.order_by(told.id)).all()
    db.session.rollback()
    return found


def deliveries():
    """Return the outcomes of the attempts, and when they ended."""
    found = db.session.execute(select(Delivery.outcome, Delivery.ended_at).order_by(Delivery.id)).all()
    db.session.rollback()
    return found
