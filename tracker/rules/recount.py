"""The facts that a task ought to have, replayed from its entries in the history alone.

A second opinion: it knows the domain (§3, §4) and the words of the history, of states and of the seven cells,
and nothing of how operations, workflow and status do it, so that a mistake over there is noticed here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, NamedTuple, Protocol

from tracker.rules.status import Cell, State

END = date(9999, 12, 31)
"""The open end of a stretch of days."""
STILL_OPEN = frozenset({State.NOT_STARTED, State.IN_PROGRESS, State.AWAITING_CONFIRMATION})


class Entry(NamedTuple):
    """One row of the history that is about a task, in the order of entry by `id`."""

    id: int
    do: str
    on: date | None
    by: str | None
    """The login of the person."""
    payload: Mapping[str, Any]
    note: str | None
    from_state: str | None
    to_state: str | None


class World(Protocol):
    """What the entries of one task refer to elsewhere in the history, as of the time before an entry."""

    def issuer(self, directive: str) -> str | None:
        """Return the code of the unit that issued a directive."""
        ...

    def unit_of(self, task: str, *, before: int) -> str | None:
        """Return the code of the lead unit that another task had before the entry of this id."""
        ...

    def is_of_unit(self, login: str, unit: str, *, before: int) -> bool:
        """Return whether a person had been given any role in a unit before the entry of this id."""
        ...


@dataclass
class Asked:
    """A request: an extension or a return that was asked for, and what became of it."""

    kind: str
    asked_on: date
    asked_by: str | None
    reason: str | None
    until: date | None = None
    state: str = "pending"
    decided_on: date | None = None
    decided_by: str | None = None
    granted_until: date | None = None
    decision: str | None = None
    decision_reason: str | None = None
    entry: int = 0
    """The entry that asked."""
    ended_by: int = 0
    """The entry that decided it or let it lapse."""


class Moment(NamedTuple):
    """The facts that decide status, from one entry to the next; `day` never goes backwards."""

    day: date
    entry: int
    assigner: str | None
    unit: str | None
    state: str
    due_on: date | None
    reported_on: date | None

    @property
    def facts(self) -> tuple[Any, ...]:
        """What a stretch of days holds."""
        return self[2:]


class Stretch(NamedTuple):
    """The facts of whole days: from `first` to the day before `end`."""

    first: date
    end: date
    facts: tuple[Any, ...]
    """Assigner, unit, state, deadline, day of the report."""
    entry: int = 0
    of_task: tuple[Any, ...] = ()
    """Of a stored one: what it has of its task."""


class Oddity(NamedTuple):
    """What the history itself says that cannot be: the entry, a word for it, what it says, what should be."""

    entry: int
    what: str
    stored: str | None
    expected: str | None


FACTS = (
    "key", "directive", "item", "content", "product", "assigner", "unit", "officer", "tracker", "leader",
    "parent", "state", "given_on", "due_on", "original_due_on", "due_phrase", "due_time", "accepted_on",
    "reported_on", "reported_by", "closed_on", "percent", "result", "last_word", "last_event_on", "version",
    "series", "occurrence",
)  # fmt: skip
"""The facts of a task that are compared, as units' codes, persons' logins and other tasks' keys."""


@dataclass
class Standing:
    """A task as its entries leave it."""

    key: str | None = None
    directive: str | None = None
    item: str | None = None
    content: str | None = None
    product: str | None = None
    assigner: str | None = None
    unit: str | None = None
    officer: str | None = None
    tracker: str | None = None
    leader: str | None = None
    parent: str | None = None
    series: str | None = None
    """The recurring task of which it is a turn."""
    occurrence: date | None = None
    """The day that names that turn."""
    state: str = State.DRAFT.value
    given_on: date | None = None
    due_on: date | None = None
    original_due_on: date | None = None
    due_phrase: str | None = None
    due_time: str | None = None
    accepted_on: date | None = None
    reported_on: date | None = None
    reported_by: str | None = None
    closed_on: date | None = None
    percent: int = 0
    result: str | None = None
    last_word: str | None = None
    last_event_on: date | None = None
    version: int = 1
    coordinating: list[str] = field(default_factory=list)
    requests: list[Asked] = field(default_factory=list)
    moments: list[Moment] = field(default_factory=list)
    decided: dict[str, int] = field(default_factory=dict)
    """By fact the entry that decides it."""
    oddities: list[Oddity] = field(default_factory=list)

    def stretches(self) -> list[Stretch]:
        """Return the stretches of days that these facts make: the last entry of a day decides it."""
        of_day: dict[date, Moment] = {}
        for moment in self.moments:
            of_day[moment.day] = moment
        made: list[Stretch] = []
        for day, moment in of_day.items():
            if made and made[-1].facts == moment.facts:
                continue
            if made:
                made[-1] = made[-1]._replace(end=day)
            made.append(Stretch(day, END, moment.facts, moment.entry))
        return made

    def place_on(self, *, first: date, on: date) -> tuple[str, Cell] | None:
        """Return unit and cell in B.4 over `[first, on]` at the end of `on`; None when it is not counted."""
        now: Moment | None = None
        was_open = False
        for moment in self.moments:
            if moment.day > on:
                break
            if moment.day >= first and now is not None and now.state in STILL_OPEN:
                was_open = True
            now = moment
            if moment.day >= first and moment.state in STILL_OPEN:
                was_open = True
        if now is None or now.state == State.CANCELLED:
            return None
        if now.state not in STILL_OPEN and not was_open:
            return None
        return now.unit or "", cell_of(now.state, now.due_on, now.reported_on, on=on)


def cell_of(state: str, due_on: date | None, reported_on: date | None, *, on: date) -> Cell:
    """Return the cell of a task that B.4 counts: §3 and §4 of the domain in their plainest form.

    What waits for confirmation has one cell. Completed: late when the report came after the last day of the
    deadline. Running: overdue from the day after it. Without a deadline nothing is late.
    """
    if state == State.AWAITING_CONFIRMATION:
        return Cell.AWAITING_CONFIRMATION
    if state == State.COMPLETED:
        came = reported_on or on
        days_late = (came - due_on).days if due_on else 0
        return Cell.COMPLETED_LATE if days_late > 0 else Cell.COMPLETED_ON_TIME
    days_late = (on - due_on).days if due_on else 0
    if state == State.IN_PROGRESS:
        return Cell.IN_PROGRESS_OVERDUE if days_late > 0 else Cell.IN_PROGRESS_NOT_DUE
    return Cell.NOT_STARTED_OVERDUE if days_late > 0 else Cell.NOT_STARTED_NOT_DUE


def month_ends(today: date, number: int) -> list[date]:
    """Return the last days of so many months before the month of `today`, the latest first."""
    ends, day = [], today
    for _ in range(number):
        day = day.replace(day=1) - timedelta(days=1)
        ends.append(day)
    return ends


def replay(entries: Iterable[Entry], world: World) -> Standing:
    """Return what the entries of one task, in the order of entry, make of it."""
    task = _Replay(world)
    for entry in entries:
        task.take(entry)
    return task.standing


class _Replay:
    """Takes the entries of a task one after the other."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.standing = Standing()
        self.last: date | None = None

    def take(self, entry: Entry) -> None:
        """Change what one entry changes."""
        if entry.do not in _STEPS and entry.to_state is None:
            return  # an urging, a passed deadline: told of the task, no step of it
        now = self.standing
        day = self._day_of(entry)
        if entry.from_state is not None and entry.from_state != now.state:
            self._note(entry, "from_state", entry.from_state, now.state)
        if entry.do not in _STEPS:
            self._note(entry, "do", entry.do, None)
            return
        if now.key is None and entry.do not in ("give", "draft"):
            self._note(entry, "begin", entry.do, "give")
        _STEPS[entry.do](self, entry, day)
        if entry.to_state is not None and entry.to_state != now.state:
            self._note(entry, "to_state", entry.to_state, now.state)
        if entry.do == "draft":
            return
        self.set(entry, version=now.version + 1, last_event_on=day)
        if entry.note is not None and entry.do != "give":
            self.set(entry, last_word=entry.note)
        if now.given_on is not None:
            moment = Moment(
                max(day, now.moments[-1].day if now.moments else day), entry.id, now.assigner, now.unit,
                now.state, now.due_on, now.reported_on,
            )  # fmt: skip
            if not now.moments or now.moments[-1].facts != moment.facts:
                now.moments.append(moment)

    def _day_of(self, entry: Entry) -> date:
        day = entry.on
        if day is None:
            self._note(entry, "on_day", None, None)
            return self.last or date.min
        if self.last is not None and day < self.last:
            self._note(entry, "on_day", day.isoformat(), self.last.isoformat())
        self.last = max(day, self.last or day)
        return day

    def _note(self, entry: Entry, what: str, stored: str | None, expected: str | None) -> None:
        self.standing.oddities.append(Oddity(entry.id, what, stored, expected))

    def set(self, entry: Entry, **facts: Any) -> None:
        """Let an entry decide these facts."""
        for name, value in facts.items():
            setattr(self.standing, name, value)
            self.standing.decided[name] = entry.id

    def lapse(self, entry: Entry, day: date) -> None:
        """Let the requests lapse that wait: the task was reported, called back or moved."""
        for each in self.standing.requests:
            if each.state == "pending":
                each.state, each.decided_on, each.ended_by = "lapsed", day, entry.id

    def waiting(self, kind: str) -> Asked | None:
        """Return the request of this kind that waits."""
        found = (each for each in self.standing.requests if each.kind == kind and each.state == "pending")
        return next(found, None)

    def decide(self, entry: Entry, day: date, kind: str, state: str) -> Asked | None:
        """Decide the request of this kind that waits; None, and an oddity, when there is none."""
        request = self.waiting(kind)
        if request is None:
            self._note(entry, "request", entry.do, None)
            return None
        request.state, request.decided_on, request.decided_by = state, day, entry.by
        request.decision = entry.payload.get("decision")
        request.decision_reason, request.ended_by = entry.payload.get("reason"), entry.id
        return request


def day_of(text: str | None) -> date | None:
    """Return the day that a payload names, None for none."""
    return date.fromisoformat(text) if text else None


def _lay_out(task: _Replay, entry: Entry, day: date) -> None:
    told, world, parent = entry.payload, task.world, entry.payload.get("parent")
    is_new = task.standing.key is None
    due = day_of(told.get("due"))
    task.set(
        entry, key=told.get("task"), directive=told.get("directive"), item=told.get("item"),
        content=told.get("content"), product=told.get("product"), unit=told.get("unit"),
        officer=told.get("officer"), tracker=told.get("tracker"), leader=told.get("leader"), parent=parent,
        due_on=due, original_due_on=due, due_phrase=told.get("due_phrase"), due_time=told.get("due_time"),
        coordinating=list(told.get("coordinating") or ()), series=told.get("series"),
        occurrence=day_of(told.get("occurrence")),
    )  # fmt: skip
    if is_new:
        giver = world.unit_of(parent, before=entry.id) if parent else world.issuer(str(told.get("directive")))
        task.set(entry, assigner=giver, state=State.DRAFT.value)
        if giver is None:
            task.standing.oddities.append(Oddity(entry.id, "giver", parent or told.get("directive"), None))


def _give(task: _Replay, entry: Entry, day: date) -> None:
    _lay_out(task, entry, day)
    task.set(entry, state=State.NOT_STARTED.value, given_on=day)


def _accept(task: _Replay, entry: Entry, day: date) -> None:
    task.set(entry, state=State.IN_PROGRESS.value, accepted_on=day)
    if officer := entry.payload.get("officer"):
        task.set(entry, officer=officer)


def _correct(task: _Replay, entry: Entry, day: date) -> None:
    for name, value in (entry.payload.get("set") or {}).items():
        match name:
            case "due_on":
                task.set(entry, due_on=day_of(value))
            case "due_time":
                task.set(entry, due_time=value and value[:5])
            case "coordinating":
                task.set(entry, coordinating=list(value or ()))
            case _:
                task.set(entry, **{name: value})


def _move(task: _Replay, entry: Entry, day: date) -> None:
    unit, officer = entry.payload.get("unit"), task.standing.officer
    task.set(entry, unit=unit)
    if officer is not None and not task.world.is_of_unit(officer, str(unit), before=entry.id):
        task.set(entry, officer=None)
    task.lapse(entry, day)


def _reassign(task: _Replay, entry: Entry, day: date) -> None:
    task.decide(entry, day, "return", "granted")
    task.set(entry, state=State.NOT_STARTED.value, accepted_on=None)
    _move(task, entry, day)


def _ask(kind: str) -> Any:
    def ask(task: _Replay, entry: Entry, day: date) -> None:
        told = entry.payload
        task.standing.requests.append(
            Asked(kind, day, entry.by, told.get("reason"), day_of(told.get("until")), entry=entry.id)
        )

    return ask


def _refuse(kind: str) -> Any:
    def refuse(task: _Replay, entry: Entry, day: date) -> None:
        task.decide(entry, day, kind, "refused")

    return refuse


def _grant(task: _Replay, entry: Entry, day: date) -> None:
    request = task.decide(entry, day, "extension", "granted")
    until = day_of(entry.payload.get("until")) or (request.until if request else None)
    if request is not None:
        request.granted_until = until
    task.set(entry, due_on=until)


def _set_due(task: _Replay, entry: Entry, day: date) -> None:
    task.set(entry, due_on=day_of(entry.payload.get("due")))


def _progress(task: _Replay, entry: Entry, day: date) -> None:
    if (percent := entry.payload.get("percent")) is not None:
        task.set(entry, percent=percent)


def _report(task: _Replay, entry: Entry, day: date) -> None:
    task.set(
        entry, state=State.AWAITING_CONFIRMATION.value, reported_on=day, reported_by=entry.by,
        result=entry.payload.get("result"),
    )  # fmt: skip
    task.lapse(entry, day)


def _confirm(task: _Replay, entry: Entry, day: date) -> None:
    task.set(entry, state=State.COMPLETED.value, closed_on=day)


def _take_back(task: _Replay, entry: Entry, day: date) -> None:
    task.set(entry, state=State.IN_PROGRESS.value, reported_on=None, reported_by=None, closed_on=None)


def _cancel(task: _Replay, entry: Entry, day: date) -> None:
    task.set(entry, state=State.CANCELLED.value, closed_on=day)
    task.lapse(entry, day)


def _nothing(task: _Replay, entry: Entry, day: date) -> None:
    """A contribution changes no fact but what every entry changes."""


_STEPS: Mapping[str, Any] = {
    "draft": _lay_out, "give": _give, "accept": _accept, "correct": _correct, "transfer": _move,
    "inherit": _move, "reassign": _reassign, "ask_return": _ask("return"), "refuse_return": _refuse("return"),
    "ask_extension": _ask("extension"), "refuse_extension": _refuse("extension"), "grant_extension": _grant,
    "set_due": _set_due, "progress": _progress, "contribute": _nothing, "report": _report,
    "confirm": _confirm, "rework": _take_back, "reopen": _take_back, "cancel": _cancel,
}  # fmt: skip


def joined(stretches: Sequence[Stretch]) -> list[Stretch]:
    """Return stretches with those made one that follow each other with equal facts."""
    made: list[Stretch] = []
    for each in stretches:
        if made and made[-1].facts == each.facts and made[-1].end == each.first:
            made[-1] = made[-1]._replace(end=each.end)
        else:
            made.append(each)
    return made
