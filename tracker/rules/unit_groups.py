"""Names of groups of units as papers write them: “UBND các xã, thị trấn”, “thủ trưởng các phòng chuyên môn”.

A name is that of a group only when each of its nouns is, and nothing behind them makes it a part of the group
or something else: “các trường học trên địa bàn”, “các cơ sở y tế”, “các xã ven biển” are none.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from tracker.rules.text import fold

CERTAIN, LOOSE = 0.9, 0.5
"""How sure a group is, and one that may be more than its units (“các cơ quan, đơn vị trên địa bàn”)."""

_HEADS = (
    r"(?:(?:thu truong|lanh dao|chu tich|giam doc|truong|nguoi dung dau|dai dien(?: lanh dao)?|de nghi|giao|"
    r"yeu cau) )*(?:(?:ubnd|uy ban nhan dan) )?"
)
_EVERY = r"(?:(?:toan bo|tat ca|toan the)(?: cac)?|cac|nhung) "
_NOUNS = {
    "communes": r"cap xa|don vi hanh chinh cap xa|xa|phuong|thi tran|dac khu",
    "districts": r"cap huyen|don vi hanh chinh cap huyen|huyen|quan|thi xa|thanh pho",
    "divisions": r"phong|so|ban|nganh|co quan|don vi|chuyen mon|cong chuc|bo phan",
}
_BESIDE = r"doan the|to chuc(?: chinh tri ?-? ?xa hoi)?|hoi|mat tran|dia phuong"
"""Nouns that stand in such lists though no unit of the group is meant by them."""
_LOOSENS = re.compile(r"\b(?:dia phuong|to chuc|hoi|mat tran)\b")
_ANY_NOUN = "|".join((*_NOUNS.values(), _BESIDE))
_NO_NOUN = (
    r"(?! (?:hoi|vien|phap|phuong|tien|an|huong|giao dich|hoc|hop|ly|su|doi|tri|trac|he|nghe)\b)"
)
_AND = r"(?:,? va|,|/| ?[-–]) "
_NAME = re.compile(
    rf"{_HEADS}(?:{_EVERY}|(?=(?:don vi hanh chinh )?cap (?:xa|huyen)\b))"
    rf"(?P<nouns>(?:{_ANY_NOUN})\b{_NO_NOUN}"
    rf"(?:(?:{_AND}(?:{_ANY_NOUN})| (?:{_NOUNS['divisions']}|{_BESIDE}))\b{_NO_NOUN})*)(?P<rest>.*)"
)
_LEVEL = r"(?:xa|phuong|thi tran|dac khu|huyen|quan|thi xa|thanh pho|tinh)\b"
_QUALITY = r"(?: chuyen mon| nghiep vu| cap (?:xa|huyen|tinh)|,? (?:co )?lien quan| khac)*"
_REST = re.compile(
    rf"{_QUALITY}(?: (?:(?:thuoc|truc thuoc|cua|trong|o) )?(?:toan )?"
    rf"(?:ubnd |uy ban nhan dan |hdnd va ubnd )?{_LEVEL}{_NO_NOUN}.*| truc thuoc)?"
)
_AROUND = re.compile(rf"{_QUALITY} tren dia ban(?: .*)?")
_OF_BODY = re.compile(rf"{_QUALITY} (?:thuoc|truc thuoc|cua) (?P<body>.+)")


_MANY = re.compile(_HEADS + _EVERY)


class Group(NamedTuple):
    """The group that a name means: its key (`divisions`, `districts`, `communes`), and how sure that is."""

    key: str
    sure: float = CERTAIN
    body: str = ""
    """The body whose group it is, folded, where the name says it (“các phòng thuộc Sở Nội vụ”)."""


def group_of(text: str) -> Group | None:
    """Return the group that a name addresses, None for a single unit, a part of a group and anything else.

    A list that reaches into two groups (“các sở, ngành, UBND các huyện”) is none: who reads it splits it.
    """
    found = _NAME.fullmatch(fold(text).strip(" .,;:"))
    if found is None:
        return None
    nouns, rest = found["nouns"], found["rest"]
    keys = [key for key, words in _NOUNS.items() if re.match(rf"(?:{words})\b", nouns)]
    others = [
        key for key, words in _NOUNS.items()
        if keys and key != keys[0] and re.search(rf"(?:^|[ ,/–-])(?:{words})(?=$|[ ,/–-])", _own(nouns))
    ]  # fmt: skip
    if not keys or others:
        return None
    is_loose = bool(_LOOSENS.search(nouns))
    if _REST.fullmatch(rest):
        return Group(keys[0], LOOSE if is_loose else CERTAIN)
    if _AROUND.fullmatch(rest):
        return Group(keys[0], LOOSE if is_loose or keys[0] == "divisions" else CERTAIN)
    if of_body := _OF_BODY.fullmatch(rest):
        return Group(keys[0], LOOSE if is_loose else CERTAIN, of_body["body"])
    return None


def names_many(text: str) -> bool:
    """Return whether a name addresses many at once, whoever they are (“các trường học trên địa bàn”)."""
    return _MANY.match(fold(text)) is not None


def _own(nouns: str) -> str:
    """Return nouns without those in whose words that of another group is (“thị xã”, “cơ quan”)."""
    held = r"\b(?:thi xa|co quan|dia phuong|xa hoi|don vi hanh chinh cap \w+|cap \w+)\b"
    return re.sub(held, "", nouns)
