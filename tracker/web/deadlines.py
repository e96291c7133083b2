"""A deadline as people type it, on a page: how it is read, in words, and what must be asked about it."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from flask import g

from tracker.language import gettext as _
from tracker.rules.deadlines import Kind, Reading, day_text, read_deadline
from tracker.rules.deadlines.reading import ON_DAY
from tracker.web.filters import number, weekday
from tracker.web.once import calendar_of_request, settings_of_request

NO_DEADLINE = "không thời hạn"


class Deadline(NamedTuple):
    """How a phrase was read today: the reading, its words, and whether it needs no second look."""

    reading: Reading
    words: str
    is_sure: bool

    @property
    def is_given(self) -> bool:
        """Whether the phrase names a day, or says that there is none."""
        return self.reading.due_on is not None or self.reading.kind is Kind.EXPLICIT_NONE

    def lies_before(self, *days: date) -> bool:
        """Whether the day is before one of these."""
        return self.reading.due_on is not None and any(self.reading.due_on < day for day in days)


def read_phrase(phrase: str, *, issued_on: date | None) -> Deadline:
    """Read the phrase of a directive issued on `issued_on`, None while unknown, and received today."""
    reading = read_deadline(
        phrase,
        issued_on=issued_on or g.today,
        issue_is_known=issued_on is not None,
        received_on=g.today,
        calendar=calendar_of_request(),
        strict_before=settings_of_request()["strict_before"],
    )
    why = _(reading.why) % reading.why_values
    if reading.due_on is None:
        return Deadline(reading, why, reading.kind is Kind.EXPLICIT_NONE)
    left = _left(reading.due_on)
    if reading.why == ON_DAY:
        named = _("%(weekday)s %(day)s", weekday=weekday(reading.due_on), day=day_text(reading.due_on))
        words = [f"{named}, {left}." if left else f"{named}."]
    else:
        words = [why, f"{left[0].upper()}{left[1:]}." if left else ""]
    words += [_(warning) % values for warning, values in reading.warnings]
    return Deadline(reading, " ".join(each for each in words if each), not reading.warnings)


def _left(due_on: date) -> str:
    """Return how far the day is from today in words, "" when it has passed or no working day is left."""
    ahead = (due_on - g.today).days
    if ahead < 0:
        return ""
    if ahead == 0:
        return _("hạn hôm nay")
    days = calendar_of_request().between(g.today, due_on)
    return _("còn %(days)s ngày làm việc", days=number(days)) if days else ""
