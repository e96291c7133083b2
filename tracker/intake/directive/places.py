"""To whom a paper goes: “Kính gửi” in its head, “Nơi nhận” at its foot; one entry a bullet."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tracker.intake.directive import shapes
from tracker.intake.directive.lines import Layout, Paragraph, Role
from tracker.intake.proposal import Found
from tracker.rules.words import N_

ADDRESSED = N_("Đọc ở “Kính gửi”.")
SENT_TO = N_("Đọc ở “Nơi nhận”.")
SURE, LISTED_SURE = 0.95, 0.85

_ADDRESS = re.compile(
    r"(?:dong )?kinh (?:gui|trinh|chuyen|moi)\b ?[:.]? ?|[^.;:]{3,90} (?:dien|(?:tran trong )?kinh moi) ?: ?"
)
_RECIPIENTS = re.compile(r"noi nhan ?[:.]? ?(?:\([^)]{0,30}\))? ?")
_OTHER_COLUMN = re.compile(r"(?:v ?/ ?v|ve viec)\b")


def read_addressees(layout: Layout) -> tuple[Found[str], ...]:
    """Return the entries of “Kính gửi”, of a công điện those behind “… điện:”."""
    head = layout.of(Role.HEAD)
    for index, each in enumerate(head):
        lead = _ADDRESS.match(layout.folded(each))
        if not lead:
            continue
        block: list[tuple[int, int]] = []
        if lead.end() < each.end - each.start:
            block.append((each.start + lead.end(), each.end))
        for other in head[index + 1 :]:
            low = layout.folded(other)
            if _is_frame(layout, other) or _OTHER_COLUMN.match(low):
                continue
            again = _ADDRESS.match(low)
            if other.start + (again.end() if again else 0) < other.end:
                block.append((other.start + (again.end() if again else 0), other.end))
        return _entries(layout, block, ADDRESSED)
    return ()


def read_recipients(layout: Layout) -> tuple[Found[str], ...]:
    """Return the entries of “Nơi nhận”, “Như trên” and “Lưu: …” among them."""
    block: list[tuple[int, int]] = []
    listed = False
    for each in layout.of(Role.RECIPIENTS):
        lead = _RECIPIENTS.match(layout.folded(each))
        if lead and not listed:
            listed = True
            if each.start + lead.end() < each.end:
                block.append((each.start + lead.end(), each.end))
        elif listed or shapes.BULLET.match(layout.folded(each)):
            block.append((each.start, each.end))
    return _entries(layout, block, SENT_TO)


def _is_frame(layout: Layout, each: Paragraph) -> bool:
    low = layout.folded(each)
    return bool(
        shapes.MOTTO.search(low)
        or shapes.NUMBER_LINE.match(low)
        or (shapes.DAY_LINE.search(low) and re.match(r"[^\W\d][\w .\-]{1,45}, ?ngay", low))
    )


_BULLET = re.compile(r"[-+*•●○▪■◦➢➤✓·–—]\s*|(?:\d{1,2}|[a-z])[.)] (?=[^\W\d])")
_SIDE_NOTE = re.compile(r"; ?\([^()]{1,40}\)$")
"""A remark in a column of its own behind an entry that is closed."""
_INLINE = re.compile(
    r"[;,.] [-–+] ?(?=[^\W\d])|; ?(?=[^\W\d])|: - (?=[^\W\d])"
    r"| - (?=(?:Như|Lưu|TT|UBND|Các|Sở|Phòng|Đ/c)\b)"
)


def _entries(layout: Layout, block: Sequence[tuple[int, int]], why: str) -> tuple[Found[str], ...]:
    text = layout.normal.text
    entries: list[list[tuple[int, int]]] = []
    closed, bulleted = True, False
    for start, end in block:
        bullet = _BULLET.match(text, start, end)
        if closed and text[start] == "(" and text[end - 1] == ")":
            continue
        if bullet or closed or (not bulleted and not _goes_on(text, entries[-1][-1], start)):
            entries.append([])
        bulleted = bulleted or bool(bullet)
        entries[-1].append((bullet.end() if bullet else start, end))
        closed = text[end - 1] in ";" or text[start:end].endswith((".", "./."))
    found = []
    for entry in entries:
        for part in [entry] if bulleted else _split(text, entry):
            value = " ".join(text[start:end].strip() for start, end in part)
            value = _SIDE_NOTE.sub("", value).strip(" ;,.:-–")
            if value and any(map(str.isalnum, value)):
                value = value + ("." if value.endswith("v.v") else "")
                first, last = _tight(text, part[0][0], part[-1][1])
                sure = SURE if bulleted else LISTED_SURE
                found.append(Found(value, *layout.normal.place(first, last), sure, why))
    return tuple(found)


def _goes_on(text: str, before: tuple[int, int], start: int) -> bool:
    if text[before[1] - 1] in ",-" or shapes.CONNECTS.search(text[max(0, before[1] - 20) : before[1]]):
        return True
    return text[start].islower() or text[start] in "(&"


def _split(text: str, entry: list[tuple[int, int]]) -> list[list[tuple[int, int]]]:
    """Split an entry that holds several bullets in one line."""
    parts: list[list[tuple[int, int]]] = [[]]
    for start, end in entry:
        at = start
        for found in _INLINE.finditer(text, start, end - 1):
            if text.count("(", at, found.start()) > text.count(")", at, found.start()):
                continue
            if found.start() > at:
                parts[-1].append((at, found.start()))
            parts.append([])
            at = found.end()
        if at < end:
            parts[-1].append((at, end))
    return [part for part in parts if part]


def _tight(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end - 1 and text[start] in " -–;":
        start += 1
    while end > start + 1 and text[end - 1] in " ;.,":
        end -= 1
    return start, end
