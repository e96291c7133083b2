"""How papers word things: what a name holds, which words tell and do not ask, whose a day is."""

from datetime import date

import pytest

from tracker.intake.directive.units import read_names
from tracker.intake.reading import read_words
from tracker.rules.deadlines import WorkingCalendar

HEAD = """UBND HUYỆN VĂN GIANG
Số: {number}
Văn Giang, ngày 02 tháng 3 năm 2026
"""
LETTER = HEAD.format(number="25/UBND-VP") + "V/v rà soát công việc\nKính gửi: Phòng Nội vụ\n"
PLAN = HEAD.format(number="29/KH-UBND") + "KẾ HOẠCH\nCông tác năm 2026\n"
REPORT = HEAD.format(number="30/BC-UBND") + "BÁO CÁO\nTình hình tháng 02 năm 2026\n"
DECISION = HEAD.format(number="31/QĐ-UBND") + "QUYẾT ĐỊNH\nVề việc thành lập Tổ công tác\nQUYẾT ĐỊNH:\n"
INVITATION = HEAD.format(number="32/GM-UBND") + "GIẤY MỜI\nHọp về hạn hán\n"


def read(text):
    return read_words(text, calendar=WorkingCalendar(), today=date(2026, 11, 21))[1]


def tasks_of(body, head=LETTER):
    return read(head + body).tasks


def values(found):
    return [each.value for each in found]


@pytest.mark.parametrize("name, said", [
    ("Phòng Quản lý kết cấu hạ tầng giao thông", "khẩn trương sửa chữa mặt đường"),
    ("Phòng Quản lý vận tải và phương tiện", "chủ trì kiểm tra xe khách"),
    ("Phòng Quản lý xây dựng", "chuẩn bị đề cương"),
    ("Ban Quản lý bảo trì công trình đường bộ", "lập dự toán sửa chữa cầu"),
    ("Ban Quản lý", "xây dựng kế hoạch năm 2027"),
    ("Công ty TNHH MTV Khai thác công trình thủy lợi Tân Lạng", "cung cấp số liệu hồ chứa"),
    ("Trung tâm Đăng kiểm xe cơ giới Nam Sơn", "công khai công suất"),
    ("Phòng Trẻ em và Bình đẳng giới", "là đầu mối tham mưu"),
    ("Văn phòng HĐND - UBND huyện", "thống kê nhiệm vụ"),
    ("Tổ thu thuế", "hoàn thành thu dứt điểm"),
    ("Ban công tác Mặt trận các thôn", "tổ chức Ngày hội"),
])  # fmt: skip
def test_what_a_unit_manages_belongs_to_its_name(name, said):
    text = f"{name} {said}."

    names = read_names(text, 0, len(text))

    assert values(names.names) == [name]


def test_companies_of_one_list_are_named_each():
    text = "Công ty Điện lực Hải Lâm, Viễn thông Hải Lâm, Viettel Hải Lâm triển khai phương án."

    assert values(read_names(text, 0, len(text)).names) == [
        "Công ty Điện lực Hải Lâm", "Viễn thông Hải Lâm", "Viettel Hải Lâm",
    ]  # fmt: skip


def test_what_a_group_is_asked_behind_its_colon_is_no_member_of_it():
    text = "UBND các xã, thị trấn: Ban hành kế hoạch cụ thể."

    assert values(read_names(text, 0, len(text)).names) == ["UBND các xã, thị trấn"]


def test_a_person_whose_field_stands_in_brackets_leads_what_stands_below():
    found = tasks_of(
        "Chủ tịch UBND huyện kết luận như sau:\n"
        "1. Đồng chí Hà Văn Minh - Phó Chủ tịch UBND huyện (phụ trách kinh tế)\n"
        "+ Chỉ đạo phun trừ sâu bệnh trước ngày 21/3/2026.\n+ Làm việc với các hợp tác xã.\n"
    )

    assert [values(each.lead) for each in found] == [["Hà Văn Minh - Phó Chủ tịch UBND huyện"]] * 2


def test_the_field_of_a_section_leads_nothing():
    [task] = tasks_of("II. Văn hóa - Xã hội\n1. Rà soát hộ nghèo trên địa bàn huyện.\n", PLAN)

    assert task.lead == ()


def test_the_only_unit_and_day_of_an_item_are_those_of_all_its_clauses():
    [task] = tasks_of(
        "II. NHIỆM VỤ\n1. Rà soát hộ nghèo theo quy định; công chức Văn hóa - Xã hội tổng hợp, báo cáo "
        "trước ngày 25/11.\n",
        PLAN,
    )

    assert (task.text[:14], values(task.lead)) == ("Rà soát hộ ngh", ["công chức Văn hóa - Xã hội"])


@pytest.mark.parametrize("line", [
    "Các nhiệm vụ cụ thể được phân công tại Phụ lục kèm theo Kế hoạch này.",
    "Phân công nhiệm vụ chi tiết theo Phụ lục kèm theo.",
    "Các nhiệm vụ cụ thể, thời gian hoàn thành theo Biểu chi tiết dưới đây:",
])  # fmt: skip
def test_a_line_that_points_to_an_appendix_asks_for_nothing(line):
    assert tasks_of(f"II. NHIỆM VỤ\n{line}\n", PLAN) == ()


def test_a_task_done_by_an_appendix_is_one_all_the_same():
    [task] = tasks_of("1. Phòng Nội vụ rà soát hồ sơ theo Phụ lục kèm theo.\n")

    assert values(task.lead) == ["Phòng Nội vụ"]


def test_who_was_in_the_chair_is_asked_for_nothing():
    assert tasks_of("Đồng chí Giàng A Chứ - Chủ tịch UBND huyện chủ trì Hội nghị.\n") == ()


def test_what_a_cited_paper_lays_down_is_no_task():
    cited = "Theo Quyết định số 1466/QĐ-UBND ngày 30/6/2025 của UBND tỉnh, các cơ sở phải hoàn thành di dời"

    assert tasks_of(f"{cited} trước ngày 31/12/2026.\n") == ()


def test_what_must_not_be_done_is_asked_too():
    found = tasks_of(
        "UBND huyện yêu cầu:\n1. Phòng Nội vụ:\na) Không đùn đẩy công việc khi nội dung đã rõ thẩm quyền.\n"
    )

    assert [values(each.lead) for each in found] == [["Phòng Nội vụ"]]


def test_a_day_behind_what_has_been_done_is_a_deadline_all_the_same():
    found = tasks_of(
        "1. Phòng Nội vụ lập phương án với 09 hộ đã thống nhất, trình thẩm định trước ngày 20/5/2026.\n"
        "2. Phòng Nội vụ rà soát hồ sơ đã nộp trước ngày 20/5/2026.\n"
        "3. Phòng Nội vụ xử lý phản ánh về mỏ đá Lũng Vài, báo cáo trước ngày 08/5/2026.\n"
    )

    assert [each.due_on for each in found] == [date(2026, 5, 19), None, date(2026, 5, 7)]


@pytest.mark.parametrize("said", [
    "(xong 8/12 việc)", "(xong 17/21 việc)", "(27/7/1947 - 27/7/2026)",
    "theo nhận định xu thế nguồn nước từ tháng 3 đến tháng 6 năm 2026",
])  # fmt: skip
def test_what_is_counted_remembered_or_forecast_is_no_deadline(said):
    [task] = tasks_of(f"1. Phòng Nội vụ tổ chức các hoạt động {said}.\n")

    assert task.due_phrase is None


def test_how_often_before_and_a_day_behind_make_one_deadline():
    [task] = tasks_of("1. Hằng năm, tổ chức đánh giá, gửi báo cáo về Phòng Nội vụ trước ngày 10 tháng 12.\n")

    assert (task.recurrence.value.value, task.due_phrase.value) == ("annual", "trước ngày 10 tháng 12")
    assert task.text.startswith("Hằng năm")


def test_the_second_of_two_days_in_an_article_is_a_task_of_its_own():
    first, second = tasks_of(
        "Điều 2. Tổ công tác có nhiệm vụ:\n"
        "1. Giải quyết xong 400 hồ sơ trong quý II/2026; số còn lại chậm nhất ngày 30/9/2026.\n",
        DECISION,
    )

    assert (first.due_on, second.due_on) == (date(2026, 6, 30), date(2026, 9, 30))


def test_a_second_unit_in_an_article_that_gives_work_is_asked_too():
    found = tasks_of(
        "Điều 4. Giao Phòng Kinh tế bố trí phòng họp. Phòng Văn hóa công khai danh sách hồ sơ.\n", DECISION
    )

    assert [values(each.lead) for each in found] == [["Phòng Kinh tế"], ["Phòng Văn hóa"]]


def test_the_title_of_a_part_may_stand_in_the_line_below():
    found = tasks_of(
        "PHẦN THỨ NHẤT\nKẾT QUẢ THỰC HIỆN\n1. Tổ chức tốt Tháng hành động.\n"
        "PHẦN THỨ HAI\nPHƯƠNG HƯỚNG, NHIỆM VỤ TRỌNG TÂM THÁNG 7\n1. Tập trung chăm sóc lúa thu đông.\n",
        REPORT,
    )

    assert [(each.text, each.item) for each in found] == [
        ("Tập trung chăm sóc lúa thu đông.", "PHẦN THỨ HAI.1")
    ]


def test_what_is_to_be_prepared_for_a_meeting_is_asked_though_people_are_invited_above():
    [task] = tasks_of(
        "UBND huyện trân trọng kính mời lãnh đạo các cơ quan dự họp:\n1. Nội dung: Bàn về hạn hán.\n"
        "2. Thời gian: 14 giờ 00, ngày 13 tháng 3 năm 2026.\n3. Phân công chuẩn bị:\n"
        "- Chi cục Thủy lợi chuẩn bị báo cáo nguồn nước, gửi trước ngày 11/3/2026.\n",
        INVITATION,
    )

    assert (values(task.lead), task.due_on) == (["Chi cục Thủy lợi"], date(2026, 3, 10))


def test_a_report_that_has_to_be_sent_is_apart_from_the_item_above_it():
    found = tasks_of(
        "Đề nghị Phòng Nội vụ thực hiện:\n1. Rà soát số lượng công chức cấp xã (Mẫu số 03).\n"
        "Báo cáo gửi về UBND huyện trước ngày 30/9/2026 để tổng hợp.\n"
    )

    assert [each.due_on for each in found] == [None, date(2026, 9, 29)]


def test_the_number_of_a_form_is_no_paper():
    found = read(LETTER + "Báo cáo theo Đề cương kèm theo Công văn này (Mẫu số 01).\n")

    assert found.citations == ()


def test_a_row_of_a_drawn_table_may_end_in_empty_cells():
    found = tasks_of(
        "Phân công như sau:\nSTT | Nội dung | Chủ trì | Thời hạn\nI | Vệ sinh | |\n"
        "1 | Thay gạch lát vỉa hè | Phòng Kinh tế | 30/6/2026\n2 | Cắt tỉa cây xanh | Phòng Y tế |\n"
    )

    assert [(each.text, values(each.lead), each.due_on) for each in found] == [
        ("Thay gạch lát vỉa hè", ["Phòng Kinh tế"], date(2026, 6, 30)),
        ("Cắt tỉa cây xanh", ["Phòng Y tế"], None),
    ]


def test_an_official_of_a_commune_signs_by_the_name_of_the_office():
    found = read(
        LETTER + "1. Rà soát.\nNơi nhận:\n- Như trên.\n"
        "TL. CHỦ TỊCH\nCÔNG CHỨC VĂN PHÒNG - THỐNG KÊ\n\nBùi Thị Oanh\n"
    )

    assert (found.header.signer.value, found.header.signer_title.value) == (
        "Bùi Thị Oanh", "Công chức Văn phòng - Thống kê",
    )  # fmt: skip


@pytest.mark.parametrize("labels", [
    ("Một là, ", "Hai là, "), ("Thứ nhất, ", "Thứ hai, "), ("Bước 1. ", "Bước 2. "), ("Bước 1: ", "Bước 2: "),
])  # fmt: skip
def test_items_may_be_counted_in_words_or_steps(labels):
    first, second = labels
    found = tasks_of(
        "UBND huyện yêu cầu các phòng thực hiện:\n"
        f"{first}Phòng Nội vụ lập danh sách.\n{second}Phòng Y tế kiểm tra các chợ.\n"
    )

    assert [(each.text, values(each.lead)) for each in found] == [
        ("Phòng Nội vụ lập danh sách.", ["Phòng Nội vụ"]), ("Phòng Y tế kiểm tra các chợ.", ["Phòng Y tế"]),
    ]


def test_a_day_of_the_week_counts_no_items():
    assert tasks_of("Thứ hai, ngày 06/4: Chủ tịch dự họp Ban Chỉ đạo.\n") == ()


def test_a_table_of_tabs_below_its_head_is_read_as_one():
    first, second = tasks_of(
        "Phân công:\nTT\tNội dung công việc\tChủ trì\tHoàn thành\n"
        "1\tHọp dân\tPhòng Kinh tế\tTháng 3/2026\n2\tLập phương án bồi thường\tPhòng Y tế\t\n"
    )

    assert (first.text, values(first.lead), first.due_on) == ("Họp dân", ["Phòng Kinh tế"], date(2026, 3, 31))
    assert (second.text, values(second.lead), second.due_on) == (
        "Lập phương án bồi thường", ["Phòng Y tế"], None,
    )  # fmt: skip


def test_lines_with_tabs_of_another_kind_are_no_table():
    found = read(LETTER + "Nơi nhận:\t\tCHỦ TỊCH\n- Như trên.\t\tPhan Văn Đức\n")

    assert found.tasks == ()


def test_what_an_inspection_recommends_is_asked_of_whom_it_names():
    found = tasks_of(
        "II. KẾT LUẬN\nViệc quản lý kinh phí cơ bản đúng quy định; còn sai sót 61,5 triệu đồng.\n"
        "III. KIẾN NGHỊ BIỆN PHÁP XỬ LÝ\n1. Đối với UBND xã Tân Hội:\n"
        "- Thu hồi số tiền 61,5 triệu đồng trước ngày 31/10/2026.\n",
        HEAD.format(number="09/KL-TTr") + "KẾT LUẬN THANH TRA\nViệc sử dụng kinh phí tại xã Tân Hội\n",
    )

    assert [(values(each.lead), each.due_on) for each in found] == [(["UBND xã Tân Hội"], date(2026, 10, 30))]
