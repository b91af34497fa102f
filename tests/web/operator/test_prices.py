"""Prices edited in the console: sections, the example, the difference, versions."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
import sqlalchemy as sa

from marketplace.kernel.audit import SYSTEM
from marketplace.kernel.audit_queries import entries_for
from marketplace.operations import tariffs
from marketplace.pricing.models import NightRate, Restriction, Tariff
from marketplace.pricing.nights.restrictions import DayRule
from marketplace.pricing.nights.terms import Terms, read_terms
from marketplace.pricing.service import set_restrictions
from tests.factories import TODAY
from tests.support.app import BOTH
from tests.support.staff import Browser, House

DAY = dt.timedelta(days=1)
FIELD = re.compile(r'<input[^>]*name="([\w-]+)"[^>]*?value="([^"]*)"', re.DOTALL)
CHOICE = re.compile(r'<select[^>]*name="([\w-]+)"[^>]*>(.*?)</select>', re.DOTALL)
CHOSEN = re.compile(r'value="([^"]*)"[^>]* selected')


def fields(page: str) -> dict[str, str]:
    """Return what a browser would send of the form on the page."""
    form = page.split("<main")[1]
    found = dict(FIELD.findall(form))
    for name, options in CHOICE.findall(form):
        chosen = CHOSEN.search(options)
        found[name] = chosen[1] if chosen else ""
    found.pop("csrf_token", None)
    found.pop("do", None)
    return found


def url(house: House, more: str = "") -> str:
    return f"/operator/prices/{house.room.room_type_id}{more}"


def press(operator: Browser, house: House, do: str, *, expect: int = 200, **changes: Any) -> str:
    return operator.send(
        url(house), expect=expect, do=do, **{**fields(operator.page), **named(changes)}
    )


def named(changes: dict[str, Any]) -> dict[str, Any]:
    return {name.replace("__", "-"): value for name, value in changes.items()}


def save(operator: Browser, house: House, *, expect: int = 303) -> str:
    assert "保存为新的一版" in operator.page
    return operator.send(url(house, "/save"), expect=expect, **fields(operator.page))


def terms(house: House) -> Terms:
    with house.services.database.read() as session:
        text = session.scalar(
            sa.select(Tariff.terms).where(
                Tariff.room_type_id == house.room.room_type_id, Tariff.replaced_at.is_(None)
            )
        )
    return read_terms(text) if text else Terms()


def versions(house: House) -> int:
    with house.services.database.read() as session:
        return (
            session.scalar(
                sa.select(sa.func.count())
                .select_from(Tariff)
                .where(Tariff.room_type_id == house.room.room_type_id)
            )
            or 0
        )


def with_tier(operator: Browser, house: House, nights: str = "45", percent: str = "20") -> str:
    """Open the tariff, add a long-stay discount and look at the difference."""
    operator.open(url(house))
    page = press(operator, house, "add:tier")
    row = re.search(r'name="(tier-\d+)-nights" type="text" value=""', page)
    assert row
    cells = {f"{row[1]}-nights": nights, f"{row[1]}-percent": percent}
    return press(operator, house, "check", **cells)


@pytest.mark.parametrize("database_kind", BOTH)
class TestSave:
    def test_a_new_version_is_saved_after_its_difference(
        self, operator: Browser, house: House
    ) -> None:
        before = versions(house)
        page = with_tier(operator, house)
        assert "长住优惠：满几晚 45，百分比 20" in page
        assert "还没有保存" in page
        assert versions(house) == before
        assert "价目存好了" in save(operator, house)
        assert [(tier.min_nights, tier.off_bp) for tier in terms(house).tiers][-1] == (45, 2000)
        assert versions(house) == before + 1
        assert f"现在用的是第 {before + 1} 版" in operator.page
        with house.services.database.read() as session:
            entry = entries_for(session, subject=("room_type", house.room.room_type_id))[-1]
        assert (entry.action, entry.actor.kind) == ("tariff.changed", "staff")
        assert ">front<" in operator.page

    def test_sent_twice_it_is_saved_once(self, operator: Browser, house: House) -> None:
        with_tier(operator, house)
        shown = operator.page
        save(operator, house)
        made = versions(house)
        operator.page = shown
        save(operator, house)
        assert versions(house) == made

    def test_a_stale_form_names_the_version_and_shows_the_new_difference(
        self, operator: Browser, house: House
    ) -> None:
        with_tier(operator, house, percent="20")
        old = operator.page
        with_tier(operator, house, nights="60", percent="30")
        save(operator, house)
        now = versions(house)
        operator.page = old
        page = save(operator, house, expect=409)
        assert f"您打开的是第 {now - 1} 版，现在已经是第 {now} 版" in page
        assert "满几晚 60" in page.split("去掉")[1]
        assert versions(house) == now
        save(operator, house)
        assert versions(house) == now + 1

    def test_what_was_sold_stays(self, operator: Browser, house: House) -> None:
        booking_id = house.booked(arrive=TODAY + 10 * DAY, nights=30)
        total = house.desk.booking(booking_id).total_fen
        with_tier(operator, house, percent="50")
        save(operator, house)
        assert house.desk.booking(booking_id).total_fen == total


class TestExample:
    def test_the_draft_stands_beside_what_counts_now(self, operator: Browser, house: House) -> None:
        before = versions(house)
        operator.open(url(house))
        page = press(operator, house, "add:tier", ex_nights="40", ex_adults="2")
        row = re.search(r'name="(tier-\d+)-nights" type="text" value=""', page)
        assert row
        page = press(
            operator, house, "try", **{f"{row[1]}-nights": "40", f"{row[1]}-percent": "50"}
        )
        now, draft = page.split("改了以后</h3>")
        assert "¥8,000" in now or "¥6,800" in now
        assert "¥4,000" in draft
        assert "住满40晚，便宜50%" in draft
        assert versions(house) == before

    def test_a_stay_that_is_refused_says_why(self, operator: Browser, house: House) -> None:
        operator.open(url(house))
        page = press(operator, house, "try", ex_nights="3", **{booking(operator): "200"})
        assert "这样住订不了" in page.split("改了以后</h3>")[1]
        assert "200天" in page.split("改了以后</h3>")[1]

    @pytest.mark.parametrize(
        ("name", "value", "message"),
        [
            ("ex_nights", "many", "请写 1 到 120 之间的晚数"),
            ("ex_arrive", "2020-01-01", "请写到店日期"),
            ("ex_ages", "8,99", "孩子的年龄要在 0 到 17 岁之间"),
            ("ex_rooms", "0", "请写几间房"),
            ("ex_beds", "x", "请写加几张床"),
        ],
    )
    def test_an_example_that_cannot_be_read_is_named_and_kept(
        self, operator: Browser, house: House, name: str, value: str, message: str
    ) -> None:
        operator.open(url(house))
        page = press(operator, house, "try", **{name: value})
        assert message in page
        assert f'value="{value}"' in page


def booking(operator: Browser) -> str:
    found = re.search(r'name="(booking-\d+-lead)"', operator.page)
    assert found
    return found[1]


class TestRefused:
    @pytest.mark.parametrize(
        ("kind", "cells", "message"),
        [
            (
                "season",
                {"first": "2027-07-01", "last": "2027-06-01", "price": "200"},
                "结束日期早于",
            ),
            ("season", {"first": "2027-07-01", "last": "2027-08-01", "price": "x"}, "看不懂"),
            ("season", {"first": "2027-07-01"}, "缺少“到哪天（含当天）”"),
            ("tier", {"nights": "500", "percent": "5"}, "长住优惠的晚数要在 2 到 120 之间"),
            ("tier", {"nights": "20", "percent": "0.1"}, "太小"),
            ("cancellation", {"days": "7", "percent": "20"}, "取消办法"),
            ("restriction", {"first": "2027-07-01", "nights": "9", "most_nights": "3"}, "最少晚数"),
            ("promotion", {"code": "A", "percent": "10"}, "中文名称"),
            ("child", {"age": "40", "price": "20"}, "儿童年龄段"),
        ],
    )
    def test_a_fault_is_named_by_its_row_and_nothing_typed_is_lost(
        self, operator: Browser, house: House, kind: str, cells: dict[str, str], message: str
    ) -> None:
        before = terms(house)
        page = operator.open(url(house))
        page = press(operator, house, f"add:{kind}")
        rows = re.findall(rf'name="({kind}-\d+)-rule"', page)
        given = {f"{rows[-1]}-{name}": text for name, text in cells.items()}
        page = press(operator, house, "check", expect=422, **given)
        assert message in page
        assert re.search(r"第 \d+ 条：", page)
        for text in cells.values():
            assert f'value="{text}"' in page
        assert terms(house) == before

    def test_somebody_elses_tariff_does_not_exist(
        self, operator: Browser, house: House, neighbour: House
    ) -> None:
        operator.open(url(neighbour), expect=404)
        operator.open(url(house))
        for more in ("", "/save"):
            operator.send(url(neighbour, more), expect=404, do="check", fingerprint="x")
        page = operator.open("/operator/prices")
        assert url(house) in page
        assert url(neighbour) not in page


class TestTooMany:
    def test_more_rules_than_fit_are_refused_and_none_is_lost(
        self, operator: Browser, house: House
    ) -> None:
        rules = {TODAY + n * DAY: DayRule(min_nights=1 + n % 50) for n in range(130)}
        with house.services.database.write() as session:
            set_restrictions(
                session,
                room_type_id=house.room.room_type_id,
                pool_id=house.room.pool_id,
                rules=rules,
                actor=SYSTEM,
                now=house.clock.now(),
            )
        before = asked(house)
        page = operator.open(url(house))
        assert "条数太多" in page
        assert "add:restriction" not in page
        for more in ("", "/save"):
            given = {**fields(page), "do": "check"}
            assert "条数太多" in operator.send(url(house, more), expect=422, **given)
        assert asked(house) == before

    @pytest.mark.parametrize("room", ["0", "99999999999999999999", "x"])
    def test_a_room_type_that_cannot_be(self, operator: Browser, room: str) -> None:
        operator.open(f"/operator/prices/{room}", expect=404)


class TestRows:
    def test_a_row_is_taken_out_without_a_script(self, operator: Browser, house: House) -> None:
        with_tier(operator, house)
        save(operator, house)
        tiers = len(terms(house).tiers)
        row = re.search(r'name="tier-(\d+)-rule"', operator.page)
        assert row
        page = press(operator, house, f"drop:{row[1]}")
        page = press(operator, house, "check")
        assert "去掉" in page
        save(operator, house)
        assert len(terms(house).tiers) == tiers - 1

    def test_back_to_the_form_keeps_what_was_typed(self, operator: Browser, house: House) -> None:
        with_tier(operator, house, percent="33")
        page = press(operator, house, "edit")
        assert 'value="33"' in page

    def test_restrictions_are_set_and_taken_away(self, operator: Browser, house: House) -> None:
        operator.open(url(house))
        page = press(operator, house, "add:restriction")
        row = re.findall(r'name="(restriction-\d+)-rule"', page)[-1]
        first, last = TODAY + 5 * DAY, TODAY + 7 * DAY
        press(
            operator,
            house,
            "check",
            **{f"{row}-first": first, f"{row}-last": last, f"{row}-nights": "4"},
        )
        save(operator, house)
        assert asked(house) == {first + n * DAY: 4 for n in range(3)}
        number = re.findall(r'name="restriction-(\d+)-rule"', operator.page)[-1]
        press(operator, house, f"drop:{number}")
        assert "3 天不再有限制" in press(operator, house, "check")
        save(operator, house)
        assert asked(house) == {}

    def test_a_season_writes_the_calendar_but_not_what_a_hand_set(
        self, operator: Browser, house: House
    ) -> None:
        operator.open(url(house))
        page = press(operator, house, "add:season")
        row = re.findall(r'name="(season-\d+)-rule"', page)[-1]
        beyond = TODAY + 300 * DAY
        page = press(
            operator,
            house,
            "check",
            **{f"{row}-first": TODAY, f"{row}-last": beyond, f"{row}-price": "３２８元"},
        )
        assert "在房态里单独定过价，保持不变" in page
        save(operator, house)
        with house.services.database.read() as session:
            rates = {
                rate.day: (rate.list_fen, rate.by_hand)
                for rate in session.scalars(
                    sa.select(NightRate).where(NightRate.room_type_id == house.room.room_type_id)
                )
            }
        assert rates[TODAY] == (20_000, True)
        assert rates[beyond] == (32_800, False)


def asked(house: House) -> dict[dt.date, int | None]:
    with house.services.database.read() as session:
        rows = session.scalars(
            sa.select(Restriction).where(Restriction.room_type_id == house.room.room_type_id)
        )
        return {row.day: row.min_nights for row in rows}


class TestVersions:
    def test_back_to_an_earlier_version(self, operator: Browser, house: House) -> None:
        with_tier(operator, house, percent="20")
        save(operator, house)
        first = terms(house)
        with house.services.database.read() as session:
            opened = tariffs.open_tariff(
                session,
                room_type_id=house.room.room_type_id,
                enterprise_id=house.room.enterprise_id,
                today=TODAY,
            )
        with_tier(operator, house, nights="60", percent="35")
        save(operator, house)
        link = url(house, f"?version={opened.versions[-1].id}")
        assert link in operator.page
        page = operator.open(link)
        assert f"这是第 {opened.number} 版的内容，还没有存" in page
        assert terms(house) != first
        press(operator, house, "check")
        save(operator, house)
        assert terms(house) == first
        assert versions(house) == opened.number + 2

    def test_no_version_of_another_tariff(
        self, operator: Browser, house: House, neighbour: House
    ) -> None:
        operator.open(url(house, "?version=99999"), expect=404)
