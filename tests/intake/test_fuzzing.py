"""Files made by chance, the same at every run, crash no reader; tests/chaos tries others."""

import pytest

from tests.intake.fuzzing import MAKES, try_reader


@pytest.mark.parametrize("kind", sorted(MAKES))
def test_files_made_by_chance_crash_no_reader(kind):
    try_reader(kind, examples=40, start=1)
