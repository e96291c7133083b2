"""Readers in a process of their own, with limits of time and memory: a hostile file takes nobody else down.

Web and shell call only these functions. The child sees the bytes and the words of the question, no settings,
no secrets of the environment and no database; its answer is plain JSON (`tracker.intake.answers`).
"""

from __future__ import annotations

import logging
import os
import pickle
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, cast

from tracker.intake import child
from tracker.intake.answers import house_class, read_answer
from tracker.intake.checks import ENVELOPES, check_file
from tracker.intake.edxml import Envelope
from tracker.intake.papers import UnreadablePaper, damaged
from tracker.intake.plain import PlainPaper
from tracker.intake.proposal import Proposal
from tracker.rules.deadlines import WorkingCalendar
from tracker.rules.words import N_
from tracker.rules.workflow import DomainError

log = logging.getLogger(__name__)

GRACE = 5.0
"""Seconds after its own limit in which a child must have ended before it is killed."""


@dataclass(frozen=True)
class Limits:
    """What one reading may take: seconds from its start, bytes of memory (where the system can limit it)."""

    seconds: float = 20.0
    memory: int = 1024 * 1024 * 1024


def read_paper_safely(filename: str, content: bytes, *, limits: Limits | None = None) -> PlainPaper:
    """Return the plain text of a paper (docx, pdf with text, txt, html) whose file may be hostile.

    Raises `UnreadablePaper` with a sentence for the person: what is wrong and what to do.
    """
    check_file(filename, content)
    return cast(PlainPaper, in_limits("tracker.intake.paper:read_paper", filename, content, limits=limits))


def read_file_safely(
    filename: str, content: bytes, *, calendar: WorkingCalendar, today: date, limits: Limits | None = None,
    **words: Any,
) -> tuple[PlainPaper, Proposal]:  # fmt: skip
    """Return the plain text of a paper and its proposal; the grammars too run in limits.

    `words` are the further keywords of `tracker.intake.directive.read_directive`. Raises `UnreadablePaper`.
    """
    check_file(filename, content)
    given = {"calendar": calendar, "today": today, "limits": limits, **words}
    return cast(
        tuple[PlainPaper, Proposal], in_limits("tracker.intake.reading:read_file", filename, content, **given)
    )


def read_papers_safely(
    papers: Sequence[tuple[str, bytes]], *, otherwise: str, calendar: WorkingCalendar, today: date,
    limits: Limits | None = None, **words: Any,
) -> tuple[PlainPaper, Proposal]:  # fmt: skip
    """Return the same of several papers (name, content) as one text; of `otherwise` where none has words."""
    for filename, content in papers:
        check_file(filename, content)
    given = {"calendar": calendar, "today": today, "limits": limits, **words}
    answer = in_limits("tracker.intake.reading:read_papers", list(papers), otherwise, **given)
    return cast(tuple[PlainPaper, Proposal], answer)


def read_words_safely(
    text: str, *, calendar: WorkingCalendar, today: date, limits: Limits | None = None, **words: Any
) -> tuple[PlainPaper, Proposal]:
    """Return the same of text that somebody pasted."""
    given = {"calendar": calendar, "today": today, "limits": limits, **words}
    return cast(tuple[PlainPaper, Proposal], in_limits("tracker.intake.reading:read_words", text, **given))


def read_envelope_safely(filename: str, content: bytes, *, limits: Limits | None = None) -> Envelope:
    """Return what an edXML file (.edxml, .xml) says; its papers are bytes that are still to be checked."""
    check_file(filename, content, ENVELOPES)
    return cast(Envelope, in_limits("tracker.intake.edxml:read_envelope", content, limits=limits))


def in_limits(function: str, *arguments: Any, limits: Limits | None = None, **keywords: Any) -> Any:
    """Return what a function of `tracker.intake` returns, run in a process of its own within limits.

    `function` is written `tracker.intake.module:name`. Arguments may be anything that pickles without the
    application; the answer is None, plain values, lists, tuples, dicts, days, and dataclasses, named tuples
    or enumerations of `tracker.intake` and `tracker.rules`.
    A `DomainError` that the function raises is raised here, of its own class when that class belongs to
    `tracker.intake`; when time or memory run out or the process breaks, `UnreadablePaper`.
    """
    if not function.startswith("tracker.intake."):
        raise ValueError("only readers run in limits")
    limits = limits or Limits()
    question = {
        "function": function, "arguments": pickle.dumps((arguments, keywords)), "path": sys.path,
        "house": str(Path(__file__).parents[1]), "seconds": limits.seconds, "memory": limits.memory,
    }  # fmt: skip
    with tempfile.TemporaryFile() as asked, tempfile.TemporaryFile() as answered:
        pickle.dump(question, asked)
        asked.seek(0)
        code = _run(asked.fileno(), answered.fileno(), within=limits.seconds + GRACE)
        answered.seek(0)
        outcome = _outcome(answered.read(child.LARGEST_ANSWER))
    if "value" in outcome:
        return outcome["value"]
    if "refused" in outcome:
        raise _refusal(outcome)
    log.warning("reader %s ended with %s %s", function, code, outcome.get("failed", ""))
    if outcome.get("failed") == "MemoryError":
        raise UnreadablePaper(
            N_("Tệp cần quá nhiều bộ nhớ khi mở ra nên đã dừng đọc. Chia tệp nhỏ ra rồi thử lại.")
        )
    if not outcome and code in (None, 1, -24):
        raise UnreadablePaper(
            N_("Đọc tệp quá %(seconds)s giây nên đã dừng. Chia tệp nhỏ ra, hoặc lưu lại bằng phần mềm gốc."),
            seconds=f"{limits.seconds:g}".replace(".", ","),
        )
    raise damaged()


def _run(asked: int, answered: int, *, within: float) -> int | None:
    """Run the child to its end and return its exit code, None when it had to be killed."""
    process = subprocess.Popen(  # noqa: S603
        [sys.executable, "-I", "-X", "utf8", str(Path(child.__file__)), str(os.getpid())],
        stdin=asked, stdout=answered, stderr=subprocess.DEVNULL, env=_environment(),
    )  # fmt: skip
    try:
        return process.wait(timeout=within)
    except subprocess.TimeoutExpired:
        return None
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def _environment() -> dict[str, str]:
    """Return what a process needs to start: nothing on POSIX, the folder of the system on Windows."""
    return {name: os.environ[name] for name in ("SYSTEMROOT",) if name in os.environ}


def _outcome(content: bytes) -> Mapping[str, Any]:
    try:
        outcome = read_answer(content)
    except ValueError:
        return {}
    return outcome if isinstance(outcome, dict) else {}


def _refusal(outcome: Mapping[str, Any]) -> DomainError:
    try:
        kind = house_class(str(outcome["kind"]), DomainError)
    except (ValueError, ImportError, AttributeError):
        kind = UnreadablePaper
    return cast(DomainError, kind(str(outcome["refused"]), **dict(outcome["values"])))
