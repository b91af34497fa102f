"""An operator's listings: from a draft to the page that travellers see, and taken out of sale."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa

from catalog.models import Listing, RoomType
from catalog.office.models import ReviewCase
from catalog.states import CaseStatus, ListingStatus
from marketplace.bootstrap import Services
from tests.support.staff import Browser, House
from tests.web.operator.drafting import (
    ACCESS,
    BASICS,
    DRAFT,
    ROOM,
    WELLNESS,
    accept,
    add_photo,
    begin,
    case_of,
    price,
    save,
    submit,
    version,
)
from tests.web.traveller.english import unmarked
from tests.web.traveller.visitor import Page


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
    assert "新加的房型要等审核通过" in preview
    assert "已提交" in submit(operator, case_id)
    assert "白桦林长住" not in browser.open("/search")

    listing_id = accept(house, case_id)
    page = browser.open(f"/listings/{listing_id}")
    for words in (
        "3级台阶",
        "来源：本店现场量的（2027-05），名录办2027年6月1日核实",
        "48厘米",
        "21.3℃（2015-2024年的平均）",
        "普通温泉，约41℃",
        "艾灸",
        "清淡、清真",
        "可带小型宠物",
        "每年5月1日到10月7日",
        "以下情况不适合",
        "皮肤有伤口的人不要泡。",
        "朝南双床房",
        "这里现在还不能在网上预订。",
        'alt="白桦林边的院子"',
        'type="image/avif"',
    ):
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
    page = save(
        operator, case_id, "access", expect=422, steps="很多级", altitude_m="740", july_mean_c="21"
    )
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
    two = ROOM | {
        "count": "2",
        "rooms-1-name_zh": "家庭房",
        "rooms-1-max_adults": "2",
        "rooms-1-max_guests": "4",
    }
    save(operator, case_id, "parts", do="remove-0", **two)
    rooms = case_of(services, case_id).document["rooms"]
    assert [room["name_zh"] for room in rooms] == ["家庭房"]


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


def test_the_preview_of_a_change_shows_what_travellers_see(
    operator: Browser, browser: Browser, house: House
) -> None:
    listing_id = house.room.listing_id
    seen = browser.open(f"/listings/{listing_id}")
    operator.open(f"/operator/listings/{listing_id}")
    operator.send(f"/operator/listings/{listing_id}/change")
    found = re.search(r"/operator/listings/drafts/\d+/preview", operator.page)
    assert found
    preview = operator.open(found[0])
    assert "这是预览" in preview
    assert "价格是今天的" in preview
    for words in ("每月（30晚）起", "如果要取消", "哪天到", "¥6,000"):
        assert words in seen
        assert words in preview
    assert rooms_of(preview) == rooms_of(seen)
    assert '<button class="btn btn--primary" type="submit">算一算价钱' not in preview


def rooms_of(page: str) -> str:
    return page.split('<div class="rooms">')[1].split("<dl", maxsplit=1)[0]


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
    assert "现在不接受预订" in browser.open(f"/listings/{listing_id}")
    assert "现在的状态不能这样办理" in operator.send(f"{url}/move", to="paused")
    operator.send(f"{url}/move", to="published")
    assert "现在不接受预订" not in browser.open(f"/listings/{listing_id}")
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
        "/operator/listings",
        "/operator/listings/new",
        own,
        f"{own}/archive",
        draft,
        *(f"{draft}/{section}" for section in sections),
    ):
        assert unmarked(Page(operator.client.get(f"/en{url}"))) == [], url
