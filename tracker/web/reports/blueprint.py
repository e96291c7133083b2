"""The blueprint of table B.4."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("reports", __name__)
