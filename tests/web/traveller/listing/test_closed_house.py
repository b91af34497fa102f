"""A house that takes no guests says so, and leads to what is near, instead of a bare 404."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from catalog import service
from catalog.models import Enterprise, Listing
from catalog.states import EnterpriseStatus, ListingStatus
from marketplace.bootstrap import Services
from marketplace.kernel.audit import SYSTEM
from tests.factories import NOW, Room, make_enterprise, make_listing, make_room
from tests.web.traveller.visitor import Visitor

STAY = "arrive=2027-07-01&nights=30&adults=2"


@pytest.fixture
def neighbour(services: Services, loaded: Room) -> Room:
    """Another house that is on sale."""
    with services.database.write() as session:
        house = make_enterprise(session, name_zh="示例隔壁人家")
        listing = make_listing(session, enterprise_id=house, name_zh="隔壁小院")
        return make_room(session, listing_id=listing)


def suspend(services: Services, enterprise_id: int) -> None:
    with services.database.write() as session:
        service.suspend(
            session, enterprise_id=enterprise_id, reason="消防检查", actor=SYSTEM, now=NOW
        )


def pause(services: Services, listing_id: int) -> None:
    with services.database.write() as session:
        session.get_one(Listing, listing_id).status = ListingStatus.PAUSED


def test_a_suspended_listing_leads_to_its_neighbours_with_the_question_kept(
    visitor: Visitor, services: Services, loaded: Room, neighbour: Room
) -> None:
    suspend(services, loaded.enterprise_id)
    page = visitor.open(f"/listings/{loaded.listing_id}?{STAY}")
    assert page.status == 200
    assert "暂停接待" in page.text
    assert 'name="robots" content="noindex"' in page.html
    assert "消防检查" not in page.html
    near = [link for link in page.links if link.startswith("/listings/")]
    assert len(near) == 1
    assert near[0].startswith(f"/listings/{neighbour.listing_id}?")
    assert "arrive=2027-07-01" in near[0]
    assert "nights=30" in near[0]
    assert "closed to guests" in visitor.open(f"/en/listings/{loaded.listing_id}").text


def test_its_entry_says_so_too_until_it_is_listed_again(
    visitor: Visitor, services: Services, loaded: Room, neighbour: Room
) -> None:
    with services.database.write() as session:
        house = session.get_one(Enterprise, loaded.enterprise_id)
        house.is_sample, code = False, house.code
    suspend(services, loaded.enterprise_id)
    page = visitor.open(f"/directory/{code}")
    assert (page.status, "暂停接待" in page.text) == (200, True)
    assert any(link.startswith(f"/listings/{neighbour.listing_id}") for link in page.links)
    with services.database.write() as session:
        service.reinstate(session, enterprise_id=loaded.enterprise_id, actor=SYSTEM, now=NOW)
    assert "暂停接待" not in visitor.open(f"/directory/{code}").text


def test_a_listing_that_its_host_paused_is_told_apart(
    visitor: Visitor, services: Services, loaded: Room
) -> None:
    pause(services, loaded.listing_id)
    page = visitor.open(f"/listings/{loaded.listing_id}")
    assert page.status == 200
    assert "现在不接受预订" in page.text
    assert "暂停接待" not in page.text
    assert "附近暂时没有能订的" in page.text


@pytest.mark.parametrize("closing", [suspend, pause])
def test_its_prices_are_answered_in_the_same_way(
    client: FlaskClient,
    services: Services,
    loaded: Room,
    closing: Callable[[Services, int], None],
) -> None:
    closing(services, loaded.enterprise_id if closing is suspend else loaded.listing_id)
    url = f"/listings/{loaded.listing_id}/quote?room_type={loaded.room_type_id}&{STAY}"
    page = client.get(url).get_data(as_text=True)
    assert "不能预订" in page or "不接受预订" in page


@pytest.mark.parametrize(
    ("enterprise", "listing"),
    [
        (EnterpriseStatus.DELISTED, ListingStatus.PUBLISHED),
        (EnterpriseStatus.SUSPENDED, ListingStatus.DRAFT),
        (EnterpriseStatus.SUSPENDED, ListingStatus.SUBMITTED),
        (EnterpriseStatus.LISTED, ListingStatus.DRAFT),
        (EnterpriseStatus.LISTED, ListingStatus.ARCHIVED),
    ],
)
def test_what_was_never_shown_or_is_gone_is_not_found(
    client: FlaskClient,
    services: Services,
    loaded: Room,
    enterprise: EnterpriseStatus,
    listing: ListingStatus,
) -> None:
    with services.database.write() as session:
        session.get_one(Enterprise, loaded.enterprise_id).status = enterprise
        session.get_one(Listing, loaded.listing_id).status = listing
    assert client.get(f"/listings/{loaded.listing_id}").status_code == 404
    assert client.get("/listings/987654").status_code == 404
    assert client.get("/directory/JL99999").status_code == 404
