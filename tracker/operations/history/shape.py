"""The shape of the history file: which lines there are, what each says, and how its values are read."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from enum import StrEnum
from typing import Any

from sqlalchemy import Column

from tracker.clock import VIETNAM
from tracker.models.directive import Directive, DirectiveBasis
from tracker.models.people import Role, User
from tracker.models.series import TaskSeries
from tracker.models.task import Request, Task
from tracker.models.units import Unit
from tracker.rules.deadlines import Pattern
from tracker.rules.series import Skipped
from tracker.rules.text import nfc

_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_LARGEST_PLACE = 2**31 - 1
"""The largest whole number that every database holds."""


class Unreadable(Exception):
    """The reason why a line cannot be read, for the person who wrote it."""


def parse(line: str) -> dict[str, Any]:
    """Return the object that a line holds; raise `Unreadable` when it is not one JSON object."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        keys = [key for key, _ in pairs]
        if doubled := {key for key in keys if keys.count(key) > 1}:
            raise Unreadable(f"khóa lặp lại: {', '.join(sorted(doubled))}")
        return dict(pairs)

    def refuse(word: str) -> None:
        raise Unreadable(f"không phải JSON hợp lệ ({word})")

    try:
        event = json.loads(line, object_pairs_hook=once, parse_constant=refuse)
        if not isinstance(event, dict):
            raise Unreadable("mỗi dòng phải là một đối tượng JSON")
        return {key: _composed(value) for key, value in event.items()}
    except ValueError as error:
        raise Unreadable(f"không phải JSON hợp lệ ({error})") from error
    except RecursionError as error:
        raise Unreadable("không phải JSON hợp lệ (lồng nhau quá sâu)") from error


def _composed(value: Any) -> Any:
    """Return a value with every text in it in NFC, however it was escaped."""
    match value:
        case str():
            if _LONE_SURROGATE.search(value):
                raise Unreadable(f"chữ hỏng, không phải Unicode: {value!a}")
            return nfc(value)
        case list():
            return [_composed(each) for each in value]
        case dict():
            return {key: _composed(each) for key, each in value.items()}
    return value


def read_day(value: Any) -> date:
    """Return the day that a line names as YYYY-MM-DD; raise `Unreadable` for anything else."""
    try:
        if not isinstance(value, str) or not _DAY.fullmatch(value):
            raise ValueError
        return date.fromisoformat(value)
    except ValueError as error:
        raise Unreadable(f"ngày không hợp lệ: {value!r}, cần dạng YYYY-MM-DD") from error


def read_moment(value: Any) -> datetime:
    """Return the aware moment that a line names in ISO 8601; raise `Unreadable` for anything else."""
    try:
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            raise ValueError
        for zone in (UTC, VIETNAM):
            moment.astimezone(zone)
        return moment
    except (TypeError, ValueError, OverflowError) as error:
        raise Unreadable(f"thời điểm không hợp lệ: {value!r}, cần ISO 8601 có múi giờ") from error


def _hour(value: Any) -> time:
    try:
        return time.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise Unreadable(f"giờ không hợp lệ: {value!r}, cần dạng HH:MM") from error


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise Unreadable(f"cần một chuỗi chữ, không phải {value!r}")
    return value


def _fitting(column: Any) -> Callable[[Any], str]:
    """Return the reader of a text that this column keeps: SQLite would take a longer one, PostgreSQL not."""
    (stored,) = column.property.columns
    assert isinstance(stored, Column)
    most: int = stored.type.length  # type: ignore[attr-defined]

    def read(value: Any) -> str:
        if len(_text(value)) > most:
            raise Unreadable(f"dài quá {most} ký tự: {value[:40]!r}…")
        return value

    return read


def _whole(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise Unreadable(f"cần một số nguyên, không phải {value!r}")
    if abs(value) > _LARGEST_PLACE:
        raise Unreadable(f"số quá lớn: {value}")
    return value


def _yes_no(value: Any) -> bool:
    if not isinstance(value, bool):
        raise Unreadable(f"cần true hoặc false, không phải {value!r}")
    return value


def _any(value: Any) -> Any:
    return value


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Unreadable("cần một đối tượng")
    return value


def _one_of(kinds: type[StrEnum]) -> Callable[[Any], Any]:
    def read(value: Any) -> Any:
        try:
            return kinds(value)
        except ValueError as error:
            raise Unreadable(f"{value!r} không nằm trong: {', '.join(kinds)}") from error

    return read


def _pattern(value: Any) -> Pattern:
    try:
        return Pattern.parse(_fitting(TaskSeries.rule)(value))
    except ValueError as error:
        raise Unreadable(f"không hiểu quy tắc lặp {value!r}, ví dụ “monthly 24”") from error


def _list(value: Any) -> list[str]:
    if not isinstance(value, list):
        raise Unreadable(f"cần một danh sách, không phải {value!r}")
    return [_BASIS(each) for each in value]


_BASIS = _fitting(DirectiveBasis.printed)
_READERS: dict[str, Callable[[Any], Any]] = {
    "code": _fitting(Unit.code), "name": _fitting(Unit.name), "parent": _text,
    "kind": _fitting(Directive.kind), "title_of_head": _fitting(Unit.title_of_head),
    "email": _fitting(User.email), "org_code": _fitting(Unit.org_code), "order": _whole, "successor": _text,
    "login": _fitting(User.login), "unit": _text, "role": _one_of(Role), "title": _fitting(User.title),
    "day": read_day, "value": _any, "directive": _fitting(Directive.key), "subject": _text, "issuer": _text,
    "issued_on": read_day, "number": _fitting(Directive.number), "signer": _fitting(Directive.signer),
    "signer_title": _fitting(Directive.signer_title), "field": _fitting(Directive.field),
    "urgency": _fitting(Directive.urgency), "based_on": _list, "meeting": _fitting(Directive.meeting),
    "replaces": _text, "task": _fitting(Task.key), "content": _text, "item": _fitting(Task.item),
    "due": read_day, "due_phrase": _fitting(Task.due_phrase), "due_time": _hour, "coordinating": _list,
    "officer": _text, "tracker": _text, "leader": _text, "product": _text, "reason": _text, "text": _text,
    "percent": _whole, "difficulties": _text, "until": read_day, "decision": _fitting(Request.decision),
    "result": _fitting(Task.result), "explanation": _text, "evaluation": _text, "what": _text, "key": _text,
    "set": _any, "due_on": read_day, "digest": _text, "active": _yes_no, "assigner": _text,
    "from": read_day, "to": read_day, "cut_off": read_day, "rule": _whole, "sha256": _text, "note": _text,
    "data": _object, "series": _fitting(TaskSeries.key), "phrase": _fitting(TaskSeries.phrase),
    "pattern": _pattern, "occurrence": read_day, "skipped": _one_of(Skipped),
}  # fmt: skip


@dataclass(frozen=True)
class Shape:
    """What a line must and may say, besides `at` and `by`; a dump writes the keys in this order."""

    required: tuple[str, ...]
    optional: tuple[str, ...]

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(key for key in self.required if key != "on") + self.optional


def _keys(required: str, optional: str = "") -> Shape:
    return Shape(tuple(required.split()), tuple(optional.split()))


_GIVE = _keys(
    "task directive unit content on",
    "item due due_phrase due_time coordinating officer tracker leader product parent",
)
SHAPES = {
    "unit": _keys("code name on", "parent kind title_of_head email org_code order"),
    "unit_end": _keys("code on", "successor"),
    "person": _keys("login name unit role on", "title email"),
    "role": _keys("login unit role on"),
    "role_end": _keys("login unit role on"),
    "day_off": _keys("day", "name"),
    "working_day": _keys("day", "name"),
    "setting": _keys("name value"),
    "directive": _keys(
        "directive kind subject issuer issued_on",
        "number signer signer_title field urgency based_on meeting replaces",
    ),
    "give": Shape(_GIVE.required, (*_GIVE.optional, "series", "occurrence")),
    "draft": _GIVE,
    "correct": _keys("what key set on"),
    "accept": _keys("task on", "officer"),
    "ask_return": _keys("task on reason"),
    "refuse_return": _keys("task on", "reason"),
    "reassign": _keys("task on unit", "reason"),
    "progress": _keys("task on text", "percent difficulties"),
    "contribute": _keys("task on unit text"),
    "ask_extension": _keys("task on until reason", "decision"),
    "grant_extension": _keys("task on", "until decision reason"),
    "refuse_extension": _keys("task on", "until decision reason"),
    "set_due": _keys("task on due reason"),
    "report": _keys("task on", "result text explanation"),
    "confirm": _keys("task on", "evaluation"),
    "rework": _keys("task on reason", "evaluation"),
    "reopen": _keys("task on reason", "evaluation"),
    "cancel": _keys("task on reason", "evaluation"),
    "transfer": _keys("task on unit", "reason"),
    "freeze": _keys("assigner from to cut_off on rule sha256 data", "note"),
    "series": _keys(
        "series directive unit content phrase pattern on",
        "item product due_time coordinating officer tracker leader from until",
    ),
    "series_change": _keys("series set reason on"),
    "series_end": _keys("series reason on"),
    "series_skip": _keys("series occurrence due skipped on"),
}
"""Lines of the format; `draft`, `correct`, `role`, `role_end`, `freeze` and the four of series are this
product's own additions."""

_MAY_BE_CORRECTED = {
    "unit": _keys("", "name kind title_of_head email org_code order"),
    "person": _keys("", "name title email digest active"),
    "directive": _keys(
        "", "kind number subject issued_on signer signer_title field urgency meeting replaces based_on"
    ),
    "task": _keys(
        "", "content item product officer tracker leader coordinating unit due_on due_phrase due_time"
    ),
}
"""What a `correct` line may set of each kind of object; who a task is due by and when, only of a draft."""

_MAY_BE_CHANGED = _keys(
    "", "unit content item product coordinating officer tracker leader phrase pattern due_time from until"
)
"""What a `series_change` line may set."""
_OF_EVERY_SERIES = ("unit", "content", "coordinating", "phrase", "pattern", "from")
"""What may not be set to nothing."""

HEAD = ("on", "at", "by")


def check(event: dict[str, Any]) -> str:
    """Return the `do` of a line; raise `Unreadable` when it is unknown or its keys do not fit."""
    do = event.get("do")
    if not isinstance(do, str) or do not in SHAPES:
        raise Unreadable(f"không có loại sự kiện {do!r}")
    shape = SHAPES[do]
    if missing := set(shape.required) - event.keys():
        raise Unreadable(f"{do} thiếu: {', '.join(sorted(missing))}")
    if unknown := event.keys() - {"do", *HEAD, *shape.required, *shape.optional}:
        raise Unreadable(f"{do} không có khóa: {', '.join(sorted(unknown))}")
    return do


def values_of(do: str, event: dict[str, Any]) -> dict[str, Any]:
    """Return what a checked line says, each value read: days as dates, hours as times."""
    shape = SHAPES[do]
    may_be_null = {*shape.optional, "due"}
    return {
        key: None if event[key] is None and key in may_be_null else _READERS[key](event[key])
        for key in shape.keys
        if key in event
    }


def corrections_of(what: str, values: Any) -> dict[str, Any]:
    """Return what a `correct` line sets, each value of the right kind but as it was written."""
    if what not in _MAY_BE_CORRECTED:
        raise Unreadable(f"không sửa được {what!r}")
    return _settable(what, values, _MAY_BE_CORRECTED[what])


def changes_of_series(values: Any) -> dict[str, Any]:
    """Return what a `series_change` line sets, each value of the right kind but as it was written."""
    values = _settable("series", values, _MAY_BE_CHANGED)
    if empty := [key for key in _OF_EVERY_SERIES if key in values and values[key] is None]:
        raise Unreadable(f"một chuỗi không thể thiếu: {', '.join(empty)}")
    return values


def _settable(what: str, values: Any, allowed: Shape) -> dict[str, Any]:
    if not isinstance(values, dict) or not values:
        raise Unreadable("“set” phải là một đối tượng có ít nhất một khóa")
    if unknown := values.keys() - allowed.optional:
        raise Unreadable(f"không sửa được của {what}: {', '.join(sorted(unknown))}")
    for key, value in values.items():
        if value is not None:
            _READERS[key](value)
    return values
