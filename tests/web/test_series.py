"""Recurring tasks on pages: the question on giving, the page of a series, changing, ending, who sees it."""

from __future__ import annotations

import re
from datetime import date
from html import unescape

import pytest

from tests.counting import statements
from tests.jobs.conftest import at
from tests.web.pages import errors, value, words
from tracker.models import db
from tracker.models.series import TaskSeries
from tracker.models.task import Task
from tracker.operations import progress, series, tasks
from tracker.operations.recording import Stamp
from tracker.rules.deadlines import Pattern

TODAY = date(2026, 3, 10)
"""A Tuesday, fourteen days before the first turn."""


@pytest.fixture(autouse=True)
def today(on_day):
    on_day(TODAY)


@pytest.fixture
def directive(make_directive):
    return make_directive(number="254/UBND-NV")


def typed(cast, **changes):
    whole = {
        "content": "Báo cáo kết quả", "lead": [str(cast.lead.id), str(cast.commune.id)], "item": "2",
        "due_phrase": "trước ngày 25 hằng tháng", "product": "Báo cáo", "tracker": str(cast.tracker.id),
        "leader": "", "officer": "", "step": "give", "token": "t1",
    }  # fmt: skip
    return whole | changes


def give(client, directive, data):
    return client.post(f"/van-ban/{directive.id}/giao", data=data)


def begun():
    return db.session.query(TaskSeries).order_by(TaskSeries.id).all()


@pytest.fixture
def recurring(cast, directive):
    """A series of the lead unit with one turn given, its deadline 24 March."""
    plan = series.Plan(
        unit=cast.lead, content="Báo cáo kết quả", phrase="trước ngày 25 hằng tháng",
        pattern=Pattern.parse("monthly 24"), tracker=cast.tracker,
    )  # fmt: skip
    stamp = Stamp(on=TODAY, by=cast.tracker, at=at("2026-03-10 09:00"))
    (made,) = series.begin(directive, [plan], stamp=stamp)
    return made


@pytest.fixture
def many(cast, directive, make_directive, recurring):
    """Four more series: two begun late whose turns come first, one of the commune, one of another paper."""
    paper = make_directive(number="12/KH-UBND", subject="Chuyển đổi số")
    asked = [
        (directive, cast.lead, "Họp giao ban", "thứ Sáu hằng tuần", "weekly fri"),
        (directive, cast.commune, "Báo cáo dịch bệnh", "hằng quý",
         "quarterly 31/3 30/6 30/9 31/12"),
        (paper, cast.lead, "Tổng kết", "hằng năm", "annual 31/12"),
        (directive, cast.lead, "Giao ban đầu tuần", "thứ Hai hằng tuần", "weekly mon"),
    ]  # fmt: skip
    cast.commune.name = "Đặc khu Phú An"
    for on, unit, content, phrase, rule in asked:
        plan = series.Plan(unit=unit, content=content, phrase=phrase, pattern=Pattern.parse(rule))
        series.begin(on, [plan], stamp=Stamp(on=TODAY, by=cast.tracker, at=at("2026-03-10 09:00")))


def contents(page):
    return re.findall(r'href="/dinh-ky/\d+">([^<]+)</a>', page.get_data(as_text=True))


@pytest.mark.parametrize(
    ("words_of_address", "order"),
    [
        ("", ["Họp giao ban", "Báo cáo dịch bệnh", "Giao ban đầu tuần", "Báo cáo kết quả", "Tổng kết"]),
        ("?sap=-due", ["Tổng kết", "Báo cáo kết quả", "Báo cáo dịch bệnh", "Giao ban đầu tuần",
                       "Họp giao ban"]),
        ("?sap=-unit", ["Tổng kết", "Báo cáo kết quả", "Giao ban đầu tuần", "Họp giao ban",
                        "Báo cáo dịch bệnh"]),
        ("?sap=x&lap-lai=x&don-vi=1.5&giao-boi=²", ["Họp giao ban", "Báo cáo dịch bệnh",
         "Giao ban đầu tuần", "Báo cáo kết quả", "Tổng kết"]),
    ],
)  # fmt: skip
def test_all_series_stand_in_one_order_over_all_pages(
    cast, client_of, many, monkeypatch, words_of_address, order
):
    monkeypatch.setattr("tracker.web.directives.series_list.PAGE", 2)
    client, pages = client_of(cast.tracker), []
    address = f"/dinh-ky{words_of_address}"
    while address:
        pages.append(client.get(address))
        found = re.search(r'href="([^"]+)" rel="next"', pages[-1].text)
        address = found and unescape(found[1])

    assert [contents(page) for page in pages] == [order[:2], order[2:4], order[4:]]
    assert "2 trên 5 nhiệm vụ định kỳ" in words(pages[0])
    assert "Về trang đầu" in words(pages[1]) and "Về trang đầu" not in words(pages[0])
    assert contents(client.get(f"/dinh-ky{words_of_address or '?'}&trang=99")) == order[4:]
    assert "Trang sau" not in words(client.get("/dinh-ky?lap-lai=weekly"))


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("q=giao+ban", ["Họp giao ban", "Giao ban đầu tuần"]),
        ("q=ban+hop", ["Họp giao ban"]),
        ("q=bao+cao+254/UBND", ["Báo cáo dịch bệnh", "Báo cáo kết quả"]),
        ("q=Chuyển+đổi", ["Tổng kết"]),
        ("q=phu+an", ["Báo cáo dịch bệnh"]),
        ("q=thu+sau", ["Họp giao ban"]),
        ("lap-lai=weekly", ["Họp giao ban", "Giao ban đầu tuần"]),
        ("lap-lai=quarterly&q=dich", ["Báo cáo dịch bệnh"]),
        ("q=khong+co+gi", []),
    ],
)  # fmt: skip
def test_series_are_searched_and_narrowed(cast, client_of, many, address, found):
    page = client_of(cast.tracker).get(f"/dinh-ky?{address}")

    assert contents(page) == found
    assert f"của {len(found)} nhiệm vụ định kỳ" in words(page) or not found
    assert ("khớp với bộ lọc" in words(page)) is (not found)


def test_equal_turns_stand_in_the_order_of_their_paper_and_units_in_that_of_the_alphabet(
    cast, client_of, directive
):
    cast.commune.name = "Đặc khu Phú An"
    plans = [
        series.Plan(unit=unit, content="Báo cáo", phrase="hằng năm", pattern=Pattern.parse("annual 31/12"))
        for unit in (cast.coordinating, cast.commune, cast.lead)
    ]
    series.begin(directive, plans, stamp=Stamp(on=TODAY, by=cast.tracker))

    page = words(client_of(cast.tracker).get("/dinh-ky"))

    units = [cast.coordinating.name, cast.commune.name, cast.lead.name]
    assert re.findall(r"NV (.*?) hằng năm", page) == units
    assert "Đặc khu Phú An 1 Phòng Nội vụ 1 Phòng Tài chính 1" in page


def test_filters_of_series_count_what_each_would_leave_and_can_be_taken_away(cast, client_of, many):
    client = client_of(cast.tracker)

    page = client.get("/dinh-ky?lap-lai=weekly&q=giao&sap=due")
    text = page.get_data(as_text=True)
    of_unit = client.get(f"/dinh-ky?don-vi={cast.commune.id}")
    of_head = client_of(cast.head).get("/dinh-ky")

    links = {
        name: (unescape(address), int(count)) for address, name, count in re.findall(
            r'<a href="([^"]+)"[^>]*><span>([^<]+)</span> <span class="count">(\d+)</span>', text
        )
    }  # fmt: skip
    assert links == {"Hằng tuần": ("/dinh-ky?q=giao&sap=due", 2)}
    assert "Bỏ lọc: Hằng tuần" in words(page) and "Bỏ lọc: “giao”" in words(page)
    assert contents(of_unit) == ["Báo cáo dịch bệnh"]
    assert "Phòng Nội vụ 4 Đặc khu Phú An 1" in words(of_unit)
    assert "Báo cáo dịch bệnh" not in contents(of_head)
    assert len(contents(of_head)) == 4


def test_the_list_of_series_asks_the_same_however_many_there_are(cast, client_of, recurring, request):
    client = client_of(cast.tracker)
    client.get("/dinh-ky")
    with statements() as one:
        client.get("/dinh-ky")
    request.getfixturevalue("many")

    with statements() as five:
        client.get("/dinh-ky?q=o")

    assert len(five) == len(one)


def test_the_next_turn_is_seen_ahead_by_who_will_get_it_and_by_who_gives_it(cast, client_of, recurring):
    head, office = client_of(cast.head), client_of(cast.tracker)

    home, of_head, of_office, of_nobody = (
        words(client.get(page)) for client, page in (
            (head, "/"), (head, "/dinh-ky"), (office, "/dinh-ky"), (client_of(cast.outsider), "/dinh-ky"),
        )
    )  # fmt: skip
    series.end(recurring, stamp=Stamp(on=TODAY, by=cast.tracker), reason="Thôi")

    line = "Báo cáo kết quả Công văn 254/UBND-NV hằng tháng 09/04/2026 24/04/2026"
    assert line in home
    assert line.replace("NV hằng", "NV Phòng Nội vụ hằng") in of_head
    assert line.replace("NV hằng", "NV Phòng Nội vụ hằng") in of_office
    assert "Không có nhiệm vụ định kỳ nào" in of_nobody
    assert "Không có nhiệm vụ định kỳ nào" in words(office.get("/dinh-ky"))


def test_in_a_table_of_items_a_deadline_that_recurs_gives_a_series_beside_the_tasks(
    cast, client_of, directive
):
    rows = [
        ("1", "Báo cáo kết quả", "Phòng Nội vụ; UBND xã Phú An", "trước ngày 25 hằng tháng", "Báo cáo"),
        ("2", "Lập kế hoạch", "Phòng Nội vụ", "trước ngày 20/3/2026", ""),
    ]
    names = ("item", "content", "lead", "due_phrase", "product")
    data = {
        f"rows-{n}-{name}": text
        for n, row in enumerate(rows) for name, text in zip(names, row, strict=True)
    }  # fmt: skip
    data |= {"token": "t1", "tracker": str(cast.tracker.id), "leader": ""}
    client, address = client_of(cast.tracker), f"/van-ban/{directive.id}/giao-nhieu"

    review = words(client.post(address, data=data | {"step": "review"}))
    client.post(address, data=data | {"step": "give"})

    assert "Bảng này tạo 1 nhiệm vụ. 2 nhiệm vụ định kỳ: mỗi kỳ là một nhiệm vụ riêng" in review
    assert [(each.unit, each.phrase, each.item, each.tracker, each.given) for each in begun()] == [
        (unit, "trước ngày 25 hằng tháng", "1", cast.tracker, 1) for unit in (cast.lead, cast.commune)
    ]
    once = db.session.query(Task).filter_by(content="Lập kế hoạch").one()
    assert (once.due_on, db.session.query(Task).count()) == (date(2026, 3, 19), 3)


def test_a_deadline_that_recurs_is_asked_about_before_anything_is_stored(cast, client_of, directive):
    page = give(client_of(cast.tracker), directive, typed(cast))

    text = words(page)
    assert page.status_code == 200
    assert "Giao định kỳ hay một lần?" in text
    assert "Giao cho: Phòng Nội vụ, UBND xã Phú An." in text
    assert "Lần 1 thứ Ba 24/03/2026 giao ngay" in text
    assert "Lần 2 thứ Sáu 24/04/2026 09/04/2026" in text
    assert (value(page, "token"), value(page, "content")) == ("t1", "Báo cáo kết quả")
    assert (begun(), db.session.query(Task).all()) == ([], [])


def test_given_again_and_again_each_unit_has_a_series_and_its_first_task(cast, client_of, directive):
    client = client_of(cast.tracker)

    answer = give(client, directive, typed(cast, repeat="series", until="31/12/2026"))

    page = client.get(answer.location)
    assert [(each.unit, each.rule, each.until) for each in begun()] == [
        (cast.lead, "monthly 24", date(2026, 12, 31)), (cast.commune, "monthly 24", date(2026, 12, 31)),
    ]  # fmt: skip
    assert [(task.unit, task.item, task.due_on) for task in db.session.query(Task).order_by(Task.id)] == [
        (cast.lead, "2", date(2026, 3, 24)), (cast.commune, "2", date(2026, 3, 24)),
    ]  # fmt: skip
    assert "Đã lập 2 nhiệm vụ định kỳ" in words(page)
    assert "sẽ giao ngày 09/04/2026, hạn 24/04/2026" in words(page)


def test_given_once_it_is_a_task_as_before(cast, client_of, directive):
    answer = give(client_of(cast.tracker), directive, typed(cast, repeat="once"))

    assert answer.status_code == 303
    assert begun() == []
    assert {task.due_on for task in db.session.query(Task)} == {date(2026, 3, 24)}


def test_of_units_with_deadlines_of_their_own_only_those_that_recur_become_series(cast, client_of, directive):
    dues = {f"due_{cast.lead.id}": "thứ Sáu hằng tuần", f"due_{cast.commune.id}": "31/3/2026"}

    give(client_of(cast.tracker), directive, typed(cast, reviewed="1", repeat="series", **dues))

    (made,) = begun()
    assert (made.unit, made.rule) == (cast.lead, "weekly fri")
    assert {(task.unit, task.due_on) for task in db.session.query(Task)} == {
        (cast.lead, date(2026, 3, 13)), (cast.commune, date(2026, 3, 31)),
    }  # fmt: skip


@pytest.mark.parametrize("changes", [{"step": "draft"}, {"step": "draft", "repeat": "series"}])
def test_a_draft_is_not_asked_and_stays_a_draft(cast, client_of, directive, changes):
    answer = give(client_of(cast.tracker), directive, typed(cast, **changes))

    assert answer.status_code == 303
    assert begun() == []


@pytest.mark.parametrize(
    ("until", "message"), [("01/3/2026", "đứng trước kỳ đầu tiên"), ("32/3/2026", "không có trong lịch")]
)
def test_an_end_that_makes_no_sense_is_told_and_nothing_is_stored(cast, client_of, directive, until, message):
    page = give(client_of(cast.tracker), directive, typed(cast, repeat="series", until=until))

    assert page.status_code == 422
    assert message in errors(page)[0]
    assert value(page, "until") == until
    assert begun() == []


def test_a_double_click_begins_once(cast, client_of, directive):
    client, data = client_of(cast.tracker), typed(cast, repeat="series")

    answers = [give(client, directive, data) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]
    assert len(begun()) == 2


def test_the_page_of_a_series_tells_what_was_given_what_comes_and_what_was_passed_over(
    cast, client_of, recurring, on_day
):
    task = recurring.occurrences[0].task
    tasks.accept(task, stamp=Stamp(on=TODAY, by=cast.head), officer=cast.officer)
    progress.report(task, stamp=Stamp(on=date(2026, 3, 12), by=cast.head), result="9/BC-PNV")
    series.make_due(today=date(2026, 6, 1), at=at("2026-06-01 00:10"))
    on_day(date(2026, 6, 1))

    page = words(client_of(cast.tracker).get(f"/dinh-ky/{recurring.id}"))

    assert "Kỳ tiếp theo: sẽ giao ngày 09/06/2026, hạn thứ Tư 24/06/2026." in page
    assert "(đã giao 1)" in page
    assert "Bỏ qua ngày 01/06/2026: đã qua thời hạn khi đến lượt giao" in page
    assert "Lần 1 thứ Ba 24/03/2026 10/03/2026 Chờ xác nhận" in page
    assert "“trước ngày 25 hằng tháng” (hằng tháng)" in page
    assert "Lập nhiệm vụ định kỳ Lê Thị Mai" in page


def test_older_turns_stand_on_further_pages(cast, client_of, recurring, on_day):
    series.make_due(today=date(2030, 3, 1), at=at("2030-03-01 00:10"))
    on_day(date(2030, 3, 1))
    client, address = client_of(cast.tracker), f"/dinh-ky/{recurring.id}"

    first, older = words(client.get(address)), words(client.get(f"{address}?truoc=24/03/2027"))

    assert "Trang sau" in first
    assert "24/03/2026" not in first
    assert "Lần 1 thứ Ba 24/03/2026" in older
    assert client.get(f"{address}?truoc=32/13").status_code == 200


def test_the_page_of_a_task_names_its_series_and_which_turn_it_is(cast, client_of, recurring):
    task = recurring.occurrences[0].task

    page = client_of(cast.head).get(f"/nhiem-vu/{task.id}")

    assert "Thuộc chuỗi định kỳ lần 1" in words(page)
    assert f'href="/dinh-ky/{recurring.id}"' in page.get_data(as_text=True)


def test_who_got_a_turn_by_transfer_reads_of_the_series_and_cannot_open_it(cast, client_of, recurring):
    task = recurring.occurrences[0].task
    tasks.transfer(task, stamp=Stamp(on=TODAY, by=cast.tracker), unit=cast.commune)

    page = client_of(cast.outsider).get(f"/nhiem-vu/{task.id}")
    closed = client_of(cast.outsider).get(f"/dinh-ky/{recurring.id}")

    assert "Thuộc chuỗi định kỳ lần 1" in words(page)
    assert "/dinh-ky/" not in page.get_data(as_text=True)
    assert closed.status_code == 404


def test_a_directive_lists_the_series_that_its_reader_may_see(cast, client_of, directive, recurring):
    plan = series.Plan(unit=cast.commune, content="Việc của xã", phrase="hằng quý",
                       pattern=Pattern.parse("quarterly 31/3 30/6 30/9 31/12"))  # fmt: skip
    series.begin(directive, [plan], stamp=Stamp(on=TODAY, by=cast.tracker))

    of_office = words(client_of(cast.tracker).get(f"/van-ban/{directive.id}"))
    of_head = words(client_of(cast.head).get(f"/van-ban/{directive.id}"))

    assert "Nhiệm vụ định kỳ (2)" in of_office
    assert "Nhiệm vụ định kỳ (1)" in of_head
    assert "Việc của xã" not in of_head
    assert "series" not in of_office


def test_a_change_asks_for_a_reason_and_keeps_what_was_given(cast, client_of, recurring):
    client, address = client_of(cast.tracker), f"/dinh-ky/{recurring.id}/sua"
    data = {
        "content": "Báo cáo nhanh", "product": "", "unit": str(cast.commune.id), "token": "t2", "seen": "1",
        "phrase": "thứ Sáu hằng tuần", "starts_on": "", "until": "", "tracker": "", "leader": "",
    }  # fmt: skip

    refused = client.post(address, data=data)
    once = client.post(address, data=data | {"reason": "Giao ban", "phrase": "31/12/2026"})
    answer = client.post(address, data=data | {"reason": "Giao ban"})

    db.session.expire_all()
    given = [(task.content, task.unit.code) for task in db.session.query(Task).order_by(Task.id)]
    page = words(client.get(answer.location))
    assert errors(refused) == ["Nhập lý do thay đổi."]
    assert "không lặp lại" in errors(once)[0]
    assert answer.status_code == 303
    assert given == [("Báo cáo kết quả", "noi-vu")]
    assert (recurring.content, recurring.rule) == ("Báo cáo nhanh", "weekly fri")
    assert recurring.unit is cast.commune
    assert "Lặp lại trước: hằng tháng → nay: hằng tuần" in page
    assert "Đơn vị chủ trì trước: Phòng Nội vụ → nay: UBND xã Phú An" in page


def test_of_two_changes_at_once_the_second_sees_both_texts(cast, client_of, recurring):
    client, address = client_of(cast.tracker), f"/dinh-ky/{recurring.id}/sua"
    data = {
        "content": "Việc A", "product": "", "unit": str(cast.lead.id), "phrase": recurring.phrase,
        "tracker": str(cast.tracker.id), "leader": "", "reason": "Giao ban", "seen": "1",
    }  # fmt: skip
    client.post(address, data=data | {"token": "t2"})

    page = client.post(address, data=data | {"token": "t3", "content": "Việc B"})

    assert page.status_code == 422
    assert "Có người vừa lưu trước bạn" in words(page)
    assert "Việc B Việc A" in words(page)


def test_an_end_says_what_will_happen_and_asks_why(cast, client_of, recurring):
    client, address = client_of(cast.tracker), f"/dinh-ky/{recurring.id}/ket-thuc"

    asked = words(client.get(address))
    refused = client.post(address, data={"reason": " ", "token": "t2", "seen": "1"})
    answer = client.post(address, data={"reason": "Không cần nữa", "token": "t3", "seen": "1"})
    after = words(client.get(answer.location))
    again = client.get(address)

    assert "Kỳ có hạn 24/04/2026 sẽ không được giao." in asked
    assert errors(refused) == ["Nhập lý do kết thúc."]
    assert "Đã kết thúc ngày 10/03/2026: không giao thêm kỳ nào." in after
    assert "Không cần nữa" in after
    assert again.status_code == 303


def test_pages_ask_the_same_however_many_turns_and_series_there_are(cast, client_of, directive, recurring):
    client = client_of(cast.tracker)
    pages = (f"/dinh-ky/{recurring.id}", f"/van-ban/{directive.id}")
    for page in pages:
        client.get(page)
    counted = []
    for day in (date(2026, 3, 11), date(2027, 3, 11)):
        for number in range(3):
            plan = series.Plan(unit=cast.lead, content=f"Việc {number}", phrase="hằng năm",
                               pattern=Pattern.parse("annual 31/12"))  # fmt: skip
            series.begin(directive, [plan], stamp=Stamp(on=TODAY, by=cast.tracker))
        series.make_due(today=day, at=at(f"{day} 00:10"))
        counts = []
        for page in pages:
            with statements() as seen:
                client.get(page)
            counts.append(len(seen))
        counted.append(counts)

    assert counted[0] == counted[1]
