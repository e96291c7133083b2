"""The encodings of Vietnamese before Unicode: TCVN3 (fonts .Vn…), VNI (fonts VNI-…) and Windows-1258.

TCVN3 and VNI put Vietnamese letters where Western fonts have others, so their text looks like “céng hßa” and
“coäng hoøa”. TCVN3 knows no capitals with a tone: those are another font, and come out as small letters.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from contextlib import suppress

_TCVN3 = dict(
    zip(
        "µ¸¶·¹¨»¾¼½Æ©ÇÊÈÉË®ÌÐÎÏÑªÒÕÓÔÖ×ÝØÜÞßãáâä«åèæçé¬êíëìîïóñòô\u00adõøö÷ùúýûüþ¡¢§£¤¥¦",
        "àáảãạăằắẳẵặâầấẩẫậđèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵĂÂĐÊÔƠƯ",
        strict=True,
    )
)

_GRAVE, _ACUTE, _HOOK, _TILDE, _DOT, _HAT, _BREVE = "\u0300\u0301\u0309\u0303\u0323\u0302\u0306"
_VNI_MARKS = {
    "ù": _ACUTE, "ø": _GRAVE, "û": _HOOK, "õ": _TILDE, "ï": _DOT,
    "â": _HAT, "á": _HAT + _ACUTE, "à": _HAT + _GRAVE, "å": _HAT + _HOOK, "ã": _HAT + _TILDE,
    "ä": _HAT + _DOT,
    "ê": _BREVE, "é": _BREVE + _ACUTE, "è": _BREVE + _GRAVE, "ú": _BREVE + _HOOK, "ü": _BREVE + _TILDE,
    "ë": _BREVE + _DOT,
}  # fmt: skip
_VNI_LETTERS = {"ñ": "đ", "ô": "ơ", "ö": "ư", "í": "í", "ì": "ì", "æ": "ỉ", "ó": "ĩ", "ò": "ị", "î": "ỵ"}
_VNI = re.compile(r"([aeouyôö])([ùøûõïâáàåãäêéèúüë])|([ñôöíìæóòî])", re.IGNORECASE)

_COMMON = (
    "và của các cho về việc theo trong được có không những một này với đến là tại năm ngày tháng số nhân dân "
    "ủy uỷ ban huyện xã tỉnh thành phố phòng sở thực hiện nhiệm vụ báo cáo kế hoạch quyết định độc lập tự do "
    "hạnh phúc cộng hòa hội chủ nghĩa việt nam kính gửi đơn vị"
)
COMMON = frozenset(_COMMON.split())
"""Words that no official paper does without, for telling in which encoding a text makes sense."""
ENOUGH, LEAST = 0.15, 2
"""The share and the number of such words from which a text is Vietnamese in that encoding."""


def from_tcvn3(text: str) -> str:
    """Return TCVN3 text, which reads as Western letters, in Unicode NFC."""
    return "".join(_TCVN3.get(letter, letter) for letter in text)


def from_vni(text: str) -> str:
    """Return VNI text, which reads as Western letters, in Unicode NFC."""
    return unicodedata.normalize("NFC", _VNI.sub(_vni_letter, text))


def _vni_letter(match: re.Match[str]) -> str:
    base, mark, alone = match.groups()
    letter = base or alone
    plain = _VNI_LETTERS.get(letter.lower(), letter.lower()) + _VNI_MARKS.get((mark or "").lower(), "")
    return plain.upper() if letter.isupper() else plain


def decode_old(content: bytes) -> str | None:
    """Return bytes as the text of the old encoding in which they are Vietnamese, None when in none."""
    western = content.decode("latin-1")
    candidates = [from_tcvn3(western), from_vni(western)]
    with suppress(UnicodeDecodeError):
        candidates.append(unicodedata.normalize("NFC", content.decode("cp1258")))
    best = max(candidates, key=_common_words)
    return best if _makes_sense(best) else None


def reading_of(text: str) -> Callable[[str], str] | None:
    """Return what brings a text drawn by TCVN3 or VNI fonts to Unicode, None for any other text."""
    if _makes_sense(text):
        return None
    readings: tuple[Callable[[str], str], ...] = (from_tcvn3, from_vni)
    best = max(readings, key=lambda reading: _common_words(reading(text)))
    modern = best(text)
    return best if _makes_sense(modern) and _common_words(modern) > 2 * _common_words(text) else None


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W\d_]+", text[:200_000].lower())


def _common_words(text: str) -> int:
    return sum(word in COMMON and not word.isascii() for word in _words(text))


def _makes_sense(text: str) -> bool:
    words = _words(text)
    found = _common_words(text)
    return found >= LEAST and found >= ENOUGH / 2 * len(words)
