"""B.4 and “Vì sao?” in real Chromium: on a phone, without JavaScript, by a click on a number, copied."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from pypdf import PdfReader

from tests.browser.conftest import Person

COMPARED = "/bieu-b4?from=01/04/2026&to=30/06/2026&compare=31/05/2026"
GROUPINGS = ("unit", "field", "directive", "leader", "month")


@pytest.mark.parametrize("login", ["hue.chutich", "hue.vanphong", "hue.noivu", "hue.thanhtra"])
def test_every_grouping_and_what_is_behind_it_keeps_what_every_page_promises(
    sit_down: Callable[..., Person], login: str
) -> None:
    person = sit_down(login)

    for grouping in GROUPINGS:
        person.open(f"{COMPARED}&group={grouping}")
    person.page.locator("#b4 td.all a").first.click()
    person.page.wait_for_load_state()
    person.check()
    person.page.locator("#behind").get_by_role("link", name="Vì sao?").first.click()
    person.page.wait_for_load_state()
    person.check()

    assert person.page.locator("h1").inner_text() == "Vì sao nhiệm vụ ở ô này?"
    assert person.page.locator("#ngay").input_value() == "10/06/2026"


@pytest.mark.parametrize("login", ["hue.chutich", "hue.noivu"])
def test_pictures_ranking_and_what_was_frozen_keep_what_every_page_promises(
    sit_down: Callable[..., Person], login: str
) -> None:
    person = sit_down(login)

    for path in ("/bieu-b4/hinh", "/bieu-b4/hinh?heat=rate&sort=overdue&group=field", "/xep-hang"):
        person.open(path)
    person.page.locator("#ranking tbody td a").first.click()
    person.page.wait_for_load_state()
    person.check()
    person.open("/bieu-b4/da-chot")
    frozen = str(person.page.locator("main tbody th a").first.get_attribute("href"))
    for tail in ("", "/hinh", "/sau-khi-chot", "/so-sanh?voi=nay", "/so-sanh/nhiem-vu?voi=nay", "/in"):
        person.open(frozen + tail)
    person.open(f"{frozen}/hinh?heat=rate").locator("svg.picture a").first.click()
    person.page.wait_for_load_state()
    person.check()

    assert "/da-chot/" in person.page.url and "due=" in person.page.url


@pytest.mark.parametrize("width", [1280, 1024, 992, 800])
def test_the_ranking_shows_its_scores_on_a_laptop_and_a_tablet_without_scrolling(
    sit_down: Callable[..., Person], width: int
) -> None:
    page = sit_down("hue.chutich").open("/xep-hang")
    page.set_viewport_size({"width": width, "height": 800})

    ends = page.locator("#ranking th, #ranking td").evaluate_all(
        "cells => cells.map(each => each.getBoundingClientRect().right)"
    )

    assert max(ends) <= width - 8, max(ends)


def test_on_a_phone_place_unit_and_figures_of_the_ranking_begin_at_one_edge(
    sit_down: Callable[..., Person],
) -> None:
    page = sit_down("hue.chutich").open("/xep-hang")
    page.set_viewport_size({"width": 360, "height": 800})

    edges = page.locator("#ranking tbody tr").first.locator("th, td").evaluate_all(
        "cells => cells.map(each => getComputedStyle(each).paddingLeft)"
    )

    assert set(edges) == {"0px"}, edges


def test_the_chosen_assigner_can_be_read_to_its_end(sit_down: Callable[..., Person]) -> None:
    page = sit_down("haiduong.chutich").open("/bieu-b4?assigner=hue&from=01/01/2026&to=10/06/2026")
    page.set_viewport_size({"width": 1280, "height": 800})

    room, needed = page.locator("#assigner").evaluate("""it => {
        const style = getComputedStyle(it), pen = document.createElement("canvas").getContext("2d");
        pen.font = style.font;
        const padding = parseFloat(style.paddingLeft) + parseFloat(style.paddingRight);
        return [it.clientWidth - padding, pen.measureText(it.selectedOptions[0].text.trim()).width];
    }""")

    assert needed <= room + 1


@pytest.mark.parametrize("rows", [29, 41])
def test_a_tall_picture_is_printed_on_one_page_and_leaves_none_with_a_title_alone(
    sit_down: Callable[..., Person], rows: int
) -> None:
    page = sit_down("hue.chutich").open("/bieu-b4/hinh")
    page.evaluate("""rows => {
        const part = document.querySelector(".picture-part"), picture = part.querySelector("svg.picture");
        picture.setAttribute("viewBox", `0 0 560 ${90 + 44 * rows}`);
        picture.removeAttribute("height");
        picture.parentElement.nextElementSibling.remove();
        document.querySelectorAll(".picture-part:not(:first-of-type)").forEach(each => each.remove());
    }""", rows)

    printed = PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True))).pages

    assert len(printed) == 2
    assert "nhiệm vụ:" in printed[0].extract_text()


def test_a_unit_below_another_is_indented(sit_down: Callable[..., Person]) -> None:
    page = sit_down("hue.chutich").open("/bieu-b4")

    indents = [
        page.get_by_role("rowheader", name=name, exact=True).evaluate(
            "it => parseFloat(getComputedStyle(it).paddingLeft)"
        )
        for name in ("Phòng Tài nguyên và Môi trường", "Trung tâm Phát triển quỹ đất")
    ]

    assert indents[0] < indents[1], indents


def test_without_javascript_a_table_of_a_past_quarter_is_two_clicks_away(
    sit_down: Callable[..., Person],
) -> None:
    page = sit_down("hue.chutich", javascript=False).open("/bieu-b4")

    page.get_by_role("link", name="Năm 2022").click()
    page.get_by_role("link", name="CCHC 6 tháng 2022").click()

    assert [page.locator(f"#{name}").input_value() for name in ("from", "to", "on")] == [
        "15/12/2021", "14/06/2022", "14/06/2022",
    ]  # fmt: skip
    page.get_by_label("Ngày chốt số liệu").fill("7/6/2022")
    page.get_by_label("Mỗi dòng là").select_option("field")
    page.get_by_role("button", name="Lập biểu").click()
    assert "on=7%2F6%2F2022" in page.url
    assert page.locator("#b4 thead th").first.inner_text() == "Lĩnh vực"


def test_a_copied_table_has_its_figures_in_their_columns_and_no_changes(
    sit_down: Callable[..., Person],
) -> None:
    person = sit_down("hue.chutich")
    person.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = person.open(COMPARED)

    page.get_by_role("button", name="Chép bảng").click()
    page.wait_for_function("document.querySelector('[data-copy-table]').textContent === 'Đã chép'")

    lines = [line.split("\t") for line in page.evaluate("navigator.clipboard.readText()").splitlines()]
    assert lines[0][:5] == ["Đơn vị", "Chưa thực hiện", "", "Đang thực hiện", ""]
    assert lines[1][:3] == ["", "Chưa đến hạn", "Đã quá hạn"]
    assert {len(line) for line in lines} == {9}
    assert lines[-1][0] == "Tổng cộng"
    for line in lines[2:]:
        *cells, every = map(int, line[1:])
        assert sum(cells) == every
