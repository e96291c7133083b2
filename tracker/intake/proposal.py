"""What the reader understood of a paper: header, citations, tasks, each with its place and how sure it is.

A proposal is plain data without ids of the database; `to_data` is what `flask read-directive` prints.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, time
from enum import StrEnum
from typing import Any, Generic, TypeVar


class PaperKind(StrEnum):
    """Kinds of papers as they are cited, with the codes of Nghị định 30/2020 and of laws and decrees."""

    CONG_VAN = "CV"
    KE_HOACH = "KH"
    CHI_THI = "CT"
    THONG_BAO = "TB"
    QUYET_DINH = "QĐ"
    BAO_CAO = "BC"
    TO_TRINH = "TTr"
    NGHI_QUYET = "NQ"
    NGHI_DINH = "NĐ"
    THONG_TU = "TT"
    CONG_DIEN = "CĐ"
    GIAY_MOI = "GM"
    HUONG_DAN = "HD"
    CHUONG_TRINH = "CTr"
    LUAT = "LUẬT"
    KHAC = "KHÁC"


class Recurrence(StrEnum):
    """How often a task returns, as the paper says it."""

    CONTINUOUS = "continuous"
    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    SEMIANNUAL = "semiannual"
    ANNUAL = "annual"


T = TypeVar("T")

DOUBTFUL = 0.7
"""Below this a field is marked as doubtful on the screen (product decision)."""


@dataclass(frozen=True, slots=True)
class Found(Generic[T]):
    """One field: its value, the place it was read at, how sure that is, and why.

    `start` and `end` count characters of the plain text, end exclusive; both None when the value was
    concluded rather than read. `sure` goes from 0 to 1; below `DOUBTFUL` a person is asked to look.
    `why` is a sentence for that person, marked for translation, with `values` for its placeholders.
    """

    value: T
    start: int | None = None
    end: int | None = None
    sure: float = 1.0
    why: str = ""
    values: dict[str, str] = field(default_factory=dict)

    @property
    def is_doubtful(self) -> bool:
        """Whether a person should look at this field first."""
        return self.sure < DOUBTFUL


@dataclass(frozen=True, slots=True)
class Header:
    """The head, the signature and the places of a paper; a field is None when the paper does not say it."""

    number: Found[str] | None = None
    """Number and notation without blanks, `254/UBND-NV`; `/BC-UBND` when the number is left open."""
    issued_on: Found[date] | None = None
    issuer: Found[str] | None = None
    kind: Found[PaperKind] | None = None
    subject: Found[str] | None = None
    signer: Found[str] | None = None
    signer_title: Found[str] | None = None
    addressees: tuple[Found[str], ...] = ()
    recipients: tuple[Found[str], ...] = ()


@dataclass(frozen=True, slots=True)
class Citation:
    """One document that the paper cites, told once; its place is that of the first time it is named."""

    number: str | None
    kind: PaperKind
    issued_on: date | None
    issuer: str | None
    start: int
    end: int
    is_basis: bool = False
    """Whether it stands in a “Căn cứ …” or “Thực hiện …” at the head rather than in the running text."""
    sure: float = 1.0


@dataclass(frozen=True, slots=True)
class ProposedTask:
    """One task that the paper asks for; `text` is exactly `plain[start:end]`."""

    text: str
    start: int
    end: int
    lead: tuple[Found[str], ...] = ()
    """Lead units as the paper names them; several mean one task for each."""
    coordinating: tuple[Found[str], ...] = ()
    due_phrase: Found[str] | None = None
    due_on: date | None = None
    due_time: time | None = None
    recurrence: Found[Recurrence] | None = None
    product: Found[str] | None = None
    item: str | None = None
    """The label of its item in the paper, for example “II.3.b”."""
    sure: float = 1.0
    warnings: tuple[Warned, ...] = ()


@dataclass(frozen=True, slots=True)
class Warned:
    """Something odd that a person should know, as a sentence marked for translation, and its place if any."""

    message: str
    values: dict[str, str] = field(default_factory=dict)
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """All that was understood of one paper whose plain text is `plain` (NFC, lines ended by a line feed)."""

    plain: str
    header: Header = Header()
    citations: tuple[Citation, ...] = ()
    tasks: tuple[ProposedTask, ...] = ()
    warnings: tuple[Warned, ...] = ()

    def to_data(self) -> dict[str, Any]:
        """Return what `flask read-directive --format json` prints; days are ISO, what is absent is null."""
        head = self.header
        return {
            "header": {
                "number": _value(head.number),
                "issued_on": _value(head.issued_on),
                "issuer": _value(head.issuer),
                "kind": _value(head.kind),
                "subject": _value(head.subject),
                "signer": _value(head.signer),
                "signer_title": _value(head.signer_title),
                "addressees": _values(head.addressees),
                "recipients": _values(head.recipients),
            },
            "citations": [
                {
                    "number": each.number,
                    "kind": each.kind.value,
                    "date": each.issued_on.isoformat() if each.issued_on else None,
                    "issuer": each.issuer,
                }
                for each in self.citations
            ],
            "tasks": [
                {
                    "text": each.text,
                    "start": each.start,
                    "end": each.end,
                    "lead": _values(each.lead),
                    "coordinating": _values(each.coordinating),
                    "due_phrase": _value(each.due_phrase),
                    "due_on": each.due_on.isoformat() if each.due_on else None,
                    "due_time": each.due_time.strftime("%H:%M") if each.due_time else None,
                    "recurrence": _value(each.recurrence),
                    "product": _value(each.product),
                    "confidence": round(each.sure, 2),
                }
                for each in self.tasks
            ],
        }


def _value(found: Found[Any] | None) -> str | None:
    if found is None:
        return None
    return found.value.isoformat() if isinstance(found.value, date) else str(found.value)


def _values(found: Iterable[Found[str]]) -> list[str]:
    return [each.value for each in found]
