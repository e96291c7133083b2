"""What each row of a sheet means: its task, its errors cell by cell, and which other row says the same."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, time

from tracker.intake.names import LONGEST_NAME, KnownUnits, Match
from tracker.intake.sheet import Sheet
from tracker.rules.deadlines import Kind, UnreadableDay, WorkingCalendar, read_day, read_deadline
from tracker.rules.status import State
from tracker.rules.text import fold
from tracker.rules.unit_groups import CERTAIN
from tracker.rules.words import N_

_NO_REAL_DAY = {
    "issued_on": N_("%(day)s là ngày phần mềm tự ghi khi ô trống. Ghi ngày ban hành văn bản."),
    "given_on": N_("%(day)s là ngày phần mềm tự ghi khi ô trống. Ghi ngày giao, hoặc để trống."),
    "due": N_("%(day)s là ngày phần mềm tự ghi khi ô trống. Ghi ngày đúng, hoặc “không thời hạn”."),
    "done_on": N_("%(day)s là ngày phần mềm tự ghi khi ô trống. Ghi ngày xong, hoặc sửa trạng thái."),
}
"""What may be written in the place of such a day, by its field."""
FIRST_YEAR = 2000
"""Days before it are leftovers of software (01/01/1970, 30/12/1899), not days of tasks."""
_NO_DEADLINE = re.compile(r"^(?:khong(?: co)?(?: thoi)? han|khong thoi han|thuong xuyen|[-–x]|khong)\.?$")
_STATES: Mapping[State, str] = {
    State.NOT_STARTED: "chua thuc hien|chua bat dau|moi|moi giao|chua|chua trien khai|chua tiep nhan|da giao",
    State.IN_PROGRESS: "dang thuc hien|dang xu ly|dang|dang trien khai|da tiep nhan|chua hoan thanh|"
    "qua han|dang lam|trong han|chua xong|da qua han|cham|dang thuc hien qua han|dang thuc hien chua den han",
    State.AWAITING_CONFIRMATION: "cho xac nhan|cho duyet|da bao cao|cho xac nhan hoan thanh",
    State.COMPLETED: "hoan thanh|da hoan thanh|xong|da xong|ht|da thuc hien|hoan thanh dung han|ket thuc|"
    "da ket thuc|hoan thanh qua han|hoan thanh cham|da hoan thanh dung han|da hoan thanh qua han|"
    "hoan thanh truoc han",
}  # fmt: skip
_OF_WORDS = {words: state for state, all_words in _STATES.items() for words in all_words.split("|")}
_BLANKS = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong in one cell: its field, a sentence with its values, and codes of units that come near."""

    where: str
    message: str
    values: Mapping[str, object] = field(default_factory=dict)
    suggestions: tuple[str, ...] = ()
    name: str = ""
    """The name of a unit that is not known."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row as it was read. Days are days in Vietnam; units are codes, persons logins."""

    number: int
    content: str = ""
    leads: tuple[str, ...] = ()
    """One unit, or all of a group: then each gets a task."""
    coordinating: tuple[str, ...] = ()
    paper: str | None = None
    """Number of the directive; None where the row names none."""
    issued_on: date | None = None
    subject: str | None = None
    item: str | None = None
    officer: str | None = None
    leader: str | None = None
    given_on: date | None = None
    due_on: date | None = None
    due_phrase: str | None = None
    due_time: time | None = None
    product: str | None = None
    state: State = State.NOT_STARTED
    done_on: date | None = None
    result: str | None = None
    note: str | None = None
    key: str | None = None
    problems: tuple[Problem, ...] = ()

    @property
    def is_good(self) -> bool:
        """Whether a task can be made of the row."""
        return not self.problems

    @property
    def words(self) -> str:
        """What the task says: the content, with its note where no progress could hold it yet."""
        if self.note and self.state is State.NOT_STARTED:
            return f"{self.content} (Ghi chú: {self.note})"
        return self.content

    def facts(self, lead: str) -> tuple[str, str, str, date | None]:
        """Return what makes two tasks the same: directive, content, lead unit, deadline."""
        return _number_key(self.paper), fold(self.content), lead, self.due_on

    def task_key(self, issuer: str, lead: str) -> str:
        """Return the key of its task: equal facts of one issuer make equal keys, whenever brought."""
        words = "\x1f".join(str(each) for each in (issuer, self.issued_on, *self.facts(lead)))
        return f"bang-{hashlib.sha256(words.encode()).hexdigest()[:24]}"


@dataclass(frozen=True)
class Known:
    """What rows are read with."""

    units: KnownUnits
    persons: Mapping[str, str]
    """Folded names and the logins of those who may stand beside a task."""
    calendar: WorkingCalendar
    today: date
    strict_before: bool = True
    paper_number: str | None = None
    paper_day: date | None = None
    """The day of the directive of rows that name none."""
    papers: Mapping[str, tuple[date, date]] = field(default_factory=dict)
    """Of directives of the register, by `number_key`: issued, registered."""


def number_key(number: str) -> str:
    """Return a number as it is compared: “254 /UBND-NV” is “254/ubnd-nv”."""
    return _BLANKS.sub("", fold(number)).removeprefix("so:").removeprefix("so").replace("–", "-")


def _number_key(number: str | None) -> str:
    return number_key(number) if number else ""


def read_rows(sheet: Sheet, columns: Sequence[str], known: Known) -> list[Row]:
    """Return every row of a sheet whose columns hold these fields, in order."""
    places = {name: at for at, name in enumerate(columns) if name}
    marks: dict[int, list[tuple[int, str]]] = {}
    for number, column, what in sheet.marks:
        marks.setdefault(number, []).append((column, what))
    rows = []
    first: dict[tuple[object, ...], int] = {}
    for number, cells in sheet.rows:
        row = _read(number, {name: cells[at] for name, at in places.items()}, known)
        problems = list(row.problems)
        for column, what in marks.get(number, ()):
            name = columns[column]
            if what in _OF_MARKS and name:
                problems = [each for each in problems if each.where != name]
                problems.append(Problem(name, _OF_MARKS[what]))
            elif what == "merged" and name == "content":
                problems.append(Problem(name, N_("Ô gộp với dòng trên: bỏ gộp ô, mỗi dòng một nội dung.")))
        if row.content and not problems:
            facts = tuple(row.facts(lead) for lead in row.leads)
            if (other := first.setdefault(facts, number)) != number:
                words = N_("Trùng với dòng %(other)s của bảng. Xóa một dòng.")
                problems.append(Problem("content", words, {"other": other}))
        rows.append(replace(row, problems=tuple(problems)) if problems != list(row.problems) else row)
    return rows


_OF_MARKS = {
    "missing": N_("Ô có công thức chưa có kết quả. Dán lại dưới dạng giá trị."),
    "cut": N_("Ô dài quá 5.000 ký tự. Rút gọn lại."),
}


def unknown_names(rows: Sequence[Row]) -> Counter[str]:
    """Return the names of units that nothing fits, as first written, and how many rows hold each."""
    written: dict[str, str] = {}
    names = (each.name for row in rows for each in row.problems if each.name)
    return Counter(written.setdefault(fold(name), name) for name in names)


def _read(number: int, cells: Mapping[str, str], known: Known) -> Row:
    problems: list[Problem] = []

    def refuse(where: str, message: str, **values: object) -> None:
        problems.append(Problem(where, message, values))

    def day(name: str) -> date | None:
        text = cells.get(name, "")
        if not text or text in "-–":
            return None
        try:
            found = read_day(text.partition(" 00:00")[0], near=known.today)
        except UnreadableDay as error:
            problems.append(Problem(name, error.msgid, error.values))
            return None
        if found.year < FIRST_YEAR:
            refuse(name, _NO_REAL_DAY[name], day=f"{found:%d/%m/%Y}")
            return None
        return found

    content = " ".join(cells.get("content", "").split())
    if not content:
        refuse("content", N_("Thiếu nội dung nhiệm vụ."))
    named = " ".join(cells.get("number", "").split()) or None
    paper = named or known.paper_number
    if paper and len(paper) > 64:
        refuse("number", N_("Số văn bản dài quá 64 ký tự. Chỉ ghi số và ký hiệu."))
    issued_on = day("issued_on")
    stored = known.papers.get(number_key(paper)) if paper else None
    if issued_on is None:
        issued_on = stored[0] if stored else None if named else known.paper_day
    if issued_on is None and named and not any(each.where == "issued_on" for each in problems):
        refuse("issued_on", N_("Văn bản chưa có trong sổ: ghi ngày văn bản."))
    elif named is None and known.paper_day is None:
        refuse("number", N_("Thiếu số văn bản. Ghi vào, hoặc chọn văn bản chung cho các dòng không ghi số."))
    leads = _leads(cells.get("lead", ""), known, problems)
    coordinating = _coordinating(cells.get("coordinating", ""), leads, known, problems)
    given_on = day("given_on")
    if given_on is None:
        given_on = max(issued_on or known.today, stored[1]) if stored else issued_on or known.today
    elif stored and given_on < stored[1]:
        words = N_("Văn bản vào sổ ngày %(day)s, sau ngày giao. Sửa ngày giao, hoặc để trống.")
        refuse("given_on", words, day=f"{stored[1]:%d/%m/%Y}")
    if given_on > known.today:
        refuse("given_on", N_("Ngày giao ở tương lai. Ghi ngày đã giao, hoặc để trống."))
        given_on = known.today
    due_on, phrase, due_time = _due(cells.get("due", ""), issued_on or given_on, given_on, known, problems)
    done_on = day("done_on")
    state = _state(cells.get("state", ""), done_on, problems)
    if state in (State.COMPLETED, State.AWAITING_CONFIRMATION):
        if done_on is None and not any(each.where == "done_on" for each in problems):
            words = N_("Đã hoàn thành nhưng chưa có ngày hoàn thành. Ghi ngày, hoặc sửa trạng thái.")
            refuse("done_on", words)
        elif done_on is not None and done_on > known.today:
            refuse("done_on", N_("Ngày hoàn thành ở tương lai. Ghi ngày đã báo cáo xong."))
        elif done_on is not None and done_on < given_on:
            words = N_("Hoàn thành trước cả ngày giao %(day)s. Sửa một trong hai ngày.")
            refuse("done_on", words, day=f"{given_on:%d/%m/%Y}")
    persons = {}
    for name in ("officer", "leader"):
        text = " ".join(cells.get(name, "").split())
        persons[name] = known.persons.get(fold(text), known.persons.get(_person(text))) if text else None
        if text and persons[name] is None:
            words = N_("Không có tài khoản nào tên “%(name)s”. Sửa tên, hoặc để trống.")
            refuse(name, words, name=text[:100])
    for name, most in (("item", 64), ("result", 500)):
        if len(cells.get(name, "")) > most:
            refuse(name, N_("Dài quá %(most)s ký tự. Hãy rút gọn."), most=most)
    return Row(
        number, content, leads, coordinating, paper, issued_on, cells.get("subject") or None,
        cells.get("item") or None, persons["officer"], persons["leader"], given_on, due_on, phrase, due_time,
        cells.get("product") or None, state, done_on, cells.get("result") or None, cells.get("note") or None,
        cells.get("key") or None, tuple(problems),
    )  # fmt: skip


def _person(text: str) -> str:
    """Return a name as it is looked for: without what it is called by and without its title."""
    name = re.sub(r"^(?:d/c|dong chi|ong|ba)[\s.:]+", "", fold(text))
    return re.split(r"\s*[,(–-]\s*", name, maxsplit=1)[0]


def _unknown(where: str, name: str, match: Match) -> Problem:
    name = name[:LONGEST_NAME]
    words = N_("Không rõ đơn vị “%(name)s”. Sửa tên, hoặc chọn đơn vị ở đầu trang.")
    return Problem(where, words, {"name": name}, match.suggestions, name)


def _is_clear(match: Match) -> bool:
    """Return whether a name means units for sure: nobody looks at each group of a sheet again."""
    return match.is_known and not (match.group and match.sure < CERTAIN)


def _leads(text: str, known: Known, problems: list[Problem]) -> tuple[str, ...]:
    if not text:
        problems.append(Problem("lead", N_("Thiếu đơn vị chủ trì.")))
        return ()
    found = known.units.read(text)
    unknown = [(name, match) for name, match in found if not _is_clear(match)]
    for name, match in unknown:
        problems.append(_unknown("lead", name, match))
    if unknown or not found:
        return ()
    if len(found) > 1 and not any(match.group for _name, match in found):
        words = N_("Có %(count)s đơn vị chủ trì. Để lại một, chuyển đơn vị khác sang cột phối hợp.")
        problems.append(Problem("lead", words, {"count": len(found)}))
        return ()
    return tuple(dict.fromkeys(code for _name, match in found for code in match.codes))


def _coordinating(
    text: str, leads: tuple[str, ...], known: Known, problems: list[Problem]
) -> tuple[str, ...]:
    codes: dict[str, None] = {}
    if text in ("", "-", "–", "không", "Không"):
        return ()
    for name, match in known.units.read(text):
        if not _is_clear(match):
            problems.append(_unknown("coordinating", name, match))
            continue
        codes.update(dict.fromkeys(match.codes))
    return tuple(code for code in codes if leads != (code,))


def _due(
    text: str, issued_on: date, given_on: date, known: Known, problems: list[Problem]
) -> tuple[date | None, str | None, time | None]:
    if not text:
        words = N_("Thiếu thời hạn. Nhiệm vụ không có hạn thì ghi “không thời hạn”.")
        problems.append(Problem("due", words))
        return None, None, None
    if _NO_DEADLINE.match(fold(text)):
        return None, None, None
    try:
        due_on, phrase, due_time = read_day(text, near=issued_on), None, None
    except UnreadableDay as error:
        reading = read_deadline(
            text, issued_on=issued_on, received_on=given_on, calendar=known.calendar,
            strict_before=known.strict_before,
        )  # fmt: skip
        if reading.kind is Kind.SERIES:
            words = N_("Việc định kỳ: ghi hạn của từng kỳ, hoặc giao ở mục “Giao nhiệm vụ” để tự lặp lại.")
            problems.append(Problem("due", words))
            return None, None, None
        if reading.due_on is None:
            problems.append(Problem("due", error.msgid, error.values))
            return None, None, None
        due_on, phrase, due_time = reading.due_on, text[:500], reading.due_time
    if due_on.year < FIRST_YEAR:
        problems.append(Problem("due", _NO_REAL_DAY["due"], {"day": f"{due_on:%d/%m/%Y}"}))
    elif due_on < given_on and due_on < issued_on:
        words = N_("Thời hạn %(day)s trước cả ngày văn bản. Sửa lại thời hạn.")
        problems.append(Problem("due", words, {"day": f"{due_on:%d/%m/%Y}"}))
    return due_on, phrase, due_time


def _state(text: str, done_on: date | None, problems: list[Problem]) -> State:
    folded = re.sub(r"[(),.:;–-]+", " ", fold(text))
    folded = " ".join(folded.split())
    if not folded:
        return State.COMPLETED if done_on else State.NOT_STARTED
    if state := _OF_WORDS.get(folded):
        return state
    problems.append(
        Problem(
            "state",
            N_("Không rõ trạng thái. Ghi: Chưa thực hiện, Đang thực hiện, Chờ xác nhận hoặc Đã hoàn thành."),
        )
    )
    return State.NOT_STARTED
