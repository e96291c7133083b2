"""HTTP in, HTML out: this door registers the blueprints, the error pages and what every page shows."""

from __future__ import annotations

import time
from functools import lru_cache
from typing import Any, NamedTuple

from flask import Flask, current_app, g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError, CSRFProtect
from werkzeug.exceptions import HTTPException, SecurityError
from werkzeug.middleware.proxy_fix import ProxyFix

from tracker import language
from tracker.language import gettext as _
from tracker.models import db
from tracker.models.reading import from_primary
from tracker.queries.standing import has
from tracker.rules.permissions import Permission
from tracker.web import (
    access,
    account,
    archive,
    b4_figures,
    cells_bar,
    directives,
    exports,
    faces,
    feeds,
    filters,
    frozen,
    health,
    home,
    intake,
    ladder,
    ledger,
    mails,
    paper_templates,
    papers,
    people,
    pictures,
    ranking,
    reading,
    recount,
    reports,
    settings,
    sheets,
    signin,
    system,
    tasks,
    templating,
    units,
    urging,
    weights,
)
from tracker.web.alerts import shown_to
from tracker.web.interrupted import what_was_interrupted
from tracker.web.once import settings_of_request

ERROR_PAGES = (400, 403, 404, 405, 413, 429, 500)

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'self'; "
    "form-action 'self'; frame-ancestors 'none'"
)

HEADERS = (
    ("Content-Security-Policy", CONTENT_SECURITY_POLICY),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=()"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
)
"""What every answer says, unless its page says otherwise."""

OF_MENU = (Permission.SIGNED_IN, Permission.SEE_REPORTS, Permission.ADMINISTER)
"""The permissions that decide who sees which line of the menu."""
MOST_MENUS = 256
"""Menus that a process remembers: one for each page, and for each kind of person."""

csrf = CSRFProtect()


class NavItem(NamedTuple):
    """One line of the menu."""

    label: str
    url: str
    current: bool


def init_app(app: Flask) -> None:
    """Join the pages to the application."""
    if proxies := app.config["TRUSTED_PROXIES"]:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=proxies
        )
    app.extensions["began"] = time.monotonic()
    language.init_app(app)
    csrf.init_app(app)
    reading.init_app(app)
    signin.init_app(app)
    access.init_app(app)
    filters.register(app)
    templating.register(app)
    faces.register(app)
    b4_figures.register(app)
    cells_bar.register(app)
    for room in (
        health, home, directives, intake, papers, tasks, reports, archive, mails, units, people, settings,
        ladder, paper_templates, system, account, feeds, urging, ledger, exports, recount, ranking, frozen,
        pictures, weights, sheets,
    ):  # fmt: skip
        app.register_blueprint(room.bp)
    feeds.init_app(app)
    app.context_processor(_frame)
    app.after_request(_add_headers)
    for code in ERROR_PAGES:
        app.register_error_handler(code, _show_error)
    app.register_error_handler(CSRFError, _show_error)
    app.register_error_handler(SecurityError, _refuse_host)


def _frame() -> dict[str, Any]:
    """Return what the frame of every page shows."""
    user = g.get("user")
    values: dict[str, Any] = {
        "demo": current_app.config["MODE"] == "demo",
        "body_name": "Đôn Đốc",
        "home_url": url_for("home.today"),
        "account_url": url_for("account.show"),
        "logout_url": url_for("security.logout"),
        "may_register": False,
    }
    if user is None:
        return values
    with from_primary():
        return values | {
            "nav": _nav(user),
            "person_name": user.name,
            "person_unit": user.unit.name,
            "body_name": settings_of_request()["body_name"] or "Đôn Đốc",
            "may_register": has(user, Permission.REGISTER_DIRECTIVE, g.today),
            **shown_to(user),
        }


def _nav(user: Any) -> tuple[NavItem, ...]:
    """Return the menu of a person on the page of this request."""
    open_to = tuple([permission for permission in OF_MENU if has(user, permission, g.today)])
    return _menu(open_to, request.endpoint or "")


@lru_cache(MOST_MENUS)
def _menu(open_to: tuple[Permission, ...], endpoint: str) -> tuple[NavItem, ...]:
    mine = ("mails.index", "mails.show", "mails.send_again", "mails.cancel")
    of_b4 = ("reports.", "ranking.", "frozen.", "pictures.")
    of_admins = (
        "settings.", "ladder.", "weights.", "units.", "people.", "system.", "recount.", "mails.outgoing",
        "paper_templates.",
    )  # fmt: skip
    items: list[tuple[str, str, str | tuple[str, ...], Permission]] = [
        (_("Hôm nay"), "home.today", "home.", Permission.SIGNED_IN),
        (
            _("Văn bản chỉ đạo"), "directives.index", ("directives.", "intake.", "sheets."),
            Permission.SIGNED_IN,
        ),
        (_("Nhiệm vụ"), "tasks.index", "tasks.", Permission.SIGNED_IN),
        (_("Biểu B.4"), "reports.b4", of_b4, Permission.SEE_REPORTS),
        (_("Báo cáo"), "archive.index", "archive.", Permission.SEE_REPORTS),
        (_("Thư nhắc"), "mails.index", mine, Permission.SIGNED_IN),
        (_("Quản trị"), "settings.door", of_admins, Permission.ADMINISTER),
    ]
    return tuple(
        NavItem(label, url_for(target), endpoint.startswith(prefix))
        for label, target, prefix, permission in items if permission in open_to
    )  # fmt: skip


def _add_headers(response: Any) -> Any:
    headers: tuple[tuple[str, str], ...] = HEADERS
    if current_app.config["MODE"] == "production":
        headers += (("Strict-Transport-Security", "max-age=31536000"),)
    if request.endpoint != "static":
        headers += (("Cache-Control", "private, no-store"),)
    given = {name.lower() for name, _value in response.headers}
    response.headers.extend([each for each in headers if each[0].lower() not in given])
    return response


def _refuse_host(_error: Exception) -> ResponseReturnValue:
    """Answer a request for a foreign host name in plain words: no page can be drawn without an address."""
    words = _("Địa chỉ này không thuộc hệ thống. Hãy mở địa chỉ do quản trị của đơn vị cung cấp.")
    return words + "\n", 400, {"Content-Type": "text/plain; charset=utf-8"}


def _show_error(error: Exception) -> ResponseReturnValue:
    code = error.code if isinstance(error, HTTPException) and error.code else 500
    if code == 500:
        db.session.rollback()
    if code not in ERROR_PAGES:
        code = 400
    values: dict[str, Any] = {}
    if code == 413:
        values = {"limit": current_app.config["MAX_CONTENT_LENGTH"]}
    elif isinstance(error, CSRFError):
        values = what_was_interrupted()
    return render_template(f"errors/{code}.html", **values), code
