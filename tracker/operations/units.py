"""Units: founding, correcting, ending; what an ended unit has not completed goes to its successor."""

from __future__ import annotations

from datetime import date

from sqlalchemy import func, select

from tracker.models import db, lock
from tracker.models.people import HeldRole, Role
from tracker.models.task import Task
from tracker.models.units import Unit, UnitKind
from tracker.operations import tasks
from tracker.operations.recording import (
    ChangedMeanwhile,
    Stamp,
    entry,
    optional_text,
    record,
    require_role,
    required_text,
)
from tracker.rules.status import OPEN_STATES, State
from tracker.rules.text import fold, nfc
from tracker.rules.words import N_
from tracker.rules.workflow import DomainError, UnitEnded

UNFINISHED = (State.DRAFT, *OPEN_STATES)
"""What goes to the successor of a unit that ends."""


class CodeTaken(DomainError):
    """Another unit or person has this code or login."""


class NeedsSuccessor(DomainError):
    """A unit with open tasks ends only when another takes them over."""


def found(
    *,
    stamp: Stamp,
    code: str,
    name: str,
    parent: Unit | None = None,
    kind: str | None = None,
    title_of_head: str | None = None,
    email: str | None = None,
    org_code: str | None = None,
    order: int | None = None,
) -> Unit:
    """Add a unit that exists from `stamp.on`; `kind` is a `UnitKind` value, a division when not said."""
    with entry(stamp):
        require_role(parent, {Role.ADMIN}, stamp)
        code = required_text(code, N_("Nhập mã đơn vị."))
        name = required_text(name, N_("Nhập tên đơn vị."))
        if db.session.scalar(select(Unit.id).where(Unit.code == code)):
            raise CodeTaken(N_("Mã đơn vị “%(code)s” đã được dùng. Hãy chọn mã khác."), code=code)
        if parent is not None and not parent.exists_on(stamp.on):
            raise UnitEnded(N_("%(unit)s không còn hoạt động vào ngày này."), unit=parent.name)
        unit = Unit(
            code=code,
            name=name,
            parent=parent,
            kind=UnitKind(kind or UnitKind.DIVISION),
            title_of_head=optional_text(title_of_head),
            email=optional_text(email),
            org_code=optional_text(org_code),
            position=order,
            valid_from=stamp.on,
            search_text=fold(f"{name} {code}"),
        )
        db.session.add(unit)
        payload = {
            "code": code,
            "name": name,
            "parent": parent.code if parent else None,
            "kind": kind,
            "title_of_head": unit.title_of_head,
            "email": unit.email,
            "org_code": unit.org_code,
            "order": order,
        }
        record("unit", stamp, payload, unit=unit, note=name)
        db.session.flush()
    return unit


def correct(unit: Unit, *, stamp: Stamp, **values: object) -> None:
    """Correct what was entered of a unit: name, kind, title_of_head, email, org_code, order.

    A report of an earlier day goes on to print what was entered then; a unit whose tasks shall stay with the
    old name from some day on is ended with a successor.
    """
    with entry(stamp):
        lock(unit)
        require_role(unit, {Role.ADMIN}, stamp)
        if stamp.seen is not None and stamp.seen != unit.version:
            raise ChangedMeanwhile
        columns = {"order": "position"}
        changes = []
        for key, value in values.items():
            column = columns.get(key, key)
            value = nfc(value).strip() or None if isinstance(value, str) else value
            if key == "kind":
                value = UnitKind(str(value))
            if (old := getattr(unit, column)) != value:
                changes.append([key, old, value])
                setattr(unit, column, value)
        if not changes:
            return
        unit.search_text = fold(f"{unit.name} {unit.code}")
        unit.version += 1
        record(
            "correct",
            stamp,
            {"what": "unit", "key": unit.code, "set": {k: v for k, _, v in changes}},
            unit=unit,
            changes=changes,
        )
        db.session.flush()  # two changed units, one above the other and its heir, would close a circle


def end(unit: Unit, *, stamp: Stamp, successor: Unit | None = None) -> int:
    """End a unit: `stamp.on` is the first day without it. Returns how many tasks went to the successor.

    What the unit has not completed goes to the successor that day, state kept; what it completed stays
    with it (domain §3). Every role held in the unit ends with it. A person who ends a unit with open tasks
    must name a successor; a history that is loaded tells what was, so it need not.
    """
    with entry(stamp):
        lock(unit)
        require_role(unit, {Role.ADMIN}, stamp)
        if stamp.seen is not None and stamp.seen != unit.version:
            raise ChangedMeanwhile
        if not unit.exists_on(stamp.on):
            raise UnitEnded(N_("%(unit)s không còn hoạt động vào ngày này."), unit=unit.name)
        if successor is unit:
            raise DomainError(N_("Đơn vị kế thừa phải là một đơn vị khác."))
        if successor is not None and not successor.exists_on(stamp.on):
            raise UnitEnded(N_("%(unit)s không còn hoạt động vào ngày này."), unit=successor.name)
        if successor is None and stamp.by is not None and (number := unfinished_tasks_of(unit)):
            raise NeedsSuccessor(
                N_("%(unit)s còn %(number)s nhiệm vụ chưa hoàn thành. Hãy chọn đơn vị kế thừa."),
                unit=unit.name,
                number=number,
            )
        roles = _running_roles(unit, stamp.on)
        if any(held.role is Role.ADMIN and held.user is stamp.by for held in roles):
            raise DomainError(N_("Không thể tự bỏ vai trò quản trị của chính mình."))
        for held in roles:
            held.valid_to = max(stamp.on, held.valid_from)
            held.user.version += 1
        unit.valid_to = stamp.on
        unit.successor = successor
        unit.version += 1
        db.session.flush()
        moved = []
        if successor is not None:
            query = select(Task).where(Task.unit_id == unit.id, Task.state.in_(UNFINISHED))
            moved = list(db.session.scalars(query.order_by(Task.id)))
        payload = {"code": unit.code, "successor": successor.code if successor else None}
        record("unit_end", stamp, payload, unit=unit, note=successor.name if successor else None)
        for part, task in enumerate(moved, start=1):
            assert successor is not None
            tasks.inherit(task, successor, stamp=stamp, part=part)
    return len(moved)


def _running_roles(unit: Unit, day: date) -> list[HeldRole]:
    query = select(HeldRole).where(HeldRole.unit_id == unit.id, HeldRole.valid_to > day)
    return list(db.session.scalars(query.order_by(HeldRole.id)))


def unfinished_tasks_of(unit: Unit) -> int:
    """Return how many tasks the unit leads and has not completed, drafts among them."""
    query = select(func.count()).where(Task.unit_id == unit.id, Task.state.in_(UNFINISHED))
    return db.session.scalar(query) or 0
