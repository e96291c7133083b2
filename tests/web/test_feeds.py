"""Calendar links: what a calendar program reads under one, who may still read, and how links end."""

from __future__ import annotations

import logging
import re
import unicodedata
from datetime import date, time
from html import unescape
from urllib.parse import urlsplit

import pytest
from icalendar import Calendar
from sqlalchemy import select

from tests.conftest import make_app
from tests.counting import statements
from tests.factories import make_cast
from tests.web.pages import words
from tracker.models import db
from tracker.models.feed import FeedLink
from tracker.models.people import Role
from tracker.models.progress import History
from tracker.operations import feeds, people, progress, requests, tasks
from tracker.operations.history import dump
from tracker.operations.recording import Stamp
from tracker.queries.feeds import MOST_OPEN
from tracker.rules.status import State

TODAY = date(2026, 3, 10)
LATER = date(2026, 3, 27)


@pytest.fixture(autouse=True)
def today(on_day):
    on_day(TODAY)


def link_of(user, unit=None):
    """Make a link and return the path of its calendar."""
    _link, secret = feeds.make(user, stamp=Stamp(on=TODAY, by=user), unit=unit)
    db.session.commit()
    return f"/lich/{secret}.ics"


def events_at(client, path, **options):
    """Return the entries of a calendar by their summaries."""
    response = client.get(path, **options)
    assert response.status_code == 200, response.status_code
    return {event["SUMMARY"]: event for event in Calendar.from_ical(response.data).events}


def summaries(client, path):
    return sorted(str(each) for each in events_at(client, path))


def address_on(page):
    """Return the path of the calendar that a page shows."""
    shown = re.search(r'<textarea[^>]*id="calendar-address"[^>]*>\s*([^<]+)</textarea>', page.text)
    assert shown is not None
    return urlsplit(unescape(shown[1])).path


# What stands in a calendar


@pytest.mark.both_databases
def test_a_moved_deadline_moves_the_same_entry(client, cast):
    task = cast.make_task(content="Lập kế hoạch", state=State.IN_PROGRESS)
    path = link_of(cast.officer)
    before = events_at(client, path)["Hạn: Lập kế hoạch"]

    tasks.set_due(task, stamp=Stamp(on=TODAY, by=cast.tracker), due_on=LATER, reason="Ghi nhầm")

    after = events_at(client, path)["Hạn: Lập kế hoạch"]
    assert (before["DTSTART"].dt, after["DTSTART"].dt) == (date(2026, 3, 20), LATER)
    assert after["UID"] == before["UID"] == f"nhiem-vu-{task.id}@127.0.0.1"
    assert after["SEQUENCE"] > before["SEQUENCE"]
    assert after["LAST-MODIFIED"].dt > before["LAST-MODIFIED"].dt


def test_a_granted_extension_moves_the_entry_too(client, cast):
    task = cast.make_task(content="Lập kế hoạch", state=State.IN_PROGRESS)
    path = link_of(cast.head)
    requests.ask_extension(task, stamp=Stamp(on=TODAY, by=cast.head), until=LATER, reason="Chờ số liệu")
    asked = events_at(client, path)["Hạn: Lập kế hoạch"]

    requests.grant_extension(task, stamp=Stamp(on=TODAY, by=cast.tracker))

    granted = events_at(client, path)["Hạn: Lập kế hoạch"]
    assert (asked["DTSTART"].dt, granted["DTSTART"].dt) == (date(2026, 3, 20), LATER)
    assert granted["SEQUENCE"] > asked["SEQUENCE"]


def test_an_entry_says_the_task_its_unit_its_paper_and_where_to_open_it(client, cast):
    paper = cast.make_directive(number="254/UBND-NV")
    content = unicodedata.normalize("NFC", "Đề xuất phương án sắp xếp")
    task = cast.make_task(content=content, directive=paper, item="II.3", state=State.IN_PROGRESS)

    event = events_at(client, link_of(cast.officer))[f"Hạn: {content}"]

    assert event["DESCRIPTION"].split("\n") == [
        content, "Thời hạn: thứ Sáu 20/03/2026", "Trạng thái: Đang thực hiện",
        "Chủ trì: Phòng Nội vụ (Phạm Thu Hà)", "Theo: Công văn 254/UBND-NV ngày 02/03/2026, mục II.3",
        f"http://127.0.0.1:8000/nhiem-vu/{task.id}",
    ]  # fmt: skip
    assert event["URL"] == f"http://127.0.0.1:8000/nhiem-vu/{task.id}"
    (alarm,) = event.walk("VALARM")
    assert alarm["DESCRIPTION"] == f"Ngày mai đến hạn: {content}"


def test_a_deadline_with_an_hour_stands_at_that_hour_in_vietnam(client, cast):
    cast.make_task(content="Gửi báo cáo", state=State.IN_PROGRESS, due_time=time(14))

    event = events_at(client, link_of(cast.officer))["Hạn: Gửi báo cáo"]

    assert event["DTSTART"].dt.isoformat() == "2026-03-20T14:00:00+07:00"
    assert "Thời hạn: 14:00 thứ Sáu 20/03/2026" in event["DESCRIPTION"]


@pytest.mark.parametrize(
    ("day", "summary", "alarms"),
    [
        (date(2028, 2, 28), "Hạn: Tổng kết", 1), (date(2028, 2, 29), "Hạn: Tổng kết", 1),
        (date(2028, 3, 1), "Hạn: Tổng kết (quá hạn)", 0),
    ],
)  # fmt: skip
def test_an_overdue_task_stays_on_its_day_and_says_so_from_the_next_day(
    client, cast, on_day, day, summary, alarms
):
    cast.make_task(content="Tổng kết", state=State.IN_PROGRESS, due_on=date(2028, 2, 29))
    path = link_of(cast.officer)

    on_day(day)

    event = events_at(client, path)[summary]
    assert event["DTSTART"].dt == date(2028, 2, 29)
    assert len(event.walk("VALARM")) == alarms


def test_becoming_overdue_counts_as_a_change_of_the_entry(client, cast, on_day):
    cast.make_task(content="Tổng kết", state=State.IN_PROGRESS)
    path = link_of(cast.officer)

    on_day(date(2026, 3, 21), "00:01")

    late = events_at(client, path)["Hạn: Tổng kết (quá hạn)"]
    assert late["LAST-MODIFIED"].dt.isoformat() == "2026-03-20T17:00:00+00:00"


@pytest.mark.both_databases
def test_what_is_reported_waits_and_what_ended_is_cancelled_for_a_month_and_then_gone(client, cast, on_day):
    waits = cast.make_task(content="Chờ", state=State.AWAITING_CONFIRMATION, reported_on=date(2026, 3, 9))
    off = cast.make_task(content="Thôi", state=State.CANCELLED, closed_on=date(2026, 3, 9))
    path = link_of(cast.head)

    now = events_at(client, path)
    progress.confirm(waits, stamp=Stamp(on=TODAY, by=cast.tracker))
    done = events_at(client, path)
    on_day(date(2026, 4, 9))
    month_later = summaries(client, path)

    assert (now["Hạn: Chờ (chờ xác nhận)"]["STATUS"], now["Đã thu hồi: Thôi"]["STATUS"]) == (
        "CONFIRMED", "CANCELLED",
    )  # fmt: skip
    assert done["Đã hoàn thành: Chờ"]["STATUS"] == "CANCELLED"
    assert done["Đã hoàn thành: Chờ"]["UID"] == now["Hạn: Chờ (chờ xác nhận)"]["UID"]
    assert month_later == []
    assert off.state is State.CANCELLED


def test_ones_own_calendar_holds_what_names_one_or_what_one_heads(client, cast):
    cast.make_task(content="Của phòng", state=State.IN_PROGRESS)
    cast.make_task(content="Chưa ai làm")
    cast.make_task(content="Của xã", unit=cast.commune, tracker=None, leader=None)
    cast.make_task(content="Không thời hạn", due_on=None)
    cast.make_task(content="Dự thảo", state=State.DRAFT)

    seen = {
        who: summaries(client, link_of(getattr(cast, who)))
        for who in ("officer", "head", "tracker", "chairman", "coordinator", "outsider", "inspector", "admin")
    }

    of_lead = ["Hạn: Chưa ai làm", "Hạn: Của phòng"]
    assert seen == {
        "officer": ["Hạn: Của phòng"], "head": of_lead, "tracker": of_lead, "chairman": of_lead,
        "coordinator": [], "outsider": ["Hạn: Của xã"], "inspector": [], "admin": [],
    }  # fmt: skip


def test_the_leaders_of_a_unit_without_a_head_have_its_deadlines(client, cast):
    cast.make_task(content="Của thành phố", unit=cast.city, tracker=None, leader=None)

    before = summaries(client, link_of(cast.chairman))
    cast.make_person(unit=cast.city, role=Role.UNIT_HEAD)
    after = summaries(client, link_of(cast.chairman))

    assert (before, after) == (["Hạn: Của thành phố"], [])


def test_the_calendar_of_a_unit_holds_what_it_and_the_units_below_lead(client, cast):
    room = cast.make_unit(parent=cast.lead)
    cast.make_task(content="Của phòng")
    cast.make_task(content="Của tổ", unit=room)
    cast.make_task(content="Của xã", unit=cast.commune)

    of_lead = summaries(client, link_of(cast.inspector, cast.lead))
    of_city = summaries(client, link_of(cast.inspector, cast.city))

    assert of_lead == ["Hạn: Của phòng", "Hạn: Của tổ"]
    assert of_city == ["Hạn: Của phòng", "Hạn: Của tổ", "Hạn: Của xã"]


def test_a_task_that_moved_away_is_gone_from_the_calendar_of_those_who_had_it(client, cast):
    task = cast.make_task(content="Lập kế hoạch")
    path = link_of(cast.head)

    tasks.transfer(task, stamp=Stamp(on=TODAY, by=cast.tracker), unit=cast.commune)

    assert summaries(client, path) == []
    assert summaries(client, link_of(cast.outsider)) == ["Hạn: Lập kế hoạch"]


# Who may still read


def gone(client, path):
    response = client.get(path)
    return response.status_code == 404 and "không dùng được nữa" in response.text


def test_a_secret_that_was_never_given_out_finds_nothing(client, cast):
    link_of(cast.head)
    stored = db.session.scalar(select(FeedLink.token_sha256))

    for secret in ("khong-phai-ma", stored, "a" * 43, "%00", "é" * 500):
        assert gone(client, f"/lich/{secret}.ics")


def test_the_secret_is_stored_nowhere(cast, session):
    path = link_of(cast.head)

    secret = path.removeprefix("/lich/").removesuffix(".ics")
    (link,) = session.scalars(select(FeedLink))
    row = session.scalar(select(History).where(History.do == "feed_make"))
    assert len(secret) == 43
    assert secret not in str(vars(link)) + str(vars(row))


@pytest.mark.parametrize("how", ["revoked", "closed", "new password", "by an administrator", "no role"])
def test_a_link_that_ended_finds_nothing(client, cast, how):
    path = link_of(cast.head)
    by_admin = Stamp(on=TODAY, by=cast.admin, token="mot-lan")
    (link,) = db.session.scalars(select(FeedLink))

    match how:
        case "revoked":
            feeds.revoke(link, stamp=Stamp(on=TODAY, by=cast.head))
        case "closed":
            people.correct(cast.head, stamp=by_admin, active=False)
        case "new password":
            people.set_password(cast.head, "cầu tre nắng sớm", stamp=by_admin)
        case "by an administrator":
            feeds.revoke_all(cast.head, stamp=by_admin)
        case "no role":
            people.end_role(cast.head, stamp=by_admin, unit=cast.lead, role=Role.UNIT_HEAD)
    db.session.commit()

    assert gone(client, path)


def test_an_account_that_is_closed_without_its_links_being_revoked_is_refused_all_the_same(client, cast):
    path = link_of(cast.head)

    cast.head.active = False
    db.session.commit()

    assert gone(client, path)


def test_a_unit_that_is_no_longer_reached_is_no_longer_read(client, cast):
    people.give_role(cast.officer, stamp=Stamp(on=TODAY), unit=cast.commune, role=Role.INSPECTOR)
    path = link_of(cast.officer, cast.commune)
    assert summaries(client, path) == []

    people.end_role(cast.officer, stamp=Stamp(on=TODAY), unit=cast.commune, role=Role.INSPECTOR)
    db.session.commit()

    assert gone(client, path)


def test_nobody_makes_a_link_to_a_unit_out_of_reach_or_touches_the_link_of_another(client_of, cast):
    link_of(cast.head)
    (link,) = db.session.scalars(select(FeedLink))

    made = client_of(cast.officer).post("/tai-khoan/lich/moi", data={"of": str(cast.commune.id)})
    touched = [
        client_of(cast.officer).post(f"/tai-khoan/lich/{link.id}/{what}").status_code
        for what in ("thu-hoi", "cap-lai")
    ]

    assert made.status_code == 422
    assert touched == [404, 404]
    assert link.revoked_at is None


# Reading again and again


def test_an_unchanged_calendar_is_not_sent_again(client, cast):
    cast.make_task(content="Lập kế hoạch")
    path = link_of(cast.head)
    first = client.get(path)

    by_tag = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    by_moment = client.get(path, headers={"If-Modified-Since": first.headers["Last-Modified"]})

    assert first.headers["Cache-Control"].startswith("private")
    assert first.mimetype == "text/calendar"
    assert (by_tag.status_code, by_moment.status_code) == (304, 304)
    assert by_tag.data == b""


@pytest.mark.both_databases
def test_a_change_is_sent_by_tag_and_by_moment_even_within_one_second_and_when_a_task_left(client, cast):
    task = cast.make_task(content="Lập kế hoạch")
    path = link_of(cast.head)
    first = client.get(path)

    tasks.transfer(task, stamp=Stamp(on=TODAY, by=cast.tracker), unit=cast.commune)

    by_tag = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    by_moment = client.get(path, headers={"If-Modified-Since": first.headers["Last-Modified"]})
    assert (by_tag.status_code, by_moment.status_code) == (200, 200)


def test_reading_is_noted_at_most_once_an_hour(client, cast, on_day):
    path = link_of(cast.head)
    (link,) = db.session.scalars(select(FeedLink))
    noted = []

    for hour in ("09:00", "09:59", "10:00"):
        on_day(TODAY, hour)
        client.get(path)
        noted.append(link.last_read_at.isoformat()[11:16])

    assert noted == ["02:00", "02:00", "03:00"]


def test_sixty_deadlines_take_as_many_statements_as_one(client, cast):
    path = link_of(cast.head)
    cast.make_task()
    client.get(path)

    with statements() as for_one:
        client.get(path)
    for _each in range(59):
        cast.make_task()
    client.get(path)
    with statements() as for_many:
        client.get(path)

    assert len(for_many) == len(for_one)


@pytest.mark.both_databases
def test_a_calendar_ends_somewhere_and_drops_what_is_longest_overdue(client, cast, monkeypatch):
    monkeypatch.setattr("tracker.queries.feeds.MOST_OPEN", 2)
    monkeypatch.setattr("tracker.web.feeds.MOST_OPEN", 2)
    for day in (4, 5, 30):
        cast.make_task(content=f"Hạn {day}", due_on=date(2026, 3, day))

    response = client.get(link_of(cast.head))

    calendar = Calendar.from_ical(response.data)
    assert [str(event["SUMMARY"]) for event in calendar.events] == ["Hạn: Hạn 5 (quá hạn)", "Hạn: Hạn 30"]
    assert "Lịch chỉ gồm 2 thời hạn gần nhất." in calendar["X-WR-CALDESC"]
    assert MOST_OPEN == 500


def test_guessing_is_paused_and_no_log_holds_a_secret(databases, database, caplog, monkeypatch):
    app = make_app(databases.fresh(database), RATELIMIT_ENABLED=True, SIGN_IN_FAILURES_PER_ADDRESS=3,
                   PROPAGATE_EXCEPTIONS=False)  # fmt: skip
    with app.app_context():
        path = link_of(make_cast().head)
        client = app.test_client()
        good = [client.get(path).status_code for _each in range(5)]
        wrong = [client.get(f"/lich/sai-{number}.ics").status_code for number in range(4)]
        elsewhere = client.get(path, environ_base={"REMOTE_ADDR": "10.0.0.7"}).status_code
        monkeypatch.setattr("tracker.web.feeds.deadlines_of", lambda *_args, **_kwargs: 1 / 0)
        with caplog.at_level(logging.DEBUG):
            broken = client.get(path, environ_base={"REMOTE_ADDR": "10.0.0.7"}).status_code
        db.session.remove()
        db.engine.dispose()

    assert good == [200] * 5
    assert wrong == [404, 404, 404, 429]
    assert (elsewhere, broken) == (200, 500)
    assert "/lich/…" in caplog.text
    assert path not in caplog.text


# The pages


def test_a_link_is_made_shown_once_listed_made_anew_and_revoked(client, client_of, cast):
    cast.make_task(content="Lập kế hoạch")
    browser = client_of(cast.head)

    made = browser.post("/tai-khoan/lich/moi", data={"of": "", "token": "lan-1"}, follow_redirects=True)
    first = address_on(made)
    again = browser.get(made.request.path)
    renewed = browser.post(f"{made.request.path}/cap-lai", data={"token": "lan-2"}, follow_redirects=True)
    second = address_on(renewed)
    listed = words(browser.get("/tai-khoan"))

    assert gone(client, first)
    assert summaries(client, second) == ["Hạn: Lập kế hoạch"]
    assert "chỉ hiện một lần" in words(again)
    assert "calendar-address" not in again.text
    assert "Việc của tôi 09:00 10/03/2026 chưa đọc" in listed

    asked = browser.get(f"{renewed.request.path}/thu-hoi")
    told = browser.post(f"{renewed.request.path}/thu-hoi", data={"token": "lan-3"}, follow_redirects=True)

    assert "hết hiệu lực ngay" in words(asked)
    assert "Đã thu hồi đường dẫn lịch." in words(told)
    assert gone(client, second)
    rows = db.session.scalars(select(History).where(History.person == cast.head).order_by(History.id)).all()
    kept = [(row.do, row.by) for row in rows if row.do.startswith("feed")]
    assert kept == [(do, cast.head) for do in ("feed_make", "feed_revoke", "feed_make", "feed_revoke")]


def test_a_second_click_makes_no_second_link(client_of, cast, session):
    browser = client_of(cast.head)

    for _click in range(2):
        browser.post("/tai-khoan/lich/moi", data={"of": "", "token": "mot-lan"})

    assert len(session.scalars(select(FeedLink)).all()) == 1


def test_the_list_of_a_unit_leads_to_its_calendar(client, client_of, cast):
    cast.make_task(content="Lập kế hoạch")
    browser = client_of(cast.inspector)

    listed = browser.get(f"/nhiem-vu?unit={cast.lead.id}")
    form = browser.get(f"/tai-khoan/lich/moi?don-vi={cast.lead.id}")
    made = browser.post("/tai-khoan/lich/moi", data={"of": str(cast.lead.id)}, follow_redirects=True)

    assert f'href="/tai-khoan/lich/moi?don-vi={cast.lead.id}"' in listed.text
    assert f'<option selected value="{cast.lead.id}">' in form.text
    assert "Đường dẫn lịch: Phòng Nội vụ" in words(made)
    assert summaries(client, address_on(made)) == ["Hạn: Lập kế hoạch"]


def test_the_twenty_first_link_is_refused_in_words(client_of, cast):
    for _each in range(feeds.MOST_LINKS):
        link_of(cast.head)

    refused = client_of(cast.head).post("/tai-khoan/lich/moi", data={"of": ""})

    assert "Đã có 20 đường dẫn lịch." in words(refused)


def test_an_administrator_sees_how_many_links_there_are_and_ends_them(client, client_of, cast):
    paths = [link_of(cast.head), link_of(cast.head, cast.lead)]
    browser = client_of(cast.admin)

    page = browser.get(f"/quan-tri/nguoi-dung/{cast.head.id}")
    asked = browser.get(f"/quan-tri/nguoi-dung/{cast.head.id}/thu-hoi-lich")
    ended = browser.post(
        f"/quan-tri/nguoi-dung/{cast.head.id}/thu-hoi-lich", data={"token": "x"}, follow_redirects=True
    )

    assert "2 đường dẫn đang dùng" in words(page)
    assert "2 đường dẫn lịch của Nguyễn Văn Bình hết hiệu lực ngay." in words(asked)
    assert "không có đường dẫn nào" in words(ended)
    assert words(ended).count("Thu hồi đường dẫn lịch") == 2
    assert [gone(client, path) for path in paths] == [True, True]


def test_an_administrator_of_one_division_cannot_end_the_links_of_somebody_above(client, cast):
    small = cast.make_person(unit=cast.lead, role=Role.ADMIN)
    people.give_role(cast.head, stamp=Stamp(on=TODAY, by=cast.admin), unit=cast.city, role=Role.ADMIN)
    path = link_of(cast.head)

    with pytest.raises(feeds.NotAllowed):
        feeds.revoke_all(cast.head, stamp=Stamp(on=TODAY, by=small))

    assert not gone(client, path)


def test_no_link_stands_in_a_dump_of_the_history(cast):
    link_of(cast.head)

    assert not [line for line in dump() if "feed" in line]


def test_opening_a_closed_account_again_brings_no_link_back(client, cast):
    path = link_of(cast.head)
    by_admin = Stamp(on=TODAY, by=cast.admin)

    people.correct(cast.head, stamp=by_admin, active=False)
    people.correct(cast.head, stamp=by_admin, active=True)
    db.session.commit()

    assert gone(client, path)
    assert db.session.scalar(select(History.do).order_by(History.id.desc()).offset(1)) == "feed_revoke"
