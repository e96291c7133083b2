"""Paragraphs of a filled Word form that begin with em spaces, set in with all their lines."""

from __future__ import annotations

from typing import Any

from lxml import etree

from tracker.files.b4_words import INDENT

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def set_in_whole(document: bytes) -> bytes:
    """Return the text of a paper whose paragraphs that begin with em spaces are set in by as much instead:
    so all lines of a long name are, not only its first."""
    root = etree.fromstring(document, etree.XMLParser(resolve_entities=False, no_network=True))
    for paragraph in root.iter(f"{_W}p"):
        first = next((each for each in paragraph.iter(f"{_W}t") if each.text), None)
        if first is None or not first.text.startswith(INDENT):
            continue
        inner = first.text.lstrip(INDENT)
        size = first.getparent().find(f"{_W}rPr/{_W}sz")
        half_points = int(size.get(f"{_W}val")) if size is not None else _USUAL_HALF_POINTS
        deep = (len(first.text) - len(inner)) * half_points * _TWIPS_IN_HALF_A_POINT
        first.text = inner
        shape = _indentation_of(paragraph)
        shape.set(f"{_W}left", str(deep + int(shape.get(f"{_W}left", 0))))
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


_USUAL_HALF_POINTS, _TWIPS_IN_HALF_A_POINT = 24, 10


def _indentation_of(paragraph: Any) -> Any:
    """Return the indentation of a paragraph, put where the format wants it when there is none yet."""
    shape = paragraph.find(f"{_W}pPr")
    if shape is None:
        shape = etree.Element(f"{_W}pPr")
        paragraph.insert(0, shape)
    found = shape.find(f"{_W}ind")
    if found is None:
        found = etree.Element(f"{_W}ind")
        later = [each for each in shape if etree.QName(each).localname in _AFTER_INDENTATION]
        if later:
            later[0].addprevious(found)
        else:
            shape.append(found)
    return found


_AFTER_INDENTATION = frozenset({
    "contextualSpacing", "mirrorIndents", "suppressOverlap", "jc", "textDirection", "textAlignment",
    "textboxTightWrap", "outlineLvl", "divId", "cnfStyle", "rPr", "sectPr", "pPrChange",
})  # fmt: skip
"""What follows the indentation among the properties of a paragraph."""
