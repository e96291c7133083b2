"""The ladder of reminders as an administrator sees, tries and changes it."""

import re
from datetime import date, time

import pytest

from tests.counting import statements
from tests.jobs.conftest import at
from tests.web.pages import errors, value, words
from tracker.models import db, transaction
from tracker.models.calendar import DayKind
from tracker.models.mail import OutgoingMail, Reminder
from tracker.models.people import Role
from tracker.operations import calendar, directives, reminders, tasks, units
from tracker.operations.recording import Stamp
from tracker.queries.settings import all_settings
from tracker.rules.settings import OF_LADDER, RULES
from tracker.rules.status import State

PAGE = "/quan-tri/nhac-viec"
FRIDAY = date(2026, 3, 20)


@pytest.fixture(autouse=True)
def today(on_day):
    on_day(date(2026, 3, 19), "15:00")


@pytest.fixture
def admin(cast, client_of):
    return client_of(cast.admin)


def typed(**values):
    fields = {}
    for name in OF_LADDER:
        default = RULES[name].default
        if default is True:
            fields[name] = "y"
        elif isinstance(default, tuple):
            fields[name] = ", ".join(map(str, default))
        else:
            fields[name] = str(default)
    return {**fields, "given_on": "02/03/2026", "due_on": "20/03/2026", "token": "x", **values}


def try_out(admin, **values):
    return admin.post(PAGE, data=typed(trang="1", **values))


def ladder_of(response):
    """Return the drawn rungs as (day, words)."""
    page = response.get_data(as_text=True)
    drawn = re.search(r'<ol class="ladder">(.*?)</ol>', page, re.DOTALL)[1]
    return re.findall(r'<time datetime="([^"]+)".*?<strong>(.*?)</strong>', drawn, re.DOTALL)


def test_the_page_shows_every_number_of_the_ladder_and_the_general_settings_none(admin):
    page, general = admin.get(PAGE), admin.get("/quan-tri/cai-dat")

    assert [value(page, name) for name in OF_LADDER if name != "reminder_on_day"] == [
        "7, 3, 1", "1", "5", "1", "5", "2", "15", "07:00", "07:30",
    ]  # fmt: skip
    assert [value(general, name) for name in OF_LADDER] == [None] * len(OF_LADDER)
    assert PAGE in general.get_data(as_text=True)


def test_what_is_changed_is_stored_once_and_said(admin):
    answer = admin.post(PAGE, data=typed(reminder_before="5; 2", reminder_time="8:15", luu="1"))

    stored = all_settings()
    assert answer.status_code == 303
    assert (stored["reminder_before"], stored["reminder_time"]) == ((5, 2), "08:15")
    assert "Đã lưu thang nhắc việc" in words(admin.get(PAGE))


@pytest.mark.parametrize(
    ("name", "typed_value", "message"),
    [
        ("reminder_before", "bảy", "Nhập các số ngày cách nhau bằng dấu phẩy, ví dụ: 7, 3, 1."),
        ("reminder_time", "25:00", "Nhập giờ theo dạng 07:00."),
        ("reminder_late_every", "0", "Nhập một số nguyên từ 1 đến 60."),
        ("reminder_hours_before", "25", "Nhập một số nguyên từ 0 đến 24."),
        ("due_on", "31/02/2026", "Ngày 31/02/2026 không có trong lịch. Nhập dd/mm/yyyy, ví dụ 28/02/2026."),
    ],
)
def test_a_bad_value_is_said_at_its_field_and_nothing_is_stored(admin, name, typed_value, message):
    answer = admin.post(PAGE, data=typed(**{"prompt_gap_minutes": "20", name: typed_value, "luu": "1"}))

    assert answer.status_code == 422
    assert errors(answer) == [message]
    assert value(answer, "prompt_gap_minutes") == "20"
    assert all_settings()["prompt_gap_minutes"] == 15


def test_the_second_of_two_who_change_the_ladder_at_once_sees_both(cast, admin):
    seen = value(admin.get(PAGE), "seen")
    calendar.change_setting("reminder_late_every", 10, stamp=Stamp(on=FRIDAY, by=cast.admin))

    answer = admin.post(PAGE, data=typed(reminder_late_every="3", seen=seen, luu="1"))

    assert answer.status_code == 422
    assert "Có người vừa lưu trước bạn" in words(answer)
    assert all_settings()["reminder_late_every"] == 10


def test_the_ladder_is_drawn_on_real_days_with_the_numbers_that_are_typed(admin):
    answer = try_out(admin, reminder_before="5, 1", reminder_late_every="3")

    assert ladder_of(answer) == [
        ("2026-03-13", "trước hạn 5 ngày làm việc"),
        ("2026-03-19", "trước hạn 1 ngày làm việc"),
        ("2026-03-20", "ngày đến hạn"),
        ("2026-03-21", "quá hạn 1 ngày"),
        ("2026-03-25", "quá hạn 3 ngày làm việc"),
        ("2026-03-30", "quá hạn 6 ngày làm việc"),
        ("2026-04-02", "quá hạn 9 ngày làm việc"),
    ]
    assert "ngày nghỉ, gửi thứ Hai 23/03/2026" in words(answer)


def test_holidays_working_saturdays_and_a_short_lead_show_in_the_drawing(admin):
    calendar.set_day(date(2026, 3, 18), DayKind.DAY_OFF, stamp=Stamp(on=FRIDAY), name="Nghỉ")
    calendar.set_day(date(2026, 3, 21), DayKind.WORKING_DAY, stamp=Stamp(on=FRIDAY), name="Làm bù")

    answer = try_out(admin, given_on="17/03/2026")

    assert ladder_of(answer)[:3] == [
        ("2026-03-19", "trước hạn 1 ngày làm việc"),
        ("2026-03-20", "ngày đến hạn"),
        ("2026-03-21", "quá hạn 1 ngày"),
    ]
    assert "ngày nghỉ, gửi" not in words(answer)


@pytest.mark.parametrize("due_on", ["01/03/2026", "20/03/2099"])
def test_days_that_make_no_ladder_are_said(admin, due_on):
    assert "Với hai ngày này không có mốc nào" in words(try_out(admin, due_on=due_on))


def test_the_preview_tells_who_would_get_what_and_stores_nothing(cast, admin):
    cast.make_task(state=State.IN_PROGRESS, due_on=FRIDAY, content="Lập danh sách")
    cast.make_task(state=State.IN_PROGRESS, due_on=date(2026, 3, 18), content="Báo cáo rà soát")

    answer = try_out(admin)

    page = words(answer)
    assert answer.status_code == 200
    assert "Xem trước: thứ Sáu, ngày 20/03/2026 lúc 07:00" in page
    assert "3 người sẽ nhận thư; 3 thư có việc quá hạn" in page
    assert "Phạm Thu Hà Phòng Nội vụ 1 quá hạn, 1 đến hạn" in page
    assert "Lê Thị Mai UBND thành phố Sông Hương 1 quá hạn" in page
    assert "quá hạn 2 ngày" in page
    assert db.session.query(OutgoingMail).count() == db.session.query(Reminder).count() == 0


def test_the_preview_goes_by_the_typed_numbers_not_by_the_stored_ones(cast, admin):
    cast.make_task(state=State.IN_PROGRESS, due_on=date(2026, 3, 27), content="Còn năm ngày")
    reminders.queue_digests(today=date(2026, 3, 19), at=at("2026-03-19 07:00"))

    stored, tried = try_out(admin), try_out(admin, reminder_before="7, 5", reminder_time="09:30")

    assert "không ai có việc mới cần nhắc" in words(stored)
    assert "lúc 09:30" in words(tried)
    assert "2 người sẽ nhận thư" in words(tried)
    assert all_settings()["reminder_before"] == (7, 3, 1)


def test_the_preview_is_what_the_job_then_does(cast, admin):
    cast.make_task(state=State.IN_PROGRESS, due_on=FRIDAY, due_time=time(14))
    cast.make_task(state=State.IN_PROGRESS, due_on=date(2026, 3, 2))
    previewed = {
        (each.person.id, each.figures)
        for each in reminders.preview_digests(day=FRIDAY, settings=all_settings())
    }

    reminders.queue_digests(today=FRIDAY, at=at("2026-03-20 07:00"))

    mails = db.session.query(OutgoingMail).all()
    assert previewed
    assert {(m.user_id, m.subject.removeprefix("[Nhắc việc] ").split(" – ")[0]) for m in mails} == previewed


@pytest.mark.parametrize(
    ("hour", "day"), [("06:59", "19/03/2026"), ("07:00", "20/03/2026"), ("23:59", "20/03/2026")]
)
def test_the_preview_is_of_the_next_morning_with_mails(cast, admin, on_day, hour, day):
    on_day(date(2026, 3, 19), hour)

    assert f"ngày {day} lúc 07:00" in words(try_out(admin))


def test_before_a_day_off_the_preview_is_of_the_working_day_after_it(admin):
    calendar.set_day(FRIDAY, DayKind.DAY_OFF, stamp=Stamp(on=FRIDAY), name="Nghỉ")

    assert "thứ Hai, ngày 23/03/2026 lúc 07:00" in words(try_out(admin))


def test_who_has_no_address_is_named_in_the_preview(cast, admin):
    cast.make_task(state=State.IN_PROGRESS, due_on=FRIDAY)
    with transaction():
        cast.officer.email = "a@b,evil@x"

    page = words(try_out(admin))

    assert "1 người sẽ nhận thư" in page
    assert "Thêm 1 người có việc cần nhắc nhưng không có địa chỉ thư dùng được" in page
    assert "Phạm Thu Hà không có địa chỉ thư" in page


def test_of_people_whom_the_administrator_does_not_reach_there_is_the_number_alone(cast, admin):
    cast.make_task(state=State.IN_PROGRESS, due_on=FRIDAY)
    other = units.found(stamp=Stamp(on=date(2026, 1, 1)), code="khac", name="UBND tỉnh Khác")
    cast.make_person(unit=other, role=Role.LEADER, name="Người Ngoài")
    order = tasks.Order(unit=other, content="Việc kín", due_on=FRIDAY)
    given = Stamp(on=date(2026, 3, 2))
    directive = directives.register(
        stamp=given, kind="CV", number="1/UBND", subject="Về việc khác", issuer=other, issued_on=given.on
    )
    tasks.give(directive, [order], stamp=given)

    page = words(try_out(admin))

    assert "2 người sẽ nhận thư" in page
    assert "Ngoài phạm vi của bạn còn 1 thư." in page
    assert "Người Ngoài" not in page
    assert "Việc kín" not in page


def test_a_long_preview_comes_in_pages(cast, admin):
    for _ in range(60):
        unit = cast.make_unit()
        cast.make_person(unit=unit, role=Role.UNIT_HEAD)
        cast.make_task(unit=unit, state=State.IN_PROGRESS, due_on=FRIDAY)

    first, second, beyond, odd = (
        admin.post(PAGE, data=typed(trang=page)) for page in ("1", "2", "99", "²")
    )

    rows = [page.get_data(as_text=True).count("<details><summary>") for page in (first, second, beyond, odd)]
    assert rows == [50, 10, 10, 50]
    assert "Trang 1 trên 2" in words(first)


def test_the_number_of_statements_of_a_preview_is_constant(cast, admin):
    def count():
        with statements() as seen:
            try_out(admin)
        return len(seen)

    cast.make_task(state=State.IN_PROGRESS, due_on=FRIDAY)
    count()
    few = count()
    for _ in range(12):
        unit = cast.make_unit()
        cast.make_person(unit=unit, role=Role.UNIT_HEAD)
        cast.make_task(unit=unit, state=State.IN_PROGRESS, due_on=FRIDAY)

    assert count() == few


@pytest.mark.parametrize("part", ["chairman", "tracker", "head", "officer", "outsider", "inspector"])
def test_who_is_no_administrator_neither_sees_nor_changes_it(cast, client_of, part):
    client = client_of(cast.everybody[part])

    assert (client.get(PAGE).status_code, client.post(PAGE, data=typed()).status_code) == (403, 403)


def test_an_administrator_below_the_root_neither_sees_nor_changes_it(cast, client_of):
    client = client_of(cast.make_person(unit=cast.commune, role=Role.ADMIN))

    assert (client.get(PAGE).status_code, client.post(PAGE, data=typed()).status_code) == (403, 403)
    assert PAGE not in client.get("/quan-tri").get_data(as_text=True)
