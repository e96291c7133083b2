"""Who issues a paper, as it is named in a sentence or on top of it, brought to the usual short form."""

from __future__ import annotations

import re
from typing import NamedTuple

from tracker.intake.directive.normal import folded

_SECTORS = (
    "noi vu", "tai chinh - ke hoach", "tai chinh ke hoach", "tai chinh", "ke hoach va dau tu",
    "ke hoach - dau tu",
    "ke hoach dau tu", "xay dung", "giao thong van tai", "giao thong van tai - xay dung", "cong thuong",
    "nong nghiep va phat trien nong thon", "nong nghiep va moi truong", "nong nghiep - moi truong",
    "nong nghiep",
    "tai nguyen va moi truong", "tai nguyen - moi truong", "tai nguyen moi truong", "khoa hoc va cong nghe",
    "khoa hoc cong nghe", "thong tin va truyen thong", "giao duc va dao tao", "giao duc - dao tao",
    "giao duc",
    "y te", "lao dong - thuong binh va xa hoi", "lao dong, thuong binh va xa hoi",
    "lao dong thuong binh va xa hoi",
    "lao dong - thuong binh - xa hoi", "lao dong", "van hoa, the thao va du lich",
    "van hoa the thao va du lich",
    "van hoa va the thao", "van hoa, the thao", "van hoa, khoa hoc va thong tin", "van hoa va thong tin",
    "van hoa - thong tin", "van hoa thong tin", "van hoa - xa hoi", "van hoa xa hoi", "van hoa va xa hoi",
    "van hoa", "du lich", "tu phap", "ngoai vu", "ngoai giao", "dan toc va ton giao", "dan toc - ton giao",
    "dan toc", "ton giao", "quoc phong", "cong an", "kinh te - ha tang", "kinh te va ha tang",
    "kinh te ha tang va do thi", "kinh te, ha tang va do thi", "kinh te ha tang",
    "kinh te - ha tang va do thi",
    "kinh te va do thi", "kinh te", "quan ly do thi", "do thi", "quy hoach - kien truc",
    "quy hoach va kien truc",
    "chuyen doi so", "to chuc - noi vu", "to chuc can bo", "to chuc", "tuyen giao va dan van", "tuyen giao",
    "dan van", "noi chinh", "kiem tra", "kinh te - xa hoi", "phap che", "ngan sach", "phap luat",
    "thi dua - khen thuong",
    "gd ?(?:&|va|-)? ?dt", "tn ?(?:&|va|-)? ?mt", "kh ?(?:&|va|-)? ?dt", "kh ?(?:&|va|-)? ?cn",
    "tt ?(?:&|va|-)? ?tt",
    "nn ?(?:&|va|-)? ?ptnt", "nn ?(?:&|va|-)? ?mt", "ld ?-? ?tb ?(?:&|va|-)? ?xh", "tc ?- ?kh",
    "vh ?,?-? ?tt ?(?:&|va|-)? ?dl",
    "vh ?(?:&|va|-) ?tt", "vh ?(?:&|va|-) ?xh", "gtvt", "qldt", "kt ?(?:&|va|-) ?ht", "ttpvhcc",
    "phuc vu hanh chinh cong", "an toan thuc pham", "kiem lam", "thue", "hai quan", "thong ke",
    "thi hanh an dan su",
    "bao hiem xa hoi", "quan ly thi truong", "thuy loi", "dan so",
)  # fmt: skip
_LOOSE = [sector if "?" in sector else sector.replace(" ", " ?") for sector in _SECTORS]
_SECTOR = "(?:" + "|".join(sorted(_LOOSE, key=len, reverse=True)) + ")"
_LEVEL_WORDS = {
    "thanh pho": "thành phố", "tp": "thành phố", "tinh": "tỉnh", "huyen": "huyện", "quan": "quận",
    "thi xa": "thị xã", "tx": "thị xã", "thi tran": "thị trấn", "xa": "xã", "phuong": "phường",
    "dac khu": "đặc khu",
}  # fmt: skip
LEVEL = (
    r"(?:thanh pho|tp\.?|tinh|huyen|quan(?! (?:ly|doi|su|chung))|thi xa|tx\.?|thi tran|xa(?! hoi)|"
    r"phuong(?! (?:phap|huong|tien|thuc))|dac khu)"
)
_CENTRAL = (
    r"thu tuong(?: chinh phu)?|pho thu tuong(?: chinh phu)?|van phong chinh phu|vpcp|thanh tra chinh phu|"
    r"uy ban thuong vu quoc hoi|ubtvqh|quoc hoi|chu tich nuoc|bo chinh tri|"
    r"ban bi thu(?: trung uong(?: dang)?)?|"
    r"ban chap hanh trung uong(?: dang)?(?: khoa [ivx]+)?|bch trung uong|"
    r"van phong trung uong dang|ban to chuc trung uong|ban tuyen giao(?: va dan van)? trung uong|"
    r"uy ban kiem tra trung uong|ban chi dao trung uong|trung uong dang|trung uong(?! \w)|"
    r"ngan hang nha nuoc(?: viet nam)?|kiem toan nha nuoc|bao hiem xa hoi viet nam|"
    r"toa an nhan dan toi cao|vien kiem sat nhan dan toi cao|uy ban dan toc|"
    r"tong lien doan lao dong viet nam|uy ban trung uong mat tran to quoc viet nam|(?<!thanh tra )chinh phu"
)
_COUNCIL = (
    r"(?:hdnd|hoi dong nhan dan)(?: ?(?:&|va|-|,) ?(?:ubnd|uy ban nhan dan))?|ubnd|u ?y ban nhan dan|"
    r"ub ?mttq(?: ?vn| viet nam)?|"
    r"(?:uy ban )?mat tran to quoc(?: viet nam| vn)?|doan (?:dbqh|dai bieu quoc hoi)(?: va hdnd)?"
)
_PARTY = r"(?:tinh|huyen|thanh|thi|quan|dang) ?uy"
_HEADS = (
    r"(?:pho )?chu tich|thuong truc|ban thuong vu|ban chap hanh|van phong|vp|bi thu|lanh dao|ban can su dang|"
    r"uy ban kiem tra|ban to chuc|ban tuyen giao(?: va dan van)?|ban dan van|ban noi chinh|ban xay dung dang"
)
_HEAD_OF = re.compile(
    r"(?:dong chi |ong |ba )?(?:pho )?(?:giam doc|bo truong|truong|chanh|cuc truong|chi cuc truong|"
    r"thu truong|vien truong)"
    r" (?=(?:so|bo|phong|ban|van phong|thanh tra|cuc|chi cuc|cong an|vien|trung tam)\b)"
)
_OFFICE = (
    r"(?:thanh tra|cong an|bo chi huy quan su|ban chi huy quan su|ban chqs|bo chqs|kho bac nha nuoc|"
    r"bao hiem xa hoi|bhxh|"
    r"toa an nhan dan|tand|vien kiem sat nhan dan|vksnd|lien doan lao dong|ldld|hoi nong dan|"
    r"hoi lien hiep phu nu|"
    r"hoi cuu chien binh|doan tncs ho chi minh|tinh doan|huyen doan|thanh doan|hoi chu thap do|"
    r"dai truyen thanh|"
    r"dai phat thanh va truyen hinh|bao va dai phat thanh, truyen hinh|ban quan ly [a-z ]{3,40}?|"
    r"trung tam [a-z ,-]{3,50}?|ban chi dao [a-z0-9 ,-]{3,60}?|to cong tac [a-z0-9 ,-]{2,40}?|"
    r"ban dan toc|ban tiep cong dan|van phong dang ky dat dai)"
)
_ORGAN = re.compile(
    rf"(?:(?P<central>{_CENTRAL})|"
    rf"(?P<council>(?:(?:{_HEADS}) )*(?:{_COUNCIL}))|"
    rf"(?P<party>(?:(?:{_HEADS}) )*(?:{_PARTY}))|"
    rf"(?P<office>(?:lien )?(?:bo|so|phong|ban|cuc|tong cuc|chi cuc|vu|vien|thanh tra so|p\.|"
    rf"s\.) ?{_SECTOR})|"
    rf"(?P<other>{_OFFICE}(?= {LEVEL}\b|[,;.:()]|$| ve\b| ngay\b)|(?:thanh tra|cong an)(?= (?:tinh|"
    rf"thanh pho|huyen|xa|phuong))))"
    r"(?![a-z])"
)
_AREA = re.compile(rf",? ?(?P<level>{LEVEL})(?![a-z])")
_NAME_WORD = re.compile(r" ?(?:- ?)?([^\W\d_]+(?:'[^\W\d_]+)?)(?!\w)")
_NAME_NUMBER = re.compile(r" ?(\d{1,2})(?![\w/.])")


class Issuer(NamedTuple):
    """An issuer named in a sentence: its usual short form and its place."""

    value: str
    start: int
    end: int
    is_head: bool = False
    """Whether it was named by its head (“Giám đốc Sở Nội vụ”)."""


def read_issuer_at(text: str, low: str, at: int, *, bare: bool = False) -> Issuer | None:
    """Return the body named from `at` on in clean `text` whose folded form is `low`; None if none is.

    `bare` lets the name of a place follow without its level (“Sở Nội vụ Hưng Yên”).
    """
    headed = _HEAD_OF.match(low, at)
    begin = headed.end() if headed else at
    found = _ORGAN.match(low, begin)
    if not found or not (text[at].isupper() or found["central"]):
        return None
    end = found.end()
    name = _short(text[begin:end], found)
    if found["central"]:
        return Issuer(name, at, end, bool(headed))
    place, after = _area(text, low, end)
    if place:
        return Issuer(f"{name} {place}", at, after, bool(headed))
    if bare or found["party"]:
        run = _run(text, end)
        if run > end:
            return Issuer(f"{name} {text[end:run].strip()}", at, run, bool(headed))
    return Issuer(name, at, end, bool(headed))


def _area(text: str, low: str, at: int) -> tuple[str, int]:
    found = _AREA.match(low, at)
    if not found or low[at : at + 1] == ",":
        return "", at
    end = found.end()
    level = _LEVEL_WORDS[found["level"].rstrip(".").strip()]
    numbered = _NAME_NUMBER.match(text, end) if level in ("phường", "quận") else None
    run = numbered.end() if numbered else _run(text, end)
    place = text[end:run].strip()
    return (f"{level} {place}" if place else level), run


def _run(text: str, at: int) -> int:
    """Return where the words with capitals that begin behind `at` end: at most five."""
    end = at
    for _ in range(5):
        found = _NAME_WORD.match(text, end)
        if not found or not found[1][0].isupper():
            break
        if _STARTS_ORGAN.match(found[1]) and not text.endswith("Hải Phòng", at, found.end()):
            break
        end = found.end()
    return end


_STARTS_ORGAN = re.compile(r"(?:UBND|HĐND|Ủy|Uỷ|Sở|Bộ|Phòng|Ban|Về|Căn|Để|Ngày)$")

_WHOLE_WORDS = (
    (re.compile(r"(?:Ủy|Uỷ|Ủ y|Uy) ban nhân dân", re.IGNORECASE), "UBND"),
    (re.compile(r"Hội đồng nhân dân", re.IGNORECASE), "HĐND"),
    (re.compile(r"^P\. ?(?=\w)"), "Phòng "),
    (re.compile(r"^VP (?=\w)"), "Văn phòng "),
    (re.compile(r"HĐND (?:và|&|-) ?UBND"), "HĐND và UBND"),
)


def _short(words: str, found: re.Match[str]) -> str:
    if words.lower() in ("thủ tướng", "thủ tướng chính phủ"):
        return "Thủ tướng Chính phủ"
    for pattern, short in _WHOLE_WORDS:
        words = pattern.sub(short, words)
    return words[0].upper() + words[1:]


_PROPER = (
    "Nội vụ", "Tài chính - Kế hoạch", "Tài chính", "Kế hoạch và Đầu tư", "Xây dựng", "Giao thông vận tải",
    "Công Thương", "Nông nghiệp và Phát triển nông thôn", "Nông nghiệp và Môi trường",
    "Tài nguyên và Môi trường", "Khoa học và Công nghệ", "Thông tin và Truyền thông", "Giáo dục và Đào tạo",
    "Y tế", "Lao động - Thương binh và Xã hội", "Văn hóa, Thể thao và Du lịch", "Văn hóa và Thể thao",
    "Văn hóa và Thông tin", "Văn hóa - Thông tin", "Văn hóa - Xã hội", "Văn hóa", "Du lịch", "Tư pháp",
    "Ngoại vụ", "Ngoại giao",
    "Dân tộc và Tôn giáo", "Dân tộc", "Tôn giáo", "Quốc phòng", "Công an", "Kinh tế và Hạ tầng",
    "Kinh tế - Hạ tầng", "Kinh tế, Hạ tầng và Đô thị", "Kinh tế", "Quản lý đô thị", "Quy hoạch - Kiến trúc",
    "Tổ chức", "Tuyên giáo và Dân vận", "Tuyên giáo", "Dân vận", "Nội chính", "Chỉ đạo", "Chỉ huy",
    "Thường vụ",
    "Chấp hành", "Tổng cục", "Chính phủ", "Thủ tướng Chính phủ", "Quốc hội", "Ủy ban Kiểm tra", "Thanh tra",
    "Kiểm lâm", "Quân sự", "Phục vụ hành chính công", "Mặt trận Tổ quốc", "Việt Nam",
    "Ủy ban Thường vụ Quốc hội",
    "Đoàn đại biểu Quốc hội", "Trung ương", "Tỉnh ủy", "Huyện ủy", "Thành ủy", "Thị ủy", "Quận ủy", "Đảng ủy",
    "Hội đồng", "Ban quản lý", "Văn phòng", "Liên đoàn Lao động", "Hội Nông dân", "Hội Liên hiệp Phụ nữ",
    "Tổ công tác", "Đảng bộ", "Chi bộ",
    "Ngân hàng Nhà nước", "Kiểm toán Nhà nước", "Bảo hiểm xã hội", "Kho bạc Nhà nước", "Tòa án nhân dân",
    "Viện kiểm sát nhân dân", "Kinh tế - Xã hội", "Pháp chế", "Ngân sách", "Pháp luật", "Xây dựng Đảng",
)  # fmt: skip
_PROPER_BY_FOLD = {folded(name): name for name in _PROPER}
_HEAD_WORDS = (
    "sở", "bộ", "phòng", "ban", "cục", "vụ", "viện", "chi cục", "tổng cục", "trung tâm", "văn phòng",
    "trường",
    "bệnh viện", "hạt", "đội", "chủ tịch", "thường trực", "đoàn", "hội", "công ty", "tỉnh đoàn", "huyện đoàn",
)
_LEVEL_AT = re.compile(rf"(?<![\w]){LEVEL}(?![\w])")
_ONE_NAME = re.compile("|".join(sorted(map(re.escape, _PROPER_BY_FOLD), key=len, reverse=True)))
_HEAD_AT = re.compile("|".join(sorted(_HEAD_WORDS, key=len, reverse=True)))


def in_small_letters(name: str, text: str) -> str:
    """Return the name of a body, set in capitals, as it is written in a sentence, committees in short.

    Where `text` (the paper) itself names it in small letters, it is written like that: “SỞ Y TẾ” → “Sở Y tế”.
    """
    if not name.isupper() and re.search(r"[a-zà-ỹ]{2,}", name):
        mixed = name
    else:
        mixed = _cased(name, text)
    for pattern, short in _WHOLE_WORDS:
        mixed = pattern.sub(short, mixed)
    return re.sub(r"\s+", " ", mixed).strip(" -–,.")


_COMMITTEES = (("uy ban nhan dan", "UBND"), ("u y ban nhan dan", "UBND"), ("hoi dong nhan dan", "HĐND"))


def _cased(name: str, text: str) -> str:
    low = folded(name)
    at = 0
    words: list[str] = []
    place = False
    for pattern, short in _COMMITTEES:
        if pattern in low:
            begin = low.index(pattern)
            name = name[:begin] + short + name[begin + len(pattern) :]
            low = folded(name)
    while at < len(name):
        if name[at] in " ,-–&.":
            words.append(name[at])
            at += 1
            continue
        word = re.compile(r"[^\s,\-–&]+").match(name, at)
        proper = _ONE_NAME.match(low, at)
        level = _LEVEL_AT.match(low, at)
        head = _HEAD_AT.match(name.lower(), at) if not words else None
        if name[at:].startswith(("UBND", "HĐND", "MTTQ")):
            words.append(name[at : at + 4])
            at += 4
        elif proper and not low[proper.end() : proper.end() + 1].isalpha() and not place:
            words.append(_PROPER_BY_FOLD[proper[0]])
            at = proper.end()
        elif head and not low[head.end() : head.end() + 1].isalpha() and not place:
            words.append(head[0][0].upper() + head[0][1:])
            at = head.end()
        elif level and not place:
            words.append(_LEVEL_WORDS[level[0].rstrip(".").strip()])
            at, place = level.end(), True
        else:
            end = word.end() if word else at + 1
            piece = name[at:end]
            small = piece.lower()
            if place or _is_place_name(words):
                words.append(piece.capitalize() if small not in ("và",) else small)
            else:
                words.append(small if words else small.capitalize())
            at = end
    mixed = "".join(words)
    written = re.search(re.escape(mixed), text, re.IGNORECASE)
    for found in re.finditer(re.escape(mixed), text, re.IGNORECASE):
        if not found[0].isupper():
            written = found
            break
    return written[0] if written and not written[0].isupper() and written[0][0].isupper() else mixed


def _is_place_name(words: list[str]) -> bool:
    """Tell whether a place follows at once: “TỈNH ỦY HƯNG YÊN”."""
    return any(word.endswith(("ủy", "Đảng bộ", "đoàn")) for word in words)
