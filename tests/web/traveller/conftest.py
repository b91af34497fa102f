"""What the traveller tests share: a visitor, and a world that delivers what the gateway owes."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from catalog.geography.reference_loading import load_reference
from marketplace import tasks
from marketplace.bootstrap import Services
from marketplace.kernel import outbox
from marketplace.payments.effects import PostSimulatedEvent
from marketplace.payments.gateways.simulated import SimulatedGateway
from marketplace.payments.gateways.simulated_models import SimulatedEvent
from marketplace.settings import ROOT
from tests.factories import Room
from tests.web.traveller.journey import Journey
from tests.web.traveller.visitor import Visitor


@pytest.fixture
def visitor(client: FlaskClient) -> Visitor:
    """A visitor who has been nowhere yet."""
    return Visitor(client)


@pytest.fixture
def journey(visitor: Visitor, loaded: Room) -> Journey:
    """A visitor and the room they want."""
    return Journey(visitor, loaded)


@pytest.fixture
def reference(services: Services) -> None:
    """The source cities with their July, and the rail links, as the files have them."""
    load_reference(services.database, folder=ROOT / "data")


@pytest.fixture
def app_context(app: Flask) -> Iterator[None]:
    """A request for a Chinese page, for what is asked below the views."""
    with app.test_request_context("/search"):
        yield


@pytest.fixture
def gateway_reports(app: Flask, services: Services) -> Callable[[], int]:
    """Post every event of the gateway, each as often as it is owed, and do the work they cause."""
    told: set[str] = set()

    def report() -> int:
        gateway = services.gateways.default
        assert isinstance(gateway, SimulatedGateway)
        posted = 0
        with services.database.read() as session:
            events = session.scalars(sa.select(SimulatedEvent.id)).all()
        for event_id in events:
            if event_id in told:
                continue
            told.add(event_id)
            with services.database.read() as session:
                request = gateway.event_request(session, event_id)
            for _ in range(request.copies):
                answer = app.test_client().post(
                    "/hooks/simulated", data=request.body, headers=request.headers
                )
                assert answer.status_code == 200
                posted += 1
        _work(services)
        return posted

    return report


def _work(services: Services) -> None:
    """Deliver what is owed inside the product; the gateway's own events were posted by hand."""
    with services.database.read() as session:
        due = session.execute(
            sa.select(outbox.OutboxRow.id, outbox.OutboxRow.topic).where(
                outbox.OutboxRow.done_at.is_(None)
            )
        ).all()
    for row in due:
        if row.topic != PostSimulatedEvent.topic:
            tasks.deliver(services, row_id=row.id)
