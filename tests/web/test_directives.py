"""Directives: the register, registering and correcting one, and its page."""

from __future__ import annotations

import io
import re
import unicodedata
from datetime import date

import pytest

from tests.counting import statements
from tests.web.pages import errors, value, words
from tracker.models import db
from tracker.models.directive import Attachment, Directive
from tracker.models.people import Role
from tracker.models.progress import History
from tracker.operations import directives
from tracker.operations.recording import Stamp
from tracker.rules.status import State

TODAY = date(2026, 3, 3)


@pytest.fixture(autouse=True)
def today(on_day, app, tmp_path):
    on_day(TODAY)
    app.config["FILES_FOLDER"] = str(tmp_path / "files")


def typed(cast, **changes):
    """Return the form as an office fills it in; `changes` stand above it."""
    whole = {
        "kind": "CV", "number": "254/UBND-NV", "issued_on": "2/3/2026", "issuer": str(cast.city.id),
        "subject": "Nâng cao chỉ số cải cách hành chính", "signer": "Trần Quốc Hùng",
        "signer_title": "Chủ tịch", "field": "Cải cách hành chính", "urgency": "normal", "token": "t1",
    }  # fmt: skip
    return whole | changes


def stored(number="254/UBND-NV"):
    return db.session.query(Directive).filter_by(number=number).all()


# The register


def test_the_register_shows_what_each_person_may_see(cast, client_of, make_directive, make_task):
    make_directive(number="1/KH-UBND")
    make_task(directive=make_directive(number="2/KH-UBND"))

    seen = {}
    for part, user in cast.everybody.items():
        page = words(client_of(user).get("/van-ban"))
        seen[part] = [number for number in ("1/KH-UBND", "2/KH-UBND") if number in page]

    both = ["1/KH-UBND", "2/KH-UBND"]
    assert seen == {
        "chairman": both, "tracker": both, "inspector": both, "admin": both, "head": ["2/KH-UBND"],
        "officer": ["2/KH-UBND"], "coordinator": ["2/KH-UBND"], "outsider": [],
    }  # fmt: skip


def test_a_draft_shows_its_directive_to_no_unit(cast, client_of, make_directive, make_task):
    make_task(directive=make_directive(number="7/KH-UBND"), state=State.DRAFT)

    assert "7/KH-UBND" not in words(client_of(cast.head).get("/van-ban"))


def test_the_latest_paper_stands_first(cast, client_of, make_directive):
    make_directive(number="1/KH-UBND", issued_on=date(2026, 1, 5))
    make_directive(number="2/KH-UBND", issued_on=date(2026, 3, 2))
    make_directive(number="3/KH-UBND", issued_on=date(2026, 1, 5))

    page = words(client_of(cast.tracker).get("/van-ban"))

    assert page.index("2/KH-UBND") < page.index("3/KH-UBND") < page.index("1/KH-UBND")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=de+an", ["1"]),
        ("q=Đề án", ["1"]),
        ("q=" + unicodedata.normalize("NFD", "Đề án"), ["1"]),
        ("q=2/kh", ["2"]),
        ("q=%25", []),
        ("q=_", []),
        ("year=2025", ["2"]),
        ("year=2026", ["1", "3"]),
        ("kind=CT", ["3"]),
        ("field=Đất đai", ["2"]),
        ("year=2026&kind=CT", ["3"]),
        ("year=1999", []),
    ],
)
def test_the_register_is_narrowed_by_its_address(cast, client_of, make_directive, query, found):
    make_directive(number="1/KH-UBND", kind="KH", subject="Đề án chuyển đổi số")
    make_directive(number="2/KH-UBND", kind="KH", issued_on=date(2025, 12, 31), field="Đất đai")
    make_directive(number="3/CT-UBND", kind="CT")

    page = words(client_of(cast.tracker).get(f"/van-ban?{query}"))

    assert [number for number in "123" if re.search(rf"\b{number}/(KH|CT)-UBND", page)] == found


@pytest.mark.parametrize(
    "query",
    [
        "year=abc", "year=99999999999999999999", "year=-1", "issuer=abc", "issuer=99999999999999999999",
        "after=abc", "after=2026-13-40.1", "after=2026-03-02.99999999999999999999", "after=.",
        "year=²", "q=" + "a" * 5000,
    ],
)  # fmt: skip
def test_odd_words_in_the_address_break_nothing(cast, client_of, make_directive, query):
    make_directive()

    assert client_of(cast.tracker).get(f"/van-ban?{query}").status_code == 200


def test_the_next_page_begins_where_this_one_ends_and_keeps_the_filter(cast, client_of, make_directive):
    for number in range(60):
        make_directive(number=f"{number:03}/KH-UBND", kind="KH")
    client = client_of(cast.tracker)

    first = client.get("/van-ban?kind=KH")
    following = re.search(r'href="([^"]*)" rel="next"', first.get_data(as_text=True))[1].replace("&amp;", "&")
    second = client.get(following)

    numbers = [
        re.findall(r"\d{3}/KH-UBND", re.sub(r'aria-label="[^"]*"', "", page.text)) for page in (first, second)
    ]
    assert "kind=KH" in following
    assert len(numbers[0]) == 50
    assert len(numbers[1]) == 10
    assert not set(numbers[0]) & set(numbers[1])


def test_the_register_takes_as_many_statements_for_sixty_papers_as_for_one(
    cast, client_of, make_directive, make_task
):
    client = client_of(cast.tracker)
    make_task(directive=make_directive())
    client.get("/van-ban")
    with statements() as for_one:
        client.get("/van-ban")
    for _number in range(60):
        make_task(directive=make_directive())

    with statements() as for_many:
        client.get("/van-ban")

    assert len(for_many) == len(for_one)
    assert len(for_one) <= 14


def test_an_empty_register_names_the_next_step_to_who_may_take_it(cast, client_of):
    assert "Đăng ký văn bản đầu tiên" in words(client_of(cast.tracker).get("/van-ban"))
    assert "Đăng ký" not in words(client_of(cast.head).get("/van-ban"))


# Registering


def test_the_office_registers_a_directive_with_all_its_fields(cast, client_of, make_directive):
    basis = make_directive(number="28/KH-UBND", kind="KH")
    old = make_directive(number="200/UBND-NV")
    pdf = (io.BytesIO(b"%PDF-1.7\n%%EOF\n"), "công văn.pdf")

    answer = client_of(cast.tracker).post(
        "/van-ban/moi",
        data=typed(
            cast, meeting="Họp giao ban 01/3/2026", urgency="urgent", papers=[pdf],
            replaces="200/UBND-NV", **{"bases-0": "28/KH-UBND", "bases-1": "Quyết định số 771/QĐ-TTg"},
        ),
        content_type="multipart/form-data",
    )  # fmt: skip

    (directive,) = stored()
    assert answer.location == f"/van-ban/{directive.id}"
    assert directive.issued_on == date(2026, 3, 2)
    assert (directive.urgency, directive.meeting) == ("urgent", "Họp giao ban 01/3/2026")
    assert [(each.based_on, each.printed) for each in directive.bases] == [
        (basis, None), (None, "Quyết định số 771/QĐ-TTg"),
    ]  # fmt: skip
    assert directive.replaces is old
    assert db.session.query(Attachment).one().directive_id == directive.id


@pytest.mark.parametrize(
    ("part", "status"),
    [
        ("chairman", 200),
        ("tracker", 200),
        ("head", 403),
        ("officer", 403),
        ("inspector", 403),
        ("admin", 403),
    ],
)
def test_only_leaders_and_the_office_register(cast, client_of, part, status):
    assert client_of(cast.everybody[part]).get("/van-ban/moi").status_code == status


def test_nobody_registers_for_a_unit_beyond_their_own(cast, client_of):
    stranger = cast.make_unit(parent=None, name="UBND tỉnh khác", code="khac")
    own = cast.make_unit(kind="commune", name="UBND xã An Hòa")
    office = cast.make_person(unit=own, role=Role.OFFICE)

    answer = client_of(office).post("/van-ban/moi", data=typed(cast, issuer=str(stranger.id)))

    assert answer.status_code == 422
    assert stored() == []


def test_a_number_is_kept_as_offices_write_it(cast, client_of):
    client_of(cast.tracker).post("/van-ban/moi", data=typed(cast, number="Số: 254 /UBND-NV"))

    assert len(stored("254/UBND-NV")) == 1


def test_an_oral_instruction_has_no_number_and_is_told_so(cast, client_of):
    client = client_of(cast.tracker)

    answer = client.post("/van-ban/moi", data=typed(cast, number="", kind="YKCĐ"), follow_redirects=True)

    assert "chưa có số ký hiệu" in words(answer)
    assert len(stored(None)) == 1


def test_a_paper_of_the_future_is_told_and_never_refused(cast, client_of):
    answer = client_of(cast.tracker).post(
        "/van-ban/moi", data=typed(cast, issued_on="5/3/2026"), follow_redirects=True
    )

    assert "05/03/2026 ở sau hôm nay" in words(answer)
    assert len(stored()) == 1


def test_a_basis_dated_after_the_paper_is_told_and_never_refused(cast, client_of, make_directive):
    make_directive(number="217/KH-UBND", issued_on=date(2026, 3, 2))

    answer = client_of(cast.tracker).post(
        "/van-ban/moi",
        data=typed(cast, issued_on="1/3/2026", **{"bases-0": "217/KH-UBND"}),
        follow_redirects=True,
    )

    assert "217/KH-UBND ban hành ngày 02/03/2026, sau văn bản này" in words(answer)
    assert len(stored()) == 1


def test_the_same_number_of_one_year_is_announced_and_registered_when_it_is_meant(
    cast, client_of, make_directive
):
    make_directive(number="254/UBND-NV")
    client = client_of(cast.tracker)

    announced = client.post("/van-ban/moi", data=typed(cast))
    before = len(stored())
    meant = client.post("/van-ban/moi", data=typed(cast, sure="1"))

    assert announced.status_code == 422
    assert "đã có trong sổ" in words(announced)
    assert "Vẫn đăng ký" in words(announced)
    assert value(announced, "subject") == "Nâng cao chỉ số cải cách hành chính"
    assert before == 1
    assert meant.status_code == 303
    assert len(stored()) == 2


def test_the_same_number_of_another_year_is_no_double(cast, client_of, make_directive):
    make_directive(number="254/UBND-NV", issued_on=date(2025, 12, 31))

    assert client_of(cast.tracker).post("/van-ban/moi", data=typed(cast)).status_code == 303


def test_a_secret_paper_is_refused(cast, client_of):
    answer = client_of(cast.tracker).post("/van-ban/moi", data=typed(cast, subject="Kế hoạch (Tuyệt mật)"))

    assert answer.status_code == 422
    assert "Không đưa văn bản mật" in words(answer)
    assert stored() == []


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"issued_on": "31/02/2026"}, "31/02/2026"),
        ({"issued_on": ""}, "Nhập ngày ban hành"),
        ({"issued_on": "hôm qua"}, "dd/mm/yyyy"),
        ({"subject": ""}, "Nhập trích yếu"),
        ({"subject": "a" * 10_000}, "Dài quá 2000 ký tự"),
        ({"number": "a" * 65}, "Dài quá 64 ký tự"),
        ({"kind": "XYZ"}, "Chọn một mục"),
        ({"issuer": "999999"}, "Chọn một mục"),
        ({"urgency": "boom"}, "Chọn một mục"),
        ({"bases-0": "b" * 501}, "Dài quá 500 ký tự"),
        ({"replaces": "999/KH-UBND"}, "Chưa có văn bản này trong sổ"),
    ],
)
def test_what_is_wrong_is_told_at_its_field_and_everything_typed_stays(cast, client_of, wrong, message):
    data = typed(cast, meeting="Họp giao ban", **{"bases-0": "a", "bases-1": "771/QĐ-TTg"}) | wrong

    answer = client_of(cast.tracker).post("/van-ban/moi", data=data)

    assert answer.status_code == 422
    assert any(message in each for each in errors(answer))
    for name in ("number", "issued_on", "subject", "signer", "meeting", "bases-1", "replaces"):
        assert value(answer, name) == data.get(name, ""), name
    assert stored() == []


def test_no_field_lets_the_browser_cut_off_what_is_pasted(cast, client_of):
    page = client_of(cast.tracker).get("/van-ban/moi").get_data(as_text=True)

    fields = [tag for tag in re.findall(r"<(?:input|textarea)[^>]*>", page) if 'type="search"' not in tag]

    assert [tag for tag in fields if 'name="subject"' in tag]
    assert [tag for tag in fields if "maxlength" in tag] == []


def test_text_in_nfd_is_stored_in_nfc(cast, client_of):
    subject = "Nâng cao chỉ số cải cách hành chính"

    client_of(cast.tracker).post(
        "/van-ban/moi", data=typed(cast, subject=unicodedata.normalize("NFD", subject))
    )

    assert stored()[0].subject == subject


def test_a_double_click_registers_once(cast, client_of):
    client = client_of(cast.tracker)

    first = client.post("/van-ban/moi", data=typed(cast, sure="1"))
    second = client.post("/van-ban/moi", data=typed(cast, sure="1"))

    assert first.location == second.location
    assert len(stored()) == 1


def test_more_lines_for_bases_keep_what_was_typed(cast, client_of):
    answer = client_of(cast.tracker).post(
        "/van-ban/moi", data=typed(cast, more="bases", **{"bases-0": "a", "bases-1": "b", "bases-2": "c"})
    )

    assert answer.status_code == 200
    assert [value(answer, f"bases-{number}") for number in range(6)] == ["a", "b", "c", "", "", ""]


def test_two_papers_of_one_number_are_told_apart_by_their_day(cast, client_of, make_directive):
    make_directive(number="1/KH-UBND", kind="KH", issued_on=date(2025, 1, 6))
    wanted = make_directive(number="1/KH-UBND", kind="KH", issued_on=date(2026, 1, 5))

    client_of(cast.tracker).post(
        "/van-ban/moi",
        data=typed(cast, **{"bases-0": "1/KH-UBND", "bases-1": "Kế hoạch 1/KH-UBND ngày 05/01/2026"}),
    )

    first, second = stored()[0].bases
    assert first.printed == "1/KH-UBND"
    assert second.based_on is wanted


# Correcting


def test_a_correction_is_kept_with_what_was_before(cast, client_of, make_directive):
    directive = make_directive(number="254/UBND-NV", subject="Cũ")

    answer = client_of(cast.tracker).post(
        f"/van-ban/{directive.id}/sua", data=typed(cast, subject="Mới", seen=str(directive.version))
    )

    row = db.session.query(History).filter_by(do="correct").one()
    assert answer.status_code == 303
    assert directive.subject == "Mới"
    assert ["subject", "Cũ", "Mới"] in row.changes


def test_links_stay_links_when_something_else_is_corrected(cast, client_of, make_directive):
    basis = make_directive(number=None, kind="YKCĐ")
    directive = make_directive(number="254/UBND-NV", based_on=[basis, "Luật Tổ chức chính quyền địa phương"])
    client = client_of(cast.tracker)
    page = client.get(f"/van-ban/{directive.id}/sua")

    lines = {name: value(page, name) for name in ("bases-0", "bases-1")}
    client.post(f"/van-ban/{directive.id}/sua", data=typed(cast, subject="Mới", **lines))

    assert [each.based_on for each in directive.bases] == [basis, None]


def test_the_second_of_two_editors_sees_both_texts_and_loses_nothing(cast, client_of, make_directive):
    directive = make_directive(number="254/UBND-NV", subject="Cũ")
    seen = str(directive.version)
    client_of(cast.chairman).post(
        f"/van-ban/{directive.id}/sua", data=typed(cast, subject="Của Chủ tịch", seen=seen, token="t9")
    )
    client = client_of(cast.tracker)

    conflict = client.post(
        f"/van-ban/{directive.id}/sua", data=typed(cast, subject="Của Văn phòng", seen=seen)
    )
    renewed = {"seen": value(conflict, "seen"), "token": value(conflict, "token")}
    meant = client.post(f"/van-ban/{directive.id}/sua", data=typed(cast, subject="Của Văn phòng", **renewed))

    page = words(conflict)
    assert conflict.status_code == 422
    assert "Có người vừa lưu trước bạn" in page
    assert "Trần Quốc Hùng đã lưu lúc" in page
    assert "Của Văn phòng" in page
    assert "Của Chủ tịch" in page
    assert value(conflict, "subject") == "Của Văn phòng"
    assert meant.status_code == 303
    assert directive.subject == "Của Văn phòng"


@pytest.mark.parametrize(
    ("part", "status"),
    [
        ("chairman", 200), ("tracker", 200), ("inspector", 403), ("admin", 403), ("head", 403),
        ("officer", 403), ("coordinator", 403), ("outsider", 403),
    ],
)  # fmt: skip
@pytest.mark.parametrize("page", ["sua", "giao", "giao-nhieu", "tep"])
def test_only_who_registers_may_change(cast, client_of, make_directive, make_task, part, status, page):
    directive = make_directive()
    make_task(directive=directive)

    assert client_of(cast.everybody[part]).get(f"/van-ban/{directive.id}/{page}").status_code == status


@pytest.mark.parametrize("page", ["", "/sua", "/giao", "/giao-nhieu", "/tep"])
@pytest.mark.parametrize("id_", ["999999", "abc", "-1", "99999999999999999999"])
def test_an_unknown_or_malformed_id_is_not_found(cast, client_of, page, id_):
    assert client_of(cast.tracker).get(f"/van-ban/{id_}{page}").status_code == 404


def test_an_office_of_another_body_finds_nothing_to_change(cast, client_of, make_directive):
    directive = make_directive()
    office = cast.make_person(unit=cast.commune, role=Role.OFFICE)

    for page in ("", "/sua", "/giao"):
        assert client_of(office).get(f"/van-ban/{directive.id}{page}").status_code == 404


# The page of a directive


def test_the_page_shows_what_stands_on_what(cast, client_of, make_directive):
    basis = make_directive(number="28/KH-UBND")
    directive = make_directive(number="254/UBND-NV", based_on=[basis, "771/QĐ-TTg"], replaces=basis)
    later = make_directive(number="300/UBND-NV", based_on=[directive])
    client = client_of(cast.tracker)

    page, old = client.get(f"/van-ban/{directive.id}").text, client.get(f"/van-ban/{basis.id}").text

    assert f'href="/van-ban/{basis.id}"' in page
    assert f'href="/van-ban/{later.id}"' in page
    assert "771/QĐ-TTg" in page
    assert "Là căn cứ của" in page
    assert "Được thay thế bởi" in old
    assert f'href="/van-ban/{directive.id}"' in old


def test_a_paper_that_the_reader_may_not_see_is_named_without_a_link(
    cast, client_of, make_directive, make_task
):
    basis = make_directive(number="28/KH-UBND")
    directive = make_directive(based_on=[basis])
    make_task(directive=directive)

    page = client_of(cast.head).get(f"/van-ban/{directive.id}").text

    assert "28/KH-UBND" in page
    assert f'href="/van-ban/{basis.id}"' not in page


def test_the_matrix_shows_each_unit_in_each_item_and_a_unit_only_its_own(
    cast, client_of, make_directive, make_task
):
    directive = make_directive()
    for item in ("1", "2", "10"):
        make_task(directive=directive, item=item)
        make_task(directive=directive, item=item, unit=cast.commune, coordinating=[])

    whole = client_of(cast.tracker).get(f"/van-ban/{directive.id}").text
    own = client_of(cast.outsider).get(f"/van-ban/{directive.id}").text

    heads = re.findall(r'<th scope="col">(1|2|10)</th>', whole)
    assert heads == ["1", "2", "10"]
    assert "Phòng Nội vụ" in whole
    assert "UBND xã Phú An" in whole
    assert "Ma trận" not in own
    assert "Phòng Nội vụ" not in own


def test_the_counts_of_a_directive_are_the_seven_cells(cast, client_of, make_directive, make_task):
    directive = make_directive()
    make_task(directive=directive)
    make_task(directive=directive, state=State.IN_PROGRESS)
    make_task(directive=directive, state=State.CANCELLED)
    make_task(directive=directive, state=State.DRAFT)

    page = client_of(cast.tracker).get(f"/van-ban/{directive.id}").text

    figures = re.findall(r'<span class="figure">(\d+)</span>', page)
    assert figures == ["1", "0", "1", "0", "0", "0", "0", "2"]


def test_what_is_not_clear_of_a_task_is_flagged(cast, client_of, make_directive, make_task):
    directive = make_directive()
    make_task(directive=directive, content="Lập kế hoạch năm 2026", product=None)

    page = words(client_of(cast.tracker).get(f"/van-ban/{directive.id}"))

    assert "“5 rõ”, chưa rõ: người (1), sản phẩm (1)" in page


def test_the_page_takes_as_many_statements_for_sixty_tasks_as_for_two(
    cast, client_of, make_directive, make_task
):
    directive, client = make_directive(), client_of(cast.tracker)
    make_task(directive=directive, item="a")
    make_task(directive=directive, item="b", unit=cast.commune)
    client.get(f"/van-ban/{directive.id}")
    with statements() as for_two:
        client.get(f"/van-ban/{directive.id}")
    for number in range(60):
        make_task(directive=directive, item=str(number), unit=cast.make_unit())

    with statements() as for_many:
        client.get(f"/van-ban/{directive.id}")

    assert len(for_many) == len(for_two)


def test_the_history_of_a_directive_tells_corrections_and_givings(cast, client_of, make_directive, make_task):
    directive = make_directive(subject="Cũ")
    make_task(directive=directive)
    directives.correct(directive, stamp=Stamp(on=TODAY, by=cast.tracker), subject="Mới")

    page = words(client_of(cast.tracker).get(f"/van-ban/{directive.id}"))

    assert "Đăng ký văn bản" in page
    assert "Giao 1 nhiệm vụ" in page
    assert "Trích yếu" in page
    assert "Cũ" in page


def test_the_history_of_a_directive_names_papers_as_they_are_cited(cast, client_of, make_directive):
    basis = make_directive(number="28/KH-UBND", issued_on=date(2026, 1, 9))
    old = make_directive(number="12/KH-UBND", issued_on=date(2026, 1, 5))
    directive = make_directive(number="254/UBND-NV")
    stamp = Stamp(on=TODAY, by=cast.tracker)
    directives.correct(directive, stamp=stamp, based_on=[basis, "771/QĐ-TTg"], replaces=old)
    directives.correct(directive, stamp=stamp, based_on=[], replaces=None)

    page = words(client_of(cast.tracker).get(f"/van-ban/{directive.id}"))

    assert page.count("28/KH-UBND ngày 09/01/2026; 771/QĐ-TTg") == 2
    assert page.count("12/KH-UBND ngày 05/01/2026") == 2
    assert basis.key not in page
    assert old.key not in page


# Drafts


def send_drafts(client, directive, action, *tasks, token="d1"):
    return client.post(
        f"/van-ban/{directive.id}/du-thao",
        data={"task": [str(task.id) for task in tasks], "action": action, "token": token},
    )


def test_drafts_are_given_together_and_once(cast, client_of, make_directive, make_task):
    directive, client = make_directive(), client_of(cast.tracker)
    drafts = [make_task(directive=directive, state=State.DRAFT) for _number in range(3)]

    send_drafts(client, directive, "give", *drafts[:2])
    send_drafts(client, directive, "give", *drafts[:2])

    assert [task.state for task in drafts] == [State.NOT_STARTED, State.NOT_STARTED, State.DRAFT]
    assert drafts[0].given_on == TODAY
    assert db.session.query(History).filter_by(do="give").count() == 2


def test_a_draft_without_a_deadline_is_not_given_by_accident(cast, client_of, make_directive, make_task):
    directive = make_directive()
    draft = make_task(directive=directive, state=State.DRAFT, due_on=None)

    answer = send_drafts(client_of(cast.tracker), directive, "give", draft)

    assert answer.status_code == 303
    assert draft.state is State.DRAFT


def test_dropping_drafts_asks_first(cast, client_of, make_directive, make_task):
    directive, client = make_directive(), client_of(cast.tracker)
    draft = make_task(directive=directive, state=State.DRAFT)

    asked = send_drafts(client, directive, "drop", draft)
    before = draft.state
    send_drafts(client, directive, "really-drop", draft)

    assert "Điều sẽ xảy ra" in words(asked)
    assert before is State.DRAFT
    assert draft.state is State.CANCELLED


def test_a_given_task_and_one_of_another_directive_are_no_drafts(cast, client_of, make_directive, make_task):
    directive = make_directive()
    given = make_task(directive=directive)
    other = make_task(state=State.DRAFT)

    send_drafts(client_of(cast.tracker), directive, "really-drop", given, other)

    assert (given.state, other.state) == (State.NOT_STARTED, State.DRAFT)


def test_units_see_no_drafts_and_give_none(cast, client_of, make_directive, make_task):
    directive = make_directive()
    make_task(directive=directive)
    draft = make_task(directive=directive, content="Chưa giao cho ai", state=State.DRAFT)
    client = client_of(cast.head)

    page = words(client.get(f"/van-ban/{directive.id}"))
    answer = send_drafts(client, directive, "give", draft)

    assert "Chưa giao cho ai" not in page
    assert answer.status_code == 403
