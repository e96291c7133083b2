"""Walking down the items of a paper: what is handed down to them, which are tasks, and which parts of one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from tracker.intake.directive import sense, shapes
from tracker.intake.directive.draw import (
    ADDRESSED,
    DUE_INHERITED,
    FAIR,
    FROM_LINE,
    INHERITED,
    NAMED,
    SEVERAL_DUES,
    SURE,
    WEAK,
    Draw,
)
from tracker.intake.directive.due import Words
from tracker.intake.directive.items import Item, items_of
from tracker.intake.directive.leads import (
    SENTENCE,
    TOPIC,
    Attribute,
    Given,
    asks,
    attributes,
    is_past,
    read_coordinating,
    read_lead,
)
from tracker.intake.directive.lines import Layout, Paragraph, Role
from tracker.intake.directive.units import begins_name, read_names
from tracker.intake.directive.verbs import STARTS_WORK
from tracker.intake.proposal import Found, PaperKind, ProposedTask

_STRICT = {
    PaperKind.QUYET_DINH, PaperKind.NGHI_QUYET, PaperKind.GIAY_MOI, PaperKind.NGHI_DINH, PaperKind.THONG_TU,
    PaperKind.LUAT,
}  # fmt: skip
"""Kinds whose items ask for nothing unless they say so."""

_NAMES_NOBODY = re.compile(r"quy (?:co quan|don vi|so|phong|ubnd)|(?:cac )?(?:co quan|don vi|dia phuong)(?:, [a-z ]+)? (?:neu )?tren$")
_INTRO = re.compile(r"(?:can cu|thuc hien|theo|tiep theo|trien khai|xet|phuc dap|sau khi|ngay \d|de |nham |qua |tiep tuc)\b")
_SUBJECT = re.compile(r"(?<=[,;:] )(?=[^,;:]{0,90}$)")
_REPORTS = re.compile(
    r"(?:ket qua|bao cao|danh sach|van ban|y kien|ho so|noi dung bao cao|ke hoach)[^.;]{0,60}?(?:bao cao|gui|ve|nop|xin)\b"
    r"|(?:thoi gian|thoi han)[^.;:]{0,30}(?:bao cao|gui|hoan thanh)"
)
_HELPS = re.compile(r",? (?:cùng |có trách nhiệm )?phối hợp")
_ANSWERS = re.compile(r" ?(?:phai |hoan toan )*chiu trach nhiem (?:ve|truoc|toan dien|hoan toan)\b")


@dataclass(frozen=True, slots=True)
class Handed:
    """What the headings above hand down to an item."""

    is_work: bool | None
    lead: tuple[Found[str], ...] = ()
    coordinating: tuple[Found[str], ...] = ()
    due: Words | None = None
    product: Found[str] | None = None
    commanded: bool = False


@dataclass(slots=True)
class Part:
    """A stretch of an item that is one task, with who it names itself."""

    start: int
    end: int
    given: Given | None = None
    dues: list[Words] | None = None


class Walk:
    """The walk through one paper, or one paper that hangs on it."""

    def __init__(self, draw: Draw, kind: PaperKind | None) -> None:
        """`kind` decides how much an item must say to be a task."""
        self.draw = draw
        self.text = draw.text
        self.folded = draw.folded
        self.kind = kind
        self.is_report = kind is PaperKind.BAO_CAO
        self.is_strict = kind in _STRICT
        self.tasks: list[ProposedTask] = []
        self._asked: tuple[Found[str], ...] = ()
        self._commanded = False

    def tasks_of(self, layout: Layout, paragraphs: Sequence[Paragraph]) -> list[ProposedTask]:
        """Return the tasks of these paragraphs in their order."""
        if self.kind in (PaperKind.TO_TRINH,):
            return []
        root = items_of(layout, paragraphs)
        work = False if self.is_report else None
        self._down(root.children, Handed(work))
        return self.tasks

    def _down(self, items: Sequence[Item], handed: Handed) -> None:
        before_first = True
        for item in items:
            before_first = before_first and item.is_plain
            self._visit(item, handed, intro=before_first and item.rank < 0)

    def _visit(self, item: Item, handed: Handed, *, intro: bool) -> None:
        children = item.children
        labelled = [child for child in children if not child.is_plain]
        end = self.text[item.end - 1]
        colon = end == ":" or self.folded[item.start : item.end].endswith((": ", "sau"))
        if children and not labelled and not colon and not self._is_title(item):
            self._with_paragraphs(item, handed)
            return
        if not children:
            self._leaf(item, item.end, handed)
            return
        told = [child for child in labelled if self._attributes_of(child)]
        if labelled and len(told) == len(labelled) and self._completes(item, told):
            self._leaf(item, max(self._last(child) for child in labelled), handed, told=told)
            self._down([child for child in children if child.is_plain], handed)
            return
        if self._is_heading(item, colon=colon):
            below = self._handed_down(item, handed, told, colon=colon)
            if below is None:
                self._leaf(item, self._last(item), handed)
                return
            self._down([child for child in children if child not in told], below)
            return
        self._leaf(item, item.end, handed)
        below = handed
        given = self._given(item.start, item.end)
        if given and not item.is_plain:
            below = replace(handed, lead=self._inherited(given, item), commanded=True)
        self._down(children, below)

    def _completes(self, item: Item, told: Sequence[Item]) -> bool:
        """Tell whether lines such as “Đơn vị chủ trì: …” say something about the item above them."""
        kinds = {each.kind for child in told for each in self._attributes_of(child)}
        if not kinds & {"lead", "with", "time", "product"}:
            return False
        return not item.is_plain or self._given(item.start, item.end) is not None

    def _is_title(self, item: Item) -> bool:
        """Tell whether a labelled line is a title that paragraphs without a label stand under."""
        if item.is_plain:
            return False
        said = self.text[item.start : item.end]
        return said[-1] not in ".;," and (len(said) < 200 or shapes.is_capitals(said))

    def _is_heading(self, item: Item, *, colon: bool) -> bool:
        said = self.text[item.start : item.end]
        if colon:
            return True
        if item.is_plain:
            return False
        if shapes.is_capitals(said):
            return True
        if said[-1] in ";,":
            return False
        return said[-1] != "." or (len(said) < 90 and not STARTS_WORK.match(said) and not self._given(item.start, item.end))

    def _last(self, item: Item) -> int:
        while item.children:
            item = item.children[-1]
        return item.end

    def _attributes_of(self, item: Item) -> list[Attribute]:
        """Return the attributes that a line consists of, empty when it is an item of its own."""
        found = attributes(self.text, item.start, item.end)
        return found if found and found[0].begins <= item.start else []

    def _given(self, start: int, end: int) -> Given | None:
        return read_lead(self.text, start, end)

    def _inherited(self, given: Given, item: Item) -> tuple[Found[str], ...]:
        words = self.text[item.start : item.end][:60].strip(" :")
        return self.draw.found(given.leads, FAIR + 0.05, INHERITED, {"words": words})

    def _handed_down(self, item: Item, handed: Handed, told: Sequence[Item], *, colon: bool) -> Handed | None:
        """Return what a heading hands down; None where it announces parts of one thing, so is one task."""
        said = self.folded[item.start : item.end]
        is_title = not item.is_plain and (len(said) < 160 or shapes.is_capitals(self.text[item.start : item.end]))
        work = handed.is_work
        given = self._given(item.start, item.end)
        if not given and not item.is_plain:
            names = read_names(self.text, item.start, item.end)
            if names and self.text[names.end : item.end].strip(" :.") == "" :
                given = Given(names.names, False, item.start, names.end)
        command = given or asks(self.text, item.start, item.end)
        if is_title and not given:
            heading = sense.heading_says(said, report=self.is_report)
            if self.is_report:
                work = heading if handed.is_work is not True or item.rank <= 2 else True
                work = bool(work) or (handed.is_work is True and not sense.heading_says(said, report=False) is False)
            elif heading is not None and handed.is_work is not False:
                work = heading
        dues = self.draw.dues(item.start, item.end)
        if colon and command and sense.enumerates(said) and (dues or re.search(r"bao cao|gui", said)) and work is not False:
            return None
        lead, commanded = handed.lead, handed.commanded
        if given and given.by_command or (given and not item.is_plain):
            lead = self._inherited(given, item)
            commanded = True
            work = True if work is None or (given.by_command and not self.is_report) else work
            if all(_NAMES_NOBODY.match(self.folded[name.start : name.end]) for name in given.leads):
                lead = self._addressed() or lead
            if item.is_plain and item.rank < 0:
                self._asked = lead
        elif command and colon and not self.is_report:
            commanded = True
            work = True if work is None else work
            lead = self._addressed() or lead
        elif colon and item.is_plain and re.search(r"nhiem vu|giai phap|noi dung|chi thi|ket luan|y kien|cong viec", said[-160:]) and not self.is_report:
            commanded = commanded or bool(re.search(r"chi thi|chi dao|ket luan|tap trung|nhiem vu", said[-160:]))
        if colon and sense.lists_people(said) and not dues:
            work = False
        beside = self.draw.found(read_coordinating(self.text, item.start, item.end), FAIR, NAMED) if given else ()
        below = Handed(work, lead, beside or (() if given else handed.coordinating), dues[0] if dues and work is not False else handed.due, handed.product, commanded)
        for child in told:
            below = self._with_attributes(below, self._attributes_of(child))
        return below

    def _with_attributes(self, handed: Handed, said: Sequence[Attribute]) -> Handed:
        lead, coordinating, due, product = self._fields(said)
        return replace(
            handed, lead=lead or handed.lead, coordinating=coordinating or handed.coordinating, due=due or handed.due,
            product=product or handed.product,
        )  # fmt: skip

    def _addressed(self) -> tuple[Found[str], ...]:
        """Return the addressees of the paper as leads."""
        return tuple(replace(each, sure=0.75, why=ADDRESSED) for each in self.draw.header.addressees)

    def _fields(
        self, said: Sequence[Attribute]
    ) -> tuple[tuple[Found[str], ...], tuple[Found[str], ...], Words | None, Found[str] | None]:
        lead: tuple[Found[str], ...] = ()
        coordinating: tuple[Found[str], ...] = ()
        due: Words | None = None
        product: Found[str] | None = None
        for each in said:
            if each.start >= each.end:
                continue
            if each.kind in ("lead", "with"):
                fields = self.named(each.start, each.end)
                lead, coordinating = (lead + fields, coordinating) if each.kind == "lead" else (lead, coordinating + fields)
            elif each.kind == "time":
                dues = self.draw.dues(each.start, each.end, whole=True)
                due = due or (dues[0] if dues else self.draw.continuous(each.start, each.end))
            elif each.kind == "product" and not product:
                at = self.draw.normal.place(each.start, each.end)
                product = Found(self.text[each.start : each.end], *at, SURE, FROM_LINE)
        return lead, coordinating, due, product

    def named(self, start: int, end: int) -> tuple[Found[str], ...]:
        """Return the names in a value that holds nothing else: all of it is names, whatever they look like."""
        return self.draw.all_names(start, end, FROM_LINE)

    def _with_paragraphs(self, item: Item, handed: Handed) -> None:
        """Read an item with the paragraphs that follow it without a label."""
        last = item.end
        apart: list[Item] = []
        for child in item.children:
            given = self._given(child.start, child.end)
            own = child.children or given or apart or self.text[child.end - 1] == ":"
            if own or not self._belongs(item, child):
                apart.append(child)
            else:
                last = child.end
        self._leaf(item, last, handed)
        self._down(apart, handed)

    def _belongs(self, item: Item, child: Item) -> bool:
        said = self.folded[child.start : child.end]
        if item.is_plain or child.role is Role.CLOSING or shapes.is_capitals(self.text[child.start : child.end]):
            return False
        return not sense.is_formula(said, None, dated=False)

    def _leaf(self, item: Item, end: int, handed: Handed, told: Sequence[Item] = ()) -> None:
        """Read an item that nothing hangs under but what is part of it."""
        start = item.start
        said = self.folded[start : item.end]
        if handed.is_work is False or sense.is_no_item(said) or len(said) < 12:
            return
        if shapes.is_capitals(self.text[start : item.end]):
            return
        names = read_names(self.text, start, end)
        if names and not self.text[names.end : end].strip(" .;:/"):
            return
        lines = [each for child in told for each in self._attributes_of(child)]
        inline = attributes(self.text, start, item.end)
        if inline and inline[0].begins <= start and inline[0].kind not in ("content", "lead"):
            if self.tasks and item.is_plain:
                return
            if not lines:
                return
        if item.is_plain and not lines:
            self._sentences(item, end, handed)
            return
        parts = self._parts(start, item.end if told else end)
        for index, part in enumerate(parts):
            stop = end if index == len(parts) - 1 else part.end
            self._offer(item, replace_end(part, stop), handed, lines + inline, alone=len(parts) == 1)

    def _offer(self, item: Item, part: Part, handed: Handed, told: Sequence[Attribute], *, alone: bool) -> None:
        said = self.folded[part.start : part.end]
        dues = part.dues or []
        given = part.given
        first = self._first_word(part.start)
        begins = bool(STARTS_WORK.match(self.text, first))
        if sense.is_formula(said, self._after(part), dated=bool(dues)):
            return
        if not given and not told:
            behind = self.folded[first : part.end]
            if is_past(self.text, first, part.end) or sense.is_statement(behind, begins_with_work=begins):
                return
            asked = begins or handed.commanded or handed.is_work
            if self.is_strict:
                asked = handed.commanded and begins
            if not asked and not (dues and begins):
                return
            if not begins and not dues and not handed.is_work and len(said) < 40:
                return
        if self.is_strict and given and not given.by_command and not handed.commanded:
            if not re.search(r"co trach nhiem|chu tri|chiu trach nhiem|co nhiem vu", said):
                return
        self._draw(item, part, handed, told)

    def _draw(self, item: Item, part: Part, handed: Handed, told: Sequence[Attribute]) -> None:
        lead, coordinating, due, product = self._fields(told)
        given = part.given
        sure = 0.95 if handed.commanded or handed.is_work else 0.8
        if given and not lead:
            lead = self.draw.found(given.leads, SURE, NAMED)
            if all(_NAMES_NOBODY.match(self.folded[name.start : name.end]) for name in given.leads):
                lead = self._addressed() or lead
        if not lead:
            lead = handed.lead
        with_names = read_coordinating(self.text, part.start, part.end)
        coordinating = coordinating or self.draw.found(with_names, SURE, NAMED) or handed.coordinating
        taken = {each.value for each in lead}
        coordinating = tuple(each for each in coordinating if each.value not in taken)
        due_sure = (SURE, "")
        if not due:
            dues = part.dues or []
            due = self._chosen(dues)
            if len(dues) > 1:
                due_sure = (WEAK, SEVERAL_DUES)
        if not due:
            due = self.draw.continuous(self._first_word(part.start), part.end)
        if not due and handed.due:
            due, due_sure = handed.due, (FAIR, DUE_INHERITED)
        self.tasks.append(
            self.draw.task(
                part.start, part.end, lead=lead, coordinating=coordinating, due=due, due_sure=due_sure,
                product=product or handed.product, item=item.path, sure=sure,
            )
        )  # fmt: skip

    def _chosen(self, dues: Sequence[Words]) -> Words | None:
        """Return the deadline that counts: “chậm nhất …” before all, else the first that names a day."""
        last = [words for words in dues if re.match(r"(?:cham|muon) nhat", self.folded[words.start : words.end])]
        readable = [words for words in dues if words.returns or self.draw.reading(words).due_on]
        firm = [words for words in readable if not self.folded.startswith("den ", words.start)]
        return next(iter([*last, *firm, *readable, *dues]), None)

    def _first_word(self, start: int) -> int:
        """Return where the content begins behind “Công tác tuyên truyền:” and such words."""
        while self.text[start] in " -–+*\"“":
            start += 1
        topic = TOPIC.match(self.text, start)
        return topic.end() if topic and not self.text.startswith("\n", topic.end()) else start

    def _after(self, part: Part) -> int | None:
        """Return where a part goes on behind the units it names, counted from its beginning."""
        if not part.given:
            return None
        return max(0, part.given.after - part.start)

    def _parts(self, start: int, end: int) -> list[Part]:
        """Return the parts of an item that are tasks of their own (docs/reading.md): by lead, by deadline."""
        parts: list[Part] = []
        for first, last in self._clauses(start, end):
            given = self._given(first, last)
            dues = self.draw.dues(first, last)
            after = max(0, given.after - first) if given else None
            if sense.is_formula(self.folded[first:last], after, dated=bool(dues)):
                continue
            current = parts[-1] if parts else None
            if current is None:
                parts.append(Part(first, last, given, dues))
            elif given and not _same(given, current.given) and not self._only_answers(given, last):
                parts.append(Part(first, last, given, dues))
            elif dues and current.dues:
                parts.append(Part(first, last, given or current.given, dues))
            else:
                current.end = last
                current.dues = (current.dues or []) + dues
        return [each for part in parts for split in self._by_name(part) for each in self._by_due(split)]

    def _by_name(self, part: Part) -> Iterator[Part]:
        """Split “giao Ban A lập hồ sơ, Phòng B thẩm định giá” before the second unit."""
        given = part.given
        if not given or given.after >= part.end:
            yield part
            return
        start, chunk = part.start, given.after
        for comma in re.finditer(r", ", self.text[given.after : part.end]):
            at = given.after + comma.end()
            said, chunk = self.text[chunk : at - 2], at
            names = read_names(self.text, at, part.end)
            if not names or _HELPS.match(self.text, names.end) or not STARTS_WORK.match(self.text, names.end + 1):
                continue
            begins = (word.start() for word in re.finditer(r"\S+", said))
            if not STARTS_WORK.match(said.lstrip()) or any(begins_name(said, each, len(said)) for each in begins):
                continue
            yield Part(start, at - 1, given, [words for words in part.dues or [] if start <= words.start < at])
            start, given = at, Given(names.names, False, at, names.end)
        yield Part(start, part.end, given, [words for words in part.dues or [] if words.start >= start])

    def _only_answers(self, given: Given, last: int) -> bool:
        """Tell whether a clause only says who answers for what the clause before asks."""
        return bool(_ANSWERS.match(self.folded, given.after, last))

    def _by_due(self, part: Part) -> Iterator[Part]:
        """Split a part that names several deadlines at the verbs between them."""
        dues = part.dues or []
        start = part.start
        for before, after in zip(dues, dues[1:], strict=False):
            cut = self._cut_between(before.end, after.start)
            if cut is None:
                continue
            inside = [words for words in dues if start <= words.start < cut[0]]
            yield Part(start, cut[0], part.given, inside)
            start = cut[1]
        yield Part(start, part.end, part.given, [words for words in dues if words.start >= start])

    def _cut_between(self, start: int, end: int) -> tuple[int, int] | None:
        """Return where one part ends and the next begins between two deadlines."""
        for mark in re.finditer(r"[,;.)] (?:và |đồng thời,? )?| và ", self.text[start:end]):
            if STARTS_WORK.match(self.text, start + mark.end()):
                closed = mark[0].startswith((".", ")"))
                return start + mark.start() + closed, start + mark.end()
        return None

    def _clauses(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        """Yield sentences and the clauses between semicolons; what stands in brackets stays together."""
        at, depth, done = start, 0, start
        for mark in SENTENCE.finditer(self.text, start, end):
            depth += self.text.count("(", done, mark.start()) - self.text.count(")", done, mark.start())
            done = mark.start()
            if depth > 0 and mark.start() - at < 400:
                continue
            depth = 0
            yield at, mark.start() + (0 if self.text[mark.start()] == "\n" else 1)
            at = mark.end()
        if at < end:
            yield at, end

    def _sentences(self, item: Item, end: int, handed: Handed) -> None:
        """Read a paragraph without a label: its sentences that ask for something, or all of it under work."""
        start = item.start
        if handed.is_work and item.rank > 0:
            parts = self._parts(start, end)
            for part in parts:
                self._offer(item, part, handed, attributes(self.text, part.start, part.end), alone=len(parts) == 1)
            return
        if self.is_report:
            return
        for part in self._parts(start, end):
            given = part.given
            if not given:
                command = asks(self.text, part.start, part.end)
                if part.dues and (command or _REPORTS.match(self.folded, part.start, part.end)):
                    at = command.start() if command else part.start
                    part.given = Given((), True, at, command.end() if command else at)
                elif (
                    handed.commanded and item.rank > 0 and not self.is_strict
                    and STARTS_WORK.match(self.text, part.start)
                ):
                    self._offer(item, part, handed, (), alone=True)
                    continue
                else:
                    continue
            elif given.by_command:
                self._commanded = True
            elif not self._may_ask(part, given):
                continue
            if self.text[part.end - 1] == ":":
                continue
            said = self.folded[part.start : part.end]
            if sense.is_formula(said, self._after(part), dated=bool(part.dues)) or is_past(self.text, part.start, part.end):
                continue
            part.start = self._asking_begins(part)
            self._draw(item, part, self._for_sentence(part, handed), attributes(self.text, part.start, part.end))

    def _may_ask(self, part: Part, given: Given) -> bool:
        """Tell whether “Phòng Kinh tế tạm ứng …” in running text asks: behind a command, or by its words."""
        issuer = self.draw.header.issuer
        name = given.leads[0].value if given.leads else ""
        if issuer and (name in issuer.value or name.startswith(("Chủ tịch UBND", "UBND")) and " các " not in name):
            return False
        said = self.folded[part.start : part.end]
        return self._commanded or bool(
            re.search(r"chu tri|co trach nhiem|co nhiem vu|theo doi|don doc|tham muu|tong hop|tien hanh", said)
        )

    def _for_sentence(self, part: Part, handed: Handed) -> Handed:
        if part.given and not part.given.leads:
            part.given = None
            return replace(handed, lead=handed.lead or self._asked or self._addressed())
        return handed

    def _asking_begins(self, part: Part) -> int:
        """Return where a sentence begins to ask, behind “Thực hiện Công văn số …,” and such words."""
        if not part.given or not _INTRO.match(self.folded, part.start) or self.folded.startswith("de ", part.start):
            return part.start
        before = self.text[part.start : part.given.at]
        subject = _SUBJECT.search(before)
        if subject:
            return part.start + subject.start()
        return part.given.at if before.rstrip().endswith((",", ";")) else part.start


def replace_end(part: Part, end: int) -> Part:
    """Return a part that ends elsewhere."""
    return Part(part.start, max(end, part.end), part.given, part.dues)


def _same(one: Given, other: Given | None) -> bool:
    return other is not None and [name.value for name in one.leads] == [name.value for name in other.leads]
