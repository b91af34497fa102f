"""Prices given to partners with an id: honoured, and for whom, on both databases."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import sqlalchemy as sa

from marketplace import tasks
from marketplace.bootstrap import Services
from marketplace.kernel.audit import SYSTEM
from marketplace.kernel.clock import SetClock
from marketplace.kernel.wishes import KeptWish
from marketplace.pricing import service
from marketplace.pricing.models import GivenQuote
from marketplace.pricing.nights.terms import FeeBand, Terms
from tests.api.tariffs import QUOTE
from tests.factories import NOW, Room
from tests.support.app import BOTH
from tests.support.partner import GUEST, HOLDS, Program, code, stay
from tests.support.price_setting import put
from tests.web.traveller.journey import Journey
from tests.web.traveller.visitor import Visitor

pytestmark = pytest.mark.parametrize("database_kind", BOTH)


def quoted(program: Program, room: Room, **wish: Any) -> dict[str, Any]:
    answer = program.post(QUOTE, stay(room) | wish)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return dict(answer.json)


def dearer(services: Services, room: Room) -> None:
    days = [dt.date(2027, 6, 10) + dt.timedelta(offset) for offset in range(5)]
    with services.database.write() as session:
        service.set_rate(
            session,
            room_type_id=room.room_type_id,
            pool_id=room.pool_id,
            days=days,
            list_fen=50_000,
            actor=SYSTEM,
            now=NOW,
        )


def test_a_quote_is_honoured_to_the_fen_until_it_expires(
    partner: Program, services: Services, clock: SetClock, rich: Room
) -> None:
    wish = {"rooms": 2, "adults": 4, "board": "full_board", "extra_beds": 1}
    given = quoted(partner, rich, **wish)
    assert given["expires_at"] == "2027-06-01T04:30:00Z"
    dearer(services, rich)
    assert quoted(partner, rich, **wish)["total_fen"] > given["total_fen"]
    held = partner.hold(rich, **wish, quote=given["id"], adjoining=True)
    assert held.status_code == 201, held.get_data(as_text=True)
    assert held.json["total_fen"] == given["total_fen"]
    assert held.json["nights"] == given["nights"]
    told = {name: held.json[name] for name in ("board", "extra_beds", "adjoining")}
    assert told == {"board": "full_board", "extra_beds": 1, "adjoining": True}
    assert partner.get(f"{HOLDS}/{held.json['id']}").json == held.json
    clock.advance(minutes=30)
    assert code(partner.hold(rich, **wish, quote=given["id"])) == (409, "quote_expired")


def test_a_quote_keeps_the_terms_of_cancelling(
    partner: Program, services: Services, clock: SetClock, rich: Room
) -> None:
    given = quoted(partner, rich)
    put(services, rich, Terms(fee_bands=(FeeBand(0, 10_000),)))
    booking_id = partner.held(rich, quote=given["id"])
    assert partner.post(f"{HOLDS}/{booking_id}/confirm", GUEST).status_code == 200
    clock.advance(hours=1)
    cost = partner.post(f"{HOLDS}/{booking_id}/cancel-quote").json
    assert cost["fee_bp"] == 5_000


def test_meals_that_are_not_named_are_those_of_the_quote(partner: Program, rich: Room) -> None:
    given = quoted(partner, rich, board="full_board")
    held = partner.hold(rich, quote=given["id"]).json
    assert (held["board"], held["total_fen"]) == ("full_board", given["total_fen"])


@pytest.mark.parametrize(
    "other",
    [
        {"nights": 3},
        {"arrive": "2027-06-11"},
        {"rooms": 2},
        {"adults": 1},
        {"children_ages": [8]},
        {"board": "breakfast"},
        {"extra_beds": 1},
    ],
)
def test_a_quote_for_something_else_is_refused(
    partner: Program, rich: Room, other: dict[str, Any]
) -> None:
    given = quoted(partner, rich, board="full_board")
    wish = {"board": "full_board"} | other
    assert code(partner.hold(rich, **wish, quote=given["id"])) == (422, "quote_differs")


def test_a_quote_is_for_its_own_partner_alone(partner: Program, rival: Program, rich: Room) -> None:
    given = quoted(partner, rich)
    assert code(rival.hold(rich, quote=given["id"])) == (404, "not_found")
    assert code(partner.hold(rich, quote="0" * 32)) == (404, "not_found")
    assert code(partner.hold(rich, quote="x")) == (422, "invalid")
    assert partner.hold(rich, quote=given["id"]).status_code == 201


def test_a_price_given_on_our_pages_is_not_for_partners(
    partner: Program, services: Services, visitor_at: Journey
) -> None:
    visitor_at.quote()
    visitor_at.answer()
    web_quote = kept_id(services)
    wish = {"arrive": "2027-07-01", "nights": 30, "quote": web_quote}
    assert code(partner.hold(visitor_at.room, **wish)) == (404, "not_found")


def kept_id(services: Services) -> str:
    """Return the id of the one quote that was given."""
    with services.database.read() as session:
        return session.scalars(sa.select(GivenQuote.id)).one()


@pytest.fixture
def visitor_at(partner: Program, loaded: Room) -> Journey:
    return Journey(Visitor(partner.app.test_client()), loaded)


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        ({"board": "half_board"}, "board"),
        ({"board": "lunch"}, "board"),
        ({"extra_beds": 2}, "extra_beds"),
        ({"extra_beds": -1}, "extra_beds"),
    ],
)
def test_meals_and_beds_that_cannot_be_had(
    partner: Program, rich: Room, wish: dict[str, Any], field: str
) -> None:
    for refused in (partner.post(QUOTE, stay(rich) | wish), partner.hold(rich, **wish)):
        assert code(refused) == (422, "invalid")
        assert list(refused.json["fields"]) == [field]
        assert "rule" not in refused.json


def test_a_quote_needs_no_key_and_takes_one(
    partner: Program, services: Services, rich: Room
) -> None:
    bare = {"Authorization": f"Bearer {partner.key}"}
    ids = {partner.client.post(QUOTE, json=stay(rich), headers=bare).json["id"] for _ in range(2)}
    assert len(ids) == 2
    once = partner.post(QUOTE, stay(rich), once="k1")
    again = partner.post(QUOTE, stay(rich), once="k1")
    assert again.data == once.data
    assert again.headers["Idempotent-Replayed"] == "true"
    with services.database.read() as session:
        kept = session.scalars(sa.select(KeptWish.expires_at)).all()
    assert kept == [NOW + dt.timedelta(minutes=30)]
    for key in ("a b", "x" * 256):
        assert code(partner.post(QUOTE, stay(rich), once=key)) == (400, "idempotency_key_missing")
    refused = partner.client.post(QUOTE, json=stay(rich) | {"nights": 0}, headers=bare)
    assert code(refused) == (422, "invalid")
    path = f"{HOLDS}/{partner.held(rich)}"
    assert partner.client.post(f"{path}/cancel-quote", headers=bare).json["refund_fen"] == 0
    for step in ("extend", "confirm", "cancel"):
        refused = partner.client.post(f"{path}/{step}", json={}, headers=bare)
        assert code(refused) == (400, "idempotency_key_missing")


def test_a_quote_lives_as_long_as_it_is_honoured_and_is_known_as_expired_after(
    partner: Program, services: Services, clock: SetClock, rich: Room
) -> None:
    given = quoted(partner, rich)
    clock.advance(minutes=29)
    tasks.forget_lapsed(services)
    assert kept_id(services) == given["id"]
    clock.advance(minutes=1)
    tasks.forget_lapsed(services)
    with services.database.read() as session:
        for table in (GivenQuote, KeptWish):
            assert session.scalar(sa.select(sa.func.count()).select_from(table)) == 0
    assert code(partner.hold(rich, quote=given["id"])) == (409, "quote_expired")
    clock.advance(days=60)
    wish = {"arrive": "2027-08-10", "quote": given["id"]}
    assert code(partner.hold(rich, **wish)) == (409, "quote_expired")
    never = f"{int(clock.now().timestamp()) + 600:08x}{'0' * 24}"
    assert code(partner.hold(rich, **wish | {"quote": never})) == (404, "not_found")


def test_a_quote_costs_what_it_says_and_not_again_under_its_key(
    partner: Program, services: Services, rich: Room
) -> None:
    """Sixty nights answer with some kilobytes; a fifth of them at most is kept under the key."""
    answer = partner.post(QUOTE, stay(rich) | {"nights": 60}, once="k1")
    with services.database.read() as session:
        body = session.scalars(sa.select(KeptWish.body)).one() or b""
    assert len(answer.data) > 4_000
    assert len(body) < len(answer.data) / 5


def test_what_a_test_key_was_quoted_is_not_sold_live_nor_the_other_way_round(
    partner: Program, trial: Program, rich: Room
) -> None:
    for one, other in ((trial, partner), (partner, trial)):
        given = quoted(one, rich)["id"]
        assert code(other.hold(rich, quote=given)) == (404, "not_found")
        assert one.hold(rich, quote=given).status_code == 201
