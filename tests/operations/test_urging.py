"""Urging by hand: who is told at once, what ledger and history keep, and what an urging does not change."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest
from sqlalchemy import select

from tests.factories import DUE_ON
from tracker.clock import VIETNAM
from tracker.models.mail import MailState, OutgoingMail, Reminder
from tracker.models.people import Role
from tracker.models.progress import History
from tracker.operations import people, progress, tasks
from tracker.operations.history import dump
from tracker.operations.recording import AlreadyDone, Stamp
from tracker.operations.urging import NobodyToTell, UrgedAlready, freshen_urgings, urge
from tracker.queries.ledger import times_reminded
from tracker.queries.urging import mails_of, urging
from tracker.rules.status import State
from tracker.rules.workflow import Incomplete, NotAllowed, WrongState

URGED_ON = date(2026, 3, 25)
"""Five days after the deadline of the cast's tasks."""

pytestmark = pytest.mark.both_databases


def at(day, hour=9):
    return datetime.combine(day, time(hour), VIETNAM).astimezone(UTC)


def stamp_of(user, *, on=URGED_ON, hour=9, token=None):
    return Stamp(on=on, by=user, at=at(on, hour), token=token)


def mails(session):
    return list(session.scalars(select(OutgoingMail).order_by(OutgoingMail.id)))


def ledger(session):
    return list(session.scalars(select(Reminder).order_by(Reminder.id)))


def test_officer_and_head_of_the_lead_unit_get_a_mail_of_their_own_at_once(session, cast, make_task):
    task = make_task(state=State.IN_PROGRESS)

    first = urge([task], stamp=stamp_of(cast.tracker), words="Báo cáo ngay tiến độ.")

    assert {mail.user_id for mail in mails(session)} == {cast.head.id, cast.officer.id}
    assert {mail.key for mail in mails(session)} == {
        f"urge:{first.id}:{cast.head.id}", f"urge:{first.id}:{cast.officer.id}",
    }  # fmt: skip
    assert {(mail.kind, mail.state, mail.queued_at) for mail in mails(session)} == {
        ("urge", MailState.QUEUED, at(URGED_ON))
    }


def test_the_mail_says_who_urges_in_their_words_how_late_it_is_and_what_the_deadline_is(
    session, cast, make_task
):
    make_task(content="Rà soát quy hoạch", state=State.IN_PROGRESS)
    task = make_task(content="Báo cáo <b>cải cách</b> & số hóa", state=State.IN_PROGRESS)

    urge([task], stamp=stamp_of(cast.tracker), words="Đề nghị làm ngay.", reply_by=date(2026, 3, 27))

    mail = mails(session)[0]
    assert mail.subject == "[Đôn đốc] 1 quá hạn – 25/03/2026"
    for words in (
        "vì UBND thành phố Sông Hương đôn đốc nhiệm vụ do Phòng Nội vụ chủ trì",
        "Người đôn đốc: Lê Thị Mai, Chuyên viên Văn phòng, ngày 25/03/2026",
        "Đề nghị làm ngay.", "chậm nhất ngày 27/03/2026", "không phải là gia hạn",
        "Hạn 20/03/2026 · quá hạn 5 ngày", f"/nhiem-vu/{task.id}",
    ):  # fmt: skip
        assert words in mail.text
    assert "Báo cáo &lt;b&gt;cải cách&lt;/b&gt; &amp; số hóa" in mail.html
    assert "quy hoạch" not in mail.text


def test_the_ledger_names_the_urging_with_the_deadline_in_force(session, cast, make_task):
    task = make_task(state=State.IN_PROGRESS)

    first = urge([task], stamp=stamp_of(cast.tracker))

    rows = {(row.task_id, row.rung, row.due_on, row.user_id, row.told_on) for row in ledger(session)}
    assert rows == {
        (task.id, f"urge:{first.id}", DUE_ON, person.id, URGED_ON) for person in (cast.head, cast.officer)
    }
    assert {row.mail_id for row in ledger(session)} == {mail.id for mail in mails(session)}


def test_a_day_named_in_an_urging_is_no_extension(session, cast, make_task):
    task = make_task(state=State.IN_PROGRESS)
    facts = (task.state, task.due_on, task.version, task.last_event_on, task.last_word, len(task.periods))

    urge([task], stamp=stamp_of(cast.tracker), words="Trước ngày 30/3.", reply_by=date(2026, 3, 30))

    after = (task.state, task.due_on, task.version, task.last_event_on, task.last_word, len(task.periods))
    assert after == facts
    entry = session.scalars(select(History).where(History.do == "urge")).one()
    assert (entry.note, entry.payload["reply_by"], entry.by) == (
        "Trước ngày 30/3.",
        "2026-03-30",
        cast.tracker,
    )


def test_an_urging_is_no_line_of_the_history_file(session, cast, make_task):
    task = make_task(state=State.IN_PROGRESS)
    before = list(dump())

    urge([task], stamp=stamp_of(cast.tracker), words="Nhanh lên.")

    assert list(dump()) == before


def test_several_tasks_are_one_mail_a_person_and_an_officer_hears_only_of_their_own(session, cast, make_task):
    other = cast.make_person(unit=cast.lead)
    mine, theirs = make_task(state=State.IN_PROGRESS), make_task(officer=other)

    first = urge([mine, theirs], stamp=stamp_of(cast.tracker))

    told = {row.user_id: set() for row in ledger(session)}
    for row in ledger(session):
        told[row.user_id].add(row.task_id)
    assert told == {
        cast.head.id: {mine.id, theirs.id}, cast.officer.id: {mine.id}, other.id: {theirs.id}
    }  # fmt: skip
    assert {row.rung for row in ledger(session)} == {f"urge:{first.id}"}
    assert [entry.payload.get("first") for entry in _entries(session)] == [None, first.id]


def _entries(session):
    return list(session.scalars(select(History).where(History.do == "urge").order_by(History.id)))


def test_a_mail_names_twenty_tasks_and_the_ledger_only_those(session, cast, make_task):
    long = "Rà soát, bổ sung, hoàn thiện Đề án ứng dụng công nghệ thông tin " * 20
    given = [make_task(content=f"{long} {number}") for number in range(22)]

    urge(given, stamp=stamp_of(cast.tracker), words="Đề nghị khẩn trương thực hiện. " * 32)

    (mail,) = mails(session)
    assert "và 2 việc khác" in mail.text
    assert len(mail.text.encode()) + len(mail.html.encode()) < 30_000
    assert len(ledger(session)) == 20
    assert len(_entries(session)) == 22


def test_what_is_not_due_yet_can_be_urged_too(session, cast, make_task):
    task = make_task(state=State.IN_PROGRESS)

    urge([task], stamp=stamp_of(cast.tracker, on=DUE_ON))

    mail = mails(session)[0]
    assert mail.subject == "[Đôn đốc] 1 đang thực hiện – 20/03/2026"
    assert "quá hạn" not in mail.text


@pytest.mark.parametrize("state", [State.AWAITING_CONFIRMATION, State.COMPLETED, State.CANCELLED])
def test_what_is_reported_or_closed_cannot_be_urged(session, cast, make_task, state):
    task = make_task(state=state)

    with pytest.raises(WrongState):
        urge([task], stamp=stamp_of(cast.tracker))

    assert mails(session) == []


@pytest.mark.parametrize("part", ["head", "officer", "coordinator", "outsider", "inspector", "admin"])
def test_only_those_who_gave_a_task_urge(session, cast, make_task, part):
    task = make_task(state=State.IN_PROGRESS)

    with pytest.raises(NotAllowed):
        urge([task], stamp=stamp_of(getattr(cast, part)))

    assert mails(session) == []


def test_the_second_urging_of_a_day_asks_for_its_reason(session, cast, make_task):
    task = make_task(state=State.IN_PROGRESS)
    urge([task], stamp=stamp_of(cast.tracker))

    with pytest.raises(UrgedAlready):
        urge([task], stamp=stamp_of(cast.chairman, hour=15))
    assert len(mails(session)) == 2

    again = urge([task], stamp=stamp_of(cast.chairman, hour=15), again="Chủ tịch yêu cầu trong ngày")

    assert len(mails(session)) == 4
    assert again.payload["again"] == "Chủ tịch yêu cầu trong ngày"


def test_the_day_after_needs_no_reason(session, cast, make_task):
    task = make_task(state=State.IN_PROGRESS)
    urge([task], stamp=stamp_of(cast.tracker))

    next_day = urge([task], stamp=stamp_of(cast.tracker, on=date(2026, 3, 26)), again="Không cần")

    assert "again" not in next_day.payload


def test_a_double_click_urges_once(session, cast, make_task):
    task = make_task(state=State.IN_PROGRESS)
    urge([task], stamp=stamp_of(cast.tracker, token="mot-lan-bam"))

    with pytest.raises(AlreadyDone):
        urge([task], stamp=stamp_of(cast.tracker, token="mot-lan-bam"))

    assert len(mails(session)) == 2


def test_a_unit_without_a_head_hears_by_its_leader(session, cast, make_task):
    village = cast.make_unit(name="UBND xã Phú Bài", kind="commune")
    chairman = cast.make_person(unit=village, role=Role.LEADER)
    task = make_task(unit=village)

    urge([task], stamp=stamp_of(cast.tracker))

    assert [mail.user_id for mail in mails(session)] == [chairman.id]


def test_nobody_to_tell_is_said_and_nothing_is_recorded(session, cast, make_task):
    task = make_task(unit=cast.make_unit())

    with pytest.raises(NobodyToTell):
        urge([task], stamp=stamp_of(cast.tracker))

    assert _entries(session) == []


def test_who_urges_gets_no_mail_of_their_own(session, cast, make_task):
    own = cast.make_person(unit=cast.lead, role=Role.UNIT_HEAD)
    parent = make_task(state=State.IN_PROGRESS)
    passed = tasks.Order(
        unit=cast.lead, content="Phần việc", due_on=DUE_ON, parent=parent, officer=cast.officer
    )
    (task,) = tasks.give(parent.directive, [passed], stamp=stamp_of(cast.head, on=date(2026, 3, 3)))

    urge([task], stamp=stamp_of(cast.head))

    assert {mail.user_id for mail in mails(session)} == {own.id, cast.officer.id}


def test_one_urging_is_about_one_unit(session, cast, make_task):
    here, there = make_task(), make_task(unit=cast.commune)

    with pytest.raises(Incomplete):
        urge([here, there], stamp=stamp_of(cast.tracker))
    with pytest.raises(Incomplete):
        urge([], stamp=stamp_of(cast.tracker))

    assert mails(session) == []


def test_the_day_for_the_answer_lies_not_in_the_past(session, cast, make_task):
    task = make_task(state=State.IN_PROGRESS)

    with pytest.raises(Incomplete):
        urge([task], stamp=stamp_of(cast.tracker), reply_by=date(2026, 3, 24))
    urge([task], stamp=stamp_of(cast.tracker), reply_by=URGED_ON)

    assert len(mails(session)) == 2


def test_an_urging_is_read_back_as_it_was(session, cast, make_task):
    given = [make_task(state=State.IN_PROGRESS), make_task(due_on=date(2026, 3, 18))]
    first = urge(given, stamp=stamp_of(cast.tracker), words="Làm ngay.", reply_by=date(2026, 3, 27))
    progress.report(given[0], stamp=stamp_of(cast.head, hour=10), result="12/BC", explanation="Chậm")

    found = urging(first.id)

    assert (found.unit_id, found.by_name, found.words) == (cast.lead.id, "Lê Thị Mai", "Làm ngay.")
    assert (found.on, found.at, found.reply_by) == (URGED_ON, at(URGED_ON), date(2026, 3, 27))
    assert found.due == {given[0].id: DUE_ON, given[1].id: date(2026, 3, 18)}
    assert urging(_entries(session)[1].id) is None
    assert {mail.user_id for mail in mails_of(found)} == {cast.head.id, cast.officer.id}


def deliver(session, *, state=MailState.SENT, when, user=None):
    for mail in mails(session):
        if mail.state is MailState.QUEUED and (user is None or mail.user_id == user.id):
            mail.state, mail.ended_at = state, when
    session.commit()


def test_a_reminder_counts_once_it_was_delivered_to_the_unit(session, cast, make_task):
    task = make_task(state=State.IN_PROGRESS)
    first = urge([task], stamp=stamp_of(cast.tracker))
    counted = [times_reminded([task.id])]

    deliver(session, state=MailState.FAILED, when=at(URGED_ON, 10), user=cast.head)
    counted.append(times_reminded([task.id]))
    deliver(session, when=at(URGED_ON, 23), user=cast.officer)
    counted.append(times_reminded([task.id]))

    assert counted == [{}, {}, {task.id: [(URGED_ON, f"urge:{first.id}")]}]
    assert times_reminded([task.id], before=at(URGED_ON, 23)) == {}


def test_what_the_office_or_the_former_unit_was_told_is_no_reminder_of_the_unit(session, cast, make_task):
    task = make_task()
    urge([task], stamp=stamp_of(cast.tracker))
    deliver(session, when=at(URGED_ON, 10))
    session.add(
        Reminder(
            task=task, rung="late-1", due_on=DUE_ON, user=cast.tracker, told_on=URGED_ON,
            mail_id=mails(session)[0].id,
        )
    )  # fmt: skip
    session.commit()

    before = times_reminded([task.id])
    tasks.transfer(task, stamp=stamp_of(cast.tracker, hour=11), unit=cast.commune, reason="Đổi đơn vị")

    assert [time.rung.partition(":")[0] for time in before[task.id]] == ["urge"]
    assert times_reminded([task.id]) == {}


def test_the_next_mail_says_how_often_the_unit_was_reminded(session, cast, make_task):
    task = make_task(state=State.IN_PROGRESS)
    urge([task], stamp=stamp_of(cast.tracker))
    deliver(session, when=at(URGED_ON, 10))

    urge([task], stamp=stamp_of(cast.tracker, on=date(2026, 3, 26)))

    assert "quá hạn 6 ngày; đã nhắc 1 lần" in mails(session)[-1].text


def test_a_person_whose_account_is_closed_is_told_nothing(session, cast, make_task):
    task = make_task(state=State.IN_PROGRESS)
    people.correct(cast.officer, stamp=Stamp(on=URGED_ON), active=False)

    urge([task], stamp=stamp_of(cast.tracker))

    assert [mail.user_id for mail in mails(session)] == [cast.head.id]


def freshen(on=URGED_ON, hour=10):
    freshen_urgings(today=on, at=at(on, hour))


def test_a_mail_that_waits_no_longer_names_what_was_reported_meanwhile(session, cast, make_task):
    done, open_ = make_task(state=State.IN_PROGRESS), make_task(state=State.IN_PROGRESS)
    urge([done, open_], stamp=stamp_of(cast.tracker))
    progress.report(done, stamp=stamp_of(cast.head), result="12/BC", explanation="Chậm")

    freshen()
    session.expire_all()

    assert [mail.subject for mail in mails(session)] == ["[Đôn đốc] 1 quá hạn – 25/03/2026"] * 2
    assert f"/nhiem-vu/{done.id}" not in "".join(mail.text for mail in mails(session))
    assert {row.task_id for row in ledger(session)} == {open_.id}


@pytest.mark.parametrize("end", ["reported", "moved", "cancelled"])
def test_a_mail_with_nothing_left_to_say_is_cancelled_and_the_ledger_forgets_it(
    session, cast, make_task, end
):
    task = make_task(state=State.IN_PROGRESS)
    first = urge([task], stamp=stamp_of(cast.tracker))
    match end:
        case "reported":
            progress.report(task, stamp=stamp_of(cast.head), result="12/BC", explanation="Chậm")
        case "moved":
            tasks.transfer(task, stamp=stamp_of(cast.tracker), unit=cast.commune, reason="Đổi đơn vị")
        case "cancelled":
            tasks.cancel(task, stamp=stamp_of(cast.tracker), reason="Không còn cần")

    freshen()
    session.expire_all()

    assert {mail.state for mail in mails(session)} == {MailState.CANCELLED}
    assert ledger(session) == []
    assert len(mails_of(urging(first.id))) == 2


def test_a_deadline_that_moved_is_told_as_it_is_now(session, cast, make_task):
    task = make_task(state=State.IN_PROGRESS)
    urge([task], stamp=stamp_of(cast.tracker))
    tasks.set_due(task, stamp=stamp_of(cast.tracker), due_on=date(2026, 4, 10), reason="Sửa")

    freshen()
    session.expire_all()

    assert "Hạn 10/04/2026" in mails(session)[0].text and "quá hạn" not in mails(session)[0].text
    assert {row.due_on for row in ledger(session)} == {date(2026, 4, 10)}


def test_a_mail_of_which_everything_is_still_true_stays_as_it_is(session, cast, make_task):
    task = make_task(state=State.IN_PROGRESS)
    urge([task], stamp=stamp_of(cast.tracker))
    before = [(mail.text, mail.fingerprint) for mail in mails(session)]
    rows = [row.id for row in ledger(session)]

    freshen(on=date(2026, 3, 27))
    session.expire_all()

    assert [(mail.text, mail.fingerprint) for mail in mails(session)] == before
    assert [row.id for row in ledger(session)] == rows


def test_an_officer_who_no_longer_works_on_the_task_is_not_told(session, cast, make_task):
    task = make_task(state=State.IN_PROGRESS)
    urge([task], stamp=stamp_of(cast.tracker))
    tasks.edit(task, stamp=stamp_of(cast.tracker), officer=None)

    freshen()
    session.expire_all()

    states = {mail.user_id: mail.state for mail in mails(session)}
    assert states == {cast.head.id: MailState.QUEUED, cast.officer.id: MailState.CANCELLED}


def test_a_mail_that_was_sent_is_left_alone(session, cast, make_task):
    task = make_task(state=State.IN_PROGRESS)
    urge([task], stamp=stamp_of(cast.tracker))
    deliver(session, when=at(URGED_ON))
    progress.report(task, stamp=stamp_of(cast.head), result="12/BC", explanation="Chậm")

    freshen()
    session.expire_all()

    assert {mail.state for mail in mails(session)} == {MailState.SENT}
    assert len(ledger(session)) == 2
