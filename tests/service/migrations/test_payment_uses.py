"""Money that was paid twice for one thing is not used twice for it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import command

from marketplace.kernel.db import Database
from marketplace.operations import schema
from tests.support.booking import make_desk

BEFORE = "0031_booking_items"
AGAIN = """
INSERT INTO payment (id, booking_id, payable_id, state, key, gateway, ref, amount_fen, currency,
                     created_at, paid_at, paid_fen, paid_currency, in_suspense)
SELECT 'again', booking_id, payable_id, state, 'again', gateway, 'again', amount_fen, currency,
       created_at, paid_at, paid_fen, paid_currency, in_suspense FROM payment
"""
GIVEN_BACK = """
INSERT INTO refund (id, booking_id, payment_id, amount_fen, currency, state, reason, key, attempt,
                    created_at)
SELECT 'back', booking_id, id, paid_fen, currency, 'succeeded', 'late_payment', 'refund:back:1', 1,
       created_at FROM payment WHERE id <> 'again'
"""
USES = """
SELECT p.id, k.number, k.state, k.amount_fen - u.fen, r.source FROM payment p
JOIN payment_use u ON u.payment_id = p.id
JOIN payable k ON k.id = u.payable_id AND k.id = p.payable_id
LEFT JOIN refund r ON r.payment_id = p.id
"""


def test_what_was_paid_again_has_a_payable_that_nobody_was_asked_for(database: Database) -> None:
    """The one that was given back is the second, whichever came first."""
    desk = make_desk(database)
    desk.paid()
    command.downgrade(schema.config_for(database.url), BEFORE)
    with database.write() as session:
        first = session.scalar(sa.text("SELECT id FROM payment"))
        session.execute(sa.text(AGAIN))
        session.execute(sa.text(GIVEN_BACK))
    schema.upgrade(database.url)
    with database.read() as session:
        found = {tuple(row) for row in session.execute(sa.text(USES))}
    assert found == {("again", 1, "settled", 0, None), (first, 2, "void", 0, "prepaid")}
