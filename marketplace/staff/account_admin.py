"""What others do to an account: end its sessions, disable it, let it begin again; all noted."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.kernel.audit import Actor, ActorKind, note
from marketplace.kernel.errors import DomainError, Invalid, NotFound
from marketplace.staff import second_factor, sessions
from marketplace.staff.models import User
from marketplace.staff.passwords import new_password
from marketplace.staff.service import hashed


class OwnAccount(DomainError):
    """Nobody disables or resets the account they act with: somebody else has to."""

    code = "own_account"
    http_status = 409
    message = "不能停用或重设自己的账号，请同事来办"


def by_login(session: Session, login: str) -> User:
    """Return an account by what it signs in with; raises ``Invalid``."""
    user = session.scalars(sa.select(User).where(User.login == login.strip().lower())).one_or_none()
    if user is None:
        raise Invalid({"login": "没有这个账号，请核对"})
    return user


def disable(session: Session, *, user_id: int, actor: Actor, now: dt.datetime) -> bool:
    """End sign-in and every session of an account; returns whether it worked until now.

    Raises:
        NotFound: there is no such account. OwnAccount: it is the actor's own.
    """
    user = _other(session, user_id, actor)
    if user.disabled_at is not None:
        return False
    user.disabled_at = now
    ended = sessions.end(session, user_id=user.id, now=now)
    _note(session, user, "account.disabled", actor, now, sessions=ended)
    return True


def enable(session: Session, *, user_id: int, actor: Actor, now: dt.datetime) -> bool:
    """Let an account sign in again; returns whether it could not. Raises as ``disable``."""
    user = _other(session, user_id, actor)
    if user.disabled_at is None:
        return False
    user.disabled_at = None
    _note(session, user, "account.enabled", actor, now)
    return True


def reset_password(session: Session, *, user_id: int, actor: Actor, now: dt.datetime) -> str:
    """Give an account a new password, to be changed at the first sign-in; returns it.

    Raises:
        NotFound: there is no such account. OwnAccount: it is the actor's own.
    """
    user = _other(session, user_id, actor)
    password = new_password()
    user.password_hash, user.must_change = hashed(password), True
    ended = sessions.end(session, user_id=user.id, now=now)
    _note(session, user, "account.password_reset", actor, now, sessions=ended)
    return password


def reset_second_factor(session: Session, *, user_id: int, actor: Actor, now: dt.datetime) -> None:
    """Take the second factor off an account whose telephone is lost. Raises as ``disable``."""
    user = _other(session, user_id, actor)
    second_factor.clear(session, user)
    ended = sessions.end(session, user_id=user.id, now=now)
    _note(session, user, "account.second_factor_reset", actor, now, sessions=ended)


def end_sessions(
    session: Session, *, user_id: int, actor: Actor, now: dt.datetime, only: int | None = None
) -> int:
    """End the sessions of an account, or one of them; returns how many lived.

    Raises:
        NotFound: there is no such account.
    """
    user = session.get(User, user_id)
    if user is None:
        raise NotFound
    ended = sessions.end(session, user_id=user.id, now=now, only=only)
    if ended:
        _note(session, user, "account.sessions_ended", actor, now, sessions=ended)
    return ended


def end_own(session: Session, *, user_id: int, keep: int, now: dt.datetime) -> int:
    """End every session of the own account but the one to ``keep``; returns how many."""
    ended = sessions.end(session, user_id=user_id, now=now, but=keep)
    if ended:
        user = session.get_one(User, user_id)
        _note(session, user, "account.sessions_ended", own_actor(user_id), now, sessions=ended)
    return ended


def own_actor(user_id: int) -> Actor:
    """Return how the trail names somebody who acts on a page."""
    return Actor(ActorKind.STAFF, str(user_id))


def _other(session: Session, user_id: int, actor: Actor) -> User:
    if session.get(User, user_id) is None:
        raise NotFound
    if actor.account_id == user_id:
        raise OwnAccount
    return second_factor.locked(session, user_id)


def _note(
    session: Session, user: User, action: str, actor: Actor, now: dt.datetime, **detail: object
) -> None:
    note(
        session,
        actor=actor,
        action=action,
        subject=("staff_user", user.id),
        now=now,
        **detail,
    )
