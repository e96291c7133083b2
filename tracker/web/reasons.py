"""Why a task stands in its cell of B.4 on a day, as a sentence made of its facts."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask_babel import gettext as _

from tracker.rules.status import Cell, State, days_overdue
from tracker.web.filters import day as day_words


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
