"""Every page that a role opens: accessible, no wider than a phone, nothing in the console, by keyboard."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser.conftest import Person

EVERYBODY = (
    "/",
    "/van-ban",
    "/nhiem-vu",
    "/nhiem-vu?state=counted&q=de+an",
    "/tim?q=cai+cach",
    "/thu-nhac",
    "/xuat-tep",
    "/tai-khoan",
    "/tai-khoan/mat-khau",
)
REPORTS = ("/bieu-b4", "/bieu-b4?from=31/2/2026&to=x")
OFFICE = ("/van-ban/moi",)
ADMIN = ("/quan-tri", "/quan-tri/don-vi", "/quan-tri/nguoi-dung", "/quan-tri/lich", "/quan-tri/cai-dat")

PAGES = {
    "hue.chutich": EVERYBODY + REPORTS,
    "hue.vanphong": EVERYBODY + REPORTS + OFFICE,
    "hue.noivu": EVERYBODY + REPORTS,
    "hue.noivu.cv": EVERYBODY,
    "haiduong.chutich": EVERYBODY + REPORTS,
    "hue.thanhtra": EVERYBODY + REPORTS,
    "hue.quantri": ("/", "/thu-nhac", *ADMIN),
}


@pytest.mark.parametrize("login", PAGES)
def test_the_pages_of_a_role_keep_what_every_page_promises(
    sit_down: Callable[..., Person], login: str
) -> None:
    person = sit_down(login)

    for path in PAGES[login]:
        person.open(path)

    assert person.page.locator("h1").count() == 1


@pytest.mark.parametrize("login", ["hue.vanphong", "hue.noivu", "haiduong.chutich"])
def test_a_task_a_paper_and_each_thing_one_may_do_keep_it_too(
    sit_down: Callable[..., Person], login: str
) -> None:
    person = sit_down(login)
    opened = set()

    for start in (
        "/nhiem-vu?state=open&role=lead",
        "/nhiem-vu?state=open&role=given",
        "/nhiem-vu?wait=extension",
    ):
        person.open(start)
        for link in [a.get_attribute("href") for a in person.page.locator("tbody th a").all()][:3]:
            page = person.open(str(link))
            actions = [a.get_attribute("href") for a in page.locator("nav.choices a").all()]
            paper = page.locator("dl.facts a").first.get_attribute("href")
            for path in [*actions, paper]:
                kind = str(path).rsplit("/", 1)[-1] if str(path).startswith("/nhiem-vu") else str(path)
                if kind not in opened:
                    opened.add(kind)
                    person.open(str(path))

    assert len(opened) >= 4


def test_the_keyboard_reaches_the_content_first(sit_down: Callable[..., Person]) -> None:
    person = sit_down("hue.noivu")

    person.page.keyboard.press("Tab")
    person.page.keyboard.press("Enter")
    person.page.keyboard.press("Tab")

    assert person.page.evaluate("document.activeElement.closest('main') !== null")


def test_what_was_typed_stays_when_a_form_is_refused(sit_down: Callable[..., Person]) -> None:
    office = sit_down("hue.vanphong")
    office.open("/van-ban/moi")
    office.page.get_by_label("Số ký hiệu").fill("77/UBND-NV")
    office.page.get_by_label("Ngày ban hành").fill("31/02/2026")
    office.page.get_by_label("Trích yếu").fill("Đôn đốc tiến độ")

    office.page.get_by_role("main").locator("form[method=post] button[type=submit]").first.click()
    office.page.wait_for_load_state()
    office.check()

    words = office.page.inner_text("main")
    assert "Ngày 31/02/2026 không có trong lịch. Nhập dd/mm/yyyy, ví dụ 28/02/2026." in words
    assert office.page.title().startswith("Lỗi:")
    assert office.page.get_by_label("Ngày ban hành").input_value() == "31/02/2026"
    assert office.page.get_by_label("Trích yếu").input_value() == "Đôn đốc tiến độ"
    assert office.page.evaluate("document.activeElement.closest('.error-summary') !== null")
