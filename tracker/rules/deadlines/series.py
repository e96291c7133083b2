"""Deadlines that come again: "trước ngày 25 hằng tháng", "chậm nhất ngày 20 của tháng cuối quý"."""

import re
from collections.abc import Sequence

from tracker.rules.deadlines.answer import SEVERAL, Kind, Message, Question, Reading
from tracker.rules.deadlines.calendar import day_text
from tracker.rules.deadlines.days import find_days
from tracker.rules.deadlines.pattern import MOST_DAYS, Pattern
from tracker.rules.words import N_

AGAIN = N_("“%(phrase)s” lặp lại %(how_often)s; lần đầu kể từ ngày nhận %(received)s là %(weekday)s %(day)s.")
LAST_MONTH_GUESSED = N_("Không ghi tháng nào trong quý; hiểu là tháng cuối quý.")
HOW_OFTEN = {
    "daily": N_("mỗi ngày làm việc"),
    "weekly": N_("hằng tuần"),
    "monthly": N_("hằng tháng"),
    "quarterly": N_("hằng quý"),
    "semiannual": N_("6 tháng một lần"),
    "annual": N_("hằng năm"),
}
"""How often a series comes again, in words."""

_EACH = r"(?<![a-z])(?:dinh ky )?(?:hang|moi|tung|dinh ky)"
_ONCE = r"(?:/| mot | 0?1 )lan"
_ONLY = r"(?![a-z])(?: 0?1 lan)?(?! ?\d)"
_LEAST = r"(?:(?:it nhat|toi thieu) )?"


def _times(count: str, unit: str) -> str:
    """Return the pattern of “02 lần/năm”, “mỗi năm ít nhất 2 lần” for one unit."""
    named = rf"{_LEAST}{count} lan ?(?:/|(?:mot|moi|1|trong mot) ){unit}(?![a-z])"
    return rf"{named}|(?<!\d)(?<!\d )(?:{_EACH} )?{unit}(?:/| (?:mot )?){_LEAST}{count} lan"


_PATTERNS = [
    ("semiannual", rf"{_EACH} (?:0?6 thang|nua nam)(?:{_ONCE})?(?![a-z])|(?<!\d)0?6 thang{_ONCE}|"
                   rf"{_times('0?2', 'nam')}"),
    ("quarterly", rf"{_EACH} 0?3 thang(?:{_ONCE})?(?![a-z])|(?<!\d)0?3 thang{_ONCE}|{_times('0?4', 'nam')}"),
    (
        "quarterly",
        r"(?P<nth>thang (?:dau tien|dau|giua|cuoi cung|cuoi|thu hai|thu nhat|thu ba))"
        r" (?:cua )?(?:(?:hang|moi|tung) )?quy"
        r"(?: sau| tiep theo| lien ke)?(?: ?(?:hang|moi) (?:quy|nam))?(?! ?[\dia-z])",
    ),
    ("daily", rf"{_EACH} ngay(?![a-z])(?: 0?1 lan)?|(?<!\d)(?:0?1 )?ngay{_ONCE}|{_times('0?[2-9]', 'ngay')}"),
    ("weekly", rf"{_EACH} tuan(?![a-z])(?: 0?1 lan)?|(?<!\d)(?:0?1 )?tuan{_ONCE}|"
               rf"{_times('0?[1-9]', 'tuan')}"),
    (
        "monthly",
        rf"{_times('0?[1-9]', 'thang')}|{_EACH} thang{_ONLY}|(?<!\d)(?<!\d )(?:0?1 )?thang{_ONCE}"
        r"|(?:cua |(?<=cuoi )|(?<=cung ))thang(?: bao cao| (?:tiep theo |ke tiep |sau )?lien ke| tiep theo"
        r"| ke tiep|(?=[ .,;)]*$))",
    ),
    (
        "quarterly",
        rf"{_EACH} quy(?! dinh| che| trinh| hoach){_ONLY}|(?:0?1 )?quy{_ONCE}|{_times('0?[1-9]', 'quy')}",
    ),
    ("annual", rf"{_times('0?[13]', 'nam')}|{_EACH} nam{_ONLY}|(?<!\d)(?<!\d )(?:0?1 )?nam{_ONCE}"),
]
_SERIES = [(recurrence, re.compile(pattern, re.ASCII)) for recurrence, pattern in _PATTERNS]
_HALF_AND_YEAR = re.compile(r"(?:dinh ky )?(?<!\d)6 thang(?: dau nam)?(?:,| va) (?:hang |moi )?nam(?![a-z]|"
                            r" \d)")
_RARER_BESIDE = re.compile(
    rf"(?P<first>{_EACH} (?:ngay|tuan|thang|quy|6 thang)(?![a-z]))"
    r"(?:(?:[,;/]| va)+ ?(?:(?:dinh ky|hang|moi) )?(?:[369] thang(?: dau nam)?|tuan|thang|quy|nam)(?![a-z]|"
    r" \d))+"
)
_NTH_MONTH = {"dau": 1, "nhat": 1, "giua": 2, "hai": 2, "cuoi": 3, "ba": 3}
_DAY_OF_MONTH = re.compile(
    r"(?<![a-z])(?:ngay|mung|mong) (?:(?P<days>\d{1,2}(?!\d)(?:(?:,| va|, va)(?: ngay)? \d{1,2}(?![\d/.]))*)"
    r"|(?:lam viec )?cuoi(?: cung)?)(?: cua)?",
    re.ASCII,
)
_MONTH = re.compile(r"(?<![a-z])thang (\d{1,2})(?!\d| ?[/.-] ?\d)", re.ASCII)
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

    Without a day it is the end of the period. A day that a month lacks is the last one of that month. Of
    “hằng tháng, quý, năm” the most frequent counts.
    """
    text = _RARER_BESIDE.sub(r"\g<first>", _HALF_AND_YEAR.sub("hang 6 thang", question.text))
    for recurrence, pattern in _SERIES:
        found = pattern.search(text)
        if found:
            rest = f"{text[: found.start()]} {text[found.end() :]}"
            return _read(question, recurrence, rest, _nth_month(found.groupdict().get("nth")))
    return None


def _nth_month(text: str | None) -> int | None:
    return next((n for word, n in _NTH_MONTH.items() if text and word in text.split()), None)


def _read(question: Question, recurrence: str, rest: str, nth: int | None) -> Reading:
    strict = bool(_BEFORE.search(rest)) and question.strict_before and not question.due_time
    warnings: tuple[Message, ...] = ()
    pattern: Pattern | None
    if recurrence == "daily":
        pattern = Pattern("daily")
    elif recurrence == "weekly":
        named = WEEKDAY.search(rest)
        pattern = Pattern("weekly", weekday=(weekday_of(named) - strict) % 7 if named else None)
        rest = WEEKDAY.sub("", rest, count=1)
    elif recurrence in ("annual", "semiannual"):
        pattern, rest = _yearly(question, recurrence, rest, strict)
    else:
        day_of_month = _DAY_OF_MONTH.search(rest)
        rest = _DAY_OF_MONTH.sub("", rest, count=1)
        days = [int(day) for day in re.findall(r"\d+", day_of_month["days"] or "")] if day_of_month else []
        if recurrence == "quarterly" and nth is None and days:
            warnings = ((LAST_MONTH_GUESSED, {}),)
        pattern = _in_months(recurrence, days or [31], nth, strict and bool(days))
    if pattern is None or any(character.isdigit() for character in rest):
        return question.review(SEVERAL)
    first = next(pattern.occurrences(since=question.received_on, calendar=question.calendar), None)
    if first is None:
        return question.review(SEVERAL)
    return question.due(
        Kind.SERIES,
        first.due_on,
        AGAIN,
        {"how_often": HOW_OFTEN[pattern.recurrence], "received": day_text(question.received_on)},
        warnings=warnings,
        pattern=pattern,
    )


def _in_months(recurrence: str, days: Sequence[int], nth: int | None, strict: bool) -> Pattern | None:
    """Return the pattern of days of each month or quarter; in February "before the 31st" is the 28th."""
    if not all(1 <= day <= 31 for day in days) or len(days) > MOST_DAYS:
        return None
    if recurrence == "monthly":
        return Pattern.each_month(*(day - strict for day in days))
    months = range(nth or 3, 13, 3)
    return Pattern.in_year(recurrence, [(month, day - strict) for month in months for day in days])


def _yearly(question: Question, recurrence: str, rest: str, strict: bool) -> tuple[Pattern | None, str]:
    """Return the pattern of the days of a year that are named, and what is left of the text."""
    named = list(find_days(rest, near=question.received_on))
    if any(day.year is not None or not day.first_from(2000) for day in named):
        return None, rest
    if not named and (months := [int(month) for month in _MONTH.findall(rest)]):
        if len(months) > 4 or not all(1 <= month <= 12 for month in months):
            return None, rest
        times = {1: "annual", 2: "semiannual", 4: "quarterly"}.get(len(months), recurrence)
        return Pattern.in_year(times, [(month, 31) for month in months]), _MONTH.sub("", rest)
    if not named:
        days = [(6, 30), (12, 31)] if recurrence == "semiannual" else [(12, 31)]
        return Pattern.in_year(recurrence, days), rest
    for day in reversed(named):
        rest = rest[: day.start] + rest[day.end :]
    times = {1: "annual", 2: "semiannual", 4: "quarterly"}.get(len(named), recurrence)
    return Pattern.in_year(times, [(day.month, day.day - strict) for day in named]), rest
