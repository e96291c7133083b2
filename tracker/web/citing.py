"""Papers named by what is printed: finding them again in the register, and suggesting them while typing."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from flask import g

from tracker.language import gettext as _
from tracker.models.directive import Directive
from tracker.queries.directives import by_numbers, known_numbers
from tracker.rules.deadlines import UnreadableDay, read_day
from tracker.rules.papers import tidy_number
from tracker.rules.text import fold
from tracker.rules.words import KINDS_OF_DIRECTIVE
from tracker.web.filters import day as day_words
from tracker.web.filters import paper_name

_DATED = re.compile(r"^(?P<name>.+?),?\s+ngày\s+(?P<day>\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4})\b.*$", re.IGNORECASE)
_KIND_WORDS = sorted((fold(words) for words in KINDS_OF_DIRECTIVE.values()), key=len, reverse=True)


class Suggestion(NamedTuple):
    """A paper of the register as the list beside an input offers it."""

    value: str
    label: str


def suggestions() -> list[Suggestion]:
    """Return the papers that the signed-in person may cite, the latest first."""
    return [
        Suggestion(citation(known.kind, known.number, known.issued_on), known.issuer_name)
        for known in known_numbers(user=g.user, day=g.today)
    ]


def citation(kind: str, number: str | None, issued_on: date) -> str:
    """Return how a paper is cited: “Công văn 254/UBND-NV ngày 12/04/2021”."""
    return _("%(paper)s ngày %(day)s", paper=paper_name(kind, number), day=day_words(issued_on))


@dataclass(frozen=True)
class Named:
    """What a typed line names: a paper of the register, or words; `several` when more than one fits."""

    words: str
    directive: Directive | None = None
    several: bool = False


def find_named(
    lines: Sequence[str], *, kept: Mapping[str, Directive] | None = None, other_than: Directive | None = None
) -> list[Named]:
    """Return what each line names, blank lines left out. `kept` are lines that were links before."""
    kept = kept or {}
    words = [line for line in lines if line]
    asked = {line: _number_and_day(line) for line in words}
    known = by_numbers((number for number, _day in asked.values()), user=g.user, day=g.today)
    found = []
    for line in words:
        if line in kept:
            found.append(Named(line, kept[line]))
            continue
        number, issued_on = asked[line]
        fitting = [
            each
            for each in known.get(number, [])
            if each is not other_than and issued_on in (None, each.issued_on)
        ]
        found.append(Named(line, fitting[0] if len(fitting) == 1 else None, several=len(fitting) > 1))
    return found


def _number_and_day(line: str) -> tuple[str, date | None]:
    dated = _DATED.match(line)
    name = dated["name"] if dated else line
    issued_on = None
    if dated:
        try:
            issued_on = read_day(dated["day"], near=g.today)
        except UnreadableDay:
            name = line
    folded = name.lower()
    for kind in _KIND_WORDS:
        if fold(folded).startswith(kind + " "):
            name = " ".join(name.split()[len(kind.split()) :])
            break
    return tidy_number(name), issued_on
