"""Names of units as offices write them, matched to a tree of units: full, shortened, as groups, by a person.

    known = KnownUnits([KnownUnit("p-nv", "Phòng Nội vụ", "divisions")], {"một cửa": "p-nv"})
    known.match("P. Nội vụ")             # Match(codes=("p-nv",), group=None, sure=0.9, suggestions=())
    known.match("UBND các xã, thị trấn")  # the communes, group="communes"
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher

from tracker.rules.text import fold
from tracker.rules.unit_groups import Group, group_of

LONGEST_NAME = 255
ITSELF = "itself"
"""The group of the issuer among the units that its papers and sheets name: no group of them is it."""
MOST_SUGGESTIONS = 5
_SHORTENED = 0.8
"""How sure a name is whose letters begin the words of one unit."""
_BY_WORDS = 0.7
"""How sure a name is of which only some words are those of one unit."""
_LEAST_LIKE = 0.5
"""How alike, of 1, a name must be to be suggested."""

_SHORT = {
    "ubnd": "uy ban nhan dan", "hdnd": "hoi dong nhan dan", "vp": "van phong", "ttpvhcc": "trung tam phuc vu "
    "hanh chinh cong", "ubmttq": "uy ban mat tran to quoc", "mttq": "mat tran to quoc", "bhxh": "bao hiem xa "
    "hoi", "tt": "thi tran", "tx": "thi xa", "tp": "thanh pho", "p": "phong", "ca": "cong an",
    "qs": "quan su", "bchqs": "ban chi huy quan su", "bch": "ban chi huy", "ttyt": "trung tam y te",
    "bql": "ban quan ly", "vhxh": "van hoa xa hoi", "ttr": "thanh tra",
}  # fmt: skip
"""Shortened words, folded, and what they stand for."""
_SPELLINGS = ((re.compile(r"\bhoa\b"), "hoa"), (re.compile(r"\bki\b"), "ky"), (re.compile(r"\bqui\b"), "quy"))
_JOINED = re.compile(r"[^\w&]+|_")
_EMPTY_WORDS = frozenset({"va", "cua", "cac", "dong", "chi", "ong", "ba", "dc", "so", "thu", "truong"})
_HEADS = ("uy ban nhan dan", "van phong", "phong", "ban", "so", "chi cuc", "trung tam", "thanh tra",
          "cong an")  # fmt: skip
_BODY = "uy ban nhan dan "
_PLACES = ("xa ", "phuong ", "thi tran ", "huyen ", "quan ", "thi xa ", "thanh pho ", "tinh ", "dac khu ")
_PLACE = re.compile(
    r" (?:xa(?! hoi\b)|phuong(?! (?:tien|an|phap|huong)\b)|thi tran|huyen|thi xa|thanh pho|dac khu"
    r"|quan(?! (?:ly|su|doi|tri|trac|he)\b)|tinh(?! (?:hinh|trang)\b)) "
)
"""A place after a name; “quản lý” and “xã hội” are none."""
_CALLED = re.compile(
    r"^(?:thu truong|lanh dao|truong|giam doc|chu tich|dong chi|d/c|ong|ba)\s+(?=\w)|^(?:de nghi|giao)\s+"
)
_OF_ITSELF = frozenset({"so", "bo", "nganh", "don vi", "co quan", "minh"})
"""What an issuer calls itself: “các phòng thuộc Sở” are its own."""
_SEPARATORS = re.compile(r"\s*[;\n/+]\s*")
_LIST = re.compile(r"các\s+(?P<head>sở|phòng|ban|xã|phường|chi cục|trung tâm)\s*:\s*", re.IGNORECASE)
_AND = re.compile(r",?\s+(?:và|va|cùng|&)\s+|,\s*", re.IGNORECASE)
_MOST_CUTS = 30
"""Places where a list may be cut; a longer one is cut at all its commas, without trying."""
_TELL_NOTHING = frozenset(
    {"phong", "ban", "so", "chi", "cuc", "trung", "tam", "van", "thanh", "tra", "cong", "an", "uy", "nhan",
     "dan", "hoi", "dong", "xa", "phuong", "thi", "tran", "huyen", "quan", "pho", "tinh", "dac", "khu"}
)  # fmt: skip
"""Words that too many names hold to make one of them like another."""


@dataclass(frozen=True, slots=True)
class KnownUnit:
    """One unit of the tree: its code, its name, and the group in which it is addressed with others."""

    code: str
    name: str
    group: str = "divisions"
    """`divisions`, `districts`, `communes`, `external`, or `ITSELF` for who issues the paper."""


@dataclass(frozen=True, slots=True)
class Match:
    """What a name means: codes of units, the group they form, how sure (0 to 1), or codes that come near."""

    codes: tuple[str, ...] = ()
    group: str | None = None
    sure: float = 0.0
    suggestions: tuple[str, ...] = ()

    @property
    def is_known(self) -> bool:
        """Whether the name means any unit."""
        return bool(self.codes)


class KnownUnits:
    """The units that names may mean.

    `aliases` are learnt names and the codes they mean; `persons` names of people and the code of their unit.
    A name that fits two units alike means neither: both are suggested.
    """

    def __init__(
        self,
        units: Iterable[KnownUnit],
        aliases: Mapping[str, str] | None = None,
        persons: Mapping[str, str] | None = None,
    ) -> None:
        self.units = tuple(units)
        self.names = {unit.code: unit.name for unit in self.units}
        self._aliases = {fold(name): code for name, code in (aliases or {}).items() if code in self.names}
        self._persons = {fold(name): code for name, code in (persons or {}).items() if code in self.names}
        self._steps: tuple[tuple[float, dict[str, list[str]]], ...] = tuple(
            (sure, self._index(keys))
            for sure, keys in (
                (1.0, lambda unit: {fold(unit.name), fold(unit.code)}),
                (0.95, lambda unit: {_key(unit.name)}),
                (0.9, lambda unit: _stems(_key(unit.name))),
                (0.85, lambda unit: {s for stem in _stems(_key(unit.name)) for s in _initials(stem)}),
            )
        )  # fmt: skip
        self._tokens = {unit.code: frozenset(_key(unit.name).split()) for unit in self.units}
        self._seen: dict[str, Match] = {}
        self._split: dict[tuple[str, str], list[tuple[str, Match]]] = {}

    def _index(self, keys: Callable[[KnownUnit], set[str]]) -> dict[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for unit in self.units:
            for key in keys(unit):
                found[key].append(unit.code)
        return dict(found)

    def match(self, text: str) -> Match:
        """Return what a name means; the same name is looked for once."""
        folded = fold(text[:LONGEST_NAME]).strip(" .,;:-–")
        if folded not in self._seen:
            self._seen[folded] = self._match(folded)
        return self._seen[folded]

    def _match(self, folded: str) -> Match:
        if not folded:
            return Match()
        if code := self._aliases.get(folded):
            return Match((code,), None, 1.0)
        near: list[str] = []
        called = _CALLED.sub("", folded)
        for tried in dict.fromkeys((folded, called)):
            key = _key(tried)
            own = ({tried}, {key}, _stems(key), {s for stem in _stems(key) for s in _compact(stem)})
            for (sure, index), keys in zip(self._steps, own, strict=True):
                codes = list(dict.fromkeys(code for each in sorted(keys) for code in index.get(each, ())))
                if len(codes) == 1:
                    return Match((codes[0],), None, sure)
                near += codes
        if (group := group_of(folded)) and (members := self._of_group(group)):
            return Match(members, group.key, group.sure)
        if near:
            return Match(suggestions=tuple(dict.fromkeys(near))[:MOST_SUGGESTIONS])
        if code := self._persons.get(folded) or self._persons.get(called):
            return Match((code,), None, 0.8)
        short = [unit.code for unit in self.units if _is_short_for(called, unit.name)]
        if len(short) == 1:
            return Match((short[0],), None, _SHORTENED)
        held = [code for code, words in self._tokens.items() if self._holds(words, called)]
        if len(held) == 1:
            return Match((held[0],), None, _BY_WORDS)
        return Match(suggestions=self._like(_key(called), short or held))

    def _of_group(self, group: Group) -> tuple[str, ...]:
        """Return the units of a group, none of another body's, as “các phòng thuộc Sở Y tế” may be."""
        if group.body and group.body not in _OF_ITSELF:
            codes = self.match(group.body).codes
            if not any(unit.group == ITSELF and unit.code in codes for unit in self.units):
                return ()
        return tuple(unit.code for unit in self.units if unit.group == group.key)

    @staticmethod
    def _holds(words: frozenset[str], called: str) -> bool:
        key = _key(called)
        asked = set(key.split()) - _EMPTY_WORDS
        return len(asked) >= 2 and asked <= words and f"{key} " not in _PLACES

    def _like(self, key: str, first: list[str]) -> tuple[str, ...]:
        """Return the codes of units whose names come near, the nearest first."""
        asked = set(key.split())
        scored = []
        for unit in self.units:
            other = _key(unit.name)
            shared = (asked & self._tokens[unit.code]) - _TELL_NOTHING
            if not shared and unit.code not in first:
                continue
            matcher = SequenceMatcher(None, key, other, autojunk=False)
            if matcher.quick_ratio() < _LEAST_LIKE and unit.code not in first:
                continue
            best = max([matcher.ratio(), *(SequenceMatcher(None, s, t, autojunk=False).ratio()
                                           for s in _stems(key) for t in _stems(other))])  # fmt: skip
            if best >= _LEAST_LIKE or unit.code in first:
                scored.append((unit.code not in first, -best, unit.code))
        return tuple(code for _first, _score, code in sorted(scored)[:MOST_SUGGESTIONS])

    def read(self, text: str) -> list[tuple[str, Match]]:
        """Return the names of a cell that may hold several, each once and with what it means.

        `text` is split at semicolons, line ends and slashes, at commas and “và” where the parts are units:
        “Phòng Tài nguyên và Môi trường” and “UBND các xã, phường” stay one name.
        """
        whole = " ".join(text.split())
        if (known := self.match(whole)).is_known and known.group is None and known.sure > _BY_WORDS:
            return [(whole, known)]
        found: list[tuple[str, Match]] = []
        head = ""
        for part in (each.strip(" .-–•*") for each in _SEPARATORS.split(text[: LONGEST_NAME * 20])):
            if listed := _LIST.match(part):
                head, part = listed["head"], part[listed.end() :]
            if part:
                found += self._parts(part, head)
        return list(dict.fromkeys(found))

    def _parts(self, part: str, head: str) -> list[tuple[str, Match]]:
        if (part, head) not in self._split:
            self._split[part, head] = self._cut(part, head)
        return self._split[part, head]

    def _cut(self, part: str, head: str) -> list[tuple[str, Match]]:
        whole = self._one(part, head)
        if whole.is_known and whole.group is None:
            return [(part, whole)]
        best: list[tuple[str, Match]] = []
        cuts = list(_AND.finditer(part))
        for cut in cuts if len(cuts) <= _MOST_CUTS else ():
            left, right = part[: cut.start()].strip(), part[cut.end() :].strip()
            if left and right and (known := self._one(left, head)).is_known:
                rest = self._parts(right, head or _head_of(_key(left)) or "")
                if all(each.is_known for _name, each in rest):
                    return [(left, known), *rest]
                best = best or [(left, known), *rest]
        if whole.is_known:
            return [(part, whole)]
        names = [name for each in part.split(",") if (name := each.strip())]
        if not best and len(names) > 1:
            return [found for name in names for found in self._parts(name, head)]
        return best or [(part, whole)]

    def _one(self, name: str, head: str) -> Match:
        if head and (known := self.match(f"{head} {name}")).is_known and known.sure > _BY_WORDS:
            return known
        return self.match(name)


def _key(text: str) -> str:
    """Return a name with its shortened words written out, without “và” and signs."""
    words = _JOINED.sub(" ", fold(text)).replace("&", " ").split()
    long = " ".join(_SHORT.get(word, word) for word in words if word not in ("va", "cua"))
    for shape, spelling in _SPELLINGS:
        long = shape.sub(spelling, long)
    return long


def _stems(key: str) -> set[str]:
    """Return a key also without “ủy ban nhân dân” before it and without the place that ends it."""
    found = {key}
    if key.startswith(_BODY) and key.removeprefix(_BODY).startswith(_PLACES):
        found.add(key.removeprefix(_BODY))
    for head in _HEADS:
        if key.startswith(head + " "):
            for place in _PLACE.finditer(key, len(head)):
                if place.start() > len(head):
                    found.add(key[: place.start()])
    return found


def _is_short_for(called: str, name: str) -> bool:
    """Return whether a folded name shortens another by first letters: “phong van hoa & tt”, “p. gd&đt”."""
    words = [word for word in _JOINED.sub(" ", called).replace("&", " ").split() if word not in ("va", "cua")]
    return len(words) > 1 and any(_begins(words, stem.split()) for stem in _stems(_key(name)))


def _begins(short: list[str], words: list[str]) -> bool:
    """Return whether each of `short` is a word, or the first letters of the words that follow."""
    if not short or not words:
        return not short and not words
    first, count = short[0], len(short[0])
    if first == words[0] and _begins(short[1:], words[1:]):
        return True
    letters = "".join(word[0] for word in words[:count])
    return letters == first and _begins(short[1:], words[count:])


def _head_of(key: str) -> str | None:
    return next((head for head in _HEADS if key.startswith(head + " ")), None)


def _initials(stem: str) -> set[str]:
    """Return the head of a name with the first letters of the words after it (“phong tnmt”)."""
    head = _head_of(stem)
    if head is None:
        return set()
    rest = stem.removeprefix(head).split()
    return {f"{head} {''.join(word[0] for word in rest)}"} if len(rest) > 1 else set()


def _compact(stem: str) -> set[str]:
    """Return a shortened name as `_initials` writes it: “phong tn mt” is “phong tnmt”."""
    head = _head_of(stem)
    if head is None:
        return {stem.replace(" ", "")}
    return {f"{head} {stem.removeprefix(head).replace(' ', '')}"}
