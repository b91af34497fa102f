"""What may be sold is one rule: pages, search, availability, quote and hold agree on it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from catalog.models import Enterprise, Listing
from catalog.states import EnterpriseStatus, ListingStatus
from marketplace.bootstrap import Services
from marketplace.kernel import changes
from marketplace.kernel.clock import SetClock
from tests.api.tariffs import QUOTE
from tests.factories import NOW, TODAY, Room, make_enterprise, make_listing, make_room
from tests.support.app import BOTH
from tests.support.partner import GUEST, HOLDS, Program, code, stay
from tests.web.traveller.journey import Journey
from tests.web.traveller.visitor import Visitor

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


NOT_SOLD: dict[str, dict[str, Any]] = {
    "paused": {"status": ListingStatus.PAUSED},
    "draft": {"status": ListingStatus.DRAFT},
    "archived": {"status": ListingStatus.ARCHIVED},
}
"""Of the listing: the house goes on selling others."""
DATES = "arrive=2027-06-10&nights=2&adults=2"


def house(services: Services, **facts: Any) -> None:
    _update(services, sa.update(Enterprise).values(**facts))


def listing(services: Services, **facts: Any) -> None:
    _update(services, sa.update(Listing).values(**facts))


def _update(services: Services, statement: sa.Update) -> None:
    with services.database.write() as session:
        session.execute(statement)
        changes.record_all(
            session, changes.LISTING, session.scalars(sa.select(Listing.id)).all(), now=NOW
        )


class Askers:
    """Everybody who asks whether a room may be sold, each through its own door."""

    def __init__(self, app: Flask, partner: Program, trial: Program, room: Room) -> None:
        self.app, self.partner, self.trial, self.room = app, partner, trial, room
        self.held = partner.held(room)
        self.tested = trial.held(room)
        # Somebody who has answered all questions, and has only to press the button.
        self.waiting = Journey(Visitor(app.test_client()), room)
        self.waiting.quote(arrive="2027-06-20", nights=2)
        self.waiting.answer()

    def sold(self) -> dict[str, bool]:
        """What each one is told before anything is bought."""
        page, room = Visitor(self.app.test_client()), self.room
        month = self.partner.get(
            f"/partner/v1/stays/{room.listing_id}/ari?from=2027-06-10&to=2027-06-12"
        )
        nights = month.json["room_types"][0]["nights"] if month.status_code == 200 else []
        return {
            "page": f"/listings/{room.listing_id}/quote" in page.open(self.path).html,
            "search": self.path in page.open(f"/search?{DATES}").html,
            "quote on our pages": "seen_total_fen" in self._quoted(page),
            "availability": bool(self.partner.get(FREE).json["items"]),
            "ari": any(not night["closed"] for night in nights),
            "quote": self.partner.post(QUOTE, stay(room)).status_code == 200,
            "quote by test key": self.trial.post(QUOTE, stay(room)).status_code == 200,
        }

    @property
    def path(self) -> str:
        return f"/listings/{self.room.listing_id}"

    def _quoted(self, visitor: Visitor) -> set[str]:
        page = visitor.open(f"{self.path}/quote?room_type={self.room.room_type_id}&{DATES}")
        return {name for form in page.forms for name in form.names}

    def bought(self) -> dict[str, bool]:
        """What becomes of each one who acts on it."""
        return {
            "hold": self.partner.hold(self.room).status_code == 201,
            "hold by test key": self.trial.hold(self.room).status_code == 201,
            "hold on our pages": self.waiting.visitor.send("/book/check").path.endswith("/pay"),
        }


@pytest.fixture
def askers(app: Flask, partner: Program, trial: Program, house_of_three: Room) -> Askers:
    return Askers(app, partner, trial, house_of_three)


@pytest.fixture
def house_of_three(services: Services) -> Room:
    with services.database.write() as session:
        made = make_listing(session, enterprise_id=make_enterprise(session))
        return make_room(session, listing_id=made, capacity=4)


def test_what_may_be_sold_is_offered_and_held_everywhere(askers: Askers) -> None:
    assert set(askers.sold().values()) == {True}
    assert set(askers.bought().values()) == {True}


@pytest.mark.parametrize("why", [*STOPS, *NOT_SOLD])
def test_what_may_not_be_sold_is_offered_and_held_nowhere(
    services: Services, askers: Askers, why: str
) -> None:
    if why in STOPS:
        house(services, **STOPS[why][0])
    else:
        listing(services, **NOT_SOLD[why])
    assert {who: told for who, told in askers.sold().items() if told} == {}
    assert {who: told for who, told in askers.bought().items() if told} == {}
    asked = [askers.partner.post(QUOTE, stay(askers.room)), askers.partner.hold(askers.room)]
    if why in STOPS:  # what is held already is the listing's no more, and the house's still
        for program, held in ((askers.partner, askers.held), (askers.trial, askers.tested)):
            asked.append(program.post(f"{HOLDS}/{held}/confirm", GUEST))
    for refused in asked:
        assert code(refused) == (422, "not_bookable")
        assert refused.json.get("reason") == (STOPS[why][1] if why in STOPS else None)


def test_nights_out_of_season_are_offered_and_held_nowhere(
    services: Services, askers: Askers
) -> None:
    listing(services, opens="07-01", closes="03-31")
    told = askers.sold()
    # The listing's own page goes on: it sells the nights of the season.
    assert {who for who, sold in told.items() if sold} == {"page"}
    assert set(askers.bought().values()) == {False}
    assert code(askers.partner.hold(askers.room)) == (422, "invalid")


def test_the_last_day_of_a_licence_sells_and_the_next_does_not(
    services: Services, clock: SetClock, askers: Askers
) -> None:
    """The day counts that it is now, not the day of arrival, and no sweep has run."""
    house(services, sells_until=TODAY)
    assert set(askers.sold().values()) == {True}
    clock.advance(days=1)
    assert set(askers.sold().values()) == {False}
    assert askers.partner.hold(askers.room).json["reason"] == "licence_ended"


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
