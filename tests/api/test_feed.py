"""The listings feed: every listing once at its latest change, gone ones as tombstones."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from catalog.models import Listing, Site
from catalog.office.models import Photo
from catalog.service import move_listing, reinstate, suspend
from catalog.states import ListingStatus
from catalog.vocabulary import Cluster, ListingKind, Spring
from marketplace.bootstrap import Services
from marketplace.kernel.audit import SYSTEM
from marketplace.staff.models import User
from marketplace.staff.roles import Role
from tests.factories import NOW, Room, make_enterprise, make_listing, make_room
from tests.support.app import BOTH
from tests.support.partner import Program, code, stay
from tests.support.staff import make_staff

FEED = "/partner/v1/feed/listings"
pytestmark = pytest.mark.parametrize("database_kind", BOTH)


def make_listings(services: Services, number: int) -> list[int]:
    with services.database.write() as session:
        enterprise_id = make_enterprise(session)
        return [make_listing(session, enterprise_id=enterprise_id) for _ in range(number)]


def read_all(program: Program, path: str = FEED) -> list[dict[str, Any]]:
    """Follow ``next`` until a page is empty and names itself."""
    items: list[dict[str, Any]] = []
    for _ in range(50):
        page = program.get(path).json
        items += page["items"]
        if not page["items"]:
            assert page["next"].endswith(path)
            return items
        path = page["next"].removeprefix("http://localhost")
    pytest.fail("the feed does not end")


def test_paging_gives_every_listing_once_in_the_order_of_change(
    partner: Program, services: Services
) -> None:
    ids = make_listings(services, 7)
    items = read_all(partner, f"{FEED}?limit=3")
    assert sorted(item["id"] for item in items) == ids
    numbers = [item["modified"] for item in items]
    assert numbers == sorted(set(numbers))
    assert {item["state"] for item in items} == {"updated"}


def test_a_change_moves_a_listing_to_the_end_and_a_cursor_sees_only_it(
    partner: Program, services: Services
) -> None:
    first, *rest = make_listings(services, 3)
    before = partner.get(FEED).json
    with services.database.write() as session:
        move_listing(session, listing_id=first, to=ListingStatus.PAUSED, actor=SYSTEM, now=NOW)
    after = partner.get(before["next"].removeprefix("http://localhost")).json
    assert [(item["id"], item["state"]) for item in after["items"]] == [(first, "deleted")]
    assert "data" not in after["items"][0]
    assert [item["id"] for item in read_all(partner)] == [*rest, first]


def test_suspension_buries_and_reinstatement_raises_again(
    partner: Program, services: Services, loaded: Room
) -> None:
    def state() -> str:
        (item,) = read_all(partner)
        return str(item["state"])

    assert state() == "updated"
    with services.database.write() as session:
        suspend(session, enterprise_id=loaded.enterprise_id, reason="检查", actor=SYSTEM, now=NOW)
    assert state() == "deleted"
    assert code(partner.get(f"/partner/v1/listings/{loaded.listing_id}")) == (404, "not_found")
    with services.database.write() as session:
        reinstate(session, enterprise_id=loaded.enterprise_id, actor=SYSTEM, now=NOW)
    assert state() == "updated"


def test_a_page_is_not_sent_twice_to_who_has_it(
    partner: Program, services: Services, loaded: Room
) -> None:
    first = partner.get(FEED)
    tag = first.headers["ETag"]
    again = partner.get(FEED, **{"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == tag
    with services.database.write() as session:
        make_listing(session, enterprise_id=loaded.enterprise_id)
    changed = partner.get(FEED, **{"If-None-Match": tag})
    assert changed.status_code == 200
    assert changed.headers["ETag"] != tag


def test_a_listing_has_an_etag_too(partner: Program, loaded: Room) -> None:
    path = f"/partner/v1/listings/{loaded.listing_id}"
    tag = partner.get(path).headers["ETag"]
    assert partner.get(path, **{"If-None-Match": tag}).status_code == 304


def test_a_listing_says_what_a_partner_must_show(
    partner: Program, services: Services, loaded: Room
) -> None:
    (item,) = read_all(partner)
    data = item["data"]
    assert data == partner.get(f"/partner/v1/listings/{loaded.listing_id}").json
    assert data["name"] == {"zh": "林间小屋长住", "en": "Forest cabin stay"}
    assert data["enterprise"]["name"]["zh"] == "示例森林小屋"
    assert data["place"]["town"] == {"zh": "二道白河", "en": "Erdaobaihe"}
    assert [cluster["code"] for cluster in data["clusters"]] == [Cluster.CHANGBAI.value]
    assert (data["min_nights"], data["max_nights"]) == (1, 90)
    assert data["access"]["no_steps"] is True
    assert data["access"]["grab_bars"] is None, "unknown is not no"
    assert [room["id"] for room in data["room_types"]] == [loaded.room_type_id]
    assert data["directory"]["source"] == "示例数据（虚构）"
    assert data["is_sample"] is True
    assert "示例数据" in data["sample_notice"]


def test_what_is_not_sample_does_not_say_so(partner: Program, services: Services) -> None:
    with services.database.write() as session:
        enterprise_id = make_enterprise(session, is_sample=False, claimed=True)
        make_listing(session, enterprise_id=enterprise_id, is_sample=False)
    (item,) = read_all(partner)
    assert (item["data"]["is_sample"], item["data"]["sample_notice"]) == (False, None)


def test_only_stays_have_data(partner: Program, services: Services) -> None:
    with services.database.write() as session:
        enterprise_id = make_enterprise(session)
        make_listing(session, enterprise_id=enterprise_id, kind=ListingKind.RAIL)
    (item,) = read_all(partner)
    assert item["state"] == "deleted"


def test_the_page_for_travellers_exists(partner: Program, loaded: Room) -> None:
    url = partner.get(f"/partner/v1/listings/{loaded.listing_id}").json["url"]
    adapter = partner.app.url_map.bind("localhost")
    endpoint, values = adapter.match(url.removeprefix("http://localhost"), "GET")
    assert endpoint.startswith("traveller.")
    assert values == {"listing_id": loaded.listing_id}


def test_more_items_need_no_more_queries(partner: Program, services: Services) -> None:
    def queries() -> int:
        seen: list[str] = []

        def note(_c: Any, _k: Any, statement: str, *_: Any) -> None:
            seen.append(statement)

        engine = services.database.read_engine
        event.listen(engine, "before_cursor_execute", note)
        try:
            partner.get(FEED)
        finally:
            event.remove(engine, "before_cursor_execute", note)
        return len(seen)

    make_listings(services, 2)
    partner.get(FEED)
    few = queries()
    for listing_id in make_listings(services, 20):
        with services.database.write() as session:
            make_room(session, listing_id=listing_id, days=1)
    assert queries() == few
    with services.database.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Listing)) == 22


def test_what_a_guest_must_know_is_told_and_what_nobody_knows_is_null(
    partner: Program, services: Services, loaded: Room
) -> None:
    path = f"/partner/v1/listings/{loaded.listing_id}"
    bare = partner.get(path).json
    assert (bare["season"], bare["cautions"], bare["water"]) == (None, None, None)
    assert bare["photos"] == []
    assert (bare["place"]["address"], bare["place"]["arrive_from"]) == (None, None)
    assert (bare["access"]["steps"], bare["access"]["bed_height_cm"]) == (None, None)
    make_staff(services, "ops", Role.OPERATOR, loaded.enterprise_id)
    with services.database.write() as session:
        listing = session.get_one(Listing, loaded.listing_id)
        listing.opens, listing.closes = "06-15", "09-10"
        listing.cautions_zh, listing.cautions_en = "心脏不好的不要泡", "Not with a weak heart"
        listing.spring, listing.water_c, listing.steps = Spring.SULPHUR, 42, 3
        site = session.get_one(Site, listing.site_id)
        site.address, site.arrive_from = "安图县二道白河镇示例路1号", "14:00"
        owner = session.scalars(sa.select(User.id)).one()
        session.add(
            Photo(
                owner_id=owner,
                given_at=NOW,
                listing_id=listing.id,
                alt_zh="小屋",
                width=960,
                height=640,
                sizes={"960": {"webp": "a"}, "480": {"webp": "b"}},
            )
        )
    told = partner.get(path).json
    assert told["season"] == {"opens": "06-15", "closes": "09-10"}
    assert told["cautions"] == {"zh": "心脏不好的不要泡", "en": "Not with a weak heart"}
    assert (told["water"]["spring"]["code"], told["water"]["temperature_c"]) == ("sulphur", 42)
    assert told["place"]["address"] == "安图县二道白河镇示例路1号"
    assert (told["place"]["arrive_from"], told["access"]["steps"]) == ("14:00", 3)
    (photo,) = told["photos"]
    assert photo["alt"] == {"zh": "小屋", "en": ""}
    assert [(size["width"], size["height"]) for size in photo["sizes"]] == [(480, 320), (960, 640)]
    assert photo["sizes"][0]["url"].startswith("http://localhost/media/photos/")
    assert photo["sizes"][0]["url"].endswith("/480.webp")
    assert read_all(partner)[0]["data"] == told


def test_meals_are_told(partner: Program, rich: Room) -> None:
    (room,) = partner.get(f"/partner/v1/listings/{rich.listing_id}").json["room_types"]
    quoted = partner.post("/partner/v1/stays/quote", stay(rich)).json
    assert room["included_board"] == quoted["board"]
    assert "full_board" in room["boards"]
    assert room["included_board"] not in room["boards"]
