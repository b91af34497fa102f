"""A suspension in the middle of a rush of bookings on several processes: not one comes after it."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest
import sqlalchemy as sa

from tests.process import valley
from tests.process.personas import Http
from tests.process.product import own_database
from tests.process.test_seen_everywhere import LIVE, serving
from tests.process.valley import FAIR_CODE, Valley
from tests.support.waiting import until

BUYERS = 6
LATE_SECONDS = 120.0
"""By when a machine that is busy with other work has placed a few bookings."""
PLACED, NOT_BOOKABLE = 201, 422

pytestmark = pytest.mark.xdist_group("process")


@dataclass
class Rush:
    """Buyers who ask again and again, in turn at each web process, until they are told to stop."""

    place: Valley
    ports: list[int]
    over: threading.Event = field(default_factory=threading.Event)
    answers: list[tuple[float, int]] = field(default_factory=list)
    """When each request began, and what it was answered."""

    @property
    def placed(self) -> int:
        """How many bookings were placed by now."""
        return sum(status == PLACED for _, status in list(self.answers))

    def asked_since(self, moment: float) -> int:
        """How many requests that began after ``moment`` were answered by now."""
        return sum(began >= moment for began, _ in list(self.answers))

    def buy(self, number: int) -> None:
        """Ask until it is over."""
        for turn in itertools.count(number):
            if self.over.is_set():
                return
            began = time.monotonic()
            port = self.ports[turn % len(self.ports)]
            self.answers.append((began, self.place.try_fair(port)))


@pytest.fixture
def ports_and_place(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[list[int], Valley]]:
    state = tmp_path_factory.mktemp("rush") / "state"
    with (
        own_database() as url,
        valley.settled(state, url) as place,
        serving(place.environment, LIVE, LIVE) as ports,
    ):
        for port in ports:
            Http(port).until_known("GET", "/healthz")
        place.door = ports[0]
        place.decide("suspend", code=valley.EAST_CODE, reason="先登录一次")
        yield ports, place


@pytest.mark.slow
def test_nobody_books_after_it(ports_and_place: tuple[list[int], Valley]) -> None:
    ports, place = ports_and_place
    rush = Rush(place, ports)
    with ThreadPoolExecutor(BUYERS) as pool:
        buyers = [pool.submit(rush.buy, number) for number in range(BUYERS)]
        try:
            until(lambda: rush.placed > BUYERS, within=LATE_SECONDS)
            place.decide("suspend", code=FAIR_CODE, reason="消防设施过期")
            decided = time.monotonic()
            until(lambda: rush.asked_since(decided) > BUYERS, within=LATE_SECONDS)
        finally:
            rush.over.set()
        for buyer in buyers:
            buyer.result(timeout=60)
        answers = rush.answers
    before = [status for began, status in answers if began < decided]
    after = [status for began, status in answers if began >= decided]
    assert before.count(PLACED) > BUYERS
    assert after
    assert set(after) == {NOT_BOOKABLE}
    with place.services.database.read() as session:
        # Ids are given at insertion, under the enterprise's lock.
        suspended = session.scalar(
            sa.text("SELECT max(id) FROM audit_entry WHERE action = 'enterprise.suspended'")
        )
        later = session.scalar(
            sa.text(
                "SELECT count(*) FROM audit_entry WHERE action = 'booking.held' AND id > :mark"
            ).bindparams(mark=suspended)
        )
        held = session.scalar(
            sa.text("SELECT count(*) FROM audit_entry WHERE action = 'booking.held'")
        )
    assert later == 0
    assert held == before.count(PLACED)
