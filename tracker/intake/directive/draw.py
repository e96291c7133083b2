"""Making a proposed task out of places in the normalised text: its deadline read, its confidence reasoned."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date

from tracker.intake.directive.due import Words, find_dues, is_continuous
from tracker.intake.directive.lines import Layout, Role
from tracker.intake.directive.units import Name, begins_name, read_names
from tracker.intake.proposal import Found, Header, ProposedTask, Recurrence, Warned
from tracker.rules.deadlines import Kind, Reading, WorkingCalendar, read_deadline
from tracker.rules.deadlines.answer import BEFORE_PAPER
from tracker.rules.words import N_

NAMED = N_("Văn bản nêu tên ngay tại nội dung nhiệm vụ.")
FROM_COLUMN = N_("Lấy từ cột của bảng phân công.")
FROM_LINE = N_("Lấy từ dòng ghi riêng của nhiệm vụ.")
INHERITED = N_("Lấy từ đề mục hoặc câu dẫn phía trên: “%(words)s”.")
ADDRESSED = N_("Nội dung không nêu đơn vị; lấy theo phần “Kính gửi”.")
GROUP = N_("Nêu tên chung của nhiều đơn vị; cần chọn từng đơn vị.")
DUE_INHERITED = N_("Thời hạn lấy từ câu dẫn phía trên hoặc dòng ghi chung của đề mục.")
UNREAD = N_("Chưa hiểu thời hạn này; cần nhập ngày.")
SEVERAL_DUES = N_("Nội dung có nhiều mốc thời gian; lấy mốc đầu tiên.")
SAYS_OFTEN = N_("Văn bản ghi việc lặp lại: “%(words)s”.")

SURE, FAIR, WEAK = 0.95, 0.8, 0.6

_PAPER_MONTH = re.compile(r"thang ?(?P<month>\d{1,2})? ?[ .]{0,8}nam ?(?P<year>\d{4})")
_PAPER_YEAR = re.compile(r"nam (?P<year>20\d\d)")
_DONE = re.compile(r"(?<!\w)đã(?!\w).*", re.IGNORECASE | re.DOTALL)
"""What has been done, up to a day. Behind a comma a day to come belongs to what is asked: “09 hộ đã thống
nhất, trình trước ngày 20/5”."""
_END_VERB = re.compile(
    r"(?:bao cao|gui|trinh|hoan thanh|xong|nop|hoan tat|thuc hien|ban hanh|tong hop|phe duyet|bao dam|"
    r"ket thuc|to chuc|de xuat|"
    r"ban giao|khac phuc|dang ky|so ket|tong ket|kien toan|trien khai|dut diem|kiem tra|cung cap|"
    r"cap nhat|thoi han|han|niem yet|ra soat|xay dung)"
)


class Draw:
    """What tasks of one paper are drawn with: its text, its day, and how deadlines are read."""

    def __init__(
        self,
        layout: Layout,
        header: Header,
        *,
        plain: str,
        calendar: WorkingCalendar,
        today: date,
        strict_before: bool,
    ) -> None:
        """`today` stands in for the day of a paper whose head tells nothing of it."""
        self.plain = plain
        self.normal = layout.normal
        self.text = layout.normal.text
        self.folded = layout.normal.folded
        self.header = header
        self.calendar = calendar
        self.strict_before = strict_before
        self.issued_on = header.issued_on.value if header.issued_on else _guessed_day(layout, today)
        self._said: list[Warned] = []

    def dues(self, start: int, end: int, *, whole: bool = False) -> list[Words]:
        """Return the deadlines in a stretch of text that are no past days quoted."""
        found = find_dues(self.text, self.folded, start, end, whole=whole)
        return [words for words in found if whole or words.returns or not self._is_past(words, start)]

    def reading(self, words: Words) -> Reading:
        """Return what the words of a deadline are read as."""
        phrase = self.text[words.start : words.end]
        if words.often:
            phrase = f"{self.text[slice(*words.often)]} {phrase}"
        return read_deadline(
            phrase,
            issued_on=self.issued_on,
            received_on=self.issued_on,
            calendar=self.calendar,
            strict_before=self.strict_before,
            issue_is_known=self.header.issued_on is not None,
        )

    def _is_past(self, words: Words, start: int) -> bool:
        reading = self.reading(words)
        if reading.kind is Kind.REPORTING_PERIOD:
            return True
        begin = max(start, words.start - 70)
        before = self.folded[begin : words.start]
        clause = re.split(r"[;.]", before)[-1]
        ahead = bool(
            self.header.issued_on and reading.due_on and reading.due_on >= self.header.issued_on.value
        )
        done = _DONE.search(self.text[words.start - len(clause) : words.start])
        if done and not (ahead and "," in done[0]):
            return True
        if ahead or not self.header.issued_on or not reading.due_on:
            return False
        return not _END_VERB.search(clause)

    def task(
        self,
        start: int,
        end: int,
        *,
        lead: tuple[Found[str], ...] = (),
        coordinating: tuple[Found[str], ...] = (),
        due: Words | None = None,
        due_sure: tuple[float, str] = (SURE, ""),
        product: Found[str] | None = None,
        item: str | None = None,
        sure: float = 0.9,
    ) -> ProposedTask:
        """Return the task whose content is this stretch, without blanks and closing marks around it."""
        start, end = self._trimmed(start, end)
        first, last = self.normal.place(start, end)
        phrase: Found[str] | None = None
        recurrence: Found[Recurrence] | None = None
        reading: Reading | None = None
        warnings: list[Warned] = []
        if due:
            reading = self.reading(due)
            at = self.normal.place(due.start, due.end)
            certainty, why = due_sure
            if reading.kind in (Kind.REVIEW, Kind.UNREADABLE) or (
                reading.kind is Kind.NO_DATE and not reading.recurrence
            ):
                certainty, why = min(certainty, 0.4), UNREAD
            phrase = Found(
                self.text[due.start : due.end],
                *at,
                certainty,
                why or reading.why,
                {} if why else dict(reading.why_values),
            )
            if reading.recurrence:
                recurrence = Found(
                    Recurrence(reading.recurrence), *at, certainty, SAYS_OFTEN, {"words": phrase.value}
                )
            for message, values in reading.warnings:
                warned = Warned(message, dict(values), *at)
                warnings.append(warned)
                if message == BEFORE_PAPER:
                    self._said.append(warned)
        fields = [found.sure for found in (*lead, *coordinating)] + [phrase.sure if phrase else 1.0]
        return ProposedTask(
            self.plain[first:last],
            first,
            last,
            lead=lead,
            coordinating=coordinating,
            due_phrase=phrase,
            due_on=reading.due_on if reading else None,
            due_time=reading.due_time if reading else None,
            recurrence=recurrence,
            product=product,
            item=item,
            sure=round(min([sure, *fields]), 2),
            warnings=tuple(warnings),
        )

    def found(
        self, names: Sequence[Name], sure: float, why: str, values: dict[str, str] | None = None
    ) -> tuple[Found[str], ...]:
        """Return names as fields with their places, a group somewhat less sure; each name once."""
        fields: dict[str, Found[str]] = {}
        for name in names:
            at = self.normal.place(name.start, name.end)
            certainty, reason = (min(sure, 0.75), GROUP) if name.is_group else (sure, why)
            fields.setdefault(
                name.value, Found(name.value, *at, certainty, reason, {} if name.is_group else values or {})
            )
        return tuple(fields.values())

    def all_names(self, start: int, end: int, why: str) -> tuple[Found[str], ...]:
        """Return the names in a stretch that holds nothing else; what is unknown stays whole."""
        fields: list[Found[str]] = []
        for first, last in _entries(self.text, start, end):
            names = read_names(self.text, first, last)
            if names and not self.text[names.end : last].strip(" .;,"):
                fields += self.found(names.names, SURE, why)
                continue
            for begin, stop in _by_comma(self.text, first, last):
                value = self.text[begin:stop].strip(" .;,-")
                if value:
                    begin += self.text[begin:stop].index(value)
                    fields.append(Found(value, *self.normal.place(begin, begin + len(value)), FAIR, why))
        return tuple(fields)

    def continuous(self, start: int, end: int) -> Words | None:
        """Return the words that say that a task never ends."""
        at = is_continuous(self.folded, start, end)
        return Words(*at, returns=True) if at else None

    def warnings(self) -> tuple[Warned, ...]:
        """Return what is odd about the tasks, for the whole paper."""
        return tuple(self._said)

    def _trimmed(self, start: int, end: int) -> tuple[int, int]:
        while start < end and self.text[start] in " \n;,":
            start += 1
        while end > start + 1 and self.text[end - 1] in " \n;,/":
            end -= 1
            if self.text[end - 1] == "." and self.text[end : end + 2] in ("/", "/."):
                end -= 1
        if self.text[end - 3 : end] in ("./.",):
            end -= 3
        return start, end


def _entries(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    at = start
    for mark in re.finditer(r"[;\n]\s*[-+]?\s*", text[start:end]):
        if at < start + mark.start():
            yield at, start + mark.start()
        at = start + mark.end()
    if at < end:
        yield at, end


def _by_comma(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    at = start
    for mark in re.finditer(r", (?:và )?| và ", text[start:end]):
        if begins_name(text, start + mark.end(), end):
            yield at, start + mark.start()
            at = start + mark.end()
    yield at, end


def _guessed_day(layout: Layout, today: date) -> date:
    """Return the first day of the month or year that the head of a paper names, else `today`."""
    head = "\n".join(layout.folded(each) for each in layout.of(Role.HEAD))
    found = _PAPER_MONTH.search(head)
    if found and found["month"] and 1 <= int(found["month"]) <= 12 and 1900 < int(found["year"]) < 2200:
        return date(int(found["year"]), int(found["month"]), 1)
    year = found or _PAPER_YEAR.search(head)
    if year and 1900 < int(year["year"]) < 2200:
        return date(int(year["year"]), 1, 1)
    return today
