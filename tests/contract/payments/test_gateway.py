"""What every payment gateway must do, whoever is behind it.

A gateway joins by a harness: how to make one, and how its outside world pays, declines and waits.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable

import pytest

from marketplace.kernel.clock import SetClock
from marketplace.kernel.db import Database
from marketplace.kernel.ids import RandomIds
from marketplace.payments.gateways import signing
from marketplace.payments.gateways.port import (
    BadSignature,
    CloseResult,
    GatewayRefusedError,
    Opened,
    OpenOrder,
    PaymentGateway,
    PaymentStatus,
    RefundOrder,
    RefundStatus,
)
from marketplace.payments.gateways.simulated import SimulatedGateway
from tests.support.till import Till

NOW = dt.datetime(2027, 6, 1, 4, 0, tzinfo=dt.UTC)
ORDER = OpenOrder("pay:abc:1", 291_780)


@dataclasses.dataclass(frozen=True)
class Harness:
    """A gateway with the levers of its outside world."""

    gateway: PaymentGateway
    clock: SetClock
    do: Callable[[Opened, str], object]
    notice: bytes
    """A message of it: its first event, which is about the payment ``bill-1``."""
    seal: Callable[[bytes], dict[str, str]]
    """Gives the headers under which it would send a message now."""
    window: int
    """For how many days it gives back what came by Alipay."""

    def paid(self, order: OpenOrder = ORDER) -> Opened:
        """Open a payment and pay it."""
        opened = self.gateway.open_payment(order, "/return")
        self.do(opened, "alipay_ok")
        return opened


@pytest.fixture(params=["simulated", "till"])
def harness(database: Database, request: pytest.FixtureRequest) -> Harness:
    """Return each gateway with its levers."""
    return simulated(database) if request.param == "simulated" else till()


def till() -> Harness:
    """Return a gateway of another make."""
    clock = SetClock(NOW)
    gateway = Till(clock)
    notice = gateway.notice("evt_1", bill="bill-1")
    return Harness(
        gateway, clock, lambda opened, do: gateway.do(opened.ref, do), notice, gateway.seal, 365
    )


def simulated(database: Database) -> Harness:
    """Return the simulated gateway."""
    clock = SetClock(NOW)
    gateway = SimulatedGateway(
        database, clock=clock, ids=RandomIds(), secret=("new", "old"), base_url="http://x/"
    )

    def press(opened: Opened, action: str) -> object:
        return gateway.press(opened.redirect_url.rsplit("/", 1)[-1], action)

    def seal(body: bytes) -> dict[str, str]:
        return {signing.HEADER: signing.sign(body, secrets=["old"], at=clock.now())}

    body = b'{"id": "evt_1", "payment": "bill-1", "refund": null, "type": "payment.succeeded"}'
    return Harness(gateway, clock, press, body, seal, 90)


class TestOpening:
    def test_one_key_opens_one_page(self, harness: Harness) -> None:
        first = harness.gateway.open_payment(ORDER, "/return")
        harness.clock.advance(minutes=5)
        assert harness.gateway.open_payment(ORDER, "/return") == first
        assert first.expires_at > harness.clock.now()
        assert ORDER.key not in first.redirect_url

    def test_a_key_is_not_reused_for_other_terms(self, harness: Harness) -> None:
        harness.gateway.open_payment(ORDER, "/return")
        with pytest.raises(GatewayRefusedError):
            harness.gateway.open_payment(OpenOrder(ORDER.key, 1), "/return")

    @pytest.mark.parametrize(
        "order", [OpenOrder("a", 0), OpenOrder("b", -5), OpenOrder("c", 10**12)]
    )
    def test_only_possible_amounts_are_taken(self, harness: Harness, order: OpenOrder) -> None:
        with pytest.raises(GatewayRefusedError):
            harness.gateway.open_payment(order, "/return")

    def test_only_its_currencies_are_taken(self, harness: Harness) -> None:
        with pytest.raises(GatewayRefusedError):
            harness.gateway.open_payment(OpenOrder("a", 5, "XXX"), "/return")


class TestFetching:
    def test_an_open_payment(self, harness: Harness) -> None:
        opened = harness.gateway.open_payment(ORDER, "/return")
        fact = harness.gateway.fetch_payment(opened.ref)
        assert fact.status is PaymentStatus.OPEN
        assert (fact.amount_fen, fact.currency) == (291_780, "CNY")
        assert (fact.paid_at, fact.fee_fen) == (None, None)

    def test_a_paid_one(self, harness: Harness) -> None:
        fact = harness.gateway.fetch_payment(harness.paid().ref)
        assert (fact.status, fact.amount_fen) == (PaymentStatus.SUCCEEDED, 291_780)
        assert (fact.method, fact.paid_at, fact.fee_fen) == ("alipay", NOW, 1_751)

    def test_a_declined_one(self, harness: Harness) -> None:
        opened = harness.gateway.open_payment(ORDER, "/return")
        harness.do(opened, "card_fail")
        assert harness.gateway.fetch_payment(opened.ref).status is PaymentStatus.FAILED

    def test_a_late_one(self, harness: Harness) -> None:
        opened = harness.gateway.open_payment(ORDER, "/return")
        harness.do(opened, "late")
        harness.clock.advance(seconds=119)
        assert harness.gateway.fetch_payment(opened.ref).status is PaymentStatus.PROCESSING
        harness.clock.advance(seconds=1)
        fact = harness.gateway.fetch_payment(opened.ref)
        assert (fact.status, fact.paid_at) == (PaymentStatus.SUCCEEDED, harness.clock.now())

    def test_a_page_whose_time_is_over(self, harness: Harness) -> None:
        opened = harness.gateway.open_payment(ORDER, "/return")
        harness.clock.set(opened.expires_at)
        assert harness.gateway.fetch_payment(opened.ref).status is PaymentStatus.CLOSED

    def test_an_unknown_one(self, harness: Harness) -> None:
        with pytest.raises(GatewayRefusedError):
            harness.gateway.fetch_payment("nobody")


class TestClosing:
    def test_a_closed_page_cannot_be_paid(self, harness: Harness) -> None:
        opened = harness.gateway.open_payment(ORDER, "/return")
        assert harness.gateway.close_payment(opened.ref) is CloseResult.CLOSED
        assert harness.gateway.close_payment(opened.ref) is CloseResult.CLOSED
        with pytest.raises(Exception, match="支付页面已经结束"):
            harness.do(opened, "alipay_ok")
        assert harness.gateway.fetch_payment(opened.ref).status is PaymentStatus.CLOSED

    def test_a_paid_one_is_never_closed(self, harness: Harness) -> None:
        opened = harness.paid()
        assert harness.gateway.close_payment(opened.ref) is CloseResult.ALREADY_PAID
        assert harness.gateway.fetch_payment(opened.ref).status is PaymentStatus.SUCCEEDED

    def test_money_on_its_way_is_not_known_yet(self, harness: Harness) -> None:
        opened = harness.gateway.open_payment(ORDER, "/return")
        harness.do(opened, "late")
        assert harness.gateway.close_payment(opened.ref) is CloseResult.UNKNOWN
        harness.clock.advance(minutes=2)
        assert harness.gateway.close_payment(opened.ref) is CloseResult.ALREADY_PAID

    def test_a_declined_or_expired_one_is_closed(self, harness: Harness) -> None:
        declined = harness.gateway.open_payment(ORDER, "/return")
        harness.do(declined, "card_fail")
        expired = harness.gateway.open_payment(OpenOrder("other", 5), "/return")
        harness.clock.set(expired.expires_at)
        assert harness.gateway.close_payment(declined.ref) is CloseResult.CLOSED
        assert harness.gateway.close_payment(expired.ref) is CloseResult.CLOSED

    def test_a_stranger_is_unknown(self, harness: Harness) -> None:
        assert harness.gateway.close_payment("nobody") is CloseResult.UNKNOWN


class TestRefunding:
    def test_one_key_is_one_refund(self, harness: Harness) -> None:
        order = RefundOrder("refund:1:1", harness.paid().ref, 100_000)
        first = harness.gateway.refund(order)
        again = harness.gateway.refund(order)
        assert (first.ref, first.key, first.amount_fen) == (again.ref, order.key, 100_000)
        fetched = harness.gateway.fetch_refund(first.ref)
        assert (fetched.key, fetched.status) == (order.key, RefundStatus.SUCCEEDED)

    def test_more_than_was_paid_is_refused(self, harness: Harness) -> None:
        opened = harness.paid()
        harness.gateway.refund(RefundOrder("a", opened.ref, 291_700))
        with pytest.raises(GatewayRefusedError):
            harness.gateway.refund(RefundOrder("b", opened.ref, 81))
        harness.gateway.refund(RefundOrder("c", opened.ref, 80))

    def test_a_key_is_not_reused_for_other_terms(self, harness: Harness) -> None:
        opened = harness.paid()
        harness.gateway.refund(RefundOrder("a", opened.ref, 5))
        with pytest.raises(GatewayRefusedError):
            harness.gateway.refund(RefundOrder("a", opened.ref, 6))

    def test_what_was_not_paid_does_not_go_back(self, harness: Harness) -> None:
        opened = harness.gateway.open_payment(ORDER, "/return")
        with pytest.raises(GatewayRefusedError):
            harness.gateway.refund(RefundOrder("a", opened.ref, 5))
        with pytest.raises(GatewayRefusedError):
            harness.gateway.refund(RefundOrder("b", "nobody", 5))

    def test_a_refund_can_fail_and_a_new_one_succeed(self, harness: Harness) -> None:
        opened = harness.paid()
        harness.do(opened, "refund_fail")
        failed = harness.gateway.refund(RefundOrder("a", opened.ref, 291_780))
        assert harness.gateway.fetch_refund(failed.ref).status is RefundStatus.FAILED
        done = harness.gateway.refund(RefundOrder("b", opened.ref, 291_780))
        assert harness.gateway.fetch_refund(done.ref).status is RefundStatus.SUCCEEDED

    def test_an_unknown_refund(self, harness: Harness) -> None:
        with pytest.raises(GatewayRefusedError):
            harness.gateway.fetch_refund("nobody")


class TestWebhooks:
    def test_a_signed_event_is_a_hint(self, harness: Harness) -> None:
        (event,) = harness.gateway.parse_webhook(harness.notice, harness.seal(harness.notice))
        assert (event.event_id, event.payment_ref, event.refund_ref) == ("evt_1", "bill-1", None)

    def test_a_tampered_forged_or_old_one_is_refused(self, harness: Harness) -> None:
        body, headers = harness.notice, harness.seal(harness.notice)
        with pytest.raises(BadSignature):
            harness.gateway.parse_webhook(body.replace(b"bill-1", b"bill-2"), headers)
        with pytest.raises(BadSignature):
            harness.gateway.parse_webhook(body, {})
        harness.clock.advance(seconds=301)
        with pytest.raises(BadSignature):
            harness.gateway.parse_webhook(body, headers)

    @pytest.mark.parametrize(
        "body", [b"", b"{", b"[]", b"1", b"null", b'{"payment": "x"}', b"\xff"]
    )
    def test_a_signed_message_that_makes_no_sense_is_refused(
        self, harness: Harness, body: bytes
    ) -> None:
        with pytest.raises(BadSignature):
            harness.gateway.parse_webhook(body, harness.seal(body))


def test_it_says_what_it_can_do(harness: Harness) -> None:
    caps = harness.gateway.caps
    assert "CNY" in caps.currencies
    assert caps.refund_window_days("alipay") == harness.window
    assert caps.refund_window_days("card") is None
    assert caps.refund_window_days(None) is None
    assert caps.refundable_until("alipay", NOW) == NOW + dt.timedelta(days=harness.window)
    assert caps.refundable_until("alipay", None) is None
