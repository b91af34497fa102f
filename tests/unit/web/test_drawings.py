"""Drawings stand for what there is no photograph of, and are not seen too often."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import pytest

from catalog.vocabulary import Theme
from marketplace.sample.definitions import SampleListing, SampleRoom, read_sample
from marketplace.web.rendering.drawings import (
    FILES,
    LANDSCAPES,
    OF_ITS_KIND,
    SEASONS,
    path,
    varied,
)

SAMPLE = read_sample()


@dataclass(frozen=True)
class Shown:
    """A card of a list."""

    theme: str
    photo: str | None = None
    name: int = 0


@pytest.mark.parametrize("season", SEASONS)
@pytest.mark.parametrize("name", [*sorted({*(theme.value for theme in Theme), *LANDSCAPES})])
def test_every_theme_and_landscape_is_drawn_in_every_season(name: str, season: str) -> None:
    assert path(name, season) == f"img/{name}-{season}.svg"


@pytest.mark.parametrize("listing", SAMPLE.listings, ids=lambda listing: listing.code)
def test_every_sample_house_has_a_drawing_of_its_own(listing: SampleListing) -> None:
    name = listing.facts["illustration"]
    others = [one.facts["illustration"] for one in SAMPLE.listings if one is not listing]
    assert name not in others
    assert all(f"{name}-{season}.svg" in FILES for season in SEASONS)


@pytest.mark.parametrize("room", SAMPLE.rooms, ids=lambda room: room.code)
def test_a_sample_room_is_drawn_with_the_beds_it_has(room: SampleRoom) -> None:
    name = room.facts["illustration"].removeprefix("rooms/")
    beds = room.facts["beds_zh"]
    kinds = {
        "kang": "炕" in beds,
        "twin": beds == "两张1.2米床",
        "cabin_twin": beds == "两张1.2米床",
        "family": "、" in beds or "上下床" in beds,
        "cabin_family": "、" in beds,
        "suite": "沙发床" in beds,
    }
    assert f"rooms/{name}.svg" in FILES
    assert kinds.get(name, beds.startswith("一张") or name == "flat")


def test_an_unknown_drawing_is_a_landscape_and_an_unknown_season_summer() -> None:
    assert path("../../etc/passwd", "spring") == "img/scenery-summer.svg"


@pytest.mark.parametrize("theme", [theme.value for theme in Theme])
def test_of_ten_cards_two_at_most_look_alike(theme: str) -> None:
    cards = [Shown(theme, name=number) for number in range(10)]
    shown = varied(cards)
    assert max(Counter(card.theme for card in shown).values()) <= 2
    assert [card.name for card in shown] == list(range(10))
    assert all(card.theme == theme for card in cards)  # what was given stays as it is


@pytest.mark.parametrize("themes", [["forest"], ["forest", "land/hills"], ["hot_spring", "tcm"]])
def test_in_long_lists_and_across_two_lists_of_a_page_too(themes: list[str]) -> None:
    cards = [Shown(themes[number % len(themes)]) for number in range(40)]
    above = varied(cards[:7])
    drawings = [card.theme for card in above + varied(cards[7:], after=above)]
    assert drawings == [card.theme for card in varied(cards)]
    for first in range(len(drawings)):
        assert max(Counter(drawings[first : first + 10]).values()) <= 2
        assert len(set(drawings[first : first + 3])) == len(drawings[first : first + 3])


def test_a_train_is_always_drawn_as_a_train() -> None:
    cards = [Shown("rail") for _ in range(20)]
    shown = [card.theme for card in varied(cards)]
    trains = {"rail", *OF_ITS_KIND["rail"]}
    assert set(shown) == trains
    assert all(f"{name}-{season}.svg" in FILES for name in trains for season in SEASONS)
    mixed = varied([Shown(theme) for theme in ("rail", "forest") * 10])
    assert {card.theme for card in mixed[::2]} <= trains


def test_photographs_stay_and_do_not_count() -> None:
    cards = [Shown("forest", "one")] * 5 + [Shown("forest")]
    assert [card.theme for card in varied(cards)] == ["forest"] * 6
    assert varied(cards[5:] + cards[:5] + cards[5:])[-1].theme == "forest"
