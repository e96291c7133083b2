"""Giving tasks of a directive: a form, a second look, a table, and the reading beside a deadline."""

from __future__ import annotations

import unicodedata
from datetime import date, time

import pytest

from tests.counting import statements
from tests.web.pages import checked, errors, value, words
from tracker.models import db
from tracker.models.people import Role
from tracker.models.task import Task
from tracker.operations import calendar, directives, units
from tracker.operations.recording import Stamp
from tracker.rules.status import State

TODAY = date(2026, 3, 3)
"""A Tuesday."""


@pytest.fixture(autouse=True)
def today(on_day):
    on_day(TODAY)


@pytest.fixture
def directive(make_directive):
    return make_directive(number="254/UBND-NV", signer="Trần Quốc Hùng")


def typed(cast, **changes):
    """Return the form as an office fills it in for the lead unit; `changes` stand above it."""
    whole = {
        "item": "1", "content": "Lập kế hoạch cải cách hành chính", "lead": [str(cast.lead.id)],
        "due_phrase": "trước ngày 25/6", "product": "Kế hoạch", "tracker": str(cast.tracker.id),
        "leader": str(cast.chairman.id), "officer": "", "step": "give", "token": "t1",
    }  # fmt: skip
    return whole | changes


def give(client, directive, data):
    return client.post(f"/van-ban/{directive.id}/giao", data=data)


def given():
    return db.session.query(Task).order_by(Task.id).all()


# The form


def test_a_task_is_given_as_it_was_typed(cast, client_of, directive):
    answer = give(client_of(cast.tracker), directive, typed(cast, coordinating=[str(cast.coordinating.id)]))

    (task,) = given()
    assert answer.location == f"/van-ban/{directive.id}"
    assert (task.item, task.content, task.product) == ("1", "Lập kế hoạch cải cách hành chính", "Kế hoạch")
    assert (task.unit, task.state, task.given_on) == (cast.lead, State.NOT_STARTED, TODAY)
    assert (task.due_on, task.due_phrase) == (date(2026, 6, 24), "trước ngày 25/6")
    assert (task.tracker, task.leader) == (cast.tracker, cast.chairman)
    assert [each.unit for each in task.coordinations] == [cast.coordinating]


def test_a_setting_lets_before_a_day_include_it(cast, client_of, directive):
    calendar.change_setting("strict_before", False, stamp=Stamp(on=TODAY))

    give(client_of(cast.tracker), directive, typed(cast))

    assert given()[0].due_on == date(2026, 6, 25)


def test_an_hour_is_kept_beside_the_day(cast, client_of, directive):
    give(client_of(cast.tracker), directive, typed(cast, due_phrase="14h00 ngày 28/4/2026"))

    assert (given()[0].due_on, given()[0].due_time) == (date(2026, 4, 28), time(14))


def test_a_counted_deadline_begins_with_the_day_of_receipt(cast, client_of, directive):
    give(client_of(cast.tracker), directive, typed(cast, due_phrase="trong 5 ngày làm việc"))

    assert given()[0].due_on == date(2026, 3, 10)


def test_those_who_most_likely_stand_beside_a_task_are_chosen_already(cast, client_of, directive):
    page = client_of(cast.tracker).get(f"/van-ban/{directive.id}/giao").text

    assert f'<option selected value="{cast.tracker.id}">' in page
    assert f'<option selected value="{cast.chairman.id}">' in page


def test_several_units_get_a_task_each(cast, client_of, directive):
    give(client_of(cast.tracker), directive, typed(cast, lead=[str(cast.lead.id), str(cast.commune.id)]))

    assert [task.unit for task in given()] == [cast.lead, cast.commune]
    assert {task.item for task in given()} == {"1"}


def test_a_group_expands_to_its_units_and_says_how_many(cast, client_of, directive):
    ward = cast.make_unit(kind="commune", name="UBND phường Vỹ Dạ")
    client = client_of(cast.tracker)

    page = words(client.get(f"/van-ban/{directive.id}/giao"))
    give(client, directive, typed(cast, lead=[], groups=["communes"]))

    assert "UBND các xã, thị trấn (2 đơn vị)" in page
    assert [task.unit for task in given()] == [cast.commune, ward]


def test_a_unit_of_a_chosen_group_gets_one_task(cast, client_of, directive):
    give(client_of(cast.tracker), directive, typed(cast, groups=["divisions"]))

    assert [task.unit for task in given()] == [cast.lead, cast.coordinating]


def test_the_lead_unit_does_not_coordinate_its_own_task(cast, client_of, directive):
    both = [str(cast.lead.id), str(cast.coordinating.id)]

    give(client_of(cast.tracker), directive, typed(cast, lead=both, coordinating=both))

    assert [[each.unit for each in task.coordinations] for task in given()] == [
        [cast.coordinating], [cast.lead],
    ]  # fmt: skip


def test_units_that_ended_and_divisions_of_communes_are_not_offered(cast, client_of, directive):
    inner = cast.make_unit(parent=cast.commune, name="Văn phòng xã Phú An")
    old = cast.make_unit(name="Phòng Y tế")
    units.end(old, stamp=Stamp(on=date(2026, 3, 1)))

    page = words(client_of(cast.tracker).get(f"/van-ban/{directive.id}/giao"))
    refused = give(client_of(cast.tracker), directive, typed(cast, lead=[str(old.id)]))

    assert "UBND xã Phú An" in page
    assert inner.name not in page
    assert old.name not in page
    assert refused.status_code == 422


def test_a_commune_gives_to_its_own_divisions_and_people(cast, client_of):
    inner = cast.make_unit(parent=cast.commune, name="Văn phòng xã Phú An")
    office = cast.make_person(unit=cast.commune, role=Role.OFFICE)
    clerk = cast.make_person(unit=cast.commune, role=Role.OFFICER)
    directive = directives.register(
        stamp=Stamp(on=TODAY, by=office),
        kind="KH",
        subject="Kế hoạch của xã",
        issuer=cast.commune,
        issued_on=TODAY,
    )

    give(
        client_of(office), directive,
        typed(cast, lead=[str(inner.id), str(cast.commune.id)], officer=str(clerk.id), tracker="", leader=""),
    )  # fmt: skip

    assert [(task.unit, task.officer) for task in given()] == [(inner, None), (cast.commune, clerk)]


def test_no_deadline_must_be_ticked(cast, client_of, directive):
    client = client_of(cast.tracker)

    refused = give(client, directive, typed(cast, due_phrase=""))
    give(client, directive, typed(cast, due_phrase="", no_deadline="y"))

    assert "Chưa ghi thời hạn" in errors(refused)[0]
    (task,) = given()
    assert (task.due_on, task.due_phrase) == (None, "không thời hạn")


@pytest.mark.parametrize(
    "phrase", ["ngày 31/02/2026", "abc", "thường xuyên", "sau khi có hướng dẫn", "x" * 501]
)
def test_a_deadline_that_cannot_be_read_says_what_to_type(cast, client_of, directive, phrase):
    answer = give(client_of(cast.tracker), directive, typed(cast, due_phrase=phrase))

    assert answer.status_code == 422
    assert len(errors(answer)) == 1
    assert value(answer, "due_phrase") == phrase
    assert given() == []


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"content": ""}, "Nhập nội dung"),
        ({"content": "a" * 10_000}, "Dài quá 5000 ký tự"),
        ({"item": "a" * 65}, "Dài quá 64 ký tự"),
        ({"product": "a" * 1_001}, "Dài quá 1000 ký tự"),
        ({"lead": []}, "Chọn ít nhất một đơn vị"),
        ({"lead": ["999999"]}, "Chọn các mục trong danh sách"),
        ({"lead": ["abc"]}, "Chọn các mục trong danh sách"),
        ({"groups": ["moon"]}, "Chọn các mục trong danh sách"),
        ({"tracker": "999999"}, "Chọn một mục trong danh sách"),
        ({"no_deadline": "y"}, "bỏ dấu chọn"),
    ],
)
def test_what_is_wrong_is_told_at_its_field_and_everything_typed_stays(
    cast, client_of, directive, wrong, message
):
    data = typed(cast, coordinating=[str(cast.coordinating.id)]) | wrong

    answer = give(client_of(cast.tracker), directive, data)

    assert answer.status_code == 422
    assert any(message in each for each in errors(answer))
    for name in ("item", "content", "due_phrase", "product"):
        assert value(answer, name) == data[name], name
    assert checked(answer, "coordinating") == [str(cast.coordinating.id)]
    assert given() == []


def test_text_in_nfd_is_stored_in_nfc_and_read_as_a_deadline(cast, client_of, directive):
    def nfd(text):
        return unicodedata.normalize("NFD", text)

    give(
        client_of(cast.tracker), directive,
        typed(cast, content=nfd("Lập đề án"), due_phrase=nfd("trước ngày 25/6")),
    )  # fmt: skip

    assert (given()[0].content, given()[0].due_on) == ("Lập đề án", date(2026, 6, 24))


def test_a_double_click_gives_one_set_of_tasks(cast, client_of, directive):
    client, both = client_of(cast.tracker), [str(cast.lead.id), str(cast.commune.id)]

    first = give(client, directive, typed(cast, lead=both))
    second = give(client, directive, typed(cast, lead=both))

    assert (first.status_code, second.status_code) == (303, 303)
    assert len(given()) == 2


def test_a_draft_is_laid_out_and_may_wait_for_its_deadline(cast, client_of, directive):
    give(client_of(cast.tracker), directive, typed(cast, due_phrase="", step="draft"))

    (task,) = given()
    assert (task.state, task.given_on, task.due_on) == (State.DRAFT, None, None)


def test_giving_goes_on_with_the_next_item(cast, client_of, directive):
    answer = give(client_of(cast.tracker), directive, typed(cast, step="more"))

    assert answer.location == f"/van-ban/{directive.id}/giao"
    assert len(given()) == 1


def test_the_form_takes_as_many_statements_for_sixty_units_as_for_one(cast, client_of, directive):
    client = client_of(cast.tracker)
    client.get(f"/van-ban/{directive.id}/giao")
    with statements() as for_few:
        client.get(f"/van-ban/{directive.id}/giao")
    for _number in range(60):
        cast.make_unit(kind="commune")

    with statements() as for_many:
        client.get(f"/van-ban/{directive.id}/giao")

    assert len(for_many) == len(for_few)


# The second look


def test_each_unit_may_have_a_deadline_of_its_own(cast, client_of, directive):
    client, both = client_of(cast.tracker), [str(cast.lead.id), str(cast.commune.id)]
    data = typed(cast, lead=both, step="review")

    review = give(client, directive, data)
    reviewed = data | {
        "step": "give", "reviewed": "1", f"due_{cast.lead.id}": "trước ngày 25/6",
        f"due_{cast.commune.id}": "trong quý III",
    }  # fmt: skip
    give(client, directive, reviewed)

    assert value(review, f"due_{cast.commune.id}") == "trước ngày 25/6"
    assert "thứ Tư 24/06/2026. Còn" in words(review)
    assert value(review, "content") == "Lập kế hoạch cải cách hành chính"
    assert [task.due_on for task in given()] == [date(2026, 6, 24), date(2026, 9, 30)]


def test_a_wrong_deadline_of_one_unit_is_told_at_that_unit(cast, client_of, directive):
    data = typed(cast, lead=[str(cast.lead.id), str(cast.commune.id)], reviewed="1")
    data |= {f"due_{cast.lead.id}": "25/6/2026", f"due_{cast.commune.id}": "31/02/2026"}

    answer = give(client_of(cast.tracker), directive, data)

    assert answer.status_code == 422
    assert len(errors(answer)) == 1
    assert "31/02/2026" in errors(answer)[0]
    assert value(answer, f"due_{cast.lead.id}") == "25/6/2026"
    assert given() == []


@pytest.mark.parametrize("phrase", ["2/3/2026", "28/2/2026"])
def test_a_deadline_in_the_past_must_be_confirmed(cast, client_of, directive, phrase):
    client = client_of(cast.tracker)
    data = typed(cast, due_phrase=phrase)

    asked = give(client, directive, data)
    reviewed = data | {"reviewed": "1", f"due_{cast.lead.id}": phrase}
    still_asked = give(client, directive, reviewed)
    before = given()
    meant = give(client, directive, reviewed | {"confirmed": "y"})

    assert "Có thời hạn đã qua" in words(asked)
    assert still_asked.status_code == 422
    assert before == []
    assert meant.status_code == 303
    assert len(given()) == 1


def test_a_deadline_of_today_needs_no_confirmation(cast, client_of, directive):
    give(client_of(cast.tracker), directive, typed(cast, due_phrase="3/3/2026"))

    assert given()[0].due_on == TODAY


def test_from_the_second_look_one_goes_back_with_everything_typed(cast, client_of, directive):
    data = typed(cast, step="back", reviewed="1", **{f"due_{cast.lead.id}": "trước ngày 25/6"})

    answer = give(client_of(cast.tracker), directive, data)

    assert answer.status_code == 200
    assert value(answer, "content") == "Lập kế hoạch cải cách hành chính"
    assert checked(answer, "lead") == [str(cast.lead.id)]
    assert given() == []


# The table


def table(client, directive, *rows, **more):
    data = {"step": "give", "token": "t1", "tracker": "", "leader": ""} | more
    for number, row in enumerate(rows):
        for name, text in zip(("item", "content", "lead", "due_phrase", "product"), row, strict=False):
            data[f"rows-{number}-{name}"] = text
    return client.post(f"/van-ban/{directive.id}/giao-nhieu", data=data)


def test_many_items_are_given_at_once(cast, client_of, directive):
    ward = cast.make_unit(kind="commune", name="UBND phường Vỹ Dạ")

    answer = table(
        client_of(cast.tracker), directive,
        ("1", "Lập kế hoạch năm 2026", "Phòng Nội vụ", "trước ngày 25/6", "Kế hoạch"),
        ("", "", "", "", ""),
        ("2", "Báo cáo kết quả thực hiện", "các xã, thị trấn; phòng tài chính", "không thời hạn", ""),
    )  # fmt: skip

    assert answer.status_code == 303
    assert [(task.item, task.unit, task.due_on) for task in given()] == [
        ("1", cast.lead, date(2026, 6, 24)),
        ("2", cast.coordinating, None),
        ("2", cast.commune, None),
        ("2", ward, None),
    ]


def test_a_wrong_row_names_its_field_and_nothing_is_given(cast, client_of, directive):
    answer = table(
        client_of(cast.tracker), directive,
        ("1", "Lập kế hoạch năm 2026", "Phòng Nội vụ", "trước ngày 25/6", ""),
        ("2", "", "Sở Vũ trụ", "31/02/2026", ""),
    )  # fmt: skip

    assert answer.status_code == 422
    told = errors(answer)
    assert "Nhập nội dung nhiệm vụ." in told
    assert any("Không rõ đơn vị “Sở Vũ trụ”" in each for each in told)
    assert any("31/02/2026" in each for each in told)
    assert "Nội dung, dòng 2" in words(answer)
    assert value(answer, "rows-1-lead") == "Sở Vũ trụ"
    assert value(answer, "rows-0-content") == "Lập kế hoạch năm 2026"
    assert given() == []


def test_an_empty_table_gives_nothing_and_says_so(cast, client_of, directive):
    answer = table(client_of(cast.tracker), directive)

    assert answer.status_code == 422
    assert "Nhập ít nhất một dòng" in words(answer)


def test_rows_are_added_without_losing_any(cast, client_of, directive):
    rows = [(str(number), f"Việc {number}", "", "", "") for number in range(5)]

    answer = table(client_of(cast.tracker), directive, *rows, step="rows")

    assert answer.status_code == 200
    assert value(answer, "rows-4-content") == "Việc 4"
    assert value(answer, "rows-9-content") == ""


def test_rows_are_pasted_from_a_sheet(cast, client_of, directive):
    pasted = (
        "Mục\tNội dung\tĐơn vị\tThời hạn\tSản phẩm\r\n"
        '1\t"Lập kế hoạch\nnăm 2026"\tPhòng Nội vụ\t25/6/2026\tKế hoạch\r\n'
        "2\tBáo cáo kết quả\tSở Vũ trụ\t\t\r\n"
    )

    answer = table(
        client_of(cast.tracker), directive, ("9", "Đã gõ", "", "", ""), step="paste", pasted=pasted
    )

    assert value(answer, "rows-0-content") == "Đã gõ"
    assert value(answer, "rows-1-content") == "Lập kế hoạch\nnăm 2026"
    assert value(answer, "rows-1-due_phrase") == "25/6/2026"
    assert value(answer, "rows-2-lead") == "Sở Vũ trụ"
    assert any("Sở Vũ trụ" in each for each in errors(answer))
    assert given() == []


def test_a_look_at_the_table_reads_its_deadlines_and_gives_nothing(cast, client_of, directive):
    answer = table(
        client_of(cast.tracker), directive, ("1", "Lập kế hoạch", "Phòng Nội vụ", "trước ngày 25/6", ""),
        step="review",
    )  # fmt: skip

    assert answer.status_code == 200
    assert "thứ Tư 24/06/2026" in words(answer)
    assert "Bảng này tạo 1 nhiệm vụ" in words(answer)
    assert given() == []


def test_a_past_deadline_in_the_table_must_be_confirmed(cast, client_of, directive):
    client, row = client_of(cast.tracker), ("1", "Lập kế hoạch", "Phòng Nội vụ", "2/3/2026", "")

    asked = table(client, directive, row)
    before = given()
    table(client, directive, row, confirmed="y")

    assert asked.status_code == 422
    assert before == []
    assert len(given()) == 1


def test_a_double_click_on_the_table_gives_once(cast, client_of, directive):
    client, row = client_of(cast.tracker), ("1", "Lập kế hoạch", "các phòng", "trước ngày 25/6", "")

    table(client, directive, row)
    table(client, directive, row)

    assert len(given()) == 2


# Who may


@pytest.mark.parametrize(
    ("part", "status"),
    [
        ("chairman", 303), ("tracker", 303), ("head", 403), ("officer", 403), ("coordinator", 403),
        ("inspector", 403), ("admin", 403), ("outsider", 403),
    ],
)  # fmt: skip
def test_only_the_office_and_leaders_give(cast, client_of, directive, part, status):
    answer = give(client_of(cast.everybody[part]), directive, typed(cast))

    assert answer.status_code == status
    assert len(given()) == (1 if status == 303 else 0)


def test_the_office_of_a_unit_below_finds_no_directive_to_give_of(cast, client_of, directive):
    office = cast.make_person(unit=cast.commune, role=Role.OFFICE)

    assert give(client_of(office), directive, typed(cast)).status_code == 404


# The reading beside a field


@pytest.mark.parametrize(
    ("phrase", "text", "ok"),
    [
        ("25/6/2026", "thứ Năm 25/06/2026, còn", True),
        ("trước ngày 25/6", "hết ngày liền trước: thứ Tư 24/06/2026. Còn 8", True),
        ("3/3/2026", "thứ Ba 03/03/2026, hạn hôm nay", True),
        ("không thời hạn", "không có thời hạn", True),
        ("2/3/2026", "thứ Hai 02/03/2026", False),
        ("abc", "Không đọc được", False),
        ("", "Chưa ghi thời hạn", False),
    ],
)
def test_a_deadline_is_read_while_it_is_typed(cast, client_of, directive, phrase, text, ok):
    answer = client_of(cast.tracker).get(
        "/nhiem-vu/doc-thoi-han", query_string={"q": phrase, "directive": directive.id}
    )

    assert text in answer.json["text"]
    assert answer.json["ok"] is ok


def test_the_day_of_issue_is_that_of_the_named_paper(cast, client_of, make_directive):
    old = make_directive(issued_on=date(2025, 5, 5))

    answer = client_of(cast.tracker).get(f"/nhiem-vu/doc-thoi-han?q=trước ngày 25/6&directive={old.id}")

    assert "24/06/2025" in answer.json["text"]


@pytest.mark.parametrize("id_", ["999999", "abc", "-1", "99999999999999999999"])
def test_a_reading_for_no_paper_is_not_found(cast, client_of, id_):
    assert client_of(cast.tracker).get(f"/nhiem-vu/doc-thoi-han?q=25/6&directive={id_}").status_code == 404


def test_a_reading_does_not_tell_outsiders_of_a_paper(cast, client_of, directive):
    answer = client_of(cast.outsider).get(f"/nhiem-vu/doc-thoi-han?q=25/6&directive={directive.id}")

    assert answer.status_code == 404
