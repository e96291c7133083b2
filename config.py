"""Settings of an installation, read from the environment and from `instance/tracker.toml`.

A missing or odd value stops the start with a sentence that says what to do.
"""

from __future__ import annotations

import os
import secrets
import tomllib
from collections.abc import Mapping
from contextlib import closing, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ROOT = Path(__file__).parent
MODES = ("demo", "production", "test")
LEAST_SECRET = 32
"""Characters below which a secret is weak."""

MAX_UPLOAD_BYTES = 100 * 1024 * 1024
"""Bytes of one request. One paper may have 25 MB; the room above lets the form say so at the field and keep
what was typed, and takes several papers at once."""


class BadConfiguration(SystemExit):
    """The installation cannot start as it is set up."""


def instance_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """Return where this installation keeps its secrets, its embedded database and its files."""
    return Path(environ.get("TRACKER_INSTANCE", ROOT / "instance")).resolve()


def write_instance(folder: Path, *, mode: str, replace: bool = False) -> dict[str, str]:
    """Write new random secrets to the instance file, readable by its owner alone, and return them.

    Raises `FileExistsError` where there is one already, unless `replace` is true: all secrets are new then.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    values = {
        "mode": mode,
        "secret_key": secrets.token_urlsafe(48),
        "password_salt": secrets.token_urlsafe(48),
        "totp_secret": secrets.token_urlsafe(48),
    }
    path = folder / "tracker.toml"
    lines = ["# Written once. Keep it secret, and keep it with the backups of the database.\n"]
    lines += [f'{name} = "{value}"\n' for name, value in values.items()]
    target = folder / f"tracker.toml.{os.getpid()}" if replace else path
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.writelines(lines)
    if replace:
        target.replace(path)
    return values


def read_instance(folder: Path) -> dict[str, str]:
    """Return the instance file, made anew with random secrets for a demonstration when there is none."""
    path = folder / "tracker.toml"
    try:
        return tomllib.loads(path.read_text())
    except FileNotFoundError:
        try:
            return write_instance(folder, mode="demo")
        except FileExistsError:
            return tomllib.loads(path.read_text())


def database_url(url: str) -> str:
    """Return the URL with the driver the tracker uses: psycopg 3 for PostgreSQL."""
    for prefix in ("postgres://", "postgresql://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url


def _replica(url: str, primary: str) -> dict[str, Any]:
    """Return the engine of the read-only replica, none when no address is given."""
    # Read when it is needed: the tracker itself reads its settings from here.
    from tracker.models.reading import REPLICA, engine_settings

    if not url:
        return {}
    if not all(database_url(each).startswith("postgresql+psycopg://") for each in (url, primary)):
        raise BadConfiguration(
            "DATABASE_READ_URL là bản sao chỉ đọc của PostgreSQL: đặt cả DATABASE_URL và DATABASE_READ_URL "
            "dạng postgresql://…, hoặc bỏ DATABASE_READ_URL."
        )
    return {REPLICA: engine_settings(database_url(url))}


def load(environ: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """Return the Flask settings of this installation; raise `BadConfiguration` for what cannot start."""
    folder = instance_folder(environ)
    stored = read_instance(folder)
    mode = environ.get("TRACKER_MODE", stored.get("mode", "production"))
    if mode not in MODES:
        raise BadConfiguration(f"TRACKER_MODE là “{mode}”, phải là một trong: {', '.join(MODES)}.")
    values: dict[str, Any] = {
        "MODE": mode,
        "INSTANCE_FOLDER": str(folder),
        "SECRET_KEY": environ.get("SECRET_KEY", stored.get("secret_key", "")),
        "SECURITY_PASSWORD_SALT": environ.get("SECURITY_PASSWORD_SALT", stored.get("password_salt", "")),
        "SECURITY_TOTP_SECRETS": {"1": environ.get("SECURITY_TOTP_SECRET", stored.get("totp_secret", ""))},
        "SQLALCHEMY_DATABASE_URI": database_url(
            environ.get("DATABASE_URL") or f"sqlite:///{folder / 'tracker.sqlite3'}"
        ),
        "SQLALCHEMY_BINDS": _replica(environ.get("DATABASE_READ_URL", ""), environ.get("DATABASE_URL", "")),
        "FILES_FOLDER": environ.get("FILES_FOLDER", str(folder / "files")),
        "BACKUP_FOLDER": _backups(environ.get("BACKUP_FOLDER", ""), folder),
        "MAX_CONTENT_LENGTH": MAX_UPLOAD_BYTES,
        "BASE_URL": environ.get("BASE_URL", "http://127.0.0.1:8000").rstrip("/"),
        "TRUSTED_HOSTS": _hosts(environ.get("BASE_URL", "")) if mode == "production" else None,
        "TRUSTED_PROXIES": _count(environ, "TRUSTED_PROXIES", 0),
        "SIGN_IN_FAILURES_PER_LOGIN": _count(environ, "SIGN_IN_FAILURES_PER_LOGIN", 10),
        "SIGN_IN_FAILURES_PER_ADDRESS": _count(environ, "SIGN_IN_FAILURES_PER_ADDRESS", 60),
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": mode == "production",
        "REMEMBER_COOKIE_SECURE": mode == "production",
        "REMEMBER_COOKIE_HTTPONLY": True,
        "PERMANENT_SESSION_LIFETIME": timedelta(hours=12),
        "BABEL_DEFAULT_LOCALE": "vi",
        "BABEL_DEFAULT_TIMEZONE": "Asia/Ho_Chi_Minh",
        "MAIL_SERVER": environ.get("MAIL_SERVER", ""),
        "MAIL_PORT": _port(environ.get("MAIL_PORT", "25")),
        "MAIL_USE_TLS": _yes(environ.get("MAIL_USE_TLS", "")),
        "MAIL_USE_SSL": _yes(environ.get("MAIL_USE_SSL", "")),
        "MAIL_USERNAME": environ.get("MAIL_USERNAME") or None,
        "MAIL_PASSWORD": environ.get("MAIL_PASSWORD") or None,
        "MAIL_DEFAULT_SENDER": environ.get("MAIL_DEFAULT_SENDER", "dondoc@localhost"),
        "DEBUG": _yes(environ.get("FLASK_DEBUG", "")),
    }
    if mode == "production":
        refuse_weak(values, environ)
    return values


def refuse_weak(values: Mapping[str, Any], environ: Mapping[str, str]) -> None:
    """Raise `BadConfiguration` for anything that must not serve a real office."""
    named = {
        "SECRET_KEY": values["SECRET_KEY"],
        "SECURITY_PASSWORD_SALT": values["SECURITY_PASSWORD_SALT"],
        "SECURITY_TOTP_SECRET": values["SECURITY_TOTP_SECRETS"]["1"],
    }
    for name, secret in named.items():
        if len(secret) < LEAST_SECRET or len(set(secret)) < 10:
            raise BadConfiguration(
                f"{name} yếu hoặc chưa đặt. Chạy “flask --app wsgi setup” để tạo khóa ngẫu nhiên, "
                f"hoặc đặt {name} dài ít nhất {LEAST_SECRET} ký tự ngẫu nhiên."
            )
    if values["DEBUG"]:
        raise BadConfiguration("Không chạy bản chính thức với chế độ gỡ lỗi. Bỏ FLASK_DEBUG rồi chạy lại.")
    if environ.get("TRACKER_NOW"):
        raise BadConfiguration("Không chạy bản chính thức với TRACKER_NOW. Bỏ biến này rồi chạy lại.")
    refuse_unsafe_sqlite(values["SQLALCHEMY_DATABASE_URI"], environ)


def refuse_unsafe_sqlite(
    url: str, environ: Mapping[str, str], *, version: tuple[int, ...] | None = None
) -> None:
    """Raise `BadConfiguration` when a SQLite library with unsafe WAL would write to the database in WAL mode.

    The database file is brought to the safe journal mode unless somebody else holds it open; what counts is
    the mode in which the file then is. `version` is that of the library in use, unless another is named.
    """
    # Read when it is needed: the tracker itself reads its settings from here.
    from tracker.models.sqlite import SAFE_WAL_VERSION, sqlite

    version = version or sqlite.sqlite_version_info
    if not url.startswith("sqlite:///") or version >= SAFE_WAL_VERSION:
        return
    library = ".".join(map(str, version))
    if environ.get("TRACKER_SQLITE_JOURNAL", "").strip().upper() not in ("", "DELETE"):
        raise BadConfiguration(
            f"TRACKER_SQLITE_JOURNAL phải là DELETE: ở chế độ khác, SQLite {library} có thể làm hỏng "
            "cơ sở dữ liệu. Bỏ biến này, hoặc dùng PostgreSQL."
        )
    path = Path(url.removeprefix("sqlite:///"))
    if not _is_wal(path):
        return
    with suppress(sqlite.OperationalError), closing(sqlite.connect(path, timeout=5)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
    if _is_wal(path):
        raise BadConfiguration(
            f"Cơ sở dữ liệu {path} đang ở chế độ nhật ký WAL, không an toàn với SQLite {library}. "
            "Dừng mọi tiến trình đang dùng tệp này rồi chạy lại, hoặc dùng PostgreSQL."
        )


def _is_wal(path: Path) -> bool:
    """Return what the file itself says: byte 18 of its header is 2 in WAL mode."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(19)[18:] == b"\x02"


def _yes(word: str) -> bool:
    if word.strip().lower() in ("1", "true", "yes", "on"):
        return True
    if word.strip().lower() in ("", "0", "false", "no", "off"):
        return False
    raise BadConfiguration(f"“{word}” không rõ là có hay không. Dùng 1 hoặc 0.")


def _hosts(base_url: str) -> list[str] | None:
    """Return the host names that a request may ask for: that of BASE_URL, and the machine itself."""
    name = urlsplit(base_url).hostname
    return [name, "localhost", "127.0.0.1"] if name else None


def _backups(word: str, folder: Path) -> str:
    """Return the folder of the backups, "" for “off”: they are made elsewhere."""
    return "" if word.strip().lower() == "off" else word or str(folder / "backups")


def _count(environ: Mapping[str, str], name: str, default: int) -> int:
    word = environ.get(name, str(default))
    if word.isdecimal() and int(word) < 100_000:
        return int(word)
    raise BadConfiguration(f"{name} là “{word}”, phải là một số nguyên từ 0 đến 99999.")


def _port(word: str) -> int:
    if word.isdigit() and 0 < int(word) < 65536:
        return int(word)
    raise BadConfiguration(f"Cổng “{word}” không hợp lệ. Dùng một số từ 1 đến 65535.")
