"""The calendar file itself: read back with the library, and looked at byte by byte."""

import unicodedata
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from icalendar import Calendar

from tracker.files.feed import Deadline, calendar_of

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")


def deadline(**values):
    return Deadline(
        **{
            "uid": "nhiem-vu-1@song-huong.example", "revision": 2,
            "changed_at": datetime(2026, 3, 2, 3, 4, 5, 678, tzinfo=UTC), "on": date(2026, 3, 20),
            "hour": None, "summary": "Hạn: Báo cáo", "description": "Báo cáo", "alarm": None, "is_off": False,
            "url": "https://song-huong.example/nhiem-vu/1",
        } | values
    )  # fmt: skip


def written(*deadlines, alarm_hour=time(7)):
    return calendar_of(
        deadlines, uid="lich-1@song-huong.example", name="Thời hạn", description="Của tôi",
        alarm_hour=alarm_hour,
    )  # fmt: skip


def only_event(*deadlines, **options):
    (event,) = Calendar.from_ical(written(*deadlines, **options)).events
    return event


def test_a_deadline_is_a_whole_day_without_an_hour():
    event = only_event(deadline(on=date(2028, 2, 29)))

    assert event["DTSTART"].dt == date(2028, 2, 29)
    assert event["DTSTART"].params["VALUE"] == "DATE"
    assert (event["STATUS"], event["TRANSP"], event["CLASS"]) == ("CONFIRMED", "TRANSPARENT", "PRIVATE")


def test_a_deadline_with_an_hour_names_the_zone_and_the_zone_stands_in_the_file():
    file = Calendar.from_ical(written(deadline(hour=time(14))))

    start = file.events[0]["DTSTART"]
    assert start.params["TZID"] == "Asia/Ho_Chi_Minh"
    assert start.dt.astimezone(UTC) == datetime(2026, 3, 20, 7, tzinfo=UTC)
    (zone,) = file.timezones
    assert zone.to_tz().utcoffset(datetime(2040, 6, 1)) == timedelta(hours=7)
    assert "COMMENT" not in zone  # the library writes one in English


def test_a_file_without_hours_needs_no_zone():
    assert Calendar.from_ical(written(deadline())).timezones == []


def test_the_day_before_is_told_in_the_morning_not_at_midnight():
    whole_day = only_event(deadline(alarm="Ngày mai đến hạn"))
    at_two = only_event(deadline(alarm="Ngày mai đến hạn", hour=time(14)))
    at_half_past = only_event(deadline(alarm="Ngày mai đến hạn"), alarm_hour=time(7, 30))

    triggers = [event.walk("VALARM")[0]["TRIGGER"].dt for event in (whole_day, at_two, at_half_past)]
    assert triggers == [-timedelta(hours=17), -timedelta(days=1), -timedelta(hours=16, minutes=30)]


def test_what_needs_no_word_has_no_alarm_and_what_is_off_is_cancelled():
    event = only_event(deadline(is_off=True))

    assert event["STATUS"] == "CANCELLED"
    assert event.walk("VALARM") == []


def test_long_vietnamese_lines_fold_at_75_octets_and_come_back_whole():
    words = "Rà soát, đề xuất; kiện toàn tổ chức bộ máy ở Thừa Thiên Huế"
    text = unicodedata.normalize("NFC", f"{words}, " * 12 + words)

    file = written(deadline(summary=text, description=f"{text}\nDòng hai, có \\ và ;"))

    lines = file.split(b"\r\n")
    assert lines.pop() == b""
    assert max(map(len, lines)) <= 75
    assert not [line for line in lines if b"\n" in line or b"\r" in line]
    assert [line.decode() for line in lines]  # no letter is cut in two
    event = Calendar.from_ical(file).events[0]
    assert event["SUMMARY"] == text
    assert event["DESCRIPTION"] == f"{text}\nDòng hai, có \\ và ;"


def test_the_calendar_says_its_name_and_how_often_to_read_it():
    file = written(deadline())
    calendar = Calendar.from_ical(file)

    assert (calendar["NAME"], calendar["X-WR-CALNAME"]) == ("Thời hạn", "Thời hạn")
    assert b"REFRESH-INTERVAL;VALUE=DURATION:PT1H\r\n" in file
    assert b"X-PUBLISHED-TTL:PT1H\r\n" in file
    assert file.startswith(b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n")


def test_equal_deadlines_give_equal_bytes():
    assert written(deadline(hour=time(14))) == written(deadline(hour=time(14)))
