"""What can be chosen with a room: meals, extra beds, rooms side by side; and children's ages."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable

import pytest

from marketplace.bootstrap import Services
from marketplace.pricing.nights.terms import (
    Board,
    BoardPrice,
    ChildBand,
    FeeBand,
    MonthPrice,
    Occupancy,
    Promotion,
    Terms,
    Tier,
)
from tests.factories import make_enterprise, make_listing, make_room
from tests.web.traveller.checkout.test_journey import booking_of
from tests.web.traveller.english import unmarked
from tests.web.traveller.journey import NAME, Journey
from tests.web.traveller.visitor import Page, Visitor

MEALS = Terms(
    tiers=(Tier(30, 1500),),
    included_board=Board.BREAKFAST,
    boards=(BoardPrice(Board.FULL_BOARD, 3_000, 1_500),),
    extra_bed_fen=2_000,
    most_extra_beds=1,
    occupancy=Occupancy(extra_adult_fen=4_000),
)
JULY = dt.date(2027, 7, 1)
BANDS = Occupancy(extra_adult_fen=6_000, children=(ChildBand(5, 0), ChildBand(11, 2_500)))
Selling = Callable[[Terms], Journey]


@pytest.fixture
def selling(services: Services, visitor: Visitor) -> Selling:
    """A visitor before a room type sold under the terms given: 2 rooms, 200 yuan a night."""

    def sell(terms: Terms) -> Journey:
        with services.database.write() as session:
            listing_id = make_listing(session, enterprise_id=make_enterprise(session))
            room = make_room(session, listing_id=listing_id, discounts={}, terms=terms)
        return Journey(visitor, room)

    return sell


def choose(journey: Journey) -> Page:
    """Follow the link of the quote page to what can be chosen."""
    (link,) = choices(journey.visitor.page)
    return journey.visitor.open(link)


def choices(page: Page) -> list[str]:
    """Return the addresses at which something can be chosen; the other language is none."""
    own = [link for link in page.links if link.startswith("/listings/")]
    return [link for link in own if "choose=1" in link and "lang=" not in link]


def test_meals_and_beds_are_chosen_on_a_page_of_their_own_and_kept(
    selling: Selling, services: Services
) -> None:
    journey = selling(MEALS)
    page = journey.quote()
    assert "餐食含早餐" in page.text
    assert "加床不加" in page.text
    assert "¥5,100" in page.text
    page = choose(journey)
    form = page.form(holding="board")
    assert form.method == "get"
    assert (form.fields["board"], form.fields["extra_beds"]) == ("breakfast", "0")
    assert "已经包括在房价里" in page.text
    assert "+¥1,800（30晚，每人每晚¥30）" in page.text
    assert "每张+¥600（30晚，每晚¥20），最多1张" in page.text
    page = journey.visitor.send("board", board="full_board", extra_beds="1")
    assert page.path.endswith("/quote")
    for words in ("餐食含三餐", "加床1张", "¥7,500", "每人每晚30元×2人×30晚".replace("×", " × ")):
        assert words in page.text, words
    journey.answer()
    check = journey.visitor.page
    assert (check.path, check.status) == ("/book/check", 200)
    assert "餐食含三餐" in check.text
    assert "加床1张" in check.text
    assert any("board=full_board" in link and "choose=1" in link for link in check.links)
    page = journey.visitor.send("/book/check")
    booking_id = page.path.split("/")[-2]
    held = booking_of(services, booking_id)
    assert (held.room.board, held.room.extra_beds, held.total_fen) == (Board.FULL_BOARD, 1, 750_000)
    for shown in (page, journey.visitor.open(f"/booking/{booking_id}")):
        for words in ("餐食含三餐", "加床1张", "大人用餐，含三餐", "加床：1张"):
            assert words in shown.text, words


def test_the_choice_stays_when_the_dates_are_changed(selling: Selling) -> None:
    journey = selling(MEALS)
    journey.quote(board="full_board", extra_beds=1)
    (link,) = {link for link in journey.visitor.page.links if "#ask" in link}
    journey.visitor.open(link)
    page = journey.visitor.send("room_type", arrive="2027-08-01", nights="30")
    assert "餐食含三餐" in page.text
    assert "加床1张" in page.text


def test_where_there_is_nothing_to_choose_nothing_is_asked(journey: Journey) -> None:
    page = journey.quote(choose=1)
    assert "餐食不含餐" in page.text
    assert "seen_total_fen" in page.form(holding="seen_total_fen").fields
    assert choices(page) == []


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"board": "half_board"}, "这里没有这种餐食"),
        ({"board": "lunch"}, "这里没有这种餐食"),
        ({"extra_beds": 2}, "这里最多可以加 1 张床"),
        ({"extra_beds": "many"}, "加床请写"),
    ],
)
def test_what_cannot_be_had_is_said_beside_the_question(
    selling: Selling, asked: dict[str, object], words: str
) -> None:
    page = selling(MEALS).quote(**asked)
    assert page.status == 422
    assert words in page.text
    assert page.form(holding="board").fields["board"] == "breakfast"
    assert not any("seen_total_fen" in form.names for form in page.forms)


def test_meals_where_there_are_none_are_said_and_not_charged(journey: Journey) -> None:
    page = journey.quote(board="full_board")
    assert page.status == 422
    assert "这里没有这种餐食" in page.text
    assert "¥5,100" in page.text
    assert "board" not in page.form(holding="seen_total_fen").fields


def test_a_form_changed_by_hand_books_no_meals_that_are_not_sold(journey: Journey) -> None:
    journey.quote()
    page = journey.visitor.send("seen_total_fen", board="full_board")
    assert (page.status, page.path.split("/")[-1]) == (422, "quote")
    assert "这里没有这种餐食" in page.text


def test_several_rooms_can_be_wished_side_by_side(journey: Journey, services: Services) -> None:
    assert choices(journey.quote()) == []
    page = journey.quote(rooms=2, adults=4)
    assert "不挨着也可以" in page.text
    choose(journey)
    page = journey.visitor.send("adjoining", adjoining="1")
    assert "希望挨着" in page.text
    assert "adjoining=1" in page.html
    journey.answer()
    assert "希望挨着" in journey.visitor.page.text
    page = journey.visitor.send("/book/check")
    assert "希望挨着" in page.text
    assert booking_of(services, page.path.split("/")[-2]).room.adjoining is True


def test_one_room_has_no_neighbour(journey: Journey, services: Services) -> None:
    journey.quote(adjoining=1)
    journey.answer()
    page = journey.visitor.send("/book/check")
    assert booking_of(services, page.path.split("/")[-2]).room.adjoining is False


# ------------------------------------------------------------------ children


def test_ages_are_asked_first_where_the_price_depends_on_them(
    selling: Selling, services: Services
) -> None:
    journey = selling(Terms(occupancy=BANDS))
    page = journey.quote(nights=10, children=1)
    assert page.status == 200
    assert "孩子几岁" in page.text
    assert "¥" not in page.text, "no price that may be wrong"
    page = journey.visitor.send("age_1")
    assert page.status == 422
    assert "0 到 17 之间" in page.text
    assert "到达那天满几周岁" in page.text
    page = journey.visitor.send("age_1", age_1="4")
    assert "¥2,000" in page.text
    page = journey.quote(nights="１０晚", children="1个孩子", age_1="八岁")
    assert "¥2,250" in page.text
    assert "8周岁的孩子" in page.text
    journey.visitor.send("seen_total_fen")
    journey.visitor.send("lead_name", lead_name=NAME, for_whom="self")
    journey.visitor.send("phone", phone="13800138000", consent="1")
    page = journey.visitor.send("/book/check")
    held = booking_of(services, page.path.split("/")[-2])
    assert (held.room.children_ages, held.total_fen) == ([8], 225_000)


def test_ages_that_change_no_price_are_asked_when_booking(selling: Selling) -> None:
    """Two people are included: with one adult the child takes the second place, whatever age."""
    page = selling(Terms(occupancy=BANDS)).quote(nights=10, adults=1, children=1)
    assert "¥2,000" in page.text
    assert "age_1" in page.form(holding="seen_total_fen").names


# ------------------------------------------------------------------ what is told


def test_every_line_of_a_price_says_why(selling: Selling) -> None:
    terms = dataclasses.replace(
        MEALS,
        occupancy=Occupancy(included=1, extra_adult_fen=1_000),
        months=(MonthPrice(JULY, 500_000),),
        promotions=(Promotion("e", "早订优惠", 500, min_lead_days=20),),
        fee_bands=(FeeBand(20, 0), FeeBand(0, 3_000)),
    )
    journey = selling(terms)
    page = journey.quote(arrive="2027-07-01", nights=40)
    for words in (
        "加大人：1位",
        "每人每晚10元 × 1人 × 40晚",
        "2027年7月整月价",
        "整月每间5,000元",
        "长住优惠",
        "住满30晚，便宜15%",
        "早订优惠",
        "便宜5%",
    ):
        assert words in page.text, words
    assert "按晚数折算" not in page.text, "it is the whole month"
    assert "6月11日（含）以前取消" in page.text
    assert "扣¥" in page.text
    english = journey.visitor.open(f"/en{page.response.request.full_path}")
    assert unmarked(english) == []
    assert "More adults: 1" in english.text
    assert '<span lang="zh-CN">早订优惠</span>' in english.html


def test_what_is_cheaper_in_parts_is_told_with_the_telephone(selling: Selling) -> None:
    offer = Promotion("late", "七月下旬优惠", 2_000, arrive_first=JULY.replace(day=15))
    page = selling(Terms(promotions=(offer,))).quote(arrive="2027-07-01", nights=30)
    assert "分开订更便宜" in page.text
    assert "分成2次订，一共少付¥640" in page.text
    assert "2027年7月15日" in page.text
    assert page.text.count("住14晚") == 1
    assert page.html.count('class="bigphone"') == 1
    assert "分开订" not in selling(Terms()).quote().text


def test_the_listing_tells_the_terms_of_its_own_tariff(selling: Selling) -> None:
    strict = Terms(
        included_board=Board.HALF_BOARD, fee_bands=(FeeBand(9, 1_000), FeeBand(0, 7_000))
    )
    journey = selling(strict)
    page = journey.visitor.open(f"/listings/{journey.room.listing_id}")
    for words in ("价钱里包括：早餐和晚餐", "最少扣10%", "最多扣70%"):
        assert words in page.text, words
    usual = selling(Terms())
    page = usual.visitor.open(f"/listings/{usual.room.listing_id}")
    assert "到店30天以前取消，不扣钱" in page.text
    assert "最多扣80%" in page.text


def test_rooms_under_different_terms_of_cancelling(selling: Selling, services: Services) -> None:
    journey = selling(Terms())
    with services.database.write() as session:
        make_room(
            session, listing_id=journey.room.listing_id, terms=Terms(fee_bands=(FeeBand(0, 0),))
        )
    page = journey.visitor.open(f"/listings/{journey.room.listing_id}")
    assert "各种房不一样" in page.text
    assert "不扣钱" not in page.text
