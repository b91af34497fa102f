"""Stays that are being changed, and one that is over, with the same room kept for next summer."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from marketplace.booking.lifecycle import return_rights, stay_lifecycle
from marketplace.booking.models import Booking
from marketplace.booking.states import BookingState
from marketplace.inventory.service import give_back
from marketplace.kernel.audit import Actor
from tests.browser.site import Site
from tests.factories import TODAY
from tests.support.orders import Wanted, buyer_of, hold_all
from tests.support.staff import House

if TYPE_CHECKING:
    from tests.browser.states import _Guest

ROOM = "SMP01A2"
"""A room type with another one beside it, and with extra beds."""
OTHER_ROOM = "SMP01A1"
STAFF = Actor("staff", "1")


def several(site: Site, guest: _Guest) -> dict[str, str]:
    """Book rooms of two types as one stay; returns where one of them is changed or given up."""
    house = House(site.services, site.clock, site.room(ROOM))
    wanted = [Wanted(site.room(ROOM)), Wanted(site.room(OTHER_ROOM), adults=1)]
    booking_id = hold_all(house.desk, wanted, buyer_of(7_777))
    house.desk.pay(booking_id)
    guest.visitor.open("/my-booking")
    guest.visitor.send("code", code=house.code(booking_id), phone="13900007777")
    at = f"/booking/{booking_id}"
    return {
        "several_rooms": at,
        "which_room": f"{at}/change",
        "cancel_room": f"{at}/rooms/2/cancel",
        "change_one_room": f"{at}/rooms/2/change",
        "change_one_people": f"{at}/rooms/2/change/people",
    }


def kinds(site: Site, guest: _Guest) -> dict[str, str]:
    """Choose rooms of two kinds and hold them as one; returns where they are chosen and paid."""
    first, other = site.room(ROOM), site.room(OTHER_ROOM)
    when = "arrive=2027-09-05&nights=10"
    beside = f"also=room_type%3D{other.room_type_id}%26rooms%3D1%26adults%3D1"
    quote = f"/listings/{first.listing_id}/quote?room_type={first.room_type_id}&{when}&{beside}"
    more = (
        f"/listings/{first.listing_id}/rooms?also=room_type%3D{first.room_type_id}%26adults%3D2"
        f"&{when}"
    )
    guest.visitor.open(quote)
    guest.visitor.send("seen_total_fen")
    guest.visitor.send("lead_name", lead_name="王秀兰", for_whom="family")
    guest.visitor.send("phone", phone="13900007778", consent="1")
    sleepers = guest.visitor.page.form(holding="/book/sleepers").action
    guest.visitor.send("sleepers_1", sleepers_1="爷爷奶奶", sleepers_2="小宝")
    check = guest.visitor.page.form(holding="/book/check").action
    guest.visitor.open(quote)
    guest.visitor.send("seen_total_fen")
    guest.visitor.send("lead_name", lead_name="王秀兰", for_whom="family")
    guest.visitor.send("phone", phone="13900007779", consent="1")
    guest.visitor.send("sleepers_1", sleepers_1="爷爷奶奶", sleepers_2="小宝")
    return {
        "quote_rooms": quote,
        "quote_rooms_choice": f"{quote}&place=2&choose=1",
        "more_rooms_who": more,
        "more_rooms_errors": f"{more}&adults=0",
        "more_rooms_ages": f"{more}&adults=1&children=1",
        "more_rooms": f"{more}&adults=1",
        "sleepers": sleepers,
        "check_rooms": check,
        "pay_rooms": guest.visitor.send("/book/check").path,
    }


def change(site: Site, guest: _Guest) -> dict[str, str]:
    """Bring a visitor's stays into every state of a change; returns the addresses."""
    room = site.room(ROOM)
    planned = guest.press("alipay_ok", room)
    changed = _changed(guest, guest.press("alipay_ok", room))
    waiting = guest.press("alipay_ok", room)
    _ask(guest, waiting, more="10")
    in_house = _received(site, guest.press("alipay_ok", room, arrive=TODAY.isoformat()))
    over = _over(site, guest.press("alipay_ok", room))
    lapsed = guest.press("alipay_ok", room)
    site.work()
    menu = f"/booking/{planned}/change"
    return {
        "change": menu,
        "change_waiting": f"/booking/{waiting}/change",
        "change_longer": f"{menu}/longer",
        "change_longer_errors": f"{menu}/longer?more=0",
        "change_longer_rule": f"{menu}/longer?more=90",
        "change_shorter": f"{menu}/shorter",
        "change_dates": f"{menu}/dates",
        "change_dates_errors": f"{menu}/dates?arrive=2020-01-01&nights=500",
        "change_room": f"{menu}/room",
        "change_room_errors": f"{menu}/room?room=x",
        "change_people": f"{menu}/people",
        "change_ages": f"{menu}/people?adults=2&children=2",
        "change_extras": f"{menu}/extras",
        "change_pays": f"{menu}/longer?more=10",
        "change_gives_back": f"/booking/{in_house}/change/shorter?depart=2027-06-20",
        "change_in_house": f"/booking/{in_house}/change",
        "in_stay": f"/booking/{in_house}",
        "change_paid": f"/booking/{changed}",
        "change_unpaid": f"/booking/{waiting}",
        "pay_change": f"/booking/{waiting}/change-payment",
        "withdraw_change": f"/booking/{waiting}/change-payment/withdraw",
        "completed": f"/booking/{over}",
        "next_summer": f"/booking/{over}/next-summer",
        "no_next_summer": f"/booking/{over}/next-summer/no",
        "next_summer_over": f"/booking/{lapsed}/next-summer",
    }


def _ask(guest: _Guest, booking_id: str, **answer: str) -> None:
    """Ask for more nights and agree to the sum."""
    guest.visitor.open(f"/booking/{booking_id}/change/longer")
    guest.visitor.send("more", **answer)
    guest.visitor.send("balance_fen")


def _changed(guest: _Guest, booking_id: str) -> str:
    """Make a stay longer, pay for it, and make it shorter again."""
    _ask(guest, booking_id, more="10")
    guest.visitor.send(guest.visitor.send("/change-payment").path, action="alipay_ok")
    guest.visitor.open(f"/booking/{booking_id}/change/shorter")
    guest.visitor.send("depart", depart="2027-08-05")
    guest.visitor.send("balance_fen")
    return booking_id


def _received(site: Site, booking_id: str) -> str:
    with site.services.database.write() as session:
        booking = session.get_one(Booking, booking_id)
        stay_lifecycle.check_in(
            session,
            booking_id=booking_id,
            enterprise_id=booking.enterprise_id,
            actor=STAFF,
            now=site.clock.now(),
        )
    return booking_id


def _over(site: Site, booking_id: str) -> str:
    """Let a stay have been last year: next summer is then one that is on sale."""
    now, year = site.clock.now(), dt.timedelta(days=365)
    with site.services.database.write() as session:
        booking = session.get_one(Booking, booking_id)
        give_back(session, holder=booking_id, now=now)
        room = booking.room
        room.first_day, room.last_day = room.first_day - year, room.last_day - year
        booking.sum_up()
        booking.state, booking.ended_at = BookingState.COMPLETED, now
        session.flush()
        return_rights.earn(session, booking=booking, now=now)
    return booking_id
