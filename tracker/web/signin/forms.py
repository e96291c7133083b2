"""The forms of signing in and of one's own password and second step."""

from __future__ import annotations

from typing import Any

from flask import g
from flask_security.forms import (
    ChangePasswordForm,
    LoginForm,
    TwoFactorSetupForm,
    TwoFactorVerifyCodeForm,
    VerifyForm,
)
from flask_security.recovery_codes import MfRecoveryForm
from flask_security.utils import get_message
from sqlalchemy import func, select
from wtforms import PasswordField, StringField
from wtforms.validators import DataRequired, EqualTo, Length

from tracker.language import lazy_gettext
from tracker.models import db
from tracker.models.people import User
from tracker.rules.passwords import LEAST, MOST
from tracker.rules.text import nfc

LONGEST_LOGIN = 64
CODE = {
    "autocomplete": "one-time-code", "inputmode": "numeric", "autocapitalize": "none", "spellcheck": "false",
}  # fmt: skip


class Throttled:
    """Notes that the form was refused: its page answers 422, and the attempt counts as a failure."""

    def validate(self, *args: Any, **options: Any) -> bool:
        accepted = super().validate(*args, **options)  # type: ignore[misc]
        if not accepted:
            g.form_was_refused = True
        return accepted


def clean_login(typed: str | None) -> str:
    """Return a login as it was meant: NFC, no outer blanks, no longer than a login can be."""
    return nfc(typed or "").strip()[:LONGEST_LOGIN]


def find_by_login(typed: str | None) -> User | None:
    """Return the person of a login; telephones write the first letter large, so its case may differ."""
    login = clean_login(typed)
    found = db.session.scalars(select(User).where(func.lower(User.login) == login.lower())).all()
    exact = [user for user in found if user.login == login]
    if exact:
        return exact[0]
    return found[0] if len(found) == 1 else None


def _password(label: Any, *checks: Any, autocomplete: str = "current-password") -> PasswordField:
    words = lazy_gettext("Mật khẩu dài quá %(most)s ký tự. Hãy rút gọn.", most=MOST)
    too_long = Length(max=MOST, message=words)
    given = DataRequired(lazy_gettext("Nhập mật khẩu."))
    return PasswordField(label, [given, too_long, *checks], render_kw={"autocomplete": autocomplete})


def _without_blanks(text: str | None) -> str | None:
    return None if text is None else "".join(nfc(text).split())


class SignInForm(Throttled, LoginForm):
    """Sign in by login name, not by address: many officers have no mailbox of their own."""

    email = None
    remember = None
    login = StringField(
        lazy_gettext("Tên đăng nhập"), [DataRequired(lazy_gettext("Nhập tên đăng nhập."))],
        render_kw={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"},
    )  # fmt: skip
    password = _password(lazy_gettext("Mật khẩu"))

    def validate(self, *args: Any, **options: Any) -> bool:
        """Look the person up by login; the library checks the password and the account.

        Whether the login, the password or both are wrong is never told, and takes the same work.
        """
        self.ifield = self.login
        self.user = find_by_login(self.login.data)
        if super().validate(*args, **options):
            return True
        typed = clean_login(self.login.data) and self.password.data and len(self.password.data) <= MOST
        if typed and not self.user_authenticated:
            self.login.errors, self.password.errors = [], []
            self.form_errors = [get_message("GENERIC_AUTHN_FAILED")[0]]
        return False


class OwnPasswordForm(Throttled, ChangePasswordForm):
    """Change one's own password, knowing the present one."""

    password = _password(lazy_gettext("Mật khẩu đang dùng"))
    new_password = _password(
        lazy_gettext("Mật khẩu mới"), Length(min=LEAST, message=lazy_gettext(
            "Mật khẩu phải có ít nhất %(least)s ký tự.", least=LEAST)),
        autocomplete="new-password",
    )  # fmt: skip
    new_password_confirm = _password(
        lazy_gettext("Nhập lại mật khẩu mới"),
        EqualTo("new_password", lazy_gettext("Hai lần nhập mật khẩu mới không giống nhau.")),
        autocomplete="new-password",
    )


class PasswordAgainForm(Throttled, VerifyForm):
    """Show once more that it is the person themselves, before what guards the account is changed."""

    password = _password(lazy_gettext("Mật khẩu"))


class SecondStepForm(Throttled, TwoFactorSetupForm):
    """Turn the second step on or off."""


class CodeForm(Throttled, TwoFactorVerifyCodeForm):
    """The six digits that an authenticator app shows."""

    code = StringField(
        lazy_gettext("Mã gồm 6 chữ số"), [DataRequired(lazy_gettext("Nhập mã gồm 6 chữ số trong ứng dụng."))],
        filters=[_without_blanks], render_kw=CODE,
    )  # fmt: skip


class RecoveryCodeForm(Throttled, MfRecoveryForm):
    """One of the codes that were written down for a lost telephone."""

    code = StringField(
        lazy_gettext("Mã dự phòng"), [DataRequired(lazy_gettext("Nhập một mã dự phòng chưa dùng."))],
        filters=[_without_blanks], render_kw=CODE | {"inputmode": "text"},
    )  # fmt: skip
