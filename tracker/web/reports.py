"""To be written."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from tracker.rules.permissions import Permission
from tracker.web.access import requires

bp = Blueprint("reports", __name__)


@bp.get("/bieu-b4")
@requires(Permission.SIGNED_IN)
def b4(**_ids: int) -> ResponseReturnValue:
    return "reports"
