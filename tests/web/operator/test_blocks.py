"""Taking rooms out of sale and giving them back."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
import sqlalchemy as sa

from marketplace.inventory import service
from marketplace.inventory.models import Claim, ClaimKind, StockDay
from marketplace.inventory.service import Want
from marketplace.kernel.audit import AuditEntry
from marketplace.kernel.stay import Stay
from tests.factories import NOW, TODAY, make_slot
from tests.support.app import BOTH
from tests.support.staff import Browser, House

pytestmark = pytest.mark.parametrize("database_kind", BOTH)
DAY = dt.timedelta(days=1)
FIRST, LAST = TODAY + 10 * DAY, TODAY + 12 * DAY


def form(house: House, **changes: Any) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "form_id": "f" * 32, "room": house.room.room_type_id, "first": FIRST, "last": LAST,
        "units": "1", "reason": "热水管维修",
    }  # fmt: skip
    return {**fields, **changes}


def block(operator: Browser, house: House, *, expect: int = 303, **changes: Any) -> str:
    operator.open("/operator/blocks")
    return operator.send("/operator/blocks", expect=expect, **form(house, **changes))


def taken(house: House) -> dict[dt.date, int]:
    with house.services.database.read() as session:
        rows = session.execute(
            sa.select(StockDay.day, StockDay.taken).where(
                StockDay.pool_id == house.room.pool_id, StockDay.taken > 0
            )
        )
        return {row.day: row.taken for row in rows}


def block_ids(house: House) -> list[str]:
    with house.services.database.read() as session:
        return list(
            session.scalars(
                sa.select(Claim.holder).where(
                    Claim.kind == ClaimKind.BLOCK, Claim.pool_id == house.room.pool_id
                )
            )
        )


class TestBlock:
    def test_the_last_night_counts(self, operator: Browser, house: House) -> None:
        page = block(operator, house)
        assert "热水管维修" in page
        assert f"{FIRST} 到 {LAST}（含最后一晚）" in page
        with house.services.database.read() as session:
            found = session.scalar(
                sa.select(AuditEntry.detail).where(AuditEntry.action == "rooms.blocked")
            )
        assert found is not None
        assert (found["first"], found["last"]) == (FIRST.isoformat(), LAST.isoformat())
        assert taken(house) == {FIRST: 1, FIRST + DAY: 1, LAST: 1}

    def test_the_same_form_sent_twice_blocks_once(self, operator: Browser, house: House) -> None:
        operator.open("/operator/blocks")
        found = re.search(r'name="form_id" value="(\w+)"', operator.page)
        assert found
        for _ in range(2):
            operator.send("/operator/blocks", **form(house, form_id=found[1]))
        assert set(taken(house).values()) == {1}
        block(operator, house, form_id="e" * 32)
        assert set(taken(house).values()) == {2}

    def test_only_free_rooms(self, operator: Browser, house: House) -> None:
        house.booked(arrive=LAST, nights=1)
        page = block(operator, house, expect=409, units="2")
        assert "空房不够" in page
        assert 'value="热水管维修"' in page
        assert taken(house) == {LAST: 1}

    def test_faults_are_named(self, operator: Browser, house: House) -> None:
        page = block(operator, house, expect=422, first=TODAY - DAY, last="", units="0", reason=" ")
        for name in ("first", "last", "units", "reason"):
            assert f'href="#f-{name}"' in page
        assert taken(house) == {}

    @pytest.mark.parametrize(
        ("reason", "told"),
        [("修" * 201, "太长了，最多 200 个字"), ("修\ue001", "有一个字别的电脑显示不出来")],
    )
    def test_a_reason_is_kept_whole_or_refused(
        self, operator: Browser, house: House, reason: str, told: str
    ) -> None:
        page = block(operator, house, expect=422, reason=reason)
        assert told in page
        assert reason in page
        assert taken(house) == {}

    def test_not_somebody_elses_rooms(
        self, operator: Browser, house: House, neighbour: House
    ) -> None:
        block(operator, neighbour, expect=404)
        assert taken(neighbour) == taken(house) == {}


class TestUnblock:
    def test_the_rooms_are_on_sale_again_and_twice_is_once(
        self, operator: Browser, house: House
    ) -> None:
        block(operator, house)
        [block_id] = block_ids(house)
        assert "重新出售" in operator.send(f"/operator/blocks/{block_id}/release")
        assert taken(house) == {}
        assert "已经解开过" in operator.send(f"/operator/blocks/{block_id}/release")
        assert taken(house) == {}

    def test_not_somebody_elses_block_nor_a_booking(
        self, operator: Browser, house: House, neighbour: House, office: Browser
    ) -> None:
        booking_id = house.booked(arrive=FIRST, nights=1)
        operator.open("/operator/blocks")
        operator.send(f"/operator/blocks/{booking_id}/release", expect=404)
        office.open("/office/")
        office.send(f"/operator/blocks/{booking_id}/release", expect=403)
        assert taken(house) == {FIRST: 1}
        assert taken(neighbour) == {}

    def test_places_of_an_activity_are_no_rooms(self, operator: Browser, house: House) -> None:
        block_id = "c" * 32
        with house.services.database.write() as session:
            slot = make_slot(session, enterprise_id=house.room.enterprise_id)
            want = Want(slot.pool_id, Stay.of(FIRST, 1), 3)
            service.take(session, wants=[want], kind=ClaimKind.BLOCK, holder=block_id, now=NOW)
        assert block_id not in operator.open("/operator/blocks")
        operator.send(f"/operator/blocks/{block_id}/release", expect=404)
