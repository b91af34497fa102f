"""Signing in of staff: wraps an account id in Flask-Login; the models know nothing of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar

from flask import Flask, abort, g, session
from flask_login import LoginManager, UserMixin, current_user, login_required, login_user

from marketplace.accounts.queries import Account, signed_in
from marketplace.accounts.roles import Permission, may
from marketplace.kernel.audit import Actor, ActorKind
from marketplace.web.context import now, services

View = TypeVar("View", bound=Callable[..., Any])
LONGEST_SESSION = dt.timedelta(hours=12)
SIGNED_IN_AT = "signed_in_at"


@dataclass(frozen=True)
class Staff(UserMixin):
    """The signed-in member of staff."""

    account: Account

    def get_id(self) -> str:
        """Return what the session holds: the id, and the stamp that a password change renews."""
        return f"{self.account.id}:{self.account.stamp}"

    @property
    def actor(self) -> Actor:
        """How the audit trail names this person."""
        return Actor(ActorKind.STAFF, str(self.account.id))


def staff() -> Staff:
    """Return the signed-in member of staff."""
    found: Staff = current_user._get_current_object()  # noqa: SLF001 - the documented way
    return found


def begin(account: Account) -> None:
    """Begin a new session: nothing that was in the old one, planted there or not, goes on."""
    session.clear()
    session[SIGNED_IN_AT] = now().timestamp()
    login_user(Staff(account))


def own_enterprise() -> int:
    """Return the id of the enterprise whose things the signed-in operator may see."""
    enterprise_id = staff().account.enterprise_id
    if enterprise_id is None:
        abort(403)
    return enterprise_id


def needs(permission: Permission) -> Callable[[View], View]:
    """Let a view be opened only by staff whose role carries ``permission``; others get 403."""

    def wrap(view: View) -> View:
        @wraps(view)
        @login_required
        def guarded(*args: Any, **kwargs: Any) -> Any:
            if not may(staff().account.role, permission):
                abort(403)
            return view(*args, **kwargs)

        guarded.permission = permission  # type: ignore[attr-defined]
        return guarded  # type: ignore[return-value]

    return wrap


def set_up(app: Flask) -> None:
    """Tell Flask-Login how to find a member of staff, and where to sign in."""
    manager = LoginManager(app)
    manager.login_view = "account.sign_in"
    manager.login_message = None
    manager.session_protection = None

    @manager.user_loader
    def load(session_id: str) -> Staff | None:
        if g.get("failed"):  # the page that says so must not fail for the same reason
            return None
        user_id, _, stamp = session_id.partition(":")
        began = session.get(SIGNED_IN_AT, 0)
        if not user_id.isdigit() or now().timestamp() - began > LONGEST_SESSION.total_seconds():
            return None
        with services().database.read() as reader:
            account = signed_in(reader, user_id=int(user_id), stamp=stamp)
        return Staff(account) if account else None
