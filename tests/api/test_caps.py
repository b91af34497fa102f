"""What a partner may keep on hold: its credit, its room-nights, a listing's; on both databases."""

from __future__ import annotations

import dataclasses
import datetime as dt
import threading
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from marketplace.booking.lifecycle.scheduled_jobs import expire_due
from marketplace.booking.settlement import CreditLimit
from marketplace.bootstrap import Services
from marketplace.kernel.clock import SetClock
from marketplace.partners.commands import holds
from marketplace.partners.commands.standing import Standing
from marketplace.partners.models import Partner
from tests.api.test_holds import owed, taken
from tests.concurrency.rush import rush
from tests.factories import Room, make_room
from tests.support.app import BOTH
from tests.support.partner import GUEST, HOLDS, Program, code

pytestmark = pytest.mark.parametrize("database_kind", BOTH)


@pytest.fixture
def house(services: Services, loaded: Room) -> Room:
    """A room type of thirty rooms at 200 yuan, in the house of ``loaded``."""
    with services.database.write() as session:
        return make_room(session, listing_id=loaded.listing_id, capacity=30, days=100)


def limit_to(services: Services, fen: int) -> None:
    with services.database.write() as session:
        session.execute(sa.update(Partner).values(credit_limit_fen=fen))


def test_a_limit_of_one_yuan_holds_nothing(
    partner: Program, services: Services, house: Room
) -> None:
    limit_to(services, 100)
    refused = partner.hold(house, nights=60)
    assert code(refused) == (422, "credit_limit")
    assert (refused.json["owed_fen"], refused.json["held_fen"]) == (0, 0)
    assert refused.json["limit_fen"] == 100
    assert "call us" in refused.json["detail"]
    assert taken(services) == 0


def test_holds_count_against_the_credit_until_they_end(
    partner: Program, rival: Program, services: Services, clock: SetClock, house: Room
) -> None:
    limit_to(services, 100_000)
    first, second = partner.held(house), partner.held(house)  # 40,000 each
    refused = partner.hold(house)
    assert code(refused) == (422, "credit_limit")
    assert (refused.json["owed_fen"], refused.json["held_fen"]) == (0, 80_000)
    assert rival.hold(house).status_code == 201
    assert partner.post(f"{HOLDS}/{first}/confirm", GUEST).status_code == 200
    refused = partner.hold(house)
    assert (refused.json["owed_fen"], refused.json["held_fen"]) == (40_000, 40_000)
    partner.post(f"{HOLDS}/{second}/cancel")
    third = partner.held(house)
    assert code(partner.hold(house)) == (422, "credit_limit")
    clock.advance(minutes=30)  # no sweep has run
    assert partner.hold(house).status_code == 201
    assert partner.get(f"{HOLDS}/{third}").json["state"] == "expired"


def test_a_refusal_for_credit_is_kept_under_its_key_and_one_for_a_cap_is_not(
    partner: Program, services: Services, app_with_small_caps: Program, house: Room
) -> None:
    wish = {"room_type": house.room_type_id, "arrive": "2027-06-10", "nights": 3, "rooms": 1,
            "adults": 2, "external_ref": "A-1"}  # fmt: skip
    first = app_with_small_caps.held(house, nights=8)
    refused = app_with_small_caps.post(HOLDS, wish, once="k1")
    assert code(refused) == (429, "hold_cap")
    told = {name: refused.json[name] for name in ("what", "limit", "held", "telephone")}
    assert told == {"what": "partner", "limit": 10, "held": 8, "telephone": "0431-1234-5678"}
    app_with_small_caps.post(f"{HOLDS}/{first}/confirm", GUEST)
    assert app_with_small_caps.post(HOLDS, wish, once="k1").status_code == 201


@pytest.fixture
def app_with_small_caps(services: Services, partner: Program) -> Program:
    """The partner at an installation where a partner may keep ten room-nights on hold."""
    from app import create_app  # noqa: PLC0415 - as in the fixture of the usual one

    settings = services.settings.model_copy(update={"held_nights_partner": 10})
    return Program(
        create_app(services=dataclasses.replace(services, settings=settings)), partner.key
    )


def test_one_partner_cannot_keep_all_of_a_house(
    partner: Program, services: Services, house: Room
) -> None:
    assert partner.hold(house, nights=60, rooms=4, adults=4).status_code == 201
    refused = partner.hold(house, nights=60, rooms=4, adults=4)
    assert code(refused) == (429, "hold_cap")
    assert (refused.json["what"], refused.json["limit"]) == ("listing", 360)
    assert taken(services) == 240


def test_test_bookings_are_counted_by_themselves(
    partner: Program, trial: Program, services: Services, house: Room
) -> None:
    limit_to(services, 50_000)
    assert {trial.hold(house).status_code for _ in range(3)} == {201}
    assert partner.hold(house).status_code == 201
    assert code(partner.hold(house)) == (422, "credit_limit")
    assert trial.hold(house).status_code == 201


def holding_at_once(partner: Program, house: Room, times: int) -> dict[str, int]:
    """Hold as many stays at the same moment, none of which shares a night with another."""

    def hold(number: int) -> Callable[[], None]:
        def run() -> None:
            arrive = (dt.date(2027, 6, 10) + dt.timedelta(days=3 * number)).isoformat()
            answer = Program(partner.app, partner.key).hold(house, arrive=arrive)
            if answer.status_code != 201:
                raise RefusedError(answer.json["code"])

        return run

    return dict(rush([hold(number) for number in range(times)]))


class RefusedError(CreditLimit):
    """A refusal that came over the wire."""

    def __init__(self, told: str) -> None:
        super().__init__()
        self.code = told


def test_holds_at_once_cannot_pass_the_credit_together(
    partner: Program, services: Services, house: Room
) -> None:
    limit_to(services, 100_000)
    assert holding_at_once(partner, house, 8) == {"ok": 2, "credit_limit": 6}
    assert (taken(services), owed(services)) == (4, 0)


def test_the_twin_that_does_not_hold_the_partners_row_is_caught(
    partner: Program, services: Services, house: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit_to(services, 100_000)
    monkeypatch.setattr(holds, "_locked_limit", lambda *_: 100_000)
    if services.database.is_sqlite:
        # One writer at a time even so: the second wall of the embedded default.
        assert holding_at_once(partner, house, 4) == {"ok": 2, "credit_limit": 2}
        return
    looked, real = threading.Barrier(4), holds.standing

    def look_and_wait(*args: Any, **wish: Any) -> Standing:
        found = real(*args, **wish)
        looked.wait(timeout=30)
        return found

    monkeypatch.setattr(holds, "standing", look_and_wait)
    assert holding_at_once(partner, house, 4) == {"ok": 4}


def test_a_lapsed_hold_does_not_stand_in_its_own_guests_way(
    partner: Program, services: Services, clock: SetClock, loaded: Room
) -> None:
    """Both rooms, and no sweep has run: on account no payment can be under way."""
    path = f"{HOLDS}/{partner.held(loaded, rooms=2, adults=4, external_ref='A-1')}"
    ends = partner.get(path).json["expires_at"]
    clock.advance(minutes=29, seconds=59)
    assert partner.get(path).json["state"] == "held"
    assert code(partner.hold(loaded)) == (409, "sold_out")
    clock.advance(seconds=1)
    for seen in (
        partner.get(path).json,
        partner.get("/partner/v1/bookings?external_ref=A-1").json["items"][0],
    ):
        assert (seen["state"], seen["ended_at"]) == ("expired", ends)
    for step in ("confirm", "extend"):
        assert code(partner.post(f"{path}/{step}", GUEST if step == "confirm" else {})) == (
            409,
            "hold_expired",
        )
    for step in ("cancel", "cancel-quote"):
        answer = partner.post(f"{path}/{step}")
        assert code(answer) == (409, "wrong_state")
        assert answer.json["state"] == "expired"
    assert partner.get(f"/partner/v1/bookings/{path[-32:]}").json["ended_at"] == ends
    assert partner.hold(loaded, rooms=2, adults=4).status_code == 201
    for kept in (path, f"/partner/v1/bookings/{path[-32:]}"):
        later = partner.get(kept).json
        assert (later["state"], later["ended_at"]) == ("expired", ends)
    events = partner.get("/partner/v1/events").json["items"]
    assert [event["view"]["state"] for event in events] == ["held", "expired", "held"]


def test_the_sweep_gives_a_lapsed_hold_back_at_its_end(
    partner: Program, services: Services, clock: SetClock, loaded: Room
) -> None:
    partner.held(loaded)
    partner.post(f"{HOLDS}/{partner.held(loaded)}/extend")
    clock.advance(minutes=30)
    assert (expire_due(services.money), taken(services)) == (1, 2)
    clock.advance(minutes=30)
    assert (expire_due(services.money), taken(services)) == (1, 0)
