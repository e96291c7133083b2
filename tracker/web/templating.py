"""The environment of the templates."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Hashable, KeysView, MutableMapping
from functools import lru_cache
from typing import Any

from flask import Flask
from flask.templating import Environment
from jinja2.runtime import Macro
from markupsafe import Markup

MOST_KEPT = 512
"""Pieces of pages that a process remembers, of one or two kilobytes each."""


class Names(ChainMap[str, Any]):
    """The names that a template finds, its own before those of all."""

    def keys(self) -> KeysView[str]:
        """Return the names, gathered at once.

        Each import of a template asks whether the page knows more names, and the parent class looks for
        every single one in every map.
        """
        names: dict[str, Any] = {}
        for each in self.maps:
            names.update(each)
        return names.keys()


class PageEnvironment(Environment):
    """The environment of Flask, quicker where one template imports from another."""

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """Return the names of a template: those given, and those of all."""
        return Names({} if d is None else d, self.globals)


@lru_cache(MOST_KEPT, typed=True)
def remembered(macro: Macro, *given: Hashable) -> Markup:
    """Return what a macro writes of these values; it is written once a process, and then remembered.

    It is for what pages say over and over: menus, heads of tables, choices of periods. The macro must be
    imported from a file of components, where it sees nothing but what it is given and the texts. What is
    given is always text or always markup: the two are equal to each other.
    """
    return Markup(macro(*given))  # noqa: S704 - a macro escapes


def register(app: Flask) -> None:
    """Let the templates of `app` keep what they write."""
    app.jinja_env.globals["remembered"] = remembered
