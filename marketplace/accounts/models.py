"""Staff accounts: operators' people, the directory office, the platform's own."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.accounts.roles import Role
from marketplace.kernel.db import Base, BigKey, Key


class User(Base):
    """One person who signs in."""

    __tablename__ = "staff_user"

    id: Mapped[Key]
    """Surrogate key; the audit trail names people by it."""
    login: Mapped[str] = mapped_column(sa.String(80), unique=True)
    """What they type to sign in, lower-case."""
    role: Mapped[Role]
    """What they may do."""
    enterprise_id: Mapped[int | None] = mapped_column(BigKey, sa.ForeignKey("enterprise.id"))
    """The enterprise an operator's person works for; empty for office staff."""
    password_hash: Mapped[str] = mapped_column(sa.String(200))
    """Argon2id."""
    stamp: Mapped[str] = mapped_column(sa.String(32))
    """Changes with the password: sessions that carry an older one are over."""
    created_at: Mapped[dt.datetime]
    """When the account was made."""
    disabled_at: Mapped[dt.datetime | None]
    """When sign-in was ended; empty while it works."""
