"""Sessions of staff: begun with the password, whole with the second factor, ended at a word.

The browser keeps a random token and the database its digest, so a copy of either opens nothing.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.models import Enterprise
from marketplace.kernel.ids import Ids
from marketplace.staff.models import User, UserSession
from marketplace.staff.queries import Account
from marketplace.staff.roles import Role, needs_second_factor

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
IDLE = {Role.OFFICE: HOUR / 2, Role.OPERATOR: 12 * HOUR, Role.APPLICANT: 12 * HOUR}
"""How long a session lives on without being used."""
LONGEST = {Role.OFFICE: 12 * HOUR, Role.OPERATOR: 7 * DAY, Role.APPLICANT: 7 * DAY}
"""How long a session lives, used or not."""
LONGEST_HALF = dt.timedelta(minutes=10)
"""How long somebody may look for the second factor."""
SEEN_TO = dt.timedelta(minutes=1)
"""How exactly it is kept when a session was last used: no page writes more often for it."""
KEPT = 90 * DAY
"""How long the row of a session that is over is kept."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A living session and whose it is."""

    id: int
    account: Account
    whole: bool
    """Whether it opens pages; else the second factor is missing."""
    enrolled: bool
    """Whether the account has a second factor."""
    stale: bool
    """Whether it is time to write down that it was used."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A living session as its owner and the office see it."""

    id: int
    device: str
    created_at: dt.datetime
    seen_at: dt.datetime


def digest(token: str) -> str:
    """Return what is stored of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def begin(session: Session, *, user: User, device: str, ids: Ids, now: dt.datetime) -> str:
    """Begin a session of somebody who gave the password; returns the token for the browser.

    It is whole at once where no second factor is asked for.
    """
    token = ids.new_token()
    half = user.totp_secret is not None or needs_second_factor(user.role)
    session.add(
        UserSession(
            digest=digest(token),
            user_id=user.id,
            device=device,
            created_at=now,
            seen_at=now,
            whole_at=None if half else now,
        )
    )
    session.flush()
    return token


def opened(session: Session, *, token: str, now: dt.datetime) -> Opened | None:
    """Return the session of a token, unless it is over or its account disabled; reads only."""
    row = session.execute(
        sa.select(UserSession, User, Enterprise.name_zh, Enterprise.is_sample)
        .join(User, User.id == UserSession.user_id)
        .outerjoin(Enterprise, Enterprise.id == User.enterprise_id)
        .where(
            UserSession.digest == digest(token),
            UserSession.ended_at.is_(None),
            User.disabled_at.is_(None),
        )
    ).one_or_none()
    if row is None or not lives(row.UserSession, row.User.role, now):
        return None
    found, user = row.UserSession, row.User
    account = Account(
        user.id,
        user.login,
        user.role,
        user.enterprise_id,
        row.name_zh or "",
        bool(row.is_sample),
        user.must_change,
    )
    return Opened(
        found.id,
        account,
        found.whole_at is not None,
        user.totp_secret is not None,
        now - found.seen_at >= SEEN_TO,
    )


def lives(found: UserSession, role: Role, now: dt.datetime) -> bool:
    """Tell whether a session that nobody ended has not run out by itself."""
    if found.whole_at is None:
        return now - found.created_at < LONGEST_HALF
    return now - found.seen_at < IDLE[role] and now - found.created_at < LONGEST[role]


def seen(session: Session, *, session_id: int, now: dt.datetime) -> None:
    """Write down that a session was used."""
    session.execute(
        sa.update(UserSession)
        .where(UserSession.id == session_id, UserSession.seen_at < now)
        .values(seen_at=now)
    )


def complete(session: Session, *, session_id: int, now: dt.datetime) -> bool:
    """Make a session whole: its owner gave the second factor; returns whether it was not yet."""
    session.flush()
    done = session.connection().execute(
        sa.update(UserSession)
        .where(UserSession.id == session_id, UserSession.whole_at.is_(None))
        .values(whole_at=now, seen_at=now)
    )
    return done.rowcount == 1


def living(session: Session, *, user: User, now: dt.datetime) -> list[Listed]:
    """Return the sessions in which somebody is signed in, the one last used first."""
    rows = session.scalars(
        sa.select(UserSession)
        .where(
            UserSession.user_id == user.id,
            UserSession.ended_at.is_(None),
            UserSession.whole_at.is_not(None),
            UserSession.created_at > now - LONGEST[user.role],
        )
        .order_by(UserSession.seen_at.desc(), UserSession.id.desc())
    )
    return [
        Listed(row.id, row.device, row.created_at, row.seen_at)
        for row in rows
        if lives(row, user.role, now)
    ]


def end(
    session: Session,
    *,
    user_id: int,
    now: dt.datetime,
    only: int | None = None,
    but: int | None = None,
) -> int:
    """End the sessions of an account, one ``only`` or all ``but`` one; returns how many."""
    wanted = sa.update(UserSession).where(
        UserSession.user_id == user_id, UserSession.ended_at.is_(None)
    )
    if only is not None:
        wanted = wanted.where(UserSession.id == only)
    if but is not None:
        wanted = wanted.where(UserSession.id != but)
    session.flush()
    return session.connection().execute(wanted.values(ended_at=now)).rowcount


def forget_old(session: Session, *, now: dt.datetime) -> None:
    """Drop the rows of sessions that have been over for 90 days."""
    session.execute(sa.delete(UserSession).where(UserSession.seen_at < now - KEPT))
