"""Random histories that the rules allow, and a naive recount of B.4 from their events alone.

Nothing here asks the tracker's own rules or queries: the state of a task is replayed from the lines, as
domain §3 and §4 say it in words, so that a mistake over there meets another opinion here.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

FIRST_DAY = date(2026, 2, 24)
"""A Tuesday, some days before the end of a month."""
OPEN = ("not_started", "in_progress", "awaiting_confirmation")
RUNNING = ("not_started", "in_progress")
ASSIGNERS = ("tp", "xa-1", "xa-2")
"""The city gives tasks of its directives; communes give by directives of their own and by passing down."""

MOST_SERIES = 2
"""Recurring tasks of a history."""

UNITS = {
    "tp": None, "phong-a": "tp", "phong-b": "tp", "phong-c": "tp", "xa-1": "tp", "xa-2": "tp", "to-1": "xa-1",
    "to-2": "xa-1",
}  # fmt: skip


@dataclass
class Facts:
    """What is known of a task after the lines so far."""

    assigner: str
    unit: str
    state: str
    due: str | None
    reported: str | None = None
    asked_until: str | None = None
    asks_return: bool = False
    extensions: int = 0
    coordinating: list[str] = field(default_factory=list)


@dataclass
class Series:
    """What is known of a recurring task after the lines so far."""

    directive: str
    last_day: str = ""
    has_ended: bool = False


@dataclass
class Replay:
    """Takes the lines of a history one after the other."""

    tasks: dict[str, Facts] = field(default_factory=dict)
    series: dict[str, Series] = field(default_factory=dict)
    issuers: dict[str, str] = field(default_factory=dict)
    units: set[str] = field(default_factory=set)

    def open_tasks(self) -> set[str]:
        """Return the tasks that are given and neither completed nor cancelled now."""
        return {key for key, task in self.tasks.items() if task.state in OPEN}

    def take(self, line: dict[str, Any]) -> None:
        """Change what this line changes."""
        if "occurrence" in line:
            self.series[line["series"]].last_day = line["occurrence"]
        match line["do"]:
            case "series":
                self.series[line["series"]] = Series(line["directive"])
            case "series_end":
                self.series[line["series"]].has_ended = True
            case "unit":
                self.units.add(line["code"])
            case "unit_end":
                self.units.discard(line["code"])
                for task in self.tasks.values():
                    if task.unit == line["code"] and line.get("successor") and task.state in ("draft", *OPEN):
                        self._move(task, line["successor"])
            case "directive":
                self.issuers[line["directive"]] = line["issuer"]
            case "draft" | "give" if line["task"] not in self.tasks:
                parent = self.tasks.get(line.get("parent"))
                self.tasks[line["task"]] = Facts(
                    assigner=parent.unit if parent else self.issuers[line["directive"]], unit=line["unit"],
                    state="not_started" if line["do"] == "give" else "draft", due=line["due"],
                    coordinating=line.get("coordinating", []),
                )
            case do if "task" in line:
                self._take_step(self.tasks[line["task"]], do, line)

    def _take_step(self, task: Facts, do: str, line: dict[str, Any]) -> None:
        match do:
            case "give":
                task.state = "not_started"
            case "accept":
                task.state = "in_progress"
            case "ask_return":
                task.asks_return = True
            case "refuse_return":
                task.asks_return = False
            case "reassign":
                task.state = "not_started"
                self._move(task, line["unit"])
            case "transfer":
                self._move(task, line["unit"])
            case "ask_extension":
                task.asked_until = line["until"]
            case "grant_extension":
                task.due, task.asked_until = line.get("until", task.asked_until), None
                task.extensions += 1
            case "refuse_extension":
                task.asked_until = None
            case "set_due":
                task.due = line["due"]
            case "report":
                task.state, task.reported = "awaiting_confirmation", line["on"]
                self._lapse(task)
            case "confirm":
                task.state = "completed"
            case "rework" | "reopen":
                task.state, task.reported = "in_progress", None
            case "cancel":
                task.state = "cancelled"
                self._lapse(task)

    def _move(self, task: Facts, unit: str) -> None:
        task.unit = unit
        self._lapse(task)

    @staticmethod
    def _lapse(task: Facts) -> None:
        task.asked_until, task.asks_return = None, False


def cell_at(task: Facts, day: str) -> str:
    """Return the cell of B.4 in which a counted task stands at the end of a day.

    Days in ISO form compare as texts.
    """
    match task.state:
        case "awaiting_confirmation":
            return "awaiting_confirmation"
        case "completed":
            return "completed_late" if task.due and task.reported > task.due else "completed_on_time"
    return f"{task.state}_overdue" if task.due and day > task.due else f"{task.state}_not_due"


def recount(lines: list[dict[str, Any]], *, first: date, on: date) -> dict[str, dict[str, tuple[str, str]]]:
    """Return what B.4 counts from `first` to the cut-off day `on`: assigner → task → (unit, cell).

    Population (domain §4): given on or before the cut-off day, not cancelled at its end, and open at some
    moment between the start of `first` and the end of the cut-off day.
    """
    replay, was_open, begun = Replay(), set(), False
    for line in lines:
        if line["on"] > on.isoformat():
            break
        if line["on"] >= first.isoformat() and not begun:
            was_open |= replay.open_tasks()
            begun = True
        replay.take(line)
        if begun:
            was_open |= replay.open_tasks()
    if not begun:
        was_open |= replay.open_tasks()
    counted: dict[str, dict[str, tuple[str, str]]] = {assigner: {} for assigner in ASSIGNERS}
    for key in was_open:
        task = replay.tasks[key]
        if task.state != "cancelled":
            counted.setdefault(task.assigner, {})[key] = (task.unit, cell_at(task, on.isoformat()))
    return counted


def by_cell(counted: dict[str, tuple[str, str]]) -> Counter[tuple[str, str]]:
    """Return how many tasks stand in each cell of each unit."""
    return Counter(counted.values())


def opening() -> list[dict[str, Any]]:
    """Return the lines that found the units and register a directive of each assigner."""
    on = FIRST_DAY.isoformat()
    lines: list[dict[str, Any]] = [
        {"do": "unit", "on": on, "code": code, "name": f"Đơn vị {code}"} for code in UNITS
    ]
    for line in lines:
        if parent := UNITS[line["code"]]:
            line["parent"] = parent
    for assigner in ASSIGNERS:
        lines.append(
            {"do": "directive", "on": on, "directive": f"vb-{assigner}", "kind": "CV", "subject": "Chỉ đạo",
             "issuer": assigner, "issued_on": on}
        )  # fmt: skip
    return lines


@st.composite
def histories(draw: Any, *, most_events: int = 60, most_tasks: int = 9) -> list[dict[str, Any]]:
    """Return the lines of a random history over some weeks, several events on many of its days."""
    lines = opening()
    replay = Replay()
    for line in lines:
        replay.take(line)
    day = FIRST_DAY
    for _ in range(draw(st.integers(5, most_events))):
        day += timedelta(days=draw(st.sampled_from((0, 0, 0, 0, 1, 1, 2, 3))))
        choices = _choices(replay, day, most_tasks)
        if not choices:
            break
        line = draw(_line(replay, day, choices))
        replay.take(line)
        lines.append(line)
    return lines


def _choices(replay: Replay, day: date, most_tasks: int) -> list[tuple[str, str]]:
    """Return what the rules allow after the lines that were replayed: a `do`, and the task it is done to."""
    choices: list[tuple[str, str]] = []
    if len(replay.tasks) < most_tasks:
        choices += [("give", ""), ("give", ""), ("draft", "")]
    for key, task in replay.tasks.items():
        steps = _steps(task, day.isoformat())
        has_ended = task.unit not in replay.units
        choices += [(do, key) for do in steps if not (do == "give" and has_ended)]
    if len(replay.units) > 4:
        choices.append(("unit_end", ""))
    if choices and len(replay.series) < MOST_SERIES:
        choices.append(("series", ""))
    for key, series in replay.series.items():
        if not series.has_ended:
            turns = ["give"] * 2 if len(replay.tasks) < most_tasks else []
            choices += [(do, key) for do in (*turns, "series_skip", "series_change", "series_end")]
    return choices


@st.composite
def _line(draw: Any, replay: Replay, day: date, choices: list[tuple[str, str]]) -> dict[str, Any]:
    on = day.isoformat()
    do, key = draw(st.sampled_from(choices))
    units = st.sampled_from(sorted(replay.units))
    day_near = st.integers(-3, 9).map(lambda step: (day + timedelta(days=step)).isoformat())
    line: dict[str, Any] = {"do": do, "on": on}
    if do == "unit_end":
        line["code"] = draw(st.sampled_from(sorted(replay.units - {"tp"})))
        if draw(st.integers(0, 4)):
            line["successor"] = draw(st.sampled_from(sorted(replay.units - {line["code"]})))
        return line
    if do.startswith("series") or key in replay.series:
        return draw(_line_of_series(line, replay, day, key))
    task = replay.tasks.get(key)
    line["task"] = key or f"nv-{len(replay.tasks) + 1}"
    if do in ("give", "draft"):
        line |= {"directive": "vb-tp", "unit": "tp", "content": "Việc", "due": None}
        if task is not None:
            line |= {"unit": task.unit, "due": task.due}
    if do in ("give", "draft") and not key:
        line |= {
            "directive": f"vb-{draw(st.sampled_from(ASSIGNERS))}", "unit": draw(units),
            "due": draw(st.none() | day_near),
        }  # fmt: skip
        parents = sorted(replay.open_tasks())
        if parents and draw(st.integers(0, 2)) == 0:
            line["parent"] = draw(st.sampled_from(parents))
        coordinating = draw(units)
        if coordinating != line["unit"]:
            line["coordinating"] = [coordinating]
    if do in ("reassign", "transfer"):
        line["unit"] = draw(units)
    if do in ("ask_return", "ask_extension", "set_due", "rework", "reopen", "cancel"):
        line["reason"] = "Lý do"
    if do == "progress":
        line |= {"text": "Đang làm", "percent": draw(st.integers(0, 100))}
    if do == "contribute":
        line |= {"unit": task.coordinating[0], "text": "Ý kiến"}
    if do == "ask_extension":
        later = date.fromisoformat(task.due) + timedelta(days=draw(st.integers(1, 7)))
        line["until"] = later.isoformat()
    if do == "grant_extension" and draw(st.booleans()):
        later = date.fromisoformat(task.asked_until) + timedelta(days=draw(st.integers(0, 5)))
        line["until"] = later.isoformat()
    if do == "set_due":
        line["due"] = draw(st.none() | day_near)
    if do == "report" and task.due and on > task.due:
        line["explanation"] = "Giải trình"
    return line


@st.composite
def _line_of_series(draw: Any, line: dict[str, Any], replay: Replay, day: date, key: str) -> dict[str, Any]:
    """Return the line that begins a series, gives or passes over its next turn, changes or ends it."""
    units = st.sampled_from(sorted(replay.units))
    line["series"] = key or f"ck-{len(replay.series) + 1}"
    if line["do"] in ("series_change", "series_end"):
        line["reason"] = "Lý do"
    if line["do"] == "series":
        line |= {
            "directive": f"vb-{draw(st.sampled_from(ASSIGNERS))}", "unit": draw(units), "content": "Báo cáo",
            "phrase": "thứ Sáu hằng tuần", "pattern": "weekly fri", "coordinating": [], "from": line["on"],
        }  # fmt: skip
    if line["do"] == "series_change":
        line["set"] = {"content": f"Báo cáo từ ngày {day} {draw(st.integers(0, 10**9))}"}
    if line["do"] in ("give", "series_skip"):
        known = replay.series[key]
        after = date.fromisoformat(known.last_day) if known.last_day else day - timedelta(days=5)
        turn = (after + timedelta(days=draw(st.integers(1, 9)))).isoformat()
        line |= {"occurrence": turn, "due": turn}
    if line["do"] == "series_skip":
        line["skipped"] = "past"
    if line["do"] == "give":
        line |= {
            "task": f"nv-{len(replay.tasks) + 1}", "directive": known.directive, "unit": draw(units),
            "content": "Báo cáo",
        }  # fmt: skip
    return line


def _steps(task: Facts, on: str) -> list[str]:
    match task.state:
        case "draft":
            return ["give", "transfer", "cancel"]
        case "completed":
            return ["reopen"]
        case "cancelled":
            return []
        case "awaiting_confirmation":
            return ["confirm", "confirm", "rework", "transfer", "cancel"]
    steps = ["set_due", "cancel", "transfer"]
    if task.coordinating:
        steps.append("contribute")
    if task.asks_return:
        steps += ["refuse_return", "reassign"]
    if task.asked_until:
        steps += ["grant_extension", "refuse_extension"]
    elif task.due and on <= task.due and not task.extensions:
        steps.append("ask_extension")
    if task.state == "in_progress":
        return [*steps, "progress", "report", "report", "report"]
    return [*steps, "accept", "accept", "accept", *([] if task.asks_return else ["ask_return"])]
