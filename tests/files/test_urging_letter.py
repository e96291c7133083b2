"""The urging letter read back from its Word file."""

from __future__ import annotations

import io
from datetime import date, timedelta

import pytest
from docx import Document
from docx.enum.section import WD_ORIENT

from tracker.files.urging_letter import LetterTask, UrgingLetter

DAY = date(2026, 11, 21)


def make_task(days=4, *, times=0, **values):
    values = {
        "content": "Rà soát quy hoạch", "directive": "Công văn 254/UBND-NV ngày 12/10/2026",
        "due_on": DAY - timedelta(days=days), "days_overdue": max(0, days),
        "reminded_on": [DAY - timedelta(days=n) for n in range(times, 0, -1)],
    } | values  # fmt: skip
    return LetterTask(**values)


def make_letter(*tasks, **values):
    values = {
        "assigner": "UBND thành phố Huế", "above": [], "title_of_head": None, "unit": "UBND xã Hải Dương",
        "on": DAY,
    } | values  # fmt: skip
    return UrgingLetter(tasks=tasks, **values)


def read(letter):
    return Document(io.BytesIO(letter.as_word_file()))


def words_of(document):
    return "\n".join(paragraph.text for paragraph in document.paragraphs)


def table_of(document):
    (table,) = [each for each in document.tables if len(each.columns) == 6]
    return [[cell.text for cell in row.cells] for row in table.rows]


def test_the_letter_names_the_unit_the_task_its_paper_and_how_late_it_is():
    document = read(make_letter(make_task(times=2), reply_by=date(2026, 11, 27), words="Chủ tịch phê bình."))

    words = words_of(document)

    assert "Kính gửi: UBND xã Hải Dương" in words
    assert "tính đến ngày 21/11/2026, UBND xã Hải Dương còn 01 nhiệm vụ đã quá thời hạn" in words
    assert "báo cáo kết quả chậm nhất ngày 27/11/2026" in words
    assert "Chủ tịch phê bình." in words
    assert "không thay đổi thời hạn đã giao" in words
    assert table_of(document) == [
        ["STT", "Nhiệm vụ", "Văn bản giao", "Thời hạn", "Số ngày quá hạn", "Các lần đã nhắc"],
        ["1", "Rà soát quy hoạch", "Công văn 254/UBND-NV ngày 12/10/2026", "17/11/2026", "4",
         "2 lần: 19/11/2026, 20/11/2026"],
    ]  # fmt: skip


def test_number_day_and_name_are_left_open_and_the_office_signs_by_order():
    document = read(make_letter(make_task()))

    head = "\n".join(cell.text for row in document.tables[0].rows for cell in row.cells)
    foot = "\n".join(cell.text for row in document.tables[-1].rows for cell in row.cells)

    assert "Số:        /UBND-VP" in head
    assert "Huế, ngày       tháng 11 năm 2026" in head
    assert foot.endswith("TL. CHỦ TỊCH\nCHÁNH VĂN PHÒNG\n")
    assert "- Như trên;" in foot


@pytest.mark.parametrize(
    ("tasks", "subject"),
    [
        ([make_task()], "V/v đôn đốc thực hiện nhiệm vụ tại Công văn 254/UBND-NV ngày 12/10/2026"),
        ([make_task(), make_task()], "V/v đôn đốc thực hiện 02 nhiệm vụ quá hạn"),
        ([make_task(), make_task(-3)], "V/v đôn đốc thực hiện 02 nhiệm vụ được giao"),
    ],
)
def test_the_subject_says_how_many_are_late(tasks, subject):
    assert make_letter(*tasks).subject == subject


def test_what_is_not_late_asks_for_no_reasons():
    words = words_of(read(make_letter(make_task(0))))

    assert "giải trình" not in words
    assert "quá thời hạn" not in words
    assert table_of(read(make_letter(make_task(0))))[1][4] == "–"


@pytest.mark.parametrize(
    ("times", "words"),
    [
        (0, "Chưa nhắc"),
        (1, "1 lần: 20/11/2026"),
        (6, "6 lần: 15/11/2026, 16/11/2026, 17/11/2026, 18/11/2026, 19/11/2026, 20/11/2026"),
        (7, "7 lần, gần nhất: 18/11/2026, 19/11/2026, 20/11/2026"),
    ],
)
def test_earlier_reminders_are_named_by_their_days(times, words):
    assert table_of(read(make_letter(make_task(times=times))))[1][5] == words


def test_ten_tasks_stand_in_the_letter_and_eleven_in_an_annex_that_lies():
    ten, eleven = (read(make_letter(*[make_task()] * number)) for number in (10, 11))

    assert len(ten.sections) == 1
    assert "cụ thể như sau:" in words_of(ten)
    assert [section.orientation for section in eleven.sections] == [WD_ORIENT.PORTRAIT, WD_ORIENT.LANDSCAPE]
    assert "chi tiết tại Phụ lục kèm theo." in words_of(eleven)
    assert len(table_of(eleven)) == 12
    assert len(eleven.tables[1].columns) == 2, "the signature stands before the annex"


def test_a_division_signs_by_its_head_below_its_superior():
    letter = make_letter(
        make_task(), assigner="Phòng Nội vụ", above=["UBND thành phố Huế"], title_of_head="Trưởng phòng"
    )
    document = read(letter)

    head = "\n".join(cell.text for row in document.tables[0].rows for cell in row.cells)

    assert "UBND THÀNH PHỐ HUẾ\nPHÒNG NỘI VỤ" in head
    assert "/PNV" in head
    assert "TRƯỞNG PHÒNG" in document.tables[-1].rows[0].cells[1].text


def test_equal_letters_are_equal_byte_for_byte():
    first, second = make_letter(make_task()), make_letter(make_task())

    assert first.as_word_file() == second.as_word_file()
