"""No drawing is seen too often, in the real pages over the real directory; each says what it is."""

from __future__ import annotations

import itertools
import re
from collections import Counter

import pytest

from catalog.bulk.directory_loading import DATA, import_directory
from catalog.geography.reference_loading import load_reference
from catalog.models import Listing
from catalog.vocabulary import Cluster, FoodTag, Theme
from marketplace.bootstrap import Services
from marketplace.settings import ROOT
from marketplace.web.traveller.seo.page_heads import slug_of
from tests.factories import Room, make_enterprise, make_listing, make_room
from tests.web.traveller.looking import index_all
from tests.web.traveller.visitor import Visitor

CARD = re.compile(r'<article class="card[^"]*">(.*?)</article>', re.DOTALL)
DRAWING = re.compile(r'<img class="art" src="/static/img/([a-z/_-]+?)\.[0-9a-f]+\.svg"[^>]* alt=""')
HOUSES = 23
"""Real houses without a drawing of their own, all of one theme: more than two pages of results."""
PAGES = (
    "/search",
    "/search?page=2",
    "/search?page=3",
    "/search?theme=forest",
    "/search?q=滑雪场",
    "/search?cluster=changbai&access=lift&band=to_3000&food=soft",
    "/family",
    "/trains",
    "/clusters",
    "/themes",
    *(f"/directory?page={number}" for number in range(1, 14)),
    *(f"/clusters/{slug_of(cluster)}" for cluster in Cluster),
    *(f"/themes/{slug_of(theme)}" for theme in Theme),
)


@pytest.fixture
def province(services: Services, loaded: Room) -> Room:
    """The real directory, and many houses of one theme in one cluster."""
    load_reference(services.database, folder=ROOT / "data")
    import_directory(services.database, DATA / "directory-places.csv", clock=services.clock)
    with services.database.write() as session:
        house = make_enterprise(
            session, clusters=(Cluster.CHANGBAI,), is_sample=False, claimed=True
        )
        for number in range(HOUSES):
            listing_id = make_listing(
                session,
                enterprise_id=house,
                is_sample=False,
                family_suited=True,
                name_zh=f"白桦林小院{number}",
                illustration="",
            )
            make_room(session, listing_id=listing_id)
    index_all(services)
    return loaded


def test_of_ten_cards_in_a_row_two_at_most_look_alike(visitor: Visitor, province: Room) -> None:
    visitor.samples = False  # the house of that name is a real one here
    seen: Counter[str] = Counter()
    for url in PAGES:
        page = visitor.open(url)
        assert page.status == 200, url
        drawings = DRAWING.findall("".join(CARD.findall(page.html)))
        seen[url] = len(drawings)
        for first in range(len(drawings)):
            often = Counter(drawings[first : first + 10])
            assert max(often.values()) <= 2, (url, often)
        assert all(one != two for one, two in itertools.pairwise(drawings)), url
    for url in ("/search", "/family", "/directory?page=1", "/themes", "/clusters", "/trains"):
        assert seen[url] >= 3, url
    assert seen["/search"] == seen["/directory?page=1"] == 10


@pytest.mark.parametrize(
    ("path", "captions"),
    [
        ("/listings", ("卫生间，有扶手", "进门没有台阶，没有电梯", "食堂", "不是照片")),
        (
            "/en/listings",
            (
                "Bathroom with grab bars",
                "No steps at the entrance, no lift",
                "Canteen",
                "not photographs",
            ),
        ),
    ],
)
def test_drawings_of_a_sample_house_say_in_words_what_they_show(
    visitor: Visitor, services: Services, loaded: Room, path: str, captions: tuple[str, ...]
) -> None:
    with services.database.write() as session:
        listing = session.get_one(Listing, loaded.listing_id)
        listing.grab_bars, listing.food = True, [FoodTag.LIGHT.value]
    page = visitor.open(f"{path}/{loaded.listing_id}")
    shown = re.findall(r'img/rooms/([a-z_]+)\.[0-9a-f]+\.svg"[^>]* alt=""', page.html)
    assert shown == ["bath_bars", "way_in_level", "canteen"]
    for words in captions:
        assert words in page.text, page.text
