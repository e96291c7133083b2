"""Deadlines in running text: the exact words of each, whatever they are read as."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tracker.intake.directive.verbs import VERB_ANYWHERE

_YEAR = r"(?:\d{4}|20 ?\d ?\d|\d\d)"
_OF_COUNT = r"(?! (?:viec|nhiem vu|ho so|ho|xa|phuong|thon|truong|don vi|tieu chi|chi tieu|van ban)(?![a-z]))"
"""“Xong 8/12 việc” counts and names no day."""
_DAY = (
    rf"\d{{1,2}} ?/ ?(?:\d{{1,2}} ?/ ?{_YEAR}|(?:0?[1-9]|1[0-2]){_OF_COUNT})(?![\d/]|-[a-z])"
    rf"|\d{{1,2}} ?\. ?\d{{1,2}} ?\. ?{_YEAR}(?!\d)"
    rf"|\d{{1,2}} ?- ?\d{{1,2}} ?- ?{_YEAR}(?!\d)"
    r"|\d{1,2},? ?thang \d{1,2}(?: ?/ ?\d{4}|,? ?nam (?:\d{4}|nay|sau))?(?!\d)"
)
_ONE_HOUR = (
    r"(?:\d{1,2} ?(?:gio|h|g)(?![a-z])(?: ?\d{1,2}(?![\d/.]))?(?: ?phut)?|\d{1,2}:\d{2})['’′]?"
    r"(?: (?:sang|chieu|toi|trua))?"
)
_HOUR = rf"(?:(?:luc |hoi )?(?:{_ONE_HOUR}(?:,| va|,? hoac) )?{_ONE_HOUR}(?:,| cua| trong)?)"
_WEEKDAY = (
    r"(?:(?:sang |chieu |ngay |toi )?(?:thu (?:hai|ba|tu|nam|sau|bay|[2-7])|chu nhat)(?![a-z]),?)"
)
_OF_YEAR = r"(?: ?[/-] ?\d{4}|,? (?:cua )?nam (?:\d{4}|nay|sau))?"
_GOES_ON = r"(?:,| ?-|,? va|,? (?:den|toi)(?: het)?) ?"
_ENDS_LIST = r"(?=[.;,:)\n]|$| nam \d| ?[/-] ?\d{4}| va | hoan| de )"
_ONE_MONTH = r"(?:0?[1-9]|1[0-2])(?!\d| ?/ ?\d{1,2}(?!\d))"
_MONTH = (
    rf"thang {_ONE_MONTH}{_OF_YEAR}(?:{_GOES_ON}(?:thang {_ONE_MONTH}|{_ONE_MONTH}{_ENDS_LIST}){_OF_YEAR})"
    r"{0,11}(?![\d/])"
)
_ONE_QUARTER = r"(?:iv|iii|ii|i|0?[1-4])(?![a-z\d])"
_QUARTER = (
    rf"quy {_ONE_QUARTER}{_OF_YEAR}(?:{_GOES_ON}(?:quy )?{_ONE_QUARTER}{_OF_YEAR}){{0,3}}(?![\d/])"
)
_YEARS = r"nam (?:20\d\d|nay)(?!\d| ?[-–] ?\d)"
_EACH = r"(?:hang|moi|tung)"
_TIMES = r"(?:(?:it nhat|toi thieu) )?0?1 lan"
_RARER = (
    rf"(?:(?:,| va|;|/) ?(?:(?:dinh ky|{_EACH}) )?(?:[369] thang(?: dau nam)?|tuan|thang|quy|nam)"
    r"(?![a-z]| ?\d| [ivx]+(?![a-z])))*"
)
_OFTEN = (
    rf"(?:{_EACH} (?:ngay|tuan|thang|quy|nam)(?: (?:mot lan|{_TIMES}))?|{_EACH} (?:6|06|3|03) thang|"
    rf"(?:0?[36] thang|thang|quy|tuan|nam|ngay) (?:mot lan|{_TIMES})|(?:0?[36] thang|thang|quy|tuan|nam|"
    rf"ngay)/lan|"
    rf"(?:{_TIMES} ?(?:/|(?:mot|moi|1|trong mot) )(?:ngay|tuan|thang|quy|nam)|"
    rf"(?:(?:it nhat|toi thieu) )?0?[24] lan ?(?:/|(?:mot|moi|trong mot) )nam)|"
    rf"thang cuoi (?:cua )?(?:{_EACH} )?quy)(?![a-z]){_RARER}"
)
_NTH = r"(?:cuoi cung|dau tien|cuoi|dau|giua|thu (?:nhat|hai|ba))"
_NEXT = r"(?:(?:tiep theo|ke tiep|sau|lien truoc)? ?lien ke|tiep theo|ke tiep|bao cao)"
_DAY_OF_MONTH = (
    rf"(?:ngay|mung) (?:\d{{1,2}}(?: thang \d{{1,2}}|/\d{{1,2}})?"
    rf"(?:(?:,| va| va ngay|,? ngay) \d{{1,2}}(?: thang \d{{1,2}}|/\d{{1,2}})?){{0,4}}|"
    r"(?:lam viec )?(?:cuoi cung|dau tien)),? ?(?:"
    rf"(?:cua |trong )?thang {_NTH} (?:cua )?(?:{_EACH} )?quy(?: (?:sau|{_NEXT}))?(?: {_EACH} (?:quy|nam))?"
    rf"|(?:cua )?thang {_NEXT}|(?:cua )?(?:thang {_NTH} (?:cua )?)?(?:{_EACH} )?(?:thang|quy|nam)"
    r")(?![a-z]| ?\d| (?:nay|sau|toi|nam|chap|gieng|am|i|ii|iii|iv)(?![a-z]))"
)
_WEEK_OF_MONTH = (
    r"tuan (?:thu )?(?:\d|nhat|hai|ba|tu|nam|dau(?: tien)?|cuoi(?: cung)?)(?: cua)?,? thang "
    rf"(?:{_ONE_MONTH}|nay|sau|toi){_OF_YEAR}"
)
"""Which days the second week of a month has is told nowhere: such words stay, and a person gives the day."""
_SPOKEN = (
    r"(?:hom nay|ngay mai|tuan (?:nay|sau|toi)|thang (?:nay|sau|toi)|quy (?:nay|sau|toi)|nam nay|"
    r"cuoi tuan|cuoi thang|"
    r"cuoi quy|cuoi nam|giua nam|dau nam sau|giua thang|ngay hom nay)"
)
_PART = r"(?:nua dau|nua cuoi|dau|giua|cuoi|het)"
_COUNT = r"(?:\d{1,3}(?: ?\([^)]{2,20}\))?|mot|hai|ba|bon|nam|sau|bay|tam|chin|muoi|mot)"
_FROM = (
    r"(?:,? ?\(?(?:ke |tinh )*(?:tu|sau)(?: khi| ngay| luc) (?:ngay )?(?:nhan|ban hanh|ky|phat hanh|duoc|"
    r"co|ke hoach|tiep nhan|hoan thanh|ket thuc|"
    r"quyet dinh|van ban|cong van|chi thi|thong bao|nghi quyet|luat|hop|phat sinh|xay ra)[^,;.:()\n]{0,90})"
)
_LEADS = (
    r"(?:ngay )?(?:(?:cham|muon|tre) nhat(?: la| vao| den| trong| het| truoc| sau){0,3}|"
    r"khong (?:qua|muon hon|cham hon|tre hon)|"
    r"truoc(?: het)?|(?:dung )?han(?: cuoi(?: cung)?| chot)?(?: la| den)?:?|"
    r"thoi han(?: [a-z ]{3,24}?)?(?: la| den| chot|:)|thoi han|den het|den truoc|"
    r"den|trong|xong:?|vao|het|"
    r"hoan thanh:?|thoi gian(?: thuc hien| hoan thanh| xong)?:|thoi diem:)"
)
_OFTEN_AT = (
    rf"{_OFTEN},? ?\(?(?:(?:vao|truoc|cham nhat|trong) (?:la )?(?:vao )?)?(?:ngay )?"
    rf"(?:{_HOUR} ?(?:{_WEEKDAY})?|{_WEEKDAY}|(?:ngay )?\d{{1,2}}(?! ?[/.]\d| ?(?:gio|h)(?![a-z])|"
    rf" [a-z]))(?![a-z])"
)
_RANGE = (
    rf"(?:(?:ke )?tu (?:nay|hom nay|bay gio)(?: tro di)?,? (?:cho )?(?:den|toi) (?:het )?(?:ngay |{_PART} )?"
    rf"(?:{_DAY}|{_MONTH}|{_QUARTER}|nam(?: \d{{4}}| nay)?(?![a-z]))|"
    rf"(?:tu )?(?:ngay )?(?:{_DAY}) ?(?:,? (?:den|toi)(?: het)?|-) ?(?:ngay )?(?:{_DAY})|"
    rf"tu (?:{_PART} )?(?:{_MONTH}|{_QUARTER}) (?:den|toi) (?:het )?(?:{_PART} )?(?:{_MONTH}|{_QUARTER}))"
)

PHRASE = re.compile(
    rf"(?<![a-z\d])(?P<lead>{_LEADS} )?(?:"
    rf"(?P<series>(?:dinh ky |{_OFTEN},? ?\(?)?(?:(?:truoc|cham nhat(?: la)?(?: vao)?|"
    rf"vao) ){{0,2}}(?:{_HOUR} ?)?{_DAY_OF_MONTH}(?: {_EACH} (?:thang|quy|nam))?"
    rf"|(?:dinh ky )?(?:{_HOUR} ?)?{_WEEKDAY} ?(?:cua )?(?:{_EACH} )tuan"
    rf"|(?:dinh ky )?{_OFTEN_AT}"
    rf"|{_OFTEN},? ?\((?:truoc|vao|cham nhat)(?: vao| la)? ngay \d{{1,2}}(?! ?[/.])"
    rf"|dinh ky (?:tuan|thang|quy|nam)(?![a-z]| \d| [ivx]+(?![a-z])){_RARER}"
    rf"|dinh ky 0?[36] thang(?: (?:mot|01|1) lan)?(?! (?:dau|cuoi)){_RARER}"
    rf"|(?:dinh ky )?(?:{_HOUR} ?)?{_OFTEN})"
    rf"|(?P<range>{_RANGE})"
    rf"|(?P<week>{_WEEK_OF_MONTH})"
    rf"|(?P<hour>{_HOUR} ?)?(?:{_WEEKDAY} ?\(?)?(?:(?:trong |vao |het )?(?:ngay|mung|"
    rf"mong)(?: khai giang| hop)?[ :]*)?(?P<day>{_DAY})\)?"
    rf"|(?:{_PART} (?:cua )?)?(?P<month>{_MONTH}|{_QUARTER})"
    rf"|(?:{_PART} (?:cua )?)(?P<year>{_YEARS})|(?P<bare_year>{_YEARS})"
    rf"|(?P<span>(?:vong |thoi han |thoi gian |toi da |khong qua ){{0,3}}(?:{_COUNT}) (?:ngay|tuan|"
    rf"thang)(?: lam viec)?(?![a-z])(?! ?\d| (?:dau|cuoi|qua|gan|tiep|nam|truoc)\b){_FROM}?)"
    rf"|(?P<spoken>(?:{_HOUR} ?)?(?:ngay trong ngay|trong ngay|{_SPOKEN})(?![a-z]))"
    rf"|(?P<dom>(?:{_HOUR} ?)?{_WEEKDAY}(?: (?:tuan (?:nay|sau|toi)))?|ngay \d{{1,2}}(?! ?[/]|\.?\d|"
    rf" ?thang \d| gio)(?: thang (?:nay|sau|toi))?)"
    rf"|(?P<feast>(?:tet|dip|le|ngay le|ngay quoc khanh|ngay tet|ngay \d{{1,2}} thang (?:chap|"
    rf"gieng))[^,;.:()\n]{{0,40}})"
    rf")"
)
_WHOLE_YEAR = re.compile(r" *(?:trong|het) nam(?= *[.;,/)\n]| *$)| *(?:trong )?(?:ca|"
                         r"suot) nam(?: (?:20\d\d|nay))?(?![a-z\d])|"
                         r"nam 20\d\d ?[-–] ?20\d\d")

_WORKS = re.compile(
    r"(?<![a-z])(?:tuyen truyen|phat|dang|truc|ve sinh|thu gom|cong khai|cap nhat|ra soat|don doc|bao cao|"
    r"kiem tra|"
    r"giao ban|tong hop|thong ke|doi chieu|hop|to chuc|thuc hien|kiem diem|danh gia|theo doi|giam sat|"
    r"tuan tra|"
    r"niem yet|luan phien|nhac)(?![a-z])[^.;:,]{0,60}$"
)
_OF_KIND = re.compile(
    r"(?<![a-z])(?:cong viec|nhiem vu|ke hoach|hoat dong|luong|phi|tien|che do|so|bao cao|giao ban|"
    r"sinh hoat|nhu cau|"
    r"san luong|chi tieu|chuong trinh|lich|thuong|ky|quy che) $"
)
_CLOSES = re.compile(r"[ )]*(?:[.;]|$)")
_OF_YEARLY_WORK = re.compile(
    r"(?:nhiem vu|cong tac|ke hoach|chi tieu|ket qua|muc tieu|da|duoc|tinh hinh|noi dung|viec|dien ra|"
    r"phat sinh|"
    r"giao)[^.;:,]{0,24}$"
)
_OF_PAPER = re.compile(
    r"(?:(?<!ho )so|van ban|quyet dinh|ke hoach|nghi quyet|cong van|luat|[a-z]/[a-z]+|"
    r"[a-z]{2,}-[a-z]+) $"
)
_DRESS = re.compile(
    r"(?:dinh ky(?! (?:0?[36] thang|tuan|thang|quy|nam)(?![a-z]))|(?:xong|hoan thanh)(?= (?:truoc|trong|"
    r"cham|vao|"
    r"ngay)))[ ,(:]+"
)
_STRONG = re.compile(r"truoc|nhat|khong (?:qua|muon|cham|tre)|han|xong")
_OUTRIGHT = re.compile(r"nhat|khong (?:qua|muon|cham|tre)|han|xong|den truoc")
_CONTINUOUS = re.compile(r"(?<![a-z])(?:thuong xuyen(?:, lien tuc)?|lien tuc|hang ngay|moi ngay)(?![a-z])")
_FINISHES = re.compile(
    r"(?<![a-z])(?:hoan thanh|ban giao|hoan tat|gui|nop|xong|bao cao|trinh|ban hanh|thong xe|khanh thanh|"
    r"khai truong|"
    r"dut diem|thong ky thuat|cung cap|dang ky|tra loi|to chuc xong)(?![a-z])[^;.:\n]{0,90}$"
)
"""A verb that asks for a result, in front of a day that stands without “trước”."""
_NO_EVENT_BEFORE = re.compile(
    r"(?<!\w)(?:họp|hội nghị|lễ|phiên|kỳ|buổi|tiết|dịp|kỷ niệm|sinh|hiệu lực|từ|kể|số [^ ]+|văn bản|công văn|"
    r"kế hoạch|quyết định|nghị quyết|chỉ thị|thông báo|kết luận|luật|nghị định|thông tư|giấy mời|làm việc|"
    r"giao ban|\w+/[\w-]+|khóa|tháng|năm|diễn ra|tiếp|cũ|ký|lập|cấp|ban hành|"
    r"tổ chức)(?: này)?(?: vào)?(?:,? )?$",
    re.IGNORECASE,
)
_OF_PERIOD = re.compile(
    r"(?:so lieu|phat sinh|thoi diem|ky bao cao|giai doan|ket qua|tinh hinh|bao cao|hieu luc|sinh|cac ho|"
    r"ghi nhan|xay ra|thong ke|xu the|du bao|nhan dinh|dien bien)[^;.:]{0,40}$"
)
_ANNIVERSARY = re.compile(r"(\d{1,2} ?[/.] ?\d{1,2}) ?[/.] ?\d{4} ?- ?(?:ngay )?\1 ?[/.] ?\d{4}")
"""“(27/7/1947 - 27/7/2024)”: the day that is remembered."""
_ENDS_WORK = re.compile(r",? (?:phai |se |can )?(?:co ban |phan dau )?(?:hoan thanh|xong|ban giao|gui|nop|"
                        r"bao cao|trinh)(?![a-z])")

_NO_DUE_BEFORE = re.compile(
    r"(?<!\w)(?:tính|từ(?: ngày)? ?[\d/.]{0,11}|kể từ(?: ngày)?|có hiệu lực(?: thi hành)?(?: kể)?|sinh|"
    r"lập|cấp|ký|áp dụng|"
    r"phát sinh|xây dựng|tiếp nhận|ban hành|có|hình thành|thành lập|khởi công|tồn tại|đăng ký|nhập học|"
    r"tuyển dụng|"
    r"vào sử dụng|ra đời|bắt đầu|diễn ra|thâm niên|nộp hồ sơ|nhận|số liệu|sử dụng đất|công tác|"
    r"ngày) ?$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a deadline and their place in the text that was searched."""

    start: int
    end: int
    returns: bool
    """Whether they say that something comes again."""
    often: tuple[int, int] | None = None
    """Where words before them say how often: “Hằng năm, … trước ngày 10 tháng 12”."""


def find_dues(text: str, folded: str, start: int, end: int, *, whole: bool = False) -> list[Words]:
    """Return the deadlines that stand in `text[start:end]`, in order; `folded` is as long as `text`.

    `whole` is for the cell of a column of deadlines, or what follows “Thời gian hoàn thành:”: there a bare
    day or month is a deadline too.
    """
    found: list[Words] = []
    at = start
    if whole and (year := _WHOLE_YEAR.match(folded, start, end)):
        return [Words(*year.span(), returns=False)]
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
    begin = max(start, match.start() - 40)
    before, said = folded[begin : match.start()], folded[match.start() : match.end()]
    if not lead and _OF_PAPER.search(before):
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
    if match["range"]:
        if _ANNIVERSARY.search(said):
            return False
        if strong or said.startswith(("tu nay", "ke tu nay")):
            return True
        done = VERB_ANYWHERE.search(text[max(start, match.start() - 90) : match.start()].lower())
        return bool(done) and not _OF_PERIOD.search(before)
    if match["bare_year"]:
        return bool(
            re.match(r"(?:xong|hoan thanh|het|den het|truoc|han)", lead)
            or (
                lead == "trong "
                and (
                    re.search(r"(?:hoan thanh|xong|dut diem)[^.;:]{0,80}$", folded[start : match.start()])
                    or (_CLOSES.match(folded, match.end()) and not _OF_YEARLY_WORK.search(before))
                )
            )
        )
    if match["feast"]:
        return lead.startswith("truoc")
    if match["dom"]:
        return strong
    if match["week"]:
        return bool(lead)
    if match["spoken"]:
        return (
            strong
            or lead in ("trong ", "den het ", "den ", "vao ", "xong ")
            or said.startswith(("trong ngay", "ngay trong ngay"))
        )
    if match["span"]:
        return bool(lead or strong) and _is_span(lead, said, before, folded, match)
    if not strong and (not lead or lead == "vao "):
        return _is_bare_due(text, folded, start, match)
    if lead.startswith("hoan thanh"):
        return True
    if lead.startswith("den") and re.search(r"\b(?:tu|tinh)\b[^;.]{0,30}$", before):
        return bool(re.search(r"(?:thoi gian|thuc hien|to chuc)[a-z: ]{0,25}tu [^;.]{0,30}$", before))
    if lead == "den " and match["month"] and not match[0].startswith(("den dau", "den giua", "den cuoi")):
        return False
    if not _OUTRIGHT.search(lead) and _NO_DUE_BEFORE.search(text[begin : match.start()]):
        return _is_due_of_paper(before, strong=strong)
    return True


def _is_due_of_paper(before: str, *, strong: bool) -> bool:
    """Tell whether “ban hành trước ngày …” asks for a paper by then, and does not tell of an earlier one."""
    if re.search(r"hoan thanh|xong|bao cao|gui |trinh ", before):
        return True
    asks = re.search(r"(?:ban hanh|xay dung|lap|cap|ky|thanh lap|khoi cong|to chuc)[a-z ]*$", before)
    of_earlier = re.search(
        r"\b(?:da|duoc|do) (?:ban hanh|xay dung|lap|cap|ky|thanh lap)|\b(?:da|duoc)\b[^;.,]{0,20}$", before
    )
    strong = strong or bool(re.search(r"(?:^|[,;] | va |trinh )(?:ban hanh|xay dung|lap|ky|"
                                      r"thanh lap) $", before))
    return bool(asks) and strong and not of_earlier


def _is_bare_due(text: str, folded: str, start: int, match: re.Match[str]) -> bool:
    """Tell whether a day without “trước” is when something has to be there: “bàn giao ngày 30/9”."""
    said = folded[match.start() : match.end()]
    if match["month"] and not re.match(rf"(?:vao )?{_PART} ", said):
        return False
    if match["year"] or not (match["month"] or re.match(r"(?:vao )?.*ngay", said) or match["hour"]):
        return False
    before = folded[max(start, match.start() - 100) : match.start()]
    if not before.strip(" ,-+(") and _ENDS_WORK.match(folded, match.end()):
        return True
    if _NO_EVENT_BEFORE.search(text[max(start, match.start() - 40) : match.start()]):
        return False
    return bool(_FINISHES.search(before)) and not re.search(r"\bda\b", before)


def _is_series(text: str, match: re.Match[str], before: str, *, whole: bool) -> bool:
    """Leave out “tiền lương hằng tháng”, “báo cáo hằng quý”: there it says which one, not when to do it."""
    said = match[0]
    if whole or match["lead"] or "dinh ky" in said or any(letter.isdigit() for letter in said):
        return not re.search(r"tro cap|luong|chi tra", before[-20:])
    if re.search(r"\blan\b|\blần\b|(?:thứ \w+|chủ nhật) ?(?:của )?(?:hằng|hàng|mỗi|từng)", said.lower()):
        return True
    if not before.strip() or re.search(r"[.;:,(] ?$|\bva $", before):
        return True
    if _CLOSES.match(text, match.end()) and _WORKS.search(before) and not _OF_KIND.search(before):
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


_GOES_ON_FOREVER = re.compile(r"; (thuong xuyen) (?=[a-z])")


def is_continuous(folded: str, start: int, end: int) -> tuple[int, int] | None:
    """Return where a task says that it never ends: it begins with “Thường xuyên”, or ends so."""
    found = re.compile(
        r"(?:thuong xuyen|lien tuc)(?:, lien tuc|"
        r", thuong xuyen)?(?![a-z])"
    ).match(folded, start, end)
    if found:
        return found.span()
    if behind := _GOES_ON_FOREVER.search(folded, start, end):
        return behind.span(1)
    tail = folded[start:end].rstrip(" .;/")
    closing = re.search(r"(?:,|;| thuc hien| va| mot cach) (thuong xuyen(?:,? (?:va )?lien tuc)?)$", tail)
    return (start + closing.start(1), start + closing.end(1)) if closing else None
