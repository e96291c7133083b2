"""The letter that urges a unit (công văn đôn đốc) as a Word file; number, day and signature stay open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from tracker.files.paper import Alignment, Column, Paper
from tracker.rules.papers import issuing_body, notation_of, place_of, signing_lines

MOST_DAYS_LISTED = 6
"""Days of earlier reminders that a cell names; of more only the latest are named."""
LATEST_DAYS = 3
MOST_IN_BODY = 10
"""Tasks that the letter itself lists; more stand in an annex that lies, behind the signature."""

_NO_EXTENSION = (
    "Việc đôn đốc này không thay đổi thời hạn đã giao; đề nghị gia hạn (nếu có) thực hiện theo quy định./."
)

_TITLES = ("STT", "Nhiệm vụ", "Văn bản giao", "Thời hạn", "Số ngày quá hạn", "Các lần đã nhắc")
_ALIGNED: tuple[Alignment, ...] = ("center", "left", "left", "center", "center", "left")
_WIDTHS = (10, 55, 30, 23, 16, 26)
_WIDTHS_OF_ANNEX = (12, 105, 46, 26, 20, 38)


class LetterTask(NamedTuple):
    """One row of the letter's table."""

    content: str
    directive: str
    """As the letter cites it: “Công văn 254/UBND-NV ngày 12/4/2026”."""
    due_on: date | None
    days_overdue: int
    """0 where the deadline has not passed."""
    reminded_on: Sequence[date]
    """The days on which the unit was reminded before, the earliest first."""


@dataclass(frozen=True)
class UrgingLetter:
    """What the letter is about: who urges whom on which day, and the tasks."""

    assigner: str
    above: Sequence[str]
    """The names of the units above the assigner, nearest first."""
    title_of_head: str | None
    unit: str
    on: date
    tasks: Sequence[LetterTask]
    words: str = ""
    """What the person who urges adds in their own words."""
    reply_by: date | None = None

    @property
    def subject(self) -> str:
        """What stands below the number after “V/v”."""
        late = sum(1 for task in self.tasks if task.days_overdue)
        if len(self.tasks) == 1:
            return f"V/v đôn đốc thực hiện nhiệm vụ tại {self.tasks[0].directive}"
        if late == len(self.tasks):
            return f"V/v đôn đốc thực hiện {late:02d} nhiệm vụ quá hạn"
        return f"V/v đôn đốc thực hiện {len(self.tasks):02d} nhiệm vụ được giao"

    def as_word_file(self) -> bytes:
        """Return the letter as a Word file; equal letters are equal byte for byte."""
        notation = notation_of(self.assigner)
        paper = Paper(self.subject, made_on=self.on)
        paper.head(
            issuing_body(self.assigner, self.above), notation=notation,
            place=place_of([self.assigner, *self.above]), on=self.on, about=self.subject,
        )  # fmt: skip
        paper.addressed_to([self.unit])
        paper.paragraph(self._opening())
        is_long = len(self.tasks) > MOST_IN_BODY
        if not is_long:
            paper.table(_columns(_WIDTHS), self._rows(), size=11)
        paper.paragraph(self.words)
        paper.paragraph(self._demand())
        paper.paragraph(_NO_EXTENSION)
        is_committee = notation == "UBND-VP"
        recipients = ["Như trên", *([f"Lãnh đạo {self.assigner} (để b/c)"] if is_committee else [])]
        paper.sign(
            signing_lines(self.assigner, self.title_of_head, by_order=True),
            recipients=[*recipients, "Lưu: VT, VP" if is_committee else "Lưu: VT"],
        )
        if is_long:
            paper.turn(landscape=True)
            paper.kind("PHỤ LỤC", f"Danh sách nhiệm vụ đôn đốc {self.unit} thực hiện")
            paper.paragraph(
                f"(Kèm theo Công văn số       /{notation} ngày       tháng {self.on.month:02d} năm "
                f"{self.on.year} của {self.assigner})",
                italic=True, align="center",
            )  # fmt: skip
            paper.table(_columns(_WIDTHS_OF_ANNEX), self._rows())
        return paper.as_bytes()

    def _rows(self) -> list[list[str]]:
        return [_row(number, task) for number, task in enumerate(self.tasks, start=1)]

    def _opening(self) -> str:
        late = sum(1 for task in self.tasks if task.days_overdue)
        if late:
            standing = f"còn {late:02d} nhiệm vụ đã quá thời hạn nhưng chưa báo cáo kết quả"
            if late < len(self.tasks):
                standing += (
                    f", {len(self.tasks) - late:02d} nhiệm vụ đang trong thời hạn cần đẩy nhanh tiến độ"
                )
        else:
            standing = f"có {len(self.tasks):02d} nhiệm vụ đang trong thời hạn cần đẩy nhanh tiến độ"
        follows = "chi tiết tại Phụ lục kèm theo." if len(self.tasks) > MOST_IN_BODY else "cụ thể như sau:"
        return (
            f"Qua theo dõi, kiểm tra việc thực hiện các nhiệm vụ do {self.assigner} giao, tính đến ngày "
            f"{_day(self.on)}, {self.unit} {standing}, {follows}"
        )

    def _demand(self) -> str:
        until = f" chậm nhất ngày {_day(self.reply_by)}" if self.reply_by else ""
        is_late = any(task.days_overdue for task in self.tasks)
        reasons = ", giải trình rõ nguyên nhân quá hạn" if is_late else ""
        return (
            f"Yêu cầu {self.unit} tập trung chỉ đạo, khẩn trương hoàn thành {self._these()}; báo cáo kết quả"
            f"{until}{reasons}."
        )

    def _these(self) -> str:
        return "nhiệm vụ nêu trên" if len(self.tasks) == 1 else "các nhiệm vụ nêu trên"


def _columns(widths: Sequence[float]) -> list[Column]:
    return [Column(*each) for each in zip(_TITLES, widths, _ALIGNED, strict=True)]


def _row(number: int, task: LetterTask) -> list[str]:
    return [
        str(number), task.content, task.directive, _day(task.due_on) if task.due_on else "Không thời hạn",
        str(task.days_overdue) if task.days_overdue else "–", _times(task.reminded_on),
    ]  # fmt: skip


def _times(days: Sequence[date]) -> str:
    if not days:
        return "Chưa nhắc"
    if len(days) > MOST_DAYS_LISTED:
        named = ", ".join(_day(day) for day in days[-LATEST_DAYS:])
        return f"{len(days)} lần, gần nhất: {named}"
    return f"{len(days)} lần: {', '.join(_day(day) for day in days)}"


def _day(day: date) -> str:
    return f"{day:%d/%m}/{day.year:04}"
