"""Links in mails survive signing in, a second step and a new password; what was typed is not lost."""

from __future__ import annotations

import re
import time
from datetime import date
from html import unescape
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from flask import current_app
from flask_security import hash_password

from tests.conftest import sign_in
from tests.web.pages import words
from tracker.models import db
from tracker.rules.status import State
from tracker.web.signin import is_local

TODAY = date(2026, 3, 10)
PASSWORD = "thuyền giấy bốn mùa"
OTHER = "cầu tre nắng sớm"
TYPED = "Đã họp với Phòng Tài chính,\r\ncòn thiếu số liệu."
HERE = {"Origin": "http://localhost"}


@pytest.fixture(autouse=True)
def today(on_day):
    on_day(TODAY)


@pytest.fixture
def officer(cast):
    cast.officer.password = hash_password(PASSWORD)
    db.session.commit()
    return cast.officer


@pytest.fixture
def guarded(officer):
    """The officer with a second step."""
    factory = current_app.extensions["security"].totp_factory
    officer.tf_primary_method = "authenticator"
    officer.tf_totp_secret = factory.generate_totp_secret()
    factory.used.clear()
    db.session.commit()
    return officer


def fill_in(client, page, **typed):
    """Send the form of a page as a browser does: to its address, with its hidden fields."""
    main = page.text.split("<main")[1]
    form = re.search(r'<form[^>]*method="post"[^>]*action="([^"]*)"[^>]*>(.*?)</form>', main, re.DOTALL)
    hidden = {}
    for tag in re.findall(r'<input[^>]*type="hidden"[^>]*>', form[2]):
        name, value = (re.search(rf'{key}="([^"]*)"', tag) for key in ("name", "value"))
        hidden[name[1]] = unescape(value[1]) if value else ""
    return client.post(unescape(form[1]), data=hidden | typed)


def follow(client, response):
    assert response.status_code in (302, 303), words(response)
    return client.get(response.headers["Location"])


def code_of(user):
    factory = current_app.extensions["security"].totp_factory
    return factory._totp.from_source(user.tf_totp_secret).generate(time.time()).token


@pytest.fixture
def link(cast):
    """A link as a mail carries it, with a question of its own."""
    task = cast.make_task(state=State.IN_PROGRESS)
    return f"/nhiem-vu/{task.id}?ngay=05/3&x={quote('đề án', safe='')}%26y"


@pytest.mark.usefixtures("csrf_on")
def test_a_link_leads_to_its_page_after_the_password(client, officer, link):
    form = follow(client, client.get(link))

    landed = fill_in(client, form, login="ha", password=PASSWORD)

    assert landed.headers["Location"] == link
    assert client.get(link).status_code == 200


@pytest.mark.usefixtures("csrf_on")
def test_a_link_outlives_a_wrong_password(client, officer, link):
    refused = fill_in(client, follow(client, client.get(link)), login="ha", password="không phải đâu nhé")

    landed = fill_in(client, refused, login="ha", password=PASSWORD)

    assert landed.headers["Location"] == link


@pytest.mark.usefixtures("csrf_on")
def test_a_link_leads_to_its_page_after_two_steps_and_a_wrong_code(client, guarded, link):
    second = follow(client, fill_in(client, follow(client, client.get(link)), login="ha", password=PASSWORD))
    refused = fill_in(client, second, code="000000")

    landed = fill_in(client, refused, code=code_of(guarded))

    assert refused.status_code == 422
    assert landed.headers["Location"] == link
    assert client.get(link).status_code == 200


@pytest.mark.usefixtures("csrf_on")
def test_a_link_leads_to_its_page_after_a_recovery_code(client, client_of, guarded, link):
    made = client_of(guarded)
    shown = fill_in(made, made.get("/tai-khoan/ma-du-phong")).text
    (code, *_others) = re.findall(r"\b[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}\b", shown)
    second = follow(client, fill_in(client, follow(client, client.get(link)), login="ha", password=PASSWORD))
    address = re.search(r'href="(/dang-nhap/ma-du-phong[^"]*)"', second.text)[1]

    landed = fill_in(client, client.get(unescape(address)), code=code)

    assert landed.headers["Location"] == link


@pytest.mark.usefixtures("csrf_on")
def test_a_link_leads_to_its_page_after_the_first_password_was_changed(client, officer, link):
    officer.must_change_password = True
    db.session.commit()
    signed_in = fill_in(client, follow(client, client.get(link)), login="ha", password=PASSWORD)
    change = follow(client, client.get(signed_in.headers["Location"]))

    landed = fill_in(client, change, password=PASSWORD, new_password=OTHER, new_password_confirm=OTHER)

    assert landed.headers["Location"] == link
    assert client.get(link).status_code == 200


def test_the_part_behind_the_sign_may_be_carried_in_the_form(client, officer):
    response = client.post(
        "/dang-nhap", data={"login": "ha", "password": PASSWORD, "next": "/nhiem-vu/12?x=y#lich-su"}
    )

    assert response.headers["Location"] == "/nhiem-vu/12?x=y#lich-su"


def test_who_is_signed_in_already_goes_on_at_once(client_of, officer, link):
    browser = client_of(officer)

    for page in ("/dang-nhap", "/dang-nhap/ma"):
        assert browser.get(page, query_string={"next": link}).headers["Location"] == link


def test_somebody_who_may_not_see_the_page_is_told_so_after_signing_in(client, cast, officer):
    foreign = cast.make_task(unit=cast.commune, tracker=None, leader=None, coordinating=[])
    form = follow(client, client.get(f"/nhiem-vu/{foreign.id}"))

    landed = fill_in(client, form, login="ha", password=PASSWORD)

    assert client.get(landed.headers["Location"]).status_code == 404


FOREIGN = [
    "//evil.example", "///evil.example", "////evil.example/%2f..", "\\\\evil.example", "/\\evil.example",
    "\\/evil.example", "https:evil.example", "https:/evil.example", "https://evil.example",
    "http://localhost@evil.example", "http://localhost/nhiem-vu", "javascript:alert(1)", "data:text/html,x",
    "/\t/evil.example", "/\r\n/evil.example", "\x01//evil.example", " //evil.example", "\u200a//evil.example",
    "evil.example", "nhiem-vu", "?x", "#x", "http:///evil.example", "//localhost/nhiem-vu", "/\u2028/evil",
]  # fmt: skip


@pytest.mark.parametrize("address", FOREIGN)
@pytest.mark.parametrize("path", ["/dang-nhap", "/dang-nhap/ma", "/tai-khoan/mat-khau"])
def test_no_address_outside_of_this_installation_is_followed(client, client_of, officer, address, path):
    browser = client_of(officer) if path.startswith("/tai-khoan") else client
    typed = {
        "login": "ha", "password": PASSWORD, "code": "1", "new_password": OTHER,
        "new_password_confirm": OTHER,
    }  # fmt: skip

    asked = browser.get(path, query_string={"next": address})
    in_address = browser.post(path, query_string={"next": address}, data=typed)
    in_form = browser.post(path, data=typed | {"next": address})

    assert not is_local(address)
    assert (asked.status_code, asked.headers["Location"]) == (302, path)
    assert (in_address.status_code, in_form.status_code) == (400, 400)


@pytest.mark.parametrize("address", ["/%2Fevil.example", "/%5Cevil.example", "/%252F%252Fevil.example/"])
def test_an_encoded_stroke_stays_a_path_of_this_installation(client, officer, address):
    asked = client.get(address)
    landed = client.post("/dang-nhap", data={"login": "ha", "password": PASSWORD, "next": address})

    for location in (asked.headers.get("Location", "/"), landed.headers["Location"]):
        assert not urlsplit(location).netloc
        assert location.startswith("/")
        assert not location.startswith(("//", "/\\"))


def test_a_path_that_begins_with_two_strokes_is_not_carried_along(client, officer):
    asked = client.get("/nhiem-vu")
    strange = client.get("//evil.example/nhiem-vu")

    assert parse_qs(urlsplit(asked.headers["Location"]).query) == {"next": ["/nhiem-vu"]}
    assert strange.status_code in (302, 308, 404)
    assert "evil" not in urlsplit(strange.headers.get("Location", "")).netloc


# A session that ended while somebody typed


def ended(client, user):
    """End the session of a signed-in browser, as a new password elsewhere does."""
    user.fs_uniquifier = "mot-phien-khac"
    db.session.commit()


def typed_on(page):
    fields = re.findall(r"<textarea[^>]*readonly>\n(.*?)</textarea>", page.text, re.DOTALL)
    return [unescape(text) for text in fields]


def test_what_was_typed_in_an_ended_session_is_shown_with_the_way_back(client_of, cast, officer):
    task = cast.make_task(state=State.IN_PROGRESS)
    browser = client_of(officer)
    ended(browser, officer)

    typed = {"text": TYPED, "difficulties": "Chưa có kinh phí", "percent": "30"}
    page = browser.post(
        f"/nhiem-vu/{task.id}/tien-do", headers=HERE, data=typed | {"token": "a b", "seen": "1 1"}
    )

    assert page.status_code == 403
    assert typed_on(page) == [TYPED, "Chưa có kinh phí"]
    assert "Phiên đăng nhập đã hết" in words(page)
    assert f'href="/dang-nhap?next=/nhiem-vu/{task.id}/tien-do"' in page.text
    assert task.percent == 0


def test_a_form_without_words_leads_to_signing_in_and_says_that_nothing_was_done(client_of, cast, officer):
    task = cast.make_task()
    browser = client_of(officer)
    ended(browser, officer)

    sent = browser.post(f"/nhiem-vu/{task.id}/tiep-nhan", data={"officer": "3"}, headers=HERE)

    assert sent.headers["Location"] == f"/dang-nhap?next=/nhiem-vu/{task.id}/tiep-nhan"
    assert "thao tác vừa rồi chưa được thực hiện" in words(browser.get(sent.headers["Location"]))
    assert task.state is State.NOT_STARTED


def test_a_form_without_a_page_of_its_own_leads_home_after_signing_in(client_of, officer):
    browser = client_of(officer)
    ended(browser, officer)

    assert browser.post("/tai-khoan/thu-nhac", data={"digest": "weekly"}).headers["Location"] == "/dang-nhap"


@pytest.mark.usefixtures("csrf_on")
def test_what_was_typed_when_the_whole_session_is_gone_is_shown_too(client, cast):
    task = cast.make_task(state=State.IN_PROGRESS)

    page = client.post(f"/nhiem-vu/{task.id}/tien-do", data={"text": TYPED}, headers=HERE)

    assert page.status_code == 400
    assert typed_on(page) == [TYPED]
    assert f'href="/dang-nhap?next=/nhiem-vu/{task.id}/tien-do"' in page.text


@pytest.mark.usefixtures("csrf_on")
def test_a_page_that_grew_old_under_another_session_leads_back_to_itself(client_of, cast):
    task = cast.make_task(state=State.IN_PROGRESS)

    page = client_of(cast.officer).post(f"/nhiem-vu/{task.id}/tien-do", data={"text": TYPED}, headers=HERE)

    assert typed_on(page) == [TYPED]
    assert f'href="/nhiem-vu/{task.id}/tien-do" target="_blank"' in page.text


@pytest.mark.parametrize("headers", [{}, {"Origin": "http://evil.example"}, {"Origin": "null"},
                                     {"Sec-Fetch-Site": "cross-site"}])  # fmt: skip
@pytest.mark.usefixtures("csrf_on")
def test_no_other_site_puts_words_on_our_page(client, cast, headers):
    task = cast.make_task(state=State.IN_PROGRESS)

    page = client.post(f"/nhiem-vu/{task.id}/tien-do", data={"text": TYPED}, headers=headers)

    assert page.status_code == 400
    assert "Đã họp" not in page.text


@pytest.mark.usefixtures("csrf_on")
def test_an_old_sign_in_page_leads_on_and_shows_no_password(client, client_of, officer):
    data = {"login": "ha", "password": "một hai ba bốn", "next": "/nhiem-vu?x=y"}

    signed_out = client.post("/dang-nhap", data=data, headers=HERE)
    signed_in = client_of(officer).post("/dang-nhap", data=data, headers=HERE)
    foreign = client_of(officer).post("/dang-nhap", data=data | {"next": "javascript:alert(1)"}, headers=HERE)

    assert {page.status_code for page in (signed_out, signed_in, foreign)} == {400}
    assert 'href="/dang-nhap?next=/nhiem-vu?x%3Dy"' in signed_out.text
    assert 'href="/nhiem-vu?x=y"' in signed_in.text
    assert "javascript:" not in foreign.text
    assert "một hai ba bốn" not in signed_out.text + signed_in.text + foreign.text


def test_the_fixture_really_ends_the_session(client_of, officer):
    browser = client_of(officer)
    assert browser.get("/tai-khoan").status_code == 200

    ended(browser, officer)

    assert browser.get("/tai-khoan").status_code == 302
    sign_in(browser, officer)
    assert browser.get("/tai-khoan").status_code == 200
