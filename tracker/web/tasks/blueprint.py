"""The blueprint of tasks: the list, one task, and what may be done to it."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("tasks", __name__)
