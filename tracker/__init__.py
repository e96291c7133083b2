"""Đôn Đốc: from a directive to its tasks, their progress, their status, and table B.4."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask import Flask

import config
from tracker import cli, outbox, start, web
from tracker.jobs import shell
from tracker.models import db, migrating
from tracker.web.site import Site
from tracker.web.templating import PageEnvironment

ROOT = Path(__file__).parent.parent


def create_app(values: Mapping[str, Any] | None = None) -> Flask:
    """Return the application, joined from its parts.

    `values` are Flask settings that stand above those of the environment (`config.load`).
    """
    app = Site(
        "tracker",
        root_path=str(ROOT / "tracker"),
        template_folder=str(ROOT / "templates"),
        static_folder=str(ROOT / "static"),
        instance_path=str(config.instance_folder()),
    )
    app.config.from_mapping(config.load())
    app.config.from_mapping(values or {})
    app.jinja_environment = PageEnvironment
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    db.init_app(app)
    migrating.init_app(app, ROOT / "migrations")
    outbox.mail.init_app(app)
    app.register_blueprint(cli.bp)
    app.register_blueprint(shell.bp)
    app.register_blueprint(start.bp)
    web.init_app(app)
    return app
