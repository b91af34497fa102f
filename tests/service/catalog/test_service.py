"""Suspending, reinstating, and the lock of every sale."""

from __future__ import annotations

import datetime as dt
import threading

import pytest
import sqlalchemy as sa

from catalog.models import Enterprise, Listing
from catalog.sale import NotBookable
from catalog.service import lock_for_sale, move_listing, reinstate, suspend
from catalog.states import (
    EnterpriseStatus,
    ListingStatus,
    WrongEnterpriseState,
    WrongListingState,
)
from marketplace.kernel import changes
from marketplace.kernel.audit import Actor, AuditEntry
from marketplace.kernel.clock import SetClock
from marketplace.kernel.db import Database
from marketplace.kernel.errors import Invalid, NotFound
from marketplace.sample import load_sample

OFFICE = Actor("staff", "7")
TODAY = dt.date(2026, 6, 1)


@pytest.fixture
def full(directory: Database, clock: SetClock) -> Database:
    load_sample(directory, clock=clock, days=2)
    return directory


def enterprise_id(database: Database, code: str) -> int:
    with database.read() as session:
        return session.scalars(sa.select(Enterprise.id).where(Enterprise.code == code)).one()


class TestSuspend:
    def test_notes_the_decision_and_announces_the_listings(
        self, full: Database, clock: SetClock
    ) -> None:
        key = enterprise_id(full, "SMP01")
        with full.write() as session:
            before = session.scalar(sa.select(sa.func.max(changes.Change.id))) or 0
            suspend(session, enterprise_id=key, reason=" 执照到期 ", actor=OFFICE, now=clock.now())
        with full.read() as session:
            row = session.get_one(Enterprise, key)
            entry = session.scalars(
                sa.select(AuditEntry).where(AuditEntry.subject_kind == "enterprise")
            ).one()
            told = session.execute(
                sa.select(changes.Change.kind, changes.Change.entity_id)
                .where(changes.Change.id > before)
                .order_by(changes.Change.id)
            ).all()
            own = session.scalars(
                sa.select(Listing.id).where(Listing.enterprise_id == key).order_by(Listing.id)
            ).all()
        assert (row.status, row.suspended_reason) == (EnterpriseStatus.SUSPENDED, "执照到期")
        assert (entry.action, entry.actor_id) == ("enterprise.suspended", "7")
        assert (entry.subject_id, entry.detail) == (str(key), {"reason": "执照到期"})
        assert [tuple(change) for change in told] == [
            ("enterprise", str(key)),
            *(("listing", str(one)) for one in own),
        ]
        assert len(own) == 2

    def test_is_undone_once(self, full: Database, clock: SetClock) -> None:
        key = enterprise_id(full, "SMP01")
        with full.write() as session:
            suspend(session, enterprise_id=key, reason="查", actor=OFFICE, now=clock.now())
            with pytest.raises(WrongEnterpriseState):
                suspend(session, enterprise_id=key, reason="查", actor=OFFICE, now=clock.now())
            reinstate(session, enterprise_id=key, actor=OFFICE, now=clock.now())
            with pytest.raises(WrongEnterpriseState):
                reinstate(session, enterprise_id=key, actor=OFFICE, now=clock.now())
            lock_for_sale(session, enterprise_id=key, today=TODAY)
        with full.read() as session:
            row = session.get_one(Enterprise, key)
        assert (row.status, row.suspended_reason, row.version) == (
            EnterpriseStatus.LISTED,
            None,
            3,
        )

    def test_wants_a_reason(self, full: Database, clock: SetClock) -> None:
        with full.write() as session, pytest.raises(Invalid) as refused:
            suspend(session, enterprise_id=1, reason="  ", actor=OFFICE, now=clock.now())
        assert set(refused.value.fields) == {"reason"}

    def test_of_nobody_is_not_found(self, full: Database, clock: SetClock) -> None:
        with full.write() as session, pytest.raises(NotFound):
            suspend(session, enterprise_id=99_999, reason="查", actor=OFFICE, now=clock.now())


class TestLockForSale:
    def test_lets_a_sample_operator_sell(self, full: Database) -> None:
        with full.write() as session:
            lock_for_sale(session, enterprise_id=enterprise_id(full, "SMP01"), today=TODAY)

    @pytest.mark.parametrize("code", ["JL002", "JL013"])
    def test_unclaimed_and_planned_entries_sell_nothing(self, full: Database, code: str) -> None:
        key = enterprise_id(full, code)
        with full.write() as session, pytest.raises(NotBookable):
            lock_for_sale(session, enterprise_id=key, today=TODAY)

    def test_a_suspended_operator_sells_nothing(self, full: Database, clock: SetClock) -> None:
        key = enterprise_id(full, "SMP01")
        with full.write() as session:
            suspend(session, enterprise_id=key, reason="查", actor=OFFICE, now=clock.now())
        with full.write() as session, pytest.raises(NotBookable):
            lock_for_sale(session, enterprise_id=key, today=TODAY)

    def test_nobody_is_not_found(self, full: Database) -> None:
        with full.write() as session, pytest.raises(NotFound):
            lock_for_sale(session, enterprise_id=99_999, today=TODAY)

    def test_a_suspension_waits_for_the_sales_under_way(
        self, full: Database, clock: SetClock
    ) -> None:
        key = enterprise_id(full, "SMP01")
        done: list[str] = []

        def stop() -> None:
            with full.write() as session:
                suspend(session, enterprise_id=key, reason="查", actor=OFFICE, now=clock.now())
                done.append("suspended")

        office = threading.Thread(target=stop)
        with full.write() as session:
            lock_for_sale(session, enterprise_id=key, today=TODAY)
            office.start()
            office.join(0.3)
            done.append("sold")
        office.join(30)
        assert done == ["sold", "suspended"]


class TestMoveListing:
    def test_pauses_and_publishes(self, full: Database, clock: SetClock) -> None:
        with full.write() as session:
            key = session.scalars(sa.select(Listing.id).where(Listing.code == "SMP09A")).one()
            for status in (ListingStatus.PAUSED, ListingStatus.PUBLISHED, ListingStatus.ARCHIVED):
                move_listing(session, listing_id=key, to=status, actor=OFFICE, now=clock.now())
            with pytest.raises(WrongListingState):
                move_listing(
                    session,
                    listing_id=key,
                    to=ListingStatus.PUBLISHED,
                    actor=OFFICE,
                    now=clock.now(),
                )
        with full.read() as session:
            actions = session.scalars(
                sa.select(AuditEntry.action)
                .where(AuditEntry.subject_kind == "listing")
                .order_by(AuditEntry.id)
            ).all()
            assert session.get_one(Listing, key).version == 4
        assert actions == ["listing.paused", "listing.published", "listing.archived"]

    def test_of_nothing_is_not_found(self, full: Database, clock: SetClock) -> None:
        with full.write() as session, pytest.raises(NotFound):
            move_listing(
                session,
                listing_id=99_999,
                to=ListingStatus.PAUSED,
                actor=OFFICE,
                now=clock.now(),
            )
