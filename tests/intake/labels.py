"""The labelled papers: what a careful person reads out of each, resolved to places in its plain text.

A label names a task by its first and last words with “ … ” between them; a label whose words are not found
exactly once is an error, so that no label points somewhere else in silence. Rules: docs/reading.md.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, time
from pathlib import Path
from typing import Any

from tracker.intake.proposal import PaperKind, Recurrence

HERE = Path(__file__).parent
SETS = (HERE / "seeds", HERE / "papers", HERE / "unseen")
TODAY = date(2026, 11, 21)
"""The day on which a labelled paper is read; its own day decides wherever it has one."""

VALUES = ("number", "issued_on", "issuer", "kind", "subject", "signer", "signer_title")
LISTS = ("addressees", "recipients")
HEADER = VALUES + LISTS
OF_DEADLINE = ("due", "due_on", "due_time", "recurrence", "due_maybe")
OF_TASK = ("text", "lead", "coordinating", "product", "maybe", *OF_DEADLINE)
GAP = " … "


class WrongLabel(ValueError):
    """A label that does not fit its paper; the message says which words of which paper."""


@dataclass(frozen=True, slots=True)
class LabelledCitation:
    """One cited document; `maybe` counts neither as hit nor as miss."""

    number: str | None
    kind: str
    issued_on: date | None
    issuer: str | None
    maybe: bool = False


@dataclass(frozen=True, slots=True)
class LabelledTask:
    """One task with its place in the plain text, end exclusive; `maybe` counts neither as hit nor as miss."""

    start: int
    end: int
    lead: tuple[str, ...]
    coordinating: tuple[str, ...] = ()
    due: str | None = None
    due_on: date | None = None
    due_time: time | None = None
    recurrence: str | None = None
    product: str | None = None
    maybe: bool = False
    due_maybe: bool = False
    """Whether two careful people would differ about its deadline, so that it is not judged."""


@dataclass(frozen=True, slots=True)
class LabelledPaper:
    """A paper as `text`, and what it says; `header` holds values or tuples of them, None where absent."""

    name: str
    path: Path
    text: str
    header: dict[str, Any]
    citations: tuple[LabelledCitation, ...]
    tasks: tuple[LabelledTask, ...]


def load_papers(folders: tuple[Path, ...] = SETS) -> Iterator[LabelledPaper]:
    """Yield the labelled papers of folders by name; raise `WrongLabel` for one that does not fit."""
    for folder in folders:
        for path in sorted(folder.glob("*.toml")):
            yield load_paper(path)


def load_paper(labels: Path, text: str | None = None) -> LabelledPaper:
    """Return the paper beside a file of labels; raise `WrongLabel` when a label does not fit it.

    `text` is the plain text of the same paper in another kind of file, where that is asked for.
    """
    path = labels.with_suffix(".txt")
    if text is None:
        text = unicodedata.normalize("NFC", path.read_text(encoding="utf-8")).removeprefix("\ufeff")
    said = tomllib.loads(labels.read_text(encoding="utf-8"))
    try:
        _expect(said, {"header", "citations", "tasks", "lead"})
        _expect(said["header"], HEADER)
        header = {name: said["header"].get(name) for name in HEADER}
        header |= {name: tuple(said["header"].get(name, ())) for name in LISTS}
        assert header["kind"] in set(PaperKind), f"{header['kind']} is no kind of paper"
        citations = tuple(_citation(each) for each in said.get("citations", ()))
        tasks = tuple(_tasks(said.get("tasks", []), text, tuple(said.get("lead", ()))))
    except (AssertionError, KeyError, ValueError) as error:
        raise WrongLabel(f"{labels.name}: {error}") from error
    return LabelledPaper(labels.stem, path, text, header, citations, tasks)


def _expect(said: dict[str, Any], names: Iterable[str]) -> None:
    odd = set(said) - set(names)
    assert not odd, f"no labels are called {', '.join(sorted(odd))}"


def _citation(line: str) -> LabelledCitation:
    number, kind, day, issuer = (part.strip() or None for part in line.lstrip("?").split("|"))
    assert kind in set(PaperKind), f"{kind} is no kind of paper, in “{line}”"
    issued_on = date.fromisoformat(day) if day else None
    return LabelledCitation(number, kind, issued_on, issuer, maybe=line.startswith("?"))


def _tasks(said: list[dict[str, Any]], text: str, inherited: tuple[str, ...]) -> Iterator[LabelledTask]:
    if not said:
        return
    starts = [_only(each["text"].split(GAP)[0], text, 0, len(text)).start() for each in said]
    assert starts == sorted(starts), "tasks stand in the order of the paper"
    for each, start, limit in zip(said, starts, [*starts[1:], len(text)], strict=True):
        _expect(each, OF_TASK)
        head, gap, tail = each["text"].partition(GAP)
        end = _only(tail if gap else head, text, start, limit).end()
        if each.get("recurrence"):
            Recurrence(each["recurrence"])
        due = each.get("due")
        assert due or not (each.get("due_on") or each.get("recurrence")), f"“{head}” has a day and no phrase"
        yield LabelledTask(
            start, end,
            tuple(each.get("lead", inherited)), tuple(each.get("coordinating", ())),
            due, each.get("due_on"), each.get("due_time"), each.get("recurrence"), each.get("product"),
            each.get("maybe", False), each.get("due_maybe", False),
        )  # fmt: skip


def _only(words: str, text: str, start: int, limit: int) -> re.Match[str]:
    """Return where words stand in a part of the text, whatever blanks are between them; once only."""
    pattern = re.compile(r"\s+".join(re.escape(word) for word in words.split()))
    found = list(pattern.finditer(text, start, limit))
    assert len(found) == 1, f"“{words}” stands {len(found)} times where it should stand once"
    return found[0]
