"""Where a task may be split."""

import pytest

from tracker.intake.cuts import cuts_in


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Rà soát hồ sơ tồn đọng; báo cáo kết quả về Sở.", ["báo cáo kết quả về Sở."]),
        ("Lập danh sách hộ nghèo. Gửi danh sách về huyện.", ["Gửi danh sách về huyện."]),
        ("Thống kê số hộ dân trong vùng, tổng hợp gửi về Sở.", ["tổng hợp gửi về Sở."]),
        ("Thực hiện cơ chế một cửa, liên thông trong giải quyết thủ tục.", []),
        ("Tăng cường kiểm tra, giám sát việc chấp hành pháp luật.", []),
        ("Các đơn vị khẩn trương rà soát, thống kê hộ nghèo.", []),
        ("Xây dựng phương án phòng cháy, chữa cháy và cứu nạn, cứu hộ.", []),
        ("Phối hợp với Sở Văn hóa, Thể thao và Du lịch tỉnh.", []),
        ("Phối hợp với UBND TP. Hải Dương làm việc này.", []),
        ("Rà soát các xã, phường, thị trấn có tên sau: An Bình.", []),
        ("Báo cáo; gửi.", []),
    ],
)  # fmt: skip
def test_a_task_is_cut_behind_a_clause_or_before_a_verb_and_never_within_a_name(text, parts):
    assert [text[at:] for at in cuts_in(text)] == parts


def test_a_hard_end_of_a_line_cuts_nothing():
    text = "Rà soát hồ sơ của các hộ dân\nsinh sống trong vùng; lập danh sách\ncần hỗ trợ"

    assert [text[at:] for at in cuts_in(text)] == ["lập danh sách\ncần hỗ trợ"]
