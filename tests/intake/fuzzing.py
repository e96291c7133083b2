"""Files by chance: what hypothesis makes and breaks for each reader, and what must hold of every answer.

`python -m tests.intake.fuzzing docx --minutes 10` tries one reader for that long and names what crashed it.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import faulthandler
import io
import random
import time
import unicodedata
import zipfile
from collections.abc import Callable
from datetime import date

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from tests.intake.making import (
    EDXML_HEAD,
    docx,
    edxml,
    item,
    lines,
    package,
    paragraph,
    part,
    pdf,
    pdf_of,
    table,
)
from tracker.intake.checks import SHEETS, check_file
from tracker.intake.directive import read_directive
from tracker.intake.edxml import read_envelope
from tracker.intake.paper import read_paper
from tracker.intake.papers import UnreadablePaper
from tracker.intake.plain import PlainPaper
from tracker.intake.sheet.reading import read_sheet
from tracker.rules.deadlines import WorkingCalendar

LONGEST_TRY = 60
"""Seconds after which one try counts as hanging: the whole run ends with a trace."""

_LISTS = part("numbering", "".join(
    f'<w:lvl w:ilvl="{place}"><w:numFmt w:val="{form}"/><w:lvlText w:val="{text}"/></w:lvl>'
    for place, (form, text) in enumerate([("decimal", "%1."), ("lowerLetter", "%2)"), ("bullet", "-")])
).join(('<w:abstractNum w:abstractNumId="0">', '</w:abstractNum><w:num w:numId="1"><w:abstractNumId '
        'w:val="0"/></w:num>')))  # fmt: skip
_BODY = (
    paragraph("Kính gửi: Phòng Nội vụ") + item("Giao Phòng Nội vụ") + item("rà soát", level=1)
    + table(["TT", "Nội dung"], ["1", table(["a"])]) + "<w:p><w:r><w:footnoteReference w:id='1'/></w:r></w:p>"
)  # fmt: skip
_NOTES = part("footnotes", '<w:footnote w:id="1">' + paragraph("chú thích") + "</w:footnote>")
WORD_PARTS = {"numbering": _LISTS, "footnotes": _NOTES}
WORD = docx(_BODY, WORD_PARTS)
PAGES = pdf(
    [
        [(85, 780, 13, "ỦY BAN NHÂN DÂN"), (300, 780, 13, "CỘNG HÒA XÃ HỘI"),
         *lines("Kính gửi: Phòng Nội vụ", "1. Giao Phòng Nội vụ rà soát", top=700)],
        [(290, 810, 13, "2"), (90, 480, 12, "TT"), (130, 480, 12, "Nội dung"), *lines("Hết.", top=300)],
    ],
    {1: [(85, 500, 400, 500), (85, 460, 400, 460), (85, 500, 85, 460), (125, 500, 125, 460),
         (400, 500, 400, 460)]},
)  # fmt: skip
PAGE = (
    "<!DOCTYPE html><html><head><meta charset=utf-8></head><body><p>Kính gửi</p><ol start=2><li>a<ul><li>b"
    "</ul></ol><table><tr><td rowspan=2>1<td colspan=3>2<tr><td>3</table><pre> a\nb</pre>&nbsp;&#8363;"
)

SHEET = (
    "STT;Nội dung nhiệm vụ;Đơn vị chủ trì;Thời hạn\n1;Rà soát;Phòng Nội vụ;20/6/2026\n2;Họp;VP;01/01/1970\n"
)

NUMBERS = ["0", "1", "-1", "9", "65536", "99999999999999999999", "1e9", "٣", "a", ""]
TAGS = [
    "p", "div", "table", "tr", "td", "th", "ol", "ul", "li", "br", "pre", "span", "b", "del", "script",
    "tbody", "caption", "svg", "template", "body", "html", "head", "select", "frameset", "!--", "?xml",
    "![CDATA[",
]  # fmt: skip
ATTRIBUTES = [
    "", " rowspan={}", " colspan={}", " start={}", " value={}", " type=i", " hidden", " style='display:none'",
]  # fmt: skip
WORD_TAGS = [
    "p", "r", "t", "tbl", "tr", "tc", "tcPr", "trPr", "pPr", "rPr", "sdt", "sdtContent", "ins", "del", "br",
    "tab", "drawing", "txbxContent", "hyperlink", "footnoteReference", "numPr", "lastRenderedPageBreak",
]  # fmt: skip
WORD_LEAVES = [
    "ilvl", "numId", "gridSpan", "vMerge", "gridBefore", "pStyle", "vanish", "pageBreakBefore", "start",
    "numFmt", "lvlText", "isLgl", "lvlRestart", "basedOn", "sym", "rFonts",
]  # fmt: skip
PIECES = [
    "Giao ", "Phòng Nội vụ", "UBND các xã, thị trấn", " chủ trì", ", phối hợp với ", "Sở: A, B và C", "1. ",
    "a) ", "- ", "II. ", "trước ngày ", "25/6/2026", "20.7.2020", "31/02/2026", "16/7/20 21", "hằng tháng",
    "quý III/2020", "Căn cứ ", "Nghị định số 30/2020/NĐ-CP", "Số: /BC-UBND", "Kính gửi: ", "Nơi nhận:", "; ",
    ".", "/.", ":", "\n", "\n\n", "\t", "\x0c", "\xa0", "\u0301", "“", "”", "(", ")", "TM. ỦY BAN NHÂN DÂN",
    "CHỦ TỊCH", "STT", "Nội dung", "Cơ quan chủ trì", "Thời gian", "kể từ ngày ký", "trong 05 ngày làm việc",
    "yêu cầu", "X" * 300,
]  # fmt: skip


def _broken(content: bytes) -> st.SearchStrategy[bytes]:
    """Make copies of a file with some of its bytes changed, left out, doubled or put elsewhere."""
    places = st.integers(0, len(content))
    ways = st.sampled_from(["set", "cut", "double", "move"])
    change = st.tuples(places, places, ways, st.binary(max_size=8))

    def apply(changes: list[tuple[int, int, str, bytes]]) -> bytes:
        held = content
        for first, second, what, put in changes:
            low, high = sorted((first, second))
            high = min(high, low + 200)
            if what == "set":
                held = held[:low] + put + held[low + len(put) :]
            elif what == "cut":
                held = held[:low] + held[high:]
            elif what == "double":
                held = held[:high] + held[low:high] * 3 + held[high:]
            else:
                held = held[:low] + held[high:] + held[low:high]
        return held

    return st.lists(change, min_size=1, max_size=8).map(apply)


def _elements(tags: list[str], leaves: list[str]) -> st.SearchStrategy[str]:
    """Make XML of a Word file that is well-formed and otherwise of any shape."""
    leaf = st.one_of(
        st.builds(lambda name, value: f'<w:{name} w:val="{value}" w:id="1"/>', st.sampled_from(leaves),
                  st.sampled_from(NUMBERS)),
        st.builds(lambda text: f"<w:t>{text}</w:t>", st.sampled_from(["a", "Số: 1", "", "\t", "đ\u0301"])),
    )  # fmt: skip
    return st.recursive(
        leaf,
        lambda inside: st.tuples(st.sampled_from(tags), st.lists(inside, max_size=4)).map(
            lambda made: f"<w:{made[0]}>{''.join(made[1])}</w:{made[0]}>"
        ),
        max_leaves=25,
    )  # fmt: skip


def _in_word(document: str, other: str) -> bytes:
    changed = {"styles": part("styles", other), "numbering": part("numbering", other)}
    return docx(_BODY + document, WORD_PARTS | changed)


def _book() -> dict[str, bytes]:
    """Return the parts of a small Excel file."""
    book = Workbook()
    page = book.active
    for row in csv.reader(io.StringIO(SHEET), delimiter=";"):
        page.append(row)
    page.append([date(2026, 6, 20), 1.5, "=A1+1", True])
    page.merge_cells("A2:B3")
    written = io.BytesIO()
    book.save(written)
    with zipfile.ZipFile(written) as held:
        return {each: held.read(each) for each in held.namelist()}


def _sheets() -> st.SearchStrategy[bytes]:
    """Make Excel files that are broken as a whole, or one part of which is broken inside a sound zip."""
    parts = _book()
    names = ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/styles.xml"]
    broken = st.sampled_from(names).flatmap(lambda name: st.tuples(st.just(name), _broken(parts[name])))
    return st.one_of(_broken(package(parts)), broken.map(lambda made: package(parts | {made[0]: made[1]})))


def _rezipped(name: str) -> st.SearchStrategy[bytes]:
    """Make Word files one part of which is broken inside a sound zip."""
    with zipfile.ZipFile(io.BytesIO(WORD)) as held:
        parts = {each: held.read(each) for each in held.namelist()}
    return _broken(parts[name]).map(lambda broken: package(parts | {name: broken}))


def _page(pieces: list[tuple[str, str, str, bool]]) -> bytes:
    told = ""
    for tag, attribute, number, ends in pieces:
        told += f"</{tag}>" if ends else f"<{tag}{attribute.format(number)}>{number}"
    return told.encode()


_objects = st.lists(
    st.sampled_from([
        b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R 4 0 R]/Count 2>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 5 0 R/Resources<</Font<</F1 6 0 R>>>>>>",
        b"<</Length 40>>stream\nBT /F1 12 Tf 80 700 Td (Kinh gui cac) Tj ET\nendstream",
        b"<</Length 60>>stream\n0 0 m 9e9 0 l S 10 10 300 300 re S q Q /X1 Do BT ET\nendstream",
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>", b"[1 0 R 2 0 R]", b"null", b"(a)", b"<<>>",
        b"9 0 R",
    ]), min_size=2, max_size=8,
)  # fmt: skip

MAKES: dict[str, st.SearchStrategy[bytes]] = {
    "txt": st.one_of(
        st.binary(max_size=300), st.text(max_size=200).map(lambda t: t.encode("utf-8", "surrogatepass")),
        st.text(max_size=200).map(lambda t: t.encode("utf-16", "surrogatepass")),
        st.lists(st.sampled_from(PIECES)).map(lambda pieces: "".join(pieces).encode("utf-8")),
        st.text(st.characters(max_codepoint=255)).map(lambda t: t.encode("latin-1")),
    ),
    "html": st.one_of(
        _broken(PAGE.encode()), st.binary(max_size=200),
        st.lists(st.tuples(st.sampled_from(TAGS), st.sampled_from(ATTRIBUTES), st.sampled_from(NUMBERS),
                           st.booleans()), max_size=60).map(_page),
    ),
    "docx": st.one_of(
        _broken(WORD), _rezipped("word/document.xml"), _rezipped("word/numbering.xml"),
        st.builds(_in_word, _elements(WORD_TAGS, WORD_LEAVES),
                  _elements(["abstractNum", "num", "lvl", "style", "lvlOverride", "pPr", "numPr"],
                            WORD_LEAVES)),
    ),
    "pdf": st.one_of(
        _broken(PAGES), _objects.map(pdf_of), st.binary(max_size=300).map(lambda rest: b"%PDF-1.7\n" + rest)
    ),
    "edxml": st.one_of(
        _broken(edxml(EDXML_HEAD, {"a.docx": WORD, "b.pdf": package({"b.pdf": b"%PDF-"})})),
        st.binary(max_size=200),
        st.builds(lambda head, name: edxml(head, {name: b"a"}),
                  st.sampled_from([EDXML_HEAD, "", "<edXML:To/>"]),
                  st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="<>&"),
                          max_size=20)),
    ),
    "csv": st.one_of(
        _broken(SHEET.encode()), st.binary(max_size=300),
        st.lists(st.sampled_from([*PIECES, ";", "\t", '"', "=1+1", "\n"]), max_size=60).map(
            lambda pieces: (SHEET + "".join(pieces)).encode()
        ),
    ),
    "xlsx": _sheets(),
    "directive": st.lists(st.sampled_from(PIECES), max_size=60).map(lambda pieces: "".join(pieces).encode()),
}  # fmt: skip
"""What is made for each reader."""


def _paper(extension: str) -> Callable[[bytes], None]:
    def check(content: bytes) -> None:
        paper = read_paper(f"a.{extension}", content)
        assert paper.text == unicodedata.normalize("NFC", paper.text)
        assert not set("\x00\r") & set(paper.text)
        assert all(0 <= cell.start <= cell.end <= len(paper.text) for cell in paper.cells)
        assert all(cell.rows > 0 and cell.columns > 0 for cell in paper.cells)
        assert list(paper.starts_of_pages) == sorted(set(paper.starts_of_pages))
        assert all(0 < start <= len(paper.text) for start in paper.starts_of_pages)

    return check


def _directive(content: bytes) -> None:
    text = unicodedata.normalize("NFC", content.decode())
    proposal = read_directive(PlainPaper(text), calendar=WorkingCalendar(), today=date(2026, 11, 21))
    assert all(each.text == text[each.start : each.end] for each in proposal.tasks)
    assert all(0 <= each.start < each.end <= len(text) for each in proposal.citations)
    proposal.to_data()


def _csv(content: bytes) -> None:
    sheet = read_sheet(check_file("a.csv", content, SHEETS), content)
    assert all(len(cells) == len(sheet.heads) for _number, cells in sheet.rows)


def _xlsx(content: bytes) -> None:
    """The library of Excel files raises what it likes: the process around it says what is damaged."""
    check_file("a.xlsx", content, SHEETS)
    with contextlib.suppress(Exception):
        read_sheet(".xlsx", content)


def _envelope(content: bytes) -> None:
    for each in read_envelope(content).papers:
        assert each.filename and not set("/\\\x00") & set(each.filename)


READS: dict[str, Callable[[bytes], None]] = {
    "txt": _paper("txt"), "html": _paper("html"), "docx": _paper("docx"), "pdf": _paper("pdf"),
    "edxml": _envelope, "directive": _directive, "csv": _csv, "xlsx": _xlsx,
}  # fmt: skip
"""Reads a file and checks what must hold of every answer."""


def try_reader(kind: str, *, examples: int, start: int | None = None) -> None:
    """Read that many files made by chance; anything raised but `UnreadablePaper` comes out."""

    @settings(
        max_examples=examples, deadline=None, database=None, print_blob=False,
        phases=(Phase.generate, Phase.shrink), suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(MAKES[kind])
    def read(content: bytes) -> None:
        try:
            READS[kind](content)
        except UnreadablePaper as refusal:
            assert str(refusal)

    (seed(start)(read) if start is not None else read)()


def main() -> None:
    """Try one reader for some minutes."""
    asked = argparse.ArgumentParser(description=main.__doc__)
    asked.add_argument("kind", choices=sorted(MAKES))
    asked.add_argument("--minutes", type=float, default=10)
    words = asked.parse_args()
    end, rounds = time.monotonic() + 60 * words.minutes, 0
    while time.monotonic() < end:
        faulthandler.dump_traceback_later(LONGEST_TRY * 5, exit=True)
        try_reader(words.kind, examples=500, start=random.getrandbits(64))
        rounds += 1
    faulthandler.cancel_dump_traceback_later()
    print(f"{words.kind}: {500 * rounds} files in {words.minutes:g} minutes, none crashed the reader")


if __name__ == "__main__":
    main()
