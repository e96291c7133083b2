"""An index of the words that search compares: FTS5 on SQLite, GIN on PostgreSQL"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

SQLITE = (
    """CREATE VIRTUAL TABLE task_words USING fts5(search_text, content='task', content_rowid='id', prefix='2 3')""",
    """INSERT INTO task_words(task_words) VALUES ('rebuild')""",
    """CREATE TRIGGER task_words_new AFTER INSERT ON task BEGIN
         INSERT INTO task_words(rowid, search_text) VALUES (new.id, new.search_text);
       END""",
    """CREATE TRIGGER task_words_changed AFTER UPDATE OF search_text ON task
       WHEN old.search_text <> new.search_text BEGIN
         INSERT INTO task_words(task_words, rowid, search_text) VALUES ('delete', old.id, old.search_text);
         INSERT INTO task_words(rowid, search_text) VALUES (new.id, new.search_text);
       END""",
    # Nothing deletes tasks but a person at the database, whose deletion must not leave words of nobody.
    """CREATE TRIGGER task_words_gone AFTER DELETE ON task BEGIN
         INSERT INTO task_words(task_words, rowid, search_text) VALUES ('delete', old.id, old.search_text);
       END""",
)
POSTGRESQL = (
    """CREATE INDEX ix_task_words ON task USING gin
         (to_tsvector('simple', regexp_replace(search_text, '[^[:alnum:]]+', ' ', 'g')))""",
)


def upgrade() -> None:
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.execute(sa.text(statement.replace("[:alnum:]", "[\\:alnum\\:]")))


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for trigger in ("new", "changed", "gone"):
            op.execute(sa.text(f"DROP TRIGGER task_words_{trigger}"))
        op.execute(sa.text("DROP TABLE task_words"))
    else:
        op.drop_index("ix_task_words", table_name="task")
