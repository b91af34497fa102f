"""Several kinds of room of one house as one booking of a partner, on both databases."""

from __future__ import annotations

import json
from typing import Any

import pytest
import sqlalchemy as sa

from catalog.service import suspend
from marketplace.booking.models import Rehousing
from marketplace.booking.rehousing import rehousing_queue, rehousing_service
from marketplace.bootstrap import Services
from marketplace.kernel.audit import SYSTEM
from marketplace.kernel.clock import SetClock
from tests.api.test_holds import check_invariants, owed, taken
from tests.factories import Room, make_enterprise, make_listing, make_room
from tests.support.app import BOTH
from tests.support.partner import GUEST, HOLDS, Program, stay

pytestmark = pytest.mark.parametrize("database_kind", BOTH)
QUOTE = "/partner/v1/stays/quote"
BOOKINGS = "/partner/v1/bookings"
REF = {"external_ref": "FAMILY-1"}
TWIN_FEN, FAMILY_FEN = 40_000, 60_000
"""Two nights of one room of each kind."""


@pytest.fixture
def family(services: Services, loaded: Room) -> Room:
    """A larger room of the same listing."""
    with services.database.write() as session:
        return make_room(
            session, listing_id=loaded.listing_id, list_fen=30_000, name_zh="家庭房", max_guests=4
        )


@pytest.fixture
def wish(loaded: Room, family: Room) -> list[dict[str, Any]]:
    """Grandparents in one room, parents with a child in another."""
    return [stay(loaded), stay(family) | {"children_ages": [6], "adjoining": True}]


def asked(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What of the items can be priced."""
    return [{key: item[key] for key in item if key != "adjoining"} for item in items]


def test_from_the_quote_to_the_cancellation(
    partner: Program, services: Services, clock: SetClock, wish: list[dict[str, Any]]
) -> None:
    quote = partner.post(QUOTE, {"items": asked(wish)}).json
    alone = [partner.post(QUOTE, item).json for item in asked(wish)]
    changing = {"id", "expires_at"}
    for one, other in zip(quote["items"], alone, strict=True):
        assert {k: one[k] for k in one if k not in changing} == {
            k: other[k] for k in other if k not in changing
        }
    assert quote["total_fen"] == sum(one["total_fen"] for one in alone) == TWIN_FEN + FAMILY_FEN
    assert [band["fee_fen"] for band in quote["cancellation"]] == [
        sum(fees)
        for fees in zip(
            *([band["fee_fen"] for band in one["cancellation"]] for one in alone), strict=True
        )
    ]
    named = [item | {"quote": one["id"]} for item, one in zip(wish, quote["items"], strict=True)]
    body = {"items": named, "expected_total_fen": quote["total_fen"], **REF}
    held = partner.post(HOLDS, body, once="family").json
    assert partner.post(HOLDS, body, once="family").json == held
    assert taken(services) == 4
    assert [item["total_fen"] for item in held["items"]] == [TWIN_FEN, FAMILY_FEN]
    assert [item["children_ages"] for item in held["items"]] == [[], [6]]
    assert (held["rooms"], held["adults"], held["children_ages"]) == (2, 4, [6])
    assert (held["nights_count"], held["room_type"]) == (2, wish[0]["room_type"])
    assert sum(night["sold_fen"] for night in held["nights"]) == held["total_fen"]
    assert partner.get(f"{HOLDS}/{held['id']}").json == held
    assert partner.post(f"{HOLDS}/{held['id']}/extend").json["extensions"] == 1

    confirmed = partner.post(f"{HOLDS}/{held['id']}/confirm", GUEST).json
    assert (confirmed["state"], owed(services)) == ("confirmed", TWIN_FEN + FAMILY_FEN)
    assert partner.get(BOOKINGS).json["items"] == [confirmed]
    event = partner.get("/partner/v1/events").json["items"][-1]
    assert [item["number"] for item in event["view"]["items"]] == [1, 2]

    clock.advance(minutes=31)
    costs = partner.post(f"{HOLDS}/{held['id']}/cancel-quote").json
    given = {"expected_refund_fen": costs["refund_fen"]}
    ended = partner.post(f"{HOLDS}/{held['id']}/cancel", given).json
    assert (ended["state"], ended["fee_fen"]) == ("cancelled", costs["fee_fen"])
    assert (owed(services), taken(services)) == (costs["fee_fen"], 0)
    check_invariants(services)


def test_one_of_them_is_given_up_alone(
    partner: Program, services: Services, clock: SetClock, wish: list[dict[str, Any]]
) -> None:
    held = partner.post(HOLDS, {"items": wish, **REF}).json
    at = f"{HOLDS}/{held['id']}"
    assert partner.post(f"{at}/cancel-quote", {"item": 2}).json["code"] == "wrong_state"
    partner.post(f"{at}/confirm", GUEST)
    clock.advance(minutes=31)
    whole = partner.post(f"{at}/cancel-quote").json
    costs = partner.post(f"{at}/cancel-quote", {"item": 2}).json
    assert costs["fee_fen"] + costs["refund_fen"] == FAMILY_FEN
    assert 0 < costs["fee_fen"] < whole["fee_fen"]
    stale = partner.post(f"{at}/cancel", {"item": 2, "expected_refund_fen": 1})
    assert (stale.status_code, stale.json["code"]) == (409, "refund_changed")
    body = {"item": 2, "expected_refund_fen": costs["refund_fen"], "reason": "changed_plans"}
    answer = partner.post(f"{at}/cancel", body, once="one").json
    assert partner.post(f"{at}/cancel", body, once="one").json == answer
    assert (answer["state"], answer["total_fen"]) == ("confirmed", TWIN_FEN)
    assert (answer["fee_fen"], answer["refund_fen"]) == (costs["fee_fen"], costs["refund_fen"])
    assert "items" not in answer
    assert (answer["change"]["kind"], answer["change"]["item"]) == ("cancel", 2)
    assert answer["change"]["is"] is None
    assert (owed(services), taken(services)) == (TWIN_FEN + costs["fee_fen"], 2)
    event = partner.get("/partner/v1/events").json["items"][-1]
    assert (event["type"], event["what"]["item"]) == ("booking.changed", 2)
    assert [item["number"] for item in event["view"]["items"]] == [1]
    for number, code in ((2, "not_found"), (1, "last_item")):
        assert partner.post(f"{at}/cancel-quote", {"item": number}).json["code"] == code
        assert partner.post(f"{at}/cancel", {"item": number}).json["code"] == code
    assert partner.post(f"{at}/cancel", {"item": 0}).status_code == 422
    ended = partner.post(f"{at}/cancel").json
    assert ended["state"] == "cancelled"
    assert owed(services) == whole["fee_fen"]
    check_invariants(services)


def test_all_of_it_or_nothing(
    partner: Program, services: Services, loaded: Room, wish: list[dict[str, Any]]
) -> None:
    partner.held(loaded, rooms=2)
    before = taken(services)
    answer = partner.post(HOLDS, {"items": wish, **REF})
    assert (answer.status_code, answer.json["code"]) == (409, "sold_out")
    assert taken(services) == before


def test_one_room_type_twice_takes_both_out_of_its_pool(
    partner: Program, services: Services, loaded: Room
) -> None:
    three = [stay(loaded), stay(loaded), stay(loaded)]
    assert partner.post(HOLDS, {"items": three, **REF}).json["code"] == "sold_out"
    held = partner.post(HOLDS, {"items": three[:2], **REF}).json
    assert (held["rooms"], held["total_fen"], taken(services)) == (2, 2 * TWIN_FEN, 4)
    check_invariants(services)


def test_a_stay_is_in_one_house_and_for_the_same_nights(
    partner: Program, services: Services, loaded: Room, family: Room
) -> None:
    with services.database.write() as session:
        listing = make_listing(session, enterprise_id=make_enterprise(session))
        elsewhere = make_room(session, listing_id=listing)
    for other in (stay(elsewhere), stay(family) | {"nights": 3}):
        for path, more in ((QUOTE, {}), (HOLDS, REF)):
            answer = partner.post(path, {"items": [stay(loaded), other], **more})
            assert (answer.status_code, answer.json["code"]) == (422, "not_one_stay")
    assert taken(services) == 0


def test_what_cannot_be_read_is_named(partner: Program, loaded: Room) -> None:
    def fields(body: dict[str, Any]) -> set[str]:
        answer = partner.post(HOLDS, body)
        assert answer.status_code == 422, answer.json
        return set(answer.json["fields"])

    assert fields({"items": [], **REF}) == {"items"}
    assert fields({"items": [stay(loaded)] * 5, **REF}) == {"items"}
    assert fields({"items": [stay(loaded) | {"rooms": "2"}], **REF}) == {"items.rooms"}
    assert fields({"items": [stay(loaded)], **stay(loaded), **REF}) == set(stay(loaded))


def test_one_item_is_a_booking_like_any_other(partner: Program, loaded: Room) -> None:
    held = partner.post(HOLDS, {"items": [stay(loaded)], **REF}).json
    assert "items" not in held
    assert held["total_fen"] == TWIN_FEN


def test_of_a_stopped_house_all_of_it_is_offered_another_place(
    partner: Program, services: Services, loaded: Room, wish: list[dict[str, Any]]
) -> None:
    held = partner.post(HOLDS, {"items": wish, **REF}).json
    at = f"{BOOKINGS}/{held['id']}"
    partner.post(f"{HOLDS}/{held['id']}/confirm", GUEST)
    now = services.clock.now()
    with services.database.write() as session:
        listing_id = make_listing(session, enterprise_id=make_enterprise(session))
        small = make_room(session, listing_id=listing_id, list_fen=15_000)
        large = make_room(session, listing_id=listing_id, list_fen=32_000, max_guests=4)
        suspend(session, enterprise_id=loaded.enterprise_id, reason="检查", actor=SYSTEM, now=now)
    with services.database.write() as session:
        rehousing_queue.open_queue(session, now=now)
        rehousing_service.offer(
            session,
            rehousing_id=session.scalars(sa.select(Rehousing.id)).one(),
            places=[(small.room_type_id, large.room_type_id)],
            actor=SYSTEM,
            now=now,
        )
    (place,) = partner.get(at).json["rehousing"]["offers"]
    # The small room costs less; what the large one costs more is not the partner's to pay.
    assert [(room["item"], room["net_fen"]) for room in place["rooms"]] == [
        (1, 30_000),
        (2, FAMILY_FEN),
    ]
    assert place["total_fen"] == 30_000 + FAMILY_FEN
    assert place["room_type"] == place["rooms"][0]["room_type"]
    offered = partner.get("/partner/v1/events").json["items"][-1]
    assert offered["what"]["offers"] == [place]
    moved = partner.post(f"{at}/rehousing/accept", {"offer": place["offer"]}, once="move").json
    assert [item["room_type"] for item in moved["items"]] == [
        small.room_type_id,
        large.room_type_id,
    ]
    assert partner.post(f"{at}/rehousing/accept", {"offer": place["offer"]}, once="move").json == (
        moved
    )
    assert (moved["total_fen"], owed(services)) == (90_000, 90_000)
    check_invariants(services)


def test_a_refusal_names_the_items_it_is_about(
    partner: Program, services: Services, clock: SetClock, loaded: Room, family: Room
) -> None:
    first, second = stay(loaded), stay(family)

    def named(path: str, *items: dict[str, Any]) -> tuple[str, object]:
        answer = partner.post(path, {"items": list(items), **(REF if path == HOLDS else {})})
        assert 400 <= answer.status_code < 500, answer.json
        return answer.json["code"], answer.json.get("items")

    for path in (QUOTE, HOLDS):
        assert named(path, first, second | {"rooms": "1"}) == ("invalid", [2])
        assert named(path, first | {"nights": 0}, second, second | {"x": 1}) == ("invalid", [1, 3])
        assert named(path, first, second | {"children_ages": [1, "x"]}) == ("invalid", [2])
        assert named(path, first, second | {"adults": 9}) == ("invalid", [2])
        assert named(path, first, second | {"board": "full_board"}) == ("invalid", [2])
        past = {"arrive": "2027-05-31"}
        assert named(path, first, second | past, second | past) == ("invalid", [2])
        assert named(path, first, second, second | {"room_type": 987654}) == ("not_found", [3])
        other = second | {"nights": 3}
        assert named(path, first, other, second, other) == ("not_one_stay", [2, 4])
    assert named(HOLDS, first, second, first, first) == ("sold_out", [1, 3, 4])
    assert named(HOLDS, first, second | {"quote": "f" * 32}) == ("not_found", [2])
    given = partner.post(QUOTE, asked([second])[0]).json["id"]
    assert named(HOLDS, first | {"quote": given}, second) == ("quote_differs", [1])
    clock.advance(minutes=31)
    assert named(HOLDS, first, second | {"quote": given}) == ("quote_expired", [2])
    assert taken(services) == 0


def test_one_stay_and_the_whole_sum_name_no_item(partner: Program, loaded: Room) -> None:
    alone = partner.post(HOLDS, stay(loaded) | {"adults": 9, **REF})
    assert (alone.json["code"], "items" in alone.json) == ("invalid", False)
    both = {"items": [stay(loaded)] * 2, "expected_total_fen": 1, **REF}
    dear = partner.post(HOLDS, both)
    assert (dear.json["code"], "items" in dear.json) == ("price_changed", False)


@pytest.mark.parametrize(
    ("body", "field"),
    [(body, "body") for body in ([], None, "x", 1, True)]
    + [({"items": items}, "items") for items in ([], {}, None, "x", [1], [None], [[]], ["x", {}])],
)
def test_what_is_no_object_and_no_list_of_objects_is_refused_in_words(
    partner: Program, loaded: Room, body: object, field: str
) -> None:
    for path in (QUOTE, HOLDS):
        answer = partner.client.post(
            path,
            data=json.dumps(body),
            content_type="application/json",
            headers={"Authorization": f"Bearer {partner.key}", "Idempotency-Key": "once" + path},
        )
        assert (answer.status_code, answer.json["code"]) == (422, "invalid"), answer.json
        assert len(answer.json["fields"][field]) > 10
