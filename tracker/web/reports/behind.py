"""The tasks that a number of B.4 counts, each with the facts of the cut-off day that put it there."""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

from flask import abort, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tracker.files.b4_words import move_words
from tracker.language import gettext as _
from tracker.queries import b4 as queries
from tracker.queries.b4 import Behind, Question
from tracker.rules.b4_table import CHOICES
from tracker.rules.permissions import Permission
from tracker.rules.status import CELLS
from tracker.rules.waiting import LIMITS
from tracker.web.access import LARGEST_ID, requires
from tracker.web.b4_links import address_of
from tracker.web.b4_question import GROUPING_WORDS, read_question
from tracker.web.filters import day as day_words
from tracker.web.reading import reads_reports
from tracker.web.reasons import CHOICE_WORDS, stretch_words, why_there
from tracker.web.reports.blueprint import bp

COLUMNS = frozenset({*(each.value for each in CELLS), "all"})
"""The choices that are a column of the table; the others are figures below it."""

NARROWED = ("row", "undated", "waiting")
"""Words of the address, besides the cell, that say which tasks are shown."""
PAGE = 100
"""Tasks on one page behind a number."""


class BehindLine(NamedTuple):
    """A task behind a number, with the sentence that says why it is counted there."""

    task: Behind
    url: str
    why: str
    why_url: str
    moved: str
    """How it came to its lead unit, where that was within the period; "" for most."""


@bp.get("/bieu-b4/nhiem-vu")
@requires(Permission.SEE_REPORTS)
@reads_reports
def b4_tasks() -> ResponseReturnValue:
    """Show the tasks that a number of B.4 counts: `row` (all rows without it), `cell`, `undated`, `waiting`.

    `waiting` is the place of one of the stretches of days for which reported tasks have waited.
    """
    asked = read_question()
    cell, undated = request.args.get("cell", "all"), request.args.get("undated") == "1"
    if cell not in CHOICES:
        abort(404)
    question, key, waiting = asked.question, request.args.get("row"), _read_stretch()
    row_name = None
    if key is not None and (row_name := queries.row_name(question, key)) is None:
        abort(404)
    behind = queries.tasks_behind(
        question, row_key=key, cell=cell, without_deadline=undated, waiting=waiting
    )
    tasks, following = queries.read_behind(
        behind, first=question.first, on=question.on, after=_read_place(), most=PAGE
    )
    here: dict[str, Any] = {name: request.args[name] for name in NARROWED if name in request.args}
    here["cell"] = cell
    after = following and f"{following[0].isoformat()}.{following[1]}"

    def place(**values: Any) -> str:
        return address_of(question, "reports.b4_tasks", compare=asked.compare, **here, **values)

    return render_template(
        "reports/b4_tasks.html", question=question, row_name=row_name, assigner=asked.assigner,
        row_head=GROUPING_WORDS[question.grouping], is_folded=question.folded and key is not None,
        choice=_choice_words(cell, waiting, undated=undated),
        is_column=cell in COLUMNS and not undated and waiting is None, count=queries.count(behind),
        lines=[_line(task, question) for task in tasks],
        back_url=address_of(question, compare=asked.compare),
        next_url=after and place(after=after), first_url=request.args.get("after") and place(),
    )  # fmt: skip


def _read_stretch() -> int | None:
    """Return the stretch of waiting that the address names, None for none; 404 for one that is none."""
    word = request.args.get("waiting")
    if word is None:
        return None
    places = [str(place) for place in range(len(LIMITS) + 1)]
    return places.index(word) if word in places else abort(404)


def _choice_words(cell: str, waiting: int | None, *, undated: bool) -> str:
    if undated:
        return _("Không thời hạn")
    if waiting is None:
        return str(CHOICE_WORDS[cell])
    return _("%(cell)s, đã %(days)s", cell=CHOICE_WORDS[cell], days=stretch_words()[waiting])


def _read_place() -> tuple[date, int] | None:
    """Return the place in the list that the address names, None for its beginning or a place that is none."""
    day, _dot, number = request.args.get("after", "").partition(".")
    try:
        place = date.fromisoformat(day), int(number)
    except ValueError:
        return None
    return place if 0 < place[1] <= LARGEST_ID else None


def _line(task: Behind, question: Question) -> BehindLine:
    period: dict[str, Any] = {"tu": day_words(question.first), "den": day_words(question.last)}
    return BehindLine(
        task=task,
        url=url_for("tasks.show", task_id=task.task_id),
        why=why_there(task, cell=task.cell, day=question.on),
        why_url=url_for("tasks.why", task_id=task.task_id, ngay=day_words(question.on), **period),
        moved=move_words(task.moved) if task.moved else "",
    )
