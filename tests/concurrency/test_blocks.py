"""Two people who release one block at once: it is given back once and noted once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import sqlalchemy as sa

from marketplace.inventory import calendar
from marketplace.inventory.models import StockPool
from marketplace.kernel.audit import Actor, AuditEntry
from marketplace.kernel.db import Database
from marketplace.kernel.errors import NotFound
from marketplace.kernel.ids import RandomIds
from marketplace.kernel.stay import Stay
from marketplace.kernel.unit_of_work import UnitOfWork
from tests.concurrency.rush import make_rooms, taken
from tests.factories import NOW, TODAY

PEOPLE = 4
STAFF = Actor("staff", "1")


def test_a_block_is_released_once(database: Database) -> None:
    [pool] = make_rooms(database, capacities=[3])
    for number in range(1, 9):
        with database.write() as session:
            block_id = calendar.block(
                UnitOfWork(session, now=NOW, actor=STAFF, ids=RandomIds()),
                pool_id=pool,
                stay=Stay.of(TODAY, 1),
                units=1,
                reason="维修",
            )
            enterprise_id = session.scalars(
                sa.select(StockPool.enterprise_id).where(StockPool.id == pool)
            ).one()
        together = Barrier(PEOPLE)

        def release(
            _: int, block_id: str = block_id, mine: int = enterprise_id, wait: Barrier = together
        ) -> bool:
            wait.wait()
            try:
                with database.write() as session:
                    calendar.unblock(
                        session, block_id=block_id, enterprise_id=mine, actor=STAFF, now=NOW
                    )
            except NotFound:
                return False
            return True

        with ThreadPoolExecutor(PEOPLE) as people:
            assert sum(people.map(release, range(PEOPLE))) == 1
        assert taken(database, pool).get(TODAY, 0) == 0
        with database.read() as session:
            noted = session.scalar(
                sa.select(sa.func.count())
                .select_from(AuditEntry)
                .where(AuditEntry.action == "rooms.unblocked")
            )
        assert noted == number
