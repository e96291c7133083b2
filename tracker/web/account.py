"""One's own account: who I am here, my roles, my mails, my password."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from tracker.rules.permissions import Permission
from tracker.web.access import requires

bp = Blueprint("account", __name__)


@bp.get("/tai-khoan")
@requires(Permission.SIGNED_IN)
def show() -> ResponseReturnValue:
    """Show a person their own account."""
    return "account"
