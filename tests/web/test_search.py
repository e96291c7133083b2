"""Search finds with or without marks what a person may see, and nothing else."""

import html
import re
from datetime import date

import pytest
from sqlalchemy import event, select, text

from tests.counting import statements
from tracker.models.task import Task
from tracker.queries import search, words
from tracker.queries.reach import Reach
from tracker.queries.words import tasks_hold_words, words_in_tasks
from tracker.rules.status import State

TODAY = date(2026, 4, 15)


@pytest.fixture(autouse=True)
def today(on_day) -> None:
    on_day(TODAY)


@pytest.fixture
def papers(cast):
    """A directive 254/UBND-NV with a task about a project, and one of another number."""
    directive = cast.make_directive(number="254/UBND-NV", subject="Rà soát thủ tục hành chính")
    task = cast.make_task(directive=directive, content="Xây dựng Đề án số hóa 100% hồ sơ")
    other = cast.make_task(
        directive=cast.make_directive(number="255/UBND-TC", subject="Dự toán"), content="Lập dự toán_2026"
    )
    return directive, task, other


def found(page) -> dict[str, list[int]]:
    """Return the ids of what a page shows, by group."""
    return {
        "tasks": [int(n) for n in re.findall(r'<th scope="row"><a href="/nhiem-vu/(\d+)"', page.text)],
        "directives": [int(n) for n in re.findall(r'<li><a href="/van-ban/(\d+)"', page.text)],
        "units": [int(n) for n in re.findall(r'<li><a href="/nhiem-vu\?unit=(\d+)"', page.text)],
    }


@pytest.mark.parametrize("text", ["Đề án", "de an", "ĐỀ ÁN", "đề án", "an de", "de  an"])
def test_words_are_found_with_and_without_marks_in_any_order(cast, papers, client_of, text: str) -> None:
    _directive, task, _other = papers

    page = client_of(cast.chairman).get("/tim", query_string={"q": text})

    assert found(page)["tasks"] == [task.id]


@pytest.mark.parametrize("text", ["254/UBND-NV", "Số: 254 /UBND-NV", "254 / ubnd - nv", "254/ubnd"])
def test_a_number_is_found_as_people_type_it(cast, papers, client_of, text: str) -> None:
    directive, task, _other = papers

    page = client_of(cast.chairman).get("/tim", query_string={"q": text})

    assert found(page) == {"tasks": [task.id], "directives": [directive.id], "units": []}


@pytest.mark.parametrize(("text", "index"), [("100%", 1), ("toan_2026", 2)])
def test_wildcards_are_plain_letters(cast, papers, client_of, text: str, index: int) -> None:
    page = client_of(cast.chairman).get("/tim", query_string={"q": text})

    assert found(page)["tasks"] == [papers[index].id]


@pytest.mark.parametrize("text", ["%%", "__", "a_%", "de%an", "\\\\"])
def test_a_wildcard_alone_finds_nothing(cast, papers, client_of, text: str) -> None:
    page = client_of(cast.chairman).get("/tim", query_string={"q": text})

    assert page.status_code == 200
    assert found(page) == {"tasks": [], "directives": [], "units": []}


def test_a_unit_is_found_and_opens_its_tasks(cast, papers, client_of) -> None:
    page = client_of(cast.tracker).get("/tim?q=noi vu")

    assert found(page)["units"] == [cast.lead.id]


def test_only_what_a_person_may_see_is_found(cast, papers, client_of) -> None:
    directive, task, other = papers
    cast.make_task(directive=directive, content="Đề án dự thảo", state=State.DRAFT)

    answers = {part: client_of(user).get("/tim?q=UBND") for part, user in cast.everybody.items()}
    pages = {part: found(answer) for part, answer in answers.items()}

    assert set(pages["tracker"]["tasks"]) == {task.id, other.id}
    assert set(pages["head"]["tasks"]) == {task.id, other.id}
    assert set(pages["inspector"]["tasks"]) == {task.id, other.id}
    assert {part for part, answer in answers.items() if "1 dự thảo" in answer.text} == {"chairman", "tracker"}
    assert pages["outsider"]["tasks"] == []
    assert pages["outsider"]["directives"] == []
    assert pages["outsider"]["units"] == [cast.commune.id]


def test_a_group_names_how_many_there_are_and_opens_them_all(cast, client_of) -> None:
    directive = cast.make_directive()
    for number in range(12):
        cast.make_task(directive=directive, content=f"Đề án {number}")

    page = client_of(cast.chairman).get("/tim", query_string={"q": "đề án"})

    assert len(found(page)["tasks"]) == 10
    assert "Nhiệm vụ (12)" in page.text
    link = re.search(r'<a href="([^"]+)">Xem tất cả 12 nhiệm vụ', page.text)
    assert "trên 12 nhiệm vụ" in client_of(cast.chairman).get(html.unescape(link[1])).text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Nhập vài chữ của nội dung nhiệm vụ"),
        ("a", "Nhập ít nhất 2 chữ cái hoặc chữ số"),
        ("%", "Nhập ít nhất 2 chữ cái hoặc chữ số"),
        ("không có gì như thế", "Thử ít chữ hơn"),
        ("x" * 10_000, "Thử ít chữ hơn"),
        ("<script>alert(1)</script>", "Thử ít chữ hơn"),
    ],
)
def test_what_is_not_found_says_what_to_try(cast, client_of, text: str, words: str) -> None:
    page = client_of(cast.chairman).get("/tim", query_string={"q": text})

    assert page.status_code == 200
    assert words in page.text
    assert "<script>alert" not in page.text


def test_a_search_costs_the_same_statements_for_one_task_and_for_sixty(cast, client_of) -> None:
    client = client_of(cast.chairman)
    cast.make_task(content="Đề án")

    with statements() as few:
        client.get("/tim?q=de an")
    for _ in range(60):
        cast.make_task(content="Đề án", unit=cast.make_unit(name="Ban Đề án"), coordinating=[])
    with statements() as many:
        client.get("/tim?q=de an")

    assert len(many) == len(few)


@pytest.mark.both_databases
def test_the_statements_run_on_both_databases(cast, papers) -> None:
    _directive, task, _other = papers

    answer = search.find(Reach(cast.head, day=TODAY), "đề án")

    assert [row.id for row in answer.tasks] == [task.id]
    assert (answer.task_count, answer.directive_count, answer.unit_count) == (1, 0, 0)


@pytest.mark.both_databases
@pytest.mark.parametrize("words", ["254/UBND-NV", "ubnd nv", "de an so hoa", "so ho", "100%", "DE"])
def test_a_task_is_found_by_the_beginnings_of_its_words_on_each_database(cast, papers, words: str) -> None:
    _directive, task, _other = papers

    found = search.find(Reach(cast.chairman, day=TODAY), words)

    assert [row.id for row in found.tasks] == [task.id]


@pytest.mark.both_databases
def test_the_index_of_words_follows_a_corrected_content(cast, session) -> None:
    task = cast.make_task(content="Dọn vệ sinh")

    task.content, task.search_text = "Trồng cây", "trong cay"
    session.flush()

    assert [row.id for row in search.find(Reach(cast.chairman, day=TODAY), "trồng cây").tasks] == [task.id]
    assert not search.find(Reach(cast.chairman, day=TODAY), "dọn").tasks


@pytest.mark.both_databases
def test_a_word_of_very_many_tasks_is_not_counted_to_its_end(cast, client_of, monkeypatch) -> None:
    monkeypatch.setattr(search, "MOST_COUNTED", 2)
    many = [cast.make_task(content=f"Rà soát đề án {number}") for number in range(3)]
    cast.make_task(content="Đề án thu hồi", state=State.CANCELLED)
    client = client_of(cast.tracker)

    page, exact = client.get("/tim?q=de+an"), client.get("/tim?q=thu+hoi")

    assert "Nhiệm vụ (hơn 2)" in page.text
    found = re.findall(r'<th scope="row"><a href="/nhiem-vu/(\d+)"', page.text)
    assert found == [str(task.id) for task in reversed(many)]
    assert "Tìm trong nhiệm vụ đã thu hồi" in page.text
    assert "1 đã thu hồi" in exact.text


@pytest.mark.both_databases
def test_of_one_unit_a_person_finds_the_papers_of_its_tasks_and_its_own(cast) -> None:
    of_task, others = (cast.make_directive(subject=f"Kế hoạch số hóa {number}") for number in range(2))
    cast.make_task(directive=of_task)
    cast.make_task(directive=others, unit=cast.commune)
    own = cast.make_directive(subject="Kế hoạch số hóa của phòng", issuer=cast.lead)

    found = search.find(Reach(cast.head, day=TODAY), "số hóa")

    assert {row.id for row in found.directives} == {of_task.id, own.id}
    assert found.directive_count == 2


@pytest.mark.both_databases
def test_an_index_of_words_is_not_asked_for_what_most_tasks_hold(cast, monkeypatch) -> None:
    monkeypatch.setattr(search, "MOST_COUNTED", 2)
    monkeypatch.setattr(words, "SAMPLED", 10)
    many = [cast.make_task(content=f"Rà soát (đề_án {number})") for number in range(3)]
    cast.make_task(content="Đề án", state=State.CANCELLED)
    cast.make_task(content="Đề nghị lan")
    reach = Reach(cast.chairman, day=TODAY)

    with statements() as seen:
        found = search.find(reach, "đề án")

    assert reach.seer.sees_all
    assert [row.id for row in found.tasks] == [task.id for task in reversed(many)]
    assert found.has_more_tasks
    assert not [each for each in seen if "to_tsvector" in each]


@pytest.mark.both_databases
def test_of_a_word_of_very_many_tasks_each_person_finds_what_they_see(cast, monkeypatch) -> None:
    monkeypatch.setattr(search, "MOST_COUNTED", 2)
    own = cast.make_task(content="Đề án 254/UBND")
    drafted = cast.make_task(content="Đề án", state=State.DRAFT)
    for number in range(3):
        cast.make_task(content=f"Đề án 254 UBND {number}", unit=cast.commune)

    found = search.find(Reach(cast.head, day=TODAY), "đề án")
    signed = search.find(Reach(cast.tracker, day=TODAY), "đề án 254/UBND")

    assert ([row.id for row in found.tasks], found.task_count, found.draft_count) == ([own.id], 1, 0)
    assert ([row.id for row in signed.tasks], signed.task_count) == ([own.id], 1)
    assert drafted.id not in [row.id for row in search.find(Reach(cast.tracker, day=TODAY), "đề án").tasks]


@pytest.mark.both_databases
def test_words_of_tasks_are_looked_up_by_their_index(cast, session) -> None:
    (condition,) = tasks_hold_words(words_in_tasks("đề án"))
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SET LOCAL enable_seqscan = off"))
    asked = []

    def note(_connection, _cursor, statement, parameters, *_rest):
        asked.append((statement, parameters))

    event.listen(session.get_bind(), "before_cursor_execute", note)
    session.execute(select(Task.id).where(condition))
    event.remove(session.get_bind(), "before_cursor_execute", note)
    statement, parameters = asked[-1]
    explain = "EXPLAIN QUERY PLAN" if session.get_bind().dialect.name == "sqlite" else "EXPLAIN"

    rows = session.connection().exec_driver_sql(f"{explain} {statement}", parameters)

    plan = "\n".join(str(row[-1]) for row in rows)
    assert re.search(r"task_words VIRTUAL TABLE|ix_task_words", plan), plan
