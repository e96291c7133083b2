"""The form of some settings: a field for each rule, and its values as people read and type them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flask import abort, g
from wtforms import BooleanField, ValidationError

from tracker.language import gettext as _
from tracker.queries.units import administers_a_root
from tracker.rules.settings import RULES, BadSetting, SettingRule, read_setting
from tracker.web.forms import Form, line, say


class SettingsForm(Form):
    """The base of a form of settings; its fields are made from the rules (`settings_form`)."""

    names: tuple[str, ...] = ()

    @property
    def typed(self) -> dict[str, Any]:
        """The settings as typed, read as the rules want them. The fields have passed their checks."""
        return {name: read_setting(name, self[name].data) for name in self.names}

    def changed(self, stored: Mapping[str, Any]) -> dict[str, Any]:
        """Return the settings whose typed value is another than the stored one."""
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in self.typed.items()
            if value != stored[name]
        }

    def differing(self, stored: Mapping[str, Any]) -> list[tuple[str, str, str]]:
        """Return label, typed value and stored value of those that differ, for a conflict."""
        return [
            (_(RULES[name].label), as_read(value), as_read(stored[name]))
            for name, value in self.typed.items()
            if value != stored[name]
        ]


def settings_form(
    names: Iterable[str], *, stored: Mapping[str, Any], base: type[SettingsForm] = SettingsForm,
    **options: Any,
) -> Any:  # fmt: skip
    """Return the form of the settings `names`, filled with the stored values, and of the fields of `base`."""
    fields: dict[str, Any] = {name: _field(name, RULES[name]) for name in names}
    made = type("MadeForm", (base,), {"names": tuple(names), **fields})
    data = {name: as_typed(stored[name]) for name in names} | options.pop("data", {})
    return made(data=data, **options)


def _field(name: str, rule: SettingRule) -> Any:
    def is_good(_form: Any, field: Any) -> None:
        try:
            read_setting(name, field.data)
        except BadSetting as error:
            raise ValidationError(say(error)) from error

    return BooleanField(_(rule.label)) if isinstance(rule.default, bool) else line(_(rule.label), is_good)


def hint_of(name: str) -> str:
    """Return what stands below the field of a setting: what it means, and its default."""
    rule = RULES[name]
    default = _("Mặc định: %(value)s.", value=as_read(rule.default)) if rule.default != "" else ""
    return " ".join(part for part in (_(rule.hint) if rule.hint else "", default) if part)


def as_read(value: Any) -> str:
    """Return a value of a setting as a reader expects it."""
    if isinstance(value, bool):
        return _("có") if value else _("không")
    return as_typed(value) or _("(trống)")


def as_typed(value: Any) -> Any:
    """Return a value of a setting as it stands in its field."""
    if isinstance(value, bool):
        return value
    return ", ".join(str(each) for each in value) if isinstance(value, list | tuple) else str(value)


def require_root() -> None:
    """Answer 403 unless the person administers a whole tree."""
    if not administers_a_root(g.user, day=g.today):
        abort(403)
