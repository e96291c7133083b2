"""Random histories with leaders, fields and corrections, and what B.4 must hold by their lines alone."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

from tests.histories import UNITS, histories, recount

FIELDS = (None, "Đất đai", "Y tế", "Ẩm thực")
LEADERS = ("hoa", "an", "Đạt")
NAMES = ("Trần Văn Hoa", "Lê Thị An", "Nguyễn Đạt")


@st.composite
def corrected_histories(draw: Any, *, most_events: int = 40) -> list[dict[str, Any]]:
    """Return a random history in which names, fields, leaders and words are corrected on any of its days.

    Nothing but corrections happens on the last day.
    """
    lines: list[dict[str, Any]] = []
    known: dict[str, list[str]] = {"unit": [], "directive": [], "task": [], "person": []}
    drawn = draw(histories(most_events=most_events))
    for number, line in enumerate(drawn):
        lines.append(line)
        match line["do"]:
            case "unit":
                known["unit"].append(line["code"])
            case "directive":
                known["directive"].append(line["directive"])
                line |= {name: each for name in ("field",) if (each := draw(st.sampled_from(FIELDS)))}
            case "give" | "draft":
                if line["task"] not in known["task"]:
                    known["task"].append(line["task"])
                if leader := draw(st.sampled_from((None, *LEADERS))):
                    line["leader"] = leader
        if line["do"] == "unit" and line["code"] == "tp":
            for login, name in zip(LEADERS, NAMES, strict=True):
                person = {"do": "person", "on": line["on"], "login": login, "name": name, "unit": "tp"}
                lines.append(person | {"role": "leader"})
                known["person"].append(login)
        is_begun = number > len(UNITS) + 2
        if is_begun and not draw(st.integers(0, 2)) and (set_ := draw(_correction(known, _closed(lines)))):
            lines.append(set_ | {"do": "correct", "on": line["on"]})
    last = (date.fromisoformat(lines[-1]["on"]) + timedelta(days=1)).isoformat()
    later = draw(st.lists(_correction(known, _closed(lines)), min_size=4, max_size=8))
    return lines + [set_ | {"do": "correct", "on": last} for set_ in later if set_]


def _closed(lines: list[dict[str, Any]]) -> set[str]:
    return {line["task"] for line in lines if line["do"] in ("confirm", "cancel", "report")}


@st.composite
def _correction(draw: Any, known: dict[str, list[str]], closed: set[str]) -> dict[str, Any] | None:
    what = draw(st.sampled_from(("unit", "directive", "task", "person")))
    keys = [key for key in known[what] if key not in closed]
    if not keys:
        return None
    word = f"sửa {draw(st.integers(0, 99))}"
    values = {
        "unit": [{"name": word}, {"name": word}, {"order": draw(st.integers(1, 9))}, {"title_of_head": word}],
        "directive": [
            {"field": draw(st.sampled_from(FIELDS))}, {"field": "Nội vụ"}, {"number": word},
            {"subject": word}, {"kind": "KH", "issued_on": "2026-02-20"},
        ],
        "task": [
            {"leader": draw(st.sampled_from((None, *LEADERS)))}, {"leader": "an"}, {"content": word},
            {"product": word},
        ],
        "person": [{"name": word}],
    }  # fmt: skip
    return {"what": what, "key": draw(st.sampled_from(keys)), "set": draw(st.sampled_from(values[what]))}


@dataclass
class Words:
    """What was written by the end of a day: facts by kind of object and key."""

    of: dict[str, dict[str, dict[str, Any]]] = field(default_factory=lambda: defaultdict(dict))

    @staticmethod
    def on(lines: list[dict[str, Any]], day: date) -> Words:
        """Return what the lines up to the end of a day say."""
        words = Words()
        keys = {"unit": "code", "person": "login", "directive": "directive", "give": "task", "draft": "task"}
        for line in lines:
            if line["on"] > day.isoformat():
                break
            if line["do"] == "correct":
                words.of[line["what"]][line["key"]] |= line["set"]
            elif line["do"] in keys:
                kind = "task" if line["do"] in ("give", "draft") else line["do"]
                key = line[keys[line["do"]]]
                if line["do"] == "give":
                    words.of["given"].setdefault(key, {"on": line["on"]})
                words.of[kind].setdefault(key, dict(line))
        return words


def expected_of(
    lines: list[dict[str, Any]], assigner: str, *, first: date, on: date
) -> dict[str, dict[str, Any]]:
    """Return of each task that the B.4 of an assigner counts what stands of it at the end of a day."""
    words, found = Words.on(lines, on), {}
    for key, (unit, cell) in recount(lines, first=first, on=on)[assigner].items():
        task = words.of["task"][key]
        paper = words.of["directive"][task["directive"]]
        leader = task.get("leader")
        found[key] = {
            "unit": unit, "cell": cell, "content": task["content"], "product": task.get("product"),
            "leader_login": leader, "leader_name": leader and words.of["person"][leader]["name"],
            "directive_key": task["directive"], "directive_kind": paper["kind"],
            "directive_number": paper.get("number"), "directive_subject": paper["subject"],
            "directive_issued_on": date.fromisoformat(paper["issued_on"]), "field": paper.get("field"),
            "given_on": date.fromisoformat(words.of["given"][key]["on"]),
        }
    return found


def carried_on(lines: list[dict[str, Any]], on: date) -> dict[str, str]:
    """Return the units that had ended by the end of a day, each with the one that carries it on."""
    ends = (line for line in lines if line["do"] == "unit_end" and date.fromisoformat(line["on"]) <= on)
    return {line["code"]: line["successor"] for line in ends if line.get("successor")}


def top_of(unit: str, assigner: str, ended: dict[str, str]) -> str:
    """Return the unit in whose row a folded table of an assigner counts a unit.

    What is below a unit that has ended stands under the one that carries it on; who carries on what it stood
    under itself stands in its place.
    """
    line = {assigner}
    while (above := UNITS[assigner]) is not None:
        line.add(above)
        assigner = above
    while (above := _under(unit, line, ended)) is not None:
        unit = above
    return unit


def _under(unit: str, line: set[str], ended: dict[str, str]) -> str | None:
    above = UNITS[unit]
    if unit in line or above is None or above in line:
        return None
    under, seen = above, {above}
    while under in ended and ended[under] not in seen:
        under = ended[under]
        seen.add(under)
        if under in line:
            return None
    return _under(above, line, ended) if under == unit else under
