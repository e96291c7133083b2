"""A use that ends at its n-th event, for every n: done again after the restart it comes to the right end.

The events are statements, commits, what goes to the mail server, and calls to files. In the small size reads
in a row are one point, as nothing changes between them, and on PostgreSQL some points are drawn by lot.
"""

from __future__ import annotations

import json
import signal
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.chaos import uses
from tests.chaos.mail_server import MailServer, running
from tests.chaos.mother import Mother
from tests.conftest import POSTGRESQL, make_app
from tracker.models import db
from tracker.models.directive import Attachment
from tracker.models.mail import Delivery, DeliveryOutcome, MailState, OutgoingMail

DRAWN = 6
"""Points a use on PostgreSQL, in the small size."""
READS = ("SELECT", "PRAGMA")
IN_DOUBT = (DeliveryOutcome.STARTED, DeliveryOutcome.IN_DOUBT)


@pytest.fixture(scope="session")
def world_of(databases):
    """Return a function that gives the URL of the world on a kind of database, laid down once."""

    @cache
    def of(database):
        url = databases.fresh(database)
        uses.lay_world(make_app(url))
        return url

    return of


@pytest.mark.both_databases
@pytest.mark.parametrize("use", uses.USES)
def test_cut_off_at_any_point_and_done_again_it_is_right(
    use, database, databases, world_of, size, chance, note, tmp_path
):
    template = world_of(database)
    url = databases.copy(template)
    looking = make_app(url)
    counted = Counter()
    with running(MailServer()) as server, Mother(tmp_path / "use", url, mail_port=server.port) as mother:
        answer = str(tmp_path / "answer")
        assert mother.run("settle", use=use, answer=answer) == 0, mother.log.read_text()
        right = json.loads(Path(answer).read_text())
        databases.put_back(url, template)
        assert mother.run("cut_off", use=use, at=0, answer=answer) == 0, mother.log.read_text()
        events = json.loads(Path(answer).read_text())
        points = [*range(1, len(events) + 1)]
        if not size.is_full:
            points = [n for n in points if n == 1 or events[n - 1] not in READS or events[n - 2] not in READS]
        if database == POSTGRESQL and not size.is_full:
            points = sorted(chance.sample(points, min(DRAWN, len(points))))
        for point in points:
            databases.put_back(url, template)
            server.accepted.clear()
            code = mother.run("cut_off", use=use, at=point, answer=answer)
            where = f"point {point} of {len(events)}, {events[point - 1]}"
            assert code == -signal.SIGKILL, f"{where}: {mother.log.read_text()}"
            assert mother.run("settle", use=use, answer=answer) == 0, mother.log.read_text()
            left = json.loads(Path(answer).read_text())
            wrong = [name for name in right if left[name] != right[name]]
            assert wrong == [], f"{where}: {differences(left, right, wrong)}"
            with looking.app_context():
                counted += must_be_told(server, where)
                must_have_its_files(tmp_path / "use" / "files")
                db.session.remove()
                db.engine.dispose()
    note(events=len(events), points=len(points), copies=counted["copies"], in_doubt=counted["in_doubt"])


def differences(left, right, wrong):
    return {name: (set(left[name]) ^ set(right[name])) for name in wrong}


def must_be_told(server, where):
    """Check that each mail that is called sent has arrived, twice only where an attempt was in doubt."""
    arrived = Counter(mail.message_id for mail in server.accepted)
    sent = db.session.scalars(select(OutgoingMail).where(OutgoingMail.state == MailState.SENT)).all()
    assert arrived.keys() == {row.message_id for row in sent}, where
    doubts = Counter(
        db.session.scalars(select(Delivery.mail_id).where(Delivery.outcome.in_(IN_DOUBT))).all()
    )
    for row in sent:
        assert arrived[row.message_id] <= 1 + doubts[row.id], f"{where}: {row.key}"
    assert sum(doubts.values()) <= 1
    return Counter(copies=sum(arrived.values()) - len(arrived), in_doubt=sum(doubts.values()))


def must_have_its_files(folder):
    """Check that each attachment has its bytes."""
    for digest in db.session.scalars(select(Attachment.sha256)):
        assert (folder / digest[:2] / digest).read_bytes() == uses.PAPER
