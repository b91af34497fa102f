"""Each invariant is broken on purpose and seen."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from marketplace.booking.lifecycle import transitions
from marketplace.inventory.models import StockDay, StockPool
from marketplace.kernel import audit
from marketplace.kernel.audit import TRAVELLER
from marketplace.kernel.db import Database
from marketplace.operations import invariants
from tests.factories import make_room, make_slot
from tests.support.booking import Desk, make_desk

EMPTY_JOURNAL = (
    "INSERT INTO journal (key, occurred_at, memo) "
    "VALUES ('empty', '2027-06-01 00:00:00+00:00', 'nothing')"
)
FREE_NIGHT_MORE = (
    "INSERT INTO booking_part SELECT booking_id, number, '2099-01-01', 0, 0, 0, 0, NULL"
    " FROM booking_item"
)


@pytest.fixture
def desk(database: Database) -> Desk:
    desk = make_desk(database)
    desk.pay(desk.hold())
    with database.write() as session:
        audit.seal(session)
    return desk


def broken(desk: Desk, *, settled: bool = False) -> set[str]:
    report = invariants.check(desk.database, now=desk.clock.now(), settled=settled)
    return {name for name, faults in report.faults.items() if faults}


def sabotage(desk: Desk, statement: str) -> None:
    with desk.database.write() as session:
        session.execute(sa.text(statement))


def without_triggers(desk: Desk, table: str, statement: str) -> None:
    """Change a row that is never changed, the way somebody with the database's password could."""
    drop = "DROP TRIGGER {0}" if desk.database.is_sqlite else "DROP TRIGGER {0} ON {1}"
    for verb in ("update", "delete"):
        sabotage(desk, drop.format(f"{table}_no_{verb}", table))
    sabotage(desk, statement)


def test_all_is_well_to_begin_with(desk: Desk) -> None:
    assert broken(desk) == set()


@pytest.mark.parametrize(
    ("name", "statement"),
    [
        ("taken_equals_live_claims", "UPDATE stock_day SET taken = taken + 1 WHERE taken = 1"),
        ("taken_equals_live_claims", "UPDATE stock_day SET taken = 0"),
        ("claims_match_bookings", "UPDATE stock_claim SET holder = 'nobody'"),
        ("claims_match_bookings", "UPDATE booking_item SET units = units + 1"),
        ("items_sum_to_booking", "UPDATE booking SET total_fen = total_fen + 1"),
        ("items_sum_to_booking", "UPDATE booking SET list_fen = list_fen + 1"),
        ("items_sum_to_booking", "UPDATE booking SET ends_on = starts_on"),
        ("parts_sum_to_item", "UPDATE booking_part SET sold_fen = sold_fen + 1"),
        ("parts_sum_to_item", "UPDATE booking_part SET list_fen = list_fen + 1"),
        ("parts_sum_to_item", FREE_NIGHT_MORE),
        ("paid_is_confirmed_or_refunded", "UPDATE booking SET state = 'cancelled'"),
        ("uses_within_payments", "UPDATE payment SET state = 'failed'"),
        ("payables_stand_as_their_subjects", "UPDATE payable SET state = 'void'"),
        ("payables_stand_as_their_subjects", "UPDATE payable SET state = 'open'"),
        ("payables_stand_as_their_subjects", "UPDATE booking SET state = 'expired'"),
        ("payments_are_posted", "UPDATE payment SET state = 'failed'"),
        ("journals_sum_to_zero", EMPTY_JOURNAL),
        ("ledger_per_booking", "UPDATE booking SET state = 'completed'"),
    ],
)
def test_a_broken_row_is_named(desk: Desk, name: str, statement: str) -> None:
    sabotage(desk, statement)
    assert name in broken(desk)


def without_check(desk: Desk, table: str, check: str, statement: str) -> None:
    """Write what the table's CHECK refuses: proof that the invariant sees it by itself."""
    with pytest.raises(sa.exc.IntegrityError):
        sabotage(desk, statement)
    if desk.database.is_sqlite:
        with desk.database.write_engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA ignore_check_constraints=ON")
            connection.exec_driver_sql(statement)
            connection.commit()
    else:
        sabotage(desk, f"ALTER TABLE {table} DROP CONSTRAINT ck_{table}_{check}")
        sabotage(desk, statement)


def test_oversold_stock_is_named(desk: Desk) -> None:
    statement = "UPDATE stock_day SET capacity = 0 WHERE taken > 0"
    without_check(desk, "stock_day", "taken_within_capacity", statement)
    assert "sold_within_capacity" in broken(desk)


@pytest.mark.parametrize(
    "change",
    [
        "kind = 'slot' WHERE kind = 'room'",
        "room_type_id = NULL WHERE kind = 'room'",
        "time_slot_id = NULL WHERE kind = 'slot'",
        "room_type_id = (SELECT max(id) FROM room_type) WHERE kind = 'slot'",
        "time_slot_id = (SELECT max(id) FROM time_slot) WHERE kind = 'room'",
        "kind = 'seat' WHERE kind = 'slot'",
    ],
)
def test_a_pool_of_another_kinds_owner_is_named(desk: Desk, change: str) -> None:
    with desk.database.write() as session:
        make_slot(session, enterprise_id=desk.room.enterprise_id)
        # A room type and a time that have no pool yet, so that another's pool could take them.
        for spare in (
            make_room(session, listing_id=desk.room.listing_id),
            make_slot(session, enterprise_id=desk.room.enterprise_id),
        ):
            session.execute(sa.delete(StockDay).where(StockDay.pool_id == spare.pool_id))
            session.execute(sa.delete(StockPool).where(StockPool.id == spare.pool_id))
    assert broken(desk) == set()
    without_check(desk, "stock_pool", "owner_of_its_kind", f"UPDATE stock_pool SET {change}")
    assert "pools_have_their_owner" in broken(desk)


def test_a_hold_that_nothing_is_asked_for_is_named(desk: Desk) -> None:
    desk.hold(phone="13900000006", nights=2)
    sabotage(desk, "DELETE FROM payable WHERE state = 'open'")
    assert "payables_stand_as_their_subjects" in broken(desk)


@pytest.mark.parametrize("column", ["due_at", "grace_until"])
def test_what_is_due_at_another_moment_than_was_told_is_named(desk: Desk, column: str) -> None:
    booking_id = desk.hold(phone="13900000006", nights=2)
    with desk.database.write() as session:
        transitions.extend(session, booking_id=booking_id, actor=TRAVELLER, now=desk.clock.now())
    assert broken(desk) == set(), "a hold that is kept longer can be paid longer"
    sabotage(desk, f"UPDATE payable SET {column} = opened_at WHERE state = 'open'")
    assert broken(desk) == {"due_as_told"}


def test_two_pages_to_pay_one_thing_on_are_named(desk: Desk) -> None:
    second = (
        "INSERT INTO payment (id, booking_id, payable_id, state, key, gateway, amount_fen,"
        " currency, created_at)"
        " SELECT {0}, booking_id, payable_id, 'created', {0}, gateway, amount_fen, currency,"
        " created_at FROM payment LIMIT 1"
    )
    sabotage(desk, second.format("'first'"))
    with pytest.raises(sa.exc.IntegrityError):
        sabotage(desk, second.format("'second'"))
    assert "one_attempt_at_a_time" not in broken(desk)
    sabotage(desk, "DROP INDEX uq_payment_live")
    sabotage(desk, second.format("'second'"))
    assert "one_attempt_at_a_time" in broken(desk)


def test_a_journal_that_does_not_balance_is_named(desk: Desk) -> None:
    without_triggers(
        desk, "ledger_entry", "UPDATE ledger_entry SET amount_fen = 1 WHERE amount_fen > 0"
    )
    assert "journals_sum_to_zero" in broken(desk)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entry SET action = 'booking.polished' WHERE action = 'booking.held'",
        "UPDATE audit_entry SET detail = '{}' WHERE action = 'booking.held'",
    ],
)
def test_an_edited_audit_entry_is_named(desk: Desk, statement: str) -> None:
    without_triggers(desk, "audit_entry", statement)
    assert "audit_chain" in broken(desk)


def test_a_removed_seal_is_named(desk: Desk) -> None:
    without_triggers(desk, "audit_seal", "DELETE FROM audit_seal WHERE number = 1")
    assert "audit_chain" in broken(desk)


def test_an_unsealed_entry_is_named_after_a_minute(desk: Desk) -> None:
    desk.hold(phone="13900000005", nights=2)
    assert "audit_chain" not in broken(desk)
    desk.clock.advance(seconds=61)
    assert "audit_chain" in broken(desk)


def test_what_is_owed_is_named_after_a_minute_and_at_once_when_settled(desk: Desk) -> None:
    assert "nothing_owed_too_long" in broken(desk, settled=True)
    assert "nothing_owed_too_long" not in broken(desk)
    desk.clock.advance(seconds=61)
    assert "nothing_owed_too_long" in broken(desk)


def test_an_effect_that_keeps_failing_is_named_however_late_its_next_try_is(desk: Desk) -> None:
    desk.clock.advance(seconds=61)
    later = "UPDATE outbox SET due_at = '2099-01-01 00:00:00.000000'"
    sabotage(desk, later)
    assert "nothing_owed_too_long" not in broken(desk, settled=True)
    sabotage(desk, "UPDATE outbox SET attempts = 3, failure = 'KeyError'")
    assert "nothing_owed_too_long" in broken(desk)
    assert "nothing_owed_too_long" in broken(desk, settled=True)


def test_a_booking_bought_with_money_in_suspense_alone_is_named(desk: Desk) -> None:
    without_triggers(desk, "payment_use", "DELETE FROM payment_use")
    assert broken(desk) == {
        "paid_is_confirmed_or_refunded",
        "settled_by_their_uses",
        "uses_are_posted",
        "uses_within_payments",
    }


@pytest.mark.parametrize(
    ("name", "statement"),
    [
        ("settled_by_their_uses", "UPDATE payment_use SET fen = fen - 1"),
        ("settled_by_their_uses", "UPDATE payment_use SET fen = fen + 1"),
        ("uses_within_payments", "UPDATE payment_use SET fen = fen + 1"),
        ("paid_is_confirmed_or_refunded", "UPDATE payment_use SET fen = fen - 1"),
    ],
)
def test_uses_that_are_not_what_was_paid_are_named(desk: Desk, name: str, statement: str) -> None:
    without_triggers(desk, "payment_use", statement)
    assert name in broken(desk)


def test_money_posted_under_another_payable_is_named(desk: Desk) -> None:
    without_triggers(desk, "journal", "UPDATE journal SET payable_id = NULL")
    assert broken(desk) == {"uses_are_posted"}


def test_a_payable_paid_beyond_its_sum_is_named(desk: Desk) -> None:
    sabotage(desk, "UPDATE payable SET amount_fen = amount_fen - 1")
    assert "settled_by_their_uses" in broken(desk)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE booking_part SET earned_at = '2027-01-01 00:00:00.000000'",
        "UPDATE booking SET test = true",
    ],
)
def test_nights_and_ledger_that_part_are_named(desk: Desk, statement: str) -> None:
    sabotage(desk, statement)
    assert "ledger_per_booking" in broken(desk)
