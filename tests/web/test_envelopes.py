"""A paper that comes through the document exchange: from its envelope to the status reply."""

from __future__ import annotations

import io
import re
from datetime import UTC, date, datetime

import pytest
from lxml import etree

from tests.intake.making import EDXML_HEAD, docx, edxml, paragraph
from tests.web.pages import words
from tests.web.test_intake import fields_of, give, sent
from tracker.files.edxml_reply import Asked
from tracker.intake.draft import Draft, DraftTask, Read
from tracker.models import db
from tracker.models.intake import DraftState, IntakeDraft
from tracker.models.people import Role
from tracker.models.task import Task
from tracker.operations import reading
from tracker.operations.recording import Stamp
from tracker.rules.status import State

PAPER = docx(
    paragraph("UBND HUYỆN ĐÔNG SƠN") + paragraph("Số: 318/UBND-NV")
    + paragraph("Đông Sơn, ngày 12 tháng 5 năm 2026") + paragraph("Kính gửi: UBND xã Phú An.")
    + paragraph("UBND huyện yêu cầu:")
    + paragraph("1. Phòng Nội vụ rà soát nhiệm vụ được giao.")
    + paragraph("2. Phòng Tài chính bố trí kinh phí trước ngày 05/6/2026.")
)  # fmt: skip


@pytest.fixture(autouse=True)
def today(on_day):
    on_day(date(2026, 5, 13))


@pytest.fixture
def client(cast, client_of):
    cast.city.org_code = "000.07.12.H45"
    db.session.commit()
    return client_of(cast.tracker)


@pytest.fixture
def row(cast):
    """A paper of an envelope that was read already."""
    asked = Asked("000.00.12.H45", "UBND huyện Đông Sơn", "a,b", "318/UBND-NV", "2026-05-12",
                  ["000.07.12.H45"])  # fmt: skip
    task = DraftTask(1, "Rà soát nhiệm vụ", lead=(Read("Phòng Nội vụ"),), due=Read("ngày 20/6/2026"))
    draft = Draft({"subject": Read("Rà soát"), "issued_on": Read("2026-05-12")}, tasks=(task,))
    stamp = Stamp(on=date(2026, 5, 13), by=cast.tracker, at=datetime(2026, 5, 13, 2, tzinfo=UTC))
    return reading.start(cast.city, "Rà soát", draft, stamp=stamp, asked=asked)


def bring(client, cast):
    file = (io.BytesIO(edxml(EDXML_HEAD, {"318.docx": PAPER})), "goi.edxml")
    client.post("/doc-van-ban", data={"paper": file, "unit": str(cast.city.id), "token": "t1"})
    return db.session.query(IntakeDraft).one()


def reply_on(client, page):
    """Return the reply that a page offers, by the path of each element, in the order of the file."""
    address = re.search(r'href="([^"]*phieu-tra-loi\.edxml)"', client.get(page).text)[1]
    root = etree.fromstring(client.get(address).data)
    tree = root.getroottree()
    return {re.sub(r"\{[^}]*\}", "", tree.getelementpath(each)): each.text for each in root.iter()
            if not len(each)}  # fmt: skip


STATUS = "edXMLEnvelope/edXMLHeader/Status/"


def test_an_envelope_goes_all_the_way_from_the_exchange_to_the_reply(cast, client):
    row = bring(client, cast)
    page = f"/doc-van-ban/{row.id}"
    proposal = fields_of(client.get(page).text)
    arrived = reply_on(client, page)
    sent(client, row, issuer=str(cast.city.id))
    give(client, row)

    assert (proposal["number"], proposal["urgency"]) == ("318/UBND-NV", "urgent")
    assert (proposal["due_1"], proposal["due_2"]) == ("chậm nhất ngày 20/06/2026", "trước ngày 05/6/2026")
    assert arrived[STATUS + "StatusCode"] == "01"

    directive = f"/van-ban/{row.directive_id}"
    said = reply_on(client, directive)
    assert list(said) == [
        *(STATUS + "ResponseFor/" + each for each in ("OrganId", "Code", "PromulgationDate", "DocumentId")),
        *(STATUS + "From/" + each for each in ("OrganId", "OrganizationInCharge", "OrganName")),
        *(STATUS + each for each in ("StatusCode", "Description", "Timestamp")),
        *(STATUS + "StaffInfo/" + each for each in ("Department", "Staff")),
        "edXMLEnvelope/edXMLBody/edXMLManifest",
    ]  # fmt: skip
    assert list(said.values())[:9] == [
        "000.00.12.H45", "318/UBND-NV", "2026/05/12", "000.00.12.H45,2026/05/12,318/UBND-NV",
        "000.07.12.H45", cast.city.name, cast.city.name, "04", "Đã phân công",
    ]  # fmt: skip
    assert [task.due_on for task in db.session.query(Task).order_by(Task.id)] == [
        date(2026, 6, 20), date(2026, 6, 4),
    ]  # fmt: skip

    for state in (State.IN_PROGRESS, State.COMPLETED):
        db.session.query(Task).update({"state": state})
        db.session.commit()
        said = reply_on(client, directive)
        assert said[STATUS + "StatusCode"] == {State.IN_PROGRESS: "05", State.COMPLETED: "06"}[state]


def test_a_paper_that_is_sent_back_says_why_and_one_that_is_put_away_says_nothing(client, row):
    address = f"/doc-van-ban/{row.id}/bo"
    reason = {"sent_back": "Gửi nhầm nơi nhận"}

    client.post(address, data=fields_of(client.get(address).text) | reason)
    said = reply_on(client, "/doc-van-ban")
    row.envelope = {name: value for name, value in row.envelope.items() if name != "sent_back"}
    db.session.commit()
    silent = client.get(f"/doc-van-ban/{row.id}/phieu-tra-loi.edxml")

    assert row.state is DraftState.DROPPED
    assert (said[STATUS + "StatusCode"], said[STATUS + "Description"]) == ("02", "Gửi nhầm nơi nhận")
    assert silent.status_code == 404


def test_without_an_identifier_the_page_says_who_enters_it_where(cast, client, row):
    cast.city.org_code = None
    db.session.commit()

    page = client.get(f"/doc-van-ban/{row.id}")
    answer = client.get(f"/doc-van-ban/{row.id}/phieu-tra-loi.edxml")

    assert "chưa có mã định danh điện tử, quản trị nhập ở trang của đơn vị" in words(page)
    assert "Gói này gửi đến mã 000.07.12.H45" in words(page)
    assert "phieu-tra-loi" not in page.text
    assert answer.location == f"/doc-van-ban/{row.id}"


def test_only_the_unit_that_read_the_envelope_answers_it(cast, client, client_of, row):
    give(client, row)
    head = client_of(cast.head)
    elsewhere = client_of(cast.make_person(unit=cast.commune, role=Role.OFFICE))

    page = head.get(f"/van-ban/{row.directive_id}")

    assert page.status_code == 200
    assert "phieu-tra-loi" not in page.text
    assert elsewhere.get(f"/doc-van-ban/{row.id}/phieu-tra-loi.edxml").status_code == 404
