"""Messages to people, kept until and after they are sent."""

from __future__ import annotations

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.kernel.crypto import EncryptedString
from marketplace.kernel.db import Base, BigKey, Key


class Audience(enum.StrEnum):
    """Who a message is for."""

    GUEST = "guest"
    OPERATOR = "operator"
    CONTACT = "contact"
    """Whom the office may ask about an enterprise: name and phone stand on its case."""


def message_key(key: str, audience: Audience) -> str:
    """Return the key of the message to one reader about what is told under ``key``."""
    return f"{key}:{audience.value}"


class Message(Base):
    """One message to one reader."""

    __tablename__ = "message"
    __table_args__ = (sa.Index("ix_message_operator", "enterprise_id", "audience", "id"),)

    id: Mapped[Key]
    """Surrogate key."""
    key: Mapped[str] = mapped_column(sa.String(140), unique=True)
    """Outbox key and audience: delivered twice, written once."""
    audience: Mapped[Audience]
    """Guest, operator or contact."""
    what: Mapped[str] = mapped_column(sa.String(40))
    """What happened, for example ``confirmed``."""
    booking_id: Mapped[str | None] = mapped_column(sa.String(32), sa.ForeignKey("booking.id"))
    """The booking it is about, if it is about one."""
    case_id: Mapped[int | None] = mapped_column(BigKey, sa.ForeignKey("review_case.id"))
    """The case before the office that it is about."""
    licence_id: Mapped[int | None] = mapped_column(BigKey, sa.ForeignKey("licence.id"))
    """The licence that it is about."""
    enterprise_id: Mapped[int | None] = mapped_column(BigKey, sa.ForeignKey("enterprise.id"))
    """The enterprise concerned; empty for an application that made none."""
    to: Mapped[str | None] = mapped_column(EncryptedString("message.to"))
    """The phone it goes to, encrypted; empty for notices in the operator's console, and a year
    after a message to a contact."""
    text: Mapped[str] = mapped_column(EncryptedString("message.text"))
    """The words, encrypted: they may name a person."""
    channel: Mapped[str] = mapped_column(sa.String(20))
    """The channel that it goes by: ``console`` in development."""
    sent_at: Mapped[dt.datetime]
    """When it was put down; the channel is given it right after the commit."""
    seen_at: Mapped[dt.datetime | None]
    """When the operator marked it read."""
