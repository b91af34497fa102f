"""W1, W3 and plain figures: pages of results over the whole read model, from a real server.

One gunicorn process serves the product, Flask's hello and the cheapest stays as JSON; a client on
the same machine asks for them in turns over one connection.
"""

from __future__ import annotations

import datetime as dt
import http.client
import itertools
import os
import random
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles
from urllib.parse import quote

import orjson
import sqlalchemy as sa

from catalog.search import refresh
from marketplace.offers.search.search_service import search
from marketplace.settings import ROOT, Environment, Settings
from tests.bench.report import Figure, insist, timed
from tests.bench.serving import CHEAPEST, HELLO, MOST, QUERY, build
from tests.factories import TODAY

PAGE_GOAL = AVAILABILITY_GOAL = 0.5
START_SECONDS = 120
AT_ONCE = 10
WORDS = ("", "", "温泉", "wenquan", "白桦", "木屋", "安图县", "wenqaun")
FILTERS = ("", "", "&access=lift", "&cluster=changbai", "&theme=forest", "&hospital=30")
BEGINNINGS = ("w", "wq", "温", "baih", "长白", "sl")
Ask = Callable[[str], bytes]


def pages_figures(url: sa.URL, *, rounds: int) -> tuple[list[Figure], list[str]]:
    """Measure pages over what the database holds; returns figures, and lines of plain ones."""
    with tempfile.TemporaryDirectory(prefix="snowbird-pages-") as folder:
        settings = Settings(
            env=Environment.TEST,
            state_dir=Path(folder),
            database_url=url.render_as_string(hide_password=False),
            broker_url="",
            trusted_proxies=1,
        )
        lines = _starts(settings)
        with _server(settings) as (ask, memory):
            ask("/search")
            times = [timed(lambda path=path: ask(path))[1] for path in _paths(rounds * 4)]
            typing = [
                timed(lambda typed=typed: ask(f"/search/words?q={quote(typed)}"))[1]
                for typed in BEGINNINGS * 8
            ]
            figures = [_page(ask, rounds), _availability(ask, settings, rounds)]
            page = f"p95 {_p95(times):.1f} ms, median {median(times) * 1000:.1f} ms"
            lines += [
                f"results with dates, facets, totals: {page} over {len(times)} questions",
                f"type-ahead: p95 {_p95(typing):.2f} ms",
                f"the serving process: {memory():.0f} MB",
            ]
    return figures, lines


def _starts(settings: Settings) -> list[str]:
    """Say what a process does before its first page takes, with nothing kept and with all."""
    services = build(settings)
    refresh.build(services.index, services.database)
    seconds = []
    for _ in range(2):
        fresh = build(settings)
        matrix, stock = timed(fresh.follower.current)
        _, words = timed(lambda fresh=fresh: fresh.words.complete("w"))
        seconds.append(stock + words)
        fresh.database.dispose()
    services.database.dispose()
    return [
        f"start with no days on disk: {seconds[0]:.1f} s; with them: {seconds[1]:.1f} s",
        f"read model: {matrix.nbytes / 2**20:.0f} MB for {matrix.pools.count:,} pools",
    ]


def _page(ask: Ask, rounds: int) -> Figure:
    path = f"/search?arrive={TODAY + dt.timedelta(days=20)}&nights=30&q={quote('温泉')}"
    made = median(timed(lambda n=n: ask(f"{path}&n={n}"))[1] for n in range(rounds)) * 1000
    pairs = [(_each(lambda: ask(path)), _each(lambda: ask(HELLO))) for _ in range(rounds)]
    ours, theirs = (median(times) * 1000 for times in zip(*pairs, strict=True))
    return Figure(
        "W1",
        "results page with 10 cards / Flask hello, requests a second",
        median(fair / ours for ours, fair in pairs),
        PAGE_GOAL,
        "above",
        f"{ours:.2f} against {theirs:.2f} ms where the page is kept; {made:.1f} ms to make it",
    )


def _availability(ask: Ask, settings: Settings, rounds: int) -> Figure:
    answer = orjson.loads(ask(CHEAPEST))
    services = build(settings)
    matrix = services.follower.current()
    with services.database.read() as session:
        found = search(session, query=QUERY, matrix=matrix, words=services.words)
    services.database.dispose()
    quoted = [one.quote.total_fen for one in found.page.items if one.quote]
    insist(len(quoted) == MOST, "fewer than twenty are free")
    insist(answer["totals_fen"] == quoted, "the matrix and the quotes disagree")
    pairs = [(_each(lambda: ask(CHEAPEST)), _each(lambda: ask(HELLO))) for _ in range(rounds)]
    ours, theirs = (median(times) * 1000 for times in zip(*pairs, strict=True))
    return Figure(
        "W3",
        f"cheapest {MOST} of {matrix.pools.count:,} pools, 30 nights / Flask hello",
        median(fair / ours for ours, fair in pairs),
        AVAILABILITY_GOAL,
        "above",
        f"{ours:.2f} against {theirs:.2f} ms",
    )


def _each(call: Callable[[], object]) -> float:
    """Return the seconds of one of several calls."""
    begin = time.perf_counter()
    for _ in range(AT_ONCE):
        call()
    return (time.perf_counter() - begin) / AT_ONCE


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


@contextmanager
def _server(settings: Settings) -> Iterator[tuple[Ask, Callable[[], float]]]:
    """Run one process of the product; gives how to ask it, and its memory in megabytes."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    environment = os.environ | {
        "SNOWBIRD_ENV": settings.env.value,
        "SNOWBIRD_STATE_DIR": str(settings.state_dir),
        "SNOWBIRD_DATABASE_URL": settings.database_url,
        "SNOWBIRD_TRUSTED_PROXIES": "1",
    }
    gunicorn = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "gunicorn",
            "--worker-class",
            "gthread",
            "--threads",
            "4",
            "--bind",
            f"127.0.0.1:{port}",
            "--log-level",
            "warning",
            "--timeout",
            str(START_SECONDS),
            "tests.bench.serving:application()",
        ],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
    )
    try:
        yield _client(port), lambda: _megabytes(gunicorn.pid)
    finally:
        gunicorn.terminate()
        gunicorn.wait(30)


def _client(port: int) -> Ask:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=START_SECONDS)
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            connection.connect()
            break
        except ConnectionRefusedError:
            insist(time.monotonic() < deadline, "the server did not start")
            time.sleep(0.1)
    numbers = itertools.count(1)

    def ask(path: str) -> bytes:
        # Everybody has an address of their own, or the limits of one would be reached.
        number = next(numbers)
        address = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
        connection.request("GET", path, headers={"X-Forwarded-For": address})
        answer = connection.getresponse()
        body = answer.read()
        insist(answer.status == 200, f"{path}: {answer.status}")
        return body

    return ask


def _megabytes(pid: int) -> float:
    """Return the resident memory of a process's first child, where Linux tells it."""
    try:
        child = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0]
        status = Path(f"/proc/{child}/status").read_text()
    except OSError:
        return float("nan")
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024
