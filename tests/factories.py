"""The cast and the worlds of the tests, built by the operations that a click would take.

A test names the one fact that matters (`cast.make_task(due_on=date(2026, 6, 24))`); the rest is defaulted.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from datetime import date, timedelta
from itertools import count
from typing import Any

from sqlalchemy import Table, insert, select

from tracker import clock
from tracker.models import UtcMoment, db
from tracker.models.directive import Directive
from tracker.models.people import Role, User
from tracker.models.task import Task
from tracker.models.units import Unit
from tracker.operations import directives, people, progress, tasks, units
from tracker.operations.recording import Stamp
from tracker.rules.status import State

FOUNDED_ON = date(2026, 1, 1)
GIVEN_ON = date(2026, 3, 2)
"""A Monday."""
DUE_ON = date(2026, 3, 20)


@dataclass
class Cast:
    """One person a role, with their units: the city gives tasks, Nội vụ leads them, Tài chính coordinates."""

    city: Unit
    lead: Unit
    coordinating: Unit
    commune: Unit
    chairman: User
    tracker: User
    head: User
    officer: User
    coordinator: User
    outsider: User
    inspector: User
    admin: User
    numbers: Any = field(default_factory=lambda: count(1))

    @property
    def everybody(self) -> dict[str, User]:
        """The people by the names of their parts."""
        parts = ("chairman", "tracker", "head", "officer", "coordinator", "outsider", "inspector", "admin")
        return {part: getattr(self, part) for part in parts}

    def make_unit(self, *, parent: Unit | None = None, on: date = FOUNDED_ON, **values: Any) -> Unit:
        """Found a unit below the city, or below `parent`."""
        number = next(self.numbers)
        values = {"code": f"dv-{number}", "name": f"Đơn vị {number}"} | values
        return units.found(stamp=Stamp(on=on), parent=parent or self.city, **values)

    def make_person(
        self, *, unit: Unit, role: Role = Role.OFFICER, on: date = FOUNDED_ON, **values: Any
    ) -> User:
        """Add a person with a role in a unit."""
        number = next(self.numbers)
        values = {
            "login": f"nguoi-{number}", "name": f"Nguyễn Văn Số {number}",
            "email": f"nguoi-{number}@song-huong.example",
        } | values  # fmt: skip
        return people.add(stamp=Stamp(on=on), unit=unit, role=role, **values)

    def make_directive(self, *, on: date = GIVEN_ON, **values: Any) -> Directive:
        """Register a directive of the city, issued on the day it is registered."""
        number = next(self.numbers)
        values = {
            "kind": "CV", "number": f"{number}/UBND-NV", "subject": f"Chỉ đạo số {number}",
            "issuer": self.city, "issued_on": on,
        } | values  # fmt: skip
        return directives.register(stamp=Stamp(on=on, by=self.tracker), **values)

    def make_task(
        self, *, state: State = State.NOT_STARTED, given_on: date = GIVEN_ON, due_on: date | None = DUE_ON,
        accepted_on: date | None = None, reported_on: date | None = None, closed_on: date | None = None,
        directive: Directive | None = None, coordinating: list[Unit] | None = None, **order: Any,
    ) -> Task:
        """Give a task to the lead unit and bring it to `state`, each step by the person whose step it is.

        Accepted on the day it was given; reported on its deadline (or the day it was accepted); confirmed
        or cancelled on the day of the step before. In units outside the cast nobody's permission is asked.
        """
        directive = directive or self.make_directive(on=given_on)
        unit = order.pop("unit", self.lead)
        values = {
            "content": f"Nhiệm vụ {next(self.numbers)}",
            "coordinating": [self.coordinating] if coordinating is None else coordinating,
            "tracker": self.tracker, "leader": self.chairman,
        } | order  # fmt: skip
        own = unit is self.lead
        by_unit, by_office = (self.head if own else None), self.tracker
        if directive.issuer is not self.city or values.get("parent"):
            by_office = None
        (task,) = tasks.give(
            directive, [tasks.Order(unit=unit, due_on=due_on, **values)],
            stamp=Stamp(on=given_on, by=by_office), draft=state is State.DRAFT,
        )  # fmt: skip
        if state in (State.DRAFT, State.NOT_STARTED):
            return task
        if state is State.CANCELLED:
            cancelling = Stamp(on=closed_on or given_on, by=by_office)
            tasks.cancel(task, stamp=cancelling, reason="Không còn cần thiết")
            return task
        accepted_on = accepted_on or given_on
        tasks.accept(task, stamp=Stamp(on=accepted_on, by=by_unit), officer=self.officer if own else None)
        if state is State.IN_PROGRESS:
            return task
        reported_on = reported_on or max(due_on or accepted_on, accepted_on)
        progress.report(
            task, stamp=Stamp(on=reported_on, by=by_unit), result="12/BC-PNV",
            explanation="Vướng thủ tục" if due_on is not None and reported_on > due_on else None,
        )
        if state is State.COMPLETED:
            progress.confirm(task, stamp=Stamp(on=closed_on or reported_on, by=by_office))
        return task


def make_cast(on: date = FOUNDED_ON) -> Cast:
    """Found the city with its units and people; everyone has held their role since `on`."""
    stamp = Stamp(on=on)

    def unit(code: str, name: str, kind: str, order: int, parent: Unit | None = None) -> Unit:
        return units.found(stamp=stamp, code=code, name=name, kind=kind, order=order, parent=parent)

    def person(login: str, name: str, of: Unit, role: Role, title: str) -> User:
        email = f"{login}@song-huong.example"
        return people.add(stamp=stamp, login=login, name=name, unit=of, role=role, title=title, email=email)

    city = unit("song-huong", "UBND thành phố Sông Hương", "province", 1)
    lead = unit("noi-vu", "Phòng Nội vụ", "division", 2, city)
    coordinating = unit("tai-chinh", "Phòng Tài chính", "division", 3, city)
    commune = unit("phu-an", "UBND xã Phú An", "commune", 4, city)
    return Cast(
        city=city, lead=lead, coordinating=coordinating, commune=commune,
        chairman=person("hung", "Trần Quốc Hùng", city, Role.LEADER, "Chủ tịch"),
        tracker=person("mai", "Lê Thị Mai", city, Role.OFFICE, "Chuyên viên Văn phòng"),
        head=person("binh", "Nguyễn Văn Bình", lead, Role.UNIT_HEAD, "Trưởng phòng"),
        officer=person("ha", "Phạm Thu Hà", lead, Role.OFFICER, "Chuyên viên"),
        coordinator=person("long", "Hoàng Đức Long", coordinating, Role.UNIT_HEAD, "Trưởng phòng"),
        outsider=person("lan", "Võ Thị Lan", commune, Role.UNIT_HEAD, "Chủ tịch xã"),
        inspector=person("tuan", "Đặng Minh Tuấn", city, Role.INSPECTOR, "Thanh tra viên"),
        admin=person("kiet", "Bùi Anh Kiệt", city, Role.ADMIN, "Quản trị"),
    )


@dataclass(frozen=True)
class Stored:
    """The rows that a cast and its world are, in an order in which they can be stored, and who is who."""

    rows: list[tuple[Table, list[dict[str, Any]]]]
    ids: dict[str, tuple[type[Unit] | type[User], int]]
    next_number: int


def stored(cast: Cast) -> Stored:
    """Return all that a database holds, which held nothing before this cast and its world were made."""
    rows = []
    for table in db.metadata.sorted_tables:
        kept = [column for column in table.columns if column.computed is None]
        found = db.session.execute(select(*kept).order_by(*table.primary_key)).mappings().all()
        if found:
            rows.append((table, [dict(row) for row in found]))
    ids = {part: (type(who), who.id) for part, who in vars(cast).items() if isinstance(who, (Unit, User))}
    number = next(cast.numbers)
    cast.numbers = count(number)
    return Stored(rows, ids, number)


def cast_again(made: Stored) -> Cast:
    """Store those rows in a database that holds nothing, as of this moment, and return their cast.

    The database is the one in which they were made before: it gives their ids to nobody else.
    """
    now = clock.now()
    for table, rows in made.rows:
        moments = [column.name for column in table.columns if isinstance(column.type, UtcMoment)]
        db.session.execute(
            insert(table),
            [row | {name: now for name in moments if row[name] is not None} for row in rows],
        )
    db.session.commit()
    for kind in (Unit, User):
        db.session.scalars(select(kind)).all()
    parts = {part: db.session.get_one(kind, id) for part, (kind, id) in made.ids.items()}
    cast = Cast(**{each.name: parts.pop(each.name) for each in fields(Cast) if each.name in parts})
    vars(cast).update(parts)
    cast.numbers = count(made.next_number)
    return cast


def days_from(first: date, number: int) -> list[date]:
    """Return so many days in a row."""
    return [first + timedelta(days=step) for step in range(number)]
