"""“Sao chép để gửi Zalo”: five lines that stand alone, about one task and about a list."""

from __future__ import annotations

from datetime import date, time
from html import unescape
from urllib.parse import quote

import pytest

from tests.web.pages import words
from tracker.operations.recording import Stamp
from tracker.operations.tasks import edit
from tracker.rules.status import State
from tracker.web.sharing import one_line

TODAY = date(2026, 3, 10)
HERE = "http://127.0.0.1:8000"


@pytest.fixture(autouse=True)
def today(on_day):
    on_day(TODAY)


def message(page) -> list[str]:
    """Return the lines that a page offers to copy."""
    assert "Sao chép để gửi Zalo" in words(page)
    area = page.text.split('<textarea class="form-control" id="message"')[1].split(">", 1)
    assert area[0].endswith("readonly") or " readonly " in area[0]
    return value_of(area[1]).split("\n")


def value_of(html: str) -> str:
    return unescape(html.split("</textarea>")[0].removeprefix("\n"))


def test_a_task_is_five_lines_what_who_until_when_from_which_paper_and_where(cast, client_of):
    paper = cast.make_directive(number="254/UBND-NV")
    task = cast.make_task(
        content="Lập kế hoạch\nsắp xếp", directive=paper, item="II.3", state=State.IN_PROGRESS,
        due_time=time(14),
    )  # fmt: skip

    told = message(client_of(cast.coordinator).get(f"/nhiem-vu/{task.id}"))

    assert told == [
        "Nhiệm vụ: Lập kế hoạch sắp xếp",
        "Chủ trì: Phòng Nội vụ (Phạm Thu Hà)",
        "Thời hạn: 14:00 thứ Sáu 20/03/2026 – đang thực hiện, còn 8 ngày làm việc",
        "Theo: Công văn 254/UBND-NV ngày 02/03/2026, mục II.3",
        f"{HERE}/nhiem-vu/{task.id}",
    ]


@pytest.mark.parametrize(
    ("facts", "line"),
    [
        ({"due_on": date(2026, 3, 9)}, "Thời hạn: thứ Hai 09/03/2026 – chưa thực hiện · quá hạn 1 ngày"),
        ({"due_on": TODAY}, "Thời hạn: thứ Ba 10/03/2026 – chưa thực hiện, hạn hôm nay"),
        ({"due_on": date(2026, 3, 11)}, "Thời hạn: thứ Tư 11/03/2026 – chưa thực hiện, còn 1 ngày làm việc"),
        ({"due_on": None}, "Thời hạn: không thời hạn – chưa thực hiện"),
        (
            {"state": State.AWAITING_CONFIRMATION, "reported_on": date(2026, 3, 8)},
            "Thời hạn: thứ Sáu 20/03/2026 – chờ xác nhận (2 ngày)",
        ),
        (
            {"state": State.COMPLETED, "reported_on": date(2026, 3, 8)},
            "Thời hạn: thứ Sáu 20/03/2026 – hoàn thành đúng hạn",
        ),
        ({"state": State.CANCELLED}, "Thời hạn: thứ Sáu 20/03/2026 – đã thu hồi"),
    ],
)
def test_the_third_line_says_the_deadline_and_how_the_task_stands(cast, client_of, facts, line):
    task = cast.make_task(**facts)

    told = message(client_of(cast.head).get(f"/nhiem-vu/{task.id}"))

    assert len(told) == 5
    assert told[2] == line


def test_what_would_break_a_line_or_a_page_does_not(cast, client_of):
    task = cast.make_task(content="a </textarea><b>\r\n\u2028b\x0b c " + "dài " * 100)

    told = message(client_of(cast.head).get(f"/nhiem-vu/{task.id}"))

    assert len(told) == 5
    assert told[0].startswith("Nhiệm vụ: a </textarea><b> b c dài")
    assert told[0].endswith("dài…")


def test_a_list_names_its_first_three_and_how_many_more(cast, client_of):
    for day in (6, 12, 16, 17, 18):
        hour = time(8) if day == 12 else None
        cast.make_task(content=f"Việc {day}", due_on=date(2026, 3, day), due_time=hour)

    told = message(client_of(cast.head).get("/nhiem-vu?state=open&role=lead"))

    assert told == [
        "5 nhiệm vụ (Đang mở; Đơn vị tôi chủ trì), đến ngày 10/03/2026:",
        "1. Việc 6 – Phòng Nội vụ – hạn 06/03/2026, chưa thực hiện · quá hạn 4 ngày",
        "2. Việc 12 – Phòng Nội vụ – hạn 08:00 12/03/2026, chưa thực hiện, còn 2 ngày làm việc",
        "3. Việc 16 – Phòng Nội vụ – hạn 16/03/2026, chưa thực hiện, còn 4 ngày làm việc",
        f"Và 2 nhiệm vụ khác: {HERE}/nhiem-vu?state=open&role=lead",
    ]


@pytest.mark.parametrize(("tasks", "last"), [(1, "Xem: "), (3, "Xem: "), (4, "Và 1 nhiệm vụ khác: ")])
def test_a_short_list_has_only_the_lines_it_needs(cast, client_of, tasks, last):
    for _each in range(tasks):
        cast.make_task()

    told = message(client_of(cast.head).get("/nhiem-vu"))

    assert len(told) == min(tasks, 3) + 2
    assert told[-1] == f"{last}{HERE}/nhiem-vu?state=open"


def test_the_link_of_a_list_opens_the_list_as_it_was_narrowed(cast, client_of):
    cast.make_task(content="Đề án việc làm")
    browser = client_of(cast.head)

    told = message(browser.get("/nhiem-vu", query_string={"q": "đề án", "sort": "-given"}))

    assert told[0] == "1 nhiệm vụ (“đề án”), đến ngày 10/03/2026:"
    link = told[-1].removeprefix(f"Xem: {HERE}")
    assert link == f"/nhiem-vu?q={quote('đề án').replace('%20', '+')}&sort=-given"
    assert message(browser.get(link)) == told


def test_more_than_is_counted_is_said_as_more(cast, client_of, monkeypatch):
    monkeypatch.setattr("tracker.web.tasks.listing.MOST_COUNTED", 4)
    for _each in range(6):
        cast.make_task()

    told = message(client_of(cast.head).get("/nhiem-vu"))

    assert told[0].startswith("Hơn 4 nhiệm vụ")
    assert told[-1].startswith("Và nhiều nhiệm vụ khác: ")


def test_an_empty_list_and_a_further_page_have_nothing_to_send(cast, client_of):
    for _each in range(51):
        cast.make_task()
    browser = client_of(cast.head)
    place = browser.get("/nhiem-vu").text.split("after=")[1].split('"')[0]

    following = browser.get(f"/nhiem-vu?state=open&after={place}")

    assert "Sao chép để gửi Zalo" not in words(following)
    assert "Sao chép để gửi Zalo" not in words(browser.get("/nhiem-vu?q=khongco"))


def test_a_message_follows_the_task(cast, client_of):
    task = cast.make_task(content="Cũ")

    edit(task, stamp=Stamp(on=TODAY, by=cast.tracker), content="Mới")

    assert message(client_of(cast.head).get(f"/nhiem-vu/{task.id}"))[0] == "Nhiệm vụ: Mới"


@pytest.mark.parametrize(
    ("text", "most", "line"),
    [
        ("một hai ba", 10, "một hai ba"), ("một hai ba", 9, "một hai…"), ("một, hai", 6, "một…"),
        ("mộthaiba", 4, "một…"), ("  a\t\nb\u200b ", None, "a b"),
    ],
)  # fmt: skip
def test_a_text_is_cut_between_words(text, most, line):
    assert one_line(text, most=most) == line
