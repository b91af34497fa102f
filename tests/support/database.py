"""The ``database`` fixture: every test that uses it runs on SQLite and on PostgreSQL.

Each test gets a database of its own, copied from a template that the real migrations made once.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from marketplace.kernel.crypto import install
from marketplace.kernel.db import Database
from marketplace.kernel.keyring import Keyring
from marketplace.operations.schema import upgrade

GIVEN_SERVER = "TEST_DATABASE_URL"
KEYRING = Keyring(
    encryption=(("1", b"\x01" * 32),),
    index=(("1", b"\x02" * 32),),
    session=(("1", b"test-session"),),
    webhook=(("1", b"whsec"),),
    audit=(("1", b"\x03" * 32),),
)


@pytest.fixture(scope="session", autouse=True)
def one_dialect() -> Iterator[None]:
    """Let all engines of a kind share one dialect, and with it the statements compiled for it.

    Each test has engines of its own; compiled anew, statements would cost more than running them.
    """
    make, first = sa.create_engine, {}

    def create_engine(*args: Any, **options: Any) -> sa.Engine:
        engine = make(*args, **options)
        # How transactions are begun is the dialect's: who commits each statement has its own.
        kind = (engine.dialect.name, engine.dialect.driver, options.get("isolation_level"))

        def share(*_: object) -> None:
            # Only one that has met its server knows what the server can do.
            known = first.setdefault(kind, engine)
            engine.dialect, engine._compiled_cache = known.dialect, known._compiled_cache

        if kind in first:
            share()
        else:
            sa.event.listen(engine, "first_connect", share)
        return engine

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sa, "create_engine", create_engine)
        yield


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a migrated, empty SQLite file."""
    path = tmp_path_factory.mktemp("template") / "template.sqlite3"
    database = Database(f"sqlite:///{path}")
    upgrade(database.url)
    database.dispose()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


@pytest.fixture(scope="session")
def postgres_template(postgres_url: str) -> Iterator[str]:
    """Yield the name of a migrated, empty PostgreSQL database that others are copied from."""
    name = f"template_{uuid.uuid4().hex[:12]}"
    url = sa.make_url(postgres_url)
    _admin(postgres_url, f'CREATE DATABASE "{name}"')
    upgrade(url.set(database=name))
    yield name
    # A server that is given outlives the run, and would collect them.
    _admin(postgres_url, f'DROP DATABASE "{name}" WITH (FORCE)')


def _admin(url: str, statement: str) -> None:
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()


@pytest.fixture(autouse=True)
def keyring() -> Keyring:
    """Install the keys of the tests."""
    install(KEYRING)
    return KEYRING


@pytest.fixture
def sqlite_database(sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    """Yield an empty SQLite database."""
    path = tmp_path / "test.sqlite3"
    shutil.copy(sqlite_template, path)
    database = Database(f"sqlite:///{path}")
    yield database
    database.dispose()


@pytest.fixture
def postgres_database(postgres_url: str, postgres_template: str) -> Iterator[Database]:
    """Yield an empty PostgreSQL database."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    copied = f'CREATE DATABASE "{name}" TEMPLATE "{postgres_template}"'
    # Copying files is twice as quick, but it makes a checkpoint: nothing to the server of a test
    # run, which writes no disk, and much to one that keeps what it is given.
    _admin(postgres_url, copied if GIVEN_SERVER in os.environ else f"{copied} STRATEGY FILE_COPY")
    url = sa.make_url(postgres_url).set(database=name)
    database = Database(url)
    yield database
    database.dispose()
    _admin(postgres_url, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Database:
    """Return an empty database of each kind in turn."""
    name = "sqlite_database" if request.param == "sqlite" else "postgres_database"
    found: Database = request.getfixturevalue(name)
    return found
