"""The B.4 that were frozen: which a person may see, of which units, and what changed after the freezing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, String, and_, cast, extract, false, func, or_, select
from sqlalchemy.orm import defer

from tracker.models import db
from tracker.models.directive import Directive
from tracker.models.people import User
from tracker.models.progress import History
from tracker.models.report import Report, ReportKind
from tracker.models.task import Task
from tracker.models.units import Unit
from tracker.queries import b4
from tracker.queries.b4 import Question, population
from tracker.queries.standing import roles_above, tasks_visible_to, units_reached
from tracker.queries.task_page import Event
from tracker.rules.b4_report import B4Report
from tracker.rules.overdue_report import checksum
from tracker.rules.permissions import ISSUERS, LEADER, OFFICE, READERS

PAGE = 30
"""Frozen reports on one page of the list."""
MOST_KEYS = 500
"""Tasks whose entries are looked up at once: a page shows no more."""


class Unreadable(Exception):
    """The data of a frozen report are damaged beyond reading."""

    def __init__(self, kept: Report) -> None:
        super().__init__(kept.id)
        self.kept = kept


class Listed(NamedTuple):
    """One frozen B.4 in the list; of a part the figures are those of the reader's own units."""

    id: int
    assigner_code: str
    assigner_name: str
    first_on: date
    last_on: date
    on_day: date
    edition: int
    made_at: datetime
    made_by: str | None
    note: str | None
    in_full: bool
    tasks: int
    overdue: int


class Choices(NamedTuple):
    """What the list may be filtered by: assigners (code, name) and years."""

    assigners: Sequence[tuple[str, str]]
    years: Sequence[int]


class Opened(NamedTuple):
    """A frozen B.4 for somebody who may see it."""

    kept: Report
    report: B4Report
    """As far as the person may see it."""
    codes: frozenset[str] | None
    """Codes of the units of a part, None for the whole."""
    is_intact: bool
    """Whether the data give the SHA-256 that was written down, in the report and in the history."""
    entry_id: int | None
    """Of its own entry in the history: later ones came after the freezing."""

    @property
    def is_part(self) -> bool:
        return self.codes is not None

    @property
    def stamp_line(self) -> tuple[int, datetime, str, str, int]:
        """Edition, moment, name of who froze it, SHA-256 and version of the rule, as every file says them."""
        by = self.kept.made_by.name if self.kept.made_by else ""
        return self.kept.edition, self.kept.made_at, by, self.kept.sha256, self.report.rule


class _Access(NamedTuple):
    """SQL conditions over `Report`: open in full, or in part; `part` are the ids of the reader's units."""

    in_full: ColumnElement[bool]
    in_part: ColumnElement[bool]
    part: Any

    @property
    def visible(self) -> ColumnElement[bool]:
        return and_(Report.kind == ReportKind.B4, or_(self.in_full, self.in_part))


def _access(user: User, day: date) -> _Access:
    """Return what a person may see, by the roles of B.4: in full what their units gave, else their part."""
    full, part = units_reached(user, ISSUERS, day=day), units_reached(user, READERS, day=day)
    figures = func.json_each(Report.figures).table_valued("key")
    mine: ColumnElement[bool] = false()
    if part is not None:
        ids = select(cast(Unit.id, String)).where(Unit.id.in_(part))
        mine = select(figures.c.key).where(figures.c.key.in_(ids)).exists()
    return _Access(false() if full is None else Report.assigner_id.in_(full), mine, part)


def may_freeze(user: User, assigner: Unit, *, day: date) -> bool:
    """Return whether a person may freeze the B.4 of an assigner: its leader or office, or one above it."""
    return bool(roles_above(user, assigner, day) & {LEADER, OFFICE})


def frozen_open_to(
    user: User, *, day: date, assigner: str | None = None, year: int | None = None, before: int | None = None
) -> tuple[list[Listed], int | None]:
    """Return one page of the frozen B.4 a person may see, the newest first, and where the next begins.

    `assigner` is a code, `year` that of the end of the period, `before` the place that the page before named.
    """
    access = _access(user, day)
    query: Any = (
        select(
            Report.id, Unit.code, Unit.name, Report.first_on, Report.last_on, Report.on_day, Report.edition,
            Report.made_at, User.name, Report.reason, access.in_full, Report.figures,
        )
        .join(Unit, Unit.id == Report.assigner_id)
        .outerjoin(User, User.id == Report.made_by_id)
        .where(access.visible)
        .order_by(Report.id.desc())
        .limit(PAGE + 1)
    )  # fmt: skip
    if assigner is not None:
        query = query.where(Unit.code == assigner)
    if year is not None:
        query = query.where(extract("year", Report.last_on) == year)
    if before is not None:
        query = query.where(Report.id < before)
    found = db.session.execute(query).all()
    page = found[:PAGE]
    reached = _reached(access) if any(not row[-2] for row in page) else set()
    return [_listed(row, reached) for row in page], page[-1].id if len(found) > PAGE else None


def _reached(access: _Access) -> set[str]:
    return {str(number) for number in db.session.scalars(access.part)} if access.part is not None else set()


def _listed(row: Any, reached: Collection[str]) -> Listed:
    *facts, in_full, figures = row
    counted = [figures[""]] if in_full else [numbers for unit, numbers in figures.items() if unit in reached]
    sums = (sum(numbers) for numbers in zip(*counted, strict=True))
    return Listed._make((*facts, in_full, *sums))


def choices_of(user: User, *, day: date) -> Choices:
    """Return what the list of a person may be filtered by."""
    visible = _access(user, day).visible
    units = select(Unit.code, Unit.name).join(Report, Report.assigner_id == Unit.id).where(visible)
    year = extract("year", Report.last_on)
    years = db.session.scalars(select(year).where(visible).distinct())
    assigners = [(code, name) for code, name in db.session.execute(units.distinct())]
    return Choices(sorted(assigners, key=lambda each: each[1]), sorted(map(int, years), reverse=True))


def open_frozen(report_id: int, user: User, *, day: date) -> Opened | None:
    """Return a frozen B.4 as far as a person may see it, None for nothing at all.

    Whether the data are intact is asked each time. Raises `Unreadable`.
    """
    access = _access(user, day)
    found = db.session.execute(
        select(Report, access.in_full).where(Report.id == report_id, access.visible)
    ).first()
    if found is None:
        return None
    kept, in_full = found
    codes = None
    if not in_full:
        codes = frozenset(db.session.scalars(select(Unit.code).where(Unit.id.in_(access.part))))
    try:
        report = B4Report.from_data(kept.data)
        report = report if codes is None else report.part(codes)
        report.table()
    except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        raise Unreadable(kept) from error
    entry = _entry_of(kept)
    written = entry.payload.get("sha256") if entry else kept.sha256
    is_intact = checksum(kept.data) == kept.sha256 == written
    return Opened(kept, report, codes, is_intact, entry.id if entry else None)


def _entry_of(kept: Report) -> Any:
    """Return id and payload of the entry of the freezing, None where there is none."""
    query = select(History.id, History.payload).where(
        History.do == "freeze", History.unit_id == kept.assigner_id
    )
    told = (kept.edition, kept.first_on.isoformat(), kept.last_on.isoformat())
    for row in db.session.execute(query):
        if tuple(row.payload.get(key) for key in ("edition", "from", "to")) == told:
            return row
    return None


def others_of(kept: Report, user: User, *, day: date) -> Sequence[Report]:
    """Return the other frozen B.4 of the same assigner that a person may see, the newest first, no data."""
    query = select(Report).where(
        _access(user, day).visible, Report.assigner_id == kept.assigner_id, Report.id != kept.id
    )
    return db.session.scalars(query.order_by(Report.id.desc()).limit(PAGE).options(defer(Report.data))).all()


def counted_now(opened: Opened, user: User, *, day: date, on: date | None = None) -> B4Report:
    """Return the same question counted now; `on` names another cut-off day. Of a part, the person's part."""
    kept = opened.kept
    part = b4.part_open_to(user, day=day) if opened.is_part else None
    return b4.report(
        Question(kept.assigner, kept.first_on, kept.last_on, on or opened.report.on, part=part)
    )


def links_of(keys: Collection[str], user: User, *, day: date) -> dict[str, int]:
    """Return the ids of those of the tasks that still exist and that a person may see, by key."""
    query = select(Task.key, Task.id).where(Task.key.in_(list(keys)), tasks_visible_to(user, day=day))
    return {row.key: row.id for row in db.session.execute(query)}


def entries_after(opened: Opened, keys: Collection[str]) -> Mapping[str, list[Event]]:
    """Return what was entered about these tasks after the freezing for its cut-off day or before it."""
    if opened.entry_id is None or not keys:
        return {}
    wanted = and_(Task.key.in_(list(keys)[:MOST_KEYS]), History.on_day <= opened.report.on)
    return _events(Task.key, History.task_id == Task.id, and_(History.id > opened.entry_id, wanted))


def corrected_after(opened: Opened) -> tuple[Mapping[str, list[Event]], Mapping[str, list[Event]]]:
    """Return the corrections entered after the freezing of what it counts: by task key, by directive key."""
    if opened.entry_id is None:
        return {}, {}
    kept, report = opened.kept, opened.report
    counted = population(Question(kept.assigner, kept.first_on, kept.last_on, report.on)).subquery()
    later = and_(History.do == "correct", History.id > opened.entry_id)
    tasks = _events(
        Task.key, History.task_id == Task.id, and_(later, Task.id.in_(select(counted.c.task_id)))
    )
    papers = select(Task.directive_id).where(Task.id.in_(select(counted.c.task_id)))
    of_paper = and_(History.directive_id == Directive.id, History.task_id.is_(None))
    directives = _events(Directive.key, of_paper, and_(later, Directive.id.in_(papers)))
    keys = {task.key for task in report.tasks}
    read = {task.directive_key for task in report.tasks}
    return (
        {key: events for key, events in tasks.items() if key in keys},
        {key: events for key, events in directives.items() if key in read},
    )


def _events(key: Any, joined: ColumnElement[bool], wanted: ColumnElement[bool]) -> dict[str, list[Event]]:
    query = (
        select(
            key.label("about"), History.id, History.do, History.on_day, History.at, User.name, Unit.name,
            History.note, History.payload, History.changes,
        )
        .join(key.class_, joined)
        .outerjoin(User, User.id == History.by_id)
        .outerjoin(Unit, Unit.id == History.unit_id)
        .where(wanted)
        .order_by(History.id)
    )  # fmt: skip
    found: dict[str, list[Event]] = defaultdict(list)
    for about, *facts in db.session.execute(query):
        found[about].append(Event._make((*facts, [])))
    return found
