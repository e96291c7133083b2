"""The blueprint of papers that are read, and how its pages find a draft for a person."""

from __future__ import annotations

from flask import Blueprint, abort, g, redirect, url_for
from flask.typing import ResponseReturnValue

from tracker.models.intake import DraftState, IntakeDraft
from tracker.queries.intake import draft_for
from tracker.rules.words import KINDS_OF_DIRECTIVE, N_

bp = Blueprint("intake", __name__)

KINDS = KINDS_OF_DIRECTIVE | {"NĐ": N_("Nghị định"), "TT": N_("Thông tư"), "LUẬT": N_("Luật")}
"""The names of kinds of papers by their codes, with those that only cited papers have."""


def load_draft(draft_id: int) -> IntakeDraft:
    """Return a draft for a person of its unit's office or leadership; 404 for all others."""
    row = draft_for(draft_id, g.user, day=g.today)
    if row is None:
        abort(404)
    return row


def closed(row: IntakeDraft) -> ResponseReturnValue | None:
    """Return where to go instead of a draft that was given or put away, None while it is open."""
    if row.state is DraftState.OPEN:
        return None
    if row.directive_id is not None:
        return redirect(url_for("directives.show", directive_id=row.directive_id), 303)
    return redirect(url_for("intake.index"), 303)
