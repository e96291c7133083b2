"""Papers that are attached: to a directive, or as evidence beside a row of the history."""

from __future__ import annotations

from collections.abc import Sequence

from tracker.files.papers import Paper
from tracker.models import db, lock
from tracker.models.directive import Attachment, Directive
from tracker.models.people import Role
from tracker.operations.recording import Stamp, entry, record, require_role
from tracker.rules.words import N_
from tracker.rules.workflow import Incomplete


def attachments_of(papers: Sequence[Paper], *, stamp: Stamp) -> list[Attachment]:
    """Return rows for checked papers whose bytes are kept already; who takes them into a row stores them.

    Raises `ValueError` for a stamp without a moment: a file came at a moment, not on a day.
    """
    if papers and stamp.at is None:
        raise ValueError("an attachment needs the moment at which it was added")
    return [
        Attachment(
            filename=paper.filename, media_type=paper.media_type, size=paper.size, sha256=paper.sha256,
            added_at=stamp.at, added_by=stamp.by,
        )
        for paper in papers
    ]  # fmt: skip


def attach(directive: Directive, papers: Sequence[Paper], *, stamp: Stamp) -> None:
    """Attach papers to a directive; the history tells who added which."""
    with entry(stamp):
        lock(directive)
        require_role(directive.issuer, {Role.OFFICE, Role.LEADER}, stamp)
        if not papers:
            raise Incomplete(N_("Chọn ít nhất một tệp."))
        names = ", ".join(paper.filename for paper in papers)
        row = record("attach", stamp, {"directive": directive.key}, directive=directive, note=names)
        for each in attachments_of(papers, stamp=stamp):
            each.directive_id = directive.id
            row.evidence.append(each)
        db.session.flush()
