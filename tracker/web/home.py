"""The first page: what waits for a person today; and the search over everything."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from flask import Blueprint, g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from tracker.files.chart import Bar, stacked_bars
from tracker.language import gettext as _
from tracker.language import lazy_gettext
from tracker.models import db
from tracker.models.people import Role
from tracker.models.units import Unit, subtree
from tracker.queries import b4, home, search
from tracker.queries.b4 import Question
from tracker.queries.home import Days, Month, SilentUnit, Whose
from tracker.queries.mails import mails_reached
from tracker.queries.reach import Reach
from tracker.queries.standing import has
from tracker.queries.tasks import StatusView, TaskRow, status_view
from tracker.queries.units import administered, administers_a_root
from tracker.rules.b4_table import B4Row, B4Table
from tracker.rules.permissions import Permission, may
from tracker.rules.status import State
from tracker.rules.workflow import Action
from tracker.web.access import me, requires
from tracker.web.b4_links import addresses_behind
from tracker.web.forms import LINE, clean
from tracker.web.once import calendar_of_request, settings_of_request
from tracker.web.task_links import task_address
from tracker.web.turns import coming_turns

bp = Blueprint("home", __name__)

WORK = (Role.UNIT_HEAD, Role.OFFICER)
DECIDE = (Role.LEADER, Role.OFFICE)
OVERSEE = (Role.LEADER, Role.INSPECTOR)

SHOWN_TURNS = 5
"""Turns of recurring tasks that a unit sees ahead."""
ALL_SILENT = 200
"""Rows of the page of silent tasks, the earliest deadlines first."""

LIST_FILTERS: dict[str, dict[str, str]] = {
    "overdue": {"timeliness": "overdue"},
    "newly_overdue": {"timeliness": "overdue"},
    "today": {"timeliness": "today"},
    "soon": {"timeliness": "soon"},
    "new": {"state": "not_started"},
    "working": {"state": "in_progress"},
    "confirmation": {"wait": "confirmation"},
    "extension": {"wait": "extension"},
    "return": {"wait": "return"},
    "draft": {"state": "draft"},
}
"""What the list of tasks is narrowed to, so that it shows just what a number here counts."""

WORK_WORDS = {
    "overdue": (lazy_gettext("Quá hạn"), lazy_gettext("Không có nhiệm vụ nào quá hạn.")),
    "today": (lazy_gettext("Hạn hôm nay"), lazy_gettext("Hôm nay không có nhiệm vụ nào đến hạn.")),
    "soon": (lazy_gettext("Sắp đến hạn"), lazy_gettext("Không có nhiệm vụ nào sắp đến hạn.")),
    "new": (
        lazy_gettext("Mới giao, chờ tiếp nhận"), lazy_gettext("Không có nhiệm vụ nào chờ tiếp nhận."),
    ),
    "working": (lazy_gettext("Đang làm"), lazy_gettext("Không có nhiệm vụ nào đang làm.")),
    "waiting": (lazy_gettext("Chờ đơn vị khác"), lazy_gettext("Không có nhiệm vụ nào chờ đơn vị khác.")),
}  # fmt: skip

DESK_WORDS = {
    "confirmation": (
        lazy_gettext("Chờ xác nhận hoàn thành"), lazy_gettext("Không có báo cáo nào chờ xác nhận."),
    ),
    "extension": (lazy_gettext("Xin gia hạn"), lazy_gettext("Không có đề nghị gia hạn nào chờ quyết định.")),
    "return": (lazy_gettext("Xin trả lại"), lazy_gettext("Không có nhiệm vụ nào xin trả lại.")),
    "newly_overdue": (
        lazy_gettext("Mới quá hạn"),
        lazy_gettext("Từ ngày làm việc trước đến nay không có nhiệm vụ nào quá hạn thêm."),
    ),
    "draft": (lazy_gettext("Dự thảo chưa giao"), lazy_gettext("Không có dự thảo nào chờ giao.")),
}  # fmt: skip

WAIT_WORDS = {
    "confirmation": lazy_gettext("chờ xác nhận"),
    "extension": lazy_gettext("chờ quyết định gia hạn"),
    "return": lazy_gettext("chờ quyết định trả lại"),
}


class Step(NamedTuple):
    """The one next thing to do with a task."""

    label: str
    url: str


class Line(NamedTuple):
    """A task in a short list."""

    row: TaskRow
    status: StatusView
    step: Step | None
    url: str


class Link(NamedTuple):
    """A number that opens its list."""

    number: int
    label: str
    url: str


@dataclass(frozen=True)
class Block:
    """A short list: its name, how many it counts, its first rows, and the door to the whole."""

    name: str
    title: str
    nothing: str
    number: int
    lines: Sequence[Line] = ()
    url: str | None = None
    doors: Sequence[Link] = ()


@dataclass(frozen=True)
class Overview:
    """The whole picture of what one unit gave."""

    question: Question
    table: B4Table
    units: Sequence[B4Row]
    """The first units with a bar, those with the most overdue tasks first."""
    worst: Sequence[Line]
    months: Sequence[Month]
    chart: Markup
    others: Sequence[Unit] = field(default_factory=list)


class Page:
    """What one person's page is put together from: who they are, which days it is about, how rows look."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self.calendar = calendar_of_request()
        soon, silent = settings["due_soon_days"], settings["silent_days"]
        self.days = Days.around(g.today, calendar=self.calendar, due_soon=soon, silent=silent)
        self.reach = Reach(me(), day=g.today)

    def lines(self, rows: Sequence[TaskRow]) -> list[Line]:
        """Return rows as the page shows them, each with its next step."""
        return [
            Line(
                row, status_view(row, day=g.today, calendar=self.calendar), self._next_step(row),
                task_address(row.id),
            )
            for row in rows
        ]

    def _next_step(self, row: TaskRow) -> Step | None:
        standing = self.reach.towards(row)
        for action, label, endpoint in _steps(row):
            if may(action, standing):
                return Step(str(label), task_address(row.id, endpoint))
        return None

    def work(self) -> list[Block]:
        """Return what the person and their own units have to do, the most urgent first."""
        work, names = home.work_of(self.reach), home.UNIT_LISTS
        counts = home.counts_of([*names, *home.WAITING_LISTS], work, self.days)
        blocks: list[Block] = []
        for place, name in enumerate(names):
            rows: Sequence[TaskRow] = ()
            if counts[name]:
                rows = home.first_rows(name, work, self.days, above=names[:place], own_first=True)
            title, nothing = WORK_WORDS[name]
            url, doors = None, list[Link]()
            if name == "waiting":
                doors = [
                    Link(counts[wait], words, tasks_address(wait, role="lead"))
                    for wait, words in WAIT_WORDS.items()
                    if counts[wait]
                ]
            else:
                url = tasks_address(name, role="lead")
            blocks.append(Block(name, title, nothing, counts[name], self.lines(rows), url, doors))
        return blocks

    def desk(self, unit_ids: set[int], names: Sequence[str]) -> list[Block]:
        """Return lists of what these units gave: what waits for a decision, what to look after.

        The person leads, serves or inspects these units, and so sees everything that they gave.
        """
        given = home.given_by(unit_ids)
        counts = home.counts_of(names, given, self.days)
        return [self._desk_block(name, given, counts[name], unit_ids) for name in names]

    def _desk_block(self, name: str, given: Whose, number: int, unit_ids: set[int]) -> Block:
        rows = home.first_rows(name, given, self.days) if number else ()
        title, nothing = DESK_WORDS[name]
        values: dict[str, Any] = {"assigner": sorted(unit_ids)}
        if name == "newly_overdue":
            values["due_from"] = f"{self.days.newly_from:%d/%m/%Y}"
        return Block(name, title, nothing, number, self.lines(rows), tasks_address(name, **values))

    def silent(self, unit_ids: set[int]) -> list[SilentUnit]:
        """Return the units of which nothing was heard for long."""
        return home.silent_units(home.given_by(unit_ids), self.days)

    def overview(self, unit_ids: set[int]) -> Overview | None:
        """Return the whole picture of the first of these units, None when there is none."""
        units = home.units_named(unit_ids)
        if not units:
            return None
        unit, *others = units
        year = g.today.year
        question = Question(unit, date(year, 1, 1), date(year, 12, 31), g.today)
        table = b4.table(question)
        worst = home.first_rows("overdue", home.given_by({unit.id}), self.days, most=home.WORST)
        months = home.trend(unit.id, today=g.today)
        chart = stacked_bars(
            [Bar(f"T{month.day.month}", month.in_time, month.overdue) for month in months],
            label=_("Nhiệm vụ chưa hoàn thành cuối mỗi tháng; số liệu trong bảng bên cạnh."),
        )
        return Overview(question, table, _units(table), self.lines(worst), months, chart, others)


REPORT = (Action.REPORT, lazy_gettext("Báo cáo hoàn thành"), "report")
PROGRESS = (Action.PROGRESS, lazy_gettext("Cập nhật tiến độ"), "progress")
NEXT_STEPS = {
    State.DRAFT: [(Action.GIVE, lazy_gettext("Giao nhiệm vụ"), "give")],
    State.NOT_STARTED: [(Action.ACCEPT, lazy_gettext("Tiếp nhận"), "accept")],
    State.AWAITING_CONFIRMATION: [(Action.CONFIRM, lazy_gettext("Xác nhận"), "confirm")],
}
"""What may come next in some states, the best first: an action, the verb on its link, its page."""
DECIDE_EXTENSION = (Action.GRANT_EXTENSION, lazy_gettext("Quyết định gia hạn"), "grant_extension")
GIVE_AGAIN = (Action.REASSIGN, lazy_gettext("Giao lại"), "reassign")


def _steps(row: TaskRow) -> list[tuple[Action, Any, str]]:
    """Return what may come next for a task, as `NEXT_STEPS` has it."""
    if row.asks_extension:
        return [DECIDE_EXTENSION, PROGRESS]
    if row.asks_return:
        return [GIVE_AGAIN]
    if row.state is State.IN_PROGRESS and row.percent >= 100:
        return [REPORT, PROGRESS]
    return NEXT_STEPS.get(row.state, [PROGRESS, REPORT])


def tasks_address(name: str, **values: Any) -> str:
    """Return the address of the list of tasks that one of the lists here counts."""
    return url_for("tasks.index", **(values | LIST_FILTERS[name]))


def _units(table: B4Table) -> list[B4Row]:
    """Return the units with the most overdue tasks first, then as the table has them."""
    return sorted(table.rows, key=lambda row: -row.number_of("overdue"))[: home.UNITS]


@bp.get("/")
@requires(Permission.SIGNED_IN)
def today() -> ResponseReturnValue:
    """Show a person what waits for them today, by the roles they hold."""
    settings = settings_of_request()
    page = Page(settings)
    reach = page.reach
    works = bool(reach.held_in(*WORK))
    deciding, overseeing = reach.held_in(*DECIDE), reach.held_in(*OVERSEE)
    offices = reach.held_in(Role.OFFICE)
    decisions = page.desk(deciding, ("confirmation", "extension", "return")) if deciding else []
    if not works:
        works = bool(deciding) and home.has_work(reach)
    may_administer = has(me(), Permission.ADMINISTER, g.today)
    overview = page.overview(overseeing)
    watched = offices | overseeing
    watching = page.desk(watched, ("newly_overdue",)) if watched else []
    if offices:
        watching += page.desk(offices, ("draft",))
    behind = addresses_behind(overview.question) if overview else None
    return render_template(
        "home/today.html",
        today=g.today,
        work=page.work() if works else [],
        turns=coming_turns(reach.of(*WORK))[:SHOWN_TURNS] if reach.held_in(*WORK) else [],
        work_first=bool(reach.held_in(*WORK)),
        several_units=len(reach.of(*WORK) | deciding) > 1,
        decisions=decisions,
        watching=watching,
        silent=page.silent(offices) if offices else None,
        silent_since=page.days.silent_since,
        failed_mails=_failed_mails(offices, may_administer=may_administer),
        overview=overview,
        shown=overview and {
            "rows": overview.table.rows,
            "total": overview.table.total if len(overview.table.rows) > 1 else None,
        },
        behind=behind,
        total_url=lambda cell: behind and behind(None, cell),
        month_url=_month_address_maker(overview),
        may_administer=may_administer,
        soon=settings["due_soon_days"],
    )  # fmt: skip


def _failed_mails(offices: set[int], *, may_administer: bool) -> int:
    """Return how many mails failed for good: for an administrator those they may open, else the office's."""
    if may_administer:
        reach = administered(me(), day=g.today)
        return home.failed_mails(mails_reached(reach, is_root=administers_a_root(me(), day=g.today)))
    if not offices:
        return 0
    reach = subtree(db.select(Unit.id).where(Unit.id.in_(offices)))
    return home.failed_mails(mails_reached(reach, is_root=False))


def _month_address_maker(overview: Overview | None) -> Callable[[date, str], str] | None:
    """Return the maker of addresses of what stood open at the end of a day: a B.4 of that day alone."""
    if overview is None:
        return None
    start = url_for("reports.b4_tasks", assigner=overview.question.assigner.code)
    return lambda day, cell: f"{start}&from={day}&to={day}&on={day}&cell={cell}"


@bp.get("/lau-khong-co-tin")
@requires(Permission.REGISTER_DIRECTIVE)
def silent() -> ResponseReturnValue:
    """Show the running tasks of which nothing was heard for long, all or those of one unit."""
    settings = settings_of_request()
    page = Page(settings)
    units = page.reach.held_in(Role.OFFICE)
    unit = None
    if code := request.args.get("unit"):
        unit = db.one_or_404(db.select(Unit).where(Unit.code == code))
    given = home.given_by(units, to=unit.id if unit else None)
    number = home.counts_of(["silent"], given, page.days)["silent"]
    rows = home.first_rows("silent", given, page.days, most=ALL_SILENT)
    return render_template(
        "home/silent.html", lines=page.lines(rows), number=number, since=page.days.silent_since, unit=unit,
        soon=settings["due_soon_days"],
    )  # fmt: skip


@bp.get("/tim", endpoint="search")
@requires(Permission.SIGNED_IN)
def find() -> ResponseReturnValue:
    """Show what holds the words of `q`, of what the person may see."""
    settings = settings_of_request()
    text = search.asked_for(clean(request.args.get("q", "")[:LINE]) or "")
    too_short = bool(text) and not search.is_long_enough(text)
    page = Page(settings)
    found = search.find(page.reach, text) if text and not too_short else None
    lines = page.lines(found.tasks) if found else []
    return render_template(
        "home/search.html", text=text, found=found, lines=lines, too_short=too_short,
        most=search.MOST_COUNTED, soon=settings["due_soon_days"],
    )  # fmt: skip
