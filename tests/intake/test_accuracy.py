"""The floor under the reading of papers: what is reached must not be lost (docs/reading.md)."""

from dataclasses import replace

import pytest

from tests.intake import accuracy
from tests.intake.accuracy import Score, score_files, score_paper
from tests.intake.labels import WrongLabel, load_paper, load_papers
from tracker.intake.proposal import Found, Header

FLOORS = {
    "header": 0.995, "citations": 0.995, "tasks": 0.99, "exact spans": 0.988,
    "leads": 0.978, "coordinating": 0.985, "deadlines": 0.99, "due phrases": 0.985,
}  # fmt: skip
"""The least F1 of each measure over all labelled papers, just under what was reached."""

FILE_FLOORS = {"header": 0.98, "citations": 0.98, "tasks": 0.98, "leads": 0.98, "deadlines": 0.98}
"""The same over the papers that are Word files, web pages and PDF too."""


def sum_of(scores):
    total = Score()
    for _, score in scores:
        total.include(score)
    return total


def below(score, floors):
    return [name for name, floor in floors.items() if score.tallies[name].f1 < floor]


@pytest.fixture(scope="module")
def readings():
    return [(paper, accuracy.read(paper)) for paper in load_papers()]


def test_papers_are_read_as_well_as_before(readings):
    score = sum_of((paper.name, score_paper(paper, proposal)) for paper, proposal in readings)

    assert below(score, FLOORS) == [], accuracy.table(score)


def test_word_files_web_pages_and_pdf_are_read_as_well_as_before():
    score = sum_of(score_files())

    assert below(score, FILE_FLOORS) == [], accuracy.table(score)


def without(found, **changes):
    """Return a proposal whose every task is changed."""
    return replace(found, tasks=tuple(replace(task, **changes) for task in found.tasks))


def shifted(found):
    """Return a proposal whose spans stop in their middle."""
    return replace(
        found,
        tasks=tuple(replace(task, end=(task.start + task.end) // 2 - 2) for task in found.tasks),
    )


@pytest.mark.parametrize(
    "measure, spoil",
    [
        ("header", lambda found: replace(found, header=Header(number=found.header.number))),
        ("citations", lambda found: replace(found, citations=found.citations[1:])),
        ("tasks", lambda found: replace(found, tasks=found.tasks[1:])),
        ("tasks", shifted),
        ("exact spans", lambda found: replace(
            found, tasks=tuple(replace(task, start=task.start + 2) for task in found.tasks))),
        ("leads", lambda found: without(found, lead=())),
        ("leads", lambda found: without(found, lead=(Found("UBND huyện"),))),
        ("coordinating", lambda found: without(found, coordinating=())),
        ("deadlines", lambda found: without(found, due_on=None)),
        ("deadlines", lambda found: without(found, recurrence=None)),
    ],
)  # fmt: skip
def test_the_floor_gives_way_under_a_reader_that_reads_worse(readings, measure, spoil):
    every_fourth = readings[::4]

    score = sum_of((paper.name, score_paper(paper, spoil(proposal))) for paper, proposal in every_fourth)

    assert measure in below(score, FLOORS)


def test_the_papers_are_as_many_and_as_long_as_the_measure_needs(readings):
    papers = [paper for paper, _ in readings]

    assert len(papers) >= 115
    assert sum(len(paper.tasks) for paper in papers) >= 740
    assert sum(not paper.tasks for paper in papers) >= 4, "papers that ask for nothing"


def test_a_label_whose_words_stand_twice_is_refused(tmp_path):
    (tmp_path / "a.txt").write_text("1. Rà soát hồ sơ.\n2. Rà soát hồ sơ.\n", encoding="utf-8")
    labels = tmp_path / "a.toml"
    labels.write_text('tasks = [{text="Rà soát … hồ sơ."}]\n[header]\nkind = "CV"\n', encoding="utf-8")

    with pytest.raises(WrongLabel, match="stands 2 times"):
        load_paper(labels)


def test_a_label_whose_words_are_not_there_is_refused(tmp_path):
    (tmp_path / "a.txt").write_text("1. Rà soát hồ sơ.\n", encoding="utf-8")
    labels = tmp_path / "a.toml"
    labels.write_text('tasks = [{text="Rà soát … sổ."}]\n[header]\nkind = "CV"\n', encoding="utf-8")

    with pytest.raises(WrongLabel, match="stands 0 times"):
        load_paper(labels)


def test_a_misspelt_label_is_refused(tmp_path):
    (tmp_path / "a.txt").write_text("1. Rà soát hồ sơ.\n", encoding="utf-8")
    labels = tmp_path / "a.toml"
    labels.write_text('tasks = [{text="Rà soát hồ sơ.", leed=[]}]\n[header]\nkind = "CV"\n', encoding="utf-8")

    with pytest.raises(WrongLabel, match="leed"):
        load_paper(labels)
