"""People as administrators see them: a list in Vietnamese order, and what hangs on one account."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import joinedload

from tracker.models import db
from tracker.models.people import HeldRole, Role, User
from tracker.models.progress import History
from tracker.models.task import Task
from tracker.models.units import Unit
from tracker.rules.status import OPEN_STATES
from tracker.rules.text import fold, name_order

PAGE = 50
"""People on one page of the list."""

_order = lru_cache(maxsize=50_000)(name_order)


class PersonRow(NamedTuple):
    """One person in a list."""

    id: int
    login: str
    name: str
    title: str | None
    email: str | None
    active: bool
    unit_id: int
    unit_name: str
    has_password: bool
    roles: list[tuple[Role, str]]
    """Each role held on the day, with the name of its unit."""


class People(NamedTuple):
    """One page of people, and how many there are in all."""

    rows: list[PersonRow]
    total: int
    has_more: bool


def found_by(
    *, day: date, text: str = "", unit_id: int | None = None, role: Role | None = None, state: str = ""
) -> list[ColumnElement[bool]]:
    """Return the SQL conditions over `User` of a search: words with or without marks, unit, role, state.

    `state` is "active", "inactive", "no_email" (active without an address) or "" for everybody.
    """
    conditions: list[ColumnElement[bool]] = [
        User.search_text.contains(word, autoescape=True) for word in fold(text).split()
    ]
    held = exists().where(
        and_(HeldRole.user_id == User.id, HeldRole.valid_from <= day, HeldRole.valid_to > day)
    )
    if unit_id is not None:
        conditions.append(or_(User.unit_id == unit_id, held.where(HeldRole.unit_id == unit_id)))
    if role is not None:
        conditions.append(held.where(HeldRole.role == role))
    if state in ("active", "inactive"):
        conditions.append(User.active.is_(state == "active"))
    if state == "no_email":
        conditions += [User.active.is_(True), User.email.is_(None)]
    return conditions


def people_page(
    reach: Select[int], conditions: list[ColumnElement[bool]], *, day: date, page: int = 1
) -> People:
    """Return one page (from 1) of the people whose unit is in a reach, by the last word of their name.

    Three statements, whatever their number: no database sorts Vietnamese names, so the names are sorted here.
    """
    named = db.session.execute(select(User.id, User.name).where(User.unit_id.in_(reach), *conditions))
    ordered = sorted(named, key=lambda row: (_order(row.name), row.id))
    ids = [row.id for row in ordered[(page - 1) * PAGE : page * PAGE]]
    roles: dict[int, list[tuple[Role, str]]] = defaultdict(list)
    held = (
        select(HeldRole.user_id, HeldRole.role, Unit.name)
        .join(Unit, Unit.id == HeldRole.unit_id)
        .where(HeldRole.user_id.in_(ids), HeldRole.valid_from <= day, HeldRole.valid_to > day)
        .order_by(HeldRole.id)
    )
    for user_id, role, unit_name in db.session.execute(held):
        roles[user_id].append((role, unit_name))
    details = (
        select(
            User.id, User.login, User.name, User.title, User.email, User.active, User.unit_id, Unit.name,
            User.password.is_not(None),
        )
        .join(Unit, Unit.id == User.unit_id)
        .where(User.id.in_(ids))
    )  # fmt: skip
    rows = {row[0]: PersonRow(*row, roles[row[0]]) for row in db.session.execute(details)}
    return People([rows[user_id] for user_id in ids], len(ordered), page * PAGE < len(ordered))


def open_tasks_naming(user: User) -> dict[str, int]:
    """Return in how many open tasks a person is named, as "officer", "tracker" and "leader"."""
    columns = {"officer": Task.officer_id, "tracker": Task.tracker_id, "leader": Task.leader_id}
    counts = [func.count().filter(column == user.id) for column in columns.values()]
    named = or_(*(column == user.id for column in columns.values()))
    row = db.session.execute(select(*counts).where(Task.state.in_(OPEN_STATES), named)).one()
    return dict(zip(columns, row, strict=True))


def history_of_person(user: User, *, limit: int = 50) -> list[History]:
    """Return what was done to an account, the latest first."""
    query = (
        select(History)
        .where(History.person_id == user.id)
        .options(joinedload(History.by), joinedload(History.unit))
        .order_by(History.id.desc())
        .limit(limit)
    )
    return list(db.session.scalars(query))
