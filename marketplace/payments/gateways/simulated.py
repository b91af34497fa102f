"""The simulated gateway: a payment page inside the product on which nobody is charged.

It stands for the outside world: it keeps tables of its own, opens transactions of its own, and
tells us about changes only by signed events and when asked. Never used in production.
"""

from __future__ import annotations

import datetime as dt
import enum
import json
from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.kernel import outbox
from marketplace.kernel.clock import Clock
from marketplace.kernel.db import Database, insert_new
from marketplace.kernel.errors import DomainError, NotFound
from marketplace.kernel.ids import Ids
from marketplace.kernel.money import CNY, share_of
from marketplace.payments.effects import PostSimulatedEvent
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
from marketplace.payments.gateways.simulated_models import (
    SimulatedEvent,
    SimulatedPayment,
    SimulatedRefund,
)

SESSION_LIFE = dt.timedelta(minutes=30)
LATE_BY = dt.timedelta(minutes=2)
FEE_BP = 60
"""0.6 % of every payment, rounded half up, not given back with a refund."""
SHORT_BY_FEN = 100
DUPLICATE_COPIES = 3

_PAYMENT = SimulatedPayment.metadata.tables[SimulatedPayment.__tablename__]


class SimulatedAction(enum.StrEnum):
    """The buttons of the page."""

    ALIPAY_OK = "alipay_ok"
    WECHAT_OK = "wechat_ok"
    CARD_FAIL = "card_fail"
    LATE = "late"
    DUPLICATE = "duplicate"
    WRONG_AMOUNT = "wrong_amount"
    REFUND_FAIL = "refund_fail"


class SessionOver(DomainError):
    """The page can no longer be paid on."""

    code = "payment_session_over"
    http_status = 409
    message = "这个支付页面已经结束，请回到订单查看结果"


@dataclass(frozen=True, slots=True)
class SimulatedPage:
    """What the page shows."""

    token: str
    amount_fen: int
    currency: str
    status: PaymentStatus
    expires_at: dt.datetime
    return_url: str
    refund_fails: bool


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """An event ready to be posted to the hook, ``copies`` times."""

    body: bytes
    headers: dict[str, str]
    copies: int = 1


class SimulatedGateway:
    """A payment gateway that charges nobody; see the module for its manners."""

    name = "simulated"
    caps = Caps(
        currencies=frozenset({CNY}),
        methods=frozenset({"alipay", "wechat_pay", "card"}),
        max_fen=100_000_000,
        # The shortest windows met in practice, so that the bank-transfer path is real here too.
        refund_windows={"alipay": 90, "wechat_pay": 180},
    )

    def __init__(
        self,
        database: Database,
        *,
        clock: Clock,
        ids: Ids,
        secret: str | tuple[str, ...],
        base_url: str,
    ) -> None:
        """Keep what it works with.

        ``secret`` signs events; of several the first signs and all are accepted. ``base_url`` is
        put before ``/pay/sim/<token>``.
        """
        self._database = database
        self._clock = clock
        self._ids = ids
        self._secrets = (secret,) if isinstance(secret, str) else secret
        self._base_url = base_url.rstrip("/")

    def open_payment(self, attempt: OpenOrder, return_url: str) -> Opened:
        """Open a page for 30 minutes; the same key opens the same page.

        Raises ``GatewayRefusedError`` for a key that was used with other terms or an amount that
        is not taken.
        """
        if not 0 < attempt.amount_fen <= self.caps.max_fen:
            raise GatewayRefusedError("amount")
        if attempt.currency not in self.caps.currencies:
            raise GatewayRefusedError("currency")
        now = self._clock.now()
        with self._database.write() as session:
            session.execute(
                insert_new(_PAYMENT, session.get_bind().dialect.name).values(
                    ref=f"sim_{self._ids.new_id()}",
                    key=attempt.key,
                    token=self._ids.new_token(),
                    amount_fen=attempt.amount_fen,
                    currency=attempt.currency,
                    return_url=return_url,
                    status=PaymentStatus.OPEN,
                    opened_at=now,
                    expires_at=now + SESSION_LIFE,
                    refund_fails=False,
                )
            )
            row = session.scalars(
                sa.select(SimulatedPayment).where(SimulatedPayment.key == attempt.key)
            ).one()
        if (row.amount_fen, row.currency) != (attempt.amount_fen, attempt.currency):
            raise GatewayRefusedError("key reused with other terms")
        return Opened(row.ref, f"{self._base_url}/pay/sim/{row.token}", row.expires_at)

    def close_payment(self, ref: str) -> CloseResult:
        """Make a page unpayable; a payment on its way makes the answer ``UNKNOWN``."""
        now = self._clock.now()
        with self._database.write() as session:
            row = _locked(session, SimulatedPayment.ref == ref)
            if row is None:
                return CloseResult.UNKNOWN
            status = _status(row, now)
            if status is PaymentStatus.SUCCEEDED:
                return CloseResult.ALREADY_PAID
            if status is PaymentStatus.PROCESSING:
                return CloseResult.UNKNOWN
            if status is PaymentStatus.OPEN:
                row.status = PaymentStatus.CLOSED
            return CloseResult.CLOSED

    def fetch_payment(self, ref: str) -> PaymentFact:
        """Return where a payment stands; raises ``GatewayRefusedError`` for an unknown one."""
        with self._database.read() as session:
            row = session.get(SimulatedPayment, ref)
        if row is None:
            raise GatewayRefusedError("no such payment")
        status = _status(row, self._clock.now())
        if status is not PaymentStatus.SUCCEEDED:
            return PaymentFact(row.ref, status, row.amount_fen, row.currency, row.method)
        paid = row.paid_fen if row.paid_fen is not None else row.amount_fen
        return PaymentFact(
            ref=row.ref,
            status=status,
            amount_fen=paid,
            currency=row.currency,
            method=row.method,
            paid_at=row.paid_at,
            fee_fen=share_of(paid, FEE_BP),
        )

    def refund(self, refund: RefundOrder) -> RefundFact:
        """Take an order to refund; its end is told by an event and when asked.

        Raises ``GatewayRefusedError`` when the payment is not paid or less than that is left of it.
        """
        now = self._clock.now()
        with self._database.write() as session:
            payment = _locked(session, SimulatedPayment.ref == refund.payment_ref)
            known = session.scalars(
                sa.select(SimulatedRefund).where(SimulatedRefund.key == refund.key)
            ).one_or_none()
            if known is not None:
                if (known.payment_ref, known.amount_fen) != (refund.payment_ref, refund.amount_fen):
                    raise GatewayRefusedError("key reused with other terms")
                return RefundFact(known.key, known.ref, known.status, known.amount_fen)
            if payment is None or _status(payment, now) is not PaymentStatus.SUCCEEDED:
                raise GatewayRefusedError("not paid")
            if not 0 < refund.amount_fen <= _left(session, payment):
                raise GatewayRefusedError("more than is left")
            made = SimulatedRefund(
                ref=f"simr_{self._ids.new_id()}",
                key=refund.key,
                payment_ref=payment.ref,
                amount_fen=refund.amount_fen,
                status=RefundStatus.FAILED if payment.refund_fails else RefundStatus.SUCCEEDED,
                made_at=now,
            )
            payment.refund_fails = False
            session.add(made)
            self._owe_event(session, f"refund.{made.status}", now, refund_ref=made.ref)
        return RefundFact(made.key, made.ref, RefundStatus.PENDING, made.amount_fen)

    def fetch_refund(self, ref: str) -> RefundFact:
        """Return where a refund stands; raises ``GatewayRefusedError`` for an unknown one."""
        with self._database.read() as session:
            row = session.get(SimulatedRefund, ref)
        if row is None:
            raise GatewayRefusedError("no such refund")
        return RefundFact(row.key, row.ref, row.status, row.amount_fen)

    def parse_webhook(self, raw: bytes, headers: Mapping[str, str]) -> list[WebhookEvent]:
        """Return the event of a signed message; raises ``BadSignature``."""
        signing.verify(raw, headers, secrets=self._secrets, now=self._clock.now())
        try:
            told = json.loads(raw)
            return [WebhookEvent(str(told["id"]), told.get("payment"), told.get("refund"))]
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise BadSignature from error

    def page(self, token: str) -> SimulatedPage:
        """Return what the page ``token`` shows; raises ``NotFound``."""
        with self._database.read() as session:
            row = session.scalars(
                sa.select(SimulatedPayment).where(SimulatedPayment.token == token)
            ).one_or_none()
        if row is None:
            raise NotFound
        return _page(row, self._clock.now())

    def press(self, token: str, action: SimulatedAction | str) -> SimulatedPage:
        """Press a button of the page and return the page as it is then.

        ``refund_fail`` switches whether the next refund fails and works at any time. The others
        decide the payment. Raises ``NotFound`` for an unknown page or button and ``SessionOver``
        when the page was decided before or its 30 minutes are over.
        """
        if action not in set(SimulatedAction):
            raise NotFound
        action = SimulatedAction(action)
        now = self._clock.now()
        with self._database.write() as session:
            row = _locked(session, SimulatedPayment.token == token)
            if row is None:
                raise NotFound
            if action is SimulatedAction.REFUND_FAIL:
                row.refund_fails = not row.refund_fails
            elif _status(row, now) is not PaymentStatus.OPEN:
                raise SessionOver
            else:
                self._decide(session, row, action, now)
        return _page(row, now)

    def _decide(
        self, session: Session, row: SimulatedPayment, action: SimulatedAction, now: dt.datetime
    ) -> None:
        if action is SimulatedAction.CARD_FAIL:
            row.status, row.method = PaymentStatus.FAILED, "card"
            self._owe_event(session, "payment.failed", now, payment_ref=row.ref)
            return
        late = action is SimulatedAction.LATE
        row.status = PaymentStatus.PROCESSING if late else PaymentStatus.SUCCEEDED
        row.method = "wechat_pay" if action is SimulatedAction.WECHAT_OK else "alipay"
        row.paid_at = now + LATE_BY if late else now
        row.paid_fen = row.amount_fen
        if action is SimulatedAction.WRONG_AMOUNT:
            row.paid_fen += -SHORT_BY_FEN if row.amount_fen > SHORT_BY_FEN else SHORT_BY_FEN
        if late:
            self._owe_event(session, "payment.processing", now, payment_ref=row.ref)
        self._owe_event(
            session,
            "payment.succeeded",
            now,
            payment_ref=row.ref,
            due_at=row.paid_at,
            copies=DUPLICATE_COPIES if action is SimulatedAction.DUPLICATE else 1,
        )

    def _owe_event(
        self,
        session: Session,
        kind: str,
        now: dt.datetime,
        *,
        payment_ref: str | None = None,
        refund_ref: str | None = None,
        due_at: dt.datetime | None = None,
        copies: int = 1,
    ) -> None:
        event_id = f"evt_{self._ids.new_id()}"
        session.add(
            SimulatedEvent(
                id=event_id,
                kind=kind,
                payment_ref=payment_ref,
                refund_ref=refund_ref,
                copies=copies,
                created_at=now,
            )
        )
        outbox.owe(session, PostSimulatedEvent(event_id), now=now, due_at=due_at)

    def event_request(self, session: Session, event_id: str) -> SignedRequest:
        """Return an event signed as of now, ready to be posted; raises ``NotFound``."""
        event = session.get(SimulatedEvent, event_id)
        if event is None:
            raise NotFound
        told = {
            "id": event.id,
            "type": event.kind,
            "payment": event.payment_ref,
            "refund": event.refund_ref,
        }
        body = json.dumps(told, sort_keys=True).encode()
        signature = signing.sign(body, secrets=self._secrets[:1], at=self._clock.now())
        headers = {"Content-Type": "application/json", signing.HEADER: signature}
        return SignedRequest(body, headers, event.copies)


def _locked(session: Session, condition: sa.ColumnElement[bool]) -> SimulatedPayment | None:
    return session.scalars(
        sa.select(SimulatedPayment).where(condition).with_for_update()
    ).one_or_none()


def _status(row: SimulatedPayment, now: dt.datetime) -> PaymentStatus:
    """Return where a payment stands at ``now``: time alone completes and closes some."""
    if row.status is PaymentStatus.PROCESSING and row.paid_at is not None and row.paid_at <= now:
        return PaymentStatus.SUCCEEDED
    if row.status is PaymentStatus.OPEN and row.expires_at <= now:
        return PaymentStatus.CLOSED
    return row.status


def _left(session: Session, payment: SimulatedPayment) -> int:
    gone = session.scalar(
        sa.select(sa.func.coalesce(sa.func.sum(SimulatedRefund.amount_fen), 0)).where(
            SimulatedRefund.payment_ref == payment.ref,
            SimulatedRefund.status != RefundStatus.FAILED,
        )
    )
    return (payment.paid_fen or 0) - int(gone or 0)


def _page(row: SimulatedPayment, now: dt.datetime) -> SimulatedPage:
    return SimulatedPage(
        token=row.token,
        amount_fen=row.amount_fen,
        currency=row.currency,
        status=_status(row, now),
        expires_at=row.expires_at,
        return_url=row.return_url,
        refund_fails=row.refund_fails,
    )
