"""XML of hostile files: no document type, no entities, nothing from outside, no endless nesting."""

from __future__ import annotations

from typing import Any

from lxml import etree

from tracker.intake.papers import UnreadablePaper, damaged, document_type
from tracker.rules.words import N_

DEEPEST = 200
"""Elements within each other; real papers have less than 60."""


def parse_xml(content: bytes, *, large: bool = False) -> Any:
    """Return the root of an XML document; raise `UnreadablePaper` for none, and for one with a DTD.

    Comments and processing instructions are left out. `large` allows single texts of more than 10 MB.
    """
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=large,
        remove_comments=True, remove_pis=True,
    )  # fmt: skip
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError, LookupError) as error:
        if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
            raise document_type() from error
        raise damaged() from error
    tree = root.getroottree()
    if tree.docinfo.internalDTD is not None or tree.docinfo.doctype:
        raise document_type()
    refuse_deep(root)
    return root


def refuse_deep(root: Any, deepest: int = DEEPEST) -> None:
    """Raise `UnreadablePaper` when elements lie deeper within each other than any paper needs."""
    depth = 0
    for event, _element in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if depth > deepest:
            raise UnreadablePaper(
                N_("Tệp có các phần lồng nhau quá sâu nên không được đọc. Lưu lại bằng phần mềm gốc.")
            )
