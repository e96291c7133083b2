"""The language of the interface: one for the whole installation, so its catalogue is read once a process.

The library asks at each text what the request speaks, and finds the catalogue anew; a page has hundreds.
Texts are marked as everywhere with it: `_("…")` where a request or a job says them, `lazy_gettext` where a
module is read.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from babel.support import NullTranslations
from flask import Flask
from flask_babel import Babel, Domain
from flask_babel.speaklater import LazyString
from jinja2 import pass_eval_context
from markupsafe import Markup

MOST_REMEMBERED = 4_096
"""Texts of templates that are kept as they are printed; there are about half as many."""


class OneLanguage(Domain):
    """The texts of the installation's one language; as they are written until a catalogue is read."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._texts: Any = NullTranslations()

    def read(self) -> None:
        """Read the catalogue of the application whose context it is."""
        self._texts = super().get_translations()

    def get_translations(self) -> Any:
        """Return the catalogue."""
        return self._texts


_language = OneLanguage()


def gettext(message: str, /, **values: Any) -> str:
    """Return a text in the language of the installation, with these values in it."""
    return _language.gettext(message, **values)


def ngettext(one: str, many: str, number: int, /, **values: Any) -> str:
    """Return the text for a number of things, with the number as `num` and these values in it."""
    return _language.ngettext(one, many, number, **values)


def lazy_gettext(message: str, /, **values: Any) -> LazyString:
    """Return a text that is looked up when it is printed."""
    return LazyString(gettext, message, **values)


def init_app(app: Flask) -> None:
    """Read the catalogue of `app`, and let its templates say texts as `_`."""
    global _language
    babel = Babel(app, default_translation_directories=f"{app.root_path}/translations")
    _language = OneLanguage(domain=app.extensions["babel"].default_domain)
    babel.domain_instance = _language
    with app.app_context():
        _language.read()
    app.jinja_env.globals["_"] = _texts_of_templates(_language)


def _texts_of_templates(language: Domain) -> Callable[..., str]:
    """Return what templates call as `_("…")`; values are escaped, `%%` stands for a percent sign."""

    @lru_cache(MOST_REMEMBERED)
    def marked(message: str) -> Markup:
        return Markup(language.gettext(message))  # noqa: S704 - texts of the program

    @lru_cache(MOST_REMEMBERED)
    def marked_alone(message: str) -> Markup:
        return marked(message) % {}

    @pass_eval_context
    def text(context: Any, message: str, /, **values: Any) -> str:
        if context.autoescape:
            return marked(message) % values if values else marked_alone(message)
        return language.gettext(message) % values

    return text
