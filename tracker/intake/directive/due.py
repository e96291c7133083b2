"""Deadlines in running text: the exact words of each, whatever they are read as."""

from __future__ import annotations

import re
from dataclasses import dataclass

_YEAR = r"(?:\d{4}|20 ?\d ?\d|\d\d)"
_DAY = (
    rf"\d{{1,2}} ?/ ?\d{{1,2}}(?: ?/ ?{_YEAR})?(?![\d/]|-[a-z])"
    rf"|\d{{1,2}} ?\. ?\d{{1,2}} ?\. ?{_YEAR}(?!\d)"
    rf"|\d{{1,2}} ?- ?\d{{1,2}} ?- ?{_YEAR}(?!\d)"
    r"|\d{1,2},? ?thang \d{1,2}(?: ?/ ?\d{4}|,? ?nam (?:\d{4}|nay|sau))?(?!\d)"
)
_HOUR = (
    r"(?:\d{1,2} ?(?:gio|h|g)(?![a-z])(?: ?\d{1,2}(?![\d/.]))?(?: ?phut)?|\d{1,2}:\d{2})(?: (?:sang|"
    r"chieu|toi|trua))?"
    r"(?:,| cua| trong)?"
)
_WEEKDAY = r"(?:(?:sang |chieu )?(?:thu (?:hai|ba|tu|nam|sau|bay|[2-7])|chu nhat)(?![a-z]),?)"
_MONTH = r"thang (?:0?[1-9]|1[0-2])(?: ?[/-] ?\d{4}|,? ?nam (?:\d{4}|nay|sau))?(?![\d/])"
_QUARTER = r"quy (?:iv|iii|ii|i|0?[1-4])(?![a-z\d])(?: ?[/-] ?\d{4}|,? ?nam (?:\d{4}|nay|sau))?(?![\d/])"
_YEARS = r"nam (?:20\d\d|nay)(?!\d| ?[-–] ?\d)"
_EACH = r"(?:hang|moi|tung)"
_OFTEN = (
    rf"(?:{_EACH} (?:ngay|tuan|thang|quy|nam)(?: (?:mot|01|1) lan)?|{_EACH} (?:6|06|3|03) thang|"
    rf"(?:0?[36] thang|thang|quy|tuan|nam|ngay) (?:mot|01|1) lan|"
    rf"thang cuoi (?:cua )?(?:{_EACH} )?quy)(?![a-z])"
)
_DAY_OF_MONTH = (
    rf"(?:ngay|mung) \d{{1,2}}(?:/\d{{1,2}})?(?:(?:,| va| va ngay|,? ngay) \d{{1,2}}(?:/\d{{1,2}})?){{0,4}}"
    rf",? ?(?:cua )?(?:thang (?:cuoi|dau|dau tien|cuoi cung) (?:cua )?)?(?:{_EACH} )?(?:thang|quy|"
    rf"nam)(?![a-z]| ?\d| (?:nay|sau|toi|nam|chap|gieng|am|i|ii|iii|iv)(?![a-z]))"
)
_SPOKEN = (
    r"(?:hom nay|ngay mai|tuan (?:nay|sau|toi)|thang (?:nay|sau|toi)|quy (?:nay|sau|toi)|nam nay|"
    r"cuoi tuan|cuoi thang|"
    r"cuoi quy|cuoi nam|giua nam|dau nam sau|giua thang|ngay hom nay)"
)
_PART = r"(?:nua dau|nua cuoi|dau|giua|cuoi|het)"
_COUNT = r"(?:\d{1,3}(?: ?\([^)]{2,20}\))?|mot|hai|ba|bon|nam|sau|bay|tam|chin|muoi|mot)"
_FROM = (
    r"(?:,? ?(?:ke |tinh )*(?:tu|sau)(?: khi| ngay| luc) (?:ngay )?(?:nhan|ban hanh|ky|phat hanh|duoc|"
    r"co|ke hoach|tiep nhan|hoan thanh|ket thuc|"
    r"quyet dinh|van ban|cong van|chi thi|thong bao|nghi quyet|luat|hop|phat sinh|xay ra)[^,;.:()\n]{0,90})"
)
_LEADS = (
    r"(?:(?:cham|muon|tre) nhat(?: la| vao| den| trong){0,3}|khong (?:qua|muon hon|cham hon|tre hon)|"
    r"truoc(?: het)?|han(?: cuoi| chot)?(?: la| den)?|thoi han(?: la| den| chot)?:?|den het|den truoc|"
    r"den|trong|xong|vao|het|"
    r"hoan thanh|thoi gian(?: thuc hien| hoan thanh)?:|thoi diem:)"
)

PHRASE = re.compile(
    rf"(?<![a-z\d])(?P<lead>{_LEADS} )?(?:"
    rf"(?P<series>(?:dinh ky |{_OFTEN},? ?\(?)?(?:(?:truoc|cham nhat(?: la)?(?: vao)?|"
    rf"vao) ){{0,2}}{_DAY_OF_MONTH}"
    rf"|(?:dinh ky )?(?:{_WEEKDAY} )(?:cua )?(?:{_EACH} )tuan"
    rf"|{_OFTEN},? (?:vao |truoc |cham nhat (?:la )?(?:vao )?)(?:{_HOUR} ?)?(?:{_WEEKDAY}|"
    rf"(?:ngay )?\d{{1,2}}(?! ?[/.]))(?![a-z])"
    rf"|dinh ky 0?[36] thang(?: (?:mot|01|1) lan)?(?! (?:dau|cuoi))|(?:dinh ky )?(?:{_HOUR} ?)?{_OFTEN})"
    rf"|(?P<hour>{_HOUR} ?)?(?:{_WEEKDAY} ?\(?)?(?:(?:trong |vao |het )?(?:ngay|mung|"
    rf"mong)(?: khai giang| hop)?[ :]*)?(?P<day>{_DAY})\)?"
    rf"|(?:{_PART} (?:cua )?)?(?P<month>{_MONTH}|{_QUARTER})"
    rf"|(?:{_PART} (?:cua )?)(?P<year>{_YEARS})|(?P<bare_year>{_YEARS})"
    rf"|(?P<span>(?:vong |thoi han |thoi gian |toi da |khong qua ){{0,3}}(?:{_COUNT}) (?:ngay|tuan|"
    rf"thang)(?: lam viec)?(?![a-z])(?! ?\d| (?:dau|cuoi|qua|gan|tiep|nam|truoc)\b){_FROM}?)"
    rf"|(?P<spoken>(?:ngay trong ngay|trong ngay|{_SPOKEN})(?![a-z]))"
    rf"|(?P<dom>(?:{_HOUR} ?)?{_WEEKDAY}(?: (?:tuan (?:nay|sau|toi)))?|ngay \d{{1,2}}(?! ?[\d/.]|"
    rf" ?thang| gio)(?: thang (?:nay|sau|toi))?)"
    rf"|(?P<feast>(?:tet|dip|le|ngay le|ngay quoc khanh|ngay tet|ngay \d{{1,2}} thang (?:chap|"
    rf"gieng))[^,;.:()\n]{{0,40}})"
    rf")"
)

_DRESS = re.compile(
    r"(?:dinh ky(?! 0?[36] thang)|(?:xong|hoan thanh)(?= (?:truoc|trong|cham|vao|"
    r"ngay)))[ ,(:]+"
)
_STRONG = re.compile(r"truoc|nhat|khong (?:qua|muon|cham|tre)|han|xong")
_CONTINUOUS = re.compile(r"(?<![a-z])(?:thuong xuyen(?:, lien tuc)?|lien tuc|hang ngay|moi ngay)(?![a-z])")

_NO_DUE_BEFORE = re.compile(
    r"(?<!\w)(?:tính|từ(?: ngày)? ?[\d/.]{0,11}|kể từ(?: ngày)?|có hiệu lực(?: thi hành)?(?: kể)?|sinh|"
    r"lập|cấp|ký|áp dụng|"
    r"phát sinh|xây dựng|tiếp nhận|ban hành|có|hình thành|thành lập|khởi công|tồn tại|đăng ký|nhập học|"
    r"tuyển dụng|"
    r"vào sử dụng|ra đời|bắt đầu|diễn ra|thâm niên|nộp hồ sơ|nhận|số liệu|sử dụng đất|công tác|"
    r"ngày)(?:,? )?$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a deadline and their place in the text that was searched."""

    start: int
    end: int
    returns: bool
    """Whether they say that something comes again."""


def find_dues(text: str, folded: str, start: int, end: int, *, whole: bool = False) -> list[Words]:
    """Return the deadlines that stand in `text[start:end]`, in order; `folded` is as long as `text`.

    `whole` is for the cell of a column of deadlines, or what follows “Thời gian hoàn thành:”: there a bare
    day or month is a deadline too.
    """
    found: list[Words] = []
    at = start
    while at < end:
        match = PHRASE.search(folded, at, end)
        if not match:
            break
        at = match.end()
        first, last = match.span()
        if _is_due(text, folded, start, match, whole=whole):
            if folded[last - 1] == ")" and "(" not in folded[first:last]:
                last -= 1
            while folded[last - 1] in " ,(":
                last -= 1
            if dressed := _DRESS.match(folded, first, last):
                first = dressed.end()
            found.append(Words(first, last, bool(match["series"])))
        elif match["lead"]:
            at = max(match.start() + 1, match.end() - 30) if match.end() - match.start() > 40 else match.end()
    return found


def _is_due(text: str, folded: str, start: int, match: re.Match[str], *, whole: bool) -> bool:
    lead = match["lead"] or ""
    before = folded[max(start, match.start() - 40) : match.start()]
    said = folded[match.start() : match.end()]
    if (
        re.search(
            r"(?:so|van ban|quyet dinh|ke hoach|nghi quyet|cong van|luat|[a-z]/[a-z]+|"
            r"[a-z]{2,}-[a-z]+) $",
            before,
        )
        and not lead
    ):
        return False
    if match["series"]:
        return _is_series(text, match, before, whole=whole)
    if re.search(r"(?:dau|cuoi) nam|nua nam", said) and re.search(
        r"\d thang (?:dau|cuoi)", folded[match.start() : match.end() + 12]
    ):
        return False
    if whole:
        return not re.search(r"ke tu (?:ngay)? ?$", before) and not match["feast"]
    strong = bool(_STRONG.search(lead)) or bool(re.search(r"truoc|cham nhat", said))
    if match["bare_year"]:
        return bool(
            re.match(r"(?:xong|hoan thanh|het|den het|truoc|han)", lead)
            or (
                lead == "trong "
                and re.search(r"(?:hoan thanh|xong|thuc hien xong|dut diem)[a-z ,]{0,60}$", before)
            )
        )
    if match["feast"]:
        return lead.startswith("truoc")
    if not lead and not strong:
        return bool(match["spoken"]) and said == "ngay trong ngay"
    if match["dom"]:
        return strong
    if match["spoken"]:
        return (
            strong or lead in ("trong ", "den het ", "den ", "vao ", "xong ") or said.startswith("trong ngay")
        )
    if match["span"]:
        return _is_span(lead, said, before, folded, match)
    if lead == "vao " or lead == "hoan thanh ":
        return lead == "hoan thanh "
    if lead.startswith("den") and re.search(r"\b(?:tu|tinh)\b[^;.]{0,30}$", before):
        return bool(re.search(r"(?:thoi gian|thuc hien|to chuc)[a-z: ]{0,25}tu [^;.]{0,30}$", before))
    if lead == "den " and match["month"]:
        return False
    if _NO_DUE_BEFORE.search(text[max(start, match.start() - 40) : match.start()]) and not re.search(
        r"hoan thanh|xong|bao cao|gui |trinh ", before
    ):
        return (
            bool(
                re.search(
                    r"(?:ban hanh|xay dung|lap|cap|ky|thanh lap|khoi cong|"
                    r"to chuc)[a-z ]*,? $",
                    before,
                )
            )
            and strong
            and not re.search(
                r"\b(?:da|duoc|do) (?:ban hanh|xay dung|lap|cap|ky|thanh lap)|\b(?:da|"
                r"duoc)\b[^;.,]{0,20}$",
                before,
            )
        )
    return True


def _is_series(text: str, match: re.Match[str], before: str, *, whole: bool) -> bool:
    """Leave out “tiền lương hằng tháng”, “báo cáo hằng quý”: there it says which one, not when to do it."""
    said = match[0]
    if whole or match["lead"] or "dinh ky" in said or any(letter.isdigit() for letter in said):
        return not re.search(r"tro cap|luong|chi tra", before[-20:])
    if "lan" in said:
        return True
    if not before.strip() or re.search(r"[.;:,(] ?$|\bva $", before):
        return True
    return bool(
        re.search(
            r"(?:bao cao|thuc hien|to chuc|tong hop|kiem tra|chay rung|danh gia|gui|"
            r"cap nhat|thong bao|cong khai|giao ban)[a-z ]{0,30}$",
            before,
        )
    ) and not re.search(
        r"(?:ke hoach|luong|tro cap|nhiem vu|cong viec|phi|chi phi|chuong trinh|thuong) $", before
    )


def _is_span(lead: str, said: str, before: str, folded: str, match: re.Match[str]) -> bool:
    if re.search(r"nhat|khong qua|trong|han|vong", lead + said):
        if re.match(
            r" (?:dau|cuoi|qua|gan day|tiep theo|nam|truoc|lien tuc|"
            r"lien tiep)\b",
            folded[match.end() : match.end() + 14],
        ):
            return False
        return not re.search(r"\b(?:da|duoc|qua|cu)\b[^;.]{0,15}$", before)
    return False


def is_continuous(folded: str, start: int, end: int) -> tuple[int, int] | None:
    """Return where a task says that it never ends: it begins with “Thường xuyên”, or ends so."""
    found = re.compile(
        r"(?:thuong xuyen|lien tuc)(?:, lien tuc|"
        r", thuong xuyen)?(?![a-z])"
    ).match(folded, start, end)
    if found:
        return found.span()
    tail = folded[start:end].rstrip(" .;/")
    closing = re.search(r"(?:,|;| thuc hien| va| mot cach) (thuong xuyen(?:,? (?:va )?lien tuc)?)$", tail)
    return (start + closing.start(1), start + closing.end(1)) if closing else None
