"""Two partners' programs, and one with a test key."""

from __future__ import annotations

import pytest
from flask import Flask

from marketplace.bootstrap import Services
from tests.api.tariffs import RICH
from tests.factories import Room, make_enterprise, make_listing, make_room
from tests.support.partner import Program, issue


@pytest.fixture
def partner(app: Flask, services: Services) -> Program:
    return Program(app, issue(services))


@pytest.fixture
def rival(app: Flask, services: Services) -> Program:
    return Program(app, issue(services, "南方旅行"))


@pytest.fixture
def trial(app: Flask, services: Services) -> Program:
    """The same partner as ``partner``, with a test key."""
    return Program(app, issue(services, test=True))


@pytest.fixture
def rich(services: Services) -> Room:
    """A room type with every kind of term, 5 rooms at 200.01 yuan."""
    with services.database.write() as session:
        listing_id = make_listing(session, enterprise_id=make_enterprise(session), min_nights=2)
        return make_room(
            session, listing_id=listing_id, capacity=5, list_fen=20_001, discounts={}, terms=RICH,
            max_adults=3, max_guests=4,
        )  # fmt: skip
