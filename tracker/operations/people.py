"""People: accounts and the roles they hold."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from flask_security.utils import hash_password
from sqlalchemy import select

from tracker.models import FAR_FUTURE, db, lock, transaction
from tracker.models.people import Digest, HeldRole, Role, User
from tracker.models.units import Unit
from tracker.operations.feeds import end_links_of
from tracker.operations.recording import (
    ChangedMeanwhile,
    Stamp,
    entry,
    optional_text,
    record,
    require_reach,
    require_role,
    required_text,
)
from tracker.operations.units import CodeTaken
from tracker.rules.text import fold, nfc
from tracker.rules.words import N_
from tracker.rules.workflow import DomainError, UnitEnded

CORRECTABLE = {"name", "title", "email", "digest", "active"}
"""What a correction of a person may change; a login never changes, passwords have their own operation."""


MOST_SEARCHED = 600
"""Characters of a person that a search compares; the column holds no more."""


def _search_text(user: User) -> str:
    return fold(f"{user.name} {user.login} {user.title or ''} {user.email or ''}")[:MOST_SEARCHED]


def add(
    *,
    stamp: Stamp,
    login: str,
    name: str,
    unit: Unit,
    role: Role,
    title: str | None = None,
    email: str | None = None,
) -> User:
    """Add a person with a first role in their unit. The account has no password until one is set."""
    with entry(stamp):
        require_role(unit, {Role.ADMIN}, stamp)
        _require_unit(unit, stamp)
        login = required_text(login, N_("Nhập tên đăng nhập."))
        if db.session.scalar(select(User.id).where(User.login == login)):
            raise CodeTaken(N_("Tên đăng nhập “%(login)s” đã được dùng. Hãy chọn tên khác."), login=login)
        user = User(
            login=login,
            name=required_text(name, N_("Nhập họ và tên.")),
            title=optional_text(title),
            email=optional_text(email),
            unit=unit,
            create_datetime=stamp.at,
        )
        user.search_text = _search_text(user)
        user.held_roles.append(HeldRole(unit=unit, role=role, valid_from=stamp.on))
        db.session.add(user)
        payload = {
            "login": login,
            "name": user.name,
            "unit": unit.code,
            "role": role.value,
            "title": user.title,
            "email": user.email,
        }
        record("person", stamp, payload, person=user, unit=unit, note=user.name)
        db.session.flush()
    return user


def add_with_password(password: str, *, stamp: Stamp, **values: Any) -> User:
    """Add a person as `add` does, with a password that must be changed at the first sign-in."""
    with transaction():
        user = add(stamp=stamp, **values)
        user.password = hash_password(password)
        user.must_change_password = True
    return user


def correct(user: User, *, stamp: Stamp, **values: object) -> None:
    """Correct a person's name, title, email, digest, or whether the account is active.

    The digest is everybody's own choice too; for the rest it takes an administrator who reaches the person.
    """
    with entry(stamp):
        lock(user)
        if not (stamp.by is user and values.keys() == {"digest"}):
            require_reach(user, stamp)
        if stamp.seen is not None and stamp.seen != user.version:
            raise ChangedMeanwhile
        if unknown := values.keys() - CORRECTABLE:
            raise DomainError(N_("Không sửa được %(what)s."), what=", ".join(sorted(unknown)))
        if "digest" in values:
            values["digest"] = _read_digest(values["digest"])
        if stamp.by is user and values.get("active", True) is not True:
            raise DomainError(N_("Không thể tự khóa tài khoản của chính mình."))
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
        record(
            "correct",
            stamp,
            {"what": "person", "key": user.login, "set": {k: v for k, _, v in changes}},
            person=user,
            changes=changes,
        )
        if values.get("active") is False:
            end_links_of(user, stamp)


def choose_digest(user: User, digest: Digest, *, stamp: Stamp) -> None:
    """Choose how often a person is told of work that is not overdue; everybody may for themselves."""
    correct(user, stamp=stamp, digest=digest)


def _read_digest(value: object) -> Digest:
    try:
        return Digest(str(value))
    except ValueError as error:
        raise DomainError(N_("Chọn nhận thư hằng ngày hoặc hằng tuần.")) from error


def give_role(user: User, *, stamp: Stamp, unit: Unit, role: Role) -> None:
    """Let a person hold one more role, in `unit`, from `stamp.on`."""
    with entry(stamp):
        lock(user)
        require_role(unit, {Role.ADMIN}, stamp)
        _require_unit(unit, stamp)
        if any(h.unit is unit and h.role is role and stamp.on < h.valid_to for h in user.held_roles):
            raise DomainError(N_("Người này đã giữ vai trò đó ở đơn vị đó."))
        same = (h for h in user.held_roles if h.unit is unit and h.role is role and h.valid_from == stamp.on)
        if (taken_back := next(same, None)) is not None:
            taken_back.valid_to = FAR_FUTURE
        else:
            user.held_roles.append(HeldRole(unit=unit, role=role, valid_from=stamp.on))
        user.version += 1
        record(
            "role",
            stamp,
            {"login": user.login, "unit": unit.code, "role": role.value},
            person=user,
            unit=unit,
        )


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
        record(
            "role_end",
            stamp,
            {"login": user.login, "unit": unit.code, "role": role.value},
            person=user,
            unit=unit,
        )


def set_password(user: User, password: str, *, stamp: Stamp, must_change: bool = True) -> None:
    """Give an account a password (stored as an Argon2 hash); every session and calendar link it has ends.

    The history tells that it was set, by whom and when; a dump carries no password and leaves the row out.
    """
    with entry(stamp):
        lock(user)
        require_reach(user, stamp)
        user.password = hash_password(password)
        user.must_change_password = must_change
        user.fs_uniquifier = uuid4().hex
        user.version += 1
        record("password", stamp, {"login": user.login}, person=user)
        end_links_of(user, stamp)


def switch_off_second_step(user: User, *, stamp: Stamp) -> None:
    """Let a person who lost their phone sign in with the password alone; every session they have ends."""
    with entry(stamp):
        lock(user)
        require_reach(user, stamp)
        if user.tf_primary_method is None:
            raise DomainError(N_("Tài khoản này không bật xác thực hai bước."))
        user.tf_primary_method = None
        user.tf_totp_secret = None
        user.mf_recovery_codes = None
        user.fs_uniquifier = uuid4().hex
        user.version += 1
        record("second_step_off", stamp, {"login": user.login}, person=user)


def _require_unit(unit: Unit, stamp: Stamp) -> None:
    if stamp.on >= unit.valid_to:
        raise UnitEnded(N_("%(unit)s không còn hoạt động vào ngày này."), unit=unit.name)
