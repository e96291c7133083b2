"""What a person was doing when a session had ended or a page had grown too old: where, what they typed."""

from __future__ import annotations

from typing import Any

from flask import current_app, request, url_for
from flask_login import current_user
from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import RequestRedirect

from tracker.web.signin import is_local

MOST_TEXTS = 20
UNTYPED = {"csrf_token", "token", "seen", "next", "login"}


def address_asked_for() -> str | None:
    """Return the path of the page to come back to: this one, or for a form the page that it stands on."""
    if request.blueprint == "security":
        wanted = request.values.get("next", "")
        return wanted if is_local(wanted) else None
    if request.method in ("GET", "HEAD"):
        asked = request.full_path.rstrip("?")
        return None if asked == "/" else asked
    try:
        current_app.url_map.bind("").match(request.path, "GET")
    except (MethodNotAllowed, NotFound, RequestRedirect):
        return None
    return request.full_path.rstrip("?")


def texts_typed() -> list[str]:
    """Return the texts of more than one word in the form that was sent, to be shown to who sent it.

    Nothing from a form on another site, which could put words into our mouth, and no passwords.
    """
    if request.blueprint == "security" or not _is_from_here():
        return []
    values = [text for name, text in request.form.items(multi=True) if name not in UNTYPED]
    return [text for text in values if len(text.split()) > 1][:MOST_TEXTS]


def what_was_interrupted() -> dict[str, Any]:
    """Return what the page of a form that came too late shows: the typed texts, and where to go on."""
    asked = address_asked_for()
    if current_user.is_authenticated:
        return {"typed": texts_typed(), "onward_url": asked}
    return {"typed": texts_typed(), "sign_in_url": url_for("security.login", next=asked)}


def _is_from_here() -> bool:
    origin = request.headers.get("Origin")
    return request.headers.get("Sec-Fetch-Site") == "same-origin" or origin == request.host_url.rstrip("/")
