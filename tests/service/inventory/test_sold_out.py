"""Who is refused stock hears what is lacking in its own words, and the program hears where."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from marketplace.inventory import claim_changes, service
from marketplace.inventory.models import ClaimKind, PoolKind
from marketplace.inventory.service import SOLD_OUT, SoldOut, Want
from marketplace.kernel.db import Database
from marketplace.kernel.stay import Stay
from tests.factories import NOW, TODAY, make_enterprise, make_listing, make_room, make_slot

NIGHTS, DAY = Stay.of(TODAY, 3), Stay.of(TODAY, 1)


@dataclass(frozen=True)
class House:
    database: Database
    twin: int
    family: int
    walk: int
    """Pools of two twin rooms, one family room and a walk that takes twelve."""

    def take(self, *wants: Want, holder: str = "h" * 32) -> None:
        with self.database.write() as session:
            service.take(session, wants=wants, kind=ClaimKind.BOOKING, holder=holder, now=NOW)

    def reshape(self, *wants: Want, holder: str = "h" * 32) -> None:
        with self.database.write() as session:
            claim_changes.reshape(
                session, holder=holder, wants=wants, kind=ClaimKind.BOOKING, now=NOW
            )

    def exchange(self, **wants: list[Want]) -> None:
        with self.database.write() as session:
            claim_changes.exchange(session, wants=wants, kind=ClaimKind.BOOKING, now=NOW)

    def held(self, holder: str = "h" * 32) -> list[Want]:
        with self.database.read() as session:
            return claim_changes.held_by(session, [holder])


@pytest.fixture
def house(database: Database) -> House:
    with database.write() as session:
        enterprise_id = make_enterprise(session)
        listing_id = make_listing(session, enterprise_id=enterprise_id)
        twin, family = (
            make_room(session, listing_id=listing_id, capacity=units).pool_id for units in (2, 1)
        )
        slot = make_slot(session, enterprise_id=enterprise_id)
    return House(database, twin, family, slot.pool_id)


def test_each_pool_that_lacks_units_is_named_and_no_other(house: House) -> None:
    enough = Want(house.family, NIGHTS, 1)
    with pytest.raises(SoldOut) as refused:
        house.take(Want(house.twin, NIGHTS, 3), enough, Want(house.walk, DAY, 13))
    assert refused.value.pools == {house.twin, house.walk}
    assert house.held() == []
    with pytest.raises(SoldOut) as refused:
        house.reshape(enough, Want(house.twin, NIGHTS, 3))
    assert refused.value.pools == {house.twin}
    assert house.held() == []
    house.take(enough)
    assert house.held() == [enough]


def test_who_cannot_change_places_hears_of_the_pools_that_differ(house: House) -> None:
    twin, family = Want(house.twin, NIGHTS, 1), Want(house.family, NIGHTS, 1)
    house.take(twin, holder="a")
    house.take(family, holder="b")
    with pytest.raises(SoldOut) as refused:
        house.exchange(a=[family], b=[family])
    assert refused.value.pools == {house.twin, house.family}
    assert (house.held("a"), house.held("b")) == ([twin], [family])


@pytest.mark.parametrize(("kind", "word"), [(PoolKind.ROOM, "空房"), (PoolKind.SLOT, "名额")])
def test_the_words_are_those_of_what_was_wanted(house: House, kind: PoolKind, word: str) -> None:
    pool = house.twin if kind is PoolKind.ROOM else house.walk
    for refusing in (house.take, house.reshape):
        with pytest.raises(SoldOut, match=word) as refused:
            refusing(Want(pool, DAY, 13))
        assert refused.value.message == SOLD_OUT[kind]
        assert refused.value.extra == {}


def test_every_kind_of_pool_has_its_words() -> None:
    assert set(SOLD_OUT) == set(PoolKind)
