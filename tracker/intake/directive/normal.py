"""The normalised text that all grammars read, with the way back to the offsets of the plain text."""

from __future__ import annotations

import re
import unicodedata
from array import array
from collections.abc import Iterable
from functools import lru_cache

_GAP = re.compile(
    r"(?P<blank>[\s\u00a0\u2000-\u200a\u202f\u205f\u3000\u2028\u2029]+)"
    r"|\*\*+|\u00ad|[\u200b-\u200f\u2060\ufeff\ufffc]|[⁰¹²³⁴-⁹]+|\[\d{1,2}\]|\[bookmark: ?\w{1,40}\]"
)
"""What is read as one blank, and what is no letter of the paper: marks of bold print, soft hyphens, the
invisible, marks that point to footnotes."""

_PLAINER = {
    **dict.fromkeys("‐‑‒–—―−－", "-"), **dict.fromkeys("“”„‟«»", '"'), **dict.fromkeys("‘’‚‛`´", "'"),
    "đ": "d", "Đ": "d", "…": ".", "\uf0b7": "-", "⁄": "/", "∕": "/", "／": "/", "：": ":",
}  # fmt: skip


_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−－"), "-")


def with_plain_dashes(text: str) -> str:
    """Return `text`, as long as it is, with every dash as “-”: “28/KH–UBND” → “28/KH-UBND”."""
    return text.translate(_DASHES)


@lru_cache(maxsize=4096)
def _folded(letter: str) -> str:
    """Return one character for one character: lower case, without marks, dashes and quotation marks plain."""
    if plain := _PLAINER.get(letter):
        return plain
    return unicodedata.normalize("NFD", letter.lower())[:1] or letter


def folded(text: str) -> str:
    """Return `text` for comparing, as long as it is: lower case, without marks, đ as d, dashes as “-”."""
    return "".join(map(_folded, text))


class Piece:
    """Some clean text, and for each of its characters the offset in the plain text."""

    __slots__ = ("at", "text")

    def __init__(self, text: str, at: array[int]) -> None:
        self.text = text
        self.at = at

    @property
    def start(self) -> int:
        """The offset of the first character in the plain text."""
        return self.at[0]

    @property
    def end(self) -> int:
        """The offset behind the last character in the plain text."""
        return self.at[-1] + 1

    def part(self, start: int, end: int) -> Piece:
        """Return a part of it without blanks around."""
        text = self.text[start:end]
        start += len(text) - len(text.lstrip())
        text = text.strip()
        return Piece(text, self.at[start : start + len(text)])


def clean(plain: str, start: int, end: int) -> Piece:
    """Return `plain[start:end]` without what is no letter of the paper, single blanks between its words."""
    words: list[str] = []
    at = array("L")
    done, blank = start, -1
    for gap in _GAP.finditer(plain, start, end):
        if done < gap.start():
            if blank >= 0 and words:
                words.append(" ")
                at.append(blank)
            blank = -1
            words.append(plain[done : gap.start()])
            at.extend(range(done, gap.start()))
        if gap["blank"] and blank < 0:
            blank = gap.start()
        done = gap.end()
    if done < end:
        if blank >= 0 and words:
            words.append(" ")
            at.append(blank)
        words.append(plain[done:end])
        at.extend(range(done, end))
    return Piece("".join(words), at)


class Normal:
    """The clean text of a paper: one paragraph a line, hard-wrapped lines joined.

    `text` is what people read; `folded` is as long as `text`, lower case, without marks, đ as d, all dashes
    “-”, all quotation marks straight. A page number or a footnote in the middle of a sentence is taken out
    of it (a footnote becomes a paragraph behind it), so a place may cover more in the plain text.
    """

    def __init__(self, pieces: Iterable[tuple[str, Piece]]) -> None:
        """Each piece comes with what separates it from the one before: a blank or a line feed."""
        texts: list[str] = []
        at = array("L")
        for glue, piece in pieces:
            if texts:
                texts.append(glue)
                at.append(at[-1])
            texts.append(piece.text)
            at.extend(piece.at)
        self.text = "".join(texts)
        self.folded = folded(self.text)
        self._at = at

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Return where `text[start:end]` stands in the plain text, end exclusive; it must not be empty."""
        return self._at[start], self._at[end - 1] + 1
