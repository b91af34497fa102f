"""Seals of before the audit key stay as they were, protected and without one."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa
from alembic import command
from sqlalchemy.exc import DBAPIError

from marketplace.kernel import audit
from marketplace.kernel.db import Database
from marketplace.operations import schema

NOW = dt.datetime(2027, 6, 1, 4, tzinfo=dt.UTC)
SEAL = "INSERT INTO audit_seal (number, entry_id, hash) VALUES (1, 1, :hash)"


def test_up_and_down_over_a_trail(database: Database) -> None:
    with database.write() as session:
        audit.note(session, actor=audit.SYSTEM, action="x.done", subject=("x", 1), now=NOW)
    config = schema.config_for(database.url)
    command.downgrade(config, "0019_holds_and_keys")
    with database.write() as session:
        session.execute(sa.text(SEAL), {"hash": "a" * 64})
    schema.upgrade(database.url)
    with database.read() as session:
        sealed = session.scalars(sa.select(audit.AuditSeal)).one()
        assert (sealed.hash, sealed.key_id) == ("a" * 64, None)
    with pytest.raises(DBAPIError, match="append-only"), database.write() as session:
        session.execute(sa.text("UPDATE audit_seal SET key_id = '1'"))
    command.downgrade(config, "0019_holds_and_keys")
    with pytest.raises(DBAPIError, match="append-only"), database.write() as session:
        session.execute(sa.text("DELETE FROM audit_seal"))
