"""A reader runs in a process of its own: it ends in time, within its memory, and with the one who asked."""

import os
import signal
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import pytest

from tracker.intake.answers import read_answer, write_answer
from tracker.intake.limited import Limits, in_limits, read_file_safely, read_paper_safely, read_words_safely
from tracker.intake.papers import UnreadablePaper
from tracker.intake.plain import Cell, PlainPaper
from tracker.intake.proposal import Found, PaperKind
from tracker.rules.deadlines import WorkingCalendar

ROOT = Path(__file__).resolve().parents[2]
READER = "tracker.intake.paper:read_paper"


class Does:
    """An argument that runs Python where it is unpacked: in the process of the reader."""

    def __init__(self, program):
        self.program = program

    def __reduce__(self):
        return exec, (self.program,)


def test_what_is_read_in_a_process_of_its_own_is_the_same():
    paper = read_paper_safely("a.html", "<table><td>Số: 12<td>Đông Sơn</table>".encode())

    assert paper == PlainPaper("Số: 12\nĐông Sơn", (Cell(0, 0, 0, 0, 6), Cell(0, 0, 1, 7, 15)))


def test_a_paper_and_pasted_words_become_proposals():
    text = "Số: 254 /UBND-NV\n\nVăn Giang, ngày 12 tháng 4 năm 2021\n"
    known = {"calendar": WorkingCalendar(), "today": date(2026, 11, 21)}

    paper, of_file = read_file_safely("a.txt", text.encode(), **known)
    same, of_words = read_words_safely(text, **known)

    assert paper == same
    assert paper.text == of_file.plain == text
    assert of_file == of_words


def test_a_refusal_comes_back_with_its_sentence():
    with pytest.raises(UnreadablePaper, match="NUL"):
        in_limits(READER, "a.txt", b"a\x00")


@pytest.mark.parametrize("program", [
    "import time; time.sleep(60)",
    "while True: pass",
    "import re; re.match('(a+)+$', 'a' * 60 + 'b')",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)",
])  # fmt: skip
def test_a_reader_that_takes_too_long_is_ended(program):
    with pytest.raises(UnreadablePaper, match="quá 0,3 giây"):
        in_limits(READER, "a.txt", b"a", Does(program), limits=Limits(seconds=0.3))


def test_a_reader_that_takes_too_much_memory_is_ended():
    with pytest.raises(UnreadablePaper, match="bộ nhớ"):
        in_limits(READER, Does("a = 'a' * 2**31"), limits=Limits(memory=256 * 1024 * 1024))


@pytest.mark.parametrize("program", [
    "import os; os.abort()",
    "import os; os._exit(0)",
    "import os; os.write(1, b'{}'); os._exit(3)",
    "raise KeyError('a')",
    "def f(): f()\nf()",
])  # fmt: skip
def test_a_reader_that_breaks_says_that_the_file_is_damaged(program):
    with pytest.raises(UnreadablePaper, match="hỏng"):
        in_limits(READER, Does(program))


def test_a_reader_sees_no_secret_and_no_application(monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "bí mật")
    program = """
import os, sys
from tracker.intake.papers import UnreadablePaper
raise UnreadablePaper(f"{sorted(os.environ)} {'flask' in sys.modules} {sys.modules['tracker'].__doc__}")
"""

    with pytest.raises(UnreadablePaper) as told:
        in_limits(READER, Does(program))

    assert "SECRET_KEY" not in str(told.value)
    assert str(told.value).endswith("False None")


def test_only_readers_may_be_asked():
    with pytest.raises(ValueError, match="only readers"):
        in_limits("os:getcwd")


ASKS = """
import sys, types
sys.modules["tracker"] = types.ModuleType("tracker")
sys.modules["tracker"].__path__ = ["tracker"]
from tests.intake.test_limited import Does
from tracker.intake.limited import Limits, in_limits
in_limits("tracker.intake.paper:read_paper", Does(sys.argv[1]), limits=Limits(seconds=60))
"""


def test_a_reader_does_not_outlive_a_killed_asker(tmp_path):
    told = tmp_path / "pid"
    program = f"import os, time; open({str(told)!r}, 'w').write(str(os.getpid())); time.sleep(60)"
    asker = subprocess.Popen([sys.executable, "-c", ASKS, program], cwd=ROOT)
    reader = int(wait_for(lambda: told.exists() and told.read_text()))

    os.kill(asker.pid, signal.SIGKILL)
    asker.wait()

    wait_for(lambda: not is_running(reader))


def wait_for(question, within=20.0):
    """Return the answer of a question once it is true."""
    end = time.monotonic() + within
    while not (answer := question()):
        assert time.monotonic() < end
        time.sleep(0.02)
    return answer


def is_running(pid):
    """Tell whether a process lives; one that nobody has waited for is dead."""
    stat = Path(f"/proc/{pid}/stat")
    try:
        return stat.read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


@pytest.mark.parametrize("value", [
    None, True, 3, 2.5, "chữ", b"\x00\xff", (1, [2, (3,)]), {"a": {1: None}}, date(2026, 6, 24),
    Found(PaperKind.CONG_VAN, 1, 2, 0.5, "a", {"b": "c"}), PlainPaper("a", (Cell(0, 0, 0, 0, 1),), (1,)),
])  # fmt: skip
def test_answers_come_back_as_they_were(value):
    assert read_answer(write_answer(value)) == value


@pytest.mark.parametrize("content", [
    b"", b"{", b'{"c": "os:system", "v": {}}', b'{"c": "tracker.intake.limited:Popen", "v": {}}',
    b'{"c": "tracker.intake.plain:Cell", "v": {"table": 1}}', b'{"e": "tracker.intake.plain:Cell", "v": 1}',
    b'{"c": "tracker.intake.limited:subprocess", "v": {}}', b'{"x": 1}', b'{"w": "exec", "v": "a"}',
    b"[" * 100_000, b'{"c": "urllib.parse:DefragResult", "v": {"url": "a", "fragment": "b"}}',
])  # fmt: skip
def test_an_answer_that_is_no_plain_data_is_not_believed(content):
    with pytest.raises(ValueError):
        read_answer(content)


def test_what_is_no_plain_data_is_not_answered():
    with pytest.raises(TypeError):
        write_answer(object())
