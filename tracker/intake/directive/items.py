"""The items of a paper and what hangs under what: labels, headings, paragraphs without a label."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from tracker.intake.directive.lines import Layout, Paragraph, Role

_LABELS = (
    ("part", 0, re.compile(r"(?:phan|chuong) (?:thu )?(?:[ivx]+|\d+|[a-z]+)(?:[.:]| -|$)\s*")),
    ("article", 2, re.compile(r"dieu \d{1,3}[.:]?\s*")),
    ("letter above", 1, re.compile(r"[A-H][.)]\s+")),
    ("roman", 2, re.compile(r"[IVX]{1,6}(?:[.)/:]|\s?[-–])\s*(?=\S)")),
    ("number 4", 6, re.compile(r"\d{1,2}\.\d{1,2}\.\d{1,2}\.\d{1,2}[.)]?\s*(?=\D)")),
    ("number 3", 5, re.compile(r"\d{1,2}\.\d{1,2}\.\d{1,2}[.)]?(?:\s+(?=\D)|(?=[^\W\d]))")),
    ("number 2", 4, re.compile(r"\d{1,2}\.\d{1,2}[.)]?(?:\s+(?=\D)|(?=[^\W\d]))")),
    ("number", 3, re.compile(r"(?:\d{1,2}[.](?:\s*(?=[^\W\d])|\s+)|muc \d{1,2}[.:]\s*)")),
    ("number,", 3, re.compile(r"\d{1,2},\s+(?=[^\W\d_a-z])")),
    ("number)", 3.5, re.compile(r"\d{1,2}[)/]\s*")),
    ("letter", 6, re.compile(r"(?:[a-zđ]\s?\)|[a-zđ][.](?=\s))\s*")),
    ("step", 3.2, re.compile(r"buoc (?:thu )?(?:\d{1,2}|nhat|hai|ba|tu|nam)(?:[.:]| ?[-–])\s*")),
    ("counted", 3.2, re.compile(
        r"(?:(?:mot|hai|ba|bon|nam|sau|bay|tam|chin|muoi) la[,:]|"
        r"thu (?:nhat|hai|ba|tu|nam|sau)(?: la)?[,:](?! ngay))\s+"
    )),
    ("in brackets", 7, re.compile(r"\((?:\d{1,2}|[a-zđ]|[ivx]{1,4})\)\s*")),
    ("small roman", 7, re.compile(r"[ivx]{2,5}[.)]\s*")),
    ("dash", 8, re.compile(r"[-–—−•●○▪■◦➢➤✓✔·»>]\s*")),
    ("plus", 9, re.compile(r"\+\s*")),
    ("star", 7.5, re.compile(r"\*+\s*")),
)
_FOLDED = frozenset(["part", "article", "number", "step", "counted"])
"""Styles whose labels are words, whatever their case and marks."""
_ALONE = re.compile(r"(?:[IVX]{1,6}|\d{1,2}(?:\.\d{1,2})*|[a-zđ])[.)]?$")


@dataclass(slots=True)
class Item:
    """One paragraph with its label and what stands under it; places count in the normalised text."""

    style: str
    rank: float
    label: str
    start: int
    end: int
    role: Role
    parent: Item | None = field(default=None, repr=False)
    children: list[Item] = field(default_factory=list)

    @property
    def is_plain(self) -> bool:
        """Whether it carries no label."""
        return self.style == "plain"

    @property
    def path(self) -> str | None:
        """The labels from the outermost in, for example “II.3.b”."""
        labels: list[str] = []
        item: Item | None = self
        while item:
            if item.label and not (labels and labels[-1].startswith(f"{item.label}.")):
                labels.append(item.label)
            item = item.parent
        return ".".join(reversed(labels)) or None


def label_of(text: str, folded: str) -> tuple[str, float, int] | None:
    """Return style, rank and length of the label at the start of a paragraph, None where it has none."""
    for style, rank, pattern in _LABELS:
        found = pattern.match(folded if style in _FOLDED else text)
        if found:
            return style, rank, found.end()
    return None


def items_of(layout: Layout, paragraphs: Iterable[Paragraph]) -> Item:
    """Return the root of the items that these paragraphs make.

    A label of a style that is open goes on with it; a new style goes below, unless its rank is higher. So
    repeated or broken numbers change nothing. What has no label hangs under the item before it.
    """
    root = Item("root", -2, "", 0, 0, Role.BODY)
    stack = [root]
    pending = ""
    title_of: tuple[str, float, str] | None = None
    """Style, rank and label of a line that is a label alone, “PHẦN THỨ HAI”: its title stands in the next."""
    for paragraph in paragraphs:
        text, folded = layout.text(paragraph), layout.folded(paragraph)
        labelled = label_of(text, folded)
        if _ALONE.match(text) and len(text) < 8:
            pending = text
            continue
        if title_of and not labelled:
            _put(stack, Item(*title_of, paragraph.start, paragraph.end, paragraph.role))
            title_of = None
            continue
        title_of = None
        if pending and not labelled:
            labelled = label_of(f"{pending} x", f"{pending.lower()} x")
            labelled = (labelled[0], labelled[1], 0) if labelled else None
        label, pending = pending, ""
        if not labelled:
            item = Item("plain", 0, "", paragraph.start, paragraph.end, paragraph.role)
            _put_plain(stack, item, root)
            continue
        style, rank, length = labelled
        label = (
            ""
            if style in ("dash", "plus", "star")
            else re.sub(r"[^\w.]|\.$", "", label or text[:length].strip().rstrip(".):/"))
        )
        if style in ("article", "part"):
            label = text[:length].strip(" .:-")
        while text[length : length + 1] in ("*", " ", "-"):
            length += 1
        if length >= len(text):
            title_of = (style, rank, text.strip(" .:-")) if style in ("part", "article") else None
            continue
        item = Item(style, rank, label, paragraph.start + length, paragraph.end, paragraph.role)
        _put(stack, item)
    return root


def _put(stack: list[Item], item: Item) -> None:
    open_styles = [each.style for each in stack]
    if item.style in open_styles:
        del stack[open_styles.index(item.style) :]
    else:
        while len(stack) > 1 and stack[-1].rank > item.rank:
            stack.pop()
    item.parent = stack[-1]
    stack[-1].children.append(item)
    stack.append(item)


def _put_plain(stack: list[Item], item: Item, root: Item) -> None:
    if item.role is Role.CLOSING:
        del stack[1:]
    while len(stack) > 1 and (stack[-1].is_plain or stack[-1].rank >= 7):
        stack.pop()
    item.parent = stack[-1]
    item.rank = stack[-1].rank + 0.4
    stack[-1].children.append(item)
    stack.append(item)
