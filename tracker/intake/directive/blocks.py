"""Tasks that a paper lays out in lines of their own: “Nội dung: …”, “Cơ quan chủ trì: …”, “Thời gian: …”."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from tracker.intake.directive.items import Item
from tracker.intake.directive.leads import Attribute, attributes


def block_of(
    text: str, items: Sequence[Item], attributes_of: Callable[[Item], list[Attribute]]
) -> tuple[Item, list[Item]] | None:
    """Return the first item of some as its content alone, with the lines below that tell of it.

    None unless it begins with “Nội dung:” and a line below names a unit or a deadline.
    """
    first = items[0]
    said = attributes(text, first.start, first.end) if not first.children else []
    if not said or said[0].kind != "content" or said[0].begins > first.start:
        return None
    told: list[Item] = []
    kinds: set[str] = set()
    for item in items[1:]:
        own = {each.kind for each in attributes_of(item)} if not item.children else set()
        if not own or "content" in own:
            break
        told.append(item)
        kinds |= own
    return (replace(first, start=said[0].start), told) if kinds & {"lead", "time"} else None
