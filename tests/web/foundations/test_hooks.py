"""The door of the payment gateways: signed events come in once, nothing else does."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from marketplace.bootstrap import Services
from marketplace.kernel.inbox import InboxRow
from marketplace.kernel.outbox import OutboxRow
from marketplace.payments.gateways import signing
from tests.factories import NOW

EVENT = {"id": "evt-1", "type": "payment.succeeded", "payment": "pay-1", "refund": None}


def body(**changed: Any) -> bytes:
    return json.dumps(EVENT | changed).encode()


def signed(
    services: Services, raw: bytes, *, at: dt.datetime = NOW, secret: str = ""
) -> dict[str, str]:
    mark = signing.sign(raw, secrets=[secret or services.keyring.webhook[0][1].decode()], at=at)
    return {"Content-Type": "application/json", signing.HEADER: mark}


def stored(services: Services) -> tuple[list[str], list[str]]:
    """The events kept and the work that is owed for them."""
    with services.database.read() as session:
        return (
            list(session.scalars(sa.select(InboxRow.external_id).order_by(InboxRow.id))),
            list(session.scalars(sa.select(OutboxRow.topic))),
        )


def test_a_signed_event_is_stored_and_its_work_is_owed(
    client: FlaskClient, services: Services
) -> None:
    answer = client.post("/hooks/simulated", data=body(), headers=signed(services, body()))
    assert (answer.status_code, answer.json) == (200, {"received": 1})
    assert stored(services) == (["evt-1"], ["inbox.apply"])


def test_told_again_it_is_answered_and_not_stored_again(
    client: FlaskClient, services: Services
) -> None:
    for _ in range(3):
        answer = client.post("/hooks/simulated", data=body(), headers=signed(services, body()))
        assert answer.status_code == 200
    assert stored(services) == (["evt-1"], ["inbox.apply"])


@pytest.mark.parametrize("fault", ["tampered", "wrong key", "too old", "too new", "none", "junk"])
def test_what_is_not_signed_properly_leaves_no_trace(
    client: FlaskClient, services: Services, fault: str
) -> None:
    late, early = NOW - dt.timedelta(seconds=301), NOW + dt.timedelta(seconds=301)
    headers = {
        "tampered": signed(services, body(payment="another")),
        "wrong key": signed(services, body(), secret="guessed"),
        "too old": signed(services, body(), at=late),
        "too new": signed(services, body(), at=early),
        "none": {"Content-Type": "application/json"},
        "junk": {signing.HEADER: "t=soon,v1=\xe9"},
    }[fault]
    answer = client.post("/hooks/simulated", data=body(), headers=headers)
    assert answer.status_code == 400
    assert answer.content_type == "application/problem+json"
    assert stored(services) == ([], [])


def test_five_minutes_are_let_through(client: FlaskClient, services: Services) -> None:
    headers = signed(services, body(), at=NOW - dt.timedelta(seconds=299))
    assert client.post("/hooks/simulated", data=body(), headers=headers).status_code == 200


@pytest.mark.parametrize("raw", [b"[]", b"{}", b"null", b"\xff", b""])
def test_signed_nonsense_is_refused(client: FlaskClient, services: Services, raw: bytes) -> None:
    answer = client.post("/hooks/simulated", data=raw, headers=signed(services, raw))
    assert answer.status_code == 400
    assert stored(services) == ([], [])


def test_a_gateway_that_is_not_ours_is_not_found(client: FlaskClient, services: Services) -> None:
    answer = client.post("/hooks/stripe", data=body(), headers=signed(services, body()))
    assert answer.status_code == 404
    assert stored(services) == ([], [])


def test_more_than_64_kb_are_not_read(client: FlaskClient, services: Services) -> None:
    raw = body(note="x" * 64 * 1024)
    answer = client.post("/hooks/simulated", data=raw, headers=signed(services, raw))
    assert (answer.status_code, answer.json["code"]) == (413, "request_entity_too_large")
    assert stored(services) == ([], [])
