"""The directory in outline, on both databases."""

from __future__ import annotations

import pytest

from catalog.directory.counts import (
    OpenEnterprise,
    OpenListing,
    Outline,
    Town,
    names_of_listed,
    open_enterprises,
    open_listings,
    outline,
    themes_with_counts,
)
from catalog.queries import DirectoryFilters
from catalog.states import EnterpriseStatus, ListingStatus
from catalog.vocabulary import Category, Cluster, ListingKind, Theme
from marketplace.kernel.db import Database
from tests.factories import NOW, make_enterprise, make_listing


@pytest.fixture
def filled(database: Database) -> dict[str, int]:
    """Five enterprises; returns the ids of their listings by name."""
    both = (Cluster.CHANGBAI, Cluster.RING_CHANGBAI_SPRINGS)
    with database.write() as session:
        inn = make_enterprise(session, code="R1", clusters=both, is_sample=False)
        make_enterprise(
            session, code="R2", is_sample=False, category=Category.FOREST_PARK, name_en=""
        )
        make_enterprise(
            session,
            code="R3",
            is_sample=False,
            clusters=(),
            category=Category.HOT_SPRING_RESORT,
        )
        gone = make_enterprise(
            session, code="R4", is_sample=False, status=EnterpriseStatus.SUSPENDED
        )
        sample = make_enterprise(session, code="SMP1")
        return {
            "shown": make_listing(session, enterprise_id=inn, is_sample=False),
            "activity": make_listing(
                session, enterprise_id=inn, is_sample=False, kind=ListingKind.ACTIVITY
            ),
            "draft": make_listing(
                session, enterprise_id=inn, is_sample=False, status=ListingStatus.DRAFT
            ),
            "suspended": make_listing(session, enterprise_id=gone, is_sample=False),
            "sample": make_listing(session, enterprise_id=sample, theme=Theme.HOT_SPRING),
        }


def test_a_cluster_summed_up(database: Database, filled: dict[str, int]) -> None:
    with database.read() as session:
        found = outline(session, filters=DirectoryFilters(cluster=Cluster.CHANGBAI))
        none = outline(session, filters=DirectoryFilters(cluster=Cluster.JIAN))
    assert found == Outline(
        places=2,
        categories=((Category.FOREST_CABIN, 1), (Category.FOREST_PARK, 1)),
        towns=(Town("二道白河", "Erdaobaihe", 2),),
    )
    assert none == Outline(0, (), ())


def test_themes_count_real_places_and_every_stay(
    database: Database, filled: dict[str, int]
) -> None:
    with database.read() as session:
        found = {
            one.theme: (one.places, one.listings)
            for one in themes_with_counts(session)
            if one.places or one.listings
        }
    assert found == {Theme.FOREST: (2, 1), Theme.HOT_SPRING: (1, 1)}


def test_names_are_of_what_everybody_may_see(database: Database, filled: dict[str, int]) -> None:
    with database.read() as session:
        found = names_of_listed(session, ["R1", "R2", "R4", "SMP1", "NONE"])
        assert names_of_listed(session, []) == {}
    assert found == {
        "R1": ("示例森林小屋", "Sample Forest Cabins"),
        "R2": ("示例森林小屋", ""),
    }


def test_what_is_open_is_real_and_visible(database: Database, filled: dict[str, int]) -> None:
    with database.read() as session:
        listings, enterprises = open_listings(session), open_enterprises(session)
    assert listings == [
        OpenListing(filled["shown"], NOW),
        OpenListing(filled["activity"], NOW),
    ]
    assert [one.code for one in enterprises] == ["R1", "R2", "R3"]
    assert set(enterprises[0].clusters) == {Cluster.CHANGBAI, Cluster.RING_CHANGBAI_SPRINGS}
    assert enterprises[2] == OpenEnterprise("R3", Theme.HOT_SPRING, (), NOW)
