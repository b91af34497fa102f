"""Idempotency keys: the first answer under a key is the answer, byte for byte, for 90 days.

A key is leased for 60 seconds while its request runs and is completed in the same transaction as
the effect. A lapsed lease means that the effect never committed, so the request runs again.
After draft-ietf-httpapi-idempotency-key-header-07.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from marketplace.kernel.db import Base, Key, insert_new, table_of
from marketplace.kernel.errors import DomainError

LEASE = dt.timedelta(seconds=60)
KEPT = dt.timedelta(days=90)


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
    """SHA-256 of the method, path and body of the first request."""
    lease_until: Mapped[dt.datetime]
    """Until when the first request may still be running."""
    status: Mapped[int | None]
    """The HTTP status of the answer; empty until it is known."""
    body: Mapped[bytes | None]
    """The bytes of the answer."""
    created_at: Mapped[dt.datetime] = mapped_column(index=True)
    """When the key was first seen; it is forgotten 90 days later."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A finished answer, kept to be given again."""

    status: int
    body: bytes


def fingerprint(method: str, path: str, body: bytes) -> str:
    """Return what makes two requests the same: method, path and body."""
    return hashlib.sha256(b"\n".join([method.encode(), path.encode(), body])).hexdigest()


def begin(
    session: Session, *, scope: str, key: str, print_: str, now: dt.datetime
) -> Answer | None:
    """Claim a key, or return the answer it already has.

    Raises:
        InProgress: the first request holds the lease.
        KeyReused: the key belongs to a different request.
    """
    table = table_of(IdempotencyKey)
    claimed = session.execute(
        insert_new(table, session.get_bind().dialect.name)
        .values(scope=scope, key=key, fingerprint=print_, lease_until=now + LEASE, created_at=now)
        .returning(IdempotencyKey.id)
    ).scalar_one_or_none()
    if claimed is not None:
        return None
    row = session.scalars(
        sa.select(IdempotencyKey)
        .where(IdempotencyKey.scope == scope, IdempotencyKey.key == key)
        .with_for_update()
    ).one_or_none()
    if row is None:
        # Released between the two statements: the same request is being answered elsewhere.
        raise InProgress
    if row.fingerprint != print_:
        raise KeyReused
    if row.status is not None and row.body is not None:
        return Answer(row.status, row.body)
    if row.lease_until > now:
        raise InProgress
    row.lease_until = now + LEASE
    return None


def complete(session: Session, *, scope: str, key: str, answer: Answer) -> None:
    """Keep the answer, in the same transaction as its effect.

    Raises:
        InProgress: the lease lapsed and another run of the same request was first to finish; the
            effect of this one must be rolled back.
    """
    kept = session.execute(
        sa.update(IdempotencyKey)
        .where(
            IdempotencyKey.scope == scope,
            IdempotencyKey.key == key,
            IdempotencyKey.status.is_(None),
        )
        .values(status=answer.status, body=answer.body)
        .returning(IdempotencyKey.id)
    ).scalar_one_or_none()
    if kept is None:
        raise InProgress


def release(session: Session, *, scope: str, key: str) -> None:
    """Forget a key whose request had no lasting outcome, so that it can run again at once."""
    session.execute(
        sa.delete(IdempotencyKey).where(
            IdempotencyKey.scope == scope,
            IdempotencyKey.key == key,
            IdempotencyKey.status.is_(None),
        )
    )


def forget_old(session: Session, *, now: dt.datetime) -> None:
    """Drop the keys older than 90 days."""
    session.execute(sa.delete(IdempotencyKey).where(IdempotencyKey.created_at < now - KEPT))
