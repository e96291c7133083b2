"""The deadline of a task that was read: its phrase read anew against the day of issue, in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time
from typing import NamedTuple

from tracker.intake.draft import DraftTask
from tracker.language import gettext as _
from tracker.language import lazy_gettext
from tracker.rules.deadlines import Pattern
from tracker.web.deadlines import Deadline, read_phrase
from tracker.web.filters import day as day_words
from tracker.web.filters import weekday

RECURRENCE_WORDS = {
    "continuous": lazy_gettext("thường xuyên"),
    "daily": lazy_gettext("hằng ngày"),
    "weekly": lazy_gettext("hằng tuần"),
    "monthly": lazy_gettext("hằng tháng"),
    "quarterly": lazy_gettext("hằng quý"),
    "semiannual": lazy_gettext("6 tháng một lần"),
    "annual": lazy_gettext("hằng năm"),
}


class Due(NamedTuple):
    """How the deadline of a task is understood: a day, a pattern of days, or none, and the words for it."""

    phrase: str
    words: str
    is_sure: bool = True
    deadline: Deadline | None = None

    @property
    def due_on(self) -> date | None:
        """The day, None for a recurring task and for one without a deadline."""
        return self.deadline.reading.due_on if self.deadline and self.pattern is None else None

    @property
    def due_time(self) -> time | None:
        """The hour of the day."""
        return self.deadline.reading.due_time if self.deadline else None

    @property
    def pattern(self) -> Pattern | None:
        """The days of a recurring task."""
        return self.deadline.reading.pattern if self.deadline else None

    @property
    def is_open(self) -> bool:
        """Whether the task would be given without a deadline although nobody said so."""
        return self.pattern is None and not (self.deadline and self.deadline.is_given)


def due_of(task: DraftTask, issued_on: date | None) -> Due:
    """Return how a deadline is read for a paper of that day, None while the day is unknown."""
    phrase = task.due.value
    if not phrase and task.due_on is None:
        return Due("", _("Không ghi thời hạn."))
    deadline = read_phrase(phrase, issued_on=issued_on)
    if task.due_on is not None and deadline.reading.pattern is None and not deadline.is_given:
        on = task.due_on
        words = _("Theo văn bản: %(weekday)s %(day)s.", weekday=weekday(on), day=day_words(on))
        reading = replace(deadline.reading, due_on=on, due_time=task.due_time)
        deadline = Deadline(reading, words, not task.due.is_doubtful)
    return Due(phrase, deadline.words, deadline.is_sure, deadline)
