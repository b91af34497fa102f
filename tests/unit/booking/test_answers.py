"""Answers on the way to a booking: as forms carry them, and as they were kept before."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from marketplace.booking.contract.answers import Answers, RoomAnswer, as_facts, of_facts
from marketplace.kernel.stay import Stay
from marketplace.pricing.nights.selection import Party, StaySelection
from marketplace.pricing.nights.terms import Board

FAMILY = Answers(
    listing_id=7,
    rooms=(
        RoomAnswer(
            selection=StaySelection(
                room_type_id=11,
                stay=Stay.of(dt.date(2027, 7, 1), 30),
                rooms=2,
                party=Party(3, (4, 9)),
                board=Board.BREAKFAST,
                extra_beds=1,
                adjoining=True,
            ),
            total_fen=510_000,
            meals=Board.BREAKFAST,
            policy={"name": "stay", "version": 1, "bands": [{"days": 0, "fee_bp": 8000}]},
        ),
    ),
    seen_total_fen=510_000,
    lead_name="王秀兰",
    for_family=True,
    phone="13800138000",
    consent_version="2",
    quote_id="0" * 32,
    price_until=dt.datetime(2027, 3, 1, 4, 30, tzinfo=dt.UTC),
)
CHOSEN = FAMILY.rooms[0].selection
FLAT = {
    "listing_id": 7,
    "room_type_id": 11,
    "arrive": "2027-07-01",
    "nights": 30,
    "rooms": 2,
    "adults": 3,
    "children_ages": [4, 9],
    "seen_total_fen": 510_000,
    "lead_name": "王秀兰",
    "for_family": True,
    "phone": "13800138000",
    "consent_version": "2",
    "source_province": "",
    "board": "breakfast",
    "extra_beds": 1,
    "adjoining": True,
    "quote_id": "0" * 32,
    "price_until": "2027-03-01T04:30:00+00:00",
    "meals": "breakfast",
    "policy": {"name": "stay", "version": 1, "bands": [{"days": 0, "fee_bp": 8000}]},
    "question": "",
    "booking_id": None,
}
"""The same family, kept before a stay was one thing."""


def test_facts_say_what_the_answers_say() -> None:
    assert of_facts(as_facts(FAMILY)) == FAMILY


def test_answers_kept_before_are_the_same() -> None:
    assert of_facts(FLAT) == FAMILY
    later = {"board", "extra_beds", "adjoining"}
    earlier = {name: value for name, value in FLAT.items() if name not in later}
    plain = replace(CHOSEN, board=None, extra_beds=0, adjoining=False)
    assert of_facts(earlier) == replace(FAMILY, rooms=(replace(FAMILY.rooms[0], selection=plain),))


def test_answers_of_one_room_are_the_same_as_before_there_were_several() -> None:
    facts = as_facts(FAMILY)
    room = facts.pop("rooms")[0]
    earlier = {name: room[name] for name in ("selection", "meals", "policy")}
    assert of_facts(facts | earlier) == FAMILY


def test_several_rooms_are_kept_each_with_its_price() -> None:
    other = replace(CHOSEN, room_type_id=12, party=Party(1))
    both = replace(FAMILY, rooms=(*FAMILY.rooms, RoomAnswer(other, 20_000, Board.ROOM_ONLY)))
    assert of_facts(as_facts(both)) == both
    assert (both.several, both.selections, both.stay) == (True, (CHOSEN, other), CHOSEN.stay)


@pytest.mark.parametrize("facts", [None, {}, {"listing_id": 7}, {"wish": "{}", "total": 1}])
def test_what_says_no_answers_is_none(facts: dict[str, object] | None) -> None:
    assert of_facts(facts) is None


def test_a_page_shows_the_stay_and_the_last_one_also_who_stays() -> None:
    shown = FAMILY.shown(whole=False)
    assert (shown.rooms, shown.seen_total_fen) == (FAMILY.rooms, 510_000)
    assert (shown.lead_name, shown.phone, shown.quote_id) == ("", "", None)
    assert FAMILY.shown(whole=True).phone == "13800138000"
