"""Reading a deadline as people write it: a small grammar over folded text, one reader after another."""

import re
from dataclasses import replace
from datetime import date, timedelta

from tracker.rules.deadlines.answer import EVENT, SEVERAL, TENTATIVE, Kind, Message, Question, Reading
from tracker.rules.deadlines.calendar import WorkingCalendar, day_text, weekday_name
from tracker.rules.deadlines.days import IMPOSSIBLE_DAY, NamedDay, find_days, find_hour, month_end, normalise
from tracker.rules.deadlines.periods import read_period, read_span, week_of
from tracker.rules.deadlines.series import WEEKDAY, read_series, weekday_of
from tracker.rules.text import nfc
from tracker.rules.words import N_

LONGEST_PHRASE = 500  # characters
_AWAY = (1, 40, 370)
"""Days by which the day of issue is moved to see whether a deadline hangs on it."""

ON_DAY = N_("“%(phrase)s”: hạn đến hết %(weekday)s %(day)s.")
AT_HOUR = N_("“%(phrase)s” là %(weekday)s %(day)s; giờ %(hour)s được giữ cho lời nhắc.")
DAY_BEFORE = N_("“%(phrase)s” là đến hết ngày liền trước: %(weekday)s %(day)s.")
DAY_INCLUDED = N_("“%(phrase)s” tính cả ngày được nêu, theo cài đặt: đến hết %(weekday)s %(day)s.")
SPOKEN_DAY = N_("“%(phrase)s” tính theo ngày ban hành %(issued)s: %(weekday)s %(day)s.")
SPOKEN_SINCE = N_("“%(phrase)s” tính theo ngày %(issued)s: %(weekday)s %(day)s.")
MONTH_GUESSED = N_("Không ghi tháng; hiểu là ngày %(day)s đầu tiên kể từ ngày ban hành.")
OTHER_WEEKDAY = N_("%(day)s là %(weekday)s, không phải thứ ghi trong văn bản.")

EMPTY = N_("Chưa ghi thời hạn. Nhập dd/mm/yyyy, ví dụ %(example)s, hoặc chọn “không thời hạn”.")
TOO_LONG = N_("Thời hạn dài quá 500 ký tự. Nhập dd/mm/yyyy, ví dụ %(example)s.")
UNREADABLE = N_(
    "Không đọc được thời hạn “%(phrase)s”. Nhập dd/mm/yyyy, ví dụ %(example)s, "
    "hoặc “trong 5 ngày làm việc”, “trong quý III”."
)
IMPOSSIBLE_HOUR = N_("Không có giờ “%(hour)s”. Nhập giờ từ 0 đến 24, ví dụ 14 giờ 30.")
NO_DATE = N_(
    "“%(phrase)s” không nêu ngày cụ thể. Nhập một ngày, ví dụ %(example)s, hoặc chọn “không thời hạn”."
)
NO_DEADLINE = N_("“%(phrase)s”: nhiệm vụ không có thời hạn.")
REPORTING_PERIOD = N_(
    "“%(phrase)s” là kỳ báo cáo, không phải thời hạn. Nhập ngày phải báo cáo, ví dụ %(example)s."
)

_NO_DEADLINE = re.compile(r"\b(?:khong (?:co |xac dinh |quy dinh |ghi )?(?:thoi )?han|vo thoi han)\b")
_EVENT = re.compile(
    r"\b(?:tuy (?:thuoc|theo|vao|tinh hinh)|phu thuoc|(?:truoc|den) (?:khi|luc)"
    r"|(?:sau|tu) (?:khi|luc)(?! (?:tiep )?nhan)|am lich|giai doan|truoc mat"
    r"|(?:thuong|trung|ha) tuan|(?<!hang )(?<!moi )tuan (?:dau|cuoi|thu \w+|\d+)"
    r"|(?:tuan|thang|quy|nam) truoc(?! ngay| \d| thu))\b"
    r"|\b(?:truoc|trong|sau) (?:va (?:trong|sau) )?(?:dip )?tet\b"
    r"|\b(?:trong|vong|thoi han|khong qua|toi da|sau) ?\d+ ?(?:gio|h|tieng|phut)(?![a-z])(?! ?\d| ngay)"
)
_SOFT_EVENT = re.compile(
    r"\b(?:theo (?:yeu cau|quy dinh|tien do|ke hoach|lo trinh|huong dan)|khi (?:co|duoc|can|phat sinh))\b"
)
_REPORTING_PERIOD = re.compile(
    r"\b(?:(?:3|6|9|10|11) thang (?:dau|cuoi)(?: cua)? nam|nua (?:dau|cuoi)(?: cua)? nam)\b"
)
_CONTINUOUS = re.compile(r"\b(?:thuong xuyen|lien tuc|thuong ky)\b")
_NO_DATE = re.compile(
    r"\b(?:kip thoi|khan truong|khan|hoa toc|som|ngay lap tuc|lap tuc|tuc thi|dinh ky|nhanh chong|gap)\b"
)
_AT_ONCE = re.compile(r"(?<!\w)ngay(?!\w)")
_RANGE = re.compile(
    r"\btu (?!khi)(?:ngay )?[\d/., -]{1,14}(?:thang \d{1,2}(?:,? nam \d{4}| ?/ ?\d{4})?)?,? (?:den|"
    r"toi) (?:het )?"
    r"|\b(?:ke )?tu (?:nay|hom nay|bay gio)(?: tro di)?,? (?:cho )?(?:den|toi) (?:het )?"
    r"|\btu (?:(?:dau|giua|cuoi) )?(?:thang|quy|nam)(?: [\divx]{1,4})?(?:,? nam \d{4}| ?/ ?\d{4})? (?:den|"
    r"toi) (?:het )?"
    r"|(?<![\d/.-])(?<!thang )\d{1,2}(?:[/.]\d{1,2}(?:[/.]\d{4})?)? ?- ?(?=\d{1,2}[/.]\d{1,2}(?!\d))"
)
_WEEKDAY_BETWEEN = r"(?:thu \w+|chu nhat)"
_BEFORE = re.compile(rf"\btruoc[ ,:(]*(?:(?:ngay|mung|mong|{_WEEKDAY_BETWEEN})[ ,:(]*)*$")
_NO_END = re.compile(r"\b(?<!thu )(?:sau|tu)[ ,:]*(?:ngay ?)*$")
_ONWARD = re.compile(r"^ ?(?:tro di|tro ve sau)")
_SPOKEN_DAY = re.compile(
    r"\b(?:(?P<today>hom nay|(?:trong|cuoi) ngay(?! \d| \w+ \d)|ngay trong ngay)"
    r"|(?P<tomorrow>(?:ngay|sang|chieu) mai|mai$))\b"
)
_OF_WEEK = re.compile(r"\btuan (?P<which>nay|sau|toi)\b")
_DAY_OF_MONTH = re.compile(
    r"\b(?:ngay|mung|mong) (?P<day>\d{1,2})(?: thang (?P<month>nay|sau|toi))?(?![\d/]| ?[.-]\d| thang)"
)


def read_deadline(
    phrase: str,
    *,
    issued_on: date,
    received_on: date,
    calendar: WorkingCalendar,
    strict_before: bool = True,
    issue_is_known: bool = True,
) -> Reading:
    """Read a deadline phrase of a directive issued on `issued_on` and received on `received_on`.

    Where the paper tells no day of issue, `issue_is_known` is False and `issued_on` a day that stands in for
    it: nothing is then said about the day of issue, and what hangs on it is said to be tentative.

    With `strict_before`, "trước ngày D" is the day before D, else D itself; with an hour it is D. A date
    without a year is the first such due date not before `issued_on`; "hôm nay", "tuần này", "tháng sau" are
    seen from `issued_on`; counted periods without a start and series begin on `received_on`. Stated dates and
    period ends are never shifted, counted ones end on a working day. Never raises: what cannot be read is of
    kind UNREADABLE or REVIEW and says what to type. Source: domain, deadlines as people write them; Civil
    Code 2015 art. 146–148.
    """
    phrase = nfc(phrase).strip()
    question = Question(
        phrase=phrase, text=normalise(phrase[:LONGEST_PHRASE]), due_time=None, calendar=calendar,
        strict_before=strict_before, issued_on=issued_on, received_on=received_on,
        issue_is_known=issue_is_known,
    )  # fmt: skip
    reading = _read(question)
    if issue_is_known or reading.due_on is None or reading.pattern:
        return reading
    elsewhere = (_read(replace(question, issued_on=issued_on + timedelta(days=days))) for days in _AWAY)
    if all(each.due_on == reading.due_on for each in elsewhere):
        return reading
    warning = (TENTATIVE, {"day": day_text(reading.due_on)})
    return replace(reading, warnings=(warning, *reading.warnings))


def _read(question: Question) -> Reading:
    phrase, text = question.phrase, question.text
    if not text:
        return question.without_day(Kind.UNREADABLE, EMPTY)
    if len(phrase) > LONGEST_PHRASE:
        return question.without_day(Kind.UNREADABLE, TOO_LONG)
    if _NO_DEADLINE.search(text):
        return question.without_day(Kind.EXPLICIT_NONE, NO_DEADLINE)
    if _EVENT.search(text):
        return question.review(EVENT)
    hour = find_hour(text)
    if hour and not hour.is_possible:
        return question.without_day(
            Kind.UNREADABLE, IMPOSSIBLE_HOUR, {"hour": f"{hour.hour}:{hour.minute:02}"}
        )
    if hour and hour.is_midnight:
        # "Before 0 o'clock on D" is over with the day before, "before 24 o'clock on D" with D itself.
        around = hour.text_without if hour.hour == 0 else hour.text_without.replace("truoc", "trong")
        question = replace(question, text=around, strict_before=True)
    elif hour:
        question = replace(question, text=hour.text_without, due_time=hour.as_time())
    question = replace(question, text=_RANGE.sub("den ", question.text))
    readers = (
        _read_reporting_period,
        read_series,
        read_span,
        _read_dates,
        _read_spoken_day,
        read_period,
        _read_no_date,
    )
    for read in readers:
        reading = read(question)
        if reading and hour and hour.is_later and reading.pattern:
            # A turn with two hours keeps neither.
            return replace(reading, due_time=None)
        if reading:
            return reading
    return question.without_day(Kind.UNREADABLE, UNREADABLE)


def _read_reporting_period(question: Question) -> Reading | None:
    if not _REPORTING_PERIOD.search(question.text) or list(find_days(question.text, near=question.issued_on)):
        return None
    return question.without_day(Kind.REPORTING_PERIOD, REPORTING_PERIOD)


def _read_dates(question: Question) -> Reading | None:
    """Read a stated day: "trước ngày 25/6", "chậm nhất ngày 20/7/2026", "14h00 ngày 28 tháng 8"."""
    days = list(find_days(question.text, near=question.issued_on))
    if not days:
        return None
    if len(days) > 1:
        return question.review(SEVERAL)
    named = days[0]
    before, after = question.text[: named.start], question.text[named.end :]
    if _has_other_numbers(before + " " + after):
        return question.review(SEVERAL)
    if _NO_END.search(before) or _ONWARD.search(after):
        return question.review(EVENT)
    if not named.first_from(question.issued_on.year):
        return question.without_day(
            Kind.UNREADABLE, IMPOSSIBLE_DAY, named.impossible(question.issued_on.year)
        )
    is_before = bool(_BEFORE.search(before))

    def due_in(year: int) -> date | None:
        day = named.in_year(year)
        return question.day_before(day) if day and is_before else day

    if named.year:
        due_on = due_in(named.year)
        found = (named.year, due_on) if due_on else None
    else:
        found = question.first_year(due_in)
    if not found:
        return question.review(SEVERAL)
    warnings = () if named.year else question.year_guessed(found[0])
    return _stated(question, found[1], is_before, warnings + _other_weekday(question, named, found[0]))


def _stated(question: Question, due_on: date, is_before: bool, warnings: tuple[Message, ...]) -> Reading:
    if question.due_time:
        hour = f"{question.due_time:%H:%M}"
        return question.due(Kind.DATE, due_on, AT_HOUR, {"hour": hour}, warnings=warnings)
    why = (DAY_BEFORE if question.strict_before else DAY_INCLUDED) if is_before else ON_DAY
    return question.due(Kind.DATE, due_on, why, warnings=warnings)


def _other_weekday(question: Question, named: NamedDay, year: int) -> tuple[Message, ...]:
    day, weekday = named.in_year(year), WEEKDAY.search(question.text)
    if not day or not weekday or day.weekday() == weekday_of(weekday):
        return ()
    return ((OTHER_WEEKDAY, {"day": day_text(day), "weekday": weekday_name(day)}),)


def _read_spoken_day(question: Question) -> Reading | None:
    """Read a day seen from the day of issue: "hôm nay", "thứ Sáu tuần sau", "ngày 25 tháng sau"."""
    text, issued = question.text, question.issued_on
    spoken, weekday, of_month = _SPOKEN_DAY.search(text), WEEKDAY.search(text), _DAY_OF_MONTH.search(text)
    found = spoken or of_month or weekday
    if not found:
        return None
    if found is of_month:
        return _day_of_month(question, found)
    if spoken:
        day = issued + timedelta(days=1 if spoken["tomorrow"] else 0)
    else:
        day = _weekday(question, found)
    if _has_other_numbers(text):
        return question.review(SEVERAL)
    if _NO_END.search(text[: found.start()]):
        return question.review(EVENT)
    due_on = question.day_before(day) if _BEFORE.search(text[: found.start()]) else day
    why = SPOKEN_DAY if question.issue_is_known else SPOKEN_SINCE
    return question.due(Kind.DATE, due_on, why, {"issued": day_text(issued)})


def _weekday(question: Question, found: re.Match[str]) -> date:
    week = _OF_WEEK.search(question.text)
    if week:
        return week_of(question.issued_on, week["which"]) + timedelta(days=weekday_of(found))
    return question.issued_on + timedelta(days=(weekday_of(found) - question.issued_on.weekday()) % 7)


def _day_of_month(question: Question, found: re.Match[str]) -> Reading:
    text, issued, number = question.text, question.issued_on, int(found["day"])
    if _has_other_numbers(text[: found.start()] + text[found.end() :]):
        return question.review(SEVERAL)
    if _NO_END.search(text[: found.start("day")]) or _ONWARD.search(text[found.end() :]):
        return question.review(EVENT)
    is_before = bool(_BEFORE.search(text[: found.start("day")]))
    ahead = {"nay": [0], "sau": [1], "toi": [1], None: range(4)}[found["month"]]
    for months in ahead:
        end = month_end(issued.year, issued.month + months)
        if not 1 <= number <= end.day:
            continue
        due_on = question.day_before(end.replace(day=number)) if is_before else end.replace(day=number)
        if found["month"] or due_on >= issued:
            warnings = () if found["month"] else ((MONTH_GUESSED, {"day": str(number)}),)
            return _stated(question, due_on, is_before, warnings)
    return question.without_day(Kind.UNREADABLE, UNREADABLE)


def _read_no_date(question: Question) -> Reading | None:
    """Read words that press without naming a day, and those that leave it to an event."""
    if _SOFT_EVENT.search(question.text):
        return question.review(EVENT)
    continuous = bool(_CONTINUOUS.search(question.text))
    if not continuous and not _NO_DATE.search(question.text) and not _AT_ONCE.search(question.phrase.lower()):
        return None
    if _has_other_numbers(question.text):
        return question.review(SEVERAL)
    return question.without_day(Kind.NO_DATE, NO_DATE, recurrence="continuous" if continuous else None)


def _has_other_numbers(text: str) -> bool:
    """Tell whether a text has a number that names no weekday: something of the phrase was not understood."""
    return any(character.isdigit() for character in WEEKDAY.sub("", text))
