"""The daily mail: who is told of what on which day, once."""

from __future__ import annotations

from datetime import date, time, timedelta
from pathlib import Path

import pytest
from sqlalchemy import event, select

from tests.jobs.conftest import at
from tracker import outbox
from tracker.models import db, transaction
from tracker.models.calendar import DayKind
from tracker.models.mail import MailState, OutgoingMail, Reminder
from tracker.models.people import Digest, Role
from tracker.operations import calendar, people, progress, reminders, requests, tasks
from tracker.operations.recording import Stamp
from tracker.operations.reminders import desk, digest, writing
from tracker.rules.status import State

GOLDEN = Path(__file__).parent.parent / "golden"
GIVEN = date(2026, 3, 2)
FRIDAY, SATURDAY, MONDAY = date(2026, 3, 20), date(2026, 3, 21), date(2026, 3, 23)


def queue(day: date, hour: str = "07:00", *, sent: bool = True) -> int:
    """Queue the digests of a day and, unless told otherwise, hand them over."""
    moment = at(f"{day} {hour}")
    queued = reminders.queue_digests(today=day, at=moment)
    if sent:
        outbox.deliver_pending(now=lambda: moment, worker="test")
    return queued


def freshen(day: date, hour: str = "07:01") -> None:
    reminders.freshen_digests(today=day, at=at(f"{day} {hour}"))


def mails(day: date | None = None) -> dict[str, OutgoingMail]:
    """Return the digests by the login of their person, of one day or all."""
    db.session.expire_all()
    query = select(OutgoingMail).order_by(OutgoingMail.id)
    if day is not None:
        query = query.where(OutgoingMail.key.startswith(f"digest:{day}:"))
    return {mail.user.login: mail for mail in db.session.scalars(query)}


def told(login: str) -> list[tuple[str, date]]:
    """Return the rungs of the ladder that a person was told of, with the day."""
    query = select(Reminder).order_by(Reminder.told_on, Reminder.id)
    rows = [row for row in db.session.scalars(query) if row.user.login == login and ":" not in row.rung]
    return [(row.rung, row.told_on) for row in rows]


def nothing_else_to_say(day: date = GIVEN) -> None:
    """Let everybody have been told of what was given, so that only the ladder speaks after this."""
    queue(day)


@pytest.fixture
def running(cast):
    """A task in progress, due on a Friday, of which everybody knows that it was given."""
    task = cast.make_task(state=State.IN_PROGRESS, given_on=GIVEN, due_on=FRIDAY, content="Lập danh sách")
    nothing_else_to_say()
    return task


def run_days(first: date, last: date) -> None:
    day = first
    while day <= last:
        queue(day)
        day += timedelta(days=1)


@pytest.mark.both_databases
def test_the_ladder_speaks_before_on_and_after_the_day_and_climbs_to_office_and_leader(cast, running):
    run_days(date(2026, 3, 3), date(2026, 4, 3))

    unit = [
        ("before-7", date(2026, 3, 11)), ("before-3", date(2026, 3, 17)), ("before-1", date(2026, 3, 19)),
        ("due", FRIDAY), ("late-1", MONDAY), ("late-w5", date(2026, 3, 27)), ("late-w10", date(2026, 4, 3)),
    ]  # fmt: skip
    assert told("ha") == unit
    assert told("binh") == unit
    assert told("mai") == unit[4:]
    assert told("hung") == unit[5:]
    assert told("long") == told("lan") == told("tuan") == told("kiet") == []


def test_on_a_day_off_nothing_is_queued_and_the_next_working_day_says_it(cast, running):
    calendar.set_day(MONDAY, DayKind.DAY_OFF, stamp=Stamp(on=GIVEN), name="Nghỉ bù")

    quiet = [queue(SATURDAY), queue(SATURDAY + timedelta(days=1)), queue(MONDAY)]
    queue(date(2026, 3, 24))

    assert quiet == [0, 0, 0]
    assert told("ha")[-1] == ("late-1", date(2026, 3, 24))
    assert "quá hạn 4 ngày" in mails(date(2026, 3, 24))["ha"].text


def test_a_worked_saturday_is_a_working_day(cast, running):
    calendar.set_day(SATURDAY, DayKind.WORKING_DAY, stamp=Stamp(on=GIVEN), name="Làm bù")

    queue(SATURDAY)

    assert told("ha") == [("late-1", SATURDAY)]


@pytest.mark.both_databases
def test_run_twice_it_tells_once(cast, running):
    first = queue(date(2026, 3, 17))
    again = queue(date(2026, 3, 17), "09:00")

    assert (first, again) == (2, 0)
    assert len(mails(date(2026, 3, 17))) == 2


@pytest.mark.both_databases
def test_what_ends_while_the_ledger_is_written_leaves_neither_mail_nor_ledger(cast, running, monkeypatch):
    def ends(_rows):
        raise KeyboardInterrupt

    monkeypatch.setattr(writing, "_write_ledger", ends)
    with pytest.raises(KeyboardInterrupt):
        queue(FRIDAY, sent=False)
    left = (len(mails(FRIDAY)), told("ha"))
    monkeypatch.undo()

    queue(FRIDAY)

    assert left == (0, [])
    assert told("ha") == [("due", FRIDAY)]
    assert set(mails(FRIDAY)) == {"ha", "binh"}


def test_nothing_is_held_of_the_database_while_digests_are_decided_and_written(cast, running, monkeypatch):
    held, reach, render = [], desk.rung_reached, digest.Digest.render

    def decide(**facts):
        held.append(("decided", db.session().in_transaction()))
        return reach(**facts)

    def tell(mail):
        held.append(("written", db.session().in_transaction()))
        return render(mail)

    db.session.commit()
    monkeypatch.setattr(desk, "rung_reached", decide)
    monkeypatch.setattr(digest.Digest, "render", tell)

    assert queue(FRIDAY, sent=False) == 2
    assert set(held) == {("decided", False), ("written", False)}


def test_a_missed_night_loses_no_reminder_and_days_of_silence_give_one_mail(cast, running):
    queue(date(2026, 3, 31))

    assert told("ha") == [("late-w5", date(2026, 3, 31))]
    assert mails(date(2026, 3, 31))["ha"].subject == "[Nhắc việc] 1 quá hạn – 31/03/2026"


def test_a_day_without_a_new_rung_says_nothing(cast, running):
    queue(date(2026, 3, 17))

    assert queue(date(2026, 3, 18)) == 0


def test_a_moved_deadline_arms_the_ladder_anew(cast, running):
    queue(FRIDAY)
    later = date(2026, 4, 10)
    tasks.set_due(running, stamp=Stamp(on=FRIDAY, by=cast.tracker), due_on=later, reason="Chờ số liệu")

    run_days(MONDAY, later)

    moved = [row for row in told("ha") if row[1] >= MONDAY]
    assert [rung for rung, _ in moved] == ["before-7", "before-3", "before-1", "due"]
    assert told("mai") == []


@pytest.mark.parametrize("end", ["reported", "completed", "cancelled"])
def test_work_that_is_done_is_not_mailed(cast, running, end):
    stamp, office = Stamp(on=FRIDAY, by=cast.head), Stamp(on=FRIDAY, by=cast.tracker)
    if end == "cancelled":
        tasks.cancel(running, stamp=office, reason="Không làm nữa")
    else:
        progress.report(running, stamp=stamp, result="1/BC")
    if end == "completed":
        progress.confirm(running, stamp=office)

    queue(MONDAY)

    assert set(mails(MONDAY)) == ({"mai"} if end == "reported" else set())


def test_a_report_waits_for_those_who_confirm_and_never_for_its_own_author(cast):
    task = cast.make_task(state=State.IN_PROGRESS, given_on=GIVEN, tracker=cast.head)
    nothing_else_to_say()
    progress.report(task, stamp=Stamp(on=date(2026, 3, 9), by=cast.head), result="1/BC")

    queue(date(2026, 3, 10))

    assert set(mails(date(2026, 3, 10))) == {"mai"}
    assert "chờ xác nhận 1 ngày" in mails()["mai"].text


def test_what_is_newly_given_is_told_to_the_unit_once(cast):
    cast.make_task(given_on=GIVEN, due_on=date(2026, 12, 31))

    queue(GIVEN)
    again = queue(date(2026, 3, 3))

    assert set(mails()) == {"binh"}
    assert mails()["binh"].subject == "[Nhắc việc] 1 mới giao – 02/03/2026"
    assert again == 0


def test_work_in_progress_that_moved_is_told_once_to_the_unit_that_got_it(cast):
    task = cast.make_task(state=State.IN_PROGRESS, given_on=GIVEN, due_on=date(2026, 12, 31))
    nothing_else_to_say()
    tasks.transfer(task, stamp=Stamp(on=date(2026, 3, 9), by=cast.tracker), unit=cast.coordinating)

    queue(date(2026, 3, 10))
    again = queue(date(2026, 3, 11))

    assert set(mails(date(2026, 3, 10))) == {"long"}
    assert "mới chuyển đến" in mails()["long"].text
    assert again == 0


def test_work_that_its_unit_accepted_after_a_move_is_no_news(cast):
    task = cast.make_task(given_on=GIVEN, due_on=date(2026, 12, 31))
    tasks.transfer(task, stamp=Stamp(on=GIVEN, by=cast.tracker), unit=cast.coordinating)
    tasks.accept(task, stamp=Stamp(on=GIVEN, by=cast.coordinator))

    assert queue(GIVEN) == 0


def test_what_is_due_on_a_day_off_is_due_soon_as_early_as_the_list_says(cast, running):
    calendar.change_settings({"reminder_before": []}, stamp=Stamp(on=GIVEN, by=cast.admin))
    cast.make_task(state=State.IN_PROGRESS, given_on=GIVEN, due_on=date(2026, 3, 22), content="Trực Chủ nhật")
    cast.make_task(state=State.NOT_STARTED, given_on=GIVEN, due_on=None)

    queue(date(2026, 3, 17))

    assert "SẮP ĐẾN HẠN (2)" in mails(date(2026, 3, 17))["binh"].text


def test_the_hour_of_a_deadline_stands_on_its_line(cast):
    cast.make_task(state=State.IN_PROGRESS, given_on=GIVEN, due_on=FRIDAY, due_time=time(14))

    queue(FRIDAY)

    assert "Hạn 14:00 20/03/2026 · hạn 14:00 hôm nay" in mails(FRIDAY)["ha"].text


def test_a_request_waits_for_those_who_decide_and_the_answer_goes_to_the_unit(cast, running):
    day = date(2026, 3, 4)
    asking = Stamp(on=day, by=cast.head)
    requests.ask_extension(running, stamp=asking, until=date(2026, 5, 29), reason="Cần thêm thời gian")
    queue(day)
    requests.grant_extension(running, stamp=Stamp(on=day, by=cast.tracker))
    queue(date(2026, 3, 5))

    assert "xin gia hạn đến 29/05/2026" in mails(day)["mai"].text
    assert set(mails(date(2026, 3, 5))) == {"ha", "binh"}
    assert "được gia hạn" in mails(date(2026, 3, 5))["ha"].text


def test_people_without_an_address_or_account_get_nothing_and_hinder_nobody(cast, running):
    with transaction():
        cast.head.email = None
        cast.officer.email = "a@b,evil@x"
    other = cast.make_person(unit=cast.lead, role=Role.UNIT_HEAD)
    gone = cast.make_person(unit=cast.lead, role=Role.UNIT_HEAD)
    with transaction():
        gone.active = False

    queue(FRIDAY)

    assert set(mails(FRIDAY)) == {other.login}
    assert told("ha") == told("binh") == []


def test_a_role_that_has_ended_is_told_no_more(cast, running):
    people.end_role(cast.head, stamp=Stamp(on=date(2026, 3, 10)), unit=cast.lead, role=Role.UNIT_HEAD)

    queue(FRIDAY)

    assert set(mails(FRIDAY)) == {"ha"}


def test_a_unit_without_a_head_is_told_through_its_leaders(cast):
    commune = cast.make_unit(kind="commune")
    leader = cast.make_person(unit=commune, role=Role.LEADER)
    cast.make_task(unit=commune, given_on=GIVEN, due_on=FRIDAY)

    queue(GIVEN)

    assert set(mails()) == {leader.login}


def test_where_no_leader_is_named_the_leaders_of_the_assigner_are_told(cast):
    cast.make_task(state=State.IN_PROGRESS, given_on=GIVEN, due_on=FRIDAY, leader=None, tracker=None)

    queue(date(2026, 3, 27))

    assert {"mai", "hung"} <= set(mails())


def test_whoever_wants_a_weekly_mail_is_told_daily_only_of_what_is_overdue(cast):
    with transaction():
        cast.officer.digest = Digest.WEEKLY
    late = cast.make_task(
        state=State.IN_PROGRESS, given_on=GIVEN, due_on=date(2026, 3, 9), content="Việc trễ"
    )
    soon = cast.make_task(
        state=State.IN_PROGRESS, given_on=GIVEN, due_on=date(2026, 3, 13), content="Việc sắp"
    )

    run_days(date(2026, 3, 10), date(2026, 3, 12))
    tuesday_to_thursday = mails()["ha"]
    progress.report(late, stamp=Stamp(on=date(2026, 3, 12), by=cast.head), explanation="Chậm", result="1/BC")
    tasks.set_due(soon, stamp=Stamp(on=date(2026, 3, 12)), due_on=date(2026, 3, 18), reason="Lùi")
    queue(date(2026, 3, 13))
    queue(date(2026, 3, 16))

    assert tuesday_to_thursday.key == f"digest:2026-03-10:{cast.officer.id}"
    assert "Việc trễ" in tuesday_to_thursday.text
    assert "Việc sắp" not in tuesday_to_thursday.text
    assert "ha" not in mails(date(2026, 3, 13))
    assert "Việc sắp" in mails(date(2026, 3, 16))["ha"].text


@pytest.mark.both_databases
def test_work_finished_between_queueing_and_sending_leaves_the_mail(cast, running):
    cast.make_task(state=State.IN_PROGRESS, given_on=GIVEN, due_on=FRIDAY, content="Việc còn lại")
    queue(FRIDAY, sent=False)
    before = mails(FRIDAY)["ha"]
    assert "Lập danh sách" in before.text
    tasks.cancel(running, stamp=Stamp(on=FRIDAY, by=cast.tracker), reason="Thôi")

    freshen(FRIDAY)

    after = mails(FRIDAY)["ha"]
    assert (after.id, after.state, after.message_id) == (before.id, MailState.QUEUED, before.message_id)
    assert "Lập danh sách" not in after.text
    assert "Việc còn lại" in after.text
    assert told("ha") == [("due", FRIDAY)]


def test_a_mail_that_waits_and_says_the_same_for_another_rung_is_kept_as_telling_that_one(cast, running):
    friday = date(2026, 3, 27)
    queue(friday, sent=False)
    calendar.change_setting("reminder_late_every", 2, stamp=Stamp(on=friday))

    freshen(friday)

    assert told("ha") == [("late-w4", friday)]


def test_a_mail_with_nothing_left_to_say_is_cancelled(cast, running):
    queue(FRIDAY, sent=False)
    tasks.cancel(running, stamp=Stamp(on=FRIDAY, by=cast.tracker), reason="Thôi")

    freshen(FRIDAY)

    assert {mail.state for mail in mails(FRIDAY).values()} == {MailState.CANCELLED}
    assert told("ha") == []


def test_work_moved_to_another_unit_is_mailed_there_and_no_more_here(cast, running):
    queue(FRIDAY, sent=False)
    tasks.transfer(running, stamp=Stamp(on=FRIDAY, by=cast.tracker), unit=cast.coordinating)

    freshen(FRIDAY)
    queue(FRIDAY, "07:02", sent=False)

    assert mails(FRIDAY)["ha"].state is MailState.CANCELLED
    assert "Lập danh sách" in mails(FRIDAY)["long"].text


def test_a_mail_of_an_earlier_day_is_replaced_by_one_that_says_what_is_true_now(cast, running):
    queue(FRIDAY, sent=False)

    freshen(MONDAY, "07:00")
    again = queue(MONDAY, sent=False)

    assert mails(FRIDAY)["ha"].state is MailState.CANCELLED
    assert mails(MONDAY)["ha"].state is MailState.QUEUED
    assert "quá hạn 3 ngày" in mails(MONDAY)["ha"].text
    assert told("ha") == [("late-1", MONDAY)]
    assert again == 1, "the office was not told yet"


@pytest.mark.parametrize("moment", [(SATURDAY, "00:00"), (SATURDAY, "10:00"), (MONDAY, "06:59")])
def test_at_night_and_on_a_day_off_a_mail_of_yesterday_is_called_back_and_none_takes_its_place(
    cast, running, moment
):
    queue(FRIDAY, sent=False)

    freshen(*moment)
    early = queue(*moment, sent=False)
    called_back = {mail.state for mail in mails(FRIDAY).values()}
    queue(MONDAY, sent=False)

    assert early == 0
    assert called_back == {MailState.CANCELLED}
    assert set(mails(MONDAY)) == {"ha", "binh", "mai"}
    assert told("ha") == [("late-1", MONDAY)]


def test_a_mail_of_today_is_kept_up_to_date_also_when_the_hour_was_put_off_meanwhile(cast, running):
    queue(FRIDAY, sent=False)
    calendar.change_setting("reminder_time", "09:00", stamp=Stamp(on=FRIDAY))
    tasks.cancel(running, stamp=Stamp(on=FRIDAY, by=cast.tracker), reason="Thôi")
    cast.make_task(state=State.IN_PROGRESS, given_on=GIVEN, due_on=FRIDAY, content="Việc còn lại")

    freshen(FRIDAY, "08:00")

    assert mails(FRIDAY)["ha"].state is MailState.QUEUED
    assert "Lập danh sách" not in mails(FRIDAY)["ha"].text
    assert "Việc còn lại" in mails(FRIDAY)["ha"].text


def test_a_mail_that_a_sender_holds_is_not_touched(cast, running):
    queue(FRIDAY, sent=False)
    with transaction():
        for mail in mails(FRIDAY).values():
            mail.state, mail.leased_by, mail.leased_until = MailState.SENDING, "x", at("2026-03-20 07:10")
    tasks.cancel(running, stamp=Stamp(on=FRIDAY, by=cast.tracker), reason="Thôi")

    freshen(FRIDAY)

    assert {mail.state for mail in mails(FRIDAY).values()} == {MailState.SENDING}


def test_a_mail_that_is_unchanged_keeps_every_byte(cast, running):
    queue(FRIDAY, sent=False)
    before = {login: (mail.id, mail.text, mail.html) for login, mail in mails().items()}

    freshen(FRIDAY)

    assert {login: (mail.id, mail.text, mail.html) for login, mail in mails().items()} == before


def test_a_long_list_shows_twenty_lines_and_tells_the_rest_on_the_next_day(cast):
    for _ in range(25):
        cast.make_task(state=State.IN_PROGRESS, given_on=GIVEN, due_on=FRIDAY)
    nothing_else_to_say()

    queue(FRIDAY)
    queue(MONDAY)

    first = mails(FRIDAY)["ha"]
    assert first.subject == "[Nhắc việc] 25 đến hạn – 20/03/2026"
    assert first.text.count("http://127.0.0.1:8000/nhiem-vu/") == 20
    assert "và 5 việc khác" in first.text
    assert len([row for row in told("ha") if row[0] == "due"]) == 20


def test_a_long_list_of_old_work_never_hides_what_is_new(cast):
    for _ in range(20):
        cast.make_task(state=State.IN_PROGRESS, given_on=GIVEN, due_on=date(2026, 3, 13))
    run_days(GIVEN, date(2026, 3, 16))
    cast.make_task(given_on=date(2026, 3, 16), due_on=None, content="Việc vừa giao")

    queue(date(2026, 3, 17))

    mail = mails(date(2026, 3, 17))["binh"]
    assert "Việc vừa giao" in mail.text
    assert "và 1 việc khác" in mail.text


def test_the_longest_mail_stays_below_thirty_kilobytes(cast, session):
    wide = "Ệ" * 5_000
    for number in range(30):
        directive = cast.make_directive(number=f"{number}/" + "Ẵ" * 60)
        cast.make_task(
            state=State.IN_PROGRESS, given_on=GIVEN, due_on=FRIDAY, directive=directive, content=wide
        )

    queue(MONDAY)

    from tracker.outbox.post import Letter, OutboxMessage

    mail = mails(MONDAY)["ha"]
    letter = Letter(mail.id, mail.address, mail.subject, mail.text, mail.html, mail.message_id, 0)
    assert len(OutboxMessage(letter, at=at("2026-03-23 07:00")).as_bytes()) <= 30_000


def test_contents_make_neither_headers_nor_markup_nor_lines_of_their_own(cast):
    with transaction():
        cast.officer.name = "Hà\r\nBcc: evil@x.example"
    content = "Việc\r\n\r\n- Dòng giả\nhttp://evil.example <script>alert(1)</script>"
    cast.make_task(state=State.IN_PROGRESS, given_on=GIVEN, due_on=FRIDAY, content=content)

    queue(FRIDAY)

    mail = mails(FRIDAY)["ha"]
    assert "\n- Dòng giả" not in mail.text
    assert mail.text.count("\n- ") == 1
    assert "<script>" not in mail.html
    assert "\n" not in mail.subject
    assert "\nBcc" not in mail.text


def test_the_number_of_reading_statements_does_not_grow_with_people_and_tasks(cast):
    def statements() -> int:
        count = 0

        def note(_connection, _cursor, statement, *_rest):
            nonlocal count
            count += statement.lstrip().upper().startswith("SELECT")

        event.listen(db.engine, "before_cursor_execute", note)
        try:
            queue(FRIDAY)
        finally:
            event.remove(db.engine, "before_cursor_execute", note)
        db.session.query(Reminder).delete()
        db.session.query(OutgoingMail).delete()
        db.session.commit()
        return count

    cast.make_task(state=State.IN_PROGRESS, given_on=GIVEN, due_on=FRIDAY)
    few = statements()
    for _ in range(8):
        unit = cast.make_unit()
        cast.make_person(unit=unit, role=Role.UNIT_HEAD)
        cast.make_task(state=State.IN_PROGRESS, given_on=GIVEN, due_on=FRIDAY, unit=unit)
    many = statements()

    assert few == many


def world_of_the_golden_mail(cast):
    directive = cast.make_directive(number="254/UBND-NV", subject="Về rà soát")
    plan = cast.make_directive(kind="KH", number="122/KH-UBND")
    spoken = cast.make_directive(kind="YKCĐ", number=None)
    make = cast.make_task
    make(
        state=State.IN_PROGRESS,
        due_on=date(2026, 3, 18),
        directive=directive,
        content="Báo cáo kết quả rà soát thủ tục",
    )
    make(
        state=State.IN_PROGRESS,
        due_on=FRIDAY,
        directive=plan,
        content="Tổng hợp danh sách cán bộ <chuyên trách> & bán chuyên trách",
    )
    make(
        state=State.NOT_STARTED,
        due_on=date(2026, 3, 24),
        directive=directive,
        content="Chuẩn bị hội nghị sơ kết quý I",
        officer=cast.officer,
    )
    make(
        state=State.NOT_STARTED,
        due_on=None,
        given_on=date(2026, 3, 19),
        directive=spoken,
        content="Theo dõi công tác tiếp dân",
        officer=cast.officer,
    )
    back = make(
        state=State.AWAITING_CONFIRMATION,
        due_on=date(2026, 6, 30),
        reported_on=date(2026, 3, 18),
        directive=plan,
        content="Xây dựng kế hoạch đào tạo",
    )
    progress.rework(back, stamp=Stamp(on=date(2026, 3, 19), by=cast.tracker), reason="Thiếu phụ lục")


@pytest.mark.parametrize("part", ["subject.txt", "body.txt", "body.html"])
def test_the_digest_reads_byte_for_byte_as_the_golden_mail(cast, part, request):
    world_of_the_golden_mail(cast)

    queue(FRIDAY)

    mail = mails(FRIDAY)["ha"]
    text = {"subject.txt": mail.subject + "\n", "body.txt": mail.text, "body.html": mail.html}[part]
    first_id = db.session.scalar(select(Reminder.task_id).order_by(Reminder.task_id).limit(1))
    for number in range(5):
        text = text.replace(f"/nhiem-vu/{first_id + number}", f"/nhiem-vu/{number + 1}")
    golden = GOLDEN / f"digest.{part}"
    assert text == golden.read_text(encoding="utf-8")


def test_queued_mails_go_to_checked_addresses_only(cast, running):
    queue(FRIDAY)

    assert {mail.address for mail in mails(FRIDAY).values()} == {
        outbox.address_of(cast.officer.email),
        outbox.address_of(cast.head.email),
    }
