"""Bringing a database's schema up to date."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy.engine import URL

ROOT = Path(__file__).resolve().parents[2]


def config_for(url: URL) -> Config:
    """Return the migration tool's configuration for one database."""
    config = Config(toml_file=str(ROOT / "pyproject.toml"))
    config.attributes["url"] = url
    return config


def upgrade(url: URL, revision: str = "head") -> None:
    """Migrate the database at ``url`` to ``revision``; does nothing when it is there already."""
    command.upgrade(config_for(url), revision)


def head(url: URL) -> str | None:
    """Return the revision that this version of the product needs."""
    return ScriptDirectory.from_config(config_for(url)).get_current_head()


def current(connection: sa.Connection) -> str | None:
    """Return the revision the database is at, or ``None`` when it was never migrated."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
