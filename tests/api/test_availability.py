"""What is free, for whom and for how much: exact or said to be the least, by filters and tags."""

from __future__ import annotations

import gzip
import itertools
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from catalog.vocabulary import Cluster
from marketplace.bootstrap import Services
from marketplace.kernel.stay import Stay
from marketplace.offers.search.search_service import quote_many
from marketplace.partners import stay_availability
from marketplace.partners.stay_availability import (
    FreeRoomType,
    Guests,
    RoomsWanted,
    availability,
)
from marketplace.pricing.nights.restrictions import DayRule
from marketplace.pricing.nights.terms import OLDEST_CHILD, ChildBand, Occupancy, Terms
from marketplace.web.partner_api.request_schemas import AvailabilityQuery
from tests.api.tariffs import QUOTE, restrict
from tests.factories import Room, make_enterprise, make_listing, make_room
from tests.support.app import BOTH
from tests.support.partner import Program, code, stay
from tests.support.price_setting import put
from tests.web.traveller.looking import counted

FREE = "/partner/v1/stays/availability?arrive=2027-06-25&nights=31"
on_both = pytest.mark.parametrize("database_kind", BOTH)


def free(program: Program, query: str = "") -> list[dict[str, Any]]:
    answer = program.get(f"{FREE}{query}")
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return list(answer.json["items"])


def quoted(program: Program, room: Room, **wish: Any) -> int:
    asked = stay(room) | {"arrive": "2027-06-25", "nights": 31} | wish
    return int(program.post(QUOTE, asked).json["total_fen"])


# ------------------------------------------------------------------ exact, or from


@on_both
@pytest.mark.parametrize(
    ("ages", "rooms", "adults"),
    [([4, 13], 1, 2), ([0], 1, 3), ([17], 1, 2), ([9, 9, 3], 2, 3), ([3, 8, 16], 2, 2), ([], 1, 1)],
)
def test_with_ages_the_total_is_that_of_the_quote(
    partner: Program, rich: Room, ages: list[int], rooms: int, adults: int
) -> None:
    asked = ",".join(map(str, ages))
    (item,) = free(partner, f"&children_ages={asked}&rooms={rooms}&adults={adults}")
    assert item["total_is"] == "exact"
    exact = quoted(partner, rich, children_ages=ages, rooms=rooms, adults=adults)
    assert item["total_fen"] == exact


def test_without_ages_no_ages_are_cheaper(partner: Program, rich: Room) -> None:
    (item,) = free(partner, "&children=2&adults=2")
    assert item["total_is"] == "from"
    ages = (0, 3, 4, 9, 10, 12, 13, 17)
    totals = [
        quoted(partner, rich, children_ages=list(pair))
        for pair in itertools.combinations_with_replacement(ages, 2)
    ]
    assert item["total_fen"] == min(totals) < max(totals)


def test_the_least_is_that_of_each_room_type(
    partner: Program, services: Services, rich: Room
) -> None:
    """Where the old ones pay less than the young, the least is theirs."""
    upside_down = Occupancy(2, 1_000, 0, (ChildBand(6, 9_000), ChildBand(11, 5_000)))
    put(services, rich, Terms(occupancy=upside_down))
    (item,) = free(partner, "&children=1&adults=2")
    assert item["total_fen"] == quoted(partner, rich, children_ages=[12])
    assert item["total_fen"] < quoted(partner, rich, children_ages=[11])


@given(
    st.lists(st.tuples(st.integers(0, OLDEST_CHILD), st.integers(0, 9_999)), max_size=4),
    st.integers(0, 9_999),
)
@settings(max_examples=60, deadline=None)
def test_no_age_pays_less_than_the_cheapest(bands: list[tuple[int, int]], adult: int) -> None:
    children = tuple(ChildBand(age, fen) for age, fen in sorted(dict(bands).items()))
    people = Occupancy(2, adult, 0, children)
    least = people.of_child(people.cheapest_age())
    assert least == min(people.of_child(age) for age in range(OLDEST_CHILD + 1))


def test_adults_alone_are_exact(partner: Program, rich: Room) -> None:
    assert {item["total_is"] for item in free(partner, "&adults=3")} == {"exact"}
    assert {item["total_is"] for item in free(partner, "&children=0")} == {"exact"}


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("children_ages=4,18", "children_ages"),
        ("children_ages=-1", "children_ages"),
        ("children_ages=4,", "children_ages"),
        ("children_ages=4, 5", "children_ages"),
        ("children_ages=04", "children_ages"),
        ("children_ages=4.0", "children_ages"),
        ("children_ages=\uff14", "children_ages"),
        ("listing=1_0", "listing"),
        ("room_type=%2B5", "room_type"),
        ("children_ages=4;5", "children_ages"),
        ("children_ages=vier", "children_ages"),
        (f"children_ages={','.join(['4'] * 21)}", "children_ages"),
        ("children=2&children_ages=4", "children"),
        ("children=0&children_ages=4", "children"),
        ("listing=0", "listing"),
        ("listing=a", "listing"),
        ("room_type=9223372036854775808", "room_type"),
        ("cluster=moon", "cluster"),
        ("cluster=", "cluster"),
    ],
)
def test_what_cannot_be_looked_for_is_named(partner: Program, query: str, field: str) -> None:
    refused = partner.get(f"{FREE}&{query}")
    assert code(refused) == (422, "invalid")
    assert list(refused.json["fields"]) == [field]


def test_the_number_of_children_may_stand_beside_their_ages(partner: Program, rich: Room) -> None:
    assert free(partner, "&children=2&children_ages=4,13") == free(partner, "&children_ages=4,13")


# ------------------------------------------------------------------ from memory

QUESTIONS = ("", "&adults=1", "&rooms=2&adults=4", "&children_ages=4,13", "&limit=3", "&rooms=9")


def both_ways(services: Services, query: str) -> tuple[list[FreeRoomType], list[FreeRoomType]]:
    """What memory says without a statement, and what is read and priced by the engine."""
    given = AvailabilityQuery.model_validate(
        dict(pair.split("=") for pair in f"arrive=2027-06-25&nights=31{query}".split("&"))
    )
    stay = Stay.of(given.arrive, given.nights)
    wanted = RoomsWanted(stay, given.rooms, given.guests())
    matrix = services.follower.current()

    def found(session: Session) -> list[FreeRoomType]:
        return availability(
            session, matrix=matrix, wanted=wanted, after=given.after, limit=given.limit
        )

    with counted(services) as sent, services.database.read() as session:
        memory = found(session)
    assert sent == []
    with pytest.MonkeyPatch.context() as patch, services.database.read() as session:
        patch.setattr(Guests, "exact", False)
        exactly = partial(quote_many, ages_known=True)
        patch.setattr(
            stay_availability,
            "quote_many",
            lambda session, *, room_type_ids, ask, ages_known: exactly(
                session, room_type_ids=room_type_ids, ask=ask
            ),
        )
        return memory, found(session)


@on_both
@pytest.mark.parametrize("query", QUESTIONS)
def test_memory_says_what_the_engine_says_when_things_change_too(
    partner: Program, services: Services, rich: Room, spread: list[Room], query: str
) -> None:
    for happens in (
        lambda: None,
        lambda: partner.held(spread[0], arrive="2027-06-30", nights=3, rooms=1),
        lambda: restrict(services, spread[1], d0625=DayRule(no_arrival=True)),
        lambda: put(services, spread[2], Terms(occupancy=Occupancy(included=1))),
        lambda: partner.held(spread[0], arrive="2027-07-01", nights=2, rooms=1),
    ):
        happens()
        memory, engine = both_ways(services, query)
        assert memory == engine
    assert memory or query == "&rooms=9"
    assert [room.room_type_id for room in memory] == [
        item["room_type"] for item in free(partner, query)
    ]


# ------------------------------------------------------------------ filters and pages


@pytest.fixture
def spread(services: Services) -> list[Room]:
    """Six room types: two of a listing on the north slope, two beside it, two in Ji'an."""
    rooms = []
    with services.database.write() as session:
        for cluster in (Cluster.CHANGBAI, Cluster.CHANGBAI, Cluster.JIAN):
            enterprise = make_enterprise(session, clusters=(cluster,))
            listing = make_listing(session, enterprise_id=enterprise)
            rooms += [make_room(session, listing_id=listing, capacity=2) for _ in range(2)]
    return rooms


def found(program: Program, query: str) -> list[int]:
    return [item["room_type"] for item in free(program, query)]


@on_both
def test_filters_leave_what_they_say(partner: Program, spread: list[Room]) -> None:
    ids = [room.room_type_id for room in spread]
    assert found(partner, "") == ids
    assert found(partner, f"&listing={spread[2].listing_id}") == ids[2:4]
    assert found(partner, f"&room_type={ids[1]}") == [ids[1]]
    assert found(partner, "&cluster=changbai") == ids[:4]
    assert found(partner, "&cluster=jian") == ids[4:]
    assert found(partner, "&cluster=hunchun") == []
    assert found(partner, f"&cluster=jian&listing={spread[0].listing_id}") == []
    assert found(partner, "&listing=999999") == []


def test_pages_keep_filters_and_ages(partner: Program, spread: list[Room]) -> None:
    path = f"{FREE}&cluster=changbai&children_ages=4&limit=3"
    seen: list[int] = []
    for _ in range(4):
        page = partner.get(path).json
        if not page["items"]:
            break
        assert all(item["total_is"] == "exact" for item in page["items"])
        seen += [item["room_type"] for item in page["items"]]
        path = page["next"].removeprefix("http://localhost")
    assert seen == [room.room_type_id for room in spread[:4]]
    assert page["next"].removeprefix("http://localhost") == path, "the end names itself"


# ------------------------------------------------------------------ tags and weight


def ari_path(room: Room) -> str:
    return f"/partner/v1/stays/{room.listing_id}/ari?from=2027-06-10&to=2027-09-10"


@pytest.mark.parametrize("first", ["identity", "gzip", "br", "gzip, deflate, br"])
@pytest.mark.parametrize("then", ["identity", "gzip", "br", "gzip, deflate, br"])
def test_nights_are_not_sent_twice_however_they_are_packed(
    partner: Program, loaded: Room, first: str, then: str
) -> None:
    tag = partner.get(ari_path(loaded), **{"Accept-Encoding": first}).headers["ETag"]
    again = partner.get(ari_path(loaded), **{"Accept-Encoding": then, "If-None-Match": tag})
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", tag)
    assert "Accept-Encoding" in again.headers["Vary"]
    assert "Authorization" in again.headers["Vary"]
    other = partner.get(ari_path(loaded), **{"Accept-Encoding": then, "If-None-Match": '"other"'})
    assert other.status_code == 200


def test_a_night_that_changes_changes_the_tag(partner: Program, loaded: Room) -> None:
    tag = partner.get(ari_path(loaded)).headers["ETag"]
    partner.held(loaded, arrive="2027-06-12")
    assert partner.get(ari_path(loaded), **{"If-None-Match": tag}).status_code == 200


def test_answers_are_compressed_for_who_can_read_it(partner: Program, loaded: Room) -> None:
    plain = partner.get(ari_path(loaded))
    assert "Content-Encoding" not in plain.headers
    packed = partner.get(ari_path(loaded), **{"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert int(packed.headers["Content-Length"]) == len(packed.data) < len(plain.data) / 5
