"""Office packages before they are parsed: one zip from its first byte to its last, small when unpacked.

Sizes are those that the directory of the zip tells; reading a part stops at its told size and fails when its
checksum is another, so a zip that lies about them gains nothing.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile

from tracker.intake.papers import BROKEN_ZIP, UnreadablePaper, damaged, document_type
from tracker.rules.words import N_

MEGABYTE = 1024 * 1024
MOST_ENTRIES = 2_000
LARGEST_UNPACKED = 200 * MEGABYTE
"""Bytes of all parts together."""
LARGEST_XML = 60 * MEGABYTE
"""Bytes of all XML parts together."""
HIGHEST_RATIO = 150
"""Bytes that a byte of a part may become; Office itself reaches about 40 with endless equal rows."""
SMALL = MEGABYTE
"""Bytes below which no ratio is asked."""
LONGEST_NAME = 255

MAIN_PARTS = {".docx": "word/document.xml", ".xlsx": "xl/workbook.xml"}
_MACROS = re.compile(r"(vbaproject\.bin|vbadata\.xml|macrosheets/|(^|/)activex/)", re.IGNORECASE)
_DECLARATIONS = tuple(
    word.encode(encoding)
    for word in ("<!DOCTYPE", "<!ENTITY") for encoding in ("ascii", "utf-16-le", "utf-16-be")
)  # fmt: skip
_END = b"PK\x05\x06"


def check_package(content: bytes, extension: str) -> None:
    """Raise `UnreadablePaper` unless the bytes are a sound Office package of this kind without macros.

    `extension` is `.docx` or `.xlsx`.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            entries = package.infolist()
            _check_frame(content, entries)
            _check_names(entries)
            _check_sizes(entries)
            _check_kind(package, extension)
            _check_declarations(package, entries)
    except BROKEN_ZIP as error:
        raise damaged() from error


def _check_frame(content: bytes, entries: list[zipfile.ZipInfo]) -> None:
    """The zip begins at the first byte, ends at the last, and its parts do not lie over each other."""
    end = content.rfind(_END)
    told = struct.unpack("<H", content[end + 20 : end + 22])[0] if end >= 0 else 0
    places = sorted((each.header_offset, each.compress_size) for each in entries)
    if not places or places[0][0] != 0 or end + 22 + told != len(content) or told:
        raise UnreadablePaper(
            N_("Tệp có dữ liệu lạ ghép ở đầu hoặc cuối nên không được nhận. Lưu lại bằng phần mềm gốc.")
        )
    ends = [*(place for place, _size in places[1:]), end]
    for (place, size), next_place in zip(places, ends, strict=True):
        if place + 30 + size > next_place:
            raise UnreadablePaper(N_("Các phần trong tệp chồng lên nhau nên không được đọc."))


def _check_names(entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > MOST_ENTRIES:
        raise UnreadablePaper(
            N_("Tệp gồm hơn %(most)s phần nên không được đọc. Bớt hình ảnh và đối tượng nhúng."),
            most=f"{MOST_ENTRIES:,}".replace(",", "."),
        )
    seen: set[str] = set()
    for each in entries:
        name = each.orig_filename
        parts = name.replace("\\", "/").split("/")
        if "\x00" in name or ".." in parts or name.startswith(("/", "\\")) or ":" in name:
            raise UnreadablePaper(N_("Tệp có phần mang tên trỏ ra ngoài tệp nên không được nhận."))
        if len(name) > LONGEST_NAME or name.lower() in seen:
            raise UnreadablePaper(N_("Tệp có các phần trùng tên hoặc tên quá dài nên không được nhận."))
        seen.add(name.lower())
        if each.flag_bits & 1:
            raise UnreadablePaper(N_("Tệp có phần bị khóa bằng mật khẩu. Bỏ mật khẩu, lưu lại rồi thử lại."))
        if _MACROS.search(name):
            raise UnreadablePaper(
                N_("Tệp có macro nên không được nhận. Lưu lại dưới dạng không có macro (docx, xlsx).")
            )


def _check_sizes(entries: list[zipfile.ZipInfo]) -> None:
    unpacked = sum(each.file_size for each in entries)
    xml = sum(each.file_size for each in entries if each.filename.lower().endswith((".xml", ".rels", ".vml")))
    steep = any(
        each.file_size > SMALL and each.file_size > HIGHEST_RATIO * max(each.compress_size, 1)
        for each in entries
    )
    if unpacked > LARGEST_UNPACKED or xml > LARGEST_XML or steep:
        raise UnreadablePaper(
            N_("Tệp nở ra quá lớn khi mở nên không được đọc. Bớt hình ảnh, hoặc xóa các hàng và cột trống.")
        )


def _check_declarations(package: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> None:
    """No part declares a document type or entities, in whatever encoding it is written."""
    for each in entries:
        if each.filename.lower().endswith((".xml", ".rels", ".vml")):
            part = package.read(each)
            if any(word in part for word in _DECLARATIONS):
                raise document_type()


def _check_kind(package: zipfile.ZipFile, extension: str) -> None:
    names = set(package.namelist())
    if not {"[Content_Types].xml", MAIN_PARTS[extension]} <= names:
        raise UnreadablePaper(
            N_("Nội dung không phải tệp %(kind)s. Mở tệp bằng phần mềm gốc và lưu lại đúng loại."),
            kind=extension.removeprefix("."),
        )
    types = package.read("[Content_Types].xml").lower()
    if b"macroenabled" in types or b"vbaproject" in types:
        raise UnreadablePaper(
            N_("Tệp có macro nên không được nhận. Lưu lại dưới dạng không có macro (docx, xlsx).")
        )
