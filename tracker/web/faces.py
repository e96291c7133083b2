"""Fields that are drawn once: lists to choose from, days and ticks look the same on page after page.

To write one anew takes some four hundred calls, and a page has up to a dozen. What makes up the looks of such
a field is gathered in a few; a field of free text, or one that was refused, is always written anew.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from flask import Flask
from jinja2.runtime import Macro
from markupsafe import Markup
from wtforms import BooleanField, Field, SelectChoice, SelectField
from wtforms.widgets import Select

from tracker.web.forms import DayField, Options

MOST_KEPT = 512
"""Fields that a process remembers, then it begins anew."""
MOST_CHOICES = 100
"""A list of more choices is written anew: to compare two of them takes as long."""

_drawn: dict[Hashable, Markup] = {}


def drawn(macro: Macro, field: Field, *given: Hashable, **named: Hashable) -> Markup:
    """Return what a macro writes of a field; `given` and `named` are its further arguments.

    The macro must see nothing else: what it wrote of an equal field and equal arguments is written again.
    """
    face = face_of(field)
    key = None if face is None else (macro, face, given, tuple(named.items()))
    written = _drawn.get(key)
    if written is None:
        written = Markup(macro(field, *given, **named))  # noqa: S704 - a macro escapes
        if key is not None:
            if len(_drawn) >= MOST_KEPT:
                _drawn.clear()
            _drawn[key] = written
    return written


def face_of(field: Field) -> Hashable | None:
    """Return all that a field looks like, None where that is not worth remembering."""
    if field.errors or field.render_kw:
        return None
    shown = _value_of(field)
    if shown is None:
        return None
    flags = tuple(sorted(vars(field.flags).items()))
    return type(field), field.id, field.name, str(field.label.text), str(field.description), flags, shown


def _value_of(field: Field) -> Hashable | None:
    if isinstance(field, DayField):
        return field.shown
    if isinstance(field, BooleanField):
        return bool(field.data)
    if isinstance(field, SelectField) and type(field.widget) in (Select, Options):
        return _choices_of(field)
    return None


def _choices_of(field: SelectField) -> Hashable | None:
    choices: Any = field.choices or ()
    if len(choices) > MOST_CHOICES:
        return None
    offered = []
    for each in choices:
        if not isinstance(each, SelectChoice) or each.render_kw:
            return None
        offered.append((each.value, str(each.label), each.optgroup))
    return str(field.data), tuple(offered)


def register(app: Flask) -> None:
    """Let the templates of `app` draw fields with `drawn`."""
    app.jinja_env.globals["drawn"] = drawn
