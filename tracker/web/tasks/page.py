"""The page of one task: what, from which paper, who, until when, what one can do now, and its past."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from flask import g, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tracker.language import gettext as _
from tracker.models.task import RequestKind, RequestState, Task
from tracker.queries.ledger import times_reminded
from tracker.queries.series import membership_of
from tracker.queries.standing import standing_towards
from tracker.queries.task_page import besides, children_of, events_of, facts_on
from tracker.queries.tasks import status_view
from tracker.rules.clarity import WORDS, unclear
from tracker.rules.deadlines import UnreadableDay, read_day
from tracker.rules.permissions import Permission, Standing, may
from tracker.rules.status import State, status_of
from tracker.rules.text import nfc
from tracker.rules.workflow import Action, may_start
from tracker.web.access import find_task, requires
from tracker.web.filters import cell_words, day
from tracker.web.once import calendar_of_request, settings_of_request
from tracker.web.reasons import why_there
from tracker.web.sharing import full_address, message_of_task
from tracker.web.task_history import entries_of
from tracker.web.tasks.blueprint import bp
from tracker.web.tasks.form import asked
from tracker.web.tasks.forms import FORMS

NEXT_STEPS = frozenset({
    Action.ACCEPT, Action.PROGRESS, Action.REPORT, Action.CONFIRM, Action.GRANT_EXTENSION, Action.REASSIGN,
    Action.GIVE, Action.CONTRIBUTE,
})  # fmt: skip
"""What moves a task on; the rest corrects it or takes it back."""


class Choice(NamedTuple):
    """An action that the person may take now."""

    label: str
    url: str
    is_next: bool


@dataclass
class Clarity:
    """What the “5 rõ” of a task are judged by."""

    content: str
    product: str | None
    due_on: date | None
    due_phrase: str | None
    officer_id: int | None
    lead_exists: bool


class Why(NamedTuple):
    """The answer to “Vì sao ở ô này?” for one day."""

    on: Any
    typed: str
    message: str | None
    """Why what was typed is no day."""
    is_ahead: bool
    cell: str | None
    sentence: str
    unit_name: str | None


@bp.get("/nhiem-vu/<id:task_id>")
@requires(Permission.SIGNED_IN)
def show(task_id: int) -> ResponseReturnValue:
    """Show a task to a person who may see it; `?ngay=` asks why it stood where it did on that day."""
    task, standing = find_task(task_id)
    calendar = calendar_of_request()
    more = besides(task_id)
    children = children_of(task_id, user=g.user, day=g.today) if more.parts else []
    parent, status = task.parent, status_view(task, day=g.today, calendar=calendar)
    return render_template(
        "tasks/show.html",
        task=task,
        status=status,
        message=message_of_task(
            task, status=status, url=full_address(url_for("tasks.show", task_id=task_id))
        ),
        soon=settings_of_request()["due_soon_days"],
        choices=_choices(task, standing),
        pending=[*asked(task, RequestKind.EXTENSION), *asked(task, RequestKind.RETURN)],
        extensions=[
            each
            for each in task.requests
            if each.kind is RequestKind.EXTENSION and each.state is RequestState.GRANTED
        ],
        parent=parent,
        parent_is_visible=parent is not None
        and may(Action.SEE, standing_towards(g.user, parent, day=g.today)),
        children=[(row, status_view(row, day=g.today, calendar=calendar)) for row in children],
        missing=_missing(task),
        entries=entries_of(events_of(task_id, has_files=more.files)),
        times_reminded=len(times_reminded([task_id]).get(task_id, ())) if more.reminders else 0,
        why=_why(task),
        series=membership_of(task_id, user=g.user, day=g.today) if more.turn else None,
        has_place=more.place,
    )


def _choices(task: Task, standing: Standing) -> list[Choice]:
    """Return what the person may do now; the next step, if there is one, stands first and out."""
    waiting = {each.kind for each in task.requests if each.state is RequestState.PENDING}
    found: list[Choice] = []
    for kind in FORMS:
        action = kind.action
        if action is Action.SET_DUE and may_start(Action.URGE, task.state) and may(Action.URGE, standing):
            found.append(Choice(_("Đôn đốc"), url_for("urging.one", task_id=task.id), False))
        if (kind.decides and kind.decides not in waiting) or (kind.asks and kind.asks in waiting):
            continue
        if not (may_start(action, task.state) and may(action, standing)) or kind.refusal(task):
            continue
        is_next = action in NEXT_STEPS and not any(choice.is_next for choice in found)
        if action is Action.PROGRESS and task.percent >= 100 and may(Action.REPORT, standing):
            is_next = False
        url = url_for(f"tasks.{action.value}", task_id=task.id)
        found.append(Choice(str(kind.title), url, is_next))
    return sorted(found, key=lambda choice: not choice.is_next)


def _missing(task: Task) -> list[str]:
    """Return which of the “5 rõ” a task lacks, in words; none once it is closed."""
    if task.state in (State.COMPLETED, State.CANCELLED):
        return []

    lead_exists = task.unit.exists_on(g.today)
    facts = Clarity(
        task.content, task.product, task.due_on, task.due_phrase, task.officer_id, lead_exists
    )  # fmt: skip
    return [_(WORDS[each]) for each in unclear(facts)]


def _why(task: Task) -> Why:
    typed = nfc(request.args.get("ngay", ""))[:40].strip()
    on, message = g.today, None
    if typed:
        try:
            on = read_day(typed, near=g.today)
        except UnreadableDay as error:
            message = _(error.msgid) % error.values
    ahead = on > g.today
    facts = facts_on(task.id, on)
    if facts is None:
        words = _("Đến hết ngày %(day)s nhiệm vụ chưa được giao.", day=day(on))
        return Why(on, typed, message, ahead, None, words, None)
    cell = status_of(facts, day=on)
    if cell is None:
        words = _("Đến hết ngày %(day)s nhiệm vụ đã thu hồi, không còn trong Biểu B.4.", day=day(on))
        return Why(on, typed, message, ahead, None, words, facts.unit_name)
    words = _("Đến hết ngày %(day)s, ô “%(cell)s”: %(facts)s.", day=day(on), cell=cell_words(cell.value),
              facts=why_there(facts, cell=cell, day=on))  # fmt: skip
    return Why(on, typed, message, ahead, cell.value, words, facts.unit_name)
