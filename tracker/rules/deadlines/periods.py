"""Deadlines that are counted ("trong 5 ngày làm việc") or are the end of a period ("trong quý III")."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

from tracker.rules.deadlines.answer import EVENT, SEVERAL, Kind, Question, Reading
from tracker.rules.deadlines.calendar import day_text, weekday_name
from tracker.rules.deadlines.days import NO_PAPER_NUMBER, find_days, month_end, read_year
from tracker.rules.words import N_

LONGEST = {"ngay": 1500, "tuan": 200, "thang": 60, "quy": 20, "nam": 5}

FROM_RECEIPT = "ngày nhận"
FROM_ISSUE = "ngày ban hành"
FROM_STATED = "ngày"
COUNTED = N_("“%(phrase)s” tính từ ngày liền sau %(start)s %(from)s: đến hết %(weekday)s %(day)s.")
COUNTED_SHIFTED = N_(
    "“%(phrase)s” tính từ ngày liền sau %(start)s %(from)s kết thúc vào ngày nghỉ "
    "(%(last_weekday)s %(last)s), nên hạn là ngày làm việc tiếp theo: %(weekday)s %(day)s."
)
TOO_LONG = N_("“%(phrase)s” dài bất thường. Nhập một ngày cụ thể, ví dụ %(example)s.")
PERIOD_ENDS = N_("“%(phrase)s” là đến hết ngày cuối của %(period)s: %(weekday)s %(day)s.")
PERIOD_BEGINS_AFTER = N_("“%(phrase)s” là đến hết ngày liền trước %(period)s: %(weekday)s %(day)s.")
BY_THE_CODE = N_("“%(phrase)s” là đến hết %(weekday)s %(day)s, theo Điều 146 Bộ luật Dân sự 2015.")
WEEK_ENDS = N_("“%(phrase)s” là đến hết ngày làm việc cuối của tuần đó: %(weekday)s %(day)s.")
IMPOSSIBLE_MONTH = N_("Không có tháng %(number)s. Nhập dd/mm/yyyy, ví dụ %(example)s.")
VAGUE = N_(
    "“%(phrase)s” không có ngày xác định; giữ nguyên văn và cần xem lại. Nhập một ngày, ví dụ %(example)s."
)

_SPAN = re.compile(
    r"(?P<lead>^|trong|trong vong|thoi han|thoi gian|khong qua|toi da|sau|cham nhat|cham nhat la"
    r"|han|la|du kien|: ?)"
    r" ?(?<!\d)(?P<count>\d{1,6}|nua) (?P<unit>ngay|tuan|thang|quy|nam)(?P<working> lam viec)?"
    r"(?![a-z])(?! ?\d| dau| cuoi| giua|/)",
    re.ASCII,
)
_WORKING_SPAN = re.compile(
    r"(?<!\d)(?P<count>\d{1,6}) (?P<unit>ngay|tuan)(?P<working> lam viec)(?![a-z])", re.ASCII
)
_AT_LEAST = re.compile(r"(?:truoc|it nhat|toi thieu)(?: it nhat)? \d+ (?:ngay|tuan|thang)(?! ?\d)", re.ASCII)
_START = re.compile(r"(?:ke |tinh )*(?:tu|sau) (?:khi |luc )?(?P<event>.+)$")
_OUR_PAPER = (
    r"(?: (?:duoc )?(?:van ban|cong van|ke hoach|quyet dinh|thong bao|chi thi|cong dien|chi dao"
    r"|y kien chi dao|nhiem vu|giao)[a-z ]*)?"
)
_ON_RECEIPT = re.compile(rf"(?:ngay )?(?:tiep )?nhan(?: duoc)?{_OUR_PAPER}[ .)]*")
_ON_ISSUE = re.compile(rf"(?:ngay )?(?:ban hanh|ky|ky ban hanh|phat hanh|ra){_OUR_PAPER}[ .)]*")

_AT = r"(?:(?P<at>nua dau|nua cuoi|dau|giua|cuoi) (?:cua )?)?"
_OF_YEAR = r"(?P<year>[ ,]*(?:cua )?nam (?:\d{4}|nay|sau|toi)| ?[/.-] ?(?:\d{4}|\d\d(?!\d)))?"
# Folded, "quý" (quarter) is also the first half of "quy định", "quy chế" and the like.
_NO_QUARTER = r"(?! (?:dinh|che|trinh|hoach|mo|uoc|chuan|tac|doi))"
_QUARTER = re.compile(
    rf"(?<![a-z]){_AT}quy(?: (?P<number>iv|iii|ii|i|0?[1-4]|nay|sau|toi)(?![a-z\d]))?(?![a-z])"
    rf"{_NO_QUARTER}{_OF_YEAR}{NO_PAPER_NUMBER}"
)
_MONTH = re.compile(
    rf"(?<![a-z]){_AT}(?:thang(?: (?P<number>\d{{1,2}}|nay|sau|toi)(?![a-z\d]))?(?![a-z]){_OF_YEAR}"
    rf"|(?<![\d/.-])t?(?P<bare>\d{{1,2}}) ?[/.-] ?(?P<bare_year>\d{{4}})){NO_PAPER_NUMBER}",
    re.ASCII,
)
_YEAR = re.compile(
    rf"(?<![a-z]){_AT}(?P<year>nam(?: (?:\d{{4}}|nay|sau|toi))?)(?![a-z\d]){NO_PAPER_NUMBER}", re.ASCII
)
_WEEK = re.compile(rf"(?<![a-z]){_AT}tuan(?: (?P<number>nay|sau|toi))?(?![a-z])")
# "tháng giêng" is of the lunar year; without marks "thang nam" and "quy tu" may be May and quarter IV.
_ODD_MONTH = re.compile(r" (?:gieng|chap|nam|tu)(?![a-z])")
_BEFORE = re.compile(r"truoc[ ,:]*$")
_OWN_YEAR = r"(?: ?/ ?\d{4}|,? nam \d{4})?"
_JOINED = r"(?:,| ?-|,? va|,? den(?: het)?)"
_EARLIER = (
    # Of several quarters or months the last one counts: "quý I, II", "tháng 4 và tháng 5", "tháng 4 - 9".
    re.compile(rf"(?<![a-z])quy (?:iii|ii|i|[1-3]){_OWN_YEAR}{_JOINED} ?(?:quy )?(?=(?:iv|iii|ii|"
               rf"[2-4])(?![a-z\d]))"),
    re.compile(
        rf"(?<![a-z])thang \d{{1,2}}{_OWN_YEAR}{_JOINED} ?(?:thang )?"
        r"(?=\d{1,2}(?: ?/ ?\d{4})?(?! ?[/.-]? ?\d| thang| ngay))"
    ),
    re.compile(r"(?<![a-z])nam \d{4}(?: ?-|,? va|,? den) ?(?:nam )?(?=\d{4})"),
)
_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4}


def read_span(question: Question) -> Reading | None:
    """Read a counted period: "trong 05 ngày làm việc", "trong vòng 10 ngày", "trong 1 tháng".

    The first day is not counted (Civil Code 2015 art. 147.2); weeks and months end on the corresponding day,
    or on the last of a shorter month (art. 148.3-4); an end on a day off moves to the next working day
    (art. 148.6).
    """
    if _AT_LEAST.search(question.text):
        return question.review(EVENT)
    span = _SPAN.search(question.text) or _WORKING_SPAN.search(question.text)
    if not span:
        return None
    before, after = question.text[: span.start()], question.text[span.end() :]
    if not (before or span.groupdict().get("lead")) and after.startswith((" nay", " sau", " toi")):
        # "25 tháng sau" is a day of the next month.
        return question.review(SEVERAL)
    start = _START.search(after)
    counted_from = _counted_from(start["event"] if start else "", question)
    if counted_from is None:
        return question.review(EVENT)
    if _has_number(before) or _has_number(after[: start.start()] if start else after):
        return question.review(SEVERAL)
    count, unit, name = span["count"], span["unit"], counted_from[1]
    if count != "nua" and not 1 <= int(count) <= LONGEST[unit]:
        return question.review(TOO_LONG)
    last = _end_of_span(counted_from[0], count, unit, bool(span["working"]), question)
    if last is None:
        return question.review(EVENT)
    due_on = question.calendar.next_working(last)
    values = {"start": name, "from": day_text(counted_from[0])}
    if due_on == last:
        return question.due(Kind.COMPUTED, due_on, COUNTED, values)
    values |= {"last": day_text(last), "last_weekday": weekday_name(last)}
    return question.due(Kind.COMPUTED, due_on, COUNTED_SHIFTED, values)


def _counted_from(event: str, question: Question) -> tuple[date, str] | None:
    if not event or _ON_RECEIPT.fullmatch(event):
        return question.received_on, FROM_RECEIPT
    if _ON_ISSUE.fullmatch(event):
        return question.issued_on, FROM_ISSUE if question.issue_is_known else FROM_STATED
    days = list(find_days(event, near=question.issued_on))
    if len(days) == 1 and not _has_number(event[: days[0].start] + event[days[0].end :]):
        day = days[0].in_year(question.issued_on.year)
        return (day, FROM_STATED) if day else None
    return None


def _end_of_span(start: date, count: str, unit: str, working: bool, question: Question) -> date | None:
    if count == "nua":
        # Half a month is 15 days, half a year six months (art. 146.1).
        halves = {"thang": start + timedelta(days=15), "nam": _months_later(start, 6)}
        return halves.get(unit)
    n = int(count)
    if working:
        return question.calendar.add(start, n * (5 if unit == "tuan" else 1))
    if unit in ("ngay", "tuan"):
        return start + timedelta(days=n * (7 if unit == "tuan" else 1))
    return _months_later(start, n * {"thang": 1, "quy": 3, "nam": 12}[unit])


def _months_later(start: date, months: int) -> date:
    end = month_end(start.year, start.month + months)
    return end.replace(day=min(start.day, end.day))


def read_period(question: Question) -> Reading | None:
    """Read the end of a quarter, month, week or year: "quý III/2020", "12/2026", "giữa năm", "trước tháng 7".

    Beginnings and middles of months and years are those of Civil Code 2015 art. 146.2-3; the law knows none
    of quarters and weeks, so these are for a person to look at. The end of a period is never shifted.
    """
    question = replace(question, text=_without_earlier(question.text))
    for pattern, read in ((_QUARTER, _quarter), (_MONTH, _month), (_WEEK, _week), (_YEAR, _year)):
        found = pattern.search(question.text)
        if found:
            after = question.text[found.end() :]
            if _has_number(question.text[: found.start()] + after) or _ODD_MONTH.match(after):
                return question.review(SEVERAL)
            return read(question, found)
    return None


def _without_earlier(text: str) -> str:
    """Leave of several months, quarters or years named together the last one."""
    for earlier, unit in zip(_EARLIER, ("quy ", "thang ", "nam "), strict=True):
        count = 1
        while count:
            text, count = earlier.subn(unit, text, count=1)
    return text


def _quarter(question: Question, found: re.Match[str]) -> Reading:
    if found["at"] not in (None, "cuoi"):
        return question.review(VAGUE)
    today = (question.issued_on.month + 2) // 3
    spoken = {None: today, "nay": today, "sau": today + 1, "toi": today + 1}
    number = found["number"]
    if number in spoken:
        year, extra = _year_of(question, found["year"], True), (spoken[number] - 1) // 4
        quarter, year = (spoken[number] - 1) % 4 + 1, (year or question.issued_on.year) + extra
    else:
        quarter, year = _ROMAN.get(number) or int(number), _year_of(question, found["year"], False)
    return _period(
        question,
        found,
        year,
        first=lambda in_year: date(in_year, 3 * quarter - 2, 1),
        last=lambda in_year: month_end(in_year, 3 * quarter),
        name=lambda in_year: f"quý {('I', 'II', 'III', 'IV')[quarter - 1]}/{in_year}",
    )


def _month(question: Question, found: re.Match[str]) -> Reading | None:
    number = found["number"] or found["bare"]
    this = question.issued_on.month
    year_text = found["year"] or (f"/{found['bare_year']}" if found["bare_year"] else None)
    year = _year_of(question, year_text, number in ("nay", "sau", "toi"))
    spoken = {None: this, "nay": this, "sau": this + 1, "toi": this + 1}
    month = spoken[number] if number in spoken else int(number)
    if number not in spoken and not 1 <= month <= 12:
        return question.without_day(Kind.UNREADABLE, IMPOSSIBLE_MONTH, {"number": number})
    if number is None and found["at"] in ("dau", "giua", "nua dau"):
        # "giữa tháng" alone is the first middle of a month that the paper does not lie after.
        month += {"dau": 1, "giua": 15, "nua dau": 15}[found["at"]] < question.issued_on.day
    if number is None or number in spoken:
        year = (year or question.issued_on.year) + (month - 1) // 12
        month = (month - 1) % 12 + 1
    by_law = {"dau": 1, "giua": 15, "nua dau": 15}
    return _period(
        question,
        found,
        year,
        first=lambda in_year: date(in_year, month, 1),
        last=lambda in_year: (
            date(in_year, month, by_law[found["at"]]) if found["at"] in by_law else month_end(in_year, month)
        ),
        name=lambda in_year: f"tháng {'0' if month < 3 else ''}{month}/{in_year}",
    )


def _year(question: Question, found: re.Match[str]) -> Reading | None:
    if (
        found["year"] == "nam"
        and not found["at"]
        and not re.search(r"(?:trong|het|sang|ca|suot|^) ?nam$", question.text)
    ):
        return None
    stated = re.sub(r"^nam ?", "", found["year"])
    year = read_year(stated, near=question.issued_on) if stated else None
    if re.search(r"sang nam$", question.text):
        year = question.issued_on.year + 1
    by_law = {"dau": (1, 1), "giua": (6, 30), "nua dau": (6, 30)}
    month, day = by_law.get(found["at"], (12, 31))
    return _period(
        question,
        found,
        year,
        first=lambda in_year: date(in_year, 1, 1),
        last=lambda in_year: date(in_year, month, day),
        name=lambda in_year: f"năm {in_year}",
    )


def _week(question: Question, found: re.Match[str]) -> Reading:
    if found["at"] not in (None, "cuoi"):
        return question.review(VAGUE)
    monday = week_of(question.issued_on, found["number"])
    if found["at"] is None and _BEFORE.search(question.text[: found.start()]):
        due_on = monday - timedelta(days=1)
    else:
        due_on = monday + timedelta(days=6)
    if not question.calendar.is_working(due_on):
        due_on = question.calendar.add(due_on, -1)
    return question.due(Kind.PERIOD_END, due_on, WEEK_ENDS)


def week_of(day: date, which: str | None) -> date:
    """Return the Monday of the week of `day`, or of the one after for "sau" and "toi"."""
    return day - timedelta(days=day.weekday()) + timedelta(weeks=which in ("sau", "toi"))


def _year_of(question: Question, text: str | None, spoken: bool) -> int | None:
    if text:
        return read_year(text, near=question.issued_on)
    return question.issued_on.year if spoken else None


def _period(
    question: Question,
    found: re.Match[str],
    year: int | None,
    *,
    first: Callable[[int], date],
    last: Callable[[int], date],
    name: Callable[[int], str],
) -> Reading:
    if year is not None and not 1900 <= year < 2199:
        return question.review(VAGUE)
    at, before = found["at"], bool(_BEFORE.search(question.text[: found.start()]))
    at_a_point = at in ("dau", "giua", "nua dau")

    def due_in(in_year: int) -> date:
        if before and at is None:
            return first(in_year) - timedelta(days=1)
        return question.day_before(last(in_year)) if before and at_a_point else last(in_year)

    guessed = (year, due_in(year)) if year is not None else question.first_year(due_in)
    if guessed is None:
        return question.review(VAGUE)
    why = BY_THE_CODE if at_a_point else PERIOD_BEGINS_AFTER if before and at is None else PERIOD_ENDS
    warnings = question.year_guessed(guessed[0]) if year is None else ()
    return question.due(Kind.PERIOD_END, guessed[1], why, {"period": name(guessed[0])}, warnings=warnings)


def _has_number(text: str) -> bool:
    """Tell whether a text has a number, Arabic or Roman: something of the phrase was not understood."""
    return bool(re.search(r"\d|(?<![a-z])(?:i|ii|iii|iv)(?![a-z])", text))
