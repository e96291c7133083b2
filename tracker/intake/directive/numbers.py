"""Numbers of papers in running text: 254/UBND-NV, 22/2020/QĐ-UBND, 18-NQ/TW, with the word for their kind."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from tracker.intake.directive.dates import DayRead, read_day_at
from tracker.intake.directive.normal import with_plain_dashes
from tracker.intake.proposal import PaperKind


class Numbered(NamedTuple):
    """A paper named by its number in a text: the number in its usual form, its kind, its place.

    `start` is where the word for its kind begins, `end` behind the number; `notation` tells whether more than
    a bare figure was read, `day_before` is a day between that word and the number.
    """

    number: str | None
    kind: PaperKind
    start: int
    end: int
    notation: bool
    day_before: DayRead | None


KIND_WORDS = {
    "cong van": "CV", "cv": "CV", "ke hoach": "KH", "chi thi": "CT", "thong bao ket luan": "TB",
    "thong bao": "TB",
    "quyet dinh": "QĐ", "bao cao": "BC", "to trinh": "TTr", "nghi quyet": "NQ", "nghi dinh": "NĐ",
    "thong tu lien tich": "TT", "thong tu": "TT", "cong dien": "CĐ", "giay moi": "GM", "huong dan": "HD",
    "chuong trinh hanh dong": "CTr", "chuong trinh": "CTr", "bo luat": "LUẬT", "luat": "LUẬT", "van ban": "",
    "ket luan": "KL", "quy dinh": "KHÁC", "quy che": "KHÁC", "de an": "KHÁC", "phuong an": "KHÁC",
    "phap lenh": "KHÁC", "bien ban": "KHÁC", "lenh": "KHÁC", "thong cao": "KHÁC", "phieu chuyen": "KHÁC",
}  # fmt: skip
_KIND_WORD = re.compile(r"(?<!\w)(?:" + "|".join(sorted(KIND_WORDS, key=len, reverse=True)) + r")(?!\w)")
CODES = {
    "KH": "KH", "QĐ": "QĐ", "QD": "QĐ", "CT": "CT", "TB": "TB", "BC": "BC", "TTR": "TTr", "NQ": "NQ",
    "NĐ": "NĐ",
    "ND": "NĐ", "TT": "TT", "TTLT": "TT", "CĐ": "CĐ", "CD": "CĐ", "GM": "GM", "HD": "HD", "CTR": "CTr",
    "CTRHĐ": "CTr", "CTHĐ": "CTr", "TM": "GM", "TBKL": "TB", "NQLT": "NQ", "HDLN": "HD", "CV": "CV",
    "KHLT": "KH",
    "KHHĐ": "KH", "KL": "KHÁC", "PA": "KHÁC", "ĐA": "KHÁC", "QC": "KHÁC", "BB": "KHÁC", "QĐI": "KHÁC",
    "PC": "KHÁC",
    "QCPH": "KHÁC", "L": "KHÁC", "PL": "KHÁC", "QYĐ": "KHÁC", "VBHN": "KHÁC", "TC": "KHÁC", "LCT": "KHÁC",
    "TTRLT": "TTr", "TTRLN": "TTr", "PTR": "KHÁC", "GUQ": "KHÁC",
}  # fmt: skip
_LETTER = "A-ZĐƯÂÔĂÊÁ"
_PART = rf"[{_LETTER}][{_LETTER}a-zđư0-9&]{{0,14}}"
_NUMBER = re.compile(
    r"(?<![\w,])(?<![\d\w][./:,-])(?<!\d[./,] )"
    r"(?P<serial>\d{1,5}[a-z]?|[.…_]{1,12}(?= ?/))?"
    rf" ?(?P<first>[/-]) ?(?:(?P<year>(?:19|20) ?\d\d) ?/ ?)?"
    rf"(?P<notation>{_PART}(?:(?:[-/.,](?=[{_LETTER}])|-? ?&|- | -(?: |(?=[{_LETTER}]))|(?<=-)) ?{_PART}|"
    rf"[-/]? ?\d{{1,2}}(?!\d))*)"
)
_LOST_SLASH = re.compile(rf"(?<=[Ss]ố )(\d{{1,5}}) ({_PART}-{_PART})(?![\w])")
_BARE = re.compile(r"so ?:? ?(\d{1,5}[a-z]?)(?![\w%]|[/.,:-]\w| ?/ ?[\w(])")
_TIES = re.compile(r"[\s:,]*(?:so|s6)? ?[:.]? ?$")
FARTHEST = 110
"""How far before a number the word for its kind may stand, in characters."""
_MORE_SERIALS = re.compile(r"(?<![\w/.,-])(\d{1,5})(?: ?, ?| va | ; )(?:so )?$")


def numbers_in(text: str, low: str) -> Iterator[Numbered]:
    """Return the papers named by a number in clean `text` whose folded form is `low`, in order."""
    text = with_plain_dashes(text)
    done, last = 0, None
    starts: set[int] = set()
    for found in _NUMBER.finditer(text):
        notation, end = _trimmed(text, found)
        if not notation or (found["serial"] is None and not _is_open(low, found.start("first"), notation)):
            continue
        begin = found.start("serial") if found["serial"] else found.start("first")
        kind = kind_of_notation(f"1/{notation}")
        said = _said_before(low, done, begin, law=kind is PaperKind.LUAT)
        if said is None and not _tied_by_so(low, begin) and not _looks_official(found, notation, kind):
            continue
        serial = found["serial"] if found["serial"] and found["serial"][0].isdigit() else ""
        year = f"{found['year'].replace(' ', '')}/" if found["year"] else ""
        tail = f"{year}{notation}"
        start = said[0] if said else begin
        what = _kind(said[1] if said else None, kind, last if not said else None)
        day = read_day_at(low, said[2]) if said and said[2] is not None else None
        for other in _serials_before(low, said[0] if said else done, begin):
            yield Numbered(f"{other[0]}{found['first']}{tail}", what, min(start, other[1]), end, True, day)
        yield Numbered(f"{serial}{found['first']}{tail}", what, start, end, True, day)
        starts.update(range(begin, end))
        done, last = end, what
    for lost in _LOST_SLASH.finditer(text):
        said = _said_before(low, max(0, lost.start() - 40), lost.start())
        if said and lost.start() not in starts and not said[2]:
            starts.update(range(lost.start(), lost.end()))
            number = f"{lost[1]}/{lost[2]}"
            what = _kind(said[1], kind_of_notation(number), None)
            yield Numbered(number, what, said[0], lost.end(), True, None)
    yield from _bare_numbers(low, starts)


def kind_of_notation(number: str) -> PaperKind | None:
    """Return the kind that a number names by its code, None for a công văn, which has no code."""
    for part in re.split(r"[/\-]", number)[1:]:
        code = CODES.get(part.upper())
        if code and part != "UBND":
            return PaperKind(code)
        if re.fullmatch(r"QH\d{1,2}", part):
            return PaperKind.LUAT
    return None


_KNOWN_CODE = re.compile(
    r"(KH|QĐ|QD|CT|TB|BC|TTr|NQ|NĐ|ND|TTLT|TT|CĐ|GM|HD|CTr)(UBND|HĐND|CP|TTg|BNV|BTC|VPCP|TU|HU)(?=$|-)"
)


def _trimmed(text: str, found: re.Match[str]) -> tuple[str, int]:
    """Return the notation in its usual form and where it ends: without words that only stand behind it."""
    words, end = found["notation"], found.end()
    if words.endswith("ng") and text[end : end + 2] == "ày":
        words, end = words[:-2], end - 2
    parts = re.split(r"( ?[-/.,&] ?| )", words)
    kept, spaced = [parts[0]], 0
    for tie, part in zip(parts[1::2], parts[2::2], strict=False):
        tight = tie.strip() or "-"
        if " " in tie:
            spaced += 1
            prose = re.match(r"[^\W\d_][a-zđư]{2,}", part) or (len(part) < 2 and not part.isdigit())
            if prose or (spaced and "-" in "".join(kept) and tight != "/"):
                break
            if _goes_into_word(text, found, words, part):
                break
        kept += [tight, part]
    whole = "".join(kept)
    if len(kept) < len(parts):
        cut = sum(len(part) for part in parts[: len(kept)])
        end = found.start("notation") + cut
    elif re.match(r"[a-zà-ỹ]", text[end : end + 1]) and len(parts) > 2:
        end = found.start("notation") + len(words) - len(parts[-1]) - len(parts[-2])
        whole = "".join(kept[:-2])
    elif len(kept) == 1 and (lost := _LOST_HYPHEN.match(text, end)):
        first = kind_of_notation(f"1/{whole}") is not None
        if lost[2] is not None or (first and lost[1] in ("CP", "UBND", "TTg", "HĐND")):
            whole, end = f"{whole}-{lost[1]}", lost.end(1)
    whole = _KNOWN_CODE.sub(r"\1-\2", whole)
    whole = re.sub(r"(?<=UBND)(?=[A-ZĐ]{2}(?:$|&))", "-", whole)
    whole = re.sub(r"^QD(?=-)", "QĐ", re.sub(r"^ND(?=-)", "NĐ", whole))
    if not re.match(rf"[{_LETTER}](?:[{_LETTER}a-z&]|\d\d)", whole) or re.match(r"[A-ZĐ][a-zđ]{3,}", whole):
        return "", end
    return whole, end


_LOST_HYPHEN = re.compile(rf" ([{_LETTER}][{_LETTER}a-z&]{{1,8}})(?![\w-])( ?(?:ngày|[,;.)]|của|về|v/v|$))?")


def _goes_into_word(text: str, found: re.Match[str], words: str, part: str) -> bool:
    at = found.start("notation") + words.find(part) + len(part)
    return text[at : at + 1].isalpha() and text[at].islower()


def _is_open(low: str, slash: int, notation: str) -> bool:
    """Tell whether a notation without a number in front of it is that of a paper: “số: /BC-UBND”."""
    return bool(re.search(r"so ?:? ?[.…_]* ?$", low[max(0, slash - 20) : slash])) and "-" in notation


def _looks_official(found: re.Match[str], notation: str, kind: PaperKind | None) -> bool:
    if found["first"] == "-":
        return bool(kind) and "/" in notation
    return (bool(kind) or "UBND" in notation or bool(found["year"])) and ("-" in notation or "QH" in notation)


def _tied_by_so(low: str, at: int) -> bool:
    return bool(re.search(r"\b(?:so|s6) ?[:.]? ?$", low[max(0, at - 8) : at]))


_SO = re.compile(r"(?<!\w)(?:so|s6) ?[:.]? ?$")
_JOINT = ("lien tich", "lien nganh", "lien bo")
_LAWS = ("luat", "bo luat", "phap lenh")
_OTHER_CLAUSE = re.compile(r"\b(?:cua|tai|theo|va|do)\b(?!.*\bngay\b)")


def _said_before(low: str, done: int, begin: int, *, law: bool = False) -> tuple[int, str, int | None] | None:
    """Return where the word for the kind stands before a number, the word, and where a day stands between."""
    start = max(done, begin - FARTHEST)
    window = low[start:begin]
    cut = max(window.rfind(";"), window.rfind("\n"), window.rfind('"'))
    for period in re.finditer(r"[.)] (?!\d)", window):
        cut = max(cut, period.start())
    words = [found for found in _KIND_WORD.finditer(window) if found.start() > cut]
    if not words:
        return None
    tied = _TIES.search(window)
    last = words[-1]
    between = window[last.end() : tied.start() if tied else len(window)].strip(" ,:")
    if between and between not in _JOINT and not _SO.search(window):
        return None
    if law:
        last = next((word for word in words if word[0] in _LAWS), last)
    elif len(between) > 60 and _OTHER_CLAUSE.search(between):
        return None
    at = re.search(r"(?:^| )(ngay ?\d)", between)
    where = start + last.end() + window[last.end() :].index(at[1]) if at else None
    return start + last.start(), last[0], where


def _serials_before(low: str, start: int, begin: int) -> list[tuple[str, int, int]]:
    """Return the numbers in front that share a notation: “số 122, 123 và 124/KH-UBND”."""
    found: list[tuple[str, int, int]] = []
    at = begin
    for _ in range(12):
        one = _MORE_SERIALS.search(low, max(start, at - 16), at)
        if not one:
            break
        at = one.start(1)
        found.insert(0, (one[1], one.start(1), one.end(1)))
    begun = _SERIALS_BEGIN.search(low[max(0, at - 12) : at])
    return found if begun else []


_SERIALS_BEGIN = re.compile(r"(?:so|van|hoach|dinh|thi|bao|quyet|trinh) ?:? ?$")


def _kind(word: str | None, kind: PaperKind | None, last: PaperKind | None) -> PaperKind:
    if word == "ket luan":
        return PaperKind.THONG_BAO if kind is PaperKind.THONG_BAO else PaperKind.KHAC
    if word and KIND_WORDS[word]:
        return PaperKind(KIND_WORDS[word])
    return kind or last or PaperKind.CONG_VAN


_OF_FORM = re.compile(r"(?<!\w)(?:mau|bieu|phu luc|bang|thua|to ban do|dieu|khoan|muc) ?$")
"""“Công văn này (Mẫu số 01)”: a number that is none of a paper."""
_NEVER_BARE = ("de an", "chuong trinh", "quy che", "phuong an", "huong dan", "luat", "bo luat")


def _bare_numbers(low: str, taken: set[int]) -> Iterator[Numbered]:
    """Return papers named by a bare figure: “Công văn số 254 ngày 12/4/2021”."""
    for found in _BARE.finditer(low):
        if found.start(1) in taken:
            continue
        said = _said_before(low, max(0, found.start() - 24), found.start(1))
        of_form = _OF_FORM.search(low[max(0, found.start() - 12) : found.start()])
        if said is None or said[1] in _NEVER_BARE or of_form:
            continue
        yield Numbered(found[1], _kind(said[1], None, None), said[0], found.end(1), False, None)
