"""Papers: what is odd about those that come in, what stands on top and at the foot of those that go out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from tracker.rules.text import nfc
from tracker.rules.words import N_

Message = tuple[str, dict[str, str]]

_PREFIX = re.compile(r"^\s*số\s*[:.]?\s*(?=[\d/])", re.IGNORECASE)
_AROUND_SLASH = re.compile(r"\s*/\s*")
_AROUND_DASH = re.compile(r"(?<=\w)\s*-\s*(?=\w)")

NO_NUMBER = N_("Văn bản chưa có số ký hiệu. Bổ sung khi có số.")
NO_SERIAL = N_("Số ký hiệu “%(number)s” thiếu số thứ tự ở đầu. Bổ sung khi có số.")
FUTURE = N_("Ngày ban hành %(day)s ở sau hôm nay. Kiểm tra lại ngày.")
BASIS_LATER = N_("Văn bản căn cứ %(number)s ban hành ngày %(day)s, sau văn bản này. Kiểm tra lại ngày.")


def tidy_number(text: str | None) -> str:
    """Return a number and notation without “Số:” and blanks inside: “Số: 254 /UBND-NV” → “254/UBND-NV”."""
    plain = _PREFIX.sub("", nfc(text or "").strip())
    return " ".join(_AROUND_DASH.sub("-", _AROUND_SLASH.sub("/", plain)).split())


def odd_things(
    *, number: str | None, issued_on: date, bases: Iterable[tuple[str, date]], today: date
) -> list[Message]:
    """Return what is odd about a paper, each as a msgid and its values; `bases` are (number, issued_on).

    Real papers are imperfect: a number that was never filled in, a plan dated after the report that cites it.
    """
    found: list[Message] = []
    if not number:
        found.append((NO_NUMBER, {}))
    elif not re.match(r"\d", number):
        found.append((NO_SERIAL, {"number": number}))
    if issued_on > today:
        found.append((FUTURE, {"day": f"{issued_on:%d/%m/%Y}"}))
    found += [
        (BASIS_LATER, {"number": name, "day": f"{day:%d/%m/%Y}"}) for name, day in bases if day > issued_on
    ]
    return found


_COMMITTEE = re.compile(r"^(?:ủy|uỷ)\s+ban\s+nhân\s+dân\s+|^ubnd\s+", re.IGNORECASE)
_LEVELS = {
    "tỉnh": "tỉnh", "thành phố": "thành phố", "tp": "thành phố", "quận": "quận", "huyện": "huyện",
    "thị xã": "thị xã", "tx": "thị xã", "thị trấn": "thị trấn", "tt": "thị trấn", "xã": "xã",
    "phường": "phường", "đặc khu": "đặc khu",
}  # fmt: skip
_AREA = re.compile(rf"^({'|'.join(_LEVELS)})(?:\.\s*|\s+)(.+)$", re.IGNORECASE)
_NAMED_IN_FULL = re.compile(r"^(?:\d|Hồ Chí Minh\b)")


class Issuer(NamedTuple):
    """Who issues a paper: the name, those of the units above it (nearest first), the title of its head."""

    name: str
    above: tuple[str, ...]
    title_of_head: str | None


class IssuingBody(NamedTuple):
    """How a paper names who issues it (Nghị định 30/2020, annex I): all in capitals, line by line."""

    superior: str
    """The body above it, empty where none is printed: a people's committee stands alone."""
    lines: tuple[str, ...]


def issuing_body(name: str, above: Sequence[str] = ()) -> IssuingBody:
    """Return the two names on top of a paper; `above` are the names of the units above, nearest first.

    “UBND thành phố Huế” → ỦY BAN NHÂN DÂN / THÀNH PHỐ HUẾ; “Phòng Nội vụ” below it → UBND THÀNH PHỐ HUẾ over
    PHÒNG NỘI VỤ.
    """
    if area := _area_of(name):
        return IssuingBody("", ("ỦY BAN NHÂN DÂN", " ".join(area).upper()))
    return IssuingBody(above[0].upper() if above else "", (name.upper(),))


def place_of(names: Sequence[str]) -> str:
    """Return the địa danh of a paper from the names of a unit and of those above it, nearest first.

    “UBND xã Hải Dương” → “Hải Dương”; a division takes that of the committee above it. Places named by a
    number or after Hồ Chí Minh keep their level (“Phường 5”); other places named after people or events are
    not told apart. Empty when no name holds a place.
    """
    for name in names:
        if area := _area_of(name):
            level, place = area
            whole = f"{level.capitalize()} {place}"
            return whole if _NAMED_IN_FULL.match(place) else place
    return ""


def notation_of(name: str, kind: str = "") -> str:
    """Return what follows the number on a paper: “UBND-VP” on a công văn, “BC-UBND” on one of a kind.

    `kind` is the code of a kind of paper (annex III). A body that is no people's committee is known by its
    initials: “Phòng Nội vụ” → “PNV”.
    """
    if _area_of(name):
        return f"{kind}-UBND" if kind else "UBND-VP"
    letters = "".join(word[0] for word in re.findall(r"\w+", name) if word.lower() != "và").upper()
    return f"{kind}-{letters}" if kind else letters


def signing_lines(name: str, title_of_head: str | None = None, *, by_order: bool = False) -> tuple[str, ...]:
    """Return authority and title above a signature, in capitals (Nghị định 30/2020, art. 13).

    A committee signs as a body (TM.); `by_order` lets the head of its office sign by order of the chairman
    (TL.), as offices do with letters that urge.
    """
    if _area_of(name):
        if by_order:
            return ("TL. CHỦ TỊCH", "CHÁNH VĂN PHÒNG")
        return ("TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH")
    return ((title_of_head or "Thủ trưởng đơn vị").upper(),)


def _area_of(name: str) -> tuple[str, str] | None:
    """Return level and place of a people's committee: “UBND TP. Huế” → (“thành phố”, “Huế”), else None."""
    plain = nfc(" ".join(name.split()))
    if (committee := _COMMITTEE.match(plain)) and (area := _AREA.match(plain[committee.end() :])):
        return _LEVELS[area[1].lower()], area[2]
    return None
