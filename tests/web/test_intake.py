"""Reading a paper: bringing it, correcting what was understood, giving all of it out, the place of a task."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import UTC, date, datetime
from html import unescape

import pytest

from tests.counting import statements
from tests.web.pages import errors, value, words
from tracker.intake.directive.draw import ADDRESSED, SEVERAL_DUES
from tracker.intake.directive.signing import SIGNED
from tracker.intake.draft import Draft, DraftCitation, DraftTask, Read, from_data
from tracker.models import db
from tracker.models.directive import Attachment, Directive
from tracker.models.intake import DraftState, IntakeDraft, TaskPlace
from tracker.models.people import Role
from tracker.models.series import TaskSeries
from tracker.models.task import Task
from tracker.operations import reading
from tracker.operations.recording import Stamp
from tracker.rules.workflow import DomainError
from tracker.web.filters import cut

TODAY = date(2026, 3, 3)
"""A Tuesday."""

PLAIN = """UBND THÀNH PHỐ SÔNG HƯƠNG
Số: 77/UBND-NV
Sông Hương, ngày 02 tháng 3 năm 2026
Thực hiện Kế hoạch số 12/KH-UBND ngày 05/01/2026, UBND thành phố yêu cầu:
1. Phòng Nội vụ lập danh sách thủ tục cần rà soát; Phòng Tài chính bố trí kinh phí trước ngày 20/3/2026.
2. UBND các xã, thị trấn niêm yết thủ tục trước ngày 25/3/2026.
3. Phòng TNMT đo lại ranh giới đất công.
CHỦ TỊCH
Trần Quốc Hùng
"""


def spot(words):
    """Return where words stand in the paper."""
    start = PLAIN.index(words)
    return start, start + len(words)


def read(words, value=None, sure=1.0):
    return Read(value or words, *spot(words), sure=sure)


def asked(key, words, **parts):
    return DraftTask(key, words, *spot(words), item=str(key), **parts)


FIRST = (
    "Phòng Nội vụ lập danh sách thủ tục cần rà soát; Phòng Tài chính bố trí kinh phí trước ngày 20/3/2026."
)


def understood():
    """What a reader would have understood of the paper."""
    return Draft(
        header={
            "number": read("77/UBND-NV"), "kind": Read("CV"),
            "issued_on": read("ngày 02 tháng 3 năm 2026", "2026-03-02"),
            "issuer": Read("UBND thành phố Sông Hương", *spot("UBND THÀNH PHỐ SÔNG HƯƠNG")),
            "subject": Read("Rà soát thủ tục hành chính", sure=0.4),
            "signer": read("Trần Quốc Hùng"), "signer_title": Read("Chủ tịch", *spot("CHỦ TỊCH")),
        },
        citations=(
            DraftCitation(1, "Kế hoạch số 12/KH-UBND ngày 05/01/2026",
                          *spot("Kế hoạch số 12/KH-UBND ngày 05/01/2026"), is_basis=True,
                          kind="KH", number="12/KH-UBND", issued_on="2026-01-05"),
        ),
        tasks=(
            asked(1, FIRST, lead=(read("Phòng Nội vụ"), read("Phòng Tài chính")),
                  due=read("trước ngày 20/3/2026"), due_on=date(2026, 3, 19)),
            asked(2, "UBND các xã, thị trấn niêm yết thủ tục trước ngày 25/3/2026.",
                  lead=(read("UBND các xã, thị trấn"),), due=read("trước ngày 25/3/2026"),
                  due_on=date(2026, 3, 24)),
            asked(3, "Phòng TNMT đo lại ranh giới đất công.", lead=(read("Phòng TNMT"),)),
        ),
    )  # fmt: skip


@pytest.fixture(autouse=True)
def today(on_day):
    on_day(TODAY)


def stamp_of(cast):
    return Stamp(on=TODAY, by=cast.tracker, at=datetime(2026, 3, 3, 2, tzinfo=UTC))


@pytest.fixture
def row(cast):
    return reading.start(cast.city, PLAIN, understood(), stamp=stamp_of(cast))


def sent(client, row, step="save", **changes):
    """Send the page of a draft as it stands, with some fields typed anew."""
    page = client.get(f"/doc-van-ban/{row.id}")
    return client.post(f"/doc-van-ban/{row.id}", data=fields_of(page.text) | changes | {"step": step})


def fields_of(page):
    """Return what a browser would send of the form of a page."""
    found = {}
    for tag in re.findall(r"<input[^>]*>", page):
        name = re.search(r'name="([^"]*)"', tag)
        if name and not ('type="checkbox"' in tag and "checked" not in tag.replace('type="checkbox"', "")):
            got = re.search(r'value="([^"]*)"', tag)
            found[name[1]] = unescape(got[1]) if got else ""
    areas = r'<textarea[^>]* name="([^"]*)"[^>]*>\r?\n?(.*?)</textarea>'
    for name, text in re.findall(areas, page, re.DOTALL):
        found[name] = unescape(text)
    for name, options in re.findall(r'<select[^>]* name="([^"]*)"[^>]*>(.*?)</select>', page, re.DOTALL):
        chosen = re.search(r'<option selected value="([^"]*)"', options)
        first = re.search(r'<option value="([^"]*)"', options)
        found[name] = unescape((chosen or first)[1])
    return found


def stored(row):
    db.session.refresh(row)
    return from_data(row.content)


def test_a_pasted_paper_becomes_a_draft_that_the_office_finds_again(cast, client_of):
    client = client_of(cast.tracker)

    answer = client.post("/doc-van-ban", data={"text": PLAIN, "unit": str(cast.city.id), "token": "t1"})

    row = db.session.query(IntakeDraft).one()
    assert answer.location == f"/doc-van-ban/{row.id}"
    assert "77/UBND-NV" in words(client.get(answer.location))
    assert f"/doc-van-ban/{row.id}" in client.get("/doc-van-ban").text
    assert db.session.query(Directive).count() == 0


def test_the_paper_and_what_was_understood_lead_to_each_other(cast, client_of, row):
    page = client_of(cast.tracker).get(f"/doc-van-ban/{row.id}").text

    assert re.search(r'id="cho-1".*?href="#viec-1"', page, re.DOTALL)
    assert 'id="viec-1"' in page
    assert 'href="#cho-1"' in page
    assert 'id="cho-dau-number" href="#dau-number">77/UBND-NV</a>' in page


# What may be corrected


def test_what_was_typed_is_kept_and_counts_as_sure(cast, client_of, row):
    answer = sent(client_of(cast.tracker), row, subject="Rà soát thủ tục năm 2026", content_2="Niêm yết")

    draft = stored(row)
    assert answer.location == f"/doc-van-ban/{row.id}"
    assert draft.header["subject"] == Read("Rà soát thủ tục năm 2026")
    assert draft.task(2).content == "Niêm yết"
    assert draft.task(2).due == understood().task(2).due
    assert row.version == 2


def test_a_doubtful_field_is_said_in_words_and_stands_first(cast, client_of, row):
    page = client_of(cast.tracker).get(f"/doc-van-ban/{row.id}").text

    assert '<a href="#subject">Trích yếu: chữ trong văn bản không rõ</a>' in page
    assert page.index('id="dau-subject"') < page.index('id="dau-number"')
    assert "cần xem lại" in page[page.index('id="dau-subject"') :][:2_000]


def without_a_day(draft, *dues):
    """Return a draft whose paper tells no day of issue, with these deadlines in their order."""
    header = {name: each for name, each in draft.header.items() if name != "issued_on"}
    tasks = [replace(task, due=due, due_on=None) for task, due in zip(draft.tasks, dues, strict=True)]
    return replace(draft, header=header, tasks=tuple(tasks))


def test_what_is_doubtful_of_a_deadline_is_said_with_its_reason(cast, client_of):
    number = replace(read("77/UBND-NV"), why="Đọc ở dòng “%(words)s”.", values={"words": "Số: 77"})
    draft = understood()
    many = replace(draft.tasks[0].due, sure=0.6, why=SEVERAL_DUES)
    off = Read("ngày 14/3/2026")
    draft = replace(
        draft, header=draft.header | {"number": number},
        tasks=(replace(draft.tasks[0], due=many), replace(draft.tasks[1], due=off, due_on=None),
               draft.tasks[2]),
    )  # fmt: skip
    row = reading.start(cast.city, PLAIN, draft, stamp=stamp_of(cast))

    page = words(client_of(cast.tracker).get(f"/doc-van-ban/{row.id}"))

    assert "Nhiệm vụ 1: nội dung có nhiều mốc thời gian; lấy mốc đầu tiên" in page
    assert "Nhiệm vụ 2: hạn rơi vào ngày nghỉ (thứ Bảy 14/03/2026);" in page
    assert "thời hạn cần xem lại" not in page
    assert "Đọc ở dòng “Số: 77”." in page


def test_a_task_is_doubted_itself_only_where_no_field_of_it_explains_that(cast, client_of):
    draft = understood()
    first, second, third = draft.tasks
    unread = replace(second, due=Read("tuần 2 tháng 4", sure=0.4), due_on=None, sure=0.4)
    draft = replace(draft, tasks=(replace(first, sure=0.5), unread, third))
    row = reading.start(cast.city, PLAIN, draft, stamp=stamp_of(cast))

    page = words(client_of(cast.tracker).get(f"/doc-van-ban/{row.id}"))

    assert "Nhiệm vụ 1: chưa chắc là nhiệm vụ vì lời giao không rõ" in page
    assert "Nhiệm vụ 2: thời hạn chưa đọc được thành ngày" in page


def test_each_doubtful_field_says_why(cast, client_of):
    draft = understood()
    cited, (first, second, third) = draft.citations[0], draft.tasks
    addressed = Read("Phòng Nội vụ", sure=0.6, why=ADDRESSED)
    draft = replace(
        draft, header=draft.header | {"signer": Read("Trần Quốc Hùng", sure=0.6, why=SIGNED)},
        citations=(replace(cited, number="12", sure=0.5), replace(cited, key=2, number="", sure=0.5)),
        tasks=(
            replace(first, lead=(addressed,), coordinating=(Read("các cơ quan, đơn vị trên địa bàn"),)),
            replace(second, lead=(Read("cán bộ phụ trách tài chính Phòng"),),
                    product=Read("báo cáo", sure=0.5)),
            replace(third, lead=(), due=Read("ngày 25/3/2026"), due_on=date(2026, 3, 25), sure=0.5),
        ),
    )  # fmt: skip
    row = reading.start(cast.city, PLAIN, draft, stamp=stamp_of(cast))

    page = words(client_of(cast.tracker).get(f"/doc-van-ban/{row.id}"))

    assert "Người ký: đọc ở phần ký" in page
    assert "Văn bản được dẫn 1: chỉ có số, không có ký hiệu" in page
    assert "Văn bản được dẫn 2: chỉ có tên, không có số ký hiệu" in page
    assert page.count("chỉ có tên, không có số ký hiệu") == page.count("chỉ có số, không có ký hiệu") == 2
    assert "Chữ trong văn bản không rõ." in page
    assert "Nhiệm vụ 1: chưa chắc đơn vị chủ trì vì nội dung không nêu đơn vị; lấy theo phần" in page
    assert (
        "Nhiệm vụ 1: chưa chắc đơn vị phối hợp vì “các cơ quan, đơn vị trên địa bàn” có thể rộng "
        "hơn nhóm Các phòng, cơ quan chuyên môn (2 đơn vị)"
    ) in page
    assert "Nhiệm vụ 2: chưa chắc sản phẩm vì chữ trong văn bản không rõ" in page
    assert "Nhiệm vụ 3: chưa chắc là nhiệm vụ vì câu chỉ nêu thời hạn, không có lời giao" in page


def test_of_a_paper_without_a_day_nothing_is_said_of_the_day_of_issue(cast, client_of):
    dues = (Read("trước ngày 20/2/2026"), Read("trong 05 ngày kể từ ngày ký"), Read("ngày 25/3/2026"))
    row = reading.start(cast.city, PLAIN, without_a_day(understood(), *dues), stamp=stamp_of(cast))

    page = words(client_of(cast.tracker).get(f"/doc-van-ban/{row.id}"))
    answer = client_of(cast.tracker).get(f"/doc-van-ban/{row.id}/doc-thoi-han?q=20/2/2026").json

    assert "Nhiệm vụ 1: hạn 19/02/2026 đã qua" in page
    assert "Nhiệm vụ 2: văn bản chưa rõ ngày ban hành nên hạn 09/03/2026 mới là tạm tính" in page
    assert "trước ngày ban hành" not in page
    assert answer["text"] == "thứ Sáu 20/02/2026. Hạn 20/02/2026 đã qua."


def test_nothing_is_said_to_be_left_where_no_working_day_is(cast, client_of, row, on_day):
    on_day(date(2026, 3, 21))

    sunday, monday = (
        client_of(cast.tracker).get(f"/doc-van-ban/{row.id}/doc-thoi-han?q={day}/3/2026").json["text"]
        for day in (22, 23)
    )

    assert "ngày làm việc" not in sunday
    assert monday == "thứ Hai 23/03/2026, còn 1 ngày làm việc."


def test_a_day_that_is_none_is_refused_and_everything_typed_stays(cast, client_of, row):
    answer = sent(client_of(cast.tracker), row, issued_on="31/02/2026", content_1="Sửa dở")

    assert answer.status_code == 422
    assert "31/02/2026" in errors(answer)[0]
    assert (value(answer, "issued_on"), value(answer, "content_1")) == ("31/02/2026", "Sửa dở")
    assert row.version == 1


def test_a_task_is_split_where_a_clause_ends_and_each_part_keeps_its_own_lead(cast, client_of, row):
    client = client_of(cast.tracker)
    place = sent(client, row, "split-1").location
    cuts = re.findall(r'value="(\d+)"[^>]*> <label[^>]*>… Phòng Tài chính', client.get(place).text)

    client.post(place, data=fields_of(client.get(place).text) | {"at": cuts[0]})

    first, second = stored(row).tasks[:2]
    assert first.content == "Phòng Nội vụ lập danh sách thủ tục cần rà soát"
    assert PLAIN[first.start : first.end] == first.content
    assert PLAIN[second.start : second.end] == second.content
    assert [each.value for each in first.lead] == ["Phòng Nội vụ"]
    assert [each.value for each in second.lead] == ["Phòng Tài chính"]
    assert (first.due.value, second.due.value) == ("", "trước ngày 20/3/2026")


def test_two_tasks_are_joined_and_their_place_covers_both(cast, client_of, row):
    sent(client_of(cast.tracker), row, "join-1")

    whole, last = stored(row).tasks
    assert (whole.start, whole.end) == (understood().task(1).start, understood().task(2).end)
    assert [each.value for each in whole.lead] == ["Phòng Nội vụ", "Phòng Tài chính", "UBND các xã, thị trấn"]
    assert last.key == 3


def test_a_dropped_task_can_be_taken_back(cast, client_of, row):
    client = client_of(cast.tracker)

    sent(client, row, "drop-2", content_2="Niêm yết ngay")
    dropped = stored(row).task(2)
    sent(client, row, "back-2")

    assert dropped.is_dropped
    assert dropped.content == "Niêm yết ngay"
    assert not stored(row).task(2).is_dropped


def test_words_of_the_paper_become_a_task_with_their_place_and_others_one_without(cast, client_of, row):
    client = client_of(cast.tracker)

    sent(client, row, "add", add_words="UBND   thành phố\nyêu cầu")
    sent(client, row, "add", add_words="Việc chủ tịch giao miệng")

    first, *_read, last = stored(row).tasks
    assert PLAIN[first.start : first.end] == "UBND thành phố yêu cầu"
    assert (last.content, last.start) == ("Việc chủ tịch giao miệng", None)


def test_a_citation_is_linked_to_the_register_by_what_was_corrected_of_it(cast, client_of, row):
    known = cast.make_directive(kind="QĐ", number="9/QĐ-UBND", issued_on=date(2026, 1, 6))
    client = client_of(cast.tracker)
    before = client.get(f"/doc-van-ban/{row.id}").text

    sent(client, row, cite_kind_1="QĐ", cite_number_1="9 /QĐ-UBND", cite_on_1="6/1/2026")

    after = client.get(f"/doc-van-ban/{row.id}").text
    (cited,) = stored(row).citations
    assert "Có trong sổ" not in before
    assert f'<a href="/van-ban/{known.id}">Có trong sổ</a>' in after
    assert cited.words == "Quyết định số 9/QĐ-UBND ngày 06/01/2026"
    assert (cited.kind, cited.number, cited.issued_on) == ("QĐ", "9/QĐ-UBND", "2026-01-06")
    assert (cited.start, cited.sure) == (understood().citations[0].start, 1.0)


def test_a_citation_is_dropped_taken_back_and_added_by_number_or_by_name(cast, client_of, row):
    client = client_of(cast.tracker)

    sent(client, row, "uncite-1")
    dropped = stored(row).citations
    sent(client, row, "recite-1")
    sent(client, row, "cite-add")
    sent(client, row, "cite-add", cite_number_2="5/SNV", cite_on_2="06/01/2026", cite_kind_2="CV")
    sent(client, row, cite_words_3="Luật Tổ chức chính quyền địa phương")

    assert [each.is_dropped for each in dropped] == [True]
    assert [each.words for each in stored(row).cited] == [
        "Kế hoạch số 12/KH-UBND ngày 05/01/2026", "Công văn số 5/SNV ngày 06/01/2026",
        "Luật Tổ chức chính quyền địa phương",
    ]  # fmt: skip


def test_a_citation_left_empty_is_not_given(cast, client_of, row):
    client = client_of(cast.tracker)
    known_to_all(client, row)
    sent(client, row, "cite-add")

    give(client, row)

    assert len(db.session.query(Directive).one().bases) == 1


def test_a_name_that_nobody_knows_is_asked_once_and_then_means_that_unit(cast, client_of, row):
    client = client_of(cast.tracker)
    page = client.get(f"/doc-van-ban/{row.id}").text
    name = re.search(r'name="(name_\w+)"', page)[1]

    sent(client, row, **{name: "u:tai-chinh"})

    again = words(client.get(f"/doc-van-ban/{row.id}"))
    other = reading.start(cast.city, PLAIN, understood(), stamp=stamp_of(cast))
    assert "Phòng TNMT → Phòng Tài chính" in words(client.get(f"/doc-van-ban/{other.id}"))
    assert "Tên đơn vị chưa rõ" in page
    assert "Tên đơn vị chưa rõ" not in again
    assert "Phòng TNMT → Phòng Tài chính" in again


def test_of_two_pages_the_second_sees_both_texts_and_loses_nothing(cast, client_of, row):
    client = client_of(cast.tracker)
    old = fields_of(client.get(f"/doc-van-ban/{row.id}").text)
    sent(client_of(cast.chairman), row, subject="Chủ tịch sửa")

    answer = client.post(f"/doc-van-ban/{row.id}", data=old | {"subject": "Chuyên viên sửa", "step": "save"})
    after = stored(row).header["subject"].value
    sure = client.post(f"/doc-van-ban/{row.id}", data=fields_of(answer.text) | {"step": "save"})

    assert "Có người vừa lưu trước bạn" in words(answer)
    assert "Chủ tịch sửa" in words(answer)
    assert value(answer, "subject") == "Chuyên viên sửa"
    assert after == "Chủ tịch sửa"
    assert sure.status_code == 303
    assert stored(row).header["subject"].value == "Chuyên viên sửa"


# Giving


def known_to_all(client, row):
    """Say what the unknown name means, so that everything can be given."""
    page = client.get(f"/doc-van-ban/{row.id}").text
    sent(client, row, **{re.search(r'name="(name_\w+)"', page)[1]: "u:tai-chinh"})


def give(client, row, **changes):
    address = f"/doc-van-ban/{row.id}/giao"
    return client.post(address, data=fields_of(client.get(address).text) | {"confirmed": "y"} | changes)


@pytest.mark.both_databases
def test_everything_is_given_at_once_and_each_task_keeps_its_place(cast, client_of, row):
    client = client_of(cast.tracker)
    known_to_all(client, row)

    said = words(client.get(f"/doc-van-ban/{row.id}/giao"))
    answer = give(client, row)

    (directive,) = db.session.query(Directive).all()
    given = db.session.query(Task).order_by(Task.id).all()
    assert "giao 4 nhiệm vụ cho 3 đơn vị" in said
    assert answer.location == f"/van-ban/{directive.id}"
    assert (directive.number, directive.issued_on, directive.signer) == (
        "77/UBND-NV", date(2026, 3, 2), "Trần Quốc Hùng",
    )  # fmt: skip
    assert [basis.printed for basis in directive.bases] == ["Kế hoạch số 12/KH-UBND ngày 05/01/2026"]
    assert [(task.unit, task.due_on, task.item) for task in given] == [
        (cast.lead, date(2026, 3, 19), "1"), (cast.coordinating, date(2026, 3, 19), "1"),
        (cast.commune, date(2026, 3, 24), "2"), (cast.coordinating, None, "3"),
    ]  # fmt: skip
    places = {each.task_id: (each.start, each.end) for each in db.session.query(TaskPlace)}
    assert [PLAIN[slice(*places[task.id])][:20] for task in given[1:]] == [
        FIRST[:20], "UBND các xã, thị trấ", "Phòng TNMT đo lại ra",
    ]  # fmt: skip
    assert (stored(row), row.state, row.directive)[1:] == (DraftState.GIVEN, directive)
    assert client.get(f"/doc-van-ban/{row.id}").location == f"/van-ban/{directive.id}"


def test_a_double_click_gives_once(cast, client_of, row):
    client = client_of(cast.tracker)
    known_to_all(client, row)
    data = fields_of(client.get(f"/doc-van-ban/{row.id}/giao").text) | {"confirmed": "y"}

    answers = [client.post(f"/doc-van-ban/{row.id}/giao", data=data) for _click in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]
    assert answers[0].location == answers[1].location
    assert db.session.query(Task).count() == 4


def test_a_task_without_a_known_unit_keeps_all_from_being_given(cast, client_of, row):
    answer = give(client_of(cast.tracker), row)

    assert answer.status_code == 422
    assert "Chưa rõ “Phòng TNMT” là đơn vị nào (nhiệm vụ 3)" in words(answer)
    assert db.session.query(Directive).count() == 0


def test_a_name_outside_the_house_is_settled_and_gets_nothing(cast, client_of, row):
    client = client_of(cast.tracker)
    sent(client, row, lead_3="Phòng Nội vụ", coordinating_3="Bưu điện xã; Phòng Tài chính")
    page = client.get(f"/doc-van-ban/{row.id}").text
    sent(client, row, **{re.search(r'name="(name_\w+)"', page)[1]: "-"})

    give(client, row)

    task = db.session.query(Task).filter(Task.content.startswith("Phòng TNMT")).one()
    assert [each.unit for each in task.coordinations] == [cast.coordinating]


def test_tasks_without_a_lead_get_one_at_once_and_the_others_keep_theirs(cast, client_of, row):
    client = client_of(cast.tracker)
    sent(client, row, lead_1="", lead_3="")
    page = words(client.get(f"/doc-van-ban/{row.id}"))

    sent(client, row, lead_for_all="Phòng Nội vụ; Phòng Tài chính")

    assert "Nhiệm vụ 1, 3: chưa có đơn vị chủ trì" in page
    assert [[each.value for each in task.lead] for task in stored(row).tasks] == [
        ["Phòng Nội vụ", "Phòng Tài chính"], ["UBND các xã, thị trấn"], ["Phòng Nội vụ", "Phòng Tài chính"],
    ]  # fmt: skip


def test_a_paper_of_a_body_that_is_not_here_has_its_issuer_chosen_and_its_groups_looked_at(cast, client_of):
    foreign = Read("UBND huyện Đông Sơn")
    draft = replace(understood(), header=understood().header | {"issuer": foreign})
    row = reading.start(cast.city, PLAIN, draft, stamp=stamp_of(cast))
    client = client_of(cast.tracker)
    known_to_all(client, row)
    before = client.get(f"/doc-van-ban/{row.id}")
    blocked = give(client, row)
    sent(client, row, issuer=str(cast.city.id))

    said = words(client.get(f"/doc-van-ban/{row.id}/giao"))

    assert "“UBND huyện Đông Sơn” không có trong danh mục đơn vị của bạn" in words(before)
    assert (
        "Nhiệm vụ 2: chưa chắc đơn vị chủ trì vì “UBND các xã, thị trấn” có thể là của cơ quan ban hành, "
        "không phải các đơn vị ở đây"
    ) in words(before)
    assert "Chưa chọn cơ quan ban hành" in words(blocked)
    assert (blocked.status_code, db.session.query(Directive).count()) == (422, 0)
    assert f"Văn bản ghi cơ quan ban hành là UBND huyện Đông Sơn; sổ sẽ ghi {cast.city.name}." in said


def test_no_deadline_must_be_meant(cast, client_of, row):
    client = client_of(cast.tracker)
    known_to_all(client, row)

    answer = give(client, row, confirmed="")

    assert "Nhiệm vụ 3 không có ngày hạn" in words(answer)
    assert errors(answer) == ["Đánh dấu để xác nhận, hoặc quay lại sửa."]
    assert db.session.query(Task).count() == 0


def test_a_number_of_the_register_is_announced_before_anything_is_given(cast, client_of, row):
    double = cast.make_directive(number="77/UBND-NV")
    client = client_of(cast.tracker)
    known_to_all(client, row)

    pages = [client.get(f"/doc-van-ban/{row.id}{more}").text for more in ("", "/giao")]

    assert all(f'href="/van-ban/{double.id}"' in page for page in pages)
    assert "giao tiếp sẽ có hai văn bản trùng số" in pages[1]


def test_what_another_page_corrected_meanwhile_is_not_given_unseen(cast, client_of, row):
    client = client_of(cast.tracker)
    known_to_all(client, row)
    data = fields_of(client.get(f"/doc-van-ban/{row.id}/giao").text) | {"confirmed": "y"}
    sent(client_of(cast.chairman), row, content_1="Việc khác hẳn")

    answer = client.post(f"/doc-van-ban/{row.id}/giao", data=data)

    assert answer.status_code == 422
    assert "Việc khác hẳn" in words(answer)
    assert db.session.query(Task).count() == 0


def test_nothing_stays_of_a_giving_that_breaks_halfway(cast, client_of, row, monkeypatch):
    client = client_of(cast.tracker)
    known_to_all(client, row)

    def break_off(*_args, **_values):
        raise DomainError("Đứt giữa chừng")

    monkeypatch.setattr(reading, "TaskPlace", break_off)
    answer = give(client, row)

    assert answer.status_code == 422
    assert (db.session.query(Directive).count(), db.session.query(Task).count()) == (0, 0)
    assert stored(row).to_give
    assert row.state is DraftState.OPEN


def test_a_recurring_task_becomes_a_series_whose_turns_have_its_place(cast, client_of, row):
    client = client_of(cast.tracker)
    known_to_all(client, row)
    sent(client, row, due_3="trước ngày 06 hằng tháng")

    give(client, row)

    series = db.session.query(TaskSeries).one()
    turn = db.session.query(Task).filter(Task.content.startswith("Phòng TNMT")).first()
    page = client.get(f"/nhiem-vu/{turn.id}/trong-van-ban").text
    assert (series.unit, series.phrase) == (cast.coordinating, "trước ngày 06 hằng tháng")
    assert re.search(r'id="cho-1">Phòng TNMT đo lại ranh giới đất công\.?</span>', page)


def test_a_file_is_attached_to_the_directive_that_came_of_it(cast, client_of):
    client = client_of(cast.tracker)
    file = (io.BytesIO(PLAIN.encode()), "cong van 77.txt")
    client.post("/doc-van-ban", data={"paper": file, "unit": str(cast.city.id), "token": "t1"})
    row = db.session.query(IntakeDraft).one()
    leads = {name: "Phòng Nội vụ" for name in fields_of(client.get(f"/doc-van-ban/{row.id}").text)
             if name.startswith("lead_")}  # fmt: skip
    sent(client, row, **leads, subject="Rà soát", issued_on="02/03/2026", number="77/UBND-NV")

    give(client, row)

    paper = db.session.query(Attachment).one()
    assert (paper.filename, paper.directive_id) == ("cong van 77.txt", row.directive_id)


# Who sees what


def test_only_the_office_and_the_leaders_of_its_unit_see_a_draft(cast, client_of, row):
    above = cast.make_person(unit=cast.commune, role=Role.OFFICE)
    seen = {
        part: client_of(person).get(f"/doc-van-ban/{row.id}").status_code
        for part, person in (cast.everybody | {"office of a commune": above}).items()
    }

    assert {part for part, status in seen.items() if status == 200} == {"chairman", "tracker"}
    assert seen["office of a commune"] == 404
    assert seen["head"] == 403


def test_whoever_sees_a_task_opens_its_place_in_the_paper(cast, client_of, row):
    client = client_of(cast.tracker)
    known_to_all(client, row)
    give(client, row)
    task = db.session.query(Task).order_by(Task.id).first()

    page = client_of(cast.head).get(f"/nhiem-vu/{task.id}/trong-van-ban").text
    link = client_of(cast.head).get(f"/nhiem-vu/{task.id}").text
    stranger = client_of(cast.outsider).get(f"/nhiem-vu/{task.id}/trong-van-ban")

    assert f'<span class="in-task" id="cho-1">{FIRST}</span>' in page
    assert f'href="/nhiem-vu/{task.id}/trong-van-ban#cho-1"' in link
    assert stranger.status_code == 404


def test_a_task_that_was_typed_in_has_no_place(cast, client_of, make_task):
    task = make_task()
    client = client_of(cast.head)

    assert "trong-van-ban" not in client.get(f"/nhiem-vu/{task.id}").text
    assert client.get(f"/nhiem-vu/{task.id}/trong-van-ban").status_code == 404


def test_a_page_asks_as_much_for_thirty_tasks_as_for_three(cast, client_of, row):
    client = client_of(cast.tracker)
    with statements() as few:
        client.get(f"/doc-van-ban/{row.id}")
    many = [replace(understood().task(1), key=key) for key in range(4, 31)]
    reading.correct(row, replace(understood(), tasks=(*understood().tasks, *many)), stamp=stamp_of(cast))

    with statements() as more:
        client.get(f"/doc-van-ban/{row.id}")

    assert len(more) == len(few)


def test_a_paper_without_words_and_a_file_of_another_kind_are_refused_with_a_reason(cast, client_of):
    client = client_of(cast.tracker)
    base = {"unit": str(cast.city.id), "token": "t1"}

    nothing = client.post("/doc-van-ban", data=base)
    odd = client.post("/doc-van-ban", data=base | {"paper": (io.BytesIO(b"MZ..."), "virus.exe")})

    assert errors(nothing) == ["Chọn một tệp, hoặc dán nội dung văn bản vào ô bên dưới."]
    assert "Không đọc được loại tệp" in errors(odd)[0]
    assert db.session.query(IntakeDraft).count() == 0


def test_a_draft_that_was_put_away_gives_nothing(cast, client_of, row):
    client = client_of(cast.tracker)
    page = client.get(f"/doc-van-ban/{row.id}/bo")

    client.post(f"/doc-van-ban/{row.id}/bo", data=fields_of(page.text))

    assert stored(row).tasks
    assert row.state is DraftState.DROPPED
    assert client.get(f"/doc-van-ban/{row.id}/giao").location == "/doc-van-ban"
    assert f"/doc-van-ban/{row.id}" not in client.get("/doc-van-ban").text


def test_a_recurring_task_is_summed_up_by_how_often_and_its_first_day(cast, client_of, row):
    client = client_of(cast.tracker)
    known_to_all(client, row)
    sent(client, row, due_3="trước ngày 06 hằng tháng")

    page = words(client.get(f"/doc-van-ban/{row.id}/giao"))

    assert "hằng tháng, lần đầu 05/03/2026" in page
    assert "“trước ngày 06 hằng tháng”" not in page


@pytest.mark.parametrize(
    ("text", "most", "kept"),
    [
        ("Lập danh sách ............", 18, "Lập danh sách…"), ("Lập danh sách", 13, "Lập danh sách"),
        ("Lập danh sách, gửi về Sở", 16, "Lập danh sách…"), ("Lậpdanhsáchgửi", 8, "Lậpdanh…"),
    ],
)  # fmt: skip
def test_a_text_is_cut_behind_a_word_and_never_runs_on_in_dots(text, most, kept):
    assert cut(text, most) == kept
