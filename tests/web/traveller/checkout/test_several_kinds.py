"""Several kinds of room on the way to one booking: added, priced each by itself, held together."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field, replace
from itertools import combinations

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from marketplace.booking.contract.room_choices import MOST_KINDS
from marketplace.booking.models import Booking
from marketplace.booking.reads.staff_queries import host_booking
from marketplace.bootstrap import Services
from marketplace.kernel import changes
from marketplace.kernel.clock import SetClock
from marketplace.pricing import service as pricing
from marketplace.pricing.nights.terms import Board, BoardPrice, ChildBand, FeeBand, Occupancy, Terms
from tests.factories import Room, make_room
from tests.support.staff import House as StaffHouse
from tests.web.traveller.journey import ARRIVE, NAME, Journey
from tests.web.traveller.staying_guest import STAFF, days
from tests.web.traveller.visitor import Page, Visitor

STRICT = Terms(
    fee_bands=(FeeBand(10, 3_000), FeeBand(0, 9_000)),
    occupancy=Occupancy(extra_adult_fen=5_000, children=(ChildBand(6, 0), ChildBand(13, 2_000))),
)
"""A kind of room with other terms than the first, dearer for older children."""
NIGHTS = 7
MORE = "再加一间别的房"


@dataclass
class House:
    """A house with five kinds of room, in front of a family."""

    visitor: Visitor
    services: Services
    rooms: list[Room]
    names: list[str] = field(default_factory=list)

    def quote(self, **more: object) -> Page:
        return Journey(self.visitor, self.rooms[0]).quote(nights=NIGHTS, **more)  # type: ignore[arg-type]

    def add(self, kind: int, *, adults: int = 2, ages: tuple[int, ...] = ()) -> Page:
        """Add a kind of room for these people, from the page of the quote."""
        self.visitor.open(link(self.visitor.page, "/rooms?"))
        page = self.visitor.send("adults", adults=str(adults), children=str(len(ages)))
        if ages:
            typed = {f"age_{number}": str(age) for number, age in enumerate(ages, 1)}
            page = self.visitor.send("age_1", **typed)
        return self.visitor.open(self.pick(page, kind))

    def pick(self, page: Page, kind: int) -> str:
        room = self.rooms[kind].room_type_id
        return next(one for one in page.links if f"room_type%3D{room}%26" in one)

    def answer(self, *sleepers: str) -> Page:
        """Answer the questions; returns the last page."""
        Journey(self.visitor, self.rooms[0]).answer()
        typed = {f"sleepers_{number}": words for number, words in enumerate(sleepers, 1)}
        return self.visitor.send("sleepers_1", **typed)

    def book(self, *sleepers: str) -> Page:
        """Answer the questions and press the last button."""
        self.answer(*sleepers)
        return self.visitor.send("/book/check")

    def bookings(self) -> list[Booking]:
        with self.services.database.read() as session:
            of_all = sa.select(Booking).options(selectinload(Booking.items))
            return list(session.scalars(of_all.order_by(Booking.placed_at)))


def link(page: Page, part: str) -> str:
    return next(one for one in page.links if part in one and not one.startswith("/en/"))


def total_of(page: Page) -> int:
    """What the page says that all of it costs, in fen."""
    found = re.search(r'class="bigsum__total">¥([\d,]+)<', page.html)
    assert found, page.text
    return int(found[1].replace(",", "")) * 100


@pytest.fixture
def house(journey: Journey, services: Services, loaded: Room) -> House:
    rooms, names = [loaded], ["双床房"]
    with services.database.write() as session:
        for number, name in enumerate(("家庭房", "套房", "湖景房", "榻榻米房"), 1):
            rooms.append(
                make_room(
                    session,
                    listing_id=loaded.listing_id,
                    name_zh=name,
                    list_fen=20_000 + number * 1_000,
                    max_adults=3,
                    max_guests=4,
                    terms=replace(
                        STRICT, boards=(BoardPrice(Board.BREAKFAST, 1_500, 800),) * (number == 1)
                    ),
                )
            )
            names.append(name)
    return House(journey.visitor, services, rooms, names)


def test_a_family_books_two_kinds_of_room_as_one_stay(house: House) -> None:
    page = house.quote()
    alone = total_of(page)
    assert MORE in page.text
    page = house.add(1, adults=2, ages=(4, 9))
    assert ("家庭房 × 1" in page.text, "大人2位，小孩2位（4、9周岁）" in page.text) == (True, True)
    family = total_of(page) - alone
    assert family == (21_000 + 2_000) * NIGHTS
    assert page.text.count("如果取消，退多少钱") == 2
    page = house.book()
    assert page.path.endswith("/pay")
    assert ("家庭房" in page.text, "小孩2位（4、9周岁）" in page.text) == (True, True)
    (booking,) = house.bookings()
    assert booking.total_fen == alone + family
    assert [(item.room_type_id, item.children_ages) for item in booking.items] == [
        (house.rooms[0].room_type_id, []),
        (house.rooms[1].room_type_id, [4, 9]),
    ]
    assert [item.policy["bands"] for item in booking.items][1] == [
        {"days": 10, "fee_bp": 3_000},
        {"days": 0, "fee_bp": 9_000},
    ]


def test_four_kinds_are_the_most_and_the_limit_is_told_in_words(house: House) -> None:
    house.quote()
    for kind, ages in ((1, (9,)), (2, ()), (3, (3, 12))):
        page = house.add(kind, ages=ages)
    assert MORE not in page.text
    assert f"一张订单最多{MOST_KINDS}种房" in page.text
    total = total_of(page)
    page = house.book()
    assert page.path.endswith("/pay")
    (booking,) = house.bookings()
    assert (booking.total_fen, len(booking.items)) == (total, MOST_KINDS)
    assert [item.children_ages for item in booking.items] == [[], [9], [], [3, 12]]


def test_a_total_is_the_sum_of_the_quotes_of_each_room_alone(house: House) -> None:
    people = {0: (2, ()), 1: (2, (4, 9)), 2: (3, ()), 3: (1, (12,)), 4: (2, (2,))}
    alone = {}
    for kind, (adults, ages) in people.items():
        typed = "".join(f"&age_{number}={age}" for number, age in enumerate(ages, 1))
        room = house.rooms[kind]
        page = house.visitor.open(
            f"/listings/{room.listing_id}/quote?room_type={room.room_type_id}&arrive={ARRIVE}"
            f"&nights={NIGHTS}&adults={adults}&children={len(ages)}{typed}"
        )
        alone[kind] = total_of(page)
    for count in (2, 3, MOST_KINDS):
        for kinds in combinations(people, count):
            if kinds[0] != 0:
                continue
            house.quote()
            for kind in kinds[1:]:
                adults, ages = people[kind]
                page = house.add(kind, adults=adults, ages=ages)
            assert total_of(page) == sum(alone[kind] for kind in kinds)


def test_a_room_is_taken_out_again_and_its_people_are_changed(house: House) -> None:
    one = house.quote()
    page = house.add(1, ages=(9,))
    page = house.add(2)
    page = house.visitor.open(link(page, "place=2"))
    assert "要几间房" in page.text
    assert "另外选好的房都还在" in page.text
    page = house.visitor.send("adults", adults="3", children="1")
    assert page.text.index("双床房") < page.text.index("家庭房") < page.text.index("套房")
    assert "大人3位，小孩1位（9周岁）" in page.text
    for name in ("家庭房", "套房"):
        out = re.search(rf'href="([^"]+)">不要这种房<span class="hush">{name}<', page.html)
        assert out
        page = house.visitor.open(out[1].replace("&amp;", "&"))
        assert name not in page.text
    assert total_of(page) == total_of(one)


def test_meals_of_a_room_and_the_wish_to_be_near_are_kept_over_the_rooms(house: House) -> None:
    house.quote()
    page = house.add(1, ages=(9,))
    before = total_of(page)
    assert "不挨着也可以" in page.text
    page = house.visitor.open(
        next(one for one in page.links if "place=2" in one and "choose=1" in one)
    )
    page = house.visitor.send("board", board="breakfast", adjoining="1")
    assert total_of(page) == before + (2 * 1_500 + 800) * NIGHTS
    assert page.text.count("希望挨着") == 1
    page = house.add(2)
    assert "希望挨着" in page.text, "another room keeps the wish"
    house.answer()
    assert "希望挨着" in house.visitor.page.text
    house.visitor.send("/book/check")
    (booking,) = house.bookings()
    assert [item.adjoining for item in booking.items] == [True, True, True]
    assert [item.board for item in booking.items] == [
        Board.ROOM_ONLY,
        Board.BREAKFAST,
        Board.ROOM_ONLY,
    ]


def test_an_old_tab_books_the_rooms_that_it_shows(house: House) -> None:
    house.quote()
    house.add(1)
    old = house.answer()
    house.quote()
    house.add(2)
    new = house.answer()
    for page in (old, new):
        house.visitor.page = page
        assert house.visitor.send("/book/check").path.endswith("/pay")
    held = [{item.room_type_id for item in one.items} for one in house.bookings()]
    kinds = [room.room_type_id for room in house.rooms]
    assert sorted(map(sorted, held)) == [[kinds[0], kinds[1]], [kinds[0], kinds[2]]]


def test_a_tab_whose_draft_was_changed_is_answered_with_both(house: House) -> None:
    house.quote()
    house.add(1, ages=(9,))
    old = house.answer()
    house.visitor.open(link(old, "/book/who"))
    house.visitor.send("lead_name", lead_name="李桂芳", for_whom="self")
    house.visitor.page = old
    page = house.visitor.send("/book/check")
    assert page.status == 409
    assert page.text.count("小孩1位（9周岁）") == 2
    assert house.bookings() == []


def test_a_room_that_is_gone_is_named_and_the_others_and_the_answers_stay(
    house: House, services: Services, clock: SetClock
) -> None:
    house.quote()
    house.add(1)
    house.answer()
    take_all(services, clock, house.rooms[1])
    page = house.visitor.send("/book/check")
    assert "这些日子没有空房" in page.text
    assert "家庭房" in page.text
    assert [len(one.items) for one in house.bookings()] == [1], "that of who has the rooms"
    page = house.visitor.open(next(one for one in page.links if one.count("room_type") == 1))
    assert ("双床房" in page.text, "家庭房" in page.text) == (True, False)
    house.visitor.send("seen_total_fen")
    assert NAME in house.visitor.page.html, "what was typed is kept"


def take_all(services: Services, clock: SetClock, room: Room) -> None:
    """Let somebody else have both rooms of a kind."""
    desk = StaffHouse(services, clock, room).desk
    desk.hold(arrive=dt.date.fromisoformat(ARRIVE), nights=NIGHTS, rooms=2, room=room)
    changes.sequence(services.database)


def test_a_new_price_names_the_room_that_it_is_of(
    house: House, services: Services, clock: SetClock
) -> None:
    house.quote()
    house.add(1)
    house.answer()
    clock.advance(minutes=31)
    set_price(services, clock, house.rooms[1], 30_000)
    page = house.visitor.send("/book/check")
    assert page.status == 409
    assert "家庭房原来¥1,470，现在¥2,100" in page.text
    assert "双床房原来" not in page.text
    assert house.visitor.send("/book/check").path.endswith("/pay")


def set_price(services: Services, clock: SetClock, room: Room, fen: int) -> None:
    with services.database.write() as session:
        pricing.set_rate(
            session,
            room_type_id=room.room_type_id,
            pool_id=room.pool_id,
            days=[clock.now().date() + days(n) for n in range(60)],
            list_fen=fen,
            actor=STAFF,
            now=clock.now(),
        )


@pytest.mark.parametrize(
    "beside",
    ["room_type%3Dnone", "adults%3D2", "x" * 501, "room_type%3D1%26adults%3D99"],
)
def test_an_address_that_no_page_leads_to_is_refused(house: House, beside: str) -> None:
    assert house.quote(also=beside).status == 404


def test_more_kinds_than_fit_or_one_kind_twice_are_refused(house: House) -> None:
    texts = [f"room_type%3D{room.room_type_id}%26adults%3D2" for room in house.rooms]
    assert house.quote(also="&also=".join(texts[1:])).status == 404
    page = house.quote(also=texts[0])
    assert (page.status, "这种房已经选过了" in page.text) == (422, True)


def test_a_room_that_does_not_take_its_people_is_told_beside_their_number(house: House) -> None:
    room = house.rooms[1].room_type_id
    page = house.quote(also=f"room_type%3D{room}%26adults%3D9")
    assert (page.status, "每间最多住3位大人" in page.text) == (422, True)
    page = house.visitor.send("adults", adults="3")
    assert ("家庭房 × 1" in page.text, "双床房 × 1" in page.text) == (True, True)


def test_only_rooms_that_are_free_and_take_the_people_are_offered(
    house: House, services: Services, clock: SetClock
) -> None:
    take_all(services, clock, house.rooms[2])
    house.quote()
    house.visitor.open(link(house.visitor.page, "/rooms?"))
    page = house.visitor.send("adults", adults="3", children="0")
    assert [name in page.text for name in house.names] == [True, True, False, True, True]
    page = house.visitor.open(link(page, "/rooms?"))
    page = house.visitor.send("adults", adults="x")
    assert (page.status, "大人请写" in page.text) == (422, True)
    page = house.visitor.send("adults", adults="8", children="0")
    assert "没有别的房能这样住" in page.text


def test_ages_are_asked_by_themselves_and_what_was_typed_is_kept(house: House) -> None:
    house.quote()
    house.visitor.open(link(house.visitor.page, "/rooms?"))
    page = house.visitor.send("adults", adults="2", children="2")
    assert ("孩子几岁？" in page.text, page.status) == (True, 200)
    page = house.visitor.send("age_1", age_1="5", age_2="30")
    assert (page.status, 'value="5"' in page.html) == (422, True)
    page = house.visitor.send("age_1", age_2="3")
    assert "加哪种房？" in page.text


def test_who_sleeps_where_is_told_to_the_house_and_on_the_voucher(
    house: House, services: Services, clock: SetClock
) -> None:
    house.quote()
    house.add(1, ages=(9,))
    page = house.answer("爷爷奶奶", "爸爸妈妈和小宝")
    assert ("爷爷奶奶" in page.text, "第4步，共4步" in page.text) == (True, True)
    page = house.visitor.open(link(page, "/book/sleepers"))
    assert 'value="爸爸妈妈和小宝"' in page.html
    page = house.visitor.send("sleepers_1", sleepers_1="姥姥姥爷")
    page = house.visitor.send("/book/check")
    booking_id = page.path.split("/")[-2]
    page = house.visitor.open(f"/booking/{booking_id}")
    assert ("姥姥姥爷" in page.text, "爸爸妈妈和小宝" in page.text) == (True, True)
    (booking,) = house.bookings()
    assert [item.sleepers for item in booking.items] == ["姥姥姥爷", "爸爸妈妈和小宝"]
    StaffHouse(services, clock, house.rooms[0]).desk.pay(booking_id)
    with services.database.read() as session:
        told = host_booking(
            session,
            booking_id=booking_id,
            enterprise_id=house.rooms[0].enterprise_id,
            now=clock.now(),
        )
    assert [room.sleepers for room in told.rooms] == ["姥姥姥爷", "爸爸妈妈和小宝"]


def test_who_sleeps_where_may_be_left_out_and_what_is_too_long_is_kept(house: House) -> None:
    house.quote()
    house.add(1)
    Journey(house.visitor, house.rooms[0]).answer()
    page = house.visitor.send("sleepers_1", sleepers_1="爷" * 61, sleepers_2="小宝")
    assert (page.status, "谁住最多写60个字" in page.text) == (422, True)
    assert ("爷" * 61 in page.html, 'value="小宝"' in page.html) == (True, True)
    page = house.visitor.send("sleepers_1", sleepers_1="", sleepers_2="")
    assert ("没有填" in page.text, page.path) == (True, "/book/check")
    house.visitor.send("/book/check")
    (booking,) = house.bookings()
    assert [item.sleepers for item in booking.items] == [None, None]


def test_a_step_about_rooms_is_no_page_of_a_single_room(house: House) -> None:
    page = house.quote()
    page = Journey(house.visitor, house.rooms[0]).answer()
    draft = page.form(holding="draft").fields["draft"]
    assert house.visitor.open(f"/book/sleepers?draft={draft}").path == "/book/check"
