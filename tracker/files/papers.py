"""Attached papers: which files are taken, how their names are cleaned, and where their bytes are kept.

A file lies under its SHA-256 in the files folder, so that the same paper attached twice is kept once and a
name typed by somebody never becomes a path. What a file is, its bytes say: a name alone is not believed.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import unicodedata
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

import puremagic

from tracker.rules.text import nfc
from tracker.rules.words import N_
from tracker.rules.workflow import DomainError

MEGABYTE = 1024 * 1024
LARGEST = 25 * MEGABYTE
"""Bytes of one file."""
MOST = 10
"""Files of one submission."""
LONGEST_NAME = 200
"""Characters of a file name, its extension included."""
HEAD = 8 * 1024
"""Bytes from which the kind of a file is told."""
_BROKEN = (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, ValueError, EOFError, KeyError)
"""What reading a package that is none, is cut short or is encrypted may raise."""
MOST_MEMBERS = 20_000
"""Parts of one office document; beyond that it is an attack, not a paper."""

_OFFICE = "application/vnd.openxmlformats-officedocument."
_OPEN = "application/vnd.oasis.opendocument."


class UnfitPaper(DomainError):
    """The file is not one that may be attached."""


@dataclass(frozen=True)
class Paper:
    """A checked file: its cleaned name, what it is, its size in bytes, and the SHA-256 of its bytes."""

    filename: str
    media_type: str
    size: int
    sha256: str


def check_paper(filename: str, stream: IO[bytes]) -> Paper:
    """Return what a file is; raise `UnfitPaper` with the reason when it may not be attached.

    `filename` is the name that the sender gave; `stream` is seekable and is read from its beginning.
    """
    name = clean_name(filename)
    size = stream.seek(0, os.SEEK_END)
    if size == 0:
        raise UnfitPaper(N_("“%(name)s” không có nội dung. Hãy chọn lại tệp."), name=name)
    if size > LARGEST:
        raise UnfitPaper(
            N_(
                "“%(name)s” có %(size)s MB, lớn hơn %(most)s MB. "
                "Chia tệp ra, hoặc quét lại với độ phân giải thấp hơn."
            ),
            name=name, size=f"{size / MEGABYTE:.1f}".replace(".", ","), most=LARGEST // MEGABYTE,
        )  # fmt: skip
    extension = PurePosixPath(name).suffix.lower()
    if extension in (".docm", ".xlsm", ".dotm", ".xltm", ".xlsb"):
        raise _macros(name)
    if extension not in _KINDS:
        raise UnfitPaper(
            N_("“%(name)s” không phải loại tệp được nhận. Chọn tệp %(kinds)s."),
            name=name,
            kinds=kinds_in_words(),
        )
    media_type, is_kind = _KINDS[extension]
    stream.seek(0)
    if not is_kind(name, stream):
        raise UnfitPaper(
            N_(
                "Nội dung của “%(name)s” không phải tệp %(kind)s. "
                "Mở tệp bằng phần mềm gốc và lưu lại đúng loại."
            ),
            name=name, kind=extension.removeprefix("."),
        )  # fmt: skip
    stream.seek(0)
    return Paper(name, media_type, size, _digest(stream))


def _digest(stream: IO[bytes]) -> str:
    digest = hashlib.sha256()
    while block := stream.read(MEGABYTE):
        digest.update(block)
    return digest.hexdigest()


def kinds_in_words() -> str:
    """Return the accepted kinds as a reader knows them: “pdf, docx, …”."""
    return ", ".join(extension.removeprefix(".") for extension in _KINDS)


def extensions() -> tuple[str, ...]:
    """Return the accepted extensions with their dots, for the file dialog."""
    return tuple(_KINDS)


def clean_name(filename: str) -> str:
    """Return a file name in NFC without path, control or direction characters, 200 characters at most."""
    last = nfc(filename).replace("\\", "/").rsplit("/", 1)[-1]
    plain = "".join(c if unicodedata.category(c)[0] not in "CZ" else " " if c.isspace() else "" for c in last)
    plain = "".join(c for c in plain if c not in '<>:"|?*')
    plain = " ".join(plain.split()).lstrip(". ")
    stem, dot, extension = plain.rpartition(".")
    if not dot:
        return plain[:LONGEST_NAME] or "tep"
    extension = extension[:10].strip()
    return f"{(stem.rstrip(' .') or 'tep')[: LONGEST_NAME - len(extension) - 1]}.{extension}"


def keep(stream: IO[bytes], paper: Paper, *, folder: Path) -> Path:
    """Write the bytes of a checked paper under their SHA-256, all or nothing, and return the place.

    Written to a temporary file, flushed to the disk and renamed, before any row tells of it: a crash may
    leave a file that no row names, never a row without its file.
    """
    place = place_of(paper.sha256, folder=folder)
    if place.exists() and place.stat().st_size == paper.size:
        return place
    place.parent.mkdir(parents=True, exist_ok=True)
    stream.seek(0)
    handle, name = tempfile.mkstemp(dir=place.parent, prefix=".new-")
    try:
        with os.fdopen(handle, "wb") as new:
            while block := stream.read(MEGABYTE):
                new.write(block)
            new.flush()
            os.fsync(new.fileno())
        Path(name).replace(place)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    _flush_folder(place.parent)
    return place


def place_of(sha256: str, *, folder: Path) -> Path:
    """Return where the bytes with this SHA-256 (64 hexadecimal digits) lie below the files folder."""
    if len(sha256) != 64 or set(sha256) - set("0123456789abcdef"):
        raise ValueError("not a SHA-256")
    return folder / sha256[:2] / sha256


def _flush_folder(folder: Path) -> None:
    if not hasattr(os, "O_DIRECTORY"):
        return
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _macros(name: str) -> UnfitPaper:
    return UnfitPaper(
        N_(
            "“%(name)s” có macro nên không được nhận. Lưu lại dưới dạng không có macro (docx, xlsx) hoặc PDF."
        ),
        name=name,
    )


def _extensions_by_bytes(stream: IO[bytes]) -> set[str]:
    stream.seek(0)
    try:
        return {match.extension for match in puremagic.magic_string(stream.read(HEAD)) if match.confidence}
    except (puremagic.PureError, ValueError):
        return set()


def _by_magic(*extensions: str) -> Callable[[str, IO[bytes]], bool]:
    """Return the check that the first bytes are those of one of these extensions."""

    def is_kind(_name: str, stream: IO[bytes]) -> bool:
        return bool(_extensions_by_bytes(stream) & set(extensions))

    return is_kind


def _is_office(part: str) -> Callable[[str, IO[bytes]], bool]:
    """Return the check of an Office document: a package with this main part and without macros."""

    def is_kind(name: str, stream: IO[bytes]) -> bool:
        try:
            with zipfile.ZipFile(stream) as package:
                members = set(package.namelist())
                if len(members) > MOST_MEMBERS or not {"[Content_Types].xml", part} <= members:
                    return False
                with package.open("[Content_Types].xml") as types:
                    said = types.read(4 * MEGABYTE).lower()
        except _BROKEN:
            return False
        if b"macroenabled" in said or any(each.lower().endswith("vbaproject.bin") for each in members):
            raise _macros(name)
        return True

    return is_kind


def _is_open(media_type: str) -> Callable[[str, IO[bytes]], bool]:
    """Return the check of an OpenDocument file: its own word for what it is, and no macros."""

    def is_kind(name: str, stream: IO[bytes]) -> bool:
        try:
            with zipfile.ZipFile(stream) as package:
                members = package.namelist()
                if len(members) > MOST_MEMBERS or "content.xml" not in members:
                    return False
                with package.open("mimetype") as said:
                    if said.read(200).strip() != media_type.encode():
                        return False
        except _BROKEN:
            return False
        if any(each.startswith(("Basic/", "Scripts/")) and not each.endswith("/") for each in members):
            raise _macros(name)
        return True

    return is_kind


def _is_old_office(*streams: str) -> Callable[[str, IO[bytes]], bool]:
    """Return the check of an Office 97–2003 document: OLE with one of these streams, without macros."""

    def is_kind(name: str, stream: IO[bytes]) -> bool:
        if ".doc" not in _extensions_by_bytes(stream):
            return False
        stream.seek(0)
        content = stream.read()
        if "_VBA_PROJECT".encode("utf-16-le") in content:
            raise _macros(name)
        return any(each.encode("utf-16-le") in content for each in streams)

    return is_kind


def _is_text(_name: str, stream: IO[bytes]) -> bool:
    stream.seek(0)
    content = stream.read()
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return "\x00" not in content.decode("utf-16")
        except UnicodeDecodeError:
            return False
    return b"\x00" not in content and not content.startswith((b"MZ", b"\x7fELF", b"%PDF", b"PK\x03\x04"))


_KINDS: dict[str, tuple[str, Callable[[str, IO[bytes]], bool]]] = {
    ".pdf": ("application/pdf", _by_magic(".pdf")),
    ".docx": (_OFFICE + "wordprocessingml.document", _is_office("word/document.xml")),
    ".xlsx": (_OFFICE + "spreadsheetml.sheet", _is_office("xl/workbook.xml")),
    ".doc": ("application/msword", _is_old_office("WordDocument")),
    ".xls": ("application/vnd.ms-excel", _is_old_office("Workbook", "Book")),
    ".odt": (_OPEN + "text", _is_open(_OPEN + "text")),
    ".ods": (_OPEN + "spreadsheet", _is_open(_OPEN + "spreadsheet")),
    ".png": ("image/png", _by_magic(".png")),
    ".jpg": ("image/jpeg", _by_magic(".jpg")),
    ".jpeg": ("image/jpeg", _by_magic(".jpg")),
    ".txt": ("text/plain", _is_text),
}
"""Extension → media type under which it is handed out again, and the check of its bytes."""
