"""A scheduler that lives by the clock it is told, moment after moment, and all that it leaves behind.

`python -m tests.chaos.days live URL MOMENT…` lives so in a process and a time zone of its own;
`… run URL CLOCK` is `flask jobs run` by a clock that another process moves (a file of `SharedClock`).
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import apscheduler.executors.base
import apscheduler.schedulers.base
from flask import Flask
from flask.cli import ScriptInfo
from sqlalchemy import select

from tests.chaos.mother import SharedClock
from tests.conftest import make_app
from tracker import clock, jobs
from tracker.jobs import scheduler
from tracker.jobs.shell import jobs_group
from tracker.models import db
from tracker.models.mail import JobRun, MailState, OutgoingMail, Reminder
from tracker.models.people import User
from tracker.models.progress import History

NAMES = ("overdue", "reminders", "monthly-report", "prompt", "deliver")
"""The jobs that mail and mark, in the order in which a scheduler that starts gets to them."""
HOURS = (
    "00:00:00", "00:05:00", "06:59:59", "07:00:00", "07:16:00", "07:30:00", "12:00:00", "17:00:00", "23:59:59"
)  # fmt: skip
"""The moments of a day at which it looks: few, and those at which something changes."""
QUIET = ("00:05:00", "07:00:00", "12:00:00")
"""Those of a day on which nobody does anything."""


def at(day: date | str, hour: str) -> datetime:
    """Return a moment of the wall clock in Vietnam."""
    return datetime.fromisoformat(f"{day}T{hour}").replace(tzinfo=clock.VIETNAM)


def moments(first: datetime, last: datetime, hours: tuple[str, ...] = HOURS) -> list[datetime]:
    """Return the moments of `hours` from one moment to another, both inclusive, and these two."""
    days = [first.date() + timedelta(days=step) for step in range((last.date() - first.date()).days + 1)]
    all_of_them = {at(day, hour) for day in days for hour in hours}
    return sorted({first, last} | {each for each in all_of_them if first <= each <= last})


def live(readings: Iterable[datetime]) -> None:
    """Let the scheduler look at the clock once for each reading, in the order they are given."""
    for reading in readings:
        with clock.standing_at(reading):
            for name in NAMES:
                jobs.wake(name, stop=lambda: False)
    broken = select(JobRun.name, JobRun.detail).where(JobRun.succeeded.is_(False), JobRun.name != "gap")
    assert [tuple(row) for row in db.session.execute(broken)] == []


@dataclass(frozen=True)
class Left:
    """What a life left behind: the texts by (kind, login, subject), the ledger, and the marks of overdue."""

    mails: dict[tuple[str, str, str], list[str]]
    ledger: set[tuple[int, str, date | None, str, date]]
    """Task, rung, due date, login, told on; news without the number of its entry."""
    marks: set[tuple[int, str, date]]
    """Task, missed deadline, and the day on which it became overdue."""

def left_behind() -> Left:
    """Return what is stored of all mails that went out, with what they tell, and of all marks."""
    db.session.expire_all()
    query = select(
        OutgoingMail.kind, User.login, OutgoingMail.subject, OutgoingMail.text, OutgoingMail.state
    ).join(User, User.id == OutgoingMail.user_id)
    went_out = query.where(OutgoingMail.state != MailState.CANCELLED).order_by(OutgoingMail.id)
    rows: Any = db.session.execute(went_out).all()
    assert {row.state for row in rows} <= {MailState.KEPT, MailState.SENT}, "a mail waits"
    told = select(Reminder.task_id, Reminder.rung, Reminder.due_on, User.login, Reminder.told_on).join(
        User, User.id == Reminder.user_id
    )
    marks = select(History.task_id, History.payload, History.on_day).where(History.do == "became_overdue")
    mails: dict[tuple[str, str, str], list[str]] = {}
    for row in rows:
        # The number of a report is in its links, and no part of what it says.
        text = row.text if row.kind != "report" else ""
        mails.setdefault((row.kind, row.login, row.subject), []).append(text)
    return Left(
        mails,
        {(row[0], row[1].partition(":")[0], *row[2:]) for row in db.session.execute(told)},
        {(row.task_id or 0, (row.payload or {})["due"], row.on_day) for row in db.session.execute(marks)},
    )


@contextmanager
def office_on(url: str) -> Iterator[Flask]:
    """Give the block an application on a database, without a mail server: mails that go out are kept."""
    app = make_app(url, MAIL_SERVER="", BACKUP_FOLDER="")
    with app.app_context():
        try:
            yield app
        finally:
            db.session.remove()
            db.engine.dispose()


def run_by(app: Flask, shared: SharedClock) -> None:
    """Be `flask jobs run`, hurried, where all that asks for the time is shown this clock."""

    class Shown(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return shared.now().astimezone(tz)

    for module in (apscheduler.schedulers.base, apscheduler.executors.base, scheduler):
        setattr(module, "datetime", Shown)  # noqa: B010
    clock.now = shared.now
    hurried = [replace(entry, every=entry.every and timedelta(seconds=1)) for entry in jobs.TIMETABLE]
    setattr(jobs, "TIMETABLE", tuple(hurried))  # noqa: B010
    jobs_group.main(["run"], obj=ScriptInfo(create_app=lambda: app), standalone_mode=False)


if __name__ == "__main__":
    with office_on(sys.argv[2]) as office:
        if sys.argv[1] == "run":
            run_by(office, SharedClock(Path(sys.argv[3])))
        else:
            live(datetime.fromisoformat(text) for text in sys.argv[3:])
    print(time.tzname[0])
