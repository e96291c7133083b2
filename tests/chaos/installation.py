"""A random installation of any size as lines of a history, and the naive recount of its B.4.

The lines come from one number: `lines_of(random.Random(seed), tasks=2_000)`. Over two years units receive and
pass down tasks, ask, report, move them, merge and end; the last line is of LAST_DAY at the latest.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import select

from tests.histories import OPEN, Facts, Replay, cell_at
from tracker.models import db
from tracker.models.people import User
from tracker.models.units import Unit
from tracker.operations import freezing
from tracker.operations.recording import Stamp
from tracker.queries import b4

FIRST_DAY, LAST_DAY = date(2024, 10, 1), date(2026, 9, 30)
FROZEN_ON = datetime(2026, 10, 1, 2, tzinfo=UTC)
CITY, COMMUNES, DIVISIONS = "tp", 12, 8
FIELDS = ("Đất đai", "Nội vụ", "Tài chính", "Y tế", None)
EVENTS_A_TASK = 3.2
"""Lines after its giving, on average, where time suffices."""


def lines_of(chance: random.Random, *, tasks: int) -> list[dict[str, Any]]:
    """Return the lines of an installation in which so many tasks are given."""
    made = _Maker(chance)
    days = [FIRST_DAY + timedelta(days=step) for step in range((LAST_DAY - FIRST_DAY).days + 1)]
    made.open(days[0])
    endings = set(chance.sample(days[30:], 6))
    beginnings = set(chance.sample(days, 12))
    for number, day in enumerate(days):
        if day in endings:
            made.end_a_unit(day)
        if day in beginnings:
            made.begin_a_series(day)
        for _ in range(tasks * (number + 1) // len(days) - tasks * number // len(days)):
            made.give(day)
        for _ in range(round(EVENTS_A_TASK * tasks / len(days))):
            made.step(day)
    return made.lines


FROZEN = [(FIRST_DAY, LAST_DAY), (date(2026, 1, 1), date(2026, 6, 30)), (date(2025, 6, 1), date(2025, 6, 30))]
"""Periods of the reports of the city that are frozen after the last line."""


def freeze_some() -> None:
    """Freeze the reports of an installation that holds these lines."""
    for first, on in FROZEN:
        city = db.session.scalars(select(Unit).where(Unit.code == CITY)).one()
        leader = db.session.scalars(select(User).where(User.login == "lanhdao")).one()
        stamp = Stamp(on=FROZEN_ON.date(), at=FROZEN_ON, by=leader)
        freezing.freeze(b4.Question(city, first, on, on), stamp=stamp)


class _Maker:
    """Writes lines that the rules allow, and replays each as it is written."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.lines: list[dict[str, Any]] = []
        self.replay = Replay()
        self.running: list[str] = []
        self.closed: list[str] = []
        self.issuers: list[str] = []
        self.open_series: list[str] = []
        self.papers: dict[str, str] = {}
        self.parents: dict[str, str] = {}
        self.ended: list[str] = []

    def write(self, do: str, day: date, **said: Any) -> None:
        """Write one line and take it in."""
        line = {"do": do, "on": day.isoformat()}
        line |= {key: value for key, value in said.items() if value is not None}
        if do in ("give", "set_due"):
            line.setdefault("due", None)
        self.lines.append(line)
        self.replay.take(line)

    def open(self, day: date) -> None:
        """Found the units and the people."""
        self.write("unit", day, code=CITY, name="UBND thành phố Sông Hương", kind="province", order=1)
        self.write("person", day, login="lanhdao", name="Trần Quốc Hùng", unit=CITY, role="leader")
        self.write("person", day, login="phochutich", name="Lê Minh Đức", unit=CITY, role="leader")
        self.issuers.append(CITY)
        codes = [f"phong-{n}" for n in range(DIVISIONS)] + [f"xa-{n}" for n in range(COMMUNES)]
        for place, code in enumerate(codes):
            name = f"UBND xã Số {place}" if code.startswith("xa") else f"Phòng Số {place}"
            self.found(day, code, name, CITY)
            if code.startswith("xa"):
                self.issuers.append(code)
                for n in range(3):
                    self.found(day, f"{code}-to-{n}", f"Tổ {n} {name}", code)
                self.found(day, f"{code}-to-0-nhom", f"Nhóm {name}", f"{code}-to-0")

    def found(self, day: date, code: str, name: str, parent: str) -> None:
        """Found a unit with an officer in it."""
        self.parents[code] = parent
        self.write("unit", day, code=code, name=name, parent=parent)
        self.write("person", day, login=f"cv-{code}", name=f"Nguyễn Văn {code}", unit=code, role="officer")

    def end_a_unit(self, day: date) -> None:
        """Let a unit go on as one founded that day, or merge into one that is there."""
        those = sorted(code for code in self.parents if code in self.replay.units and "to" not in code)
        if len(those) < 4:
            return
        old = self.chance.choice(those)
        if self.chance.random() < 0.5:
            successor = f"{old}-moi-{len(self.ended)}"
            self.found(day, successor, f"Đơn vị kế thừa {old}", CITY)
        else:
            successor = self.chance.choice([code for code in those if code != old])
        self.write("unit_end", day, code=old, successor=successor)
        self.ended.append(old)
        self.issuers = [code for code in self.issuers if code != old]

    def give(self, day: date) -> None:
        """Give a task: of a new directive or a known one, passed down from another task, or a turn."""
        chance = self.chance
        if self.open_series and chance.random() < 0.05:
            self.give_a_turn(day)
            return
        issuer = CITY if chance.random() < 0.7 else chance.choice(self.issuers)
        if issuer not in self.papers or chance.random() < 0.08:
            self.register(day, issuer)
        parent = self.chance.choice(self.running) if self.running and chance.random() < 0.12 else None
        giver = self.replay.tasks[parent].unit if parent else issuer
        units = [code for code in self.replay.units if self.parents.get(code) == giver] or [giver]
        if giver not in self.replay.units:
            parent, units = None, [code for code in self.replay.units if self.parents.get(code) == issuer]
        key = f"nv-{len(self.replay.tasks)}"
        unit = chance.choice(sorted(units))
        within = chance.choice((None, 0, 3, 3, 5, 5, 7, 10, 10, 15, 30, 60))
        due = None if within is None else day + timedelta(days=within)
        self.write(
            "give", day, task=key, directive=self.papers[issuer], unit=unit, content=f"Nhiệm vụ {key}",
            due=due.isoformat() if due else None, parent=parent,
            leader=chance.choice(("lanhdao", "phochutich", None)), tracker="lanhdao",
            officer=f"cv-{unit}" if chance.random() < 0.5 and unit != CITY else None,
        )  # fmt: skip
        self.running.append(key)

    def register(self, day: date, issuer: str) -> None:
        """Register a directive, of which the next tasks of its issuer are."""
        chance, key = self.chance, f"vb-{len(self.lines)}"
        self.write(
            "directive", day, directive=key, kind=chance.choice(("CV", "TB", "KH")), issuer=issuer,
            subject=f"Chỉ đạo {key}", issued_on=day.isoformat(), field=chance.choice(FIELDS),
            number=f"{len(self.lines)}/UBND",
        )  # fmt: skip
        self.papers[issuer] = key

    def begin_a_series(self, day: date) -> None:
        """Begin a recurring task of the city."""
        self.register(day, CITY)
        key = f"ck-{len(self.replay.series)}"
        self.write(
            "series", day, series=key, directive=self.papers[CITY], unit=self.some_unit(), content="Báo cáo",
            phrase="thứ Sáu hằng tuần", pattern="weekly fri", **{"from": day.isoformat()},
        )  # fmt: skip
        self.open_series.append(key)

    def give_a_turn(self, day: date) -> None:
        """Give the next turn of a series; before it some are passed over, and the series is changed."""
        chance, series = self.chance, self.chance.choice(self.open_series)
        if chance.random() < 0.1:
            turn = self.next_turn(series, day)
            self.write("series_skip", day, series=series, occurrence=turn, due=turn, skipped="past")
        if chance.random() < 0.1:
            told = {"content": f"Báo cáo {len(self.lines)}", "unit": self.some_unit()}
            self.write("series_change", day, series=series, set=told, reason="Theo chỉ đạo")
        key, turn = f"nv-{len(self.replay.tasks)}", self.next_turn(series, day)
        self.write(
            "give", day, task=key, directive=self.replay.series[series].directive, unit=self.some_unit(),
            content="Báo cáo", due=turn, series=series, occurrence=turn,
        )  # fmt: skip
        self.running.append(key)
        if chance.random() < 0.02 and len(self.open_series) > 1:
            self.write("series_end", day, series=series, reason="Không cần nữa")
            self.open_series.remove(series)

    def next_turn(self, series: str, day: date) -> str:
        """Return a day for the next turn: after the last one and not before this day."""
        last = self.replay.series[series].last_day
        after = max(date.fromisoformat(last), day) if last else day
        return (after + timedelta(days=self.chance.randrange(1, 9))).isoformat()

    def some_unit(self) -> str:
        """Return a unit below the city."""
        return self.chance.choice(sorted(u for u in self.replay.units if self.parents.get(u) == CITY))

    def step(self, day: date) -> None:
        """Take one step with a task, mostly one of the latest."""
        pool = self.running if self.chance.random() < 0.985 or not self.closed else self.closed
        if not pool:
            return
        place = min(int(self.chance.expovariate(1 / 120)), len(pool) - 1)
        place = len(pool) - 1 - place if self.chance.random() < 0.8 else self.chance.randrange(len(pool))
        key = pool[place]
        task = self.replay.tasks[key]
        do = self.choose(task, day.isoformat())
        if do is None:
            return
        if do == "correct":
            told = {"content": f"Việc {len(self.lines)}", "leader": self.chance.choice(("lanhdao", None))}
            self.write(do, day, what="task", key=key, set=told)
            return
        self.write(do, day, task=key, **self.said(do, task, day))
        if task.state not in OPEN and pool is self.running:
            pool[place] = pool[-1]
            pool.pop()
            if task.state == "completed":
                self.closed.append(key)
        elif task.state in OPEN and pool is self.closed:
            pool.pop(place)
            self.running.append(key)

    def choose(self, task: Facts, on: str) -> str | None:
        """Return a step that the rules allow, the likely ones more often."""
        match task.state:
            case "completed":
                return "reopen"
            case "awaiting_confirmation":
                return self.chance.choice(("confirm",) * 12 + ("rework", "cancel", "transfer"))
            case "in_progress":
                steps = ["report"] * 9 + ["progress"] * 3 + ["set_due", "transfer", "cancel"]
            case _:
                steps = ["accept"] * 16 + ["set_due", "transfer", "cancel", "correct"]
        if task.asks_return:
            steps += ["refuse_return", "reassign"] * 5
        elif task.state == "not_started":
            steps.append("ask_return")
        if task.asked_until:
            steps += ["grant_extension"] * 8 + ["refuse_extension"] * 2
        elif task.due and on <= task.due and not task.extensions:
            steps += ["ask_extension"] * 2
        return self.chance.choice(steps)

    def said(self, do: str, task: Facts, day: date) -> dict[str, Any]:
        """Return what else a line of this step says."""
        chance, on = self.chance, day.isoformat()
        match do:
            case "accept":
                return {"officer": f"cv-{task.unit}"} if task.unit in self.parents else {}
            case "progress":
                return {"text": "Đang làm", "percent": chance.randrange(0, 101, 10)}
            case "report":
                return {"result": "1/BC", "explanation": "Giải trình" if task.due and on > task.due else None}
            case "set_due":
                until = day + timedelta(days=chance.randrange(-5, 30))
                return {"due": until.isoformat() if chance.random() < 0.9 else None, "reason": "Theo chỉ đạo"}
            case "ask_extension":
                until = date.fromisoformat(task.due or on) + timedelta(days=chance.randrange(1, 20))
                return {"until": until.isoformat(), "reason": "Khối lượng lớn"}
            case "transfer" | "reassign":
                return {"unit": chance.choice(sorted(self.replay.units)), "reason": "Điều chuyển"}
            case "ask_return" | "cancel" | "rework" | "reopen":
                return {"reason": "Lý do"}
        return {}


class Question(NamedTuple):
    """What a B.4 is asked, in days."""

    assigner: str
    first: date
    on: date


def questions(chance: random.Random, lines: Sequence[dict[str, Any]], *, number: int) -> list[Question]:
    """Return so many questions on random days: boundaries of months, days around an ending, any other.

    They are asked of the city and of communes that gave tasks: of others there is no B.4.
    """
    endings = [date.fromisoformat(line["on"]) for line in lines if line["do"] == "unit_end"]
    communes = sorted({*Oracle(lines).assigners.values()} - {CITY})
    asked = []
    for _ in range(number):
        span = (LAST_DAY - FIRST_DAY).days
        on = FIRST_DAY + timedelta(days=chance.randrange(span + 10))
        if endings and chance.random() < 0.3:
            on = chance.choice(endings) + timedelta(days=chance.choice((-1, 0, 1)))
        first = chance.choice((
            on, on.replace(day=1), on.replace(month=1, day=1), FIRST_DAY, on - timedelta(days=90)
        ))  # fmt: skip
        assigner = CITY if chance.random() < 0.7 or not communes else chance.choice(communes)
        asked.append(Question(assigner, first, on))
    return asked


class Oracle:
    """The naive recount: what each task was after each line about it, and B.4 of any day from that alone."""

    def __init__(self, lines: Iterable[dict[str, Any]]) -> None:
        self.past: dict[str, list[tuple[str, str, str, str | None, str | None]]] = defaultdict(list)
        self.assigners: dict[str, str] = {}
        replay = Replay()
        for line in lines:
            replay.take(line)
            if "task" in line:
                self._note(line["task"], replay.tasks[line["task"]], line["on"])
            elif line["do"] == "unit_end":
                for key, task in replay.tasks.items():
                    if self.past[key][-1][2] != task.unit:
                        self._note(key, task, line["on"])

    def _note(self, key: str, task: Facts, on: str) -> None:
        self.assigners[key] = task.assigner
        self.past[key].append((on, task.state, task.unit, task.due, task.reported))

    def tasks(self, asked: Question) -> dict[str, tuple[str, str]]:
        """Return which tasks B.4 counts, each with its unit and cell."""
        return {key: place for key, place in self._places(asked) if place is not None}

    def numbers(self, asked: Question) -> Counter[tuple[str, str]]:
        """Return how many tasks stand in each cell of each unit."""
        return Counter(self.tasks(asked).values())

    def _places(self, asked: Question) -> Iterator[tuple[str, tuple[str, str] | None]]:
        first, on = asked.first.isoformat(), asked.on.isoformat()
        for key, assigner in self.assigners.items():
            if assigner != asked.assigner:
                continue
            until = [each for each in self.past[key] if each[0] <= on]
            if not until or until[-1][1] == "cancelled":
                continue
            before = [each for each in until if each[0] < first]
            within = [each for each in until if each[0] >= first]
            if any(each[1] in OPEN for each in (*before[-1:], *within)):
                _day, state, unit, due, reported = until[-1]
                facts = Facts(assigner=assigner, unit=unit, state=state, due=due, reported=reported)
                yield key, (unit, cell_at(facts, on))
