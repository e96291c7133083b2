"""What a person brings: a paper, pasted text, or an envelope of the document exchange with its papers."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from pathlib import PurePosixPath
from typing import Any

from tracker.files.edxml_reply import Asked
from tracker.files.papers import Paper, UnfitPaper, check_paper, clean_name
from tracker.intake.checks import ENVELOPES, PAPERS
from tracker.intake.draft import Draft, Read, draft_of
from tracker.intake.edxml import Attached, Envelope, with_envelope
from tracker.intake.limited import (
    read_envelope_safely,
    read_file_safely,
    read_papers_safely,
    read_words_safely,
)
from tracker.intake.papers import UnreadablePaper
from tracker.intake.proposal import Header, Proposal
from tracker.language import gettext as _
from tracker.models.directive import Urgency
from tracker.rules.words import N_
from tracker.web.filters import day as day_words
from tracker.web.intake.blueprint import KINDS

ACCEPTED = (*PAPERS, *ENVELOPES)
"""Extensions of what may be brought."""

FROM_ENVELOPE = N_("Thời hạn ghi trên gói văn bản điện tử, áp dụng cho nhiệm vụ không ghi thời hạn riêng.")
LESS_SURE = 0.6
"""How sure a deadline is that the envelope says of the document as a whole."""

_URGENCY = {
    "0": Urgency.NORMAL, "1": Urgency.URGENT, "2": Urgency.VERY_URGENT, "3": Urgency.EXPRESS,
    "4": Urgency.EXPRESS,
}  # fmt: skip
_HTML = (".html", ".htm")


@dataclass(frozen=True)
class Brought:
    """What was understood, and the files that will be attached, the one that was read first."""

    plain: str
    draft: Draft
    files: tuple[tuple[Paper, bytes], ...] = ()
    asked: Asked | None = None
    """Whom a status reply goes to, where it came in an envelope."""


def read_words(text: str, words: Mapping[str, Any]) -> Brought:
    """Read pasted text; `words` are the keywords of the readers."""
    plain, proposal = read_words_safely(text, **words)
    return Brought(plain.text, _draft(proposal))


def read_file(filename: str, content: bytes, words: Mapping[str, Any]) -> Brought:
    """Read a file; raises a `DomainError` with a sentence for the person."""
    if _kind(filename) in ENVELOPES:
        return _read_envelope(read_envelope_safely(filename, content), words)
    plain, proposal = read_file_safely(filename, content, **words)
    return Brought(plain.text, _draft(proposal), ((paper_of(filename, content), content),))


def _kind(filename: str) -> str:
    return PurePosixPath(filename).suffix.lower()


def _draft(proposal: Proposal) -> Draft:
    return draft_of(proposal, {code: _(name) for code, name in KINDS.items()})


def paper_of(filename: str, content: bytes) -> Paper:
    """Return what an attached file is; a page of the web is kept too, and handed out as a download only."""
    name = clean_name(filename)
    if name.lower().endswith(_HTML):
        return Paper(name, "text/html", len(content), hashlib.sha256(content).hexdigest())
    return check_paper(name, io.BytesIO(content))


def _read_envelope(envelope: Envelope, words: Mapping[str, Any]) -> Brought:
    """Read the papers of an envelope as one text, main paper and appendices; its own words win."""
    readable = [each for each in envelope.papers if _kind(each.filename) in PAPERS]
    papers = [(each.filename, each.content) for each in readable]
    whole, proposal = read_papers_safely(papers, otherwise=envelope.content, **words)
    head = _placed(with_envelope(proposal.header, envelope.header), proposal.header)
    draft = _draft(replace(proposal, header=head))
    urgency = _URGENCY.get(envelope.urgency.value if envelope.urgency else "")
    draft = replace(draft, values=draft.values | ({"urgency": urgency.value} if urgency else {}))
    if envelope.due_on is not None:
        draft = _due_by(draft, envelope.due_on)
    others = [each for each in envelope.papers if each not in readable]
    return Brought(whole.text, draft, tuple(_attachable([*readable, *others])), _asked(envelope))


def _asked(envelope: Envelope) -> Asked | None:
    """Return whom a reply goes to, None where the envelope does not say who sent which document."""
    code = envelope.header.number.value if envelope.header.number else ""
    if not envelope.sender.organ_id or not (code or envelope.document_id):
        return None
    return Asked(
        envelope.sender.organ_id, envelope.sender.name, envelope.document_id, code,
        envelope.issued_on.isoformat() if envelope.issued_on else "",
        [each.organ_id for each in envelope.receivers if each.organ_id],
    )  # fmt: skip


def _placed(head: Header, read: Header) -> Header:
    """Give what the envelope says the places at which the paper says it."""
    found: dict[str, Any] = {}
    for name in (each.name for each in fields(Header)):
        told, seen = getattr(head, name), getattr(read, name)
        if told is not None and not isinstance(told, tuple) and seen is not None:
            found[name] = replace(told, start=seen.start, end=seen.end)
    return replace(head, **found)


def _due_by(draft: Draft, until: date) -> Draft:
    phrase = Read(_("chậm nhất ngày %(day)s", day=day_words(until)), sure=LESS_SURE, why=FROM_ENVELOPE)
    return replace(
        draft,
        tasks=tuple(
            each if each.due.value or each.recurrence.value else replace(each, due=phrase, due_on=until)
            for each in draft.tasks
        ),
    )


def _attachable(papers: list[Attached]) -> list[tuple[Paper, bytes]]:
    """Return the files of an envelope that may be attached; a kind that nobody opens here is left out."""
    found = []
    for each in papers:
        try:
            found.append((paper_of(each.filename, each.content), each.content))
        except (UnfitPaper, UnreadablePaper):
            continue
    return found
