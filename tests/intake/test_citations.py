"""What a paper cites, in the words in which papers cite."""

import pytest

from tracker.intake.directive.citations import read_citations
from tracker.intake.directive.header import read_header
from tracker.intake.directive.lines import lay_out
from tracker.intake.plain import PlainPaper

OPENING = "Căn cứ tình hình thực tế của địa phương trong thời gian qua."

CASES = [
    (
        "Thực hiện Luật Đất đai và Nghị định số 102/2024/NĐ-CP ngày 30/7/2024 của Chính phủ",
        [
            ("102/2024/NĐ-CP", "NĐ", "2024-07-30", "Chính phủ"),
        ],
    ),
    (
        "Căn cứ Luật Tổ chức chính quyền địa phương ngày 19/6/2015; Luật sửa đổi, bổ sung một số điều"
        " của Luật Tổ chức Chính phủ và Luật Tổ chức chính quyền địa phương ngày 22/11/2019;",
        [
            (None, "LUẬT", "2015-06-19", "Quốc hội"),
            (None, "LUẬT", "2019-11-22", "Quốc hội"),
        ],
    ),
    (
        "Căn cứ Luật Tổ chức chính quyền địa phương số 72/2025/QH15 ngày 16 tháng 6 năm 2025;",
        [
            ("72/2025/QH15", "LUẬT", "2025-06-16", "Quốc hội"),
        ],
    ),
    (
        "Căn cứ Luật Ban hành văn bản quy phạm pháp luật ngày 19 tháng 02 năm 2025;",
        [
            (None, "LUẬT", "2025-02-19", "Quốc hội"),
        ],
    ),
    (
        "Căn cứ Bộ luật Lao động ngày 20 tháng 11 năm 2019;",
        [
            (None, "LUẬT", "2019-11-20", "Quốc hội"),
        ],
    ),
    (
        "Theo quy định của Luật Ban hành văn bản quy phạm pháp luật.",
        [],
    ),
    (
        "các Công văn số 169/UBND-NV ngày 09/3/2020, số 404/UBND-NV ngày 26/5/2020 của UBND huyện",
        [
            ("169/UBND-NV", "CV", "2020-03-09", "UBND huyện"),
            ("404/UBND-NV", "CV", "2020-05-26", "UBND huyện"),
        ],
    ),
    (
        "Thực hiện Chỉ thị số 05-CT/TW ngày 15/5/2016 của Bộ Chính trị về đẩy mạnh học tập",
        [
            ("05-CT/TW", "CT", "2016-05-15", "Bộ Chính trị"),
        ],
    ),
    (
        "Nghị quyết số 18-NQ/TW ngày 25 tháng 10 năm 2017 của Ban Chấp hành Trung ương Đảng khóa XII",
        [
            ("18-NQ/TW", "NQ", "2017-10-25", "Ban Chấp hành Trung ương Đảng khóa XII"),
        ],
    ),
    (
        "Kết luận số 127-KL/TW ngày 28/02/2025 của Bộ Chính trị, Ban Bí thư",
        [
            ("127-KL/TW", "KHÁC", "2025-02-28", "Bộ Chính trị"),
        ],
    ),
    (
        "Thực hiện Công điện số 33/CĐ-TTg ngày 07/4/2020 của Thủ tướng Chính phủ và văn bản số "
        "1234/UBND-TH ngày 08/4/2020 của UBND tỉnh",
        [
            ("33/CĐ-TTg", "CĐ", "2020-04-07", "Thủ tướng Chính phủ"),
            ("1234/UBND-TH", "CV", "2020-04-08", "UBND tỉnh"),
        ],
    ),
    (
        "Căn cứ Nghị định 61/2018/NĐCP ngày 23/4/2018",
        [
            ("61/2018/NĐ-CP", "NĐ", "2018-04-23", "Chính phủ"),
        ],
    ),
    (
        "theo Kế hoạch số 28/KHUBND ngày 27.02.2020 của UBND tỉnh Hưng Yên",
        [
            ("28/KH-UBND", "KH", "2020-02-27", "UBND tỉnh Hưng Yên"),
        ],
    ),
    (
        "Công văn ngày 09/3/2020 số 169/UBND-NV của UBND huyện",
        [
            ("169/UBND-NV", "CV", "2020-03-09", "UBND huyện"),
        ],
    ),
    (
        "Quyết định số 45/QĐ-UBND ngày 16/7/20 21 của UBND xã",
        [
            ("45/QĐ-UBND", "QĐ", "2021-07-16", "UBND xã"),
        ],
    ),
    (
        "UBND huyện đã ban hành Quyết định công bố Chỉ số cải cách hành chính năm 2019",
        [],
    ),
    (
        "Xét đề nghị của Giám đốc Sở Nội vụ tại Tờ trình số 45/TTr-SNV ngày 05/6/2026.",
        [
            ("45/TTr-SNV", "TTr", "2026-06-05", "Sở Nội vụ"),
        ],
    ),
    (
        "Theo đề nghị của Trưởng phòng Nội vụ tại Tờ trình số 12/TTr-NV ngày 05/6/2026.",
        [
            ("12/TTr-NV", "TTr", "2026-06-05", "Phòng Nội vụ"),
        ],
    ),
    (
        "Thông báo số 123/TB-VPCP ngày 02/4/2025 của Văn phòng Chính phủ thông báo kết luận của Thủ "
        "tướng Chính phủ",
        [
            ("123/TB-VPCP", "TB", "2025-04-02", "Văn phòng Chính phủ"),
        ],
    ),
    (
        "tỷ lệ 80,11/100 điểm, xếp thứ 5/10 huyện; cập nhật 04 lần/ngày; TCVN ISO 9001:2015; QCVN "
        "102:2016/BTTTT; 25 triệu/HTX; 24/24 giờ",
        [],
    ),
    (
        "Thông tư liên tịch số 01/2015/TTLT-BNV-BTC ngày 03/01/2015 của Bộ Nội vụ và Bộ Tài chính",
        [
            ("01/2015/TTLT-BNV-BTC", "TT", "2015-01-03", "Bộ Nội vụ và Bộ Tài chính"),
        ],
    ),
    (
        "Nghị quyết số 76/2025/UBTVQH15 ngày 14/4/2025 của Ủy ban Thường vụ Quốc hội về sắp xếp",
        [
            ("76/2025/UBTVQH15", "NQ", "2025-04-14", "Ủy ban Thường vụ Quốc hội"),
        ],
    ),
    (
        "Kế hoạch số 122, 123 và 124/KH-UBND ngày 31/12/2019 của UBND huyện",
        [
            ("122/KH-UBND", "KH", "2019-12-31", "UBND huyện"),
            ("123/KH-UBND", "KH", "2019-12-31", "UBND huyện"),
            ("124/KH-UBND", "KH", "2019-12-31", "UBND huyện"),
        ],
    ),
    (
        "Quyết định số 1085/QĐ-TTg, ngày 15/9/2022 phê duyệt Kế hoạch rà soát",
        [
            ("1085/QĐ-TTg", "QĐ", "2022-09-15", "Thủ tướng Chính phủ"),
        ],
    ),
    (
        "Công văn số 254 ngày 12/4/2021 của UBND huyện Văn Giang",
        [
            ("254", "CV", "2021-04-12", "UBND huyện Văn Giang"),
        ],
    ),
    (
        "Ngày 18/3/2021, UBND tỉnh Hưng Yên ban hành Quyết định số 771/QĐ-UBND về việc phê duyệt",
        [
            ("771/QĐ-UBND", "QĐ", "2021-03-18", "UBND tỉnh Hưng Yên"),
        ],
    ),
    (
        "Sở Nội vụ nhận được Công văn số 99/UBND-NV ngày 02/02/2022 của UBND huyện Kim Động về việc "
        "đề nghị",
        [
            ("99/UBND-NV", "CV", "2022-02-02", "UBND huyện Kim Động"),
        ],
    ),
    (
        "Căn cứ Quyết định số 123/QĐ-BNV ngày 01/01/2024 của Bộ trưởng Bộ Nội vụ",
        [
            ("123/QĐ-BNV", "QĐ", "2024-01-01", "Bộ Nội vụ"),
        ],
    ),
    (
        "Nghị quyết số 15/NQ-HĐND ngày 10/12/2021 của Hội đồng nhân dân tỉnh Hưng Yên khóa XVII",
        [
            ("15/NQ-HĐND", "NQ", "2021-12-10", "HĐND tỉnh Hưng Yên"),
        ],
    ),
    (
        "Chương trình hành động số 12-CTr/TU ngày 05/3/2025 của Ban Thường vụ Tỉnh ủy Hưng Yên thực "
        "hiện Nghị quyết số 57-NQ/TW",
        [
            ("12-CTr/TU", "CTr", "2025-03-05", "Ban Thường vụ Tỉnh ủy Hưng Yên"),
            ("57-NQ/TW", "NQ", None, None),
        ],
    ),
    (
        "Quyết định số: 25/2024/QĐ-UBND ngày 1 tháng 8 năm 2024 của UBND thành phố Hà Nội ban hành "
        "Quy định",
        [
            ("25/2024/QĐ-UBND", "QĐ", "2024-08-01", "UBND thành phố Hà Nội"),
        ],
    ),
    (
        "Nghị định số 30/2020/NĐ - CP ngày 05/3/2020 của Chính phủ về công tác văn thư",
        [
            ("30/2020/NĐ-CP", "NĐ", "2020-03-05", "Chính phủ"),
        ],
    ),
    (
        "Công văn số 2305/SGDĐT-GDTrH của Sở Giáo dục và Đào tạo ngày 12 tháng 9 năm 2023",
        [
            ("2305/SGDĐT-GDTrH", "CV", "2023-09-12", "Sở Giáo dục và Đào tạo"),
        ],
    ),
    (
        "Thông tư 01/2023/TT-VPCP ngày 05/4/2023 của Văn phòng Chính phủ quy định một số nội dung",
        [
            ("01/2023/TT-VPCP", "TT", "2023-04-05", "Văn phòng Chính phủ"),
        ],
    ),
    (
        "Nghị quyết 57-NQ/TW; Nghị quyết số 66-NQ/TW và Nghị quyết số 68-NQ/TW của Bộ Chính trị",
        [
            ("57-NQ/TW", "NQ", None, None),
            ("66-NQ/TW", "NQ", None, "Bộ Chính trị"),
            ("68-NQ/TW", "NQ", None, "Bộ Chính trị"),
        ],
    ),
    (
        "Căn cứ Nghị định số 150/2025/NĐ-CP ngày 12 tháng 6 năm 2025 của Chính phủ quy định tổ chức "
        "các cơ quan chuyên môn thuộc Ủy ban nhân dân tỉnh",
        [
            ("150/2025/NĐ-CP", "NĐ", "2025-06-12", "Chính phủ"),
        ],
    ),
    (
        "Căn cứ Nghị định số 101/2020/NĐ-CP ngày 28/8/2020 của Chính phủ sửa đổi, bổ sung một số điều"
        " của Nghị định số 123/2016/NĐ-CP ngày 01/9/2016 của Chính phủ",
        [
            ("101/2020/NĐ-CP", "NĐ", "2020-08-28", "Chính phủ"),
            ("123/2016/NĐ-CP", "NĐ", "2016-09-01", "Chính phủ"),
        ],
    ),
    (
        "(Kèm theo Quyết định số      /QĐ-UBND ngày    /    /2024 của UBND huyện)",
        [
            ("/QĐ-UBND", "QĐ", None, "UBND huyện"),
        ],
    ),
    (
        "Thực hiện ý kiến chỉ đạo của Chủ tịch UBND tỉnh tại Văn bản số 4567/UBND-KGVX ngày 3/7/2024,"
        " Sở Y tế yêu cầu",
        [
            ("4567/UBND-KGVX", "CV", "2024-07-03", "Chủ tịch UBND tỉnh"),
        ],
    ),
    (
        "Căn cứ Công văn số 678-CV/VPTU ngày 3/7/2024 của Văn phòng Tỉnh ủy",
        [
            ("678-CV/VPTU", "CV", "2024-07-03", "Văn phòng Tỉnh ủy"),
        ],
    ),
    (
        "Quyết định số 06/QĐ-TTg ngày 06/01/2022 của Thủ tướng Chính phủ (Đề án 06)",
        [
            ("06/QĐ-TTg", "QĐ", "2022-01-06", "Thủ tướng Chính phủ"),
        ],
    ),
    (
        "Hướng dẫn số 36-HD/VPTW ngày 03/4/2018 của Văn phòng Trung ương Đảng",
        [
            ("36-HD/VPTW", "HD", "2018-04-03", "Văn phòng Trung ương Đảng"),
        ],
    ),
    (
        "theo tinh thần Thông báo kết luận số 56/TB-UBND ngày 11/02/2025",
        [
            ("56/TB-UBND", "TB", "2025-02-11", None),
        ],
    ),
    (
        "UBND tỉnh (Công văn số 12/UBND-TH, ngày 01/02/2023), Sở Nội vụ (Công văn số 34/SNV-TCBC ngày"
        " 02/02/2023)",
        [
            ("12/UBND-TH", "CV", "2023-02-01", None),
            ("34/SNV-TCBC", "CV", "2023-02-02", None),
        ],
    ),
    (
        "Pháp lệnh Ưu đãi người có công với cách mạng ngày 09/12/2020",
        [
            (None, "KHÁC", "2020-12-09", None),
        ],
    ),
    (
        "Luật Đất đai số 31/2024/QH15, Luật Nhà ở số 27/2023/QH15 và Luật Đầu tư công ngày 29/11/2024",
        [
            ("31/2024/QH15", "LUẬT", None, "Quốc hội"),
            ("27/2023/QH15", "LUẬT", None, "Quốc hội"),
            (None, "LUẬT", "2024-11-29", "Quốc hội"),
        ],
    ),
    (
        "Quyết định số 771 /QĐ- UBND ngày 18 / 3 / 2021",
        [
            ("771/QĐ-UBND", "QĐ", "2021-03-18", None),
        ],
    ),
    (
        "Tiếp tục thực hiện Nghị định 130/2005/NĐ-CP, 117/2013/NĐ-CP của Chính phủ",
        [
            ("130/2005/NĐ-CP", "NĐ", None, "Chính phủ"),
            ("117/2013/NĐ-CP", "NĐ", None, "Chính phủ"),
        ],
    ),
    (
        "tại khoản 2 Điều 5 Thông tư số 05/2021/TT-BNV ngày 12-8-2021 của Bộ trưởng Bộ Nội vụ",
        [
            ("05/2021/TT-BNV", "TT", "2021-08-12", "Bộ Nội vụ"),
        ],
    ),
    (
        "Kế hoạch số 21/KH-\nUBND ngày 09/3/2020",
        [
            ("21/KH-UBND", "KH", "2020-03-09", None),
        ],
    ),
    (
        "hoàn thành 15/20 chỉ tiêu, 3/5 xã đạt chuẩn NTM; bình quân 4,5 lần/HS; giá 20.000 đ/kg; số "
        "điện thoại 0221.3863.111; tỷ lệ 1/5.000; 12/12 phòng",
        [],
    ),
    (
        "Giấy mời số 45/GM-UBND ngày 4/5/2026; Biên bản số 03/BB-HĐ ngày 5/5/2026",
        [
            ("45/GM-UBND", "GM", "2026-05-04", None),
            ("03/BB-HĐ", "KHÁC", "2026-05-05", None),
        ],
    ),
    (
        "thực hiện Quyết định số 22/2020/QĐ-UBND và Kế hoạch 133/KH-UBND ngày 27/12/2019 của UBND "
        "tỉnh",
        [
            ("22/2020/QĐ-UBND", "QĐ", None, "UBND tỉnh"),
            ("133/KH-UBND", "KH", "2019-12-27", "UBND tỉnh"),
        ],
    ),
    (
        "Căn cứ Văn bản hợp nhất số 11/VBHN-BTC ngày 22/02/2023 của Bộ Tài chính",
        [
            ("11/VBHN-BTC", "KHÁC", "2023-02-22", "Bộ Tài chính"),
        ],
    ),
    (
        "Báo cáo số 123 ngày 12/5/2023 của Phòng Tư pháp",
        [
            ("123", "BC", "2023-05-12", "Phòng Tư pháp"),
        ],
    ),
    (
        "Công văn hỏa tốc số 88/UBND-NN ngày 2/9/2024 của UBND huyện",
        [
            ("88/UBND-NN", "CV", "2024-09-02", "UBND huyện"),
        ],
    ),
    (
        "Kế hoạch cải cách hành chính số 14/KH-UBND ngày 20/01/2025",
        [
            ("14/KH-UBND", "KH", "2025-01-20", None),
        ],
    ),
]


def cited(text):
    layout = lay_out(PlainPaper(f"{OPENING}\n{text}"))
    return read_citations(layout, header=read_header(layout))


def told(citations):
    return [
        (each.number, each.kind.value, each.issued_on.isoformat() if each.issued_on else None, each.issuer)
        for each in citations
    ]


@pytest.mark.parametrize(("text", "expected"), CASES, ids=[text[:50] for text, _ in CASES])
def test_every_document_named_by_number_or_day_is_cited(text, expected):
    assert told(cited(text)) == expected


@pytest.mark.parametrize("dash", ["-", "–", "‑", " - ", "- ", " -"])
def test_any_dash_stands_in_a_number(dash):
    found = cited(f"theo Kế hoạch số 28/KH{dash}UBND ngày 27/02/2020 của UBND tỉnh Hưng Yên về cải cách")

    assert told(found) == [("28/KH-UBND", "KH", "2020-02-27", "UBND tỉnh Hưng Yên")]


def test_a_document_named_twice_is_cited_once_with_all_that_was_said():
    found = cited(
        "Thực hiện Kế hoạch số 285/KH-UBND của UBND tỉnh; căn cứ Kế hoạch số 285/KH-UBND ngày 05/12/2020."
    )

    assert told(found) == [("285/KH-UBND", "KH", "2020-12-05", "UBND tỉnh")]


def test_the_place_of_a_citation_covers_its_words_in_the_plain_text():
    text = "Căn cứ Kế hoạch số 21/KH-UBND\n\nngày 09/3/2020 của UBND huyện về tổng kết."
    layout = lay_out(PlainPaper(text))

    [one] = read_citations(layout, header=read_header(layout))

    assert text[one.start : one.end] == "Kế hoạch số 21/KH-UBND\n\nngày 09/3/2020 của UBND huyện"
    assert one.is_basis


def test_the_papers_own_number_is_no_citation():
    paper = PlainPaper(
        "UBND HUYỆN VĂN GIANG\nSố: 254/UBND-NV\nVăn Giang, ngày 12 tháng 4 năm 2021\nV/v nâng cao chỉ số\n"
        "Kính gửi: Phòng Nội vụ.\nĐể nâng cao chỉ số, UBND huyện yêu cầu thực hiện./.\n"
        "Nơi nhận:\n- Như trên;\n- Lưu: VT.\nCHỦ TỊCH\nChu Văn Hiếu\n"
        "PHỤ LỤC\n(Kèm theo Công văn số 254/UBND-NV ngày 12/4/2021 của UBND huyện)\n"
    )
    layout = lay_out(paper)

    assert read_citations(layout, header=read_header(layout)) == ()
