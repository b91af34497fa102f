"""P1 and P7: a booking is two requests, hold then confirm; what it costs each kind of process."""

from __future__ import annotations

import itertools
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

import orjson

from marketplace.kernel import outbox
from tests.bench.front_door.accounts import used
from tests.bench.front_door.asking import Ask, in_turns, rate
from tests.bench.front_door.stage import Stage
from tests.bench.report import Figure, insist

HOLDS = "/partner/v1/stays/holds"
GUEST = orjson.dumps({"lead_guest": {"name": "王秀英", "phone": "13800138000"}})
NIGHTS, CLIENTS = (3, 30), (1, 4, 8)
RATE_GOAL = 0.3
CPU_GOAL_MS = 10
TOLD = (3, 4)
"""Nights and clients whose processor time is told: P7."""
SETTLED_WITHIN_SECONDS = 30
_references = itertools.count(1)
Accounts = Callable[[], Mapping[str, float]]
"""Reads the processor seconds of each kind of process."""
Settle = Callable[[], None]
"""Waits until nothing is left to do of what was booked."""


@dataclass(frozen=True, slots=True)
class Buyer:
    """A partner's client that books one house over and over."""

    ask: Ask
    stage: Stage
    place: int
    nights: int

    def book(self) -> None:
        """Hold and confirm."""
        body = {
            "room_type": self.stage.rooms[self.place].room_type_id,
            "arrive": self.stage.arrive.isoformat(),
            "nights": self.nights,
            "rooms": 1,
            "adults": 2,
            "children_ages": [],
            "external_ref": f"bench-{next(_references)}",
        }
        held = self._post(HOLDS, orjson.dumps(body))
        insist(self._post(f"{HOLDS}/{held['id']}/confirm", GUEST)["state"] == "confirmed", "state")

    def _post(self, path: str, body: bytes) -> dict[str, str]:
        headers = {"Content-Type": "application/json", "Idempotency-Key": uuid.uuid4().hex}
        answer = self.ask("POST", path, body, headers | self.stage.authority)
        insist(answer.status in (200, 201), f"{path}: {answer.status} {answer.body[:300]!r}")
        found: dict[str, str] = orjson.loads(answer.body)
        return found


def book_at_floor(ask: Ask, stage: Stage, place: int, nights: int) -> None:
    """Book in the floor's one request."""
    pool = stage.rooms[place].pool_id
    body = {"pool": pool, "arrive": stage.arrive.isoformat(), "nights": nights}
    answer = ask("POST", "/book", orjson.dumps(body), {"Content-Type": "application/json"})
    insist(answer.status == 200, f"floor: {answer.status}")


class Meter:
    """The speed of some clients, with what they cost each kind of process until all is settled."""

    def __init__(self, works: list[Callable[[], None]], accounts: Accounts, settle: Settle) -> None:
        """Begin with nothing spent."""
        self._works, self._accounts, self._settle = works, accounts, settle
        self._spent = dict.fromkeys(accounts(), 0.0)
        self._booked = 0.0

    def measure(self, seconds: float) -> float:
        """Let the clients book; returns how many bookings a second there were."""
        before, begin = self._accounts(), time.perf_counter()
        speed = rate(self._works, seconds)
        self._booked += speed * (time.perf_counter() - begin)
        self._settle()
        for kind, each in used(before, self._accounts()).items():
            self._spent[kind] += each
        return speed

    def figure(self) -> Figure:
        """Return P7."""
        parts = {kind: each / self._booked * 1000 for kind, each in self._spent.items()}
        note = " + ".join(f"{kind} {ms:.1f}" for kind, ms in parts.items())
        what = "CPU ms a booking, all processes"
        return Figure("P7", what, sum(parts.values()), CPU_GOAL_MS, "below", note)


def booking_figures(
    stage: Stage, accounts: Accounts, settle: Settle, *, rounds: int, seconds: float
) -> Iterator[Figure]:
    """Measure P1, and P7 with it."""
    for nights, clients in itertools.product(NIGHTS, CLIENTS):
        ours = [Buyer(stage.ours(), stage, place, nights).book for place in range(clients)]
        floors = [_floors(stage, place, nights) for place in range(clients)]
        for work in (*ours, *floors):
            work()
        meter = Meter(ours, accounts, settle)
        ratio, fast, floor = in_turns(
            partial(meter.measure, seconds), partial(rate, floors, seconds), rounds
        )
        what = f"bookings of {nights} nights, {clients} clients / the floor's"
        note = f"{fast:.0f} against {floor:.0f} bookings/s"
        yield Figure("P1", what, ratio, RATE_GOAL, "above", note)
        if (nights, clients) == TOLD:
            yield meter.figure()


def _floors(stage: Stage, place: int, nights: int) -> Callable[[], None]:
    ask = stage.floor()
    return lambda: book_at_floor(ask, stage, place, nights)


def settle(stage: Stage) -> None:
    """Wait until the worker has done what the bookings left to it."""
    ends = time.monotonic() + SETTLED_WITHIN_SECONDS
    while time.monotonic() < ends:
        with stage.services.database.read() as session:
            if not outbox.due_ids(session, now=stage.services.clock.now(), limit=1):
                return
        time.sleep(0.1)
