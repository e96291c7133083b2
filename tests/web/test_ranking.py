"""The ranking on its pages: each number opens its tasks, each score its parts, each person their rows."""

import html
import io
import re
from datetime import date
from urllib.parse import parse_qs, urlsplit

import docx
import openpyxl
import pytest

from tests.counting import statements
from tracker.models import db
from tracker.operations import calendar as settings
from tracker.operations import progress, requests, tasks, units
from tracker.operations.recording import Stamp
from tracker.queries.b4 import Question
from tracker.queries.ranking import ranking
from tracker.queries.settings import all_settings, working_calendar
from tracker.rules.ranking import Formula, Measure
from tracker.rules.settings import OF_RANKING
from tracker.rules.status import State

TODAY = date(2026, 4, 15)
FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)


@pytest.fixture(autouse=True)
def today(on_day) -> None:
    on_day(TODAY)


def ranked_world(cast):
    for _ in range(4):
        cast.make_task(state=State.COMPLETED, accepted_on=date(2026, 3, 9))
    cast.make_task(state=State.COMPLETED, reported_on=date(2026, 3, 27), closed_on=date(2026, 3, 30))
    asked = cast.make_task(state=State.IN_PROGRESS, due_on=date(2026, 4, 10))
    stamp = Stamp(on=date(2026, 3, 10))
    requests.ask_extension(asked, stamp=stamp, until=date(2026, 4, 20), reason="Khó")
    requests.grant_extension(asked, stamp=stamp)
    progress.report(asked, stamp=stamp)
    progress.rework(asked, stamp=stamp, reason="Thiếu")
    for _ in range(5):
        cast.make_task(unit=cast.commune, state=State.IN_PROGRESS)
    cast.make_task(unit=cast.commune)
    cast.make_task(unit=cast.coordinating, state=State.COMPLETED, coordinating=[])


@pytest.fixture
def ranked(lay):
    """Nội vụ is mostly on time, Phú An mostly late, one unit has few tasks."""
    return lay(ranked_world)


def whole_of(cast):
    question = Question(cast.city, FIRST, LAST, TODAY)
    formula = Formula.from_settings(all_settings())
    return ranking(question, formula=formula, calendar=working_calendar())


def content_of(text: str) -> str:
    """Return what a page says, without its head, whose form token changes with every second."""
    return re.search(r"<main.*</main>", text, re.DOTALL)[0]


def links_in(text: str) -> list[tuple[str, str]]:
    """Return each number of a page that opens a list, with its address."""
    found = re.findall(r'<a href="([^"]*/xep-hang/nhiem-vu[^"]*)"[^>]*>\s*([\d.,]+)</a>', text)
    return [(number, html.unescape(address)) for address, number in found]


def listed(client, address: str) -> list[int]:
    """Return the ids of the tasks behind a number, over all pages of the list."""
    ids: list[int] = []
    while address:
        page = client.get(address)
        assert page.status_code == 200, address
        ids += [int(number) for number in re.findall(r'<th scope="row"><a href="/nhiem-vu/(\d+)"', page.text)]
        following = re.search(r'href="([^"]+)" rel="next"', page.text)
        address = html.unescape(following[1]) if following else ""
    return ids


def test_each_number_opens_exactly_the_tasks_it_counts(ranked, client_of) -> None:
    client, whole = client_of(ranked.chairman), whole_of(ranked)

    links = links_in(client.get("/xep-hang").text)

    assert len(links) == 3 * 13 + 13 - 2  # three rows and the total; one row has no late task, so no days
    for _number, address in links:
        words = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        figures = whole.row(words["row"]).figures if "row" in words else whole.total
        behind = figures.behind(Measure(words["measure"]))
        assert sorted(listed(client, address)) == sorted(task.task_id for task in behind), address


def test_a_long_list_goes_on_where_its_page_ended(ranked, client_of, monkeypatch) -> None:
    monkeypatch.setattr("tracker.web.ranking.PAGE", 2)

    ids = listed(client_of(ranked.chairman), "/xep-hang/nhiem-vu?measure=counted")

    assert len(ids) == len(set(ids)) == 13


def test_the_facts_say_why_a_task_is_counted(ranked, client_of) -> None:
    client = client_of(ranked.chairman)

    response = client.get("/xep-hang/nhiem-vu?row=noi-vu&measure=response").text
    rework = client.get("/xep-hang/nhiem-vu?row=noi-vu&measure=rework").text
    late = client.get("/xep-hang/nhiem-vu?row=noi-vu&measure=late").text
    waiting = client.get("/xep-hang/nhiem-vu?row=phu-an&measure=overdue").text

    assert "giao 02/03/2026, tiếp nhận 09/03/2026 → 5 ngày làm việc" in response
    assert "báo cáo hoàn thành 1 lần, bị yêu cầu làm lại 1 lần" in rework
    assert "giao 02/03/2026, báo cáo ngày 27/03/2026, hạn 20/03/2026 → quá hạn 7 ngày" in late
    assert waiting.count("hạn 20/03/2026 → quá hạn 26 ngày") == 6


def test_the_table_ranks_by_score_and_lists_few_tasks_apart(ranked, client_of) -> None:
    page = client_of(ranked.tracker).get("/xep-hang").text

    body = page.split('id="ranking"')[1].split("</table>")[0]
    places = re.findall(r'<td class="place numeric"[^>]*>([^<]+)</td>\s*<th scope="row">([^<]+)<', body)
    assert places == [("1", "Phòng Nội vụ"), ("2", "UBND xã Phú An"), ("ít nhiệm vụ", "Phòng Tài chính")]
    assert "Nguyễn Văn Bình" in body and "Võ Thị Lan" in body
    assert body.count('class="score-bar"') == 3
    assert "Hoàn thành đúng hạn (trọng số 50)" in page


def test_a_score_is_explained_part_by_part(ranked, client_of) -> None:
    client, row = client_of(ranked.chairman), whole_of(ranked).row("noi-vu")

    page = client.get("/xep-hang/vi-sao?row=noi-vu").text

    shown = re.findall(r'data-label="Điểm">([\d,]+|–)<', page)
    points = [float(number.replace(",", ".")) for number in shown]
    assert len(points) == 6
    assert abs(sum(points) - float(row.score.exact)) < 0.05
    assert f"vì sao {str(row.score.printed).replace('.', ',')} điểm?" in page
    assert "4 đúng hạn ÷ 5 nhiệm vụ đã hoàn thành hoặc đang quá hạn" in page
    for number, address in links_in(page):
        measure = Measure(parse_qs(urlsplit(address).query)["measure"][0])
        assert int(number) == row.figures.count(measure)


# Who sees what


def test_a_head_sees_the_row_and_place_of_their_own_unit_alone(ranked, client_of) -> None:
    client = client_of(ranked.outsider)

    page = client.get("/xep-hang").text

    assert "UBND xã Phú An" in page and "Phòng Nội vụ" not in page
    assert re.search(r'class="place numeric"[^>]*>2<', page)
    assert "Có 2 đơn vị được xếp hạng" in page
    assert "Tổng cộng" not in page
    assert listed(client, links_in(page)[0][1])
    for path in ("vi-sao?row=noi-vu", "nhiem-vu?row=noi-vu", "nhiem-vu", "nhiem-vu?row=khong-co"):
        assert client.get(f"/xep-hang/{path}").status_code == 404, path
    assert client.get("/xep-hang/vi-sao?row=phu-an").status_code == 200
    assert client.get("/xep-hang/thu-trong-so").status_code == 403


def test_a_published_ranking_shows_all_rows_and_opens_only_ones_own(ranked, client_of) -> None:
    settings.change_setting("rank_visible_to_units", True, stamp=Stamp(on=TODAY))
    client = client_of(ranked.outsider)

    page = client.get("/xep-hang").text

    assert "UBND xã Phú An" in page and "Phòng Nội vụ" in page
    rows = {parse_qs(urlsplit(address).query)["row"][0] for _number, address in links_in(page)}
    assert rows == {"phu-an"}
    assert "vi-sao?assigner=song-huong" in page and "row=noi-vu" not in page
    assert client.get("/xep-hang/vi-sao?row=noi-vu").status_code == 404
    assert client.get("/xep-hang/nhiem-vu?row=noi-vu").status_code == 404


@pytest.mark.parametrize("path", ["", "/in", "/nhiem-vu?row=noi-vu", "/vi-sao?row=noi-vu", "/thu-trong-so"])
def test_an_officer_and_an_administrator_see_nothing(ranked, client_of, path) -> None:
    for user in (ranked.officer, ranked.admin):
        assert client_of(user).get(f"/xep-hang{path}").status_code == 403


@pytest.mark.parametrize("part", ["chairman", "tracker", "inspector"])
def test_who_oversees_sees_all_rows(ranked, client_of, part) -> None:
    page = client_of(getattr(ranked, part)).get("/xep-hang").text

    assert all(name in page for name in ("Phòng Nội vụ", "UBND xã Phú An", "Phòng Tài chính", "Tổng cộng"))


def test_of_another_assigner_nothing_is_told(ranked, client_of) -> None:
    other = ranked.make_unit()

    assert client_of(ranked.outsider).get(f"/xep-hang?assigner={other.code}").status_code == 404


def test_tasks_that_left_a_unit_since_are_counted_but_not_shown_to_it(ranked, client_of) -> None:
    moved = next(task for task in whole_of(ranked).row("phu-an").figures.tasks)
    task = db.session.get(tasks.Task, moved.task_id)
    tasks.transfer(task, stamp=Stamp(on=date(2026, 4, 10)), unit=ranked.lead)
    address = "/xep-hang/nhiem-vu?row=phu-an&from=2026-01-01&to=2026-04-01"
    client = client_of(ranked.outsider)

    page = client.get(address).text

    assert len(listed(client, address)) == 5
    assert "6 nhiệm vụ." in page
    assert "Không kể 1 nhiệm vụ nay do đơn vị khác chủ trì" in page


# Questions


def test_a_day_that_cannot_be_asked_keeps_what_was_typed(ranked, client_of) -> None:
    page = client_of(ranked.chairman).get("/xep-hang?from=2026-01-01&to=2026-12-31&on=31/12/2026")

    assert page.status_code == 422
    assert "Ngày chốt số liệu chưa tới." in page.text
    assert 'value="31/12/2026"' in page.text


def test_a_period_with_a_name_is_called_by_it(ranked, client_of) -> None:
    client = client_of(ranked.chairman)

    named = client.get("/xep-hang?from=2026-01-01&to=2026-03-31").text
    other = client.get("/xep-hang?from=2026-01-01&to=2026-03-30").text

    assert "Kỳ báo cáo: Quý I/2026, từ 01/01/2026 đến 31/03/2026; số liệu chốt hết" in named
    assert "Kỳ báo cáo từ 01/01/2026 đến 30/03/2026; số liệu chốt hết" in other


def test_the_page_of_a_past_day_is_the_same_whatever_came_later(ranked, client_of) -> None:
    client, address = client_of(ranked.chairman), "/xep-hang?from=2026-01-01&to=2026-04-01"
    before = content_of(client.get(address).text)

    units.end(ranked.commune, stamp=Stamp(on=TODAY), successor=ranked.lead)

    assert content_of(client.get(address).text) == before
    ended = client.get("/xep-hang?from=2026-01-01&to=2026-12-31").text
    assert "nhận lại 6 nhiệm vụ từ đơn vị đã kết thúc" in ended
    assert "6 nhiệm vụ đã quá hạn khi nhận lại" in ended


def test_the_number_of_statements_does_not_grow_with_the_rows(ranked, client_of) -> None:
    client = client_of(ranked.chairman)

    def asked() -> int:
        with statements() as seen:
            assert client.get("/xep-hang").status_code == 200
        return len(seen)

    asked()
    before = asked()
    for _ in range(6):
        ranked.make_task(unit=ranked.make_unit(), state=State.COMPLETED)

    assert asked() == before


# Other weights


def test_other_weights_are_tried_beside_the_places_in_force_and_nothing_is_stored(ranked, client_of) -> None:
    client, stored = client_of(ranked.tracker), all_settings()
    tried = {name: stored[name] for name in OF_RANKING} | {"rank_few_tasks": 1}
    tried |= {name: 0 for name in OF_RANKING if name.startswith("rank_weight_")}

    page = client.get("/xep-hang/thu-trong-so", query_string=tried | {"rank_weight_rework": 1}).text
    plain = client.get("/xep-hang/thu-trong-so").text
    bad = client.get("/xep-hang/thu-trong-so?rank_few_tasks=0")

    row = r'<td class="place numeric"[^>]*>([^<]+)</td>\s*<th scope="row">([^<]+)<'
    assert re.findall(row, page)[0] == ("1", "Phòng Tài chính")
    assert re.findall(row, plain)[0] == ("1", "Phòng Nội vụ")
    assert bad.status_code == 422
    assert all_settings() == stored


def test_an_administrator_changes_the_weights_and_the_table_prints_them(ranked, client_of) -> None:
    client = client_of(ranked.admin)
    typed = {name: all_settings()[name] for name in OF_RANKING if name != "rank_visible_to_units"}

    answer = client.post("/quan-tri/xep-hang", data=typed | {"rank_weight_on_time": "70", "token": "x"})

    assert answer.status_code == 303
    assert "Hoàn thành đúng hạn (trọng số 70)" in client_of(ranked.tracker).get("/xep-hang").text
    refused = client.post("/quan-tri/xep-hang", data=typed | {"rank_few_tasks": "không", "token": "y"})
    assert refused.status_code == 422


# On paper and as files


def test_the_paper_shows_the_same_rows_without_links(ranked, client_of) -> None:
    page = client_of(ranked.chairman).get("/xep-hang/in").text

    assert "ỦY BAN NHÂN DÂN" in page and "TM. ỦY BAN NHÂN DÂN" in page
    assert page.count('class="place numeric"') == 3
    assert "/xep-hang/nhiem-vu" not in page


def test_the_paper_of_a_part_is_issued_by_the_unit_itself(ranked, client_of) -> None:
    page = client_of(ranked.head).get("/xep-hang/in").text
    content = client_of(ranked.head).get("/xep-hang?format=docx").data

    assert "PHÒNG NỘI VỤ" in page.split('class="paper-title"')[0]
    assert "TM. ỦY BAN" not in page
    text = "\n".join(cell.text for table in docx.Document(io.BytesIO(content)).tables[:1]
                     for row in table.rows for cell in row.cells)  # fmt: skip
    assert "PHÒNG NỘI VỤ" in text and "UBND THÀNH PHỐ SÔNG HƯƠNG" in text


def test_the_workbook_reads_back_as_the_table(ranked, client_of) -> None:
    units.correct(ranked.commune, stamp=Stamp(on=date(2026, 3, 1)), name="=HYPERLINK(1)")
    whole = whole_of(ranked)

    answer = client_of(ranked.chairman).get("/xep-hang?format=xlsx")

    book = openpyxl.load_workbook(io.BytesIO(answer.data))
    table, parts = book["Xếp hạng"], book["Vì sao"]
    rows = {row[1]: row for row in table.iter_rows(min_row=5, max_row=7, values_only=True)}
    assert set(rows) == {"Phòng Nội vụ", "=HYPERLINK(1)", "Phòng Tài chính"}
    assert [row[0] for row in rows.values()] == [1, 2, "ít nhiệm vụ"]
    for row in whole.rows:
        shown, count = rows[row.unit.name], row.figures.count
        expected = [count(each) for each in (Measure.COUNTED, Measure.ON_TIME, Measure.LATE, Measure.OVERDUE)]
        assert list(shown[3:7]) == expected
        assert shown[16] == pytest.approx(float(row.score.printed))
    assert table["A8"].value == "Cộng" and table["D8"].value == "=SUM($D$5:$D$7)"
    cell = next(cell for cell in table["B"] if cell.value == "=HYPERLINK(1)")
    assert (cell.data_type, cell.quotePrefix) == ("s", True)
    points = [row[6] for row in parts.iter_rows(min_row=4, values_only=True) if row[0] == "Phòng Nội vụ"]
    assert sum(points) == pytest.approx(float(whole.row("noi-vu").score.exact))


def test_the_word_file_reads_back_as_the_table(ranked, client_of) -> None:
    whole = whole_of(ranked)

    answer = client_of(ranked.chairman).get("/xep-hang?format=docx")
    again = client_of(ranked.chairman).get("/xep-hang?format=docx")

    assert answer.data == again.data
    paper = docx.Document(io.BytesIO(answer.data))
    table = next(each for each in paper.tables if each.rows[0].cells[0].text == "Hạng")
    shown = [[cell.text for cell in row.cells] for row in table.rows[2:]]
    assert [row[0] for row in shown] == ["1", "2", "ít nhiệm vụ", ""]
    assert [row[1].split("\n")[0] for row in shown] == [*(row.unit.name for row in whole.rows), "Cộng"]
    assert [row[-1] for row in shown[:-1]] == [str(row.score.printed).replace(".", ",") for row in whole.rows]
    assert [int(row[2]) for row in shown] == [6, 6, 1, 13]
    words = "\n".join(paragraph.text for paragraph in paper.paragraphs)
    assert "Hoàn thành đúng hạn (trọng số 50)" in words
    assert "XẾP HẠNG" in words and "BÁO CÁO" in words


def test_another_kind_of_file_is_not_found(ranked, client_of) -> None:
    assert client_of(ranked.chairman).get("/xep-hang?format=pdf").status_code == 404


def test_a_head_whose_unit_was_given_nothing_is_told_so(cast, client_of) -> None:
    page = client_of(cast.coordinator).get("/xep-hang")

    assert (page.status_code, "chưa có số liệu để xếp hạng" in page.text) == (200, True)
