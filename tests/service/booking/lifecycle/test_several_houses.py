"""A contract of several houses ends as its single bookings do, to the fen of every account."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from marketplace.booking import settlement
from marketplace.booking.contract.buyers import PartnerSale
from marketplace.booking.contract.cancellation_rules import PRESETS
from marketplace.booking.items import BookingItem
from marketplace.booking.lifecycle import payment_application, stay_lifecycle, transitions
from marketplace.booking.models import Booking
from marketplace.booking.states import BookingState, ReasonCode
from marketplace.kernel.db import Database
from marketplace.kernel.money import split
from marketplace.kernel.unit_of_work import UnitOfWork
from marketplace.payments.ledger.postings import Share
from marketplace.payments.models import Journal, LedgerAccount, LedgerEntry
from tests.factories import Room, make_enterprise, make_listing, make_room
from tests.support.booking import Desk, make_desk
from tests.support.changing import assert_clean
from tests.support.lives import CREDIT_FEN, PARTNER, make_partner
from tests.support.orders import Wanted, hold_all
from tests.unit.booking.test_cancellation_rules import policies

ARRIVES_IN = 40
"""Days from the sale to the arrival."""
UNITS = 1_000


@dataclass(frozen=True)
class Street:
    """Three houses, the first with two kinds of room, and the partner that books there."""

    desk: Desk
    rooms: list[Room]
    partner_id: int


@pytest.fixture
def street(database: Database) -> Street:
    """At odd prices."""
    desk = make_desk(database, capacity=UNITS)
    with desk.database.write() as session:
        others = [make_listing(session, enterprise_id=make_enterprise(session)) for _ in range(2)]
        rooms = [
            make_room(session, listing_id=listing, capacity=UNITS, list_fen=fen)
            for listing, fen in zip(
                [desk.room.listing_id, *others], [33_337, 10_001, 47_773], strict=True
            )
        ]
    return Street(desk, [desk.room, *rooms], make_partner(desk))


def bought(street: Street, wanted: Sequence[Wanted]) -> str:
    """Hold and confirm it on account; returns the booking's id."""
    desk = street.desk
    booking_id = hold_all(desk, wanted, PartnerSale(street.partner_id, desk.ids.new_id()))
    with desk.database.write() as session:
        payment_application.confirm_on_account(
            UnitOfWork(session, now=desk.clock.now(), actor=PARTNER),
            booking=transitions.locked(session, booking_id),
            partner_id=street.partner_id,
            credit_limit_fen=UNITS * CREDIT_FEN,
            lead_name="王秀英",
            phone="13900000001",
        )
    return booking_id


def end(desk: Desk, booking_id: str, days_before: int | None) -> None:
    """Cancel it so many days before the arrival, or mark that nobody came."""
    with desk.database.write() as session:
        if days_before is None:
            stay_lifecycle.advance_stay(
                session, booking_id=booking_id, ids=desk.ids, now=desk.clock.now()
            )
            return
        transitions.cancel(
            session,
            booking_id=booking_id,
            reason=ReasonCode.PARTNER_REQUEST,
            expected_refund_fen=None,
            actor=PARTNER,
            ids=desk.ids,
            now=desk.clock.now(),
        )


def books(desk: Desk, booking_ids: Sequence[str]) -> Counter[object]:
    """What was kept in all, and what each account has of each kind of journal."""
    with desk.database.read() as session:
        fees = session.scalars(sa.select(Booking.fee_fen).where(Booking.id.in_(booking_ids)))
        found: Counter[object] = Counter(kept=sum(fee or 0 for fee in fees))
        legs = session.execute(
            sa.select(Journal.memo, LedgerAccount.code, LedgerAccount.owner, LedgerEntry.amount_fen)
            .join(Journal, Journal.id == LedgerEntry.journal_id)
            .join(LedgerAccount, LedgerAccount.id == LedgerEntry.account_id)
            .where(Journal.booking_id.in_(booking_ids))
        )
        for memo, code, owner, fen in legs:
            found[memo, code, owner] += fen
    return found


def both_ways(
    street: Street, wanted: Sequence[Wanted], days_before: int | None
) -> tuple[Counter[object], Counter[object]]:
    """Buy it as one contract and as single ones, end all of them; returns the books of both."""
    desk, start = street.desk, street.desk.clock.now()
    whole, single = bought(street, wanted), [bought(street, [each]) for each in wanted]
    later = ARRIVES_IN + 2 if days_before is None else ARRIVES_IN - days_before
    desk.clock.advance(days=later, minutes=31)
    for booking_id in (whole, *single):
        end(desk, booking_id, days_before)
    gone = BookingState.NO_SHOW if days_before is None else BookingState.CANCELLED
    assert desk.booking(whole).state is gone
    assert_clean(desk)
    desk.clock.set(start)
    return books(desk, [whole]), books(desk, single)


WANTED = st.tuples(
    st.integers(0, 3), st.integers(1, 9), st.integers(1, 3), st.integers(0, 3_000), policies()
)
"""Which room, how many nights and units, our commission, and what cancelling costs."""


@given(
    kinds=st.lists(WANTED, min_size=2, max_size=4),
    days_before=st.none() | st.integers(0, ARRIVES_IN),
)
@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_it_ends_as_its_single_bookings(
    street: Street,
    kinds: list[tuple[int, int, int, int, dict[str, object]]],
    days_before: int | None,
) -> None:
    wanted = [
        Wanted(street.rooms[kind], nights, units, adults=units, commission_bp=bp, policy=policy)
        for kind, nights, units, bp, policy in kinds
    ]
    whole, single = both_ways(street, wanted, days_before)
    assert whole == single


def by_price(items: Sequence[BookingItem], fees: Sequence[int]) -> list[Share]:
    """All that is kept, split by what each item costs."""
    own = split(sum(fees), [item.total_fen for item in items])
    return OWN(items, own)


OWN = settlement.kept_shares


def test_a_split_by_price_is_noticed(street: Street, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settlement, "kept_shares", by_price)
    strict = Wanted(street.rooms[0], policy=PRESETS["stay"])
    whole, single = both_ways(street, [strict, Wanted(street.rooms[2], policy=PRESETS["rail"])], 12)
    assert whole["kept"] == single["kept"]
    assert whole != single
