"""A stay in several kinds of room is the sum of its single bookings, to the fen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from marketplace.booking.contract.buyers import PartnerSale
from marketplace.booking.contract.placement import PlaceBooking, place
from marketplace.booking.contract.room_choices import RoomChoice
from marketplace.booking.items import BookingPart
from marketplace.booking.lifecycle import payment_application, transitions
from marketplace.booking.states import ReasonCode
from marketplace.kernel.db import Database
from marketplace.kernel.stay import Stay
from marketplace.kernel.unit_of_work import UnitOfWork
from marketplace.payments.ledger import postings
from marketplace.pricing.nights.selection import Party, StaySelection
from marketplace.pricing.nights.terms import FeeBand, Terms
from tests.concurrency.rush import taken
from tests.factories import Room, make_room
from tests.support.booking import COMMISSION_BP, Desk, make_desk
from tests.support.changing import assert_clean
from tests.support.lives import CREDIT_FEN, PARTNER, make_partner
from tests.support.orders import ARRIVE

OWN_TERMS = Terms(fee_bands=(FeeBand(20, 0), FeeBand(5, 3_333), FeeBand(0, 7_777)))


@dataclass(frozen=True)
class House:
    """A house with three kinds of room, and the partner that books there."""

    desk: Desk
    rooms: list[Room]
    partner_id: int


@pytest.fixture
def house(database: Database) -> House:
    """At odd prices, and one kind under terms of its own."""
    desk = make_desk(database, capacity=1_000)
    facts = {"listing_id": desk.room.listing_id, "capacity": 1_000}
    with desk.database.write() as session:
        rooms = [
            desk.room,
            make_room(session, list_fen=33_337, **facts),
            make_room(session, list_fen=10_001, terms=OWN_TERMS, **facts),
        ]
    return House(desk, rooms, make_partner(desk))


KINDS = st.tuples(st.integers(0, 2), st.integers(1, 3), st.integers(0, 2))
"""Which kind of room, how many, and how many children."""


def booked(desk: Desk, partner_id: int, selections: Sequence[StaySelection]) -> str:
    """Hold and confirm it on account; returns the booking's id."""
    now = desk.clock.now()
    with desk.database.write() as session:
        booking = place(
            session,
            command=PlaceBooking(
                tuple(RoomChoice(each) for each in selections),
                PartnerSale(partner_id, desk.ids.new_id()),
            ),
            commission_bp=COMMISSION_BP,
            actor=PARTNER,
            ids=desk.ids,
            now=now,
        )
        payment_application.confirm_on_account(
            UnitOfWork(session, now=now, actor=PARTNER, ids=desk.ids),
            booking_id=booking.id,
            partner_id=partner_id,
            credit_limit_fen=CREDIT_FEN,
            lead_name="王秀英",
            phone="13900000001",
        )
        return booking.id


def sums(desk: Desk, booking_id: str) -> Counter[str]:
    """What it costs, what we earn of it, and what cancelling it now keeps and gives back."""
    with desk.database.write() as session:
        booking = transitions.locked(session, booking_id)
        quote = transitions.cancellation(session, booking=booking, now=desk.clock.now())
        commission = session.scalar(
            sa.select(sa.func.sum(BookingPart.commission_fen)).where(
                BookingPart.booking_id == booking_id
            )
        )
        return Counter(
            price=booking.total_fen,
            list=booking.list_fen,
            commission=int(commission or 0),
            fee=quote.fee_fen,
            refund=quote.refund_fen,
        )


def cancelled(desk: Desk, booking_ids: Sequence[str]) -> Counter[str]:
    """Cancel; returns what the house, we and the partner's account have of it."""
    accounts = {
        "house": (postings.OPERATOR_PAYABLE, str(desk.room.enterprise_id)),
        "ours": (postings.COMMISSION, ""),
    }

    def balances() -> Counter[str]:
        with desk.database.read() as session:
            return Counter(
                {name: -postings.balance(session, *account) for name, account in accounts.items()}
            )

    before = balances()
    for booking_id in booking_ids:
        with desk.database.write() as session:
            transitions.cancel(
                session,
                booking_id=booking_id,
                reason=ReasonCode.PARTNER_REQUEST,
                expected_refund_fen=None,
                actor=PARTNER,
                ids=desk.ids,
                now=desk.clock.now(),
            )
    after = balances()
    return Counter({name: after[name] - before[name] for name in accounts})


@given(
    kinds=st.lists(KINDS, min_size=2, max_size=4),
    nights=st.integers(1, 9),
    later=st.sampled_from([0, 15, 30, 38]),
)
@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_it_is_the_sum_of_its_single_bookings(
    house: House, *, kinds: list[tuple[int, int, int]], nights: int, later: int
) -> None:
    desk, rooms, partner_id = house.desk, house.rooms, house.partner_id
    start = desk.clock.now()
    selections = [
        StaySelection(
            rooms[kind].room_type_id, Stay.of(ARRIVE, nights), count, Party(count, (6,) * children)
        )
        for kind, count, children in kinds
    ]

    def claims() -> Counter[tuple[int, object]]:
        return Counter(
            {
                (room.pool_id, day): units
                for room in rooms
                for day, units in taken(desk.database, room.pool_id).items()
            }
        )

    whole = booked(desk, partner_id, selections)
    together = claims()
    alone = [booked(desk, partner_id, [each]) for each in selections]
    assert claims() - together == together
    desk.clock.advance(days=later, minutes=31)
    singles: Counter[str] = sum((sums(desk, each) for each in alone), Counter())
    assert sums(desk, whole) == singles
    kept = cancelled(desk, [whole])
    assert kept == cancelled(desk, alone)
    assert sum(kept.values()) == singles["fee"]
    desk.clock.set(start)
    assert_clean(desk)
