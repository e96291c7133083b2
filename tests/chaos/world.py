"""The world of the storms: officers with tasks that fall due on every day, and tasks that people work on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import func, select

from tests import factories
from tests.chaos.mail_server import Accepted
from tests.chaos.mother import SECRET, Mother
from tests.conftest import make_app, sign_in
from tracker import clock, outbox
from tracker.models import db, transaction
from tracker.models.mail import JobRun, MailState, OutgoingMail, Reminder
from tracker.models.people import Role
from tracker.models.progress import History
from tracker.operations import tasks
from tracker.operations.recording import Stamp
from tracker.rules.status import State

FIRST_DAY = date(2026, 3, 3)
"""A Tuesday; all tasks were given the day before."""
UNIT_OF = 10
"""People of one unit, the first of them its head."""


@dataclass(frozen=True)
class World:
    """What the storm needs to know: the days to live through, and where people write."""

    days: tuple[date, ...]
    worked_on: dict[int, int]
    """The tasks that people write to over the web, by id: how many more versions than entries each had."""
    cookie: str
    agent: str
    """The session of who writes, and the browser it belongs to."""


def lay(app: Flask, *, people: int, days: int) -> World:
    """Lay the world down by the operations of a click: so many officers who hear something every day."""
    with app.app_context():
        with transaction(bulk=True):
            cast = factories.make_cast()
            _officers(cast, people, working_days(days + 2))
            tasks_for_all = [
                cast.make_task(state=State.IN_PROGRESS, due_on=None, content=f"Việc chung {number}")
                for number in range(2)
            ]
            cast.head.email = cast.officer.email = None
        browser = app.test_client()
        sign_in(browser, cast.head)
        cookie = browser.get_cookie(app.config["SESSION_COOKIE_NAME"])
        agent = browser.environ_base["HTTP_USER_AGENT"]
        worked_on = {task.id: task.version - entries_of(task.id) for task in tasks_for_all}
        world = World(tuple(working_days(days)), worked_on, cookie.value, agent)
        db.session.remove()
        db.engine.dispose()
    return world


def entries_of(task_id: int) -> int:
    """Return how many entries the history of a task has."""
    return db.session.scalar(select(func.count()).where(History.task_id == task_id)) or 0


def working_days(number: int) -> list[date]:
    """Return so many working days from the first day of the world."""
    days = (FIRST_DAY + timedelta(days=step) for step in range(number * 2 + 7))
    return [day for day in days if day.weekday() < 5][:number]


def _officers(cast: Any, people: int, days: list[date]) -> None:
    unit: Any = None
    for number in range(people):
        if number % UNIT_OF == 0:
            unit = cast.make_unit()
            cast.make_person(unit=unit, role=Role.UNIT_HEAD)
            continue
        officer = cast.make_person(unit=unit)
        orders = [
            tasks.Order(unit=unit, officer=officer, content=f"Việc {number}, hạn {due:%d/%m}", due_on=due)
            for due in days[number % 2 :: 2]
        ]
        tasks.give(cast.make_directive(), orders, stamp=Stamp(on=factories.GIVEN_ON))


def morning(day: date) -> datetime:
    """Return the moment at which the storm of a day begins: reminders and monthly reports have fallen due."""
    return datetime.fromisoformat(f"{day}T07:30:30").replace(tzinfo=clock.VIETNAM)


COMPARED = ("digest", "report")
"""Kinds of mail that depend on nothing but the days: the others depend on when something broke."""


@dataclass(frozen=True)
class Told:
    """What people were told: texts by (kind, address, subject), and the ledger with the keys of its mails.

    The number of a report is not compared, nor the links that carry it: an attempt that was killed may have
    used a number up.
    """

    mails: dict[tuple[str, str, str], str]
    ledger: set[tuple[Any, ...]]
    number: int


def told(state: MailState) -> Told:
    """Read what was told by mails in this state."""
    rows = db.session.scalars(
        select(OutgoingMail).where(OutgoingMail.state == state, OutgoingMail.kind.in_(COMPARED))
    ).all()
    mails = {
        (row.kind, row.address, row.subject): row.text if row.kind == "digest" else "" for row in rows
    }
    ledger = select(
        Reminder.task_id, Reminder.rung, Reminder.due_on, Reminder.user_id, Reminder.told_on, OutgoingMail.key
    ).join(OutgoingMail, OutgoingMail.id == Reminder.mail_id)
    return Told(mails, {tuple(row) for row in db.session.execute(ledger)}, len(rows))


def is_over(app: Flask, day: date, *, jobs: Sequence[str] = ("reminders",)) -> bool:
    """Whether these jobs of a day are done, and no mail waits."""
    with app.app_context():
        good = select(func.count(JobRun.name.distinct())).where(
            JobRun.name.in_(jobs), JobRun.succeeded.is_(True), JobRun.started_at >= morning(day)
        )
        return db.session.scalar(good) == len(jobs) and outbox.oldest_waiting() is None


def must_have_told(arrived: Sequence[Accepted], expected: Told) -> None:
    """Check that the mails which arrived, and the ledger, say what an undisturbed life says, and once."""
    said = told(MailState.SENT)
    assert said.mails.keys() == expected.mails.keys(), "a mail is lost, or told too much"
    assert said.number == expected.number, "a second Message-ID for one person, day and kind"
    assert said.mails == expected.mails, "a mail says something else"
    assert said.ledger == expected.ledger, "the ledger tells something else than the mails"
    sent = select(OutgoingMail.message_id).where(OutgoingMail.state == MailState.SENT)
    ids = {mail.message_id for mail in arrived}
    assert ids == set(db.session.scalars(sent)), "the outbox and the mail server disagree"
    daily = [mail for mail in arrived if mail.subject.startswith("[Nhắc việc]")]
    of_a_day = {(mail.recipient, mail.subject[-10:]) for mail in daily}
    assert len(of_a_day) == len({mail.message_id for mail in daily}), "two daily mails for one person and day"


@dataclass(frozen=True)
class Stage:
    """A world on a database of its own, what an undisturbed life of it tells, and an application to look."""

    app: Flask
    url: str
    world: World
    expected: Told


@contextmanager
def lived_in(databases: Any, database: str, folder: Path, *, people: int, days: int) -> Iterator[Stage]:
    """Lay a world down, live through it undisturbed on a copy, and give both to the block."""
    url = databases.fresh(database)
    app = make_app(url, SECRET_KEY=SECRET)
    world = lay(app, people=people, days=days)
    calm = databases.copy(url)
    with Mother(folder / "calm", calm, mail_port=9) as mother:
        for day in world.days:
            assert mother.run("day_of_jobs", moment=morning(day).isoformat()) == 0, mother.log.read_text()
    looking = make_app(calm)
    with looking.app_context():
        expected = told(MailState.KEPT)
        db.session.remove()
        db.engine.dispose()
    yield Stage(app, url, world, expected)
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
