"""The development page with the messages that would have gone out."""

from __future__ import annotations

import dataclasses
from typing import Any

from app import create_app
from marketplace.bootstrap import Services
from marketplace.kernel.ids import group_code
from marketplace.settings import Environment
from tests.support.staff import Browser, House


class TestOutbox:
    def test_it_shows_the_words_and_hides_the_phone(self, browser: Browser, house: House) -> None:
        assert "还没有消息" in browser.open("/outbox")
        booking_id = house.booked(phone="13912345678")
        page = browser.open("/outbox")
        assert group_code(house.code(booking_id)) in page
        assert "139****5678" in page
        assert "13912345678" not in page

    def test_production_has_no_such_page(self, services: Services) -> None:
        changed: dict[str, Any] = {"env": Environment.PRODUCTION}
        settings = services.settings.model_copy(update=changed)
        app = create_app(services=dataclasses.replace(services, settings=settings))
        assert app.test_client().get("/outbox").status_code == 404
