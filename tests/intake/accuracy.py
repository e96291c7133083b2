"""How well papers are read: precision, recall and F1 against the labelled papers.

    python -m tests.intake.accuracy [--folder DIR …] [--paper NAME] [--show] [--files]

Prints a table of measures over all papers, or of one paper; `--show` lists what was missed and what was
wrong, `--files` reads the papers that exist as Word file, web page and PDF. Rules: docs/reading.md.
"""

from __future__ import annotations

import argparse
import re
import time
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import holidays

from tests.intake.labels import (
    HEADER,
    LISTS,
    SETS,
    TODAY,
    LabelledCitation,
    LabelledPaper,
    LabelledTask,
    load_paper,
    load_papers,
)
from tests.intake.make_files import PAPERS, SHAPES, as_docx, as_html
from tracker.intake.directive import read_directive
from tracker.intake.paper import read_paper
from tracker.intake.papers.piped import with_piped_tables
from tracker.intake.plain import PlainPaper
from tracker.intake.proposal import Proposal, ProposedTask
from tracker.rules.deadlines import WorkingCalendar

PDF = Path(__file__).parent / "pdf"
YEARS = range(2015, 2030)
STATUTORY = WorkingCalendar(days_off=frozenset(holidays.country_holidays("VN", years=YEARS)))
"""The calendar of an installation that has stored none: statutory holidays, no swapped days."""

SHARED = 0.5
"""Least share of common characters (of those either covers) that makes a proposal and a label a pair."""


@dataclass(slots=True)
class Tally:
    """Hits, what was said wrongly, and what was not found."""

    hits: int = 0
    wrong: int = 0
    missed: int = 0

    def add(self, hits: int, wrong: int, missed: int) -> None:
        """Count what one paper, field or task brought."""
        self.hits, self.wrong, self.missed = self.hits + hits, self.wrong + wrong, self.missed + missed

    @property
    def precision(self) -> float:
        """The share of what was said that is right; 1 when nothing was said."""
        return self.hits / (self.hits + self.wrong) if self.hits + self.wrong else 1.0

    @property
    def recall(self) -> float:
        """The share of the labels that were found; 1 when there are none."""
        return self.hits / (self.hits + self.missed) if self.hits + self.missed else 1.0

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        both = 2 * self.hits + self.wrong + self.missed
        return 2 * self.hits / both if both else 1.0


MEASURES = (
    "header", *(f"header {name}" for name in HEADER), "citations", "citation issuers", "tasks", "exact spans",
    "leads", "coordinating", "deadlines", "due phrases", "due times", "products",
)  # fmt: skip


@dataclass(slots=True)
class Score:
    """The tallies of one or many papers by measure, and the sentences that say what went wrong."""

    tallies: dict[str, Tally] = field(default_factory=lambda: {name: Tally() for name in MEASURES})
    notes: list[str] = field(default_factory=list)

    def add(self, measure: str, hits: int, wrong: int, missed: int, note: str = "") -> None:
        """Count in one measure; a note is kept when not all was right."""
        self.tallies[measure].add(hits, wrong, missed)
        if note and (wrong or missed):
            self.notes.append(f"{measure}: {note}")

    def include(self, other: Score) -> None:
        """Count another score into this one."""
        for name, tally in other.tallies.items():
            self.tallies[name].add(tally.hits, tally.wrong, tally.missed)


def read(paper: LabelledPaper, plain: PlainPaper | None = None) -> Proposal:
    """Return what the reader understands of a labelled paper; `plain` where it was another kind of file."""
    return read_directive(plain or with_piped_tables(paper.text), calendar=STATUTORY, today=TODAY)


def score_texts(folders: tuple[Path, ...] = SETS) -> Iterator[tuple[str, Score]]:
    """Yield the score of each labelled text of the folders by its name."""
    for paper in load_papers(folders):
        yield paper.name, score_paper(paper, read(paper))


def score_files() -> Iterator[tuple[str, Score]]:
    """Yield the score of each paper that there is as Word file, web page and PDF too, by its file name."""
    for name in SHAPES:
        files = {".docx": as_docx(name), ".html": as_html(name), ".pdf": (PDF / f"{name}.pdf").read_bytes()}
        for extension, content in files.items():
            plain = read_paper(name + extension, content)
            paper = load_paper((PAPERS / name).with_suffix(".toml"), plain.text)
            yield name + extension, score_paper(paper, read(paper, plain))


def score_paper(paper: LabelledPaper, proposal: Proposal) -> Score:
    """Return how far a proposal agrees with the labels of its paper."""
    score = Score()
    _score_header(paper, proposal, score)
    _score_citations(paper, proposal, score)
    _score_tasks(paper, proposal, score)
    return score


def _score_header(paper: LabelledPaper, proposal: Proposal, score: Score) -> None:
    said = proposal.to_data()["header"]
    for name in HEADER:
        label, found = paper.header[name], said[name]
        if name in LISTS:
            counts = _overlap(label, found)
        else:
            value = label.isoformat() if hasattr(label, "isoformat") else label
            agree = folded(value) == folded(found)
            counts = _one(bool(value), bool(found), agree)
        score.add(f"header {name}", *counts, note=f"{label!r}, read {found!r}")
        score.tallies["header"].add(*counts)


def _score_citations(paper: LabelledPaper, proposal: Proposal, score: Score) -> None:
    left = list(paper.citations)
    for cited in proposal.citations:
        key = (folded(cited.number), cited.kind.value, cited.issued_on)
        label = next((each for each in left if _key(each) == key), None)
        if label:
            left.remove(label)
        if label is None:
            near = next((each for each in left if each.maybe and _is_near(each, key)), None)
            if near:
                left.remove(near)
            else:
                score.add("citations", 0, 1, 0, f"not labelled: {cited.number} {key[1:]} {cited.issuer}")
        elif not label.maybe:
            score.add("citations", 1, 0, 0)
            agree = _body(label.issuer) == _body(cited.issuer)
            note = f"{label.number}: {label.issuer}, read {cited.issuer}"
            score.add("citation issuers", *_one(bool(label.issuer), bool(cited.issuer), agree), note)
    for label in left:
        if not label.maybe:
            score.add("citations", 0, 0, 1, f"missed: {label.number} {label.kind} {label.issued_on}")


def _key(label: LabelledCitation) -> tuple[str, str, Any]:
    return folded(label.number), label.kind, label.issued_on


def _is_near(label: LabelledCitation, key: tuple[str, str, Any]) -> bool:
    return folded(label.number) == key[0] if label.number else (label.kind, label.issued_on) == key[1:]


def _score_tasks(paper: LabelledPaper, proposal: Proposal, score: Score) -> None:
    pairs = _pairs(paper.tasks, proposal.tasks)
    for label in paper.tasks:
        if id(label) not in pairs and not label.maybe:
            score.add("tasks", 0, 0, 1, f"missed: {_shown(paper.text, label.start, label.end)}")
    taken = {id(task) for task in pairs.values()}
    for task in proposal.tasks:
        if id(task) not in taken:
            score.add("tasks", 0, 1, 0, f"not labelled: {_shown(paper.text, task.start, task.end)}")
    for label in paper.tasks:
        task = pairs.get(id(label))
        if task is not None and not label.maybe:
            _score_pair(label, task, paper.text, score)


def _score_pair(label: LabelledTask, task: ProposedTask, text: str, score: Score) -> None:
    where = _shown(text, label.start, label.end)
    score.add("tasks", 1, 0, 0)
    exact = _bare(text, label.start, label.end) == _bare(text, task.start, task.end)
    note = f"{where}, read {_shown(text, task.start, task.end)}"
    score.add("exact spans", *_one(True, True, exact), note)
    for measure, wanted, found in (
        ("leads", label.lead, [each.value for each in task.lead]),
        ("coordinating", label.coordinating, [each.value for each in task.coordinating]),
    ):
        score.add(measure, *_overlap(wanted, found), note=f"{list(wanted)}, read {found}, in {where}")
    recurrence = task.recurrence.value.value if task.recurrence else None
    wanted_day = (None, label.recurrence) if label.recurrence else (label.due_on, None)
    found_day = (None, recurrence) if recurrence else (task.due_on, None)
    phrase = task.due_phrase.value if task.due_phrase else None
    for measure, is_wanted, is_found, agree, note in (
        ("deadlines", any(wanted_day), any(found_day), wanted_day == found_day,
         f"{label.due!r} {wanted_day}, read {phrase!r} {found_day}, in {where}"),
        ("due phrases", bool(label.due), bool(phrase), folded(label.due) == folded(phrase),
         f"{label.due!r}, read {phrase!r}, in {where}"),
        ("due times", bool(label.due_time), bool(task.due_time), label.due_time == task.due_time,
         f"{label.due_time}, read {task.due_time}, in {where}"),
        ("products", bool(label.product), bool(task.product),
         folded(label.product) == folded(task.product.value if task.product else None),
         f"{label.product!r}, read {task.product.value if task.product else None!r}, in {where}"),
    ):  # fmt: skip
        if label.due_maybe and measure != "products":
            continue
        score.add(measure, *_one(is_wanted, is_found, agree), note)


def _pairs(labels: Iterable[LabelledTask], tasks: Iterable[ProposedTask]) -> dict[int, ProposedTask]:
    """Return the proposal of each label by its `id`: the best shares first, each once."""
    every = ((_share(label, task), id(label), task) for label in labels for task in tasks)
    shares = sorted(every, key=lambda each: -each[0])
    pairs: dict[int, ProposedTask] = {}
    taken: set[int] = set()
    for share, label, task in shares:
        if share >= SHARED and label not in pairs and id(task) not in taken:
            pairs[label] = task
            taken.add(id(task))
    return pairs


def _share(label: LabelledTask, task: ProposedTask) -> float:
    common = min(label.end, task.end) - max(label.start, task.start)
    return max(0, common) / (max(label.end, task.end) - min(label.start, task.start))


def _one(is_wanted: bool, is_found: bool, agree: bool) -> tuple[int, int, int]:
    """Return hit, wrong and missed of a field that has one value or none."""
    return int(agree and is_wanted), int(not agree and is_found), int(not agree and is_wanted)


def _overlap(label: Iterable[str], found: Iterable[str]) -> tuple[int, int, int]:
    """Return hits, wrong and missed entries of two lists whose order does not matter."""
    wanted, said = Counter(map(folded, label)), Counter(map(folded, found))
    hits = (wanted & said).total()
    return hits, said.total() - hits, wanted.total() - hits


SAME = (
    (r"uy ban nhan dan", "ubnd"), (r"hoi dong nhan dan", "hdnd"), (r"\s*([-–/,&.])\s*", r"\1"),
    (r"^(v/v|ve viec)\s*:?\s*", ""), (r"[–—]", "-"), (r"[“”\"'*]", ""), (r"\s+", " "), (r"[ ;:.,]+$", ""),
)  # fmt: skip


@cache
def folded(value: str | None) -> str:
    """Return a value as two careful people would agree on it: case, blanks, tone marks' place, “UBND”."""
    text = unicodedata.normalize("NFD", (value or "").casefold().replace("đ", "d").replace("\n", " "))
    text = re.sub(r"\s+", " ", "".join(each for each in text if not unicodedata.combining(each))).strip()
    for pattern, other in SAME:
        text = re.sub(pattern, other, text)
    return text


def _body(issuer: str | None) -> str:
    """Return the body of an issuer, also where its head is named: “Giám đốc Sở Y tế” is “Sở Y tế”."""
    return re.sub(r"^(bo truong|giam doc|truong) (?=bo |so |phong )", "", folded(issuer))


def _bare(text: str, start: int, end: int) -> tuple[int, int]:
    """Return a span without blanks and closing marks at its ends."""
    said = text[start:end]
    return start + len(said) - len(said.lstrip()), start + len(said.rstrip(" \t\n;.,/"))


def _shown(text: str, start: int, end: int) -> str:
    said = " ".join(text[start:end].split())
    return f"“{said}”" if len(said) < 90 else f"“{said[:50]} … {said[-34:]}”"


def table(score: Score) -> str:
    """Return the measures as lines: hits, precision, recall, F1."""
    heads = ("labels", "hits", "wrong", "missed", "precision", "recall", "F1")
    lines = [f"{'':<22}" + "".join(f"{head:>10}" for head in heads)]
    for name, tally in score.tallies.items():
        lines.append(
            f"{name:<22}{tally.hits + tally.missed:>10}{tally.hits:>10}{tally.wrong:>10}{tally.missed:>10}"
            f"{tally.precision:>10.3f}{tally.recall:>10.3f}{tally.f1:>10.3f}"
        )
    return "\n".join(lines)


def main() -> None:
    """Print the table of all labelled papers, or of one."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--folder", type=Path, nargs="+", default=SETS, help="folders of papers and labels")
    options.add_argument("--paper", help="the name of one paper, or how it begins")
    options.add_argument("--show", action="store_true", help="list what was missed and what was wrong")
    options.add_argument("--files", action="store_true", help="read Word files, web pages and PDF")
    chosen = options.parse_args()
    total, rows = Score(), []
    start = time.perf_counter()
    for name, score in score_files() if chosen.files else score_texts(tuple(chosen.folder)):
        if chosen.paper and not name.startswith(chosen.paper):
            continue
        total.include(score)
        rows.append((name, score))
        if chosen.show:
            print(f"\n== {name}", *score.notes, sep="\n   ")
    names = ("header", "citations", "tasks", "leads", "deadlines")
    print(f"\n{'':<38}" + "".join(f"{name:>11}" for name in names))
    for name, score in rows:
        print(f"{name:<38}" + "".join(f"{score.tallies[each].f1:>11.2f}" for each in names))
    print(f"\n{len(rows)} papers, read in {time.perf_counter() - start:.1f} s\n{table(total)}")


if __name__ == "__main__":
    main()
