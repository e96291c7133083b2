"""Frozen B.4 on the web: freezing, who sees which part, every number's tasks, what changed since, files."""

import csv
import html
import io
import json
import re
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select, update

from tests.web.pages import statements, words
from tracker.models import db
from tracker.models.report import Report
from tracker.operations import calendar, directives, freezing, reports, tasks
from tracker.operations.exports import sources
from tracker.operations.recording import Stamp
from tracker.queries.b4 import Question
from tracker.rules.status import State
from tracker.web.frozen import changed

TODAY = date(2026, 4, 15)
AT = datetime(2026, 4, 15, 2, tzinfo=UTC)
ASKED = "assigner=song-huong&from=2026-01-01&to=2026-03-31&on=2026-03-31"


@pytest.fixture
def world(cast, on_day):
    """A task of Nội vụ that is overdue, one of Phú An without a deadline."""
    on_day(TODAY)
    cast.nv = cast.make_task(state=State.IN_PROGRESS, due_on=date(2026, 3, 20), content="Đề án của Nội vụ")
    cast.pa = cast.make_task(unit=cast.commune, due_on=None, content="Đề án của Phú An")
    return cast


def freeze(world, on=date(2026, 3, 31), note=None):
    asked = Question(world.city, date(2026, 1, 1), date(2026, 3, 31), on)
    return freezing.freeze(asked, stamp=Stamp(on=TODAY, at=AT, by=world.tracker), note=note)


@pytest.fixture
def kept(world):
    return freeze(world, note="Gửi UBND tỉnh")


def address(kept, tail=""):
    return f"/bieu-b4/da-chot/{kept.id}{tail}"


def links_in(page, tail):
    found = re.findall(rf'<a href="([^"]*{tail}\?[^"]*)"[^>]*>\s*([\d.]+)</a>', page.get_data(as_text=True))
    return [(int(number.replace(".", "")), html.unescape(url)) for url, number in found]


def opened(client, kept, words):
    """Return which of the tasks called “Đề án của …” a number opens."""
    page = client.get(address(kept, f"/nhiem-vu?{words}")).get_data(as_text=True)
    return sorted(re.findall(r">Đề án của ([^<]+)</a>", page))


# Freezing


@pytest.mark.both_databases
def test_the_office_freezes_from_the_page_of_b4(world, client_of):
    client = client_of(world.tracker)
    b4 = client.get(f"/bieu-b4?{ASKED}").get_data(as_text=True)
    (way,) = re.findall(r'href="(/bieu-b4/chot\?[^"]*)"', b4)

    asking = client.get(html.unescape(way))
    answer = client.post(html.unescape(way), data={"note": "Gửi tỉnh", "token": "t1"}, follow_redirects=True)

    assert "Bản đã chốt không sửa, không xóa được" in words(asking) and "chưa kết thúc" not in words(asking)
    assert "Đã chốt số liệu, lần 1." in words(answer)
    assert world.tracker.name in words(answer)
    assert db.session.scalars(select(Report)).one().reason == "Gửi tỉnh"


def test_a_double_click_freezes_once(world, client_of):
    client = client_of(world.tracker)

    for _click in range(2):
        assert client.post(f"/bieu-b4/chot?{ASKED}", data={"token": "t1"}).status_code == 303

    assert len(db.session.scalars(select(Report)).all()) == 1


def test_today_may_be_frozen_and_the_page_says_that_the_day_has_not_ended(world, client_of):
    way = f"/bieu-b4/chot?{ASKED.replace('on=2026-03-31', 'on=2026-04-15')}"

    assert "Ngày 15/04/2026 chưa kết thúc" in words(client_of(world.tracker).get(way))


def test_a_period_without_tasks_offers_nothing_to_freeze_and_says_so(world, client_of):
    way, client = "/bieu-b4/chot?from=2001-01-01&to=2001-12-31", client_of(world.tracker)

    page = client.get(way)
    forced = client.post(way, data={"token": "t"})

    for answer in (page, forced):
        assert "không có nhiệm vụ nào được đếm, nên không có số liệu để chốt" in words(answer)
        assert 'name="note"' not in answer.text
    assert forced.status_code == 422
    assert db.session.scalar(select(Report.id)) is None


def test_tomorrow_cannot_be_frozen(world, client_of):
    way = f"/bieu-b4/chot?{ASKED.replace('on=2026-03-31', 'on=2026-04-16')}"

    assert client_of(world.tracker).post(way, data={"token": "t"}).status_code == 422
    assert db.session.scalar(select(Report.id)) is None


@pytest.mark.parametrize("who", ["head", "officer", "inspector", "admin"])
def test_others_may_not_freeze_and_find_no_button(world, client_of, who):
    client = client_of(world.everybody[who])

    assert client.post(f"/bieu-b4/chot?{ASKED}", data={"token": "t"}).status_code == 403
    assert "/bieu-b4/chot" not in client.get(f"/bieu-b4?{ASKED}").get_data(as_text=True)


# Who sees what


@pytest.mark.both_databases
@pytest.mark.parametrize("who", ["chairman", "tracker", "inspector"])
def test_the_assigner_sees_the_whole(world, kept, client_of, who):
    page = words(client_of(world.everybody[who]).get(address(kept)))

    assert "Phòng Nội vụ" in page and "Phú An" in page and "Đây là một phần" not in page
    assert f"{kept.sha256} (nguyên vẹn)" in page and "phiên bản 1" in page and "Gửi UBND tỉnh" in page


@pytest.mark.both_databases
def test_a_unit_sees_its_part_on_every_page(world, kept, client_of):
    client = client_of(world.head)
    tails = (
        "", "/nhiem-vu", "/in", "/tep/csv", "/tep/json", "/sau-khi-chot", "/so-sanh", "/so-sanh/nhiem-vu",
    )  # fmt: skip

    for tail in tails:
        answer = client.get(address(kept, tail))
        assert answer.status_code == 200, tail
        assert "Phú An" not in words(answer), tail
    assert "Đây là một phần của biểu" in words(client.get(address(kept)))
    said = "một phần của biểu: chỉ gồm nhiệm vụ do Phòng Nội vụ và các đơn vị trực thuộc chủ trì."
    assert said in words(client.get(address(kept, "/in")))
    assert '"part_of": "Phòng Nội vụ"' in client.get(address(kept, "/tep/json")).text
    assert "phần của đơn vị tôi" in words(client.get("/bieu-b4/da-chot"))


@pytest.mark.both_databases
def test_who_has_no_part_in_it_does_not_find_it(world, kept, client_of):
    client = client_of(world.coordinator)

    assert client.get(address(kept)).status_code == 404
    assert "Chưa có biểu B.4 nào được chốt" in words(client.get("/bieu-b4/da-chot"))


def test_the_monthly_reports_and_the_frozen_ones_stay_apart(world, kept, client_of):
    monthly = reports.make_again(
        world.city, date(2026, 3, 31), reason="Đối chiếu", stamp=Stamp(on=TODAY, at=AT)
    )
    client = client_of(world.tracker)

    assert client.get(f"/bao-cao/{kept.id}").status_code == 404
    assert client.get(address(monthly)).status_code == 404
    assert f"/bao-cao/{kept.id}" not in client.get("/bao-cao").get_data(as_text=True)


# What it shows


@pytest.mark.parametrize("group", ["unit", "field", "directive", "leader", "month", "unit&folded=1"])
def test_every_number_opens_as_many_frozen_tasks(world, kept, client_of, group):
    client = client_of(world.tracker)
    page = client.get(address(kept, f"?group={group}"))

    found = links_in(page, "/nhiem-vu")

    assert len(found) > 8
    for number, url in found:
        assert client.get(url).get_data(as_text=True).count('<th scope="row">') == number, url


def test_a_number_of_the_pictures_opens_exactly_the_frozen_tasks_it_counts(world, client_of):
    day = date(2026, 3, 28)
    for name, reported in (("A", date(2026, 3, 5)), ("B", date(2026, 3, 27))):
        world.make_task(
            content=f"Đề án của {name}", state=State.AWAITING_CONFIRMATION, due_on=day, reported_on=reported
        )
    world.make_task(content="Đề án của C", state=State.IN_PROGRESS, due_on=date(2026, 3, 29))
    kept = freeze(world, on=day)
    client = client_of(world.tracker)

    found = {words_: opened(client, kept, words_) for words_ in ("waiting=0", "waiting=2", "waiting=4")}

    assert found == {"waiting=0": ["B"], "waiting=2": [], "waiting=4": ["A"]}
    assert opened(client, kept, "due=2026-03") == ["A", "B", "Nội vụ"]


def test_a_folded_row_opens_the_frozen_tasks_of_its_sub_units_too_page_by_page(
    world, client_of, monkeypatch
):
    below = world.make_unit(parent=world.lead, name="Tổ Một cửa")
    world.make_task(unit=below, content="Đề án của Tổ", due_on=date(2026, 3, 25))
    kept = freeze(world)
    client = client_of(world.tracker)

    assert opened(client, kept, "row=noi-vu") == ["Nội vụ"]
    assert opened(client, kept, "row=noi-vu&folded=1") == ["Nội vụ", "Tổ"]
    monkeypatch.setattr("tracker.web.frozen.show.PAGE", 1)
    assert opened(client, kept, "row=noi-vu&folded=1") == ["Nội vụ"]
    assert opened(client, kept, "row=noi-vu&folded=1&after=1") == ["Tổ"]


def test_a_task_links_to_its_page_as_long_as_the_person_may_see_it(world, kept, client_of):
    page = client_of(world.tracker).get(address(kept, "/nhiem-vu")).get_data(as_text=True)

    assert f'href="/nhiem-vu/{world.nv.id}"' in page


def test_the_list_is_narrowed_by_assigner_and_year(world, kept, client_of):
    paper = world.make_directive(issuer=world.commune)
    world.make_task(directive=paper, unit=world.commune)
    of_commune = Question(world.commune, date(2026, 1, 1), date(2026, 3, 31), date(2026, 3, 31))
    below = freezing.freeze(of_commune, stamp=Stamp(on=TODAY, at=AT, by=world.tracker))
    earlier = freeze(world)
    a_year_ago = date(2025, 3, 31)
    db.session.execute(
        update(Report).where(Report.id == earlier.id).values(last_on=a_year_ago, on_day=a_year_ago)
    )
    client = client_of(world.tracker)

    def listed(words):
        page = client.get(f"/bieu-b4/da-chot?{words}").get_data(as_text=True)
        return {each for each in (kept, earlier, below) if f'"{address(each)}"' in page}

    assert listed("") == {kept, earlier, below}
    assert listed("assigner=song-huong") == {kept, earlier}
    assert listed("year=2026") == {kept, below}
    assert listed("assigner=song-huong&year=2026") == {kept}
    assert listed("assigner=song-huong&year=2025") == {earlier}
    assert listed("year=1999&assigner=khong-co&before=x") == {kept, earlier, below}


def test_a_number_opens_exactly_the_frozen_tasks_it_counts(world, kept, client_of):
    client = client_of(world.tracker)

    for words_, names in {
        "cell=all": ["Nội vụ", "Phú An"], "cell=overdue": ["Nội vụ"], "cell=in_time": ["Phú An"],
        "cell=fallen_due": ["Nội vụ"], "cell=all&undated=1": ["Phú An"], "cell=all&row=noi-vu": ["Nội vụ"],
        "cell=all&row=phu-an": ["Phú An"], "cell=all&due=2026-03": ["Nội vụ"], "cell=all&due=2026-02": [],
    }.items():  # fmt: skip
        assert opened(client, kept, words_) == names, words_


def test_the_list_has_a_constant_number_of_statements(world, client_of):
    freeze(world)
    client = client_of(world.head)
    client.get("/bieu-b4/da-chot")
    with statements() as few:
        client.get("/bieu-b4/da-chot")
    for _time in range(5):
        freeze(world)
    with statements() as many:
        client.get("/bieu-b4/da-chot")

    assert len(many) == len(few)

@pytest.mark.both_databases
def test_a_frozen_task_says_from_which_unit_it_had_come_and_nothing_of_later_moves(world, client_of):
    def move(task, unit, day):
        moment = AT.replace(month=day.month, day=day.day)
        tasks.transfer(task, stamp=Stamp(on=day, at=moment, by=world.tracker), unit=unit, reason="Đúng việc")

    move(world.pa, world.coordinating, date(2026, 3, 25))
    kept = freeze(world)
    move(world.pa, world.lead, date(2026, 4, 2))
    move(world.nv, world.commune, date(2026, 4, 2))
    client = client_of(world.tracker)

    frozen = words(client.get(address(kept, "/nhiem-vu")))
    url = address(kept, f"/so-sanh/nhiem-vu?voi=nay&cell=all&row={world.commune.code}")
    came = words(client.get(url))

    told = f"từ ngày 25/03/2026 nhận chuyển từ {world.commune.name}"
    assert told in frozen
    assert frozen.count("nhận chuyển") == 1
    assert f"từ ngày 02/04/2026 nhận chuyển từ {world.lead.name}" in came


def test_frozen_tasks_are_shown_with_a_constant_number_of_statements(world, client_of):
    client = client_of(world.tracker)
    few = address(freeze(world), "/nhiem-vu")
    with statements() as of_two:
        client.get(few)
    for _n in range(5):
        task = world.make_task(unit=world.commune, content="Thêm")
        tasks.transfer(task, stamp=Stamp(on=date(2026, 3, 25), at=AT, by=world.tracker), unit=world.lead,
                       reason="Đúng việc")  # fmt: skip
    many = address(freeze(world), "/nhiem-vu")

    with statements() as of_seven:
        page = client.get(many)

    assert words(page).count("nhận chuyển") == 5
    assert len(of_seven) == len(of_two)


def test_a_move_after_the_freezing_is_told_neither_in_its_lists_nor_in_its_files(world, client_of):
    then, later = (Stamp(on=on, at=AT, by=world.tracker) for on in (date(2026, 3, 25), TODAY))
    tasks.transfer(world.nv, stamp=then, unit=world.coordinating, reason="Đúng việc")
    kept, client = freeze(world, on=TODAY), client_of(world.tracker)
    before = client.get(address(kept, "/tep/xlsx")).data

    tasks.transfer(world.nv, stamp=later, unit=world.lead, reason="Trả về")
    tasks.transfer(world.pa, stamp=later, unit=world.lead, reason="Sai đơn vị")

    told = words(client.get(address(kept, "/nhiem-vu")))
    assert f"từ ngày 25/03/2026 nhận chuyển từ {world.lead.name}" in told
    assert told.count("nhận chuyển") == 1
    assert client.get(address(kept, "/tep/xlsx")).data == before


# After the freezing


@pytest.mark.both_databases
def test_what_changed_is_listed_beside_it_and_changes_nothing(world, client_of):
    kept = freeze(world, on=TODAY)
    stamp = Stamp(on=TODAY, at=AT, by=world.tracker)
    tasks.set_due(world.nv, stamp=stamp, due_on=date(2026, 5, 20), reason="Ghi nhầm hạn")
    tasks.edit(world.pa, stamp=stamp, content="Đề án đã sửa tên")
    client = client_of(world.tracker)

    page, after = words(client.get(address(kept))), words(client.get(address(kept, "/sau-khi-chot")))

    assert "2 nhiệm vụ thay đổi" in page and f"{kept.sha256} (nguyên vẹn)" in page
    assert "Thời hạn trước: 20/03/2026 → nay: 20/05/2026" in after and "Ghi nhầm hạn" in after
    assert "Nội dung trước: Đề án của Phú An → nay: Đề án đã sửa tên" in after
    assert "Đề án của Phú An" in words(client.get(address(kept, "/nhiem-vu")))


def test_a_later_correction_of_a_frozen_day_is_told_though_the_numbers_stand(world, kept, client_of):
    tasks.edit(world.pa, stamp=Stamp(on=TODAY, at=AT, by=world.tracker), content="Đề án đã sửa tên")

    after = words(client_of(world.tracker).get(address(kept, "/sau-khi-chot")))

    assert "Sau khi chốt: 1 nhiệm vụ thay đổi" in after
    assert "số liệu của ngày chốt không đổi" in after and "Đề án đã sửa tên" in after


def test_what_changed_after_the_freezing_is_listed_page_by_page(world, kept, client_of, monkeypatch):
    monkeypatch.setattr(changed, "MOST", 1)
    for task in (world.nv, world.pa):
        tasks.edit(task, stamp=Stamp(on=TODAY, by=world.tracker), product="Báo cáo")
    client = client_of(world.tracker)

    first = client.get(address(kept, "/sau-khi-chot"))
    following = html.unescape(re.search(r'href="([^"]+)" rel="next"', first.text)[1])
    second = client.get(following)

    titles = [re.findall(r"<h2><a[^>]*>([^<]+)", page.text) for page in (first, second)]
    assert sorted(titles) == [["Đề án của Nội vụ"], ["Đề án của Phú An"]]
    assert "1 trên 2 nhiệm vụ" in words(first)
    assert 'rel="next"' not in second.text and "Về trang đầu" in words(second)


def test_who_corrected_a_paper_is_told_of_each_of_its_tasks_by_lead_unit(world, client_of):
    kept = freeze(world, on=TODAY)
    stamp = Stamp(on=TODAY, at=AT, by=world.tracker)
    directives.correct(world.nv.directive, stamp=stamp, subject="Trích yếu mới")

    after = words(client_of(world.tracker).get(address(kept, "/sau-khi-chot")))

    assert "Sau khi chốt: 1 nhiệm vụ thay đổi" in after
    assert f"Nay khác so với khi chốt. {world.lead.name} ·" in after
    assert "Sửa thông tin văn bản" in after and world.tracker.name in after.partition("Trích yếu mới")[2]


def test_nothing_changed_is_said_so(world, kept, client_of):
    page = words(client_of(world.tracker).get(address(kept)))

    assert "không có nhiệm vụ nào thay đổi" in page


def test_changed_data_bring_a_red_warning_and_no_file(world, kept, client_of):
    data = json.loads(json.dumps(kept.data))
    data["tasks"][0][1] = "Bị sửa"
    db.session.execute(update(Report).values(data=data))
    db.session.commit()
    client = client_of(world.tracker)

    page = client.get(address(kept))

    assert "không khớp mã kiểm tra" in words(page) and "nguyên vẹn" not in words(page)
    assert client.get(address(kept, "/tep/csv")).status_code == 404


def test_data_beyond_reading_are_told_and_never_fail(world, kept, client_of):
    db.session.execute(update(Report).values(data={"form": 1}))
    db.session.commit()

    page = client_of(world.tracker).get(address(kept))

    assert page.status_code == 409 and "bị hỏng, không đọc được" in words(page)


# Comparing


@pytest.mark.both_databases
@pytest.mark.parametrize("other", ["frozen", "now"])
def test_a_difference_per_cell_opens_the_tasks_that_make_it(world, client_of, other):
    kept = freeze(world)
    stamp = Stamp(on=TODAY, at=AT, by=world.tracker)
    tasks.cancel(world.nv, stamp=stamp, reason="Không tiếp tục")
    voi = freeze(world, on=TODAY).id if other == "frozen" else "nay"
    client = client_of(world.tracker)

    page = client.get(address(kept, f"/so-sanh?voi={voi}"))
    found = [url for _n, url in links_in(page, "/so-sanh/nhiem-vu") if "row=" not in url]
    url = next(url for url in found if "in_progress_overdue" in url)
    behind = words(client.get(url))

    assert "giảm 1 so với ngày 31/03/2026" in words(page)
    assert "Thêm vào: 0 nhiệm vụ" in behind and "Bớt đi: 1 nhiệm vụ" in behind
    assert "Đề án của Nội vụ" in behind


def test_the_comparison_of_one_row_has_no_total_as_no_table_of_one_row_has(world, kept, client_of):
    def rows(user):
        page = client_of(user).get(address(kept, "/so-sanh?voi=nay")).text
        return [re.search(r"<th[^>]*>([^<]+)", row)[1] for row in page.split("<tr")[3:]]

    assert rows(world.head) == ["Phòng Nội vụ"]
    assert rows(world.tracker)[-1] == "Tổng cộng"


def test_of_two_frozen_reports_the_later_is_shown_with_what_changed_to_it_from_either_side(
    world, kept, client_of
):
    tasks.cancel(world.nv, stamp=Stamp(on=TODAY, at=AT, by=world.tracker), reason="Không tiếp tục")
    later = freeze(world, on=TODAY)
    client = client_of(world.tracker)

    pages = [
        words(client.get(address(one, f"/so-sanh?voi={other.id}")))
        for one, other in ((kept, later), (later, kept))
    ]

    assert all("giảm 1 so với ngày 31/03/2026" in page and "tăng" not in page for page in pages)
    assert "dưới mỗi số là chênh lệch so với bản đã chốt này" in pages[0]
    assert "Số lớn trong bảng là của bản đã chốt này" in pages[1]


# Paper and files


def test_the_paper_says_who_froze_it_when_and_the_checksum(world, kept, client_of):
    page = words(client_of(world.tracker).get(address(kept, "/in")))

    assert kept.sha256 in page and world.tracker.name in page and "09:00" in page
    assert "ngày 15 tháng 4 năm 2026" in page and "Quy tắc tính phiên bản 1" in page


def test_a_file_with_too_many_tasks_is_ordered_and_made_of_the_frozen_data(world, kept, client_of):
    calendar.change_setting("export_at_once", 1, stamp=Stamp(on=TODAY, by=world.admin))
    client = client_of(world.tracker)

    way = client.get(address(kept, "/tep/xlsx?group=field"))
    source = sources.find(
        {"what": "frozen", "report": str(kept.id), "group": "field"}, world.tracker, today=TODAY
    )

    assert way.status_code == 302 and "what=frozen" in way.headers["Location"]
    assert client.get(way.headers["Location"]).status_code == 200
    assert (source.count(), source.reach) == (2, None)
    assert source.write("xlsx", lambda _n: None).content[:2] == b"PK"
    assert sources.find({"what": "frozen", "report": str(kept.id)}, world.coordinator, today=TODAY) is None


def test_files_come_from_the_frozen_data(world, kept, client_of):
    tasks.cancel(world.nv, stamp=Stamp(on=TODAY, at=AT, by=world.tracker), reason="Không tiếp tục")
    client = client_of(world.tracker)

    rows = list(csv.reader(io.StringIO(client.get(address(kept, "/tep/csv")).get_data().decode("utf-8-sig"))))

    assert rows[-1][9:] == ["2", "1", "2026-04-15T02:00:00+00:00", world.tracker.name, "1", kept.sha256]
    assert json.loads(client.get(address(kept, "/tep/json")).get_data())["total"]["all"] == 2
    for form in ("xlsx", "docx"):
        answer = client.get(address(kept, f"/tep/{form}"))
        assert answer.status_code == 200 and answer.get_data()[:2] == b"PK"
        assert "chot-lan-1" in answer.headers["Content-Disposition"]


# Pictures


@pytest.fixture
def waiting(world):
    """Two more of Nội vụ: one was reported on time on 27 March and waits, one is overdue since January."""
    reported = date(2026, 3, 27)
    world.make_task(state=State.AWAITING_CONFIRMATION, due_on=date(2026, 3, 28), reported_on=reported)
    world.make_task(state=State.IN_PROGRESS, due_on=date(2026, 1, 15), content="Việc từ tháng 1")
    return freeze(world)


@pytest.mark.parametrize("words", ["", "?heat=rate", "?group=field", "?group=month&sort=overdue"])
def test_every_number_of_the_pictures_opens_as_many_frozen_tasks(world, waiting, client_of, words):
    client = client_of(world.chairman)
    page = client.get(address(waiting, f"/hinh{words}"))

    numbers = links_in(page, "/nhiem-vu")

    assert len(numbers) > 8
    for number, url in numbers:
        assert f"<strong>{number} nhiệm vụ</strong>" in client.get(url).text, url


def test_the_pictures_say_what_was_frozen_whatever_came_after(world, waiting, client_of):
    client = client_of(world.chairman)
    before = client.get(address(waiting, "/hinh")).text

    tasks.cancel(world.nv, stamp=Stamp(on=TODAY, at=AT, by=world.tracker), reason="Không còn cần")
    after = client.get(address(waiting, "/hinh")).text

    labels = [re.findall(r'<svg class="(?:picture|trend)"[^>]*aria-label="([^"]+)"', text)
              for text in (before, after)]  # fmt: skip
    assert labels[0] == labels[1]
    assert "4 nhiệm vụ: " in labels[0][0] and "Phòng Nội vụ (2)" in labels[0][0]
    assert "3 thời hạn" in labels[0][1] and "33,3% được báo cáo đúng hạn, 2 nhiệm vụ" in labels[0][1]
    assert "1 nhiệm vụ đã báo cáo" in labels[0][3] and "lâu nhất 4 ngày" in labels[0][3]


def test_a_unit_sees_the_pictures_of_its_part(world, waiting, client_of):
    text = client_of(world.outsider).get(address(waiting, "/hinh")).text

    assert "UBND xã Phú An" in text and "Phòng Nội vụ" not in text
    assert "Chỉ phần giao cho đơn vị của bạn." in text


@pytest.mark.parametrize("odd", ["due=2026-13", "due=x", "waiting=6", "waiting=-1"])
def test_an_odd_month_or_stretch_behind_a_number_is_not_found(world, waiting, client_of, odd):
    assert client_of(world.chairman).get(address(waiting, f"/nhiem-vu?{odd}")).status_code == 404
