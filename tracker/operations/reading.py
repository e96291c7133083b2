"""Papers that are read: keeping what a reader understood, correcting it, and giving all of it out at once.

A draft is nobody's directive yet, so its rows are no part of the history; the directive and the tasks that
come of it are written there as if they had been typed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from tracker.files.edxml_reply import Asked
from tracker.files.papers import Paper
from tracker.intake.draft import Draft, to_data
from tracker.models import db, lock, transaction
from tracker.models.directive import Directive
from tracker.models.intake import SENT_BACK, DraftState, IntakeDraft, SeriesPlace, TaskPlace
from tracker.models.people import Role
from tracker.models.units import Unit
from tracker.operations import directives, series, tasks
from tracker.operations.aliases import learn
from tracker.operations.papers import attachments_of
from tracker.operations.recording import (
    AlreadyDone,
    ChangedMeanwhile,
    Stamp,
    entry,
    require_role,
)
from tracker.rules.text import nfc
from tracker.rules.words import N_
from tracker.rules.workflow import DomainError, Incomplete, NotAllowed


class DraftClosed(DomainError):
    """The paper was given out or put away before."""

    def __init__(self) -> None:
        super().__init__(N_("Bản đọc này đã được giao hoặc đã bỏ, không sửa được nữa."))


@dataclass(frozen=True)
class Part:
    """One item of a paper as it is given: what to whom, and its place in the text, if it has one.

    `orders` are tasks given once, `plans` recurring ones; several units are several orders.
    """

    orders: Sequence[tasks.Order] = ()
    plans: Sequence[series.Plan] = ()
    place: tuple[int, int] | None = None


def start(
    unit: Unit, plain: str, draft: Draft, *, stamp: Stamp, papers: Sequence[Paper] = (),
    asked: Asked | None = None,
) -> IntakeDraft:  # fmt: skip
    """Keep a paper that was read for a unit; a double click keeps it once.

    `papers` are its files, whose bytes are kept already: the one that was read first, then what came with it.
    `asked` is whom a status reply goes to, where the paper came in an envelope.

    Raises `AlreadyDone` for a submission that was stored before, `Incomplete` for a paper without words.
    """
    if stamp.by is None or stamp.at is None:
        raise ValueError("a paper is read by somebody at a moment")
    try:
        with transaction():
            _require_own(unit, stamp)
            if not plain.strip():
                raise Incomplete(N_("Văn bản không có chữ nào đọc được."))
            if stamp.token and drafted_by(stamp.token) is not None:
                raise AlreadyDone
            row = IntakeDraft(
                token=stamp.token, unit=unit, started_by=stamp.by, started_at=stamp.at,
                changed_by=stamp.by, changed_at=stamp.at, plain=nfc(plain), content=to_data(draft),
                filename=papers[0].filename if papers else None,
                sha256=papers[0].sha256 if papers else None,
                files=[asdict(each) for each in papers], envelope=asdict(asked) if asked else None,
            )  # fmt: skip
            db.session.add(row)
    except IntegrityError as error:
        if "token" in str(error.orig):
            raise AlreadyDone from error
        raise
    return row


def drafted_by(token: str | None) -> IntakeDraft | None:
    """Return the draft that a submission brought, None when it brought none."""
    return db.session.scalar(select(IntakeDraft).where(IntakeDraft.token == token)) if token else None


def correct(
    row: IntakeDraft, draft: Draft, *, stamp: Stamp, taught: Mapping[str, Unit] | None = None
) -> None:
    """Keep a draft as the person has it now; raises `ChangedMeanwhile` when another page was faster.

    `taught` are names and the units that the person said they mean: the unit's office is understood so from
    now on.
    """
    with transaction():
        _open(row, stamp)
        learn(row.unit, taught or {}, stamp=stamp)
        content = to_data(draft)
        if content != row.content:
            _touch(row, stamp)
            row.content = content


def drop(row: IntakeDraft, *, stamp: Stamp, sent_back: str | None = None) -> None:
    """Put a paper away without giving anything; the row stays.

    `sent_back` is why a paper that came in an envelope is refused: its status reply will say so.
    """
    with transaction():
        _open(row, stamp)
        _touch(row, stamp)
        row.state = DraftState.DROPPED
        if sent_back and row.envelope is not None:
            row.envelope = row.envelope | {SENT_BACK: nfc(sent_back).strip()}


def give(
    row: IntakeDraft, parts: Sequence[Part], *, stamp: Stamp, issuer: Unit, **values: Any
) -> Directive:
    """Register the directive of a paper and give its tasks, all in one transaction or nothing at all.

    `values` are those of `directives.register`; `stamp.seen` is the version of the draft that the parts were
    made from. The file is attached, each task keeps its place, the draft is closed. A second submission of
    the same form raises `AlreadyDone`, any other `DraftClosed`.
    """
    with entry(stamp):
        _open(row, stamp)
        once = replace(stamp, seen=None)
        attachments = attachments_of([Paper(**each) for each in row.files], stamp=stamp)
        directive = directives.register(stamp=once, issuer=issuer, attachments=attachments, **values)
        inside = replace(once, token=None)
        for part in parts:
            given = tasks.give(directive, part.orders, stamp=inside) if part.orders else []
            begun = series.begin(directive, part.plans, stamp=inside) if part.plans else []
            if part.place is None:
                continue
            db.session.flush()
            first, last = part.place
            db.session.add_all(TaskPlace(task_id=e.id, draft_id=row.id, start=first, end=last) for e in given)
            db.session.add_all(
                SeriesPlace(series_id=e.id, draft_id=row.id, start=first, end=last) for e in begun
            )
        _touch(row, stamp)
        row.state, row.directive = DraftState.GIVEN, directive
    return directive


def _open(row: IntakeDraft, stamp: Stamp) -> None:
    lock(row)
    _require_own(row.unit, stamp)
    if row.state is not DraftState.OPEN:
        raise DraftClosed
    if stamp.seen is not None and stamp.seen != row.version:
        raise ChangedMeanwhile


def _touch(row: IntakeDraft, stamp: Stamp) -> None:
    if stamp.by is None or stamp.at is None:
        raise ValueError("a draft is changed by somebody at a moment")
    row.version += 1
    row.changed_by, row.changed_at = stamp.by, stamp.at


def _require_own(unit: Unit, stamp: Stamp) -> None:
    """Raise unless the person holds office or leadership in exactly this unit."""
    require_role(unit, {Role.OFFICE, Role.LEADER}, stamp)
    if stamp.by is not None and not any(
        held.unit is unit and held.role in (Role.OFFICE, Role.LEADER)
        and held.valid_from <= stamp.on < held.valid_to
        for held in stamp.by.held_roles
    ):  # fmt: skip
        raise NotAllowed(N_("Bạn không có quyền thực hiện thao tác này."))
