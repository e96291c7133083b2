"""Statements made once, by us and by PostgreSQL: each call gives its own values, and sees what is so now."""

from __future__ import annotations

import pytest
from psycopg.pq import TransactionStatus
from sqlalchemy import bindparam, create_engine, insert, make_url, or_, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from tests.conftest import make_app
from tests.counting import statements
from tests.jobs.conftest import at
from tracker import clock, jobs
from tracker.models import begin_snapshot, db, let_go_of_databases, transaction
from tracker.models.calendar import Setting
from tracker.models.reading import ask_singly
from tracker.models.statements import prepared, shaped
from tracker.queries.settings import all_settings
from tracker.web import access


@pytest.fixture
def made():
    return []


@pytest.fixture
def value_of(made):
    @prepared
    def value_of(name):
        made.append(name)
        return select(Setting.value).where(Setting.name == name)

    return value_of


@pytest.mark.both_databases
def test_a_statement_is_made_once_and_each_call_gives_it_other_values(session, value_of, made):
    session.add_all([Setting(name="due_soon_days", value=6), Setting(name="silent_days", value=20)])
    session.commit()

    found = [value_of(name=name).scalar() for name in ("due_soon_days", "silent_days", "no_such")]

    assert found == [6, 20, None]
    assert len(made) == 1


@pytest.mark.both_databases
def test_statements_of_one_shape_are_made_once(session, made):
    @shaped
    def values_of(number):
        made.append(number)
        names = [Setting.name == bindparam(f"name_{place}") for place in range(number)]
        return select(Setting.value).where(or_(*names)).order_by(Setting.name)

    session.add_all([Setting(name="due_soon_days", value=6), Setting(name="silent_days", value=20)])

    one = [values_of(1, name_0=name, name_1=None).scalar() for name in ("due_soon_days", "silent_days")]
    two = values_of(2, name_0="silent_days", name_1="due_soon_days").scalars().all()

    assert (one, two) == ([6, 20], [6, 20])
    assert made == [1, 2]


@pytest.mark.both_databases
def test_many_rows_are_stored_by_one_statement_and_a_list_is_a_parameter(session):
    @prepared
    def store():
        return insert(Setting.__table__).returning(Setting.__table__.c.name)

    @prepared
    def named(names):
        return select(Setting.value).where(Setting.name.in_(names)).order_by(Setting.name)

    stored = store.with_rows([{"name": "due_soon_days", "value": 6}, {"name": "silent_days", "value": 20}])

    assert sorted(stored.scalars()) == ["due_soon_days", "silent_days"]
    assert named(names=["silent_days", "due_soon_days"]).scalars().all() == [6, 20]
    assert named(names=["silent_days"]).scalars().all() == [20]


def test_a_statement_sees_what_waits_in_the_session(session, value_of):
    session.add(Setting(name="due_soon_days", value=6))

    seen = value_of(name="due_soon_days").scalar()

    assert seen == 6
    assert all_settings()["due_soon_days"] == 6


def test_a_statement_stores_nothing_while_nothing_is_to_be_stored(session, value_of):
    session.add(Setting(name="due_soon_days", value=6))

    with session.no_autoflush:
        seen = value_of(name="due_soon_days").scalar()

    assert seen is None


def test_values_that_are_not_those_of_the_statement_are_refused(session, value_of):
    with pytest.raises(TypeError, match=r"takes \('name',\), not \('word',\)"):
        value_of(word="due_soon_days")


@pytest.mark.both_databases
def test_a_sender_with_nothing_to_send_asks_one_question(session, app):
    app.config["MAIL_SERVER"] = "post.example"
    with clock.standing_at(at("2026-03-20 07:00")):
        jobs.run_deliver(lambda: False)

        with statements() as asked:
            words = jobs.run_deliver(lambda: False)

    assert words == ""
    assert [each for each in asked if not each.startswith("BEGIN")] == asked[-1:]


@pytest.fixture
def postgresql(databases):
    engine = create_engine(databases.blank("postgresql"))
    yield engine
    engine.dispose()


def ask_often(engine, question, times=8):
    """Ask one connection something in transactions that end without a commit, as a page that reads does."""
    for number in range(times):
        with engine.connect() as connection:
            connection.execute(text(question), {"number": number})


def prepared_of(engine):
    with engine.connect() as connection:
        return connection.scalars(text("SELECT statement FROM pg_prepared_statements")).all()


def test_postgresql_keeps_what_it_prepared_when_a_reading_ends(postgresql):
    ask_often(postgresql, "SELECT CAST(:number AS integer) + 1")

    statements = prepared_of(postgresql)

    assert [each for each in statements if "+ 1" in each]


def test_a_statement_that_fits_its_table_no_longer_is_prepared_anew(postgresql):
    with postgresql.begin() as connection:
        connection.execute(text("CREATE TABLE thing AS SELECT 7 AS value"))
    question = "SELECT value FROM thing WHERE :number > -1"
    ask_often(postgresql, question)
    other = create_engine(postgresql.url, poolclass=NullPool)
    with other.begin() as connection:
        connection.execute(text("ALTER TABLE thing ALTER value TYPE text"))

    with pytest.raises(DBAPIError, match="cached plan"):
        ask_often(postgresql, question, times=1)
    with postgresql.connect() as connection:
        value = connection.scalar(text(question), {"number": 0})

    assert value == "7"


def test_a_statement_asked_singly_that_fits_its_table_no_longer_is_prepared_anew_too(postgresql, singly):
    with postgresql.begin() as connection:
        connection.execute(text("CREATE TABLE thing AS SELECT 7 AS value"))
    question = "SELECT value FROM thing WHERE :number > -1"
    ask_often(postgresql, question)
    other = create_engine(postgresql.url, poolclass=NullPool)
    with other.begin() as connection:
        connection.execute(text("ALTER TABLE thing ALTER value TYPE text"))

    with pytest.raises(DBAPIError, match="cached plan"):
        ask_often(postgresql, question, times=1)
    with postgresql.connect() as connection:
        value = connection.scalar(text(question), {"number": 0})

    assert value == "7"


KIND = text("SELECT current_setting('transaction_isolation')")


@pytest.fixture
def singly():
    ask_singly(True)
    yield
    ask_singly(False)


def kinds_of_transactions():
    """Ask something twice; return of what kind the transaction is that stays open each time, None of none."""
    return [_kind() for _ in range(2)]


def _kind():
    kind = db.session.scalar(KIND)
    driver = db.session.connection().connection.dbapi_connection
    return kind if driver.pgconn.transaction_status == TransactionStatus.INTRANS else None


def test_what_is_asked_singly_begins_nothing_and_writers_and_snapshots_begin_a_transaction(databases, singly):
    app = make_app(databases.fresh("postgresql"))

    with app.app_context():
        before = kinds_of_transactions()
        with transaction():
            written = kinds_of_transactions()
        after = kinds_of_transactions()
        begin_snapshot()
        of_one_moment = kinds_of_transactions()
        let_go_of_databases()

    assert before == after == [None, None]
    assert written == ["read committed"] * 2
    assert of_one_moment == ["repeatable read"] * 2


def test_a_page_that_is_asked_for_begins_no_transaction_and_a_form_that_is_sent_does(databases, monkeypatch):
    app = make_app(databases.fresh("postgresql"))
    seen = []

    @app.route("/asks", methods=["GET", "POST"])
    def asks():
        seen.append(kinds_of_transactions())
        return ""

    monkeypatch.setitem(access.PUBLIC, "asks", "for this test")
    client = app.test_client()
    with app.app_context():
        client.get("/asks")
        client.post("/asks")
        let_go_of_databases()

    assert seen == [[None, None], ["read committed"] * 2]


def test_options_of_the_address_stand_above_ours(databases):
    url = make_url(databases.blank("postgresql"))
    asked = create_engine(url.update_query_dict({"options": "-c jit=on -c work_mem=5MB"}), poolclass=NullPool)
    plain = create_engine(url, poolclass=NullPool)

    settings = []
    for engine in (plain, asked):
        with engine.connect() as connection:
            settings.append([connection.scalar(text(f"SHOW {name}")) for name in ("jit", "work_mem")])

    assert settings == [["off", "4MB"], ["on", "5MB"]]
