"""Where a file that holds too much for one request is ordered instead."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from tracker.web.once import settings_of_request


def order_instead(what: str, form: str, *, tasks: int, **asked: Any) -> ResponseReturnValue | None:
    """Return the way to the page that orders the file, None when so many `tasks` may be had at once.

    `what` is "b4", "frozen" or "tasks"; `asked` holds the words of the address (assigner, from, to, on …;
    report), days as dates.
    """
    if tasks <= settings_of_request()["export_at_once"]:
        return None
    words: dict[str, Any] = {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in asked.items()
        if value not in (None, "", False)
    }
    return redirect(url_for("exports.new", what=what, form=form, **words))
