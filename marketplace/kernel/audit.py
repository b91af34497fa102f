"""The audit trail: every decision, chained by keyed hashes so that an edit or a gap shows.

Rows are inserted unchained: one chain inside every transaction would make all writers queue. One
sealer chains them in order soon after (``seal``); ``verify`` recomputes the whole chain and
compares it with the anchors outside the database.
"""

from __future__ import annotations

import datetime as dt
import enum
import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from marketplace.kernel.anchors import GENESIS, Anchor, AnchorFile, AnchorKind, Seal
from marketplace.kernel.clock import Clock
from marketplace.kernel.crypto import keyring
from marketplace.kernel.db import Base, Database, Key, lock_word, table_of

UNSEALED_AT_MOST = dt.timedelta(seconds=60)


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
    """HMAC-SHA256 over the previous seal's hash and the entry."""
    key_id: Mapped[str | None] = mapped_column(sa.String(8))
    """The audit key it was made with; empty for the plain SHA-256 of older releases."""


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


def _link(previous: str, entry: AuditEntry, key: bytes | None) -> str:
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
    message = f"{previous}\n{body}".encode()
    if key is None:
        return hashlib.sha256(message).hexdigest()
    return hmac.new(key, message, hashlib.sha256).hexdigest()


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
    key_id, key = keyring().audit[0]
    for entry in waiting:
        number += 1
        previous = _link(previous, entry, key)
        seals.append({"number": number, "entry_id": entry.id, "hash": previous, "key_id": key_id})
    if seals:
        session.execute(sa.insert(AuditSeal), seals)
    return len(seals)


def tail(database: Database) -> Seal:
    """Return the last seal of what is committed."""
    with database.read() as session:
        last = session.execute(
            sa.select(AuditSeal.number, AuditSeal.hash, AuditSeal.key_id)
            .order_by(AuditSeal.number.desc())
            .limit(1)
        ).one_or_none()
    return Seal(last.number, last.hash, last.key_id is not None) if last else Seal(0, GENESIS)


def seal_and_anchor(database: Database, anchors: AnchorFile, *, clock: Clock) -> int:
    """Chain the newest entries and write down outside how far the trail reaches; returns how many.

    What an earlier run sealed and did not come to write down is written down first.
    """
    anchors.keep(lambda: tail(database), now=clock.now())
    with database.write() as session:
        sealed = seal(session)
    if sealed:
        anchors.keep(lambda: tail(database), now=clock.now())
    return sealed


def verify(
    session: Session, *, now: dt.datetime, anchors: Sequence[Anchor] | None = None
) -> list[str]:
    """Return what is wrong with the trail.

    That is: links that do not fit, gaps, seals without an entry or a key, entries unsealed too
    long and, with ``anchors``, whatever was taken away or sealed anew since it was written down.
    """
    chain = _Chain({anchor.number for anchor in anchors or ()})
    pairs = session.execute(
        sa.select(AuditSeal, AuditEntry)
        .outerjoin(AuditEntry, AuditEntry.id == AuditSeal.entry_id)
        .order_by(AuditSeal.number)
        .execution_options(yield_per=1000)
    )
    for sealed, entry in pairs:
        chain.follow(sealed, entry)
    faults = chain.faults
    if chain.plain_end and not any(
        anchor.kind is AnchorKind.KEYED and anchor.number == chain.number
        for anchor in anchors or ()
    ):
        faults.append(f"seal {chain.number} bears no key")
    if anchors is not None:
        faults += _against(anchors, chain)
    late = session.scalar(
        sa.select(sa.func.count())
        .select_from(AuditEntry)
        .outerjoin(AuditSeal, AuditSeal.entry_id == AuditEntry.id)
        .where(AuditSeal.entry_id.is_(None), AuditEntry.at < now - UNSEALED_AT_MOST)
    )
    if late:
        faults.append(f"{late} entries older than 60 s are not sealed")
    return faults


class _Chain:
    """The seals read so far, and what is wrong with them."""

    def __init__(self, wanted: set[int]) -> None:
        """Remember the digests of the seals numbered ``wanted``."""
        self.number, self.faults = 0, list[str]()
        self.digests = {0: GENESIS}
        self.plain_end = False
        """Whether the last seal was made without a key."""
        self._wanted, self._previous = wanted, GENESIS
        self._keys = dict(keyring().audit)
        self._oldest_first = [key_id for key_id, _ in reversed(keyring().audit)]
        self._newest = -1

    def follow(self, sealed: AuditSeal, entry: AuditEntry | None) -> None:
        """Look at the next seal."""
        number = sealed.number
        if number != self.number + 1:
            self.faults.append(f"seal {self.number + 1} is missing")
        if (fault := self._fault(sealed, entry)) is not None:
            self.faults.append(f"seal {number} {fault}")
        self.number, self._previous = number, sealed.hash
        self.plain_end = sealed.key_id is None
        if number in self._wanted:
            self.digests[number] = sealed.hash

    def _fault(self, sealed: AuditSeal, entry: AuditEntry | None) -> str | None:
        """Say what is wrong with a seal that follows the one before.

        One without a key proves nothing by itself: it is held by the keyed ones that follow it.
        """
        if entry is None:
            return "has no entry"
        key_id = sealed.key_id
        if key_id is not None and key_id not in self._keys:
            return "bears a key that is not known"
        age = -1 if key_id is None else self._oldest_first.index(key_id)
        if age < self._newest:
            return "bears no key" if key_id is None else "bears an older key than one before it"
        self._newest = age
        key = None if key_id is None else self._keys[key_id]
        if not hmac.compare_digest(_link(self._previous, entry, key), sealed.hash):
            return "does not match its entry"
        return None


def _against(anchors: Sequence[Anchor], chain: _Chain) -> list[str]:
    """Return what the anchors know otherwise: seals that are gone, or are not those of then.

    After a restore the seals beyond it are known to be lost; those up to it must still be the same.
    """
    if not anchors:
        return ["no anchor stands outside the database"] if chain.number else []
    restored = max(
        (place for place, one in enumerate(anchors) if one.kind is AnchorKind.RESTORED), default=-1
    )
    reach = anchors[restored].number if restored >= 0 else 0
    faults = []
    for place, anchor in enumerate(anchors):
        if place < restored and anchor.number > reach:
            continue
        if anchor.number > chain.number:
            faults.append(
                f"the trail ends with seal {chain.number}; at {anchor.at:%Y-%m-%d %H:%M:%S} UTC"
                f" it reached to {anchor.number}"
            )
        elif chain.digests.get(anchor.number) != anchor.digest:
            faults.append(
                f"seal {anchor.number} is not the one that stood there"
                f" at {anchor.at:%Y-%m-%d %H:%M:%S} UTC"
            )
    return faults
