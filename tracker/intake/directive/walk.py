"""Walking down the items of a paper: what is handed down to them, which are tasks, and which parts of one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from tracker.intake.directive import sense, shapes
from tracker.intake.directive.blocks import block_of
from tracker.intake.directive.by_day import (
    REPORTS,
    UNSURE,
    asks_itself,
    is_of_some,
    reports_by_day,
    sentence_by_day,
    those_that_do,
)
from tracker.intake.directive.draw import FAIR, INHERITED, NAMED, Draw
from tracker.intake.directive.due import Words
from tracker.intake.directive.filling import Filling, Handed
from tracker.intake.directive.items import Item, items_of
from tracker.intake.directive.leads import (
    Attribute,
    Given,
    asks,
    attributes,
    is_past,
    line_says,
    read_coordinating,
    read_lead,
)
from tracker.intake.directive.lines import Layout, Paragraph, Role
from tracker.intake.directive.parts import Part, asking_begins, behind_names, parts_of
from tracker.intake.directive.units import read_names
from tracker.intake.directive.verbs import STARTS_WORK
from tracker.intake.proposal import Found, PaperKind, ProposedTask

_STRICT = {
    PaperKind.QUYET_DINH, PaperKind.NGHI_QUYET, PaperKind.GIAY_MOI, PaperKind.NGHI_DINH, PaperKind.THONG_TU,
    PaperKind.LUAT,
}  # fmt: skip
"""Kinds whose items ask for nothing unless they say so."""

_IS_CHARGED = re.compile(r"co trach nhiem|chu tri|chiu trach nhiem|co nhiem vu")
_TAKES_ON = re.compile(r"chu tri|co trach nhiem|co nhiem vu|theo doi|don doc|tham muu|tong hop|tien hanh")
_CALLS = re.compile(r"(?<![a-z])(?:chi thi|yeu cau|de nghi|chi dao|ket luan)[^.;:]{0,60}: ?$")
"""The end of a paragraph below which those that begin with a unit ask it for something."""
_DIRECTS = re.compile(r"chi thi|chi dao|ket luan|tap trung|nhiem vu")
_LABELLED = re.compile(r"[^\W\d][^:;.,]{2,28}: ?[^:;\n]{1,120}$")
_IS_FIELD = re.compile(r"(?:van hoa|kinh te|tai chinh|lao dong) ?- ?(?:xa hoi|ngan sach|thong tin)")
"""“II. Văn hóa - Xã hội”: the field that a section is about, though an office of the commune is called so."""
_REMARK = re.compile(r"^ ?\([^()]{0,120}\)")
_IN_BRACKETS = re.compile(r"\([^()]*\)[ .;:]*$")
_ONLY_DUE = re.compile(r"(?:can |phai )?(?:hoan thanh|xong|thuc hien|hoan thanh xong)? ?,?\|[ .;,/]*")


class Walk:
    """The walk through one paper, or one paper that hangs on it."""

    def __init__(self, draw: Draw, kind: PaperKind | None) -> None:
        """`kind` decides how much an item must say to be a task."""
        self.draw = draw
        self.filling = Filling(draw)
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
        taken = 0
        for place, item in enumerate(items):
            if place < taken:
                continue
            if block := block_of(self.text, items[place:], self._attributes_of):
                content, told = block
                taken = place + 1 + len(told)
                self._leaf(content, told[-1].end, handed, told)
            else:
                self._visit(item, handed)

    def _visit(self, item: Item, handed: Handed) -> None:
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
        told = [child for child in labelled or children if self._attributes_of(child)]
        if told:
            told = [child for child in labelled or children if child in told or self._only_tells(child)]
        if told and len(told) == len(labelled or children) and self._completes(item, told):
            self._leaf(item, max(self._last(child) for child in told), handed, told=told)
            self._down([child for child in children if child not in told], handed)
            return
        if self._is_heading(item, colon=colon):
            below = self._handed_down(item, handed, told, colon=colon)
            if below is None:
                self._leaf(item, self._last(item), handed)
                return
            self._down_with(told, [child for child in children if child not in told], below)
            return
        self._leaf(item, item.end, handed)
        below = handed
        given = self._given(item.start, item.end)
        if given and not item.is_plain:
            below = replace(handed, lead=self._inherited(given, item), commanded=True)
        self._down(children, below)

    def _down_with(self, told: Sequence[Item], items: Sequence[Item], below: Handed) -> None:
        """Walk down items beside lines such as “Thời hạn báo cáo: …”, which are theirs that report.

        Where none of them does, or each has a day of its own, the line asks for a report itself.
        """
        own: dict[int, Words] = {}
        places = [(item.start, self._last(item)) for item in items]
        for line in told:
            for each in self._attributes_of(line):
                if not is_of_some(self.draw, each) or (due := self.filling.fields([each])[2]) is None:
                    continue
                those = those_that_do(self.draw, each, places)
                those = [at for at in those if not self.draw.dues(*places[at])]
                own |= dict.fromkeys(those, due)
                if not those:
                    self._doubtful(line, Part(line.start, line.end, None, [due]), below, [each])
        for place, item in enumerate(items):
            self._visit(item, replace(below, due=own[place]) if place in own else below)

    def _doubtful(self, item: Item, part: Part, handed: Handed, told: Sequence[Attribute]) -> None:
        """Propose what asks for something by its day alone, to be looked at."""
        task = self.filling.propose(item, part, handed, told)
        self.tasks.append(replace(task, sure=min(task.sure, UNSURE)))

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
        return said[-1] != "." or (
            len(said) < 90 and not STARTS_WORK.match(said) and not self._given(item.start, item.end)
        )

    def _last(self, item: Item) -> int:
        while item.children:
            item = item.children[-1]
        return item.end

    def _attributes_of(self, item: Item) -> list[Attribute]:
        """Return the attributes that a line consists of, empty when it is an item of its own."""
        found = attributes(self.text, item.start, item.end)
        if found and found[0].begins <= item.start:
            return found
        if found := line_says(self.text, item.start, item.end):
            return found
        # “I. THÁNG 01” above items of its own is no deadline of what stands above it.
        is_line = not item.children and item.end - item.start <= 90
        dues = self.draw.dues(item.start, item.end, whole=True) if is_line else []
        if len(dues) == 1 and _ONLY_DUE.fullmatch(
            self.folded[item.start : dues[0].start] + "|" + self.folded[dues[0].end : item.end]
        ):
            return [Attribute("time", item.start, dues[0].start, dues[0].end)]
        return []

    def _only_tells(self, item: Item) -> bool:
        """Tell whether a line beside such lines is another one of an unknown word: “Lãnh đạo duyệt: …”."""
        said = self.text[item.start : item.end]
        return not item.children and bool(_LABELLED.match(said)) and not self._given(item.start, item.end)

    def _given(self, start: int, end: int) -> Given | None:
        return read_lead(self.text, start, end)

    def _inherited(self, given: Given, item: Item) -> tuple[Found[str], ...]:
        words = self.text[item.start : item.end][:60].strip(" :")
        return self.draw.found(given.leads, FAIR + 0.05, INHERITED, {"words": words})

    def _handed_down(self, item: Item, handed: Handed, told: Sequence[Item], *, colon: bool) -> Handed | None:
        """Return what a heading hands down; None where it announces parts of one thing, so is one task."""
        said = self.folded[item.start : item.end]
        is_title = not item.is_plain and (
            len(said) < 160 or shapes.is_capitals(self.text[item.start : item.end])
        )
        work = handed.is_work
        is_field = item.rank <= 2 and _IS_FIELD.fullmatch(said.strip(" .:"))
        given = None if is_field else self._given(item.start, item.end)
        if not given and not item.is_plain and not is_field:
            names = read_names(self.text, item.start, item.end)
            behind = _REMARK.sub("", self.text[names.end : item.end]) if names else ""
            if names and not behind.strip(" :."):
                given = Given(names.names, False, item.start, names.end)
        command = None if given else asks(self.text, item.start, item.end)
        if is_title and not given:
            heading = sense.heading_says(said, report=self.is_report)
            if self.is_report:
                work = heading if handed.is_work is not True or item.rank <= 2 else True
                work = bool(work) or (
                    handed.is_work is True and sense.heading_says(said, report=False) is not False
                )
            elif heading is not None and handed.is_work is not False:
                work = heading
        dues = self._handed_dues(item, given.at if given else command.start() if command else item.start)
        if (
            colon
            and (given or command)
            and sense.enumerates(said)
            and (dues or re.search(r"bao cao|gui", said))
            and work is not False
        ):
            return None
        lead, commanded = handed.lead, handed.commanded
        if (given and given.by_command) or (given and not item.is_plain):
            lead = self._inherited(given, item)
            commanded = True
            work = True if work is None or (given.by_command and not self.is_report) else work
            if self.filling.names_nobody(given):
                lead = self.filling.addressed() or lead
            if item.is_plain and item.rank < 0:
                self._asked = lead
        elif command and colon and not self.is_report:
            commanded = True
            work = True if work is None else work
            lead = self.filling.addressed() or lead
        elif colon and item.is_plain and not self.is_report:
            commanded = commanded or bool(_DIRECTS.search(said[-160:]))
        if colon and sense.lists_people(said) and not dues and not any(
            sense.tells_of_meeting(self.folded[each.start : each.end]) for each in item.children
        ):
            work = False
        beside = (
            self.draw.found(read_coordinating(self.text, item.start, item.end), FAIR, NAMED) if given else ()
        )
        below = Handed(
            work,
            lead,
            beside or (() if given else handed.coordinating),
            dues[0] if dues and work is not False else handed.due,
            handed.product,
            commanded,
        )
        for child in () if self.kind is PaperKind.GIAY_MOI else told:
            said_of_all = [
                each for each in self._attributes_of(child)
                if each.kind != "product" and not is_of_some(self.draw, each)
            ]  # fmt: skip
            below = self.filling.with_attributes(below, said_of_all)
        return below

    def _handed_dues(self, item: Item, asks_at: int) -> list[Words]:
        """Return the deadlines that a heading hands down: of a sentence only those behind its command."""
        since = self.draw.header.issued_on.value if self.draw.header.issued_on else None
        found = []
        for words in self.draw.dues(item.start, item.end):
            day = self.draw.reading(words).due_on
            is_past = since is not None and day is not None and day < since and not words.returns
            if not is_past and (not item.is_plain or words.start >= asks_at):
                found.append(words)
        return found

    def _with_paragraphs(self, item: Item, handed: Handed) -> None:
        """Read an item with the paragraphs that follow it without a label."""
        last = item.end
        apart: list[Item] = []
        told: list[Item] = []
        asks: list[Item] = []
        for child in item.children:
            if not (item.is_plain or apart) and (said := self._attributes_of(child)):
                if asks_itself(self.draw, said, item.start, item.end):
                    asks.append(child)
                    continue
                told.append(child)
                last = child.end
                continue
            given = self._given(child.start, child.end)
            own = child.children or given or apart or self.text[child.end - 1] == ":"
            own = own or reports_by_day(self.draw, child.start, child.end)
            if own or not self._belongs(item, child):
                apart.append(child)
            else:
                last = child.end
        self._leaf(item, last, handed, told)
        for line in asks if handed.is_work is not False else ():
            said = self._attributes_of(line)
            due = self.filling.fields(said)[2]
            self._doubtful(line, Part(line.start, line.end, None, [due] if due else []), handed, said)
        self._down(apart, handed)

    def _belongs(self, item: Item, child: Item) -> bool:
        said = self.folded[child.start : child.end]
        if (
            item.is_plain
            or child.role is Role.CLOSING
            or shapes.is_capitals(self.text[child.start : child.end])
        ):
            return False
        return not sense.is_formula(said, None, dated=False)

    def _leaf(self, item: Item, end: int, handed: Handed, told: Sequence[Item] = ()) -> None:
        """Read an item that nothing hangs under but what is part of it."""
        start = item.start
        said = self.folded[start : item.end]
        if handed.is_work is False or sense.is_no_item(said) or len(said) < 12:
            return
        if shapes.is_capitals(_IN_BRACKETS.sub("", self.text[start : item.end])) or said.count(" | ") > 1:
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
        parts = parts_of(self.draw, start, item.end if told else end, alone=not handed.lead)
        before = len(self.tasks)
        for index, part in enumerate(parts):
            stop = end if index == len(parts) - 1 else part.end
            part.end = max(stop, part.end)
            self._offer(item, part, handed, lines + inline, follows=len(self.tasks) > before)

    def _offer(
        self, item: Item, part: Part, handed: Handed, told: Sequence[Attribute], *, follows: bool = False
    ) -> None:
        """Take a part of an item for a task if it asks; `follows` where a part of it before this one does."""
        said = self.folded[part.start : part.end]
        dues = part.dues or []
        given = part.given
        first = self.filling.first_word(part.start)
        begins = bool(STARTS_WORK.match(self.text, first))
        if sense.is_formula(said, behind_names(part.given, part.start), dated=bool(dues)):
            return
        if not given and not told:
            behind = self.folded[first : part.end]
            if is_past(self.text, first, part.end) or sense.is_statement(behind, begins_with_work=begins):
                return
            asked = begins or handed.commanded or handed.is_work
            if self.is_strict:
                asked = handed.commanded and (begins or (follows and bool(dues)))
            if not asked and not (dues and begins):
                return
            if not begins and not dues and not handed.is_work and len(said) < 40:
                return
        if (
            self.is_strict and given and not given.by_command and not handed.commanded
            and not _IS_CHARGED.search(said) and handed.is_work is not True and not follows
        ):  # fmt: skip
            return
        self.tasks.append(self.filling.propose(item, part, handed, told))

    def _sentences(self, item: Item, end: int, handed: Handed) -> None:
        """Read a paragraph without a label: its sentences that ask for something, or all of it under work."""
        start = item.start
        if handed.is_work and item.rank > 0:
            parts = parts_of(self.draw, start, end)
            for part in parts:
                self._offer(item, part, handed, attributes(self.text, part.start, part.end))
            return
        if self.is_report:
            return
        self._commanded = self._commanded or bool(_CALLS.search(self.folded, start, end))
        for part in parts_of(self.draw, start, end):
            given = part.given
            if not given:
                command = asks(self.text, part.start, part.end)
                if part.dues and (command or REPORTS.match(self.folded, part.start, part.end)):
                    at = command.start() if command else part.start
                    part.given = Given((), True, at, command.end() if command else at)
                elif (
                    handed.commanded
                    and item.rank > 0
                    and not self.is_strict
                    and STARTS_WORK.match(self.text, part.start)
                ):
                    self._offer(item, part, handed, ())
                    continue
                else:
                    if not self.is_strict and (asking := sentence_by_day(self.draw, part)):
                        self._doubtful(item, asking, replace(handed, lead=()), ())
                    continue
            elif given.by_command:
                self._commanded = True
            elif not self._may_ask(part, given):
                continue
            if self.text[part.end - 1] == ":":
                continue
            said = self.folded[part.start : part.end]
            if sense.is_formula(said, behind_names(part.given, part.start), dated=bool(part.dues)) or is_past(
                self.text, part.start, part.end
            ):
                continue
            part.start = asking_begins(self.draw, part)
            told = attributes(self.text, part.start, part.end)
            self.tasks.append(self.filling.propose(item, part, self._for_sentence(part, handed), told))

    def _may_ask(self, part: Part, given: Given) -> bool:
        """Tell whether “Phòng Kinh tế tạm ứng …” in running text asks: behind a command, or by its words."""
        issuer = self.draw.header.issuer
        name = given.leads[0].value if given.leads else ""
        if issuer and (
            name in issuer.value or (name.startswith(("Chủ tịch UBND", "UBND")) and " các " not in name)
        ):
            return False
        said = self.folded[part.start : part.end]
        return self._commanded or bool(_TAKES_ON.search(said))

    def _for_sentence(self, part: Part, handed: Handed) -> Handed:
        if part.given and not part.given.leads:
            part.given = None
            return replace(handed, lead=handed.lead or self._asked or self.filling.addressed())
        return handed
