"""To be written."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from tracker.rules.permissions import Permission
from tracker.web.access import requires

bp = Blueprint("people", __name__)


@bp.get("/quan-tri/nguoi-dung")
@requires(Permission.SIGNED_IN)
def index(**_ids: int) -> ResponseReturnValue:
    return "people"
