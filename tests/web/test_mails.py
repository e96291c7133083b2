"""The pages of mails: mine for everybody, those of their people for administrators."""

import re
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from tests.counting import statements
from tests.factories import FOUNDED_ON
from tracker import outbox
from tracker.models import db, transaction
from tracker.models.mail import Delivery, DeliveryOutcome, MailState, OutgoingMail, Reminder
from tracker.models.people import Role
from tracker.models.progress import History
from tracker.operations import units
from tracker.operations.recording import Stamp

TODAY = date(2026, 6, 1)
AT = datetime(2026, 6, 1, 0, 0, tzinfo=UTC)
ALL = "/thu-di"
WHY = {"token": "x", "reason": "Đã sửa địa chỉ"}


@pytest.fixture(autouse=True)
def today(on_day):
    on_day(TODAY)


def words(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", response.get_data(as_text=True)))


def make_mail(user, state=MailState.QUEUED, subject="Nhắc việc", text="Nội dung"):
    with transaction():
        number = db.session.query(OutgoingMail).count()
        mail_id = outbox.put(
            key=f"thu-{number}", kind="digest", address=user.email, user_id=user.id, subject=subject,
            text=text, html="<p>x</p>", at=AT,
        )  # fmt: skip
        mail = db.session.get(OutgoingMail, mail_id)
        mail.state = state
    return mail


def test_everybody_reads_their_own_mails_and_no_others(cast, client_of):
    mine = make_mail(cast.head, subject="Thư của tôi")
    other = make_mail(cast.officer, subject="Thư người khác")
    client = client_of(cast.head)

    page = words(client.get("/thu-nhac?pham-vi=tat-ca"))

    assert "Thư của tôi" in page
    assert "Thư người khác" not in page
    assert client.get(f"/thu-nhac/{mine.id}").status_code == 200
    assert client.get(f"/thu-nhac/{other.id}").status_code == 404


@pytest.mark.parametrize("step", ["gui-lai", "huy"])
def test_nobody_but_an_administrator_resends_or_calls_back(cast, client_of, step):
    mail = make_mail(cast.head)

    assert client_of(cast.head).get(f"/thu-nhac/{mail.id}/{step}").status_code == 403
    assert client_of(cast.head).post(f"/thu-nhac/{mail.id}/{step}").status_code == 403


def test_an_administrator_sees_the_mails_of_their_people(cast, client_of):
    make_mail(cast.head, MailState.FAILED, "Thư lỗi")
    make_mail(cast.officer, MailState.KEPT, "Thư giữ lại")
    client = client_of(cast.admin)

    everything, failed = words(client.get(ALL)), words(client.get(f"{ALL}?trang-thai=failed"))
    of_one = words(client.get(f"{ALL}?nguoi={cast.officer.id}"))

    assert "Thư lỗi" in everything and "Thư giữ lại" in everything
    assert "Thư lỗi" in failed and "Thư giữ lại" not in failed
    assert "Thư lỗi" not in of_one and "Thư giữ lại" in of_one


def test_an_administrator_of_another_tree_sees_none_of_them(cast, client_of):
    mail = make_mail(cast.head, MailState.FAILED, "Thư lỗi")
    root = units.found(stamp=Stamp(on=FOUNDED_ON), code="tinh-khac", name="UBND tỉnh khác")
    client = client_of(cast.make_person(unit=root, role=Role.ADMIN))

    assert "Thư lỗi" not in words(client.get(ALL))
    assert client.get(f"/thu-nhac/{mail.id}").status_code == 404
    assert client.post(f"/thu-nhac/{mail.id}/gui-lai", data={"token": "x"}).status_code == 404


def test_a_failed_mail_is_sent_again_and_the_history_tells_by_whom(cast, client_of, session):
    mail = make_mail(cast.head, MailState.FAILED)

    answer = client_of(cast.admin).post(f"/thu-nhac/{mail.id}/gui-lai", data=WHY)

    assert answer.status_code == 303
    assert mail.state is MailState.QUEUED
    assert session.scalar(select(History.by_id).where(History.do == "mail_again")) == cast.admin.id


def test_a_queued_mail_is_called_back_once(cast, client_of):
    mail = make_mail(cast.head)
    client = client_of(cast.admin)

    answers = [client.post(f"/thu-nhac/{mail.id}/huy", data=WHY).status_code for _each in range(2)]

    assert answers == [303, 303]
    assert mail.state is MailState.CANCELLED


def test_a_mail_that_was_sent_is_not_called_back(cast, client_of):
    mail = make_mail(cast.head, MailState.SENT)

    answer = client_of(cast.admin).post(f"/thu-nhac/{mail.id}/huy", data=WHY)

    assert answer.status_code == 422
    assert "còn đang chờ gửi" in words(answer)
    assert mail.state is MailState.SENT


def test_a_mail_shows_as_text_and_nothing_in_it_runs(cast, client_of):
    mail = make_mail(cast.head, text="<script>alert(1)</script> xem http://127.0.0.1:8000/nhiem-vu/1")

    page = client_of(cast.head).get(f"/thu-nhac/{mail.id}").get_data(as_text=True)

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page
    assert 'href="http://127.0.0.1:8000/nhiem-vu/1"' in page


def test_a_mail_names_the_tasks_it_reminded_of(cast, client_of):
    task, mail = cast.make_task(content="Rà soát thủ tục"), make_mail(cast.head)
    told = {"task_id": task.id, "rung": "late-w5", "due_on": task.due_on, "user_id": cast.head.id}
    db.session.add(Reminder(**told, told_on=TODAY, mail_id=mail.id))
    db.session.commit()

    page = words(client_of(cast.head).get(f"/thu-nhac/{mail.id}"))

    assert "Rà soát thủ tục" in page
    assert "quá hạn 5 ngày làm việc" in page


@pytest.mark.parametrize("mail_id", ["0", "999999", "99999999999999999999", "abc"])
def test_an_unknown_or_malformed_mail_is_not_found(cast, client_of, mail_id):
    assert client_of(cast.admin).get(f"/thu-nhac/{mail_id}").status_code == 404


@pytest.mark.parametrize("query", ["trang-thai=x", "nguoi=abc", "truoc=-1", "truoc=99999999999", "pham-vi=x"])
def test_odd_filters_do_no_harm(cast, client_of, query):
    assert client_of(cast.admin).get(f"/thu-nhac?{query}").status_code == 200


def test_the_next_page_goes_on_where_the_first_ended(cast, client_of):
    for number in range(51):
        make_mail(cast.head, subject=f"Thư số {number}.")
    client = client_of(cast.head)

    first = client.get("/thu-nhac").get_data(as_text=True)
    following = client.get(re.search(r'href="([^"]*truoc=[^"]*)"', first)[1].replace("&amp;", "&"))

    assert "Thư số 0." not in first
    assert re.findall(r"Thư số \d+\.", following.get_data(as_text=True)) == ["Thư số 0."]


def test_more_mails_take_no_more_statements(cast, client_of):
    make_mail(cast.head)
    client = client_of(cast.admin)
    with statements() as few:
        client.get(ALL)
    for _each in range(10):
        make_mail(cast.make_person(unit=cast.make_unit()))

    with statements() as many:
        client.get(ALL)

    assert len(many) == len(few)


def make_mails(people, state, number=1, **values):
    """Queue so many mails to each of these people."""
    return [make_mail(user, state, **values) for _each in range(number) for user in people]


def test_the_old_address_of_everybodys_mails_leads_to_the_new_page(cast, client_of):
    answer = client_of(cast.admin).get("/thu-nhac?pham-vi=tat-ca&trang-thai=failed")

    assert (answer.status_code, answer.location) == (302, "/thu-di?trang-thai=failed")


@pytest.mark.parametrize("path", ["/thu-di", "/thu-di/gui-lai", "/thu-di/huy"])
def test_outgoing_mails_are_for_administrators_alone(cast, client_of, path):
    for part in ("chairman", "tracker", "head", "inspector"):
        assert client_of(cast.everybody[part]).get(path).status_code == 403


def test_outgoing_mails_are_found_by_person_kind_day_and_state(cast, client_of):
    make_mail(cast.head, MailState.SENT, "Thư của Bình")
    make_mail(cast.officer, MailState.FAILED, "Thư của Hà")
    urged = make_mail(cast.officer, MailState.SENT, "Thư đôn đốc")
    urged.kind, urged.queued_at = "urge", datetime(2026, 5, 30, 16, 59, tzinfo=UTC)
    db.session.commit()
    client = client_of(cast.admin)

    def found(query):
        page = words(client.get(f"{ALL}?{query}"))
        return [name for name in ("Thư của Bình", "Thư của Hà", "Thư đôn đốc") if name in page]

    assert found("q=binh") == ["Thư của Bình"]
    assert found("q=HA@SONG") == ["Thư của Hà", "Thư đôn đốc"]
    assert found("loai=urge") == ["Thư đôn đốc"]
    assert found("ngay=30/5/2026") == ["Thư đôn đốc"]
    assert found("ngay=1/6") == ["Thư của Bình", "Thư của Hà"]
    assert found("trang-thai=failed") == ["Thư của Hà"]
    assert found(f"nguoi={cast.officer.id}&loai=digest") == ["Thư của Hà"]


@pytest.mark.parametrize(
    "query", ["loai=x", "ngay=31/02/2026", "ngay=x", "q=%25_%5C", "nguoi=0", "trang-thai="]
)
def test_odd_searches_of_outgoing_mails_do_no_harm(cast, client_of, query):
    make_mail(cast.head, subject="Thư còn đó")

    answer = client_of(cast.admin).get(f"{ALL}?{query}")

    assert answer.status_code == 200


def refuse(mail):
    """Let the server have refused a mail for good."""
    mail.last_error, mail.ended_at = "550 5.1.1 Khong co nguoi nay", AT
    db.session.add(Delivery(mail_id=mail.id, worker="m", started_at=AT, ended_at=AT,
                            outcome=DeliveryOutcome.REFUSED))  # fmt: skip
    db.session.commit()


def test_addresses_that_refuse_mail_are_listed_with_the_words_of_the_server(cast, client_of):
    refuse(make_mail(cast.head, MailState.FAILED))
    root = units.found(stamp=Stamp(on=FOUNDED_ON), code="tinh-khac", name="UBND tỉnh khác")
    stranger = client_of(cast.make_person(unit=root, role=Role.ADMIN))

    answer, other = client_of(cast.admin).get(ALL), stranger.get(ALL)

    page = words(answer)
    assert "Địa chỉ bị trả lại (1)" in page
    assert "binh@song-huong.example Phòng Nội vụ 550 5.1.1 Khong co nguoi nay 07:00 01/06/2026" in page
    assert f'href="/quan-tri/nguoi-dung/{cast.head.id}/sua"' in answer.text
    assert "binh@song-huong.example" not in words(other)


def test_all_failed_mails_of_a_search_are_sent_again_after_a_page_that_asks(cast, client_of, session):
    failed = make_mails([cast.head, cast.officer], MailState.FAILED, 2)
    alarm = make_mail(cast.head, MailState.FAILED)
    alarm.kind = "alarm"
    kept, sent = make_mail(cast.head, MailState.KEPT), make_mail(cast.head, MailState.SENT)
    session.commit()
    client = client_of(cast.admin)
    address = "/thu-di/gui-lai?trang-thai=failed&loai=digest"
    asks = client.get(address)
    until = re.search(r'name="until"[^>]*value="(\d+)"', asks.text)[1]
    late = make_mail(cast.head, MailState.FAILED)

    without_reason = client.post(address, data={"token": "x", "until": until})
    answer = client.post(address, data={**WHY, "until": until})
    again = client.post(address, data={**WHY, "until": until})

    assert "Gửi lại: 4 thư" in words(asks)
    assert (without_reason.status_code, answer.status_code, again.status_code) == (422, 303, 303)
    assert {mail.state for mail in failed} == {MailState.QUEUED}
    assert [mail.state for mail in (alarm, kept, sent, late)] == [
        MailState.FAILED, MailState.KEPT, MailState.SENT, MailState.FAILED,
    ]  # fmt: skip
    rows = session.scalars(select(History).where(History.do == "mail_again").order_by(History.id)).all()
    assert [row.payload["mail"] for row in rows] == [mail.key for mail in failed]
    assert {row.payload["reason"] for row in rows} == {"Đã sửa địa chỉ"}
    assert {row.by_id for row in rows} == {cast.admin.id}


def test_all_waiting_mails_of_a_person_are_called_back_after_a_page_that_asks(cast, client_of):
    mine, others = make_mails([cast.head], MailState.QUEUED, 3), make_mails([cast.officer], MailState.QUEUED)
    client = client_of(cast.admin)
    address = f"/thu-di/huy?trang-thai=queued&nguoi={cast.head.id}"

    answer = client.post(address, data={**WHY, "until": str(others[-1].id)})

    assert answer.status_code == 303
    assert {mail.state for mail in mine} == {MailState.CANCELLED}
    assert {mail.last_error for mail in mine} == {"Quản trị đã hủy: Đã sửa địa chỉ"}
    assert others[0].state is MailState.QUEUED


def test_an_administrator_sends_none_of_another_trees_mails_again(cast, client_of):
    mails = make_mails([cast.head], MailState.FAILED, 2)
    root = units.found(stamp=Stamp(on=FOUNDED_ON), code="tinh-khac", name="UBND tỉnh khác")
    client = client_of(cast.make_person(unit=root, role=Role.ADMIN))

    answer = client.post("/thu-di/gui-lai?trang-thai=failed", data={**WHY, "until": str(mails[-1].id)})

    assert answer.status_code == 422
    assert {mail.state for mail in mails} == {MailState.FAILED}


@pytest.mark.parametrize("step", ["gui-lai", "huy"])
@pytest.mark.parametrize("state", ["", "sent", "kept", "sending"])
def test_nothing_is_done_to_all_mails_of_a_state_that_it_does_not_fit(cast, client_of, step, state):
    mail = make_mail(cast.head, MailState(state or "queued"))

    address = f"/thu-di/{step}?trang-thai={state}"
    answer = client_of(cast.admin).post(address, data={**WHY, "until": str(mail.id)})

    assert answer.status_code == 302
    assert mail.state is MailState(state or "queued")


def test_a_mail_that_is_sent_again_goes_to_the_address_of_today(cast, client_of):
    mail = make_mail(cast.head, MailState.FAILED)
    cast.head.email = "binh.moi@song-huong.example"
    db.session.commit()
    client = client_of(cast.admin)

    asked = words(client.get(f"/thu-nhac/{mail.id}/gui-lai"))
    client.post(f"/thu-nhac/{mail.id}/gui-lai", data=WHY)

    assert "đến binh.moi@song-huong.example" in asked
    assert (mail.address, mail.state) == ("binh.moi@song-huong.example", MailState.QUEUED)


def test_at_most_five_hundred_mails_go_again_at_once_and_that_is_said(cast, client_of, monkeypatch):
    monkeypatch.setattr("tracker.web.mails.MOST_AT_ONCE", 3)
    mails = make_mails([cast.head], MailState.FAILED, 5)
    client = client_of(cast.admin)

    asks = words(client.get("/thu-di/gui-lai?trang-thai=failed"))
    client.post("/thu-di/gui-lai?trang-thai=failed", data={**WHY, "until": str(mails[-1].id)})

    assert "Mỗi lần nhiều nhất 3 thư" in asks
    assert [mail.state for mail in mails] == [MailState.QUEUED] * 3 + [MailState.FAILED] * 2
