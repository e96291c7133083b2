"""A long B.4 by directive stands on the screen leaf by leaf; paper and files have all its rows."""

import csv
import html
import io
import re
from datetime import UTC, date, datetime

import pytest

from tests.web.pages import words
from tests.web.test_report_groupings import changes_in, rows_in
from tests.web.test_reports import links_in, listed
from tracker.operations import freezing
from tracker.operations.recording import Stamp
from tracker.queries import b4
from tracker.rules.b4_table import Grouping
from tracker.web import b4_rows

TODAY = date(2026, 4, 15)
ASKED = "from=2026-01-01&to=2026-12-31&group=directive"
YEAR = date(2026, 1, 1), date(2026, 12, 31)
PAPERS = 5


@pytest.fixture
def papers(cast, on_day, monkeypatch):
    """Five directives, each with one task more than the one before; a leaf has two rows."""
    on_day(TODAY)
    monkeypatch.setattr(b4_rows, "ROWS_A_LEAF", 2)
    for number in range(PAPERS):
        paper = cast.make_directive(on=date(2026, 3, 2 + number))
        for _ in range(number + 1):
            cast.make_task(directive=paper, given_on=date(2026, 4, 1), due_on=date(2026, 4, 10))
    return cast


def rows_of(cast) -> list[tuple[str, list[int]]]:
    question = b4.Question(cast.city, *YEAR, TODAY, grouping=Grouping.DIRECTIVE)
    return [(row.name, [*row.cells, row.all]) for row in b4.table(question).rows]


def turned(client, address: str, rel: str) -> list:
    """Return the page of an address and those that follow by a link of this kind."""
    pages = []
    while address:
        page = client.get(address)
        assert page.status_code == 200, address
        pages.append(page)
        link = re.search(rf'<a [^>]*href="([^"]+)" rel="{rel}"', page.text)
        address = html.unescape(link[1]) if link else ""
    return pages


def test_turning_forward_and_back_shows_every_row_once_under_the_sum_of_all(papers, client_of) -> None:
    client, expected = client_of(papers.chairman), rows_of(papers)

    forward = turned(client, f"/bieu-b4?{ASKED}", "next")
    back = turned(client, f"/bieu-b4?{ASKED}&page=3", "prev")

    assert [row for page in forward for row in rows_in(page)[:-1]] == expected
    assert [rows_in(page) for page in back] == [rows_in(page) for page in forward[::-1]]
    assert {(rows_in(page)[-1][0], rows_in(page)[-1][1][-1]) for page in forward} == {("Tổng cộng", 15)}
    assert "Dòng 3–4 trên 5; trang 2 trên 3. Dòng tổng cộng là của cả biểu." in words(forward[1])
    assert "Dòng 5–5 trên 5; trang 3 trên 3" in words(forward[2])


def test_each_number_of_a_leaf_opens_its_tasks_and_the_sum_those_of_all(papers, client_of) -> None:
    client = client_of(papers.chairman)

    page = client.get(f"/bieu-b4?{ASKED}&page=2")

    for number, address in links_in(page):
        assert len(listed(client, address)) == number, address
    opened = client.get(next(address for number, address in links_in(page) if number and "row=" in address))
    assert f"dòng “{rows_in(page)[0][0]}”" in words(opened)


@pytest.mark.parametrize("page", ["99", "0", "-1", "x", "", "9999999999"])
def test_a_leaf_that_there_is_not_is_the_first(papers, client_of, page: str) -> None:
    client = client_of(papers.chairman)

    assert rows_in(client.get(f"/bieu-b4?{ASKED}&page={page}")) == rows_in(client.get(f"/bieu-b4?{ASKED}"))


def test_beside_an_earlier_day_the_leaves_keep_their_differences(papers, client_of) -> None:
    client, asked = client_of(papers.chairman), f"/bieu-b4?{ASKED}&compare=31/03/2026"

    pages = turned(client, asked, "next")

    assert [row for page in pages for row in rows_in(page)[:-1]] == rows_of(papers)
    assert [rows[-1] for page in pages for rows in changes_in(page)[:-1]] == ["+1", "+2", "+3", "+4", "+5"]
    assert {changes_in(page)[-1][-1] for page in pages} == {"+15"}
    assert all("compare=2026-03-31" in address for page in pages for _n, address in links_in(page))


def test_paper_and_files_have_all_rows(papers, client_of) -> None:
    client, expected = client_of(papers.chairman), rows_of(papers)

    paper = client.get(f"/bieu-b4/in?{ASKED}&page=2")
    file = client.get(f"/bieu-b4?{ASKED}&page=2&format=csv").data.decode("utf-8-sig")
    lines = list(csv.reader(io.StringIO(file)))

    for name, _numbers in expected:
        assert name in paper.text
        assert any(name in line for line in lines)


def test_a_leaf_is_not_offered_for_copying_since_its_rows_are_not_those_of_its_sum(papers, client_of) -> None:
    stamp = Stamp(on=TODAY, at=datetime(2026, 4, 15, 2, tzinfo=UTC), by=papers.tracker)
    kept = freezing.freeze(b4.Question(papers.city, *YEAR, TODAY), stamp=stamp)
    client = client_of(papers.chairman)

    for address in (f"/bieu-b4?{ASKED}", f"/bieu-b4/da-chot/{kept.id}?group=directive"):
        assert "Chép bảng" not in client.get(address).text
        assert "Chép bảng" in client.get(address.replace("directive", "unit")).text


def test_a_table_by_unit_is_one_piece(papers, client_of) -> None:
    for _ in range(3):
        unit = papers.make_unit(parent=papers.city)
        papers.make_task(unit=unit, given_on=date(2026, 4, 1), coordinating=[])

    page = client_of(papers.chairman).get("/bieu-b4?from=2026-01-01&to=2026-12-31&page=2")

    assert len(rows_in(page)) == 4 + 1
    assert "Dòng tổng cộng là của cả biểu" not in words(page)


def test_a_frozen_table_and_two_beside_each_other_are_turned_too(papers, client_of) -> None:
    stamp = Stamp(on=TODAY, at=datetime(2026, 4, 15, 2, tzinfo=UTC), by=papers.tracker)
    kept = freezing.freeze(b4.Question(papers.city, *YEAR, TODAY), stamp=stamp)
    client, address = client_of(papers.chairman), f"/bieu-b4/da-chot/{kept.id}"

    frozen = turned(client, f"{address}?group=directive", "next")
    beside = turned(client, f"{address}/so-sanh?voi=nay&group=directive", "next")

    assert [row for page in frozen for row in rows_in(page)[:-1]] == rows_of(papers)
    assert [row for page in beside for row in rows_in(page)[:-1]] == rows_of(papers)
    assert len(frozen) == len(beside) == 3


def test_beside_the_bars_stand_the_rows_of_one_leaf(papers, client_of, app) -> None:
    client = client_of(papers.chairman)
    app.jinja_env.globals["ROWS_A_LEAF"] = 2
    try:
        page = client.get(f"/bieu-b4/hinh?{ASKED}")
    finally:
        app.jinja_env.globals["ROWS_A_LEAF"] = b4_rows.ROWS_A_LEAF

    assert "2 dòng đầu trên 5; dòng tổng cộng là của cả biểu." in words(page)
