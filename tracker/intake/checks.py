"""What is looked at before a file is parsed: its name, its size, and whether its bytes are what it says."""

from __future__ import annotations

from pathlib import PurePosixPath

from tracker.intake.papers import UnreadablePaper
from tracker.rules.text import nfc
from tracker.rules.words import N_

MEGABYTE = 1024 * 1024
LARGEST = 25 * MEGABYTE
"""Bytes of one file."""
KINDS = (".docx", ".pdf", ".txt", ".html", ".htm")


def check_file(filename: str, content: bytes) -> str:
    """Return the kind of a paper as an extension (`.docx`); raise `UnreadablePaper` when it is none."""
    extension = PurePosixPath(nfc(filename).replace("\\", "/")).suffix.lower()
    if not content:
        raise UnreadablePaper(N_("Tệp không có nội dung. Hãy chọn lại tệp."))
    if len(content) > LARGEST:
        raise UnreadablePaper(
            N_("Tệp lớn hơn %(most)s MB. Chia tệp ra rồi thử lại."), most=LARGEST // MEGABYTE
        )
    if extension not in KINDS:
        raise UnreadablePaper(
            N_("Không đọc được loại tệp “%(kind)s”. Chọn tệp docx, pdf, txt hoặc html."),
            kind=extension or "?",
        )
    return extension
