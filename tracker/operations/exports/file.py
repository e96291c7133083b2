"""A file that was made."""

from __future__ import annotations

from typing import NamedTuple


class File(NamedTuple):
    """Its name, what it is, and its bytes."""

    filename: str
    media_type: str
    content: bytes
