"""The monthly overdue report: made once a month, kept as sent, made again and sent again for a reason.

One report of an assigner is one transaction: the frozen data, its files, its mails, the entry in the history.
What it holds follows from the history of past days, so it is written, and its mails are, before the
transaction begins: no other writer waits for it.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

from flask import current_app
from sqlalchemy import func, select

from tracker import outbox
from tracker.files import overdue_paper, overdue_sheet, paper, sheet
from tracker.files.overdue_words import Issue
from tracker.models import db, end_reading, insert_into, lock, next_id, transaction
from tracker.models.mail import Enclosure, OutgoingMail
from tracker.models.people import Role
from tracker.models.report import Report, ReportFile, ReportKind, ReportMail
from tracker.models.units import Unit
from tracker.operations.recording import Stamp, entry, record, require_role, required_text
from tracker.operations.reminders.lines import Rendered
from tracker.operations.report_mail import ReportMailText
from tracker.queries.reports import Reader, assigners_with_a_report, overdue_month, readers_of
from tracker.queries.settings import all_settings
from tracker.rules.overdue_report import OverdueReport, checksum, from_data, month_before, to_data
from tracker.rules.text import fold
from tracker.rules.words import N_
from tracker.rules.workflow import DomainError

MAIL = "report"
"""The kind of these mails in the outbox."""
DECIDE = {Role.LEADER, Role.OFFICE}
"""Who may have a report made again or sent again, in its assigner or above it."""
KIND = ReportKind.OVERDUE_MONTH

log = logging.getLogger(__name__)


class NothingToReport(DomainError):
    """There is no report of this month, or not yet."""


class NobodyToSendTo(DomainError):
    """None of the chosen people can be sent this report."""


class _Stopped(Exception):
    """The process was asked to stop before a report was written."""


class _File(NamedTuple):
    """One file of a report: of the whole, or of the part of a unit."""

    unit_id: int | None
    filename: str
    media_type: str
    content: bytes


class _Draft(NamedTuple):
    """A report that is written and not kept yet."""

    report: OverdueReport
    data: dict[str, Any]
    sha256: str
    edition: int
    files: Sequence[_File]


@dataclass
class Made:
    """What one run of the monthly job came to."""

    reports: int = 0
    mails: int = 0
    failed: list[str] = field(default_factory=list)
    """The names of the assigners whose report could not be made."""
    is_stopped: bool = False
    """Whether it was asked to stop before it was done."""


def make_last_month(*, today: date, at: datetime, stop: Callable[[], bool] = lambda: False) -> Made:
    """Make the reports of the month before `today`, one an assigner, and queue their mails.

    What this made before, here or in another process, is not made again. One assigner whose report cannot
    be made holds up no other. `stop` is asked before each file: a report that is not done then is not kept.
    """
    made, last = Made(), month_before(today)
    for assigner in assigners_with_a_report(last, today=today):
        name = assigner.name
        try:
            mails = make_once(assigner, last, today=today, at=at, stop=stop)
        except _Stopped:
            made.is_stopped = True
            break
        except Exception:
            db.session.rollback()
            log.exception("Báo cáo của %s: không lập được", name)
            made.failed.append(name)
        else:
            made.reports += mails is not None
            made.mails += mails or 0
    return made


def make_once(
    assigner: Unit, last: date, *, today: date, at: datetime, stop: Callable[[], bool] = lambda: False
) -> int | None:
    """Make the report of a month unless the job made it before; return how many mails, None for no report.

    `last` is the last day of the month; `today` and `at` (aware) say when it is made. Somebody may have made
    an edition by hand meanwhile: then this one is the next.
    """
    while not _was_made_by_job(assigner, last):
        draft = _write(assigner, last, edition=_next_edition(assigner, last), made_on=today, stop=stop)
        readers = readers_of(assigner.id, [row.unit_id for row in draft.report.rows], today=today)
        report_id = next_id(Report)
        end_reading()
        files = [(file.unit_id, file.filename) for file in draft.files]
        letters = _letters(report_id, draft.edition, draft.report, files, readers)
        with transaction():
            report = _keep(draft, assigner, at=at, report_id=report_id)
            if report is None:
                continue
            _queue(report, letters, at=at)
            _record("report_made", report, Stamp(on=today, at=at), _names_of(readers, letters))
        return len(letters)
    return None


def _was_made_by_job(assigner: Unit, last: date) -> bool:
    made = select(Report.id).where(*_of_month(assigner, last), Report.made_by_id.is_(None))
    return db.session.scalar(made.limit(1)) is not None


def make_again(assigner: Unit, last: date, *, reason: str, stamp: Stamp) -> Report:
    """Make the report of a past month once more, as the next edition; nobody is sent it yet.

    `last` is the last day of the month, `reason` why it is made. Its numbers are those of the history as of
    that day, as it is known now.
    """
    require_role(assigner, DECIDE, stamp)
    reason = required_text(reason, N_("Nhập lý do lập lại báo cáo."))
    if last >= stamp.on:
        raise NothingToReport(N_("Tháng này chưa kết thúc. Chọn một tháng đã qua."))
    draft = _write(assigner, last, edition=_next_edition(assigner, last), made_on=stamp.on)
    if not draft.report.rows:
        raise NothingToReport(N_("Không có nhiệm vụ nào từ đầu năm đến hết tháng này để báo cáo."))
    with entry(stamp):
        lock(assigner)
        assert stamp.at is not None
        report = _keep(draft, assigner, at=stamp.at, by_id=stamp.by.id if stamp.by else None, reason=reason)
        if report is None:
            raise DomainError(N_("Người khác vừa lập báo cáo này. Hãy xem bản đó trước khi lập lại."))
        _record("report_made", report, stamp, {}, reason=reason)
    return report


def send_again(report: Report, *, user_ids: Collection[int], reason: str, stamp: Stamp) -> int:
    """Send a kept report to chosen people, each their part, as it was made; return how many mails.

    Only those may be chosen who may see it: `people_to_send`. Each sending is a mail of its own with this
    reason in it.
    """
    with entry(stamp):
        lock(report)
        require_role(report.assigner, DECIDE, stamp)
        reason = required_text(reason, N_("Nhập lý do gửi lại."))
        readers = [each for each in people_to_send(report, today=stamp.on) if each.id in user_ids]
        assert stamp.at is not None
        content = from_data(report.data)
        by = stamp.by.name if stamp.by else ""
        files = [(unit_id, name) for unit_id, _number, name in _files_of(report)]
        letters = _letters(report.id, report.edition, content, files, readers, sent_by=by, reason=reason)
        if not letters:
            raise NobodyToSendTo(N_("Chọn ít nhất một người có địa chỉ thư."))
        _queue(report, letters, at=stamp.at)
        _record("report_sent", report, stamp, _names_of(readers, letters), reason=reason)
    return len(letters)


def people_to_send(report: Report, *, today: date) -> list[Reader]:
    """Return who may be sent a report: those who get it each month, and the inspectors of the assigner."""
    unit_ids = select(ReportFile.unit_id).where(
        ReportFile.report_id == report.id, ReportFile.unit_id.is_not(None)
    )
    units = [unit_id for unit_id in db.session.scalars(unit_ids) if unit_id is not None]
    return readers_of(report.assigner_id, units, today=today, with_inspectors=True)


def _of_month(assigner: Unit, last: date) -> tuple[Any, ...]:
    return Report.kind == KIND, Report.assigner_id == assigner.id, Report.last_on == last


def _next_edition(assigner: Unit, last: date) -> int:
    return (db.session.scalar(select(func.max(Report.edition)).where(*_of_month(assigner, last))) or 0) + 1


def _write(
    assigner: Unit, last: date, *, edition: int, made_on: date, stop: Callable[[], bool] = lambda: False
) -> _Draft:
    """Write a report with all its files: the whole, and the part of each unit of B.4."""
    report = overdue_month(assigner, last, repeat_months=all_settings()["repeat_months"])
    data = to_data(report)
    issue = Issue(edition, made_on, checksum(data))
    stem = f"bao-cao-qua-han-{last:%Y-%m}-{_plain(assigner.code)}"
    end_reading()
    parts: list[tuple[int | None, str, OverdueReport]] = [(None, stem, report)]
    parts += [(row.unit_id, f"{stem}-{_plain(row.code)}", report.part({row.unit_id})) for row in report.rows]
    suffix = f"-lan-{edition}" if edition > 1 else ""
    files = []
    for unit_id, name, part in parts:
        if stop():
            raise _Stopped
        content = overdue_sheet.as_xlsx(part, issue), overdue_paper.as_docx(part, issue)
        files.append(_File(unit_id, f"{name}{suffix}.xlsx", sheet.MEDIA_TYPE, content[0]))
        files.append(_File(unit_id, f"{name}{suffix}.docx", paper.MEDIA_TYPE, content[1]))
    return _Draft(report, data, issue.sha256, edition, files)


def _plain(code: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", fold(code)).strip("-")


def _keep(
    draft: _Draft, assigner: Unit, *, at: datetime, by_id: int | None = None, reason: str | None = None,
    report_id: int | None = None,
) -> Report | None:  # fmt: skip
    """Store a report with its files within the caller's transaction; None when this edition is there.

    `report_id` is the id that its mails were written with; None also when it was taken meanwhile.
    """
    row = insert_into(Report).values(
        kind=KIND, assigner_id=assigner.id, first_on=draft.report.first, last_on=draft.report.last,
        edition=draft.edition, made_at=at, made_by_id=by_id, reason=reason, data=draft.data,
        sha256=draft.sha256, figures=_figures(draft.report),
        **({} if report_id is None else {"id": report_id}),
    )  # fmt: skip
    kept_id = db.session.scalar(row.on_conflict_do_nothing().returning(Report.id))
    if kept_id is None:
        return None
    report = db.session.get_one(Report, kept_id)
    for file in draft.files:
        enclosure = Enclosure(filename=file.filename, media_type=file.media_type, content=file.content)
        db.session.add(ReportFile(report=report, unit_id=file.unit_id, enclosure=enclosure))
    db.session.flush()
    return report


def _figures(report: OverdueReport) -> dict[str, list[int]]:
    late = {each.unit.unit_id: len(each.tasks) for each in report.by_unit}
    figures = {str(row.unit_id): [row.all, late.get(row.unit_id, 0)] for row in report.rows}
    return figures | {"": [report.total.all, len(report.overdue)]}


class _Letter(NamedTuple):
    """A report as it is told to one person, rendered before the transaction that queues it."""

    reader: Reader
    parts: Sequence[int | None]
    """The units whose files go with it; None stands for the whole."""
    mail: Rendered


def _letters(
    report_id: int, edition: int, content: OverdueReport, files: Iterable[tuple[int | None, str]],
    readers: Iterable[Reader], *, sent_by: str | None = None, reason: str | None = None,
) -> list[_Letter]:  # fmt: skip
    """Return one letter for each reader with an address; `files` are the units and names of the files."""
    names: dict[int | None, list[str]] = {}
    for unit_id, filename in files:
        names.setdefault(unit_id, []).append(filename)
    url = f"{current_app.config['BASE_URL']}/bao-cao/{report_id}"
    letters = []
    for reader in readers:
        if outbox.address_of(reader.email) is None:
            continue
        parts = [None] if reader.unit_ids is None else list[int | None](sorted(reader.unit_ids))
        mine = content if reader.unit_ids is None else content.part(reader.unit_ids)
        mail = ReportMailText(
            report=mine, edition=edition, name=reader.name, url=url, sent_by=sent_by, reason=reason,
            filenames=[filename for part in parts for filename in names[part]],
        )  # fmt: skip
        letters.append(_Letter(reader, parts, mail.render()))
    return letters


def _queue(report: Report, letters: Iterable[_Letter], *, at: datetime) -> None:
    """Queue the letters with their files within the caller's transaction."""
    enclosed: dict[int | None, list[int]] = {}
    for unit_id, enclosure_id, _name in _files_of(report):
        enclosed.setdefault(unit_id, []).append(enclosure_id)
    before = _mails_before(report)
    for reader, parts, mail in letters:
        mail_id = outbox.put(
            key=f"{MAIL}:{report.id}:{reader.id}:{before.get(reader.id, 0) + 1}", kind=MAIL,
            address=reader.email or "", user_id=reader.id, at=at,
            enclosures=[enclosure_id for part in parts for enclosure_id in enclosed[part]], **mail,
        )  # fmt: skip
        if mail_id is not None:
            db.session.add_all(
                ReportMail(report_id=report.id, mail_id=mail_id, unit_id=part) for part in parts
            )


def _files_of(report: Report) -> list[tuple[int | None, int, str]]:
    """Return unit, id and name of the files of a report, without their content."""
    stored = select(ReportFile.unit_id, Enclosure.id, Enclosure.filename).join(
        Enclosure, Enclosure.id == ReportFile.enclosure_id
    )
    rows = db.session.execute(stored.where(ReportFile.report_id == report.id).order_by(ReportFile.id))
    return [(unit_id, number, name) for unit_id, number, name in rows]


def _mails_before(report: Report) -> dict[int, int]:
    """Return how many mails of this report each person was sent."""
    query = (
        select(OutgoingMail.user_id, func.count(OutgoingMail.id.distinct()))
        .join(ReportMail, ReportMail.mail_id == OutgoingMail.id)
        .where(ReportMail.report_id == report.id, OutgoingMail.user_id.is_not(None))
        .group_by(OutgoingMail.user_id)
    )
    return {user_id: number for user_id, number in db.session.execute(query) if user_id is not None}


def _names_of(readers: Iterable[Reader], letters: Iterable[_Letter]) -> dict[str, list[str]]:
    """Return who gets a report and who should but has no address, for the history."""
    sent = {each.reader.id for each in letters}
    names: dict[str, list[str]] = {"to": [], "without_address": []}
    for reader in readers:
        names["to" if reader.id in sent else "without_address"].append(reader.name)
    return names


def _record(
    do: str, report: Report, stamp: Stamp, told: Mapping[str, Any], *, reason: str | None = None
) -> None:
    payload = {
        "report": report.id, "month": f"{report.last_on:%Y-%m}", "edition": report.edition,
        "sha256": report.sha256, "reason": reason, **told,
    }  # fmt: skip
    record(do, stamp, payload, unit=report.assigner, note=reason)
