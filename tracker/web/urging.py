"""Urging by hand: the units that are behind, the page that urges one, the letter, and what was urged."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from flask import Blueprint, abort, flash, g, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import ColumnElement, select

from tracker.files.paper import MEDIA_TYPE
from tracker.files.urging_letter import LetterTask, UrgingLetter
from tracker.language import gettext as _
from tracker.language import lazy_gettext
from tracker.models import db
from tracker.models.task import Task
from tracker.models.units import Unit
from tracker.operations.urging import MOST_TASKS, recipients, urge
from tracker.queries.ledger import times_reminded
from tracker.queries.standing import tasks_given_by, tasks_visible_to
from tracker.queries.units import names_above
from tracker.queries.urging import (
    Behind,
    UrgedTask,
    Urging,
    mails_of,
    units_behind,
    urged_on,
    urged_tasks,
    urging,
    urging_of_token,
)
from tracker.rules.permissions import Permission
from tracker.rules.status import State, days_overdue, overdue_sql
from tracker.rules.text import fold
from tracker.rules.workflow import Action, WrongState, require_state
from tracker.web.access import load_task, requires
from tracker.web.filters import day, paper_name
from tracker.web.forms import ChoicesField, DayField, Form, as_choices, paragraphs, required, say
from tracker.web.told import delivery_words

bp = Blueprint("urging", __name__)

MOST_WORDS = 1_000
"""Longest words of one's own: with them a mail stays small enough for every server."""

DRAFT = "du-thao"
"""The second button of the form: the letter alone, and nothing is sent."""


def asked_by_operation(_form: Any, _field: Any) -> None:
    """Keep a field from being called one that may stay empty: a task that is urged again asks for it."""


class UrgeForm(Form):
    """Which tasks to urge, in which words, and by when an answer is asked for."""

    tasks = ChoicesField(lazy_gettext("Nhiệm vụ"), [required(lazy_gettext("Chọn ít nhất một nhiệm vụ."))])
    words = paragraphs(lazy_gettext("Lời đôn đốc"), most=MOST_WORDS)
    reply_by = DayField(lazy_gettext("Đề nghị báo cáo chậm nhất ngày"))
    again = paragraphs(lazy_gettext("Lý do đôn đốc lại trong ngày"), asked_by_operation, most=500)


@bp.get("/don-doc")
@requires(Permission.SIGNED_IN)
def index() -> ResponseReturnValue:
    """Show the units with overdue tasks that the person may urge, the worst first."""
    rows = units_behind(tasks_given_by(g.user, day=g.today), day=g.today)
    return render_template(
        "urging/index.html", rows=rows, several_assigners=len({row.assigner_id for row in rows}) > 1
    )


@bp.route("/don-doc/don-vi/<id:unit_id>", methods=["GET", "POST"])
@requires(Permission.SIGNED_IN)
def unit(unit_id: int) -> ResponseReturnValue:
    """Urge a unit about what it is late with; `?giao=` is the id of the assigner where there are several."""
    given = tasks_given_by(g.user, day=g.today)
    of_unit = Task.unit_id == unit_id
    found = db.session.get(Unit, unit_id)
    if found is None or db.session.scalar(select(Task.id).where(of_unit, given).limit(1)) is None:
        abort(404)
    behind = units_behind(given & of_unit, day=g.today)
    chosen = _chosen_assigner(behind)
    back = url_for("urging.index")
    if chosen is None:
        return render_template("urging/nothing.html", unit=found, back=back)
    conditions = (of_unit, given, Task.assigner_id == chosen.assigner_id, overdue_sql(Task, day=g.today))
    others = [each for each in behind if each is not chosen]
    return _urge_page(urged_tasks(*conditions, most=MOST_TASKS), back=back, others=others)


def _chosen_assigner(behind: Sequence[Behind]) -> Behind | None:
    asked = request.args.get("giao", "")
    return next((each for each in behind if str(each.assigner_id) == asked), behind[0] if behind else None)


@bp.route("/nhiem-vu/<id:task_id>/don-doc", methods=["GET", "POST"])
@requires(Permission.SIGNED_IN)
def one(task_id: int) -> ResponseReturnValue:
    """Urge the unit about one task, overdue or not."""
    task = load_task(task_id, Action.URGE)
    back = url_for("tasks.show", task_id=task_id)
    try:
        require_state(Action.URGE, task.state)
    except WrongState as refusal:
        flash(say(refusal), "warning")
        return redirect(back, 303)
    return _urge_page(urged_tasks(Task.id == task_id), back=back)


def _urge_page(
    tasks: Sequence[UrgedTask], *, back: str, others: Sequence[Behind] = ()
) -> ResponseReturnValue:
    """Show the form for these tasks of one unit and one assigner, and take it."""
    form = UrgeForm()
    today = urged_on([task.id for task in tasks], g.today)
    form.tasks.choices = as_choices([(str(task.id), task.content) for task in tasks])
    if not today:
        del form.again
    if not form.is_submitted():
        fresh = [task for task in tasks if task.id not in today]
        form.tasks.data = [str(task.id) for task in fresh or tasks]
    elif form.validate_on_submit():
        chosen = [task for task in tasks if str(task.id) in form.tasks.data]
        if request.form.get("do") == DRAFT:
            return _letter_file(
                chosen, unit_name=chosen[0].unit_name, on=g.today, before=g.now, words=form.words.data,
                reply_by=form.reply_by.data,
            )  # fmt: skip
        with form.refusals():
            _urge(form, chosen)
        if not form.was_refused and (urging_id := urging_of_token(form.stamp().token)):
            return redirect(url_for("urging.show", urging_id=urging_id), 303)
    times = times_reminded([task.id for task in tasks])
    people = recipients(tasks[0].unit_id, tasks, day=g.today, besides=g.user.id)
    page = render_template(
        "urging/form.html", form=form, tasks=tasks, back=back, others=others, urged_today=today,
        people=people, days={task.id: days_overdue(task, day=g.today) for task in tasks},
        times={task.id: len(times.get(task.id, ())) for task in tasks}, draft=DRAFT,
    )  # fmt: skip
    return page, 422 if form.errors or form.form_errors else 200


def _urge(form: UrgeForm, chosen: Sequence[UrgedTask]) -> None:
    """Urge; nothing comes back, as a second click of a double click finds the urging of the first."""
    rows = {task.id: task for task in db.session.scalars(select(Task).where(_is_one_of(chosen)))}
    urge(
        [rows[each.id] for each in chosen], stamp=form.stamp(), words=form.words.data,
        reply_by=form.reply_by.data, again=form.again.data if "again" in form else None,
    )  # fmt: skip
    flash(_("Đã đôn đốc. Thư được gửi ngay."), "success")


def _is_one_of(tasks: Sequence[UrgedTask]) -> ColumnElement[bool]:
    return Task.id.in_([task.id for task in tasks])


@bp.get("/don-doc/<id:urging_id>")
@requires(Permission.SIGNED_IN)
def show(urging_id: int) -> ResponseReturnValue:
    """Show an urging to who sees one of its tasks: who urged whom of what, and how the mails went."""
    found, tasks = _load(urging_id)
    return render_template(
        "urging/show.html", urging=found, tasks=tasks, hidden=len(found.due) - len(tasks),
        mails=[(mail, delivery_words(mail, now=g.now)) for mail in mails_of(found)],
        days={task.id: days_overdue(task, day=found.on) for task in tasks},
        may_write=bool(_given_among(found)),
    )  # fmt: skip


@bp.get("/don-doc/<id:urging_id>/van-ban")
@requires(Permission.SIGNED_IN)
def letter(urging_id: int) -> ResponseReturnValue:
    """Give the letter of an urging, as things stood then, to who may urge."""
    found, _tasks = _load(urging_id)
    tasks = _given_among(found)
    if not tasks:
        abort(403)
    return _letter_file(
        tasks, unit_name=found.unit_name, on=found.on, before=found.at, words=found.words,
        reply_by=found.reply_by,
    )  # fmt: skip


def _load(urging_id: int) -> tuple[Urging, list[UrgedTask]]:
    """Return an urging with those of its tasks that the person sees, as they stood then; 404 without any."""
    found = urging(urging_id)
    tasks = _tasks_then(found, tasks_visible_to(g.user, day=g.today)) if found else []
    if found is None or not tasks:
        abort(404)
    return found, tasks


def _given_among(found: Urging) -> list[UrgedTask]:
    """Return those tasks of an urging that the person may urge about, as they stood then."""
    return _tasks_then(found, tasks_given_by(g.user, day=g.today))


def _tasks_then(found: Urging, *conditions: ColumnElement[bool]) -> list[UrgedTask]:
    place = {task_id: number for number, task_id in enumerate(found.due)}
    tasks = [
        task._replace(due_on=found.due[task.id], state=State.IN_PROGRESS, reported_on=None)
        for task in urged_tasks(Task.id.in_(place), *conditions)
    ]
    return sorted(tasks, key=lambda task: place[task.id])


def _letter_file(
    tasks: Sequence[UrgedTask], *, unit_name: str, on: date, before: datetime, words: str | None,
    reply_by: date | None,
) -> ResponseReturnValue:  # fmt: skip
    """Answer with the letter about these tasks; `before` is the moment up to which reminders count."""
    assigner = db.session.get_one(Unit, tasks[0].assigner_id)
    times = times_reminded([task.id for task in tasks], before=before)
    rows = [
        LetterTask(
            task.content, _cited(task), task.due_on, days_overdue(task, day=on),
            list(dict.fromkeys(time.day for time in times.get(task.id, ()))),
        )
        for task in tasks
    ]  # fmt: skip
    content = UrgingLetter(
        assigner=assigner.name, above=names_above(assigner), title_of_head=assigner.title_of_head,
        unit=unit_name, on=on, tasks=rows, words=words or "", reply_by=reply_by,
    ).as_word_file()  # fmt: skip
    name = f"cong-van-don-doc-{fold(unit_name).replace(' ', '-')}-{on:%Y%m%d}.docx"
    return send_file(io.BytesIO(content), mimetype=MEDIA_TYPE, as_attachment=True, download_name=name)


def _cited(task: UrgedTask) -> str:
    paper = paper_name(task.directive_kind, task.directive_number)
    return _("%(paper)s ngày %(day)s", paper=paper, day=day(task.directive_issued_on))
