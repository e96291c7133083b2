"""The mail that says that an ordered file is ready, or why there is none."""

from __future__ import annotations

from datetime import timedelta

from flask import current_app

from tracker.clock import day_of
from tracker.models.export import Export, ExportState
from tracker.operations.reminders.lines import Rendered, shortened
from tracker.outbox import one_line
from tracker.queries.settings import all_settings

TITLE_BYTES = 300


def news_of(export: Export) -> Rendered:
    """Return subject, text and HTML of the mail about an order that has ended."""
    base_url = current_app.config["BASE_URL"]
    values = {
        "export": export, "name": one_line(export.user.name), "url": f"{base_url}/xuat-tep",
        "title": shortened(one_line(export.title), TITLE_BYTES),
        "is_ready": export.state is ExportState.READY, "kept_until": kept_until(export),
    }  # fmt: skip
    template = current_app.jinja_env.get_template
    return {
        "subject": template("emails/export/subject.txt").render(values).strip(),
        "text": template("emails/export/body.txt").render(values),
        "html": template("emails/export/body.html").render(values),
    }


def kept_until(export: Export) -> str:
    """Return the last day on which the file is there, as dd/mm/yyyy; "" for an order without a file."""
    if export.ended_at is None or export.state is not ExportState.READY:
        return ""
    last = day_of(export.ended_at + timedelta(days=all_settings()["export_keep_days"]))
    return f"{last:%d/%m/%Y}"
