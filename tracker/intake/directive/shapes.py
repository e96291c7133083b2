"""What a line of a paper looks like by itself: a title, a number, a day, a signature, an item, a name."""

from __future__ import annotations

import re

MOTTO = re.compile(
    r"cong h?oa xa hoi chu nghia(?: viet)?(?: ?nam)?|doc lap ?-? ?tu do ?-? ?hanh phuc"
    r"|^dang cong san viet ?nam$|^(?:viet )?nam$|^chu nghia viet ?nam$"
)
LABEL = re.compile(
    r"(?:[ivx]{1,6}|[a-z]|\d{1,2}(?:\.\d{1,2}){0,3})(?:[.)](?= |[^\W\d])|/(?= )|[.)]$)(?! ?\d)"
    r"|\d{1,2}(?:\.\d{1,2}){1,3} (?=[^\W\d])|\(?(?:\d{1,2}|[a-z]|[ivx]{1,4})\) "
    r"|(?:dieu|chuong|muc|phan|khoan|buoc) (?:\d{1,3}|[ivx]{1,6}|thu [a-z]+)(?:[.:]| -|$)"
)
"""The label of an item, at the start of a folded line."""
BULLET = re.compile(r"[-+*•●○▪■◦➢➤✓✔·»>]\s*(?!\d+ *$)")
NUMBER_LINE = re.compile(
    r"(?:so|s6) ?[:.]|so \d{0,5} ?/|\d{1,5} ?/ ?(?:\d{4} ?/ ?)?[a-z]{2,}|so [^a-z]{0,6}-[a-z]+/[a-z]{2}"
)
DAY_LINE = re.compile(r"\bngay\b[ .…_\d]{0,14}\bthang\b[ .…_\d]{0,14}\bnam\b[ .…_\d]{0,10}$")
ABOUT_LINE = re.compile(r"\(?v ?/ ?v\b|ve viec\b|trich yeu ?:")
ADDRESS_LINE = re.compile(
    r"(?:dong )?kinh (?:gui|trinh|chuyen|moi)\b|[^.;:]{3,90} (?:dien|(?:tran trong )?kinh moi) ?:(?: |$)"
)
"""“Kính gửi: …”; in a công điện “… điện:”, in an invitation “… trân trọng kính mời:”."""
URGENCY = re.compile(r"(?:thuong khan|hoa toc|hoa toc hen gio|khan|mat|toi mat|tuyet mat)$")
OF_NO_ACCOUNT = re.compile(r"\(?(?:du thao|ban sao|sao y|sao luc|ban chinh|cong van den)\b")

TITLES = {
    "cong van": "CV", "ke hoach": "KH", "chi thi": "CT", "thong bao": "TB", "thong bao ket luan": "TB",
    "ket luan": "TB",
    "ket luan thanh tra": "KHÁC", "ket luan kiem tra": "KHÁC",
    "quyet dinh": "QĐ", "bao cao": "BC", "to trinh": "TTr", "nghi quyet": "NQ",
    "nghi quyet lien tich": "NQ", "nghi dinh": "NĐ", "thong tu": "TT", "thong tu lien tich": "TT",
    "cong dien": "CĐ", "cong dien khan": "CĐ", "giay moi": "GM", "thu moi": "GM", "huong dan": "HD",
    "huong dan lien nganh": "HD", "chuong trinh": "CTr", "chuong trinh hanh dong": "CTr",
    "chuong trinh cong tac": "CTr", "luat": "LUẬT", "bo luat": "LUẬT", "phap lenh": "KHÁC", "de an": "KHÁC",
    "quy che": "KHÁC", "quy dinh": "KHÁC", "phuong an": "KHÁC", "du an": "KHÁC", "bien ban": "KHÁC",
    "thong cao": "KHÁC", "quy che phoi hop": "KHÁC", "phieu chuyen": "KHÁC", "giay uy quyen": "KHÁC",
    "ban ghi nho": "KHÁC",
    "ban thoa thuan": "KHÁC", "hop dong": "KHÁC", "thu cong": "KHÁC",
    "ke hoach hanh dong": "KH", "ke hoach lien tich": "KH", "ke hoach phoi hop": "KH",
    "bao cao tom tat": "BC",
    "quyet dinh lien tich": "QĐ", "phieu giao viec": "KHÁC", "phieu trinh": "KHÁC", "lenh": "KHÁC",
    "giay gioi thieu": "KHÁC", "giay nghi phep": "KHÁC", "phieu gui": "KHÁC", "phieu bao": "KHÁC",
    "quy trinh": "KHÁC", "noi quy": "KHÁC", "chien luoc": "KHÁC", "dieu le": "KHÁC",
}  # fmt: skip
"""Kinds of papers by the folded title over their subject (Nghị định 30/2020, annex III)."""

_MAIN_TITLES = frozenset(
    title for title, kind in TITLES.items() if kind not in ("KHÁC", "CV", "LUẬT") and title != "ket luan"
)


def title_of(text: str, low: str) -> tuple[str, int] | None:
    """Return the kind that a line names as the title of a paper and where its words end; None otherwise.

    Words may follow the title of a usual kind in the same line; “PHƯỜNG AN KHÁNH” is no phương án.
    """
    bare = low.rstrip(" :.")
    if bare in TITLES and (is_capitals(text) or len(text.split()) <= 3):
        return TITLES[bare], len(text)
    words = list(re.finditer(r"\S+", low[:60]))
    for count in (4, 3, 2):
        if len(words) > count:
            end = words[count - 1].end()
            title = low[:end].rstrip(":.")
            if title in _MAIN_TITLES and is_capitals(text[:end]):
                return TITLES[title], end
    return None


_PERSON = (
    r"(?:quyen |q\. ?)?(?:pho )?(?:chu tich|bi thu|giam doc|tong giam doc|truong phong|truong ban|van phong|"
    r"chanh van phong|cuc truong|vu truong|chi cuc truong|bo truong|thu truong|thu tuong|chu nhiem|chanh an|"
    r"vien truong|chanh thanh tra|truong cong an|chi huy truong|chi huy|tong thanh tra|thong doc|tu lenh|"
    r"hieu truong|truong doan|doi truong|to truong|tong cuc truong|tong bi thu|tong kiem toan|tong thu ky|"
    r"chu tich nuoc|chu tich quoc hoi|chu toa|chu tri|thu ky|dai bieu|cuc pho|vu pho|chanh|truong|uy vien|"
    r"thuong truc|tram truong|hat truong|doan truong|lanh dao|cong chuc|nguoi)"
)
SIGNS_FOR = re.compile(r"(?:t/m|tm|kt|k/t|tl|t/l|tuq|t/uq|q|thua lenh|thay mat)(?:\.|:)? ?(?=\S)")
_TITLE_OF_PERSON = re.compile(rf"{_PERSON}\b")
SIGNED = re.compile(r"[\[(]?(?:da ky|daky|ky ten|ky boi|da ky so|chu ky so|ky va ghi ro|ky ten, dong dau)\b")
_NAME = re.compile(
    r"(?:(?:TS|ThS|GS|PGS|CN|BS|KS|LS|Ths|Ts|Đại tá|Thượng tá|Trung tá|Thiếu tá|Đại úy|Thượng úy|Thiếu tướng|"
    r"Trung tướng|Thượng tướng|Đại tướng|BSCKI|BSCKII|BSCK2|BSCK1|NGƯT|NGND)[. ]+)*"
    r"[^\W\d_](?:[^\W\d_]|['’]){0,8}(?:[ -][^\W\d_](?:[^\W\d_]|['’]){0,8}){1,5}"
)
FILED = re.compile(r"\bluu ?:|\bluu (?:tai )?(?:vt|vp|van phong|van thu|ho so|hs|ctn|ubnd)\b")
RECIPIENTS_LINE = re.compile(r"noi nhan ?(?::|$)|noi nhan ?\(")
APPENDIX_LINE = re.compile(
    r"(?:phu luc|phu bieu|bieu mau|mau so|bieu|danh sach|danh muc|b\.\d|bang|de cuong)\b"
)
BODY_WORDS = re.compile(
    r"(?:can cu|thuc hien|xet|theo|ngay \d|de |nham|trong (?:thoi|nhung|qua|nam|thang|quy|cac|ngay|\d|khi)|"
    r"thoi gian|sau khi|tiep theo|trien khai|qua |hien nay|vua qua|tren co so|uy ban|ubnd|thuong truc|so |"
    r"phong |phuc dap|tiep nhan|nhan duoc|trinh |thuc trang|bo |chu tich|thu tuong|van phong|nhu |vao |hoi |"
    r"hom |chieu |sang |tai |tu ngay|tinh hinh|duoc su|do |nhan |nam \d|thang \d|quy |dua |phan |huong |"
    r"ban |tinh |cong an|i\. |1\. |a\. |dieu |chuong |muc |phan )"
)
"""How the running text after a header begins (folded)."""
CONNECTS = re.compile(
    r"(?:,|-|/|(?<!\w)(?:và|của|về|tại|do|với|các|là|số|ngày|tháng|năm|từ|đến|cho|trong|theo|hoặc|quý|"
    r"khoản|điều|mục|"
    r"nghị định|nghị quyết|quyết định|kế hoạch|công văn|thông báo|trước|như|những|một|để|thuộc|giữa|trên))$",
    re.IGNORECASE,
)
"""An end of a line after which the sentence goes on."""


def is_capitals(text: str) -> bool:
    """Tell whether a line is set in capitals; at least two letters."""
    letters = [letter for letter in text if letter.isalpha()]
    return len(letters) > 1 and sum(letter.isupper() for letter in letters) >= 0.9 * len(letters)


def is_name(text: str) -> bool:
    """Tell whether a line can be the name of a person: two to six words that begin with capitals."""
    bare = text.strip(" .*()")
    if not 5 <= len(bare) <= 60 or not _NAME.fullmatch(bare):
        return False
    return all(word[0].isupper() for word in re.split(r"[ .-]+", bare) if word)


def is_authority(text: str, lowered: str) -> bool:
    """Tell whether a line says on whose behalf or as what somebody signs: “TM. …”, “CHỦ TỊCH”."""
    if len(text) > 90:
        return False
    if SIGNS_FOR.match(lowered) and text[:1].isupper() and (is_capitals(text) or "." in text[:5]):
        return True
    return is_capitals(text) and bool(_TITLE_OF_PERSON.match(lowered))
