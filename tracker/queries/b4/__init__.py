"""Table B.4: for one assigner, a period and a cut-off day, how many tasks of each row stand in each cell.

Today and any past day are one and the same query over the stretches of days of the facts.
"""

from tracker.queries.b4.access import Assigner, assigners_open_to, part_open_to
from tracker.queries.b4.behind import Behind, count, read_behind, tasks_behind
from tracker.queries.b4.counting import table
from tracker.queries.b4.moves import moves_of
from tracker.queries.b4.pages import page_of
from tracker.queries.b4.population import Part, Question, population
from tracker.queries.b4.row_names import row_name
from tracker.queries.b4.units import in_order
from tracker.queries.b4.whole import report

__all__ = [
    "Assigner",
    "Behind",
    "Part",
    "Question",
    "assigners_open_to",
    "count",
    "in_order",
    "moves_of",
    "page_of",
    "part_open_to",
    "population",
    "read_behind",
    "report",
    "row_name",
    "table",
    "tasks_behind",
]
