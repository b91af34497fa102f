"""Reads of staff accounts."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.models import Enterprise
from marketplace.accounts.models import User
from marketplace.accounts.roles import Role


@dataclass(frozen=True, slots=True)
class Account:
    """A member of staff as the pages know them."""

    id: int
    login: str
    role: Role
    enterprise_id: int | None
    enterprise_name: str
    enterprise_is_sample: bool
    stamp: str


def signed_in(session: Session, *, user_id: int, stamp: str) -> Account | None:
    """Return the account of a session, unless it was disabled or its password changed since."""
    row = session.execute(
        sa.select(User, Enterprise.name_zh, Enterprise.is_sample)
        .outerjoin(Enterprise, Enterprise.id == User.enterprise_id)
        .where(User.id == user_id, User.stamp == stamp, User.disabled_at.is_(None))
    ).one_or_none()
    if row is None:
        return None
    user, enterprise_name, is_sample = row
    return Account(
        user.id,
        user.login,
        user.role,
        user.enterprise_id,
        enterprise_name or "",
        bool(is_sample),
        user.stamp,
    )


def logins(session: Session, *, user_ids: Collection[int]) -> dict[int, str]:
    """Return what the accounts with these ids sign in as."""
    rows = session.execute(sa.select(User.id, User.login).where(User.id.in_(user_ids)))
    return {row.id: row.login for row in rows}


def colleagues(session: Session, *, enterprise_id: int) -> dict[int, str]:
    """Return what the people of an enterprise sign in as, by their ids."""
    rows = session.execute(
        sa.select(User.id, User.login).where(User.enterprise_id == enterprise_id)
    )
    return {row.id: row.login for row in rows}
