"""A stay in several kinds of room is the sum of its single bookings, to the fen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from marketplace.booking.contract.buyers import PartnerSale
from marketplace.booking.contract.placement import PlaceBooking, place
from marketplace.booking.contract.room_choices import RoomChoice
from marketplace.booking.items import BookingPart
from marketplace.booking.lifecycle import payment_application, transitions
from marketplace.booking.states import BookingState, ReasonCode
from marketplace.kernel.db import Database
from marketplace.kernel.errors import DomainError
from marketplace.kernel.stay import Stay
from marketplace.kernel.unit_of_work import UnitOfWork
from marketplace.payments.ledger import postings
from marketplace.pricing.nights.selection import Party, StaySelection
from marketplace.pricing.nights.terms import Board, FeeBand, Terms
from tests.concurrency.rush import taken
from tests.factories import Room, make_room
from tests.support.booking import COMMISSION_BP, Desk, make_desk
from tests.support.changing import assert_clean, cancel, change, days, given_up
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
            booking=transitions.locked(session, booking.id),
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


ACTS = ("cancel", "longer", "shorter", "later", "earlier", "room", "people", "breakfast")


def act(house: House, booking_id: str, item: int | None, what: str) -> str:
    """Do something to one item, or to all of a single booking; returns why it was refused."""
    desk = house.desk
    number = item or 1
    try:
        if what == "cancel" and item is None:
            cancel(desk, booking_id, ReasonCode.PARTNER_REQUEST)
        elif what == "cancel":
            given_up(desk, booking_id, number, ReasonCode.PARTNER_REQUEST)
        else:
            was = desk.booking(booking_id).item(number).selection
            first, last = was.stay.check_in, was.stay.check_out
            rooms = [room.room_type_id for room in house.rooms]
            wish = {
                "longer": lambda: was.between(first, last + days(2)),
                "shorter": lambda: was.between(first, last - days(1)),
                "later": lambda: was.between(first + days(9), last + days(9)),
                "earlier": lambda: was.between(first - days(1), last - days(1)),
                "room": lambda: replace(
                    was, room_type_id=rooms[rooms.index(was.room_type_id) - 1], board=None
                ),
                "people": lambda: replace(was, party=Party(was.party.adults + 1)),
                "breakfast": lambda: replace(was, board=Board.BREAKFAST),
            }[what]()
            change(
                desk,
                booking_id,
                wish,
                item=item,
                by_staff=True,
                credit_limit_fen=CREDIT_FEN,
            )
    except DomainError as refused:
        return refused.code
    return ""


@given(
    kinds=st.lists(KINDS, min_size=2, max_size=3),
    nights=st.integers(1, 9),
    done=st.lists(st.tuples(st.integers(0, 2), st.sampled_from(ACTS)), min_size=1, max_size=3),
    later=st.sampled_from([0, 15, 30, 38]),
)
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_changing_or_giving_up_one_is_what_it_is_of_a_single_booking(
    house: House,
    *,
    kinds: list[tuple[int, int, int]],
    nights: int,
    done: list[tuple[int, str]],
    later: int,
) -> None:
    """Whatever was done before, each item goes on as its single booking would."""
    desk, rooms, partner_id = house.desk, house.rooms, house.partner_id
    start = desk.clock.now()
    selections = [
        StaySelection(
            rooms[kind].room_type_id, Stay.of(ARRIVE, nights), count, Party(count, (6,) * children)
        )
        for kind, count, children in kinds
    ]
    whole = booked(desk, partner_id, selections)
    alone = [booked(desk, partner_id, [each]) for each in selections]
    desk.clock.advance(days=later, minutes=31)
    for index, what in done:
        number = index % len(alone)
        if what == "cancel" and len(live(desk, alone)) == 1:
            continue  # the last one ends with its booking
        before = balances(desk)
        refused = act(house, whole, number + 1, what)
        own = moved(before, balances(desk))
        before = balances(desk)
        single = act(house, alone[number], None, what)
        # One that was cancelled is no item any more, and a booking that is over.
        assert {refused, single} <= {"not_found", "wrong_state"} or refused == single
        assert own == moved(before, balances(desk))
    singles: Counter[str] = sum((sums(desk, each) for each in live(desk, alone)), Counter())
    assert sums(desk, whole) == singles
    assert cancelled(desk, [whole]) == cancelled(desk, live(desk, alone))
    desk.clock.set(start)
    assert_clean(desk)


def live(desk: Desk, booking_ids: Sequence[str]) -> list[str]:
    return [each for each in booking_ids if desk.booking(each).state is BookingState.CONFIRMED]


def moved(before: Counter[str], after: Counter[str]) -> dict[str, int]:
    return {name: after[name] - before[name] for name in before | after}


def balances(desk: Desk) -> Counter[str]:
    """What the house, we, and the partner's account stand at."""
    accounts = {
        "house": (postings.OPERATOR_PAYABLE, str(desk.room.enterprise_id)),
        "ours": (postings.COMMISSION, ""),
    }
    with desk.database.read() as session:
        found = {name: -postings.balance(session, *account) for name, account in accounts.items()}
        owed = postings.balance(session, code=postings.PARTNER_RECEIVABLE, owner="1")
    return Counter(found | {"partner": owed})


def cancelled(desk: Desk, booking_ids: Sequence[str]) -> Counter[str]:
    """Cancel; returns what the house, we and the partner's account have of it."""
    before = balances(desk)
    for booking_id in booking_ids:
        cancel(desk, booking_id, ReasonCode.PARTNER_REQUEST)
    return Counter(moved(before, balances(desk)))


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
    assert kept["house"] + kept["ours"] == singles["fee"]
    desk.clock.set(start)
    assert_clean(desk)
