"""Which colleague of the office looks after an enterprise."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog import service
from catalog.office.models import Assignment
from marketplace.kernel.audit import Actor, note
from marketplace.kernel.errors import Invalid
from marketplace.staff.models import User
from marketplace.staff.roles import Role


def colleagues_of_office(session: Session) -> dict[int, str]:
    """Return what those sign in as who may look after enterprises, by their ids."""
    rows = session.execute(
        sa.select(User.id, User.login)
        .where(User.role == Role.OFFICE, User.disabled_at.is_(None))
        .order_by(User.login)
    )
    return {row.id: row.login for row in rows}


def assigned_to(session: Session, enterprise_id: int) -> int | None:
    """Return the account that looks after an entry."""
    return session.scalar(
        sa.select(Assignment.user_id).where(Assignment.enterprise_id == enterprise_id)
    )


def assigned_ids(session: Session, user_id: int) -> set[int]:
    """Return the entries that somebody looks after."""
    return set(
        session.scalars(sa.select(Assignment.enterprise_id).where(Assignment.user_id == user_id))
    )


def assign(
    session: Session, *, enterprise_id: int, to: int | None, actor: Actor, now: dt.datetime
) -> bool:
    """Give an entry to a colleague, or with ``None`` to nobody; returns whether it was another's.

    Raises:
        NotFound: there is no such entry. Invalid: nobody of the office has this account.
    """
    service.locked(session, enterprise_id)
    if to is not None and to not in colleagues_of_office(session):
        raise Invalid({"assigned": "请选名录办的一位同事"})
    before = assigned_to(session, enterprise_id)
    if before == to:
        return False
    session.execute(sa.delete(Assignment).where(Assignment.enterprise_id == enterprise_id))
    if to is not None:
        session.add(Assignment(enterprise_id=enterprise_id, user_id=to, since=now))
    session.flush()
    note(
        session,
        actor=actor,
        action="enterprise.assigned",
        subject=("enterprise", enterprise_id),
        now=now,
        assigned_before=before,
        assigned=to,
    )
    return True
