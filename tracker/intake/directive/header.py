"""The head, the signature and the places of a paper: what it is, of whom, to whom."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from tracker.intake.directive import shapes
from tracker.intake.directive.dates import read_day_at
from tracker.intake.directive.lines import Layout, Paragraph, Role
from tracker.intake.directive.naming import read_issuer
from tracker.intake.directive.normal import with_plain_dashes
from tracker.intake.directive.numbers import kind_of_notation
from tracker.intake.directive.places import read_addressees, read_recipients
from tracker.intake.directive.signing import read_signature
from tracker.intake.proposal import Found, Header, PaperKind
from tracker.rules.papers import tidy_number
from tracker.rules.words import N_

NUMBER_READ = N_("Đọc ở dòng “Số:”.")
NUMBER_OPEN = N_("Văn bản chưa ghi số thứ tự, chỉ có ký hiệu.")
DAY_READ = N_("Đọc ở dòng địa danh, ngày tháng năm.")
KIND_READ = N_("Đọc ở tên loại văn bản.")
KIND_BY_NOTATION = N_("Suy từ ký hiệu %(number)s.")
KIND_LETTER = N_("Văn bản không có tên loại, có “V/v” hoặc “Kính gửi”: công văn.")
KIND_TOLD = N_("Suy từ cách văn bản tự gọi tên.")
SUBJECT_READ = N_("Đọc ở trích yếu.")

CERTAIN, LIKELY, GUESSED = 0.98, 0.85, 0.6


def read_header(layout: Layout) -> Header:
    """Return what the head and the foot of a paper say; what it does not say is None or empty."""
    head = layout.of(Role.HEAD)
    number = _number(layout, head)
    day = _day(layout, head)
    kind = _kind(layout, head, number)
    signer, title = read_signature(layout)
    return Header(
        number=number,
        issued_on=day,
        issuer=read_issuer(layout, number=number.value if number else None),
        kind=kind,
        subject=_subject(layout, head),
        signer=signer,
        signer_title=title,
        addressees=read_addressees(layout),
        recipients=read_recipients(layout),
    )


_LEAD = re.compile(
    r"(?:van ban |luat |nghi quyet |phap lenh )?(?:so|s6) ?(?:ky hieu|van ban|hieu)? ?[:.;]? ?"
)
_WHOLE = re.compile(
    r"(?P<serial>\d{1,5}[a-z]?|[.…_ ]*)? ?(?P<tie>[/-]) ?(?P<year>(?:19|20) ?\d\d ?/ ?)?"
    r"(?P<notation>[^\W\d_][\w&]*(?: ?[-/.,&] ?[^\W\d_][\w&()]*){0,5}(?: [A-ZĐ&]{2,8}(?= ?$))?)"
)


def _number(layout: Layout, head: Sequence[Paragraph]) -> Found[str] | None:
    for index, each in enumerate(head):
        low = layout.folded(each)
        lead = _LEAD.match(low)
        if not lead and not shapes.NUMBER_LINE.match(low):
            continue
        found = _number_at(layout, each.start + (lead.end() if lead else 0), each.end)
        if found is None and lead and lead.end() >= len(low) - 1 and index + 1 < len(head):
            found = _number_at(layout, head[index + 1].start, head[index + 1].end)
        if found:
            return found
    return None


def _number_at(layout: Layout, start: int, end: int) -> Found[str] | None:
    text = with_plain_dashes(layout.normal.text[:end])
    whole = _WHOLE.match(text, start, end)
    if whole:
        notation = re.sub(r" ?([-/.,&]) ?", r"\1", _without_words(whole["notation"])).replace(" ", "-")
        serial = re.sub(r"\D*$", "", whole["serial"] or "") if (whole["serial"] or " ")[0].isdigit() else ""
        letter = re.search(r"[a-z]$", whole["serial"] or "")
        number = f"{serial}{letter[0] if letter and serial else ''}{whole['tie']}"
        number += f"{(whole['year'] or '').replace(' ', '')}{notation}"
        number = tidy_number(number)
        stop = whole.start("notation") + len(_without_words(whole["notation"]))
        place = layout.normal.place(whole.start("serial") if serial else whole.start("tie"), stop)
        if not serial:
            return Found(number, *place, GUESSED, NUMBER_OPEN)
        return Found(number, *place, CERTAIN, NUMBER_READ)
    bare = re.compile(r"\d{1,5}(?![\w/.])").match(text, start, end)
    if bare:
        return Found(bare[0], *layout.normal.place(bare.start(), bare.end()), GUESSED, NUMBER_READ)
    return None


def _without_words(notation: str) -> str:
    """Return a notation without words of another column behind it: “UBND-NV - Hưng Yên” → “UBND-NV”."""
    parts = re.split(r"( ?[-/.,&] ?)", notation)
    kept = parts[0]
    for tie, part in zip(parts[1::2], parts[2::2], strict=False):
        if " " in tie and re.match(r"[^\W\d_][a-zà-ỹ]{2,}", part) and not part.isupper():
            break
        kept += tie + part
    return kept


_DAY = re.compile(
    r"(?:[^\W\d][\w .\-']{0,45}[,.;:]? ?)?"
    r"(?:(?:hoi |luc )?\d{1,2} ?(?:gio|h|:) ?(?:\d{0,2} ?(?:phut)?)? ?,? ?)?"
    r"(?=ngay\b)"
)
_SHORT_DAY = re.compile(r"[^\W\d][\w .\-']{1,45}, ?(?=\d)")


def _day(layout: Layout, head: Sequence[Paragraph]) -> Found[date] | None:
    low = layout.normal.folded
    foot = layout.of(Role.SIGNATURE, Role.RECIPIENTS)
    for index, each in enumerate([*head, *foot]):
        text = layout.folded(each)
        if shapes.BULLET.match(text) or shapes.ABOUT_LINE.match(text):
            continue
        lead = _DAY.match(text) or _SHORT_DAY.match(text)
        if not lead:
            numbered = shapes.NUMBER_LINE.match(text) and re.search(r"[ ,(]ngay ?\d", text)
            if not numbered:
                continue
            at = each.start + numbered.start() + 1
        else:
            at = each.start + lead.end()
        read = read_day_at(low, at)
        if read and read.day is None and index + 1 < len(head):
            joined = low[at : each.end] + " " + layout.folded(head[index + 1])
            again = read_day_at(joined, 0)
            if again and again.day:
                place = layout.normal.place(at, head[index + 1].end)
                return Found(again.day, *place, LIKELY, DAY_READ)
        if read and read.day and each.end - read.end <= 6:
            return Found(read.day, *layout.normal.place(at, read.end), CERTAIN, DAY_READ)
    return None


def _kind(layout: Layout, head: Sequence[Paragraph], number: Found[str] | None) -> Found[PaperKind] | None:
    noted = kind_of_notation(number.value) if number else None
    letter = False
    for each in head:
        text, low = layout.text(each), layout.folded(each)
        title = shapes.title_of(text, low)
        if title:
            kind = PaperKind(title[0])
            if low.startswith("ket luan") and noted is not PaperKind.THONG_BAO:
                kind = PaperKind.KHAC if noted is PaperKind.KHAC else kind
            place = layout.normal.place(each.start, each.start + title[1])
            return Found(kind, *place, CERTAIN, KIND_READ)
        letter = letter or bool(shapes.ABOUT_LINE.match(low) or shapes.ADDRESS_LINE.match(low))
    if noted and number:
        return Found(noted, number.start, number.end, LIKELY, KIND_BY_NOTATION, {"number": number.value})
    if letter or number:
        return Found(PaperKind.CONG_VAN, None, None, LIKELY, KIND_LETTER)
    return _kind_told(layout)


_TOLD = re.compile(
    r"(?:tren day la|nay ban hanh|can cu) (?:noi dung )?(bao cao|ke hoach|thong bao|to trinh|huong dan|"
    r"chuong trinh)"
    r"|(quyet dinh|chi thi|nghi quyet|ke hoach|huong dan|cong dien|thong bao) nay"
)


def _kind_told(layout: Layout) -> Found[PaperKind] | None:
    for each in reversed(layout.of(Role.BODY, Role.CLOSING)):
        told = _TOLD.search(layout.folded(each))
        if told and not (told[1] and told[0].startswith("can cu")):
            return Found(
                PaperKind(shapes.TITLES[told[1] or told[2]]),
                *layout.normal.place(each.start + told.start(), each.start + told.end()),
                GUESSED,
                KIND_TOLD,
            )
    return None


_ABOUT = re.compile(r"\(?(?:(?:v ?/ ?v|trich yeu)\b ?[:.]? ?)?(?:ve viec\b ?[:.]? ?)?(?:ve viec )?")
_ASIDE = re.compile(r"\(.{0,80}\)$|[-_*. ]+$")
_AUTHORITY = re.compile(
    r"(?:thua lenh |tm\. ?)?(?:chu tich|uy ban|ubnd|hoi dong|hdnd|giam doc|bo truong|thu tuong|chinh phu|"
    r"truong|"
    r"ban thuong vu|chanh|tong|cuc truong|thuong truc|quoc hoi|ban chap hanh|cua ban |bo chinh tri|"
    r"ban bi thu|"
    r"quyet dinh|hieu truong)"
)


def _subject(layout: Layout, head: Sequence[Paragraph]) -> Found[str] | None:
    """Return the trích yếu in one line, without “V/v” and the title of its kind."""
    taken: list[tuple[int, int]] = []
    begun = False
    after_title = False
    for each in head:
        text, low = layout.text(each), layout.folded(each)
        title = None if begun and taken else shapes.title_of(text, low)
        if title:
            begun = after_title = True
            taken = []
            if title[1] < len(text):
                taken.append((each.start + title[1], each.end))
            continue
        about = shapes.ABOUT_LINE.match(low)
        if about and not taken:
            begun = True
            taken.append((each.start, each.end))
            continue
        if not begun:
            inside = re.search(r" v ?/ ?v ", low) if shapes.NUMBER_LINE.match(low) else None
            if inside:
                begun = True
                taken.append((each.start + inside.start() + 1, each.end))
            continue
        if shapes.ADDRESS_LINE.match(low):
            break
        if _is_of_the_frame(text, low):
            continue
        if shapes.is_capitals(text):
            small = bool(taken) and not shapes.is_capitals(layout.normal.text[slice(*taken[-1])])
            if taken and after_title and (small or _AUTHORITY.match(low)):
                break
            if small or _AUTHORITY.match(low):
                continue
        if _ASIDE.match(low) or (taken and low.startswith("(")):
            continue
        if re.search(r"\bdien ?:$", low) or shapes.BULLET.match(low):
            break
        taken.append((each.start, each.end))
    if not taken:
        return None
    joined = " ".join(layout.normal.text[start:end].strip() for start, end in taken)
    low = " ".join(layout.normal.folded[start:end].strip() for start, end in taken)
    lead = _ABOUT.match(low)
    begin = lead.end() if lead else 0
    value = joined[begin:].strip(" .:;-“”\"")
    if low.startswith("("):
        value = value.removesuffix(")")
    if not value:
        return None
    return Found(value, *layout.normal.place(taken[0][0], taken[-1][1]), CERTAIN, SUBJECT_READ)


_PLACE_AND_DAY = re.compile(r"[^\W\d][\w .\-']{1,45}, ?ngay[ .…_\d/\-]*(?:thang[ .…_\d]*)?(?:nam[ .…_\d]*)?$")


def _is_of_the_frame(text: str, low: str) -> bool:
    """Tell whether a line belongs to another column of the head: motto, number, place and day."""
    if shapes.MOTTO.search(low) or shapes.NUMBER_LINE.match(low) or shapes.URGENCY.match(low):
        return True
    return bool(_PLACE_AND_DAY.match(low) or shapes.OF_NO_ACCOUNT.match(low))
