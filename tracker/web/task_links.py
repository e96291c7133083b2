"""The addresses of tasks: a list has dozens of them, which differ only in the number of the task."""

from __future__ import annotations

from flask import g, url_for

from tracker.web.access import LARGEST_ID


def task_address(task_id: int, page: str = "show") -> str:
    """Return the address of a page of a task: `page` is the name of its view in the room of tasks.

    What all tasks share is built once a request.
    """
    if "task_addresses" not in g:
        g.task_addresses = {}
    if (parts := g.task_addresses.get(page)) is None:
        before, _id, after = url_for(f"tasks.{page}", task_id=LARGEST_ID).rpartition(str(LARGEST_ID))
        parts = g.task_addresses[page] = (before, after)
    return f"{parts[0]}{task_id}{parts[1]}"
