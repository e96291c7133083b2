"""Directives: the register, registering and correcting one, its page, and giving its tasks to units."""

from tracker.web.directives import entry, giving, register, series, series_list, show, table
from tracker.web.directives.blueprint import bp

__all__ = ["bp", "entry", "giving", "register", "series", "series_list", "show", "table"]
