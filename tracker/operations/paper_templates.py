"""The Word forms of B.4: taking one in, and choosing which one a unit uses."""

from __future__ import annotations

from hashlib import sha256

from sqlalchemy import func, select

from tracker.models import db, lock
from tracker.models.paper_template import PaperTemplate
from tracker.models.people import Role
from tracker.models.units import Unit
from tracker.operations.recording import Stamp, entry, record, require_role


def add(unit: Unit, filename: str, content: bytes, *, stamp: Stamp) -> PaperTemplate:
    """Keep a checked form for a unit; it is not in use before it is chosen."""
    with entry(stamp):
        require_role(unit, {Role.ADMIN}, stamp)
        digest = sha256(content).hexdigest()
        row = PaperTemplate(
            unit=unit, filename=filename, content=content, sha256=digest, added_at=stamp.at,
            added_by=stamp.by,
        )  # fmt: skip
        db.session.add(row)
        record("template", stamp, {"unit": unit.code, "sha256": digest}, unit=unit, note=filename)
        db.session.flush()
        return row


def choose(template: PaperTemplate, *, stamp: Stamp) -> None:
    """Take a form of a unit into use, a new one or an earlier one."""
    with entry(stamp):
        lock(template.unit)
        require_role(template.unit, {Role.ADMIN}, stamp)
        template.turn = _next_turn(template.unit)
        payload = {"unit": template.unit.code, "sha256": template.sha256}
        record("template_use", stamp, payload, unit=template.unit, note=template.filename)


def choose_built_in(unit: Unit, *, stamp: Stamp) -> None:
    """Let a unit return to the form of this product."""
    with entry(stamp):
        lock(unit)
        require_role(unit, {Role.ADMIN}, stamp)
        turn = _next_turn(unit)
        db.session.add(PaperTemplate(unit=unit, added_at=stamp.at, added_by=stamp.by, turn=turn))
        record("template_use", stamp, {"unit": unit.code}, unit=unit)


def _next_turn(unit: Unit) -> int:
    query = select(func.max(PaperTemplate.turn)).where(PaperTemplate.unit_id == unit.id)
    return (db.session.scalar(query) or 0) + 1
