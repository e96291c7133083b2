"""Small Word, PDF and edXML files for the tests, made from what a test says and nothing else."""

from __future__ import annotations

import base64
import io
import zipfile
import zlib
from collections.abc import Iterable, Mapping, Sequence

W_NS = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_TYPES = (
    '<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/'
    'content-types"><Default Extension="xml" ContentType="application/xml"/><Override '
    'PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.'
    'wordprocessingml.document.main+xml"/></Types>'
)
_NAMES = (
    f'xmlns:w="{W_NS}" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"'
)


def part(name: str, inside: str) -> str:
    """Return a part of a Word file: the element `w:name` around XML that uses the prefix `w:`."""
    return f'<?xml version="1.0" encoding="UTF-8"?><w:{name} {_NAMES}>{inside}</w:{name}>'


def paragraph(*texts: str, shape: str = "") -> str:
    """Return a paragraph of runs; `shape` is the inside of its properties."""
    runs = "".join(f'<w:r><w:t xml:space="preserve">{text}</w:t></w:r>' for text in texts)
    return f"<w:p><w:pPr>{shape}</w:pPr>{runs}</w:p>"


def item(text: str, number: int = 1, level: int = 0) -> str:
    """Return a paragraph of an automatic list."""
    numbering = f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>'
    return paragraph(text, shape=numbering)


def table(*rows: Sequence[str]) -> str:
    """Return a table; a cell is its inside, text alone becomes a paragraph."""
    cells = "".join(
        f"<w:tr>{''.join(f'<w:tc>{_inside(each)}</w:tc>' for each in row)}</w:tr>"
        for row in rows
    )
    return f"<w:tbl>{cells}</w:tbl>"


def _inside(cell: str) -> str:
    return cell if "<" in cell else paragraph(cell)


def docx(
    body: str, parts: Mapping[str, str] | None = None, *, entries: Mapping[str, bytes] | None = None
) -> bytes:  # fmt: skip
    """Return a Word file; `parts` are further parts of `word/` by name, `entries` whatever else it holds."""
    document = part("document", f"<w:body>{body}</w:body>")
    held: dict[str, bytes] = {"[Content_Types].xml": _TYPES.encode(), "word/document.xml": document.encode()}
    held |= {f"word/{name}.xml": text.encode() for name, text in (parts or {}).items()}
    return package(held | dict(entries or {}))


def package(entries: Mapping[str, bytes]) -> bytes:
    """Return a zip with these entries; its times are always the same."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as held:
        for name, content in entries.items():
            info = zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            held.writestr(info, content)
    return written.getvalue()


Placed = tuple[float, float, float, str]
"""Words of a PDF page: left and base in points, size, text."""


def pdf(
    pages: Sequence[Iterable[Placed]], rules: Mapping[int, Iterable[tuple[float, ...]]] | None = None
) -> bytes:  # fmt: skip
    """Return a PDF whose letters are all half as wide as high; `rules` are lines (x0, y0, x1, y1) by page."""
    letters = sorted({letter for page in pages for *_place, text in page for letter in text} | {" "})
    code = {letter: number + 1 for number, letter in enumerate(letters)}
    told = "\n".join(f"<{code[each]:04x}> <{each.encode('utf-16-be').hex()}>" for each in letters)
    cmap = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /A def /CMapType 2 def "
        "1 begincodespacerange <0000> <ffff> endcodespacerange "
        f"{len(letters)} beginbfchar\n{told}\nendbfchar endcmap end end"
    )
    kids = " ".join(f"{6 + 2 * number} 0 R" for number in range(len(pages)))
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Kids[{kids}]/Count {len(pages)}>>".encode(),
        b"<</Type/Font/Subtype/Type0/BaseFont/Tinos/Encoding/Identity-H/DescendantFonts[4 0 R]"
        b"/ToUnicode 5 0 R>>",
        b"<</Type/Font/Subtype/CIDFontType2/BaseFont/Tinos/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)"
        b"/Supplement 0>>/DW 500/FontDescriptor<</Type/FontDescriptor/FontName/Tinos/Flags 4/FontBBox[0 -200 "
        b"500 800]/ItalicAngle 0/Ascent 800/Descent -200/CapHeight 700/StemV 80>>>>",
        _stream(cmap.encode()),
    ]
    for number, page in enumerate(pages):
        drawn = [f"{x0} {y0} m {x1} {y1} l S" for x0, y0, x1, y1 in (rules or {}).get(number, ())]
        drawn += [
            f"BT /F1 {size} Tf {x} {y} Td <{''.join(f'{code[each]:04x}' for each in text)}> Tj ET"
            for x, y, size, text in page
        ]
        objects.append(
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F1 3 0 R>>>>"
            f"/Contents {7 + 2 * number} 0 R>>".encode()
        )
        objects.append(_stream("\n".join(drawn).encode()))
    return pdf_of(objects)


def pdf_of(objects: Sequence[bytes]) -> bytes:
    """Return a PDF of these objects, numbered from 1, the first of which is its catalog."""
    content = b"%PDF-1.7\n"
    places = []
    for number, each in enumerate(objects, start=1):
        places.append(len(content))
        content += f"{number} 0 obj\n".encode() + each + b"\nendobj\n"
    table_at = len(content)
    content += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    content += b"".join(f"{place:010d} 00000 n \n".encode() for place in places)
    content += f"trailer <</Size {len(objects) + 1}/Root 1 0 R>>\nstartxref\n{table_at}\n%%EOF\n".encode()
    return content


def _stream(content: bytes) -> bytes:
    packed = zlib.compress(content)
    return b"<</Filter/FlateDecode/Length %d>>stream\n%s\nendstream" % (len(packed), packed)


def lines(
    *texts: str, top: float = 780, left: float = 85, size: float = 14, pitch: float = 20
) -> list[Placed]:  # fmt: skip
    """Return lines of a PDF page below each other."""
    return [(left, top - pitch * number, size, text) for number, text in enumerate(texts)]


EDXML = "http://www.mic.gov.vn/TBT/QCVN_102_2016"


def edxml(head: str, attached: Mapping[str, bytes] | None = None) -> bytes:
    """Return an envelope: `head` is the inside of its MessageHeader with the prefix `edXML:`."""
    references, encoded = "", ""
    for number, (name, content) in enumerate((attached or {}).items()):
        references += (
            f"<edXML:Reference><edXML:Description/><edXML:AttachmentName>{name}</edXML:AttachmentName>"
            "<edXML:ContentType>application/octet-stream</edXML:ContentType>"
            f"<edXML:ContentId>cid:{number}</edXML:ContentId></edXML:Reference>"
        )
        encoded += (
            f"<Attachment><ContentId>{number}</ContentId><ContentTransferEncoded>"
            f"{base64.b64encode(content).decode()}</ContentTransferEncoded></Attachment>"
        )
    return (
        f'<?xml version="1.0" encoding="utf-8"?><edXML xmlns="{EDXML}"><edXML:edXMLEnvelope '
        f'xmlns:edXML="{EDXML}"><edXML:edXMLHeader><edXML:MessageHeader>{head}</edXML:MessageHeader>'
        f'</edXML:edXMLHeader><edXML:edXMLBody><edXML:edXMLManifest version="1.0">{references}'
        "</edXML:edXMLManifest></edXML:edXMLBody></edXML:edXMLEnvelope>"
        f"<AttachmentEncoded>{encoded}</AttachmentEncoded></edXML>"
    ).encode()


EDXML_HEAD = (
    "<edXML:From><edXML:OrganId>000.00.12.H45</edXML:OrganId><edXML:OrganizationInCharge>N/A"
    "</edXML:OrganizationInCharge><edXML:OrganName>UBND huyện Đông Sơn</edXML:OrganName></edXML:From>"
    "<edXML:To><edXML:OrganId>000.07.12.H45</edXML:OrganId><edXML:OrganName>UBND xã Phú An</edXML:OrganName>"
    "</edXML:To><edXML:Code><edXML:CodeNumber>318</edXML:CodeNumber><edXML:CodeNotation>UBND-NV"
    "</edXML:CodeNotation></edXML:Code><edXML:PromulgationInfo><edXML:Place>Đông Sơn</edXML:Place>"
    "<edXML:PromulgationDate>2026/05/12</edXML:PromulgationDate></edXML:PromulgationInfo>"
    "<edXML:DocumentType><edXML:Type>18</edXML:Type><edXML:TypeName>Công văn</edXML:TypeName>"
    "</edXML:DocumentType><edXML:Subject>Về việc rà soát nhiệm vụ được giao</edXML:Subject>"
    "<edXML:Content>N/A</edXML:Content><edXML:SignerInfo><edXML:Competence>KT</edXML:Competence>"
    "<edXML:Position>Phó Chủ tịch</edXML:Position><edXML:FullName>Trần Thị Lan</edXML:FullName>"
    "</edXML:SignerInfo><edXML:DueDate>2026/06/20</edXML:DueDate><edXML:ToPlaces><edXML:Place>Như trên"
    "</edXML:Place><edXML:Place>Lưu: VT</edXML:Place></edXML:ToPlaces><edXML:OtherInfo><edXML:Priority>1"
    "</edXML:Priority></edXML:OtherInfo><edXML:SteeringType>1</edXML:SteeringType>"
    "<edXML:DocumentId>000.00.12.H45,2026/05/12,318/UBND-NV</edXML:DocumentId>"
)
"""The inside of a MessageHeader as a district sends it to a commune."""
