"""Papers as files become plain text: what is kept, in which order, and where it stands."""

import unicodedata

import pytest

from tests.intake.making import docx, item, lines, paragraph, part, pdf, table
from tracker.intake.paper import read_paper

TITLE = "Kính gửi: Phòng Nội vụ huyện; các cơ quan, đơn vị có liên quan"


def told(cells, text):
    """Return the cells with what stands in them: table, row, column, rows, columns, text."""
    return [
        (each.table, each.row, each.column, each.rows, each.columns, text[each.start : each.end])
        for each in cells
    ]  # fmt: skip


# Text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_text_file_keeps_every_character_but_its_line_ends(encoding):
    text = " \tSố: 254 /UBND-NV\n\n\x0cVăn Giang,  ngày 12\u00a0tháng 4 \n"

    paper = read_paper("a.TXT", text.replace("\n", "\r\n").encode(encoding))

    assert (paper.text, paper.cells, paper.starts_of_pages) == (text, (), ())


def test_marks_that_stand_apart_are_brought_together():
    text = "Ủy ban nhân dân huyện Đông Sơn"

    paper = read_paper("a.txt", unicodedata.normalize("NFD", text).encode())

    assert paper.text == text


@pytest.mark.parametrize("content", [
    "ñy ban nh©n d©n huyÖn. KÝnh göi: Së Néi vô".encode("latin-1"),
    "uûy ban nhaân daân huyeän. Kính göûi: Sôû Noäi vuï".encode("latin-1"),
    "u\u0309y ban nhân dân huyê\u0323n. Kính gư\u0309i: Sơ\u0309 Nô\u0323i vu\u0323".encode("cp1258"),
])  # fmt: skip
def test_the_encodings_before_unicode_are_read(content):
    paper = read_paper("a.txt", content)

    assert paper.text == "ủy ban nhân dân huyện. Kính gửi: Sở Nội vụ"


# Word

LISTS = part("numbering", """
    <w:abstractNum w:abstractNumId="0">
      <w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="upperRoman"/><w:lvlText w:val="%1."/></w:lvl>
      <w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%2."/></w:lvl>
      <w:lvl w:ilvl="2"><w:start w:val="1"/><w:numFmt w:val="lowerLetter"/><w:lvlText w:val="%3)"/></w:lvl>
      <w:lvl w:ilvl="3"><w:numFmt w:val="decimal"/><w:isLgl/><w:lvlText w:val="%1.%4"/></w:lvl>
    </w:abstractNum>
    <w:abstractNum w:abstractNumId="1">
      <w:lvl w:ilvl="0"><w:numFmt w:val="bullet"/><w:lvlText w:val="\uf0b7"/></w:lvl>
      <w:lvl w:ilvl="1"><w:numFmt w:val="bullet"/><w:lvlText w:val="+"/></w:lvl>
    </w:abstractNum>
    <w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>
    <w:num w:numId="2"><w:abstractNumId w:val="1"/></w:num>
    <w:num w:numId="3"><w:abstractNumId w:val="0"/>
      <w:lvlOverride w:ilvl="1"><w:startOverride w:val="5"/></w:lvlOverride></w:num>
""")  # fmt: skip


def test_the_labels_of_automatic_lists_are_counted():
    body = (
        item("Nhiệm vụ") + item("Phòng Nội vụ", level=1) + item("rà soát", level=2) + item("báo cáo", level=2)
        + item("Phòng Tài chính", level=1) + item("bố trí", level=2) + item("Tổ chức") + item("Họp", level=1)
        + item("Chi tiết", level=3) + item("gạch", 2) + item("cộng", 2, 1) + item("Từ năm", 3, 1)
    )  # fmt: skip

    paper = read_paper("a.docx", docx(body, {"numbering": LISTS}))

    assert paper.text.split("\n") == [
        "I. Nhiệm vụ", "1. Phòng Nội vụ", "a) rà soát", "b) báo cáo", "2. Phòng Tài chính", "a) bố trí",
        "II. Tổ chức", "1. Họp", "2.1 Chi tiết", "- gạch", "+ cộng", "5. Từ năm",
    ]  # fmt: skip


def test_a_list_may_be_named_by_a_style():
    numbered = '<w:pPr><w:numPr><w:ilvl w:val="1"/><w:numId w:val="1"/></w:numPr></w:pPr>'
    based = '<w:style w:styleId="MucCon"><w:basedOn w:val="Muc"/></w:style>'
    styles = part("styles", f'<w:style w:styleId="Muc">{numbered}</w:style>{based}')
    body = "".join(paragraph(text, shape='<w:pStyle w:val="MucCon"/>') for text in ("một", "hai"))
    off = paragraph("ba", shape='<w:pStyle w:val="MucCon"/><w:numPr><w:numId w:val="0"/></w:numPr>')

    paper = read_paper("a.docx", docx(body + off, {"numbering": LISTS, "styles": styles}))

    assert paper.text == "1. một\n2. hai\nba"


def test_tables_stand_in_place_with_merged_and_nested_cells():
    down = '<w:tcPr><w:vMerge w:val="restart"/></w:tcPr>' + paragraph("STT")
    on = "<w:tcPr><w:vMerge/></w:tcPr>" + paragraph("")
    wide = '<w:tcPr><w:gridSpan w:val="2"/></w:tcPr>' + paragraph("Nội dung") + paragraph("công việc")
    inner = paragraph("ngoài") + table(["trong"])

    body = paragraph("Trước") + table([down, wide], [on, inner, ""]) + paragraph("Sau")
    paper = read_paper("a.docx", docx(body))

    assert paper.text == "Trước\nSTT\nNội dung\ncông việc\nngoài\ntrong\n\nSau"
    assert told(paper.cells, paper.text) == [
        (0, 0, 0, 2, 1, "STT"), (0, 0, 1, 1, 2, "Nội dung\ncông việc"), (0, 1, 1, 1, 1, "ngoài\ntrong"),
        (1, 0, 0, 1, 1, "trong"), (0, 1, 2, 1, 1, ""),
    ]  # fmt: skip


def test_what_was_deleted_is_gone_and_what_was_inserted_stays():
    body = (
        '<w:p><w:r><w:t xml:space="preserve">Giao </w:t></w:r><w:del><w:r><w:delText>Sở</w:delText></w:r>'
        "</w:del><w:ins><w:r><w:t>Phòng Nội vụ</w:t></w:r></w:ins></w:p>"
        "<w:p><w:pPr><w:rPr><w:del/></w:rPr></w:pPr><w:r><w:t>báo cáo </w:t></w:r></w:p>"
        "<w:p><w:r><w:t>trước ngày 25/6</w:t></w:r></w:p>"
        + table(["giữ"]).replace("<w:tr>", "<w:tr><w:trPr><w:del/></w:trPr>", 1)
        + "<w:p><w:moveFrom><w:r><w:t>chỗ cũ</w:t></w:r></w:moveFrom><w:moveTo><w:r><w:t>chỗ mới</w:t></w:r>"
        "</w:moveTo><w:r><w:rPr><w:vanish/></w:rPr><w:t>ẩn</w:t></w:r></w:p>"
    )

    paper = read_paper("a.docx", docx(body))

    assert paper.text == "Giao Phòng Nội vụ\nbáo cáo trước ngày 25/6\nchỗ mới"


def test_footnotes_stand_at_the_end_and_text_boxes_behind_their_paragraph():
    notes = part("footnotes", '<w:footnote w:id="7">' + paragraph(" Kèm theo danh sách") + "</w:footnote>")
    box = (
        "<w:r><mc:AlternateContent><mc:Choice><w:drawing><wps:txbx><w:txbxContent>" + paragraph("Số: 12")
        + "</w:txbxContent></wps:txbx></w:drawing></mc:Choice><mc:Fallback><w:pict><w:txbxContent>"
        + paragraph("Số: 12") + "</w:txbxContent></w:pict></mc:Fallback></mc:AlternateContent></w:r>"
    )  # fmt: skip
    grouped = f"<w:r><w:drawing>{box.removeprefix('<w:r>').removesuffix('</w:r>')}</w:drawing></w:r>"
    body = (
        "<w:p><w:r><w:t>Kế hoạch số 57/KH-UBND</w:t></w:r><w:r><w:footnoteReference w:id='7'/></w:r>"
        f"<w:r><w:t xml:space='preserve'> của tỉnh</w:t></w:r>{box}</w:p>" + paragraph("Hết")
        + f"<w:p>{grouped}</w:p>"
    )

    paper = read_paper("a.docx", docx(body, {"footnotes": notes}))

    assert paper.text == "Kế hoạch số 57/KH-UBND của tỉnh\nSố: 12\nHết\n\nSố: 12\n[1]  Kèm theo danh sách"


def test_pages_of_a_word_file_begin_where_it_says():
    body = (
        paragraph("một") + "<w:p><w:r><w:t>hai </w:t><w:lastRenderedPageBreak/><w:t>nửa</w:t></w:r></w:p>"
        + "<w:p><w:pPr><w:pageBreakBefore/></w:pPr><w:r><w:t>ba</w:t></w:r></w:p>"
    )  # fmt: skip

    paper = read_paper("a.docx", docx(body))

    assert [paper.text[start:] for start in paper.starts_of_pages] == ["nửa\nba", "ba"]


def test_letters_of_old_fonts_are_brought_to_unicode():
    def run(font, text):
        return f'<w:p><w:r><w:rPr><w:rFonts w:ascii="{font}"/></w:rPr><w:t>{text}</w:t></w:r></w:p>'

    body = run(".VnTime", "KÝnh göi") + run(".VnTimeH", "b¸o c¸o") + run("VNI-Times", "Noäi vuï")

    paper = read_paper("a.docx", docx(body + run("Times New Roman", "Đã là Unicode: é")))

    assert paper.text == "Kính gửi\nBÁO CÁO\nNội vụ\nĐã là Unicode: é"


# Web pages


def test_a_web_page_is_read_as_it_is_shown():
    page = """<html><head><meta charset="utf-8"><title>Tên</title><style>p {}</style></head><body>
      <p>Số:  12/UBND-NV<br>Đông Sơn,
      ngày 05/3</p><!-- không --><ol start="3"><li>Rà soát<ol type="a"><li>một<li>hai</ol></li></ol>
      <ul><li>gạch</ul><div style="display:none">ẩn</div><p><del>cũ</del><ins>mới</ins>&nbsp;&amp; đủ</p>
      <pre>giữ   chỗ
      dòng</pre></body></html>"""

    paper = read_paper("a.htm", page.encode())

    assert paper.text == (
        "Số: 12/UBND-NV\nĐông Sơn, ngày 05/3\n3. Rà soát\na. một\nb. hai\n- gạch\nmới & đủ\n"
        "giữ   chỗ\n      dòng"
    )


def test_tables_of_a_web_page_keep_their_cells():
    inner = "<table><tr><td>b</table>"
    page = f"<table><tr><th rowspan=2>STT<th colspan=2>Việc</tr><tr><td>a<td>{inner}</tr></table>"

    paper = read_paper("a.html", page.encode())

    assert told(paper.cells, paper.text) == [
        (0, 0, 0, 2, 1, "STT"), (0, 0, 1, 1, 2, "Việc"), (0, 1, 1, 1, 1, "a"), (0, 1, 2, 1, 1, "b"),
        (1, 0, 0, 1, 1, "b"),
    ]  # fmt: skip


# PDF: letters of making.pdf are half as wide as high, so 64 of them at 14 points fill a line of 448 points.


def wide(text):
    return f"{text} ".ljust(64, "x")


def test_lines_of_a_pdf_become_paragraphs_over_the_end_of_a_page():
    first = [*lines(TITLE, wide("1. Giao Phòng Nội vụ"), "tham mưu;"), *lines(wide("2. Giao"), top=100)]
    second = [(290, 800, 13, "2"), *lines("thực hiện UBND-", "NV trước ngày 25/6.", "3. Việc ba", top=770)]

    paper = read_paper("a.pdf", pdf([first, second]))

    assert paper.text.split("\n") == [
        TITLE, wide("1. Giao Phòng Nội vụ") + " tham mưu;", wide("2. Giao") + " thực hiện UBND-",
        "NV trước ngày 25/6.", "3. Việc ba",
    ]  # fmt: skip
    assert [paper.text[start:][:9] for start in paper.starts_of_pages] == ["thực hiện"]


def test_the_head_of_a_pdf_is_read_column_by_column_however_it_is_drawn():
    rows = [
        (90, 780, 13, "ỦY BAN NHÂN DÂN"), (300, 780, 13, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA"),
        (90, 760, 13, "HUYỆN ĐÔNG SƠN"), (320, 760, 13, "Độc lập - Tự do"),
        (90, 740, 13, "Số: 12/UBND-NV"), (300, 740, 13, "Đông Sơn, ngày 05/3/2026"),
        *lines(wide("Kính gửi: các phòng"), top=680),
    ]  # fmt: skip

    paper = read_paper("a.pdf", pdf([rows]))

    assert paper.text.split("\n")[:6] == [
        "ỦY BAN NHÂN DÂN", "HUYỆN ĐÔNG SƠN", "Số: 12/UBND-NV", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA", "Độc lập - Tự do",
        "Đông Sơn, ngày 05/3/2026",
    ]  # fmt: skip


def test_running_heads_page_numbers_and_footnotes_leave_the_text():
    words = ["một", "hai", "ba", "bốn"]
    pages = [
        [
            *([(200, 810, 10, f"Kế hoạch 57 - trang {number}")] if number else []),
            *lines(f"Đoạn thứ {words[number]} của văn bản.", "Câu tiếp theo", top=700),
            (180, 686, 10, "1"), (186, 680, 14, "."),
            *([(85, 90, 9, "1 Kèm theo danh sách")] if number == 1 else []),
            (290, 40, 12, f"- {number + 1} -"),
        ]
        for number in range(4)
    ]  # fmt: skip

    paper = read_paper("a.pdf", pdf(pages))

    assert paper.text.split("\n") == [
        *(line for each in words for line in (f"Đoạn thứ {each} của văn bản.", "Câu tiếp theo.")),
        "[1] Kèm theo danh sách",
    ]  # fmt: skip


def ruled(left, top, columns, rows):
    """Return the lines of a grid."""
    across = [(left, top - y, left + columns[-1], top - y) for y in rows]
    return across + [(left + x, top, left + x, top - rows[-1]) for x in columns]


def test_a_ruled_table_keeps_its_cells_and_goes_on_over_the_page():
    grid = ruled(85, 500, [0, 40, 240, 400], [0, 30, 80])
    merged = [each for each in ruled(85, 780, [0, 40, 240, 400], [0, 30]) if each[0] != 325]
    first = [
        *lines(TITLE), (90, 480, 12, "TT"), (130, 480, 12, "Nội dung"), (330, 480, 12, "Chủ trì"),
        (90, 450, 12, "1"), (130, 450, 12, "Rà soát các thủ tục"), (130, 435, 12, "hành chính"),
        (330, 450, 12, "Phòng Nội vụ"),
    ]  # fmt: skip
    second = [(90, 760, 12, "2"), (130, 760, 12, "Họp giao ban"), *lines("Hết.", top=600)]

    paper = read_paper("a.pdf", pdf([first, second], {0: grid, 1: merged}))

    assert told(paper.cells, paper.text)[:6] == [
        (0, 0, 0, 1, 1, "TT"), (0, 0, 1, 1, 1, "Nội dung"), (0, 0, 2, 1, 1, "Chủ trì"),
        (0, 1, 0, 1, 1, "1"), (0, 1, 1, 1, 1, "Rà soát các thủ tục hành chính"),
        (0, 1, 2, 1, 1, "Phòng Nội vụ"),
    ]  # fmt: skip
    assert paper.text.endswith("2\nHọp giao ban\nHết.")
