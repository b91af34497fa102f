"""Partner platforms and their keys."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.kernel.db import Base, BigKey, Fen, Key


class Partner(Base):
    """A travel platform that reads the feed and books on account."""

    __tablename__ = "partner"

    id: Mapped[Key]
    """Its row is locked while its credit is drawn on."""
    name: Mapped[str] = mapped_column(sa.String(80), unique=True)
    """The name given on the command line."""
    credit_limit_fen: Mapped[Fen]
    """How much it may owe at most."""
    created_at: Mapped[dt.datetime]
    """When it was made."""


class PartnerKey(Base):
    """One API key of a partner; only its hash is kept."""

    __tablename__ = "partner_key"

    id: Mapped[Key]
    """Surrogate key; names the caller in the audit trail and in rate limits."""
    partner_id: Mapped[int] = mapped_column(BigKey, sa.ForeignKey("partner.id"), index=True)
    """Whose key it is."""
    prefix: Mapped[str] = mapped_column(sa.String(16))
    """The first symbols, shown to tell keys apart."""
    hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    """SHA-256 of the key: it has 256 random bits, so a slow hash would add nothing."""
    test: Mapped[bool]
    """A test key's bookings take no real stock."""
    per_minute: Mapped[int]
    """How many requests it may make in a minute."""
    created_at: Mapped[dt.datetime]
    """When it was issued."""
    expires_at: Mapped[dt.datetime | None]
    """When it stops working; set on rotation, so that old and new overlap."""
    revoked_at: Mapped[dt.datetime | None]
    """When it was revoked."""
    last_used_at: Mapped[dt.datetime | None]
    """The day it was last used."""
