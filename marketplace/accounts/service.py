"""Making accounts, checking passwords and changing them."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy.orm import Session

from marketplace.accounts.models import User
from marketplace.accounts.roles import Role
from marketplace.kernel.audit import Actor, note
from marketplace.kernel.errors import DomainError, Invalid
from marketplace.kernel.ids import Ids

SHORTEST, LONGEST = 10, 128
TOO_COMMON = frozenset(
    {"1234567890", "0123456789", "password12", "qwertyuiop", "1111111111", "0000000000"}
)


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


def check_password_rules(login: str, password: str) -> None:
    """Refuse a password that is too short, too long or too easy to guess.

    Raises:
        Invalid: with the field ``new_password``.
    """
    easy = password.lower() in TOO_COMMON or login.lower() in password.lower()
    if not SHORTEST <= len(password) <= LONGEST:
        raise Invalid({"new_password": "密码要有 10 到 128 个字符"})
    if easy or len(set(password)) < 4:  # noqa: PLR2004 - "aaaaaaaaab" is not a password
        raise Invalid({"new_password": "这个密码太容易猜到，请换一个"})


def add_user(
    session: Session,
    *,
    login: str,
    password: str,
    role: Role,
    enterprise_id: int | None,
    ids: Ids,
    now: dt.datetime,
) -> User:
    """Make an account.

    Raises:
        Invalid: the login is taken or empty, the password weak, or an operator has no enterprise.
    """
    login = login.strip().lower()
    if not login or session.scalar(sa.select(User.id).where(User.login == login)):
        raise Invalid({"login": "这个账号名是空的，或已经有人用了"})
    if (role is Role.OPERATOR) != (enterprise_id is not None):
        raise Invalid({"enterprise": "经营者账号要属于一家企业，名录办账号不属于企业"})
    check_password_rules(login, password)
    user = User(
        login=login,
        role=role,
        enterprise_id=enterprise_id,
        password_hash=_hasher().hash(password),
        stamp=ids.new_id(),
        created_at=now,
    )
    session.add(user)
    session.flush()
    note(
        session,
        actor=Actor("system"),
        action="account.added",
        subject=("staff_user", user.id),
        now=now,
        role=role.value,
    )
    return user


def check_sign_in(session: Session, *, login: str, password: str) -> User:
    """Return the account with this login and password.

    Raises:
        WrongSignIn: there is none, or it is disabled.
    """
    user = session.scalars(
        sa.select(User).where(User.login == login.strip().lower(), User.disabled_at.is_(None))
    ).one_or_none()
    try:
        _hasher().verify(user.password_hash if user else _nobodys_hash(), password)
    except (VerifyMismatchError, InvalidHashError) as error:
        raise WrongSignIn from error
    if user is None:
        raise WrongSignIn
    return user


def change_password(
    session: Session, *, user_id: int, old: str, new: str, ids: Ids, now: dt.datetime
) -> User:
    """Change a password; every other session of the account ends.

    Raises:
        Invalid: the old password is wrong, or the new one weak.
    """
    user = session.scalars(sa.select(User).where(User.id == user_id).with_for_update()).one()
    try:
        _hasher().verify(user.password_hash, old)
    except VerifyMismatchError as error:
        raise Invalid({"old_password": "现在的密码不对"}) from error
    check_password_rules(user.login, new)
    user.password_hash = _hasher().hash(new)
    user.stamp = ids.new_id()
    note(
        session,
        actor=Actor("staff", str(user.id)),
        action="account.password_changed",
        subject=("staff_user", user.id),
        now=now,
    )
    return user
