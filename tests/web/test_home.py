"""The first page: each role finds what waits for it, each number is the count of the list that it opens."""

import html
import re
from datetime import date, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.counting import statements
from tracker.models.calendar import DayKind
from tracker.models.people import Role
from tracker.operations import calendar, progress, requests
from tracker.operations.recording import Stamp
from tracker.queries import b4
from tracker.queries.b4 import Question
from tracker.rules.status import State

MONDAY = date(2026, 4, 13)
FRIDAY = date(2026, 4, 10)


@pytest.fixture(autouse=True)
def today(on_day) -> None:
    on_day(MONDAY)


def section(page, name: str) -> str:
    """Return the HTML of one list of the page."""
    return page.text.split(f'id="list-{name}"')[1].split("</section>")[0]


def number_of(page, name: str) -> int:
    """Return the number in the heading of a list."""
    return int(re.search(r"\((\d+)\)", section(page, name))[1])


def tasks_in(page, name: str) -> list[int]:
    """Return the ids of the tasks that a list shows."""
    return [int(n) for n in re.findall(r'<th scope="row"><a href="/nhiem-vu/(\d+)"', section(page, name))]


def address_of(page, name: str) -> dict[str, list[str]]:
    """Return what the heading of a list narrows the list of tasks to."""
    return parse_qs(urlsplit(html.unescape(re.search(r'href="([^"]+)"', section(page, name))[1])).query)


def test_a_unit_finds_its_work_by_urgency(cast, client_of) -> None:
    overdue = cast.make_task(due_on=FRIDAY, state=State.IN_PROGRESS)
    today = cast.make_task(due_on=MONDAY)
    soon = cast.make_task(due_on=date(2026, 4, 16), state=State.IN_PROGRESS)
    new = cast.make_task(due_on=date(2026, 4, 17))
    working = cast.make_task(due_on=date(2026, 4, 17), state=State.IN_PROGRESS)
    waiting = cast.make_task(state=State.AWAITING_CONFIRMATION)

    page = client_of(cast.head).get("/")

    assert "Việc của tôi hôm nay" in page.text
    shown = {name: tasks_in(page, name) for name in ("overdue", "today", "soon", "new", "working", "waiting")}
    assert shown == {
        "overdue": [overdue.id], "today": [today.id], "soon": [soon.id], "new": [new.id],
        "working": [working.id], "waiting": [waiting.id],
    }  # fmt: skip
    assert number_of(page, "new") == 2
    assert number_of(page, "working") == 3
    assert address_of(page, "overdue") == {"role": ["lead"], "timeliness": ["overdue"]}
    assert address_of(page, "working") == {"role": ["lead"], "state": ["in_progress"]}


@pytest.mark.parametrize(
    ("due_on", "is_soon"),
    [
        (date(2026, 4, 16), True),
        (date(2026, 4, 17), False),
    ],
)
def test_soon_is_within_three_working_days(cast, client_of, due_on: date, is_soon: bool) -> None:
    cast.make_task(due_on=due_on, state=State.IN_PROGRESS)

    page = client_of(cast.head).get("/")

    assert number_of(page, "soon") == is_soon


def test_a_day_off_moves_what_is_due_soon(cast, client_of) -> None:
    calendar.set_day(date(2026, 4, 15), DayKind.DAY_OFF, name="Nghỉ", stamp=Stamp(on=date(2026, 3, 2)))
    cast.make_task(due_on=date(2026, 4, 17), state=State.IN_PROGRESS)

    page = client_of(cast.head).get("/")

    assert number_of(page, "soon") == 1


@pytest.mark.parametrize(
    ("values", "who", "words"),
    [
        ({}, "head", "Tiếp nhận"),
        ({"state": State.IN_PROGRESS}, "head", "Cập nhật tiến độ"),
        ({"state": State.IN_PROGRESS}, "officer", "Cập nhật tiến độ"),
    ],
)
def test_a_row_has_the_next_step_of_the_person(cast, client_of, values, who, words) -> None:
    task = cast.make_task(due_on=MONDAY, **values)

    page = client_of(getattr(cast, who)).get("/")

    link = re.search(rf'<a href="/nhiem-vu/{task.id}/[^"]*">([^<]+)</a>', section(page, "today"))
    assert link[1] == words


def test_an_officer_who_may_not_accept_is_not_told_to(cast, client_of) -> None:
    cast.make_task(due_on=MONDAY)

    page = client_of(cast.officer).get("/")

    assert "Tiếp nhận</a>" not in section(page, "today")
    assert "Xem</a>" in section(page, "today")


@pytest.mark.parametrize(("reporter", "is_told"), [("officer", True), ("head", False)])
def test_who_reported_a_part_is_not_told_to_confirm_it(cast, client_of, reporter, is_told) -> None:
    whole = cast.make_task(state=State.IN_PROGRESS)
    part = cast.make_task(
        parent=whole, directive=whole.directive, officer=cast.officer, state=State.IN_PROGRESS
    )
    progress.report(part, stamp=Stamp(on=MONDAY, by=getattr(cast, reporter)), text="Xong", explanation="Chờ")

    page = client_of(cast.head).get("/")

    assert part.id in tasks_in(page, "waiting")
    assert (f"/nhiem-vu/{part.id}/xac-nhan" in page.text) is is_told


def test_an_officer_sees_their_own_tasks_first(cast, client_of) -> None:
    colleague = cast.make_person(unit=cast.lead)
    first_due = cast.make_task(due_on=date(2026, 4, 1), officer=colleague)
    own = cast.make_task(due_on=date(2026, 4, 2), officer=cast.officer)

    page = client_of(cast.officer).get("/")

    assert tasks_in(page, "overdue") == [own.id, first_due.id]


def test_a_short_list_names_the_whole(cast, client_of) -> None:
    for _ in range(9):
        cast.make_task(due_on=FRIDAY)

    page = client_of(cast.head).get("/")

    assert len(tasks_in(page, "overdue")) == 7
    assert "Xem tất cả 9" in section(page, "overdue")


def test_the_waiting_lists_open_one_by_one(cast, client_of) -> None:
    task = cast.make_task(due_on=date(2026, 5, 20), state=State.IN_PROGRESS)
    cast.make_task(state=State.AWAITING_CONFIRMATION)
    requests.ask_extension(
        task, stamp=Stamp(on=date(2026, 4, 1), by=cast.head), until=date(2026, 6, 1), reason="Chờ ý kiến"
    )

    page = client_of(cast.head).get("/")

    assert number_of(page, "waiting") == 2
    assert "1 chờ xác nhận" in section(page, "waiting")
    assert "1 chờ quyết định gia hạn" in section(page, "waiting")


def test_the_office_finds_what_to_decide_and_what_to_look_after(cast, client_of) -> None:
    reported = cast.make_task(state=State.AWAITING_CONFIRMATION)
    asking = cast.make_task(due_on=date(2026, 5, 20), state=State.IN_PROGRESS)
    requests.ask_extension(
        asking, stamp=Stamp(on=date(2026, 4, 1), by=cast.head), until=date(2026, 6, 1), reason="Chờ ý kiến"
    )
    returned = cast.make_task(due_on=date(2026, 5, 20))
    asked = Stamp(on=date(2026, 4, 1), by=cast.head)
    requests.ask_return(returned, stamp=asked, reason="Không đúng chức năng")
    draft = cast.make_task(state=State.DRAFT)
    friday, before = cast.make_task(due_on=FRIDAY), cast.make_task(due_on=FRIDAY - timedelta(days=1))

    page = client_of(cast.tracker).get("/")

    assert tasks_in(page, "confirmation") == [reported.id]
    assert tasks_in(page, "extension") == [asking.id]
    assert tasks_in(page, "return") == [returned.id]
    assert tasks_in(page, "draft") == [draft.id]
    assert tasks_in(page, "newly_overdue") == [friday.id]
    assert before.id not in tasks_in(page, "newly_overdue")
    assert address_of(page, "newly_overdue") == {
        "assigner": [str(cast.city.id)], "timeliness": ["overdue"], "due_from": ["10/04/2026"],
    }  # fmt: skip
    assert 'id="seven"' not in page.text


@pytest.mark.parametrize(("last_on", "is_silent"), [(date(2026, 4, 2), True), (date(2026, 4, 3), False)])
def test_a_unit_is_silent_after_ten_days(cast, client_of, last_on: date, is_silent: bool) -> None:
    task = cast.make_task(given_on=last_on, due_on=date(2026, 6, 1))
    client = client_of(cast.tracker)

    page, whole = client.get("/"), client.get(f"/lau-khong-co-tin?unit={cast.lead.code}")

    assert ("/lau-khong-co-tin?unit=noi-vu" in page.text) == is_silent
    assert (f'href="/nhiem-vu/{task.id}"' in whole.text) == is_silent


def test_silence_is_for_those_who_follow_up(cast, client_of) -> None:
    answers = {
        part: client_of(user).get("/lau-khong-co-tin").status_code for part, user in cast.everybody.items()
    }

    assert {part for part, status in answers.items() if status == 200} == {"chairman", "tracker"}
    assert client_of(cast.tracker).get("/lau-khong-co-tin?unit=khong-co").status_code == 404


def test_a_leader_finds_the_whole_picture_and_each_number_is_that_of_b4(cast, client_of) -> None:
    cast.make_task(due_on=FRIDAY)
    cast.make_task(due_on=date(2026, 4, 1), state=State.IN_PROGRESS)
    cast.make_task(due_on=date(2026, 4, 2), unit=cast.commune)
    cast.make_task(state=State.COMPLETED)
    cast.make_task(state=State.AWAITING_CONFIRMATION)
    table = b4.table(Question(cast.city, date(2026, 1, 1), date(2026, 12, 31), MONDAY))

    page = client_of(cast.chairman).get("/")

    figures = [int(n) for n in re.findall(r'<span class="figure">(\d+)</span>', page.text)]
    assert figures == [*table.total.cells, table.total.all]
    units = page.text.split('id="units"')[1].split("</section>")[0]
    assert re.findall(r'<th scope="row">([^<]+)</th>', units) == ["Phòng Nội vụ", "UBND xã Phú An"]
    assert re.findall(r">(\d+)</a>", units) == ["2", "1", "4", "1", "1"]
    bars = re.findall(r'<svg class="cells-bar"[^>]* aria-label="([^"]+)"', units)
    assert bars[1] == "UBND xã Phú An: 1 nhiệm vụ: 1 Chưa thực hiện · quá hạn"
    worst = page.text.split('id="worst"')[1].split("</section>")[0]
    assert re.findall(r"\d\d/04/2026", worst)[:3] == ["01/04/2026", "02/04/2026", "10/04/2026"]
    assert "Chờ quyết định" in page.text
    assert "Biểu B.4 năm 2026" in page.text


def test_the_trend_counts_the_ends_of_twelve_months_and_today(cast, client_of) -> None:
    cast.make_task(given_on=date(2026, 2, 27), due_on=date(2026, 2, 28))
    cast.make_task(given_on=date(2026, 3, 2), due_on=date(2026, 5, 1))

    page = client_of(cast.chairman).get("/")

    trend = page.text.split('id="trend"')[1].split("</section>")[0]
    days = re.findall(r'<th scope="row">([^<]+)</th>', trend)
    numbers = [int(n) for n in re.findall(r">(\d+)</a>", trend)]
    shown = dict(zip(days, zip(numbers[::2], numbers[1::2], strict=True), strict=True))
    assert len(days) == 12
    assert shown["31/01/2026"] == (0, 0)
    assert shown["28/02/2026"] == (1, 0)
    assert shown["31/03/2026"] == (1, 1)
    assert shown["13/04/2026"] == (1, 1)
    assert '<svg class="trend"' in trend
    assert "<style" not in trend
    assert "style=" not in trend


def test_each_number_of_the_trend_opens_its_tasks(cast, client_of) -> None:
    cast.make_task(given_on=date(2026, 2, 27), due_on=date(2026, 2, 28))
    client = client_of(cast.chairman)
    page = client.get("/")

    links = re.findall(r'<a href="(/bieu-b4/nhiem-vu[^"]+)"[^>]*>(\d+)</a>', page.text.split('id="trend"')[1])

    for address, number in links:
        behind = client.get(html.unescape(address))
        assert len(re.findall(r'<th scope="row"><a href="/nhiem-vu/\d+"', behind.text)) == int(number)


@pytest.mark.parametrize("part", ["head", "officer", "tracker", "chairman", "inspector"])
def test_each_number_opens_a_list_of_as_many(cast, client_of, part: str) -> None:
    for due_on in (date(2026, 4, 9), FRIDAY, MONDAY, date(2026, 4, 15), date(2026, 5, 20)):
        cast.make_task(due_on=due_on)
        cast.make_task(due_on=due_on, unit=cast.commune)
        cast.make_task(due_on=due_on, state=State.IN_PROGRESS, officer=cast.officer)
    cast.make_task(state=State.AWAITING_CONFIRMATION)
    cast.make_task(state=State.DRAFT)
    asking = cast.make_task(due_on=date(2026, 5, 20))
    asked = Stamp(on=date(2026, 4, 1), by=cast.head)
    requests.ask_extension(asking, stamp=asked, until=date(2026, 6, 1), reason="Chờ ý kiến")
    requests.ask_return(asking, stamp=asked, reason="Không đúng chức năng")
    client = client_of(getattr(cast, part))

    page = client.get("/")

    links = re.findall(r'<h3[^>]*><a href="([^"]+)">[^<]*\((\d+)\)</a>', page.text)
    links += re.findall(r'<li><a href="(/nhiem-vu[^"]+)">(\d+) chờ', page.text)
    assert links
    for address, number in links:
        assert f"trên {number} nhiệm vụ" in client.get(html.unescape(address)).text, address


def test_an_inspector_sees_the_picture_without_decisions(cast, client_of) -> None:
    cast.make_task(state=State.AWAITING_CONFIRMATION)

    page = client_of(cast.inspector).get("/")

    assert 'id="seven"' in page.text
    assert "Chờ quyết định" not in page.text
    assert "Xác nhận</a>" not in page.text


def test_an_administrator_without_work_finds_the_door_to_administration(cast, client_of) -> None:
    page = client_of(cast.admin).get("/")

    assert 'href="/quan-tri"' in page.text
    assert 'id="seven"' not in page.text
    assert 'id="list-' not in page.text


def test_one_person_with_several_roles_gets_the_lists_of_each(cast, client_of) -> None:
    leader = cast.make_person(unit=cast.commune, role=Role.LEADER)
    received = cast.make_task(unit=cast.commune, due_on=FRIDAY, coordinating=[])
    own = cast.make_directive(issuer=cast.commune)
    cast.make_task(directive=own, unit=cast.commune, state=State.AWAITING_CONFIRMATION)

    page = client_of(leader).get("/")

    assert "Nhiệm vụ do UBND xã Phú An giao" in page.text
    assert number_of(page, "confirmation") == 1
    assert tasks_in(page, "overdue") == [received.id]


def test_each_of_the_cast_gets_a_page_and_an_empty_one_names_the_next_step(cast, client_of) -> None:
    pages = {part: client_of(user).get("/") for part, user in cast.everybody.items()}

    assert {page.status_code for page in pages.values()} == {200}
    assert "Đơn vị của bạn không còn nhiệm vụ nào phải làm." in pages["head"].text
    assert "Không có báo cáo, đề nghị gia hạn hay trả lại nào chờ quyết định." in pages["tracker"].text
    assert "Năm nay chưa có nhiệm vụ nào được giao." in pages["chairman"].text


@pytest.mark.parametrize("part", ["chairman", "tracker", "head", "officer", "inspector"])
def test_the_page_costs_the_same_statements_for_one_unit_and_for_sixty(cast, client_of, part: str) -> None:
    client = client_of(getattr(cast, part))
    cast.make_task(due_on=FRIDAY)

    with statements() as few:
        client.get("/")
    directive = cast.make_directive()
    for number in range(60):
        unit = cast.lead if number % 2 else cast.make_unit()
        cast.make_task(directive=directive, unit=unit, due_on=FRIDAY, coordinating=[])
    with statements() as many:
        client.get("/")

    assert len(many) == len(few)
    assert len(few) <= 32
