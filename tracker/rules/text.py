"""Vietnamese text: one normal form at every entrance, and the folded form that search compares."""

from __future__ import annotations

import unicodedata

_ALPHABET = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_RANK = {letter: index for index, letter in enumerate(_ALPHABET)}
_TONES = {"̀": 1, "̉": 2, "̃": 3, "́": 4, "̣": 5}


def nfc(text: str) -> str:
    """Return `text` in Unicode NFC, without NUL, with Windows line ends made plain."""
    return unicodedata.normalize("NFC", text).replace("\x00", "").replace("\r\n", "\n")


def fold(text: str) -> str:
    """Return what search compares: lower case, without marks, đ as d, single blanks ("Đề án" → "de an")."""
    return " ".join(text.lower().translate(_PLAIN).split())


class _Plain(dict[int, str]):
    """Letters by their codes without marks; each is worked out once, those of far scripts anew."""

    def __missing__(self, code: int) -> str:
        letter = "d" if code == ord("đ") else chr(code)
        parts = unicodedata.normalize("NFD", letter)
        plain = "".join(part for part in parts if not unicodedata.combining(part))
        if code < _FAR:
            self[code] = plain
        return plain


_FAR = 0x3000
_PLAIN = _Plain()


def vietnamese_order(text: str) -> tuple[tuple[int, int], ...]:
    """Return a sort key in the order of the Vietnamese alphabet: letters first, then tones."""
    key = []
    for letter in unicodedata.normalize("NFC", text.lower()):
        parts = unicodedata.normalize("NFD", letter)
        tone = next((_TONES[mark] for mark in parts if mark in _TONES), 0)
        base = unicodedata.normalize("NFC", "".join(mark for mark in parts if mark not in _TONES))
        key.append((_RANK.get(base, -1 if base == " " else 100 + ord(base[0])), tone))
    return tuple(key)


def name_order(name: str) -> tuple[tuple[tuple[int, int], ...], ...]:
    """Return a sort key for a person: by the last word of the name (tên), then the words before it."""
    words = name.split()
    return tuple(vietnamese_order(word) for word in [*words[-1:], *words[:-1]])
