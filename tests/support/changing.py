"""Changing a stay in tests: quoted, made, paid; and what became of stock and money."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from marketplace.booking.changes import change_service, item_cancellation
from marketplace.booking.changes.change_quotes import ChangeQuote
from marketplace.booking.changes.item_cancellation import CancelItem
from marketplace.booking.contract.cancellation_rules import CancelQuote
from marketplace.booking.lifecycle import scheduled_jobs
from marketplace.booking.models import BookingChange
from marketplace.booking.states import (
    ChangeState,
    ReasonCode,
)
from marketplace.kernel.audit import TRAVELLER, Actor
from marketplace.kernel.unit_of_work import UnitOfWork
from marketplace.operations import invariants
from marketplace.payments.ledger import postings
from marketplace.payments.models import Refund
from marketplace.pricing import service as pricing
from marketplace.pricing.nights.selection import StaySelection
from marketplace.pricing.nights.terms import Board, BoardPrice, ChildBand, Occupancy, Terms
from tests.factories import TODAY
from tests.support.booking import Desk

STAFF = Actor("staff", "1")
ARRIVE = TODAY + dt.timedelta(days=40)
NIGHT = 20_000
OFF = 17_000
"""A night with the discount of 30 nights."""
TERMS = Terms(
    occupancy=Occupancy(extra_adult_fen=6_000, children=(ChildBand(11, 3_000),)),
    boards=(BoardPrice(Board.BREAKFAST, 1_500, 800),),
    extra_bed_fen=5_000,
    most_extra_beds=1,
)


def days(count: int) -> dt.timedelta:
    """So many days."""
    return dt.timedelta(days=count)


def wish_of(desk: Desk, booking_id: str, **changes: object) -> StaySelection:
    """The stay as it is booked, but for these changes of dates, room, people, meals or beds."""
    return altered(desk.booking(booking_id).room.selection, **changes)


def altered(was: StaySelection, **changes: Any) -> StaySelection:
    """What was chosen, but for these changes."""
    stay = was.stay
    first = changes.pop("check_in", stay.check_in)
    last = changes.pop("check_out", stay.check_out)
    party = {name: changes.pop(name) for name in ("adults", "children_ages") if name in changes}
    return replace(was.between(first, last), party=replace(was.party, **party), **changes)


def longer(desk: Desk, booking_id: str, nights: int) -> StaySelection:
    """The stay with so many nights more."""
    booking = desk.booking(booking_id)
    return wish_of(desk, booking_id, check_out=booking.ends_on + days(nights))


def quoted(desk: Desk, booking_id: str, wish: StaySelection, **more: object) -> ChangeQuote:
    """What a change would cost."""
    with desk.database.read() as session:
        return change_service.quote_change(
            session,
            booking_id=booking_id,
            wish=wish,
            now=desk.clock.now(),
            **more,  # type: ignore[arg-type]
        )


def change(desk: Desk, booking_id: str, wish: StaySelection, **more: object) -> BookingChange:
    """Make a change, or keep its rooms."""
    facts: dict[str, Any] = {"expected_fen": None} | more
    actor = facts.pop("actor", TRAVELLER)
    with desk.database.write() as session:
        return change_service.change(
            UnitOfWork(session, desk.clock.now(), actor, desk.ids),
            change_service.ChangeBooking(booking_id, wish, **facts),
        )


def changed(desk: Desk, booking_id: str, wish: StaySelection, **more: object) -> None:
    """Make a change and pay it, by the sum that was quoted."""
    quote = quoted(desk, booking_id, wish)
    row = change(desk, booking_id, wish, expected_fen=quote.balance_fen, **more)
    assert (row.state is ChangeState.HELD) == (quote.pay_fen > 0)
    if quote.pay_fen:
        desk.pay_change(booking_id)


def assert_clean(desk: Desk) -> None:
    """All invariants hold."""
    report = invariants.check(desk.database, now=desk.clock.now())
    waiting = {"nothing_owed_too_long", "audit_chain"}
    assert {k: v for k, v in report.faults.items() if v and k not in waiting} == {}


def refunded(desk: Desk) -> int:
    """What was sent back in all, in fen."""
    with desk.database.read() as session:
        return int(session.scalar(sa.select(sa.func.sum(Refund.amount_fen))) or 0)


def prepaid(desk: Desk) -> int:
    """What travellers have prepaid and not received, in fen."""
    with desk.database.read() as session:
        return -postings.balance(session, code=postings.CUSTOMER_PREPAID, owner="")


def arrive(desk: Desk, booking_id: str, after: int = 0) -> None:
    """Let the guest arrive, and ``after`` nights pass."""
    booking = desk.booking(booking_id)
    desk.clock.advance(days=(booking.starts_on - TODAY).days)
    desk.check_in(booking_id)
    pass_days(desk, after)


def pass_days(desk: Desk, count: int) -> None:
    """Let days pass with their nights earned."""
    for _ in range(count):
        desk.clock.advance(days=1)
        scheduled_jobs.advance_stays(desk.money)


def cancel(desk: Desk, booking_id: str, reason: ReasonCode = ReasonCode.TRAVELLER_OTHER) -> None:
    """Cancel, whatever goes back."""
    desk.cancel(booking_id, reason, STAFF)


def given_up(
    desk: Desk,
    booking_id: str,
    item: int,
    reason: ReasonCode = ReasonCode.TRAVELLER_OTHER,
    *,
    expected_fen: int | None = None,
) -> CancelQuote:
    """Give up one item alone."""
    with desk.database.write() as session:
        return item_cancellation.cancel_item(
            UnitOfWork(session, desk.clock.now(), TRAVELLER, desk.ids),
            CancelItem(booking_id, item, reason, expected_fen),
        )


def reprice(desk: Desk, fen: int, offsets: range) -> None:
    """Set the list price of days counted from today."""
    with desk.database.write() as session:
        pricing.set_rate(
            session,
            room_type_id=desk.room.room_type_id,
            pool_id=desk.room.pool_id,
            days=[TODAY + days(offset) for offset in offsets],
            list_fen=fen,
            actor=STAFF,
            now=desk.clock.now(),
        )
