"""Kill -9 of web, worker and scheduler in the middle of bookings; then everything owed is done."""

from __future__ import annotations

import random
import re
import threading
import time
from pathlib import Path

import pytest

from tests.process.personas import Http, Platform, Traveller
from tests.process.product import KILLABLE, Product, running

KILLS, ACKNOWLEDGED = 8, 5
"""How often somebody is killed at least, and how many bookings are acknowledged meanwhile."""
BETWEEN_KILLS, SELDOM = 3.0, 20.0
LOAD_ENDS_SECONDS = 420.0
"""A machine that is busy with other work needs longer for the same load; none needs this long."""
SETTLE_SECONDS = 120.0

pytestmark = pytest.mark.xdist_group("process")


def settle(product: Product) -> dict[str, list[str]]:
    """Wait until the audit is clean with nothing owed; returns what is wrong if it never is."""
    deadline = time.monotonic() + SETTLE_SECONDS
    while True:
        report = product.audit()
        if report["clean"] or time.monotonic() > deadline:
            return {name: faults for name, faults in report["faults"].items() if faults}
        time.sleep(3)


def room_on_sale(product: Product) -> tuple[int, int]:
    """Return (listing, room type) of something that the results page offers."""
    browser = Http(product.port)
    _, page, _ = browser.until_known("GET", "/search?nights=30")
    match = re.search(r'href="/listings/(\d+)', page.decode())
    assert match is not None
    _, page, _ = browser.until_known("GET", f"/listings/{match.group(1)}")
    room = re.search(r'name="room_type"[^>]*?value="(\d+)"|<option value="(\d+)"', page.decode())
    assert room is not None
    return int(match.group(1)), int(room.group(1) or room.group(2))


def empty_broker(product: Product) -> None:
    """Throw away every message of the embedded broker, as a full disk or a careless hand does."""
    for message in (Path(product.environment["SNOWBIRD_STATE_DIR"]) / "broker").rglob("*.msg"):
        message.unlink(missing_ok=True)


@pytest.mark.slow
def test_nothing_acknowledged_is_lost(tmp_path: Path) -> None:
    with running(tmp_path / "state") as product:
        key = product.flask("partner-key", "killtest", "--credit", "90000000").stdout.strip()
        listing, room_type = room_on_sale(product)
        stop = threading.Event()
        platforms = [
            Platform(product.port, key, [room_type, room_type + 1, room_type + 2], stop, seed)
            for seed in range(3)
        ]
        travellers = [Traveller(product.port, listing, room_type, stop, seed) for seed in range(2)]
        people = [*platforms, *travellers]
        for person in people:
            person.start()
        chance, killed = random.Random(7), 0
        deadline = time.monotonic() + LOAD_ENDS_SECONDS

        def loaded() -> bool:
            enough = sum(len(one.known) for one in platforms) >= ACKNOWLEDGED
            return killed >= KILLS and enough and any(one.paid for one in travellers)

        while not loaded() and time.monotonic() < deadline:
            failed = [person.failure for person in people if person.failure is not None]
            assert failed == []
            # Where everything is slow, what was killed gets time to come up between.
            time.sleep(BETWEEN_KILLS if killed < KILLS else SELDOM)
            empty_broker(product)
            kind = KILLABLE[killed] if killed < len(KILLABLE) else chance.choice(KILLABLE)
            killed += product.kill_one(kind)
        stop.set()
        for person in people:
            person.join(timeout=240)
            assert not person.is_alive()
            assert person.failure is None, person.failure
        assert killed >= KILLS
        acknowledged = {key: state for one in platforms for key, state in one.known.items()}
        assert len(acknowledged) >= ACKNOWLEDGED
        assert any(traveller.paid for traveller in travellers)

        assert settle(product) == {}
        _, figures, _ = Http(product.port, address="").until_known("GET", "/metrics")
        assert b"snowbird_requests_total" in figures
        for booking_id, state in acknowledged.items():
            found = platforms[0].get(f"/partner/v1/stays/holds/{booking_id}")
            assert found["state"] == state, found
