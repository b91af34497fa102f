"""What may be sold is one rule: availability, ari, quote and hold agree, and say why not."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import sqlalchemy as sa

from catalog.models import Enterprise, Listing
from catalog.states import EnterpriseStatus, ListingStatus
from marketplace.bootstrap import Services
from marketplace.kernel.clock import SetClock
from tests.api.tariffs import QUOTE
from tests.factories import TODAY, Room
from tests.support.app import BOTH
from tests.support.partner import GUEST, HOLDS, Program, code, stay

pytestmark = pytest.mark.parametrize("database_kind", BOTH)
FREE = "/partner/v1/stays/availability?arrive=2027-06-10&nights=2"
YESTERDAY = TODAY - dt.timedelta(days=1)
STOPS: dict[str, tuple[dict[str, Any], str]] = {
    "licence": ({"sells_until": YESTERDAY}, "licence_ended"),
    "planned": ({"planned": True}, "planned"),
    "unclaimed": ({"is_sample": False, "claimed": False}, "unclaimed"),
    "suspended": ({"status": EnterpriseStatus.SUSPENDED}, "not_listed"),
    "delisted": ({"status": EnterpriseStatus.DELISTED}, "not_listed"),
}


def house(services: Services, **facts: Any) -> None:
    with services.database.write() as session:
        session.execute(sa.update(Enterprise).values(**facts))


def answers(partner: Program, room: Room) -> tuple[Any, ...]:
    """What each way to ask says: rooms listed, nights open, and the two refusals."""
    ari = partner.get(f"/partner/v1/stays/{room.listing_id}/ari?from=2027-06-10&to=2027-06-12")
    nights = ari.json["room_types"][0]["nights"] if ari.status_code == 200 else []
    return (
        len(partner.get(FREE).json["items"]),
        sum(not night["closed"] for night in nights),
        partner.post(QUOTE, stay(room)),
        partner.hold(room),
    )


@pytest.mark.parametrize("why", list(STOPS))
def test_who_may_not_sell_is_offered_nowhere(
    partner: Program, services: Services, loaded: Room, why: str
) -> None:
    booking_id = partner.held(loaded)
    facts, reason = STOPS[why]
    house(services, **facts)
    listed, open_nights, priced, held = answers(partner, loaded)
    assert (listed, open_nights) == (0, 0)
    for refused in (priced, held, partner.post(f"{HOLDS}/{booking_id}/confirm", GUEST)):
        assert code(refused) == (422, "not_bookable")
        assert refused.json["reason"] == reason


def test_the_last_day_of_a_licence_sells_and_the_next_does_not(
    partner: Program, services: Services, clock: SetClock, loaded: Room
) -> None:
    """The day counts that it is now, not the day of arrival, and no sweep has run."""
    house(services, sells_until=TODAY)
    listed, open_nights, priced, held = answers(partner, loaded)
    assert (listed, open_nights, priced.status_code, held.status_code) == (1, 2, 200, 201)
    clock.advance(days=1)
    listed, open_nights, priced, held = answers(partner, loaded)
    assert (listed, open_nights, priced.status_code, held.status_code) == (0, 0, 422, 422)


@pytest.mark.parametrize("status", [ListingStatus.PAUSED, ListingStatus.DRAFT])
def test_a_listing_that_is_not_published_is_offered_nowhere(
    partner: Program, services: Services, loaded: Room, status: ListingStatus
) -> None:
    with services.database.write() as session:
        session.execute(sa.update(Listing).values(status=status))
    listed, open_nights, priced, held = answers(partner, loaded)
    assert (listed, open_nights) == (0, 0)
    assert code(priced) == code(held) == (422, "not_bookable")


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8443", "127.0.0.1:9"])
def test_no_address_that_is_given_echoes_the_host(
    partner: Program, loaded: Room, host: str
) -> None:
    partner.held(loaded)
    for path in (
        "/partner/v1/feed/listings?limit=1",
        "/partner/v1/events?limit=1",
        f"/partner/v1/listings/{loaded.listing_id}",
        f"{FREE}&limit=1",
    ):
        answer = partner.get(path, Host=host, **{"X-Forwarded-Host": host})
        assert answer.status_code == 200
        assert host not in answer.get_data(as_text=True)
        following = answer.json.get("next")
        assert following is None or following.startswith("http://localhost/partner/v1/")
