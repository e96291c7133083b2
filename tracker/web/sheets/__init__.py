"""Sheets of tasks: bringing one, looking at what was understood, correcting, and following the job."""

from tracker.web.sheets import bringing, show
from tracker.web.sheets.blueprint import bp

__all__ = ["bp", "bringing", "show"]
