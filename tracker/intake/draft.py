"""A proposal in the hands of a person: what was read, what they corrected, split, joined, dropped and added.

Plain data without ids of the database; `to_data` and `from_data` are how it is stored as JSON.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, time
from typing import Any

from tracker.intake.cuts import cuts_in
from tracker.intake.proposal import DOUBTFUL, Citation, Found, Proposal, ProposedTask
from tracker.rules.text import nfc
from tracker.rules.words import N_
from tracker.rules.workflow import DomainError

HEADER = ("number", "issued_on", "issuer", "kind", "subject", "signer", "signer_title")
"""The fields of the head that a register keeps, in the order of the page."""

LONGEST_CITATION = 500
"""Characters of what a register keeps of a cited document."""

_PARAGRAPHS = re.compile(r"\s*\n\s*\n\s*")


class NoSuchPart(DomainError):
    """The task, or the place in it, is not there any more."""

    def __init__(self) -> None:
        super().__init__(N_("Không còn nhiệm vụ hoặc chỗ này trong bản đọc. Tải lại trang."))


@dataclass(frozen=True, slots=True)
class Read:
    """One field: its value as text (days as ISO), where it was read, how sure that is and why."""

    value: str = ""
    start: int | None = None
    end: int | None = None
    sure: float = 1.0
    why: str = ""
    values: dict[str, str] = field(default_factory=dict)

    @property
    def is_doubtful(self) -> bool:
        """Whether a person should look at this field first."""
        return self.sure < DOUBTFUL


@dataclass(frozen=True, slots=True)
class DraftCitation:
    """A document that the paper cites; `words` are those that the register will keep.

    What was read of it stands in parts: the code of its kind, number, day as ISO text and issuer, each empty
    where the paper does not say it. A document without a number is kept in the words of the paper.
    """

    key: int
    words: str
    start: int | None = None
    end: int | None = None
    is_basis: bool = False
    sure: float = 1.0
    is_dropped: bool = False
    kind: str = ""
    number: str = ""
    issued_on: str = ""
    issuer: str = ""

    @property
    def is_doubtful(self) -> bool:
        """Whether a person should look at it first."""
        return self.sure < DOUBTFUL


@dataclass(frozen=True, slots=True)
class DraftTask:
    """A task as it would be given; `key` stays the same whatever happens to the others.

    Without `start` and `end` it was added by hand. Deadlines are kept as written and read again on the page;
    `due_on` is what the reader understood from the whole paper.
    """

    key: int
    content: str
    start: int | None = None
    end: int | None = None
    item: str = ""
    lead: tuple[Read, ...] = ()
    coordinating: tuple[Read, ...] = ()
    due: Read = Read()
    due_on: date | None = None
    due_time: time | None = None
    recurrence: Read = Read()
    product: Read = Read()
    sure: float = 1.0
    is_dropped: bool = False

    @property
    def reads(self) -> tuple[Read, ...]:
        """What was read of it besides its content."""
        return (*self.lead, *self.coordinating, self.due, self.recurrence, self.product)


@dataclass(frozen=True, slots=True)
class Draft:
    """All of one paper; `names` says which unit or group a name means that nobody else knows."""

    header: dict[str, Read] = field(default_factory=dict)
    addressees: tuple[Read, ...] = ()
    recipients: tuple[Read, ...] = ()
    citations: tuple[DraftCitation, ...] = ()
    tasks: tuple[DraftTask, ...] = ()
    values: dict[str, str] = field(default_factory=dict)
    """What only the person says: the unit that issues, urgency, field of work."""
    names: dict[str, str] = field(default_factory=dict)

    def task(self, key: int) -> DraftTask:
        """Return a task by its key; raise `NoSuchPart`."""
        for each in self.tasks:
            if each.key == key:
                return each
        raise NoSuchPart

    @property
    def cited(self) -> tuple[DraftCitation, ...]:
        """The documents that were not dropped and are named at all."""
        return tuple(each for each in self.citations if each.words and not each.is_dropped)

    @property
    def to_give(self) -> tuple[DraftTask, ...]:
        """The tasks that were not dropped."""
        return tuple(each for each in self.tasks if not each.is_dropped)


def tidy(text: str) -> str:
    """Return words of a paper as one piece of text: hard line ends become blanks, blank lines stay."""
    return "\n".join(" ".join(part.split()) for part in _PARAGRAPHS.split(nfc(text).strip()) if part.strip())


def draft_of(proposal: Proposal, kind_names: dict[str, str]) -> Draft:
    """Return the draft of a proposal; `kind_names` are the names of kinds of papers by their codes."""
    head = proposal.header
    header = {name: _read(found) for name in HEADER if (found := getattr(head, name)) is not None}
    return Draft(
        header=header,
        addressees=tuple(_read(each) for each in head.addressees),
        recipients=tuple(_read(each) for each in head.recipients),
        citations=tuple(
            _citation(key, each, proposal.plain, kind_names)
            for key, each in enumerate(proposal.citations, start=1)
        ),
        tasks=tuple(_task(key, each) for key, each in enumerate(proposal.tasks, start=1)),
    )


def _read(found: Found[Any] | None) -> Read:
    if found is None:
        return Read()
    value = found.value.isoformat() if isinstance(found.value, date) else nfc(str(found.value))
    return Read(value, found.start, found.end, found.sure, found.why, dict(found.values))


def _citation(key: int, cited: Citation, plain: str, kind_names: dict[str, str]) -> DraftCitation:
    number, issuer = cited.number or "", cited.issuer or ""
    words = named_by(kind_names.get(cited.kind.value, ""), number, cited.issued_on, issuer)
    if not number:
        words = " ".join(plain[cited.start : cited.end].split())
    day = cited.issued_on.isoformat() if cited.issued_on else ""
    return DraftCitation(
        key, words[:LONGEST_CITATION], cited.start, cited.end, cited.is_basis, cited.sure,
        kind=cited.kind.value, number=number, issued_on=day, issuer=issuer,
    )  # fmt: skip


def named_by(kind: str, number: str, issued_on: date | None, issuer: str) -> str:
    """Return how a register names a document by its parts: “Kế hoạch số 12/KH-UBND ngày 05/01/2026 của …”."""
    words = f"{kind or 'Văn bản'} số {number}"
    words += f" ngày {issued_on:%d/%m/%Y}" if issued_on else ""
    return words + (f" của {issuer}" if issuer else "")


def add_citation(draft: Draft) -> tuple[Draft, DraftCitation]:
    """Return the draft with one more document that it stands on, empty yet, and that document."""
    key = max((each.key for each in draft.citations), default=0) + 1
    added = DraftCitation(key, "", is_basis=True)
    return replace(draft, citations=(*draft.citations, added)), added


def drop_citation(draft: Draft, key: int, *, back: bool = False) -> Draft:
    """Return the draft without a cited document, or with one that was dropped taken back."""
    if all(each.key != key for each in draft.citations):
        raise NoSuchPart
    return replace(
        draft,
        citations=tuple(
            replace(each, is_dropped=not back) if each.key == key else each for each in draft.citations
        ),
    )


def _task(key: int, task: ProposedTask) -> DraftTask:
    return DraftTask(
        key=key,
        content=tidy(task.text),
        start=task.start,
        end=task.end,
        item=task.item or "",
        lead=tuple(_read(each) for each in task.lead),
        coordinating=tuple(_read(each) for each in task.coordinating),
        due=_read(task.due_phrase),
        due_on=task.due_on,
        due_time=task.due_time,
        recurrence=_read(task.recurrence),
        product=_read(task.product),
        sure=task.sure,
    )


def to_data(draft: Draft) -> dict[str, Any]:
    """Return a draft as plain values for JSON."""
    data = asdict(draft)
    for task in data["tasks"]:
        task["due_on"] = task["due_on"].isoformat() if task["due_on"] else None
        task["due_time"] = task["due_time"].strftime("%H:%M") if task["due_time"] else None
    return data


def from_data(data: dict[str, Any]) -> Draft:
    """Return the draft that `to_data` wrote."""
    return Draft(
        header={name: Read(**each) for name, each in data["header"].items()},
        addressees=_reads(data["addressees"]),
        recipients=_reads(data["recipients"]),
        citations=tuple(DraftCitation(**each) for each in data["citations"]),
        tasks=tuple(_stored_task(each) for each in data["tasks"]),
        values=dict(data["values"]),
        names=dict(data["names"]),
    )


def _reads(rows: Iterable[dict[str, Any]]) -> tuple[Read, ...]:
    return tuple(Read(**each) for each in rows)


def _stored_task(row: dict[str, Any]) -> DraftTask:
    kept = dict(row)
    for name in ("lead", "coordinating"):
        kept[name] = _reads(row[name])
    for name in ("due", "recurrence", "product"):
        kept[name] = Read(**row[name])
    kept.pop("warnings", None)
    kept["due_on"] = date.fromisoformat(row["due_on"]) if row["due_on"] else None
    kept["due_time"] = time.fromisoformat(row["due_time"]) if row["due_time"] else None
    return DraftTask(**kept)


def corrected(old: Read, value: str) -> Read:
    """Return a field after a person saw it: what they changed is sure and keeps the place it was read at."""
    return old if old.value == value else Read(value, old.start, old.end)


def renamed(old: tuple[Read, ...], names: Iterable[str]) -> tuple[Read, ...]:
    """Return a list of names after a person wrote it anew; names that stayed keep place and certainty."""
    known = {each.value: each for each in old}
    return tuple(known.get(name, Read(name)) for name in dict.fromkeys(names))


def with_task(draft: Draft, task: DraftTask) -> Draft:
    """Return the draft with this task in the place of the one of the same key."""
    return replace(draft, tasks=tuple(task if each.key == task.key else each for each in draft.tasks))


def drop(draft: Draft, key: int, *, back: bool = False) -> Draft:
    """Return the draft without a task, or with one that was dropped taken back."""
    return with_task(draft, replace(draft.task(key), is_dropped=not back))


@dataclass(frozen=True, slots=True)
class Cut:
    """A place at which a task may be split: after how many characters of its text, and what follows."""

    at: int
    before: str
    after: str


def cuts_of(draft: Draft, key: int, plain: str) -> list[Cut]:
    """Return the places at which a task may be split, empty where it is of one piece."""
    text = _text_of(draft.task(key), plain)
    return [Cut(at, tidy(text[:at]), tidy(text[at:])) for at in cuts_in(text)]


def _text_of(task: DraftTask, plain: str) -> str:
    """Return the text in which a task is split: that of the paper while nobody corrected its content."""
    read = plain[task.start : task.end] if task.start is not None else ""
    return read if tidy(read) == task.content else task.content


def split(draft: Draft, key: int, at: int, plain: str) -> Draft:
    """Return the draft with a task cut into two after `at` characters of its text.

    What was read within one part belongs to that part; what the item as a whole says (inherited lead and
    deadline), and the only lead where the second part names none, belongs to both.
    """
    task = draft.task(key)
    text = _text_of(task, plain)
    if not (text[:at].strip() and text[at:].strip()):
        raise NoSuchPart
    middle = None
    first, second = task, replace(task, key=_next_key(draft))
    if task.start is not None and text == plain[task.start : task.end]:
        middle = task.start + at
        first = replace(first, end=task.start + len(text[:at].rstrip(" \n\t;,")))
        second = replace(second, start=middle + len(text[at:]) - len(text[at:].lstrip()))
    parts = []
    for part, words in ((first, text[:at]), (second, text[at:])):
        is_first = part is first
        own = [_belongs(each, task, middle, is_first) for each in task.lead]
        lead = tuple(each for each, mine in zip(task.lead, own, strict=True) if mine) or task.lead
        due_stays = _belongs(task.due, task, middle, is_first)
        parts.append(
            replace(
                part,
                content=tidy(words).rstrip(" ;,"),
                lead=lead,
                coordinating=tuple(e for e in task.coordinating if _belongs(e, task, middle, is_first)),
                due=task.due if due_stays else Read(),
                due_on=task.due_on if due_stays else None,
                due_time=task.due_time if due_stays else None,
                recurrence=task.recurrence if _belongs(task.recurrence, task, middle, is_first) else Read(),
                product=task.product if _belongs(task.product, task, middle, is_first) else Read(),
            )
        )
    tasks: list[DraftTask] = []
    for each in draft.tasks:
        tasks += parts if each.key == key else [each]
    return replace(draft, tasks=tuple(tasks))


def _belongs(read: Read, task: DraftTask, middle: int | None, is_first: bool) -> bool:
    """Return whether what was read belongs to this part; what has no place within the task to both."""
    if middle is None or read.start is None or task.start is None or task.end is None:
        return True
    if not task.start <= read.start < task.end:
        return True
    return (read.start < middle) is is_first


def join(draft: Draft, key: int) -> Draft:
    """Return the draft with a task and the next one that was not dropped made one.

    Its place reaches from the first to the end of the second; the deadline is the first that is said.
    """
    left = draft.to_give
    place = next((n for n, each in enumerate(left) if each.key == key), None)
    if place is None or place + 1 >= len(left):
        raise NoSuchPart
    one, two = left[place], left[place + 1]
    starts = [each.start for each in (one, two) if each.start is not None]
    ends = [each.end for each in (one, two) if each.end is not None]
    due = one if one.due.value or one.due_on else two
    whole = replace(
        one,
        content=f"{one.content}\n{two.content}",
        start=min(starts, default=None),
        end=max(ends, default=None),
        lead=_union(one.lead, two.lead),
        coordinating=_union(one.coordinating, two.coordinating),
        due=due.due,
        due_on=due.due_on,
        due_time=due.due_time,
        recurrence=one.recurrence if one.recurrence.value else two.recurrence,
        product=one.product if one.product.value else two.product,
        sure=min(one.sure, two.sure),
    )
    draft = replace(draft, tasks=tuple(each for each in draft.tasks if each.key != two.key))
    return with_task(draft, whole)


def _union(one: tuple[Read, ...], two: tuple[Read, ...]) -> tuple[Read, ...]:
    return tuple({each.value: each for each in (*two, *one)}[name] for name in dict.fromkeys(
        each.value for each in (*one, *two)
    ))  # fmt: skip


def add(draft: Draft, words: str, plain: str) -> tuple[Draft, DraftTask]:
    """Return the draft with one more task, and that task.

    Words that stand in the paper get their place, and their place in the order; others are added by hand at
    the end.
    """
    place = find_words(plain, words, taken=[(e.start, e.end) for e in draft.to_give if e.start is not None])
    task = DraftTask(_next_key(draft), tidy(words), *(place or (None, None)))
    tasks = list(draft.tasks)
    spot = len(tasks)
    if place:
        spot = next((n for n, e in enumerate(tasks) if e.start is not None and e.start > place[0]), spot)
    tasks.insert(spot, task)
    return replace(draft, tasks=tuple(tasks)), task


def find_words(
    plain: str, words: str, *, taken: Sequence[tuple[int | None, int | None]] = ()
) -> tuple[int, int] | None:
    """Return where words stand in a paper, whatever blanks are between them; a place not `taken` first."""
    pieces = [re.escape(piece) for piece in nfc(words).split()]
    if not pieces:
        return None
    found = [match.span() for match in re.finditer(r"\s+".join(pieces), plain)]
    free = [place for place in found if place not in taken]
    return next(iter(free or found), None)


def _next_key(draft: Draft) -> int:
    return max((each.key for each in draft.tasks), default=0) + 1
