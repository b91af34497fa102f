"""Owing an effect in a transaction, and what of it was committed."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.kernel import outbox
from marketplace.kernel.db import Database
from marketplace.kernel.outbox import OutboxRow
from tests.factories import NOW
from tests.support.effects import Ping


def owe(session: Session, key: str = "a") -> None:
    outbox.owe(session, Ping(key), now=NOW)


def owe_and_fail(database: Database) -> None:
    with database.write() as session:
        owe(session)
        raise RuntimeError


def rows(database: Database) -> list[str]:
    with database.read() as session:
        return list(session.scalars(sa.select(OutboxRow.key).order_by(OutboxRow.id)))
