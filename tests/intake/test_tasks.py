"""What a paper asks for: which stretches are tasks, who is named, until when, and what is none."""

from datetime import date, time

import pytest

from tests.intake.accuracy import STATUTORY
from tracker.intake.directive import read_directive
from tracker.intake.plain import Cell, PlainPaper
from tracker.intake.proposal import DOUBTFUL, Recurrence

HEAD = """ỦY BAN NHÂN DÂN
HUYỆN AN BÌNH
Số: {number}
CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
Độc lập - Tự do - Hạnh phúc
An Bình, ngày 05 tháng 3 năm 2026

"""
LETTER = HEAD.format(number="45/UBND-NV") + """Kính gửi:
- Các phòng, ban thuộc huyện;
- UBND các xã, thị trấn.

Để tăng cường kỷ luật, UBND huyện yêu cầu các cơ quan, đơn vị:

"""
PLAN = HEAD.format(number="12/KH-UBND") + "KẾ HOẠCH\nTriển khai công tác năm 2026\n\n"
REPORT = HEAD.format(number="30/BC-UBND") + "BÁO CÁO\nKết quả công tác quý I năm 2026\n\n"
FOOT = "\n\nNơi nhận:\n- Như trên;\n- Lưu: VT.\nCHỦ TỊCH\n\nPhan Văn Đức\n"


def read(text, cells=(), **words):
    paper = PlainPaper(text, tuple(cells))
    return read_directive(paper, calendar=STATUTORY, today=date(2026, 11, 21), **words)


def tasks(text, **words):
    return read(text, **words).tasks


def texts(text):
    return [each.text for each in tasks(text)]


def leads(task):
    return [each.value for each in task.lead]


def only(sentence):
    (task,) = tasks(LETTER + "1. " + sentence + FOOT)
    return task


# Items


def test_items_are_tasks_and_inherit_who_is_asked_above_them():
    first, second = tasks(LETTER + "1. Rà soát hồ sơ tồn đọng;\n\n2. Niêm yết công khai thủ tục." + FOOT)

    assert (first.text, second.text) == ("Rà soát hồ sơ tồn đọng", "Niêm yết công khai thủ tục.")
    assert leads(first) == leads(second) == ["các cơ quan, đơn vị"]
    assert (first.item, second.item) == ("1", "2")


def test_a_place_is_that_of_the_plain_text_whatever_blanks_it_holds():
    text = LETTER + "1.   Rà soát  hồ sơ\u00a0tồn đọng ; \n\n2. Niêm yết." + FOOT

    task = tasks(text)[0]

    assert text[task.start : task.end] == task.text == "Rà soát  hồ sơ\u00a0tồn đọng"


def test_a_heading_is_no_task_and_hands_down_its_unit_and_its_day():
    heading = "1. Giao Phòng Nội vụ, hoàn thành trước ngày 20/3/2026:"
    text = heading + "\na) Lập danh sách;\nb) Rà soát vị trí việc làm."

    found = tasks(LETTER + text + FOOT)

    assert [each.text for each in found] == ["Lập danh sách", "Rà soát vị trí việc làm."]
    assert {tuple(leads(each)) for each in found} == {("Phòng Nội vụ",)}
    assert {each.due_on for each in found} == {date(2026, 3, 19)}


def test_repeated_and_broken_numbers_change_nothing():
    found = texts(LETTER + "1. Rà soát hồ sơ.\n1. Niêm yết thủ tục.\n4. Lập báo cáo quý." + FOOT)

    assert found == ["Rà soát hồ sơ.", "Niêm yết thủ tục.", "Lập báo cáo quý."]


def test_a_paragraph_below_an_item_that_names_its_own_unit_is_a_task_of_its_own():
    first, second = tasks(
        LETTER + "1. Bố trí công chức trực.\nVăn phòng – Thống kê tiến hành đánh giá kết quả." + FOOT
    )

    assert leads(second) == ["Văn phòng – Thống kê"]
    assert first.text == "Bố trí công chức trực."


def test_an_item_with_two_units_is_two_tasks():
    first, second = tasks(
        LETTER + "1. Giao Phòng Y tế lập phương án; Công an huyện bảo đảm trật tự tại điểm tiêm." + FOOT
    )

    assert (leads(first), leads(second)) == (["Phòng Y tế"], ["Công an huyện"])


def test_an_item_with_two_days_is_two_tasks_and_one_with_one_day_is_one():
    two = tasks(
        LETTER + "1. Ban hành kế hoạch trước ngày 10/3/2026; kiểm tra xong trước ngày 30/4/2026." + FOOT
    )
    one = tasks(LETTER + "1. Ban hành kế hoạch; gửi về Phòng Nội vụ trước ngày 10/3/2026." + FOOT)

    assert [each.due_on for each in two] == [date(2026, 3, 9), date(2026, 4, 29)]
    assert [each.due_on for each in one] == [date(2026, 3, 9)]


def test_lines_that_say_who_and_when_belong_to_the_item_above_them():
    text = PLAN + """II. NHIỆM VỤ
1. Số hóa sổ hộ tịch
- Đơn vị chủ trì: Phòng Tư pháp
- Phối hợp: Công an huyện, UBND các xã
- Thời gian hoàn thành: Quý II/2026
- Sản phẩm: Báo cáo kết quả
2. Mở lớp tập huấn.""" + FOOT

    task = tasks(text)[0]

    assert task.text.startswith("Số hóa") and task.text.endswith("Báo cáo kết quả")
    assert (leads(task), [each.value for each in task.coordinating]) == (
        ["Phòng Tư pháp"], ["Công an huyện", "UBND các xã"],
    )  # fmt: skip
    assert (task.due_on, task.product.value) == (date(2026, 6, 30), "Báo cáo kết quả")


# Who


@pytest.mark.parametrize(("sentence", "lead", "others"), [
    ("Giao Phòng Nội vụ chủ trì, phối hợp với Phòng Tư pháp và UBND các xã, thị trấn rà soát văn bản.",
     ["Phòng Nội vụ"], ["Phòng Tư pháp", "UBND các xã, thị trấn"]),
    ("Phòng Văn hóa và Thông tin chủ trì, phối hợp Phòng Giáo dục và Đào tạo tổ chức hội thi.",
     ["Phòng Văn hóa và Thông tin"], ["Phòng Giáo dục và Đào tạo"]),
    ("Đề nghị các Sở: Tài chính, Tư pháp và Nông nghiệp và Môi trường góp ý dự thảo quy chế.",
     ["Sở Tài chính", "Sở Tư pháp", "Sở Nông nghiệp và Môi trường"], []),
    ("UBND các xã: Bình Minh, Tân Lập tiếp tục bàn giao mặt bằng.",
     ["UBND xã Bình Minh", "UBND xã Tân Lập"], []),
    ("Văn phòng – Thống kê tiến hành số hóa hồ sơ.", ["Văn phòng – Thống kê"], []),
    ("Công an huyện chủ trì, Ban Chỉ huy Quân sự huyện phối hợp tuần tra.",
     ["Công an huyện"], ["Ban Chỉ huy Quân sự huyện"]),
    ("Phối hợp với Bưu điện huyện trả kết quả tại nhà.", ["các cơ quan, đơn vị"], ["Bưu điện huyện"]),
    ("Về mặt bằng: UBND xã Tân Lập khẩn trương bàn giao.", ["UBND xã Tân Lập"], []),
    ("Trồng cây đầu xuân (Phòng Kinh tế, Đoàn Thanh niên huyện).",
     ["Phòng Kinh tế", "Đoàn Thanh niên huyện"], []),
    ("Ban Quản lý dự án đầu tư xây dựng huyện hoàn thành hồ sơ.",
     ["Ban Quản lý dự án đầu tư xây dựng huyện"], []),
    ("Đề nghị các đồng chí Trưởng thôn, Bí thư chi bộ vận động nhân dân.",
     ["Trưởng thôn", "Bí thư chi bộ"], []),
])  # fmt: skip
def test_who_is_asked_is_read_as_the_paper_writes_it(sentence, lead, others):
    task = only(sentence)

    assert (leads(task), [each.value for each in task.coordinating]) == (lead, others)


@pytest.mark.parametrize("sentence", [
    "Báo cáo kết quả về UBND huyện (qua Phòng Nội vụ) trước ngày 20/3/2026.",
    "Gửi danh sách về Phòng Nội vụ trước ngày 20/3/2026.",
    "Tham mưu UBND huyện ban hành kế hoạch.",
    "Chỉ đạo UBND các xã kê khai hộ nghèo.",
])  # fmt: skip
def test_a_channel_or_an_object_is_no_lead(sentence):
    assert leads(only(sentence)) == ["các cơ quan, đơn vị"]


def test_who_is_not_named_at_all_is_taken_from_the_address_and_marked():
    text = LETTER.replace("yêu cầu các cơ quan, đơn vị:", "yêu cầu:")

    (task,) = tasks(text + "1. Rà soát hồ sơ tồn đọng." + FOOT)

    assert leads(task) == ["Các phòng, ban thuộc huyện", "UBND các xã, thị trấn"]
    assert all(each.sure < 0.8 and each.why for each in task.lead)


# Until when


@pytest.mark.parametrize(("phrase", "day"), [
    ("trước ngày 25/6/2026", date(2026, 6, 24)), ("trước ngày 25 / 6 /2026", date(2026, 6, 24)),
    ("trước ngày 20.7.2026", date(2026, 7, 19)), ("chậm nhất ngày 20 tháng 7", date(2026, 7, 20)),
    ("trong tháng 6/2026", date(2026, 6, 30)), ("trong quý III năm 2026", date(2026, 9, 30)),
    ("chậm nhất trong ngày 08 tháng 9 năm 2026", date(2026, 9, 8)),
    ("trong vòng 05 ngày làm việc kể từ ngày ban hành", date(2026, 3, 12)),
])  # fmt: skip
def test_a_day_is_read_with_the_words_that_say_it(phrase, day):
    task = only(f"Rà soát hồ sơ tồn đọng, hoàn thành {phrase}.")

    assert (task.due_phrase.value, task.due_on, task.recurrence) == (phrase, day, None)


def test_before_may_include_the_day_by_setting_and_an_hour_is_kept():
    text = LETTER + "1. Gửi báo cáo trước ngày 25/6/2026.\n2. Họp xong trước 14 giờ ngày 10/3/2026." + FOOT

    first, second = tasks(text, strict_before=False)

    assert first.due_on == date(2026, 6, 25)
    assert (second.due_on, second.due_time) == (date(2026, 3, 10), time(14))


@pytest.mark.parametrize(("sentence", "phrase", "often"), [
    ("Báo cáo UBND huyện trước ngày 25 hằng tháng.", "trước ngày 25 hằng tháng", Recurrence.MONTHLY),
    ("Định kỳ hằng quý báo cáo kết quả.", "hằng quý", Recurrence.QUARTERLY),
    ("Cập nhật số liệu vào thứ Sáu hằng tuần.", "vào thứ Sáu hằng tuần", Recurrence.WEEKLY),
    ("Kiểm tra lò mổ hằng ngày.", "hằng ngày", Recurrence.DAILY),
    ("Định kỳ 6 tháng báo cáo UBND huyện.", "Định kỳ 6 tháng", Recurrence.SEMIANNUAL),
    ("Hằng năm tổ chức sơ kết.", "Hằng năm", Recurrence.ANNUAL),
    ("Thường xuyên rà soát danh mục thủ tục.", "Thường xuyên", Recurrence.CONTINUOUS),
])  # fmt: skip
def test_what_returns_says_how_often(sentence, phrase, often):
    task = only(sentence)

    assert (task.due_phrase.value, task.recurrence.value) == (phrase, often)


@pytest.mark.parametrize("sentence", [
    "Thực hiện Quyết định số 12/QĐ-UBND ngày 12/3/2025 của UBND tỉnh.",
    "Tổng hợp số liệu từ ngày 15/12/2025 đến ngày 14/3/2026.",
    "Áp dụng mức thu mới kể từ ngày 01/4/2026.",
    "Tổng hợp kết quả 6 tháng đầu năm 2026.",
    "Treo cờ dịp Quốc khánh 02/9.",
    "Kiểm tra các hồ sơ tiếp nhận trước ngày 01/01/2026.",
    "Khẩn trương xử lý văn bản quá hạn.",
])  # fmt: skip
def test_other_days_are_no_deadline(sentence):
    task = only(sentence)

    assert (task.due_phrase, task.due_on) == (None, None)


def test_a_deadline_before_the_paper_is_kept_and_warned_of():
    proposal = read(LETTER + "1. Gửi báo cáo về UBND huyện trước ngày 01/02/2026." + FOOT)

    (task,) = proposal.tasks
    assert task.due_on == date(2026, 1, 31)
    assert [warned.values["day"] for warned in proposal.warnings] == ["31/01/2026"]
    assert task.warnings[0].start == task.due_phrase.start


def test_several_deadlines_in_one_task_are_doubtful():
    task = only("Trả lời cử tri trong tháng 3/2026, chậm nhất ngày 31/3/2026.")

    assert task.due_on == date(2026, 3, 31)
    assert task.sure < DOUBTFUL and task.due_phrase.why


# What is none


@pytest.mark.parametrize("closing", [
    "Yêu cầu các cơ quan, đơn vị nghiêm túc triển khai thực hiện./.",
    "Trong quá trình thực hiện nếu có vướng mắc, đề nghị phản ánh về Phòng Nội vụ để giải quyết./.",
    "Nhận được công văn này, đề nghị UBND các xã, thị trấn khẩn trương tổ chức thực hiện./.",
    "Trên đây là một số nội dung trọng tâm./.",
])  # fmt: skip
def test_formulas_of_execution_are_no_tasks(closing):
    assert texts(LETTER + "1. Rà soát hồ sơ tồn đọng.\n\n" + closing + FOOT) == ["Rà soát hồ sơ tồn đọng."]


def test_a_closing_line_with_its_own_day_is_a_task():
    closing = "Yêu cầu các đơn vị báo cáo kết quả về UBND huyện (qua Phòng Nội vụ) trước ngày 30/4/2026./."

    last = tasks(LETTER + "1. Rà soát hồ sơ tồn đọng.\n\n" + closing + FOOT)[-1]

    assert (leads(last), last.due_on) == (["các đơn vị"], date(2026, 4, 29))


def test_of_a_report_only_what_lies_ahead_is_a_task():
    text = REPORT + """I. KẾT QUẢ THỰC HIỆN
1. UBND huyện đã ban hành kế hoạch trước ngày 31/01/2026.
2. Phối hợp với Công an huyện kiểm tra 12 cơ sở.
II. PHƯƠNG HƯỚNG, NHIỆM VỤ QUÝ II
1. Tổ chức tập huấn nghiệp vụ trong tháng 5/2026.""" + FOOT

    assert texts(text) == ["Tổ chức tập huấn nghiệp vụ trong tháng 5/2026."]


def test_of_a_plan_aims_quotas_and_money_are_no_tasks():
    text = PLAN + """I. MỤC ĐÍCH, YÊU CẦU
1. Nâng cao chất lượng phục vụ người dân.
II. NỘI DUNG
1. Rà soát thủ tục hành chính.
III. KINH PHÍ THỰC HIỆN
Bố trí từ ngân sách huyện năm 2026.
IV. TỔ CHỨC THỰC HIỆN
1. Phòng Nội vụ theo dõi, đôn đốc việc thực hiện.""" + FOOT

    assert texts(text) == ["Rà soát thủ tục hành chính.", "Phòng Nội vụ theo dõi, đôn đốc việc thực hiện."]


def test_of_a_decision_only_articles_that_give_work_are_tasks():
    text = HEAD.format(number="90/QĐ-UBND") + """QUYẾT ĐỊNH
Về việc thành lập Tổ công tác

QUYẾT ĐỊNH:

Điều 1. Thành lập Tổ công tác gồm các ông, bà có tên sau:
1. Ông Trần Văn Nam, Trưởng phòng Nội vụ, Tổ trưởng;
2. Bà Lê Thị Hồng, chuyên viên, thành viên.
Điều 2. Giao Tổ công tác xây dựng phương án trước ngày 20/3/2026.
Điều 3. Quyết định này có hiệu lực kể từ ngày ký.
Điều 4. Chánh Văn phòng, Trưởng phòng Nội vụ chịu trách nhiệm thi hành Quyết định này./.""" + FOOT

    (task,) = tasks(text)

    assert (leads(task), task.due_on, task.item) == (["Tổ công tác"], date(2026, 3, 19), "Điều 2")


def test_who_attended_and_what_was_found_are_no_tasks():
    text = HEAD.format(number="8/TB-UBND") + """THÔNG BÁO
Kết luận của Chủ tịch UBND huyện tại cuộc họp

Ngày 03/3/2026, Chủ tịch UBND huyện đã chủ trì cuộc họp. Dự họp có:
- Lãnh đạo Phòng Nội vụ;
- Trưởng Công an huyện.
Sau khi nghe báo cáo, Chủ tịch UBND huyện kết luận như sau:
1. Đánh giá cao sự nỗ lực của các đơn vị; đến nay đã hoàn thành 80% khối lượng.
2. Thống nhất với đề xuất của Phòng Nội vụ. Giao Phòng Nội vụ hoàn thiện hồ sơ trong tuần sau.""" + FOOT

    assert texts(text) == ["Giao Phòng Nội vụ hoàn thiện hồ sơ trong tuần sau."]


# Tables

FLAT = LETTER + "1. Thực hiện nhiệm vụ tại Phụ lục." + FOOT + """
PHỤ LỤC
PHÂN CÔNG NHIỆM VỤ

STT
Nội dung
Cơ quan thực hiện
Thời hạn
Chủ trì
Phối hợp
Sản phẩm
I
Cải cách thể chế
1
Rà soát văn bản hết hiệu lực
Phòng Tư pháp
Các phòng, ban
Trước ngày 25/9/2026
Danh mục
2
Đánh giá mức độ hài lòng
UBND các xã, thị trấn
Hằng quý
"""


def test_a_table_flattened_to_one_cell_a_line_gives_a_task_a_row():
    text = FLAT.replace("Cơ quan thực hiện\nThời hạn\nChủ trì\nPhối hợp\n", "Chủ trì\nPhối hợp\nThời hạn\n")

    first, second = tasks(text)

    assert (first.text, leads(first), first.due_on) == (
        "Rà soát văn bản hết hiệu lực", ["Phòng Tư pháp"], date(2026, 9, 24),
    )  # fmt: skip
    assert (first.product.value, first.item, [each.value for each in first.coordinating]) == (
        "Danh mục", "I.1", ["Các phòng, ban"],
    )  # fmt: skip
    assert (leads(second), second.recurrence.value, second.product) == (
        ["UBND các xã, thị trấn"], Recurrence.QUARTERLY, None,
    )  # fmt: skip


def test_a_head_of_two_rows_whose_columns_are_interleaved_is_understood():
    first, second = tasks(FLAT)

    assert (leads(first), first.due_on) == (["Phòng Tư pháp"], date(2026, 9, 24))
    assert leads(second) == ["UBND các xã, thị trấn"]


def gridded(rows):
    """Return lines of cells after a letter, and the cells; a cell is a line."""
    text, cells = LETTER + "1. Thực hiện phụ lục." + FOOT + "\nPHỤ LỤC PHÂN CÔNG\n", []
    for row, values in enumerate(rows):
        for column, value in enumerate(values):
            cells.append(Cell(0, row, column, len(text), len(text) + len(value)))
            text += value + "\n"
    return text, cells


def test_a_real_table_is_read_by_its_columns():
    text, cells = gridded([
        ["TT", "Nhiệm vụ", "Đơn vị chủ trì", "Phối hợp", "Thời gian", "Kết quả"],
        ["1", "Lập dự toán", "Phòng Tài chính - Kế hoạch", "", "30/6/2026", "Dự toán"],
        ["2", "Kiểm tra cơ sở", "Phòng Y tế; Công an huyện", "UBND các xã", "Thường xuyên", ""],
    ])

    _, first, second = read(text, cells).tasks

    assert (first.text, leads(first), first.due_on, first.product.value) == (
        "Lập dự toán", ["Phòng Tài chính - Kế hoạch"], date(2026, 6, 30), "Dự toán",
    )  # fmt: skip
    assert leads(second) == ["Phòng Y tế", "Công an huyện"]
    assert second.recurrence.value is Recurrence.CONTINUOUS


def test_a_table_of_figures_gives_no_task():
    text, cells = gridded([
        ["STT", "Lĩnh vực", "Số hồ sơ", "Đúng hạn", "Tỷ lệ"], ["1", "Hộ tịch", "380", "342", "90%"],
    ])

    assert [each.text for each in read(text, cells).tasks] == ["Thực hiện phụ lục."]


# Hostile text


@pytest.mark.parametrize("piece", [
    "Phòng A và ", "các Sở: A, ", "trước ngày 1/1/2026, ", "; Giao Phòng Nội vụ ", "ngày 1 ", "UBND các xã, ",
    "1.\n", "- x: \n", "Đơn vị chủ trì: ", "Về Phòng: ", "STT\nNội dung\nChủ trì\n1\nab\n", "(", "a) ",
])  # fmt: skip
def test_hostile_text_neither_fails_nor_nests_without_end(piece):
    text = LETTER + "1. " + piece * (6_000 // len(piece)) + ":\n- x" + FOOT

    for task in tasks(text):
        assert text[task.start : task.end] == task.text != ""


# Names by their shape, lines below an item, and deadlines in sentences: many items of one paper, read at once


def items(*sentences):
    """Return the tasks of one paper whose items are these sentences."""
    return tasks(LETTER + "\n".join(f"{n}. {said}." for n, said in enumerate(sentences, 1)) + FOOT)


NAMED = {
    "Sở Giáo dục và Đào tạo quyết định việc nghỉ học": ["Sở Giáo dục và Đào tạo"],
    "Công an tỉnh vây ráp các tụ điểm": ["Công an tỉnh"],
    "Công ty Môi trường đô thị An Bình hốt rác dọc tuyến": ["Công ty Môi trường đô thị An Bình"],
    "Chi cục Thuế khu vực II truy thu nợ": ["Chi cục Thuế khu vực II"],
    "Bộ Chỉ huy Quân sự tỉnh, Bộ đội Biên phòng tỉnh sẵn sàng lực lượng":
        ["Bộ Chỉ huy Quân sự tỉnh", "Bộ đội Biên phòng tỉnh"],
    "Các phòng, ban; UBND các xã, thị trấn căn cứ Kế hoạch này lập kế hoạch":
        ["Các phòng, ban", "UBND các xã, thị trấn"],
    "Đ/c Hà - Công chức Địa chính: hoàn thiện hồ sơ": ["Hà - Công chức Địa chính"],
    "Rà soát biên chế, do Phòng Nội vụ thực hiện": ["Phòng Nội vụ"],
    "Trực lãnh đạo: Phó Chủ tịch UBND huyện": ["Phó Chủ tịch UBND huyện"],
    "UBND các huyện, thành phố: An Bình, Hòa Sơn rà soát": ["UBND huyện An Bình", "UBND huyện Hòa Sơn"],
    "Đơn vị sử dụng ngân sách lập dự toán": ["Đơn vị sử dụng ngân sách"],
    "Rà soát hồ sơ tồn đọng, gửi về Phòng Nội vụ": ["các cơ quan, đơn vị"],
    "Phân công cán bộ trực": ["các cơ quan, đơn vị"],
}  # fmt: skip


def test_the_shape_of_a_name_says_where_it_ends_whatever_verb_follows():
    found = items(*NAMED)

    assert dict(zip(NAMED, map(leads, found), strict=True)) == NAMED


DATED = {
    "Gửi báo cáo đến tay người nhận chậm nhất là ngày 12/3/2026": date(2026, 3, 12),
    "Báo cáo vào lúc 10 giờ 00 ngày 12/3/2026": date(2026, 3, 12),
    "Bàn giao mặt bằng ngày 30/9/2026": date(2026, 9, 30),
    "Rà soát hồ sơ, hoàn thành trong Quý I, II": date(2026, 6, 30),
    "Hoàn thành việc rà soát vào đầu tháng 9": date(2026, 9, 1),
    "Tổ chức trực từ nay đến hết ngày 20/3/2026": date(2026, 3, 20),
    "Lập danh sách. Thời gian thực hiện: Tháng 4 - 9/2026": date(2026, 9, 30),
    "Hoàn thành việc rà soát trước Tết Nguyên đán": None,
    "Phối hợp tổ chức Hội nghị vào ngày 20/3/2026": None,
    "Rà soát các hộ phát sinh từ ngày 01/01/2026 đến ngày 28/02/2026": None,
    "Rà soát các dự án có hiệu lực từ ngày 01/7/2026": None,
}


def test_a_sentence_says_its_deadline_in_many_ways():
    found = items(*DATED)

    assert dict(zip(DATED, (each.due_on for each in found), strict=True)) == DATED


RETURNING = {
    "Gửi báo cáo trước 16 giờ thứ Năm hằng tuần": Recurrence.WEEKLY,
    "Mở hòm thư góp ý ngày 15 và ngày 30 hằng tháng": Recurrence.MONTHLY,
    "Báo cáo định kỳ hằng quý, 6 tháng và hằng năm": Recurrence.QUARTERLY,
    "Định kỳ 6 tháng một lần thực tập phương án": Recurrence.SEMIANNUAL,
    "Báo cáo trước 07 giờ và 16 giờ hằng ngày": Recurrence.DAILY,
}


def test_a_sentence_says_in_many_ways_that_it_comes_again():
    found = items(*RETURNING)

    assert {each.text[:-1]: each.recurrence.value for each in found} == RETURNING
    assert found[-1].due_time is None


def test_lines_of_any_label_complete_the_item_above_them():
    text = PLAN + """II. NHIỆM VỤ
1. Trình đề án sắp xếp chợ.
- Bộ phận soạn thảo: Phòng Kinh tế phối hợp với Phòng Tư pháp.
- Ngày trình: Trước ngày 14/4/2026.
2. Lập đường dây nóng.
- Giao Phòng Nội vụ thực hiện.
- Hoàn thành trước ngày 20/3/2026.
3. Số hóa hồ sơ
Người thực hiện: Công chức Văn phòng - Thống kê.
Về kết quả: đạt 54%.
"""

    first, second, third = tasks(text + FOOT)

    assert (leads(first), first.coordinating[0].value) == (["Phòng Kinh tế"], "Phòng Tư pháp")
    assert (leads(second), leads(third)) == (["Phòng Nội vụ"], ["Công chức Văn phòng - Thống kê"])
    assert [each.due_on for each in (first, second)] == [date(2026, 4, 13), date(2026, 3, 19)]
    assert not any(each.product for each in (first, second, third))


def test_a_month_above_items_of_its_own_is_a_heading():
    paper = (
        "CHƯƠNG TRÌNH CÔNG TÁC\n\nB. NỘI DUNG CỤ THỂ\n\nI. THÁNG 01\n\n"
        "1. Rà soát hộ nghèo để tặng quà Tết.\n- Đơn vị tham mưu: Phòng Kinh tế.\n"
        "- Thời gian: Xong trước ngày 25/01/2026.\n\nII. THÁNG 02\n\n"
        "2. Tổ chức Lễ giao, nhận quân.\n- Đơn vị tham mưu: Ban Chỉ huy Quân sự xã.\n"
        "- Thời gian: Ngày 23/02/2026.\n"
    )

    found = tasks(paper)

    assert [leads(task) for task in found] == [["Phòng Kinh tế"], ["Ban Chỉ huy Quân sự xã"]]


def test_what_says_where_to_look_or_who_pays_is_no_task():
    assert not items(
        "Kinh phí thực hiện do ngân sách huyện bảo đảm",
        "Nội dung chi tiết nêu tại Phụ lục ban hành kèm theo Kế hoạch này",
        "(Chi tiết tại Phụ lục kèm theo)",
    )


def test_the_day_of_a_preamble_is_no_deadline_of_the_items():
    text = LETTER.replace("Để tăng cường kỷ luật,", "Đến hết ngày 30/4/2026 huyện phấn đấu trồng 12 ha,")

    (task,) = tasks(text + "1. Rà soát hiện trường." + FOOT)

    assert task.due_on is None


def test_items_of_an_article_that_shares_out_work_are_tasks():
    head = HEAD.format(number="7/QĐ-UBND") + "QUYẾT ĐỊNH\nVề việc phê duyệt Đề án\n\nQUYẾT ĐỊNH:\n\n"
    text = head + """Điều 1. Phê duyệt Đề án trồng cây.
Điều 2. Tổ chức thực hiện
1. Giao Phòng Kinh tế:
a) Hướng dẫn trồng cây;
2. UBND các xã vận động nhân dân.
Điều 3. Quyết định này có hiệu lực kể từ ngày ký.
"""

    found = tasks(text + FOOT)

    assert [(each.text, leads(each)) for each in found] == [
        ("Hướng dẫn trồng cây", ["Phòng Kinh tế"]), ("UBND các xã vận động nhân dân.", ["UBND các xã"]),
    ]  # fmt: skip
