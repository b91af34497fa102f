"""What the office and operators do to the directory, and the lock that every sale takes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import fields
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.effects import SuspensionBegan, SuspensionEnded
from catalog.models import Enterprise, Listing
from catalog.office.models import Suspension
from catalog.sale import House, Wares, refuse, sale_stop
from catalog.states import (
    EnterpriseStatus,
    ListingStatus,
    check_enterprise,
    check_listing,
)
from catalog.vocabulary import SuspensionCause
from marketplace.kernel import audit, changes, outbox
from marketplace.kernel.clock import shanghai_date
from marketplace.kernel.db import table_of
from marketplace.kernel.errors import DomainError, Invalid, NotFound
from marketplace.kernel.text import remark_fault

LONGEST_REASON = 300


class LicenceEnded(DomainError):
    """A licence that the enterprise must hold has expired; it cannot sell before it is renewed."""

    code = "licence_ended"
    http_status = 409
    message = "这家企业有证照已经到期，要先换发新证并审核通过，才能恢复出售"


def suspend(
    session: Session,
    *,
    enterprise_id: int,
    reason: str,
    actor: audit.Actor,
    now: dt.datetime,
    licence_id: int | None = None,
) -> Suspension:
    """Stop all new sales of an enterprise at once, and owe the rehousing of its guests.

    What is booked already stays until each guest has chosen. ``licence_id`` is the licence whose
    end is the cause; without it the office decided.

    Raises:
        NotFound: there is no such enterprise.
        Invalid: no reason is given, or one that cannot be kept.
        WrongEnterpriseState: it is suspended already, or delisted.
    """
    reason = reason.strip()
    if fault := remark_fault(reason, most=LONGEST_REASON, missing="请写明暂停的原因"):
        raise Invalid({"reason": fault})
    enterprise = locked(session, enterprise_id)
    check_enterprise(enterprise.status, EnterpriseStatus.SUSPENDED)
    enterprise.status = EnterpriseStatus.SUSPENDED
    enterprise.suspended_reason = reason
    suspension = Suspension(
        enterprise_id=enterprise_id,
        cause=SuspensionCause.OFFICE if licence_id is None else SuspensionCause.LICENCE,
        licence_id=licence_id,
        reason=reason,
        began_at=now,
    )
    session.add(suspension)
    changed(session, enterprise, action="enterprise.suspended", actor=actor, now=now)
    outbox.owe(session, SuspensionBegan(suspension.id), now=now)
    return suspension


def reinstate(
    session: Session, *, enterprise_id: int, actor: audit.Actor, now: dt.datetime
) -> None:
    """Let a suspended enterprise sell again.

    Raises:
        NotFound: there is no such enterprise.
        WrongEnterpriseState: it is not suspended. LicenceEnded: a licence has to be renewed first.
    """
    enterprise = locked(session, enterprise_id)
    check_enterprise(enterprise.status, EnterpriseStatus.LISTED)
    if enterprise.sells_until is not None and enterprise.sells_until < shanghai_date(now):
        raise LicenceEnded(extra={"sells_until": enterprise.sells_until.isoformat()})
    _end_suspension(session, enterprise, now)
    enterprise.status = EnterpriseStatus.LISTED
    enterprise.suspended_reason = None
    changed(session, enterprise, action="enterprise.reinstated", actor=actor, now=now)


def delist(session: Session, *, enterprise_id: int, actor: audit.Actor, now: dt.datetime) -> None:
    """Strike a suspended enterprise off the directory for good.

    Guests who have not chosen yet stay in the rehousing queue; reason and proposer are in the
    trail beside the decision.

    Raises:
        NotFound: there is no such enterprise. WrongEnterpriseState: it is not suspended.
    """
    enterprise = locked(session, enterprise_id)
    check_enterprise(enterprise.status, EnterpriseStatus.DELISTED)
    enterprise.status = EnterpriseStatus.DELISTED
    changed(session, enterprise, action="enterprise.delisted", actor=actor, now=now)


def open_suspension(session: Session, enterprise_id: int) -> Suspension | None:
    """Return the suspension that is in force, if any."""
    return session.scalars(
        sa.select(Suspension)
        .where(Suspension.enterprise_id == enterprise_id, Suspension.ended_at.is_(None))
        .order_by(Suspension.id.desc())
        .limit(1)
    ).one_or_none()


def _end_suspension(session: Session, enterprise: Enterprise, now: dt.datetime) -> None:
    suspension = open_suspension(session, enterprise.id)
    if suspension is not None:
        suspension.ended_at = now
        outbox.owe(session, SuspensionEnded(suspension.id), now=now)


_ENTERPRISE, _LISTING = table_of(Enterprise).c, table_of(Listing).c
HOUSE_COLUMNS = tuple(_ENTERPRISE[field.name] for field in fields(House))
"""What ``House`` is made of, in its order, for statements that read it with other things."""
WARES_COLUMNS = tuple(_LISTING[field.name] for field in fields(Wares))
_FOR_SALE = sa.select(*HOUSE_COLUMNS).where(_ENTERPRISE.id == sa.bindparam("enterprise"))
_LOCK_FOR_SALE = _FOR_SALE.with_for_update(read=True)


def lock_for_sale(
    session: Session, *, enterprise_id: int, wares: Wares | None = None, today: dt.date
) -> None:
    """Hold the enterprise as it is until the transaction ends, and check that it may sell.

    The shared lock lets sales run side by side, while a suspension waits for those under way and
    stops every later one. ``wares`` is the listing, where it is sold anew.

    Raises:
        NotFound: there is no such enterprise.
        NotBookable: ``sale_stop`` has a reason, whether or not it was noticed already.
    """
    _require_sale(session, _LOCK_FOR_SALE, enterprise_id, wares, today)


def require_for_sale(
    session: Session, *, enterprise_id: int, wares: Wares | None = None, today: dt.date
) -> None:
    """Check, without a lock, that it may be sold: before a price is said or money is asked for.

    A suspension that crosses it by a moment leaves a paid booking, which is then rehoused.

    Raises:
        NotFound, NotBookable: as ``lock_for_sale``.
    """
    _require_sale(session, _FOR_SALE, enterprise_id, wares, today)


_SELLERS = (
    sa.select(_ENTERPRISE.id, *HOUSE_COLUMNS)
    .where(_ENTERPRISE.id.in_(sa.bindparam("enterprises", expanding=True)))
    .order_by(_ENTERPRISE.id)
)
_LOCK_SELLERS = _SELLERS.with_for_update(read=True)


def lock_sellers(session: Session, *, enterprise_ids: Collection[int], today: dt.date) -> None:
    """Do what ``lock_for_sale`` does of several houses, in the order of their ids.

    Raises:
        NotFound, NotBookable: as ``lock_for_sale``, of any of them.
    """
    _require_sellers(session, _LOCK_SELLERS, enterprise_ids, today)


def require_sellers(session: Session, *, enterprise_ids: Collection[int], today: dt.date) -> None:
    """Check of several houses, without a lock, that they may sell what was bought of them.

    Raises:
        NotFound, NotBookable: as ``lock_for_sale``, of any of them.
    """
    _require_sellers(session, _SELLERS, enterprise_ids, today)


def _require_sellers(
    session: Session, statement: sa.Select[Any], enterprise_ids: Collection[int], today: dt.date
) -> None:
    wanted = set(enterprise_ids)
    houses = session.connection().execute(statement, {"enterprises": wanted}).all()
    if len(houses) != len(wanted):
        raise NotFound
    for _, *house in houses:
        refuse(sale_stop(House(*house), None, today=today))


def _require_sale(
    session: Session,
    statement: sa.Select[Any],
    enterprise_id: int,
    wares: Wares | None,
    today: dt.date,
) -> None:
    house = session.connection().execute(statement, {"enterprise": enterprise_id}).one_or_none()
    if house is None:
        raise NotFound
    refuse(sale_stop(House(*house), wares, today=today))


def on_sale(session: Session, *, listing_ids: Collection[int], today: dt.date) -> set[int]:
    """Return which of the listings may be booked today: what every quote and hold asks of one."""
    rows = session.connection().execute(
        sa.select(_LISTING.id, *HOUSE_COLUMNS, *WARES_COLUMNS)
        .join(table_of(Enterprise), _ENTERPRISE.id == _LISTING.enterprise_id)
        .where(_LISTING.id.in_(listing_ids))
    )
    return {key for key, *facts in rows if sale_stop(*sale_facts(facts), today=today) is None}


def sale_facts(row: Sequence[Any]) -> tuple[House, Wares]:
    """Return what ``HOUSE_COLUMNS`` and ``WARES_COLUMNS``, in this order, read of a listing."""
    return House(*row[: len(HOUSE_COLUMNS)]), Wares(*row[len(HOUSE_COLUMNS) :])


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


def locked(session: Session, enterprise_id: int) -> Enterprise:
    """Return the enterprise with its row locked against sales; raises ``NotFound``."""
    enterprise = session.scalars(
        sa.select(Enterprise)
        .where(Enterprise.id == enterprise_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if enterprise is None:
        raise NotFound
    return enterprise


def changed(
    session: Session,
    enterprise: Enterprise,
    *,
    action: str,
    actor: audit.Actor,
    now: dt.datetime,
) -> None:
    """Note the decision; tell feed and search about the entry and each listing it touches."""
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
    changes.record(session, changes.ENTERPRISE, enterprise.id, now=now)
    mine = Listing.enterprise_id == enterprise.id
    session.execute(
        sa.update(Listing).where(mine).values(version=Listing.version + 1, updated_at=now)
    )
    for listing_id in session.scalars(sa.select(Listing.id).where(mine).order_by(Listing.id)):
        changes.record(session, changes.LISTING, listing_id, now=now)
