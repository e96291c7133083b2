"""What a reader in its own process answers, as JSON: plain data of this house and nothing that can run.

The process that read a hostile file is not trusted, so its answer is never unpickled. Only
dataclasses, named tuples and enumerations of `tracker.intake` and `tracker.rules`, days, times and plain
values exist in it.
"""

from __future__ import annotations

import base64
import dataclasses
import importlib
import json
from datetime import date, datetime, time
from enum import Enum
from functools import cache
from typing import Any

HOUSE = ("tracker.intake.", "tracker.rules.")
_OF_TIME: dict[str, Any] = {"date": date, "datetime": datetime, "time": time}


def write_answer(value: Any) -> bytes:
    """Return a value as bytes; tuples stay tuples, lists lists. Raises `TypeError` for anything else."""
    return json.dumps(_to_data(value), ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def read_answer(content: bytes) -> Any:
    """Return the value that `write_answer` wrote; raise `ValueError` for anything else."""
    try:
        return _from_data(json.loads(content.decode()))
    except (KeyError, TypeError, AttributeError, ImportError, RecursionError) as error:
        raise ValueError("not an answer") from error


def _to_data(value: Any) -> Any:
    if isinstance(value, Enum):
        return {"e": _name(type(value)), "v": value.value}
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return {"c": _name(type(value)), "v": {n: _to_data(getattr(value, n)) for n in value._fields}}
    if isinstance(value, tuple):
        return {"t": [_to_data(each) for each in value]}
    if isinstance(value, bytes):
        return {"b": base64.b64encode(value).decode()}
    if isinstance(value, list):
        return [_to_data(each) for each in value]
    if isinstance(value, dict):
        return {"d": [[_to_data(key), _to_data(each)] for key, each in value.items()]}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = dataclasses.fields(value)
        return {"c": _name(type(value)), "v": {f.name: _to_data(getattr(value, f.name)) for f in fields}}
    if isinstance(value, (date, time)):
        return {"w": type(value).__name__, "v": value.isoformat()}
    raise TypeError(f"{type(value).__name__} is no plain data")


def _from_data(data: Any) -> Any:
    if isinstance(data, list):
        return [_from_data(each) for each in data]
    if not isinstance(data, dict):
        return data
    if "b" in data:
        return base64.b64decode(data["b"])
    if "t" in data:
        return tuple(_from_data(each) for each in data["t"])
    if "d" in data:
        return {_from_data(key): _from_data(each) for key, each in data["d"]}
    if "w" in data:
        return _OF_TIME[data["w"]].fromisoformat(data["v"])
    if "e" in data:
        return house_class(data["e"], Enum)(data["v"])
    return house_class(data["c"])(**{name: _from_data(each) for name, each in data["v"].items()})


def _name(kind: type) -> str:
    return f"{kind.__module__}:{kind.__qualname__}"


@cache
def house_class(name: str, base: type | None = None) -> Any:
    """Return the class `module:Name`, of plain data or of `base`; raise `ValueError` for others."""
    module, _, word = name.partition(":")
    if not module.startswith(HOUSE):
        raise ValueError(f"{name} is not of this house")
    kind = getattr(importlib.import_module(module), word)
    is_data = dataclasses.is_dataclass(kind) or hasattr(kind, "_fields")
    if not isinstance(kind, type) or not (issubclass(kind, base) if base else is_data):
        raise ValueError(f"{name} is no plain data")
    return kind
