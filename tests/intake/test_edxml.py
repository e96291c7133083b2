"""Envelopes of the document exchange: the head of the document, its papers, and the reply."""

from datetime import UTC, date, datetime

import pytest
from lxml import etree

from tests.intake.making import EDXML_HEAD, docx, edxml, package, paragraph
from tracker.files.edxml_reply import Asked, Reply, Status, as_edxml, standing
from tracker.intake.edxml import Attached, Party, Steering, Urgency, read_envelope, with_envelope
from tracker.intake.limited import read_envelope_safely
from tracker.intake.proposal import Found, Header, PaperKind
from tracker.rules.status import State

PAPER = docx(paragraph("Số: 318/UBND-NV"))


def test_an_envelope_tells_the_head_of_its_document():
    envelope = read_envelope_safely("công văn.edxml", edxml(EDXML_HEAD, {"318.docx": PAPER}))

    head = envelope.header
    assert [each.value for each in (head.number, head.issued_on, head.issuer, head.kind, head.subject)] == [
        "318/UBND-NV", date(2026, 5, 12), "UBND huyện Đông Sơn", PaperKind.CONG_VAN,
        "rà soát nhiệm vụ được giao",
    ]  # fmt: skip
    assert (head.signer.value, head.signer_title.value) == ("Trần Thị Lan", "Phó Chủ tịch")
    assert [each.value for each in head.addressees] == ["UBND xã Phú An"]
    assert [each.value for each in head.recipients] == ["Như trên", "Lưu: VT"]
    assert (envelope.sender, envelope.receivers) == (
        Party("000.00.12.H45", "UBND huyện Đông Sơn"), (Party("000.07.12.H45", "UBND xã Phú An"),)
    )  # fmt: skip
    assert (envelope.due_on, envelope.urgency, envelope.steering) == (
        date(2026, 6, 20), Urgency.URGENT, Steering.DIRECTS
    )  # fmt: skip
    assert (envelope.place, envelope.content) == ("Đông Sơn", "")
    assert envelope.document_id == "000.00.12.H45,2026/05/12,318/UBND-NV"
    assert envelope.papers == (Attached("318.docx", "application/octet-stream", PAPER),)


def test_papers_are_taken_out_of_their_zip_and_lose_their_path():
    held = {"../../công văn.pdf": package({"a.pdf": b"%PDF-1.7"}), "C:\\b.txt": b"b", "d.docx": PAPER}

    envelope = read_envelope(edxml(EDXML_HEAD, held))

    assert [(each.filename, each.content) for each in envelope.papers] == [
        ("công văn.pdf", b"%PDF-1.7"), ("b.txt", b"b"), ("d.docx", PAPER)
    ]  # fmt: skip


def test_an_envelope_without_prefix_or_fields_is_read_as_far_as_it_goes():
    bare = b"<a xmlns='x'><MessageHeader><Code><CodeNumber>12</CodeNumber></Code></MessageHeader></a>"

    envelope = read_envelope(bare)

    assert (envelope.header.number.value, envelope.header.kind, envelope.due_on) == ("12", None, None)


@pytest.mark.parametrize("written, day", [
    ("2026/06/20", date(2026, 6, 20)), ("2026-06-20 00:00:00", date(2026, 6, 20)),
    ("20/6/2026", date(2026, 6, 20)), ("2026/02/30", None), ("N/A", None), ("", None),
])  # fmt: skip
def test_days_are_read_as_systems_write_them(written, day):
    envelope = read_envelope(edxml(f"<edXML:DueDate>{written}</edXML:DueDate>"))

    assert envelope.due_on == day


def test_what_the_envelope_says_stands_above_what_the_paper_shows():
    shown = Header(number=Found("318/UBND", 4, 12), signer=Found("Lan", 90, 93))
    told = Header(number=Found("318/UBND-NV"))

    assert with_envelope(shown, told) == Header(number=Found("318/UBND-NV"), signer=Found("Lan", 90, 93))


def test_the_reply_says_of_which_document_it_speaks_and_where_it_stands():
    asked = Asked("000.00.12.H45", "UBND huyện Đông Sơn", "a,b", "318/UBND-NV", "2026-05-12", [])
    reply = Reply(
        asked, by_organ_id="000.07.12.H45", by_name="UBND xã Phú An <1>", status=Status.ASSIGNED,
        at=datetime(2026, 5, 12, 17, 30, tzinfo=UTC), staff="Nguyễn Thị Huệ\x00",
    )  # fmt: skip

    content = as_edxml(reply)

    ends = [each for each in etree.fromstring(content).iter() if not len(each)]
    told = {etree.QName(each).localname: each.text for each in ends}
    assert told == {
        "OrganId": "000.07.12.H45", "Code": "318/UBND-NV", "PromulgationDate": "2026/05/12",
        "DocumentId": "a,b", "OrganizationInCharge": "UBND xã Phú An <1>", "OrganName": "UBND xã Phú An <1>",
        "StatusCode": "04", "Description": "Đã phân công", "Timestamp": "2026/05/13 00:30:00",
        "Department": None, "Staff": "Nguyễn Thị Huệ", "edXMLManifest": None,
    }  # fmt: skip
    answered = etree.fromstring(content).find("{*}edXMLEnvelope/{*}edXMLHeader/{*}Status/{*}ResponseFor")
    assert answered.findtext("{*}OrganId") == "000.00.12.H45"
    assert b"<edXML:StatusCode>04</edXML:StatusCode>" in content
    assert [each.prefix for each in etree.fromstring(content).iter()][:3] == [None, "edXML", "edXML"]


DRAFT, NEW, RUNNING, WAITING, DONE, GONE = (State(each) for each in State)


@pytest.mark.parametrize("states, recurs, status", [
    ((), False, Status.TAKEN), ((DRAFT,), False, Status.TAKEN),
    ((), True, Status.ASSIGNED), ((NEW, GONE), False, Status.ASSIGNED),
    ((NEW, RUNNING), False, Status.IN_WORK), ((WAITING,), False, Status.IN_WORK),
    ((NEW, DONE), False, Status.IN_WORK), ((DONE,), True, Status.IN_WORK),
    ((DONE, GONE), False, Status.DONE), ((GONE,), False, Status.REFUSED), ((GONE,), True, Status.ASSIGNED),
])  # fmt: skip
def test_tasks_say_where_their_document_stands(states, recurs, status):
    assert standing(states, recurs=recurs) is status
