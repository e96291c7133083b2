"""The pictures of the README and of docs, taken of the demonstration: `python -m tests.browser.screenshots`.

Those of the files of B.4 need LibreOffice and pdftoppm too; without them the ones there are stay.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from tests.browser.conftest import ROOT, Product, running

PICTURES = ROOT / "docs" / "pictures"
WIDTH, HEIGHT = 1280, 860
DOTS = 80
"""An inch of the pages of files."""
BETWEEN = 8
"""Dots between two pages."""


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
        take(chairman, product, "/bieu-b4", "b4", height=1180)
        take(chairman, product, "/bieu-b4/hinh", "charts", height=1800)
        for form, name in (("docx", "b4-word"), ("xlsx", "b4-excel")):
            take_file(office, product, form, name)
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


def take_file(page: Page, product: Product, form: str, name: str) -> None:
    """Write the picture of the first two pages of B.4 as a file."""
    soffice, pdftoppm = shutil.which("soffice"), shutil.which("pdftoppm")
    if soffice is None or pdftoppm is None:
        return
    answer = page.request.get(f"{product.address}/bieu-b4?format={form}")
    with tempfile.TemporaryDirectory() as name_of_folder:
        folder = Path(name_of_folder)
        (folder / f"b4.{form}").write_bytes(answer.body())
        own = f"-env:UserInstallation=file://{folder}/office"
        convert = [soffice, own, "--headless", "--convert-to", "pdf", f"b4.{form}"]
        subprocess.run(convert, cwd=folder, check=True, capture_output=True)
        subprocess.run([pdftoppm, "-r", str(DOTS), "-l", "2", "-png", "b4.pdf", "b4"], cwd=folder, check=True)
        pages = [Image.open(path) for path in sorted(folder.glob("b4-*.png"))]
        height = sum(each.height for each in pages) + BETWEEN * (len(pages) - 1)
        whole, top = Image.new("RGB", (max(each.width for each in pages), height), "#c8c8c8"), 0
        for each in pages:
            whole.paste(each, (0, top))
            top += each.height + BETWEEN
        whole.quantize(32).save(PICTURES / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
