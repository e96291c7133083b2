"""The jobs as a shell and a scheduler run them: exit codes, runs on record, and what survives a kill."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import threading
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from tests.jobs.conftest import at, kill, put_mail, run_flask, use_mail_server, wait_until
from tracker import ROOT, clock, jobs, outbox
from tracker.jobs import scheduler
from tracker.models import db
from tracker.models.calendar import CalendarDay, DayKind
from tracker.models.mail import JobRun, MailState, OutgoingMail, Reminder
from tracker.models.people import Role
from tracker.models.progress import History
from tracker.operations.calendar import change_setting
from tracker.operations.recording import Stamp
from tracker.queries.jobs import job_statuses
from tracker.rules.status import State
from tracker.rules.timetable import TIMETABLE

FRIDAY = date(2026, 3, 20)


def runner(app):
    """A shell beside the test: it has an application context of its own."""
    return lambda *words: app.test_cli_runner().invoke(args=["jobs", *words])


def runs(name: str) -> list[JobRun]:
    db.session.expire_all()
    return list(db.session.scalars(select(JobRun).where(JobRun.name == name).order_by(JobRun.id)))


def count(model) -> int:
    db.session.expire_all()
    return db.session.scalar(select(func.count()).select_from(model))


@pytest.mark.parametrize("name", ["overdue", "reminders", "deliver"])
def test_each_job_runs_once_from_a_shell_at_a_given_moment(office, people, name):
    people.make_task(due_on=date(2026, 3, 19))

    result = runner(office)("once", name, "--now", "2026-03-20T07:00:00+07:00")

    assert result.exit_code == 0, result.output
    (run,) = runs(name)
    assert (run.succeeded, run.started_at) == (True, at("2026-03-20 07:00"))


def test_overdue_once_takes_the_day_from_its_moment_in_vietnam(office, people):
    people.make_task(due_on=FRIDAY)
    shell = runner(office)

    before = shell("once", "overdue", "--now", "2026-03-20T23:59:59")
    utc = shell("once", "overdue", "--now", "2026-03-20T17:00:00Z")

    assert "Ghi nhận 0 " in before.output
    assert "Ghi nhận 1 " in utc.output


@pytest.mark.parametrize(
    "words",
    [
        ("once", "khong-co"),
        ("once",),
        ("once", "overdue", "--now", "hôm qua"),
        ("once", "overdue", "--now", ""),
    ],
)
def test_an_unknown_name_or_a_bad_moment_is_a_clear_error(office, words):
    result = runner(office)(*words)

    assert result.exit_code == 2
    assert "Traceback" not in result.output
    assert count(JobRun) == 0


def test_deliver_says_by_its_exit_code_that_a_mail_was_not_delivered(office, sink):
    sink.answer = lambda number: "451 4.3.0 Thu lai sau" if number == 1 else None
    put_mail()
    shell = runner(office)

    first = shell("once", "deliver", "--now", "2026-03-20T07:00:00+07:00")
    second = shell("once", "deliver", "--now", "2026-03-20T07:01:00+07:00")

    assert (first.exit_code, second.exit_code) == (1, 0)
    assert "chờ gửi lại 1" in first.output
    assert [run.succeeded for run in runs("deliver")] == [False, True]


def test_a_job_that_breaks_is_on_record_with_its_reason(office, monkeypatch):
    def broken(_stop):
        raise RuntimeError("đĩa đầy")

    monkeypatch.setattr(jobs, "FUNCTIONS", {**jobs.FUNCTIONS, "overdue": broken})

    result = runner(office)("once", "overdue")

    assert result.exit_code == 1
    (run,) = runs("overdue")
    assert (run.succeeded, run.detail) == (False, "RuntimeError: đĩa đầy")


def test_a_job_that_was_asked_to_stop_is_no_failure_and_is_gone_on_with_at_once(office, monkeypatch):
    asked = iter([True, False])

    def report(_stop):
        if next(asked):
            raise jobs.JobStopped("Dừng giữa chừng theo yêu cầu.")
        return "Lập 1 báo cáo."

    monkeypatch.setattr(jobs, "FUNCTIONS", {**jobs.FUNCTIONS, "monthly-report": report})

    wake_at("2026-04-01 07:30", "monthly-report")
    statuses = job_statuses(at("2026-04-01 07:31"), zone=clock.VIETNAM)
    (broken_off,) = [each for each in statuses if each.name == "monthly-report"]
    wake_at("2026-04-01 07:31", "monthly-report")

    assert (broken_off.is_interrupted, broken_off.is_running) == (True, False)
    assert [(run.succeeded, run.detail) for run in runs("monthly-report")] == [
        (None, "Dừng giữa chừng theo yêu cầu."), (True, "Lập 1 báo cáo.")
    ]  # fmt: skip


def test_an_idle_sender_moves_one_row_on_instead_of_adding_rows(office):
    for seconds in range(0, 600, 15):
        with clock.standing_at(at("2026-03-20 07:00") + timedelta(seconds=seconds)):
            jobs.run_job("deliver")

    (run,) = runs("deliver")
    assert run.seen_at == at("2026-03-20 07:09:45")


def wake_at(moment: str, name: str) -> int:
    """Wake a job and return how many runs of it there have been."""
    with clock.standing_at(at(moment)):
        jobs.wake(name, stop=lambda: False)
    return len(runs(name))


def test_reminders_wake_at_seven_on_working_days_once_and_catch_up_after_a_late_start(office):
    db.session.add(CalendarDay(day=date(2026, 3, 23), kind=DayKind.DAY_OFF))
    db.session.commit()
    woken = [
        wake_at(moment, "reminders")
        for moment in (
            "2026-03-20 06:59", "2026-03-20 07:00", "2026-03-20 07:01", "2026-03-21 09:00",
            "2026-03-23 09:00", "2026-03-24 06:59", "2026-03-24 15:30", "2026-03-24 23:59",
        )
    ]  # fmt: skip

    assert woken == [0, 1, 1, 1, 1, 1, 2, 2]


def test_the_hour_of_reminders_follows_its_setting_without_a_restart(office):
    change_setting("reminder_time", "08:30", stamp=Stamp(on=FRIDAY))

    assert [wake_at("2026-03-20 08:29", "reminders"), wake_at("2026-03-20 08:30", "reminders")] == [0, 1]


def test_overdue_wakes_five_minutes_after_midnight_on_every_day(office):
    woken = [
        wake_at(f"2026-03-{moment}", "overdue") for moment in ("21 00:04", "21 00:05", "22 00:05", "22 12:00")
    ]

    assert woken == [0, 1, 2, 2]


def test_a_daily_job_that_failed_is_tried_again_after_five_minutes(office, monkeypatch):
    answers = iter(["hỏng", "tốt"])

    def sometimes(_stop):
        if next(answers) == "hỏng":
            raise RuntimeError
        return "xong"

    monkeypatch.setattr(jobs, "FUNCTIONS", {**jobs.FUNCTIONS, "overdue": sometimes})

    woken = [wake_at(f"2026-03-21 00:{minute}", "overdue") for minute in ("05", "06", "09", "10", "11")]

    assert woken == [1, 1, 1, 2, 2]


@pytest.mark.parametrize("how", ["tốt", "hỏng"])
def test_a_run_while_the_clock_ran_ahead_costs_no_morning_before_it(office, monkeypatch, how):
    def sometimes(_stop):
        if clock.now() > at("2026-03-26 00:00") and how == "hỏng":
            raise RuntimeError
        return "xong"

    monkeypatch.setattr(jobs, "FUNCTIONS", {**jobs.FUNCTIONS, "reminders": sometimes})

    woken = [wake_at(f"2026-03-{moment}", "reminders") for moment in ("26 09:00", "23 07:00", "24 07:00")]

    assert woken == [1, 2, 3]


def test_the_status_fails_while_a_job_is_overdue_and_names_the_oldest_mail(office, monkeypatch):
    monkeypatch.setenv("TRACKER_NOW", "2026-03-20T07:20:00+07:00")
    put_mail()
    shell = runner(office)
    silent = shell("status")
    for name in ("overdue", "reminders", "deliver"):
        shell("once", name)

    well = shell("status")
    monkeypatch.setenv("TRACKER_NOW", "2026-03-20T07:23:00+07:00")
    dead = shell("status")

    assert (silent.exit_code, well.exit_code, dead.exit_code) == (1, 0, 1)
    assert silent.output.count("QUÁ HẠN") == len(TIMETABLE)
    assert "07:00:00 20/03/2026" in silent.output
    assert "không có" in well.output
    assert "LỖI: Bộ lập lịch đã ngừng từ 07:20 20/03/2026." in dead.output


def test_a_sender_silent_for_five_minutes_is_overdue(office):
    with clock.standing_at(at("2026-03-20 07:00")):
        jobs.run_job("deliver")

    def late(moment):
        (status,) = [each for each in job_statuses(at(moment), zone=clock.VIETNAM) if each.name == "deliver"]
        return status.is_overdue

    assert [late("2026-03-20 07:05"), late("2026-03-20 07:06")] == [False, True]


def test_two_schedulers_at_once_do_everything_once(office, people, sink):
    for number in range(5):
        people.make_task(state=State.IN_PROGRESS, due_on=date(2026, 3, 19), content=f"Việc {number}")
    moment = "2026-03-20T07:00:00+07:00"

    for name in ("overdue", "reminders", "deliver"):
        pair = [run_flask(office, "jobs", "once", name, "--now", moment, wait=False) for _ in range(2)]
        assert [process.wait(timeout=300) for process in pair] == [0, 0], pair[0].stdout.read()

    assert db.session.scalar(select(func.count()).where(History.do == "became_overdue")) == 5
    recipients = [address for _sender, (address,) in sink.envelopes]
    assert sorted(recipients) == sorted(set(recipients))
    assert len(recipients) == count(OutgoingMail) == 3


@pytest.mark.both_databases
def test_a_sender_killed_between_sending_and_marking_repeats_one_mail_and_loses_none(office, sink):
    for number in range(6):
        put_mail(f"thu-{number}")
    sink.slow = 60
    sender = run_flask(office, "jobs", "once", "deliver", wait=False)
    wait_until(lambda: sink.got)
    kill(sender)
    sink.slow = 0

    code, output = run_flask(office, "jobs", "once", "deliver")

    assert code == 0, output
    ids = [re.search(rb"Message-ID: (\S+)", each)[1] for each in sink.got]
    assert len(ids) == 7
    assert len(set(ids)) == 6
    assert ids[0] in ids[1:]
    assert {mail.state for mail in db.session.scalars(select(OutgoingMail))} == {MailState.SENT}


def test_asked_to_end_the_sender_finishes_its_mail_and_nothing_is_sent_twice(office, sink):
    for number in range(6):
        put_mail(f"thu-{number}")
    sink.slow = 0.5
    sender = run_flask(office, "jobs", "once", "deliver", wait=False)
    wait_until(lambda: sink.got)
    kill(sender, signal.SIGTERM)
    stopped_after = len(sink.got)
    sink.slow = 0

    run_flask(office, "jobs", "once", "deliver")

    assert sender.returncode == 0
    assert stopped_after < 6
    assert len({message["Message-ID"] for message in sink.mails}) == len(sink.got) == 6


def test_a_run_of_reminders_killed_anywhere_neither_loses_nor_doubles(office, people, sink, monkeypatch):
    for _ in range(3):
        unit = people.make_unit()
        people.make_person(unit=unit, role=Role.UNIT_HEAD)
        people.make_task(unit=unit, state=State.IN_PROGRESS, due_on=FRIDAY)
    monkeypatch.setattr("tracker.operations.reminders.PEOPLE_AT_A_TIME", 1)
    put_all, calls = outbox.put_all, []

    def dies(mails, **values):
        ids = put_all(mails, **values)
        calls.append(ids)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return ids

    monkeypatch.setattr(outbox, "put_all", dies)
    with clock.standing_at(at("2026-03-20 07:00")):
        with pytest.raises(KeyboardInterrupt):
            jobs.run_job("reminders")
        db.session.rollback()
        halfway = (count(OutgoingMail), count(Reminder))
        jobs.run_job("reminders")

    mails = db.session.scalars(select(OutgoingMail)).all()
    assert halfway[0] == 2
    assert {row.mail_id for row in db.session.scalars(select(Reminder))} == {mail.id for mail in mails}
    assert len({mail.user_id for mail in mails}) == len(mails) == 3


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_scheduler_works_at_once_and_ends_cleanly_when_asked(office, people, sink, number):
    people.make_task(due_on=date(2026, 3, 19))
    running = run_flask(office, "jobs", "run", wait=False, TRACKER_NOW="2026-03-20T15:00:00+07:00")
    wait_until(lambda: sink.got or running.poll() is not None)

    running.send_signal(number)
    output, _ = running.communicate(timeout=300)

    assert running.returncode == 0, output
    assert "đã dừng" in output
    assert sink.mails
    assert db.session.scalar(select(func.count()).where(History.do == "became_overdue")) == 1


def test_asked_to_end_before_it_began_the_scheduler_ends(office, monkeypatch):
    def asked_meanwhile(app, **words):
        made = make(app, **words)
        rescue = threading.Timer(10, lambda: made.shutdown(wait=False))
        rescue.daemon = True
        rescue.start()
        rescues.append(rescue)
        signal.raise_signal(signal.SIGTERM)
        return made

    make, rescues = scheduler.make_scheduler, []
    monkeypatch.setattr(scheduler, "make_scheduler", asked_meanwhile)

    result = runner(office)("run")

    assert rescues[0].is_alive(), "it went on until it was ended by force"
    assert result.exit_code == 0, result.output
    rescues[0].cancel()


def test_the_scheduler_wakes_without_grace_and_never_twice_at_once(office):
    made = scheduler.make_scheduler(office, stop=lambda: True)

    assert made.timezone is clock.VIETNAM
    defaults = made._job_defaults
    assert (defaults["misfire_grace_time"], defaults["coalesce"], defaults["max_instances"]) == (
        None,
        True,
        1,
    )


def test_when_the_mail_server_comes_back_the_digest_of_the_morning_arrives_once(office, people, sink):
    people.make_task(state=State.IN_PROGRESS, due_on=FRIDAY)
    use_mail_server(office, 9)
    shell = runner(office)
    shell("once", "reminders", "--now", "2026-03-20T07:00:00+07:00")
    down = shell("once", "deliver", "--now", "2026-03-20T07:00:15+07:00")
    use_mail_server(office, sink.port)

    up = [shell("once", "deliver", "--now", f"2026-03-20T0{hour}:00:00+07:00").exit_code for hour in (8, 9)]

    assert down.exit_code == 1
    assert up == [0, 0]
    assert sorted(message["To"] for message in sink.mails) == [
        "binh@song-huong.example",
        "ha@song-huong.example",
    ]


TWO_SIGNALS = """
import signal
from tracker.jobs.scheduler import asked_to_stop

with asked_to_stop() as stopping:
    told, again = stopping._cond.notify_all, [signal.SIGTERM, signal.SIGINT]

    def notify_all():
        while again:
            signal.raise_signal(again.pop())
        told()

    stopping._cond.notify_all = notify_all
    signal.raise_signal(signal.SIGTERM)
    print(stopping.is_set())
"""


def test_a_second_signal_in_the_middle_of_the_first_does_not_hang_the_process():
    done = subprocess.run(
        [sys.executable, "-c", TWO_SIGNALS], cwd=ROOT, capture_output=True, text=True, timeout=60
    )

    assert (done.stdout, done.returncode) == ("True\n", 0), done.stderr
