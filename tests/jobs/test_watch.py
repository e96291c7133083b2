"""Signs of life, gaps, and the mails that tell administrators of the system what is wrong."""

from __future__ import annotations

import threading
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from tests.jobs.conftest import Clock, at, kill, put_mail, run_flask, wait_until
from tests.queries.signs import findings_at
from tracker import clock, jobs, outbox
from tracker.models import db, transaction
from tracker.models.calendar import CalendarDay, DayKind
from tracker.models.mail import GAP, JobRun, MailState, OutgoingMail
from tracker.models.people import Role
from tracker.operations import runs, watch
from tracker.queries.jobs import job_statuses, workers

JOB = ["jobs", "once", "deliver"]
pytestmark = pytest.mark.usefixtures("calendar_to_the_end_of_next_year")


@pytest.fixture
def calendar_to_the_end_of_next_year(office):
    """Nothing to say of the calendar, nor of backups."""
    office.config["BACKUP_FOLDER"] = ""
    db.session.add_all(CalendarDay(day=date(year, 9, 2), kind=DayKind.DAY_OFF) for year in (2026, 2027))
    db.session.commit()


def run_at(moment, *names):
    """Run jobs as the scheduler does, at a moment of the wall clock in Vietnam."""
    with clock.standing_at(at(moment) if isinstance(moment, str) else moment):
        return [jobs.run_job(name) for name in names]


def live(first, last, *, step=30):
    """Let a scheduler work from one moment to another."""
    moment = at(first)
    while moment <= at(last):
        run_at(moment, "deliver", "exports", "sheets", "prompt", "watch")
        moment += timedelta(seconds=step)


def alarms():
    db.session.expire_all()
    query = select(OutgoingMail).where(OutgoingMail.kind == "alarm").order_by(OutgoingMail.id)
    return list(db.session.scalars(query))


def gaps():
    db.session.expire_all()
    query = select(JobRun).where(JobRun.name == GAP, JobRun.ended_at > JobRun.started_at)
    return list(db.session.scalars(query))


def faults_at(moment):
    return [each.word for each in findings_at(at(moment)) if each.severity == "fault"]


def test_a_scheduler_that_works_is_well_and_one_that_dies_is_found_within_three_minutes(office):
    live("2026-03-20 00:00", "2026-03-20 00:04")

    moments = ("00:04:30", "00:06:15", "00:06:45", "00:07:00")
    silent = [faults_at(f"2026-03-20 {moment}") for moment in moments]

    assert silent == [[], [], ["scheduler"], ["scheduler"]]


def test_before_its_first_start_the_scheduler_is_said_never_to_have_run(office):
    (finding,) = [each for each in findings_at(at("2026-03-20 00:01")) if each.severity == "fault"]

    assert finding.msgid == "Bộ lập lịch chưa chạy lần nào."


def test_a_sender_that_takes_an_hour_over_ten_thousand_mails_is_not_called_dead(office, sink, monkeypatch):
    for number in range(60):
        put_mail(f"thu-{number}", at=at("2026-03-20 07:00"))
    moment = Clock(at("2026-03-20 07:00"))
    monkeypatch.setattr(clock, "now", moment)
    for name in ("overdue", "series", "backup", "check", "reminders", "prompt", "exports", "watch"):
        jobs.run_job(name)
    seen = []

    def slowly(_number):
        moment.forward(minutes=1)
        with office.app_context():
            jobs.run_job("watch")
            jobs.run_job("prompt")
            jobs.run_job("exports")
            jobs.run_job("sheets")
            seen.append([each.word for each in findings_at(moment.moment) if each.severity == "fault"])

    sink.answer = slowly
    jobs.run_job("deliver")

    assert len(seen) == 60
    assert {word for words in seen for word in words} <= {"job:monthly-report"}
    (run,) = db.session.scalars(select(JobRun).where(JobRun.name == "deliver"))
    assert run.ended_at - run.started_at == timedelta(hours=1)


def test_a_sender_that_hangs_is_found_while_the_rest_of_the_scheduler_goes_on(office, sink):
    run_at("2026-03-20 00:00", "deliver", "watch")
    for minute in range(1, 9):
        run_at(f"2026-03-20 00:0{minute}", "watch", "exports", "sheets", "prompt")

    (finding,) = [each for each in findings_at(at("2026-03-20 00:08")) if each.severity == "fault"]

    assert finding.word == "job:deliver"
    assert finding.values["since"] == "00:00 20/03/2026"


def test_a_daily_job_that_works_for_long_is_running_and_a_killed_one_was_interrupted(office):
    run_at("2026-03-20 00:04", "deliver")
    runs.write(None, "overdue", worker=outbox.worker_name(), started_at=at("2026-03-20 00:05"),
               at=at("2026-03-20 00:05"))  # fmt: skip

    def standing(moment):
        (status,) = [each for each in job_statuses(at(moment), zone=clock.VIETNAM) if each.name == "overdue"]
        return status.is_running, status.is_interrupted, status.is_overdue

    live("2026-03-20 00:05", "2026-03-20 00:40", step=60)
    at_work = standing("2026-03-20 00:40")

    assert at_work == (True, False, False)
    assert standing("2026-03-20 00:43") == (False, True, True)


def test_a_gap_of_the_scheduler_is_on_record_and_told_once_when_it_is_over(office, people, sink):
    live("2026-03-19 22:00", "2026-03-19 22:02")

    run_at("2026-03-20 06:00", "deliver", "watch", "watch")
    run_at("2026-03-20 06:01", "watch", "deliver")

    (gap,) = gaps()
    (mail,) = alarms()
    assert (gap.started_at, gap.ended_at) == (at("2026-03-19 22:02"), at("2026-03-20 06:00"))
    assert mail.subject == (
        "[Cảnh báo] Bộ lập lịch đã ngừng từ 22:02 19/03/2026 đến 06:00 20/03/2026 và nay chạy lại."
    )
    assert [message["To"] for message in sink.mails] == [people.admin.email]


def test_work_that_a_long_gap_left_over_is_no_fault_until_its_grace_has_passed(office, people):
    live("2026-03-19 07:00", "2026-03-19 07:01")
    run_at("2026-03-20 09:00", "deliver", "exports", "sheets", "watch", "prompt")
    for minute in range(1, 17):
        run_at(f"2026-03-20 09:{minute:02}", "deliver", "exports", "sheets", "watch", "prompt")

    soon, late = faults_at("2026-03-20 09:15"), faults_at("2026-03-20 09:16")

    assert soon == []
    assert late == ["job:overdue", "job:series", "job:check", "job:reminders", "job:monthly-report"]


def test_each_fault_is_told_once_a_day_to_every_administrator_of_a_root_and_nobody_else(office, people):
    second = people.make_person(unit=people.city, role=Role.ADMIN)
    people.make_person(unit=people.lead, role=Role.ADMIN)
    people.make_person(unit=people.city, role=Role.ADMIN, email=None)
    people.make_person(unit=people.city, role=Role.ADMIN, email="không phải địa chỉ")
    live("2026-03-20 00:00", "2026-03-20 00:30", step=60)
    of_the_day = sorted(mail.key for mail in alarms() if "job:overdue" in mail.key)

    found = findings_at(at("2026-03-20 00:30"))
    again = watch.tell(found, today=date(2026, 3, 20), at=at("2026-03-20 23:59"))
    next_day = watch.tell(found, today=date(2026, 3, 21), at=at("2026-03-21 00:00"))

    assert of_the_day == sorted(
        f"alarm:job:overdue:2026-03-20:{each.id}" for each in (people.admin, second)
    )
    assert again == 0
    assert next_day == 2 * len(found)


def test_what_is_to_be_seen_to_is_told_once_a_week(office, people):
    db.session.query(CalendarDay).delete()
    db.session.commit()

    for day in range(16, 24):
        run_at(f"2026-03-{day} 00:00", "overdue", "deliver", "prompt", "watch")

    keys = [mail.key for mail in alarms() if ":calendar:" in mail.key]
    assert keys == [f"alarm:calendar:2026-03-{monday}:{people.admin.id}" for monday in (16, 23)]


def test_mails_that_are_due_while_nothing_is_sent_are_a_fault(office):
    put_mail(at=at("2026-03-20 00:00"))
    run_at("2026-03-19 23:50", "watch")
    for minute in range(12):
        run_at(f"2026-03-20 00:{minute:02}", "watch", "exports", "sheets", "prompt")
    with clock.standing_at(at("2026-03-20 00:11")):
        runs.beat("deliver", worker="máy khác", started_at=at("2026-03-20 00:11"), at=at("2026-03-20 00:11"))

    assert faults_at("2026-03-20 00:10") == []
    assert faults_at("2026-03-20 00:11") == ["mail"]


def test_a_mail_that_was_put_off_again_and_again_is_told_of(office, sink):
    sink.answer = lambda _number: "451 4.3.0 Thu lai sau"
    put_mail(at=at("2026-03-20 00:00"))
    told = []
    for moment in ("00:00", "00:02", "00:08", "00:25"):
        with clock.standing_at(at(f"2026-03-20 {moment}")), pytest.raises(jobs.JobTroubled):
            jobs.run_job("deliver")
        told.append("mail-slow" in {each.word for each in findings_at(at(f"2026-03-20 {moment}"))})

    assert told == [False, False, False, True]


def test_a_sign_of_life_from_the_future_neither_hides_a_dead_scheduler_nor_goes_unsaid(office):
    run_at("2026-03-20 02:00", "overdue", "deliver", "watch")

    words = [each.word for each in findings_at(at("2026-03-20 00:03"))]

    assert "scheduler" in words
    assert "clock" in words


@pytest.mark.both_databases
def test_two_schedulers_leave_a_row_each_and_both_are_seen(office):
    for second in range(0, 300, 15):
        moment = at("2026-03-20 00:00") + timedelta(seconds=second)
        for worker in ("một", "hai"):
            runs.beat("deliver", worker=worker, started_at=moment, at=moment)

    seen = {worker.name for worker in workers(at("2026-03-20 00:05"))}
    rows = db.session.scalars(select(JobRun.worker).where(JobRun.name == "deliver")).all()

    assert seen == {"một", "hai"}
    assert sorted(rows) == ["hai", "một"]


@pytest.mark.both_databases
def test_two_schedulers_that_begin_at_once_after_a_gap_record_it_once(office):
    run_at("2026-03-20 00:00", "deliver")
    moment = at("2026-03-20 01:00")

    def begin():
        with office.app_context():
            runs.beat("deliver", worker="hai", started_at=moment, at=moment)
            db.session.remove()

    second = threading.Thread(target=begin)
    with transaction():
        runs.beat("deliver", worker="một", started_at=moment, at=moment)
        second.start()
        second.join(0.5)
    second.join()

    assert len(gaps()) == 1


def test_the_row_of_a_worker_that_is_gone_is_taken_over(office):
    for hour in range(10):
        moment = at("2026-03-20 00:00") + timedelta(hours=hour)
        runs.beat("deliver", worker=f"máy:{hour}", started_at=moment, at=moment)

    assert len(db.session.scalars(select(JobRun).where(JobRun.name == "deliver")).all()) == 1


@pytest.mark.both_databases
def test_a_scheduler_killed_for_real_is_found_and_the_shell_sends_the_alarm_that_it_cannot(
    office, people, sink, monkeypatch
):
    scheduler = run_flask(office, "jobs", "run", wait=False)
    wait_until(lambda: (db.session.rollback(), workers(clock.now()))[1])
    well = [each.word for each in findings_at(clock.now()) if each.word == "scheduler"]
    kill(scheduler)
    put_mail("khong-phai-canh-bao", at=clock.now())
    sink.got.clear()
    later = clock.now() + timedelta(minutes=3)

    code, output = run_flask(office, "jobs", "status", TRACKER_NOW=later.isoformat())
    again, _ = run_flask(office, "jobs", "status", TRACKER_NOW=later.isoformat())

    assert well == []
    assert (code, again) == (1, 1)
    assert "LỖI: Bộ lập lịch đã ngừng từ" in output
    assert [message["To"] for message in sink.mails] == [people.admin.email]
    assert "Bộ lập lịch đã ngừng từ" in sink.mails[0]["Subject"]
    waiting = select(OutgoingMail.state).where(OutgoingMail.key == "khong-phai-canh-bao")
    assert db.session.scalar(waiting) is MailState.QUEUED


def test_the_shell_says_in_words_that_there_are_no_tables_or_no_database(own_app, tmp_path):
    db.session.remove()
    db.drop_all()
    shell = own_app.test_cli_runner()

    answers = [shell.invoke(args=words) for words in (JOB, ["jobs", "status"], ["backup"])]
    gone, said = run_flask(own_app, "jobs", "status", DATABASE_URL="postgresql://x@127.0.0.1:1/x")

    for answer in answers:
        assert answer.exit_code == 1
        assert "db upgrade" in answer.output
        assert "Traceback" not in answer.output
    assert (gone, "Không kết nối được cơ sở dữ liệu" in said, "Traceback" in said) == (1, True, False)
