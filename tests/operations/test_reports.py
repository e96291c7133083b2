"""The monthly overdue report is made once, kept as sent, made again and sent again with a reason."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from threading import Barrier

import pytest
from sqlalchemy import func, insert, select

from tests import factories
from tracker import clock, outbox
from tracker.files import overdue_paper
from tracker.models import db
from tracker.models.mail import Enclosure, MailEnclosure, OutgoingMail
from tracker.models.people import Role
from tracker.models.progress import History
from tracker.models.report import Report, ReportFile, ReportKind, ReportMail
from tracker.operations import people, progress, reports, tasks
from tracker.operations.recording import AlreadyDone, Stamp
from tracker.operations.report_mail import ReportMailText
from tracker.queries.reports import overdue_month
from tracker.rules.overdue_report import checksum, differences, from_data
from tracker.rules.status import State
from tracker.rules.workflow import Incomplete, NotAllowed

FIRST_WORKING_DAY = date(2026, 4, 1)
MARCH = date(2026, 3, 31)
AT = datetime(2026, 4, 1, 7, 30, tzinfo=clock.VIETNAM)
LATER = date(2026, 4, 15)


def make(today=FIRST_WORKING_DAY, at=AT):
    return reports.make_last_month(today=today, at=at)


def by(user, *, on=LATER, token=None):
    return Stamp(on=on, by=user, at=datetime(2026, 4, 15, 9, tzinfo=clock.VIETNAM), token=token)


def only(model):
    return list(db.session.scalars(select(model).order_by(model.id)))


def count(model):
    return db.session.scalar(select(func.count()).select_from(model))


def stored():
    """Return how many rows there are of everything that a report leaves behind."""
    models = (Report, ReportFile, ReportMail, Enclosure, MailEnclosure, OutgoingMail)
    return [count(model) for model in models]


@pytest.fixture(autouse=True)
def quick_papers(monkeypatch):
    """Words in place of Word files: those are read in tests/files."""
    monkeypatch.setattr(overdue_paper, "as_docx", lambda report, _issue: report.part_name.encode())


@pytest.fixture
def overdue(cast):
    """Two overdue tasks of two units at the end of March."""
    cast.make_task(state=State.IN_PROGRESS, due_on=date(2026, 3, 20))
    cast.make_task(unit=cast.commune, due_on=date(2026, 3, 27))
    return cast


def test_the_job_keeps_one_report_with_its_data_and_files(overdue):
    made = make()

    (report,) = only(Report)
    assert (made.reports, made.mails, made.failed) == (1, 4, [])
    assert (report.assigner, report.edition, report.made_by, report.reason) == (overdue.city, 1, None, None)
    assert (report.first_on, report.last_on, report.made_at) == (date(2026, 3, 1), MARCH, AT)
    assert report.sha256 == checksum(report.data)
    assert len(from_data(report.data).overdue) == 2
    assert [(file.unit, file.enclosure.filename) for file in report.files] == [
        (None, "bao-cao-qua-han-2026-03-song-huong.xlsx"),
        (None, "bao-cao-qua-han-2026-03-song-huong.docx"),
        (overdue.lead, "bao-cao-qua-han-2026-03-song-huong-noi-vu.xlsx"),
        (overdue.lead, "bao-cao-qua-han-2026-03-song-huong-noi-vu.docx"),
        (overdue.commune, "bao-cao-qua-han-2026-03-song-huong-phu-an.xlsx"),
        (overdue.commune, "bao-cao-qua-han-2026-03-song-huong-phu-an.docx"),
    ]


def test_leaders_and_office_are_sent_the_whole_and_heads_their_part(overdue):
    make()

    sent = {
        mail.user.login: (mail.key, [each.enclosure.filename[-12:] for each in mail.enclosures])
        for mail in only(OutgoingMail)
    }
    (report,) = only(Report)
    whole = ["-huong.xlsx", "-huong.docx"]
    assert {login: key for login, (key, _files) in sent.items()} == {
        user.login: f"report:{report.id}:{user.id}:1"
        for user in (overdue.chairman, overdue.tracker, overdue.head, overdue.outsider)
    }
    for login in ("hung", "mai"):
        assert [name[-11:] for name in sent[login][1]] == whole
    assert sent["binh"][1] == ["-noi-vu.xlsx", "-noi-vu.docx"]
    assert sent["lan"][1] == ["-phu-an.xlsx", "-phu-an.docx"]
    assert {(row.mail.user.login, row.unit) for row in report.mailings} == {
        ("hung", None), ("mai", None), ("binh", overdue.lead), ("lan", overdue.commune)
    }  # fmt: skip


def test_a_part_tells_nothing_of_other_units(overdue):
    overdue.make_task(unit=overdue.commune, due_on=date(2026, 3, 9), content="Bí mật của xã")

    make()

    (mail,) = (each for each in only(OutgoingMail) if each.user is overdue.head)
    assert "Bí mật của xã" not in mail.text + mail.html
    assert "Phú An" not in mail.text + mail.html
    assert mail.text.startswith("Ông/bà Nguyễn Văn Bình nhận thư này vì phụ trách Phòng Nội vụ")
    assert "1 nhiệm vụ quá hạn" in mail.subject


def test_who_heads_two_units_gets_one_mail_with_both_parts(overdue):
    people.give_role(
        overdue.head, stamp=Stamp(on=date(2026, 1, 1)), unit=overdue.commune, role=Role.UNIT_HEAD
    )

    make()

    (mail,) = (each for each in only(OutgoingMail) if each.user is overdue.head)
    assert len(mail.enclosures) == 4
    (report,) = only(Report)
    assert {row.unit for row in report.mailings if row.mail is mail} == {overdue.lead, overdue.commune}


def test_run_twice_it_makes_one_report_and_one_mail_a_person(overdue):
    make()
    before = stored()

    again = make(today=date(2026, 4, 20))

    assert (again.reports, again.mails) == (0, 0)
    assert stored() == before


@pytest.mark.both_databases
def test_two_at_once_make_one_report_and_one_mail_a_person(own_app, monkeypatch):
    cast = factories.make_cast()
    cast.make_task(due_on=date(2026, 3, 20))
    db.session.commit()
    both, write = Barrier(2), reports._write

    def write_together(*args, **values):
        draft = write(*args, **values)
        if draft.edition == 1:
            both.wait(timeout=300)
        return draft

    def run(_number):
        with own_app.app_context():
            return make()

    monkeypatch.setattr(reports, "_write", write_together)
    with ThreadPoolExecutor(2) as pool:
        made = list(pool.map(run, range(2)))

    assert sorted((each.reports, each.mails, each.failed) for each in made) == [(0, 0, []), (1, 3, [])]
    assert stored() == [1, 4, 3, 4, 6, 3]


@pytest.mark.both_databases
@pytest.mark.parametrize("step", ["_keep", "_queue", "_record", "put"])
def test_a_crash_at_any_step_leaves_nothing_half_and_the_next_run_makes_it(overdue, monkeypatch, step):
    room = outbox if step == "put" else reports
    real, calls = getattr(room, step), []

    def crash(*args, **values):
        done = real(*args, **values)
        calls.append(done)
        if step != "put" or len(calls) == 2:
            raise RuntimeError("Mất điện")
        return done

    monkeypatch.setattr(room, step, crash)
    made = make()
    left = stored()
    monkeypatch.setattr(room, step, real)
    again = make()

    assert (made.reports, made.failed) == (0, ["UBND thành phố Sông Hương"])
    assert left == [0] * 6
    assert (again.reports, again.mails) == (1, 4)


def test_asked_to_stop_it_keeps_nothing_half_and_goes_on_at_the_next_run(overdue):
    answers = iter([False, False, True])

    made = reports.make_last_month(today=FIRST_WORKING_DAY, at=AT, stop=lambda: next(answers))
    left = stored()

    assert (made.reports, made.is_stopped, left) == (0, True, [0] * 6)
    assert make().reports == 1


def test_one_assigner_whose_report_fails_holds_up_no_other(overdue, monkeypatch):
    other = overdue.make_unit(name="UBND xã Bên", order=9)
    overdue.make_person(unit=other, role=Role.LEADER)
    overdue.make_task(directive=overdue.make_directive(issuer=other), unit=overdue.commune)
    write = reports._write

    def refuse(assigner, last, **values):
        if assigner.code == "song-huong":
            raise RuntimeError("Hỏng")
        return write(assigner, last, **values)

    monkeypatch.setattr(reports, "_write", refuse)
    made = make()

    assert (made.reports, made.failed) == (1, ["UBND thành phố Sông Hương"])
    assert [report.assigner.name for report in only(Report)] == ["UBND xã Bên"]


def test_a_report_that_nobody_can_be_mailed_is_still_kept(overdue):
    for user in overdue.everybody.values():
        user.email = None
    db.session.flush()

    made = make()

    assert (made.reports, made.mails) == (1, 0)
    (row,) = db.session.scalars(select(History).where(History.do == "report_made"))
    assert set(row.payload["without_address"]) == {
        "Trần Quốc Hùng", "Lê Thị Mai", "Nguyễn Văn Bình", "Võ Thị Lan"
    }  # fmt: skip


def test_a_month_without_anything_overdue_has_a_report_too(cast):
    cast.make_task(due_on=date(2026, 4, 20))

    made = make()

    assert (made.reports, made.mails) == (1, 3)
    mails = only(OutgoingMail)
    assert all(mail.subject.startswith("[Báo cáo] 0 nhiệm vụ quá hạn hết tháng 03/2026") for mail in mails)


# Made again


def test_made_again_it_is_the_next_edition_with_the_same_numbers_and_nobody_is_mailed(overdue):
    make()
    (task, _other) = only(tasks.Task)
    progress.report(task, stamp=Stamp(on=date(2026, 4, 10)), result="1/BC", explanation="Đã giải trình")
    mails = count(OutgoingMail)

    again = reports.make_again(overdue.city, MARCH, reason="Kiểm tra lại", stamp=by(overdue.tracker))

    first, second = only(Report)
    assert second is again
    assert (second.edition, second.made_by, second.reason) == (2, overdue.tracker, "Kiểm tra lại")
    assert second.data == first.data
    assert second.sha256 == first.sha256
    assert count(OutgoingMail) == mails
    assert second.files[0].enclosure.filename == "bao-cao-qua-han-2026-03-song-huong-lan-2.xlsx"
    (row,) = db.session.scalars(
        select(History).where(History.do == "report_made", History.by_id == overdue.tracker.id)
    )
    assert (row.note, row.unit, row.payload["edition"]) == ("Kiểm tra lại", overdue.city, 2)


def test_a_correction_of_what_was_known_then_shows_beside_the_edition_before(overdue):
    make()
    overdue.make_task(due_on=date(2026, 3, 25))  # entered late, for a day of March

    again = reports.make_again(overdue.city, MARCH, reason="Bổ sung", stamp=by(overdue.chairman))

    first, _second = only(Report)
    found = differences(from_data(first.data), from_data(again.data))
    assert len(found.added) == 1
    assert len(from_data(first.data).overdue) == 2


def test_made_by_hand_first_the_job_still_makes_and_mails_its_own(overdue):
    stamp = by(overdue.tracker, on=FIRST_WORKING_DAY)
    reports.make_again(overdue.city, MARCH, reason="Xem trước", stamp=stamp)

    made = make()

    assert (made.reports, made.mails) == (1, 4)
    assert [(report.edition, report.made_by is None) for report in only(Report)] == [(1, False), (2, True)]


@pytest.mark.parametrize("reason", ["", "   "])
def test_it_is_made_again_for_a_reason_only(overdue, reason):
    with pytest.raises(Incomplete):
        reports.make_again(overdue.city, MARCH, reason=reason, stamp=by(overdue.tracker))


def test_a_month_that_has_not_ended_has_no_report(overdue):
    for on in (MARCH, date(2026, 3, 30)):
        with pytest.raises(reports.NothingToReport):
            reports.make_again(overdue.city, MARCH, reason="Sớm", stamp=by(overdue.tracker, on=on))
    with pytest.raises(reports.NothingToReport):
        reports.make_again(overdue.city, date(2025, 3, 31), reason="Xưa", stamp=by(overdue.tracker))


@pytest.mark.parametrize("who", ["head", "officer", "inspector", "admin", "outsider"])
def test_only_leaders_and_office_make_and_send_again(overdue, who):
    make()
    (report,) = only(Report)

    with pytest.raises(NotAllowed):
        reports.make_again(overdue.city, MARCH, reason="x", stamp=by(overdue.everybody[who]))
    with pytest.raises(NotAllowed):
        reports.send_again(
            report, user_ids={overdue.chairman.id}, reason="x", stamp=by(overdue.everybody[who])
        )


# Sent again


def test_sent_again_it_is_a_mail_of_its_own_that_tells_who_and_why(overdue):
    make()
    (report,) = only(Report)
    before = count(OutgoingMail)

    sent = reports.send_again(
        report, user_ids={overdue.chairman.id, overdue.head.id}, reason="Thư trước bị trả lại",
        stamp=by(overdue.tracker),
    )  # fmt: skip

    mails = only(OutgoingMail)[before:]
    assert sent == len(mails) == 2
    assert {mail.key for mail in mails} == {
        f"report:{report.id}:{overdue.chairman.id}:2", f"report:{report.id}:{overdue.head.id}:2"
    }  # fmt: skip
    words = "Lê Thị Mai gửi lại báo cáo này. Lý do: Thư trước bị trả lại"
    assert all(words in mail.text and words in mail.html for mail in mails)
    assert {row.unit for row in report.mailings if row.mail in mails} == {None, overdue.lead}
    (row,) = db.session.scalars(select(History).where(History.do == "report_sent"))
    assert (row.note, row.by, row.payload["to"]) == (
        "Thư trước bị trả lại", overdue.tracker, ["Trần Quốc Hùng", "Nguyễn Văn Bình"]
    )  # fmt: skip


def test_the_inspectors_may_be_sent_the_whole_and_nobody_else(overdue):
    make()
    (report,) = only(Report)
    chosen = {overdue.inspector.id, overdue.coordinator.id, overdue.officer.id}

    sent = reports.send_again(report, user_ids=chosen, reason="Thanh tra hỏi", stamp=by(overdue.tracker))

    (mail,) = only(OutgoingMail)[-1:]
    assert sent == 1
    assert mail.user is overdue.inspector


def test_nothing_is_sent_again_without_a_reason_or_to_nobody(overdue):
    make()
    (report,) = only(Report)
    before = stored()

    with pytest.raises(Incomplete):
        reports.send_again(report, user_ids={overdue.chairman.id}, reason=" ", stamp=by(overdue.tracker))
    with pytest.raises(reports.NobodyToSendTo):
        reports.send_again(report, user_ids=set(), reason="x", stamp=by(overdue.tracker))

    assert stored() == before


def test_a_double_click_sends_once_and_makes_once(overdue):
    make()
    (report,) = only(Report)

    def send():
        stamp = by(overdue.tracker, token="a")
        reports.send_again(report, user_ids={overdue.head.id}, reason="x", stamp=stamp)

    def make_again():
        reports.make_again(overdue.city, MARCH, reason="x", stamp=by(overdue.tracker, token="b"))

    send()
    make_again()
    before = stored()

    with pytest.raises(AlreadyDone):
        send()
    with pytest.raises(AlreadyDone):
        make_again()

    assert stored() == before


def test_a_mail_of_the_longest_texts_stays_below_30_kilobytes(cast):
    long = "Đề nghị khẩn trương rà soát & báo cáo <ngay> kết quả thực hiện nhiệm vụ được giao ệẵ " * 40
    for _ in range(16):
        unit = cast.make_unit(name=("Ủy ban nhân dân xã " + long)[:250])
        cast.make_task(unit=unit, content=long, due_on=date(2026, 2, 27), given_on=date(2026, 2, 2))
    report = overdue_month(cast.city, MARCH, repeat_months=2)

    mail = ReportMailText(
        report=report, edition=12, name=long[:250], url="http://localhost/bao-cao/1",
        filenames=[long[:200]] * 2, sent_by=long[:250], reason=long,
    ).render()  # fmt: skip

    assert len(report.repeats) == 16
    assert len(mail["html"].encode()) < 30_000
    assert len(mail["text"].encode()) < 30_000


def test_nothing_is_held_of_the_database_while_files_and_mails_are_written(cast, monkeypatch, session):
    cast.make_task(given_on=date(2026, 3, 2), due_on=date(2026, 3, 10), state=State.IN_PROGRESS)
    session.commit()
    held, render = [], ReportMailText.render

    def write(report, _issue):
        held.append(("file", db.session().in_transaction()))
        return report.part_name.encode()

    def tell(mail):
        held.append(("mail", db.session().in_transaction()))
        return render(mail)

    monkeypatch.setattr(overdue_paper, "as_docx", write)
    monkeypatch.setattr(ReportMailText, "render", tell)

    make()

    assert set(held) == {("file", False), ("mail", False)}


def test_a_report_whose_id_was_taken_meanwhile_is_written_anew(overdue, monkeypatch):
    taken, keep = [], reports._keep

    def somebody_is_first(draft, assigner, **values):
        if not taken:
            db.session.execute(insert(Report).values(
                id=values["report_id"], kind=ReportKind.B4, assigner_id=assigner.id, first_on=MARCH,
                last_on=MARCH, edition=1, made_at=AT, data={}, sha256="0" * 64, figures={},
            ))  # fmt: skip
            taken.append(values["report_id"])
        return keep(draft, assigner, **values)

    monkeypatch.setattr(reports, "_keep", somebody_is_first)

    made = make()

    (report,) = db.session.scalars(select(Report).where(Report.kind == reports.KIND))
    assert (made.reports, made.failed) == (1, [])
    assert report.id != taken[0]
    assert all(f"/bao-cao/{report.id}" in mail.text for mail in only(OutgoingMail))
