"""The job of the monthly report: when it is due, and that the files really arrive."""

from __future__ import annotations

import io
from datetime import date, timedelta

import pytest
from docx import Document
from openpyxl import load_workbook
from sqlalchemy import func, select

from tests.jobs.conftest import Clock, at, run_flask
from tracker import clock, jobs, outbox
from tracker.models import db, transaction
from tracker.models.calendar import CalendarDay, DayKind
from tracker.models.mail import JobRun, MailState, OutgoingMail
from tracker.models.report import Report
from tracker.rules.status import State

NAME = "monthly-report"


@pytest.fixture
def overdue(people):
    """An office with two overdue tasks at the end of March 2026; the first of April is a Wednesday."""
    people.make_task(state=State.IN_PROGRESS, due_on=date(2026, 3, 20))
    people.make_task(unit=people.commune, due_on=date(2026, 3, 27), content="=1+1")
    db.session.commit()
    return people


def wake_at(text):
    with clock.standing_at(at(text)):
        jobs.wake(NAME, stop=lambda: False)
    return db.session.scalar(select(func.count()).select_from(Report))


def test_it_is_made_at_half_past_seven_of_the_first_working_day(overdue):
    made = [wake_at(text) for text in ("2026-04-01 00:10", "2026-04-01 07:29", "2026-04-01 07:30")]

    assert made == [0, 0, 1]


def test_days_off_at_the_start_of_a_month_put_it_off(overdue):
    with transaction():
        for day in (date(2026, 4, 1), date(2026, 4, 2), date(2026, 4, 3)):
            db.session.add(CalendarDay(day=day, kind=DayKind.DAY_OFF, name="Nghỉ"))

    made = [wake_at(f"{day} 08:00") for day in ("2026-04-01", "2026-04-03", "2026-04-05", "2026-04-06")]

    assert made == [0, 0, 0, 1]


def test_off_on_the_day_it_is_made_once_on_a_later_day_as_of_the_same_last_day(overdue):
    made = [wake_at(text) for text in ("2026-04-20 03:00", "2026-04-20 03:01", "2026-04-21 07:30")]

    (report,) = db.session.scalars(select(Report))
    assert made == [1, 1, 1]
    assert (report.last_on, report.edition) == (date(2026, 3, 31), 1)
    assert db.session.scalar(select(func.count()).select_from(OutgoingMail)) == 4


def test_a_report_that_could_not_be_made_is_tried_again(overdue, monkeypatch):
    from tracker.operations import reports

    write = reports._write
    monkeypatch.setattr(reports, "_write", lambda *_args, **_values: 1 / 0)
    assert wake_at("2026-04-01 07:30") == 0
    monkeypatch.setattr(reports, "_write", write)

    made = [wake_at("2026-04-01 07:31"), wake_at("2026-04-01 07:36")]

    assert made == [0, 1]
    first, second = db.session.scalars(select(JobRun).where(JobRun.name == NAME).order_by(JobRun.id))
    assert (first.succeeded, second.succeeded) == (False, True)
    assert "Chưa lập được: UBND thành phố Sông Hương" in first.detail


@pytest.mark.both_databases
def test_run_by_hand_in_processes_it_makes_one_report(office, overdue):
    codes = [run_flask(office, "jobs", "once", NAME, "--now", "2026-04-01T07:30") for _ in range(2)]

    assert [code for code, _output in codes] == [0, 0]
    assert "Lập 1 báo cáo quá hạn tháng, xếp 4 thư" in codes[0][1]
    assert "Lập 0 báo cáo" in codes[1][1]
    assert db.session.scalar(select(func.count()).select_from(Report)) == 1


def test_a_month_without_a_working_day_is_reported_all_the_same(office, overdue):
    with transaction():
        first = date(2026, 4, 1)
        for step in range(30):
            db.session.add(CalendarDay(day=first + timedelta(days=step), kind=DayKind.DAY_OFF, name="Nghỉ"))

    code, output = run_flask(office, "jobs", "once", NAME, "--now", "2026-04-01T07:30")

    assert (code, "Lập 1 báo cáo" in output) == (0, True)


def test_the_files_arrive_and_open(office, overdue, sink):
    wake_at("2026-04-01 07:30")

    outbox.deliver_pending(now=Clock(at("2026-04-01 07:31")), worker="một", stop=lambda: False)

    mails = {mail["To"]: mail for mail in sink.mails}
    assert len(mails) == len(sink.mails) == 4
    assert set(db.session.scalars(select(OutgoingMail.state))) == {MailState.SENT}
    whole = mails["hung@song-huong.example"]
    words = "[Báo cáo] 2 nhiệm vụ quá hạn hết tháng 03/2026 – UBND thành phố Sông Hương giao"
    assert whole["Subject"] == words
    sheet, paper = whole.iter_attachments()
    assert [sheet.get_filename(), paper.get_filename()] == [
        "bao-cao-qua-han-2026-03-song-huong.xlsx", "bao-cao-qua-han-2026-03-song-huong.docx"
    ]  # fmt: skip
    book = load_workbook(io.BytesIO(sheet.get_content()))
    listed = [row[2] for row in book["Nhiệm vụ quá hạn"].iter_rows(min_row=4)]
    assert (listed[1].value, listed[1].data_type) == ("=1+1", "s")
    lines = [paragraph.text for paragraph in Document(io.BytesIO(paper.get_content())).paragraphs]
    assert "Tình hình nhiệm vụ quá hạn tháng 3 năm 2026" in lines
    text = whole.get_body(("plain",)).get_content()
    assert text.startswith("Ông/bà Trần Quốc Hùng nhận thư này vì")
    assert "2 nhiệm vụ mới quá hạn" in text
    part = mails["binh@song-huong.example"]
    assert [each.get_filename()[-11:] for each in part.iter_attachments()] == ["noi-vu.xlsx", "noi-vu.docx"]
