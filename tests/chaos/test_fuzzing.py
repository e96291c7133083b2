"""Files made by chance, other ones at every run, crash no reader of papers and no grammar.

`python -m tests.intake.fuzzing docx --minutes 10` tries one of them for as long as one likes.
"""

import os

import pytest

from tests.intake.fuzzing import MAKES, try_reader


@pytest.mark.parametrize("kind", sorted(MAKES))
def test_files_made_by_chance_crash_no_reader(kind, size):
    try_reader(kind, examples=size.pick(100, 50_000), start=int(os.environ["CHAOS_SEED"]))
