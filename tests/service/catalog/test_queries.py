"""Reading the directory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from catalog import queries
from catalog.geography import reference_queries
from catalog.geography.reference_loading import load_reference
from catalog.models import Enterprise, Listing
from catalog.queries import DirectoryFilters
from catalog.service import move_listing, suspend
from catalog.states import ListingStatus
from catalog.vocabulary import Category, Cluster, Slope, Theme
from marketplace.kernel import audit
from marketplace.kernel.clock import SetClock
from marketplace.kernel.db import Database
from marketplace.kernel.errors import NotFound
from marketplace.sample import load_sample


@pytest.fixture
def full(directory: Database, clock: SetClock) -> Database:
    load_sample(directory, clock=clock, days=2)
    return directory


@contextmanager
def counting(database: Database) -> Iterator[list[str]]:
    """Collect the statements run meanwhile."""
    statements: list[str] = []
    engine = database.write_engine if not database.is_sqlite else database.read_engine

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.lstrip().upper().startswith(("SELECT", "WITH")):
            statements.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield statements
    event.remove(engine, "before_cursor_execute", note)


def listing_id(database: Database, code: str) -> int:
    with database.read() as session:
        return session.scalars(sa.select(Listing.id).where(Listing.code == code)).one()


class TestDirectory:
    def test_shows_the_real_places_ten_a_page(self, full: Database) -> None:
        with full.read() as session:
            first = queries.directory_page(session, filters=DirectoryFilters())
            last = queries.directory_page(session, filters=DirectoryFilters(), page=13)
        assert (first.total, first.pages, len(first.items), len(last.items)) == (122, 13, 10, 2)
        assert first.items[0].code == "JL001"
        assert first.items[0].clusters == (Cluster.CHANGBAI,)

    @pytest.mark.parametrize(
        ("filters", "total"),
        [
            (DirectoryFilters(cluster=Cluster.JIAN), 13),
            (DirectoryFilters(outside=True), 6),
            (DirectoryFilters(theme=Theme.HOT_SPRING), 13),
            (DirectoryFilters(category=Category.FOREST_TRAIN), 2),
            (DirectoryFilters(cluster=Cluster.HUNCHUN, theme=Theme.RAIL), 2),
            (DirectoryFilters(samples=True), 18),
            (DirectoryFilters(ids=[]), 0),
            (DirectoryFilters(suspended=True), 0),
        ],
    )
    def test_filters(self, full: Database, filters: DirectoryFilters, total: int) -> None:
        with full.read() as session:
            assert queries.directory_page(session, filters=filters).total == total

    def test_keeps_the_order_of_a_search(self, full: Database) -> None:
        with full.read() as session:
            ids = list(
                session.scalars(
                    sa.select(Enterprise.id)
                    .where(Enterprise.code.in_(["JL005", "JL002", "JL009"]))
                    .order_by(Enterprise.code.desc())
                )
            )
            page = queries.directory_page(session, filters=DirectoryFilters(ids=ids))
        assert [card.code for card in page.items] == ["JL009", "JL005", "JL002"]

    def test_an_entry_says_where_from_and_how_sure(self, full: Database) -> None:
        with full.read() as session:
            page = queries.enterprise_page(session, "JL002")
        assert page.source_date == "2018-02"
        assert page.administering_body == "长白山保护开发区池北区"
        assert page.site is not None
        assert (page.site.slope, page.site.coord_error_km) == (Slope.NORTH, 8.0)
        assert page.station is not None
        assert page.station.name_zh == "长白山站"
        assert page.listings == ()

    def test_a_sample_operator_has_its_listings(self, full: Database) -> None:
        with full.read() as session:
            page = queries.enterprise_page(session, "SMP01")
        assert [card.code for card in page.listings] == ["SMP01A", "SMP01B"]
        assert page.card.theme is Theme.HOT_SPRING

    def test_an_unknown_entry_is_not_found(self, full: Database) -> None:
        with full.read() as session, pytest.raises(NotFound):
            queries.enterprise_page(session, "JL999")

    def test_clusters_say_what_they_have(self, full: Database) -> None:
        with full.read() as session:
            counts = reference_queries.clusters_with_counts(session)
        assert [count.cluster for count in counts] == [*Cluster, None]
        assert sum(count.places for count in counts) == 122
        assert all(count.listings > 0 for count in counts if count.cluster is not None)
        assert counts[-1].listings == 0


class TestListings:
    def test_a_page_has_everything_in_four_queries(self, full: Database) -> None:
        key = listing_id(full, "SMP01A")
        with full.read() as session, counting(full) as statements:
            page = queries.listing_page(session, key)
        assert len(statements) == 4
        assert [room.code for room in page.room_types] == ["SMP01A1", "SMP01A2"]
        assert page.station is not None
        assert page.station.slope is page.site.slope is Slope.NORTH
        assert page.card.clusters == (Cluster.CHANGBAI, Cluster.RING_CHANGBAI_SPRINGS)

    def test_cards_come_in_the_order_asked_for_with_one_query(self, full: Database) -> None:
        keys = [listing_id(full, code) for code in ("SMP05A", "SMP01A", "SMP09A")]
        with full.read() as session, counting(full) as statements:
            cards = queries.cards(session, [*keys, 999_999])
        assert [card.code for card in cards] == ["SMP05A", "SMP01A", "SMP09A"]
        assert len(statements) == 1

    def test_unknown_facts_stay_unknown(self, full: Database) -> None:
        with full.read() as session:
            card = queries.listing_page(session, listing_id(full, "SMP18A")).card
        assert card.hospital_km is None
        assert card.hospital_minutes is None

    @pytest.mark.parametrize("how", ["suspend", "pause"])
    def test_what_is_not_on_sale_is_nowhere(
        self, full: Database, clock: SetClock, how: str
    ) -> None:
        key = listing_id(full, "SMP05A")
        with full.read() as session:
            card = queries.listing_page(session, key).card
        with full.write() as session:
            if how == "suspend":
                suspend(
                    session,
                    enterprise_id=card.enterprise_id,
                    reason="检查",
                    actor=audit.SYSTEM,
                    now=clock.now(),
                )
            else:
                move_listing(
                    session,
                    listing_id=key,
                    to=ListingStatus.PAUSED,
                    actor=audit.SYSTEM,
                    now=clock.now(),
                )
        with full.read() as session:
            assert queries.cards(session, [key]) == []
            assert key not in {card.id for card in queries.cards(session, None)}
            with pytest.raises(NotFound):
                queries.listing_page(session, key)
            hidden = queries.listing_page(session, key, hidden_too=True)
            assert hidden.card.version == 2
            if how == "suspend":
                with pytest.raises(NotFound):
                    queries.enterprise_page(session, "SMP05")
                office = queries.enterprise_page(session, "SMP05", suspended_too=True)
                assert office.suspended_reason == "检查"
                assert [card.id for card in office.listings] == [key]


class TestReference:
    def test_source_cities_begin_with_those_that_gain_most(self, full: Database) -> None:
        with full.read() as session:
            cities = reference_queries.source_cities(session)
        assert len(cities) == 18
        assert (cities[0].city_zh, cities[0].cooler_by) == ("长沙", 7.1)
        assert cities[0].july_mean == pytest.approx((30.1 + 29.8) / 2, abs=0.06)

    def test_rail_links_from_before_2020_are_marked(self, full: Database) -> None:
        with full.read() as session:
            links = reference_queries.rail_links(session)
        assert len(links) == 9
        assert [link.to_station for link in links if not link.usable_for_planning] == ["珲春"]

    def test_reference_loads_twice_as_once(self, full: Database) -> None:
        load_reference(full)
        with full.read() as session:
            assert len(reference_queries.rail_links(session)) == 9
            assert len(reference_queries.source_cities(session)) == 18

    def test_stations_are_eight(self, full: Database) -> None:
        with full.read() as session:
            assert [row.code for row in reference_queries.stations(session)] == [
                f"JL{number}" for number in range(123, 131)
            ]
