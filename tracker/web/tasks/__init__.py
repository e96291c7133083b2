"""Tasks: the list with its filters, the page of one task, and a small page for each action."""

from tracker.web.tasks import actions, listing, page, why
from tracker.web.tasks.blueprint import bp

__all__ = ["actions", "bp", "listing", "page", "why"]
