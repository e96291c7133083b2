"""What is wrong at a moment, as the page and the monitor find it."""

from __future__ import annotations

from datetime import datetime

from tracker.models import db
from tracker.operations.watch import find_now
from tracker.queries.health import Finding


def findings_at(moment: datetime) -> list[Finding]:
    """Return the findings at `moment` (aware)."""
    db.session.expire_all()
    return find_now(now=moment)
