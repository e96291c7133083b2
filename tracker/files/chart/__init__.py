"""Charts as SVG, drawn on the server: rows in, an SVG out, one file per picture."""

from tracker.files.chart.ages import ages_bars
from tracker.files.chart.cells import CellBar, cells_bars
from tracker.files.chart.heat import HeatCell, HeatRow, heat_map
from tracker.files.chart.months import Bar, Point, bars_and_rates, stacked_bars

__all__ = [
    "Bar",
    "CellBar",
    "HeatCell",
    "HeatRow",
    "Point",
    "ages_bars",
    "bars_and_rates",
    "cells_bars",
    "heat_map",
    "stacked_bars",
]
