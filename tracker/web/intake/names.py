"""Which units the names in a paper mean: those of the tree, groups of them, and what a person chose."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from typing import NamedTuple

from tracker.intake.proposal import DOUBTFUL
from tracker.language import gettext as _
from tracker.models.units import Unit
from tracker.operations.aliases import known_units
from tracker.queries.giving import GROUPS, Recipient, recipients
from tracker.rules.text import fold, nfc
from tracker.rules.unit_groups import names_many

UNIT, GROUP = "u:", "g:"
"""How a choice names a unit by its code, and a group by its key."""
OUTSIDE = "-"
"""The choice that a name is that of nobody here: it stays in the words of the paper, and gets nothing."""
OF_ANOTHER = 0.6
"""How sure a group is that a paper names which another body than the issuer wrote."""


class Meant(NamedTuple):
    """What one name means: the ids of units, in the units' order, and how that is said."""

    name: str
    ids: tuple[int, ...]
    words: str
    sure: float = 1.0
    suggestions: tuple[str, ...] = ()
    """Choices that come near, the nearest first, for a name that nothing fits."""
    why: str = ""
    """Why a person should look whether this is meant, as a clause; "" where it is sure."""

    @property
    def is_known(self) -> bool:
        """Whether the name means any unit, or is said to mean none here."""
        return bool(self.ids or self.words)

    @property
    def is_doubtful(self) -> bool:
        """Whether a person should look whether this is the unit."""
        return self.is_known and self.sure <= DOUBTFUL


class Names:
    """The names of the units to which an issuer may give tasks.

    `chosen` are choices for this paper by folded name; the office of `reader` taught others earlier. Unless
    the paper `is_own`, written by the issuer, the groups that it names are to be looked at.
    """

    def __init__(
        self, issuer: Unit, chosen: Mapping[str, str], *, reader: Unit, day: date, is_own: bool = True
    ) -> None:
        self.is_own = is_own
        self.units: list[Recipient] = recipients(issuer, day=day)
        self.issuer, self.chosen = issuer, chosen
        held = Counter(unit.group for unit in self.units)
        self._groups = [GROUP + key for key in GROUPS if held[key] > 1]
        self._known = known_units(self.units, issuer, owner=reader)

    def mean(self, name: str) -> Meant:
        """Return what a name means; nothing for one that fits no unit or several."""
        if choice := self.chosen.get(fold(name)):
            return self._of_choice(name, choice)
        match = self._known.match(name)
        if match.group is not None:
            group = self._of_choice(name, GROUP + match.group)
            if not self.is_own:
                why = _("“%(name)s” có thể là của cơ quan ban hành, không phải các đơn vị ở đây", name=name)
                return group._replace(sure=min(match.sure, OF_ANOTHER), why=why)
            why = _("“%(name)s” có thể rộng hơn nhóm %(group)s", name=name, group=group.words)
            return group._replace(sure=match.sure, why=why if match.sure <= DOUBTFUL else "")
        if match.codes:
            unit = self._of_choice(name, UNIT + match.codes[0])
            why = _("“%(name)s” chỉ trùng một phần tên %(unit)s", name=name, unit=unit.words)
            return unit._replace(sure=match.sure, why=why if match.sure <= DOUBTFUL else "")
        near = [UNIT + code for code in match.suggestions]
        return Meant(name, (), "", suggestions=(*near, *(self._groups if names_many(name) else ())))

    def _of_choice(self, name: str, choice: str) -> Meant:
        if choice == OUTSIDE:
            return Meant(name, (), _("ngoài danh mục đơn vị"))
        if choice.startswith(GROUP):
            key = choice.removeprefix(GROUP)
            ids = tuple(unit.id for unit in self.units if unit.group == key)
            group = _(GROUPS[key][0]) if key in GROUPS else ""
            return Meant(name, ids, _("%(group)s (%(count)s đơn vị)", group=group, count=len(ids)))
        code = choice.removeprefix(UNIT)
        found = [unit for unit in self.units if unit.code == code]
        if found:
            return Meant(name, (found[0].id,), found[0].name)
        if self.issuer.code == code:
            return Meant(name, (self.issuer.id,), self.issuer.name)
        return Meant(name, (), "")

    def unit_of(self, choice: str) -> int | None:
        """Return the id of the unit of a choice, None for a group."""
        meant = self._of_choice("", choice)
        return meant.ids[0] if choice.startswith(UNIT) and meant.ids else None

    def choices(self, first: Iterable[str] = ()) -> list[tuple[str, str]]:
        """Return every unit and group as a choice with its words, those of `first` before the others."""
        groups = [(choice, self._of_choice("", choice).words) for choice in self._groups]
        every = [*groups, *((UNIT + unit.code, unit.name) for unit in self.units)]
        every.append((UNIT + self.issuer.code, self.issuer.name))
        every.append((OUTSIDE, _("Ngoài danh mục đơn vị, không giao")))
        near = list(first)
        return sorted(every, key=lambda each: near.index(each[0]) if each[0] in near else len(near))

    @property
    def suggestions(self) -> list[str]:
        """The names to offer while typing: groups of several units, then units."""
        groups = [_(GROUPS[choice.removeprefix(GROUP)][0]) for choice in self._groups]
        return [*groups, *(unit.name for unit in self.units), self.issuer.name]


def names_in(line: str) -> list[str]:
    """Return the names of a typed line, which semicolons separate; each once."""
    return list(dict.fromkeys(name for part in nfc(line).split(";") if (name := " ".join(part.split()))))
