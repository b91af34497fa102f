"""The whole product on a loopback port: real database, real pages, the sample to book from."""

from __future__ import annotations

import dataclasses
import itertools
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

from app import create_app
from catalog.bulk.directory_loading import import_directory
from catalog.geography.reference_loading import load_reference
from catalog.models import Listing, RoomType
from catalog.search import refresh
from catalog.search.search_service import Words
from marketplace import bootstrap, tasks
from marketplace.bootstrap import Services
from marketplace.kernel import changes, crypto
from marketplace.kernel.clock import SetClock
from marketplace.offers.matrix.matrix_sync import Follower
from marketplace.operations.schema import upgrade
from marketplace.sample import load_sample
from marketplace.settings import ROOT, Environment, Settings
from tests.factories import NOW, Room
from tests.support.database import KEYRING

DAYS = 240
"""Days of stock from the first of June 2027: enough for 90 nights from any date used here."""


@dataclasses.dataclass(frozen=True)
class Site:
    """A running installation and where it is reached."""

    app: Flask
    services: Services
    clock: SetClock
    address: str
    _visitors: Iterator[int] = dataclasses.field(default_factory=lambda: itertools.count(1))

    def new_address(self) -> str:
        """Return a network address that no visitor had yet, so that nobody shares a rate limit."""
        number = next(self._visitors)
        return f"10.1.{number // 250}.{number % 250 + 1}"

    def room(self, code: str) -> Room:
        """Return a room type of the sample by its code."""
        query = (
            sa.select(RoomType.id, RoomType.listing_id, Listing.enterprise_id)
            .join(Listing, Listing.id == RoomType.listing_id)
            .where(RoomType.code == code)
        )
        with self.services.database.read() as session:
            row = session.execute(query).one()
        return Room(row.id, 0, row.listing_id, row.enterprise_id)

    def work(self) -> None:
        """Do everything that is owed, the gateway's own reports included."""
        while tasks.sweep_outbox(self.services):
            pass


class _Quiet(WSGIRequestHandler):
    """Answers without writing a line for each request."""

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - werkzeug's own name
        """Say nothing."""


@contextmanager
def running(folder: Path) -> Iterator[Site]:
    """Run the product from an empty folder, loaded once; stops when the block ends."""
    door = socket.create_server(("127.0.0.1", 0), backlog=64)
    port = door.getsockname()[1]
    clock = SetClock(NOW)
    settings = Settings(env=Environment.TEST, state_dir=folder, port=port, trusted_proxies=1)
    built = bootstrap.build(settings, clock=clock)
    # Every test installs these keys; what is written before the first one must open with them too.
    crypto.install(KEYRING)
    _load(built)
    # Asked at every request: a visitor sees at once what another one booked.
    services = dataclasses.replace(
        built,
        follower=Follower(built.database, clock, poll_seconds=0),
        words=Words(built.index, built.database, poll_seconds=0),
    )
    app = create_app(services=services)
    server = make_server(
        "127.0.0.1", port, app, threaded=True, request_handler=_Quiet, fd=door.fileno()
    )
    thread = threading.Thread(target=server.serve_forever, name="site", daemon=True)
    thread.start()
    try:
        yield Site(app, services, clock, settings.base_url)
    finally:
        server.shutdown()
        thread.join(timeout=10)
        server.server_close()
        door.close()
        built.database.dispose()


def _load(services: Services) -> None:
    upgrade(services.database.url)
    load_reference(services.database, folder=ROOT / "data")
    import_directory(
        services.database, ROOT / "data" / "directory-places.csv", clock=services.clock
    )
    load_sample(services.database, clock=services.clock, days=DAYS)
    changes.sequence(services.database)
    refresh.build(services.index, services.database)
