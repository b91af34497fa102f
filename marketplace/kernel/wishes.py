"""What is wished is done once, and its first answer is the answer, byte for byte, while it is kept.

A wish is inserted first and its answer written last, both in the transaction of the effect. So who
comes second waits on the row of the first, for a bounded time, and finds its answer; and whatever
ends the first before its commit, a kill as well, ends the wish with it: its name is free at once.
After draft-ietf-httpapi-idempotency-key-header-07.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import math
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from marketplace.kernel.db import (
    Base,
    WaitedTooLong,
    bounded_wait,
    insert_new,
    savepoint,
    table_of,
)
from marketplace.kernel.errors import DomainError
from marketplace.kernel.ids import LONGEST_KEY

KEPT = dt.timedelta(days=90)
PATIENCE_SECONDS = 5
"""How long a request waits for the first one under its key."""
Outcome = TypeVar("Outcome")


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


class KeptWish(Base):
    """One wish with its answer."""

    __tablename__ = "wish"

    scope: Mapped[str] = mapped_column(sa.String(80), primary_key=True)
    """Whose name it is: who wished, in which environment, on which surface."""
    key: Mapped[str] = mapped_column(sa.String(LONGEST_KEY), primary_key=True)
    """The name as sent."""
    print_: Mapped[str] = mapped_column("print", sa.String(64))
    """SHA-256 of what was decoded: method, path and command of the first request."""
    booking_id: Mapped[str | None] = mapped_column(sa.String(32))
    """The booking that came of it, or that it changed; none where it was refused or of others."""
    status: Mapped[int | None]
    """The status of the answer; known when the row is committed."""
    body: Mapped[bytes | None]
    """The bytes of the answer, compressed (zlib)."""
    made_at: Mapped[dt.datetime]
    """When it was first wished."""
    expires_at: Mapped[dt.datetime | None] = mapped_column(index=True)
    """Until when the answer is kept, from then on the name is as good as new; empty for good."""


@dataclass(frozen=True, slots=True)
class Wish:
    """Something that is to be done once, by the name that its sender gave it."""

    scope: str
    """Whose name it is, so that two senders' equal names never meet."""
    key: str
    """The name: a key from a header, or whatever else the sender gives to one wish alone."""
    print_: str
    """What is wished (``fingerprint``): another wish under the name is refused."""
    kept: dt.timedelta | None = KEPT
    """How long its answer is given again; ``None`` for good."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A finished answer, kept to be given again."""

    status: int
    body: bytes
    replayed: bool = field(default=False, compare=False)
    """It was given before."""


@dataclass(frozen=True, slots=True)
class Voice(Generic[Outcome]):
    """How whoever was asked says what came of it."""

    said: Callable[[Outcome], Answer]
    refused: Callable[[DomainError], Answer | None]
    """``None`` for a refusal that is not kept: the wish is as good as never made."""


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


def of_no_booking(_: object) -> str | None:
    """Return no booking: what is wished here is of none."""
    return None


def once(
    session: Session,
    wish: Wish | None,
    *,
    effect: Callable[[], Outcome],
    voice: Voice[Outcome],
    now: dt.datetime,
    booking_of: Callable[[Outcome], str | None] = of_no_booking,
) -> Answer:
    """Do what is wished unless it was done, and return what was said of it then or now.

    A refusal undoes what the effect did, not the wish, and is an answer like any other. Without a
    wish the effect is simply had.

    Raises:
        InProgress, KeyReused: see ``begin``.
        DomainError: the effect's, where the voice does not keep it; roll back.
    """
    if wish is None:
        return voice.said(effect())
    if (known := begin(session, wish, now=now)) is not None:
        return known
    booking_id = None
    try:
        with savepoint(session):
            outcome = effect()
            answer, booking_id = voice.said(outcome), booking_of(outcome)
    except DomainError as error:
        refusal = voice.refused(error)
        if refusal is None:
            raise
        answer = refusal
    keep(session, wish, answer, booking_id)
    return answer


def begin(session: Session, wish: Wish, *, now: dt.datetime) -> Answer | None:
    """Claim the name of a wish in the transaction of its effect, or return its answer.

    Raises:
        InProgress: the first request runs longer than this one may wait; roll back.
        KeyReused: the name belongs to another wish.
    """
    table = table_of(KeptWish)
    fresh = {
        "print": wish.print_,
        "booking_id": None,
        "status": None,
        "body": None,
        "made_at": now,
        "expires_at": None if wish.kept is None else now + wish.kept,
    }
    try:
        with bounded_wait(session, seconds=PATIENCE_SECONDS):
            claimed = session.execute(
                insert_new(table, session.get_bind().dialect.name)
                .values(scope=wish.scope, key=wish.key, **fresh)
                .returning(table.c.key)
            ).scalar_one_or_none()
    except WaitedTooLong as error:
        raise InProgress from error
    if claimed is not None:
        return None
    row = session.execute(sa.select(table).where(*_named(wish)).with_for_update()).one_or_none()
    if row is None:
        raise InProgress  # forgotten between the two statements: the next try finds it free
    if row.expires_at is not None and row.expires_at <= now:
        session.execute(sa.update(table).where(*_named(wish)).values(**fresh))
        return None
    if row.print != wish.print_:
        raise KeyReused
    return Answer(row.status, zlib.decompress(row.body), replayed=True)


def keep(session: Session, wish: Wish, answer: Answer, booking_id: str | None = None) -> None:
    """Keep the answer, in the same transaction as its effect on the booking, if it had one."""
    session.execute(
        sa.update(table_of(KeptWish))
        .where(*_named(wish))
        .values(status=answer.status, body=zlib.compress(answer.body), booking_id=booking_id)
    )


def _named(wish: Wish) -> tuple[sa.ColumnElement[bool], ...]:
    return (KeptWish.scope == wish.scope, KeptWish.key == wish.key)


def forget_old(session: Session, *, now: dt.datetime) -> None:
    """Drop the wishes whose time is over."""
    session.execute(sa.delete(KeptWish).where(KeptWish.expires_at <= now))
