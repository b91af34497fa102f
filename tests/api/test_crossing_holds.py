"""Two partners want the last rooms of two kinds at once, in crossing order."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from marketplace.booking.contract import holding
from marketplace.bootstrap import Services
from tests.api.test_holds import check_invariants, taken
from tests.concurrency.test_several_rooms import unordered
from tests.factories import Room, make_room
from tests.support.app import BOTH
from tests.support.partner import HOLDS, Program, stay


def rushed(programs: Sequence[Program], rooms: Sequence[Room]) -> Counter[tuple[int, str]]:
    """Let programs hold both rooms at the same moment, every second one the other way round."""
    start = threading.Barrier(len(programs))

    def hold(number: int) -> tuple[int, str]:
        items = [stay(room) for room in rooms[:: 1 if number % 2 else -1]]
        client = Program(programs[number].app, programs[number].key)
        start.wait(timeout=60)
        answer = client.post(HOLDS, {"items": items, "external_ref": f"RUSH-{number}"})
        refused = "" if answer.status_code == 201 else (answer.json or {}).get("code", "")
        return answer.status_code, refused

    with ThreadPoolExecutor(len(programs)) as pool:
        return Counter(pool.map(hold, range(len(programs))))


@pytest.fixture
def last_rooms(services: Services, loaded: Room) -> list[Room]:
    """One room of each of two kinds."""
    with services.database.write() as session:
        return [make_room(session, listing_id=loaded.listing_id, capacity=1) for _ in range(2)]


@pytest.mark.parametrize("database_kind", BOTH)
def test_two_partners_whose_items_cross_get_both_rooms_or_none(
    partner: Program, rival: Program, services: Services, last_rooms: list[Room]
) -> None:
    outcome = rushed([partner, rival] * 3, last_rooms)
    assert outcome == {(201, ""): 1, (409, "sold_out"): 5}
    assert taken(services) == 4, "two nights of each"
    check_invariants(services)


@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_the_twin_that_takes_items_as_they_stand_is_caught(
    partner: Program, rival: Program, last_rooms: list[Room], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One of two that each hold what the other wants is ended by the database, and told 503."""
    take, wants_of = unordered(threading.Barrier(2))
    monkeypatch.setattr(holding, "take", take)
    monkeypatch.setattr(holding, "wants_of", wants_of)
    outcome = rushed([partner, rival], last_rooms)
    assert any(status == 503 for status, _ in outcome)
