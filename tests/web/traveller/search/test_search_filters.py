"""Filters on a page of their own: counts of what is asked now, and every one can be taken back."""

from __future__ import annotations

import re
from urllib.parse import urlencode

import pytest

from catalog.vocabulary import Cluster, FoodTag, Pace
from marketplace.bootstrap import Services
from marketplace.offers.search.stay_facts import CHOICES
from marketplace.web.traveller.search.facet_words import QUESTIONS, said
from marketplace.web.traveller.search.question import FACETS, SEVERAL_CHOICES, choices
from tests.factories import Room, make_enterprise, make_listing, make_room
from tests.web.traveller.looking import STAY, index_all, more_listings, names, questions
from tests.web.traveller.visitor import Page, Visitor

FILTERS = STAY.replace("/search", "/search/filters")


@pytest.fixture
def house(services: Services) -> Room:
    """A place with a lift and soft food near Ji'an, free of steps, ten minutes from a hospital."""
    with services.database.write() as session:
        enterprise_id = make_enterprise(session, clusters=(Cluster.JIAN,))
        listing_id = make_listing(
            session,
            enterprise_id=enterprise_id,
            lift=True,
            grab_bars=True,
            hospital_minutes=10,
            food=[FoodTag.SOFT],
            pace=Pace.EASY,
            family_suited=True,
        )
        return make_room(session, listing_id=listing_id)


def choice(page: Page, name: str, value: str) -> str:
    """Return the label around a choice, as HTML."""
    labels = re.findall(r'<label class="choice.*?</label>', page.html, re.DOTALL)
    (found,) = [one for one in labels if f'name="{name}" value="{value}"' in one]
    return found


def count(page: Page, name: str, value: str) -> int:
    found = re.search(r"(\d+)处", choice(page, name, value))
    assert found is not None
    return int(found[1])


def total(page: Page) -> int:
    """Return how many places a page of results says there are."""
    found = re.search(r"共(\d+)处", page.text)
    return int(found[1]) if found else 0


class TestPage:
    def test_asks_every_facet_with_the_counts_of_the_question(
        self, visitor: Visitor, services: Services, house: Room
    ) -> None:
        more_listings(services, 2)
        page = visitor.open(FILTERS)
        assert page.status == 200
        for name in FACETS:
            for value in choices(name):
                assert choice(page, name, value)
        expected = {
            ("cluster", "jian"): 1, ("cluster", "changbai"): 2, ("cluster", "hunchun"): 0,
            ("theme", "forest"): 3, ("access", "lift"): 1, ("access", "no_steps"): 3,
            ("access", "grab_bars"): 1, ("hospital", "15"): 1, ("hospital", "30"): 3,
            ("food", "soft"): 1, ("pace", "active"): 1, ("grade", "none"): 3,
            ("provenance", "sample"): 3, ("provenance", "real"): 0, ("family", "family"): 1,
        }  # fmt: skip
        assert {pair: count(page, *pair) for pair in expected} == expected
        assert "看结果（3处）" in page.text

    @pytest.mark.parametrize("sent", ["", "&cluster=jian&access=no_steps", "&hospital=30&q=林间"])
    def test_every_number_is_what_the_results_then_say(
        self, visitor: Visitor, services: Services, house: Room, sent: str
    ) -> None:
        more_listings(services, 2)
        index_all(services)
        page = visitor.open(FILTERS + sent)
        form = page.form(holding="near")
        assert f"看结果（{total(visitor.open(STAY + sent))}处）" in page.text
        for name in FACETS:
            kept = [(key, one) for key, one in form.fields.items() if key != name and one]
            chosen = [one for key, one in form.fields.items() if key == name and one]
            several = name in SEVERAL_CHOICES
            for value in choices(name):
                picked = {*chosen, value} if several else {value}
                args = urlencode([*kept, *((name, one) for one in sorted(picked))])
                found = total(visitor.open(f"/search?{args}"))
                assert count(page, name, value) == found, (name, value)
            if not several and name != "family":
                found = total(visitor.open(f"/search?{urlencode(kept)}"))
                assert count(page, name, "") == found, name

    def test_needs_come_first(self, visitor: Visitor, house: Room) -> None:
        html = visitor.open(FILTERS).html
        places = [
            html.index(f'name="{name}" value="')
            for name in ("access", "hospital", "pace", "food", "cluster", "theme", "band")
        ]
        assert places == sorted(places)

    def test_counts_are_of_the_dates(self, visitor: Visitor, house: Room) -> None:
        full = visitor.open("/search/filters?arrive=2027-09-20&nights=30")
        assert count(full, "cluster", "jian") == 0
        assert "看结果（0处）" in full.text

    def test_what_leaves_nothing_is_seen_and_cannot_be_chosen(
        self, visitor: Visitor, house: Room
    ) -> None:
        page = visitor.open(FILTERS)
        assert "disabled" in choice(page, "cluster", "hunchun")
        assert "disabled" not in choice(page, "cluster", "jian")
        # Once chosen it stays open, or nobody could take it back.
        page = visitor.open(FILTERS + "&cluster=hunchun&access=lift")
        assert "checked" in choice(page, "cluster", "hunchun")
        assert "disabled" not in choice(page, "cluster", "hunchun")
        assert "disabled" not in choice(page, "access", "lift")

    def test_keeps_dates_words_people_order_and_origin(
        self, visitor: Visitor, services: Services, house: Room, reference: None
    ) -> None:
        visitor.open(FILTERS + "&q=林间&children=1&rooms=2&sort=price&from=420100&cluster=jian")
        fields = visitor.page.form(holding="near").fields
        assert fields["arrive"] == "2027-07-01"
        assert (fields["q"], fields["children"], fields["rooms"]) == ("林间", "1", "2")
        assert (fields["sort"], fields["from"], fields["cluster"]) == ("price", "420100", "jian")

    def test_sends_to_the_results(self, visitor: Visitor, services: Services, house: Room) -> None:
        more_listings(services, 2)
        visitor.open(FILTERS)
        page = visitor.send("near", access="lift", cluster="jian")
        assert page.path == "/search"
        assert names(page) == [f"/listings/{house.listing_id}"]
        assert "2027年7月1日 星期四" in page.text

    def test_clears_all_but_the_question(self, visitor: Visitor, house: Room) -> None:
        page = visitor.open(FILTERS + "&q=林间&access=lift&cluster=jian&near=station:X&sort=near")
        (cleared,) = [
            args
            for args in questions(page, "/search/filters")
            if "size" not in args and "lang" not in args
        ]
        assert cleared == {
            "q": ["林间"],
            "arrive": ["2027-07-01"],
            "nights": ["30"],
            "adults": ["2"],
        }

    def test_what_is_asked_of_few_is_folded_until_it_is_used(
        self, visitor: Visitor, house: Room
    ) -> None:
        assert '<details class="more">' in visitor.open(FILTERS).html
        assert '<details class="more" open>' in visitor.open(FILTERS + "&grade=none").html


class TestResults:
    def test_each_condition_can_be_taken_back_alone(self, visitor: Visitor, house: Room) -> None:
        asked = "&access=lift&access=grab_bars&cluster=jian&food=soft&family=family"
        page = visitor.open(STAY + asked)
        assert names(page) == [f"/listings/{house.listing_id}"]
        without = [
            (sorted(args.get("access", [])), "cluster" in args, "food" in args, "family" in args)
            for args in questions(page)
            if "sort" not in args
        ]
        both = ["grab_bars", "lift"]
        for left in (
            (["lift"], True, True, True),
            (["grab_bars"], True, True, True),
            (both, False, True, True),
            (both, True, False, True),
            (both, True, True, False),
            ([], False, False, False),
        ):
            assert left in without

    def test_all_of_several_must_hold(
        self, visitor: Visitor, services: Services, house: Room
    ) -> None:
        more_listings(services, 1, lift=True)
        assert len(names(visitor.open(STAY + "&access=lift"))) == 2
        assert len(names(visitor.open(STAY + "&access=lift&access=grab_bars"))) == 1

    def test_unknown_choices_are_named_and_left_aside(self, visitor: Visitor, house: Room) -> None:
        page = visitor.open(
            STAY + "&cluster=atlantis&access=lift&access=wings&band=cheap&sort=paid&when=never"
            "&theme=rail&near=moon&from=999999"
        )
        assert page.status == 422
        words = "没有这个选项，没有用它来找："
        assert words in page.text
        named = page.text.split(words)[1][:80]
        for question in (
            "什么时候去",
            "想去哪里",
            "进出要方便",
            "每月（30晚）多少钱",
            "排序",
            "想住什么样的",
            "离哪里近",
            "从哪里来",
        ):
            assert question in named
        assert names(page) == [f"/listings/{house.listing_id}"]
        assert all(
            "atlantis" not in link
            for link in page.links
            if "size=" not in link and "lang=" not in link
        )
        assert visitor.open(FILTERS + "&cluster=atlantis").status == 422

    def test_empty_choices_are_none(self, visitor: Visitor, house: Room) -> None:
        asked = "".join(f"&{name}=" for name in (*FACETS, "sort", "near", "from", "when", "q"))
        assert visitor.open(STAY + asked).status == 200


def test_every_choice_has_its_words_in_both_languages(visitor: Visitor, loaded: Room) -> None:
    assert set(QUESTIONS) == set(FACETS) == {*CHOICES, "band"}
    chinese = visitor.open("/search/filters")
    english = visitor.open("/en/search/filters")
    for page in (chinese, english):
        for name in FACETS:
            for value in choices(name):
                assert choice(page, name, value)


def test_a_choice_alone_says_what_it_is_about(app_context: None) -> None:
    assert said("band", "to_3000") == "每月3000元以内"
    assert said("hospital", "15") == "到医院15分钟以内"
    assert said("access", "lift") == "有电梯"
