"""The addresses of tasks: a list has dozens of them, which differ only in the number of the task."""

from __future__ import annotations

from typing import cast

from flask import g, url_for

from tracker.web.access import LARGEST_ID


def task_address(task_id: int, page: str = "show") -> str:
    """Return the address of a page of a task: `page` is the name of its view in the room of tasks.

    What all tasks share is built once a request.
    """
    before, after = address_parts(page)
    return f"{before}{task_id}{after}"


def address_parts(page: str = "show") -> tuple[str, str]:
    """Return what stands before and after the number of a task in the address of a page of it."""
    if "task_addresses" not in g:
        g.task_addresses = {}
    if (parts := g.task_addresses.get(page)) is None:
        before, _id, after = url_for(f"tasks.{page}", task_id=LARGEST_ID).rpartition(str(LARGEST_ID))
        parts = g.task_addresses[page] = (before, after)
    return cast("tuple[str, str]", parts)
