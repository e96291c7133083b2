"""The paragraphs of a paper and their roles, and the way back from the normalised text."""

import pytest

from tracker.intake.directive.lines import Role, lay_out
from tracker.intake.plain import Cell, PlainPaper


def body(text, **shape):
    layout = lay_out(PlainPaper(f"KẾ HOẠCH\nTriển khai nhiệm vụ\n\n{text}", **shape))
    return [layout.text(each) for each in layout.of(Role.BODY, Role.CLOSING)]


def test_a_footnote_and_a_page_number_in_a_sentence_step_behind_it():
    text = (
        "1. Nâng cao chỉ số cải cách hành chính của huyện năm\n\n¹ Kế hoạch số 19/KH-UBND.\n\n- 2 -\n\n"
        "2021². Giao Phòng Nội vụ theo dõi, đôn đốc việc thực hiện."
    )

    layout = lay_out(PlainPaper(f"Căn cứ tình hình thực tế:\n{text}"))

    assert layout.text(layout.of(Role.BODY)[1]) == (
        "1. Nâng cao chỉ số cải cách hành chính của huyện năm 2021. "
        "Giao Phòng Nội vụ theo dõi, đôn đốc việc thực hiện."
    )
    assert [layout.text(each) for each in layout.of(Role.FOOTNOTE)] == ["Kế hoạch số 19/KH-UBND."]


def test_hard_wrapped_lines_are_one_paragraph_and_items_stay_apart():
    assert body(
        "1. Các cơ quan chuyên môn thuộc Ủy ban nhân dân huyện tập trung rà soát,\n"
        "báo cáo kết quả thực hiện nhiệm vụ được giao về Ủy ban nhân dân huyện qua\n"
        "Phòng Nội vụ trước ngày 20/6/2026.\n"
        "2. Giao Phòng Nội vụ tổng hợp, tham mưu báo cáo Sở Nội vụ theo đúng quy\n"
        "định hiện hành.\n"
        "- Theo dõi, đôn đốc các đơn vị thực hiện đúng tiến độ đã đề ra trong kế\n"
        "hoạch này.\n"
    ) == [
        "1. Các cơ quan chuyên môn thuộc Ủy ban nhân dân huyện tập trung rà soát, báo cáo kết quả thực hiện "
        "nhiệm vụ được giao về Ủy ban nhân dân huyện qua Phòng Nội vụ trước ngày 20/6/2026.",
        "2. Giao Phòng Nội vụ tổng hợp, tham mưu báo cáo Sở Nội vụ theo đúng quy định hiện hành.",
        "- Theo dõi, đôn đốc các đơn vị thực hiện đúng tiến độ đã đề ra trong kế hoạch này.",
    ]


def test_a_number_at_the_start_of_a_wrapped_line_is_no_label():
    assert body(
        "Thực hiện ý kiến của Chủ tịch Ủy ban nhân dân huyện tại Tờ trình số\n"
        "91/TTr-UBND ngày 28/6/2022 và các văn bản có liên quan của cấp trên về\n"
        "cải cách hành chính, các đơn vị tập trung chỉ đạo thực hiện đồng bộ các\n"
        "giải pháp đã nêu.\n"
    ) == [
        "Thực hiện ý kiến của Chủ tịch Ủy ban nhân dân huyện tại Tờ trình số 91/TTr-UBND ngày 28/6/2022 "
        "và các văn bản có liên quan của cấp trên về cải cách hành chính, các đơn vị tập trung chỉ đạo "
        "thực hiện đồng bộ các giải pháp đã nêu."
    ]


def test_every_character_knows_its_place_in_the_plain_text():
    text = "KẾ HOẠCH\n**Triển  khai**\tnhiệm vụ năm 2026\n\nGiao Phòng\u00a0Nội vụ\u00ad theo dõi.\n"

    normal = lay_out(PlainPaper(text)).normal

    at = normal.text.index("Giao Phòng Nội vụ theo dõi.")
    assert len(normal.text) == len(normal.folded)
    start, end = normal.place(at, at + len("Giao Phòng Nội vụ theo dõi."))
    assert text[start:end] == "Giao Phòng\u00a0Nội vụ\u00ad theo dõi."


def test_columns_of_a_foot_are_told_apart():
    layout = lay_out(
        PlainPaper(
            "Căn cứ tình hình thực tế, yêu cầu các đơn vị thực hiện./.\n\n"
            "Nơi nhận:                     TM. ỦY BAN NHÂN DÂN\n"
            "- Như trên;                        CHỦ TỊCH\n"
            "- Lưu: VT, NV.\n\n"
            "                              Chu Quốc Bảo\n"
        )
    )

    assert [layout.text(each) for each in layout.of(Role.SIGNATURE)] == [
        "TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH", "Chu Quốc Bảo",
    ]  # fmt: skip
    assert [layout.text(each) for each in layout.of(Role.RECIPIENTS)] == [
        "Nơi nhận:", "- Như trên;", "- Lưu: VT, NV.",
    ]  # fmt: skip


def test_real_cells_behind_the_signature_are_a_table_and_never_joined():
    head = "Căn cứ tình hình thực tế, yêu cầu thực hiện./.\nNơi nhận:\n- Lưu: VT.\nCHỦ TỊCH\nChu Quốc Bảo\n"
    text = f"{head}PHỤ LỤC\nRà soát\nthủ tục\nPhòng Nội vụ\n"
    content, unit = text.index("Rà soát"), text.index("Phòng")
    cells = (
        Cell(0, 0, 0, content, content + len("Rà soát\nthủ tục")),
        Cell(0, 0, 1, unit, unit + len("Phòng Nội vụ")),
    )

    layout = lay_out(PlainPaper(text, cells=cells))

    assert [layout.text(each) for each in layout.of(Role.TABLE)] == ["Rà soát thủ tục", "Phòng Nội vụ"]
    assert [layout.text(each) for each in layout.of(Role.APPENDIX)] == ["PHỤ LỤC"]


@pytest.mark.parametrize(
    "text", ["", "\n\n", "\x0c", "***", "¹", "\u00ad", "-", "1", "Số:", "Kính gửi:", "Nơi nhận:"]
)
def test_next_to_nothing_is_read_without_a_word(text):
    layout = lay_out(PlainPaper(text))

    assert len(layout.normal.text) == len(layout.normal.folded)
