"""Search finds what the slow truth finds, with its prices, its facets and a way on."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from catalog.models import Listing
from catalog.search import refresh
from catalog.search.indexes.memory_index import MemoryIndex
from catalog.search.search_service import Words
from catalog.vocabulary import Cluster, FoodTag, Pace, Theme
from marketplace.kernel.db import Database
from marketplace.kernel.stay import Stay
from marketplace.offers.matrix import matrix_loading
from marketplace.offers.search import distance
from marketplace.offers.search.facet_counts import SEVERAL
from marketplace.offers.search.filtering import conditions, without
from marketplace.offers.search.search_service import search
from marketplace.offers.search.search_types import (
    Access,
    Answer,
    Dates,
    Filters,
    Grade,
    HospitalWithin,
    PriceBand,
    Provenance,
    SearchQuery,
    Sort,
)
from marketplace.pricing.nights.selection import Party
from tests.factories import TODAY
from tests.service.offers.dressing import dress
from tests.service.offers.oracle import Offered, Oracle

JULY = Stay.of(dt.date(2027, 7, 1), 30)
EVERYTHING = 10_000
TYPES: dict[str, Any] = {
    "cluster": Cluster, "theme": Theme, "band": PriceBand, "access": Access,
    "hospital": HospitalWithin, "food": FoodTag, "pace": Pace, "grade": Grade,
    "provenance": Provenance,
}  # fmt: skip


def ask(database: Database, query: SearchQuery) -> Answer:
    index = MemoryIndex()
    refresh.build(index, database)
    with database.read() as session:
        matrix = matrix_loading.build(session, today=TODAY)
        return search(session, query=query, matrix=matrix, words=Words(index, database))


def random_query(chance: random.Random) -> SearchQuery:
    arrive = TODAY + dt.timedelta(days=chance.randrange(0, 380))
    nights = chance.choice([1, 3, 7, 15, 30, 30, 45, 60, 90])
    stay = Stay.of(arrive, nights)
    dates = chance.choice(
        [
            None,
            Dates.exactly(stay),
            Dates.exactly(stay),
            Dates.around(stay, today=TODAY),
            Dates.within(arrive, arrive + dt.timedelta(62), nights=nights, today=TODAY),
        ]
    )
    few = chance.random() < 0.4
    return SearchQuery(
        filters=Filters(
            cluster=chance.choice([None, None, None, *Cluster]),
            theme=chance.choice([None, None, None, Theme.HOT_SPRING, Theme.FOREST]),
            band=chance.choice([None, None, *PriceBand]),
            access=frozenset(chance.sample(list(Access), k=chance.choice([0, 0, 1, 2]))),
            hospital=chance.choice([None, None, *HospitalWithin]),
            food=frozenset(chance.sample(list(FoodTag), k=chance.choice([0, 0, 0, 1, 2]))),
            pace=chance.choice([None, None, *Pace]),
            grade=chance.choice([None, None, None, Grade.NONE, Grade.A4]),
            provenance=chance.choice([None, Provenance.SAMPLE, Provenance.SAMPLE]),
            family=chance.random() < 0.2,
        )
        if few
        else Filters(),
        dates=dates,
        rooms=chance.choice([1, 1, 2, 3]),
        party=Party(chance.choice([1, 2, 2, 3, 5]), chance.choice([(), (), (4,), (4, 9)])),
        sort=chance.choice([Sort.RELEVANCE, Sort.PRICE]),
        size=EVERYTHING,
    )


def give_seasons(database: Database) -> None:
    """Let every third stay of the sample be open in summer alone, and every third in winter."""
    with database.write() as session:
        for place, listing in enumerate(session.scalars(sa.select(Listing).order_by(Listing.id))):
            if place % 3:
                seasons = ("05-10", "10-07") if place % 3 == 1 else ("11-20", "03-31")
                listing.opens, listing.closes = seasons


@pytest.mark.parametrize("seed", range(8))
def test_any_question_finds_what_trying_everything_finds(sample: Database, seed: int) -> None:
    """The list, each total, and each facet count, on the whole sample."""
    chance, found_some = random.Random(seed), 0
    if seed % 2:
        give_seasons(sample)
    if seed % 4 > 1:
        dress(sample)
    index = MemoryIndex()
    refresh.build(index, sample)
    words = Words(index, sample)
    with sample.read() as session:
        oracle = Oracle(session, today=TODAY)
        matrix = matrix_loading.build(session, today=TODAY)
        for _ in range(12):
            query = random_query(chance)
            answer = search(session, query=query, matrix=matrix, words=words)
            truth = oracle.matches(query)
            got = {result.card.id: result for result in answer.page.items}
            assert got.keys() == truth.keys(), query
            assert answer.page.total == len(truth)
            for listing_id, result in got.items():
                expected = truth[listing_id]
                if isinstance(expected, Offered):
                    assert result.quote is not None
                    assert result.stay == result.quote.stay == expected.stay
                    assert result.quote.total_fen == expected.total_fen
                else:
                    assert result.from_month_fen == expected
            assert_facets(oracle, query, answer)
            found_some += bool(truth)
    assert found_some >= 3


def assert_facets(oracle: Oracle, query: SearchQuery, answer: Answer) -> None:
    """Each count is the number of results that choosing the value would leave."""
    for facet in answer.facets:
        for value in facet.values:
            if facet.name == "family":
                picked: Any = True
            elif facet.name in SEVERAL:
                chosen = getattr(query.filters, facet.name)
                picked = chosen | {TYPES[facet.name](value.value)}
            else:
                picked = TYPES[facet.name](value.value)
            wider = replace(query, filters=replace(query.filters, **{facet.name: picked}))
            assert value.count == len(oracle.matches(wider)), (facet.name, value, query)
        nothing = getattr(Filters(), facet.name)
        open_to_all = replace(query, filters=replace(query.filters, **{facet.name: nothing}))
        assert facet.anything == len(oracle.matches(open_to_all)), (facet.name, query)


class TestOrder:
    def test_by_total_and_by_nearness(self, sample: Database) -> None:
        query = SearchQuery(dates=Dates.exactly(JULY), sort=Sort.PRICE, size=EVERYTHING)
        totals = [item.quote.total_fen for item in ask(sample, query).page.items if item.quote]
        assert totals == sorted(totals)
        assert len(set(totals)) > 3
        with sample.read() as session:
            near = next(place for place in distance.places(session) if place.name_zh == "珲春")
        query = SearchQuery(sort=Sort.NEAR, near=near, size=EVERYTHING)
        items = ask(sample, query).page.items
        away = [item.distance.km for item in items if item.distance]
        assert away == sorted(away)
        assert items[0].card.county == "珲春市"
        assert items[0].distance is not None
        assert items[0].distance.error_km > near.error_km

    def test_by_the_drive_to_the_hospital_with_the_untold_last(self, sample: Database) -> None:
        with sample.write() as session:
            untold = session.scalars(sa.select(Listing).order_by(Listing.id).limit(1)).one()
            untold.hospital_minutes = None
        items = ask(sample, SearchQuery(sort=Sort.HOSPITAL, size=EVERYTHING)).page.items
        minutes = [item.card.hospital_minutes for item in items]
        told = [each for each in minutes if each is not None]
        assert len(told) < len(minutes)
        assert minutes == sorted(told) + [None] * (len(minutes) - len(told))

    def test_without_words_the_easiest_to_get_about_come_first(self, sample: Database) -> None:
        cards = [item.card for item in ask(sample, SearchQuery(size=EVERYTHING)).page.items]
        ease = [
            bool(card.lift)
            + bool(card.no_steps)
            + bool(card.grab_bars)
            + (card.hospital_minutes is not None and card.hospital_minutes <= 30)
            for card in cards
        ]
        assert ease == sorted(ease, reverse=True)

    def test_pages_are_parts_of_one_order(self, sample: Database) -> None:
        for sort in (Sort.RELEVANCE, Sort.PRICE):
            whole = ask(sample, SearchQuery(sort=sort, size=EVERYTHING)).page
            parts = [
                item.card.id
                for number in range(1, whole.total // 4 + 2)
                for item in ask(sample, SearchQuery(sort=sort, size=4, page=number)).page.items
            ]
            assert parts[: whole.total] == [item.card.id for item in whole.items]
        beyond = ask(sample, SearchQuery(size=4, page=99)).page
        assert beyond.number == beyond.pages


class TestNothingFound:
    @pytest.mark.parametrize("dressed", [False, True])
    def test_full_dates_are_answered_with_the_nearest_free_ones(
        self, sample: Database, dressed: bool
    ) -> None:
        if dressed:
            dress(sample)
        late = Stay.of(TODAY + dt.timedelta(days=385), 30)
        otherwise = ask(sample, SearchQuery(dates=Dates.exactly(late))).otherwise
        assert otherwise is not None
        assert otherwise.dates
        nearest = otherwise.dates[0]
        assert nearest.stay.check_out <= TODAY + dt.timedelta(days=401)
        again = ask(sample, SearchQuery(dates=Dates.exactly(nearest.stay), size=EVERYTHING)).page
        assert again.total == nearest.count
        assert nearest.lowest_fen == min(item.quote.total_fen for item in again.items if item.quote)
        assert otherwise.dropped == ("dates",)
        assert otherwise.closest

    def test_another_cluster_and_what_comes_nearest_are_offered(self, sample: Database) -> None:
        base = SearchQuery(dates=Dates.exactly(JULY))
        empty = [
            replace(base, filters=Filters(cluster=cluster, theme=theme))
            for cluster in Cluster
            for theme in (Theme.FOREST, Theme.TCM, Theme.HOT_SPRING)
        ]
        found = [(query, ask(sample, query)) for query in empty]
        nothing = [(query, answer) for query, answer in found if not answer.page.total]
        assert nothing
        for query, answer in nothing:
            assert answer.otherwise is not None
            assert answer.otherwise.closest
            for sister in answer.otherwise.sisters:
                filters = replace(query.filters, cluster=sister.cluster)
                assert ask(sample, replace(query, filters=filters)).page.total == sister.count

    @pytest.mark.parametrize("dates", [None, Dates.exactly(JULY)])
    def test_too_many_people_for_any_room_still_see_something(
        self, sample: Database, dates: Dates | None
    ) -> None:
        answer = ask(sample, SearchQuery(dates=dates, party=Party(20)))
        assert answer.page.total == 0
        assert answer.otherwise is not None
        assert answer.otherwise.dropped == ("party",)
        assert answer.otherwise.closest

    @pytest.mark.parametrize("seed", range(4))
    def test_every_single_condition_in_the_way_is_told_as_trying_everything_tells_it(
        self, sample: Database, seed: int
    ) -> None:
        """Each count and price is what that one condition keeps away, and none is missing."""
        chance, told = random.Random(100 + seed), 0
        index = MemoryIndex()
        refresh.build(index, sample)
        words = Words(index, sample)
        with sample.read() as session:
            oracle = Oracle(session, today=TODAY)
            matrix = matrix_loading.build(session, today=TODAY)
            for _ in range(30):
                query = replace(random_query(chance), words="")
                if oracle.matches(query):
                    continue
                answer = search(session, query=query, matrix=matrix, words=words)
                assert answer.otherwise is not None
                said = {(one.name, one.value): one for one in answer.otherwise.relaxed}
                for name in conditions(query):
                    picked = getattr(query.filters, name, "")
                    for value in picked if name in ("access", "food") else ("",):
                        truth = oracle.matches(without(query, name, value))
                        assert ((name, value) in said) is bool(truth), (name, value, query)
                        if truth:
                            one = said[name, value]
                            prices = [
                                each.total_fen if isinstance(each, Offered) else each
                                for each in truth.values()
                            ]
                            assert (one.count, one.lowest_fen) == (len(truth), min(prices))
                            assert one.rooms == query.rooms
                            told += 1
        assert told > 3

    def test_a_lower_price_than_any_is_the_only_thing_in_the_way(self, sample: Database) -> None:
        query = SearchQuery(
            dates=Dates.exactly(JULY), filters=Filters(band=PriceBand.TO_3000, theme=Theme.TCM)
        )
        answer = ask(sample, query)
        free = ask(sample, replace(query, filters=Filters(theme=Theme.TCM), size=EVERYTHING)).page
        assert not answer.page.total
        assert answer.otherwise is not None
        (one, *_) = answer.otherwise.relaxed
        cheapest = min(item.quote.total_fen for item in free.items if item.quote)
        assert (one.name, one.count, one.lowest_fen) == ("band", free.total, cheapest)

    @pytest.mark.parametrize("guests", [5, 6, 7])
    def test_the_closest_are_priced_for_the_people_asked(
        self, sample: Database, guests: int
    ) -> None:
        query = SearchQuery(dates=Dates.exactly(JULY), party=Party(guests), size=EVERYTHING)
        answer = ask(sample, query)
        if answer.otherwise is None:
            assert guests == 5
            return
        roomier = answer.otherwise.rooms
        found = ask(sample, replace(query, rooms=roomier)).page
        assert answer.otherwise.dropped == ("party",)
        told = {item.card.id: item.quote.total_fen for item in found.items if item.quote}
        for item in answer.otherwise.closest:
            assert item.quote is not None
            assert item.quote.total_fen == told[item.card.id]

    def test_needs_are_given_up_last(self, sample: Database) -> None:
        filters = Filters(
            access=frozenset(Access), band=PriceBand.TO_3000, theme=Theme.TCM, grade=Grade.A5
        )
        otherwise = ask(sample, SearchQuery(filters=filters)).otherwise
        assert otherwise is not None
        assert "access" not in otherwise.dropped
        assert otherwise.closest
        assert all(item.card.lift and item.card.no_steps for item in otherwise.closest)
