"""Runs migrations on SQLite and PostgreSQL."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy.engine import URL, Connection, make_url

from marketplace.kernel.crypto import EncryptedString
from marketplace.kernel.db import UtcDateTime
from marketplace.kernel.starting import told_in_lines
from marketplace.kernel.typed_json import TypedJson
from marketplace.settings import Settings
from marketplace.tables import metadata


def render_item(kind: str, item: Any, _context: AutogenContext) -> str | bool:
    """Write our column types as plain ones: a migration must not import the application."""
    if kind == "type":
        if isinstance(item, UtcDateTime):
            return "sa.DateTime(timezone=True)"
        if isinstance(item, EncryptedString | TypedJson):
            return "sa.Text()"
        if isinstance(item, sa.Enum):
            return f"sa.String(length={item.length})"
    return False


def compare_type(_context: Any, _inspected: Any, _metadata: Any, _seen: Any, wanted: Any) -> Any:
    """Our decorated types compare as what they are stored as, which the dialect does by itself."""
    ours = (UtcDateTime, EncryptedString, TypedJson, sa.Enum)
    return False if isinstance(wanted, ours) else None


def database_url() -> URL:
    """Return the URL given by the caller, or that of the settings."""
    given = context.config.attributes.get("url")
    if given is not None:
        return given
    with told_in_lines():
        return make_url(Settings().database)


def run(connection: Connection) -> None:
    """Run all migrations in one transaction."""
    sqlite = connection.dialect.name == "sqlite"
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=True,
        render_item=render_item,
        compare_type=compare_type,
        transaction_per_migration=False,
        # Alembic takes SQLite's DDL for not transactional, which was so of its driver alone.
        transactional_ddl=True,
    )
    with context.begin_transaction():
        if not sqlite:
            connection.exec_driver_sql("SET LOCAL lock_timeout = '10s'")
            connection.exec_driver_sql("SET LOCAL statement_timeout = '10min'")
        context.run_migrations()
        if sqlite and connection.exec_driver_sql("PRAGMA foreign_key_check").fetchone():
            raise RuntimeError("the migration left rows that refer to nothing")


def main() -> None:
    """Connect and migrate.

    On SQLite foreign keys are off while tables are rebuilt, and the whole migration is one real
    transaction: the driver would otherwise commit before each CREATE.
    """
    engine = sa.create_engine(database_url(), poolclass=sa.NullPool)
    if engine.dialect.name == "sqlite":

        @sa.event.listens_for(engine, "connect")
        def connect(connection: Any, _record: object) -> None:
            connection.isolation_level = None
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA foreign_keys=OFF")

        @sa.event.listens_for(engine, "begin")
        def begin(connection: Connection) -> None:
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    with engine.connect() as connection:
        run(connection)
        connection.commit()
    engine.dispose()


main()
