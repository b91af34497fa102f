"""One room of a stay of several is changed or given up alone, and the others stay as they are."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from marketplace.booking.changes.item_cancellation import LastItem
from marketplace.booking.items import BookingItem, BookingPart
from marketplace.booking.lifecycle import scheduled_jobs
from marketplace.booking.lifecycle.transitions import RefundChanged
from marketplace.booking.models import Booking, BookingChange, first_item
from marketplace.booking.states import (
    BookingState,
    ChangeKind,
    ChangeState,
    ReasonCode,
    SeveralItems,
    WrongState,
)
from marketplace.kernel.db import Database
from marketplace.kernel.errors import NotFound
from marketplace.operations import invariants
from marketplace.payments.models import Refund
from tests.concurrency.rush import taken
from tests.factories import Room, make_room
from tests.support.booking import Desk, make_desk
from tests.support.changing import (
    ARRIVE,
    altered,
    arrive,
    assert_clean,
    cancel,
    change,
    days,
    given_up,
    pass_days,
    refunded,
)
from tests.support.orders import Wanted, hold_all

FIRST, SECOND = 60_000, 90_000
"""What three nights of each room cost, in fen."""


@pytest.fixture
def desk(database: Database) -> Desk:
    return make_desk(database)


@pytest.fixture
def other(desk: Desk) -> Room:
    with desk.database.write() as session:
        return make_room(session, list_fen=30_000, listing_id=desk.room.listing_id, capacity=2)


@pytest.fixture
def booking_id(desk: Desk, other: Room) -> str:
    """Three nights in a room of each of two types, paid."""
    held = hold_all(desk, [Wanted(desk.room), Wanted(other)])
    desk.pay(held)
    desk.clock.advance(minutes=31)
    return held


def changes(desk: Desk) -> list[BookingChange]:
    with desk.database.read() as session:
        return list(session.scalars(sa.select(BookingChange).order_by(BookingChange.number)))


class TestGivingUp:
    @pytest.mark.parametrize("item", [1, 2])
    def test_the_others_stay_and_its_own_policy_counts(
        self, desk: Desk, other: Room, booking_id: str, item: int
    ) -> None:
        fen, left_fen = (FIRST, SECOND) if item == 1 else (SECOND, FIRST)
        desk.clock.advance(days=20)
        quote = given_up(desk, booking_id, item)
        assert (quote.fee_fen, quote.refund_fen) == (fen * 2 // 10, fen * 8 // 10)
        assert refunded(desk) == quote.refund_fen
        booking = desk.booking(booking_id)
        assert booking.state is BookingState.CONFIRMED
        assert ([each.number for each in booking.items], booking.total_fen) == (
            [3 - item],
            left_fen,
        )
        pools = [desk.room.pool_id, other.pool_id]
        gone, kept = pools[item - 1], pools[2 - item]
        assert not any(taken(desk.database, gone).values())
        assert sorted(day for day, n in taken(desk.database, kept).items() if n) == [
            ARRIVE + days(n) for n in range(3)
        ]
        assert_clean(desk)
        cancel(desk, booking_id)
        assert refunded(desk) == (fen + left_fen) * 8 // 10
        assert_clean(desk)

    def test_the_change_keeps_all_that_was_agreed(self, desk: Desk, booking_id: str) -> None:
        was = desk.booking(booking_id).item(2)
        given_up(desk, booking_id, 2, ReasonCode.TRAVELLER_HEALTH)
        (row,) = changes(desk)
        assert (row.kind, row.state, row.item) == (ChangeKind.CANCEL, ChangeState.APPLIED, 2)
        assert (row.was, row.wish, row.cause) == (
            was.selection,
            None,
            ReasonCode.TRAVELLER_HEALTH,
        )
        assert row.given_up is not None
        assert row.given_up.terms.policy == was.policy
        assert row.given_up.terms.price == was.price
        assert [part.day for part in row.given_up.parts] == list(was.days.days())
        with desk.database.read() as session:
            parts = session.scalars(sa.select(BookingPart.item)).all()
            assert set(parts) == {1}
            (refund,) = session.scalars(sa.select(Refund)).all()
            assert refund.reason == "changed"

    def test_within_half_an_hour_of_paying_nothing_is_kept(self, desk: Desk, other: Room) -> None:
        held = hold_all(desk, [Wanted(desk.room), Wanted(other)])
        desk.pay(held)
        quote = given_up(desk, held, 2)
        assert (quote.undo, quote.refund_fen, changes(desk)[0].cause) == (
            True,
            SECOND,
            ReasonCode.UNDO,
        )
        assert_clean(desk)

    def test_for_a_cause_that_is_not_the_guests_nothing_is_kept(
        self, desk: Desk, booking_id: str
    ) -> None:
        desk.clock.advance(days=39)
        quote = given_up(desk, booking_id, 1, ReasonCode.OPERATOR_FAULT)
        assert (quote.fee_fen, quote.refund_fen) == (0, FIRST)
        assert_clean(desk)

    def test_the_last_one_is_not_given_up_alone(self, desk: Desk, booking_id: str) -> None:
        given_up(desk, booking_id, 1)
        with pytest.raises(LastItem):
            given_up(desk, booking_id, 2)
        with pytest.raises(NotFound):
            given_up(desk, booking_id, 1)
        assert len(changes(desk)) == 1

    def test_a_sum_that_was_not_shown_gives_nothing_up(self, desk: Desk, booking_id: str) -> None:
        with pytest.raises(RefundChanged):
            given_up(desk, booking_id, 1, expected_fen=1)
        assert (changes(desk), refunded(desk)) == ([], 0)

    def test_a_hold_is_given_up_whole(self, desk: Desk, other: Room) -> None:
        held = hold_all(desk, [Wanted(desk.room), Wanted(other)])
        with pytest.raises(WrongState):
            given_up(desk, held, 1)

    def test_rooms_that_are_slept_in_are_left_early_instead(
        self, desk: Desk, booking_id: str
    ) -> None:
        arrive(desk, booking_id)
        with pytest.raises(WrongState):
            given_up(desk, booking_id, 1)

    def test_what_is_left_is_what_people_are_told(self, desk: Desk, booking_id: str) -> None:
        given_up(desk, booking_id, 1)
        with desk.database.read() as session:
            row = session.execute(
                sa.select(BookingItem.number, Booking.id).join(BookingItem, first_item())
            ).one()
        assert (row.number, row.id) == (2, booking_id)
        assert desk.booking(booking_id).is_one_room


class TestChanging:
    def test_which_one_has_to_be_said(self, desk: Desk, booking_id: str) -> None:
        wish = desk.booking(booking_id).item(1).selection
        with pytest.raises(SeveralItems):
            change(desk, booking_id, wish)
        with pytest.raises(NotFound):
            change(desk, booking_id, wish, item=3)

    def test_each_has_days_of_its_own_and_ends_by_them(
        self, desk: Desk, other: Room, booking_id: str
    ) -> None:
        """The second room begins 20 days later: 60 per cent of the first, 20 of the second."""
        was = desk.booking(booking_id).item(2).selection
        wish = was.between(ARRIVE + days(20), ARRIVE + days(23))
        assert change(desk, booking_id, wish, item=2).state is ChangeState.APPLIED
        booking = desk.booking(booking_id)
        assert (booking.starts_on, booking.ends_on) == (ARRIVE, ARRIVE + days(23))
        assert_clean(desk)
        desk.clock.advance(days=39)
        cancel(desk, booking_id)
        assert desk.booking(booking_id).fee_fen == FIRST * 6 // 10 + SECOND * 2 // 10
        assert_clean(desk)

    def test_a_room_still_to_come_is_given_up_while_the_other_is_slept_in(
        self, desk: Desk, booking_id: str
    ) -> None:
        was = desk.booking(booking_id).item(2).selection
        change(desk, booking_id, was.between(ARRIVE + days(20), ARRIVE + days(23)), item=2)
        arrive(desk, booking_id, after=2)
        quote = given_up(desk, booking_id, 2)
        assert quote.fee_fen == SECOND * 2 // 10
        pass_days(desk, 3)
        assert desk.booking(booking_id).state is BookingState.COMPLETED
        assert_clean(desk)

    def test_leaving_one_room_early_ends_the_stay_early(self, desk: Desk, booking_id: str) -> None:
        arrive(desk, booking_id, after=1)
        was = desk.booking(booking_id).item(2).selection
        change(desk, booking_id, was.between(ARRIVE, ARRIVE + days(1)), item=2)
        pass_days(desk, 4)
        assert desk.booking(booking_id).state is BookingState.CURTAILED
        assert_clean(desk)


class TestWaiting:
    """A change waits to be paid while another room is given up, or its own."""

    def waiting(self, desk: Desk, booking_id: str, item: int) -> str:
        was = desk.booking(booking_id).item(item).selection
        wish = altered(was, check_out=was.stay.check_out + days(1))
        row = change(desk, booking_id, wish, item=item)
        assert row.state is ChangeState.HELD
        return row.id

    def test_giving_up_the_other_room_leaves_it_waiting(self, desk: Desk, booking_id: str) -> None:
        self.waiting(desk, booking_id, 1)
        given_up(desk, booking_id, 2)
        assert_clean(desk)
        desk.pay_change(booking_id)
        booking = desk.booking(booking_id)
        assert (booking.ends_on, booking.total_fen) == (ARRIVE + days(4), 80_000)
        assert_clean(desk)

    def test_giving_up_its_own_room_ends_it_and_its_money_goes_back(
        self, desk: Desk, other: Room, booking_id: str
    ) -> None:
        self.waiting(desk, booking_id, 2)
        token = desk.open_change_payment(booking_id)
        quote = given_up(desk, booking_id, 2)
        assert not any(taken(desk.database, other.pool_id).values())
        assert_clean(desk)
        desk.press(token)
        scheduled_jobs.look_up_payments(desk.money, booking_id)
        assert refunded(desk) == quote.refund_fen + 30_000
        assert [row.state for row in changes(desk)] == [ChangeState.LAPSED, ChangeState.APPLIED]
        assert_clean(desk)


@pytest.mark.parametrize(
    ("name", "statement"),
    [
        ("changes_have_their_item", "UPDATE booking_change SET item = 7"),
        ("changes_have_their_item", "UPDATE booking_change SET item = 2"),
        ("changes_have_their_item", "UPDATE booking_change SET given_up = 'null'"),
        ("changes_have_their_item", "UPDATE booking_change SET kind = 'shorten'"),
        (
            "changes_have_their_item",
            "UPDATE booking_change SET difference_fen = difference_fen - 1",
        ),
        ("items_sum_to_booking", "UPDATE booking_change SET kind = 'shorten'"),
        ("parts_sum_to_item", "DELETE FROM booking_part"),
        ("paid_is_confirmed_or_refunded", "UPDATE booking_change SET fee_fen = fee_fen + 1"),
    ],
)
def test_the_audit_names_what_was_tampered_with(
    desk: Desk, booking_id: str, name: str, statement: str
) -> None:
    """The sabotaged twins: the first room was given up, and then its rows are changed."""
    given_up(desk, booking_id, 1)
    with desk.database.write() as session:
        session.execute(sa.text(statement))
    report = invariants.check(desk.database, now=desk.clock.now())
    assert report.faults[name]
