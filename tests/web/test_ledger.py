"""The ledger as proof: of a task, a unit and a person, with what became of each mail, also on paper."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from tests.web.pages import statements, words
from tracker.models.mail import Delivery, DeliveryOutcome, MailState, OutgoingMail, Reminder
from tracker.rules.status import State

TODAY = date(2026, 3, 25)


@pytest.fixture(autouse=True)
def today(on_day):
    on_day(TODAY)


@pytest.fixture
def tell(session):
    """Return the writer of the ledger: `tell(task, user, "due", date(…), state=MailState.SENT)`."""
    written = []

    def write(task, user, rung, on, *, state=MailState.SENT, **values):
        at = datetime(on.year, on.month, on.day, 0, 0, tzinfo=UTC)  # 07:00 in Vietnam
        key = f"digest:{on.isoformat()}:{user.id}:{len(written)}"
        ended = {} if state in (MailState.QUEUED, MailState.SENDING) else {"ended_at": at}
        mail = OutgoingMail(
            key=key, kind="digest", user_id=user.id, address=user.email, subject="Nhắc việc",
            text="Bí mật thư", html="", message_id=f"<{key}@song-huong.example>", queued_at=at,
            state=state, **(ended | values),
        )  # fmt: skip
        session.add(mail)
        session.flush()
        row = Reminder(
            task_id=task.id, rung=rung, due_on=task.due_on, user_id=user.id, told_on=on, mail_id=mail.id
        )
        session.add(row)
        session.commit()
        written.append(row)
        return mail

    return write


def of_task(task):
    return f"/nhiem-vu/{task.id}/nhac-viec"


def test_the_sentence_counts_what_was_delivered_to_the_unit(cast, client_of, tell):
    task = cast.make_task(state=State.IN_PROGRESS)
    tell(task, cast.head, "before-3", date(2026, 3, 17))
    tell(task, cast.officer, "before-3", date(2026, 3, 17))
    tell(task, cast.head, "due", date(2026, 3, 20), state=MailState.FAILED, last_error="550 5.1.1 unknown")
    tell(task, cast.head, "late-1", date(2026, 3, 23))
    tell(task, cast.tracker, "late-w5", date(2026, 3, 24))
    tell(task, cast.head, "given:5", date(2026, 3, 3))

    page = words(client_of(cast.tracker).get(of_task(task)))

    assert "Đã nhắc 2 lần: 17/03/2026 (trước hạn 3 ngày làm việc), 23/03/2026 (quá hạn 1 ngày)." in page


def test_a_task_of_which_nobody_was_told_says_so(cast, client_of):
    task = cast.make_task()

    page = words(client_of(cast.head).get(of_task(task)))

    assert "Chưa có lần nhắc nào được máy chủ thư nhận cho đơn vị chủ trì." in page
    assert "Chưa có thư nào nêu nhiệm vụ này." in page
    assert "Bản in" not in page


@pytest.mark.parametrize(
    ("state", "values", "result"),
    [
        (MailState.SENT, {}, "Đã gửi 07:00 23/03/2026"),
        (MailState.QUEUED, {}, "Chờ gửi"),
        (
            MailState.QUEUED,
            {"next_attempt_at": datetime(2026, 3, 25, 3, 0, tzinfo=UTC), "last_error": "421 bận"},
            "Chờ gửi, lần tới 10:00 25/03/2026 (421 bận)",
        ),
        (MailState.SENDING, {}, "Đang gửi"),
        (MailState.FAILED, {"last_error": "550 5.1.1 không có"}, "Gửi lỗi: 550 5.1.1 không có"),
        (MailState.KEPT, {}, "Lưu lại, không gửi"),
        (MailState.CANCELLED, {"last_error": "Không còn việc để nhắc."}, "Đã hủy: Không còn việc để nhắc."),
    ],
)  # fmt: skip
def test_each_line_says_what_became_of_its_mail(cast, client_of, tell, state, values, result):
    task = cast.make_task()
    tell(task, cast.head, "late-1", date(2026, 3, 23), state=state, **values)

    page = words(client_of(cast.tracker).get(of_task(task)))

    line = f"23/03/2026 Nguyễn Văn Bình Phòng Nội vụ quá hạn 1 ngày 20/03/2026 {result}"
    assert f"{line} " in f"{page} "


@pytest.mark.parametrize(
    ("outcome", "ended", "is_doubtful"),
    [
        (DeliveryOutcome.STARTED, None, True),
        (DeliveryOutcome.IN_DOUBT, TODAY, True),
        (DeliveryOutcome.FAILED, TODAY, False),
    ],
)
def test_an_attempt_without_an_answer_is_in_doubt_until_the_mail_is_sent(
    session, cast, client_of, tell, outcome, ended, is_doubtful
):
    task = cast.make_task()
    mail = tell(task, cast.head, "late-1", date(2026, 3, 23), state=MailState.QUEUED)
    at = datetime(2026, 3, 23, tzinfo=UTC)
    attempt = Delivery(mail_id=mail.id, worker="w", started_at=at, outcome=outcome, ended_at=ended and at)
    session.add(attempt)
    session.commit()
    client = client_of(cast.tracker)

    before = words(client.get(of_task(task)))
    mail.state, mail.ended_at = MailState.SENT, at
    session.commit()
    after = words(client.get(of_task(task)))

    assert ("Chưa rõ: máy chủ thư có thể đã nhận" in before) is is_doubtful
    assert "Chưa rõ" not in after


def test_who_sees_the_task_sees_its_ledger_but_only_their_own_mails(cast, client_of, tell):
    task = cast.make_task()
    mail = tell(task, cast.head, "late-1", date(2026, 3, 23))

    pages = {part: client_of(user).get(of_task(task)) for part, user in cast.everybody.items()}

    assert {part for part, page in pages.items() if page.status_code == 404} == {"outsider"}
    links = {part for part, page in pages.items() if f"/thu-nhac/{mail.id}" in page.get_data(as_text=True)}
    assert links == {"head"}
    assert not any("Bí mật thư" in page.get_data(as_text=True) for page in pages.values())


def test_the_task_page_leads_to_its_ledger(cast, client_of, tell):
    task = cast.make_task()
    tell(task, cast.head, "late-1", date(2026, 3, 23))

    page = client_of(cast.head).get(f"/nhiem-vu/{task.id}")

    assert "Các lần nhắc (1)" in words(page)
    assert f'href="{of_task(task)}"' in page.get_data(as_text=True)


def test_the_ledger_of_a_unit_holds_the_tasks_it_leads(cast, client_of, tell):
    mine, theirs = cast.make_task(content="Việc của Nội vụ"), cast.make_task(unit=cast.commune, content="Xã")
    tell(mine, cast.head, "late-1", date(2026, 3, 23))
    tell(theirs, cast.outsider, "late-1", date(2026, 3, 23))
    client = client_of(cast.tracker)

    page = words(client.get(f"/nhac-viec/don-vi/{cast.lead.id}"))

    assert "Sổ nhắc việc: Phòng Nội vụ" in page
    assert "Việc của Nội vụ" in page and "Võ Thị Lan" not in page
    assert client.get(f"/nhac-viec/don-vi/{cast.coordinating.id}").status_code == 404
    assert client_of(cast.outsider).get(f"/nhac-viec/don-vi/{cast.lead.id}").status_code == 404


def test_the_ledger_of_a_person_shows_only_tasks_that_the_reader_sees(cast, client_of, tell):
    shared = cast.make_task(content="Việc chung", coordinating=[cast.coordinating])
    own = cast.make_task(content="Việc riêng", coordinating=[])
    for task in (shared, own):
        tell(task, cast.head, "late-1", date(2026, 3, 23))
    where = f"/nhac-viec/nguoi/{cast.head.id}"

    seen = {
        part: ["Việc chung" in words(page), "Việc riêng" in words(page)]
        for part in ("head", "tracker", "coordinator")
        if (page := client_of(getattr(cast, part)).get(where))
    }

    assert seen == {"head": [True, True], "tracker": [True, True], "coordinator": [True, False]}
    assert client_of(cast.outsider).get(where).status_code == 404
    assert client_of(cast.outsider).get(f"/nhac-viec/nguoi/{cast.outsider.id}").status_code == 200


def test_the_sheet_is_a_paper_with_the_head_of_the_body_in_the_order_of_telling(cast, client_of, tell):
    task = cast.make_task()
    tell(task, cast.head, "due", date(2026, 3, 20))
    tell(task, cast.head, "late-1", date(2026, 3, 23))

    page = client_of(cast.tracker).get(f"{of_task(task)}/in")

    text = words(page)
    assert "ỦY BAN NHÂN DÂN THÀNH PHỐ SÔNG HƯƠNG" in text
    assert "Sông Hương, ngày 25 tháng 3 năm 2026" in text
    assert "SỔ NHẮC VIỆC" in text
    assert "Đã nhắc 2 lần: 20/03/2026 (đến hạn hôm nay), 23/03/2026 (quá hạn 1 ngày)." in text
    assert text.index("1 20/03/2026 Nguyễn Văn Bình, Phòng Nội vụ") < text.index("2 23/03/2026")


def test_a_long_ledger_has_pages_and_each_line_stands_on_one(cast, client_of, tell):
    task = cast.make_task()
    for number in range(60):
        tell(task, cast.head, f"late-w{number}", date(2026, 1, 1) + timedelta(days=number))
    client = client_of(cast.tracker)

    first = client.get(of_task(task))
    following = first.get_data(as_text=True).split('rel="next"')[0].rpartition('href="')[2].rstrip('" ')
    second = client.get(following.replace("&amp;", "&"))

    told = [words(page).count("Nguyễn Văn Bình Phòng Nội vụ") for page in (first, second)]
    assert told == [50, 10]


@pytest.mark.parametrize("typed", ["0", "-1", "abc", "99999999999999999999", "1.5", "٣"])
def test_an_odd_place_in_the_ledger_is_its_beginning(cast, client_of, tell, typed):
    task = cast.make_task()
    tell(task, cast.head, "late-1", date(2026, 3, 23))

    page = client_of(cast.tracker).get(of_task(task), query_string={"truoc": typed})

    assert page.status_code == 200
    assert "Nguyễn Văn Bình" in words(page)


def test_the_pages_ask_a_constant_number_of_statements(cast, client_of, tell):
    task = cast.make_task()
    client = client_of(cast.tracker)
    paths = [of_task(task), f"{of_task(task)}/in", f"/nhac-viec/don-vi/{cast.lead.id}",
             f"/nhac-viec/nguoi/{cast.head.id}"]  # fmt: skip
    counts = []
    for number in (2, 20):
        for step in range(number):
            tell(task, cast.head, f"late-w{number}{step}", date(2026, 3, 23))
        seen = []
        for path in paths:
            with statements() as asked:
                client.get(path)
            seen.append(len(asked))
        counts.append(seen)

    assert counts[0] == counts[1]
