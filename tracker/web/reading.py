"""Pages read without a transaction, reports of a replica; nobody is shown less than they wrote themselves."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from flask import Flask, g, request, session
from sqlalchemy.exc import DBAPIError

from tracker.models import db
from tracker.models.reading import ask_singly, has_replica, is_failure_of_replica, reading, written_position

View = TypeVar("View", bound=Callable[..., Any])

WROTE = "wrote"
"""In the session of a person: the position in the primary's log after their last write."""


def reads_reports(view: View) -> View:
    """Declare that a view only reads reports: it asks the replica, when that holds the person's last write.

    A replica that fails in the middle costs the person nothing: the view is asked once more, of the primary.
    """

    @wraps(view)
    def answer(*words: Any, **values: Any) -> Any:
        with reading(since=session.get(WROTE)) as asks_replica:
            try:
                answered = view(*words, **values)
                if asks_replica:
                    session.pop(WROTE, None)
                return answered
            except DBAPIError as error:
                if not asks_replica or not is_failure_of_replica(error):
                    raise
        db.session.rollback()
        return view(*words, **values)

    return cast(View, answer)


def init_app(app: Flask) -> None:
    """Let what is only asked be read singly, and every page that may have written remember up to where."""

    @app.before_request
    def begin() -> None:
        ask_singly(request.method in ("GET", "HEAD"))

    @app.teardown_request
    def end(_error: BaseException | None) -> None:
        ask_singly(False)

    @app.after_request
    def remember(response: Any) -> Any:
        if request.method == "POST" and g.get("user") is not None and has_replica():
            session[WROTE] = written_position()
        return response
