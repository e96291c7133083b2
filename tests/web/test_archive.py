"""The kept reports on the web: who sees which part, what the page shows, sending and making again."""

from __future__ import annotations

import io
from datetime import date, datetime

import pytest
from openpyxl import load_workbook
from sqlalchemy import select, update

from tests.web.pages import errors, statements, value, words
from tracker import clock
from tracker.files import overdue_paper
from tracker.models import db
from tracker.models.mail import MailState, OutgoingMail
from tracker.models.people import Role
from tracker.models.report import Report, ReportFile
from tracker.models.task import Task
from tracker.operations import reports
from tracker.operations.recording import Stamp
from tracker.rules.status import State

TODAY = date(2026, 4, 15)
MARCH = date(2026, 3, 31)
AT = datetime(2026, 4, 1, 7, 30, tzinfo=clock.VIETNAM)


@pytest.fixture(autouse=True)
def quick_papers(monkeypatch):
    """Words in place of Word files: those are read in tests/files."""
    monkeypatch.setattr(overdue_paper, "as_docx", lambda report, _issue: report.part_name.encode())


@pytest.fixture
def report(cast, on_day):
    """The report of March: one overdue task of Nội vụ, one of Phú An."""
    cast.make_task(state=State.IN_PROGRESS, due_on=date(2026, 3, 20), content="Đề án của Nội vụ")
    cast.make_task(unit=cast.commune, due_on=date(2026, 3, 27), content="Đề án của Phú An")
    reports.make_last_month(today=date(2026, 4, 1), at=AT)
    on_day(TODAY)
    return db.session.scalars(select(Report)).one()


def address(report, tail=""):
    return f"/bao-cao/{report.id}{tail}"


# Who sees what


@pytest.mark.parametrize("who", ["chairman", "tracker", "inspector"])
def test_the_assigner_sees_the_whole(cast, client_of, report, who):
    page = words(client_of(cast.everybody[who]).get(address(report)))

    assert "Tình hình nhiệm vụ quá hạn tháng 3 năm 2026" in page
    assert "Đề án của Nội vụ" in page and "Đề án của Phú An" in page
    assert "Đây là một phần" not in page


@pytest.mark.parametrize("who", ["head", "officer"])
def test_a_unit_sees_its_part_and_nothing_of_others(cast, client_of, report, who):
    page = words(client_of(cast.everybody[who]).get(address(report)))

    assert "phần của Phòng Nội vụ" in page and "Đây là một phần của báo cáo" in page
    assert "Đề án của Nội vụ" in page
    assert "Phú An" not in page
    assert "hết ngày 31/03/2026 có 1 nhiệm vụ quá hạn" in page
    assert "Trần Quốc Hùng" not in page


@pytest.mark.both_databases
def test_a_part_holds_the_files_and_the_mails_of_that_unit_alone(cast, client_of, report):
    client = client_of(cast.head)
    files = {file.enclosure.filename: file.id for file in report.files}

    page = words(client.get(address(report)))
    codes = {name: client.get(address(report, f"/tep/{id}")).status_code for name, id in files.items()}

    assert {name for name, code in codes.items() if code == 200} == {
        "bao-cao-qua-han-2026-03-song-huong-noi-vu.xlsx", "bao-cao-qua-han-2026-03-song-huong-noi-vu.docx"
    }  # fmt: skip
    assert set(codes.values()) == {200, 404}
    assert "binh@song-huong.example" in page and "lan@song-huong.example" not in page


@pytest.mark.parametrize("who", ["coordinator"])
def test_who_has_no_part_in_it_does_not_find_it(cast, client_of, report, who):
    client = client_of(cast.everybody[who])

    assert client.get(address(report)).status_code == 404
    assert client.get(address(report, f"/tep/{report.files[0].id}")).status_code == 404
    assert "Chưa có báo cáo nào" in words(client.get("/bao-cao"))


def test_an_administrator_has_no_reports(cast, client_of, report):
    client = client_of(cast.admin)

    assert client.get("/bao-cao").status_code == client.get(address(report)).status_code == 403
    assert 'href="/bao-cao"' not in client.get("/").get_data(as_text=True)


def test_the_menu_has_the_reports_between_b4_and_the_mails(cast, client_of, report):
    page = client_of(cast.head).get("/bao-cao").get_data(as_text=True)

    menu = page.partition('class="menu-list"')[2].partition("</ul>")[0]
    assert menu.index(">Biểu B.4<") < menu.index(">Báo cáo<") < menu.index(">Thư nhắc<")
    assert 'href="/bao-cao" aria-current="page"' in menu


def test_somebody_above_the_units_sees_all_their_parts(cast, client_of, report):
    overseer = cast.make_person(unit=cast.city, role=Role.UNIT_HEAD)

    page = words(client_of(overseer).get(address(report)))

    assert "Đề án của Nội vụ" in page and "Đề án của Phú An" in page
    assert "Đây là một phần của báo cáo" in page


# The list


@pytest.mark.both_databases
def test_the_list_tells_month_figures_and_delivery(cast, client_of, report):
    db.session.execute(
        update(OutgoingMail).where(OutgoingMail.user_id == cast.head.id).values(state=MailState.FAILED)
    )
    db.session.execute(
        update(OutgoingMail).where(OutgoingMail.user_id == cast.chairman.id).values(state=MailState.SENT)
    )
    reports.make_again(cast.city, MARCH, reason="x", stamp=Stamp(on=TODAY, by=cast.tracker, at=AT))

    page = words(client_of(cast.tracker).get("/bao-cao"))

    assert "Tháng 03/2026, lần 2 UBND thành phố Sông Hương 07:30 01/04/2026 Lê Thị Mai 2 2 chưa gửi" in page
    first = "Tháng 03/2026 UBND thành phố Sông Hương 07:30 01/04/2026 tự động 2 2"
    assert f"{first} đã gửi 1, gửi lỗi 1 , chờ gửi 2" in page


@pytest.mark.both_databases
def test_the_list_of_a_unit_counts_its_own(cast, client_of, report):
    page = words(client_of(cast.head).get("/bao-cao"))

    row = "UBND thành phố Sông Hương phần của đơn vị tôi 07:30 01/04/2026 tự động 1 1 đã gửi 0, chờ gửi 1"
    assert row in page


@pytest.mark.both_databases
def test_the_list_goes_on_over_pages(cast, client_of, report, monkeypatch):
    monkeypatch.setattr("tracker.queries.archive.PAGE", 1)
    reports.make_again(cast.city, MARCH, reason="x", stamp=Stamp(on=TODAY, by=cast.tracker, at=AT))
    client = client_of(cast.tracker)

    first = client.get("/bao-cao").get_data(as_text=True)
    onward = first.partition('rel="next"')[0].rpartition('href="')[2].partition('"')[0]
    second = words(client.get(onward))

    assert "lần 2" in first
    assert "lần 2" not in second and "tự động" in second


def test_the_number_of_statements_does_not_grow_with_the_reports(cast, client_of, report):
    client = client_of(cast.tracker)

    def asked(path):
        with statements() as seen:
            assert client.get(path).status_code == 200
        return len(seen)

    def make():
        stamp = Stamp(on=TODAY, by=cast.tracker, at=AT)
        return reports.make_again(cast.city, MARCH, reason="x", stamp=stamp)

    asked("/bao-cao")
    one, shown = asked("/bao-cao"), asked(address(make()))
    make()
    for _ in range(3):
        cast.make_task(unit=cast.make_unit(), due_on=date(2026, 3, 9))

    assert asked(address(make())) == shown
    assert asked("/bao-cao") == one


# One report


def test_the_page_shows_what_was_frozen_whatever_happens_later(cast, client_of, report):
    task = db.session.scalars(select(Task).where(Task.content == "Đề án của Nội vụ")).one()
    task.content = "Nội dung khác"
    cast.lead.name = "Phòng đã đổi tên"
    db.session.flush()

    page = words(client_of(cast.tracker).get(address(report)))

    assert "Đề án của Nội vụ" in page and "Nội dung khác" not in page
    assert "Phòng Nội vụ 0 0 0 1 0 0 0 1" in page
    assert report.sha256 in page


def test_data_that_were_touched_are_told_of(cast, client_of, report):
    page = words(client_of(cast.tracker).get(address(report)))
    assert "không khớp mã kiểm tra" not in page

    report.data = report.data | {"repeat_months": 2}
    db.session.flush()

    assert "không khớp mã kiểm tra" in words(client_of(cast.tracker).get(address(report)))


def test_the_files_are_given_as_they_were_made(cast, client_of, report):
    client = client_of(cast.chairman)
    sheet, paper = (file for file in report.files if file.unit_id is None)

    given = client.get(address(report, f"/tep/{sheet.id}"))
    written = client.get(address(report, f"/tep/{paper.id}"))

    assert written.data == paper.enclosure.content
    assert written.mimetype.endswith("wordprocessingml.document")
    assert given.data == sheet.enclosure.content
    assert given.headers["Content-Disposition"] == (
        'attachment; filename="bao-cao-qua-han-2026-03-song-huong.xlsx"'
    )
    assert report.sha256 in " ".join(
        str(cell.value) for row in load_workbook(io.BytesIO(given.data))["Tóm tắt"] for cell in row
    )


def test_a_file_of_another_report_is_not_found_under_this_one(cast, client_of, report):
    again = reports.make_again(cast.city, MARCH, reason="x", stamp=Stamp(on=TODAY, by=cast.tracker, at=AT))
    other = db.session.scalars(select(ReportFile).where(ReportFile.report_id == again.id)).first()

    assert client_of(cast.tracker).get(address(report, f"/tep/{other.id}")).status_code == 404


def test_tasks_link_to_their_page_where_it_is_open(cast, client_of, report):
    db.session.execute(update(Task).where(Task.content == "Đề án của Nội vụ").values(unit_id=cast.commune.id))

    page = client_of(cast.head).get(address(report)).get_data(as_text=True)

    assert "Đề án của Nội vụ" in page
    assert '">Đề án của Nội vụ</a>' not in page
    assert '">Đề án của Nội vụ</a>' in client_of(cast.tracker).get(address(report)).get_data(as_text=True)


def test_an_edition_shows_what_it_says_otherwise(cast, client_of, report):
    cast.make_task(due_on=date(2026, 3, 25), content="Nhập muộn")
    again = reports.make_again(
        cast.city, MARCH, reason="Bổ sung việc nhập muộn", stamp=Stamp(on=TODAY, by=cast.tracker, at=AT)
    )

    page = words(client_of(cast.chairman).get(address(again)))

    assert "So với lần 1, lập 07:30 01/04/2026:" in page
    assert "Phòng Nội vụ, Chưa thực hiện – đã quá hạn: 0 → 1" in page
    assert "Thêm vào danh sách quá hạn: Nhập muộn" in page
    assert "Bổ sung việc nhập muộn" in page
    assert "So với" not in words(client_of(cast.chairman).get(address(report)))


def test_people_without_an_address_are_named(cast, client_of, on_day):
    cast.head.email = None
    cast.make_task(due_on=date(2026, 3, 20))
    reports.make_last_month(today=date(2026, 4, 1), at=AT)
    on_day(TODAY)
    report = db.session.scalars(select(Report)).one()

    assert "chưa có địa chỉ thư: Nguyễn Văn Bình" in words(client_of(cast.tracker).get(address(report)))


# Sending again


def test_sending_again_asks_for_people_and_a_reason(cast, client_of, report):
    client, path = client_of(cast.tracker), address(report, "/gui-lai")

    page = client.get(path)
    refused = client.post(path, data={"reason": ""})
    done = client.post(
        path, data={"people": [cast.head.id, cast.inspector.id], "reason": "Thư bị trả lại"}
    )

    assert "Nguyễn Văn Bình – Phòng Nội vụ" in words(page) and "Đặng Minh Tuấn" in words(page)
    assert refused.status_code == 422
    assert errors(refused) == ["Chọn ít nhất một người nhận.", "Nhập lý do gửi lại."]
    assert done.headers["Location"] == address(report)
    page = words(client.get(address(report)))
    assert "Đã xếp 2 thư vào hàng chờ gửi." in page
    assert "Đặng Minh Tuấn tuan@song-huong.example toàn bộ" in page


def test_people_who_were_not_offered_are_refused(cast, client_of, report):
    path = address(report, "/gui-lai")

    answer = client_of(cast.tracker).post(path, data={"people": [cast.outsider.id, 999], "reason": "x"})

    assert answer.status_code == 422
    assert errors(answer) == ["Chọn các mục trong danh sách."]


def test_a_double_click_sends_one_mail(cast, client_of, report):
    client, path = client_of(cast.tracker), address(report, "/gui-lai")
    token = value(client.get(path), "token")
    before = len(list(db.session.scalars(select(OutgoingMail.id))))

    for _ in range(2):
        answer = client.post(path, data={"people": [cast.head.id], "reason": "x", "token": token})
        assert answer.status_code == 303

    assert len(list(db.session.scalars(select(OutgoingMail.id)))) == before + 1


@pytest.mark.parametrize(("who", "code"), [("inspector", 403), ("head", 403), ("coordinator", 403)])
def test_only_leaders_and_office_may_send_again(cast, client_of, report, who, code):
    path = address(report, "/gui-lai")

    assert client_of(cast.everybody[who]).get(path).status_code == code
    assert client_of(cast.everybody[who]).post(path).status_code == code


def test_a_leader_of_a_unit_that_only_has_a_part_may_not_send_it(cast, client_of, report):
    leader = cast.make_person(unit=cast.commune, role=Role.LEADER)

    client = client_of(leader)

    assert client.get(address(report)).status_code == 200
    assert client.get(address(report, "/gui-lai")).status_code == 403


# Making again


@pytest.mark.parametrize("typed", ["03/2026", "3/2026", "tháng 3/2026", "2026-03", "03-2026", "3.2026"])
def test_a_month_is_read_as_people_type_it(cast, client_of, report, typed):
    client = client_of(cast.chairman)

    done = client.post(
        "/bao-cao/lap-lai", data={"assigner": "song-huong", "month": typed, "reason": "Đối chiếu"}
    )

    made = db.session.scalars(select(Report).where(Report.edition == 2)).one()
    assert done.headers["Location"] == address(made)
    assert (made.last_on, made.made_by, made.reason) == (MARCH, cast.chairman, "Đối chiếu")
    assert "Chưa gửi cho ai" in words(client.get(address(made)))


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("", "Nhập tháng cần lập báo cáo."),
        ("13/2026", "Không đọc được tháng. Nhập dạng mm/yyyy, ví dụ 10/2026."),
        ("tháng ba", "Không đọc được tháng. Nhập dạng mm/yyyy, ví dụ 10/2026."),
        ("٣/2026", "Không đọc được tháng. Nhập dạng mm/yyyy, ví dụ 10/2026."),
    ],
)
def test_a_month_that_cannot_be_read_is_told_and_kept(cast, client_of, report, typed, message):
    answer = client_of(cast.chairman).post(
        "/bao-cao/lap-lai", data={"assigner": "song-huong", "month": typed, "reason": "x"}
    )

    assert answer.status_code == 422
    assert errors(answer) == [message]
    assert value(answer, "month") == typed


@pytest.mark.parametrize(
    ("typed", "message"),
    [("04/2026", "Tháng này chưa kết thúc."), ("01/2025", "Không có nhiệm vụ nào từ đầu năm")],
)
def test_a_month_without_a_report_is_refused_in_words(cast, client_of, report, typed, message):
    answer = client_of(cast.chairman).post(
        "/bao-cao/lap-lai", data={"assigner": "song-huong", "month": typed, "reason": "x"}
    )

    assert answer.status_code == 422
    assert message in words(answer)


def test_the_form_knows_the_report_it_was_opened_from(cast, client_of, report):
    client = client_of(cast.tracker)

    asked = client.get("/bao-cao/lap-lai?assigner=song-huong&month=2026-02")
    plain = client.get("/bao-cao/lap-lai")

    assert (value(asked, "month"), value(plain, "month")) == ("02/2026", "03/2026")


def test_a_double_click_makes_one_edition(cast, client_of, report):
    client = client_of(cast.tracker)
    token = value(client.get("/bao-cao/lap-lai"), "token")

    for _ in range(2):
        answer = client.post(
            "/bao-cao/lap-lai",
            data={"assigner": "song-huong", "month": "03/2026", "reason": "x", "token": token},
        )
        assert answer.status_code == 303

    assert list(db.session.scalars(select(Report.edition).order_by(Report.edition))) == [1, 2]


def test_the_report_of_a_foreign_assigner_cannot_be_made(cast, client_of, report):
    leader = cast.make_person(unit=cast.commune, role=Role.LEADER)

    answer = client_of(leader).post(
        "/bao-cao/lap-lai", data={"assigner": "song-huong", "month": "03/2026", "reason": "x"}
    )

    assert answer.status_code == 422
    assert errors(answer) == ["Chọn một mục trong danh sách."]
