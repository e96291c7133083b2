"""The readers of papers, one file a kind: bytes that were checked go in, plain text comes out."""

from __future__ import annotations

import struct
import zipfile
import zlib

from tracker.rules.words import N_
from tracker.rules.workflow import DomainError

BROKEN_ZIP = (
    zipfile.BadZipFile, zlib.error, struct.error, NotImplementedError, RuntimeError, OSError, ValueError,
    EOFError, KeyError,
)  # fmt: skip
"""What reading a zip that is none, is cut short, lies or is locked may raise."""
MOST_CHARACTERS = 2_000_000
"""Characters of one paper; sixty pages have about 150,000."""


class UnreadablePaper(DomainError):
    """The file cannot be read as a paper; the message says why and what to do."""


def too_long() -> UnreadablePaper:
    """Return the refusal of a paper with more than `MOST_CHARACTERS`."""
    return UnreadablePaper(
        N_("Văn bản dài hơn %(most)s ký tự nên không được đọc. Chia văn bản thành nhiều tệp."),
        most=f"{MOST_CHARACTERS:,}".replace(",", "."),
    )


def document_type() -> UnreadablePaper:
    """Return the refusal of XML that declares a document type or entities: no paper needs them."""
    return UnreadablePaper(
        N_("Tệp có khai báo DTD hoặc thực thể XML nên không được nhận. Lưu lại bằng phần mềm gốc.")
    )


def damaged() -> UnreadablePaper:
    """Return the refusal of a file whose inside does not follow its own kind."""
    return UnreadablePaper(
        N_("Tệp hỏng hoặc có cấu trúc lạ nên không đọc được. Mở tệp bằng phần mềm gốc, lưu lại rồi thử lại.")
    )
