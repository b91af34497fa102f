"""A form that came after its session was over: kept until the same person has signed in again.

It is encrypted, found by a token of the browser that sent it, and shown to nobody but the account
whose session it was. It is sent on once, by a press of that person, as if it were sent for the
first time: every check is made then.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.kernel.ids import Ids
from marketplace.staff.models import KeptForm, User, UserSession
from marketplace.staff.sessions import digest

KEPT_FOR = dt.timedelta(minutes=30)
MOST_SYMBOLS = 100_000
"""Of all fields together; a longer form is not kept."""


@dataclass(frozen=True, slots=True)
class Form:
    """What was sent: addresses of this site, and the fields in their order."""

    path: str
    page: str
    """The page it stood on; empty where the browser does not say."""
    fields: tuple[tuple[str, str], ...]


def keep(session: Session, *, ended: str, form: Form, ids: Ids, now: dt.datetime) -> str | None:
    """Keep a form for whose session had the token ``ended``; returns the token to find it by.

    ``None`` when it is not kept: nobody was signed in with that token, or it is too long.
    """
    owner = session.scalar(
        sa.select(UserSession.user_id)
        .join(User, User.id == UserSession.user_id)
        .where(
            UserSession.digest == digest(ended),
            UserSession.whole_at.is_not(None),
            User.disabled_at.is_(None),
        )
    )
    text = json.dumps([form.path, form.page, form.fields], ensure_ascii=False)
    if owner is None or len(text) > MOST_SYMBOLS:
        return None
    # One for each person: what they sent last is what they miss.
    session.execute(sa.delete(KeptForm).where(KeptForm.user_id == owner))
    token = ids.new_token()
    session.add(KeptForm(digest=digest(token), user_id=owner, form=text, made_at=now))
    session.flush()
    return token


def find(session: Session, *, token: str, user_id: int, now: dt.datetime) -> Form | None:
    """Return what is kept under ``token`` for this account and no other."""
    text = session.scalar(
        sa.select(KeptForm.form).where(
            KeptForm.digest == digest(token),
            KeptForm.user_id == user_id,
            KeptForm.made_at > now - KEPT_FOR,
        )
    )
    if text is None:
        return None
    path, page, fields = json.loads(text)
    return Form(path, page, tuple((name, value) for name, value in fields))


def drop(session: Session, *, token: str) -> None:
    """Forget what is kept under ``token``."""
    session.execute(sa.delete(KeptForm).where(KeptForm.digest == digest(token)))


def forget_old(session: Session, *, now: dt.datetime) -> None:
    """Forget what nobody came back for."""
    session.execute(sa.delete(KeptForm).where(KeptForm.made_at <= now - KEPT_FOR))
