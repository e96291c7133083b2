"""Looking for words in folded text; in tasks by an index of their words, whose number has no end."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Integer,
    Select,
    Text,
    all_,
    bindparam,
    column,
    func,
    literal_column,
    select,
    table,
)

from tracker.models import db
from tracker.models.statements import shaped
from tracker.models.task import Task
from tracker.rules.status import State, in_states
from tracker.rules.text import fold

MOST_WORDS = 10
SAMPLED, LOOKED_AT = 200, 10_000
"""How many of the newest tasks are looked at to know whether words are very common, and to find them."""
_TOKEN = re.compile(r"[^\W_]+")
_WORDS = table("task_words", column("rowid", Integer()))
"""What the migrations make on SQLite: a row of words for each task, under its id."""


_VECTOR = "to_tsvector('simple', regexp_replace(task.search_text, '[^[:alnum:]]+', ' ', 'g'))"
"""What the index on PostgreSQL holds, letter for letter."""


class Words(NamedTuple):
    """What is looked for in tasks: what their index is asked, and words that must stand with their signs.

    Both are texts, or parameters that stand for them; no words ask for nothing.
    """

    match: Any = None
    signed: Sequence[Any] = ()


def words_in_tasks(text: str) -> Words:
    """Return what a text asks of tasks: each word of it, or words that begin so.

    What is typed with signs in it (254/UBND-NV, 100%) must stand there with its signs.
    """
    words = _words_of(text)
    beginnings = [token for word in words for token in _TOKEN.findall(word)]
    if _is_sqlite():
        match = " AND ".join(f'"{each}"*' for each in beginnings)
    else:
        match = " & ".join(f"{each}:*" for each in beginnings)
    return Words(match or None, [_pattern(word) for word in words if not _TOKEN.fullmatch(word)])


def any_words(*, match: bool, signed: int) -> Words:
    """Return words as parameters: `match`, and `signed_0` and so on for so many words with signs."""
    return Words(
        bindparam("match", type_=Text()) if match else None,
        [bindparam(f"signed_{place}", type_=Text()) for place in range(signed)],
    )


def values_of(words: Words) -> dict[str, str]:
    """Return the values of the parameters of `any_words` by their names."""
    values = {f"signed_{place}": word for place, word in enumerate(words.signed)}
    return values | ({"match": words.match} if words.match else {})


def holds_words(text_column: Any, text: str) -> list[ColumnElement[bool]]:
    """Return the SQL conditions that a folded column holds each word of `text`; % and _ are plain letters."""
    return [text_column.like(_pattern(word), escape="/") for word in _words_of(text)]


def tasks_hold_words(words: Words) -> list[ColumnElement[bool]]:
    """Return the SQL conditions over `Task` that it holds all these words."""
    found: list[ColumnElement[bool]] = []
    if words.match is not None:
        found.append(Task.id.in_(matching(words.match)))
    return found + [Task.search_text.like(word, escape="/") for word in words.signed]


def newest_of_many(words: Words, *, states: tuple[State, ...], most: int) -> list[int]:
    """Return the ids of the newest `most` tasks of these states that hold very common words, newest first.

    None where they are less common, and on SQLite, whose index gives tasks one by one. That of PostgreSQL
    gives all that it finds at once, be they a million: so it is not asked for words that a tenth of the
    newest tasks begin with.
    """
    if words.match is None or words.signed or _is_sqlite():
        return []
    begins = [f"(^|[^[:alnum:]]){token}" for token in _TOKEN.findall(words.match)]
    found = _newest(*states, begins=begins, most=most, enough=SAMPLED // 10).scalars().all()
    return list(found) if len(found) == most else []


@shaped
def _newest(*states: State) -> Select:
    """Select the newest tasks of these states with words that begin so, none where few of a sample do."""
    begins = bindparam("begins", type_=ARRAY(Text()))
    newest = select(Task.id, Task.search_text).where(in_states(Task, states)).order_by(Task.id.desc())
    sample, looked_at = newest.limit(SAMPLED).subquery(), newest.limit(LOOKED_AT).subquery()
    number = select(func.count()).where(_begin_so(sample.c.search_text, begins)).scalar_subquery()
    are_many = number >= bindparam("enough")
    found = select(looked_at.c.id).where(are_many, _begin_so(looked_at.c.search_text, begins))
    return found.order_by(looked_at.c.id.desc()).limit(bindparam("most"))


def _begin_so(text_column: Any, begins: Any) -> ColumnElement[bool]:
    return text_column.op("~", is_comparison=True)(all_(begins))


def with_words(query: Select, words: Words, *, newest_first: bool = False) -> Select:
    """Return a SELECT over `Task` of those of its tasks that hold all these words.

    It reads the tasks off the index of words as they come, so that the first few of a great many are found
    at once on SQLite; with `newest_first` they are put in that order.
    """
    found, order = query.where(*tasks_hold_words(words)), Task.id.desc()
    if words.match is not None and _is_sqlite():
        row_id = _WORDS.c.rowid
        found = query.join(_WORDS, row_id == Task.id).where(_matches(words.match))
        found, order = found.where(*tasks_hold_words(Words(signed=words.signed))), row_id.desc()
    return found.order_by(order) if newest_first else found


def matching(match: Any) -> Select:
    """Return a SELECT of the ids of the tasks that the index of words finds."""
    if _is_sqlite():
        return select(_WORDS.c.rowid).where(_matches(match))
    query = select(Task.id).where(_vector_matches(match)).correlate(None)
    # The OFFSET keeps the planner from walking all tasks, newest first, until enough of them match.
    return query.offset(0)


def _vector_matches(match: Any) -> ColumnElement[bool]:
    return literal_column(_VECTOR).op("@@")(func.to_tsquery("simple", match))


def _matches(match: Any) -> ColumnElement[bool]:
    return literal_column("task_words").op("MATCH")(match)


def _words_of(text: str) -> list[str]:
    return fold(text).split()[:MOST_WORDS]


def _pattern(word: str) -> str:
    """Return the LIKE pattern of a text that holds a word; %, _ and / are plain letters in it."""
    return "%{}%".format(re.sub("[%_/]", r"/\g<0>", word))


def _is_sqlite() -> bool:
    return db.session.get_bind().dialect.name == "sqlite"
