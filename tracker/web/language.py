"""The language of the interface: one for the whole installation, so its texts are looked up once a process.

The library asks at each text what the request speaks, and finds the catalogue anew; a page has hundreds.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, lru_cache
from typing import Any

from flask import Flask
from flask_babel import Babel, Domain
from jinja2 import pass_eval_context
from markupsafe import Markup

MOST_REMEMBERED = 4_096
"""Texts of templates that are kept as they are printed; there are about half as many."""


class OneLanguage(Domain):
    """The texts of the installation's one language."""

    @cached_property
    def _texts(self) -> Any:
        return super().get_translations()

    def get_translations(self) -> Any:
        """Return the catalogue, read at the first text of the process."""
        return self._texts


def init_app(app: Flask) -> None:
    """Let the pages of `app` speak one language: as `gettext` of the library, and as `_` in templates."""
    babel = Babel(app, default_translation_directories=f"{app.root_path}/translations")
    language = OneLanguage(domain=app.extensions["babel"].default_domain)
    babel.domain_instance = language
    app.jinja_env.globals["_"] = _texts_of_templates(language)


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
