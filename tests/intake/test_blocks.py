"""Tasks laid out in lines of their own: where one ends and the next begins, and what is none."""

from datetime import date

from tests.intake.test_unusual import tasks_of, values


def test_each_line_of_a_content_begins_a_task_that_reaches_to_the_last_line_about_it():
    first = "Rà soát hạ tầng mạng.\nCơ quan chủ trì: Phòng Văn hóa.\nThời gian: trước ngày 30/6/2026."
    second = "Mua sắm máy tính.\nCơ quan chủ trì: Phòng Tài chính.\nThời gian: trước ngày 15/7/2026."

    found = tasks_of(f"Nội dung: {first}\nNội dung: {second}\n")

    assert [(each.text, values(each.lead), each.due_on) for each in found] == [
        (first, ["Phòng Văn hóa"], date(2026, 6, 29)), (second, ["Phòng Tài chính"], date(2026, 7, 14)),
    ]  # fmt: skip


def test_a_content_beside_which_nobody_and_no_day_is_named_is_no_task():
    assert tasks_of("Nội dung: Rà soát hạ tầng mạng.\nSản phẩm: báo cáo.\n") == ()


def test_a_day_of_reports_below_an_item_with_a_day_of_its_own_asks_for_a_report_itself():
    first, second, line = tasks_of(
        "Đề nghị Phòng Nội vụ thực hiện:\n1. Rà soát hồ sơ, báo cáo kết quả trước ngày 10/4/2026.\n"
        "2. Báo cáo tình hình nhân sự trước ngày 20/4/2026.\nThời hạn báo cáo: trước ngày 30/4/2026.\n"
    )

    assert [each.due_on for each in (first, second)] == [date(2026, 4, 9), date(2026, 4, 19)]
    assert (line.text, line.due_on) == ("Thời hạn báo cáo: trước ngày 30/4/2026.", date(2026, 4, 29))
    assert line.sure <= 0.5 < second.sure


def test_a_day_of_reports_below_an_item_without_one_is_that_of_the_item():
    [task] = tasks_of(
        "Đề nghị Phòng Nội vụ thực hiện:\n1. Báo cáo tổng hợp.\nThời hạn báo cáo: trước ngày 30/4/2026.\n"
    )

    assert task.due_on == date(2026, 4, 29)
