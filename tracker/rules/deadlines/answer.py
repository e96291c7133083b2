"""What a deadline phrase is read as, and the explanation and warnings that go with it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from enum import Enum

from tracker.rules.deadlines.calendar import WorkingCalendar, day_text, weekday_name
from tracker.rules.deadlines.days import LAST_YEAR, shown
from tracker.rules.deadlines.pattern import Pattern
from tracker.rules.words import N_

Message = tuple[str, dict[str, str]]

FAR_AHEAD = timedelta(days=5 * 366)

SEVERAL = N_("“%(phrase)s” nêu nhiều mốc hoặc có phần chưa hiểu. Nhập một ngày cụ thể, ví dụ %(example)s.")
EVENT = N_(
    "“%(phrase)s” phụ thuộc một thời điểm chưa rõ; giữ nguyên văn và cần xem lại. "
    "Nhập ngày cụ thể khi đã biết."
)
BEFORE_PAPER = N_("Hạn %(day)s ở trước ngày ban hành văn bản (%(issued)s).")
PASSED = N_("Hạn %(day)s đã qua.")
TENTATIVE = N_("Văn bản chưa rõ ngày ban hành nên hạn %(day)s mới là tạm tính.")
BEFORE_RECEIPT = N_("Hạn %(day)s đã qua khi nhận văn bản (%(received)s).")
DAY_OFF = N_("Hạn rơi vào ngày nghỉ (%(weekday)s %(day)s); ngày ghi trong văn bản được giữ nguyên.")
YEAR_GUESSED = N_(
    "Không ghi năm; hiểu là năm %(year)s, năm đầu tiên mà hạn không ở trước ngày ban hành (%(issued)s)."
)
FAR = N_("Hạn %(day)s cách ngày ban hành hơn 5 năm; kiểm tra lại năm.")
FAR_FROM_NOW = N_("Hạn %(day)s còn hơn 5 năm nữa; kiểm tra lại năm.")


class Kind(Enum):
    """How a phrase names its deadline."""

    DATE = "date"
    COMPUTED = "computed"
    PERIOD_END = "period_end"
    SERIES = "series"
    REPORTING_PERIOD = "reporting_period"
    NO_DATE = "no_date"
    REVIEW = "review"
    UNREADABLE = "unreadable"
    EXPLICIT_NONE = "explicit_none"


@dataclass(frozen=True, kw_only=True)
class Reading:
    """The reading of a deadline phrase.

    `due_on` is a calendar day in Vietnam, None for every kind that names no single day; `due_time` the hour
    there, kept for the reminder; `phrase` as written, NFC, stripped; `recurrence` one of continuous, daily,
    weekly, monthly, quarterly, semiannual, annual; `pattern` says on which days a series comes again, None
    for everything that is no series. `why % why_values` says which day it is and why; each
    warning is such a pair too.
    """

    due_on: date | None = None
    due_time: time | None = None
    phrase: str
    kind: Kind
    recurrence: str | None = None
    pattern: Pattern | None = None
    why: str
    why_values: dict[str, str] = field(default_factory=dict)
    warnings: tuple[Message, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Question:
    """A phrase with what is needed to read it: `text` is the phrase normalised and without its hour."""

    phrase: str
    text: str
    due_time: time | None
    issued_on: date
    received_on: date
    calendar: WorkingCalendar
    strict_before: bool
    issue_is_known: bool = True
    """False where `issued_on` only stands in for a day that the paper does not tell."""

    def day_before(self, day: date) -> date:
        """Return what "before `day`" means: the day before; by setting or with an hour, `day` itself."""
        return day - timedelta(days=1) if self.strict_before and not self.due_time else day

    def first_year(self, due_in: Callable[[int], date | None]) -> tuple[int, date] | None:
        """Return the first year, with its due date, in which that is not before the paper's own day."""
        first = self.issued_on.year
        years = ((year, due_in(year)) for year in range(first, min(first + 10, LAST_YEAR)))
        return next(((year, due) for year, due in years if due and due >= self.issued_on), None)

    def year_guessed(self, year: int) -> tuple[Message, ...]:
        """Warn that a year was guessed, unless it is that of the paper."""
        if year == self.issued_on.year or not self.issue_is_known:
            return ()
        return ((YEAR_GUESSED, {"year": str(year), "issued": day_text(self.issued_on)}),)

    def due(
        self,
        kind: Kind,
        due_on: date,
        why: str,
        values: dict[str, str] | None = None,
        *,
        warnings: tuple[Message, ...] = (),
        pattern: Pattern | None = None,
    ) -> Reading:
        """Answer with a day, of a series its first.

        The explanation may use %(phrase)s, %(weekday)s and %(day)s besides `values`.
        """
        return Reading(
            due_on=due_on,
            due_time=self.due_time,
            phrase=self.phrase,
            kind=kind,
            recurrence=pattern.recurrence if pattern else None,
            pattern=pattern,
            why=why,
            why_values={
                "phrase": shown(self.phrase),
                "weekday": weekday_name(due_on),
                "day": day_text(due_on),
                **(values or {}),
            },
            warnings=warnings + tuple(self._doubts(due_on)),
        )

    def without_day(
        self, kind: Kind, why: str, values: dict[str, str] | None = None, *, recurrence: str | None = None
    ) -> Reading:
        """Answer without a day; the explanation may use %(phrase)s and %(example)s besides `values`."""
        values = {"phrase": shown(self.phrase), "example": f"{self.received_on:%d/%m/%Y}", **(values or {})}
        return Reading(phrase=self.phrase, kind=kind, recurrence=recurrence, why=why, why_values=values)

    def review(self, why: str) -> Reading:
        """Answer that a person has to look at it."""
        return self.without_day(Kind.REVIEW, why)

    def _doubts(self, due_on: date) -> list[Message]:
        doubts: list[Message] = []
        day = day_text(due_on)
        if due_on < self.issued_on and not self.issue_is_known:
            doubts.append((PASSED, {"day": day}))
        elif due_on < self.issued_on:
            doubts.append((BEFORE_PAPER, {"day": day, "issued": day_text(self.issued_on)}))
        elif due_on < self.received_on:
            doubts.append((BEFORE_RECEIPT, {"day": day, "received": day_text(self.received_on)}))
        if not self.calendar.is_working(due_on):
            doubts.append((DAY_OFF, {"weekday": weekday_name(due_on), "day": day}))
        if due_on - self.issued_on > FAR_AHEAD:
            doubts.append((FAR if self.issue_is_known else FAR_FROM_NOW, {"day": day}))
        return doubts
