"""B.4 on A4 paper as Chromium prints it: the head on every page, no row cut in two, the totals right."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import date
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Route
from pypdf import PdfReader
from sqlalchemy import insert

from tests.factories import FOUNDED_ON, GIVEN_ON, Cast
from tracker.models import db
from tracker.models.task import Task, TaskPeriod
from tracker.models.units import Unit, UnitKind
from tracker.rules.status import State

TODAY = date(2026, 4, 15)
HEADS = ("Chưa thực hiện", "Đang thực hiện", "Đã hoàn thành", "Chờ xác nhận", "Đúng hạn", "Tất cả")
A4 = (595, 842)
"""Points, rounded."""
FACTS = (
    (State.NOT_STARTED, date(2026, 5, 1), None), (State.NOT_STARTED, date(2026, 4, 1), None),
    (State.IN_PROGRESS, None, None), (State.IN_PROGRESS, date(2026, 4, 14), None),
    (State.AWAITING_CONFIRMATION, date(2026, 4, 1), date(2026, 4, 1)),
    (State.COMPLETED, date(2026, 4, 1), date(2026, 4, 1)),
    (State.COMPLETED, date(2026, 4, 1), date(2026, 4, 2)),
)  # fmt: skip
"""State, deadline and day of the report for each of the seven cells, in the order of the columns."""


def name_of(number: int) -> str:
    """Return a name of two or three lines, so that a page could end within the row."""
    return f"UBND xã Đầu{number:04d} thuộc vùng sản xuất và xuất khẩu tập trung của huyện Cuối{number:04d}"


@pytest.fixture
def give(cast: Cast, on_day: Callable[..., None]) -> Callable[[int], list[int]]:
    """Return what gives one to three tasks to each of so many units and returns the sums of the columns."""
    on_day(TODAY)

    def give(units: int) -> list[int]:
        paper = cast.make_directive()
        first = 10_000
        db.session.execute(insert(Unit), [
            {"id": first + n, "code": f"xa-{n}", "name": name_of(n), "kind": UnitKind.COMMUNE, "position": n,
             "parent_id": cast.city.id, "valid_from": FOUNDED_ON}
            for n in range(units)
        ])  # fmt: skip
        totals, tasks, periods = [0] * len(FACTS), [], []
        for n in range(units):
            for each in range(n % 3 + 1):
                cell = (n + each) % len(FACTS)
                totals[cell] += 1
                state, due, reported = FACTS[cell]
                task = {"id": first + len(tasks), "unit_id": first + n, "assigner_id": cast.city.id,
                        "state": state, "due_on": due, "reported_on": reported,
                        "directive_id": paper.id, "given_on": GIVEN_ON}  # fmt: skip
                tasks.append(task | {"key": f"t-{len(tasks)}", "content": "Việc", "original_due_on": due})
                facts = {name: task[name] for name in task if name != "id"}
                periods.append(facts | {"task_id": task["id"], "valid_from": GIVEN_ON})
        db.session.execute(insert(Task), tasks)
        db.session.execute(insert(TaskPeriod), periods)
        db.session.commit()
        return totals

    return give


def print_out(client: Any, browser: Browser, address: str) -> PdfReader:
    """Return what Chromium prints of a page of the product."""
    page = client.get(address)
    assert page.status_code == 200
    paths = set(re.findall(r'(?:href|src)="(/static/[^"]+)"', page.text))
    answers = {path: client.get(path) for path in paths} | {urlsplit(address).path: page}

    def answer(route: Route) -> None:
        found = answers.get(urlsplit(route.request.url).path)
        if found is None:
            route.abort()
            return
        route.fulfill(status=200, content_type=found.headers["Content-Type"], body=found.data)

    context = browser.new_context(locale="vi-VN")
    try:
        sheet = context.new_page()
        sheet.route("**/*", answer)
        sheet.goto(f"http://in.example{address}")
        return PdfReader(io.BytesIO(sheet.pdf(prefer_css_page_size=True)))
    finally:
        context.close()


def texts_of(printed: PdfReader) -> list[str]:
    """Return the text of each page, blanks made one."""
    return [" ".join(page.extract_text().split()) for page in printed.pages]


def height_of(printed: PdfReader, words: str) -> float:
    """Return how high on the first page a text stands, in points from its foot."""
    found: list[float] = []

    def read(text: str, _around: Any, place: Any, *_font: Any) -> None:
        if words in text:
            found.append(place[5])

    printed.pages[0].extract_text(visitor_text=read)
    return found[0]


@pytest.mark.parametrize("paper", ["portrait", "landscape"])
@pytest.mark.parametrize("units", [1, 14, 40, 2000])
def test_every_page_has_the_head_no_row_is_cut_and_the_totals_are_right(
    give: Callable[[int], list[int]], cast: Cast, client_of: Any, browser: Browser, units: int, paper: str
) -> None:
    totals = give(units)

    client = client_of(cast.chairman)
    printed = print_out(client, browser, f"/bieu-b4/in?from=2026-01-01&to=2026-12-31&paper={paper}")

    pages = texts_of(printed)
    across = [(round(page.mediabox.width), round(page.mediabox.height)) for page in printed.pages]
    assert set(across) == {A4 if paper == "portrait" else A4[::-1]}
    assert "Đầu0000" in pages[0], "a table that would fit on one page left the first one empty"
    with_rows = [text for text in pages if "Đầu" in text or "Tổng cộng" in text]
    for text in with_rows:
        assert all(head in text for head in HEADS), text[:300]
    begins = {number: at for at, text in enumerate(pages) for number in re.findall(r"Đầu(\d{4})", text)}
    ends = {number: at for at, text in enumerate(pages) for number in re.findall(r"Cuối(\d{4})", text)}
    assert begins == ends
    assert sorted(begins) == [f"{n:04d}" for n in range(units)]
    whole = " ".join(pages)
    assert len(re.findall(r"Đầu\d{4}", whole)) == units
    if units > 1:
        assert whole.count("Tổng cộng") == 1
        last = next(text for text in pages if "Tổng cộng" in text)
        told = re.findall(r"[\d.]+", last.split("Tổng cộng")[1])[:8]
        assert [int(number.replace(".", "")) for number in told] == [*totals, sum(totals)]
        assert f"Đầu{units - 1:04d}" in last
        assert last is pages[-1], "notes and signature stand on a page without a row"
    assert "Nơi nhận:" in pages[-1]


def test_the_paper_has_its_head_once_page_numbers_from_the_second_on_and_the_signature_at_the_end(
    give: Callable[[int], list[int]], cast: Cast, client_of: Any, browser: Browser
) -> None:
    give(40)

    printed = print_out(client_of(cast.chairman), browser, "/bieu-b4/in?paper=portrait")

    pages = texts_of(printed)
    assert len(pages) > 1
    assert [at for at, text in enumerate(pages) if "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM" in text] == [0]
    assert [text.split()[0] for text in pages[1:]] == [str(number) for number in range(2, len(pages) + 1)]
    heights = [height_of(printed, words) for words in ("ỦY BAN NHÂN DÂN", "CỘNG HÒA")]
    assert abs(heights[0] - heights[1]) < 3, heights
    assert "TM. ỦY BAN NHÂN DÂN CHỦ TỊCH" in pages[-1]
    assert "Nơi nhận:" in pages[-1]
    assert "Hoàn thành trên tổng số được giao" in pages[-1]
    assert "Để có tệp PDF" not in " ".join(pages)


def test_grouping_and_comparing_are_printed_too(
    give: Callable[[int], list[int]], cast: Cast, client_of: Any, browser: Browser
) -> None:
    give(3)
    words = "from=2026-01-01&to=2026-12-31&compare=2026-04-10&group=month"

    printed = print_out(client_of(cast.chairman), browser, f"/bieu-b4/in?{words}&paper=landscape")

    (text,) = texts_of(printed)
    assert "Tháng giao" in text
    assert "Tháng 3/2026" in text
    assert "chênh lệch so với số liệu chốt hết ngày 10/04/2026" in text
    assert re.search(r"Tháng 3/2026[\d\s+−-]*\+1", text), text
