"""Reads of staff accounts."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.kernel.audit import Actor, ActorKind
from marketplace.kernel.errors import DomainError
from marketplace.staff.models import User
from marketplace.staff.roles import Permission, Role, may


class NotAtDesk(DomainError):
    """Nobody gives commands about bookings and money under this name."""

    code = "not_at_desk"
    http_status = 403
    message = "没有可以用的名录办账号“%(login)s”。请在 --as 后面写自己的账号"


@dataclass(frozen=True, slots=True)
class Account:
    """A member of staff as the pages know them."""

    id: int
    login: str
    role: Role
    enterprise_id: int | None
    enterprise_name: str
    enterprise_is_sample: bool
    must_change: bool = False
    """Whether the next thing to do is to choose a password of one's own."""


def user_of(session: Session, account: Account) -> User:
    """Return the row of an account that is signed in."""
    return session.get_one(User, account.id)


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


def desk_actor(session: Session, *, login: str) -> Actor:
    """Return who gives a command, by the name they sign in with.

    Raises:
        NotAtDesk: there is no such account, it is disabled, or its role may not do this.
    """
    row = session.execute(
        sa.select(User.id, User.role).where(
            User.login == login.strip().lower(), User.disabled_at.is_(None)
        )
    ).one_or_none()
    if row is None or not may(row.role, Permission.ACT_AT_DESK):
        raise NotAtDesk(login=login.strip())
    return Actor(ActorKind.DESK, str(row.id))
