"""Who issues a paper: read from its head, concluded from the rest where the head is lost."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from tracker.intake.directive import shapes
from tracker.intake.directive.issuers import LEVEL, in_small_letters, read_issuer_at
from tracker.intake.directive.lines import Layout, Paragraph, Role
from tracker.intake.proposal import Found
from tracker.rules.words import N_

ISSUER_READ = N_("Đọc ở tên cơ quan ban hành trên đầu văn bản.")
ISSUER_CONCLUDED = N_("Phần đầu không nêu cơ quan; suy từ phần ký, địa danh và nội dung.")
CERTAIN, LIKELY, GUESSED = 0.96, 0.75, 0.55

_BEGINS = re.compile(
    r"(?:uy ban|u y ban|ubnd|ub\b|hoi dong|hdnd|so |bo |phong |ban |cuc |tong cuc|chi cuc|vu |vien |"
    r"trung tam|"
    r"van phong|vp |thu tuong|chinh phu|quoc hoi|thanh tra|cong an|huyen uy|tinh uy|thanh uy|thi uy|quan uy|"
    r"dang uy|dang bo|chi bo|doan |hoi |lien doan|truong |benh vien|kho bac|bao hiem|toa an|vien kiem sat|"
    r"hat |"
    r"doi |to |chu tich|ngan hang|kiem toan|mat tran|bch |trung uong|tap doan|cong ty|tong cong ty|dai |bao |"
    r"thuong truc|xi nghiep|tinh doan|huyen doan|thi doan|thanh doan|hoc vien|dai hoc|cum )"
)
_PLACE = re.compile(rf"(?:{LEVEL})(?![a-z])")
_DAY_PLACE = re.compile(r"([^\W\d][\w .\-']{1,45}?), ?(?:ngay|\d)")


def read_issuer(layout: Layout, *, number: str | None) -> Found[str] | None:
    """Return who issues a paper in the short form that says the place: “Sở Nội vụ tỉnh Hưng Yên”."""
    lines = _naming_lines(layout)
    bodies = _bodies(layout, lines)
    place = _place(layout)
    if bodies:
        value = _joined(layout, [_words(layout, body) for body in bodies], place)
        at = layout.normal.place(bodies[-1][0].start, bodies[-1][-1].end)
        return Found(value, *at, CERTAIN, ISSUER_READ)
    return _concluded(layout, number, place)


def _naming_lines(layout: Layout) -> list[Paragraph]:
    found: list[Paragraph] = []
    for each in layout.of(Role.HEAD):
        text, low = layout.text(each), layout.folded(each)
        if shapes.ADDRESS_LINE.match(low) or shapes.ABOUT_LINE.match(low) or _is_title(text, low):
            if _is_title(text, low) and found:
                break
            if not _is_title(text, low):
                continue
            break
        if shapes.MOTTO.search(low) or shapes.NUMBER_LINE.match(low) or shapes.URGENCY.match(low):
            continue
        if shapes.DAY_LINE.search(low) or shapes.OF_NO_ACCOUNT.match(low) or shapes.BULLET.match(low):
            continue
        named = _BEGINS.match(low) and text[0].isupper() and len(text) < 70 and not found
        if named or shapes.is_capitals(text):
            found.append(each)
    return found


def _is_title(text: str, low: str) -> bool:
    return shapes.title_of(text, low) is not None


def _bodies(layout: Layout, lines: Sequence[Paragraph]) -> list[list[Paragraph]]:
    """Group the lines that name bodies, the superior first; a line that names a place belongs to its body."""
    bodies: list[list[Paragraph]] = []
    for each in lines:
        low = layout.folded(each)
        if _BEGINS.match(low) and not (bodies and _goes_on(layout.folded(bodies[-1][-1]), low)):
            bodies.append([each])
        elif bodies:
            bodies[-1].append(each)
        elif _PLACE.match(low):
            bodies.append([each])
    return bodies


def _goes_on(before: str, low: str) -> bool:
    if re.search(r"(?:,|-| va| cua| ve| thuoc|&)$", before) or re.match(r"(?:va|-|&|thuoc) ", low):
        return True
    if re.match(r"(?:ban chi dao|ban chi huy|to cong tac|to giup viec|hoi dong)$", before):
        return True
    return before == "van phong" and not re.match(r"(?:so|phong|bo) ", low)


def _words(layout: Layout, body: Sequence[Paragraph]) -> str:
    return " ".join(layout.text(each).strip(" -–_.:") for each in body)


_LEVELS_ALONE = ("huyện", "xã", "tỉnh", "phường", "thị trấn", "quận", "thị xã", "thành phố")
_NAMES_PLACE = re.compile(r"(?:tỉnh|huyện|xã|thành phố|phường|quận|thị trấn|thị xã|đặc khu) \S")
_COMMITTEE = re.compile(r"(?:Chủ tịch )?(?:UBND|HĐND)(?: (?P<area>.+))?$")


def _joined(layout: Layout, words: Sequence[str], place: str | None) -> str:
    """Return the last body with the place of those above it."""
    names = [in_small_letters(name, layout.normal.text) for name in words]
    own = names[-1]
    above = names[-2] if len(names) > 1 else None
    committee = _COMMITTEE.fullmatch(own)
    if committee:
        return f"{own} {place}" if place and committee["area"] in _LEVELS_ALONE else own
    if above:
        upper = _COMMITTEE.fullmatch(above)
        area = upper["area"] if upper else None
        if own == "Văn phòng":
            return f"Văn phòng {above}"
        if area and area.casefold() not in own.casefold() and not _NAMES_PLACE.search(own):
            if own.split()[-1].casefold() == area.split()[0].casefold():
                return f"{own.rsplit(' ', 1)[0]} {area}"
            return f"{own} {area}"
        if re.search(r"(?:Tỉnh|Huyện|Thành|Thị|Quận|Đảng) ủy", above) and "ủy " not in f"{own} ":
            return f"{own} {above}"
        sector = re.match(r"Sở .+ ((?:tỉnh|thành phố) .+)$", above)
        if sector and re.match(r"(?:Chi cục|Trung tâm|Thanh tra|Phòng|Ban)\b", own) and sector[1] not in own:
            return f"{own} {sector[1]}"
    return own


def _place(layout: Layout) -> str | None:
    for each in layout.of(Role.HEAD):
        low = layout.folded(each)
        found = _DAY_PLACE.match(low)
        if found and "ngay" in low and not shapes.ABOUT_LINE.match(low):
            return layout.text(each)[: found.end(1)].strip()
    return None


_SELF = re.compile(
    r"(?P<org>(?:(?:chu tich )?(?:ubnd|uy ban nhan dan)|hdnd|hoi dong nhan dan|so|phong|ban|van phong)"
    r"(?: [\w&-]+){1,9}?) (?:kinh )?(?:bao cao|yeu cau|xay dung ke hoach|ban hanh ke hoach|xay dung|"
    r"de nghi|thong bao|trinh|huong dan)\b"
)

def _concluded(layout: Layout, number: str | None, place: str | None) -> Found[str] | None:
    """Conclude who issues a paper whose head is lost: who asks or reports in it, who signs, where."""
    text, low = layout.normal.text, layout.normal.folded
    votes: Counter[str] = Counter()
    where: dict[str, tuple[int, int]] = {}
    for each in layout.of(Role.BODY, Role.CLOSING):
        for found in _SELF.finditer(low, each.start, each.end):
            issuer = read_issuer_at(text, low, found.start("org"), bare=True)
            if issuer is None or issuer.end < found.end("org") - 1:
                continue
            before = low[max(each.start, found.start() - 12) : found.start()]
            if re.search(r"(?:cua|boi|va|cho|gui|trinh|do|cac|voi|ve|qua|len|de nghi|\d,) $", before):
                continue
            name = re.sub(r"^Chủ tịch ", "", issuer.value)
            votes[name] += 1
            where.setdefault(name, (issuer.start, issuer.end))
    signature = " ".join(layout.folded(each) for each in layout.of(Role.SIGNATURE))
    committee = "uy ban nhan dan" in signature or bool(number and "UBND" in number)
    if committee:
        votes = Counter({name: count for name, count in votes.items() if "UBND" in name})
    if votes:
        named = [name for name in votes if _NAMES_PLACE.search(name)]
        best = max(named or votes, key=lambda name: votes[name])
        value = f"{best} {place}" if place and best.removeprefix("UBND ") in _LEVELS_ALONE else best
        sure = LIKELY if named or place else GUESSED
        return Found(value, *layout.normal.place(*where[best]), sure, ISSUER_CONCLUDED)
    return None
