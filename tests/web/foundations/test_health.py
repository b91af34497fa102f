"""Alive, ready, and how it is doing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask.testing import FlaskClient

from catalog.search import refresh
from marketplace.bootstrap import Services
from marketplace.kernel.db import Database


@pytest.fixture
def indexed(services: Services) -> Services:
    refresh.build(services.index, services.database)
    return services


def test_alive(client: FlaskClient) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json) == (200, {"status": "ok"})


class TestReady:
    def test_when_every_part_can_be_used(self, indexed: Services, client: FlaskClient) -> None:
        indexed.probes["broker"] = lambda: True
        answer = client.get("/readyz")
        assert answer.status_code == 200
        assert answer.json == {"status": "ok", "database": "ok", "index": "ok", "broker": "ok"}

    def test_not_without_an_index(self, client: FlaskClient) -> None:
        answer = client.get("/readyz")
        assert answer.status_code == 503
        assert answer.json == {"status": "unavailable", "database": "ok", "index": "unavailable"}

    def test_not_without_a_broker(self, indexed: Services, client: FlaskClient) -> None:
        def refuse() -> bool:
            raise ConnectionRefusedError("redis at 10.1.2.3")

        indexed.probes["broker"] = refuse
        answer = client.get("/readyz")
        assert answer.status_code == 503
        assert answer.json["broker"] == "unavailable"
        assert answer.json["index"] == "ok"
        assert "10.1.2.3" not in answer.get_data(as_text=True)

    def test_not_without_a_database(
        self, indexed: Services, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        @contextmanager
        def away(_database: Database) -> Iterator[None]:
            raise ConnectionError
            yield

        monkeypatch.setattr(Database, "read", away)
        answer = client.get("/readyz")
        assert answer.status_code == 503
        assert answer.json["database"] == "unavailable"


class TestMetrics:
    def test_this_machine_reads_them(self, client: FlaskClient) -> None:
        client.get("/healthz")
        text = client.get("/metrics").get_data(as_text=True)
        assert 'snowbird_requests_total{route="/healthz",status="200"}' in text
        assert "snowbird_request_seconds_bucket" in text

    @pytest.mark.parametrize("elsewhere", ["10.0.0.7", "192.0.2.1", "2001:db8::1"])
    def test_nobody_else_does(self, client: FlaskClient, elsewhere: str) -> None:
        answer = client.get("/metrics", environ_overrides={"REMOTE_ADDR": elsewhere})
        assert answer.status_code == 403
        assert "snowbird_requests" not in answer.get_data(as_text=True)

    def test_nor_through_a_proxy_of_this_machine(self, client: FlaskClient) -> None:
        answer = client.get("/metrics", headers={"X-Forwarded-For": "192.0.2.1"})
        assert answer.status_code == 403
