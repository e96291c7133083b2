"""Ordering a large file, my files with their progress, fetching one, and what stands in their way."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select, update

from tests.web.pages import statements, value, words
from tracker.intake.sheet.reading import read_sheet
from tracker.models import db, transaction
from tracker.models.export import Export, ExportState
from tracker.models.people import Role
from tracker.operations import exports, people
from tracker.operations.calendar import change_setting
from tracker.operations.recording import Stamp

TODAY = date(2026, 3, 10)
AT = datetime(2026, 3, 10, 2, 0, tzinfo=UTC)
ASKED = "what=b4&assigner=song-huong&from=2026-03-01&to=2026-03-31&on=2026-03-10"
NEW = f"/xuat-tep/dat?{ASKED}&form=csv"


@pytest.fixture(autouse=True)
def world(cast, on_day):
    on_day(TODAY)
    cast.make_task(content="Rà soát quỹ đất công")


def order(client):
    """Order the file as a person does; return the order."""
    token = value(client.get(NEW), "token")
    client.post(NEW, data={"token": token})
    return db.session.scalars(select(Export).order_by(Export.id.desc())).first()


def make():
    return exports.make_pending(now=lambda: AT, worker="may-1:0:1")


def test_a_person_orders_a_file_sees_it_waiting_and_fetches_it(cast, client_of):
    client = client_of(cast.tracker)
    asks = words(client.get(NEW))
    order(client)
    waiting = client.get("/xuat-tep")

    make()
    ready = client.get("/xuat-tep")
    asked = db.session.scalars(select(Export)).one()
    file = client.get(f"/xuat-tep/{asked.id}/tep")

    assert "B.4 UBND thành phố Sông Hương, từ 01/03/2026 đến 31/03/2026, chốt số liệu 10/03/2026" in asks
    assert 'http-equiv="refresh"' in waiting.get_data(as_text=True)
    assert "Chờ lập" in words(waiting) and "Hủy" in words(waiting)
    assert 'http-equiv="refresh"' not in ready.get_data(as_text=True)
    assert "Đã xong" in words(ready) and "giữ đến hết 09/04/2026" in words(ready)
    assert file.headers["Content-Disposition"] == 'attachment; filename="bieu-b4-song-huong-2026-03-10.csv"'
    assert "Phòng Nội vụ" in file.get_data(as_text=True)


def test_the_page_of_b4_gives_a_small_file_at_once_and_leads_a_large_one_to_its_order(cast, client_of):
    cast.make_task(unit=cast.coordinating, coordinating=[])
    client = client_of(cast.tracker)
    address = f"/bieu-b4?{ASKED.removeprefix('what=b4&')}&folded=1&format=xlsx"
    small = client.get(address)

    change_setting("export_at_once", 1, stamp=Stamp(on=TODAY))
    large = client.get(address)
    page = client.get(large.headers["Location"])

    assert small.status_code == 200 and small.data[:2] == b"PK"
    assert large.status_code == 302
    assert page.status_code == 200
    assert "Lập tệp Excel" in words(page) and "Số nhiệm vụ 2" in words(page)


NOTICE = "Tệp đã đặt lập xong: B.4 UBND thành phố Sông Hương"


@pytest.mark.both_databases
def test_every_page_says_that_a_file_is_ready_until_it_is_fetched(cast, client_of):
    client = client_of(cast.tracker)
    order(client)
    waiting = words(client.get("/nhiem-vu"))
    make()
    asked = db.session.scalars(select(Export)).one()

    pages = [client.get(path) for path in ("/", "/nhiem-vu", "/bieu-b4")]
    others = client_of(cast.chairman).get("/")
    client.head(f"/xuat-tep/{asked.id}/tep")
    still = client.get("/")
    client.get(f"/xuat-tep/{asked.id}/tep")
    db.session.expire_all()
    gone = client.get("/")

    assert NOTICE not in waiting
    assert all(NOTICE in words(page) for page in pages)
    assert f'href="/xuat-tep/{asked.id}/tep"' in pages[0].get_data(as_text=True)
    assert NOTICE not in words(others)
    assert NOTICE in words(still)
    assert NOTICE not in words(gone)
    assert db.session.get_one(Export, asked.id).fetched_at is not None


def test_several_ready_files_are_one_notice_that_leads_to_them(cast, client_of):
    client = client_of(cast.tracker)
    for form in ("csv", "json"):
        address = NEW.replace("csv", form)
        client.post(address, data={"token": value(client.get(address), "token")})
    make()

    page, index = client.get("/"), client.get("/xuat-tep")

    assert "2 tệp đã đặt lập xong, chưa tải về. Xem các tệp" in words(page)
    assert "chưa tải về" not in words(index)


def test_a_file_that_was_let_go_is_no_longer_told_of(cast, client_of):
    client = client_of(cast.tracker)
    order(client)
    make()

    exports.let_go_of_old(now=AT.replace(year=2027))

    assert NOTICE not in words(client.get("/"))


@pytest.mark.parametrize("form", ["xlsx", "docx"])
def test_an_ordered_office_file_holds_the_tasks(cast, client_of, form):
    client = client_of(cast.tracker)
    address = NEW.replace("form=csv", f"form={form}")
    client.post(address, data={"token": value(client.get(address), "token")})

    make()
    asked = db.session.scalars(select(Export)).one()
    file = client.get(f"/xuat-tep/{asked.id}/tep")

    assert (asked.state, asked.done) == (ExportState.READY, 1)
    with zipfile.ZipFile(io.BytesIO(file.data)) as packed:
        inside = b"".join(packed.read(name) for name in packed.namelist() if name.endswith(".xml")).decode()
    assert "Rà soát quỹ đất công" in inside


def test_a_double_click_orders_one_file(cast, client_of):
    client = client_of(cast.tracker)
    token = value(client.get(NEW), "token")

    answers = [client.post(NEW, data={"token": token}).status_code for _each in range(2)]

    assert answers == [303, 303]
    assert len(db.session.scalars(select(Export)).all()) == 1


def test_progress_is_shown_in_numbers_and_as_a_bar(cast, client_of):
    client = client_of(cast.tracker)
    asked = order(client)
    with transaction():
        running = {"state": ExportState.RUNNING, "done": 1_500, "total": 24_512}
        db.session.execute(update(Export).where(Export.id == asked.id).values(running))

    page = client.get("/xuat-tep")

    assert "Đang lập: 1.500/24.512 nhiệm vụ" in words(page)
    assert '<progress max="24512" value="1500">' in page.get_data(as_text=True)


def test_a_person_calls_their_order_back_once(cast, client_of):
    client = client_of(cast.tracker)
    asked = order(client)
    token = value(client.get("/xuat-tep"), "token")

    client.post(f"/xuat-tep/{asked.id}/huy", data={"token": token})
    again = client.post(f"/xuat-tep/{asked.id}/huy", data={"token": "khac"}, follow_redirects=True)

    db.session.refresh(asked)
    assert asked.state is ExportState.CANCELLED
    assert "không còn chờ lập nên không hủy được" in words(again)
    assert "Đặt lại" in words(again)


def test_the_files_of_others_are_nowhere(cast, client_of):
    asked = order(client_of(cast.tracker))
    make()
    other = client_of(cast.chairman)

    assert asked.title not in words(other.get("/xuat-tep"))
    assert other.get(f"/xuat-tep/{asked.id}/tep").status_code == 404
    assert other.post(f"/xuat-tep/{asked.id}/huy", data={"token": "x"}).status_code == 404


def test_who_lost_the_right_is_told_so_instead_of_given_the_file(cast, client_of):
    client = client_of(cast.tracker)
    asked = order(client)
    make()
    people.give_role(cast.tracker, unit=cast.lead, role=Role.OFFICER, stamp=Stamp(on=TODAY))
    people.end_role(cast.tracker, unit=cast.city, role=Role.OFFICE, stamp=Stamp(on=TODAY))

    answer = client.get(f"/xuat-tep/{asked.id}/tep", follow_redirects=True)

    assert "không còn quyền xem số liệu trong tệp này" in words(answer)


def test_a_file_that_was_let_go_says_since_when_and_offers_to_order_it_anew(cast, client_of):
    client = client_of(cast.tracker)
    asked = order(client)
    make()
    exports.let_go_of_old(now=datetime(2026, 5, 1, tzinfo=UTC))

    page = client.get(f"/xuat-tep/{asked.id}/tep", follow_redirects=True)

    assert "Đã hết hạn giữ, tệp được bỏ lúc 07:00 01/05/2026" in words(page)
    assert "Tệp này hiện không có để tải" in words(page)
    assert NEW.replace("&", "&amp;").partition("what")[2][:20] in page.get_data(as_text=True)


def test_a_failure_is_told_in_plain_words(cast, client_of):
    client = client_of(cast.tracker)
    asked = order(client)
    with transaction():
        failed = {"state": ExportState.FAILED, "error": "Có lỗi khi lập tệp. Hãy đặt lại.", "ended_at": AT}
        db.session.execute(update(Export).where(Export.id == asked.id).values(failed))

    assert "Không lập được. Có lỗi khi lập tệp. Hãy đặt lại." in words(client.get("/xuat-tep"))


@pytest.mark.parametrize("wrong", ["what=x", "assigner=khong-co", "form=exe", f"folded={'1' * 200}"])
def test_what_cannot_be_had_is_not_found(cast, client_of, wrong):
    way = f"/xuat-tep/dat?{wrong}&{ASKED}&form=csv"

    assert client_of(cast.tracker).get(way, follow_redirects=True).status_code == 404


@pytest.mark.parametrize("wrong", ["from=x", "on=2026-03-11", "group=x"])
def test_what_no_b4_can_tell_is_explained_where_it_is_asked(cast, client_of, wrong):
    way = f"/xuat-tep/dat?{wrong}&{ASKED}&form=csv"

    assert client_of(cast.tracker).get(way, follow_redirects=True).status_code == 422


def test_the_list_asks_the_database_no_more_for_many_files_than_for_one(cast, client_of):
    client = client_of(cast.tracker)
    order(client)
    make()
    client.get("/xuat-tep")
    with statements() as for_one:
        client.get("/xuat-tep")
    for number in range(2, 8):
        with transaction():
            db.session.add(Export(
                key=f"tep-{number}", user_id=cast.tracker.id, asked={"what": "b4"}, form="csv",
                title="B.4", asked_at=AT, state=ExportState.CANCELLED,
            ))  # fmt: skip

    with statements() as for_many:
        client.get("/xuat-tep")

    assert len(for_many) == len(for_one)


@pytest.mark.parametrize(("kind", "named"), [("csv", "CSV"), ("xlsx", "Excel")])
def test_a_list_that_is_too_long_for_one_request_leads_to_its_order(cast, client_of, kind, named):
    cast.make_task(content="Lập sổ", unit=cast.coordinating, coordinating=[])
    client = client_of(cast.tracker)
    address = f"/nhiem-vu?state=open&assigner={cast.city.id}&sort=-given&dang={kind}"
    small = client.get(address)

    change_setting("export_at_once", 1, stamp=Stamp(on=TODAY))
    large = client.get(address)
    asks = client.get(large.location)
    client.post(large.location, data={"token": value(asks, "token")})
    make()

    ordered = db.session.scalars(select(Export)).one()
    file = client.get(f"/xuat-tep/{ordered.id}/tep")
    assert (small.status_code, large.status_code, ordered.total) == (200, 302, 2)
    assert "Danh sách nhiệm vụ ngày 10/03/2026" in words(asks)
    assert f'href="/nhiem-vu?state=open&amp;sort=-given&amp;assigner={cast.city.id}"' in asks.text
    assert f"Lập tệp {named}" in words(asks)
    assert file.headers["Content-Disposition"] == f'attachment; filename="nhiem-vu.{kind}"'
    assert file.content_type == small.content_type
    assert [cells[6] for _number, cells in read_sheet(f".{kind}", file.data).rows] == [
        "Lập sổ", "Rà soát quỹ đất công",
    ]  # fmt: skip
