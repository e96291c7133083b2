"""What a monitor asks: whether the web server lives, and whether the installation does its work."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from tracker.language import gettext as _
from tracker.models import db
from tracker.operations.watch import sentence
from tracker.queries.health import Severity, has_tables
from tracker.web.alerts import findings_of_request

bp = Blueprint("health", __name__)


@bp.get("/healthz")
def check() -> ResponseReturnValue:
    """Answer 200 “ok”, or 503 with a line for each fault; the lines tell no secrets."""
    try:
        if not has_tables():
            return _red([_("Cơ sở dữ liệu chưa có bảng.")])
        faults = [each for each in findings_of_request() if each.severity is Severity.FAULT]
    except SQLAlchemyError:
        return _red([_("Không kết nối được cơ sở dữ liệu.")])
    return _red([sentence(each) for each in faults]) if faults else _plain("ok\n", 200)


@bp.get("/healthz/web")
def alive() -> ResponseReturnValue:
    """Answer 200 “ok” when the web server and its database answer, whatever the scheduler does."""
    try:
        db.session.execute(text("SELECT 1"))
    except SQLAlchemyError:
        return _red([_("Không kết nối được cơ sở dữ liệu.")])
    return _plain("ok\n", 200)


def _red(lines: list[str]) -> ResponseReturnValue:
    return _plain("".join(f"{line}\n" for line in lines), 503)


def _plain(body: str, status: int) -> ResponseReturnValue:
    return body, status, {"Content-Type": "text/plain; charset=utf-8"}
