"""The door of the administration, the settings, and the working calendar."""

import re
from datetime import date

import pytest

from tests.counting import statements
from tests.web.pages import errors, value
from tracker.models import db
from tracker.models.calendar import CalendarDay, DayKind
from tracker.models.people import Role
from tracker.operations import calendar
from tracker.operations.recording import Stamp
from tracker.queries.settings import all_settings
from tracker.rules.settings import OF_LADDER, RULES

TODAY = date(2026, 11, 2)
"""Fifty-nine days before the year ends."""
ADDRESSES = ["/quan-tri/cai-dat", "/quan-tri/lich", "/quan-tri/lich/ngay", "/quan-tri/lich/de-xuat"]


@pytest.fixture(autouse=True)
def today(on_day):
    on_day(TODAY)


@pytest.fixture
def admin(cast, client_of):
    return client_of(cast.admin)


def words(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", response.get_data(as_text=True)))


def hidden(response, name):
    return re.search(rf'name="{name}"[^>]*value="([^"]*)"', response.get_data(as_text=True))[1]


def typed_settings(**values):
    typed = {}
    for name, rule in RULES.items():
        if name in OF_LADDER:
            continue
        if rule.default is True:
            typed[name] = "y"
        elif rule.default is not False:
            values_of = rule.default if isinstance(rule.default, tuple) else [rule.default]
            typed[name] = ", ".join(map(str, values_of))
    return {**typed, "token": "x", **values}


def day_off(day, name="Quốc khánh"):
    calendar.set_day(day, DayKind.DAY_OFF, stamp=Stamp(on=TODAY), name=name)


@pytest.mark.parametrize("part", ["chairman", "tracker", "head", "officer", "outsider", "inspector"])
def test_who_is_no_administrator_sees_none_of_it(cast, client_of, part):
    client = client_of(cast.everybody[part])

    assert {client.get(address).status_code for address in ["/quan-tri", *ADDRESSES]} == {403}


def test_an_administrator_of_a_root_sees_every_page(cast, admin):
    assert {admin.get(address).status_code for address in ["/quan-tri", *ADDRESSES]} == {200}


def test_an_administrator_below_the_root_sees_the_door_alone(cast, client_of):
    client = client_of(cast.make_person(unit=cast.commune, role=Role.ADMIN))

    assert "Lịch làm việc" not in words(client.get("/quan-tri"))
    assert {client.get(address).status_code for address in ADDRESSES} == {403}
    assert {client.post(address).status_code for address in (ADDRESSES[0], *ADDRESSES[2:])} == {403}


def test_the_door_names_what_needs_attention(cast, admin):
    cast.make_unit(name="Phòng Chưa Ai")
    cast.make_person(unit=cast.lead, email=None)
    day_off(date(2026, 9, 2))

    page = words(admin.get("/quan-tri"))

    assert "Lịch làm việc năm 2027 chưa có ngày nghỉ nào" in page
    assert "Phòng Chưa Ai chưa có người đứng đầu" in page
    assert "1 tài khoản chưa có thư điện tử" in page


@pytest.mark.parametrize(("day", "is_said"), [(date(2026, 10, 31), False), (date(2026, 11, 1), True)])
def test_the_end_of_the_calendar_is_said_sixty_days_before(cast, admin, on_day, day, is_said):
    day_off(date(2026, 9, 2))
    on_day(day)

    page = words(admin.get("/quan-tri/lich"))

    assert ("Năm 2027 chưa có ngày nghỉ nào" in page) == is_said


def test_only_what_was_changed_is_stored(cast, admin):
    answer = admin.post("/quan-tri/cai-dat", data=typed_settings(silent_days="20", due_soon_days="5"))

    page = words(admin.get("/quan-tri/cai-dat"))
    assert answer.status_code == 303
    assert (all_settings()["silent_days"], all_settings()["due_soon_days"]) == (20, 5)
    assert page.count("Đổi cài đặt") == 2
    assert "Bùi Anh Kiệt" in page


def test_an_unticked_box_is_no(cast, admin):
    data = typed_settings()
    del data["strict_before"]

    admin.post("/quan-tri/cai-dat", data=data)

    assert all_settings()["strict_before"] is False


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("max_extensions", "99", "từ 0 đến 20"),
        ("due_soon_days", "bảy", "từ 1 đến 30"),
        ("body_name", "x" * 10_000, "Dài quá 255"),
    ],
)
def test_a_bad_value_is_said_at_its_field_and_the_rest_is_kept(cast, admin, name, value, message):
    answer = admin.post("/quan-tri/cai-dat", data=typed_settings(**{"silent_days": "77", name: value}))

    assert answer.status_code == 422
    assert message in words(answer)
    assert 'value="77"' in answer.get_data(as_text=True)
    assert all_settings()["silent_days"] == 10


def test_the_second_of_two_who_change_settings_at_once_sees_both(cast, admin):
    seen = hidden(admin.get("/quan-tri/cai-dat"), "seen")
    calendar.change_setting("silent_days", 15, stamp=Stamp(on=TODAY, by=cast.admin))

    answer = admin.post("/quan-tri/cai-dat", data=typed_settings(silent_days="20", seen=seen))

    assert answer.status_code == 422
    assert "Có người vừa lưu trước bạn" in words(answer)
    assert all_settings()["silent_days"] == 15


def test_the_proposed_days_are_stored_under_the_names_given_to_them(cast, admin):
    data = {"days": ["2027-09-02", "2027-09-03"], "name-2027-09-03": "Nghỉ lễ Quốc khánh", "token": "x"}

    answer = admin.post("/quan-tri/lich/de-xuat?nam=2027", data=data)

    stored = {row.day: row.name for row in db.session.query(CalendarDay)}
    assert answer.status_code == 303
    assert stored == {date(2027, 9, 2): "Quốc khánh", date(2027, 9, 3): "Nghỉ lễ Quốc khánh"}


def test_a_day_that_was_not_proposed_is_refused(cast, admin):
    answer = admin.post("/quan-tri/lich/de-xuat?nam=2027", data={"days": ["2027-09-14"], "token": "x"})

    assert answer.status_code == 422
    assert db.session.query(CalendarDay).count() == 0


def test_a_day_off_that_touches_deadlines_lists_them_before_it_is_stored(cast, admin):
    cast.make_task(due_on=date(2026, 11, 24), given_on=date(2026, 10, 20))
    cast.make_task(
        due_on=date(2026, 11, 25), given_on=date(2026, 10, 20), due_phrase="trong 26 ngày làm việc"
    )
    data = {"day": "24/11/2026", "kind": "day_off", "name": "Ngày Văn hóa Việt Nam", "token": "x"}

    first = admin.post("/quan-tri/lich/ngay", data=data)
    after_first = db.session.query(CalendarDay).count()
    second = admin.post("/quan-tri/lich/ngay", data={**data, "agreed": hidden(first, "agreed")})

    page = words(first)
    assert "2 nhiệm vụ đang mở bị ảnh hưởng" in page
    assert "hạn 24/11/2026 rơi vào ngày nghỉ" in page
    assert "hạn 25/11/2026, tính theo lịch mới là 26/11/2026" in page
    assert after_first == 0
    assert second.status_code == 303
    assert db.session.get(CalendarDay, date(2026, 11, 24)).name == "Ngày Văn hóa Việt Nam"


def test_what_was_agreed_to_for_one_day_does_not_hold_for_another(cast, admin):
    cast.make_task(due_on=date(2026, 11, 24), given_on=date(2026, 10, 20))
    data = {"day": "24/11/2026", "kind": "day_off", "token": "x", "agreed": "2026-11-25day_off"}

    admin.post("/quan-tri/lich/ngay", data=data)

    assert db.session.query(CalendarDay).count() == 0


@pytest.mark.parametrize(
    ("day", "message"),
    [("31/02/2026", "Ngày 31/02/2026 không có trong lịch."), ("", "Mục này không được để trống."),
     ("hôm qua", "dd/mm/yyyy")],
)  # fmt: skip
def test_a_day_that_cannot_be_read_is_said_and_kept(cast, admin, day, message):
    data = {"day": day, "kind": "day_off", "name": "Lễ", "token": "x"}

    answer = admin.post("/quan-tri/lich/ngay", data=data)

    assert answer.status_code == 422
    assert any(message in each for each in errors(answer))
    assert value(answer, "day") == day
    assert value(answer, "name") == "Lễ"


@pytest.mark.parametrize("query", ["nam=0", "nam=99999", "nam=x", "ngay=2026-13-01", "ngay="])
@pytest.mark.parametrize("address", ADDRESSES[1:])
def test_odd_years_and_days_do_no_harm(cast, admin, address, query):
    assert admin.get(f"{address}?{query}").status_code == 200


def test_the_year_marks_days_off_and_working_saturdays_in_words(cast, admin):
    day_off(date(2026, 8, 31))
    calendar.set_day(date(2026, 8, 22), DayKind.WORKING_DAY, stamp=Stamp(on=TODAY))

    page = words(admin.get("/quan-tri/lich?nam=2026"))

    assert "31 Nghỉ" in page
    assert "22 Làm" in page


@pytest.mark.parametrize("address", ["/quan-tri", "/quan-tri/lich", "/quan-tri/cai-dat"])
def test_more_days_units_and_changes_take_no_more_statements(cast, admin, address):
    day_off(date(2026, 1, 1))
    calendar.change_setting("silent_days", 11, stamp=Stamp(on=TODAY, by=cast.admin))
    with statements() as few:
        admin.get(address)
    for number in range(2, 9):
        cast.make_unit()
        day_off(date(2026, 9, number))
        calendar.change_setting("silent_days", 10 + number, stamp=Stamp(on=TODAY, by=cast.admin))

    with statements() as many:
        admin.get(address)

    assert len(many) == len(few)
