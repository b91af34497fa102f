"""An operator's listings: from a draft to the page that travellers see, and taken out of sale."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from catalog.models import Listing, RoomType
from catalog.office import deciding
from catalog.office.models import Photo, ReviewCase
from catalog.search import refresh
from catalog.states import CaseStatus, ListingStatus
from marketplace import tasks
from marketplace.accounts.roles import Role
from marketplace.accounts.service import add_user
from marketplace.bootstrap import Services
from marketplace.kernel.audit import Actor
from tests.factories import NOW, TODAY
from tests.support.pictures import picture
from tests.support.staff import PASSWORD, Browser, House, make_staff
from tests.web.traveller.english import unmarked
from tests.web.traveller.visitor import Page

DRAFT = re.compile(r"/operator/listings/drafts/([0-9]+)")
CLERK = Actor("staff", "99")
ROOM = {
    "count": "1", "rooms-0-name_zh": "朝南双床房", "rooms-0-max_adults": "2",
    "rooms-0-max_guests": "\uff13", "rooms-0-area_m2": "",
}  # fmt: skip
BASICS = {
    "name_zh": "白桦林长住", "summary_zh": "林边的院子，一共八间房。", "theme": "forest",
    "min_nights": "7", "max_nights": "90", "opens": "5月1日", "closes": "10-7", "pets": "small",
    "family_suited": "yes",
}  # fmt: skip
ACCESS = {
    "steps": "3", "lift": "no", "bed_height_cm": "48", "altitude_m": "740", "hospital_km": "12",
    "hospital_minutes": "20", "july_mean_c": "21.3", "july_years": "2015至2024",
}  # fmt: skip
WELLNESS = {
    "food": ["light", "halal"], "tcm": ["moxibustion"], "spring": "plain", "water_c": "41",
    "cautions_zh": "刚做过手术的人不要泡。\n皮肤有伤口的人不要泡。",
}  # fmt: skip


@pytest.fixture
def stranger(app: Flask, services: Services, neighbour: House) -> Browser:
    """Another enterprise's operator, signed in."""
    make_staff(services, "next door", Role.OPERATOR, neighbour.room.enterprise_id)
    signed_in = Browser(app.test_client())
    signed_in.sign_in("next door")
    return signed_in


def case_of(services: Services, case_id: int) -> ReviewCase:
    with services.database.read() as session:
        return session.get_one(ReviewCase, case_id)


def version(browser: Browser) -> str:
    found = re.search(r'name="version" value="(\d+)"', browser.page)
    assert found
    return found[1]


def save(browser: Browser, case_id: int, section: str, *, expect: int = 303, **fields: Any) -> str:
    """Fill in a page of the form as a browser without JavaScript does."""
    url = f"/operator/listings/drafts/{case_id}/{section}"
    browser.open(url)
    return browser.send(url, expect=expect, version=version(browser), **fields)


def begin(browser: Browser, kind: str = "stay") -> int:
    page = browser.open("/operator/listings/new")
    site = re.search(r'<option value="(\d+)"', page)
    form_id = re.search(r'name="form_id" value="([^"]+)"', page)
    assert site
    assert form_id
    wish = {"kind": kind, "site_id": site[1], "form_id": form_id[1]}
    first = DRAFT.search(browser.send("/operator/listings/new", **wish))
    again = DRAFT.search(browser.send("/operator/listings/new", **wish))
    assert first
    assert again
    assert first[1] == again[1]
    return int(first[1])


def add_photo(browser: Browser, case_id: int, alt: str, *, expect: int = 303, **more: Any) -> str:
    """Add a photograph, and have the worker make it."""
    browser.open(f"/operator/listings/drafts/{case_id}/photos")
    page = browser.send(
        f"/operator/listings/drafts/{case_id}/photos/add",
        expect=expect,
        version=version(browser),
        alt_zh=alt,
        **{"photo": (io.BytesIO(picture(700, 500)), "IMG_1.jpg")} | more,
    )
    tasks.develop_photos(browser.client.application.extensions["services"])
    return page


def submit(browser: Browser, case_id: int, *, expect: int = 303) -> str:
    browser.open(f"/operator/listings/drafts/{case_id}")
    url = f"/operator/listings/drafts/{case_id}/submit"
    return browser.send(url, expect=expect, version=version(browser))


def accept(house: House, case_id: int) -> int:
    """Let the office accept a case, and do what is owed then."""
    with house.services.database.write() as session:
        clerk = add_user(
            session, login=f"clerk{case_id}", password=PASSWORD, role=Role.OFFICE,
            enterprise_id=None, ids=house.services.ids, now=NOW,
        ).id  # fmt: skip
        deciding.take_up(session, case_id=case_id, reviewer_id=clerk, actor=CLERK, now=NOW)
        case = deciding.accept(
            session,
            case_id=case_id,
            version=session.get_one(ReviewCase, case_id).version,
            overrides={},
            reviewer_id=clerk,
            actor=CLERK,
            now=NOW,
        )
        assert case.listing_id is not None
        listing_id = case.listing_id
    house.work()
    refresh.follow(house.services.index, house.services.database)
    return listing_id


def price(operator: Browser, room_id: int) -> None:
    """Put two rooms on sale through the calendar."""
    operator.open("/operator/calendar/edit")
    fields = {
        "room": room_id, "first": TODAY.isoformat(), "last": "2027-09-30",
        "weekdays": list("0123456"), "capacity": "2", "price": "180", "state": "",
    }  # fmt: skip
    page = operator.send("/operator/calendar/edit", expect=200, **fields)
    hidden = dict(re.findall(r'name="(\w+)" value="([^"]*)"', page))
    operator.send("/operator/calendar/save", **{**fields, **hidden})


def test_a_stay_from_its_draft_to_a_booking(
    house: House, operator: Browser, browser: Browser, services: Services
) -> None:
    case_id = begin(operator)
    assert "至少要有一个房型" in submit(operator, case_id, expect=422)
    save(
        operator,
        case_id,
        "basics",
        site_id=case_of(services, case_id).document["site_id"],
        **BASICS,
    )
    save(operator, case_id, "access", **ACCESS)
    save(operator, case_id, "wellness", **WELLNESS)
    save(operator, case_id, "parts", do="save", **ROOM)
    add_photo(operator, case_id, "白桦林边的院子")
    save(operator, case_id, "sources", **{"source-steps": "本店现场量的", "date-steps": "2027-05"})
    preview = operator.open(f"/operator/listings/drafts/{case_id}/preview")
    assert "这是预览" in preview
    assert "白桦林边的院子" in preview
    assert "已提交" in submit(operator, case_id)
    assert "白桦林长住" not in browser.open("/search")

    listing_id = accept(house, case_id)
    page = browser.open(f"/listings/{listing_id}")
    for words in (
        "3级台阶", "来源：本店现场量的（2027-05），名录办2027年6月1日核实", "48厘米",
        "21.3℃（2015-2024年的平均）", "普通温泉，约41℃", "艾灸", "清淡、清真", "可带小型宠物",
        "每年5月1日到10月7日", "以下情况不适合", "皮肤有伤口的人不要泡。", "朝南双床房",
        "这里现在还不能在网上预订。", 'alt="白桦林边的院子"', 'type="image/avif"',
    ):  # fmt: skip
        assert words in page, words
    assert "算一算价钱" not in page
    with services.database.read() as session:
        room_id = session.scalars(
            sa.select(RoomType.id).where(RoomType.listing_id == listing_id)
        ).one()
    price(operator, room_id)
    assert "算一算价钱" in browser.open(f"/listings/{listing_id}")
    stay = "rooms=1&adults=2&nights=other&nights_other=7"
    found = browser.open(f"/search?when=exact&arrive=2027-07-01&{stay}&q=清真")
    assert "白桦林长住" in found
    assert re.search(r'src="/media/photos/\d+/480.webp"', found)
    quote = f"/listings/{listing_id}/quote?room_type={room_id}&{stay}&arrive="
    assert "1,260" in browser.open(f"{quote}2027-07-01")
    refused = browser.open(f"{quote}2027-10-05", expect=422)
    assert "这里每年5月1日到10月7日开放" in refused


def test_what_cannot_be_is_refused_and_what_was_typed_stays(
    operator: Browser, services: Services
) -> None:
    case_id = begin(operator)
    page = save(operator, case_id, "access", expect=422, steps="很多级", altitude_m="740",
                july_mean_c="21")  # fmt: skip
    assert 'value="很多级"' in page
    assert 'value="740"' in page
    assert "台阶数请写 0 到 500 之间的整数" in page
    assert "就要写明是哪几年的" in page
    assert "steps" not in case_of(services, case_id).document
    operator.open(f"/operator/listings/drafts/{case_id}/access")
    shown = version(operator)
    save(operator, case_id, "access", altitude_m="740")
    url = f"/operator/listings/drafts/{case_id}/access"
    stale = operator.send(url, expect=409, version=shown, altitude_m="900")
    assert "已经有人改过" in stale
    assert 'value="900"' in stale
    assert case_of(services, case_id).document["altitude_m"] == 740


def test_rooms_are_added_and_taken_out_without_javascript(
    operator: Browser, services: Services
) -> None:
    case_id = begin(operator)
    page = save(operator, case_id, "parts", do="add", **ROOM)
    assert 'name="rooms-1-name_zh"' in page
    two = ROOM | {"count": "2", "rooms-1-name_zh": "家庭房", "rooms-1-max_adults": "2",
                  "rooms-1-max_guests": "4"}  # fmt: skip
    save(operator, case_id, "parts", do="remove-0", **two)
    rooms = case_of(services, case_id).document["rooms"]
    assert [room["name_zh"] for room in rooms] == ["家庭房"]


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
    two = ROOM | {"count": "2", "rooms-0-key": "new1", "rooms-1-name_zh": "家庭套间",
                  "rooms-1-max_adults": "2", "rooms-1-max_guests": "4"}  # fmt: skip
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
    two = ROOM | {"count": "2", "rooms-0-key": "new1", "rooms-1-key": "new2",
                  "rooms-1-name_zh": "家庭套间", "rooms-1-max_adults": "2",
                  "rooms-1-max_guests": "4"}  # fmt: skip
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


def test_a_change_is_not_seen_before_it_is_accepted(
    house: House, operator: Browser, browser: Browser, services: Services
) -> None:
    listing_id = house.room.listing_id
    operator.open(f"/operator/listings/{listing_id}")
    found = DRAFT.search(operator.send(f"/operator/listings/{listing_id}/change"))
    assert found
    case_id = int(found[1])
    site = case_of(services, case_id).document["site_id"]
    save(operator, case_id, "basics", site_id=site, **BASICS | {"opens": "", "closes": ""})
    save(operator, case_id, "access", **ACCESS)
    submit(operator, case_id)
    assert "白桦林长住" not in browser.open(f"/listings/{listing_id}")
    assert "不能这样办理" in operator.open(
        f"/operator/listings/drafts/{case_id}/basics", follow=True
    )
    accept(house, case_id)
    assert "白桦林长住" in browser.open(f"/listings/{listing_id}")
    with services.database.read() as session:
        assert session.scalars(sa.select(RoomType.id)).all() == [house.room.room_type_id]


def test_returned_with_reasons_and_taken_back(
    house: House, operator: Browser, services: Services
) -> None:
    listing_id = house.room.listing_id
    operator.open(f"/operator/listings/{listing_id}")
    found = DRAFT.search(operator.send(f"/operator/listings/{listing_id}/change"))
    assert found
    case_id = int(found[1])
    with services.database.write() as session:
        case = session.get_one(ReviewCase, case_id)
        case.status, case.reasons, case.remark = CaseStatus.RETURNED, ["photo_unsuited"], "照片太暗"
    page = operator.open(f"/operator/listings/drafts/{case_id}")
    assert "照片太暗" in page
    assert "没有写清照片内容" in page
    url = f"/operator/listings/drafts/{case_id}/withdraw"
    shown = version(operator)
    assert "已撤回" in operator.send(url, version=shown)
    operator.send(url, version=shown)
    assert case_of(services, case_id).status is CaseStatus.WITHDRAWN


def test_pausing_going_on_and_archiving(
    house: House, operator: Browser, browser: Browser, services: Services
) -> None:
    listing_id = house.room.listing_id
    url = f"/operator/listings/{listing_id}"
    operator.open(url)
    assert "已暂停" in operator.send(f"{url}/move", to="paused")
    browser.open(f"/listings/{listing_id}", expect=404)
    assert "现在的状态不能这样办理" in operator.send(f"{url}/move", to="paused")
    operator.send(f"{url}/move", to="published")
    browser.open(f"/listings/{listing_id}")
    assert "不能恢复" in operator.open(f"{url}/archive")
    assert "已归档" in operator.send(f"{url}/move", to="archived")
    operator.send(f"{url}/move", to="published")
    operator.send(f"{url}/move", to="submitted")
    with services.database.read() as session:
        assert session.get_one(Listing, listing_id).status is ListingStatus.ARCHIVED


@pytest.mark.parametrize("kind", ["activity", "rail"])
def test_an_activity_and_a_train_have_a_page_with_a_telephone(
    house: House, operator: Browser, browser: Browser, services: Services, kind: str
) -> None:
    case_id = begin(operator, kind)
    site = case_of(services, case_id).document["site_id"]
    save(operator, case_id, "basics", site_id=site, activity="forest_walk", **BASICS)
    part = {
        "activity": {"slots-0-weekdays": ["6", "7"], "slots-0-starts": "9:30",
                     "slots-0-minutes": "90", "slots-0-capacity": "12",
                     "slots-0-name_zh": "周末上午"},
        "rail": {"berths-0-kind": "hard_berth", "berths-0-capacity": "60", "berths-0-lower": "20",
                 "berths-0-name_zh": "硬卧车厢"},
    }  # fmt: skip
    save(operator, case_id, "parts", do="save", count="1", **part[kind])
    operator.open(f"/operator/listings/drafts/{case_id}/preview")
    submit(operator, case_id)
    page = browser.open(f"/listings/{accept(house, case_id)}")
    words = {
        "activity": ("周末上午", "周六、周日，09:30开始，90分钟，最多12人", "森林漫步"),
        "rail": ("硬卧车厢", "硬卧，共60个，下铺20个"),
    }
    for expected in (*words[kind], "这一项还不能在网上预订。", 'href="tel:'):
        assert expected in page


def test_another_operators_listing_and_draft_look_like_none(
    stranger: Browser, house: House, operator: Browser
) -> None:
    case_id = begin(operator)
    for path in ("", "/basics", "/parts", "/photos", "/sources", "/preview"):
        stranger.open(f"/operator/listings/drafts/{case_id}{path}", expect=404)
    stranger.open(f"/operator/listings/{house.room.listing_id}", expect=404)
    stranger.open("/operator/listings")
    for path in ("submit", "withdraw", "basics", "photos/add"):
        url = f"/operator/listings/drafts/{case_id}/{path}"
        stranger.send(url, expect=404, version="1")
    for path in ("move", "change"):
        stranger.send(f"/operator/listings/{house.room.listing_id}/{path}", expect=404, to="paused")


def test_the_pages_are_whole_in_english(operator: Browser, house: House) -> None:
    case_id = begin(operator)
    save(operator, case_id, "wellness", **WELLNESS)
    add_photo(operator, case_id, "院子里的长椅")
    own = f"/operator/listings/{house.room.listing_id}"
    draft = f"/operator/listings/drafts/{case_id}"
    sections = ("basics", "access", "wellness", "parts", "photos", "sources", "preview")
    for url in (
        "/operator/listings", "/operator/listings/new", own, f"{own}/archive", draft,
        *(f"{draft}/{section}" for section in sections),
    ):  # fmt: skip
        assert unmarked(Page(operator.client.get(f"/en{url}"))) == [], url
