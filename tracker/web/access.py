"""Who gets in: sign-in by default, a permission on every route, and objects that outsiders never find."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import bindparam, select
from sqlalchemy.orm import joinedload
from werkzeug.routing import IntegerConverter

from tracker import clock
from tracker.language import gettext as _
from tracker.models import db
from tracker.models.people import User
from tracker.models.task import Task
from tracker.queries.standing import has, standing_towards
from tracker.rules.permissions import Permission, Standing, may
from tracker.rules.workflow import Action
from tracker.web.interrupted import address_asked_for, texts_typed

View = TypeVar("View", bound=Callable[..., Any])

LARGEST_ID = 2**31 - 1

PUBLIC = {
    "static": "style sheets and scripts",
    "security.login": "the sign-in page",
    "security.two_factor_token_validation": "the second step of signing in",
    "security.mf_recovery": "the second step of signing in, with a recovery code",
    "feeds.read": "a calendar for programs that cannot sign in: the secret in its address stands for that",
    "health.check": "for a monitor; tells whether the installation works, and which part does not",
    "health.alive": "for what starts the web server; tells whether it answers",
}
"""Endpoints that need no sign-in, each with its reason. Everything else is closed."""

WITH_A_PASSWORD_TO_CHANGE = {"security.logout", "security.change_password"}
"""Where a person may go who has to choose a password of their own first."""

SIGNED_IN = {
    *WITH_A_PASSWORD_TO_CHANGE,
    "security.verify",
    "security.two_factor_setup",
    "security.two_factor_setup_validate",
    "security.mf_recovery_codes",
}
"""Endpoints of the sign-in library that any signed-in person may use for their own account."""


class IdConverter(IntegerConverter):
    """An id in an address, in plain digits; one that no database could hold is simply not found."""

    regex = "[0-9]+"

    def __init__(self, url_map: Any) -> None:
        super().__init__(url_map, max=LARGEST_ID)


def requires(permission: Permission) -> Callable[[View], View]:
    """Declare what a route asks of a person's roles; a route that declares nothing answers nobody."""

    def declare(view: View) -> View:
        view.permission = permission  # type: ignore[attr-defined]
        return view

    return declare


def init_app(app: Flask) -> None:
    """Close every route of the application but those listed as public."""
    app.url_map.converters["id"] = IdConverter

    @app.before_request
    def let_in() -> ResponseReturnValue | None:
        g.today = clock.today()
        g.now = clock.now()
        g.user = current_user._get_current_object() if current_user.is_authenticated else None
        if b"%00" in request.query_string:
            abort(400)  # Nobody types NUL, and PostgreSQL takes none in a text.
        if request.endpoint is None or request.endpoint in PUBLIC:
            return None
        if g.user is None:
            return ask_to_sign_in()
        if g.user.must_change_password and request.endpoint not in WITH_A_PASSWORD_TO_CHANGE:
            return redirect(url_for("security.change_password", next=address_asked_for()))
        if request.endpoint in SIGNED_IN:
            return None
        permission = getattr(app.view_functions[request.endpoint], "permission", None)
        if permission is None or not has(g.user, permission, g.today):
            abort(403)
        return None


def ask_to_sign_in() -> ResponseReturnValue:
    """Send a person to the sign-in page, and from there back to the page they asked for.

    Somebody whose session ended while they typed is shown what they typed, because nothing of it is stored.
    """
    sign_in = url_for("security.login", next=address_asked_for())
    if request.method in ("GET", "HEAD") or request.blueprint == "security":
        return redirect(sign_in)
    if typed := texts_typed():
        return render_template("errors/signed_out.html", typed=typed, sign_in_url=sign_in), 403
    flash(_("Phiên đăng nhập đã hết, nên thao tác vừa rồi chưa được thực hiện."), "warning")
    return redirect(sign_in)


_WITH_UNITS = (
    select(Task)
    .options(joinedload(Task.directive), joinedload(Task.unit), joinedload(Task.assigner))
    .where(Task.id == bindparam("task_id"))
)
"""Made once: what every page and action on a task needs of it."""


def find_task(task_id: int) -> tuple[Task, Standing]:
    """Return a task for a person who may see it, and how they stand towards it; 404 for outsiders."""
    task = db.session.scalar(_WITH_UNITS, {"task_id": task_id})
    if task is None:
        abort(404)
    standing = standing_towards(g.user, task, day=g.today)
    if not may(Action.SEE, standing):
        abort(404)
    return task, standing


def load_task(task_id: int, action: Action = Action.SEE) -> Task:
    """Return a task for a person who may do this to it; 404 for outsiders, 403 for too little right."""
    task, standing = find_task(task_id)
    if not may(action, standing):
        abort(403)
    return task


def me() -> User:
    """Return the signed-in person of this request."""
    return g.user
