"""The desk's commands about bookings, as somebody at a terminal sees them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from click.testing import Result
from flask import Flask

from catalog.models import RoomType
from marketplace.booking.models import Booking
from marketplace.booking.states import BookingState, Channel
from marketplace.bootstrap import Services
from marketplace.staff.roles import Role
from tests.factories import TODAY, Room, make_room
from tests.support.orders import Wanted, hold_all
from tests.support.staff import House, make_staff

Run = Callable[..., Result]
ARRIVE = TODAY + dt.timedelta(days=40)
LATER = (ARRIVE + dt.timedelta(days=40)).isoformat()


@pytest.fixture
def run(app: Flask, services: Services) -> Run:
    """Run a command of the group, in the name of somebody of the office."""
    make_staff(services, "clerk", Role.OFFICE, None)

    def invoke(*words: object, typed: str | None = None) -> Result:
        with app.app_context():
            args = ["bookings", *(str(word) for word in words), "--as", "clerk"]
            return app.test_cli_runner().invoke(args=args, input=typed)

    return invoke


def code_of(house: House, room_type_id: int) -> str:
    with house.services.database.read() as session:
        return session.scalars(sa.select(RoomType.code).where(RoomType.id == room_type_id)).one()


def other_room(house: House) -> Room:
    with house.services.database.write() as session:
        return make_room(
            session, listing_id=house.room.listing_id, days=120, list_fen=30_000, capacity=1
        )


def test_cancelling_says_first_what_is_kept_and_the_cause_decides(run: Run, house: House) -> None:
    booking_id = house.booked(arrive=ARRIVE, nights=30)
    house.clock.advance(days=35)
    code = house.code(booking_id)
    shown = run("cancel", code, "--cause", "changed_plans")
    assert shown.output == "kept 3,060.00, back 2,040.00; nothing is changed yet, --apply does it\n"
    assert house.desk.booking(booking_id).state is BookingState.CONFIRMED
    done = run("cancel", code, "--cause", "health_proven", "--apply")
    assert done.output == "kept 0.00, back 5,100.00\n"
    assert house.desk.booking(booking_id).state is BookingState.CANCELLED
    again = run("cancel", code, "--cause", "health_proven", "--apply")
    assert again.exit_code == 1
    assert run("cancel", "AAAAAAAAAA", "--cause", "other").exit_code == 1


def test_a_change_is_quoted_and_kept_until_it_is_paid(run: Run, house: House) -> None:
    booking_id = house.booked(arrive=ARRIVE, nights=30)
    code = house.code(booking_id)
    shown = run("change", code, "--depart", LATER)
    assert "extend: 5,100.00 before, 6,800.00 after, kept 0.00, to pay 1,700.00" in shown.output
    assert "held" in run("change", code, "--depart", LATER, "--apply").output
    house.desk.pay_change(booking_id)
    assert house.desk.booking(booking_id).ends_on.isoformat() == LATER
    people = run("change", code, "--adults", 1, "--children", "9", "--apply")
    assert "party" in people.output
    assert house.desk.booking(booking_id).room.children_ages == [9]
    assert run("change", code, "--children", "nine").exit_code == 2
    assert run("change", code, "--room", "nothing").exit_code == 1


def test_two_guests_swap_rooms(run: Run, house: House) -> None:
    dear = other_room(house)
    first = house.booked(arrive=ARRIVE, nights=30)
    second = house.booked(
        arrive=ARRIVE, nights=30, room=dear, phone="13900000002", address="10.0.0.2"
    )
    done = run("swap", house.code(first), house.code(second), "--apply")
    assert "borne by the house 2,550.00" in done.output
    assert "back 2,550.00" in done.output
    assert house.desk.booking(first).room.room_type_id == dear.room_type_id


def test_one_room_of_several_is_swapped_by_its_number(run: Run, house: House) -> None:
    dear, third = other_room(house), other_room(house)
    family = hold_all(house.desk, [Wanted(third), Wanted(house.room)])
    house.desk.pay(family)
    couple = house.booked(
        arrive=ARRIVE, nights=3, room=dear, phone="13900000002", address="10.0.0.2"
    )
    codes = (house.code(couple), house.code(family))
    assert run("swap", *codes, "--apply").exit_code == 1
    assert house.desk.booking(couple).room.room_type_id == dear.room_type_id
    done = run("swap", *codes, "--other-item", 2, "--apply")
    assert "borne by the house" in done.output
    items = house.desk.booking(family).items
    assert [item.room_type_id for item in items] == [third.room_type_id, dear.room_type_id]


def test_a_guest_at_the_door_is_asked_for_a_name(run: Run, house: House) -> None:
    room = code_of(house, house.room.room_type_id)
    done = run("walk-in", room, "--nights", 2, typed="王秀英\n\n")
    assert "400.00, to be paid at the door" in done.output
    with house.services.database.read() as session:
        booking = session.scalars(sa.select(Booking)).one()
    assert (booking.channel, booking.state) == (Channel.WALK_IN, BookingState.IN_STAY)
