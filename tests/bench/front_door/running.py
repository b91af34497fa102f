"""P1 to P8 on one database: two web processes, a worker and a scheduler; the floor beside them."""

from __future__ import annotations

import itertools
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import redis
import sqlalchemy as sa

from marketplace import bootstrap
from marketplace.settings import ROOT, Settings
from tests.bench.front_door import accounts, stage
from tests.bench.front_door.asking import Ask, Line
from tests.bench.front_door.bookings import booking_figures, settle
from tests.bench.front_door.journeys import journey_figure, webhook_figure
from tests.bench.front_door.looking import availability_figures, feed_figure, page_figures
from tests.bench.front_door.stage import Size, Stage
from tests.bench.report import Figure
from tests.process.personas import Http
from tests.process.product import BIN, environment_of, free_port, serving

LIVE = "app:create_app()"
BROKER = "redis://127.0.0.1:6379/13"
"""Used where it answers and nobody else keeps anything there."""
MEMORY_GOALS = {"web": 200.0, "worker": 150.0, "scheduler": 50.0}
"""Megabytes of all processes of a kind; worker and scheduler together have 200."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How long is measured."""

    rounds: int = 5
    seconds: float = 2.0
    size: Size = field(default_factory=Size)


QUICK = Effort(rounds=1, seconds=0.3, size=Size(pools=90, days=90, history=2_000))


def front_door_figures(url: sa.URL, effort: Effort) -> Iterator[Figure]:
    """Measure everything over an empty, migrated database of this address."""
    address = url.render_as_string(hide_password=False)
    with tempfile.TemporaryDirectory(prefix="snowbird-door-") as folder, _broker() as broker:
        state = Path(folder) / "state"
        services = bootstrap.build(Settings(state_dir=state, database_url=address))
        built = stage.built(services, effort.size)
        environment = environment_of(state, address) | stage.SETTINGS | broker
        with (
            serving(environment, LIVE, LIVE, output=subprocess.DEVNULL) as ports,
            _floor(environment) as floor,
        ):
            for port in ports:
                Http(port).until_known("GET", "/healthz")
            built.ours, built.floor = _clients(ports), _clients([floor])
            yield from _measured(built, state, url, effort)
        services.database.dispose()


def _measured(built: Stage, state: Path, url: sa.URL, effort: Effort) -> Iterator[Figure]:
    name = url.database if url.get_backend_name() == "postgresql" else None

    def processor() -> Mapping[str, float]:
        found = accounts.processes(state)
        spent = {kind: accounts.processor_seconds(found[kind]) for kind in ("web", "worker")}
        if name:
            spent["database"] = accounts.processor_seconds(accounts.backends(name))
        return spent

    yield from booking_figures(
        built, processor, partial(settle, built), rounds=effort.rounds, seconds=effort.seconds
    )
    yield from availability_figures(built, rounds=effort.rounds, seconds=effort.seconds)
    yield feed_figure(built, seconds=effort.seconds * effort.rounds)
    journey, voucher = journey_figure(built, rounds=effort.rounds * 2)
    yield journey
    yield from page_figures(built, voucher, rounds=effort.rounds, seconds=effort.seconds)
    yield webhook_figure(built, rounds=effort.rounds, seconds=effort.seconds)
    for kind, pids in accounts.processes(state).items():
        what = f"MB of {len(pids)} processes: {kind}"
        yield Figure("P8", what, accounts.megabytes(pids), MEMORY_GOALS[kind], "below", "PSS")


def _clients(ports: list[int]) -> Callable[[], Ask]:
    """Return what makes clients, one after another of the next process."""
    turns = itertools.cycle(ports)
    return lambda: Line(next(turns))


@contextmanager
def _broker() -> Iterator[dict[str, str]]:
    """Give the setting of a broker: Redis where it answers, else folders on the disk."""
    store = redis.Redis.from_url(BROKER, socket_connect_timeout=1)
    try:
        free = store.dbsize() == 0
    except redis.RedisError:
        free = False
    try:
        yield {"SNOWBIRD_BROKER_URL": BROKER} if free else {}
    finally:
        if free:
            store.flushdb()
        store.close()


@contextmanager
def _floor(environment: Mapping[str, str]) -> Iterator[int]:
    """Run the floor with two processes, by the product's own settings of the server."""
    port = free_port()
    command = [
        *(str(BIN / "gunicorn"), "--config", "deploy/gunicorn_conf.py", "--workers", "2"),
        *("--bind", f"127.0.0.1:{port}", "tests.bench.front_door.floor:application()"),
    ]
    server = subprocess.Popen(command, cwd=ROOT, env=dict(environment), stdout=subprocess.DEVNULL)
    try:
        Http(port).until_known("GET", "/hello")
        yield port
    finally:
        server.terminate()
        server.wait(30)
