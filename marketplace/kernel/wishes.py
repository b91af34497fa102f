"""Idempotency keys: the first answer under a key is the answer, byte for byte, while it is kept.

A key is inserted first and its answer written last, both in the transaction of the effect. So who
comes second waits on the row of the first, for a bounded time, and finds its answer; and whatever
ends the first before its commit, a kill as well, ends the key with it: it is free at once.
After draft-ietf-httpapi-idempotency-key-header-07.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import math
import zlib
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from marketplace.kernel.db import Base, Key, WaitedTooLong, bounded_wait, insert_new, table_of
from marketplace.kernel.errors import DomainError

KEPT = dt.timedelta(days=90)
PATIENCE_SECONDS = 5
"""How long a request waits for the first one under its key."""


class InProgress(DomainError):
    """The first request under this key is still running."""

    code = "idempotency_in_progress"
    http_status = 409
    message = "同一个请求正在处理，请稍后用同一个键再试"


class KeyReused(DomainError):
    """The key was used before for a different request."""

    code = "idempotency_key_reused"
    http_status = 422
    message = "这个键已用于另一个请求，请换一个新键"


class IdempotencyKey(Base):
    """One key of one caller with its answer."""

    __tablename__ = "idempotency_key"
    __table_args__ = (sa.UniqueConstraint("scope", "key"),)

    id: Mapped[Key]
    """Surrogate key."""
    scope: Mapped[str] = mapped_column(sa.String(60))
    """Whose key it is, so that two callers' equal keys never meet."""
    key: Mapped[str] = mapped_column(sa.String(255))
    """The key as sent."""
    fingerprint: Mapped[str] = mapped_column(sa.String(64))
    """SHA-256 of the method, path and decoded command of the first request."""
    status: Mapped[int | None]
    """The HTTP status of the answer; known when the row is committed."""
    body: Mapped[bytes | None]
    """The bytes of the answer, compressed (zlib)."""
    created_at: Mapped[dt.datetime]
    """When the key was first seen."""
    expires_at: Mapped[dt.datetime] = mapped_column(index=True)
    """Until when the answer is kept; from then on the key is as good as new."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A finished answer, kept to be given again."""

    status: int
    body: bytes


def canonical(document: object) -> bytes:
    """Return decoded JSON as bytes that are equal for equal values.

    The order of keys, spaces, escapes and the way a whole number is written say nothing.
    """
    text = json.dumps(_plain(document), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode()


def _plain(value: object) -> object:
    if isinstance(value, float) and math.isfinite(value) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, list) else value


def fingerprint(method: str, path: str, document: object) -> str:
    """Return what makes two requests the same: method, path and the decoded command."""
    parts = [method.encode(), path.encode(), canonical(document)]
    return hashlib.sha256(b"\n".join(parts)).hexdigest()


def begin(
    session: Session,
    *,
    scope: str,
    key: str,
    print_: str,
    now: dt.datetime,
    kept: dt.timedelta = KEPT,
) -> Answer | None:
    """Claim a key in the transaction of its effect, or return the answer it already has.

    ``kept`` is how long the answer will be kept.

    Raises:
        InProgress: the first request runs longer than this one may wait; roll back.
        KeyReused: the key belongs to a different request.
    """
    table = table_of(IdempotencyKey)
    fresh = {
        "fingerprint": print_,
        "status": None,
        "body": None,
        "created_at": now,
        "expires_at": now + kept,
    }
    try:
        with bounded_wait(session, seconds=PATIENCE_SECONDS):
            claimed = session.execute(
                insert_new(table, session.get_bind().dialect.name)
                .values(scope=scope, key=key, **fresh)
                .returning(IdempotencyKey.id)
            ).scalar_one_or_none()
    except WaitedTooLong as error:
        raise InProgress from error
    if claimed is not None:
        return None
    row = session.execute(
        sa.select(table).where(table.c.scope == scope, table.c.key == key).with_for_update()
    ).one_or_none()
    if row is None:
        raise InProgress  # forgotten between the two statements: the next try finds it free
    if row.expires_at <= now:
        session.execute(sa.update(table).where(table.c.id == row.id).values(**fresh))
        return None
    if row.fingerprint != print_:
        raise KeyReused
    return Answer(row.status, zlib.decompress(row.body))


def complete(session: Session, *, scope: str, key: str, answer: Answer) -> None:
    """Keep the answer, in the same transaction as its effect."""
    session.execute(
        sa.update(IdempotencyKey)
        .where(IdempotencyKey.scope == scope, IdempotencyKey.key == key)
        .values(status=answer.status, body=zlib.compress(answer.body))
    )


def forget_old(session: Session, *, now: dt.datetime) -> None:
    """Drop the keys whose time is over."""
    session.execute(sa.delete(IdempotencyKey).where(IdempotencyKey.expires_at <= now))
