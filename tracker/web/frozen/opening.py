"""The blueprint of frozen B.4, and how one of them is opened for a person."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any, NamedTuple

from flask import Blueprint, abort, g, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tracker.files.b4_words import move_words
from tracker.language import gettext as _
from tracker.queries.b4 import moves_of
from tracker.queries.frozen import Opened, Unreadable, links_of, open_frozen
from tracker.rules.b4_report import B4Report, CountedTask
from tracker.rules.b4_table import B4Row, Grouping
from tracker.web.access import me
from tracker.web.b4_question import GROUPING_WORDS
from tracker.web.reasons import why_there

bp = Blueprint("frozen", __name__)

PAGE = 100
"""Tasks on one page behind a number."""


class View(NamedTuple):
    """How a frozen table is grouped, by the words `group` and `folded` of the address."""

    grouping: Grouping
    folded: bool

    @property
    def words(self) -> dict[str, Any]:
        """The words of an address; the usual form needs none."""
        group = self.grouping.value if self.grouping is not Grouping.UNIT else None
        return {"group": group, "folded": 1 if self.folded else None}

    @property
    def head(self) -> str:
        """What stands above the names of the rows."""
        return _("Đơn vị") if self.grouping is Grouping.UNIT else str(GROUPING_WORDS[self.grouping])


class Days(NamedTuple):
    """The days that a page names, as templates/reports/_notes.html asks for them."""

    first: date
    last: date
    on: date
    folded: bool


class Line(NamedTuple):
    """A frozen task, why it is counted where it is, and its page where that exists and is open."""

    task: CountedTask
    unit_name: str
    why: str
    url: str | None
    moved: str
    """How it came to its lead unit, where that was within the period; "" for most."""


def load(frozen_id: int) -> Opened:
    """Return a frozen B.4 of which the person may see at least a part; 404 for any other."""
    opened = open_frozen(frozen_id, me(), day=g.today)
    return opened if opened is not None else abort(404)


def read_view() -> View:
    """Return how the address groups the table; 404 for a word that is none."""
    group = request.args.get("group") or Grouping.UNIT.value
    if group not in set(Grouping):
        abort(404)
    grouping = Grouping(group)
    return View(grouping, request.args.get("folded") == "1" and grouping is Grouping.UNIT)


def read_start() -> int:
    """Return how many lines of a list the address passes over (`after`), 0 where it names no number."""
    word = request.args.get("after", "")
    return int(word) if word.isascii() and word.isdecimal() and len(word) < 9 else 0


def days_of(report: B4Report, view: View) -> Days:
    """Return the days of a report."""
    return Days(report.first, report.last, report.on, view.folded)


def lines_of(report: B4Report, tasks: Collection[CountedTask]) -> list[Line]:
    """Return tasks of a report as a list shows them.

    The report does not hold from which unit a task came: the stretches of days up to its cut-off day tell.
    """
    ids = links_of([task.key for task in tasks], me(), day=g.today)
    moves = moves_of(report, [task.key for task in tasks])
    return [
        Line(
            task, report.unit_name(task.unit), why_there(task, cell=task.cell, day=report.on),
            url_for("tasks.show", task_id=ids[task.key]) if task.key in ids else None,
            move_words(moves[task.key]) if task.key in moves else "",
        )
        for task in tasks
    ]  # fmt: skip


def address(
    endpoint: str, opened: Opened, view: View, row: B4Row | str | None = None, **values: Any
) -> str:
    """Return the address of a page of a frozen B.4, of one row where it or its key is given."""
    if row is not None:
        values["row"] = row if isinstance(row, str) else row.key
    return url_for(f"frozen.{endpoint}", frozen_id=opened.kept.id, **view.words, **values)


@bp.errorhandler(Unreadable)
def show_damaged(error: Unreadable) -> ResponseReturnValue:
    """Say of a report whose data are damaged what is known of it."""
    return render_template("frozen/damaged.html", kept=error.kept), 409
