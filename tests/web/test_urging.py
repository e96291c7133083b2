"""The pages that urge: which units are behind, the form, its letter, and what was urged."""

from __future__ import annotations

import io
from datetime import date

import pytest
from docx import Document
from sqlalchemy import func, select

from tests.web.pages import checked, statements, words
from tracker.models.mail import MailState, OutgoingMail
from tracker.models.progress import History
from tracker.operations import directives, tasks
from tracker.operations.recording import Stamp
from tracker.rules.status import State

TODAY = date(2026, 3, 25)
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@pytest.fixture(autouse=True)
def today(on_day):
    on_day(TODAY)


def mails(session):
    return list(session.scalars(select(OutgoingMail).order_by(OutgoingMail.id)))


def urgings(session):
    return session.scalar(select(func.count()).where(History.do == "urge"))


def of_unit(unit):
    return f"/don-doc/don-vi/{unit.id}"


def of_task(task):
    return f"/nhiem-vu/{task.id}/don-doc"


def text_of(response):
    document = Document(io.BytesIO(response.data))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])


def test_the_list_names_units_behind_the_worst_first(cast, client_of):
    cast.make_task(due_on=date(2026, 3, 18))
    for _ in range(2):
        cast.make_task(unit=cast.commune)
    cast.make_task(unit=cast.coordinating, due_on=TODAY)

    page = words(client_of(cast.tracker).get("/don-doc"))

    assert page.index("UBND xã Phú An 2 20/03/2026 –") < page.index("Phòng Nội vụ 1 18/03/2026 –")
    assert "Phòng Tài chính" not in page


@pytest.mark.parametrize("part", ["head", "officer", "coordinator", "inspector", "admin"])
def test_who_gave_nothing_has_no_unit_to_urge(cast, client_of, part):
    cast.make_task(state=State.IN_PROGRESS)
    client = client_of(getattr(cast, part))

    page = client.get("/don-doc")

    assert "Không có đơn vị nào quá hạn" in words(page)
    assert client.get(of_unit(cast.lead)).status_code == 404


def test_all_overdue_tasks_of_the_unit_are_offered_ticked(cast, client_of):
    late = [cast.make_task(state=State.IN_PROGRESS), cast.make_task(due_on=date(2026, 3, 24))]
    cast.make_task(due_on=TODAY)
    cast.make_task(state=State.AWAITING_CONFIRMATION)
    cast.make_task(unit=cast.commune)

    page = client_of(cast.tracker).get(of_unit(cast.lead))

    assert checked(page, "tasks") == [str(task.id) for task in late]
    assert "Thư gửi ngay, mỗi người một thư: Nguyễn Văn Bình, Phạm Thu Hà." in words(page)


def test_sending_the_form_tells_the_unit_and_leads_to_the_urging(session, cast, client_of):
    task, other = cast.make_task(state=State.IN_PROGRESS), cast.make_task()
    client = client_of(cast.tracker)

    answer = client.post(
        of_unit(cast.lead),
        data={"tasks": [task.id], "words": "Làm ngay.", "reply_by": "27/3", "token": "mot"},
        follow_redirects=True,
    )

    page = words(answer)
    assert "Đã đôn đốc. Thư được gửi ngay." in page
    assert "Lê Thị Mai, Chuyên viên Văn phòng, 09:00 25/03/2026" in page
    assert "chậm nhất ngày 27/03/2026 (không phải gia hạn)" in page
    assert task.content in page and other.content not in page
    assert "Nguyễn Văn Bình Chờ gửi" in page
    assert {mail.user_id for mail in mails(session)} == {cast.head.id, cast.officer.id}


def test_a_double_click_leads_to_the_same_urging(session, cast, client_of):
    task = cast.make_task(state=State.IN_PROGRESS)
    client, form = client_of(cast.tracker), {"tasks": [task.id], "token": "bam-hai-lan"}

    first = client.post(of_task(task), data=form)
    second = client.post(of_task(task), data=form)

    assert (first.status_code, second.status_code) == (303, 303)
    assert first.headers["Location"] == second.headers["Location"]
    assert urgings(session) == 1


def test_the_second_urging_of_a_day_asks_first(session, cast, client_of):
    task = cast.make_task(state=State.IN_PROGRESS)
    client = client_of(cast.tracker)
    client.post(of_task(task), data={"tasks": [task.id], "token": "mot"})

    page = client.get(of_task(task))
    refused = client.post(of_task(task), data={"tasks": [task.id], "token": "hai"})
    done = client.post(
        of_task(task),
        data={"tasks": [task.id], "again": "Chủ tịch yêu cầu", "token": "ba"},
        follow_redirects=True,
    )

    assert "Lý do đôn đốc lại trong ngày" in words(page)
    assert refused.status_code == 422
    assert "1 nhiệm vụ đã được đôn đốc hôm nay. Nêu lý do đôn đốc lại, hoặc bỏ chọn." in words(refused)
    assert "Chủ tịch yêu cầu" in words(done)
    assert urgings(session) == 2


def test_what_was_urged_today_is_not_ticked_again(cast, client_of):
    task, other = cast.make_task(), cast.make_task()
    client = client_of(cast.tracker)
    client.post(of_unit(cast.lead), data={"tasks": [task.id], "token": "mot"})

    page = client.get(of_unit(cast.lead))

    assert checked(page, "tasks") == [str(other.id)]


def test_without_a_task_nothing_is_sent_and_what_was_typed_stays(session, cast, client_of):
    cast.make_task()

    answer = client_of(cast.tracker).post(of_unit(cast.lead), data={"words": "Làm ngay.", "token": "mot"})

    assert answer.status_code == 422
    assert "Chọn ít nhất một nhiệm vụ." in words(answer)
    assert "Làm ngay." in words(answer)
    assert mails(session) == []


def test_a_task_that_was_not_offered_is_refused(session, cast, client_of):
    cast.make_task()
    other = cast.make_task(unit=cast.commune)

    answer = client_of(cast.tracker).post(of_unit(cast.lead), data={"tasks": [other.id], "token": "mot"})

    assert answer.status_code == 422
    assert mails(session) == []


def test_the_draft_of_the_letter_comes_without_sending_anything(session, cast, client_of):
    task = cast.make_task(content="Rà soát quy hoạch")
    cast.make_task(content="Việc không chọn")

    answer = client_of(cast.tracker).post(
        of_unit(cast.lead),
        data={"tasks": [task.id], "words": "Chủ tịch nhắc.", "reply_by": "27/03/2026", "do": "du-thao"},
    )

    letter = text_of(answer)
    assert (answer.status_code, answer.mimetype) == (200, WORD)
    assert "filename=cong-van-don-doc-phong-noi-vu-20260325.docx" in answer.headers["Content-Disposition"]
    for part in ("Kính gửi: Phòng Nội vụ", "Rà soát quy hoạch", "Chủ tịch nhắc.", "chậm nhất ngày 27/03/2026",
                 "Sông Hương, ngày", "THÀNH PHỐ SÔNG HƯƠNG", "20/03/2026", "Chưa nhắc"):  # fmt: skip
        assert part in letter
    assert "Việc không chọn" not in letter
    assert (mails(session), urgings(session)) == ([], 0)


def test_the_letter_of_an_urging_says_later_what_was_true_then(session, cast, client_of, on_day):
    task = cast.make_task(state=State.IN_PROGRESS)
    client = client_of(cast.tracker)
    where = client.post(of_task(task), data={"tasks": [task.id], "token": "mot"}).headers["Location"]
    before = text_of(client.get(f"{where}/van-ban"))
    for mail in mails(session):
        mail.state, mail.ended_at = MailState.SENT, mail.queued_at
    session.commit()

    tasks.set_due(task, stamp=Stamp(on=TODAY, by=cast.tracker), due_on=date(2026, 4, 30), reason="Sửa")
    on_day(date(2026, 5, 20))
    after = text_of(client.get(f"{where}/van-ban"))

    assert after == before
    assert "20/03/2026\n5\nChưa nhắc" in after


def test_the_next_letter_counts_the_urging_before(session, cast, client_of, on_day):
    task = cast.make_task(state=State.IN_PROGRESS)
    client = client_of(cast.tracker)
    client.post(of_task(task), data={"tasks": [task.id], "token": "mot"})
    for mail in mails(session):
        mail.state, mail.ended_at = MailState.SENT, mail.queued_at
    session.commit()
    on_day(date(2026, 3, 26))

    page = client.get(of_task(task))
    letter = client.post(of_task(task), data={"tasks": [task.id], "do": "du-thao"})

    assert "20/03/2026 6 1" in words(page)
    assert "1 lần: 25/03/2026" in text_of(letter)


def test_the_task_page_offers_urging_and_its_timeline_tells_of_it(cast, client_of):
    task = cast.make_task(state=State.IN_PROGRESS)
    client = client_of(cast.tracker)

    offered = client.get(f"/nhiem-vu/{task.id}").get_data(as_text=True)
    client.post(
        of_task(task),
        data={"tasks": [task.id], "words": "Khẩn trương.", "reply_by": "27/3/2026", "token": "mot"},
    )
    told = words(client_of(cast.officer).get(f"/nhiem-vu/{task.id}"))

    assert f'href="{of_task(task)}"' in offered
    assert (
        "09:00 25/03/2026 Đôn đốc Lê Thị Mai Khẩn trương. Đề nghị báo cáo chậm nhất ngày 27/03/2026" in told
    )


def test_a_reported_task_is_not_urged(cast, client_of):
    task = cast.make_task(state=State.AWAITING_CONFIRMATION)
    client = client_of(cast.tracker)

    answer = client.get(of_task(task), follow_redirects=True)

    assert "Chỉ đôn đốc khi nhiệm vụ chưa báo cáo hoàn thành." in words(answer)
    assert f'href="{of_task(task)}"' not in answer.get_data(as_text=True)


def test_the_unit_reads_the_urging_but_not_the_draft_of_its_letter(cast, client_of):
    task = cast.make_task(state=State.IN_PROGRESS)
    where = client_of(cast.tracker).post(of_task(task), data={"tasks": [task.id], "token": "mot"}).location

    answers = {
        part: (client_of(user).get(where).status_code, client_of(user).get(f"{where}/van-ban").status_code)
        for part, user in cast.everybody.items()
    }

    assert answers == {
        "chairman": (200, 200), "tracker": (200, 200), "head": (200, 403), "officer": (200, 403),
        "coordinator": (200, 403), "outsider": (404, 404), "inspector": (200, 403), "admin": (200, 403),
    }  # fmt: skip


def test_a_unit_of_two_assigners_is_urged_by_one_at_a_time(session, cast, client_of):
    room = cast.make_unit(parent=cast.commune, name="Tổ Một cửa")
    cast.make_person(unit=room)
    paper = directives.register(
        stamp=Stamp(on=date(2026, 3, 2)), kind="CV", number="1/UBND", subject="Việc của xã",
        issuer=cast.commune, issued_on=date(2026, 3, 2),
    )  # fmt: skip
    of_commune = cast.make_task(unit=room, directive=paper, tracker=None, leader=None)
    of_city = [cast.make_task(unit=room) for _ in range(2)]
    client = client_of(cast.chairman)

    first = client.get(of_unit(room))
    second = client.get(f"{of_unit(room)}?giao={cast.commune.id}")

    assert sorted(checked(first, "tasks")) == sorted(str(task.id) for task in of_city)
    assert f"giao={cast.commune.id}" in first.get_data(as_text=True)
    assert checked(second, "tasks") == [str(of_commune.id)]


def test_the_pages_ask_a_constant_number_of_statements(session, cast, client_of):
    client = client_of(cast.tracker)
    counts = {}
    for number in (2, 12):
        while len(checked(client.get(of_unit(cast.lead)), "tasks")) < number:
            cast.make_task()
        for path in ("/don-doc", of_unit(cast.lead)):
            with statements() as seen:
                client.get(path)
            counts.setdefault(path, []).append(len(seen))

    assert all(few == many for few, many in counts.values()), counts
