"""Accounts for a first look at the product."""

from __future__ import annotations

import datetime as dt
import json
import os
import secrets
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.models import Enterprise
from marketplace.accounts.models import User
from marketplace.accounts.roles import Role
from marketplace.accounts.service import add_user
from marketplace.kernel.errors import Invalid
from marketplace.kernel.ids import Ids

DEMO = (
    ("operator", Role.OPERATOR, "SMP01"),
    ("office", Role.OFFICE, None),
    ("office2", Role.OFFICE, None),
)
"""Two people of the office: a delisting needs both."""


def enterprise_by_code(session: Session, code: str) -> int:
    """Return the id of the enterprise with a directory code; raises ``Invalid``."""
    found = session.scalar(sa.select(Enterprise.id).where(Enterprise.code == code))
    if found is None:
        raise Invalid({"enterprise": "没有这个名录编号的企业"})
    return found


def demo_accounts(session: Session, *, path: Path, ids: Ids, now: dt.datetime) -> list[str]:
    """Make the demo accounts that are missing and return a line to print for each.

    Passwords are random, made at the first run and kept in ``path`` for the owner only: no
    installation shares one with another.
    """
    known: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    lines = []
    for login, role, enterprise in DEMO:
        exists = session.scalar(sa.select(User.id).where(User.login == login)) is not None
        if not exists:
            known[login] = f"demo-{secrets.token_hex(8)}"
            add_user(
                session,
                login=login,
                password=known[login],
                role=role,
                enterprise_id=enterprise_by_code(session, enterprise) if enterprise else None,
                ids=ids,
                now=now,
            )
        if login in known:
            lines.append(f"{role.value:9} {login} / {known[login]}")
    descriptor = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(known, file)
    return lines
