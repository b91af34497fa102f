"""Two partners' programs, and one with a test key."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from flask import Flask
from werkzeug.serving import make_server

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
            session,
            listing_id=listing_id,
            capacity=5,
            list_fen=20_001,
            discounts={},
            terms=RICH,
            max_adults=3,
            max_guests=4,
        )


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """The address of a real server, for what is no client of Python."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()
