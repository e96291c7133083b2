"""Deadlines that come again: "trước ngày 25 hằng tháng", "chậm nhất ngày 20 của tháng cuối quý"."""

import re
from collections.abc import Iterable
from datetime import date, timedelta

from tracker.rules.deadlines.answer import SEVERAL, Kind, Message, Question, Reading
from tracker.rules.deadlines.calendar import day_text
from tracker.rules.deadlines.days import find_days, month_end
from tracker.rules.words import N_

AGAIN = N_("“%(phrase)s” lặp lại %(how_often)s; lần đầu kể từ ngày nhận %(received)s là %(weekday)s %(day)s.")
LAST_MONTH_GUESSED = N_("Không ghi tháng nào trong quý; hiểu là tháng cuối quý.")
HOW_OFTEN = {
    "daily": "mỗi ngày làm việc",
    "weekly": "hằng tuần",
    "monthly": "hằng tháng",
    "quarterly": "hằng quý",
    "semiannual": "6 tháng một lần",
    "annual": "hằng năm",
}

_EACH = r"(?<![a-z])(?:dinh ky )?(?:hang|moi|tung|dinh ky)"
_ONCE = r"(?:/| mot | 0?1 )lan"
_ONLY = r"(?![a-z])(?: 0?1 lan)?(?! ?\d)"
_PATTERNS = [
    ("semiannual", rf"{_EACH} (?:6 thang|nua nam)(?![a-z])|(?<!\d)6 thang{_ONCE}"),
    ("quarterly", rf"{_EACH} 3 thang(?![a-z])|(?<!\d)3 thang{_ONCE}"),
    (
        "quarterly",
        r"(?P<nth>thang (?:dau tien|dau|giua|cuoi cung|cuoi|thu hai|thu nhat|thu ba))"
        r" (?:cua )?(?:(?:hang|moi|tung) )?quy"
        r"(?: sau| tiep theo| lien ke)?(?: ?(?:hang|moi) (?:quy|nam))?(?! ?[\dia-z])",
    ),
    ("daily", rf"{_EACH} ngay(?![a-z])(?: 0?1 lan)?|(?<!\d)(?:0?1 )?ngay{_ONCE}"),
    ("weekly", rf"{_EACH} tuan(?![a-z])(?: 0?1 lan)?|(?<!\d)(?:0?1 )?tuan{_ONCE}"),
    ("monthly", rf"{_EACH} thang{_ONLY}|(?<!\d)(?<!\d )(?:0?1 )?thang{_ONCE}"),
    ("quarterly", rf"{_EACH} quy(?! dinh| che| trinh| hoach){_ONLY}|(?:0?1 )?quy{_ONCE}"),
    ("annual", rf"{_EACH} nam{_ONLY}|(?<!\d)(?<!\d )(?:0?1 )?nam{_ONCE}"),
]
_SERIES = [(recurrence, re.compile(pattern, re.ASCII)) for recurrence, pattern in _PATTERNS]
_NTH_MONTH = {"dau": 1, "nhat": 1, "giua": 2, "hai": 2, "cuoi": 3, "ba": 3}
_DAY_OF_MONTH = re.compile(
    r"(?<![a-z])(?:ngay|mung|mong) (?:(?P<day>\d{1,2})(?!\d)|(?P<last>cuoi)(?: cung)?)(?: cua)?", re.ASCII
)
_BEFORE = re.compile(r"(?<![a-z])truoc(?! het)(?![a-z])")
WEEKDAY = re.compile(
    r"(?<![a-z])(?:thu (?P<nth>hai|ba|tu|nam|sau|bay|[2-7])|(?P<sunday>chu nhat))(?![a-z\d])", re.ASCII
)
_WEEKDAYS = ("hai", "ba", "tu", "nam", "sau", "bay")


def weekday_of(found: re.Match[str]) -> int:
    """Return the number of the named weekday, Monday 0, Sunday 6."""
    if found["sunday"]:
        return 6
    return int(found["nth"]) - 2 if found["nth"].isdigit() else _WEEKDAYS.index(found["nth"])


def read_series(question: Question) -> Reading | None:
    """Read a deadline that comes again; the day is its first occurrence on or after the day of receipt.

    Without a day it is the end of the period. A day that a month lacks is the last one of that month.
    """
    for recurrence, pattern in _SERIES:
        found = pattern.search(question.text)
        if found:
            rest = f"{question.text[: found.start()]} {question.text[found.end() :]}"
            return _read(question, recurrence, rest, _nth_month(found.groupdict().get("nth")))
    return None


def _nth_month(text: str | None) -> int | None:
    return next((n for word, n in _NTH_MONTH.items() if text and word in text.split()), None)


def _read(question: Question, recurrence: str, rest: str, nth: int | None) -> Reading:
    strict = bool(_BEFORE.search(rest)) and question.strict_before and not question.due_time
    warnings: tuple[Message, ...] = ()
    if recurrence == "daily":
        occurrences: Iterable[date] = [question.calendar.next_working(question.received_on)]
    elif recurrence == "weekly":
        occurrences, rest = _weekly(question, rest, strict)
    elif recurrence in ("annual", "semiannual"):
        occurrences, rest, recurrence = _yearly(question, recurrence, rest, strict)
    else:
        day_of_month = _DAY_OF_MONTH.search(rest)
        if recurrence == "quarterly" and nth is None and day_of_month and day_of_month["day"]:
            warnings = ((LAST_MONTH_GUESSED, {}),)
        months = range(nth or 3, 13, 3) if recurrence == "quarterly" else range(1, 13)
        day, rest = 31, _DAY_OF_MONTH.sub("", rest, count=1)
        if day_of_month and day_of_month["day"]:
            day = int(day_of_month["day"])
        else:
            strict = False
        if not 1 <= day <= 31:
            return question.review(SEVERAL)
        years = range(question.received_on.year - 1, question.received_on.year + 2)
        occurrences = [_in_month(year, month, day, strict) for year in years for month in months]
    if any(character.isdigit() for character in rest):
        return question.review(SEVERAL)
    due_on = min(day for day in occurrences if day >= question.received_on)
    return question.due(
        Kind.SERIES,
        due_on,
        AGAIN,
        {"how_often": HOW_OFTEN[recurrence], "received": day_text(question.received_on)},
        warnings=warnings,
        recurrence=recurrence,
    )


def _in_month(year: int, month: int, day: int, strict: bool) -> date:
    """Return the day of a month, or the day before it; in February "before the 31st" is the 28th."""
    end = month_end(year, month)
    return end.replace(day=1) + timedelta(days=min(day - strict, end.day) - 1)


def _weekly(question: Question, rest: str, strict: bool) -> tuple[list[date], str]:
    received, named = question.received_on, WEEKDAY.search(rest)
    monday = received - timedelta(days=received.weekday())
    mondays = [monday + timedelta(weeks=week) for week in range(3)]
    if named:
        days = [day + timedelta(days=weekday_of(named) - strict) for day in mondays]
        return days, WEEKDAY.sub("", rest, count=1)
    sundays = [day + timedelta(days=6) for day in mondays]
    last_worked = [
        day if question.calendar.is_working(day) else question.calendar.add(day, -1) for day in sundays
    ]
    # A week that is off altogether, as before the new year, has no last working day of its own.
    return [*last_worked, question.calendar.next_working(received + timedelta(weeks=3))], rest


def _yearly(question: Question, recurrence: str, rest: str, strict: bool) -> tuple[list[date], str, str]:
    named = list(find_days(rest, near=question.received_on))
    possible = [day for day in named if day.year is None and day.first_from(2000)]
    if len(possible) != len(named):
        return [question.received_on], "1", recurrence
    days = [(day.month, day.day) for day in named]
    if not days:
        days, strict = [(6, 30), (12, 31)] if recurrence == "semiannual" else [(12, 31)], False
    for day in reversed(named):
        rest = rest[: day.start] + rest[day.end :]
    years = range(question.received_on.year - 1, question.received_on.year + 3)
    times = {1: "annual", 2: "semiannual", 4: "quarterly"}.get(len(days), recurrence)
    return [_in_month(year, month, day, strict) for year in years for month, day in days], rest, times
