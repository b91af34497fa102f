"""Marking notices as read."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.notify.models import Audience, Message


def mark_read(session: Session, *, enterprise_id: int, up_to_id: int, now: dt.datetime) -> int:
    """Mark an operator's notices up to ``up_to_id`` as read; returns how many were unread.

    The bound keeps a notice that came in after the page was shown.
    """
    done = session.execute(
        sa.update(Message)
        .where(
            Message.enterprise_id == enterprise_id,
            Message.audience == Audience.OPERATOR,
            Message.seen_at.is_(None),
            Message.id <= up_to_id,
        )
        .values(seen_at=now)
        .returning(Message.id)
    )
    return len(done.all())
