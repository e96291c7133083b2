"""A list of tasks as Excel or CSV, in the columns of a brought sheet: at once, or ordered when it is long."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from tracker.files.sheet import MEDIA_TYPE, Cell
from tracker.files.task_sheet import task_list, task_list_csv
from tracker.language import gettext as _
from tracker.models.people import User
from tracker.operations.exports.file import File
from tracker.queries.home import Days
from tracker.queries.settings import all_settings, working_calendar
from tracker.queries.sheets import sheet_facts
from tracker.queries.standing import roles_on
from tracker.queries.task_filter import ROLES, STATES, TIMELINESS, WAITS, Filter, Scope
from tracker.queries.task_list import SORTS, count_of, page_of
from tracker.queries.tasks import TaskRow
from tracker.rules.status import Cell as StatusCell
from tracker.rules.task_fields import STATE_WORDS

MOST = 100_000
"""Tasks of one file; a longer list says so."""
FORMS = ("xlsx", "csv")
_AT_ONCE = 500

_WORDS: Mapping[str, Sequence[str]] = {
    "state": tuple(STATES), "timeliness": TIMELINESS, "wait": WAITS, "role": ROLES,
}  # fmt: skip
_IDS = ("unit", "directive", "officer")
_DAYS = ("due_from", "due_to")
ASKED = (*_WORDS, *_IDS, *_DAYS, "cell", "field", "assigners", "q", "sort")
"""The words of an order that narrow the list."""


def words_of(chosen: Filter, sort: str) -> dict[str, str]:
    """Return a filter as plain words, as an order keeps it."""
    found: dict[str, Any] = {name: getattr(chosen, name) for name in (*_WORDS, *_IDS, "field")}
    found |= {name: day.isoformat() for name in _DAYS if (day := getattr(chosen, name))}
    found |= {
        "cell": chosen.cell.value if chosen.cell else None, "q": chosen.text, "sort": sort,
        "assigners": ".".join(map(str, chosen.assigner)),
    }  # fmt: skip
    return {name: str(value) for name, value in found.items() if value}


def filter_of(words: Mapping[str, Any]) -> Filter:
    """Return the filter that `words_of` wrote; raise `ValueError` for other words."""
    known: dict[str, Any] = {name: words.get(name) or None for name in (*_WORDS, "field")}
    for name, values in _WORDS.items():
        if known[name] is not None and known[name] not in values:
            raise ValueError(name)
    known |= {name: int(words[name]) if words.get(name) else None for name in _IDS}
    known |= {name: date.fromisoformat(words[name]) if words.get(name) else None for name in _DAYS}
    cell, assigners = words.get("cell"), words.get("assigners")
    return Filter(
        **known, cell=StatusCell(cell) if cell else None, text=words.get("q") or "",
        assigner=tuple(int(each) for each in assigners.split(".")) if assigners else (),
    )  # fmt: skip


def file_of(
    form: str, rows: Sequence[TaskRow], *, made_on: date, is_cut: bool,
    wrote: Callable[[int], None] = lambda tasks: None,
) -> File:  # fmt: skip
    """Return listed tasks as a file, one of `FORMS`, that can be brought back.

    `wrote` is told how many tasks are read.
    """
    lines: list[list[Cell]] = []
    for begin in range(0, len(rows), _AT_ONCE):
        part = rows[begin : begin + _AT_ONCE]
        for row, facts in zip(part, sheet_facts(part), strict=True):
            lines.append([
                facts.key, str(len(lines) + 1), row.directive_number, facts.issued_on, facts.subject,
                row.item, row.content, row.unit_name, facts.coordinating, row.officer_name, facts.leader,
                row.given_on, f"{row.due_on:%d/%m/%Y}" if row.due_on else _("không thời hạn"), row.product,
                _(STATE_WORDS[row.state]), row.reported_on, facts.result, None,
            ])  # fmt: skip
        wrote(len(lines))
    note = _("Tệp chỉ có %(count)s nhiệm vụ đầu tiên. Hãy lọc hẹp hơn.", count=len(rows)) if is_cut else None
    if form == "csv":
        return File("nhiem-vu.csv", "text/csv; charset=utf-8", task_list_csv(lines, note=note))
    return File("nhiem-vu.xlsx", MEDIA_TYPE, task_list(lines, made_on=made_on, note=note))


@dataclass(frozen=True)
class TaskListSource:
    """The tasks that a person sees on a day, narrowed as they asked."""

    user: User
    chosen: Filter
    sort: str
    today: date
    forms = FORMS

    @property
    def title(self) -> str:
        """What the file is of, for people."""
        return _("Danh sách nhiệm vụ ngày %(day)s", day=f"{self.today:%d/%m/%Y}")

    @property
    def reach(self) -> list[str]:
        """What the person saw the tasks by: their unit, and the roles that they hold."""
        held = {f"{each.role.value} {each.unit_id}" for each in roles_on(self.user, self.today)}
        return sorted({f"unit {self.user.unit_id}", *held})

    def count(self) -> int:
        """Return how many tasks the file will hold."""
        return count_of(self._scope(), self.chosen, most=MOST)

    def write(self, form: str, wrote: Callable[[int], None]) -> File:
        """Return the list as a file; which tasks it has is read at one moment."""
        rows, following = page_of(self._scope(), self.chosen, sort=self.sort, most=MOST)
        return file_of(form, rows, made_on=self.today, is_cut=following is not None, wrote=wrote)

    def _scope(self) -> Scope:
        settings = all_settings()
        days = Days.around(
            self.today, calendar=working_calendar(), due_soon=settings["due_soon_days"],
            silent=settings["silent_days"],
        )  # fmt: skip
        return Scope(self.user, today=self.today, days=days)


def find(asked: Mapping[str, Any], user: User, today: date) -> TaskListSource | None:
    """Return the list that is asked for, None for words that cannot be read."""
    sort = asked.get("sort", "due")
    try:
        chosen = filter_of(asked)
    except (ValueError, TypeError, AttributeError):
        return None
    return TaskListSource(user, chosen, sort, today) if sort in SORTS else None
