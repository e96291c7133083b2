"""Signing in, with the library that keeps passwords, sessions and the second step (Flask-Security)."""

from __future__ import annotations

import base64
import hashlib
import time
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from flask import (
    Flask,
    abort,
    current_app,
    g,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import current_user, user_logged_in, user_logged_out
from flask_security import PasswordUtil, Security, SQLAlchemyUserDatastore
from flask_security.signals import password_changed, tf_disabled
from flask_security.totp import Totp
from flask_security.utils import check_and_get_token_status

from tracker.models import db, transaction
from tracker.models.people import HeldRole, User
from tracker.queries.frame import frame_of
from tracker.rules.passwords import LEAST, WeakPassword, require_good_password
from tracker.web.forms import say
from tracker.web.signin.forms import (
    CodeForm,
    OwnPasswordForm,
    PasswordAgainForm,
    RecoveryCodeForm,
    SecondStepForm,
    SignInForm,
    clean_login,
)
from tracker.web.signin.words import MESSAGES, FieldTranslations

LONGEST_NEXT = 2_000
"""Characters of an address to go on to after signing in."""

WINDOW = timedelta(minutes=10)
"""How long a failed attempt counts."""

SETTINGS: dict[str, Any] = {
    "SECURITY_LOGIN_URL": "/dang-nhap",
    "SECURITY_LOGOUT_URL": "/dang-xuat",
    "SECURITY_CHANGE_URL": "/tai-khoan/mat-khau",
    "SECURITY_VERIFY_URL": "/tai-khoan/xac-minh",
    "SECURITY_TWO_FACTOR_SETUP_URL": "/tai-khoan/hai-buoc",
    "SECURITY_MULTI_FACTOR_RECOVERY_CODES_URL": "/tai-khoan/ma-du-phong",
    "SECURITY_TWO_FACTOR_TOKEN_VALIDATION_URL": "/dang-nhap/ma",
    "SECURITY_MULTI_FACTOR_RECOVERY_URL": "/dang-nhap/ma-du-phong",
    "SECURITY_TWO_FACTOR_SELECT_URL": "/dang-nhap/cach",
    "SECURITY_TWO_FACTOR_RESCUE_URL": "/dang-nhap/cuu",
    "SECURITY_POST_LOGIN_VIEW": "/",
    "SECURITY_POST_LOGOUT_VIEW": "/dang-nhap",
    "SECURITY_POST_CHANGE_VIEW": "/tai-khoan",
    "SECURITY_POST_VERIFY_VIEW": "/tai-khoan",
    "SECURITY_TWO_FACTOR_POST_SETUP_VIEW": "/tai-khoan",
    "SECURITY_LOGOUT_METHODS": ["POST"],
    "SECURITY_STATIC_FOLDER": None,
    "SECURITY_CLI_USERS_NAME": None,
    "SECURITY_CLI_ROLES_NAME": None,
    "SECURITY_JOIN_USER_ROLES": False,
    "SECURITY_I18N_DOMAIN": "messages",
    "SECURITY_USER_IDENTITY_ATTRIBUTES": [{"login": {"mapper": clean_login}}],
    "SECURITY_RETURN_GENERIC_RESPONSES": False,  # SignInForm does it; the library would look for "email"
    "SECURITY_API_ENABLED_METHODS": ["session"],
    "SECURITY_CSRF_IGNORE_UNAUTH_ENDPOINTS": False,
    "SECURITY_INPUT_NORMALIZE_FORM": "NFC",
    "SECURITY_PASSWORD_NORMALIZE_FORM": "NFC",
    "SECURITY_PASSWORD_HASH": "argon2",
    "SECURITY_PASSWORD_SCHEMES": ["argon2"],
    "SECURITY_PASSWORD_LENGTH_MIN": LEAST,
    "SECURITY_CHANGEABLE": True,
    "SECURITY_SEND_PASSWORD_CHANGE_EMAIL": False,
    "SECURITY_FRESHNESS": timedelta(minutes=30),
    "SECURITY_FRESHNESS_GRACE_PERIOD": timedelta(minutes=15),
    "SECURITY_TWO_FACTOR": True,
    "SECURITY_TWO_FACTOR_ENABLED_METHODS": ["authenticator"],
    "SECURITY_TWO_FACTOR_RESCUE_EMAIL": False,
    "SECURITY_TWO_FACTOR_AUTHENTICATOR_VALIDITY": 60,
    "SECURITY_TOTP_ISSUER": "Đôn Đốc",
    "SECURITY_MULTI_FACTOR_RECOVERY_CODES": True,
    "SECURITY_MULTI_FACTOR_RECOVERY_CODES_N": 10,
    "REMEMBER_COOKIE_SAMESITE": "Lax",
    "WTF_CSRF_TIME_LIMIT": None,
    "RATELIMIT_STORAGE_URI": "memory://",
} | {f"SECURITY_MSG_{name}": message for name, message in MESSAGES.items()}

COUNTING_FAILURES = ("security", "feeds")
"""Where pages are limited: on pages of other blueprints the limiter is not asked."""
PASSWORD_PAGES = ("login", "verify", "change_password")
CODE_PAGES = ("two_factor_token_validation", "mf_recovery")
WRITING_PAGES = (
    "change_password", "two_factor_setup", "two_factor_setup_validate", "two_factor_token_validation",
    "mf_recovery", "mf_recovery_codes",
)  # fmt: skip


class Accounts(SQLAlchemyUserDatastore):
    """The accounts as the sign-in library reads and writes them."""

    def find_user(self, case_insensitive: bool = False, **wanted: Any) -> Any:
        """Return the person of a session with what every page needs, by one statement; for anything else ask
        as the library does."""
        if wanted.keys() != {"fs_uniquifier"}:
            return super().find_user(case_insensitive, **wanted)
        g.frame = frame_of(wanted["fs_uniquifier"])
        if g.frame is None:
            return None
        g.settings = g.frame.settings
        return g.frame.user

    def mf_delete_recovery_code(self, user: Any, idx: int) -> bool:
        """Take a used code away; the list is replaced, because a change inside it would not be stored."""
        codes = list(user.mf_recovery_codes or [])
        if idx >= len(codes):
            return False
        user.mf_recovery_codes = codes[:idx] + codes[idx + 1 :]
        return True


class Passwords(PasswordUtil):
    """What a new password must be, for the sign-in library."""

    def validate(self, password: str, is_register: bool, **about: Any) -> tuple[list[str] | None, str]:
        """Return what is wrong with a password (None when nothing is), and the password in NFC."""
        user, password = about["user"], self.normalize(password)
        try:
            require_good_password(password, about=[user.login, user.name, user.email or "", user.unit.name])
        except WeakPassword as error:
            return [say(error)], password
        return None, password


class OneTimeCodes(Totp):
    """Codes of the second step; one that was used in this process is refused when it comes again."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.used: dict[int, tuple[int, float]] = {}

    def get_last_counter(self, user: Any) -> int | None:
        counter, until = self.used.get(user.id, (None, 0.0))
        return counter if time.time() < until else None

    def set_last_counter(self, user: Any, tmatch: Any) -> None:
        self.used[user.id] = tmatch.counter, time.time() + tmatch.cache_seconds


def init_app(app: Flask) -> None:
    """Join the sign-in library to the application."""
    for name, value in SETTINGS.items():
        app.config.setdefault(name, value)
    app.config.setdefault("SECURITY_I18N_DIRNAME", [f"{app.root_path}/translations"])
    app.config.setdefault("SECURITY_MULTI_FACTOR_RECOVERY_CODES_KEYS", [_recovery_key(app)])
    security = Security(
        app,
        Accounts(db, User, HeldRole),  # type: ignore[arg-type]
        password_util_cls=Passwords, totp_cls=OneTimeCodes,
        login_form=SignInForm, change_password_form=OwnPasswordForm, verify_form=PasswordAgainForm,
        two_factor_setup_form=SecondStepForm, two_factor_verify_code_form=CodeForm,
        mf_recovery_form=RecoveryCodeForm,
    )  # fmt: skip
    security.want_json(lambda _request: False)
    app.login_manager.request_loader(lambda _request: None)  # type: ignore[attr-defined]
    _wrap_pages(app)
    app.before_request(_prepare)
    app.after_request(_mark_refused)
    password_changed.connect(_forget_must_change, app)
    tf_disabled.connect(_forget_recovery_codes, app)
    user_logged_in.connect(_renew_session, app)
    user_logged_out.connect(_empty_session, app)


def _recovery_key(app: Flask) -> bytes:
    """Return the key under which recovery codes are stored, derived from the secret of the second step."""
    secret = app.config["SECURITY_TOTP_SECRETS"]["1"]
    return base64.urlsafe_b64encode(hashlib.sha256(f"recovery codes {secret}".encode()).digest())


def _wrap_pages(app: Flask) -> None:
    limiter = Limiter(get_remote_address, app=app, strategy="moving-window")
    app.extensions["sign_in_limiter"] = limiter  # its decorators hold it weakly
    limiter.request_filter(lambda: request.blueprint not in COUNTING_FAILURES)
    pages = app.view_functions

    def limit(setting: str, key: Callable[[], str], scope: str) -> Callable[[Any], Any]:
        def most() -> str:
            return f"{current_app.config[setting]} per {int(WINDOW.total_seconds())} seconds"

        return limiter.shared_limit(
            most, scope, key_func=key, methods=["POST"], deduct_when=lambda _response: _was_refused()
        )

    setup = "security.two_factor_setup_validate"
    pages[setup] = _show_code_again(pages[setup])
    pages["security.change_password"] = _then_go_on(pages["security.change_password"])
    for page in ("login", *CODE_PAGES):
        pages[f"security.{page}"] = _only_signed_out(pages[f"security.{page}"])
    for page in WRITING_PAGES:
        pages[f"security.{page}"] = _in_one_transaction(pages[f"security.{page}"])
    for page in (*PASSWORD_PAGES, *CODE_PAGES):
        scope = "password" if page in PASSWORD_PAGES else "code"
        by_person = limit("SIGN_IN_FAILURES_PER_LOGIN", _whose_attempt, f"{scope} by person")
        by_address = limit("SIGN_IN_FAILURES_PER_ADDRESS", get_remote_address, f"{scope} by address")
        pages[f"security.{page}"] = by_address(by_person(pages[f"security.{page}"]))


def _was_refused() -> bool:
    return bool(g.get("form_was_refused"))


def _whose_attempt() -> str:
    """Return whose password or code is tried: a person, or a login that may belong to nobody."""
    if current_user.is_authenticated:
        return clean_login(current_user.login).lower()
    if request.endpoint == "security.login":
        return clean_login(request.form.get("login")).lower()
    return str(session.get("tf_user_id", ""))


def _in_one_transaction(view: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(view)
    def run(**ids: Any) -> ResponseReturnValue:
        if request.method != "POST":
            return view(**ids)
        with transaction():
            return view(**ids)

    return run


def _only_signed_out(view: Callable[..., Any]) -> Callable[..., Any]:
    """Lead a signed-in person on: the second step of signing in would sign them out."""

    @wraps(view)
    def run(**ids: Any) -> ResponseReturnValue:
        if current_user.is_authenticated:
            return redirect(request.args.get("next") or url_for("home.today"))
        return view(**ids)

    return run


def _then_go_on(view: Callable[..., Any]) -> Callable[..., Any]:
    """Lead somebody who had to choose a password first to the page that they came for."""

    @wraps(view)
    def run(**ids: Any) -> ResponseReturnValue:
        response = make_response(view(**ids))
        wanted = request.args.get("next")
        return redirect(wanted) if wanted and response.status_code == 302 else response

    return run


def _show_code_again(view: Callable[..., Any]) -> Callable[..., Any]:
    """After a wrong code show the same picture again, so that the app need not be set up anew."""

    @wraps(view)
    def run(token: str) -> ResponseReturnValue:
        response = view(token)
        if not _was_refused():
            return response
        within = current_app.config["SECURITY_TWO_FACTOR_SETUP_WITHIN"]
        state = check_and_get_token_status(token, "tf_setup", within)[2]
        values = current_app.extensions["security"].totp_factory.fetch_setup_values(
            state["totp_secret"], current_user
        )
        return render_template(
            "security/two_factor_setup.html", two_factor_verify_code_form=CodeForm(formdata=None),
            chosen_method="authenticator", state_token=token, authr_qrcode=values["image"],
            authr_key=values["key"],
        )  # fmt: skip

    return run


def _prepare() -> ResponseReturnValue | None:
    """Let forms speak Vietnamese, and refuse to go on to an address outside of this installation."""
    request.wtforms_translations = FieldTranslations()  # type: ignore[attr-defined]
    if request.blueprint != "security":
        return None
    if request.is_json:
        abort(400)
    wanted = [values["next"] for values in (request.args, request.form) if values.get("next")]
    if all(is_local(address) for address in wanted):
        return None
    if request.method not in ("GET", "HEAD"):
        abort(400)
    return redirect(url_for(request.endpoint or "", **(request.view_args or {})))


def is_local(address: str) -> bool:
    """Return whether an address is a plain path of this installation (not "//host", no control signs)."""
    if len(address) > LONGEST_NEXT or not address.startswith("/") or address.startswith("//"):
        return False
    if "\\" in address or not address.isprintable():
        return False
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return not parts.scheme and not parts.netloc


def _mark_refused(response: Any) -> Any:
    if _was_refused() and request.blueprint == "security":
        if response.status_code == 200:
            response.status_code = 422
        current_app.logger.warning("refused at %s from %s", request.path, request.remote_addr)
    return response


def _forget_must_change(_app: Flask, user: User, **_more: Any) -> None:
    user.must_change_password = False


def _forget_recovery_codes(_app: Flask, user: User, **_more: Any) -> None:
    user.mf_recovery_codes = None


def _renew_session(_app: Flask, **_more: Any) -> None:
    """Drop the form token that a session had before somebody signed in."""
    name = current_app.config.get("WTF_CSRF_FIELD_NAME", "csrf_token")
    session.pop(name, None)
    g.pop(name, None)


def _empty_session(_app: Flask, **_more: Any) -> None:
    session.clear()
