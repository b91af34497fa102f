"""A partner's own bookings: found by reference, day and state; a reference stands for one."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from marketplace.bootstrap import Services
from marketplace.kernel.clock import SetClock
from marketplace.partners.commands import holds
from marketplace.partners.commands.standing import Standing
from tests.factories import Room, make_enterprise, make_listing, make_room
from tests.support.app import BOTH
from tests.support.partner import GUEST, HOLDS, Program, code

LIST = "/partner/v1/bookings"
pytestmark = pytest.mark.parametrize("database_kind", BOTH)


@pytest.fixture
def wide(services: Services) -> Room:
    """A room type with rooms for all."""
    with services.database.write() as session:
        listing_id = make_listing(session, enterprise_id=make_enterprise(session))
        return make_room(session, listing_id=listing_id, capacity=30)


def listed(program: Program, query: str = "") -> list[str]:
    answer = program.get(f"{LIST}?{query}")
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return [booking["id"] for booking in answer.json["items"]]


def test_bookings_are_listed_by_day_and_state(
    partner: Program, rival: Program, trial: Program, clock: SetClock, wide: Room
) -> None:
    lapsed = partner.held(wide, arrive="2027-06-10")
    clock.advance(minutes=31)  # no sweep has run
    held = partner.held(wide, arrive="2027-06-11")
    confirmed = partner.confirmed(wide, arrive="2027-06-12")
    cancelled = partner.confirmed(wide, arrive="2027-06-13")
    partner.post(f"{HOLDS}/{cancelled}/cancel")
    rival.held(wide)
    trial.held(wide)
    assert sorted(listed(partner)) == sorted([lapsed, held, confirmed, cancelled])
    assert listed(partner, "state=held") == [held]
    assert listed(partner, "state=expired") == [lapsed]
    assert listed(partner, "state=confirmed") == [confirmed]
    assert listed(partner, "state=cancelled") == [cancelled]
    assert listed(partner, "state=in_stay") == []
    assert sorted(listed(partner, "from=2027-06-11&to=2027-06-13")) == sorted([held, confirmed])
    assert listed(partner, "from=2027-06-13") == [cancelled]
    assert listed(partner, "to=2027-06-11") == [lapsed]
    assert listed(partner, "from=2027-06-11&state=expired") == []
    states = {item["id"]: item["state"] for item in partner.get(LIST).json["items"]}
    assert (states[lapsed], states[held]) == ("expired", "held")


def test_pages_hold_every_booking_once_the_newest_first(
    partner: Program, clock: SetClock, wide: Room
) -> None:
    made = []
    for number in range(7):
        clock.advance(seconds=number % 2)  # some in the same second
        made.append(partner.held(wide))
    path, seen = f"{LIST}?limit=3&from=2027-06-10", []
    for _ in range(9):
        page = partner.get(path).json
        if not page["items"]:
            break
        seen += [(item["id"], item["expires_at"]) for item in page["items"]]
        path = page["next"].removeprefix("http://localhost")
        if len(seen) == 3:
            partner.held(wide)  # what is placed meanwhile moves nothing
    assert page["next"].removeprefix("http://localhost") == path
    assert sorted(booking for booking, _ in seen) == sorted(made)
    ends = [end for _, end in seen]
    assert ends == sorted(ends, reverse=True)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("state=gone", "state"),
        ("from=2027-06-31", "from"),
        ("from=2027-06-10&to=2027-06-10", "to"),
        (f"after={'0' * 32}", "after"),
        ("after=7", "after"),
        ("limit=201", "limit"),
        ("external_ref=", "external_ref"),
        ("reference=A-1", "reference"),
    ],
)
def test_what_cannot_be_listed_is_named(partner: Program, query: str, field: str) -> None:
    refused = partner.get(f"{LIST}?{query}")
    assert code(refused) == (422, "invalid")
    assert list(refused.json["fields"]) == [field]


def test_nobody_goes_on_after_another_ones_booking(
    partner: Program, rival: Program, wide: Room
) -> None:
    theirs = rival.held(wide)
    assert code(partner.get(f"{LIST}?after={theirs}")) == (422, "invalid")


# ------------------------------------------------------------------ references


def again(program: Program, room: Room, **wish: Any) -> tuple[int, str]:
    answer = program.hold(room, **{"external_ref": "NT-7", "arrive": "2027-06-20"} | wish)
    return (201, "") if answer.status_code == 201 else code(answer)


def test_a_reference_stands_for_one_booking(
    partner: Program, rival: Program, trial: Program, wide: Room
) -> None:
    first = partner.held(wide, external_ref="NT-7")
    refused = partner.hold(wide, external_ref="NT-7", arrive="2027-06-20")
    assert code(refused) == (409, "reference_taken")
    assert refused.json["booking"] == first
    assert again(partner, wide, arrive="2027-06-10") == (409, "reference_taken"), "the same stay"
    assert again(rival, wide) == (201, ""), "another partner's"
    assert again(trial, wide) == (201, ""), "a test's"
    assert again(partner, wide, external_ref="NT-70") == (201, "")
    assert listed(partner, "external_ref=NT-7") == [first]
    partner.post(f"{HOLDS}/{first}/confirm", GUEST)
    assert again(partner, wide) == (409, "reference_taken")


def test_what_is_cancelled_or_expired_frees_its_reference(
    partner: Program, clock: SetClock, wide: Room
) -> None:
    partner.post(f"{HOLDS}/{partner.held(wide, external_ref='NT-7')}/cancel")
    second = partner.held(wide, external_ref="NT-7")
    clock.advance(minutes=30)  # no sweep has run
    third = partner.held(wide, external_ref="NT-7")
    assert again(partner, wide) == (409, "reference_taken")
    assert {second, third} < set(listed(partner, "external_ref=NT-7"))


def test_a_lost_answer_is_given_again_and_not_refused(partner: Program, wide: Room) -> None:
    wish = {"room_type": wide.room_type_id, "arrive": "2027-06-10", "nights": 2, "rooms": 1,
            "adults": 2, "external_ref": "NT-7"}  # fmt: skip
    first = partner.post(HOLDS, wish, once="k")
    assert partner.post(HOLDS, wish, once="k").data == first.data
    assert code(partner.post(HOLDS, wish, once="k2")) == (409, "reference_taken")


def held_at_once(partner: Program, room: Room) -> list[tuple[int, str]]:
    """Return what four holds under one reference are told that begin at the same moment."""
    start, told = threading.Barrier(4), []

    def hold(number: int) -> Callable[[], None]:
        def run() -> None:
            start.wait(timeout=30)
            program = Program(partner.app, partner.key)
            told.append(again(program, room, arrive=f"2027-06-{20 + number}"))

        return run

    threads = [threading.Thread(target=hold(number)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(told)


ONE_OF_FOUR = [(201, ""), *[(409, "reference_taken")] * 3]


def test_of_holds_at_once_under_a_reference_one_is_made(partner: Program, wide: Room) -> None:
    assert held_at_once(partner, wide) == ONE_OF_FOUR
    assert len(listed(partner, "external_ref=NT-7")) == 1


def test_the_twin_that_does_not_hold_the_partners_row_is_caught(
    partner: Program, services: Services, wide: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(holds, "_locked_limit", lambda *_: 100_000_000)
    if services.database.is_sqlite:
        # One writer at a time even so: the second wall of the embedded default.
        assert held_at_once(partner, wide) == ONE_OF_FOUR
        return
    looked, real = threading.Barrier(4), holds.standing

    def look_and_wait(*args: Any, **wish: Any) -> Standing:
        found = real(*args, **wish)
        looked.wait(timeout=30)
        return found

    monkeypatch.setattr(holds, "standing", look_and_wait)
    assert held_at_once(partner, wide) == [(201, "")] * 4
    assert len(listed(partner, "external_ref=NT-7")) == 4
