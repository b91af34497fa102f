"""How much one account may keep here."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.office.models import Document, Photo
from marketplace.kernel.db import lock_word
from marketplace.kernel.errors import Invalid
from marketplace.kernel.messages import Message

FULL = "您上传的文件合计最多 %(most)s 兆，已经满了。请去掉不用的，过一天再上传，或打电话给我们"


def make_room(session: Session, *, owner_id: int, size: int, most_bytes: int, field: str) -> None:
    """Let an account keep ``size`` bytes more; counted until the transaction ends.

    Raises:
        Invalid: its files would come to more than ``most_bytes``; the fault stands at ``field``.
    """
    lock_word(session, f"files:{owner_id}")
    kept = sum(
        session.scalar(
            sa.select(sa.func.coalesce(sa.func.sum(model.size), 0)).where(
                model.owner_id == owner_id
            )
        )
        or 0
        for model in (Document, Photo)
    )
    if kept + size > most_bytes:
        raise Invalid({field: Message(FULL, most=most_bytes // (1024 * 1024))})
