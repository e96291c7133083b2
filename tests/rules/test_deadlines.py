"""Deadlines are read as the people who write them mean them, and never silently wrong."""

import unicodedata
from datetime import date, time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tracker.rules.deadlines import Kind, UnreadableDay, WorkingCalendar, read_day, read_deadline
from tracker.rules.text import fold

PLAIN = WorkingCalendar()
# Thursday 11/6/2026, received on the Friday after.
ISSUED_ON = date(2026, 6, 11)
RECEIVED_ON = date(2026, 6, 12)


def read(phrase, *, issued_on=ISSUED_ON, received_on=None, calendar=PLAIN, strict_before=True):
    return read_deadline(
        phrase,
        issued_on=issued_on,
        received_on=received_on or max(issued_on, RECEIVED_ON),
        calendar=calendar,
        strict_before=strict_before,
    )


def said(message):
    msgid, values = message
    return msgid % values


STATED = [
    ("trước ngày 07/9/2026", date(2026, 9, 6)),
    ("trước ngày 25/6", date(2026, 6, 24)),
    ("trước 25/6", date(2026, 6, 24)),
    ("Trước ngày  25/ 6 /2026.", date(2026, 6, 24)),
    ("trước 25-6-2026", date(2026, 6, 24)),
    ("trước ngày 25 tháng 6/2026", date(2026, 6, 24)),
    ("trước ngày 25/6/2026 (thứ Năm)", date(2026, 6, 24)),
    ("trước thứ Năm ngày 25/6", date(2026, 6, 24)),
    ("trước ngày 01/7/2026", date(2026, 6, 30)),
    ("trước ngày 01/01/2027", date(2026, 12, 31)),
    ("trước ngày 01/3/2028", date(2028, 2, 29)),
    ("gửi về Phòng Nội vụ trước ngày 25/6 để tổng hợp", date(2026, 6, 24)),
    ("trước thứ Sáu, ngày 26/6/2026", date(2026, 6, 25)),
    ("từ nay đến hết ngày 30/9/2026", date(2026, 9, 30)),
    ("từ ngày 15/7 đến hết ngày 20/8/2026", date(2026, 8, 20)),
    ("trong ngày 25/6", date(2026, 6, 25)),
    ("chậm nhất ngày 20/7/2026", date(2026, 7, 20)),
    ("chậm nhất là ngày 30 tháng 6", date(2026, 6, 30)),
    ("đến ngày 25/6", date(2026, 6, 25)),
    ("đến hết ngày 30/9", date(2026, 9, 30)),
    ("hết giờ làm việc ngày 30/6", date(2026, 6, 30)),
    ("trước hết ngày 25/6", date(2026, 6, 25)),
    ("hạn 5/7", date(2026, 7, 5)),
    ("05.07.26", date(2026, 7, 5)),
    ("20.7.2026", date(2026, 7, 20)),
    ("25 / 8 /2026", date(2026, 8, 25)),
    ("16/7/20 26", date(2026, 7, 16)),
    ("2026-06-30", date(2026, 6, 30)),
    ("28 tháng 08 năm 2026", date(2026, 8, 28)),
    ("ngày 5 tháng 7", date(2026, 7, 5)),
    ("ngày mồng năm tháng bảy", date(2026, 7, 5)),
    ("ngày hai mươi lăm tháng sáu năm 2026", date(2026, 6, 25)),
    ("25/6 năm nay", date(2026, 6, 25)),
    ("25/6 năm sau", date(2027, 6, 25)),
    ("ngày 25", date(2026, 6, 25)),
    ("trước ngày 25", date(2026, 6, 24)),
    ("ngày 10", date(2026, 7, 10)),
    ("ngày 25 tháng này", date(2026, 6, 25)),
    ("ngày 25 tháng sau", date(2026, 7, 25)),
    ("từ ngày 1/6 đến ngày 25/6", date(2026, 6, 25)),
    ("từ ngày 01/6/2026 đến hết ngày 25/6/2026", date(2026, 6, 25)),
    ("25/6 - 30/6/2026", date(2026, 6, 30)),
    ("25-26/6/2026", date(2026, 6, 26)),
    ("hôm nay", date(2026, 6, 11)),
    ("trong ngày", date(2026, 6, 11)),
    ("ngày mai", date(2026, 6, 12)),
    ("thứ Sáu", date(2026, 6, 12)),
    ("thứ Tư", date(2026, 6, 17)),
    ("thứ Sáu tuần này", date(2026, 6, 12)),
    ("thứ Hai tuần này", date(2026, 6, 8)),
    ("thứ sáu tuần sau", date(2026, 6, 19)),
    ("thứ 2 tuần tới", date(2026, 6, 15)),
    ("Chủ nhật tuần này", date(2026, 6, 14)),
    ("trước thứ Sáu tuần sau", date(2026, 6, 18)),
]
WITH_HOUR = [
    ("trước 14 giờ ngày 20/11", date(2026, 11, 20), time(14)),
    ("trước 14h00 ngày 20/11/2026", date(2026, 11, 20), time(14)),
    ("trước 11h30' ngày 25/6", date(2026, 6, 25), time(11, 30)),
    ("14h 20/11", date(2026, 11, 20), time(14)),
    ("9g30 ngày 30/6", date(2026, 6, 30), time(9, 30)),
    ("16g ngày 30/6", date(2026, 6, 30), time(16)),
    ("14:30 ngày 30/6", date(2026, 6, 30), time(14, 30)),
    ("17 giờ 30 phút ngày 20/7", date(2026, 7, 20), time(17, 30)),
    ("5 giờ chiều ngày 20/7", date(2026, 7, 20), time(17)),
    ("vào lúc 10 giờ 00 ngày 25/6/2026", date(2026, 6, 25), time(10)),
    ("trước 16h00’ ngày 25/6", date(2026, 6, 25), time(16)),
    ("trước 07 giờ và 16 giờ ngày 25/6", date(2026, 6, 25), time(16)),
    ("trước 0 giờ ngày 25/6", date(2026, 6, 24), None),
    ("trước 24 giờ ngày 25/6", date(2026, 6, 25), None),
]
COMPUTED = [
    ("trong 5 ngày làm việc", date(2026, 6, 19)),
    ("trong 05 ngày làm việc kể từ ngày nhận", date(2026, 6, 19)),
    ("trong 05 ngày làm việc (kể từ ngày ban hành)", date(2026, 6, 18)),
    ("trong 05 ngày làm việc kể từ ngày ký", date(2026, 6, 18)),
    ("trong 5 ngày làm việc kể từ ngày nhận được văn bản này", date(2026, 6, 19)),
    ("5 ngày làm việc kể từ khi nhận được công văn này", date(2026, 6, 19)),
    ("trong 5 ngày làm việc kể từ ngày 15/6/2026", date(2026, 6, 22)),
    ("05 (năm) ngày làm việc", date(2026, 6, 19)),
    ("trong năm ngày làm việc", date(2026, 6, 19)),
    ("chậm nhất 03 ngày làm việc", date(2026, 6, 17)),
    ("không quá 03 ngày làm việc, kể từ ngày nhận văn bản", date(2026, 6, 17)),
    ("3 ngày", date(2026, 6, 15)),
    ("trong vòng 10 ngày", date(2026, 6, 22)),
    ("trong vòng 8 ngày", date(2026, 6, 22)),
    ("trong 02 tuần", date(2026, 6, 26)),
    ("trong hai tuần", date(2026, 6, 26)),
    ("trong 2 tuần làm việc", date(2026, 6, 26)),
    ("trong 1 tháng", date(2026, 7, 13)),
    ("trong sáu tháng", date(2026, 12, 14)),
    ("trong nửa tháng", date(2026, 6, 29)),
]
PERIOD_ENDS = [
    ("trong tháng 6", date(2026, 6, 30)),
    ("tháng 6/2026", date(2026, 6, 30)),
    ("T6/2026", date(2026, 6, 30)),
    ("12/2026", date(2026, 12, 31)),
    ("tháng hai năm 2028", date(2028, 2, 29)),
    ("tháng 5", date(2027, 5, 31)),
    ("tháng này", date(2026, 6, 30)),
    ("tháng sau", date(2026, 7, 31)),
    ("cuối tháng 6", date(2026, 6, 30)),
    ("trước cuối tháng 6", date(2026, 6, 30)),
    ("đầu tháng 7", date(2026, 7, 1)),
    ("giữa tháng", date(2026, 6, 15)),
    ("giữa tháng 7", date(2026, 7, 15)),
    ("nửa đầu tháng 7", date(2026, 7, 15)),
    ("trước tháng 7", date(2026, 6, 30)),
    ("quý III/2026", date(2026, 9, 30)),
    ("quý III/2020", date(2020, 9, 30)),
    ("quý 3 năm 2020", date(2020, 9, 30)),
    ("quý 2/26", date(2026, 6, 30)),
    ("trong quý III", date(2026, 9, 30)),
    ("quý I", date(2027, 3, 31)),
    ("quý tư", date(2026, 12, 31)),
    ("trong quý", date(2026, 6, 30)),
    ("quý sau", date(2026, 9, 30)),
    ("cuối quý", date(2026, 6, 30)),
    ("xong trước quý IV", date(2026, 9, 30)),
    ("quý III, IV", date(2026, 12, 31)),
    ("Quý II - III/2026", date(2026, 9, 30)),
    ("trong tháng 8 và tháng 9", date(2026, 9, 30)),
    ("Tháng 8 - 9/2026", date(2026, 9, 30)),
    ("từ tháng 7 đến hết tháng 10/2026", date(2026, 10, 31)),
    ("từ nay đến cuối năm", date(2026, 12, 31)),
    ("cả năm", date(2026, 12, 31)),
    ("năm 2026 - 2027", date(2027, 12, 31)),
    ("năm 2026", date(2026, 12, 31)),
    ("trong năm", date(2026, 12, 31)),
    ("đến năm 2030", date(2030, 12, 31)),
    ("cuối năm", date(2026, 12, 31)),
    ("giữa năm", date(2026, 6, 30)),
    ("đầu năm 2027", date(2027, 1, 1)),
    ("trong tuần này", date(2026, 6, 12)),
    ("tuần sau", date(2026, 6, 19)),
    ("cuối tuần này", date(2026, 6, 12)),
]
SERIES = [
    ("trước ngày 25 hằng tháng", "monthly", date(2026, 6, 24)),
    ("hàng tháng trước ngày 25", "monthly", date(2026, 6, 24)),
    ("ngày 10 hàng tháng", "monthly", date(2026, 7, 10)),
    ("ngày 12 hàng tháng", "monthly", date(2026, 6, 12)),
    ("trước ngày 1 hằng tháng", "monthly", date(2026, 6, 30)),
    ("ngày 31 hằng tháng", "monthly", date(2026, 6, 30)),
    ("mỗi tháng một lần", "monthly", date(2026, 6, 30)),
    ("hàng quý", "quarterly", date(2026, 6, 30)),
    ("chậm nhất ngày 20 của tháng cuối quý", "quarterly", date(2026, 6, 20)),
    ("trước ngày 20 của tháng cuối hằng quý", "quarterly", date(2026, 6, 19)),
    ("ngày 10 tháng đầu quý sau", "quarterly", date(2026, 7, 10)),
    ("ngày 15 và ngày 30 hằng tháng", "monthly", date(2026, 6, 15)),
    ("trước ngày 25 của tháng báo cáo", "monthly", date(2026, 6, 24)),
    ("trước ngày cuối cùng của tháng", "monthly", date(2026, 6, 30)),
    ("hằng quý, 6 tháng và hằng năm", "quarterly", date(2026, 6, 30)),
    ("định kỳ 6 tháng, năm", "semiannual", date(2026, 6, 30)),
    ("ít nhất 02 lần/năm", "semiannual", date(2026, 6, 30)),
    ("1 lần/quý", "quarterly", date(2026, 6, 30)),
    ("trong tháng 11 hằng năm", "annual", date(2026, 11, 30)),
    ("trước 16 giờ thứ Năm hằng tuần", "weekly", date(2026, 6, 18)),
    ("hằng tuần", "weekly", date(2026, 6, 12)),
    ("thứ Sáu hằng tuần", "weekly", date(2026, 6, 12)),
    ("trước thứ Sáu hằng tuần", "weekly", date(2026, 6, 18)),
    ("thứ Năm hằng tuần", "weekly", date(2026, 6, 18)),
    ("báo cáo hằng ngày", "daily", date(2026, 6, 12)),
    ("6 tháng một lần", "semiannual", date(2026, 6, 30)),
    ("ngày 15/6 và 15/12 hằng năm", "semiannual", date(2026, 6, 15)),
    ("trước ngày 15/12 hằng năm", "annual", date(2026, 12, 14)),
    ("ngày 05/3 hằng năm", "annual", date(2027, 3, 5)),
    ("hằng năm", "annual", date(2026, 12, 31)),
]
WITHOUT_DAY = [
    ("6 tháng đầu năm 2022", Kind.REPORTING_PERIOD),
    ("sáu tháng cuối năm", Kind.REPORTING_PERIOD),
    ("9 tháng đầu năm 2026", Kind.REPORTING_PERIOD),
    ("thường xuyên", Kind.NO_DATE),
    ("kịp thời", Kind.NO_DATE),
    ("khẩn trương", Kind.NO_DATE),
    ("ngay", Kind.NO_DATE),
    ("thực hiện ngay", Kind.NO_DATE),
    ("tùy thuộc thời điểm tổ chức hội nghị", Kind.REVIEW),
    ("sau khi có ý kiến của Sở Nội vụ", Kind.REVIEW),
    ("trong 5 ngày làm việc kể từ ngày kết thúc hội nghị", Kind.REVIEW),
    ("trong 10 ngày làm việc kể từ ngày nhận đủ hồ sơ", Kind.REVIEW),
    ("trong 24 giờ", Kind.REVIEW),
    ("trước 5 ngày làm việc", Kind.REVIEW),
    ("trong 99999 ngày", Kind.REVIEW),
    ("trước ngày 25/6 hoặc 30/6", Kind.REVIEW),
    ("trước ngày 20 tháng cuối quý III", Kind.REVIEW),
    ("trước ngày 25 hàng tháng, bắt đầu từ tháng 7/2026", Kind.REVIEW),
    ("từ ngày 25/6", Kind.REVIEW),
    ("sau ngày 25/6", Kind.REVIEW),
    ("đầu quý IV", Kind.REVIEW),
    ("đầu tuần sau", Kind.REVIEW),
    ("tuần đầu tháng 7", Kind.REVIEW),
    ("giai đoạn 2026-2030", Kind.REVIEW),
    ("theo quy định", Kind.REVIEW),
    ("tháng giêng", Kind.REVIEW),
    ("trong quy tu", Kind.REVIEW),
    ("ngày 10 tháng 5 âm lịch", Kind.REVIEW),
    ("không thời hạn", Kind.EXPLICIT_NONE),
    ("Không quy định thời hạn", Kind.EXPLICIT_NONE),
    ("31/02/2026", Kind.UNREADABLE),
    ("tháng 13", Kind.UNREADABLE),
    ("25 giờ ngày 30/6", Kind.UNREADABLE),
    ("25/6/202", Kind.UNREADABLE),
    ("Công văn 254/UBND-NV", Kind.UNREADABLE),
    ("Quyết định 12/2026/QĐ-UBND", Kind.UNREADABLE),
    ("trước Tết Nguyên đán", Kind.REVIEW),
    ("", Kind.UNREADABLE),
    ("x" * 10_000, Kind.UNREADABLE),
]
EVERY_PHRASE = [row[0] for row in [*STATED, *WITH_HOUR, *COMPUTED, *PERIOD_ENDS, *SERIES, *WITHOUT_DAY]]


@pytest.mark.parametrize(("phrase", "due_on"), STATED)
def test_a_stated_day_is_that_day_or_the_day_before_it(phrase, due_on):
    reading = read(phrase)

    assert (reading.kind, reading.due_on, reading.due_time) == (Kind.DATE, due_on, None)


@pytest.mark.parametrize(("phrase", "due_on", "due_time"), WITH_HOUR)
def test_an_hour_keeps_the_day_and_is_kept_for_the_reminder(phrase, due_on, due_time):
    reading = read(phrase)

    assert (reading.kind, reading.due_on, reading.due_time) == (Kind.DATE, due_on, due_time)


@pytest.mark.parametrize(("phrase", "due_on"), COMPUTED)
def test_a_period_is_counted_from_the_next_day_and_ends_on_a_working_day(phrase, due_on):
    reading = read(phrase)

    assert (reading.kind, reading.due_on) == (Kind.COMPUTED, due_on)


@pytest.mark.parametrize(("phrase", "due_on"), PERIOD_ENDS)
def test_a_named_period_ends_on_its_last_day(phrase, due_on):
    reading = read(phrase)

    assert (reading.kind, reading.due_on) == (Kind.PERIOD_END, due_on)


@pytest.mark.parametrize(("phrase", "recurrence", "due_on"), SERIES)
def test_a_series_gives_its_first_day_not_before_the_receipt(phrase, recurrence, due_on):
    reading = read(phrase)

    assert (reading.kind, reading.recurrence, reading.due_on) == (Kind.SERIES, recurrence, due_on)


@pytest.mark.parametrize(("phrase", "kind"), WITHOUT_DAY)
def test_what_names_no_single_day_gives_none(phrase, kind):
    reading = read(phrase)

    assert (reading.kind, reading.due_on) == (kind, None)


def test_a_standing_task_is_continuous():
    assert read("thường xuyên").recurrence == "continuous"
    assert read("kịp thời").recurrence is None


@pytest.mark.parametrize(
    ("received_on", "due_on"),
    [
        (date(2026, 3, 20), date(2026, 3, 20)),
        (date(2026, 3, 21), date(2026, 6, 20)),
        (date(2026, 6, 21), date(2026, 9, 20)),
        (date(2026, 9, 21), date(2026, 12, 20)),
        (date(2026, 12, 21), date(2027, 3, 20)),
    ],
)
def test_the_last_months_of_the_quarters_are_march_june_september_and_december(received_on, due_on):
    reading = read(
        "chậm nhất ngày 20 của tháng cuối quý", issued_on=date(2026, 3, 1), received_on=received_on
    )

    assert reading.due_on == due_on


def test_before_a_day_may_include_it_by_setting():
    assert read("trước ngày 25/6", strict_before=False).due_on == date(2026, 6, 25)
    assert read("trước ngày 25 hằng tháng", strict_before=False).due_on == date(2026, 6, 25)
    assert read("trước 24 giờ ngày 25/6", strict_before=False).due_on == date(2026, 6, 25)
    assert read("trước 0 giờ ngày 25/6", strict_before=False).due_on == date(2026, 6, 24)


@pytest.mark.parametrize(
    ("phrase", "due_on"),
    [("10/6", date(2027, 6, 10)), ("11/6", date(2026, 6, 11)), ("12/6", date(2026, 6, 12))],
)
def test_without_a_year_the_first_such_day_not_before_the_issue_is_meant(phrase, due_on):
    reading = read(phrase)

    assert reading.due_on == due_on
    assert any("Không ghi năm; hiểu là năm 2027" in said(warning) for warning in reading.warnings) is (
        due_on.year == 2027
    )


def test_29_february_without_a_year_waits_for_a_leap_year():
    assert read("ngày 29/2").due_on == date(2028, 2, 29)


def test_holidays_and_working_saturdays_are_honoured_when_counting():
    calendar = WorkingCalendar(
        days_off=frozenset({date(2024, 4, 29), date(2024, 4, 30), date(2024, 5, 1)}),
        working_days=frozenset({date(2024, 5, 4)}),
    )
    issued_on = date(2024, 4, 26)

    def due_on(phrase):
        return read(phrase, issued_on=issued_on, received_on=issued_on, calendar=calendar).due_on

    assert due_on("trong 2 ngày làm việc") == date(2024, 5, 3)
    assert due_on("trong 3 ngày làm việc") == date(2024, 5, 4)
    assert due_on("trong 3 ngày") == date(2024, 5, 2)
    assert due_on("trong 8 ngày") == date(2024, 5, 4)
    assert due_on("trước ngày 30/4") == date(2024, 4, 29)


def test_a_month_counted_from_its_31st_ends_with_the_shorter_month():
    assert read("trong 1 tháng", issued_on=date(2028, 1, 31), received_on=date(2028, 1, 31)).due_on == date(
        2028, 2, 29
    )


@pytest.mark.parametrize(
    ("phrase", "words"),
    [
        ("trước ngày 25/6", "“trước ngày 25/6” là đến hết ngày liền trước: thứ Tư 24/06/2026."),
        ("chậm nhất ngày 20/7/2026", "“chậm nhất ngày 20/7/2026”: hạn đến hết thứ Hai 20/07/2026."),
        (
            "trong 5 ngày làm việc",
            "“trong 5 ngày làm việc” tính từ ngày liền sau ngày nhận 12/06/2026: đến hết thứ Sáu 19/06/2026.",
        ),
        ("trong quý III", "“trong quý III” là đến hết ngày cuối của quý III/2026: thứ Tư 30/09/2026."),
        ("31/02/2026", "Ngày 31/02/2026 không có trong lịch. Nhập dd/mm/yyyy, ví dụ 28/02/2026."),
        ("12/25/2026", "Ngày 12/25/2026 không có trong lịch. Nhập dd/mm/yyyy, ví dụ 25/12/2026."),
    ],
)
def test_the_explanation_says_which_day_and_why(phrase, words):
    reading = read(phrase)

    assert reading.why % reading.why_values == words


@pytest.mark.parametrize(
    ("phrase", "part"),
    [
        ("10/6/2026", "ở trước ngày ban hành văn bản (11/06/2026)"),
        ("11/6/2026", "đã qua khi nhận văn bản (12/06/2026)"),
        ("27/6/2026", "Hạn rơi vào ngày nghỉ (thứ Bảy 27/06/2026)"),
        ("trước ngày 07/9/2026", "Hạn rơi vào ngày nghỉ (Chủ nhật 06/09/2026)"),
        ("30/6/2036", "hơn 5 năm"),
        ("thứ Năm ngày 26/6/2026", "26/06/2026 là thứ Sáu"),
        ("ngày 25", "Không ghi tháng"),
        ("ngày 10 hằng quý", "tháng cuối quý"),
    ],
)
def test_doubts_are_said_and_the_day_is_kept(phrase, part):
    reading = read(phrase)

    assert reading.due_on is not None
    assert any(part in said(warning) for warning in reading.warnings)


def test_a_plain_deadline_raises_no_doubt():
    assert read("trước ngày 25/6/2026").warnings == ()
    assert read("trong 5 ngày làm việc").warnings == ()


def test_the_phrase_is_kept_as_written():
    assert read(unicodedata.normalize("NFD", "  Trước  ngày 25/6 ")).phrase == "Trước  ngày 25/6"


@pytest.mark.parametrize("phrase", EVERY_PHRASE)
def test_case_normal_form_and_blanks_do_not_matter(phrase):
    plain = read(phrase)

    for other in (
        phrase.upper(),
        unicodedata.normalize("NFD", phrase),
        f" \t{phrase.replace(' ', '  ')}\u00a0",
    ):
        reading = read(other)
        assert (reading.kind, reading.due_on, reading.due_time) == (plain.kind, plain.due_on, plain.due_time)


@pytest.mark.parametrize(
    "phrase",
    [
        phrase
        for phrase in EVERY_PHRASE
        if not any(word in phrase for word in ("năm ngày", "sáu", "mồng năm", "quý tư"))
    ],
)
def test_text_without_marks_is_read_alike(phrase):
    plain, unmarked = read(phrase), read(fold(phrase))

    assert (unmarked.kind, unmarked.due_on) == (plain.kind, plain.due_on)


@given(text=st.text(max_size=60))
@example(text="%(phrase)s %d trước ngày 25/6")
def test_any_text_gets_an_answer_that_can_be_shown(text):
    reading = read(text)

    assert reading.why % reading.why_values
    assert all(said(warning) for warning in reading.warnings)


WORDS = sorted({word for phrase in EVERY_PHRASE if len(phrase) < 100 for word in phrase.split()})


@given(
    words=st.lists(st.sampled_from(WORDS), max_size=7), issued_on=st.dates(date(1995, 1, 1), date(2150, 1, 1))
)
def test_any_mixture_of_the_words_gets_an_answer(words, issued_on):
    reading = read(" ".join(words), issued_on=issued_on)

    named = {Kind.DATE, Kind.COMPUTED, Kind.PERIOD_END, Kind.SERIES}
    assert (reading.due_on is not None) is (reading.kind in named)
    assert "None" not in reading.why % reading.why_values


@given(day=st.dates(date(2026, 6, 11), date(2030, 12, 31)))
def test_every_way_to_write_a_day_means_the_same(day):
    ways = (
        f"{day:%d/%m/%Y}",
        f"{day.day}.{day.month}.{day.year}",
        f"{day.day} tháng {day.month} năm {day.year}",
        f"{day:%Y-%m-%d}",
        f"{day.day} / {day.month} /{day.year}",
        f"{day:%d-%m-%y}",
    )

    assert {read(way).due_on for way in ways} == {day}
    assert {read_day(way, near=ISSUED_ON) for way in ways} == {day}


@given(n=st.integers(1, 300))
def test_a_number_of_working_days_is_what_the_calendar_adds(n):
    assert read(f"trong {n} ngày làm việc").due_on == PLAIN.add(RECEIVED_ON, n)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("25/6/2026", date(2026, 6, 25)),
        ("5/3", date(2026, 3, 5)),
        ("05.03.26", date(2026, 3, 5)),
        ("2026-06-25", date(2026, 6, 25)),
        (" ngày 25 tháng 6 năm 2026 ", date(2026, 6, 25)),
        ("20/12", date(2025, 12, 20)),
        ("10/12", date(2026, 12, 10)),
        ("29/2", date(2028, 2, 29)),
    ],
)
def test_a_typed_day_without_a_year_is_the_nearest(text, day):
    near = date(2026, 6, 15) if text != "29/2" else date(2027, 6, 15)

    assert read_day(text, near=near) == day


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Chưa nhập ngày. Nhập dd/mm/yyyy, ví dụ 11/06/2026."),
        ("31/02/2026", "Ngày 31/02/2026 không có trong lịch. Nhập dd/mm/yyyy, ví dụ 28/02/2026."),
        ("29/2/2026", "Ngày 29/02/2026 không có trong lịch. Nhập dd/mm/yyyy, ví dụ 28/02/2026."),
        ("mai", "Không đọc được ngày “mai”. Nhập dd/mm/yyyy, ví dụ 11/06/2026."),
        ("trước 25/6", "Không đọc được ngày “trước 25/6”. Nhập dd/mm/yyyy, ví dụ 11/06/2026."),
        ("1/6 2/6", "Không đọc được ngày “1/6 2/6”. Nhập dd/mm/yyyy, ví dụ 11/06/2026."),
    ],
)
def test_a_typed_day_that_is_none_says_what_to_type(text, words):
    with pytest.raises(UnreadableDay) as refusal:
        read_day(text, near=ISSUED_ON)

    assert refusal.value.msgid % refusal.value.values == words


@given(text=st.text(max_size=100))
def test_a_typed_day_is_read_or_refused_by_name(text):
    try:
        assert isinstance(read_day(text, near=ISSUED_ON), date)
    except UnreadableDay as refusal:
        assert "dd/mm/yyyy" in str(refusal)
