"""The list of tasks: who finds what, by which filter, in which order, and that its address holds it all."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from datetime import date, timedelta
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.counting import statements
from tests.web.pages import words
from tracker.operations import requests, tasks
from tracker.operations.recording import Stamp
from tracker.queries.tasks import StatusView, TaskRow
from tracker.rules.status import State
from tracker.web.tasks.rows import Line, list_rows

TODAY = date(2026, 3, 10)
"""A Tuesday: the third working day after it is Friday 13/03."""

BAD = (
    "state=xyz", "cell=1", "timeliness=x", "wait=x", "role=x", "unit=abc", "unit=-1", "unit=0",
    "unit=99999999999999999999", "assigner=x", "directive=²", "officer=1.5", "due_from=31/02/2026",
    "due_to=x",
)  # fmt: skip
ODD = ("sort=xyz", "after=abc", "after=2026-13-01.5", "after=2026-03-02.99999999999999999999", "after=.",
       "sort=unit&after=x.1", "q=" + "a" * 5000, "field=" + "a" * 5000, "dang=pdf",
       "state=", "q=%25", "q=_")  # fmt: skip


@pytest.fixture(autouse=True)
def today(on_day):
    on_day(TODAY)


def ids(page) -> list[int]:
    """Return the tasks of a list in their order."""
    return [int(n) for n in re.findall(r'<th scope="row"><a href="/nhiem-vu/(\d+)"', page.text)]


def options(page) -> dict[str, tuple[str, str]]:
    """Return what a list can still be narrowed to: by its words, the address and the count, "" for none."""
    found = {}
    pattern = r'<li><a href="([^"]+)"><span>([^<]*)</span>(?:\s*<span class="count">([\d.]*)</span>)?</a>'
    for href, label, count in re.findall(pattern, page.text):
        found[unescape(label)] = (unescape(href), count)
    return found


def link(page, label: str) -> str:
    """Return where the link of these words leads."""
    return unescape(re.search(rf'href="([^"]+)"[^>]*>\s*{label}', page.text)[1])


def asked(address: str) -> dict[str, list[str]]:
    return parse_qs(urlsplit(address).query)


# Who sees what


def test_each_person_finds_the_tasks_they_may_see(cast, client_of, make_task):
    task = make_task()
    draft = make_task(state=State.DRAFT)
    commune = make_task(unit=cast.commune, coordinating=[])

    found = {
        who: {id_ for query in ("", "?state=draft") for id_ in ids(client_of(user).get(f"/nhiem-vu{query}"))}
        for who, user in cast.everybody.items()
    }

    assert found == {
        "chairman": {task.id, draft.id, commune.id}, "tracker": {task.id, draft.id, commune.id},
        "inspector": {task.id, commune.id}, "admin": {task.id, commune.id}, "head": {task.id},
        "officer": {task.id}, "coordinator": {task.id}, "outsider": {commune.id},
    }  # fmt: skip


def test_without_a_filter_stands_what_is_open(cast, client_of, make_task):
    opened = {make_task(state=state).id for state in (State.NOT_STARTED, State.IN_PROGRESS)}
    opened.add(make_task(state=State.AWAITING_CONFIRMATION, reported_on=TODAY).id)
    for state in (State.DRAFT, State.COMPLETED, State.CANCELLED):
        make_task(state=state)

    page = client_of(cast.tracker).get("/nhiem-vu")

    assert set(ids(page)) == opened
    assert "Đang mở" in words(page)


# Filters


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("state=not_started", {"new"}),
        ("state=in_progress", {"working", "late"}),
        ("state=awaiting_confirmation", {"reported"}),
        ("state=completed", {"done", "done late"}),
        ("state=cancelled", {"cancelled"}),
        ("state=draft", {"draft"}),
        ("state=open", {"new", "working", "late", "reported"}),
        ("state=counted", {"new", "working", "late", "reported", "done", "done late"}),
        ("cell=not_started_not_due", {"new"}),
        ("cell=in_progress_overdue", {"late"}),
        ("cell=completed_on_time", {"done"}),
        ("cell=completed_late", {"done late"}),
        ("timeliness=overdue", {"late"}),
        ("timeliness=late", {"done late"}),
        ("wait=confirmation", {"reported"}),
    ],
)
def test_state_cell_and_timeliness_narrow_the_list(cast, client_of, make_task, query, found):
    made = {
        "new": make_task(),
        "working": make_task(state=State.IN_PROGRESS),
        "late": make_task(state=State.IN_PROGRESS, due_on=TODAY - timedelta(days=1)),
        "reported": make_task(state=State.AWAITING_CONFIRMATION, reported_on=TODAY),
        "done": make_task(state=State.COMPLETED, reported_on=TODAY, due_on=TODAY),
        "done late": make_task(
            state=State.COMPLETED, reported_on=TODAY, due_on=TODAY - timedelta(days=1)
        ),
        "cancelled": make_task(state=State.CANCELLED),
        "draft": make_task(state=State.DRAFT),
    }  # fmt: skip

    page = client_of(cast.tracker).get(f"/nhiem-vu?{query}")

    assert set(ids(page)) == {made[name].id for name in found}


@pytest.mark.parametrize(
    ("due_on", "names"),
    [
        (date(2026, 3, 9), ["overdue"]),
        (date(2026, 3, 10), ["today"]),
        (date(2026, 3, 11), ["soon"]),
        (date(2026, 3, 13), ["soon"]),
        (date(2026, 3, 15), ["soon"]),
        (date(2026, 3, 16), []),
        (None, []),
    ],
)
def test_a_deadline_is_overdue_today_or_soon_by_working_days(cast, client_of, make_task, due_on, names):
    task = make_task(due_on=due_on)
    client = client_of(cast.head)

    lists = {word: ids(client.get(f"/nhiem-vu?timeliness={word}")) for word in ("overdue", "today", "soon")}
    found = [word for word, shown in lists.items() if task.id in shown]

    assert found == names


@pytest.mark.parametrize(
    ("query", "is_found"),
    [
        ("due_from=20/3/2026", True), ("due_from=21/3/2026", False), ("due_to=20/03/2026", True),
        ("due_to=19.3.26", False), ("due_from=20/3&due_to=20/3", True), ("due_from=1/3&due_to=19/3", False),
    ],
)  # fmt: skip
def test_deadlines_are_narrowed_to_days_as_people_type_them(cast, client_of, make_task, query, is_found):
    task = make_task(due_on=date(2026, 3, 20))

    assert (task.id in ids(client_of(cast.head).get(f"/nhiem-vu?{query}"))) is is_found


@pytest.mark.parametrize(
    ("text", "is_found"),
    [
        ("de an", True), ("Đề án", True), (unicodedata.normalize("NFD", "Đề án"), True), ("DE  AN", True),
        ("an chuyen doi", True), ("%", False), ("_", False), ("de_an", False), ("\\", False),
        ("đề xuất", False),
    ],
)  # fmt: skip
def test_words_are_found_with_or_without_marks_and_never_as_wildcards(
    cast, client_of, make_task, text, is_found
):
    task = make_task(content="Xây dựng Đề án chuyển đổi số")

    page = client_of(cast.head).get("/nhiem-vu", query_string={"q": text})

    assert (task.id in ids(page)) is is_found


def test_a_unit_holds_the_units_below_it(cast, client_of, make_task):
    division = cast.make_unit(parent=cast.commune)
    own = make_task(unit=cast.commune, coordinating=[])
    below = make_task(unit=division, coordinating=[])
    make_task()

    page = client_of(cast.tracker).get(f"/nhiem-vu?unit={cast.commune.id}")

    assert set(ids(page)) == {own.id, below.id}
    assert options(client_of(cast.tracker).get("/nhiem-vu?loc=day-du"))["UBND xã Phú An"][1] == "2"


def test_directive_field_assigner_and_person_narrow_the_list(cast, client_of, make_task, make_directive):
    paper = make_directive(field="Đất đai", number="254/UBND-NV")
    task = make_task(directive=paper, officer=cast.officer)
    make_task(directive=make_directive(field="Y tế"), tracker=None, leader=None)
    client = client_of(cast.tracker)

    found = {
        query: ids(client.get("/nhiem-vu", query_string=query))
        for query in (f"directive={paper.id}", "field=Đất đai", f"officer={cast.officer.id}",
                      f"officer={cast.chairman.id}", f"assigner={cast.lead.id}")
    }  # fmt: skip

    assert list(found.values()) == [[task.id], [task.id], [task.id], [task.id], []]


def test_several_assigners_may_be_named(cast, client_of, make_task):
    task = make_task()

    page = client_of(cast.tracker).get(f"/nhiem-vu?assigner={cast.lead.id}&assigner={cast.city.id}")

    assert ids(page) == [task.id]
    assert "Giao bởi: Phòng Nội vụ, UBND thành phố Sông Hương" in words(page)


def test_what_waits_for_a_decision_is_found(cast, client_of, make_task):
    extension, returned = make_task(), make_task()
    stamp = Stamp(on=TODAY, by=cast.head)
    requests.ask_extension(extension, stamp=stamp, until=date(2026, 4, 1), reason="Chờ số liệu")
    requests.ask_return(returned, stamp=stamp, reason="Không thuộc chức năng")
    client = client_of(cast.tracker)

    waits = ("extension", "return", "confirmation")
    found = {wait: ids(client.get(f"/nhiem-vu?wait={wait}")) for wait in waits}

    assert found == {"extension": [extension.id], "return": [returned.id], "confirmation": []}


def test_roles_tell_ones_own_part(cast, client_of, make_task):
    mine = make_task(officer=cast.officer)
    led = make_task()
    other = make_task(unit=cast.coordinating, coordinating=[cast.lead])

    found = {
        (who, role): set(ids(client_of(getattr(cast, who)).get(f"/nhiem-vu?role={role}")))
        for who in ("head", "officer", "tracker", "inspector")
        for role in ("lead", "coordinating", "mine", "given")
    }

    all_ = {mine.id, led.id, other.id}
    assert found == {
        ("head", "lead"): {mine.id, led.id}, ("head", "coordinating"): {other.id}, ("head", "mine"): set(),
        ("head", "given"): set(), ("officer", "lead"): {mine.id, led.id},
        ("officer", "coordinating"): {other.id}, ("officer", "mine"): {mine.id}, ("officer", "given"): set(),
        ("tracker", "lead"): set(), ("tracker", "coordinating"): all_, ("tracker", "mine"): set(),
        ("tracker", "given"): all_, ("inspector", "lead"): set(), ("inspector", "coordinating"): all_,
        ("inspector", "mine"): set(), ("inspector", "given"): set(),
    }  # fmt: skip


@pytest.mark.parametrize("query", [*BAD, *ODD])
def test_odd_words_in_the_address_break_nothing(cast, client_of, make_task, query):
    make_task()

    page = client_of(cast.tracker).get(f"/nhiem-vu?{query}")

    assert page.status_code == 200
    if query in BAD:
        assert "Bỏ qua điều kiện lọc không hợp lệ" in words(page)
        assert ids(page)


# The address


def test_a_filter_link_keeps_what_is_chosen_and_its_tag_takes_it_away(cast, client_of, make_task):
    make_task(content="Đề án việc làm")
    client = client_of(cast.tracker)
    page = client.get("/nhiem-vu?q=de+an&sort=-due&state=open")

    narrowed = options(page)["Chưa thực hiện"][0]

    assert asked(narrowed) == {"q": ["de an"], "sort": ["-due"], "state": ["not_started"]}
    tag = link(client.get(narrowed), "<span class=\"visually-hidden\">Bỏ lọc:</span> “de an”")
    assert asked(tag) == {"sort": ["-due"], "state": ["not_started"]}


def test_the_number_of_a_filter_is_what_its_link_opens(cast, client_of, make_task, make_directive):
    paper = make_directive(field="Đất đai")
    make_task(directive=paper, due_on=date(2026, 3, 9))
    make_task(directive=paper, due_on=date(2026, 3, 9), state=State.IN_PROGRESS)
    make_task(due_on=TODAY, state=State.IN_PROGRESS)
    make_task(due_on=date(2026, 3, 12), unit=cast.commune, coordinating=[])
    make_task(state=State.COMPLETED, due_on=date(2026, 3, 9), reported_on=TODAY)
    waiting = make_task(due_on=date(2026, 3, 13))
    requests.ask_extension(
        waiting, stamp=Stamp(on=TODAY, by=cast.head), until=date(2026, 4, 1), reason="Chờ số liệu"
    )
    client = client_of(cast.tracker)

    for query in ("", "timeliness=overdue&state=open", "state=in_progress", f"unit={cast.lead.id}",
                  "wait=extension", "q=nhiem", "state=completed", "role=given&state=open",
                  "loc=day-du", f"loc=day-du&unit={cast.lead.id}&state=open"):  # fmt: skip
        for label, (href, count) in options(client.get(f"/nhiem-vu?{query}")).items():
            if count:
                assert len(ids(client.get(href))) == int(count), (query, label)


def test_units_fields_and_people_are_looked_for_when_asked(cast, client_of, make_task):
    make_task()
    make_task(unit=cast.commune, coordinating=[])
    client = client_of(cast.tracker)

    page = client.get("/nhiem-vu?state=open&sort=-given")
    more = unescape(re.search(r'href="([^"]+)">Lọc theo đơn vị, lĩnh vực, người', page.text)[1])
    full = client.get(more)
    chosen = client.get(options(full)["UBND xã Phú An"][0])

    assert "UBND xã Phú An" not in options(page)
    assert {"UBND xã Phú An", "Phòng Nội vụ"} <= set(options(full))
    assert len(ids(chosen)) == 1
    assert "sort=-given" in more
    assert "Phòng Nội vụ" in options(chosen)
    assert "Bớt các bộ lọc" in chosen.text


def test_late_completions_are_found_from_the_open_tasks(cast, client_of, make_task):
    late = make_task(state=State.COMPLETED, due_on=date(2026, 3, 9), reported_on=TODAY)
    client = client_of(cast.tracker)

    page = client.get(options(client.get("/nhiem-vu"))["Hoàn thành quá hạn"][0])

    assert ids(page) == [late.id]


def test_a_foreign_directive_or_person_is_not_named(cast, client_of, make_directive, make_task):
    paper = make_directive(number="99/UBND-KT")
    make_task(directive=paper, unit=cast.coordinating, coordinating=[], officer=cast.coordinator)

    page = client_of(cast.outsider).get(f"/nhiem-vu?directive={paper.id}&officer={cast.coordinator.id}")

    assert "99/UBND-KT" not in words(page)
    assert cast.coordinator.name not in words(page)


def test_an_empty_list_names_the_next_step(cast, client_of):
    client = client_of(cast.outsider)

    assert "Không có nhiệm vụ nào đang mở. Xem cả nhiệm vụ đã hoàn thành" in words(client.get("/nhiem-vu"))
    assert "Chưa có nhiệm vụ nào" in words(client.get("/nhiem-vu?state=counted"))
    assert "khớp với bộ lọc. Bỏ hết bộ lọc" in words(client.get("/nhiem-vu?q=abc"))


# Order and pages


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("due", ["b", "a", "c", "none"]),
        ("-due", ["c", "a", "b", "none"]),
        ("given", ["c", "a", "b", "none"]),
        ("-given", ["none", "b", "a", "c"]),
    ],
)
def test_tasks_without_a_deadline_stand_last_in_either_direction(cast, client_of, make_task, sort, order):
    made = {
        "a": make_task(due_on=date(2026, 3, 20), given_on=date(2026, 3, 3)),
        "b": make_task(due_on=date(2026, 3, 12), given_on=date(2026, 3, 4)),
        "c": make_task(due_on=date(2026, 4, 1), given_on=date(2026, 3, 2)),
        "none": make_task(due_on=None, given_on=date(2026, 3, 5)),
    }

    page = client_of(cast.head).get(f"/nhiem-vu?state=open&sort={sort}")

    assert ids(page) == [made[name].id for name in order]


@pytest.mark.parametrize("sort", ["due", "-due", "given", "-given", "unit", "-unit", "last", "-last"])
def test_pages_follow_one_another_without_gap_or_repetition(cast, client_of, make_directive, sort):
    paper = make_directive()
    days = [None if n % 7 == 0 else date(2026, 3, 12) + timedelta(days=n % 5) for n in range(120)]
    orders = [
        tasks.Order(unit=(cast.lead, cast.commune)[n % 2], content=f"Việc {n}", due_on=day)
        for n, day in enumerate(days)
    ]
    made = tasks.give(paper, orders, stamp=Stamp(on=date(2026, 3, 2), by=cast.tracker))
    client = client_of(cast.tracker)

    seen, address = [], f"/nhiem-vu?state=open&sort={sort}"
    for expected in (50, 50, 20):
        page = client.get(address)
        assert len(ids(page)) == expected
        seen += ids(page)
        address = link(page, "Trang sau") if expected == 50 else None

    assert sorted(seen) == sorted(task.id for task in made)
    assert "120 nhiệm vụ" in words(page)
    assert "Trang sau" not in words(page)


# The file


def rows_of(response) -> list[list[str]]:
    return list(csv.reader(io.StringIO(response.get_data().decode("utf-8-sig"))))


def test_the_file_holds_the_whole_narrowed_list(cast, client_of, make_directive):
    contents = [f"Việc {['chẵn', 'lẻ'][n % 2]} {n}" for n in range(120)]
    orders = [tasks.Order(unit=cast.lead, content=content, due_on=None) for content in contents]
    tasks.give(make_directive(), orders, stamp=Stamp(on=date(2026, 3, 2), by=cast.tracker))
    client = client_of(cast.tracker)

    response = client.get(link(client.get("/nhiem-vu?q=viec+chan&state=open"), "Tải CSV"))

    assert response.content_type.startswith("text/csv")
    assert response.get_data().startswith(b"\xef\xbb\xbf")
    head, *lines = rows_of(response)
    content = head.index("Nội dung nhiệm vụ")
    assert [line[content] for line in lines] == contents[::2]


@pytest.mark.parametrize("content", ["=1+1", "+84 gọi lại", "-5 phần trăm", "@SUM(A1)", "=cmd|' /C calc'!A0"])
def test_no_text_becomes_a_formula(cast, client_of, make_task, content):
    make_task(content=content)

    response = client_of(cast.head).get("/nhiem-vu?dang=csv&state=open")

    head, line = rows_of(response)
    assert line[head.index("Nội dung nhiệm vụ")] == f"'{content}"


def test_a_file_that_is_cut_says_so(cast, client_of, make_task, monkeypatch):
    monkeypatch.setattr("tracker.web.tasks.listing.MOST_EXPORTED", 2)
    for _ in range(3):
        make_task()

    lines = rows_of(client_of(cast.head).get("/nhiem-vu?dang=csv&state=open"))

    assert len(lines) == 4
    assert lines[-1] == ["Tệp chỉ có 2 nhiệm vụ đầu tiên. Hãy lọc hẹp hơn."]


# Statements


def test_sixty_tasks_take_as_many_statements_as_one(cast, client_of, make_directive, make_task):
    make_task(directive=make_directive(field="Y tế"), unit=cast.commune)
    client = client_of(cast.tracker)
    with statements() as one:
        client.get("/nhiem-vu")
    paper = make_directive(field="Đất đai")
    orders = [
        tasks.Order(unit=unit, content="Một việc", due_on=TODAY, officer=cast.officer)
        for unit in (cast.lead, cast.commune) * 30
    ]
    tasks.give(paper, orders, stamp=Stamp(on=date(2026, 3, 2), by=cast.tracker))

    with statements() as sixty:
        page = client.get("/nhiem-vu")

    assert len(ids(page)) == 50
    assert len(sixty) == len(one)


def row(**facts) -> TaskRow:
    usual = {
        "id": 7, "content": "Rà soát <b>hộ</b> nghèo", "item": "<i>1</i>", "directive_kind": "CV",
        "directive_number": "1&2/UBND", "unit_name": "Sở <Y tế>", "officer_name": "Bà <u>A</u>",
        "due_on": date(2026, 3, 5), "last_event_on": date(2026, 3, 1), "last_word": "Đã <s>họp</s>",
        "asks_extension": False, "asks_return": False,
    }  # fmt: skip
    return TaskRow(**dict.fromkeys(TaskRow._fields) | usual | facts)


def test_a_row_says_what_stands_in_it_and_no_text_becomes_markup(app):
    late = StatusView("in_progress_overdue", 5, None, date(2026, 3, 5), False)
    undated = StatusView("in_progress_not_due", 0, None, None, False)
    with app.test_request_context("/nhiem-vu"):
        html = list_rows([Line(row(), late)], soon=3)
        other = row(id=8, item=None, officer_name=None, due_on=None, last_word=None, asks_extension=True,
                    asks_return=True, content="Báo cáo " * 40)  # fmt: skip
        second = list_rows([Line(other, undated), Line(row(), late)], soon=3)

    cells = [re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", each))).strip()
             for each in re.findall(r"<t[hd].*?</t[hd]>", html, re.S)]  # fmt: skip
    assert cells == [
        "Rà soát <b>hộ</b> nghèo Công văn 1&2/UBND, mục <i>1</i>", "Sở <Y tế> Bà <u>A</u>", "05/03/2026",
        "Đang thực hiện · quá hạn 5 ngày", "01/03/2026: Đã <s>họp</s>",
    ]  # fmt: skip
    assert 'href="/nhiem-vu/7"' in html and 'href="/nhiem-vu/8"' in second and html in second
    assert [word in html for word in ("xin gia hạn", "xin trả lại", "không thời hạn")] == [False] * 3
    assert [word in second for word in ("xin gia hạn", "xin trả lại", "không thời hạn")] == [True] * 3
    assert "Báo cáo Báo…" in second and "Báo cáo " * 25 not in second
