"""Partners' API keys: issued once, stored hashed, rotated with an overlap, revoked at once."""

from __future__ import annotations

import datetime as dt
import hashlib
import time
from dataclasses import dataclass, replace

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.kernel.audit import SYSTEM, Actor, note
from marketplace.kernel.db import Database
from marketplace.kernel.errors import Invalid
from marketplace.kernel.messages import Message
from marketplace.kernel.unit_of_work import UnitOfWork
from marketplace.partners.commands.caller import Caller, Surface
from marketplace.partners.models import Partner, PartnerKey

DEFAULT_CREDIT_FEN = 20_000_000
"""What a new partner may owe at most: 200,000 yuan."""
OVERLAP = dt.timedelta(days=7)
"""How long older keys keep working after a rotation."""
USE_NOTED_EVERY = dt.timedelta(days=1)
KEPT_SECONDS = 0.5
"""How long a process goes by what it read of a key: one that is revoked ends within a second."""
MOST_KEPT = 10_000
LONGEST_NAME = 80
SHOWN_SYMBOLS = 16


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key that is wished for."""

    name: str
    """The partner's."""
    test: bool = False
    rotate: bool = False
    """The partner's older keys of the same kind end in seven days."""
    credit_limit_fen: int | None = None
    """A number also changes the limit of a partner that exists."""
    per_minute: int = 600


def issue(work: UnitOfWork, wish: NewKey) -> str:
    """Issue a key for a partner, made when it is new, and return the key itself.

    The key is not kept and cannot be shown again.

    Raises:
        Invalid: no name, a limit out of bounds, or a key of this kind exists and is not rotated.
    """
    session, now = work.session, work.now
    name = wish.name.strip()
    _check(name, wish.credit_limit_fen, wish.per_minute)
    partner = _partner(session, name, wish.credit_limit_fen, now)
    live = session.scalars(_live(partner.id, wish.test, now).with_for_update()).all()
    if live and not wish.rotate:
        raise Invalid({"name": "这个平台已有一把同类的密钥。要换新密钥，请加 --rotate"})
    for old in live:
        old.expires_at = min(old.expires_at or now + OVERLAP, now + OVERLAP)
    key = f"sbj_{'test' if wish.test else 'live'}_{work.ids.new_token()}"
    made = PartnerKey(
        partner_id=partner.id,
        prefix=key[:SHOWN_SYMBOLS],
        hash=digest(key),
        test=wish.test,
        per_minute=wish.per_minute,
        created_at=now,
    )
    session.add(made)
    session.flush()
    note(
        session,
        actor=work.actor,
        action="partner_key.issued",
        subject=("partner", partner.id),
        now=now,
        key=made.id,
        test=wish.test,
        rotated=[old.id for old in live],
        credit_limit_fen=partner.credit_limit_fen,
    )
    return key


def _check(name: str, credit_limit_fen: int | None, per_minute: int) -> None:
    faults: dict[str, str] = {}
    if not 1 <= len(name) <= LONGEST_NAME:
        faults["name"] = Message("请写平台的名称，最长 %(most)s 个字", most=LONGEST_NAME)
    if credit_limit_fen is not None and credit_limit_fen < 0:
        faults["credit"] = "信用额度不能小于 0"
    if per_minute < 1:
        faults["per_minute"] = "每分钟的请求数至少是 1"
    if faults:
        raise Invalid(faults)


def _partner(
    session: Session, name: str, credit_limit_fen: int | None, now: dt.datetime
) -> Partner:
    """Return the partner with its row locked, so that two keys are issued one after another."""
    partner = session.scalars(
        sa.select(Partner).where(Partner.name == name).with_for_update()
    ).one_or_none()
    if partner is None:
        limit = DEFAULT_CREDIT_FEN if credit_limit_fen is None else credit_limit_fen
        partner = Partner(name=name, credit_limit_fen=limit, created_at=now)
        session.add(partner)
        session.flush()
    elif credit_limit_fen is not None:
        partner.credit_limit_fen = credit_limit_fen
    return partner


def _live(partner_id: int, test: bool, now: dt.datetime) -> sa.Select[PartnerKey]:
    return sa.select(PartnerKey).where(
        PartnerKey.partner_id == partner_id, PartnerKey.test.is_(test), *_working(now)
    )


def _working(now: dt.datetime) -> tuple[sa.ColumnElement[bool], ...]:
    """What holds of a key that still opens the door."""
    return (
        PartnerKey.revoked_at.is_(None),
        sa.or_(PartnerKey.expires_at.is_(None), PartnerKey.expires_at > now),
    )


def revoke(
    session: Session, *, name: str, test: bool, actor: Actor = SYSTEM, now: dt.datetime
) -> int:
    """End every key of this kind of the partner ``name`` at once; returns how many.

    Raises:
        Invalid: no partner has this name.
    """
    partner_id = session.scalar(sa.select(Partner.id).where(Partner.name == name.strip()))
    if partner_id is None:
        raise Invalid({"name": "没有这个名称的平台，请核对"})
    ended = session.scalars(_live(partner_id, test, now).with_for_update()).all()
    for key in ended:
        key.revoked_at = now
    if ended:
        note(
            session,
            actor=actor,
            action="partner_key.revoked",
            subject=("partner", partner_id),
            now=now,
            keys=[key.id for key in ended],
            test=test,
        )
    return len(ended)


def digest(key: str) -> str:
    """Return what is stored of a key."""
    return hashlib.sha256(key.encode()).hexdigest()


def authenticate(
    session: Session, *, key: str, now: dt.datetime, surface: Surface
) -> Caller | None:
    """Return who calls ``surface`` with this key, ``None`` when it opens nothing; reads only."""
    row = session.execute(
        sa.select(
            PartnerKey.id.label("key_id"),
            PartnerKey.partner_id,
            Partner.name,
            PartnerKey.test,
            PartnerKey.per_minute,
            Partner.credit_limit_fen,
            PartnerKey.last_used_at,
            PartnerKey.expires_at,
        )
        .join(Partner, Partner.id == PartnerKey.partner_id)
        .where(PartnerKey.hash == digest(key), *_working(now))
    ).one_or_none()
    return Caller(**row._asdict(), surface=surface) if row else None


@dataclass(frozen=True, slots=True)
class _Kept:
    caller: Caller
    read_at: float
    """Of the process's own clock, before it was read."""


class KnownKeys:
    """Who calls, kept by one process for moments: a key that is used all the time is read rarely.

    It is not followed through the change log but read again: so a key that was revoked is refused
    after ``keep_seconds`` also where no numberer is at work. A key that opens nothing is read each
    time.
    """

    def __init__(self, database: Database, *, keep_seconds: float = KEPT_SECONDS) -> None:
        """Know nothing yet."""
        self._database, self._keep_seconds = database, keep_seconds
        self._kept: dict[tuple[str, Surface], _Kept] = {}

    def caller(self, key: str, *, now: dt.datetime, surface: Surface) -> Caller | None:
        """Return who calls ``surface`` with this key, ``None`` when it opens nothing."""
        place, clock = (digest(key), surface), time.monotonic()
        kept = self._kept.get(place)
        if kept and clock - kept.read_at < self._keep_seconds and not kept.caller.ended(now):
            return kept.caller
        with self._database.read() as session:
            found = authenticate(session, key=key, now=now, surface=surface)
        if found is None:
            self._kept.pop(place, None)
            return None
        if len(self._kept) >= MOST_KEPT:
            self._kept.clear()
        self._kept[place] = _Kept(found, clock)
        return found

    def note_use(self, caller: Caller, *, now: dt.datetime) -> None:
        """Remember that a key was used, at most once a day, in a transaction of its own."""
        if caller.last_used_at is not None and now - caller.last_used_at < USE_NOTED_EVERY:
            return
        with self._database.write() as session:
            session.execute(
                sa.update(PartnerKey).where(PartnerKey.id == caller.key_id).values(last_used_at=now)
            )
        for place, kept in list(self._kept.items()):
            if kept.caller.key_id == caller.key_id:
                self._kept[place] = replace(kept, caller=replace(kept.caller, last_used_at=now))
