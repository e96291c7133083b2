"""Text files: decoded, and nothing else changed, so that offsets are those of the file as people see it."""

from __future__ import annotations

import unicodedata

from tracker.intake.papers import MOST_CHARACTERS, UnreadablePaper, too_long
from tracker.intake.papers.old_letters import decode_old
from tracker.intake.papers.piped import with_piped_tables
from tracker.intake.plain import PlainPaper
from tracker.rules.words import N_

BOMS = {b"\xef\xbb\xbf": "utf-8", b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
"""What a text file may begin with, and what it then is."""


def read_txt(content: bytes) -> PlainPaper:
    """Return the text of a file: decoded, NFC, line ends made line feeds, nothing else changed.

    Known are UTF-8 and UTF-16 with their marks, UTF-8 without, and the old Vietnamese encodings TCVN3, VNI
    and Windows-1258. Raises `UnreadablePaper` for other bytes and for text with NUL in it.
    """
    return with_piped_tables(plain_text(decode(content)))


def decode(content: bytes) -> str:
    """Return the characters of a text file; raise `UnreadablePaper` when they cannot be told."""
    for mark, encoding in BOMS.items():
        if content.startswith(mark):
            try:
                return content[len(mark) :].decode(encoding)
            except UnicodeDecodeError as error:
                raise _unknown() from error
    if b"\x00" in content:
        raise UnreadablePaper(
            N_("Tệp có ký tự NUL nên không phải tệp văn bản. Lưu lại dưới dạng văn bản UTF-8.")
        )
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        if (text := decode_old(content)) is None:
            raise _unknown() from error
        return text


def plain_text(text: str) -> str:
    """Return text in NFC with line feeds as line ends; raise `UnreadablePaper` for NUL or too much of it."""
    if "\x00" in text:
        raise UnreadablePaper(N_("Văn bản có ký tự NUL nên không được đọc. Xóa ký tự đó rồi thử lại."))
    if len(text) > MOST_CHARACTERS:
        raise too_long()
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))


def _unknown() -> UnreadablePaper:
    return UnreadablePaper(
        N_("Không rõ bảng mã của tệp văn bản. Mở tệp bằng phần mềm soạn thảo và lưu lại với bảng mã UTF-8.")
    )
