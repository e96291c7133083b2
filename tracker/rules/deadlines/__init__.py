"""Working-day arithmetic, and reading a deadline as people write it (domain, deadlines)."""

from tracker.rules.deadlines.answer import Kind, Reading
from tracker.rules.deadlines.calendar import WorkingCalendar, day_text, weekday_name
from tracker.rules.deadlines.days import UnreadableDay, read_day
from tracker.rules.deadlines.pattern import Pattern
from tracker.rules.deadlines.reading import read_deadline

__all__ = [
    "Kind",
    "Pattern",
    "Reading",
    "UnreadableDay",
    "WorkingCalendar",
    "day_text",
    "read_day",
    "read_deadline",
    "weekday_name",
]
