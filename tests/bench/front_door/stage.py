"""What the requests are about: a scaled sample, houses that never sell out, a partner's key."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field

import sqlalchemy as sa

from catalog.models import Enterprise, EnterpriseCluster, Listing
from catalog.search import refresh
from marketplace.bootstrap import Services
from marketplace.inventory.models import StockDay, StockPool
from marketplace.kernel import changes
from marketplace.kernel.audit import SYSTEM
from marketplace.kernel.changes import LISTING, Change
from marketplace.kernel.clock import shanghai_date
from marketplace.kernel.unit_of_work import UnitOfWork
from marketplace.partners import keys
from marketplace.sample.scaled import make_scaled
from marketplace.web.traveller.seo.page_heads import slug_of
from tests.bench.front_door import floor
from tests.bench.front_door.asking import Ask
from tests.factories import Room, make_enterprise, make_listing, make_room

PLENTY = 1_000_000
HOUSES = 8
"""One for each client, so that what is measured is the request and not the wait for a row."""
AHEAD = dt.timedelta(days=20)
SETTINGS = {
    "SNOWBIRD_HELD_NIGHTS_PARTNER": str(10**9),
    "SNOWBIRD_HELD_NIGHTS_LISTING": str(10**9),
    "SNOWBIRD_HELD_HOLDS_ADDRESS": str(10**6),
    "SNOWBIRD_HELD_NIGHTS_ADDRESS": str(10**9),
}
"""One partner and one machine do here what hundreds do in an hour."""


@dataclass(frozen=True, slots=True)
class Size:
    """How much there is of everything."""

    pools: int = 900
    days: int = 120
    history: int = 100_000
    """Rows of the change log that tell of listings."""


@dataclass
class Stage:
    """What parts of the measure share."""

    services: Services
    rooms: list[Room]
    arrive: dt.date
    key: str
    cluster: str
    """As addresses name it."""
    ours: Callable[[], Ask] = field(init=False)
    """Makes a client of the product."""
    floor: Callable[[], Ask] = field(init=False)
    """Makes a client of the floor."""

    @property
    def authority(self) -> dict[str, str]:
        """The header that shows the partner's key."""
        return {"Authorization": f"Bearer {self.key}"}


def built(services: Services, size: Size) -> Stage:
    """Fill an empty, migrated database."""
    now, database = services.clock.now(), services.database
    today = shanghai_date(now)
    make_scaled(
        database,
        listings=max(1, size.pools // 3),
        pools=size.pools,
        days=size.days,
        seed=7,
        clock=services.clock,
    )
    with database.write() as session:
        rooms = [
            make_room(
                session,
                listing_id=make_listing(
                    session,
                    enterprise_id=make_enterprise(session, updated_at=now),
                    updated_at=now,
                ),
                capacity=PLENTY,
                first_day=today,
                days=size.days,
            )
            for _ in range(HOUSES)
        ]
        work = UnitOfWork(session, now, SYSTEM, services.ids)
        wish = keys.NewKey("北方旅行", per_minute=PLENTY, credit_limit_fen=10**15)
        key = keys.issue(work, wish)
        cluster = session.scalars(sa.select(EnterpriseCluster.cluster).limit(1)).one()
        _tell_of_listings(session.connection(), size.history, now)
        floor.METADATA.create_all(session.connection())
        _copy_days(session.connection(), rooms)
    while changes.sequence(database):
        pass
    refresh.build(services.index, database)
    return Stage(services, rooms, today + AHEAD, key, slug_of(cluster))


def _tell_of_listings(run: sa.Connection, count: int, now: dt.datetime) -> None:
    """Write the history of listings that were changed again and again."""
    ids = run.scalars(sa.select(Listing.id).join(Enterprise).order_by(Listing.id)).all()
    rows = [
        {"kind": LISTING, "entity_id": str(ids[number % len(ids)]), "detail": {}, "at": now}
        for number in range(count)
    ]
    for first in range(0, count, 10_000):
        run.execute(sa.insert(Change), rows[first : first + 10_000])


def _copy_days(run: sa.Connection, rooms: list[Room]) -> None:
    """Give the floor the same days of the same houses."""
    columns = (StockDay.pool_id, StockDay.day, StockDay.capacity, StockDay.taken)
    mine = StockPool.room_type_id.in_([room.room_type_id for room in rooms])
    days = sa.select(*columns).join(StockPool, StockPool.id == StockDay.pool_id).where(mine)
    run.execute(sa.insert(floor.DAY).from_select([each.key for each in columns], days))
