"""A listing's case: accepting it makes the listing, or changes it, and nothing before does."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest
import sqlalchemy as sa

from catalog.directory.listing_parts import room_types
from catalog.effects import ListingAccepted
from catalog.models import Listing, Site
from catalog.office.listings import listing_removal
from catalog.office.listings.listing_photos import left_to_house
from catalog.office.listings.listing_removal import StillSold
from catalog.office.models import Evidence, Photo, ReviewCase
from catalog.queries import listing_page
from catalog.states import ListingStatus, WrongListingState
from catalog.vocabulary import Focus, PhotoSubject, Spring
from marketplace.inventory import pool_setup
from marketplace.inventory.models import StockDay, StockPool
from marketplace.kernel import changes, outbox
from marketplace.kernel.errors import Invalid, NotFound
from tests.factories import NOW, TODAY, make_enterprise
from tests.service.catalog.listing_office import FACTS, LATER, ROOM, Office


def test_a_new_stay_is_published_when_it_is_accepted_and_not_before(office: Office) -> None:
    report = {"source": "吉林省地矿检测站", "date": "2027-03-02", "document_id": office.document()}
    photo = office.photo("白桦林边的院子")
    case_id = office.begin()
    office.save(
        case_id,
        **FACTS,
        spring="radon",
        water_c=42,
        cautions_zh="刚做过手术的人不要泡",
        photos=[photo],
        sources={"spring": report},
    )
    office.submit(case_id)
    with office.database.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Listing)) == 0
    listing_id = office.accept(case_id)
    changes.sequence(office.database)
    with office.database.read() as session:
        page = listing_page(session, listing_id)
        assert page.card.status is ListingStatus.PUBLISHED
        assert page.card.code == f"{page.card.enterprise_code}A"
        assert (page.card.name_zh, page.card.spring) == ("白桦林长住", Spring.RADON)
        assert [room.code for room in page.room_types] == [
            f"{page.card.code}1",
            f"{page.card.code}2",
        ]
        assert [one.alt_zh for one in page.photos] == ["白桦林边的院子"]
        assert page.card.photo == page.photos[0]
        assert page.evidence["spring"].verified_at == NOW
        assert changes.since(session, 0, kinds=[changes.LISTING])[-1].entity_id == str(listing_id)
        owed = sa.select(outbox.OutboxRow).where(outbox.OutboxRow.topic == ListingAccepted.topic)
        assert [row.payload for row in session.scalars(owed)] == [{"listing_id": listing_id}]
    assert office.accepted(**FACTS) != listing_id


def test_its_rooms_get_calendars_without_rooms_once(office: Office) -> None:
    listing_id = office.accepted(**FACTS)
    for made in (2, 0):
        with office.database.write() as session:
            found = pool_setup.ensure_pools(session, listing_id=listing_id, today=TODAY, now=NOW)
            assert found == made
    with office.database.read() as session:
        days = session.execute(
            sa.select(sa.func.count(), sa.func.max(StockDay.capacity), sa.func.max(StockDay.day))
        ).one()
    assert tuple(days) == (2 * 540, 0, TODAY + dt.timedelta(days=539))


def test_calendars_of_real_operators_are_kept_long_enough(office: Office) -> None:
    with office.database.write() as session:
        real = make_enterprise(session, is_sample=False, claimed=True)
    listing_id = dataclasses.replace(office, enterprise_id=real).accepted(**FACTS)
    with office.database.write() as session:
        pool_setup.ensure_pools(session, listing_id=listing_id, today=TODAY, now=NOW)
    tomorrow = TODAY + dt.timedelta(days=1)
    for grown in (2, 0):
        with office.database.write() as session:
            assert pool_setup.keep_open(session, today=tomorrow, now=LATER) == grown
    with office.database.read() as session:
        last = session.scalar(sa.select(sa.func.max(StockDay.day)))
    assert last == tomorrow + dt.timedelta(days=539)


def test_a_change_is_live_when_it_is_accepted_and_evidence_keeps_its_day(office: Office) -> None:
    sources = {
        "steps": {"source": "现场量的", "date": "2027-05", "document_id": None},
        "lift": {"source": "竣工图", "date": "2020", "document_id": None},
    }
    first, second = office.photo("院子和白桦林"), office.photo("双床房的两张床")
    listing_id = office.accepted(**FACTS, lift=False, sources=sources, photos=[first, second])
    case_id = office.begin(listing_id)
    assert office.begin(listing_id) == case_id
    office.save(case_id, steps=5, photos=[second | {"alt_zh": "双床房，窗户朝南"}])
    office.submit(case_id)
    with office.database.read() as session:
        assert listing_page(session, listing_id).card.steps == 2
    office.accept(case_id, LATER)
    with office.database.read() as session:
        page = listing_page(session, listing_id)
        assert page.card.steps == 5
        assert [one.alt_zh for one in page.photos] == ["双床房，窗户朝南"]
        assert session.get_one(Photo, first["id"]).listing_id is None
        assert page.evidence["lift"].verified_at == NOW
        assert page.evidence["steps"].verified_at == LATER
        rooms = room_types(session, [listing_id])
    assert [room.name_zh for room in rooms] == ["双床房", "家庭房"]


def test_photographs_show_their_rooms_and_stay_with_the_house_when_a_room_goes(
    office: Office,
) -> None:
    photos = [
        office.photo("家庭房的三张床") | {"room": "new2", "focus": "left"},
        office.photo("卫生间的扶手") | {"subject": "bath"},
        office.photo("院子里的长椅"),
    ]
    listing_id = office.accepted(**FACTS, photos=photos)
    with office.database.read() as session:
        page = listing_page(session, listing_id)
        twin, family = (room.id for room in page.room_types)
        assert [(one.room_type_id, one.subject, one.focus) for one in page.photos] == [
            (family, PhotoSubject.HOUSE, Focus.LEFT),
            (None, PhotoSubject.BATH, Focus.CENTRE),
            (None, PhotoSubject.HOUSE, Focus.CENTRE),
        ]
        assert page.card.photo == page.photos[0]
    case_id = office.begin(listing_id)
    with office.database.read() as session:
        case = session.get_one(ReviewCase, case_id)
        assert case.document["photos"] == [
            photos[0] | {"room": str(family)},
            photos[1],
            photos[2],
        ]
        rooms = case.document["rooms"]
    office.save(case_id, rooms=rooms[:1], photos=left_to_house(case.document["photos"], rooms[:1]))
    office.submit(case_id)
    office.accept(case_id)
    with office.database.read() as session:
        page = listing_page(session, listing_id)
        assert [room.id for room in page.room_types] == [twin]
        assert [(one.room_type_id, one.focus) for one in page.photos] == [
            (None, Focus.LEFT),
            (None, Focus.CENTRE),
            (None, Focus.CENTRE),
        ]


def test_a_room_type_goes_only_while_nothing_was_ever_sold_of_it(office: Office) -> None:
    listing_id = office.accepted(**FACTS)
    with office.database.write() as session:
        pool_setup.ensure_pools(session, listing_id=listing_id, today=TODAY, now=NOW)
        rooms = [room.id for room in room_types(session, [listing_id])]
        pool = session.scalars(sa.select(StockPool).where(StockPool.room_type_id == rooms[1])).one()
        session.execute(
            sa.update(StockDay)
            .where(StockDay.pool_id == pool.id, StockDay.day == TODAY)
            .values(capacity=1)
        )
    kept = [ROOM | {"id": rooms[0]}, ROOM | {"id": None, "name_zh": "大床房"}]
    case_id = office.begin(listing_id)
    office.save(case_id, rooms=kept)
    with pytest.raises(StillSold, match="家庭房"):
        office.submit(case_id)
    with office.database.write() as session:
        session.execute(sa.update(StockDay).values(capacity=0))
    office.submit(case_id)
    office.accept(case_id)
    with office.database.read() as session:
        found = room_types(session, [listing_id])
        assert [room.name_zh for room in found] == ["双床房", "大床房"]
        assert [room.code[-1] for room in found] == ["1", "3"]
        pools = session.scalars(sa.select(StockPool.room_type_id)).all()
    assert pools == [rooms[0]]


def test_stock_that_came_after_the_case_was_submitted_stops_it(office: Office) -> None:
    listing_id = office.accepted(**FACTS)
    with office.database.write() as session:
        rooms = [room.id for room in room_types(session, [listing_id])]
    case_id = office.begin(listing_id)
    office.save(case_id, rooms=[ROOM | {"id": rooms[0]}])
    office.submit(case_id)
    listing_removal.RELEASES.clear()
    with office.database.write() as session:
        pool_setup.ensure_pools(session, listing_id=listing_id, today=TODAY, now=NOW)
    with pytest.raises(StillSold):
        office.accept(case_id)
    with office.database.read() as session:
        assert len(room_types(session, [listing_id])) == 2
        assert session.get_one(Listing, listing_id).version == 1


def test_what_belongs_to_others_is_refused(office: Office) -> None:
    with office.database.write() as session:
        other = make_enterprise(session)
        site = session.scalars(sa.select(Site.id).where(Site.enterprise_id == other)).one()
    stranger = dataclasses.replace(office, enterprise_id=other, author_id=office.reviewer_id)
    photo, report = stranger.photo("别人家的院子"), stranger.document()
    foreign = stranger.accepted(**FACTS)
    with office.database.read() as session:
        room_id = room_types(session, [foreign])[0].id
    case_id = office.begin()
    office.save(
        case_id,
        **FACTS | {"site_id": site, "rooms": [ROOM | {"id": room_id}]},
        photos=[photo],
        sources={"steps": {"source": "报告", "date": "", "document_id": report}},
    )
    with pytest.raises(Invalid) as refused:
        office.submit(case_id)
    assert refused.value.fields.keys() == {"site_id", "photos", "sources", "rooms"}
    with pytest.raises(NotFound):
        office.begin(foreign)


def test_an_archived_listing_is_not_changed_any_more(office: Office) -> None:
    listing_id = office.accepted(**FACTS)
    case_id = office.begin(listing_id)
    with office.database.write() as session:
        session.get_one(Listing, listing_id).status = ListingStatus.ARCHIVED
    with pytest.raises(WrongListingState):
        office.submit(case_id)
    with pytest.raises(WrongListingState):
        office.begin(listing_id)


def test_facts_that_are_no_more_take_their_evidence_along(office: Office) -> None:
    said = {"steps": {"source": "现场量的", "date": "", "document_id": None}}
    listing_id = office.accepted(**FACTS, sources=said)
    office.accepted(listing_id, steps=None, sources={})
    with office.database.read() as session:
        assert session.scalars(sa.select(Evidence)).all() == []
