"""The rows of the list of tasks as HTML.

A page has fifty of them. In a template each passes through a hundred and twenty calls, most of which escape
what was escaped before: names, labels, the mark of a status. Here these are escaped once.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from markupsafe import Markup, escape

from tracker.language import gettext as _
from tracker.queries.tasks import StatusView, TaskRow
from tracker.web.filters import cut, day, paper_name, status_mark
from tracker.web.task_links import address_parts

LONGEST_CONTENT, LONGEST_WORD = 180, 90
"""Characters of the content of a task, and of the last word on it, that a row shows."""

_name = lru_cache(1_024)(escape)
"""Names of units, persons and papers: few of them, in many rows."""


class Line(NamedTuple):
    """One row of the list with its status of today."""

    task: TaskRow
    status: StatusView


def list_rows(lines: Iterable[Line], *, soon: int) -> Markup:
    """Return the rows of a list; a deadline within `soon` working days is marked as near."""
    before, after = map(escape, address_parts())
    unit, due, status, last = (
        f'<td data-label="{escape(label)}">'
        for label in (_("Đơn vị chủ trì"), _("Thời hạn"), _("Trạng thái"), _("Diễn biến gần nhất"))
    )
    due = due.replace("<td ", '<td class="day" ')
    undated = escape(_("không thời hạn"))
    wants_extension, wants_return = _below(_("xin gia hạn")), _below(_("xin trả lại"))
    rows = []
    for task, view in lines:
        paper = _name(paper_name(task.directive_kind, task.directive_number))
        if task.item:
            paper += ", " + escape(_("mục %(item)s", item=task.item))
        officer = _below(task.officer_name) if task.officer_name else ""
        asks = f"{wants_extension if task.asks_extension else ''}{wants_return if task.asks_return else ''}"
        word = f": {escape(cut(task.last_word, LONGEST_WORD))}" if task.last_word else ""
        rows.append(
            f'<tr>\n    <th scope="row"><a href="{before}{task.id}{after}">'
            f'{escape(cut(task.content, LONGEST_CONTENT))}</a><br><span class="muted">{paper}</span></th>\n'
            f"    {unit}{_name(task.unit_name)}{officer}</td>\n"
            f"    {due}{day(task.due_on) or undated}</td>\n"
            f"    {status}{status_mark(view, soon)}{asks}</td>\n"
            f"    {last}{day(task.last_event_on)}{word}</td>\n  </tr>"
        )
    return Markup("\n  ".join(rows))  # noqa: S704 - all that is not the program's is escaped above


def _below(words: str) -> str:
    return f'<br><span class="muted">{_name(words)}</span>'
