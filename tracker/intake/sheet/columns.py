"""What a column holds, told from its head in the many names that offices use."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from tracker.rules.task_fields import FIELDS
from tracker.rules.text import fold

_NAMES: Mapping[str, str] = {
    "key": "ma nhiem vu|ma nv|ma viec",
    "order": "stt|tt|so tt|so thu tu|no",
    "number": "so van ban|so ky hieu|so, ky hieu|so/ky hieu|so vb|so hieu|van ban giao|van ban chi dao|"
    "vb chi dao|so hieu van ban|so ky hieu van ban|van ban|so, ky hieu van ban|can cu giao|"
    "nguon giao|so cv|so cong van",
    "issued_on": "ngay van ban|ngay vb|ngay ban hanh|ngay ky|ngay thang van ban|ngay, thang van ban|"
    "ngay thang vb|ngay thang nam",
    "subject": "trich yeu|trich yeu van ban|ten van ban|trich yeu noi dung|noi dung van ban",
    "item": "muc|muc van ban|diem|khoan",
    "content": "noi dung nhiem vu|noi dung|nhiem vu|noi dung cong viec|ten nhiem vu|noi dung chi dao|"
    "cong viec|noi dung giao|nhiem vu duoc giao|noi dung nhiem vu duoc giao|"
    "noi dung y kien chi dao|y kien chi dao|nhiem vu giao|nhiem vu cu the|dau viec|"
    "noi dung thuc hien|ykcd|nhiem vu trong tam|ten cong viec",
    "lead": "don vi chu tri|co quan chu tri|chu tri|don vi thuc hien|co quan thuc hien|"
    "don vi duoc giao|phong ban chu tri|co quan, don vi chu tri|don vi chiu trach nhiem|"
    "don vi|co quan don vi|co quan, don vi|don vi chu tri thuc hien|"
    "co quan chu tri thuc hien|co quan duoc giao|don vi/ca nhan chu tri|phong chu tri|"
    "don vi xu ly|don vi tham muu|co quan tham muu|phong, ban",
    "coordinating": "don vi phoi hop|co quan phoi hop|phoi hop|co quan, don vi phoi hop|phoi hop thuc hien|"
    "don vi phoi hop thuc hien",
    "officer": "nguoi thuc hien|can bo thuc hien|chuyen vien|can bo phu trach|nguoi phu trach|"
    "can bo xu ly|chuyen vien thuc hien|ca nhan thuc hien|nguoi xu ly|cong chuc thuc hien|"
    "chuyen vien thu ly|can bo",
    "leader": "lanh dao chi dao|lanh dao phu trach|lanh dao giao|nguoi giao|nguoi chi dao|lanh dao|"
    "lanh dao ubnd|dong chi chi dao|lanh dao ubnd phu trach|lanh dao theo doi",
    "given_on": "ngay giao|ngay giao viec|ngay bat dau|ngay giao nhiem vu|thoi gian giao|ngay nhan|"
    "ngay trien khai",
    "due": "thoi han|han|han xu ly|thoi han hoan thanh|thoi gian hoan thanh|han hoan thanh|"
    "thoi gian thuc hien|ngay den han|thoi han thuc hien|tien do hoan thanh|han thuc hien|"
    "thoi gian|deadline|han xong|thoi diem hoan thanh|thoi han xu ly|ngay het han|"
    "thoi gian, tien do|tien do yeu cau",
    "product": "san pham|ket qua|ket qua/san pham|san pham du kien|ket qua san pham|san pham, ket qua|"
    "san pham/ket qua|ket qua, san pham|san pham dau ra|ket qua du kien|dau ra|"
    "san pham phai co|yeu cau san pham",
    "state": "trang thai|tinh trang|tinh hinh thuc hien|tinh hinh|tien do|ket qua thuc hien|"
    "trang thai thuc hien|tien do thuc hien|tinh trang xu ly",
    "done_on": "ngay hoan thanh|ngay hoan thanh thuc te|thoi gian hoan thanh thuc te|ngay bao cao|"
    "ngay ket thuc|hoan thanh ngay|ngay xong|thuc te hoan thanh|ngay bao cao hoan thanh|"
    "ngay tra ket qua",
    "result": "van ban ket qua|so van ban ket qua|van ban bao cao|van ban tra loi|minh chung|"
    "so van ban tra loi|van ban thuc hien",
    "note": "ghi chu|luu y|y kien|khac",
}
_OF_NAME = {name: field for field, names in _NAMES.items() for name in names.split("|")}
_BY_LENGTH = sorted((name for name in _OF_NAME if len(name) > 5), key=len, reverse=True)
_BRACKETS = re.compile(r"\([^)]*\)|\[[^\]]*\]")
_BLANKS = re.compile(r"[\s*:.]+")


def field_of(head: str) -> str:
    """Return the field that a head names, "" for none.

    A head of two rows is tried whole, then its lower part.
    """
    for part in (head, head.rpartition(" / ")[2]):
        folded = _BLANKS.sub(" ", _BRACKETS.sub(" ", fold(part))).strip()
        if folded in _OF_NAME:
            return _OF_NAME[folded]
    return next((_OF_NAME[name] for name in _BY_LENGTH if folded.startswith(f"{name} ")), "")


def is_name(head: str) -> bool:
    """Return whether a cell is nothing but one of the names of a column."""
    return _BLANKS.sub(" ", _BRACKETS.sub(" ", fold(head))).strip() in _OF_NAME


def fields_of(heads: Sequence[str], learnt: Mapping[str, str] | None = None) -> list[str]:
    """Return the field of each head; a field is given once, to the first head that names it.

    `learnt` are folded heads and the fields that a person chose for them.
    """
    found: list[str] = []
    learnt = learnt or {}
    for head in heads:
        chosen = learnt.get(fold(head))
        field = field_of(head) if chosen is None or (chosen and chosen not in FIELDS) else chosen
        found.append("" if field in found else field)
    return found
