"""The blueprint of directives, and how its pages find a directive for a person."""

from __future__ import annotations

from flask import Blueprint, abort, g

from tracker.models import db
from tracker.models.directive import Directive
from tracker.queries.directives import is_visible
from tracker.queries.standing import roles_above
from tracker.rules.permissions import LEADER, OFFICE

bp = Blueprint("directives", __name__)


def may_write(directive: Directive) -> bool:
    """Return whether the signed-in person may correct a directive and give tasks of it."""
    return bool(roles_above(g.user, directive.issuer, g.today) & {LEADER, OFFICE})


def load_directive(directive_id: int, *, to_write: bool = False) -> Directive:
    """Return a directive for a person who sees it; 404 for outsiders, 403 for who may not write."""
    directive = db.session.get(Directive, directive_id)
    if directive is None or not is_visible(directive_id, g.user, day=g.today):
        abort(404)
    if to_write and not may_write(directive):
        abort(403)
    return directive
