"""Photographs of a listing: what they show, what of them is kept, and who may see them."""

from __future__ import annotations

import io

import pytest
import sqlalchemy as sa

from catalog.models import Listing
from catalog.office.models import Photo
from catalog.states import ListingStatus
from marketplace.bootstrap import Services
from tests.support.pictures import picture
from tests.support.staff import Browser, House
from tests.web.operator.drafting import (
    ACCESS,
    BASICS,
    ROOM,
    WELLNESS,
    accept,
    add_photo,
    begin,
    case_of,
    save,
    submit,
)


def test_photographs_are_ordered_described_and_refused(
    operator: Browser, services: Services, browser: Browser
) -> None:
    case_id = begin(operator)
    assert "不是能用的照片" in add_photo(
        operator, case_id, "院子里的长椅", expect=422, photo=(io.BytesIO(b"no photo"), "a.jpg")
    )
    assert "不要写文件名" in add_photo(operator, case_id, "IMG_0012.jpg", expect=422)
    add_photo(operator, case_id, "院子里的长椅")
    add_photo(operator, case_id, "双床房的两张床")
    first, second = case_of(services, case_id).document["photos"]
    described = {f"photo-{first['id']}-alt_zh": "院子里有两把长椅"}
    save(operator, case_id, "photos", do=f"up-{second['id']}", **described)
    photos = case_of(services, case_id).document["photos"]
    assert [photo["alt_zh"] for photo in photos] == ["双床房的两张床", "院子里有两把长椅"]
    save(operator, case_id, "photos", do=f"remove-{first['id']}")
    assert [photo["id"] for photo in case_of(services, case_id).document["photos"]] == [
        second["id"]
    ]


def test_photographs_are_shown_with_their_rooms_and_under_headings(
    house: House, operator: Browser, office: Browser, browser: Browser, services: Services
) -> None:
    case_id = begin(operator)
    site = case_of(services, case_id).document["site_id"]
    save(operator, case_id, "basics", site_id=site, **BASICS)
    save(operator, case_id, "access", **ACCESS)
    save(operator, case_id, "wellness", **WELLNESS)
    two = ROOM | {
        "count": "2",
        "rooms-0-key": "new1",
        "rooms-1-name_zh": "家庭套间",
        "rooms-1-max_adults": "2",
        "rooms-1-max_guests": "4",
    }
    save(operator, case_id, "parts", do="save", **two)
    add_photo(operator, case_id, "白桦林边的院子", focus="bottom_right")
    add_photo(operator, case_id, "套间里的两间屋", subject="room-new2")
    add_photo(operator, case_id, "双床房的两张床", photo=(io.BytesIO(picture(700, 900)), "b.jpg"))
    add_photo(operator, case_id, "坐便器边的扶手", subject="bath", focus="left")
    form = operator.open(f"/operator/listings/drafts/{case_id}/photos")
    assert "房型：朝南双床房" in form
    _yard, suite, twin, bath = (
        photo["id"] for photo in case_of(services, case_id).document["photos"]
    )
    save(operator, case_id, "photos", do="save", **{f"photo-{twin}-subject": "room-new1"})
    assert case_of(services, case_id).document["photos"][1:] == [
        {"id": suite, "alt_zh": "套间里的两间屋", "alt_en": "", "room": "new2"},
        {"id": twin, "alt_zh": "双床房的两张床", "alt_en": "", "room": "new1"},
        {"id": bath, "alt_zh": "坐便器边的扶手", "alt_en": "", "subject": "bath", "focus": "left"},
    ]
    preview = operator.open(f"/operator/listings/drafts/{case_id}/preview")
    save(operator, case_id, "sources", **{"source-steps": "本店现场量的", "date-steps": "2027-05"})
    submit(operator, case_id)
    compared = office.open(f"/office/cases/{case_id}")
    assert "2. 套间里的两间屋（家庭套间）" in compared
    assert "4. 坐便器边的扶手（卫生间，裁图时留住：左）" in compared
    listing_id = accept(house, case_id)
    for page in (preview, browser.open(f"/listings/{listing_id}")):
        top, rest = page.split("<h2>房型</h2>")
        blocks, others = rest.split("更多照片")
        twin_block, suite_block = blocks.split('class="room"')[1:]
        assert 'class="keep-bottom-right"' in top
        assert f"/media/photos/{twin}/" in twin_block
        assert 'class="upright"' in twin_block
        assert f"/media/photos/{suite}/" in suite_block.split("<h2>")[0]
        assert f"/media/photos/{bath}/" in others.split("<h3>卫生间</h3>")[1]
        assert 'class="keep-left"' in others
        for block in (twin_block, suite_block, others):
            assert 'loading="lazy"' in block
        assert "style=" not in page


def test_a_room_that_is_taken_out_leaves_its_photographs_to_the_house(
    operator: Browser, services: Services
) -> None:
    case_id = begin(operator)
    save(operator, case_id, "parts", do="add", **ROOM)
    two = ROOM | {
        "count": "2",
        "rooms-0-key": "new1",
        "rooms-1-key": "new2",
        "rooms-1-name_zh": "家庭套间",
        "rooms-1-max_adults": "2",
        "rooms-1-max_guests": "4",
    }
    save(operator, case_id, "parts", do="save", **two)
    add_photo(operator, case_id, "套间里的两间屋", subject="room-new2")
    add_photo(operator, case_id, "双床房的两张床", subject="room-new1")
    assert "改成“整体”的照片了" in save(operator, case_id, "parts", do="remove-0", **two)
    document = case_of(services, case_id).document
    assert [room["key"] for room in document["rooms"]] == ["new2"]
    assert [photo.get("room") for photo in document["photos"]] == ["new2", None]


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("subject", "room-77", "这个房型已经去掉了"),
        ("subject", "cellar", "请从列出的选项里选"),
        ("focus", "0% 0%", "请从列出的选项里选"),
    ],
)
def test_only_what_is_offered_can_be_said_of_a_photograph(
    operator: Browser, services: Services, field: str, value: str, words: str
) -> None:
    case_id = begin(operator)
    refused = add_photo(operator, case_id, "院子里的长椅", expect=422, **{field: value})
    assert words in refused
    assert 'value="院子里的长椅"' in refused
    assert not case_of(services, case_id).document.get("photos")
    add_photo(operator, case_id, "院子里的长椅")
    kept = case_of(services, case_id).document["photos"]
    name = f"photo-{kept[0]['id']}"
    typed = {f"{name}-alt_zh": "院子里有两把长椅", f"{name}-{field}": value}
    page = save(operator, case_id, "photos", expect=422, **typed)
    assert words in page
    assert 'value="院子里有两把长椅"' in page
    assert case_of(services, case_id).document["photos"] == kept


def test_a_photograph_is_seen_by_its_people_until_a_listing_shows_it(
    stranger: Browser, house: House, operator: Browser, office: Browser, browser: Browser
) -> None:
    case_id = begin(operator)
    add_photo(operator, case_id, "院子里的长椅")
    with house.services.database.read() as session:
        photo_id = session.scalars(sa.select(Photo.id)).one()
    url = f"/media/photos/{photo_id}/480.webp"
    for visitor, status in ((operator, 200), (office, 200), (stranger, 404), (browser, 404)):
        answer = visitor.client.get(url)
        assert answer.status_code == status
        if status == 200:
            assert answer.headers["Cache-Control"] == "private, no-cache"
    with house.services.database.write() as session:
        session.get_one(Photo, photo_id).listing_id = house.room.listing_id
    answer = browser.client.get(url)
    assert answer.content_type == "image/webp"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    again = browser.client.get(url, headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    for odd in ("481.webp", "480.png", "480.jpeg"):
        assert browser.client.get(f"/media/photos/{photo_id}/{odd}").status_code == 404
    with house.services.database.write() as session:
        session.get_one(Listing, house.room.listing_id).status = ListingStatus.PAUSED
    assert browser.client.get(url).status_code == 404
