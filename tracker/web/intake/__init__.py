"""Reading papers: bringing one, correcting what was understood, giving it out, and the place of a task."""

from tracker.web.intake import answering, bringing, giving, place, show
from tracker.web.intake.blueprint import bp

__all__ = ["answering", "bp", "bringing", "giving", "place", "show"]
