"""Days, moments, numbers and status words as Vietnamese readers expect them.

Each function is a Jinja filter of the same name, put in place by :func:`register`.
"""

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any, cast
from zoneinfo import ZoneInfo

from flask import Flask, current_app
from markupsafe import Markup

from tracker.language import gettext, lazy_gettext
from tracker.queries.tasks import StatusView
from tracker.rules.words import KINDS_OF_DIRECTIVE

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
KIBI = 1024
MOST_REMEMBERED = 4_096
"""Words that are kept as they were put together: the rows of a list ask for the same ones."""

WEEKDAYS = (
    lazy_gettext("thứ Hai"),
    lazy_gettext("thứ Ba"),
    lazy_gettext("thứ Tư"),
    lazy_gettext("thứ Năm"),
    lazy_gettext("thứ Sáu"),
    lazy_gettext("thứ Bảy"),
    lazy_gettext("Chủ nhật"),
)

# The seven cells of Table B.4 in the order of its columns, then the two states that it does not count.
CELL_WORDS = {
    "not_started_not_due": lazy_gettext("Chưa thực hiện"),
    "not_started_overdue": lazy_gettext("Chưa thực hiện · quá hạn"),
    "in_progress_not_due": lazy_gettext("Đang thực hiện"),
    "in_progress_overdue": lazy_gettext("Đang thực hiện · quá hạn"),
    "awaiting_confirmation": lazy_gettext("Chờ xác nhận"),
    "completed_on_time": lazy_gettext("Hoàn thành đúng hạn"),
    "completed_late": lazy_gettext("Hoàn thành quá hạn"),
    "draft": lazy_gettext("Dự thảo"),
    "cancelled": lazy_gettext("Đã thu hồi"),
}
B4_CELLS = tuple(CELL_WORDS)[:7]

_VIETNAMESE_SIGNS = str.maketrans({",": ".", ".": ","})


def day(value: date | None) -> str:
    """Return a day as dd/mm/yyyy, and "" for None; an aware moment gives its day in Vietnam."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        value = _in_vietnam(value).date()
    return f"{value.day:02}/{value.month:02}/{value.year:04}"


def moment(value: datetime | None) -> str:
    """Return an aware moment as "HH:MM dd/mm/yyyy" in Vietnam, and "" for None.

    Raises ValueError for a moment without a time zone.
    """
    if value is None:
        return ""
    local = _in_vietnam(value)
    return f"{local.hour:02}:{local.minute:02} {day(local.date())}"


def weekday(value: date | None) -> str:
    """Return the name of the day of the week ("thứ Hai" to "Chủ nhật"), and "" for None."""
    return "" if value is None else str(WEEKDAYS[value.weekday()])


def number(value: float | Decimal | None) -> str:
    """Return a number with "." between thousands and "," before decimals, and "" for None."""
    if value is None:
        return ""
    return f"{value:,}".translate(_VIETNAMESE_SIGNS)


def percent(ratio: float | Decimal | Fraction | None) -> str:
    """Return a ratio (1 is the whole) with one decimal, half up: 0.4567 is "45,7%".

    None, the rate of an empty whole, is "–".
    """
    if ratio is None:
        return "–"
    if isinstance(ratio, Fraction):
        exact = Decimal(ratio.numerator) / Decimal(ratio.denominator)
    else:
        exact = Decimal(str(ratio))
    return number((exact * 100).quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)) + "%"


def filesize(size: int | None) -> str:
    """Return a size in bytes as readers know it from their file manager: "712 byte", "1,5 MB"; None is ""."""
    if size is None:
        return ""
    if size < KIBI:
        return f"{size} byte"
    shown = Decimal(size)
    for unit in ("KB", "MB", "GB"):
        shown /= KIBI
        rounded = shown.quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)
        if rounded < KIBI or unit == "GB":
            break
    return f"{number(rounded).removesuffix(',0')} {unit}"


@lru_cache(MOST_REMEMBERED)
def cell_words(cell: str, days: int | None = None) -> str:
    """Return the words of a status cell (interface, table of statuses).

    `cell` is one of CELL_WORDS, else KeyError. `days` is how many days the task is late, or waits for
    confirmation; None or 0 leaves the number out, which is how the words name a whole column.
    """
    words = str(CELL_WORDS[cell])
    if not days:
        return words
    if cell in ("not_started_overdue", "in_progress_overdue"):
        return gettext("%(words)s %(days)s ngày", words=words, days=number(days))
    if cell == "awaiting_confirmation":
        return gettext("%(words)s (%(days)s ngày)", words=words, days=number(days))
    if cell == "completed_late":
        return gettext("%(words)s (muộn %(days)s ngày)", words=words, days=number(days))
    return words


@lru_cache(MOST_REMEMBERED)
def paper_name(kind: str, number: str | None = None) -> str:
    """Return what a directive is called: "Công văn 254/UBND-NV"; its kind alone when it has no number."""
    words = gettext(KINDS_OF_DIRECTIVE.get(kind, kind))
    return f"{words} {number}" if number else words


def cut(text: str, most: int) -> str:
    """Return a text of at most `most` characters, "…" for what follows its last whole word.

    Dots and commas before the cut are left out, so that a line of dots to be filled in does not run on.
    """
    if len(text) <= most:
        return text
    kept = text[: most - 1]
    if not text[most - 1].isspace() and (blank := kept.rfind(" ")) > 0:
        kept = kept[:blank]
    return kept.rstrip(" .,;:…–-") + "…"


@lru_cache(MOST_REMEMBERED)
def status_mark(view: StatusView, soon: int) -> Markup:
    """Return `status` of the component, drawn once for each view."""
    component: Any = current_app.jinja_env.get_template("components/status.html").module
    return cast(Markup, component.status(view, soon))


def register(app: Flask) -> None:
    """Give the templates of `app` these filters, and `B4_CELLS` as a global."""
    for function in (
        day, moment, weekday, number, percent, filesize, cell_words, paper_name, cut, status_mark,
    ):  # fmt: skip
        app.add_template_filter(function)
    app.jinja_env.globals["B4_CELLS"] = B4_CELLS


def _in_vietnam(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError(f"a moment without a time zone: {value!r}")
    return value.astimezone(VIETNAM)
