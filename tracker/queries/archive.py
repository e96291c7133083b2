"""The reports that were kept: which a person may see, of which units, who got them and whether it arrived."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, false, func, or_, select
from sqlalchemy.orm import defer

from tracker.models import db
from tracker.models.mail import Enclosure, MailState, OutgoingMail
from tracker.models.people import User
from tracker.models.progress import History
from tracker.models.report import Report, ReportFile, ReportKind, ReportMail
from tracker.models.task import Task
from tracker.models.units import Unit
from tracker.queries import b4
from tracker.queries.standing import roles_above, tasks_visible_to, units_reached
from tracker.rules.permissions import ISSUERS, LEADER, OFFICE, READERS

PAGE = 24
"""Reports on one page: two years of one assigner."""

Place = tuple[date, int]
"""Where a page of the list ended: the last day of the report's month, and its id."""


class Kept(NamedTuple):
    """One report in the list; of a part the figures are those of the reader's own units."""

    id: int
    last_on: date
    assigner_name: str
    edition: int
    made_at: datetime
    made_by: str | None
    in_full: bool
    tasks: int
    overdue: int
    mails: dict[MailState, int]

    @property
    def sent(self) -> int:
        return self.mails.get(MailState.SENT, 0)

    @property
    def failed(self) -> int:
        return self.mails.get(MailState.FAILED, 0)

    @property
    def waiting(self) -> int:
        return self.mails.get(MailState.QUEUED, 0) + self.mails.get(MailState.SENDING, 0)

    @property
    def unsent(self) -> int:
        """Mails that were kept for want of a mail server, or called back."""
        return sum(self.mails.values()) - self.sent - self.failed - self.waiting


class FileRow(NamedTuple):
    """One file of a report, without its content."""

    id: int
    unit_id: int | None
    unit_name: str | None
    filename: str
    size: int


class Receiver(NamedTuple):
    """One mail that brought a report, or a part of it, to a person."""

    mail_id: int
    name: str | None
    address: str
    unit_names: tuple[str, ...]
    """Of the parts in it, empty for the whole."""
    state: MailState
    queued_at: datetime
    ended_at: datetime | None


class _Access(NamedTuple):
    """SQL conditions over `Report` and `ReportFile`: open in full, and which parts are the reader's."""

    in_full: ColumnElement[bool]
    is_mine: ColumnElement[bool]

    @property
    def visible(self) -> ColumnElement[bool]:
        part = select(ReportFile.id).where(ReportFile.report_id == Report.id, self.is_mine).exists()
        return or_(self.in_full, part)


def _access(user: User, day: date) -> _Access:
    """Return what a person may see: in full what their units gave, of others the part that their units lead.

    The roles are those of B.4 (`queries.b4.assigners_open_to`).
    """
    full, part = units_reached(user, ISSUERS, day=day), units_reached(user, READERS, day=day)
    return _Access(
        in_full=false() if full is None else Report.assigner_id.in_(full),
        is_mine=false() if part is None else ReportFile.unit_id.in_(part),
    )


def reports_open_to(user: User, *, day: date, after: Place | None = None) -> tuple[list[Kept], Place | None]:
    """Return one page of the reports a person may see, the latest month first, and where the next begins."""
    access = _access(user, day)
    query: Any = (
        select(
            Report.id, Report.last_on, Unit.name, Report.edition, Report.made_at, User.name, access.in_full,
            Report.figures,
        )
        .join(Unit, Unit.id == Report.assigner_id)
        .outerjoin(User, User.id == Report.made_by_id)
        .where(Report.kind == ReportKind.OVERDUE_MONTH, access.visible)
        .order_by(Report.last_on.desc(), Report.id.desc())
        .limit(PAGE + 1)
    )  # fmt: skip
    if after is not None:
        last_on, report_id = after
        query = query.where(
            or_(Report.last_on < last_on, and_(Report.last_on == last_on, Report.id < report_id))
        )
    found = db.session.execute(query).all()
    page = found[:PAGE]
    ids = [row.id for row in page]
    parts = _parts(ids, access)
    mails = _mails(ids, access)
    rows = [_kept(row, parts[row.id], mails.get(row.id, {})) for row in page]
    return rows, (page[-1].last_on, page[-1].id) if len(found) > PAGE else None


def _kept(row: Any, part: frozenset[int], mails: dict[MailState, int]) -> Kept:
    *facts, in_full, figures = row
    counted = [figures[""]] if in_full else [figures[str(unit_id)] for unit_id in part]
    return Kept._make((*facts, in_full, *map(sum, zip(*counted, strict=True)), mails))


def _parts(ids: Collection[int], access: _Access) -> dict[int, frozenset[int]]:
    query = select(ReportFile.report_id, ReportFile.unit_id).where(
        ReportFile.report_id.in_(ids), ReportFile.unit_id.is_not(None), access.is_mine
    )
    parts: dict[int, set[int]] = defaultdict(set)
    for report_id, unit_id in db.session.execute(query):
        if unit_id is not None:
            parts[report_id].add(unit_id)
    return {report_id: frozenset(parts[report_id]) for report_id in ids}


def _mails(ids: Collection[int], access: _Access) -> dict[int, dict[MailState, int]]:
    """Return how many mails of each report stand in each state, of a part only those that brought it."""
    mine = select(ReportFile.id).where(
        ReportFile.report_id == ReportMail.report_id, ReportFile.unit_id == ReportMail.unit_id, access.is_mine
    )
    query = (
        select(ReportMail.report_id, OutgoingMail.state, func.count(OutgoingMail.id.distinct()))
        .join(OutgoingMail, OutgoingMail.id == ReportMail.mail_id)
        .join(Report, Report.id == ReportMail.report_id)
        .where(ReportMail.report_id.in_(ids), or_(access.in_full, mine.exists()))
        .group_by(ReportMail.report_id, OutgoingMail.state)
    )
    found: dict[int, dict[MailState, int]] = defaultdict(dict)
    for report_id, state, number in db.session.execute(query):
        found[report_id][state] = number
    return found


class Opened(NamedTuple):
    """A report for somebody who may see it; `unit_ids` of a part, None for the whole."""

    report: Report
    unit_ids: frozenset[int] | None


def open_report(report_id: int, user: User, *, day: date) -> Opened | None:
    """Return a report and how much of it a person may see, None for nothing at all."""
    access = _access(user, day)
    found = db.session.execute(
        select(Report, access.in_full).where(
            Report.id == report_id, Report.kind == ReportKind.OVERDUE_MONTH, access.visible
        )
    ).first()
    if found is None:
        return None
    return Opened(found[0], None if found[1] else _parts([report_id], access)[report_id])


def files_of(opened: Opened) -> list[FileRow]:
    """Return the files of a report that go with what is seen of it: the whole first, then by unit."""
    query = (
        select(
            ReportFile.id, ReportFile.unit_id, Unit.name, Enclosure.filename, func.length(Enclosure.content)
        )
        .join(Enclosure, Enclosure.id == ReportFile.enclosure_id)
        .outerjoin(Unit, Unit.id == ReportFile.unit_id)
        .where(ReportFile.report_id == opened.report.id)
        .order_by(ReportFile.id)
    )
    if opened.unit_ids is not None:
        query = query.where(ReportFile.unit_id.in_(opened.unit_ids))
    return [FileRow(*row) for row in db.session.execute(query)]


def file_of(opened: Opened, file_id: int) -> Enclosure | None:
    """Return one of `files_of` with its content, None for any other."""
    query = (
        select(Enclosure)
        .join(ReportFile, ReportFile.enclosure_id == Enclosure.id)
        .where(ReportFile.id == file_id, ReportFile.report_id == opened.report.id)
    )
    if opened.unit_ids is not None:
        query = query.where(ReportFile.unit_id.in_(opened.unit_ids))
    return db.session.scalar(query)


def receivers_of(opened: Opened) -> list[Receiver]:
    """Return who got what is seen of a report, in the order of sending."""
    query = (
        select(
            OutgoingMail.id, User.name, OutgoingMail.address, Unit.name, OutgoingMail.state,
            OutgoingMail.queued_at, OutgoingMail.ended_at,
        )
        .join(ReportMail, ReportMail.mail_id == OutgoingMail.id)
        .outerjoin(User, User.id == OutgoingMail.user_id)
        .outerjoin(Unit, Unit.id == ReportMail.unit_id)
        .where(ReportMail.report_id == opened.report.id)
        .order_by(OutgoingMail.id, ReportMail.id)
    )  # fmt: skip
    if opened.unit_ids is not None:
        query = query.where(ReportMail.unit_id.in_(opened.unit_ids))
    found: dict[int, Receiver] = {}
    for mail_id, name, address, unit_name, state, queued_at, ended_at in db.session.execute(query):
        before = found.get(mail_id)
        units = (*(before.unit_names if before else ()), *([unit_name] if unit_name else []))
        found[mail_id] = Receiver(mail_id, name, address, units, state, queued_at, ended_at)
    return list(found.values())


def without_address(report: Report) -> list[str]:
    """Return the names of those who should have been sent a report but had no address, by the history."""
    query = select(History.payload).where(
        History.do.in_(("report_made", "report_sent")), History.unit_id == report.assigner_id
    )
    names: dict[str, None] = {}
    for payload in db.session.scalars(query.order_by(History.id)):
        if payload.get("report") == report.id:
            names |= dict.fromkeys(payload.get("without_address", ()))
    return list(names)


def editions_of(report: Report) -> Sequence[Report]:
    """Return all editions of the report of one assigner and month, the first of them first, without data."""
    same = (Report.kind == report.kind, Report.assigner_id == report.assigner_id)
    query = select(Report).where(*same, Report.last_on == report.last_on).order_by(Report.edition)
    return list(db.session.scalars(query.options(defer(Report.data))))


def tasks_open_to(user: User, task_ids: Collection[int], *, day: date) -> set[int]:
    """Return which of these tasks a person may open now."""
    query = select(Task.id).where(Task.id.in_(task_ids), tasks_visible_to(user, day=day))
    return set(db.session.scalars(query))


def assigners_decided_by(user: User, *, day: date) -> list[Unit]:
    """Return the units whose reports a person may have made again: reached by a leader's or office's role."""
    deciding = {LEADER, OFFICE}
    return [
        each.unit for each in b4.assigners_open_to(user, day=day)
        if each.in_full and roles_above(user, each.unit, day) & deciding
    ]  # fmt: skip
