"""Table B.4 on the page: its numbers are those of the query, each opens its tasks, each person has a part."""

import csv
import html
import io
import json
import re
from datetime import date
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import current_app
from sqlalchemy import select

from tests.counting import statements
from tests.factories import days_from
from tracker.files.b4 import as_json, as_text
from tracker.models import db
from tracker.models.people import Role, User
from tracker.models.task import Task
from tracker.operations import history, tasks
from tracker.operations.recording import Stamp
from tracker.queries import b4
from tracker.queries.b4 import Question
from tracker.queries.standing import standing_towards
from tracker.rules.b4_table import CHOICES
from tracker.rules.permissions import may
from tracker.rules.status import CELLS, State
from tracker.rules.workflow import Action

TODAY = date(2026, 4, 15)
YEAR = "from=2026-01-01&to=2026-12-31"


@pytest.fixture(autouse=True)
def today(on_day) -> None:
    on_day(TODAY)


def many_world(cast):
    for unit in (cast.lead, cast.commune):
        cast.make_task(unit=unit, due_on=date(2026, 5, 1))
        cast.make_task(unit=unit, due_on=date(2026, 4, 14))
        cast.make_task(unit=unit, due_on=TODAY, state=State.IN_PROGRESS)
        cast.make_task(unit=unit, due_on=date(2026, 4, 10), state=State.IN_PROGRESS)
        cast.make_task(unit=unit, state=State.AWAITING_CONFIRMATION)
        cast.make_task(unit=unit, state=State.COMPLETED)
        cast.make_task(unit=unit, state=State.COMPLETED, reported_on=date(2026, 3, 25))
        cast.make_task(unit=unit, state=State.CANCELLED)
    cast.make_task(due_on=None)
    own = cast.make_directive(issuer=cast.commune)
    cast.make_task(directive=own, unit=cast.commune, content="Việc nội bộ của xã")


@pytest.fixture
def many(lay):
    """A task in each cell of two units; one without deadline, one cancelled, one of the commune itself."""
    return lay(many_world)


def links_in(page) -> list[tuple[int, str]]:
    """Return each number of the page that opens a list, with its address."""
    found = re.findall(r'<a href="([^"]*/bieu-b4/nhiem-vu[^"]*)"[^>]*>\s*([\d.]+)</a>', page.text)
    return [(int(number.replace(".", "")), html.unescape(address)) for address, number in found]


def listed(client, address: str) -> list[int]:
    """Return the ids of the tasks behind a number, over all pages of the list."""
    ids: list[int] = []
    while address:
        page = client.get(address)
        assert page.status_code == 200, address
        ids += [int(number) for number in re.findall(r'href="/nhiem-vu/(\d+)"', page.text)]
        following = re.search(r'href="([^"]+)" rel="next"', page.text)
        address = html.unescape(following[1]) if following else ""
    return ids


def test_each_number_opens_exactly_the_tasks_it_counts(many, client_of) -> None:
    client = client_of(many.chairman)

    page = client.get(f"/bieu-b4?{YEAR}")

    links = links_in(page)
    assert len(links) == 8 * 3 + 6 + 4
    for number, address in links:
        ids = listed(client, address)
        assert len(ids) == len(set(ids)) == number, address
        question = Question(many.city, date(2026, 1, 1), date(2026, 12, 31), TODAY)
        values = parse_qs(urlsplit(address).query)
        behind = b4.tasks_behind(question, row_key=values.get("row", [None])[0], cell=values["cell"][0])
        assert set(ids) == {row.task_id for row in db.session.execute(behind)}


def test_the_table_shows_the_numbers_of_the_query_in_the_order_of_the_paper(many, client_of) -> None:
    table = b4.table(Question(many.city, date(2026, 1, 1), date(2026, 12, 31), TODAY))

    page = client_of(many.tracker).get(f"/bieu-b4?{YEAR}")

    assert "B.4 TÌNH HÌNH THỰC HIỆN YKCĐ DO UBND THÀNH PHỐ SÔNG HƯƠNG GIAO" in page.text
    body = page.text.split('id="b4"')[1].split("</table>")[0]
    rows = re.findall(r'<tr><th scope="row">([^<]+)</th>(.*?)</tr>', body, re.DOTALL)
    shown = {name: [int(n) for n in re.findall(r">(\d+)</a>", cells)] for name, cells in rows}
    assert shown == {
        "Phòng Nội vụ": [2, 1, 1, 1, 1, 1, 1, 8],
        "UBND xã Phú An": [1, 1, 1, 1, 1, 1, 1, 7],
        "Tổng cộng": [3, 2, 2, 2, 2, 2, 2, 15],
    }
    assert shown["Tổng cộng"] == [*table.total.cells, table.total.all]
    assert "1 nhiệm vụ không thời hạn" in page.text


def test_rates_and_the_four_counts_derive_from_the_seven(many) -> None:
    table = b4.table(Question(many.city, date(2026, 1, 1), date(2026, 12, 31), TODAY))

    rates = [(rate.numerator, rate.denominator) for rate in table.rates]
    counts = dict(table.four_counts)

    assert rates == [(4, 8), (4, 15), (4, 12)]
    assert counts == {"completed_on_time": 2, "completed_late": 2, "in_time": 7, "overdue": 4}
    assert sum(counts.values()) == table.total.all


def test_the_facts_of_the_cut_off_day_say_why_a_task_is_there(cast, client_of) -> None:
    cast.make_task(due_on=date(2026, 3, 20), state=State.COMPLETED, reported_on=date(2026, 3, 25))

    client = client_of(cast.chairman)
    before = client.get("/bieu-b4/nhiem-vu?from=2026-03-01&to=2026-03-31&on=2026-03-24")
    after = client.get("/bieu-b4/nhiem-vu?from=2026-03-01&to=2026-03-31&on=2026-03-25")

    assert "hạn 20/03/2026 → quá hạn 4 ngày" in before.text
    assert "báo cáo ngày 25/03/2026, hạn 20/03/2026 → quá hạn 5 ngày" in after.text


def test_a_report_of_an_earlier_day_prints_the_unit_of_that_day(cast, client_of) -> None:
    task = cast.make_task()
    tasks.transfer(task, stamp=Stamp(on=date(2026, 4, 1)), unit=cast.commune, reason="Đúng chức năng")

    client = client_of(cast.chairman)
    then = client.get("/bieu-b4/nhiem-vu?from=2026-03-01&to=2026-03-31&on=2026-03-31")
    now = client.get("/bieu-b4/nhiem-vu?from=2026-03-01&to=2026-03-31&on=2026-04-01")
    later = client.get("/bieu-b4/nhiem-vu?from=2026-04-01&to=2026-04-30&on=2026-04-02")

    assert "Phòng Nội vụ" in then.text and "nhận chuyển" not in then.text
    assert "UBND xã Phú An" in now.text
    assert "từ ngày 01/04/2026 nhận chuyển từ Phòng Nội vụ" in now.text
    assert "UBND xã Phú An" in later.text and "nhận chuyển" not in later.text


def test_a_unit_sees_the_rows_it_leads_and_is_told_that_it_is_a_part(many, client_of) -> None:
    client = client_of(many.head)

    page = client.get("/bieu-b4")

    assert page.status_code == 200
    assert "Đây là một phần của biểu" in page.text
    body = page.text.split('id="b4"')[1].split("</table>")[0]
    assert "Phòng Nội vụ" in body
    assert "UBND xã Phú An" not in body
    for number, address in links_in(page):
        ids = listed(client, address)
        assert len(ids) == number
        found = [db.session.get(Task, task_id) for task_id in ids]
        assert all(may(Action.SEE, standing_towards(many.head, task, day=TODAY)) for task in found)


def test_a_unit_no_longer_counts_what_it_may_no_longer_open(cast, client_of) -> None:
    stays, goes = cast.make_task(), cast.make_task(coordinating=[])
    tasks.transfer(goes, stamp=Stamp(on=date(2026, 4, 1)), unit=cast.commune, reason="Đúng chức năng")

    client = client_of(cast.head)
    address = "/bieu-b4/nhiem-vu?assigner=song-huong&from=2026-03-01&to=2026-03-31&on=2026-03-31"

    assert listed(client, address) == [stays.id]
    assert set(listed(client_of(cast.chairman), address)) == {stays.id, goes.id}


def test_who_gives_and_receives_may_choose_both_tables(many, client_of) -> None:
    leader = many.make_person(unit=many.commune, role=Role.LEADER)
    client = client_of(leader)

    own, received = client.get("/bieu-b4"), client.get("/bieu-b4?assigner=song-huong")

    assert "DO UBND XÃ PHÚ AN GIAO" in own.text
    assert "Đây là một phần" not in own.text
    assert "DO UBND THÀNH PHỐ SÔNG HƯƠNG GIAO" in received.text
    assert "Đây là một phần" in received.text


def test_each_of_the_cast_gets_an_answer(many, client_of) -> None:
    answers = {part: client_of(user).get("/bieu-b4").status_code for part, user in many.everybody.items()}

    assert answers == {
        "chairman": 200, "tracker": 200, "head": 200, "officer": 200, "coordinator": 200, "outsider": 200,
        "inspector": 200, "admin": 403,
    }  # fmt: skip


def test_a_person_with_nothing_to_see_is_told_why(cast, client_of) -> None:
    page = client_of(cast.coordinator).get("/bieu-b4")

    assert page.status_code == 200
    assert "Chưa có nhiệm vụ nào được giao cho đơn vị của bạn" in page.text


@pytest.mark.parametrize("page", ["", "/in", "/nhiem-vu"])
def test_an_assigner_that_is_not_open_to_a_person_is_not_found(many, client_of, page: str) -> None:
    client = client_of(many.head)

    answers = {
        client.get(f"/bieu-b4{page}?assigner={code}&{YEAR}").status_code
        for code in ("phu-an", "khong-co", "a" * 500)
    }

    assert answers == {404}


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("from=31/02/2026&to=1/4/2026", "Ngày 31/02/2026 không có trong lịch."),
        ("from=abc&to=1/4/2026", "Không đọc được ngày “abc”."),
        ("from=1/4/2026&to=1/3/2026", "Ngày cuối kỳ phải trùng hoặc sau ngày đầu kỳ."),
        ("from=1/1/2026&to=1/4/2026&on=16/04/2026", "Ngày chốt số liệu chưa tới."),
        ("from=1/3/2026&to=1/4/2026&on=28/02/2026", "Ngày chốt số liệu phải trùng hoặc sau ngày đầu kỳ."),
        ("from=16/04/2026&to=30/04/2026", "Kỳ báo cáo chưa bắt đầu."),
        ("from=1/1/2026", "Chưa nhập ngày."),
    ],
)
def test_a_bad_day_gets_its_message_at_the_field_and_stays_typed(cast, client_of, query, message) -> None:
    page = client_of(cast.chairman).get(f"/bieu-b4?{query}")

    assert page.status_code == 422
    assert page.text.count(message) == 2
    assert "<title>Lỗi:" in page.text
    for typed in (part.split("=")[1] for part in query.split("&")):
        assert f'value="{typed}"' in page.text


def test_the_days_of_a_refused_link_are_shown_as_people_write_them(cast, client_of) -> None:
    page = client_of(cast.chairman).get(f"/bieu-b4?{YEAR}&on=2026-04-15&compare=2026-12-01")

    shown = re.findall(r'name="(from|to|on|compare)"[^>]*value="([^"]*)"', page.text)
    assert page.status_code == 422
    days = {"from": "01/01/2026", "to": "31/12/2026", "on": "15/04/2026", "compare": "01/12/2026"}
    assert dict(shown) == days


def test_the_cut_off_is_today_or_the_last_day_of_a_period_that_ended(cast, client_of) -> None:
    client = client_of(cast.chairman)
    cast.make_task()

    this_year, march = client.get(f"/bieu-b4?{YEAR}"), client.get("/bieu-b4?from=1/3/2026&to=31/3/2026")

    assert 'value="15/04/2026"' in this_year.text
    assert march.text.count('value="31/03/2026"') == 2


@pytest.mark.parametrize("query", ["cell=khong-co", "row=khong-co", "cell=all&row=²"])
def test_a_number_that_the_table_does_not_have_is_not_found(cast, client_of, query: str) -> None:
    answer = client_of(cast.chairman).get(f"/bieu-b4/nhiem-vu?{YEAR}&{query}")

    assert answer.status_code == 404


@pytest.mark.parametrize("after", ["x", "2026-01-01.x", "2026-01-01.9999999999", ".", "2026-02-30.1"])
def test_a_place_that_is_none_begins_the_list(cast, client_of, after: str) -> None:
    task = cast.make_task()

    ids = listed(client_of(cast.chairman), f"/bieu-b4/nhiem-vu?{YEAR}&after={after}")

    assert ids == [task.id]


def test_a_long_list_goes_on_over_pages_without_losing_or_repeating(cast, client_of, monkeypatch) -> None:
    monkeypatch.setattr("tracker.web.reports.behind.PAGE", 4)
    made = [cast.make_task(due_on=day) for day in days_from(date(2026, 3, 20), 3) for _ in range(3)]
    made += [cast.make_task(due_on=None) for _ in range(3)]

    ids = listed(client_of(cast.chairman), f"/bieu-b4/nhiem-vu?{YEAR}")

    assert ids == [task.id for task in made]


def test_the_files_hold_what_the_shell_writes(many, client_of) -> None:
    client = client_of(many.chairman)
    table = b4.table(Question(many.city, date(2026, 1, 1), date(2026, 12, 31), TODAY))

    as_file, sheet = client.get(f"/bieu-b4?{YEAR}&format=json"), client.get(f"/bieu-b4?{YEAR}&format=csv")

    assert as_file.text == as_json(table)
    assert json.loads(as_file.text)["total"]["all"] == 15
    assert sheet.data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(sheet.data.decode("utf-8-sig"))))
    assert rows[-1] == ["", "Tổng cộng", "3", "2", "2", "2", "2", "2", "2", "15"]
    assert "attachment" in sheet.headers["Content-Disposition"]
    assert client.get(f"/bieu-b4?{YEAR}&format=exe").status_code == 404


def test_the_readable_table_has_the_two_row_header_of_the_paper(many) -> None:
    table = b4.table(Question(many.city, date(2026, 1, 1), date(2026, 12, 31), TODAY))

    lines = as_text(table).splitlines()

    assert [word.strip() for word in lines[3].split("|")][1:4] == [
        "Chưa thực hiện", "Đang thực hiện", "Đã hoàn thành",
    ]  # fmt: skip
    assert [len(part) for part in lines[4].split("|")] == [len(part) for part in lines[6].split("|")]
    assert lines[3].index("|", 20) <= lines[4].rindex("|")


def test_the_paper_has_the_title_the_days_and_no_links(many, client_of) -> None:
    page = client_of(many.chairman).get(f"/bieu-b4/in?{YEAR}")

    assert page.status_code == 200
    assert "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM" in page.text
    assert "số liệu chốt hết ngày 15/04/2026" in page.text
    assert "/bieu-b4/nhiem-vu" not in page.text


def test_a_page_costs_the_same_statements_for_one_unit_and_for_sixty(cast, client_of) -> None:
    client = client_of(cast.chairman)
    addresses = [f"/bieu-b4?{YEAR}", f"/bieu-b4/in?{YEAR}", f"/bieu-b4/nhiem-vu?{YEAR}"]
    cast.make_task()

    def cost() -> list[int]:
        costs = []
        for address in addresses:
            with statements() as seen:
                assert client.get(address).status_code == 200
            costs.append(len(seen))
        return costs

    one = cost()
    directive = cast.make_directive()
    for _ in range(60):
        cast.make_task(directive=directive, unit=cast.make_unit(), coordinating=[])

    assert cost() == one
    assert max(one) <= 16


def test_the_published_row_of_hai_duong_stands_on_the_page(session, client_of) -> None:
    demo = Path(current_app.root_path) / "demo" / "history.jsonl"
    history.load(demo.read_text(encoding="utf-8").splitlines())
    chairman = session.scalars(select(User).where(User.login == "hue.chutich")).one()

    page = client_of(chairman).get("/bieu-b4?assigner=hue&from=15/12/2021&to=07/06/2022")

    body = page.text.split('id="b4"')[1].split("</table>")[0]
    assert [int(n) for n in re.findall(r">(\d+)</a>", body)] == [0, 0, 1, 3, 0, 2, 3, 9]
    assert "UBND xã Hải Dương" in body


def test_every_choice_is_made_of_cells() -> None:
    assert {cell for choice in CHOICES.values() for cell in choice.cells} == set(CELLS)
