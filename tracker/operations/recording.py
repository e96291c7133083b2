"""What every operation shares: who acts on which day, the checks before, and the history row."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from tracker.models import db, lock, transaction
from tracker.models.people import Role, User
from tracker.models.progress import History
from tracker.models.task import Task
from tracker.models.units import Unit
from tracker.queries.standing import roles_above, standing_towards
from tracker.rules.permissions import may
from tracker.rules.text import nfc
from tracker.rules.words import N_
from tracker.rules.workflow import Action, DomainError, Incomplete, NotAllowed, require_state


@dataclass(frozen=True)
class Stamp:
    """Who does something, and when: the day in Vietnam, and the moment (aware UTC) where it is known.

    Without `by` nobody's permission is asked: that is for loading a history and for the first set-up.
    `token` names one submission of a form, so that a double click makes one entry; `seen` is the version
    that the person had before their eyes, so that nobody overwrites what they have not read.
    """

    on: date
    by: User | None = None
    at: datetime | None = None
    token: str | None = None
    seen: int | None = None
    states_day: bool = True
    """False only for a line of a history that names no day, so that a dump gives the same line again."""


class AlreadyDone(DomainError):
    """The same submission was stored before: the second click of a double click."""

    def __init__(self) -> None:
        super().__init__(N_("Thao tác này đã được ghi nhận."))


class ChangedMeanwhile(DomainError):
    """Somebody else changed the object since the person opened it."""

    def __init__(self) -> None:
        super().__init__(N_("Nội dung này vừa được người khác thay đổi. Hãy xem lại rồi gửi lại."))


@contextmanager
def entry(stamp: Stamp) -> Iterator[None]:
    """Open the transaction of one operation; raise `AlreadyDone` when its submission is stored already."""
    try:
        with transaction():
            if stamp.token and db.session.scalar(select(History.id).where(History.token == stamp.token)):
                raise AlreadyDone
            yield
    except IntegrityError as error:
        if stamp.token and "token" in str(error.orig):
            raise AlreadyDone from error
        raise


def open_task(task: Task, action: Action, stamp: Stamp) -> None:
    """Hold a task and check that this person may do this to it, in this state, having seen this version."""
    lock(task)
    require_may(task, action, stamp)
    if stamp.seen is not None and stamp.seen != task.version:
        raise ChangedMeanwhile
    require_state(action, task.state)


def require_may(task: Task, action: Action, stamp: Stamp) -> None:
    """Raise `NotAllowed` unless the person of the stamp may do this to the task."""
    if stamp.by and not may(action, standing_towards(stamp.by, task, day=stamp.on)):
        raise NotAllowed(N_("Bạn không có quyền thực hiện thao tác này với nhiệm vụ."))


def require_role(unit: Unit | None, roles: set[Role], stamp: Stamp) -> None:
    """Raise `NotAllowed` unless the person holds one of these roles in `unit` or above it.

    Without a unit (settings, calendar, a new root) the role must be held in the root of a tree.
    """
    if stamp.by is None:
        return
    if unit is not None:
        held = roles_above(stamp.by, unit, stamp.on)
    else:
        roots = [each for each in stamp.by.held_roles if each.unit.parent is None]
        held = frozenset(each.role.value for each in roots if each.valid_from <= stamp.on < each.valid_to)
    if not held & {role.value for role in roles}:
        raise NotAllowed(N_("Bạn không có quyền thực hiện thao tác này."))


def require_reach(user: User, stamp: Stamp) -> None:
    """Raise `NotAllowed` unless the administrator reaches the person's unit and every unit of their roles.

    Otherwise whoever administers one division could take over the account of somebody who administers all.
    """
    require_role(user.unit, {Role.ADMIN}, stamp)
    for held in user.held_roles:
        if held.valid_from <= stamp.on < held.valid_to:
            require_role(held.unit, {Role.ADMIN}, stamp)


def required_text(text: str | None, message: str) -> str:
    """Return `text` in NFC without outer blanks; raise `Incomplete` with `message` when nothing is left."""
    clean = nfc(text or "").strip()
    if not clean:
        raise Incomplete(message)
    return clean


def optional_text(text: str | None) -> str | None:
    """Return `text` in NFC without outer blanks, None when nothing is left."""
    return nfc(text or "").strip() or None


def record(
    do: str, stamp: Stamp, payload: dict[str, Any], *, part: int = 0, note: str | None = None, **about: Any
) -> History:
    """Add the history row of an operation. `payload` speaks the words of the history file.

    Empty values are left out of it, but for the keys that mean something when empty (`due`: no deadline).
    `part` counts the rows of one submission; `about` names the task, directive, unit or person, the
    states and the changes.
    """
    row = History(
        do=do,
        on_day=stamp.on if stamp.states_day else None,
        at=stamp.at,
        by=stamp.by,
        payload={
            key: value
            for key, value in payload.items()
            if value not in (None, [], "") or key in ("due", "value")
        },
        note=note,
        token=f"{stamp.token}:{part}" if stamp.token and part else stamp.token,
        **about,
    )
    db.session.add(row)
    return row
