"""What starts an installation: `flask start` runs web and scheduler, `flask setup` begins a real one."""

from __future__ import annotations

import contextlib
import ctypes
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from types import FrameType
from typing import IO, Any

import click
from flask import Blueprint, current_app
from flask_migrate import upgrade
from sqlalchemy import inspect, select

import config
from tracker import clock, demo
from tracker.models import db, transaction
from tracker.models.people import Role, User
from tracker.models.units import UnitKind
from tracker.operations import history, people, units
from tracker.operations.recording import Stamp
from tracker.rules.workflow import DomainError

bp = Blueprint("start", __name__, cli_group=None)

ROOT = Path(__file__).parent.parent
WINDOWS = sys.platform == "win32"
WORKERS = 1 if WINDOWS else 2
"""Web processes of one thread each; granian knows only one on Windows."""
MOST_WORKERS, MOST_SCHEDULERS = (1 if WINDOWS else 64), 4

SCHEDULER = "bộ lập lịch"
LOOK_EVERY = 0.2
READY_WITHIN = 60.0
STOP_WITHIN = 20.0
"""Seconds: between two looks at the children, for the first answer, and for a clean end."""

RESTART_AFTER = (1.0, 2.0, 5.0, 10.0, 30.0)
"""Seconds to wait before the scheduler that died is started again, longer after each quick death in a row."""
STEADY_AFTER = 60.0
"""Seconds that a child must live for its death to be no quick one."""

_PR_SET_PDEATHSIG = 1


@bp.cli.command("start")
@click.option("--port", type=click.IntRange(1, 65535), envvar="PORT", default=8000, show_default=True)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--web-workers", type=click.IntRange(1, MOST_WORKERS), envvar="WEB_WORKERS", default=WORKERS,
    show_default=True, help="Web processes; about one a core.",
)  # fmt: skip
@click.option(
    "--schedulers", type=click.IntRange(1, MOST_SCHEDULERS), envvar="SCHEDULERS", default=1,
    show_default=True, help="Scheduler processes; a second one takes over at once when one dies.",
)  # fmt: skip
def start(port: int, host: str, web_workers: int, schedulers: int) -> None:
    """Migrate the database, then run web server and scheduler until Ctrl-C."""
    _let_any_letter_through()
    require_free(host, port)
    address = _address(host, port)
    is_demo = current_app.config["MODE"] == "demo"
    if is_demo and not os.environ.get("BASE_URL"):
        os.environ["BASE_URL"] = current_app.config["BASE_URL"] = address
    click.echo("Đang chuẩn bị cơ sở dữ liệu…")
    migrate()
    welcome = [f"Đôn Đốc sẵn sàng: {address}"]
    if is_demo:
        welcome += _prepare_demo()
    elif demo.is_empty():
        raise click.ClickException("Hệ thống chưa có dữ liệu. Chạy “flask --app wsgi setup” trước.")
    elif not os.environ.get("BASE_URL"):
        welcome.append("Chưa đặt BASE_URL: liên kết trong thư nhắc sẽ không mở được từ máy khác.")
    welcome.append("Nhấn Ctrl-C để dừng.")
    db.session.remove()
    db.engine.dispose()

    def greet() -> None:
        for line in welcome:
            click.echo(line)
        sys.stdout.flush()

    schedule = _schedulers(schedulers)
    sys.exit(run_together(
        {"máy chủ web": _web(host, port, web_workers), **schedule},
        is_ready=lambda: answers(host, port), when_ready=greet, restarted=schedule,
    ))  # fmt: skip


def _let_any_letter_through() -> None:
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


def _prepare_demo() -> list[str]:
    if demo.is_empty():
        click.echo("Đang nạp dữ liệu mẫu…")
        demo.load(today=clock.today(), now=clock.now())
    password = demo.password_in(Path(current_app.config["INSTANCE_FOLDER"]))
    width = max(len(visit.login) for visit in demo.VISITS)
    lines = [f"Tài khoản mẫu, mật khẩu chung: {password}"]
    return lines + [f"  {visit.login:<{width}}  {visit.sight}" for visit in demo.VISITS]


def migrate() -> None:
    """Bring the tables of the database to the present version; nothing happens where they are."""
    upgrade()


def migrate_if_blank() -> None:
    """Make the tables in a database that has none."""
    if not inspect(db.engine).has_table("history"):
        migrate()


def _address(host: str, port: int) -> str:
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
    return f"http://{shown}:{port}"


def require_free(host: str, port: int) -> None:
    """Raise `click.ClickException` with a sentence when nothing can listen on this port."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        if sys.platform == "win32":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except PermissionError as error:
            message = f"Không được phép mở cổng {port}. Hãy chọn cổng từ 1024 trở lên."
            raise click.ClickException(message) from error
        except OSError as error:
            another = port + 1 if port < 65535 else 8000
            raise click.ClickException(
                f"Không mở được cổng {port} trên {host}: cổng đang được dùng, hoặc sai địa chỉ. "
                f"Chạy lại với cổng khác: make run PORT={another}, "
                f"hoặc flask --app wsgi start --port {another}."
            ) from error


def answers(host: str, port: int) -> bool:
    """Return whether the web server and its database answer; the scheduler may still be starting."""
    reachable = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    connection = HTTPConnection(reachable, port, timeout=5)
    try:
        connection.request("GET", "/healthz/web")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def _web(host: str, port: int, workers: int) -> list[str]:
    return [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--no-ws", "--host", host,
        "--port", str(port), "--workers", str(workers), "--blocking-threads", "1", "--respawn-failed-workers",
        "--workers-kill-timeout", "10", "--log-level", "warning", "wsgi:app",
    ]  # fmt: skip


def _schedulers(number: int) -> dict[str, list[str]]:
    """Return the commands of so many schedulers by their names."""
    names = [SCHEDULER, *(f"{SCHEDULER} {each}" for each in range(2, number + 1))]
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "jobs", "run"]
    return dict.fromkeys(names, command)


def run_together(
    commands: Mapping[str, list[str]], *, is_ready: Callable[[], bool], when_ready: Callable[[], None],
    restarted: Collection[str] = (),
) -> int:  # fmt: skip
    """Run the commands as children until asked to stop (SIGINT, SIGTERM), and return the exit code.

    `when_ready` is called once `is_ready` says so. A child named in `restarted` that ends by itself is
    started again after a while (RESTART_AFTER), and the others go on. The code is 0 after a stop that was
    asked for; when another child ends, one dies quickly too many times in a row, or nothing is ready in time,
    all are stopped and it is 1.
    """
    asked: list[int] = []
    with _signals(lambda number, _frame: asked.append(number)):
        children: dict[str, _Child] = {}
        try:
            for name, command in commands.items():
                children[name] = _Child(command, RESTART_AFTER if name in restarted else ())
            deadline, ready = time.monotonic() + READY_WITHIN, False
            while not asked:
                for name, child in children.items():
                    if told := child.look():
                        click.echo(f"Tiến trình {name} {told}", err=True)
                    if child.is_given_up:
                        return 1
                if not ready and is_ready():
                    ready = True
                    when_ready()
                elif not ready and time.monotonic() > deadline:
                    click.echo(f"Máy chủ web không trả lời sau {READY_WITHIN:.0f} giây.", err=True)
                    return 1
                time.sleep(LOOK_EVERY)
            click.echo("Đang dừng…")
            return 0
        finally:
            _stop([child.process for child in children.values()], asked)


class _Child:
    """A process that is started again after its death, later after each of several quick ones in a row."""

    def __init__(self, command: list[str], delays: Sequence[float]) -> None:
        self.command, self.delays = command, delays
        self.quick_deaths = 0
        self.again_at: float | None = None
        self.is_given_up = False
        self._start()

    def _start(self) -> None:
        self.process = _spawn(self.command)
        self.began_at, self.again_at = time.monotonic(), None

    def look(self) -> str:
        """See to the process; return what is to be told of it, "" while all is well."""
        if self.again_at is not None:
            if time.monotonic() >= self.again_at:
                self._start()
            return ""
        if self.process.poll() is None:
            return ""
        if time.monotonic() - self.began_at >= STEADY_AFTER:
            self.quick_deaths = 0
        ended = f"đã dừng (mã {self.process.returncode})"
        if self.quick_deaths >= len(self.delays):
            self.is_given_up = True
            return f"{ended}."
        delay = self.delays[self.quick_deaths]
        self.quick_deaths += 1
        self.again_at = time.monotonic() + delay
        return f"{ended}, chạy lại sau {delay:.0f} giây."


@contextlib.contextmanager
def _signals(handle: Callable[[int, FrameType | None], Any]) -> Iterator[None]:
    names = ("SIGINT", "SIGTERM", "SIGBREAK") if WINDOWS else ("SIGINT", "SIGTERM", "SIGHUP")
    before = {name: signal.signal(getattr(signal, name), handle) for name in names}
    try:
        yield
    finally:
        for name, old in before.items():
            signal.signal(getattr(signal, name), old)


def _spawn(command: list[str]) -> subprocess.Popen[bytes]:
    """Start a child in a process group of its own: Ctrl-C reaches this process alone, which stops it."""
    if sys.platform == "win32":
        return subprocess.Popen(command, cwd=ROOT, creationflags=subprocess.CREATE_NEW_PROCESS_GROUP)  # noqa: S603
    return subprocess.Popen(command, cwd=ROOT, start_new_session=True, preexec_fn=_end_with_parent)  # noqa: S603


def _end_with_parent() -> None:
    """Let Linux end this child when its parent is killed without a chance to stop it."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _stop(children: Iterable[subprocess.Popen[bytes]], asked: list[int]) -> None:
    """Ask every child to end, and end what remains of its group; Ctrl-C twice more does not wait."""
    running = list(children)
    for child in running:
        if child.poll() is None:
            if sys.platform == "win32":
                child.send_signal(signal.CTRL_BREAK_EVENT)
            else:
                child.send_signal(signal.SIGTERM)
    impatient = len(asked) + 1
    deadline = time.monotonic() + STOP_WITHIN
    while any(child.poll() is None for child in running):
        if time.monotonic() > deadline or len(asked) > impatient:
            break
        time.sleep(LOOK_EVERY / 4)
    for child in running:
        if sys.platform == "win32":
            child.kill()
        else:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(child.pid, signal.SIGKILL)
        child.wait()


@bp.cli.command("setup")
@click.option("--unit-code", help="Code of the first unit, for example ubnd.")
@click.option("--unit-name", help="Its name.")
@click.option("--unit-kind", type=click.Choice(list(UnitKind)), default=UnitKind.COMMUNE, show_default=True)
@click.option("--login", help="Login of the first administrator.")
@click.option("--name", help="Name of the first administrator.")
@click.option("--email", help="Mail address of the first administrator; may be empty.")
@click.option(
    "--history", "file", type=click.File("r", encoding="utf-8"),
    help="Load this history instead of founding a unit; --login is then somebody in it.",
)  # fmt: skip
def setup(
    unit_code: str | None, unit_name: str | None, unit_kind: str, login: str | None, name: str | None,
    email: str | None, file: IO[str] | None,
) -> None:  # fmt: skip
    """Begin an installation that is not the demonstration: secrets, first unit, first administrator."""
    _let_any_letter_through()
    if inspect(db.engine).has_table("history") and not demo.is_empty():
        raise click.ClickException(
            "Hệ thống đã được cài đặt. Muốn cài mới, hãy dùng TRACKER_INSTANCE hoặc DATABASE_URL khác."
        )
    if file is None:
        unit_code = unit_code or click.prompt("Mã đơn vị đầu tiên (ví dụ: ubnd)")
        unit_name = unit_name or click.prompt("Tên đơn vị")
    login = login or click.prompt("Tên đăng nhập của quản trị viên")
    if file is None:
        name = name or click.prompt("Họ và tên quản trị viên")
        if email is None:
            email = click.prompt("Thư điện tử (có thể để trống)", default="", show_default=False)
    folder = Path(current_app.config["INSTANCE_FOLDER"])
    if config.read_instance(folder).get("mode") != "production":
        config.write_instance(folder, mode="production", replace=True)
    current_app.config.from_mapping(config.load(os.environ | {"TRACKER_MODE": "production"}))
    migrate()
    stamp = Stamp(on=clock.today(), at=clock.now())
    try:
        if file is not None:
            history.load(file)
            password = _give_password(login, stamp)
        else:
            with transaction():
                unit = units.found(stamp=stamp, code=unit_code or "", name=unit_name or "", kind=unit_kind)
                people.add(
                    stamp=stamp, login=login, name=name or "", unit=unit, role=Role.ADMIN, email=email or None
                )
                password = _give_password(login, stamp)
    except DomainError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"Đã cài đặt. Khóa bí mật nằm trong {folder / 'tracker.toml'}.")
    _tell_password(login, password)
    click.echo("Bắt đầu: flask --app wsgi start")


@bp.cli.command("password")
@click.argument("login")
def new_password(login: str) -> None:
    """Give LOGIN a new password for one sign-in, when no administrator is at hand who could."""
    _let_any_letter_through()
    password = _give_password(login, Stamp(on=clock.today(), at=clock.now()))
    _tell_password(login, password)


def _give_password(login: str, stamp: Stamp) -> str:
    user = db.session.scalar(select(User).where(User.login == login))
    if user is None:
        raise click.ClickException(f"Không có tài khoản “{login}”.")
    password = secrets.token_urlsafe(12)
    people.set_password(user, password, stamp=stamp, must_change=True)
    return password


def _tell_password(login: str, password: str) -> None:
    click.echo(f"Tài khoản {login}, mật khẩu dùng một lần: {password}")
    click.echo("Mật khẩu chỉ hiện một lần và phải đổi ngay khi đăng nhập.")
