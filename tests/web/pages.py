"""What web tests read of a page: its words, its fields, and the messages beside them."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from tests.counting import statements as statements


def words(response: Any) -> str:
    """Return the text of a page without its tags, with single blanks."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", response.get_data(as_text=True))).split())


def errors(response: Any) -> list[str]:
    """Return the messages at the fields of a page."""
    found = re.findall(r'<div class="field-error".*?</div>', response.get_data(as_text=True), re.DOTALL)
    return [" ".join(unescape(re.sub(r"<[^>]*>", " ", each)).split()).removeprefix("Lỗi: ") for each in found]


def value(response: Any, name: str) -> str | None:
    """Return what the input or the textarea of this name holds."""
    page = response.get_data(as_text=True)
    if area := re.search(rf'<textarea[^>]* name="{name}"[^>]*>\r?\n?(.*?)</textarea>', page, re.DOTALL):
        return unescape(area[1])
    for tag in re.findall(r"<input[^>]*>", page):
        if f'name="{name}"' in tag:
            found = re.search(r'value="([^"]*)"', tag)
            return unescape(found[1]) if found else ""
    return None


def checked(response: Any, name: str) -> list[str]:
    """Return the values of the ticked boxes of this name."""
    tags = re.findall(r"<input[^>]*>", response.get_data(as_text=True))
    return [
        re.search(r'value="([^"]*)"', tag)[1] for tag in tags if f'name="{name}"' in tag and " checked" in tag
    ]
