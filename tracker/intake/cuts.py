"""Where the text of a task may be split: behind a clause or before a verb, never within a name."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tracker.intake.directive.units import is_within_compound
from tracker.intake.directive.verbs import VERB, VERB_ANYWHERE

SHORTEST = 12
"""Characters that each part must have at least."""

_CLAUSE = re.compile(r"[;.](?=\s)\s*")
_SHORTENED = re.compile(r"(?:^|[\s(])(?:[^\W\d_]{1,2}|[Tt]hs|[Đđ]/c|\d{1,2})\.$")
"""“TP.”, “P.”, “Ths.” and the label of an item: their full stop ends nothing."""
_COMMA = re.compile(rf",\s+(?=(?:đồng thời\s+)?{VERB.pattern})")
_VERB_AT_END = re.compile(rf"{VERB_ANYWHERE.pattern}$")


def cuts_in(text: str) -> Iterator[int]:
    """Yield after how many characters a text may be split, in order.

    A comma between two verbs of one object (“kiểm tra, giám sát việc …”) and one within a name
    (“một cửa, liên thông”) part nothing.
    """
    clauses = _CLAUSE.finditer(text)
    places = {each.end() for each in clauses if not _SHORTENED.search(text, 0, each.start() + 1)}
    for found in _COMMA.finditer(text):
        before = text[: found.start()]
        if not _VERB_AT_END.search(before.lower()) and not is_within_compound(text, found.start()):
            places.add(found.end())
    for place in sorted(places):
        if len(text[:place].strip()) >= SHORTEST and len(text[place:].strip()) >= SHORTEST:
            yield place
