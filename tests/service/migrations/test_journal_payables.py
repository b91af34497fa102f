"""Journals of payments and refunds name their payable, and stay what nobody can change."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from sqlalchemy.exc import DBAPIError

from marketplace.kernel.db import Database
from marketplace.operations import schema
from tests.support.booking import make_desk
from tests.support.changing import cancel, changed, longer

BEFORE = "0033_selections"
JOURNALS = """
SELECT j.key, j.booking_id, j.occurred_at, j.memo, k.kind FROM journal j
LEFT JOIN payable k ON k.id = j.payable_id ORDER BY j.id
"""


def assert_append_only(database: Database) -> None:
    for statement in ("UPDATE journal SET memo = memo", "DELETE FROM journal"):
        with pytest.raises(DBAPIError, match="append-only"), database.write() as session:
            session.execute(sa.text(statement))


def test_every_journal_of_a_payment_names_what_was_paid(database: Database) -> None:
    desk = make_desk(database)
    booking_id = desk.paid(nights=30)
    changed(desk, booking_id, longer(desk, booking_id, 3))
    cancel(desk, booking_id)

    def rows() -> list[Any]:
        with database.read() as session:
            return [tuple(row) for row in session.execute(sa.text(JOURNALS))]

    before = rows()
    kinds = {(row[0].partition(":")[0], row[4]) for row in before}
    assert {("pay", "full"), ("pay", "change"), ("refund", "full"), ("refund", "change")} <= kinds
    command.downgrade(schema.config_for(database.url), BEFORE)
    assert_append_only(database)
    schema.upgrade(database.url)
    assert_append_only(database)
    assert rows() == before
