"""What starts an installation: `flask start` runs web and scheduler, `flask setup` begins a real one."""

from __future__ import annotations

import multiprocessing
import os
import secrets
import socket
import sys
from collections.abc import Callable
from contextvars import Context
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import IO

import click
from flask import Blueprint, Flask, current_app
from sqlalchemy import inspect, select

import config
from tracker import clock, demo, forks, processes, rehearsal
from tracker.jobs.scheduler import run_scheduler
from tracker.models import db, let_go_of_databases, transaction
from tracker.models.people import Role, User
from tracker.models.units import UnitKind
from tracker.operations import history, people, units
from tracker.operations.recording import Stamp
from tracker.rules.workflow import DomainError

bp = Blueprint("start", __name__, cli_group=None)

WORKERS = 1 if processes.WINDOWS else 2
"""Web processes of one thread each; granian knows only one on Windows."""
MOST_WORKERS, MOST_SCHEDULERS = (1 if processes.WINDOWS else 64), 4

WEB, SCHEDULER = "máy chủ web", "bộ lập lịch"


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
    if current_app.config["MODE"] == "demo" and not os.environ.get("BASE_URL"):
        os.environ["BASE_URL"] = current_app.config["BASE_URL"] = address
    click.echo("Đang chuẩn bị cơ sở dữ liệu…")
    # What this process holds its children hold: a database in use, and what loading a demonstration left.
    welcome = forks.run_apart("dondoc-setup", _prepare) if forks.ON_LINUX else _prepare()
    forks.keep_one_heap()
    if forks.ON_LINUX:
        # Here and in the forks without the context of this command: all requests would share it, and with it
        # the person who signed in first.
        Context().run(rehearsal.run, current_app._get_current_object())  # type: ignore[attr-defined]
    let_go_of_databases()
    server = _server(host, port, web_workers) if forks.ON_LINUX else None
    forks.share_memory()

    def greet() -> None:
        for line in (f"Đôn Đốc sẵn sàng: {address}", *welcome.splitlines(), "Nhấn Ctrl-C để dừng."):
            click.echo(line)
        sys.stdout.flush()

    schedule = _schedulers(schedulers)
    web: dict[str, processes.Work] = {} if server else {WEB: _web_command(host, port, web_workers)}
    forks.call_itself("dondoc")
    sys.exit(processes.run_together(
        web | schedule, is_ready=lambda: answers(host, port), when_ready=greet, restarted=schedule,
        titles=dict.fromkeys(schedule, "dondoc-jobs"), server=server,
    ))  # fmt: skip


def _prepare() -> str:
    """Migrate, load the demonstration where it belongs, and return the lines that greet the user."""
    migrate()
    if current_app.config["MODE"] == "demo":
        welcome = _prepare_demo()
    elif demo.is_empty():
        raise click.ClickException("Hệ thống chưa có dữ liệu. Chạy “flask --app wsgi setup” trước.")
    elif not os.environ.get("BASE_URL"):
        welcome = ["Chưa đặt BASE_URL: liên kết trong thư nhắc sẽ không mở được từ máy khác."]
    else:
        welcome = []
    return "\n".join(welcome)


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
    from flask_migrate import upgrade

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


def _web_command(host: str, port: int, workers: int) -> list[str]:
    return [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--no-ws", "--host", host,
        "--port", str(port), "--workers", str(workers), "--blocking-threads", "1", "--respawn-failed-workers",
        "--no-http1-keep-alive", "--workers-kill-timeout", "10", "--log-level", "warning", "wsgi:app",
    ]  # fmt: skip


def _server(host: str, port: int, workers: int) -> processes.Server:
    """Return the web server with the application as it is in this process, its workers as forks of it.

    It serves from this process: one of its own held all the program that its workers no longer share.
    """
    from granian.constants import Interfaces
    from granian.http import HTTP1Settings
    from granian.log import LogLevels
    from granian.server import Server

    multiprocessing.set_start_method("fork", force=True)
    server = Server(
        "wsgi:app", address=host, port=port, interface=Interfaces.WSGI, workers=workers, blocking_threads=1,
        websockets=False, respawn_failed_workers=True, workers_kill_timeout=10, log_level=LogLevels.warning,
        # Granian hands out connections, not requests: a client that keeps one would keep its worker, too.
        http1_settings=HTTP1Settings(keep_alive=False),
    )  # fmt: skip
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]

    def load() -> Flask:
        forks.set_apart("dondoc-web")
        return app

    def serve(take: Callable[[Callable[[], object]], None]) -> None:
        server.on_startup(lambda: take(server.signal_handler_interrupt))
        Context().run(server.serve, target_loader=load, wrap_loader=False)

    return serve


def _schedulers(number: int) -> dict[str, processes.Work]:
    """Return what so many schedulers do by their names."""
    names = [SCHEDULER, *(f"{SCHEDULER} {each}" for each in range(2, number + 1))]
    work: processes.Work = [sys.executable, "-m", "flask", "--app", "wsgi", "jobs", "run"]
    if forks.ON_LINUX:
        app = current_app._get_current_object()  # type: ignore[attr-defined]

        def work() -> None:
            forks.let_go_of_files()
            Context().run(run_scheduler, app)

    return dict.fromkeys(names, work)


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
