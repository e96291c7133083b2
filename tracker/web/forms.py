"""What a person may type: the base of every form, and the fields that Vietnamese offices need."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from hashlib import sha256
from typing import Any
from uuid import uuid4

from flask import g
from flask_wtf import FlaskForm
from markupsafe import Markup, escape
from wtforms import (
    HiddenField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.core import UnboundField
from wtforms.validators import DataRequired, Length, Optional, ValidationError
from wtforms.widgets import Input, Select
from wtforms.widgets.core import clean_key

from tracker.language import gettext as _
from tracker.language import lazy_gettext
from tracker.operations.recording import AlreadyDone, ChangedMeanwhile, Stamp
from tracker.rules.deadlines import UnreadableDay, read_day
from tracker.rules.text import fold, nfc
from tracker.rules.workflow import DomainError
from tracker.web.uploads import PapersField as PapersField

LINE = 255
"""Longest text of one line."""

PARAGRAPHS = 5_000
"""Longest text of several lines: three printed pages."""


def clean(text: str | None) -> str | None:
    """Return what was typed in NFC, without outer blanks and without NUL."""
    return None if text is None else nfc(text).strip()


class Voluntary(Optional):
    """Marks a field that may stay empty. Unlike its parent it stops no further check of the empty field."""

    def __call__(self, form: Any, field: Any) -> None:
        """Let the field pass."""


class Required(DataRequired):
    """Asks for an empty field. What was typed and could not be read keeps the message that says why."""

    def __call__(self, form: Any, field: Any) -> None:
        """Refuse a field without data, unless its reading was refused already."""
        if not field.errors:
            super().__call__(form, field)


def required(message: str = "") -> Required:
    """Return the check that something was typed."""
    return Required(message or lazy_gettext("Mục này không được để trống."))


def no_longer_than(most: int) -> Length:
    """Return the check of the longest text.

    The field gets no `maxlength`: a browser would cut off the end of a pasted text without a word.
    """
    check = Length(max=most, message=lazy_gettext("Dài quá %(most)s ký tự. Hãy rút gọn.", most=most))
    check.field_flags = {}
    return check


def line(label: Any, *validators: Any, most: int = LINE, **options: Any) -> UnboundField:
    """Return a field of one line of text; optional unless a validator says otherwise."""
    return StringField(
        label, [*(validators or [Voluntary()]), no_longer_than(most)], filters=[clean], **options
    )


def paragraphs(label: Any, *validators: Any, most: int = PARAGRAPHS, **options: Any) -> UnboundField:
    """Return a field of several lines of text; optional unless a validator says otherwise."""
    return TextAreaField(
        label, [*(validators or [Voluntary()]), no_longer_than(most)], filters=[clean], **options
    )


def field_of_name(name: str) -> str:
    """Return the name of the form field in which a person says what an unknown name of a unit means."""
    return f"name_{sha256(fold(name).encode()).hexdigest()[:12]}"


class DayField(StringField):
    """A day as people type it: dd/mm/yyyy, 5/3, 05.03.26. `data` is a date; what was typed is kept."""

    def __init__(self, label: Any = None, validators: Any = None, **options: Any) -> None:
        self.day: date | None = None
        super().__init__(label, validators or [Voluntary()], **options)

    @property
    def shown(self) -> str:
        """What stands in the field: what was typed, else its day."""
        if self.raw_data:
            return self.raw_data[0]
        return self.data.strftime("%d/%m/%Y") if self.data else ""

    def _value(self) -> str:
        return self.shown

    def process_formdata(self, valuelist: list[str]) -> None:
        text = clean(valuelist[0]) if valuelist else ""
        self.data = None
        if not text:
            return
        try:
            self.data = read_day(text, near=g.today)
        except UnreadableDay as error:
            raise ValueError(_(error.msgid) % error.values) from error


def as_choices(pairs: Iterable[tuple[str, Any]]) -> list[SelectChoice]:
    """Return pairs of key and words as choices of a field."""
    return [SelectChoice(key, words) for key, words in pairs]


def attributes(**values: Any) -> Markup:
    """Return HTML attributes as the library writes them, each escaped once instead of four times."""
    written = []
    for key, value in sorted(values.items()):
        if value is True:
            written.append(clean_key(key))
        elif value is not False:
            written.append(f'{clean_key(key)}="{escape(value)}"')
    return Markup(" ".join(written))  # noqa: S704 - values are escaped above, names are the program's


Input.html_params = staticmethod(attributes)


class Options(Select):
    """A list to choose from, each option one text: the library asks anew for each how it is to be written."""

    @classmethod
    def render_option(cls, choice: Any, **more: Any) -> Markup:
        """Return one option."""
        if more or choice.render_kw or not isinstance(choice.value, str):
            return super().render_option(choice, **more)
        chosen, label = "selected " if choice.selected else "", choice.label or choice.value
        return Markup(f'<option {chosen}value="{escape(choice.value)}">{escape(label)}</option>')  # noqa: S704


class ChoiceField(SelectField):
    """One of a list. The keys of the choices are texts ("" for none)."""

    widget = Options()

    def pre_validate(self, form: Any) -> None:
        """Refuse what the page did not offer."""
        if not any(selected for _value, _label, selected, *_rest in self.iter_choices()):
            raise ValidationError(_("Chọn một mục trong danh sách."))


class ChoicesField(SelectMultipleField):
    """Some of a list; like `ChoiceField`."""

    def pre_validate(self, form: Any) -> None:
        """Refuse what the page did not offer."""
        offered = {str(value) for value, *_rest in self.iter_choices()}
        if not {str(value) for value in self.data or []} <= offered:
            raise ValidationError(_("Chọn các mục trong danh sách."))


class Form(FlaskForm):
    """The base of every form that writes: one submission has one token, and the version that was seen."""

    token = HiddenField()
    seen = HiddenField()

    def __init__(self, *args: Any, seen: int | None = None, **options: Any) -> None:
        super().__init__(*args, **options)
        self.form_errors: list[str] = []
        self.is_conflict = False
        if not self.is_submitted():
            self.token.data = uuid4().hex
            self.seen.data = "" if seen is None else str(seen)

    def stamp(self) -> Stamp:
        """Return who submits this form, today, now, as which submission, having seen which version."""
        seen = self.seen.data or ""
        token = nfc(self.token.data or "")
        return Stamp(
            on=g.today, by=g.user, at=g.now,
            token=token[:40] or None,
            seen=int(seen) if seen.isdecimal() and len(seen) < 10 else None,
        )  # fmt: skip

    @contextmanager
    def refusals(self) -> Iterator[None]:
        """Turn a refusal of an operation into a message of the form; a second click counts as done.

        After a `ChangedMeanwhile` the form is a conflict (`is_conflict`): the page shows both texts, and a
        further submission means it (`renew` the version that was seen).
        """
        try:
            yield
        except AlreadyDone:
            return
        except ChangedMeanwhile as error:
            self.is_conflict = True
            self.form_errors = [*self.form_errors, say(error)]
        except DomainError as error:
            self.form_errors = [*self.form_errors, say(error)]

    @property
    def was_refused(self) -> bool:
        """Whether an operation refused what was submitted."""
        return bool(self.form_errors)

    def renew(self, seen: int) -> None:
        """Let the next submission of this form stand on what is stored now, as a submission of its own."""
        self.seen.data = str(seen)
        self.token.data = uuid4().hex


def say(error: DomainError) -> str:
    """Return the sentence of a refusal in the language of the page."""
    sentence = _(error.message)
    return sentence % error.values if error.values else sentence
