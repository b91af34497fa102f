"""What the staff tests share: a house with rooms, its people, a stranger's, and the office."""

from __future__ import annotations

import pytest
from flask import Flask

from marketplace.bootstrap import Services
from marketplace.kernel.clock import SetClock
from marketplace.staff.roles import Role
from tests.factories import Room, make_enterprise, make_listing, make_room
from tests.support.staff import Browser, House, make_staff
from tests.web.every_route import Site


@pytest.fixture
def house(services: Services, clock: SetClock, loaded: Room) -> House:
    """A house with two rooms of one type."""
    return House(services, clock, loaded)


@pytest.fixture
def neighbour(services: Services, clock: SetClock) -> House:
    """Somebody else's house."""
    with services.database.write() as session:
        enterprise_id = make_enterprise(session, name_zh="示例邻家小院")
        listing_id = make_listing(session, enterprise_id=enterprise_id)
        room = make_room(session, listing_id=listing_id)
    return House(services, clock, room)


@pytest.fixture
def browser(app: Flask) -> Browser:
    """A browser in which nobody is signed in."""
    return Browser(app.test_client())


@pytest.fixture
def operator(app: Flask, services: Services, house: House) -> Browser:
    """The house's own front desk, signed in."""
    make_staff(services, "front", Role.OPERATOR, house.room.enterprise_id)
    signed_in = Browser(app.test_client())
    signed_in.sign_in("front")
    return signed_in


@pytest.fixture
def office(app: Flask, services: Services) -> Browser:
    """The directory office, signed in."""
    make_staff(services, "clerk", Role.OFFICE, None)
    signed_in = Browser(app.test_client())
    signed_in.sign_in("clerk")
    return signed_in


@pytest.fixture
def applicant(app: Flask, services: Services) -> Browser:
    """Somebody who may apply for an entry, signed in."""
    make_staff(services, "asker", Role.APPLICANT, None)
    signed_in = Browser(app.test_client())
    signed_in.sign_in("asker")
    return signed_in


@pytest.fixture
def site(app: Flask, house: House) -> Site:
    """The application with a house that has a paid booking."""
    return Site(app, house, house.booked())
