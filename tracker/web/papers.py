"""Handing out attached papers to those who may see what they are attached to."""

from __future__ import annotations

from flask import Blueprint, abort, g, send_file
from flask.typing import ResponseReturnValue

from tracker.files.papers import place_of
from tracker.models import db
from tracker.models.directive import Attachment
from tracker.models.progress import History
from tracker.queries.directives import is_visible
from tracker.rules.permissions import Permission
from tracker.web.access import load_task, requires
from tracker.web.uploads import files_folder

bp = Blueprint("papers", __name__)


@bp.get("/tep/<id:attachment_id>")
@requires(Permission.SIGNED_IN)
def show(attachment_id: int) -> ResponseReturnValue:
    """Send a paper as a download; no browser shows it inside the site, whatever it holds."""
    paper = db.session.get(Attachment, attachment_id)
    if paper is None:
        abort(404)
    _require_visible(paper)
    place = place_of(paper.sha256, folder=files_folder())
    if not place.exists():
        abort(404)
    answer = send_file(place, mimetype=paper.media_type, as_attachment=True, download_name=paper.filename)
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


def _require_visible(paper: Attachment) -> None:
    if paper.directive_id is not None:
        if not is_visible(paper.directive_id, g.user, day=g.today):
            abort(404)
        return
    row = db.session.get(History, paper.history_id) if paper.history_id is not None else None
    if row is None or row.task_id is None:
        abort(404)
    load_task(row.task_id)
