"""The history file: everything an installation holds, as lines; loading them and writing them out.

Every line passes through the same operation as a click does, with its own day in place of today.
"""

from tracker.operations.history.dump import dump
from tracker.operations.history.load import BadLine, NotEmpty, load

__all__ = ["BadLine", "NotEmpty", "dump", "load"]
