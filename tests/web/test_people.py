"""The pages of people: the list, one-time passwords shown once, roles, and accounts that close."""

import re
from datetime import date

import pytest
from flask_security.utils import verify_password

from tests.counting import statements
from tests.factories import FOUNDED_ON
from tracker.models import db
from tracker.models.people import Role, User
from tracker.operations import people, units
from tracker.operations.recording import Stamp
from tracker.queries.standing import roles_on

TODAY = date(2026, 6, 1)
LIST = "/quan-tri/nguoi-dung"


@pytest.fixture(autouse=True)
def today(on_day):
    on_day(TODAY)


@pytest.fixture
def admin(cast, client_of):
    return client_of(cast.admin)


def words(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", response.get_data(as_text=True)))


def new_person(of, **values):
    person = {
        "login": "moi", "name": "Trần Văn Mới", "email": "moi@song-huong.example", "unit": of.id,
        "role": "officer", "token": "mot",
    }  # fmt: skip
    return person | values


def addresses(user):
    pages = ["", "/sua", "/khoa", "/mo-khoa", "/vai-tro", "/mat-khau", "/mat-khau-moi", "/tat-hai-buoc"]
    pages.append(f"/vai-tro/{user.held_roles[0].id}/thoi")
    return [LIST + f"/{user.id}" + page for page in pages]


@pytest.mark.parametrize("part", ["chairman", "tracker", "head", "officer", "outsider", "inspector"])
def test_who_is_no_administrator_sees_none_of_it(cast, client_of, part):
    client = client_of(cast.everybody[part])

    answers = {client.get(address).status_code for address in [LIST, f"{LIST}/moi", *addresses(cast.head)]}

    assert answers == {403}


def test_an_administrator_sees_every_page(cast, admin):
    answers = {admin.get(address).status_code for address in [LIST, f"{LIST}/moi", *addresses(cast.head)]}

    assert answers == {200}


def test_an_administrator_of_another_tree_finds_nobody_here(cast, client_of):
    root = units.found(stamp=Stamp(on=FOUNDED_ON), code="tinh-khac", name="UBND tỉnh khác")
    stranger = client_of(cast.make_person(unit=root, role=Role.ADMIN))

    assert {stranger.get(address).status_code for address in addresses(cast.head)} == {404}
    assert {stranger.post(address).status_code for address in addresses(cast.head)[1:6]} == {404}
    assert "Nguyễn Văn Bình" not in words(stranger.get(LIST))


@pytest.mark.parametrize("user_id", ["0", "999999", "99999999999999999999", "abc"])
def test_an_unknown_or_malformed_person_is_not_found(cast, admin, user_id):
    assert admin.get(f"{LIST}/{user_id}").status_code == 404
    assert admin.post(f"{LIST}/{user_id}/khoa").status_code == 404


def test_the_role_of_one_person_does_not_end_at_another(cast, admin):
    held = cast.officer.held_roles[0]

    assert admin.post(f"{LIST}/{cast.head.id}/vai-tro/{held.id}/thoi").status_code == 404


def test_people_stand_in_vietnamese_order_of_their_last_word(cast, admin):
    for name in ("Đỗ Văn Ân", "Lê Văn Ánh", "Trần Thị Ăn", "Bùi Ước", "Bùi Uyên"):
        cast.make_person(unit=cast.commune, name=name)

    page = admin.get(f"{LIST}?unit={cast.commune.id}").get_data(as_text=True)

    names = re.findall(r'<th scope="row"><a [^>]*>([^<]*)<', page)
    assert names == ["Lê Văn Ánh", "Trần Thị Ăn", "Đỗ Văn Ân", "Võ Thị Lan", "Bùi Uyên", "Bùi Ước"]


@pytest.mark.parametrize(
    "query", ["q=binh", "q=BÌNH", "q=nguye%CC%82%CC%83n+binh", "role=unit_head&q=noi", "q=truong+phong"]
)
def test_people_are_found_with_and_without_marks(cast, admin, query):
    people.correct(cast.head, stamp=Stamp(on=TODAY), title="Trưởng phòng Nội vụ")

    assert "Nguyễn Văn Bình" in words(admin.get(f"{LIST}?{query}"))


@pytest.mark.parametrize(
    "query", ["unit=abc", "role=king", "page=0", "page=99999", "page=x", "q=%25", "state=?"]
)
def test_odd_filters_do_no_harm(cast, admin, query):
    assert admin.get(f"{LIST}?{query}").status_code == 200


def test_a_new_person_gets_a_password_that_is_shown_once(cast, admin):
    answer = admin.post(f"{LIST}/moi", data=new_person(cast.lead))

    user = db.session.query(User).filter_by(login="moi").one()
    shown = admin.get(answer.location).get_data(as_text=True)
    secret = re.search(r'class="one-time">([^<]+)<', shown)[1]
    assert answer.status_code == 303
    assert verify_password(secret, user.password)
    assert user.must_change_password
    assert [held.role for held in roles_on(user, TODAY)] == [Role.OFFICER]
    assert "one-time" not in admin.get(answer.location).get_data(as_text=True)


def test_a_double_submit_adds_one_person(cast, admin):
    answers = [admin.post(f"{LIST}/moi", data=new_person(cast.lead)).status_code for _each in range(2)]

    assert answers == [303, 303]
    assert db.session.query(User).filter_by(login="moi").count() == 1


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"name": " "}, "không được để trống"),
        ({"login": "binh"}, "đã được dùng"),
        ({"login": "a b"}, "không có dấu cách"),
        ({"email": "a@b,evil@x"}, "Không phải địa chỉ thư"),
        ({"email": "x\r\nBcc: y@z.vn"}, "Không phải địa chỉ thư"),
        ({"unit": "999999"}, "Chọn một mục trong danh sách"),
        ({"role": "king"}, "Chọn một mục trong danh sách"),
        ({"title": "x" * 10_000}, "Dài quá 255"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_is_kept(cast, admin, wrong, message):
    answer = admin.post(f"{LIST}/moi", data=new_person(cast.lead, name="Tên Gõ Rồi") | wrong)

    assert answer.status_code == 422
    assert message in words(answer)
    assert "Tên Gõ Rồi" in answer.get_data(as_text=True) or "name" in wrong


def test_the_second_of_two_who_correct_at_once_sees_both_texts(cast, admin):
    seen = cast.head.version
    people.correct(cast.head, stamp=Stamp(on=TODAY, by=cast.admin), title="Quyền Trưởng phòng")
    data = {"name": cast.head.name, "title": "Nguyên Trưởng phòng", "seen": seen, "token": "x"}

    answer = admin.post(f"{LIST}/{cast.head.id}/sua", data=data)

    assert answer.status_code == 422
    assert "Có người vừa lưu trước bạn" in words(answer)
    assert "Quyền Trưởng phòng" in words(answer)
    assert 'value="Nguyên Trưởng phòng"' in answer.get_data(as_text=True)


def test_closing_an_account_says_what_hangs_on_it_and_shuts_the_door(cast, admin, client_of):
    cast.make_task(tracker=cast.tracker)
    theirs = client_of(cast.tracker)

    page = words(admin.get(f"{LIST}/{cast.tracker.id}/khoa"))
    answer = admin.post(f"{LIST}/{cast.tracker.id}/khoa", data={"token": "x"})

    assert "1 nhiệm vụ đang mở do người này theo dõi" in page
    assert answer.status_code == 303
    assert not cast.tracker.active
    assert "/dang-nhap" in theirs.get("/thu-nhac").location


def test_nobody_closes_their_own_account(cast, admin):
    answer = admin.post(f"{LIST}/{cast.admin.id}/khoa", data={"token": "x"})

    assert answer.status_code == 422
    assert "Không thể tự khóa tài khoản" in words(answer)


def test_an_administrator_of_a_division_does_not_reset_an_account_that_reaches_further(cast, client_of):
    small = client_of(cast.make_person(unit=cast.lead, role=Role.ADMIN))
    people.give_role(cast.officer, stamp=Stamp(on=TODAY), unit=cast.city, role=Role.ADMIN)

    answer = small.post(f"{LIST}/{cast.officer.id}/mat-khau", data={"token": "x"})

    assert answer.status_code == 422
    assert cast.officer.password is None


def test_a_role_is_given_and_ended(cast, admin):
    given = {"unit": cast.commune.id, "role": "inspector", "token": "x"}

    admin.post(f"{LIST}/{cast.officer.id}/vai-tro", data=given)
    held = next(each for each in cast.officer.held_roles if each.role is Role.INSPECTOR)
    admin.post(f"{LIST}/{cast.officer.id}/vai-tro/{held.id}/thoi", data={"token": "y"})

    assert held.unit is cast.commune
    assert held.valid_to == TODAY


def test_a_lost_phone_is_switched_off(cast, admin):
    cast.head.tf_primary_method = "authenticator"
    db.session.commit()

    answer = admin.post(f"{LIST}/{cast.head.id}/tat-hai-buoc", data={"token": "x"})

    assert answer.status_code == 303
    assert cast.head.tf_primary_method is None


@pytest.mark.parametrize("address", [LIST, LIST + "/{}"])
def test_more_people_take_no_more_statements(cast, admin, address):
    address = address.format(cast.head.id)
    with statements() as few:
        admin.get(address)
    for _each in range(8):
        cast.make_person(unit=cast.make_unit())
        people.correct(cast.head, stamp=Stamp(on=TODAY, by=cast.admin), title=f"Chức {_each}")

    with statements() as many:
        admin.get(address)

    assert len(many) == len(few)
