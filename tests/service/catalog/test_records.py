"""Whole entries with their standing, and the register counted, on both databases."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from catalog import service
from catalog.models import Enterprise, EnterpriseGrade, Listing, Site
from catalog.office import statistics
from catalog.office.entries.completeness import Field, Freshness
from catalog.office.entries.records import NOT_STRUCK_OFF, Record, codes, evidence, records, state
from catalog.office.models import Evidence, Licence
from catalog.queries import DirectoryFilters
from catalog.states import EnterpriseStatus
from catalog.vocabulary import Category, Cluster, Datum, GradeScheme, LicenceKind, Spring
from marketplace.kernel.audit import SYSTEM
from marketplace.kernel.db import Database
from tests.factories import NOW, TODAY, make_enterprise, make_listing, make_room

FULL = {
    "is_sample": False,
    "name_en": "A place",
    "note_zh": "说明",
    "note_en": "A note",
    "adcode": "222426",
}


@pytest.fixture
def world(database: Database) -> dict[str, int]:
    """Three real entries, one of them struck off, and a sample."""
    with database.write() as session:
        spring = make_enterprise(
            session,
            code="JL001",
            category=Category.HOT_SPRING_RESORT,
            clusters=(Cluster.CHANGBAI, Cluster.JIAN),
            claimed=True,
            checked_at=NOW - dt.timedelta(days=30),
            source_date="2019",
            **FULL,
        )
        park = make_enterprise(
            session, code="JL002", category=Category.SCENIC_4A, clusters=(), **FULL
        )
        gone = make_enterprise(session, code="JL003", status=EnterpriseStatus.DELISTED, **FULL)
        sample = make_enterprise(session, code="SMP1")
        session.add(
            EnterpriseGrade(
                enterprise_id=park, scheme=GradeScheme.A_LEVEL, value="4A", as_of="2020-08"
            )
        )
        listing = make_listing(session, enterprise_id=spring, spring=Spring.PLAIN)
        make_room(session, listing_id=listing)
    return {"spring": spring, "park": park, "gone": gone, "sample": sample, "listing": listing}


def read(database: Database, **asked: object) -> list[Record]:
    with database.read() as session:
        return records(session, today=TODAY, **asked)  # type: ignore[arg-type]


def test_an_entry_as_a_whole(database: Database, world: dict[str, int]) -> None:
    spring, park = read(database)
    assert (spring.code, park.code) == ("JL001", "JL002")
    assert spring.clusters == (Cluster.CHANGBAI, Cluster.JIAN)
    assert [(site.town_zh, site.datum, site.coord_error_km) for site in spring.sites] == [
        ("二道白河", Datum.WGS84, 8.0)
    ]
    assert (spring.complete.percent, spring.complete.missing) == (100, ())
    assert spring.known_for == TODAY - dt.timedelta(days=30)
    assert spring.fresh is Freshness.YEAR
    assert [(grade.value, grade.as_of) for grade in park.grades] == [("4A", "2020-08")]
    assert park.complete.missing == (Field.SOURCE_DATE, Field.VERIFIED)
    assert park.fresh is Freshness.UNKNOWN
    assert [one.code for one in read(database, samples=True)] == ["SMP1"]
    assert [one.code for one in read(database, code="JL002")] == ["JL002"]


def test_only_published_listings_speak_for_an_entry(
    database: Database, world: dict[str, int]
) -> None:
    with database.write() as session:
        session.execute(sa.update(Listing).values(status="draft"))
    assert read(database)[0].complete.missing == (Field.ROOMS, Field.ACCESS, Field.WATER)


def test_suspended_ones_are_for_the_office_alone(database: Database, world: dict[str, int]) -> None:
    with database.write() as session:
        service.suspend(
            session, enterprise_id=world["spring"], reason="检查", actor=SYSTEM, now=NOW
        )
    assert [one.code for one in read(database)] == ["JL002"]
    assert [one.code for one in read(database, status=NOT_STRUCK_OFF)] == ["JL001", "JL002"]


def test_the_register_counted_by_hand(database: Database, world: dict[str, int]) -> None:
    found = statistics.summed(read(database))
    assert (found.entries, found.claimed, found.planned) == (2, 1, 0)
    assert found.clusters == {
        Cluster.HUNCHUN: 0,
        Cluster.CHANGBAI: 1,
        Cluster.JIAN: 1,
        Cluster.RING_CHANGBAI_SPRINGS: 0,
        Cluster.CJS_SPRINGS: 0,
        None: 1,
    }
    assert found.categories == {Category.HOT_SPRING_RESORT: 1, Category.SCENIC_4A: 1}
    assert found.grades == {(GradeScheme.A_LEVEL, "4A"): 1}
    assert found.counties == {("延边朝鲜族自治州", "安图县"): 2}
    outside = found.quality[-1]
    assert (outside.cluster, outside.entries, outside.percent) == (None, 1, 84)
    assert outside.bands[Freshness.UNKNOWN] == 1
    assert found.quality[0].percent is None
    lacking = statistics.lacking(read(database))
    assert (lacking[Field.VERIFIED], lacking[Field.ROOMS]) == ((1, 2), (0, 1))
    assert [one.code for one in statistics.worst(read(database), most=1)] == ["JL002"]
    with database.read() as session:
        standing = statistics.standing(session, samples=False)
    assert list(standing.values()) == [2, 0, 1]


@pytest.mark.parametrize("what", ["entry", "listing", "suspended", "struck off"])
def test_any_change_shows_in_what_the_directory_stands_at(
    database: Database, world: dict[str, int], what: str
) -> None:
    with database.read() as session:
        before = state(session)
    later = NOW + dt.timedelta(hours=1)
    with database.write() as session:
        if what == "entry":
            row = session.get_one(Enterprise, world["park"])
            service.changed(session, row, action="enterprise.changed", actor=SYSTEM, now=later)
        elif what == "listing":
            session.execute(sa.update(Listing).values(version=Listing.version + 1))
        else:
            spring = world["spring"]
            service.suspend(session, enterprise_id=spring, reason="x", actor=SYSTEM, now=later)
            if what == "struck off":
                service.delist(session, enterprise_id=spring, actor=SYSTEM, now=later)
    with database.read() as session:
        assert state(session) != before


def test_samples_do_not_touch_it(database: Database, world: dict[str, int]) -> None:
    with database.read() as session:
        before = state(session)
    with database.write() as session:
        make_enterprise(session)
        service.suspend(session, enterprise_id=world["sample"], reason="x", actor=SYSTEM, now=NOW)
    with database.read() as session:
        assert state(session) == before


def test_sources_of_single_facts(database: Database, world: dict[str, int]) -> None:
    with database.write() as session:
        session.add(
            Evidence(
                subject_kind="enterprise",
                subject_id=world["park"],
                fact="grade:a_level",
                source="省文旅厅公告",
                source_date="2020-08",
                verified_at=NOW,
            )
        )
    with database.read() as session:
        own = evidence(session, enterprise_id=world["park"])
        other = evidence(session, enterprise_id=world["spring"])
    assert [(one.fact, one.source, one.verified_at) for one in own] == [
        ("grade:a_level", "省文旅厅公告", NOW)
    ]
    assert other == []


def test_licences_that_end_soon(database: Database, world: dict[str, int]) -> None:
    def licence(owner: str, days: int | None, **more: object) -> Licence:
        ends = TODAY + dt.timedelta(days=days) if days is not None else None
        return Licence(
            enterprise_id=world[owner],
            kind=LicenceKind.FIRE,
            number="1",
            expires_on=ends,
            verified_at=NOW,
            **more,
        )

    with database.write() as session:
        session.add_all(
            [
                licence("spring", 60),
                licence("spring", 61),
                licence("spring", -1),
                licence("spring", None),
                licence("spring", 5, replaced_at=NOW),
                licence("gone", 5),
                licence("sample", 5),
            ]
        )
    with database.read() as session:
        found = statistics.endings(session, samples=False, today=TODAY, most=9)
        of_samples = statistics.endings(session, samples=True, today=TODAY, most=9)
    assert [(one.code, (one.expires_on - TODAY).days) for one in found] == [
        ("JL001", -1),
        ("JL001", 60),
    ]
    assert [one.code for one in of_samples] == ["SMP1"]


def test_six_queries_however_many_entries(database: Database, world: dict[str, int]) -> None:
    with database.write() as session:
        for number in range(20):
            make_enterprise(session, code=f"JL1{number:02d}", **FULL)
        session.add(
            Site(
                enterprise_id=world["park"],
                name="第二处",
                lat=42.0,
                lon=127.0,
                datum=Datum.UNKNOWN,
                coord_error_km=3.0,
            )
        )
    seen: list[str] = []
    with database.read() as session:

        @event.listens_for(session.connection(), "before_cursor_execute")
        def count(_c: object, _k: object, statement: str, *_rest: object) -> None:
            seen.append(statement)

        found = records(session, today=TODAY)
        assert len(seen) == 5
        state(session)
        assert len(seen) == 6
        assert len(codes(session, filters=DirectoryFilters())) == len(found) == 22
    park = next(one for one in found if one.code == "JL002")
    assert [site.coord_error_km for site in park.sites] == [8.0, 3.0]
