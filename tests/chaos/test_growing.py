"""An installation that has grown: several web workers and two schedulers on one PostgreSQL, all real."""

from __future__ import annotations

import os
import signal
import socket
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from sqlalchemy import func, select

from tests.chaos.mail_server import MailServer
from tests.chaos.mail_server import running as mail_server
from tests.chaos.mother import wait_for
from tests.cli.test_start import Running, alive
from tests.conftest import POSTGRESQL, make_app
from tests.factories import make_cast
from tests.jobs.conftest import at
from tracker import clock
from tracker.models import db
from tracker.models.export import Export, ExportState
from tracker.models.mail import Delivery, Enclosure, JobRun, OutgoingMail
from tracker.models.people import User
from tracker.operations import exports
from tracker.operations.recording import Stamp

WORKERS, SCHEDULERS = 3, 2
A_MINUTE = 60
SEVEN = at("2026-03-20 07:00")


@pytest.fixture
def product(databases: Any, tmp_path: Path) -> Iterator[tuple[Running, str, MailServer]]:
    """The demonstration on PostgreSQL with a mail server, web workers and schedulers."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TRACKER_", "MAIL_"))}
    url = databases.blank(POSTGRESQL)
    with mail_server(MailServer()) as server, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        environ = kept | {
            "TRACKER_INSTANCE": str(tmp_path / "instance"), "PYTHONUNBUFFERED": "1",
            "DATABASE_URL": url.replace("+psycopg", ""), "MAIL_SERVER": "127.0.0.1",
            "MAIL_PORT": str(server.port), "WEB_WORKERS": str(WORKERS), "SCHEDULERS": str(SCHEDULERS),
            "BACKUP_FOLDER": "off",
        }  # fmt: skip
        started = Running(port, environ, tmp_path / "said")
        try:
            started.wait_for("Nhấn Ctrl-C để dừng")
            yield started, url, server
        finally:
            started.end()


def pids(product: Running, word: str) -> set[int]:
    """Return the processes below the product of this name."""
    return {pid for pid, command in product.family().items() if command == word}


def worked(pid: int) -> int:
    """Return how long a process has worked, in ticks of its processor."""
    words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(words[11]) + int(words[12])


def order(number: int) -> None:
    """Order so many files in the name of the tracker of the demonstration."""
    user = db.session.scalars(select(User).where(User.login == "hue.vanphong")).one()
    for day in range(1, number + 1):
        already = db.session.scalar(select(func.count()).select_from(Export)) or 0
        asked = {
            "what": "b4", "assigner": user.unit.code, "from": f"2026-01-{already % 28 + 1:02d}",
            "to": clock.today().isoformat(), "on": clock.today().isoformat(),
        }  # fmt: skip
        stamp = Stamp(on=clock.today(), by=user, at=clock.now(), token=f"tep-{already}-{day}")
        exports.order(asked, "csv", stamp=stamp)
    db.session.remove()


def is_idle() -> bool:
    """Return whether every file is made and every mail sent."""
    files = select(Export.id).where(Export.state.in_(exports.UNDER_WAY)).limit(1)
    mails = select(OutgoingMail.id).where(OutgoingMail.state.in_(("queued", "sending"))).limit(1)
    found = [db.session.scalar(files), db.session.scalar(mails)]
    db.session.remove()
    return found == [None, None]


@pytest.mark.both_databases
def test_several_makers_and_a_killed_one_make_each_file_once(
    database, databases, workshop, size, chance, note
):
    url, rounds = databases.fresh(database), size.pick(3, 40)
    with make_app(url).app_context():
        cast = make_cast()
        for _each in range(20):
            cast.make_task()
        for user in (cast.chairman, cast.tracker, cast.inspector):
            for day in range(1, 5):
                asked = {
                    "what": "b4", "assigner": "song-huong", "from": f"2026-03-0{day}", "to": "2026-03-31",
                    "on": "2026-03-20",
                }  # fmt: skip
                exports.order(asked, "csv", stamp=Stamp(on=SEVEN.date(), by=user, at=SEVEN))
        db.session.remove()
        db.engine.dispose()
    taken_over = 0
    for _round in range(rounds):
        workshop.begin_anew(url)
        workshop.mother.clock.set(SEVEN)
        makers = [workshop.mother.start("job", name="exports") for _each in range(3)]
        time.sleep(chance.uniform(0, 0.4))
        workshop.mother.end(makers.pop(), signal.SIGKILL)
        for each in makers:
            assert workshop.mother.wait(each) == 0, workshop.mother.log.read_text()
        assert workshop.mother.run("job", name="exports") == 0

        with make_app(workshop.url).app_context():
            made = db.session.scalars(select(Export)).all()
            files = db.session.scalars(select(Enclosure.id)).all()
            mails = db.session.scalars(select(OutgoingMail.key)).all()
            assert {each.state for each in made} == {ExportState.READY}
            assert sorted(each.enclosure_id for each in made) == sorted(files)
            assert sorted(mails) == sorted(f"export:{each.id}" for each in made)
            taken_over += sum(each.attempts > 1 for each in made)
            db.session.remove()
            db.engine.dispose()
    note(rounds=rounds, files=12 * rounds, taken_over=taken_over)


def test_three_web_workers_and_two_schedulers_share_the_work_and_one_of_each_may_die(product, note):
    running, url, server = product
    app = make_app(url)
    web = pids(running, "dondoc-web")
    schedulers = pids(running, "dondoc-jobs")
    before = {pid: worked(pid) for pid in web}

    for _each in range(600):
        with urlopen(f"http://127.0.0.1:{running.port}/dang-nhap", timeout=30) as page:
            assert page.status == 200
    busy = {pid for pid in web if Path(f"/proc/{pid}").exists() and worked(pid) > before[pid] + 5}
    with app.app_context():
        order(4)
        wait_for(is_idle, A_MINUTE, "the first files and their mails")
        stopped = min(schedulers)
        os.kill(stopped, signal.SIGSTOP)
        order(4)
        wait_for(is_idle, A_MINUTE, "the files that the other scheduler makes alone")
        os.kill(stopped, signal.SIGKILL)
        os.kill(max(busy), signal.SIGKILL)
        running.wait_until(lambda: len(pids(running, "dondoc-jobs") - {stopped}) == SCHEDULERS)
        with urlopen(f"http://127.0.0.1:{running.port}/healthz/web", timeout=30) as page:
            assert page.status == 200
        order(4)
        wait_for(is_idle, A_MINUTE, "the files after the death of one of each")
        made = db.session.scalars(select(Export)).all()
        names = set(db.session.scalars(select(JobRun.worker).where(JobRun.name != "gap")))
        told = Counter(mail.message_id for mail in server.accepted)
        files = db.session.scalar(select(func.count()).select_from(Enclosure)) or 0
        attempts = db.session.scalar(select(func.count()).select_from(Delivery)) or 0
        db.session.remove()
        db.engine.dispose()
    family = list(running.family())
    running.end()

    assert len(busy) >= 2, "requests are answered by more than one worker"
    assert [(each.state, each.attempts) for each in made] == [(ExportState.READY, 1)] * 12
    assert len({each.enclosure_id for each in made}) == 12 <= files
    assert len({name.rpartition(":")[2] for name in names}) >= SCHEDULERS
    assert set(told.values()) == {1}, "each mail arrived once"
    assert attempts == len(told)
    assert alive(family) == []
    note(web_workers=len(busy), schedulers=len(names), files=len(made), mails=len(told))
