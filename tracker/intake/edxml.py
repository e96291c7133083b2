"""An envelope of the national document exchange (edXML, QCVN 102:2016/BTTTT): who sent what, and its papers.

Elements are found by their names alone: systems write the prefix `edXML:` with namespaces of their own, and
some wrap the envelope once more. A field that says nothing (“N/A”) counts as absent.
"""

from __future__ import annotations

import base64
import binascii
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from datetime import date
from enum import StrEnum
from typing import Any

from tracker.intake.papers import BROKEN_ZIP, UnreadablePaper, damaged
from tracker.intake.papers.xml import parse_xml
from tracker.intake.proposal import Found, Header, PaperKind
from tracker.rules.text import fold, nfc
from tracker.rules.words import KINDS_OF_DIRECTIVE, N_

MEGABYTE = 1024 * 1024
LARGEST_PAPER = 25 * MEGABYTE
"""Bytes of one attached paper, unpacked."""
MOST_PAPERS = 20
LARGEST_TOGETHER = 40 * MEGABYTE
"""Bytes of all attached papers, unpacked."""
LONGEST_NAME = 200
_SAYS_NOTHING = frozenset(("", "n/a", "null", "none", "-"))
_ABOUT = re.compile(r"^(v/v|về việc)[:\s]+", re.IGNORECASE)
_TOLD = N_("Lấy từ gói văn bản điện tử (edXML).")
_KINDS = {fold(name): code for code, name in KINDS_OF_DIRECTIVE.items()} | {
    "nghi dinh": "NĐ", "thong tu": "TT", "luat": "LUẬT",
}  # fmt: skip


class Urgency(StrEnum):
    """How urgent the sender calls the document (OtherInfo/Priority)."""

    USUAL = "0"
    URGENT = "1"
    VERY_URGENT = "2"
    EXPRESS = "3"
    EXPRESS_BY_HOUR = "4"


class Steering(StrEnum):
    """Whether the document directs (SteeringType)."""

    NONE = "0"
    DIRECTS = "1"
    REPORTS = "2"


@dataclass(frozen=True, slots=True)
class Party:
    """An office on the exchange: its identifier there, for example `000.00.05.H33`, and its name."""

    organ_id: str
    name: str


@dataclass(frozen=True, slots=True)
class Attached:
    """A paper in the envelope: its name without any path, what the sender says it is, and its bytes."""

    filename: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Envelope:
    """What an envelope says: the head of the document, what is asked of its readers, and the papers."""

    header: Header
    sender: Party
    receivers: tuple[Party, ...] = ()
    document_id: str = ""
    number: str = ""
    notation: str = ""
    place: str = ""
    issued_on: date | None = None
    due_on: date | None = None
    urgency: Urgency | None = None
    steering: Steering | None = None
    content: str = ""
    papers: tuple[Attached, ...] = ()


def read_envelope(content: bytes) -> Envelope:
    """Return what an edXML file says; raise `UnreadablePaper` when it is none or holds too much."""
    root = parse_xml(content, large=True)
    head = _first(root, "MessageHeader")
    if head is None:
        raise UnreadablePaper(
            N_("Tệp không phải gói văn bản điện tử edXML. Chọn tệp tải từ trục liên thông văn bản.")
        )
    number, notation = _text(head, "Code", "CodeNumber"), _text(head, "Code", "CodeNotation").lstrip("/ ")
    issued_on = _day(_text(head, "PromulgationInfo", "PromulgationDate"))
    receivers = tuple(_party(each) for each in _every(head, "To"))
    sender = next((_party(each) for each in _every(head, "From")), Party("", ""))
    header = Header(
        number=_found("".join(f"{number}/{notation}".split()) if notation else number),
        issued_on=Found(issued_on, why=_TOLD) if issued_on else None,
        issuer=_found(sender.name),
        kind=_kind(_text(head, "DocumentType", "TypeName"), notation),
        subject=_found(_ABOUT.sub("", _text(head, "Subject"))),
        signer=_found(_text(head, "SignerInfo", "FullName")),
        signer_title=_found(_text(head, "SignerInfo", "Position")),
        addressees=tuple(Found(each.name, why=_TOLD) for each in receivers if each.name),
        recipients=tuple(
            Found(place, why=_TOLD) for each in _every(head, "ToPlaces") for place in _texts(each, "Place")
        ),
    )
    return Envelope(
        header=header, sender=sender, receivers=receivers, document_id=_text(head, "DocumentId"),
        number=number, notation=notation, place=_text(head, "PromulgationInfo", "Place"),
        issued_on=issued_on, due_on=_day(_text(head, "DueDate")),
        urgency=_choice(Urgency, _text(head, "OtherInfo", "Priority")),
        steering=_choice(Steering, _text(head, "SteeringType")), content=_text(head, "Content"),
        papers=tuple(_papers(root)),
    )  # fmt: skip


def with_envelope(read: Header, told: Header) -> Header:
    """Return the head that a paper shows with all that its envelope says put in its place."""
    names = [each.name for each in fields(Header)]
    return replace(read, **{name: getattr(told, name) for name in names if getattr(told, name)})


def _papers(root: Any) -> Iterator[Attached]:
    names = {
        _cid(_text(each, "ContentId")): (_text(each, "AttachmentName"), _text(each, "ContentType"))
        for each in _every(root, "Reference")
    }
    size = 0
    for count, each in enumerate(_every(root, "Attachment")):
        if count >= MOST_PAPERS:
            raise UnreadablePaper(
                N_("Gói có hơn %(most)s tệp kèm theo nên không được đọc."), most=MOST_PAPERS
            )
        name, kind = names.get(_cid(_text(each, "ContentId")), ("", ""))
        name = _clean(name or _text(each, "AttachmentName"))
        content = _bytes(each, name)
        size += len(content)
        if size > LARGEST_TOGETHER:
            raise UnreadablePaper(
                N_("Các tệp kèm theo trong gói lớn hơn %(most)s MB khi mở ra."),
                most=LARGEST_TOGETHER // MEGABYTE,
            )
        yield Attached(name, kind or _text(each, "ContentType"), content)


def _bytes(attachment: Any, name: str) -> bytes:
    element = _first(attachment, "ContentTransferEncoded")
    coded = "".join((element.text or "").split()) if element is not None else ""
    if len(coded) > LARGEST_PAPER * 4 // 3 + 4:
        raise _too_large(name)
    try:
        content = base64.b64decode(coded, validate=True)
    except (binascii.Error, ValueError) as error:
        raise UnreadablePaper(N_("Tệp kèm “%(name)s” trong gói bị hỏng (base64)."), name=name) from error
    return _unzipped(content, name)


def _unzipped(content: bytes, name: str) -> bytes:
    """Return a paper taken out of the zip in which some systems send it; an Office file is its own zip."""
    if not content.startswith(b"PK\x03\x04") or name.lower().endswith((".docx", ".xlsx", ".zip")):
        return content
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            entries = [each for each in package.infolist() if not each.is_dir()]
            if len(entries) != 1:
                raise damaged()
            if entries[0].file_size > LARGEST_PAPER:
                raise _too_large(name)
            return package.read(entries[0])
    except BROKEN_ZIP as error:
        raise damaged() from error


def _too_large(name: str) -> UnreadablePaper:
    return UnreadablePaper(
        N_("Tệp kèm “%(name)s” trong gói lớn hơn %(most)s MB."), name=name, most=LARGEST_PAPER // MEGABYTE
    )


def _clean(name: str) -> str:
    last = nfc(name).replace("\\", "/").rsplit("/", 1)[-1]
    plain = "".join(letter for letter in last if letter.isprintable() and letter not in '<>:"|?*')
    return plain.strip(". ")[-LONGEST_NAME:] or "van-ban"


def _cid(word: str) -> str:
    return word.removeprefix("cid:")


def _every(element: Any, name: str) -> Iterator[Any]:
    return (each for each in element.iter(f"{{*}}{name}") if each is not element)


def _first(element: Any, *names: str) -> Any:
    for name in names:
        element = next(_every(element, name), None) if element is not None else None
    return element


def _text(element: Any, *names: str) -> str:
    found = _first(element, *names)
    words = " ".join(nfc(found.text or "").split()) if found is not None else ""
    return "" if words.lower() in _SAYS_NOTHING else words


def _texts(element: Any, name: str) -> list[str]:
    words = (" ".join(nfc(each.text or "").split()) for each in _every(element, name))
    return [each for each in words if each.lower() not in _SAYS_NOTHING]


def _party(element: Any) -> Party:
    return Party(_text(element, "OrganId"), _text(element, "OrganName"))


def _found(words: str) -> Found[str] | None:
    return Found(words, why=_TOLD) if words else None


def _kind(name: str, notation: str) -> Found[PaperKind] | None:
    code = _KINDS.get(fold(name), notation.split("-")[0])
    try:
        return Found(PaperKind(code), why=_TOLD)
    except ValueError:
        return Found(PaperKind.CONG_VAN, sure=0.6, why=_TOLD) if notation else None


def _day(word: str) -> date | None:
    """Return a day written `2026/05/12`, `2026-05-12` (with or without a time) or `12/05/2026`."""
    if match := re.match(r"(\d{4})[/-](\d{1,2})[/-](\d{1,2})(?!\d)", word):
        parts = match[1], match[2], match[3]
    elif match := re.match(r"(\d{1,2})[/-](\d{1,2})[/-](\d{4})(?!\d)", word):
        parts = match[3], match[2], match[1]
    else:
        return None
    try:
        return date(*map(int, parts))
    except ValueError:
        return None


def _choice(kind: Any, word: str) -> Any:
    return kind(word) if word in set(kind) else None
