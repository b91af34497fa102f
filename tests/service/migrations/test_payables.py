"""What was paid, or is still to be paid, has a payable each; back and forth nothing is lost."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command

from marketplace.booking.changes import change_service
from marketplace.booking.lifecycle import scheduled_jobs, transitions
from marketplace.booking.states import ReasonCode
from marketplace.kernel.audit import TRAVELLER
from marketplace.kernel.db import Database
from marketplace.operations import invariants, schema
from tests.factories import TODAY
from tests.support.booking import Desk, make_desk
from tests.support.changing import change, longer

BEFORE = "0028_pool_owners"
PAYABLES = """
SELECT booking_id, kind, subject_id, part, amount_fen, currency, due_at, grace_until, state,
       opened_at FROM payable ORDER BY opened_at, subject_id
"""
PAYMENTS = """
SELECT p.id, p.booking_id, k.subject_id, k.kind, p.state, p.amount_fen, p.paid_fen,
       u.fen AS used_fen, of.subject_id AS used_for, r.amount_fen AS back_fen, r.source
FROM payment p JOIN payable k ON k.id = p.payable_id
LEFT JOIN payment_use u ON u.payment_id = p.id LEFT JOIN payable of ON of.id = u.payable_id
LEFT JOIN refund r ON r.payment_id = p.id ORDER BY p.id
"""
OF_BEFORE = "SELECT id, change_id, stage FROM payment ORDER BY id"
SECOND = """
INSERT INTO payment (id, booking_id, change_id, stage, state, key, gateway, ref, amount_fen,
                     currency, created_at, expires_at, paid_at, paid_fen, paid_currency,
                     in_suspense)
SELECT :id, booking_id, change_id, stage, state, :id, gateway, :id, amount_fen, currency, :at,
       expires_at, paid_at, paid_fen, paid_currency, in_suspense FROM payment WHERE id = :of
"""


@pytest.fixture
def desk(database: Database) -> Desk:
    return make_desk(database, capacity=20)


def give_up(desk: Desk, booking_id: str, reason: ReasonCode) -> None:
    with desk.database.write() as session:
        transitions.cancel(
            session,
            booking_id=booking_id,
            reason=reason,
            expected_refund_fen=None,
            actor=TRAVELLER,
            ids=desk.ids,
            now=desk.clock.now(),
        )


def live(desk: Desk) -> dict[str, str]:
    """Fill the database with a booking in each state, and changes in each; returns some by name."""
    phones = iter(range(13900000100, 13900000200))

    def hold(**wish: Any) -> str:
        return desk.hold(phone=str(next(phones)), address=str(next(phones)), **wish)

    def paid() -> str:
        booking_id = hold(nights=30)
        desk.pay(booking_id)
        return booking_id

    expired = hold()
    desk.open_payment(expired)
    given_up = hold()
    changed = paid()
    cancelled = paid()
    waiting = paid()
    give_up(desk, given_up, ReasonCode.HOLD_GIVEN_UP)
    change(desk, changed, longer(desk, changed, 3))
    desk.pay_change(changed)
    change(desk, changed, longer(desk, changed, 2))
    desk.open_change_payment(changed)
    with desk.database.write() as session:
        change_service.withdraw(session, booking_id=changed, actor=TRAVELLER, now=desk.clock.now())
    change(desk, changed, longer(desk, changed, 1))
    give_up(desk, cancelled, ReasonCode.TRAVELLER_HEALTH)
    desk.clock.advance(minutes=50)
    assert scheduled_jobs.expire_due(desk.money) == 1
    assert scheduled_jobs.lapse_changes(desk.money) == 1
    desk.pay(hold(), "wrong_amount")
    wrong = hold()
    desk.pay(wrong, "wrong_amount")
    give_up(desk, wrong, ReasonCode.HOLD_GIVEN_UP)
    fresh = hold(arrive=TODAY + dt.timedelta(days=60))
    desk.open_payment(fresh)
    change(desk, waiting, longer(desk, waiting, 4))
    desk.open_change_payment(waiting)
    hold(arrive=TODAY + dt.timedelta(days=90))
    return {"changed": changed, "fresh": fresh, "waiting": waiting}


def rows(desk: Desk, statement: str) -> list[Any]:
    with desk.database.read() as session:
        return [tuple(row) for row in session.execute(sa.text(statement))]


def assert_clean(desk: Desk) -> None:
    report = invariants.check(desk.database, now=desk.clock.now())
    waiting = {"nothing_owed_too_long", "audit_chain"}
    assert {k: v for k, v in report.faults.items() if v and k not in waiting} == {}


def test_every_payment_has_its_payable_and_every_state_its_own(desk: Desk) -> None:
    live(desk)
    before = rows(desk, PAYABLES), rows(desk, PAYMENTS)
    assert {(row[1], row[8]) for row in before[0]} == {
        *(("full", state) for state in ("open", "settled", "lapsed", "void")),
        *(("change", state) for state in ("open", "settled", "lapsed", "void")),
    }
    assert {row[10] for row in before[1]} == {None, "prepaid", "suspense"}
    command.downgrade(schema.config_for(desk.database.url), BEFORE)
    assert rows(desk, OF_BEFORE) == [
        (row[0], row[2] if row[3] == "change" else None, "full") for row in before[1]
    ]
    schema.upgrade(desk.database.url)
    assert (rows(desk, PAYABLES), rows(desk, PAYMENTS)) == before
    assert_clean(desk)


def test_what_shared_a_payable_with_another_gets_one_that_nobody_is_asked_for(desk: Desk) -> None:
    named = live(desk)
    command.downgrade(schema.config_for(desk.database.url), BEFORE)
    twins = {}
    with desk.database.write() as session:
        for booking_id in (named["fresh"], named["changed"]):
            (of,) = session.execute(
                sa.text("SELECT min(id) FROM payment WHERE booking_id = :b AND change_id IS NULL"),
                {"b": booking_id},
            ).one()
            twins[of] = desk.ids.new_id()
            earlier = desk.clock.now() - dt.timedelta(hours=1)
            session.execute(sa.text(SECOND), {"id": twins[of], "of": of, "at": earlier})
    schema.upgrade(desk.database.url)
    found = {
        row[0]: row[1:]
        for row in rows(
            desk,
            "SELECT p.id, k.state, k.subject_id, k.amount_fen - p.amount_fen FROM payment p"
            " JOIN payable k ON k.id = p.payable_id",
        )
    }
    for booking_id, wanted in ((named["fresh"], "open"), (named["changed"], "settled")):
        pair = sorted(row[:2] for key, row in found.items() if row[1] == booking_id and row[2] == 0)
        assert pair == [(wanted, booking_id), ("void", booking_id)]
    first, second = next(iter(twins.items()))
    assert (found[first][0], found[second][0]) == ("open", "void")
