"""A use that ends at its n-th event, for every n: done again after the restart it comes to the right end.

The events are statements, commits, what goes to the mail server, and calls to files. In the small size reads
in a row are one point, as nothing changes between them, and some points are drawn by lot.
"""

from __future__ import annotations

import json
import signal
from collections import Counter
from functools import cache

import pytest
from sqlalchemy import select

from tests.chaos import uses
from tests.conftest import POSTGRESQL, SQLITE, make_app
from tracker.models import db
from tracker.models.directive import Attachment
from tracker.models.mail import Delivery, DeliveryOutcome, MailState, OutgoingMail

DRAWN = {SQLITE: 8, POSTGRESQL: 4}
"""Points of one use, at most, in the small size."""
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
    use, database, workshop, world_of, size, chance, note, tmp_path
):
    template, mother = world_of(database), workshop.mother
    looking, answer = make_app(workshop.url), tmp_path / "answer"
    right = done(workshop, template, "settle", use, answer)
    events = done(workshop, template, "cut_off", use, answer, at=0)
    points = drawn([*range(1, len(events) + 1)], events, database, size, chance)
    counted = Counter()
    for point in points:
        where = f"point {point} of {len(events)}, {events[point - 1]}"
        workshop.begin_anew(template)
        code = mother.run("cut_off", use=use, at=point, answer=str(answer))
        assert code == -signal.SIGKILL, f"{where}: {mother.log.read_text()}"
        left = done(workshop, None, "settle", use, answer)
        wrong = [name for name in right if left[name] != right[name]]
        assert wrong == [], f"{where}: {differences(left, right, wrong)}"
        with looking.app_context():
            counted += must_be_told(workshop.server, where)
            must_have_its_files(workshop.files)
            db.session.remove()
            db.engine.dispose()
    note(events=len(events), points=len(points), copies=counted["copies"], in_doubt=counted["in_doubt"])


def done(workshop, template, role, use, answer, **values):
    """Let a worker play a role to its end, on a world begun anew where one is given; return what it wrote."""
    if template is not None:
        workshop.begin_anew(template)
    code = workshop.mother.run(role, use=use, answer=str(answer), **values)
    assert code == 0, workshop.mother.log.read_text()
    return json.loads(answer.read_text())


def drawn(points, events, database, size, chance):
    """Return the points that are tried: all, or those that the small size has time for."""
    if size.is_full:
        return points
    telling = [n for n in points if n == 1 or events[n - 1] not in READS or events[n - 2] not in READS]
    return sorted(chance.sample(telling, min(DRAWN[database], len(telling))))


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
