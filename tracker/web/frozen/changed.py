"""What changed after a freezing: the same question counted now, and corrections entered since, by task."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

from flask import g, render_template, url_for
from flask.typing import ResponseReturnValue

from tracker.language import gettext as _
from tracker.language import lazy_gettext
from tracker.queries.frozen import Opened, corrected_after, counted_now, entries_after, links_of
from tracker.queries.task_page import Event
from tracker.rules.b4_changes import TaskChange, changes_between
from tracker.rules.b4_report import CountedTask
from tracker.rules.permissions import Permission
from tracker.rules.status import Cell, State
from tracker.rules.words import KINDS_OF_DIRECTIVE
from tracker.web.access import me, requires
from tracker.web.filters import cell_words, day
from tracker.web.frozen.opening import address, bp, load, read_start, read_view
from tracker.web.reading import reads_reports
from tracker.web.reasons import STATE_WORDS
from tracker.web.task_history import Entry, entries_of

MOST = 200
"""Tasks that one page lists, and of one difference between two tables: more is a reason to freeze anew."""

FACT_WORDS = {
    "content": lazy_gettext("Nội dung"), "item": lazy_gettext("Mục"), "product": lazy_gettext("Sản phẩm"),
    "directive_kind": lazy_gettext("Loại văn bản"), "directive_number": lazy_gettext("Số, ký hiệu"),
    "directive_issued_on": lazy_gettext("Ngày ban hành"), "directive_subject": lazy_gettext("Trích yếu"),
    "field": lazy_gettext("Lĩnh vực"), "unit": lazy_gettext("Đơn vị chủ trì"),
    "leader_name": lazy_gettext("Lãnh đạo chỉ đạo"), "given_on": lazy_gettext("Ngày giao"),
    "original_due_on": lazy_gettext("Hạn gốc"), "due_on": lazy_gettext("Thời hạn"),
    "state": lazy_gettext("Tình trạng"), "reported_on": lazy_gettext("Ngày báo cáo"),
    "closed_on": lazy_gettext("Ngày xác nhận"), "cell": lazy_gettext("Ô trong biểu"),
    "days": lazy_gettext("Số ngày quá hạn"), "kind": lazy_gettext("Loại văn bản"),
    "number": lazy_gettext("Số, ký hiệu"), "issued_on": lazy_gettext("Ngày ban hành"),
    "subject": lazy_gettext("Trích yếu"), "signer": lazy_gettext("Người ký"),
    "signer_title": lazy_gettext("Chức vụ người ký"), "urgency": lazy_gettext("Độ khẩn"),
    "meeting": lazy_gettext("Cuộc họp"), "replaces": lazy_gettext("Thay thế văn bản"),
    "based_on": lazy_gettext("Căn cứ"),
}  # fmt: skip

CAME, LEFT, CHANGED, CORRECTED = "came", "left", "changed", "corrected"
KIND_WORDS = {
    CAME: lazy_gettext("Nay có trong biểu, khi chốt chưa có"),
    LEFT: lazy_gettext("Nay không còn trong biểu"),
    CHANGED: lazy_gettext("Nay khác so với khi chốt"),
    CORRECTED: lazy_gettext("Đã sửa thông tin sau ngày chốt; số liệu của ngày chốt không đổi"),
}


class ChangedTask(NamedTuple):
    """A task that stands otherwise than when it was frozen, and the entries that made it so."""

    task: CountedTask
    unit_name: str
    kind: str
    facts: Sequence[tuple[str, str, str]]
    events: Sequence[Event]
    of_paper: Sequence[Event] = ()
    """Corrections of its directive."""


class ChangedLine(NamedTuple):
    """A `ChangedTask` as the page shows it."""

    task: CountedTask
    unit_name: str
    kind: Any
    url: str | None
    facts: Sequence[tuple[str, str, str]]
    entries: Sequence[Entry]


@bp.get("/bieu-b4/da-chot/<id:frozen_id>/sau-khi-chot")
@requires(Permission.SEE_REPORTS)
@reads_reports
def after(frozen_id: int) -> ResponseReturnValue:
    """Show which tasks changed after the freezing, fact by fact, with the entries that did so."""
    opened, view, start = load(frozen_id), read_view(), read_start()
    found = changed_lines(opened)
    following = start + MOST
    return render_template(
        "frozen/after.html", kept=opened.kept, report=opened.report, count=len(found),
        lines=_told(found[start:following]), back_url=address("show", opened, view),
        next_url=address("after", opened, view, after=following) if len(found) > following else None,
        first_url=address("after", opened, view) if start else None,
    )  # fmt: skip


def changed_lines(opened: Opened) -> list[ChangedTask]:
    """Return the tasks that changed after a freezing: counted otherwise now, then merely corrected."""
    then, now = opened.report, counted_now(opened, me(), day=g.today)
    changes = changes_between(then, now)
    of_tasks, of_papers = corrected_after(opened)
    events = entries_after(opened, [change.key for change in changes])
    found = []
    for change in changes:
        task, kind = change.task, _kind_of(change)
        unit_name = (then if kind == LEFT else now).unit_name(task.unit)
        of_paper = of_papers.get(task.directive_key, ()) if kind == CHANGED else ()
        of_task = events.get(change.key, ())
        found.append(ChangedTask(task, unit_name, kind, facts_words(change), of_task, of_paper))
    counted = {change.key for change in changes}
    for task in then.tasks:
        of_task, of_paper = of_tasks.get(task.key, ()), of_papers.get(task.directive_key, ())
        if task.key not in counted and (of_task or of_paper):
            unit_name = then.unit_name(task.unit)
            found.append(ChangedTask(task, unit_name, CORRECTED, (), of_task, of_paper))
    return found


def _kind_of(change: TaskChange) -> str:
    if change.then is None:
        return CAME
    return LEFT if change.now is None else CHANGED


def facts_words(change: TaskChange) -> list[tuple[str, str, str]]:
    """Return the facts of a task that differ, in words: label, then, now."""
    return [(str(FACT_WORDS[name]), _value(name, old), _value(name, new)) for name, old, new in change.facts]


def _value(name: str, value: Any) -> str:
    match value:
        case None:
            return _("không thời hạn") if name in ("due_on", "original_due_on") else _("(trống)")
        case Cell():
            return cell_words(value.value)
        case State():
            return str(STATE_WORDS[value])
        case date():
            return day(value)
    return KINDS_OF_DIRECTIVE.get(value, value) if name == "directive_kind" else str(value)


def _told(found: Sequence[ChangedTask]) -> list[ChangedLine]:
    ids = links_of([each.task.key for each in found], me(), day=g.today)
    events = _events(found)
    entries = dict(zip((event.id for event in events), entries_of(events), strict=True))
    lines = []
    for each in found:
        number = ids.get(each.task.key)
        told = [entries[event.id] for event in each.events]
        told += [_of_paper(event, entries[event.id]) for event in each.of_paper]
        url = url_for("tasks.show", task_id=number) if number is not None else None
        kind = KIND_WORDS[each.kind]
        lines.append(ChangedLine(each.task, each.unit_name, kind, url, each.facts, told))
    return lines


def _events(found: Sequence[ChangedTask]) -> list[Event]:
    return list({event.id: event for each in found for event in (*each.events, *each.of_paper)}.values())


def _of_paper(event: Event, entry: Entry) -> Entry:
    changes = [
        (str(FACT_WORDS.get(fact, fact)), _plain(fact, old), _plain(fact, new))
        for fact, old, new in event.changes or []
    ]
    return entry._replace(what=_("Sửa thông tin văn bản"), changes=changes)


def _plain(fact: str, value: Any) -> str:
    if value in (None, "", []):
        return ""
    if fact == "issued_on":
        return day(date.fromisoformat(value))
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return KINDS_OF_DIRECTIVE.get(value, str(value)) if fact == "kind" else str(value)
