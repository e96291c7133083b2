"""A task and a list as a few lines of plain text that stand alone: to send by Zalo, and in calendars."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, time
from typing import Any, NamedTuple

from flask import current_app

from tracker.language import gettext as _
from tracker.queries.tasks import StatusView
from tracker.web.filters import cell_words, day, number, paper_name, weekday

TASK_LETTERS = 200
LINE_LETTERS = 100
"""Of a task's content, in a message about one task and in a line of a list."""
FILTER_LETTERS = 160
MOST_TASKS = 3
"""Tasks of a list that a message of five lines names."""


class Told(NamedTuple):
    """A task in a list, with its status of the day."""

    content: str
    unit_name: str
    due_on: date | None
    due_time: time | None
    status: StatusView


def full_address(path: str) -> str:
    """Return the address of a page of this installation as a message carries it."""
    return f"{current_app.config['BASE_URL']}{path}"


def one_line(text: str, *, most: int | None = None) -> str:
    """Return a text in one line without control signs, of at most `most` letters, cut between words."""
    words = " ".join(text.split())
    if not words.isprintable():
        words = "".join(letter for letter in words if letter.isprintable())
    if most is None or len(words) <= most:
        return words
    kept, _blank, begun = words[: most - 1].rpartition(" ")
    return f"{(kept or begun).rstrip(' ,;.:')}…"


def deadline_words(due_on: date | None, due_time: time | None) -> str:
    """Return a deadline with its day of the week: “14:00 thứ Sáu 20/03/2026”, “không thời hạn”."""
    if due_on is None:
        return _("không thời hạn")
    hour = f"{due_time:%H:%M} " if due_time else ""
    return f"{hour}{weekday(due_on)} {day(due_on)}"


def standing_words(status: StatusView) -> str:
    """Return the status of a task and how far its deadline is, as a sentence goes on."""
    words = cell_words(status.cell, status.days)
    if status.due_today:
        return _("%(words)s, hạn hôm nay", words=words)
    if status.working_days_left:
        return _("%(words)s, còn %(days)s ngày làm việc", words=words, days=number(status.working_days_left))
    return words


def paper_words(kind: str, paper_number: str | None, issued_on: date, item: str | None) -> str:
    """Return a directive as it is cited, with the item that a task comes from."""
    paper = _("%(paper)s ngày %(day)s", paper=paper_name(kind, paper_number), day=day(issued_on))
    return _("%(paper)s, mục %(item)s", paper=paper, item=item) if item else paper


def message_of_task(task: Any, *, status: StatusView, url: str) -> str:
    """Return five lines about one task: what, who, until when, from which paper, where."""
    unit = one_line(task.unit.name)
    lead = _("Chủ trì: %(unit)s", unit=unit)
    if task.officer:
        lead = _("Chủ trì: %(unit)s (%(officer)s)", unit=unit, officer=one_line(task.officer.name))
    paper = task.directive
    cited = paper_words(paper.kind, paper.number, paper.issued_on, task.item)
    return "\n".join(
        [
            _("Nhiệm vụ: %(content)s", content=one_line(task.content, most=TASK_LETTERS)),
            lead,
            _("Thời hạn: %(deadline)s – %(standing)s", deadline=deadline_words(task.due_on, task.due_time),
              standing=_begun_small(standing_words(status))),
            _("Theo: %(paper)s", paper=one_line(cited)),
            url,
        ]
    )  # fmt: skip


def message_of_list(
    tasks: Sequence[Told], *, total: str, more: str | None, filters: Sequence[str], on: date, url: str
) -> str:
    """Return at most five lines about a list: how many, its first three tasks, how many more, where.

    `tasks` are the first of the list; `total` and `more` (those not named, None for none) are numbers in
    words, `filters` what the list is narrowed to.
    """
    narrowed = one_line("; ".join(filters), most=FILTER_LETTERS)
    values = {"total": total, "filters": narrowed, "day": day(on)}
    head = _("%(total)s nhiệm vụ, đến ngày %(day)s:", **values)
    if narrowed:
        head = _("%(total)s nhiệm vụ (%(filters)s), đến ngày %(day)s:", **values)
    lines = [f"{place}. {_line(task)}" for place, task in enumerate(tasks[:MOST_TASKS], 1)]
    where = _("Xem: %(url)s", url=url)
    if more:
        where = _("Và %(more)s nhiệm vụ khác: %(url)s", more=more, url=url)
    return "\n".join([head[:1].upper() + head[1:], *lines, where])


def _line(task: Told) -> str:
    hour = f"{task.due_time:%H:%M} " if task.due_time else ""
    deadline = _("không thời hạn")
    if task.due_on:
        deadline = _("hạn %(moment)s", moment=f"{hour}{day(task.due_on)}")
    return _("%(content)s – %(unit)s – %(deadline)s, %(standing)s",
             content=one_line(task.content, most=LINE_LETTERS), unit=one_line(task.unit_name),
             deadline=deadline, standing=_begun_small(standing_words(task.status)))  # fmt: skip


def _begun_small(words: str) -> str:
    return words[:1].lower() + words[1:]
