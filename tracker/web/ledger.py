"""The ledger as proof: of a task, of a unit, of a person: who was told when, and whether it arrived."""

from __future__ import annotations

from typing import Any, NamedTuple

from flask import Blueprint, abort, g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import ColumnElement, select

from tracker.models import db
from tracker.models.mail import Reminder
from tracker.models.people import User
from tracker.models.task import Task
from tracker.models.units import Unit
from tracker.queries.ledger import MOST_PRINTED, Told, times_reminded, told_in_order, told_page
from tracker.queries.standing import tasks_visible_to
from tracker.queries.units import names_above
from tracker.rules.papers import issuing_body, place_of
from tracker.rules.permissions import Permission
from tracker.web.access import LARGEST_ID, load_task, requires
from tracker.web.told import delivery_words, rung_words, times_words

bp = Blueprint("ledger", __name__)


class Line(NamedTuple):
    """One line of the ledger with its words."""

    told: Told
    why: str
    result: str


@bp.get("/nhiem-vu/<id:task_id>/nhac-viec")
@requires(Permission.SIGNED_IN)
def task(task_id: int) -> ResponseReturnValue:
    """Show who was reminded of a task to who may see the task."""
    found = load_task(task_id)
    here = url_for("ledger.task", task_id=task_id)
    condition = Reminder.task_id == task_id
    return _page("ledger/task.html", condition, here=here, task=found, sentence=_sentence(task_id))


@bp.get("/nhiem-vu/<id:task_id>/nhac-viec/in")
@requires(Permission.SIGNED_IN)
def task_print(task_id: int) -> ResponseReturnValue:
    """Show the ledger of a task as a sheet of paper."""
    found = load_task(task_id)
    return _sheet(
        Reminder.task_id == task_id, back=url_for("ledger.task", task_id=task_id), about=found.content,
        task=found, sentence=_sentence(task_id),
    )  # fmt: skip


@bp.get("/nhac-viec/don-vi/<id:unit_id>")
@requires(Permission.SIGNED_IN)
def unit(unit_id: int) -> ResponseReturnValue:
    """Show who was reminded of the tasks that a unit leads, of those that the person sees."""
    found = _unit(unit_id)
    here = url_for("ledger.unit", unit_id=unit_id)
    return _page("ledger/many.html", _of_unit(unit_id), here=here, about=found)


@bp.get("/nhac-viec/don-vi/<id:unit_id>/in")
@requires(Permission.SIGNED_IN)
def unit_print(unit_id: int) -> ResponseReturnValue:
    """Show the ledger of a unit as a sheet of paper."""
    found = _unit(unit_id)
    return _sheet(_of_unit(unit_id), back=url_for("ledger.unit", unit_id=unit_id), about=found.name)


@bp.get("/nhac-viec/nguoi/<id:user_id>")
@requires(Permission.SIGNED_IN)
def person(user_id: int) -> ResponseReturnValue:
    """Show what a person was reminded of, of the tasks that the reader sees."""
    found = _person(user_id)
    here = url_for("ledger.person", user_id=user_id)
    return _page("ledger/many.html", _to(user_id), here=here, about=found)


@bp.get("/nhac-viec/nguoi/<id:user_id>/in")
@requires(Permission.SIGNED_IN)
def person_print(user_id: int) -> ResponseReturnValue:
    """Show the ledger of a person as a sheet of paper."""
    found = _person(user_id)
    return _sheet(_to(user_id), back=url_for("ledger.person", user_id=user_id), about=found.name)


def _of_unit(unit_id: int) -> ColumnElement[bool]:
    return (Task.unit_id == unit_id) & tasks_visible_to(g.user, day=g.today)


def _to(user_id: int) -> ColumnElement[bool]:
    return (Reminder.user_id == user_id) & tasks_visible_to(g.user, day=g.today)


def _unit(unit_id: int) -> Unit:
    """Return a unit that leads a task the person sees; 404 for any other."""
    found = db.session.get(Unit, unit_id)
    if found is None or db.session.scalar(select(Task.id).where(_of_unit(unit_id)).limit(1)) is None:
        abort(404)
    return found


def _person(user_id: int) -> User:
    """Return the reader, or somebody who was told of a task that the reader sees; 404 for any other."""
    found = db.session.get(User, user_id)
    told = select(Reminder.id).join(Task, Task.id == Reminder.task_id).where(_to(user_id)).limit(1)
    if found is None or (user_id != g.user.id and db.session.scalar(told) is None):
        abort(404)
    return found


def _sentence(task_id: int) -> str:
    return times_words(times_reminded([task_id]).get(task_id, ()))


def _lines(rows: list[Told]) -> list[Line]:
    return [Line(row, rung_words(row.rung), delivery_words(row, now=g.now)) for row in rows]


def _page(
    template: str, condition: ColumnElement[bool], *, here: str, about: Any = None, task: Any = None,
    sentence: str = "",
) -> ResponseReturnValue:  # fmt: skip
    """Show one page of the ledger, the newest first; `?truoc=` is the id that the page before ended with."""
    typed = request.args.get("truoc", "")
    number = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 11 else 0
    before = number if 0 < number <= LARGEST_ID else None
    rows, following = told_page(condition, before=before)
    return render_template(
        template, lines=_lines(rows), own_id=g.user.id, about=about, task=task, sentence=sentence,
        print_url=f"{here}/in", next_url=f"{here}?truoc={following}" if following else None,
        first_url=here if before else None,
    )  # fmt: skip


def _sheet(
    condition: ColumnElement[bool], *, back: str, about: str, task: Any = None, sentence: str = ""
) -> ResponseReturnValue:
    """Show the ledger on paper, in the order in which it was told."""
    rows = told_in_order(condition)
    own = g.user.unit
    above = names_above(own)
    body = issuing_body(own.name, above)
    return render_template(
        "ledger/print.html", lines=_lines(rows), about=about, task=task, sentence=sentence, back_url=back,
        issuer=" ".join(body.lines), issuer_superior=body.superior or None,
        place=place_of([own.name, *above]), day=g.today, landscape=True,
        is_cut=len(rows) == MOST_PRINTED, most=MOST_PRINTED,
    )  # fmt: skip
