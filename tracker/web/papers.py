"""To be written."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from tracker.rules.permissions import Permission
from tracker.web.access import requires

bp = Blueprint("papers", __name__)


@bp.get("/tep/<id:attachment_id>")
@requires(Permission.SIGNED_IN)
def show(**_ids: int) -> ResponseReturnValue:
    return "papers"
