"""Looking for words in folded text; in tasks by an index of their words, whose number has no end."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, bindparam, column, func, literal_column, select, table

from tracker.models import db
from tracker.models.task import Task
from tracker.rules.text import fold

MOST_WORDS = 10
_TOKEN = re.compile(r"[^\W_]+")
_WORDS = table("task_words", column("rowid"))
"""What the migrations make on SQLite: a row of words for each task, under its id."""


_VECTOR = "to_tsvector('simple', regexp_replace(task.search_text, '[^[:alnum:]]+', ' ', 'g'))"
"""What the index on PostgreSQL holds, letter for letter."""


def holds_words(text_column: Any, text: str) -> list[ColumnElement[bool]]:
    """Return the SQL conditions that a folded column holds each word of `text`; % and _ are plain letters."""
    return [text_column.contains(word, autoescape=True) for word in _words_of(text)]


def tasks_hold_words(text: str) -> list[ColumnElement[bool]]:
    """Return the SQL conditions over `Task` that it holds each word of `text`, or words that begin so.

    What is typed with signs in it (254/UBND-NV, 100%) must stand there with its signs.
    """
    words = _words_of(text)
    beginnings = [token for word in words for token in _TOKEN.findall(word)]
    signed = [word for word in words if not _TOKEN.fullmatch(word)]
    found = [_any_task_with(beginnings)] if beginnings else []
    return found + [Task.search_text.contains(word, autoescape=True) for word in signed]


def _words_of(text: str) -> list[str]:
    return fold(text).split()[:MOST_WORDS]


def _any_task_with(beginnings: list[str]) -> ColumnElement[bool]:
    query: Select[Any]
    if db.session.get_bind().dialect.name == "sqlite":
        asked = bindparam(None, " AND ".join(f'"{each}"*' for each in beginnings), type_=Text())
        query = select(column("rowid")).select_from(_WORDS)
        return Task.id.in_(query.where(literal_column("task_words").op("MATCH")(asked)))
    wanted = func.to_tsquery("simple", " & ".join(f"{each}:*" for each in beginnings))
    query = select(Task.id).where(literal_column(_VECTOR).op("@@")(wanted)).correlate(None)
    # The OFFSET keeps the planner from walking all tasks, newest first, until enough of them match.
    return Task.id.in_(query.offset(0))
