"""Suspending an enterprise and letting it sell again."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from catalog.models import Enterprise
from catalog.sale import NotBookable
from marketplace.booking.states import BookingState
from marketplace.kernel.audit_queries import TrailEntry, entries_for
from marketplace.kernel.ids import group_code
from tests.support.app import BOTH
from tests.support.staff import Browser, House

pytestmark = pytest.mark.parametrize("database_kind", BOTH)
REASON = "消防检查没有通过，限期整改"


def entry_url(house: House) -> str:
    with house.services.database.read() as session:
        code = session.scalar(
            sa.select(Enterprise.code).where(Enterprise.id == house.room.enterprise_id)
        )
    return f"/office/enterprises/{code}"


def story(house: House) -> list[TrailEntry]:
    with house.services.database.read() as session:
        return entries_for(session, subject=("enterprise", house.room.enterprise_id))


class TestSuspend:
    def test_what_it_stops_and_what_stays_is_said_before(
        self, office: Browser, house: House
    ) -> None:
        booking_id = house.booked(phone="13912345678")
        page = office.open(f"{entry_url(house)}/suspend")
        assert "1 个产品马上停止出售" in page
        assert "1 个有效订单保留" in page
        assert group_code(house.code(booking_id)) in page
        assert "王秀英" not in page
        assert "13912345678" not in page

    def test_a_reason_is_asked_for(self, office: Browser, house: House) -> None:
        url = f"{entry_url(house)}/suspend"
        office.open(url)
        assert "请写明暂停的原因" in office.send(url, expect=422, reason="  ")
        assert story(house) == []

    @pytest.mark.parametrize(
        ("reason", "told"),
        [
            ("检" * 301, "太长了，最多 300 个字"),
            ("卫生检查\ue000没有过", "有一个字别的电脑显示不出来"),
        ],
    )
    def test_a_reason_is_kept_whole_or_refused(
        self, office: Browser, house: House, reason: str, told: str
    ) -> None:
        for way in ("suspend", "delist"):
            url = f"{entry_url(house)}/{way}"
            office.open(url)
            page = office.send(url, expect=422, reason=reason)
            assert told in page
            assert reason in page
        assert story(house) == []

    def test_sales_stop_and_bookings_stay(self, office: Browser, house: House) -> None:
        booking_id = house.booked()
        url = f"{entry_url(house)}/suspend"
        office.open(url)
        page = office.send(url, reason=REASON)
        assert "已暂停" in page
        assert REASON in page
        assert group_code(house.code(booking_id)) in page
        assert house.desk.booking(booking_id).state is BookingState.CONFIRMED
        with pytest.raises(NotBookable):
            house.desk.hold(phone="13900000009")
        [decided] = story(house)
        assert (decided.action, decided.detail["reason"]) == ("enterprise.suspended", REASON)
        assert decided.actor.kind == "staff"

    def test_its_page_says_so_and_its_place_in_the_search_is_gone_at_once(
        self, office: Browser, browser: Browser, house: House
    ) -> None:
        listing = f"/listings/{house.room.listing_id}"
        assert browser.client.get(listing).status_code == 200
        url = f"{entry_url(house)}/suspend"
        office.open(url)
        office.send(url, reason=REASON)
        page = browser.open(listing)
        assert "暂停接待" in page
        assert "noindex" in page

    def test_decided_twice_it_is_noted_once(self, office: Browser, house: House) -> None:
        url = f"{entry_url(house)}/suspend"
        office.open(url)
        office.send(url, reason=REASON)
        assert "没有重复办理" in office.send(url, reason="另一个原因")
        assert len(story(house)) == 1


class TestReinstate:
    def test_it_sells_again(self, office: Browser, house: House) -> None:
        url = entry_url(house)
        office.open(f"{url}/suspend")
        office.send(f"{url}/suspend", reason=REASON)
        assert REASON in office.open(f"{url}/reinstate")
        assert "已恢复" in office.send(f"{url}/reinstate")
        assert "没有重复办理" in office.send(f"{url}/reinstate")
        house.desk.hold()
        assert [entry.action for entry in story(house)] == [
            "enterprise.suspended",
            "enterprise.reinstated",
        ]


class TestList:
    def test_by_words_kind_and_status(self, office: Browser, house: House) -> None:
        url = entry_url(house)
        assert url not in office.open("/office/")
        assert url in office.open("/office/?kind=sample")
        assert url in office.open("/office/?kind=sample&q=森林")
        assert url in office.open(f"/office/?kind=sample&q={url.rpartition('/')[2].lower()}")
        for nothing in ("q=不存在的", "q=%25", "q=_", "status=suspended"):
            assert url not in office.open(f"/office/?kind=sample&{nothing}")
        office.open(f"{url}/suspend")
        office.send(f"{url}/suspend", reason=REASON)
        assert url in office.open("/office/?kind=sample&status=suspended")
        assert url not in office.open("/office/?kind=sample&status=listed&page=9")

    def test_an_entry_that_does_not_exist(self, office: Browser) -> None:
        office.open("/office/enterprises/JL999", expect=404)
        office.open("/office/enterprises/JL999/suspend", expect=404)
