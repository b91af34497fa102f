"""W1, W3 and plain figures: pages of results over the whole read model, as the server makes them.

A request goes through the whole application, without a network: what a socket costs would fall on
both sides alike and flatter the ratio.
"""

from __future__ import annotations

import datetime as dt
import itertools
import random
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles
from urllib.parse import quote

import orjson
import sqlalchemy as sa
from flask import Flask, Response
from flask.testing import FlaskClient

from app import create_app
from catalog.search import refresh
from marketplace import bootstrap
from marketplace.bootstrap import Services
from marketplace.kernel import crypto
from marketplace.kernel.clock import SetClock
from marketplace.kernel.stay import Stay
from marketplace.offers.asking import Dates, SearchQuery, Sort
from marketplace.offers.search import search
from marketplace.offers.sifting import order, sift
from marketplace.settings import Environment, Settings
from tests.bench.report import Figure, insist, timed
from tests.factories import NOW, TODAY
from tests.support.database import KEYRING

PAGE_GOAL = AVAILABILITY_GOAL = 0.5
CHEAPEST = 20
WORDS = ("", "", "温泉", "wenquan", "白桦", "木屋", "安图县", "wenqaun")
FILTERS = ("", "", "&access=lift", "&cluster=changbai", "&theme=forest", "&hospital=30")


def pages_figures(url: sa.URL, *, rounds: int) -> tuple[list[Figure], list[str]]:
    """Measure pages over what the database holds; returns figures, and lines of plain ones."""
    with _product(url) as (services, client, hello):
        addresses = itertools.count(1)

        def ask(path: str) -> bytes:
            number = next(addresses)
            address = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
            answer = client.get(path, environ_base={"REMOTE_ADDR": address})
            insist(answer.status_code == 200, f"{path}: {answer.status_code}")
            return answer.data

        _, first = timed(lambda: ask("/search"))
        _, warm = timed(lambda: _started_again(services))
        paths = _paths(rounds * 4)
        times = [timed(lambda path=path: ask(path))[1] for path in paths]
        typing = [timed(lambda typed=typed: ask(f"/search/words?q={quote(typed)}"))[1]
                  for typed in ("w", "wq", "温", "baih", "长白", "sl") * 8]  # fmt: skip
        matrix = services.follower.current()
        page = f"p95 {_p95(times):.1f} ms, median {median(times) * 1000:.1f} ms"
        size = f"{matrix.nbytes / 2**20:.0f} MB for {matrix.pools.count:,} pools"
        lines = [
            f"start with nothing kept: {first:.1f} s; with days on disk: {warm:.1f} s",
            f"results with dates, facets, totals: {page} over {len(times)} questions",
            f"type-ahead: p95 {_p95(typing):.2f} ms",
            f"read model: {size}; process at most {_peak_megabytes():.0f} MB",
        ]
        return [_page(ask, hello, rounds), _availability(services, hello, rounds)], lines


def _started_again(services: Services) -> None:
    """Do what a process does before its first page: days from the disk, words from the index."""
    fresh = bootstrap.build(services.settings, clock=services.clock)
    fresh.follower.current()
    fresh.words.complete("w")
    fresh.database.dispose()


def _page(ask: Callable[[str], bytes], hello: FlaskClient, rounds: int) -> Figure:
    path = f"/search?arrive={TODAY + dt.timedelta(days=20)}&nights=30&q={quote('温泉')}"
    made = median(timed(lambda n=n: ask(f"{path}&n={n}"))[1] for n in range(rounds)) * 1000
    pairs = [(_each(lambda: ask(path)), _each(lambda: hello.get("/"))) for _ in range(rounds)]
    ours, theirs = (median(times) * 1000 for times in zip(*pairs, strict=True))
    return Figure(
        "W1", "results page with 10 cards / Flask hello, requests a second",
        median(fair / ours for ours, fair in pairs), PAGE_GOAL, "above",
        f"{ours:.2f} against {theirs:.2f} ms where the page is kept; {made:.1f} ms to make it",
    )  # fmt: skip


def _availability(services: Services, hello: FlaskClient, rounds: int) -> Figure:
    app = Flask("availability")
    stay = Stay.of(TODAY + dt.timedelta(days=20), 30)
    query = SearchQuery(dates=Dates.exactly(stay), sort=Sort.PRICE, size=CHEAPEST)

    @app.get("/")
    def cheapest() -> Response:
        matrix = services.follower.current()
        sifted = sift(matrix, query, None)
        rows = order(matrix, query, sifted, most=query.size)
        columns = sifted.priced.column[rows]
        body = {
            "listings": matrix.facts.ids[rows].tolist(),
            "room_types": matrix.pools.room_type_ids[columns].tolist(),
            "totals_fen": sifted.priced.fen[rows].tolist(),
        }
        return Response(orjson.dumps(body), content_type="application/json")

    client = app.test_client()
    with services.database.read() as session:
        found = search(
            session, query=query, matrix=services.follower.current(), words=services.words
        )
    quoted = [one.quote.total_fen for one in found.page.items if one.quote]
    answer = orjson.loads(client.get("/").data)
    insist(len(quoted) == CHEAPEST, "fewer than twenty are free")
    insist(answer["totals_fen"] == quoted, "the matrix and the quotes disagree")
    pairs = [(_each(lambda: client.get("/")), _each(lambda: hello.get("/"))) for _ in range(rounds)]
    ours, theirs = (median(times) * 1000 for times in zip(*pairs, strict=True))
    pools = services.follower.current().pools.count
    return Figure(
        "W3", f"cheapest {CHEAPEST} of {pools:,} pools as JSON, 30 nights / Flask hello",
        median(fair / ours for ours, fair in pairs), AVAILABILITY_GOAL, "above",
        f"{ours:.2f} against {theirs:.2f} ms",
    )  # fmt: skip


def _each(call: Callable[[], object], times: int = 5) -> float:
    """Return the seconds of one of several calls."""
    begin = time.perf_counter()
    for _ in range(times):
        call()
    return (time.perf_counter() - begin) / times


def _paths(count: int) -> list[str]:
    """Return questions as people ask them, the same every time."""
    chance = random.Random(8)
    made = []
    for _ in range(count):
        arrive = TODAY + dt.timedelta(days=chance.randrange(5, 300))
        nights = chance.choice((7, 15, 30, 30, 60, 90))
        flexible = chance.choice(("", "", "&when=around"))
        words = quote(chance.choice(WORDS))
        made.append(
            f"/search?arrive={arrive}&nights={nights}&q={words}{flexible}{chance.choice(FILTERS)}"
        )
    return made


def _p95(times: list[float]) -> float:
    """Return the 95th percentile in milliseconds."""
    return quantiles(times, n=20)[-1] * 1000


def _peak_megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


@contextmanager
def _product(url: sa.URL) -> Iterator[tuple[Services, FlaskClient, FlaskClient]]:
    with tempfile.TemporaryDirectory(prefix="snowbird-pages-") as folder:
        settings = Settings(
            env=Environment.TEST,
            state_dir=Path(folder),
            database_url=url.render_as_string(hide_password=False),
            broker_url="",
        )
        services = bootstrap.build(settings, clock=SetClock(NOW))
        crypto.install(KEYRING)
        refresh.build(services.index, services.database)
        hello = Flask("hello")
        hello.add_url_rule("/", view_func=lambda: "Hello")
        yield services, create_app(services=services).test_client(), hello.test_client()
        services.database.dispose()
