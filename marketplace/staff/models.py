"""Staff accounts: operators' people, the directory office, and where each is signed in."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.kernel.crypto import EncryptedString
from marketplace.kernel.db import Base, BigKey, Key
from marketplace.staff.roles import Role


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
    must_change: Mapped[bool] = mapped_column(default=False)
    """Whether the password was made by somebody else, and opens nothing but its own change."""
    demo: Mapped[bool] = mapped_column(default=False)
    """Whether its password and secret are printed at a start; production lets it nowhere."""
    totp_secret: Mapped[str | None] = mapped_column(EncryptedString("staff_user.totp_secret"))
    """The secret of the second factor, base 32; empty while there is none."""
    totp_pending: Mapped[str | None] = mapped_column(EncryptedString("staff_user.totp_pending"))
    """A new secret that no code has proved yet."""
    totp_step: Mapped[int | None] = mapped_column(sa.BigInteger)
    """The last step of 30 seconds whose code was taken; no code of it or before is taken again."""
    wrong_codes: Mapped[int] = mapped_column(default=0)
    """Wrong codes of the second step, from anywhere, in the window that began last."""
    wrong_codes_since: Mapped[dt.datetime | None]
    """When that window began; empty while no code was wrong since the last reset."""
    created_at: Mapped[dt.datetime]
    """When the account was made."""
    disabled_at: Mapped[dt.datetime | None]
    """When sign-in was ended; empty while it works."""


class UserSession(Base):
    """One browser in which somebody is signed in, or has given the password alone."""

    __tablename__ = "staff_session"

    id: Mapped[Key]
    """Surrogate key."""
    digest: Mapped[str] = mapped_column(sa.String(64), unique=True)
    """SHA-256 of the token that the browser keeps."""
    user_id: Mapped[int] = mapped_column(BigKey, sa.ForeignKey("staff_user.id"), index=True)
    """Whose."""
    device: Mapped[str] = mapped_column(sa.String(60))
    """Kind of device, system and browser, parted by slashes; no more is kept of it."""
    created_at: Mapped[dt.datetime]
    """When the password was given."""
    seen_at: Mapped[dt.datetime]
    """When it was last used, to the minute."""
    whole_at: Mapped[dt.datetime | None]
    """When the second factor was given, or none was asked for; empty while it is missing."""
    ended_at: Mapped[dt.datetime | None]
    """When it was ended by somebody; empty while it lives, or has run out by itself."""


class KeptForm(Base):
    """What somebody had typed when their session was over, until they have signed in again."""

    __tablename__ = "staff_kept_form"

    id: Mapped[Key]
    """Surrogate key."""
    digest: Mapped[str] = mapped_column(sa.String(64), unique=True)
    """SHA-256 of the token that the browser keeps."""
    user_id: Mapped[int] = mapped_column(BigKey, sa.ForeignKey("staff_user.id"), index=True)
    """Whose session it was: nobody else is shown it."""
    form: Mapped[str] = mapped_column(EncryptedString("staff_kept_form.form"))
    """Where it was sent, from which page, and its fields, as JSON."""
    made_at: Mapped[dt.datetime]
    """When it was sent; half an hour later it is forgotten."""


class RecoveryCode(Base):
    """A code that stands in once for the second factor."""

    __tablename__ = "staff_recovery_code"

    id: Mapped[Key]
    """Surrogate key."""
    user_id: Mapped[int] = mapped_column(BigKey, sa.ForeignKey("staff_user.id"), index=True)
    """Whose."""
    digest: Mapped[str] = mapped_column(sa.String(64), unique=True)
    """SHA-256 of the code and its owner; a code has 80 bits, so it needs no key."""
    used_at: Mapped[dt.datetime | None]
    """When it was used; it opens nothing a second time."""
