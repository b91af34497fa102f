"""P2, P3, P4: what is free, the feed, and pages, against what the floor answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

import orjson

from tests.bench.front_door.asking import Ask, in_turns, looked_at, rate
from tests.bench.front_door.stage import Stage
from tests.bench.report import Figure, insist

CLIENTS = 4
MOST_ITEMS = 100
FEED_ITEMS = 500
AVAILABILITY_GOAL, PAGE_GOAL = 2.0, 0.6
FEED_GOAL = 10_000
AVAILABILITY, FEED = "/partner/v1/stays/availability", "/partner/v1/feed/listings"


@dataclass(frozen=True, slots=True)
class Look:
    """An address of the product, and the floor's that is measured beside it."""

    id: str
    what: str
    path: str
    floor: str
    goal: float
    headers: Mapping[str, str] = field(default_factory=dict)

    def figure(self, stage: Stage, *, rounds: int, seconds: float) -> Figure:
        """Measure both in turns, with four clients each."""
        ours = [self._work(stage.ours(), self.path, self.headers) for _ in range(CLIENTS)]
        floor = [self._work(stage.floor(), self.floor, {}) for _ in range(CLIENTS)]
        for work in (*ours, *floor):
            work()
        ratio, fast, plain = in_turns(
            lambda: rate(ours, seconds), lambda: rate(floor, seconds), rounds
        )
        note = f"{fast:.0f} against {plain:.0f} answers/s"
        return Figure(self.id, f"{self.what} / the floor's", ratio, self.goal, "above", note)

    @staticmethod
    def _work(ask: Ask, path: str, headers: Mapping[str, str]) -> Callable[[], object]:
        return lambda: looked_at(ask, path, headers)


def availability_figures(stage: Stage, *, rounds: int, seconds: float) -> Iterator[Figure]:
    """Measure P2: all rooms for a week and for two months, one listing, one room type."""
    room = stage.rooms[0]
    one_listing, one_room = {"listing": room.listing_id}, {"room_type": room.room_type_id}
    everything: dict[str, int] = {}
    for what, nights, only, floors in (
        ("all rooms, 7 nights", 7, everything, everything),
        ("all rooms, 60 nights", 60, everything, everything),
        ("one listing, 7 nights", 7, one_listing, one_room),
        ("one room type, 7 nights", 7, one_room, one_room),
    ):
        asked = {"arrive": stage.arrive.isoformat(), "nights": nights}
        path = f"{AVAILABILITY}?{urlencode(asked | only | {'limit': MOST_ITEMS})}"
        found = orjson.loads(looked_at(stage.ours(), path, stage.authority).body)
        insist(found["items"], f"{path}: nothing is free")
        floor = f"/availability?{urlencode(asked | floors)}"
        look = Look("P2", f"free: {what}", path, floor, AVAILABILITY_GOAL, headers=stage.authority)
        yield look.figure(stage, rounds=rounds, seconds=seconds)


def feed_figure(stage: Stage, *, seconds: float) -> Figure:
    """Measure P3: the feed read from its beginning, over and over, by one client."""
    ask = stage.ours()
    sizes = []

    def read() -> None:
        path, items = f"{FEED}?limit={FEED_ITEMS}", 0
        while True:
            page = orjson.loads(looked_at(ask, path, stage.authority).body)
            items += len(page["items"])
            if not page["items"]:
                break
            path = "{0.path}?{0.query}".format(urlsplit(page["next"]))
        sizes.append(items)

    read()
    speed = rate([read], seconds) * sizes[0]
    insist(sizes[0] and len(set(sizes)) == 1, "the feed is not the same each time")
    note = f"{sizes[0]} items each time"
    return Figure("P3", "items of the feed a second", speed, FEED_GOAL, "above", note)


def page_figures(
    stage: Stage, voucher: tuple[str, Mapping[str, str]], *, rounds: int, seconds: float
) -> Iterator[Figure]:
    """Measure P4; ``voucher`` is the page of a paid booking, with its guest's headers."""
    search = urlencode({"arrive": stage.arrive.isoformat(), "nights": 30})
    nothing: Mapping[str, str] = {}
    for name, path, headers in (
        ("home", "/", nothing),
        ("search", f"/search?{search}", nothing),
        ("listing", f"/listings/{stage.rooms[0].listing_id}", nothing),
        ("cluster", f"/clusters/{stage.cluster}", nothing),
        ("voucher", *voucher),
    ):
        look = Look("P4", f"{name} page", path, "/page", PAGE_GOAL, headers=headers)
        yield look.figure(stage, rounds=rounds, seconds=seconds)
