"""The application itself, which remembers the addresses that its pages name over and over."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from flask import Flask, has_request_context, request

MOST_KEPT = 4_096
"""Addresses that an application remembers."""


class Site(Flask):
    """A Flask application that builds an address within itself once."""

    def __init__(self, *words: Any, **values: Any) -> None:
        super().__init__(*words, **values)
        self._known = lru_cache(MOST_KEPT, typed=True)(self._build)

    def url_for(
        self, /, endpoint: str, *, _anchor: str | None = None, _method: str | None = None,
        _scheme: str | None = None, _external: bool | None = None, **values: Any,
    ) -> str:  # fmt: skip
        """Return the address of a page, as Flask builds it."""
        is_plain = _anchor is _method is _scheme is _external is None and not endpoint.startswith(".")
        if is_plain and has_request_context():
            try:
                return self._known(request.root_path, endpoint, **values)
            except TypeError:  # a list of values
                pass
        return super().url_for(
            endpoint, _anchor=_anchor, _method=_method, _scheme=_scheme, _external=_external, **values
        )

    def _build(self, _root: str, /, endpoint: str, **values: Any) -> str:
        return super().url_for(endpoint, **values)
