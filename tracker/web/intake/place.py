"""Where in the text of its paper a task stands."""

from __future__ import annotations

from flask import abort, render_template
from flask.typing import ResponseReturnValue

from tracker.models import db
from tracker.models.intake import IntakeDraft
from tracker.queries.intake import place_of
from tracker.rules.permissions import Permission
from tracker.web.access import load_task, requires
from tracker.web.intake.blueprint import bp
from tracker.web.intake.marks import one_place


@bp.get("/nhiem-vu/<id:task_id>/trong-van-ban")
@requires(Permission.SIGNED_IN)
def place(task_id: int) -> ResponseReturnValue:
    """Show the text of the paper with the place of a task marked, to whoever sees the task."""
    task = load_task(task_id)
    found = place_of(task_id)
    if found is None:
        abort(404)
    row = db.session.get_one(IntakeDraft, found.draft_id)
    return render_template(
        "intake/place.html", task=task, stretches=one_place(row.plain, found.start, found.end)
    )
