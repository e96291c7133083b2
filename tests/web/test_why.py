"""“Vì sao?”: the cell of a task on any day, the entries that made it so, and the days on which it changed."""

from __future__ import annotations

import html
import re
from datetime import date, timedelta

import pytest

from tests.counting import statements
from tests.factories import DUE_ON, GIVEN_ON
from tracker.operations import progress, requests, tasks
from tracker.operations.recording import Stamp
from tracker.queries import b4
from tracker.queries.b4 import Question
from tracker.rules.status import State
from tracker.web.reasons import CHOICE_WORDS

TODAY = date(2026, 4, 15)


@pytest.fixture(autouse=True)
def today(on_day) -> None:
    on_day(TODAY)


def words(page) -> str:
    """Return the text of the page's content without its marks."""
    text = page.text.split('<main id="main"')[1].split("</main>")[0]
    text = re.sub(r"(?s)<svg.*?</svg>", " ", text)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())


def ask(client, task, day: str, **values: str):
    """Return the page of a task for a day."""
    page = client.get(f"/nhiem-vu/{task.id}/vi-sao", query_string={"ngay": day, **values})
    assert page.status_code == 200
    return page


@pytest.fixture
def long_way(cast):
    """Given 02/03, accepted 05/03, extended from 20/03 to 25/03 on 18/03, reported 28/03, confirmed 02/04."""
    task = cast.make_task()
    tasks.accept(task, stamp=Stamp(on=date(2026, 3, 5), by=cast.head), officer=cast.officer)
    asked = Stamp(on=date(2026, 3, 17), by=cast.head)
    requests.ask_extension(task, stamp=asked, until=date(2026, 3, 25), reason="Chờ số liệu của xã")
    granted = Stamp(on=date(2026, 3, 18), by=cast.chairman)
    requests.grant_extension(task, stamp=granted, decision="31/UBND-NV", reason="Có lý do")
    reported = Stamp(on=date(2026, 3, 28), by=cast.head)
    progress.report(task, stamp=reported, result="12/BC-PNV", explanation="Vướng thủ tục.")
    progress.confirm(task, stamp=Stamp(on=date(2026, 4, 2), by=cast.tracker))
    return task


@pytest.mark.parametrize(
    ("day", "answer"),
    [
        ("01/03/2026", "chưa được giao (giao ngày 02/03/2026)"),
        ("02/03/2026", "cột Chưa thực hiện – chưa đến hạn"),
        ("04/03/2026", "cột Chưa thực hiện – chưa đến hạn"),
        ("05/03/2026", "cột Đang thực hiện – chưa đến hạn"),
        ("25/03/2026", "cột Đang thực hiện – chưa đến hạn"),
        ("26/03/2026", "cột Đang thực hiện – đã quá hạn"),
        ("27/03/2026", "hạn 25/03/2026 → quá hạn 2 ngày"),
        ("28/03/2026", "cột Đã hoàn thành – chờ xác nhận"),
        ("01/04/2026", "chờ xác nhận, báo cáo chậm 3 ngày"),
        ("02/04/2026", "báo cáo ngày 28/03/2026, hạn 25/03/2026 → quá hạn 3 ngày"),
        ("15/04/2026", "cột Đã hoàn thành – quá hạn"),
    ],
)
def test_each_day_has_its_cell_with_the_boundaries_of_its_way(cast, client_of, long_way, day, answer) -> None:
    page = ask(client_of(cast.tracker), long_way, day)

    assert answer in words(page)


def test_each_fact_names_the_entry_that_made_it_so_on_that_day(cast, client_of, long_way) -> None:
    client = client_of(cast.tracker)

    before, after = words(ask(client, long_way, "17/03/2026")), words(ask(client, long_way, "18/03/2026"))

    assert "Thời hạn có hiệu lực 20/03/2026 Giao nhiệm vụ ngày 02/03/2026" in before
    granted = f"Thời hạn có hiệu lực 25/03/2026 Đồng ý gia hạn ngày 18/03/2026 – {cast.chairman.name}"
    assert granted in after
    assert f"Tình trạng Đang thực hiện Tiếp nhận ngày 05/03/2026 – {cast.head.name}" in after


def test_the_table_of_changes_tells_every_day_on_which_the_cell_changed(cast, client_of, long_way) -> None:
    page = ask(client_of(cast.tracker), long_way, "27/03/2026")

    rows = re.findall(r'<tr[^>]*>\s*<th scope="row"><a href="([^"]+)"[^>]*>([\d/]+)</a>', page.text)
    assert [day for _url, day in rows] == [
        "02/03/2026", "05/03/2026", "26/03/2026", "28/03/2026", "02/04/2026",
    ]  # fmt: skip
    assert "Tự chuyển: hạn 25/03/2026, hết ngày đó chưa báo cáo hoàn thành" in words(page)
    assert "Từ 28/03/2026 chuyển sang ô “Đã hoàn thành – chờ xác nhận”: báo cáo hoàn thành" in words(page)
    assert "Vướng thủ tục." in words(page) and ".." not in words(page)
    assert page.text.count('aria-current="true"') == 1
    for url, day in rows:
        again = client_of(cast.tracker).get(html.unescape(url))
        assert f"Hết ngày {day}" in words(again)


def test_of_the_day_before_a_transfer_it_says_to_which_row_the_task_goes(cast, client_of) -> None:
    task = cast.make_task()
    tasks.transfer(task, stamp=Stamp(on=date(2026, 3, 10)), unit=cast.commune, reason="Đúng chức năng")
    client = client_of(cast.tracker)

    before, after = words(ask(client, task, "09/03/2026")), words(ask(client, task, "10/03/2026"))

    assert "dòng Phòng Nội vụ" in before and f"dòng {cast.commune.name}" in after
    gone = f"Từ 10/03/2026 chuyển sang dòng “{cast.commune.name}”, ô “Chưa thực hiện – chưa đến hạn”"
    assert gone in before


def test_it_agrees_with_b4_on_every_day(cast, client_of, long_way) -> None:
    client = client_of(cast.tracker)
    first, last = date(2026, 1, 1), date(2026, 12, 31)

    for day in (GIVEN_ON + timedelta(days=n) for n in range(-1, 45)):
        question = Question(cast.city, first, last, day)
        (row,) = b4.table(question).rows or [None]
        counted = row and next(cell for cell in row.counts if row.counts[cell])
        told = words(ask(client, long_way, f"{day:%d/%m/%Y}"))
        assert ("Không tính vào Biểu B.4" in told) == (counted is None), day
        assert counted is None or f"cột {CHOICE_WORDS[counted.value]} ." in told, day


def test_an_open_task_is_told_when_it_will_change_by_itself(cast, client_of) -> None:
    task = cast.make_task(due_on=date(2026, 11, 30))

    page = words(ask(client_of(cast.head), task, "15/04/2026"))

    assert "Từ 01/12/2026 sẽ sang ô “Chưa thực hiện – đã quá hạn”" in page
    assert "01/12/2026 dự kiến" in page


@pytest.mark.parametrize(
    ("facts", "following"),
    [
        ({"due_on": None}, "Không thời hạn nên không tự chuyển sang quá hạn."),
        ({"state": State.AWAITING_CONFIRMATION}, "chỉ đổi khi được xác nhận hoàn thành hoặc yêu cầu làm lại"),
        ({"state": State.COMPLETED}, "chỉ đổi khi nhiệm vụ được mở lại"),
        ({}, "chỉ đổi khi đơn vị báo cáo hoàn thành hoặc thời hạn thay đổi"),
    ],
)
def test_what_does_not_change_by_itself_says_so(cast, client_of, facts, following) -> None:
    page = words(ask(client_of(cast.head), cast.make_task(**facts), "15/04/2026"))

    assert following in page


def test_due_on_the_day_asked_is_not_overdue_and_the_day_after_is(cast, client_of) -> None:
    task, client = cast.make_task(), client_of(cast.head)

    on_the_day, after = (words(ask(client, task, f"{DUE_ON + timedelta(days=n):%d/%m/%Y}")) for n in (0, 1))

    assert "→ chưa đến hạn" in on_the_day
    assert "→ quá hạn 1 ngày" in after


def test_a_cancelled_task_is_told_not_to_be_counted(cast, client_of) -> None:
    task = cast.make_task(state=State.CANCELLED, closed_on=date(2026, 3, 9))

    before, after = (words(ask(client_of(cast.head), task, day)) for day in ("08/03/2026", "09/03/2026"))

    assert "Trong Biểu B.4" in before
    assert "Không tính vào Biểu B.4" in after
    assert "vì nhiệm vụ đã thu hồi ngày 09/03/2026." in after


def test_completed_before_the_period_is_not_counted_and_on_its_first_day_is(cast, client_of) -> None:
    task = cast.make_task(state=State.COMPLETED, reported_on=date(2026, 3, 20), closed_on=date(2026, 3, 31))
    client = client_of(cast.tracker)

    counted = words(ask(client, task, "15/04/2026", tu="31/03/2026", den="30/04/2026"))
    left_out = words(ask(client, task, "15/04/2026", tu="01/04/2026", den="30/04/2026"))

    assert "kỳ từ 31/03/2026 đến 30/04/2026: dòng" in counted
    assert "xác nhận hoàn thành ngày 31/03/2026, trước ngày đầu kỳ 01/04/2026" in left_out


def test_a_moved_task_stood_in_the_row_of_its_unit_of_that_day(cast, client_of) -> None:
    task = cast.make_task()
    stamp = Stamp(on=date(2026, 3, 10), by=cast.tracker)
    tasks.transfer(task, stamp=stamp, unit=cast.commune, reason="Đúng chức năng")

    client = client_of(cast.tracker)
    before, after = (words(ask(client, task, day)) for day in ("09/03/2026", "10/03/2026"))

    assert "dòng Phòng Nội vụ" in before
    assert "dòng UBND xã Phú An" in after
    assert "Đơn vị chủ trì UBND xã Phú An Chuyển sang đơn vị khác ngày 10/03/2026" in after


def test_two_deeds_of_one_day_leave_the_last(cast, client_of) -> None:
    task = cast.make_task()
    stamp = Stamp(on=date(2026, 3, 5), by=cast.head)
    tasks.accept(task, stamp=stamp, officer=cast.officer)
    progress.report(task, stamp=stamp, result="12/BC-PNV")

    page = ask(client_of(cast.tracker), task, "05/03/2026")

    assert "cột Đã hoàn thành – chờ xác nhận" in words(page)
    assert "Báo cáo hoàn thành ngày 05/03/2026" in words(page)
    assert len(re.findall(r'<th scope="row"><a href="[^"]+vi-sao', page.text)) == 2


def test_a_draft_was_not_given(cast, client_of) -> None:
    task = cast.make_task(state=State.DRAFT)

    assert "vì nhiệm vụ còn là dự thảo, chưa giao" in words(ask(client_of(cast.tracker), task, "15/04/2026"))


@pytest.mark.parametrize("day", ["31/02/2026", "x", "99999999999", "²"])
def test_a_day_that_is_none_says_why_and_stays_typed(cast, client_of, day: str) -> None:
    task = cast.make_task()

    page = client_of(cast.head).get(f"/nhiem-vu/{task.id}/vi-sao", query_string={"ngay": day})

    assert page.status_code == 422
    assert "<title>Lỗi:" in page.text
    assert 'id="ngay-error"' in page.text
    assert f'value="{day}"' in page.text
    assert "Hôm nay, hết ngày 15/04/2026" in words(page)


@pytest.mark.parametrize("period", [{"tu": "x"}, {"tu": "01/05/2026"}, {"tu": "31/02/2026", "den": "²"}])
def test_a_period_that_is_none_is_the_year_of_the_day(cast, client_of, period) -> None:
    page = words(ask(client_of(cast.head), cast.make_task(), "15/04/2026", **period))

    assert "kỳ từ 01/01/2026 đến 31/12/2026" in page


def test_who_may_open_the_b4_gets_a_link_to_it_and_others_its_name(cast, client_of) -> None:
    task = cast.make_task()

    links = {
        part: "/bieu-b4?assigner=song-huong" in ask(client_of(user), task, "15/04/2026").text
        for part, user in cast.everybody.items() if part not in ("outsider", "admin")
    }  # fmt: skip

    assert links == {
        "chairman": True, "tracker": True, "inspector": True, "head": True, "officer": True,
        "coordinator": False,
    }  # fmt: skip
    assert client_of(cast.outsider).get(f"/nhiem-vu/{task.id}/vi-sao").status_code == 404


def test_the_page_of_a_task_leads_there(cast, client_of) -> None:
    task = cast.make_task()

    page = client_of(cast.head).get(f"/nhiem-vu/{task.id}?ngay=20/03/2026")

    assert f"/nhiem-vu/{task.id}/vi-sao?ngay=20/03/2026" in html.unescape(page.text)


def test_a_long_history_costs_no_more_statements(cast, client_of, long_way) -> None:
    short, client = cast.make_task(state=State.COMPLETED), client_of(cast.tracker)

    def cost(task) -> int:
        with statements() as seen:
            ask(client, task, "15/04/2026")
        return len(seen)

    assert cost(short) == cost(long_way) <= 18
