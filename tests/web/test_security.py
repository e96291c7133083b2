"""Headers, cookies, hosts, sizes and words: what every answer keeps to."""

import ast
import re
from pathlib import Path

import flask_security
import flask_wtf
import pytest
import wtforms
from flask import current_app, request, request_started

import config
from tests.conftest import make_app
from tracker.rules.passwords import WeakPassword, require_good_password
from tracker.web.signin import SETTINGS
from tracker.web.signin.words import FIELD_WORDS

ROOT = Path(__file__).resolve().parents[2]
SECRET = "Zq3vN8kP0wYx7LmB2cRt6HsJ9dFg4EaU1oXi5CbV"  # long and random enough for production
PRODUCTION = {
    "TRACKER_MODE": "production", "SECRET_KEY": SECRET, "SECURITY_PASSWORD_SALT": SECRET[::-1],
    "SECURITY_TOTP_SECRET": SECRET.swapcase(), "BASE_URL": "https://dondoc.song-huong.example",
    "DATABASE_URL": "postgresql://localhost/dondoc",
}  # fmt: skip


@pytest.fixture
def production(databases, database, tmp_path):
    """An application as a real office starts it."""
    values = config.load(PRODUCTION | {"TRACKER_INSTANCE": str(tmp_path)})
    return make_app(databases.fresh(database), **{
        key: value for key, value in values.items() if key != "SQLALCHEMY_DATABASE_URI"
    })  # fmt: skip


@pytest.mark.parametrize("path", ["/dang-nhap", "/khong-co", "/healthz", "/static/app.css", "/"])
def test_every_answer_carries_the_headers(client, path):
    headers = client.get(path).headers

    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "Strict-Transport-Security" not in headers


def test_the_content_policy_allows_nothing_inline_and_nothing_foreign(client):
    policy = client.get("/dang-nhap").headers["Content-Security-Policy"]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))

    assert "unsafe" not in policy
    assert "http" not in policy
    assert rules["default-src"] == "'self'"
    assert rules["object-src"] == rules["frame-ancestors"] == "'none'"
    assert rules["form-action"] == rules["base-uri"] == "'self'"


def test_no_page_has_inline_style_script_or_handler():
    inline = re.compile(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=|javascript:|\|\s*safe\b")
    pages = [path for path in (ROOT / "templates").rglob("*.html") if "emails" not in path.parts]

    assert [path.name for path in pages if inline.search(path.read_text(encoding="utf-8"))] == []


def test_pages_are_not_kept_by_browsers_or_proxies(client, client_of, cast):
    for response in (client.get("/dang-nhap"), client_of(cast.officer).get("/tai-khoan")):
        assert "no-store" in response.headers["Cache-Control"]


def test_the_session_cookie_is_guarded_in_production(production):
    response = production.test_client().get("/dang-nhap", base_url="https://dondoc.song-huong.example")

    (cookie,) = response.headers.getlist("Set-Cookie")
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))
    assert response.headers["Strict-Transport-Security"] == "max-age=31536000"


def test_nobody_is_remembered_longer_than_a_session(client, cast):
    page = client.get("/dang-nhap").get_data(as_text=True)

    assert 'name="remember"' not in page
    assert current_app.config["REMEMBER_COOKIE_HTTPONLY"]
    assert current_app.config["REMEMBER_COOKIE_SAMESITE"] == "Lax"


def test_another_host_name_is_refused_in_production(production):
    client = production.test_client()

    assert client.get("/dang-nhap", base_url="https://evil.example").status_code == 400
    assert client.get("/dang-nhap", base_url="https://dondoc.song-huong.example").status_code == 200
    assert client.get("/healthz", base_url="http://127.0.0.1:8000").status_code in (200, 503)


def test_forwarded_addresses_count_only_behind_a_declared_proxy(databases, database):
    seen = {}
    for proxies in (0, 1):
        app = make_app(databases.fresh(database), TRUSTED_PROXIES=proxies)

        def look(_app, proxies=proxies):
            seen[proxies] = request.remote_addr

        with request_started.connected_to(look, app):
            app.test_client().get("/dang-nhap", headers={"X-Forwarded-For": "10.9.8.7"})

    assert seen == {0: "127.0.0.1", 1: "10.9.8.7"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TRUSTED_PROXIES", "-1"),
        ("SIGN_IN_FAILURES_PER_LOGIN", "nhiều"),
        ("SIGN_IN_FAILURES_PER_ADDRESS", "1e9"),
    ],
)
def test_an_odd_setting_stops_the_start(tmp_path, name, value):
    with pytest.raises(config.BadConfiguration, match=name):
        config.load(PRODUCTION | {"TRACKER_INSTANCE": str(tmp_path), name: value})


def test_a_request_that_is_too_large_is_refused_with_a_page(client, app):
    app.config["MAX_CONTENT_LENGTH"] = 1_000

    response = client.post("/dang-nhap", data={"login": "x" * 2_000})

    assert response.status_code == 413
    assert "<h1>" in response.get_data(as_text=True)


def test_a_change_without_the_token_is_refused_in_vietnamese(client_of, cast, csrf_on):
    response = client_of(cast.officer).post("/tai-khoan/thu-nhac", data={"digest": "weekly"})

    assert response.status_code == 400
    assert "Chưa có gì bị thay đổi" in response.get_data(as_text=True)
    assert cast.officer.digest == "daily"


@pytest.mark.parametrize("path", ["/dang-nhap", "/tai-khoan/mat-khau", "/tai-khoan/hai-buoc"])
def test_the_sign_in_library_takes_and_answers_no_json(client_of, cast, path):
    client = client_of(cast.officer)

    sent = client.post(path, json={"login": "ha", "password": ["x"]})
    asked = client.get(path, headers={"Accept": "application/json"})

    assert sent.status_code == 400
    assert asked.mimetype == "text/html"


def test_no_token_in_an_address_or_header_signs_anybody_in(client, cast, app):
    with app.test_request_context():
        token = cast.officer.get_auth_token()

    in_address = client.get("/tai-khoan", query_string={"auth_token": token})
    in_header = client.get("/tai-khoan", headers={"Authentication-Token": token})

    assert (in_address.status_code, in_header.status_code) == (302, 302)


def test_every_message_of_the_form_library_has_its_vietnamese_words():
    said = set()
    for package in (wtforms, flask_wtf):
        for path in Path(package.__file__).parent.rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in ("gettext", "ngettext"):
                    words = [each.value for each in node.args if isinstance(each, ast.Constant)]
                    said |= {word for word in words if isinstance(word, str)}

    assert said
    assert said - FIELD_WORDS.keys() == set()


def test_no_message_of_a_page_of_the_sign_in_library_is_left_in_english(app):
    used = set()
    folder = Path(flask_security.__file__).parent
    for name in ("views", "forms", "recovery_codes", "tf_plugin", "twofactor", "decorators"):
        source = (folder / f"{name}.py").read_text(encoding="utf-8")
        used |= set(re.findall(r'get_message\(\s*"([A-Z_]+)"', source))
    switched_off = re.compile(
        "EMAIL|CONFIRM|RESET|RECOVERY_?(?:REQUEST)?$|REGISTER|USERNAME|IDENTITY|PHONE|LOGIN_(?:EXPIRED|TOKEN)"
        "|PASSWORDLESS|INVALID_LOGIN_TOKEN|FORGOT|OAUTH|US_|CODE_HAS|FAILED_TO|USE_CODE|WEBAUTHN|REFRESH_TOKEN|GENERIC_R"
    )

    left = {name for name in used if f"SECURITY_MSG_{name}" not in SETTINGS and not switched_off.search(name)}

    assert left == set()


@pytest.mark.parametrize(
    "password",
    ["ngắn quá", "0987654321", "qwertyuiop", "Vietnam@2026", "binhbinhbinh", "abababababab", "x" * 129],
)
def test_what_is_guessed_first_is_no_password(password):
    with pytest.raises(WeakPassword):
        require_good_password(password, about=["binh", "Nguyễn Văn Bình"])


@pytest.mark.parametrize("password", ["thuyền giấy bốn mùa", "Tr0ng-vuon-k7", "năm con cá nhỏ", "x7#kQ!m2Lp"])
def test_an_ordinary_good_password_passes(password):
    require_good_password(password, about=["binh", "Nguyễn Văn Bình", "Phòng Nội vụ"])
