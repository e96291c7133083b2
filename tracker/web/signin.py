"""Signing in, with the library that keeps passwords, sessions and the second step (Flask-Security)."""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask_babel import lazy_gettext
from flask_security import Security, SQLAlchemyUserDatastore
from flask_security.forms import LoginForm

from sqlalchemy import select
from wtforms import StringField
from wtforms.validators import DataRequired

from tracker.models import db
from tracker.models.people import HeldRole, User
from tracker.rules.text import nfc

SETTINGS = {
    "SECURITY_LOGIN_URL": "/dang-nhap",
    "SECURITY_LOGOUT_URL": "/dang-xuat",
    "SECURITY_CHANGE_URL": "/tai-khoan/mat-khau",
    "SECURITY_VERIFY_URL": "/tai-khoan/xac-minh",
    "SECURITY_TWO_FACTOR_SETUP_URL": "/tai-khoan/hai-buoc",
    "SECURITY_TWO_FACTOR_TOKEN_VALIDATION_URL": "/dang-nhap/ma",
    "SECURITY_TWO_FACTOR_SELECT_URL": "/dang-nhap/cach",
    "SECURITY_TWO_FACTOR_RESCUE_URL": "/dang-nhap/cuu",
    "SECURITY_JOIN_USER_ROLES": False,
    "SECURITY_CHANGEABLE": True,
    "SECURITY_SEND_PASSWORD_CHANGE_EMAIL": False,
    "SECURITY_PASSWORD_HASH": "argon2",
    "SECURITY_PASSWORD_LENGTH_MIN": 10,
    "SECURITY_USER_IDENTITY_ATTRIBUTES": [{"login": {"mapper": lambda typed: typed.strip()}}],
    "SECURITY_RETURN_GENERIC_RESPONSES": True,
    "SECURITY_CSRF_IGNORE_UNAUTH_ENDPOINTS": False,
    "SECURITY_POST_LOGIN_VIEW": "/",
    "SECURITY_POST_LOGOUT_VIEW": "/dang-nhap",
    "SECURITY_LOGOUT_METHODS": ["POST"],
    "SECURITY_API_ENABLED_METHODS": ["session"],
    "SECURITY_INPUT_NORMALIZE_FORM": "NFC",
    "SECURITY_PASSWORD_NORMALIZE_FORM": "NFC",
}


class SignInForm(LoginForm):
    """Sign in by login name, not by address: many officers have no mailbox of their own."""

    email = None
    login = StringField(lazy_gettext("Tên đăng nhập"), [DataRequired(lazy_gettext("Nhập tên đăng nhập."))])

    def validate(self, **options: Any) -> bool:
        """Look the person up by login; the library checks the password and the account."""
        self.ifield = self.login
        self.user = db.session.scalar(select(User).where(User.login == nfc(self.login.data or "").strip()))
        return super().validate(**options)


def init_app(app: Flask) -> None:
    """Join the sign-in library to the application."""
    for name, value in SETTINGS.items():
        app.config.setdefault(name, value)
    Security(app, SQLAlchemyUserDatastore(db, User, HeldRole), login_form=SignInForm)
