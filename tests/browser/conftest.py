"""The product as `flask start` runs it, with the demonstration, on a still day, in real Chromium."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

ROOT = Path(__file__).parent.parent.parent
TODAY = "2026-06-10"
"""A Wednesday."""
START_WITHIN = 300.0
NARROW = 320
"""CSS pixels of the narrowest page (WCAG 2.2, reflow)."""


WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


@dataclass
class Product:
    """A running installation: where it answers, and the password of its demonstration accounts."""

    address: str
    password: str


@contextmanager
def running(folder: Path) -> Iterator[Product]:
    """Run the product with the demonstration in a new instance folder, and stop it after the block."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    inherited = os.environ.items()
    environment = {name: value for name, value in inherited if not name.startswith(("TRACKER_", "MAIL_"))}
    environment |= {"TRACKER_INSTANCE": str(folder), "TRACKER_NOW": f"{TODAY}T09:00:00+07:00"}
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "start", "--port", str(port)]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        address = f"http://127.0.0.1:{port}"
        try:
            _wait_for(address, process, folder / "log")
            yield Product(address, (folder / "demo-password").read_text().strip())
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(30)


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """The demonstration, started once for all browser tests."""
    with running(tmp_path_factory.mktemp("product")) as product:
        yield product


def _wait_for(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    ends = time.monotonic() + START_WITHIN
    while time.monotonic() < ends and process.poll() is None:
        try:
            with urlopen(f"{address}/healthz/web", timeout=2):
                return
        except (URLError, OSError):
            time.sleep(0.3)
    raise RuntimeError(log.read_text())


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium as the system has it."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        raise RuntimeError("Chromium is needed: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


class Person:
    """Somebody at a browser of their own: what they open is checked as they go, signing in but once."""

    sign_in_was_checked: ClassVar[bool] = False

    def __init__(self, context: BrowserContext, product: Product, login: str, *, checks: bool = True) -> None:
        self.page: Page = context.new_page()
        self.product = product
        self.checks = checks and not Person.sign_in_was_checked
        self.complaints: list[str] = []
        self.page.on("console", lambda message: self._heard(message.type, message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.open("/dang-nhap")
        self.page.get_by_label("Tên đăng nhập").fill(login)
        self.page.get_by_label("Mật khẩu").fill(product.password)
        self.press("Đăng nhập")
        Person.sign_in_was_checked |= self.checks
        self.checks = checks

    def _heard(self, kind: str, words: str) -> None:
        if kind == "error" and "status of 422" not in words:
            self.complaints.append(words)

    def open(self, path: str) -> Page:
        """Open an address of the product."""
        answer = self.page.goto(self.product.address + path)
        assert answer is not None
        assert answer.status in (200, 422), f"{path}: {answer.status}"
        self.check()
        return self.page

    def press(self, label: str) -> Page:
        """Press a button or follow a link of the page, and wait for the next one."""
        control = self.page.get_by_role("main").get_by_role("button", name=label, exact=True)
        if control.count() == 0:
            control = self.page.get_by_role("main").get_by_role("link", name=label, exact=True)
        control.first.click()
        self.page.wait_for_load_state()
        self.check()
        return self.page

    def check(self) -> None:
        """Hold the page to its promises: accessible, no wider than a phone, nothing in the console."""
        if not self.checks:
            return
        found = Axe().run(self.page, options={"runOnly": WCAG})
        assert found.violations_count == 0, f"{self.page.url}\n{found.generate_report()}"
        size = self.page.viewport_size
        self.page.set_viewport_size({"width": NARROW, "height": 640})
        width = self.page.evaluate("document.documentElement.scrollWidth")
        assert width <= NARROW, f"{self.page.url} is {width} pixels wide"
        if size:
            self.page.set_viewport_size(size)
        assert not self.complaints, f"{self.page.url}: {self.complaints}"


@pytest.fixture
def sit_down(browser: Browser, product: Product) -> Iterator[Callable[..., Person]]:
    """Return the maker of people at browsers: `sit_down("hue.vanphong", javascript=False)`."""
    contexts: list[BrowserContext] = []

    def make(login: str, *, javascript: bool = True) -> Person:
        context = browser.new_context(
            viewport={"width": 1280, "height": 900}, locale="vi-VN", java_script_enabled=javascript
        )
        context.set_default_timeout(120_000)
        contexts.append(context)
        return Person(context, product, login, checks=javascript)

    yield make
    for context in contexts:
        context.close()
