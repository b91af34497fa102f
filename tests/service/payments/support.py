"""What the tests of payments share: a booking to pay for, a gateway, the checks of the books."""

from __future__ import annotations

import datetime as dt
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.models import Enterprise
from marketplace.booking.models import Booking
from marketplace.kernel import outbox
from marketplace.kernel.clock import SetClock
from marketplace.kernel.db import Base, Database
from marketplace.kernel.ids import RandomIds
from marketplace.partners.models import Partner
from marketplace.payments import payables, queries, service
from marketplace.payments.gateways import gateway_calls
from marketplace.payments.gateways.port import PaymentFact
from marketplace.payments.gateways.registry import Gateways
from marketplace.payments.gateways.simulated import SimulatedGateway
from marketplace.payments.models import Journal, Payable, Payment
from marketplace.payments.payables import PayableOrder
from marketplace.payments.service import Recorded
from marketplace.payments.states import PayableKind, PaymentState

NOW = dt.datetime(2027, 6, 1, 4, 0, tzinfo=dt.UTC)
STAY_FEN = 804_000
"""30 nights at 26,800 fen: scenario fixture A."""

TABLES = (Enterprise, Partner, Booking)
"""What a payment refers to, directly or not; named here so that the tables are known."""


def make_row(session: Session, name: str, **given: Any) -> Any:
    """Insert a plausible row into ``name``, and whatever it must refer to; returns its key."""
    table = Base.metadata.tables[name]
    values = dict(given)
    for column in table.columns:
        if column.name in values or column.nullable or column.default is not None:
            continue
        if column.foreign_keys:
            parent = next(iter(column.foreign_keys)).column.table.name
            values[column.name] = make_row(session, parent)
        elif not (column.primary_key and isinstance(column.type, sa.BigInteger | sa.Integer)):
            values[column.name] = _plausible(column)
    key = session.execute(sa.insert(table).values(values)).inserted_primary_key
    assert key is not None
    return key[0]


def _plausible(column: sa.Column[Any]) -> Any:
    kind = column.type
    if isinstance(kind, sa.Enum):
        return next(iter(kind.enum_class)) if kind.enum_class else kind.enums[0]
    if isinstance(kind, sa.JSON):
        return []
    if isinstance(kind, sa.String):
        return uuid.uuid4().hex[: kind.length or 32]
    if isinstance(kind, sa.Boolean):
        return False
    if isinstance(kind, sa.Integer | sa.Float):
        return 1
    if isinstance(kind, sa.Date):
        return dt.date(2027, 7, 1)
    return NOW


def make_booking(database: Database) -> str:
    """Insert a booking and return its id."""
    with database.write() as session:
        key = make_row(
            session, Booking.__tablename__, ends_on=dt.date(2027, 7, 31), total_fen=STAY_FEN
        )
    return str(key)


@dataclass(frozen=True)
class Desk:
    """One database, one gateway, one clock, and one booking to pay for."""

    database: Database
    clock: SetClock
    ids: RandomIds
    gateway: SimulatedGateway
    booking_id: str

    @property
    def gateways(self) -> Gateways:
        """The registry of this installation: its one gateway."""
        return Gateways(self.gateway)

    def subject_id(self, amount_fen: int) -> str:
        """Return what is bought for a sum, whatever it may be."""
        return f"{self.booking_id[:20]}{amount_fen:012}"

    def payable(self, session: Session, amount_fen: int) -> Payable:
        """Return what is asked for under its sum, asked now if it was not before."""
        named = {"booking_id": self.booking_id, "subject_id": self.subject_id(amount_fen)}
        found = payables.asked_for(session, **named)
        if found is None:
            order = PayableOrder(
                **named, kind=PayableKind.EXTRA, amount_fen=amount_fen, due_at=self.clock.now()
            )
            payables.open_payable(session, order, now=self.clock.now())
            found = payables.asked_for(session, **named)
        assert found is not None
        return found

    def attempt(self, amount_fen: int = STAY_FEN) -> Payment:
        """Begin, or continue, an attempt to pay a sum."""
        with self.database.write() as session:
            return service.begin_attempt(
                session,
                self.payable(session, amount_fen),
                gateway=self.gateway.name,
                ids=self.ids,
                now=self.clock.now(),
            )

    def opened(self, amount_fen: int = STAY_FEN) -> tuple[Payment, str]:
        """Begin and open an attempt; returns it with the token of its page."""
        payment = self.attempt(amount_fen)
        url = self.checkout(payment)
        return self.payment(payment.id), url.rsplit("/", 1)[-1]

    def checkout(self, payment: Payment) -> str:
        """Open an attempt at the gateway; returns the address of its page."""
        return gateway_calls.open_checkout(
            self.database,
            self.gateways,
            payment_id=payment.id,
            return_url="/return",
            clock=self.clock,
        )

    def payment(self, payment_id: str) -> Payment:
        """Return an attempt as it stands."""
        with self.database.read() as session:
            return session.get_one(Payment, payment_id)

    def apply(self, fact: PaymentFact) -> Recorded:
        """Record a fact in a transaction of its own."""
        with self.database.write() as session:
            return service.record_payment_fact(
                session, fact=fact, gateway=self.gateway.name, now=self.clock.now()
            )

    def fetched(self, payment: Payment) -> Recorded:
        """Fetch the truth about an attempt and record it."""
        assert payment.ref is not None
        return self.apply(self.gateway.fetch_payment(payment.ref))

    def paid(self, action: str = "alipay_ok", amount_fen: int = STAY_FEN) -> Payment:
        """Pay by pressing a button, and record it."""
        payment, token = self.opened(amount_fen)
        self.gateway.press(token, action)
        self.fetched(payment)
        return self.payment(payment.id)

    def owed(self, topic: str) -> list[dict[str, Any]]:
        """Return the payloads owed under ``topic``, oldest first."""
        with self.database.read() as session:
            return list(
                session.scalars(
                    sa.select(outbox.OutboxRow.payload)
                    .where(outbox.OutboxRow.topic == topic)
                    .order_by(outbox.OutboxRow.id)
                )
            )


def make_desk(database: Database) -> Desk:
    """Set up a desk on an empty database."""
    clock, ids = SetClock(NOW), RandomIds()
    gateway = SimulatedGateway(database, clock=clock, ids=ids, secret="whsec", base_url="")
    return Desk(database, clock, ids, gateway, make_booking(database))


def journal_keys(database: Database) -> list[str]:
    """Return the keys of all journals in the order they were written."""
    with database.read() as session:
        return list(session.scalars(sa.select(Journal.key).order_by(Journal.id)))


def check_books(database: Database) -> None:
    """Fail unless the books are sound: all that must hold after every scenario."""
    with database.read() as session:
        assert queries.unbalanced_journals(session) == []
        assert queries.unposted_payments(session) == []
        assert queries.refund_gap(session) == 0
        assert all(fen >= 0 for fen in queries.prepaid_by_booking(session).values())


def deliver_at_once(desk: Desk, facts: list[PaymentFact]) -> list[Recorded]:
    """Record all ``facts`` at the same time, each in a thread and transaction of its own."""
    with ThreadPoolExecutor(max_workers=len(facts)) as pool:
        return list(pool.map(desk.apply, facts))


def check_paid_once(desk: Desk, payment: Payment, answers: list[Recorded]) -> None:
    """Fail unless exactly one delivery made the payment succeed and it was posted once."""
    assert sum(answer.newly_succeeded for answer in answers) == 1
    assert journal_keys(desk.database) == [f"pay:{payment.id}:succeeded", f"pay:{payment.id}:fee"]
    assert desk.payment(payment.id).state is PaymentState.SUCCEEDED
    check_books(desk.database)
