"""How much may be kept on hold unpaid: by phone, address, partner and listing."""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools

import pytest

from marketplace.booking.changes import change_service
from marketplace.booking.contract import hold_caps
from marketplace.booking.contract import placement as placing
from marketplace.booking.contract.buyers import PartnerSale, WebBuyer
from marketplace.booking.contract.hold_caps import FULL, Caps, HoldCap, TooManyHolds, kept
from marketplace.booking.contract.placement import PlaceBooking
from marketplace.booking.contract.room_choices import RoomChoice
from marketplace.booking.contract.walk_in import WalkIn, walk_in
from marketplace.booking.lifecycle import transitions
from marketplace.booking.states import ReasonCode
from marketplace.kernel.audit import TRAVELLER
from marketplace.kernel.db import Database
from marketplace.kernel.stay import Stay
from marketplace.kernel.unit_of_work import UnitOfWork
from marketplace.pricing.nights.selection import Party, StaySelection
from marketplace.settings import Settings
from tests.factories import TODAY, Room, make_enterprise, make_listing, make_room
from tests.support.booking import COMMISSION_BP, Desk, make_desk
from tests.support.changing import altered

FIRST = TODAY + dt.timedelta(days=10)
SMALL = Caps(nights_phone=10, nights_address=20, nights_partner=30, nights_listing=1_000)
_number = itertools.count(1)


@pytest.fixture
def desk(database: Database) -> Desk:
    return make_desk(database, capacity=30)


def hold(
    desk: Desk,
    room_nights: int,
    *,
    phone: str = "",
    address: str = "",
    partner: PartnerSale | None = None,
    rooms: int = 1,
    kinds: int = 1,
    room: Room | None = None,
    caps: Caps = SMALL,
) -> str:
    """Hold ``room_nights`` of each of ``kinds``; without phone or address those of somebody new."""
    number = next(_number)
    buyer = partner or WebBuyer(
        lead_name="王秀英",
        phone=phone or f"139{number:08d}",
        address=address or f"10.0.{number // 250}.{number % 250}",
        consent_version="1",
        consent_recipient="示例森林小屋",
    )
    command = PlaceBooking(
        rooms=(
            RoomChoice(
                StaySelection(
                    room_type_id=(room or desk.room).room_type_id,
                    stay=Stay.of(FIRST, room_nights // rooms),
                    rooms=rooms,
                    party=Party(rooms),
                )
            ),
        )
        * kinds,
        buyer=buyer,
    )
    with desk.database.write() as session:
        return placing.place(
            session,
            command=command,
            commission_bp=COMMISSION_BP,
            actor=TRAVELLER,
            ids=desk.ids,
            now=desk.clock.now(),
            caps=caps,
        ).id


def refused(desk: Desk, room_nights: int, **wish: object) -> dict[str, object]:
    """Return what the refusal tells."""
    with pytest.raises(HoldCap) as found:
        hold(desk, room_nights, **wish)  # type: ignore[arg-type]
    assert (found.value.code, found.value.http_status) == ("hold_cap", 429)
    return found.value.extra


PARTNER = PartnerSale(1, "A-1")
HOLDERS = {
    "phone": ({"phone": "13900000001"}, 10),
    "address": ({"address": "10.1.1.1"}, 20),
}


@pytest.mark.parametrize("what", list(HOLDERS))
class TestWhoBooksOnOurPages:
    def test_room_nights_end_at_the_cap(self, desk: Desk, what: str) -> None:
        own, most = HOLDERS[what]
        hold(desk, most - 2, **own)  # type: ignore[arg-type]
        assert refused(desk, 3, **own) == {"what": what, "limit": most, "held": most - 2}
        hold(desk, 2, **own)  # type: ignore[arg-type]
        assert refused(desk, 1, **own)["held"] == most
        hold(desk, 3)

    def test_all_kinds_of_room_of_one_stay_count(self, desk: Desk, what: str) -> None:
        own, most = HOLDERS[what]
        hold(desk, most - 3, **own)  # type: ignore[arg-type]
        assert refused(desk, 2, kinds=2, **own)["held"] == most - 3
        hold(desk, 1, kinds=3, **own)  # type: ignore[arg-type]
        assert refused(desk, 1, **own)["held"] == most

    def test_paying_giving_up_and_time_free_them(self, desk: Desk, what: str) -> None:
        own, most = HOLDERS[what]
        desk.pay(hold(desk, most, **own))  # type: ignore[arg-type]
        given_up = hold(desk, most, **own)  # type: ignore[arg-type]
        refused(desk, 1, **own)
        with desk.database.write() as session:
            transitions.cancel(
                session,
                booking_id=given_up,
                reason=ReasonCode.HOLD_GIVEN_UP,
                expected_refund_fen=None,
                actor=TRAVELLER,
                ids=desk.ids,
                now=desk.clock.now(),
            )
        hold(desk, most, **own)  # type: ignore[arg-type]
        refused(desk, 1, **own)
        desk.clock.advance(minutes=30)
        hold(desk, most, **own)  # type: ignore[arg-type]

    def test_one_hold_is_never_too_large(self, desk: Desk, what: str) -> None:
        own, most = HOLDERS[what]
        hold(desk, most * 3, **own)  # type: ignore[arg-type]
        refused(desk, 1, **own)

    def test_who_pays_each_at_once_is_never_stopped(self, desk: Desk, what: str) -> None:
        own, most = HOLDERS[what]
        for _ in range(5):
            desk.pay(hold(desk, most + 1, caps=Caps(1, 1, 1, 1, 1, 1), **own))  # type: ignore[arg-type]


def test_an_extended_hold_goes_on_counting(desk: Desk) -> None:
    booking_id = hold(desk, 10, phone="13900000001")
    desk.clock.advance(minutes=29)
    with desk.database.write() as session:
        transitions.extend(session, booking_id=booking_id, actor=TRAVELLER, now=desk.clock.now())
    desk.clock.advance(minutes=2)
    refused(desk, 1, phone="13900000001")


def test_two_invented_phones_do_not_hold_a_house(desk: Desk) -> None:
    """From one place: the second one meets the listing's cap, whatever number it gives."""
    usual = Caps()
    hold(desk, 9 * 60, rooms=9, address="10.1.1.1", caps=usual)
    told = refused(desk, 9 * 60, rooms=9, address="10.1.1.1", caps=usual)
    assert told == {"what": "listing", "limit": 360, "held": 540}
    hold(desk, 60, caps=usual)


def test_a_listings_cap_stops_only_who_keeps_something_on_hold(desk: Desk) -> None:
    caps = dataclasses.replace(SMALL, nights_phone=99, nights_address=99, nights_listing=12)
    with desk.database.write() as session:
        listing = make_listing(session, enterprise_id=make_enterprise(session))
        other = make_room(session, listing_id=listing, days=100)
    hold(desk, 4, phone="13900000001", room=other, caps=caps)
    hold(desk, 10, caps=caps)
    assert refused(desk, 3, phone="13900000001", caps=caps)["what"] == "listing"
    hold(desk, 3, phone="13900000001", room=other, caps=caps)
    hold(desk, 3, caps=caps)  # has nothing on hold yet


def test_a_phone_keeps_three_holds_and_an_address_thirty(desk: Desk) -> None:
    usual = dataclasses.replace(Caps(), nights_listing=9_999)
    for _ in range(3):
        hold(desk, 1, phone="13900000001", address="10.1.1.1", caps=usual)
    with pytest.raises(TooManyHolds) as told:
        hold(desk, 1, phone="13900000001", caps=usual)
    assert (told.value.code, told.value.extra) == ("too_many_holds", {"what": "phone", "limit": 3})
    for _ in range(27):
        hold(desk, 1, address="10.1.1.1", caps=usual)
    with pytest.raises(TooManyHolds) as told:
        hold(desk, 1, address="10.1.1.1", caps=usual)
    assert told.value.extra == {"what": "address", "limit": 30}


def test_guests_at_the_door_have_no_cap_and_count_for_none(desk: Desk) -> None:
    none = Caps(1, 1, 1, 1, 1, 1)
    chosen = StaySelection(desk.room.room_type_id, Stay.of(TODAY, 5), rooms=1, party=Party(1))
    hold(desk, 1, phone="13900000001", caps=none)
    with desk.database.write() as session:
        walk_in(
            session,
            command=WalkIn(chosen, "王秀英", "13900000001"),
            enterprise_id=desk.room.enterprise_id,
            actor=TRAVELLER,
            ids=desk.ids,
            now=desk.clock.now(),
        )
    with desk.database.read() as session:
        found = kept(session, "listing", desk.room.listing_id, now=desk.clock.now())
    assert (found.holds, found.room_nights) == (1, 1)


def lengthen(desk: Desk, booking_id: str, nights: int = 8) -> None:
    """Keep more nights of a paid stay, to be paid as well."""
    with desk.database.write() as session:
        booking = transitions.locked(session, booking_id)
        wish = altered(
            booking.room.selection, check_out=booking.ends_on + dt.timedelta(days=nights)
        )
        row = change_service.change(
            UnitOfWork(session, now=desk.clock.now(), actor=TRAVELLER, ids=desk.ids),
            change_service.ChangeBooking(booking_id=booking_id, wish=wish, expected_fen=None),
            caps=SMALL,
        )
    assert row.state == "held"


def paid_nights(desk: Desk, **wish: str) -> str:
    booking_id = hold(desk, 2, **wish)  # type: ignore[arg-type]
    desk.pay(booking_id)
    return booking_id


def test_a_new_hold_does_not_mind_a_change_that_waits_for_its_payment(desk: Desk) -> None:
    lengthen(desk, paid_nights(desk, phone="13900000001"))
    hold(desk, 10, phone="13900000001")


def test_a_few_paid_nights_do_not_keep_houses_empty_by_changes_that_nobody_pays(
    desk: Desk,
) -> None:
    first, second, mine = (paid_nights(desk, phone="13900000001") for _ in range(3))
    stranger = paid_nights(desk, phone="13900000002")
    lengthen(desk, first, 30)  # the first is never too large
    with pytest.raises(HoldCap) as told:
        lengthen(desk, second, 1)
    assert told.value.extra == {"what": "phone", "limit": 10, "held": 30}
    lengthen(desk, first, 9)  # in place of what waited there before
    lengthen(desk, second, 1)
    with pytest.raises(HoldCap):
        lengthen(desk, mine, 1)
    lengthen(desk, stranger, 30)
    desk.pay_change(first)
    lengthen(desk, mine, 9)
    desk.clock.advance(minutes=30)
    lengthen(desk, second, 11)


def test_a_hold_and_a_change_of_one_phone_count_together(desk: Desk) -> None:
    booking_id = paid_nights(desk, phone="13900000001")
    hold(desk, 8, phone="13900000001")
    with pytest.raises(HoldCap) as told:
        lengthen(desk, booking_id, 3)
    assert told.value.extra["held"] == 8
    lengthen(desk, booking_id, 2)


def test_the_twin_that_counts_no_listing_is_caught(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hold_caps, "_check_listings", lambda *_: None)
    with pytest.raises(pytest.fail.Exception):
        test_two_invented_phones_do_not_hold_a_house(desk)


def test_the_twin_that_counts_no_changes_is_caught(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hold_caps, "check_change", lambda *_, **__: None)
    with pytest.raises(pytest.fail.Exception):
        test_a_few_paid_nights_do_not_keep_houses_empty_by_changes_that_nobody_pays(desk)


def test_every_refusal_offers_the_telephone() -> None:
    words = [*FULL.values(), TooManyHolds.message]
    assert all("打电话给我们" in message for message in words)


def test_the_settings_defaults_are_those_of_the_caps() -> None:
    own, usual = Settings.model_fields, Caps()
    named = {
        "held_holds_phone": usual.holds_phone,
        "held_holds_address": usual.holds_address,
        "held_nights_phone": usual.nights_phone,
        "held_nights_address": usual.nights_address,
        "held_nights_partner": usual.nights_partner,
        "held_nights_listing": usual.nights_listing,
    }
    assert {name: own[name].default for name in named} == named
