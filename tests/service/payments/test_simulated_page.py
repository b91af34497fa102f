"""The page of the simulated gateway, and the events it sends to our own hook."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import cast

import pytest

from marketplace.kernel import outbox
from marketplace.kernel.errors import NotFound
from marketplace.payments.gateways import simulated_events
from marketplace.payments.gateways.port import (
    GatewayUnavailable,
    PaymentGateway,
    PaymentStatus,
    RefundOrder,
)
from marketplace.payments.gateways.registry import Gateways
from marketplace.payments.gateways.simulated import SessionOver
from tests.service.payments.support import STAY_FEN, Desk


class TestPage:
    def test_it_shows_what_is_to_be_paid(self, desk: Desk) -> None:
        payment, token = desk.opened()
        page = desk.gateway.page(token)
        assert (page.amount_fen, page.currency, page.return_url) == (STAY_FEN, "CNY", "/return")
        assert (page.status, page.expires_at) == (PaymentStatus.OPEN, payment.expires_at)
        assert payment.redirect_url == f"/pay/sim/{token}"

    def test_it_is_pressed_once(self, desk: Desk) -> None:
        _, token = desk.opened()
        assert desk.gateway.press(token, "alipay_ok").status is PaymentStatus.SUCCEEDED
        with pytest.raises(SessionOver):
            desk.gateway.press(token, "card_fail")
        assert desk.gateway.page(token).status is PaymentStatus.SUCCEEDED

    def test_its_time_runs_out(self, desk: Desk) -> None:
        _, token = desk.opened()
        desk.clock.advance(minutes=30)
        with pytest.raises(SessionOver):
            desk.gateway.press(token, "alipay_ok")

    def test_a_failing_refund_can_be_switched_on_and_off_at_any_time(self, desk: Desk) -> None:
        payment, token = desk.opened()
        desk.gateway.press(token, "alipay_ok")
        assert desk.gateway.press(token, "refund_fail").refund_fails
        assert not desk.gateway.press(token, "refund_fail").refund_fails
        desk.gateway.press(token, "refund_fail")
        desk.gateway.refund(RefundOrder("a", payment.ref or "", 5))
        assert not desk.gateway.page(token).refund_fails

    @pytest.mark.parametrize(("token", "action"), [("x", "alipay_ok"), (None, "x"), (None, "")])
    def test_there_is_nothing_else_to_press(
        self, desk: Desk, token: str | None, action: str
    ) -> None:
        _, good = desk.opened()
        with pytest.raises(NotFound):
            desk.gateway.press(token or good, action)

    def test_an_unknown_page(self, desk: Desk) -> None:
        with pytest.raises(NotFound):
            desk.gateway.page("x")

    def test_a_tiny_wrong_amount_is_still_wrong_and_positive(self, desk: Desk) -> None:
        payment, token = desk.opened(50)
        desk.gateway.press(token, "wrong_amount")
        assert desk.gateway.fetch_payment(payment.ref or "").amount_fen == 150

    @pytest.mark.parametrize(
        ("action", "delays"),
        [("alipay_ok", [0]), ("card_fail", [0]), ("duplicate", [0]), ("late", [0, 120])],
    )
    def test_its_events_are_due_when_things_happen(
        self, desk: Desk, action: str, delays: list[int]
    ) -> None:
        _, token = desk.opened()
        desk.gateway.press(token, action)
        for due, delay in enumerate(delays, start=1):
            desk.clock.advance(seconds=delay)
            with desk.database.read() as session:
                assert len(outbox.due_ids(session, now=desk.clock.now())) == due


@dataclass
class Hook:
    """A hook of a web server that notes what it is sent."""

    url: str = ""
    status: int = 200
    bodies: list[bytes] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)


@pytest.fixture
def hook() -> Iterator[Hook]:
    """Yield a hook on the loopback."""
    noted = Hook()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            noted.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            noted.headers.append(dict(self.headers))
            self.send_response(noted.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Stay quiet."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    noted.url = f"http://127.0.0.1:{server.server_port}/hooks/simulated"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield noted
    server.shutdown()
    thread.join()
    server.server_close()


class TestDelivery:
    def deliver(self, desk: Desk, hook: Hook) -> int:
        return simulated_events.post(
            desk.database,
            desk.gateways,
            event_id=desk.owed("simulated.event")[-1]["event_id"],
            hook_url=hook.url,
        )

    @pytest.mark.parametrize(("action", "copies"), [("alipay_ok", 1), ("duplicate", 3)])
    def test_an_event_arrives_signed(
        self, desk: Desk, hook: Hook, action: str, copies: int
    ) -> None:
        payment, token = desk.opened()
        desk.gateway.press(token, action)
        assert self.deliver(desk, hook) == copies
        assert len(set(hook.bodies)) == 1
        assert len(hook.bodies) == copies
        (event,) = desk.gateway.parse_webhook(hook.bodies[0], hook.headers[0])
        assert (event.payment_ref, event.refund_ref) == (payment.ref, None)

    def test_an_event_about_a_refund(self, desk: Desk, hook: Hook) -> None:
        payment = desk.paid()
        fact = desk.gateway.refund(RefundOrder("a", payment.ref or "", 5))
        self.deliver(desk, hook)
        (event,) = desk.gateway.parse_webhook(hook.bodies[0], hook.headers[0])
        assert (event.payment_ref, event.refund_ref) == (None, fact.ref)

    def test_a_refused_event_is_tried_again(self, desk: Desk, hook: Hook) -> None:
        _, token = desk.opened()
        desk.gateway.press(token, "alipay_ok")
        hook.status = 503
        with pytest.raises(GatewayUnavailable):
            self.deliver(desk, hook)
        hook.status = 200
        assert self.deliver(desk, hook) == 1

    def test_nobody_listening_is_tried_again(self, desk: Desk) -> None:
        _, token = desk.opened()
        desk.gateway.press(token, "alipay_ok")
        with pytest.raises(GatewayUnavailable):
            self.deliver(desk, Hook(url="http://127.0.0.1:9/hooks/simulated"))

    def test_an_unknown_event(self, desk: Desk, hook: Hook) -> None:
        with pytest.raises(NotFound):
            simulated_events.post(
                desk.database,
                desk.gateways,
                event_id="x",
                hook_url=hook.url,
            )

    def test_other_gateways_send_their_events_themselves(self, desk: Desk) -> None:
        class Other:
            name = "simulated"

        gateways = Gateways(cast("PaymentGateway", Other()))
        with pytest.raises(TypeError, match="simulated sends its events itself"):
            simulated_events.post(desk.database, gateways, event_id="x", hook_url="http://x")
