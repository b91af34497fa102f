"""The listings feed walked by OpenActive's own validator, from the first page to the last.

It runs on Node, which neither ``make run`` nor ``make test`` needs: where it is not installed with
the modules of ``tests/rpde`` there is nothing to run. The build server installs both.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.serving import make_server

from catalog.service import move_listing
from catalog.states import ListingStatus
from marketplace.bootstrap import Services
from marketplace.kernel.audit import SYSTEM
from tests.factories import NOW, make_enterprise, make_listing, make_room
from tests.support.partner import issue

FOLDER = Path(__file__).parents[1] / "rpde"
NODE = shutil.which("node")
READY = NODE is not None and (FOLDER / "node_modules").is_dir()
LISTINGS = 7
ADVICE = {
    # For feeds that anybody may read: a shared cache would show one partner what is another's.
    "missing_cache_control",
    # For sports sessions; stays have a model of their own.
    "no_modelling_data",
    # For feeds of many thousands; a partner chooses up to 500 itself.
    "minimum_items_per_page",
}
"""What the validator recommends and does not require."""


@pytest.fixture
def feed(app: Flask, services: Services) -> Iterator[str]:
    """Serve the feed to a reader that can send no key: it is added on the way."""
    key = issue(services)

    def keyed(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        environ["HTTP_AUTHORIZATION"] = f"Bearer {key}"
        return app.wsgi_app(environ, start)

    server = make_server("127.0.0.1", 0, keyed, threaded=True)
    address = f"http://127.0.0.1:{server.port}"
    # Addresses in answers are those of the settings, never of the caller's host.
    own = services.settings.model_copy(update={"public_url": address})
    app.extensions["services"] = replace(services, settings=own)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"{address}/partner/v1/feed/listings"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.skipif(
    not READY and "RPDE_VALIDATOR" not in os.environ, reason="node or its modules are missing"
)
@pytest.mark.parametrize("query", ["", "?limit=3"])
def test_the_validator_finds_nothing(feed: str, services: Services, query: str) -> None:
    with services.database.write() as session:
        enterprise_id = make_enterprise(session)
        ids = [make_listing(session, enterprise_id=enterprise_id) for _ in range(LISTINGS)]
        make_room(session, listing_id=ids[0])
        move_listing(session, listing_id=ids[3], to=ListingStatus.PAUSED, actor=SYSTEM, now=NOW)
    walked = subprocess.run(
        [NODE or "node", str(FOLDER / "walk.js"), feed + query],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    told = json.loads(walked.stdout)
    assert told["pages"] > 1
    assert [found for found in told["found"] if found["type"] not in ADVICE] == []
    assert "failure" not in {found["severity"] for found in told["found"]}
