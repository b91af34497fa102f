"""Request ids, one log line a request without personal data, and metrics."""

from __future__ import annotations

import re
import time

import structlog
from flask import Flask, Response, g, request
from prometheus_client import Counter, Histogram

from marketplace.kernel.ids import help_number

REQUESTS = Counter("snowbird_requests_total", "Requests by route and status", ["route", "status"])
SECONDS = Histogram("snowbird_request_seconds", "Time to answer by route", ["route"])
SAFE_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")


def set_up(app: Flask) -> None:
    """Give every request an id, log it by route (never by address or query), and count it."""
    log = structlog.get_logger("web")

    @app.before_request
    def begin() -> None:
        given = request.headers.get("X-Request-Id", "")
        ids = app.extensions["services"].ids
        g.request_id = given if SAFE_ID.fullmatch(given) else ids.new_id()
        g.began = time.perf_counter()

    @app.after_request
    def end(response: Response) -> Response:
        route = request.url_rule.rule if request.url_rule else "(none)"
        seconds = time.perf_counter() - g.get("began", time.perf_counter())
        response.headers["X-Request-Id"] = g.get("request_id", "")
        REQUESTS.labels(route, response.status_code).inc()
        SECONDS.labels(route).observe(seconds)
        if request.endpoint not in ("static", "health.alive"):
            log.info(
                "request",
                id=g.get("request_id", ""),
                help=help_number(g.get("request_id", "")),
                method=request.method,
                route=route,
                status=response.status_code,
                ms=round(seconds * 1000, 1),
            )
        return response
