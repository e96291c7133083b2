"""The migrations, up and down with data, on both databases; they agree with the models and import none."""

import ast
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask_migrate import downgrade, upgrade
from sqlalchemy import func, inspect, select, text

from tests.conftest import make_app
from tests.factories import GIVEN_ON, make_cast
from tracker.models import db
from tracker.models.progress import History
from tracker.models.task import Task, TaskPeriod
from tracker.operations import history
from tracker.rules.status import State

ROOT = Path(__file__).resolve().parents[1]
NOT_COMPARED = {"ix_task_period_completed_by_unit", "ix_task_period_open_ended"}
"""Indexes that Alembic cannot compare, one of SQLite alone and one over an expression. Another test does."""
VERSIONS = sorted((ROOT / "migrations" / "versions").glob("*.py"))


@pytest.fixture
def bare_app(database, databases):
    """An application on a database without tables."""
    app = make_app(databases.blank(database))
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def tables():
    with db.engine.connect() as connection:
        names = inspect(connection).get_table_names()
    return {name for name in names if is_ours(name)} - {"alembic_version"}


def is_ours(name, kind="table", *_rest):
    """Tell whether a table or index is one of the models: the index of words is each database's own."""
    return not name.startswith("task_words") if kind == "table" else name != "ix_task_words"


def is_compared(_thing, name, kind, *_rest):
    """Tell whether Alembic is to look at something of the models or of the database."""
    return kind != "index" or name not in NOT_COMPARED


@pytest.mark.both_databases
def test_up_down_and_up_again_with_data(bare_app):
    upgrade()
    cast = make_cast()
    for state in State:
        cast.make_task(state=state, reported_on=GIVEN_ON)
    lines = list(history.dump())
    db.session.remove()

    downgrade(revision="base")
    emptied = tables()
    upgrade()

    assert emptied == set()
    assert tables() == set(db.metadata.tables)
    assert db.session.scalar(select(func.count()).select_from(History)) == 0
    db.session.remove()
    history.load(lines)
    assert db.session.scalar(select(func.count()).select_from(Task)) == len(State)
    assert list(history.dump()) == lines


@pytest.mark.both_databases
def test_each_migration_goes_down_and_up_again_with_data(bare_app):
    script = ScriptDirectory(str(ROOT / "migrations"))
    revisions = [revision.revision for revision in script.walk_revisions()][::-1]
    upgrade()
    cast = make_cast()
    cast.make_task(state=State.COMPLETED)
    db.session.remove()

    for revision in revisions[:0:-1]:
        downgrade(revision="-1")
        upgrade(revision=revision)
        downgrade(revision="-1")
    upgrade()

    with db.engine.connect() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all() == [
            revisions[-1]
        ]
        if len(revisions) > 1:
            assert connection.execute(text("SELECT count(*) FROM task")).scalar_one() == 1


@pytest.mark.filterwarnings("ignore:.*expression-based index")
@pytest.mark.both_databases
def test_stretches_of_before_get_the_paper_the_leader_and_the_day_of_giving_of_their_tasks(bare_app):
    upgrade()
    cast = make_cast()
    for leader in (cast.chairman, None):
        cast.make_task(state=State.COMPLETED, leader=leader)
    period = TaskPeriod
    of_stretch = select(period.task_id, period.directive_id, period.leader_id, period.given_on)
    before = set(db.session.execute(of_stretch))
    db.session.remove()

    downgrade(revision="0014")
    upgrade()

    assert set(db.session.execute(of_stretch)) == before
    of_task = select(Task.id, Task.directive_id, Task.leader_id, Task.given_on)
    assert before == set(db.session.execute(of_task))


@pytest.mark.both_databases
def test_the_migrations_make_the_tables_of_the_models(bare_app):
    upgrade()

    with db.engine.connect() as connection:
        options = {"compare_type": True, "include_name": is_ours, "include_object": is_compared}
        context = MigrationContext.configure(connection, opts=options)
        differences = compare_metadata(context, db.metadata)

    assert differences == []


def indexes():
    """Return the indexes of the database by name, each as the database tells it."""
    told = (
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
        if db.engine.dialect.name == "sqlite"
        else "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"
    )
    with db.engine.connect() as connection:
        found = {name: " ".join(words.split()) for name, words in connection.execute(text(told))}
    return {
        name: words for name, words in found.items()
        if is_ours(name, "index") and "alembic_version" not in name
    }  # fmt: skip


@pytest.mark.both_databases
def test_the_migrations_make_the_indexes_of_the_models(bare_app, database, databases):
    upgrade()
    migrated = indexes()
    of_models = make_app(databases.blank(database))
    with of_models.app_context():
        db.metadata.create_all(db.engine)
        made = indexes()
        db.engine.dispose()

    assert migrated == made


@pytest.mark.about_sqlite
def test_foreign_keys_are_enforced(session):
    assert session.execute(text("PRAGMA foreign_keys")).scalar_one() == 1


def test_there_is_one_head():
    script = ScriptDirectory(str(ROOT / "migrations"))

    assert len(script.get_heads()) == 1


@pytest.mark.parametrize("path", VERSIONS, ids=lambda path: path.stem)
def test_a_migration_imports_nothing_of_the_tracker(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))

    imported = {
        name
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names] if isinstance(node, ast.Import)
            else [node.module or "."] if isinstance(node, ast.ImportFrom) else []
        )
    }  # fmt: skip

    assert imported <= {"sqlalchemy", "alembic", "datetime", "uuid", "sqlalchemy.dialects"}
