"""The pages of units: who sees which, what may be typed, and how a unit ends."""

import re
from datetime import date

import pytest

from tests.counting import statements
from tests.factories import FOUNDED_ON
from tracker.models import db
from tracker.models.people import Role
from tracker.models.units import Unit
from tracker.operations import units
from tracker.operations.recording import Stamp

TODAY = date(2026, 6, 1)
NEW = {"code": "phong-moi", "name": "Phòng Khoa học", "kind": "division", "token": "mot"}


@pytest.fixture(autouse=True)
def today(on_day):
    on_day(TODAY)


@pytest.fixture
def admin(cast, client_of):
    return client_of(cast.admin)


def words(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", response.get_data(as_text=True)))


def addresses(unit):
    base = "/quan-tri/don-vi"
    return [base, f"{base}/moi", f"{base}/{unit.id}", f"{base}/{unit.id}/sua", f"{base}/{unit.id}/ket-thuc"]


@pytest.mark.parametrize("part", ["chairman", "tracker", "head", "officer", "outsider", "inspector"])
def test_who_is_no_administrator_sees_none_of_it(cast, client_of, part):
    client = client_of(cast.everybody[part])

    assert {client.get(address).status_code for address in addresses(cast.lead)} == {403}


def test_an_administrator_sees_every_page(cast, admin):
    assert {admin.get(address).status_code for address in addresses(cast.lead)} == {200}


def test_an_administrator_of_another_tree_finds_nothing_here(cast, client_of):
    root = units.found(stamp=Stamp(on=FOUNDED_ON), code="tinh-khac", name="UBND tỉnh khác")
    stranger = client_of(cast.make_person(unit=root, role=Role.ADMIN))

    answers = [stranger.get(address).status_code for address in addresses(cast.lead)[2:]]

    assert answers == [404, 404, 404]
    assert "Phòng Nội vụ" not in words(stranger.get("/quan-tri/don-vi"))


def test_an_administrator_of_a_commune_reaches_the_commune_and_below(cast, client_of):
    hamlet = cast.make_unit(parent=cast.commune)
    client = client_of(cast.make_person(unit=cast.commune, role=Role.ADMIN))

    assert client.get(f"/quan-tri/don-vi/{hamlet.id}").status_code == 200
    assert client.get(f"/quan-tri/don-vi/{cast.city.id}").status_code == 404


@pytest.mark.parametrize("unit_id", ["0", "999999", "99999999999999999999", "abc", "-1", "%00"])
def test_an_unknown_or_malformed_unit_is_not_found(cast, admin, unit_id):
    assert admin.get(f"/quan-tri/don-vi/{unit_id}").status_code == 404
    assert admin.post(f"/quan-tri/don-vi/{unit_id}/ket-thuc").status_code == 404


def test_a_new_unit_stands_where_it_was_put(cast, admin):
    answer = admin.post("/quan-tri/don-vi/moi", data={**NEW, "parent": cast.commune.id, "order": "7"})

    unit = db.session.query(Unit).filter_by(code="phong-moi").one()
    assert answer.status_code == 303
    assert (unit.parent, unit.position, unit.valid_from) == (cast.commune, 7, TODAY)


def test_a_double_submit_founds_one_unit(cast, admin):
    data = {**NEW, "parent": cast.city.id}

    answers = [admin.post("/quan-tri/don-vi/moi", data=data).status_code for _each in range(2)]

    assert answers == [303, 303]
    assert db.session.query(Unit).filter_by(code="phong-moi").count() == 1


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"name": ""}, "không được để trống"),
        ({"name": "x" * 10_000}, "Dài quá 255"),
        ({"code": "noi-vu"}, "đã được dùng"),
        ({"code": "có dấu cách"}, "không có dấu cách"),
        ({"email": "a@b,evil@x"}, "Không phải địa chỉ thư"),
        ({"order": "-1"}, "số nguyên từ 0"),
        ({"parent": "999999"}, "Chọn một mục trong danh sách"),
        ({"kind": "galaxy"}, "Chọn một mục trong danh sách"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_is_kept(cast, admin, wrong, message):
    data = {**NEW, "parent": cast.city.id, "title_of_head": "Trưởng phòng đặc biệt", **wrong}

    answer = admin.post("/quan-tri/don-vi/moi", data=data)

    assert answer.status_code == 422
    assert message in words(answer)
    assert "Trưởng phòng đặc biệt" in answer.get_data(as_text=True)


def test_nobody_puts_a_unit_below_one_that_is_not_theirs(cast, client_of):
    client = client_of(cast.make_person(unit=cast.commune, role=Role.ADMIN))

    answer = client.post("/quan-tri/don-vi/moi", data={**NEW, "parent": cast.city.id})

    assert answer.status_code == 422
    assert db.session.query(Unit).filter_by(code="phong-moi").count() == 0


def test_the_second_of_two_who_correct_at_once_sees_both_texts(cast, admin):
    page = admin.get(f"/quan-tri/don-vi/{cast.lead.id}/sua").get_data(as_text=True)
    seen = re.search(r'name="seen"[^>]*value="(\d+)"', page)[1]
    units.correct(cast.lead, stamp=Stamp(on=TODAY, by=cast.admin), name="Phòng Nội vụ một")
    data = {"name": "Phòng Nội vụ hai", "kind": "division", "seen": seen, "token": "x"}

    answer = admin.post(f"/quan-tri/don-vi/{cast.lead.id}/sua", data=data)

    assert answer.status_code == 422
    assert "Có người vừa lưu trước bạn" in words(answer)
    assert "Phòng Nội vụ một" in words(answer)
    assert 'value="Phòng Nội vụ hai"' in answer.get_data(as_text=True)
    assert cast.lead.name == "Phòng Nội vụ một"


def test_the_page_that_ends_a_unit_says_what_moves_and_who_loses_a_role(cast, admin):
    cast.make_task()

    page = words(admin.get(f"/quan-tri/don-vi/{cast.lead.id}/ket-thuc"))

    assert "1 nhiệm vụ chưa hoàn thành chuyển sang đơn vị kế thừa" in page
    assert "Nguyễn Văn Bình – Thủ trưởng đơn vị" in page


def test_ending_a_unit_with_open_tasks_asks_for_a_successor(cast, admin):
    cast.make_task()

    answer = admin.post(f"/quan-tri/don-vi/{cast.lead.id}/ket-thuc", data={"successor": "", "token": "x"})

    assert answer.status_code == 422
    assert "Hãy chọn đơn vị kế thừa" in words(answer)
    assert cast.lead.exists_on(TODAY)


def test_an_ended_unit_is_hidden_until_it_is_asked_for(cast, admin):
    task = cast.make_task()

    answer = admin.post(
        f"/quan-tri/don-vi/{cast.lead.id}/ket-thuc", data={"successor": cast.commune.id, "token": "x"}
    )

    assert answer.status_code == 303
    assert task.unit is cast.commune
    assert "Phòng Nội vụ" in words(admin.get(answer.location))
    assert "Phòng Nội vụ" not in words(admin.get("/quan-tri/don-vi"))
    assert "Đã kết thúc từ 01/06/2026" in words(admin.get("/quan-tri/don-vi?da-ket-thuc=1"))


@pytest.mark.parametrize("address", ["/quan-tri/don-vi", "/quan-tri/don-vi/{}"])
def test_more_units_take_no_more_statements(cast, admin, address):
    address = address.format(cast.city.id)
    with statements() as few:
        admin.get(address)
    for _each in range(12):
        cast.make_person(unit=cast.make_unit())

    with statements() as many:
        admin.get(address)

    assert len(many) == len(few)
