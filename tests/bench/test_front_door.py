"""Each part of the front door's measure runs, in this process and for a moment; nothing is timed.

The measure itself wants servers and minutes: ``make bench``.
"""

from __future__ import annotations

import dataclasses
import os
from collections import Counter
from collections.abc import Callable, Mapping

import pytest
from flask import Flask

from marketplace.bootstrap import Services
from tests.bench.front_door import accounts, floor, stage
from tests.bench.front_door.asking import Answered, Ask
from tests.bench.front_door.bookings import booking_figures
from tests.bench.front_door.journeys import journey_figure, webhook_figure
from tests.bench.front_door.looking import availability_figures, feed_figure, page_figures
from tests.bench.front_door.stage import Size, Stage

A_MOMENT = 0.001
"""Of seconds: every client does its work once."""


def asking(app: Flask) -> Callable[[], Ask]:
    """Return what makes clients of an application in this process."""

    def ask(
        method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> Answered:
        client = app.test_client(use_cookies=False)
        answer = client.open(path, method=method, data=body, headers=dict(headers or {}))
        found = [(name.lower(), value) for name, value in answer.headers.items()]
        return Answered(answer.status_code, found, answer.data)

    return lambda: ask


@pytest.fixture
def services(services: Services) -> Services:
    """Let one partner and one machine do what they do in the measure."""
    caps = {name.removeprefix("SNOWBIRD_").lower(): int(n) for name, n in stage.SETTINGS.items()}
    settings = services.settings.model_copy(update=caps | {"trusted_proxies": 1})
    return dataclasses.replace(services, settings=settings)


@pytest.fixture
def built(services: Services, app: Flask) -> Stage:
    """A small stage with the product and the floor in this process."""
    made = stage.built(services, Size(pools=12, days=90, history=30))
    made.ours = asking(app)
    made.floor = asking(floor.application(services.database))
    return made


def sold_by_the_floor(built: Stage, *, capacity: int, nights: tuple[int, ...]) -> list[int]:
    """Book so many nights one after another; returns what the floor answered."""
    with built.services.database.write() as session:
        session.execute(floor.DAY.update().values(capacity=capacity, taken=0))
    pool, arrive, ask = built.rooms[0].pool_id, built.arrive, built.floor()
    bodies = [f'{{"pool": {pool}, "arrive": "{arrive}", "nights": {each}}}' for each in nights]
    head = {"Content-Type": "application/json"}
    return [ask("POST", "/book", body.encode(), head).status for body in bodies]


def test_each_part_of_the_measure_runs(built: Stage) -> None:
    figures = [
        *booking_figures(built, lambda: {"web": 0.0}, lambda: None, rounds=1, seconds=A_MOMENT),
        *availability_figures(built, rounds=1, seconds=A_MOMENT),
        feed_figure(built, seconds=A_MOMENT),
    ]
    journey, voucher = journey_figure(built, rounds=1)
    figures += [
        journey,
        *page_figures(built, voucher, rounds=1, seconds=A_MOMENT),
        webhook_figure(built, rounds=1, seconds=A_MOMENT),
    ]
    found = Counter(each.id for each in figures)
    assert found == {"P1": 6, "P2": 4, "P3": 1, "P4": 5, "P5": 1, "P6": 1, "P7": 1}
    assert all(each.line() for each in figures)
    assert sold_by_the_floor(built, capacity=1, nights=(2, 1)) == [200, 409]


def test_processes_are_accounted_for() -> None:
    own = [os.getpid()]
    if not (accounts.PROC / "self" / "stat").exists():
        pytest.skip("this system tells nothing of processes")
    before = accounts.processor_seconds(own)
    while accounts.processor_seconds(own) == before:
        sum(range(10_000))
    assert accounts.megabytes(own) > 1
    assert accounts.processor_seconds([2**22 + 1]) == accounts.megabytes([2**22 + 1]) == 0
