"""The office's own Word form of B.4: a .docx with merge fields, checked before use and filled with a table.

A form holds merge fields (“trộn thư” of Word) and nothing that computes: no conditions, no formats beyond
upper and lower case, no macros, nothing from outside the file. So a form is data and cannot run anything.
The table row that holds `dong_ten` is repeated for each row of the table.
"""

from __future__ import annotations

import io
import os
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from datetime import date
from difflib import get_close_matches
from typing import IO, Any

from lxml import etree
from mailmerge import MailMerge

from tracker.files import b4
from tracker.files.b4 import Frozen
from tracker.files.b4_words import HEADS, frozen_words, name_words, scope_words, signed_words
from tracker.files.overdue_words import day_words, number_words, rate_words
from tracker.files.paper import Column, Paper
from tracker.files.paper_indent import set_in_whole
from tracker.files.papers import UnfitPaper, check_paper, clean_name
from tracker.language import gettext as _
from tracker.rules.b4_table import B4Table, Change, Compared
from tracker.rules.papers import Issuer, IssuingBody, issuing_body, notation_of, place_of, signing_lines
from tracker.rules.text import nfc
from tracker.rules.words import N_

LARGEST = 2 * 1024 * 1024
"""Bytes of a form."""
LARGEST_UNPACKED = 16 * 1024 * 1024
"""Bytes of all its parts together."""
MOST_PARTS, MOST_FIELDS = 500, 300
_COMPOUND = bytes.fromhex("D0CF11E0A1B11AE1")
"""How a file of Word 97–2003 begins, and any that a password locks."""

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_ROW = "dong_ten"
_PLACES = range(1, len(b4.COLUMNS) + 1)
FIELDS: Mapping[str, str] = {
    "co_quan_tren": N_("Dòng trên của tên cơ quan ban hành"),
    "co_quan": N_("Dòng dưới của tên cơ quan ban hành"),
    "ky_hieu": N_("Ký hiệu sau số văn bản, ví dụ BC-UBND"),
    "dia_danh": N_("Địa danh"),
    "ngay": N_("Ngày lập, ví dụ 05"),
    "thang": N_("Tháng lập"),
    "nam": N_("Năm lập"),
    "tieu_de": N_("Tiêu đề của biểu"),
    "don_vi_giao": N_("Tên đơn vị giao nhiệm vụ"),
    "tu_ngay": N_("Ngày đầu kỳ"),
    "den_ngay": N_("Ngày cuối kỳ"),
    "ngay_chot": N_("Ngày chốt số liệu"),
    "cot_ten": N_("Tên của cột đầu: Đơn vị, Lĩnh vực, Văn bản chỉ đạo …"),
    "dong_stt": N_("Số thứ tự của một dòng"),
    "dong_ten": N_("Tên của một dòng; dòng có trường này được lặp lại"),
    **{f"dong_c{place}": N_("Số của một dòng ở cột %(place)s") for place in _PLACES},
    "dong_tat_ca": N_("Tất cả của một dòng"),
    "ngay_so_sanh": N_("Ngày chốt trước mà số liệu được so với; trống khi không so"),
    **{f"dong_tang_giam_{place}": N_("Số tăng, giảm của một dòng ở cột %(place)s") for place in _PLACES},
    "dong_tang_giam_tat_ca": N_("Số tăng, giảm của tất cả của một dòng"),
    **{f"cong_tang_giam_{place}": N_("Số tăng, giảm của tổng cộng ở cột %(place)s") for place in _PLACES},
    "cong_tang_giam_tat_ca": N_("Số tăng, giảm của tổng cộng của tất cả"),
    **{f"tong_c{place}": N_("Tổng cộng ở cột %(place)s") for place in _PLACES},
    "tong_tat_ca": N_("Tổng cộng của tất cả"),
    "ty_le_1": N_("Tỷ lệ hoàn thành trên tổng số đã hoàn thành và quá hạn chưa hoàn thành"),
    "ty_le_2": N_("Tỷ lệ hoàn thành trên tổng số được giao"),
    "ty_le_3": N_("Tỷ lệ hoàn thành trên số đã đến hạn"),
    "khong_thoi_han": N_("Số nhiệm vụ không thời hạn"),
    "pham_vi": N_("Ghi chú khi gộp đơn vị trực thuộc, khi chỉ là một phần của biểu, khi biểu được so với "
                  "ngày trước mà mẫu không có trường tăng, giảm; trống khi không"),
    "chot_so_lieu": N_("Dòng chốt số liệu và mã kiểm tra; trống khi chưa chốt"),
    "quyen_han": N_("Quyền hạn người ký, ví dụ TM. ỦY BAN NHÂN DÂN"),
    "chuc_vu": N_("Chức vụ người ký"),
}
"""The fields of a form by name, and what each brings; “%(place)s” is the column of the number at its end."""
_NUMBERS = ("dong_c", "dong_tat_ca", "tong_")
EXPECTED = tuple(
    name for name in FIELDS if name in ("tieu_de", "ngay_chot", "pham_vi") or name.startswith(_NUMBERS)
)
"""What a B.4 is not whole without: a form may lack them, but who brings it is told."""
_CHANGES = frozenset(name for name in FIELDS if "_tang_giam_" in name)
OF_ROW = frozenset(name for name in FIELDS if name.startswith("dong_"))

_TYPED = re.compile(r"«[ \u00a0]*(\w+)[ \u00a0]*»")
_MERGE = re.compile(
    r'\s*MERGEFIELD\s+"?([^\s"\\]+)"?\s*(?:\\\*\s*(?:MERGEFORMAT|CHARFORMAT|Upper|Lower|Caps|FirstCap)\s*)*',
    re.IGNORECASE,
)
_HARMLESS = frozenset({"PAGE", "NUMPAGES", "SECTIONPAGES", "HYPERLINK", "REF", "PAGEREF", "TOC"})
_BROKEN = (
    zipfile.BadZipFile, zlib.error, EOFError, etree.XMLSyntaxError, KeyError, ValueError, IndexError,
    AssertionError, AttributeError, TypeError, NotImplementedError, RuntimeError, OSError,
)  # fmt: skip
"""What reading a package that is none, or is damaged, may raise."""


class UnfitTemplate(UnfitPaper):
    """The file cannot serve as a form of B.4."""


def check_template(filename: str, stream: IO[bytes]) -> bytes:
    """Return the bytes of a form that may be used; raise `UnfitPaper` with the reason otherwise."""
    name = clean_name(filename)
    if not name.lower().endswith((".docx", ".docm")):
        raise UnfitTemplate(
            N_("“%(name)s” không phải tệp Word (.docx). Mở tệp bằng Word, chọn Lưu thành, loại .docx."),
            name=name,
        )
    if stream.seek(0, os.SEEK_END) > LARGEST:
        raise UnfitTemplate(N_("Mẫu lớn hơn %(most)s MB. Bớt hình ảnh trong mẫu."), most=LARGEST // 2**20)
    stream.seek(0)
    if stream.read(len(_COMPOUND)) == _COMPOUND:
        raise UnfitTemplate(
            N_("“%(name)s” là tệp Word kiểu cũ hoặc có đặt mật khẩu. Bỏ mật khẩu, lưu lại thành .docx."),
            name=name,
        )
    check_paper(filename, stream)
    stream.seek(0)
    content = stream.read()
    try:
        placed = _placed_fields(content)
    except _BROKEN as error:
        raise UnfitTemplate(N_("Không đọc được tệp. Mở tệp bằng Word và lưu lại.")) from error
    fields = set(placed)
    unknown = sorted(fields - set(FIELDS))
    if unknown:
        raise UnfitTemplate(
            N_("Mẫu có trường không biết: %(names)s."), names="; ".join(map(_with_nearest, unknown))
        )
    if _ROW not in fields:
        raise UnfitTemplate(N_("Mẫu chưa có dòng lặp lại của bảng: thiếu trường dong_ten trong dòng đó."))
    _refuse_strays(placed)
    return content


def _refuse_strays(placed: Mapping[str, set[str]]) -> None:
    """Refuse fields of a row outside the one row of a table that is repeated: they would never be filled."""
    rows = placed[_ROW]
    if "" in rows:
        raise UnfitTemplate(N_("Trường dong_ten phải nằm trong một dòng của bảng: dòng đó được lặp lại."))
    if len(rows) > 1:
        raise UnfitTemplate(N_("Mẫu có nhiều dòng có trường dong_ten. Chỉ để một dòng của một bảng."))
    strays = [name for name in FIELDS if name in OF_ROW and placed.get(name, rows) != rows]
    if strays:
        raise UnfitTemplate(
            N_("Các trường của một dòng phải nằm cùng dòng với dong_ten trong bảng: %(names)s."),
            names=", ".join(strays),
        )


def missing_in(content: bytes) -> list[str]:
    """Return which of `EXPECTED` a form that was checked does not have, in their order."""
    fields = _placed_fields(content)
    return [name for name in EXPECTED if name not in fields]


def _placed_fields(content: bytes) -> dict[str, set[str]]:
    """Return the names of the merge fields of a form, each with the table rows it stands in, "" for none.

    Raises `UnfitTemplate` for what no form may hold.
    """
    found: list[tuple[str, str]] = []
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        members = package.infolist()
        unpacked = sum(member.file_size for member in members)
        if len(members) > MOST_PARTS or unpacked > LARGEST_UNPACKED:
            raise UnfitTemplate(N_("Mẫu quá lớn khi mở ra. Bớt hình ảnh và nội dung trong mẫu."))
        if (damaged := package.testzip()) is not None:
            raise zipfile.BadZipFile(damaged)
        for member in members:
            if not member.filename.endswith((".xml", ".rels")):
                continue
            part = package.read(member)
            if b"<!DOCTYPE" in part or b"<!ENTITY" in part:
                raise UnfitTemplate(N_("Mẫu có khai báo lạ trong XML nên không được nhận."))
            root = etree.fromstring(part, etree.XMLParser(resolve_entities=False, no_network=True))
            _refuse_outside(root)
            _refuse_typed(root)
            found += ((name, row and f"{member.filename}{row}") for name, row in _fields_in(root))
    if len(found) > MOST_FIELDS:
        raise UnfitTemplate(N_("Mẫu có hơn %(most)s trường."), most=MOST_FIELDS)
    placed: dict[str, set[str]] = {}
    for name, row in found:
        placed.setdefault(name, set()).add(row)
    return placed


def _refuse_outside(root: Any) -> None:
    for relation in root.iter("{*}Relationship"):
        sort = relation.get("Type", "").rsplit("/", 1)[-1]
        outside = relation.get("TargetMode", "").lower() == "external" and sort != "hyperlink"
        if outside or sort in ("oleObject", "package", "aFChunk", "subDocument", "attachedTemplate"):
            raise UnfitTemplate(N_("Mẫu nối ra ngoài hoặc nhúng tệp khác (%(sort)s). Bỏ phần đó."), sort=sort)


def _refuse_typed(root: Any) -> None:
    """Refuse what looks like a field and is mere letters: it would be printed as it is on a signed paper."""
    said, depth = [], 0
    for element in root.iter(f"{_W}p", f"{_W}fldChar", f"{_W}t"):
        if element.tag == f"{_W}fldChar":
            depth += {"begin": 1, "end": -1}.get(element.get(f"{_W}fldCharType"), 0)
        elif element.tag == f"{_W}p":
            said.append("\n")
        elif depth == 0 and next(element.iterancestors(f"{_W}fldSimple"), None) is None:
            said.append(element.text or "")
    found = dict.fromkeys(nfc(name) for name in _TYPED.findall("".join(said)))
    typed = [name for name in found if name in FIELDS or "_" in name]
    if typed:
        raise UnfitTemplate(
            N_("Chữ gõ tay không phải là trường: %(names)s. Sao chép trường từ mẫu có sẵn vào chỗ đó."),
            names="; ".join(f"«{name}»" for name in typed)[:200],
        )


def _fields_in(root: Any) -> Iterator[tuple[str, str]]:
    """Yield the names of the merge fields of a part, each with the place of its table row, "" for none; what
    computes or reads files is refused."""
    for instruction, element in _instructions(root):
        if merge := _MERGE.fullmatch(instruction):
            row = next(element.iterancestors(f"{_W}tr"), None)
            yield nfc(merge[1]), "" if row is None else root.getroottree().getpath(row)
        elif (words := instruction.split()) and words[0].upper() not in _HARMLESS:
            raise UnfitTemplate(
                N_("Mẫu có trường “%(field)s” không được nhận. Chỉ dùng MERGEFIELD và số trang."),
                field=instruction.strip()[:80],
            )


def _instructions(root: Any) -> Iterator[tuple[str, Any]]:
    """Yield what each field says, and an element of it."""
    yield from ((simple.get(f"{_W}instr", ""), simple) for simple in root.iter(f"{_W}fldSimple"))
    told: list[str] = []
    depth = 0
    for element in root.iter(f"{_W}fldChar", f"{_W}instrText"):
        if element.tag == f"{_W}instrText":
            told.append(element.text or "")
            continue
        sort = element.get(f"{_W}fldCharType")
        depth += {"begin": 1, "end": -1}.get(sort, 0)
        if depth > 1:
            raise UnfitTemplate(N_("Mẫu có trường lồng trong trường khác. Tách các trường ra."))
        if sort in ("separate", "end") and told:
            yield "".join(told), element
            told = []
    if told:
        yield "".join(told), element


def _with_nearest(name: str) -> str:
    near = get_close_matches(name, FIELDS, n=1, cutoff=0.4)
    return f"{name} (có phải {near[0]}?)" if near else name


def fill_template(
    template: bytes, table: B4Table, issuer: Issuer, *, made_on: date, both: Compared | None = None,
    frozen: Frozen | None = None,
) -> bytes:  # fmt: skip
    """Return a checked form filled with a table; the same calls give the same bytes.

    Rows that only the earlier table of `both` has are among those of a form that tells differences.
    """
    filled = io.BytesIO()
    with MailMerge(io.BytesIO(template)) as merge:
        tells = both if _CHANGES & merge.get_merge_fields() else None
        untold = both is not None and tells is None
        merge.merge(**_values_of(table, issuer, made_on, both, frozen, untold=untold))
        merge.merge_rows(_ROW, _rows_of(table, tells) or [dict.fromkeys(OF_ROW, "")])
        merge.write(filled)
    again = io.BytesIO()
    with zipfile.ZipFile(filled) as parts, zipfile.ZipFile(again, "w", zipfile.ZIP_DEFLATED) as packed:
        for part in parts.infolist():
            info = zipfile.ZipInfo(part.filename, (1980, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            held = parts.read(part)
            packed.writestr(info, set_in_whole(held) if part.filename == "word/document.xml" else held)
    return again.getvalue()


_NOT_IN_XML = re.compile(r"[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _clean(values: Mapping[str, str]) -> dict[str, str]:
    return {name: _NOT_IN_XML.sub("", nfc(value)) for name, value in values.items()}


def _rows_of(table: B4Table, both: Compared | None) -> list[dict[str, str]]:
    rows = []
    for number, row in enumerate(both.rows if both else table.rows, start=1):
        numbers = {f"dong_c{place}": number_words(each) for place, each in enumerate(row.cells, start=1)}
        name = name_words(row)
        changes = _changes_of("dong_tang_giam", both.changes.rows[row.key] if both else None)
        rows.append(_clean({"dong_stt": str(number), "dong_ten": name, "dong_tat_ca": number_words(row.all)}
                           | numbers | changes))  # fmt: skip
    return rows


def _changes_of(field: str, change: Change | None) -> dict[str, str]:
    """Return the differences of a row by the names of their fields, empty texts where none are asked for."""
    names = [*(f"{field}_{place}" for place in _PLACES), f"{field}_tat_ca"]
    if change is None:
        return dict.fromkeys(names, "")
    return dict(zip(names, map(signed_words, (*change.cells, change.all)), strict=True))


def _values_of(
    table: B4Table, who: Issuer, made_on: date, both: Compared | None, frozen: Frozen | None, *, untold: bool
) -> dict[str, str]:
    """Return what each field outside the rows brings; `untold`: the form has no place for the differences."""
    scope = scope_words(table)
    if untold and both is not None:
        scope.append(_("Mẫu này không có chỗ ghi chênh lệch so với số liệu chốt hết ngày %(day)s; "
                       "xem tệp Excel của biểu.", day=day_words(both.then.on)))  # fmt: skip
    body = issuing_body(who.name, who.above)
    lines = [*([body.superior] if body.superior else []), *body.lines]
    signing = signing_lines(who.name, who.title_of_head)
    total = table.total
    month = f"{made_on.month:02d}" if made_on.month < 3 else str(made_on.month)
    return _clean({
        "co_quan_tren": lines[0] if len(lines) > 1 else "", "co_quan": lines[-1],
        "ky_hieu": notation_of(who.name, "BC"),
        "dia_danh": place_of([who.name, *who.above]),
        "ngay": f"{made_on:%d}", "thang": month, "nam": str(made_on.year), "tieu_de": table.title,
        "don_vi_giao": table.assigner_name, "tu_ngay": day_words(table.first),
        "den_ngay": day_words(table.last), "ngay_chot": day_words(table.on),
        "cot_ten": HEADS[table.grouping], "tong_tat_ca": number_words(total.all),
        **{f"tong_c{place}": number_words(each) for place, each in enumerate(total.cells, start=1)},
        **{f"ty_le_{place}": rate_words(each.ratio) for place, each in enumerate(table.rates, start=1)},
        "ngay_so_sanh": day_words(both.then.on) if both else "",
        **_changes_of("cong_tang_giam", both.changes.total if both else None),
        "khong_thoi_han": number_words(table.without_deadline),
        "pham_vi": " ".join(scope),
        "chot_so_lieu": frozen_words(frozen) if frozen else "",
        "quyen_han": signing[0] if len(signing) > 1 else "", "chuc_vu": signing[-1],
    })  # fmt: skip


def default_template(made_on: date) -> bytes:
    """Return the form to start from: the paper of this product with its fields in place."""
    paper = Paper("B.4", made_on=made_on)
    paper.head(
        IssuingBody("«co_quan_tren»", ("«co_quan»",)), notation="«ky_hieu»", place="«dia_danh»", on=made_on,
    )  # fmt: skip
    paper.paragraph("«tieu_de»", bold=True, align="center")
    paper.paragraph(
        "Từ ngày «tu_ngay» đến ngày «den_ngay»; số liệu chốt hết ngày «ngay_chot».", italic=True,
        align="center",
    )  # fmt: skip
    columns = [
        Column("«cot_ten»", 40), *(Column(head, 16, "right", group) for group, head in b4.COLUMNS),
        Column(b4.ALL, 14, "right"),
    ]  # fmt: skip
    row = ["«dong_ten»", *(f"«dong_c{place}»" for place in _PLACES), "«dong_tat_ca»"]
    total = [b4.TOTAL, *(f"«tong_c{place}»" for place in _PLACES), "«tong_tat_ca»"]
    paper.table(columns, [row], total=total, size=11)
    paper.note("Trong đó có «khong_thoi_han» nhiệm vụ không thời hạn. «pham_vi»")
    for name in ("ty_le_1", "ty_le_2", "ty_le_3"):
        paper.paragraph(f"- {FIELDS[name]}: «{name}».")
    paper.note("«chot_so_lieu»")
    copies = ["Các đơn vị được giao nhiệm vụ", "Lưu: VT"]
    paper.sign(["«quyen_han»", "«chuc_vu»"], recipients=copies, last_rows=1)
    return _with_fields(paper.as_bytes())


def _with_fields(content: bytes) -> bytes:
    """Return a paper whose texts «name» became merge fields, and whose printed day became fields too."""
    again = io.BytesIO()
    parts = zipfile.ZipFile(io.BytesIO(content))
    with parts, zipfile.ZipFile(again, "w", zipfile.ZIP_DEFLATED) as out:
        for part in parts.infolist():
            held = parts.read(part)
            if part.filename == "word/document.xml":
                root = etree.fromstring(held, etree.XMLParser(resolve_entities=False))
                for run in list(root.iter(f"{_W}r")):
                    _split_run(run)
                held = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
            out.writestr(part, held)
    return again.getvalue()


def _split_run(run: Any) -> None:
    text = "".join(each.text or "" for each in run.iter(f"{_W}t"))
    text = re.sub(r"tháng \d+ năm \d+$", "tháng «thang» năm «nam»", text)
    if "«" not in text:
        return
    shape = run.find(f"{_W}rPr")
    for piece in filter(None, re.split(r"(«\w+»)", text)):
        for child in _field(piece[1:-1]) if piece.startswith("«") else [_text("t", piece)]:
            new = etree.Element(f"{_W}r")
            if shape is not None:
                new.append(etree.fromstring(etree.tostring(shape)))
            new.append(child)
            run.addprevious(new)
    run.getparent().remove(run)


def _text(tag: str, text: str) -> Any:
    element = etree.Element(f"{_W}{tag}")
    element.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    element.text = text
    return element


def _field(name: str) -> list[Any]:
    def mark(sort: str) -> Any:
        element = etree.Element(f"{_W}fldChar")
        element.set(f"{_W}fldCharType", sort)
        return element

    instruction = _text("instrText", f" MERGEFIELD {name} ")
    return [mark("begin"), instruction, mark("separate"), _text("t", f"«{name}»"), mark("end")]
