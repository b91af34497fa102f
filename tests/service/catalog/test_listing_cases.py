"""A listing's case: accepting it makes the listing, or changes it, and nothing before does."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from catalog.directory.listing_parts import room_types
from catalog.models import Listing, Site
from catalog.office.cases import case_lifecycle, decisions
from catalog.office.listings import listing_removal
from catalog.office.listings.listing_photos import left_to_house
from catalog.office.listings.listing_removal import StillSold
from catalog.office.listings.own_listings import begin_change, begin_new
from catalog.office.models import Document, Evidence, Photo, ReviewCase
from catalog.queries import listing_page
from catalog.states import ListingStatus, WrongListingState
from catalog.vocabulary import Focus, ListingKind, PhotoSubject, Spring
from marketplace.inventory import pool_setup
from marketplace.inventory.models import PoolKind, StockDay, StockPool
from marketplace.kernel import changes, outbox
from marketplace.kernel.audit import Actor
from marketplace.kernel.blobs import FolderBlobs
from marketplace.kernel.db import Database
from marketplace.kernel.errors import Invalid, NotFound
from marketplace.kernel.unit_of_work import UnitOfWork
from marketplace.staff.roles import Role
from marketplace.staff.service import NewUser, add_user
from tests.factories import NOW, TODAY, make_enterprise
from tests.support.pictures import picture
from tests.support.uploading import made_photo

STAFF = Actor("staff", "1")
LATER = NOW + dt.timedelta(days=1)
ROOM = {"id": None, "name_zh": "双床房", "max_adults": 2, "max_guests": 3}
FACTS: dict[str, Any] = {
    "name_zh": "白桦林长住",
    "summary_zh": "林边的院子，一共八间房。",
    "theme": "forest",
    "min_nights": 7,
    "max_nights": 90,
    "steps": 2,
    "rooms": [ROOM, ROOM | {"name_zh": "家庭房", "max_guests": 4}],
}


@dataclasses.dataclass
class Office:
    """An operator and a reviewer at one enterprise."""

    database: Database
    blobs: FolderBlobs
    folder: Path
    author_id: int
    reviewer_id: int
    enterprise_id: int

    def begin(self, listing_id: int | None = None, kind: ListingKind = ListingKind.STAY) -> int:
        with self.database.write() as session:
            whose = {"author_id": self.author_id, "enterprise_id": self.enterprise_id, "now": NOW}
            if listing_id is not None:
                return begin_change(session, listing_id=listing_id, **whose).id
            site = session.scalars(
                sa.select(Site.id).where(Site.enterprise_id == self.enterprise_id)
            ).one()
            return begin_new(session, kind=kind, site_id=site, **whose).id

    def save(self, case_id: int, **facts: Any) -> None:
        with self.database.write() as session:
            case = session.get_one(ReviewCase, case_id)
            case_lifecycle.save(
                session, case_id=case_id, version=case.version, facts=facts, now=NOW
            )

    def submit(self, case_id: int) -> None:
        with self.database.write() as session:
            case = session.get_one(ReviewCase, case_id)
            case_lifecycle.submit(
                session, case_id=case_id, version=case.version, actor=STAFF, now=NOW, today=TODAY
            )

    def accept(self, case_id: int, now: dt.datetime = NOW) -> int:
        with self.database.write() as session:
            decisions.take_up(
                UnitOfWork(session, now=now, actor=STAFF),
                case_id=case_id,
                reviewer_id=self.reviewer_id,
            )
            case = session.get_one(ReviewCase, case_id)
            decisions.accept(
                UnitOfWork(session, now=now, actor=STAFF),
                case_id=case_id,
                version=case.version,
                overrides={},
                reviewer_id=self.reviewer_id,
            )
            assert case.listing_id is not None
            return case.listing_id

    def accepted(self, listing_id: int | None = None, now: dt.datetime = NOW, **facts: Any) -> int:
        case_id = self.begin(listing_id)
        self.save(case_id, **facts)
        self.submit(case_id)
        return self.accept(case_id, now)

    def photo(self, alt_zh: str) -> dict[str, Any]:
        number = made_photo(
            self.database, self.blobs, picture(640, 480), folder=self.folder, alt_zh=alt_zh,
            owner_id=self.author_id, enterprise_id=self.enterprise_id,
        )  # fmt: skip
        return {"id": number, "alt_zh": alt_zh, "alt_en": ""}

    def document(self) -> int:
        with self.database.write() as session:
            row = Document(
                blob="0" * 64, name="report.pdf", media_type="application/pdf", size=9,
                owner_id=self.author_id, enterprise_id=self.enterprise_id, given_at=NOW,
            )  # fmt: skip
            session.add(row)
            session.flush()
            return row.id


@pytest.fixture
def office(database: Database, tmp_path: Path) -> Iterator[Office]:
    with database.write() as session:
        enterprise_id = make_enterprise(session)
        users = [
            add_user(session, NewUser(login, "river-birch-stone", role, own), now=NOW).id
            for login, role, own in (
                ("front", Role.OPERATOR, enterprise_id),
                ("clerk", Role.OFFICE, None),
            )
        ]
    listing_removal.register(pool_setup.needed, pool_setup.release)
    yield Office(
        database, FolderBlobs(tmp_path / "blobs"), tmp_path, users[0], users[1], enterprise_id
    )
    listing_removal.NEEDED.clear()
    listing_removal.RELEASES.clear()


def test_a_new_stay_is_published_when_it_is_accepted_and_not_before(office: Office) -> None:
    report = {"source": "吉林省地矿检测站", "date": "2027-03-02", "document_id": office.document()}
    photo = office.photo("白桦林边的院子")
    case_id = office.begin()
    office.save(
        case_id, **FACTS, spring="radon", water_c=42, cautions_zh="刚做过手术的人不要泡",
        photos=[photo], sources={"spring": report},
    )  # fmt: skip
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
        owed = sa.select(outbox.OutboxRow).where(outbox.OutboxRow.topic == "listing.accepted")
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
            photos[0] | {"room": str(family)}, photos[1], photos[2],
        ]  # fmt: skip
        rooms = case.document["rooms"]
    office.save(case_id, rooms=rooms[:1], photos=left_to_house(case.document["photos"], rooms[:1]))
    office.submit(case_id)
    office.accept(case_id)
    with office.database.read() as session:
        page = listing_page(session, listing_id)
        assert [room.id for room in page.room_types] == [twin]
        assert [(one.room_type_id, one.focus) for one in page.photos] == [
            (None, Focus.LEFT), (None, Focus.CENTRE), (None, Focus.CENTRE),
        ]  # fmt: skip


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


SLOT = {
    "id": None,
    "name_zh": "上午场",
    "weekdays": [1],
    "starts": "09:00",
    "minutes": 60,
    "capacity": 8,
}


def with_times(office: Office, *names: str) -> tuple[int, list[int]]:
    """Have an activity with these times accepted; returns it and the times."""
    case_id = office.begin(kind=ListingKind.ACTIVITY)
    slots = [SLOT | {"name_zh": name} for name in names]
    office.save(case_id, **FACTS, activity="forest_walk", slots=slots)
    office.submit(case_id)
    listing_id = office.accept(case_id)
    with office.database.read() as session:
        return listing_id, [one.id for one in listing_page(session, listing_id).time_slots]


def pools_of_times(office: Office) -> dict[int, int]:
    with office.database.read() as session:
        rows = session.execute(
            sa.select(StockPool.time_slot_id, StockPool.id).where(StockPool.kind == PoolKind.SLOT)
        )
        return {row.time_slot_id: row.id for row in rows}


def test_times_get_calendars_without_places_which_no_search_of_rooms_follows(
    office: Office,
) -> None:
    listing_id, times = with_times(office, "上午场", "下午场")
    with office.database.read() as session:
        owed = sa.select(outbox.OutboxRow).where(outbox.OutboxRow.topic == "listing.accepted")
        assert [row.payload for row in session.scalars(owed)] == [{"listing_id": listing_id}]
    for made in (2, 0):
        with office.database.write() as session:
            found = pool_setup.ensure_pools(session, listing_id=listing_id, today=TODAY, now=NOW)
            assert found == made
    pools = pools_of_times(office)
    assert sorted(pools) == sorted(times)
    changes.sequence(office.database)
    with office.database.read() as session:
        days = session.execute(
            sa.select(sa.func.count(), sa.func.max(StockDay.capacity), sa.func.max(StockDay.day))
        ).one()
        told = [change.entity_id for change in changes.since(session, 0, kinds=[changes.PLACES])]
        assert changes.since(session, 0, kinds=[changes.STOCK]) == []
    assert tuple(days) == (2 * 540, 0, TODAY + dt.timedelta(days=539))
    assert told == [str(pool) for pool in sorted(pools.values())]


def test_times_from_before_activities_had_stock_get_their_calendars(office: Office) -> None:
    with office.database.write() as session:
        real = make_enterprise(session, is_sample=False, claimed=True)
    _, times = with_times(dataclasses.replace(office, enterprise_id=real), "上午场")
    for grown in (1, 0):
        with office.database.write() as session:
            assert pool_setup.keep_open(session, today=TODAY, now=NOW) == grown
    assert list(pools_of_times(office)) == times


def test_a_time_goes_only_while_nothing_was_ever_sold_of_it(office: Office) -> None:
    listing_id, (morning, afternoon) = with_times(office, "上午场", "下午场")
    with office.database.write() as session:
        pool_setup.ensure_pools(session, listing_id=listing_id, today=TODAY, now=NOW)
    pool = pools_of_times(office)[afternoon]
    of_that = sa.update(StockDay).where(StockDay.pool_id == pool, StockDay.day == TODAY)
    with office.database.write() as session:
        session.execute(of_that.values(capacity=3))
    case_id = office.begin(listing_id)
    office.save(case_id, slots=[SLOT | {"id": morning}])
    with pytest.raises(StillSold, match="“下午场”还有名额或订单"):
        office.submit(case_id)
    with office.database.write() as session:
        session.execute(of_that.values(capacity=0))
    office.submit(case_id)
    with office.database.write() as session:
        session.execute(of_that.values(capacity=3))
    with pytest.raises(StillSold):
        office.accept(case_id)
    with office.database.write() as session:
        session.execute(of_that.values(capacity=0))
    office.accept(case_id)
    assert list(pools_of_times(office)) == [morning]


def test_classes_of_a_train_have_no_stock_and_go_freely(office: Office) -> None:
    berth = {"id": None, "name_zh": "硬卧", "kind": "hard_berth", "capacity": 60, "lower": 20}
    soft = berth | {"name_zh": "软卧", "kind": "soft_berth"}
    case_id = office.begin(kind=ListingKind.RAIL)
    office.save(case_id, **FACTS | {"theme": "rail", "berths": [berth, soft]})
    office.submit(case_id)
    listing_id = office.accept(case_id)
    with office.database.write() as session:
        assert pool_setup.ensure_pools(session, listing_id=listing_id, today=TODAY, now=NOW) == 0
        hard = listing_page(session, listing_id).berth_classes[0].id
    office.accepted(listing_id, berths=[berth | {"id": hard}])
    with office.database.read() as session:
        assert [one.id for one in listing_page(session, listing_id).berth_classes] == [hard]


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


def test_times_and_classes_are_changed_added_and_taken_out(office: Office) -> None:
    listing_id, _ = with_times(office, "上午场", "下午场")
    with office.database.read() as session:
        morning, afternoon = listing_page(session, listing_id).time_slots
    change = [SLOT | {"id": afternoon.id, "weekdays": [6, 7]}, SLOT | {"name_zh": "夜场"}]
    office.accepted(listing_id, slots=change)
    with office.database.read() as session:
        now = listing_page(session, listing_id).time_slots
    assert [(one.name_zh, one.weekdays) for one in now] == [("上午场", (6, 7)), ("夜场", (1,))]
    assert now[0].id == afternoon.id
    assert now[1].id != morning.id or now[1].code != morning.code


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
        case_id, **FACTS | {"site_id": site, "rooms": [ROOM | {"id": room_id}]}, photos=[photo],
        sources={"steps": {"source": "报告", "date": "", "document_id": report}},
    )  # fmt: skip
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
