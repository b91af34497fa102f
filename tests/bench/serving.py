"""The product on a real server, with two plain answers beside it to compare its pages with.

``gunicorn tests.bench.serving:application()`` with the settings of the run in ``SNOWBIRD_*``.
"""

from __future__ import annotations

import datetime as dt

import orjson
from flask import Flask, Response
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from app import create_app
from marketplace import bootstrap
from marketplace.bootstrap import Services
from marketplace.kernel import crypto
from marketplace.kernel.clock import SetClock
from marketplace.kernel.stay import Stay
from marketplace.offers.search.filtering import order, sift
from marketplace.offers.search.search_types import Dates, SearchQuery, Sort
from marketplace.settings import Settings
from tests.factories import NOW, TODAY
from tests.support.database import KEYRING

HELLO, CHEAPEST = "/bench/hello/", "/bench/cheapest/"
MOST = 20
STAY = Stay.of(TODAY + dt.timedelta(days=20), 30)
QUERY = SearchQuery(dates=Dates.exactly(STAY), sort=Sort.PRICE, size=MOST)
"""What is free for thirty nights, the cheapest first."""


def build(settings: Settings) -> Services:
    """Return the services of a process whose day is that of the tests."""
    services = bootstrap.build(settings, clock=SetClock(NOW))
    crypto.install(KEYRING)
    return services


def application() -> DispatcherMiddleware:
    """Return the product, a hello of Flask's, and the cheapest stays as JSON."""
    services = build(Settings())
    hello = Flask("hello")
    hello.add_url_rule("/", view_func=lambda: "Hello")
    return DispatcherMiddleware(
        create_app(services=services),
        {HELLO.rstrip("/"): hello, CHEAPEST.rstrip("/"): _availability(services)},
    )


def _availability(services: Services) -> Flask:
    app = Flask("availability")

    @app.get("/")
    def cheapest() -> Response:
        matrix = services.follower.current()
        sifted = sift(matrix, QUERY, None)
        rows = order(matrix, QUERY, sifted, most=MOST)
        columns = sifted.priced.column[rows]
        body = {
            "listings": matrix.facts.ids[rows].tolist(),
            "room_types": matrix.pools.room_type_ids[columns].tolist(),
            "totals_fen": sifted.priced.fen[rows].tolist(),
        }
        return Response(orjson.dumps(body), content_type="application/json")

    return app
