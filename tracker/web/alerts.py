"""What the pages say of faults: to administrators of the system, to a person of their own address."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, NamedTuple

from flask import current_app, g, request, url_for

from tracker.models.mail import OutgoingMail
from tracker.operations import watch
from tracker.queries.exports import ready_for
from tracker.queries.frame import Told, frame_of
from tracker.queries.health import Finding, Severity, Signs, read_signs
from tracker.queries.refused import refused_addresses, refused_of
from tracker.queries.standing import has
from tracker.queries.units import administers_a_root
from tracker.rules.permissions import Permission
from tracker.web.once import calendar_of_request, settings_of_request


class Alert(NamedTuple):
    """One finding as a page shows it."""

    words: str
    url: str
    is_fault: bool
    detail: str


def signs_of_request() -> Signs:
    """Return the signs of the state of the system, read once a request."""
    if "signs" not in g:
        g.signs = read_signs(g.now)
    return g.signs


def findings_of_request() -> list[Finding]:
    """Return what is wrong, found once a request."""
    if "findings" not in g:
        g.findings = watch.find(
            signs_of_request(), now=g.now, settings=settings_of_request(), calendar=calendar_of_request(),
            up_for=timedelta(seconds=time.monotonic() - current_app.extensions["began"]),
        )  # fmt: skip
    return g.findings


def alerts_of_request() -> list[Alert]:
    """Return the findings with the page where each is seen to, the gravest first."""
    return [
        Alert(watch.sentence(each), _page_of(each), each.severity is Severity.FAULT, each.detail)
        for each in findings_of_request()
    ]


def shown_to(user: Any) -> dict[str, Any]:
    """Return what the frame of every page says to a person, besides its menu."""
    told = _told_to(user)
    refused = refused_of(user.id) if told.has_failed else None
    values: dict[str, Any] = {
        "alerts": alerts_of_request() if administers_a_root(user, day=g.today) else [],
        "my_refused": refused, "my_files": told.files,
    }  # fmt: skip
    if request.endpoint == "exports.index":
        values["my_files"] = 0
    elif told.files == 1:
        values["my_file"] = ready_for(user.id)
    if values["my_refused"] and has(user, Permission.ADMINISTER, g.today):
        values["my_edit_url"] = url_for("people.edit", user_id=user.id)
    return values


def _told_to(user: Any) -> Told:
    """Return what there is to tell a person: it came with them when the request began."""
    frame = g.get("frame")
    if frame is None or frame.user is not user:
        frame = frame_of(user.fs_uniquifier)
    assert frame is not None
    return frame.told


def refused_among(user_ids: Sequence[int]) -> set[int]:
    """Return which of these persons have an address that refused the last mail."""
    return {each.user_id for each in refused_addresses(OutgoingMail.user_id.in_(user_ids))}


def _page_of(finding: Finding) -> str:
    if finding.word == "calendar":
        return url_for("settings.proposal", nam=finding.values["year"])
    return url_for("recount.show" if finding.word == "recount" else "system.show")
