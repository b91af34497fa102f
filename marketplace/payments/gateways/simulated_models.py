"""What the simulated gateway remembers: it plays the outside world, so these tables are its own."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.kernel.db import Base, Fen
from marketplace.payments.gateways.port import PaymentStatus, RefundStatus


class SimulatedPayment(Base):
    """A payment page of the simulated gateway."""

    __tablename__ = "simulated_payment"

    ref: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    """The gateway's reference."""
    key: Mapped[str] = mapped_column(sa.String(60), unique=True)
    """Our key: opened twice with it, there is one page."""
    token: Mapped[str] = mapped_column(sa.String(64), unique=True)
    """The unguessable part of the page's address."""
    amount_fen: Mapped[Fen]
    """What is to be paid."""
    currency: Mapped[str] = mapped_column(sa.String(3))
    """The currency."""
    return_url: Mapped[str] = mapped_column(sa.String(500))
    """Where the traveller goes afterwards."""
    status: Mapped[PaymentStatus]
    """Where it stands; ``processing`` becomes ``succeeded`` by itself at ``paid_at``."""
    opened_at: Mapped[dt.datetime]
    """When it was opened."""
    expires_at: Mapped[dt.datetime]
    """Until when it can be paid."""
    method: Mapped[str | None] = mapped_column(sa.String(20))
    """How it was paid."""
    paid_at: Mapped[dt.datetime | None]
    """When it was paid, or when a late payment will be."""
    paid_fen: Mapped[int | None] = mapped_column(sa.BigInteger)
    """What was really paid."""
    refund_fails: Mapped[bool] = mapped_column(default=False)
    """The next refund of this payment is to fail."""


class SimulatedRefund(Base):
    """A refund that the simulated gateway was asked for."""

    __tablename__ = "simulated_refund"

    ref: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    """The gateway's reference."""
    key: Mapped[str] = mapped_column(sa.String(60), unique=True)
    """Our key: asked twice with it, there is one refund."""
    payment_ref: Mapped[str] = mapped_column(
        sa.String(40), sa.ForeignKey("simulated_payment.ref"), index=True
    )
    """The payment it gives back."""
    amount_fen: Mapped[Fen]
    """How much."""
    status: Mapped[RefundStatus]
    """How it will end; the answer to the order itself is always ``pending``."""
    made_at: Mapped[dt.datetime]
    """When it was asked for."""


class SimulatedEvent(Base):
    """A signed event that the simulated gateway sends to the hook."""

    __tablename__ = "simulated_event"

    id: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    """The event's id, the same in every copy."""
    kind: Mapped[str] = mapped_column(sa.String(40))
    """What it is about, for example ``payment.succeeded``."""
    payment_ref: Mapped[str | None] = mapped_column(sa.String(40))
    """The payment concerned."""
    refund_ref: Mapped[str | None] = mapped_column(sa.String(40))
    """The refund concerned."""
    copies: Mapped[int]
    """How often it is delivered."""
    created_at: Mapped[dt.datetime]
    """When it was made."""
