"""Tasks laid out in lines of their own: where one ends and the next begins, and what is none."""

from datetime import date

from tests.intake.test_unusual import tasks_of, values


def test_each_line_of_a_content_begins_a_task_of_its_own():
    found = tasks_of(
        "Nội dung: Rà soát hạ tầng mạng.\nCơ quan chủ trì: Phòng Văn hóa.\n"
        "Thời gian: trước ngày 30/6/2026.\n"
        "Nội dung: Mua sắm máy tính.\nCơ quan chủ trì: Phòng Tài chính.\nThời gian: trước ngày 15/7/2026.\n"
    )

    assert [(each.text.partition(".")[0], values(each.lead), each.due_on) for each in found] == [
        ("Rà soát hạ tầng mạng", ["Phòng Văn hóa"], date(2026, 6, 29)),
        ("Mua sắm máy tính", ["Phòng Tài chính"], date(2026, 7, 14)),
    ]


def test_a_content_beside_which_nobody_and_no_day_is_named_is_no_task():
    assert tasks_of("Nội dung: Rà soát hạ tầng mạng.\nSản phẩm: báo cáo.\n") == ()
