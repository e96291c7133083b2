"""Links of mails, calendar links and messages for Zalo, as people meet them in real Chromium."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from urllib.request import urlopen

import pytest
from icalendar import Calendar
from passlib.totp import TOTP
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Person, Product

GUARDED, PLAIN = "hongngu.vanphong", "hue.noivu"
NO_CLIPBOARD = "Object.defineProperty(navigator, 'clipboard', { value: undefined });"


@pytest.fixture
def outside(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Return the maker of pages in browsers where nobody is signed in."""
    contexts = []

    def make(*, javascript: bool = True, before: str = "") -> Page:
        context = browser.new_context(locale="vi-VN", java_script_enabled=javascript)
        context.set_default_timeout(15_000)
        context.add_init_script(before)
        contexts.append(context)
        return context.new_page()

    yield make
    for context in contexts:
        context.close()


def give_password(page: Page, login: str, password: str) -> None:
    page.get_by_label("Tên đăng nhập").fill(login)
    page.get_by_label("Mật khẩu").fill(password)
    page.get_by_role("button", name="Đăng nhập").click()


def a_task_of(person: Person) -> str:
    person.open("/nhiem-vu")
    address = person.page.locator("#tasks tbody th a").first.get_attribute("href")
    assert address is not None
    return address


def test_a_link_with_a_question_and_a_place_leads_there_after_the_password(
    sit_down: Callable[..., Person], outside: Callable[..., Page], product: Product
) -> None:
    wanted = f"{product.address}{a_task_of(sit_down(PLAIN))}?ngay=05%2F6%2F2026#vi-sao"
    page = outside()

    page.goto(wanted)
    give_password(page, PLAIN, "không phải đâu nhé")
    page.get_by_text("Tên đăng nhập hoặc mật khẩu không đúng.").wait_for()
    give_password(page, PLAIN, product.password)

    expect(page).to_have_url(wanted)
    expect(page.locator("#vi-sao")).to_be_in_viewport()
    assert page.locator("#ngay").input_value() == "05/6/2026"


def test_without_scripts_the_link_leads_to_the_page_itself(
    sit_down: Callable[..., Person], outside: Callable[..., Page], product: Product
) -> None:
    wanted = f"{product.address}{a_task_of(sit_down(PLAIN))}?ngay=05%2F6%2F2026"
    page = outside(javascript=False)

    page.goto(f"{wanted}#vi-sao")
    give_password(page, PLAIN, product.password)

    assert page.url.partition("#")[0] == wanted


def test_a_link_leads_there_after_two_steps(
    sit_down: Callable[..., Person], outside: Callable[..., Page], product: Product
) -> None:
    person = sit_down(GUARDED)
    wanted = f"{product.address}{a_task_of(person)}?ngay=05%2F6%2F2026#vi-sao"
    person.open("/tai-khoan/hai-buoc")
    person.press("Bắt đầu bật")
    codes = TOTP(key=person.page.locator(".key").inner_text(), format="base32")
    person.page.get_by_label("Mã gồm 6 chữ số").fill(codes.generate().token)
    person.press("Bật đăng nhập hai bước")
    page = outside()

    page.goto(wanted)
    give_password(page, GUARDED, product.password)
    page.get_by_label("Mã gồm 6 chữ số").fill("000000")
    page.get_by_role("button", name="Xác nhận").click()
    page.get_by_text("Chưa đăng nhập được").wait_for()
    page.get_by_label("Mã gồm 6 chữ số").fill(codes.generate(time.time() + 30).token)
    page.get_by_role("button", name="Xác nhận").click()

    expect(page).to_have_url(wanted)
    expect(page.locator("#vi-sao")).to_be_in_viewport()


def test_what_was_typed_when_the_session_ended_stands_there_to_be_copied(
    sit_down: Callable[..., Person],
) -> None:
    person = sit_down(PLAIN)
    words = "Đã họp với Phòng Tài chính,\ncòn thiếu số liệu."
    person.open("/nhiem-vu?role=lead&state=in_progress")
    person.page.locator("#tasks tbody th a").first.click()
    person.press("Cập nhật tiến độ")
    person.page.get_by_label("Tình hình thực hiện").fill(words)
    person.page.context.clear_cookies()
    person.complaints.clear()

    person.page.get_by_role("main").get_by_role("button", name="Cập nhật tiến độ").click()

    expect(person.page.get_by_label("Nội dung đã gõ")).to_have_value(words)
    person.complaints.clear()  # the browser notes the status 400
    person.check()
    with person.page.context.expect_page() as opened:
        person.page.get_by_role("link", name="Đăng nhập lại").click()
    give_password(opened.value, PLAIN, person.product.password)
    expect(opened.value).to_have_url(re.compile(r"/nhiem-vu/\d+/tien-do$"))


@pytest.mark.parametrize("before", ["", NO_CLIPBOARD], ids=["clipboard", "without a clipboard"])
def test_the_button_copies_the_message_and_says_so(
    outside: Callable[..., Page], product: Product, before: str
) -> None:
    page = outside(before=before)
    page.goto(f"{product.address}/nhiem-vu")
    give_password(page, PLAIN, product.password)
    page.get_by_text("Sao chép để gửi Zalo").click()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])

    page.get_by_role("button", name="Sao chép", exact=True).click()

    expect(page.locator("details.copy").get_by_role("status")).to_have_text("Đã sao chép.")
    page.get_by_label("Tìm trong nội dung nhiệm vụ").focus()
    page.keyboard.press("Control+V")
    pasted = page.get_by_label("Tìm trong nội dung nhiệm vụ").input_value()
    assert "nhiệm vụ (Đang mở), đến ngày 10/06/2026:" in pasted


def test_without_scripts_the_message_can_be_read_and_no_button_promises_more(
    sit_down: Callable[..., Person],
) -> None:
    person = sit_down(PLAIN, javascript=False)
    person.open(a_task_of(person))

    person.page.get_by_text("Sao chép để gửi Zalo").click()

    message = person.page.get_by_label("Nội dung để gửi")
    assert len(message.input_value().split("\n")) == 5
    assert message.get_attribute("readonly") is not None
    assert person.page.get_by_role("button", name="Sao chép", exact=True).count() == 0


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_a_calendar_link_is_made_read_and_revoked(sit_down: Callable[..., Person], javascript: bool) -> None:
    person = sit_down(PLAIN, javascript=javascript)
    person.open("/tai-khoan")

    person.press("Tạo đường dẫn lịch")
    person.press("Tạo đường dẫn")
    address = person.page.get_by_label("Đường dẫn lịch").input_value()
    with urlopen(address) as answer:
        calendar = Calendar.from_ical(answer.read())
    person.press("Về trang Tài khoản")
    person.page.get_by_role("link", name=re.compile("^Thu hồi")).last.click()
    person.page.get_by_role("heading", name="Thu hồi đường dẫn").wait_for()
    person.press("Thu hồi đường dẫn")

    assert calendar.events
    assert "Đã thu hồi đường dẫn lịch." in person.page.inner_text("main")
    assert person.page.request.get(address).status == 404
