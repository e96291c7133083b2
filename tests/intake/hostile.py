"""Files that somebody might bring to do harm, made by code: the name, the bytes, and words of the refusal."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable

from pypdf import PdfReader, PdfWriter

from tests.intake.making import docx, edxml, lines, package, paragraph, part, pdf, pdf_of, table

Case = tuple[str, bytes, str]
"""File name, bytes, and words that the sentence of the refusal holds."""

_PLAIN = docx(paragraph("Kính gửi: Phòng Nội vụ"))
_PLAIN_PDF = pdf([lines("Kính gửi: Phòng Nội vụ và các đơn vị liên quan", "1. Rà soát nhiệm vụ được giao")])
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
_LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
BILLION_LAUGHS = f'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY l0 "ha">{_LAUGHS}]><a>&l9;</a>'
OUTSIDE = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'
REMOTE = '<?xml version="1.0"?><!DOCTYPE a SYSTEM "http://127.0.0.1:9/a.dtd"><a/>'
PARAMETER = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;]><a/>'


def _with_document(text: str, encoding: str = "utf-8") -> bytes:
    held = {each: zipfile.ZipFile(io.BytesIO(_PLAIN)).read(each) for each in ("[Content_Types].xml",)}
    return package(held | {"word/document.xml": text.encode(encoding)})


def _renamed(name: str) -> bytes:
    return docx(paragraph("a"), entries={name: b"<a/>"})


def _patched(content: bytes, *, flag: int = 0, size: int | None = None) -> bytes:
    """Return a zip whose directory tells something else of its last entry than what is there."""
    start = content.rfind(b"PK\x01\x02")
    directory = bytearray(content)
    struct.pack_into("<H", directory, start + 8, struct.unpack_from("<H", directory, start + 8)[0] | flag)
    if size is not None:
        struct.pack_into("<I", directory, start + 24, size)
    return bytes(directory)


def _overlapping() -> bytes:
    """Return a package two entries of which are the same bytes."""
    entries = {"word/b1.xml": b"<a>" + b"b" * 400 + b"</a>", "word/b2.xml": b"<c/>"}
    content = docx(paragraph("a"), entries=entries)
    infos = zipfile.ZipFile(io.BytesIO(content)).infolist()
    start = content.rfind(b"PK\x01\x02")
    changed = bytearray(content)
    struct.pack_into("<I", changed, start + 42, infos[2].header_offset)
    return bytes(changed)


def _many_entries() -> bytes:
    return docx(paragraph("a"), entries={f"word/media/{number}.png": b"" for number in range(2_100)})


def _bomb() -> bytes:
    return docx(paragraph("a" * 20_000_000))


def _locked_pdf() -> bytes:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(_PLAIN_PDF)))
    writer.encrypt("bí mật", algorithm="AES-256")
    written = io.BytesIO()
    writer.write(written)
    return written.getvalue()


def _scan() -> bytes:
    return pdf([[], [(85, 780, 10, "2")]])


def _endless_pages() -> bytes:
    """Return a PDF whose tree of pages is a ring."""
    return pdf_of([b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 9>>",
                   b"<</Type/Pages/Parent 2 0 R/Kids[2 0 R]/Count 9>>"])  # fmt: skip


def _pdf_bomb() -> bytes:
    """Return a PDF whose only page unpacks to 300 MB of blanks."""
    packed = zlib.compress(b" " * 300_000_000, 9)
    return pdf_of([
        b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R>>",
        b"<</Filter/FlateDecode/Length %d>>stream\n%s\nendstream" % (len(packed), packed),
    ])  # fmt: skip


def _many_pages() -> bytes:
    pages = [b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>"] * 600
    kids = b" ".join(b"%d 0 R" % (3 + number) for number in range(600))
    tree = b"<</Type/Pages/Kids[" + kids + b"]/Count 600>>"
    return pdf_of([b"<</Type/Catalog/Pages 2 0 R>>", tree, *pages])


def _nested(depth: int) -> str:
    document = paragraph("a")
    for _ in range(depth):
        document = f"<w:sdt><w:sdtContent>{document}</w:sdtContent></w:sdt>"
    return document


REFUSED: dict[str, Callable[[], Case]] = {
    "nothing": lambda: ("a.docx", b"", "không có nội dung"),
    "too much": lambda: ("a.txt", b"a" * (25 * 1024 * 1024 + 1), "25 MB"),
    "too long a text": lambda: ("a.txt", b"a\n" * 1_000_001, "ký tự"),
    "no extension": lambda: ("công văn", b"a", "docx, pdf, txt"),
    "a program": lambda: ("a.exe", b"MZ" + bytes(64), "docx, pdf, txt"),
    "a program named pdf": lambda: ("a.pdf", b"MZ" + bytes(64), "loại khác"),
    "a PDF named docx": lambda: ("a.docx", _PLAIN_PDF, "loại khác"),
    "a Word file named txt": lambda: ("a.txt", _PLAIN, "loại khác"),
    "a Word file named html": lambda: ("a.html", _PLAIN, "loại khác"),
    "rich text named txt": lambda: ("a.txt", b"{\\rtf1 a}", "loại khác"),
    "a picture named html": lambda: ("a.html", b"\x89PNG\r\n\x1a\n", "loại khác"),
    "a web archive named html": lambda: ("a.html", b"MIME-Version: 1.0\r\n", "loại khác"),
    "text named docx": lambda: ("a.docx", b"abc", "không phải tệp docx"),
    "a zip that is no Word file": lambda: ("a.docx", package({"a.txt": b"a"}), "không phải tệp docx"),
    "NUL in text": lambda: ("a.txt", b"S\x00o: 1", "NUL"),
    "NUL in UTF-16": lambda: ("a.txt", "\ufeffa\x00b".encode("utf-16-le"), "NUL"),
    "broken UTF-16": lambda: ("a.txt", b"\xff\xfea", "bảng mã"),
    "letters of no encoding": lambda: ("a.txt", bytes(range(128, 256)), "bảng mã"),
    "NUL in a page": lambda: ("a.html", b"<p>a\x00b</p>", "NUL"),
    "macros by name": lambda: ("a.docm", _PLAIN, "macro"),
    "macros inside": lambda: ("a.docx", _renamed("word/vbaProject.bin"), "macro"),
    "macros by type": lambda: (
        "a.docx",
        package({"[Content_Types].xml": b"<a t='x.macroEnabled.main+xml'/>", "word/document.xml": b"<a/>"}),
        "macro",
    ),
    "an old Word file": lambda: ("a.docx", _OLE, "97–2003"),
    "a locked Word file": lambda: ("a.docx", _OLE + "EncryptedPackage".encode("utf-16-le"), "mật khẩu"),
    "a locked part": lambda: ("a.docx", _patched(_PLAIN, flag=1), "mật khẩu"),
    "a part outside": lambda: ("a.docx", _renamed("../../etc/cron.d/a"), "trỏ ra ngoài"),
    "a part with a backslash": lambda: ("a.docx", _renamed("word\\..\\..\\a.xml"), "trỏ ra ngoài"),
    "a part from the root": lambda: ("a.docx", _renamed("/etc/passwd"), "trỏ ra ngoài"),
    "a part on a drive": lambda: ("a.docx", _renamed("C:a.xml"), "trỏ ra ngoài"),
    "two parts of one name": lambda: ("a.docx", _renamed("Word/Document.xml"), "trùng tên"),
    "a very long name": lambda: ("a.docx", _renamed("word/" + "a" * 300 + ".xml"), "quá dài"),
    "a bomb": lambda: ("a.docx", _bomb(), "quá lớn"),
    "many parts": lambda: ("a.docx", _many_entries(), "2.000 phần"),
    "parts over each other": lambda: ("a.docx", _overlapping(), "chồng lên nhau"),
    "a part that lies about its size": lambda: ("a.docx", _patched(_PLAIN, size=10), "hỏng"),
    "a program before the zip": lambda: ("a.docx", b"MZ" + _PLAIN, "loại khác"),
    "a page after the zip": lambda: ("a.docx", _PLAIN + b"<script>", "ghép ở đầu hoặc cuối"),
    "a zip before the zip": lambda: ("a.docx", package({"x": b"x"}) + _PLAIN, "ghép ở đầu hoặc cuối"),
    "half a Word file": lambda: ("a.docx", _PLAIN[: len(_PLAIN) // 2], "hỏng"),
    "a Word file without a body": lambda: ("a.docx", _with_document(part("document", "")), "hỏng"),
    "broken XML": lambda: ("a.docx", _with_document("<w:document"), "hỏng"),
    "laughs in Word": lambda: ("a.docx", _with_document(BILLION_LAUGHS), "DTD"),
    "a file from outside in Word": lambda: ("a.docx", _with_document(OUTSIDE), "DTD"),
    "a remote type in Word": lambda: ("a.docx", _with_document(REMOTE), "DTD"),
    "parameters in Word": lambda: ("a.docx", _with_document(PARAMETER), "DTD"),
    "laughs in UTF-16": lambda: (
        "a.docx",
        _with_document(BILLION_LAUGHS.replace('"1.0"', '"1.0" encoding="utf-16"', 1), "utf-16"),
        "DTD",
    ),
    "laughs in a page": lambda: ("a.html", BILLION_LAUGHS.encode(), "DTD"),
    "deep Word": lambda: ("a.docx", docx(_nested(120)), "lồng nhau quá sâu"),
    "deep tables": lambda: ("a.docx", docx(_deep_tables(80)), "lồng nhau quá sâu"),
    "a deep page": lambda: ("a.html", b"<div>" * 200 + b"a", "lồng nhau quá sâu"),
    "a PDF with a zip behind it": lambda: ("a.pdf", _PLAIN_PDF + package({"a": b"a"}), "tệp nén ghép"),
    "half a PDF head": lambda: ("a.pdf", b"%PDF-1.7\n", "hỏng"),
    "a PDF of noise": lambda: ("a.pdf", b"%PDF-1.7\n" + bytes(range(256)) * 40, "hỏng"),
    "a locked PDF": lambda: ("a.pdf", _locked_pdf(), "mật khẩu"),
    "a scan": lambda: ("a.pdf", _scan(), "ảnh quét"),
    "endless pages": lambda: ("a.pdf", _endless_pages(), ""),
    "a PDF that unpacks to much": lambda: ("a.pdf", _pdf_bomb(), ""),
    "a PDF of many pages": lambda: ("a.pdf", _many_pages(), "500 trang"),
}  # fmt: skip
"""What must be refused, with a part of the sentence; "" where more than one sentence is right."""


def _deep_tables(depth: int) -> str:
    inside = "a"
    for _ in range(depth):
        inside = table([inside])
    return inside


def _rings() -> bytes:
    styles = part("styles", '<w:style w:styleId="A"><w:basedOn w:val="B"/></w:style>'
                            '<w:style w:styleId="B"><w:basedOn w:val="A"/></w:style>')  # fmt: skip
    return docx(paragraph("Việc một", shape='<w:pStyle w:val="A"/>'), {"styles": styles})


def _wide() -> bytes:
    wide = '<w:tcPr><w:gridSpan w:val="999999999"/><w:vMerge/></w:tcPr>' + paragraph("Việc một")
    return docx(table([wide, wide]))


def _odd_list() -> bytes:
    numbering = part("numbering", '<w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0">'
                     '<w:start w:val="999999"/><w:numFmt w:val="lowerLetter"/>'
                     '<w:lvlText w:val="%1%9"/></w:lvl></w:abstractNum>'
                     '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>')  # fmt: skip
    shape = '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr>'
    return docx(paragraph("Việc một", shape=shape), {"numbering": numbering})


HARMLESS: dict[str, Callable[[], Case]] = {
    "styles in a ring": lambda: ("a.docx", _rings(), "Việc một"),
    "cells wider than any table": lambda: ("a.docx", _wide(), "Việc một"),
    "a list that begins beyond its letters": lambda: ("a.docx", _odd_list(), "Việc một"),
    "a name with a path": lambda: ("../../etc/passwd\x00.docx", docx(paragraph("Việc một")), "Việc một"),
    "formulas": lambda: ("a.html", b"<table><td>=cmd|' /c calc'!A1<td>+1</table>", "=cmd"),
    "a page with programs": lambda: (
        "a.html",
        "<script>alert(1)</script><iframe src=//x></iframe><p onclick=x()>Việc một".encode(),
        "Việc một",
    ),
    "cells that span a million rows": lambda: (
        "a.html",
        "<table><td rowspan=1000000 colspan=1000000>Việc một</table>".encode(),
        "Việc một",
    ),
    "a PDF that opens a program": lambda: (
        "a.pdf",
        _PLAIN_PDF.replace(b"<</Type", b"<</OpenAction<</S/JavaScript/JS(app.alert(1))>>/Type", 1),
        "Phòng Nội vụ",
    ),
}  # fmt: skip
"""What may be read: nothing of it can do harm. The words are in the text."""


ENVELOPES: dict[str, Callable[[], Case]] = {
    "laughs": lambda: ("a.edxml", BILLION_LAUGHS.encode(), "DTD"),
    "a file from outside": lambda: ("a.xml", OUTSIDE.encode(), "DTD"),
    "another XML": lambda: ("a.xml", b"<a/>", "không phải gói"),
    "no XML": lambda: ("a.xml", b"a", "hỏng"),
    "a deep envelope": lambda: ("a.xml", b"<a>" * 250 + b"</a>" * 250, "lồng nhau quá sâu"),
    "broken base64": lambda: (
        "a.edxml", edxml("", {"a.txt": b"abc"}).replace(b"YWJj", b"YW!Jj"), "base64"
    ),
    "too many papers": lambda: (
        "a.edxml", edxml("", {f"{number}.txt": b"a" for number in range(21)}), "20 tệp"
    ),
    "a bomb in a zip": lambda: (
        "a.edxml", edxml("", {"a.pdf": package({"a.pdf": b"%PDF" + bytes(26 * 1024 * 1024)})}), "25 MB"
    ),
    "many zips that unpack to much": lambda: (
        "a.edxml",
        edxml("", {f"{number}.pdf": package({"a.pdf": bytes(15 * 1024 * 1024)}) for number in range(3)}),
        "40 MB",
    ),
    "two papers in one zip": lambda: (
        "a.edxml", edxml("", {"a.pdf": package({"a": b"a", "b": b"b"})}), "hỏng"
    ),
}  # fmt: skip
"""Envelopes of the document exchange that must be refused."""
