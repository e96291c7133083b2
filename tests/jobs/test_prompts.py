"""What does not wait for the daily mail: told at once, once, and at most one mail a quarter of an hour."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from sqlalchemy import event, select

from tests.factories import make_cast
from tests.jobs.conftest import at, run_flask
from tracker import clock, jobs, outbox
from tracker.models import db, transaction
from tracker.models.mail import MailState, OutgoingMail, Reminder
from tracker.models.people import Digest, Role
from tracker.operations import calendar, people, progress, reminders, requests, tasks, units
from tracker.operations.recording import Stamp
from tracker.operations.reminders import writing
from tracker.outbox.post import Letter, OutboxMessage
from tracker.rules.status import State

GIVEN = date(2026, 3, 2)
THURSDAY, FRIDAY, SATURDAY = date(2026, 3, 19), date(2026, 3, 20), date(2026, 3, 21)
NINE = at("2026-03-20 09:00")


def stamp(by=None, moment: datetime = NINE) -> Stamp:
    return Stamp(on=clock.day_of(moment), by=by, at=moment)


def prompt(moment: datetime = NINE, *, sent: bool = True) -> int:
    """Queue the prompts of a moment and, unless told otherwise, hand them over."""
    queued = reminders.queue_prompts(today=clock.day_of(moment), at=moment)
    if sent:
        outbox.deliver_pending(now=lambda: moment, worker="test")
    return queued


def daily(moment: datetime, *, sent: bool = True) -> int:
    queued = reminders.queue_digests(today=clock.day_of(moment), at=moment)
    if sent:
        outbox.deliver_pending(now=lambda: moment, worker="test")
    return queued


def freshen(moment: datetime = NINE) -> None:
    reminders.freshen_prompts(today=clock.day_of(moment), at=moment)


def mails(kind: str = "prompt") -> dict[str, list[OutgoingMail]]:
    """Return the mails of a kind by the login of their person, in their order."""
    db.session.expire_all()
    found: dict[str, list[OutgoingMail]] = {}
    for mail in db.session.scalars(
        select(OutgoingMail).where(OutgoingMail.kind == kind).order_by(OutgoingMail.id)
    ):
        found.setdefault(mail.user.login, []).append(mail)
    return found


def told(login: str) -> list[str]:
    """Return the rungs that a person was told, without the number that news carry."""
    rows = db.session.scalars(select(Reminder).order_by(Reminder.id))
    return [row.rung.partition(":")[0] for row in rows if row.user.login == login]


def give(cast, *, urgency: str = "express", moment: datetime = NINE, unit=None, **order):
    """Give a task at a moment, by the office, under a directive of this urgency."""
    directive = cast.make_directive(on=clock.day_of(moment), urgency=urgency, number="9/UBND-VP")
    values = {"content": "Kiểm tra đê điều", "due_on": date(2026, 12, 31), "officer": cast.officer} | order
    (task,) = tasks.give(
        directive, [tasks.Order(unit=unit or cast.lead, **values)], stamp=stamp(cast.tracker, moment)
    )
    return task


@pytest.fixture
def people_of_office(office):
    """The cast, in the office that really stores."""
    return make_cast()


@pytest.fixture
def running(cast):
    """A task in progress, due at noon of 31 March, whose giving is no news any more."""
    return cast.make_task(
        state=State.IN_PROGRESS, given_on=GIVEN, due_on=date(2026, 3, 31), content="Lập danh sách"
    )


@pytest.mark.both_databases
def test_an_urgent_task_is_told_at_once_to_officer_and_head_and_to_nobody_twice(cast):
    give(cast)

    first, again = prompt(), prompt(NINE + timedelta(hours=1))

    assert (first, again) == (2, 0)
    assert set(mails()) == {"ha", "binh"}
    (mail,) = mails()["ha"]
    assert mail.subject == "[Việc mới – hỏa tốc] Kiểm tra đê điều"
    assert mail.key == f"prompt:{cast.officer.id}:0"
    assert told("ha") == told("binh") == ["given"]


def test_the_daily_mail_does_not_tell_as_new_what_was_told_at_once(cast):
    give(cast)
    prompt()

    assert daily(NINE + timedelta(hours=1)) == 0


def test_what_the_daily_mail_told_is_not_told_at_once_again(cast):
    give(cast)
    daily(NINE)

    assert prompt(NINE + timedelta(minutes=1)) == 0


@pytest.mark.parametrize(("urgency", "word"), [("urgent", "khẩn"), ("very_urgent", "thượng khẩn")])
def test_each_degree_of_urgency_is_named(cast, urgency, word):
    give(cast, urgency=urgency)

    prompt()

    assert mails()["ha"][0].subject.startswith(f"[Việc mới – {word}]")


def test_an_ordinary_task_waits_for_the_daily_mail(cast):
    give(cast, urgency="normal")

    assert prompt() == 0
    assert daily(NINE) == 2


def test_who_did_it_is_not_told_of_it(cast):
    people.give_role(cast.tracker, stamp=Stamp(on=GIVEN), unit=cast.lead, role=Role.UNIT_HEAD)
    give(cast)

    prompt()

    assert set(mails()) == {"ha", "binh"}


@pytest.mark.both_databases
@pytest.mark.parametrize("granted", [True, False])
def test_an_extension_that_is_decided_is_told_at_once(cast, running, granted):
    requests.ask_extension(running, stamp=stamp(cast.head), until=date(2026, 5, 29), reason="Cần số liệu")
    decide = requests.grant_extension if granted else requests.refuse_extension
    decide(running, stamp=stamp(cast.tracker), reason="Theo đề nghị")

    prompt()

    (mail,) = mails()["ha"]
    words = ("Hạn 29/05/2026 – Lập danh sách", "được gia hạn: Theo đề nghị")
    if not granted:
        words = ("Không đồng ý gia hạn – Lập danh sách", "không đồng ý gia hạn: Theo đề nghị")
    assert mail.subject == f"[Gia hạn] {words[0]}"
    assert words[1] in mail.text
    assert told("binh") == ["decided"]


def test_rework_that_is_asked_is_told_at_once_with_its_reason(cast, running):
    progress.report(running, stamp=stamp(cast.head), result="1/BC")
    progress.rework(running, stamp=stamp(cast.tracker), reason="Thiếu phụ lục")

    prompt()

    (mail,) = mails()["ha"]
    assert mail.subject == "[Làm lại] Lập danh sách"
    assert "được yêu cầu làm lại: Thiếu phụ lục" in mail.text


def test_contents_and_reasons_make_neither_headers_nor_markup_nor_lines_of_their_own(cast, running):
    give(cast, content="Việc\r\n\r\n- Dòng giả\r\nBcc: x@evil.example <script>alert(1)</script>")
    progress.report(running, stamp=stamp(cast.head), result="1/BC")
    progress.rework(running, stamp=stamp(cast.tracker), reason="Thiếu\n\n- Việc giả\nhttp://evil.example")

    prompt()

    (mail,) = mails()["ha"]
    assert mail.text.count("\n- ") == 2
    assert "\nhttp://evil" not in mail.text
    assert "\nBcc" not in mail.text
    assert "<script>" not in mail.html
    assert "\n" not in mail.subject


def test_the_longest_prompt_stays_below_thirty_kilobytes(cast):
    wide = "Ệ" * 5_000
    for number in range(25):
        directive = cast.make_directive(number=f"{number}/" + "Ẵ" * 60)
        task = cast.make_task(state=State.AWAITING_CONFIRMATION, directive=directive, content=wide)
        progress.rework(task, stamp=stamp(cast.tracker), reason=wide)

    prompt()

    (mail,) = mails()["ha"]
    letter = Letter(mail.id, mail.address, mail.subject, mail.text, mail.html, mail.message_id, 0)
    assert "và 5 việc khác" in mail.text
    assert len(OutboxMessage(letter, at=NINE).as_bytes()) <= 30_000


def test_news_of_another_kind_waits_for_the_daily_mail(cast):
    task = give(cast, urgency="normal")
    requests.ask_return(task, stamp=stamp(cast.head), reason="Không thuộc thẩm quyền")
    requests.refuse_return(task, stamp=stamp(cast.tracker))

    assert prompt() == 0


@pytest.mark.parametrize("move", ["reassign", "transfer", "inherit"])
def test_urgent_work_that_moves_is_told_to_the_unit_that_gets_it(cast, move):
    task = give(cast, moment=at("2026-03-10 09:00"))
    if move == "reassign":
        requests.ask_return(task, stamp=stamp(cast.head), reason="Không thuộc thẩm quyền")
        tasks.reassign(task, stamp=stamp(cast.tracker), unit=cast.coordinating)
    elif move == "transfer":
        tasks.transfer(task, stamp=stamp(cast.tracker), unit=cast.coordinating)
    else:
        units.end(cast.lead, stamp=stamp(), successor=cast.coordinating)

    prompt()

    assert set(mails()) == {"long"}
    assert "hỏa tốc" in mails()["long"][0].text


def test_a_decision_of_before_the_move_is_no_news_for_the_unit_that_got_it(cast, running):
    requests.ask_extension(running, stamp=stamp(cast.head), until=date(2026, 5, 29), reason="Cần số liệu")
    requests.grant_extension(running, stamp=stamp(cast.tracker))
    tasks.transfer(running, stamp=stamp(cast.tracker), unit=cast.coordinating)

    assert prompt() == 0


@pytest.mark.parametrize(("hours", "queued"), [(24, 2), (24.01, 0)])
def test_news_older_than_a_day_waits_for_the_daily_mail(cast, hours, queued):
    give(cast)

    assert prompt(NINE + timedelta(hours=hours)) == queued


def test_a_loaded_history_without_moments_is_never_told_at_once(cast):
    directive = cast.make_directive(on=FRIDAY, urgency="express")
    tasks.give(
        directive, [tasks.Order(unit=cast.lead, content="Cũ", due_on=None)],
        stamp=Stamp(on=FRIDAY, by=cast.tracker),
    )  # fmt: skip

    assert prompt() == 0


@pytest.mark.both_databases
def test_within_a_quarter_of_an_hour_news_are_gathered_into_one_mail(cast):
    give(cast)
    prompt()
    give(cast, content="Việc thứ hai", moment=NINE + timedelta(minutes=2))
    give(cast, content="Việc thứ ba", moment=NINE + timedelta(minutes=9))

    early = prompt(NINE + timedelta(minutes=14, seconds=59))
    due = prompt(NINE + timedelta(minutes=15))

    assert (early, due) == (0, 2)
    first, second = mails()["ha"]
    assert second.key == f"prompt:{cast.officer.id}:{first.id}"
    assert second.subject == "[Báo ngay] 2 việc khẩn mới giao"
    assert "Việc thứ hai" in second.text
    assert "Việc thứ ba" in second.text


def test_the_quarter_of_an_hour_is_a_setting_and_counts_from_a_cancelled_prompt_too(cast):
    calendar.change_setting("prompt_gap_minutes", "30", stamp=Stamp(on=GIVEN))
    task = give(cast)
    prompt(sent=False)
    tasks.cancel(task, stamp=stamp(cast.tracker), reason="Nhầm")
    freshen()
    give(cast, moment=NINE + timedelta(minutes=1))

    counts = [prompt(NINE + timedelta(minutes=minutes)) for minutes in (29, 30)]

    assert counts == [0, 2]
    assert [mail.state for mail in mails()["ha"]] == [MailState.CANCELLED, MailState.KEPT]


def test_a_clock_that_was_set_back_silences_nobody(cast):
    give(cast, moment=NINE + timedelta(hours=2))
    prompt(NINE + timedelta(hours=2))
    give(cast, content="Việc thứ hai")

    assert prompt(NINE + timedelta(minutes=1)) == 2


def test_of_a_long_list_the_next_mail_tells_the_rest(cast):
    directive = cast.make_directive(on=FRIDAY, urgency="express")
    orders = [
        tasks.Order(unit=cast.lead, content=f"Việc {number}", due_on=None, officer=cast.officer)
        for number in range(25)
    ]
    tasks.give(directive, orders, stamp=stamp(cast.tracker))

    prompt()
    prompt(NINE + timedelta(minutes=15))
    third = prompt(NINE + timedelta(minutes=30))

    first, second = mails()["ha"]
    assert first.subject == "[Báo ngay] 25 việc khẩn mới giao"
    assert first.text.count("http://127.0.0.1:8000/nhiem-vu/") == 20
    assert "và 5 việc khác" in first.text
    assert second.text.count("http://127.0.0.1:8000/nhiem-vu/") == 5
    assert third == 0


@pytest.mark.parametrize("end", ["cancelled", "moved", "reported"])
def test_a_prompt_that_waits_is_called_back_when_its_news_is_no_longer_true(cast, end):
    task = give(cast)
    prompt(sent=False)
    if end == "cancelled":
        tasks.cancel(task, stamp=stamp(cast.tracker), reason="Nhầm")
    elif end == "moved":
        tasks.transfer(task, stamp=stamp(cast.tracker), unit=cast.coordinating)
    else:
        tasks.accept(task, stamp=stamp(cast.head))
        progress.report(task, stamp=stamp(cast.head), result="1/BC")

    freshen()

    assert {mail.state for each in (mails()["ha"], mails()["binh"]) for mail in each} == {MailState.CANCELLED}
    assert told("ha") == told("binh") == []


@pytest.mark.both_databases
def test_a_prompt_that_waits_loses_the_line_that_is_no_longer_true_and_gains_none(cast):
    gone, stays = give(cast, content="Việc bỏ"), give(cast, content="Việc còn")
    prompt(sent=False)
    before = mails()["ha"][0]
    tasks.cancel(gone, stamp=stamp(cast.tracker), reason="Nhầm")
    give(cast, content="Việc sau", moment=NINE + timedelta(minutes=1))

    freshen(NINE + timedelta(minutes=1))

    (after,) = mails()["ha"]
    assert (after.id, after.state, after.message_id) == (before.id, MailState.QUEUED, before.message_id)
    assert after.subject == "[Việc mới – hỏa tốc] Việc còn"
    assert "Việc sau" not in after.text
    assert {row.task_id for row in db.session.scalars(select(Reminder))} == {stays.id}


def test_an_unchanged_prompt_keeps_every_byte(cast):
    give(cast)
    prompt(sent=False)
    before = [(mail.id, mail.text, mail.html) for mail in mails()["ha"]]

    freshen(NINE + timedelta(hours=3))

    assert [(mail.id, mail.text, mail.html) for mail in mails()["ha"]] == before


def test_a_prompt_that_a_sender_holds_is_not_touched(cast):
    task = give(cast)
    prompt(sent=False)
    with transaction():
        for (mail,) in mails().values():
            mail.state, mail.leased_by, mail.leased_until = MailState.SENDING, "x", at("2026-03-20 09:10")
    tasks.cancel(task, stamp=stamp(cast.tracker), reason="Nhầm")

    freshen()

    assert {mail.state for (mail,) in mails().values()} == {MailState.SENDING}


def test_after_days_of_silence_one_mail_says_what_is_true_now(cast):
    give(cast, moment=at("2026-03-17 16:00"))
    prompt(at("2026-03-17 16:00"), sent=False)

    daily(at("2026-03-20 10:00"), sent=False)
    freshen(at("2026-03-20 10:00"))

    assert mails()["ha"][0].state is MailState.CANCELLED
    assert [mail.state for mail in mails("digest")["ha"]] == [MailState.QUEUED]
    assert told("ha") == ["given"]


@pytest.fixture
def at_two(cast):
    """A task in progress whose deadline is 14:00 of Friday."""
    return cast.make_task(
        state=State.IN_PROGRESS, given_on=GIVEN, due_on=FRIDAY, due_time=time(14), content="Nộp báo cáo nhanh"
    )


@pytest.mark.both_databases
def test_a_deadline_with_an_hour_is_told_in_the_morning_and_two_hours_before(cast, at_two):
    daily(at("2026-03-20 07:00"))
    counts = [prompt(at(f"2026-03-20 {hour}")) for hour in ("07:00", "11:59", "12:00", "13:00")]

    assert counts == [0, 0, 2, 0]
    assert "Hạn 14:00 20/03/2026 · hạn 14:00 hôm nay" in mails("digest")["ha"][-1].text
    assert mails()["ha"][0].subject == "[Hạn 14:00 hôm nay] Nộp báo cáo nhanh"
    assert told("ha")[-2:] == ["due", "hour-2"]


def test_on_a_day_off_the_morning_is_told_by_a_prompt(cast):
    task = cast.make_task(
        state=State.IN_PROGRESS, given_on=GIVEN, due_on=SATURDAY, due_time=time(14), content="Trực bão"
    )
    daily(at("2026-03-20 07:00"))

    counts = [prompt(at(f"2026-03-21 {hour}")) for hour in ("06:59", "07:00", "12:00", "14:00")]

    assert counts == [0, 2, 2, 0]
    rows = db.session.scalars(select(Reminder).where(Reminder.task_id == task.id)).all()
    on_saturday = [row for row in rows if row.told_on == SATURDAY]
    assert sorted(row.rung for row in on_saturday if row.user is cast.officer) == ["due", "hour-2"]


def test_whoever_wants_a_weekly_mail_is_told_of_the_hour_all_the_same(cast, at_two):
    with transaction():
        cast.officer.digest = Digest.WEEKLY
    daily(at("2026-03-20 07:00"))

    prompt(at("2026-03-20 07:01"))

    assert "ha" in mails()
    assert "binh" not in mails()


@pytest.mark.parametrize("end", ["reported", "moved_deadline", "passed"])
def test_an_hour_that_no_longer_holds_is_not_told(cast, at_two, end):
    daily(at("2026-03-20 07:00"))
    noon = at("2026-03-20 12:00")
    prompt(noon, sent=False)
    if end == "reported":
        progress.report(at_two, stamp=stamp(cast.head, noon), result="1/BC")
    elif end == "moved_deadline":
        tasks.set_due(at_two, stamp=stamp(cast.tracker, noon), due_on=date(2026, 4, 1), reason="Lùi")
    else:
        noon = at("2026-03-20 14:00")

    freshen(noon)

    assert {mail.state for (mail,) in mails().values()} == {MailState.CANCELLED}


def test_a_setting_of_no_hours_leaves_the_morning(cast, at_two):
    calendar.change_setting("reminder_hours_before", "0", stamp=Stamp(on=GIVEN))

    assert [prompt(at(f"2026-03-20 {hour}")) for hour in ("07:00", "12:00")] == [2, 0]


@pytest.mark.parametrize(("given", "queued"), [("11:59", 2), ("12:00", 0), ("12:30", 0)])
def test_a_task_given_after_the_moment_gets_no_reminder_of_it(cast, given, queued):
    moment = at(f"2026-03-20 {given}")
    give(cast, urgency="normal", moment=moment, due_on=FRIDAY, due_time=time(14))

    assert prompt(at("2026-03-20 12:45")) == queued


def test_people_without_an_address_or_account_get_nothing_and_hinder_nobody(cast):
    give(cast)
    with transaction():
        cast.officer.email = "a@b,evil@x"
        cast.head.active = False
    other = cast.make_person(unit=cast.lead, role=Role.UNIT_HEAD)

    assert prompt() == 1
    assert set(mails()) == {other.login}


def test_what_another_mail_told_meanwhile_takes_the_prompt_back(cast, monkeypatch):
    give(cast)
    queue = writing.queue

    def late(written, *, at):
        monkeypatch.setattr(writing, "queue", queue)
        reminders.queue_digests(today=FRIDAY, at=at)
        return queue(written, at=at)

    monkeypatch.setattr(writing, "queue", late)

    queued = prompt(sent=False)

    assert queued == 0
    assert mails() == {}
    assert set(mails("digest")) == {"ha", "binh"}
    assert told("ha") == ["given"]


def test_what_a_prompt_told_meanwhile_makes_the_daily_mail_be_written_anew(cast, running, monkeypatch):
    daily(at("2026-03-19 07:00"))
    give(cast)
    queue = writing.queue

    def late(written, *, at):
        monkeypatch.setattr(writing, "queue", queue)
        reminders.queue_prompts(today=FRIDAY, at=at)
        return queue(written, at=at)

    monkeypatch.setattr(writing, "queue", late)

    daily(NINE, sent=False)

    assert "Kiểm tra đê điều" in mails()["ha"][0].text
    assert "Lập danh sách" in mails("digest")["ha"][-1].text
    assert "Kiểm tra đê điều" not in mails("digest")["ha"][-1].text
    assert told("ha").count("given") == 1


@pytest.mark.both_databases
def test_two_schedulers_at_once_write_one_prompt_a_person(office, people_of_office):
    for number in range(3):
        give(people_of_office, content=f"Việc {number}")

    pair = [
        run_flask(office, "jobs", "once", "prompt", "--now", "2026-03-20T09:00:00+07:00", wait=False)
        for _ in range(2)
    ]
    ends = [process.wait(timeout=300) for process in pair]

    assert ends == [0, 0], pair[0].stdout.read()
    assert {login: len(each) for login, each in mails().items()} == {"ha": 1, "binh": 1}
    assert told("ha") == told("binh") == ["given"] * 3


def test_the_daily_mail_goes_first_when_both_fall_due(office, people_of_office):
    people_of_office.make_task(
        state=State.IN_PROGRESS, given_on=GIVEN, due_on=FRIDAY, due_time=time(14)
    )
    for moment, name in [("07:00", "prompt"), ("07:00", "reminders"), ("07:01", "prompt")]:
        with clock.standing_at(at(f"2026-03-20 {moment}")):
            jobs.run_job(name)

    assert mails() == {}
    assert set(mails("digest")) == {"ha", "binh"}


def test_a_broken_daily_mail_holds_no_prompt_up_for_ever(office, people_of_office):
    people_of_office.make_task(
        state=State.IN_PROGRESS, given_on=GIVEN, due_on=FRIDAY, due_time=time(14)
    )

    with clock.standing_at(at("2026-03-20 07:16")):
        jobs.run_job("prompt")

    assert set(mails()) == {"ha", "binh"}


def test_the_number_of_reading_statements_does_not_grow_with_people_and_tasks(cast):
    def statements() -> int:
        count = 0

        def note(_connection, _cursor, statement, *_rest):
            nonlocal count
            count += statement.lstrip().upper().startswith("SELECT")

        event.listen(db.engine, "before_cursor_execute", note)
        try:
            prompt()
        finally:
            event.remove(db.engine, "before_cursor_execute", note)
        db.session.query(Reminder).delete()
        db.session.query(OutgoingMail).delete()
        db.session.commit()
        return count

    give(cast)
    few = statements()
    for _ in range(8):
        unit = cast.make_unit()
        cast.make_person(unit=unit, role=Role.UNIT_HEAD)
        give(cast, unit=unit, officer=None)
    many = statements()

    assert few == many
