"""A second gateway, for tests alone: all of it stands in memory, and its notices are forms."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlencode

from marketplace.kernel.clock import Clock
from marketplace.kernel.money import CNY, share_of
from marketplace.payments.gateways import signing
from marketplace.payments.gateways.port import (
    BadSignature,
    Caps,
    CloseResult,
    GatewayRefusedError,
    Opened,
    OpenOrder,
    PaymentFact,
    PaymentStatus,
    RefundFact,
    RefundOrder,
    RefundStatus,
    WebhookEvent,
)
from marketplace.payments.gateways.simulated import SessionOver

LIFE = dt.timedelta(hours=2)
FEE_BP = 60
SECRET = "till's own"
PAYMENT_ENDS = {
    "alipay_ok": PaymentStatus.SUCCEEDED,
    "card_fail": PaymentStatus.FAILED,
    "late": PaymentStatus.PROCESSING,
}
ARRIVES_AFTER = dt.timedelta(minutes=2)


CAPS = Caps(
    currencies=frozenset({CNY}),
    methods=frozenset({"alipay", "card"}),
    max_fen=50_000_000,
    refund_windows={"alipay": 365},
    origins=frozenset({"https://till.example"}),
)


@dataclass
class _Bill:
    order: OpenOrder
    opened: Opened
    status: PaymentStatus = PaymentStatus.OPEN
    paid_at: dt.datetime | None = None
    refund_fails: bool = False


@dataclass
class Till:
    """A gateway that calls payments bills; asked again, it knows what it was asked before."""

    clock: Clock
    name: str = "till"
    caps: Caps = field(default=CAPS, repr=False)
    bills: dict[str, _Bill] = field(default_factory=dict)
    refunds: dict[str, tuple[RefundFact, str]] = field(default_factory=dict)

    def open_payment(self, attempt: OpenOrder, return_url: str) -> Opened:
        """Open a bill for two hours."""
        del return_url
        known = next((bill for bill in self.bills.values() if bill.order.key == attempt.key), None)
        fits = (
            0 < attempt.amount_fen <= self.caps.max_fen and attempt.currency in self.caps.currencies
        )
        if not fits or (known is not None and known.order != attempt):
            raise GatewayRefusedError("terms")
        if known is None:
            ref = f"bill-{len(self.bills) + 1}"
            url = f"https://till.example/{ref}"
            known = _Bill(attempt, Opened(ref, url, self.clock.now() + LIFE))
            self.bills[ref] = known
        return known.opened

    def do(self, ref: str, what: str) -> None:
        """Let the person before the bill do something."""
        bill = self.bills[ref]
        if what == "refund_fail":
            bill.refund_fails = True
            return
        if self._status(bill) is not PaymentStatus.OPEN:
            raise SessionOver
        bill.status = PAYMENT_ENDS[what]
        bill.paid_at = self.clock.now() + (ARRIVES_AFTER if what == "late" else dt.timedelta())

    def close_payment(self, ref: str) -> CloseResult:
        """Tear up a bill."""
        bill = self.bills.get(ref)
        status = self._status(bill) if bill else PaymentStatus.PROCESSING
        if bill is None or status is PaymentStatus.PROCESSING:
            return CloseResult.UNKNOWN
        if status is PaymentStatus.SUCCEEDED:
            return CloseResult.ALREADY_PAID
        if status is PaymentStatus.OPEN:
            bill.status = PaymentStatus.CLOSED
        return CloseResult.CLOSED

    def fetch_payment(self, ref: str) -> PaymentFact:
        """Tell where a bill stands."""
        bill = self._bill(ref)
        status = self._status(bill)
        fact = PaymentFact(ref, status, bill.order.amount_fen)
        if status is not PaymentStatus.SUCCEEDED:
            return fact
        fee = share_of(bill.order.amount_fen, FEE_BP)
        return dataclasses.replace(fact, method="alipay", paid_at=bill.paid_at, fee_fen=fee)

    def refund(self, refund: RefundOrder) -> RefundFact:
        """Take an order to give back."""
        if refund.key in self.refunds:
            fact, of = self.refunds[refund.key]
            if (of, fact.amount_fen) != (refund.payment_ref, refund.amount_fen):
                raise GatewayRefusedError("terms")
            return dataclasses.replace(fact, status=RefundStatus.PENDING)
        bill = self._bill(refund.payment_ref)
        gone = sum(
            fact.amount_fen
            for fact, of in self.refunds.values()
            if of == refund.payment_ref and fact.status is not RefundStatus.FAILED
        )
        paid = bill.order.amount_fen if self._status(bill) is PaymentStatus.SUCCEEDED else 0
        if not 0 < refund.amount_fen <= paid - gone:
            raise GatewayRefusedError("more than is left")
        ends = RefundStatus.FAILED if bill.refund_fails else RefundStatus.SUCCEEDED
        bill.refund_fails = False
        fact = RefundFact(refund.key, f"back-{len(self.refunds) + 1}", ends, refund.amount_fen)
        self.refunds[refund.key] = (fact, refund.payment_ref)
        return dataclasses.replace(fact, status=RefundStatus.PENDING)

    def fetch_refund(self, ref: str) -> RefundFact:
        """Tell where a refund stands."""
        found = next((fact for fact, _ in self.refunds.values() if fact.ref == ref), None)
        if found is None:
            raise GatewayRefusedError("no such refund")
        return found

    def parse_webhook(self, raw: bytes, headers: Mapping[str, str]) -> list[WebhookEvent]:
        """Read a signed form."""
        signing.verify(raw, headers, secrets=[SECRET], now=self.clock.now())
        told = parse_qs(raw.decode(errors="replace"))
        if "notice" not in told:
            raise BadSignature
        bill, back = told.get("bill", [None])[0], told.get("back", [None])[0]
        return [WebhookEvent(told["notice"][0], bill, back)]

    def notice(self, number: str, **about: str) -> bytes:
        """Return the body of a notice about a ``bill`` or what goes ``back``."""
        return urlencode({"notice": number, **about}).encode()

    def seal(self, body: bytes) -> dict[str, str]:
        """Return the header that vouches for ``body`` now."""
        return {signing.HEADER: signing.sign(body, secrets=[SECRET], at=self.clock.now())}

    def _bill(self, ref: str) -> _Bill:
        if ref not in self.bills:
            raise GatewayRefusedError("no such bill")
        return self.bills[ref]

    def _status(self, bill: _Bill) -> PaymentStatus:
        now = self.clock.now()
        if bill.status is PaymentStatus.PROCESSING and bill.paid_at and bill.paid_at <= now:
            return PaymentStatus.SUCCEEDED
        if bill.status is PaymentStatus.OPEN and bill.opened.expires_at <= now:
            return PaymentStatus.CLOSED
        return bill.status
