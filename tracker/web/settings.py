"""To be written."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from tracker.rules.permissions import Permission
from tracker.web.access import requires

bp = Blueprint("settings", __name__)


@bp.get("/quan-tri")
@requires(Permission.SIGNED_IN)
def door(**_ids: int) -> ResponseReturnValue:
    return "settings"
