"""Accounts for a first look at the product."""

from __future__ import annotations

import datetime as dt
import json
import os
from pathlib import Path

import pyotp
import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.models import Enterprise
from marketplace.kernel.errors import Invalid
from marketplace.staff import second_factor
from marketplace.staff.models import User
from marketplace.staff.passwords import new_password
from marketplace.staff.roles import Role, needs_second_factor
from marketplace.staff.service import NewUser, add_user

DEMO_ACCOUNTS = "demo-accounts.json"
"""The file in the state folder that keeps what was made for them."""
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


def demo_accounts(session: Session, *, path: Path, now: dt.datetime) -> list[str]:
    """Make the demo accounts that are missing and return lines to print for each.

    Passwords and secrets are random, made at the first run and kept in ``path`` for the owner only:
    no installation shares one with another. The accounts are marked, and production refuses them.
    """
    known = _kept(path)
    lines = []
    for login, role, enterprise in DEMO:
        user = session.scalars(sa.select(User).where(User.login == login)).one_or_none()
        if user is None:
            known[login] = {"password": new_password()}
            user = add_user(
                session,
                NewUser(
                    login=login,
                    password=known[login]["password"],
                    role=role,
                    enterprise_id=enterprise_by_code(session, enterprise) if enterprise else None,
                ),
                now=now,
            )
        if login in known:
            user.demo = True
            if needs_second_factor(role) and user.totp_secret is None:
                user.totp_secret = known[login].setdefault("secret", pyotp.random_base32())
            lines += _told(user, known[login], now)
    session.flush()
    descriptor = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(known, file)
    return lines


def _kept(path: Path) -> dict[str, dict[str, str]]:
    """Return what was made before; the file of an older release holds passwords alone."""
    found = json.loads(path.read_text()) if path.exists() else {}
    return {
        login: {"password": kept} if isinstance(kept, str) else kept
        for login, kept in found.items()
    }


def _told(user: User, kept: dict[str, str], now: dt.datetime) -> list[str]:
    lines = [f"{user.role.value:9} {user.login} / {kept['password']}"]
    if user.totp_secret is not None and user.totp_secret == kept.get("secret"):
        address = pyotp.TOTP(user.totp_secret).provisioning_uri(
            name=user.login, issuer_name="Snowbird demo"
        )
        code = second_factor.code_now(user.totp_secret, now)
        lines += [f"{'':9} second step: {code} now, secret {user.totp_secret}", f"{'':9} {address}"]
    return lines
