"""What is looked at before a file is parsed: its name, its size, and whether its bytes are what it says."""

from __future__ import annotations

from pathlib import PurePosixPath

from tracker.intake.checks.package import check_package
from tracker.intake.papers import UnreadablePaper
from tracker.rules.text import nfc
from tracker.rules.words import N_

MEGABYTE = 1024 * 1024
LARGEST = 25 * MEGABYTE
"""Bytes of one file."""
PAPERS = (".docx", ".pdf", ".txt", ".html", ".htm")
SHEETS = (".xlsx", ".csv")
ENVELOPES = (".edxml", ".xml")
_IN_WORDS = {PAPERS: "docx, pdf, txt, html", SHEETS: "xlsx, csv", ENVELOPES: "edxml, xml"}
_WITH_MACROS = (".docm", ".dotm", ".xlsm", ".xltm", ".xlsb", ".pptm")

_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PACKAGE = b"PK\x03\x04"
_BEGINS = {
    b"%PDF-": "pdf", _PACKAGE: "docx, xlsx", _OLD_OFFICE: "doc, xls", b"{\\rtf": "rtf", b"MZ": "exe",
    b"\x7fELF": "elf", b"\x89PNG": "png", b"\xff\xd8\xff": "jpg", b"GIF8": "gif", b"Rar!": "rar",
    b"7z\xbc\xaf": "7z", b"\x1f\x8b": "gz", b"MIME-Version:": "mht",
}  # fmt: skip
"""What the first bytes tell of a file, by the names of its kind."""
_END_OF_PACKAGE = b"PK\x05\x06"
MOST_BEFORE_END = 22 + 0xFFFF
"""Bytes from its end within which a package tells where it ends."""


def check_file(filename: str, content: bytes, kinds: tuple[str, ...] = PAPERS) -> str:
    """Return the kind of a file as an extension (`.docx`) after all that can be told without parsing it.

    `kinds` are the extensions that are taken: `PAPERS`, `SHEETS` or `ENVELOPES`. Raises `UnreadablePaper`
    with a sentence for the person. The name is only looked at: no path is ever made of it.
    """
    extension = PurePosixPath(nfc(filename).replace("\\", "/")).suffix.lower()
    if not content:
        raise UnreadablePaper(N_("Tệp không có nội dung. Hãy chọn lại tệp."))
    if len(content) > LARGEST:
        raise UnreadablePaper(
            N_("Tệp lớn hơn %(most)s MB. Chia tệp ra rồi thử lại."), most=LARGEST // MEGABYTE
        )
    if extension in _WITH_MACROS:
        raise UnreadablePaper(
            N_("Tệp có macro nên không được nhận. Lưu lại dưới dạng không có macro (docx, xlsx).")
        )
    if extension not in kinds:
        taken = _IN_WORDS.get(kinds, ", ".join(kind.removeprefix(".") for kind in kinds))
        raise UnreadablePaper(
            N_("Không đọc được loại tệp “%(kind)s”. Chọn tệp %(taken)s."), kind=extension or "?", taken=taken
        )
    if extension in (".docx", ".xlsx"):
        _refuse_locked(content, extension)
        check_package(content, extension)
    elif extension == ".pdf":
        _check_pdf(content)
    elif told := _told(content):
        raise _other_kind(extension, told)
    return extension


def _told(content: bytes) -> str | None:
    return next((kind for begin, kind in _BEGINS.items() if content.startswith(begin)), None)


def _refuse_locked(content: bytes, extension: str) -> None:
    if content.startswith(_PACKAGE):
        return
    if content.startswith(_OLD_OFFICE):
        if "EncryptedPackage".encode("utf-16-le") in content:
            raise UnreadablePaper(
                N_("Tệp có mật khẩu mở nên không đọc được. Bỏ mật khẩu, lưu lại rồi thử lại.")
            )
        raise UnreadablePaper(
            N_("Tệp thuộc loại Office 97–2003. Mở bằng Word hoặc Excel và lưu lại dưới dạng %(kind)s."),
            kind=extension.removeprefix("."),
        )
    raise _other_kind(extension, _told(content))


def _check_pdf(content: bytes) -> None:
    if not content.startswith(b"%PDF-"):
        raise _other_kind(".pdf", _told(content))
    if _END_OF_PACKAGE in content[-MOST_BEFORE_END:]:
        raise UnreadablePaper(
            N_("Tệp pdf có một tệp nén ghép ở cuối nên không được nhận. In lại thành pdf từ phần mềm gốc.")
        )


def _other_kind(extension: str, told: str | None) -> UnreadablePaper:
    kind = extension.removeprefix(".")
    if told is None:
        return UnreadablePaper(
            N_("Nội dung không phải tệp %(kind)s. Mở tệp bằng phần mềm gốc và lưu lại đúng loại."), kind=kind
        )
    return UnreadablePaper(
        N_("Tệp mang tên %(kind)s nhưng nội dung là loại khác (%(told)s). Đổi lại tên cho đúng loại."),
        kind=kind, told=told,
    )  # fmt: skip
