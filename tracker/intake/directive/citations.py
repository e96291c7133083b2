"""The documents that a paper cites: in căn cứ, running text, footnotes and tables, each told once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date

from tracker.intake.directive.dates import DayRead, read_day_at
from tracker.intake.directive.issuers import Issuer, read_issuer_at
from tracker.intake.directive.lines import Layout, Role
from tracker.intake.directive.numbers import Numbered, kind_of_notation, numbers_in
from tracker.intake.proposal import Citation, Header, PaperKind

SURE, LIKELY, UNSURE = 0.97, 0.8, 0.6
NUMBER_ONLY = 0.5
"""How sure a citation without its notation is."""


@dataclass(frozen=True, slots=True)
class _Found:
    number: str | None
    kind: PaperKind
    day: date | None
    issuer: str | None
    start: int
    end: int
    basis: bool
    sure: float


def read_citations(layout: Layout, *, header: Header) -> tuple[Citation, ...]:
    """Return each document that a paper cites by its number, and each law with its day, in order of naming.

    One named again adds what was missing: its day, its issuer. The paper's own number is none.
    """
    own = _key(header.number.value) if header.number else None
    found: dict[str, list[_Found]] = {}
    for start, end, basis in _passages(layout):
        for one in _in_passage(layout.normal.text[start:end], layout.normal.folded[start:end], start, basis):
            its_day = one.day is None or header.issued_on is None or one.day == header.issued_on.value
            if not (one.number and _key(one.number) == own and its_day):
                _take(found, one)
    return tuple(
        Citation(
            one.number, one.kind, one.day, one.issuer,
            *layout.normal.place(one.start, one.end), one.basis, one.sure,
        )
        for one in sorted((one for same in found.values() for one in same), key=lambda one: one.start)
    )


_BASIS = re.compile(
    r"(?:[-+] ?)?(?:can cu|thuc hien|theo |xet |trien khai|tiep theo|tiep tuc thuc hien|phuc dap|"
    r"de (?:to chuc )?trien khai|tren co so)"
)
_FIRST_ITEM = re.compile(r"(?:i|1|a|phan (?:i|thu nhat)|dieu 1|muc 1|chuong i)[.):\s]")


def _passages(layout: Layout) -> Iterator[tuple[int, int, bool]]:
    """Return the parts of the text in which papers are cited, and whether each is a basis of this one."""
    head = [each for each in layout.of(Role.HEAD) if not _NUMBER_LINE.match(layout.folded(each))]
    for start, end in _runs((each.start, each.end) for each in head):
        yield start, end, False
    opening = True
    for each in layout.paragraphs:
        if each.role in (Role.HEAD, Role.SIGNATURE, Role.RECIPIENTS):
            continue
        low = layout.folded(each)
        if _FIRST_ITEM.match(low):
            opening = False
        yield each.start, each.end, opening and bool(_BASIS.match(low))


_NUMBER_LINE = re.compile(r"(?:so|s6) ?[:.]|\d{1,5} ?/ ?[a-z]{2,}[a-z-]{0,12}$")


def _runs(places: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    start = end = -1
    for begin, stop in places:
        if begin == end + 1:
            end = stop
            continue
        if end > start:
            yield start, end
        start, end = begin, stop
    if end > start:
        yield start, end


def _key(number: str) -> str:
    return re.sub(r"[\s.\-–]", "", number).casefold()


def _serial(number: str) -> str:
    return re.split(r"[/-]", number, maxsplit=1)[0].lstrip("0")


def _take(found: dict[str, list[_Found]], one: _Found) -> None:
    """Put a citation to those found, or add what it says to the one that it repeats."""
    same = found.setdefault(_serial(one.number) if one.number else f"law {one.day}", [])
    for index, known in enumerate(same[:MOST_ALIKE]):
        if not _is_same(known, one):
            continue
        same[index] = replace(
            known,
            number=max(known.number or "", one.number or "", key=len) or None,
            day=known.day or one.day,
            issuer=known.issuer or one.issuer,
            basis=known.basis or one.basis,
            sure=max(known.sure, one.sure),
        )
        return
    same.append(one)


MOST_ALIKE = 60
"""Among how many citations with the same figure a repetition is looked for: a bound for hostile texts."""


def _is_same(known: _Found, one: _Found) -> bool:
    if known.day and one.day and known.day != one.day:
        return False
    if known.number is None or one.number is None:
        return known.number == one.number and known.kind is one.kind and known.day == one.day
    if _key(known.number) == _key(one.number):
        return not known.number.startswith("/") or known.day == one.day
    bare = known.number.isdigit() or one.number.isdigit()
    return bare and known.kind is one.kind and _serial(known.number) == _serial(one.number)


_SENTENCE_END = re.compile(r"(?<![A-ZĐ\d])(?<! TP)(?<! tp)[.!?](?= [^\W\da-z])|\n")


def _in_passage(text: str, low: str, offset: int, basis: bool) -> Iterator[_Found]:
    numbered = sorted([*numbers_in(text, low), *_laws(text, low)], key=lambda one: one.start)
    ends = [found.end() for found in _SENTENCE_END.finditer(text)]
    kept: list[_Found] = []
    before, sentence, subject = 0, 0, _Subject(None, None)
    pending: list[int] = []
    for index, one in enumerate(numbered):
        while ends and ends[0] <= one.start:
            sentence, subject = ends.pop(0), _Subject(None, None)
            pending = []
        behind = numbered[index + 1 : index + 14]
        limit = next((other.start for other in behind if other.start >= one.end), len(text))
        limit = min([limit, *ends[:1]])
        named = _subject_before(text, low, max(before, sentence), one.start, one.number)
        subject = named or subject
        day, end = _day_behind(low, one.end, limit)
        issuer, end = _issuer_behind(text, low, end, limit)
        if issuer and day is None:
            day, end = _day_behind(low, end, limit)
        if day is None:
            day = one.day_before or (subject.day if named else None)
        value = issuer.value if issuer else None
        if issuer is None and subject.issuer and _may_issue(subject.issuer, one.number):
            value = subject.issuer
        if value is None:
            pending.append(len(kept))
        else:
            if issuer:
                for at in pending:
                    if _goes_together(low, kept[at].end - offset, one.start, kept[at], value):
                        kept[at] = replace(kept[at], issuer=value)
            pending = []
        value = value or _by_notation(one)
        whole = day.day if day and day.day else _with_year(day, one.number)
        sure = SURE if whole and one.notation else LIKELY if one.notation else NUMBER_ONLY
        before = max(end, one.end)
        kept.append(
            _Found(one.number, one.kind, whole, value, offset + one.start, offset + before, basis, sure)
        )
    yield from kept


def _with_year(day: DayRead | None, number: str | None) -> date | None:
    """Return the day whose year only the number of the paper tells: “22/2020/QĐ-UBND ngày 12/8”."""
    told = re.match(r"\d+/(\d{4})/", number or "")
    if not day or not day.month_day or not told:
        return None
    try:
        return date(int(told[1]), day.month_day[1], day.month_day[0])
    except ValueError:
        return None


_TO_DAY = re.compile(r"[ ,(]*(?:(?:duoc )?(?:ban hanh|ra|ky|de|thong qua|ky ban hanh) )?")


def _day_behind(low: str, at: int, limit: int) -> tuple[DayRead | None, int]:
    lead = _TO_DAY.match(low, at)
    begin = lead.end() if lead else at
    if begin >= limit:
        return None, at
    day = read_day_at(low, begin)
    if day is None or day.end > limit or (not low.startswith(("ngay", "thang"), begin) and day.day is None):
        return None, at
    return day, day.end


_TO_ISSUER = re.compile(r"[ ,)]*(?:(?:do|cua|duoc) )(?:cac )?(?:dong chi )?")


def _issuer_behind(text: str, low: str, at: int, limit: int) -> tuple[Issuer | None, int]:
    lead = _TO_ISSUER.match(low, at)
    if not lead or lead.end() >= limit:
        return None, at
    issuer = read_issuer_at(text, low, lead.end(), bare=True)
    if issuer is None:
        issuer = _any_issuer(text, low, lead.end(), limit)
    if issuer is None:
        return None, at
    also = low.startswith(" va ", issuer.end) and issuer.end + 4 < limit
    other = read_issuer_at(text, low, issuer.end + 4, bare=True) if also else None
    if other and not issuer.value.startswith("HĐND"):
        issuer = Issuer(f"{issuer.value} và {other.value}", issuer.start, other.end)
    return issuer, issuer.end


_ISSUER_STOPS = re.compile(
    r"[,;.:()\"\n]|(?:^| )(?:ve|v/v|ban hanh|quy dinh|huong dan|sua doi|phe duyet|trien khai|cong bo|"
    r"thong bao|giao(?! thong| duc)|"
    r"thuc hien|de nghi|chi dao|yeu cau|ngay|va|tai|trong|duoc|da|cho|tang cuong)(?= |$)(?! trat tu xa hoi)"
)


def _any_issuer(text: str, low: str, at: int, limit: int) -> Issuer | None:
    """Return a body of another name: words up to what cannot belong to a name, the first with a capital."""
    if not text[at : at + 1].isupper():
        return None
    stop = _ISSUER_STOPS.search(low, at, min(limit, at + 90))
    end = stop.start() if stop else min(limit, at + 90)
    name = text[at:end].strip()
    return Issuer(name, at, at + len(name)) if len(name) >= 2 and len(name.split()) <= 12 else None


@dataclass(frozen=True, slots=True)
class _Subject:
    issuer: str | None
    day: DayRead | None


_ISSUES = re.compile(
    r"(?:^|[ ,])(?:ban hành|có|ký|ra|thông qua|phát hành|phê duyệt|trình bày|trình|gửi|"
    r"tại)(?!\w)[^.;]{0,60}$"
)
_AT_A_PAPER = re.compile(r" ?tại(?!\w)")
_DATED = re.compile(r"(?:^|[ ,;(])ngay ")
_CAPITALS = re.compile(r"(?<!\w)(?=[^\W\d_a-z])")


def _subject_before(text: str, low: str, start: int, end: int, number: str | None) -> _Subject | None:
    """Return who issues, and when, where that stands before the number: “Ngày …, UBND huyện ban hành …”."""
    if end - start > 400:
        start = end - 400
    verb = _ISSUES.search(text[start:end].lower())
    if not verb:
        return None
    named: list[Issuer] = []
    for found in _CAPITALS.finditer(text, start, start + verb.start() + 1):
        one = read_issuer_at(text, low, found.start(), bare=True)
        if one and one.end <= start + verb.start() + 1 and (not named or one.start >= named[-1].end):
            named.append(one)
    fitting = [one for one in named if _may_issue(one.value, number)]
    if not named:
        return None
    subject = fitting[-1] if fitting else named[-1]
    if len(fitting) > 1 and low[fitting[-2].end : subject.start] == ", ":
        subject = fitting[-2]
    day = None
    dated = list(_DATED.finditer(low, start, subject.start))
    if dated:
        read = read_day_at(low, low.index("ngay", dated[-1].start()))
        if read and subject.start - read.end <= 3 and not _AT_A_PAPER.match(verb[0]):
            day = read
    return _Subject(subject.value, day)


_COMMITTEE = re.compile(r"UBND|HĐND")


def _may_issue(issuer: str, number: str | None) -> bool:
    """Tell whether a body can have given a number: “UBND huyện” gives no 200/SNV-CCHC."""
    if number is None:
        return False
    notation = re.sub(r"^[\d/]+[a-z]?[/-]?", "", number)
    if not notation:
        return True
    if _COMMITTEE.search(issuer):
        return ("UBND" in notation) == ("UBND" in issuer) or "HĐND" in notation
    if issuer.startswith(("Bộ Chính trị", "Ban Bí thư", "Ban Chấp hành Trung ương", "Trung ương")):
        return "TW" in notation
    words = [word for word in re.findall(r"[^\W\d_]+", issuer) if word.lower() not in ("và", "tỉnh")]
    initials = "".join(word[0] for word in words).upper()
    if issuer == "Chính phủ":
        return "CP" in notation
    if issuer.startswith("Thủ tướng"):
        return "TTg" in notation
    if "ủy" in issuer and "UBND" not in issuer:
        return bool(re.search(r"[THĐ]U\b|TU|HU|ĐU", notation))
    letters = re.sub(r"[^A-ZĐ]", "", notation.upper())
    return "UBND" not in notation and (initials[:2] in letters or initials[1:3] in letters)


def _goes_together(low: str, end: int, start: int, known: _Found, issuer: str) -> bool:
    """Tell whether an issuer behind the last of a list is that of an earlier one: only its name between."""
    between = low[end:start]
    joined = re.fullmatch(r"[ ,;]*(?:va )?(?:[a-z ]{0,30}?)(?:so)?[ :]*", between)
    return bool(joined) and _may_issue(issuer, known.number)


def _by_notation(one: Numbered) -> str | None:
    """Return who alone issues papers of such a number."""
    number = one.number or ""
    if one.kind is PaperKind.NGHI_DINH:
        return "Chính phủ"
    if one.kind is PaperKind.LUAT:
        return "Quốc hội"
    if "UBTVQH" in number:
        return "Ủy ban Thường vụ Quốc hội"
    if re.search(r"/QH\d", number):
        return "Quốc hội"
    if "TTg" in number and kind_of_notation(number) is not None:
        return "Thủ tướng Chính phủ"
    ministry = re.search(r"/TT-(\w+)$", number)
    if ministry and ministry[1] in MINISTRIES:
        return MINISTRIES[ministry[1]]
    return "Chính phủ" if number.endswith("/NQ-CP") else None


MINISTRIES = {
    "BNV": "Bộ Nội vụ", "BTC": "Bộ Tài chính", "BTP": "Bộ Tư pháp", "BYT": "Bộ Y tế", "BXD": "Bộ Xây dựng",
    "BCT": "Bộ Công Thương", "BCA": "Bộ Công an", "BQP": "Bộ Quốc phòng", "BNG": "Bộ Ngoại giao",
    "BGDĐT": "Bộ Giáo dục và Đào tạo", "BKHCN": "Bộ Khoa học và Công nghệ", "VPCP": "Văn phòng Chính phủ",
    "BTTTT": "Bộ Thông tin và Truyền thông", "BTNMT": "Bộ Tài nguyên và Môi trường",
    "BNNPTNT": "Bộ Nông nghiệp và Phát triển nông thôn", "BNNMT": "Bộ Nông nghiệp và Môi trường",
    "BKHĐT": "Bộ Kế hoạch và Đầu tư", "BLĐTBXH": "Bộ Lao động - Thương binh và Xã hội",
    "BVHTTDL": "Bộ Văn hóa, Thể thao và Du lịch", "BGTVT": "Bộ Giao thông vận tải",
    "TTCP": "Thanh tra Chính phủ",
    "NHNN": "Ngân hàng Nhà nước Việt Nam", "BDTTG": "Bộ Dân tộc và Tôn giáo",
}  # fmt: skip
"""Who issues thông tư, by the end of their numbers."""


_LAW = re.compile(r"(?<!\w)(?:Bộ luật|Luật|Pháp lệnh|Bộ Luật|LUẬT|BỘ LUẬT|Hiến pháp) ?(?=[^\W\d_])")
LONGEST_LAW = 220


_LAW_ENDS = re.compile(r"[;:\n]|(?<!\d)\.(?!\d)| số \d| số:|(?<=ngày) ")
_NO_LAW = re.compile(
    r"(?<!\w)(?:tại|theo|quy định|hiệu lực|trước|từ|trong|đến|nghị định|quyết định|thông tư|kế hoạch|"
    r"công văn|chỉ thị|"
    r"nghị quyết)(?!\w)"
)


def _laws(text: str, low: str) -> Iterator[Numbered]:
    """Return laws and ordinances that are named with a day and without a number."""
    done = -1
    for found in _LAW.finditer(text):
        if found.start() < done:
            continue
        stop = _LAW_ENDS.search(text, found.end(), found.end() + LONGEST_LAW)
        if not stop or not text.endswith("ngày", 0, stop.start()):
            continue
        at = stop.start() - len("ngày")
        day = read_day_at(low, at)
        if day is None or day.day is None:
            continue
        name = text[found.end() : at].lower()
        if _NO_LAW.search(name) and "sửa đổi" not in name:
            continue
        done = day.end
        kind = PaperKind.KHAC if found[0].startswith(("Pháp", "Hiến")) else PaperKind.LUAT
        yield Numbered(None, kind, found.start(), at, notation=True, day_before=None)
