"""The status reply to a document of the national document exchange (edXML, QCVN 102:2016/BTTTT).

A sender learns from it that its document came, was taken, is worked on or is done
(Quyết định 28/2018/QĐ-TTg).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from lxml import etree

from tracker.rules.status import State
from tracker.rules.text import nfc
from tracker.rules.words import N_

NAMESPACE = "http://www.mic.gov.vn/TBT/QCVN_102_2016"
_VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")


class Status(StrEnum):
    """Where a document stands, by the codes of the exchange."""

    ARRIVED = "01"
    REFUSED = "02"
    TAKEN = "03"
    ASSIGNED = "04"
    IN_WORK = "05"
    DONE = "06"


STATUS_WORDS = {
    Status.ARRIVED: N_("Đã đến"),
    Status.REFUSED: N_("Từ chối tiếp nhận"),
    Status.TAKEN: N_("Đã tiếp nhận"),
    Status.ASSIGNED: N_("Đã phân công"),
    Status.IN_WORK: N_("Đang xử lý"),
    Status.DONE: N_("Đã hoàn thành"),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """The document that an envelope brought, in the sender's words: whose it is, and how it is named there.

    `code` is number and notation, `issued_on` its day as ISO text, empty when the envelope does not say;
    `to_organ_ids` are the offices that it was sent to.
    """

    organ_id: str
    organ_name: str
    document_id: str
    code: str
    issued_on: str
    to_organ_ids: list[str]


@dataclass(frozen=True, slots=True)
class Reply:
    """What a status reply says: of which document, by whom, and where it stands at which moment.

    `by_…` is the office that answers. `at` is an aware moment; it is written in Vietnam time.
    """

    asked: Asked
    by_organ_id: str
    by_name: str
    status: Status
    at: datetime
    description: str = ""
    department: str = ""
    staff: str = ""


def standing(states: Collection[State], *, recurs: bool = False) -> Status:
    """Return where a document stands whose tasks have these states (those that its receiver gave).

    `recurs` says that turns of a recurring task are still to come: such a document is never done. Without
    tasks it is taken; with all tasks withdrawn it is sent back.
    """
    given = {each for each in states if each is not State.DRAFT}
    kept = given - {State.CANCELLED}
    if given and not kept and not recurs:
        return Status.REFUSED
    if kept == {State.COMPLETED} and not recurs:
        return Status.DONE
    if kept - {State.NOT_STARTED}:
        return Status.IN_WORK
    return Status.ASSIGNED if kept or recurs else Status.TAKEN


def as_edxml(reply: Reply) -> bytes:
    """Return the reply as an edXML file; the same reply gives the same bytes.

    All below its root carry the prefix edXML: programs look for that instead of asking for the namespace.
    """
    root = etree.Element(f"{{{NAMESPACE}}}edXML", nsmap={None: NAMESPACE})
    envelope = etree.SubElement(root, f"{{{NAMESPACE}}}edXMLEnvelope", nsmap={"edXML": NAMESPACE})
    header = _below(envelope, "edXMLHeader")
    status = _below(header, "Status")
    answered = _below(status, "ResponseFor")
    _say(answered, "OrganId", reply.asked.organ_id)
    _say(answered, "Code", reply.asked.code)
    _say(answered, "PromulgationDate", reply.asked.issued_on.replace("-", "/"))
    _say(answered, "DocumentId", reply.asked.document_id)
    sender = _below(status, "From")
    _say(sender, "OrganId", reply.by_organ_id)
    _say(sender, "OrganizationInCharge", reply.by_name)
    _say(sender, "OrganName", reply.by_name)
    _say(status, "StatusCode", reply.status.value)
    _say(status, "Description", reply.description or STATUS_WORDS[reply.status])
    _say(status, "Timestamp", f"{reply.at.astimezone(_VIETNAM):%Y/%m/%d %H:%M:%S}")
    staff = _below(status, "StaffInfo")
    _say(staff, "Department", reply.department)
    _say(staff, "Staff", reply.staff)
    _below(_below(envelope, "edXMLBody"), "edXMLManifest")
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _below(parent: etree._Element, name: str) -> etree._Element:
    return etree.SubElement(parent, f"{{{NAMESPACE}}}{name}")


def _say(parent: etree._Element, name: str, words: str) -> None:
    kept = "".join(each for each in nfc(words) if each.isprintable())
    _below(parent, name).text = kept
