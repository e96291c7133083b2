"""A paper from its file to the task that shows its place in it, as an office does it in a browser."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser.conftest import Person

PAPER = """UBND THÀNH PHỐ HUẾ        CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
Số: {number}/UBND-NV

Huế, ngày 08 tháng 6 năm 2026

V/v rà soát thủ tục hành chính lĩnh vực nội vụ

Kính gửi: Phòng Nội vụ.

Để bảo đảm tiến độ, UBND thành phố yêu cầu:

1. Phòng Nội vụ lập danh sách thủ tục cần rà soát, gửi Văn phòng trước ngày 20/6/2026.

2. Phòng Nội vụ tổng hợp khó khăn, vướng mắc của các xã trong tháng 6 năm 2026.

TM. ỦY BAN NHÂN DÂN
CHỦ TỊCH

Nguyễn Văn A
"""


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_a_paper_is_brought_corrected_given_and_found_again_in_its_task(
    sit_down: Callable[..., Person], javascript: bool
) -> None:
    office = sit_down("hue.vanphong", javascript=javascript)
    page = office.page
    number = 401 if javascript else 402

    office.open("/van-ban")
    office.press("Đọc văn bản")
    content = PAPER.format(number=number).encode()
    page.get_by_label("Tệp văn bản").set_input_files(
        {"name": f"cv {number}.txt", "mimeType": "text/plain", "buffer": content}
    )
    office.press("Đọc văn bản")
    page.locator(".in-task").first.wait_for()
    assert page.locator(".in-task").count() >= 2
    page.locator(".in-task a.task-number").first.click()
    assert page.locator("article.read-task:target").count() == 1
    page.locator("article.read-task:target").get_by_role("link", name="xem trong văn bản").click()
    assert "lập danh sách thủ tục" in page.locator(".in-task:target").inner_text()

    page.get_by_role("textbox", name="Trích yếu").fill("Rà soát thủ tục hành chính lĩnh vực nội vụ")
    for field in page.get_by_label("Đơn vị chủ trì", exact=True).all():
        field.fill("Phòng Nội vụ")
    office.press("Lưu, chưa giao")
    address = page.url.split("#")[0].removeprefix(office.product.address)

    office.open("/doc-van-ban")
    assert page.get_by_role("main").get_by_role("link", name=f"Công văn {number}/UBND-NV").count()
    office.open(address)
    office.press("Giao nhiệm vụ")
    if page.get_by_label("Tôi đã kiểm tra").count():
        page.get_by_label("Tôi đã kiểm tra").check()
    office.press("Giao nhiệm vụ")
    assert f"Công văn {number}/UBND-NV" in page.inner_text("h1")
    assert f"cv {number}.txt" in page.inner_text("main")

    page.get_by_role("main").get_by_role("link", name="Phòng Nội vụ").first.click()
    office.press("Xem chỗ này trong văn bản")
    assert "lập danh sách thủ tục" in page.locator(".in-task:target").inner_text()
