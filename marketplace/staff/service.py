"""Making accounts, checking passwords and changing them."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy.orm import Session

from catalog.models import Enterprise
from catalog.office.models import ReviewCase
from marketplace.kernel.audit import SYSTEM, Actor, ActorKind, note
from marketplace.kernel.errors import DomainError, Invalid
from marketplace.staff import passwords, sessions
from marketplace.staff.models import User
from marketplace.staff.roles import Role

NOT_THE_PASSWORD = "现在的密码不对"  # noqa: S105 - a message


class WrongSignIn(DomainError):
    """No account has this login and password; which of them is wrong is not said."""

    code = "wrong_sign_in"
    http_status = 401
    message = "账号或密码不对，请再试一次"


@lru_cache(maxsize=1)
def _hasher() -> PasswordHasher:
    return PasswordHasher()


@lru_cache(maxsize=1)
def _nobodys_hash() -> str:
    """A hash to check against when the login is unknown, so that both cases take as long."""
    return _hasher().hash("nobody has this password")


def hashed(password: str) -> str:
    """Return what is stored of a password."""
    return _hasher().hash(passwords.normal(password))


def matches(stored: str, password: str) -> bool:
    """Tell whether ``password`` is the one that ``stored`` was made of.

    Older hashes are of what was typed, before full-width and composed forms became one.
    """
    for typed in dict.fromkeys((passwords.normal(password), password)):
        with suppress(VerifyMismatchError, InvalidHashError):
            return _hasher().verify(stored, typed)
    return False


@dataclass(frozen=True, slots=True)
class NewUser:
    """An account that is wished for."""

    login: str
    password: str
    role: Role
    enterprise_id: int | None = None
    """Of an operator: whose enterprise it is."""
    about: Collection[str] = ()
    """Names and numbers of the person, which their password must not be made of."""


def add_user(session: Session, wish: NewUser, *, now: dt.datetime, actor: Actor = SYSTEM) -> User:
    """Make an account.

    Raises:
        Invalid: the login is taken or empty, the password weak, or an operator has no enterprise.
    """
    login = wish.login.strip().lower()
    if not login or session.scalar(sa.select(User.id).where(User.login == login)):
        raise Invalid({"login": "这个账号名是空的，或已经有人用了"})
    if (wish.role is Role.OPERATOR) != (wish.enterprise_id is not None):
        raise Invalid({"enterprise": "经营者账号要属于一家企业，名录办账号不属于企业"})
    passwords.check(wish.password, about=[login, *wish.about, *_house(session, wish.enterprise_id)])
    user = User(
        login=login,
        role=wish.role,
        enterprise_id=wish.enterprise_id,
        password_hash=hashed(wish.password),
        created_at=now,
    )
    session.add(user)
    session.flush()
    note(
        session,
        actor=actor,
        action="account.added",
        subject=("staff_user", user.id),
        now=now,
        role=wish.role.value,
    )
    return user


def check_sign_in(session: Session, *, login: str, password: str, demo: bool) -> User:
    """Return the account with this login and password.

    ``demo`` tells whether accounts whose passwords are printed may sign in.

    Raises:
        WrongSignIn: there is none, or it is disabled.
    """
    user = session.scalars(
        sa.select(User).where(User.login == login.strip().lower(), User.disabled_at.is_(None))
    ).one_or_none()
    right = matches(user.password_hash if user else _nobodys_hash(), password)
    if user is None or not right or (user.demo and not demo):
        raise WrongSignIn
    return user


def change_password(
    session: Session, *, user_id: int, old: str, new: str, keep: int | None, now: dt.datetime
) -> User:
    """Change a password; every session of the account ends but the one to ``keep``.

    Raises:
        Invalid: the old password is wrong, or the new one weak.
    """
    user = session.scalars(sa.select(User).where(User.id == user_id).with_for_update()).one()
    if not matches(user.password_hash, old):
        raise Invalid({"old_password": NOT_THE_PASSWORD})
    passwords.check(new, about=known_of(session, user))
    user.password_hash = hashed(new)
    user.must_change = False
    sessions.end(session, user_id=user.id, now=now, but=keep)
    note(
        session,
        actor=Actor(ActorKind.STAFF, str(user.id)),
        action="account.password_changed",
        subject=("staff_user", user.id),
        now=now,
    )
    return user


def known_of(session: Session, user: User) -> list[str]:
    """Return the words that somebody would try who knows whose account it is."""
    contacts = session.scalars(
        sa.select(ReviewCase.contact).where(
            ReviewCase.author_id == user.id, ReviewCase.contact.is_not(None)
        )
    )
    told = [str(value) for text in contacts for value in json.loads(text or "{}").values()]
    return [user.login, *told, *_house(session, user.enterprise_id)]


def _house(session: Session, enterprise_id: int | None) -> list[str]:
    """Return the names of the enterprise that an account belongs to.

    Not the English one: it is made of words that are as good in a password as any.
    """
    if enterprise_id is None:
        return []
    found = session.execute(
        sa.select(Enterprise.code, Enterprise.name_zh).where(Enterprise.id == enterprise_id)
    ).one()
    return [part for part in found if part]
