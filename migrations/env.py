"""Runs the migrations on the database of the application, each in one transaction."""

from alembic import context
from flask import current_app
from sqlalchemy import types

database = current_app.extensions["migrate"].db


def render_plainly(kind, item, _autogen):
    """Write the tracker's own column types as the plain ones they are stored as: migrations import no models."""
    if kind == "type" and isinstance(item, types.TypeDecorator):
        plain = item.impl_instance if hasattr(item, "impl_instance") else item.impl
        return f"sa.{plain!r}"
    return False


def run() -> None:
    engine = database.engine
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=database.metadata,
            render_item=render_plainly,
            compare_type=False,
            transactional_ddl=True,
            render_as_batch=False,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()


run()
