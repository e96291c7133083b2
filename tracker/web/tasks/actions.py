"""A small page for each action on a task: the page shows the form, sending it calls one operation."""

from __future__ import annotations

from collections.abc import Callable

from flask import flash, g, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tracker.language import gettext as _
from tracker.models.task import Task
from tracker.operations.tasks import pending
from tracker.queries.task_page import events_of, is_entered
from tracker.rules.permissions import Permission
from tracker.rules.text import nfc
from tracker.rules.workflow import WrongState, require_state
from tracker.web.access import load_task, requires
from tracker.web.deadlines import read_phrase
from tracker.web.forms import say
from tracker.web.task_history import entries_of
from tracker.web.tasks.blueprint import bp
from tracker.web.tasks.form import ActionForm
from tracker.web.tasks.forms import FORMS

SHOWN_IN_CONFLICT = 10
"""How many entries of others stand beside one's own text."""


def _page_of(kind: type[ActionForm]) -> Callable[[int], ResponseReturnValue]:
    """Return the view of one action."""

    def view(task_id: int) -> ResponseReturnValue:
        task = load_task(task_id, kind.action)
        back = url_for("tasks.show", task_id=task_id)
        if request.method == "GET" and (refusal := _refusal(kind, task)):
            flash(refusal, "warning")
            return redirect(back, 303)
        form = kind(task)
        stamp = form.stamp()
        if form.is_submitted() and is_entered(stamp.token):
            flash(str(kind.done), "success")
            return redirect(back, 303)
        if form.validate_on_submit():
            with form.refusals():
                form.perform(stamp)
            if not form.was_refused:
                flash(str(kind.done), "success")
                return redirect(back, 303)
        meanwhile = []
        if form.is_conflict:
            since = max(1, task.version - (stamp.seen or 0))
            meanwhile = entries_of(events_of(task_id, since=min(since, SHOWN_IN_CONFLICT)))
            form.renew(task.version)
        page = render_template(
            "tasks/action.html", task=task, form=form, back=back, meanwhile=meanwhile,
            mine=_typed(form) if form.is_conflict else [], reading=_reading(form),
        )  # fmt: skip
        return page, 422 if form.errors else 200

    view.__doc__ = f"Show and take the form of the action {kind.action.value}."
    return view


def _refusal(kind: type[ActionForm], task: Task) -> str | None:
    """Return why the page of an action is of no use now, None where it is."""
    try:
        require_state(kind.action, task.state)
    except WrongState as refusal:
        return say(refusal)
    if kind.decides is not None and pending(task, kind.decides) is None:
        return _("Không có đề nghị nào đang chờ quyết định.")
    if kind.asks is not None and pending(task, kind.asks) is not None:
        return _("Đã có một đề nghị đang chờ quyết định.")
    return kind.refusal(task)


def _typed(form: ActionForm) -> list[tuple[str, str]]:
    """Return what was typed, as (label, text), for the page of a conflict."""
    told = []
    for field in form.fields:
        words = field._value() if hasattr(field, "_value") else ""
        if isinstance(words, str) and words:
            told.append((str(field.label.text), words))
    return told


def _reading(form: ActionForm) -> str | None:
    """Return how the typed deadline of a form is read, None where there is none."""
    if form.reads_deadline is None:
        return None
    phrase = form[form.reads_deadline].data
    return read_phrase(phrase, issued_on=form.task.directive.issued_on).words if phrase else None


for _kind in FORMS:
    bp.add_url_rule(
        f"/nhiem-vu/<id:task_id>/{_kind.slug}",
        endpoint=_kind.action.value,
        view_func=requires(Permission.SIGNED_IN)(_page_of(_kind)),
        methods=["GET", "POST"],
    )


@bp.get("/nhiem-vu/<id:task_id>/doc-thoi-han")
@requires(Permission.SIGNED_IN)
def read_deadline(task_id: int) -> ResponseReturnValue:
    """Answer how a deadline is read that is typed for this task."""
    task = load_task(task_id)
    phrase = nfc(request.args.get("q", ""))[:500].strip()
    if not phrase:
        return jsonify(text="", ok=True)
    deadline = read_phrase(phrase, issued_on=task.directive.issued_on)
    return jsonify(text=deadline.words, ok=deadline.is_given and not deadline.lies_before(g.today))
