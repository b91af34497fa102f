"""Before arrival a shorter stay keeps to what the house asks; leaving the house is free."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from catalog.models import Listing
from marketplace.booking.states import ReasonCode
from marketplace.kernel.db import Database
from marketplace.pricing import service as pricing
from marketplace.pricing.nights.restrictions import DayRule, Restricted
from tests.factories import TODAY
from tests.support.booking import Desk, make_desk
from tests.support.changing import (
    ARRIVE,
    NIGHT,
    STAFF,
    arrive,
    assert_clean,
    change,
    changed,
    days,
    longer,
    quoted,
    wish_of,
)


@pytest.fixture
def desk(database: Database) -> Desk:
    return make_desk(database)


def restrict(desk: Desk, offset: int = 0, count: int = 200, **rule: object) -> None:
    """Ask something of stays with these nights, counted from the day of arrival."""
    with desk.database.write() as session:
        pricing.set_restrictions(
            session,
            room_type_id=desk.room.room_type_id,
            pool_id=desk.room.pool_id,
            rules={
                ARRIVE + days(offset + number): DayRule(**rule)  # type: ignore[arg-type]
                for number in range(count)
                if ARRIVE + days(offset + number) < TODAY + days(199)
            },
            actor=STAFF,
            now=desk.clock.now(),
        )


def cut_to(desk: Desk, booking_id: str, nights: int, **more: object) -> int:
    """Quote the stay cut to so many nights; returns the rule's name or the sum."""
    wish = wish_of(desk, booking_id, check_out=ARRIVE + days(nights))
    return quoted(desk, booking_id, wish, **more).balance_fen


@pytest.mark.parametrize("nights", [1, 7, 14])
@pytest.mark.parametrize("by", ["nights", "arrival", "listing"])
def test_booked_at_the_fewest_nights_it_is_not_cut_below_them(
    desk: Desk, nights: int, by: str
) -> None:
    if by == "listing":
        with desk.database.write() as session:
            session.execute(sa.update(Listing).values(min_nights=15))
    else:
        restrict(desk, **{"min_nights" if by == "nights" else "min_nights_arrival": 15})
    booking_id = desk.paid(nights=15)
    desk.clock.advance(hours=1)
    with pytest.raises(Restricted) as refused:
        cut_to(desk, booking_id, nights)
    assert refused.value.extra["rule"] == "min_nights"
    with pytest.raises(Restricted):
        change(desk, booking_id, wish_of(desk, booking_id, check_out=ARRIVE + days(nights)))
    assert desk.booking(booking_id).total_fen == 15 * NIGHT
    # A guest who calls: the house may agree to it.
    assert cut_to(desk, booking_id, nights, by_staff=True) < 0
    assert_clean(desk)


def test_down_to_the_fewest_nights_it_may_be_cut(desk: Desk) -> None:
    restrict(desk, min_nights=15)
    booking_id = desk.paid(nights=20)
    changed(desk, booking_id, wish_of(desk, booking_id, check_out=ARRIVE + days(15)))
    assert desk.booking(booking_id).total_fen == 15 * NIGHT


def test_on_the_day_of_arrival_before_the_guest_is_received_it_still_binds(desk: Desk) -> None:
    restrict(desk, min_nights=15)
    booking_id = desk.paid(nights=15)
    desk.clock.advance(days=(ARRIVE - TODAY).days)
    with pytest.raises(Restricted):
        cut_to(desk, booking_id, 14)


@pytest.mark.parametrize("after", [0, 1, 13])
def test_in_the_house_leaving_is_free_of_it(desk: Desk, after: int) -> None:
    booking_id = desk.paid(nights=15)
    restrict(desk, min_nights=15, no_departure=True)
    arrive(desk, booking_id, after=after)
    assert cut_to(desk, booking_id, after + 1) <= 0


def test_a_day_that_nobody_may_leave_on_is_no_new_day_of_departure(desk: Desk) -> None:
    booking_id = desk.paid(nights=20)
    restrict(desk, 20, 1, no_departure=True)
    assert cut_to(desk, booking_id, 18) < 0, "the old day of departure is left anyway"
    restrict(desk, 18, 1, no_departure=True)
    with pytest.raises(Restricted) as refused:
        cut_to(desk, booking_id, 18)
    assert refused.value.extra["rule"] == "closed_to_departure"
    assert cut_to(desk, booking_id, 17) < 0


@pytest.mark.parametrize(
    "rule", [{"max_nights": 10}, {"no_arrival": True}, {"max_nights_arrival": 10}]
)
def test_what_the_stay_broke_already_does_not_stand_in_the_way(
    desk: Desk, rule: dict[str, object]
) -> None:
    booking_id = desk.paid(nights=20)
    restrict(desk, **rule)
    assert cut_to(desk, booking_id, 18) < 0


def test_fewest_nights_raised_since_are_not_a_reason_to_go_further_below(desk: Desk) -> None:
    booking_id = desk.paid(nights=10)
    restrict(desk, min_nights=15)
    with pytest.raises(Restricted):
        cut_to(desk, booking_id, 9)


def test_what_was_added_today_is_taken_back_freely(desk: Desk) -> None:
    booking_id = desk.paid(nights=10)
    restrict(desk, min_nights=15)
    changed(desk, booking_id, longer(desk, booking_id, 2))
    assert cut_to(desk, booking_id, 10) == -2 * NIGHT
    with pytest.raises(Restricted):
        cut_to(desk, booking_id, 11)


def test_for_a_cause_that_is_not_the_guests_staff_cut_it(desk: Desk) -> None:
    restrict(desk, min_nights=15)
    booking_id = desk.paid(nights=15)
    told = cut_to(desk, booking_id, 3, by_staff=True, cause=ReasonCode.HEALTH_PROVEN)
    assert told == -12 * NIGHT
