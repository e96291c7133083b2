"""`flask start` and `flask setup` as real processes."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, build_opener, urlopen

import pytest
from sqlalchemy import create_engine, event, text
from sqlalchemy.exc import OperationalError

import config
from tests.conftest import POSTGRESQL, Databases
from tracker import processes, rehearsal
from tracker.models.sqlite import SAFE_WAL_VERSION, journal_mode, sqlite

ROOT = Path(__file__).parent.parent.parent
FLASK = [sys.executable, "-m", "flask", "--app", "wsgi"]
PATIENCE = 300
"""Seconds, on a machine that is busy with other tests."""

linux = pytest.mark.usefixtures("on_linux")


@pytest.fixture
def on_linux() -> None:
    assert sys.platform == "linux", "these tests read /proc"


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """The environment of an installation of its own, with nothing of the tests' in it."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TRACKER_", "MAIL_"))}
    for name in ("DATABASE_URL", "BASE_URL", "PORT", "FLASK_DEBUG", "SECRET_KEY"):
        kept.pop(name, None)
    return kept | {"TRACKER_INSTANCE": str(tmp_path / "instance"), "PYTHONUNBUFFERED": "1"}


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
    return number


class Running:
    """`flask start` as a process, and what it says."""

    def __init__(self, port: int, environ: dict[str, str], log: Path) -> None:
        self.port, self.log = port, log
        with log.open("wb") as out:
            self.process = subprocess.Popen(
                [*FLASK, "start", "--port", str(port)],
                cwd=ROOT, env=environ, stdout=out, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip

    def said(self) -> str:
        return self.log.read_text(encoding="utf-8")

    def wait_for(self, words: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while words not in self.said():
            assert self.process.poll() is None, self.said()
            assert time.monotonic() < deadline, self.said()
            time.sleep(0.1)

    def wait_until(self, true: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not true():
            assert time.monotonic() < deadline, self.said()
            time.sleep(0.1)

    def get(self, path: str) -> str:
        with urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=300) as page:
            return str(page.read().decode())

    def family(self) -> dict[int, str]:
        """The names of all processes below this one, by their ids."""
        parents, found, todo = {}, {}, [self.process.pid]
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                words = (folder / "stat").read_text().rpartition(")")[2].split()
                command = (folder / "comm").read_text().strip()
            except OSError:
                continue
            parents[int(folder.name)] = (int(words[1]), command)
        while todo:
            above = todo.pop()
            for pid, (parent, command) in parents.items():
                if parent == above:
                    found[pid] = command
                    todo.append(pid)
        return found

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(PATIENCE)


@pytest.fixture
def running(port: int, environ: dict[str, str], tmp_path: Path) -> Iterator[Callable[..., Running]]:
    """Return the maker of a running product; it is stopped after the test."""
    made: list[Running] = []

    def make(**more: str) -> Running:
        made.append(Running(port, environ | more, tmp_path / "said"))
        return made[-1]

    yield make
    for each in made:
        each.end()


def alive(pids: list[int]) -> list[int]:
    """Return those that still run; a moment is given to what is just ending."""
    deadline = time.monotonic() + 5
    while (left := [pid for pid in pids if Path(f"/proc/{pid}").exists()]) and time.monotonic() < deadline:
        time.sleep(0.1)
    return left


def flask(environ: dict[str, str], *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*FLASK, *words],
        cwd=ROOT,
        env=environ | more,
        capture_output=True,
        encoding="utf-8",
        timeout=PATIENCE,
    )


def sign_in(port: int, login: str, password: str, browser: OpenerDirector | None = None) -> str:
    """Return the address of the page on which a person lands who signs in."""
    browser = browser or build_opener(HTTPCookieProcessor(CookieJar()))
    url = f"http://127.0.0.1:{port}/dang-nhap"
    form = browser.open(url, timeout=300).read().decode()
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', form)
    fields = {"csrf_token": token[1] if token else "", "login": login, "password": password}
    return str(browser.open(url, urlencode(fields).encode(), timeout=300).geturl())


@linux
def test_the_demonstration_starts_with_one_command_and_ctrl_c_leaves_nothing(
    running: Callable[..., Running], environ: dict[str, str]
) -> None:
    product = running()
    product.wait_for("Nhấn Ctrl-C để dừng")
    password = re.search(r"mật khẩu chung: (\S+)", product.said())
    family = product.family()
    held = [str(each.readlink()) for each in Path(f"/proc/{product.process.pid}/fd").iterdir()]

    landed_on = sign_in(product.port, "hue.chutich", password[1] if password else "")
    product.process.send_signal(signal.SIGINT)
    code = product.process.wait(PATIENCE)
    files = [each.name for each in Path(environ["TRACKER_INSTANCE"]).glob("*sqlite3*")]

    assert files == ["tracker.sqlite3"], "who copies the file copies everything"
    assert landed_on == f"http://127.0.0.1:{product.port}/"
    assert list(family.values()).count("dondoc-web") == 2
    assert list(family.values()).count("dondoc-jobs") == 1
    assert not [file for file in held if "sqlite" in file], "what is forked holds no database open"
    assert "Không đọc thử" not in product.said()
    assert code == 0
    assert alive(list(family)) == []
    assert "hue.vanphong" in product.said()

    again = running()
    again.wait_for("Nhấn Ctrl-C để dừng")

    assert f"mật khẩu chung: {password[1] if password else ''}\n" in again.said()
    assert "nạp dữ liệu" not in again.said()


def test_people_who_share_a_worker_are_never_taken_for_one_another(running: Callable[..., Running]) -> None:
    product = running(WEB_WORKERS="1")
    product.wait_for("Nhấn Ctrl-C để dừng")
    password = re.search(r"mật khẩu chung: (\S+)", product.said())
    people = ("hue.chutich", "hue.noivu")
    browsers = {login: build_opener(HTTPCookieProcessor(CookieJar())) for login in people}
    for login, browser in browsers.items():
        sign_in(product.port, login, password[1] if password else "", browser)

    pages = [
        (login, browser.open(f"http://127.0.0.1:{product.port}/tai-khoan", timeout=300).read().decode())
        for _ in range(3) for login, browser in browsers.items()
    ]  # fmt: skip
    stranger = build_opener().open(f"http://127.0.0.1:{product.port}/tai-khoan", timeout=300).geturl()

    for login, page in pages:
        assert [each for each in browsers if each in page] == [login]
    assert "/dang-nhap" in stranger


@linux
def test_a_scheduler_that_dies_is_started_again_and_the_web_goes_on(running: Callable[..., Running]) -> None:
    product = running()
    product.wait_for("Nhấn Ctrl-C để dừng")
    (scheduler,) = [pid for pid, command in product.family().items() if command == "dondoc-jobs"]

    os.kill(scheduler, signal.SIGKILL)
    product.wait_for("bộ lập lịch đã dừng (mã -9), chạy lại sau 1 giây")
    answer = product.get("/healthz/web")
    product.wait_until(lambda: any(command == "dondoc-jobs" for command in product.family().values()))
    (anew,) = [pid for pid, command in product.family().items() if command == "dondoc-jobs"]
    family = product.family()
    product.end()

    assert answer.strip() == "ok"
    assert anew != scheduler
    assert product.process.returncode == 0
    assert alive(list(family)) == []


def test_only_a_child_that_dies_quickly_again_and_again_ends_the_others(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(processes, "RESTART_AFTER", (0.01, 0.01, 0.01))
    monkeypatch.setattr(processes, "LOOK_EVERY", 0.01)
    log = tmp_path / "log"
    dies = [sys.executable, "-c", f"open({str(log)!r}, 'a').write('x'); raise SystemExit(3)"]
    lives = [sys.executable, "-c", "import time; time.sleep(600)"]

    code = processes.run_together(
        {"web": lives, "lịch": dies}, is_ready=lambda: True, when_ready=lambda: None, restarted=["lịch"]
    )

    said = capsys.readouterr().err
    assert code == 1
    assert log.read_text() == "xxxx"
    assert said.count("chạy lại sau") == 3
    assert said.endswith("Tiến trình lịch đã dừng (mã 3).\n")


def test_a_child_that_lived_for_long_begins_anew_with_the_shortest_wait(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(processes, "RESTART_AFTER", (0.01, 60.0))
    monkeypatch.setattr(processes, "STEADY_AFTER", 0.0)
    monkeypatch.setattr(processes, "LOOK_EVERY", 0.01)
    log = tmp_path / "log"
    dies = [sys.executable, "-c", f"open({str(log)!r}, 'a').write('x')"]
    waits = f"import os, time\nwhile os.path.getsize({str(log)!r}) < 4: time.sleep(0.01)"
    web = [sys.executable, "-c", waits]
    log.write_text("")

    code = processes.run_together(
        {"web": web, "lịch": dies}, is_ready=lambda: True, when_ready=lambda: None, restarted=["lịch"]
    )

    assert code == 1
    assert "sau 60 giây" not in capsys.readouterr().err


@linux
def test_it_starts_on_postgresql_and_stops_at_sigterm(
    running: Callable[..., Running], databases: Databases
) -> None:
    product = running(DATABASE_URL=databases.blank(POSTGRESQL).replace("+psycopg", ""))
    product.wait_for("Nhấn Ctrl-C để dừng")
    family = product.family()

    answer = product.get("/healthz")
    product.process.send_signal(signal.SIGTERM)

    assert answer.strip() == "ok"
    assert "Không đọc thử" not in product.said()
    assert product.process.wait(PATIENCE) == 0
    assert alive(list(family)) == []


def test_nothing_can_be_stored_by_the_pages_that_are_read_before_the_start(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'any.sqlite3'}")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE one (n integer)"))
    engine.dispose()
    event.listen(engine, "connect", rehearsal.only_read)

    with pytest.raises(OperationalError, match="readonly"), engine.begin() as connection:
        connection.execute(text("INSERT INTO one VALUES (1)"))


def test_a_taken_port_is_said_before_anything_is_made(environ: dict[str, str], port: int) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()

        answer = flask(environ, "start", PORT=str(port))

    assert answer.returncode == 1
    assert f"Không mở được cổng {port}" in answer.stderr
    assert not (Path(environ["TRACKER_INSTANCE"]) / "tracker.sqlite3").exists()


SETUP = ("--unit-code", "ubnd", "--unit-name", "UBND xã Thử", "--login", "quantri", "--name", "Quản Trị")


@linux
def test_setup_makes_secrets_a_unit_and_an_administrator_and_refuses_a_second_time(
    running: Callable[..., Running], environ: dict[str, str]
) -> None:
    first = flask(environ, "setup", *SETUP, "--email", "quantri@ubnd.example")
    second = flask(environ, "setup", *SETUP, "--email", "")
    product = running()
    product.wait_for("Nhấn Ctrl-C để dừng")
    password = re.search(r"dùng một lần: (\S+)", first.stdout)
    secrets = Path(environ["TRACKER_INSTANCE"]) / "tracker.toml"

    assert (first.returncode, second.returncode) == (0, 1)
    assert "đã được cài đặt" in second.stderr
    assert password and len(password[1]) >= 12
    assert 'mode = "production"' in secrets.read_text()
    assert secrets.stat().st_mode & 0o777 == 0o600
    assert "Tài khoản mẫu" not in product.said()


def test_setup_asks_for_what_is_not_given(environ: dict[str, str]) -> None:
    answer = subprocess.run(
        [*FLASK, "setup"], cwd=ROOT, env=environ, capture_output=True, encoding="utf-8", timeout=PATIENCE,
        input="ubnd\nUBND xã Thử\nquantri\nQuản Trị\n\n",
    )  # fmt: skip

    assert answer.returncode == 0, answer.stderr
    assert "Tài khoản quantri, mật khẩu dùng một lần" in answer.stdout


def test_setup_takes_over_a_history_and_lets_one_of_its_people_in(
    environ: dict[str, str], tmp_path: Path
) -> None:
    lines = tmp_path / "history.jsonl"
    lines.write_text(
        '{"do": "unit", "code": "ubnd", "name": "UBND xã Thử", "on": "2026-01-02"}\n'
        '{"do": "person", "login": "quantri", "name": "Quản Trị", "unit": "ubnd", "role": "admin", '
        '"on": "2026-01-02"}\n'
    )

    taken_over = flask(environ, "setup", "--history", str(lines), "--login", "quantri")
    anew = flask(environ, "password", "quantri")
    unknown = flask(environ, "password", "nobody")

    assert (taken_over.returncode, anew.returncode, unknown.returncode) == (0, 0, 1)
    assert "mật khẩu dùng một lần" in taken_over.stdout
    assert "mật khẩu dùng một lần" in anew.stdout
    assert "nobody" in unknown.stderr


def test_an_installation_that_was_not_set_up_does_not_start(environ: dict[str, str], port: int) -> None:
    answer = flask(environ, "start", "--port", str(port), TRACKER_MODE="production")

    assert answer.returncode == 1
    assert "flask --app wsgi setup" in answer.stderr


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("SECRET_KEY", "dev", "SECRET_KEY yếu"),
        ("SECRET_KEY", "a" * 40, "SECRET_KEY yếu"),
        ("SECURITY_PASSWORD_SALT", "salt", "SECURITY_PASSWORD_SALT yếu"),
        ("FLASK_DEBUG", "1", "chế độ gỡ lỗi"),
        ("TRACKER_NOW", "2026-11-21T07:00:00+07:00", "TRACKER_NOW"),
        ("TRACKER_MODE", "live", "TRACKER_MODE"),
        ("MAIL_PORT", "smtp", "Cổng"),
    ],
)
def test_production_refuses_what_must_not_serve_an_office(
    environ: dict[str, str], name: str, value: str, words: str
) -> None:
    config.write_instance(Path(environ["TRACKER_INSTANCE"]), mode="production")

    with pytest.raises(config.BadConfiguration) as refusal:
        config.load(environ | {name: value})

    assert words in str(refusal.value)


OLD = (3, 40, 1)


def test_an_unsafe_library_never_writes_in_wal_mode() -> None:
    just_unsafe = (*SAFE_WAL_VERSION[:2], SAFE_WAL_VERSION[2] - 1)

    assert journal_mode(just_unsafe) == "DELETE"
    assert journal_mode(just_unsafe, asked="WAL") == "DELETE"
    assert journal_mode(SAFE_WAL_VERSION) == "WAL"
    assert journal_mode(SAFE_WAL_VERSION, asked="delete") == "DELETE"


def test_asking_an_unsafe_library_for_wal_is_refused() -> None:
    environ = {"TRACKER_SQLITE_JOURNAL": "wal"}

    with pytest.raises(config.BadConfiguration, match="TRACKER_SQLITE_JOURNAL"):
        config.refuse_unsafe_sqlite("sqlite:////tmp/none", environ, version=OLD)

    config.refuse_unsafe_sqlite("sqlite:////tmp/none", environ, version=SAFE_WAL_VERSION)
    config.refuse_unsafe_sqlite("postgresql+psycopg://localhost/db", environ, version=OLD)


def test_a_file_in_wal_mode_is_made_safe_or_refused_while_others_hold_it(
    tmp_path: Path,
) -> None:
    path = tmp_path / "tracker.sqlite3"
    holder = sqlite.connect(path, isolation_level=None)
    holder.execute("PRAGMA journal_mode = WAL")
    holder.execute("CREATE TABLE kept (id INTEGER)")

    with pytest.raises(config.BadConfiguration, match="WAL"):
        config.refuse_unsafe_sqlite(f"sqlite:///{path}", {}, version=OLD)
    holder.close()
    config.refuse_unsafe_sqlite(f"sqlite:///{path}", {}, version=OLD)

    assert sqlite.connect(path).execute("PRAGMA journal_mode").fetchone() == ("delete",)


def test_a_history_loads_into_a_database_without_tables(environ: dict[str, str], tmp_path: Path) -> None:
    lines = tmp_path / "history.jsonl"
    lines.write_text('{"do": "unit", "code": "ubnd", "name": "UBND xã Thử", "on": "2026-01-02"}\n')

    answer = flask(environ, "history", "load", str(lines))

    assert (answer.returncode, answer.stdout) == (0, "Đã nạp 1 dòng.\n")
