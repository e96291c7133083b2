"""Loading the history file: each line through the operation that a click would take."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date, datetime, time
from typing import Any, TypeVar

from sqlalchemy import select

from tracker.clock import VIETNAM
from tracker.models import db, transaction
from tracker.models.calendar import DayKind
from tracker.models.directive import Directive
from tracker.models.people import User
from tracker.models.progress import History
from tracker.models.series import SeriesOccurrence, TaskSeries
from tracker.models.task import Task
from tracker.models.units import Unit, UnitKind
from tracker.operations import (
    calendar,
    directives,
    freezing,
    people,
    progress,
    requests,
    series,
    tasks,
    units,
)
from tracker.operations.history.shape import (
    Unreadable,
    changes_of_series,
    check,
    corrections_of,
    parse,
    read_day,
    read_moment,
    values_of,
)
from tracker.operations.recording import Stamp
from tracker.queries.settings import all_settings, working_calendar
from tracker.rules.deadlines import Pattern, read_deadline
from tracker.rules.status import State
from tracker.rules.words import N_
from tracker.rules.workflow import DomainError

FLUSH_EVERY = 2_000
"""Lines after which what was read goes to the database, still within the one transaction."""

Found = TypeVar("Found")


class BadLine(DomainError):
    """A line of a history file that cannot be loaded: its number and the reason."""

    def __init__(self, number: int, reason: str) -> None:
        super().__init__(N_("Dòng %(number)s: %(reason)s"), number=number, reason=reason)


class NotEmpty(DomainError):
    """A history loads only into an empty installation."""

    def __init__(self) -> None:
        super().__init__(N_("Hệ thống đã có dữ liệu; chỉ nạp lịch sử vào hệ thống trống."))


def load(lines: Iterable[str]) -> int:
    """Load a history into an empty installation, all or nothing; return how many lines were read.

    Raises `BadLine` with the number and the reason of the first line that does not fit, `NotEmpty` when
    the installation holds something already. Nothing is mailed for days gone by.
    """
    with transaction(bulk=True):
        if db.session.scalar(select(History.id).limit(1)) is not None:
            raise NotEmpty
        world, count = _World(), 0
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                world.take(parse(line.removeprefix("\ufeff")))
            except (Unreadable, DomainError) as error:
                raise BadLine(number, str(error)) from error
            count += 1
            if count % FLUSH_EVERY == 0:
                db.session.flush()
    return count


class _World:
    """What the lines so far have made, by the keys that the writer of the file chose."""

    def __init__(self) -> None:
        self.units: dict[str, Unit] = {}
        self.people: dict[str, User] = {}
        self.directives: dict[str, Directive] = {}
        self.tasks: dict[str, Task] = {}
        self.series: dict[str, TaskSeries] = {}
        self.last_day: date | None = None

    def take(self, event: dict[str, Any]) -> None:
        """Do what one line says."""
        do = check(event)
        stamp = self._stamp(event)
        values = values_of(do, event)
        if "task" in values and do not in ("give", "draft"):
            task = self.find(self.tasks, values.pop("task"), "nhiệm vụ")
            _ON_TASK[do](self, task, stamp, values)
        else:
            _OTHERS[do](self, stamp, values)

    def _stamp(self, event: dict[str, Any]) -> Stamp:
        on = read_day(event["on"]) if "on" in event else None
        if on is not None:
            if self.last_day is not None and on < self.last_day:
                raise Unreadable(f"ngày {on} đứng sau dòng của ngày {self.last_day}; “on” không được lùi lại")
            self.last_day = on
        day = on or self.last_day or read_day(event.get("issued_on") or event.get("day") or "1900-01-01")
        at = read_moment(event["at"]) if "at" in event else None
        by = self.person(event.get("by"))
        return Stamp(on=day, by=by, at=at, states_day=on is not None)

    def find(self, known: dict[str, Found], key: str, what: str) -> Found:
        """Return the object of a key, or refuse the line."""
        if not isinstance(key, str) or key not in known:
            raise Unreadable(f"chưa có {what} {key!r}")
        return known[key]

    def unit(self, code: str) -> Unit:
        return self.find(self.units, code, "đơn vị")

    def person(self, login: str | None) -> User | None:
        return None if login is None else self.find(self.people, login, "người")

    def add(self, known: dict[str, Found], key: str, thing: Found, what: str) -> None:
        """Keep a new object under its key, which must not be taken."""
        if key in known:
            raise Unreadable(f"{what} {key!r} đã có ở dòng trước")
        known[key] = thing


def _unit(world: _World, stamp: Stamp, v: dict[str, Any]) -> None:
    if v.get("kind") is not None and v["kind"] not in set(UnitKind):
        raise Unreadable(f"kind {v['kind']!r} không nằm trong: {', '.join(UnitKind)}")
    parent = world.unit(v.pop("parent")) if v.get("parent") is not None else None
    v.pop("parent", None)
    code = v["code"]
    world.add(world.units, code, units.found(stamp=stamp, parent=parent, **v), "đơn vị")


def _unit_end(world: _World, stamp: Stamp, v: dict[str, Any]) -> None:
    successor = world.unit(v["successor"]) if v.get("successor") is not None else None
    units.end(world.unit(v["code"]), stamp=stamp, successor=successor)


def _person(world: _World, stamp: Stamp, v: dict[str, Any]) -> None:
    unit = world.unit(v.pop("unit"))
    world.add(world.people, v["login"], people.add(stamp=stamp, unit=unit, **v), "người")


def _role(world: _World, stamp: Stamp, v: dict[str, Any]) -> None:
    user = world.find(world.people, v["login"], "người")
    people.give_role(user, stamp=stamp, unit=world.unit(v["unit"]), role=v["role"])


def _role_end(world: _World, stamp: Stamp, v: dict[str, Any]) -> None:
    user = world.find(world.people, v["login"], "người")
    people.end_role(user, stamp=stamp, unit=world.unit(v["unit"]), role=v["role"])


def _day_off(world: _World, stamp: Stamp, v: dict[str, Any]) -> None:
    calendar.set_day(v["day"], DayKind.DAY_OFF, stamp=stamp, name=v.get("name"))


def _working_day(world: _World, stamp: Stamp, v: dict[str, Any]) -> None:
    calendar.set_day(v["day"], DayKind.WORKING_DAY, stamp=stamp, name=v.get("name"))


def _setting(world: _World, stamp: Stamp, v: dict[str, Any]) -> None:
    calendar.change_setting(v["name"], v["value"], stamp=stamp)


def _bases(world: _World, words: list[str] | None) -> list[Directive | str]:
    return [world.directives.get(word, word) for word in words or []]


def _directive(world: _World, stamp: Stamp, v: dict[str, Any]) -> None:
    key = v.pop("directive")
    replaces = v.pop("replaces", None)
    directive = directives.register(
        stamp=stamp,
        key=key,
        issuer=world.unit(v.pop("issuer")),
        based_on=_bases(world, v.pop("based_on", None)),
        replaces=world.find(world.directives, replaces, "văn bản") if replaces else None,
        **v,
    )
    world.add(world.directives, key, directive, "văn bản")


def _give(world: _World, stamp: Stamp, v: dict[str, Any]) -> None:
    drafted = world.tasks.get(v["task"])
    if drafted is not None and drafted.state is State.DRAFT:
        if v.get("series") is not None:
            raise Unreadable("một kỳ của chuỗi không có dự thảo")
        if drafted.unit is not world.unit(v["unit"]) or drafted.due_on != v.get("due"):
            raise Unreadable("dòng giao khác với dự thảo ở đơn vị hoặc thời hạn")
        tasks.give_draft(drafted, stamp=stamp)
        return
    _lay_out(world, stamp, v, draft=False)


def _draft(world: _World, stamp: Stamp, v: dict[str, Any]) -> None:
    _lay_out(world, stamp, v, draft=True)


def _lay_out(world: _World, stamp: Stamp, v: dict[str, Any], *, draft: bool) -> None:
    directive = world.find(world.directives, v["directive"], "văn bản")
    order = tasks.Order(
        key=v["task"],
        unit=world.unit(v["unit"]),
        content=v["content"],
        due_on=_due(directive, stamp, v, draft=draft),
        item=v.get("item"),
        due_phrase=v.get("due_phrase"),
        due_time=v.get("due_time"),
        coordinating=[world.unit(code) for code in v.get("coordinating") or []],
        officer=world.person(v.get("officer")),
        tracker=world.person(v.get("tracker")),
        leader=world.person(v.get("leader")),
        product=v.get("product"),
        parent=world.find(world.tasks, v["parent"], "nhiệm vụ") if v.get("parent") else None,
    )
    if order.key in world.tasks:
        raise Unreadable(f"nhiệm vụ {order.key!r} đã có ở dòng trước")
    if v.get("series") is not None:
        order = replace(order, occurrence=_turn(world, stamp, v, order))
    world.tasks[v["task"]] = tasks.give(directive, [order], stamp=stamp, draft=draft)[0]


def _turn(world: _World, stamp: Stamp, v: dict[str, Any], order: tasks.Order) -> SeriesOccurrence:
    each = world.find(world.series, v["series"], "chuỗi định kỳ")
    if v.get("occurrence") is None or order.due_on is None or order.parent is not None:
        raise Unreadable("một kỳ của chuỗi cần “occurrence” và “due”, và không có “parent”")
    if each.directive.key != v["directive"]:
        raise Unreadable(f"chuỗi {v['series']!r} là của văn bản khác")
    return series.turn_of(each, day=v["occurrence"], due_on=order.due_on, stamp=stamp)


def _series(world: _World, stamp: Stamp, v: dict[str, Any]) -> None:
    plan = series.Plan(
        key=v["series"],
        unit=world.unit(v["unit"]),
        content=v["content"],
        phrase=v["phrase"],
        pattern=v["pattern"],
        due_time=v.get("due_time"),
        item=v.get("item"),
        product=v.get("product"),
        coordinating=[world.unit(code) for code in v.get("coordinating") or []],
        officer=world.person(v.get("officer")),
        tracker=world.person(v.get("tracker")),
        leader=world.person(v.get("leader")),
        starts_on=v.get("from"),
        until=v.get("until"),
    )
    directive = world.find(world.directives, v["directive"], "văn bản")
    if v["series"] in world.series:
        raise Unreadable(f"chuỗi định kỳ {v['series']!r} đã có ở dòng trước")
    world.series[v["series"]] = series.lay_out(directive, plan, stamp=stamp)


def _series_change(world: _World, stamp: Stamp, v: dict[str, Any]) -> None:
    values = {
        "starts_on" if key == "from" else key: _value_of_series(world, key, value)
        for key, value in changes_of_series(v["set"]).items()
    }
    series.alter(
        world.find(world.series, v["series"], "chuỗi định kỳ"), stamp=stamp, reason=v["reason"], **values
    )


def _value_of_series(world: _World, key: str, value: Any) -> Any:
    match key:
        case "pattern":
            return Pattern.parse(value)
        case "from" | "until":
            return value and read_day(value)
    return _value_of_task(world, key, value)


def _series_end(world: _World, stamp: Stamp, v: dict[str, Any]) -> None:
    series.end(world.find(world.series, v["series"], "chuỗi định kỳ"), stamp=stamp, reason=v["reason"])


def _series_skip(world: _World, stamp: Stamp, v: dict[str, Any]) -> None:
    each = world.find(world.series, v["series"], "chuỗi định kỳ")
    series.skip(each, day=v["occurrence"], due_on=v["due"], why=v["skipped"], stamp=stamp)


def _due(directive: Directive, stamp: Stamp, v: dict[str, Any], *, draft: bool) -> date | None:
    if "due" in v:
        return v["due"]
    if phrase := v.get("due_phrase"):
        reading = read_deadline(
            phrase,
            issued_on=directive.issued_on,
            received_on=stamp.on,
            calendar=working_calendar(),
            strict_before=all_settings()["strict_before"],
        )
        if reading.due_on is not None:
            return reading.due_on
    if draft:
        return None
    raise Unreadable('giao nhiệm vụ cần "due": một ngày, hoặc null khi không thời hạn')


def _correct(world: _World, stamp: Stamp, v: dict[str, Any]) -> None:
    values = corrections_of(v["what"], v["set"])
    match v["what"]:
        case "unit":
            units.correct(world.unit(v["key"]), stamp=stamp, **values)
        case "person":
            people.correct(world.find(world.people, v["key"], "người"), stamp=stamp, **values)
        case "directive":
            directives.correct(
                world.find(world.directives, v["key"], "văn bản"),
                stamp=stamp,
                **{key: _value_of_directive(world, key, value) for key, value in values.items()},
            )
        case "task":
            tasks.edit(
                world.find(world.tasks, v["key"], "nhiệm vụ"),
                stamp=stamp,
                **{key: _value_of_task(world, key, value) for key, value in values.items()},
            )


def _value_of_directive(world: _World, key: str, value: Any) -> Any:
    match key:
        case "issued_on":
            return read_day(value)
        case "replaces":
            return value and world.find(world.directives, value, "văn bản")
        case "based_on":
            return _bases(world, value)
    return value


def _value_of_task(world: _World, key: str, value: Any) -> Any:
    match key:
        case "officer" | "tracker" | "leader":
            return world.person(value)
        case "unit":
            return world.unit(value)
        case "coordinating":
            return [world.unit(code) for code in value or []]
        case "due_on":
            return value and read_day(value)
        case "due_time":
            return value and time.fromisoformat(value)
    return value


def _freeze(world: _World, stamp: Stamp, v: dict[str, Any]) -> None:
    data, note = v.pop("data"), v.pop("note", None)
    told = {key: value.isoformat() if isinstance(value, date) else value for key, value in v.items()}
    if stamp.at is None:
        stamp = replace(stamp, at=datetime.combine(stamp.on, time(), VIETNAM))
    freezing.keep(world.unit(v["assigner"]), data, told=told, stamp=stamp, note=note)


def _accept(world: _World, task: Task, stamp: Stamp, v: dict[str, Any]) -> None:
    tasks.accept(task, stamp=stamp, officer=world.person(v.get("officer")))


def _reassign(world: _World, task: Task, stamp: Stamp, v: dict[str, Any]) -> None:
    tasks.reassign(task, stamp=stamp, unit=world.unit(v.pop("unit")), **v)


def _transfer(world: _World, task: Task, stamp: Stamp, v: dict[str, Any]) -> None:
    tasks.transfer(task, stamp=stamp, unit=world.unit(v.pop("unit")), **v)


def _contribute(world: _World, task: Task, stamp: Stamp, v: dict[str, Any]) -> None:
    progress.contribute(task, stamp=stamp, unit=world.unit(v["unit"]), text=v["text"])


def _ask_extension(world: _World, task: Task, stamp: Stamp, v: dict[str, Any]) -> None:
    requests.ask_extension(task, stamp=stamp, until=v["until"], reason=v["reason"])


def _refuse_extension(world: _World, task: Task, stamp: Stamp, v: dict[str, Any]) -> None:
    requests.refuse_extension(task, stamp=stamp, decision=v.get("decision"), reason=v.get("reason"))


def _set_due(world: _World, task: Task, stamp: Stamp, v: dict[str, Any]) -> None:
    tasks.set_due(task, stamp=stamp, due_on=v["due"], reason=v["reason"])


def _plainly(operation: Callable[..., Any]) -> Callable[[_World, Task, Stamp, dict[str, Any]], None]:
    """Return the handler of a line whose keys are just what its operation takes."""

    def handle(world: _World, task: Task, stamp: Stamp, v: dict[str, Any]) -> None:
        operation(task, stamp=stamp, **v)

    return handle


_OTHERS: dict[str, Callable[[_World, Stamp, dict[str, Any]], None]] = {
    "unit": _unit, "unit_end": _unit_end, "person": _person, "role": _role, "role_end": _role_end,
    "day_off": _day_off, "working_day": _working_day, "setting": _setting, "directive": _directive,
    "give": _give, "draft": _draft, "correct": _correct, "freeze": _freeze, "series": _series,
    "series_change": _series_change, "series_end": _series_end, "series_skip": _series_skip,
}  # fmt: skip

_ON_TASK: dict[str, Callable[[_World, Task, Stamp, dict[str, Any]], None]] = {
    "accept": _accept, "ask_return": _plainly(requests.ask_return),
    "refuse_return": _plainly(requests.refuse_return), "reassign": _reassign,
    "progress": _plainly(progress.update), "contribute": _contribute, "ask_extension": _ask_extension,
    "grant_extension": _plainly(requests.grant_extension), "refuse_extension": _refuse_extension,
    "set_due": _set_due, "report": _plainly(progress.report), "confirm": _plainly(progress.confirm),
    "rework": _plainly(progress.rework), "reopen": _plainly(progress.reopen),
    "cancel": _plainly(tasks.cancel), "transfer": _transfer,
}  # fmt: skip
