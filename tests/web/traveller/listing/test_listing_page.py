"""What a listing's page tells: sources, cautions and photographs, each in its own language."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from catalog.models import BerthClass, Listing, TimeSlot
from catalog.office.models import Evidence
from catalog.vocabulary import (
    Activity,
    BerthKind,
    Focus,
    ListingKind,
    Pets,
    PhotoSubject,
    Spring,
    TcmService,
    Theme,
)
from marketplace.bootstrap import Services
from marketplace.kernel import changes
from marketplace.staff.roles import Role
from marketplace.staff.service import NewUser, add_user
from tests.factories import NOW, Room, make_listing
from tests.support.pictures import picture
from tests.support.staff import PASSWORD
from tests.support.uploading import made_photo
from tests.web.traveller.english import unmarked
from tests.web.traveller.looking import index_all
from tests.web.traveller.visitor import Visitor


@pytest.fixture
def told(services: Services, loaded: Room) -> Room:
    """The loaded listing with facts that are known in Chinese alone, and one photograph."""
    with services.database.write() as session:
        author = add_user(
            session,
            NewUser(login="painter", password=PASSWORD, role=Role.OFFICE),
            now=NOW,
        ).id
        listing = session.get_one(Listing, loaded.listing_id)
        listing.steps, listing.july_mean_c, listing.july_years = 3, 21.0, "2015-2024"
        listing.spring, listing.tcm, listing.pets = Spring.SULPHUR, [TcmService.CUPPING], Pets.NO
        listing.cautions_zh = "刚做过手术的人不要泡。"
        listing.opens, listing.closes = "11-20", "08-31"
        session.add(
            Evidence(
                subject_kind="listing",
                subject_id=listing.id,
                fact="spring",
                source="省检测站",
                source_date="2027-03-02",
                verified_by=author,
                verified_at=NOW,
            )
        )
        changes.record(session, changes.LISTING, listing.id, now=NOW)
    made_photo(
        services.database,
        services.blobs,
        picture(800, 600),
        folder=services.settings.state_dir,
        listing_id=loaded.listing_id,
        alt_zh="雪地里的汤池",
        owner_id=author,
    )
    return loaded


def test_an_english_page_marks_what_is_known_in_chinese_alone(visitor: Visitor, told: Room) -> None:
    page = visitor.open(f"/en/listings/{told.listing_id}")
    assert unmarked(page) == []
    for words in (
        "21 °C (mean of 2015-2024)",
        "from 20 November to 31 August of the next year",
        "verified by the directory office on 1 Jun 2027",
        "Not suited for",
        "Sulphur spring",
        'alt="雪地里的汤池" lang="zh-CN"',
    ):
        assert words in page.html, words
    assert unmarked(visitor.open("/en/search")) == []


def test_what_an_operator_wrote_takes_the_place_of_what_is_said_of_all_springs(
    visitor: Visitor, told: Room, services: Services
) -> None:
    url = f"/listings/{told.listing_id}"
    assert "每次不超过15分钟" not in visitor.open(url).text
    with services.database.write() as session:
        session.get_one(Listing, told.listing_id).cautions_zh = ""
        changes.record(session, changes.LISTING, told.listing_id, now=services.clock.now())
    page = visitor.open(url).text
    assert "每次不超过15分钟" in page
    assert "以下情况不适合" not in page


def test_only_the_first_photograph_is_loaded_at_once(
    visitor: Visitor, told: Room, services: Services
) -> None:
    made_photo(
        services.database,
        services.blobs,
        picture(800, 600),
        folder=services.settings.state_dir,
        listing_id=told.listing_id,
        position=1,
        alt_en="The bench in the yard",
    )
    page = visitor.open(f"/listings/{told.listing_id}").html
    first, second = page.split("<picture>")[1:]
    assert 'fetchpriority="high"' in first.split("</picture>")[0]
    assert 'loading="lazy"' in second.split("</picture>")[0]
    for one in (first, second):
        assert 'width="800" height="600"' in one
        assert "/320.avif 320w" in one
        assert "/800.webp 800w" in one


def test_photographs_stand_with_their_room_and_under_headings_in_both_languages(
    visitor: Visitor, told: Room, services: Services
) -> None:
    room = {"room_type_id": told.room_type_id}
    shown: list[dict[str, Any]] = [
        {},
        {"subject": PhotoSubject.GROUNDS},
        {"subject": PhotoSubject.BATH},
        room,
        room,
        room,
    ]
    for position, shows in enumerate(shown, 1):
        made_photo(
            services.database,
            services.blobs,
            picture(800, 600),
            position=position,
            folder=services.settings.state_dir,
            listing_id=told.listing_id,
            alt_zh=f"第{position}张的样子",
            alt_en=f"View number {position}",
            **shows,
        )
    for prefix, alt, more, bath, grounds, rest in (
        ("", "第%d张的样子", "更多照片", "卫生间", "院子和周边", "这个房型还有1张照片"),
        (
            "/en",
            "View number %d",
            "More photographs",
            "Bathroom",
            "Garden and surroundings",
            "More photographs of this room type: 1",
        ),
    ):
        page = visitor.open(f"{prefix}/listings/{told.listing_id}")
        assert not prefix or unmarked(page) == []
        block, others = page.html.split(f"<h2>{more}</h2>")
        block = block.split('class="room"')[1]
        whole, of_bath = others.split(f"<h3>{bath}</h3>")
        of_bath, of_grounds = of_bath.split(f"<h3>{grounds}</h3>")
        assert rest in block
        places = {1: whole, 2: of_grounds, 3: of_bath, 4: block, 5: block, 6: block}
        for number, place in places.items():
            assert f'alt="{alt % number}"' in place, number
            assert page.html.count(f'alt="{alt % number}"') == 1
        _top, *later = page.html.split("<picture>")[1:]
        assert len(later) == len(shown)
        assert all('loading="lazy"' in one.split("</picture>")[0] for one in later)


@pytest.mark.parametrize(
    ("size", "on_the_page"), [((800, 600), "keep-left"), ((700, 900), "upright")]
)
def test_a_photograph_keeps_its_focus_and_an_upright_one_is_whole_on_its_page(
    visitor: Visitor, told: Room, services: Services, size: tuple[int, int], on_the_page: str
) -> None:
    made_photo(
        services.database,
        services.blobs,
        picture(*size),
        folder=services.settings.state_dir,
        listing_id=told.listing_id,
        position=-1,
        focus=Focus.LEFT,
    )
    index_all(services)
    first = visitor.open(f"/listings/{told.listing_id}").html.split("<picture>")[1]
    assert f'class="{on_the_page}"' in first.split("</picture>")[0]
    card = visitor.open("/search").html.split("<picture>")[1].split("</picture>")[0]
    assert 'class="keep-left"' in card
    assert "style=" not in card


def test_a_night_outside_the_season_is_refused_in_both_languages(
    visitor: Visitor, told: Room
) -> None:
    query = f"room_type={told.room_type_id}&nights=7&rooms=1&adults=2&arrive=2027-08-28"
    url = f"/listings/{told.listing_id}/quote?{query}"
    page = visitor.open(url)
    assert page.status == 422
    assert "每年11月20日到8月31日开放" in page.text
    assert "from 11/20 to 8/31" in visitor.open(f"/en{url}").text


@pytest.mark.parametrize("kind", [ListingKind.ACTIVITY, ListingKind.RAIL])
def test_what_cannot_be_booked_online_is_told_in_english_too(
    client: FlaskClient, services: Services, loaded: Room, kind: ListingKind
) -> None:
    with services.database.write() as session:
        listing_id = make_listing(
            session,
            enterprise_id=loaded.enterprise_id,
            kind=kind,
            theme=Theme.RAIL,
            activity=Activity.CRAFT if kind is ListingKind.ACTIVITY else None,
            lift=None,
            no_steps=None,
        )
        session.add(
            TimeSlot(
                listing_id=listing_id,
                code="T1",
                name_zh="早场",
                name_en="Morning",
                weekdays=[1, 2, 3, 4, 5, 6, 7],
                starts="08:00",
                minutes=45,
                capacity=9,
            )
            if kind is ListingKind.ACTIVITY
            else BerthClass(
                listing_id=listing_id,
                code="B1",
                name_zh="软卧",
                kind=BerthKind.SOFT_BERTH,
                capacity=36,
                lower=18,
            )
        )
    page = Visitor(client).open(f"/en/listings/{listing_id}")
    assert unmarked(page) == []
    told = {
        ListingKind.ACTIVITY: "every day, begins at 08:00, 45 minutes, at most 9 people",
        ListingKind.RAIL: "Soft berth, 36 in all, lower berths: 18",
    }
    assert told[kind] in page.html
    assert "LodgingBusiness" not in page.html
    assert "Not known yet" not in page.html
