"""Who signed a paper, and in which office."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tracker.intake.directive import shapes
from tracker.intake.directive.lines import Layout, Paragraph, Role
from tracker.intake.proposal import Found
from tracker.rules.words import N_

SIGNED = N_("Đọc ở phần ký.")
SURE, UNSURE = 0.95, 0.65

_RANKS = re.compile(
    r"^(?:(?:TS|ThS|Ths|GS|PGS|CN|BS|BSCKI|BSCKII|KS|Ts|NGƯT|Đại tá|Thượng tá|Trung tá|Thiếu tá|Đại úy|"
    r"Thượng úy|Trung úy|Thiếu tướng|Trung tướng|Thượng tướng|Đại tướng|Đ/c|Ông|Bà)(?:\. ?| ))+"
)
_OFFICES = {
    "chu tich": "Chủ tịch", "bi thu": "Bí thư", "giam doc": "Giám đốc", "tong giam doc": "Tổng Giám đốc",
    "truong phong": "Trưởng phòng", "truong ban": "Trưởng ban", "truong doan": "Trưởng đoàn",
    "chanh van phong": "Chánh Văn phòng", "cuc truong": "Cục trưởng", "vu truong": "Vụ trưởng",
    "chi cuc truong": "Chi cục trưởng", "bo truong": "Bộ trưởng", "thu truong": "Thứ trưởng",
    "thu tuong": "Thủ tướng", "chu nhiem": "Chủ nhiệm", "vien truong": "Viện trưởng", "chanh an": "Chánh án",
    "chanh thanh tra": "Chánh Thanh tra", "truong cong an": "Trưởng Công an",
    "chi huy truong": "Chỉ huy trưởng",
    "tong thanh tra": "Tổng Thanh tra", "thong doc": "Thống đốc", "hieu truong": "Hiệu trưởng",
    "doi truong": "Đội trưởng", "to truong": "Tổ trưởng", "tong cuc truong": "Tổng cục trưởng",
    "tong bi thu": "Tổng Bí thư", "tong kiem toan nha nuoc": "Tổng Kiểm toán nhà nước",
    "chu tich nuoc": "Chủ tịch nước", "chu tich quoc hoi": "Chủ tịch Quốc hội", "hat truong": "Hạt trưởng",
    "chu toa": "Chủ tọa", "chu tri": "Chủ trì", "thu ky": "Thư ký", "tram truong": "Trạm trưởng",
    "uy vien thuong truc": "Ủy viên Thường trực", "uy vien": "Ủy viên", "truong thon": "Trưởng thôn",
    "cong chuc": "Công chức",
    "pho truong phong": "Phó Trưởng phòng", "pho truong ban": "Phó Trưởng ban", "cuc pho": "Cục phó",
    "thuong truc": "Thường trực", "uy vien ban thuong vu": "Ủy viên Ban Thường vụ",
}  # fmt: skip
_FOR = re.compile(r"(?:t/m|tm|kt|k/t|tl|t/l|tuq|t/uq)(?:\. ?|: ?| )")
_ACTING = re.compile(r"(?:q\. ?|quyen )")
_OFFICE = re.compile(
    r"(?P<deputy>pho )?(?P<office>"
    + "|".join(sorted(_OFFICES, key=len, reverse=True))
    + r")(?P<standing> thuong truc)?\b"
)


def read_signature(layout: Layout) -> tuple[Found[str] | None, Found[str] | None]:
    """Return the signer's name and the office signed in, None for what the paper does not show."""
    lines = layout.of(Role.SIGNATURE)
    name = _name(layout, lines)
    before = [each for each in lines if name is None or each.start < name.start]
    signer = None
    if name:
        value = _RANKS.sub("", layout.text(name)).strip(" .*()")
        value = value.title() if shapes.is_capitals(value) else value
        sure = SURE if before else UNSURE
        signer = Found(value, *layout.normal.place(name.start, name.end), sure, SIGNED)
    return signer, _office(layout, before)


def _name(layout: Layout, lines: Sequence[Paragraph]) -> Paragraph | None:
    capitals = None
    for each in reversed(lines):
        text, low = layout.text(each), layout.folded(each)
        named = shapes.is_name(_RANKS.sub("", text))
        if not named or shapes.is_authority(text, low) or shapes.SIGNED.match(low):
            continue
        if not shapes.is_capitals(text):
            return each
        capitals = capitals or each
    return capitals


def _office(layout: Layout, lines: Sequence[Paragraph]) -> Found[str] | None:
    for each in reversed(lines):
        text, low = layout.text(each), layout.folded(each)
        lead = _FOR.match(low)
        if lead and not lead[0].startswith(("tm", "t/m")) and _has_office_below(layout, each, lines):
            continue
        begin = lead.end() if lead else 0
        value = office_name(text[begin:], low[begin:])
        if value:
            return Found(value, *layout.normal.place(each.start + begin, each.end), SURE, SIGNED)
    return None


def _has_office_below(layout: Layout, line: Paragraph, lines: Sequence[Paragraph]) -> bool:
    return any(each.start > line.start and _OFFICE.search(layout.folded(each)) for each in lines)


def office_name(text: str, low: str) -> str | None:
    """Return an office as it is usually written: “PHÓ CHỦ TỊCH” → “Phó Chủ tịch”; None for other words."""
    acting = _ACTING.match(low)
    begin = acting.end() if acting else 0
    found = _OFFICE.match(low, begin)
    if not found:
        return None
    office = _OFFICES[found["office"]]
    rest = text[found.end() :].strip(" .,:")
    words = ("Quyền " if acting else "") + ("Phó " if found["deputy"] else "") + office
    words += " Thường trực" if found["standing"] else ""
    if found["office"] == "cong chuc":
        return f"{words} " + " - ".join(part.strip().capitalize() for part in rest.split("-"))
    if rest.casefold() in ("phụ trách", "điều hành"):
        words += f" {rest.lower()}"
    return words
