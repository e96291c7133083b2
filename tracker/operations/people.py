"""People: accounts and the roles they hold."""

from __future__ import annotations

from uuid import uuid4

from flask_security.utils import hash_password
from sqlalchemy import select

from tracker.models import db, lock
from tracker.models.people import HeldRole, Role, User
from tracker.models.units import Unit
from tracker.operations.recording import ChangedMeanwhile, Stamp, entry, optional_text, record
from tracker.operations.recording import require_role, required_text
from tracker.operations.units import CodeTaken
from tracker.rules.text import fold, nfc
from tracker.rules.words import N_
from tracker.rules.workflow import DomainError


def _search_text(user: User) -> str:
    return fold(f"{user.name} {user.login} {user.title or ''} {user.email or ''}")


def add(
    *, stamp: Stamp, login: str, name: str, unit: Unit, role: Role, title: str | None = None,
    email: str | None = None,
) -> User:
    """Add a person with a first role in their unit. The account has no password until one is set."""
    with entry(stamp):
        require_role(unit, {Role.ADMIN}, stamp)
        login = required_text(login, N_("Nhập tên đăng nhập."))
        if db.session.scalar(select(User.id).where(User.login == login)):
            raise CodeTaken(N_("Tên đăng nhập “%(login)s” đã được dùng. Hãy chọn tên khác."), login=login)
        user = User(
            login=login, name=required_text(name, N_("Nhập họ và tên.")), title=optional_text(title),
            email=optional_text(email), unit=unit, create_datetime=stamp.at,
        )
        user.search_text = _search_text(user)
        user.held_roles.append(HeldRole(unit=unit, role=role, valid_from=stamp.on))
        db.session.add(user)
        payload = {
            "login": login, "name": user.name, "unit": unit.code, "role": role.value,
            "title": user.title, "email": user.email,
        }
        record("person", stamp, payload, person=user, unit=unit, note=user.name)
        db.session.flush()
    return user


def correct(user: User, *, stamp: Stamp, **values: object) -> None:
    """Correct a person's name, title, email or whether the account is active."""
    with entry(stamp):
        lock(user)
        require_role(user.unit, {Role.ADMIN}, stamp)
        if stamp.seen is not None and stamp.seen != user.version:
            raise ChangedMeanwhile
        changes = []
        for key, value in values.items():
            value = nfc(value).strip() or None if isinstance(value, str) else value
            if (old := getattr(user, key)) != value:
                changes.append([key, old, value])
                setattr(user, key, value)
        if not changes:
            return
        user.search_text = _search_text(user)
        user.version += 1
        record("correct", stamp, {"what": "person", "key": user.login, "set": {k: v for k, _, v in changes}},
               person=user, changes=changes)


def give_role(user: User, *, stamp: Stamp, unit: Unit, role: Role) -> None:
    """Let a person hold one more role, in `unit`, from `stamp.on`."""
    with entry(stamp):
        lock(user)
        require_role(unit, {Role.ADMIN}, stamp)
        if any(h.unit is unit and h.role is role and stamp.on < h.valid_to for h in user.held_roles):
            raise DomainError(N_("Người này đã giữ vai trò đó ở đơn vị đó."))
        user.held_roles.append(HeldRole(unit=unit, role=role, valid_from=stamp.on))
        user.version += 1
        record("role", stamp, {"login": user.login, "unit": unit.code, "role": role.value},
               person=user, unit=unit)


def end_role(user: User, *, stamp: Stamp, unit: Unit, role: Role) -> None:
    """End a role of a person: `stamp.on` is the first day without it."""
    with entry(stamp):
        lock(user)
        require_role(unit, {Role.ADMIN}, stamp)
        held = [h for h in user.held_roles if h.unit is unit and h.role is role and stamp.on < h.valid_to]
        if not held:
            raise DomainError(N_("Người này không giữ vai trò đó."))
        if role is Role.ADMIN and stamp.by is user:
            raise DomainError(N_("Không thể tự bỏ vai trò quản trị của chính mình."))
        held[0].valid_to = stamp.on
        user.version += 1
        record("role_end", stamp, {"login": user.login, "unit": unit.code, "role": role.value},
               person=user, unit=unit)


def set_password(user: User, password: str, *, stamp: Stamp, must_change: bool = True) -> None:
    """Give an account a password (stored as an Argon2 hash); every session it has ends.

    Passwords are no part of the history: a dump carries none.
    """
    with entry(stamp):
        lock(user)
        require_role(user.unit, {Role.ADMIN}, stamp)
        user.password = hash_password(password)
        user.must_change_password = must_change
        user.fs_uniquifier = uuid4().hex
