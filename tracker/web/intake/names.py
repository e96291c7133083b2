"""Which units the names in a paper mean: those of the tree, groups of them, and what a person chose."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import date
from typing import NamedTuple

from flask_babel import gettext as _

from tracker.models.units import Unit
from tracker.queries.giving import GROUPS, Recipient, group_of, recipients, unit_named
from tracker.rules.text import fold, nfc

UNIT, GROUP = "u:", "g:"
"""How a choice names a unit by its code, and a group by its key."""


class Meant(NamedTuple):
    """What one name means: the ids of units, in the units' order, and how that is said."""

    name: str
    ids: tuple[int, ...]
    words: str
    suggestions: tuple[str, ...] = ()
    """Choices that come near, the nearest first, for a name that nothing fits."""

    @property
    def is_known(self) -> bool:
        """Whether the name means any unit."""
        return bool(self.ids)


class Names:
    """The names of the units to which an issuer may give tasks; `chosen` are choices by folded name."""

    def __init__(self, issuer: Unit | None, chosen: Mapping[str, str], *, day: date) -> None:
        self.units: list[Recipient] = recipients(issuer, day=day) if issuer else []
        self.issuer, self.chosen = issuer, chosen

    def mean(self, name: str) -> Meant:
        """Return what a name means; nothing for one that fits no unit or several."""
        if choice := self.chosen.get(fold(name)):
            return self._of_choice(name, choice)
        if unit := unit_named(name, self.units):
            return Meant(name, (unit.id,), unit.name)
        if (group := group_of(name)) and (found := self._of_choice(name, GROUP + group)).ids:
            return found
        if self.issuer is not None and fold(name) == fold(self.issuer.name):
            return Meant(name, (self.issuer.id,), self.issuer.name)
        return Meant(name, (), "", self._near(name))

    def _of_choice(self, name: str, choice: str) -> Meant:
        if choice.startswith(GROUP):
            key = choice.removeprefix(GROUP)
            ids = tuple(unit.id for unit in self.units if unit.group == key)
            group = _(GROUPS[key][0]) if key in GROUPS else ""
            return Meant(name, ids, _("%(group)s (%(count)s đơn vị)", group=group, count=len(ids)))
        code = choice.removeprefix(UNIT)
        found = [unit for unit in self.units if unit.code == code]
        if found:
            return Meant(name, (found[0].id,), found[0].name)
        if self.issuer is not None and self.issuer.code == code:
            return Meant(name, (self.issuer.id,), self.issuer.name)
        return Meant(name, (), "")

    def _near(self, name: str) -> tuple[str, ...]:
        words = set(fold(name).split())
        scored = [(len(words & set(fold(unit.name).split())), unit.code) for unit in self.units]
        best = sorted((each for each in scored if each[0] > 1), key=lambda each: -each[0])
        return tuple(UNIT + code for _score, code in best[:5])

    def choices(self, first: Iterable[str] = ()) -> list[tuple[str, str]]:
        """Return every unit and group as a choice with its words, those of `first` before the others."""
        groups = [
            (GROUP + key, self._of_choice("", GROUP + key).words)
            for key in GROUPS
            if sum(unit.group == key for unit in self.units) > 1
        ]
        every = [*groups, *((UNIT + unit.code, unit.name) for unit in self.units)]
        if self.issuer is not None:
            every.append((UNIT + self.issuer.code, self.issuer.name))
        near = list(first)
        return sorted(every, key=lambda each: near.index(each[0]) if each[0] in near else len(near))

    @property
    def suggestions(self) -> list[str]:
        """The names to offer while typing: groups of several units, then units."""
        groups = [_(words) for key, (words, _kinds) in GROUPS.items()
                  if sum(unit.group == key for unit in self.units) > 1]  # fmt: skip
        own = [self.issuer.name] if self.issuer else []
        return [*groups, *(unit.name for unit in self.units), *own]


def names_in(line: str) -> list[str]:
    """Return the names of a typed line, which semicolons separate; each once."""
    return list(dict.fromkeys(name for part in nfc(line).split(";") if (name := " ".join(part.split()))))


def field_of(name: str) -> str:
    """Return the name of the form field in which a person says what an unknown name means."""
    return f"name_{hashlib.sha256(fold(name).encode()).hexdigest()[:12]}"
