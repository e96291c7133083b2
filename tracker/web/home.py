"""To be written."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from tracker.rules.permissions import Permission
from tracker.web.access import requires

bp = Blueprint("home", __name__)


@bp.get("/")
@requires(Permission.SIGNED_IN)
def today(**_ids: int) -> ResponseReturnValue:
    return "home"
