"""Files that somebody might bring to do harm are refused with a sentence, or read without harm."""

import pytest

from tests.intake.hostile import ENVELOPES, HARMLESS, REFUSED
from tracker.intake.edxml import read_envelope
from tracker.intake.limited import Limits, read_envelope_safely, read_paper_safely
from tracker.intake.paper import read_paper
from tracker.intake.papers import UnreadablePaper

HEAVY = ("a PDF that unpacks to much", "endless pages")
"""What only a process with limits may try."""
LIMITS = Limits(seconds=5, memory=512 * 1024 * 1024)


@pytest.mark.parametrize("name", [each for each in REFUSED if each not in HEAVY])
def test_a_hostile_file_is_refused_with_a_sentence_that_helps(name):
    filename, content, words = REFUSED[name]()

    with pytest.raises(UnreadablePaper) as refusal:
        read_paper(filename, content)

    assert words in str(refusal.value)


@pytest.mark.parametrize("name", HEAVY)
def test_what_eats_memory_or_time_ends_in_its_own_process(name):
    filename, content, _words = REFUSED[name]()

    with pytest.raises(UnreadablePaper):
        read_paper_safely(filename, content, limits=LIMITS)


@pytest.mark.parametrize("name", HARMLESS)
def test_what_only_looks_dangerous_is_read(name):
    filename, content, words = HARMLESS[name]()

    paper = read_paper(filename, content)

    assert words in paper.text
    assert "alert" not in paper.text


@pytest.mark.parametrize("name", ENVELOPES)
def test_a_hostile_envelope_is_refused(name):
    _filename, content, words = ENVELOPES[name]()

    with pytest.raises(UnreadablePaper) as refusal:
        read_envelope(content)

    assert words in str(refusal.value)


def test_a_hostile_envelope_is_refused_in_its_own_process_too():
    filename, content, words = ENVELOPES["laughs"]()

    with pytest.raises(UnreadablePaper) as refusal:
        read_envelope_safely(filename, content)

    assert words in str(refusal.value)
