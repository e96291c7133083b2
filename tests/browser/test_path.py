"""The whole path as the people of an office walk it: register, give, accept, tell, report, confirm, B.4."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.browser.conftest import Person

OFFICE, HEAD, OFFICER, CHAIRMAN = "hue.vanphong", "hue.noivu", "hue.noivu.cv", "hue.chutich"
LEAD = "Phòng Nội vụ"
COMPLETED_ON_TIME = 5
"""The place of the cell among the numbers of a row of B.4."""


def row_of(person: Person, unit: str) -> list[int]:
    """Return the eight numbers of a unit in B.4 of this year, as the page shows them."""
    page = person.open("/bieu-b4")
    row = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name=unit, exact=True)).first
    return [int(words) for words in re.findall(r"\d+", " ".join(row.get_by_role("cell").all_inner_texts()))]


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_a_directive_goes_in_and_its_task_comes_back_confirmed(
    sit_down: Callable[..., Person], javascript: bool
) -> None:
    office = sit_down(OFFICE, javascript=javascript)
    before = row_of(office, LEAD)
    mark = "có script" if javascript else "không script"
    content = f"Rà soát thủ tục hành chính lĩnh vực nội vụ ({mark})"

    office.open("/van-ban/moi")
    office.page.get_by_label("Loại văn bản").select_option(label="Công văn")
    office.page.get_by_label("Số ký hiệu").fill(f"{301 if javascript else 302}/UBND-NV")
    office.page.get_by_label("Ngày ban hành").fill("10/6/2026")
    office.page.get_by_label("Trích yếu").fill("Rà soát thủ tục hành chính năm 2026")
    office.press(
        "Đăng ký văn bản" if office.page.get_by_role("button", name="Đăng ký văn bản").count() else "Đăng ký"
    )
    office.press("Giao nhiệm vụ")
    office.page.get_by_label("Nội dung").fill(content)
    if not javascript:
        closed = office.page.locator("main details:not([open]) > summary")
        while closed.count():
            closed.first.click()
    office.page.get_by_role("group", name="Đơn vị chủ trì").get_by_label(LEAD, exact=True).check()
    office.page.get_by_label("Thời hạn", exact=True).fill("trong 5 ngày làm việc")
    if javascript:
        office.page.get_by_text("thứ Tư 17/06/2026").wait_for()
    office.page.get_by_label("Sản phẩm").fill("Báo cáo kết quả rà soát")
    office.press("Giao")
    assert office.page.get_by_role("link", name=LEAD).count()

    head = sit_down(HEAD, javascript=javascript)
    head.open("/nhiem-vu")
    head.press(content)
    address = head.page.url.removeprefix(head.product.address)
    head.press("Tiếp nhận")
    head.page.get_by_label("Người thực hiện").select_option(index=1)
    head.press("Tiếp nhận")

    officer = sit_down(OFFICER, javascript=javascript)
    officer.open(address)
    officer.press("Cập nhật tiến độ")
    officer.page.get_by_label("Tình hình thực hiện").fill("Đã rà soát xong 12 thủ tục.")
    officer.page.get_by_label("Tỷ lệ hoàn thành").fill("100")
    officer.press("Cập nhật tiến độ")
    assert "Đã rà soát xong 12 thủ tục." in officer.page.inner_text("main")

    head.open(address)
    head.press("Báo cáo hoàn thành")
    head.press("Báo cáo hoàn thành")
    assert "Nhập số, ngày của văn bản kết quả" in head.page.inner_text("main")
    head.page.get_by_label("Văn bản kết quả (số, ngày)").fill("15/BC-PNV ngày 10/6/2026")
    head.press("Báo cáo hoàn thành")

    office.open(address)
    office.press("Xác nhận hoàn thành")
    office.press("Xác nhận")
    assert "Hoàn thành đúng hạn" in office.page.inner_text("main")

    after = row_of(office, LEAD)
    assert after[COMPLETED_ON_TIME] == before[COMPLETED_ON_TIME] + 1
    assert after[-1] == before[-1] + 1


def test_the_second_of_two_editors_sees_both_texts_and_loses_nothing(sit_down: Callable[..., Person]) -> None:
    first, second = sit_down(HEAD), sit_down(HEAD)
    first.open("/nhiem-vu?state=in_progress&role=lead")
    link = first.page.locator("tbody th a").first.get_attribute("href")
    assert link is not None
    for person in (first, second):
        person.open(f"{link}/tien-do")

    first.page.get_by_label("Tình hình thực hiện").fill("Người thứ nhất cập nhật")
    first.press("Cập nhật tiến độ")
    second.page.get_by_label("Tình hình thực hiện").fill("Người thứ hai cập nhật")
    second.press("Cập nhật tiến độ")

    words = second.page.inner_text("main")
    assert "Người thứ nhất cập nhật" in words
    assert second.page.get_by_label("Tình hình thực hiện").input_value() == "Người thứ hai cập nhật"
    second.press("Cập nhật tiến độ")
    assert "Người thứ hai cập nhật" in second.page.inner_text("main")


def test_a_number_on_the_chairmans_page_opens_just_as_many_tasks(sit_down: Callable[..., Person]) -> None:
    chairman = sit_down(CHAIRMAN)
    cells = chairman.page.locator("table.b4 a").all()
    numbers = [(int(cell.inner_text()), cell.get_attribute("href")) for cell in cells][:12]

    counted = []
    for _number, address in numbers:
        page = chairman.open(str(address))
        counted.append(page.locator("table#behind tbody tr").count())

    assert counted == [number for number, _address in numbers]
    assert sum(counted) > 0
