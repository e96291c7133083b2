"""A file becomes plain text: the readers of `tracker.intake.papers`, chosen by what the file is."""

from __future__ import annotations

from collections.abc import Callable

from tracker.intake.checks import check_file
from tracker.intake.papers import UnreadablePaper
from tracker.intake.papers.docx import read_docx
from tracker.intake.papers.html import read_html
from tracker.intake.papers.pdf import read_pdf
from tracker.intake.papers.txt import read_txt
from tracker.intake.plain import PlainPaper

__all__ = ["UnreadablePaper", "read_paper"]

READERS: dict[str, Callable[[bytes], PlainPaper]] = {
    ".docx": read_docx, ".html": read_html, ".htm": read_html, ".pdf": read_pdf, ".txt": read_txt,
}  # fmt: skip
"""The reader of each kind of file, by its extension."""


def read_paper(filename: str, content: bytes) -> PlainPaper:
    """Return the plain text of a paper; raise `UnreadablePaper` with a sentence for the person.

    Runs in this process: call `tracker.intake.limited.read_paper_safely` for files that people bring.
    """
    return READERS[check_file(filename, content)](content)
