"""Freezing a B.4: who, when, under which rule, all its tasks, and the SHA-256 that the print shows.

What is frozen is a document, like the paper that is sent: it is kept as it was read and never counted again.
So its line in the history file carries the data itself. Counting it again while loading would be less true:
an older rule version cannot be asked any more, and on PostgreSQL entries of other people that were stored
while it was read stand before it or after it by chance. The load checks the data against the checksum.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select

from tracker.models import begin_snapshot, db, lock
from tracker.models.people import Role
from tracker.models.report import Report, ReportKind
from tracker.models.units import Unit
from tracker.operations.recording import Stamp, entry, optional_text, record, require_role
from tracker.queries import b4
from tracker.queries.b4 import Question
from tracker.rules.b4_report import B4Report
from tracker.rules.overdue_report import checksum
from tracker.rules.status import OVERDUE_CELLS
from tracker.rules.words import N_
from tracker.rules.workflow import DomainError

FREEZE = {Role.LEADER, Role.OFFICE}
"""Who may freeze the B.4 of an assigner, in it or above it."""


class CannotFreeze(DomainError):
    """There is nothing to freeze, or not yet, or not the whole of it."""


class BrokenData(DomainError):
    """Data that was frozen elsewhere is not what its checksum or its own words say."""


def freeze(question: Question, *, stamp: Stamp, note: str | None = None) -> Report:
    """Freeze a B.4 in full as the next edition of its assigner and period; `stamp.at` says when.

    Everything is read at one moment, before the writing transaction begins. Raises `CannotFreeze`,
    `NotAllowed`, `AlreadyDone`. How the question is grouped does not matter.
    """
    require_role(question.assigner, FREEZE, stamp)
    if question.part is not None:
        raise CannotFreeze(N_("Chỉ chốt được toàn bộ biểu, không chốt một phần."))
    if question.on > stamp.on:
        raise CannotFreeze(N_("Ngày chốt số liệu chưa tới. Chọn ngày không sau hôm nay."))
    begin_snapshot()
    report = b4.report(question)
    if not report.tasks:
        raise CannotFreeze(N_("Không có nhiệm vụ nào trong kỳ này để chốt."))
    with entry(stamp):
        return _keep(question.assigner, report, report.to_data(), stamp, note)


def keep(
    assigner: Unit, data: Mapping[str, Any], *, told: Mapping[str, Any], stamp: Stamp, note: str | None = None
) -> Report:
    """Keep a B.4 that was frozen elsewhere, as it was: for loading a history.

    `told` is what its line says beside the data: assigner, from, to, cut_off, rule, sha256. Raises
    `BrokenData` unless the data give the same checksum and say the same.
    """
    require_role(assigner, FREEZE, stamp)
    found = checksum(data)
    if found != told["sha256"]:
        raise BrokenData(
            N_("mã kiểm tra của số liệu đã chốt là %(found)s, không phải %(told)s như dòng này ghi"),
            found=found, told=told["sha256"],
        )  # fmt: skip
    try:
        report = B4Report.from_data(data)
        spoken = _told(report, found)
        report.table()
    except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        raise BrokenData(N_("số liệu đã chốt không đọc được")) from error
    if spoken != told:
        raise BrokenData(N_("đơn vị, kỳ, ngày chốt hoặc quy tắc không khớp với số liệu đã chốt"))
    with entry(stamp):
        return _keep(assigner, report, data, stamp, note)


def _told(report: B4Report, sha256: str) -> dict[str, Any]:
    return {
        "assigner": report.assigner_code, "from": report.first.isoformat(), "to": report.last.isoformat(),
        "cut_off": report.on.isoformat(), "rule": report.rule, "sha256": sha256,
    }  # fmt: skip


def _keep(
    assigner: Unit, report: B4Report, data: Mapping[str, Any], stamp: Stamp, note: str | None
) -> Report:
    """Store a report with its entry in the history, within the caller's transaction.

    The assigner is held, so that two at once make two editions.
    """
    lock(assigner)
    db.session.flush()
    same = (
        Report.kind == ReportKind.B4, Report.assigner_id == assigner.id, Report.first_on == report.first,
        Report.last_on == report.last,
    )  # fmt: skip
    edition = (db.session.scalar(select(func.max(Report.edition)).where(*same)) or 0) + 1
    assert stamp.at is not None
    note, sha256 = optional_text(note), checksum(data)
    kept = Report(
        kind=ReportKind.B4, assigner_id=assigner.id, first_on=report.first, last_on=report.last,
        on_day=report.on, edition=edition, made_at=stamp.at, made_by_id=stamp.by.id if stamp.by else None,
        reason=note, data=dict(data), sha256=sha256, figures=_figures(report),
    )  # fmt: skip
    db.session.add(kept)
    told = _told(report, sha256) | {"edition": edition, "note": note}
    record("freeze", stamp, told, unit=assigner, note=note)
    db.session.flush()
    return kept


def _figures(report: B4Report) -> dict[str, list[int]]:
    """Return the tasks and the overdue ones by id of the lead unit, "" for the whole."""
    codes = {task.unit for task in report.tasks}
    found = db.session.execute(select(Unit.code, Unit.id).where(Unit.code.in_(codes)))
    ids = {row.code: row.id for row in found}
    if missing := codes - ids.keys():
        raise BrokenData(N_("số liệu đã chốt có đơn vị chưa có: %(codes)s"), codes=", ".join(sorted(missing)))
    figures = {"": [0, 0]} | {str(ids[code]): [0, 0] for code in sorted(codes)}
    for task in report.tasks:
        for place in ("", str(ids[task.unit])):
            figures[place][0] += 1
            figures[place][1] += task.cell in OVERDUE_CELLS
    return figures
