"""The question goes with whoever looks at a place: every link of every page leads back to it."""

from __future__ import annotations

import datetime as dt
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import pytest
import sqlalchemy as sa

from marketplace.bootstrap import Services
from marketplace.inventory.models import StockDay
from tests.factories import Room
from tests.web.traveller.journey import Journey
from tests.web.traveller.looking import index_all
from tests.web.traveller.visitor import Page, Visitor

ASKED = {
    "arrive": ["2027-07-01"],
    "nights": ["other"],
    "nights_other": ["45"],
    "adults": ["2"],
    "children": ["1"],
    "access": ["no_steps"],
    "sort": ["price"],
}
QUESTIONS = [
    ASKED,
    {"arrive": ["2027-07-01"], "nights": ["30"], "adults": ["2"], "cluster": ["changbai"]},
    {"when": ["around"], "arrive": ["2027-07-01"], "nights": ["30"], "adults": ["1"]},
    {"month_from": ["2027-07"], "month_to": ["2027-08"], "nights": ["30"], "adults": ["2"]},
    {"season": ["summer"], "nights": ["30"], "adults": ["2"], "theme": ["forest"]},
    {"arrive": ["2027-07-01"], "nights": ["30"], "adults": ["3"], "rooms": ["2"], "q": ["小屋"]},
]
OF_NO_MATTER = {"lang", "size", "when"}
CARRIERS = ("/listings/", "/clusters", "/themes", "/directory/", "/search")
FRAME = ("/", "/my-booking", "/directory", "/help", "/privacy", "/sources", "/open", "/join")
"""Where the head and the foot of every page lead."""


def carried(link: str) -> dict[str, list[str]]:
    """Return the question that a link carries."""
    parts = urlsplit(link)
    args = parse_qs(parts.query)
    if not parts.path.removeprefix("/en").startswith("/search"):
        args = parse_qs(args.get("search", [""])[0])
    return {name: values for name, values in args.items() if name not in OF_NO_MATTER}


def same(asked: dict[str, list[str]]) -> dict[str, list[str]]:
    return {name: values for name, values in asked.items() if name not in OF_NO_MATTER}


def assert_kept(page: Page, asked: dict[str, list[str]]) -> None:
    """Every link of the page to a place, a region or the results has the question.

    The link to the other language asks for this very page, with whatever it was asked with.
    """
    paths = {link: urlsplit(link).path for link in page.links if "lang=" not in link}
    own = [link for link, path in paths.items() if path.startswith(CARRIERS) or path in FRAME]
    assert {"/", "/search", "/directory", "/help"} <= {paths[link] for link in own}, page.path
    for link in own:
        assert carried(link) == same(asked), (page.path, link)


def to_listing(page: Page) -> str:
    return next(link for link in page.links if link.startswith("/listings/"))


@pytest.mark.parametrize("asked", QUESTIONS)
def test_search_listing_quote_and_back(
    visitor: Visitor, services: Services, loaded: Room, asked: dict[str, list[str]]
) -> None:
    index_all(services)
    url = "/search?" + urlencode(asked, doseq=True)
    link = to_listing(visitor.open(url))
    assert parse_qs(urlsplit(link).query)["room_type"] == [str(loaded.room_type_id)]
    page = visitor.open(link)
    assert_kept(page, asked)
    if "arrive" not in parse_qs(urlsplit(link).query):
        page = visitor.send("room_type", arrive="2027-07-01")
        asked = {**asked, "arrive": ["2027-07-01"]}
    else:
        page = visitor.send("room_type")
    assert page.path.endswith("/quote"), page.text
    assert_kept(page, asked)
    page = visitor.open(next(one for one in page.links if one.endswith("#ask")))
    assert_kept(page, asked)
    results = visitor.open(next(one for one in page.links if one.startswith("/search?")))
    assert results.status == 200
    assert carried(to_listing(results)) == same(asked)


def test_the_question_stays_over_the_other_language_and_a_larger_text(
    visitor: Visitor, loaded: Room
) -> None:
    page = visitor.open(to_listing(visitor.open("/search?" + urlencode(ASKED, doseq=True))))
    english = visitor.open(next(link for link in page.links if link.startswith("/en/listings/")))
    assert carried(next(one for one in english.links if "/search?" in one)) == same(ASKED)
    larger = next(link for link in page.links if "size=150" in link)
    page = visitor.open(f"{page.path}{larger}")
    assert_kept(page, ASKED)


def test_newer_dates_and_people_of_the_listing_take_the_place_of_those_asked_before(
    visitor: Visitor, loaded: Room
) -> None:
    visitor.open(to_listing(visitor.open("/search?" + urlencode(ASKED, doseq=True))))
    page = visitor.send("room_type", arrive="2027-07-20", nights="30", nights_other="", adults="1")
    newer = {
        **ASKED,
        "arrive": ["2027-07-20"],
        "nights": ["30"],
        "adults": ["1"],
    }
    del newer["nights_other"]
    assert_kept(page, newer)


def test_what_cannot_be_had_leads_back_to_the_question_too(
    journey: Journey, visitor: Visitor, services: Services, loaded: Room
) -> None:
    link = to_listing(visitor.open("/search?" + urlencode(ASKED, doseq=True)))
    short = link.replace("nights=45", "nights=100").replace("?", "/quote?")
    page = visitor.open(short)
    longer = {**ASKED, "nights_other": ["100"]}
    assert "这里最多住 90 晚" in page.text
    assert_kept(page, longer)


def test_the_last_room_taken_by_others_leads_back_to_the_question(
    visitor: Visitor, services: Services, loaded: Room
) -> None:
    asked = {"arrive": ["2027-07-01"], "nights": ["30"], "adults": ["2"], "access": ["no_steps"]}
    visitor.open(to_listing(visitor.open("/search?" + urlencode(asked, doseq=True))))
    visitor.send("room_type")
    visitor.send("seen_total_fen")
    visitor.send("lead_name", lead_name="王秀兰", for_whom="self")
    visitor.send("phone", phone="138 0013 8000", consent="1")
    with services.database.write() as session:
        some = sa.update(StockDay).where(StockDay.day == dt.date(2027, 7, 9))
        session.execute(some.values(capacity=0))
    page = visitor.send("/book/check")
    assert page.path.endswith("/quote")
    assert_kept(page, asked)


def test_regions_themes_and_the_directory_carry_it_on(
    visitor: Visitor, services: Services, loaded: Room
) -> None:
    index_all(services)
    asked = {"arrive": ["2027-07-01"], "nights": ["30"], "adults": ["3"], "q": ["森林"]}
    found = visitor.open("/search?" + urlencode(asked, doseq=True))
    beside = [link for link in found.links if urlsplit(link).path.startswith(("/themes", "/clu"))]
    for url in beside or ["/themes/forest?search=" + quote(urlencode(asked, doseq=True))]:
        page = visitor.open(url)
        assert page.status == 200
        own = [
            link for link in page.links if link.startswith(("/themes", "/clusters", "/listings"))
        ]
        assert own
        assert all(carried(link) == same(asked) for link in own)
        back = visitor.open(next(link for link in page.links if link.startswith("/search?")))
        assert "3人" in back.text


@pytest.mark.parametrize(
    "nonsense",
    [
        "%00",
        "a" * 4000,
        "&".join(f"x{n}=1" for n in range(99)),
        "arrive=gestern&adults=-4",
        "=",
        "%",
    ],
)
def test_a_carried_text_that_is_no_question_harms_nothing(
    visitor: Visitor, loaded: Room, nonsense: str
) -> None:
    for path in (f"/listings/{loaded.listing_id}", "/themes/forest", "/"):
        page = visitor.open(f"{path}?search={quote(nonsense)}")
        assert page.status == 200
        assert "javascript:" not in page.html


def test_looking_at_a_booked_place_again_asks_for_the_same_stay(
    journey: Journey, visitor: Visitor
) -> None:
    booking_id = journey.hold(adults=1, arrive="2027-07-03", nights=31)
    visitor.open(f"/booking/{booking_id}/cancel")
    visitor.send("/cancel")
    page = visitor.open(f"/booking/{booking_id}")
    (link,) = [link for link in page.links if link.startswith("/listings/")]
    args = parse_qs(urlsplit(link).query)
    assert {name: args[name][0] for name in ("arrive", "nights", "adults", "rooms")} == {
        "arrive": "2027-07-03",
        "nights": "31",
        "adults": "1",
        "rooms": "1",
    }
    assert "31晚总价" in visitor.open(link).text


@pytest.mark.parametrize("asked", [ASKED, QUESTIONS[2]])
def test_the_home_page_and_what_it_leads_to_keep_the_question(
    visitor: Visitor, services: Services, loaded: Room, asked: dict[str, list[str]]
) -> None:
    index_all(services)
    found = visitor.open("/search?" + urlencode(asked, doseq=True))
    home = visitor.open(next(link for link in found.links if urlsplit(link).path == "/"))
    doors = [carried(link) for link in home.links if urlsplit(link).path == "/search"]
    assert all(door["adults"] == asked["adults"] for door in doors), doors
    assert {**same(asked), "theme": ["hot_spring"]} in doors
    assert {**same(asked), "hospital": ["30"]} in doors
    needs = asked.get("access", [])
    assert {**same(asked), "access": [*needs, "lift"]} in doors
    assert {**same(asked), "season": ["summer"]} in doors
    for name in ("/trains", "/family", "/clusters", "/themes", "/directory", "/help", "/open"):
        link = next(one for one in home.links if urlsplit(one).path == name)
        assert carried(link) == same(asked), link
        again = visitor.open(link)
        assert same(asked) in [carried(one) for one in again.links if one.startswith("/search?")]


def test_the_forms_of_the_home_page_and_of_the_directory_keep_the_question(
    visitor: Visitor, services: Services, loaded: Room
) -> None:
    index_all(services)
    home = visitor.open("/?" + urlencode({"search": urlencode(ASKED, doseq=True)}))
    assert "45晚" in home.text
    for field, newer in ((None, {"arrive": "2027-07-20"}), ("q", {"q": "森林"})):
        found = visitor.send(field or "cluster", **newer)
        link = next(one for one in found.links if urlsplit(one).path == "/help")
        wished = {**ASKED, **{name: [value] for name, value in newer.items()}}
        assert carried(link) == same(wished)
        visitor.open("/?" + urlencode({"search": urlencode(ASKED, doseq=True)}))
    visitor.open("/directory?" + urlencode({"search": urlencode(ASKED, doseq=True)}))
    found = visitor.send("category", q="温泉")
    assert same(ASKED) in [carried(one) for one in found.links if one.startswith("/search?")]


def test_the_steps_of_a_booking_lead_back_to_the_question(
    visitor: Visitor, services: Services, loaded: Room
) -> None:
    visitor.open(to_listing(visitor.open("/search?" + urlencode(ASKED, doseq=True))))
    page = visitor.send("room_type", age_1="5")
    page = visitor.send("seen_total_fen") if page.path.endswith("/quote") else page
    assert page.path == "/book/who", page.text
    assert carried(next(one for one in page.links if urlsplit(one).path == "/help")) == same(ASKED)
