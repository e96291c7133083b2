"""The pictures of the README, taken of the demonstration: `python -m tests.browser.screenshots`."""

from __future__ import annotations

import re
import shutil
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.browser.conftest import ROOT, Product, running

PICTURES = ROOT / "docs" / "pictures"
WIDTH, HEIGHT = 1280, 860


def main() -> None:
    """Write each picture anew."""
    PICTURES.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        running(Path(folder)) as product,
        sync_playwright() as playwright,
    ):
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])

        def sit_down(login: str) -> Page:
            page = chromium.new_context(
                viewport={"width": WIDTH, "height": HEIGHT}, locale="vi-VN"
            ).new_page()
            page.goto(f"{product.address}/dang-nhap")
            page.get_by_label("Tên đăng nhập").fill(login)
            page.get_by_label("Mật khẩu").fill(product.password)
            page.get_by_role("button", name="Đăng nhập").click()
            page.wait_for_load_state()
            return page

        chairman, office, district = (
            sit_down(who) for who in ("hue.chutich", "hue.vanphong", "vangiang.vanphong")
        )
        take(chairman, product, "/", "home-leader")
        take(chairman, product, "/bieu-b4", "b4")
        take(chairman, product, first_link(chairman, product, "/nhiem-vu?wait=extension"), "task")
        paper = first_link(district, product, "/van-ban?q=254%2FUBND-NV", "table.register th a")
        take(district, product, paper, "directive", height=1300)
        paper = first_link(office, product, "/van-ban", "table.register th a")
        take(office, product, f"{paper}/giao", "give", height=1300)
        chromium.close()


def first_link(page: Page, product: Product, path: str, where: str = "table.task-list th a") -> str:
    """Return where the first row of a list leads."""
    page.goto(product.address + path)
    return str(page.locator(where).first.get_attribute("href"))


def take(page: Page, product: Product, path: str, name: str, *, height: int = HEIGHT) -> None:
    """Write the picture of one page."""
    page.set_viewport_size({"width": WIDTH, "height": height})
    page.goto(product.address + path)
    assert re.fullmatch(r"[a-z0-9-]+", name)
    page.screenshot(path=PICTURES / f"{name}.png")


if __name__ == "__main__":
    main()
