"""Events are kept 400 days whole; after that a late reader sees fewer steps and the same end."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from marketplace.booking.events import retention
from marketplace.booking.events.facts import subject_of
from marketplace.bootstrap import Services
from marketplace.kernel import changes
from marketplace.kernel.clock import SetClock
from marketplace.kernel.events import KEPT_WHOLE, Event
from marketplace.tasks import forget_events
from marketplace.worker import SWEEPS
from tests.factories import Room
from tests.support.app import BOTH
from tests.support.partner import HOLDS, Program, code

pytestmark = pytest.mark.parametrize("database_kind", BOTH)
ROOT = Path(__file__).resolve().parents[2]
BOOKINGS = "/partner/v1/bookings"
EVENTS = "/partner/v1/events"


def told(program: Program, after: int = 0) -> list[dict[str, Any]]:
    """All events after a number, page by page as a reader goes."""
    found: list[dict[str, Any]] = []
    path = f"{EVENTS}?afterChangeNumber={after}&limit=2"
    while page := program.get(path).json:
        if not page["items"]:
            return found
        found += page["items"]
        path = page["next"].removeprefix("http://localhost")
    raise AssertionError


def steps(log: list[dict[str, Any]]) -> list[str]:
    return [event["type"].removeprefix("booking.") for event in log]


@pytest.fixture
def cancelled(partner: Program, clock: SetClock, loaded: Room) -> str:
    """A booking of three acts within the first half hour."""
    booking_id = partner.confirmed(loaded)
    clock.advance(minutes=31)
    partner.post(f"{HOLDS}/{booking_id}/cancel", {"reason": "health"})
    return booking_id


def test_every_event_is_kept_for_400_days(
    partner: Program, services: Services, clock: SetClock, cancelled: str
) -> None:
    whole = told(partner)
    assert steps(whole) == ["held", "confirmed", "cancelled"]
    clock.advance(days=399)
    assert forget_events(services) == 0
    assert told(partner) == whole


def test_after_that_the_last_one_tells_the_same_end(
    partner: Program, services: Services, clock: SetClock, cancelled: str
) -> None:
    held, _, ended = told(partner)
    shown = partner.get(f"{BOOKINGS}/{cancelled}").json
    clock.advance(days=400)
    assert forget_events(services) == 2
    assert forget_events(services) == 0, "what stays waits for its own day"
    assert told(partner) == [ended], "from the beginning"
    assert told(partner, after=held["number"]) == [ended], "before the oldest number kept"
    assert told(partner, after=ended["number"]) == []
    assert partner.get(f"{BOOKINGS}/{cancelled}").json == shown == ended["view"]


def test_three_years_after_its_end_a_booking_is_no_news_and_is_still_shown(
    partner: Program, services: Services, clock: SetClock, cancelled: str
) -> None:
    *_, ended = told(partner)
    clock.advance(days=3 * 365)
    forget_events(services)
    assert told(partner) == [ended]
    clock.advance(days=1)
    assert forget_events(services) == 1
    assert told(partner) == told(partner, after=ended["number"]) == []
    assert code(partner.get(f"{EVENTS}?afterChangeNumber={ended['number'] + 1}")) == (
        400,
        "cursor_unknown",
    )
    assert partner.get(f"{BOOKINGS}/{cancelled}").json == ended["view"]
    assert partner.get(f"{HOLDS}/{cancelled}").json["ending"] == ended["view"]["ending"]
    assert [item["id"] for item in partner.get(BOOKINGS).json["items"]] == [cancelled]
    clock.advance(days=4_000)
    assert forget_events(services) == 0


def test_a_booking_that_goes_on_keeps_its_last_event(
    partner: Program, services: Services, clock: SetClock, loaded: Room
) -> None:
    booking_id = partner.confirmed(loaded)
    _, confirmed = told(partner)
    for _ in range(5):
        clock.advance(days=400)
        forget_events(services)
        assert told(partner) == [confirmed]
    assert partner.get(f"{BOOKINGS}/{booking_id}").json == confirmed["view"]


def test_one_that_nobody_could_read_yet_takes_the_place_of_none(
    partner: Program, services: Services, clock: SetClock, cancelled: str
) -> None:
    whole = told(partner)
    clock.advance(days=400)
    with services.database.write() as session:
        last = sa.update(Event).where(Event.number == whole[-1]["number"])
        session.execute(last.values(number=None))
    assert forget_events(services) == 1, "the one before the last that has a number"
    with services.database.read() as session:
        kept = session.scalars(sa.select(Event.type).order_by(Event.version)).all()
    assert kept == ["booking.confirmed", "booking.cancelled"]


def test_what_was_written_before_the_rule_is_kept_as_long(
    partner: Program, services: Services, clock: SetClock, cancelled: str
) -> None:
    """A migration lets every old event be looked at once."""
    whole = told(partner)
    with services.database.write() as session:
        session.execute(sa.update(Event).values(due_at=Event.at))
    assert forget_events(services) == 0
    assert told(partner) == whole
    clock.advance(days=400)
    assert forget_events(services) == 2


def test_it_goes_in_batches_and_what_is_left_waits_for_the_next_run(
    partner: Program,
    services: Services,
    clock: SetClock,
    loaded: Room,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ids = []
    for _ in range(4):
        ids.append(partner.confirmed(loaded))
        partner.post(f"{HOLDS}/{ids[-1]}/cancel", {"reason": "other"})
    changes.sequence(services.database)
    monkeypatch.setattr(retention, "AT_ONCE", 3)
    monkeypatch.setattr(retention, "TURNS", 2)
    clock.advance(days=400)
    runs = [forget_events(services) for _ in range(4)]
    assert max(runs) <= 6, "two transactions of three"
    assert sum(runs) == 8
    with services.database.read() as session:
        kept = session.scalars(sa.select(Event.subject).order_by(Event.id)).all()
    assert kept == [subject_of(booking_id) for booking_id in ids]


def test_the_scheduler_runs_it_and_readers_are_told(partner: Program) -> None:
    assert SWEEPS["events"] == (forget_events, 600)
    promise = f"kept for {KEPT_WHOLE.days} days"
    described = partner.client.get("/openapi.json").json["components"]["schemas"]["EventsPage"]
    assert promise in described["description"]
    assert promise in (ROOT / "docs" / "partners.md").read_text(encoding="utf-8")
