"""The register of directives, and what a directive's page shows: rows made for reading."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, exists, extract, func, or_, select, true
from sqlalchemy.orm import aliased

from tracker.models import db
from tracker.models.directive import Attachment, Directive, DirectiveBasis
from tracker.models.people import User
from tracker.models.progress import History
from tracker.models.task import Coordination, Task
from tracker.models.units import Unit
from tracker.queries.standing import roles_on, tasks_visible_to, units_reached
from tracker.rules.permissions import ISSUERS
from tracker.rules.status import State, cell_sql
from tracker.rules.text import fold

PAGE = 50
"""Directives of one page of the register."""


def directives_visible_to(user: User, *, day: date) -> ColumnElement[bool]:
    """Return the SQL condition over `Directive` that a person sees it.

    Seen are the directives of units that their leader, office or inspector roles reach, of the units where
    they hold any role, and those with at least one task that they see.
    """
    own = {held.unit_id for held in roles_on(user, day)}
    seen = [
        Directive.issuer_id.in_(own),
        exists().where(and_(Task.directive_id == Directive.id, tasks_visible_to(user, day=day))),
    ]
    if (issued := units_reached(user, ISSUERS, day=day)) is not None:
        seen.append(Directive.issuer_id.in_(issued))
    return or_(*seen)


def is_visible(directive_id: int, user: User, *, day: date) -> bool:
    """Return whether a person sees this directive; False too when there is none."""
    query = select(Directive.id).where(Directive.id == directive_id, directives_visible_to(user, day=day))
    return db.session.scalar(query) is not None


def given_by_issuer() -> ColumnElement[bool]:
    """Return the SQL condition over `Task` and `Directive` that the issuer gave the task itself.

    What a unit passed down of a task counts in that unit's own table, so nothing counts twice.
    """
    return Task.assigner_id == Directive.issuer_id


@dataclass(frozen=True)
class Filter:
    """What the register is narrowed to; None and "" narrow nothing."""

    year: int | None = None
    kind: str | None = None
    field: str | None = None
    issuer: int | None = None
    text: str = ""

    def conditions(self, *, without: str = "") -> list[ColumnElement[bool]]:
        """Return the SQL conditions; `without` leaves one of them out, to count its choices."""
        found: list[ColumnElement[bool]] = []
        if self.year is not None and without != "year":
            found.append(Directive.issued_on >= date(self.year, 1, 1))
            found.append(Directive.issued_on <= date(self.year, 12, 31))
        if self.kind is not None and without != "kind":
            found.append(Directive.kind == self.kind)
        if self.field is not None and without != "field":
            found.append(Directive.field == self.field)
        if self.issuer is not None and without != "issuer":
            found.append(Directive.issuer_id == self.issuer)
        found += [
            Directive.search_text.contains(word, autoescape=True) for word in fold(self.text).split()[:10]
        ]
        return found


class Place(NamedTuple):
    """The row after which a page begins: later papers stand first."""

    issued_on: date
    id: int


class RegisterRow(NamedTuple):
    """One line of the register; `counts` by cell of B.4 are of the tasks that the reader sees."""

    id: int
    kind: str
    number: str | None
    issued_on: date
    issuer_name: str
    subject: str
    urgency: str
    counts: Mapping[str, int]


def register_page(
    chosen: Filter, *, user: User, day: date, after: Place | None = None, limit: int = PAGE
) -> tuple[list[RegisterRow], Place | None]:
    """Return a page of the register and the place where the next one begins, None on the last page."""
    query = (
        select(
            Directive.id, Directive.kind, Directive.number, Directive.issued_on, Unit.name,
            Directive.subject, Directive.urgency,
        )
        .join(Unit, Unit.id == Directive.issuer_id)
        .where(directives_visible_to(user, day=day), *chosen.conditions())
        .order_by(Directive.issued_on.desc(), Directive.id.desc())
        .limit(limit + 1)
    )  # fmt: skip
    if after is not None:
        query = query.where(
            Directive.issued_on <= after.issued_on,
            or_(Directive.issued_on < after.issued_on, Directive.id < after.id),
        )
    found = db.session.execute(query).all()
    page = found[:limit]
    counts = cells_of([row[0] for row in page], user=user, day=day)
    rows = [RegisterRow(*row, counts=counts.get(row[0], {})) for row in page]
    return rows, Place(rows[-1].issued_on, rows[-1].id) if len(found) > limit else None


def register_count(chosen: Filter, *, user: User, day: date) -> int:
    """Return how many directives the register shows in all."""
    query = select(func.count(Directive.id)).where(directives_visible_to(user, day=day), *chosen.conditions())
    return db.session.scalar(query) or 0


def cells_of(ids: Sequence[int], *, user: User, day: date) -> dict[int, dict[str, int]]:
    """Return how many tasks stand in each cell today, by directive.

    Counted are the tasks that the issuer itself gave and the person sees.
    """
    cell = cell_sql(Task, day=day)
    query = (
        select(Task.directive_id, cell, func.count())
        .join(Directive, Directive.id == Task.directive_id)
        .where(Task.directive_id.in_(ids), given_by_issuer(), tasks_visible_to(user, day=day))
        .group_by(Task.directive_id, cell)
    )
    found: dict[int, dict[str, int]] = defaultdict(dict)
    for directive_id, word, number in db.session.execute(query):
        if word is not None:
            found[directive_id][word] = number
    return found


class Choice(NamedTuple):
    """One value to narrow the register to, and how many directives it leaves."""

    value: Any
    label: str
    papers: int


def choices(chosen: Filter, *, user: User, day: date) -> dict[str, list[Choice]]:
    """Return what the register can be narrowed to, each with its count under the other filters."""
    year = extract("year", Directive.issued_on)
    visible = directives_visible_to(user, day=day)

    def grouped(of: str, *columns: Any) -> Select[Any]:
        return (
            select(*columns, func.count(Directive.id))
            .where(visible, *chosen.conditions(without=of))
            .group_by(*columns)
        )

    years = db.session.execute(grouped("year", year).order_by(year.desc()))
    kinds = db.session.execute(grouped("kind", Directive.kind).order_by(func.count(Directive.id).desc()))
    fields = db.session.execute(
        grouped("field", Directive.field).where(Directive.field.is_not(None)).order_by(Directive.field)
    )
    issuers = db.session.execute(
        grouped("issuer", Unit.id, Unit.name).join(Unit, Unit.id == Directive.issuer_id).order_by(Unit.id)
    )
    return {
        "year": [Choice(int(value), str(int(value)), count) for value, count in years],
        "kind": [Choice(value, value, count) for value, count in kinds],
        "field": [Choice(value, value, count) for value, count in fields],
        "issuer": [Choice(value, name, count) for value, name, count in issuers],
    }


class Link(NamedTuple):
    """Another directive, or a number printed elsewhere (`id` None), as a line of “căn cứ”."""

    id: int | None
    kind: str | None
    number: str | None
    issued_on: date | None
    subject: str | None
    printed: str | None
    is_visible: bool


class Relations(NamedTuple):
    """How a directive stands to others."""

    based_on: list[Link]
    basis_of: list[Link]
    replaces: list[Link]
    replaced_by: list[Link]


def relations_of(directive: Directive, *, user: User, day: date) -> Relations:
    """Return the papers that a directive is based on or replaces, and those that name it so."""
    visible = directives_visible_to(user, day=day)
    columns = (Directive.id, Directive.kind, Directive.number, Directive.issued_on, Directive.subject)
    based = db.session.execute(
        select(*columns, DirectiveBasis.printed, visible)
        .select_from(DirectiveBasis)
        .outerjoin(Directive, Directive.id == DirectiveBasis.based_on_id)
        .where(DirectiveBasis.directive_id == directive.id)
        .order_by(DirectiveBasis.position)
    )
    standing_on = aliased(DirectiveBasis)
    others = db.session.execute(
        select(*columns, standing_on.id.is_not(None), Directive.replaces_id == directive.id, visible)
        .outerjoin(
            standing_on,
            and_(standing_on.directive_id == Directive.id, standing_on.based_on_id == directive.id),
        )
        .where(
            or_(
                standing_on.id.is_not(None),
                Directive.replaces_id == directive.id,
                Directive.id == directive.replaces_id if directive.replaces_id else ~true(),
            )
        )
        .order_by(Directive.issued_on, Directive.id)
    ).all()
    return Relations(
        based_on=[Link(*row[:5], row[5], bool(row[6])) for row in based],
        basis_of=[Link(*row[:5], None, bool(row[7])) for row in others if row[5]],
        replaces=[Link(*row[:5], None, bool(row[7])) for row in others if row[0] == directive.replaces_id],
        replaced_by=[Link(*row[:5], None, bool(row[7])) for row in others if row[6]],
    )


class PaperRow(NamedTuple):
    """One attached paper in a list."""

    id: int
    filename: str
    size: int
    added_at: datetime
    added_by: str | None


def papers_of(directive_id: int) -> list[PaperRow]:
    """Return the papers attached to a directive, as they came."""
    query = (
        select(Attachment.id, Attachment.filename, Attachment.size, Attachment.added_at, User.name)
        .outerjoin(User, User.id == Attachment.added_by_id)
        .where(Attachment.directive_id == directive_id)
        .order_by(Attachment.id)
    )
    return [PaperRow(*row) for row in db.session.execute(query)]


def coordinators_of(ids: Select[Any]) -> dict[int, list[str]]:
    """Return the names of the coordinating units of tasks, by task."""
    query = (
        select(Coordination.task_id, Unit.name)
        .join(Unit, Unit.id == Coordination.unit_id)
        .where(Coordination.task_id.in_(ids))
        .order_by(Coordination.task_id, Coordination.position)
    )
    found: dict[int, list[str]] = defaultdict(list)
    for task_id, name in db.session.execute(query):
        found[task_id].append(name)
    return found


OF_SERIES = ("series", "series_change", "series_end", "series_skip")
"""What the history says of recurring tasks of a directive, and not of the directive itself."""


class Event(NamedTuple):
    """One row of a directive's own history; `number` counts the tasks of a giving."""

    do: str
    on_day: date | None
    at: datetime | None
    who: str | None
    note: str | None
    changes: list[Any] | None
    number: int


def events_of(directive_id: int, *, user: User, day: date) -> list[Event]:
    """Return what happened to a directive itself, and each giving of its tasks as one event, oldest first.

    What happened to its recurring tasks stands on the page of each.
    """
    own = (
        select(History.id, History.do, History.on_day, History.at, User.name, History.note, History.changes)
        .outerjoin(User, User.id == History.by_id)
        .where(
            History.directive_id == directive_id, History.task_id.is_(None), History.do.not_in(OF_SERIES)
        )
    )
    given = (
        select(func.min(History.id), History.on_day, func.min(History.at), User.name, func.count())
        .join(Task, Task.id == History.task_id)
        .join(Directive, Directive.id == Task.directive_id)
        .outerjoin(User, User.id == History.by_id)
        .where(
            History.directive_id == directive_id, History.do == "give", given_by_issuer(),
            tasks_visible_to(user, day=day),
        )
        .group_by(History.on_day, History.at, User.name)
    )  # fmt: skip
    rows = [
        (first, Event(do, on_day, at, who, note, changes, 0))
        for first, do, on_day, at, who, note, changes in db.session.execute(own)
    ]
    rows += [
        (first, Event("give", on_day, at, who, None, None, number))
        for first, on_day, at, who, number in db.session.execute(given)
    ]
    return [event for _first, event in sorted(rows, key=lambda row: row[0])]


def papers_in(events: Sequence[Event]) -> dict[str, tuple[str, str | None, date]]:
    """Return kind, number and day of issue of the directives that a history names, by their keys."""
    keys: set[str] = set()
    for event in events:
        for fact, old, new in event.changes or []:
            if fact == "based_on":
                keys.update([*(old or []), *(new or [])])
            elif fact == "replaces":
                keys.update(key for key in (old, new) if key)
    if not keys:
        return {}
    query = select(Directive.key, Directive.kind, Directive.number, Directive.issued_on)
    return {key: (kind, number, on) for key, kind, number, on in
            db.session.execute(query.where(Directive.key.in_(keys)))}  # fmt: skip


class Known(NamedTuple):
    """A directive that may be named by its number: for suggestions and for finding it again."""

    id: int
    kind: str
    number: str
    issued_on: date
    issuer_name: str


def known_numbers(*, user: User, day: date, most: int = 500) -> list[Known]:
    """Return the latest directives with a number that a person sees, the latest first."""
    query = (
        select(Directive.id, Directive.kind, Directive.number, Directive.issued_on, Unit.name)
        .join(Unit, Unit.id == Directive.issuer_id)
        .where(Directive.number.is_not(None), directives_visible_to(user, day=day))
        .order_by(Directive.issued_on.desc(), Directive.id.desc())
        .limit(most)
    )
    rows = db.session.execute(query)
    return [Known(id_, kind, number or "", day_, issuer) for id_, kind, number, day_, issuer in rows]


def by_numbers(numbers: Iterable[str], *, user: User, day: date) -> dict[str, list[Directive]]:
    """Return the directives that carry these numbers and that a person sees, by number, the latest first."""
    found: dict[str, list[Directive]] = defaultdict(list)
    wanted = set(numbers)
    if not wanted:
        return found
    query = (
        select(Directive)
        .where(Directive.number.in_(wanted), directives_visible_to(user, day=day))
        .order_by(Directive.issued_on.desc(), Directive.id.desc())
    )
    for directive in db.session.scalars(query):
        found[directive.number or ""].append(directive)
    return found


def drafts_of(directive_id: int) -> ColumnElement[bool]:
    """Return the SQL condition of the tasks of a directive that are laid out and not given."""
    return and_(Task.directive_id == directive_id, Task.state == State.DRAFT)
