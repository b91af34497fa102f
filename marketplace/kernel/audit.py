"""The audit trail: every decision, chained by hashes so that an edit or a gap shows.

Rows are inserted unchained: one chain inside every transaction would make all writers queue. One
sealer chains them in order soon after (``seal``); ``verify`` recomputes the whole chain.
"""

from __future__ import annotations

import datetime as dt
import enum
import hashlib
import json
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from marketplace.kernel.db import Base, Key, lock_word, table_of

UNSEALED_AT_MOST = dt.timedelta(seconds=60)
GENESIS = "0" * 64


MOST_DIGITS = 18
"""A longer number is no key of a row: both databases count them in 64 bits."""


class ActorKind(enum.StrEnum):
    """What kind of somebody acts."""

    TRAVELLER = "traveller"
    STAFF = "staff"
    """A page, by the account that is signed in."""
    DESK = "desk"
    """A command, by the account that the person who ran it named."""
    PARTNER = "partner"
    VISITOR = "visitor"
    """Somebody at the door who has not proved to be anybody."""
    SYSTEM = "system"
    """A job of the installation itself."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: ``kind`` is one of ``ActorKind``; ``id`` is a key of a row, never a name.

    Rows of the trail are never changed, so an actor that is read from one may hold what an older
    release wrote: any kind and any id.
    """

    kind: str
    id: str = ""

    @property
    def account_id(self) -> int | None:
        """The account of whoever acted; empty for everybody but people who have one."""
        known = self.kind in (ActorKind.STAFF, ActorKind.DESK)
        plain = self.id.isascii() and self.id.isdecimal() and len(self.id) <= MOST_DIGITS
        return int(self.id) if known and plain else None


SYSTEM = Actor(ActorKind.SYSTEM)
TRAVELLER = Actor(ActorKind.TRAVELLER)


class AuditEntry(Base):
    """One decision, as it was made; never changed afterwards."""

    __tablename__ = "audit_entry"
    __table_args__ = (sa.Index("ix_audit_entry_subject", "subject_kind", "subject_id"),)

    id: Mapped[Key]
    """Order of insertion."""
    at: Mapped[dt.datetime]
    """When."""
    actor_kind: Mapped[str] = mapped_column(sa.String(20))
    """One of ``ActorKind``."""
    actor_id: Mapped[str] = mapped_column(sa.String(40))
    """Which one; empty for the system."""
    action: Mapped[str] = mapped_column(sa.String(60))
    """What was done, for example ``booking.confirmed``."""
    subject_kind: Mapped[str] = mapped_column(sa.String(30))
    """The kind of thing it was done to."""
    subject_id: Mapped[str] = mapped_column(sa.String(40))
    """Which one."""
    detail: Mapped[dict[str, Any]]
    """Facts of the decision; never personal data."""


class AuditSeal(Base):
    """The link of one audit entry in the chain."""

    __tablename__ = "audit_seal"

    number: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    """Position in the chain, without gaps, from 1."""
    entry_id: Mapped[int] = mapped_column(
        sa.BigInteger, sa.ForeignKey("audit_entry.id"), unique=True
    )
    """The entry sealed here."""
    hash: Mapped[str] = mapped_column(sa.String(64))
    """SHA-256 over the previous seal's hash and the entry."""


_INSERT = sa.insert(table_of(AuditEntry))


def note(
    session: Session,
    *,
    actor: Actor,
    action: str,
    subject: tuple[str, object],
    now: dt.datetime,
    **detail: object,
) -> None:
    """Write down a decision in the caller's transaction."""
    session.connection().execute(
        _INSERT,
        {
            "at": now,
            "actor_kind": actor.kind,
            "actor_id": actor.id,
            "action": action,
            "subject_kind": subject[0],
            "subject_id": str(subject[1]),
            "detail": detail,
        },
    )


def noted_since(
    session: Session,
    *,
    actor: Actor,
    action: str,
    subject: tuple[str, object],
    since: dt.datetime,
) -> bool:
    """Tell whether ``actor`` did this to the same thing after ``since`` already."""
    found = session.scalar(
        sa.select(AuditEntry.id)
        .where(
            AuditEntry.subject_kind == subject[0],
            AuditEntry.subject_id == str(subject[1]),
            AuditEntry.action == action,
            AuditEntry.actor_kind == actor.kind,
            AuditEntry.actor_id == actor.id,
            AuditEntry.at > since,
        )
        .limit(1)
    )
    return found is not None


def _link(previous: str, entry: AuditEntry) -> str:
    body = json.dumps(
        [
            entry.id,
            entry.at.isoformat(),
            entry.actor_kind,
            entry.actor_id,
            entry.action,
            entry.subject_kind,
            entry.subject_id,
            entry.detail,
        ],
        sort_keys=True,
        ensure_ascii=False,
    )
    return hashlib.sha256(f"{previous}\n{body}".encode()).hexdigest()


def seal(session: Session, *, limit: int = 2000) -> int:
    """Chain the entries not sealed yet, in order of insertion; returns how many.

    Sealers queue, so that the chain never forks; ``number`` is unique as a second wall. An entry
    that commits late is sealed late, after larger ids; the chain's order is the seals'.
    """
    lock_word(session, "audit.seal")
    last = session.execute(
        sa.select(AuditSeal.number, AuditSeal.hash).order_by(AuditSeal.number.desc()).limit(1)
    ).one_or_none()
    number, previous = (last.number, last.hash) if last else (0, GENESIS)
    waiting = session.scalars(
        sa.select(AuditEntry)
        .outerjoin(AuditSeal, AuditSeal.entry_id == AuditEntry.id)
        .where(AuditSeal.entry_id.is_(None))
        .order_by(AuditEntry.id)
        .limit(limit)
    ).all()
    seals = []
    for entry in waiting:
        number += 1
        previous = _link(previous, entry)
        seals.append({"number": number, "entry_id": entry.id, "hash": previous})
    if seals:
        session.execute(sa.insert(AuditSeal), seals)
    return len(seals)


def verify(session: Session, *, now: dt.datetime) -> list[str]:
    """Return what is wrong with the trail: broken links, gaps, entries unsealed too long."""
    faults = []
    previous, expected = GENESIS, 1
    pairs = session.execute(
        sa.select(AuditSeal, AuditEntry)
        .join(AuditEntry, AuditEntry.id == AuditSeal.entry_id)
        .order_by(AuditSeal.number)
        .execution_options(yield_per=1000)
    )
    for sealed, entry in pairs:
        if sealed.number != expected:
            faults.append(f"seal {expected} is missing")
        if _link(previous, entry) != sealed.hash:
            faults.append(f"seal {sealed.number} does not match its entry")
        previous, expected = sealed.hash, sealed.number + 1
    late = session.scalar(
        sa.select(sa.func.count())
        .select_from(AuditEntry)
        .outerjoin(AuditSeal, AuditSeal.entry_id == AuditEntry.id)
        .where(AuditSeal.entry_id.is_(None), AuditEntry.at < now - UNSEALED_AT_MOST)
    )
    if late:
        faults.append(f"{late} entries older than 60 s are not sealed")
    return faults
