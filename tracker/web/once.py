"""What the pages ask of the database once a request, however many places need it."""

from __future__ import annotations

from typing import Any

from flask import g

from tracker.queries.settings import all_settings, working_calendar
from tracker.rules.deadlines import WorkingCalendar


def settings_of_request() -> dict[str, Any]:
    """Return the settings, read once a request: with the person, where somebody is signed in."""
    if "settings" not in g:
        g.settings = all_settings()
    return g.settings


def calendar_of_request() -> WorkingCalendar:
    """Return the working calendar, read once a request."""
    if "calendar" not in g:
        g.calendar = working_calendar()
    return g.calendar
