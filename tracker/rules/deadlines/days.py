"""Days and hours as people type them, found in folded text."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time, timedelta

from tracker.rules.text import fold, nfc
from tracker.rules.words import N_

FIRST_YEAR, LAST_YEAR = 1900, 2199
SHOWN_LENGTH = 80

IMPOSSIBLE_DAY = N_("Ngày %(day)s không có trong lịch. Nhập dd/mm/yyyy, ví dụ %(example)s.")
UNREADABLE_DAY = N_("Không đọc được ngày “%(text)s”. Nhập dd/mm/yyyy, ví dụ %(example)s.")
MISSING_DAY = N_("Chưa nhập ngày. Nhập dd/mm/yyyy, ví dụ %(example)s.")

# Only marks tell "sáu" (six) from "sau" (after), so number words are read before folding.
_UNITS = {
    1: "một|mot",
    2: "hai",
    3: "ba",
    4: "bốn|bon|tư",
    5: "năm",
    6: "sáu",
    7: "bảy|bẩy|bay",
    8: "tám|tam",
    9: "chín|chin",
}
_AFTER_TEN = {**_UNITS, 1: "mốt|một|mot", 5: "lăm|lam|nhăm|năm"}
_TENS = {10: "mười|muoi", 20: "hai (?:mươi|muoi)", 30: "ba (?:mươi|muoi)"}
_NUMBER_WORDS = {
    **{
        ten + unit: f"(?:{_TENS[ten]}) (?:{words})"
        for ten in (30, 20, 10)
        for unit, words in _AFTER_TEN.items()
    },
    **_TENS,
    **_UNITS,
}
_NUMBER_WORD = "|".join(f"(?P<n{number}>{words})" for number, words in _NUMBER_WORDS.items())
_COUNTED = re.compile(
    rf"(?<!\w)(?:{_NUMBER_WORD})(?= (?:ngày|ngay|tuần|tuan|tháng|thang|quý|quy|năm|nam)(?!\w))"
)
_NAMED = re.compile(
    rf"(?<!\w)(?<!ngày )(tháng|thang|quý|quy|ngày|mùng|mồng) (?:{_NUMBER_WORD})(?!\w)(?! \d| lần| lan)"
)
# "05 (năm) ngày": the number is repeated in words.
_REPEATED = re.compile(
    rf"(?<=\d) ?\((?:{'|'.join([*_NUMBER_WORDS.values(), 'không|khong|nam|sau|tu'])}| )+\)"
)
_WORD_NAMES = [(f"n{number}", str(number)) for number in _NUMBER_WORDS]

_FULL_YEAR = r"\d{4}|(?:19|20) \d\d(?!\d)"
_SPOKEN_YEAR = rf",? ?(?:cua )?nam (?:{_FULL_YEAR}|nay|sau|toi)"
# 12/2026/QĐ-UBND is the number of a paper and no month.
NO_PAPER_NUMBER = r"(?!\d| ?[./-] ?\d|[/-][a-z])"
_DAY = re.compile(
    r"(?<![\d./-])(?<!quy )(?<!thang )(?:"
    r"(?P<iso_year>\d{4})-(?P<iso_month>\d{1,2})-(?P<iso_day>\d{1,2})"
    r"|(?P<day>\d{1,2}) ?(?P<by>[./-]) ?(?P<month>\d{1,2})"
    rf"(?P<year> ?(?P=by) ?(?:{_FULL_YEAR}|\d\d)|{_SPOKEN_YEAR})?"
    r"|(?P<long_day>\d{1,2})(?: ?\([a-z ]+\))?[ ,]*thang (?P<long_month>\d{1,2})"
    rf"(?P<long_year> ?/ ?\d{{4}}|{_SPOKEN_YEAR})?"
    rf"){NO_PAPER_NUMBER}",
    re.ASCII,
)
_BEFORE_YEAR = re.compile(r"[ ,./-]*(?:cua )?(?:nam )?")
_HOUR = re.compile(
    r"(?<![\d/.-])(?P<hour>\d{1,2})(?:"
    r" ?(?:gio|h)(?![a-z])(?: ?(?P<minute>\d{1,2})(?!\d| ?[./-] ?\d| thang)(?: ?phut|p(?![a-z])|['’′])?)?"
    r"|(?::|g)(?P<clock_minute>\d\d)(?!\d)['’′]?|g(?= ?(?:,|ngay|$))"
    r")(?: (?P<part>sang|trua|chieu|toi)(?![a-z]))?",
    re.ASCII,
)

_EARLIER_HOUR = re.compile(rf"{re.sub('[?]P<[a-z_]+>', '?:', _HOUR.pattern)}(?:,| va|"
                           rf",? hoac) (?=\d{{1,2}} ?[gh:])")


class UnreadableDay(ValueError):
    """The text is no day; `msgid % values` says in Vietnamese what is wrong and what to type."""

    def __init__(self, msgid: str, values: dict[str, str]) -> None:
        super().__init__(msgid % values)
        self.msgid = msgid
        self.values = values


@dataclass(frozen=True)
class NamedDay:
    """A day of a month as written, perhaps impossible, perhaps without its year; and where it stands."""

    day: int
    month: int
    year: int | None
    start: int
    end: int

    def in_year(self, year: int) -> date | None:
        """Return the day in `year`, None when that year has no such day."""
        year = self.year or year
        try:
            return date(year, self.month, self.day) if FIRST_YEAR <= year <= LAST_YEAR else None
        except ValueError:
            return None

    def first_from(self, year: int) -> date | None:
        """Return the day in the first year from `year` on that has it; 29/02 may wait eight years."""
        return next((day for after in range(9) if (day := self.in_year(year + after))), None)

    def impossible(self, year: int) -> dict[str, str]:
        """Give the values for the message that no calendar has this day."""
        year_shown = f"/{self.year:04}" if self.year else ""
        if self.year and FIRST_YEAR <= self.year <= LAST_YEAR:
            year = self.year
        return {
            "day": f"{self.day:02}/{self.month:02}{year_shown}",
            "example": f"{self._nearest(year):%d/%m/%Y}",
        }

    def _nearest(self, year: int) -> date:
        if self.month > 12 >= self.day >= 1 and self.month <= 31:
            return date(year, self.day, min(self.month, month_end(year, self.day).day))
        month = min(max(self.month, 1), 12)
        return date(year, month, min(max(self.day, 1), month_end(year, month).day))


def month_end(year: int, month: int) -> date:
    """Return the last day of a month; months beyond 12 run on into the next years."""
    years, month = divmod(month, 12)
    return date(year + years, month + 1, 1) - timedelta(days=1)


def normalise(text: str) -> str:
    """Fold `text` for the grammar: NFC, lower case, number words as digits, no marks, single blanks."""
    text = " ".join(nfc(text).lower().split())
    for dash in "–—−":
        text = text.replace(dash, "-")
    text = _REPEATED.sub("", text)
    text = _COUNTED.sub(_as_digits, text)
    text = _NAMED.sub(lambda found: f"{found[1]} {_as_digits(found)}", text)
    return fold(text)


def _as_digits(found: re.Match[str]) -> str:
    return next(digits for name, digits in _WORD_NAMES if found[name])


def find_days(text: str, *, near: date) -> Iterator[NamedDay]:
    """Find the days of a folded text; "năm nay" and "năm sau" are seen from `near`."""
    for found in _DAY.finditer(text):
        part = found.groupdict()
        year = part["iso_year"] or part["year"] or part["long_year"]
        yield NamedDay(
            day=int(part["iso_day"] or part["day"] or part["long_day"]),
            month=int(part["iso_month"] or part["month"] or part["long_month"]),
            year=read_year(year, near=near) if year else None,
            start=found.start(),
            end=found.end(),
        )


def read_year(text: str, *, near: date) -> int:
    """Read a year with what stands before it: "/2026", ".26", "/20 26", " nam 2026", "nam nay", "nam sau"."""
    text = _BEFORE_YEAR.sub("", text, count=1).replace(" ", "")
    spoken = {"nay": near.year, "sau": near.year + 1, "toi": near.year + 1}
    if text in spoken:
        return spoken[text]
    return int(text) + (2000 if len(text) == 2 else 0)


@dataclass(frozen=True)
class NamedHour:
    """An hour as written, 24 for the end of the day, perhaps impossible; and the text around it."""

    hour: int
    minute: int
    text_without: str
    is_later: bool = False
    """Whether another hour stands before it: “trước 07 giờ và 16 giờ”."""

    @property
    def is_possible(self) -> bool:
        """Tell whether a clock shows this hour."""
        return self.minute < 60 and (self.hour < 24 or (self.hour == 24 and self.minute == 0))

    @property
    def is_midnight(self) -> bool:
        """Tell whether the hour is a border between two days: 0 or 24."""
        return self.hour in (0, 24) and self.minute == 0

    def as_time(self) -> time:
        """Return the time of day in Vietnam."""
        return time(self.hour, self.minute)


def find_hour(text: str) -> NamedHour | None:
    """Find the hour of a folded text: 14 gio, 14h00, 14:30, 14g30, 17 gio 30 phut, 5 gio chieu.

    Of two that are named together, "truoc 07 gio va 16 gio", it is the later one.
    """
    text, earlier = _EARLIER_HOUR.subn("", text)
    found = _HOUR.search(text)
    if not found:
        return None
    hour = int(found["hour"])
    if found["part"] in ("chieu", "toi") and hour < 12:
        hour += 12
    without = f"{text[: found.start()].rstrip(' ')} {text[found.end() :].lstrip(' ,')}".strip()
    return NamedHour(hour, int(found["minute"] or found["clock_minute"] or 0), without, earlier > 0)


def shown(text: str) -> str:
    """Return the text as a message quotes it: one line, at most `SHOWN_LENGTH` characters."""
    line = " ".join(text.split())
    return line if len(line) <= SHOWN_LENGTH else line[: SHOWN_LENGTH - 1] + "…"


def read_day(text: str, *, near: date) -> date:
    """Read a day that a person typed: 25/6/2026, 5/3, 05.03.26, 2026-06-25, 25 tháng 6 năm 2026.

    Without a year it is the one nearest to `near`, before or after. Raises `UnreadableDay` with a message.
    """
    folded = normalise(text[: SHOWN_LENGTH + 1])
    if not folded:
        raise UnreadableDay(MISSING_DAY, {"example": f"{near:%d/%m/%Y}"})
    days = list(find_days(folded, near=near))
    around = folded[: days[0].start] + "|" + folded[days[0].end :] if len(days) == 1 else ""
    if around.replace(" ", "").rstrip(".") not in ("|", "ngay|"):
        raise UnreadableDay(UNREADABLE_DAY, {"text": shown(nfc(text)), "example": f"{near:%d/%m/%Y}"})
    named = days[0]
    years = [named.year] if named.year else [near.year - 1, near.year, near.year + 1]
    if not named.year and (named.month, named.day) == (2, 29):
        years = list(range(near.year - 8, near.year + 9))
    possible = [day for year in years if (day := named.in_year(year))]
    if not possible:
        raise UnreadableDay(IMPOSSIBLE_DAY, named.impossible(near.year))
    return min(possible, key=lambda day: abs(day - near))
