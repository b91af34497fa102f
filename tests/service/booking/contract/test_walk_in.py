"""Guests who come to the door: the same stock and prices, and none of the money is ours."""

# ruff: noqa: RUF001 - full-width digits are what is tested here

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa

from marketplace.booking.contract.placement import PriceChanged
from marketplace.booking.contract.walk_in import WalkIn, walk_in
from marketplace.booking.lifecycle import scheduled_jobs
from marketplace.booking.models import Booking
from marketplace.booking.reads import staff_queries
from marketplace.booking.states import BookingState, Channel
from marketplace.inventory.service import SoldOut
from marketplace.kernel.audit import Actor
from marketplace.kernel.crypto import blind_index
from marketplace.kernel.db import Database
from marketplace.kernel.errors import Invalid, NotFound
from marketplace.kernel.stay import Stay
from marketplace.payments.models import Journal
from marketplace.pricing import service as pricing
from marketplace.pricing.nights.restrictions import DayRule
from marketplace.pricing.nights.selection import COUPLE, StaySelection
from tests.concurrency.rush import taken
from tests.factories import TODAY
from tests.support.booking import Desk, make_desk
from tests.support.changing import assert_clean, change, longer

STAFF = Actor("staff", "1")


@pytest.fixture
def desk(database: Database) -> Desk:
    return make_desk(database, capacity=1)


def receive(
    desk: Desk, *, nights: int = 3, enterprise_id: int | None = None, **wish: object
) -> str:
    stay = Stay.of(TODAY, nights)
    chosen = StaySelection(desk.room.room_type_id, stay, rooms=1, party=COUPLE)
    facts: dict[str, object] = {"lead_name": "王秀英"} | wish
    command = WalkIn(chosen, **facts)  # type: ignore[arg-type]
    with desk.database.write() as session:
        booking = walk_in(
            session,
            command=command,
            enterprise_id=enterprise_id or desk.room.enterprise_id,
            actor=STAFF,
            ids=desk.ids,
            now=desk.clock.now(),
        )
        return booking.id


def journals(desk: Desk) -> int:
    with desk.database.read() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(Journal)) or 0


def test_a_guest_at_the_door_is_in_the_house_at_once_and_pays_there(desk: Desk) -> None:
    booking_id = receive(desk, expected_total_fen=60_000, phone="13900000001")
    booking = desk.booking(booking_id)
    assert (booking.state, booking.channel) == (BookingState.IN_STAY, Channel.WALK_IN)
    assert (booking.total_fen, booking.starts_on, booking.room.commission_bp) == (60_000, TODAY, 0)
    assert len(taken(desk.database, desk.room.pool_id)) == 3
    with pytest.raises(SoldOut):
        receive(desk)
    change(desk, booking_id, longer(desk, booking_id, 1), actor=STAFF)
    assert desk.booking(booking_id).total_fen == 80_000
    desk.clock.advance(days=5)
    scheduled_jobs.advance_stays(desk.money)
    assert desk.booking(booking_id).state is BookingState.COMPLETED
    assert journals(desk) == 0
    assert_clean(desk)


def test_a_restriction_does_not_bind_the_house_at_its_own_door(desk: Desk) -> None:
    with desk.database.write() as session:
        pricing.set_restrictions(
            session,
            room_type_id=desk.room.room_type_id,
            pool_id=desk.room.pool_id,
            rules={TODAY + dt.timedelta(days=n): DayRule(min_nights=7) for n in range(9)},
            actor=STAFF,
            now=desk.clock.now(),
        )
    assert desk.booking(receive(desk, nights=1)).total_fen == 20_000


def test_another_house_or_another_price_is_refused(desk: Desk) -> None:
    with pytest.raises(NotFound):
        receive(desk, enterprise_id=desk.room.enterprise_id + 1)
    with pytest.raises(PriceChanged):
        receive(desk, expected_total_fen=1)
    assert taken(desk.database, desk.room.pool_id) == {}


@pytest.mark.parametrize(
    "phone", ["138 0013 7000", "+86 138-0013-7000", "０１３８００１３７０００"]
)
def test_the_number_of_a_guest_at_the_door_is_found_again(desk: Desk, phone: str) -> None:
    booking_id = receive(desk, phone=phone)
    assert desk.booking(booking_id).phone == "13800137000"
    with desk.database.read() as session:
        found = staff_queries.own_by_phone(
            session,
            enterprise_id=desk.room.enterprise_id,
            phone="13800137000",
            now=desk.clock.now(),
        )
    assert [row.id for row in found] == [booking_id]


@pytest.mark.parametrize(
    "old", ["138 0013 7000", "138-0013-7000", "+8613800137000", "013800137000"]
)
def test_numbers_kept_before_there_was_one_reader_are_found_too(desk: Desk, old: str) -> None:
    booking_id = receive(desk, phone="13800137000")
    with desk.database.write() as session:
        session.execute(
            sa.update(Booking)
            .where(Booking.id == booking_id)
            .values(phone=old, phone_index=blind_index("phone", old))
        )
    with desk.database.read() as session:
        found = staff_queries.own_by_phone(
            session,
            enterprise_id=desk.room.enterprise_id,
            phone="13800137000",
            now=desk.clock.now(),
        )
    assert [row.id for row in found] == [booking_id]


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("张\U00031350", "张\U00031350"),
        (" 张\u202e\u200b 三 ", "张 三"),
        ("葛\U000e0100", "葛\U000e0100"),
    ],
)
def test_no_character_of_a_name_is_lost(desk: Desk, name: str, kept: str) -> None:
    assert desk.booking(receive(desk, lead_name=name)).lead_name == kept


@pytest.mark.parametrize("name", ["张\ue123", "\ud800", "张\ufffd", "\u200b"])
def test_a_name_that_cannot_be_kept_is_refused_in_words(desk: Desk, name: str) -> None:
    with pytest.raises(Invalid) as caught:
        receive(desk, lead_name=name, phone="123")
    assert set(caught.value.fields) == {"lead_name", "phone"}
    assert taken(desk.database, desk.room.pool_id) == {}
