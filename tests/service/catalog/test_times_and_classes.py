"""Times of activities and classes of trains: changed by cases, and kept as stock."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest
import sqlalchemy as sa

from catalog.effects import ListingAccepted
from catalog.office.listings.listing_removal import StillSold
from catalog.queries import listing_page
from catalog.vocabulary import ListingKind
from marketplace.inventory import pool_setup
from marketplace.inventory.models import PoolKind, StockDay, StockPool
from marketplace.kernel import changes, outbox
from tests.factories import NOW, TODAY, make_enterprise
from tests.service.catalog.listing_office import FACTS, Office

SLOT = {
    "id": None,
    "name_zh": "上午场",
    "weekdays": [1],
    "starts": "09:00",
    "minutes": 60,
    "capacity": 8,
}


def with_times(office: Office, *names: str) -> tuple[int, list[int]]:
    """Have an activity with these times accepted; returns it and the times."""
    case_id = office.begin(kind=ListingKind.ACTIVITY)
    slots = [SLOT | {"name_zh": name} for name in names]
    office.save(case_id, **FACTS, activity="forest_walk", slots=slots)
    office.submit(case_id)
    listing_id = office.accept(case_id)
    with office.database.read() as session:
        return listing_id, [one.id for one in listing_page(session, listing_id).time_slots]


def pools_of_times(office: Office) -> dict[int, int]:
    with office.database.read() as session:
        rows = session.execute(
            sa.select(StockPool.time_slot_id, StockPool.id).where(StockPool.kind == PoolKind.SLOT)
        )
        return {row.time_slot_id: row.id for row in rows}


def test_times_get_calendars_without_places_which_no_search_of_rooms_follows(
    office: Office,
) -> None:
    listing_id, times = with_times(office, "上午场", "下午场")
    with office.database.read() as session:
        owed = sa.select(outbox.OutboxRow).where(outbox.OutboxRow.topic == ListingAccepted.topic)
        assert [row.payload for row in session.scalars(owed)] == [{"listing_id": listing_id}]
    for made in (2, 0):
        with office.database.write() as session:
            found = pool_setup.ensure_pools(session, listing_id=listing_id, today=TODAY, now=NOW)
            assert found == made
    pools = pools_of_times(office)
    assert sorted(pools) == sorted(times)
    changes.sequence(office.database)
    with office.database.read() as session:
        days = session.execute(
            sa.select(sa.func.count(), sa.func.max(StockDay.capacity), sa.func.max(StockDay.day))
        ).one()
        told = [change.entity_id for change in changes.since(session, 0, kinds=[changes.PLACES])]
        assert changes.since(session, 0, kinds=[changes.STOCK]) == []
    assert tuple(days) == (2 * 540, 0, TODAY + dt.timedelta(days=539))
    assert told == [str(pool) for pool in sorted(pools.values())]


def test_times_from_before_activities_had_stock_get_their_calendars(office: Office) -> None:
    with office.database.write() as session:
        real = make_enterprise(session, is_sample=False, claimed=True)
    _, times = with_times(dataclasses.replace(office, enterprise_id=real), "上午场")
    for grown in (1, 0):
        with office.database.write() as session:
            assert pool_setup.keep_open(session, today=TODAY, now=NOW) == grown
    assert list(pools_of_times(office)) == times


def test_a_time_goes_only_while_nothing_was_ever_sold_of_it(office: Office) -> None:
    listing_id, (morning, afternoon) = with_times(office, "上午场", "下午场")
    with office.database.write() as session:
        pool_setup.ensure_pools(session, listing_id=listing_id, today=TODAY, now=NOW)
    pool = pools_of_times(office)[afternoon]
    of_that = sa.update(StockDay).where(StockDay.pool_id == pool, StockDay.day == TODAY)
    with office.database.write() as session:
        session.execute(of_that.values(capacity=3))
    case_id = office.begin(listing_id)
    office.save(case_id, slots=[SLOT | {"id": morning}])
    with pytest.raises(StillSold, match="“下午场”还有名额或订单"):
        office.submit(case_id)
    with office.database.write() as session:
        session.execute(of_that.values(capacity=0))
    office.submit(case_id)
    with office.database.write() as session:
        session.execute(of_that.values(capacity=3))
    with pytest.raises(StillSold):
        office.accept(case_id)
    with office.database.write() as session:
        session.execute(of_that.values(capacity=0))
    office.accept(case_id)
    assert list(pools_of_times(office)) == [morning]


def test_classes_of_a_train_have_no_stock_and_go_freely(office: Office) -> None:
    berth = {"id": None, "name_zh": "硬卧", "kind": "hard_berth", "capacity": 60, "lower": 20}
    soft = berth | {"name_zh": "软卧", "kind": "soft_berth"}
    case_id = office.begin(kind=ListingKind.RAIL)
    office.save(case_id, **FACTS | {"theme": "rail", "berths": [berth, soft]})
    office.submit(case_id)
    listing_id = office.accept(case_id)
    with office.database.write() as session:
        assert pool_setup.ensure_pools(session, listing_id=listing_id, today=TODAY, now=NOW) == 0
        hard = listing_page(session, listing_id).berth_classes[0].id
    office.accepted(listing_id, berths=[berth | {"id": hard}])
    with office.database.read() as session:
        assert [one.id for one in listing_page(session, listing_id).berth_classes] == [hard]


def test_times_and_classes_are_changed_added_and_taken_out(office: Office) -> None:
    listing_id, _ = with_times(office, "上午场", "下午场")
    with office.database.read() as session:
        morning, afternoon = listing_page(session, listing_id).time_slots
    change = [SLOT | {"id": afternoon.id, "weekdays": [6, 7]}, SLOT | {"name_zh": "夜场"}]
    office.accepted(listing_id, slots=change)
    with office.database.read() as session:
        now = listing_page(session, listing_id).time_slots
    assert [(one.name_zh, one.weekdays) for one in now] == [("上午场", (6, 7)), ("夜场", (1,))]
    assert now[0].id == afternoon.id
    assert now[1].id != morning.id or now[1].code != morning.code
