"""Reading a paper: bringing it, correcting what was understood, giving all of it out, the place of a task."""

from __future__ import annotations

import re
from datetime import date

import pytest

from tests.web.pages import words
from tracker.intake.draft import Draft, DraftCitation, DraftTask, Read, from_data
from tracker.models import db
from tracker.models.directive import Directive
from tracker.models.intake import IntakeDraft
from tracker.operations import reading
from tracker.operations.recording import Stamp

TODAY = date(2026, 3, 3)
"""A Tuesday."""

PLAIN = """UBND THÀNH PHỐ SÔNG HƯƠNG
Số: 77/UBND-NV
Sông Hương, ngày 02 tháng 3 năm 2026
Thực hiện Kế hoạch số 12/KH-UBND ngày 05/01/2026, UBND thành phố yêu cầu:
1. Phòng Nội vụ lập danh sách thủ tục cần rà soát; Phòng Tài chính bố trí kinh phí trước ngày 20/3/2026.
2. UBND các xã, thị trấn niêm yết thủ tục trước ngày 25/3/2026.
3. Phòng TNMT đo lại ranh giới đất công.
CHỦ TỊCH
Trần Quốc Hùng
"""


def spot(words):
    """Return where words stand in the paper."""
    start = PLAIN.index(words)
    return start, start + len(words)


def read(words, value=None, sure=1.0):
    return Read(value or words, *spot(words), sure=sure)


def asked(key, words, **parts):
    return DraftTask(key, words, *spot(words), item=str(key), **parts)


FIRST = (
    "Phòng Nội vụ lập danh sách thủ tục cần rà soát; Phòng Tài chính bố trí kinh phí trước ngày 20/3/2026."
)


def understood():
    """What a reader would have understood of the paper."""
    return Draft(
        header={
            "number": read("77/UBND-NV"), "kind": Read("CV"),
            "issued_on": read("ngày 02 tháng 3 năm 2026", "2026-03-02"),
            "issuer": Read("UBND thành phố Sông Hương", *spot("UBND THÀNH PHỐ SÔNG HƯƠNG")),
            "subject": Read("Rà soát thủ tục hành chính", sure=0.4),
            "signer": read("Trần Quốc Hùng"), "signer_title": Read("Chủ tịch", *spot("CHỦ TỊCH")),
        },
        citations=(
            DraftCitation(1, "Kế hoạch số 12/KH-UBND ngày 05/01/2026",
                          *spot("Kế hoạch số 12/KH-UBND ngày 05/01/2026"), is_basis=True),
        ),
        tasks=(
            asked(1, FIRST, lead=(read("Phòng Nội vụ"), read("Phòng Tài chính")),
                  due=read("trước ngày 20/3/2026"), due_on=date(2026, 3, 19)),
            asked(2, "UBND các xã, thị trấn niêm yết thủ tục trước ngày 25/3/2026.",
                  lead=(read("UBND các xã, thị trấn"),), due=read("trước ngày 25/3/2026"),
                  due_on=date(2026, 3, 24)),
            asked(3, "Phòng TNMT đo lại ranh giới đất công.", lead=(read("Phòng TNMT"),)),
        ),
    )  # fmt: skip


@pytest.fixture(autouse=True)
def today(on_day):
    on_day(TODAY)


@pytest.fixture
def row(cast):
    from datetime import UTC, datetime

    stamp = Stamp(on=TODAY, by=cast.tracker, at=datetime(2026, 3, 3, 2, tzinfo=UTC))
    return reading.start(cast.city, PLAIN, understood(), stamp=stamp)


def sent(client, row, step="save", **changes):
    """Send the page of a draft as it stands, with some fields typed anew."""
    page = client.get(f"/doc-van-ban/{row.id}")
    return client.post(f"/doc-van-ban/{row.id}", data=fields_of(page.text) | changes | {"step": step})


def fields_of(page):
    """Return what a browser would send of the form of a page."""
    from html import unescape

    found = {}
    for tag in re.findall(r"<input[^>]*>", page):
        name = re.search(r'name="([^"]*)"', tag)
        if name and not ('type="checkbox"' in tag and "checked" not in tag.replace('type="checkbox"', "")):
            got = re.search(r'value="([^"]*)"', tag)
            found[name[1]] = unescape(got[1]) if got else ""
    areas = r'<textarea[^>]* name="([^"]*)"[^>]*>\r?\n?(.*?)</textarea>'
    for name, text in re.findall(areas, page, re.DOTALL):
        found[name] = unescape(text)
    for name, options in re.findall(r'<select[^>]* name="([^"]*)"[^>]*>(.*?)</select>', page, re.DOTALL):
        chosen = re.search(r'<option selected value="([^"]*)"', options)
        first = re.search(r'<option value="([^"]*)"', options)
        found[name] = unescape((chosen or first)[1])
    return found


def stored(row):
    db.session.refresh(row)
    return from_data(row.content)


def test_a_pasted_paper_becomes_a_draft_that_the_office_finds_again(cast, client_of):
    client = client_of(cast.tracker)

    answer = client.post("/doc-van-ban", data={"text": PLAIN, "unit": str(cast.city.id), "token": "t1"})

    row = db.session.query(IntakeDraft).one()
    assert answer.location == f"/doc-van-ban/{row.id}"
    assert "77/UBND-NV" in words(client.get(answer.location))
    assert f"/doc-van-ban/{row.id}" in client.get("/doc-van-ban").text
    assert db.session.query(Directive).count() == 0


def test_the_paper_and_what_was_understood_lead_to_each_other(cast, client_of, row):
    page = client_of(cast.tracker).get(f"/doc-van-ban/{row.id}").text

    assert re.search(r'id="cho-1".*?href="#viec-1"', page, re.DOTALL)
    assert 'id="viec-1"' in page
    assert 'href="#cho-1"' in page
    assert 'id="cho-dau-number" href="#dau-number">77/UBND-NV</a>' in page
