"""Reads of accounts for the office that looks after them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.models import Enterprise
from marketplace.kernel.pagination import Page
from marketplace.staff import sessions
from marketplace.staff.models import User
from marketplace.staff.roles import Role
from marketplace.staff.second_factor import stopped_until

PAGE_SIZE = 25


@dataclass(frozen=True, slots=True)
class AccountRow:
    """One account in the list."""

    id: int
    login: str
    role: Role
    enterprise_code: str
    enterprise_name: str
    works: bool
    second_step: bool


@dataclass(frozen=True, slots=True)
class AccountTold(AccountRow):
    """One account with where it is signed in."""

    created_at: dt.datetime
    sessions: tuple[sessions.Listed, ...]
    step_stopped_until: dt.datetime | None
    """Until when its second step waits because too many codes were wrong."""


def accounts_page(session: Session, *, words: str, page: int) -> Page[AccountRow]:
    """Return accounts whose login, or whose enterprise's name or code, holds ``words``."""
    wanted = _rows()
    for word in words.split():
        like = f"%{_literal(word)}%"
        wanted = wanted.where(
            sa.or_(
                *(
                    column.ilike(like, escape="\\")
                    for column in (User.login, Enterprise.name_zh, Enterprise.code)
                )
            )
        )
    total = session.scalar(sa.select(sa.func.count()).select_from(wanted.subquery())) or 0
    number = min(max(page, 1), max(1, -(-total // PAGE_SIZE)))
    rows = session.execute(
        wanted.order_by(User.role, User.login).limit(PAGE_SIZE).offset((number - 1) * PAGE_SIZE)
    )
    return Page([AccountRow(**_facts(row)) for row in rows], total, number, PAGE_SIZE)


def account_told(session: Session, *, user_id: int, now: dt.datetime) -> AccountTold | None:
    """Return one account, ``None`` when there is none with this id."""
    row = session.execute(_rows().where(User.id == user_id)).one_or_none()
    if row is None:
        return None
    user = session.get_one(User, user_id)
    return AccountTold(
        **_facts(row),
        created_at=row.created_at,
        sessions=tuple(sessions.living(session, user=user, now=now)),
        step_stopped_until=stopped_until(user.wrong_codes, user.wrong_codes_since, now=now),
    )


def _rows() -> sa.Select[*tuple[Any, ...]]:
    return sa.select(
        User.id,
        User.login,
        User.role,
        Enterprise.code,
        Enterprise.name_zh,
        User.disabled_at,
        User.totp_secret.is_not(None).label("second_step"),
        User.created_at,
    ).outerjoin(Enterprise, Enterprise.id == User.enterprise_id)


def _facts(row: sa.Row[*tuple[Any, ...]]) -> dict[str, Any]:
    return {
        "id": row.id,
        "login": row.login,
        "role": row.role,
        "enterprise_code": row.code or "",
        "enterprise_name": row.name_zh or "",
        "works": row.disabled_at is None,
        "second_step": bool(row.second_step),
    }


def _literal(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
