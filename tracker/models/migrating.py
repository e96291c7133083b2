"""Migrations of the tables, whose libraries are read only where somebody asks for them.

No process that serves does: they take 8 MB. So Flask-Migrate's place is kept for it until then.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Any

import click
from flask import Flask

from tracker.models import db

_NAMED = re.compile(r'^(revision|down_revision) = "(\w+)"', re.MULTILINE)


class _Place:
    """What `flask_migrate` looks for in an application; at the first look it is there."""

    def __init__(self, app: Flask, directory: str) -> None:
        self.app, self.directory = app, directory

    def __getattr__(self, name: str) -> Any:
        from flask_migrate import Migrate

        Migrate(self.app, db, directory=self.directory)
        return getattr(self.app.extensions["migrate"], name)


class _Commands(click.Command):
    """`flask db …`, which is Flask-Migrate's once somebody gives it."""

    def make_context(self, *words: Any, **options: Any) -> click.Context:
        """Return the context of the real group of commands."""
        from flask_migrate.cli import db as group

        return group.make_context(*words, **options)


def init_app(app: Flask, directory: Path) -> None:
    """Give an application its migrations, which stand in a folder, and the commands for them."""
    app.extensions["migrate"] = _Place(app, str(directory))
    app.cli.add_command(_Commands("db", help="Perform database migrations."))


@lru_cache(maxsize=8)
def head_of(directory: str) -> str | None:
    """Return the last migration of a folder: the one that no other comes after."""
    names: dict[str, set[str]] = {"revision": set(), "down_revision": set()}
    for path in Path(directory, "versions").glob("*.py"):
        for word, name in _NAMED.findall(path.read_text(encoding="utf-8")):
            names[word].add(name)
    return max(names["revision"] - names["down_revision"], default=None)
