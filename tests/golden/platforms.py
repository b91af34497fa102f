"""Partner platforms: holds, confirmations, cancellations and refusals by the API."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from tests.golden.guests import day
from tests.golden.world import Platform, World

NAME, RIVAL = "北方旅行", "南方旅行"
HOLDS = "/partner/v1/stays/holds"
KEY = re.compile(r"sbj_(?:live|test)_\S+")
GUEST = {"lead_guest": {"name": "何建国", "phone": "138 0013 8000"}}


@dataclass
class Trade:
    """A platform with a live and a test key, another one, and what they booked."""

    live: Platform
    trial: Platform
    rival: Platform
    ids: dict[str, str] = field(default_factory=dict)


def key_of(world: World, name: str, *more: object) -> str:
    """Issue a key by the command; the record shows that there was one."""
    found = KEY.search(world.command("partner-key", name, "--credit", "150000", *more))
    assert found is not None
    return found[0]


def stay(world: World, room: str, arrive: str, nights: int, **more: Any) -> dict[str, Any]:
    return {
        "room_type": world.rooms[room][0],
        "arrive": arrive,
        "nights": nights,
        "rooms": 1,
        "adults": 2,
        "children_ages": [],
    } | more


def hold(caller: Platform, ref: str, body: dict[str, Any], minutes: int = 1) -> str:
    """Hold a stay; returns its id."""
    caller.world.clock.advance(minutes=minutes)
    answer = caller.post(HOLDS, body | {"external_ref": ref}, expect=201)
    return str(answer.json["id"])


def book(caller: Platform, ref: str, body: dict[str, Any], minutes: int = 1) -> str:
    """Hold and confirm a stay; returns its id."""
    booking_id = hold(caller, ref, body, minutes)
    caller.post(f"{HOLDS}/{booking_id}/confirm", GUEST)
    return booking_id


def first_day(world: World) -> Trade:
    live = Platform(world, "live", key_of(world, NAME))
    trial = Platform(world, "test", key_of(world, NAME, "--test"))
    trade = Trade(live, trial, Platform(world, "rival", key_of(world, RIVAL)))
    ids = trade.ids
    _look(world, live)
    for caller in (live, trial):
        for part, nights in (("goes on", 20), ("cancels", 8), ("undoes", 5)):
            ids[f"{caller.name} {part}"] = book(
                caller, f"NT-{part}", stay(world, "SMP05A1", day(30), nights, rooms=1)
            )
        ids[f"{caller.name} lapses"] = hold(caller, "NT-l", stay(world, "SMP05A2", day(31), 4))
        given_up = hold(caller, "NT-g", stay(world, "SMP05A2", day(31), 5))
        caller.post(f"{HOLDS}/{given_up}/extend")
        caller.post(f"{HOLDS}/{given_up}/cancel-quote")
        caller.post(f"{HOLDS}/{given_up}/cancel", {"reason": "other"})
        undone = ids[f"{caller.name} undoes"]
        quote = caller.post(f"{HOLDS}/{undone}/cancel-quote").json
        body = {"reason": "changed_plans", "expected_refund_fen": quote["refund_fen"]}
        caller.post(f"{HOLDS}/{undone}/cancel", body)
    for part, house in (("accepts", "SMP04A2"), ("declines", "SMP04A2")):
        ids[part] = book(live, f"NT-{part}", stay(world, house, day(60), 10))
    ids["arrives"] = book(live, "NT-arrives", stay(world, "SMP01A1", day(0), 7))
    ids["misses"] = book(live, "NT-misses", stay(world, "SMP01A1", day(0), 7))
    _with_a_quote(world, trade)
    _refused(world, trade)
    # In the minute of the last one, so that nothing that comes later is told at another time.
    ids["stays in"] = book(live, "NT-in", stay(world, "SMP04A2", day(0), 10), minutes=0)
    return trade


def _look(world: World, live: Platform) -> None:
    room, listing = world.rooms["SMP01A2"]
    live.get(f"/partner/v1/stays/availability?arrive={day(30)}&nights=30&rooms=1&adults=2")
    live.get(
        f"/partner/v1/stays/availability?arrive={day(30)}&nights=7&adults=2&children_ages=4,13"
        f"&listing={listing}"
    )
    live.get(f"/partner/v1/stays/availability?arrive={day(225)}&nights=5&room_type={room}")


def _with_a_quote(world: World, trade: Trade) -> None:
    body = stay(world, "SMP01A2", day(100), 30, adults=2, children_ages=[8], board="breakfast")
    world.clock.advance(minutes=1)
    quote = trade.live.post("/partner/v1/stays/quote", body).json
    trade.ids["quoted"] = book(trade.live, "NT-quoted", body | {"quote": quote["id"]})
    world.clock.advance(minutes=1)
    trade.live.post("/partner/v1/stays/quote", stay(world, "SMP10A1", day(60), 14, extra_beds=1))


def _refused(world: World, trade: Trade) -> None:
    live = trade.live
    body = stay(world, "SMP05A1", day(30), 8) | {"external_ref": "NT-no"}
    live.post(HOLDS, body | {"rooms": 7}, expect=409)
    live.post(HOLDS, body | {"expected_total_fen": 1}, expect=409)
    live.post(HOLDS, body | {"nights": 0, "adults": "zwei"}, expect=422)
    live.post(HOLDS, body | {"external_ref": "NT-goes on"}, expect=409)
    live.post(f"{HOLDS}/{trade.ids['live lapses']}/cancel", {"expected_refund_fen": 5}, expect=409)
    live.get(f"{HOLDS}/{'0' * 32}", expect=404)
    trade.rival.get(f"{HOLDS}/{trade.ids['live goes on']}", expect=404)
    once = stay(world, "SMP06A1", day(90), 15) | {"external_ref": "NT-once"}
    first = live.post(HOLDS, once, once="the-same", expect=201)
    assert live.post(HOLDS, once, once="the-same", expect=201).data == first.data
    live.post(HOLDS, once | {"nights": 16}, once="the-same", expect=422)


def second_day(world: World, trade: Trade) -> None:
    world.clock.advance(minutes=1)
    for caller in (trade.live, trade.trial):
        found = trade.ids[f"{caller.name} cancels"]
        caller.post(f"{HOLDS}/{found}/cancel-quote")
        caller.post(f"{HOLDS}/{found}/cancel", {"reason": "health"})
        lapsed = trade.ids[f"{caller.name} lapses"]
        caller.post(f"{HOLDS}/{lapsed}/confirm", GUEST, expect=409)
    code = world.code_of(trade.ids["live goes on"])
    world.command("bookings", "change", code, "--adults", 1, "--apply")
    world.command("partner", "balance", NAME, signed=False)
    world.command("partner", "payment", NAME, "1234.50", "NT0001", "--apply")
    world.command("partner", "payment", NAME, "1234.50", "NT0001", "--apply")
    world.command("partner", "payment", NAME, "10", "NT0002", "--apply")
    world.command("partner", "payment", NAME, "10", "NT0002", "--undo", "--apply")
    world.command("partner", "credit", NAME, "180000", "--apply")


def last_day(world: World, trade: Trade) -> None:
    """What is open when the record is taken, and the logs from their beginning."""
    live = trade.live
    trade.ids["held"] = hold(live, "NT-held", stay(world, "SMP06A1", day(70), 18))
    trade.ids["test held"] = hold(trade.trial, "NT-held", stay(world, "SMP06A1", day(70), 18))
    trade.ids["is here"] = book(live, "NT-here", stay(world, "SMP01A1", day(33), 30), minutes=0)
    world.command("partner", "balance", NAME, signed=False)
    world.work()
