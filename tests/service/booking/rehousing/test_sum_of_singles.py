"""A stay in several rooms of a stopped house is the sum of its single bookings, to the fen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.service import reinstate
from marketplace.booking.items import BookingPart
from marketplace.booking.lifecycle import stay_lifecycle
from marketplace.booking.rehousing import suspension_refunds
from marketplace.booking.states import BookingState
from marketplace.kernel.db import Database
from marketplace.kernel.stay import Stay
from marketplace.payments.ledger import postings
from marketplace.pricing.nights.selection import Party, StaySelection
from marketplace.pricing.nights.terms import FeeBand, Terms
from tests.concurrency.rush import taken
from tests.factories import Room, make_room
from tests.service.booking.contract.test_several_rooms import OWN_TERMS, booked, sums
from tests.support.booking import Desk, make_desk
from tests.support.changing import assert_clean, cancel, change, days, pass_days
from tests.support.lives import CREDIT_FEN, make_partner
from tests.support.orders import ARRIVE
from tests.support.rehousing import STAFF, accepted, elsewhere, offered, stop

KIND = st.tuples(st.integers(0, 2), st.integers(1, 2), st.integers(0, 1))
"""Which kind of room, how many, and how many children."""
PLENTY = 1_000


@dataclass(frozen=True)
class Town:
    """A house that will be stopped, another one beside it, and the partner that books."""

    desk: Desk
    rooms: list[Room]
    others: list[Room]
    partner_id: int


@pytest.fixture
def town(database: Database) -> Town:
    """All at odd prices, and one kind of each house under terms of its own."""
    desk = make_desk(database, capacity=PLENTY)
    facts = {"listing_id": desk.room.listing_id, "capacity": PLENTY}
    with desk.database.write() as session:
        rooms = [
            desk.room,
            make_room(session, list_fen=33_337, **facts),
            make_room(session, list_fen=10_001, terms=OWN_TERMS, **facts),
        ]
    others = elsewhere(desk, 14_999, 27_773, capacity=PLENTY)
    with desk.database.write() as session:
        strict = Terms(fee_bands=(FeeBand(30, 1_111), FeeBand(0, 9_999)))
        listing_id = others[0].listing_id
        others.append(
            make_room(
                session, list_fen=41_001, terms=strict, listing_id=listing_id, capacity=PLENTY
            )
        )
    return Town(desk, rooms, others, make_partner(desk))


def chosen(town: Town, kinds: Sequence[tuple[int, int, int]], nights: int) -> list[StaySelection]:
    return [
        StaySelection(
            town.rooms[kind].room_type_id,
            Stay.of(ARRIVE, nights),
            count,
            Party(count, (6,) * children),
        )
        for kind, count, children in kinds
    ]


def both(town: Town, selections: Sequence[StaySelection]) -> tuple[str, list[str]]:
    """Book all of it as one, and each by itself; the time to undo it goes by."""
    desk = town.desk
    whole = booked(desk, town.partner_id, selections)
    alone = [booked(desk, town.partner_id, [each]) for each in selections]
    desk.clock.advance(minutes=31)
    return whole, alone


def put_off(town: Town, whole: str, alone: Sequence[str], item: int, by: int) -> None:
    """Let one room begin some days later, in both."""
    number = item % len(alone) + 1
    for booking_id, which in ((whole, number), (alone[number - 1], 1)):
        was = town.desk.booking(booking_id).item(which).selection
        wish = was.between(was.stay.check_in + days(by), was.stay.check_out + days(by))
        change(
            town.desk,
            booking_id,
            wish,
            item=which,
            by_staff=True,
            credit_limit_fen=CREDIT_FEN,
        )


def standing(town: Town) -> Counter[str]:
    """What both houses, we, and the partner's account stand at."""
    accounts = {
        "house": (postings.OPERATOR_PAYABLE, str(town.rooms[0].enterprise_id)),
        "other": (postings.OPERATOR_PAYABLE, str(town.others[0].enterprise_id)),
        "ours": (postings.COMMISSION, ""),
        "goodwill": (postings.AccountCode.GOODWILL, ""),
        "partner": (postings.PARTNER_RECEIVABLE, str(town.partner_id)),
    }
    with town.desk.database.read() as session:
        return Counter(
            {name: postings.balance(session, *account) for name, account in accounts.items()}
        )


def claimed(town: Town) -> Counter[tuple[int, object]]:
    return Counter(
        {
            (room.pool_id, day): units
            for room in (*town.rooms, *town.others)
            for day, units in taken(town.desk.database, room.pool_id).items()
        }
    )


def effect(town: Town, before: Counter[str]) -> dict[str, int]:
    after = standing(town)
    return {name: after[name] - before[name] for name in after}


def sold(town: Town, booking_ids: Sequence[str]) -> Counter[str]:
    """What is left of them: the price, our part of it, and what we add."""
    found: Counter[str] = Counter()
    for booking_id in booking_ids:
        booking = town.desk.booking(booking_id)
        live = booking.state is not BookingState.CANCELLED
        with town.desk.database.read() as session:
            fen = session.scalar(
                sa.select(sa.func.sum(BookingPart.commission_fen)).where(
                    BookingPart.booking_id == booking_id
                )
            )
        found["price"] += booking.total_fen * live
        found["commission"] += int(fen or 0) * live
        found["topup"] += booking.topup_fen * live
        found["nights"] += sum(item.days.nights * item.units for item in booking.items) * live
    return found


def over(town: Town, start: object) -> None:
    """Let all of it come to its end, and begin anew with the house open."""
    desk = town.desk
    pass_days(desk, 20)
    with desk.database.write() as session:
        reinstate(
            session,
            enterprise_id=desk.room.enterprise_id,
            actor=STAFF,
            now=desk.clock.now(),
        )
    assert_clean(desk)
    desk.clock.set(start)  # type: ignore[arg-type]


def money_back(town: Town, booking_id: str) -> int:
    """Give back what can be given back; returns how much."""
    desk, now = town.desk, town.desk.clock.now()
    with desk.database.write() as session:
        fen = suspension_refunds.refund_fen(session, booking_id=booking_id, now=now)
        suspension_refunds.let_go(
            session,
            booking_id=booking_id,
            expected_refund_fen=fen,
            actor=STAFF,
            ids=desk.ids,
            now=now,
        )
    return fen


@given(
    kinds=st.lists(KIND, min_size=2, max_size=3),
    nights=st.integers(2, 9),
    put=st.tuples(st.integers(0, 2), st.integers(0, 3)),
    slept=st.one_of(st.none(), st.integers(0, 1)),
)
@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_the_money_back_before_arrival_and_in_the_house(
    town: Town,
    *,
    kinds: list[tuple[int, int, int]],
    nights: int,
    put: tuple[int, int],
    slept: int | None,
) -> None:
    """``slept`` nights were slept when the house was stopped; ``None`` had not arrived."""
    desk = town.desk
    start = desk.clock.now()
    whole, alone = both(town, chosen(town, kinds, nights))
    if put[1]:
        put_off(town, whole, alone, *put)
    if slept is not None:
        desk.clock.set(start)
        desk.clock.advance(days=40)
        arrived = [each for each in alone if desk.booking(each).starts_on == ARRIVE]
        for booking_id in (whole, *arrived):
            desk.check_in(booking_id)
        pass_days(desk, slept)
    for booking_id in alone:
        booking = desk.booking(booking_id)
        if (
            slept
            and booking.state is BookingState.CONFIRMED
            and booking.starts_on <= ARRIVE + days(slept)
        ):
            desk.check_in(booking_id)
    stop(desk)
    before, held = standing(town), claimed(town)
    fen = money_back(town, whole)
    own, freed = effect(town, before), held - claimed(town)
    before, held = standing(town), claimed(town)
    assert fen == sum(money_back(town, each) for each in alone)
    assert own == effect(town, before)
    assert freed == held - claimed(town)
    assert own["partner"] == -fen
    assert sold(town, [whole]) == sold(town, alone)
    over(town, start)


@given(
    kinds=st.lists(st.tuples(KIND, st.integers(0, 2)), min_size=2, max_size=4),
    nights=st.integers(1, 9),
    put=st.tuples(st.integers(0, 2), st.integers(0, 3)),
    then=st.sampled_from(["stays", 0, 15, 30, 38]),
)
@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_moving_to_another_house_and_what_follows(
    town: Town,
    *,
    kinds: list[tuple[tuple[int, int, int], int]],
    nights: int,
    put: tuple[int, int],
    then: int | str,
) -> None:
    """They stay there until all is over, or cancel ``then`` days after."""
    desk = town.desk
    start = desk.clock.now()
    whole, alone = both(town, chosen(town, [kind for kind, _ in kinds], nights))
    if put[1]:
        put_off(town, whole, alone, *put)
    rooms = [town.others[number] for _, number in kinds]
    stop(desk)
    offers = [(whole, offered(desk, whole, *rooms))]
    offers += [(each, offered(desk, each, room)) for each, room in zip(alone, rooms, strict=True)]
    effects, moved = [], []
    for some in (offers[:1], offers[1:]):
        before, held = standing(town), claimed(town)
        for booking_id, offer_id in some:
            accepted(desk, booking_id, offer_id)
        now = claimed(town)
        effects.append(effect(town, before))
        moved.append((held - now, now - held))
    assert effects[0] == effects[1]
    assert moved[0] == moved[1]
    assert sold(town, [whole]) == sold(town, alone)
    desk.clock.advance(days=then if isinstance(then, int) else 0, minutes=31)
    assert sums(desk, whole) == sum((sums(desk, each) for each in alone), Counter())
    effects = []
    for some in ([whole], alone):
        before = standing(town)
        if then == "stays":
            stay(town, some)
        else:
            for booking_id in some:
                cancel(desk, booking_id)
        effects.append(effect(town, before))
    assert effects[0] == effects[1]
    over(town, start)


def stay(town: Town, booking_ids: Sequence[str]) -> None:
    """Let these guests come and stay until all is over; then it is today again."""
    desk = town.desk
    now = desk.clock.now()
    desk.room = town.others[0]
    for offset in range(18):
        desk.clock.set(now)
        desk.clock.advance(days=40 + offset)
        for booking_id in booking_ids:
            booking = desk.booking(booking_id)
            if booking.starts_on == ARRIVE + days(offset):
                desk.check_in(booking_id)
        with desk.database.write() as session:
            for booking_id in booking_ids:
                stay_lifecycle.advance_stay(
                    session, booking_id=booking_id, ids=desk.ids, now=desk.clock.now()
                )
    assert {desk.booking(each).state for each in booking_ids} == {BookingState.COMPLETED}
    desk.room = town.rooms[0]
    desk.clock.set(now)
