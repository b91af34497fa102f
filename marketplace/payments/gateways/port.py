"""The port to whoever moves the money: what we ask of a payment gateway and what it answers.

A gateway is told opaque references, amounts and our own keys: never a name, a phone number, a
booking code or what was bought.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from marketplace.kernel.errors import DomainError
from marketplace.kernel.money import CNY


class PaymentStatus(enum.StrEnum):
    """What a gateway says about a payment."""

    OPEN = "open"
    PROCESSING = "processing"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CLOSED = "closed"


class RefundStatus(enum.StrEnum):
    """What a gateway says about a refund."""

    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class CloseResult(enum.StrEnum):
    """The answer to the wish that a payment can no longer be paid."""

    CLOSED = "closed"
    ALREADY_PAID = "already_paid"
    UNKNOWN = "unknown"
    """It could not be settled: money may be on its way, so nothing may be released."""


@dataclass(frozen=True, slots=True)
class OpenOrder:
    """What is to be paid. The same ``key`` twice opens one payment."""

    key: str
    amount_fen: int
    currency: str = CNY


@dataclass(frozen=True, slots=True)
class Opened:
    """A payment that can be paid at ``redirect_url`` until ``expires_at``."""

    ref: str
    redirect_url: str
    expires_at: dt.datetime


@dataclass(frozen=True, slots=True)
class PaymentFact:
    """The gateway's present truth about one payment.

    ``amount_fen`` is what was really paid once it succeeded, before that what is to be paid.
    ``fee_fen`` is what the gateway keeps, empty while it does not say.
    """

    ref: str
    status: PaymentStatus
    amount_fen: int
    currency: str = CNY
    method: str | None = None
    paid_at: dt.datetime | None = None
    fee_fen: int | None = None


@dataclass(frozen=True, slots=True)
class RefundOrder:
    """What is to go back, in the currency it was paid in. The same ``key`` twice is one refund."""

    key: str
    payment_ref: str
    amount_fen: int


@dataclass(frozen=True, slots=True)
class RefundFact:
    """The gateway's present truth about one refund; ``key`` is the one we ordered it with."""

    key: str
    ref: str
    status: RefundStatus
    amount_fen: int


@dataclass(frozen=True, slots=True)
class WebhookEvent:
    """A verified hint that something about a payment or a refund changed; the truth is fetched."""

    event_id: str
    payment_ref: str | None = None
    refund_ref: str | None = None


@dataclass(frozen=True, slots=True)
class Caps:
    """What a gateway can do.

    It takes ``currencies`` by ``methods``, no payment above ``max_fen``; ``refund_windows`` are the
    days in which a method gives back. ``origins`` are those of its pages, such as
    ``https://pay.example``; none when people pay on pages of ours.
    """

    currencies: frozenset[str]
    methods: frozenset[str]
    max_fen: int
    refund_windows: Mapping[str, int] = field(default_factory=dict)
    origins: frozenset[str] = frozenset()

    def refund_window_days(self, method: str | None) -> int | None:
        """Return for how many days money paid by ``method`` can go back; ``None``: no limit."""
        return self.refund_windows.get(method) if method else None

    def refundable_until(
        self, method: str | None, paid_at: dt.datetime | None
    ) -> dt.datetime | None:
        """Return the last instant at which the gateway takes a refund; ``None``: no limit."""
        days = self.refund_window_days(method)
        return None if days is None or paid_at is None else paid_at + dt.timedelta(days=days)


class GatewayUnavailable(DomainError):
    """The gateway did not answer; the same call with the same key may be made again."""

    code = "gateway_unavailable"
    http_status = 503
    message = "支付服务暂时没有回应，您没有被扣款，请过几分钟再试"


class GatewayRefusedError(Exception):
    """The gateway understood and said no: an unknown reference, too much money, a reused key."""


class BadSignature(DomainError):
    """An event whose sender, age or form cannot be trusted; nothing of it is kept."""

    code = "bad_signature"
    http_status = 400
    message = "通知的签名不正确，没有受理"


class PaymentGateway(Protocol):
    """One provider of payments. Every call may raise ``GatewayUnavailable``.

    No call is made inside a database transaction of ours.
    """

    @property
    def name(self) -> str:
        """The name kept with each payment, in hook addresses and in the ledger."""
        ...

    @property
    def caps(self) -> Caps:
        """What it can do."""
        ...

    def open_payment(self, attempt: OpenOrder, return_url: str) -> Opened:
        """Open a payment page; idempotent on ``attempt.key``."""
        ...

    def close_payment(self, ref: str) -> CloseResult:
        """Make a payment unpayable; never ``CLOSED`` when it was paid."""
        ...

    def fetch_payment(self, ref: str) -> PaymentFact:
        """Return the truth about a payment; raises ``GatewayRefusedError`` for an unknown one."""
        ...

    def refund(self, refund: RefundOrder) -> RefundFact:
        """Send money back; idempotent on ``refund.key``; raises ``GatewayRefusedError``."""
        ...

    def fetch_refund(self, ref: str) -> RefundFact:
        """Return the truth about a refund; raises ``GatewayRefusedError`` for an unknown one."""
        ...

    def parse_webhook(self, raw: bytes, headers: Mapping[str, str]) -> list[WebhookEvent]:
        """Return the events of a signed message; raises ``BadSignature``."""
        ...
