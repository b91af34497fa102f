"""A listing at a glance: the same price and the same freedom that its page and its quotes know."""

from __future__ import annotations

import sqlalchemy as sa

from catalog.models import Enterprise
from catalog.states import EnterpriseStatus
from marketplace.kernel.db import Database
from marketplace.offers.matrix import matrix_loading
from marketplace.offers.quoting.listing_summary import ListingSummary, summary_of
from tests.factories import TODAY, make_enterprise, make_listing, make_room


def seen(database: Database, listing_id: int) -> ListingSummary | None:
    with database.read() as session:
        return summary_of(matrix_loading.build(session, today=TODAY), listing_id)


def test_the_lowest_price_of_its_own_rooms(database: Database) -> None:
    with database.write() as session:
        enterprise_id = make_enterprise(session)
        make_room(
            session,
            listing_id=make_listing(session, enterprise_id=enterprise_id),
            list_fen=5_000,
        )
        listing_id = make_listing(session, enterprise_id=enterprise_id)
        make_room(session, listing_id=listing_id, list_fen=30_000)
        make_room(session, listing_id=listing_id, list_fen=19_900, capacity=0)
    assert seen(database, listing_id) == ListingSummary(19_900, free=True)


def test_nothing_free(database: Database) -> None:
    with database.write() as session:
        listing_id = make_listing(session, enterprise_id=make_enterprise(session))
        make_room(session, listing_id=listing_id, capacity=0)
    assert seen(database, listing_id) == ListingSummary(20_000, free=False)


def test_nothing_on_sale(database: Database) -> None:
    with database.write() as session:
        enterprise_id = make_enterprise(session)
        empty = make_listing(session, enterprise_id=enterprise_id)
        hidden = make_listing(session, enterprise_id=enterprise_id)
        make_room(session, listing_id=hidden)
        session.execute(
            sa.update(Enterprise)
            .where(Enterprise.id == enterprise_id)
            .values(status=EnterpriseStatus.SUSPENDED)
        )
    assert [seen(database, key) for key in (empty, hidden, 999)] == [None, None, None]
