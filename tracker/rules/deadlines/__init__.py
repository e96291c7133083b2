"""Working-day arithmetic, and reading a deadline as people write it (domain, deadlines)."""

from tracker.rules.deadlines.calendar import WorkingCalendar, day_text, weekday_name

__all__ = ["WorkingCalendar", "day_text", "weekday_name"]
