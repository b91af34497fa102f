"""One filled database of each kind for all tests of the golden record."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.golden.filling import Filled, fill

BOTH = ["sqlite", "postgresql"]


@pytest.fixture(scope="session", params=BOTH)
def empty_url(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[sa.URL]:
    """Give the address of a migrated database without a row of the story."""
    if request.param == "sqlite":
        path = tmp_path_factory.mktemp("golden") / "golden.sqlite3"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield sa.make_url(f"sqlite:///{path}")
        return
    server = sa.make_url(request.getfixturevalue("postgres_url"))
    template = request.getfixturevalue("postgres_template")
    name = f"golden_{uuid.uuid4().hex[:12]}"
    _administer(server, f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    yield server.set(database=name)
    _administer(server, f'DROP DATABASE "{name}" WITH (FORCE)')


def _administer(server: sa.URL, statement: str) -> None:
    engine = sa.create_engine(server, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()


@pytest.fixture(scope="session")
def filled(
    empty_url: sa.URL, tmp_path_factory: pytest.TempPathFactory, quick_passwords: None
) -> Filled:
    """The database with the story told, once for all tests of this kind."""
    folder: Path = tmp_path_factory.mktemp("golden-state")
    return fill(empty_url, folder / "state")
