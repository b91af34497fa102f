"""Posting the events of the simulated gateway to our hook, as a real gateway would."""

from __future__ import annotations

import http.client
from urllib.parse import urlsplit

from marketplace.kernel.db import Database
from marketplace.payments.gateways.port import GatewayUnavailable
from marketplace.payments.gateways.registry import Gateways
from marketplace.payments.gateways.simulated import SignedRequest, SimulatedGateway

TIMEOUT_SECONDS = 5.0


def post(database: Database, gateways: Gateways, *, event_id: str, hook_url: str) -> int:
    """Post an event of the simulated gateway to the hook, in all its copies.

    Returns how many copies were accepted. Raises ``GatewayUnavailable`` unless every copy was
    answered 2xx, so that the outbox tries again later, and ``TypeError`` when a real one bears its
    name: real ones send their events themselves.
    """
    gateway = gateways.named(SimulatedGateway.name)
    if not isinstance(gateway, SimulatedGateway):
        raise TypeError(f"{gateway.name} sends its events itself")
    with database.read() as session:
        request = gateway.event_request(session, event_id)
    return sum(_post(hook_url, request) for _ in range(request.copies))


def _post(hook_url: str, request: SignedRequest) -> int:
    # http.client, because urllib would send even a loopback request through a configured proxy.
    address = urlsplit(hook_url)
    kind = http.client.HTTPSConnection if address.scheme == "https" else http.client.HTTPConnection
    connection = kind(address.hostname or "", address.port, timeout=TIMEOUT_SECONDS)
    try:
        connection.request("POST", address.path or "/", request.body, request.headers)
        answer = connection.getresponse()
        answer.read()
    except (OSError, http.client.HTTPException) as error:
        raise GatewayUnavailable from error
    finally:
        connection.close()
    if answer.status not in range(200, 300):
        raise GatewayUnavailable
    return 1
