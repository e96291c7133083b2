"""What a task is filled with: who, with whom, until when, what comes out, and where each was read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from tracker.intake.directive.draw import (
    ADDRESSED,
    DUE_INHERITED,
    FAIR,
    FROM_LINE,
    NAMED,
    SEVERAL_DUES,
    SURE,
    WEAK,
    Draw,
)
from tracker.intake.directive.due import Words
from tracker.intake.directive.items import Item
from tracker.intake.directive.leads import TOPIC, Attribute, Given, read_coordinating
from tracker.intake.directive.parts import Part
from tracker.intake.proposal import Found, ProposedTask

_NAMES_NOBODY = re.compile(
    r"quy (?:co quan|don vi|so|phong|ubnd)|(?:cac )?(?:co quan|don vi|"
    r"dia phuong)(?:, [a-z ]+)? (?:neu )?tren$"
)

_WITH = re.compile(r",? ?(?:chủ trì,? )?phối hợp(?: cùng| với)* ")


@dataclass(frozen=True, slots=True)
class Handed:
    """What the headings above hand down to an item."""

    is_work: bool | None
    lead: tuple[Found[str], ...] = ()
    coordinating: tuple[Found[str], ...] = ()
    due: Words | None = None
    product: Found[str] | None = None
    commanded: bool = False


class Filling:
    """Fills the fields of the tasks of one paper."""

    def __init__(self, draw: Draw) -> None:
        self.draw = draw
        self.text = draw.text
        self.folded = draw.folded

    def with_attributes(self, handed: Handed, said: Sequence[Attribute]) -> Handed:
        """Return what is handed down, with what lines such as “Đơn vị chủ trì: …” say about all items."""
        lead, coordinating, due, product = self.fields(said)
        return replace(
            handed,
            lead=lead or handed.lead,
            coordinating=coordinating or handed.coordinating,
            due=due or handed.due,
            product=product or handed.product,
        )

    def names_nobody(self, given: Given) -> bool:
        """Tell whether only “Quý cơ quan”, “các đơn vị nêu trên” is said, which means the addressees."""
        return all(_NAMES_NOBODY.match(self.folded[name.start : name.end]) for name in given.leads)

    def addressed(self) -> tuple[Found[str], ...]:
        """Return the addressees of the paper as leads."""
        return tuple(replace(each, sure=0.75, why=ADDRESSED) for each in self.draw.header.addressees)

    def fields(
        self, said: Sequence[Attribute]
    ) -> tuple[tuple[Found[str], ...], tuple[Found[str], ...], Words | None, Found[str] | None]:
        """Return lead, coordinating, deadline and product that the attributes tell."""
        lead: tuple[Found[str], ...] = ()
        coordinating: tuple[Found[str], ...] = ()
        due: Words | None = None
        product: Found[str] | None = None
        for each in said:
            if each.start >= each.end:
                continue
            if each.kind in ("lead", "with"):
                beside = _WITH.search(self.text, each.start, each.end) if each.kind == "lead" else None
                if beside:
                    coordinating += self.named(beside.end(), each.end)
                named = self.named(each.start, beside.start() if beside else each.end)
                lead, coordinating = (
                    (lead + named, coordinating) if each.kind == "lead" else (lead, coordinating + named)
                )
            elif each.kind == "time":
                dues = self.draw.dues(each.start, each.end, whole=True)
                due = due or (dues[0] if dues else self.draw.continuous(each.start, each.end))
            elif each.kind == "product" and not product:
                at = self.draw.normal.place(each.start, each.end)
                product = Found(self.text[each.start : each.end], *at, SURE, FROM_LINE)
        return lead, coordinating, due, product

    def named(self, start: int, end: int) -> tuple[Found[str], ...]:
        """Return the names in a value that holds nothing else, whatever they look like."""
        return self.draw.all_names(start, end, FROM_LINE)

    def propose(self, item: Item, part: Part, handed: Handed, told: Sequence[Attribute]) -> ProposedTask:
        """Return the task of a part, from what it says, what is told beside it and what is handed down."""
        lead, coordinating, due, product = self.fields(told)
        given = part.given
        sure = 0.95 if handed.commanded or handed.is_work else 0.8
        if given and not lead:
            lead = self.draw.found(given.leads, SURE, NAMED)
            if self.names_nobody(given):
                lead = self.addressed() or lead
        if not lead:
            lead = handed.lead
        with_names = read_coordinating(self.text, part.start, part.end)
        coordinating = coordinating or self.draw.found(with_names, SURE, NAMED) or handed.coordinating
        taken = {each.value for each in lead}
        coordinating = tuple(each for each in coordinating if each.value not in taken)
        due_sure = (SURE, "")
        if not due:
            dues = part.dues or []
            due = self.chosen(dues)
            if len(dues) > 1:
                due_sure = (WEAK, SEVERAL_DUES)
        if not due:
            due = self.draw.continuous(self.first_word(part.start), part.end)
        if not due and handed.due:
            due, due_sure = handed.due, (FAIR, DUE_INHERITED)
        return self.draw.task(
                part.start, part.end, lead=lead, coordinating=coordinating, due=due, due_sure=due_sure,
                product=product or handed.product, item=item.path, sure=sure,
        )  # fmt: skip

    def chosen(self, dues: Sequence[Words]) -> Words | None:
        """Return the deadline that counts: “chậm nhất …” before all, else the first that names a day."""
        last = [
            words for words in dues if re.match(r"(?:cham|muon) nhat", self.folded[words.start : words.end])
        ]
        readable = [words for words in dues if words.returns or self.draw.reading(words).due_on]
        firm = [words for words in readable if not self.folded.startswith("den ", words.start)]
        return next(iter([*last, *firm, *readable, *dues]), None)

    def first_word(self, start: int) -> int:
        """Return where the content begins behind “Công tác tuyên truyền:” and such words."""
        while self.text[start : start + 1] in tuple(' -–+*"“'):
            start += 1
        topic = TOPIC.match(self.text, start)
        return topic.end() if topic and not self.text.startswith("\n", topic.end()) else start
