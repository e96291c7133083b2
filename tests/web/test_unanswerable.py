"""What no B.4 can tell is said in the same way by every page and file of it, with what to type instead."""

import re
from datetime import date

import pytest

from tests.web.pages import words

TODAY = date(2026, 4, 15)
NEXT_YEAR = "from=2027-01-01&to=2027-12-31"
LAST_BEFORE_FIRST = "from=2026-03-01&to=2026-01-31"
WITHOUT_AN_END = "from=2026-01-01"
NO_DAYS = "from=31/02/2026&to=abc"
CUT_OFF_BEFORE = "from=2026-03-01&to=2026-03-31&on=2026-01-01"
CUT_OFF_TOMORROW = "from=2026-03-01&to=2026-04-30&on=2026-04-16"
COMPARED_LATER = "from=2026-01-01&to=2026-03-31&compare=2026-04-01"
SAYS = {
    NEXT_YEAR: "Kỳ báo cáo chưa bắt đầu. Nhập ngày không sau hôm nay, 15/04/2026.",
    LAST_BEFORE_FIRST: "Ngày cuối kỳ phải trùng hoặc sau ngày đầu kỳ. Nhập ngày từ 01/03/2026.",
    WITHOUT_AN_END: "Đến ngày: Chưa nhập ngày.",
    NO_DAYS: "Ngày 31/02/2026 không có trong lịch.",
    CUT_OFF_BEFORE: "Ngày chốt số liệu phải trùng hoặc sau ngày đầu kỳ. Nhập ngày từ 01/03/2026.",
    CUT_OFF_TOMORROW: "Ngày chốt số liệu chưa tới. Nhập ngày không sau hôm nay, 15/04/2026.",
}
OF_B4 = (
    "/bieu-b4?", "/bieu-b4?format=csv&", "/bieu-b4?format=xlsx&", "/bieu-b4?format=docx&",
    "/bieu-b4?format=json&", "/bieu-b4/in?", "/bieu-b4/hinh?", "/bieu-b4/nhiem-vu?", "/bieu-b4/chot?",
)  # fmt: skip
OF_RANKING = (
    "/xep-hang?", "/xep-hang?format=xlsx&", "/xep-hang?format=docx&", "/xep-hang/in?",
    "/xep-hang/nhiem-vu?", "/xep-hang/vi-sao?row=noi-vu&", "/xep-hang/thu-trong-so?",
)  # fmt: skip


@pytest.fixture(autouse=True)
def world(cast, on_day):
    on_day(TODAY)
    cast.make_task()
    return cast


def summary_of(page):
    assert page.status_code == 422
    assert "<title>Lỗi:" in page.text
    (found,) = re.findall(r'(?s)<div class="error-summary".*?</div>', page.text)
    return found


@pytest.mark.parametrize("asked", SAYS)
@pytest.mark.parametrize("path", [*OF_B4, *OF_RANKING])
def test_every_page_and_file_says_what_is_wrong_and_what_to_type(cast, client_of, path, asked) -> None:
    page = client_of(cast.tracker).get(path + asked)

    assert SAYS[asked] in re.sub(r"<[^>]*>", "", summary_of(page))
    where = "/xep-hang" if path in OF_RANKING else "/bieu-b4"
    assert f'<form class="question b4-question" method="get" action="{where}"' in page.text


@pytest.mark.parametrize("path", OF_B4)
def test_a_day_to_compare_with_that_is_no_earlier_one_is_refused_by_all(cast, client_of, path) -> None:
    page = client_of(cast.tracker).get(path + COMPARED_LATER)

    assert "Ngày so sánh phải trước ngày chốt số liệu 31/03/2026." in summary_of(page)


@pytest.mark.parametrize("path", OF_RANKING[:4])
def test_the_ranking_does_not_mind_what_only_a_b4_is_asked(cast, client_of, path) -> None:
    client = client_of(cast.tracker)

    odd = (COMPARED_LATER, "group=khong-co", "folded=1")
    answers = {client.get(path + each).status_code for each in odd}

    assert answers == {200}


@pytest.mark.parametrize("path", [path for path in OF_B4 if "chot" not in path])
def test_who_has_no_b4_is_told_so_by_all(cast, client_of, path) -> None:
    page = client_of(cast.coordinator).get(path)

    assert page.status_code == 200
    assert "Chưa có nhiệm vụ nào được giao cho đơn vị của bạn" in words(page)


@pytest.mark.parametrize("asked", [NEXT_YEAR, LAST_BEFORE_FIRST, NO_DAYS, "on=2026-04-16"])
def test_a_file_cannot_be_ordered_of_what_no_b4_can_tell_and_the_page_says_why(
    cast, client_of, asked
) -> None:
    address = f"/xuat-tep/dat?what=b4&form=xlsx&assigner={cast.city.code}&{asked}"

    page = client_of(cast.tracker).get(address, follow_redirects=True)

    assert summary_of(page)
