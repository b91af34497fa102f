"""Signing in, its second step, failing, and signing out: each with its entry in the trail."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.kernel.audit import Actor, ActorKind, note
from marketplace.kernel.crypto import blind_index
from marketplace.kernel.ids import Ids
from marketplace.staff import second_factor, sessions
from marketplace.staff.models import User
from marketplace.staff.roles import needs_second_factor

BLIND_SYMBOLS = 12
"""Of a login that nobody has: people type passwords there, so the trail keeps no more of it."""


def begin(session: Session, *, user_id: int, device: str, ids: Ids, now: dt.datetime) -> str:
    """Begin a session of somebody who gave the password; returns the token for the browser."""
    user = second_factor.locked(session, user_id)
    if user.totp_secret is None and needs_second_factor(user.role):
        # Whoever else gave the password, and looks at the secret, does not see this one.
        sessions.end(session, user_id=user.id, now=now)
        second_factor.prepare(user)
    token = sessions.begin(session, user=user, device=device, ids=ids, now=now)
    if user.totp_secret is None and not needs_second_factor(user.role):
        _note_signed_in(session, user.id, now, device=device)
    return token


def finish(
    session: Session, *, session_id: int, user_id: int, typed: str, now: dt.datetime
) -> second_factor.Given | None:
    """Make a session whole by a code; ``None`` when it is wrong, which is counted and noted.

    Raises:
        StepStopped: too many codes of this account were wrong.
    """
    given = second_factor.prove(session, user_id=user_id, typed=typed, now=now)
    if given is None:
        _note_failed(session, ("staff_user", user_id), now, step="code")
        return None
    sessions.complete(session, session_id=session_id, now=now)
    _note_signed_in(session, user_id, now, second_factor=given.value)
    return given


def finish_set_up(
    session: Session, *, session_id: int, user_id: int, typed: str, now: dt.datetime
) -> list[str]:
    """Set up the second factor and make a session whole with it; returns the recovery codes.

    Raises:
        Invalid: the code is wrong, or no secret waits to be proved.
    """
    codes = second_factor.enrol(session, user_id=user_id, typed=typed, keep=session_id, now=now)
    if sessions.complete(session, session_id=session_id, now=now):
        _note_signed_in(session, user_id, now, second_factor=second_factor.Given.APP.value)
    return codes


def fail(session: Session, *, login: str, now: dt.datetime) -> None:
    """Write down that somebody gave a wrong login or password, and whose account it would be."""
    known = session.scalar(sa.select(User.id).where(User.login == login.strip().lower()))
    blind = blind_index("login", login.strip().lower())[:BLIND_SYMBOLS]
    subject = ("staff_user", known) if known is not None else ("sign_in", blind)
    _note_failed(session, subject, now, step="password")


def sign_out(session: Session, *, token: str, now: dt.datetime) -> None:
    """End the session of a token; a second time changes nothing."""
    found = sessions.opened(session, token=token, now=now)
    if found is not None and sessions.end(
        session, user_id=found.account.id, now=now, only=found.id
    ):
        note(
            session,
            actor=Actor(ActorKind.STAFF, str(found.account.id)),
            action="account.signed_out",
            subject=("staff_user", found.account.id),
            now=now,
        )


def _note_signed_in(session: Session, user_id: int, now: dt.datetime, **detail: object) -> None:
    note(
        session,
        actor=Actor(ActorKind.STAFF, str(user_id)),
        action="account.signed_in",
        subject=("staff_user", user_id),
        now=now,
        **detail,
    )


def _note_failed(
    session: Session, subject: tuple[str, object], now: dt.datetime, *, step: str
) -> None:
    note(
        session,
        actor=Actor(ActorKind.VISITOR),
        action="account.sign_in_failed",
        subject=subject,
        now=now,
        step=step,
    )
