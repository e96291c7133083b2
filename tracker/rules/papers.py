"""Papers as they really are: numbers typed in many ways, and oddities, announced and never refused."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

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
