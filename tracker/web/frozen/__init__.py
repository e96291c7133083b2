"""The B.4 that were frozen: freezing one, the list, one with its tasks and files, what changed since."""

from tracker.web.frozen import changed, comparing, freezing, index, pictures, show
from tracker.web.frozen.opening import bp

__all__ = ["bp", "changed", "comparing", "freezing", "index", "pictures", "show"]
