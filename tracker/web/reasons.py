"""Why a task stands in its cell of B.4 on a day, in words: what a number counts, and the facts of a task."""

from __future__ import annotations

from datetime import date
from typing import Any

from tracker.language import gettext as _
from tracker.language import lazy_gettext
from tracker.rules.status import Cell, State, days_overdue
from tracker.rules.words import CHOICE_TITLES, RATE_TITLES
from tracker.web.filters import day as day_words

CHOICE_WORDS = {word: lazy_gettext(text) for word, text in CHOICE_TITLES.items()}
"""What a number of B.4 counts, by its word in the address; a cell by the heads of its column."""

RATE_WORDS = tuple(map(lazy_gettext, RATE_TITLES))
"""The names of the three completion rates, in the order of `B4Table.rates`."""

STATE_WORDS = {
    State.DRAFT: lazy_gettext("Dự thảo"),
    State.NOT_STARTED: lazy_gettext("Chưa thực hiện"),
    State.IN_PROGRESS: lazy_gettext("Đang thực hiện"),
    State.AWAITING_CONFIRMATION: lazy_gettext("Đã báo cáo hoàn thành, chờ xác nhận"),
    State.COMPLETED: lazy_gettext("Đã hoàn thành (đã xác nhận)"),
    State.CANCELLED: lazy_gettext("Đã thu hồi"),
}
"""What is stored of a task's way, in words."""


def why_there(facts: Any, *, cell: Cell, day: date) -> str:
    """Return the sentence for facts (`state`, `due_on`, `reported_on`) of the day `day`.

    For example “báo cáo ngày 05/06/2022, hạn 31/05/2022 → quá hạn 5 ngày”.
    """
    days = days_overdue(facts, day=day)
    told = []
    if facts.state in (State.AWAITING_CONFIRMATION, State.COMPLETED) and facts.reported_on:
        told.append(_("báo cáo ngày %(day)s", day=day_words(facts.reported_on)))
    told.append(_("hạn %(day)s", day=day_words(facts.due_on)) if facts.due_on else _("không thời hạn"))
    match cell:
        case Cell.NOT_STARTED_OVERDUE | Cell.IN_PROGRESS_OVERDUE | Cell.COMPLETED_LATE:
            verdict = _("quá hạn %(days)s ngày", days=days)
        case Cell.COMPLETED_ON_TIME:
            verdict = _("đúng hạn")
        case Cell.AWAITING_CONFIRMATION:
            verdict = _("chờ xác nhận, báo cáo chậm %(days)s ngày", days=days) if days else _("chờ xác nhận")
        case _:
            verdict = _("chưa đến hạn")
    return _("%(facts)s → %(verdict)s", facts=", ".join(told), verdict=verdict)


def stretch_words() -> list[str]:
    """Return the stretches of days for which reported tasks wait, in the order of `rules.waiting.LIMITS`."""
    return [
        _("hôm nay – 1 ngày"), _("2 – 3 ngày"), _("4 – 7 ngày"), _("8 – 14 ngày"), _("15 – 30 ngày"),
        _("trên 30 ngày"),
    ]  # fmt: skip
