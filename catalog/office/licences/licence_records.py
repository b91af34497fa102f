"""Licences: recording them, and until when an enterprise may sell on them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog import service
from catalog.office.models import Licence
from catalog.states import EnterpriseStatus
from catalog.vocabulary import LicenceKind, SuspensionCause
from marketplace.kernel import audit
from marketplace.kernel.clock import shanghai_date


@dataclass(frozen=True, slots=True)
class LicenceFacts:
    """A licence as it is given; ``expires_on`` is its last valid day, ``None`` without end."""

    kind: LicenceKind
    number: str
    issued_by: str
    expires_on: dt.date | None
    document_id: int | None


def record(
    session: Session,
    *,
    enterprise_id: int,
    licence: LicenceFacts,
    reviewer_id: int | None,
    actor: audit.Actor,
    now: dt.datetime,
) -> Licence:
    """Note a verified licence; it takes the place of the one of its kind.

    Sales that had stopped because a licence expired go on by themselves when none is expired now.

    Raises:
        NotFound: there is no such enterprise.
    """
    enterprise = service.locked(session, enterprise_id)
    session.execute(
        sa.update(Licence)
        .where(
            Licence.enterprise_id == enterprise_id,
            Licence.kind == licence.kind,
            Licence.replaced_at.is_(None),
        )
        .values(replaced_at=now)
    )
    row = Licence(
        enterprise_id=enterprise_id,
        kind=licence.kind,
        number=licence.number,
        issued_by=licence.issued_by,
        expires_on=licence.expires_on,
        document_id=licence.document_id,
        verified_by=reviewer_id,
        verified_at=now,
    )
    session.add(row)
    session.flush()
    enterprise.sells_until = session.scalar(
        sa.select(sa.func.min(Licence.expires_on)).where(
            Licence.enterprise_id == enterprise_id, Licence.replaced_at.is_(None)
        )
    )
    audit.note(
        session,
        actor=actor,
        action="licence.recorded",
        subject=("enterprise", enterprise_id),
        now=now,
        licence=row.id,
        kind=licence.kind.value,
        expires_on=licence.expires_on.isoformat() if licence.expires_on else "",
    )
    _sell_again(session, enterprise_id, enterprise.sells_until, actor, now)
    return row


def _sell_again(
    session: Session,
    enterprise_id: int,
    sells_until: dt.date | None,
    actor: audit.Actor,
    now: dt.datetime,
) -> None:
    if sells_until is not None and sells_until < shanghai_date(now):
        return
    suspension = service.open_suspension(session, enterprise_id)
    status = service.locked(session, enterprise_id).status
    if (
        suspension is not None
        and suspension.cause is SuspensionCause.LICENCE
        and status is EnterpriseStatus.SUSPENDED
    ):
        service.reinstate(session, enterprise_id=enterprise_id, actor=actor, now=now)
