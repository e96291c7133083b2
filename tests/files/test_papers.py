"""Which files may be attached: what their bytes say counts, not their names."""

from __future__ import annotations

import io
import unicodedata
import zipfile
from pathlib import Path

import pytest

from tracker.files.papers import LARGEST, UnfitPaper, check_paper, clean_name, keep, place_of

PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
EXE = b"MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff" + b"\x00" * 400
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + b"\x00" * 64
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01" + b"\x00" * 64
OLE = bytes.fromhex("D0CF11E0A1B11AE1") + b"\x00" * 504
OPEN = "application/vnd.oasis.opendocument."
OFFICE = "application/vnd.openxmlformats-officedocument."


def package(**members: str | bytes) -> bytes:
    """Return a zip file; `__` in a name stands for a slash and `_dot_` for a dot."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as file:
        for name, text in members.items():
            file.writestr(name.replace("__", "/").replace("_dot_", "."), text)
    return content.getvalue()


def office(main: str, types: str = "<Types/>", **members: str | bytes) -> bytes:
    """Return a package as Office writes it, with its main part."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as file:
        file.writestr("[Content_Types].xml", types)
        file.writestr(main, "<xml/>")
        for name, text in members.items():
            file.writestr(name, text)
    return content.getvalue()


DOCX = office("word/document.xml")
XLSX = office("xl/workbook.xml")
ODT = package(mimetype=OPEN + "text", content_dot_xml="<x/>")
ODS = package(mimetype=OPEN + "spreadsheet", content_dot_xml="<x/>")
DOC = OLE + "WordDocument".encode("utf-16-le")
XLS = OLE + "Workbook".encode("utf-16-le")


def check(name: str, content: bytes):
    return check_paper(name, io.BytesIO(content))


@pytest.mark.parametrize(
    ("name", "content", "media_type"),
    [
        ("công văn.pdf", PDF, "application/pdf"),
        ("biểu.docx", DOCX, OFFICE + "wordprocessingml.document"),
        ("biểu.XLSX", XLSX, OFFICE + "spreadsheetml.sheet"),
        ("cũ.doc", DOC, "application/msword"),
        ("cũ.xls", XLS, "application/vnd.ms-excel"),
        ("mở.odt", ODT, OPEN + "text"),
        ("mở.ods", ODS, OPEN + "spreadsheet"),
        ("ảnh.png", PNG, "image/png"),
        ("ảnh.jpg", JPEG, "image/jpeg"),
        ("ảnh.jpeg", JPEG, "image/jpeg"),
        ("ghi chú.txt", "Đã nhận".encode(), "text/plain"),
        ("ghi chú.txt", "Đã nhận".encode("utf-16"), "text/plain"),
    ],
)
def test_papers_of_an_office_are_taken(name, content, media_type):
    paper = check(name, content)

    assert (paper.media_type, paper.size) == (media_type, len(content))


@pytest.mark.parametrize("kind", ["pdf", "docx", "xlsx", "doc", "xls", "odt", "png", "jpg", "txt"])
def test_a_program_is_refused_under_any_name(kind):
    name = f"báo cáo.{kind}"

    with pytest.raises(UnfitPaper) as refusal:
        check(name, EXE)

    assert "Nội dung" in str(refusal.value)
    assert name in str(refusal.value)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.docx", XLSX),
        ("a.docx", PDF),
        ("a.docx", package(a="1")),
        ("a.docx", b"PK\x03\x04" + b"\x00" * 60),
        ("a.odt", ODS),
        ("a.doc", OLE),
        ("a.png", JPEG),
        ("a.txt", b"a\x00b"),
        ("a.txt", PDF),
    ],
)
def test_a_file_that_is_not_what_its_name_says_is_refused(name, content):
    with pytest.raises(UnfitPaper):
        check(name, content)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.docm", DOCX),
        ("a.xlsm", XLSX),
        ("a.docx", office("word/document.xml", **{"word/vbaProject.bin": b"x"})),
        ("a.xlsx", office("xl/workbook.xml", **{"xl/VBAPROJECT.BIN": b"x"})),
        ("a.docx", office("word/document.xml", types='<Override ContentType="x.macroEnabled.main+xml"/>')),
        ("a.doc", DOC + "_VBA_PROJECT".encode("utf-16-le")),
        ("a.odt", package(mimetype=OPEN + "text", content_dot_xml="", Basic__a="x")),
    ],
)
def test_macros_are_refused_and_named(name, content):
    with pytest.raises(UnfitPaper) as refusal:
        check(name, content)

    assert "macro" in str(refusal.value)


@pytest.mark.parametrize("name", ["a.zip", "a.exe", "a.html", "a.svg", "a", "a.pdf.lnk", ""])
def test_other_kinds_are_refused_with_the_kinds_that_are_taken(name):
    with pytest.raises(UnfitPaper) as refusal:
        check(name, PDF)

    assert "pdf, docx, xlsx" in str(refusal.value)


def test_an_empty_file_is_refused():
    with pytest.raises(UnfitPaper):
        check("a.pdf", b"")


def test_twenty_five_megabytes_are_taken_and_one_byte_more_is_not():
    taken = check("a.txt", b"a" * LARGEST)

    with pytest.raises(UnfitPaper) as refusal:
        check("a.txt", b"a" * (LARGEST + 1))

    assert taken.size == LARGEST
    assert "25 MB" in str(refusal.value)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\Users\\mai\\báo cáo.pdf", "báo cáo.pdf"),
        (unicodedata.normalize("NFD", "Đề án.pdf"), "Đề án.pdf"),
        ("a\r\nX-Evil: 1.pdf", "a X-Evil 1.pdf"),
        ("a\u202efdp.exe", "afdp.exe"),
        ("...a.pdf", "a.pdf"),
        (".pdf", "pdf"),
        ("a\u00a0b.pdf", "a b.pdf"),
        ("/", "tep"),
    ],
)
def test_names_keep_no_path_and_no_unseen_characters(typed, kept):
    assert clean_name(typed) == kept


def test_a_long_name_keeps_its_extension():
    name = clean_name("Đ" * 300 + ".docx")

    assert len(name) == 200
    assert name.endswith("Đ.docx")


def test_bytes_are_kept_once_under_their_digest(tmp_path: Path):
    paper = check("a.pdf", PDF)

    first = keep(io.BytesIO(PDF), paper, folder=tmp_path)
    again = keep(io.BytesIO(PDF), paper, folder=tmp_path)

    assert first == again == tmp_path / paper.sha256[:2] / paper.sha256
    assert first.read_bytes() == PDF
    assert list(first.parent.iterdir()) == [first]


def test_nothing_half_written_is_left_when_reading_fails(tmp_path: Path):
    class Broken(io.BytesIO):
        def read(self, *_size):
            raise OSError("đường truyền đứt")

    paper = check("a.pdf", PDF)

    with pytest.raises(OSError, match="đứt"):
        keep(Broken(PDF), paper, folder=tmp_path)

    assert list(place_of(paper.sha256, folder=tmp_path).parent.iterdir()) == []


def test_only_a_digest_names_a_place(tmp_path: Path):
    with pytest.raises(ValueError, match="SHA-256"):
        place_of("../" * 21 + "a", folder=tmp_path)
