"""The page of one task: what, from which paper, who, until when, what one can do, its past, and why."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from html import unescape

import pytest

from tests.counting import statements
from tests.web.pages import words
from tracker.models import db
from tracker.models.progress import History
from tracker.operations import progress, requests, tasks
from tracker.operations.recording import Stamp
from tracker.rules.status import State
from tracker.rules.workflow import Action
from tracker.web.task_history import DEEDS

TODAY = date(2026, 3, 10)

GIVER_RUNNING = [
    "Đôn đốc", "Sửa thời hạn", "Sửa thông tin nhiệm vụ", "Chuyển sang đơn vị khác", "Thu hồi nhiệm vụ",
]  # fmt: skip
PASS_DOWN = "Giao việc cho bộ phận, cá nhân trong đơn vị"


@pytest.fixture(autouse=True)
def today(on_day, app, tmp_path):
    on_day(TODAY)
    app.config["FILES_FOLDER"] = str(tmp_path / "files")


def buttons(page) -> list[tuple[str, bool]]:
    """Return what a person can do on a page: the words of each button, and whether it stands out."""
    block = re.search(r'<nav class="choices".*?</nav>', page.text, re.DOTALL)
    found = re.findall(r'class="btn btn-(primary|plain)" href="[^"]*">([^<]*)', block[0]) if block else []
    return [(unescape(label), kind == "primary") for kind, label in found]


def why(page) -> str:
    """Return the answer to “Vì sao ở ô này?”."""
    section = page.text.split('id="vi-sao"')[1].split("<form")[0]
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", section)).split()).split("ô này?", 1)[1].strip("> ")


def events(page) -> list[str]:
    """Return the heads of the timeline, the latest first."""
    timeline = page.text.split('class="timeline"')[1].split("</ol>")[0]
    return [unescape(head) for head in re.findall(r"<strong>([^<]*)</strong>", timeline)]


# Who sees it, and what they can do


def test_only_who_has_a_part_finds_the_page(cast, client_of):
    task = cast.make_task()
    draft = cast.make_task(state=State.DRAFT)

    seen = {
        who: [client_of(user).get(f"/nhiem-vu/{each.id}").status_code for each in (task, draft)]
        for who, user in cast.everybody.items()
    }

    assert seen == {
        "chairman": [200, 200], "tracker": [200, 200], "head": [200, 404], "officer": [200, 404],
        "coordinator": [200, 404], "outsider": [404, 404], "inspector": [200, 404], "admin": [200, 404],
    }  # fmt: skip


@pytest.mark.parametrize("id_", ["0", "999999", "99999999999999999999", "abc", "-1", "1.5", "٣", "%00"])
def test_an_unknown_or_malformed_task_is_not_found(cast, client_of, id_):
    assert client_of(cast.tracker).get(f"/nhiem-vu/{id_}").status_code == 404


@pytest.mark.parametrize(
    ("state", "who", "expected"),
    [
        (State.NOT_STARTED, "head", ["*Tiếp nhận", PASS_DOWN, "Xin gia hạn", "Trả lại nhiệm vụ"]),
        (State.NOT_STARTED, "officer", []),
        (State.NOT_STARTED, "coordinator", ["*Gửi ý kiến phối hợp"]),
        (State.NOT_STARTED, "tracker", GIVER_RUNNING),
        (State.IN_PROGRESS, "head", ["*Cập nhật tiến độ", "Báo cáo hoàn thành", PASS_DOWN, "Xin gia hạn"]),
        (State.IN_PROGRESS, "officer", ["*Cập nhật tiến độ"]),
        (State.IN_PROGRESS, "chairman", GIVER_RUNNING),
        (State.IN_PROGRESS, "inspector", []),
        (State.IN_PROGRESS, "admin", []),
        (
            State.AWAITING_CONFIRMATION, "tracker",
            ["*Xác nhận hoàn thành", "Yêu cầu làm lại", *GIVER_RUNNING[2:]],
        ),
        (State.AWAITING_CONFIRMATION, "head", [PASS_DOWN]),
        (State.COMPLETED, "tracker", ["Mở lại nhiệm vụ"]),
        (State.COMPLETED, "head", []),
        (State.CANCELLED, "tracker", []),
        (State.DRAFT, "tracker", ["*Giao nhiệm vụ", *GIVER_RUNNING[2:]]),
    ],
)  # fmt: skip
def test_the_page_offers_just_what_one_may_do_now(cast, client_of, state, who, expected):
    task = cast.make_task(state=state, **({"reported_on": TODAY} if state in (
        State.AWAITING_CONFIRMATION, State.COMPLETED) else {}))  # fmt: skip

    page = client_of(getattr(cast, who)).get(f"/nhiem-vu/{task.id}")

    assert [f"*{label}" if stands_out else label for label, stands_out in buttons(page)] == expected


def test_what_waits_for_a_decision_stands_on_top_and_is_offered(cast, client_of):
    task = cast.make_task(state=State.IN_PROGRESS)
    requests.ask_extension(
        task, stamp=Stamp(on=TODAY, by=cast.head), until=date(2026, 3, 27), reason="Chờ số liệu"
    )

    giver = client_of(cast.chairman).get(f"/nhiem-vu/{task.id}")
    head = client_of(cast.head).get(f"/nhiem-vu/{task.id}")

    assert "Phòng Nội vụ xin gia hạn từ 20/03/2026 đến 27/03/2026 (đề nghị ngày 10/03/2026)." in words(giver)
    assert [label for label, _out in buttons(giver)][:2] == ["Đồng ý gia hạn", "Không đồng ý gia hạn"]
    assert buttons(giver)[0][1]
    assert "Xin gia hạn" not in [label for label, _out in buttons(head)]


def test_who_has_done_everything_is_led_to_the_report(cast, client_of):
    task = cast.make_task(state=State.IN_PROGRESS)
    progress.update(task, stamp=Stamp(on=TODAY, by=cast.head), text="Đã xong", percent=100)

    assert buttons(client_of(cast.head).get(f"/nhiem-vu/{task.id}"))[0] == ("Báo cáo hoàn thành", True)


@pytest.mark.parametrize(
    ("facts", "why_not"),
    [
        ({"due_on": date(2026, 3, 9)}, "Phải xin gia hạn trước khi hết thời hạn (09/03/2026)."),
        ({"due_on": None}, "Nhiệm vụ không có thời hạn nên không cần gia hạn."),
    ],
)
def test_an_extension_that_would_be_refused_is_not_offered(cast, client_of, facts, why_not):
    task = cast.make_task(state=State.IN_PROGRESS, **facts)
    client = client_of(cast.head)

    page = client.get(f"/nhiem-vu/{task.id}")
    led_back = client.get(f"/nhiem-vu/{task.id}/xin-gia-han", follow_redirects=True)

    assert "Xin gia hạn" not in [label for label, _out in buttons(page)]
    assert why_not in words(led_back)


def test_a_second_extension_is_not_offered(cast, client_of):
    task = cast.make_task(state=State.IN_PROGRESS)
    asked, granted = Stamp(on=TODAY, by=cast.head), Stamp(on=TODAY, by=cast.chairman)
    requests.ask_extension(task, stamp=asked, until=date(2026, 3, 27), reason="Chờ số liệu")
    requests.grant_extension(task, stamp=granted)

    page = client_of(cast.head).get(f"/nhiem-vu/{task.id}")

    assert "Xin gia hạn" not in [label for label, _out in buttons(page)]


# What it tells


def test_the_page_tells_what_from_which_paper_who_and_until_when(cast, client_of, make_directive):
    paper = make_directive(number="254/UBND-NV", subject="Nâng cao chỉ số cải cách hành chính")
    task = cast.make_task(
        directive=paper, item="2", content="Rà soát thủ tục hành chính", product="Báo cáo",
        state=State.IN_PROGRESS, due_phrase="trước ngày 21/3/2026",
    )  # fmt: skip

    page = client_of(cast.coordinator).get(f"/nhiem-vu/{task.id}")

    shown = words(page)
    for told in ("Rà soát thủ tục hành chính", "Báo cáo", "Công văn 254/UBND-NV ngày 02/03/2026, mục 2",
                 "UBND thành phố Sông Hương, ngày 02/03/2026", "Phòng Nội vụ; người thực hiện: Phạm Thu Hà",
                 "Phòng Tài chính", "Lê Thị Mai", "Trần Quốc Hùng", "thứ Sáu 20/03/2026",
                 "văn bản ghi: “trước ngày 21/3/2026”"):  # fmt: skip
        assert told in shown
    assert f'href="/van-ban/{paper.id}"' in page.text
    assert "None" not in shown


def test_what_is_not_clear_is_flagged_while_the_task_is_open(cast, client_of):
    task = cast.make_task(content="Báo cáo quý")
    done = cast.make_task(content="Báo cáo quý", state=State.COMPLETED, reported_on=TODAY)
    client = client_of(cast.tracker)

    assert "5 rõ, còn thiếu người, việc, sản phẩm" in words(client.get(f"/nhiem-vu/{task.id}"))
    assert "còn thiếu" not in words(client.get(f"/nhiem-vu/{done.id}"))


def test_the_history_tells_each_step_in_vietnamese(cast, client_of):
    task = cast.make_task(state=State.AWAITING_CONFIRMATION, reported_on=date(2026, 3, 9))
    stamp = Stamp(on=TODAY, by=cast.tracker)
    progress.rework(task, stamp=stamp, reason="Thiếu phụ lục")
    tasks.set_due(task, stamp=stamp, due_on=date(2026, 3, 30), reason="Ghi nhầm")
    tasks.transfer(task, stamp=stamp, unit=cast.commune, reason="Đổi đầu mối")

    page = client_of(cast.tracker).get(f"/nhiem-vu/{task.id}")

    assert events(page) == [
        "Chuyển sang đơn vị khác", "Sửa thời hạn", "Yêu cầu làm lại", "Báo cáo hoàn thành", "Tiếp nhận",
        "Giao nhiệm vụ",
    ]  # fmt: skip
    shown = words(page)
    for told in ("Thiếu phụ lục", "20/03/2026", "30/03/2026", "Ghi nhầm", "Văn bản kết quả: 12/BC-PNV.",
                 "Người thực hiện: Phạm Thu Hà."):  # fmt: skip
        assert told in shown


def test_the_history_says_what_an_explanation_is_and_names_a_result_once(cast, client_of):
    task = cast.make_task(state=State.IN_PROGRESS, due_on=date(2026, 3, 9))
    stamp = Stamp(on=TODAY, by=cast.head)
    progress.report(task, stamp=stamp, result="7/BC-PNV", explanation="Do mưa lũ")

    shown = words(client_of(cast.tracker).get(f"/nhiem-vu/{task.id}")).split("Quá trình thực hiện")[1]

    assert "Văn bản kết quả: 7/BC-PNV. Giải trình: Do mưa lũ" in shown
    assert shown.count("Do mưa lũ") == 1


def test_a_draft_that_waits_for_its_deadline_is_not_told_to_have_none(cast, client_of):
    task = cast.make_task(state=State.DRAFT, due_on=None)

    page = client_of(cast.tracker).get(f"/nhiem-vu/{task.id}")

    assert events(page) == ["Lập dự thảo nhiệm vụ"]
    assert "Không thời hạn." not in words(page)


def test_becoming_overdue_is_told_by_the_system(cast, client_of):
    task = cast.make_task(due_on=date(2026, 3, 9))
    written_at = datetime(2026, 4, 30, 17, 5, tzinfo=UTC)
    row = History(
        do="became_overdue", on_day=TODAY, at=written_at, task=task, payload={"due": "2026-03-09"}
    )
    db.session.add(row)
    db.session.commit()

    page = client_of(cast.head).get(f"/nhiem-vu/{task.id}")

    assert events(page)[0] == "Nhiệm vụ quá hạn"
    assert f"{TODAY:%d/%m/%Y} Nhiệm vụ quá hạn" in words(page)
    assert "01/05/2026" not in words(page)
    assert "Hệ thống" in words(page)
    assert "Thời hạn: 09/03/2026." in words(page)


def test_every_deed_of_the_history_has_words():
    recorded = {action.value for action in Action} - {"see", "edit", "pass_down"}

    assert recorded | {"draft", "inherit", "correct", "became_overdue"} <= DEEDS.keys()


def test_parts_and_the_whole_lead_to_one_another(cast, client_of):
    parent = cast.make_task(state=State.IN_PROGRESS)
    child = cast.make_task(
        directive=parent.directive, parent=parent, officer=cast.officer, content="Tổng hợp số liệu",
        coordinating=[], tracker=None, leader=None,
    )  # fmt: skip

    whole = client_of(cast.head).get(f"/nhiem-vu/{parent.id}")
    part = client_of(cast.officer).get(f"/nhiem-vu/{child.id}")
    of_others = client_of(cast.coordinator).get(f"/nhiem-vu/{parent.id}")

    assert f'href="/nhiem-vu/{child.id}"' in whole.text
    assert "Việc đã giao trong đơn vị (1)" in words(whole)
    assert of_others.status_code == 200
    assert "Việc đã giao trong đơn vị" not in words(of_others)
    assert f'href="/nhiem-vu/{parent.id}"' in part.text


# Why it stands in its cell


@pytest.mark.parametrize(
    ("day", "answer"),
    [
        ("", "ô “Hoàn thành quá hạn”: báo cáo ngày 08/03/2026, hạn 05/03/2026 → quá hạn 3 ngày."),
        ("1/3/2026", "Đến hết ngày 01/03/2026 nhiệm vụ chưa được giao."),
        ("02/03/2026", "ô “Chưa thực hiện”: hạn 05/03/2026 → chưa đến hạn."),
        ("5.3.26", "ô “Đang thực hiện”: hạn 05/03/2026 → chưa đến hạn."),
        ("6/3", "ô “Đang thực hiện · quá hạn”: hạn 05/03/2026 → quá hạn 1 ngày."),
        ("8/3/2026", "báo cáo ngày 08/03/2026, hạn 05/03/2026 → chờ xác nhận, báo cáo chậm 3 ngày."),
        ("9/3/2026", "ô “Hoàn thành quá hạn”"),
        ("11/3/2026", "Ngày này chưa đến: tính theo số liệu hiện có."),
    ],
)  # fmt: skip
def test_the_page_says_for_any_day_why_the_task_stood_in_its_cell(cast, client_of, day, answer):
    task = cast.make_task(
        state=State.COMPLETED, due_on=date(2026, 3, 5), accepted_on=date(2026, 3, 3),
        reported_on=date(2026, 3, 8), closed_on=date(2026, 3, 9),
    )  # fmt: skip

    page = client_of(cast.head).get(f"/nhiem-vu/{task.id}", query_string={"ngay": day} if day else {})

    assert answer in why(page)


@pytest.mark.parametrize(
    ("due_on", "answer"),
    [
        (date(2026, 3, 9), "quá hạn 1 ngày"), (TODAY, "chưa đến hạn"), (date(2026, 3, 11), "chưa đến hạn"),
        (None, "không thời hạn → chưa đến hạn"),
    ],
)  # fmt: skip
def test_overdue_begins_the_day_after(cast, client_of, due_on, answer):
    task = cast.make_task(due_on=due_on)

    assert answer in why(client_of(cast.head).get(f"/nhiem-vu/{task.id}"))


def test_a_past_day_has_the_unit_of_that_day(cast, client_of):
    task = cast.make_task()
    tasks.transfer(task, stamp=Stamp(on=date(2026, 3, 5), by=cast.tracker), unit=cast.commune, reason="Đổi")

    page = client_of(cast.tracker).get(f"/nhiem-vu/{task.id}?ngay=04/03/2026")

    assert "Đơn vị chủ trì ngày đó: Phòng Nội vụ." in why(page)


def test_a_cancelled_task_says_it_left_the_table(cast, client_of):
    task = cast.make_task(state=State.CANCELLED)

    assert "không còn trong Biểu B.4" in why(client_of(cast.head).get(f"/nhiem-vu/{task.id}"))


@pytest.mark.parametrize("day", ["31/02/2026", "abc", "9" * 500, "<script>", "0/0/0", "²/3/2026"])
def test_a_day_that_is_none_is_said_beside_the_field(cast, client_of, day):
    task = cast.make_task()

    page = client_of(cast.head).get(f"/nhiem-vu/{task.id}", query_string={"ngay": day})

    assert page.status_code == 200
    assert 'id="ngay-error"' in page.text
    assert "10/03/2026" in why(page)


# Statements


def test_sixty_entries_and_parts_take_as_many_statements_as_one(cast, client_of):
    task = cast.make_task(state=State.IN_PROGRESS)
    client = client_of(cast.head)

    def grow(number: int) -> None:
        for n in range(number):
            progress.update(task, stamp=Stamp(on=TODAY, by=cast.officer), text=f"Bước {n}")
        orders = [
            tasks.Order(unit=cast.lead, officer=cast.officer, content=f"Phần {n}", due_on=None, parent=task)
            for n in range(number)
        ]
        tasks.give(task.directive, orders, stamp=Stamp(on=TODAY, by=cast.head))

    grow(1)
    client.get(f"/nhiem-vu/{task.id}")
    with statements() as one:
        client.get(f"/nhiem-vu/{task.id}")
    grow(60)
    with statements() as sixty:
        page = client.get(f"/nhiem-vu/{task.id}")

    assert "Việc đã giao trong đơn vị (61)" in words(page)
    assert len(sixty) == len(one)


def test_a_report_says_how_much_of_what_was_passed_down_is_still_open(cast, client_of, on_day) -> None:
    on_day(date(2026, 3, 10))
    parent = cast.make_task(state=State.IN_PROGRESS)
    cast.make_task(parent=parent, directive=parent.directive)

    page = client_of(cast.head).get(f"/nhiem-vu/{parent.id}/bao-cao")

    assert "Còn 1 việc giao trong đơn vị chưa hoàn thành." in page.text
