"""Signing in, the second step, one's own account: what a person meets, and what an attacker does not."""

import re
import time
import unicodedata
from datetime import date
from html import unescape

import pytest
from flask import current_app
from flask_security import hash_password

from tests.conftest import make_app, sign_in
from tests.factories import make_cast
from tracker import create_app
from tracker.models import db
from tracker.models.people import Digest, User
from tracker.operations import history, people
from tracker.operations.recording import Stamp
from tracker.web.signin import forms

TODAY = date(2026, 3, 10)
PASSWORD = "thuyền giấy bốn mùa"
OTHER = "cầu tre nắng sớm"
REFUSED = "Tên đăng nhập hoặc mật khẩu không đúng."


@pytest.fixture(autouse=True)
def today(on_day):
    on_day(TODAY)


@pytest.fixture
def officer(cast):
    cast.officer.password = hash_password(PASSWORD)
    db.session.commit()
    return cast.officer


def typed(login="ha", password=PASSWORD, **more):
    return {"login": login, "password": password} | more


def words(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", response.get_data(as_text=True)))


def is_signed_in(client):
    return client.get("/tai-khoan").status_code == 200


def key_of(page):
    return re.search(r'class="key">([^<]+)<', page.get_data(as_text=True))[1]


def code_now(user, steps=0):
    factory = current_app.extensions["security"].totp_factory
    return factory._totp.from_source(user.tf_totp_secret).generate(time.time() + 30 * steps).token


@pytest.fixture
def guarded(officer):
    """The officer with a second step."""
    officer.tf_primary_method = "authenticator"
    officer.tf_totp_secret = current_app.extensions["security"].totp_factory.generate_totp_secret()
    db.session.commit()
    current_app.extensions["security"].totp_factory.used.clear()
    return officer


def test_the_right_password_signs_in_and_leads_home(client, officer):
    response = client.post("/dang-nhap", data=typed())

    assert response.status_code == 302
    assert response.headers["Location"] == "/"
    assert is_signed_in(client)


@pytest.mark.parametrize("login", ["ha", " ha ", "Ha", "HA"])
def test_a_login_is_found_as_a_telephone_types_it(client, officer, login):
    client.post("/dang-nhap", data=typed(login))

    assert is_signed_in(client)


def test_nobody_learns_whether_login_or_password_was_wrong(client, officer, cast):
    wrong_password = client.post("/dang-nhap", data=typed(password="không phải đâu nhé"))
    no_such_login = client.post("/dang-nhap", data=typed("khong-co"))
    no_password_yet = client.post("/dang-nhap", data=typed("binh"))

    assert {r.status_code for r in (wrong_password, no_such_login, no_password_yet)} == {422}
    told = [words(r).replace("khong-co", "ha").replace("binh", "ha") for r in
            (wrong_password, no_such_login, no_password_yet)]  # fmt: skip
    assert told[0] == told[1] == told[2]
    assert REFUSED in told[0]


def test_an_unknown_login_costs_the_work_of_a_known_one(client, officer, monkeypatch):
    hashed = []
    monkeypatch.setattr("flask_security.forms.hash_password", lambda password: hashed.append(password))

    client.post("/dang-nhap", data=typed("khong-co"))

    assert hashed == [PASSWORD]


def test_the_login_typed_is_kept_and_the_password_is_not(client, officer):
    page = client.post("/dang-nhap", data=typed(password="không phải đâu nhé")).get_data(as_text=True)

    assert 'value="ha"' in page
    assert "không phải đâu nhé" not in page


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({}, "Nhập tên đăng nhập."),
        ({"login": "ha"}, "Nhập mật khẩu."),
        ({"login": "  ", "password": "x"}, "Nhập tên đăng nhập."),
        ({"login": "ha\x00", "password": "x\x00y"}, REFUSED),
        ({"login": "h" * 10_000, "password": "x"}, REFUSED),
        ({"login": "ha", "password": "x" * 10_000}, "Mật khẩu dài quá 128 ký tự."),
    ],
)
def test_odd_input_is_refused_with_a_clear_sentence(client, officer, values, said):
    response = client.post("/dang-nhap", data=values)

    assert response.status_code == 422
    assert said in words(response)


def test_a_deep_link_survives_signing_in(client, officer):
    asked = client.get("/nhiem-vu?unit=3&q=%C4%91%E1%BB%81")
    form = client.get(asked.headers["Location"])
    hidden = unescape(re.search(r'name="next"[^>]*value="([^"]*)"', form.get_data(as_text=True))[1])

    response = client.post("/dang-nhap", data=typed(next=hidden))

    assert response.headers["Location"] == "/nhiem-vu?unit=3&q=%C4%91%E1%BB%81"


FOREIGN = [
    "//evil.example/x", "https://evil.example/", "/\\evil.example", "\\\\evil.example", "http://[",
    "javascript:alert(1)", "/\t/evil.example", "/\n/evil.example", " //evil.example", "////evil.example",
    "x" * 5000, "/" + "x" * 5000,
]  # fmt: skip


@pytest.mark.parametrize("address", FOREIGN)
def test_signing_in_leads_to_no_foreign_address(client, officer, address):
    page = client.get("/dang-nhap", query_string={"next": address})
    response = client.post("/dang-nhap", data=typed(next=address))
    in_address = client.post("/dang-nhap", query_string={"next": address}, data=typed())

    assert (page.status_code, page.headers["Location"]) == (302, "/dang-nhap")
    assert (response.status_code, in_address.status_code) == (400, 400)


def test_a_session_is_new_after_signing_in(client, officer, csrf_on):
    client.get("/dang-nhap")
    with client.session_transaction() as kept:
        planted = kept["csrf_token"]
    page = client.get("/dang-nhap").get_data(as_text=True)
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)[1]

    client.post("/dang-nhap", data=typed(csrf_token=token))

    assert is_signed_in(client)
    with client.session_transaction() as kept:
        assert kept.get("csrf_token") != planted


def test_a_disabled_account_neither_signs_in_nor_stays_signed_in(client, client_of, cast, officer):
    open_one = client_of(officer)
    assert is_signed_in(open_one)
    people.correct(officer, stamp=Stamp(on=TODAY, by=cast.admin), active=False)

    response = client.post("/dang-nhap", data=typed())

    assert response.status_code == 422
    assert "ngừng hoạt động" in words(response)
    assert not is_signed_in(open_one)


def test_signing_out_takes_a_post_and_empties_the_session(client, officer):
    client.post("/dang-nhap", data=typed())

    assert client.get("/dang-xuat").status_code == 405
    response = client.post("/dang-xuat")

    assert response.headers["Location"] == "/dang-nhap"
    assert not is_signed_in(client)
    with client.session_transaction() as kept:
        assert "_user_id" not in kept


def test_a_password_is_stored_as_an_argon2_hash(client, officer):
    client.post("/dang-nhap", data=typed())

    client.post("/tai-khoan/mat-khau", data=change())

    assert officer.password.startswith("$argon2id$")


def test_outside_of_tests_guessing_a_password_is_dear(databases):
    with create_app({"SQLALCHEMY_DATABASE_URI": databases.blank("sqlite")}).app_context():
        kept = hash_password(PASSWORD)

    assert re.match(r"\$argon2id\$v=19\$m=65536,t=3,", kept)


def change(old=PASSWORD, new=OTHER, again=None):
    return {"password": old, "new_password": new, "new_password_confirm": new if again is None else again}


def test_changing_the_password_ends_the_other_sessions(client, client_of, officer):
    elsewhere = client_of(officer)
    client.post("/dang-nhap", data=typed())

    response = client.post("/tai-khoan/mat-khau", data=change())

    assert response.headers["Location"] == "/tai-khoan"
    assert "Đã đổi mật khẩu" in words(client.get("/tai-khoan"))
    assert not is_signed_in(elsewhere)


def test_who_must_change_the_password_can_do_nothing_before(client, officer):
    officer.must_change_password = True
    db.session.commit()
    client.post("/dang-nhap", data=typed())

    sent_on = [client.get(path).headers.get("Location") for path in ("/", "/nhiem-vu", "/tai-khoan/hai-buoc")]
    page = client.get("/tai-khoan/mat-khau")
    client.post("/tai-khoan/mat-khau", data=change())

    assert {address.partition("?")[0] for address in sent_on} == {"/tai-khoan/mat-khau"}
    assert "do quản trị đặt" in words(page)
    assert not officer.must_change_password
    assert is_signed_in(client)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (change(new="ngắn"), "ít nhất 10 ký tự"),
        (change(new="phamthuha1"), "dễ đoán"),
        (change(new="Matkhau@2026"), "dễ đoán"),
        (change(new="1234567890"), "dễ đoán"),
        (change(new="aaaaaaaaaaaa"), "dễ đoán"),
        (change(new="x" * 200), "dài quá 128"),
        (change(new=PASSWORD), "phải khác"),
        (change(again="khác hẳn cái kia"), "không giống nhau"),
        (change(old="không phải đâu"), "Mật khẩu không đúng."),
        ({}, "Nhập mật khẩu."),
    ],
)
def test_a_bad_new_password_is_refused_at_its_field(client_of, officer, values, said):
    client = client_of(officer)
    before = officer.password

    response = client.post("/tai-khoan/mat-khau", data=values)

    assert response.status_code == 422
    assert said in words(response)
    assert officer.password == before


def test_the_second_step_is_turned_on_with_a_code_of_the_app(client_of, officer):
    client = client_of(officer)
    shown = client.post("/tai-khoan/hai-buoc", data={"setup": "authenticator"})
    action = re.search(r'action="(/tai-khoan/hai-buoc/[^"]+)"', shown.get_data(as_text=True))[1]
    key = key_of(shown)

    wrong = client.post(action, data={"code": "000000"})
    assert officer.tf_primary_method is None
    right = client.post(action, data={"code": code_of_key(key)})

    assert 'src="data:image/svg+xml;base64,' in shown.get_data(as_text=True)
    assert wrong.status_code == 422
    assert key_of(wrong) == key
    assert right.headers["Location"] == "/tai-khoan"
    assert officer.tf_primary_method == "authenticator"
    assert key.replace("-", "") not in officer.tf_totp_secret


def code_of_key(key):
    factory = current_app.extensions["security"].totp_factory
    return factory._totp(key=key.replace("-", ""), format="base32").generate().token


def test_with_a_second_step_the_password_alone_opens_nothing(client, guarded):
    response = client.post("/dang-nhap", data=typed(next="/nhiem-vu"))

    assert response.headers["Location"] == "/dang-nhap/ma?next=/nhiem-vu"
    assert not is_signed_in(client)
    wrong = client.post("/dang-nhap/ma?next=/nhiem-vu", data={"code": "000000"})
    assert wrong.status_code == 422
    right = client.post("/dang-nhap/ma?next=/nhiem-vu", data={"code": code_now(guarded)})
    assert right.headers["Location"] == "/nhiem-vu"
    assert is_signed_in(client)


def test_a_code_is_good_once(client, guarded):
    code = code_now(guarded)
    client.post("/dang-nhap", data=typed())
    client.post("/dang-nhap/ma", data={"code": code})
    client.post("/dang-xuat")
    client.post("/dang-nhap", data=typed())

    again = client.post("/dang-nhap/ma", data={"code": code})

    assert again.status_code == 422
    assert not is_signed_in(client)


@pytest.mark.parametrize("path", ["/dang-nhap/ma", "/dang-nhap/ma-du-phong"])
def test_the_second_step_without_the_first_leads_back(client, guarded, path):
    response = client.post(path, data={"code": code_now(guarded)})

    assert response.headers["Location"].startswith("/dang-nhap")
    assert not is_signed_in(client)


def test_a_signed_in_person_is_not_signed_out_by_the_page_for_the_code(client_of, officer):
    client = client_of(officer)

    client.get("/dang-nhap/ma")

    assert is_signed_in(client)


def test_a_recovery_code_stands_in_for_the_telephone_once(client, client_of, guarded):
    made = client_of(guarded).post("/tai-khoan/ma-du-phong").get_data(as_text=True)
    codes = re.findall(r'class="key">([0-9a-f-]+)<', made)
    client.post("/dang-nhap", data=typed())

    first = client.post("/dang-nhap/ma-du-phong", data={"code": codes[3]})
    client.post("/dang-xuat")
    client.post("/dang-nhap", data=typed())
    second = client.post("/dang-nhap/ma-du-phong", data={"code": codes[3]})

    assert len(codes) == 10
    assert first.headers["Location"] == "/"
    assert second.status_code == 422
    assert len(guarded.mf_recovery_codes) == 9
    assert not any(code in kept for code in codes for kept in guarded.mf_recovery_codes)


def test_turning_the_second_step_off_drops_its_secrets(client_of, guarded):
    client = client_of(guarded)
    client.post("/tai-khoan/ma-du-phong")

    client.post("/tai-khoan/hai-buoc", data={"setup": "disable"})

    kept = (guarded.tf_primary_method, guarded.tf_totp_secret, guarded.mf_recovery_codes)
    assert kept == (None, None, None)


@pytest.mark.parametrize("path", ["/tai-khoan/hai-buoc", "/tai-khoan/ma-du-phong"])
def test_what_guards_the_account_changes_only_after_the_password_was_given_again(client_of, officer, path):
    client = client_of(officer)
    with client.session_transaction() as kept:
        kept["fs_paa"] = time.time() - 31 * 60

    asked = client.get(path)
    wrong = client.post("/tai-khoan/xac-minh", data={"password": "không phải đâu nhé"})
    right = client.post("/tai-khoan/xac-minh", data={"password": PASSWORD, "next": path})

    assert asked.headers["Location"] == f"/tai-khoan/xac-minh?next={path}"
    assert wrong.status_code == 422
    assert right.headers["Location"] == path
    assert client.get(path).status_code == 200


@pytest.fixture
def throttled(databases, database, on_day):
    """An application that counts failures, with the officer, three failures a person and six an address."""
    app = make_app(databases.fresh(database), RATELIMIT_ENABLED=True,
                   SIGN_IN_FAILURES_PER_LOGIN=3, SIGN_IN_FAILURES_PER_ADDRESS=6)  # fmt: skip
    with app.app_context():
        cast = make_cast()
        for user in (cast.officer, cast.head):
            user.password = hash_password(PASSWORD)
        db.session.commit()
        yield app
        db.session.remove()
        db.engine.dispose()


def test_only_failures_count_and_too_many_pause_one_login(throttled):
    client = throttled.test_client()
    for _ in range(5):
        assert client.post("/dang-nhap", data=typed()).status_code == 302
        client.post("/dang-xuat")

    wrong = [typed(login, "sai rồi nhé") for login in ("ha", " HA", "ha")]
    bad = [client.post("/dang-nhap", data=values).status_code for values in wrong]
    paused = client.post("/dang-nhap", data=typed())
    other = client.post("/dang-nhap", data=typed("binh"))

    assert bad == [422] * 3
    assert paused.status_code == 429
    assert "quá nhiều lần" in words(paused)
    assert other.status_code == 302


def test_an_address_that_tries_many_logins_is_paused(throttled):
    client = throttled.test_client()
    for number in range(6):
        assert client.post("/dang-nhap", data=typed(f"nguoi-{number}", "sai rồi nhé")).status_code == 422

    paused = client.post("/dang-nhap", data=typed("binh"))
    elsewhere = client.post("/dang-nhap", data=typed("binh"), environ_base={"REMOTE_ADDR": "10.0.0.7"})

    assert paused.status_code == 429
    assert elsewhere.status_code == 302


def test_the_second_step_is_throttled_too(throttled):
    user = db.session.query(User).filter_by(login="ha").one()
    user.tf_primary_method = "authenticator"
    user.tf_totp_secret = throttled.extensions["security"].totp_factory.generate_totp_secret()
    db.session.commit()
    client = throttled.test_client()
    client.post("/dang-nhap", data=typed())

    tries = [client.post("/dang-nhap/ma", data={"code": "000000"}).status_code for _ in range(4)]

    assert tries == [422, 422, 422, 429]


def test_the_account_page_tells_who_one_is(client_of, cast):
    said = words(client_of(cast.officer).get("/tai-khoan"))

    told = ("Phạm Thu Hà", "Chuyên viên", "ha@song-huong.example", "Phòng Nội vụ", "01/01/2026", "Đang tắt")
    assert [text for text in told if text not in said] == []


def test_everybody_chooses_their_own_digest_and_the_history_keeps_it(own_app, databases, database):
    cast = make_cast()
    client = own_app.test_client()
    sign_in(client, cast.officer)
    db.session.commit()

    response = client.post("/tai-khoan/thu-nhac", data={"digest": "weekly"})

    assert response.status_code == 303
    assert cast.officer.digest is Digest.WEEKLY
    lines = list(history.dump())
    with make_app(databases.fresh(database)).app_context():
        history.load(lines)
        again = list(history.dump())
    assert '"by": "ha"' in lines[-1]
    assert '"set": {"digest": "weekly"}' in lines[-1]
    assert again == lines


def test_a_digest_that_is_none_is_refused(client_of, cast):
    response = client_of(cast.officer).post("/tai-khoan/thu-nhac", data={"digest": "hourly"})

    assert response.status_code == 422
    assert "không có trong danh sách" in words(response) or "Chọn" in words(response)
    assert cast.officer.digest is Digest.DAILY


def test_a_decomposed_password_is_the_same_password(client, officer):
    client.post("/dang-nhap", data=typed(password=unicodedata.normalize("NFD", PASSWORD)))

    assert is_signed_in(client)


def test_logins_longer_than_the_column_are_cut_and_found_by_nobody(session):
    assert forms.clean_login("x" * 100) == "x" * 64


def test_the_fixture_signs_in_like_the_form(client, cast):
    sign_in(client, cast.head)

    assert is_signed_in(client)
