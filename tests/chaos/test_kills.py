"""Two senders, a scheduler and two web workers, killed at random moments while they work.

Afterwards nothing may be lost, nothing told twice, and a mail may have come a second time only where the
journal of deliveries holds an attempt in doubt. Ended by SIGTERM, no mail comes twice at all.
"""

from __future__ import annotations

import http.client
import random
import signal
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import pytest
from sqlalchemy import select

from tests.chaos import world as worlds
from tests.chaos.mail_server import apart, read_journal
from tests.chaos.mother import Mother, wait_for
from tracker.models import db
from tracker.models.mail import Delivery, DeliveryOutcome, OutgoingMail
from tracker.models.progress import History
from tracker.models.task import Task

ROLES = ("sender", "sender", "scheduler", "web", "web")
IN_DOUBT = (DeliveryOutcome.STARTED, DeliveryOutcome.IN_DOUBT)
HESITATES = 0.02
"""Seconds, at most, until the server takes a mail, and then again until its sender hears of it."""
A_DAY = 180
"""Seconds after which a day of a storm must be over."""


@dataclass
class Writer:
    """Somebody who writes over the web and, when a page breaks off, sends the same form again."""

    port: int
    world: worlds.World
    chance: random.Random
    sent: list[tuple[int, str]] = field(default_factory=list)
    """Task and token of each form that was answered as done."""
    broken: int = 0
    wrong: list[str] = field(default_factory=list)
    stopping: threading.Event = field(default_factory=threading.Event)

    def write(self) -> None:
        while not self.stopping.is_set():
            task_id = self.chance.choice(sorted(self.world.worked_on))
            token = UUID(int=self.chance.getrandbits(128)).hex
            while (status := self._send(task_id, token)) is None:
                time.sleep(0.01)
            if status == 303:
                self.sent.append((task_id, token))
            else:
                self.wrong.append(f"{task_id} {token}: {status}")
            time.sleep(0.05)

    def _send(self, task_id: int, token: str) -> int | None:
        """Send a form; return the code of the page that came, None when none came."""
        form = urlencode({"text": f"Đã làm thêm một bước ({token[:6]})", "token": token})
        headers = {
            "Content-Type": "application/x-www-form-urlencoded", "Cookie": f"session={self.world.cookie}",
            "User-Agent": self.world.agent,
        }  # fmt: skip
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request("POST", f"/nhiem-vu/{task_id}/tien-do", form, headers)
            answer = connection.getresponse()
            done = answer.headers.get("Location", "").endswith(f"/nhiem-vu/{task_id}")
            return 303 if answer.status == 303 and done else -answer.status
        except (OSError, http.client.HTTPException):
            self.broken += 1
            return None
        finally:
            connection.close()


@dataclass
class Storm:
    """One storm: its workers, whom it kills, and what it counted."""

    mother: Mother
    app: Any
    journal: Path
    chance: random.Random
    number: signal.Signals
    writers: list[Writer]
    workers: list[tuple[str, int]] = field(default_factory=list)
    kills: Counter[str] = field(default_factory=Counter)
    codes: Counter[int] = field(default_factory=Counter)

    def live_through(self, days: Any, kills: int) -> None:
        """Let the workers work for so many days, killing one now and then."""
        self.workers = [(role, self.mother.start(role)) for role in ROLES]
        for place, day in enumerate(days):
            begins_month = not place or days[place - 1].month != day.month
            jobs = ("reminders", "monthly-report") if begins_month else ("reminders",)
            left = kills * (place + 1) // len(days) - kills * place // len(days)
            self.mother.clock.set(worlds.morning(day))
            self.kill(ROLES.index("scheduler"))
            for _ in range(left - 1):
                self.kill(self._choose())
            wait_for(lambda: self._is_over(day, jobs), A_DAY, f"the mails of {day}")  # noqa: B023
        for _role, pid in self.workers:
            self.codes[self.mother.end(pid, signal.SIGTERM)] += 1

    def _is_over(self, day: Any, jobs: Any) -> bool:
        """Whether a day is over; fails at once when somebody's form was refused."""
        assert [wrong for writer in self.writers for wrong in writer.wrong] == []
        return worlds.is_over(self.app, day, jobs=jobs)

    def kill(self, place: int) -> None:
        """End one worker, and start another in its place at once."""
        role, pid = self.workers[place]
        self.codes[self.mother.end(pid, self.number)] += 1
        self.kills[role] += 1
        self.workers[place] = (role, self.mother.start(role))

    def _choose(self) -> int:
        """Wait for the moment of the next kill, and say whom it meets.

        Half of the kills come at any moment and meet anybody. The others wait for a mail to arrive and meet
        whoever sends, before they know of it or while they begin the next.
        """
        if self.chance.random() < 0.5:
            time.sleep(self.chance.uniform(0.0, 0.3))
            return self.chance.randrange(len(ROLES))
        before, end = self._arrived(), time.monotonic() + 2
        while time.monotonic() < end and self._arrived() == before:
            time.sleep(0.001)
        time.sleep(self.chance.uniform(0.0, 2 * HESITATES))
        return self.chance.choice([place for place, role in enumerate(ROLES) if role != "web"])

    def _arrived(self) -> int:
        """Return a number that grows with each mail that arrives."""
        return self.journal.stat().st_size if self.journal.exists() else 0


@pytest.fixture
def stormy(database, databases, size, tmp_path):
    """A world on a database of its own, what an undisturbed life of it tells, and an application to look."""
    people, days = size.pick((60, 3), (500, 22))
    with worlds.lived_in(databases, database, tmp_path, people=people, days=days) as stage:
        yield stage


@pytest.mark.both_databases
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM], ids=["kill -9", "SIGTERM"])
def test_nothing_is_lost_and_nothing_told_twice_in_a_storm(stormy, number, size, chance, note, tmp_path):
    app, url, world, expected = stormy.app, stormy.url, stormy.world, stormy.expected
    kills = size.pick(20, 1000 if number is signal.SIGKILL else 200)
    assert len(expected.mails) >= size.pick(100, 10_000)
    journal = tmp_path / "journal"
    began = time.monotonic()

    with (
        apart(journal, hesitates=HESITATES) as port,
        Mother(tmp_path / "storm", url, mail_port=port) as mother,
    ):
        mother.clock.set(worlds.morning(world.days[0]))
        writers = [Writer(mother.web_port, world, random.Random(chance.random())) for _ in range(2)]
        threads = [threading.Thread(target=writer.write, daemon=True) for writer in writers]
        storm = Storm(mother, app, journal, chance, number, writers)
        for thread in threads:
            thread.start()
        try:
            storm.live_through(world.days, kills)
            for writer in writers:
                writer.stopping.set()
            last = mother.start("web")
            for thread in threads:
                thread.join()
            mother.end(last, signal.SIGTERM)
        finally:
            for writer in writers:
                writer.stopping.set()
            print("\n".join(mother.troubles()[-20:]))

    with app.app_context():
        counted = must_hold(read_journal(journal), expected, number)
        must_be_all_or_nothing(world, writers)
    assert sum(storm.kills.values()) == kills
    if number is signal.SIGTERM:
        # Asked before it could listen to anybody, a process that has done nothing yet ends at once.
        assert set(storm.codes) <= {0, -signal.SIGTERM}, storm.codes
    note(
        kills=dict(storm.kills), mails=len(expected.mails), **counted,
        forms=sum(len(writer.sent) for writer in writers), broken=sum(writer.broken for writer in writers),
        seconds=round(time.monotonic() - began),
    )  # fmt: skip


def must_hold(arrived: Any, expected: worlds.Told, number: signal.Signals) -> dict[str, int]:
    """Check every promise about the mails; return how many copies and attempts in doubt there were."""
    db.session.expire_all()
    worlds.must_have_told(arrived, expected)
    copies = Counter(mail.message_id for mail in arrived)
    doubts, accepted = Counter(), Counter()
    for message_id, outcome in db.session.execute(
        select(OutgoingMail.message_id, Delivery.outcome).join(Delivery, Delivery.mail_id == OutgoingMail.id)
    ):
        doubts[message_id] += outcome in IN_DOUBT
        accepted[message_id] += outcome is DeliveryOutcome.ACCEPTED
    for message_id, number_of in copies.items():
        assert accepted[message_id] == 1
        assert number_of <= 1 + doubts[message_id], f"{message_id} came {number_of} times without a doubt"
    repeated = sum(copies.values()) - len(copies)
    if number is signal.SIGTERM:
        assert (repeated, sum(doubts.values())) == (0, 0)
    return {"copies": repeated, "in_doubt": sum(doubts.values())}


def must_be_all_or_nothing(world: worlds.World, writers: list[Writer]) -> None:
    """Check that each form that was sent is stored once, whole, and none besides."""
    assert [wrong for writer in writers for wrong in writer.wrong] == []
    sent = [each for writer in writers for each in writer.sent]
    rows = select(History.task_id, History.token).where(History.do == "progress")
    assert sorted(tuple(row) for row in db.session.execute(rows)) == sorted(sent)
    for task_id, more in world.worked_on.items():
        version = db.session.scalar(select(Task.version).where(Task.id == task_id))
        assert version == worlds.entries_of(task_id) + more, "a version without its entry, or the other way"
