"""For those who run the product: is it alive, is it ready, how is it doing."""

from __future__ import annotations

import os
from collections.abc import Callable

import orjson
import sqlalchemy as sa
import structlog
from flask import Blueprint, Response, abort
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from marketplace.web.context import services
from marketplace.web.protection.hosts import from_this_machine

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def alive() -> Response:
    """Answer that the process is alive."""
    return _json({"status": "ok"}, 200)


@blueprint.get("/readyz")
def ready() -> Response:
    """Tell whether database, broker and index can be used; 503 names what cannot."""
    checks: dict[str, Callable[[], bool]] = {
        "database": _database_answers,
        "index": lambda: services().index.state is not None,
    }
    checks.update(services().probes)
    found = {name: _works(name, check) for name, check in checks.items()}
    good = all(found.values())
    words = {name: "ok" if works else "unavailable" for name, works in found.items()}
    return _json({"status": "ok" if good else "unavailable", **words}, 200 if good else 503)


@blueprint.get("/metrics")
def metrics() -> Response:
    """Give the figures of all web workers to a collector on this machine."""
    if not from_this_machine():
        abort(403)
    registry = REGISTRY
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _database_answers() -> bool:
    with services().database.read() as session:
        return session.scalar(sa.select(1)) == 1


def _works(name: str, check: Callable[[], bool]) -> bool:
    try:
        return check()
    except Exception as error:  # whatever it is, the answer is "not ready"
        structlog.get_logger("web").warning("not_ready", part=name, error=type(error).__name__)
        return False


def _json(body: dict[str, str], status: int) -> Response:
    return Response(orjson.dumps(body), status, content_type="application/json")
