"""A directive's page: its head, what it stands on, its tasks by item and unit, its papers, its history."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from flask import abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from wtforms.validators import ValidationError

from tracker.language import gettext as _
from tracker.language import lazy_gettext
from tracker.models import db
from tracker.models.directive import Directive
from tracker.models.task import Task
from tracker.models.units import Unit
from tracker.operations import directives, papers
from tracker.queries.directives import (
    Event,
    cells_of,
    coordinators_of,
    drafts_of,
    events_of,
    given_by_issuer,
    papers_in,
    papers_of,
    relations_of,
)
from tracker.queries.intake import in_envelope
from tracker.queries.standing import tasks_visible_to
from tracker.queries.tasks import StatusView, TaskRow, read_rows, select_tasks, status_view
from tracker.rules.clarity import WORDS, unclear
from tracker.rules.permissions import Permission
from tracker.rules.status import State
from tracker.rules.words import KINDS_OF_DIRECTIVE
from tracker.web.access import requires
from tracker.web.citing import citation
from tracker.web.directives.blueprint import bp, load_directive, may_write
from tracker.web.directives.entry import URGENCY_WORDS
from tracker.web.directives.series import listed
from tracker.web.envelopes import answer_to
from tracker.web.forms import Form
from tracker.web.once import calendar_of_request
from tracker.web.uploads import PapersField

FACT_WORDS = {
    "kind": lazy_gettext("Loại văn bản"),
    "number": lazy_gettext("Số ký hiệu"),
    "issued_on": lazy_gettext("Ngày ban hành"),
    "subject": lazy_gettext("Trích yếu"),
    "signer": lazy_gettext("Người ký"),
    "signer_title": lazy_gettext("Chức vụ người ký"),
    "field": lazy_gettext("Lĩnh vực"),
    "urgency": lazy_gettext("Độ khẩn"),
    "meeting": lazy_gettext("Cuộc họp"),
    "replaces": lazy_gettext("Thay thế văn bản"),
    "based_on": lazy_gettext("Căn cứ"),
}


class TaskLine(NamedTuple):
    """One task on the page of its directive."""

    task: TaskRow
    status: StatusView
    coordinating: list[str]
    unclear: list[str]


class Item(NamedTuple):
    """An item of the directive with its tasks; `content` when all of them ask for the same."""

    label: str | None
    content: str | None
    lines: list[TaskLine]


class Matrix(NamedTuple):
    """Items across, units down: each field holds the lines of that unit for that item."""

    items: list[Item]
    rows: list[tuple[str, list[list[TaskLine]]]]


@bp.get("/van-ban/<id:directive_id>")
@requires(Permission.SIGNED_IN)
def show(directive_id: int) -> ResponseReturnValue:
    """Show a directive with the tasks that the person may see."""
    directive = load_directive(directive_id)
    visible = tasks_visible_to(g.user, day=g.today)
    rows = read_rows(
        select_tasks(Task.directive_id == directive_id, given_by_issuer(), visible).order_by(Task.id)
    )
    lines = _lines(directive_id, rows)
    given = [line for line in lines if line.task.state is not State.DRAFT]
    counts = cells_of([directive_id], user=g.user, day=g.today).get(directive_id, {})
    items = _items(given)
    envelope = in_envelope(directive_id, g.user, day=g.today)
    return render_template(
        "directives/show.html",
        directive=directive,
        urgency=URGENCY_WORDS.get(directive.urgency, directive.urgency),
        relations=relations_of(directive, user=g.user, day=g.today),
        items=items,
        matrix=_matrix(items),
        drafts=[line for line in lines if line.task.state is State.DRAFT],
        counts=counts,
        total=sum(counts.values()),
        cell_url=_cell_url(directive),
        missing=Counter(words for line in given for words in line.unclear).most_common(),
        papers=papers_of(directive_id),
        entries=_entries(events_of(directive_id, user=g.user, day=g.today)),
        may_write=may_write(directive),
        drafts_form=DraftsForm(),
        series=listed(directive),
        envelope=envelope,
        answer=answer_to(envelope, day=g.today) if envelope else None,
    )


def _lines(directive_id: int, rows: Sequence[TaskRow]) -> list[TaskLine]:
    calendar = calendar_of_request()
    coordinating = coordinators_of(select(Task.id).where(Task.directive_id == directive_id))
    more = {
        id_: (phrase, valid_to > g.today)
        for id_, phrase, valid_to in db.session.execute(
            select(Task.id, Task.due_phrase, Unit.valid_to)
            .join(Unit, Unit.id == Task.unit_id)
            .where(Task.directive_id == directive_id)
        )
    }
    return [
        TaskLine(
            row,
            status_view(row, day=g.today, calendar=calendar),
            coordinating.get(row.id, []),
            [_(WORDS[each]) for each in unclear(_Facts(row, *more[row.id]))]
            if row.state not in (State.COMPLETED, State.CANCELLED)
            else [],
        )
        for row in rows
    ]


class _Facts:
    """The facts of a task that clarity is judged by."""

    def __init__(self, row: TaskRow, due_phrase: str | None, lead_exists: bool) -> None:
        self.content, self.product, self.officer_id = row.content, row.product, row.officer_id
        self.due_on, self.due_phrase, self.lead_exists = row.due_on, due_phrase, lead_exists


def item_order(label: str | None) -> tuple[Any, ...]:
    """Return a sort key for the labels of items: 2 before 10, unnamed ones last."""
    if not label:
        return (1,)
    parts = re.split(r"(\d+)", label.lower())
    return (0, *((0, int(part[:9]), "") if part.isdecimal() else (1, 0, part) for part in parts if part))


def _items(lines: Iterable[TaskLine]) -> list[Item]:
    found: dict[str | None, list[TaskLine]] = defaultdict(list)
    for line in lines:
        found[line.task.item].append(line)
    items = []
    for label in sorted(found, key=item_order):
        contents = {line.task.content for line in found[label]}
        items.append(Item(label, contents.pop() if len(contents) == 1 else None, found[label]))
    return items


def _matrix(items: list[Item]) -> Matrix | None:
    """Return items × units, None when there is nothing to compare: one unit, or one item."""
    names: dict[int, str] = {}
    fields: dict[tuple[int, int], list[TaskLine]] = defaultdict(list)
    for place, item in enumerate(items):
        for line in item.lines:
            names.setdefault(line.task.unit_id, line.task.unit_name)
            fields[line.task.unit_id, place].append(line)
    if len(names) < 2 or len(items) < 2:
        return None
    order = _unit_order(names)
    return Matrix(
        items, [(names[unit], [fields[unit, place] for place in range(len(items))]) for unit in order]
    )


def _unit_order(names: dict[int, str]) -> list[int]:
    query = (
        select(Unit.id).where(Unit.id.in_(names)).order_by(Unit.position.is_(None), Unit.position, Unit.id)
    )
    return list(db.session.scalars(query))


def _cell_url(directive: Directive) -> Callable[[str], str]:
    def url(cell: str) -> str:
        chosen: dict[str, Any] = {} if cell == "all" else {"cell": cell}
        return url_for("tasks.index", directive=directive.id, assigner=directive.issuer_id, **chosen)

    return url


class Entry(NamedTuple):
    """One line of the directive's history."""

    on_day: Any
    at: Any
    who: str | None
    what: str
    note: str | None
    changes: list[tuple[str, str, str]]


def _entries(events: Sequence[Event]) -> list[Entry]:
    cited = {key: citation(*paper) for key, paper in papers_in(events).items()}
    return [_entry(event, cited) for event in events]


def _entry(event: Event, cited: Mapping[str, str]) -> Entry:
    words = {
        "directive": _("Đăng ký văn bản"),
        "correct": _("Sửa thông tin văn bản"),
        "attach": _("Thêm tệp đính kèm"),
        "give": _("Giao %(count)s nhiệm vụ", count=event.number),
    }
    note = event.note if event.do == "attach" else None
    changes = [
        (str(FACT_WORDS.get(fact, fact)), _value(fact, old, cited), _value(fact, new, cited))
        for fact, old, new in event.changes or []
    ]
    return Entry(event.on_day, event.at, event.who, words.get(event.do, event.do), note, changes)


def _value(fact: str, value: Any, cited: Mapping[str, str]) -> str:
    match fact:
        case "kind":
            return _(KINDS_OF_DIRECTIVE.get(value, value))
        case "urgency":
            return str(URGENCY_WORDS.get(value, value))
        case "issued_on" if value:
            return "/".join(reversed(value.split("-")))
        case "based_on":
            return "; ".join(cited.get(words, words) for words in value or [])
        case "replaces" if value:
            return cited.get(value, value)
    return str(value or "")


def _at_least_one(_form: Form, field: PapersField) -> None:
    if not field.data and not field.errors:
        raise ValidationError(_("Chọn ít nhất một tệp."))


class AttachForm(Form):
    """Papers to be added to a directive."""

    papers = PapersField(lazy_gettext("Tệp đính kèm"), [_at_least_one])


@bp.route("/van-ban/<id:directive_id>/tep", methods=["GET", "POST"])
@requires(Permission.REGISTER_DIRECTIVE)
def attach(directive_id: int) -> ResponseReturnValue:
    """Attach further papers to a directive."""
    directive = load_directive(directive_id, to_write=True)
    form = AttachForm()
    if form.validate_on_submit():
        with form.refusals():
            papers.attach(directive, form.papers.data, stamp=form.stamp())
        if not form.was_refused:
            flash(_("Đã thêm tệp đính kèm."), "success")
            return redirect(url_for("directives.show", directive_id=directive_id), 303)
    return render_template(
        "directives/attach.html", directive=directive, form=form
    ), 422 if form.errors else 200


class DraftsForm(Form):
    """Which drafts to give out or to drop."""


@bp.post("/van-ban/<id:directive_id>/du-thao")
@requires(Permission.REGISTER_DIRECTIVE)
def drafts(directive_id: int) -> ResponseReturnValue:
    """Give out or drop the ticked drafts of a directive; dropping asks on a page of its own."""
    directive = load_directive(directive_id, to_write=True)
    back = url_for("directives.show", directive_id=directive_id)
    ids = [int(word) for word in request.form.getlist("task")[:1_000] if word.isdecimal() and len(word) < 10]
    chosen = list(
        db.session.scalars(select(Task).where(drafts_of(directive_id), Task.id.in_(ids)).order_by(Task.id))
    )
    action, form = request.form.get("action"), DraftsForm()
    if action not in ("give", "drop", "really-drop"):
        abort(400)
    if not chosen:
        flash(_("Chọn ít nhất một dự thảo. Dự thảo đã giao hoặc đã bỏ không còn trong danh sách."), "warning")
        return redirect(back, 303)
    if action == "drop":
        return render_template(
            "directives/drop.html", directive=directive, chosen=chosen, back=back, form=form
        )
    undated = [task for task in chosen if task.due_on is None and not task.due_phrase]
    if action == "give" and undated:
        flash(_("%(count)s dự thảo chưa có thời hạn. Sửa dự thảo: nhập thời hạn hoặc ghi “không thời hạn”.",
                count=len(undated)), "error")  # fmt: skip
        return redirect(back, 303)
    with form.refusals():
        if action == "give":
            directives.give_drafts(chosen, stamp=form.stamp())
        else:
            directives.drop_drafts(chosen, stamp=form.stamp())
    if form.was_refused:
        flash(" ".join(form.form_errors), "error")
    elif action == "give":
        flash(_("Đã giao %(count)s nhiệm vụ.", count=len(chosen)), "success")
    else:
        flash(_("Đã bỏ %(count)s dự thảo.", count=len(chosen)), "success")
    return redirect(back, 303)
