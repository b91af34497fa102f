"""Payables, the attempts to pay them, refunds and the ledger."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.kernel.db import Base, BigKey, Fen, Key
from marketplace.kernel.money import CNY
from marketplace.payments.ledger.chart_of_accounts import AccountCode, Side
from marketplace.payments.states import (
    PayableKind,
    PayableState,
    PaymentState,
    RefundSource,
    RefundState,
)

APPEND_ONLY_TABLES = ("journal", "ledger_entry", "payment_use")
"""Tables that migrations guard with triggers: their rows are never changed or deleted."""


ASKED_FOR = sa.text("state IN ('open', 'advanced')")
LIVE_ATTEMPT = sa.text("state IN ('created', 'open', 'processing')")


class Payable(Base):
    """What somebody is to pay us for a booking, and by when."""

    __tablename__ = "payable"
    __table_args__ = (
        sa.UniqueConstraint("booking_id", "number"),
        sa.Index(
            "uq_payable_asked_for",
            *("kind", "subject_id", "part"),
            unique=True,
            postgresql_where=ASKED_FOR,
            sqlite_where=ASKED_FOR,
        ),
        sa.Index("ix_payable_next", "state", "next_at"),
        sa.CheckConstraint("amount_fen > 0", name="amount_positive"),
    )

    id: Mapped[Key]
    """Surrogate key."""
    booking_id: Mapped[str] = mapped_column(sa.String(32), sa.ForeignKey("booking.id"))
    """The booking it belongs to."""
    number: Mapped[int]
    """Counts a booking's payables in the order they were opened."""
    kind: Mapped[PayableKind]
    """What it is asked for."""
    subject_id: Mapped[str] = mapped_column(sa.String(32))
    """What is bought with it: the booking, or a change of its stay."""
    part: Mapped[int] = mapped_column(default=1)
    """Which of several of its kind for the same subject, from 1."""
    amount_fen: Mapped[Fen]
    """What is to be paid in all."""
    currency: Mapped[str] = mapped_column(sa.String(3), default=CNY)
    """The currency it is to be paid in."""
    due_at: Mapped[dt.datetime]
    """Until when whoever pays was told that it can be paid."""
    grace_until: Mapped[dt.datetime | None]
    """From when what it was to buy may be given up."""
    next_at: Mapped[dt.datetime | None]
    """When to look at it next; empty where nothing is to be done by the clock."""
    state: Mapped[PayableState]
    """Where it stands; moved only by a compare-and-set."""
    opened_at: Mapped[dt.datetime]
    """When it was asked for."""
    ended_at: Mapped[dt.datetime | None]
    """When it was settled, lapsed or became void."""


class Payment(Base):
    """One attempt to pay a payable."""

    __tablename__ = "payment"
    __table_args__ = (
        sa.UniqueConstraint("gateway", "ref"),
        sa.Index("ix_payment_poll", "state", "next_poll_at"),
        sa.Index(
            "uq_payment_live",
            "payable_id",
            unique=True,
            postgresql_where=LIVE_ATTEMPT,
            sqlite_where=LIVE_ATTEMPT,
        ),
        sa.CheckConstraint("amount_fen > 0", name="amount_positive"),
    )

    id: Mapped[str] = mapped_column(sa.String(32), primary_key=True)
    """Opaque id."""
    booking_id: Mapped[str] = mapped_column(sa.String(32), sa.ForeignKey("booking.id"), index=True)
    """The booking it pays for."""
    payable_id: Mapped[int] = mapped_column(BigKey, sa.ForeignKey("payable.id"), index=True)
    """What it pays; only one attempt at a time may still bring money."""
    state: Mapped[PaymentState]
    """Where it stands; moved only by a compare-and-set."""
    key: Mapped[str] = mapped_column(sa.String(60), unique=True)
    """What the gateway knows the attempt by: ``pay:<booking>:<n>``."""
    gateway: Mapped[str] = mapped_column(sa.String(40))
    """The gateway's name."""
    ref: Mapped[str | None] = mapped_column(sa.String(120))
    """The gateway's own reference; empty until it opened the payment."""
    amount_fen: Mapped[Fen]
    """What is to be paid."""
    currency: Mapped[str] = mapped_column(sa.String(3), default=CNY)
    """The currency it is to be paid in."""
    redirect_url: Mapped[str | None] = mapped_column(sa.String(500))
    """Where the traveller pays."""
    created_at: Mapped[dt.datetime]
    """When the attempt was begun."""
    opened_at: Mapped[dt.datetime | None]
    """When the gateway opened it."""
    expires_at: Mapped[dt.datetime | None]
    """Until when the gateway lets it be paid."""
    closed_at: Mapped[dt.datetime | None]
    """When it failed or was closed; a success that comes later leaves it standing."""
    next_poll_at: Mapped[dt.datetime | None]
    """When to ask the gateway about it; empty when nothing is open."""
    method: Mapped[str | None] = mapped_column(sa.String(20))
    """How it was paid; decides for how long a refund is possible."""
    paid_at: Mapped[dt.datetime | None]
    """When it was paid, by the gateway's word."""
    paid_fen: Mapped[int | None] = mapped_column(sa.BigInteger)
    """What was really paid."""
    paid_currency: Mapped[str | None] = mapped_column(sa.String(3))
    """The currency it was really paid in."""
    fee_fen: Mapped[int | None] = mapped_column(sa.BigInteger)
    """What the gateway kept; empty until it says."""


class PaymentUse(Base):
    """What the money of a payment was used for; what no use claims is in suspense.

    History: it stays when the money goes back.
    """

    __tablename__ = "payment_use"
    __table_args__ = (sa.CheckConstraint("fen > 0", name="fen_positive"),)

    payment_id: Mapped[str] = mapped_column(
        sa.String(32), sa.ForeignKey("payment.id"), primary_key=True
    )
    """The payment."""
    payable_id: Mapped[int] = mapped_column(
        BigKey, sa.ForeignKey("payable.id"), primary_key=True, index=True
    )
    """What its money paid."""
    fen: Mapped[Fen]
    """How much of it."""
    made_at: Mapped[dt.datetime]
    """When it was used."""


class Refund(Base):
    """Money that goes back to whoever paid, by the way it came or by bank transfer."""

    __tablename__ = "refund"
    __table_args__ = (
        sa.Index("ix_refund_try", "state", "next_try_at"),
        sa.CheckConstraint("amount_fen > 0", name="amount_positive"),
    )

    id: Mapped[str] = mapped_column(sa.String(32), primary_key=True)
    """Opaque id."""
    booking_id: Mapped[str] = mapped_column(sa.String(32), sa.ForeignKey("booking.id"), index=True)
    """The booking it belongs to."""
    payment_id: Mapped[str | None] = mapped_column(
        sa.String(32), sa.ForeignKey("payment.id"), index=True
    )
    """The payment it gives back; empty for a booking on account."""
    amount_fen: Mapped[Fen]
    """How much goes back."""
    currency: Mapped[str] = mapped_column(sa.String(3), default=CNY)
    """The currency it was paid in."""
    state: Mapped[RefundState]
    """Where it stands; moved only by a compare-and-set."""
    source: Mapped[RefundSource]
    """Out of what it is taken."""
    reason: Mapped[str] = mapped_column(sa.String(40))
    """Why, as a code."""
    key: Mapped[str] = mapped_column(sa.String(60), unique=True)
    """What the gateway knows the present try by: ``refund:<id>:<attempt>``."""
    attempt: Mapped[int] = mapped_column(default=0)
    """How often the gateway was asked."""
    ref: Mapped[str | None] = mapped_column(sa.String(120))
    """The gateway's reference of the present try."""
    bank_ref: Mapped[str | None] = mapped_column(sa.String(80))
    """The bank's reference, when a person paid it."""
    created_at: Mapped[dt.datetime]
    """When it was approved."""
    finished_at: Mapped[dt.datetime | None]
    """When the money had left us."""
    next_try_at: Mapped[dt.datetime | None]
    """When to ask about it, or to send it, again."""


class LedgerAccount(Base):
    """One account of the ledger, made when it is first posted to."""

    __tablename__ = "ledger_account"
    __table_args__ = (sa.UniqueConstraint("code", "owner", "currency"),)

    id: Mapped[Key]
    """Surrogate key."""
    code: Mapped[AccountCode]
    """What is counted in it."""
    owner: Mapped[str] = mapped_column(sa.String(40), default="")
    """Whose it is: a gateway's name, a partner's or an enterprise's id; empty for our own."""
    currency: Mapped[str] = mapped_column(sa.String(3))
    """ISO 4217 code."""
    normal_side: Mapped[Side]
    """On which side it normally stands."""


class Journal(Base):
    """One thing that happened to money."""

    __tablename__ = "journal"

    id: Mapped[Key]
    """Order of writing."""
    key: Mapped[str] = mapped_column(sa.String(120), unique=True)
    """What makes it happen once, for example ``pay:<id>:succeeded``."""
    booking_id: Mapped[str | None] = mapped_column(
        sa.String(32), sa.ForeignKey("booking.id"), index=True
    )
    """The booking it belongs to."""
    payable_id: Mapped[int | None] = mapped_column(BigKey, sa.ForeignKey("payable.id"))
    """What the money was paid for, where it is a payment's or goes back to who paid."""
    occurred_at: Mapped[dt.datetime]
    """When it happened."""
    memo: Mapped[str] = mapped_column(sa.String(80))
    """What happened, in a few words."""


class LedgerEntry(Base):
    """What a journal does to one account."""

    __tablename__ = "ledger_entry"
    __table_args__ = (sa.CheckConstraint("amount_fen <> 0", name="amount_not_zero"),)

    journal_id: Mapped[int] = mapped_column(BigKey, sa.ForeignKey("journal.id"), primary_key=True)
    """The journal."""
    account_id: Mapped[int] = mapped_column(
        BigKey, sa.ForeignKey("ledger_account.id"), primary_key=True, index=True
    )
    """The account."""
    amount_fen: Mapped[Fen]
    """Debit positive, credit negative; the entries of a journal sum to zero."""
