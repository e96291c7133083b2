"""Table B.4: the page, the table on paper, and the tasks behind each number."""

from tracker.web.reports import behind, page
from tracker.web.reports.blueprint import bp

__all__ = ["behind", "bp", "page"]
