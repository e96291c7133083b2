"""The list of tasks: filters as plain links, what is chosen as tags, everything kept in the address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import urlencode

from flask import flash, g, render_template, request
from flask.typing import ResponseReturnValue

from tracker.language import gettext as _
from tracker.language import lazy_gettext
from tracker.models.people import Role
from tracker.operations.exports.task_list import FORMS, file_of, words_of
from tracker.queries.home import Days
from tracker.queries.task_filter import COUNTED, OPEN, ROLES, STATES, TIMELINESS, WAITS, Filter, Scope
from tracker.queries.task_list import (
    MOST_COUNTED,
    SORTS,
    Place,
    choices_of,
    count_of,
    names_of,
    page_of,
    tally_of,
)
from tracker.queries.tasks import TaskRow, status_view
from tracker.rules.deadlines import UnreadableDay, read_day
from tracker.rules.permissions import READERS, Permission
from tracker.rules.status import CELLS, Cell, State
from tracker.rules.text import nfc
from tracker.web.access import LARGEST_ID, requires
from tracker.web.filters import cell_words, day, number, paper_name
from tracker.web.large import order_instead
from tracker.web.once import calendar_of_request, settings_of_request
from tracker.web.sharing import MOST_TASKS, Told, full_address, message_of_list
from tracker.web.tasks.blueprint import bp
from tracker.web.tasks.rows import Line, list_rows

LONGEST_SEARCH = 200
MOST_EXPORTED = 5_000
FILTERS, ALL_FILTERS = "loc", "day-du"
"""The word of the address that asks for every filter and the number of tasks behind each."""
NARROW_NOTHING = ("sort", FILTERS)

STATE_WORDS = {
    OPEN: lazy_gettext("Đang mở"),
    State.NOT_STARTED.value: lazy_gettext("Chưa thực hiện"),
    State.IN_PROGRESS.value: lazy_gettext("Đang thực hiện"),
    State.AWAITING_CONFIRMATION.value: lazy_gettext("Chờ xác nhận"),
    State.COMPLETED.value: lazy_gettext("Đã hoàn thành"),
    State.CANCELLED.value: lazy_gettext("Đã thu hồi"),
    State.DRAFT.value: lazy_gettext("Dự thảo"),
    COUNTED: lazy_gettext("Tất cả (trừ đã thu hồi)"),
}
TIMELINESS_WORDS = {
    "overdue": lazy_gettext("Quá hạn"),
    "today": lazy_gettext("Hạn hôm nay"),
    "soon": lazy_gettext("Sắp đến hạn"),
    "late": lazy_gettext("Hoàn thành quá hạn"),
}
WAIT_WORDS = {
    "confirmation": lazy_gettext("Chờ xác nhận hoàn thành"),
    "extension": lazy_gettext("Chờ quyết định gia hạn"),
    "return": lazy_gettext("Chờ quyết định trả lại"),
}
SORT_WORDS = {
    "due": lazy_gettext("Thời hạn sớm nhất"),
    "-given": lazy_gettext("Mới giao nhất"),
    "-last": lazy_gettext("Có diễn biến mới nhất"),
    "last": lazy_gettext("Lâu không có diễn biến"),
    "unit": lazy_gettext("Theo đơn vị chủ trì"),
}
FILTER_WORDS = {
    "state": lazy_gettext("trạng thái"), "cell": lazy_gettext("ô của Biểu B.4"),
    "timeliness": lazy_gettext("thời hạn"), "wait": lazy_gettext("chờ quyết định"),
    "role": lazy_gettext("vai trò"), "unit": lazy_gettext("đơn vị chủ trì"),
    "assigner": lazy_gettext("đơn vị giao"), "directive": lazy_gettext("văn bản"),
    "officer": lazy_gettext("người"), "due_from": lazy_gettext("hạn từ ngày"),
    "due_to": lazy_gettext("hạn đến ngày"),
}  # fmt: skip
"""What a filter is called when its value cannot be read."""
ROLE_WORDS = {
    "lead": lazy_gettext("Đơn vị tôi chủ trì"),
    "coordinating": lazy_gettext("Đơn vị tôi phối hợp"),
    "mine": lazy_gettext("Tôi được phân công"),
    "given": lazy_gettext("Đơn vị tôi giao"),
}


@dataclass(frozen=True)
class Option:
    """A link that narrows the list; the count is None where none is told."""

    label: str
    url: str
    count: int | None
    current: bool


class Tag(NamedTuple):
    """One chosen filter, and the address without it."""

    label: str
    remove_url: str


@bp.get("/nhiem-vu")
@requires(Permission.SIGNED_IN)
def index() -> ResponseReturnValue:
    """Show the tasks that the person sees, narrowed as the address says; odd words in it narrow nothing."""
    settings = settings_of_request()
    calendar = calendar_of_request()
    days = Days.around(
        g.today, calendar=calendar, due_soon=settings["due_soon_days"], silent=settings["silent_days"]
    )
    scope = Scope(g.user, today=g.today, days=days)
    chosen, unread = _filter()
    sort = request.args.get("sort", "due")
    sort = sort if sort in SORTS else "due"
    if (form := request.args.get("dang")) in FORMS:
        elsewhere = _ordered(form, scope, chosen, sort)
        return elsewhere or _file(form, *page_of(scope, chosen, sort=sort, most=MOST_EXPORTED))
    if unread:
        names = ", ".join(str(FILTER_WORDS[name]) for name in unread)
        flash(_("Bỏ qua điều kiện lọc không hợp lệ: %(names)s.", names=names), "warning")
    after = _place(request.args.get("after", ""), sort)
    rows, following = page_of(scope, chosen, sort=sort, after=after)
    in_full = _shows_all_filters()
    total, numbers = tally_of(scope, chosen, all_choices=in_full)
    shown = number(total) if total <= MOST_COUNTED else _("hơn %(count)s", count=number(MOST_COUNTED))
    lines = [Line(row, status_view(row, day=g.today, calendar=calendar)) for row in rows]
    tags = _tags(scope, chosen)
    return render_template(
        "tasks/index.html",
        lines=lines,
        chosen=chosen,
        sort=sort,
        sort_url=lambda key: _url(sort=key),
        groups=_groups(chosen, numbers) + (_long_groups(scope, chosen) if in_full else []),
        sorts=_sorts(sort),
        more_filters_url=None if in_full else _url(**{FILTERS: ALL_FILTERS}),
        fewer_filters_url=_url(**{FILTERS: None}) if in_full else None,
        only_open=chosen == Filter(state=OPEN),
        tags=tags,
        message=None if after else _message(lines, total, shown, [tag.label for tag in tags]),
        calendar_unit=_unit_with_calendar(scope, chosen),
        kept=_kept(),
        count_text=_("%(shown)s trên %(total)s nhiệm vụ", shown=number(len(rows)), total=shown),
        next_url=_url(after=f"{following.value}.{following.id}") if following else None,
        first_url=_url() if after else None,
        clear_url=f"{request.path}?state=counted",
        rows=list_rows(lines, soon=settings["due_soon_days"]),
        csv_url=_url(dang="csv"),
        xlsx_url=_url(dang="xlsx"),
    )


def _message(lines: Sequence[Line], total: int, shown: str, filters: list[str]) -> str:
    """Return the list as a few lines to send; `shown` is how many there are, in words."""
    told = [Told(task.content, task.unit_name, task.due_on, task.due_time, view) for task, view in lines]
    more = number(total - MOST_TASKS) if total > MOST_TASKS else None
    return message_of_list(
        told, total=shown, more=_("nhiều") if total > MOST_COUNTED else more, filters=filters, on=g.today,
        url=full_address(_url()),
    )  # fmt: skip


def _unit_with_calendar(scope: Scope, chosen: Filter) -> int | None:
    """Return the unit that the list is narrowed to, where the person may have a calendar of it."""
    return chosen.unit if chosen.unit in scope.reach.of(*map(Role, READERS)) else None


_SINGLE = (
    "state", "cell", "timeliness", "wait", "role", "unit", "directive", "field", "officer", "due_from",
    "due_to", "q", "sort",
)  # fmt: skip


def _filter() -> tuple[Filter, list[str]]:
    """Return what the address narrows the list to, and the words in it that could not be read.

    An address without any filter shows what is open.
    """
    if not any(request.args.get(name) for name in (*_SINGLE[:-1], "assigner")):
        return Filter(state=OPEN), []
    unread: list[str] = []

    def word(name: str, known: Any) -> str | None:
        value = request.args.get(name, "")
        if value and value not in known:
            unread.append(name)
        return value if value in known else None

    def id_(name: str) -> int | None:
        value = request.args.get(name, "")
        if value and not _is_id(value):
            unread.append(name)
        return int(value) if _is_id(value) else None

    def typed_day(name: str) -> date | None:
        value = nfc(request.args.get(name, "")).strip()[:40]
        try:
            return read_day(value, near=g.today) if value else None
        except UnreadableDay:
            unread.append(name)
            return None

    assigners = request.args.getlist("assigner")[:50]
    if not all(_is_id(value) for value in assigners):
        unread.append("assigner")
    cell = word("cell", set(CELLS))
    text = nfc(request.args.get("q", "")).strip()
    return (
        Filter(
            state=word("state", STATES),
            cell=Cell(cell) if cell else None,
            timeliness=word("timeliness", TIMELINESS),
            wait=word("wait", WAITS),
            role=word("role", ROLES),
            unit=id_("unit"),
            assigner=tuple(int(value) for value in assigners if _is_id(value)),
            directive=id_("directive"),
            field=nfc(request.args.get("field", ""))[:255] or None,
            officer=id_("officer"),
            due_from=typed_day("due_from"),
            due_to=typed_day("due_to"),
            text=text[:LONGEST_SEARCH],
        ),
        unread,
    )


def _is_id(value: str) -> bool:
    return value.isascii() and value.isdecimal() and 0 < int(value[:12]) <= LARGEST_ID


def _place(word: str, sort: str) -> Place | None:
    value, _dot, id_ = word.rpartition(".")
    if not _is_id(id_):
        return None
    if sort.removeprefix("-") == "unit":
        return Place(int(value), int(id_)) if _is_id(value) else None
    try:
        return Place(date.fromisoformat(value), int(id_))
    except ValueError:
        return None


def _kept() -> list[tuple[str, str]]:
    """Return the filters of the address as (name, value), without the text and the place."""
    names = [name for name in _SINGLE if name != "q"]
    kept = [(name, request.args[name]) for name in names if request.args.get(name)]
    if _shows_all_filters():
        kept.append((FILTERS, ALL_FILTERS))
    return kept + [("assigner", value) for value in request.args.getlist("assigner")[:50]]


def _url(**changes: Any) -> str:
    """Return the address of the list with these parameters changed; a page always begins anew."""
    kept = _words_of_address()
    if changes:
        kept = kept | {name: _word(name, value) for name, value in changes.items()}
    words = [word for word in kept.values() if word]
    if not any(word for name, word in kept.items() if word and name not in NARROW_NOTHING):
        words.append("state=counted")
    return f"{request.path}?{'&'.join(words)}"


def _words_of_address() -> dict[str, str]:
    """Return the parameters of the address by their names, each as it stands in one; made once a request."""
    words: dict[str, str] | None = g.get("words_of_list")
    if words is None:
        words = {name: _word(name, request.args.get(name)) for name in _SINGLE}
        words[FILTERS] = _word(FILTERS, ALL_FILTERS if _shows_all_filters() else None)
        words["assigner"] = _word("assigner", request.args.getlist("assigner")[:50])
        if not any(word for name, word in words.items() if name not in NARROW_NOTHING):
            words["state"] = f"state={OPEN}"
        g.words_of_list = words
    return words


def _shows_all_filters() -> bool:
    return request.args.get(FILTERS) == ALL_FILTERS


def _word(name: str, value: Any) -> str:
    return _written(name, tuple(value) if isinstance(value, list) else value) if value else ""


@lru_cache(1_024)
def _written(name: str, value: Any) -> str:
    return urlencode({name: value}, doseq=True)


def _groups(
    chosen: Filter, numbers: Mapping[tuple[str, str], int]
) -> list[tuple[str, tuple[Option, ...]]]:
    """Return the filters that every list has, with the numbers that are known."""
    leaves: dict[str, dict[str, None]] = {"late": {"state": None, "wait": None}}

    def words(name: str, labels: dict[str, Any], now: str | None) -> tuple[Option, ...]:
        return tuple([
            Option(
                str(label),
                _url(**{name: None if word == now else word} | leaves.get(word, {})),
                numbers.get((name, word)),
                word == now,
            )
            for word, label in labels.items()
        ])

    return [
        (_("Trạng thái"), words("state", STATE_WORDS, chosen.state)),
        (_("Thời hạn"), words("timeliness", TIMELINESS_WORDS, chosen.timeliness)),
        (_("Chờ quyết định"), words("wait", WAIT_WORDS, chosen.wait)),
        (_("Vai trò"), words("role", ROLE_WORDS, chosen.role)),
    ]


def _long_groups(scope: Scope, chosen: Filter) -> list[tuple[str, tuple[Option, ...]]]:
    """Return the filters whose choices must be looked for among the tasks."""
    groups = []
    for name, title in (
        ("unit", _("Đơn vị chủ trì")), ("assigner", _("Đơn vị giao")), ("field", _("Lĩnh vực")),
        ("officer", _("Người thực hiện, theo dõi, chỉ đạo")),
    ):  # fmt: skip
        now = chosen.assigner[0] if name == "assigner" and chosen.assigner else getattr(chosen, name)
        options = tuple([
            Option(each.label, _url(**{name: None if each.value == now else each.value}), each.tasks,
                   each.value == now)
            for each in choices_of(scope, chosen, name)
        ])  # fmt: skip
        if len(options) > 1 or any(option.current for option in options):
            groups.append((title, options))
    return groups


def _sorts(now: str) -> tuple[Option, ...]:
    return tuple([
        Option(str(label), _url(sort=word), None, word == now) for word, label in SORT_WORDS.items()
    ])


def _tags(scope: Scope, chosen: Filter) -> list[Tag]:
    names = names_of(scope, chosen)
    found: list[Tag] = []

    def tag(name: str, label: Any) -> None:
        found.append(Tag(str(label), _url(**{name: None})))

    for name, labels in (
        ("state", STATE_WORDS), ("timeliness", TIMELINESS_WORDS), ("wait", WAIT_WORDS), ("role", ROLE_WORDS),
    ):  # fmt: skip
        if (word := getattr(chosen, name)) and word != COUNTED:
            tag(name, labels[word])
    if chosen.cell:
        tag("cell", _("Ô B.4: %(cell)s", cell=cell_words(chosen.cell.value)))
    if chosen.unit:
        tag("unit", _("Chủ trì: %(unit)s", unit=names.units.get(chosen.unit, "–")))
    if chosen.assigner:
        givers = ", ".join(names.units.get(id_, "–") for id_ in chosen.assigner)
        tag("assigner", _("Giao bởi: %(units)s", units=givers))
    if chosen.directive:
        tag("directive", paper_name(*names.directive) if names.directive else "–")
    if chosen.field:
        tag("field", _("Lĩnh vực: %(field)s", field=chosen.field))
    if chosen.officer:
        tag("officer", _("Người: %(name)s", name=names.officer or "–"))
    if chosen.due_from:
        tag("due_from", _("Hạn từ %(day)s", day=day(chosen.due_from)))
    if chosen.due_to:
        tag("due_to", _("Hạn đến %(day)s", day=day(chosen.due_to)))
    if chosen.text:
        tag("q", f"“{chosen.text}”")
    return found


def _ordered(form: str, scope: Scope, chosen: Filter, sort: str) -> ResponseReturnValue | None:
    """Return the way to order a list that is too long to be had at once, None for one that is not."""
    tasks = count_of(scope, chosen, most=settings_of_request()["export_at_once"])
    return order_instead("tasks", form, tasks=tasks, **words_of(chosen, sort))


def _file(form: str, rows: Sequence[TaskRow], following: Place | None) -> ResponseReturnValue:
    """Return the list as a file in the columns that a brought sheet has, so that it can come back."""
    made = file_of(form, rows, made_on=g.today, is_cut=following is not None)
    headers = {"Content-Disposition": f'attachment; filename="{made.filename}"'}
    return made.content, 200, {"Content-Type": made.media_type, **headers}
