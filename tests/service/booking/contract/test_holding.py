"""One contract of several items and houses: held, paid, delivered, cancelled, and to the fen."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from catalog.sale import NotBookable
from catalog.service import suspend
from marketplace.booking.contract.buyers import PartnerSale
from marketplace.booking.contract.cancellation_rules import policy_of
from marketplace.booking.contract.holding import wants_of
from marketplace.booking.events.view import read_view
from marketplace.booking.items import BookingItem, BookingPart
from marketplace.booking.lifecycle import payment_application, scheduled_jobs, transitions
from marketplace.booking.lifecycle.stay_lifecycle import check_in
from marketplace.booking.states import BookingState, ReasonCode, SeveralItems
from marketplace.inventory.service import SoldOut
from marketplace.kernel.audit import TRAVELLER, Actor
from marketplace.kernel.db import Database
from marketplace.kernel.events import Event
from marketplace.kernel.money import share_of
from marketplace.kernel.unit_of_work import UnitOfWork
from marketplace.payments.ledger import postings
from marketplace.payments.models import Journal
from marketplace.pricing.nights.terms import FeeBand, Terms
from tests.concurrency.rush import taken
from tests.factories import Room
from tests.support.booking import COMMISSION_BP, Desk, make_desk
from tests.support.changing import assert_clean
from tests.support.lives import CREDIT_FEN, PARTNER, make_neighbour, make_partner
from tests.support.orders import ARRIVE, Wanted, hold_all

NIGHT, NEXT_DOOR = 20_000, 15_000
"""List prices of one room for a night, here and in the other house, in fen."""
NEXT_DOOR_TERMS = (FeeBand(15, 0), FeeBand(0, 2_000))
"""What cancelling costs in the other house, where it has terms of its own."""


@pytest.fixture
def desk(database: Database) -> Desk:
    return make_desk(database, capacity=4)


@pytest.fixture
def other(desk: Desk) -> Room:
    """A room of another house, two of which are on sale."""
    return make_neighbour(desk, list_fen=NEXT_DOOR)


@pytest.fixture
def trip(desk: Desk, other: Room) -> list[Wanted]:
    """Parents and family in two rooms of one house, then all of them in the other one."""
    return [
        Wanted(desk.room, nights=3),
        Wanted(desk.room, nights=2, rooms=2, adults=4),
        Wanted(other, nights=4, rooms=2, adults=4, after=3),
    ]


TRIP_FEN = 3 * NIGHT + 4 * NIGHT + 8 * NEXT_DOOR


def payable(desk: Desk, enterprise_id: int) -> int:
    """Return what is owed to a house, in fen."""
    with desk.database.read() as session:
        return -postings.balance(session, postings.OPERATOR_PAYABLE, str(enterprise_id))


def cancel(desk: Desk, booking_id: str, reason: ReasonCode = ReasonCode.TRAVELLER_OTHER) -> int:
    """Cancel it; returns what was kept, in fen."""
    with desk.database.write() as session:
        return transitions.cancel(
            session,
            booking_id=booking_id,
            reason=reason,
            expected_refund_fen=None,
            actor=TRAVELLER,
            ids=desk.ids,
            now=desk.clock.now(),
        ).fee_fen


def test_claims_and_price_are_the_sum_of_the_items(
    desk: Desk, other: Room, trip: list[Wanted]
) -> None:
    booking = desk.booking(hold_all(desk, trip))
    assert (booking.total_fen, booking.enterprise_id) == (TRIP_FEN, desk.room.enterprise_id)
    assert (booking.starts_on, booking.ends_on) == (ARRIVE, ARRIVE + dt.timedelta(days=7))
    here = taken(desk.database, desk.room.pool_id)
    assert [here[day] for day in sorted(here)] == [3, 3, 1]
    there = taken(desk.database, other.pool_id)
    assert [there[day] for day in sorted(there)] == [2, 2, 2, 2]
    with desk.database.read() as session:
        rows = session.execute(
            sa.select(
                BookingPart.item,
                sa.func.sum(BookingPart.sold_fen),
                sa.func.sum(BookingPart.commission_fen),
            )
            .group_by(BookingPart.item)
            .order_by(BookingPart.item)
        )
        sums = [tuple(map(int, row)) for row in rows]
    fens = [3 * NIGHT, 4 * NIGHT, 8 * NEXT_DOOR]
    assert sums == [
        (number, fen, share_of(fen, COMMISSION_BP)) for number, fen in enumerate(fens, 1)
    ]
    assert_clean(desk)
    cancel(desk, booking.id)
    assert taken(desk.database, desk.room.pool_id) == taken(desk.database, other.pool_id) == {}
    assert_clean(desk)


def test_all_of_it_or_nothing(desk: Desk, other: Room, trip: list[Wanted]) -> None:
    with pytest.raises(SoldOut) as told:
        hold_all(desk, [*trip, Wanted(other, nights=1, after=3)])
    assert told.value.pools == {other.pool_id}
    assert taken(desk.database, desk.room.pool_id) == {}
    with desk.database.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(BookingItem)) == 0
    assert_clean(desk)


def test_each_house_earns_its_days(desk: Desk, other: Room, trip: list[Wanted]) -> None:
    booking_id = hold_all(desk, trip)
    desk.pay(booking_id)
    desk.clock.advance(days=40)
    with desk.database.write() as session:
        check_in(
            session,
            booking_id=booking_id,
            enterprise_id=other.enterprise_id,
            actor=Actor("staff", "9"),
            now=desk.clock.now(),
        )
    desk.clock.advance(days=4)
    scheduled_jobs.advance_stays(desk.money)
    assert payable(desk, desk.room.enterprise_id) == 7 * NIGHT * 9 // 10
    assert payable(desk, other.enterprise_id) == 2 * NEXT_DOOR * 9 // 10
    assert_clean(desk)
    desk.clock.advance(days=4)
    scheduled_jobs.advance_stays(desk.money)
    assert payable(desk, other.enterprise_id) == 8 * NEXT_DOOR * 9 // 10
    assert desk.booking(booking_id).state is BookingState.COMPLETED
    with desk.database.read() as session:
        keys = session.scalars(
            sa.select(Journal.key).where(Journal.memo == "night delivered")
        ).all()
    assert sorted(key.partition(":")[0] for key in keys) == ["night"] * 3 + ["part"] * 6
    assert_clean(desk)


@pytest.mark.parametrize(
    ("days", "kept"),
    [
        (39, (0, 0, 0, 0)),
        (25, (28_000, 25_200, 0, 2_800)),
        # The other house is reached three days later, and its terms count from that day.
        (12, (56_000, 50_400, 0, 5_600)),
        (11, (80_000, 50_400, 22_080, 7_520)),  # as docs/money.md has it
        (3, (108_000, 75_600, 22_080, 10_320)),
    ],
)
def test_each_house_keeps_what_its_own_terms_say(
    desk: Desk, other: Room, trip: list[Wanted], days: int, kept: tuple[int, ...]
) -> None:
    last = replace(trip[-1], commission_bp=800, policy=policy_of(Terms(fee_bands=NEXT_DOOR_TERMS)))
    booking_id = hold_all(desk, [*trip[:-1], last])
    desk.pay(booking_id)
    desk.clock.advance(days=40 - days)
    fee = cancel(desk, booking_id)
    with desk.database.read() as session:
        ours = -postings.balance(session, postings.COMMISSION, "")
    here, there = payable(desk, desk.room.enterprise_id), payable(desk, other.enterprise_id)
    assert (fee, here, there, ours) == kept
    assert here + there + ours == fee
    assert_clean(desk)


def test_a_house_that_stopped_selling_stops_the_whole_contract(
    desk: Desk, other: Room, trip: list[Wanted]
) -> None:
    booking_id = hold_all(desk, trip)
    with desk.database.write() as session:
        suspend(
            session,
            enterprise_id=other.enterprise_id,
            reason="许可证到期",
            actor=Actor("staff", "9"),
            now=desk.clock.now(),
        )
    with pytest.raises(NotBookable):
        desk.open_payment(booking_id)
    with pytest.raises(NotBookable):
        hold_all(desk, trip)
    assert_clean(desk)


def test_late_money_takes_all_of_it_again(desk: Desk, other: Room, trip: list[Wanted]) -> None:
    booking_id = hold_all(desk, trip)
    token = desk.open_payment(booking_id)
    desk.press(token)
    booking = desk.booking(booking_id)
    with desk.database.write() as session:
        locked = transitions.locked(session, booking_id)
        assert wants_of(locked) == wants_of(booking)
    scheduled_jobs.look_up_payments(desk.money, booking_id)
    assert desk.booking(booking_id).state is BookingState.CONFIRMED
    assert len(taken(desk.database, other.pool_id)) == 4
    assert_clean(desk)


def test_a_partner_reads_every_item(desk: Desk, other: Room, trip: list[Wanted]) -> None:
    partner_id = make_partner(desk)
    booking_id = hold_all(desk, trip, PartnerSale(partner_id, "NT-7"))
    with desk.database.write() as session:
        payment_application.confirm_on_account(
            UnitOfWork(session, now=desk.clock.now(), actor=PARTNER),
            booking=transitions.locked(session, booking_id),
            partner_id=partner_id,
            credit_limit_fen=CREDIT_FEN,
            lead_name="王秀英",
            phone="13900000001",
        )
    with desk.database.read() as session:
        told = session.scalars(sa.select(Event.view).order_by(Event.id))
        views = [read_view(view) for view in told]
    for view in views:
        assert [(item.number, item.units) for item in view.items] == [(1, 1), (2, 2), (3, 2)]
        assert sum(unit.net_fen for unit in view.units) == view.money.net_fen == TRIP_FEN
        assert len(view.nights) == 9
    assert_clean(desk)


def test_what_is_for_one_room_type_is_refused(desk: Desk, trip: list[Wanted]) -> None:
    with pytest.raises(SeveralItems):
        desk.booking(hold_all(desk, trip)).room  # noqa: B018 - reading it is what is refused


def test_several_items_are_written_by_as_many_statements_as_one(
    desk: Desk, other: Room, trip: list[Wanted]
) -> None:
    def tables(wanted: list[Wanted]) -> list[str]:
        sent: list[str] = []

        def seen(_c: object, _cursor: object, statement: str, *_: object) -> None:
            if statement.startswith("INSERT INTO booking"):
                sent.append(statement.split()[2])

        engine = desk.database.write_engine
        event.listen(engine, "before_cursor_execute", seen)
        try:
            hold_all(desk, wanted)
        finally:
            event.remove(engine, "before_cursor_execute", seen)
        return sent

    assert tables(trip) == tables([Wanted(other)]) == ["booking", "booking_item", "booking_part"]
