"""Putting messages down, each once, and reading back what of them is to be sent."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.kernel.db import insert_new, table_of
from marketplace.notify.models import Audience, Message, message_key


@dataclass(frozen=True, slots=True)
class NewMessage:
    """One message to one reader; without ``to`` it is read in the operator's console."""

    told: str
    """The key of what is told: one message for each reader of it."""
    audience: Audience
    what: str
    text: str
    to: str | None = None
    enterprise_id: int | None = None
    booking_id: str | None = None
    case_id: int | None = None
    licence_id: int | None = None


@dataclass(frozen=True, slots=True)
class Text:
    """A text that was put down for a phone, and under what key the channel is given it."""

    to: str
    text: str
    key: str


def put_down(session: Session, message: NewMessage, *, channel: str, now: dt.datetime) -> None:
    """Write a message that goes by ``channel``; one that stands there already is left as it is."""
    session.execute(
        insert_new(table_of(Message), session.get_bind().dialect.name).values(
            key=message_key(message.told, message.audience),
            audience=message.audience,
            what=message.what,
            booking_id=message.booking_id,
            case_id=message.case_id,
            licence_id=message.licence_id,
            enterprise_id=message.enterprise_id,
            to=message.to,
            text=message.text,
            channel=channel,
            sent_at=now,
        )
    )


def to_send(session: Session, *, told: str) -> list[Text]:
    """Return the texts that were put down under the key ``told``, as they were put down."""
    rows = session.execute(
        sa.select(Message.to, Message.text, Message.key)
        .where(
            Message.key.in_([message_key(told, audience) for audience in Audience]),
            Message.to.is_not(None),
        )
        .order_by(Message.id)
    )
    return [Text(row.to, row.text, row.key) for row in rows]
