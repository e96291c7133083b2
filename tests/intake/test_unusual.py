"""Layouts that papers seldom have: piped tables, weeks of months, deadlines of some items, nobody named."""

from datetime import date

import pytest

from tracker.intake.reading import read_words
from tracker.rules.deadlines import WorkingCalendar

HEAD = """UBND HUYỆN VĂN GIANG
Số: 25/UBND-VP
Văn Giang, ngày 02 tháng 3 năm 2026
V/v rà soát chuyển đổi số
Kính gửi: Phòng Nội vụ
"""


def tasks_of(body):
    plain, found = read_words(HEAD + body, calendar=WorkingCalendar(), today=date(2026, 11, 21))
    assert all(plain.text[each.start : each.end] == each.text for each in found.tasks)
    return found.tasks


def values(found):
    return [each.value for each in found]


@pytest.mark.parametrize("rule", ["", "|---|---|---|---|---|\n"])
def test_a_table_of_upright_strokes_is_read_as_one(rule):
    first, second = tasks_of(
        "Phân công nhiệm vụ như sau:\n"
        f"| STT | Nội dung | Chủ trì | Phối hợp | Thời hạn |\n{rule}"
        "| 1 | Rà soát hạ tầng mạng của các xã | Phòng Văn hóa | UBND các xã | 30/6/2026 |\n"
        "| 2 | Mua sắm máy tính | Phòng Tài chính | | quý III/2026 |\n"
    )

    assert (first.text, values(first.lead), values(first.coordinating), first.due_on) == (
        "Rà soát hạ tầng mạng của các xã", ["Phòng Văn hóa"], ["UBND các xã"], date(2026, 6, 30),
    )  # fmt: skip
    assert (second.text, values(second.lead), second.due_on) == (
        "Mua sắm máy tính", ["Phòng Tài chính"], date(2026, 9, 30),
    )  # fmt: skip


def test_a_line_with_a_stroke_is_no_table():
    found = tasks_of("1. Phòng Nội vụ rà soát mẫu A | B của hồ sơ trước ngày 30/6/2026.\n")

    assert [(values(each.lead), each.due_on) for each in found] == [(["Phòng Nội vụ"], date(2026, 6, 29))]


@pytest.mark.parametrize("week", ["tuần 2 tháng 4", "tuần thứ 2 của tháng 4/2026", "tuần thứ hai tháng 4"])
def test_the_week_of_a_month_keeps_its_words_and_has_no_day(week):
    [task] = tasks_of(f"1. Phòng Nội vụ tổ chức tập huấn cho cán bộ, xong trong {week}.\n")

    assert task.due_on is None
    assert week in task.due_phrase.value
    assert task.due_phrase.is_doubtful


ITEMS = "Đề nghị Phòng Nội vụ thực hiện các nội dung sau:\n1. Rà soát hồ sơ của cán bộ xã.\n"


def test_a_deadline_of_reports_is_that_of_the_items_that_report():
    found = tasks_of(
        f"{ITEMS}2. Tổng hợp, báo cáo kết quả về UBND huyện.\n3. Thời hạn báo cáo: trước ngày 30/6/2026.\n"
    )

    assert [(each.item, each.due_on) for each in found] == [("1", None), ("2", date(2026, 6, 29))]


def test_a_deadline_of_reports_that_nobody_writes_asks_for_one_itself():
    found = tasks_of(f"{ITEMS}2. Tuyên truyền đến người dân.\n3. Thời hạn báo cáo: trước ngày 30/6/2026.\n")

    assert [(each.item, each.due_on) for each in found] == [
        ("1", None), ("2", None), ("3", date(2026, 6, 29)),
    ]  # fmt: skip
    assert found[2].sure <= 0.5


def test_a_deadline_of_reports_that_all_have_a_day_of_their_own_asks_for_one_itself():
    found = tasks_of(
        f"{ITEMS}2. Báo cáo kết quả trước ngày 15/4/2026.\n3. Thời hạn báo cáo: trước ngày 30/6/2026.\n"
    )

    assert [(each.item, each.due_on) for each in found] == [
        ("1", None), ("2", date(2026, 4, 14)), ("3", date(2026, 6, 29)),
    ]  # fmt: skip
    assert found[2].sure <= 0.5


@pytest.mark.parametrize(
    "line",
    ["Thời hạn hoàn thành: trước ngày 30/6/2026.", "Thời hạn báo cáo: 29/6/2026 đối với tất cả nội dung."],
)  # fmt: skip
def test_a_deadline_of_all_is_that_of_each(line):
    found = tasks_of(f"{ITEMS}2. Tuyên truyền đến người dân.\n3. {line}\n")

    assert [each.due_on for each in found] == [date(2026, 6, 29)] * 2


@pytest.mark.parametrize(
    "sentence",
    ["Hoàn thành việc rà soát hồ sơ trước ngày 30/6/2026.",
     "Việc rà soát hồ sơ phải hoàn thành trước ngày 30/6/2026."],
)  # fmt: skip
def test_a_dated_sentence_that_names_nobody_is_a_task_to_be_looked_at(sentence):
    [task] = tasks_of(f"Huyện đang chuẩn bị cho đợt kiểm tra. {sentence}\n")

    assert (task.text, task.lead, task.due_on) == (sentence, (), date(2026, 6, 29))
    assert task.sure < 0.7


@pytest.mark.parametrize("who", ["Bộ phận tham mưu", "Đơn vị tham mưu", "Đơn vị tham mưu, đề xuất"])
def test_a_bullet_that_names_who_prepares_it_tells_of_the_item_above(who):
    first, second = tasks_of(
        "Phân công nhiệm vụ như sau:\n"
        f"1. Xây dựng kế hoạch tuyên truyền.\n- {who}: Phòng Nội vụ.\n- Thời hạn: trước ngày 30/6/2026.\n"
        f"2. Rà soát hồ sơ cán bộ.\n- {who}: Phòng Tài chính.\n"
    )

    assert [(values(each.lead), each.due_on) for each in (first, second)] == [
        (["Phòng Nội vụ"], date(2026, 6, 29)), (["Phòng Tài chính"], None),
    ]  # fmt: skip


def test_lines_that_begin_with_the_content_are_one_task():
    [task] = tasks_of(
        "NHÓM 1: RÀ SOÁT\nNội dung: Rà soát thủ tục của huyện.\nCơ quan chủ trì: Phòng Nội vụ.\n"
        "Thời gian hoàn thành: Trước ngày 15/8/2026.\n"
    )

    assert (task.text[:7], values(task.lead), task.due_on) == ("Rà soát", ["Phòng Nội vụ"], date(2026, 8, 14))


@pytest.mark.parametrize(("word", "number"), [("chỉ thị", 2), ("yêu cầu", 2), ("được biết", 0)])
def test_below_a_call_paragraphs_that_begin_with_a_unit_ask_it(word, number):
    found = tasks_of(
        f"Để chủ động phòng rét, Chủ tịch UBND huyện {word}:\n"
        "Phòng Kinh tế hướng dẫn người dân dự trữ thức ăn cho trâu, bò.\n"
        "Phòng Văn hóa tuyên truyền trên loa truyền thanh của các bản.\n"
    )

    assert len(found) == number


def test_dots_behind_the_subject_are_no_part_of_it():
    head = HEAD.replace("chuyển đổi số\n", "chuyển đổi số ......................\n")

    _plain, found = read_words(
        f"{head}1. Phòng Nội vụ rà soát hồ sơ.\n", calendar=WorkingCalendar(), today=date(2026, 11, 21)
    )

    assert found.header.subject.value == "rà soát chuyển đổi số"
    assert values(found.header.addressees) == ["Phòng Nội vụ"]


def test_an_item_that_ends_in_signs_alone_is_read():
    _plain, found = read_words(
        "1. Cơ quan chủ trì- ; - ", calendar=WorkingCalendar(), today=date(2026, 11, 21)
    )

    assert all(each.text.strip(" -;") for each in found.tasks)
