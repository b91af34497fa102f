"""The month grid and changing many days at once."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
import sqlalchemy as sa

from marketplace.inventory import calendar as stock_edits
from marketplace.inventory.models import StockDay
from marketplace.kernel.audit import Actor, ActorKind, AuditEntry
from marketplace.kernel.stay import Stay
from marketplace.kernel.unit_of_work import UnitOfWork
from marketplace.pricing.models import NightRate
from marketplace.pricing.nights.terms import Season, Terms
from marketplace.pricing.service import put_tariff
from tests.factories import TODAY
from tests.support.staff import Browser, House

DAY = dt.timedelta(days=1)
FIRST, LAST = TODAY + 10 * DAY, TODAY + 16 * DAY
STAFF = Actor(ActorKind.STAFF, "0")
HIDDEN = re.compile(r'type="hidden" name="(\w+)" value="([^"]*)"')


def form(house: House, **changes: Any) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "room": house.room.room_type_id, "first": FIRST, "last": LAST,
        "weekdays": list("0123456"), "capacity": "", "price": "", "state": "",
    }  # fmt: skip
    return {**fields, **changes}


def preview(operator: Browser, house: House, *, expect: int = 200, **changes: Any) -> str:
    operator.open("/operator/calendar/edit")
    return operator.send("/operator/calendar/edit", expect=expect, **form(house, **changes))


def save(operator: Browser, *, expect: int = 303) -> str:
    """Press the button of the difference that is on the screen."""
    fields = dict(HIDDEN.findall(operator.page))
    assert "fingerprint" in fields
    fields.pop("csrf_token")
    return operator.send("/operator/calendar/save", expect=expect, **fields)


def stock(house: House) -> dict[dt.date, tuple[int, bool]]:
    with house.services.database.read() as session:
        rows = session.execute(
            sa.select(StockDay.day, StockDay.capacity, StockDay.closed).where(
                StockDay.pool_id == house.room.pool_id
            )
        )
        return {row.day: (row.capacity, row.closed) for row in rows}


def prices(house: House) -> dict[dt.date, int]:
    with house.services.database.read() as session:
        rows = session.execute(
            sa.select(NightRate.day, NightRate.list_fen).where(
                NightRate.room_type_id == house.room.room_type_id
            )
        )
        return {row.day: row.list_fen for row in rows}


def actions(house: House) -> list[str]:
    with house.services.database.read() as session:
        return list(
            session.scalars(
                sa.select(AuditEntry.action)
                .where(AuditEntry.subject_kind.in_(["stock_pool", "room_type"]))
                .order_by(AuditEntry.id)
            )
        )


def block(house: House, day: dt.date, *, units: int) -> None:
    with house.services.database.write() as session:
        stock_edits.block(
            UnitOfWork(session, now=house.clock.now(), actor=STAFF, ids=house.services.ids),
            pool_id=house.room.pool_id,
            stay=Stay.of(day, 1),
            units=units,
            reason="维修",
        )


def tariff(house: House, *seasons: Season) -> None:
    with house.services.database.write() as session:
        put_tariff(
            session,
            room_type_id=house.room.room_type_id,
            pool_id=house.room.pool_id,
            terms=Terms(seasons=seasons),
            actor=STAFF,
            today=TODAY,
            now=house.clock.now(),
        )


class TestGrid:
    def test_31_days_from_today_over_the_months_end(
        self, operator: Browser, house: House, neighbour: House
    ) -> None:
        house.booked(arrive=TODAY + 3 * DAY, nights=1, rooms=2)
        house.clock.advance(days=2)
        operator.sign_in("front")
        page = operator.open("/operator/calendar")
        assert page.count('scope="col"') == 32
        assert page.count(">2/2<") == 30
        assert page.count(">0/2<") == 1
        assert ">6/3<" in page
        assert ">7/3<" in page
        assert ">6/2<" not in page
        assert f"room={neighbour.room.room_type_id}&" not in page

    def test_a_month_is_picked_without_a_script(self, operator: Browser) -> None:
        page = operator.open("/operator/calendar?month=2027-08")
        assert ">8/1<" in page
        assert ">8/31<" in page
        assert "month=2027-07" in page
        assert "month=2027-09" in page
        assert '<option value="2027-08" selected>2027年8月</option>' in page
        assert '<option value="2028-12">' in page

    def test_a_month_that_is_over_can_be_looked_at_only(self, operator: Browser) -> None:
        page = operator.open("/operator/calendar?month=2027-05")
        assert ">5/1<" in page
        assert "first=2027-05-01" not in page

    def test_blocked_is_neither_closed_nor_sold_out(self, operator: Browser, house: House) -> None:
        block(house, FIRST, units=2)
        block(house, FIRST + DAY, units=1)
        house.booked(arrive=FIRST + 2 * DAY, nights=1, rooms=2)
        preview(operator, house, first=FIRST + 3 * DAY, last=FIRST + 3 * DAY, state="close")
        save(operator)
        page = operator.open("/operator/calendar")
        cells = {
            day: page.split(f"first={day}&")[1].split("</a>")[0]
            for day in (FIRST + n * DAY for n in range(4))
        }
        whole, part, full, closed = cells.values()
        assert ">锁/2<" in whole
        assert "都锁着" in whole
        assert "已订" not in whole
        assert ">1/2<" in part
        assert "锁着 1 间" in part
        assert ">0/2<" in full
        assert "已满" in full
        assert "已订 2 间" in full
        assert ">关/2<" in closed
        assert (page.count('class="is-blocked"'), page.count('class="is-full"')) == (1, 1)
        assert "都锁着" not in operator.open("/operator/")

    def test_a_room_that_is_blocked_tonight_is_not_full(
        self, operator: Browser, house: House
    ) -> None:
        block(house, TODAY, units=2)
        page = operator.open("/operator/")
        assert "都锁着" in page
        assert "已满" not in page

    def test_a_month_that_is_not_open_yet(self, operator: Browser) -> None:
        page = operator.open("/operator/calendar?month=2029-02")
        assert "还没有开放" in page

    @pytest.mark.parametrize("month", ["nonsense", "9999-12", "0001-01", "2027-13"])
    def test_a_month_that_cannot_be_read_is_this_one(self, operator: Browser, month: str) -> None:
        assert "2027年6月1日" in operator.open(f"/operator/calendar?month={month}")


class TestEdit:
    def test_the_difference_first_then_everything_at_once(
        self, operator: Browser, house: House
    ) -> None:
        page = preview(operator, house, capacity="5", price="268.50", weekdays=["5", "6"])
        weekend = [FIRST + n * DAY for n in range(7) if (FIRST + n * DAY).weekday() >= 5]
        assert len(weekend) == 2
        assert "2 天会改动" in page
        assert page.count("<strong>¥268.50</strong>") == 2
        assert prices(house)[weekend[0]] == 20_000
        assert "改好了" in save(operator)
        for day, (capacity, _) in stock(house).items():
            assert capacity == (5 if day in weekend else 2)
            assert prices(house)[day] == (26_850 if day in weekend else 20_000)
        assert actions(house) == ["calendar.changed", "price.changed"]

    def test_closing_and_opening(self, operator: Browser, house: House) -> None:
        preview(operator, house, state="close")
        save(operator)
        assert stock(house)[FIRST] == (2, True)
        assert stock(house)[LAST + DAY] == (2, False)
        preview(operator, house, state="open")
        save(operator)
        assert stock(house)[FIRST] == (2, False)

    def test_a_price_alone_leaves_the_rooms(self, operator: Browser, house: House) -> None:
        preview(operator, house, price="1,180")
        save(operator)
        assert prices(house)[FIRST] == 118_000
        assert actions(house) == ["price.changed"]

    def test_what_changes_nothing_says_so(self, operator: Browser, house: House) -> None:
        page = preview(operator, house, capacity="2")
        assert "没有变化" in page
        assert "fingerprint" not in page

    @pytest.mark.parametrize(("price", "warned"), [("50", True), ("50.01", False), ("349", False),
                                                   ("350", True)])  # fmt: skip
    def test_a_price_far_from_the_months_median_is_pointed_out(
        self, operator: Browser, house: House, price: str, warned: bool
    ) -> None:
        assert ("价格和平时差很多" in preview(operator, house, price=price)) is warned

    @pytest.mark.parametrize(
        ("changes", "message"),
        [
            ({"first": ""}, "请写开始日期"),
            ({"first": TODAY - DAY}, "过去的日子不能改"),
            ({"last": FIRST - DAY}, "结束日期要在开始日期当天或之后"),
            ({"last": FIRST + 400 * DAY}, "最长 400 天"),
            ({"weekdays": []}, "请至少选一个星期几"),
            ({"capacity": "many"}, "房间数要在 0 到 2000 之间"),
            ({"capacity": "-1"}, "房间数要在 0 到 2000 之间"),
            ({"price": "0.5"}, "价格要在 1 元到 100,000 元之间"),
            ({"price": "12.345"}, "价格要在 1 元到 100,000 元之间"),
            ({}, "请至少改一样"),
        ],
    )
    def test_a_fault_is_named_and_nothing_typed_is_lost(
        self, operator: Browser, house: House, changes: dict[str, Any], message: str
    ) -> None:
        wanted = {"capacity": "7", "price": "199"} if changes else {}
        page = preview(operator, house, expect=422, **{**wanted, **changes})
        assert "data-error-summary" in page
        assert message in page
        for typed in {**wanted, **changes}.values():
            assert isinstance(typed, list) or f'value="{typed}"' in page

    def test_days_that_are_not_on_the_calendar(self, operator: Browser, house: House) -> None:
        beyond = TODAY + 300 * DAY
        page = preview(operator, house, expect=422, first=beyond, last=beyond, capacity="3")
        assert "没有可以修改的日子" in page
        partly = preview(operator, house, last=TODAY + 121 * DAY, capacity="3")
        assert "有 2 天还没有开放" in partly


class TestBackToTheTariff:
    def test_it_shows_what_it_will_be_and_then_gives_it_back(
        self, operator: Browser, house: House
    ) -> None:
        tariff(house, Season(FIRST, LAST + 30 * DAY, 26_000))
        page = preview(operator, house, last=FIRST + DAY, tariff="1")
        assert page.count("<strong>¥260</strong>") == 2
        assert page.count("按价目表") == 2
        assert "改好了" in save(operator)
        assert prices(house)[FIRST] == 26_000
        assert prices(house)[FIRST + 2 * DAY] == 20_000
        assert f"first={FIRST}&" in operator.page
        cell = operator.page.split(f"first={FIRST}&")[1].split("</a>")[0]
        assert "单独定的价" not in cell
        assert "单独定的价" in operator.page
        tariff(house, Season(FIRST, LAST + 30 * DAY, 30_000))
        assert prices(house)[FIRST] == 30_000

    def test_the_same_price_is_given_back_too(self, operator: Browser, house: House) -> None:
        tariff(house, Season(FIRST, LAST, 20_000))
        preview(operator, house, tariff="1")
        save(operator)
        tariff(house, Season(FIRST, LAST, 21_000))
        assert prices(house)[LAST] == 21_000

    def test_days_that_the_tariff_does_not_price_are_told(
        self, operator: Browser, house: House
    ) -> None:
        page = preview(operator, house, last=FIRST + DAY, tariff="1")
        assert "有 2 天在价目表里没有价格" in page
        save(operator)
        assert FIRST not in prices(house)

    def test_a_price_and_the_tariff_at_once(self, operator: Browser, house: House) -> None:
        page = preview(operator, house, expect=422, tariff="1", price="300")
        assert "只能选一样" in page
        assert 'value="300"' in page
        assert 'name="tariff" id="f-tariff" value="1" checked' in page

    def test_another_tariff_in_between_is_shown_first(
        self, operator: Browser, house: House
    ) -> None:
        tariff(house, Season(FIRST, LAST, 26_000))
        preview(operator, house, tariff="1")
        tariff(house, Season(FIRST, LAST, 27_000))
        page = save(operator, expect=409)
        assert "又被改过" in page
        assert "<strong>¥270</strong>" in page
        assert prices(house)[FIRST] == 20_000

    def test_sent_twice_it_is_done_once(self, operator: Browser, house: House) -> None:
        tariff(house, Season(FIRST, LAST, 26_000))
        preview(operator, house, tariff="1")
        shown = operator.page
        save(operator)
        operator.page = shown
        save(operator)
        assert actions(house) == ["tariff.changed", "price.changed"]


class TestBelowCommitted:
    def test_the_difference_names_the_days_and_keeps_the_form(
        self, operator: Browser, house: House
    ) -> None:
        house.booked(arrive=FIRST + DAY, nights=2)
        page = preview(operator, house, expect=409, capacity="0", price="199")
        for day in (FIRST + DAY, FIRST + 2 * DAY):
            assert day.isoformat() in page
        assert 'value="199"' in page
        assert 'value="0"' in page

    def test_a_booking_between_look_and_save_refuses_all_of_it(
        self, operator: Browser, house: House
    ) -> None:
        preview(operator, house, capacity="0", price="199")
        house.booked(arrive=FIRST + DAY, nights=1)
        page = save(operator, expect=409)
        assert (FIRST + DAY).isoformat() in page
        assert stock(house)[FIRST] == (2, False)
        assert prices(house)[FIRST] == 20_000
        assert actions(house) == []


class TestStale:
    def test_nobody_overwrites_what_they_have_not_seen(
        self, operator: Browser, house: House
    ) -> None:
        preview(operator, house, capacity="5")
        old = operator.page
        preview(operator, house, price="300")
        save(operator)
        operator.page = old
        page = save(operator, expect=409)
        assert "又被改过" in page
        assert "¥300" in page
        assert stock(house)[FIRST] == (2, False)
        save(operator)
        assert stock(house)[FIRST] == (5, False)

    def test_sent_twice_it_is_done_once(self, operator: Browser, house: House) -> None:
        preview(operator, house, capacity="5", price="300")
        shown = operator.page
        save(operator)
        operator.page = shown
        assert "改好了" in save(operator)
        assert actions(house) == ["calendar.changed", "price.changed"]

    def test_an_invented_fingerprint_saves_nothing(self, operator: Browser, house: House) -> None:
        preview(operator, house, capacity="5")
        operator.send(
            "/operator/calendar/save",
            expect=409,
            fingerprint="0" * 32,
            **form(house, capacity="5"),
        )
        assert stock(house)[FIRST] == (2, False)


class TestIsolation:
    def test_somebody_elses_rooms_do_not_exist(
        self, operator: Browser, house: House, neighbour: House
    ) -> None:
        wanted = form(neighbour, capacity="9")
        operator.open("/operator/calendar/edit")
        operator.send("/operator/calendar/edit", expect=404, **wanted)
        operator.send("/operator/calendar/save", expect=404, fingerprint="x", **wanted)
        assert stock(neighbour)[FIRST] == (2, False)
        assert house.room != neighbour.room
