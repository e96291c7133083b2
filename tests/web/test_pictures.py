"""The pictures of B.4: their numbers are those of the table, on the day, and each person sees their part."""

import html
import re
from datetime import date

import pytest

from tests.counting import statements
from tracker.queries import b4
from tracker.queries.b4 import Question
from tracker.queries.trend import trend
from tracker.rules.overdue_report import month_ends
from tracker.rules.status import State

TODAY = date(2026, 4, 15)
PAGE = "/bieu-b4/hinh?from=01/01/2026&to=31/12/2026"


@pytest.fixture(autouse=True)
def today(on_day) -> None:
    on_day(TODAY)


def busy_world(cast):
    cast.make_task(state=State.COMPLETED)
    for _ in range(2):
        cast.make_task(state=State.IN_PROGRESS)
    cast.make_task(state=State.AWAITING_CONFIRMATION, reported_on=date(2026, 4, 1))
    for _ in range(3):
        cast.make_task(unit=cast.commune)


@pytest.fixture
def busy(lay):
    """Nội vụ has one on time, two overdue and one that waits since 1 April; Phú An has three overdue."""
    return lay(busy_world)


def question_of(cast, on: date = TODAY) -> Question:
    return Question(cast.city, date(2025, 1, 1), date(2026, 12, 31), on)


def test_the_months_are_those_of_the_table_of_each_day(busy, app) -> None:
    months = trend(question_of(busy))

    assert list(months.days) == month_ends(TODAY)
    for place, day in enumerate(months.days):
        table = b4.table(question_of(busy, day))
        overdue = {row.key: row.number_of("overdue") for row in table.rows if row.number_of("overdue")}
        told = {unit.code: unit.months[place].overdue for unit in months.units if unit.months[place].overdue}
        assert told == overdue
        assert months.whole[place].overdue == table.total.number_of("overdue")


def test_the_page_says_its_findings_in_words(busy, client_of) -> None:
    text = client_of(busy.chairman).get(PAGE).text

    labels = re.findall(r'<svg class="(?:picture|trend)"[^>]*aria-label="([^"]+)"', text)
    assert len(labels) == 4
    assert "7 nhiệm vụ" in labels[0] and "UBND xã Phú An (3)" in labels[0]
    assert "5 nhiệm vụ quá hạn" in labels[1]
    assert "1 nhiệm vụ đã báo cáo, chờ văn phòng xác nhận" in labels[3] and "14 ngày" in labels[3]


def test_each_cell_of_the_heat_map_opens_the_tasks_it_counts(busy, client_of) -> None:
    client = client_of(busy.chairman)
    text = client.get(PAGE).text

    picture = text.split('role="group"')[1].split("</svg>")[0]
    cells = re.findall(r'<a href="([^"]+)" aria-label="[^"]+: (\d+) nhiệm vụ quá hạn"', picture)
    assert [number for _url, number in cells] == ["3", "2", "3", "3"]
    for url, number in cells:
        listed = client.get(html.unescape(url)).text
        assert len(re.findall(r'<th scope="row"><a href="/nhiem-vu/\d+', listed)) == int(number), url


def test_the_rows_stand_by_overdue_when_asked(busy, client_of) -> None:
    client = client_of(busy.chairman)

    orders = [
        re.findall(r"<g><title>([^:<]+):", client.get(PAGE + words).text.split("</svg>")[1])
        for words in ("", "&sort=overdue")
    ]

    assert orders == [["Phòng Nội vụ", "UBND xã Phú An"], ["UBND xã Phú An", "Phòng Nội vụ"]]


def test_beside_the_bars_stand_the_seven_numbers_each_with_its_tasks(busy, client_of) -> None:
    table = b4.table(question_of(busy))

    page = client_of(busy.chairman).get(PAGE).text

    beside = page.split('id="cells"')[1].split("</table>")[0]
    shown = [
        [int(number) for number in re.findall(r">(\d+)</a>", line)]
        for line in re.findall(r"(?s)<tr><th scope=\"row\"(.*?)</tr>", beside)
    ]
    assert shown == [[*row.cells, row.all] for row in (*table.rows, table.total)]
    assert beside.count("/bieu-b4/nhiem-vu?") == 8 * len(shown)


def test_a_unit_below_another_is_set_in_where_it_stands_below_it_alone(busy, client_of) -> None:
    below = busy.make_unit(parent=busy.lead)
    busy.make_task(unit=below, state=State.IN_PROGRESS)
    client = client_of(busy.chairman)

    depths = [
        client.get(PAGE + words).text.split('id="cells"')[1].count('class="below-1"')
        for words in ("", "&sort=overdue")
    ]

    assert depths == [1, 0]


def test_many_rows_are_one_bar_together_and_stand_in_the_table(busy, client_of, monkeypatch) -> None:
    monkeypatch.setattr("tracker.web.b4_pictures.MOST_ROWS", 1)

    text = client_of(busy.chairman).get(PAGE).text

    assert "1 dòng khác, cộng lại" in text and '<th scope="row">UBND xã Phú An</th>' in text


def test_rates_stand_in_the_map_when_asked(busy, client_of) -> None:
    text = client_of(busy.chairman).get(PAGE + "&heat=rate").text

    assert "% đúng hạn (" in text and "không có thời hạn nào" in text


def test_a_unit_sees_its_own_part_alone(busy, client_of) -> None:
    text = client_of(busy.outsider).get(PAGE).text

    assert "UBND xã Phú An" in text and "Phòng Nội vụ" not in text
    assert "3 nhiệm vụ quá hạn" in text


def test_an_unknown_assigner_and_an_odd_question_have_no_pictures(busy, client_of) -> None:
    client = client_of(busy.chairman)

    refused = client.get("/bieu-b4/hinh?from=31/2/2026&to=x")

    assert client.get("/bieu-b4/hinh?assigner=khong-co").status_code == 404
    assert refused.status_code == 422
    assert "không có trong lịch" in refused.text and 'value="31/2/2026"' in refused.text
    assert "<svg class" not in refused.text.split("<main")[1]


def test_who_has_no_b4_is_told_so_in_place_of_pictures(cast, client_of) -> None:
    page = client_of(cast.outsider).get("/bieu-b4/hinh")

    assert page.status_code == 200 and "chưa có số liệu để lập biểu" in page.text


@pytest.mark.both_databases
@pytest.mark.parametrize("words", ["", "&folded=1"])
def test_each_stretch_of_waiting_opens_exactly_its_tasks(cast, client_of, words) -> None:
    days = {0: (15, 14), 1: (13, 12), 2: (11, 8), 3: (7, 1)}
    for stretch, reported in days.items():
        for unit, day in zip((cast.lead, cast.commune), reported, strict=True):
            on = date(2026, 4, day)
            cast.make_task(
                unit=unit, state=State.AWAITING_CONFIRMATION, reported_on=on,
                content=f"Chờ {stretch} {unit.code}",
            )  # fmt: skip
    client = client_of(cast.chairman)

    table = client.get(PAGE + words).text.split("Chờ xác nhận theo đơn vị")[-1].split("</table>")[0]

    links = re.findall(r'<a href="([^"]+waiting=(\d)[^"]*)" aria-label="(\d+) ', table)
    assert {(stretch, number) for _url, stretch, number in links} == {
        (str(stretch), number) for stretch in days for number in "12"
    }
    for url, stretch, number in links:
        listed = client.get(html.unescape(url)).text
        found = re.findall(r'<th scope="row"><a href="/nhiem-vu/\d+">Chờ (\d)', listed)
        assert found == [stretch] * int(number), url
        assert f"<strong>{number} nhiệm vụ</strong>" in listed


def test_an_odd_stretch_of_waiting_is_not_found(busy, client_of) -> None:
    client = client_of(busy.chairman)

    for word in ("6", "-1", "x", ""):
        assert client.get(f"/bieu-b4/nhiem-vu?cell=awaiting_confirmation&waiting={word}").status_code == 404


@pytest.mark.parametrize(
    "words", ["&group=field", "&group=directive", "&group=leader", "&group=month", "&folded=1"]
)
def test_pictures_stand_for_every_grouping(busy, client_of, words) -> None:
    response = client_of(busy.chairman).get(PAGE + words)

    assert response.status_code == 200 and "None" not in response.text.split("<main")[1]


def test_the_statements_do_not_grow_with_the_units(busy, client_of) -> None:
    client = client_of(busy.chairman)
    client.get(PAGE)
    with statements() as before:
        client.get(PAGE)
    for unit in (busy.coordinating, busy.commune, busy.lead):
        busy.make_task(unit=unit, coordinating=[], state=State.IN_PROGRESS)

    with statements() as after:
        client.get(PAGE)

    assert len(after) == len(before)
