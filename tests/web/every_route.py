"""Every route of the application with an address that leads somewhere, for tests of all of them."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from tests.factories import TODAY
from tests.support.staff import House
from tests.web.audiences import AUDIENCES

QUERIES = {
    "partner_api.availability": f"arrive={TODAY}&nights=2&rooms=1",
    "partner_api.ari": f"from={TODAY}&to={TODAY + dt.timedelta(days=1)}",
    "partner_api.bookings": "external_ref=A-1",
    "static": "v=1",
}


@dataclasses.dataclass
class Site:
    """The application with a house that has a paid booking."""

    app: Flask
    house: House
    booking_id: str

    def rules(self, audience: str) -> list[tuple[Rule, str]]:
        """The routes for an audience, each with each of its methods."""
        return [
            (rule, method)
            for rule in self.app.url_map.iter_rules()
            if AUDIENCES.get(rule.endpoint) == audience
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
        ]

    def address(self, rule: Rule) -> str:
        """An address of the route that leads to something that exists."""
        own = {
            "listing_id": str(self.house.room.listing_id),
            "booking_id": self.booking_id,
            "code": self.house.directory_code,
            "given": self.booking_id,
            "act": "disable",
            "choice": "apply",
            "ending": "csv",
            "gateway": "simulated",
            "filename": "css/app.css",
            "slug": "changbai",
            "name": "pages-1",
            "token": "x" * 43,
            "what": "longer",
        }
        path = re.sub(r"<(?:[^<>:]+:)?(\w+)>", lambda hit: own.get(hit[1], "1"), rule.rule)
        query = QUERIES.get(rule.endpoint)
        return f"{path}?{query}" if query else path


def send(client: FlaskClient, method: str, address: str, token: str = "") -> TestResponse:
    """Send a request, with the form's token where it is a form."""
    data = {"csrf_token": token} if method == "POST" else None
    return client.open(address, method=method, data=data)
