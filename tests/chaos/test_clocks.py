"""Clocks that jump, days that end, time zones of processes, and schedulers that were off over Tết.

What a scheduler tells must follow from what is true, not from when it happened to look at the clock.
"""

from __future__ import annotations

import os
import random
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from datetime import time as hour_of_day

import pytest
from sqlalchemy import select

from tests import factories
from tests.chaos.days import QUIET, Left, at, left_behind, live, moments, office_on
from tests.chaos.mail_server import Accepted, MailServer, running
from tests.chaos.mother import ROOT, SharedClock, wait_for
from tracker import clock, outbox
from tracker.models import db, transaction
from tracker.models.calendar import DayKind
from tracker.models.directive import Urgency
from tracker.models.mail import JobRun, MailState, OutgoingMail
from tracker.models.task import Task
from tracker.operations import calendar, reminders, tasks
from tracker.operations.recording import Stamp
from tracker.queries.calendar import statutory_holidays
from tracker.rules.status import State

ZONES = ("Asia/Ho_Chi_Minh", "UTC", "America/New_York")
BACK, AHEAD, A_DAY = timedelta(hours=2), timedelta(days=3), timedelta(days=1)
TET = (date(2026, 2, 16), date(2026, 2, 20))
"""The Monday and the Friday of Tết Bính Ngọ: all five days off, with a weekend before and one after."""
FIRST_MAIL = 120
"""Seconds within which the first mail must be out after a start."""


def lay(given_on: date, first_due: date, last_due: date) -> None:
    """Lay down one task a day of the calendar, by turns accepted and not, the holidays of the law, an urgent
    directive on the day before the first deadline, and a deadline with an hour."""
    cast = factories.make_cast(on=given_on)
    years = range(given_on.year, last_due.year + 2)
    holidays = [(day, name) for year in years for day, name in statutory_holidays(year).items()]
    calendar.set_days([(day, DayKind.DAY_OFF, name) for day, name in holidays], stamp=Stamp(on=given_on))
    for number in range((last_due - first_due).days + 1):
        state = (State.IN_PROGRESS, State.NOT_STARTED)[number % 2]
        hour = hour_of_day(14) if number % 5 == 0 else None
        due_on = first_due + timedelta(days=number)
        content = f"Việc đến {due_on}"
        cast.make_task(given_on=given_on, due_on=due_on, due_time=hour, state=state, content=content)
    urgent_on = first_due - timedelta(days=1)
    tasks.give(
        cast.make_directive(on=urgent_on, urgency=Urgency.URGENT),
        [tasks.Order(unit=cast.coordinating, content="Việc khẩn", due_on=last_due)],
        stamp=Stamp(on=urgent_on, by=cast.tracker, at=at(urgent_on, "07:20:00").astimezone(UTC)),
    )


@pytest.fixture
def copies(database, databases):
    """Return the maker of worlds: `copies(given_on, first_due, last_due)` gives the maker of its copies."""

    def world(*days):
        url = databases.fresh(database)
        with office_on(url):
            lay(*days)
        return lambda: databases.copy(url)

    return world


def lived(url: str, readings: list[datetime]) -> Left:
    with office_on(url):
        live(readings)
        return left_behind()


def digests_on(left: Left) -> set[str]:
    """Return the days, as the subjects end, of the daily mails."""
    return {subject[-10:] for kind, _login, subject in left.mails if kind == "digest"}


def must_be_one_a_day(left: Left) -> None:
    daily = [(login, subject[-10:]) for kind, login, subject in left.mails if kind == "digest"]
    assert len(daily) == len(set(daily)), "two daily mails for one person and day"
    twice = {key for key, texts in left.mails.items() if len(texts) > 1 and key[0] != "prompt"}
    assert not twice, "the same mail twice"


# The clock jumps.


@pytest.mark.both_databases
def test_a_clock_set_two_hours_back_now_and_then_changes_nothing_of_what_is_told(copies, size, chance, note):
    copy = copies(date(2026, 3, 2), date(2026, 3, 18), date(2026, 4, 2))
    steady = moments(at("2026-03-19", "06:00:00"), at(size.pick("2026-03-23", "2026-04-08"), "12:00:00"))
    expected = lived(copy(), steady)

    for _round in range(size.pick(1, 10)):
        jumps = sorted(chance.sample(steady, 6))
        jumping = set_back_at(jumps, steady, chance)
        left = lived(copy(), jumping)

        assert left == expected, f"set back at {', '.join(map(str, jumps))}"
    assert {kind for kind, _login, _subject in expected.mails} >= {"digest", "prompt"}
    note(mails=len(expected.mails), readings=len(jumping))


def set_back_at(jumps: list[datetime], steady: list[datetime], chance: random.Random) -> list[datetime]:
    """Return what a clock shows that is set two hours back at these moments, a little after each look."""
    shown = []
    for reading in steady:
        shown.append(reading)
        if reading in jumps:
            begin = reading + timedelta(seconds=chance.randrange(60)) - BACK
            shown += [begin, *(each for each in steady if begin < each <= reading)]
    return shown


@pytest.mark.both_databases
def test_a_clock_that_ran_three_days_ahead_for_an_hour_costs_no_reminder_and_no_morning(copies):
    copy = copies(date(2026, 3, 2), date(2026, 3, 18), date(2026, 4, 2))
    before = moments(at("2026-03-23", "06:00:00"), at("2026-03-24", "06:59:59"))
    after = moments(at("2026-03-24", "07:58:00"), at("2026-03-27", "12:00:00"))
    wrong = moments(before[-1] + AHEAD, before[-1] + AHEAD + timedelta(hours=1))
    expected = lived(copy(), before + after)

    left = lived(copy(), before + wrong + after)

    rungs = {entry[:4] for entry in expected.ledger}
    assert rungs <= {entry[:4] for entry in left.ledger}, "a rung is told to nobody"
    assert left.marks == expected.marks
    assert digests_on(left) == digests_on(expected), "a morning without mails"
    must_be_one_a_day(left)


def test_a_mail_put_off_by_a_clock_that_ran_ahead_goes_out_when_the_clock_is_right(own_app):
    own_app.config.update(MAIL_SERVER="127.0.0.1", MAIL_PORT=9)
    now = at("2026-03-24", "07:00:00")
    with transaction():
        outbox.put(key="x", kind="test", address="a@x.example", subject="x", text="x", html="x", at=now)
    outbox.deliver_pending(now=lambda: now + AHEAD, worker="ahead")
    own_app.config["MAIL_SERVER"] = ""

    outbox.deliver_pending(now=lambda: now + timedelta(minutes=5), worker="right")

    assert db.session.query(OutgoingMail.state).scalar() is MailState.KEPT


@pytest.mark.parametrize("jump", [-BACK, AHEAD], ids=["back", "ahead"])
def test_a_running_scheduler_goes_on_at_once_when_its_clock_jumps(database, databases, tmp_path, jump, note):
    url, shown = databases.fresh(database), SharedClock(tmp_path / "clock")
    morning = at("2026-03-24", "09:00:00")
    shown.set(morning)
    with office_on(url), child("run", url, str(tmp_path / "clock")):
        queue_mail("before", morning)
        wait_for(lambda: is_out("before"), FIRST_MAIL, "the mail before the jump")
        shown.set(shown.now() + jump)
        queue_mail("after", shown.now())
        jumped = time.monotonic()

        wait_for(lambda: is_out("after"), 30, "the mail after the jump")
        note(seconds=round(time.monotonic() - jumped, 1))


def queue_mail(key: str, moment: datetime) -> None:
    with transaction():
        outbox.put(key=key, kind="x", address="a@x.example", subject="x", text="x", html="x", at=moment)


def is_out(key: str) -> bool:
    db.session.rollback()
    state = db.session.scalar(select(OutgoingMail.state).where(OutgoingMail.key == key))
    return state in (MailState.KEPT, MailState.SENT)


@contextmanager
def child(*words: str, **environ: str) -> Iterator[subprocess.Popen[str]]:
    """Run `tests.chaos.days` in a process of its own; end it after the block, if it still runs."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.chaos.days", *words], cwd=ROOT, env=os.environ | environ, text=True,
        stdout=subprocess.PIPE,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.terminate()
        process.communicate(timeout=300)


# Days end in Vietnam.


@pytest.mark.both_databases
@pytest.mark.parametrize(
    ("due_on", "next_day", "told_on"),
    [
        (date(2025, 12, 31), date(2026, 1, 1), date(2026, 1, 2)),
        (date(2028, 2, 28), date(2028, 2, 29), date(2028, 2, 29)),
        (date(2028, 2, 29), date(2028, 3, 1), date(2028, 3, 1)),
        (date(2027, 2, 28), date(2027, 3, 1), date(2027, 3, 1)),
    ],
)  # fmt: skip
def test_a_day_ends_at_midnight_in_vietnam_also_at_the_end_of_a_year_and_of_february(
    own_app, due_on, next_day, told_on
):
    lay(due_on - timedelta(days=30), due_on - timedelta(days=1), due_on)
    (task,) = db.session.scalars(select(Task).where(Task.due_on == due_on, Task.content != "Việc khẩn"))
    last, first = at(due_on, "23:59:59"), at(next_day, "00:00:00")

    days = [clock.day_of(moment.astimezone(UTC)) for moment in (last, first)]
    marked = [reminders.mark_overdue(today=clock.day_of(each), at=each) for each in (last, first, first)]
    live(moments(at(due_on, "06:00:00"), at(told_on, "12:00:00")))

    left = left_behind()
    assert days == [due_on, next_day]
    assert marked == [1, 2, 0]
    assert left.marks >= {(task.id, str(due_on), next_day)}
    late = {entry for entry in left.ledger if entry[:2] == (task.id, "late-1")}
    assert {entry[4] for entry in late} == {told_on}
    (lines,) = left.mails["digest", "binh", subject_on(told_on, late=2)]
    assert f"quá hạn {(told_on - due_on).days} ngày" in lines
    if next_day.day == 1:
        months = {subject for kind, login, subject in left.mails if (kind, login) == ("report", "hung")}
        words = f"[Báo cáo] 1 nhiệm vụ quá hạn hết tháng {due_on:%m/%Y} – UBND thành phố Sông Hương giao"
        assert {subject for subject in months if f"{due_on:%m/%Y}" in subject} == {words}


def subject_on(day: date, *, late: int) -> str:
    return f"[Nhắc việc] {late} quá hạn – {day:%d/%m/%Y}"


# Time zones of processes.


@pytest.mark.both_databases
def test_mails_ledger_and_marks_do_not_depend_on_the_time_zone_of_the_process(copies, size):
    copy = copies(date(2026, 3, 2), date(2026, 3, 18), date(2026, 4, 2))
    last = size.pick("2026-03-19", "2026-04-03")
    readings = moments(at("2026-03-17", "23:00:00"), at(last, "08:00:00"))
    urls = {zone: copy() for zone in ZONES}

    names = {}
    for zone, url in urls.items():
        with child("live", url, *(each.isoformat() for each in readings), TZ=zone, PGTZ=zone) as process:
            names[zone] = process.communicate(timeout=300)[0].strip()
            assert process.returncode == 0

    lefts = {zone: left_on(url) for zone, url in urls.items()}
    assert names == {"Asia/Ho_Chi_Minh": "+07", "UTC": "UTC", "America/New_York": "EST"}
    assert lefts["UTC"] == lefts["America/New_York"] == lefts["Asia/Ho_Chi_Minh"]
    assert lefts["UTC"] == lived(copy(), readings)
    assert {kind for kind, _login, _subject in lefts["UTC"].mails} >= {"digest", "prompt"}
    assert digests_on(lefts["UTC"]) == {f"{day}/03/2026" for day in (17, 18, 19)} or size.is_full


def left_on(url: str) -> Left:
    with office_on(url):
        return left_behind()


# Off over Tết.

FIRST_DUE = date(2026, 2, 12)
BEGIN = at("2026-02-09", "06:00:00")
OFF = {
    1: (at("2026-02-22", "09:00:00"), at("2026-02-23", "09:00:00")),
    3: (at("2026-02-20", "09:00:00"), at("2026-02-23", "09:00:00")),
    14: (at("2026-02-12", "20:00:00"), at("2026-02-26", "20:00:00")),
}
"""By how many days the scheduler was off: when it went off, and when it comes back: on a working day."""


SOON = {"23/02/2026": {24, 25, 26}, "26/02/2026": {27, 28, 1, 2, 3}}
"""Days of deadlines that are at most three working days ahead."""
LINE = re.compile(r"^  Hạn (?:14:00 )?(\S+) · (quá hạn \d+ ngày|hạn .*hôm nay|còn \d+ ngày làm việc)", re.M)


@pytest.fixture
def tet(copies):
    """The maker of copies of a world whose deadlines lie before, in and after Tết."""
    return copies(date(2026, 2, 2), FIRST_DUE, date(2026, 3, 3))


@pytest.mark.both_databases
@pytest.mark.parametrize("days", [*OFF])
def test_after_days_off_over_tet_the_first_mail_is_out_in_two_minutes_and_says_what_is_true(
    tet, databases, days, note
):
    gone, back = OFF[days]
    url, today = tet(), back.date()
    before = lived(url, moments(BEGIN, gone, QUIET))
    always_on = lived(databases.copy(url), moments(gone, back, QUIET))

    with running(MailServer()) as server:
        seconds = start_for_real(url, server, back)

    left = left_on(url)
    new = {key: texts for key, texts in left.mails.items() if key not in before.mails and key[0] != "alarm"}
    assert seconds < FIRST_MAIL
    assert left.marks == always_on.marks
    assert {day for _task, _due, day in left.marks} == set(days_between(FIRST_DUE + A_DAY, today))
    must_be_one_a_day(left)
    must_say_what_is_true(new, today)
    told = {entry for entry in left.ledger if entry[4] == today}
    if days == 14:
        rungs = {(task, login) for task, _rung, _due, login, _day in told}
        assert len(rungs) == len(told), "a rung that a later one has overtaken is told"
    else:
        assert new.items() <= always_on.mails.items(), "days off without a working day change a mail"
        assert told == {entry for entry in always_on.ledger if entry[4] == today}
    note(first_mail_after=f"{seconds:.1f} s", mails=len(new))


def start_for_real(url: str, server: MailServer, moment: datetime) -> float:
    """Let `flask jobs run` work until it is done; return how long after its start the first mail was out."""
    environ = {
        "DATABASE_URL": url, "TRACKER_NOW": moment.isoformat(), "MAIL_SERVER": "127.0.0.1",
        "MAIL_PORT": str(server.port), "BACKUP_FOLDER": "off",
    }  # fmt: skip
    began, began_at = time.monotonic(), time.time()
    process = subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "wsgi", "jobs", "run"], cwd=ROOT, env=os.environ | environ
    )
    try:
        with office_on(url):
            wait_for(lambda: reminders_in(server), FIRST_MAIL, "the first mail")
            wait_for(lambda: is_done(moment), FIRST_MAIL - (time.monotonic() - began) + 60, "the other mails")
    finally:
        process.terminate()
        process.wait(timeout=300)
    assert process.returncode == 0
    return min(mail.at for mail in reminders_in(server)) - began_at


def reminders_in(server: MailServer) -> list[Accepted]:
    return [mail for mail in server.accepted if mail.subject.startswith("[Nhắc việc]")]


def is_done(moment: datetime) -> bool:
    """Whether the daily jobs ran at `moment`, and no mail waits."""
    db.session.rollback()
    good = select(JobRun.name).where(JobRun.succeeded.is_(True), JobRun.started_at == moment)
    return {"overdue", "reminders"} <= set(db.session.scalars(good)) and outbox.oldest_waiting() is None


def must_say_what_is_true(
    new: dict[tuple[str, str, str], list[str]], day: date, comes_near: tuple[str, ...] = ()
) -> None:
    """Check the mails of a day, one a person, against the deadlines and nothing else.

    `comes_near` are those who were not told yet that the last deadline is less than seven working days away.
    """
    dues = days_between(FIRST_DUE, date(2026, 3, 3))
    accepted = set(dues[0::2])
    late = {due: f"quá hạn {(day - due).days} ngày" for due in dues if due < day}
    soon = {due for due in dues if due > day and due.day in SOON[f"{day:%d/%m/%Y}"]}
    head = late | {due: "còn" if due in soon else "hạn" for due in {day, *soon}}
    expected = {"mai": late, "binh": head, "ha": {due: says for due, says in head.items() if due in accepted}}
    for login in comes_near:
        expected[login] = expected.get(login, {}) | {dues[-1]: "còn"}
    if day == date(2026, 2, 26):
        # Five working days late is only what fell due before Tết; the urgent task comes near.
        expected |= {"hung": {FIRST_DUE: late[FIRST_DUE]}, "long": {dues[-1]: "còn"}}
    assert {kind for kind, _login, _subject in new} == {"digest"}
    assert {subject[-10:] for _kind, _login, subject in new} == {f"{day:%d/%m/%Y}"}
    said = {
        login: {
            datetime.strptime(due, "%d/%m/%Y").date(): says if says.startswith("quá") else says.split()[0]
            for due, says in LINE.findall(texts[0])
        }
        for (_kind, login, _subject), texts in new.items()
    }
    assert said == expected


def test_back_on_a_day_of_tet_a_scheduler_marks_what_is_overdue_and_mails_on_the_first_working_day(tet):
    url, gone = tet(), at("2026-02-12", "20:00:00")
    before = lived(url, moments(BEGIN, gone, QUIET))

    off = lived(url, moments(at(TET[0], "08:00:00"), at("2026-02-22", "23:59:59"), QUIET))
    after = lived(url, moments(at("2026-02-23", "00:00:00"), at("2026-02-23", "07:00:00"), QUIET))

    assert off.mails.keys() - before.mails.keys() == {
        ("prompt", login, f"[Hạn 14:00 hôm nay] Việc đến {due}")
        for due, logins in (("2026-02-17", ("binh",)), ("2026-02-22", ("binh", "ha")))
        for login in logins
    }
    assert {day for _task, _due, day in off.marks} == set(days_between(FIRST_DUE + A_DAY, date(2026, 2, 22)))
    for left in (off, after):
        assert all(day == date.fromisoformat(due) + A_DAY for _task, due, day in left.marks)
    new = {key: texts for key, texts in after.mails.items() if key not in off.mails}
    must_say_what_is_true(new, date(2026, 2, 23), comes_near=("binh", "long"))


def days_between(first: date, last: date) -> list[date]:
    """Return the days from one to another, both inclusive."""
    return [first + timedelta(days=step) for step in range((last - first).days + 1)]
