"""Directives: registering a paper or an oral instruction, and correcting what was entered of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from uuid import uuid4

from sqlalchemy import select

from tracker.models import db, lock
from tracker.models.directive import Attachment, Directive, DirectiveBasis, Urgency
from tracker.models.people import Role
from tracker.models.task import Task
from tracker.models.units import Unit
from tracker.operations import tasks
from tracker.operations.recording import (
    ChangedMeanwhile,
    Stamp,
    entry,
    optional_text,
    record,
    require_role,
    required_text,
)
from tracker.rules.text import fold, nfc
from tracker.rules.words import N_
from tracker.rules.workflow import DomainError

_SECRET = re.compile(r"\b(tuyet mat|toi mat|do mat|van ban mat|tai lieu mat)\b|^mat$")


class SecretPaper(DomainError):
    """Secret papers are not kept here (domain §2)."""


def _refuse_secret(*texts: str | None) -> None:
    if any(_SECRET.search(fold(text or "")) for text in texts):
        raise SecretPaper(
            N_(
                "Không đưa văn bản mật, tối mật, tuyệt mật vào hệ thống này. "
                "Hãy xử lý theo quy định bảo vệ bí mật."
            )
        )


def _search_text(directive: Directive) -> str:
    parts = (directive.number, directive.subject, directive.signer, directive.field, directive.meeting)
    return fold(" ".join(part for part in parts if part))


def register(
    *,
    stamp: Stamp,
    kind: str,
    subject: str,
    issuer: Unit,
    issued_on: date,
    key: str | None = None,
    number: str | None = None,
    signer: str | None = None,
    signer_title: str | None = None,
    field: str | None = None,
    urgency: str | None = None,
    meeting: str | None = None,
    based_on: Sequence[Directive | str] = (),
    replaces: Directive | None = None,
    attachments: Sequence[Attachment] = (),
) -> Directive:
    """Register a directive. `based_on` mixes directives of the register and numbers printed elsewhere.

    `kind` is a code such as KH or CV; `urgency` one of `Urgency`, normal when not said. `attachments` are
    checked papers (`operations.papers.attachments_of`). Real papers are imperfect: a missing number or an odd
    date is accepted, a secret paper is refused.
    """
    with entry(stamp):
        require_role(issuer, {Role.OFFICE, Role.LEADER}, stamp)
        directive = Directive(
            key=key or f"vb-{uuid4().hex[:12]}",
            kind=required_text(kind, N_("Chọn loại văn bản.")),
            subject=required_text(subject, N_("Nhập trích yếu nội dung.")),
            number=optional_text(number),
            issuer=issuer,
            issued_on=issued_on,
            registered_on=stamp.on,
            signer=optional_text(signer),
            signer_title=optional_text(signer_title),
            field=optional_text(field),
            urgency=urgency or Urgency.NORMAL.value,
            meeting=optional_text(meeting),
            replaces=replaces,
        )
        _refuse_secret(directive.subject, directive.urgency, *(each.filename for each in attachments))
        _lay_bases(directive, based_on)
        directive.search_text = _search_text(directive)
        db.session.add(directive)
        payload = _payload(directive, urgency)
        row = record("directive", stamp, payload, directive=directive, note=directive.subject)
        if attachments:
            db.session.flush()
        for each in attachments:
            each.directive_id = directive.id
            row.evidence.append(each)
    return directive


def _lay_bases(directive: Directive, based_on: Sequence[Directive | str]) -> None:
    directive.bases = [
        DirectiveBasis(position=position, based_on=base) if isinstance(base, Directive)
        else DirectiveBasis(position=position, printed=nfc(base).strip())
        for position, base in enumerate(based_on)
    ]  # fmt: skip


def _basis_words(directive: Directive) -> list[str]:
    return [basis.based_on.key if basis.based_on else basis.printed or "" for basis in directive.bases]


def _payload(directive: Directive, urgency: str | None) -> dict[str, object]:
    return {
        "directive": directive.key,
        "kind": directive.kind,
        "subject": directive.subject,
        "issuer": directive.issuer.code,
        "issued_on": directive.issued_on.isoformat(),
        "number": directive.number,
        "signer": directive.signer,
        "signer_title": directive.signer_title,
        "field": directive.field,
        "urgency": urgency,
        "based_on": _basis_words(directive),
        "meeting": directive.meeting,
        "replaces": directive.replaces.key if directive.replaces else None,
    }


def correct(
    directive: Directive, *, stamp: Stamp, based_on: Sequence[Directive | str] | None = None, **values: object
) -> None:
    """Correct what was entered of a directive: kind, number, subject, issued_on, signer, signer_title, field,
    urgency, meeting, replaces (a Directive or None) and `based_on` (the whole list anew)."""
    with entry(stamp):
        lock(directive)
        require_role(directive.issuer, {Role.OFFICE, Role.LEADER}, stamp)
        if stamp.seen is not None and stamp.seen != directive.version:
            raise ChangedMeanwhile
        changes: list[list[object]] = []
        for key, value in values.items():
            value = nfc(value).strip() or None if isinstance(value, str) else value
            if (old := getattr(directive, key)) != value:
                changes.append([key, _plain(old), _plain(value)])
                setattr(directive, key, value)
        if based_on is not None:
            old_bases = _basis_words(directive)
            new_bases = [base.key if isinstance(base, Directive) else nfc(base).strip() for base in based_on]
            if old_bases != new_bases:
                for basis in directive.bases:
                    db.session.delete(basis)
                db.session.flush()
                _lay_bases(directive, based_on)
                changes.append(["based_on", old_bases, new_bases])
        if not changes:
            return
        _refuse_secret(directive.subject, directive.urgency)
        directive.search_text = _search_text(directive)
        directive.version += 1
        payload = {"what": "directive", "key": directive.key, "set": {k: v for k, _, v in changes}}
        record("correct", stamp, payload, directive=directive, changes=changes)


def _plain(value: object) -> object:
    if isinstance(value, Directive):
        return value.key
    return value.isoformat() if isinstance(value, date) else value


def same_number(number: str, issuer: Unit, year: int) -> list[Directive]:
    """Return directives of the register with this number, issuer and year: a duplicate to announce."""
    query = select(Directive).where(Directive.number == nfc(number).strip(), Directive.issuer_id == issuer.id)
    return [each for each in db.session.scalars(query) if each.issued_on.year == year]


def give_drafts(drafts: Sequence[Task], *, stamp: Stamp) -> None:
    """Give out several drafts of a directive, all of them or none."""
    with entry(stamp):
        for part, draft in enumerate(drafts):
            tasks.give_draft(draft, stamp=_part(stamp, part))


def drop_drafts(drafts: Sequence[Task], *, stamp: Stamp) -> None:
    """Drop several drafts that were never given, all of them or none; the history keeps them."""
    with entry(stamp):
        for part, draft in enumerate(drafts):
            tasks.cancel(draft, stamp=_part(stamp, part), reason=N_("Bỏ dự thảo, chưa giao"))


def _part(stamp: Stamp, part: int) -> Stamp:
    """Return the stamp of one of several steps of one submission: each history row has a token of its own."""
    return replace(stamp, token=f"{stamp.token}:{part}" if stamp.token and part else stamp.token, seen=None)
