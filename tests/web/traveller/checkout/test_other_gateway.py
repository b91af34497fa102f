"""Paying on the pages of another gateway, beside the simulated one."""

from __future__ import annotations

import dataclasses

import pytest
from flask.testing import FlaskClient

from app import create_app
from marketplace import tasks
from marketplace.booking.models import Booking
from marketplace.booking.states import BookingState
from marketplace.bootstrap import Services
from marketplace.kernel.clock import SetClock
from marketplace.payments.gateways.registry import Gateways
from marketplace.web.protection import security
from tests.support.till import Till
from tests.web.traveller.journey import Journey


@pytest.fixture
def till(clock: SetClock) -> Till:
    return Till(clock)


@pytest.fixture
def both(services: Services, till: Till) -> Services:
    return dataclasses.replace(services, gateways=Gateways(till, services.gateways.default))


@pytest.fixture
def client(both: Services) -> FlaskClient:
    """A browser at an installation whose new payments are opened at the till."""
    app = create_app(services=both)
    app.testing = True
    return app.test_client()


def test_its_pages_are_where_a_form_to_pay_may_lead(journey: Journey, client: FlaskClient) -> None:
    booking_id = journey.hold()
    paying = client.get(f"/booking/{booking_id}/pay").headers["Content-Security-Policy"]
    assert "form-action 'self' https://till.example;" in paying
    elsewhere = client.get("/my-booking").headers["Content-Security-Policy"]
    assert elsewhere == security.CSP


def test_a_stay_is_paid_there_and_its_notice_confirms_it(
    journey: Journey, client: FlaskClient, both: Services, till: Till
) -> None:
    booking_id = journey.hold()
    form = journey.visitor.page.form(holding="/pay")
    led = client.post(f"/booking/{booking_id}/pay", data=form.fields)
    assert (led.status_code, led.location) == (303, "https://till.example/bill-1")
    till.do("bill-1", "alipay_ok")
    body = till.notice("n-1", bill="bill-1")
    assert client.post("/hooks/till", data=body, headers=till.seal(body)).status_code == 200
    assert client.post("/hooks/simulated", data=body, headers=till.seal(body)).status_code == 400
    tasks.sweep_outbox(both)
    with both.database.read() as session:
        assert session.get_one(Booking, booking_id).state is BookingState.CONFIRMED
