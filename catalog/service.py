"""What the office and operators do to the directory, and the lock that every sale takes."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.models import Enterprise, Listing
from catalog.states import (
    EnterpriseStatus,
    ListingStatus,
    check_enterprise,
    check_listing,
    may_sell,
)
from marketplace.kernel import audit, changes
from marketplace.kernel.db import table_of
from marketplace.kernel.errors import DomainError, Invalid, NotFound


class NotBookable(DomainError):
    """The enterprise takes no bookings at present."""

    code = "not_bookable"
    http_status = 422
    message = "这家企业目前不接受预订，请另选一家"


def suspend(
    session: Session, *, enterprise_id: int, reason: str, actor: audit.Actor, now: dt.datetime
) -> None:
    """Stop all new sales of an enterprise at once; what is booked already stays.

    Raises:
        NotFound: there is no such enterprise.
        Invalid: no reason is given.
        WrongEnterpriseState: it is suspended already.
    """
    reason = reason.strip()
    if not reason:
        raise Invalid({"reason": "请写明暂停的原因"})
    enterprise = _locked(session, enterprise_id)
    check_enterprise(enterprise.status, EnterpriseStatus.SUSPENDED)
    enterprise.status = EnterpriseStatus.SUSPENDED
    enterprise.suspended_reason = reason[:300]
    _changed(session, enterprise, action="enterprise.suspended", actor=actor, now=now)


def reinstate(
    session: Session, *, enterprise_id: int, actor: audit.Actor, now: dt.datetime
) -> None:
    """Let a suspended enterprise sell again.

    Raises:
        NotFound: there is no such enterprise.
        WrongEnterpriseState: it is not suspended.
    """
    enterprise = _locked(session, enterprise_id)
    check_enterprise(enterprise.status, EnterpriseStatus.LISTED)
    enterprise.status = EnterpriseStatus.LISTED
    enterprise.suspended_reason = None
    _changed(session, enterprise, action="enterprise.reinstated", actor=actor, now=now)


_ENTERPRISE = table_of(Enterprise).c
_LOCK_FOR_SALE = (
    sa.select(_ENTERPRISE.status, _ENTERPRISE.claimed, _ENTERPRISE.planned, _ENTERPRISE.is_sample)
    .where(_ENTERPRISE.id == sa.bindparam("enterprise"))
    .with_for_update(read=True)
)


def lock_for_sale(session: Session, *, enterprise_id: int) -> None:
    """Hold the enterprise as it is until the transaction ends, and check that it may sell.

    The shared lock lets sales run side by side, while a suspension waits for those under way and
    stops every later one.

    Raises:
        NotFound: there is no such enterprise.
        NotBookable: it is suspended, only planned, or an entry that nobody has claimed.
    """
    row = session.connection().execute(_LOCK_FOR_SALE, {"enterprise": enterprise_id}).one_or_none()
    if row is None:
        raise NotFound
    if not may_sell(
        status=row.status, claimed=row.claimed, planned=row.planned, is_sample=row.is_sample
    ):
        raise NotBookable


def move_listing(
    session: Session,
    *,
    listing_id: int,
    to: ListingStatus,
    actor: audit.Actor,
    now: dt.datetime,
) -> None:
    """Publish, pause or otherwise move a listing.

    Raises:
        NotFound: there is no such listing.
        WrongListingState: it cannot go there from where it is.
    """
    listing = session.scalars(
        sa.select(Listing).where(Listing.id == listing_id).with_for_update()
    ).one_or_none()
    if listing is None:
        raise NotFound
    check_listing(listing.status, to)
    listing.status = to
    listing.version += 1
    listing.updated_at = now
    session.flush()
    audit.note(
        session, actor=actor, action=f"listing.{to.value}", subject=("listing", listing_id), now=now
    )
    changes.record(session, changes.LISTING, listing_id, now=now)


def _locked(session: Session, enterprise_id: int) -> Enterprise:
    enterprise = session.scalars(
        sa.select(Enterprise)
        .where(Enterprise.id == enterprise_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if enterprise is None:
        raise NotFound
    return enterprise


def _changed(
    session: Session,
    enterprise: Enterprise,
    *,
    action: str,
    actor: audit.Actor,
    now: dt.datetime,
) -> None:
    """Note the decision, and tell the feed and the search about each listing it touches."""
    enterprise.version += 1
    enterprise.updated_at = now
    session.flush()
    audit.note(
        session,
        actor=actor,
        action=action,
        subject=("enterprise", enterprise.id),
        now=now,
        reason=enterprise.suspended_reason or "",
    )
    mine = Listing.enterprise_id == enterprise.id
    session.execute(
        sa.update(Listing).where(mine).values(version=Listing.version + 1, updated_at=now)
    )
    for listing_id in session.scalars(sa.select(Listing.id).where(mine).order_by(Listing.id)):
        changes.record(session, changes.LISTING, listing_id, now=now)
