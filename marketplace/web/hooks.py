"""Where payment gateways report: verify, store, answer 2xx; the work comes afterwards."""

from __future__ import annotations

import orjson
from flask import Blueprint, Response, abort, request

from marketplace.kernel import inbox, outbox
from marketplace.payments.effects import ApplyGatewayEvent
from marketplace.web.context import now, services
from marketplace.web.protection.security import csrf

blueprint = Blueprint("hooks", __name__, url_prefix="/hooks")
csrf.exempt(blueprint)


@blueprint.post("/<gateway>")
def receive(gateway: str) -> Response:
    """Store the signed events of a gateway, each once.

    A bad signature is answered 400 and nothing is kept. The event is a hint; the worker fetches
    the truth it points to.
    """
    own = services().gateways.find(gateway)
    if own is None:
        abort(404)
    events = own.parse_webhook(request.get_data(), dict(request.headers))
    with services().database.write() as session:
        for event in events:
            row_id = inbox.store(
                session,
                source=gateway,
                external_id=event.event_id,
                payload={"payment_ref": event.payment_ref, "refund_ref": event.refund_ref},
                now=now(),
            )
            if row_id is not None:
                outbox.owe(session, ApplyGatewayEvent(row_id), now=now())
    return Response(orjson.dumps({"received": len(events)}), content_type="application/json")
