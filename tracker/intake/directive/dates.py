"""Days as papers write them behind “ngày”: 09/3/2020, 20.7.2020, 16/7/20 21, 05 tháng 12 năm 2020."""

from __future__ import annotations

import re
from datetime import date
from typing import NamedTuple

_YEAR = r"(?P<{0}>(?:1 ?9|2 ?0) ?\d ?\d(?!\d)|\d{{2}}(?![\d/]))"
_DAY = re.compile(
    r"(?:ngay ?)?(?:"
    r"(?P<d>\d ?\d|\d) ?(?P<by>[/.\-]) ?(?P<m>1 ?[0-2]|0? ?[1-9])"
    rf"(?: ?(?P=by) ?{_YEAR.format('y')})?(?! ?[/\-] ?[a-z])"
    rf"|(?P<ld>\d ?\d|\d)(?: \([a-z ]{{1,20}}\))?[ ,]*thang ?(?P<lm>1 ?[0-2]|0? ?[1-9])(?!\d)"
    rf"(?:(?:,? ?nam ?| ?/ ?){_YEAR.format('ly')})?"
    r")"
)
_BLANK_DAY = re.compile(
    r"ngay[ .…_]*(?:\d{1,2})?[ .…_]*(?:thang[ .…_]*(?:\d{1,2})?[ .…_]*)(?:nam[ .…_]*(?:\d{2,4})?)?"
    r"|ngay[ .…_/]{1,20}(?:\d{1,2})?[ .…_/]{1,12}(?:\d{4})?"
    r"|thang ?\d{1,2}(?: ?/ ?| nam )\d{4}"
)
FIRST_YEAR = 1945


class DayRead(NamedTuple):
    """A day in folded text: the day (None where it is not whole or not in the calendar) and its place."""

    day: date | None
    start: int
    end: int
    month_day: tuple[int, int] | None = None
    """Month and day where only the year is missing."""


def read_day_at(text: str, at: int) -> DayRead | None:
    """Return the day that begins at `at` in folded `text`, with or without “ngày”; None if none does."""
    found = _DAY.match(text, at)
    if not found:
        blank = _BLANK_DAY.match(text, at)
        return DayRead(None, blank.start(), blank.end()) if blank else None
    day, month = (_number(found[name] or found[f"l{name}"]) for name in "dm")
    year_words = found["y"] or found["ly"]
    if year_words is None:
        return DayRead(None, found.start(), found.end(), (month, day))
    year = _number(year_words)
    year += 2000 if year < 100 else 0
    try:
        read = date(year, month, day)
    except ValueError:
        return DayRead(None, found.start(), found.end())
    return DayRead(read if read.year >= FIRST_YEAR else None, found.start(), found.end())


def _number(words: str) -> int:
    return int(words.replace(" ", ""))
