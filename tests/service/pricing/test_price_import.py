"""Price files against a database: all or nothing, audited, and again changes nothing."""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import dataclass

import openpyxl
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, assume, given, settings
from sqlalchemy.orm import Session

from catalog.bulk.reasons import FileRefused
from catalog.models import RoomType
from marketplace.kernel import changes
from marketplace.kernel.audit import Actor, AuditEntry
from marketplace.kernel.clock import SetClock
from marketplace.kernel.db import Database
from marketplace.kernel.errors import Invalid
from marketplace.operations import prices as operations
from marketplace.operations.prices import PriceFileRefused
from marketplace.pricing import queries
from marketplace.pricing.files.comparing import Change
from marketplace.pricing.files.writing import as_csv, as_xlsx
from marketplace.pricing.models import NightRate, Restriction, Tariff
from marketplace.pricing.nights.restrictions import DayRule
from marketplace.pricing.nights.terms import Occupancy, Terms, Tier, faults_of
from marketplace.pricing.service import put_tariff
from tests.factories import NOW, TODAY, Room, make_enterprise, make_listing, make_room
from tests.support.price_file import csv_of, full_terms

CLERK = Actor("staff", "cli")
TOMORROW = TODAY + dt.timedelta(1)
SUMMER = """
    rule,room,first,last,weekdays,price,nights,percent,month,count
    season,A1,2027-10-01,2027-10-31,,180,,,,
    season,A1,2027-10-01,2027-10-31,56,210,,,,
    tier,A1;A2,,,,,30,15,,
    month,A1,,,,4200,,,2027-10,
    night,A2,2027-06-05,2027-06-06,,250,,,,
    restriction,A2,2027-06-05,2027-06-06,,,3,,,
"""


@dataclass(frozen=True)
class Shop:
    """Two enterprises: the first has rooms A1 and A2, the other B1; 200 yuan for 120 nights."""

    database: Database
    clock: SetClock
    rooms: dict[str, Room]

    def bring_in(
        self,
        content: str | bytes,
        *,
        enterprise: str | None = None,
        apply: bool = True,
        said: str = "",
    ) -> dict[str, Change]:
        found = operations.bring_in(
            self.database,
            content=csv_of(content) if isinstance(content, str) else content,
            said=said,
            enterprise=enterprise,
            apply=apply,
            actor=CLERK,
            clock=self.clock,
        )
        return {change.room: change for change in found}

    def refusal(self, content: str, *, enterprise: str | None = None) -> list[tuple[int, str]]:
        before = self.all_rows()
        with pytest.raises(PriceFileRefused) as refused:
            self.bring_in(content, enterprise=enterprise)
        assert self.all_rows() == before
        return [(fault.row, str(fault)) for fault in refused.value.faults]

    def hand_out(self, *, enterprise: str | None = None, listing: str | None = None) -> bytes:
        with self.database.read() as session:
            return as_csv(
                operations.hand_out(
                    session, enterprise=enterprise, listing=listing, now=self.clock.now()
                )
            )

    def terms(self, room: str) -> Terms:
        key = self.rooms[room].room_type_id
        with self.database.read() as session:
            return queries.tariffs(session, room_type_ids=[key])[key][1]

    def rate(self, room: str, day: dt.date) -> tuple[int, bool] | None:
        with self.database.read() as session:
            found = session.get(NightRate, (self.rooms[room].room_type_id, day))
            return (found.list_fen, found.by_hand) if found else None

    def all_rows(self) -> list[int]:
        """How many rows there are of everything that an import writes."""
        with self.database.read() as session:
            return [
                session.scalar(sa.select(sa.func.count()).select_from(model)) or 0
                for model in (Tariff, NightRate, Restriction, AuditEntry, changes.Change)
            ]


@pytest.fixture
def shop(database: Database) -> Shop:
    with database.write() as session:
        return Shop(database, SetClock(NOW), made(session))


def made(session: Session) -> dict[str, Room]:
    rooms = {}
    for enterprise, codes in (("AAA", ("A1", "A2")), ("BBB", ("B1",))):
        owner = make_enterprise(session, code=enterprise)
        listing = make_listing(session, enterprise_id=owner, code=f"{enterprise}L")
        for code in codes:
            rooms[code] = make_room(session, listing_id=listing, code=code)
    return rooms


class TestImport:
    def test_a_preview_says_what_would_change_and_changes_nothing(self, shop: Shop) -> None:
        before = shop.all_rows()
        found = shop.bring_in(SUMMER, apply=False)
        assert shop.all_rows() == before
        assert found["A1"].new == (
            "season first=2027-10-01 last=2027-10-31 price=180",
            "season first=2027-10-01 last=2027-10-31 weekdays=56 price=210",
            "month nights=30 month=2027-10 price=4200",
        )
        assert found["A1"].unchanged == 3
        assert (found["A2"].nights, found["A2"].dates, found["A2"].new) == (2, 2, ())

    def test_applied_it_stands_in_tariff_calendar_and_restrictions(self, shop: Shop) -> None:
        shop.bring_in(SUMMER)
        assert shop.terms("A1").months[0].month_fen == 420_000
        assert shop.rate("A1", dt.date(2027, 10, 7)) == (18_000, False)
        assert shop.rate("A1", dt.date(2027, 10, 8)) == (21_000, False)
        assert shop.rate("A2", dt.date(2027, 6, 5)) == (25_000, True)
        with shop.database.read() as session:
            key = shop.rooms["A2"].room_type_id
            rule = session.get_one(Restriction, (key, dt.date(2027, 6, 5)))
            noted = session.execute(
                sa.select(AuditEntry.action, AuditEntry.actor_kind, AuditEntry.actor_id)
            ).all()
        assert rule.min_nights == 3
        assert sorted(map(tuple, noted)) == [
            (action, CLERK.kind, CLERK.id)
            for action in ("price.changed", "restriction.changed", "tariff.changed")
        ]

    def test_again_changes_nothing(self, shop: Shop) -> None:
        shop.bring_in(SUMMER)
        before = shop.all_rows()
        again = shop.bring_in(SUMMER)
        assert all(change.nothing for change in again.values())
        assert shop.all_rows() == before

    def test_rules_left_out_are_gone_and_other_rooms_stay(self, shop: Shop) -> None:
        shop.bring_in(SUMMER)
        found = shop.bring_in("rule,room,count\nincluded,A1,2")
        assert list(found) == ["A1"]
        assert len(found["A1"].gone) == 4
        assert shop.terms("A1") == Terms()
        # Nights that only a season of the tariff before had priced are not on sale any more.
        assert shop.rate("A1", dt.date(2027, 10, 7)) is None
        assert shop.terms("A2").tiers == (Tier(30, 1_500),)

    def test_an_empty_row_takes_restrictions_off_those_dates_alone(self, shop: Shop) -> None:
        shop.bring_in(SUMMER)
        found = shop.bring_in("rule,room,first\nrestriction,A2,2027-06-05")
        assert found["A2"].dates == 1
        with shop.database.read() as session:
            days = session.scalars(sa.select(Restriction.day)).all()
        assert days == [dt.date(2027, 6, 6)]
        assert shop.terms("A2").tiers == (Tier(30, 1_500),)

    def test_nights_set_by_hand_keep_their_price_until_they_are_given_back(
        self, shop: Shop
    ) -> None:
        season = "rule,room,first,last,price\nseason,A1,2027-06-10,2027-06-12,300"
        assert shop.bring_in(season)["A1"].by_hand == 3
        assert shop.rate("A1", dt.date(2027, 6, 11)) == (20_000, True)
        given_back = "rule,room,first,last\nnight,A1,2027-06-11,2027-06-13"
        assert shop.bring_in(given_back)["A1"].freed == 3
        assert shop.rate("A1", dt.date(2027, 6, 10)) == (20_000, True)
        assert shop.rate("A1", dt.date(2027, 6, 11)) == (30_000, False)
        assert shop.rate("A1", dt.date(2027, 6, 13)) is None
        assert shop.bring_in(given_back)["A1"].nothing

    def test_every_room_of_an_enterprise(self, shop: Shop) -> None:
        found = shop.bring_in("rule,room,count\nincluded,*,3", enterprise="AAA")
        assert list(found) == ["A1", "A2"]
        assert shop.terms("A2").occupancy == Occupancy(included=3)
        assert shop.terms("B1").occupancy == Occupancy()

    def test_a_single_guest_is_spared_more_together_with_a_higher_price_and_less_again(
        self, shop: Shop
    ) -> None:
        with shop.database.write() as session:
            session.execute(sa.update(NightRate).values(list_fen=5_000))
        days = "2027-06-01,2027-10-01"
        higher = f"rule,room,first,last,price\nsingle_use,A1,,,50\nnight,A1,{days},200"
        shop.bring_in(higher)
        lower = f"rule,room,first,last,price\nsingle_use,A1,,,20\nnight,A1,{days},60"
        shop.bring_in(lower)
        assert shop.terms("A1").occupancy.single_off_fen == 2_000
        assert shop.rate("A1", TODAY) == (6_000, True)


class TestRefusals:
    def test_one_bad_row_and_nothing_of_the_file_is_used(self, shop: Shop) -> None:
        ((number, said),) = shop.refusal(f"{SUMMER.rstrip()}\ntier,A9,,,,,7,5,,")
        assert number == 8
        assert "A9" in said

    def test_what_only_the_calendar_shows_is_told_by_the_room(self, shop: Shop) -> None:
        text = "rule,room,price,count\nincluded,A2,,3\nsingle_use,A1,101,"
        assert shop.refusal(text) == [
            (3, "房型 A1：价目不能用：一人住的减价不能超过最低房价的一半")
        ]

    def test_a_price_below_what_a_single_guest_is_spared(self, shop: Shop) -> None:
        shop.bring_in("rule,room,price\nsingle_use,A1,90")
        ((number, said),) = shop.refusal("rule,room,first,price\nnight,A1,2027-06-05,100")
        assert (number, "一人住的减价" in said) == (2, True)

    def test_rooms_of_another_enterprise(self, shop: Shop) -> None:
        text = "rule,room,count\nincluded,A1,3\nincluded,B1,3"
        assert shop.refusal(text, enterprise="AAA") == [(3, "房型“B1”不是这家企业的")]
        assert list(shop.bring_in(text)) == ["A1", "B1"]

    def test_an_enterprise_that_is_not_there(self, shop: Shop) -> None:
        with pytest.raises(Invalid):
            shop.bring_in("rule,room,count\nincluded,A1,3", enterprise="ZZZ")

    def test_a_room_without_stock_is_none_that_could_be_sold(self, shop: Shop) -> None:
        with shop.database.write() as session:
            session.add(
                RoomType(
                    listing_id=shop.rooms["A1"].listing_id,
                    code="A3",
                    name_zh="阁楼",
                    max_adults=1,
                    max_guests=1,
                )
            )
        assert "A3" in shop.refusal("rule,room,count\nincluded,A3,3")[0][1]


class TestExport:
    def test_what_is_handed_out_comes_in_again_without_a_change(self, shop: Shop) -> None:
        shop.bring_in(SUMMER)
        for content in (shop.hand_out(enterprise="AAA"), shop.hand_out(listing="AAAL")):
            found = shop.bring_in(content, enterprise="AAA")
            assert list(found) == ["A1", "A2"]
            assert all(change.nothing for change in found.values())

    def test_of_nothing_in_particular_or_of_nothing_at_all(self, shop: Shop) -> None:
        for wish in ({}, {"enterprise": "ZZZ"}, {"enterprise": "AAA", "listing": "BBBL"}):
            with pytest.raises(Invalid):
                shop.hand_out(**wish)

    # One shop for all examples: each replaces the tariff of the one before.
    @settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(terms=full_terms())
    def test_any_tariff_goes_out_and_comes_in_unchanged(self, shop: Shop, terms: Terms) -> None:
        assume(faults_of(terms, lowest_night_fen=10_000) == [])
        with shop.database.write() as session:
            put_tariff(
                session,
                room_type_id=shop.rooms["A1"].room_type_id,
                pool_id=shop.rooms["A1"].pool_id,
                terms=terms,
                actor=CLERK,
                today=TODAY,
                now=NOW,
            )
            rows = operations.hand_out(session, enterprise="AAA", listing=None, now=NOW)
        before = shop.all_rows()
        for content in (as_csv(rows), as_xlsx(rows)):
            assert all(change.nothing for change in shop.bring_in(content).values())
        assert shop.all_rows() == before

    def test_restrictions_and_prices_of_days_that_are_over_are_not_in_it(self, shop: Shop) -> None:
        shop.bring_in(SUMMER)
        shop.clock.advance(days=5)
        text = shop.hand_out(enterprise="AAA").decode()
        assert "2027-06-05" not in text
        assert "restriction,A2,2027-06-06,2027-06-06" in text


def test_show_tells_the_rules_and_one_date(shop: Shop) -> None:
    shop.bring_in(SUMMER)
    with shop.database.read() as session:
        set_by_hand = operations.show(session, room="A2", day=dt.date(2027, 6, 5), now=NOW)
        by_season = operations.show(session, room="A1", day=dt.date(2027, 10, 8), now=NOW)
        today = operations.show(session, room="B1", day=None, now=NOW)
    assert (set_by_hand.list_fen, set_by_hand.by_hand) == (25_000, True)
    assert set_by_hand.restrictions == ("restriction first=2027-06-05 last=2027-06-05 nights=3",)
    assert (by_season.list_fen, by_season.by_hand, by_season.restrictions) == (21_000, False, ())
    assert (today.day, today.list_fen) == (TODAY, 20_000)


def test_what_is_asked_of_a_date_ends_with_the_last_number_taken_off(shop: Shop) -> None:
    shop.bring_in("rule,room,first,nights,no_departure\nrestriction,A1,2027-06-02,3,1")
    shop.bring_in("rule,room,first,no_departure\nrestriction,A1,2027-06-02,1")
    with shop.database.read() as session:
        state = queries.plans(
            session,
            room_type_ids=[shop.rooms["A1"].room_type_id],
            first=TODAY,
            last=TODAY + dt.timedelta(9),
        )
    (plan,) = state.values()
    assert plan.rules == {TOMORROW: DayRule(no_departure=True)}


def test_a_sheet_that_shows_per_cents_and_sums_is_read_as_it_shows(shop: Shop) -> None:
    book = openpyxl.Workbook()
    for row in (
        ["候鸟价格表"],
        ["规则", "房型", "开始", "结束", "价格", "天数", "百分比"],
        ["季节价", "A1", dt.date(2027, 10, 1), "2027-10-31 00:00:00", 227.79999999999998],
        ["取消", "A1", None, None, None, 14, 0],
        ["取消", "A1", None, None, None, 0, 1],
    ):
        book.active.append(row)
    for cell in ("G4", "G5"):
        book.active[cell].number_format = "0%"
    file = io.BytesIO()
    book.save(file)
    shop.bring_in(file.getvalue())
    terms = shop.terms("A1")
    assert [(season.first, season.list_fen) for season in terms.seasons] == [
        (dt.date(2027, 10, 1), 22_780)
    ]
    assert [band.fee_bp for band in terms.fee_bands] == [0, 10_000]


def test_two_possible_readings_need_to_be_told_on_the_command_line(shop: Shop) -> None:
    content = "rule,room,code,name_zh,percent\npromotion,A1,EARLY,小院,8\n".encode("gbk")
    with pytest.raises(FileRefused, match="--encoding"):
        shop.bring_in(content)
    shop.bring_in(content, said="gbk")
    assert shop.terms("A1").promotions[0].name_zh == "小院"
